"""Moves between states: exact rates, panel models against R's msm, withheld cells, projections and refusals."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import expm
from scipy.stats import multinomial

from needs_assessment.methods.rates import exact_poisson_limits
from needs_assessment.methods.transitions import (
    Panel,
    Prior,
    draw_rates,
    fit_panel,
    known_end,
    move_rates,
    pearson_fit,
    probabilities,
    probability_limits,
    rate_limits,
    reached_limits,
    reached_within,
    time_in_state,
)
from needs_assessment.methods.transitions.exponential import _slope_by_blocks, exponentials, pulled_slope
from needs_assessment.methods.transitions.panel import crude_rates, grouped, log_likelihood
from needs_assessment.methods.transitions.withheld import FURTHER

CASES = Path(__file__).resolve().parents[1].parent / "shared" / "cases" / "transitions"
needs_cases = pytest.mark.skipif(not CASES.exists(), reason="the worked cases in ../shared/cases are not here")

# Heart transplants (R package msm 1.8, dataset cav): moves that msm's manual allows, and its estimates of
# msm(state ~ years, deathexact = 4), retyped.
CAV_ALLOWED = np.array([[0, 1, 0, 1], [1, 0, 1, 1], [0, 1, 0, 1], [0, 0, 0, 0]], dtype=bool)
CAV_RATES = [0.127874, 0.0424854, 0.225102, 0.342596, 0.0402660, 0.130624, 0.306460]

LEVELS = np.array([[-2.1, 0.5, 0, 1.6], [1.0, -2.15, 0.45, 0.7], [0, 1.3, -1.6, 0.3], [0, 0, 0, 0]])
ALLOWED = LEVELS > 0
ONE_WAY = np.array([[False, True], [False, False]])


def quarterly(children: float) -> Panel:
    """As many at each level as said, seen a quarter later in whole numbers as expected."""
    counts = np.round(children * expm(LEVELS / 4)[:3])
    return Panel(np.repeat(np.arange(3), 4), known_end(np.tile(np.arange(4), 3), 4), 0.25, counts.ravel())


def case(name: str) -> np.ndarray:
    return pd.read_csv(CASES / f"cav_{name}.csv", index_col=0).to_numpy()


@pytest.fixture(scope="module")
def cav() -> Panel:
    visits = pd.read_csv(CASES / "cav_input.csv")
    later = visits.groupby("PTNUM").shift(-1)
    start, end = (
        column[later["state"].notna()].astype(int) - 1 for column in (visits["state"], later["state"].fillna(0))
    )
    years = (later["years"] - visits["years"]).dropna()
    return Panel(start.to_numpy(), known_end(end, 4), years.to_numpy(), 1, end.to_numpy() == 3)


@needs_cases
def test_the_heart_transplants_of_msm_are_reproduced(cav: Panel) -> None:
    model = fit_panel(cav, CAV_ALLOWED)
    _, lower, upper, _ = rate_limits(model)
    assert model.minus_twice_log_likelihood == pytest.approx(3968.798, abs=5e-4)
    assert model.rates == pytest.approx(case("msm_q_est"), rel=1e-5, abs=1e-9)
    assert model.rates[CAV_ALLOWED] == pytest.approx(CAV_RATES, rel=1e-5)
    assert lower[CAV_ALLOWED] == pytest.approx(case("msm_q_lower95")[CAV_ALLOWED], rel=1e-4)
    assert upper[CAV_ALLOWED] == pytest.approx(case("msm_q_upper95")[CAV_ALLOWED], rel=1e-4)
    for years in (1, 10):
        assert probabilities(model.rates, years) == pytest.approx(case(f"msm_pmatrix_t{years}"), abs=1e-6)
    stay = time_in_state(model)
    assert np.column_stack([stay.value, stay.lower, stay.upper])[:3] == pytest.approx(
        case("msm_sojourn")[:, [0, 2, 3]], rel=1e-5
    )
    assert np.isnan(stay.value[3])


@needs_cases
def test_the_crude_rates_and_the_state_table_of_msm_are_reproduced(cav: Panel) -> None:
    rows, moves = grouped(cav, CAV_ALLOWED)
    assert crude_rates(rows, moves)[0][moves] == pytest.approx(case("crudeinits_q")[moves], rel=1e-9)
    table = np.zeros((4, 4))
    np.add.at(table, rows.start, rows.count[:, None] * rows.may_be)
    assert (table[:3] == case("statetable")).all()


@needs_cases
def test_the_worked_rates_are_reproduced() -> None:
    cases = json.loads((CASES / "transition_rate_cases.json").read_text(encoding="utf-8"))
    first, biased = cases["case1"], cases["case_bias"]
    assert move_rates(sum(first["transitions_A_B"][1:]), 30).value == pytest.approx(first["occurrence_exposure"])
    found = move_rates(sum(biased["transitions"]), sum(biased["stock_prev_day"]))
    assert found.value == pytest.approx(biased["occurrence_exposure"])
    assert [found.lower, found.upper] == pytest.approx(biased["garwood95"])


def test_events_over_time_differ_from_the_mean_of_daily_ratios() -> None:
    # Three moves with 2, 20 and 20 people at the state: the mean of the ratios is 0.2. Limits: Garwood (1936).
    found = move_rates(3, 2 + 20 + 20)
    assert np.mean([1 / 2, 1 / 20, 1 / 20]) == pytest.approx(0.2)
    assert [found.value, found.lower, found.upper] == pytest.approx([0.0714286, 0.0147303, 0.2087446], abs=1e-7)


def test_no_move_is_a_rate_of_nought_with_an_upper_limit_and_nobody_there_is_no_rate() -> None:
    found = move_rates([0, 0, np.nan, 2], [10, 0, 5, np.nan])
    assert found.value[0] == found.lower[0] == 0 and found.upper[0] == pytest.approx(0.368888, abs=1e-6)
    assert np.isnan([found.value[1:], found.lower[1:], found.upper[1:]]).all()
    assert found.method.tolist() == ["exact", None, None, None]


def test_a_move_where_nobody_was_is_refused_with_every_other_fault() -> None:
    with pytest.raises(
        ValueError, match=r"moves must be a whole number.*position 1.*years must be.*2.*where years are 0"
    ):
        move_rates([1, 0.5, 0], [0, 1, -1])


def test_a_process_that_only_leaves_has_the_closed_form() -> None:
    # 60 of 100 are left after half a year: the rate is -log(0.6) / 0.5, and the delta method gives its variance.
    model = fit_panel(Panel([0, 0], known_end([0, 1], 2), 0.5, [60, 40]), ONE_WAY)
    assert model.rates[0, 1] == pytest.approx(-np.log(0.6) / 0.5, rel=1e-6)
    assert model.log_rate_covariance[0, 0] == pytest.approx(0.4 / (100 * 0.6) / np.log(0.6) ** 2, rel=1e-4)
    assert model.minus_twice_log_likelihood == pytest.approx(-2 * (60 * np.log(0.6) + 40 * np.log(0.4)))


def test_exact_entries_and_those_still_there_give_events_over_time() -> None:
    # Five leave at times known exactly, three are last seen after two years: events / time, log variance 1 / events.
    years = [0.3, 0.7, 1.1, 0.2, 0.9, 2, 2, 2]
    ends = known_end([1] * 5 + [0] * 3, 2)
    model = fit_panel(Panel([0] * 8, ends, years, 1, ends[:, 1]), ONE_WAY)
    assert model.rates[0, 1] == pytest.approx(5 / sum(years), rel=1e-6)
    assert model.log_rate_covariance[0, 0] == pytest.approx(1 / 5, rel=1e-4)


def test_large_tables_give_back_the_rates_that_made_them() -> None:
    model = fit_panel(quarterly(1e8), ALLOWED)
    assert model.reason is None
    assert model.rates == pytest.approx(LEVELS, rel=1e-4, abs=1e-9)


@pytest.mark.parametrize("rates", [LEVELS, np.array([[-1.0, 1, 0], [0, -1, 1], [0, 0, 0]])], ids=["plain", "defective"])
def test_both_ways_to_the_slope_agree_with_each_other_and_with_small_steps(rates: np.ndarray) -> None:
    years, states = np.array([0.25, 1.0, 3.0]), len(rates)
    pull = np.random.default_rng(1).normal(size=(3, states, states))
    slope = pulled_slope(rates, years, pull)
    assert slope == pytest.approx(_slope_by_blocks(rates, years, pull), rel=1e-6, abs=1e-8)
    for entry in np.ndindex(states, states):
        step = np.zeros_like(rates)
        step[entry] = 1e-6
        ends = [(pull * exponentials(rates + sign * step, years)).sum() for sign in (1, -1)]
        assert slope[entry] == pytest.approx((ends[0] - ends[1]) / 2e-6, rel=1e-4, abs=1e-5)


def test_what_is_known_of_withheld_cells_is_the_chance_of_all_splits_that_fit() -> None:
    # Nine children stayed or are in two withheld cells: each of these holds 1 to 5, or, with a small chance, anything.
    moves = np.array([[0, 1, 1], [0, 0, 0], [0, 0, 0]], dtype=bool)
    rates = np.array([[-3.0, 1, 2], [0, 0, 0], [0, 0, 0]])
    splits = [(9 - one - two, one, two) for one in range(10) for two in range(10 - one)]
    weight = [np.prod([FURTHER + (1 - FURTHER) * (1 <= cell <= 5) for cell in split[1:]]) for split in splits]
    rows, _ = grouped(Panel([0], [[True, True, True]], 0.25, [9], withheld=[5]), moves)
    found, slope = log_likelihood(rates, rows)
    assert found == pytest.approx(np.log(weight @ multinomial.pmf(splits, 9, expm(rates / 4)[0])))
    for entry in np.ndindex(3, 3):
        step = np.zeros_like(rates)
        step[entry] = 1e-6
        ends = [log_likelihood(rates + sign * step, rows)[0] for sign in (1, -1)]
        assert slope[entry] == pytest.approx((ends[0] - ends[1]) / 2e-6, rel=1e-4, abs=1e-5)


def test_more_withheld_cells_than_children_are_possible_and_widen_the_limits() -> None:
    # One child stayed or is in either of two withheld cells: one of them at least was withheld to protect another.
    panel = quarterly(200)
    printed = [*range(8), 9]
    may_be = np.vstack([np.asarray(panel.may_be)[printed], [True, False, True, True]])
    count = np.append(np.asarray(panel.count)[printed], 1)
    hidden = Panel([0] * 4 + [1] * 4 + [2] * 2, may_be, 0.25, count, withheld=[0] * 9 + [5])
    upper = [rate_limits(fit_panel(one, ALLOWED, prior=Prior())).upper[2, 3] for one in (panel, hidden)]
    assert upper[0] < upper[1] < np.inf


def test_the_size_of_withheld_cells_brings_the_limits_nearer_to_those_of_the_printed_table() -> None:
    # From high, three went to low and nine left: both are withheld, and known only together with the 68 who stayed.
    panel = quarterly(100)
    assert np.asarray(panel.count)[8:].tolist() == [3, 21, 68, 9]
    may_be = np.vstack([np.asarray(panel.may_be)[:8], [[False, True, False, False], [True, False, True, True]]])
    hidden = Panel([0] * 4 + [1] * 4 + [2] * 2, may_be, 0.25, np.append(np.asarray(panel.count)[:8], [21, 80]))
    panels = (panel, hidden._replace(withheld=[0] * 9 + [9]), hidden)
    limits = [rate_limits(fit_panel(one, ALLOWED, prior=Prior())) for one in panels]
    printed, small, any_size = (one.upper[2, 3] / one.lower[2, 3] for one in limits)
    assert printed < small < any_size / 2


def test_a_count_known_as_any_state_says_nothing() -> None:
    plain = fit_panel(quarterly(200), ALLOWED)
    panel = quarterly(200)
    start, count = np.append(panel.start, 1), np.append(panel.count, 50)
    more = Panel(start, np.vstack([panel.may_be, np.ones(4)]), 0.25, count)
    assert fit_panel(more, ALLOWED).rates == pytest.approx(plain.rates, rel=1e-3, abs=1e-6)


def test_a_move_of_which_nothing_was_seen_has_rate_nought_and_the_exact_upper_limit() -> None:
    # Nobody of 40 left in a quarter: ten years speak against it, as for no event in ten years.
    model = fit_panel(Panel([0, 0], known_end([0, 1], 2), 0.25, [40, 0]), ONE_WAY)
    found = rate_limits(model)
    assert model.rates[0, 1] == found.lower[0, 1] == 0
    assert model.unseen_years[0, 1] == pytest.approx(10, rel=1e-4)
    assert found.upper[0, 1] == pytest.approx(exact_poisson_limits(0)[1] / 10, rel=1e-4)
    drawn = draw_rates(model, 20_000, np.random.default_rng(2))[:, 0, 1]
    assert np.quantile(drawn, 0.975) == pytest.approx(found.upper[0, 1], rel=0.05)
    assert np.isnan(time_in_state(model).value).all()


def test_counts_that_cannot_tell_the_rates_say_so_and_a_prior_can() -> None:
    # Everyone left within the quarter: however large the rate, a larger one is likelier.
    panel = Panel([0], known_end([1], 2), 0.25, [3])
    model, limited = fit_panel(panel, ONE_WAY), fit_panel(panel, ONE_WAY, prior=Prior())
    assert model.reason == "the counts do not tell the rates apart"
    for table in (
        model.rates,
        rate_limits(model).upper,
        probability_limits(model, 1.0).value,
        time_in_state(model).lower,
    ):
        assert np.isnan(table[0]).all()
    assert np.isnan(reached_limits(model, [1], 1.0).value[0]) and np.isnan(pearson_fit(model, panel).p_value)
    assert limited.reason is None and 1 < limited.rates[0, 1] < 30


def test_the_prior_counts_as_moves_seen_in_years() -> None:
    ends = known_end([1] * 5 + [0] * 3, 2)
    panel = Panel([0] * 8, ends, [0.3, 0.7, 1.1, 0.2, 0.9, 2, 2, 2], 1, ends[:, 1])
    assert fit_panel(panel, ONE_WAY, prior=Prior(0.5, 0.5)).rates[0, 1] == pytest.approx(5.5 / 9.7, rel=1e-6)


def test_every_fault_of_a_panel_is_listed_and_no_value() -> None:
    panel = Panel([0, 7, 1, 0], known_end([1, 1, 0, 1], 2), [0, 1, 1, 1], [1, 1, 1, 2.5], [False, False, False, True])
    with pytest.raises(ValueError) as refused:
        fit_panel(panel, ONE_WAY)
    for rule in ("years must be", "start must be", "count must be", "lead to from start (position 2)"):
        assert rule in str(refused.value)
    assert "7" not in str(refused.value) and "2.5" not in str(refused.value)


def test_exact_is_for_absorbing_states_and_allowed_has_no_diagonal() -> None:
    with pytest.raises(ValueError, match="exact must be true only"):
        fit_panel(Panel([0], known_end([0], 2), 1.0, 1, True), ONE_WAY)
    with pytest.raises(ValueError, match="diagonal"):
        fit_panel(Panel([0], known_end([0], 2), 1.0), np.eye(2))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(0, 5), min_size=7, max_size=7), st.floats(0, 3), st.floats(0, 3))
def test_chances_add_to_one_and_two_times_in_a_row_are_their_sum(
    moves: list[float], first: float, second: float
) -> None:
    rates = np.zeros((4, 4))
    rates[ALLOWED] = moves
    rates -= np.diag(rates.sum(axis=1))
    assert probabilities(rates, first).sum(axis=1) == pytest.approx(np.ones(4))
    together = probabilities(rates, first) @ probabilities(rates, second)
    assert probabilities(rates, first + second) == pytest.approx(together, abs=1e-9)
    within = reached_within(rates, [2], first)
    assert (within >= probabilities(rates, first)[:, 2] - 1e-9).all() and within[2] == pytest.approx(1)


def test_chances_of_draws_are_the_matrix_exponential_also_of_very_fast_moves() -> None:
    stack = np.array([LEVELS, 100 * LEVELS, 0 * LEVELS])
    assert probabilities(stack, 1.0) == pytest.approx(np.array([expm(rates) for rates in stack]), abs=1e-11)


def test_reaching_a_state_from_the_next_is_the_closed_form_where_nothing_else_happens() -> None:
    rates = np.array([[-2.0, 2, 0], [0, -3, 3], [0, 0, 0]])
    assert reached_within(rates, [1, 2], 0.5)[0] == pytest.approx(1 - np.exp(-1))
    assert reached_within(rates, 2, 0.5)[1] == pytest.approx(1 - np.exp(-1.5))


def test_rates_that_are_none_are_refused() -> None:
    for wrong in (np.ones((2, 2)), np.array([[1.0, -1], [0, 0]]), np.ones((2, 3))):
        with pytest.raises(ValueError, match="rates must"):
            probabilities(wrong, 1.0)
    with pytest.raises(ValueError, match="years must"):
        probabilities(LEVELS, -1)
    with pytest.raises(ValueError, match="targets must"):
        reached_within(LEVELS, [4], 1.0)


def test_limits_by_draws_are_the_same_each_time_hold_the_estimate_and_narrow_with_more_children() -> None:
    few, many = (fit_panel(quarterly(children), ALLOWED) for children in (100, 10_000))
    wide, narrow = probability_limits(few, 1.0), probability_limits(many, 1.0)
    assert (wide.upper == probability_limits(few, 1.0).upper).all()
    assert (wide.lower <= wide.value).all() and (wide.value <= wide.upper).all()
    assert ((narrow.upper - narrow.lower)[:3] < (wide.upper - wide.lower)[:3] / 3).all()
    assert reached_limits(many, [2], 1.0).value[2] == 1


def test_limits_by_draws_agree_with_the_closed_form_of_a_simple_process() -> None:
    model = fit_panel(Panel([0, 0], known_end([0, 1], 2), 0.5, [600, 400]), ONE_WAY)
    _, lower, upper, _ = rate_limits(model)
    found = probability_limits(model, 1.0)
    assert found.lower[0, 1] == pytest.approx(1 - np.exp(-lower[0, 1]), abs=0.004)
    assert found.upper[0, 1] == pytest.approx(1 - np.exp(-upper[0, 1]), abs=0.004)


def test_a_panel_as_expected_fits_and_one_with_two_kinds_of_people_does_not() -> None:
    # Half leave at 4 a year and half at 0.2, seen after a quarter and after two years: no one rate gives both.
    stayed = [np.exp(-4 * years) / 2 + np.exp(-0.2 * years) / 2 for years in (0.25, 2)]
    counts = np.round(1000 * np.array([stayed[0], 1 - stayed[0], stayed[1], 1 - stayed[1]]))
    years, ends = [0.25, 0.25, 2, 2], known_end([0, 1, 0, 1], 2)
    mixed = Panel([0] * 4, ends, years, counts)
    found = pearson_fit(fit_panel(mixed, ONE_WAY), mixed)
    assert found.degrees_of_freedom == 1 and found.p_value < 1e-6
    alike = mixed._replace(
        count=np.round(1000 * np.array([np.exp(-0.25), 1 - np.exp(-0.25), np.exp(-2), 1 - np.exp(-2)]))
    )
    assert pearson_fit(fit_panel(alike, ONE_WAY), alike).p_value > 0.9


def test_pearsons_statistic_is_the_textbooks_sum() -> None:
    panel = Panel([0] * 4, known_end([0, 1, 0, 1], 2), [0.25, 0.25, 1, 1], [80, 20, 30, 70])
    model = fit_panel(panel, ONE_WAY)
    due = np.concatenate([100 * probabilities(model.rates, years)[0] for years in (0.25, 1)])
    expected = ((np.array([80, 20, 30, 70]) - due) ** 2 / due).sum()
    assert pearson_fit(model, panel).statistic == pytest.approx(expected)


def test_a_fit_without_degrees_of_freedom_or_with_exact_entries_has_no_p_value() -> None:
    panel = quarterly(20)
    assert np.isnan(pearson_fit(fit_panel(panel, ALLOWED), panel).p_value)
    exact = Panel([0, 0], known_end([0, 1], 2), [1, 0.5], [5, 3], [False, True])
    assert np.isnan(pearson_fit(fit_panel(exact, ONE_WAY), exact).statistic)
