"""For which periods a source's records can be counted: whole years, or else the days that it says it covers."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd

from needs_assessment.vocabulary import Period

QUARTERS_A_YEAR = 4


def periods_covered(days: pd.Series, data_from: object = pd.NaT, data_to: object = pd.NaT) -> list[Period]:
    """The years ending 31 March that a source holds wholly, oldest first; where it holds none but states its first and
    last day, the days from the one to the other, such as 393.

    What the source states comes before what `days`, the dates of its records, suggest: without it, a year is whole
    where the quarters from the first record to the last hold all four of it.
    """
    if pd.isna(data_from) or pd.isna(data_to):
        return _years_of_records(days)
    stated = Period(pd.Timestamp(data_from).date(), pd.Timestamp(data_to).date())
    return [year for year in _years_about(stated) if _holds(stated, year)] or [stated]


def _years_of_records(days: pd.Series) -> list[Period]:
    quarters = days.dt.to_period("Q")
    span = pd.period_range(quarters.min(), quarters.max())
    held = pd.Series(span.end_time.to_period("Y-MAR")).value_counts(sort=False)
    return [_days_of(year) for year in sorted(held.index[held.eq(QUARTERS_A_YEAR)])]


def _years_about(stated: Period) -> list[Period]:
    return [_days_of(year) for year in pd.period_range(stated.start, stated.end + timedelta(days=365), freq="Y-MAR")]


def _days_of(year: pd.Period) -> Period:
    return Period(year.start_time.date(), year.end_time.date())


def _holds(stated: Period, year: Period) -> bool:
    return stated.contains(year.start) and stated.contains(year.end)
