"""Trends of counts over time, for whole tables of series at once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import softmax
from scipy.stats import chi2, norm, t

from needs_assessment.methods.rates import FloatArray, is_positive, refuse

MINIMUM_PERIODS = 5
"""Fewer points leave fewer than three degrees of freedom for the spread, and cannot tell a trend from a step."""

_NEWTON_STEPS = 40


class Trend(NamedTuple):
    """The ratio of each year's rate to that of the year before, one value for each series, with its limits.

    `dispersion` is Pearson's chi-square divided by its degrees of freedom: about 1 where counts scatter about the line
    as chance would have them. `dispersion_p` is the probability of one as large by chance. `model` is `Poisson` where
    the dispersion is 1 or less and `quasi-Poisson` above. `periods` are the periods used. Where there is no trend the
    figures are missing, `model` is None and `reason` says why; everywhere else `reason` is None.
    """

    ratio_per_year: FloatArray
    lower: FloatArray
    upper: FloatArray
    dispersion: FloatArray
    dispersion_p: FloatArray
    model: NDArray[np.object_]
    periods: NDArray[np.int64]
    reason: NDArray[np.object_]


class _Line(NamedTuple):
    """Fitted lines: slopes of the log rate, fitted counts (0 in gaps), and times less their mean over those."""

    slope: FloatArray
    fitted: FloatArray
    centred: FloatArray

    @property
    def information(self) -> FloatArray:
        return (self.fitted * self.centred**2).sum(axis=1)


def trend(
    counts: ArrayLike, exposures: ArrayLike, times: ArrayLike, *, change_sd: ArrayLike = 0.0, confidence: float = 0.95
) -> Trend:
    """Yearly ratios of rates by log-linear regression on time, with limits that allow for more than chance.

    `counts` has a row for each series and a column for each period (one series may be a plain list), `exposures`, such
    as person-years, that shape or one that broadcasts to it, and `times` the middle of each period in years. A missing
    count is a gap. At least 5 periods. A line must not cross a change of recording: see `since_last_break`.

    The limits are the wider of two. First, quasi-Poisson: the scale is the dispersion but never below 1, and quantiles
    are those of t on periods - 2 degrees of freedom. Second, chance and a level that wanders: `change_sd` is the
    standard deviation, beyond chance, of the change of the log rate in a year that series of this kind usually show
    (one number, or one for each series). With `change_sd` 0 the scatter is taken as independent from period to period,
    and a level that merely wanders will often look like a trend.

    Raises ValueError, with the positions of series or periods at fault, for counts below 0, exposures that are not
    above 0 (missing ones where there is a count), times that do not rise, a negative change_sd, and unlike shapes.

    Source: McCullagh and Nelder (1989), Generalized Linear Models, 2nd edition, sections 6.2 and 9.2. The fit is
    written here, not left to statsmodels, because that takes one series at a time; a test holds the two together.
    """
    events, base = count_table(counts, exposures)
    years, wander = np.asarray(times, dtype=float), np.broadcast_to(np.asarray(change_sd, dtype=float), len(events))
    refuse(
        ("times must be one for each period", years.shape != events.shape[1:]),
        ("times must rise and not be missing", ~(np.diff(years, prepend=-np.inf) > 0)),
        ("change_sd must be 0 or more, finite and not missing", ~is_positive(wander, or_zero=True)),
    )
    reason = np.array([_reason(row) for row in events], dtype=object)
    usable = np.array([one is None for one in reason], dtype=bool)
    figures = np.full((5, len(events)), np.nan)
    figures[:, usable] = _figures(events[usable], base[usable], years, wander[usable], confidence)
    ratio, lower, upper, dispersion, dispersion_p = figures
    model = np.where(dispersion > 1, "quasi-Poisson", "Poisson").astype(object)
    model[~usable] = None
    return Trend(ratio, lower, upper, dispersion, dispersion_p, model, np.isfinite(events).sum(axis=1), reason)


def since_last_break(counts: ArrayLike, breaks: ArrayLike) -> FloatArray:
    """The counts with every period before the last recording break of its series missing.

    `breaks` has the shape of `counts` and is true at the first period that was recorded in a new way.
    """
    events, starts = np.atleast_2d(np.asarray(counts, dtype=float)), np.atleast_2d(np.asarray(breaks, dtype=bool))
    refuse(("breaks must have the shape of counts", events.shape != starts.shape))
    still_to_come = np.cumsum(starts[:, ::-1], axis=1)[:, ::-1] - starts
    return np.where(still_to_come > 0, np.nan, events)


def count_table(counts: ArrayLike, exposures: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Counts and exposures as tables of one shape, a row for each series: missing where either is missing.

    Raises ValueError, with the positions of the series at fault, for counts below 0 or infinite, for exposures that
    are not above 0, and for shapes that do not fit.
    """
    events = np.atleast_2d(np.asarray(counts, dtype=float))
    base = np.atleast_2d(np.asarray(exposures, dtype=float))
    refuse(("exposures must have the shape of counts, or one that broadcasts to it", not _fits(base, events)))
    base = np.broadcast_to(base, events.shape)
    refuse(
        ("counts must be 0 or more and finite", ((events < 0) | np.isinf(events)).any(axis=1)),
        ("exposures must be above 0 and finite", ((base <= 0) | np.isinf(base)).any(axis=1)),
    )
    gaps = np.isnan(events) | np.isnan(base)
    return np.where(gaps, np.nan, events), np.where(gaps, np.nan, base)


def _fits(base: FloatArray, events: FloatArray) -> bool:
    return base.ndim == 2 and all(one in (1, full) for one, full in zip(base.shape, events.shape, strict=True))


def _reason(counts: FloatArray) -> str | None:
    """Why a series has no trend: None where it has one."""
    known = counts[np.isfinite(counts)]
    if known.size < MINIMUM_PERIODS:
        return f"fewer than {MINIMUM_PERIODS} periods with a count"
    if not known.any():
        return "no event in any period"
    return "every event in the first or in the last period" if known[[0, -1]].max() == known.sum() else None


def _figures(
    events: FloatArray, base: FloatArray, years: FloatArray, change_sd: FloatArray, confidence: float
) -> FloatArray:
    """Ratios, their limits, dispersions and p-values: a row of each, a column for each series."""
    line, degrees = _line(events, base, years), np.isfinite(events).sum(axis=1) - 2
    square = np.nansum((events - line.fitted) ** 2 / line.fitted, axis=1, where=line.fitted > 0)
    tail, scale = (1 - confidence) / 2, np.maximum(square / degrees, 1)
    by_scatter = t.isf(tail, degrees) * np.sqrt(scale / line.information)
    half = np.maximum(by_scatter, norm.isf(tail) * _wandering_error(line, years, change_sd))
    with np.errstate(over="ignore"):  # a limit beyond all numbers is infinite
        ratios = np.exp([line.slope, line.slope - half, line.slope + half])
    return np.array([*ratios, square / degrees, chi2.sf(square, degrees)])


def _line(events: FloatArray, base: FloatArray, years: FloatArray) -> _Line:
    """The maximum-likelihood lines of series of Poisson counts.

    Given its total, a series is multinomial with shares in proportion to exposure x exp(slope x time). The slope is
    where the mean time of the events is the one expected, found by Newton's steps on all rows at once.
    """
    known = np.isfinite(events)
    size, total = np.log(np.where(known, base, 1)), np.nansum(events, axis=1)
    mean_time, slope = np.nansum(events * years, axis=1) / total, np.zeros(len(events))
    longest_step = 1 / np.diff(years).min(initial=1.0)
    for _ in range(_NEWTON_STEPS):
        shares, centred = _shares(np.where(known, size, -np.inf), slope, years)
        step = (mean_time - (years - centred)[:, 0]) / (shares * centred**2).sum(axis=1)
        slope = slope + np.clip(step, -longest_step, longest_step)
    shares, centred = _shares(np.where(known, size, -np.inf), slope, years)
    return _Line(slope, total[:, None] * shares, centred)


def _shares(size: FloatArray, slope: FloatArray, years: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The share of each period in a series' events, and times less their mean over those shares."""
    shares = softmax(size + slope[:, None] * (years - years.mean()), axis=1)
    return shares, years - (shares * years).sum(axis=1, keepdims=True)


def _wandering_error(line: _Line, years: FloatArray, change_sd: FloatArray) -> FloatArray:
    """The standard error of the slopes under chance and a random walk of the level.

    A step of the level moves every later count: the slope's variance is the sum over steps of the squared weight of
    all later counts, times the variance of the step.
    """
    weights = line.fitted * line.centred
    later = np.cumsum(weights[:, ::-1], axis=1)[:, ::-1][:, 1:]
    walked = change_sd**2 * (later**2 * np.diff(years)).sum(axis=1)
    return np.sqrt(line.information + walked) / line.information
