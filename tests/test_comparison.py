"""One decision for every comparison: Lower, Similar, Higher, or Cannot tell."""

from __future__ import annotations

from math import inf, nan

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from needs_assessment.methods.comparison import verdict
from needs_assessment.vocabulary import Verdict

LOWER, SIMILAR, HIGHER, CANNOT_TELL = Verdict.LOWER, Verdict.SIMILAR, Verdict.HIGHER, Verdict.CANNOT_TELL
numbers = st.floats(0, 1000)


# Worked


@pytest.mark.parametrize(
    ("lower", "upper", "expected"),
    [
        (8.0, 9.9, LOWER),
        (8.0, 10.0, SIMILAR),  # a limit that equals the reference includes it
        (8.0, 12.0, SIMILAR),
        (10.0, 12.0, SIMILAR),
        (10.1, 12.0, HIGHER),
        (10.0, 10.0, SIMILAR),
        (0.0, inf, SIMILAR),
    ],
)
def test_the_side_of_the_reference_on_which_the_limits_lie_decides(lower, upper, expected):
    assert verdict(lower, upper, 10.0).item() == expected


@pytest.mark.parametrize("limits", [(nan, 12, 10), (8, nan, 10), (8, 12, nan), (nan, nan, nan)])
def test_nothing_can_be_told_without_both_limits_and_the_reference(limits):
    assert verdict(*limits).item() == CANNOT_TELL


def test_a_column_is_compared_row_by_row_with_one_reference_or_with_its_own():
    lower, upper = [1, 8, 11, nan], [9, 12, 15, nan]
    assert verdict(lower, upper, 10).tolist() == [LOWER, SIMILAR, HIGHER, CANNOT_TELL]
    assert verdict(lower, upper, [10, 20, 20, 20]).tolist() == [LOWER, LOWER, LOWER, CANNOT_TELL]


def test_columns_of_a_table_with_missing_numbers_are_taken():
    table = pd.DataFrame({"lower": [11.0, np.nan], "upper": [15.0, np.nan], "reference": [10.0, 10.0]})
    assert verdict(table["lower"], table["upper"], table["reference"]).tolist() == [HIGHER, CANNOT_TELL]


# Golden: Derbyshire, assessments with child criminal exploitation in the year ending March 2025: 451 among 156,155
# children (Department for Education, table C3; ONS mid-2024); England 16,250 among 12,183,016.
# Byar's limits of 451, worked out from the formula: 451 (1 - 1/4059 - 1.96/(3 √451))³ = 410.33 and
# 452 (1 - 1/4068 + 1.96/(3 √452))³ = 494.61, which are 26.277 and 31.674 per 10,000.


def test_derbyshires_recorded_rate_of_criminal_exploitation_lies_above_englands():
    assert verdict(26.277, 31.674, 16250 / 12183016 * 10_000).item() == HIGHER


# Properties


@given(numbers, numbers, numbers)
def test_exactly_one_word_is_said_and_it_is_not_cannot_tell(one, other, reference):
    lower, upper = sorted((one, other))
    said = verdict(lower, upper, reference).item()
    assert said in {LOWER, SIMILAR, HIGHER}
    assert (said == SIMILAR) == (lower <= reference <= upper)


@given(numbers, numbers, numbers, numbers)
def test_wider_limits_never_turn_similar_into_a_difference(one, other, reference, wider):
    lower, upper = sorted((one, other))
    before, after = verdict(lower, upper, reference).item(), verdict(lower - wider, upper + wider, reference).item()
    assert after in {before, SIMILAR}


@given(numbers, numbers, numbers)
def test_turning_the_comparison_round_turns_the_word_round(one, other, reference):
    lower, upper = sorted((one, other))
    turned = {LOWER: HIGHER, HIGHER: LOWER, SIMILAR: SIMILAR}
    assert verdict(-upper, -lower, -reference).item() == turned[verdict(lower, upper, reference).item()]
