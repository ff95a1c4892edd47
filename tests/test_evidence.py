"""Reading evidence: what is taken, what is refused, and that no refusal prints a cell.

A cell may be a child's data, so the tests that plant one in every wrong place come first.
"""

from __future__ import annotations

import hashlib
import traceback
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from small_evidence import BASE, FIRST, FORCE, ONE_OF_EACH, PRIVATE, PUBLIC, SECOND, folder, table, text, words

from needs_assessment.evidence import (
    CONTRACTS,
    EvidenceError,
    Fault,
    children_in,
    read_evidence,
    sensitive_tables,
)
from needs_assessment.evidence.parsing import parse_column, tidy_words
from needs_assessment.evidence.pseudonyms import pseudonymised

CHILD = "Jemima Puddle-Duck"
BORN = "31/02/2011"


def faults_of(*folders: Path) -> list[str]:
    with pytest.raises(EvidenceError) as refused:
        read_evidence(*folders)
    return [str(fault) for fault in refused.value.faults]


def faults_of_file(name: str, content: str | bytes, path: Path) -> list[str]:
    """The faults of one file, apart from those of the required tables that do not stand beside it."""
    return [fault for fault in faults_of(folder(path / "return", {}, **{name: content})) if "is required" not in fault]


# No cell is printed, whatever is wrong and wherever it stands


def with_row(name: str, **cells: str) -> Callable[[Path], Path]:
    """A folder with one table, which has the first row of the valid evidence with other cells."""
    return lambda path: folder(path, {name: [ONE_OF_EACH[name][0] | cells]})


def among(name: str, **cells: str) -> Callable[[Path], Path]:
    """The same, among the tables that make it valid."""
    return lambda path: folder(path, around(name) | {name: [ONE_OF_EACH[name][0] | cells]})


def with_file(name: str, content: str | bytes) -> Callable[[Path], Path]:
    return lambda path: folder(path, {}, **{name: content})


def around(name: str) -> dict[str, list[dict[str, str]]]:
    """The least valid evidence with the tables that a row of this table points to."""
    pointed_to = "risk_schemes" if name.startswith("risk") else "services"
    return BASE | {pointed_to: ONE_OF_EACH[pointed_to]}


def with_parquet(write: Callable[[pd.DataFrame, Path], object]) -> Callable[[Path], Path]:
    """A folder whose referrals are a Parquet file, written by `write`."""

    def build(path: Path) -> Path:
        write(words("referrals", ONE_OF_EACH["referrals"]), folder(path, {}) / "referrals.parquet")
        return path

    return build


def with_two_children(path: Path) -> Path:
    twice = [{"referral_id": CHILD, "child_id": CHILD}] * 2
    return folder(path, {"referrals": twice})


def with_a_child_in_two_folders(path: Path) -> Path:
    tables = {"referrals": [{"referral_id": CHILD, "child_id": CHILD}]}
    folder(path / "one", tables)
    folder(path / "two", tables)
    return path


REFERRALS = text("referrals", ONE_OF_EACH["referrals"][0])
WRONG_PLACES = {
    "a heading": with_file("referrals", REFERRALS.replace("child_id", CHILD)),
    "a heading too many": with_file("referrals", REFERRALS.replace("child_id", f"child_id,{CHILD}")),
    "the first row of a file without a heading": with_file("referrals", REFERRALS.split("\n")[1] + f"\n{CHILD}\n"),
    "a heading in a file with semicolons": with_file("referrals", REFERRALS.replace(",", ";") + CHILD),
    "a short name": with_row("services", service_id=CHILD),
    "a source that does not exist": among("referrals", source_id=CHILD),
    "a code that is no code": with_row("referrals", area_code=CHILD),
    "a code of no area": among("referrals", area_code="E06077777"),
    "a service that does not exist": among("service_areas", service_id="jemima_puddle_duck"),
    "a level that its scheme does not have": among("risk_reviews", risk_level=CHILD),
    "a date": with_row("referrals", referred_on=CHILD),
    "a date that never was": with_row("referrals", referred_on=BORN),
    "a whole number": with_row("referrals", age=CHILD),
    "a number below the least": with_row("referrals", age="-77777"),
    "a number above the most": with_row("referrals", age="77777"),
    "a number with decimals": with_row("referrals", age="7.7777"),
    "a number too long to keep": with_row("referrals", age="7" * 30),
    "a number in digits of another script": with_row("referrals", age="\uff17\uff17"),
    "a sum of money": with_row("funding", awarded_gbp=CHILD),
    "one of a few words": with_row("referrals", exploitation_type=CHILD),
    "a list of words": with_row("services", exploitation_types=f"CSE|{CHILD}"),
    "a list of months": with_row("services", extension_months=CHILD),
    "true or false": with_row("referrals", accepted=CHILD),
    "a row with two dates in the wrong order": with_row("referrals", child_id=CHILD, closed_on="2023-12-31"),
    "a row with a number and a reason for none": with_row("observations", measure="jemima_puddle_duck", missing="c"),
    "a row with a cell too many": with_file("referrals", REFERRALS.rstrip("\n") + f",{CHILD}\n"),
    "a row with cells too few": with_file("referrals", REFERRALS + f"{CHILD}\n"),
    "a key that stands twice": with_two_children,
    "a key that stands in two folders": with_a_child_in_two_folders,
    "a child from a public source": among("referrals", source_id=PUBLIC, child_id=CHILD),
    "text in Windows-1252": with_file("referrals", REFERRALS.replace("k1", f"{CHILD}’s").encode("cp1252")),
    "text in UTF-16": with_file("referrals", REFERRALS.replace("k1", CHILD).encode("utf-16")),
    "a quotation mark that is not closed": with_file("referrals", REFERRALS.replace("k1", f'"{CHILD}')),
    "a cell of half a megabyte": with_file("referrals", REFERRALS.replace("k1", CHILD * 30_000)),
    "a null byte": with_file("referrals", REFERRALS.replace("2024-01-15", f"\0{CHILD}")),
    "a file that is no Parquet": with_parquet(lambda _, path: path.write_text(CHILD, encoding="utf-8")),
    "a Parquet index": with_parquet(
        lambda rows, path: rows.assign(age=CHILD).set_axis([CHILD], axis="index").to_parquet(path)
    ),
    "a Parquet column": with_parquet(lambda rows, path: rows.assign(age=CHILD).to_parquet(path)),
    "a Parquet column too many": with_parquet(lambda rows, path: rows.assign(**{CHILD: "1"}).to_parquet(path)),
    "a Parquet list": with_parquet(lambda rows, path: rows.assign(age=[[CHILD]]).to_parquet(path)),
    "Parquet bytes": with_parquet(lambda rows, path: rows.assign(age=[CHILD.encode() + b"\xff"]).to_parquet(path)),
}
PLANTED = (CHILD, "Jemima", "jemima", "Puddle", BORN, "2011", "7777", "\uff17", "k1", "r1")


@pytest.mark.parametrize("place", WRONG_PLACES)
def test_an_error_never_prints_a_cell_that_stands_in(place, tmp_path):
    with pytest.raises(EvidenceError) as refused:
        read_evidence(WRONG_PLACES[place](tmp_path / "return"))
    # A fault of the file itself, and not only that the other tables are absent.
    assert any("/" in fault.table for fault in refused.value.faults)
    printed = "".join(traceback.format_exception(refused.value)) + repr(refused.value) + repr(refused.value.faults)
    assert not [planted for planted in PLANTED if planted in printed]


@pytest.mark.parametrize("name", CONTRACTS)
def test_a_child_in_every_cell_and_every_heading_of_a_table_is_never_printed(name, tmp_path):
    columns = list(CONTRACTS[name].columns)
    everywhere = folder(tmp_path / "cells", {name: [dict.fromkeys(columns, CHILD)] * 2})
    assert "Jemima" not in "".join(faults_of(everywhere))
    rows = ",".join([CHILD] * len(columns))
    headings = folder(tmp_path / "headings", {}, **{name: f"{rows}\n{rows}\n"})
    assert "Jemima" not in "".join(faults_of(headings))


# A function of pandas stops at some texts and quotes them; whatever a cell holds, parsing must not stop.
@given(st.sampled_from(["text", "day", "whole", "number", "yes_no"]), st.lists(st.text(), min_size=1, max_size=5))
def test_no_text_stops_the_parsing_of_a_column(kind, cells):
    column = tidy_words(pd.Series(cells, dtype="string"))
    typed, rule, broken = parse_column(column, kind)
    assert not any(cell.strip() and cell.strip() in rule for cell in cells if len(cell) > 20)
    assert (typed.isna() == (column.isna() | broken)).all()


# What is taken


def test_the_least_evidence_is_read(tmp_path):
    evidence = read_evidence(folder(tmp_path / "return"))
    for name, rows in BASE.items():
        assert_frame_equal(evidence[name], table(name, *rows))
    assert evidence["observations"]["count"].tolist() == [24, 12000]
    assert evidence["observations"].loc[0, "period_end"] == pd.Timestamp("2024-03-31")


def test_a_table_that_was_not_supplied_is_there_with_typed_columns_and_no_rows(tmp_path):
    evidence = read_evidence(folder(tmp_path / "return"))
    assert not evidence.supplied("referrals")
    assert evidence.supplied("observations")
    assert list(evidence["referrals"].columns) == list(CONTRACTS["referrals"].columns)
    assert str(evidence["referrals"]["referred_on"].dtype) == "datetime64[us]"


def test_a_table_that_was_read_cannot_be_changed_from_outside(tmp_path):
    evidence = read_evidence(folder(tmp_path / "return"))
    observations = evidence["observations"]
    observations["count"] = 0
    assert evidence["observations"]["count"].tolist() == [24, 12000]


def test_each_file_is_named_with_the_hash_of_its_bytes(tmp_path):
    path = folder(tmp_path / "return")
    files = read_evidence(path).files
    assert set(files) == {f"return/{name}.csv" for name in BASE}
    assert files["return/areas.csv"] == hashlib.sha256((path / "areas.csv").read_bytes()).hexdigest()


def test_the_tables_of_several_folders_and_of_folders_inside_them_are_stacked(tmp_path):
    inside = folder(tmp_path / "all" / "published" / "return").parent
    folder(tmp_path / "own", {"observations": [{"area_code": SECOND, "count": "7"}]})
    assert read_evidence(inside, tmp_path / "own")["observations"]["count"].tolist() == [24, 12000, 7]


def test_a_file_with_its_ending_in_capitals_is_read(tmp_path):
    path = folder(tmp_path / "return")
    (path / "areas.csv").rename(path / "areas.CSV")
    assert len(read_evidence(path)["areas"]) == 4


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda csv: b"\xef\xbb\xbf" + csv, id="byte order mark"),
        pytest.param(lambda csv: csv.replace(b"\n", b"\r\n"), id="line ends of Windows"),
        pytest.param(lambda csv: csv.replace(b",mid_year,", b", mid_year ,"), id="blanks in a heading"),
        pytest.param(lambda csv: csv.replace(b",20000", b",\xc2\xa020000 "), id="blanks about a number"),
        pytest.param(lambda csv: csv.replace(b",20000", b',"20,000"'), id="thousands"),
        pytest.param(lambda csv: csv.replace(b",20000", b",20000.0"), id="a whole number with a point"),
    ],
)
def test_a_harmless_difference_in_how_a_file_is_written_changes_nothing(change, tmp_path):
    plain = text("population", *BASE["population"]).encode()
    assert change(plain) != plain
    evidence = read_evidence(folder(tmp_path / "return", population=change(plain)))
    assert_frame_equal(evidence["population"], table("population", *BASE["population"]))


def test_columns_may_stand_in_any_order(tmp_path):
    reversed_columns = words("population", BASE["population"]).iloc[:, ::-1].to_csv(index=False)
    evidence = read_evidence(folder(tmp_path / "return", population=reversed_columns))
    assert_frame_equal(evidence["population"], table("population", *BASE["population"]))


def test_a_cell_may_hold_several_lines_and_the_word_none(tmp_path):
    note = 'two\nlines, a "quotation" and NA'
    path = folder(tmp_path / "return", BASE | {"observations": [{"count": "24", "note": note}]})
    assert read_evidence(path)["observations"].loc[0, "note"] == note
    path = folder(tmp_path / "return", BASE | {"observations": [{"count": "24", "note": "None"}]})
    assert read_evidence(path)["observations"].loc[0, "note"] == "None"


def test_identifiers_that_differ_in_a_leading_zero_or_as_numbers_only_stay_different(tmp_path):
    rows = [{"referral_id": name, "child_id": child} for name, child in (("000123", "1E5"), ("123", "100000"))]
    referrals = read_evidence(folder(tmp_path / "return", BASE | {"referrals": rows}))["referrals"]
    assert referrals[["referral_id", "child_id"]].nunique().tolist() == [2, 2]


# Each kind of cell: what it says, or None where it is refused

CELLS = {
    "day": {
        "2024-04-01": "2024-04-01",
        "01/04/2024": "2024-04-01",  # 1 April, not 4 January
        "1/4/2024": "2024-04-01",
        "31/01/2024": "2024-01-31",
        "29/02/2024": "2024-02-29",
        "2024-02-29": "2024-02-29",
        "29/02/2023": None,
        "31/04/2024": None,
        "04/31/2024": None,
        "45383": None,  # what a spreadsheet stores for 1 April 2024
        "01/04/24": None,
        "2024-04": None,
        "1 April 2024": None,
        "2024-04-01 09:30:00": None,
        "today": None,
        "now": None,
    },
    "whole": {
        "0": 0,
        "007": 7,
        "1,234": 1234,
        "-1": -1,
        "12.0": 12,
        "999999999999999": 999999999999999,
        "9" * 16: None,
        "1.5": None,
        "12,34": None,
        "1 234": None,
        "1e5": None,
        "0x10": None,
        "inf": None,
        "nan": None,
        "(3)": None,
        "<5": None,
        "c": None,
        "#REF!": None,
    },
    "number": {"95.83": 95.83, "1,234.5": 1234.5, "175000": 175000.0, "£175,000": None, "95.83%": None, "1.": None},
    "yes_no": {"true": True, "TRUE": True, "Yes": True, "no": False, "False": False, "1": None, "y": None},
    "text": {"NA": "NA", "000123": "000123"},
}


@pytest.mark.parametrize(("kind", "cell"), [(kind, cell) for kind, cells in CELLS.items() for cell in cells])
def test_a_cell_is_read_by_stated_formats_only(kind, cell):
    typed, _, broken = parse_column(tidy_words(pd.Series([cell])), kind)
    expected = CELLS[kind][cell]
    assert broken[0] == (expected is None)
    if expected is not None:
        assert typed[0] == (pd.Timestamp(expected) if kind == "day" else expected)


@pytest.mark.parametrize("kind", CELLS)
def test_a_blank_cell_is_missing_and_no_fault(kind):
    typed, _, broken = parse_column(tidy_words(pd.Series(["", "  ", "\u00a0", None])), kind)
    assert typed.isna().all()
    assert not broken.any()


# Faults of the shape of a file


def test_a_folder_that_is_not_there_is_a_fault(tmp_path):
    assert f"table {tmp_path / 'nowhere'}: is not a folder of evidence tables" in faults_of(tmp_path / "nowhere")


def test_each_required_table_that_is_absent_is_a_fault(tmp_path):
    tmp_path.joinpath("empty").mkdir()
    rule = "is required, and no file of it was found"
    required = ("sources", "areas", "population", "observations")
    assert faults_of(tmp_path / "empty") == [f"table {name}: {rule}" for name in required]


def test_a_file_that_is_no_evidence_table_is_a_fault(tmp_path):
    path = folder(tmp_path / "return")
    (path / "observation.csv").write_text("a\n1\n", encoding="utf-8")
    (fault,) = faults_of(path)
    assert fault.startswith("table return/observation: is no evidence table; the tables are: sources, areas,")


def test_other_files_of_a_folder_are_left_alone(tmp_path):
    path = folder(tmp_path / "return")
    (path / "README.md").write_text("# Read me\n", encoding="utf-8")
    assert read_evidence(path).supplied("areas")


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        ("", "is an empty file"),
        (text("population"), "has no rows; leave the file out where nothing is supplied"),
        (text("population", {}) + "\n", "must not have blank rows (row 3)"),
        (text("population", {}) + ",,,,,,\n", "must not have blank rows (row 3)"),
        (text("population", {}) + "one\ntwo\n", "must have the 7 cells of its header in each row (row 3, 4)"),
        (text("population", {}).encode("utf-16"), "is not UTF-8 text; save it as CSV UTF-8"),
        ("£".encode("cp1252"), "is not UTF-8 text; save it as CSV UTF-8"),
        (text("population", {}) + '"', "cannot be read as csv (Error)"),
    ],
)
def test_a_file_of_the_wrong_shape_is_named_with_the_rule(content, rule, tmp_path):
    assert faults_of_file("population", content, tmp_path) == [f"table return/population: {rule}"]


def test_missing_unknown_and_repeated_columns_are_all_named_and_unknown_ones_by_place(tmp_path):
    header = "source_id,area_code,area_code,mid_year,age_from,age_to,people,ward"
    assert faults_of_file("population", f"{header}\n{'1,' * 7}1\n", tmp_path) == [
        "table return/population: the column sex is missing",
        "table return/population: its column number 8 is not in the contract",
        "table return/population: the column area_code stands more than once",
    ]


# Faults of cells and rows


def test_a_fault_names_table_column_rule_and_rows_as_a_spreadsheet_counts_them(tmp_path):
    rows = [{"count": "24"}, {"count": "<5", "area_code": SECOND}, {"count": "12000", "period_end": "31 March"}]
    assert faults_of(folder(tmp_path / "return", BASE | {"observations": rows}))[:2] == [
        "table return/observations, column period_end: must be a date such as 2024-04-01 or 01/04/2024 (1 April) "
        "(row 4)",
        "table return/observations, column count: must be a whole number (row 3)",
    ]


def test_only_the_first_dozen_rows_are_listed():
    fault = Fault("population", "must be a whole number", "people", tuple(range(2, 22)))
    assert str(fault).endswith("(row 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13 and 8 more)")


@pytest.mark.parametrize(
    ("name", "cells", "fault"),
    [
        ("population", {"people": "-1"}, "column people: must be 0 or more (row 2)"),
        ("population", {"people": ""}, "column people: must not be blank (row 2)"),
        ("population", {"mid_year": "24"}, "column mid_year: must be 1981 or more (row 2)"),
        ("population", {"age_from": "18"}, ": age_to must not be before age_from (row 2)"),
        ("population", {"sex": "m"}, "column sex: must be one of: persons, female, male (row 2)"),
        ("observations", {"count": ""}, "exactly one of count and missing must be given (row 2)"),
        ("observations", {"missing": "c"}, "exactly one of count and missing must be given (row 2)"),
        ("observations", {"period_end": "2023-03-31"}, "period_end must not be before period_start (row 2)"),
        ("areas", {"dfe_la_code": "12"}, "column dfe_la_code: must be three digits (row 2)"),
        ("areas", {"area_code": "Hereford"}, "column area_code: must be an ONS nine-character area code (row 2)"),
        ("areas", {"valid_from": "2024-04-01", "valid_to": "2024-03-31"}, "valid_to must not be before valid_from"),
        ("referrals", {"age": "26"}, "column age: must be 25 or less (row 2)"),
        ("referrals", {"home_area_code": "elsewhere"}, "must be an ONS nine-character area code, or outside (row 2)"),
        ("referrals", {"closed_on": "2024-01-14"}, "closed_on must not be before referred_on (row 2)"),
        ("services", {"exploitation_types": "CSE,CCE"}, "words separated by | from: CSE|CCE (row 2)"),
        ("services", {"extension_months": "one year"}, "must be whole numbers separated by | (row 2)"),
        ("services", {"service_id": "A Service"}, "must be lower-case letters, digits and underscores (row 2)"),
        ("risk_schemes", {"ordinal": "4"}, "levels_in_scheme must not be before ordinal (row 2)"),
        ("risk_crosswalk", {"to_scheme": "A scheme"}, "from_scheme and to_scheme must differ (row 2)"),
        (
            "sources",
            {"data_from": "2024-04-01", "data_to": "2024-03-31"},
            "data_to must not be before data_from (row 2)",
        ),
    ],
)
def test_a_broken_rule_is_named(name, cells, fault, tmp_path):
    found = faults_of(with_row(name, **cells)(tmp_path / "return"))
    assert [one for one in found if one.startswith(f"table return/{name}") and fault in one], found


def test_cells_at_the_edge_of_their_rules_are_taken(tmp_path):
    referral, service = ONE_OF_EACH["referrals"][0], ONE_OF_EACH["services"][0]
    edges = {
        "referrals": [referral | {"closed_on": "2024-01-15", "home_area_code": "outside", "age": "25"}],
        "observations": [
            {"count": "0", "period_end": "2023-04-01"},
            {"count": "", "missing": "c", "area_code": SECOND},
        ],
        "population": [{"age_from": "17"}],
        "services": [service | {"extension_months": "12|12", "age_from": "18", "age_to": "18"}],
    }
    evidence = read_evidence(folder(tmp_path / "return", BASE | edges))
    assert all(len(evidence[name]) == len(rows) for name, rows in edges.items())


# Faults of keys, within one file and between two


def test_a_key_that_stands_twice_in_one_file_is_a_fault_with_both_rows(tmp_path):
    content = text("population", {}, {"area_code": SECOND}, {"people": "1"})
    rule = "rows must differ in source_id, area_code, mid_year, age_from, age_to, sex"
    assert faults_of_file("population", content, tmp_path) == [f"table return/population: {rule} (row 2, 4)"]


def test_a_blank_in_a_key_is_a_value_like_any_other(tmp_path):
    same = {"exploitation_type": "", "count": "24"}
    assert len(faults_of(folder(tmp_path / "return", BASE | {"observations": [same, same]}))) == 1
    differs = same | {"note": "a second figure of the same source"}
    assert read_evidence(folder(tmp_path / "return", BASE | {"observations": [same, differs]}))


def test_a_key_that_stands_in_two_folders_is_a_fault_of_both(tmp_path):
    folder(tmp_path / "first")
    folder(tmp_path / "second", {"population": [{"people": "1"}, {"age_to": "0"}]})
    rule = "rows must differ in source_id, area_code, mid_year, age_from, age_to, sex"
    assert faults_of(tmp_path / "first", tmp_path / "second") == [
        f"table first/population: {rule} (row 2)",
        f"table second/population: {rule} (row 2)",
    ]


def test_two_folders_of_one_name_are_refused_since_no_fault_could_tell_them_apart(tmp_path):
    folder(tmp_path / "2024" / "quarter 1")
    folder(tmp_path / "2025" / "quarter 1", {"observations": [{"area_code": SECOND, "count": "7"}]})
    rule = "table quarter 1/observations: stands in two folders of one name; rename one of them"
    assert faults_of(tmp_path) == [rule]
    (tmp_path / "2025" / "quarter 1").rename(tmp_path / "2025" / "quarter 2")
    assert len(read_evidence(tmp_path)["observations"]) == 3


def test_a_folder_given_twice_is_refused(tmp_path):
    path = folder(tmp_path / "return")
    assert "table return/areas: stands in two folders of one name; rename one of them" in faults_of(path, path)


# Faults of names that point nowhere


@pytest.mark.parametrize(
    ("name", "cells", "column", "target"),
    [
        ("observations", {"source_id": "nobody"}, "source_id", "sources"),
        ("observations", {"area_code": "E06009009"}, "area_code", "areas"),
        ("areas", {"successor_code": "E06009009"}, "successor_code", "areas"),
        ("risk_snapshots", {"residence_area_code": "E06009009"}, "residence_area_code", "areas"),
        ("service_areas", {"service_id": "another_service"}, "service_id", "services"),
        ("funding", {"service_id": "another_service"}, "service_id", "services"),
        ("risk_reviews", {"risk_level": "very high"}, "scheme, risk_level", "risk_schemes"),
        ("risk_snapshots", {"scheme": "Another scheme"}, "scheme, risk_level", "risk_schemes"),
        ("risk_crosswalk", {"from_level": "very high"}, "from_scheme, from_level", "risk_schemes"),
        ("risk_crosswalk", {"to_level": "high"}, "to_scheme, to_level", "risk_schemes"),
    ],
)
def test_a_name_that_no_other_table_explains_is_a_fault(name, cells, column, target, tmp_path):
    path = among(name, **cells)(tmp_path / "return")
    assert f"table return/{name}, column {column}: must be in the table {target} (row 2)" in faults_of(path)


def test_a_name_may_be_explained_in_another_folder(tmp_path):
    folder(tmp_path / "published")
    folder(
        tmp_path / "own",
        {
            "sources": [{"source_id": "own_return", "public": "false"}],
            "observations": [{"source_id": "own_return", "count": "3"}],
        },
    )
    assert len(read_evidence(tmp_path / "own", tmp_path / "published")["observations"]) == 3


def test_a_table_that_cannot_be_read_is_one_fault_and_nothing_else_is_accused_for_it(tmp_path):
    path = folder(tmp_path / "return", ONE_OF_EACH, areas="")
    assert faults_of(path) == ["table return/areas: is an empty file"]
    (path / "areas.csv").unlink()
    assert faults_of(path) == ["table areas: is required, and no file of it was found"]


# Records of single children


def test_three_tables_hold_records_of_single_children():
    assert sensitive_tables() == ("offences", "referrals", "risk_reviews")


@pytest.mark.parametrize("name", ["offences", "referrals", "risk_reviews"])
def test_records_of_children_from_a_public_source_are_refused(name, tmp_path):
    path = among(name, source_id=PUBLIC)(tmp_path / "return")
    rule = "records of single children cannot come from a source that is marked public (row 2)"
    assert faults_of(path) == [f"table return/{name}, column source_id: {rule}"]


def test_evidence_says_whether_it_holds_children(tmp_path):
    assert not children_in(read_evidence(folder(tmp_path / "counts")))
    assert children_in(read_evidence(folder(tmp_path / "records", ONE_OF_EACH)))


# Every fault at once


def test_every_fault_of_every_table_is_listed_at_once(tmp_path):
    path = folder(
        tmp_path / "return",
        ONE_OF_EACH
        | {
            "sources": [{"source_id": PUBLIC}, {"source_id": PRIVATE, "public": "perhaps"}],
            "population": [{"people": "many"}, {"area_code": "E06009009"}, {}, {}],
            "observations": [{"count": "24", "missing": "c", "source_id": "nobody"}],
            "referrals": [ONE_OF_EACH["referrals"][0] | {"source_id": PUBLIC, "age": "99"}],
            "service_areas": [{"service_id": "another_service", "funding": "some"}],
        },
        statements="",
        hospital="a\n1\n",
    )
    assert sorted(faults_of(path, tmp_path / "nowhere")) == sorted(
        [
            f"table {tmp_path / 'nowhere'}: is not a folder of evidence tables",
            f"table return/hospital: is no evidence table; the tables are: {', '.join(CONTRACTS)}",
            "table return/observations: exactly one of count and missing must be given (row 2)",
            "table return/observations, column source_id: must be in the table sources (row 2)",
            "table return/population, column area_code: must be in the table areas (row 3)",
            "table return/population, column people: must be a whole number (row 2)",
            "table return/population: rows must differ in source_id, area_code, mid_year, age_from, age_to, sex "
            "(row 2, 4, 5)",
            "table return/referrals, column age: must be 25 or less (row 2)",
            "table return/referrals, column source_id: records of single children cannot come from a source that is "
            "marked public (row 2)",
            "table return/service_areas, column funding: must be one of: commissioned, service level agreement, "
            "spot purchase, not stated, none (row 2)",
            "table return/service_areas, column service_id: must be in the table services (row 2)",
            "table return/sources, column public: must be true or false (row 3)",
            "table return/statements: is an empty file",
        ]
    )


def test_the_error_counts_its_faults():
    one, two = Fault("areas", "is an empty file"), Fault("sources", "is an empty file")
    assert str(EvidenceError([one, one])).startswith("1 fault in the evidence")
    assert str(EvidenceError([one, two])).startswith("2 faults in the evidence")


# Parquet gives what CSV gives


def as_typed(rows: pd.DataFrame, name: str) -> pd.DataFrame:
    return table(name, *rows.to_dict("records"))


def as_a_part_of_a_larger_table(rows: pd.DataFrame, _: str) -> pd.DataFrame:
    return rows.set_axis(range(100, 100 + len(rows)), axis="index")


@pytest.mark.parametrize("form", [as_typed, as_a_part_of_a_larger_table])
def test_parquet_gives_what_csv_gives(form, tmp_path):
    path = folder(tmp_path / "return", {})
    for name, rows in ONE_OF_EACH.items():
        form(words(name, rows), name).to_parquet(path / f"{name}.parquet")
    evidence = read_evidence(path)
    # `table` is what the same rows give as text; that CSV gives it too is tested above.
    for name, rows in ONE_OF_EACH.items():
        assert_frame_equal(evidence[name], pseudonymised(table(name, *rows)))


def test_a_fault_of_a_parquet_file_names_its_rows_by_place(tmp_path):
    path = folder(tmp_path / "return", {name: rows for name, rows in BASE.items() if name != "population"})
    rows = words("population", BASE["population"]).assign(people=["1", "many", "2"])
    rows.set_axis([500, 600, 700], axis="index").to_parquet(path / "population.parquet")
    assert faults_of(path) == ["table return/population, column people: must be a whole number (row 3)"]


# Property: what a table says survives writing and reading

notes = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=20)


@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 10**9), notes), min_size=1, max_size=20, unique_by=lambda row: row[1].strip()))
def test_counts_and_notes_come_back_as_they_were_written(tmp_path, rows):
    written = [{"count": str(count), "note": note} for count, note in rows]
    observations = read_evidence(folder(tmp_path / "return", BASE | {"observations": written}))["observations"]
    assert observations["count"].tolist() == [count for count, _ in rows]
    expected = tidy_words(pd.Series([note for _, note in rows]))
    assert observations["note"].fillna("").tolist() == expected.fillna("").tolist()
    assert set(observations["area_code"]) == {FIRST}


def test_a_service_of_a_whole_force_has_to_name_its_authorities(tmp_path: Path) -> None:
    wide = [{**ONE_OF_EACH["service_areas"][0], "area_code": FORCE}]
    with pytest.raises(EvidenceError, match=r"column area_code: must be a local authority.*row 2"):
        read_evidence(folder(tmp_path, {**ONE_OF_EACH, "service_areas": wide}))
