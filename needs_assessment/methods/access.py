"""How many places there are for each child within reach, where several services and areas share them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from needs_assessment.methods.rates import FloatArray, columns, is_positive, refuse

Weight = Callable[[FloatArray], FloatArray]
"""What a journey of so many minutes counts for: 0 is out of reach."""


def two_step_floating_catchment(
    children: ArrayLike, places: ArrayLike, minutes: ArrayLike, weight: Weight
) -> FloatArray:
    """The places for each child within reach of each origin (origins,); 0 where no site is in reach.

    First the places of each site are divided by the children within its reach; then each origin sums what the sites
    in its own reach have for a child; both weighted by the journey. `children` (origins,) and `places` (sites,) may be
    0; `minutes` (origins, sites) are missing where there is no way. Children times access, summed over the origins, is
    the sum of the places of all sites that any child reaches.

    Missing where the places of a site in reach are, or the children of an origin that shares a site with this one, or
    where a site in reach is in reach of no child at all.

    Raises ValueError, with the positions at fault, for a number below 0, for weights that are not finite and 0 or
    more, and for shapes that do not fit.

    Source: Luo and Wang (2003), Environment and Planning B 30, 865-884; with weights by distance, Luo and Qi (2009),
    Health and Place 15, 1100-1107.
    """
    (number,), (supply,), (journey,) = columns(children=children), columns(places=places), columns(minutes=minutes)
    if number.ndim != 1 or supply.ndim != 1 or journey.shape != (number.size, supply.size):
        raise ValueError("minutes must have a row for each of children and a column for each of places")
    stated = {"children": number, "places": supply, "minutes": journey}
    refuse(*((f"{name} must be 0 or more and finite", ~_is_stated(figures)) for name, figures in stated.items()))
    reach = _weights(journey, weight)
    sharing = _weighted_sum(reach.T, number)
    for_each = np.divide(supply, sharing, out=np.full_like(supply, np.nan), where=sharing > 0)
    return _weighted_sum(reach, for_each)


def within(longest: float) -> Weight:
    """The weight of a plain catchment: 1 for up to `longest` minutes, 0 beyond.

    Raises ValueError unless `longest` is above 0 and finite.

    Source: Luo and Wang (2003), Environment and Planning B 30, 865-884.
    """
    return by_zone([longest], [1.0])


def by_zone(longest: ArrayLike, weights: ArrayLike) -> Weight:
    """The weight of a catchment in zones: that of the first zone whose `longest` minutes are not exceeded, 0 beyond.

    Luo and Qi use zones to 10, 20 and 30 minutes with weights 1, 0.68 and 0.22, or 1, 0.42 and 0.09 where distance
    weighs more. There is no default.

    Raises ValueError for zones that do not follow one another and for weights that are negative.
    """
    ends, values = columns(longest=longest, weights=weights)
    refuse(
        ("longest must be above 0, finite and rising", ~is_positive(ends) | (np.diff(ends, prepend=0.0) <= 0)),
        ("weights must be 0 or more and finite", ~is_positive(values, or_zero=True)),
    )
    beyond = np.append(values, 0.0)
    return lambda minutes: beyond[np.searchsorted(ends, minutes, side="left")]


def _weights(minutes: FloatArray, weight: Weight) -> FloatArray:
    """The weight of each journey; 0 where there is no way."""
    there = ~np.isnan(minutes)
    weights = np.zeros_like(minutes)
    with np.errstate(divide="ignore", invalid="ignore"):  # refused below, with the positions
        weights[there] = weight(minutes[there])
    refuse(("weight must be 0 or more and finite", ~is_positive(weights, or_zero=True)))
    return weights


def _weighted_sum(weights: FloatArray, figures: FloatArray) -> FloatArray:
    # What is out of reach counts for nothing, even where it is missing.
    return np.where(weights > 0, weights * figures, 0.0).sum(axis=1)


def _is_stated(figures: FloatArray) -> Any:
    return is_positive(figures, or_zero=True) | np.isnan(figures)
