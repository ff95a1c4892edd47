"""Series of figures side by side: a row for each series, a column for each period, gaps where a count is missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from needs_assessment.demand.comparison import FIGURE

NAMED = ["area_code", "source_id", "measure", "unit", "exploitation_type"]
FREQUENCIES = {12: "year", 3: "quarter", 1: "month"}
"""What a period of so many whole months is called. Other periods make no series."""
MONTHS = {name: months for months, name in FREQUENCIES.items()}
A_YEAR = {"year": 1, "quarter": 4, "month": 12}
"""Periods in a year."""


@dataclass(frozen=True)
class SeriesSet:
    """Series of one frequency whose periods fall together: arrays of shape (series, periods).

    `named` has a row for each series (columns NAMED); `starts` and `ends` are the first and last days of the periods.
    `count` is NaN where a count is missing or doubtful; `exposure` is person-years, or the length of the period in
    years for a series some of whose areas' residents are not known (`rated` is False). `segment` numbers the stretches
    between recording breaks, and `stated` is where there is a row, whether its count is known or not.
    """

    frequency: str
    named: pd.DataFrame
    starts: pd.DatetimeIndex
    ends: pd.DatetimeIndex
    count: NDArray[np.float64]
    exposure: NDArray[np.float64]
    rated: NDArray[np.bool_]
    segment: NDArray[np.int64]
    stated: NDArray[np.bool_]

    @property
    def times(self) -> NDArray[np.float64]:
        """The middle of each period in years since the first."""
        return np.arange(len(self.starts)) / A_YEAR[self.frequency]

    @property
    def starts_anew(self) -> NDArray[np.bool_]:
        """Whether each period is the first of a new stretch."""
        return np.diff(self.segment, axis=1, prepend=self.segment[:, :1]) > 0

    def only(self, places: NDArray[np.intp]) -> SeriesSet:
        """Some of the series, by their places."""
        arrays = {name: getattr(self, name)[places] for name in ("count", "exposure", "rated", "segment", "stated")}
        return replace(self, named=self.named.iloc[places].reset_index(drop=True), **arrays)

    def with_count(self, count: NDArray[np.float64]) -> SeriesSet:
        """The same series with other counts."""
        return replace(self, count=count)

    def known_from_to(self) -> tuple[pd.DatetimeIndex, pd.DatetimeIndex]:
        """The first day of the first period and the last day of the last one that has a count, for each series."""
        known = np.isfinite(self.count)
        last = known.shape[1] - 1 - known[:, ::-1].argmax(axis=1)
        return self.starts[known.argmax(axis=1)], self.ends[last]

    def ahead(self, periods: int) -> SeriesSet:
        """The next periods of the same series, without counts."""
        step, first = MONTHS[self.frequency], self.starts[-1]
        starts = pd.DatetimeIndex([first + pd.DateOffset(months=step * (number + 1)) for number in range(periods)])
        empty = np.full((len(self.named), periods), np.nan)
        return replace(self, starts=starts, ends=_ends(starts, step), count=empty)

    def long(self, **columns: NDArray[np.generic]) -> pd.DataFrame:
        """A row for each series and period in order: NAMED, frequency, period_start, period_end and the columns."""
        rows, periods = self.count.shape
        table = self.named.loc[self.named.index.repeat(periods)].reset_index(drop=True)
        table = table.assign(
            frequency=self.frequency, period_start=np.tile(self.starts, rows), period_end=np.tile(self.ends, rows)
        )
        return table.assign(**{name: np.asarray(values).reshape(-1) for name, values in columns.items()})


def series_sets(figures: pd.DataFrame) -> Iterator[SeriesSet]:
    """The series of `figures`, one set for each frequency and first month of its periods.

    `figures` has NAMED, period_start, period_end, count, person_years and segment, a number that grows at each
    recording break. A figure that one source states twice makes no point.
    """
    figures = figures.drop_duplicates(FIGURE, keep=False)
    after = figures["period_end"] + pd.Timedelta(days=1)
    first = figures["period_start"]
    months = (after.dt.year - first.dt.year) * 12 + after.dt.month - first.dt.month
    whole = first.dt.day.eq(1) & after.dt.day.eq(1) & months.isin(FREQUENCIES)
    figures, months = figures[whole], months[whole]
    number = figures["period_start"].dt.year * 12 + figures["period_start"].dt.month - 1
    figures = figures.assign(months=months, number=number // months, offset=number % months)
    for (length, _), rows in figures.groupby(["months", "offset"]):
        yield _set(FREQUENCIES[length], rows)


def _set(frequency: str, rows: pd.DataFrame) -> SeriesSet:
    groups = rows.groupby(NAMED, dropna=False, sort=False)
    named = groups.size().reset_index()[NAMED]
    first = rows["number"].min()
    at = (groups.ngroup().to_numpy(), (rows["number"] - first).to_numpy())
    shape = (len(named), int(at[1].max()) + 1)
    count, exposure = (np.full(shape, np.nan) for _ in range(2))
    count[at] = rows["count"].astype(float)
    exposure[at] = rows["person_years"].astype(float)
    rated = ~np.isnan(exposure).all(axis=1) & ~(np.isnan(exposure) & ~np.isnan(count)).any(axis=1)
    exposure[~rated] = 1 / A_YEAR[frequency]
    segment = np.zeros(shape, dtype=np.int64)
    segment[at] = rows["segment"]
    stated = np.zeros(shape, dtype=bool)
    stated[at] = True
    months = MONTHS[frequency]
    starts = pd.date_range(rows["period_start"].min(), periods=shape[1], freq=pd.DateOffset(months=months))
    stretches = np.maximum.accumulate(segment, axis=1)
    return SeriesSet(frequency, named, starts, _ends(starts, months), count, exposure, rated, stretches, stated)


DAYS = ["period_start", "period_end", "before_start", "before_end"]


def stacked(tables: Iterable[pd.DataFrame], columns: Sequence[str]) -> pd.DataFrame:
    """The tables one under the other with these columns: words as text, days as days, also where there is no row."""
    filled = [table[columns] for table in tables if len(table)]
    table = pd.concat(filled, ignore_index=True) if filled else pd.DataFrame(columns=columns, dtype="string")
    table.columns = pd.Index(columns, dtype="str")
    days = [column for column in DAYS if column in columns]
    words = [column for column in columns if table[column].dtype == object and column not in days]
    return table.astype(dict.fromkeys(words, "string") | dict.fromkeys(days, "datetime64[us]"))


def _ends(starts: pd.DatetimeIndex, months: int) -> pd.DatetimeIndex:
    """The last day of each period of so many months."""
    return pd.DatetimeIndex(starts + pd.DateOffset(months=months) - pd.Timedelta(days=1))
