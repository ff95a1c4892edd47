"""One decision for every comparison: Lower, Similar, Higher, or Cannot tell, and why."""

from __future__ import annotations

from math import inf, nan

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from needs_assessment.methods.comparison import MISSING, of_estimate, verdict
from needs_assessment.vocabulary import Verdict

LOWER, SIMILAR, HIGHER, CANNOT_TELL = Verdict.LOWER, Verdict.SIMILAR, Verdict.HIGHER, Verdict.CANNOT_TELL
numbers = st.floats(0, 1000)


def word(value, lower, upper):
    return verdict(value, lower, upper).verdict.item()


# Worked


@pytest.mark.parametrize(
    ("value", "expected"),
    # A value that equals a limit is within the limits.
    [(7.9, LOWER), (8.0, SIMILAR), (10.0, SIMILAR), (12.0, SIMILAR), (12.1, HIGHER), (0.0, LOWER)],
)
def test_the_side_of_the_limits_on_which_a_value_lies_decides(value, expected):
    assert word(value, 8.0, 12.0) == expected


def test_limits_may_be_open_or_a_single_number():
    assert word(10.0, 0.0, inf) == SIMILAR
    assert [word(value, 10.0, 10.0) for value in (9.0, 10.0, 11.0)] == [LOWER, SIMILAR, HIGHER]


@pytest.mark.parametrize("figures", [(nan, 8, 12), (10, nan, 12), (10, 8, nan), (nan, nan, nan)])
def test_nothing_can_be_told_without_the_value_and_both_limits(figures):
    said = verdict(*figures, compared="the limits")
    assert (said.verdict.item(), said.reason.item()) == (CANNOT_TELL, MISSING)


def test_a_column_is_compared_row_by_row_with_one_pair_of_limits_or_with_its_own():
    values = [1, 10, 15, nan]
    assert verdict(values, 8, 12).verdict.tolist() == [LOWER, SIMILAR, HIGHER, CANNOT_TELL]
    assert verdict(values, [0, 11, 8, 8], [2, 12, 20, 12]).verdict.tolist() == [SIMILAR, LOWER, SIMILAR, CANNOT_TELL]


def test_columns_of_a_table_with_missing_numbers_are_taken():
    table = pd.DataFrame({"value": [13.0, np.nan], "lower": [8.0, 8.0], "upper": [12.0, np.nan]})
    assert verdict(table["value"], table["lower"], table["upper"]).verdict.tolist() == [HIGHER, CANNOT_TELL]


def test_every_verdict_has_its_reason():
    said = verdict([1, 10, 15], 8, 12, compared="the limits")
    assert said.reason.tolist() == ["the limits"] * 3


def test_of_several_doubts_the_first_is_the_reason_and_a_doubt_comes_before_a_missing_figure():
    doubts = {"first": [True, False, False, True], "second": [True, True, False, False]}
    said = verdict([15, 15, 15, nan], 8, 12, doubts=doubts, compared="the limits")
    assert said.verdict.tolist() == [CANNOT_TELL, CANNOT_TELL, HIGHER, CANNOT_TELL]
    assert said.reason.tolist() == ["first", "second", "the limits", "first"]


def test_a_doubt_may_be_one_for_all():
    assert verdict([1, 10], 8, 12, doubts={"closed": True}).reason.tolist() == ["closed", "closed"]


def test_an_estimate_is_compared_with_a_reference_by_its_own_limits():
    """Derbyshire, assessments with child criminal exploitation in the year ending March 2025: 451 among 156,155
    children (Department for Education, table C3; ONS mid-2024); England 16,250 among 12,183,016. Byar's limits of 451,
    worked out from the formula: 451 (1 - 1/4059 - 1.96/(3 √451))³ = 410.33 and 452 (1 - 1/4068 + 1.96/(3 √452))³ =
    494.61, which are 26.277 and 31.674 per 10,000: the limits of Derbyshire's rate lie above England's.
    """
    assert of_estimate(16250 / 12183016 * 10_000, 26.277, 31.674).verdict.item() == HIGHER


def test_estimates_have_their_doubts_and_reasons_too():
    said = of_estimate(
        1.0, [0.2, 0.8, 1.1, nan, 1.1], [0.9, 1.2, 2.0, nan, 2.0], doubts={"doubt": [False] * 4 + [True]}
    )
    assert said.verdict.tolist() == [LOWER, SIMILAR, HIGHER, CANNOT_TELL, CANNOT_TELL]
    assert said.reason.tolist() == ["", "", "", MISSING, "doubt"]


# Properties


@given(numbers, numbers, numbers)
def test_exactly_one_word_is_said_and_it_is_not_cannot_tell(one, other, value):
    lower, upper = sorted((one, other))
    said = word(value, lower, upper)
    assert said in {LOWER, SIMILAR, HIGHER}
    assert (said == SIMILAR) == (lower <= value <= upper)


@given(numbers, numbers, numbers, numbers)
def test_wider_limits_never_turn_similar_into_a_difference(one, other, value, wider):
    lower, upper = sorted((one, other))
    before, after = word(value, lower, upper), word(value, lower - wider, upper + wider)
    assert after in {before, SIMILAR}


@given(numbers, numbers, numbers)
def test_turning_the_comparison_round_turns_the_word_round(one, other, value):
    lower, upper = sorted((one, other))
    turned = {LOWER: HIGHER, HIGHER: LOWER, SIMILAR: SIMILAR}
    assert word(-value, -upper, -lower) == turned[word(value, lower, upper)]
