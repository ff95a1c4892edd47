"""Change between two counts, against R and against the definition of an exact limit."""

from __future__ import annotations

from math import inf, isnan
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import binom

from needs_assessment.methods.change import Change, count_change, percentage_change

CASES = Path(__file__).resolve().parents[1].parent / "shared" / "cases"
needs_cases = pytest.mark.skipif(not CASES.is_dir(), reason="the worked cases in ../shared/cases are not here")

counts = st.integers(0, 2000)
exposures = st.floats(0.01, 100)


# Golden: R 4.2.2, poisson.test(c(after, before), c(exposure_after, exposure_before))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (8, 22, (2.75, 1.17915413944085, 7.14366666668973, 0.016124801710248)),  # Derbyshire 2018, high risk
        (17, 34, (2, 1.08675668275321, 3.81734239608185, 0.0240929076984494)),  # Derbyshire 2018, medium risk
        (465, 492, (1.05806451612903, 0.930190649095492, 1.20366082432455, 0.400662266541617)),
        (4441, 3834, (0.863319072281018, 0.826595566139364, 0.901642969305105, 2.6526016162603e-11)),
        (4, 0, (0, 0, 1.51486685936587, 0.125)),
        (0, 5, (inf, 0.91635585731546, inf, 0.0625)),
    ],
)
def test_a_change_equals_that_of_r(before, after, expected):
    np.testing.assert_allclose(count_change(before, after), (before, after, *expected), rtol=1e-8)


def test_a_change_between_unequal_exposures_equals_that_of_r():
    """The example of R's own help page for poisson.test: 11 events in 800 and 21 in 3011."""
    change = count_change(21, 11, exposure_before=3011, exposure_after=800)
    expected = [1.9714880952381, 0.858426403391639, 4.27726594365407, 0.0796686330333295]
    np.testing.assert_allclose(change[2:], expected, rtol=1e-8)


def test_the_p_value_is_by_minimum_likelihood_and_can_disagree_with_the_central_limits():
    """Fay (2010), The R Journal 2(1), 53-58: p is 0.033, although the 95% limits include 1 (central p is 0.050)."""
    change = count_change(9, 2, exposure_before=16_660, exposure_after=17_877)
    assert change.p_value == pytest.approx(0.0330942032059148, rel=1e-8)
    assert change.upper == pytest.approx(1.00054910448772, rel=1e-8)


@needs_cases
def test_every_change_of_r_is_reproduced():
    cases = pd.read_csv(CASES / "rate_change" / "poisson_test_R.csv")
    assert len(cases) == 14
    for case in cases.itertuples():
        change = count_change(case.x0, case.x1, exposure_before=case.T0, exposure_after=case.T1)
        expected = [case.x0, case.x1, case.rr, case.lo, case.hi, case.p_two_sided]
        np.testing.assert_allclose(change, expected, rtol=1e-8)


# Worked


def test_no_events_in_either_period_says_nothing():
    change = count_change(0, 0)
    assert isnan(change.rate_ratio)
    assert change[3:] == (0, inf, 1)


def test_counts_that_a_table_holds_as_floating_point_are_accepted():
    assert count_change(np.float64(8), np.int64(22)) == count_change(8, 22)  # type: ignore[arg-type]
    assert isinstance(count_change(np.float64(8), 22).before, int)  # type: ignore[arg-type]


def test_half_the_exposure_doubles_the_ratio():
    assert count_change(10, 10, exposure_before=1, exposure_after=0.5).rate_ratio == 2


@pytest.mark.parametrize(("before", "percentage"), [(19, None), (20, 50.0), (21, pytest.approx(42.857143))])
def test_a_percentage_is_stated_from_the_floor_and_not_below(before, percentage):
    assert percentage_change(before, 30) == percentage


def test_percentages_equal_those_calculated_by_hand():
    """West Mercia, quarter 2 of 2022/23: referrals 4,441 to 3,834 in a quarter, clients 465 to 492 in a year."""
    assert percentage_change(4441, 3834) == pytest.approx(-13.668092771898221)
    assert percentage_change(465, 492) == pytest.approx(5.8064516129032295)


def test_a_rise_from_eight_is_not_stated_as_a_percentage():
    """Derbyshire 2018: 8 to 22 children at high risk, 17 to 34 at medium risk."""
    assert percentage_change(8, 22) is None
    assert percentage_change(17, 34) is None
    assert percentage_change(8, 22, floor=8) == 175


# Faults


@pytest.mark.parametrize("wrong", [None, pd.NA, np.nan, inf, -1, 2.5, "c"])
def test_a_count_that_is_not_a_whole_number_is_refused(wrong):
    with pytest.raises(ValueError, match=r"^before must be a whole number, 0 or more$"):
        count_change(wrong, 3)
    with pytest.raises(ValueError, match=r"^after must be a whole number, 0 or more$"):
        percentage_change(30, wrong)


def test_every_fault_is_listed_at_once():
    with pytest.raises(ValueError) as fault:
        count_change(-1, 3, exposure_before=0, exposure_after=inf)
    assert str(fault.value) == (
        "before must be a whole number, 0 or more; "
        "exposure_before must be above 0 and finite; exposure_after must be above 0 and finite"
    )


@pytest.mark.parametrize("floor", [0, -5, float("nan")])
def test_a_floor_below_one_is_refused(floor):
    with pytest.raises(ValueError, match=r"^floor must be 1 or more$"):
        percentage_change(0, 3, floor=floor)


# Properties


def ratios(change: Change) -> np.ndarray:
    return np.array([change.rate_ratio, change.lower, change.upper])


@given(counts, counts, exposures, exposures)
def test_limits_contain_the_ratio(before, after, early, late):
    assume(before + after > 0)
    change = count_change(before, after, exposure_before=early, exposure_after=late)
    assert change.lower <= change.rate_ratio <= change.upper
    assert 0 <= change.p_value <= 1


@given(st.integers(1, 2000), st.integers(1, 2000), exposures, exposures)
def test_swapping_the_periods_inverts_the_ratio(before, after, early, late):
    forwards = count_change(before, after, exposure_before=early, exposure_after=late)
    backwards = count_change(after, before, exposure_before=late, exposure_after=early)
    np.testing.assert_allclose(ratios(backwards), 1 / ratios(forwards)[[0, 2, 1]], rtol=1e-6)
    assert backwards.p_value == pytest.approx(forwards.p_value, rel=1e-6, abs=1e-12)


@given(st.integers(1, 2000), counts, exposures, st.floats(0.01, 100))
def test_the_unit_of_exposure_does_not_matter(before, after, late, factor):
    one = count_change(before, after, exposure_after=late)
    other = count_change(before, after, exposure_before=factor, exposure_after=late * factor)
    np.testing.assert_allclose(ratios(other), ratios(one), rtol=1e-6)


@given(st.integers(1, 300), st.integers(1, 300), st.floats(0.2, 5), st.floats(0.8, 0.99))
def test_each_limit_leaves_half_of_the_doubt_beyond_the_count(before, after, late, confidence):
    """The definition of Clopper and Pearson (1934), put back through the binomial distribution."""
    change = count_change(before, after, exposure_after=late, confidence=confidence)
    share = ratios(change)[1:] * late / (1 + ratios(change)[1:] * late)
    beyond = [binom.sf(after - 1, before + after, share[0]), binom.cdf(after, before + after, share[1])]
    np.testing.assert_allclose(beyond, (1 - confidence) / 2, rtol=1e-6)


@given(st.integers(20, 10_000), st.integers(0, 10_000))
def test_a_percentage_carries_the_base_to_the_count_after(before, after):
    percentage = percentage_change(before, after)
    assert percentage is not None
    assert before * (1 + percentage / 100) == pytest.approx(after, abs=1e-8)
