"""Change in a count between two periods: its exact limits, and the range that is usual between authorities."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import beta, binom, norm

from needs_assessment.methods.rates import FloatArray, columns, is_positive, refuse, tail_probability
from needs_assessment.methods.screening import log_rate
from needs_assessment.vocabulary import PERCENTAGE_FLOOR

_TIE = 1 + 1e-7
"""Two splits whose probabilities differ by less than this factor are equally likely (as in R and scipy)."""
_STEPS = 60


class Change(NamedTuple):
    """The rate after, divided by the rate before, with its exact limits and p-value.

    Plain numbers where the counts were plain numbers, otherwise arrays of their shape.
    """

    before: int | FloatArray
    after: int | FloatArray
    rate_ratio: float | FloatArray
    lower: float | FloatArray
    upper: float | FloatArray
    p_value: float | FloatArray


def count_change(
    before: ArrayLike,
    after: ArrayLike,
    *,
    exposure_before: ArrayLike = 1.0,
    exposure_after: ArrayLike = 1.0,
    confidence: float = 0.95,
) -> Change:
    """The ratios of two Poisson rates with exact conditional limits and p-values, as R's `poisson.test` gives them.

    Given their total, the events after are binomial with probability exposure_after / (both exposures) if the rate
    did not change. Exposures are in any one unit, such as person-years. The p-value is two-sided by minimum
    likelihood: the probability of all splits no more likely than the one observed. The limits are central
    (Clopper-Pearson), so near the border the two can disagree; let the limits decide a verdict.
    No event before gives a ratio of infinity; no event at all gives no ratio (NaN), limits 0 to infinity and p = 1.
    All four may be numbers, arrays or columns. A missing count in a column gives a missing change.

    Raises ValueError, with the positions at fault, for a count that is negative or not whole, for a single pair of
    counts of which one is missing, for an exposure that is not above 0, and for columns whose indexes differ.

    Source: Przyborowski and Wilenski (1940), Biometrika 31, 313-323.
    """
    counts = columns(before=before, after=after, exposure_before=exposure_before, exposure_after=exposure_after)
    first, second, early, late = counts
    refuse(*_count_rules(first, second), *_exposure_rules(early, late))
    missing = np.isnan(first + second)
    known = np.where(missing, 0.0, first), np.where(missing, 0.0, second)
    lower, upper = _ratio_limits(*known, tail_probability(confidence))
    p_value = np.where(missing, np.nan, _likelihood_p_value(known[1], known[0] + known[1], late / (early + late)))
    scale = np.where(missing, np.nan, early / late)
    results = [_divided(second, first) * scale, lower * scale, upper * scale, p_value]
    if first.ndim:
        return Change(first, second, *results)
    return Change(int(first), int(second), *(float(result) for result in results))


@overload
def percentage_change(before: int, after: int, floor: int = ...) -> float | None: ...
@overload
def percentage_change(before: ArrayLike, after: ArrayLike, floor: int = ...) -> float | FloatArray | None: ...
def percentage_change(before: ArrayLike, after: ArrayLike, floor: int = PERCENTAGE_FLOOR) -> float | FloatArray | None:
    """The change as a percentage of `before`; None where `before` is below `floor` and only counts may be stated.

    For columns an array, with NaN where a base is below the floor and where a count is missing.

    Raises ValueError, with the positions at fault, for a count that is negative or not whole, for a single pair of
    counts of which one is missing, and for a floor below 1.
    """
    first, second = columns(before=before, after=after)
    refuse(*_count_rules(first, second), ("floor must be 1 or more", not floor >= 1))
    enough = first >= floor
    percentage = np.where(enough, 100 * (second - first) / np.where(enough, first, 1), np.nan)
    if first.ndim:
        return percentage
    return float(percentage) if enough else None


def usual_change_limits(  # noqa: PLR0913 - two counts, their exposures, and what is usual
    before: ArrayLike,
    after: ArrayLike,
    *,
    exposure_before: ArrayLike = 1.0,
    exposure_after: ArrayLike = 1.0,
    centre: ArrayLike,
    spread: ArrayLike,
    confidence: float = 0.95,
) -> tuple[FloatArray, FloatArray]:
    """The lower and upper limit of the ratio of two rates that authorities usually show, chance included.

    True rates are taken to change from one period to the next by a factor that is log-normal between authorities: its
    median is exp(`centre`) and the standard deviation of its logarithm `spread`, beyond chance. For the events of both
    periods together, the limits are where

        z = (log((a + 1/2) / (b + 1/2) * exposure_before / exposure_after) - centre)
            / sqrt(1 / (a + 1/2) + 1 / (b + 1/2) + spread^2)

    first reaches the normal value of `confidence`, if b of them came before and a after. So a ratio of `count_change`
    lies outside where the z of its own counts does, or of a less extreme split of as many: near a zero the z falls
    back. 0 and infinity where no split of so few events is unusual. Missing where a count, the centre or the spread is.

    Raises ValueError as `count_change`, and for a spread below 0.

    Source: the logarithm with 1/2 added, Haldane (1956), Annals of Human Genetics 20, 309-311; the spread between
    authorities as in random-effects limits, Spiegelhalter (2005), Statistics in Medicine 24, 1185-1202.
    """
    counts = columns(
        before=before, after=after, exposure_before=exposure_before, exposure_after=exposure_after,
        centre=centre, spread=spread,
    )  # fmt: skip
    first, second, early, late, middle, between = counts
    refuse(*_count_rules(first, second), *_exposure_rules(early, late), ("spread must be 0 or more", between < 0))
    reach = norm.isf(tail_probability(confidence))
    total, offset = first + second, middle + np.log(late / early)
    rise = _unusual_ratio(total, offset, between, reach)
    # Read backwards, a fall is a rise: the same limit of before to after, with the sign of the offset turned.
    fall = _unusual_ratio(total, -offset, between, reach)
    return _divided(1.0, fall) * (early / late), rise * (early / late)


def _unusual_ratio(total: FloatArray, offset: FloatArray, spread: FloatArray, reach: float) -> FloatArray:
    """The first split of `total`, as a ratio of one part to the other, whose z is `reach`; infinity where none's is."""

    def z(part: FloatArray) -> FloatArray:
        (one, variance), (other, remaining) = log_rate(part, 1.0), log_rate(total - part, 1.0)
        return (one - other - offset) / np.sqrt(variance + remaining + spread**2)

    furthest = _peak(z, total / (1 + np.exp(-offset)), total)
    low, high = np.zeros_like(total), furthest
    for _ in range(_STEPS):
        middle = (low + high) / 2
        beyond = z(middle) > reach
        low, high = np.where(beyond, low, middle), np.where(beyond, middle, high)
    ratio = np.where((z(furthest) > reach) & (total > 0), _divided(high, total - high), np.inf)
    return np.where(np.isnan(total + offset + spread), np.nan, ratio)


def _peak(function: Callable[[FloatArray], FloatArray], low: FloatArray, high: FloatArray) -> FloatArray:
    """Where a function that rises and then may fall is largest between two ends, by ternary search."""
    for _ in range(_STEPS):
        third = (high - low) / 3
        rising = function(low + third) < function(high - third)
        low, high = np.where(rising, low + third, low), np.where(rising, high, high - third)
    # Where it rises to the very end, the end itself is the largest.
    return np.where(function(high) >= function(low), high, low)


def _ratio_limits(before: FloatArray, after: FloatArray, tail: float) -> tuple[FloatArray, FloatArray]:
    """Clopper-Pearson limits of the share of events that came after, each as a ratio to the share before."""
    # A beta distribution has no parameter 0; where no event came before or after, the limit is known without it.
    some_before, some_after = np.maximum(before, 1), np.maximum(after, 1)
    low, rest_of_low = beta.ppf(tail, some_after, before + 1), beta.isf(tail, before + 1, some_after)
    high, rest_of_high = beta.isf(tail, after + 1, some_before), beta.ppf(tail, some_before, after + 1)
    return np.where(after == 0, 0.0, low / rest_of_low), np.where(before == 0, np.inf, high / rest_of_high)


def _likelihood_p_value(successes: FloatArray, trials: FloatArray, share: FloatArray) -> FloatArray:
    """The probability of every number of successes no more likely than the observed, for whole arrays.

    `scipy.stats.binomtest` does it for one; here its search on the far side of the mean runs for all at once.
    """
    mirrored = successes > trials * share
    near = np.where(mirrored, trials - successes, successes)
    chance = np.where(mirrored, 1 - share, share)
    likelihood = binom.pmf(near, trials, chance) * _TIE
    # From the mean upwards the probabilities fall, so halving finds the first that is small enough.
    low, high = np.ceil(trials * chance), trials + 1
    while np.any(low < high):
        middle = np.floor((low + high) / 2)
        small = binom.pmf(middle, trials, chance) <= likelihood
        low, high = np.where(small, low, np.minimum(middle + 1, high)), np.where(small, middle, high)
    return np.minimum(binom.cdf(near, trials, chance) + binom.sf(low - 1, trials, chance), 1.0)


def _count_rules(before: FloatArray, after: FloatArray) -> list[tuple[str, NDArray[np.bool_]]]:
    counts = {"before": before, "after": after}
    return [(f"{name} must be a whole number, 0 or more", _not_a_count(count)) for name, count in counts.items()]


def _not_a_count(counts: FloatArray) -> NDArray[np.bool_]:
    # In a column a gap is usual; a question about one pair of counts has no answer without them.
    gap = np.isnan(counts) & (counts.ndim > 0)
    return ~gap & ~(np.isfinite(counts) & (counts >= 0) & (np.floor(counts) == counts))


def _exposure_rules(before: FloatArray, after: FloatArray) -> list[tuple[str, NDArray[np.bool_]]]:
    exposures = {"exposure_before": before, "exposure_after": after}
    return [(f"{name} must be above 0 and finite", ~is_positive(exposure)) for name, exposure in exposures.items()]


def _divided(numerator: ArrayLike, denominator: FloatArray) -> FloatArray:
    """The quotient; infinity for something out of nothing, and no number (NaN) for nothing out of nothing."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.divide(numerator, denominator))
