"""Risk levels: children at each level on a date, and how published numbers moved between two dates."""

from __future__ import annotations

from collections import Counter
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_evidence import FIRST, FORCE, SECOND, table
from statsmodels.stats.proportion import proportion_confint

from needs_assessment.disclosure import Policy, SafeCounts, protect
from needs_assessment.risk import (
    caseload_by_level,
    change_between_snapshots,
    change_within_force,
    out_of_area_share,
    published_snapshots,
    scheme_changes,
    with_counterparts,
)
from needs_assessment.wording import NO_BASELINE

SCHEMES = table("risk_schemes", {"risk_level": "medium", "ordinal": "2"}, {"risk_level": "high", "ordinal": "3"})
OTHER_SCHEME = {"scheme": "Another scheme"}
TWO_SCHEMES = pd.concat([SCHEMES, SCHEMES.assign(scheme="Another scheme")], ignore_index=True)
BOTH = [FIRST, SECOND]
WITHIN = {"police_force_area_code": FORCE, "police_force_area_name": "Both"}
AREAS = table(
    "areas",
    {"area_code": FIRST, "area_name": "First"} | WITHIN,
    {"area_code": SECOND, "area_name": "Second"} | WITHIN,
)


def reviews(*rows: dict[str, str]) -> pd.DataFrame:
    """Reviews with the columns that are counted; of one child at high risk of CSE in the first area unless said."""
    usual = {"source_id": "a_return", "child_id": "k1", "area_code": FIRST, "exploitation_type": "CSE"}
    usual |= {"scheme": "A scheme", "risk_level": "high", "reviewed_on": None, "closed_on": None}
    written = pd.DataFrame([usual | row for row in rows], columns=list(usual), dtype="string")
    return written.astype({"reviewed_on": "datetime64[us]", "closed_on": "datetime64[us]"})


def open_on(day: str, *rows: dict[str, str]) -> dict[tuple[str, str, str], int]:
    """Children open on a day by authority, harm and level, those that are not 0."""
    counts = caseload_by_level(reviews(*rows), AREAS, SCHEMES, [pd.Timestamp(day)])
    found = counts["count"].gt(0) & counts["area_code"].ne(FORCE)
    cells = counts[found][["area_code", "exploitation_type", "risk_level", "count"]]
    return {(area, harm, level): count for area, harm, level, count in cells.itertuples(index=False)}


HIGH, MEDIUM = (FIRST, "CSE", "high"), (FIRST, "CSE", "medium")

# Caseload, worked


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2024-01-14", {}),
        ("2024-01-15", {MEDIUM: 1}),  # from the day of the first review
        ("2024-02-28", {MEDIUM: 1}),
        ("2024-02-29", {HIGH: 1}),  # by the latest review
        ("2024-06-30", {HIGH: 1}),  # to the day of closing
        ("2024-07-01", {}),
    ],
)
def test_a_child_counts_once_from_the_first_review_to_the_day_of_closing(day, expected):
    stay = {"closed_on": "2024-06-30"}
    first = {"reviewed_on": "2024-01-15", "risk_level": "medium"} | stay
    second = {"reviewed_on": "2024-02-29", "risk_level": "high"} | stay
    assert open_on(day, first, second) == expected
    assert open_on(day, second, first) == expected


def test_a_day_of_closing_on_the_latest_review_alone_closes_the_case():
    first = {"reviewed_on": "2024-01-15", "risk_level": "medium"}
    second = {"reviewed_on": "2024-02-29", "risk_level": "high", "closed_on": "2024-06-30"}
    assert open_on("2024-02-01", first, second) == {MEDIUM: 1}
    assert open_on("2024-06-30", first, second) == {HIGH: 1}
    assert open_on("2024-07-01", first, second) == {}


def test_a_child_who_comes_back_counts_again():
    before = {"reviewed_on": "2024-01-15", "closed_on": "2024-02-29"}
    again = {"reviewed_on": "2024-06-01"}
    assert open_on("2024-04-01", before, again) == {}
    assert open_on("2024-06-30", before, again) == {HIGH: 1}


def test_a_child_who_moves_counts_in_the_area_of_the_latest_review_only():
    moved = [{"reviewed_on": "2024-01-15"}, {"reviewed_on": "2024-02-29", "area_code": SECOND}]
    assert open_on("2024-03-31", *moved) == {(SECOND, "CSE", "high"): 1}


def test_a_child_at_risk_of_both_harms_counts_under_each():
    both = [{"reviewed_on": "2024-01-15"}, {"reviewed_on": "2024-01-15", "exploitation_type": "CCE"}]
    assert open_on("2024-03-31", *both) == {HIGH: 1, (FIRST, "CCE", "high"): 1}


def test_a_child_assessed_once_stays_at_that_level_while_open():
    assert open_on("2026-01-01", {"reviewed_on": "2024-01-15"}) == {HIGH: 1}


def test_every_area_and_harm_of_the_source_and_every_level_has_a_row_on_every_date_with_zero_where_there_is_no_child():
    days = pd.to_datetime(["2024-03-31", "2024-06-30"])
    rows = [{"reviewed_on": "2024-01-15"}, {"child_id": "k2", "area_code": SECOND, "reviewed_on": "2024-05-01"}]
    rows += [{"child_id": "k3", "exploitation_type": "CCE", "reviewed_on": "2024-05-01"}]
    counts = caseload_by_level(reviews(*rows), AREAS, SCHEMES, days)
    # Two authorities and their force, two harms, two levels, two days.
    assert len(counts) == 3 * 2 * 2 * 2
    assert not counts.duplicated(["area_code", "exploitation_type", "risk_level", "as_at"]).any()
    assert Counter(counts.loc[counts["area_code"].ne(FORCE), "count"]) == {0: 12, 1: 4}
    assert counts["unit"].unique().tolist() == ["child"]


def test_a_force_is_the_sum_of_its_authorities():
    rows = [{"reviewed_on": "2024-01-15"}, {"child_id": "k2", "area_code": SECOND, "reviewed_on": "2024-01-15"}]
    counts = caseload_by_level(reviews(*rows), AREAS, SCHEMES, [pd.Timestamp("2024-03-31")])
    assert counts[counts["area_code"].eq(FORCE)].set_index("risk_level")["count"].to_dict() == {"medium": 0, "high": 2}


def test_a_force_has_no_sum_where_an_authority_is_not_named_or_has_another_scheme():
    one = [{"reviewed_on": "2024-01-15"}]
    other = [*one, {"child_id": "k2", "area_code": SECOND, "reviewed_on": "2024-01-15"} | OTHER_SCHEME]
    for rows in (one, other):
        counts = caseload_by_level(reviews(*rows), AREAS, TWO_SCHEMES, [pd.Timestamp("2024-03-31")])
        assert FORCE not in set(counts["area_code"])


def test_levels_of_two_schemes_are_never_added():
    rows = [{"reviewed_on": "2024-01-15"}, {"child_id": "k2", "reviewed_on": "2024-02-15"} | OTHER_SCHEME]
    counts = caseload_by_level(reviews(*rows), AREAS, TWO_SCHEMES, [pd.Timestamp("2024-03-31")])
    assert counts.loc[counts["risk_level"].eq("high"), ["scheme", "count"]].to_numpy().tolist() == [
        ["A scheme", 1],
        ["Another scheme", 1],
    ]


def test_a_scheme_that_nobody_stands_under_any_more_has_no_rows_where_another_took_its_place():
    moved = [{"reviewed_on": "2024-01-15"}, {"reviewed_on": "2024-05-01"} | OTHER_SCHEME]
    days = pd.to_datetime(["2024-03-31", "2024-06-30"])
    counts = caseload_by_level(reviews(*moved), AREAS, TWO_SCHEMES, days)
    assert counts.groupby("as_at")["scheme"].agg("unique").map(list).tolist() == [["A scheme"], ["Another scheme"]]
    (change,) = scheme_changes(SafeCounts(counts, 0)).to_dict("records")
    assert (change["from_scheme"], change["to_scheme"]) == ("A scheme", "Another scheme")
    assert change["changed_by"] == pd.Timestamp("2024-06-30")


def test_where_no_scheme_changes_there_is_no_change_of_scheme():
    counts = caseload_by_level(
        reviews({"reviewed_on": "2024-01-15"}), AREAS, SCHEMES, pd.to_datetime(["2024-03-31", "2024-06-30"])
    )
    assert scheme_changes(SafeCounts(counts, 0)).empty


@pytest.mark.parametrize(("rows", "days"), [([], ["2024-03-31"]), ([{"reviewed_on": "2024-01-15"}], []), ([], [])])
def test_without_reviews_or_dates_there_is_no_caseload(rows, days):
    counts = caseload_by_level(reviews(*rows), AREAS, SCHEMES, pd.to_datetime(days))
    assert counts.empty
    assert "count" in counts.columns


# Schemes and their crosswalk


def test_a_crosswalk_is_explicit_and_partial_and_keeps_the_words_of_the_source():
    counts = pd.DataFrame({"scheme": "A scheme", "risk_level": ["medium", "high"], "count": [30, 8]})
    stated = pd.DataFrame(
        {
            "from_scheme": ["A scheme"],
            "from_level": ["high"],
            "to_scheme": ["Another scheme"],
            "to_level": ["significant"],
        }
    )
    found = with_counterparts(counts, stated, "Another scheme")
    assert found["counterpart"].fillna("none").tolist() == ["none", "significant"]
    # It can be undone: nothing is added up, and scheme and level stay.
    pd.testing.assert_frame_equal(found[list(counts)], counts)


def test_two_levels_with_one_counterpart_stay_two_rows():
    counts = pd.DataFrame({"scheme": "A scheme", "risk_level": ["medium", "high"], "count": [30, 8]})
    stated = pd.DataFrame({"from_scheme": "A scheme", "from_level": ["medium", "high"], "to_scheme": "Another scheme"})
    found = with_counterparts(counts, stated.assign(to_level="significant"), "Another scheme")
    assert found["counterpart"].tolist() == ["significant", "significant"]
    assert found["count"].tolist() == [30, 8]


def test_a_scheme_is_its_own_counterpart():
    counts = pd.DataFrame({"scheme": "A scheme", "risk_level": ["medium"], "count": [30]})
    none = pd.DataFrame(columns=["from_scheme", "from_level", "to_scheme", "to_level"])
    assert with_counterparts(counts, none, "A scheme")["counterpart"].tolist() == ["medium"]


# Caseload, property: compared with a count child by child

days_of_year = st.dates(date(2023, 1, 1), date(2024, 12, 31))


@st.composite
def histories(draw) -> list[dict[str, str]]:
    """Up to six children, each with reviews on different days, open or closed on some day after the last of them."""
    rows = []
    for child in range(draw(st.integers(0, 6))):
        reviewed = sorted(draw(st.sets(days_of_year, min_size=1, max_size=4)))
        closed = draw(st.none() | st.dates(reviewed[-1], date(2025, 6, 30)))
        for day in reviewed:
            level = draw(st.sampled_from(["medium", "high"]))
            area = draw(st.sampled_from(BOTH))
            row = {"child_id": f"k{child}", "reviewed_on": str(day), "risk_level": level, "area_code": area}
            rows.append(row | ({"closed_on": str(closed)} if closed else {}))
    return rows


@settings(max_examples=40)
@given(histories(), days_of_year)
def test_the_caseload_is_what_a_count_child_by_child_gives(rows, day):
    expected: Counter[tuple[str, str, str]] = Counter()
    for child in {row["child_id"] for row in rows}:
        until_then = [row for row in rows if row["child_id"] == child and row["reviewed_on"] <= str(day)]
        latest = max(until_then, key=lambda row: row["reviewed_on"], default=None)
        if latest and latest.get("closed_on", "9999") >= str(day):
            expected[latest["area_code"], "CSE", latest["risk_level"]] += 1
    assert open_on(str(day), *rows) == expected


# Change between snapshots


def snapshots(*rows: dict[str, str]) -> SafeCounts:
    return SafeCounts(published_snapshots(table("risk_snapshots", *rows)), 0)


BEFORE, AFTER = {"as_at": "2018-02-28"}, {"as_at": "2018-11-30"}


def test_a_change_is_the_exact_ratio_of_the_last_count_to_the_first():
    (row,) = change_between_snapshots(snapshots(BEFORE | {"count": "8"}, AFTER | {"count": "22"})).to_dict("records")
    # R 4.2.2, poisson.test(c(22, 8)): ratio 2.75, limits 1.179154 to 7.143667, p-value 0.01612.
    assert (row["before"], row["after"], row["rate_ratio"]) == (8, 22, 2.75)
    assert (row["lower"], row["upper"]) == (pytest.approx(1.179154, abs=1e-6), pytest.approx(7.143667, abs=1e-6))
    assert row["p_value"] == pytest.approx(0.01612, abs=1e-5)
    assert pd.isna(row["reason"])


def test_a_change_states_how_large_an_effect_of_recording_would_explain_it():
    (row,) = change_between_snapshots(snapshots(BEFORE | {"count": "8"}, AFTER | {"count": "22"})).to_dict("records")
    assert row["explained_by"] == 2.75
    assert row["within_chance_at"] == pytest.approx(1.179154, abs=1e-6)


def test_those_within_the_force_have_a_least_change_where_only_the_last_date_tells_who_lives_outside():
    """Derbyshire PCC decision 71/2019: 8 to 22 at high risk, of the 22 five out of force, and no split in February."""
    outside = AFTER | {"residence": "out of force", "count": "5"}
    counts = snapshots(BEFORE | {"count": "8"}, AFTER | {"count": "22"}, outside)
    (row,) = change_within_force(counts).to_dict("records")
    assert (row["before"], row["after"], row["outside"], row["after_within"]) == (8, 22, 5, 17)
    assert row["ratio_least"] == 17 / 8
    # The exact limits of 17 of 25, as odds.
    limits = np.array(proportion_confint(17, 25, method="beta"))
    assert [row["lower"], row["upper"]] == pytest.approx(limits / (1 - limits))


def test_those_within_the_force_are_not_guessed_where_both_dates_tell_or_a_count_is_withheld():
    both = [day | {"residence": "out of force", "count": "2"} for day in (BEFORE, AFTER)]
    totals = [BEFORE | {"count": "8"}, AFTER | {"count": "22"}]
    assert change_within_force(snapshots(*totals, *both)).empty
    assert change_within_force(snapshots(*totals, AFTER | {"residence": "out of force", "missing": "c"})).empty
    assert change_within_force(snapshots()).empty


@pytest.mark.parametrize(("before", "percentage"), [("19", None), ("20", 50.0), ("21", 42.857142857142854)])
def test_a_percentage_is_stated_from_a_base_of_twenty(before, percentage):
    changes = change_between_snapshots(snapshots(BEFORE | {"count": before}, AFTER | {"count": "30"}))
    found = changes["percentage"][0]
    assert pd.isna(found) if percentage is None else found == percentage


def test_a_group_without_an_earlier_count_has_no_change_and_says_why():
    city = {"residence": "City", "residence_area_code": FIRST, "count": "11"}
    changes = change_between_snapshots(snapshots(BEFORE | {"count": "8"}, AFTER | {"count": "22"}, AFTER | city))
    group = changes[changes["residence"] == "City"].iloc[0]
    assert group["reason"] == NO_BASELINE
    assert group["after"] == 11
    assert group[["before", "rate_ratio", "lower", "upper", "p_value", "percentage"]].isna().all()


@pytest.mark.parametrize(("before", "after"), [({"missing": "c"}, {"count": "22"}), ({"count": "8"}, {"missing": "c"})])
def test_a_withheld_count_has_no_change_and_says_why(before, after):
    changes = change_between_snapshots(snapshots(BEFORE | before, AFTER | after))
    assert changes["reason"].tolist() == ["a count is withheld or was not published"]
    assert changes["rate_ratio"].isna().all()


def test_a_group_that_is_not_published_again_has_no_change():
    city = BEFORE | {"residence": "City", "count": "3"}
    changes = change_between_snapshots(snapshots(BEFORE | {"count": "8"}, AFTER | {"count": "22"}, city))
    group = changes[changes["residence"] == "City"].iloc[0]
    assert (group["before"], group["reason"]) == (3, "a count is withheld or was not published")


def test_only_the_first_and_the_last_date_are_compared():
    middle = {"as_at": "2018-06-30", "count": "100"}
    changes = change_between_snapshots(snapshots(BEFORE | {"count": "8"}, middle, AFTER | {"count": "22"}))
    assert changes[["before", "after"]].to_numpy().tolist() == [[8, 22]]


def test_series_are_never_compared_with_one_another():
    other = [{"exploitation_type": "CCE"}, {"risk_level": "medium"}, {"unit": "victim"}, {"area_code": FIRST}]
    rows = [AFTER | {"count": "22"} | change for change in other]
    assert change_between_snapshots(snapshots(BEFORE | {"count": "8"}, *rows)).empty


def test_a_fall_to_none_and_a_rise_from_none_have_a_change():
    fall = change_between_snapshots(snapshots(BEFORE | {"count": "8"}, AFTER | {"count": "0"}))
    rise = change_between_snapshots(snapshots(BEFORE | {"count": "0"}, AFTER | {"count": "8"}))
    assert fall["rate_ratio"].tolist() == [0]
    assert rise["rate_ratio"].tolist() == [float("inf")]


def test_one_snapshot_or_none_has_no_change():
    assert change_between_snapshots(snapshots(BEFORE | {"count": "8"})).empty
    assert change_between_snapshots(snapshots()).empty


def test_a_change_is_computed_after_the_gate_so_that_it_gives_no_withheld_count_back():
    rows = [BEFORE | {"count": "4"}, AFTER | {"count": "22"}]
    counts = published_snapshots(table("risk_snapshots", *rows))
    sources = pd.DataFrame(
        {"source_id": ["public_source"], "public": [False], "edition_of": pd.array([None], "string")}
    )
    safe = protect({"risk_snapshots": counts}, sources, {}, Policy())
    changes = change_between_snapshots(safe.tables["risk_snapshots"])
    assert changes[["before", "rate_ratio", "lower", "upper", "p_value", "percentage"]].isna().all(axis=None)


# The share out of area


def latest(**groups: str) -> list[dict[str, str]]:
    """Groups of residence on the last date: a count, or a symbol where it is withheld."""
    names = {"outside": "out of force", "whole": "all"}
    return [
        AFTER | {"residence": names.get(name, name), ("missing" if count == "c" else "count"): count}
        for name, count in groups.items()
    ]


def test_the_share_is_of_all_groups_with_wilsons_limits():
    (row,) = out_of_area_share(snapshots(*latest(outside="12", county="18", city="26"))).to_dict("records")
    assert (row["outside"], row["total"]) == (12, 56)
    # Wilson (1927) for 12 of 56: 0.1270590 to 0.3381946 (R 4.2.2, prop.test(12, 56, correct = FALSE)).
    assert row["share"] == pytest.approx(12 / 56)
    assert (row["lower"], row["upper"]) == (pytest.approx(0.1270590, abs=1e-7), pytest.approx(0.3381946, abs=1e-7))


def test_the_total_of_the_source_is_not_added_to_its_groups():
    assert out_of_area_share(snapshots(*latest(whole="56", outside="12", city="44")))["total"].tolist() == [56]


def test_levels_are_added_and_earlier_dates_are_not():
    high, medium = latest(outside="5", city="17"), latest(outside="7", city="27")
    medium = [row | {"risk_level": "medium"} for row in medium]
    earlier = [row | BEFORE for row in latest(outside="1", city="1")]
    assert out_of_area_share(snapshots(*high, *medium, *earlier))[["outside", "total"]].to_numpy().tolist() == [
        [12, 56]
    ]


@pytest.mark.parametrize(
    "groups",
    [
        {"outside": "c", "city": "17"},
        {"outside": "5", "city": "c"},
        {"county": "6", "city": "11"},
        {"whole": "22"},
        {"outside": "0", "city": "0"},
        {},
    ],
)
def test_a_share_needs_every_group_and_a_child(groups):
    assert out_of_area_share(snapshots(*latest(**groups))).empty
