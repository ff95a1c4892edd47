"""Rows of the tables behind coverage, for tests: each states only what matters to the test. Everything is made up."""

from __future__ import annotations

from typing import Any

import pandas as pd
from small_evidence import FIRST, FORCE, SECOND

from needs_assessment.coverage import ForceFlow, force_flows
from needs_assessment.coverage.need import NEED_COLUMNS

DAY = pd.Timestamp("2025-03-31")
FORCES = pd.Series({FIRST: FORCE, SECOND: FORCE})
ON = pd.Series({FIRST: DAY, SECOND: DAY})
SCHEME = "A scheme"
LEVELS = {SCHEME: ["low", "medium", "high"]}
SERVICE = {
    "service_id": "a_service",
    "service_name": "A service",
    "client_group": "children",
    "reference_only": False,
    "exploitation_types": "CSE",
    "tier": "specialist",
    "funding": "commissioned",
    "area_code": FIRST,
    "on": DAY,
}
UNSAID = ["intensity", "risk_levels", "age_from", "age_to", "extended_age_to"]


def services(*stated: dict[str, Any]) -> pd.DataFrame:
    """Supporting services, each in one area."""
    rows = pd.DataFrame([dict.fromkeys(UNSAID, pd.NA) | SERVICE | row for row in stated])
    rows = rows if len(rows) else pd.DataFrame(columns=[*UNSAID, *SERVICE])
    return rows.astype({"age_from": "Int64", "age_to": "Int64", "extended_age_to": "Int64", "risk_levels": "string"})


def need_rows(*stated: dict[str, Any]) -> pd.DataFrame:
    """Rows of the table of need: `counted` children under review, of known ages, or of any where none are given."""
    rows = []
    for row in stated:
        ages_known = "age_from" in row
        usual = {"area_code": FIRST, "police_force_area_code": FORCE, "exploitation_type": "CSE", "share": 1.0}
        usual |= {"basis": "children under review", "unit": "child", "age_from": 0, "age_to": 17}
        usual |= {"ages_known": ages_known, "period_start": DAY, "period_end": DAY, "missing": pd.NA, "reason": pd.NA}
        whole = usual | row
        children = whole["share"] * whole["counted"] if not pd.isna(whole["counted"]) else float("nan")
        rows.append(dict.fromkeys(NEED_COLUMNS, pd.NA) | whole | {"children": children})
    words = dict.fromkeys(["scheme", "risk_level", "missing", "reason"], "string")
    return pd.DataFrame(rows)[NEED_COLUMNS].astype({"counted": "Int64", "children": float, "share": float} | words)


def places(**known: float) -> pd.DataFrame:
    """The table of places: by service, how many children it can support at one time."""
    rows = [{"service_id": service, "places": value, "years_in_service": 0.5} for service, value in known.items()]
    table = pd.DataFrame(rows, columns=["service_id", "places", "years_in_service"]).astype({"places": float})
    filled = {"vacancies": float("nan"), "places_with_vacancies_filled": float("nan")}
    return table.assign(children_a_year=table["places"] / table["years_in_service"], **filled)


def flow(need: pd.DataFrame, supporting: pd.DataFrame, known: pd.DataFrame) -> ForceFlow:
    """The flow of the one force."""
    (found,) = force_flows(need, supporting, known, LEVELS)
    return found
