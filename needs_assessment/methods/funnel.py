"""Funnel plots: how far areas of each size usually lie from a target, by chance and by their real differences."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import nbdtrik, pdtrik
from scipy.stats import nbinom, norm

from needs_assessment.methods.pooling import known_members, prior_from_group, wary_prior
from needs_assessment.methods.rates import FloatArray, is_positive, refuse


class Dispersion(NamedTuple):
    """How far areas vary about a target: one number for each group.

    `target` is the rate they vary about and `tau` the standard deviation between them beyond chance, both per unit of
    exposure; `phi` is how many times as much as by chance they vary; `areas` is how many have a known count.
    """

    target: FloatArray
    phi: FloatArray
    tau: FloatArray
    areas: NDArray[np.int64]


class FunnelLimits(NamedTuple):
    """The lower and upper limits of the rate of an area of each exposure, of the shape of the exposures."""

    lower: FloatArray
    upper: FloatArray


class Prediction(NamedTuple):
    """What areas would record at the rate of their groups: `expected` counts with their prediction limits.

    `rate` is the group's pooled rate and `between` the standard deviation between its members beyond chance, both per
    unit of exposure.
    """

    rate: FloatArray
    expected: FloatArray
    lower: FloatArray
    upper: FloatArray
    between: FloatArray


def dispersion(
    counts: ArrayLike, exposures: ArrayLike, *, target: ArrayLike | None = None, winsorised: float = 0.1
) -> Dispersion:
    """The over-dispersion of a group of areas, or of many groups at once: the last axis is the areas of a group.

    `target` is the rate to vary about, by default the pooled rate; with expected counts as exposures, it is a ratio. A
    missing count leaves an area out. Missing where fewer than two areas are known, or where the target is 0.

    Raises ValueError for negative counts or targets, and for exposures that are not above 0 where there is a count.

    Source: Spiegelhalter (2005), Statistics in Medicine 24, 1185-1202.
    """
    events, exposed, known = known_members(counts, exposures)
    areas, given = known.sum(axis=-1), np.nan if target is None else np.asarray(target, dtype=float)
    refuse(("target must be 0 or more", given < 0))
    with np.errstate(invalid="ignore", divide="ignore"):  # areas left out, and groups without any event
        about = events.sum(axis=-1) / exposed.sum(axis=-1) if target is None else np.broadcast_to(given, areas.shape)
        phi, tau = spread(events / exposed, about[..., None], about[..., None] / exposed, winsorised=winsorised)
    return Dispersion(about, phi, tau, areas)


def spread(
    values: ArrayLike, target: ArrayLike, chance_variance: ArrayLike, *, winsorised: float = 0.1
) -> tuple[FloatArray, FloatArray]:
    """The ratio phi of the variance about `target` to that by chance, and the standard deviation tau beyond chance.

    The last axis is the areas of a group; a missing value leaves an area out. `chance_variance` is the variance by
    chance of each value: target/n for a rate, target (1 - target)/n for a proportion. The standardised deviations
    are drawn in to their quantiles at `winsorised` and 1 - `winsorised` (linear between order statistics) before
    they are squared; tau² = (K phi - (K - 1)) ÷ (Σw - Σw²/Σw) with w = 1/chance variance, and not below 0.

    Source: Spiegelhalter (2005), Statistics in Medicine 24, 1185-1202, equations 4 to 10.
    """
    refuse(("winsorised must be at least 0 and below 0.5", not 0 <= winsorised < 0.5))
    points, about, variance = np.broadcast_arrays(
        *(np.asarray(each, float) for each in (values, target, chance_variance))
    )
    z = (points - about) / np.sqrt(variance)
    weight = np.where(np.isnan(z), 0, 1 / variance)
    areas, total = (~np.isnan(z)).sum(axis=-1), weight.sum(axis=-1)
    drawn_in = np.clip(z, _quantile(z, winsorised), _quantile(z, 1 - winsorised))
    with np.errstate(invalid="ignore", divide="ignore"):  # a group of fewer than two areas has no spread
        phi = np.where(areas > 1, np.nansum(drawn_in**2, axis=-1) / areas, np.nan)
        between = (areas * phi - (areas - 1)) / (total - (weight**2).sum(axis=-1) / total)
    return phi, np.sqrt(np.maximum(between, 0))


def funnel_limits(
    exposures: ArrayLike, target: ArrayLike, tau: ArrayLike = 0.0, *, confidence: float = 0.95, per: float = 10_000
) -> FunnelLimits:
    """Limits of rates per `per`: target ± z √(target/n + tau²) at each exposure n, the lower one not below 0.

    `target` and `tau` are per unit of exposure, as `dispersion` gives them. With a tau of 0 these are the limits by
    chance alone, in their normal approximation. Missing where any of the three is.

    Raises ValueError for exposures not above 0, and for a target or tau below 0.

    Source: Spiegelhalter (2005), Statistics in Medicine 24, 1185-1202.
    """
    exposed, about, between = (np.asarray(each, dtype=float) for each in (exposures, target, tau))
    refuse(*_limit_rules(exposed, about), ("tau must be 0 or more", between < 0))
    half = norm.isf((1 - confidence) / 2) * np.sqrt(about / exposed + between**2)
    return FunnelLimits(np.maximum(about - half, 0) * per, (about + half) * per)


def gamma_limits(
    exposures: ArrayLike, target: ArrayLike, tau: ArrayLike = 0.0, *, confidence: float = 0.95, per: float = 10_000
) -> FunnelLimits:
    """Limits of rates per `per` for a count whose true rate is gamma-distributed with mean `target` and deviation tau.

    The count is then negative binomial, and Poisson where tau is 0. With p = (1 - confidence)/2, a count lies above the
    upper limit where the probability of so many or more is below p, and below the lower limit where that of so few or
    fewer is; between whole counts both run on smoothly, as in `chance_limits`. Unlike `funnel_limits` they are as
    skewed as counts and rates are, and so have a lower limit above 0 where low rates are unusual. Arguments, missing
    values and errors are as there.

    Source: the additive model of Spiegelhalter (2005), Statistics in Medicine 24, 1185-1202, section 5, for counts.
    """
    columns = (np.asarray(each, dtype=float) for each in (exposures, target, tau))
    exposed, about, between = np.broadcast_arrays(*columns)
    refuse(*_limit_rules(exposed, about), ("tau must be 0 or more", between < 0))
    by_chance = chance_limits(exposed, about, confidence=confidence, per=per)
    spread, expected, tail = between > 0, about * exposed, (1 - confidence) / 2
    shape = np.where(spread, about, 1.0) ** 2 / np.where(spread, between, 1.0) ** 2
    low, high = (nbdtrik(at, shape, shape / (shape + expected)) for at in (tail, 1 - tail))
    return FunnelLimits(
        np.where(spread, low / exposed * per, by_chance.lower),
        np.where(spread, (high + 1) / exposed * per, by_chance.upper),
    )


def chance_limits(
    exposures: ArrayLike, target: ArrayLike, *, confidence: float = 0.95, per: float = 10_000
) -> FunnelLimits:
    """Limits of rates per `per` by chance alone, exactly: those of a Poisson count with the target as its rate.

    With p = (1 - confidence)/2, a count lies above the upper limit where the probability of so many or more is below
    p, and below the lower limit where that of so few or fewer is; between whole counts both run on smoothly. These are
    the counts whose exact (Garwood) limits just reach the target. `target` is per unit of exposure.

    Raises ValueError for exposures not above 0 and for a target below 0.

    Source: Public Health England's funnel plots for rates; Garwood (1936), Biometrika 28, 437-442.
    """
    exposed, about = np.asarray(exposures, dtype=float), np.asarray(target, dtype=float)
    refuse(*_limit_rules(exposed, about))
    expected, tail = about * exposed, (1 - confidence) / 2
    # Where even a zero is not improbable enough there is no lower limit above 0.
    lower = np.where(np.exp(-expected) >= tail, 0 * expected, pdtrik(tail, np.maximum(expected, -np.log(tail))))
    upper = np.where(expected == 0, 0.0, pdtrik(1 - tail, np.where(expected == 0, 1.0, expected)) + 1)
    return FunnelLimits(lower / exposed * per, upper / exposed * per)


def prediction_from_group(
    group_counts: ArrayLike, group_exposures: ArrayLike, exposure: ArrayLike, *, confidence: float = 0.95
) -> Prediction:
    """The counts that areas of these exposures would record at their groups' pooled rates, with prediction limits.

    `group_counts` and `group_exposures` have a row for each area and a column for each member of its group; a missing
    count leaves a member out. The limits are those of a negative binomial count: they allow for chance in the area, for
    the differences between members and for the uncertainty of both the pooled rate and the differences, which are
    estimated from these few members (`pooling.wary_prior`). Missing where fewer than five members are known, where the
    group has no event, and where the exposure is missing.

    Raises ValueError for negative counts, and for exposures that are not above 0 where there is a count.
    """
    own = np.asarray(exposure, dtype=float)
    refuse(("exposure must be above 0 and finite, or missing", ~np.isnan(own) & ~is_positive(own)))
    events, exposed, _ = known_members(group_counts, group_exposures)
    prior = prior_from_group(group_counts, group_exposures)
    wary = wary_prior(group_counts, group_exposures, confidence=confidence)
    total = np.where(np.isnan(prior.mean), np.nan, exposed.sum(axis=-1))
    rate = events.sum(axis=-1) / total
    # The variance of a new member's rate, and that of the pooled rate, in which the larger members weigh more.
    variance = wary.variance * (1 + (exposed**2).sum(axis=-1) / total**2) + rate / total
    shape, expected, tail = rate**2 / variance, rate * own, (1 - confidence) / 2
    lower, upper = (nbinom.ppf(at, shape, shape / (shape + expected)) for at in (tail, 1 - tail))
    return Prediction(rate, expected, lower, upper, np.sqrt(prior.variance))


def _quantile(values: FloatArray, share: float) -> FloatArray:
    # Like numpy.nanquantile, which loops over rows, and keeps the last axis.
    ordered, last = np.sort(values, axis=-1), (~np.isnan(values)).sum(axis=-1, keepdims=True) - 1
    place = share * np.maximum(last, 0)
    below = np.floor(place).astype(int)
    low = np.take_along_axis(ordered, below, axis=-1)
    return low + (place - below) * (np.take_along_axis(ordered, np.minimum(below + 1, np.maximum(last, 0)), -1) - low)


def _limit_rules(exposures: FloatArray, target: FloatArray) -> list[tuple[str, NDArray[np.bool_]]]:
    return [
        ("exposures must be above 0 and finite, or missing", ~np.isnan(exposures) & ~is_positive(exposures)),
        ("target must be 0 or more and finite, or missing", (target < 0) | np.isinf(target)),
    ]
