"""Change between two counts, against R and scipy, against the definition of an exact limit, and beside the usual."""

from __future__ import annotations

from math import inf, isnan
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import binom, binomtest, norm

from needs_assessment.methods.change import Change, count_change, percentage_change, usual_change_limits
from simulations.change import STUDIES
from simulations.study import outcome

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


@needs_cases
def test_every_change_of_r_is_reproduced_as_a_column():
    cases = pd.read_csv(CASES / "rate_change" / "poisson_test_R.csv")
    change = count_change(cases["x0"], cases["x1"], exposure_before=cases["T0"], exposure_after=cases["T1"])
    expected = cases[["x0", "x1", "rr", "lo", "hi", "p_two_sided"]]
    np.testing.assert_allclose(np.column_stack(change), expected, rtol=1e-8)


def test_a_column_of_changes_has_the_p_values_of_scipy():
    """scipy.stats.binomtest, one by one; counts with ties, zeros and unlike exposures."""
    numbers = np.random.default_rng(20)
    before, after = numbers.poisson(numbers.lognormal(2.5, 1.2, (2, 400)))
    early, late = numbers.choice([0.5, 1, 1, 1.7, 3], (2, 400))
    change = count_change(before, after, exposure_before=early, exposure_after=late)
    shares = late / (early + late)
    known = [binomtest(k, n, p).pvalue if n else 1 for k, n, p in zip(after, before + after, shares, strict=True)]
    np.testing.assert_allclose(change.p_value, known, rtol=1e-10, atol=1e-300)


def test_large_counts_have_the_p_value_of_scipy():
    for before, after in [(100_000, 100_500), (250_000, 248_000), (0, 3000)]:
        known = binomtest(after, before + after, 1 / 3).pvalue
        p_value = count_change(before, after, exposure_before=2).p_value
        assert p_value == pytest.approx(known, rel=1e-10, abs=1e-300)


# Worked


def test_no_events_in_either_period_says_nothing():
    change = count_change(0, 0)
    assert isnan(change.rate_ratio)
    assert change[3:] == (0, inf, 1)


def test_counts_that_a_table_holds_as_floating_point_are_accepted():
    assert count_change(np.float64(8), np.int64(22)) == count_change(8, 22)  # type: ignore[arg-type]
    assert isinstance(count_change(np.float64(8), 22).before, int)  # type: ignore[arg-type]


def test_one_pair_gives_plain_numbers_and_a_column_gives_arrays():
    assert [type(figure) for figure in count_change(8, 22)] == [int, int, float, float, float, float]
    column = count_change([8, 17], [22, 34])
    for row, pair in enumerate([(8, 22), (17, 34)]):
        np.testing.assert_allclose([figure[row] for figure in column], count_change(*pair), rtol=1e-12)


def test_a_missing_count_in_a_column_gives_a_missing_change_and_no_other():
    before = pd.Series([8, None, 17, None], dtype="Int64")
    change = count_change(before, pd.Series([22, 5, None, None], dtype="Int64"))
    assert np.isnan(np.array(change[2:])).tolist() == [[False, True, True, True]] * 4
    assert np.isnan(change.before).tolist() == [False, True, False, True]
    assert change.rate_ratio[0] == 2.75


def test_one_count_before_serves_a_whole_column():
    np.testing.assert_allclose(count_change(10, [5, 10, 20]).rate_ratio, [0.5, 1, 2])


def test_zeros_in_a_column_keep_their_meanings():
    change = count_change([0, 0, 4], [0, 5, 0])
    np.testing.assert_array_equal(change.rate_ratio, [np.nan, inf, 0])
    np.testing.assert_allclose(change.lower, [0, 0.91635585731546, 0], rtol=1e-8)
    np.testing.assert_allclose(change.upper, [inf, inf, 1.51486685936587], rtol=1e-8)
    np.testing.assert_allclose(change.p_value, [1, 0.0625, 0.125])


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


def test_percentages_of_a_column_are_missing_below_the_floor_and_where_a_count_is_missing():
    percentages = percentage_change([19, 20, np.nan, 40], [30, 30, 30, np.nan])
    np.testing.assert_allclose(percentages, [np.nan, 50, np.nan, np.nan])


# Worked: what is usual between authorities


def test_usual_limits_of_equal_counts_equal_those_calculated_by_hand():
    """No spread, centre 0: z reaches 1.96 at a split of 100 events into a and 100 - a, solved by hand for a."""
    lower, upper = usual_change_limits(50, 50, centre=0.0, spread=0.0)
    a = 100 * float(upper) / (1 + float(upper))
    assert np.log((a + 0.5) / (100.5 - a)) / np.sqrt(1 / (a + 0.5) + 1 / (100.5 - a)) == pytest.approx(1.959964)
    assert float(lower) == pytest.approx(1 / float(upper))


def test_with_countless_events_the_usual_limits_are_those_of_the_spread_alone():
    lower, upper = usual_change_limits(1e12, 1e12, centre=0.1, spread=0.3)
    assert [float(lower), float(upper)] == pytest.approx(np.exp([0.1 - 0.3 * 1.959964, 0.1 + 0.3 * 1.959964]), rel=1e-5)


def test_no_change_of_so_few_events_is_unusual():
    lower, upper = usual_change_limits([0, 1, 3], [0, 2, 0], centre=0.0, spread=0.2)
    assert lower.tolist() == [0, 0, 0]
    assert upper.tolist() == [inf, inf, inf]


def test_a_fall_to_zero_can_be_unusual():
    lower, _ = usual_change_limits(12, 0, centre=0.0, spread=0.2)
    assert lower > 0


def test_usual_limits_are_missing_where_a_count_or_what_is_usual_is_missing():
    before, after = [8, np.nan, 8, 8], [9, 9, 9, 9]
    lower, upper = usual_change_limits(before, after, centre=[0, 0, np.nan, 0], spread=[0.2, 0.2, 0.2, np.nan])
    assert np.isnan(lower).tolist() == np.isnan(upper).tolist() == [False, True, True, True]


def test_a_negative_spread_is_refused():
    with pytest.raises(ValueError, match=r"^spread must be 0 or more \(position 1\)$"):
        usual_change_limits([1, 1], [2, 2], centre=0, spread=[0.1, -0.1])


# Faults


@pytest.mark.parametrize("wrong", [None, pd.NA, np.nan, inf, -1, 2.5])
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


def test_a_withheld_count_given_as_its_symbol_is_refused_without_printing_it():
    for change in (count_change, percentage_change):
        with pytest.raises(ValueError, match=r"^after must be numeric$"):
            change([30, 30], [3, "c"])


def test_a_column_with_faults_names_their_positions():
    with pytest.raises(ValueError) as fault:
        count_change([1, -1, None], [2.5, 1, 1], exposure_after=[1, 1, 0])
    assert str(fault.value) == (
        "before must be a whole number, 0 or more (position 1); after must be a whole number, 0 or more (position 0); "
        "exposure_after must be above 0 and finite (position 2)"
    )


def test_columns_in_another_order_are_refused():
    before, after = pd.Series([3, 4], index=["E1", "E2"]), pd.Series([3, 4], index=["E2", "E1"])
    with pytest.raises(ValueError, match="before and after must have the same index, row for row"):
        count_change(before, after)
    with pytest.raises(ValueError, match="before and exposure_after must have the same index, row for row"):
        count_change(before, before, exposure_after=after)


@pytest.mark.parametrize("confidence", [0, 1, 95])
def test_a_confidence_outside_0_to_1_is_refused(confidence):
    with pytest.raises(ValueError, match="confidence must lie between 0 and 1"):
        count_change(1, 2, confidence=confidence)
    with pytest.raises(ValueError, match="confidence must lie between 0 and 1"):
        usual_change_limits(1, 2, centre=0, spread=0, confidence=confidence)


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


@given(st.integers(0, 60), st.integers(0, 60), st.floats(0.2, 5), st.floats(0, 1), st.floats(0.8, 0.999))
def test_a_ratio_is_unusual_exactly_where_its_z_or_that_of_a_less_extreme_split_is(before, after, late, spread, level):
    assume(before + after > 0)
    lower, upper = usual_change_limits(before, after, exposure_after=late, centre=0.1, spread=spread, confidence=level)
    total, even = before + after, (before + after) * late * np.exp(0.1) / (1 + late * np.exp(0.1))
    a = np.linspace(even, after, 4001)
    z = (np.log((a + 0.5) / (total - a + 0.5) / late) - 0.1) / np.sqrt(
        1 / (a + 0.5) + 1 / (total - a + 0.5) + spread**2
    )
    reach = norm.isf((1 - level) / 2)
    assume(abs(np.abs(z).max() - reach) > 1e-4)
    ratio = count_change(before, after, exposure_after=late).rate_ratio
    assert lower < upper
    assert bool(ratio < lower) == (z.min() < -reach and after < even)
    assert bool(ratio > upper) == (z.max() > reach and after > even)


def test_no_event_is_at_least_as_unusual_as_one():
    """At 99.8% the z of 30 to 1 is 3.6 and that of 31 to 0 only 2.9, because a zero's logarithm varies so much."""
    for before, after in [(30, 1), (31, 0)]:
        lower, _ = usual_change_limits(before, after, centre=0.0, spread=0.0, confidence=0.998)
        assert after / before < lower


# Simulated: the claims of the page, on few trials


def test_changes_of_small_counts_keep_their_claims():
    chosen = [study for study in STUDIES if study.situation.startswith(("mean 2,", "mean 20,"))]
    assert len(chosen) == 16
    assert all(outcome(study._replace(trials=2000), seed=1).within for study in chosen)
