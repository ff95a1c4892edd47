"""Caseload forecasts: the exact variance, entrants from stocks, limits, what-if, the back-test and refusals."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, nbinom, poisson

from needs_assessment.methods.stock_flow import (
    Entrants,
    Forecast,
    backtest_caseload,
    caseload_moments,
    entrants_from_stocks,
    entrants_observed,
    forecast_caseload,
)

CASE = Path(__file__).resolve().parents[1].parent / "shared" / "cases" / "transitions" / "stock_flow_variance.json"

MOVES = np.array([[0.70, 0.06, 0.01], [0.15, 0.55, 0.06], [0.05, 0.20, 0.50]])
NOW = np.array([40.0, 10.0, 3.0])
ENTRANTS = NOW - NOW @ MOVES
EMPTY = [[0.0]]
"""Everybody leaves in each step, so that the caseload is the entrants alone."""


def certain(mean: list[float], dispersion: float = 1.0) -> Entrants:
    """Entrants of which the mean is known."""
    return Entrants(np.array(mean), np.zeros((len(mean),) * 2), np.array(dispersion), np.zeros((0, len(mean))))


def draws(number: int, seen: int = 60) -> np.ndarray:
    """Draws of MOVES as so many children seen at each level would give them."""
    rows = np.column_stack([MOVES, 1 - MOVES.sum(axis=1)])
    return np.stack([np.random.default_rng(1).dirichlet(seen * row, number)[:, :3] for row in rows], axis=1)


def test_the_variance_of_a_stock_that_is_carried_on_does_not_pile_up() -> None:
    # 100 children, 1% leave each day, one enters on average: N s^t (1 - s^t) + (1 - s^t)/(1 - s), s = 0.99, derived by
    # hand. Adding each day's variance up, as a tool in use does, gives 726.35 after a year: 7.27 times too much.
    made = caseload_moments([100], [[0.99]], [1], 365)
    assert made.mean[:, 0] == pytest.approx(np.full(365, 100))
    assert made.covariance[[0, 29, 364], 0, 0] == pytest.approx([1.99, 45.28433576092387, 99.93488334902108])
    assert 365 * 1.99 / made.covariance[-1, 0, 0] == pytest.approx(7.27, abs=0.005)


@pytest.mark.skipif(not CASE.exists(), reason="needs the worked cases beside the project")
def test_the_worked_case_of_the_variance_is_reproduced() -> None:
    case = json.loads(CASE.read_text(encoding="utf-8"))
    made = caseload_moments([100], [[0.99]], [1], max(case["days"]))
    at = np.array(case["days"]) - 1
    assert made.covariance[at, 0, 0] == pytest.approx(case["exact_variance"])
    assert made.mean[at, 0] == pytest.approx(case["mean_all"])


def test_means_and_covariances_are_those_of_simulated_caseloads() -> None:
    generator, trials = np.random.default_rng(20251122), 40_000
    stock = np.broadcast_to(NOW.astype(int), (trials, 3))
    for _ in range(3):
        moved = generator.multinomial(stock, np.column_stack([MOVES, 1 - MOVES.sum(axis=1)]))[..., :3].sum(axis=1)
        stock = moved + generator.poisson(ENTRANTS, (trials, 3))
    made = caseload_moments(NOW, MOVES, ENTRANTS, 3)
    assert stock.mean(axis=0) == pytest.approx(made.mean[-1], abs=0.12)
    assert np.cov(stock.T) == pytest.approx(made.covariance[-1], abs=0.7)
    assert made.covariance[-1, 0, 1] < -0.5  # who moved up is missing below: levels are not independent


def test_a_caseload_that_nobody_enters_or_leaves_is_certain() -> None:
    made = caseload_moments([4, 2], np.eye(2), [0, 0], 3)
    assert (made.mean == [4, 2]).all() and (made.covariance == 0).all()


def test_draws_in_front_give_what_each_would_give_alone() -> None:
    tables = draws(3)
    together = caseload_moments(NOW, tables, ENTRANTS, 2)
    alone = caseload_moments(NOW, tables[1], ENTRANTS, 2)
    assert together.mean[1] == pytest.approx(alone.mean) and together.covariance[1] == pytest.approx(alone.covariance)


def test_entrants_are_those_whom_moves_do_not_explain() -> None:
    # By hand: 10 -> 12 -> 9 -> 11 children of whom half stay: 7, 3 and 6.5 came; chance moves vary by n/4.
    made = entrants_from_stocks([[10], [12], [9], [11]], [[0.5]])
    mean = 16.5 / 3
    assert made.mean == pytest.approx([mean])
    assert made.residuals[:, 0] == pytest.approx([7 - mean, 3 - mean, 6.5 - mean])
    by_chance = 31 / 4 / 9 + (mean + 0.5 / 3) / 3
    assert made.covariance[0, 0] == pytest.approx(by_chance * made.dispersion)


def test_entrants_that_vary_as_chance_has_it_are_hardly_dispersed_and_scattered_ones_are() -> None:
    steady, wild = [9, 11, 10, 12, 8, 10, 11, 9], [0, 25, 2, 18, 0, 22, 1, 12]
    assert entrants_observed([[count] for count in steady]).dispersion == 1
    scattered = entrants_observed([[count] for count in wild])
    # By hand: the sum of squares about 10, 782, over 10; four degrees of freedom as chance has it, and the mean of an
    # inverse chi-squared variable with those 11.
    assert scattered.dispersion == pytest.approx((782 / 10 + 4) / (7 + 4 - 2))


def test_a_missing_count_leaves_out_its_steps() -> None:
    gapped = entrants_from_stocks([[10], [12], [9], [np.nan], [9], [11]], [[0.5]])
    assert gapped.mean == pytest.approx([16.5 / 3])
    assert np.isnan(gapped.residuals[2:4]).all() and np.isfinite(gapped.residuals[[0, 1, 4]]).all()
    assert entrants_observed([[7, 0], [3, 1], [np.nan, 2], [5, 2]]).mean == pytest.approx([5, 1])


def test_nobody_seen_to_enter_is_not_nobody_to_come() -> None:
    entrants = entrants_observed([[0]] * 4)
    assert entrants.mean == pytest.approx([0.125])
    assert forecast_caseload([0], EMPTY, entrants, steps=1).upper[0, 0] == 1
    assert entrants_from_stocks([[10], [2], [1], [0]], [[0.9]]).mean > 0  # fewer stayed than the moves have it


def test_too_few_steps_give_no_forecast() -> None:
    entrants = entrants_from_stocks([[10], [12], [9]], [[0.5]])
    assert np.isnan([entrants.mean[0], entrants.dispersion]).all()
    assert np.isnan(forecast_caseload([9], [[0.5]], entrants, steps=2)).all()


def test_a_missing_caseload_gives_no_forecast() -> None:
    assert np.isnan(forecast_caseload([40, np.nan, 3], MOVES, certain([*ENTRANTS]), steps=1)).all()


@pytest.mark.parametrize(
    ("now", "stay", "mean", "dispersion", "truth"),
    [
        (20, 0.6, 0.0, 1.0, binom(20, 0.6)),
        (0, 0.0, 3.0, 1.0, poisson(3)),
        (0, 0.0, 12.0, 2.0, nbinom(12, 0.5)),
    ],
    ids=["binomial", "Poisson", "negative binomial"],
)
def test_limits_are_quantiles_of_the_known_distribution(
    now: int, stay: float, mean: float, dispersion: float, truth: object
) -> None:
    made = forecast_caseload([now], [[stay]], certain([mean], dispersion), steps=1)
    assert made.expected[0, 0] == pytest.approx(truth.mean())
    assert (made.lower[0, 0], made.upper[0, 0]) == (truth.ppf(0.025), truth.ppf(0.975))
    assert truth.cdf(made.lower[0, 0] - 1) <= 0.025 and truth.sf(made.upper[0, 0]) <= 0.025


def test_a_quarter_hence_a_known_forecast_has_the_exact_moments() -> None:
    made, exact = (
        forecast_caseload(NOW, MOVES, certain([*ENTRANTS]), steps=4),
        caseload_moments(NOW, MOVES, ENTRANTS, 4),
    )
    assert made.expected[:, :3] == pytest.approx(exact.mean) and made.expected[:, 3] == pytest.approx(
        exact.mean.sum(axis=1)
    )
    spread = 1.96 * np.sqrt(exact.covariance[-1].sum())
    assert made.upper[-1, 3] == pytest.approx(53 + spread, abs=1.5)
    assert made.lower[-1, 3] == pytest.approx(53 - spread, abs=1.5)


def width(made: Forecast) -> np.ndarray:
    return made.upper - made.lower


def test_what_is_not_known_widens_the_limits() -> None:
    known = certain([*ENTRANTS])
    doubted = known._replace(covariance=np.diag(ENTRANTS))
    plain, entering, moving, dispersed = (
        width(forecast_caseload(NOW, tables, entrants, steps=4))
        for tables, entrants in (
            (MOVES, known), (MOVES, doubted), (draws(200), known), (MOVES, certain([*ENTRANTS], 2.0))
        )
    )  # fmt: skip
    assert (entering[:, [0, 3]] > plain[:, [0, 3]]).all() and (entering >= plain).all()
    assert (moving[:, [0, 3]] > plain[:, [0, 3]]).all()
    assert (dispersed > plain).all()


def test_doubt_of_the_mean_of_entrants_adds_up_over_the_steps() -> None:
    # Half stay, so the caseload after 1, 2, 3 steps holds 1, 1.5 and 1.75 times the mean of entrants; with the mean's
    # variance of 100 beside a chance variance of about 200 (by hand: 200 by then, plus 100 times 1.75 squared).
    entrants = Entrants(np.array([100.0]), np.array([[100.0]]), np.array(1.0), np.zeros((0, 1)))
    made = forecast_caseload([200], [[0.5]], entrants, steps=3)
    exact = caseload_moments([200], [[0.5]], [100], 3).covariance[:, 0, 0]
    reach = 1.96 * np.sqrt(exact + 100 * np.array([1, 1.5, 1.75]) ** 2)
    assert width(made)[:, 0] == pytest.approx(2 * reach, abs=2)


def test_a_draw_with_more_leaving_has_more_entering_so_that_doubts_do_not_add() -> None:
    tables, stocks = draws(200), np.tile(NOW, (9, 1))
    paired = forecast_caseload(NOW, tables, entrants_from_stocks(stocks, tables), steps=4)
    unpaired = forecast_caseload(NOW, tables, entrants_from_stocks(stocks, tables.mean(axis=0)), steps=4)
    assert width(paired)[-1, 3] < width(unpaired)[-1, 3]


def test_stocks_that_stood_still_are_forecast_to_stand_still_whatever_the_moves_are_taken_to_be() -> None:
    tables, stocks = draws(200, seen=1000), np.tile(NOW, (9, 1))
    made = forecast_caseload(NOW, tables, entrants_from_stocks(stocks, tables), steps=4)
    assert made.expected[:, :3] == pytest.approx(np.tile(NOW, (4, 1)), rel=0.005)


def test_a_fifth_more_entrants_raise_the_caseload_by_their_part_alone() -> None:
    entrants = certain([*ENTRANTS])
    now, more, none = (forecast_caseload(NOW, MOVES, entrants, steps=4, entrant_factor=f).expected for f in (1, 1.2, 0))
    assert more - now == pytest.approx(0.2 * (now - none))
    assert (more[-1] > now[-1]).all() and more[-1, 3] < 1.2 * now[-1, 3]


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 8)), min_size=5, max_size=9),
    st.floats(0, 0.5), st.floats(0, 0.5), st.floats(0.5, 0.99),
)  # fmt: skip
def test_limits_are_whole_children_and_widen_with_confidence(
    stocks: list[tuple[int, int]], stay: float, move: float, confidence: float
) -> None:
    tables = np.array([[[stay, move], [move, stay]], [[stay, move / 2], [move / 2, stay]]])
    entrants = entrants_from_stocks(stocks, tables)
    made = forecast_caseload(stocks[-1], tables, entrants, steps=3, confidence=confidence)
    wide = forecast_caseload(stocks[-1], tables, entrants, steps=3, confidence=0.999)
    assert (entrants.dispersion >= 1).all() and (entrants.mean > 0).all()
    for bound in (made.lower, made.upper):
        assert (bound >= 0).all() and (bound == np.floor(bound)).all()
    assert (wide.lower <= made.lower).all() and (made.lower <= made.upper).all() and (made.upper <= wide.upper).all()
    assert made.expected[:, 2] == pytest.approx(made.expected[:, :2].sum(axis=1))


def test_a_back_test_counts_the_forecasts_that_could_be_checked_and_those_that_held() -> None:
    stocks = np.array([[5, 1], [6, 1], [9, 9], [5, np.nan], [5, 2]])
    asked = []

    def at(origin: int) -> Forecast | None:
        asked.append(origin)
        made = np.array([[5.0, 1.0, 6.0], [5.0, 1.0, 6.0]])
        return None if origin == 0 else Forecast(made, made - 1, made + 1)

    made = backtest_caseload(stocks, at, steps=2)
    assert asked == [0, 1, 2, 3]  # never from the last, after which nothing came
    # One step ahead came 9, 9, 18; 5, missing; 5, 2, 7. Two ahead: 5, missing; 5, 2, 7.
    assert made.tested.tolist() == [[3, 2, 2], [2, 1, 1]]
    assert made.inside.tolist() == [[2, 1, 1], [2, 1, 1]]


def test_a_forecast_without_figures_is_no_failed_test() -> None:
    def at(origin: int) -> Forecast:
        return forecast_caseload([5], [[0.5]], entrants_from_stocks(stocks[: origin + 1], [[0.5]]), steps=1)

    stocks = np.array([[5], [6], [5], [4], [6], [5]])
    made = backtest_caseload(stocks, at)
    assert made.tested.tolist() == [[2, 2]] and made.inside.tolist() == [[2, 2]]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"now": [4, -1]}, "now must be 0 or more"),
        ({"now": [4]}, "now must have a number for each level"),
        ({"probabilities": [[0.9, 0.2], [0, 1]]}, "sum to at most 1 in each row"),
        ({"probabilities": [[1.1, -0.2], [0, 1]]}, "lie between 0 and 1"),
        ({"probabilities": [[0.5, 0.5]]}, "a square table, or draws of one"),
        ({"entrants": [1, -1]}, "entrants must be 0 or more"),
        ({"entrants": [1]}, "entrants must have a number for each level"),
        ({"steps": 0}, "steps must be 1 or more"),
    ],
)
def test_what_cannot_be_is_refused(change: dict[str, object], words: str) -> None:
    given = {"now": [4, 2], "probabilities": np.eye(2) / 2, "entrants": [1, 1], "steps": 2} | change
    with pytest.raises(ValueError, match=words):
        caseload_moments(**given)


def test_all_faults_are_said_at_once_without_the_counts() -> None:
    with pytest.raises(ValueError, match="now must be 0 or more; entrants must be 0 or more") as refused:
        caseload_moments([-7654], [[0.5]], [-7654], 1)
    assert "7654" not in str(refused.value)


def test_stocks_and_forecasts_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match=r"stocks must be 0 or more \(position 1\)"):
        entrants_from_stocks([[1], [-1]], [[0.5]])
    with pytest.raises(ValueError, match="a column for each level"):
        entrants_from_stocks([[1, 2], [1, 2]], [[0.5]])
    with pytest.raises(ValueError, match=r"entrants must be 0 or more \(position 0\)"):
        entrants_observed([[-1], [1]])
    with pytest.raises(ValueError, match="entrants must come from these draws"):
        forecast_caseload(NOW, draws(3), entrants_from_stocks(np.tile(NOW, (5, 1)), draws(4)), steps=1)
    with pytest.raises(ValueError, match="entrant_factor must be 0 or more"):
        forecast_caseload(NOW, MOVES, certain([*ENTRANTS]), steps=1, entrant_factor=-1)
    with pytest.raises(ValueError, match="confidence"):
        forecast_caseload(NOW, MOVES, certain([*ENTRANTS]), steps=1, confidence=1)
    with pytest.raises(ValueError, match="stocks must be 0 or more"):
        backtest_caseload([[-1], [1]], lambda _: None)
