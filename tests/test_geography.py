"""Names of areas in all spellings, codes that replaced one another, and tiles."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_evidence import table

from needs_assessment.geography import (
    UnknownAreaError,
    local_authorities,
    resolve_areas,
    tiles,
    with_current_codes,
)

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


@given(points)
def test_every_area_with_a_point_has_a_tile_of_its_own(places):
    laid = tiles(placed(places))
    assert laid["area_code"].tolist() == placed(places)["area_code"].tolist()
    assert not laid.duplicated(["column", "row"]).any()
    assert (laid[["column", "row"]] >= 0).all(axis=None)


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
