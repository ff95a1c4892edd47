from __future__ import annotations

import csv
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from needs_assessment.evidence import CONTRACTS
from needs_assessment.sources.files import open_file
from needs_assessment.sources.notes import Coercion, Notes, RefusedError
from needs_assessment.sources.readers.deprivation import MEASURES, READERS
from needs_assessment.sources.registry import Tables, recognised

SHARED = Path(__file__).resolve().parents[1].parent / "shared"
OFFICIAL = (
    SHARED / "official" / "deprivation" / "File_11_-_IoD2019_Local_Authority_District_Summaries__upper-tier__.xlsx"
)
needs_official_files = pytest.mark.skipif(
    not OFFICIAL.is_file(), reason="the official files are not beside the project"
)

Sheet = list[list[object]]
HARTLEPOOL, MIDDLESBROUGH, SOMERSET = "E06000001", "E06000002", "E10000027"


def headings(index: str, year: int = 2019, count: int = 6) -> list[object]:
    """The headings of a sheet as the ministry writes them, with the blanks behind some."""
    measures = [
        f"{index} - Average rank ",
        f"{index} - Rank of average rank ",
        f"{index} - Average score ",
        f"{index} - Rank of average score ",
        f"{index} - Proportion  of LSOAs in most deprived 10% nationally ",
        f"{index} - Rank of proportion of LSOAs in most deprived 10% nationally ",
        f"{index} {year} - Extent ",
        f"{index} {year} - Rank of extent ",
        f"{index} {year} - Local concentration ",
        f"{index} {year} - Rank of local concentration ",
    ]
    district = "Upper Tier Local Authority District"
    return [f"{district} code ({year})", f"{district} name ({year})", *measures[:count]]


def sheets() -> dict[str, Sheet]:
    """A workbook of three authorities; the figures of Hartlepool and Middlesbrough are those of the edition of 2019."""
    imd: Sheet = [
        headings("IMD", count=10),
        [HARTLEPOOL, "Hartlepool", 22581.98, 21, 35.037, 9, 0.3621, 9, 0.4973, 13, 32560.44, 8],
        [MIDDLESBROUGH, "Middlesbrough", 23729.1, 14, 40.46, 5, 0.4884, 1, 0.571, 6, 32726.13, 3],
        [SOMERSET, "Somerset", 14000.5, 90, 18.5, 92, 0.0, 130, 0.1, 100, 29000.0, 99],
    ]
    idaci: Sheet = [
        headings("IDACI"),
        [HARTLEPOOL, "Hartlepool", 23480.37, 20, 0.283, 8, 0.431, 3],
        [MIDDLESBROUGH, "Middlesbrough", 25026, 7, 0.327, 1, 0.4767, 1],
        [SOMERSET, "Somerset", 14000, 95, 0.135, 97, 0.05, 80],
    ]
    income: Sheet = [headings("Income"), *[[code, name, 20000, 1, 0.2, 1, 0.3, 1] for code, name, *_ in imd[1:]]]
    return {"Notes": [["English Indices of Deprivation 2019"]], "IMD": imd, "Income": income, "IDACI": idaci}


def write_xlsx(folder: Path, written: dict[str, Sheet]) -> Path:
    workbook = openpyxl.Workbook(write_only=True)
    for name, rows in written.items():
        sheet = workbook.create_sheet(name)
        for cells in rows:
            sheet.append(cells)
    workbook.save(folder / "any_name.xlsx")
    return folder / "any_name.xlsx"


def read(path: Path) -> tuple[Tables, Notes]:
    notes = Notes(path.name)
    file = open_file(path, notes)
    return recognised(file, READERS).read(file, notes, pd.DataFrame()), notes


def values(tables: Tables, index: str, area_code: str) -> dict[str, float]:
    rows = tables["deprivation"]
    rows = rows[rows["index"].eq(index) & rows["area_code"].eq(area_code)]
    return dict(zip(rows["measure"], rows["value"], strict=True))


def test_every_measure_of_both_indices_is_read(tmp_path: Path) -> None:
    tables, notes = read(write_xlsx(tmp_path, sheets()))

    assert values(tables, "IMD", HARTLEPOOL) == {
        "average rank": 22581.98,
        "rank of average rank": 21,
        "average score": 35.037,
        "rank of average score": 9,
        "proportion in most deprived 10%": 0.3621,
        "rank of proportion in most deprived 10%": 9,
        "extent": 0.4973,
        "rank of extent": 13,
        "local concentration": 32560.44,
        "rank of local concentration": 8,
    }
    assert values(tables, "IDACI", MIDDLESBROUGH)["average score"] == 0.327
    assert len(values(tables, "IDACI", MIDDLESBROUGH)) == 6
    assert not notes.faults


def test_what_is_read_keeps_the_contract_of_deprivation(tmp_path: Path) -> None:
    deprivation = read(write_xlsx(tmp_path, sheets()))[0]["deprivation"]

    contract = CONTRACTS["deprivation"]
    types = {name: column.dtype.type for name, column in contract.columns.items()}
    assert len(contract.validate(deprivation.astype(types), lazy=True)) == 3 * 10 + 3 * 6
    assert set(contract.columns["measure"].checks[0].statistics["allowed_values"]) == set(MEASURES.values())
    assert not deprivation.duplicated(contract.metadata["key"]).any()


def test_other_domains_are_left_out_and_counted(tmp_path: Path) -> None:
    tables, notes = read(write_xlsx(tmp_path, sheets()))

    assert set(tables["deprivation"]["index"]) == {"IMD", "IDACI"}
    assert notes.counts[Coercion.NOT_USED, ""] == 3
    assert notes.remarks == ["sheet Income is about another domain and was left out"]


def test_codes_stay_those_of_the_edition_and_old_ones_are_counted(tmp_path: Path) -> None:
    tables, notes = read(write_xlsx(tmp_path, sheets()))

    areas = tables["areas"]
    assert areas["area_code"].tolist() == [HARTLEPOOL, MIDDLESBROUGH, SOMERSET]
    assert areas["area_name"].tolist() == ["Hartlepool", "Middlesbrough", "Somerset"]
    assert set(areas["area_type"]) == {"local authority"}
    assert notes.counts[Coercion.OLD_CODE, "upper tier local authority district code (2019) (sheet IMD)"] == 1


@pytest.mark.parametrize(
    ("year", "source_id", "published_on"),
    [
        (2019, "indices_of_deprivation_2019", "2019-09-26"),
        # The edition of 2025 lists authorities by their codes of 2024.
        (2024, "indices_of_deprivation_2025", "2025-10-30"),
        (2031, "indices_of_deprivation_with_the_authorities_of_2031", "NaT"),
    ],
)
def test_the_year_of_the_codes_tells_the_edition(tmp_path: Path, year: int, source_id: str, published_on: str) -> None:
    written = sheets() | {"IMD": [headings("IMD", year), *[row[:8] for row in sheets()["IMD"][1:]]]}
    written = written | {"IDACI": [headings("IDACI", year), *sheets()["IDACI"][1:]]}
    del written["Income"]

    source = read(write_xlsx(tmp_path, written))[0]["sources"]

    assert source["source_id"].item() == source_id
    assert str(source["published_on"].item()) == published_on
    assert source["public"].item()


def test_headings_below_a_title_and_one_sheet_saved_as_csv_are_read(tmp_path: Path) -> None:
    path = tmp_path / "any_name.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["English Indices of Deprivation"], [], *sheets()["IDACI"]])

    tables, notes = read(path)

    assert values(tables, "IDACI", SOMERSET)["rank of average rank"] == 95
    assert not notes.faults


def test_a_misprinted_code_is_read_as_the_other_sheets_give_it_and_told(tmp_path: Path) -> None:
    written = sheets()
    written["IMD"][1][0] = "E0600001"

    tables, notes = read(write_xlsx(tmp_path, written))

    assert values(tables, "IMD", HARTLEPOOL)["average rank"] == 22581.98
    assert notes.counts[Coercion.NAME, "upper tier local authority district code (2019) (sheet IMD)"] == 1
    assert "misprinted codes of authorities (sheet IMD), read as the other sheets give them by name: 1" in notes.remarks


def test_a_misprinted_code_that_no_sheet_gives_is_a_fault(tmp_path: Path) -> None:
    written = sheets()
    for rows in (written["IMD"], written["IDACI"], written["Income"]):
        rows[1][0] = "E0600001"

    _, notes = read(write_xlsx(tmp_path, written))

    assert [(fault.rule, fault.column, fault.rows) for fault in notes.faults] == [
        (
            "must be an ONS nine-character area code",
            f"upper tier local authority district code (2019) (sheet {name})",
            (2,),
        )
        for name in ("IMD", "IDACI")
    ]


def test_a_misprinted_code_is_not_guessed_where_the_other_sheets_disagree(tmp_path: Path) -> None:
    written = sheets()
    written["IMD"][1][0] = "E0600001"
    written["Income"][1][0] = "E06000099"

    _, notes = read(write_xlsx(tmp_path, written))

    assert [(fault.rule, fault.rows) for fault in notes.faults] == [("must be an ONS nine-character area code", (2,))]


@pytest.mark.parametrize(
    ("column", "written", "heading", "rule"),
    [
        (1, None, "upper tier local authority district name (2019) (sheet IMD)", "must not be blank"),
        (2, "high", "imd - average rank", "must be a number"),
        (2, None, "imd - average rank", "must not be blank"),
        (3, 20.5, "imd - rank of average rank", "must be a whole number"),
        (3, 0, "imd - rank of average rank", "must be 1 or more"),
        (4, -1, "imd - average score", "must be 0 or more"),
        (6, 36.21, "imd - proportion of lsoas in most deprived 10% nationally", "must be a share between 0 and 1"),
        (8, "49.73%", "imd 2019 - extent", "must be a number"),
        (8, "#REF!", "imd 2019 - extent", "must not hold a failed or uncalculated formula"),
    ],
)
def test_a_cell_that_is_not_understood_is_a_fault_with_its_row(
    tmp_path: Path, column: int, written: object, heading: str, rule: str
) -> None:
    workbook = sheets()
    workbook["IMD"][2][column] = written

    _, notes = read(write_xlsx(tmp_path, workbook))

    assert [(fault.rule, fault.column, fault.rows) for fault in notes.faults] == [(rule, heading, (3,))]


def test_an_authority_listed_twice_is_a_fault_and_an_exact_repeat_is_not(tmp_path: Path) -> None:
    written = sheets()
    written["IMD"] += [written["IMD"][1], [*written["IMD"][2][:2], 1, *written["IMD"][2][3:]]]

    _, notes = read(write_xlsx(tmp_path, written))

    assert notes.counts[Coercion.REPEATED_ROW, ""] == 1
    assert [(fault.rule, fault.rows) for fault in notes.faults] == [("must list each authority once", (3, 6))]


def test_an_authority_that_one_index_has_lost_is_a_fault(tmp_path: Path) -> None:
    written = sheets()
    written["IDACI"].pop()

    _, notes = read(write_xlsx(tmp_path, written))

    (fault,) = notes.faults
    assert fault.rule == "must list the same authorities for the IMD and for IDACI; under one of them only: 1"


def test_an_index_in_two_sheets_is_a_fault(tmp_path: Path) -> None:
    _, notes = read(write_xlsx(tmp_path, sheets() | {"Copy": sheets()["IMD"]}))

    assert [fault.rule for fault in notes.faults] == ["must hold each measure of an index in one sheet"]


def test_an_unknown_measure_of_an_index_is_told(tmp_path: Path) -> None:
    written = sheets()
    written["IMD"][0][4] = "IMD - Mean score"

    tables, notes = read(write_xlsx(tmp_path, written))

    assert "the column “imd - mean score” is not known and was left out" in notes.remarks
    assert "average score" not in values(tables, "IMD", HARTLEPOOL)


def test_a_measure_that_stands_twice_is_a_fault(tmp_path: Path) -> None:
    written = sheets()
    written["IMD"][0][4] = "IMD - Average rank"

    _, notes = read(write_xlsx(tmp_path, written))

    assert ("the heading stands more than once", "imd - average rank") in [
        (fault.rule, fault.column) for fault in notes.faults
    ]


def test_a_workbook_of_other_domains_or_of_districts_is_not_taken_for_this_one(tmp_path: Path) -> None:
    others = {"Income": sheets()["Income"]}
    districts = {"IMD": [["Local Authority District code (2019)", *headings("IMD")[1:]], *sheets()["IMD"][1:]]}

    for written in (others, districts):
        file = open_file(write_xlsx(tmp_path, written), Notes("any_name.xlsx"))
        with pytest.raises(RefusedError, match="is no file that this project reads"):
            recognised(file, READERS)


@pytest.fixture(scope="module")
def official() -> tuple[Tables, Notes]:
    if not OFFICIAL.is_file():
        pytest.skip("the official files are not beside the project")
    return read(OFFICIAL)


@needs_official_files
def test_no_authority_of_the_official_file_is_lost(official: tuple[Tables, Notes]) -> None:
    tables, notes = official

    assert len(tables["areas"]) == 151
    assert tables["deprivation"].groupby(["index", "measure"]).size().to_dict() == {
        (index, measure): 151
        for index, measures in {"IMD": list(MEASURES.values()), "IDACI": list(MEASURES.values())[:6]}.items()
        for measure in measures
    }
    # Eight sheets of other domains, of 151 authorities each.
    assert notes.counts[Coercion.NOT_USED, ""] == 8 * 151
    assert not notes.faults


@needs_official_files
def test_the_official_file_gives_the_published_figures(official: tuple[Tables, Notes]) -> None:
    tables, _ = official

    assert values(tables, "IMD", HARTLEPOOL)["average score"] == 35.037
    assert values(tables, "IMD", "E10000034")["rank of local concentration"] == 81
    assert values(tables, "IDACI", MIDDLESBROUGH)["rank of proportion in most deprived 10%"] == 1


@needs_official_files
def test_the_misprinted_code_of_slough_in_the_official_file_is_read_right(official: tuple[Tables, Notes]) -> None:
    tables, notes = official

    assert values(tables, "IMD", "E06000039")["average rank"] == 19788.26
    assert sum(times for (coercion, _), times in notes.counts.items() if coercion is Coercion.NAME) == 1
