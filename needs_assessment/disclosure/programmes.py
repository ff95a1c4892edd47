"""Linear and integer programmes over counts, solved by HiGHS again and again from where they stood.

J. Hall and others, *HiGHS: high performance software for linear optimization*, https://highs.dev.
"""

from __future__ import annotations

from typing import NamedTuple

import highspy
import numpy as np
from scipy.sparse import csc_array, csr_array, hstack

_NODES = 20_000
_DUAL, _PRIMAL = 1, 4  # HiGHS's numbers of the simplex methods
_SOLVED = {highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kInfeasible}
_FEASIBLE = 2  # HiGHS's word for a solution that satisfies every row


def solver(**options: str | float) -> highspy.Highs:
    """A quiet HiGHS that gives the same answer each time: one thread, a fixed seed and no clock."""
    highs = highspy.Highs()
    same: dict[str, str | float] = {
        "output_flag": False,
        "threads": 1,
        "parallel": "off",
        "random_seed": 0,
    }
    for name, value in {**same, **options}.items():
        highs.setOptionValue(name, value)
    return highs


class Solution(NamedTuple):
    """A value for each count, and for each row its dual: what a step of its bound is worth."""

    values: np.ndarray
    duals: np.ndarray


class Programme:
    """The cheapest counts from 0 to `most`, whole or not, whose sums by the rows of `matrix` lie within spans."""

    def __init__(self, matrix: csr_array, most: np.ndarray, costs: np.ndarray, *, whole: bool = False) -> None:
        self._matrix = matrix
        self._whole = whole
        self._spans = np.array([[-np.inf], [np.inf]]) * np.ones(matrix.shape[0])
        self._aimed = np.empty(0, dtype=np.int32)
        presolve = "on" if whole else "off"  # without it, a linear programme starts from where it stood
        simplex = _DUAL if costs.any() else _PRIMAL  # the one stays feasible when spans move, the other when aims do
        self._highs = solver(
            presolve=presolve, simplex_strategy=simplex, mip_max_nodes=_NODES, mip_max_improving_sols=1
        )
        self._highs.passModel(self._model(most, costs))

    def _model(self, most: np.ndarray, costs: np.ndarray) -> highspy.HighsLp:
        columns = csc_array(self._matrix)
        model = highspy.HighsLp()
        model.num_row_, model.num_col_ = columns.shape
        model.col_cost_, model.col_lower_, model.col_upper_ = costs, np.zeros_like(costs), most
        model.row_lower_, model.row_upper_ = self._spans
        model.a_matrix_.start_, model.a_matrix_.index_ = columns.indptr, columns.indices
        model.a_matrix_.value_ = columns.data.astype(float)
        if self._whole:
            model.integrality_ = [highspy.HighsVarType.kInteger] * len(costs)
        return model

    def solve(self, spans: np.ndarray) -> Solution | None:
        """A solution within the spans (2 × rows); None where nothing fits or, for whole counts, nothing was found."""
        self._bound(spans)
        self._highs.run()
        if not self._whole and self._highs.getModelStatus() not in _SOLVED:
            self._highs.clearSolver()  # from scratch, in case the place it stood at was the trouble
            self._highs.run()
        if self._highs.getInfo().primal_solution_status != _FEASIBLE:
            return None
        found = self._highs.getSolution()
        return Solution(np.array(found.col_value), np.array(found.row_dual))

    def aim(self, row: int, sign: int) -> None:
        """From now on the cheapest counts are those with the most of `sign` times this row."""
        self._highs.changeColsCost(len(self._aimed), self._aimed, np.zeros(len(self._aimed)))
        here = slice(self._matrix.indptr[row], self._matrix.indptr[row + 1])
        self._aimed = self._matrix.indices[here].astype(np.int32)
        self._highs.changeColsCost(len(self._aimed), self._aimed, -sign * self._matrix.data[here].astype(float))

    def limit(self, most: np.ndarray) -> None:
        """From now on no count is more than `most`."""
        everything = np.arange(len(most), dtype=np.int32)
        self._highs.changeColsBounds(len(most), everything, np.zeros(len(most)), most)

    def _bound(self, spans: np.ndarray) -> None:
        changed = np.flatnonzero((spans != self._spans).any(axis=0)).astype(np.int32)
        if len(changed):
            rows = len(changed), changed, spans[0, changed], spans[1, changed]
            self._highs.changeRowsBounds(*rows)  # type: ignore[attr-defined]  # there, though not in its list of types
            self._spans = spans.copy()


class Moves:
    """Whole counts as near as can be to counts already known: the least that must move mostly moves whole."""

    def __init__(self, matrix: csr_array) -> None:
        self._matrix = matrix
        self._atoms = matrix.shape[1]
        up_and_down = csr_array(hstack([matrix, -matrix]))
        most = np.full(2 * self._atoms, np.inf)
        self._programmes = [Programme(up_and_down, most, np.ones(len(most)), whole=whole) for whole in (False, True)]

    def within(self, spans: np.ndarray, start: np.ndarray | None = None) -> np.ndarray | None:
        """Counts within the spans near those of `start`, or near 0, checked in whole numbers; None where none were
        found.
        """
        known = np.zeros(self._atoms, dtype=np.int64) if start is None else start
        for programme in self._programmes:
            programme.limit(np.concatenate([np.full(self._atoms, np.inf), known]))
            solution = programme.solve(spans - self._matrix @ known)
            if solution is None:
                return None
            up, down = np.rint(solution.values).astype(np.int64).reshape(2, -1)
            counts = known + up - down
            if fit(self._matrix, counts, spans):
                return counts
        return None


def fit(matrix: csr_array, counts: np.ndarray, spans: np.ndarray) -> bool:
    """Whether whole counts from 0 have sums within the spans, in whole numbers, so without any rounding."""
    sums = matrix @ counts
    return bool((counts >= 0).all() and (sums >= spans[0]).all() and (sums <= spans[1]).all())
