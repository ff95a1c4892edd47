"""Names of areas in all spellings, codes that replaced one another, and tiles."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from time import process_time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_evidence import table

from needs_assessment.geography import (
    ContradictoryDistrictsError,
    UnknownAreaError,
    area_type_of,
    local_authorities,
    neighbours_of,
    partnerships,
    resolve_areas,
    resolve_names,
    tiles,
    unresolved_names,
    with_code_changes,
    with_current_codes,
)
from needs_assessment.vocabulary import AreaType

OFFICIAL = Path(__file__).resolve().parents[1].parent / "shared" / "official"
official = pytest.mark.skipif(not OFFICIAL.exists(), reason="the official files are not beside the project")

AREAS = table(
    "areas",
    {
        "area_code": "E06000019",
        "area_name": "Herefordshire",
        "other_names": "Herefordshire, County of|County of Herefordshire",
    },
    {"area_code": "E06000022", "area_name": "Bath and North East Somerset", "other_names": "BANES|B&NES"},
    {"area_code": "E06000066", "area_name": "Somerset", "valid_from": "2023-04-01"},
    {
        "area_code": "E10000027",
        "area_name": "Somerset (county, to March 2023)",
        "valid_to": "2023-03-31",
        "successor_code": "E06000066",
    },
    {"area_code": "E06000020", "area_name": "Telford and Wrekin"},
    {"area_code": "E23000036", "area_name": "Avon and Somerset police force area", "area_type": "police force area"},
)


# Worked: which areas are reported


def test_local_authorities_are_those_in_use_in_order_of_name():
    names = ["Bath and North East Somerset", "Herefordshire", "Somerset", "Telford and Wrekin"]
    assert local_authorities(AREAS)["area_name"].tolist() == names


# Worked: names as people write them


@pytest.mark.parametrize(
    "written",
    [
        "Herefordshire",
        "herefordshire",
        "  HEREFORDSHIRE ",
        "Herefordshire, County of",
        "Herefordshire County of",
        "Herefordshire Council",
        "Herefordshire County Council",
        "E06000019",
        "e06000019",
    ],
)
def test_an_area_is_found_by_code_or_name_however_it_is_written(written):
    assert resolve_areas([written], AREAS) == ["E06000019"]


@pytest.mark.parametrize("written", ["Telford & Wrekin", "Telford and Wrekin Council", "TELFORD & WREKIN COUNCIL"])
def test_an_ampersand_is_the_word_and(written):
    assert resolve_areas([written], AREAS) == ["E06000020"]


def test_areas_come_in_the_order_asked_and_each_once():
    asked = ["Somerset", "BANES", "B&NES", "E06000066", "Bath & North East Somerset"]
    assert resolve_areas(asked, AREAS) == ["E06000066", "E06000022"]
    assert resolve_areas([], AREAS) == []


def test_every_unknown_name_is_listed_at_once_with_the_nearest_known():
    with pytest.raises(UnknownAreaError) as refused:
        resolve_areas(["Herfordshire", "Somerset", "Sumerset", "qqqq"], AREAS)
    first, second, third = str(refused.value).split("\n")
    assert first == "'Herfordshire' is not an area of this evidence; did you mean Herefordshire (E06000019)?"
    assert second.startswith("'Sumerset' is not an area of this evidence; did you mean Somerset (E06000066)")
    assert third == "'qqqq' is not an area of this evidence; see them with: needs-assessment areas"


@pytest.mark.parametrize("written", ["", " ", "council", "CHOOSE AN AREA"])
def test_what_names_no_area_is_unknown(written):
    with pytest.raises(UnknownAreaError):
        resolve_areas([written], AREAS)


@given(st.sampled_from(AREAS["area_name"].tolist()), st.lists(st.booleans(), min_size=40, max_size=40))
def test_case_never_matters(name, capitals):
    letters = zip(name, capitals, strict=False)
    written = "".join(letter.upper() if capital else letter.lower() for letter, capital in letters)
    assert resolve_areas([written], AREAS) == resolve_areas([name], AREAS)


# Worked: names as publishers write them

PLACES = table(
    "areas",
    {"area_code": "E06000019", "area_name": "Herefordshire, County of"},
    {"area_code": "E06000023", "area_name": "Bristol, City of"},
    {"area_code": "E06000010", "area_name": "Kingston upon Hull, City of"},
    {"area_code": "E06000046", "area_name": "Isle of Wight"},
    {"area_code": "E06000047", "area_name": "County Durham"},
    {"area_code": "E06000053", "area_name": "Isles of Scilly"},
    {"area_code": "E08000013", "area_name": "St. Helens"},
    {"area_code": "E08000016", "area_name": "Barnsley"},
    {"area_code": "E08000032", "area_name": "Bradford"},
    {"area_code": "E09000001", "area_name": "City of London"},
    {"area_code": "E09000007", "area_name": "Camden"},
    {"area_code": "E09000011", "area_name": "Greenwich"},
    {"area_code": "E09000033", "area_name": "Westminster"},
    {"area_code": "E10000007", "area_name": "Derbyshire"},
    {"area_code": "E06000059", "area_name": "Dorset", "valid_from": "2019-04-01"},
    {"area_code": "E10000009", "area_name": "Dorset", "valid_to": "2019-03-31", "became": "E06000059"},
    {"area_code": "E10000006", "area_name": "Cumbria", "valid_to": "2023-03-31"},
    {"area_code": "W06000001", "area_name": "Isle of Anglesey"},
    {"area_code": "W06000011", "area_name": "Swansea"},
    {"area_code": "W06000014", "area_name": "Vale of Glamorgan"},
    {"area_code": "W06000015", "area_name": "Cardiff"},
    {"area_code": "W06000016", "area_name": "Rhondda Cynon Taf"},
    {"area_code": "E12000007", "area_name": "London", "area_type": "region"},
    *(
        {"area_code": code, "area_name": name, "area_type": "police force area"}
        for code, name in {
            "E23000001": "Metropolitan Police",
            "E23000002": "Cumbria",
            "E23000016": "West Mercia police force area",
            "E23000018": "Derbyshire",
            "E23000034": "London, City of",
            "E23000035": "Devon & Cornwall",
            "E23000036": "Avon and Somerset",
            "E23000039": "Dorset",
            "W15000004": "Dyfed-Powys",
        }.items()
    ),
)


@pytest.mark.parametrize(
    ("written", "code"),
    {
        "County of Herefordshire": "E06000019",
        "HEREFORDSHIRE CC": "E06000019",
        "Herefordshire (UA)": "E06000019",
        "City of Bristol": "E06000023",
        "Bristol City Council": "E06000023",
        "Bristol UA": "E06000023",
        "Kingston-upon-Hull": "E06000010",
        "Hull City Council": "E06000010",
        "Wight, Isle of": "E06000046",
        "Durham County Council": "E06000047",
        "Isle of Scilly": "E06000053",  # as the Department for Education's own list has it
        "Council of the Isles of Scilly": "E06000053",
        "St Helens": "E08000013",
        "Saint Helens MBC": "E08000013",
        "Barnsley Metropolitan Borough Council": "E08000016",
        "City of Bradford Metropolitan District Council": "E08000032",
        "City of London Corporation": "E09000001",
        "LB Camden": "E09000007",
        "Camden LB": "E09000007",
        "London Borough of Camden": "E09000007",
        "Royal Borough of Greenwich": "E09000011",
        "Westminster, City of": "E09000033",
        "Ynys Môn": "W06000001",
        "Abertawe": "W06000011",
        "City & County of Swansea": "W06000011",
        "The Vale of Glamorgan": "W06000014",
        "Glamorgan, Vale of": "W06000014",
        "Caerdydd": "W06000015",
        "Rhondda, Cynon, Taff CBC": "W06000016",
        "London": "E12000007",
        "Metropolitan Police Service": "E23000001",
        "West Mercia Police": "E23000016",
        "West Mercia": "E23000016",
        "City of London Police": "E23000034",
        "Devon and Cornwall Police": "E23000035",
        "Avon & Somerset": "E23000036",
        "Avon and Somerset Constabulary": "E23000036",
        "Dyfed Powys": "W15000004",
        "Cumbria Constabulary": "E23000002",
        "Cumbria County Council": "E10000006",
        "Derbyshire County Council": "E10000007",
        "Derbyshire Constabulary": "E23000018",
        "e10000009": "E10000009",
    }.items(),
)
def test_a_name_is_known_in_the_spellings_of_its_publishers(written, code):
    assert resolve_names(pd.Series([written]), PLACES).tolist() == [code]
    assert resolve_areas([written], PLACES) == [code]
    assert unresolved_names(pd.Series([written]), PLACES) == []


@pytest.mark.parametrize("written", ["Derbyshire", "City of London", "Dorset", "Cumbria"])
def test_a_name_of_two_kinds_of_area_is_not_guessed(written):
    assert resolve_names(pd.Series([written]), PLACES).isna().all()
    with pytest.raises(UnknownAreaError, match="can mean more than one area"):
        resolve_areas([written], PLACES)


def test_both_areas_of_an_ambiguous_name_are_suggested_once_for_each_name():
    (question,) = unresolved_names(pd.Series(["Derbyshire", None, "Derbyshire"]), PLACES)
    assert question == (
        "'Derbyshire' can mean more than one area of this evidence: Derbyshire (E10000007) or Derbyshire (E23000018); "
        "state the code"
    )


def test_the_kind_of_area_settles_which_is_meant_and_the_code_in_use_wins():
    names = pd.Series(["Derbyshire", "Dorset", "Cumbria"])
    authorities = resolve_names(names, PLACES, AreaType.LOCAL_AUTHORITY)
    assert authorities.tolist() == ["E10000007", "E06000059", "E10000006"]
    forces = resolve_names(names, PLACES, AreaType.POLICE_FORCE_AREA)
    assert forces.tolist() == ["E23000018", "E23000039", "E23000002"]


def test_a_title_of_another_kind_than_the_file_lists_is_not_overruled():
    assert resolve_names(pd.Series(["Derbyshire Constabulary"]), PLACES, AreaType.LOCAL_AUTHORITY).isna().all()
    assert resolve_names(pd.Series(["E23000018"]), PLACES, AreaType.LOCAL_AUTHORITY).isna().all()


@pytest.mark.parametrize(
    "written", ["Police", "Police total", "council", "British Transport Police", "Action Fraud", "(", "Mercia"]
)
def test_a_body_without_an_area_has_no_code(written):
    assert resolve_names(pd.Series([written]), PLACES).isna().all()


def test_the_codes_keep_the_index_of_the_names_and_their_blanks():
    names = pd.Series(["Hull", None, "Nowhere", "Hull"], index=[7, 3, 5, 1])
    codes = resolve_names(names, PLACES)
    assert codes.index.tolist() == [7, 3, 5, 1]
    assert codes.isna().tolist() == [False, True, True, False]
    assert codes.dtype == "string"
    assert resolve_names(names.iloc[:0], PLACES).empty


# Worked: kinds, partnerships and neighbours


@pytest.mark.parametrize(
    ("kind", "codes"),
    [
        (AreaType.LOCAL_AUTHORITY, ["E06000019", "E08000016", "E09000001", "E10000007", "W06000015"]),
        (AreaType.REGION, ["E12000005", "E13000001"]),
        (AreaType.COUNTRY, ["E92000001", "W92000004", "K04000001"]),
        (AreaType.POLICE_FORCE_AREA, ["E23000016", "W15000001"]),
        (AreaType.COMMUNITY_SAFETY_PARTNERSHIP, ["E22000332", "W14000023"]),
        (None, ["E07000234", "S12000005", "N09000001", "E0600003", "e06000019", "", None, 6, float("nan"), pd.NA]),
    ],
)
def test_the_code_says_what_kind_of_place_it_stands_for(kind, codes):
    assert [area_type_of(code) for code in codes] == [kind] * len(codes)


# West Mercia: data.md, trap 9. District codes of Worcestershire from the ONS lookup of 2024.
WEST_MERCIA = table(
    "areas",
    {"area_code": "E06000019", "area_name": "Herefordshire"},
    {"area_code": "E06000020", "area_name": "Telford and Wrekin"},
    {"area_code": "E06000051", "area_name": "Shropshire"},
    {"area_code": "E10000034", "area_name": "Worcestershire"},
)
SOUTH, NORTH = "E22000332", "E22000368"
IN_PARTNERSHIPS = {
    "E06000019": "E22000326",
    "E06000020": "E22000333",
    "E06000051": "E22000360",
    "E07000234": NORTH,
    "E07000235": SOUTH,
    "E07000236": NORTH,
    "E07000237": SOUTH,
    "E07000238": SOUTH,
    "E07000239": NORTH,
}


def looked_up(*rows: tuple[str, str | None, str | None], source: str = "a_lookup") -> pd.DataFrame:
    """The rows of a lookup: district, authority and partnership."""
    named = ({"district_code": d, "area_code": a or "", "partnership_code": p or ""} for d, a, p in rows)
    return table("districts", *({"source_id": source} | row for row in named))


def test_west_mercia_has_five_partnerships_in_four_authorities():
    first = looked_up(*((district, None, partnership) for district, partnership in IN_PARTNERSHIPS.items()))
    counties = [(district, "E10000034", None) for district in IN_PARTNERSHIPS if district.startswith("E07")]
    found = partnerships(pd.concat([first, looked_up(*counties, source="another")]), WEST_MERCIA)
    assert found.columns.tolist() == ["area_code", "partnership_code", "whole"]
    assert found["area_code"].tolist() == ["E06000019", "E06000020", "E06000051", "E10000034", "E10000034"]
    assert found["partnership_code"].tolist()[-2:] == [SOUTH, NORTH]
    assert found["whole"].tolist() == [True, True, True, False, False]


def test_a_partnership_that_reaches_beyond_an_authority_is_not_the_whole_of_it():
    shared = looked_up(("E06000019", None, "E22000326"), ("E06000020", None, "E22000326"))
    assert partnerships(shared, WEST_MERCIA)["whole"].tolist() == [False, False]
    outside = looked_up(("E06000019", None, "E22000326"), ("E07000001", None, "E22000326"))
    assert partnerships(outside, WEST_MERCIA)["whole"].tolist() == [False]


def test_an_authority_of_which_a_district_has_no_partnership_is_not_one_partnership():
    part = looked_up(("E07000234", "E10000034", NORTH), ("E07000235", "E10000034", None))
    assert partnerships(part, WEST_MERCIA)["whole"].tolist() == [False]


def test_a_district_in_several_partnerships_is_the_whole_of_none():
    # Cumberland is one district and still has the partnerships of three former districts.
    several = looked_up(("E06000019", None, "E22000326"), ("E06000019", None, "E22000333"))
    assert partnerships(several, WEST_MERCIA)["whole"].tolist() == [False, False]


def test_lookups_of_different_years_meet_under_the_code_in_use():
    old = table("areas", {"area_code": "E08000016", "area_name": "A", "valid_to": "2025-03-31"}).assign(
        successor_code=pd.array(["E08000038"], dtype="string")
    )
    areas = pd.concat([old, table("areas", {"area_code": "E08000038", "area_name": "A"})])
    both = pd.concat([looked_up(("E08000016", None, "E22000001")), looked_up(("E08000038", "E08000038", None))])
    found = partnerships(both, areas)
    assert found.to_numpy().tolist() == [["E08000038", "E22000001", True]]


def test_every_district_that_two_sources_place_differently_is_named():
    rows = [("E07000234", "E10000034", NORTH), ("E07000235", "E10000034", SOUTH)]
    other = [("E07000234", "E06000019", None), ("E07000235", "E06000019", None)]
    with pytest.raises(ContradictoryDistrictsError, match="E07000234, E07000235"):
        partnerships(pd.concat([looked_up(*rows), looked_up(*other, source="another")]), WEST_MERCIA)


def test_neighbours_come_closest_first_with_their_names():
    near = [("E06000051", 2, "Close"), ("E10000034", 1, "Very close"), ("E06000999", 3, "Close")]
    rows = [
        {"area_code": "E06000019", "neighbour_code": code, "rank": str(rank), "closeness": closeness}
        for code, rank, closeness in near
    ]
    rows.append({"area_code": "E06000020", "neighbour_code": "E06000019", "rank": "1"})
    stated = table("neighbours", *({"source_id": "a_model"} | row for row in rows))
    found = neighbours_of("E06000019", stated, WEST_MERCIA)
    assert found.columns.tolist() == ["rank", "area_code", "area_name", "closeness", "source_id"]
    assert found["area_code"].tolist() == ["E10000034", "E06000051", "E06000999"]
    assert found["area_name"].tolist()[:2] == ["Worcestershire", "Shropshire"]
    assert found["area_name"].isna().tolist() == [False, False, True]
    assert neighbours_of("E10000034", stated, WEST_MERCIA).empty


def test_a_neighbour_under_an_old_code_is_named_by_the_one_in_use():
    row = {"source_id": "a_model", "area_code": "E06000019", "neighbour_code": "E10000027", "rank": "1"}
    found = neighbours_of("E06000019", table("neighbours", row), AREAS)
    assert found[["area_code", "area_name"]].to_numpy().tolist() == [["E06000066", "Somerset"]]


# Worked: codes that replaced one another


def test_an_old_code_becomes_the_one_that_replaced_it_and_no_row_is_lost():
    counts = pd.DataFrame({"area_code": ["E10000027", "E06000066", "E06000019"], "count": [1, 2, 3]})
    current = with_current_codes(counts, AREAS)
    assert current["area_code"].tolist() == ["E06000066", "E06000066", "E06000019"]
    assert current["count"].tolist() == [1, 2, 3]
    assert counts["area_code"].tolist()[0] == "E10000027"


def test_a_code_without_an_exact_successor_is_kept():
    # Cumbria was split in April 2023: neither half continues its figures.
    split = table("areas", {"area_code": "E10000006", "area_name": "Cumbria", "valid_to": "2023-03-31"})
    counts = pd.DataFrame({"area_code": ["E10000006"], "count": [1]})
    assert with_current_codes(counts, split)["area_code"].tolist() == ["E10000006"]


def test_a_row_without_a_code_stays_without_one():
    awards = pd.DataFrame({"area_code": pd.array([None, "E10000027"], dtype="string")})
    current = with_current_codes(awards, AREAS)["area_code"]
    assert current.isna().tolist() == [True, False]
    assert current[1] == "E06000066"


# Properties of the tiles


def placed(points: list[tuple[float, float]]) -> pd.DataFrame:
    codes = [f"E06{place:06}" for place in range(len(points))]
    longitude, latitude = [x for x, _ in points], [y for _, y in points]
    return pd.DataFrame({"area_code": codes, "longitude": longitude, "latitude": latitude})


points = st.lists(st.tuples(st.floats(-6, 2), st.floats(50, 56)), max_size=30)


@settings(max_examples=40)
@given(points)
def test_every_area_with_a_point_has_a_tile_of_its_own(places):
    laid = tiles(placed(places))
    assert laid["area_code"].tolist() == placed(places)["area_code"].tolist()
    assert not laid.duplicated(["column", "row"]).any()
    assert (laid[["column", "row"]] >= 0).all(axis=None)


@settings(max_examples=25)
@given(points, st.randoms(use_true_random=False))
def test_the_order_of_the_areas_does_not_move_a_tile(places, shuffler):
    areas = placed(places)
    shuffled = areas.sample(frac=1, random_state=shuffler.randrange(1000))
    pd.testing.assert_frame_equal(tiles(shuffled), tiles(areas))


def test_north_is_up_and_east_is_right():
    laid = tiles(placed([(-4, 50), (-4, 54), (0, 50), (0, 54)])).set_index("area_code")
    south_west, north_west, south_east, north_east = (laid.loc[f"E06{place:06}"] for place in range(4))
    assert south_west["column"] == north_west["column"] < south_east["column"] == north_east["column"]
    assert south_west["row"] == south_east["row"] < north_west["row"] == north_east["row"]


def test_an_area_without_a_point_has_no_tile():
    areas = placed([(-4, 50), (-3, 51)])
    areas.loc[1, "latitude"] = None
    assert tiles(areas)["area_code"].tolist() == ["E06000000"]


def test_without_any_point_there_are_no_tiles():
    laid = tiles(table("areas", {"area_code": "E06000019", "area_name": "Herefordshire"}))
    assert laid.empty
    assert laid.columns.tolist() == ["area_code", "column", "row"]


def test_every_authority_of_the_published_evidence_has_a_tile(published):
    authorities = local_authorities(published["areas"])
    assert set(tiles(authorities)["area_code"]) == set(authorities["area_code"])


def test_places_that_share_one_point_still_have_a_tile_each():
    laid = tiles(placed([(-2, 52)] * 9))
    assert len(laid[["column", "row"]].drop_duplicates()) == 9
    assert laid["column"].max() <= 3
    assert laid["row"].max() <= 3


def test_a_crowd_gets_its_room_and_stays_together_among_its_neighbours():
    # A country of 5 by 5 with nine boroughs where its middle would be: 33 tiles, and the nine stay in one piece.
    wide = [(x, y) for x in range(5) for y in range(5) if (x, y) != (2, 2)]
    crowd = [(2 + x / 20, 2 + y / 20) for x in (-1, 0, 1) for y in (-1, 0, 1)]
    areas = placed([(x, 52 + y / 2) for x, y in wide + crowd])
    laid = tiles(areas)
    middle = laid.iloc[len(wide) :]
    assert in_one_piece(middle)
    assert without_holes(laid)
    assert laid.iloc[: len(wide)]["column"].corr(areas.iloc[: len(wide)]["longitude"]) > 0.9
    assert laid.iloc[: len(wide)]["row"].corr(areas.iloc[: len(wide)]["latitude"]) > 0.9


def in_one_piece(laid: pd.DataFrame) -> bool:
    from scipy.ndimage import label

    return label(_filled(laid))[1] == 1


def without_holes(laid: pd.DataFrame) -> bool:
    from scipy.ndimage import binary_fill_holes

    filled = _filled(laid)
    return bool((binary_fill_holes(filled) == filled).all())


def _filled(laid: pd.DataFrame) -> np.ndarray:
    filled = np.zeros((laid["row"].max() + 1, laid["column"].max() + 1), dtype=bool)
    filled[laid["row"], laid["column"]] = True
    return filled


# The official files


def read_official(file: str, *columns: str) -> pd.DataFrame:
    return pd.read_csv(OFFICIAL / file, dtype="string", encoding="utf-8-sig", usecols=list(columns) or None)


C3 = "children_in_need/c3_factors_identified_at_end_of_assessment_2018_to_2025.csv"
POPULATION = "population/ons_mid2023_syoa_utla2023_ew_derived.csv"
IN_FORCES = "lookups/geographr_lookup_ltla24_csp24_pfa24.csv"
DFE_LIST = "lookups/dfe_eesyscreener_acceptable_las.csv"
IN_COUNTIES = "lookups/geographr_lookup_ltla23_utla23.csv"


@cache
def official_areas() -> pd.DataFrame:
    """Every area that the official files give a code and a name: authorities, forces and partnerships."""
    stated = [
        read_official(POPULATION, "utla23_code", "utla23_name"),
        read_official(C3, "new_la_code", "la_name"),
        read_official(IN_FORCES, "pfa24_code", "pfa24_name"),
        read_official(IN_FORCES, "csp24_code", "csp24_name"),
    ]
    # Columns come in the order of the file, which is the code first in each of these.
    named = pd.concat([names.set_axis(["area_code", "area_name"], axis=1) for names in stated]).dropna()
    named = named.drop_duplicates("area_code")
    rows = named.assign(area_type=named["area_code"].map(area_type_of)).to_dict("records")
    return with_code_changes(table("areas", *rows))


AUTHORITY, FORCE = AreaType.LOCAL_AUTHORITY, AreaType.POLICE_FORCE_AREA
NOT_IN_USE_SINCE_2009 = {
    "Bedfordshire",
    "British Forces Post Office overseas establishments",
    "Cheshire",
    "Cornwall and Isles of Scilly",
    "Cumberland / Westmorland and Furness",
    "Kingston upon Thames / Richmond upon Thames",
    "North Northamptonshire / West Northamptonshire",
}
NO_AREA = {
    "Action Fraud",
    "British Transport Police",
    "CIFAS",
    "Eastern Region Special Operations Unit",
    "Financial Fraud Action UK",
    "North West Regional Organised Crime Unit",
    "Police Scotland",
    "Police Service of Northern Ireland",
    "Police total",
    "South West Regional Organised Crime Unit",
    "Tarian ROCU",
    "UK Finance",
    "West Midlands Regional Organised Crime Unit",
}


def deprivation_names() -> pd.Series:
    file = OFFICIAL / "deprivation" / "File_11_-_IoD2019_Local_Authority_District_Summaries__upper-tier__.xlsx"
    return pd.read_excel(file, sheet_name="IMD", engine="calamine").iloc[:, 1]


def counties_of_england_and_wales() -> pd.Series:
    counties = read_official(IN_COUNTIES)
    return counties.loc[counties["utla23_code"].str[0].isin(["E", "W"]), "utla23_name"]


def first_responders() -> pd.Series:
    stated = read_official("nrm/nrm_referrals_by_first_responder_2022Q2_2023Q4.csv")
    return stated.loc[stated["first_responder_type"] == "Police", "first_responder"]


def hexagon_names() -> pd.Series:
    layout = json.loads((OFFICIAL / "boundaries" / "england-utla-2023-153-derived.hexjson").read_text(encoding="utf-8"))
    return pd.Series([place["n"] for place in layout["hexes"].values()])


@official
@pytest.mark.parametrize(
    ("names", "kind", "areas", "unknown"),
    [
        # 153 in use, and Bournemouth, Cumbria, Northamptonshire and Poole.
        (lambda: read_official(C3)["la_name"], AUTHORITY, 157, set()),
        (lambda: read_official(POPULATION)["utla23_name"], AUTHORITY, 175, set()),
        (counties_of_england_and_wales, AUTHORITY, 175, set()),
        (lambda: read_official("neighbours/sn_model_2025_wide.csv")["la_name"], AUTHORITY, 153, set()),
        (lambda: read_official(DFE_LIST)["la_name"], AUTHORITY, 157, NOT_IN_USE_SINCE_2009),
        (hexagon_names, AUTHORITY, 153, set()),
        (deprivation_names, AUTHORITY, 151, set()),
        (lambda: read_official("crime/prc-pfa-mar2013-onwards-tables201718.csv")["Force Name"], FORCE, 43, NO_AREA),
        (first_responders, FORCE, 43, NO_AREA),
    ],
    ids=["C3", "population", "counties", "neighbours", "DfE list", "hexagons", "deprivation", "crime", "NRM"],
)
def test_every_name_of_the_official_files_is_known(
    names: Callable[[], pd.Series], kind: AreaType, areas: int, unknown: set[str]
):
    stated = names().dropna()
    codes = resolve_names(stated, official_areas(), kind)
    assert set(stated[codes.isna()]) <= unknown
    assert codes.nunique() == areas


@official
@pytest.mark.parametrize(
    ("file", "code", "name", "kind"),
    [
        (POPULATION, "utla23_code", "utla23_name", AUTHORITY),
        (IN_FORCES, "pfa24_code", "pfa24_name", FORCE),
        (IN_FORCES, "csp24_code", "csp24_name", AreaType.COMMUNITY_SAFETY_PARTNERSHIP),
    ],
)
def test_a_name_leads_to_the_code_that_stands_beside_it(file, code, name, kind):
    stated = read_official(file, code, name)
    assert resolve_names(stated[name], official_areas(), kind).tolist() == stated[code].tolist()


@official
def test_the_partnerships_of_the_official_lookups_join_across_files():
    first = read_official(IN_FORCES).rename(columns={"ltla24_code": "district_code", "csp24_code": "partnership_code"})
    second = read_official(IN_COUNTIES).rename(columns={"ltla23_code": "district_code", "utla23_code": "area_code"})
    districts = pd.concat([first, second])[["district_code", "area_code", "partnership_code"]]
    found = partnerships(districts, official_areas())
    assert found["area_code"].nunique() == 175
    of_worcestershire = found[found["area_code"] == "E10000034"]
    assert of_worcestershire["partnership_code"].tolist() == [SOUTH, NORTH]
    # One partnership for all of Dorset, one for Cwm Taf: neither is any one authority.
    assert not found.loc[found["partnership_code"].isin(["E22000367", "W14000023"]), "whole"].any()


@cache
def official_points() -> pd.DataFrame:
    """A point in each of the 175 authorities: the mean of the corners of its longest outline."""
    file = OFFICIAL / "boundaries" / "utla23_ew_dissolved_from_geographr_ltla24.geojson"
    shapes = json.loads(file.read_text(encoding="utf-8"))["features"]
    corners = {shape["properties"]["utla23_code"]: outline(shape["geometry"]) for shape in shapes}
    points = {code: np.mean(corner, axis=0) for code, corner in corners.items()}
    return pd.DataFrame.from_dict(points, orient="index", columns=["longitude", "latitude"]).rename_axis("area_code")


def outline(geometry: dict) -> list[list[float]]:
    polygons = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    return max((polygon[0] for polygon in polygons), key=len)


@official
@pytest.mark.parametrize(("first_letters", "areas"), [("EW", 175), ("E", 153)])
def test_the_map_of_the_country_is_compact_and_london_is_in_one_piece(first_letters, areas):
    points = official_points().reset_index()
    points = points[points["area_code"].str[0].isin(list(first_letters))]
    started = process_time()
    laid = tiles(points)
    assert process_time() - started < 4  # about a third of a second of one processor; more only on a crowded machine
    assert len(laid) == areas
    assert in_one_piece(laid[laid["area_code"].str.startswith("E09")])
    assert without_holes(laid)
    assert laid["column"].max() < 20
    assert laid["row"].max() < 22
    spread = laid.merge(points)
    assert spread["row"].corr(spread["latitude"]) > 0.9
    assert spread["column"].corr(spread["longitude"]) > 0.9


@official
def test_three_in_five_neighbours_on_the_ground_touch_on_the_map():
    # Measured 0.70 of all pairs that share a boundary, 0.65 before and 0.53 in a layout of hexagons made by hand.
    file = OFFICIAL / "boundaries" / "utla23_ew_simplified.topojson"
    shapes = json.loads(file.read_text(encoding="utf-8"))["objects"]["data"]["geometries"]
    users: dict[int, set[str]] = {}
    for shape in shapes:
        for arc in flat(shape["arcs"]):
            users.setdefault(arc if arc >= 0 else ~arc, set()).add(shape["properties"]["utla23_code"])
    pairs = {tuple(sorted(codes)) for codes in users.values() if len(codes) == 2}
    laid = tiles(official_points().reset_index()).set_index("area_code")[["column", "row"]]
    apart = [abs(laid.loc[one] - laid.loc[other]).max() for one, other in pairs]
    assert len(pairs) > 350
    assert np.mean(np.array(apart) == 1) > 0.6


def flat(arcs: list) -> list[int]:
    return [arc for part in arcs for arc in (flat(part) if isinstance(part, list) else [part])]
