"""Rates and ratios standardised for age or another division of the residents, for many areas at once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from needs_assessment.methods.rates import (
    EXACT_BELOW,
    FloatArray,
    Limits,
    byar_limits,
    columns,
    is_positive,
    rate_with_limits,
    refuse,
)

FEWEST_EVENTS = EXACT_BELOW
"""Below so many events no directly standardised rate is given: one event more in a sparse stratum would move it far."""

TOO_FEW = f"fewer than {FEWEST_EVENTS} events"
MISSING = "a count is missing"


class StandardisedRates(NamedTuple):
    """Directly standardised rates of areas with their limits, all of the shape of the areas.

    `events` are the areas' crude numbers of events. `method` is `Dobson`, `Dobson, repeat events`, or None where no
    rate is given, and `reason` then says why.
    """

    events: FloatArray
    value: FloatArray
    lower: FloatArray
    upper: FloatArray
    method: NDArray[np.object_]
    reason: NDArray[np.object_]


def directly_standardised_rate(
    count: ArrayLike, person_years: ArrayLike, standard: ArrayLike, *, per: float = 10_000, confidence: float = 0.95
) -> StandardisedRates:
    """Rates per `per` person-years that areas would have with the strata of a standard population, with Dobson limits.

    `count` and `person_years` have the strata (such as age bands) as their last axis, and areas before it; `standard`
    has one population for each stratum, of which only the proportions matter. Byar's limits of the crude count are
    scaled to the variance of the standardised rate. Missing, with the reason, where a count is missing or where there
    are fewer than 10 events. Events are taken as independent: where one person can be counted several times, use
    `standardised_rate_of_repeats`.

    Raises ValueError, with the positions at fault, for a negative count, for person-years that are zero, negative or
    missing, for a standard that is negative, missing or nothing, and for a `per` that is not above 0.

    Source: Dobson, Kuulasmaa, Eberle and Scherer (1991), Statistics in Medicine 10, 457-462; the least number of
    events, Morris, Tan, Fryers and Bestwick (2018), Population Health Metrics 16, 19.
    """
    counts, exposure, strata = columns(count=count, person_years=person_years, standard=standard)
    refuse(
        ("count must be 0 or more and finite", (counts < 0) | np.isinf(counts)),
        *_rules(exposure, strata),
        ("per must be above 0 and finite", ~is_positive(per)),
    )
    return _standardised(counts, counts, _weights(exposure, strata, per), confidence, "Dobson")


def standardised_rate_of_repeats(
    persons: ArrayLike, person_years: ArrayLike, standard: ArrayLike, *, per: float = 10_000, confidence: float = 0.95
) -> StandardisedRates:
    """Directly standardised rates of events of which one person can have several, with limits that allow for it.

    `persons` has two last axes, strata and events a person: the first place of the last axis is the number of persons
    with one event, the second those with two, and so on. `person_years` and `standard` as in
    `directly_standardised_rate`, whose value this equals; only the limits are wider. Persons are taken as independent,
    so a person with f events adds f squared to the variance.

    Raises ValueError as `directly_standardised_rate`.

    Source: Office for Health Improvement and Disparities, Fingertips public health technical guidance, Directly
    standardised rates; as `calculate_dsr(independent_events = FALSE)` of the R package PHEindicatormethods 2.1.
    """
    (people,) = columns(persons=persons)
    each = np.arange(1, people.shape[-1] + 1)
    counts, squares, exposure, strata = columns(
        persons=people @ each, squares=people @ each**2, person_years=person_years, standard=standard
    )
    refuse(
        ("persons must be 0 or more and finite", ((people < 0) | np.isinf(people)).any(axis=-1)),
        *_rules(exposure, strata),
        ("per must be above 0 and finite", ~is_positive(per)),
    )
    return _standardised(counts, squares, _weights(exposure, strata, per), confidence, "Dobson, repeat events")


def expected_count(
    person_years: ArrayLike, reference_count: ArrayLike, reference_person_years: ArrayLike
) -> FloatArray:
    """The events that areas would have at the reference population's rates in each stratum.

    All have the strata as their last axis; `person_years` may have areas before it. Missing where a reference count is.

    Raises ValueError, with the positions at fault, for a negative reference count and for person-years that are zero,
    negative or missing.
    """
    exposure, counts, base = columns(
        person_years=person_years, reference_count=reference_count, reference_person_years=reference_person_years
    )
    refuse(
        ("reference_count must be 0 or more and finite", (counts < 0) | np.isinf(counts)),
        ("person_years must be above 0, finite and not missing", ~is_positive(exposure)),
        ("reference_person_years must be above 0, finite and not missing", ~is_positive(base)),
    )
    return np.asarray((exposure * counts / base).sum(axis=-1))


def indirectly_standardised_ratio(count: ArrayLike, expected: ArrayLike, *, confidence: float = 0.95) -> Limits:
    """Indirectly standardised ratios, observed by expected, with exact limits for counts below 10, otherwise Byar's.

    `count` is an area's events over all strata and `expected` comes from `expected_count`. The reference is taken as
    known without error, as all of England is beside one authority. A missing count or expectation gives a missing
    ratio.

    Raises ValueError, with the positions at fault, for a negative count and for an expectation that is not above 0.

    Source: Breslow and Day (1987), Statistical Methods in Cancer Research, volume II, IARC, chapter 2.
    """
    counts, mean = columns(count=count, expected=expected)
    unknown = np.isnan(mean)
    refuse(
        ("count must be 0 or more and finite", (counts < 0) | np.isinf(counts)),
        ("expected must be above 0 and finite", ~(unknown | is_positive(mean))),
    )
    return rate_with_limits(
        np.where(unknown, np.nan, counts), np.where(unknown, 1.0, mean), per=1, confidence=confidence
    )


def indirectly_standardised_rate(
    count: ArrayLike, expected: ArrayLike, reference_rate: ArrayLike, *, confidence: float = 0.95
) -> Limits:
    """Indirectly standardised rates: the ratio and its limits, times the reference population's crude rate.

    In the unit of `reference_rate`, such as per 10,000 person-years.

    Raises ValueError as `indirectly_standardised_ratio`, and for a reference rate that is not above 0.
    """
    ratio = indirectly_standardised_ratio(count, expected, confidence=confidence)
    (rate,) = columns(reference_rate=reference_rate)
    refuse(("reference_rate must be above 0, finite and not missing", ~is_positive(rate)))
    return Limits(ratio.value * rate, ratio.lower * rate, ratio.upper * rate, ratio.method)


def _standardised(
    counts: FloatArray, squares: FloatArray, weights: FloatArray, confidence: float, method: str
) -> StandardisedRates:
    """The weighted sums of counts over strata; `squares` are what the strata add to the variance of the counts."""
    events = counts.sum(axis=-1)
    value, variance = (weights * counts).sum(axis=-1), (weights**2 * squares).sum(axis=-1)
    enough = events >= FEWEST_EVENTS
    crude = np.where(enough, events, FEWEST_EVENTS)
    scale = np.sqrt(variance / crude)
    low, high = byar_limits(crude, confidence)
    estimates = (value, value + scale * (low - crude), value + scale * (high - crude))
    value, lower, upper = (np.where(enough, estimate, np.nan) for estimate in estimates)
    reason = _words([np.isnan(events), ~enough], [MISSING, TOO_FEW])
    return StandardisedRates(events, value, lower, upper, _words([enough], [method]), reason)


def _words(conditions: list[NDArray[np.bool_]], words: list[str]) -> NDArray[np.object_]:
    """The word of the first condition that is true, and None where none is."""
    choices = [np.array(word, dtype=object) for word in words]
    return np.select(conditions, choices, default=np.array(None, dtype=object))


def _weights(exposure: FloatArray, standard: FloatArray, per: float) -> FloatArray:
    return per * standard / standard.sum(axis=-1, keepdims=True) / exposure


def _rules(exposure: FloatArray, standard: FloatArray) -> list[tuple[str, NDArray[np.bool_]]]:
    return [
        ("person_years must be above 0, finite and not missing", ~is_positive(exposure)),
        ("standard must be 0 or more, finite and not missing", ~is_positive(standard, or_zero=True)),
        ("standard must not be 0 in every stratum", standard.sum(axis=-1) == 0),
    ]
