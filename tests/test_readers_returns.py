"""Returns as tables. Every child, service and place here is made up."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from openpyxl import Workbook

from needs_assessment.evidence import CONTRACTS
from needs_assessment.evidence.parsing import parse_table
from needs_assessment.sources.files import open_file
from needs_assessment.sources.notes import Coercion, Notes, RefusedError
from needs_assessment.sources.readers import returns
from needs_assessment.sources.registry import recognised

HERE, THERE, FORCE = "E06009001", "E06009002", "E23009001"
KINDS = {column: schema.metadata["kind"] for column, schema in CONTRACTS["areas"].columns.items()}
AREAS = parse_table(
    pd.DataFrame(
        [
            {
                "area_code": HERE,
                "area_name": "Exshire, County of",
                "area_type": "local authority",
                "dfe_la_code": "899",
            },
            {"area_code": THERE, "area_name": "Wyeford", "area_type": "local authority", "other_names": "Wye"},
            {"area_code": FORCE, "area_name": "Exshire", "area_type": "police force area"},
        ],
        columns=list(CONTRACTS["areas"].columns),
        dtype="string",
    ),
    "areas",
    KINDS,
)[0]

Row = dict[str, object]
REFERRAL: Row = {"referral_id": "R1", "child_id": "K1", "area_code": HERE, "exploitation_type": "CSE"} | {
    "referred_on": "2024-05-01"
}
RETURN: Row = {
    "service_id": "a_service",
    "area_code": HERE,
    "period_start": "2024-04-01",
    "period_end": "2024-06-30",
} | {
    "measure": "new_referrals",
    "unit": "referral",
    "basis": "in period",
}


def csv_file(tmp_path: Path, *rows: Row) -> Path:
    columns = list(dict.fromkeys(column for row in rows for column in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="")
    writer.writeheader()
    writer.writerows(rows)
    path = tmp_path / "return.csv"
    path.write_text(text.getvalue(), encoding="utf-8")
    return path


def read_path(path: Path, areas: pd.DataFrame = AREAS) -> tuple[dict[str, pd.DataFrame], Notes]:
    notes = Notes(path.name)
    file = open_file(path, notes)
    return recognised(file, returns.READERS).read(file, notes, areas), notes


def read(tmp_path: Path, *rows: Row) -> tuple[dict[str, pd.DataFrame], Notes]:
    return read_path(csv_file(tmp_path, *rows))


def first(tmp_path: Path, name: str, row: Row) -> dict[str, object]:
    tables, notes = read(tmp_path, row)
    assert notes.faults == []
    (record,) = tables[name].to_dict("records")
    return record


def faults(tmp_path: Path, *rows: Row) -> list[tuple[str, tuple[int, ...]]]:
    _, notes = read(tmp_path, *rows)
    assert "SECRET" not in " ".join([*map(str, notes.faults), *notes.remarks])
    return [(fault.column, fault.rows) for fault in notes.faults]


# Words as people write them


@pytest.mark.parametrize(
    ("written", "code"),
    [
        (HERE, HERE),
        (HERE.lower(), HERE),
        (" Exshire, County of ", HERE),
        ("County of Exshire", HERE),
        ("exshire", HERE),
        ("Wye", THERE),
        ("Wyeford Council", THERE),
    ],
)
def test_an_area_is_a_code_or_a_name_and_a_childs_area_is_a_local_authority(
    written: str, code: str, tmp_path: Path
) -> None:
    assert first(tmp_path, "referrals", REFERRAL | {"area_code": written})["area_code"] == code


def test_names_are_counted_as_resolved(tmp_path: Path) -> None:
    _, notes = read(tmp_path, REFERRAL | {"area_code": "Wye"}, REFERRAL | {"referral_id": "R2"})
    assert notes.counts[Coercion.NAME, "area_code"] == 1


def test_a_name_of_two_kinds_of_area_is_not_guessed_in_a_provider_return(tmp_path: Path) -> None:
    assert faults(tmp_path, RETURN | {"area_code": "Exshire"}) == [("area_code", (2,))]


@pytest.mark.parametrize(
    ("column", "written", "meant"),
    [
        ("exploitation_type", "child sexual exploitation", "CSE"),
        ("exploitation_type", "Child Criminal Exploitation ", "CCE"),
        ("exploitation_type", "cce", "CCE"),
        ("sex", "F", "female"),
        ("sex", "m", "male"),
        ("sex", "Female", "female"),
        ("sex", "Not known", "another or not recorded"),
        ("accepted", "Yes", True),
        ("accepted", "n", False),
        ("accepted", "Y", True),
        ("accepted", "0", False),
        ("home_area_code", "Outside", "outside"),
        ("home_area_code", "out of area", "outside"),
        ("home_area_code", "Wyeford", THERE),
        ("referred_on", "01/05/2024", pd.Timestamp("2024-05-01")),
        ("referred_on", "45413", pd.Timestamp("2024-05-01")),
        ("age", "15", 15),
    ],
)
def test_words_dates_and_numbers_are_read_as_people_write_them(
    column: str, written: str, meant: object, tmp_path: Path
) -> None:
    assert first(tmp_path, "referrals", REFERRAL | {column: written})[column] == meant


def test_blanks_stay_blank(tmp_path: Path) -> None:
    blank = dict.fromkeys(["home_area_code", "age", "sex", "accepted", "closed_on"], "")
    record = first(tmp_path, "referrals", REFERRAL | blank)
    assert all(pd.isna(record[column]) for column in blank)


# Faults name column and rows, and never a cell


@pytest.mark.parametrize(
    ("column", "written"),
    [
        ("area_code", "SECRET"),
        ("area_code", ""),
        ("home_area_code", "SECRET"),
        ("exploitation_type", "CSE and CCE SECRET"),
        ("sex", "SECRET"),
        ("accepted", "SECRET"),
        ("referred_on", "SECRET"),
        ("referred_on", "2024-02-30"),
        ("referred_on", ""),
        ("age", "26"),
        ("age", "-1"),
        ("age", "14.5"),
        ("child_id", ""),
        ("child_id", "#REF!"),
        ("", "closed before it was referred"),
    ],
)
def test_a_misfit_is_a_fault_with_its_row(column: str, written: str, tmp_path: Path) -> None:
    wrong = {column: written} if column else {"closed_on": "2024-04-30"}
    found = faults(tmp_path, REFERRAL, REFERRAL | {"referral_id": "R2"} | wrong)
    assert found == [(column, (3,))]


def test_all_faults_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    wrong = REFERRAL | {"area_code": "SECRET", "exploitation_type": "SECRET", "referred_on": "SECRET"}
    columns = {column for column, _ in faults(tmp_path, wrong)}
    assert columns == {"area_code", "exploitation_type", "referred_on"}


def test_a_cell_that_cannot_be_read_is_not_accused_of_being_blank_too(tmp_path: Path) -> None:
    snapshot: Row = {"area_code": HERE, "residence": "all", "exploitation_type": "CSE", "scheme": "A", "unit": "child"}
    snapshot |= {"risk_level": "high", "as_at": "2024-03-31"}
    assert faults(tmp_path, snapshot | {"count": "SECRET"}) == [("count", (2,))]
    assert faults(tmp_path, snapshot | {"count": ""}) == [("", (2,))]


def test_a_code_of_a_provider_return_keeps_to_its_pattern(tmp_path: Path) -> None:
    assert faults(tmp_path, RETURN | {"measure": "New referrals"}) == [("measure", (2,))]


# Rows that repeat


def test_an_exact_repeat_is_dropped_and_counted(tmp_path: Path) -> None:
    tables, notes = read(tmp_path, REFERRAL, REFERRAL, REFERRAL | {"referral_id": "R2"})
    assert list(tables["referrals"]["referral_id"]) == ["R1", "R2"]
    assert notes.counts[Coercion.REPEATED_ROW, ""] == 1
    assert notes.faults == []


def test_one_id_with_two_contents_is_a_fault_with_both_rows(tmp_path: Path) -> None:
    later = REFERRAL | {"referred_on": "2024-06-01"}
    assert faults(tmp_path, REFERRAL, REFERRAL | {"referral_id": "R2"}, later) == [("", (2, 4))]


# Rows of totals


def figures(*values: object) -> list[Row]:
    measures = ["new_referrals", "closed_cases", "reviews_held"]
    return [RETURN | {"measure": measure, "value": value} for measure, value in zip(measures, values, strict=False)]


@pytest.mark.parametrize("label", ["Total", "GRAND TOTAL ", "totals"])
@pytest.mark.parametrize("column", ["service_id", "area_code", "measure"])
def test_a_row_of_a_total_is_left_out_where_it_adds_up(label: str, column: str, tmp_path: Path) -> None:
    total = dict.fromkeys(RETURN, "") | {column: label, "value": "1,234"}
    tables, notes = read(tmp_path, *figures("1,200", 34), total)
    assert list(tables["service_returns"]["value"]) == [1200, 34]
    assert notes.counts[Coercion.TOTAL_ROW, ""] == 1
    assert notes.faults == []


@pytest.mark.parametrize("stated", ["1235", "", "SECRET"])
def test_a_total_that_does_not_add_up_or_cannot_be_checked_is_a_fault(stated: str, tmp_path: Path) -> None:
    total = dict.fromkeys(RETURN, "") | {"area_code": "Total", "measure": "x", "value": stated}
    assert faults(tmp_path, *figures("1,200", 34), total) == [("", (4,))]


def test_a_total_is_checked_in_every_column_that_states_one(tmp_path: Path) -> None:
    rows = [row | {"target": 10} for row in figures(5, 6)]
    total = dict.fromkeys(RETURN, "") | {"service_id": "Total", "value": 11}
    assert faults(tmp_path, *rows, total | {"target": 20}) == []
    assert faults(tmp_path, *rows, total | {"target": 10}) == [("", (4,))]


# Which tables a file holds


def test_columns_that_no_contract_has_are_left_out_and_not_named(tmp_path: Path) -> None:
    tables, notes = read(tmp_path, REFERRAL | {"SECRET NAME": "SECRET"})
    assert set(tables["referrals"].columns) == set(CONTRACTS["referrals"].columns)
    assert notes.remarks == ["headings that the table referrals does not have, columns left out: 1"]


def test_a_table_that_names_its_sources_is_evidence_already(tmp_path: Path) -> None:
    assert faults(tmp_path, REFERRAL | {"source_id": "synthetic"}) == [("source_id", ())]


def test_a_file_with_headings_and_no_row_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "return.csv"
    path.write_text(",".join(REFERRAL) + "\n", encoding="utf-8")
    with pytest.raises(RefusedError, match="no row"):
        read_path(path)


def test_a_return_that_lacks_a_column_is_told_which(tmp_path: Path) -> None:
    lacking = {column: cell for column, cell in REFERRAL.items() if column != "child_id"}
    with pytest.raises(RefusedError, match=r"nearest to Return .*\(referrals\).*has no heading: child_id"):
        read(tmp_path, lacking)


def test_a_workbook_gives_each_of_its_tables(tmp_path: Path) -> None:
    workbook = Workbook()
    for name, row in (("what came in", REFERRAL), ("from providers", RETURN | {"value": 28})):
        sheet = workbook.create_sheet(name)
        sheet.append(["A title above the headings"])
        sheet.append(list(row))
        sheet.append([date(2024, 5, 1) if column == "referred_on" else cell for column, cell in row.items()])
    path = tmp_path / "return.xlsx"
    workbook.save(path)
    tables, notes = read_path(path)
    assert notes.faults == []
    assert set(tables) == {"sources", "referrals", "service_returns"}
    assert tables["referrals"]["referred_on"].tolist() == [pd.Timestamp("2024-05-01")]
    assert tables["service_returns"]["value"].tolist() == [28]


def test_one_table_in_two_sheets_is_a_fault(tmp_path: Path) -> None:
    workbook = Workbook()
    for _ in range(2):
        sheet = workbook.create_sheet()
        sheet.append(list(REFERRAL))
        sheet.append(list(REFERRAL.values()))
    workbook.save(tmp_path / "return.xlsx")
    _, notes = read_path(tmp_path / "return.xlsx")
    assert [fault.rule for fault in notes.faults] == ["holds this table in more than one sheet; keep one"]


def test_the_source_is_not_public_and_is_the_same_for_the_same_content(tmp_path: Path) -> None:
    tables, _ = read(tmp_path, REFERRAL, REFERRAL | {"referral_id": "R2", "referred_on": "2024-06-30"})
    (source,) = tables["sources"].to_dict("records")
    assert source["public"] is False
    assert source["data_to"] == date(2024, 6, 30)
    assert source["source_id"].startswith("return_referrals_")
    assert set(tables["referrals"]["source_id"]) == {source["source_id"]}
    again, _ = read(tmp_path, REFERRAL, REFERRAL | {"referral_id": "R2", "referred_on": "2024-06-30"})
    changed, _ = read(tmp_path, REFERRAL)
    assert again["sources"]["source_id"].tolist() == [source["source_id"]]
    assert changed["sources"]["source_id"].tolist() != [source["source_id"]]


def test_codes_are_read_where_no_area_is_known(tmp_path: Path) -> None:
    tables, notes = read_path(csv_file(tmp_path, REFERRAL), AREAS.iloc[:0])
    assert notes.faults == []
    assert tables["referrals"]["area_code"].tolist() == [HERE]


def test_no_row_of_one_table_is_taken_for_another() -> None:
    for name in returns.TABLES:
        others = [other for other in returns.TABLES if other != name]
        columns = set(returns.filled_columns(name))
        assert not [other for other in others if set(returns.headings(other)) <= columns]
