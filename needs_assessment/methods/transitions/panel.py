"""What is known of moves seen only from time to time, and how likely it is under given rates."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from needs_assessment.methods.rates import FloatArray, is_positive, refuse
from needs_assessment.methods.transitions.exponential import exponentials, pulled_slope
from needs_assessment.methods.transitions.withheld import with_small_cells

BoolArray = NDArray[np.bool_]

_DECIMALS = 9
"""Years are told apart to a thirtieth of a second, so that the rounding of dates makes no new times."""


class Panel(NamedTuple):
    """What is known of people who were seen twice, some time apart: a row for people of whom the same is known.

    `start` (n,) is the state at first sight, counted from 0. `may_be` (n, states) is true at the states at which they
    may be at second sight: at one if it is known, at several for a count known only as one of several cells (because
    some were withheld), at all if they were lost. `years` (n,) is the time between, `count` (n,) how many they are.
    `exact` (n,), if given, is true where an absorbing state was entered at that very time, such as a death.
    `withheld` (n,), if given, is the largest count that is withheld for being small: each of these states, except that
    at first sight (who stayed: what is left of a printed total), then holds from 1 to so many. Where nothing such is
    known it is 0.
    """

    start: ArrayLike
    may_be: ArrayLike
    years: ArrayLike
    count: ArrayLike = 1.0  # type: ignore[assignment]
    exact: ArrayLike = False
    withheld: ArrayLike = 0


class Grouped(NamedTuple):
    """A checked panel: equal rows joined, and equal times held once (`years`, with each row's place in it at `at`)."""

    start: NDArray[np.int64]
    may_be: FloatArray
    at: NDArray[np.int64]
    years: FloatArray
    count: FloatArray  # type: ignore[assignment]
    exact: BoolArray
    withheld: FloatArray


def known_end(end: ArrayLike, states: int) -> BoolArray:
    """The `may_be` of a panel (n, states) whose states at second sight (n,) are all known.

    Raises ValueError, with the positions at fault, for a state that is not one of 0 to states - 1.
    """
    ends = np.atleast_1d(np.asarray(end))
    refuse(("end must be one of the states", ~np.isin(ends, np.arange(states))))
    return np.asarray(ends[:, None] == np.arange(states))


def grouped(panel: Panel, allowed: ArrayLike) -> tuple[Grouped, BoolArray]:
    """The panel checked and its equal rows joined, and the allowed moves as an array.

    Raises ValueError that lists every fault with positions, as `fit_panel` says.
    """
    moves = np.asarray(allowed, dtype=bool)
    refuse(("allowed must be square, states by states, with nothing on its diagonal", _not_a_pattern(moves)))
    may_be, states = np.atleast_2d(np.asarray(panel.may_be, dtype=bool)), len(moves)
    refuse(("may_be must have a column for each state", may_be.shape[1] != states))
    start, years, count, exact, withheld = (
        np.broadcast_to(np.asarray(column, dtype=float), len(may_be)) for column in (panel.start, *panel[2:])
    )
    known = np.isin(start, np.arange(states))
    refuse(
        ("start must be one of the states", ~known),
        ("years must be above 0, finite and not missing", ~is_positive(years)),
        ("count must be a whole number, 0 or more", ~_is_count(count)),
        ("exact must be true only where an absorbing state is the one in may_be", _not_exact(may_be, exact, moves)),
        ("withheld must be a whole number, 0 or more", ~_is_count(withheld)),
        ("withheld must be 0 where one state is known or entered exactly", (withheld > 0) & (may_be.sum(axis=1) == 1)),
        ("may_be must hold a state that the allowed moves lead to from start", _unreachable(start, may_be, moves)),
    )
    own = np.where(withheld > 0, np.arange(len(may_be)), -1)
    # What is known of one withheld count is known of that one alone, so that such rows are never joined.
    facts, some = np.column_stack([start, exact, years.round(_DECIMALS), withheld, own, may_be]), count > 0
    return _joined(facts[some], count[some]), moves


def generator(moves: BoolArray, values: FloatArray) -> FloatArray:
    """The rates (states, states) with these values at the allowed moves, and on the diagonal minus the row's sum."""
    rates = np.zeros(moves.shape)
    rates[moves] = values
    return rates - np.diag(rates.sum(axis=1))


def crude_rates(rows: Grouped, moves: BoolArray) -> tuple[FloatArray, FloatArray]:
    """Moves seen over the time of those who started at the state, as if each move came at second sight, and the moves.

    Both (states, states). A count known only as one of several states is shared evenly among them.
    """
    seen, time = np.zeros(moves.shape), np.zeros(len(moves))
    np.add.at(seen, rows.start, rows.count[:, None] * rows.may_be / rows.may_be.sum(axis=1, keepdims=True))
    np.add.at(time, rows.start, rows.count * rows.years[rows.at])
    seen = np.where(moves, seen, 0.0)
    return np.divide(seen, time[:, None], out=np.zeros_like(seen), where=time[:, None] > 0), seen


def log_likelihood(rates: FloatArray, rows: Grouped) -> tuple[float, FloatArray]:
    """The log-likelihood of a panel under the rates, and its slope in every entry of them (states, states)."""
    chances = np.clip(exponentials(rates, rows.years), 0.0, 1.0)[rows.at, rows.start]
    ends = np.where(rows.exact[:, None], np.einsum("ns,rs->nr", rows.may_be, rates), rows.may_be)
    likelihood = np.maximum((chances * ends).sum(axis=1), np.finfo(float).tiny)
    count = np.where(rows.withheld > 0, 0.0, rows.count)
    weight = count / likelihood
    known, by_chance = float(count @ np.log(likelihood)), weight[:, None] * ends
    for row in np.flatnonzero(rows.withheld):
        small = (rows.may_be[row] > 0) & (np.arange(len(rates)) != rows.start[row])
        chance = chances[row] * rows.may_be[row]
        more, by_chance[row] = with_small_cells(chance, small, rows.count[row], rows.withheld[row])
        known += more
    pull = np.zeros((len(rows.years), *rates.shape))
    np.add.at(pull, (rows.at, rows.start), by_chance)
    # Sums by einsum: a linear algebra library would start threads for each of these small products.
    entered = np.einsum("n,nr,ns->rs", weight * rows.exact, chances, rows.may_be)
    return known, pulled_slope(rates, rows.years, pull) + entered


def _joined(rows: FloatArray, count: FloatArray) -> Grouped:
    unique, place = np.unique(rows, axis=0, return_inverse=True)
    years, at = np.unique(unique[:, 2], return_inverse=True)
    total = np.bincount(place.ravel(), weights=count, minlength=len(unique)).astype(float)
    return Grouped(unique[:, 0].astype(np.int64), unique[:, 5:], at, years, total, unique[:, 1] > 0, unique[:, 3])


def _is_count(values: FloatArray) -> BoolArray:
    return np.asarray(is_positive(values, or_zero=True) & (values == np.floor(values)))


def _not_a_pattern(moves: BoolArray) -> bool:
    square = moves.ndim == 2 and moves.shape[0] == moves.shape[1]
    return not square or bool(np.diag(moves).any()) or not moves.any()


def _not_exact(may_be: BoolArray, exact: FloatArray, moves: BoolArray) -> BoolArray:
    absorbed = (may_be.sum(axis=1) == 1) & ~(may_be & moves.any(axis=1)).any(axis=1)
    return np.asarray((exact != 0) & ~absorbed)


def _unreachable(start: FloatArray, may_be: BoolArray, moves: BoolArray) -> BoolArray:
    reach = np.linalg.matrix_power(np.eye(len(moves)) + moves, len(moves)) > 0
    place = np.where(np.isin(start, np.arange(len(moves))), start, 0).astype(np.int64)
    return np.asarray(~(reach[place] & may_be).any(axis=1))
