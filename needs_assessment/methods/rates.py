"""Rates and proportions with confidence limits, for whole columns at once."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.stats import chi2, norm
from statsmodels.stats.proportion import proportion_confint

EXACT_BELOW = 10
"""Counts below this take exact Poisson limits: Byar's lower limit is half the exact one at a count of 1."""

POSITIONS_SHOWN = 10

FloatArray = NDArray[np.float64]


class Limits(NamedTuple):
    """Estimates with their lower and upper confidence limits, all of the shape of the input.

    `method` is `exact`, `Byar` or `Wilson`, and None where the count is missing. The names are those of the
    measure table's columns, so `table.assign(**limits._asdict())` adds them.
    """

    value: FloatArray
    lower: FloatArray
    upper: FloatArray
    method: NDArray[np.object_]


def rate_with_limits(
    count: ArrayLike, person_years: ArrayLike, *, per: float = 10_000, confidence: float = 0.95
) -> Limits:
    """Rates per `per` person-years with two-sided limits: exact Poisson for counts below 10, otherwise Byar's.

    `count` and `person_years` are numbers, arrays or columns of the same length (or one number for all). A missing
    count gives a missing rate with missing limits, never 0. A period of half a year is half a person-year a person.

    Raises ValueError, with the positions at fault, for a negative count, for person-years that are zero, negative
    or missing, and for two columns whose indexes differ.

    Source: Public Health England (25 May 2018), Technical Guide: Confidence Intervals, appendices 1 and 2.
    """
    counts, exposure = columns(count=count, person_years=person_years)
    refuse(
        ("count must be 0 or more and finite", (counts < 0) | np.isinf(counts)),
        ("person_years must be above 0, finite and not missing", ~is_positive(exposure)),
        ("per must be above 0 and finite", ~is_positive(per)),
    )
    small = counts < EXACT_BELOW
    # Byar's limits are read from 10 upwards only; the floor keeps a count of 0 out of a formula that divides by it.
    byar = byar_limits(np.maximum(counts, EXACT_BELOW), confidence)
    lower, upper = np.where(small, exact_poisson_limits(counts, confidence), byar)
    scale = per / exposure
    return Limits(counts * scale, lower * scale, upper * scale, _method(counts, np.where(small, "exact", "Byar")))


def proportion_with_limits(count: ArrayLike, total: ArrayLike, *, confidence: float = 0.95) -> Limits:
    """Proportions, from 0 to 1, of `total` that `count` makes, with two-sided Wilson score limits.

    `count` and `total` are numbers, arrays or columns of the same length (or one number for all). A missing count
    gives a missing proportion with missing limits, never 0.

    Raises ValueError, with the positions at fault, for a count that is negative or above its total, for a total that
    is zero, negative or missing, and for two columns whose indexes differ.

    Source: Wilson (1927), Journal of the American Statistical Association 22, 209-212.
    """
    counts, totals = columns(count=count, total=total)
    refuse(
        ("count must be 0 or more", counts < 0),
        ("count must not be above total", counts > totals),
        ("total must be above 0, finite and not missing", ~is_positive(totals)),
    )
    lower, upper = proportion_confint(counts, totals, alpha=2 * tail_probability(confidence), method="wilson")
    # At the ends the limits are exactly 0 and 1; the formula leaves rounding error there.
    return Limits(
        counts / totals,
        np.where(counts == 0, 0.0, lower),
        np.where(counts == totals, 1.0, upper),
        _method(counts, "Wilson"),
    )


def exact_poisson_limits(count: ArrayLike, confidence: float = 0.95) -> tuple[FloatArray, FloatArray]:
    """Exact two-sided limits of the mean of a Poisson count, lower and upper, in counts; missing where it is missing.

    Source: Garwood (1936), Biometrika 28, 437-442.
    """
    counts, tail = np.asarray(count, dtype=float), tail_probability(confidence)
    lower = np.where(counts == 0, 0.0, chi2.ppf(tail, 2 * counts) / 2)
    return lower, chi2.isf(tail, 2 * counts + 2) / 2


def byar_limits(count: ArrayLike, confidence: float = 0.95) -> tuple[FloatArray, FloatArray]:
    """Byar's approximate two-sided limits of the mean of a Poisson count above 0, lower and upper, in counts.

    The approximation falls below 0 for very small counts at high confidence; the lower limit is then 0.

    Source: Breslow and Day (1987), Statistical Methods in Cancer Research, volume II, IARC.
    """
    counts, z = np.asarray(count, dtype=float), norm.isf(tail_probability(confidence))
    above = counts + 1
    lower = counts * (1 - 1 / (9 * counts) - z / (3 * np.sqrt(counts))) ** 3
    upper = above * (1 - 1 / (9 * above) + z / (3 * np.sqrt(above))) ** 3
    return np.maximum(lower, 0.0), upper


def columns(**named: ArrayLike) -> tuple[FloatArray, ...]:
    """The numbers, arrays or columns as arrays of one shape, in the order given, with NaN for what is missing.

    Raises ValueError for what is not a number, without printing it, and for two columns whose indexes differ.
    """
    # Columns pair by position below; with unlike indexes one area's count would meet another area's denominator.
    indexes = {name: values.index for name, values in named.items() if isinstance(values, pd.Series)}
    for name, index in indexes.items():
        first = next(iter(indexes))
        if not index.equals(indexes[first]):
            raise ValueError(f"{first} and {name} must have the same index, row for row")
    return tuple(
        array.copy() for array in np.broadcast_arrays(*(_numbers(name, values) for name, values in named.items()))
    )


def tail_probability(confidence: float) -> float:
    """The probability beyond each of two limits that together have this confidence.

    Raises ValueError for a confidence that does not lie between 0 and 1.
    """
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must lie between 0 and 1, got: {confidence}")
    return (1 - confidence) / 2


def is_positive(values: ArrayLike, *, or_zero: bool = False) -> NDArray[np.bool_]:
    """True where a number is finite and above 0 (or is 0, with `or_zero`); a missing number is neither."""
    numbers = _numbers("figure", values)
    return np.asarray(np.isfinite(numbers) & ((numbers > 0) | (or_zero & (numbers == 0))))


def refuse(*rules: tuple[str, Any]) -> None:
    """None where every rule is kept; each rule comes with a boolean, or an array of them, that is true where broken.

    Raises ValueError naming every broken rule with positions counted from 0, and never a value.
    """
    faults = [rule + _positions(np.asarray(broken)) for rule, broken in rules if np.any(broken)]
    if faults:
        raise ValueError("; ".join(faults))


def _positions(broken: NDArray[np.bool_]) -> str:
    if broken.ndim == 0:
        return ""
    at = np.flatnonzero(broken)
    more = f" and {at.size - POSITIONS_SHOWN} more" if at.size > POSITIONS_SHOWN else ""
    return f" (position {', '.join(map(str, at[:POSITIONS_SHOWN]))}{more})"


def _numbers(name: str, values: ArrayLike) -> FloatArray:
    if isinstance(values, np.ndarray) and values.dtype.kind in "iuf":  # the same by a short way, for large arrays
        return values.astype(np.float64)
    cells = np.asarray(values, dtype=object)
    try:
        return np.where(pd.isna(cells), np.nan, cells).astype(np.float64)
    except (TypeError, ValueError):  # the original message would quote the cell
        raise ValueError(f"{name} must be numeric") from None


def _method(counts: FloatArray, words: ArrayLike) -> NDArray[np.object_]:
    nothing = np.array(None, dtype=object)
    return np.where(np.isnan(counts), nothing, np.asarray(words, dtype=object))
