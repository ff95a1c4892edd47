"""Tiny evidence for tests: rows state only what matters to the test, and the contracts type them.

Every place, source and service here is made up.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from needs_assessment.evidence import CONTRACTS
from needs_assessment.evidence.parsing import parse_table

FIRST, SECOND, FORCE, COUNTRY = "E06009001", "E06009002", "E23009001", "E92000001"
PUBLIC, PRIVATE = "public_source", "private_return"
YEAR = {"period_start": "2023-04-01", "period_end": "2024-03-31"}

# What a row says unless the test says otherwise.
USUAL: dict[str, dict[str, str]] = {
    "sources": {"title": "A title", "publisher": "A publisher", "published_on": "2024-06-30", "public": "true"}
    | {"synthetic": "false"},
    "areas": {"area_type": "local authority"},
    "population": {"source_id": PUBLIC, "area_code": FIRST, "mid_year": "2023", "age_from": "0", "age_to": "17"}
    | {"sex": "persons", "people": "20000"},
    "observations": {"source_id": PUBLIC, "measure": "assessment_factor_episodes", "unit": "episode"}
    | {"exploitation_type": "CSE", "area_code": FIRST, **YEAR},
    "peer_groups": {"source_id": PUBLIC, "group_code": COUNTRY, "unit": "episode"}
    | {"measure": "assessment_factor_episodes", "exploitation_type": "CSE", **YEAR}
    | {"authorities": "150", "counted": "150", "count": "12000", "person_years": "12000000"}
    | {"dispersion": "1", "between_sd": "0", "outside_chance": "8", "outside": "8", "change_centre": "0"}
    | {"change_sd": "0"},
    "offences": {"source_id": PRIVATE, "area_code": FIRST, "exploitation_type": "CSE", "recorded_on": "2024-01-15"},
    "referrals": {"source_id": PRIVATE, "area_code": FIRST, "exploitation_type": "CSE", "referred_on": "2024-01-15"},
    "risk_reviews": {"source_id": PRIVATE, "area_code": FIRST, "exploitation_type": "CSE", "scheme": "A scheme"}
    | {"risk_level": "high"},
    "risk_snapshots": {"source_id": PUBLIC, "area_code": FORCE, "residence": "all", "exploitation_type": "CSE"}
    | {"scheme": "A scheme", "risk_level": "high", "unit": "child"},
    "services": {"source_id": PUBLIC, "service_name": "A service", "client_group": "children"}
    | {"exploitation_types": "CSE", "reference_only": "false"},
    "service_areas": {"source_id": PUBLIC, "area_code": FIRST, "stated_for": "area", "funding": "commissioned"},
    "service_sites": {"source_id": PUBLIC, "service_id": "a_service", "site_name": "A site"},
    "travel_times": {"source_id": PUBLIC, "area_code": FIRST, "children": "1000", "service_id": "a_service"},
    "service_returns": {"source_id": PUBLIC, "service_id": "a_service", "area_code": FIRST, "unit": "child"}
    | {"period_start": "2023-01-01", "period_end": "2023-03-31", "basis": "in period"},
    "funding": {"source_id": PUBLIC, "recipient": "A recipient", **YEAR},
    "statements": {"source_id": PUBLIC, "topic": "service", "wording": "A statement"},
    "breaks": {"source_id": PUBLIC, "measure": "assessment_factor_episodes", "area_code": FIRST}
    | {"changed_on": "2023-04-01", "description": "A change"},
    "risk_schemes": {"scheme": "A scheme", "ordinal": "1", "levels_in_scheme": "3", "source_id": PUBLIC},
    "risk_crosswalk": {"source_id": PUBLIC, "from_scheme": "A scheme", "from_level": "high"}
    | {"to_scheme": "Another scheme", "to_level": "serious"},
    "districts": {"source_id": PUBLIC, "district_code": "E07009001", "area_code": FIRST},
    "neighbours": {"source_id": PUBLIC, "area_code": FIRST, "neighbour_code": SECOND, "rank": "1"},
    "deprivation": {"source_id": PUBLIC, "area_code": FIRST, "index": "IMD", "measure": "average score"},
    "boundaries": {"source_id": PUBLIC, "area_code": FIRST, "geometry": "POLYGON ((-3 52, -2 52, -2 53, -3 52))"},
    "layouts": {"source_id": PUBLIC, "area_code": FIRST, "column": "0", "row": "0"},
}

COUNTED = [("assessment_factor_episodes", "CSE"), ("assessment_factor_episodes", "CCE")] + [
    (f"{factor}_factor_episodes", "") for factor in ("gangs", "going_missing", "trafficking")
]
GROUPS = [
    {"measure": measure, "exploitation_type": harm, "period_start": f"{year}-04-01", "period_end": f"{year + 1}-03-31"}
    for measure, harm in COUNTED
    for year in range(2017, 2025)
]
"""England's authorities, whose rates are made up to differ by chance alone."""

BASE: dict[str, list[dict[str, str]]] = {
    "sources": [{"source_id": PUBLIC}, {"source_id": PRIVATE, "public": "false"}],
    "areas": [
        {"area_code": FIRST, "area_name": "First", "longitude": "-2.5", "latitude": "52.5"},
        {"area_code": SECOND, "area_name": "Second", "longitude": "-1.5", "latitude": "53.5"},
        {"area_code": FORCE, "area_name": "Both", "area_type": "police force area"},
        {"area_code": COUNTRY, "area_name": "England", "area_type": "country"},
    ],
    "population": [{}, {"area_code": SECOND}, {"area_code": COUNTRY, "people": "12000000"}],
    "observations": [{"count": "24"}, {"area_code": COUNTRY, "count": "12000"}],
    "peer_groups": GROUPS,
}
"""The least evidence that is valid: two authorities of one police force area, and England."""

ONE_OF_EACH: dict[str, list[dict[str, str]]] = BASE | {
    "offences": [{"offence_id": "o1"}],
    "referrals": [{"referral_id": "r1", "child_id": "k1"}],
    "risk_reviews": [{"child_id": "k1", "reviewed_on": "2024-01-15"}],
    "risk_snapshots": [{"as_at": "2024-03-31", "count": "12"}],
    "services": [{"service_id": "a_service"}],
    "service_areas": [{"service_id": "a_service"}],
    "service_sites": [{"site_id": "a_site"}],
    "travel_times": [{"origin_code": "a_neighbourhood", "site_id": "a_site", "minutes": "20"}],
    "service_returns": [{"measure": "new_referrals", "value": "28"}],
    "funding": [{"awarded_gbp": "98441"}],
    "statements": [{"statement_id": "a_statement"}],
    "breaks": [{}],
    "risk_schemes": [{"risk_level": "high"}, {"scheme": "Another scheme", "risk_level": "serious"}],
    "risk_crosswalk": [{}],
    "districts": [{}],
    "neighbours": [{}],
    "deprivation": [{"value": "21.5"}],
    "boundaries": [{}],
    "layouts": [{}],
}
"""Valid evidence with a row in every table."""


def words(name: str, rows: list[dict[str, str]]) -> pd.DataFrame:
    """The rows as the text that a file of the table would hold."""
    full = [USUAL[name] | row for row in rows]
    return pd.DataFrame(full, columns=list(CONTRACTS[name].columns), dtype="string")


def table(name: str, *rows: Mapping[str, str]) -> pd.DataFrame:
    """The rows as a typed table of the evidence; no row gives the table that was not supplied."""
    text = words(name, [dict(row) for row in rows])
    kinds = {column: (schema.metadata or {})["kind"] for column, schema in CONTRACTS[name].columns.items()}
    typed, faults = parse_table(text, name, kinds)
    assert not faults, faults
    return typed


def folder(path: Path, tables: Mapping[str, list[dict[str, str]]] = BASE, **files: str | bytes) -> Path:
    """The folder with a CSV file for each table, and with each of `files` (`observations="..."`) in a table's place."""
    path.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        words(name, rows).to_csv(path / f"{name}.csv", index=False)
    for name, content in files.items():
        (path / f"{name}.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def text(name: str, *rows: dict[str, str]) -> str:
    """The CSV text of a table."""
    return str(words(name, list(rows)).to_csv(index=False))
