"""What the audit says of tables that are worked out from figures that are not public: each damage is found."""

from __future__ import annotations

from pathlib import Path

import audited_site as made
import pytest
from audited_site import FIRST, FORCE, OWN, POLICE, QUARTERS, Rows

from needs_assessment.disclosure.audit.folder import audit_folder

SERIES = {"area_code": FORCE, "source_id": OWN, "measure": "referrals", "unit": "referral", "exploitation_type": "CSE"}
SPAN = {"period_start": QUARTERS[0][0], "period_end": QUARTERS[2][1], "frequency": "quarter"}
YEAR_AFTER = ("2025-01-01", "2025-03-31")


def faults(folder: Path, **tables: Rows) -> set[tuple[str, str]]:
    """The files and rules of the findings in a site that has these tables as well."""
    files = made.site() | {f"release/{name}.csv": made.table(rows) for name, rows in tables.items()}
    return {(fault.file, fault.rule) for fault in audit_folder(made.written(files, folder / "site")).findings}


def at(quarter: tuple[str, str], area: str = FORCE) -> dict[str, object]:
    return SERIES | {"area_code": area, "period_start": quarter[0], "period_end": quarter[1], "frequency": "quarter"}


def change(area: str, before: object, after: object, ratio: object = "") -> dict[str, object]:
    days = {"before_start": QUARTERS[0][0], "before_end": QUARTERS[0][1], "before": before, "after": after}
    verdict = "Similar" if ratio else "Cannot tell"
    return at(QUARTERS[1], area) | days | {"rate_ratio": ratio, "lower": "", "upper": "", "verdict": verdict}


def test_a_change_between_printed_counts_passes(tmp_path: Path) -> None:
    assert not faults(tmp_path, changes=[change(FORCE, 27, 29, 1.074), change(FIRST, "", 12)])


@pytest.mark.parametrize(("before", "ratio"), [("", 4.0), (3, "")])
def test_a_change_from_a_withheld_count_is_found(before: object, ratio: object, tmp_path: Path) -> None:
    assert faults(tmp_path, changes=[change(FIRST, before, 12, ratio)])


def test_a_change_that_prints_another_count_than_the_tables_is_found(tmp_path: Path) -> None:
    found = faults(tmp_path, changes=[change(FORCE, 26, 29)])
    assert [file for file, rule in found if rule.startswith("prints a figure differently")] == ["release/changes.csv"]


def trend(area: str, periods: int) -> dict[str, object]:
    return SERIES | SPAN | {"area_code": area, "periods": periods, "ratio_per_year": 1.25, "lower": 0.5, "upper": 2.75}


@pytest.mark.parametrize(("area", "periods", "passes"), [(FORCE, 3, True), (FIRST, 2, True), (FIRST, 3, False)])
def test_a_trend_rests_on_printed_figures(area: str, periods: int, passes: bool, tmp_path: Path) -> None:
    rule = ("release/trends.csv", "rests on more figures than are printed")
    assert (rule in faults(tmp_path, trends=[trend(area, periods)])) is not passes


@pytest.mark.parametrize(("periods", "passes"), [(2, True), (3, False)])
def test_a_season_rests_on_printed_figures(periods: int, passes: bool, tmp_path: Path) -> None:
    row = SERIES | {"area_code": FIRST, "frequency": "quarter", "season": "July to September"}
    row |= {"ratio": 1.25, "lower": 0.5, "upper": 2.75, "periods": periods}
    rule = ("release/seasons.csv", "rests on more figures than are printed")
    assert (rule in faults(tmp_path, seasons=[row])) is not passes


def forecast(quarter: tuple[str, str]) -> dict[str, object]:
    return at(quarter, FIRST) | {"count_expected": 13.5, "lower95": 4, "upper95": 24, "horizon": 1}


def test_a_forecast_of_a_quarter_to_come_passes(tmp_path: Path) -> None:
    assert not faults(tmp_path, forecasts=[forecast(YEAR_AFTER)])


def test_a_forecast_of_a_withheld_figure_is_found(tmp_path: Path) -> None:
    found = faults(tmp_path, forecasts=[forecast(QUARTERS[0])])
    assert ("release/forecasts.csv", "forecasts a figure that is withheld") in found
    assert ("release/forecasts.csv", "rests on more figures than are printed") in found


@pytest.mark.parametrize(("quarter", "passes"), [(0, False), (1, True)])
def test_a_point_of_a_chart_stands_at_a_printed_figure(quarter: int, passes: bool, tmp_path: Path) -> None:
    point = at(QUARTERS[quarter], FIRST) | {"chart": "u'", "plotted": 8.25, "centre": 9.5, "lower": 1.5, "upper": 20.5}
    rule = ("release/control_charts.csv", "draws a point at a figure that is not printed")
    assert (rule in faults(tmp_path, control_charts=[point])) is not passes


def test_bounds_of_both_harms_need_both_counts(tmp_path: Path) -> None:
    row = at(QUARTERS[0], FIRST) | {"cse": "", "cce": 8, "lower": 8, "upper": 11}
    found = faults(tmp_path, either_harm=[row])
    assert ("release/either_harm.csv", "prints bounds although a count behind them is withheld") in found


@pytest.mark.parametrize(("source", "passes"), [(POLICE, True), (OWN, False)])
@pytest.mark.parametrize("name", ["peer_groups", "expected"])
def test_groups_of_authorities_rest_on_public_sources_only(
    name: str, source: str, passes: bool, tmp_path: Path
) -> None:
    period = {"period_start": QUARTERS[1][0], "period_end": QUARTERS[1][1]}
    series = {"source_id": source, "measure": "offences", "unit": "offence", "exploitation_type": "CSE", **period}
    rows: dict[str, Rows] = {
        "peer_groups": [{"group_code": FORCE, "basis": "authorities", **series, "counted": 3, "value": 4.25}],
        "expected": [
            {"area_code": FIRST, **series, "count": 41, "missing": "", "neighbours_value": 4.25, "expected": 40.5}
        ],
    }
    rule = (f"release/{name}.csv", "prints words or figures of a source that is not public")
    assert (rule in faults(tmp_path, **{name: rows[name]})) is not passes


# Breakdowns


def part(category: str, count: object, **others: object) -> dict[str, object]:
    """A category of the sex of the force's referrals in the second quarter, of which there are 29."""
    usual = {"dimension": "sex", "category": category, "total": "", "share": "", "value": "", "person_years": ""}
    return made.demand_row(FORCE, QUARTERS[1], count, **usual) | others


def test_a_breakdown_that_adds_up_to_its_printed_total_passes(tmp_path: Path) -> None:
    rows = [part("female", 20, total=29, share=20 / 29), part("male", 9, total=29, share=9 / 29)]
    assert not faults(tmp_path, breakdowns=rows)


def test_the_only_withheld_category_is_exposed_by_the_total(tmp_path: Path) -> None:
    found = faults(tmp_path, breakdowns=[part("female", 26), part("male", "c")])
    assert [file for file, rule in found if "can be narrowed" in rule] == ["release/breakdowns.csv"]


def test_two_withheld_categories_that_could_be_any_small_count_pass(tmp_path: Path) -> None:
    assert not faults(tmp_path, breakdowns=[part("female", "c"), part("male", "c"), part("another", 20)])


def test_a_share_of_another_total_than_the_printed_is_found(tmp_path: Path) -> None:
    rule = ("release/breakdowns.csv", "prints a share although its total is withheld")
    assert rule in faults(tmp_path, breakdowns=[part("female", 20, total=28, share=20 / 28), part("male", 9)])


def test_a_share_that_is_not_the_counts_is_found(tmp_path: Path) -> None:
    rule = ("release/breakdowns.csv", "prints a share that is not the count's share of its total")
    assert rule in faults(tmp_path, breakdowns=[part("female", 20, total=29, share=0.5), part("male", 9)])


@pytest.mark.parametrize("column", ["total", "share"])
def test_what_stands_beside_a_withheld_category_is_found(column: str, tmp_path: Path) -> None:
    rows = [part("female", "c", **{column: 29}), part("male", "c"), part("another", 20)]
    found = {rule for _, rule in faults(tmp_path, breakdowns=rows)}
    assert f"something is printed beside a withheld count: {column}" in found
