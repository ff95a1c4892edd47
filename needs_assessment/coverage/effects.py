"""What one change to one service would do to the gap of its police force area, all else as it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from needs_assessment.coverage.forces import ForceFlow, sources_of
from needs_assessment.coverage.need import OLDEST_CHILD, YOUNGEST
from needs_assessment.coverage.taking import ages_taken
from needs_assessment.methods.allocation import Problem, largest_allocations
from needs_assessment.vocabulary import CoverageChange, NeedBasis

MORE_PLACES = 10
EFFECT_COLUMNS = [
    "police_force_area_code",
    "area_code",
    "service_id",
    "service_name",
    "change",
    "on",
    "age_from",
    "age_to",
    "places_before",
    "places_after",
    "gap_before",
    "gap_after",
    "difference",
    "basis",
    "unit",
    "reason",
    "source_id",
]
PLACES_NOT_KNOWN = "its places are not known, so it is taken to have room for all"
YEARS_NOT_KNOWN = "the time in its support is not stated, so its places in a year are not known"
STAFF_NOT_KNOWN = "its staff in post or its places are not stated"
NO_VACANCIES = "no vacancy is stated"
AGES_NOT_KNOWN = "the ages of the need are not known"


@dataclass(frozen=True)
class Change:
    """A change to a service: what it is, the problem that it makes, or why there is none."""

    service: int
    kind: CoverageChange
    problem: Problem | None
    reason: str = ""
    on: pd.Timestamp | None = None
    ages: tuple[int, int] | None = None
    places_after: float = np.nan


def coverage_effects(flows: Sequence[ForceFlow], places: pd.DataFrame, terms: pd.DataFrame) -> pd.DataFrame:
    """The gap of each police force area before and after each change to each of its commissioned services, in
    EFFECT_COLUMNS; a row with a reason where it cannot be worked out.

    Changes are ten more places, the contract ending on the first last day of a term after the services are described,
    its vacancies filled, and opening it to the children under 18 whom its ages leave out. `places` is the table of
    `service_places`, `terms` that of `contract_terms`. Every gap is that of the best allocation: a change that does not
    narrow it may still bring support nearer.
    """
    known = places.set_index("service_id")
    changes = [(flow, change) for flow in flows for change in _changes(flow, known, terms)]
    problems = [flow.problem(flow.everywhere()) for flow in flows]
    asked = [change.problem for _, change in changes if change.problem is not None]
    gaps = [allocation.gap for allocation in largest_allocations([*problems, *asked])]
    before = dict(zip([flow.code for flow in flows], gaps, strict=False))
    after = iter(gaps[len(flows) :])
    rows = [
        _row(flow, change, before[flow.code], next(after) if change.problem else np.nan) for flow, change in changes
    ]
    return _typed(pd.DataFrame(rows, columns=EFFECT_COLUMNS))


def _typed(rows: pd.DataFrame) -> pd.DataFrame:
    numbers = dict.fromkeys(["places_before", "places_after", "gap_before", "gap_after", "difference"], float)
    other = {"age_from": "Int64", "age_to": "Int64", "on": "datetime64[us]"}
    words = dict.fromkeys([name for name in EFFECT_COLUMNS if name not in {*numbers, *other}], "string")
    return rows.astype(numbers | other | words)


def _row(flow: ForceFlow, change: Change, before: float, after: float) -> dict[str, Any]:
    service = flow.service_ids[change.service]
    names = flow.services.set_index("service_id")["service_name"]
    youngest, oldest = change.ages or (pd.NA, pd.NA)
    had = flow.rooms[change.service]
    # Without its places what a service meets now is the most it could meet, and no difference.
    reason = change.reason or (pd.NA if np.isfinite(had) else PLACES_NOT_KNOWN)
    first = flow.cells.iloc[0]
    return {
        "police_force_area_code": flow.code,
        "area_code": flow.code,
        "service_id": service,
        "service_name": names.loc[[service]].iloc[0],
        "change": change.kind.value,
        "on": change.on if change.on is not None else pd.NaT,
        "age_from": youngest,
        "age_to": oldest,
        "places_before": had if np.isfinite(had) else np.nan,
        "places_after": change.places_after,
        "gap_before": before,
        "gap_after": after,
        "difference": after - before if np.isfinite(had) else np.nan,
        "basis": first["basis"],
        "unit": first["unit"],
        "reason": reason,
        "source_id": sources_of(flow.cells),
    }


def _changes(flow: ForceFlow, places: pd.DataFrame, terms: pd.DataFrame) -> Iterator[Change]:
    if flow.cells.empty:
        return
    for service, name in enumerate(flow.service_ids):
        yield _ten_more(flow, service, places.loc[name])
        yield _ended(flow, service, terms[terms["service_id"].eq(name)])
        yield _vacancies(flow, service, places.loc[name])
        yield from _opened(flow, service)


def _ten_more(flow: ForceFlow, service: int, known: pd.Series) -> Change:
    had = flow.rooms[service]
    if not np.isfinite(had):
        reason = PLACES_NOT_KNOWN if np.isnan(known["places"]) else YEARS_NOT_KNOWN
        return Change(service, CoverageChange.TEN_MORE_PLACES, None, reason)
    after = had + _in_unit(flow, MORE_PLACES, known)
    problem = _with_room(flow, service, after)
    return Change(service, CoverageChange.TEN_MORE_PLACES, problem, places_after=after)


def _in_unit(flow: ForceFlow, places: float, known: pd.Series) -> float:
    """Places at one time in the unit of the need: over a year as many children as have their time in them."""
    yearly = flow.cells["basis"].iloc[0] == NeedBasis.ASSESSMENTS
    return places / known["years_in_service"] if yearly else places


def _with_room(flow: ForceFlow, service: int, places: float) -> Problem:
    need, rooms, accepts = flow.problem(flow.everywhere())
    changed = np.array(rooms, dtype=float)
    changed[service] = places
    return Problem(need, changed, accepts)


def _ended(flow: ForceFlow, service: int, terms: pd.DataFrame) -> Change:
    described = flow.services["on"].max()
    coming = terms.loc[terms["ends"].ge(described), "ends"]
    on = coming.min() if len(coming) else terms["ends"].max()
    problem = _with_room(flow, service, 0.0)
    return Change(service, CoverageChange.CONTRACT_ENDS, problem, on=on, places_after=0.0)


def _vacancies(flow: ForceFlow, service: int, known: pd.Series) -> Change:
    if not known["vacancies"] > 0:
        return Change(service, CoverageChange.VACANCIES_FILLED, None, NO_VACANCIES)
    after = _in_unit(flow, known["places_with_vacancies_filled"], known)
    if np.isnan(after):
        return Change(service, CoverageChange.VACANCIES_FILLED, None, STAFF_NOT_KNOWN)
    return Change(service, CoverageChange.VACANCIES_FILLED, _with_room(flow, service, after), places_after=after)


def _opened(flow: ForceFlow, service: int) -> Iterator[Change]:
    """Opening a service to all children younger, and to all older, than it takes now."""
    rows = flow.commissioned[flow.commissioned["service_id"].eq(flow.service_ids[service])]
    youngest, oldest = ages_taken(rows.iloc[0].to_dict())
    for ages in ((YOUNGEST, youngest - 1), (oldest + 1, OLDEST_CHILD)):
        if ages[0] > ages[1]:
            continue
        if not flow.cells["ages_known"].any():
            yield Change(service, CoverageChange.OPENED_TO_AGES, None, AGES_NOT_KNOWN, ages=ages)
            continue
        had = flow.rooms[service]
        after = had if np.isfinite(had) else np.nan
        yield Change(
            service, CoverageChange.OPENED_TO_AGES, _open_to(flow, service, rows, ages), ages=ages, places_after=after
        )


def _open_to(flow: ForceFlow, service: int, rows: pd.DataFrame, ages: tuple[int, int]) -> Problem:
    need, rooms, accepts = flow.problem(flow.everywhere())
    wider = rows.assign(age_from=ages[0], age_to=ages[1], extended_age_to=pd.NA)
    changed = np.array(accepts, dtype=bool)
    changed[:, service] |= flow.accepted_by(wider)[:, service]
    return Problem(need, rooms, changed)
