"""Breakdowns of referrals, children and offences: counted by hand, and as a board reads them."""

from __future__ import annotations

import pandas as pd
import pytest
from small_evidence import BASE, FIRST, FORCE, PRIVATE, PUBLIC, SECOND, table
from small_release import small_view

from needs_assessment.demand.breakdowns import breakdowns, with_shares
from needs_assessment.disclosure import SafeCounts
from needs_assessment.sections.breakdowns import who_is_referred
from needs_assessment.vocabulary import CATEGORIES, ETHNIC_GROUPS, Dimension

IN_FORCE = {"police_force_area_code": FORCE, "police_force_area_name": "Both"}
AREAS = table(
    "areas",
    {"area_code": FIRST, "area_name": "First", **IN_FORCE},
    {"area_code": SECOND, "area_name": "Second", **IN_FORCE},
    {"area_code": FORCE, "area_name": "Both", "area_type": "police force area"},
)
SPAN = [
    {"referral_id": "first", "child_id": "k-first", "referred_on": "2023-04-01", "area_code": SECOND},
    {"referral_id": "last", "child_id": "k-last", "referred_on": "2024-03-31", "area_code": SECOND},
]
"""Two referrals that make the year whole."""


def referred(*rows: dict[str, str]) -> pd.DataFrame:
    return table(
        "referrals", *SPAN, *({"referral_id": f"r{n}", "child_id": f"k{n}", **row} for n, row in enumerate(rows))
    )


def counted(*rows: dict[str, str], offences: tuple[dict[str, str], ...] = ()) -> pd.DataFrame:
    return breakdowns(referred(*rows), table("offences", *offences), AREAS)


def counts(found: pd.DataFrame, dimension: Dimension, area: str = FIRST, harm: str = "CSE") -> dict[str, int]:
    of_harm = found["exploitation_type"].isna() if not harm else found["exploitation_type"].eq(harm)
    rows = found[found["dimension"].eq(dimension) & found["area_code"].eq(area) & of_harm.fillna(False).astype(bool)]
    return dict(zip(rows["category"], rows["count"].astype(int), strict=True))


@pytest.mark.parametrize(
    ("age", "band"),
    [
        ("9", "aged 0 to 9"),
        ("10", "aged 10 to 12"),
        ("13", "aged 13 to 15"),
        ("15", "aged 13 to 15"),
        ("16", "aged 16 to 17"),
        ("17", "aged 16 to 17"),
        ("18", "aged 18 and over"),
        ("", "not recorded"),
    ],
)
def test_each_age_is_in_one_band(age: str, band: str) -> None:
    found = counts(counted({"age": age}, {"age": "14", "area_code": SECOND}), Dimension.AGE)
    assert found == {name: int(name == band) for name in CATEGORIES[Dimension.AGE]}


def test_every_category_that_no_record_has_is_0_in_every_area() -> None:
    found = counted({"sex": "female"})
    assert counts(found, Dimension.SEX) == {"female": 1, "male": 0, "another or not recorded": 0}
    assert counts(found, Dimension.SEX, SECOND) == {"female": 0, "male": 0, "another or not recorded": 2}


def test_a_column_that_a_source_never_fills_gives_no_breakdown() -> None:
    found = counted({"sex": "female"})
    assert set(found["dimension"]) == {Dimension.SEX}


def test_ethnic_groups_stand_in_the_order_of_the_census_with_those_not_recorded_last() -> None:
    found = counted({"ethnicity": "White"}, {"ethnicity": ""}, {"ethnicity": "not recorded"})
    assert list(counts(found, Dimension.ETHNICITY)) == [*ETHNIC_GROUPS, "not recorded"]
    assert counts(found, Dimension.ETHNICITY)["not recorded"] == 2


@pytest.mark.parametrize(
    ("home", "place"),
    [
        (FIRST, "in this area"),
        (SECOND, "elsewhere in the force"),
        ("outside", "outside the force"),
        ("", "not recorded"),
        ("E06009777", "not recorded"),
    ],
)
def test_a_home_is_here_in_the_force_outside_it_or_not_recorded(home: str, place: str) -> None:
    found = counts(counted({"home_area_code": home}, {"home_area_code": FIRST, "area_code": SECOND}), Dimension.HOME)
    assert found == {name: int(name == place) for name in CATEGORIES[Dimension.HOME]}


def test_words_for_a_referrer_that_are_not_known_are_never_printed() -> None:
    found = counted({"referrer": "Mx Example, a neighbour"}, {"referrer": "School"}, {"referrer": "self-referral"})
    assert counts(found, Dimension.REFERRER) == {
        "council": 0, "school": 1, "police": 0, "health": 0, "child or family": 1, "another": 1, "not recorded": 0,
    }  # fmt: skip


def test_a_child_under_both_harms_counts_once_and_not_under_either_alone() -> None:
    found = counted(
        {"child_id": "a"},
        {"child_id": "a", "exploitation_type": "CCE"},
        {"child_id": "b", "exploitation_type": "CCE"},
        {"child_id": "b", "exploitation_type": "CCE"},
    )
    expected = {"CSE only": 0, "CCE only": 1, "both CSE and CCE": 1, "all": 2}
    assert counts(found, Dimension.HARM, harm="") == expected
    assert set(found.loc[found["dimension"].eq(Dimension.HARM), "unit"]) == {"child"}


def test_a_source_of_one_harm_cannot_tell_who_is_under_both() -> None:
    assert Dimension.HARM not in set(counted({"sex": "female"})["dimension"])


def test_a_force_is_the_sum_of_its_authorities_in_every_category() -> None:
    found = counted({"sex": "female"}, {"sex": "female", "area_code": SECOND}, {"sex": "male"})
    assert counts(found, Dimension.SEX, FORCE) == {"female": 2, "male": 1, "another or not recorded": 2}


def test_only_years_that_are_whole_are_broken_down() -> None:
    found = counted({"sex": "female", "referred_on": "2024-05-01"})
    assert set(found["period_end"]) == {pd.Timestamp("2024-03-31")}
    assert counts(found, Dimension.SEX)["female"] == 0


def test_offences_by_whether_they_were_online_have_their_own_total() -> None:
    days = ["2023-04-01", "2023-08-01", "2024-03-31"]
    offences = tuple(
        {"offence_id": f"o{n}", "recorded_on": day, "online": answer}
        for n, (day, answer) in enumerate(zip(days, ["true", "false", ""], strict=True))
    )
    assert counts(counted(offences=offences), Dimension.ONLINE) == {
        "online": 1, "not online": 1, "not recorded": 1, "all": 3,
    }  # fmt: skip


def test_the_categories_of_each_dimension_add_up_to_the_same_total() -> None:
    found = counted({"sex": "male", "age": "14"}, {"age": "12", "accepted": "true"}, {"referrer": "police"})
    sums = found[found["unit"].eq("referral")].groupby(["area_code", "dimension"])["count"].sum().unstack()
    assert set(sums.loc[FIRST]) == {3}
    assert set(sums.loc[FORCE]) == {5}


def test_no_records_give_an_empty_table_with_all_columns() -> None:
    found = breakdowns(table("referrals"), table("offences"), AREAS)
    assert len(found) == 0
    assert {"dimension", "category", "count", "missing"} <= set(found)


@pytest.mark.parametrize(("total", "share"), [(20, 0.5), (19, None)])
def test_a_share_needs_a_total_of_20(total: int, share: float | None) -> None:
    rows = counted({"sex": "female"}).head(1).assign(count=10)
    measured = rows.assign(count=total, measure="referrals")
    found = with_shares(SafeCounts(rows, 0), SafeCounts(measured, 0)).iloc[0]
    assert found["total"] == total
    assert (None if pd.isna(found["share"]) else found["share"]) == share


def test_nothing_stands_beside_a_withheld_count_and_no_share_beside_a_withheld_total() -> None:
    rows = counted({"sex": "female"}).head(2).assign(count=pd.array([pd.NA, 12], "Int64"))
    total = rows.tail(1).assign(count=pd.array([pd.NA], "Int64"))
    for totals in (total, total.assign(count=30)):
        found = with_shares(SafeCounts(rows, 1), SafeCounts(totals, 0))
        assert found.iloc[0][["total", "share"]].isna().all()
    assert with_shares(SafeCounts(rows, 1), SafeCounts(total, 1))[["total", "share"]].isna().all(axis=None)


# As a board reads it


def test_without_records_the_section_says_so() -> None:
    assert "No case-level referrals were supplied" in who_is_referred(small_view()).markup


def records(source: str) -> dict[str, list[dict[str, str]]]:
    """A year of 12 referrals a quarter: of 48, 40 girls, and 6 without an ethnic group."""
    days = ["2023-04-15", "2023-07-15", "2023-10-15", "2024-01-15"] * 12
    return {
        "sources": BASE["sources"],
        "referrals": [
            {"source_id": source, "referral_id": f"r{n}", "child_id": f"k{n}", "referred_on": day}
            | {"sex": "female" if n < 40 else "male", "ethnicity": "White" if n < 42 else ""}
            for n, day in enumerate(days)
        ],
    }


def test_the_table_shows_counts_with_shares_and_says_what_is_not_recorded() -> None:
    page = who_is_referred(small_view(records(PRIVATE))).markup
    assert "40 (83%)" in page
    assert "Of 48 CSE referrals, 6 have no ethnic group recorded, so the groups are not compared." in page


def test_how_many_are_not_recorded_is_not_told_where_it_is_withheld() -> None:
    tables = records(PRIVATE)
    for row in tables["referrals"][42:46]:
        row["ethnicity"] = "Other ethnic group"  # 4 and 2 are left, both small
    page = who_is_referred(small_view(tables)).markup
    assert "How many CSE referrals have no ethnic group recorded is withheld" in page
    assert "[c]" in page


def test_figures_of_a_public_source_pass_as_they_are() -> None:
    page = who_is_referred(small_view(records(PUBLIC))).markup
    assert "[c]" not in page
