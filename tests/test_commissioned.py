"""Which services were paid for where, and for which days their sources vouch."""

from __future__ import annotations

import pandas as pd
import pytest
from small_evidence import FIRST, SECOND, table

from needs_assessment.services.commissioned import COLUMNS, commissioned

SOURCES = table(
    "sources",
    {"source_id": "answer", "published_on": "2023-04-26"},
    {"source_id": "overview", "published_on": "", "data_to": "2022-09-30"},
    {"source_id": "report", "published_on": "2022-12-15", "data_to": "2022-09-30"},
    {"source_id": "plan", "published_on": "2022-12-15", "data_to": "2025-03-31"},
    {"source_id": "undated", "published_on": ""},
    {"source_id": "return", "public": "false"},
)
CONTRACT = {"contract_start": "2021-01-01", "contract_end": "2024-12-31", "extension_months": "12|12"}


def paid_for(*places: dict[str, str], services: tuple[dict[str, str], ...] = ()) -> pd.DataFrame:
    place = {"service_id": "a_service", "source_id": "answer"}
    return commissioned(
        table("services", *(place | row for row in services)),
        table("service_areas", *(place | row for row in places)),
        SOURCES,
    )


def vouched(*places: dict[str, str], services: tuple[dict[str, str], ...] = ()) -> list[tuple[str, str, str, str]]:
    """The source, grounds, first and last day of each row."""
    rows = paid_for(*places, services=services)
    days = rows[["first_day", "last_day"]].apply(lambda column: column.dt.strftime("%Y-%m-%d"))
    return list(zip(rows["source_id"], rows["grounds"], days["first_day"], days["last_day"], strict=True))


# Described


@pytest.mark.parametrize(
    ("source", "day"),
    [("answer", "2023-04-26"), ("overview", "2022-09-30"), ("report", "2022-09-30"), ("plan", "2022-12-15")],
)
def test_a_description_vouches_for_the_last_day_it_describes_and_for_none_after_its_publication(source, day):
    assert vouched({"source_id": source}) == [(source, "described", day, day)]


def test_a_source_without_a_day_vouches_for_none():
    assert vouched({"source_id": "undated"}) == []


def test_each_source_has_its_own_row():
    assert vouched({}, {"source_id": "overview"}) == [
        ("overview", "described", "2022-09-30", "2022-09-30"),
        ("answer", "described", "2023-04-26", "2023-04-26"),
    ]


@pytest.mark.parametrize(
    ("funding", "rows"),
    [("commissioned", 1), ("service level agreement", 1), ("spot purchase", 1), ("not stated", 0), ("none", 0)],
)
def test_only_what_a_source_says_is_paid_for_counts(funding, rows):
    found = paid_for({"funding": funding, "funder": "A council"})
    assert found[["funding", "funder"]].to_numpy().tolist() == [[funding, "A council"]] * rows


def test_a_source_that_is_not_public_says_nothing_here():
    assert vouched({"source_id": "return"}, services=(CONTRACT | {"source_id": "return"},)) == []
    # Nor does it except an area, or place a public contract.
    assert len(vouched({"stated_for": "force"}, {"source_id": "return", "funding": "none"})) == 1
    assert vouched({"source_id": "return"}, services=(CONTRACT,)) == []


# Exceptions


def test_an_area_that_a_source_excepts_by_name_is_not_in_what_is_said_of_the_whole_force():
    excepted = {"source_id": "overview", "area_code": SECOND, "funding": "none"}
    rows = paid_for(*({"stated_for": "force", "area_code": area} for area in (FIRST, SECOND)), excepted)
    assert rows["area_code"].tolist() == [FIRST]
    under_contract = paid_for(
        *({"stated_for": "force", "area_code": area} for area in (FIRST, SECOND)), excepted, services=(CONTRACT,)
    )
    assert under_contract[["area_code", "grounds"]].to_numpy().tolist() == [[FIRST, "contract"]]


def test_a_source_that_names_the_area_stands_beside_one_that_excepts_it():
    assert len(vouched({"area_code": SECOND}, {"source_id": "overview", "area_code": SECOND, "funding": "none"})) == 1


def test_an_exception_for_another_service_or_area_changes_nothing():
    for other in ({"service_id": "another"}, {"area_code": SECOND}):
        assert len(vouched({"stated_for": "force"}, {"source_id": "overview", "funding": "none"} | other)) == 1


# Terms that are stated for an area


@pytest.mark.parametrize(
    ("stated", "first", "last"),
    [
        ({"start": "2020-01-13", "end": "2023-01-12"}, "2020-01-13", "2023-01-12"),
        ({"start": "2020-01-13"}, "2020-01-13", "2023-04-26"),  # to the day of its source
        ({"start": "2023-07-01"}, "2023-07-01", "2023-07-01"),  # announced
        ({"end": "2024-03-31"}, "2023-04-26", "2024-03-31"),
        ({"end": "2022-03-31"}, "2022-03-31", "2022-03-31"),  # over before its source was published
    ],
)
def test_a_stated_term_is_taken_as_it_stands(stated, first, last):
    assert vouched(stated) == [("answer", "term stated", first, last)]


# Contracts


def test_a_contract_vouches_for_its_firm_term_and_not_for_its_options():
    assert vouched({}, services=(CONTRACT,)) == [("answer", "contract", "2021-01-01", "2024-12-31")]


def test_what_the_same_source_says_of_a_day_or_term_inside_the_contract_is_not_repeated():
    term = {"start": "2021-01-01", "end": "2024-12-31"}
    assert [row[1] for row in vouched(term, services=(CONTRACT,))] == ["contract"]
    longer = {"start": "2021-01-01", "end": "2025-12-31"}
    assert sorted(row[1] for row in vouched(longer, services=(CONTRACT,))) == ["contract", "term stated"]


def test_a_description_after_the_contract_stands_beside_it():
    over = CONTRACT | {"contract_end": "2022-12-31"}
    assert vouched({}, services=(over,)) == [
        ("answer", "contract", "2021-01-01", "2022-12-31"),
        ("answer", "described", "2023-04-26", "2023-04-26"),
    ]


def test_a_contract_holds_where_its_own_source_places_the_service():
    rows = paid_for({}, {"source_id": "overview", "area_code": SECOND}, services=(CONTRACT,))
    assert rows[["area_code", "grounds"]].to_numpy().tolist() == [[FIRST, "contract"], [SECOND, "described"]]


def test_a_contract_whose_source_names_no_area_holds_where_another_places_the_service():
    rows = paid_for({"source_id": "overview"}, services=(CONTRACT,))
    assert rows[["source_id", "grounds"]].to_numpy().tolist() == [["answer", "contract"], ["overview", "described"]]


def test_one_place_bought_at_a_time_is_under_no_contract():
    assert [row[1] for row in vouched({"funding": "spot purchase"}, services=(CONTRACT,))] == ["described"]


@pytest.mark.parametrize("missing", ["contract_start", "contract_end"])
def test_a_contract_without_both_days_vouches_for_none(missing):
    assert [row[1] for row in vouched({}, services=(CONTRACT | {missing: ""},))] == ["described"]


def test_nothing_supplied_makes_a_table_without_rows():
    rows = paid_for()
    assert list(rows.columns) == COLUMNS
    assert rows.empty
    assert rows["first_day"].dtype == rows["last_day"].dtype == "datetime64[us]"


# The question of 26 April 2023 to West Mercia, on the published evidence

WEST_MERCIA = {"Herefordshire": "E06000019", "Shropshire": "E06000051", "Telford": "E06000020"} | {
    "Worcestershire": "E10000034"
}


def test_asked_in_april_2023_west_mercia_paid_for_branch_purple_leaf_and_climb_in_the_twelve_months_before(published):
    rows = commissioned(published["services"], published["service_areas"], published["sources"])
    here = rows["area_code"].isin(WEST_MERCIA.values())
    asked = rows[here & rows["first_day"].le("2023-04-26") & rows["last_day"].ge("2022-04-27")]
    described = published["services"].dropna(subset=["exploitation_types"])
    harms = described.groupby("service_id")["exploitation_types"].last()
    found = asked["service_id"].drop_duplicates().map(harms).set_axis(asked["service_id"].drop_duplicates()).dropna()
    # The answer lists Branch and Purple Leaf for CSE and none for CCE; the overview for quarter 2 describes CLIMB.
    assert found.to_dict() == {"branch": "CSE", "purple_leaf": "CSE", "climb": "CCE"}
    climb = asked[asked["service_id"].eq("climb")]
    assert set(climb["grounds"]) == {"described"}
    assert set(climb["last_day"]) == {pd.Timestamp("2022-09-30")}
    assert set(climb["area_code"]) == set(WEST_MERCIA.values())
    # "For reference only … we also fund a Branch Plus worker"
    assert set(asked.loc[asked["service_id"].eq("branch_plus"), "source_id"]) == {"west_mercia_foi_2023"}
    purple_leaf = asked[asked["service_id"].eq("purple_leaf")]
    assert set(purple_leaf["area_code"]) == set(WEST_MERCIA.values()) - {WEST_MERCIA["Telford"]}


def test_derbyshires_contract_is_under_way_in_the_city_and_the_county_for_three_years(published):
    rows = commissioned(published["services"], published["service_areas"], published["sources"])
    rows = rows[rows["service_id"].eq("derby_derbyshire_exploitation")]
    assert rows["area_code"].tolist() == ["E06000015", "E10000007"]
    assert set(rows["grounds"]) == {"contract"}
    assert set(rows["first_day"]) == {pd.Timestamp("2020-01-13")}
    assert set(rows["last_day"]) == {pd.Timestamp("2023-01-12")}
