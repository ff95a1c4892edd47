"""The whole of England from files as their publishers lay them out: every figure in is a figure out."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
import report_page

from needs_assessment.area_view import AreaView, reportable
from needs_assessment.assessment import assess
from needs_assessment.evidence import Evidence, read_evidence
from needs_assessment.geography import local_authorities
from needs_assessment.publish.lint import page_faults
from needs_assessment.release import Release
from needs_assessment.sources import import_files
from needs_assessment.vocabulary import ExploitationType, Measure, RecordingFlag

PROJECT = Path(__file__).resolve().parents[1]
SHARED = PROJECT.parent / "shared"
OFFICIAL, CASES = SHARED / "official", SHARED / "cases" / "dfe"
FOLDERS = (
    "children_in_need",
    "population",
    "neighbours",
    "crime",
    "nrm",
    "boundaries",
    "lookups",
    "deprivation",
)
C3 = OFFICIAL / "children_in_need" / "c3_factors_identified_at_end_of_assessment_2018_to_2025.csv"
EPISODES = Measure.ASSESSMENT_EPISODES
# One DfE code for two ONS codes: its rates of the year ending March 2023 stand under the older.
SUCCESSORS = {
    "E10000027": "E06000066",
    "E10000023": "E06000065",
    "E10000002": "E06000060",
    "E08000016": "E08000038",
    "E08000019": "E08000039",
}
FACTORS = {
    "Child sexual exploitation": (EPISODES, ExploitationType.CSE),
    "Child criminal exploitation": (EPISODES, ExploitationType.CCE),
    "Going missing": (Measure.GOING_MISSING_EPISODES, None),
    "Gangs": (Measure.GANGS_EPISODES, None),
    "Trafficking": (Measure.TRAFFICKING_EPISODES, None),
}

pytestmark = pytest.mark.skipif(
    not OFFICIAL.is_dir() or not CASES.is_dir(),
    reason="the official files and the published rates are not beside the project",
)


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    known = read_evidence(PROJECT / "data" / "published")["areas"]
    folder = tmp_path_factory.mktemp("national") / "imported"
    import_files([OFFICIAL / name for name in FOLDERS], folder, known_areas=known)
    return folder


@pytest.fixture(scope="module")
def evidence(imported: Path) -> Evidence:
    return read_evidence(PROJECT / "data" / "published", imported)


@pytest.fixture(scope="module")
def national(evidence: Evidence) -> Release:
    return assess(evidence)


@pytest.fixture(scope="module")
def national_folder(national: Release, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return national.write(tmp_path_factory.mktemp("national release") / "release")


def published_rows() -> Iterator[dict[str, str]]:
    """The rows of authorities of the latest edition of C3, as the file has them."""
    with C3.open(encoding="utf-8-sig", newline="") as file:
        yield from (row for row in csv.DictReader(file) if row["geographic_level"] == "Local authority")


# Areas


def test_a_report_is_made_for_each_of_the_153_authorities_of_england(national: Release) -> None:
    codes = reportable(national)
    assert len(codes) == len(set(codes)) == 153
    assert all(code.startswith("E") for code in codes)


def test_every_authority_of_every_year_goes_in_and_comes_out(national: Release) -> None:
    stated: dict[int, set[str]] = {}
    for row in published_rows():
        stated.setdefault(int(row["time_period"]), set()).add(row["new_la_code"])
    rows = national["demand"]
    rows = rows[rows["measure"].eq(EPISODES) & rows["exploitation_type"].eq(ExploitationType.CSE)]
    authorities = set(national["areas"].query("area_type == 'local authority'")["area_code"])
    out = rows[rows["area_code"].isin(authorities)].groupby(rows["period_end"].dt.year)["area_code"].agg(list)
    assert {year: len(codes) for year, codes in stated.items()} == {
        2018: 152, 2019: 152, 2020: 151, 2021: 151, 2022: 152, 2023: 152, 2024: 153, 2025: 153
    }  # fmt: skip
    for year, codes in stated.items():
        assert sorted(out[year]) == sorted(SUCCESSORS.get(code, code) for code in codes)


def test_each_authority_has_force_region_partnership_neighbours_and_a_place_on_the_map(national: Release) -> None:
    places = local_authorities(national["areas"]).set_index("area_code").loc[reportable(national)]
    for column in ("police_force_area_code", "region_code", "dfe_la_code", "longitude", "latitude"):
        assert places[column].notna().all(), column
    assert set(places.index) == set(national["tiles"]["area_code"]) == set(national["boundaries"]["area_code"])
    assert set(places.index) <= set(national["partnerships"]["area_code"])
    assert set(places.index) == set(national["neighbours"]["area_code"])


def test_areas_that_were_split_or_merged_say_so_and_others_do_not(national: Release) -> None:
    names = national["areas"].set_index("area_code")["area_name"]
    assert sorted(names[national["predecessors"]["area_code"]]) == [
        "Bournemouth, Christchurch and Poole",
        "Cumberland",
        "Dorset",
        "North Northamptonshire",
        "West Northamptonshire",
        "Westmorland and Furness",
    ]


# Figures


def test_every_rate_that_the_department_publishes_is_reproduced(national: Release) -> None:
    """DfE, Children in need, as its dashboard shows it: rates per 10,000 in whole numbers, and the symbols."""
    published = pd.read_csv(CASES / "efh_la_rates_acceptance.csv", dtype=str)
    rates = national["demand"].assign(year=national["demand"]["period_end"].dt.year.astype(str))
    key = ["area_code", "measure", "exploitation_type", "year"]
    ours = rates[rates["measure"].isin(list(Measure))].astype({"exploitation_type": object})
    ours = ours.assign(exploitation_type=ours["exploitation_type"].fillna("")).set_index(key)
    found = {"rates": 0, "symbols": 0, "counts without a rate": 0}
    for row in published.itertuples():
        measure, harm = FACTORS[row.assessment_factor]
        cell = ours.loc[(SUCCESSORS.get(row.new_la_code, row.new_la_code), str(measure), harm or "", row.time_period)]
        if not row.value.isdigit():
            found["symbols"] += cell["missing"] == row.value
        elif row.dfe_published_rate == "z":
            # Bournemouth, Poole and the former Dorset in 2019: their population was not published any more.
            found["counts without a rate"] += cell["count"] == int(row.value) and pd.isna(cell["value"])
        else:
            # The Department rounds halves up.
            same = int(float(cell["value"]) + 0.5) == int(row.dfe_published_rate)
            found["rates"] += same and cell["count"] == int(row.value)
    assert found == {"rates": 3948, "symbols": 586, "counts without a rate": 11}
    assert sum(found.values()) == len(published)


def test_england_s_figures_are_those_of_the_release(national: Release) -> None:
    # Department for Education, Children in need 2025, table C3, England, rounded to 10 by its publisher
    rows = national["demand"]
    england = rows[rows["area_code"].eq("E92000001") & rows["measure"].eq(EPISODES)].sort_values("period_end")
    counts = {
        harm: england[england["exploitation_type"].eq(harm)]["count"].dropna().tolist() for harm in ("CSE", "CCE")
    }
    assert counts["CSE"] == [20000, 18720, 18700, 16830, 16330, 15020, 13860, 12400]
    assert counts["CCE"] == [10140, 14420, 15750, 16250]


def test_no_symbol_became_a_number_and_no_number_a_symbol(national: Release) -> None:
    rows = national["demand"]
    rows = rows[rows["measure"].eq(EPISODES) & rows["exploitation_type"].eq("CCE")]
    cells = rows.assign(year=rows["period_end"].dt.year).set_index(["area_code", "year"])
    for row in published_rows():
        cell = cells.loc[(SUCCESSORS.get(row["new_la_code"], row["new_la_code"]), int(row["time_period"]))]
        said = row["Child_criminal_exploitation"]
        assert (str(cell["count"]) if said.isdigit() else cell["missing"]) == said


# Flags


def test_the_screen_flags_the_three_known_authorities_and_76_of_the_77_zeros(national: Release) -> None:
    flags = national["flags"]
    names = national["areas"].set_index("area_code")["area_name"].str.replace(", County of", "")
    of = flags.assign(name=flags["area_code"].map(names), year=flags["period_end"].dt.year)
    of = of[of["exploitation_type"].notna()]
    assert {"Derbyshire", "Herefordshire", "West Sussex"} <= set(of["name"])
    zeros = pd.read_csv(CASES / "derived_implausible_cce_zeros.csv", dtype={"time_period": int})
    key = set(zip(zeros["new_la_code"].replace(SUCCESSORS), zeros["time_period"], strict=True))
    asked = of[of["flag"].isin([RecordingFlag.IMPLAUSIBLE_ZERO, RecordingFlag.NEVER_RECORDED])]
    asked = asked[asked["exploitation_type"].eq("CCE")]
    assert len(key & set(zip(asked["area_code"], asked["year"], strict=True))) == 76


# Pages

ODD = {
    "E06000053": "Isles of Scilly",  # 320 children, and zeros throughout
    "E09000001": "City of London",
    "E06000063": "Cumberland",  # out of a split in 2023
    "E06000066": "Somerset",  # a code that was replaced
    "E10000007": "Derbyshire",
    "E06000019": "Herefordshire",
}


@pytest.mark.parametrize("code", ODD)
def test_odd_authorities_have_a_page_without_a_fault(code: str, national_folder: Path) -> None:
    assert AreaView.open(code, national_folder).name.startswith(ODD[code])
    assert page_faults(report_page.page(code, national_folder)) == []
