"""How far children live from services, on made-up neighbourhoods."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from small_evidence import ONE_OF_EACH, PRIVATE, PUBLIC, SECOND, folder, table

from needs_assessment.coverage.travel import ALL_SERVICES, TRAVEL_COLUMNS, travel_access
from needs_assessment.evidence import EvidenceError, read_evidence

SOURCES = table(
    "sources",
    {"source_id": PUBLIC},
    {"source_id": "older", "published_on": "2020-01-01"},
    {"source_id": PRIVATE, "public": "false"},
)
SITES = [{"site_id": "centre", "places": "20"}, {"site_id": "harbour", "places": "10"}]
TIMES = [
    {"origin_code": "near", "site_id": "centre", "minutes": "10", "children": "1000"},
    {"origin_code": "near", "site_id": "harbour", "minutes": "40", "children": "1000"},
    {"origin_code": "far", "site_id": "centre", "minutes": "20", "children": "3000", "area_code": SECOND},
    {"origin_code": "far", "site_id": "harbour", "minutes": "25", "children": "3000", "area_code": SECOND},
]


def access(
    sites: list[dict[str, str]] = SITES, times: list[dict[str, str]] = TIMES, within_minutes: float = 30
) -> pd.DataFrame:
    return travel_access(table("service_sites", *sites), table("travel_times", *times), SOURCES, within_minutes)


def of(rows: pd.DataFrame, column: str, service_id: str = "a_service") -> dict[str, float]:
    return rows[rows["service_id"].eq(service_id)].set_index("origin_code")[column].to_dict()


def test_the_places_of_a_site_are_shared_by_all_children_within_its_reach():
    # By hand: the centre has 20 / (1,000 + 3,000) = 5 per 1,000 for both; the harbour 10 / 3,000 = 3 1/3 for the far.
    rows = access()
    assert of(rows, "places_per_thousand_children") == pytest.approx({"near": 5, "far": 5 + 10 / 3})
    assert of(rows, "nearest_minutes") == {"near": 10, "far": 20}
    assert of(rows, "area_code")["far"] == SECOND
    assert rows["within_minutes"].unique().tolist() == [30]
    assert list(rows.columns) == TRAVEL_COLUMNS


def test_out_of_reach_of_every_site_there_is_no_place_and_still_a_nearest_site():
    rows = access(within_minutes=15)
    assert of(rows, "places_per_thousand_children") == pytest.approx({"near": 20, "far": 0})
    assert of(rows, "nearest_minutes")["far"] == 20


def test_a_neighbourhood_without_a_way_to_a_service_has_no_place_and_no_minutes_there():
    to_another = {"service_id": "another", "site_id": "mill"}
    rows = access(
        [*SITES, to_another | {"places": "4"}],
        [*TIMES, to_another | {"origin_code": "near", "minutes": "5", "children": "1000"}],
    )
    assert of(rows, "places_per_thousand_children", "another") == pytest.approx({"near": 4, "far": 0})
    assert pd.isna(of(rows, "nearest_minutes", "another")["far"])
    assert of(rows, "places_per_thousand_children", ALL_SERVICES) == pytest.approx({"near": 9, "far": 5 + 10 / 3})
    assert of(rows, "nearest_minutes", ALL_SERVICES) == {"near": 5, "far": 20}


def test_without_the_places_of_a_site_within_reach_the_share_is_not_known():
    found = of(access([SITES[0], SITES[1] | {"places": ""}]), "places_per_thousand_children")
    assert found["near"] == 5
    assert pd.isna(found["far"])


def test_the_latest_source_that_states_the_places_of_a_site_governs():
    older = [{"source_id": "older", "site_id": "centre", "places": "400"}]
    assert of(access([*SITES, *older]), "places_per_thousand_children")["near"] == 5
    silent = [*older, SITES[0] | {"places": ""}, SITES[1]]
    assert of(access(silent), "places_per_thousand_children")["near"] == 100


def test_what_is_not_public_is_left_out():
    assert access(times=[row | {"source_id": PRIVATE} for row in TIMES]).empty
    rows = access([SITES[0], SITES[1] | {"source_id": PRIVATE}])
    assert of(rows, "places_per_thousand_children") == {"near": 5, "far": 5}


def test_two_sources_of_travel_times_are_kept_apart():
    by_bus = [row | {"source_id": "older", "minutes": "29"} for row in TIMES]
    rows = access(times=[*TIMES, *by_bus])
    assert rows.groupby("source_id").size().to_dict() == {PUBLIC: 4, "older": 4}
    assert of(rows[rows["source_id"].eq("older")], "nearest_minutes") == {"near": 29, "far": 29}


def test_nothing_supplied_makes_a_table_without_rows():
    rows = access([], [])
    assert rows.empty
    assert list(rows.columns) == TRAVEL_COLUMNS


# The evidence


def test_travel_times_that_contradict_the_sites_or_themselves_are_refused(tmp_path: Path):
    origin = {"origin_code": "a_neighbourhood", "minutes": "20"}
    times = [
        origin | {"site_id": "a_site"},
        origin | {"site_id": "another_site", "children": "999", "area_code": SECOND},
        origin | {"site_id": "no_such_site", "origin_code": "another_neighbourhood"},
    ]
    sites = [{"site_id": "a_site"}, {"site_id": "another_site"}]
    with pytest.raises(EvidenceError) as raised:
        read_evidence(folder(tmp_path / "wrong", ONE_OF_EACH | {"service_sites": sites, "travel_times": times}))
    faults = [(fault.column, fault.rule, fault.rows) for fault in raised.value.faults]
    assert ("service_id, site_id", "must be in the table service_sites", (4,)) in faults
    for column in ("area_code", "children"):
        rule = f"{column} must be the same in all rows of one origin_code"
        assert [rows for _, found, rows in faults if found == rule] == [(2, 3)]
    assert len(faults) == 3
