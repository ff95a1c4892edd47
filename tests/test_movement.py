"""How recorded demand moves: changes, trends, forecasts, control charts and seasons, each from printed counts alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from small_evidence import FIRST, FORCE, SECOND, USUAL, table

from needs_assessment.demand import changes, control_charts, forecasts, seasons, series_of, trends
from needs_assessment.demand.movement import BROKEN, BY_CHANCE, NOT_SHOWN, USUALLY
from needs_assessment.methods.change import count_change, usual_change_limits
from needs_assessment.methods.forecast import Variation, forecast
from needs_assessment.methods.trend import trend
from needs_assessment.vocabulary import RecordingFlag, Verdict

FIGURE = ["source_id", "measure", "unit", "exploitation_type", "area_code", "period_start", "period_end"]
USUAL_FIGURE = {key: value for key, value in USUAL["observations"].items() if key in FIGURE}


def rates(counts: list[int | None], months: int = 12, first: str = "2017-04-01", **row: object) -> pd.DataFrame:
    """The measure table of one series: consecutive periods from the first day; None is a withheld count."""
    starts = pd.date_range(first, periods=len(counts), freq=pd.DateOffset(months=months))
    figures = pd.DataFrame({**USUAL_FIGURE, "period_start": starts, "count": pd.array(counts, dtype="Int64"), **row})
    figures["period_end"] = starts + pd.DateOffset(months=months) - pd.Timedelta(days=1)
    figures["person_years"] = row.get("person_years", 20_000 * months / 12)
    words = ["source_id", "measure", "unit", "exploitation_type", "area_code"]
    return figures.astype(
        dict.fromkeys(words, "string") | dict.fromkeys(["period_start", "period_end"], "datetime64[us]")
    )


def flags(*rows: dict[str, object]) -> pd.DataFrame:
    columns = [*FIGURE, "flag", "changed_on"]
    words = [column for column in columns if not column.startswith(("period", "changed"))]
    found = pd.DataFrame([{**USUAL_FIGURE, "changed_on": None, **row} for row in rows], columns=columns)
    days = dict.fromkeys(["period_start", "period_end", "changed_on"], "datetime64[us]")
    return found.astype(dict.fromkeys(words, "string") | days)


def groups(centre: float | None = None, spread: float | None = None) -> pd.DataFrame:
    """How much authorities usually change into the year ending March 2019."""
    row = {"period_start": "2018-04-01", "period_end": "2019-03-31"}
    row |= {"change_centre": "" if centre is None else str(centre), "change_sd": "" if spread is None else str(spread)}
    return table("peer_groups", row).assign(basis="authorities")


def moved(
    figures: pd.DataFrame, flagged: pd.DataFrame | None = None, usual: pd.DataFrame | None = None
) -> pd.DataFrame:
    sets = series_of(figures, flags() if flagged is None else flagged)
    return changes(sets, groups() if usual is None else usual)


# Changes


def test_a_figure_stands_beside_that_of_the_year_before_with_exact_limits():
    """The counts are Derbyshire's children at high risk in February and November 2018."""
    (row,) = moved(rates([8, 22])).itertuples()
    expected = count_change(8, 22, exposure_before=20_000, exposure_after=20_000)
    assert (row.before, row.after) == (8, 22)
    assert (row.rate_ratio, row.lower, row.upper) == pytest.approx((2.75, expected.lower, expected.upper))
    assert (f"{row.before_start:%F}", f"{row.before_end:%F}") == ("2017-04-01", "2018-03-31")
    assert pd.isna(row.percentage)  # 8 is below the base on which a percentage is given
    assert (row.verdict, row.reason) == (Verdict.HIGHER, BY_CHANCE)


@pytest.mark.parametrize(
    ("counts", "word"), [([22, 8], Verdict.LOWER), ([8, 9], Verdict.SIMILAR), ([0, 0], Verdict.SIMILAR)]
)
def test_without_a_usual_change_chance_alone_decides(counts, word):
    (row,) = moved(rates(counts)).itertuples()
    assert (row.verdict, row.reason) == (word, BY_CHANCE)


def test_a_change_that_authorities_usually_make_is_similar_whatever_chance_says():
    usual = groups(0.0, 0.3)
    by_chance, allowed = (moved(rates([100, 150]), usual=known).iloc[0] for known in (groups(), usual))
    assert (by_chance["verdict"], allowed["verdict"]) == (Verdict.HIGHER, Verdict.SIMILAR)
    assert allowed["reason"] == USUALLY
    limits = usual_change_limits(100, 150, exposure_before=1, exposure_after=1, centre=0.0, spread=0.3)
    assert allowed[["usual_lower", "usual_upper"]].tolist() == pytest.approx([float(limit) for limit in limits])
    assert moved(rates([100, 250]), usual=usual)["verdict"].tolist() == [Verdict.HIGHER]
    assert moved(rates([250, 100]), usual=usual)["verdict"].tolist() == [Verdict.LOWER]


def test_what_is_usual_is_that_of_authorities_alone():
    row = moved(rates([100, 150], area_code=FORCE), usual=groups(0.0, 0.3)).iloc[0]
    assert (row["verdict"], row["reason"]) == (Verdict.HIGHER, BY_CHANCE)


def test_a_percentage_is_given_on_a_base_of_twenty():
    assert moved(rates([20, 30]))["percentage"].tolist() == [50]
    assert moved(rates([19, 30]))["percentage"].isna().all()


def test_a_quarter_stands_beside_the_same_quarter_a_year_before():
    table = moved(rates([10, 11, 12, 13, 14, 15], months=3))
    assert table[["before", "after"]].to_numpy().tolist() == [[10, 14], [11, 15]]
    assert table["frequency"].unique().tolist() == ["quarter"]


def test_months_stand_beside_the_same_month_a_year_before():
    assert moved(rates(list(range(13)), months=1))[["before", "after"]].to_numpy().tolist() == [[0, 12]]


def test_a_withheld_count_gives_nothing_but_the_one_that_is_printed():
    table = moved(rates([10, None, 30]))
    assert table["reason"].tolist() == [NOT_SHOWN, NOT_SHOWN]
    assert table["verdict"].tolist() == [Verdict.CANNOT_TELL] * 2
    assert table[["rate_ratio", "lower", "upper", "p_value", "percentage", "usual_lower"]].isna().all(axis=None)
    assert table["before"].tolist() == [10, pd.NA]


@pytest.mark.parametrize(
    "flag",
    [
        {"flag": RecordingFlag.KNOWN_BREAK, "changed_on": "2018-06-01"},
        {"flag": RecordingFlag.JUMP},
        {"flag": RecordingFlag.OFFSETTING_MOVE},
    ],
)
def test_no_change_is_judged_across_a_recording_break(flag):
    period = {"period_start": "2018-04-01", "period_end": "2019-03-31"}
    table = moved(rates([100, 300, 310]), flags({**period, **flag}))
    assert table["reason"].tolist() == [BROKEN, BY_CHANCE]
    assert table["verdict"].tolist() == [Verdict.CANNOT_TELL, Verdict.SIMILAR]


def test_a_doubtful_zero_is_a_gap():
    period = {"period_start": "2018-04-01", "period_end": "2019-03-31"}
    table = moved(rates([100, 0, 110]), flags({**period, "flag": RecordingFlag.IMPLAUSIBLE_ZERO}))
    assert table["reason"].tolist() == [NOT_SHOWN, NOT_SHOWN]


def test_figures_of_two_sources_areas_or_harms_are_never_set_beside_each_other():
    apart = [{"source_id": "another"}, {"area_code": SECOND}, {"exploitation_type": "CCE"}, {"measure": "gangs"}]
    for other in apart:
        assert moved(pd.concat([rates([8]), rates([22], first="2018-04-01", **other)])).empty


def test_a_change_of_residents_is_taken_out_of_the_ratio():
    figures = pd.concat([rates([100]), rates([200], first="2018-04-01", person_years=40_000)])
    assert moved(figures)["rate_ratio"].tolist() == pytest.approx([1])


def test_series_of_areas_whose_residents_are_not_known_are_compared_by_their_counts():
    assert moved(rates([100, 150], person_years=np.nan))["rate_ratio"].tolist() == pytest.approx([1.5])


def test_a_figure_that_a_source_states_twice_makes_no_point():
    figures = pd.concat([rates([8, 22]), rates([9])])
    assert moved(figures).empty


def test_periods_that_are_no_whole_months_make_no_series():
    figures = rates([8, 22])
    assert moved(figures.assign(period_end=figures["period_end"] - pd.Timedelta(days=1))).empty


# Whole series

EIGHT = [50, 55, 60, 66, 73, 80, 88, 97]


def test_a_trend_is_that_of_the_method_with_the_usual_yearly_change():
    (row,) = trends(series_of(rates(EIGHT), flags()), groups(0.0, 0.05)).itertuples()
    found = trend([EIGHT], 20_000.0 * np.ones((1, 8)), np.arange(8), change_sd=0.05)
    assert (row.ratio_per_year, row.lower, row.upper) == pytest.approx(
        (found.ratio_per_year[0], found.lower[0], found.upper[0])
    )
    assert (row.periods, f"{row.period_start:%F}", f"{row.period_end:%F}") == (8, "2017-04-01", "2025-03-31")
    assert row.verdict == Verdict.HIGHER
    assert pd.isna(row.no_forecast)


def test_a_falling_series_is_lower_and_one_that_wanders_is_similar():
    falling, wandering = (
        trends(series_of(rates(counts), flags()), groups(0.0, spread)).iloc[0]
        for counts, spread in ((EIGHT[::-1], 0.05), (EIGHT, 0.5))
    )
    assert (falling["verdict"], wandering["verdict"]) == (Verdict.LOWER, Verdict.SIMILAR)


def test_no_trend_is_drawn_across_a_break_and_too_few_periods_say_why():
    period = {"period_start": "2022-04-01", "period_end": "2023-03-31"}
    broken = flags({**period, "flag": RecordingFlag.KNOWN_BREAK, "changed_on": "2022-04-01"})
    (row,) = trends(series_of(rates(EIGHT), broken), groups()).itertuples()
    assert (row.periods, f"{row.period_start:%F}", row.verdict) == (3, "2022-04-01", Verdict.CANNOT_TELL)
    assert row.reason == row.no_forecast == "fewer than 5 periods with a count"
    assert forecasts(series_of(rates(EIGHT), broken), groups()).empty


def test_a_forecast_is_that_of_the_method_for_the_two_years_to_come():
    table = forecasts(series_of(rates(EIGHT), flags()), groups(0.0, 0.2))
    found = forecast([EIGHT], 20_000.0 * np.ones((1, 8)), 2, variation=Variation(0.2, 0.0))
    assert table["count_expected"].tolist() == pytest.approx(found.expected[0].tolist())
    assert (
        table[["lower95", "upper95"]].to_numpy().tolist() == np.transpose([found.lower95[0], found.upper95[0]]).tolist()
    )
    assert table["value"].tolist() == pytest.approx((found.expected[0] / 2).tolist())
    assert table["period_end"].dt.strftime("%F").tolist() == ["2026-03-31", "2027-03-31"]
    # Eight years leave three that five others came before, and two of these have a second year ahead.
    assert table["backtested"].tolist() == [3, 2]
    assert table["horizon"].tolist() == [1, 2]


def test_back_tests_are_counted_over_all_areas_that_count_the_same():
    both = pd.concat([rates(EIGHT), rates(EIGHT, area_code=SECOND), rates(EIGHT, exploitation_type="CCE")])
    table = forecasts(series_of(both, flags()), groups(0.0, 0.2))
    backtested = table[table["horizon"].eq(1)].set_index(["area_code", "exploitation_type"])["backtested"]
    assert backtested.to_dict() == {(FIRST, "CSE"): 6, (SECOND, "CSE"): 6, (FIRST, "CCE"): 3}


def test_a_control_chart_shows_each_printed_figure_with_the_limits_of_its_stretch():
    counts = [24, 26, 22, 25, 120, 27, None, 23, 24, 26, 25, 22]
    table = control_charts(series_of(rates(counts), flags()))
    assert table["plotted"].tolist() == [count / 2 for count in counts if count is not None]
    assert table["signal"].notna().tolist() == [count == 120 for count in counts if count is not None]
    assert table["trial"].all()
    assert table["why"].nunique() == 1


def test_a_series_too_rare_for_a_chart_keeps_its_points_and_says_why():
    table = control_charts(series_of(rates([0, 1, 0, 2, 1, 0, 1, 3]), flags()))
    assert table["chart"].unique().tolist() == ["none"]
    assert table[["centre", "lower", "upper"]].isna().all(axis=None)
    assert table["signal"].isna().all()
    assert table["why"].str.startswith("no chart: ").all()


def test_counts_are_charted_where_residents_are_not_known():
    assert control_charts(series_of(rates([24] * 8, person_years=np.nan), flags()))["plotted"].tolist() == [24] * 8


QUARTERS = [30, 15, 28, 27, 31, 15, 28, 26, 29, 15, 28, 28]


def test_seasons_are_told_of_quarters_in_the_order_of_the_year_from_april():
    table = seasons(series_of(rates(QUARTERS, months=3), flags()))
    assert table["season"].tolist() == ["April to June", "July to September", "October to December", "January to March"]
    assert table["ratio"].to_numpy() == pytest.approx(np.array(QUARTERS[:4]) / 25, abs=0.01)
    assert (table["p_value"] < 0.05).all()
    assert table["verdict"].tolist() == [Verdict.SIMILAR, Verdict.LOWER, Verdict.SIMILAR, Verdict.SIMILAR]
    assert table.loc[1, "school_share"] == table["school_share"].min()
    assert table["reason"].isna().all()


def test_a_series_that_begins_in_winter_has_the_same_seasons():
    table = seasons(series_of(rates(QUARTERS[3:] + QUARTERS[:3], months=3, first="2017-01-01"), flags()))
    assert table["season"].iloc[0] == "April to June"
    assert table["ratio"].to_numpy() == pytest.approx(np.array(QUARTERS[:4]) / 25, abs=0.01)


def test_fewer_than_two_years_of_quarters_say_why_there_are_no_seasons():
    table = seasons(series_of(rates(QUARTERS[:7], months=3), flags()))
    assert table["ratio"].isna().all()
    assert set(table["verdict"]) == {Verdict.CANNOT_TELL}
    assert table["reason"].unique().tolist() == ["fewer than 2 years of every season"]


def test_seasons_that_chance_could_have_made_are_similar_whatever_their_own_limits_say():
    quarters = [30, 24, 28, 27, 24, 20, 33, 26]
    table = seasons(series_of(rates(quarters, months=3), flags()))
    assert (table["p_value"] > 0.05).all()
    assert set(table["verdict"]) == {Verdict.SIMILAR}


def test_years_have_no_seasons():
    assert seasons(series_of(rates(EIGHT), flags())).empty


def test_tables_without_a_row_have_their_columns_and_kinds():
    nothing = series_of(rates([]), flags())
    made = [changes(nothing, groups()), trends(nothing, groups()), forecasts(nothing, groups())]
    for found in (*made, control_charts(nothing), seasons(nothing)):
        assert found.empty
        assert {"area_code", "measure"} <= {*found.columns}
        assert all(str(found[day].dtype) == "datetime64[us]" for day in found.columns if day.startswith("period_"))
