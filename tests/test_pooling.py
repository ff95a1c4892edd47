"""Rates drawn towards a group, against published figures, the published iteration and their own definition."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import gamma
from statsmodels.stats.meta_analysis import combine_effects

from needs_assessment.methods.pooling import pooled_rate, prior_from_group, wary_prior

# Lip cancer in the 56 districts of Scotland, 1975-1980, observed and expected: Clayton and Kaldor (1987), table 1, with
# expected numbers to one decimal as in GeoBUGS 1.2, example "Scotland".
# fmt: off
LIP_OBSERVED = np.array([
    9, 39, 11, 9, 15, 8, 26, 7, 6, 20, 13, 5, 3, 8, 17, 9, 2, 7, 9, 7, 16, 31, 11, 7, 19, 15, 7, 10, 16, 11, 5, 3,
    7, 8, 11, 9, 11, 8, 6, 4, 10, 8, 2, 6, 19, 3, 2, 3, 28, 6, 1, 1, 1, 1, 0, 0,
], dtype=float)
LIP_EXPECTED = np.array([
    1.4, 8.7, 3.0, 2.5, 4.3, 2.4, 8.1, 2.3, 2.0, 6.6, 4.4, 1.8, 1.1, 3.3, 7.8, 4.6, 1.1, 4.2, 5.5, 4.4, 10.5,
    22.7, 8.8, 5.6, 15.5, 12.5, 6.0, 9.0, 14.4, 10.2, 4.8, 2.9, 7.0, 8.5, 12.3, 10.1, 12.7, 9.4, 7.2, 5.3, 18.8,
    15.8, 4.3, 14.6, 50.7, 8.2, 5.6, 9.3, 88.7, 19.6, 3.4, 3.6, 5.7, 7.0, 4.2, 1.8,
], dtype=float)
# fmt: on

NEIGHBOURS = [12, 30, 5, 22, 9, 40, 18, 3, 25, 11]
RESIDENTS = [1e4, 3e4, 8e3, 2e4, 1e4, 5e4, 2e4, 9e3, 2e4, 1e4]
groups = st.lists(st.tuples(st.integers(0, 300), st.floats(1e3, 3e5)), min_size=5, max_size=12)


def clayton_and_kaldor(observed: np.ndarray, expected: np.ndarray) -> tuple[float, float]:
    """The mean and variance of the gamma prior by the published iteration, as R's DCluster::empbaysmooth runs it."""
    shape, rate = 1.0, 1.0
    for _ in range(3000):
        smoothed = (observed + shape) / (expected + rate)
        mean = smoothed.mean()
        variance = ((1 + rate / expected) * (smoothed - mean) ** 2).sum() / (observed.size - 1)
        shape, rate = mean**2 / variance, mean / variance
    return mean, variance


# Golden


def test_prior_of_lip_cancer_in_scotland_is_that_of_the_published_iteration():
    prior = prior_from_group(LIP_OBSERVED, LIP_EXPECTED)
    np.testing.assert_allclose((prior.mean, prior.variance), clayton_and_kaldor(LIP_OBSERVED, LIP_EXPECTED), rtol=1e-9)
    assert prior.members == 56
    # Worked out with that iteration: the gamma's shape and rate.
    np.testing.assert_allclose(
        (prior.mean**2 / prior.variance, prior.mean / prior.variance), (1.64401530, 1.14884301), rtol=1e-8
    )


def test_prior_is_paule_and_mandels_for_the_variances_by_chance_that_it_ends_with():
    counts, exposures = np.array(NEIGHBOURS, dtype=float), np.array(RESIDENTS) / 1e4
    prior = prior_from_group(counts, exposures)
    found = combine_effects(counts / exposures, prior.mean / exposures, method_re="iterated", atol=1e-12)
    assert prior.variance == pytest.approx(found.tau2, rel=1e-6)
    assert prior.mean == pytest.approx(found.mean_effect_re, rel=1e-6)
    assert prior.mean_variance == pytest.approx(found.var_eff_w_re, rel=1e-6)


# Worked: countable by hand


def test_members_that_vary_no_more_than_chance_have_no_variance_and_their_pooled_rate():
    prior = prior_from_group([10, 12, 9, 11, 8], [1e4] * 5)
    assert prior.variance == 0
    assert prior.mean == pytest.approx(50 / 5e4)
    assert prior.mean_variance == pytest.approx(50 / 5e4**2)


def test_equal_members_have_the_sample_variance_less_chance():
    rates = np.array([4.0, 16, 25, 9, 36])
    prior = prior_from_group(rates, np.ones(5))
    assert prior.variance == pytest.approx(rates.var(ddof=1) - rates.mean())


def test_a_wary_prior_raises_chance_and_spread_together_before_chance_is_taken_away():
    rates = np.array([4.0, 16, 25, 9, 36])
    inflation = (3.182446305284263 / 1.959963984540054) ** 2  # Student's t with 3 degrees of freedom, normal
    assert wary_prior(rates, np.ones(5)).variance == pytest.approx(rates.var(ddof=1) * inflation - rates.mean())


def test_value_is_own_rate_and_mean_by_the_weight_and_is_the_mean_of_a_gamma_posterior():
    found = pooled_rate(3, 1e4, (NEIGHBOURS, RESIDENTS))
    prior = wary_prior([*NEIGHBOURS, 3], [*RESIDENTS, 1e4])
    shape, rate = prior.mean**2 / prior.variance, prior.mean / prior.variance
    assert found.value == pytest.approx((3 + shape) / (1e4 + rate) * 1e4)
    assert found.value == pytest.approx(found.own_weight * 3 + (1 - found.own_weight) * found.towards)
    assert 3 < found.value < found.towards


def test_limits_are_wider_than_if_the_prior_were_known():
    found = pooled_rate(3, 1e4, (NEIGHBOURS, RESIDENTS))
    prior = prior_from_group([*NEIGHBOURS, 3], [*RESIDENTS, 1e4])
    shape, rate = prior.mean**2 / prior.variance, prior.mean / prior.variance
    known = gamma.ppf([0.025, 0.975], 3 + shape) / (1e4 + rate) * 1e4
    assert found.upper - found.lower > known[1] - known[0]


def test_missing_counts_leave_members_out_and_a_missing_own_count_is_never_filled_in():
    missing = np.nan
    group = ([[*NEIGHBOURS, missing]] * 2, [[*RESIDENTS, missing]] * 2)
    found = pooled_rate([3, missing], [1e4, 1e4], group)
    alone = pooled_rate(3, 1e4, (NEIGHBOURS, RESIDENTS))
    np.testing.assert_allclose([part[0] for part in found], alone)
    assert np.isnan([found.value[1], found.lower[1], found.upper[1], found.own_weight[1]]).all()


def test_nothing_is_said_of_fewer_than_five_members_or_without_any_event():
    missing = np.nan
    found = pooled_rate([3, 3, 0], 1e4, ([[1, 2, 3, 4, missing], [1, 2, 3, 4, 5], [0] * 5], [[1e4] * 5] * 3))
    assert np.isnan(found.value).tolist() == np.isnan(found.own_weight).tolist() == [True, False, True]
    assert np.isnan(found.upper).tolist() == [True, False, True]


def test_a_zero_beside_neighbours_with_events_has_a_pooled_rate_above_zero():
    found = pooled_rate(0, 1e4, (NEIGHBOURS, RESIDENTS))
    assert 0 < found.lower < found.value < found.upper


# Properties


@given(groups, st.integers(0, 300), st.floats(1e3, 3e5))
def test_value_lies_between_the_own_rate_and_the_mean_and_inside_its_limits(group, count, residents):
    counts, exposures = (np.array(column, dtype=float) for column in zip(*group, strict=True))
    assume(counts.sum() + count > 0)
    found = pooled_rate(count, residents, (counts, exposures), per=1)
    low, high = sorted([count / residents, float(found.towards)])
    assert low * (1 - 1e-9) <= found.value <= high * (1 + 1e-9)
    assert 0 <= found.own_weight <= 1
    assert found.lower <= found.value <= found.upper


@given(groups)
def test_the_iteration_ends_where_the_equation_of_the_moments_holds(group):
    counts, exposures = (np.array(column, dtype=float) for column in zip(*group, strict=True))
    assume(counts.sum() > 0)
    prior = prior_from_group(counts, exposures)
    squares = ((counts / exposures - prior.mean) ** 2 / (prior.mean / exposures + prior.variance)).sum()
    wanted = counts.size - 1
    assert squares == pytest.approx(wanted, rel=1e-6) if prior.variance > 0 else squares <= wanted * (1 + 1e-9)


# Simulated


def test_nineteen_of_twenty_true_rates_of_small_areas_lie_within_the_limits_and_the_error_is_halved():
    random = np.random.default_rng(20250331)
    trials, shape = 4000, 1 / 0.5**2
    exposures = np.exp(random.uniform(np.log(8e3), np.log(2.5e5), (trials, 11)))
    exposures[:, 0] = 5e3
    rates = random.gamma(shape, 10e-4 / shape, exposures.shape)
    counts = random.poisson(rates * exposures)
    found = pooled_rate(counts[:, 0], exposures[:, 0], (counts[:, 1:], exposures[:, 1:]), per=1)
    held = ((found.lower <= rates[:, 0]) & (rates[:, 0] <= found.upper)).mean()
    assert 0.945 < held < 0.98
    error, own = ((each - rates[:, 0]) ** 2 for each in (found.value, counts[:, 0] / exposures[:, 0]))
    assert error.mean() < 0.65 * own.mean()


# Bad input


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: pooled_rate(-1, 0, (NEIGHBOURS, RESIDENTS)), "counts must be 0 or more.*exposures must be above 0"),
        (lambda: pooled_rate(1, 1, ([-1] * 5, [1] * 5)), "counts must be 0 or more"),
        (lambda: prior_from_group([1, np.inf], [1, np.nan]), r"counts.*position 1.*exposures.*position 1"),
    ],
)
def test_bad_input_is_refused_with_every_fault_at_once(call, message):
    with pytest.raises(ValueError, match=message):
        call()
