"""Providers' returns beside what came before them, and the totals of awards.

Golden numbers are those of the Overview of Commissioning Activity Report, quarter 2 of 2022/23, West Mercia (the
document of the seeds), retyped. Limits of a ratio a : b are p / (1 - p) of the Clopper-Pearson limits of a among a + b,
and limits of a proportion Wilson's, both from scipy.stats.binomtest.
"""

from __future__ import annotations

import pandas as pd
import pytest
from small_evidence import BASE, FIRST, FORCE, PRIVATE, PUBLIC, SECOND, table

from needs_assessment.services.awards import award_totals, with_share_spent
from needs_assessment.services.returns import (
    HOLIDAY_REASON,
    NO_BASE,
    PER_CENT_REASON,
    PLANNED_REASON,
    SNAPSHOT_REASON,
    WHOLE_REASON,
    return_comparisons,
)

Q2 = {"period_start": "2022-07-01", "period_end": "2022-09-30"}
Q1 = {"period_start": "2022-04-01", "period_end": "2022-06-30"}
YEAR_BEFORE = {"period_start": "2021-07-01", "period_end": "2021-09-30"}
SO_FAR = {"period_start": "2022-04-01", "period_end": "2022-09-30", "basis": "cumulative"}
REFERRALS = {"measure": "referrals", "unit": "referral", **Q2}
SUPPORTED = {"measure": "children_in_support", "unit": "child", "basis": "snapshot"}
DAY = {"period_start": "2022-09-30", "period_end": "2022-09-30"}
DAY_BEFORE = {"period_start": "2022-06-30", "period_end": "2022-06-30"}


def printed(*rows: dict[str, str], symbols: dict[int, str] | None = None) -> pd.DataFrame:
    """The rows as the table of a release: with a symbol where a figure is not shown."""
    returns = table("service_returns", *rows)
    missing = pd.Series(symbols or {}, index=returns.index, dtype="string")
    return returns.assign(missing=missing)


def compared(*rows: dict[str, str], symbols: dict[int, str] | None = None) -> pd.Series:
    """What stands beside the first of the rows."""
    return return_comparisons(printed(*rows, symbols=symbols)).iloc[0]


def compared_pairs(*pairs: tuple[dict[str, str], dict[str, str]]) -> pd.DataFrame:
    """What stands beside the first of each pair, each pair of a service of its own."""
    rows = [{"service_id": f"service_{at}"} | row for at, pair in enumerate(pairs) for row in pair]
    return return_comparisons(printed(*rows)).iloc[::2].reset_index(drop=True)


# Beside the quarter before and the year before


def test_a_figure_stands_beside_that_of_the_quarter_before_with_exact_limits() -> None:
    row = compared(REFERRALS | {"value": "55"}, REFERRALS | Q1 | {"value": "37"})
    assert (row["quarter_before"], pd.isna(row["year_before"])) == (37, True)
    ratio = row[["ratio_quarter", "ratio_quarter_lower", "ratio_quarter_upper"]].astype(float)
    assert ratio.tolist() == pytest.approx([55 / 37, 0.9623386, 2.3197156], rel=1e-6)


def test_a_figure_stands_beside_that_of_the_same_quarter_a_year_before() -> None:
    row = compared(REFERRALS | {"value": "492"}, REFERRALS | YEAR_BEFORE | {"value": "465"})
    ratio = row[["year_before", "ratio_year", "ratio_year_lower", "ratio_year_upper"]].astype(float)
    assert ratio.tolist() == pytest.approx([465, 1.0580645, 0.9301906, 1.2036608], rel=1e-6)
    assert pd.isna(row["reason"])


def test_figures_of_different_sources_that_agree_are_one_figure() -> None:
    before = REFERRALS | YEAR_BEFORE | {"value": "465"}
    row = compared(REFERRALS | {"value": "492"}, before, before | {"source_id": PRIVATE})
    assert row["year_before"] == 465


def test_of_two_figures_for_one_quarter_none_is_chosen_and_the_reason_names_both() -> None:
    before = REFERRALS | YEAR_BEFORE
    row = compared(REFERRALS | {"value": "400"}, before | {"value": "388"}, before | {"value": "425", "note": "second"})
    assert pd.isna(row["year_before"]) and pd.isna(row["ratio_year"])
    assert row["reason"].startswith("388 and 425 are given for the same period a year before")


def test_a_figure_that_is_itself_one_of_two_is_compared_with_nothing() -> None:
    rows = return_comparisons(
        printed(
            REFERRALS | {"value": "388"},
            REFERRALS | {"value": "425", "note": "second"},
            REFERRALS | Q1 | {"value": "400"},
        )
    )
    assert rows["quarter_before"].isna().all()
    assert rows["reason"].str.startswith("388 and 425 are given for this period").tolist()[:2] == [True, True]


def test_only_like_is_compared_with_like() -> None:
    others = [
        {"area_code": SECOND},
        {"service_id": "another"},
        {"measure": "new_referrals"},
        {"unit": "child"},
        {"basis": "cumulative"},
        {"period_start": "2022-05-01"},
        {"period_start": "2022-01-01", "period_end": "2022-03-31"},
        {},
    ]
    now, before = REFERRALS | {"value": "55"}, REFERRALS | Q1 | {"value": "37"}
    rows = compared_pairs(*((now, before | other) for other in others))
    assert rows["quarter_before"].fillna(-1).tolist() == [*[-1] * 7, 37]
    assert rows["ratio_quarter"].isna().tolist() == rows["reason"].isna().tolist() == [*[True] * 7, False]


def test_a_figure_so_far_has_a_year_before_and_no_quarter_before() -> None:
    so_far = REFERRALS | SO_FAR
    overlapping = {"period_start": "2022-01-01", "period_end": "2022-06-30", "value": "70"}
    row = compared(
        so_far | {"value": "80"},
        so_far | overlapping,
        so_far | {"period_start": "2021-04-01", "period_end": "2021-09-30", "value": "90"},
    )
    assert pd.isna(row["quarter_before"]) and row["year_before"] == 90


def test_a_withheld_figure_before_leaves_its_symbol_and_no_number() -> None:
    row = compared(REFERRALS | {"value": "55"}, REFERRALS | Q1, symbols={1: "c"})
    assert row["quarter_before_missing"] == "c"
    assert pd.isna(row["quarter_before"]) and pd.isna(row["ratio_quarter"]) and pd.isna(row["reason"])


def test_a_withheld_figure_has_no_ratio() -> None:
    row = compared(REFERRALS, REFERRALS | Q1 | {"value": "37"}, symbols={0: "c"})
    assert (row["missing"], row["quarter_before"]) == ("c", 37)
    assert pd.isna(row["ratio_quarter"]) and pd.isna(row["ratio_quarter_lower"])


def test_a_figure_after_none_has_no_ratio_and_says_so() -> None:
    row = compared(REFERRALS | {"value": "5"}, REFERRALS | Q1 | {"value": "0"})
    assert (
        pd.isna(row["ratio_quarter"]) and row["reason"] == "the figure of the quarter before is 0, so there is no ratio"
    )


def test_none_after_some_is_a_ratio_of_nought() -> None:
    row = compared(REFERRALS | {"value": "0"}, REFERRALS | Q1 | {"value": "9"})
    assert row["ratio_quarter"] == 0 and 0 < row["ratio_quarter_upper"] < 1


# Ratios without limits


def test_what_does_not_arrive_one_by_one_has_a_ratio_without_limits() -> None:
    reached = {"measure": "children_reached", "unit": "child"}
    sessions = {"measure": "sessions_delivered", "unit": "session"}
    periods = [(SUPPORTED, DAY, DAY_BEFORE), (reached, Q2, Q1), (sessions, Q2, Q1)]
    pairs = [(what | now | {"value": "110"}, what | before | {"value": "100"}) for what, now, before in periods]
    rows = compared_pairs(*pairs)
    assert rows["ratio_quarter"].tolist() == pytest.approx([1.1] * 3)
    assert rows[["ratio_quarter_lower", "ratio_quarter_upper"]].isna().all(axis=None)
    assert rows["reason"].tolist() == [SNAPSHOT_REASON, *[f"{PLANNED_REASON}; {HOLIDAY_REASON}"] * 2]


def test_per_cents_are_not_divided() -> None:
    share = {"measure": "victims_contacted_within_48_hours", "unit": "per cent"}
    row = compared(share | Q2 | {"value": "95.83"}, share | Q1 | {"value": "90.1"})
    assert row["quarter_before"] == 90.1 and pd.isna(row["ratio_quarter"])
    assert PER_CENT_REASON in row["reason"]


def test_counts_that_are_not_whole_have_no_limits() -> None:
    figures = [("54.5", "37"), ("54", "37.5")]
    rows = compared_pairs(*((REFERRALS | {"value": a}, REFERRALS | Q1 | {"value": b}) for a, b in figures))
    assert rows["ratio_quarter_lower"].isna().all() and rows["reason"].str.startswith(WHOLE_REASON).all()


# Per cents and their bases

SATISFIED = {"measure": "satisfaction_in_dip_sample", "unit": "per cent", "value": "98.7", **Q2}
SAMPLE = {"measure": "victims_in_dip_sample", "unit": "victim", "value": "300", **Q2}
IN_TIME = {"measure": "victims_contacted_within_48_hours", "unit": "per cent", "value": "95.83", **Q2}


def test_a_per_cent_has_wilsons_limits_on_the_number_that_it_is_of() -> None:
    row = compared(SATISFIED, SAMPLE, REFERRALS | {"value": "3834"})
    assert row[["base", "lower", "upper"]].astype(float).tolist() == pytest.approx([300, 96.62245, 99.48030], rel=1e-6)
    assert pd.isna(row["reason"])


def test_a_per_cent_that_no_number_is_stated_for_has_no_limits_and_says_what_it_is_not_of() -> None:
    # 471 of 492 are 95.73% and 472 are 95.93%: no number of them is 95.83%.
    row = compared(IN_TIME, REFERRALS | {"value": "492"})
    assert row[["base", "lower", "upper"]].isna().all()
    assert row["reason"] == f"{NO_BASE}; it is no share of the 492 referrals"


def test_a_number_that_a_per_cent_could_be_of_is_no_base_unless_the_words_say_so() -> None:
    row = compared(IN_TIME, REFERRALS | {"value": "24"})  # 23 of 24 are 95.83%
    assert pd.isna(row["base"]) and row["reason"] == NO_BASE


def test_a_base_is_printed_possible_and_of_the_same_return() -> None:
    others = [{"value": ""}, {"value": "10"}, {"source_id": PRIVATE}, {"service_id": "another"}, Q1, {}]
    rows = compared_pairs(*((SATISFIED, SAMPLE | other) for other in others))
    assert rows["base"].fillna(-1).tolist() == [*[-1] * 5, 300]
    assert rows["lower"].isna().tolist() == rows["reason"].notna().tolist() == [*[True] * 5, False]


def test_a_per_cent_above_100_is_a_share_of_nothing() -> None:
    row = compared(SATISFIED | {"value": "120"}, SAMPLE)
    assert pd.isna(row["base"]) and row["reason"].startswith(NO_BASE)


# Targets, holidays, and the shape


def test_a_figure_so_far_is_a_share_of_the_years_target() -> None:
    rows = return_comparisons(
        printed(
            REFERRALS | SO_FAR | {"value": "45", "target": "60"},
            REFERRALS | {"value": "45"},
            REFERRALS | Q1 | {"value": "45", "target": "0"},
        )
    )
    assert rows["of_target"].fillna(-1).tolist() == [0.75, -1, -1]


def test_july_to_september_is_the_quarter_of_school_holidays_and_no_other() -> None:
    quarters = pd.period_range("2010Q1", "2032Q4", freq="Q")
    rows = [
        REFERRALS
        | {
            "value": "10",
            "period_start": f"{quarter.start_time:%Y-%m-%d}",
            "period_end": f"{quarter.end_time:%Y-%m-%d}",
        }
        for quarter in quarters
    ]
    found = return_comparisons(printed(*rows))
    assert found["holiday_quarter"].tolist() == [quarter.quarter == 3 for quarter in quarters]


def test_a_day_and_half_a_year_are_no_holiday_quarters() -> None:
    found = return_comparisons(printed(SUPPORTED | DAY | {"value": "110"}, REFERRALS | SO_FAR | {"value": "80"}))
    assert found["holiday_quarter"].tolist() == [False, False]
    assert found["school_share"].isna().tolist() == [True, False]


def test_a_holiday_quarter_beside_a_term_is_marked_and_beside_another_holiday_quarter_is_not() -> None:
    row = compared(REFERRALS | {"value": "55"}, REFERRALS | Q1 | {"value": "37"})
    assert row["reason"] == HOLIDAY_REASON
    row = compared(REFERRALS | {"value": "55"}, REFERRALS | YEAR_BEFORE | {"value": "37"})
    assert pd.isna(row["reason"])


def test_no_returns_make_an_empty_table_of_the_same_columns() -> None:
    empty, full = return_comparisons(printed()), return_comparisons(printed(REFERRALS | {"value": "55"}))
    assert empty.empty and empty.dtypes.to_dict() == full.dtypes.to_dict()


def test_the_order_of_rows_changes_nothing_but_the_order() -> None:
    rows = [REFERRALS | {"value": "55"}, REFERRALS | Q1 | {"value": "37"}, REFERRALS | YEAR_BEFORE | {"value": "40"}]
    one, other = (return_comparisons(printed(*some)) for some in (rows, rows[::-1]))
    pd.testing.assert_frame_equal(one, other[::-1].reset_index(drop=True))


# Awards

AWARD = {"purpose": "partnership award", "area_code": FORCE, "period_start": "2022-04-01", "period_end": "2023-03-31"}
# Awarded and spent, in the order of the report.
AWARDS = {
    "Shropshire CSP": (98_441, 50_200),
    "Hereford CSP": (100_666, 88_700),
    "Telford CSP": (158_934, 135_640),
    "South Worcester CSP": (139_250, 139_250),
    "North Worcester CSP": (139_250, 101_789),
}
FIVE = [
    AWARD | {"recipient": name, "awarded_gbp": str(awarded), "spent_gbp": str(spent)}
    for name, (awarded, spent) in AWARDS.items()
]
TOTAL = {"statement_id": "total", "area_code": FORCE, "unit": "pound", "topic": "partnership"}
TOTAL |= {"wording": "The five CSPs were awarded a combined total of £636,541.", "value": "636541"}
AREAS = table("areas", *(row | {"police_force_area_code": FORCE} for row in BASE["areas"][:3]))


def totals(awards: list[dict[str, str]], *statements: dict[str, str]) -> pd.DataFrame:
    return award_totals(table("funding", *awards), table("statements", *statements), AREAS)


def test_five_awards_of_one_purpose_add_up_to_the_total_that_the_source_states() -> None:
    (total,) = totals(FIVE, TOTAL).to_dict("records")
    assert (total["recipients"], total["awarded_gbp"], total["spent_gbp"]) == (5, 636_541, 515_579)
    assert (total["unspent_gbp"], total["stated_gbp"], total["agrees"]) == (120_962, 636_541, True)
    assert total["share_spent"] == pytest.approx(515_579 / 636_541)
    assert total["area_code"] == total["police_force_area_code"] == FORCE


def test_a_stated_total_that_the_parts_do_not_make_does_not_agree() -> None:
    (total,) = totals(FIVE[:4], TOTAL).to_dict("records")
    assert (total["awarded_gbp"], total["stated_gbp"], total["agrees"]) == (497_291, 636_541, False)


@pytest.mark.parametrize(
    "other",
    [
        {"source_id": PRIVATE},
        {"area_code": FIRST},
        {"unit": "child"},
        {"wording": "The five CSPs were awarded £636,541."},
        {"wording": "A combined total of £636,541 for services."},
    ],
)
def test_a_statement_about_something_else_is_no_total(other: dict[str, str]) -> None:
    (total,) = totals(FIVE, TOTAL | other).to_dict("records")
    assert pd.isna(total["stated_gbp"]) and pd.isna(total["agrees"])


def test_of_two_stated_totals_none_is_chosen() -> None:
    (total,) = totals(FIVE, TOTAL, TOTAL | {"statement_id": "other", "value": "600000"}).to_dict("records")
    assert pd.isna(total["stated_gbp"])


def test_a_sum_with_a_part_that_is_not_stated_is_not_stated() -> None:
    (total,) = totals([*FIVE[:4], FIVE[4] | {"spent_gbp": ""}]).to_dict("records")
    assert total["awarded_gbp"] == 636_541
    assert pd.isna(total["spent_gbp"]) and pd.isna(total["share_spent"]) and pd.isna(total["unspent_gbp"])


@pytest.mark.parametrize(
    "second",
    [
        {"recipient": "Shropshire CSP", "note": "another wording of the same"},
        {"purpose": "another"},
        {"source_id": PRIVATE},
        {"period_start": "2021-04-01"},
        {"area_code": "W06000001"},
    ],
)
def test_what_is_not_of_one_purpose_source_and_period_is_not_added(second: dict[str, str]) -> None:
    assert totals([FIVE[0], FIVE[1] | second]).empty


def test_no_awards_make_an_empty_table_of_the_same_columns() -> None:
    assert totals([]).dtypes.to_dict() == totals(FIVE).dtypes.to_dict()


def test_a_share_is_told_only_where_awarded_and_spent_are_stated() -> None:
    awards = [FIVE[0], FIVE[3], AWARD | {"recipient": "a", "awarded_gbp": "5"}, AWARD | {"recipient": "b"}]
    shares = with_share_spent(
        table("funding", *awards, AWARD | {"recipient": "c", "awarded_gbp": "0"} | {"spent_gbp": "0"})
    )
    assert shares["share_spent"].fillna(-1).tolist() == pytest.approx([50_200 / 98_441, 1, -1, -1, -1])
    assert shares["source_id"].eq(PUBLIC).all()
