"""How often funnel limits flag ordinary areas, and how often a prediction from a group holds the count."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import product
from typing import NamedTuple

import numpy as np

from needs_assessment.methods.funnel import (
    FunnelLimits,
    chance_limits,
    dispersion,
    funnel_limits,
    gamma_limits,
    prediction_from_group,
)
from needs_assessment.methods.rates import FloatArray
from needs_assessment.methods.screening import spread_between
from simulations.study import Study

MEANS = (0.5, 1, 2, 5, 10, 20, 50)
TRIALS = 40_000
AREAS_JUDGED = 30_000  # in all groups of a study together
GROUPS_ITERATED = 400  # of the consistent spread, which is found for one group at a time
ODD = 4
"""How many times the usual rate an odd area has."""

SIZES = {"any size": (8e3, 2.5e5), "small": (8e3, 1e4), "large": (2e5, 2.5e5), "up to 30,000": (8e3, 3e4)}
"""Residents under 18, spread evenly by their logarithm."""


class Country(NamedTuple):
    """Authorities whose true rates are gamma-distributed, and some that are odd."""

    areas: int
    rate: float = 10  # per 10,000
    variation: float = 0.5  # standard deviation of true rates ÷ their mean
    odd: int = 0


def draws(rng: np.random.Generator, country: Country, groups: int) -> tuple[FloatArray, FloatArray]:
    """Counts and residents of so many groups of areas, the odd areas first."""
    exposures = residents(rng, "any size", (groups, country.areas))
    rates = true_rates(rng, country.rate, country.variation, exposures.shape)
    rates[:, : country.odd] = ODD * country.rate / 1e4
    return rng.poisson(rates * exposures).astype(float), exposures


def residents(rng: np.random.Generator, size: str, shape: tuple[int, ...]) -> FloatArray:
    """Numbers of residents under 18."""
    least, most = np.log(SIZES[size])
    return np.exp(rng.uniform(least, most, shape))


def true_rates(rng: np.random.Generator, rate: float, variation: float, shape: tuple[int, ...]) -> FloatArray:
    """Gamma-distributed rates per resident, with the mean of `rate` per 10,000."""
    return rng.gamma(variation**-2, rate / 1e4 * variation**2, shape) if variation else np.full(shape, rate / 1e4)


def chance_flags(mean: float, confidence: float, exact: bool, rng: np.random.Generator, trials: int) -> int:
    """The trials in which a Poisson count lies outside its limits by chance alone, exact or in their z form."""
    counts = rng.poisson(mean, trials)
    limits = (chance_limits if exact else funnel_limits)(1.0, mean, confidence=confidence, per=1)
    return int(((counts < limits.lower) | (counts > limits.upper)).sum())


class Way(NamedTuple):
    """A way to make adjusted limits: symmetric or of the gamma model, with the published or the consistent spread."""

    words: str
    limits: Callable[..., FunnelLimits]
    consistent: bool


WAYS = (
    Way("funnel, published spread", funnel_limits, False),
    Way("funnel, consistent spread", funnel_limits, True),
    Way("gamma funnel, published spread", gamma_limits, False),
    Way("gamma funnel, consistent spread", gamma_limits, True),
)


def flags(country: Country, confidence: float, way: Way, rng: np.random.Generator, trials: int) -> int:
    """The ordinary areas outside adjusted limits that are made in one of the ways."""
    counts, exposures = draws(rng, country, trials // (country.areas - country.odd))
    found = dispersion(counts, exposures)
    tau, rates = found.tau, counts / exposures
    if way.consistent:
        by_chance = found.target[:, None] / exposures
        tau = np.array([spread_between(*group) for group in zip(rates, by_chance, strict=True)])
    limits = way.limits(exposures, found.target[:, None], tau[:, None], confidence=confidence, per=1)
    clear = 1e-9 * rates  # of rounding, at limits that are whole counts
    outside = (rates < limits.lower - clear) | (rates > limits.upper + clear)
    return int(outside[:, country.odd :].sum())


class Neighbours(NamedTuple):
    """An area and others like it, whose true rates are gamma-distributed."""

    members: int
    rate: float
    variation: float
    own_size: str = "any size"
    group_size: str = "any size"


def holds(setting: Neighbours, confidence: float, rng: np.random.Generator, trials: int) -> int:
    """The trials in which the limits predicted from the group hold the area's count."""
    group = residents(rng, setting.group_size, (trials, setting.members))
    own = residents(rng, setting.own_size, (trials,))
    counts = rng.poisson(true_rates(rng, setting.rate, setting.variation, group.shape) * group)
    count = rng.poisson(true_rates(rng, setting.rate, setting.variation, own.shape) * own)
    limits = prediction_from_group(counts, group, own, confidence=confidence)
    return int(((limits.lower <= count) & (count <= limits.upper)).sum())


def _chance_studies() -> list[Study]:
    return [
        Study(
            "chance limits" if exact else "chance limits, z form",
            f"no more outside {confidence:.1%} limits",
            f"mean count {mean:g}, no differences between areas",
            1 - confidence,
            "at most",
            TRIALS,
            partial(chance_flags, mean, confidence, exact),
        )
        for exact, confidence, mean in product((True, False), (0.95, 0.998), MEANS)
    ]


def _countries() -> list[Country]:
    by_areas = [Country(areas, odd=odd) for areas, few in ((11, 1), (20, 1), (50, 3), (150, 8)) for odd in (0, few)]
    by_rate = [Country(150, rate, variation) for rate, variation in product((0.5, 2, 20), (0.3, 0.7))]
    return [*by_areas, *by_rate, Country(150, 2, 0.5), Country(150, 2, 0.0)]


def _flag_studies() -> list[Study]:
    studies = []
    for way, confidence, country in product(WAYS, (0.95, 0.998), _countries()):
        ordinary = country.areas - country.odd
        groups = GROUPS_ITERATED if way.consistent else AREAS_JUDGED // ordinary
        studies.append(
            Study(
                way.words,
                f"no more ordinary areas outside {confidence:.1%} limits",
                f"{country.areas} areas, {country.odd} odd, rate {country.rate:g}, variation {country.variation:g}",
                1 - confidence,
                "at most",
                min(groups, AREAS_JUDGED // ordinary) * ordinary,
                partial(flags, country, confidence, way),
            )
        )
    return studies


def _prediction_studies() -> list[Study]:
    settings = [Neighbours(10, *each) for each in product((0.5, 2, 8, 20), (0.3, 0.5, 0.7))]
    for own, group in (("small", "any size"), ("large", "any size"), ("large", "up to 30,000")):
        settings += [Neighbours(10, rate, 0.5, own, group) for rate in (2, 8, 20)]
    settings += [Neighbours(5, rate, 0.5) for rate in (2, 8, 20)]
    levels = [(setting, 0.95) for setting in settings] + [(setting, 0.8) for setting in settings[:12]]
    return [
        Study(
            "prediction from neighbours",
            f"{confidence:.0%} limits hold the count",
            f"{setting.members} neighbours ({setting.group_size}), area {setting.own_size}, "
            f"rate {setting.rate:g}, variation {setting.variation:g}",
            confidence,
            "at least",
            10_000,
            partial(holds, setting, confidence),
        )
        for setting, confidence in levels
    ]


STUDIES = [*_chance_studies(), *_flag_studies(), *_prediction_studies()]
