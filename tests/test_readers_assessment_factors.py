"""Extracts of assessment factors. Every child and place here is made up."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from small_evidence import FIRST, FORCE, SECOND, table

from needs_assessment.sources.files import open_file
from needs_assessment.sources.notes import Coercion, Notes, RefusedError
from needs_assessment.sources.readers import assessment_factors, factor_counts
from needs_assessment.sources.registry import Tables, recognised

HERE, THERE = FIRST, SECOND
AREAS = table(
    "areas",
    {"area_code": HERE, "area_name": "Exshire, County of", "dfe_la_code": "899"},
    {"area_code": THERE, "area_name": "Wyeford"},
    {"area_code": FORCE, "area_name": "Exshire", "area_type": "police force area"},
)

Row = dict[str, object]


def read(tmp_path: Path, *rows: Row, areas: pd.DataFrame = AREAS) -> tuple[Tables, Notes]:
    path = tmp_path / "extract.csv"
    pd.DataFrame(rows).to_csv(path, index=False)
    notes = Notes(path.name)
    file = open_file(path, notes)
    return recognised(file, assessment_factors.READERS).read(file, notes, areas), notes


def faults(tmp_path: Path, *rows: Row) -> list[tuple[str, tuple[int, ...]]]:
    _, notes = read(tmp_path, *rows)
    assert "SECRET" not in " ".join([*map(str, notes.faults), *notes.remarks])
    return [(fault.column, fault.rows) for fault in notes.faults]


def extract(*rows: Row, months: range = range(12), **other: object) -> list[Row]:
    """A completed assessment in each month from April 2023, without a factor that is counted, and the rows."""
    usual: Row = {"la_code": "899", "cina_person_id": "K0", "cina_referral_id": "E0"} | other
    year = [
        usual
        | {"cina_assessment_auth_date": f"{2023 + (month + 3) // 12}-{(month + 3) % 12 + 1:02}-15"}
        | {"cinf_assessment_factors_json": '["20"]', "cinf_assessment_id": f"A{month}"}
        for month in months
    ]
    asked = [usual | {"cinf_assessment_id": f"B{place}"} | row for place, row in enumerate(rows)]
    return year + [
        row | {"cina_assessment_auth_date": row.get("cina_assessment_auth_date", "2023-07-01")} for row in asked
    ]


def listed(*codes: str) -> Row:
    return {"cinf_assessment_factors_json": json.dumps(codes)}


def counted(tables: Tables, measure: str, harm: str | None = None) -> list[int]:
    rows = tables["observations"]
    same = rows["exploitation_type"].isna() if harm is None else rows["exploitation_type"].eq(harm).fillna(False)
    return rows.loc[rows["measure"].eq(measure) & same.astype(bool), "count"].tolist()


def test_an_extract_gives_the_counts_of_a_census_return(tmp_path: Path) -> None:
    tables, notes = read(
        tmp_path,
        *extract(
            listed("11A", "15A") | {"cina_person_id": "K1", "cina_referral_id": "E1"},
            listed("11A", "24A") | {"cina_person_id": "K1", "cina_referral_id": "E1"},
            listed("11A") | {"cina_person_id": "K1", "cina_referral_id": "E2"},
            {"cinf_assessment_factors_json": '{"24A": "Yes", "11A": "No"}', "cina_person_id": "K2"},
        ),
    )
    assert notes.faults == []
    assert counted(tables, "census_assessment_factor_episodes", "CSE") == [2]
    assert counted(tables, "children_with_factor", "CSE") == [1]
    assert counted(tables, "census_assessment_factor_episodes", "CCE") == [2]
    assert counted(tables, "census_assessment_factor_episodes_both") == [1]
    assert counted(tables, "census_any_factor_episodes") == [4]
    assert "completed assessments that were counted: 16" in notes.remarks
    assert set(tables["observations"]["area_code"]) == {HERE}
    assert tables["sources"]["public"].tolist() == [False]


@pytest.mark.parametrize(
    ("column", "words"),
    [
        ("cina_assessment_auth_date", "the column cina_assessment_auth_date"),
        ("cina_referral_id", "the column cina_referral_id"),
        ("cina_person_id", "the column cina_person_id"),
        ("la_code", r"la_code \(the Department for Education's three digits\) or area_code"),
    ],
)
def test_an_extract_without_date_authority_or_episode_is_told_what_to_add(
    column: str, words: str, tmp_path: Path
) -> None:
    rows = [{name: cell for name, cell in row.items() if name != column} for row in extract()]
    with pytest.raises(RefusedError, match=words):
        read(tmp_path, *rows)


def test_an_area_code_or_name_serves_where_there_is_no_three_digit_code(tmp_path: Path) -> None:
    rows = [
        {name: cell for name, cell in row.items() if name != "la_code"} | {"area_code": "Exshire"} for row in extract()
    ]
    tables, notes = read(tmp_path, *rows)
    assert notes.faults == []
    assert set(tables["observations"]["area_code"]) == {HERE}


@pytest.mark.parametrize(
    "cell", ["11A", "[11A]", "[1]", '"11A"', "null", '{"11A": 1}', '{"11A": "SECRET"}', "[" * 9999]
)
def test_factors_that_are_no_list_of_codes_are_a_fault_with_their_row(cell: str, tmp_path: Path) -> None:
    found = faults(tmp_path, *extract({"cinf_assessment_factors_json": cell}))
    assert found == [("cinf_assessment_factors_json", (14,))]


def test_an_unknown_authority_is_a_fault_with_its_row(tmp_path: Path) -> None:
    assert faults(tmp_path, *extract(listed("11A") | {"la_code": "897"})) == [("la_code", (14,))]


def test_assessments_that_cannot_be_placed_are_left_out_and_told(tmp_path: Path) -> None:
    tables, notes = read(
        tmp_path,
        *extract(
            listed("11A") | {"cina_assessment_auth_date": ""},
            listed("11A") | {"cina_assessment_start_date": "2023-07-02"},
            listed("11A", "SECRET"),
            {"cinf_assessment_factors_json": ""},
        ),
    )
    assert counted(tables, "census_assessment_factor_episodes", "CSE") == [1]
    assert notes.remarks == [
        "completed assessments that were counted: 14",
        f"{assessment_factors.OPEN}: 1 (row 14)",
        f"{assessment_factors.IMPOSSIBLE}: 1 (row 15)",
        f"{factor_counts.UNKNOWN_FACTOR}: 1 (row 16)",
        f"{factor_counts.NO_FACTOR}: 1 (row 17)",
    ]
    assert notes.counts[Coercion.NOT_USED, "assessments"] == 2


def test_a_year_that_the_extract_may_not_hold_whole_is_left_out_and_told(tmp_path: Path) -> None:
    tables, notes = read(tmp_path, *extract(months=range(15)))
    assert set(tables["observations"]["period_end"]) == {pd.Timestamp("2024-03-31")}
    assert f"{assessment_factors.NOT_WHOLE}: 3 (row 14, 15, 16)" in notes.remarks


def test_an_extract_that_holds_no_year_whole_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="holds no year ending 31 March"):
        read(tmp_path, *extract(months=range(11)))


def test_the_same_child_number_in_two_authorities_is_two_children(tmp_path: Path) -> None:
    areas = AREAS.assign(dfe_la_code=AREAS["dfe_la_code"].mask(AREAS["area_code"].eq(THERE), "898"))
    rows = [*extract(listed("11A")), *extract(listed("11A"), la_code="898")]
    tables, _ = read(tmp_path, *rows, areas=areas)
    assert counted(tables, "children_with_factor", "CSE") == [1, 1]
    assert set(tables["observations"]["area_code"]) == {HERE, THERE}
