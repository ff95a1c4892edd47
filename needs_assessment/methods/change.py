"""Change in a count between two periods."""

from __future__ import annotations

from math import inf, nan
from numbers import Real
from typing import NamedTuple

from scipy.stats import binomtest

from needs_assessment.methods.rates import is_positive, refuse
from needs_assessment.vocabulary import PERCENTAGE_FLOOR


class Change(NamedTuple):
    """The rate after, divided by the rate before, with its exact limits and p-value."""

    before: int
    after: int
    rate_ratio: float
    lower: float
    upper: float
    p_value: float


def count_change(
    before: int, after: int, *, exposure_before: float = 1.0, exposure_after: float = 1.0, confidence: float = 0.95
) -> Change:
    """The ratio of two Poisson rates with exact conditional limits and p-value, as R's `poisson.test` gives them.

    Given their total, the events after are binomial with probability exposure_after / (both exposures) if the rate
    did not change. Exposures are in any one unit, such as person-years. The p-value is two-sided by minimum
    likelihood: the probability of all splits no more likely than the one observed. The limits are central
    (Clopper-Pearson), so near the border the two can disagree; let the limits decide a verdict.
    No event before gives a ratio of infinity; no event at all gives no ratio (NaN), limits 0 to infinity and p = 1.

    Raises ValueError for a count that is missing, negative or not whole, and for an exposure that is not above 0.

    Source: Przyborowski and Wilenski (1940), Biometrika 31, 313-323.
    """
    refuse(
        *_count_rules(before, after),
        ("exposure_before must be above 0 and finite", ~is_positive(exposure_before)),
        ("exposure_after must be above 0 and finite", ~is_positive(exposure_after)),
    )
    before, after = int(before), int(after)
    if before + after == 0:
        return Change(before, after, nan, 0.0, inf, 1.0)
    test = binomtest(after, before + after, exposure_after / (exposure_before + exposure_after))
    share = test.proportion_ci(confidence, method="exact")
    ratios = (_ratio(after, before), _ratio(share.low, 1 - share.low), _ratio(share.high, 1 - share.high))
    rate_ratio, lower, upper = (ratio * exposure_before / exposure_after for ratio in ratios)
    return Change(before, after, rate_ratio, lower, upper, float(test.pvalue))


def percentage_change(before: int, after: int, floor: int = PERCENTAGE_FLOOR) -> float | None:
    """The change as a percentage of `before`, or None where `before` is below `floor` and only counts may be stated.

    Raises ValueError for a count that is missing, negative or not whole, and for a floor below 1.
    """
    refuse(*_count_rules(before, after), ("floor must be 1 or more", not floor >= 1))
    return None if before < floor else float(100 * (after - before) / before)


def _count_rules(before: object, after: object) -> list[tuple[str, bool]]:
    counts = {"before": before, "after": after}
    return [(f"{name} must be a whole number, 0 or more", not _is_count(count)) for name, count in counts.items()]


def _is_count(value: object) -> bool:
    return isinstance(value, Real) and float(value) >= 0 and float(value).is_integer()


def _ratio(numerator: float, denominator: float) -> float:
    return float(numerator / denominator) if denominator else inf
