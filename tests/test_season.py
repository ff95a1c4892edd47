"""Seasons of quarterly counts, the same season a year before, and school days in England."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import f, norm, t

from needs_assessment.methods.school_terms import school_days, school_share, typical_school_days
from needs_assessment.methods.season import Seasonality, same_season_last_year, seasonal_ratios
from needs_assessment.vocabulary import Period

QUARTERS = ["2022-04-01", "2022-07-01", "2022-10-01", "2023-01-01"]
QUARTER_ENDS = ["2022-06-30", "2022-09-30", "2022-12-31", "2023-03-31"]

# Passengers of international airlines by month, 1949 and 1950, in thousands: Box and Jenkins (1970), Time Series
# Analysis, series G.
PASSENGERS = [112, 118, 132, 129, 121, 135, 148, 148, 136, 119, 104, 118]
PASSENGERS += [115, 126, 141, 135, 125, 149, 170, 170, 158, 133, 114, 140]


def by_quarter(counts: list[float | None], **options: float) -> Seasonality:
    """The seasons of one series of quarters."""
    quarters = np.arange(len(counts))
    return seasonal_ratios(counts, 1.0, quarters % 4 + 1, quarters / 4, **options)


def test_two_like_years_give_each_quarter_over_the_mean() -> None:
    found = by_quarter([50, 30, 60, 60] * 2)
    assert found.season.tolist() == [1, 2, 3, 4]
    assert found.ratio == pytest.approx([1.0, 0.6, 1.2, 1.2])
    assert found.periods.tolist() == [2, 2, 2, 2]
    assert found.reason is None


def test_limits_and_test_are_those_of_statsmodels_with_the_ratio_written_out() -> None:
    # The same model with one season as the base; errors of the ratios by drawing its coefficients at random.
    months, times = np.arange(24) % 12, np.arange(24) / 12
    found = seasonal_ratios(PASSENGERS, 1.0, months, times)
    design = np.column_stack([np.ones(24), (months[:, None] == np.arange(1, 12)).astype(float), times])
    fit = sm.GLM(PASSENGERS, design, sm.families.Poisson()).fit()
    effects = np.concatenate([[0], fit.params[1:12]])
    assert found.ratio == pytest.approx(12 * np.exp(effects) / np.exp(effects).sum())
    draws = np.random.default_rng(5).multivariate_normal(fit.params, fit.cov_params(), 20_000)
    drawn = np.exp(np.column_stack([np.zeros(20_000), draws[:, 1:12]]))
    error = np.log(12 * drawn / drawn.sum(axis=1, keepdims=True)).std(axis=0)
    narrow = seasonal_ratios(PASSENGERS, 1.0, months, times, confidence=0.5)
    assert np.log(narrow.upper / narrow.lower) / 2 / error == pytest.approx(np.full(12, t.isf(0.25, 11)), rel=0.03)


def test_the_p_value_is_the_f_test_of_the_deviances() -> None:
    counts = [32, 7, 32, 36, 36, 23, 34, 42, 27, 20, 32, 38]
    times, quarters = np.arange(12) / 4, np.arange(12) % 4
    formula = {"plain": np.column_stack([np.ones(12), times])}
    formula["full"] = np.column_stack([formula["plain"], quarters[:, None] == np.arange(1, 4)]).astype(float)
    fits = {name: sm.GLM(counts, design, sm.families.Poisson()).fit(scale="X2") for name, design in formula.items()}
    scale = fits["full"].scale
    assert scale > 1
    statistic = (fits["plain"].deviance - fits["full"].deviance) / 3 / scale
    assert by_quarter(counts).p_value == pytest.approx(f.sf(statistic, 3, 7))


def test_a_trend_is_not_taken_for_a_season() -> None:
    steady_rise = [100 * 1.1**quarter for quarter in range(12)]
    found = by_quarter(steady_rise)
    assert found.ratio == pytest.approx(np.ones(4), abs=1e-6)
    assert found.p_value == pytest.approx(1)


def test_exposure_by_school_days_takes_the_dip_away() -> None:
    days = school_days(QUARTERS, QUARTER_ENDS)
    counts, quarters = np.tile(days, 3), np.arange(12)
    by_day = seasonal_ratios(counts, counts, quarters % 4, quarters / 4)
    assert by_quarter(list(counts)).ratio[1] < 0.75
    assert by_day.ratio == pytest.approx(np.ones(4))


@given(st.lists(st.integers(5, 60), min_size=12, max_size=12))
def test_ratios_have_mean_one_and_lie_within_their_limits(counts: list[int]) -> None:
    found = by_quarter(list(counts))
    assert found.ratio.mean() == pytest.approx(1)
    assert ((found.lower < found.ratio) & (found.ratio < found.upper)).all()


@pytest.mark.parametrize(
    ("counts", "reason"),
    [
        ([30, 20, 30, 30, 31, 19, 33], "fewer than 2 years of every season"),
        ([30, 20, 30, 30, 31, None, 33, 30], "fewer than 2 years of every season"),
        ([2, 1, 2, 2, 3, 1, 2, 3], "fewer than 5 events for each season over all years"),
        ([30, 0, 30, 30, 31, 0, 33, 30], "a season without any event"),
    ],
)
def test_too_little_gives_no_seasons_but_a_reason(counts: list[float | None], reason: str) -> None:
    found = by_quarter(counts)
    assert found.reason == reason
    assert np.isnan([found.ratio, found.lower, found.upper]).all() and np.isnan(found.p_value)


def test_a_gap_is_left_out_and_no_nought() -> None:
    found = by_quarter([50, 30, 60, 60, 50, 30, 60, 60, 50, None, 60, 60])
    assert found.ratio == pytest.approx([1.0, 0.6, 1.2, 1.2])
    assert found.periods.tolist() == [3, 2, 3, 3]


def test_bad_series_are_refused() -> None:
    with pytest.raises(ValueError, match="seasons and times must be one for each period"):
        seasonal_ratios([1, 2, 3], 1.0, [1, 2], [0, 1, 2])
    with pytest.raises(ValueError, match=r"seasons must not.*position 1\); times must be finite.*position 2"):
        seasonal_ratios([1, 2, 3], 1.0, ["a", None, "b"], [0, 1, np.nan])


def test_no_more_seasons_are_found_by_chance_than_claimed() -> None:
    generator = np.random.default_rng(20250331)
    called = [by_quarter(list(generator.poisson(25, 12))).p_value < 0.05 for _ in range(150)]
    assert sum(called) <= 150 * 0.05 + norm.isf(0.01) * np.sqrt(150 * 0.05 * 0.95)


def test_each_quarter_finds_the_same_one_a_year_before() -> None:
    days = ["2022-04-01", "2022-07-01", "2023-07-01", "2023-04-01", "2024-07-01"]
    assert same_season_last_year(days).tolist() == [-1, -1, 1, 0, 2]
    assert same_season_last_year(np.array([], dtype="datetime64[D]")).tolist() == []
    with pytest.raises(ValueError, match=r"must not be missing \(position 0\); first_days must not repeat"):
        same_season_last_year(["NaT", "2022-04-01", "2022-04-01"])


# Staffordshire's terms, as its schools publish them (moorhill.staffs.sch.uk/parents/term-dates): the last
# day before each holiday and the day on which schools open again, training days counted as open.
STAFFORDSHIRE = {
    2025: [
        (date(2025, 10, 24), date(2025, 11, 3)),
        (date(2025, 12, 19), date(2026, 1, 5)),
        (date(2026, 2, 13), date(2026, 2, 23)),
        (date(2026, 3, 27), date(2026, 4, 13)),
        (date(2026, 5, 22), date(2026, 6, 1)),
    ],
    2026: [
        (date(2026, 10, 23), date(2026, 11, 2)),
        (date(2026, 12, 18), date(2027, 1, 4)),
        (date(2027, 2, 12), date(2027, 2, 22)),
        (date(2027, 3, 25), date(2027, 4, 12)),
        (date(2027, 5, 28), date(2027, 6, 7)),
    ],
}


@pytest.mark.parametrize("year", STAFFORDSHIRE)
def test_the_typical_year_closes_when_a_councils_schools_do(year: int) -> None:
    days = typical_school_days(year).astype(object)
    for last, first in STAFFORDSHIRE[year]:
        assert max(day for day in days if day < first) == last
        # Two terms begin with a training day in the typical year.
        assert min(day for day in days if day > last) - first <= timedelta(days=1)
    assert date(year, 9, 2) <= days[0] <= date(year, 9, 6)
    assert date(year + 1, 7, 17) <= days[-1] <= date(year + 1, 7, 22)


@pytest.mark.parametrize("year", range(2010, 2041))
def test_every_school_year_has_190_days_and_ends_in_late_july(year: int) -> None:
    days = typical_school_days(year)
    assert len(days) == len(np.unique(days)) == 190
    assert np.is_busday(days).all()
    assert date(year, 9, 4) <= days[0].astype(object) <= date(year, 9, 8)
    assert date(year + 1, 7, 17) <= days[-1].astype(object) <= date(year + 1, 7, 24)


@pytest.mark.parametrize(
    ("year", "easter"),
    # Easter Sundays as the Church of England's calendar and the Astronomical Applications Department (USNO) list them.
    [(2008, date(2008, 3, 23)), (2011, date(2011, 4, 24)), (2024, date(2024, 3, 31)), (2025, date(2025, 4, 20))],
)
def test_no_school_on_good_friday_nor_on_easter_monday_however_early_or_late(year: int, easter: date) -> None:
    friday, monday = np.datetime64(easter) - 2, np.datetime64(easter) + 1
    assert not np.isin([friday, monday], typical_school_days(year - 1)).any()


def test_the_summer_quarter_has_half_its_weekdays_in_school() -> None:
    assert school_days(QUARTERS, QUARTER_ENDS).tolist() == [48, 34, 50, 58]
    assert school_share(QUARTERS, QUARTER_ENDS) == pytest.approx([48 / 65, 34 / 66, 50 / 65, 58 / 65])
    assert school_days("2023-08-01", "2023-08-31") == 0


def test_bank_holidays_are_no_school_days() -> None:
    assert school_days("2024-05-06", "2024-05-06") == 0
    assert school_days("2023-01-02", "2023-01-02", [Period(date(2023, 1, 1), date(2023, 1, 31))]) == 0
    assert school_days("2023-01-03", "2023-01-03", [Period(date(2023, 1, 1), date(2023, 1, 31))]) == 1


def test_an_areas_own_terms_take_the_place_of_the_typical_ones() -> None:
    own = [Period(date(2024, 8, 19), date(2024, 10, 11)), Period(date(2024, 10, 10), date(2024, 10, 14))]
    assert school_days("2024-08-01", "2024-08-31", own) == 9  # 19 to 30 August without the bank holiday on the 26th
    assert school_days("2024-10-07", "2024-10-31", own) == 6  # overlapping terms count a day once


@given(st.dates(date(2015, 1, 1), date(2030, 1, 1)), st.integers(0, 400), st.integers(0, 400))
def test_splitting_a_span_adds_up(start: date, first: int, second: int) -> None:
    begin = np.datetime64(start)
    middle, end = begin + first, begin + first + 1 + second
    whole = school_days(begin, end)
    assert whole == school_days(begin, middle) + school_days(middle + 1, end)
    assert 0 <= whole <= np.busday_count(begin, end + 1)


def test_a_weekend_alone_has_no_share_and_bad_spans_are_refused() -> None:
    assert np.isnan(school_share("2024-06-01", "2024-06-02"))
    with pytest.raises(ValueError, match=r"a last day must not be before its first \(position 1\)"):
        school_days(["2024-06-01", "2024-06-03"], ["2024-06-01", "2024-06-02"])
    with pytest.raises(ValueError, match=r"days must not be missing \(position 0\)"):
        school_share(["NaT"], ["2024-06-01"])
