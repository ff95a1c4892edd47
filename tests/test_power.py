"""The smallest difference that would be noticed, against a published program, enumeration and its own definition."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import poisson

from needs_assessment.methods.change import count_change
from needs_assessment.methods.power import detectable_change, detectable_ratio, noticed
from needs_assessment.methods.rates import exact_poisson_limits
from simulations.power import STUDIES
from simulations.study import outcome

expectations = st.floats(0.05, 500)
powers = st.floats(0.5, 0.99)
COUNTS = np.arange(400)


# Golden: R package lrstat (Lu), tests of getDesignOneRateExact, rounded to four decimals there


def test_the_power_to_notice_a_fall_equals_that_of_lrstat():
    """n = 525, D = 0.5, rate 0.049 against 0.012, one-sided 0.025: power 0.9002, attained 0.0117, critical value 5."""
    expected = 525 * 0.5 * 0.049
    assert float(noticed(expected, 0.012 / 0.049).lower) == pytest.approx(0.9002, abs=5e-5)
    assert float(noticed(expected, 1).lower) == pytest.approx(0.0117, abs=5e-5)


def test_the_power_to_notice_a_rise_equals_that_of_lrstat():
    """n = 162, rate 0.2 against 0.3, one-sided 0.05: power 0.8078, attained 0.0427, critical value 43."""
    assert float(noticed(162 * 0.2, 1.5, confidence=0.9).higher) == pytest.approx(0.8078, abs=5e-5)
    assert float(noticed(162 * 0.2, 1, confidence=0.9).higher) == pytest.approx(0.0427, abs=5e-5)


# Worked: by enumeration


def enumerated(expected: float, ratio: float, confidence: float = 0.95) -> tuple[float, float]:
    """The probabilities of limits above and below, added up count by count."""
    lower, upper = exact_poisson_limits(COUNTS, confidence)
    chance = poisson.pmf(COUNTS, expected * ratio)
    return float(chance[lower > expected].sum()), float(chance[upper < expected].sum())


@pytest.mark.parametrize("expected", [0.02, 0.5, 1, 3.6, 3.7, 8, 20, 60])
@pytest.mark.parametrize("ratio", [0.3, 1, 2.4])
@pytest.mark.parametrize("confidence", [0.95, 0.998])
def test_the_probability_of_notice_equals_its_enumeration(expected, ratio, confidence):
    calculated = noticed(expected, ratio, confidence=confidence)
    np.testing.assert_allclose(calculated, enumerated(expected, ratio, confidence), atol=1e-12)


def enumerated_change(mean: float, ratio: float, late: float) -> tuple[float, float]:
    """The probabilities that limits of the ratio lie above and below 1, added up over both counts."""
    before, after = np.meshgrid(np.arange(60), np.arange(160), indexing="ij")
    change = count_change(before, after, exposure_after=late)
    chance = poisson.pmf(before, mean) * poisson.pmf(after, mean * late * ratio)
    return float(chance[change.lower > 1].sum()), float(chance[change.upper < 1].sum())


@pytest.mark.parametrize(("mean", "late"), [(4, 1), (12, 1), (12, 2.5), (20, 0.5)])
def test_a_detectable_change_is_noticed_with_the_power_asked_for(mean, late):
    found = detectable_change(mean, exposure_after=late)
    assert enumerated_change(mean, float(found.rise), late)[0] == pytest.approx(0.8, abs=1e-6)
    if np.isfinite(found.fall):
        assert enumerated_change(mean, float(found.fall), late)[1] == pytest.approx(0.8, abs=1e-6)
    else:
        assert enumerated_change(mean, 1e-9, late)[1] < 0.8


def test_no_fall_can_be_noticed_where_not_even_a_zero_would_be():
    """A count of 0 has the upper limit 3.6889, so a fall is noticed only where more are expected."""
    fall = detectable_ratio([3.68, 3.70]).fall
    assert np.isnan(fall).tolist() == [True, False]
    assert fall[1] * 3.70 == pytest.approx(-np.log(0.8))  # the mean of which a count of 0 has the probability 0.8


def test_a_missing_expectation_gives_a_missing_result_and_no_other():
    for found in (detectable_ratio([np.nan, 20]), detectable_change([np.nan, 20])):
        assert np.isnan(found.rise).tolist() == np.isnan(found.fall).tolist() == [True, False]
    assert np.isnan(noticed([np.nan, 20], [2, np.nan])).all()


def test_one_expectation_gives_one_result():
    assert np.ndim(detectable_ratio(20).rise) == 0
    assert float(detectable_change(20).rise) == pytest.approx(float(detectable_change([20, 3]).rise[0]), rel=1e-9)


def test_a_change_needs_to_be_larger_than_a_difference_from_a_known_rate():
    expected = np.array([1, 5, 20, 100])
    assert (detectable_change(expected).rise > detectable_ratio(expected).rise).all()


def test_a_longer_period_after_lets_smaller_changes_be_noticed():
    shorter, longer = detectable_change([20, 20], exposure_after=[1, 3]).rise
    assert longer < shorter


# Faults


def test_every_fault_is_listed_at_once():
    with pytest.raises(ValueError) as fault:
        detectable_change([0, 5], exposure_before=[1, -1], power=1.2)
    assert str(fault.value) == (
        "expected_before must be above 0 and finite (position 0); exposure_before must be above 0 and finite "
        "(position 1); power must lie between 1 - confidence and 1"
    )


@pytest.mark.parametrize("power", [0.04, 1, float("nan")])
def test_a_power_that_chance_alone_reaches_or_nothing_reaches_is_refused(power):
    with pytest.raises(ValueError, match=r"^power must lie between 1 - confidence and 1$"):
        detectable_ratio(5, power=power)


def test_a_ratio_of_zero_is_refused():
    with pytest.raises(ValueError, match=r"^ratio must be above 0 and finite$"):
        noticed(5, 0)


# Properties


@given(expectations, powers)
def test_a_detectable_ratio_is_noticed_with_exactly_the_power_asked_for(expected, power):
    found = detectable_ratio(expected, power=power)
    assert float(noticed(expected, found.rise).higher) == pytest.approx(power, rel=1e-6)
    assert found.rise > 1
    if np.isfinite(found.fall):
        assert float(noticed(expected, found.fall).lower) == pytest.approx(power, rel=1e-6)
        assert found.fall < 1
    else:
        assert exact_poisson_limits(0)[1] >= expected


@given(expectations, st.tuples(powers, powers).map(sorted))
def test_more_power_needs_a_larger_difference(expected, levels):
    less, more = (detectable_ratio(expected, power=level) for level in levels)
    assert more.rise >= less.rise
    assert np.isnan(less.fall) or more.fall <= less.fall


# Simulated: the claims of the page, on few trials


def test_detectable_differences_are_noticed_four_times_in_five():
    chosen = [study for study in STUDIES if study.situation in {"5 expected", "mean 10 before"}]
    assert len(chosen) == 5
    assert all(outcome(study._replace(trials=2000), seed=1).within for study in chosen)
