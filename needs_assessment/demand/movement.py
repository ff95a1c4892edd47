"""How recorded demand moves: from year to year, over years, with the seasons, and where it may go."""

from __future__ import annotations

import numpy as np
import pandas as pd

from needs_assessment.demand.comparison import FIGURE, beside_nation, doubts_of
from needs_assessment.demand.series import A_YEAR, NAMED, SeriesSet, series_sets, stacked
from needs_assessment.methods.change import count_change, percentage_change, usual_change_limits
from needs_assessment.methods.comparison import of_estimate, verdict
from needs_assessment.vocabulary import RecordingFlag

BETWEEN = (RecordingFlag.KNOWN_BREAK, RecordingFlag.OFFSETTING_MOVE, RecordingFlag.JUMP)
"""Flags that say that figures before and after are not of one series."""
USUALLY = "the 95% limits, which allow for chance and for how much authorities usually change in a year"
BY_CHANCE = "the 95% limits, which allow for chance alone"
BROKEN = "the way it is recorded changed in between, or may have"
NOT_SHOWN = "one of the two figures is not shown or is in doubt"


def series_of(rates: pd.DataFrame, flags: pd.DataFrame) -> list[SeriesSet]:
    """The series of the measure table, a set for each frequency, without figures that the screen doubts.

    Withheld and doubtful counts are gaps. A stretch ends at each declared break, offsetting move and jump.
    """
    doubtful = np.any([*_doubts_of_the_figure(rates, flags).values()], axis=0)
    figures = rates.assign(count=rates["count"].astype("Float64").mask(doubtful), segment=_segments(rates, flags))
    return list(series_sets(figures))


def _doubts_of_the_figure(rates: pd.DataFrame, flags: pd.DataFrame) -> dict[str, np.ndarray]:
    """The doubts about a figure itself; a break or a move puts in doubt only what crosses it."""
    about = flags[~flags["flag"].isin([flag.value for flag in BETWEEN])]
    return doubts_of(rates, about)


def _segments(rates: pd.DataFrame, flags: pd.DataFrame) -> np.ndarray:
    """For each figure how many breaks of its series lie before the end of its period."""
    found = flags[flags["flag"].isin([flag.value for flag in BETWEEN])]
    found = found.assign(since=found["changed_on"].fillna(found["period_start"]))
    found = found[[*NAMED, "since"]].drop_duplicates()
    at = rates[[*NAMED, "period_end"]].reset_index(drop=True)
    at = at.assign(row=at.index).merge(found, on=NAMED)
    passed = at[at["since"].le(at["period_end"])].groupby("row").size()
    return passed.reindex(range(len(rates)), fill_value=0).to_numpy()


def changes(sets: list[SeriesSet], groups: pd.DataFrame) -> pd.DataFrame:
    """Each figure beside that of the same period a year before: `CHANGE_COLUMNS`.

    The ratio of the two rates has exact limits. Where it is known how much authorities usually change (`groups`), the
    verdict says whether the ratio lies outside usual_lower to usual_upper; elsewhere whether its own limits exclude 1.
    Higher means risen. Cannot tell where either figure is missing or in doubt, and across a recording break.
    """
    return stacked([_changes(series, groups) for series in sets], CHANGE_COLUMNS)


CHANGE_COLUMNS = [
    *FIGURE,
    "frequency",
    "before_start",
    "before_end",
    "before",
    "after",
    "rate_ratio",
    "lower",
    "upper",
    "p_value",
    "percentage",
    "usual_lower",
    "usual_upper",
    "verdict",
    "reason",
]


def _changes(series: SeriesSet, groups: pd.DataFrame) -> pd.DataFrame:
    table = _paired(series)
    both = table[["before", "after", "exposure_before", "exposure"]].notna().all(axis=1)
    usual = ["change_centre", "change_sd"]
    pairs = beside_nation(table[both], groups, usual).astype(dict.fromkeys(usual, float))
    exposures = {"exposure_before": pairs["exposure_before"], "exposure_after": pairs["exposure"]}
    change = count_change(pairs["before"], pairs["after"], **exposures)
    usual_lower, usual_upper = usual_change_limits(
        pairs["before"], pairs["after"], **exposures, centre=pairs["change_centre"], spread=pairs["change_sd"]
    )
    columns = ["rate_ratio", "lower", "upper", "p_value"]
    pairs = pairs.assign(**{name: getattr(change, name) for name in columns})
    pairs = pairs.assign(
        percentage=percentage_change(pairs["before"], pairs["after"]), usual_lower=usual_lower, usual_upper=usual_upper
    )
    derived = pairs.reindex(table.index)[[*columns, "percentage", "usual_lower", "usual_upper"]].astype(float)
    return _judged(table.join(derived)).astype(dict.fromkeys(["before", "after"], "Int64"))


def _paired(series: SeriesSet) -> pd.DataFrame:
    """A row for each figure with that of a year before: before, after, their exposures, and whether a break lies
    between them.
    """
    lag = A_YEAR[series.frequency]
    table = series.long(
        before=np.roll(series.count, lag, axis=1),
        after=series.count,
        exposure_before=np.roll(series.exposure, lag, axis=1),
        exposure=series.exposure,
        before_start=np.tile(np.roll(series.starts, lag), len(series.named)),
        before_end=np.tile(np.roll(series.ends, lag), len(series.named)),
        broken=series.segment != np.roll(series.segment, lag, axis=1),
        place=np.tile(np.arange(len(series.starts)), len(series.named)),
    )
    # Before its first count a series was not collected, and had nothing to change.
    begun = np.isfinite(series.count).cumsum(axis=1) > 0
    stated = (begun & series.stated & np.roll(series.stated, lag, axis=1)).reshape(-1)
    return table[stated & table["place"].ge(lag)].reset_index(drop=True)


def _judged(table: pd.DataFrame) -> pd.DataFrame:
    known = table["usual_lower"].notna()
    doubts = {NOT_SHOWN: table["before"].isna() | table["after"].isna(), BROKEN: table["broken"]}
    against_usual = verdict(
        table["rate_ratio"], table["usual_lower"], table["usual_upper"], doubts=doubts, compared=USUALLY
    )
    by_chance = of_estimate(1.0, table["lower"], table["upper"], doubts=doubts, compared=BY_CHANCE)
    return table.assign(
        verdict=np.where(known, against_usual.verdict, by_chance.verdict).astype(str),
        reason=np.where(known, against_usual.reason, by_chance.reason).astype(str),
    )
