"""Which chart, if any, is honest for a series."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import chi2

from needs_assessment.methods.charts.limits import beyond_chance, by_chance, counted
from needs_assessment.methods.charts.rules import FEWEST_POINTS
from needs_assessment.methods.charts.series import Stretches, stretches
from needs_assessment.methods.rates import FloatArray

RARE_BELOW = 2
"""Events a period, on average, below which counts are not charted: their runs of zeros and ones give false alarms."""

SIGNIFICANT = 0.05

SHOWN_WHOLE = 10
"""Averages from here on are named without decimals."""


class Choice(NamedTuple):
    """The chart (`u'`, `u`, `g`, `XmR` or `none`) and why, in a sentence for a board, without its full stop.

    `events` is the average number of events a period that the sentence names; missing where it names none.
    """

    chart: str
    why: str
    events: float = np.nan


def choose_chart(
    counts: ArrayLike,
    exposures: ArrayLike | None = None,
    *,
    segments: ArrayLike | None = None,
    dated: bool = False,
    period: str = "year",
) -> Choice:
    """The chart whose false alarms are honest for one series at its rate of events, with the reason.

    `counts` are those of periods in order of time, and `period` what one of them is called; `exposures` and `segments`
    are as in `u_chart`, and without exposures all are alike. `dated` says that the events' dates are known. Stretches
    of fewer than 6 points have no limits in any chart and are not looked at; the rarest of the others decides.

    `u'` and `u` are both drawn by `u_chart` as it stands: u is u' where points vary no more than chance lets them. `g`
    is drawn by `g_chart` of the days between events, and `XmR`, for values that are not counts, by `xmr_chart`.

    Raises ValueError for several series, and where `u_chart` does.
    """
    series = stretches(counts, segments)
    if series.points.ndim != 1:
        raise ValueError("counts must be one series")
    points = series.size(series.points)
    charted = np.where(points >= FEWEST_POINTS, series.points, np.nan)
    if np.isnan(charted).all():
        return _too_short(int(points.max(initial=0)), period)
    if not _are_counts(series.points):
        return Choice(
            "XmR", f"XmR chart: not counts of events, so judged by how much one {period} differs from the next"
        )
    _, exposure = counted(counts, 1.0 if exposures is None else exposures, segments)
    if np.nanmin(series.mean(charted)) < RARE_BELOW:
        return _rare(np.nansum(series.points), dated, period)
    return _of_counts(series._replace(points=charted), exposure, period)


def _are_counts(values: FloatArray) -> bool:
    known = values[~np.isnan(values)]
    return bool(((known >= 0) & (known % 1 == 0)).all())


def _too_short(points: int, period: str) -> Choice:
    alike = f"{points or 'no'} {period}{'' if points == 1 else 's'} recorded alike"
    return Choice("none", f"no chart: {alike}, and a chart needs {FEWEST_POINTS}")


def _rare(events: float, dated: bool, period: str) -> Choice:
    reason = f"fewer than {RARE_BELOW} events a {period}, too rare for a chart of counts"
    if not dated:
        return Choice("none", f"no chart: {reason}; days between events where their dates are known")
    if events <= FEWEST_POINTS:
        return Choice(
            "none", f"no chart: {reason}, and {FEWEST_POINTS} or fewer events in all, too few for their days between"
        )
    return Choice("g", f"g chart of the days between events: {reason}")


def _of_counts(series: Stretches, exposure: FloatArray, period: str) -> Choice:
    deviations = by_chance(series, exposure).deviations
    mean = float(np.nanmean(series.points))
    rate = f"about {mean:.{0 if mean >= SHOWN_WHOLE else 1}f} events a {period}"
    if _dispersion_p(series, deviations) < SIGNIFICANT:
        return Choice("u'", f"u' chart: {rate}, and {period}s vary more than chance", mean)
    if (beyond_chance(series, deviations) > 1).any():
        return Choice(
            "u'", f"u' chart: {rate}; {period}s vary little more than chance, and the limits allow for it", mean
        )
    return Choice("u", f"u chart: {rate}, and {period}s vary no more than chance", mean)


def _dispersion_p(series: Stretches, deviations: FloatArray) -> float:
    """The probability that chance alone makes the points of the stretches vary as much around their averages."""
    known = ~np.isnan(series.points)
    freedom = known.sum() - len(np.unique(series.numbers[known]))
    return float(chi2.sf(np.nansum(deviations**2), freedom))
