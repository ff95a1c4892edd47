"""Series in rows and periods in columns, cut into stretches that have nothing to do with one another."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from needs_assessment.methods.rates import FloatArray, refuse

SCREENED_ABOVE = 3.267
"""Moving ranges above so many times their mean are left out, once (D₄)."""


class Stretches(NamedTuple):
    """Points along the last axis, and the number of the stretch that each belongs to: no two series share a number."""

    points: FloatArray
    numbers: NDArray[np.int_]

    def size(self, points: FloatArray) -> FloatArray:
        """How many points of each point's stretch are not missing, at each point."""
        return self.total(np.where(np.isnan(points), np.nan, 1.0))

    def total(self, points: FloatArray) -> FloatArray:
        """The sum of each point's stretch, at each point, without those missing."""
        sums = np.bincount(self.numbers.ravel(), np.nan_to_num(points).ravel())
        return np.asarray(sums[self.numbers], dtype=float)

    def mean(self, points: FloatArray) -> FloatArray:
        """The mean of each point's stretch, at each point, without those missing; missing where all of them are."""
        size = self.size(points)
        return np.where(size > 0, self.total(points) / np.maximum(size, 1), np.nan)

    def median(self, points: FloatArray) -> FloatArray:
        """The median of each point's stretch, at each point, without those missing; missing where all of them are."""
        groups = pd.Series(points.ravel()).groupby(self.numbers.ravel())
        return groups.transform("median").to_numpy(dtype=float).reshape(points.shape)

    def mean_moving_range(self, points: FloatArray, screened: bool) -> FloatArray:
        """The mean distance between neighbours of each point's stretch, at each point; none spans a gap.

        Screening is left off where it would leave no distance at all.
        """
        ranges = np.full(points.shape, np.nan)
        apart = np.diff(self.numbers, axis=-1) != 0
        ranges[..., 1:] = np.where(apart, np.nan, np.abs(np.diff(points, axis=-1)))
        mean = self.mean(ranges)
        usual = self.mean(np.where(ranges > SCREENED_ABOVE * mean, np.nan, ranges)) if screened else mean
        return np.where(usual > 0, usual, mean)


def stretches(points: ArrayLike, segments: ArrayLike | None) -> Stretches:
    """The points with the numbers of their stretches: one a series, or one for each label in `segments`.

    Raises ValueError for a single number, for infinite points, and for segments that are missing or of another shape.
    """
    values = np.array(points, dtype=float)
    labels = np.zeros(values.shape, dtype=int) if segments is None else np.asarray(segments)
    refuse(
        ("points must be finite", np.isinf(values)),
        ("points must be a series or several, not one number", values.ndim == 0),
        ("segments must have the shape of the points", labels.shape != values.shape),
        ("segments must not be missing", pd.isna(labels)),
    )
    kinds, numbers = np.unique(labels, return_inverse=True)
    rows = np.arange(int(np.prod(values.shape[:-1]))).reshape(*values.shape[:-1], 1)
    return Stretches(values, rows * len(kinds) + numbers.reshape(values.shape))
