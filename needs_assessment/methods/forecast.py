"""Forecasts of counts with prediction intervals, and how such intervals did on the past, for tables of series."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import polygamma
from scipy.stats import nbinom

from needs_assessment.methods.rates import FloatArray, refuse
from needs_assessment.methods.screening import gamma_shape, log_rate, spread_between
from needs_assessment.methods.trend import count_table

MINIMUM_PERIODS = {1: 5, 4: 8, 12: 24}
"""The shortest history, in periods with a count, by periods a year: 5 years, 8 quarters or 24 months."""

MINIMUM_CHANGES = 20
"""Fewer changes of a year, over all series together, do not show how much is usual."""

MODEL = "last level (gamma-Poisson)"
SEASONAL_MODEL = "last level with seasons (gamma-Poisson)"

MINIMUM_MEAN = 10
"""Series with fewer events a period on average are left out of the variation: chance hides what they show of it."""

_JEFFREYS = 0.5
_SEASON_SD = 0.2


class Variation(NamedTuple):
    """How much rates vary beyond chance: standard deviations of the logarithm.

    `change_sd` is that of the level's change in a year, which stays; `period_sd` that of one period about the level,
    which passes.
    """

    change_sd: float
    period_sd: float


USUAL = {1: Variation(0.3, 0.1), 4: Variation(0.3, 0.2), 12: Variation(0.3, 0.2)}
"""Stands in, by periods a year, where the series given are too few: about what English authorities' years and police
forces' quarters show (see the method's page)."""


class Forecast(NamedTuple):
    """Expected counts and limits within which the counts should fall: a row for each series, a column for each period.

    Limits are whole counts. Where there is no forecast all are missing and `reason`, one for each series, says why.
    """

    expected: FloatArray
    lower80: FloatArray
    upper80: FloatArray
    lower95: FloatArray
    upper95: FloatArray
    model: str
    reason: NDArray[np.object_]


class Backtest(NamedTuple):
    """For each period ahead: how many past counts were forecast from what came before them, and which share of them
    fell within the limits (missing where none was forecast).
    """

    forecasts: NDArray[np.int64]
    covered80: FloatArray
    covered95: FloatArray


def forecast(
    counts: ArrayLike, exposures: ArrayLike, horizon: int, *, frequency: int = 1, variation: Variation | None = None
) -> Forecast:
    """The counts to expect in the next `horizon` periods, if recording stays as it is, with 80% and 95% limits.

    `counts` has a row for each series and a column for each successive period, `frequency` of them a year (1, 4 or 12);
    a missing count is a gap. `exposures` has the same columns, or also those of the periods ahead; otherwise the last
    stands for them. At least 5 years, 8 quarters or 24 months with a count.

    The rate of a series is a gamma variable. Each count updates it; between periods its logarithm spreads by
    `variation.change_sd`, so that old counts fade and limits widen with the horizon, and no trend is carried forward. A
    future count is then negative binomial. Quarters and months have seasonal factors, drawn towards 1. `variation` is
    measured on the series given if not passed (`usual_variation`): one series alone is too short to show it.

    Raises ValueError for a horizon below 1, an unknown frequency, and as `trend.count_table`.

    Source: the gamma-Poisson local level of Harvey and Fernandes (1989), Journal of Business and Economic Statistics 7,
    407-417, with a random walk of given spread in place of their discount, which would let large counts drift less.
    """
    events, base = _history(counts, exposures, horizon, frequency)
    varied = usual_variation(events, base[:, : events.shape[1]], frequency) if variation is None else variation
    reason = why_no_forecast(events, base[:, : events.shape[1]], frequency)
    usable = np.array([one is None for one in reason], dtype=bool)
    figures = np.full((5, len(events), horizon), np.nan)
    if usable.any():
        figures[:, usable] = _predicted(events[usable], base[usable], frequency, varied)
    expected, lower80, upper80, lower95, upper95 = figures
    model = MODEL if frequency == 1 else SEASONAL_MODEL
    return Forecast(expected, lower80, upper80, lower95, upper95, model, reason)


def why_no_forecast(counts: ArrayLike, exposures: ArrayLike, frequency: int = 1) -> NDArray[np.object_]:
    """For each series why it has no forecast, in words; None where it has one. Arguments and errors as `forecast`."""
    events, _ = count_table(counts, exposures)
    return np.array([_reason(row, frequency) for row in events], dtype=object)


def usual_variation(counts: ArrayLike, exposures: ArrayLike, frequency: int = 1) -> Variation:
    """How much the rates of these series vary beyond chance, from their changes over one year and over two.

    A change of level stays and a passing one does not: over one year the variance is change_sd² + 2 period_sd², over
    two 2 change_sd² + 2 period_sd². Each is measured over all series and periods together, about the median change of
    the period, so that seasons and a common movement do not count (`screening.spread_between`), from series with 10
    events a period or more. `USUAL` where fewer than 20 changes over two years are known.
    """
    events, base = count_table(counts, exposures)
    one, two = (_change_variance(events, base, years * frequency) for years in (1, 2))
    if np.isnan(one + two):
        return USUAL[frequency]
    # Neither part can be negative: a variance that grows by more than double, or not at all, is held to those ends.
    level = min(max(two - one, 0.0), one)
    return Variation(float(np.sqrt(level)), float(np.sqrt((one - level) / 2)))


def backtest(
    counts: ArrayLike, exposures: ArrayLike, horizon: int, *, frequency: int = 1, variation: Variation | None = None
) -> Backtest:
    """How often the limits of `forecast` held the counts of the past, by period ahead, over all series together.

    At every period with the shortest history before it, forecasts are made from what came before and set beside what
    came. Without `variation`, it too is measured only on what came before.
    """
    events, base = _history(counts, exposures, horizon, frequency)
    tally = np.zeros((3, horizon), dtype=np.int64)
    for origin in range(MINIMUM_PERIODS[frequency], events.shape[1]):
        came = events[:, origin : origin + horizon]
        ahead = came.shape[1]
        before, known = events[:, :origin], base[:, : origin + ahead]
        made = forecast(before, known, ahead, frequency=frequency, variation=variation)
        tally[:, :ahead] += _tally(made, came)
    shares = np.where(tally[0] > 0, tally[1:] / np.maximum(tally[0], 1), np.nan)
    return Backtest(tally[0], *shares)


def _tally(made: Forecast, came: FloatArray) -> NDArray[np.int64]:
    """Forecasts that can be checked, and those within the 80% and the 95% limits, by period ahead."""
    checked = np.isfinite(made.expected) & np.isfinite(came)
    within80 = (made.lower80 <= came) & (came <= made.upper80)
    within95 = (made.lower95 <= came) & (came <= made.upper95)
    return np.array([checked.sum(axis=0), within80.sum(axis=0), within95.sum(axis=0)])


def _history(counts: ArrayLike, exposures: ArrayLike, horizon: int, frequency: int) -> tuple[FloatArray, FloatArray]:
    """Counts, and exposures with those of the periods ahead."""
    refuse(
        ("horizon must be 1 or more", horizon < 1),
        (f"frequency must be one of {', '.join(map(str, MINIMUM_PERIODS))}", frequency not in MINIMUM_PERIODS),
    )
    events, base = np.atleast_2d(np.asarray(counts, dtype=float)), np.atleast_2d(np.asarray(exposures, dtype=float))
    periods = events.shape[1]
    if base.shape[1] == 1:
        base = np.repeat(base, periods, axis=1)
    if base.shape[1] == periods:
        base = np.concatenate([base, np.repeat(base[:, -1:], horizon, axis=1)], axis=1)
    refuse(
        ("exposures must have the periods of counts, or also those ahead", base.shape[1] != periods + horizon),
        ("exposures must be above 0 and finite", ((base <= 0) | np.isinf(base)).any(axis=1)),
    )
    events, known_base = count_table(events, base[:, :periods])
    ahead = np.broadcast_to(base[:, periods:], (len(events), horizon))
    return events, np.concatenate([known_base, ahead], axis=1)


def _reason(counts: FloatArray, frequency: int) -> str | None:
    """Why a series has no forecast: None where it has one."""
    shortest = MINIMUM_PERIODS[frequency]
    return f"fewer than {shortest} periods with a count" if np.isfinite(counts).sum() < shortest else None


def _change_variance(events: FloatArray, base: FloatArray, lag: int) -> float:
    """The variance beyond chance of changes of the log rate over so many periods; missing where too few are known."""
    plain = np.nan_to_num(events).sum(axis=1) >= MINIMUM_MEAN * np.isfinite(events).sum(axis=1)
    level, chance = log_rate(events[plain], base[plain])
    change, noise = level[:, lag:] - level[:, :-lag], chance[:, lag:] + chance[:, :-lag]
    known = np.isfinite(change)
    if known.sum() < MINIMUM_CHANGES:
        return np.nan
    heard = known.any(axis=0)
    centred = change[:, heard] - np.nanmedian(change[:, heard], axis=0)
    moves, noises = centred[known[:, heard]], noise[:, heard][known[:, heard]]
    return spread_between(moves, noises) ** 2


def _predicted(events: FloatArray, base: FloatArray, frequency: int, varied: Variation) -> FloatArray:
    """Means and the four limits of the counts ahead, by series and period."""
    periods, ahead = events.shape[1], base.shape[1] - events.shape[1]
    factor, doubt = _seasons(events, base[:, :periods], frequency, varied)
    columns = np.arange(periods + ahead) % frequency
    shape, exposed = _level(events, (base * factor[:, columns])[:, :periods], frequency, varied)
    mean = (shape / exposed)[:, None] * (base * factor[:, columns])[:, periods:]
    walked = varied.change_sd**2 / frequency * np.arange(1, ahead + 1)
    spread = np.sqrt(polygamma(1, shape)[:, None] + walked + varied.period_sd**2 + doubt[:, columns[periods:]])
    size = gamma_shape(spread)
    limits = [nbinom.ppf(share, size, size / (size + mean)) for share in (0.1, 0.9, 0.025, 0.975)]
    return np.array([mean, *limits])


def _level(events: FloatArray, base: FloatArray, frequency: int, varied: Variation) -> tuple[FloatArray, FloatArray]:
    """The gamma distributions of the rates at the last period: their shapes, and the exposures behind them."""
    shape, exposed = np.full(len(events), _JEFFREYS), np.zeros(len(events))
    for count, exposure in zip(events.T, base.T, strict=True):
        wandered = gamma_shape(np.sqrt(polygamma(1, shape) + varied.change_sd**2 / frequency))
        shape, exposed = np.where(exposed > 0, wandered, shape), np.where(exposed > 0, exposed * wandered / shape, 0)
        expected = np.where(exposed > 0, exposure * shape / np.where(exposed > 0, exposed, 1), count)
        # A count that varies by more than chance says less of the level.
        weight = 1 / (1 + expected * varied.period_sd**2)
        shape, exposed = shape + np.nan_to_num(weight * count), exposed + np.nan_to_num(weight * exposure)
    return shape, exposed


def _seasons(events: FloatArray, base: FloatArray, frequency: int, varied: Variation) -> tuple[FloatArray, FloatArray]:
    """Factors of the seasons, with mean 1, and the variances of their logarithms, from the first column's season on.

    A season's factor is the events in it over those expected if each whole year's had spread evenly, drawn towards 1 as
    if the factors of such series had a standard deviation of 0.2.
    """
    years = events.shape[1] // frequency
    by_year, exposure = (
        table[:, -years * frequency :].reshape(len(events), years, frequency) for table in (events, base)
    )
    even = by_year.sum(axis=2, keepdims=True) * exposure / exposure.sum(axis=2, keepdims=True)
    # Beyond chance a quarter differs from its year by what passes, and by how far the level walks within the year.
    beyond = varied.period_sd**2 + varied.change_sd**2 * (1 - frequency**-2) / 6
    weight, prior = 1 / (1 + even * beyond), gamma_shape(_SEASON_SD)
    seen, expected = (prior + np.nansum(weight * table, axis=1) for table in (by_year, even))
    first = events.shape[1] % frequency
    factor, doubt = (np.roll(table, first, axis=1) for table in (seen / expected, polygamma(1, seen)))
    return factor / factor.mean(axis=1, keepdims=True), doubt * (frequency > 1)
