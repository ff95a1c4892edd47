"""Trends: the published fit, the same as statsmodels row by row, gaps, breaks, and limits that hold."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t

from needs_assessment.methods.trend import since_last_break, trend

# Deaths from AIDS in Australia by quarter from January 1983 to June 1986: Dobson (1990), An Introduction to
# Generalized Linear Models, Chapman and Hall, from Whyte, Gold, Dobson and Cooper (1987), Medical Journal of Australia.
AIDS_DEATHS = [0, 1, 2, 3, 1, 4, 9, 18, 23, 31, 20, 25, 37, 45]


def of_one(counts: list[float | None], **options: float) -> tuple[float, float, float]:
    """The ratio of one series of years and its limits."""
    found = trend([counts], 1.0, range(len(counts)), **options)
    return float(found.ratio_per_year[0]), float(found.lower[0]), float(found.upper[0])


def test_the_published_fit_of_aids_deaths_is_reproduced() -> None:
    # R: glm(deaths ~ quarter, family = poisson) gives 0.2565 for the quarter with a standard error of 0.0220.
    found = trend([AIDS_DEATHS], 1.0, np.arange(14.0))
    assert np.log(found.ratio_per_year[0]) == pytest.approx(0.2565, abs=5e-5)
    quasi_error = 0.02204 * np.sqrt(found.dispersion[0])
    half = np.log(found.upper[0] / found.ratio_per_year[0])
    assert half == pytest.approx(t.isf(0.025, 12) * quasi_error, rel=1e-3)


def test_every_row_is_what_statsmodels_fits_with_its_gaps_and_exposures() -> None:
    generator, years = np.random.default_rng(7), np.array([2018.5, 2019.5, 2020.5, 2021.5, 2023.0, 2024.0, 2025.25])
    exposures = generator.uniform(0.5, 20, (40, 7))
    counts = generator.poisson(exposures * generator.uniform(1, 9, (40, 1))).astype(float)
    counts[generator.random((40, 7)) < 0.1] = np.nan
    found = trend(counts, exposures, years)
    for row in np.flatnonzero(np.equal(found.reason, None)):
        known = np.isfinite(counts[row])
        design = sm.add_constant(years[known] - 2020)
        fit = sm.GLM(counts[row][known], design, sm.families.Poisson(), exposure=exposures[row][known])
        fit = fit.fit(tol=1e-13, maxiter=100)
        assert np.log(found.ratio_per_year[row]) == pytest.approx(fit.params[1], abs=1e-8)
        assert found.dispersion[row] == pytest.approx(fit.pearson_chi2 / fit.df_resid, abs=1e-8)
        half = t.isf(0.025, fit.df_resid) * fit.bse[1] * np.sqrt(max(fit.pearson_chi2 / fit.df_resid, 1))
        assert np.log(found.upper[row]) == pytest.approx(fit.params[1] + half, abs=1e-7)
    assert np.equal(found.reason, None).sum() > 30


def test_a_rate_that_halves_each_year_has_a_ratio_of_a_half_and_no_dispersion() -> None:
    found = trend([[160, 80, 40, 20, 10]], 1.0, range(5))
    assert found.ratio_per_year[0] == pytest.approx(0.5)
    assert found.dispersion[0] == pytest.approx(0, abs=1e-12)
    assert found.dispersion_p[0] == pytest.approx(1)
    assert (found.model[0], found.periods[0], found.reason[0]) == ("Poisson", 5, None)


def test_a_rate_is_followed_and_not_its_count() -> None:
    found = trend([[10, 20, 40, 80, 160]], [[1, 2, 4, 8, 16]], range(5))
    assert found.ratio_per_year[0] == pytest.approx(1)


def test_quarters_give_the_ratio_of_a_whole_year() -> None:
    found = trend([[16, 32, 64, 128, 256]], 1.0, np.arange(5) / 4)
    assert found.ratio_per_year[0] == pytest.approx(16)


def test_more_scatter_than_chance_is_found_and_widens_the_limits() -> None:
    wild = trend([[100, 20, 150, 30, 120, 10]], 1.0, range(6))
    assert wild.model[0] == "quasi-Poisson"
    assert wild.dispersion[0] > 20
    assert wild.dispersion_p[0] < 1e-10
    assert wild.upper[0] / wild.lower[0] > 2


@pytest.mark.parametrize(
    ("counts", "reason"),
    [
        ([1, 2, 3, 4, None], "fewer than 5 periods with a count"),
        ([0, 0, 0, 0, 0], "no event in any period"),
        ([0, 0, 0, 0, 9], "every event in the first or in the last period"),
        ([9, 0, 0, 0, 0], "every event in the first or in the last period"),
    ],
)
def test_without_a_trend_everything_is_missing_and_a_reason_given(counts: list[float | None], reason: str) -> None:
    found = trend([counts, [5, 6, 7, 8, 9]], 1.0, range(5))
    assert list(found.reason) == [reason, None]
    assert found.model[0] is None
    assert np.isnan([figures[0] for figures in found[:5]]).all()
    assert np.isfinite([figures[1] for figures in found[:5]]).all()


def test_a_table_of_no_series_has_no_trends() -> None:
    assert trend(np.empty((0, 5)), np.empty((0, 5)), range(5)).ratio_per_year.shape == (0,)


def test_a_single_late_event_more_has_limits_that_may_be_infinite() -> None:
    ratio, lower, upper = of_one([1, 0, 0, 0, 100_000])
    assert lower < ratio < upper


def test_counts_before_the_last_break_are_left_out() -> None:
    counts = [[90, 90, 10, 11, 12, 13, 14], [1, 2, 3, 4, 5, 6, 7]]
    breaks = np.zeros((2, 7), dtype=bool)
    breaks[0, [1, 2]] = True
    kept = since_last_break(counts, breaks)
    assert np.isnan(kept).tolist() == [[True, True] + [False] * 5, [False] * 7]
    assert trend(kept, 1.0, range(7)).ratio_per_year[0] > 1


def test_a_wandering_level_widens_the_limits_by_its_own_variance() -> None:
    # By hand: without chance the slope of a walk over 5 points at weights -2 to 2 is the sum of its four steps times
    # 2, 3, 3 and 2, divided by 10: a variance of 26 ÷ 100 of a step's.
    _, lower, upper = of_one([10**9] * 5, change_sd=0.3)
    assert np.log(upper / lower) / 2 == pytest.approx(1.959964 * 0.3 * np.sqrt(0.26), rel=1e-4)


def test_the_wider_of_the_two_limits_counts() -> None:
    wild = [100, 20, 150, 30, 120, 10]
    assert of_one(wild, change_sd=0.01) == of_one(wild)


@given(st.lists(st.integers(1, 200), min_size=5, max_size=9), st.floats(0, 1))
def test_turning_time_round_turns_the_ratio_over(counts: list[int], change_sd: float) -> None:
    forward, backward = of_one(counts, change_sd=change_sd), of_one(counts[::-1], change_sd=change_sd)
    assert forward[0] == pytest.approx(1 / backward[0], rel=1e-9)
    assert forward[1] == pytest.approx(1 / backward[2], rel=1e-9)


@given(st.lists(st.integers(0, 50), min_size=5, max_size=9), st.floats(0.1, 1000))
def test_the_unit_of_exposure_changes_nothing(counts: list[int], unit: float) -> None:
    one, other = (trend([counts], base, range(len(counts))) for base in (1.0, unit))
    np.testing.assert_allclose(one.ratio_per_year, other.ratio_per_year, rtol=1e-9)


def test_bad_input_is_refused_with_every_fault_and_no_value() -> None:
    with pytest.raises(ValueError, match=r"counts must.*position 1.*exposures must be above 0.*position 0"):
        trend([[1] * 5, [-3] * 5], [[0] * 5, [1] * 5], range(5))
    with pytest.raises(ValueError, match=r"times must rise.*position 2.*change_sd must be 0 or more"):
        trend([[1] * 5], 1.0, [0, 1, 1, 2, 3], change_sd=-1)
    with pytest.raises(ValueError, match="times must be one for each period"):
        trend([[1] * 5], 1.0, range(4))
    with pytest.raises(ValueError, match="exposures must have the shape"):
        trend([[1] * 5], [[1.0] * 4], range(5))
    with pytest.raises(ValueError, match="breaks must have the shape"):
        since_last_break([[1, 2]], [[True]])


def test_limits_hold_no_trend_as_often_as_they_say_and_a_wandering_level_only_when_told() -> None:
    generator = np.random.default_rng(20250331)
    walk = np.exp(0.3 * generator.normal(size=(2000, 8)).cumsum(axis=1))
    counts = generator.poisson(25 * walk)
    called = {}
    for change_sd in (0.0, 0.3):
        found = trend(counts, 1.0, range(8), change_sd=change_sd)
        called[change_sd] = np.mean((found.lower > 1) | (found.upper < 1))
    assert called[0.3] < 0.06 < 0.25 < called[0.0]
