"""The template for returns: what it holds, and that what is filled in comes back. Every record here is made up."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from small_evidence import FIRST, ONE_OF_EACH, SECOND, table

from needs_assessment.evidence import CONTRACTS, read_evidence
from needs_assessment.evidence.pseudonyms import pseudonymised
from needs_assessment.sources import import_files, read_files
from needs_assessment.sources.files import open_file
from needs_assessment.sources.notes import Notes, RefusedError
from needs_assessment.sources.readers.returns import READERS, allowed_words, filled_columns, headings
from needs_assessment.sources.registry import recognised
from needs_assessment.sources.template import COLUMNS, LAST_ROW, READ_ME, template_tables, write_template

AREAS = table("areas", *ONE_OF_EACH["areas"])
Records = Mapping[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The template, written once. Only to be read."""
    path = tmp_path_factory.mktemp("template") / "returns.xlsx"
    write_template(path)
    return path


@pytest.fixture(scope="module")
def sheets(empty: Path) -> Workbook:
    """The sheets of the template. Only to be read."""
    return load_workbook(empty)


@pytest.fixture
def template(empty: Path, tmp_path: Path) -> Path:
    """A copy of the template, in a folder of the test's own."""
    return shutil.copy(empty, tmp_path / "returns.xlsx")


def kind_of(name: str, column: str) -> str:
    return str(CONTRACTS[name].columns[column].metadata["kind"])


def as_excel_holds_it(name: str, column: str, cell: object) -> object:
    """The cell as a person's spreadsheet stores what they type into the template."""
    if cell is None or pd.isna(cell):
        return None
    kind = kind_of(name, column)
    if kind == "day":
        return datetime.combine(pd.Timestamp(cell).date(), datetime.min.time())
    if kind == "yes_no":
        return "yes" if cell else "no"
    return {"whole": int, "number": float}.get(kind, str)(cell)


def fill(workbook: Workbook, name: str, rows: list[dict[str, Any]]) -> None:
    sheet = workbook[name]
    columns = [cell.value for cell in sheet[1]]
    for place, row in enumerate(rows, start=2):
        for number, column in enumerate(columns, start=1):
            sheet.cell(place, number, as_excel_holds_it(name, column, row.get(column)))


def filled(template: Path, records: Records) -> Path:
    workbook = load_workbook(template)
    for name, rows in records.items():
        fill(workbook, name, rows)
    path = template.with_name("filled.xlsx")
    workbook.save(path)
    return path


def small() -> dict[str, pd.DataFrame]:
    """A typed row of each table, in the columns that a return has."""
    rows = {name: ONE_OF_EACH[name] for name in template_tables()}
    return {name: table(name, *records).drop(columns="source_id") for name, records in rows.items()}


def as_records(tables: Mapping[str, pd.DataFrame]) -> Records:
    return {name: rows.to_dict("records") for name, rows in tables.items()}


# What the workbook is


def test_the_template_has_a_sheet_for_each_table_behind_an_explanation(sheets: Workbook) -> None:
    assert sheets.sheetnames == [READ_ME, *template_tables(), COLUMNS]
    words = " ".join(str(row[0].value) for row in sheets[READ_ME].iter_rows())
    assert "sensitive" in words
    assert "data/private" in words
    assert "needs-assessment import" in words


@pytest.mark.parametrize("name", template_tables())
def test_headings_are_those_of_the_contract_and_bold_where_they_must_be_filled(name: str, sheets: Workbook) -> None:
    sheet = sheets[name]
    assert [cell.value for cell in sheet[1]] == [column for column in CONTRACTS[name].columns if column != "source_id"]
    assert [cell.value for cell in sheet[1] if cell.font.bold] == list(headings(name))
    assert sheet.freeze_panes == "A2"
    assert sheet.max_row == 1


def lists_of(sheet: Worksheet) -> dict[str, str]:
    """The list of words of each column, by its heading; each reaches from row 2 to the last row of the sheet."""
    found = {}
    for validation in sheet.data_validations.dataValidation:
        for reach in validation.sqref.ranges:
            assert (reach.min_row, reach.max_row) == (2, LAST_ROW)
            found[sheet.cell(1, reach.min_col).value] = validation.formula1
    return found


@pytest.mark.parametrize("name", template_tables())
def test_columns_of_closed_words_offer_them_as_a_list(name: str, sheets: Workbook) -> None:
    expected = {
        column: ["yes", "no"] if kind_of(name, column) == "yes_no" else allowed_words(schema)
        for column, schema in filled_columns(name).items()
    }
    found = lists_of(sheets[name])
    assert found == {column: f'"{",".join(words)}"' for column, words in expected.items() if words}
    # Excel takes at most 255 characters between the quotation marks, and a comma would end a word.
    assert all(len(listed) <= 257 for listed in found.values())
    assert not [word for words in expected.values() for word in words if "," in word or '"' in word]


def test_the_lists_are_the_words_of_the_contracts(sheets: Workbook) -> None:
    found = lists_of(sheets["referrals"])
    assert found == {
        "exploitation_type": '"CSE,CCE"',
        "sex": '"female,male,another or not recorded"',
        "ethnicity": '"Asian or Asian British,Black or Black British,Mixed or multiple ethnic groups,White,'
        'Other ethnic group,not recorded"',
        "accepted": '"yes,no"',
    }


def test_columns_of_dates_show_dates_and_columns_of_text_keep_what_is_typed(sheets: Workbook) -> None:
    sheet = sheets["referrals"]
    formats = {cell.value: sheet.column_dimensions[cell.column_letter].number_format for cell in sheet[1]}
    assert formats["referred_on"] == "dd/mm/yyyy"
    assert formats["child_id"] == "@"
    assert all(sheet.column_dimensions[cell.column_letter].width >= len(cell.value) for cell in sheet[1])


def test_the_sheet_of_columns_explains_every_one(sheets: Workbook) -> None:
    rows = list(sheets[COLUMNS].iter_rows(min_row=2, values_only=True))
    assert [row[:2] for row in rows] == [
        (name, column) for name in template_tables() for column in filled_columns(name)
    ]
    assert all(row[4] for row in rows)


def test_an_existing_file_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "returns.xlsx"
    path.write_bytes(b"filled in")
    with pytest.raises(FileExistsError):
        write_template(path)
    assert path.read_bytes() == b"filled in"


# What is filled in comes back


def test_every_table_comes_back_as_it_was_filled_in(template: Path) -> None:
    expected = small()
    made = read_files([filled(template, as_records(expected))], known_areas=AREAS)
    assert set(made.tables) == {"sources", "areas", *template_tables()}
    for name, rows in expected.items():
        same = pseudonymised(rows)
        pd.testing.assert_frame_equal(made.tables[name].drop(columns="source_id"), same, check_dtype=False)
    assert made.tables["sources"]["public"].tolist() == [False]
    (file,) = made.files
    assert file.notes.faults == []


def test_a_filled_template_becomes_valid_evidence(template: Path, tmp_path: Path) -> None:
    import_files([filled(template, as_records(small()))], tmp_path / "imported", known_areas=AREAS)
    evidence = read_evidence(tmp_path / "imported", required=("sources", "areas"))
    for name, rows in small().items():
        pd.testing.assert_frame_equal(evidence[name].drop(columns="source_id"), pseudonymised(rows))


@pytest.mark.parametrize("name", template_tables())
def test_one_filled_sheet_gives_that_table_alone_and_no_fault(name: str, template: Path) -> None:
    rows = small()[name]
    notes = Notes("filled.xlsx")
    file = open_file(filled(template, as_records({name: rows})), notes)
    tables = recognised(file, READERS).read(file, notes, AREAS)
    assert set(tables) == {"sources", name}
    assert notes.faults == []
    assert notes.remarks == []
    assert tables["sources"]["source_id"].str.startswith(f"return_{name}_").all()


def test_an_empty_template_is_refused_in_words(template: Path) -> None:
    notes = Notes("returns.xlsx")
    file = open_file(template, notes)
    with pytest.raises(RefusedError, match="no row below"):
        recognised(file, READERS).read(file, notes, AREAS)
    assert notes.faults == []


def test_a_fault_names_the_row_of_the_sheet(template: Path) -> None:
    rows = as_records(small())["referrals"]
    wrong = filled(template, {"referrals": [rows[0], rows[0] | {"referral_id": "r2", "sex": "SECRET"}]})
    notes = Notes("filled.xlsx")
    file = open_file(wrong, notes)
    recognised(file, READERS).read(file, notes, AREAS)
    assert [(fault.column, fault.rows) for fault in notes.faults] == [("sex (referrals)", (3,))]
    assert "SECRET" not in str(notes.faults[0])


# Made-up records of every contract

words = st.text("abcdefghijklmnopqrstuvwxyzABCXYZ0123456789 -'()&£é,;:/", min_size=1, max_size=20).map(
    lambda text: f"w{text.strip()}x"
)
days = st.dates(date(1950, 1, 1), date(2090, 12, 31)).map(pd.Timestamp)
BY_KIND = {
    "day": days,
    "whole": st.integers(0, 18),
    "number": st.decimals(0, 10**9, places=2).map(Decimal.__float__),
    "yes_no": st.booleans(),
    "text": words.map(lambda text: " ".join(text.split())),
}
SHORT_NAMES = {"measure": "new_referrals", "service_id": "a_service", "extension_months": "12|12", "intensity": "group"}


def cells_of(name: str, column: str, schema: Any) -> st.SearchStrategy[Any]:
    if column.endswith("area_code"):
        cells = st.sampled_from([FIRST, SECOND])
    elif allowed_words(schema):
        cells = st.sampled_from(allowed_words(schema))
    elif column == "exploitation_types":
        cells = st.sampled_from(["CSE", "CCE", "CSE|CCE"])
    elif column == "works_with":
        cells = st.sampled_from(["victims", "at risk", "victims|at risk"])
    else:
        cells = st.just(SHORT_NAMES[column]) if column in SHORT_NAMES else BY_KIND[kind_of(name, column)]
    return cells | st.none() if schema.nullable else cells


def in_order(row: dict[str, Any]) -> dict[str, Any]:
    """The row with each pair of bounds in order, with a position in its scheme, and with a count or a reason."""
    for first, last in (
        ("referred_on", "closed_on"),
        ("reviewed_on", "closed_on"),
        ("period_start", "period_end"),
        ("contract_start", "contract_end"),
        ("start", "end"),
        ("age_from", "age_to"),
    ):
        if row.get(first) is not None and row.get(last) is not None:
            row[first], row[last] = sorted((row[first], row[last]))
    if "ordinal" in row:
        row["ordinal"], row["levels_in_scheme"] = sorted((row["ordinal"] + 1, row["levels_in_scheme"] + 1))
    if "count" in row and (row["count"] is None) == (row["missing"] is None):
        row["count"], row["missing"] = 7, None
    return row


def rows_of(name: str) -> st.SearchStrategy[list[dict[str, Any]]]:
    columns = {column: cells_of(name, column, schema) for column, schema in filled_columns(name).items()}
    key = [column for column in CONTRACTS[name].metadata["key"] if column != "source_id"]
    row = st.fixed_dictionaries(columns).map(in_order)
    return st.lists(row, max_size=3, unique_by=lambda one: tuple(str(one[column]) for column in key))


@settings(max_examples=10)
@given(
    st.fixed_dictionaries({name: rows_of(name) for name in template_tables()}).filter(lambda rows: any(rows.values()))
)
def test_whatever_is_filled_in_comes_back(empty: Path, records: Records) -> None:
    notes = Notes("filled.xlsx")
    file = open_file(filled(empty, records), notes)
    tables = recognised(file, READERS).read(file, notes, AREAS)
    assert notes.faults == []
    assert set(tables) == {"sources"} | {name for name, rows in records.items() if rows}
    for name, rows in ((name, rows) for name, rows in records.items() if rows):
        for column in filled_columns(name):
            found = [None if pd.isna(cell) else cell for cell in tables[name][column]]
            assert found == [row[column] for row in rows], (name, column)
