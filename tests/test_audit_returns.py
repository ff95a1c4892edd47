"""What the audit says of providers' returns that are not public, and of what stands beside them."""

from __future__ import annotations

from pathlib import Path

import audited_site as made
import pytest
from audited_site import FIRST, FORCE, OWN, POLICE, SECOND, THIRD, Rows

from needs_assessment.disclosure.audit.folder import audit_folder

LATER = "council_return_later"
Q1, Q2, SO_FAR = ("2024-04-01", "2024-06-30"), ("2024-07-01", "2024-09-30"), ("2024-04-01", "2024-09-30")
EXPOSED = "a withheld figure can be narrowed within what is withheld, from everything printed"
Row = dict[str, object]


def returned(area: str, days: tuple[str, str], value: object, **others: object) -> Row:
    """A figure of a return; a blank is withheld."""
    what = {"source_id": OWN, "service_id": "one", "measure": "new_referrals", "unit": "referral", "basis": "in period"}
    when = {"area_code": area, "period_start": days[0], "period_end": days[1]}
    return what | when | {"value": value, "missing": "" if value != "" else "c", "target": "", "note": ""} | others


def rules(folder: Path, **tables: Rows) -> set[str]:
    """The rules of the findings in a site with these tables; the service runs in two of three authorities."""
    runs = [
        {"service_id": "one", "area_code": area, "funding_stated_on": "", "source_id": OWN} for area in (FIRST, SECOND)
    ]
    every: dict[str, Rows] = {"service_funding": [row | {"funding": "commissioned"} for row in runs]} | tables
    sources = [{"source_id": name, "title": "A title", "edition_of": "", "note": ""} for name in (OWN, LATER, POLICE)]
    every |= {"sources": [row | {"public": row["source_id"] == POLICE} for row in sources]}
    files = made.site() | {f"release/{name}.csv": made.table(rows) for name, rows in every.items()}
    return {fault.rule for fault in audit_folder(made.written(files, folder / "site")).findings}


@pytest.mark.parametrize("later", [OWN, LATER, POLICE])
def test_the_year_so_far_less_a_quarter_exposes_the_other_whoever_states_them(later: str, tmp_path: Path) -> None:
    rows = [returned(FIRST, Q1, ""), returned(FIRST, Q2, 9, source_id=later)]
    so_far = returned(FIRST, SO_FAR, 12, source_id=later, basis="cumulative")
    assert EXPOSED in rules(tmp_path, service_returns=[*rows, so_far])
    assert not rules(tmp_path / "safe", service_returns=rows)


@pytest.mark.parametrize(("runs", "exposed"), [((FIRST, SECOND), True), ((FIRST, SECOND, THIRD), False)])
def test_a_force_less_all_authorities_but_one_exposes_that_one(
    runs: tuple[str, ...], exposed: bool, tmp_path: Path
) -> None:
    rows = [returned(FIRST, Q1, ""), returned(SECOND, Q1, 15), returned(FORCE, Q1, 20)]
    places = [
        {"service_id": "one", "area_code": area, "funding_stated_on": "", "funding": "not stated"} for area in runs
    ]
    found = rules(tmp_path, service_returns=rows, service_funding=[place | {"source_id": OWN} for place in places])
    assert found == ({EXPOSED} if exposed else set())


@pytest.mark.parametrize("unit", ["per cent", "pound", "year", "day", "other"])
def test_a_share_money_or_a_length_of_time_is_printed_of_public_sources_only(unit: str, tmp_path: Path) -> None:
    one = returned(FORCE, Q1, 66.67, unit=unit, measure="seen")
    rule = "a share, money or a length of time of a source that is not public is printed"
    assert rule in rules(tmp_path, service_returns=[one])
    others = [one | {"source_id": POLICE}, one | {"value": "", "missing": "c", "measure": "other"}]
    assert not rules(tmp_path / "safe", service_returns=others)


COMPARED: Row = {"quarter_before": 20, "quarter_before_missing": "", "ratio_quarter": 1.1, "ratio_quarter_lower": 0.5}
COMPARED |= {"ratio_quarter_upper": 2, "year_before": "", "year_before_missing": "c", "ratio_year": "", "base": ""}
COMPARED |= {"of_target": "", "lower": "", "upper": ""}


@pytest.mark.parametrize(
    "damage",
    [
        {"quarter_before": 3},
        {"year_before": 3},
        {"ratio_quarter": 1.2},
        {"ratio_year": 7.25},
        {"target": 25},
        {"of_target": 0.9},
        {"base": 3},
    ],
)
def test_what_stands_beside_a_return_is_printed_too(damage: Row, tmp_path: Path) -> None:
    rows = [returned(FORCE, Q1, 20), returned(FORCE, Q2, 22), returned(FORCE, ("2023-07-01", "2023-09-30"), "")]
    alone = COMPARED | dict.fromkeys(
        ("quarter_before", "ratio_quarter", "ratio_quarter_lower", "ratio_quarter_upper"), ""
    )
    compared = [rows[0] | alone, rows[1] | COMPARED, rows[2] | alone]
    damaged = [compared[0], compared[1] | damage, compared[2]]
    assert not rules(tmp_path, service_returns=rows, return_comparisons=compared)
    assert rules(tmp_path / "damaged", service_returns=rows, return_comparisons=damaged)


LOAD: Row = {"source_id": OWN, "service_id": "one", "area_code": FORCE, "period_start": Q1[0], "period_end": Q1[1]}
LOAD |= {"referrals_a_year": 80, "years_in_service": "", "places": "", "load": "", "places_needed": "", "waiting": 9}
LOAD |= {"workers_needed": "", "places_to_clear_waiting_in_a_year": "", "weeks_waiting": "", "weeks_target": ""}


@pytest.mark.parametrize(
    "damage",
    [
        {"referrals_a_year": 12},
        {"waiting": 3},
        {"referrals_a_year": "", "places_needed": 12},
        {"weeks_waiting": 9},
        {"weeks_target": 4},
    ],
)
def test_the_load_of_a_service_rests_on_printed_figures(damage: Row, tmp_path: Path) -> None:
    day = (Q1[1], Q1[1])
    rows = [
        returned(FORCE, Q1, 20),
        returned(FORCE, day, 9, measure="children_waiting", unit="child", basis="snapshot"),
    ]
    assert not rules(tmp_path, service_returns=rows, service_load=[LOAD])
    assert rules(tmp_path / "damaged", service_returns=rows, service_load=[LOAD | damage])


def register(public: bool) -> dict[str, Rows]:
    """The register of a service with its money, places and staff, which a public source states or nobody does."""
    numbers = {"annual_value_gbp": 44000, "places": 12, "whole_time_equivalent_staff": 2, "vacancies": 1}
    service = {"service_id": "one", "provider": "A provider", "tier": "specialist"} | numbers
    term = {"service_id": "one", "term": "firm", "starts": Q1[0], "ends": Q2[1], "value_gbp": 22000}
    places = {"service_id": "one", "places": 12, "places_basis": "places stated", "holds_places": True, "staff": 2}
    cost = {"service_id": "one", "per": "place", "cost_gbp": 44000, "denominator": "", "value": "", "source_id": OWN}
    stated = service | {"source_id": POLICE} | ({} if public else dict.fromkeys(numbers, ""))
    return {
        "services": [service],
        "contract_terms": [term],
        "service_places": [places | {"vacancies": 1, "source_id": OWN}],
        "service_costs": [cost],
        "service_statements": [stated],
    }


def test_money_places_and_staff_are_those_that_a_public_source_states(tmp_path: Path) -> None:
    assert not rules(tmp_path, **register(public=True))
    found = " ".join(sorted(rules(tmp_path / "private", **register(public=False))))
    for column in ("annual_value_gbp", "places", "vacancies", "value_gbp", "staff", "cost_gbp"):
        assert column in found


def test_a_statement_of_a_register_that_is_not_public_is_found(tmp_path: Path) -> None:
    stated = register(public=True)["service_statements"][0] | {"source_id": OWN}
    assert "prints words or figures of a source that is not public" in rules(tmp_path, service_statements=[stated])
