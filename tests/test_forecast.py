"""Forecasts: the closed form, limits that widen, seasons, refusals, and intervals that held on the published past."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import nbinom

from needs_assessment.methods.forecast import USUAL, Forecast, Variation, backtest, forecast, usual_variation

OFFICIAL = Path(__file__).resolve().parents[1].parent / "shared" / "official"
STEADY = Variation(0.0, 0.0)

# Fatal accidents in worldwide airline flights, 1976 to 1985: Gelman and others (2013), Bayesian Data Analysis, 3rd
# edition, table 2.2; passenger miles (in 100 million) are deaths ÷ death rate, as its exercise 2.13 has them.
ACCIDENTS = [24, 25, 31, 31, 22, 21, 26, 20, 16, 22]
MILES = [3863, 4300, 5027, 5481, 5814, 6033, 5877, 6223, 7433, 7107]


def limits(made: Forecast) -> list[float]:
    """The limits of the first period of the first series, from the lowest up."""
    return [float(bound[0, 0]) for bound in (made.lower95, made.lower80, made.upper80, made.upper95)]


def test_the_published_prediction_of_airline_accidents_is_reproduced() -> None:
    # Exercise 2.13 (a) with Jeffreys' prior: a gamma of 0.5 + 238 and 10; 95% of 1986's accidents from 14 to 34
    # (published solution, dokudo91.github.io, BDA3 exercises 2.11 and 2.13).
    made = forecast([ACCIDENTS], 1.0, 1, variation=STEADY)
    assert made.expected[0, 0] == pytest.approx(23.85)
    assert (limits(made)[0], limits(made)[3]) == (14, 34)


def test_exposure_ahead_is_followed() -> None:
    # Exercise 2.13 (b): the same for 8000 units of passenger miles in 1986, against the closed form.
    made = forecast([ACCIDENTS], [[*MILES, 8000]], 1, variation=STEADY)
    closed = nbinom(238.5, sum(MILES) / (sum(MILES) + 8000))
    assert made.expected[0, 0] == pytest.approx(closed.mean())
    assert limits(made) == [closed.ppf(share) for share in (0.025, 0.1, 0.9, 0.975)]


def test_the_last_exposure_stands_for_those_ahead() -> None:
    known, given_ahead = forecast([ACCIDENTS], [MILES], 1), forecast([ACCIDENTS], [[*MILES, MILES[-1]]], 1)
    assert known.expected[0, 0] == given_ahead.expected[0, 0]


def test_a_level_that_moves_is_followed_and_one_that_stays_is_averaged() -> None:
    counts = [[100, 100, 100, 100, 100, 200, 200]]
    moving, staying = (forecast(counts, 1.0, 1, variation=Variation(sd, 0.0)).expected[0, 0] for sd in (1.0, 0.0))
    assert staying == pytest.approx(900.5 / 7)
    assert moving == pytest.approx(200, rel=0.01)


def test_a_passing_outlier_is_discounted_where_scatter_passes() -> None:
    counts = [[100, 100, 100, 100, 100, 300]]
    level, passing = (forecast(counts, 1.0, 1, variation=Variation(0.1, sd)).expected[0, 0] for sd in (0.0, 0.5))
    assert 100 < passing < level < 300


def test_limits_widen_with_the_horizon_and_hold_each_other() -> None:
    made = forecast([[30, 28, 33, 31, 29, 35]], 1.0, 4, variation=USUAL[1])
    assert (np.diff(made.upper95[0]) >= 0).all() and made.upper95[0, 3] > made.upper95[0, 0]
    assert (np.diff(made.lower95[0]) <= 0).all()
    assert (made.lower95 <= made.lower80).all() and (made.lower80 <= made.expected).all()
    assert (made.expected <= made.upper80).all() and (made.upper80 <= made.upper95).all()
    assert made.expected[0] == pytest.approx(np.full(4, made.expected[0, 0]))


@given(st.lists(st.integers(0, 300), min_size=5, max_size=9), st.floats(0, 0.6), st.floats(0, 0.6))
def test_limits_are_whole_counts_from_nought_up(counts: list[int], change_sd: float, period_sd: float) -> None:
    made = forecast([counts], 1.0, 2, variation=Variation(change_sd, period_sd))
    for bound in (made.lower80, made.upper80, made.lower95, made.upper95):
        assert (bound >= 0).all() and (bound == np.floor(bound)).all()
    assert (made.expected > 0).all()


def test_nothing_seen_is_not_nothing_to_come() -> None:
    made = forecast([[0, 0, 0, 0, 0]], 1.0, 1)
    assert made.lower95[0, 0] == 0 < made.upper95[0, 0]
    assert 0 < made.expected[0, 0] < 1


@pytest.mark.parametrize(
    ("frequency", "shortest", "words"), [(1, 5, "fewer than 5"), (4, 8, "fewer than 8"), (12, 24, "fewer than 24")]
)
def test_too_short_a_history_has_no_forecast_but_a_reason(frequency: int, shortest: int, words: str) -> None:
    counts = np.full((2, shortest), 20.0)
    counts[0, 1] = np.nan
    made = forecast(counts, 1.0, 2, frequency=frequency)
    assert made.reason[0] == f"{words} periods with a count" and made.reason[1] is None
    assert np.isnan([figures[0] for figures in made[:5]]).all()
    assert np.isfinite([figures[1] for figures in made[:5]]).all()


def test_a_gap_makes_the_forecast_less_certain_and_is_no_nought() -> None:
    full, gapped = [40, 41, 39, 40, 42, 41, 40], [40, 41, 39, 40, 42, np.nan, np.nan]
    made = forecast([full, gapped], 1.0, 1, variation=USUAL[1])
    assert made.expected[1, 0] == pytest.approx(40.5, abs=1.5)
    assert made.upper95[1, 0] - made.lower95[1, 0] > made.upper95[0, 0] - made.lower95[0, 0]


def test_a_quarter_that_dips_each_year_is_forecast_to_dip_whatever_the_first_quarter() -> None:
    year = [120, 60, 110, 130]
    made = forecast([year * 3], 1.0, 4, frequency=4, variation=Variation(0.1, 0.05))
    assert made.expected[0].argmin() == 1
    assert 60 < made.expected[0, 1] < 75
    later = forecast([(year * 3)[1:-1]], 1.0, 4, frequency=4, variation=Variation(0.1, 0.05))
    assert later.expected[0].argmin() == 2


def test_few_events_hardly_make_a_season() -> None:
    made = forecast([[3, 0, 3, 3] * 2], 1.0, 4, frequency=4)
    assert made.expected[0].min() > 0.7 * made.expected[0].mean()


def test_variation_is_found_in_series_that_were_made_with_it() -> None:
    generator = np.random.default_rng(3)
    walk = 0.3 * generator.normal(size=(400, 8)).cumsum(axis=1)
    counts = generator.poisson(80 * np.exp(walk + 0.15 * generator.normal(size=(400, 8))))
    found = usual_variation(counts, 1.0)
    assert found.change_sd == pytest.approx(0.3, abs=0.04)
    assert found.period_sd == pytest.approx(0.15, abs=0.05)


def test_few_series_or_small_ones_take_the_usual_variation() -> None:
    assert usual_variation([[30, 28, 33, 31, 29, 35]], 1.0) == USUAL[1]
    assert usual_variation(np.full((100, 8), 3), 1.0) == USUAL[1]
    assert usual_variation([[30] * 8], 1.0, 4) == USUAL[4]


def test_a_steady_chance_has_no_variation_beyond_it() -> None:
    found = usual_variation(np.full((100, 8), 50), 1.0)
    assert found == Variation(0.0, 0.0)


def test_the_backtest_counts_by_hand() -> None:
    # Two series of seven years: origins after five and six years, so two forecasts a year ahead of each series and one
    # two years ahead. The jump to 900 lies outside every limit, the gap is not checked.
    counts = [[50, 50, 50, 50, 50, 50, 900], [50, 50, 50, 50, 50, np.nan, 50]]
    found = backtest(counts, 1.0, 2, variation=USUAL[1])
    assert found.forecasts.tolist() == [3, 2]
    assert found.covered95.tolist() == pytest.approx([2 / 3, 1 / 2])
    assert found.covered80.tolist() == pytest.approx([2 / 3, 1 / 2])


def test_the_backtest_knows_nothing_of_what_came_after() -> None:
    early = np.array([[50, 55, 48, 52, 51, 50]] * 12, dtype=float)
    calm, wild = np.hstack([early, np.full((12, 1), 50)]), np.hstack([early, np.full((12, 1), 5000)])
    assert backtest(calm, 1.0, 1).covered95[0] == 1
    assert backtest(wild, 1.0, 1).covered95[0] == 0.5


def test_without_history_nothing_is_backtested() -> None:
    found = backtest([[1, 2, 3, 4, 5]], 1.0, 2)
    assert found.forecasts.tolist() == [0, 0]
    assert np.isnan(found.covered95).all()


def test_bad_input_is_refused() -> None:
    with pytest.raises(ValueError, match=r"horizon must be 1 or more; frequency must be one of 1, 4, 12"):
        forecast([[1] * 5], 1.0, 0, frequency=3)
    with pytest.raises(ValueError, match=r"counts must be 0 or more.*position 1"):
        forecast([[1] * 5, [-1] * 5], 1.0, 1)
    with pytest.raises(ValueError, match=r"exposures must be above 0.*position 0"):
        forecast([[1] * 5], [[1, 1, 1, 1, 1, 0]], 1)
    with pytest.raises(ValueError, match="exposures must have the periods of counts"):
        forecast([[1] * 5], [[1.0] * 4], 1)


@pytest.mark.skipif(not OFFICIAL.exists(), reason="needs the official statistics in ../shared/official")
def test_limits_held_the_published_years_of_english_authorities() -> None:
    tallies = np.array([_held(factor) for factor in ("Child_sexual_exploitation", "Gangs", "Going_missing")]).sum(
        axis=0
    )
    assert tallies[0].min() > 800
    assert tallies[1] / tallies[0] == pytest.approx([0.95, 0.95], abs=0.02)


def _held(factor: str) -> list[np.ndarray]:
    """Forecasts made and held within their 95% limits, one and two years ahead, from the children in need release."""
    folder = OFFICIAL / "children_in_need"
    released = pd.read_csv(folder / "c3_factors_identified_at_end_of_assessment_2018_to_2025.csv", dtype=str)
    people = pd.read_csv(OFFICIAL / "population" / "ons_mid-year_population_estimates_2012_to_2024.csv", dtype=str)
    counts, children = _by_year(released, factor), _by_year(people, "population_estimate")
    children = children.reindex(counts.index)[[year - 1 for year in counts.columns]]
    known = children.notna().all(axis=1)
    found = backtest(counts[known], children[known], 2)
    return [found.forecasts, found.forecasts * found.covered95]


def _by_year(table: pd.DataFrame, column: str) -> pd.DataFrame:
    """A row for each authority and a column for each year."""
    rows = table[table["geographic_level"] == "Local authority"]
    rows = rows[rows["age_group"].str.contains("0 to 17")] if "age_group" in rows else rows
    figures = pd.DataFrame(
        {
            "area": rows["new_la_code"],
            "year": rows["time_period"].astype(int),
            "figure": pd.to_numeric(rows[column], errors="coerce"),
        }
    )
    return figures.pivot_table(index="area", columns="year", values="figure", dropna=False)
