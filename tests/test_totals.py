"""Totals: every reason for a missing cell stays visible, and the true sum lies in the interval."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from needs_assessment.methods.totals import REASONS, UnitError, totals
from needs_assessment.vocabulary import MissingCode


def cells(*figures: int | str, unit: str = "episode", group: str = "a") -> pd.DataFrame:
    """Cells of one group: a number is a count, a word the reason why there is none."""
    counts = [None if isinstance(figure, str) else figure for figure in figures]
    reasons = [figure if isinstance(figure, str) else None for figure in figures]
    table = pd.DataFrame({"group": group, "unit": unit, "count": counts, "missing": reasons})
    return table.astype({"group": "string", "unit": "string", "count": "Int64", "missing": "string"})


def interval(*figures: int | str, **limits: int) -> tuple[object, object]:
    total = totals(cells(*figures), ["group"], **limits).iloc[0]
    return tuple(None if pd.isna(end) else int(end) for end in total[["lower", "upper"]])


# Worked


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        ((3, 4), (7, 7)),
        ((0,), (0, 0)),
        (("c",), (1, 5)),
        (("c", "c", "c"), (3, 15)),  # [k, 5k]
        ((10, "c", "low"), (12, 19)),
        ((10, "z"), (10, 10)),
        ((10, "x"), (10, None)),
        ((10, "u"), (10, None)),
        ((10, "k"), (10, None)),
        ((10, ":"), (10, None)),
        (("c", "x"), (1, None)),
    ],
)
def test_each_reason_widens_the_sum_in_its_own_way(figures, expected):
    assert interval(*figures) == expected


def test_the_threshold_and_the_rounding_are_the_sources():
    assert interval("c", "low", withheld_up_to=9, low_up_to=2) == (2, 11)


def test_each_reason_stays_visible_and_the_sum_is_exact_only_where_both_ends_agree():
    both = pd.concat([cells(7, 2), cells(7, "c", "c", "x", "z", group="b")])
    sums = totals(both, ["group"]).set_index("group")
    assert sums["count"].tolist() == [9, pd.NA]
    assert sums.loc["b", ["cells", *REASONS]].to_dict() == {
        "cells": 5,
        "suppressed": 2,
        "not_available": 1,
        "not_applicable": 1,
        "low_reliability": 0,
        "rounds_to_zero": 0,
        "below_half": 0,
        "not_recorded": 0,
    }


def test_what_is_not_applicable_everywhere_does_not_become_zero():
    sums = totals(cells("z", "z"), ["group"])
    assert sums["count"].isna().all() and sums["not_applicable"].tolist() == [2]
    assert totals(cells("z", 0), ["group"])["count"].tolist() == [0]


def test_groups_without_a_word_for_them_are_kept():
    table = pd.concat([cells(1), cells(2).assign(group=pd.NA)]).astype({"group": "string"})
    assert totals(table, ["group"])["count"].tolist() == [1, 2]


def test_no_grouping_word_twice_and_no_rows_are_no_trouble():
    assert totals(cells(1, 2), ["group", "unit"]).columns.tolist()[:4] == ["group", "unit", "lower", "upper"]
    assert totals(cells(), ["group"]).empty


# Faults


def test_units_refuse_to_add_and_are_named():
    mixed = pd.concat([cells(1, unit="episode"), cells(1, unit="child"), cells(1, group="b")])
    with pytest.raises(UnitError, match="never added: child, episode in 1 of the groups"):
        totals(mixed, ["group"])
    assert len(totals(mixed, ["group", "unit"])) == 3


def test_units_refuse_to_add_in_one_sum_over_everything():
    with pytest.raises(UnitError, match="child, episode"):
        totals(pd.concat([cells(1), cells(2, unit="child")]), [])
    assert totals(cells(1, 2), [])["count"].tolist() == [3]


def test_every_fault_is_told_at_once_without_a_value():
    table = cells(7, -123, "c", "?")
    table.loc[2, "count"] = 4
    with pytest.raises(ValueError, match="exactly one") as told:
        totals(table, ["group"], withheld_up_to=0)
    message = str(told.value)
    assert "withheld_up_to must be 1 or more" in message
    assert "exactly one of count and missing must be given (position 2)" in message
    assert "count must be 0 or more (position 1)" in message
    assert "missing must be a MissingCode (position 3)" in message
    assert "123" not in message


# Properties

figures = st.lists(st.one_of(st.integers(0, 500), st.sampled_from([code.value for code in MissingCode])), max_size=12)
hidden = {"c": st.integers(1, 5), "low": st.integers(1, 4), "z": st.just(0)}


@settings(max_examples=40)
@given(figures.filter(len), st.data())
def test_the_true_sum_of_any_filling_lies_in_the_interval(shown, data):
    filled = [
        data.draw(hidden.get(figure, st.integers(0, 10_000))) if isinstance(figure, str) else figure for figure in shown
    ]
    lower, upper = interval(*shown)
    assert lower <= sum(filled)
    assert upper is None or sum(filled) <= upper
    known = totals(cells(*shown), ["group"])["count"].iloc[0]
    assert pd.isna(known) or known == sum(filled)


@settings(max_examples=40)
@given(figures.filter(lambda shown: len(shown) > 1), st.data())
def test_the_intervals_of_the_parts_add_up_to_that_of_the_whole(shown, data):
    at = data.draw(st.integers(1, len(shown) - 1))
    parts = interval(*shown[:at]), interval(*shown[at:])
    whole = interval(*shown)
    assert whole[0] == parts[0][0] + parts[1][0]
    assert whole[1] == (None if None in (parts[0][1], parts[1][1]) else parts[0][1] + parts[1][1])


@settings(max_examples=40)
@given(figures.filter(len), st.randoms())
def test_the_order_of_the_cells_does_not_matter(shown, random):
    shuffled = random.sample(shown, len(shown))
    pd.testing.assert_frame_equal(totals(cells(*shown), ["group"]), totals(cells(*shuffled), ["group"]))
