"""The disclosure gate: what it withholds, what it lets pass, and that neither depends on the order of rows.

The rule is that of the Department for Education's *Children in need*: counts from 1 to 5 are withheld, zero is shown.
"""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from needs_assessment.disclosure import Policy, SafeCounts, protect, without_totals
from needs_assessment.vocabulary import MissingCode

PUBLIC = pd.Series({"published": True, "own_return": False})


def counted(*counts: int | None, source: str = "own_return", missing: str | None = None) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "source_id": pd.array([source] * len(counts), dtype="string"),
            "count": pd.array(counts, dtype="Int64"),
            "missing": pd.array([missing] * len(counts), dtype="string"),
        }
    )


def shown(safe: SafeCounts) -> list[str]:
    table = safe.table
    return [
        code if pd.isna(count) else str(count) for count, code in zip(table["count"], table["missing"], strict=True)
    ]


# Worked: the threshold, one below it and one above it


def test_counts_from_one_to_five_are_withheld_and_zero_and_six_are_shown():
    safe = protect(counted(0, 1, 2, 3, 4, 5, 6, 7), PUBLIC, Policy())
    assert shown(safe) == ["0", "c", "c", "c", "c", "c", "6", "7"]
    assert safe.withheld == 5


@pytest.mark.parametrize(("most", "expected"), [(1, "0 c 2 3"), (2, "0 c c 3"), (3, "0 c c c")])
def test_the_policy_sets_the_most_that_is_withheld(most, expected):
    assert shown(protect(counted(0, 1, 2, 3), PUBLIC, Policy("own", most))) == expected.split()


@pytest.mark.parametrize("most", [0, -1])
def test_a_policy_that_withholds_nothing_is_refused(most):
    with pytest.raises(ValueError, match="withhold_up_to must be 1 or more"):
        Policy("open", most)


def test_the_policy_states_its_rule_in_words():
    assert str(Policy()) == "counts from 1 to 5 of sources that are not public are withheld"


def test_public_figures_pass_unchanged():
    counts = counted(0, 1, 5, 6, source="published").assign(note="as published")
    safe = protect(counts, PUBLIC, Policy())
    assert safe.withheld == 0
    assert_frame_equal(safe.table, counts)


def test_a_count_that_its_own_source_withheld_keeps_its_symbol():
    safe = protect(pd.concat([counted(None, missing="x"), counted(None, missing="u")]), PUBLIC, Policy())
    assert shown(safe) == ["x", "u"]
    assert safe.withheld == 0


def test_a_figure_with_decimals_is_withheld_by_the_same_rule():
    figures = counted(0).assign(count=pd.array([0.9], dtype="Float64"))
    between = [protect(figures.assign(count=figures["count"] + more), PUBLIC, Policy()) for more in (0, 0.1, 4.1, 4.2)]
    assert [safe.withheld for safe in between] == [0, 1, 1, 0]


def test_a_note_on_a_count_of_a_source_that_is_not_public_is_left_out():
    counts = pd.concat([counted(9), counted(9, source="published")], ignore_index=True).assign(note="about a child")
    table = protect(counts, PUBLIC, Policy()).table
    assert table["note"].isna().tolist() == [True, False]


def test_the_counts_that_went_in_are_not_changed():
    counts = counted(3).assign(note="a note")
    before = counts.copy()
    protect(counts, PUBLIC, Policy())
    assert_frame_equal(counts, before)


def test_a_source_that_is_not_known_to_be_public_is_refused_without_its_name():
    with pytest.raises(KeyError, match="2 counts have no known source") as refused:
        protect(pd.concat([counted(9), counted(9, 9, source="jemima")]), PUBLIC, Policy())
    assert "jemima" not in str(refused.value)


def test_no_counts_stay_no_counts():
    safe = protect(counted(), PUBLIC, Policy())
    assert safe.withheld == 0
    assert safe.table.empty


# Properties

sources = st.sampled_from(["published", "own_return"])
rows = st.lists(st.tuples(sources, st.none() | st.integers(0, 12)), max_size=30)


def table_of(pairs: list[tuple[str, int | None]]) -> pd.DataFrame:
    counts = counted(*(count for _, count in pairs)).assign(source_id=pd.array([s for s, _ in pairs], dtype="string"))
    return counts.assign(missing=counts["missing"].mask(counts["count"].isna(), "x"))


@given(rows, st.integers(1, 9))
def test_no_small_count_of_a_source_that_is_not_public_remains_and_public_ones_are_unchanged(pairs, most):
    counts = table_of(pairs)
    table = protect(counts, PUBLIC, Policy("any", most)).table
    own = table["source_id"] == "own_return"
    assert not table.loc[own, "count"].between(1, most).any()
    assert_frame_equal(table[~own], counts[~own])


@given(rows)
def test_what_is_withheld_is_counted_and_nothing_else_is_lost(pairs):
    counts = table_of(pairs)
    safe = protect(counts, PUBLIC, Policy())
    withheld = counts["count"].notna() & safe.table["count"].isna()
    assert int(withheld.sum()) == safe.withheld
    assert (safe.table.loc[withheld, "missing"] == MissingCode.SUPPRESSED).all()
    assert_frame_equal(safe.table[~withheld], counts[~withheld])
    # Exactly one of a count and a reason for none, as the contract of every table asks.
    assert (safe.table["count"].isna() == safe.table["missing"].notna()).all()


@given(rows)
def test_a_second_passage_changes_nothing(pairs):
    once = protect(table_of(pairs), PUBLIC, Policy())
    twice = protect(once.table, PUBLIC, Policy())
    assert twice.withheld == 0
    assert_frame_equal(twice.table, once.table)


@given(rows, st.integers(0, 1000))
def test_the_order_of_rows_is_irrelevant(pairs, seed):
    counts = table_of(pairs)
    mixed = counts.sample(frac=1, random_state=seed)
    assert_frame_equal(
        protect(mixed, PUBLIC, Policy()).table.sort_index(), protect(counts, PUBLIC, Policy()).table, check_like=False
    )


# Totals: a total less the parts that are shown gives the withheld part back


def split(source: str = "own_return") -> pd.DataFrame:
    """22 children: 5 from outside, 6 from the county and 11 from the city, as Derbyshire published them in 2019."""
    counts = counted(22, 5, 6, 11, source=source)
    return counts.assign(residence=["all", "outside", "county", "city"], as_at="2018-11-30")


def without_the_whole(counts: pd.DataFrame) -> list[int]:
    series = ["source_id", "as_at"]
    return without_totals(counts, counts["residence"].eq("all"), series, PUBLIC)["count"].tolist()


def test_a_total_of_a_source_that_is_not_public_is_left_out_beside_its_parts():
    assert without_the_whole(split()) == [5, 6, 11]


def test_a_total_without_parts_and_a_public_total_stay():
    assert without_the_whole(split().head(1)) == [22]
    assert without_the_whole(split("published")) == [22, 5, 6, 11]


def test_a_total_of_another_date_or_of_another_source_stays():
    later = split().head(1).assign(as_at="2019-11-30")
    assert without_the_whole(pd.concat([split(), later], ignore_index=True)) == [5, 6, 11, 22]
    other = split("published").head(1)
    assert without_the_whole(pd.concat([split(), other], ignore_index=True)) == [5, 6, 11, 22]


def test_no_counts_have_no_totals():
    nothing = split().head(0)
    assert without_the_whole(nothing) == []
