"""What a service costs for each place or child, always with the number that it is divided by, its unit and its day."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from needs_assessment.services.capacity import years_observed
from needs_assessment.vocabulary import ALL_RESIDENCES, CostPer, PlacesBasis, Unit

CHILDREN_REACHED = "children_reached"
CHILDREN_SUPPORTED = "children_supported"
COST_COLUMNS = [
    *("service_id", "area_code", "per", "cost_gbp", "period_start", "period_end", "denominator", "unit", "value"),
    *("as_at", "source_id", "grounds", "reason"),
]
NO_VALUE = "what it costs in a year is not stated"
NO_PLACES = "places are not known"
NO_TIME = "children supported in a year are not stated, and cannot be worked out from places and years in service"
NO_RETURN = "no return counts the children reached in a period"
OTHER_AREA = "it is counted for another area than the one where the service runs"
WITHHELD = "a count is withheld or was not published"
NOBODY = "nobody was counted"
NO_LEVELS = "the risk levels that it takes are not stated"
NOT_AT_LEVELS = "no count of children at all the risk levels that it takes is published for the area where it runs"
NOT_MET = "the need that it could meet was not worked out"
NO_DAYS = "the days of its contract are not stated, so that the money of that period is not known"
OUTSIDE_TERM = "it was counted outside the firm term of the contract, whose value is not the value of those days"
_SAME_SUM = 0.01
"""The value of the term fits that of a year if it differs by less than this part: pounds are rounded."""
_SERIES = ["source_id", "area_code", "exploitation_type", "scheme", "unit"]


class Denominators(NamedTuple):
    """What money is divided by: release tables `service_places`, and the printed `service_returns` and
    `risk_snapshots`; where each service runs (`service_extents`); and the need met, if it was worked out: service_id,
    met, unit, as_at and source_id.
    """

    places: pd.DataFrame
    returns: pd.DataFrame
    snapshots: pd.DataFrame
    extents: pd.DataFrame
    met: pd.DataFrame | None = None


class Divisor(NamedTuple):
    """A number that money is divided by, or the reason why there is none; `since` is the first day of its period, and
    missing where it is of the day `as_at`.
    """

    number: float = np.nan
    unit: str = ""
    as_at: pd.Timestamp = pd.NaT
    source_id: str = ""
    grounds: str = ""
    reason: str = ""
    since: pd.Timestamp = pd.NaT


class Money(NamedTuple):
    """The value of one year of a service, missing where it is not stated, and the days of its firm term."""

    annual: float
    words: str
    starts: pd.Timestamp
    ends: pd.Timestamp


def service_costs(register: pd.DataFrame, given: Denominators) -> pd.DataFrame:
    """One row for each service for exploited children and each number that its cost can be divided by (`CostPer`), in
    COST_COLUMNS: `value` is pounds for each, `cost_gbp` over `denominator`; `reason` says why there is none.

    `cost_gbp` is the value of one year that the register states, else a year's share of the value of its firm term.
    The two are never added. For children reached it is the part of a year that their return is of, and both lie
    within the firm term. `period_start` and `period_end` are the year of the contract that holds the day `as_at` of
    the number, or the first where it was counted before. For children at the risk levels that it takes, the day is the
    latest before the contract starts, else the nearest; harms are not added, since a child may suffer both. What is
    counted must be of the whole area where the service runs. Rows are in order of service_id: no ranking.
    """
    about = register[register["exploitation_types"].notna() & ~register["reference_only"].astype(bool)]
    rows = [row for service in about.sort_values("service_id").to_dict("records") for row in _rows(service, given)]
    words = ["service_id", "area_code", "per", "unit", "source_id", "grounds", "reason"]
    days = ["period_start", "period_end", "as_at"]
    table = pd.DataFrame(rows, columns=COST_COLUMNS)
    return table.astype(
        dict.fromkeys(words, "string")
        | dict.fromkeys(days, "datetime64[us]")
        | dict.fromkeys(["cost_gbp", "denominator", "value"], "Float64")
    )


def _rows(service: dict[str, Any], given: Denominators) -> Iterator[dict[str, object]]:
    mine = Denominators(*(None if table is None else _of(service, table) for table in given))
    forces, money = mine.extents["police_force_area_code"], _money(service)
    force = forces.iloc[0] if len(forces) else pd.NA
    for per, divisors in _DIVISORS.items():
        for divisor in divisors(service, mine):
            yield {"service_id": service["service_id"], "area_code": force, "per": per.value} | _cost(money, divisor)


def _of(service: dict[str, Any], table: pd.DataFrame) -> pd.DataFrame:
    return table[table["service_id"].eq(service["service_id"])] if "service_id" in table else table


def _cost(money: Money, divisor: Divisor) -> dict[str, object]:
    """The columns of one cost; those of the money are blank where there is no cost for each."""
    reason = _reason(money, divisor)
    known = {
        "denominator": divisor.number,
        "unit": divisor.unit or pd.NA,
        "as_at": divisor.as_at,
        "source_id": divisor.source_id or pd.NA,
        "grounds": divisor.grounds or pd.NA,
    }
    if reason:
        return known | {"reason": reason}
    of_day = pd.isna(divisor.since)
    first, last = _contract_year(money, divisor.as_at) if of_day else (divisor.since, divisor.as_at)
    cost = money.annual * (1 if of_day else years_observed(divisor.since, divisor.as_at))
    paid = {"cost_gbp": cost, "period_start": first, "period_end": last, "value": cost / divisor.number}
    return known | paid | {"grounds": f"{divisor.grounds}; {money.words}"}


def _reason(money: Money, divisor: Divisor) -> str:
    """Why there is no cost for each; nothing where there is one."""
    of_period = not pd.isna(divisor.since)
    faults = {
        NO_VALUE: np.isnan(money.annual),
        divisor.reason: bool(divisor.reason),
        NOBODY: divisor.number == 0,
        NO_DAYS: of_period and (pd.isna(money.starts) or pd.isna(money.ends)),
        # What is counted beforehand is what the contract was made for; afterwards another value holds.
        OUTSIDE_TERM: divisor.as_at > money.ends or (of_period and divisor.since < money.starts),
    }
    return next((reason for reason, holds in faults.items() if holds), "")


def _money(service: dict[str, Any]) -> Money:
    starts, ends = service["contract_start"], service["contract_end"]
    annual, term = (_number(service.get(name)) for name in ("annual_value_gbp", "contract_value_gbp"))
    years = np.nan if pd.isna(starts) or pd.isna(ends) else years_observed(starts, ends)
    if np.isnan(annual):
        return Money(term / years, "a year's share of the value of the firm term", starts, ends)
    fits = np.isnan(term) or np.isnan(years) or abs(term / years / annual - 1) <= _SAME_SUM if annual else True
    words = "the value of one year" + ("" if fits else ", which a stated value of the whole term contradicts")
    return Money(annual, words, starts, ends)


def _contract_year(money: Money, day: pd.Timestamp) -> tuple[pd.Timestamp, pd.Timestamp]:
    """The year of the firm term that holds the day, or the first, or the last that is whole."""
    if any(pd.isna(known) for known in (money.starts, money.ends, day)):
        return pd.NaT, pd.NaT
    whole = max(int(years_observed(money.starts, money.ends)), 1)
    firsts = [money.starts + pd.DateOffset(years=year) for year in range(whole)]
    first = max((start for start in firsts if start <= day), default=firsts[0])
    return first, first + pd.DateOffset(years=1) - pd.Timedelta(days=1)


def _for_places(service: dict[str, Any], mine: Denominators) -> Iterator[Divisor]:
    known = mine.places[mine.places["reason"].isna() & mine.places["places"].notna()]
    for row in known.itertuples(index=False):
        unit = Unit.CHILD if row.places_basis == PlacesBasis.CASELOAD else CostPer.PLACE
        yield Divisor(float(row.places), unit, row.as_at, row.source_id, _basis(row.places_basis))
    if known.empty:
        yield Divisor(reason=NO_PLACES)


def _basis(basis: str) -> str:
    """What places are known from; a caseload says how many children there were, not for how many there is room."""
    return "children in support, taken for its places" if basis == PlacesBasis.CASELOAD else basis


def _for_supported(service: dict[str, Any], mine: Denominators) -> Iterator[Divisor]:
    stated = [one for one in _returned(mine, CHILDREN_SUPPORTED) if years_observed(one.since, one.as_at) == 1]
    known = mine.places[mine.places["reason"].isna() & mine.places["children_a_year"].notna()]
    for row in known.itertuples(index=False):
        grounds = f"{_basis(row.places_basis)}, divided by the mean years in service"
        stated += [Divisor(float(row.children_a_year), Unit.CHILD, row.as_at, row.source_id, grounds)]
    yield min(stated, key=lambda one: bool(one.reason), default=Divisor(reason=NO_TIME))


def _for_reached(service: dict[str, Any], mine: Denominators) -> Iterator[Divisor]:
    yield from list(_returned(mine, CHILDREN_REACHED)) or [Divisor(reason=NO_RETURN)]


def _returned(mine: Denominators, measure: str) -> Iterator[Divisor]:
    """What the latest returns count of children in a period; periods are not added: a child may be in two."""
    counted = mine.returns[mine.returns["measure"].eq(measure) & mine.returns["unit"].eq(Unit.CHILD)]
    counted = counted[counted["basis"].ne("snapshot")]
    latest = counted[counted["period_end"].eq(counted["period_end"].max())]
    whole = latest[latest["area_code"].isin(mine.extents["area_code"].dropna())]
    for row in (whole if len(whole) else latest.head(1)).itertuples(index=False):
        reason = (WITHHELD if pd.isna(row.value) else "") if len(whole) else OTHER_AREA
        grounds = f"{measure.replace('_', ' ')}, as its return counts them"
        number = _number(row.value)
        yield Divisor(number, Unit.CHILD, row.period_end, row.source_id, grounds, reason, row.period_start)


def _at_its_levels(service: dict[str, Any], mine: Denominators) -> Iterator[Divisor]:
    if pd.isna(service["risk_levels"]):
        yield Divisor(reason=NO_LEVELS)
        return
    counts, levels, harms = mine.snapshots, _listed(service["risk_levels"]), _listed(service["exploitation_types"])
    taken = counts[counts["area_code"].isin(mine.extents["area_code"].dropna())]
    taken = taken[taken["exploitation_type"].isin(harms) & taken["risk_level"].isin(levels)]
    published = [
        series[series["as_at"].eq(_day(days, service["contract_start"]))]
        for _, series in taken.groupby(_SERIES)
        if len(days := _days_of_all(series, levels))
    ]
    for rows in published:
        yield from _by_residence(rows, _listed(mine.extents["authorities"].iloc[0]), service)
    if not published:
        yield Divisor(reason=NOT_AT_LEVELS)


def _days_of_all(series: pd.DataFrame, levels: list[str]) -> pd.Index:
    """The days on which a series has a row for each of the levels, wherever the children live."""
    stated = series[series["residence"].eq(ALL_RESIDENCES)].groupby("as_at")["risk_level"].nunique()
    return stated.index[stated.eq(len(levels))]


def _day(days: pd.Index, start: pd.Timestamp) -> pd.Timestamp:
    before = days if pd.isna(start) else days[days <= start]
    return before.max() if len(before) else days.min()


def _by_residence(rows: pd.DataFrame, authorities: list[str], service: dict[str, Any]) -> Iterator[Divisor]:
    """All who were counted at the levels, and those of them who live where the service runs if the split is whole."""
    split = rows["residence"].ne(ALL_RESIDENCES)
    here = rows[split & rows["residence_area_code"].isin(authorities)]
    yield _at_levels(rows[~split], "wherever they live", service)
    if rows["count"].notna().all() and len(here) and rows.loc[split, "count"].sum() == rows.loc[~split, "count"].sum():
        yield _at_levels(here, "who live where it runs", service)


def _at_levels(rows: pd.DataFrame, where: str, service: dict[str, Any]) -> Divisor:
    first, levels = rows.iloc[0], " and ".join(_listed(service["risk_levels"]))
    others = [harm for harm in _listed(service["exploitation_types"]) if harm != first["exploitation_type"]]
    grounds = f"counted at the risk levels {levels} for {first['exploitation_type']}, {where}"
    grounds += f"; {' and '.join(others)}, which it takes too, is not counted" if others else ""
    missing = rows["count"].isna().any()
    number = np.nan if missing else float(rows["count"].sum())
    return Divisor(number, first["unit"], first["as_at"], first["source_id"], grounds, WITHHELD if missing else "")


def _for_need_met(service: dict[str, Any], mine: Denominators) -> Iterator[Divisor]:
    met = [] if mine.met is None else list(mine.met.dropna(subset=["met"]).itertuples(index=False))
    grounds = "the most need that it could meet, and not what it did meet"
    for row in met:
        yield Divisor(float(row.met), row.unit, row.as_at, row.source_id, grounds)
    if not met:
        yield Divisor(reason=NOT_MET)


def _listed(words: str) -> list[str]:
    return str(words).split("|")


def _number(value: Any) -> float:
    return np.nan if value is None or pd.isna(value) else float(value)


_DIVISORS: dict[CostPer, Callable[[dict[str, Any], Denominators], Iterable[Divisor]]] = {
    CostPer.PLACE: _for_places,
    CostPer.CHILD_SUPPORTED: _for_supported,
    CostPer.CHILD_REACHED: _for_reached,
    CostPer.CHILD_AT_ITS_LEVELS: _at_its_levels,
    CostPer.NEED_MET: _for_need_met,
}
