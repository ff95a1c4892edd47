"""The statistics of the recording screen: worked values, golden values from scipy's distributions, and properties."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import polygamma
from scipy.stats import binom, nbinom, poisson

from needs_assessment.methods.screening import (
    agreement_probability,
    at_least,
    comparable,
    gamma_shape,
    log_rate,
    offsetting_probability,
    spread_between,
    two_sided,
    zero_probability,
)

means = st.floats(0, 500)
spreads = st.floats(0, 2)

# Zeros


def test_by_chance_alone_a_zero_has_the_poisson_probability():
    assert zero_probability([0, 1, 6.9]).tolist() == pytest.approx([1, 0.36788, 0.00100779], rel=1e-5)


def test_between_areas_that_differ_a_zero_has_the_negative_binomial_probability():
    # A gamma variable of shape 3 has a logarithm with variance trigamma(3) = 1.644934 - 1 - 1/4.
    spread = np.sqrt(np.pi**2 / 6 - 1.25)
    assert gamma_shape(spread) == pytest.approx(3)
    expected = np.array([0.5, 10.7, 202.4])
    assert zero_probability(expected, spread) == pytest.approx(nbinom.pmf(0, 3, 3 / (3 + expected)))


def test_a_missing_expectation_gives_no_probability():
    assert np.isnan(zero_probability([np.nan], 0.5)).all()


@given(means, st.floats(0, 5), spreads, st.floats(0, 0.5))
def test_more_expected_makes_a_zero_rarer_and_more_spread_makes_it_commoner(mean, more, spread, wider):
    assert zero_probability(mean + more, spread) <= zero_probability(mean, spread) + 1e-12
    assert zero_probability(mean, spread + wider) >= zero_probability(mean, spread) - 1e-9


@given(st.floats(1e-3, 3))
def test_the_shape_has_the_stated_spread_of_logarithms(spread):
    assert polygamma(1, gamma_shape(spread)) == pytest.approx(spread**2)


# Agreements


@pytest.mark.parametrize("pair", [(3.0, 4.5), (24, 24), (0.2, 6)])
def test_two_counts_agree_as_often_as_the_products_of_their_probabilities_add_up_to(pair):
    counts = np.arange(200)
    both = poisson.pmf(counts, pair[0]) * poisson.pmf(counts, pair[1])
    assert agreement_probability(*pair) == pytest.approx(both.sum())


def test_two_means_of_zero_always_agree_and_one_leaves_only_the_zero():
    assert agreement_probability([0, 0, np.nan], [0, 2, 2]).tolist() == pytest.approx(
        [1, np.exp(-2), np.nan], nan_ok=True
    )


def test_equal_means_agree_about_once_in_the_root_of_four_pi_times_the_mean():
    # Herefordshire's two agreements, at 24 and 122 episodes: neither alone is rare.
    assert agreement_probability([24, 122], [24, 122]) == pytest.approx([0.0577, 0.0255], abs=1e-4)


def test_at_least_so_many_of_equal_trials_is_the_binomial():
    chance = np.full((4, 6), 0.3)
    assert at_least([0, 1, 3, 6], chance) == pytest.approx(binom.sf([-1, 0, 2, 5], 6, 0.3))


@given(st.lists(st.floats(0, 1), min_size=1, max_size=6), st.integers(0, 6))
def test_at_least_so_many_of_unequal_trials_adds_every_way_it_can_happen(chances, wanted):
    ways = itertools.product([0, 1], repeat=len(chances))
    exact = sum(
        np.prod([p if hit else 1 - p for p, hit in zip(chances, way, strict=True)])
        for way in ways
        if sum(way) >= wanted
    )
    assert at_least(min(wanted, len(chances) + 1), chances)[0] == pytest.approx(exact)


def test_a_missing_trial_is_none():
    assert at_least([1], [[0.25, np.nan]]) == pytest.approx([0.25])


# Spread and change


def test_a_count_of_zero_has_a_logarithm_and_a_wide_variance():
    value, variance = log_rate([0, 24, np.nan], [10, 10, 10])
    assert value.tolist() == pytest.approx([np.log(0.05), np.log(2.45), np.nan], nan_ok=True)
    assert variance.tolist() == pytest.approx([2, 1 / 24.5, np.nan], nan_ok=True)


def test_chance_alone_leaves_no_spread():
    assert spread_between([1.0, 1.0, 1.0], 0.1) == 0
    assert spread_between([0.9, 1.0, 1.1], [1, 1, 1]) == 0


@pytest.mark.parametrize("spread", [0.2, 0.6])
def test_the_spread_is_recovered_with_and_without_odd_areas(spread):
    # Seeded. 4,000 values give the spread within a few per cent; however odd, 5% widen it by less than a quarter.
    generator = np.random.default_rng(7)
    variance = generator.uniform(0.001, 0.05, 4000)
    values = generator.normal(0, np.sqrt(variance + spread**2))
    assert spread_between(values, variance) == pytest.approx(spread, rel=0.05)
    values[:200] -= 10
    assert spread <= spread_between(values, variance) < spread * 1.25


def test_the_winsorised_moment_without_consistency_would_come_out_a_fifth_short():
    # Why the estimate is divided by 0.679, the mean square of a standard normal variable drawn in by a tenth.
    values = np.random.default_rng(8).normal(0, 1, 100_000)
    drawn_in = np.clip(values, *np.quantile(values, [0.1, 0.9]))
    assert np.sqrt(np.mean(drawn_in**2)) == pytest.approx(0.824, abs=0.005)
    assert spread_between(values, 1e-9) == pytest.approx(1, abs=0.01)


@given(st.lists(st.floats(-5, 5), min_size=3, max_size=40), st.floats(0.01, 1), st.floats(-3, 3))
def test_the_spread_does_not_depend_on_where_the_values_lie(values, variance, shift):
    moved = np.asarray(values) + shift
    assert spread_between(moved, variance) == pytest.approx(spread_between(values, variance), abs=1e-6)


def test_the_probability_of_a_jump_counts_both_directions():
    assert two_sided([0, 1.959964, -3.090232, np.nan]).tolist() == pytest.approx(
        [1, 0.05, 0.002, np.nan], rel=1e-5, nan_ok=True
    )


# Opposite moves


def test_opposite_moves_are_as_improbable_as_the_nearer_of_them_twice():
    assert offsetting_probability([4.8, -2.0], [-2.0, 9.0]) == pytest.approx([2 * 0.0227501**2] * 2, rel=1e-4)


def test_moves_in_one_direction_offset_nothing():
    assert offsetting_probability([4, -4, 0, np.nan], [3, -3, 3, -3]).tolist() == pytest.approx(
        [1, 1, 1, np.nan], nan_ok=True
    )


def test_moves_are_comparable_from_half_the_larger_upwards():
    assert comparable([-386, 10, 10, np.nan], [451, -20, -21, 5]).tolist() == [True, True, False, False]


# Faults


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: zero_probability([1, -7], 0.1), r"expected must be 0 or more \(position 1\)"),
        (lambda: zero_probability([1, 2], [0.1, np.nan]), r"spread must be 0 or more and not missing \(position 1\)"),
        (lambda: agreement_probability([1], [-7]), r"means must be 0 or more \(position 0\)"),
        (lambda: at_least([1], [[0.2, 1.7]]), r"between 0 and 1 \(position 0\)"),
        (lambda: spread_between([], []), "values must not be empty"),
        (lambda: spread_between([1, np.nan], [1, 0]), r"finite \(position 1\); chance_variance .* \(position 1\)"),
    ],
)
def test_a_fault_names_the_position_and_never_the_value(call, message):
    with pytest.raises(ValueError, match=message) as told:
        call()
    assert "7" not in str(told.value)
