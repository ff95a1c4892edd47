from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from needs_assessment.evidence import CONTRACTS, EvidenceError
from needs_assessment.geography import local_authorities, partnerships, resolve_names
from needs_assessment.sources import Import, read_files
from needs_assessment.sources.places import gathered
from needs_assessment.vocabulary import AreaType

OFFICIAL = Path(__file__).resolve().parents[1].parent / "shared" / "official"
needs_official_files = pytest.mark.skipif(not OFFICIAL.is_dir(), reason="the official files are not beside the project")
NOWHERE = pd.DataFrame()


def facts(*rows: dict[str, object]) -> pd.DataFrame:
    return pd.DataFrame(list(rows))


def place(code: str, name: object = "A place", **others: object) -> dict[str, object]:
    return {"area_code": code, "area_name": name, **others}


def districts(*links: tuple[str, str | None, str | None]) -> pd.DataFrame:
    return pd.DataFrame(list(links), columns=["district_code", "area_code", "police_force_area_code"])


def by_code(areas: pd.DataFrame) -> pd.DataFrame:
    return areas.set_index("area_code")


def test_areas_are_in_order_of_code_under_the_columns_of_the_contract() -> None:
    areas = gathered([facts(place("E10000034", area_name="B"), place("E06000019", area_name="A"))], NOWHERE)
    assert list(areas.columns) == list(CONTRACTS["areas"].columns)
    assert areas["area_code"].tolist() == ["E06000019", "E10000034"]
    assert areas["area_type"].tolist() == ["local authority", "local authority"]


def test_no_facts_give_an_empty_table_with_all_columns() -> None:
    areas = gathered([], NOWHERE)
    assert areas.empty
    assert list(areas.columns) == list(CONTRACTS["areas"].columns)


def test_the_first_name_stands_and_every_other_spelling_is_kept_once() -> None:
    areas = gathered(
        [
            facts(place("E06000019", "Herefordshire, County of")),
            facts(place("E06000019", "Herefordshire", other_names="Hereford|Herefordshire, County of")),
            facts(place("E06000019", "Herefordshire")),
        ],
        NOWHERE,
    )
    assert areas["area_name"].tolist() == ["Herefordshire, County of"]
    assert set(areas["other_names"][0].split("|")) == {"Herefordshire", "Hereford"}
    assert areas["other_names"][0].count("|") == 1


def test_what_one_file_leaves_blank_another_fills() -> None:
    areas = gathered(
        [
            facts(place("E06000019", pd.NA, longitude=-2.7, latitude=52.1)),
            facts(place("E06000019", "Herefordshire", dfe_la_code="884")),
        ],
        NOWHERE,
    )
    assert areas.loc[0, ["area_name", "dfe_la_code", "longitude"]].tolist() == ["Herefordshire", "884", -2.7]


def test_a_code_without_a_name_and_a_district_are_left_out() -> None:
    areas = gathered([facts(place("E06000019"), place("E06000051", pd.NA), place("E07000234"))], NOWHERE)
    assert areas["area_code"].tolist() == ["E06000019"]


WORCESTERSHIRE = facts(
    place("E10000034", "Worcestershire"), place("E23000016", "West Mercia"), place("E23000017", "Warwickshire")
)


def test_a_force_comes_from_the_districts_where_all_lie_in_one() -> None:
    links = districts(("E07000234", "E10000034", "E23000016"), ("E07000237", "E10000034", "E23000016"))
    area = by_code(gathered([WORCESTERSHIRE], links)).loc["E10000034"]
    assert area[["police_force_area_code", "police_force_area_name"]].tolist() == ["E23000016", "West Mercia"]


def test_two_lookups_of_one_district_are_put_together_for_its_force() -> None:
    upper, forces = districts(("E07000234", "E10000034", None)), districts(("E07000234", None, "E23000016"))
    areas = gathered([WORCESTERSHIRE], pd.concat([upper, forces]))
    assert by_code(areas)["police_force_area_code"]["E10000034"] == "E23000016"


def test_an_authority_whose_districts_lie_in_two_forces_has_no_force() -> None:
    links = districts(("E07000234", "E10000034", "E23000016"), ("E07000237", "E10000034", "E23000017"))
    assert (
        by_code(gathered([WORCESTERSHIRE], links))
        .loc["E10000034", ["police_force_area_code", "police_force_area_name"]]
        .isna()
        .all()
    )


def test_an_authority_of_one_tier_is_its_own_district() -> None:
    areas = gathered(
        [facts(place("E06000019"), place("E23000016", "West Mercia"))], districts(("E06000019", None, "E23000016"))
    )
    assert by_code(areas)["police_force_area_name"]["E06000019"] == "West Mercia"


def test_a_force_that_a_file_states_outranks_that_of_the_districts() -> None:
    stated = facts(place("E10000034", police_force_area_code="E23000017", police_force_area_name="Warwickshire"))
    areas = gathered([stated], districts(("E07000234", "E10000034", "E23000016")))
    assert areas.loc[0, ["police_force_area_code", "police_force_area_name"]].tolist() == ["E23000017", "Warwickshire"]


@pytest.mark.parametrize(
    ("column", "one", "other"),
    [
        ("region_code", "E12000005", "E12000009"),
        ("police_force_area_code", "E23000016", "E23000017"),
        ("dfe_la_code", "884", "885"),
        ("area_type", "local authority", "region"),
    ],
)
def test_two_files_that_contradict_each_other_on_an_area_are_a_fault_that_names_it(
    column: str, one: str, other: str
) -> None:
    with pytest.raises(EvidenceError) as raised:
        gathered([facts(place("E06000019", **{column: one})), facts(place("E06000019", **{column: other}))], NOWHERE)
    (fault,) = raised.value.faults
    assert (fault.table, fault.column) == ("areas", column)
    assert fault.rule.endswith(": E06000019")


def test_two_lookups_that_place_a_district_differently_are_a_fault_that_names_it() -> None:
    links = districts(("E07000234", "E10000034", "E23000016"), ("E07000234", "E10000031", "E23000017"))
    with pytest.raises(EvidenceError) as raised:
        gathered([WORCESTERSHIRE], links)
    assert [(fault.table, fault.column) for fault in raised.value.faults] == [
        ("districts", "area_code"),
        ("districts", "police_force_area_code"),
    ]
    assert all(fault.rule.endswith(": E07000234") for fault in raised.value.faults)


@pytest.mark.parametrize("inner_first", [True, False])
def test_a_borough_of_inner_london_lies_in_london_whichever_file_comes_first(inner_first: bool) -> None:
    camden = (
        {"region_code": "E13000001", "region_name": "Inner London"},
        {"region_code": "E12000007", "region_name": "London"},
    )
    stated = [facts(place("E09000007", "Camden", **region)) for region in camden]
    areas = gathered(stated if inner_first else stated[::-1], NOWHERE)
    assert areas.loc[0, ["region_code", "region_name"]].tolist() == ["E12000007", "London"]


def test_london_and_its_halves_stay_three_regions() -> None:
    names = {"E12000007": "London", "E13000001": "Inner London", "E13000002": "Outer London"}
    areas = gathered([facts(*(place(code, name, area_type="region") for code, name in names.items()))], NOWHERE)
    assert dict(areas[["area_code", "area_name"]].itertuples(index=False)) == names
    assert areas["region_code"].isna().all()


def test_an_exact_successor_is_stated_only_where_a_file_names_it() -> None:
    old, new = place("E10000027", "Somerset"), place("E06000066", "Somerset")
    both, alone = by_code(gathered([facts(old, new)], NOWHERE)), by_code(gathered([facts(old)], NOWHERE))
    assert both["successor_code"]["E10000027"] == "E06000066"
    assert both["valid_to"]["E10000027"] == pd.Timestamp("2023-03-31")
    assert alone.loc["E10000027", ["successor_code", "valid_to"]].isna().all()


def test_a_split_has_no_successor_and_says_what_it_became() -> None:
    codes = {"E10000006": "Cumbria", "E06000063": "Cumberland", "E06000064": "Westmorland and Furness"}
    areas = by_code(gathered([facts(*(place(code, name) for code, name in codes.items()))], NOWHERE))
    assert pd.isna(areas["successor_code"]["E10000006"])
    assert areas["became"]["E10000006"] == "E06000063|E06000064"


def test_a_successor_that_a_file_states_but_none_describes_is_left_out() -> None:
    areas = gathered([facts(place("E06000019", successor_code="E06000999"))], NOWHERE)
    assert areas["successor_code"].isna().all()


@pytest.fixture(scope="module")
def official() -> Import:
    factors = OFFICIAL / "children_in_need" / "c3_factors_identified_at_end_of_assessment_2018_to_2025.csv"
    return read_files([factors, *(OFFICIAL / folder for folder in ("population", "lookups", "boundaries"))])


@needs_official_files
def test_each_english_authority_in_use_has_force_region_dfe_code_and_point(official: Import) -> None:
    authorities = local_authorities(official.tables["areas"])
    english = authorities[authorities["area_code"].str.startswith("E")]
    wanted = ["police_force_area_code", "police_force_area_name", "region_code", "region_name"]
    assert (len(english), len(authorities) - len(english)) == (153, 22)
    assert english[[*wanted, "dfe_la_code", "longitude", "latitude"]].notna().all(axis=None)
    assert english["region_code"].nunique() == 9
    assert english["police_force_area_code"].nunique() == 39


@needs_official_files
def test_the_city_of_london_has_its_own_police_and_the_boroughs_the_metropolitan(official: Import) -> None:
    areas = local_authorities(official.tables["areas"])
    london = areas[areas["region_name"] == "London"].set_index("area_name")["police_force_area_code"]
    assert london["City of London"] == "E23000034"
    assert set(london.drop("City of London")) == {"E23000001"}
    assert len(london) == 33


@needs_official_files
def test_west_mercia_has_four_authorities_and_five_partnerships(official: Import) -> None:
    areas = official.tables["areas"]
    here = areas[areas["police_force_area_name"] == "West Mercia"]
    assert here["area_type"].value_counts().to_dict() == {
        AreaType.COMMUNITY_SAFETY_PARTNERSHIP: 5,
        AreaType.LOCAL_AUTHORITY: 4,
    }
    links = partnerships(official.tables["districts"], areas)
    assert (links["area_code"] == "E10000034").sum() == 2


@needs_official_files
def test_london_in_every_sense_is_told_apart(official: Import) -> None:
    names = pd.Series(["London", "Inner London", "City of London", "Metropolitan Police"])
    areas = official.tables["areas"]
    assert resolve_names(names, areas, AreaType.REGION).fillna("").tolist() == ["E12000007", "E13000001", "", ""]
    assert resolve_names(names, areas, AreaType.LOCAL_AUTHORITY)[2] == "E09000001"
    assert resolve_names(names, areas, AreaType.POLICE_FORCE_AREA)[3] == "E23000001"


@needs_official_files
def test_every_code_of_boundaries_layouts_and_partnerships_is_an_area(official: Import) -> None:
    known = set(official.tables["areas"]["area_code"])
    for table, column in [("boundaries", "area_code"), ("layouts", "area_code"), ("districts", "partnership_code")]:
        assert set(official.tables[table][column].dropna()) <= known


@needs_official_files
def test_two_maps_of_one_kind_of_area_are_both_kept_as_sources_of_their_own(official: Import) -> None:
    of_authorities = official.tables["boundaries"].groupby("source_id")["area_code"].nunique()
    assert sorted(of_authorities) == [43, 175, 175]


@pytest.mark.parametrize(
    "mistaken",
    [
        {"area_code": "E06000099", "area_name": "Shropshire"},
        {"area_code": "E06000099", "area_name": "Elsewhere", "dfe_la_code": "893"},
        {"area_code": "E06000019", "area_name": "Shropshire"},
    ],
)
def test_two_authorities_in_use_that_share_a_name_or_a_code_are_a_fault_that_names_both(mistaken: dict) -> None:
    right = facts(
        place("E06000051", area_name="Shropshire", dfe_la_code="893"), place("E06000019", area_name="Herefordshire")
    )
    with pytest.raises(EvidenceError, match=f"{mistaken['area_code']}.*E06000051|E06000051.*{mistaken['area_code']}"):
        gathered([right, facts(mistaken)], NOWHERE)


def test_an_authority_may_have_the_name_of_the_one_it_replaced() -> None:
    both = facts(place("E10000027", area_name="Somerset"), place("E06000066", area_name="Somerset"))
    assert gathered([both], NOWHERE)["valid_to"].notna().tolist() == [False, True]
