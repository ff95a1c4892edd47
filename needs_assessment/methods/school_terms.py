"""School days of England: in the terms that are typical, or in an area's own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pandas import DateOffset, Timestamp
from pandas.tseries.holiday import (
    MO,
    AbstractHolidayCalendar,
    EasterMonday,
    GoodFriday,
    Holiday,
    next_monday,
    next_monday_or_tuesday,
)
from pandas.tseries.offsets import Easter

from needs_assessment.methods.rates import FloatArray, refuse
from needs_assessment.vocabulary import Period

DAYS_OPEN = 195
"""Days of term in a school year: 190 with pupils, and five on which teachers train and pupils stay at home."""

Days = NDArray[np.datetime64]
Counts = NDArray[np.int64]


def school_days(first_days: ArrayLike, last_days: ArrayLike, terms: Sequence[Period] | None = None) -> Counts:
    """Days on which pupils are at school from a first to a last day, both counted: of one pair of dates, or of arrays.

    `terms` are the spans in which schools have pupils, without half-terms; if not given, the days typical in England
    (`typical_school_days`). Weekends and bank holidays are no school days.

    Raises ValueError, with the positions at fault, for a missing day and for a last day before its first.
    """
    starts, ends = _span(first_days, last_days)
    if terms is None:
        years = range(_year(starts.min()) - 1, _year(ends.max()) + 1)
        open_days = np.concatenate([typical_school_days(year) for year in years])
    else:
        open_days = np.unique(np.concatenate([_working_days(term.start, term.end) for term in terms]))
    return np.searchsorted(open_days, ends, side="right") - np.searchsorted(open_days, starts, side="left")


def school_share(first_days: ArrayLike, last_days: ArrayLike, terms: Sequence[Period] | None = None) -> FloatArray:
    """The share, from 0 to 1, of the weekdays (bank holidays among them) on which pupils are at school; missing in a
    span without a weekday. Otherwise as `school_days`.
    """
    starts, ends = _span(first_days, last_days)
    weekdays = np.busday_count(starts, ends + 1)
    return np.where(weekdays > 0, school_days(starts, ends, terms) / np.maximum(weekdays, 1), np.nan)


@cache
def typical_school_days(year: int) -> Days:
    """The 190 days with pupils of the school year that begins in September of `year`, as is typical in England.

    Schools open on the first working day from 2 September, for 195 days: until about 21 July. They close for the weeks
    of a Monday from 22 to 28 October and from 12 to 18 February, for that of the last Monday in May, for two weeks from
    the Monday of Christmas Day's week, and for two from the Monday before Easter or, where Easter is early or late, the
    nearest Monday from 29 March to 11 April. Teachers train on the first two days of autumn, on the first of spring and
    of summer term, and on the last of the year.

    Source: 190 days (380 half-day sessions) in the Education (School Day and School Year) (England) Regulations 1999,
    and 195 with five for training in the School Teachers' Pay and Conditions Document. The weeks are a rule fitted to
    councils' published term dates: each council and many schools set their own.
    """
    christmas, spring = _monday(date(year, 12, 25)), _easter_break(year + 1)
    week = timedelta(weeks=1)
    closed = [christmas, christmas + week, spring, spring + week]
    closed += [_monday(day) for day in (date(year, 10, 28), date(year + 1, 2, 18), date(year + 1, 5, 31))]
    working = _working_days(date(year, 9, 2), date(year + 1, 8, 31))
    mondays = np.busday_offset(working, 0, roll="backward", weekmask="Mon")
    open_days = working[~np.isin(mondays, np.array(closed, dtype="datetime64[D]"))][:DAYS_OPEN]
    new_terms = np.searchsorted(open_days, np.array([christmas, spring], dtype="datetime64[D]"))
    days = np.delete(open_days, [0, 1, *new_terms, DAYS_OPEN - 1])
    days.flags.writeable = False  # the next caller is given the same array
    return days


def _easter_break(year: int) -> date:
    """The Monday on which two weeks' holiday begins."""
    earliest, latest = _monday(date(year, 4, 4)), _monday(date(year, 4, 11))
    sunday = (Timestamp(year, 1, 1) + Easter()).date()
    return min(max(sunday - timedelta(days=6), earliest), latest)


class _BankHolidays(AbstractHolidayCalendar):
    """Bank holidays of England and Wales as they fall each year; those moved or added by proclamation are left out."""

    rules = (
        Holiday("New Year's Day", month=1, day=1, observance=next_monday),
        GoodFriday,
        EasterMonday,
        Holiday("Early May", month=5, day=1, offset=DateOffset(weekday=MO(1))),
        Holiday("Spring", month=5, day=31, offset=DateOffset(weekday=MO(-1))),
        Holiday("Summer", month=8, day=31, offset=DateOffset(weekday=MO(-1))),
        Holiday("Christmas Day", month=12, day=25, observance=next_monday),
        Holiday("Boxing Day", month=12, day=26, observance=next_monday_or_tuesday),
    )


def _working_days(first: date, last: date) -> Days:
    """The days from first to last that are neither of a weekend nor bank holidays."""
    days = np.arange(np.datetime64(first, "D"), np.datetime64(last, "D") + 1)
    holidays = _BankHolidays().holidays(Timestamp(first), Timestamp(last)).to_numpy().astype("datetime64[D]")
    return days[np.is_busday(days, holidays=holidays)]


def _monday(day: date) -> date:
    """The Monday of the day's week."""
    return day - timedelta(days=day.weekday())


def _span(first_days: ArrayLike, last_days: ArrayLike) -> tuple[Days, Days]:
    starts, ends = np.broadcast_arrays(*(np.asarray(days, dtype="datetime64[D]") for days in (first_days, last_days)))
    refuse(
        ("days must not be missing", np.isnat(starts) | np.isnat(ends)),
        ("a last day must not be before its first", ends < starts),
    )
    return starts, ends


def _year(day: np.datetime64) -> int:
    return int(day.astype("datetime64[Y]").astype(int)) + 1970
