from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest

from needs_assessment.evidence import CONTRACTS
from needs_assessment.sources.files import open_file
from needs_assessment.sources.notes import Coercion, Notes, RefusedError
from needs_assessment.sources.readers.modern_slavery import (
    ALL,
    BOTH,
    CRIMINAL,
    CRIMINAL_AND_OTHER,
    KIND_UNKNOWN,
    NO_FORCE_AREA,
    OTHER,
    PARTS,
    READERS,
    SEXUAL,
    SEXUAL_AND_OTHER,
    Part,
    part_of,
)
from needs_assessment.sources.registry import Tables, recognised

SHARED = Path(__file__).resolve().parents[1].parent / "shared"
OFFICIAL = SHARED / "official" / "nrm" / "nrm_referrals_by_first_responder_2022Q2_2023Q4.csv"
LOOKUP = SHARED / "official" / "lookups" / "geographr_lookup_ltla24_csp24_pfa24.csv"
needs_official_files = pytest.mark.skipif(
    not OFFICIAL.is_file(), reason="the official files are not beside the project"
)

HEADINGS = [
    "quarter",
    "first_responder_type",
    "first_responder",
    "exploitation_type",
    "age_at_exploitation",
    "referrals",
]
CHILD, ADULT, UNKNOWN, TOTAL = "Child (17 or under)", "Adult (18 or over)", "Not specified or unknown", "Total"
DERBYSHIRE, WEST_MERCIA = "E23000018", "E23000016"
Row = list[object]

# Made up, in the publisher's layout: referrals by quarter, type of first responder, first responder, kinds and age.
REFERRALS: list[Row] = [
    ["2022-Q2", "Police", "Derbyshire Constabulary", "Criminal", CHILD, 7],
    ["2022-Q2", "Police", "Derbyshire Constabulary", "Criminal", ADULT, 2],
    ["2022-Q2", "Police", "Derbyshire Constabulary", "Sexual", CHILD, 2],
    ["2022-Q2", "Police", "Derbyshire Constabulary", "Labour & Criminal", CHILD, 3],
    ["2022-Q2", "Police", "Derbyshire Constabulary", "Sexual & Criminal", CHILD, 1],
    ["2022-Q2", "Police", "Derbyshire Constabulary", "Sexual, Labour & Domestic", CHILD, 1],
    ["2022-Q2", "Police", "Derbyshire Constabulary", "Labour", CHILD, 4],
    ["2022-Q2", "Police", "Derbyshire Constabulary", UNKNOWN, CHILD, 2],
    ["2022-Q2", "Police", "Derbyshire Constabulary", UNKNOWN, UNKNOWN, 5],
    ["2022-Q2", "Police", "West Mercia Police", "Labour", ADULT, 6],
    ["2022-Q2", "Police", "British Transport Police", "Criminal", CHILD, 9],
    ["2022-Q2", "Local Authority", "Local Authority", "Criminal", CHILD, 420],
    ["2022-Q2", "NGO and third sector", "Unseen", "Labour", ADULT, 8],
    ["2022-Q3", "Police", "Derbyshire Constabulary", "Criminal", CHILD, 5],
]


def with_totals(rows: Sequence[Row]) -> list[Row]:
    """The rows with the totals that the publisher states: of all ages, of all kinds, and of all first responders."""
    sums: Counter[tuple[object, ...]] = Counter()
    for quarter, kind_of_responder, responder, kinds, _, referrals in rows:
        number = int(str(referrals))
        sums[quarter, kind_of_responder, responder, kinds, TOTAL] += number
        sums[quarter, kind_of_responder, f"{kind_of_responder} total", TOTAL, TOTAL] += number
        # Local authorities have no total of their own: the total of their type is the same.
        if kind_of_responder != "Local Authority":
            sums[quarter, kind_of_responder, responder, TOTAL, TOTAL] += number
    return [*rows, *([*key, number] for key, number in sums.items())]


@pytest.fixture(scope="module")
def areas() -> pd.DataFrame:
    listed = [(DERBYSHIRE, "Derbyshire", "police force area"), (WEST_MERCIA, "West Mercia", "police force area")]
    areas = pd.DataFrame(listed, columns=["area_code", "area_name", "area_type"])
    return areas.reindex(columns=list(CONTRACTS["areas"].columns)).astype("object")


def write(folder: Path, rows: Sequence[Row]) -> Path:
    path = folder / "any_name.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEADINGS, *rows])
    return path


def read(path: Path, areas: pd.DataFrame) -> tuple[Tables, Notes]:
    notes = Notes(path.name)
    file = open_file(path, notes)
    return recognised(file, READERS).read(file, notes, areas), notes


def shares(tables: Tables, area_code: str, start: str = "2022-04-01") -> dict[Part, int]:
    """The count of each measure and harm of an area in the quarter that starts on a day."""
    rows = tables["observations"]
    rows = rows[rows["area_code"].eq(area_code) & rows["period_start"].eq(pd.Timestamp(start))]
    harms = rows["exploitation_type"].fillna("")
    return {
        Part(measure, harm): int(count)
        for measure, harm, count in zip(rows["measure"], harms, rows["count"], strict=True)
    }


@pytest.mark.parametrize(
    ("kinds", "part"),
    [
        ("Sexual", SEXUAL),
        ("Criminal", CRIMINAL),
        ("Sexual & Criminal", BOTH),
        ("Sexual, Labour, Domestic, Organ Harvesting & Criminal", BOTH),
        ("Sexual & Labour", SEXUAL_AND_OTHER),
        ("Labour & Criminal", CRIMINAL_AND_OTHER),
        ("Labour, Domestic, Organ Harvesting", OTHER),
        ("Organ Harvesting", OTHER),
        ("Not specified or unknown", KIND_UNKNOWN),
        ("Witchcraft", None),
        ("Sexual & Witchcraft", None),
    ],
)
def test_every_combination_of_kinds_belongs_to_one_measure(kinds: str, part: Part | None) -> None:
    assert part_of(kinds) == part


def test_the_measures_share_the_children_out_and_none_is_counted_twice(tmp_path: Path, areas: pd.DataFrame) -> None:
    tables, notes = read(write(tmp_path, with_totals(REFERRALS)), areas)

    found = shares(tables, DERBYSHIRE)
    assert found == {
        ALL: 20,
        SEXUAL: 2,
        CRIMINAL: 7,
        BOTH: 1,
        SEXUAL_AND_OTHER: 1,
        CRIMINAL_AND_OTHER: 3,
        OTHER: 4,
        KIND_UNKNOWN: 2,
    }
    assert found[ALL] == sum(found[part] for part in PARTS)
    assert set(tables["observations"]["unit"]) == {"referral"}
    assert not notes.faults


def test_only_one_kind_alone_is_about_a_harm(tmp_path: Path, areas: pd.DataFrame) -> None:
    observations = read(write(tmp_path, with_totals(REFERRALS)), areas)[0]["observations"]

    of_a_harm = observations[observations["exploitation_type"].notna()]
    assert set(of_a_harm["measure"]) == {"nrm_referrals_children_one_kind"}
    assert set(of_a_harm["exploitation_type"]) == {"CSE", "CCE"}


def test_quarters_are_those_of_the_calendar(tmp_path: Path, areas: pd.DataFrame) -> None:
    tables, _ = read(write(tmp_path, with_totals(REFERRALS)), areas)

    ends = tables["observations"][["period_start", "period_end"]].drop_duplicates().astype("string")
    assert sorted(ends.to_records(index=False).tolist()) == [("2022-04-01", "2022-06-30"), ("2022-07-01", "2022-09-30")]
    assert tables["sources"]["source_id"].item() == "home_office_nrm_first_responders_2022q2_2022q3"


def test_what_is_read_keeps_the_contract_of_observations(tmp_path: Path, areas: pd.DataFrame) -> None:
    observations = read(write(tmp_path, with_totals(REFERRALS)), areas)[0]["observations"]

    contract = CONTRACTS["observations"]
    missing = {name: pd.NA for name in contract.columns if name not in observations}
    types = {name: column.dtype.type for name, column in contract.columns.items()}
    assert len(contract.validate(observations.assign(**missing).astype(types), lazy=True)) == 2 * 2 * 8
    assert not observations.assign(**missing).duplicated(contract.metadata["key"]).any()


def test_a_force_without_a_child_is_nought_where_the_total_of_all_police_proves_it(
    tmp_path: Path, areas: pd.DataFrame
) -> None:
    tables, _ = read(write(tmp_path, with_totals(REFERRALS)), areas)

    # West Mercia referred adults alone in the first quarter, and has no row in the second.
    assert shares(tables, WEST_MERCIA) == dict.fromkeys((ALL, *PARTS), 0)
    assert shares(tables, WEST_MERCIA, "2022-07-01") == dict.fromkeys((ALL, *PARTS), 0)


def test_a_force_without_a_child_is_not_taken_for_nought_without_that_total(
    tmp_path: Path, areas: pd.DataFrame
) -> None:
    rows = [row for row in with_totals(REFERRALS) if row[:3] != ["2022-Q2", "Police", "Police total"]]

    tables, notes = read(write(tmp_path, rows), areas)

    assert shares(tables, WEST_MERCIA) == {}
    assert shares(tables, DERBYSHIRE)[ALL] == 20
    assert shares(tables, WEST_MERCIA, "2022-07-01")[ALL] == 0
    assert (
        "quarters without the total of all police, where a force without a row is not taken for 0: 1" in notes.remarks
    )


def test_totals_are_not_added_to_their_parts_and_every_row_is_read_or_counted(
    tmp_path: Path, areas: pd.DataFrame
) -> None:
    rows = with_totals(REFERRALS)

    tables, notes = read(write(tmp_path, rows), areas)

    used = [row for row in REFERRALS if "rbyshire" in str(row[2]) and row[4] == CHILD]
    assert notes.counts[Coercion.TOTAL_ROW, ""] == len(rows) - len(REFERRALS)
    assert notes.counts[Coercion.NOT_USED, "first_responder_type"] == 2
    assert notes.counts[Coercion.NOT_USED, "first_responder"] == 1
    assert notes.counts[Coercion.NOT_USED, "age_at_exploitation"] == 3
    assert len(REFERRALS) == len(used) + 2 + 1 + 3
    every = tables["observations"].query("measure == 'nrm_referrals_children'")
    assert every["count"].sum() == sum(int(str(row[5])) for row in used) == 25


def test_the_report_says_whom_the_figures_do_not_hold(tmp_path: Path, areas: pd.DataFrame) -> None:
    _, notes = read(write(tmp_path, with_totals(REFERRALS)), areas)

    assert notes.remarks == [
        "referrals of children by first responders that are no police force, left out because they cannot be placed in "
        "an area: 420",
        "referrals of children by police bodies without a force area of their own, left out because they cannot be "
        "placed in an area: 9",
        "referrals by police forces of people whose age is not known, some of whom may be children, left out: 5",
    ]


@pytest.mark.parametrize(
    "total",
    [
        ["2022-Q2", "Police", "Derbyshire Constabulary", "Criminal", TOTAL],
        ["2022-Q2", "Police", "Derbyshire Constabulary", TOTAL, TOTAL],
        ["2022-Q2", "Police", "Police total", TOTAL, TOTAL],
    ],
    ids=["of ages", "of kinds", "of first responders"],
)
def test_a_total_that_differs_from_its_parts_is_a_fault(tmp_path: Path, areas: pd.DataFrame, total: Row) -> None:
    rows = with_totals(REFERRALS)
    place = next(place for place, row in enumerate(rows) if row[:5] == total)
    rows[place] = [*total, int(str(rows[place][5])) + 1]

    tables, notes = read(write(tmp_path, rows), areas)

    # The total of ages is a part of the totals above it.
    assert {(fault.column, fault.rule) for fault in notes.faults} == {
        ("referrals", "a total must be the sum of its parts")
    }
    assert place + 2 in notes.faults[0].rows
    assert not tables


def test_a_row_of_children_that_was_lost_is_found_by_its_total(tmp_path: Path, areas: pd.DataFrame) -> None:
    _, notes = read(write(tmp_path, with_totals(REFERRALS)[1:]), areas)

    assert [fault.rule for fault in notes.faults] == ["a total must be the sum of its parts"]


def test_a_row_that_repeats_another_exactly_is_read_once(tmp_path: Path, areas: pd.DataFrame) -> None:
    tables, notes = read(write(tmp_path, [*with_totals(REFERRALS), REFERRALS[0]]), areas)

    assert shares(tables, DERBYSHIRE)[CRIMINAL] == 7
    assert notes.counts[Coercion.REPEATED_ROW, ""] == 1
    assert not notes.faults


def test_two_figures_of_one_combination_are_a_fault(tmp_path: Path, areas: pd.DataFrame) -> None:
    _, notes = read(write(tmp_path, [*REFERRALS, [*REFERRALS[0][:5], 70]]), areas)

    assert [(fault.rule, fault.rows) for fault in notes.faults] == [
        ("must be stated once for each combination", (2, len(REFERRALS) + 2))
    ]


@pytest.mark.parametrize(
    ("place", "written", "rule"),
    [
        (0, "2022", "must be a calendar quarter such as 2022-Q2"),
        (0, "2022-Q5", "must be a calendar quarter such as 2022-Q2"),
        (1, "Polise", "must be one of: Police, Local Authority, Government agency, NGO and third sector"),
        (2, "Barsetshire Constabulary", "must be a police force whose area another file of the import gives"),
        (2, "", "must not be blank"),
        (3, "Sexual & Witchcraft", "must be Total, Not specified or unknown or known kinds of exploitation"),
        (4, "Child", "must be one of: Child (17 or under), Adult (18 or over), Not specified or unknown, Total"),
        (5, "", "must not be blank"),
        (5, "-3", "must be 0 or more"),
        (5, "c", "must be a whole number"),
    ],
)
def test_a_cell_that_is_not_understood_is_a_fault_with_its_row(
    tmp_path: Path, areas: pd.DataFrame, place: int, written: str, rule: str
) -> None:
    broken = [*REFERRALS[1][:place], written, *REFERRALS[1][place + 1 :]]

    tables, notes = read(write(tmp_path, [REFERRALS[0], broken, *REFERRALS[2:]]), areas)

    assert [(fault.rule, fault.column, fault.rows) for fault in notes.faults] == [(rule, HEADINGS[place], (3,))]
    assert not tables


def test_a_table_without_a_police_force_is_refused(tmp_path: Path, areas: pd.DataFrame) -> None:
    with pytest.raises(RefusedError, match="no row of a police force"):
        read(write(tmp_path, with_totals([REFERRALS[11]])), areas)


@pytest.fixture(scope="module")
def official() -> tuple[Tables, Notes]:
    if not OFFICIAL.is_file():
        pytest.skip("the official files are not beside the project")
    forces = pd.read_csv(LOOKUP, dtype="string")[["pfa24_code", "pfa24_name"]].drop_duplicates()
    areas = forces.set_axis(["area_code", "area_name"], axis="columns").assign(area_type="police force area")
    return read(OFFICIAL, areas.reindex(columns=list(CONTRACTS["areas"].columns)).astype("object"))


@needs_official_files
def test_every_force_has_every_quarter_of_the_official_file(official: tuple[Tables, Notes]) -> None:
    tables, notes = official

    assert len(tables["observations"]) == 43 * 7 * 8
    assert tables["observations"]["area_code"].nunique() == 43
    assert tables["sources"]["source_id"].item() == "home_office_nrm_first_responders_2022q2_2023q4"
    assert not notes.faults


@needs_official_files
def test_no_row_and_no_child_of_the_official_file_is_lost(official: tuple[Tables, Notes]) -> None:
    tables, notes = official
    with OFFICIAL.open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    of_forces = [
        line
        for line in lines
        if line["first_responder_type"] == "Police"
        and line["first_responder"].lower() not in NO_FORCE_AREA
        and line["age_at_exploitation"] == CHILD
    ]

    left_out = sum(
        times for (coercion, _), times in notes.counts.items() if coercion in {Coercion.NOT_USED, Coercion.TOTAL_ROW}
    )
    assert len(of_forces) + left_out == len(lines) == 6_371
    by_measure = tables["observations"].groupby("measure")["count"].sum()
    assert by_measure[ALL.measure] == sum(int(line["referrals"]) for line in of_forces)
    assert by_measure.drop(ALL.measure).sum() == by_measure[ALL.measure]


@needs_official_files
def test_the_official_file_gives_the_published_figures_of_a_force(official: tuple[Tables, Notes]) -> None:
    # Home Office, January to March 2023, West Mercia Police: 7 children for criminal exploitation, 2 of unknown kind.
    found = shares(official[0], WEST_MERCIA, "2023-01-01")

    assert (found[ALL], found[CRIMINAL], found[KIND_UNKNOWN], found[SEXUAL]) == (9, 7, 2, 0)
