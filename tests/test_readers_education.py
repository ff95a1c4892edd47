from __future__ import annotations

import csv
import io
from collections import Counter
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from needs_assessment.evidence import CONTRACTS
from needs_assessment.sources import read_files
from needs_assessment.sources.files import open_file
from needs_assessment.sources.notes import Coercion, Notes, RefusedError
from needs_assessment.sources.places import gathered
from needs_assessment.sources.readers import READERS, neighbours
from needs_assessment.sources.registry import Tables, recognised

OFFICIAL = Path(__file__).resolve().parents[1].parent / "shared" / "official"
C3 = OFFICIAL / "children_in_need" / "c3_factors_identified_at_end_of_assessment_2018_to_2025.csv"
C3_BEFORE = OFFICIAL / "children_in_need" / "c3_factors_identified_at_end_of_assessment_2018_to_2024.csv"
C1 = OFFICIAL / "children_in_need" / "c1_children_in_need_referrals_and_rereferrals_2013_to_2025.csv"
NEIGHBOURS = OFFICIAL / "neighbours" / "sn_model_2025_wide.csv"
needs_official_files = pytest.mark.skipif(not OFFICIAL.is_dir(), reason="the official files are not beside the project")

FACTORS = [
    "Episodes_with_assessment_factor",
    "Self_harm",
    "Going_missing",
    "Child_sexual_exploitation",
    "Trafficking",
    "Gangs",
    "Child_criminal_exploitation",
]
HEADINGS = [
    "time_period",
    "time_identifier",
    "geographic_level",
    "country_code",
    "country_name",
    "region_code",
    "region_name",
    "old_la_code",
    "new_la_code",
    "la_name",
    "category",
    *FACTORS,
]
Record = dict[str, str]


def record(year: str, level: str, place: Record, *figures: str) -> Record:
    described = {"time_period": year, "time_identifier": "Reporting year", "geographic_level": level}
    country = {"country_code": "E92000001", "country_name": "England", "category": "Factors"}
    return dict.fromkeys(HEADINGS, "") | described | country | place | dict(zip(FACTORS, figures, strict=True))


def region(code: str, name: str) -> Record:
    return {"region_code": code, "region_name": name}


def authority(old: str, new: str, name: str, within: Record) -> Record:
    return within | {"old_la_code": old, "new_la_code": new, "la_name": name}


SOUTH_WEST, INNER_LONDON = region("E12000009", "South West"), region("E13000001", "Inner London")
SOMERSET = authority("933", "E06000066", "Somerset", SOUTH_WEST)
SOMERSET_UNTIL_2023 = authority("933", "E10000027", "Somerset", SOUTH_WEST)
CAMDEN = authority("202", "E09000007", "Camden", INNER_LONDON)
# Invented figures in the published layout. Columns: any factor, self-harm, missing, CSE, trafficking, gangs, CCE.
LOCAL = "Local authority"
RECORDS = [
    record("2024", "National", {}, "2500", "320", "70", "60", "10", "30", "50"),
    record("2024", "Regional", SOUTH_WEST, "1500", "160", "40", "40", "0", "10", "30"),
    record("2024", "Regional", INNER_LONDON, "1000", "160", "30", "20", "0", "20", "20"),
    record("2024", "Regional", region("E12000007", "London"), "1000", "160", "30", "20", "0", "20", "20"),
    record("2024", LOCAL, SOMERSET, "1504", "158", "41", "44", "c", "8", "0"),
    record("2024", LOCAL, CAMDEN, "998", "161", "28", "19", "c", "u", "21"),
    record("2023", LOCAL, SOMERSET_UNTIL_2023, "1404", "150", "x", "z", "0", "c", "x"),
]


def csv_of(records: list[Record], headings: list[str] = HEADINGS) -> str:
    written = io.StringIO()
    writer = csv.DictWriter(written, headings, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(records)
    return written.getvalue()


def read(folder: Path, content: str | bytes, areas: pd.DataFrame | None = None) -> tuple[Tables, Notes]:
    path = folder / "some name.txt"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    notes = Notes(path.name)
    file = open_file(path, notes)
    return recognised(file, READERS).read(file, notes, pd.DataFrame() if areas is None else areas), notes


def changed(place: int, **cells: str) -> list[Record]:
    """The records with other cells in the one at this place."""
    return [record | (cells if number == place else {}) for number, record in enumerate(RECORDS)]


def faults(notes: Notes) -> list[tuple[str, str, tuple[int, ...]]]:
    return [(fault.column, fault.rule, fault.rows) for fault in notes.faults]


def test_each_count_and_each_reason_is_an_observation_of_its_area_year_and_unit(tmp_path: Path) -> None:
    tables, notes = read(tmp_path, csv_of(RECORDS))
    assert notes.faults == []
    found = tables["observations"]
    assert len(found) == len(RECORDS) * 6
    assert set(found.columns) <= set(CONTRACTS["observations"].columns)
    sexual = found[found["exploitation_type"].eq("CSE").fillna(False)]
    assert sexual["count"].tolist()[:6] == [60, 40, 20, 20, 44, 19]
    assert sexual["missing"].tolist()[6] == "z"
    assert set(sexual["measure"]) == {"assessment_factor_episodes"}
    assert set(found["unit"]) == {"episode"}
    somerset = found[found["area_code"].eq("E10000027") & found["measure"].eq("gangs_factor_episodes")].iloc[0]
    assert (somerset["missing"], str(somerset["period_start"].date()), str(somerset["period_end"].date())) == (
        "c",
        "2022-04-01",
        "2023-03-31",
    )


def test_zero_and_the_symbols_stay_different(tmp_path: Path) -> None:
    tables, notes = read(tmp_path, csv_of(RECORDS))
    criminal = tables["observations"].loc[tables["observations"]["exploitation_type"].eq("CCE").fillna(False)]
    by_area = criminal.set_index("area_code")
    assert by_area.loc["E06000066", "count"] == 0
    assert pd.isna(by_area.loc["E06000066", "missing"])
    assert pd.isna(by_area.loc["E10000027", "count"])
    assert by_area.loc["E10000027", "missing"] == "x"
    assert notes.counts[Coercion.SYMBOL, "trafficking"] == 2


def test_the_source_is_named_by_its_latest_year_and_shared_by_editions(tmp_path: Path) -> None:
    newer = read(tmp_path, csv_of(RECORDS))[0]["sources"].iloc[0]
    older = read(tmp_path, csv_of(RECORDS[-1:]))[0]["sources"].iloc[0]
    assert (newer["source_id"], older["source_id"]) == ("dfe_cin_factors_2024", "dfe_cin_factors_2023")
    assert newer["edition_of"] == older["edition_of"] == "dfe_children_in_need_factors"
    assert (str(newer["data_to"]), bool(newer["public"])) == ("2024-03-31", True)


def as_workbook(records: list[Record]) -> bytes:
    book, saved = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["Factors identified at the end of assessment"])
    book.active.append([])
    for row in csv.reader(io.StringIO(csv_of(records))):
        book.active.append([int(cell) if cell.isdigit() and len(cell) != 3 else cell for cell in row])
    book.save(saved)
    return saved.getvalue()


def financial(records: list[Record]) -> list[Record]:
    long = {"2024": "202324", "2023": "202223"}
    return [one | {"time_period": long[one["time_period"]], "time_identifier": "Financial year"} for one in records]


def padded(records: list[Record]) -> list[Record]:
    return [
        one | {FACTORS[0]: f" {int(one[FACTORS[0]]):,} ", "new_la_code": f"{one['new_la_code']}\u00a0"}
        for one in records
    ]


VARIANTS = {
    "a byte-order mark": csv_of(RECORDS).encode("utf-8-sig"),
    "UTF-16": csv_of(RECORDS).encode("utf-16"),
    "other line ends": csv_of(RECORDS).replace("\n", "\r\n").encode(),
    "semicolons": csv_of(RECORDS).replace(",", ";").encode(),
    "another order of columns": csv_of(RECORDS, HEADINGS[::-1]).encode(),
    "upper case headings": csv_of(RECORDS).replace("time_period", "TIME_PERIOD").replace("Gangs", "GANGS ").encode(),
    "no time identifier": csv_of(RECORDS, [name for name in HEADINGS if name != "time_identifier"]).encode(),
    "financial years": csv_of(financial(RECORDS)).encode(),
    "padded numbers": csv_of(padded(RECORDS)).encode(),
    "upper case levels": csv_of(RECORDS).replace("Local authority", "LOCAL AUTHORITY").encode(),
    "footnotes": (csv_of(RECORDS) + "\nSource: Department for Education" + "," * (len(HEADINGS) - 1) + "\n").encode(),
    "a row that repeats another": csv_of([*RECORDS, RECORDS[4]]).encode(),
    "a workbook with a title": as_workbook(RECORDS),
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_each_edition_gives_the_same_evidence(tmp_path: Path, variant: str) -> None:
    usual, _ = read(tmp_path, csv_of(RECORDS))
    tables, notes = read(tmp_path, VARIANTS[variant])
    assert notes.faults == []
    pd.testing.assert_frame_equal(sorted_rows(tables["observations"]), sorted_rows(usual["observations"]))
    pd.testing.assert_frame_equal(tables["areas"], usual["areas"])


def sorted_rows(observations: pd.DataFrame) -> pd.DataFrame:
    key = ["measure", "exploitation_type", "area_code", "period_end"]
    return observations.sort_values(key, ignore_index=True)


def test_an_edition_without_criminal_exploitation_is_read_and_told_of(tmp_path: Path) -> None:
    tables, notes = read(tmp_path, csv_of(RECORDS, HEADINGS[:-1]))
    assert notes.faults == []
    assert "this edition has no column child_criminal_exploitation" in notes.remarks
    assert set(tables["observations"]["exploitation_type"].dropna()) == {"CSE"}
    assert "1 columns that the assessment does not use were left out" in notes.remarks


def test_a_repeated_row_is_counted_and_a_contradicting_one_is_a_fault(tmp_path: Path) -> None:
    _, repeated = read(tmp_path, csv_of([*RECORDS, RECORDS[5]]))
    assert repeated.counts[Coercion.REPEATED_ROW, ""] == 1
    contradicting = {**RECORDS[5], "Child_sexual_exploitation": "18"}
    _, notes = read(tmp_path, csv_of([*RECORDS, contradicting]))
    assert ("", "has rows of one area and year that contradict one another", (7, 9)) in faults(notes)


CODE_OF_AUTHORITY = "must be the ONS nine-character code of a local authority"
YEAR = "must be a year such as 2025, or 202425 for the year that ends in 2025"


@pytest.mark.parametrize(
    ("cells", "column", "rule"),
    [
        ({"time_period": "202425"}, None, None),
        ({"time_period": "202426"}, "time_period", YEAR),
        ({"time_period": "2024/25"}, "time_period", YEAR),
        ({"time_period": "24"}, "time_period", YEAR),
        ({"time_period": ""}, "time_period", "must not be blank"),
        ({"time_identifier": "Academic year"}, "time_identifier", "must be one of: Reporting year, Financial year"),
        ({"geographic_level": "District"}, "geographic_level", "must be one of: national, regional, local authority"),
        ({"new_la_code": "x"}, "new_la_code", CODE_OF_AUTHORITY),
        ({"new_la_code": "E12000009"}, "new_la_code", CODE_OF_AUTHORITY),
        ({"new_la_code": "#REF!"}, "new_la_code", "must not hold a failed or uncalculated formula"),
        ({"new_la_code": ""}, "new_la_code", "must not be blank"),
        ({"la_name": ""}, "la_name", "must not be blank"),
        ({"old_la_code": "33"}, "old_la_code", "must be the Department's code of three digits"),
        ({"Gangs": ""}, "gangs", "must not be blank"),
        ({"Gangs": "8.5"}, "gangs", "must be a whole number or a known symbol"),
        ({"Gangs": "-8"}, "gangs", "must be 0 or more"),
        ({"Gangs": "8²"}, "gangs", "must be a whole number or a known symbol"),
        ({"Gangs": "<5"}, "gangs", "must be a whole number or a known symbol"),
    ],
)
def test_a_bad_cell_is_one_fault_with_its_column_and_row(
    tmp_path: Path, cells: Record, column: str | None, rule: str | None
) -> None:
    _, notes = read(tmp_path, csv_of(changed(4, **cells)))
    assert faults(notes) == ([(column, rule, (6,))] if column else [])


def test_all_faults_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    _, notes = read(tmp_path, csv_of(changed(4, Gangs="many", time_period="soon", new_la_code="here")))
    assert {fault.column for fault in notes.faults} == {"gangs", "time_period", "new_la_code"}
    assert "many" not in str(notes)


def test_a_year_that_spans_a_century_is_that_in_which_it_ends(tmp_path: Path) -> None:
    old = {**RECORDS[-1], "time_period": "199900"}
    assert str(read(tmp_path, csv_of([old]))[0]["observations"]["period_end"].iloc[0].date()) == "2000-03-31"


# Totals


def test_a_figure_of_england_that_its_authorities_exceed_is_a_fault(tmp_path: Path) -> None:
    # 44 + 19 = 63, and 70 may be rounded from 65 to 74: too much by more than rounding only in a file of all England.
    _, extract = read(tmp_path, csv_of(changed(0, Child_sexual_exploitation="70")))
    assert extract.faults == []
    _, notes = read(tmp_path, csv_of(changed(0, Child_sexual_exploitation="50")))
    assert faults(notes) == [("child_sexual_exploitation", "must be what the authorities of its year add up to", (2,))]


def test_withheld_counts_widen_what_a_total_may_be(tmp_path: Path) -> None:
    # Two withheld counts of trafficking are 2 to 10, and a count that is marked u can be anything.
    assert read(tmp_path, csv_of(changed(0, Trafficking="0")))[1].faults == []
    assert read(tmp_path, csv_of(changed(0, Gangs="10")))[1].faults == []
    assert len(read(tmp_path, csv_of(changed(0, Gangs="0")))[1].faults) == 1


def test_a_regional_figure_that_its_authorities_exceed_is_told_of_but_no_fault(tmp_path: Path) -> None:
    _, notes = read(tmp_path, csv_of(changed(1, Child_sexual_exploitation="30")))
    assert notes.faults == []
    told = "column child_sexual_exploitation: regional figures are not what their authorities add up to, in row 3"
    assert told in notes.remarks


def whole_england(*years: str, authorities: int = 151, total: str = "1510") -> list[Record]:
    places = [authority(str(200 + n), f"E08{n:06}", f"Area {n}", SOUTH_WEST) for n in range(1, authorities + 1)]
    figures = ["10"] * len(FACTORS)
    return [
        one
        for year in years
        for one in [
            record(year, "National", {}, *[total] * len(FACTORS)),
            *(record(year, LOCAL, place, *figures) for place in places),
        ]
    ]


def test_a_file_of_all_england_is_checked_from_both_sides(tmp_path: Path) -> None:
    _, sound = read(tmp_path, csv_of(whole_england("2024", total="1510")))
    assert sound.faults == []
    assert "local authorities: 151 in 2024" in sound.remarks
    _, notes = read(tmp_path, csv_of(whole_england("2024", total="1520")))
    assert {rows for _, _, rows in faults(notes)} == {(2,)}
    assert len(notes.faults) == 6, "one for each column that the assessment uses"


def test_a_file_that_was_cut_off_at_the_end_of_a_row_is_a_fault(tmp_path: Path) -> None:
    records = whole_england("2024", "2023")[:-40]
    _, notes = read(tmp_path, csv_of(records))
    assert "local authorities: 111 in 2023, 151 in 2024" in notes.remarks
    column, rule, rows = faults(notes)[0]
    assert (column, rule) == ("time_period", "is a year of which authorities are missing")
    assert rows == tuple(range(154, 154 + 112))


def test_a_file_that_was_cut_off_within_a_row_is_a_fault(tmp_path: Path) -> None:
    content = csv_of(RECORDS)
    _, notes = read(tmp_path, content[: content.rindex("Somerset")])
    assert (8,) in {rows for _, _, rows in faults(notes)}


# Areas


def test_boroughs_and_both_parts_of_london_lie_in_the_region_of_london(tmp_path: Path) -> None:
    areas = read(tmp_path, csv_of(RECORDS))[0]["areas"].set_index("area_code")
    assert set(areas.loc[["E09000007", "E13000001"], "region_code"]) == {"E12000007"}
    assert set(areas.loc[["E09000007", "E13000001"], "region_name"]) == {"London"}
    assert areas.loc["E06000066", "region_code"] == "E12000009"
    assert areas.loc["E12000007", ["region_code"]].isna().all()
    assert areas["area_type"].to_dict()["E13000001"] == "region"


def test_old_and_new_code_of_somerset_join(tmp_path: Path) -> None:
    tables, _ = read(tmp_path, csv_of(RECORDS))
    areas = gathered([tables["areas"]], pd.DataFrame()).set_index("area_code")
    assert areas.loc["E10000027", "successor_code"] == "E06000066"
    assert pd.isna(areas.loc["E06000066", "valid_to"])


def test_the_latest_name_of_an_area_stands_first(tmp_path: Path) -> None:
    renamed = [{**RECORDS[4], "time_period": "2022", "la_name": "Somerset County"}, *RECORDS]
    tables, _ = read(tmp_path, csv_of(renamed))
    areas = gathered([tables["areas"]], pd.DataFrame()).set_index("area_code")
    assert areas.loc["E06000066", "area_name"] == "Somerset"
    assert "Somerset County" in areas.loc["E06000066", "other_names"]


# Neighbours


AREAS = pd.DataFrame(
    [(f"E060001{n:02}", f"Area {n}", "local authority", str(800 + n), pd.NaT) for n in range(1, 13)]
    + [
        ("E10000001", "Area 1", "local authority", "801", pd.Timestamp("2023-03-31")),
        ("E10000002", "Ended", "local authority", "909", pd.Timestamp("2023-03-31")),
        ("E12000009", "South West", "region", pd.NA, pd.NaT),
    ],
    columns=["area_code", "area_name", "area_type", "dfe_la_code", "valid_to"],
)
PAIRS = [f"SN_{rank}{ending}" for rank in range(1, 11) for ending in ("", "P")]


def neighbour_row(code: str, *others: str) -> list[str]:
    closeness = ["Very close", "Close ", *["Somewhat close"] * 8]
    return [code, f"Area {code[1:]}", "9", *[cell for pair in zip(others, closeness, strict=True) for cell in pair]]


def neighbours_csv(*rows: list[str]) -> str:
    headings = ["old_la_code", "la_name", "region_ind", *PAIRS]
    return "".join(",".join(row) + "\n" for row in [headings, *rows])


OTHERS = [str(code) for code in range(802, 812)]
SECOND = ["801", *[str(code) for code in range(803, 812)]]


def test_neighbours_are_ranked_and_keep_the_words_of_their_closeness(tmp_path: Path) -> None:
    content = "\ufeff" + neighbours_csv(neighbour_row("801", *OTHERS), neighbour_row("802", *SECOND))
    tables, notes = read(tmp_path, content, AREAS)
    assert notes.faults == []
    found = tables["neighbours"]
    assert set(found.columns) <= set(CONTRACTS["neighbours"].columns)
    first = found[found["area_code"] == "E06000101"].sort_values("rank")
    assert first["rank"].tolist() == list(range(1, 11))
    assert first["neighbour_code"].tolist() == [f"E060001{n:02}" for n in range(2, 12)]
    assert first["closeness"].tolist()[:3] == ["Very close", "Close", "Somewhat close"]
    assert notes.counts[Coercion.WHITE_SPACE, "sn_2p"] == 2
    assert notes.counts[Coercion.NAME, "old_la_code"] == 2


def test_a_code_that_had_several_areas_stands_for_the_one_in_use(tmp_path: Path) -> None:
    tables, _ = read(tmp_path, neighbours_csv(neighbour_row("802", *SECOND)), AREAS)
    assert tables["neighbours"]["neighbour_code"].iloc[0] == "E06000101"


def test_a_code_of_an_area_that_has_ended_is_kept_as_it_was_published(tmp_path: Path) -> None:
    tables, notes = read(tmp_path, neighbours_csv(neighbour_row("801", "909", *OTHERS[1:])), AREAS)
    assert notes.faults == []
    assert tables["neighbours"]["neighbour_code"].iloc[0] == "E10000002"
    assert notes.counts[Coercion.OLD_CODE, "sn_1"] == 1


def test_a_code_that_two_areas_in_use_share_is_a_fault(tmp_path: Path) -> None:
    shared = pd.concat([AREAS, AREAS.iloc[[1]].assign(area_code="E06000999")])
    _, notes = read(tmp_path, neighbours_csv(neighbour_row("801", *OTHERS)), shared)
    assert [(column, rows) for column, _, rows in faults(notes)] == [("sn_1", (2,))]


@pytest.mark.parametrize(
    ("codes", "column", "rule"),
    [
        (["999", *OTHERS[1:]], "sn_1", "must be the three-digit code of one authority that another file"),
        ([*OTHERS[:9], ""], "sn_10", "must not be blank"),
        (["801", *OTHERS[1:]], "sn_1 to sn_10", "must be ten different authorities"),
        (["803", *OTHERS[1:]], "sn_1 to sn_10", "must be ten different authorities"),
    ],
)
def test_a_neighbour_that_is_unknown_missing_itself_or_repeated_is_a_fault(
    tmp_path: Path, codes: list[str], column: str, rule: str
) -> None:
    _, notes = read(tmp_path, neighbours_csv(neighbour_row("802", *SECOND), neighbour_row("801", *codes)), AREAS)
    assert [(fault[0], fault[2]) for fault in faults(notes)] == [(column, (3,))]
    assert notes.faults[0].rule.startswith(rule)


def test_two_rows_of_one_authority_are_a_fault_unless_they_are_the_same(tmp_path: Path) -> None:
    same, other = neighbour_row("801", *OTHERS), neighbour_row("801", "812", *OTHERS[1:])
    _, repeated = read(tmp_path, neighbours_csv(same, same), AREAS)
    assert (repeated.faults, repeated.counts[Coercion.REPEATED_ROW, ""]) == ([], 1)
    _, notes = read(tmp_path, neighbours_csv(same, other), AREAS)
    assert faults(notes) == [("old_la_code", "must be another authority in each row", (2, 3))]


def test_neighbours_alone_are_refused_with_what_to_import_beside_them(tmp_path: Path) -> None:
    nothing = AREAS.assign(dfe_la_code=pd.NA)
    with pytest.raises(RefusedError, match="import it together with a file of children in need"):
        read(tmp_path, neighbours_csv(neighbour_row("801", *OTHERS)), nothing)


@pytest.mark.parametrize(
    ("name", "title", "source_id", "remarks"),
    [
        ("sn_model_2025_wide.csv", "", "dfe_statistical_neighbours_2025", 1),
        ("sn_model_2025_wide.csv", "Model of 2021,", "dfe_statistical_neighbours_2021", 0),
        ("model.csv", "", "dfe_statistical_neighbours", 1),
    ],
)
def test_the_edition_of_the_model_is_what_the_file_says_or_else_its_name(
    tmp_path: Path, name: str, title: str, source_id: str, remarks: int
) -> None:
    path, notes = tmp_path / name, Notes(name)
    path.write_text(f"{title}\n" + neighbours_csv(neighbour_row("801", *OTHERS)), encoding="utf-8")
    tables = neighbours.read(open_file(path, notes), notes, AREAS)
    assert tables["sources"]["source_id"].tolist() == [source_id]
    assert set(tables["neighbours"]["source_id"]) == {source_id}
    assert len(notes.remarks) == remarks


# The published files


def raw(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig").rename(columns=str.lower)


def official(path: Path) -> tuple[Tables, Notes]:
    notes = Notes(path.name)
    file = open_file(path, notes)
    return recognised(file, READERS).read(file, notes, pd.DataFrame()), notes


@needs_official_files
def test_the_figures_for_england_are_those_of_the_publication() -> None:
    tables, notes = official(C3)
    assert notes.faults == []
    found = tables["observations"]
    england = found[found["area_code"].eq("E92000001")].sort_values("period_end")
    # Published figures of England, years ending March 2018 to 2025, as the README of the official files retypes them.
    sexual = england[england["exploitation_type"].eq("CSE").fillna(False)]
    assert sexual["count"].tolist() == [20000, 18720, 18700, 16830, 16330, 15020, 13860, 12400]
    criminal = england[england["exploitation_type"].eq("CCE").fillna(False)]
    assert criminal["missing"].tolist()[:4] == ["x"] * 4
    assert criminal["count"].tolist()[4:] == [10140, 14420, 15750, 16250]


@needs_official_files
def test_no_authority_is_lost_in_any_year() -> None:
    found = official(C3)[0]["observations"]
    authorities = found[found["area_code"].str.match("E0|E10")]
    counted = authorities.groupby(["measure", "exploitation_type", "period_end"], dropna=False)["area_code"].nunique()
    assert counted.groupby("period_end").unique().map(list).tolist() == [
        [n] for n in [152, 152, 151, 151, 152, 152, 153, 153]
    ]


@needs_official_files
@pytest.mark.parametrize(("path", "columns"), [(C3, 6), (C3_BEFORE, 6), (C1, 6)])
def test_each_published_cell_comes_out_as_it_went_in(path: Path, columns: int) -> None:
    tables, notes = official(path)
    published, found = raw(path), tables["observations"]
    assert notes.faults == []
    assert len(found) == len(published) * columns
    names = {"child_sexual_exploitation", "child_criminal_exploitation", "trafficking", "gangs", "going_missing"}
    names |= {"episodes_with_assessment_factor", "referral_count", "rereferral_count", "no_further_action_count"}
    names |= {"not_in_need_count", "referral_child_count", "rereferral_child_count"}
    cells = Counter(published[sorted(names & set(published))].to_numpy().ravel().tolist())
    assert cells == Counter(found["count"].astype("string").fillna(found["missing"]).tolist())


@needs_official_files
def test_two_editions_in_one_import_stay_two_sources() -> None:
    made = read_files([C3, C3_BEFORE])
    assert set(made.tables["sources"]["source_id"]) == {"dfe_cin_factors_2025", "dfe_cin_factors_2024"}
    assert made.tables["sources"]["edition_of"].nunique() == 1
    assert made.tables["observations"]["source_id"].value_counts().to_dict() == {
        "dfe_cin_factors_2025": 1312 * 6,
        "dfe_cin_factors_2024": 1147 * 6,
    }


@needs_official_files
def test_a_changed_figure_of_one_authority_is_found_by_the_total_of_england(tmp_path: Path) -> None:
    rows = C3.read_text(encoding="utf-8").splitlines()
    place = next(n for n, row in enumerate(rows) if row.startswith("2018,") and ",E06000015," in row)
    cells = rows[place].split(",")
    column = rows[0].split(",").index("Child_sexual_exploitation")
    cells[column] = str(int(cells[column]) * 10)
    path = tmp_path / "changed.csv"
    path.write_text("\n".join([*rows[:place], ",".join(cells), *rows[place + 1 :]]) + "\n", encoding="utf-8")
    _, notes = official(path)
    assert [(fault.column, len(fault.rows)) for fault in notes.faults] == [("child_sexual_exploitation", 1)]


@needs_official_files
def test_each_authority_has_its_ten_published_neighbours() -> None:
    made = read_files([C3, NEIGHBOURS])
    found, published = made.tables["neighbours"], raw(NEIGHBOURS)
    assert len(found) == 1530 == len(published) * 10
    assert found.groupby("area_code").size().eq(10).all()
    areas = made.tables["areas"].set_index("area_code")
    assert areas.loc[found["area_code"], "valid_to"].isna().all()
    back = found.assign(
        area=areas.loc[found["area_code"], "dfe_la_code"].to_numpy(),
        neighbour=areas.loc[found["neighbour_code"], "dfe_la_code"].to_numpy(),
    )
    wide = back.pivot(index="area", columns="rank", values="neighbour")
    expected = published.set_index("old_la_code")[[f"sn_{rank}" for rank in range(1, 11)]]
    assert (wide.to_numpy() == expected.loc[wide.index].to_numpy()).all()
