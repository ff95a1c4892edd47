"""What an attacker can work out from linked sums: which values of a withheld count nothing printed excludes.

Each printed figure is a row a·x between two bounds over integer atoms x >= 0. The least and the most of a withheld
count are linear programmes; that each value between is possible is shown by a witness, whole counts that agree with
everything printed. A programme that falls short tells by its dual solution which figures narrow the count, and so
which of them to hide: a capacity cut (Fischetti and Salazar-González, "Solving the cell suppression problem on tabular
data with linear constraints", Management Science 47(7), 2001).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array

from needs_assessment.disclosure.programmes import Moves, Programme, fit

TOLERANCE = 1e-6
_DENOMINATOR = 27_720  # duals of sums are simple fractions: this is a multiple of 1 to 12
_KEPT = 4096

Flags = np.ndarray
"""True for each cell that is hidden."""
Gains = np.ndarray
"""By cell, the share of what an attack falls short that hiding it makes up; the hidden cells' must add up to 1."""


@dataclass(frozen=True, eq=False)
class Statements:
    """What one attacker is told of linked atoms.

    `matrix` has a row of coefficients for each cell and then for each sum known anyway. `printed` and `hidden` are
    2 × rows, the least and the most of each row when its figure is shown and when only its symbol is; the two agree
    where nobody can choose.
    """

    matrix: csr_array
    printed: np.ndarray
    hidden: np.ndarray

    def spans(self, hidden: Flags) -> np.ndarray:
        """The least and the most of each row (2 × rows) when these cells are hidden and all others printed."""
        chosen = np.zeros(self.matrix.shape[0], dtype=bool)
        chosen[: len(hidden)] = hidden
        return np.where(chosen, self.hidden, self.printed)

    def loosened(self) -> np.ndarray:
        """How far hiding moves the least and the most of each row outwards (2 × rows)."""
        moved = self.hidden != self.printed
        return np.abs(np.subtract(self.hidden, self.printed, where=moved, out=np.zeros_like(self.hidden)))


class Attack(NamedTuple):
    """The count of one row pushed down (`sign` -1) or up (+1) as far as `goal`."""

    row: int
    sign: int
    goal: int


class Attacker:
    """Whoever knows these statements and wants the counts of the rows in `covers`: by row, the values that must stay
    possible.
    """

    def __init__(self, statements: Statements, covers: dict[int, tuple[int, int]]) -> None:
        self.statements = statements
        self.covers = covers
        rows, atoms = statements.matrix.shape
        self._found = _Found(rows)
        self._intervals = Programme(statements.matrix, np.full(atoms, np.inf), np.zeros(atoms))
        self._moves = Moves(statements.matrix)

    def believes(self, spans: np.ndarray) -> bool:
        """Whether any counts, whole or not, fit the spans; to be asked before any attack."""
        return self._intervals.solve(spans) is not None

    def learn(self, spans: np.ndarray) -> None:
        """Start from whole counts that fit the spans, where there are any: the truth is a witness of every pattern."""
        counts = self._moves.within(spans)
        if counts is not None:
            self._found.add(self.statements.matrix @ counts, counts)

    def cuts(self, hidden: Flags) -> Iterator[Gains | None]:
        """For each end of a cover that these hidden cells leave out of reach, what hiding more would gain; None where
        nothing but "hide more" is known.
        """
        for attack, duals in self._short(hidden):
            gains = self._proved_gains(attack, duals)
            yield None if gains is None else gains[: len(hidden)]

    def narrowed(self, hidden: Flags) -> set[int]:
        """The rows of which an end of the cover is out of reach."""
        return {attack.row for attack, _ in self._short(hidden)}

    def excluded(self, hidden: Flags) -> Iterator[int]:
        """The rows of which some whole number of the cover has no witness, in order."""
        spans = self.statements.spans(hidden)
        found = self._found.whole_within(spans)
        for row, (low, high) in sorted(self.covers.items()):
            for value in sorted({*range(low, high + 1)} - {round(sums[row]) for sums, _ in found}):
                witness = self._witness(spans, (row, value), found)
                if witness is None:
                    yield row
                    break
                found.append(witness)

    def _short(self, hidden: Flags) -> Iterator[tuple[Attack, np.ndarray]]:
        """The attacks that stay short of their goal, each with the dual of every row."""
        spans = self.statements.spans(hidden)
        found = self._found.within(spans)
        least = np.min(found, axis=0, initial=np.inf) if len(found) else spans[1]
        most = np.max(found, axis=0, initial=-np.inf) if len(found) else spans[0]
        reach = {-1: np.maximum(-least, -spans[1]), 1: np.maximum(most, spans[0])}
        for attack in self._attacks():
            goal = attack.sign * attack.goal - TOLERANCE
            if reach[attack.sign][attack.row] < goal:
                sums, duals = self._furthest(attack, spans)
                reach = {sign: np.maximum(furthest, sign * sums) for sign, furthest in reach.items()}
                if reach[attack.sign][attack.row] < goal:
                    yield attack, duals

    def _attacks(self) -> list[Attack]:
        covers = sorted(self.covers.items())
        return [Attack(row, sign, goal) for row, ends in covers for sign, goal in zip((-1, 1), ends, strict=True)]

    def _furthest(self, attack: Attack, spans: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """What each row comes to where the attacked row is nearest its goal, and the dual of each row."""
        capped = spans.copy()  # no further than the goal, so that there is always an end
        if attack.sign > 0:
            capped[1, attack.row] = min(capped[1, attack.row], attack.goal)
        else:
            capped[0, attack.row] = max(capped[0, attack.row], attack.goal)
        self._intervals.aim(attack.row, attack.sign)
        solution = self._intervals.solve(capped)
        if solution is None:
            raise RuntimeError("HiGHS found no solution of a programme that has one")
        return self._remembered(solution.values, spans), solution.duals

    def _remembered(self, values: np.ndarray, spans: np.ndarray) -> np.ndarray:
        """What each row comes to, kept for the cells attacked later."""
        matrix, counts = self.statements.matrix, np.rint(values).astype(np.int64)
        whole = bool((np.abs(values - counts) < TOLERANCE).all()) and fit(matrix, counts, spans)
        sums = matrix @ (counts if whole else values)
        self._found.add(sums, counts if whole else None)
        return sums

    def _witness(self, spans: np.ndarray, wanted: tuple[int, int], found: list[_Witness]) -> _Witness | None:
        """Whole counts within the spans with the wanted value of a row, sought near those found that are nearest it."""
        row, value = wanted
        if not spans[0, row] <= value <= spans[1, row]:
            return None
        fixed = spans.copy()
        fixed[:, row] = value
        start = min(found, key=lambda witness: abs(witness[0][row] - value), default=(None, None))[1]
        counts = self._moves.within(fixed, start)
        if counts is None:
            return None
        sums = self.statements.matrix @ counts
        self._found.add(sums, counts)
        return sums, counts

    def _proved_gains(self, attack: Attack, duals: np.ndarray) -> Gains | None:
        """The gains by weak duality, in whole numbers, so that they hold whatever the solver's rounding.

        With multipliers u of the rows such that u·A >= the attacked row in every atom, no counts x >= 0 take the row
        beyond u⁺·most − u⁻·least; hiding a figure raises that bound by its multiplier times how far its span widens.
        """
        statements = self.statements
        multipliers = np.rint(-duals * _DENOMINATOR).astype(np.int64)
        worth = attack.sign * _DENOMINATOR * statements.matrix[[attack.row]].toarray()[0]
        if (statements.matrix.T @ multipliers < worth).any():
            return None
        weights = np.array([np.maximum(-multipliers, 0), np.maximum(multipliers, 0)])
        bound = _product(weights, statements.printed * [[-1.0], [1.0]]).sum()
        shortfall = _DENOMINATOR * attack.sign * attack.goal - bound
        gains = _product(weights, statements.loosened()).sum(axis=0)
        if not 0 < shortfall < np.inf or not gains.any():
            return None
        return np.minimum(gains / shortfall, 1.0)


def _product(weights: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """The product, with nothing for a row of no weight however far its end."""
    return np.multiply(weights, ends, where=weights != 0, out=np.zeros_like(ends))


_Witness = tuple[np.ndarray, np.ndarray]
"""What each row comes to, and the whole counts that make it so."""


class _Found:
    """What each row comes to in every solution found so far: one found for one cell serves them all."""

    def __init__(self, rows: int) -> None:
        self._sums = np.empty((_KEPT, rows))
        self._counts: dict[int, np.ndarray] = {}
        self._many = 0

    def add(self, sums: np.ndarray, counts: np.ndarray | None) -> None:
        """Keep a solution, with its counts where they are whole."""
        place = self._many % _KEPT  # the oldest makes way
        self._sums[place] = sums
        self._counts.pop(place, None)
        if counts is not None:
            self._counts[place] = counts
        self._many += 1

    def within(self, spans: np.ndarray) -> np.ndarray:
        """The sums (solutions × rows) that agree with the spans."""
        return self._sums[: self._many][self._fits(spans)]

    def whole_within(self, spans: np.ndarray) -> list[_Witness]:
        """The whole solutions that agree with the spans."""
        return [
            (self._sums[place], self._counts[place])
            for place in np.flatnonzero(self._fits(spans)).tolist()
            if place in self._counts
        ]

    def _fits(self, spans: np.ndarray) -> np.ndarray:
        sums = self._sums[: self._many]
        return ((sums >= spans[0] - TOLERANCE) & (sums <= spans[1] + TOLERANCE)).all(axis=1)
