"""Standardised rates and ratios, against published figures, calculations by hand and simulated repeat events."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from needs_assessment.methods.rates import byar_limits, rate_with_limits
from needs_assessment.methods.standardised import (
    directly_standardised_rate,
    expected_count,
    indirectly_standardised_rate,
    indirectly_standardised_ratio,
    standardised_rate_of_repeats,
)
from simulations.rates import STUDIES
from simulations.study import outcome

CASES = Path(__file__).resolve().parents[1].parent / "shared" / "cases"
needs_cases = pytest.mark.skipif(not CASES.is_dir(), reason="the worked cases in ../shared/cases are not here")

# Fay and Feuer (1997), Statistics in Medicine 16, 791-801, table II: children with Down's syndrome, Michigan 1950-1964,
# by the mother's age, fifth and later births; the standard is all births.
DOWN = [0, 8, 63, 112, 262, 295]
LATER_BIRTHS = [327, 30_666, 123_419, 149_919, 104_088, 34_392]
ALL_BIRTHS = [319_933, 931_318, 786_511, 488_235, 237_863, 61_313]

strata = arrays(int, (3, 4), elements=st.integers(3, 200))
exposures = arrays(float, (3, 4), elements=st.floats(10, 1e6))
standards = arrays(float, 4, elements=st.floats(0.1, 1e6))


# Golden: retyped, each with its origin


def test_a_directly_standardised_rate_equals_that_of_dsrtest():
    """R package dsrTest 1.0.0, vignette, on the data of Fay and Feuer (1997): 75.52901 per 100,000."""
    rate = directly_standardised_rate(DOWN, LATER_BIRTHS, ALL_BIRTHS, per=100_000)
    assert rate.value == pytest.approx(75.52901, abs=5e-6)
    assert rate.events == 740


def test_a_standardised_ratio_equals_a_published_one():
    """Calabrese (editor, 1992), Biological Effects of Low Level Exposures, table 7.5: 30 of 15.21, 1.33 to 2.82."""
    ratio = indirectly_standardised_ratio(30, 15.21)
    assert [round(float(figure), 2) for figure in ratio[1:3]] == [1.33, 2.82]


@needs_cases
@pytest.mark.parametrize("per", [10_000, 100_000])
def test_every_directly_standardised_rate_of_phe_indicator_methods_is_reproduced(per):
    """PHEindicatormethods, "testresults_DSR"; its four 99.8% cells are mis-scaled there and are not compared."""
    strata = pd.read_csv(CASES / "phe" / "testdata_DSR_ISR__testdata_1976.csv")
    results = pd.read_csv(CASES / "phe" / "testdata_DSR_ISR__testresults_DSR.csv").set_index("statistic")
    result = results.loc[f"dsr per {per}"]
    inputs = (strata["count"], strata["pop"], strata["esp1976"])
    rate = directly_standardised_rate(*inputs, per=per)
    np.testing.assert_allclose(rate[1:4], list(result[["value", "lower95_0cl", "upper95_0cl"]]), rtol=1e-10)
    assert (rate.events, rate.method) == (result["total_count"], result["method"])


def test_a_directly_standardised_rate_of_phe_indicator_methods_is_reproduced():
    """PHEindicatormethods, "testdata_1976" and "testresults_DSR" (OHID, R package)."""
    count = [127, 25, 18, 21, 12, 27, 48, 27, 29, 32, 32, 34, 45, 65, 38, 68, 74, 82]
    people = [636, 558, 609, 543, 384, 594, 669, 843, 660, 576, 606, 522, 426, 273, 300, 288, 153, 123]
    standard = [8, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 6, 5, 4, 3, 2, 1, 1]
    rate = directly_standardised_rate(count, people, standard)
    np.testing.assert_allclose(rate[1:4], [859.209758502, 799.116093144, 922.525388032], rtol=1e-10)


# Worked: repeat events, by hand


def test_limits_of_repeat_events_equal_those_calculated_by_hand():
    """Two strata of 1,000 and 500 person-years, standard 2 to 3. Persons with 1, 2 and 3 events: 6, 3, 1 and 4, 0, 2.

    Events 15 and 10; rate 2/5 * 15/1000 + 3/5 * 10/500 = 0.018. Squares 6 + 12 + 9 = 27 and 4 + 0 + 18 = 22, so the
    variance is (2/5)^2 * 27/1000^2 + (3/5)^2 * 22/500^2 = 3.6e-5, its root 0.006, and 0.006 / sqrt(25) = 0.0012.
    """
    rate = standardised_rate_of_repeats([[6, 3, 1], [4, 0, 2]], [1000, 500], [2, 3], per=1)
    low, high = byar_limits(25)
    assert rate.events == 25
    assert rate.value == pytest.approx(0.018)
    assert rate.lower == pytest.approx(0.018 + 0.0012 * (low - 25))
    assert rate.upper == pytest.approx(0.018 + 0.0012 * (high - 25))
    assert rate.method == "Dobson, repeat events"


def test_taking_repeat_events_as_independent_gives_the_same_rate_with_limits_that_are_too_narrow():
    repeats = standardised_rate_of_repeats([[6, 3, 1], [4, 0, 2]], [1000, 500], [2, 3])
    independent = directly_standardised_rate([15, 10], [1000, 500], [2, 3])
    assert independent.value == pytest.approx(float(repeats.value))
    assert repeats.lower < independent.lower and independent.upper < repeats.upper


def test_persons_with_one_event_each_have_the_limits_of_independent_events():
    ones = standardised_rate_of_repeats([[12, 0], [9, 0]], [1000, 500], [2, 3])
    independent = directly_standardised_rate([12, 9], [1000, 500], [2, 3])
    np.testing.assert_allclose(ones[:4], independent[:4])


# Worked: few events, missing counts, many areas


@pytest.mark.parametrize(("count", "given"), [([4, 5], False), ([5, 5], True), ([5, 6], True)])
def test_a_rate_is_given_from_ten_events_and_not_below(count, given):
    rate = directly_standardised_rate(count, [1000, 500], [2, 3])
    assert np.isfinite(rate[1:4]).all() == given
    assert np.isnan(rate[1:4]).all() != given
    assert rate.method.item() == ("Dobson" if given else None)
    assert rate.reason.item() == (None if given else "fewer than 10 events")


def test_a_missing_stratum_makes_its_area_missing_and_no_other():
    rates = directly_standardised_rate([[6, np.nan], [6, 8]], [1000, 500], [2, 3])
    assert rates.reason.tolist() == ["a count is missing", None]
    assert np.isnan([rates.events[0], rates.value[0], rates.lower[0], rates.upper[0]]).all()
    assert rates.value[1] == pytest.approx(10_000 * (0.4 * 6 / 1000 + 0.6 * 8 / 500))


def test_a_missing_number_of_persons_makes_its_area_missing():
    rates = standardised_rate_of_repeats([[[6, np.nan], [9, 0]], [[6, 1], [9, 0]]], [1000, 500], [2, 3])
    assert rates.reason.tolist() == ["a count is missing", None]


def test_an_area_with_the_ages_of_the_standard_has_its_crude_rate_and_byar_limits():
    rate = directly_standardised_rate([10, 40, 25], [2000, 3000, 5000], [20, 30, 50])
    crude = rate_with_limits(75, 10_000)
    assert rate.value == pytest.approx(float(crude.value))
    # The strata's own rates make the variance, so limits agree exactly only where these are alike.
    alike = directly_standardised_rate([20, 30, 50], [2000, 3000, 5000], [20, 30, 50])
    np.testing.assert_allclose(alike[1:4], rate_with_limits(100, 10_000)[:3])


def test_a_stratum_that_the_standard_does_not_have_does_not_matter():
    with_it = directly_standardised_rate([12, 9, 7], [1000, 500, 80], [2, 3, 0])
    assert with_it.value == pytest.approx(float(directly_standardised_rate([12, 9], [1000, 500], [2, 3]).value))


# Worked: indirect standardisation


def test_expected_counts_apply_the_reference_rates_to_each_area():
    expected = expected_count([[1000, 500], [200, 2000]], [30, 90], [10_000, 15_000])
    np.testing.assert_allclose(expected, [3 + 3, 0.6 + 12])


def test_a_ratio_is_observed_by_expected_with_the_limits_of_the_count():
    ratio = indirectly_standardised_ratio([4, 40, 12], [8, 20, np.nan])
    np.testing.assert_allclose(ratio.value, [0.5, 2, np.nan])
    np.testing.assert_allclose(ratio.upper[0] * 8, 10.2415886767)  # R 4.2.2, poisson.test(4)
    assert ratio.method.tolist() == ["exact", "Byar", None]
    assert np.isnan([ratio.lower[2], ratio.upper[2]]).all()


def test_an_indirectly_standardised_rate_is_the_ratio_times_the_reference_rate():
    ratio = indirectly_standardised_ratio([4, 40], [8, 20])
    rate = indirectly_standardised_rate([4, 40], [8, 20], 12.5)
    np.testing.assert_allclose(rate[:3], 12.5 * np.array(ratio[:3]))
    assert rate.method.tolist() == ["exact", "Byar"]


# Faults


def test_every_fault_of_a_directly_standardised_rate_is_listed_at_once():
    with pytest.raises(ValueError) as fault:
        directly_standardised_rate([-1, 5], [0, 10], [-2, 1], per=0)
    assert str(fault.value) == (
        "count must be 0 or more and finite (position 0); "
        "person_years must be above 0, finite and not missing (position 0); "
        "standard must be 0 or more, finite and not missing (position 0); per must be above 0 and finite"
    )


def test_a_standard_of_nobody_is_refused():
    with pytest.raises(ValueError, match="standard must not be 0 in every stratum"):
        directly_standardised_rate([6, 5], [10, 10], [0, 0])


def test_a_withheld_number_of_persons_given_as_its_symbol_is_refused_without_printing_it():
    with pytest.raises(ValueError, match=r"^persons must be numeric$"):
        standardised_rate_of_repeats([["c", 1], [2, 3]], [10, 10], [1, 1])


def test_every_fault_of_persons_is_listed_at_once():
    with pytest.raises(ValueError) as fault:
        standardised_rate_of_repeats([[-1, 1], [2, 3]], [10, np.nan], [1, 1])
    assert str(fault.value) == (
        "persons must be 0 or more and finite (position 0); "
        "person_years must be above 0, finite and not missing (position 1)"
    )


def test_an_expectation_that_is_not_above_zero_is_refused():
    with pytest.raises(
        ValueError, match=r"^count must be .* \(position 1\); expected must be above 0 and finite \(pos"
    ):
        indirectly_standardised_ratio([1, -1], [0, 1])
    with pytest.raises(ValueError, match=r"^reference_rate must be above 0, finite and not missing$"):
        indirectly_standardised_rate(1, 1, 0)
    with pytest.raises(ValueError, match=r"^reference_count .* \(position 0\); .*; reference_person_years must be"):
        expected_count([0, 1], [-1, 1], [1, 0])


# Properties


@given(strata, exposures, standards, st.floats(0.01, 100))
def test_only_the_proportions_of_the_standard_matter(count, person_years, standard, factor):
    one = directly_standardised_rate(count, person_years, standard)
    other = directly_standardised_rate(count, person_years, standard * factor)
    np.testing.assert_allclose(other[1:4], one[1:4], rtol=1e-9)


@given(strata, exposures, standards)
def test_a_standardised_rate_lies_between_the_rates_of_the_strata_and_in_its_limits(count, person_years, standard):
    rates = directly_standardised_rate(count, person_years, standard, per=1)
    strata_rates = count / person_years
    assert (rates.value <= strata_rates.max(axis=1) * (1 + 1e-9)).all()
    assert (rates.value >= strata_rates.min(axis=1) * (1 - 1e-9)).all()
    assert (rates.lower < rates.value).all() and (rates.value < rates.upper).all()


@given(strata, exposures)
def test_an_area_beside_itself_has_a_ratio_of_one(count, person_years):
    expected = expected_count(person_years, count, person_years)
    np.testing.assert_allclose(indirectly_standardised_ratio(count.sum(axis=1), expected).value, 1)


# Simulated: the claims of the page, on few trials


@pytest.mark.parametrize(("method", "within"), [("of repeats", True), ("as if independent", False)])
def test_only_the_limits_for_repeat_events_hold_the_truth_where_events_repeat(method, within):
    studies = [study for study in STUDIES if study.method.endswith(method) and "hardly any" not in study.situation]
    assert {outcome(study._replace(trials=1500), seed=1).within for study in studies} == {within}
