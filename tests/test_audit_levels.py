"""What the audit says of tables about children under review that are worked out from counts: each damage is found."""

from __future__ import annotations

from pathlib import Path

import audited_site as made
import pytest
from audited_site import FORCE, OWN, Rows

from needs_assessment.disclosure.audit.areas import Areas
from needs_assessment.disclosure.audit.contents import Tidy
from needs_assessment.disclosure.audit.explain import Explainer, area_of_page
from needs_assessment.disclosure.audit.folder import audit_folder
from needs_assessment.disclosure.audit.levels import NOT_GIVEN, OTHER_COLUMN, RESTS
from needs_assessment.disclosure.audit.numbers import Quotations
from needs_assessment.vocabulary import LEFT, RiskMeasure

START, END = "2024-03-31", "2025-03-31"
OF = {"source_id": OWN, "scheme": "own", "exploitation_type": "CSE", "area_code": FORCE}
SPAN = {"period_start": START, "period_end": END}
CELLS = {("low", "low"): 20, ("low", "high"): 8, ("low", LEFT): 12, ("high", "low"): 9, ("high", "high"): 11}
CELLS |= {("high", LEFT): 10}


def flow(measure: RiskMeasure = RiskMeasure.TWELVE_MONTHS_LATER, **changed: object) -> Rows:
    """The cells between two days; `changed` are those of low to high and the like."""
    cells = {pair: changed.get("_".join(pair), count) for pair, count in CELLS.items()}
    return [moved(measure, pair, count) for pair, count in cells.items()]


def moved(measure: RiskMeasure, pair: tuple[str, str], count: object, **days: str) -> dict[str, object]:
    missing = "c" if count == "c" else ""
    key = OF | SPAN | {"measure": measure.value, "unit": "child", "from_level": pair[0], "to_level": pair[1]}
    return key | days | {"count": "" if missing else count, "missing": missing, "note": ""}


def year(measure: RiskMeasure, count: object) -> dict[str, object]:
    return moved(measure, ("all", "all"), count, period_start="2024-04-01")


def schemes() -> Rows:
    usual = {"scheme": "own", "levels_in_scheme": 2, "description": "", "source_id": OWN}
    return [usual | {"risk_level": level, "ordinal": place} for place, level in enumerate(("low", "high"), 1)]


def rules(folder: Path, **tables: Rows) -> set[str]:
    """The rules that a site with these tables breaks."""
    tables = {"risk_schemes": schemes(), "risk_movement": flow()} | tables
    files = made.site() | {f"release/{name}.csv": made.table(rows) for name, rows in tables.items()}
    return {fault.rule for fault in audit_folder(made.written(files, folder / "site")).findings}


def outcome(**others: object) -> dict[str, object]:
    usual = {"from_level": "low", "outcome": "higher level", "count": 8, "total": 40, "share": 0.2, "lower": 0.11}
    usual |= {"upper": 0.35, "missing": ""}
    return OF | SPAN | usual | others


def test_what_became_of_children_is_a_sum_of_printed_cells(tmp_path: Path) -> None:
    rows = [outcome(), outcome(outcome="left", count=12, share=0.3), outcome(from_level="all", total=70, share=8 / 70)]
    assert not rules(tmp_path, risk_outcomes=rows)


@pytest.mark.parametrize("wrong", [{"count": 9, "share": 9 / 40}, {"total": 41, "share": 8 / 41}, {"share": 0.25}])
def test_another_number_than_the_cells_give_is_found(wrong: dict[str, object], tmp_path: Path) -> None:
    assert NOT_GIVEN in rules(tmp_path, risk_outcomes=[outcome(**wrong)])


def test_an_outcome_of_a_withheld_cell_is_found(tmp_path: Path) -> None:
    hidden = flow(low_high="c", low_left="c")
    assert NOT_GIVEN in rules(tmp_path, risk_movement=hidden, risk_outcomes=[outcome()])
    blank = outcome(count="", total="", missing="c")
    found = rules(tmp_path / "blank", risk_movement=hidden, risk_outcomes=[blank])
    assert "something is printed beside a withheld count: share, lower, upper" in found


@pytest.mark.parametrize(("count", "total", "passes"), [(8, 30, True), (9, 30, False), (8, 31, False)])
def test_a_count_of_a_year_stands_beside_its_printed_total(
    count: int, total: int, passes: bool, tmp_path: Path
) -> None:
    cells = [*flow(), year(RiskMeasure.RAISED, 8), year(RiskMeasure.ASSESSED, 30)]
    row = OF | {"period_start": "2024-04-01", "period_end": END, "measure": RiskMeasure.RAISED.value, "count": count}
    row |= {"total": total, "share": count / total, "lower": 0.15, "upper": 0.45, "missing": ""}
    assert (not rules(tmp_path, risk_movement=cells, risk_yearly=[row])) is passes


QUARTER = {"period_start": "2024-12-31", "period_end": END}
QUARTERLY = flow(RiskMeasure.THREE_MONTHS_LATER)


@pytest.mark.parametrize(("moves", "value", "passes"), [(8, 0.8, True), (7, 0.7, False), (8, 0.7, False)])
def test_a_rate_is_of_printed_moves(moves: int, value: float, passes: bool, tmp_path: Path) -> None:
    row = OF | SPAN | {"from_level": "low", "to_level": "high", "moves": moves, "child_years": 10.0, "value": value}
    row |= {"lower": 0.35, "upper": 1.58, "reason": ""}
    assert (NOT_GIVEN not in rules(tmp_path, risk_movement=[*flow(), *QUARTERLY], risk_rates=[row])) is passes


@pytest.mark.parametrize(("both", "passes"), [(48, True), (47, False)])
def test_a_test_rests_on_printed_cells(both: int, passes: bool, tmp_path: Path) -> None:
    row = OF | SPAN | {"both": both, "raised": 8, "lowered": 9, "sign_p": 1.0, "bowker": 0.06, "bowker_df": 1}
    row |= {"bowker_p": 0.81, "stuart_maxwell": 0.06, "stuart_maxwell_df": 1, "stuart_maxwell_p": 0.81, "reason": ""}
    assert (NOT_GIVEN not in rules(tmp_path, risk_tests=[row])) is passes
    hidden = flow(low_low="c", low_left="c")
    assert NOT_GIVEN in rules(tmp_path / "hidden", risk_movement=hidden, risk_tests=[row])


def model(**others: object) -> dict[str, object]:
    usual = {"quantity": "probability", "from_level": "low", "to_level": "high", "months": 6, "value": 0.25}
    return OF | SPAN | usual | {"lower": 0.15, "upper": 0.35} | others


def test_a_model_rests_on_printed_cells_and_has_no_other_numbers(tmp_path: Path) -> None:
    both = [*flow(), *QUARTERLY]
    assert not rules(tmp_path / "a", risk_movement=both, risk_model=[model()])
    assert RESTS in rules(tmp_path / "b", risk_model=[model()])
    assert OTHER_COLUMN in rules(tmp_path / "c", risk_movement=both, risk_model=[model(children=3)])


def forecast(**others: object) -> dict[str, object]:
    usual = {"risk_level": "low", "as_at": "2024-06-30", "quarters_ahead": 1, "scenario": "as now", "expected": 38.5}
    usual |= {"lower": 30, "upper": 49, "inside": 5, "tested": 6, "reason": ""}
    return OF | usual | others


STOOD = OF | {"risk_level": "low", "unit": "child", "residence": "all", "as_at": START, "count": 40, "missing": ""}


def test_a_forecast_starts_from_a_printed_caseload_and_says_nothing_beside_a_reason(tmp_path: Path) -> None:
    assert not rules(tmp_path / "a", risk_caseload=[STOOD], risk_forecast=[forecast()])
    wrong = [forecast(risk_level="high"), forecast(quarters_ahead=2), forecast(as_at="2024-09-30")]
    for place, row in enumerate(wrong):
        assert RESTS in rules(tmp_path / str(place), risk_caseload=[STOOD], risk_forecast=[row])
    later = forecast(as_at="2025-03-31", quarters_ahead=4)
    assert not rules(tmp_path / "later", risk_caseload=[STOOD], risk_forecast=[later])
    found = rules(tmp_path / "c", risk_caseload=[STOOD], risk_forecast=[forecast(reason="too few quarters")])
    assert any(rule.startswith("says something where it says why not") for rule in found)


@pytest.mark.parametrize(
    ("wrong", "faults"),
    [
        ({}, set()),
        ({"total": "", "share": ""}, set()),
        ({"share": ""}, set()),
        ({"total": 41, "share": 8 / 41}, {"prints a share although its total is withheld"}),
        ({"total": ""}, {"prints a share although its total is withheld"}),
        ({"share": 0.25}, {"prints a share that is not the count's share of its total"}),
        (
            {"count": "", "missing": "c"},
            {
                "prints a share that is not the count's share of its total",
                "something is printed beside a withheld count: share, total",
            },
        ),
    ],
)
def test_the_share_of_a_move_is_of_the_printed_caseload_of_its_level(
    wrong: dict[str, object], faults: set[str], tmp_path: Path
) -> None:
    shown = {**dict.fromkeys(("total", "share"), "")}
    cells = [{**cell, **shown} for cell in flow()]
    cells[1] |= {"total": 40, "share": 0.2} | wrong
    assert rules(tmp_path, risk_movement=cells, risk_caseload=[STOOD]) == faults
    withheld = STOOD | {"count": "", "missing": "c"}
    found = rules(tmp_path / "withheld", risk_movement=cells, risk_caseload=[withheld])
    assert ("prints a share although its total is withheld" in found) is bool(cells[1]["total"] or cells[1]["share"])


def within(**others: object) -> dict[str, object]:
    usual = {"risk_level": "high", "unit": "child", "as_at_before": START, "as_at_after": END, "before": 40}
    usual |= {"after": 38, "outside": 8, "after_within": 30, "ratio_least": 0.75, "lower": 0.5, "upper": 1.1}
    return OF | usual | others


@pytest.mark.parametrize(
    ("wrong", "rule"),
    [
        ({}, ""),
        ({"after_within": 31, "ratio_least": 31 / 40}, NOT_GIVEN),
        ({"ratio_least": 0.8}, NOT_GIVEN),
        ({"outside": ""}, NOT_GIVEN),
        (
            {"outside": "", "after_within": ""},
            "something is printed beside a withheld count: ratio_least, lower, upper",
        ),
        ({"before": 39, "ratio_least": 30 / 39}, "prints a figure differently than"),
        ({"note": 3}, OTHER_COLUMN),
    ],
)
def test_a_change_within_a_force_is_of_its_three_printed_counts(
    wrong: dict[str, object], rule: str, tmp_path: Path
) -> None:
    counts = {(START, "all"): 40, (END, "all"): 38, (END, "out of force"): 8}
    usual = OF | {"risk_level": "high", "unit": "child", "missing": ""}
    snapshots = [
        usual | {"as_at": day, "residence": residence, "count": count} for (day, residence), count in counts.items()
    ]
    found = rules(tmp_path, risk_snapshots=snapshots, risk_within_force=[within(**wrong)])
    assert any(each.startswith(rule) for each in found) if rule else not found


def fit(**others: object) -> dict[str, object]:
    usual = {"quarters": 4, "children_quarters": 300, "withheld_cells": 1, "statistic": 3.1, "degrees_of_freedom": 2}
    usual |= {"p_value": 0.21, "checked_at_months": 12, "largest_difference": 1.5, "reason": ""}
    return OF | SPAN | usual | others


@pytest.mark.parametrize(
    ("wrong", "rule"),
    [
        ({}, ""),
        ({"quarters": 8}, RESTS),
        ({"reason": "too few children could be followed for a quarter"}, "says something where it says why not"),
        ({"period_end": "2024-12-31"}, RESTS),
        ({"children": 3}, OTHER_COLUMN),
    ],
)
def test_the_fit_of_a_model_rests_on_printed_quarters(wrong: dict[str, object], rule: str, tmp_path: Path) -> None:
    found = rules(tmp_path, risk_movement=[*flow(), *QUARTERLY], risk_model_fit=[fit(**wrong)])
    assert any(each.startswith(rule) for each in found) if rule else not found


def test_changes_of_scheme_and_counterparts_of_levels_count_nobody(tmp_path: Path) -> None:
    change = {"source_id": OWN, "area_code": FORCE, "exploitation_type": "CSE", "from_scheme": "old"}
    change |= {"to_scheme": "own", "changed_by": "2024-06-30"}
    counterpart = {"source_id": OWN, "from_scheme": "old", "from_level": "grey", "to_scheme": "own", "to_level": "low"}
    tables = {"risk_scheme_changes": [change], "risk_crosswalk": [counterpart | {"note": ""}]}
    assert not rules(tmp_path / "a", **tables)
    said = {"risk_crosswalk": [counterpart | {"note": "three children were moved"}]}
    assert rules(tmp_path / "b", **tables | said) == {"prints free words of a source that is not public"}


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ("pages/E06000019.html", "E06000019"),
        ("E06000019-problem-profile.html", "E06000019"),
        ("E23000016-foi-response.html", "E23000016"),
        ("E06000019x.html", ""),
        ("index.html", ""),
    ],
)
def test_a_page_is_about_the_area_that_its_name_begins_with(file: str, code: str) -> None:
    assert area_of_page(file) == code


@pytest.mark.parametrize("listed", [True, False], ids=["with a row of its own", "without"])
def test_a_page_of_a_police_force_area_may_state_the_figures_of_its_authorities_and_of_no_others(listed: bool) -> None:
    inside, outside = "E06009001", "E06009002"
    places = {inside: FORCE, outside: "E23009009"}
    rows = [
        {"area_code": code, "area_type": "local authority", "police_force_area_code": force}
        for code, force in places.items()
    ]
    rows += [{"area_code": FORCE, "area_type": "police force area"}] * listed
    counts = tuple(
        {"area_code": code, "count": count} for code, count in {FORCE: "7", inside: "11", outside: "13"}.items()
    )
    tables = {"counts": Tidy("release/counts.csv", "", "counts", ("area_code", "count"), counts)}
    explainer = Explainer(tables, Quotations(), Areas.of(rows))
    told = {
        file: set(explainer.page_figures(file).counts)
        for file in (f"{FORCE}-foi-response.html", f"{inside}.html", f"{outside}-services.html", "index.html")
    }
    assert list(told.values()) == [{7, 11}, {7, 11}, {13}, {7, 11, 13}]
