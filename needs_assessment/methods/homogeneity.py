"""Did children move up the levels as much as down? Tests for a square table of the same children on two days."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse.csgraph import connected_components
from scipy.stats import binomtest, chi2
from statsmodels.stats.contingency_tables import SquareTable

from needs_assessment.methods.rates import FloatArray, refuse

FEWEST_MOVED = 20
"""With fewer children at another level than before the chi-squared tests are left out; the sign test is exact."""


class Homogeneity(NamedTuple):
    """How many were raised and lowered, and tests of whether that is more than chance.

    `bowker` tests whether as many moved from each level to each other as back (symmetry), `stuart_maxwell` whether the
    levels hold as many as before (marginal homogeneity): chi-squared statistics, degrees of freedom and p-values.
    `sign_p` is the exact two-sided p-value of `raised` against `lowered`. What cannot be said is missing (NaN), and
    `reason` says why; otherwise it is None.
    """

    bowker: float
    bowker_df: float
    bowker_p: float
    stuart_maxwell: float
    stuart_maxwell_df: float
    stuart_maxwell_p: float
    raised: float
    lowered: float
    sign_p: float
    reason: str | None


class _Test(NamedTuple):
    """A chi-squared test, or none."""

    statistic: float = np.nan
    degrees_of_freedom: float = np.nan
    p_value: float = np.nan


def marginal_homogeneity(table: ArrayLike, *, fewest_moved: int = FEWEST_MOVED) -> Homogeneity:
    """The tests of a table (k, k) of the same children by level before (rows) and after (columns), lowest level first.

    Bowker's degrees of freedom are the pairs of levels between which anybody moved: statsmodels counts empty pairs too,
    which say nothing. Levels that nobody left or came to have no part in Stuart and Maxwell's test. It is missing where
    the other levels fall into groups without a move between them; both are with fewer than `fewest_moved` who moved. A
    missing count leaves missing whatever needs it. If nobody moved, `sign_p` is 1.

    Raises ValueError for a table that is not square with two levels or more, and for a count that is negative or not
    whole.

    Source: Bowker (1948), Journal of the American Statistical Association 43, 572-574; Stuart (1955), Biometrika 42,
    412-416; Maxwell (1970), British Journal of Psychiatry 116, 651-655. Degrees of freedom as Hoenig, Morgan and Brown
    (1995), Canadian Journal of Fisheries and Aquatic Sciences 52, 364-368.
    """
    counts = np.asarray(table, dtype=float)
    square = counts.ndim == 2 and counts.shape[0] == counts.shape[1] > 1
    whole = np.isfinite(counts) & (counts >= 0) & (np.floor(counts) == counts)
    refuse(
        ("the table must be square with two levels or more", not square),
        ("counts must be whole numbers, 0 or more", ~whole & ~np.isnan(counts)),
    )
    moved = np.where(np.eye(len(counts), dtype=bool), 0, counts)  # who stayed counts in no test, known or not
    raised, lowered = float(np.triu(moved).sum()), float(np.tril(moved).sum())
    reason = _why_neither(raised + lowered, max(fewest_moved, 1))
    bowker = _Test() if reason else _bowker(moved)
    apart = None if reason else _why_no_marginal_test(moved)
    marginal = _Test() if reason or apart else _stuart_maxwell(moved)
    return Homogeneity(*bowker, *marginal, raised, lowered, _sign_p_value(raised, lowered), reason or apart)


def _why_neither(moved: float, fewest: int) -> str | None:
    if np.isnan(moved):
        return "a count is missing"
    return f"fewer than {fewest} moved" if moved < fewest else None


def _why_no_marginal_test(moved: FloatArray) -> str | None:
    groups, _ = connected_components(_in_play(moved), directed=False)
    return "levels fall into groups between which nobody moved" if groups > 1 else None


def _bowker(moved: FloatArray) -> _Test:
    # Not with statsmodels' default, which adds a half to every cell of a table with an empty one.
    statistic = float(SquareTable(moved, shift_zeros=False).symmetry().statistic)
    pairs = int((np.triu(moved + moved.T) > 0).sum())
    return _Test(statistic, pairs, float(chi2.sf(statistic, pairs)))


def _stuart_maxwell(moved: FloatArray) -> _Test:
    made = SquareTable(_in_play(moved), shift_zeros=False).homogeneity()
    return _Test(float(made.statistic), int(made.df), float(chi2.sf(made.statistic, made.df)))


def _in_play(moved: FloatArray) -> FloatArray:
    """The table of those levels that somebody left or came to."""
    positions = np.flatnonzero((moved + moved.T).any(axis=1))
    return moved[np.ix_(positions, positions)]


def _sign_p_value(raised: float, lowered: float) -> float:
    moved = raised + lowered
    if np.isnan(moved):
        return np.nan
    return float(binomtest(int(raised), int(moved)).pvalue) if moved else 1.0
