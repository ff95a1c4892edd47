"""What providers report of a period beside the quarter before, the same period a year before, and the target."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from needs_assessment.methods.change import count_change
from needs_assessment.methods.percentages import is_possible_percentage
from needs_assessment.methods.rates import proportion_with_limits
from needs_assessment.methods.school_terms import school_share
from needs_assessment.vocabulary import Unit

CELL = ["service_id", "area_code", "measure", "unit", "basis", "period_start", "period_end"]
"""What makes two figures the same figure: only with all of it equal, but for the period, are two compared."""
KEY = ["source_id", *CELL, "note"]
BEFORE = {"quarter": 3, "year": 12}
"""With what a figure is compared, and how many months before that was."""
BEFORE_WORDS = {"quarter": "the quarter before", "year": "the same period a year before"}
COMPARED = {
    name: [f"{name}_before", f"{name}_before_missing", f"ratio_{name}", f"ratio_{name}_lower", f"ratio_{name}_upper"]
    for name in BEFORE
}
COLUMNS = [
    *(*KEY, "value", "missing", "target", *COMPARED["quarter"], *COMPARED["year"], "of_target"),
    *("school_share", "holiday_quarter", "base", "lower", "upper", "reason"),
]
SNAPSHOT = "snapshot"

PEOPLE_AND_EVENTS = frozenset(
    [Unit.REFERRAL, Unit.CHILD, Unit.VICTIM, Unit.PERSON, Unit.EPISODE, Unit.OFFENCE, Unit.INCIDENT, Unit.EVENT]
)
"""What can come one by one: its number in a period varies by chance at least as a Poisson count does."""
PLANNED = re.compile(r"_(?:reached|trained|delivered|distributed|returned)\b|_in_\w*sample\b")
"""Measures of what a provider sets out to do, or that come by the roomful: no chance of single arrivals is in them."""
OF_WHAT = re.compile(r"_(?:in|of)_\w+$")
"""The end of a measure's name that says of what a per cent is: satisfaction_in_dip_sample."""

USUAL_SCHOOL_SHARE = 190 / (365.25 * 5 / 7)
"""School days of a year among its weekdays."""
HOLIDAY_BELOW = 0.75
"""A quarter with less of the usual school days than this is one of holidays: July to September, and no other."""

PLANNED_REASON = "what is planned, or comes in groups, does not vary as single arrivals do: the ratio has no limits"
SNAPSHOT_REASON = "much of what was there on one day is still there on the other: the ratio has no limits"
PER_CENT_REASON = "per cents are shown beside one another and not divided"
WHOLE_REASON = "not counts of whole things: the ratio has no limits"
HOLIDAY_REASON = "only one of the two quarters has the school summer holidays"
NO_BASE = "the number that it is a share of is not stated"


def return_comparisons(returns: pd.DataFrame) -> pd.DataFrame:
    """Every printed figure of a provider's return with what stands beside it: `COLUMNS`, a row for each row, in order.

    `returns` are the printed figures of a release (table `service_returns`): nothing withheld is known here.

    - quarter_before, year_before: the figure of a period of the same length three or twelve months before, of the same
      service, area, measure, unit and basis, from any source; `…_missing` its symbol where it is not shown. Where
      sources, or one of them, give different figures for that period, none is chosen and `reason` names them. A period
      longer than a quarter would overlap one three months before, so it has a year before only.
    - ratio_…: the figure divided by the one before, taking quarters of 90 and of 92 days as alike. Limits are exact for
      Poisson counts and stand for people and events counted in a period alone: see `reason` for the others. They allow
      for chance and for nothing else, and the figures of siblings or friends who come together vary by more.
    - of_target: the figure as a share of its target; for a cumulative figure, of the year's target so far.
    - school_share: school days among weekdays (typical terms of England); holiday_quarter: a period of at most three
      months with less than 75% of the usual school days, which is the summer.
    - base, lower, upper: of a per cent, the number that the same return states for what the per cent says it is of, if
      it can be a share of it at all; and Wilson's 95% limits in per cent.
    - reason: why figures that are there are not compared, have no limits, or are of unlike seasons. A blank before
      without a symbol means that none was supplied.
    """
    rows = returns.reset_index(drop=True)
    cells = _cells(rows)
    own = rows[CELL].merge(cells, on=CELL, how="left")
    besides = {name: _before(rows, cells, months) for name, months in BEFORE.items()}
    derived = [_compared(rows, own, beside, name) for name, beside in besides.items()]
    bases = pd.DataFrame([_base(row, rows) for row in rows.to_dict("records")], columns=Base._fields)
    reasons = [*(table.pop("reasons") for table in derived), _seasons_apart(rows, derived[0]), bases.pop("reasons")]
    table = pd.concat([rows.reindex(columns=[*KEY, "value", "missing", "target"]), *derived, bases], axis=1)
    table = table.assign(of_target=_ratio(rows["value"], rows["target"]), **_school(rows))
    reason = [_joined(found) for found in zip(*reasons, strict=True)]
    return table.assign(reason=reason).astype(_kinds())[COLUMNS]


def _cells(rows: pd.DataFrame) -> pd.DataFrame:
    """A row for each cell: the different figures printed for it, the one where there is only one, and a symbol where
    there is none.
    """
    grouped = rows.groupby(CELL, dropna=False, sort=False)
    cells = grouped.agg(
        figures=("value", lambda values: tuple(dict.fromkeys(values.dropna()))), symbol=("missing", "first")
    )
    one = [figures[0] if len(figures) == 1 else np.nan for figures in cells["figures"]]
    printed = np.array([bool(figures) for figures in cells["figures"]], dtype=bool)
    symbols = cells["symbol"].astype("string").mask(printed)
    return cells.assign(figure=np.array(one, dtype=float), symbol=symbols).reset_index()


def _before(rows: pd.DataFrame, cells: pd.DataFrame, months: int) -> pd.DataFrame:
    """For each row the cell of the same length so many months before; nothing where the two periods would overlap."""
    earlier = _earlier(rows, months)
    found = earlier.merge(cells, on=CELL, how="left")
    apart = earlier["period_end"].lt(rows["period_start"])
    return found.assign(**{name: found[name].where(apart) for name in ("figures", "figure", "symbol")})


def _earlier(rows: pd.DataFrame, months: int) -> pd.DataFrame:
    """The cells of the rows with the period so many months before."""
    return rows[CELL].assign(
        period_start=rows["period_start"] - pd.DateOffset(months=months),
        # The last day of a month goes to the last day of a month.
        period_end=rows["period_end"] + pd.Timedelta(days=1) - pd.DateOffset(months=months) - pd.Timedelta(days=1),
    )


def _compared(rows: pd.DataFrame, own: pd.DataFrame, beside: pd.DataFrame, name: str) -> pd.DataFrame:
    """The columns of one comparison, and `reasons`."""
    clear = own["figures"].map(len).le(1)
    before = beside["figure"].where(clear)
    ratio = _ratio(rows["value"], before).mask(rows["unit"].eq(Unit.PER_CENT))
    no_limits = [_without_limits(row) for row in rows.to_dict("records")]
    by_chance = ratio.notna() & pd.isna(pd.Series(no_limits, dtype=object)) & before.mod(1).eq(0)
    change = count_change(before.where(by_chance), rows["value"].astype(float).where(by_chance))
    values = [before, beside["symbol"].where(clear), ratio, change.lower, change.upper]
    facts = zip(own["figures"], beside["figures"], before, rows["value"], no_limits, strict=True)
    reasons = [_reason(Facts(*fact), BEFORE_WORDS[name]) for fact in facts]
    return pd.DataFrame(dict(zip(COMPARED[name], values, strict=True))).assign(reasons=pd.Series(reasons, dtype=object))


def _ratio(value: pd.Series, before: pd.Series) -> pd.Series:
    """The quotient; missing where what it would be divided by is missing or 0."""
    divisor = before.astype(float)
    return value.astype(float) / divisor.where(divisor > 0)


def _without_limits(row: dict[str, Any]) -> str | None:
    """Why a ratio of such figures has no limits; None where it has."""
    if row["unit"] == Unit.PER_CENT:
        return PER_CENT_REASON
    if row["basis"] == SNAPSHOT:
        return SNAPSHOT_REASON
    if row["unit"] not in PEOPLE_AND_EVENTS or PLANNED.search(row["measure"]):
        return PLANNED_REASON
    return None if pd.isna(row["value"]) or row["value"] % 1 == 0 else WHOLE_REASON


class Facts(NamedTuple):
    """What decides whether a figure is compared with one before, and how."""

    own: tuple[float, ...]
    others: tuple[float, ...] | float
    before: float
    value: float
    no_limits: str | None


def _reason(facts: Facts, before_words: str) -> str | None:
    """Why a figure is not compared with one that is there, or has a ratio without limits."""
    if not isinstance(facts.others, tuple) or not facts.others or pd.isna(facts.value):
        return None  # there is nothing to compare, which the blank cells say
    if len(facts.own) > 1:
        return f"{_listed(facts.own)} are given for this period, and nothing tells which is right: not compared"
    if len(facts.others) > 1:
        return f"{_listed(facts.others)} are given for {before_words}, and nothing tells which is right: not compared"
    if facts.before == 0 and facts.no_limits != PER_CENT_REASON:
        return f"the figure of {before_words} is 0, so there is no ratio"
    if facts.no_limits is None and facts.before % 1:
        return WHOLE_REASON
    return facts.no_limits


class Base(NamedTuple):
    """Of a per cent: what it is of, its limits in per cent, and why they are missing."""

    base: float = np.nan
    lower: float = np.nan
    upper: float = np.nan
    reasons: str | None = None


def _base(row: dict[str, Any], rows: pd.DataFrame) -> Base:
    """The base and the limits of a row that is a per cent, from the counts of the same return."""
    if row["unit"] != Unit.PER_CENT or pd.isna(row["value"]):
        return Base()
    counts = _counts_of_return(row, rows)
    possible = {name: base for name, base in counts.items() if _can_be_of(row["value"], base)}
    of_what = OF_WHAT.search(row["measure"])
    named = [base for name, base in possible.items() if of_what and name.endswith(of_what[0])]
    if len(named) != 1:
        return Base(reasons=_no_base(counts, possible))
    (base,) = named
    limits = proportion_with_limits(round(row["value"] * base / 100), base)
    return Base(base, 100 * float(limits.lower), 100 * float(limits.upper))


def _counts_of_return(row: dict[str, Any], rows: pd.DataFrame) -> dict[str, float]:
    """The whole numbers above 0 of people or events that one return prints for one service, area and period."""
    same = [rows[name].eq(row[name]) for name in ("source_id", "service_id", "area_code", "period_start", "period_end")]
    counted = rows["unit"].isin(PEOPLE_AND_EVENTS) & rows["value"].gt(0) & rows["value"].mod(1).eq(0)
    counts = rows[np.logical_and.reduce([*same, counted.fillna(False)])]
    return dict(zip(counts["measure"], counts["value"].astype(float), strict=True))


def _no_base(counts: dict[str, float], possible: dict[str, float]) -> str:
    impossible = [f"{base:,.0f} {name.replace('_', ' ')}" for name, base in counts.items() if name not in possible]
    return NO_BASE + (f"; it is no share of the {' or of the '.join(impossible)}" if impossible else "")


def _can_be_of(percentage: float, base: float) -> bool:
    """Whether a whole number of `base` makes the per cent, to the decimals that it is written with."""
    if not 0 <= percentage <= 100:
        return False
    decimals = len(f"{percentage:.10g}".partition(".")[2])
    return bool(is_possible_percentage(percentage, decimals, int(base)))


def _school(rows: pd.DataFrame) -> dict[str, pd.Series]:
    """The share of weekdays on which pupils are at school, of periods and not of days; and whether it is a holiday
    quarter.
    """
    period = rows["basis"].ne(SNAPSHOT)
    share = pd.Series(np.nan, index=rows.index)
    if period.any():
        share[period] = school_share(rows.loc[period, "period_start"], rows.loc[period, "period_end"])
    short = rows["period_end"].lt(rows["period_start"] + pd.DateOffset(months=3))
    return {"school_share": share, "holiday_quarter": short & share.lt(HOLIDAY_BELOW * USUAL_SCHOOL_SHARE)}


def _seasons_apart(rows: pd.DataFrame, compared: pd.DataFrame) -> list[str | None]:
    """For each row the reason to be careful where a quarter of holidays is compared with one that is none."""
    apart = _school(rows)["holiday_quarter"] != _school(_earlier(rows, BEFORE["quarter"]))["holiday_quarter"]
    return [HOLIDAY_REASON if unlike else None for unlike in apart & compared["ratio_quarter"].notna()]


def _listed(figures: tuple[float, ...]) -> str:
    words = [f"{figure:,.10g}" for figure in figures]
    return " and ".join([", ".join(words[:-1]), words[-1]])


def _joined(reasons: Iterable[str | None]) -> str | None:
    return "; ".join(dict.fromkeys(reason for reason in reasons if isinstance(reason, str))) or None


def _kinds() -> dict[str, Any]:
    symbols = [f"{name}_before_missing" for name in BEFORE]
    numbers = ["value", "target", *(f"{name}_before" for name in BEFORE)]
    ratios = [column for columns in COMPARED.values() for column in columns[2:]]
    return (
        dict.fromkeys(["missing", "reason", *symbols], "string")
        | dict.fromkeys([*numbers, "base"], "Float64")
        | dict.fromkeys([*ratios, "of_target", "school_share", "lower", "upper"], "float64")
        | {"holiday_quarter": "bool"}
    )
