"""Seasons of the year in counts of quarters and months."""

from __future__ import annotations

import warnings
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import statsmodels.api as sm
from numpy.typing import ArrayLike, NDArray
from scipy.special import softmax
from scipy.stats import f, t
from statsmodels.tools.sm_exceptions import PerfectSeparationWarning

from needs_assessment.methods.rates import FloatArray, refuse
from needs_assessment.methods.trend import count_table

MINIMUM_YEARS = 2
"""Each season must have been seen this often, or a season cannot be told from a single event."""

MINIMUM_EVENTS = 5
"""With fewer events for each season, over all years, ratios are left to chance."""


class Seasonality(NamedTuple):
    """Each season's rate divided by the mean over the seasons, with limits, in ascending order of `season`.

    `p_value` is the probability of seasons as unlike as these if there were none, `periods` the periods used of each
    season. Without a result, the figures are missing and `reason` says why; otherwise it is None.
    """

    season: NDArray[np.object_]
    ratio: FloatArray
    lower: FloatArray
    upper: FloatArray
    p_value: float
    periods: NDArray[np.int64]
    reason: str | None


def seasonal_ratios(
    counts: ArrayLike, exposures: ArrayLike, seasons: ArrayLike, times: ArrayLike, *, confidence: float = 0.95
) -> Seasonality:
    """How far each season of the year lies above or below the average, beside a log-linear trend, from one series.

    All arrays have one value for each period: `exposures` such as person-years or days, `seasons` the quarter or month
    of the year as sortable labels, `times` the middle of the period in years. A missing count or exposure is a gap.
    Every season must have been seen twice and have had an event, with 5 events for each season on average. Limits and
    test are quasi-Poisson: the scale is Pearson's dispersion, never below 1, with quantiles of t and of F.

    Raises ValueError, with positions, for counts below 0, exposures not above 0, missing times and seasons, and lengths
    that differ.

    Source: McCullagh and Nelder (1989), Generalized Linear Models, 2nd edition, chapters 6 and 9, as statsmodels fits.
    """
    events, base, labels, years = _periods(counts, exposures, seasons, times)
    known = np.isfinite(events)
    names, position = np.unique(labels, return_inverse=True)
    periods = np.bincount(position[known], minlength=len(names))
    reason = _reason(periods, np.bincount(position[known], weights=events[known], minlength=len(names)))
    if reason:
        nothing = np.full(len(names), np.nan)
        return Seasonality(names, nothing, nothing, nothing, np.nan, periods, reason)
    figures = _fitted(events[known], base[known], (position[known], years[known]), confidence)
    return Seasonality(names, *figures, periods=periods, reason=None)


def same_season_last_year(first_days: ArrayLike) -> NDArray[np.int64]:
    """The position, for each period, of the one that began a year earlier, or -1 where there is none: to compare a
    quarter or month with the same one a year before, which seasons cannot disturb.

    Raises ValueError for first days that are missing or repeated.
    """
    days = pd.DatetimeIndex(np.asarray(first_days, dtype="datetime64[D]"))
    refuse(
        ("first_days must not be missing", np.asarray(days.isna())),
        ("first_days must not repeat", np.asarray(days.duplicated())),
    )
    return days.get_indexer(days - pd.DateOffset(years=1)).astype(np.int64)


def _periods(*columns: ArrayLike) -> tuple[FloatArray, FloatArray, NDArray[np.object_], FloatArray]:
    """Counts, exposures, seasons and times as arrays of one length, without what cannot be."""
    counts, exposures, seasons, times = columns
    (events,), (base,) = count_table(np.ravel(np.asarray(counts, dtype=float)), exposures)
    labels, years = np.asarray(seasons), np.asarray(times, dtype=float)
    refuse(("seasons and times must be one for each period", not events.shape == labels.shape == years.shape))
    refuse(
        ("seasons must not be missing", pd.isna(labels)),
        ("times must be finite and not missing", ~np.isfinite(years)),
    )
    return events, base, labels, years


def _reason(periods: NDArray[np.int64], events: NDArray[Any]) -> str | None:
    """Why no seasons can be told: None where they can."""
    if len(periods) < 2 or periods.min() < MINIMUM_YEARS:
        return f"fewer than {MINIMUM_YEARS} years of every season"
    if events.mean() < MINIMUM_EVENTS:
        return f"fewer than {MINIMUM_EVENTS} events for each season over all years"
    return None if events.all() else "a season without any event"


def _fitted(
    events: FloatArray, base: FloatArray, when: tuple[NDArray[np.int64], FloatArray], confidence: float
) -> tuple[FloatArray, FloatArray, FloatArray, float]:
    """Ratios of the seasons to their mean, their limits, and the p-value of any seasonality."""
    position, years = when
    slope = (years - years.mean())[:, None]
    dummies = (position[:, None] == np.unique(position)).astype(float)
    seasons, family = dummies.shape[1], sm.families.Poisson()
    with warnings.catch_warnings():
        # An exact fit is no fault here: the scale is never below 1.
        warnings.simplefilter("ignore", PerfectSeparationWarning)
        plain = sm.GLM(events, np.hstack([np.ones_like(slope), slope]), family, exposure=base).fit()
        full = sm.GLM(events, np.hstack([dummies, slope]), family, exposure=base).fit()
    scale = max(full.pearson_chi2 / full.df_resid, 1.0)
    p_value = f.sf((plain.deviance - full.deviance) / (seasons - 1) / scale, seasons - 1, full.df_resid)
    ratio, error = _to_the_mean(full.params[:seasons], full.cov_params()[:seasons, :seasons] * scale)
    half = t.isf((1 - confidence) / 2, full.df_resid) * error
    return ratio, ratio * np.exp(-half), ratio * np.exp(half), float(p_value)


def _to_the_mean(logs: FloatArray, covariance: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Rates divided by their mean, from logarithms and their covariance, with standard errors of the logarithms.

    The logarithm of such a ratio moves with its own, less all weighted by their shares in the sum (delta method).
    """
    shares = softmax(logs)
    weights = np.eye(len(logs)) - shares
    return len(logs) * shares, np.sqrt(np.diag(weights @ covariance @ weights.T))
