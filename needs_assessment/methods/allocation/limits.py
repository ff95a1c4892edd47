"""Limits of the gap that no allocation could close, from the chance variation of the counts behind the need."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import gamma, norm

from needs_assessment.methods.allocation.flow import (
    BoolArray,
    Checked,
    Positions,
    Problem,
    checked,
    largest_allocations,
)
from needs_assessment.methods.rates import (
    FloatArray,
    columns,
    exact_poisson_limits,
    is_positive,
    refuse,
    tail_probability,
)

EVERY_CUT_UP_TO = 10
"""With so many services that differ, every cut is looked at; with more, those found at draws of the counts."""

DRAWS, NORMALS = 32, 4096
"""Draws of the counts at which cuts are looked for, and draws of normal numbers for limits that hold together."""

REACH = 3.0
"""A cut that stands further behind the largest, in standard errors of the difference, is not thought to be it."""


class GapLimits(NamedTuple):
    """The gap that no allocation could close at the counts as they are, with its lower and upper confidence limits."""

    gap: float
    lower: float
    upper: float


class _Cuts(NamedTuple):
    """Cuts as weighted sums of the counts, (cuts, groups), less places (cuts,)."""

    weights: FloatArray
    places: FloatArray


def gap_limits(  # noqa: PLR0913 - what is counted, how it falls on cells, what takes it, and what is asked
    counts: ArrayLike,
    group_of_cell: ArrayLike,
    share: ArrayLike,
    places: ArrayLike,
    accepts: ArrayLike,
    confidence: float = 0.95,
) -> GapLimits:
    """The gap with two-sided limits that hold the gap at the true means of the counts that the need comes from.

    `counts` (groups,) are independent Poisson counts. The need of a cell is its `share` (cells,) of the count at
    the position `group_of_cell` (cells,); the shares and `places` (services,) are taken as known, and `accepts` (cells,
    services) is as in `Problem`. The gap is the largest of weighted sums of counts less places, one for each cut. The
    upper limit is the largest of the sums' upper limits less places; the lower limit likewise, among the cuts
    that may be the largest and with limits so wide that they hold together. All missing where a count is.

    Raises ValueError, with the positions at fault, for counts or shares that are negative, for positions that no count
    has, for a confidence that does not lie between 0 and 1, and as `largest_allocations`.

    Source: the sums, Fay and Feuer (1997), Statistics in Medicine 16, 791-801; the largest of them, after Chernozhukov,
    Lee and Rosen (2013), Econometrica 81, 667-737.
    """
    tail = tail_probability(confidence)
    (counted,), (part,), group = columns(counts=counts), columns(share=share), np.asarray(group_of_cell, dtype=np.intp)
    refuse(*_rules(counted, part, group))
    (problem,) = checked([Problem(part, places, accepts)])
    if np.isnan(counted).any():
        return GapLimits(np.nan, np.nan, np.nan)
    cuts = _cuts(counted, part[:, None] * (group[:, None] == np.arange(len(counted))), problem)
    near = _may_be_largest(counted, cuts)
    lower, _ = weighted_sum_limits(counted, near.weights, _joint_tail(counted, near.weights, tail))
    _, upper = weighted_sum_limits(counted, cuts.weights, tail)
    gaps = cuts.weights @ counted - cuts.places, lower - near.places, upper - cuts.places
    return GapLimits(*(max(float(gap.max()), 0.0) for gap in gaps))


def weighted_sum_limits(counts: ArrayLike, weights: ArrayLike, tail: float) -> tuple[FloatArray, FloatArray]:
    """Lower and upper limits of weighted sums of Poisson means, with a probability of `tail` beyond each.

    `counts` (groups,) and `weights` (sums, groups) are 0 or more. With equal weights these are the exact limits of
    the count; otherwise quantiles of gamma distributions with the sum's mean and variance, for the upper limit with one
    event more of the largest weight.

    Source: Fay and Feuer (1997), Statistics in Medicine 16, 791-801.
    """
    counted, each = np.asarray(counts, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    value, variance, most = each @ counted, each**2 @ counted, each.max(axis=-1, initial=0.0)
    return (
        _gamma_quantile(value, variance, lambda shape: gamma.ppf(tail, shape)),
        _gamma_quantile(value + most, variance + most**2, lambda shape: gamma.isf(tail, shape)),
    )


def _gamma_quantile(mean: FloatArray, variance: FloatArray, quantile: Any) -> FloatArray:
    """Quantiles of gamma distributions of these means and variances; 0 where the mean is."""
    some = mean > 0
    scale = np.divide(variance, mean, out=np.ones_like(mean), where=some)
    return np.where(some, quantile(np.where(some, mean, 1.0) / scale) * scale, 0.0)


def _rules(counts: FloatArray, share: FloatArray, group: Positions) -> Iterator[tuple[str, Any]]:
    yield "counts must be 0 or more and finite", (counts < 0) | np.isinf(counts)
    yield "share must be 0 or more, finite and not missing", ~is_positive(share, or_zero=True)
    yield "share and group_of_cell must be of one length", share.shape != group.shape
    yield "group_of_cell must be positions in counts", (group < 0) | (group >= len(counts))


def _cuts(counts: FloatArray, weights: FloatArray, problem: Checked) -> _Cuts:
    """The cuts: services that are full, and all cells that no other service accepts."""
    limited = np.isfinite(problem.places)
    cells = ~problem.accepts[:, ~limited].any(axis=1)
    accepts, kind = np.unique(problem.accepts[np.ix_(cells, limited)], axis=1, return_inverse=True)
    kinds = accepts.shape[1]
    places = np.bincount(kind, problem.places[limited], kinds).astype(np.float64)
    merged = Checked(weights[cells] @ counts, places, accepts)
    full = _every_choice(kinds) if kinds <= EVERY_CUT_UP_TO else _full_in_draws(counts, weights[cells], merged)
    inside = np.unique(~full @ accepts.T == 0, axis=0)
    return _Cuts(inside @ weights[cells], (inside @ accepts > 0) @ places)


def _every_choice(kinds: int) -> BoolArray:
    return (np.arange(2**kinds)[:, None] >> np.arange(kinds) & 1).astype(np.bool_)


def _full_in_draws(counts: FloatArray, weights: FloatArray, problem: Checked) -> BoolArray:
    """The services in the cuts (cuts, services) at the counts, at their limits and at draws of them."""
    around = np.maximum(counts + np.sqrt(counts + 1) * _normals(len(counts)).T[:DRAWS], 0.0)
    tried = np.vstack([counts, *exact_poisson_limits(counts), around])
    found = largest_allocations([Problem(weights @ means, *problem[1:]) for means in tried])
    return np.array([each.services_in_cut for each in found])


def _may_be_largest(counts: FloatArray, cuts: _Cuts) -> _Cuts:
    """The cuts that do not stand clearly behind the one that is largest at the counts."""
    gaps = cuts.weights @ counts - cuts.places
    first = int(gaps.argmax())
    # One more in each count: where none was seen, the mean may still be above 0.
    noise = np.sqrt((cuts.weights[first] - cuts.weights) ** 2 @ (counts + 1))
    near = gaps[first] - gaps <= REACH * noise
    return _Cuts(cuts.weights[near], cuts.places[near])


def _joint_tail(counts: FloatArray, weights: FloatArray, tail: float) -> float:
    """The probability beyond each sum's lower limit with which one or more fail with probability `tail`."""
    errors = weights * np.sqrt(counts)
    lengths = np.linalg.norm(errors, axis=1)
    some = lengths > 0
    directions = np.unique((errors[some] / lengths[some, None]).round(9), axis=0)
    if len(directions) <= 1:
        return tail
    # Not by matrix multiplication: its threads cost more than they save, and it rounds differently from place to place.
    largest = np.einsum("cg,gd->cd", directions, _normals(len(counts))).max(axis=0)
    return min(tail, float(norm.sf(np.quantile(largest, 1 - tail))))


@cache
def _normals(groups: int) -> NDArray[np.float64]:
    """Normal numbers (groups, draws), the same every time, each draw with its opposite."""
    half = np.random.default_rng(0).standard_normal((groups, NORMALS // 2))
    return np.stack([half, -half], axis=2).reshape(groups, NORMALS)
