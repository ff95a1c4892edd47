"""What the audit says of tables of need and coverage that rest on counts that are not public: each damage is found."""

from __future__ import annotations

from pathlib import Path

import audited_site as made
import pytest
from audited_site import FIRST, FORCE, OWN, POLICE, SECOND, Rows

from needs_assessment.disclosure.audit.folder import audit_folder

DAY = "2024-09-30"
NEED = {"police_force_area_code": FORCE, "exploitation_type": "CSE", "basis": "children under review", "unit": "child"}
NEED |= {"period_start": DAY, "period_end": DAY, "source_id": OWN}
RETURNED = {"source_id": OWN, "service_id": "branch", "area_code": FORCE, "period_start": DAY, "period_end": DAY}
RETURNED |= {"measure": "children_in_support", "unit": "child", "basis": "snapshot", "value": 44, "missing": ""}


def caseload(area: str, **counts: object) -> Rows:
    """Children of an area at each level; a blank is withheld."""
    place = {"source_id": OWN, "area_code": area, "exploitation_type": "CSE", "scheme": "own", "unit": "child"}
    place |= {"residence": "all", "as_at": DAY}
    return [
        place | {"risk_level": level, "count": count, "missing": "" if count else "c"}
        for level, count in counts.items()
    ]


def faults(folder: Path, **tables: Rows) -> set[tuple[str, str]]:
    """The files and rules of the findings in a site where one area's levels are all printed and the other's are not."""
    reviewed = [*caseload(FIRST, low=14, medium="", high=""), *caseload(SECOND, low=8, medium=9, high=7)]
    every = {"risk_caseload": reviewed} | tables
    files = made.site() | {f"release/{name}.csv": made.table(rows) for name, rows in every.items()}
    return {(fault.file, fault.rule) for fault in audit_folder(made.written(files, folder / "site")).findings}


def need(area: str, level: str, counted: object) -> dict[str, object]:
    part = {"area_code": area, "scheme": "own", "risk_level": level, "age_from": 0, "age_to": 17, "ages_known": False}
    return NEED | part | {"share": 1, "children": counted, "counted": counted, "missing": "" if counted else "c"}


def flow(area: str, total: object) -> dict[str, object]:
    return NEED | {
        "area_code": area,
        "need": total,
        "gap": total,
        "no_service": total,
        "too_few_places": 0 if total else "",
    }


def test_need_that_repeats_printed_counts_passes(tmp_path: Path) -> None:
    rows = [need(SECOND, "low", 8), need(SECOND, "low", 8), need(FIRST, "high", "")]
    assert not faults(tmp_path, need=rows, coverage_flow=[flow(SECOND, 24), flow(FORCE, 24), flow(FIRST, "")])


def test_need_that_prints_a_withheld_count_is_found(tmp_path: Path) -> None:
    rules = {rule for _, rule in faults(tmp_path, need=[need(FIRST, "high", 3)])}
    assert "prints a figure differently than release/need.csv" in rules


@pytest.mark.parametrize(("area", "total"), [(FIRST, 20), (SECOND, 23), (FORCE, 25)])
def test_a_need_that_rests_on_a_withheld_count_or_is_no_sum_is_found(area: str, total: int, tmp_path: Path) -> None:
    found = faults(tmp_path, coverage_flow=[flow(area, total)])
    assert {file for file, _ in found} == {"release/coverage_flow.csv"}


@pytest.mark.parametrize("damage", [{"gap": 23}, {"no_service": 20}, {"too_few_places": 4}, {"need": ""}])
def test_a_flow_says_nothing_of_a_withheld_need_and_adds_up(damage: dict[str, object], tmp_path: Path) -> None:
    whole = flow(SECOND, 24) | {"met": 0, "commissioned": 0}
    assert not faults(tmp_path, coverage_flow=[whole])
    assert faults(tmp_path / "damaged", coverage_flow=[whole | damage])


@pytest.mark.parametrize("damage", [{"counted": "", "missing": "c"}, {"children": 3}, {"ages_known": True}])
def test_a_part_of_a_count_of_need_is_a_printed_share_of_a_printed_count(
    damage: dict[str, object], tmp_path: Path
) -> None:
    assert {file for file, _ in faults(tmp_path, need=[need(SECOND, "low", 8) | damage])} == {"release/need.csv"}


@pytest.mark.parametrize(("before", "after", "passes"), [(24, 20, True), (23, 20, False), (24, 40, False)])
def test_the_effect_of_a_change_starts_from_the_gap_of_its_force(
    before: int, after: int, passes: bool, tmp_path: Path
) -> None:
    effect = {"area_code": FORCE, "service_id": "branch", "change": "vacancies filled", "source_id": OWN}
    effects = [effect | {"gap_before": before, "gap_after": after}]
    flows = [flow(FORCE, 24) | {"exploitation_type": ""}]
    assert bool(faults(tmp_path, coverage_flow=flows, coverage_effects=effects)) is not passes


@pytest.mark.parametrize(("areas", "passes"), [(SECOND, True), (f"{FIRST}|{SECOND}", False)])
def test_a_cut_rests_on_printed_counts_of_every_authority_in_it(areas: str, passes: bool, tmp_path: Path) -> None:
    cut = NEED | {"area_code": FORCE, "kind": "too few places", "area_codes": areas, "exploitation_types": "CSE"}
    assert bool(faults(tmp_path, coverage_cuts=[cut | {"need": 24, "gap": 10}])) is not passes


@pytest.mark.parametrize(("area", "passes"), [(SECOND, True), (FIRST, False)])
def test_a_graded_part_rests_on_printed_counts(area: str, passes: bool, tmp_path: Path) -> None:
    grade = NEED | {"area_code": area, "funding": "commissioned", "need": 12, "share": 0.5}
    assert bool(faults(tmp_path, coverage_grades=[grade])) is not passes


@pytest.mark.parametrize(("places", "passes"), [(44, True), (43, False)])
def test_places_that_are_a_caseload_are_a_printed_one(places: int, passes: bool, tmp_path: Path) -> None:
    known = {"service_id": "branch", "places": places, "places_basis": "reported caseload", "holds_places": True}
    tables = {"service_returns": [RETURNED], "service_places": [known | {"source_id": OWN}]}
    assert bool(faults(tmp_path, **tables)) is not passes


@pytest.mark.parametrize(("divided_by", "passes"), [(44, True), (45, False)])
def test_a_cost_is_divided_by_a_printed_figure(divided_by: int, passes: bool, tmp_path: Path) -> None:
    cost = {"service_id": "branch", "per": "child reached", "cost_gbp": 44000, "denominator": divided_by}
    stated = {"service_id": "branch", "source_id": POLICE, "annual_value_gbp": 44000, "provider": "", "tier": ""}
    tables = {"service_returns": [RETURNED], "service_statements": [stated]}
    tables |= {"service_costs": [cost | {"value": 1000, "source_id": OWN}]}
    assert bool(faults(tmp_path, **tables)) is not passes
