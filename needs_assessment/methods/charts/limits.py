"""The centre and limits of each kind of control chart, for one series or for many at once."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import geom, norm

from needs_assessment.methods.charts.rules import (
    FEWEST_POINTS,
    TRIAL_BELOW,
    ControlChart,
    Rule,
    with_signals,
)
from needs_assessment.methods.charts.series import Stretches, stretches
from needs_assessment.methods.rates import FloatArray, is_positive, refuse

MOVING_RANGE_TO_LIMITS = 2.66
"""3 ÷ 1.128, rounded as the handbooks print it."""

RANGE_OF_TWO = 1.128
"""The mean range of two normal values, in standard deviations (d₂)."""

TIME_ROOT = 3.6
"""The root that makes exponential times nearly normal."""

ALL_RULES = tuple(Rule)


class _Lines(NamedTuple):
    centre: FloatArray
    lower: FloatArray
    upper: FloatArray
    near_lower: FloatArray
    near_upper: FloatArray


class Rates(NamedTuple):
    """Rates, the pooled rate of their stretch, its standard error by chance alone, and the distance in those errors."""

    rates: FloatArray
    centre: FloatArray
    error: FloatArray
    deviations: FloatArray


def xmr_chart(
    values: ArrayLike,
    *,
    segments: ArrayLike | None = None,
    screened: bool = True,
    rules: Collection[Rule] = ALL_RULES,
) -> ControlChart:
    """An individuals chart: the mean, with limits 2.66 mean moving ranges away from it on either side.

    `values` are in order of time along the last axis, in any unit; a missing one is a gap, which breaks runs and
    moving ranges. `segments` numbers the stretch of each point: each stretch has a centre and limits of its own
    (rebasing). With `screened`, moving ranges above 3.267 times their mean are left out once. A stretch of fewer than
    6 points has no limits and no signals.

    Raises ValueError, with the positions at fault, for infinite values and for segments that are missing or of
    another shape.

    Source: NHS England, Making data count; Provost and Murray (2011), The Health Care Data Guide, chapter 5.
    """
    series = stretches(values, segments)
    return _chart(series, series.points, _individuals(series, screened), rules)


def u_chart(
    counts: ArrayLike,
    exposures: ArrayLike,
    *,
    segments: ArrayLike | None = None,
    laney: bool = True,
    rules: Collection[Rule] = ALL_RULES,
) -> ControlChart:
    """A chart of counts divided by their exposures: the pooled rate, with limits three standard errors on either side.

    The standard error is Poisson's, √(centre ÷ exposure); with `laney` it is widened by the variation between points
    that chance does not explain (u'). `exposures` are in any unit: in units of 10,000 person-years the chart is of
    rates per 10,000, and 1 makes it a chart of counts. Missing counts are gaps; `segments` and the fewest points are as
    in `xmr_chart`. A limit below 0 is 0, which no rate can fall below.

    Raises ValueError, with the positions at fault, for counts that are negative or infinite, for exposures that are
    not above 0 where there is a count, and for segments that are missing or of another shape.

    Source: Montgomery (2019), Introduction to Statistical Quality Control, section 7.3; Laney (2002), Quality
    Engineering 14, 531-537, whose variation below 1 is here 1: counts do not vary less than chance lets them.
    """
    series, exposure = counted(counts, exposures, segments)
    known = by_chance(series, exposure)
    spread = beyond_chance(series, known.deviations) if laney else 1.0
    return _chart(series, known.rates, _around(known.centre, 3 * known.error * spread, floor=0.0), rules)


def by_chance(series: Stretches, exposure: FloatArray) -> Rates:
    """The rates of counts over exposures, around the pooled rate of their stretch and measured in standard errors."""
    observed = np.where(np.isnan(series.points), np.nan, exposure)
    centre = series.mean(series.points) / series.mean(observed)
    rates, error = series.points / exposure, np.sqrt(centre / exposure)
    with np.errstate(invalid="ignore"):  # where nothing was counted, neither the rate nor its error is above 0
        return Rates(rates, centre, error, (rates - centre) / error)


def beyond_chance(series: Stretches, deviations: FloatArray) -> FloatArray:
    """How much wider than chance the rates of each point's stretch vary (Laney's σ_z), at least 1.

    Missing, and so without limits, where no two neighbours can be compared or nothing was counted.
    """
    return np.maximum(series.mean_moving_range(deviations, screened=True) / RANGE_OF_TWO, 1.0)


def g_chart(
    gaps: ArrayLike, *, segments: ArrayLike | None = None, exact: bool = True, rules: Collection[Rule] = ALL_RULES
) -> ControlChart:
    """A chart of the days, or cases, without an event from one event to the next: their median, with geometric limits.

    `gaps` are whole numbers, 0 or more. The limits are the quantiles of the geometric distribution with the mean of
    the gaps that three standard deviations of a normal variable leave out; with `exact` off, the mean and three
    standard deviations, √(mean × (mean + 1)), as qicharts2 draws them. Gaps between points, `segments` and the fewest
    points are as in `xmr_chart`. A point above the limits is an unusually long time without an event.

    Raises ValueError, with the positions at fault, for gaps that are negative, infinite or not whole, and for segments
    that are missing or of another shape.

    Source: Benneyan (2001), Health Care Management Science 4, 305-318; Anhoej, qicharts2.
    """
    series = stretches(gaps, segments)
    refuse(("gaps must be whole numbers, 0 or more", (series.points < 0) | (series.points % 1 > 0)))
    mean, centre = series.mean(series.points), series.median(series.points)
    lines = _geometric(mean) if exact else _three_deviations(mean)
    return _chart(series, series.points, lines._replace(centre=centre), rules)


def t_chart(
    days_between: ArrayLike, *, segments: ArrayLike | None = None, rules: Collection[Rule] = ALL_RULES
) -> ControlChart:
    """A chart of the time between one event and the next: an individuals chart of its 3.6th root, turned back.

    `days_between` are 0 or more, in any unit of time. Gaps between points, `segments` and the fewest points are as in
    `xmr_chart`. A point above the limits is an unusually long time without an event.

    Raises ValueError, with the positions at fault, for times that are negative or infinite, and for segments that are
    missing or of another shape.

    Source: Nelson (1994), Journal of Quality Technology 26, 239-240; Provost and Murray (2011), chapter 7.
    """
    series = stretches(days_between, segments)
    refuse(("days_between must be 0 or more", series.points < 0))
    rooted = series._replace(points=series.points ** (1 / TIME_ROOT))
    lines = (np.maximum(line, 0.0) ** TIME_ROOT for line in _individuals(rooted, screened=True))
    return _chart(series, series.points, _Lines(*lines), rules)


def counted(counts: ArrayLike, exposures: ArrayLike, segments: ArrayLike | None) -> tuple[Stretches, FloatArray]:
    """The counts in their stretches, and an exposure for each: refused where `u_chart` says so."""
    series = stretches(counts, segments)
    exposure = np.broadcast_to(np.array(exposures, dtype=float), series.points.shape)
    refuse(
        ("counts must be 0 or more", series.points < 0),
        ("exposures must be above 0 where there is a count", ~np.isnan(series.points) & ~is_positive(exposure)),
    )
    return series, exposure


def _individuals(series: Stretches, screened: bool) -> _Lines:
    reach = MOVING_RANGE_TO_LIMITS * series.mean_moving_range(series.points, screened)
    return _around(series.mean(series.points), reach)


def _around(centre: FloatArray, reach: FloatArray, floor: float = -np.inf) -> _Lines:
    sides = (-reach, reach, -reach * 2 / 3, reach * 2 / 3)
    return _Lines(centre, *(np.maximum(centre + side, floor) for side in sides))


def _three_deviations(mean: FloatArray) -> _Lines:
    return _around(mean, 3 * np.sqrt(mean * (mean + 1)), floor=0.0)


def _geometric(mean: FloatArray) -> _Lines:
    # scipy counts the event itself, so that its smallest value is 1, and has no quantiles where every gap is 0.
    probability = np.minimum(1 / (mean + 1), 1 - 1e-12)
    lower, upper, near_lower, near_upper = (geom.ppf(norm.cdf(z), probability) - 1 for z in (-3, 3, -2, 2))
    return _Lines(mean, lower, upper, near_lower, near_upper)


def _chart(series: Stretches, plotted: FloatArray, lines: _Lines, rules: Collection[Rule]) -> ControlChart:
    """The chart with its signals; a stretch of too few points keeps its centre and loses its limits."""
    points = series.size(plotted)
    lower, upper, near_lower, near_upper = (np.where(points < FEWEST_POINTS, np.nan, line) for line in lines[1:])
    signal, trial = np.full(plotted.shape, "", dtype=object), points < TRIAL_BELOW
    chart = ControlChart(plotted, lines.centre, lower, upper, near_lower, near_upper, signal, trial)
    return with_signals(chart, series.numbers, rules)
