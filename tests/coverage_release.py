"""A small release with the tables on need and services, made by hand: every number can be counted in this file.

Every place, source, service and count here is made up. The numbers are those of one story: in First 40 assessments
recorded CSE and 25 CCE. Branch (30 places in a year) takes ages 10 to 17 of CSE in both authorities; Harbour is
commissioned for CCE and nobody states its places; Lantern, bought one place at a time, would take younger children.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import pandas as pd
from small_evidence import BASE, FIRST, FORCE, PUBLIC, SECOND
from small_release import small_release

from needs_assessment.area_view import AreaView
from needs_assessment.release import Release
from needs_assessment.vocabulary import CostPer, CoverageChange, CutKind, FundingStatus, NeedBasis, PlacesBasis

AREAS = [{"police_force_area_code": FORCE, "police_force_area_name": "Both", **row} for row in BASE["areas"]]
BRANCH, HARBOUR, LANTERN = "branch", "harbour", "lantern"
SERVICES = [
    {"service_id": BRANCH, "service_name": "Branch", "age_from": "10", "age_to": "17", "extended_age_to": "24"}
    | {"extended_if": "additional needs", "works_with": "victims|at risk", "self_referral": "true", "posts": "3.5"}
    | {"commissioners": "One|Two", "pooled_budget": "true", "partners": "A partner", "tier": "specialist"}
    | {"contract_start": "2022-01-01", "contract_end": "2024-12-31", "contract_precision": "day", "vacancies": "1"}
    | {"extension_months": "12|12", "annual_value_gbp": "90000", "contract_value_gbp": "270500", "places": "15"},
    {"service_id": HARBOUR, "service_name": "Harbour", "exploitation_types": "CCE"},
    {"service_id": LANTERN, "service_name": "Lantern"},
]
PLACED = [
    {"service_id": BRANCH},
    {"service_id": BRANCH, "area_code": SECOND},
    {"service_id": HARBOUR},
    {"service_id": LANTERN, "funding": "spot purchase"},
]
EVIDENCE = BASE | {"areas": AREAS, "services": SERVICES, "service_areas": PLACED}

PLACE = ["area_code", "police_force_area_code", "exploitation_type"]
YEAR = {"period_start": pd.Timestamp("2023-04-01"), "period_end": pd.Timestamp("2024-03-31")}
COUNTED = {"basis": NeedBasis.ASSESSMENTS.value, "unit": "episode", **YEAR}
UNDER_REVIEW = {"basis": NeedBasis.UNDER_REVIEW.value, "unit": "child"} | dict.fromkeys(YEAR, YEAR["period_end"])
PERIOD = ["basis", "unit", "period_start", "period_end"]
COLUMNS: dict[str, list[str]] = {
    "need": [
        *(*PLACE, *PERIOD, "scheme", "risk_level", "age_from", "age_to", "ages_known", "children", "counted"),
        *("source_id", "missing", "reason"),
    ],
    "service_places": [
        *("service_id", "service_name", "places", "places_basis", "as_at", "staff", "vacancies", "children_per_worker"),
        *("places_with_vacancies_filled", "years_in_service", "children_a_year", "holds_places", "source_id", "reason"),
    ],
    "coverage_holes": [
        *("area_code", "exploitation_type", "scheme", "risk_level", "age_from", "age_to", "funding", "services", "on"),
    ],
    "coverage_grades": ["area_code", "exploitation_type", *PERIOD, "funding", "need", "share"],
    "coverage_flow": [
        *(*PLACE, *PERIOD, "on", "need", "need_lower", "need_upper", "eligible", "commissioned", "met", "gap"),
        *("gap_lower", "gap_upper", "met_proportional", "gap_proportional", "no_service", "too_few_places", "places"),
        *("services_counted", "services_without_places", "reason", "missing"),
    ],
    "coverage_cuts": [
        *("police_force_area_code", "area_code", "kind", "exploitation_types", "area_codes", "risk_levels", "age_from"),
        *("age_to", "service_ids", "need", "places", "gap", "lower", "upper", "basis", "unit"),
    ],
    "coverage_effects": [
        *("police_force_area_code", "area_code", "service_id", "service_name", "change", "on", "age_from", "age_to"),
        *("places_before", "places_after", "gap_before", "gap_after", "difference", "basis", "unit", "reason"),
    ],
    "service_costs": [
        *("service_id", "area_code", "per", "cost_gbp", "period_start", "period_end", "denominator", "unit", "value"),
        *("as_at", "source_id", "grounds", "reason"),
    ],
    "service_load": [
        *("service_id", "area_code", "source_id", "period_start", "period_end", "referrals_a_year"),
        *("years_in_service", "places", "load", "places_needed", "workers_needed", "waiting", "weeks_waiting"),
        *("weeks_target", "places_to_clear_waiting_in_a_year", "reason"),
    ],
    "travel_access": [
        *("service_id", "origin_code", "area_code", "children", "nearest_minutes", "places_per_thousand_children"),
        *("within_minutes", "source_id"),
    ],
}
"""The columns of the release's tables on need and services."""
DAYS = ("on", "as_at", "period_start", "period_end")
WHOLE = ("counted", "age_from", "age_to", "services_counted", "services_without_places")
WORDS = (
    *("area_code", "police_force_area_code", "exploitation_type", "exploitation_types", "area_codes", "risk_levels"),
    *(
        "basis",
        "unit",
        "scheme",
        "risk_level",
        "source_id",
        "missing",
        "reason",
        "service_id",
        "service_name",
        "funding",
    ),
    *("services", "kind", "service_ids", "change", "per", "grounds", "places_basis", "origin_code"),
)

Rows = Sequence[Mapping[str, Any]]


def frame(table: str, rows: Rows = ()) -> pd.DataFrame:
    """The rows as the table of a release; what a row does not say is missing."""
    columns = COLUMNS[table]
    full = pd.DataFrame([dict(row) for row in rows], columns=columns)
    kinds: dict[str, Any] = dict.fromkeys(columns, "float64")
    kinds |= dict.fromkeys(DAYS, "datetime64[us]") | dict.fromkeys(WHOLE, "Int64") | dict.fromkeys(WORDS, "string")
    kinds |= {"ages_known": "boolean", "holds_places": "boolean"}
    kinds |= {"need": "Int64"} if table == "coverage_flow" else {}
    return full.astype({name: kind for name, kind in kinds.items() if name in columns})


ON = pd.Timestamp("2024-06-30")
"""The day that services are described for: that on which the source of the least evidence was published."""


def flow(area: str, harm: str | None, **numbers: Any) -> dict[str, Any]:
    """A row of the flow; what could be met is stated, and nothing is added up here."""
    return {
        "area_code": area,
        "police_force_area_code": FORCE,
        "exploitation_type": harm,
        "on": ON,
        **COUNTED,
    } | numbers


def worked_out(*numbers: float) -> dict[str, Any]:
    """The numbers of a flow, in the order of the columns of the table."""
    names = COLUMNS["coverage_flow"]
    return dict(zip(names[names.index("need") : names.index("reason")], numbers, strict=True))


NONE = float("nan")
# The limits of needs are R's poisson.test(40) and so on, to one decimal; those of gaps are made up.
FIRST_CSE = flow(FIRST, "CSE", **worked_out(40, 28.6, 54.5, 37, 36, 30, 10, 4.2, 21.3, 27, 13, 4, 6, 30, 1, 0))
FIRST_CCE = flow(FIRST, "CCE", **worked_out(25, 16.2, 36.9, 25, 25, 25, 0, 0, 0, 25, 0, 0, 0, NONE, 1, 1))
SECOND_CSE = flow(SECOND, "CSE", reason="a count of need is withheld", missing="c")
FORCE_CSE = flow(FORCE, "CSE", **worked_out(44, 32.0, 59.1, 41, 39.5, 30, 14, 7.1, 26.4, 29, 15, 4.5, 9.5, 30, 1, 0))
FORCE_CSE |= {"reason": "a count of need is withheld", "missing": "c"}
FORCE_CCE = FIRST_CCE | {"area_code": FORCE}
FORCE_BOTH = flow(FORCE, None, **worked_out(69, 53.7, 87.3, 66, 64.5, 55, 14, 7.1, 26.4, 54, 15, 4.5, 9.5, 30, 2, 1))
CUT = {"police_force_area_code": FORCE, "area_code": FORCE, **{name: COUNTED[name] for name in ("basis", "unit")}}
EFFECT = {"gap_before": 14, **CUT}
EVERYTHING: dict[str, Rows] = {
    "need": [
        flow(FIRST, harm, risk_level=None, age_from=0, age_to=17, children=counted, counted=counted, source_id=PUBLIC)
        for harm, counted in (("CSE", 40), ("CCE", 25))
    ],
    "service_places": [
        {"service_id": LANTERN, "places_basis": PlacesBasis.NOT_KNOWN, "reason": "nothing is stated"},
        {"service_id": HARBOUR, "places_basis": PlacesBasis.NOT_KNOWN, "reason": "nothing is stated"},
        {"service_id": BRANCH, "places": 15, "places_basis": PlacesBasis.STATED, "as_at": ON, "staff": 2.5}
        | {"vacancies": 1, "places_with_vacancies_filled": 21, "years_in_service": 0.5, "children_a_year": 30}
        | {"source_id": PUBLIC},
    ],
    "coverage_holes": [
        {"area_code": FIRST, "exploitation_type": "CSE", "on": ON, **hole}
        for hole in (
            {"age_from": 5, "age_to": 9, "funding": FundingStatus.SPOT_PURCHASE, "services": "Lantern"},
            {"age_from": 0, "age_to": 4, "funding": FundingStatus.NONE, "services": ""},
        )
    ],
    "coverage_grades": [
        {"area_code": FIRST, "exploitation_type": "CSE", **COUNTED, "funding": status, "need": need, "share": need / 40}
        for status, need in (("none", 3), ("spot purchase", 1), ("commissioned", 36))
    ]
    + [
        {"area_code": FIRST, "exploitation_type": "CCE", **COUNTED, "funding": status, "need": need, "share": need / 25}
        for status, need in (("none", 0), ("spot purchase", 0), ("commissioned", 25))
    ],
    "coverage_flow": [FORCE_BOTH, FORCE_CCE, FORCE_CSE, SECOND_CSE, FIRST_CCE, FIRST_CSE],
    "coverage_cuts": [
        CUT
        | {"kind": CutKind.TOO_FEW_PLACES, "exploitation_types": "CSE", "area_codes": f"{FIRST}|{SECOND}"}
        | {"age_from": 10, "age_to": 17, "service_ids": BRANCH, "need": 39.5, "places": 30, "gap": 9.5}
        | {"lower": 3.1, "upper": 19.7},
        CUT
        | {"kind": CutKind.NO_SERVICE, "exploitation_types": "CSE", "area_codes": FIRST, "risk_levels": "medium|high"}
        | {"age_from": 9, "age_to": 9, "need": 4.5, "places": 0, "gap": 4.5, "lower": 1.2, "upper": 11.3},
    ],
    "coverage_effects": [
        EFFECT
        | {"service_id": HARBOUR, "change": CoverageChange.TEN_MORE_PLACES, "reason": "its places are not known"},
        EFFECT
        | {"service_id": BRANCH, "change": CoverageChange.OPENED_TO_AGES, "age_from": 0, "age_to": 9}
        | {"places_before": 30, "places_after": 30, "gap_after": 14, "difference": 0},
        EFFECT
        | {"service_id": BRANCH, "change": CoverageChange.CONTRACT_ENDS, "on": pd.Timestamp("2024-12-31")}
        | {"places_before": 30, "places_after": 0, "gap_after": 44, "difference": 30},
        EFFECT
        | {"service_id": BRANCH, "change": CoverageChange.TEN_MORE_PLACES, "places_before": 30, "places_after": 40}
        | {"gap_after": 4.5, "difference": -9.5},
    ],
    "service_costs": [
        {"service_id": HARBOUR, "per": CostPer.PLACE, "reason": "no places are stated"},
        {"service_id": BRANCH, "per": CostPer.PLACE, "cost_gbp": 90000, "denominator": 15, "unit": "place"}
        | {"value": 6000, "as_at": ON, "grounds": "places stated", "source_id": PUBLIC},
        {"service_id": BRANCH, "per": CostPer.CHILD_REACHED, "cost_gbp": 90000, "denominator": 1700, "unit": "child"}
        | {"value": 90000 / 1700, "grounds": "children reached in schools", "source_id": PUBLIC, **YEAR},
    ],
    "service_load": [
        {"service_id": BRANCH, "source_id": PUBLIC, **YEAR, "referrals_a_year": 36, "years_in_service": 0.5}
        | {"places": 15, "load": 1.2, "places_needed": 18, "workers_needed": 2.4, "waiting": 7, "weeks_waiting": 9}
        | {"weeks_target": 4, "places_to_clear_waiting_in_a_year": 3.5},
        {"service_id": HARBOUR, "source_id": PUBLIC, **YEAR, "referrals_a_year": 12, "reason": "no time is stated"},
    ],
    "travel_access": [
        {"service_id": BRANCH, "origin_code": "E01009001", "area_code": FIRST, "children": 410, "nearest_minutes": 32.5}
        | {"places_per_thousand_children": 0.38, "within_minutes": 45, "source_id": PUBLIC},
    ],
}
"""Rows in every table on need and services, of First and its police force area."""


def coverage_view(others: Mapping[str, pd.DataFrame] | None = None, **tables: Rows) -> AreaView:
    """The view of First in a release with these rows in the tables on need and services, and none in the others of
    them; `others` are further tables, whole.
    """
    base = small_base()
    made = {name: frame(name, tables.get(name, ())) for name in COLUMNS}
    return AreaView(Release({**base.tables, **made, **(others or {})}, base.manifest), FIRST)


@cache
def small_base() -> Release:
    """The release that most of these views stand on, made once."""
    return small_release(EVIDENCE)
