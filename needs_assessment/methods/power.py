"""The smallest difference that chance alone would let be noticed: no signal is not no problem."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammainc, gammaincc, gammainccinv, gammaincinv
from scipy.stats import nbinom, poisson

from needs_assessment.methods.rates import FloatArray, columns, is_positive, refuse, tail_probability

POWER = 0.8
"""A difference is called detectable where it would be noticed with this probability, four times in five."""

_REACH = 8.0
"""Poisson standard deviations on both sides of a mean beyond which its counts are left out: fewer than 1 in 10^9."""
_HALVINGS = 40
_LARGEST_LOG_RATIO = 20.0


class Detectable(NamedTuple):
    """The smallest ratio above 1, and the largest below 1, that would be noticed; NaN where there is none."""

    rise: FloatArray
    fall: FloatArray


class Noticed(NamedTuple):
    """The probabilities that a count is noticed as higher, and as lower, than the reference."""

    higher: FloatArray
    lower: FloatArray


def detectable_ratio(expected: ArrayLike, *, power: float = POWER, confidence: float = 0.95) -> Detectable:
    """The smallest true ratios to a reference rate that exact limits of a count would show with probability `power`.

    `expected` is the count at the reference rate: the rate times person-years. A rise is noticed where the exact
    two-sided Poisson limits of the count lie above it, a fall where they lie below. So few can be expected that not
    even a count of 0 is noticed (below 3.7 at 95%): the fall is then missing (NaN). Missing where `expected` is.

    Raises ValueError, with the positions at fault, for an expected count that is not above 0, and for a power that
    does not lie between the doubt (1 - confidence) and 1.

    Source: the definition; minimum detectable risk for Poisson counts in Samuels, Beaumont and Breslow (1991),
    American Journal of Epidemiology 133, 1191-1197.
    """
    (mean,) = columns(expected=expected)
    refuse(*_rules(mean, "expected"), _power_rule(power, confidence))
    least, most = _noticed_from(mean, tail_probability(confidence))
    # A Poisson count reaches k with the probability that a gamma variable of shape k stays below its mean.
    rise = gammaincinv(least, power) / mean
    fall = gammainccinv(np.maximum(most, 0) + 1, power) / mean
    return Detectable(rise, np.where(most < 0, np.nan, fall))


def noticed(expected: ArrayLike, ratio: ArrayLike, *, confidence: float = 0.95) -> Noticed:
    """The probabilities that the exact limits of a count lie above, and below, what is expected at the reference rate.

    `ratio` is the true rate divided by the reference rate. Missing where either is missing.

    Raises ValueError, with the positions at fault, for an expected count or a ratio that is not above 0.
    """
    mean, factor = columns(expected=expected, ratio=ratio)
    refuse(*_rules(mean, "expected"), *_rules(factor, "ratio"))
    least, most = _noticed_from(mean, tail_probability(confidence))
    return Noticed(gammainc(least, factor * mean), _up_to(most, factor * mean))


def detectable_change(
    expected_before: ArrayLike,
    *,
    exposure_before: ArrayLike = 1.0,
    exposure_after: ArrayLike = 1.0,
    power: float = POWER,
    confidence: float = 0.95,
) -> Detectable:
    """The smallest true ratios of the rate after to the rate before that `count_change` would show with `power`.

    `expected_before` is the mean count of the period before; both counts vary by chance. A change is noticed where the
    exact conditional limits of the ratio exclude 1. Missing (NaN) where no change in that direction would be noticed,
    and where `expected_before` is missing. The sum over counts before is exact up to 8 standard deviations.

    Raises ValueError, with the positions at fault, for an expected count or an exposure that is not above 0, and for
    a power that does not lie between the doubt (1 - confidence) and 1.

    Source: the definition, for the test of Przyborowski and Wilenski (1940), Biometrika 31, 313-323.
    """
    mean, early, late = columns(
        expected_before=expected_before, exposure_before=exposure_before, exposure_after=exposure_after
    )
    refuse(
        *_rules(mean, "expected_before"),
        ("exposure_before must be above 0 and finite", ~is_positive(early)),
        ("exposure_after must be above 0 and finite", ~is_positive(late)),
        _power_rule(power, confidence),
    )
    before = _counts_around(mean)
    weight = poisson.pmf(before, mean[..., np.newaxis])
    least, most = _noticed_after(before, (early / (early + late))[..., np.newaxis], tail_probability(confidence))
    after = (mean * late / early)[..., np.newaxis]

    def risen(size: FloatArray) -> FloatArray:
        return (weight * gammainc(least, after * np.exp(size)[..., np.newaxis])).sum(axis=-1)

    def fallen(size: FloatArray) -> FloatArray:
        return (weight * _up_to(most, after * np.exp(-size)[..., np.newaxis])).sum(axis=-1)

    return Detectable(np.exp(_smallest(risen, power, mean)), np.exp(-_smallest(fallen, power, mean)))


def _noticed_from(mean: FloatArray, tail: float) -> tuple[FloatArray, FloatArray]:
    """The least count whose exact limits lie above a mean, and the most whose lie below it (-1 where none does)."""
    return poisson.isf(tail, mean) + 1, poisson.ppf(tail, mean) - 1


def _noticed_after(before: FloatArray, share_before: FloatArray, tail: float) -> tuple[FloatArray, FloatArray]:
    """The least and the most events after that differ from those before, by the exact conditional limits; -1 if none.

    At least a of a + b events come after where a or more come before the (b + 1)-th of the earlier kind does: the
    binomial tail of the test is a negative binomial one, and its quantile gives the border without a search.
    """
    least = nbinom.isf(tail, before + 1, share_before) + 1
    most = nbinom.ppf(tail, np.maximum(before, 1), share_before) - 1
    return least, np.where(before == 0, -1, most)


def _counts_around(mean: FloatArray) -> FloatArray:
    """The counts that a Poisson variable of each mean takes in practice, along a new last axis."""
    known = np.where(np.isnan(mean), 1.0, mean)
    # The last term serves small means, whose upper tail is longer than their standard deviation says.
    reach = np.ceil(_REACH * np.sqrt(known) + 2 * _REACH)
    first = np.maximum(np.floor(known - reach), 0)
    return first[..., np.newaxis] + np.arange(2 * reach.max(initial=0) + 1)


def _up_to(most: FloatArray, mean: FloatArray) -> FloatArray:
    """The probability that a Poisson count is at most `most`; 0 where that is below 0."""
    return np.where(most < 0, 0.0, gammaincc(np.maximum(most, 0) + 1, mean))


def _smallest(probability: Callable[[FloatArray], FloatArray], wanted: float, like: FloatArray) -> FloatArray:
    """The smallest size at which a rising probability is as large as wanted; NaN where none is large enough."""
    low, high = np.zeros_like(like), np.full_like(like, _LARGEST_LOG_RATIO)
    found = probability(high) >= wanted
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        enough = probability(middle) >= wanted
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    return np.where(found & ~np.isnan(like), high, np.nan)


def _rules(values: FloatArray, name: str) -> list[tuple[str, NDArray[np.bool_]]]:
    return [(f"{name} must be above 0 and finite", ~(np.isnan(values) | is_positive(values)))]


def _power_rule(power: float, confidence: float) -> tuple[str, bool]:
    return "power must lie between 1 - confidence and 1", not 0 < 1 - confidence < power < 1
