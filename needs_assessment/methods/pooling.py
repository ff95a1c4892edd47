"""Rates of small areas drawn towards the rates of a group of similar areas."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import gamma, norm, t

from needs_assessment.methods.rates import FloatArray, is_positive, refuse

FEWEST_MEMBERS = 5
"""Of a smaller group nothing is said: the spread between so few areas is all but unknown."""

_NEWTON_STEPS = 40


class Prior(NamedTuple):
    """What a group says of the rate of one more area like its members, before that area's own count is looked at.

    `mean` and `variance` are those of the members' true rates, `mean_variance` how uncertain that mean is; all per unit
    of exposure. `members` is how many have a known count; the rest is missing where these are fewer than five.
    """

    mean: FloatArray
    variance: FloatArray
    mean_variance: FloatArray
    members: NDArray[np.int64]


class Pooled(NamedTuple):
    """Rates drawn towards the mean of a group, with limits, all of the shape of the counts.

    `own_weight` is the share, 0 to 1, of an area's own rate in its value; the rest is of `towards`, the mean of the
    group and the area together.
    """

    value: FloatArray
    lower: FloatArray
    upper: FloatArray
    own_weight: FloatArray
    towards: FloatArray


def pooled_rate(
    count: ArrayLike,
    person_years: ArrayLike,
    group: tuple[ArrayLike, ArrayLike],
    *,
    confidence: float = 0.95,
    per: float = 10_000,
) -> Pooled:
    """Empirical-Bayes rates per `per` person-years: each area's own rate and its group's mean, weighted.

    `group` holds the counts and the person-years of each area's similar areas without itself, both with a row for each
    area (or one row for all) and a column for each member; a missing count leaves a member out. True rates are taken as
    gamma-distributed, with the moments of group and area together (`wary_prior`), as is usual: without the area, ten
    small members that happen to agree would draw in a large one whatever it shows. The value is the mean of what is
    then believed of the area's rate. The limits are gamma quantiles, with the variance that a known prior would leave,
    that of the group's mean, and Morris's for the estimated weight: 2 (1 - weight)² (own rate - mean)² ÷ (members - 3).

    Missing where the count is, and where fewer than five other members are known or there is no event at all.

    Raises ValueError for negative counts, and for person-years that are not above 0 where there is a count.

    Source: Clayton and Kaldor (1987), Biometrics 43, 671-681; Morris (1983), Journal of the American Statistical
    Association 78, 47-55.
    """
    counts, exposures = np.broadcast_arrays(np.asarray(count, dtype=float), np.asarray(person_years, dtype=float))
    prior = wary_prior(_with_own(group[0], counts), _with_own(group[1], exposures), confidence=confidence)
    enough = ~np.isnan(counts) & (prior.members > FEWEST_MEMBERS)
    own, mean = np.where(enough, counts / exposures, np.nan), prior.mean
    # The posterior of a gamma prior of mean m and variance A: A ÷ (A + m/n) of the own rate, the rest of m.
    own_weight = np.where(enough, prior.variance / (prior.variance + mean / exposures), np.nan)
    value = own_weight * own + (1 - own_weight) * mean
    estimated = prior.mean_variance + 2 * (own - mean) ** 2 / np.maximum(prior.members - 3, 1)
    variance = own_weight * value / exposures + (1 - own_weight) ** 2 * estimated
    lower, upper = _gamma_limits(value, variance, confidence)
    return Pooled(value * per, lower * per, upper * per, own_weight, mean * per)


def prior_from_group(counts: ArrayLike, exposures: ArrayLike, *, inflation: ArrayLike = 1.0) -> Prior:
    """The mean and variance of the true rates in each group, by moments: rows are groups, columns members.

    A member weighs as the inverse of its variance, m/n + A for exposure n; A is where the squared deviations, so
    weighted, add up to members - 1, divided by `inflation`; and not below 0. With an inflation of 1 these are the
    moments of Clayton and Kaldor's gamma model, which are those of Paule and Mandel with m/n for the variance by
    chance; statsmodels has the latter, for one group at a time.

    Missing counts leave a member out. Missing where fewer than five members are known, or where there is no event.

    Raises ValueError for negative counts, and for exposures that are not above 0 where there is a count.

    Source: Clayton and Kaldor (1987), Biometrics 43, 671-681; Paule and Mandel (1982), Journal of Research of the
    National Bureau of Standards 87, 377-385.
    """
    events, exposed, known = known_members(counts, exposures)
    members = known.sum(axis=-1)
    total, exposure = events.sum(axis=-1, keepdims=True), exposed.sum(axis=-1, keepdims=True)
    usable = (members >= FEWEST_MEMBERS) & (total[..., 0] > 0)
    mean = np.where(usable[..., None], total / np.where(exposure > 0, exposure, 1), np.nan)
    squares = ((members - 1) / np.asarray(inflation))[..., None]
    rates, variance = events / np.where(known, exposed, 1), np.zeros_like(mean)
    for _ in range(_NEWTON_STEPS):
        weight = exposed / (mean + variance * exposed)  # 0 for a member that is left out
        mean = (weight * rates).sum(axis=-1, keepdims=True) / weight.sum(axis=-1, keepdims=True)
        spread = weight * (rates - mean) ** 2
        slope = (weight * spread).sum(axis=-1, keepdims=True)
        step = (spread.sum(axis=-1, keepdims=True) - squares) / np.where(slope > 0, slope, np.inf)
        variance = np.maximum(variance + step, 0)
    weight = exposed / (mean + variance * exposed)
    return Prior(mean[..., 0], variance[..., 0], 1 / weight.sum(axis=-1), members)


def wary_prior(counts: ArrayLike, exposures: ArrayLike, *, confidence: float = 0.95) -> Prior:
    """The prior of `prior_from_group`, its variance raised by what so few members leave unknown of mean and spread.

    Limits at `confidence` from a spread estimated of K members need the quantile of Student's t with K - 2 degrees of
    freedom, where a known spread needs that of the normal distribution. The square of their ratio raises chance and
    spread together before chance is taken away: so the spread is raised most where chance hides it, and is seldom 0.
    """
    _, _, known = known_members(counts, exposures)
    members, tail = known.sum(axis=-1), (1 - confidence) / 2
    inflation = (t.isf(tail, np.maximum(members, FEWEST_MEMBERS) - 2) / norm.isf(tail)) ** 2
    return prior_from_group(counts, exposures, inflation=inflation)


def known_members(counts: ArrayLike, exposures: ArrayLike) -> tuple[FloatArray, FloatArray, NDArray[np.bool_]]:
    """Counts and exposures with 0 for a member without a count, and whether each has one.

    Raises ValueError for negative counts, and for exposures that are not above 0 where there is a count.
    """
    events, exposed = np.broadcast_arrays(np.asarray(counts, dtype=float), np.asarray(exposures, dtype=float))
    refuse(*exposure_rules(events, exposed))
    known = ~np.isnan(events)
    return np.where(known, events, 0), np.where(known, exposed, 0), known


def exposure_rules(counts: FloatArray, exposures: FloatArray) -> list[tuple[str, NDArray[np.bool_]]]:
    """The rules, for `refuse`, that every count with an exposure keeps."""
    return [
        ("counts must be 0 or more and finite", (counts < 0) | np.isinf(counts)),
        ("exposures must be above 0 and finite where there is a count", ~np.isnan(counts) & ~is_positive(exposures)),
    ]


def _with_own(members: ArrayLike, own: FloatArray) -> FloatArray:
    group = np.asarray(members, dtype=float)
    return np.concatenate([np.broadcast_to(group, own.shape + group.shape[-1:]), own[..., None]], axis=-1)


def _gamma_limits(mean: FloatArray, variance: FloatArray, confidence: float) -> tuple[FloatArray, FloatArray]:
    tail, shape = (1 - confidence) / 2, mean**2 / variance
    return gamma.ppf(tail, shape) * mean / shape, gamma.isf(tail, shape) * mean / shape
