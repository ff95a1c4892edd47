"""Movement and waits from records: tables worked by hand, and the synthetic records, whose truth is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from needs_assessment.evidence import read_evidence
from needs_assessment.methods.rates import exact_poisson_limits, proportion_with_limits
from needs_assessment.methods.transitions import fit_panel, pearson_fit, rate_limits
from needs_assessment.risk.records import (
    SERIES,
    STILL,
    daily_counts,
    exposure_rates,
    review_panel,
)
from needs_assessment.risk.reviews import standing
from needs_assessment.risk.schemes import allowed_moves
from needs_assessment.risk.waits import (
    overdue_reviews,
    raised_again,
    review_gaps,
    share_by,
    time_to_first_review,
)
from needs_assessment.synthetic.assumptions import TRANSITIONS_PER_YEAR
from needs_assessment.vocabulary import ANOTHER_SCHEME, LEFT, NEW, RETURNING

DATA = Path(__file__).resolve().parents[1] / "data"
HERE, THERE = "E06009001", "E06009002"
LEVELS = ["low", "medium", "high"]
SCHEMES = pd.DataFrame(
    [("A scheme", level, place + 1) for place, level in enumerate(LEVELS)]
    + [("Another scheme", level, place + 1) for place, level in enumerate(["some", "serious"])],
    columns=["scheme", "risk_level", "ordinal"],
)
UNTIL = pd.Timestamp(2024, 12, 31)
TRUTH = np.array([[TRANSITIONS_PER_YEAR.get(row, {}).get(to, np.nan) for to in [*LEVELS, LEFT]] for row in LEVELS])


def reviews_of(*rows: tuple[str, str, str, str]) -> pd.DataFrame:
    """Reviews from child, level, day and day of closing (or nothing), the days of 2024 as month-day."""
    table = pd.DataFrame(rows, columns=["child_id", "risk_level", "reviewed_on", "closed_on"])
    for name in ("reviewed_on", "closed_on"):
        table[name] = pd.to_datetime(("2024-" + table[name]).where(table[name].ne("")))
    return table.assign(source_id="a_source", scheme="A scheme", exploitation_type="CSE", area_code=HERE)


def referrals_of(*rows: tuple[str, str, str, bool]) -> pd.DataFrame:
    """Referrals from child, day, day of closing (or nothing) and whether accepted."""
    table = pd.DataFrame(rows, columns=["child_id", "referred_on", "closed_on", "accepted"])
    for name in ("referred_on", "closed_on"):
        table[name] = pd.to_datetime(("2024-" + table[name]).where(table[name].ne("")))
    table = table.assign(source_id="a_source", exploitation_type="CSE", area_code=HERE)
    return table.astype({"accepted": "boolean"})


def counted(table: pd.DataFrame) -> dict[tuple[str, str], int]:
    """The cells of a table of rates that are not 0."""
    some = table[table["moves"].gt(0)]
    return dict(zip(zip(some["from_level"], some["to_level"], strict=True), some["moves"], strict=True))


def rate(table: pd.DataFrame, start: str, end: str) -> pd.Series:
    return table.set_index(["from_level", "to_level"]).loc[(start, end)]


@pytest.fixture(scope="module")
def synthetic() -> dict[str, pd.DataFrame]:
    evidence = read_evidence(DATA / "published", DATA / "synthetic")
    return {name: evidence[name] for name in ("risk_reviews", "risk_schemes", "referrals", "areas")}


LAST = pd.Timestamp(2025, 3, 31)


# Moves over the time spent at a level


def test_rate_is_moves_over_the_days_from_review_to_review_to_closing_and_to_the_last_day() -> None:
    # low 10 January to 9 April is 90 days, high 9 April to 19 April 10 days; low 1 December to the last day 30 days.
    table = exposure_rates(
        reviews_of(("a", "low", "01-10", ""), ("a", "high", "04-09", "04-19"), ("b", "low", "12-01", "")),
        SCHEMES,
        UNTIL,
    )
    assert counted(table) == {("low", "high"): 1, ("low", STILL): 1, ("high", LEFT): 1, (NEW, "low"): 2}
    low, high = rate(table, "low", "high"), rate(table, "high", LEFT)
    assert low["child_years"] == pytest.approx(120 / 365.25)
    assert low["value"] == pytest.approx(365.25 / 120)
    assert high["value"] == pytest.approx(365.25 / 10)
    # One event has the exact limits 0.0253 and 5.5716 (Garwood 1936).
    assert [low["lower"], low["upper"]] == pytest.approx([0.0253178 / (120 / 365.25), 5.571643 / (120 / 365.25)], 1e-5)


def test_no_move_is_a_rate_of_0_with_an_upper_limit_and_nobody_there_is_no_rate() -> None:
    table = exposure_rates(reviews_of(("a", "low", "01-01", "")), SCHEMES, UNTIL)
    assert rate(table, "low", "high")["value"] == 0
    assert rate(table, "low", "high")["upper"] == pytest.approx(exact_poisson_limits(0)[1] / (365 / 365.25))
    assert pd.isna(rate(table, "medium", "high")["value"])


def test_kept_levels_entrants_and_the_censored_are_counted_but_have_no_rate() -> None:
    table = exposure_rates(reviews_of(("a", "low", "01-01", ""), ("a", "low", "04-01", "")), SCHEMES, UNTIL)
    assert counted(table) == {("low", "low"): 1, ("low", STILL): 1, (NEW, "low"): 1}
    assert table.loc[table["moves"].gt(0), "value"].isna().all()
    assert pd.isna(rate(table, NEW, "low")["child_years"])


def test_child_who_comes_back_after_a_closing_is_returning_and_the_time_away_is_no_exposure() -> None:
    table = exposure_rates(reviews_of(("a", "low", "01-01", "01-31"), ("a", "high", "12-21", "")), SCHEMES, UNTIL)
    assert counted(table) == {("low", LEFT): 1, (NEW, "low"): 1, (RETURNING, "high"): 1, ("high", STILL): 1}
    assert rate(table, "low", LEFT)["child_years"] == pytest.approx(30 / 365.25)


def test_day_of_closing_on_every_review_of_a_case_ends_the_last_alone() -> None:
    table = exposure_rates(reviews_of(("a", "low", "01-01", "06-30"), ("a", "low", "04-01", "06-30")), SCHEMES, UNTIL)
    assert counted(table) == {("low", "low"): 1, ("low", LEFT): 1, (NEW, "low"): 1}


def test_child_who_moves_to_another_authority_leaves_the_one_and_is_new_in_the_other() -> None:
    rows = reviews_of(("a", "low", "01-01", ""), ("a", "high", "03-01", ""), ("a", "low", "05-01", ""))
    table = exposure_rates(rows.assign(area_code=[HERE, THERE, HERE]), SCHEMES, UNTIL, ["area_code"])
    first, second = (counted(table[table["area_code"].eq(area)]) for area in (HERE, THERE))
    assert first == {("low", LEFT): 1, (NEW, "low"): 1, (RETURNING, "low"): 1, ("low", STILL): 1}
    assert second == {("high", LEFT): 1, (NEW, "high"): 1}


def test_levels_of_two_schemes_are_never_compared() -> None:
    rows = reviews_of(("a", "high", "01-01", ""), ("a", "some", "03-01", ""))
    table = exposure_rates(rows.assign(scheme=["A scheme", "Another scheme"]), SCHEMES, UNTIL)
    of_scheme = {name: counted(cells) for name, cells in table.groupby("scheme")}
    assert of_scheme["A scheme"] == {("high", ANOTHER_SCHEME): 1, (NEW, "high"): 1}
    assert of_scheme["Another scheme"] == {(ANOTHER_SCHEME, "some"): 1, ("some", STILL): 1}


def test_records_of_two_sources_are_of_two_children() -> None:
    rows = reviews_of(("a", "low", "01-01", ""), ("a", "high", "03-01", ""))
    table = exposure_rates(rows.assign(source_id=["one", "two"]), SCHEMES, UNTIL)
    assert table.loc[table["from_level"].eq(NEW), "moves"].sum() == 2
    assert counted(table[table["source_id"].eq("one")]) == {("low", STILL): 1, (NEW, "low"): 1}


def test_what_is_dated_after_the_last_day_changes_nothing() -> None:
    rows = reviews_of(("a", "low", "01-01", "11-30"), ("a", "high", "09-01", "11-30"), ("b", "low", "10-01", ""))
    day = pd.Timestamp(2024, 6, 30)
    table = exposure_rates(rows, SCHEMES, day)
    assert counted(table) == {("low", STILL): 1, (NEW, "low"): 1}
    assert rate(table, "low", LEFT)["child_years"] == pytest.approx(181 / 365.25)


def test_closing_on_the_day_of_the_review_has_no_exposure_and_no_rate() -> None:
    table = exposure_rates(reviews_of(("a", "low", "01-01", "01-01")), SCHEMES, UNTIL)
    assert rate(table, "low", LEFT)["moves"] == 1
    assert pd.isna(rate(table, "low", LEFT)["value"])


def test_moves_account_for_the_whole_change_of_the_caseload(synthetic: dict[str, pd.DataFrame]) -> None:
    reviews, schemes = synthetic["risk_reviews"], synthetic["risk_schemes"]
    table = exposure_rates(reviews, schemes, LAST, ["area_code"])
    into, out = (table.groupby([*SERIES, "area_code", side])["moves"].sum() for side in ("to_level", "from_level"))
    at_levels = [(*key, level) for key in into.index.droplevel(-1).unique() for level in LEVELS]
    pd.testing.assert_series_equal(into.loc[at_levels], out.loc[at_levels], check_names=False)
    there = standing(reviews, LAST)
    # Those who closed on the very last day still stand on it.
    still = there[there["closed_on"].isna()].groupby([*SERIES, "area_code", "risk_level"]).size()
    ended = table[table["to_level"].eq(STILL)].set_index([*SERIES, "area_code", "from_level"])["moves"]
    pd.testing.assert_series_equal(
        ended[ended.gt(0)].sort_index(), still.sort_index(), check_names=False, check_dtype=False
    )


def test_daily_counts_add_up_to_the_rate_while_their_mean_ratio_gives_each_day_the_same_weight() -> None:
    rows = reviews_of(
        ("a", "low", "12-01", ""), ("a", "high", "12-02", ""), *((f"c{i}", "low", "12-02", "") for i in range(19))
    )
    table = daily_counts(rows, SCHEMES, pd.Timestamp(2024, 12, 4))
    rates = exposure_rates(rows, SCHEMES, pd.Timestamp(2024, 12, 4))
    assert table["children"].tolist() == [0, 1, 19, 19]
    assert table["moves"].tolist() == [0, 1, 0, 0]
    daily = table["moves"].sum() / table["children"].sum()
    assert daily * 365.25 == pytest.approx(rate(rates, "low", "high")["value"]) == pytest.approx(365.25 / 39)
    assert (table["moves"] / table["children"].where(table["children"].gt(0))).mean() == pytest.approx(1 / 3)


# The panel


def test_panel_has_reviews_closings_and_the_censored_as_what_is_known_of_each() -> None:
    panel = review_panel(
        reviews_of(("a", "low", "01-01", ""), ("a", "high", "04-01", "04-11"), ("b", "medium", "12-01", "")),
        SCHEMES,
        UNTIL,
    )
    assert np.asarray(panel.start).tolist() == [0, 2, 1]
    assert np.asarray(panel.may_be).astype(int).tolist() == [[0, 0, 1, 0], [0, 0, 0, 1], [1, 1, 1, 0]]
    assert np.asarray(panel.years).tolist() == pytest.approx([91 / 365.25, 10 / 365.25, 30 / 365.25])
    assert np.asarray(panel.exact).tolist() == [False, True, False]


def test_panel_takes_a_closing_on_the_day_of_the_review_for_half_a_day_and_drops_a_review_of_the_last_day() -> None:
    panel = review_panel(reviews_of(("a", "low", "01-01", "01-01"), ("b", "low", "12-31", "")), SCHEMES, UNTIL)
    assert np.asarray(panel.years).tolist() == pytest.approx([0.5 / 365.25])


def test_panel_without_exact_times_sees_a_closing_when_the_next_review_would_have_been() -> None:
    rows = reviews_of(
        *((f"c{i}", "low", "01-01", "") for i in range(8)), *((f"c{i}", "low", "04-01", "04-11") for i in range(8))
    )
    closed = np.asarray(review_panel(rows, SCHEMES, UNTIL).exact)
    assert closed.sum() == 8
    for until, days in ((UNTIL, 91), (pd.Timestamp(2024, 5, 1), 30)):  # all gaps are of 91 days; the records may end
        seen = review_panel(rows, SCHEMES, until, closings_exact=False)
        assert not np.any(seen.exact)
        assert np.asarray(seen.years)[closed] == pytest.approx(days / 365.25)
        assert np.asarray(seen.years)[~closed] == pytest.approx(91 / 365.25)


def test_panel_of_several_harms_is_refused() -> None:
    rows = reviews_of(("a", "low", "01-01", ""), ("b", "low", "01-01", ""))
    with pytest.raises(ValueError, match="one source, harm and scheme"):
        review_panel(rows.assign(exploitation_type=["CSE", "CCE"]), SCHEMES, UNTIL)


def test_panel_model_recovers_the_rates_that_the_synthetic_records_were_made_with(
    synthetic: dict[str, pd.DataFrame],
) -> None:
    missed, moves = 0, allowed_moves(3)[:3]
    for _, reviews in synthetic["risk_reviews"].groupby("exploitation_type"):
        limits = rate_limits(fit_panel(review_panel(reviews, synthetic["risk_schemes"], LAST), allowed_moves(3)))
        missed += int(((limits.lower[:3] > TRUTH) | (limits.upper[:3] < TRUTH))[moves].sum())
        checked = review_panel(reviews, synthetic["risk_schemes"], LAST, closings_exact=False)
        assert pearson_fit(fit_panel(checked, allowed_moves(3)), checked).p_value > 0.05
    assert np.isfinite(TRUTH[moves]).all()
    # Of fourteen 95% limits, more than three miss by chance in fewer than one of 200 sets of records.
    assert missed <= 3


def test_assessed_levels_move_more_slowly_than_true_ones(synthetic: dict[str, pd.DataFrame]) -> None:
    table = exposure_rates(synthetic["risk_reviews"], synthetic["risk_schemes"], LAST)
    assert table.groupby(["from_level", "to_level"])["upper"].max()[("medium", "low")] < TRUTH[1, 0]


def test_leaving_out_who_is_still_under_review_would_make_leaving_look_quicker(
    synthetic: dict[str, pd.DataFrame],
) -> None:
    reviews = synthetic["risk_reviews"].query("exploitation_type == 'CCE' and reviewed_on >= '2024-12-31'")
    panel = review_panel(reviews, synthetic["risk_schemes"], LAST)
    known = np.asarray(panel.may_be).sum(axis=1) == 1
    without = panel._replace(
        **{name: np.asarray(getattr(panel, name))[known] for name in ("start", "may_be", "years", "exact")}
    )
    left = [fit_panel(rows, allowed_moves(3)).rates[0, 3] for rows in (panel, without)]
    assert left[0] == pytest.approx(TRUTH[0, 3], rel=0.25)
    assert left[1] > 1.5 * TRUTH[0, 3]


# Raised again


def test_share_raised_again_counts_the_censored_as_long_as_followed_and_the_left_for_ever() -> None:
    # Lowered: a is raised after 30 days, b leaves after 60, c is followed for 91 days, d for 334.
    rows = reviews_of(
        ("a", "high", "01-01", ""), ("a", "low", "02-01", ""), ("a", "medium", "03-02", ""),
        ("b", "high", "01-01", ""), ("b", "low", "02-01", "04-01"),
        ("c", "high", "09-01", ""), ("c", "low", "10-01", ""),
        ("d", "high", "01-01", ""), ("d", "low", "02-01", ""),
        ("e", "low", "01-01", ""), ("e", "high", "02-01", ""),
    )  # fmt: skip
    table = raised_again(rows, SCHEMES, UNTIL).set_index("within_months")
    assert table.loc[6, ["lowered", "raised_again", "left", "still"]].tolist() == [4, 1, 1, 1]
    assert table.at[6, "value"] == 0.25
    assert pd.isna(table.at[12, "value"])  # nobody was followed for twelve months


def test_raised_again_after_a_closing_is_left_and_not_raised() -> None:
    rows = reviews_of(("a", "high", "01-01", ""), ("a", "low", "02-01", "02-20"), ("a", "high", "04-01", ""))
    table = raised_again(rows, SCHEMES, UNTIL).set_index("within_months")
    assert table.loc[12, ["raised_again", "left"]].tolist() == [0, 1]
    assert table.at[12, "value"] == 0


def test_lower_level_on_return_is_no_lowering() -> None:
    rows = reviews_of(("a", "high", "01-01", "02-20"), ("a", "low", "04-01", ""))
    assert raised_again(rows, SCHEMES, UNTIL).empty


def test_share_of_all_followed_has_wilsons_limits() -> None:
    days, ending = pd.Series([5, 6, 7] + [400] * 17), pd.Series([1, 1, 2] + [0] * 17)
    found, wilson = share_by(days, ending, 183), proportion_with_limits(2, 20)
    assert [float(found.value), float(found.lower), float(found.upper)] == pytest.approx(
        [float(wilson.value), float(wilson.lower), float(wilson.upper)]
    )


def test_share_with_censoring_is_that_of_a_table_worked_by_hand() -> None:
    # At risk 4, 3 and 1: event 1 at day 1 (1/4), censored at 2, event at 3 (3/4 x 1/2 = 3/8), left at 4.
    days, ending = pd.Series([1, 2, 3, 4]), pd.Series([1, 0, 1, 2])
    assert [float(share_by(days, ending, day).value) for day in (0, 1, 3, 9)] == pytest.approx([0, 0.25, 0.625, 0.625])


def test_share_has_limits_when_nobody_and_when_everybody_had_the_ending() -> None:
    days = pd.Series([3, 4, 5])
    for kind, end in ((1, 1.0), (2, 0.0)):
        limits = share_by(days, pd.Series([kind] * 3), 9)
        wilson = proportion_with_limits(3 * end, 3)
        assert [float(value) for value in limits[:3]] == pytest.approx([float(value) for value in wilson[:3]])


# Referral to first review


def test_share_first_reviewed_keeps_who_left_in_its_base_and_censors_who_waits() -> None:
    referrals = referrals_of(
        ("a", "01-01", "", True), ("b", "01-01", "01-10", True), ("c", "12-20", "", True), ("d", "01-01", "", True),
        ("e", "01-01", "01-01", False), ("f", "01-01", "", True), ("f", "02-01", "", True),
    )  # fmt: skip
    reviews = reviews_of(("a", "low", "01-01", ""), ("d", "low", "02-15", ""), ("f", "low", "02-06", ""))
    table = time_to_first_review(referrals, reviews, UNTIL).set_index("within_days")
    assert table.loc[7, ["referrals", "reviewed", "ended", "waiting"]].tolist() == [6, 3, 2, 1]
    # Of 6 are reviewed 1 on day 0 and 1 on day 5 (2/6); 1 has left on day 9, 1 still waits after 11, and of the two who
    # then wait one is referred again on day 31: 1/4 still wait, and the last is reviewed on day 45.
    assert table["value"].to_dict() == pytest.approx({7: 1 / 3, 28: 1 / 3, 91: 1 / 3 + 1 / 4})
    assert table.at[7, "median_days"] == 45


def test_review_after_the_closing_of_a_referral_is_not_its_first() -> None:
    reviews = reviews_of(("a", "low", "03-01", ""))
    table = time_to_first_review(referrals_of(("a", "01-01", "01-31", True)), reviews, UNTIL)
    assert table.loc[0, ["reviewed", "ended"]].tolist() == [0, 1]
    assert table["value"].eq(0).all() and table["median_days"].isna().all()


def test_synthetic_first_reviews_come_after_the_delays_they_were_made_with(synthetic: dict[str, pd.DataFrame]) -> None:
    table = time_to_first_review(synthetic["referrals"], synthetic["risk_reviews"], LAST)
    by_harm = table.drop_duplicates("exploitation_type")
    # A lognormal delay with a median of 12 days, of which one in twenty never comes: somewhat later.
    assert by_harm["median_days"].between(10, 14).all()
    assert (by_harm["referrals"] == by_harm["reviewed"] + by_harm["ended"] + by_harm["waiting"]).all()


# Overdue reviews, and gaps between reviews


def test_review_is_overdue_three_months_after_the_last_and_not_on_the_day() -> None:
    rows = reviews_of(
        ("a", "low", "09-29", ""), ("b", "low", "09-30", ""), ("c", "low", "05-01", "06-01"), ("d", "low", "12-01", "")
    )
    found = overdue_reviews(rows, SCHEMES, UNTIL)
    assert found[["under_review", "overdue"]].to_numpy().tolist() == [[3, 1]]
    assert found["share"].isna().all()  # fewer than twenty


def test_gap_after_a_review_is_censored_by_leaving_and_by_the_last_day() -> None:
    rows = reviews_of(
        ("a", "low", "01-01", ""), ("a", "high", "02-01", ""), ("a", "high", "03-01", "05-01"),
        ("b", "low", "12-01", ""),
    )  # fmt: skip
    table = review_gaps(rows, SCHEMES, UNTIL).set_index(["gap", "review"])
    assert table.loc[("after", "first"), ["gaps", "ended"]].tolist() == [2, 1]
    assert table.loc[("after", "raised"), ["gaps", "ended", "median_days"]].tolist() == [1, 1, 29]
    assert table.loc[("after", "kept"), ["gaps", "ended"]].tolist() == [1, 0]
    assert table.loc[("before", "raised"), "median_days"] == 31


def test_sooner_reviews_after_a_rise_are_found_and_none_in_the_synthetic_records(
    synthetic: dict[str, pd.DataFrame],
) -> None:
    honest = review_gaps(synthetic["risk_reviews"], synthetic["risk_schemes"], LAST)
    assert honest.loc[honest["gap"].eq("after"), "p_value"].gt(0.05).all()
    sooner = [
        (f"{kind}{i}", level, day, "")
        for i in range(12)
        for kind, levels in (("r", ["low", "high", "high"]), ("k", ["low", "low", "low"]))
        for level, day in zip(
            levels, ["01-01", "04-01", f"04-{10 + i}" if kind == "r" else f"07-{10 + i}"], strict=True
        )
    ]
    found = review_gaps(reviews_of(*sooner), SCHEMES, UNTIL)
    assert found.loc[found["gap"].eq("after"), "p_value"].lt(0.001).all()


# What is refused, and nothing


def test_every_fault_of_the_records_is_named_at_once_and_no_value() -> None:
    rows = reviews_of(("a", "secret", "02-01", "01-01"), ("b", "low", "03-01", ""), ("b", "low", "03-01", ""))
    with pytest.raises(ValueError, match="closed_on") as caught:
        exposure_rates(rows, SCHEMES, pd.NaT)
    words = str(caught.value)
    for rule in (
        "until must be a day",
        "risk_level must be a level of scheme (position 0)",
        "one review a day (position 2)",
    ):
        assert rule in words
    assert "secret" not in words


def test_record_without_the_area_asked_for_is_refused_and_not_left_out() -> None:
    rows = reviews_of(("a", "low", "01-01", ""), ("b", "low", "03-01", "")).assign(force=["E23009001", pd.NA])
    for make in (exposure_rates, daily_counts, raised_again, overdue_reviews):
        with pytest.raises(ValueError, match=r"every column of by must be given \(position 1\)"):
            make(rows, SCHEMES, UNTIL, ["force"])


def test_referral_that_closes_before_it_was_received_is_refused() -> None:
    with pytest.raises(ValueError, match=r"closed_on must not be before referred_on \(position 0\)"):
        time_to_first_review(referrals_of(("a", "02-01", "01-01", True)), reviews_of(), UNTIL)


def test_no_rows_give_empty_tables_of_the_same_columns() -> None:
    rows = reviews_of(("a", "high", "01-01", ""), ("a", "low", "02-01", ""))
    asked = referrals_of(("a", "01-01", "", True))
    made = {
        "rates": lambda part: exposure_rates(part, SCHEMES, UNTIL),
        "days": lambda part: daily_counts(part, SCHEMES, UNTIL),
        "again": lambda part: raised_again(part, SCHEMES, UNTIL),
        "first": lambda part: time_to_first_review(asked.head(len(part)), part, UNTIL),
        "overdue": lambda part: overdue_reviews(part, SCHEMES, UNTIL),
        "gaps": lambda part: review_gaps(part, SCHEMES, UNTIL),
    }
    for table in made.values():
        some, none = table(rows), table(rows.head(0))
        assert len(some) and none.empty
        assert some.dtypes.astype(str).to_dict() == none.dtypes.astype(str).to_dict()
    assert len(np.asarray(review_panel(rows.head(0), SCHEMES, UNTIL).start)) == 0


def test_no_table_has_a_row_or_a_column_of_a_child(synthetic: dict[str, pd.DataFrame]) -> None:
    reviews, schemes = synthetic["risk_reviews"], synthetic["risk_schemes"]
    children = set(reviews["child_id"])
    for table in (
        exposure_rates(reviews, schemes, LAST),
        raised_again(reviews, schemes, LAST),
        overdue_reviews(reviews, schemes, LAST),
        review_gaps(reviews, schemes, LAST),
        time_to_first_review(synthetic["referrals"], reviews, LAST),
    ):
        assert "child_id" not in table
        assert not children & set(table.select_dtypes("string").to_numpy().ravel())
