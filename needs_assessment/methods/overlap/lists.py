"""People counted by the lists that they are on, and what each pair of lists says by itself."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from needs_assessment.methods.overlap.bounds import MOST_LISTS, combinations_of
from needs_assessment.methods.rates import FloatArray, columns, refuse

FEWEST_LISTS = 3
TWO_LISTS = (
    "at least three lists are needed: two cannot show whether being on one makes being on the other more or less "
    "likely, and the number on neither depends on nothing else"
)

Pair = tuple[str, str]


class CaptureTable(NamedTuple):
    """How many people are on each combination of lists: one row of `histories` (true: on the list) and one count."""

    lists: tuple[str, ...]
    histories: NDArray[np.bool_]
    counts: FloatArray

    @property
    def seen(self) -> int:
        """People on at least one list."""
        return int(self.counts.sum())

    @property
    def pairs(self) -> list[Pair]:
        """Every pair of lists, in their order."""
        return list(combinations(self.lists, 2))

    def on_both(self, pair: Pair) -> NDArray[np.bool_]:
        """The combinations that hold both lists of a pair."""
        first, second = (self.histories[:, self.lists.index(name)] for name in pair)
        return np.asarray(first & second)

    def overlap(self, pair: Pair) -> float:
        """People on both lists of a pair, whatever else they are on."""
        return float(self.counts[self.on_both(pair)].sum())


class PairEstimates(NamedTuple):
    """What each pair of lists would say of the whole if the two were independent: a diagnostic, never an estimate."""

    pairs: list[Pair]
    first: FloatArray
    second: FloatArray
    overlap: FloatArray
    lincoln_petersen: FloatArray
    chapman: FloatArray
    standard_error: FloatArray


def capture_table(lists: Sequence[str], histories: ArrayLike, counts: ArrayLike) -> CaptureTable:
    """The counts of every combination of three lists or more, 0 for a combination that is not stated.

    `histories` has a row for each count and a column for each list, 1 where the people are on it and 0 where not. A
    combination that is stated twice is added up. Lists must hold people, each recognised wherever it appears:
    episodes, or names matched by guesswork, give a number of nothing.

    Raises ValueError, with the positions at fault, for two lists and fewer, with the reason; for people on no list;
    and for a count that is missing, negative or not whole: a withheld count is no zero.
    """
    names = tuple(map(str, lists))
    on, people = np.atleast_2d(columns(histories=histories)[0]), np.atleast_1d(columns(counts=counts)[0])
    refuse(*_shape_rules(names, on, people))
    refuse(
        ("histories must be 0 or 1", ~np.isin(on, (0, 1)).all(axis=1)),
        ("people on no list must not be stated", ~on.any(axis=1)),
        ("counts must be whole numbers, 0 or more, none missing", ~(np.isfinite(people) & (people >= 0))),
        ("counts must be whole numbers", people % 1 > 0),
    )
    every = combinations_of(len(names))
    powers = 2 ** np.arange(len(names))
    totals: FloatArray = np.bincount((on @ powers).astype(int), weights=people, minlength=2 ** len(names)).astype(float)
    return CaptureTable(names, every, totals[every @ powers])


def estimates_by_pair(table: CaptureTable) -> PairEstimates:
    """Lincoln-Petersen and Chapman estimates of the whole from each pair of lists by itself, with Chapman's error.

    A diagnostic: were the lists independent and every person equally likely to be on each, the pairs would agree.
    Where they do not, at least one of the assumptions is wrong, and no pair is to be quoted.

    Source: Chapman (1951), University of California Publications in Statistics 1, 131-160; Seber (1970),
    Biometrics 26, 13-22.
    """
    members = dict(zip(table.lists, table.counts @ table.histories, strict=True))
    first, second = (np.array([members[pair[side]] for pair in table.pairs]) for side in (0, 1))
    both = np.array([table.overlap(pair) for pair in table.pairs])
    lincoln_petersen = np.divide(first * second, both, out=np.full(len(both), np.nan), where=both > 0)
    chapman = (first + 1) * (second + 1) / (both + 1) - 1
    variance = (first + 1) * (second + 1) * (first - both) * (second - both) / ((both + 1) ** 2 * (both + 2))
    return PairEstimates(table.pairs, first, second, both, lincoln_petersen, chapman, np.sqrt(variance))


def _shape_rules(names: tuple[str, ...], on: FloatArray, people: FloatArray) -> list[tuple[str, Any]]:
    return [
        (TWO_LISTS, len(names) < FEWEST_LISTS),
        (f"at most {MOST_LISTS} lists can be used: combine the smallest", len(names) > MOST_LISTS),
        ("lists must have names of their own", len(set(names)) < len(names)),
        ("histories must have a row for each count", on.shape[0] != people.size),
        ("histories must have a column for each list", on.shape[1] != len(names)),
    ]
