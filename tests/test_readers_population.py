from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from needs_assessment.evidence import CONTRACTS
from needs_assessment.sources import read_files
from needs_assessment.sources.files import open_file
from needs_assessment.sources.notes import Coercion, Notes
from needs_assessment.sources.readers import READERS
from needs_assessment.sources.registry import Tables, recognised

OFFICIAL = Path(__file__).resolve().parents[1].parent / "shared" / "official" / "population"
CHILDREN = OFFICIAL / "ons_mid-year_population_estimates_2012_to_2024.csv"
SINGLE_YEARS = OFFICIAL / "ons_mid2023_syoa_utla2023_ew_derived.csv"
needs_official_files = pytest.mark.skipif(not OFFICIAL.is_dir(), reason="the official files are not beside the project")


def read(folder: Path, content: str, name: str = "some name.txt") -> tuple[Tables, Notes]:
    path, notes = folder / name, Notes(name)
    path.write_text(content, encoding="utf-8")
    file = open_file(path, notes)
    return recognised(file, READERS).read(file, notes, pd.DataFrame()), notes


def official(path: Path) -> tuple[Tables, Notes]:
    notes = Notes(path.name)
    file = open_file(path, notes)
    return recognised(file, READERS).read(file, notes, pd.DataFrame()), notes


def faults(notes: Notes) -> list[tuple[str, str, tuple[int, ...]]]:
    return [(fault.column, fault.rule, fault.rows) for fault in notes.faults]


# Ages 0 to 17, as the Department for Education gives them. Mid-2023 of Somerset is the published figure.

HEADINGS = (
    "time_period,time_identifier,geographic_level,country_code,country_name,region_code,region_name,old_la_code,"
    "new_la_code,la_name,age_group,population_estimate"
)
BAND = "Children aged 0 to 17 years"
ROWS = [
    f"2023,Reporting year,National,E92000001,England,,,,,,{BAND},112400",
    f"2023,Reporting year,Regional,E92000001,England,E12000009,South West,,,,{BAND},112400",
    f"2023,Reporting year,Local authority,E92000001,England,E12000009,South West,933,E06000066,Somerset,{BAND},112324",
    f'2023,Reporting year,Local authority,E92000001,England,E12000009,South West,836,E06000029,Poole,{BAND}," 76 "',
    f"2018,Reporting year,Local authority,E92000001,England,E12000009,South West,836,E06000029,Poole,{BAND},x",
]


def table(*rows: str) -> str:
    return "\n".join([HEADINGS, *rows]) + "\n"


def test_children_of_each_area_and_year_are_one_band_of_persons(tmp_path: Path) -> None:
    tables, notes = read(tmp_path, table(*ROWS))
    assert notes.faults == []
    found = tables["population"]
    assert set(found.columns) == set(CONTRACTS["population"].columns)
    assert found[["area_code", "mid_year", "people"]].to_numpy().tolist() == [
        ["E92000001", 2023, 112400],
        ["E12000009", 2023, 112400],
        ["E06000066", 2023, 112324],
        ["E06000029", 2023, 76],
    ]
    assert set(zip(found["age_from"], found["age_to"], found["sex"], strict=True)) == {(0, 17, "persons")}
    source = tables["sources"].iloc[0]
    assert (source["source_id"], source["edition_of"]) == ("ons_mid_year_0_17_2023", "ons_mid_year_0_17")
    assert source["title"] == "Mid-year population estimates, children aged 0 to 17, mid-2018 to mid-2023"
    assert str(source["data_to"]) == "2023-06-30"


def test_a_cell_with_a_symbol_has_no_row_and_is_told_of(tmp_path: Path) -> None:
    tables, notes = read(tmp_path, table(*ROWS))
    assert len(tables["population"]) == len(ROWS) - 1
    assert notes.counts[Coercion.SYMBOL, "population_estimate"] == 1
    assert "1 rows hold a symbol and no number: these areas have no population for those years" in notes.remarks
    assert "E06000029" in set(tables["areas"]["area_code"])


@pytest.mark.parametrize(
    ("place", "old", "new", "column", "rows"),
    [
        (4, BAND, "Children", "age_group", (6,)),
        (4, BAND, "", "age_group", (6,)),
        (4, ",x", ",..", "population_estimate", (6,)),
        (4, "2018", "201819", "time_period", (6,)),
        (4, "2018", "mid", "time_period", (6,)),
        # The estimates are not rounded, so that one child too many is found.
        (0, "112400", "112399", "population_estimate", (2,)),
        (3, "836,E06000029,Poole", "933,E06000066,Somerset", "", (4, 5)),
    ],
)
def test_a_bad_row_is_one_fault_with_its_column_and_row(
    tmp_path: Path, place: int, old: str, new: str, column: str, rows: tuple[int, ...]
) -> None:
    changed = [row.replace(old, new) if number == place else row for number, row in enumerate(ROWS)]
    assert [(fault[0], fault[2]) for fault in faults(read(tmp_path, table(*changed))[1])] == [(column, rows)]


def test_bands_of_ages_are_kept_apart(tmp_path: Path) -> None:
    older = [
        row.replace("0 to 17", "10 to 17").replace("112400", "50010").replace("112324", "50000") for row in ROWS[:3]
    ]
    tables, notes = read(tmp_path, table(*ROWS, *older))
    assert notes.faults == []
    bands = tables["population"].groupby(["age_from", "age_to"]).size()
    assert bands.to_dict() == {(0, 17): 4, (10, 17): 3}


@needs_official_files
def test_each_published_estimate_comes_out_and_each_symbol_is_counted() -> None:
    tables, notes = official(CHILDREN)
    published = pd.read_csv(CHILDREN, dtype=str, keep_default_na=False)
    assert notes.faults == []
    assert len(tables["population"]) + notes.counts[Coercion.SYMBOL, "population_estimate"] == len(published) == 2132
    numbers = published.loc[published["population_estimate"].ne("x"), "population_estimate"].astype(int)
    assert sorted(tables["population"]["people"]) == sorted(numbers)
    england = tables["population"].loc[lambda rows: rows["area_code"].eq("E92000001")].set_index("mid_year")["people"]
    assert england[2024] == 12_183_016, "as published"


@needs_official_files
def test_no_authority_is_lost_and_those_without_children_counted_are_known() -> None:
    found = official(CHILDREN)[0]["population"]
    authorities = found[found["area_code"].str.match("E0|E10")].groupby("mid_year")["area_code"].nunique()
    # Bournemouth, Poole and the old Dorset have a symbol in each year to 2018.
    assert authorities.tolist() == [149] * 7 + [151, 151, 152, 152, 153, 153]


# Single years of age

AGES = [str(age) for age in range(90)] + ["90+"]


def single_years(
    *areas: tuple[str, str], title: str = "", vintage: str = "23", changes: dict[tuple[int, str], str] | None = None
) -> str:
    """A file in which ten people of each age live in each area; `changes` replace cells, by row from 0 and heading."""
    headings = [f"utla{vintage}_code", f"utla{vintage}_name", "all_ages", "p0_17", "p10_17", *AGES]
    rows = [
        dict(zip(headings, [code, name, "910", "180", "80", *["10"] * len(AGES)], strict=True)) for code, name in areas
    ]
    for (place, name), cell in (changes or {}).items():
        rows[place][name] = cell
    return "".join(
        ",".join(row) + "\n" for row in [*([[title]] if title else []), headings, *[[*row.values()] for row in rows]]
    )


DERBY, CARDIFF = ("E06000015", "Derby"), ("W06000015", "Cardiff")


def test_single_years_have_a_row_each_and_the_oldest_are_one_open_band(tmp_path: Path) -> None:
    tables, notes = read(tmp_path, single_years(DERBY, CARDIFF, title="Mid-2023 estimates"))
    assert (notes.faults, notes.remarks) == ([], [])
    found = tables["population"]
    assert set(found.columns) == set(CONTRACTS["population"].columns)
    assert len(found) == 2 * 91
    derby = found[found["area_code"] == "E06000015"].sort_values("age_from")
    assert derby["age_from"].tolist() == list(range(91))
    assert derby["age_to"].tolist() == [*range(90), 130]
    assert derby["people"].sum() == 910
    assert set(found["mid_year"]) == {2023}
    assert tables["sources"]["source_id"].tolist() == ["ons_single_year_of_age_2023"]
    assert tables["areas"].to_dict("list") == {
        "area_code": ["E06000015", "W06000015"],
        "area_name": ["Derby", "Cardiff"],
    }


def test_no_second_estimate_of_children_stands_beside_that_of_the_department(tmp_path: Path) -> None:
    found = read(tmp_path, single_years(DERBY, title="Mid-2023"))[0]["population"]
    assert not (found["age_from"].eq(0) & found["age_to"].eq(17)).any()


@pytest.mark.parametrize("total", ["all_ages", "p0_17", "p10_17"])
def test_a_total_that_is_not_the_sum_of_its_ages_is_a_fault_of_its_row(tmp_path: Path, total: str) -> None:
    changes = {(1, total): "9999"}
    _, notes = read(tmp_path, single_years(DERBY, CARDIFF, title="Mid-2023", changes=changes))
    assert faults(notes) == [(total, "must be the sum of its single years of age", (4,))]


def test_a_changed_age_is_found_by_the_totals_that_hold_it(tmp_path: Path) -> None:
    _, notes = read(tmp_path, single_years(DERBY, title="Mid-2023", changes={(0, "12"): "11"}))
    assert {fault.column for fault in notes.faults} == {"all_ages", "p0_17", "p10_17"}


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({(0, "17"): "ten"}, "17"),
        ({(0, "utla23_code"): "Derby"}, "utla23_code"),
        ({(0, "utla23_code"): CARDIFF[0]}, "utla23_code"),
        ({(0, "utla23_name"): ""}, "utla23_name"),
    ],
)
def test_a_bad_cell_is_a_fault_with_its_column(
    tmp_path: Path, changes: dict[tuple[int, str], str], column: str
) -> None:
    _, notes = read(tmp_path, single_years(DERBY, CARDIFF, title="Mid-2023", changes=changes))
    assert column in {fault.column for fault in notes.faults}
    assert all(fault.rows for fault in notes.faults)


def test_a_row_that_repeats_another_is_left_out_and_counted(tmp_path: Path) -> None:
    tables, notes = read(tmp_path, single_years(DERBY, DERBY, title="Mid-2023"))
    assert (len(tables["population"]), notes.counts[Coercion.REPEATED_ROW, ""]) == (91, 1)


@pytest.mark.parametrize("vintage", ["22", "23", "24"])
def test_the_vintage_of_the_codes_is_not_the_year_of_the_estimates(tmp_path: Path, vintage: str) -> None:
    tables, _ = read(tmp_path, single_years(DERBY, title="Population at mid 2021", vintage=vintage))
    assert set(tables["population"]["mid_year"]) == {2021}


def test_a_year_that_only_the_files_name_states_is_believed_and_told(tmp_path: Path) -> None:
    tables, notes = read(tmp_path, single_years(DERBY), name="ons_mid2023_syoa_utla2024.csv")
    assert set(tables["population"]["mid_year"]) == {2023}
    assert notes.remarks == ["no cell states the year of the estimates, so the year in the file's name was believed"]


def test_a_title_outranks_the_files_name(tmp_path: Path) -> None:
    tables, notes = read(tmp_path, single_years(DERBY, title="Mid-2022 estimates"), name="ons_mid2023.csv")
    assert (set(tables["population"]["mid_year"]), notes.remarks) == ({2022}, [])


@pytest.mark.parametrize(
    ("title", "name", "rule"),
    [
        ("", "population_2023.csv", "states no year of its estimates"),
        ("Mid-2022 and mid-2023", "ons_mid2023.csv", "states more than one year of its estimates"),
        ("", "mid2022_to_mid2023.csv", "states more than one year of its estimates"),
    ],
)
def test_a_year_that_is_not_stated_once_is_a_fault_that_says_how_to_state_it(
    tmp_path: Path, title: str, name: str, rule: str
) -> None:
    _, notes = read(tmp_path, single_years(DERBY, title=title), name=name)
    assert [fault.rule for fault in notes.faults] == [
        f"{rule}: write the one year above the headings, such as Mid-2023"
    ]


@needs_official_files
def test_each_published_single_year_comes_out() -> None:
    tables, notes = official(SINGLE_YEARS)
    published = pd.read_csv(SINGLE_YEARS)
    assert notes.faults == []
    assert len(tables["areas"]) == len(published) == 175
    assert len(tables["population"]) == 175 * 91
    assert tables["population"]["people"].sum() == published["all_ages"].sum()
    wide = tables["population"].pivot(index="area_code", columns="age_from", values="people")
    expected = published.set_index("utla23_code")[AGES].loc[wide.index]
    assert (wide.to_numpy() == expected.to_numpy()).all()


@needs_official_files
def test_both_published_files_in_one_import_give_one_estimate_of_children_a_year() -> None:
    made = read_files([CHILDREN, SINGLE_YEARS])
    children = made.tables["population"].query("age_from == 0 and age_to == 17")
    assert not children.duplicated(["area_code", "mid_year"]).any()
    wales = made.tables["areas"]["area_code"].str.startswith("W06")
    assert wales.sum() == 22
