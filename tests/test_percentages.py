"""Of how many a published percentage can be."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from needs_assessment.methods.percentages import is_possible_percentage, possible_bases, possible_counts

# Golden: an overview of commissioning, West Mercia, quarter 2 of 2022/23: of 492 referrals "95.83% of victims/survivors
# contacted within 48 hours. 97.23% … within 72 hours"; "a dip sample of 300 victims showed a 98.7% satisfaction rate".


@pytest.mark.parametrize("percentage", [95.83, 97.23])
def test_neither_share_contacted_is_a_share_of_the_492_referrals(percentage):
    # By hand: 471 and 472 of 492 are 95.73% and 95.93%; 478 and 479 are 97.15% and 97.36%.
    assert not is_possible_percentage(percentage, 2, 492)
    assert possible_counts(percentage, 2, 492).size == 0


def test_the_share_satisfied_is_296_of_the_dip_sample_of_300():
    assert is_possible_percentage(98.7, 1, 300)
    assert possible_counts(98.7, 1, 300).tolist() == [296]


def test_the_smallest_base_of_95_83_is_24():
    assert possible_bases(95.83, 2, 100).tolist() == [24, 48, 72, 96]
    assert possible_counts(95.83, 2, 24).tolist() == [23]


def test_no_fewer_than_1989_people_have_both_shares_contacted():
    both = np.intersect1d(possible_bases(95.83, 2, 2000), possible_bases(97.23, 2, 2000))
    assert both.tolist() == [1989]


# Worked


@pytest.mark.parametrize(("percentage", "decimals"), [(12.5, 1), (12, 0), (13, 0)])
def test_a_half_may_be_rounded_up_or_down(percentage, decimals):
    assert possible_counts(percentage, decimals, 8).tolist() == [1]  # 1 of 8 is 12.5%


@pytest.mark.parametrize(("percentage", "possible"), [(11, False), (14, False), (25, True), (0, True), (100, True)])
def test_what_no_rounding_gives_is_not_possible(percentage, possible):
    assert is_possible_percentage(percentage, 0, 8) is possible


def test_nothing_and_everything_are_possible_of_any_base():
    assert possible_bases(0, 2, 30).tolist() == possible_bases(100, 2, 30).tolist() == list(range(1, 31))


def test_a_large_base_can_give_a_percentage_in_several_ways():
    assert possible_counts(50, 0, 1000).tolist() == list(range(495, 506))
    assert possible_counts(0, 0, 300).tolist() == [0, 1]
    assert possible_counts(100, 0, 300).tolist() == [299, 300]


def test_from_a_hundred_of_the_last_digit_upwards_everything_is_possible():
    assert all(is_possible_percentage(percentage, 0, 100) for percentage in range(101))
    assert is_possible_percentage(95.83, 2, 10_000)


# Faults


@pytest.mark.parametrize(
    ("figures", "names"),
    [
        ((95.835, 2, 10), ["percentage"]),
        ((101, 0, 10), ["percentage"]),
        ((-1, 0, 10), ["percentage"]),
        ((float("nan"), 7, 10), ["decimals", "percentage"]),
        ((50, 0.5, 10), ["decimals"]),
    ],
)
def test_every_fault_of_a_percentage_is_listed_at_once(figures, names):
    for function in (is_possible_percentage, possible_counts, possible_bases):
        with pytest.raises(ValueError) as fault:
            function(*figures)
        assert [rule.split(" must")[0] for rule in str(fault.value).split("; ")] == names


@pytest.mark.parametrize("base", [0, -3, 2.5, 10**10])
def test_a_base_that_cannot_be_is_refused(base):
    with pytest.raises(ValueError, match=r"^base must be a whole number"):
        is_possible_percentage(50, 0, base)
    with pytest.raises(ValueError, match=r"^at_most must be a whole number"):
        possible_bases(50, 0, base)


# Properties


@given(st.integers(1, 400), st.data(), st.integers(0, 3))
def test_what_a_count_is_rounded_to_gives_the_count_back(base, data, decimals):
    count = data.draw(st.integers(0, base))
    percentage = round(100 * count / base, decimals)
    assert count in possible_counts(percentage, decimals, base)
    assert base in possible_bases(percentage, decimals, base)


@given(st.integers(0, 1000))
def test_bases_are_those_that_a_count_gives(last_digits):
    percentage = last_digits / 10
    single = [base for base in range(1, 121) if is_possible_percentage(percentage, 1, base)]
    assert possible_bases(percentage, 1, 120).tolist() == single
