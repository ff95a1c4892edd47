"""What whole series show: trends, what may come next, periods out of the ordinary, and seasons."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from needs_assessment.demand.comparison import FIGURE
from needs_assessment.demand.series import A_YEAR, MONTHS, NAMED, SeriesSet, stacked
from needs_assessment.methods.charts import Rule, choose_chart, u_chart
from needs_assessment.methods.comparison import of_estimate
from needs_assessment.methods.forecast import Variation, backtest, forecast, usual_variation, why_no_forecast
from needs_assessment.methods.school_terms import school_share
from needs_assessment.methods.season import Seasonality, seasonal_ratios
from needs_assessment.methods.trend import since_last_break, trend
from needs_assessment.vocabulary import PER, Verdict

HORIZON = {"year": 2, "quarter": 4, "month": 12}
"""Periods ahead that are forecast."""
SIGNIFICANT = 0.05
"""Seasons that differ as much by chance alone more often than this are not told apart."""
KIND = ["measure", "unit", "exploitation_type"]
TREND = "the 95% limits of the yearly ratio, which allow for chance and for how much figures usually move"
OF_SERIES = [*NAMED, "frequency", "period_start", "period_end"]
TREND_COLUMNS = [*OF_SERIES, "periods", "model", "ratio_per_year", "lower", "upper", "dispersion", "dispersion_p"]
TREND_COLUMNS += ["verdict", "reason", "no_forecast"]
FORECAST_COLUMNS = [*OF_SERIES, "horizon", "count_expected", "lower80", "upper80", "lower95", "upper95"]
FORECAST_COLUMNS += ["value", "value_lower", "value_upper", "backtested", "covered", "model"]
CHART_COLUMNS = [
    *FIGURE,
    "frequency",
    "chart",
    "plotted",
    "centre",
    "lower",
    "upper",
    "signal",
    "trial",
    "events",
    "why",
]
SEASON_COLUMNS = [*NAMED, "frequency", "season", "ratio", "lower", "upper", "periods", "p_value", "school_share"]
SEASON_COLUMNS += ["verdict", "reason"]
RULES = {"year": tuple(Rule)}
"""What makes a point of a chart a signal, where it is not `OFTEN`."""
OFTEN = (Rule.OUTSIDE, Rule.TWO_OF_THREE, Rule.TREND)
"""The rules for longer series, in which seven on one side of the average come too often by chance alone."""


def trends(sets: list[SeriesSet], groups: pd.DataFrame) -> pd.DataFrame:
    """The trend of each series since its last recording break: TREND_COLUMNS.

    ratio_per_year is the rate of one year divided by that of the year before, with 95% limits that allow for how much
    authorities usually change in a year; Higher means rising. Cannot tell where fewer than 5 periods are known.
    no_forecast says why the series has no forecast, and is blank where it has one.
    """
    return stacked([_trends(part, groups) for part in _kinds(sets)], TREND_COLUMNS)


def forecasts(sets: list[SeriesSet], groups: pd.DataFrame) -> pd.DataFrame:
    """The counts to expect in the next 2 years, 4 quarters or 12 months if recording stays as it is: FORECAST_COLUMNS.

    With 80% and 95% limits, and as rates per 10,000 where the children are known. backtested is how many past figures
    of all areas together were forecast in the same way so far ahead, covered the share of them within the 95% limits.
    """
    return stacked([_forecasts(part, groups) for part in _kinds(sets)], FORECAST_COLUMNS)


def control_charts(sets: list[SeriesSet]) -> pd.DataFrame:
    """The points of each series' control chart, and why that chart: CHART_COLUMNS.

    plotted, centre and limits are rates per 10,000 a year where the children are known, else counts. A series without a
    chart keeps its points, and `why` says why it has none.
    """
    return stacked([_charts(series) for series in sets], CHART_COLUMNS)


def seasons(sets: list[SeriesSet]) -> pd.DataFrame:
    """The quarters or months of the year beside the average, for series of quarters and months: SEASON_COLUMNS.

    school_share is the share of the season's weekdays that are school days in England. Higher and Lower are said of a
    season where its limits exclude the average and the seasons as a whole differ by more than chance (p below 0.05).
    """
    found = [_seasons(series, row) for series in sets if series.frequency != "year" for row in range(len(series.named))]
    return stacked(found, SEASON_COLUMNS)


def _kinds(sets: list[SeriesSet]) -> Iterator[SeriesSet]:
    """The series that count the same thing, which usually vary alike, without what lies before their last break."""
    for series in sets:
        for places in series.named.groupby(KIND, dropna=False).indices.values():
            part = series.only(places)
            yield part.with_count(since_last_break(part.count, part.starts_anew))


def _variation(part: SeriesSet, groups: pd.DataFrame) -> Variation:
    """How much such series usually move: as authorities do, where that is known."""
    kind = part.named.iloc[0][KIND]
    same = groups[KIND].fillna("").eq(kind.fillna("")).all(axis=1)
    usual = groups.loc[same, "change_sd"].astype(float).median()
    if part.frequency == "year" and np.isfinite(usual):
        return Variation(float(usual), 0.0)
    return usual_variation(part.count, part.exposure, A_YEAR[part.frequency])


def _trends(part: SeriesSet, groups: pd.DataFrame) -> pd.DataFrame:
    change_sd = _variation(part, groups).change_sd
    found = trend(part.count, part.exposure, part.times, change_sd=change_sd)
    unforecast = why_no_forecast(part.count, part.exposure, A_YEAR[part.frequency])
    words, reasons = of_estimate(1.0, found.lower, found.upper, compared=TREND)
    first, last = part.known_from_to()
    table = part.named.assign(
        frequency=part.frequency,
        period_start=first,
        period_end=last,
        verdict=words.astype(str),
        reason=np.where(pd.isna(found.reason), reasons, found.reason).astype(str),
        no_forecast=pd.array(unforecast, dtype="string"),
        **{name: getattr(found, name) for name in ("periods", "ratio_per_year", "lower", "upper")},
        **{name: getattr(found, name) for name in ("dispersion", "dispersion_p")},
        model=pd.array(found.model, dtype="string"),
    )
    return table[np.isfinite(part.count).any(axis=1)]


def _forecasts(part: SeriesSet, groups: pd.DataFrame) -> pd.DataFrame:
    horizon, a_year = HORIZON[part.frequency], A_YEAR[part.frequency]
    variation = _variation(part, groups)
    found = forecast(part.count, part.exposure, horizon, frequency=a_year, variation=variation)
    past = backtest(part.count, part.exposure, horizon, frequency=a_year, variation=variation)
    ahead = part.ahead(horizon)
    exposure = np.where(part.rated, part.exposure[:, -1], np.nan)[:, None]
    limits = ("lower80", "upper80", "lower95", "upper95")
    table = ahead.long(
        count_expected=found.expected,
        **{name: getattr(found, name) for name in limits},
        value=found.expected / exposure * PER,
        value_lower=found.lower95 / exposure * PER,
        value_upper=found.upper95 / exposure * PER,
        horizon=np.tile(np.arange(1, horizon + 1), len(part.named)),
        backtested=np.tile(past.forecasts, len(part.named)),
        covered=np.tile(past.covered95, len(part.named)),
    )
    return table.assign(model=found.model).dropna(subset="count_expected")


def _charts(series: SeriesSet) -> pd.DataFrame:
    exposure = np.where(series.rated[:, None], series.exposure / PER, 1.0)
    chosen = [
        choose_chart(count, base, segments=segment, period=series.frequency)
        for count, base, segment in zip(series.count, exposure, series.segment, strict=True)
    ]
    chart = u_chart(series.count, exposure, segments=series.segment, rules=RULES.get(series.frequency, OFTEN))
    drawn = np.array([choice.chart.startswith("u") for choice in chosen])[:, None]
    periods = series.count.shape[1]
    table = series.long(
        plotted=chart.plotted,
        **{name: np.where(drawn, getattr(chart, name), np.nan) for name in ("centre", "lower", "upper")},
        signal=np.where(drawn & (chart.signal != ""), chart.signal, np.nan),
        trial=chart.trial & drawn,
        chart=np.repeat([choice.chart for choice in chosen], periods),
        why=np.repeat([choice.why for choice in chosen], periods),
        events=np.repeat([choice.events for choice in chosen], periods),
    )
    return table.dropna(subset="plotted")


def _seasons(series: SeriesSet, row: int) -> pd.DataFrame:
    season = series.starts.month.to_numpy()
    found = seasonal_ratios(series.count[row], series.exposure[row], season, series.times)
    table = series.named.iloc[[row] * len(found.season)].reset_index(drop=True)
    # The year of services begins in April.
    order = np.argsort((found.season.astype(int) - 4) % 12)
    table = table.assign(
        frequency=series.frequency,
        season=[_season_words(int(month), MONTHS[series.frequency]) for month in found.season],
        **{name: getattr(found, name) for name in ("ratio", "lower", "upper", "periods", "p_value")},
        school_share=[_school_share(series, int(month)) for month in found.season],
        verdict=_season_verdicts(found),
        reason=found.reason,
    )
    return table.iloc[order].astype({"reason": "string"})


def _season_verdicts(found: Seasonality) -> NDArray[np.object_]:
    words = of_estimate(1.0, found.lower, found.upper).verdict
    by_chance = (words != Verdict.CANNOT_TELL) & (found.p_value >= SIGNIFICANT)
    return np.where(by_chance, Verdict.SIMILAR, words).astype(str)


def _season_words(month: int, months: int) -> str:
    first = pd.Timestamp(2000, month, 1)
    return f"{first:%B}" if months == 1 else f"{first:%B} to {first + pd.DateOffset(months=months - 1):%B}"


def _school_share(series: SeriesSet, month: int) -> float:
    """The share of weekdays that are school days, over the periods of the series that begin in the month."""
    chosen = series.starts.month == month
    return float(np.mean(school_share(series.starts[chosen], series.ends[chosen])))
