from __future__ import annotations

import csv
import zipfile
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

import openpyxl
import pandas as pd
import pytest

from needs_assessment.evidence import CONTRACTS
from needs_assessment.sources.files import open_file
from needs_assessment.sources.notes import Coercion, Notes, RefusedError
from needs_assessment.sources.readers.crime import NO_FORCE_AREA, OFFENCES, READERS
from needs_assessment.sources.registry import Tables, recognised

SHARED = Path(__file__).resolve().parents[1].parent / "shared"
OFFICIAL = SHARED / "official" / "crime" / "prc-pfa-mar2013-onwards-tables201718.csv"
LOOKUP = SHARED / "official" / "lookups" / "geographr_lookup_ltla24_csp24_pfa24.csv"
needs_official_files = pytest.mark.skipif(
    not OFFICIAL.is_file(), reason="the official files are not beside the project"
)

HEADINGS = [
    "Financial Year",
    "Financial Quarter",
    "Force Name",
    "Offence Description",
    "Offence Group",
    "Offence Subgroup",
    "Offence Code",
    "Number of Offences",
]
NAMES = {
    "71": "Abuse of children through sexual exploitation",
    "88A": "Sexual grooming",
    "72": "Trafficking for sexual exploitation",
    "106": "Modern slavery",
    "46": "Shoplifting",
    "AF": "Fraud offences recorded by Action Fraud",
}
ABSENT = "police force areas without any figure in this file: {}"
DERBYSHIRE, WEST_MERCIA, LONDON = "E23000018", "E23000016", "E23000034"
CELLS = {
    name: place
    for place, name in enumerate(["year", "quarter", "force", "name", "group", "subgroup", "code", "figure"])
}


def row(quarter: object, force: str, code: str, figure: object, year: str = "2017/18") -> list[object]:
    group = ["Sexual offences", "Other sexual offences"]
    return [year, quarter, force, NAMES[code], *group, code, figure]


# The figures of code 71 in 2017/18 are the Home Office's: Derbyshire 4, 2, 2, 1 and West Mercia 7, 19, 5, 5.
PUBLISHED = [
    row(quarter, "Derbyshire", "71", f" {figure} ") for quarter, figure in enumerate([4, 2, 2, 1], start=1)
] + [row(quarter, "West Mercia", "71", f" {figure} ") for quarter, figure in enumerate([7, 19, 5, 5], start=1)]


@pytest.fixture(scope="module")
def areas() -> pd.DataFrame:
    """Three police force areas, and the authority that has the name of one."""
    force, authority = "police force area", "local authority"
    listed = [
        (DERBYSHIRE, "Derbyshire", force),
        (WEST_MERCIA, "West Mercia", force),
        (LONDON, "London, City of", force),
        ("E10000007", "Derbyshire", authority),
    ]
    areas = pd.DataFrame(listed, columns=["area_code", "area_name", "area_type"])
    return areas.reindex(columns=list(CONTRACTS["areas"].columns)).astype("object")


def write_csv(folder: Path, rows: Sequence[Sequence[object]], headings: Sequence[str] = HEADINGS) -> Path:
    path = folder / "any_name.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([headings, *rows])
    return path


def write_xlsx(folder: Path, sheets: dict[str, Sequence[Sequence[object]]]) -> Path:
    workbook = openpyxl.Workbook(write_only=True)
    for name, rows in sheets.items():
        sheet = workbook.create_sheet(name)
        for cells in rows:
            sheet.append(list(cells))
    workbook.save(folder / "any_name.xlsx")
    return folder / "any_name.xlsx"


def write_ods(folder: Path, sheets: dict[str, Sequence[Sequence[object]]]) -> Path:
    """An OpenDocument workbook with the least that one must hold."""
    uri = "urn:oasis:names:tc:opendocument:xmlns"
    tables = "".join(
        f'<table:table table:name="{name}">{"".join(map(_ods_row, rows))}</table:table>'
        for name, rows in sheets.items()
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content xmlns:office="{uri}:office:1.0" '
        f'xmlns:table="{uri}:table:1.0" xmlns:text="{uri}:text:1.0"><office:body><office:spreadsheet>{tables}'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    manifest = f'<?xml version="1.0" encoding="UTF-8"?><manifest:manifest xmlns:manifest="{uri}:manifest:1.0"/>'
    with zipfile.ZipFile(folder / "any_name.ods", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", manifest)
        archive.writestr("content.xml", content)
    return folder / "any_name.ods"


def _ods_row(cells: Sequence[object]) -> str:
    return f"<table:table-row>{''.join(map(_ods_cell, cells))}</table:table-row>"


def _ods_cell(cell: object) -> str:
    kind = f'office:value-type="float" office:value="{cell}"' if isinstance(cell, int) else 'office:value-type="string"'
    return f"<table:table-cell {kind}><text:p>{escape(str(cell))}</text:p></table:table-cell>"


def read(path: Path, areas: pd.DataFrame) -> tuple[Tables, Notes]:
    notes = Notes(path.name)
    file = open_file(path, notes)
    return recognised(file, READERS).read(file, notes, areas), notes


def counts(tables: Tables, measure: str, area_code: str) -> list[object]:
    """The counts of a measure and an area in order of time."""
    rows = tables["observations"].query("measure == @measure and area_code == @area_code")
    return rows.sort_values("period_start")["count"].tolist()


def test_quarters_of_a_financial_year_start_in_april(tmp_path: Path, areas: pd.DataFrame) -> None:
    tables, notes = read(write_csv(tmp_path, PUBLISHED), areas)

    rows = tables["observations"].query("area_code == @DERBYSHIRE")
    assert rows["count"].tolist() == [4, 2, 2, 1]
    assert rows["period_start"].dt.strftime("%Y-%m-%d").tolist() == [
        "2017-04-01",
        "2017-07-01",
        "2017-10-01",
        "2018-01-01",
    ]
    assert rows["period_end"].dt.strftime("%Y-%m-%d").tolist() == [
        "2017-06-30",
        "2017-09-30",
        "2017-12-31",
        "2018-03-31",
    ]
    assert set(rows["unit"]) == {"offence"}
    assert set(rows["exploitation_type"]) == {"CSE"}
    assert not notes.faults
    assert notes.counts[Coercion.NAME, "force name"] == 8


def test_only_abuse_through_sexual_exploitation_is_about_one_harm_alone(tmp_path: Path, areas: pd.DataFrame) -> None:
    rows = [row(1, "Derbyshire", code, 3) for code in OFFENCES]

    observations = read(write_csv(tmp_path, rows), areas)[0]["observations"].set_index("measure")

    assert len(observations) == len(OFFENCES)
    assert observations["exploitation_type"].dropna().to_dict() == {"offences_abuse_through_sexual_exploitation": "CSE"}
    assert {code for code, offence in OFFENCES.items() if offence.core} == {"71", "88A"}


def test_what_is_read_keeps_the_contract_of_observations(tmp_path: Path, areas: pd.DataFrame) -> None:
    rows = [*PUBLISHED, row(1, "Derbyshire", "88A", "-1"), row(2, "Derbyshire", "88A", "..")]

    observations = read(write_csv(tmp_path, rows), areas)[0]["observations"]

    contract = CONTRACTS["observations"]
    missing = {name: pd.NA for name in contract.columns if name not in observations}
    types = {name: column.dtype.type for name, column in contract.columns.items()}
    assert len(contract.validate(observations.assign(**missing).astype(types), lazy=True)) == 10
    assert not observations.duplicated(contract.metadata["key"]).any()


def test_padded_numbers_thousands_separators_and_headings_with_blanks_are_read(
    tmp_path: Path, areas: pd.DataFrame
) -> None:
    headings = [f"{heading} " for heading in HEADINGS]

    tables, notes = read(write_csv(tmp_path, [row(1, " Derbyshire", "71", " 1,066 ")], headings), areas)

    assert counts(tables, "offences_abuse_through_sexual_exploitation", DERBYSHIRE) == [1066]
    assert notes.counts[Coercion.THOUSANDS, "number of offences"] == 1
    assert notes.counts[Coercion.WHITE_SPACE, "number of offences"] == 1


def test_nought_in_an_accounting_format_is_nought_and_is_told(tmp_path: Path, areas: pd.DataFrame) -> None:
    rows = [row(1, "Derbyshire", "71", "-00 "), row(2, "Derbyshire", "71", "0")]

    tables, notes = read(write_csv(tmp_path, rows), areas)

    assert counts(tables, "offences_abuse_through_sexual_exploitation", DERBYSHIRE) == [0, 0]
    assert notes.remarks == ["figures written as a dash and noughts (-00), read as 0: 1", ABSENT.format(2)]


def test_a_figure_below_nought_is_kept_as_a_correction_and_not_as_a_count(tmp_path: Path, areas: pd.DataFrame) -> None:
    tables, notes = read(write_csv(tmp_path, [row(1, "Derbyshire", "71", 5), row(2, "Derbyshire", "71", -2)]), areas)

    first, corrected = (row for _, row in tables["observations"].iterrows())
    assert pd.isna(corrected["count"])
    assert corrected["missing"] == ":"
    assert corrected["note"].startswith("published as -2: offences cancelled")
    assert pd.isna(first["note"])
    assert notes.remarks == ["figures below nought, kept as no count with a note: 1", ABSENT.format(2)]


def test_figures_that_were_not_available_are_missing_and_not_nought(tmp_path: Path, areas: pd.DataFrame) -> None:
    tables, notes = read(
        write_csv(tmp_path, [row(1, "Derbyshire", "71", ".."), row(2, "Derbyshire", "71", "[x]")]), areas
    )

    assert tables["observations"]["missing"].tolist() == ["x", "x"]
    assert tables["observations"]["count"].isna().all()
    assert notes.counts[Coercion.SYMBOL, "number of offences"] == 2


def test_every_row_is_read_or_counted(tmp_path: Path, areas: pd.DataFrame) -> None:
    bodies = [row(1, name, "71", 1) for name in ["Action Fraud", "British Transport Police", "CIFAS", "UK Finance"]]
    rows = [*PUBLISHED, *bodies, row(1, "Derbyshire", "46", 900), row(1, "Action Fraud", "AF", 66776)]

    tables, notes = read(write_csv(tmp_path, rows), areas)

    assert notes.counts[Coercion.NOT_USED, "force name"] == 4
    assert notes.counts[Coercion.NOT_USED, "offence code"] == 2
    assert len(rows) == len(tables["observations"]) + 4 + 2


def test_a_force_without_a_row_is_not_taken_for_nought(tmp_path: Path, areas: pd.DataFrame) -> None:
    tables, notes = read(write_csv(tmp_path, PUBLISHED[:-1]), areas)

    assert counts(tables, "offences_abuse_through_sexual_exploitation", WEST_MERCIA) == [7, 19, 5]
    assert notes.remarks == [
        "figures of a force and quarter that have no row, left without a figure and not taken for 0: 1",
        ABSENT.format(1),
    ]


def test_a_row_that_repeats_another_exactly_is_read_once(tmp_path: Path, areas: pd.DataFrame) -> None:
    tables, notes = read(write_csv(tmp_path, [*PUBLISHED, PUBLISHED[0]]), areas)

    assert len(tables["observations"]) == len(PUBLISHED)
    assert notes.counts[Coercion.REPEATED_ROW, ""] == 1


def test_two_figures_of_one_force_quarter_and_offence_are_a_fault(tmp_path: Path, areas: pd.DataFrame) -> None:
    _, notes = read(write_csv(tmp_path, [*PUBLISHED, row(1, "Derbyshire", "71", 40)]), areas)

    (fault,) = notes.faults
    assert fault.rule == "must not state a force, quarter and offence more than once"
    assert fault.rows == (2, 10)


@pytest.mark.parametrize(
    ("cell", "written", "column", "rule"),
    [
        ("year", "2017", "financial year", "must be a financial year such as 2017/18"),
        ("year", "2017/19", "financial year", "must be a financial year such as 2017/18"),
        ("quarter", "5", "financial quarter", "must be a quarter from 1 (April to June) to 4 (January to March)"),
        ("quarter", "", "financial quarter", "must not be blank"),
        ("force", "Barsetshire", "force name", "must be a police force whose area another file of the import gives"),
        ("code", "", "offence code", "must not be blank"),
        ("figure", "", "number of offences", "must not be blank"),
        ("figure", "-", "number of offences", "must be a whole number or a known symbol"),
        ("figure", "1.5", "number of offences", "must be a whole number or a known symbol"),
        ("figure", "#REF!", "number of offences", "must not hold a failed or uncalculated formula"),
    ],
)
def test_a_cell_that_is_not_understood_is_a_fault_with_its_row(
    tmp_path: Path, areas: pd.DataFrame, cell: str, written: str, column: str, rule: str
) -> None:
    broken = list(PUBLISHED[1])
    broken[CELLS[cell]] = written

    tables, notes = read(write_csv(tmp_path, [PUBLISHED[0], broken, *PUBLISHED[2:]]), areas)

    faults = [fault for fault in notes.faults if fault.rule.startswith(rule)]
    assert [(fault.column, fault.rows) for fault in faults] == [(column, (3,))]
    assert not tables
    assert not written or f"{written!r}" not in str(notes.faults)


def test_an_offence_code_with_another_name_is_a_fault(tmp_path: Path, areas: pd.DataFrame) -> None:
    renumbered, renamed = list(PUBLISHED[1]), list(PUBLISHED[2])
    renumbered[CELLS["code"]] = "71A"
    renamed[CELLS["name"]] = "Shoplifting"

    _, notes = read(write_csv(tmp_path, [PUBLISHED[0], renumbered, renamed]), areas)

    (fault,) = notes.faults
    assert fault.rule == "must be 71 for “abuse of children through …” and for no other offence"
    assert fault.rows == (3, 4)


def test_the_name_of_the_offence_before_2015_is_known(tmp_path: Path, areas: pd.DataFrame) -> None:
    before = row(1, "Derbyshire", "71", 3, year="2013/14")
    before[CELLS["name"]] = "Abuse of children through prostitution and pornography"

    tables, notes = read(write_csv(tmp_path, [before]), areas)

    assert counts(tables, "offences_abuse_through_sexual_exploitation", DERBYSHIRE) == [3]
    assert not notes.faults


WORKBOOK: dict[str, Sequence[Sequence[object]]] = {
    "Cover_sheet": [["Police recorded crime, open data tables"], ["Crown copyright"]],
    "Notes": [["Note", "Description"], ["1", "Figures are subject to revision."]],
    "2016_17": [HEADINGS, row(4, "Derbyshire", "71", 6, year="2016/17")],
    "2017_18": [["Police recorded crime"], [], HEADINGS, *[[*cells[:-1], int(str(cells[-1]))] for cells in PUBLISHED]],
    "2018-19": [[*HEADINGS[:-1], "Offence Count"], row("Q1", "West Mercia Police", "71", 8, year="2018-19")],
}


@pytest.mark.parametrize("write", [write_xlsx, write_ods])
def test_a_workbook_is_read_with_a_sheet_for_each_year(tmp_path: Path, areas: pd.DataFrame, write) -> None:
    tables, notes = read(write(tmp_path, WORKBOOK), areas)

    assert counts(tables, "offences_abuse_through_sexual_exploitation", DERBYSHIRE) == [6, 4, 2, 2, 1]
    assert counts(tables, "offences_abuse_through_sexual_exploitation", WEST_MERCIA) == [7, 19, 5, 5, 8]
    assert tables["sources"]["source_id"].item() == "home_office_recorded_crime_2017_01_2018_06"
    assert str(tables["sources"]["data_to"].item()) == "2018-06-30"
    assert "sheet Notes: no table of offences, so it was left out" in notes.remarks
    assert not notes.faults


def test_a_fault_in_a_workbook_names_its_sheet(tmp_path: Path, areas: pd.DataFrame) -> None:
    sheets = WORKBOOK | {"2016_17": [HEADINGS, row(9, "Derbyshire", "71", 6, year="2016/17")]}

    _, notes = read(write_xlsx(tmp_path, sheets), areas)

    assert [(fault.column, fault.rows) for fault in notes.faults] == [("financial quarter (sheet 2016_17)", (2,))]


def test_a_year_whose_sheet_has_lost_a_heading_is_a_fault_and_not_left_out(tmp_path: Path, areas: pd.DataFrame) -> None:
    damaged = [[*HEADINGS[:6], "Code", "Number of Offences"], row(4, "Derbyshire", "71", 6, year="2016/17")]

    _, notes = read(write_xlsx(tmp_path, WORKBOOK | {"2016_17": damaged}), areas)

    (fault,) = notes.faults
    assert fault.rule == "is named after a financial year, and has no heading: offence code"
    assert fault.column == "(sheet 2016_17)"


def test_one_quarter_in_two_sheets_is_a_fault(tmp_path: Path, areas: pd.DataFrame) -> None:
    _, notes = read(write_xlsx(tmp_path, WORKBOOK | {"Copy": WORKBOOK["2017_18"]}), areas)

    assert [fault.rule for fault in notes.faults] == ["must not state a force, quarter and offence in two sheets"]


@pytest.mark.parametrize(
    ("headings", "cells"),
    [
        ([*HEADINGS[:3], "CSP Name", *HEADINGS[3:]], [*PUBLISHED[0][:3], "Derby", *PUBLISHED[0][3:]]),
        ([*HEADINGS[:7], "Outcome Type", "Force outcomes for offences recorded in quarter"], [*PUBLISHED[0], "1"]),
    ],
    ids=["by community safety partnership", "outcomes"],
)
def test_sister_tables_are_not_taken_for_this_one(tmp_path: Path, headings: list[str], cells: list[object]) -> None:
    file = open_file(write_csv(tmp_path, [cells], headings), Notes("any_name.csv"))

    with pytest.raises(RefusedError, match="is no file that this project reads"):
        recognised(file, READERS)


def test_without_any_police_force_area_the_file_is_refused_with_the_way_out(
    tmp_path: Path, areas: pd.DataFrame
) -> None:
    with pytest.raises(RefusedError, match="import a lookup or boundaries of police force areas"):
        read(write_csv(tmp_path, PUBLISHED), areas[areas["area_type"] == "local authority"])


def test_a_file_without_a_row_of_these_offences_is_refused(tmp_path: Path, areas: pd.DataFrame) -> None:
    with pytest.raises(RefusedError, match="no row of the offences"):
        read(write_csv(tmp_path, [row(1, "Derbyshire", "46", 900)]), areas)


@pytest.fixture(scope="module")
def official() -> tuple[Tables, Notes]:
    if not OFFICIAL.is_file():
        pytest.skip("the official files are not beside the project")
    forces = pd.read_csv(LOOKUP, dtype="string")[["pfa24_code", "pfa24_name"]].drop_duplicates()
    areas = forces.set_axis(["area_code", "area_name"], axis="columns").assign(area_type="police force area")
    return read(OFFICIAL, areas.reindex(columns=list(CONTRACTS["areas"].columns)).astype("object"))


@needs_official_files
def test_the_official_file_gives_the_published_figures(official: tuple[Tables, Notes]) -> None:
    tables, _ = official

    assert counts(tables, "offences_abuse_through_sexual_exploitation", DERBYSHIRE) == [4, 2, 2, 1]
    assert counts(tables, "offences_abuse_through_sexual_exploitation", WEST_MERCIA) == [7, 19, 5, 5]
    assert counts(tables, "offences_sexual_grooming", LONDON) == [1, 0, 0, 1]
    assert tables["sources"]["source_id"].item() == "home_office_recorded_crime_2017_04_2018_03"


@needs_official_files
def test_no_row_and_no_force_of_the_official_file_is_lost(official: tuple[Tables, Notes]) -> None:
    tables, notes = official
    left_out = sum(times for (coercion, _), times in notes.counts.items() if coercion is Coercion.NOT_USED)

    assert len(tables["observations"]) + left_out == 23_068
    assert len(tables["observations"]) == 43 * len(OFFENCES) * 4
    assert tables["observations"]["area_code"].nunique() == 43
    assert not notes.faults


@needs_official_files
def test_the_sum_of_the_official_file_is_kept(official: tuple[Tables, Notes]) -> None:
    with OFFICIAL.open(encoding="utf-8", newline="") as file:
        lines = [line for line in csv.DictReader(file) if line["Force Name"].lower() not in NO_FORCE_AREA]
    expected = sum(int(line["Number of Offences"]) for line in lines if line["Offence Code"] in OFFENCES)

    assert official[0]["observations"]["count"].sum() == expected
