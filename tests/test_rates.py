"""Rates and proportions with limits, against published figures, other programs and their own definition."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import poisson

from needs_assessment.methods.rates import (
    byar_limits,
    exact_poisson_limits,
    proportion_with_limits,
    rate_with_limits,
)

CASES = Path(__file__).resolve().parents[1].parent / "shared" / "cases"
needs_cases = pytest.mark.skipif(not CASES.is_dir(), reason="the worked cases in ../shared/cases are not here")
LEVELS = [(0.95, "lower95_0cl", "upper95_0cl"), (0.998, "lower99_8cl", "upper99_8cl")]

counts = st.integers(0, 100_000)
exposures = st.floats(1, 1e7)
confidences = st.floats(0.5, 0.999)


# Golden: retyped, each with its origin


@pytest.mark.parametrize(
    ("count", "person_years", "confidence", "expected", "method"),
    [  # PHEindicatormethods (OHID, R package), test data "testdata_Rate", rows of rate per 100
        (1, 100, 0.95, (1, 0.0253178079843, 5.57164339094), "exact"),
        (1, 100, 0.998, (1, 0.00100050033358, 9.23341347645), "exact"),
        (5, 100, 0.95, (5, 1.62348639012, 11.6683320793), "exact"),
        (20, 100, 0.95, (20, 12.2114288349, 30.8898803692), "Byar"),
        (20, 100, 0.998, (20, 8.92280236514, 38.085035625), "Byar"),
        (222, 3215, 0.95, (6.90513219285, 6.02657487765, 7.87572937087), "Byar"),
        (9856, 12345, 0.95, (79.8379910895, 78.2694905898, 81.4300165427), "Byar"),
    ],
)
def test_rates_equal_those_of_phe_indicator_methods(count, person_years, confidence, expected, method):
    limits = rate_with_limits(count, person_years, per=100, confidence=confidence)
    np.testing.assert_allclose(limits[:3], expected, rtol=1e-10)
    assert limits.method.item() == method


@pytest.mark.parametrize(
    ("count", "total", "confidence", "lower", "upper"),
    [
        (65, 100, 0.95, 0.552544432969, 0.736357517569),  # PHEindicatormethods, "testdata_Byars_Wilson"
        (0.445, 1, 0.998, 0.0193470061329, 0.970225994702),  # the same: a weighted count need not be whole
        (89, 110, 0.95, 0.725716008203957, 0.871605922702632),  # R 4.2.2, prop.test(correct = FALSE)
        (0, 20, 0.95, 0, 0.161125158052819),  # the same
    ],
)
def test_proportions_equal_those_of_phe_indicator_methods_and_r(count, total, confidence, lower, upper):
    limits = proportion_with_limits([count], [total], confidence=confidence)
    np.testing.assert_allclose(limits[:3], [[count / total], [lower], [upper]], rtol=1e-10)
    assert limits.method.tolist() == ["Wilson"]


def test_exact_limits_equal_those_of_r():
    """R 4.2.2: poisson.test(x)$conf.int, for x of 0, 1, 5, 28 and 110."""
    lower, upper = exact_poisson_limits([0, 1, 5, 28, 110])
    expected = [0, 0.0253178079842899, 1.62348639011842, 18.6057966558575, 90.4066220923957]
    np.testing.assert_allclose(lower, expected, rtol=1e-10)
    expected = [3.68887945411394, 5.5716433909389, 11.6683320793227, 40.4677959432682, 132.579747026824]
    np.testing.assert_allclose(upper, expected, rtol=1e-10)


def test_rates_round_to_those_the_department_for_education_publishes():
    """Children in need, year ending 31 March 2025: child sexual exploitation, County Durham 12 and Darlington 11."""
    rates = rate_with_limits([122, 26], [100_432, 22_771])
    assert rates.value.round().tolist() == [12, 11]


# Golden: every row of the cases, where they are present


@needs_cases
@pytest.mark.parametrize(("per", "rows"), [(100, 8), (100_000, 10)])
@pytest.mark.parametrize(("confidence", "lower", "upper"), LEVELS)
def test_every_rate_of_phe_indicator_methods_is_reproduced(confidence, lower, upper, per, rows):
    cases = pd.read_csv(CASES / "phe" / "testdata_Rate__testdata_Rate.csv").dropna(subset="Denominator")
    cases = cases[cases["multiplier"] == per]
    limits = rate_with_limits(cases["Numerator"], cases["Denominator"], per=per, confidence=confidence)
    np.testing.assert_allclose(np.column_stack(limits[:3]), cases[["value", lower, upper]], rtol=1e-9)
    assert len(cases) == rows
    words = {"Exact": "exact", "Byars": "Byar"}
    assert limits.method.tolist() == [words.get(word) for word in cases["method"]]


@needs_cases
def test_a_rate_of_phe_indicator_methods_without_a_denominator_is_refused():
    cases = pd.read_csv(CASES / "phe" / "testdata_Rate__testdata_Rate.csv")
    with pytest.raises(ValueError, match=r"^person_years must be above 0, finite and not missing \(position 17, 18\)$"):
        rate_with_limits(cases["Numerator"], cases["Denominator"])


@needs_cases
@pytest.mark.parametrize(("confidence", "lower", "upper"), LEVELS)
def test_every_proportion_of_phe_indicator_methods_is_reproduced(confidence, lower, upper):
    cases = pd.read_csv(CASES / "phe" / "testdata_Proportion__testdata_Prop.csv").dropna(subset="Denominator")
    limits = proportion_with_limits(cases["Numerator"], cases["Denominator"], confidence=confidence)
    calculated = np.column_stack(limits[:3]) * cases[["multiplier"]].to_numpy()
    np.testing.assert_allclose(calculated, cases[["value", lower, upper]], rtol=1e-9)


@needs_cases
def test_every_byar_and_wilson_limit_of_phe_indicator_methods_is_reproduced():
    cases = pd.read_csv(CASES / "phe" / "testdata_Byars_Wilson__testdata_B_W.csv")
    assert cases["method"].value_counts().to_dict() == {"Byars": 7, "Wilson": 6}
    for case in cases.itertuples():
        confidence = float(case.confidence.rstrip("%")) / 100
        if case.method == "Wilson":
            _, lower, upper, _ = proportion_with_limits(case.x, case.n, confidence=confidence)
        else:
            lower, upper = byar_limits(case.x, confidence)
        # The one lower limit left blank there falls below 0.
        np.testing.assert_allclose([lower, upper], [np.nan_to_num(case.lowercl), case.uppercl], rtol=1e-9)


@needs_cases
def test_every_exact_poisson_limit_of_r_is_reproduced():
    cases = pd.read_csv(CASES / "rate_change" / "exact_poisson_ci_R.csv")
    for confidence, columns in [(0.95, ["lo95", "hi95"]), (0.998, ["lo99_8", "hi99_8"])]:
        calculated = np.column_stack(exact_poisson_limits(cases["count"], confidence))
        np.testing.assert_allclose(calculated, cases[columns], rtol=1e-9)


@needs_cases
def test_every_wilson_limit_of_r_is_reproduced():
    cases = pd.read_csv(CASES / "rate_change" / "proportions_R.csv")
    calculated = np.column_stack(proportion_with_limits(cases["x"], cases["n"])[:3])
    np.testing.assert_allclose(calculated, cases[["p", "wilson_lo", "wilson_hi"]], rtol=1e-9)


@needs_cases
def test_all_3948_rates_published_by_the_department_for_education_are_reproduced():
    """Published as whole numbers, halves up; the other rows carry c, x, z or u, or have no population."""
    cases = pd.read_csv(CASES / "dfe" / "efh_la_rates_acceptance.csv", dtype={"dfe_published_rate": str})
    published = cases[cases["dfe_published_rate"].str.isdigit()]
    rates = rate_with_limits(published["value"].astype(int), published["population_0_17_mid_prev_year"])
    assert len(published) == 3948
    assert np.floor(rates.value + 0.5).astype(int).astype(str).tolist() == published["dfe_published_rate"].tolist()
    np.testing.assert_allclose(rates.value, published["rate_per_10000_unrounded"], rtol=1e-12)


# Worked: zero, missing, the change of method, columns


def test_no_events_is_a_rate_of_zero_with_an_upper_limit():
    rate = rate_with_limits([0], [10_000])
    assert (rate.value[0], rate.lower[0]) == (0, 0)
    assert rate.upper[0] == pytest.approx(3.688879, abs=1e-6)  # -log(0.025)


@pytest.mark.parametrize("missing", [np.nan, None, pd.NA])
def test_a_missing_count_gives_missing_limits_and_no_method(missing):
    for limits in (rate_with_limits([missing, 4], [100, 100]), proportion_with_limits([missing, 4], [10, 10])):
        assert np.isnan(np.array(limits[:3])[:, 0]).all()
        assert np.isfinite(np.array(limits[:3])[:, 1]).all()
        assert limits.method[0] is None


def test_a_column_of_nullable_whole_numbers_is_accepted():
    limits = rate_with_limits(pd.Series([1, None], dtype="Int64"), pd.Series([100, 100], dtype="Int64"))
    assert limits.value[0] == 100
    assert np.isnan(limits.value[1])


def test_the_method_is_exact_below_ten_and_byar_from_ten():
    limits = rate_with_limits([9, 10, 11], [1, 1, 1], per=1)
    assert limits.method.tolist() == ["exact", "Byar", "Byar"]
    assert limits.lower[0] == pytest.approx(4.11537309737833)  # R 4.2.2, poisson.test(9)
    assert limits.lower[1] == pytest.approx(10 * (1 - 1 / 90 - 1.959963984540054 / (3 * 10**0.5)) ** 3)


def test_byar_limits_below_zero_are_zero():
    lower, upper = byar_limits(1, 0.998)
    assert lower == 0
    assert upper == pytest.approx(9.36218021791)  # PHEindicatormethods, "testdata_Byars_Wilson"


def test_limits_join_a_table_under_the_names_of_the_measure_table():
    table = pd.DataFrame({"count": [3, 30], "denominator": [1000, 1000]}, index=["E06000019", "E06000021"])
    measure = table.assign(**rate_with_limits(table["count"], table["denominator"])._asdict())
    assert measure.loc["E06000021", "value"] == 300
    assert measure.columns.tolist() == ["count", "denominator", "value", "lower", "upper", "method"]


def test_one_number_gives_one_rate():
    assert float(rate_with_limits(3, 1000).value) == 30
    assert float(proportion_with_limits(3, 10).value) == 0.3


def test_one_denominator_serves_a_whole_column():
    assert rate_with_limits([1, 2], 100, per=100).value.tolist() == [1, 2]
    assert proportion_with_limits([1, 2], 4).value.tolist() == [0.25, 0.5]


def test_none_and_all_have_limits_of_exactly_0_and_1():
    """The Wilson formula alone leaves rounding error, so that a limit could pass its own proportion."""
    total = np.arange(1, 5000)
    assert (proportion_with_limits(np.zeros_like(total), total).lower == 0).all()
    assert (proportion_with_limits(total, total).upper == 1).all()


# Faults


def test_every_fault_is_listed_at_once_with_its_position_and_no_value():
    with pytest.raises(ValueError) as fault:
        rate_with_limits([4321, -77, 5, 6, np.inf], [10_000, 10_000, 0, None, 1])
    assert str(fault.value) == (
        "count must be 0 or more and finite (position 1, 4); "
        "person_years must be above 0, finite and not missing (position 2, 3)"
    )


def test_a_long_list_of_faults_is_cut_and_counted():
    with pytest.raises(ValueError, match=r"position 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more"):
        rate_with_limits(np.ones(12), np.zeros(12))


def test_a_withheld_count_given_as_its_symbol_is_refused_without_printing_it():
    with pytest.raises(ValueError, match=r"^count must be numeric$") as fault:
        rate_with_limits(["c"], [100])
    assert fault.value.__suppress_context__


def test_a_missing_denominator_is_refused_even_beside_a_missing_count():
    with pytest.raises(ValueError, match=r"person_years must be above 0, finite and not missing \(position 0\)"):
        rate_with_limits([None], [None])


def test_a_part_larger_than_its_whole_is_refused():
    with pytest.raises(ValueError, match=r"^count must not be above total \(position 1\)$"):
        proportion_with_limits([3, 4], [3, 3])


def test_an_empty_whole_is_refused():
    with pytest.raises(ValueError, match=r"^total must be above 0, finite and not missing \(position 0, 1\)$"):
        proportion_with_limits([0, None], [0, 0])


def test_columns_in_another_order_are_refused():
    count = pd.Series([3, 4], index=["E06000019", "E06000021"])
    with pytest.raises(ValueError, match="count and person_years must have the same index, row for row"):
        rate_with_limits(count, pd.Series([100, 200], index=["E06000021", "E06000019"]))


@pytest.mark.parametrize("confidence", [0, 1, 95])
def test_a_confidence_outside_0_to_1_is_refused(confidence):
    with pytest.raises(ValueError, match="confidence must lie between 0 and 1"):
        rate_with_limits([1], [1], confidence=confidence)


def test_a_rate_per_nobody_is_refused():
    with pytest.raises(ValueError, match=r"^per must be above 0 and finite$"):
        rate_with_limits([1], [1], per=0)


# Properties


@given(counts, exposures, confidences)
def test_limits_contain_the_rate(count, person_years, confidence):
    limits = rate_with_limits(count, person_years, confidence=confidence)
    assert 0 <= limits.lower <= limits.value < limits.upper


@given(st.integers(0, 500), st.integers(1, 500), confidences)
def test_limits_contain_the_proportion_and_stay_between_0_and_1(count, others, confidence):
    limits = proportion_with_limits([count, others], [count + others] * 2, confidence=confidence)
    assert (limits.lower >= 0).all() and (limits.upper <= 1).all()
    assert (limits.lower <= limits.value).all() and (limits.value <= limits.upper).all()
    # The two parts of a whole mirror each other.
    np.testing.assert_allclose(limits.lower, 1 - limits.upper[::-1], atol=1e-12)


@given(confidences)
def test_one_more_event_always_raises_both_limits(confidence):
    limits = rate_with_limits(np.arange(200), 1, per=1, confidence=confidence)
    assert (np.diff(limits.lower) > 0).all()
    assert (np.diff(limits.upper) > 0).all()


@given(counts, exposures, st.tuples(confidences, confidences).map(sorted))
def test_more_confidence_never_narrows_the_limits(count, person_years, levels):
    less, more = (rate_with_limits(count, person_years, confidence=level) for level in levels)
    assert more.lower <= less.lower and more.upper >= less.upper


@given(counts, counts, exposures, exposures)
def test_the_rates_of_the_parts_of_a_period_make_the_rate_of_the_whole(first, second, early, late):
    parts = rate_with_limits([first, second], [early, late])
    whole = rate_with_limits(first + second, early + late)
    assert np.average(parts.value, weights=[early, late]) == pytest.approx(float(whole.value), rel=1e-12)


@given(counts, exposures, st.floats(0.01, 100))
def test_the_unit_of_exposure_does_not_matter(count, person_years, factor):
    one = rate_with_limits(count, person_years)
    other = rate_with_limits(count, person_years * factor, per=10_000 * factor)
    np.testing.assert_allclose(other[:3], one[:3], rtol=1e-12)


# Coverage, calculated rather than simulated


def least_coverage(lower: np.ndarray, upper: np.ndarray, largest_mean: float) -> float:
    """The least probability, over all means up to `largest_mean`, that the limits of a Poisson count hold its mean.

    Between two limits the covered counts are a fixed run, whose probability has a single peak in the mean. So the
    least is next to a limit, and looking on both sides of every limit finds it without simulation.
    """
    edges = np.concatenate([lower, upper])
    means = np.concatenate([edges * (1 - 1e-9), edges * (1 + 1e-9)])
    means = means[(means > 0) & (means < largest_mean), np.newaxis]
    held = (lower <= means) & (means <= upper)
    return float((poisson.pmf(np.arange(lower.size), means) * held).sum(axis=1).min())


def test_exact_limits_hold_the_mean_at_least_as_often_as_they_claim():
    assert 0.95 <= least_coverage(*exact_poisson_limits(np.arange(150)), 50) < 0.9505


def test_limits_that_turn_to_byar_at_ten_hold_the_mean_as_often():
    """Measured: never below 0.95019 for any mean up to 50 (exact limits: 0.95019)."""
    limits = rate_with_limits(np.arange(150), 1, per=1)
    assert least_coverage(limits.lower, limits.upper, 50) == pytest.approx(0.95019, abs=5e-6)


def test_limits_of_the_normal_approximation_fail_the_same_calculation():
    count = np.arange(150)
    width = 1.96 * np.sqrt(count)
    assert least_coverage(count - width, count + width, 50) < 0.5


def test_byar_limits_lie_close_to_exact_ones_from_ten():
    count = np.arange(10, 5000)
    for byar, exact in zip(byar_limits(count), exact_poisson_limits(count), strict=True):
        np.testing.assert_allclose(byar, exact, rtol=0.0017)
