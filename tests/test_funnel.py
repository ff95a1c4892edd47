"""Funnel limits and over-dispersion, against published figures, other programs and their own definition."""

from __future__ import annotations

import csv
import json
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import nbinom, poisson

from needs_assessment.methods.funnel import (
    chance_limits,
    dispersion,
    funnel_limits,
    gamma_limits,
    prediction_from_group,
    spread,
)
from needs_assessment.methods.rates import byar_limits, exact_poisson_limits, proportion_with_limits

SHARED = Path(__file__).resolve().parents[1].parent / "shared"
CASES, OFFICIAL = SHARED / "cases", SHARED / "official"
needs_cases = pytest.mark.skipif(not CASES.is_dir(), reason="the worked cases in ../shared/cases are not here")
needs_official = pytest.mark.skipif(
    not (CASES.is_dir() and OFFICIAL.is_dir()), reason="the official statistics in ../shared/official are not here"
)
LEVELS = {"2s": 0.95, "3s": 0.998}

# clinical-qikit 0.5.0 (MIT), fixtures of Spiegelhalter's estimators: counts, exposures, phi and tau
QIKIT = {
    "funnel_oep_overdispersion": (
        [23, 8, 34, 19, 59, 31, 72, 38, 104, 64, 120, 88],
        [12, 18, 25, 30, 38, 45, 55, 64, 72, 85, 96, 110],
        6.261737027903767,
        0.33545519829803466,
    ),
    "funnel_oep_underdispersion": (
        [12, 19, 24, 31, 37, 46, 54, 66, 71, 86, 95, 111],
        [12, 18, 25, 30, 38, 45, 55, 64, 72, 85, 96, 110],
        0.02289866795028789,
        0.0,
    ),
    "funnel_up_additive": (
        [1, 0, 3, 2, 5, 1, 7, 4, 9, 3, 12, 6, 15, 8, 20],
        [310, 420, 500, 640, 700, 820, 900, 1100, 1300, 1500, 1800, 2100, 2500, 3000, 3600],
        1.2236550150034697,
        0.0010158720280221225,
    ),
}


# Golden: retyped, each with its origin


@pytest.mark.parametrize("name", QIKIT)
def test_over_dispersion_equals_that_of_qikit(name):
    counts, exposures, phi, tau = QIKIT[name]
    found = dispersion(counts, exposures)
    np.testing.assert_allclose(found[:3], (sum(counts) / sum(exposures), phi, tau), rtol=1e-12)
    assert found.areas == len(counts)


def test_over_dispersion_of_proportions_equals_that_of_qikit():
    # the same, "funnel_pp_additive": the variance by chance is that of a proportion
    counts = np.array([2, 14, 5, 30, 9, 41, 20, 77, 35, 50, 160, 96])
    totals = np.array([40, 50, 60, 80, 100, 120, 150, 200, 250, 300, 500, 600])
    target = counts.sum() / totals.sum()
    found = spread(counts / totals, target, target * (1 - target) / totals)
    np.testing.assert_allclose(found, (10.854321279129527, 0.09877225009979346), rtol=1e-12)


@pytest.mark.parametrize(
    ("expected", "confidence", "observed"),
    [  # PHEindicatormethods, "testdata_funnel_ratio_outputs": events expected where so many observed just stand out
        (5.571644585, 0.95, (1, None)),
        (0.025317898, 0.95, (None, 1)),
        (18.061637, 0.998, (6, None)),
        (603.869266, 0.95, (None, 653)),
        (735.885460, 0.998, (653, None)),
    ],
)
def test_chance_limits_equal_those_of_public_health_england(expected, confidence, observed):
    for limit, count in zip(chance_limits(expected, 1.0, confidence=confidence, per=expected), observed, strict=True):
        if count is not None:
            assert limit == pytest.approx(count, rel=2e-5)


# Golden: every row of the worked cases


@cache
def dfe_tables() -> tuple[pd.DataFrame, pd.DataFrame]:
    """The published factors of authorities, and residents under 18."""
    folder, factors = OFFICIAL / "children_in_need", "c3_factors_identified_at_end_of_assessment_2018_to_2025.csv"
    published = pd.read_csv(folder / factors, dtype=str)
    residents = pd.read_csv(OFFICIAL / "population" / "ons_mid-year_population_estimates_2012_to_2024.csv", dtype=str)
    return published[published["geographic_level"] == "Local authority"], residents[residents["new_la_code"].notna()]


def dfe_counts(factor: str, year: int) -> tuple[np.ndarray, np.ndarray]:
    """Counts of authorities and their residents under 18 in the middle of the year before, where both are known."""
    published, residents = dfe_tables()
    known = residents[residents["time_period"] == str(year - 1)].set_index("new_la_code")["population_estimate"]
    areas = published[published["time_period"] == str(year)]
    counts = pd.to_numeric(areas[factor], errors="coerce").to_numpy(float)
    exposures = pd.to_numeric(areas["new_la_code"].map(known), errors="coerce").to_numpy(float)
    return np.where(np.isnan(exposures), np.nan, counts), exposures


@needs_official
def test_every_published_factor_and_year_has_the_over_dispersion_and_the_numbers_outside_that_were_worked_out():
    for row in pd.read_csv(CASES / "dfe" / "derived_overdispersion_by_factor_year.csv").itertuples():
        counts, exposures = dfe_counts(row.factor, row.year)
        found = dispersion(counts, exposures)
        assert found.areas == row.n_las
        per_10k = (found.target * 1e4, found.phi, found.tau * 1e4)
        np.testing.assert_allclose(per_10k, (row.pooled_rate_per_10k, row.phi_winsor10, row.tau_per_10k), rtol=1e-9)
        values, known = counts / exposures * 1e4, ~np.isnan(counts)
        outside = []
        for tau in (0.0, found.tau):
            for confidence in (0.95, 0.998):
                limits = funnel_limits(exposures[known], found.target, tau, confidence=confidence)
                outside.append(((values[known] < limits.lower) | (values[known] > limits.upper)).sum())
        chance_95, chance_998 = row.n_outside_95_poisson_z, row.n_outside_998_poisson_z
        assert outside == [chance_95, chance_998, row.n_outside_95_adjusted, row.n_outside_998_adjusted]


@needs_official
def test_sexual_exploitation_in_2025_has_104_of_153_areas_outside_by_chance_and_20_with_the_spread_allowed_for():
    counts, exposures = dfe_counts("Child_sexual_exploitation", 2025)
    found = dispersion(counts, exposures)
    values = counts / exposures * 1e4
    outside = [
        int(((values < limits.lower) | (values > limits.upper)).sum())
        for limits in (funnel_limits(exposures, found.target), funnel_limits(exposures, found.target, found.tau))
    ]
    assert (outside, int(found.areas)) == ([104, 20], 153)


@needs_cases
def test_every_qikit_funnel_case_has_its_over_dispersion():
    cases = [json.loads(path.read_text(encoding="utf-8")) for path in (CASES / "spc" / "qikit").glob("funnel_*.json")]
    assert len(cases) == 9
    for case in cases:
        counts, exposures = (np.array(case["input"][name], dtype=float) for name in ("y", "n"))
        target = counts.sum() / exposures.sum()
        by_chance = target * (1 - target) if case["input"]["chart"] in ("p", "pp") else target
        expected = (case["summary"]["dispersion_phi"], case["summary"]["dispersion_tau"])
        np.testing.assert_allclose(spread(counts / exposures, target, by_chance / exposures), expected, rtol=1e-9)


@needs_cases
def test_interpolated_poisson_limits_of_qikit_are_up_to_one_event_narrower_above_than_the_exact_ones():
    """They are another method: the quantile itself is outside, though its own tail exceeds the probability."""
    for name in ("funnel_oe_exact", "funnel_oe_physician_power", "funnel_u_chart", "funnel_oep_underdispersion"):
        case = json.loads((CASES / "spc" / "qikit" / f"{name}.json").read_text(encoding="utf-8"))
        rows = pd.DataFrame(case["data"])
        counts, exposures = (np.array(case["input"][column], dtype=float) for column in ("y", "n"))
        order = np.argsort(exposures)  # as their plot has them
        exposures = exposures[order]
        np.testing.assert_allclose(rows["y"], (counts / np.array(case["input"]["n"]))[order], rtol=1e-9)
        for confidence, ending in ((0.998, ""), (0.95, "_95")):
            limits = chance_limits(exposures, rows["cl"], confidence=confidence, per=1)
            above = (limits.upper - rows[f"ucl{ending}"]) * exposures
            assert above.between(0, 1 + 1e-6).all()
            # Below, both let the same whole counts stand out.
            theirs = np.ceil(np.round(rows[f"lcl{ending}"] * exposures, 6))
            assert (theirs == np.ceil(np.round(limits.lower * exposures, 6))).all()


@needs_cases
def test_poisson_gamma_limits_of_qikit_let_the_same_whole_counts_stand_out():
    for name in ("funnel_oep_overdispersion", "funnel_up_additive"):
        case = json.loads((CASES / "spc" / "qikit" / f"{name}.json").read_text(encoding="utf-8"))
        rows, tau = pd.DataFrame(case["data"]), case["summary"]["dispersion_tau"]
        exposures = np.sort(np.array(case["input"]["n"], dtype=float))
        for confidence, ending in ((0.998, ""), (0.95, "_95")):
            limits = gamma_limits(exposures, rows["cl"], tau, confidence=confidence, per=1)
            # Theirs lies between the quantile and the count before it, in proportion to the probabilities.
            lower, upper = (np.ceil(np.round(rows[name + ending] * exposures, 6)) for name in ("lcl", "ucl"))
            # Ours lies within the count before the lower quantile, and within the one after the upper.
            np.testing.assert_array_equal(np.ceil(limits.lower * exposures), lower)
            np.testing.assert_array_equal(np.floor(limits.upper * exposures), upper)


@needs_cases
def test_byar_funnel_of_qikit_is_byars_formula_at_the_expected_count():
    case = json.loads((CASES / "spc" / "qikit" / "funnel_oe_byar.json").read_text(encoding="utf-8"))
    exposures, rows = np.array(case["input"]["n"], dtype=float), pd.DataFrame(case["data"])
    expected = rows["cl"].to_numpy() * exposures
    lower, upper = byar_limits(expected, 0.998)[0], byar_limits(expected - 1, 0.998)[1]  # without Byar's one event more
    np.testing.assert_allclose(lower / exposures, rows["lcl"], rtol=1e-9)
    np.testing.assert_allclose(upper / exposures, rows["ucl"], rtol=1e-9)


@needs_cases
def test_funnelplotr_limits_are_garwoods_interval_around_the_expected_count():
    case = json.loads((CASES / "funnel" / "funnelplotr_poisson_limits.json").read_text(encoding="utf-8"))
    expected = np.array(case["expected_events"], dtype=float)
    for confidence, level in ((0.95, "95"), (0.998, "99.8")):
        lower, upper = exact_poisson_limits(expected, confidence)
        np.testing.assert_allclose(lower / expected, case[f"ll{level}"], rtol=1e-6)
        np.testing.assert_allclose(upper / expected, case[f"ul{level}"], rtol=1e-6)


@needs_cases
def test_funnelplotr_ratios_of_groups_are_the_targets():
    case = json.loads((CASES / "funnel" / "funnelplotr_examples.json").read_text(encoding="utf-8"))["aggregate_test"]
    areas = pd.DataFrame({name: case[name] for name in ("numerator", "denominator", "group")})
    found = [float(dispersion(own["numerator"], own["denominator"]).target) for _, own in areas.groupby("group")]
    np.testing.assert_allclose(found, case["rr"], atol=5e-7)


@needs_cases
def test_every_ratio_of_public_health_englands_funnel_is_as_significant_as_published():
    areas = pd.read_csv(CASES / "phe" / "testdata_funnel_ratio_inputs.csv", encoding="utf-8-sig")
    ratio = areas["obs"] / areas["expected"]
    wide, narrow = (chance_limits(areas["expected"], 1.0, confidence=level, per=1) for level in (0.998, 0.95))
    outside = [ratio > wide.upper, ratio < wide.lower, ratio > narrow.upper, ratio < narrow.lower]
    words = ["High (0.001)", "Low (0.001)", "High (0.025)", "Low (0.025)"]
    assert (np.select(outside, words, "Not significant") == areas["significance"]).all()
    assert len(areas) == 300


@needs_cases
def test_every_limit_of_public_health_englands_ratio_funnel_is_reproduced():
    curve = pd.read_csv(CASES / "phe" / "testdata_funnel_ratio_outputs.csv", encoding="utf-8-sig")
    assert len(curve) == 100
    for sigma, confidence in LEVELS.items():
        for side in ("lower", "upper"):
            expected = curve[f"{side}_{sigma}_exp_events"]
            limit = getattr(chance_limits(expected, 1.0, confidence=confidence, per=100), side)
            np.testing.assert_allclose(limit, curve[f"{side}_{sigma}_isr"], rtol=1e-5)  # expected to 9 decimals


@needs_cases
def test_every_limit_of_public_health_englands_proportion_funnel_is_reproduced():
    curve = pd.read_csv(CASES / "phe" / "testdata_funnel_prop_outputs.csv", encoding="utf-8-sig")
    share = curve["Baseline"].iloc[0] / 100
    for name, confidence in (("2s0025", 0.95), ("3s0001", 0.998)):
        # a proportion has 1 - share of the chance variance of a rate
        lower, upper = funnel_limits(curve["Population"] / (1 - share), share, confidence=confidence, per=100)
        np.testing.assert_allclose(lower, curve[f"Lower{name}limit"], atol=2e-6)
        np.testing.assert_allclose(np.minimum(upper, 100), curve[f"Upper{name}limit"], atol=2e-6)


@needs_cases
def test_every_proportion_of_public_health_englands_funnel_is_as_significant_as_published():
    path = CASES / "phe" / "testdata_funnel_prop_inputs.csv"
    with path.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.reader(lines))[1:]
    counts, totals = (np.array([float(row[at]) for row in rows]) for at in (-3, -2))  # names hold commas
    share = counts.sum() / totals.sum()
    wide, narrow = (proportion_with_limits(counts, totals, confidence=level) for level in (0.998, 0.95))
    outside = [wide.lower > share, wide.upper < share, narrow.lower > share, narrow.upper < share]
    words = ["High (0.001)", "Low (0.001)", "High (0.025)", "Low (0.025)"]
    assert np.select(outside, words, "Not significant").tolist() == [row[-1] for row in rows]
    assert len(rows) == 303


# Worked: countable by hand


def test_two_areas_without_winsorising_have_the_dispersion_that_can_be_counted_by_hand():
    # target 15/2; z = ±2.5/√7.5; phi = 6.25/7.5; Σw - Σw²/Σw = 1/7.5
    found = dispersion([10, 5], [1, 1], winsorised=0)
    np.testing.assert_allclose(found[:3], (7.5, 6.25 / 7.5, np.sqrt((2 * 6.25 / 7.5 - 1) * 7.5)))


def test_many_groups_at_once_give_what_each_gives_alone_and_missing_counts_are_left_out():
    counts = np.array([[3.0, 5, 1, 9, 12, np.nan], [20, np.nan, 4, np.nan, 6, np.nan]])
    exposures = np.array([1e4, 2e4, 3e4, 4e4, 5e4, np.nan])
    together = dispersion(counts, exposures)
    for group, own in enumerate(counts):
        known = ~np.isnan(own)
        alone = dispersion(own[known], exposures[known])
        np.testing.assert_allclose([part[group] for part in together], alone)


def test_a_group_of_one_area_and_a_group_without_events_have_no_spread():
    found = dispersion([[3.0, np.nan, np.nan], [0, 0, 0], [np.nan] * 3], [1e4, 1e4, 1e4])
    assert np.isnan(found.phi).all()
    assert np.isnan(found.tau).all()
    assert found.areas.tolist() == [1, 3, 0]


def test_limits_widen_with_the_spread_never_fall_below_zero_and_are_missing_where_anything_is():
    lower, upper = funnel_limits([1e4, 1e4, 1e2, np.nan], 1e-3, [0, 5e-4, 0, 0])
    z = 1.959963984540054
    np.testing.assert_allclose(upper[:2], [10 + z * np.sqrt(10), 10 + z * np.sqrt(10 + 25)])
    np.testing.assert_allclose(lower[:3], [10 - z * np.sqrt(10), 0, 0])
    assert np.isnan([lower[3], upper[3]]).all()
    assert np.isnan(chance_limits([np.nan, 1e4], [1e-3, np.nan])).all()


def test_gamma_limits_are_poisson_without_a_spread_and_wider_and_skewed_with_one():
    lower, upper = gamma_limits([1e4, 1e4, np.nan], 2e-3, [0, 1e-3, 0])
    np.testing.assert_array_equal((np.ceil(lower[0]), np.floor(upper[0])), poisson.ppf([0.025, 0.975], 20))
    assert (lower[0], upper[0]) == chance_limits(1e4, 2e-3)
    assert lower[1] < lower[0] < upper[0] < upper[1]
    assert upper[1] - 20 > 20 - lower[1] > 0
    assert np.isnan([lower[2], upper[2]]).all()


def test_an_area_of_which_nothing_is_expected_has_both_chance_limits_at_zero():
    assert chance_limits(1e4, 0.0) == (0, 0)


@given(st.floats(0.01, 1e5), st.sampled_from([0.8, 0.95, 0.998]))
def test_counts_outside_chance_limits_are_those_with_too_small_a_tail(expected, confidence):
    lower, upper = chance_limits(1.0, expected, confidence=confidence, per=1)
    tail = (1 - confidence) / 2
    counts = np.arange(max(np.floor(lower) - 2, 0), np.ceil(upper) + 3)
    clear = 1e-6 * counts  # of a rounding difference at a limit that is a whole number
    assert (poisson.sf(counts[counts > upper + clear] - 1, expected) < tail + 1e-9).all()
    assert (poisson.sf(counts[counts < upper - clear] - 1, expected) > tail - 1e-9).all()
    assert (poisson.cdf(counts[counts < lower - clear], expected) < tail + 1e-9).all()
    assert (poisson.cdf(counts[counts > lower + clear], expected) > tail - 1e-9).all()


@given(st.lists(st.tuples(st.integers(0, 500), st.floats(1e3, 3e5)), min_size=3, max_size=30))
def test_the_unit_of_exposure_does_not_change_the_dispersion(areas):
    counts, exposures = (np.array(column, dtype=float) for column in zip(*areas, strict=True))
    people, thousands = dispersion(counts, exposures), dispersion(counts, exposures / 1000)
    np.testing.assert_allclose(people.phi, thousands.phi, rtol=1e-9, atol=1e-12)
    # the root of a difference of nearly equal numbers: half as many digits
    np.testing.assert_allclose(people.tau, thousands.tau / 1000, rtol=1e-5, atol=1e-5 * float(people.target))


# Prediction from a group


def test_prediction_is_the_pooled_rate_times_the_exposure_and_holds_more_than_chance():
    counts, exposures = [[12, 30, 5, 22, 9, 40, 18, 3, 25, 11]], [[2e4] * 10]
    found = prediction_from_group(counts, exposures, [5e4])
    assert found.rate == pytest.approx(175 / 2e5)
    assert found.expected == pytest.approx(175 / 4)
    assert found.lower < poisson.ppf(0.025, 43.75) < poisson.ppf(0.975, 43.75) < found.upper


def test_members_that_vary_less_than_chance_still_predict_more_widely_than_chance():
    found = prediction_from_group([[10] * 10], [[1e4] * 10], [2e5])
    assert found.between == 0
    assert found.upper - found.lower > poisson.ppf(0.975, 200) - poisson.ppf(0.025, 200)


def test_prediction_is_missing_below_five_known_members_without_events_and_without_an_exposure():
    missing = np.nan
    counts = [[1, 2, 3, 4, missing, missing], [0] * 6, [1, 2, 3, 4, 5, missing], [1, 2, 3, 4, 5, missing]]
    found = prediction_from_group(counts, [[1e4] * 6] * 4, [1e4, 1e4, missing, 1e4])
    assert np.isnan(found.lower).tolist() == np.isnan(found.upper).tolist() == [True, True, True, False]
    assert np.isnan(found.expected).tolist() == [True, True, True, False]


def test_nineteen_of_twenty_areas_lie_within_the_prediction_from_ten_neighbours():
    random = np.random.default_rng(20250331)
    trials, shape = 4000, 1 / 0.5**2
    exposures = np.exp(random.uniform(np.log(8e3), np.log(2.5e5), (trials, 11)))
    counts = random.poisson(random.gamma(shape, 10e-4 / shape, exposures.shape) * exposures)
    found = prediction_from_group(counts[:, 1:], exposures[:, 1:], exposures[:, 0])
    held = ((counts[:, 0] >= found.lower) & (counts[:, 0] <= found.upper)).mean()
    assert 0.94 < held < 0.97


def test_prediction_limits_are_quantiles_of_one_negative_binomial():
    counts, exposures = [[12, 30, 5, 22, 9, 40, 18, 3, 25, 11]], [[2e4] * 10]
    found = prediction_from_group(counts, exposures, [2e6], confidence=0.5)
    share = [nbinom.cdf(limit, 4, 4 / (4 + found.expected)) for limit in (found.lower, found.upper)]
    assert share[0] < 0.5 < share[1]


# Bad input


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: dispersion([1, -1], [1, 0]), r"counts must be 0 or more.*position 1.*exposures.*position 1"),
        (lambda: dispersion([1, 2], [1, 1], winsorised=0.5), "winsorised"),
        (lambda: funnel_limits([0], -1, -1), "exposures must.*target must.*tau must"),
        (lambda: chance_limits([np.inf], 1), "exposures must"),
        (lambda: prediction_from_group([[1] * 5], [[1] * 5], [0]), "exposure must"),
    ],
)
def test_bad_input_is_refused_with_every_fault_at_once(call, message):
    with pytest.raises(ValueError, match=message):
        call()
