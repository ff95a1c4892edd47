"""Codes that ended: the facts, the vintages of a table of areas, chains, doubles, and breaks of series."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from small_evidence import table

from needs_assessment.geography import (
    ChangeKind,
    DoubledAreaError,
    area_type_of,
    code_changes,
    local_authorities,
    series_breaks,
    with_code_changes,
    with_current_codes,
)
from needs_assessment.vocabulary import AreaType

OFFICIAL = Path(__file__).resolve().parents[1].parent / "shared" / "official"
official = pytest.mark.skipif(not OFFICIAL.exists(), reason="the official files are not beside the project")

NAMES = {
    "E10000006": "Cumbria",
    "E06000063": "Cumberland",
    "E06000064": "Westmorland and Furness",
    "E10000009": "Dorset",
    "E06000028": "Bournemouth",
    "E06000029": "Poole",
    "E06000058": "Bournemouth, Christchurch and Poole",
    "E06000059": "Dorset",
    "E10000027": "Somerset",
    "E06000066": "Somerset",
    "E08000016": "Barnsley",
    "E08000038": "Barnsley",
    "E10000022": "Northumberland",
    "E06000048": "Northumberland",
    "E06000057": "Northumberland",
    "E06000019": "Herefordshire",
}


def areas_of(*codes: str, **stated: dict[str, str]) -> pd.DataFrame:
    """The areas of these codes, with what is stated of each besides its name."""
    return table("areas", *({"area_code": code, "area_name": NAMES[code]} | stated.get(code, {}) for code in codes))


def row(areas: pd.DataFrame, code: str) -> pd.Series:
    return areas.set_index("area_code").loc[code]


# The facts


def test_every_fact_is_whole_and_of_a_known_kind():
    changes = code_changes()
    assert not changes["area_code"].duplicated().any()
    assert changes.drop(columns=["instrument", "note"]).notna().all(axis=None)
    assert {ChangeKind(kind) for kind in changes["kind"]} == set(ChangeKind)
    codes = [*changes["area_code"], *changes["successor_codes"].str.split("|").explode()]
    assert {area_type_of(code) for code in codes} == {AreaType.LOCAL_AUTHORITY}
    assert changes["last_day"].dt.strftime("%m-%d").eq("03-31").all()
    assert changes["instrument"].dropna().str.fullmatch(r"S\.I\. \d{4}/\d+").all()


def test_only_a_split_has_several_successors_and_only_a_merge_shares_one():
    changes = code_changes()
    several = changes["successor_codes"].str.contains("|", regex=False)
    assert several.tolist() == changes["kind"].eq("split").tolist()
    alone = changes[changes["kind"].map(lambda kind: ChangeKind(kind).continues)]
    assert not alone["successor_codes"].duplicated().any()
    assert changes.loc[changes["kind"] == "merge", "successor_codes"].unique().tolist() == ["E06000058"]


def test_what_a_caller_does_to_the_facts_does_not_change_them():
    mine = code_changes()
    mine["kind"] = "exact"
    assert code_changes()["kind"].nunique() > 1


@official
def test_the_facts_agree_with_the_years_in_which_official_files_use_each_code():
    # Year ending 31 March of the children in need table C1, 2013 to 2025; a code is absent after its last day.
    file = OFFICIAL / "children_in_need" / "c1_children_in_need_referrals_and_rereferrals_2013_to_2025.csv"
    used = pd.read_csv(file, encoding="utf-8-sig", usecols=["time_period", "geographic_level", "new_la_code"])
    used = used[used["geographic_level"] == "Local authority"]
    years = used.groupby("new_la_code")["time_period"].agg(["min", "max"])
    changes = code_changes().set_index("area_code")
    ended = years.index[years["max"] < 2025]
    assert changes.loc[ended, "last_day"].dt.year.tolist() == years.loc[ended, "max"].tolist()
    began = changes["successor_codes"].str.split("|").explode().reset_index().set_index("successor_codes")["area_code"]
    new = years.index[years["min"] > 2013]
    starts = [changes.loc[began.loc[[code]], "last_day"].dt.year.unique().tolist() for code in new]
    assert starts == [[year - 1] for year in years.loc[new, "min"]]
    assert len(ended) == 8
    assert len(new) == 9


@official
def test_every_code_of_the_departments_list_is_in_use_or_a_fact():
    listed = pd.read_csv(OFFICIAL / "lookups" / "dfe_eesyscreener_acceptable_las.csv", dtype="string")
    codes = listed["new_la_code"][listed["new_la_code"].str.fullmatch(r"E\d{8}")]
    current = pd.read_csv(OFFICIAL / "lookups" / "drkane_utla_all_codes.csv", dtype="string")["UTLACD"]
    older = set(codes) - set(current)
    assert older == {code for code in code_changes()["area_code"] if code.startswith("E")} & set(codes)
    assert len(older) == 19


# The vintages of a table of areas


def test_an_exact_change_gives_the_last_day_the_first_day_and_the_successor():
    areas = with_code_changes(areas_of("E10000027", "E06000066"))
    assert row(areas, "E10000027")["valid_to"] == pd.Timestamp(2023, 3, 31)
    assert row(areas, "E10000027")["successor_code"] == "E06000066"
    assert pd.isna(row(areas, "E10000027")["became"])
    assert row(areas, "E06000066")["valid_from"] == pd.Timestamp(2023, 4, 1)
    assert local_authorities(areas)["area_code"].tolist() == ["E06000066"]


def test_a_split_has_no_successor_but_became_its_parts():
    areas = with_code_changes(areas_of("E10000006", "E06000063", "E06000064"))
    assert pd.isna(row(areas, "E10000006")["successor_code"])
    assert row(areas, "E10000006")["became"] == "E06000063|E06000064"


def test_a_merge_is_no_successor_either():
    areas = with_code_changes(areas_of("E06000028", "E06000029", "E06000058"))
    assert areas["successor_code"].isna().all()
    assert areas["became"].tolist()[:2] == ["E06000058", "E06000058"]


def test_a_code_whose_successor_the_evidence_has_not_met_stays_in_use():
    # Figures to March 2025 know only Barnsley's old code: it must not be lost from the reports.
    areas = with_code_changes(areas_of("E08000016", "E06000019"))
    assert local_authorities(areas)["area_code"].tolist() == ["E08000016", "E06000019"]
    assert areas[["valid_to", "successor_code", "became"]].isna().all(axis=None)


def test_a_minor_boundary_change_continues_the_series():
    areas = with_code_changes(areas_of("E08000016", "E08000038"))
    assert row(areas, "E08000016")["successor_code"] == "E08000038"
    assert ChangeKind.MINOR_BOUNDARY_CHANGE.continues
    assert not ChangeKind.SPLIT.continues


def test_a_chain_reaches_over_a_code_that_the_areas_lack():
    areas = with_code_changes(areas_of("E10000022", "E06000057"))
    assert row(areas, "E10000022")["successor_code"] == "E06000057"
    assert row(areas, "E10000022")["valid_to"] == pd.Timestamp(2009, 3, 31)


def test_what_a_row_states_stands():
    stated = {"E10000027": {"valid_to": "2023-03-30"}, "E06000066": {"valid_from": "2020-01-01"}}
    areas = with_code_changes(areas_of("E10000027", "E06000066", **stated))
    assert row(areas, "E10000027")["valid_to"] == pd.Timestamp(2023, 3, 30)
    assert row(areas, "E06000066")["valid_from"] == pd.Timestamp(2020, 1, 1)
    assert row(areas, "E10000027")["successor_code"] == "E06000066"


def test_an_exact_successor_takes_over_point_force_and_region_where_it_states_none():
    old = {"longitude": "-1.5", "latitude": "53.5", "region_name": "Yorkshire and The Humber", "dfe_la_code": "370"}
    new = {"dfe_la_code": "371"}
    areas = with_code_changes(areas_of("E08000016", "E08000038", E08000016=old, E08000038=new))
    barnsley = row(areas, "E08000038")
    assert barnsley[["longitude", "latitude", "region_name", "dfe_la_code"]].tolist() == [
        -1.5,
        53.5,
        "Yorkshire and The Humber",
        "371",
    ]
    parts = with_code_changes(areas_of("E10000006", "E06000063", E10000006=old))
    assert pd.isna(row(parts, "E06000063")["longitude"])


def test_areas_as_an_importer_gathers_them_get_typed_columns():
    gathered = areas_of("E10000027", "E06000066").astype("object").where(lambda cells: cells.notna(), None)
    areas = with_code_changes(gathered)
    assert areas["valid_to"].dtype == areas["valid_from"].dtype == "datetime64[us]"
    assert areas["became"].dtype == areas["successor_code"].dtype == "string"


def test_filling_twice_is_filling_once_and_no_row_is_added():
    once = with_code_changes(areas_of(*NAMES))
    pd.testing.assert_frame_equal(with_code_changes(once), once)
    assert once["area_code"].tolist() == list(NAMES)
    assert with_code_changes(areas_of("E06000019").iloc[:0]).empty


# Codes in use


def test_a_chain_of_successors_ends_in_the_code_in_use():
    areas = with_code_changes(areas_of("E10000022", "E06000048", "E06000057"))
    assert row(areas, "E10000022")["successor_code"] == "E06000048"
    counts = pd.DataFrame({"area_code": ["E10000022", "E06000048", "E06000057"], "count": [1, 2, 3]})
    assert with_current_codes(counts, areas)["area_code"].tolist() == ["E06000057"] * 3


def test_codes_that_replace_one_another_in_a_circle_are_refused():
    circle = {"E10000027": {"successor_code": "E06000066"}, "E06000066": {"successor_code": "E10000027"}}
    areas = areas_of("E10000027", "E06000066", **circle)
    with pytest.raises(ValueError, match="in a circle: E10000027 → E06000066 → E10000027"):
        with_current_codes(pd.DataFrame({"area_code": ["E10000027"]}), areas)


SOMERSET = with_code_changes(areas_of("E10000027", "E06000066"))


def figure(area_code: str, **stated: str) -> dict[str, str]:
    return {"area_code": area_code, "period_start": "2023-04-01", "period_end": "2024-03-31", "count": "7"} | stated


def test_one_figure_under_two_codes_is_refused_without_its_value():
    doubled = table("observations", figure("E10000027", count="17"), figure("E06000066", count="23"))
    with pytest.raises(DoubledAreaError) as refused:
        with_current_codes(doubled, SOMERSET)
    assert str(refused.value).startswith("1 figures are stated both under a code that ended")
    assert str(refused.value).endswith("keep the rows of one code: E06000066")
    assert "17" not in str(refused.value)
    assert "23" not in str(refused.value)


@pytest.mark.parametrize(
    "other",
    [
        {"period_start": "2022-04-01", "period_end": "2023-03-31"},
        {"source_id": "another_source"},
        {"exploitation_type": "CCE"},
    ],
)
def test_two_codes_of_different_periods_sources_or_harms_join(other):
    joined = with_current_codes(table("observations", figure("E10000027", **other), figure("E06000066")), SOMERSET)
    assert joined["area_code"].tolist() == ["E06000066", "E06000066"]


def test_records_of_children_under_old_and_new_codes_are_not_doubles():
    referrals = table(
        "referrals",
        {"referral_id": "r1", "child_id": "k1", "area_code": "E10000027"},
        {"referral_id": "r2", "child_id": "k2", "area_code": "E06000066"},
    )
    assert with_current_codes(referrals, SOMERSET)["area_code"].eq("E06000066").all()


# Breaks of series


def test_the_parts_of_a_split_say_since_when_and_out_of_what():
    areas = with_code_changes(areas_of("E10000006", "E06000063", "E06000064", "E06000019"))
    breaks = series_breaks(areas)
    assert breaks["area_code"].tolist() == ["E06000063", "E06000064"]
    assert breaks["since"].eq(pd.Timestamp(2023, 4, 1)).all()
    assert breaks["predecessor_codes"].unique().tolist() == ["E10000006"]
    assert breaks["sentence"][0] == (
        "Cumberland has existed with its present boundary since 1 April 2023; earlier figures are of Cumbria, "
        "which was split, and are not joined to it."
    )


def test_an_area_merged_from_several_names_them_all():
    areas = with_code_changes(areas_of("E06000028", "E06000029", "E10000009", "E06000058", "E06000059"))
    merged, rest = series_breaks(areas).itertuples()
    assert merged.predecessor_codes == "E06000028|E06000029|E10000009"
    assert "are of Bournemouth, Poole and Dorset, which were split or merged, and are not" in merged.sentence
    assert "are of the former Dorset (E10000009), which was split, and are not joined" in rest.sentence


def test_two_that_only_merged_were_merged():
    areas = with_code_changes(areas_of("E06000028", "E06000029", "E06000058"))
    assert "are of Bournemouth and Poole, which were merged, and" in series_breaks(areas)["sentence"][0]


def test_an_exact_or_a_minor_change_breaks_nothing():
    areas = with_code_changes(areas_of("E10000027", "E06000066", "E08000016", "E08000038", "E06000019"))
    breaks = series_breaks(areas)
    assert breaks.empty
    assert breaks.columns.tolist() == ["area_code", "since", "predecessor_codes", "predecessor_names", "sentence"]


def test_a_part_that_was_recoded_since_still_tells_its_break():
    # Made up: one part of Cumbria gets a new code later; its series still begins with the split.
    later = {"valid_to": "2024-03-31", "successor_code": "E06000066"}
    areas = areas_of("E10000006", "E06000063", "E06000064", "E06000066", E06000063=later)
    breaks = series_breaks(with_code_changes(areas)).set_index("area_code")
    assert breaks.loc["E06000066", "since"] == pd.Timestamp(2023, 4, 1)


@official
def test_no_authority_is_lost_or_doubled_in_the_official_years():
    # 153 authorities in use of every code that table C3 has had: data.md, trap 6.
    file = OFFICIAL / "children_in_need" / "c3_factors_identified_at_end_of_assessment_2018_to_2025.csv"
    stated = pd.read_csv(file, encoding="utf-8-sig", dtype="string", usecols=["geographic_level", *CODES])
    names = stated[stated["geographic_level"] == "Local authority"].drop_duplicates("new_la_code")
    listed = ({"area_code": code, "area_name": name} for code, name in names[CODES].itertuples(index=False))
    areas = with_code_changes(table("areas", *listed))
    assert len(local_authorities(areas)) == 153
    assert len(series_breaks(areas)) == 6
    assert areas["successor_code"].notna().sum() == 3


CODES = ["new_la_code", "la_name"]
