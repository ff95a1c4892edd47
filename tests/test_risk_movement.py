"""Counts of children under review by where they came from and went to."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from small_evidence import FIRST, FORCE, SECOND, table

from needs_assessment.risk import MOVEMENT_COLUMNS, caseload_by_level, days_to_first_review, risk_movement
from needs_assessment.risk.reviews import moves
from needs_assessment.vocabulary import RiskMeasure

WITHIN = {"police_force_area_code": FORCE, "police_force_area_name": "Both"}
AREAS = table(
    "areas",
    {"area_code": FIRST, "area_name": "First"} | WITHIN,
    {"area_code": SECOND, "area_name": "Second"} | WITHIN,
)
SCHEMES = pd.DataFrame(
    [(scheme, level, place) for scheme in ("A", "B") for place, level in enumerate(("low", "medium", "high"), 1)],
    columns=["scheme", "risk_level", "ordinal"],
)
FIRST_DAY, LAST_DAY = pd.Timestamp("2023-03-31"), pd.Timestamp("2024-03-31")
# Somebody in each authority from early on: the records then span the two years to 31 March 2024.
SPAN = [
    {"child_id": f"span {place} {day}", "area_code": place, "reviewed_on": day, "closed_on": day}
    for place in (FIRST, SECOND)
    for day in ("2022-04-02", "2024-03-30")
]


def reviews(*rows: dict[str, str]) -> pd.DataFrame:
    """Reviews of one child, at high risk of CSE in the first area by scheme A, unless said."""
    usual = {"source_id": "a_return", "child_id": "k1", "area_code": FIRST, "exploitation_type": "CSE"}
    usual |= {"scheme": "A", "risk_level": "high", "reviewed_on": None, "closed_on": None}
    written = pd.DataFrame([usual | row for row in rows], columns=list(usual), dtype="string")
    return written.astype({"reviewed_on": "datetime64[us]", "closed_on": "datetime64[us]"})


def on(day: str, level: str = "high", **more: str) -> dict[str, str]:
    return {"reviewed_on": day, "risk_level": level, **more}


def moved(*rows: dict[str, str]) -> list[tuple[str, str, str, str]]:
    found = moves(reviews(*rows), FIRST_DAY, LAST_DAY)
    return sorted(found[["area_code", "scheme", "from_level", "to_level"]].itertuples(index=False, name=None))


def counted(measure: RiskMeasure, *rows: dict[str, str], area: str = FIRST) -> dict[str, int]:
    """The counts of one measure that are not 0, by last day; of flows by level too."""
    table = risk_movement(reviews(*SPAN, *rows), AREAS, SCHEMES)
    chosen = table[table["measure"].eq(measure) & table["area_code"].eq(area) & table["count"].gt(0)]
    return {f"{row.period_end:%Y-%m-%d}": row.count_ for row in chosen.rename(columns={"count": "count_"}).itertuples()}


# Where a child came from and went to


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([on("2023-01-10", "low"), on("2023-11-01", "high")], ("low", "high")),
        ([on("2023-01-10", "low")], ("low", "low")),
        ([on("2023-01-10", "low", closed_on="2023-09-01")], ("low", "left")),
        ([on("2023-01-10", "low", closed_on="2024-03-31")], ("low", "low")),
        ([on("2023-06-01", "medium")], ("new", "medium")),
        ([on("2023-06-01", "medium", closed_on="2023-07-01")], ("new", "left")),
        ([on("2022-06-01", closed_on="2022-09-01"), on("2023-06-01", "low")], ("returning", "low")),
        (
            [on("2022-06-01", closed_on="2022-09-01"), on("2023-06-01", closed_on="2023-06-20")],
            ("returning", "left"),
        ),
        (
            [on("2023-01-10", "low", closed_on="2023-05-01"), on("2023-06-01", "high")],
            ("low", "high"),
        ),
    ],
)
def test_a_child_stands_in_one_cell(rows, expected):
    assert moved(*rows) == [(FIRST, "A", *expected)]


@pytest.mark.parametrize("rows", [[on("2024-04-01")], [on("2022-06-01", closed_on="2022-09-01")], []])
def test_a_child_who_was_not_there_between_the_days_stands_in_none(rows):
    assert moved(*rows) == []


def test_a_child_who_moves_leaves_one_authority_and_is_new_in_the_other():
    rows = [on("2023-01-10", "low"), on("2023-11-01", "medium", area_code=SECOND)]
    assert moved(*rows) == [(FIRST, "A", "low", "left"), (SECOND, "A", "new", "medium")]


def test_a_child_whose_scheme_changes_goes_from_scheme_to_scheme_and_never_from_level_to_level():
    rows = [on("2023-01-10", "low"), on("2023-11-01", "high", scheme="B")]
    assert moved(*rows) == [(FIRST, "A", "low", "another scheme"), (FIRST, "B", "another scheme", "high")]


def test_harms_and_children_are_told_apart():
    rows = [on("2023-01-10", "low"), on("2023-02-10", "high", exploitation_type="CCE"), on("2023-02-10", child_id="k2")]
    found = moves(reviews(*rows), FIRST_DAY, LAST_DAY)
    cells = found[["exploitation_type", "from_level", "to_level"]].itertuples(index=False, name=None)
    assert sorted(cells) == [("CCE", "high", "high"), ("CSE", "high", "high"), ("CSE", "low", "low")]


# Tables of counts

days = st.dates(date(2022, 4, 1), date(2024, 3, 30))


@st.composite
def histories(draw) -> list[dict[str, str]]:
    """Up to eight children who come, are reviewed, leave, move and return."""
    rows = []
    for child in range(draw(st.integers(1, 8))):
        reviewed = sorted(draw(st.sets(days, min_size=1, max_size=5)))
        for place, day in enumerate(reviewed):
            later = reviewed[place + 1] if place + 1 < len(reviewed) else date(2024, 3, 31)
            closed = draw(st.none() | st.dates(day, later))
            level, area = draw(st.sampled_from(["low", "medium", "high"])), draw(st.sampled_from([FIRST, SECOND]))
            row = on(str(day), level, child_id=f"k{child}", area_code=area)
            rows.append(row | ({"closed_on": str(closed)} if closed else {}))
    return rows


# Each example takes half a second: an unclear failing one is better than minutes of shrinking.
@settings(max_examples=8, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(histories())
def test_what_the_disclosure_gate_knows_of_the_counts_holds(rows):
    everything = reviews(*SPAN, *rows)
    counts = risk_movement(everything, AREAS, SCHEMES)
    ends = pd.date_range(FIRST_DAY, LAST_DAY, freq="QE")
    rows_add_up_to_the_caseload(counts, caseload_by_level(everything, AREAS, SCHEMES, ends))
    a_force_is_the_sum_of_its_authorities(counts)
    whoever_stands_at_another_level_was_raised_or_lowered(counts[counts["area_code"].eq(FORCE)])


def rows_add_up_to_the_caseload(counts: pd.DataFrame, caseload: pd.DataFrame) -> None:
    """Rows to the caseload before, and columns to the caseload after."""
    stock = caseload.set_index(["area_code", "risk_level", "as_at"])["count"]
    flows = counts[counts["measure"].eq(RiskMeasure.TWELVE_MONTHS_LATER) & counts["area_code"].eq(FORCE)]
    cells = flows[~flows[["from_level", "to_level"]].eq("all").any(axis=1)]
    for side, day in (("from_level", "period_start"), ("to_level", "period_end")):
        sums = cells.groupby(["measure", "area_code", side, "period_start", "period_end"])["count"].sum().reset_index()
        known = sums[sums[side].isin(["low", "medium", "high"]) & sums[day].isin(caseload["as_at"])]
        assert len(known)
        for row in known.to_dict("records"):
            assert row["count"] == stock[row["area_code"], row[side], row[day]]
    followed = counts[counts["measure"].eq(RiskMeasure.THREE_MONTHS_LATER) & counts["to_level"].eq("all")]
    for row in followed.to_dict("records"):
        starts = pd.date_range(row["period_start"], row["period_end"], freq="QE")[:-1]
        assert row["count"] == sum(stock[FORCE, row["from_level"], day] for day in starts)


def a_force_is_the_sum_of_its_authorities(counts: pd.DataFrame) -> None:
    sums = counts[["from_level", "to_level"]].eq("all").any(axis=1)
    table = counts[counts["measure"].ne(RiskMeasure.THREE_MONTHS_LATER) & sums]
    cell = ["measure", "from_level", "to_level", "period_end"]
    of_force = table[table["area_code"].eq(FORCE)].set_index(cell)["count"].sort_index()
    within = table[table["area_code"].ne(FORCE)].groupby(cell)["count"].sum().sort_index()
    assert of_force.astype(int).equals(within.astype(int))


def whoever_stands_at_another_level_was_raised_or_lowered(counts: pd.DataFrame) -> None:
    latest = counts[counts["period_end"].eq(LAST_DAY)].set_index("measure")
    flows = latest.loc[[RiskMeasure.TWELVE_MONTHS_LATER]]
    place = {"low": 1, "medium": 2, "high": 3}
    step = flows["to_level"].map(place) - flows["from_level"].map(place)
    total = latest.loc[latest["from_level"].eq("all") & latest["to_level"].eq("all"), "count"].to_dict()
    assert flows.loc[step.gt(0), "count"].sum() <= total["children_raised"] <= total["children_assessed"]
    assert flows.loc[step.lt(0), "count"].sum() <= total["children_lowered"] <= total["children_assessed"]


def test_all_who_left_and_all_who_came_are_sums_of_cells():
    rows = [on("2023-01-10", "low", closed_on="2023-09-01"), on("2023-06-01", child_id="k2", closed_on="2023-07-01")]
    table = risk_movement(reviews(*SPAN, *rows), AREAS, SCHEMES)
    year = table[table["measure"].eq(RiskMeasure.TWELVE_MONTHS_LATER) & table["area_code"].eq(FIRST)]
    found = year.set_index(["from_level", "to_level"])["count"]
    # With one who came on 30 March 2024 and left that day.
    assert (found["all", "left"], found["new", "all"], found["returning", "all"]) == (3, 2, 0)


def test_twelve_months_are_from_one_31_march_to_the_next_and_moves_are_of_forces_alone():
    table = risk_movement(reviews(*SPAN), AREAS, SCHEMES)
    assert list(table) == MOVEMENT_COLUMNS
    year = table[table["measure"].eq(RiskMeasure.TWELVE_MONTHS_LATER)]
    assert set(zip(year["period_start"], year["period_end"], strict=True)) == {(FIRST_DAY, LAST_DAY)}
    cells = year[~year[["from_level", "to_level"]].eq("all").any(axis=1)]
    assert set(cells["area_code"]) == {FORCE}
    assert set(year["area_code"]) == {FIRST, SECOND, FORCE}
    quarters = table[table["measure"].eq(RiskMeasure.THREE_MONTHS_LATER)]
    assert set(quarters["area_code"]) == {FORCE}
    assert set(zip(quarters["period_start"], quarters["period_end"], strict=True)) == {(FIRST_DAY, LAST_DAY)}


def test_a_child_counts_in_each_quarter_of_the_year():
    up_and_away = [on("2023-03-01", "low"), on("2023-08-01", "high", closed_on="2024-02-01")]
    table = risk_movement(reviews(*SPAN, *up_and_away), AREAS, SCHEMES)
    moved = table[table["measure"].eq(RiskMeasure.THREE_MONTHS_LATER) & table["count"].gt(0)]
    assert moved["unit"].unique().tolist() == ["event"]
    # Low on 31 March and 30 June 2023, high on 30 September and 31 December, and then gone.
    assert moved.set_index(["from_level", "to_level"])["count"].to_dict() == {
        ("low", "high"): 1,
        ("low", "all"): 2,
        ("high", "left"): 1,
        ("high", "all"): 2,
    }


def test_a_level_that_is_raised_or_lowered_in_the_year_counts_a_child_once():
    back_and_forth = [on("2023-05-01", "low"), on("2023-07-01", "high"), on("2023-09-01", "low"), on("2023-11-01")]
    assert counted(RiskMeasure.ASSESSED, *back_and_forth)["2024-03-31"] == 2
    assert counted(RiskMeasure.RAISED, *back_and_forth) == {"2024-03-31": 1}
    assert counted(RiskMeasure.LOWERED, *back_and_forth) == {"2024-03-31": 1}


def test_a_change_counts_in_the_year_of_the_later_review():
    across = [on("2023-03-20", "low"), on("2023-04-10", "high")]
    assert counted(RiskMeasure.RAISED, *across) == {"2024-03-31": 1}


@pytest.mark.parametrize(
    ("raised_on", "six", "twelve"),
    [("2022-12-01", 1, 1), ("2022-12-02", 0, 1), ("2023-06-01", 0, 1), ("2023-06-02", 0, 0)],
)
def test_raised_again_is_counted_within_six_and_twelve_months_of_the_first_lowering(raised_on, six, twelve):
    rows = [on("2022-05-01", "high"), on("2022-06-01", "low"), on(raised_on, "medium")]
    found = [
        sum(counted(measure, *rows).values())
        for measure in (RiskMeasure.RAISED_AGAIN_WITHIN_6_MONTHS, RiskMeasure.RAISED_AGAIN_WITHIN_12_MONTHS)
    ]
    assert found == [six, twelve]


def test_raised_again_is_told_only_of_years_that_could_be_followed_for_another():
    table = risk_movement(reviews(*SPAN), AREAS, SCHEMES)
    again = table[table["measure"].eq(RiskMeasure.RAISED_AGAIN_WITHIN_12_MONTHS)]
    assert again["period_end"].unique().tolist() == [FIRST_DAY]


@pytest.mark.parametrize(("reviewed", "overdue"), [("2023-12-30", True), ("2023-12-31", False), ("2024-01-31", False)])
def test_a_review_is_overdue_after_three_months(reviewed, overdue):
    found = counted(RiskMeasure.REVIEW_OVERDUE, on(reviewed))
    assert ("2024-03-31" in found) is overdue


def test_without_reviews_there_is_no_movement():
    table = risk_movement(reviews(), AREAS, SCHEMES)
    assert table.empty
    assert list(table) == MOVEMENT_COLUMNS


# From referral to first review


def referrals(*rows: dict[str, str]) -> pd.DataFrame:
    usual = {"source_id": "a_return", "child_id": "k1", "area_code": FIRST, "exploitation_type": "CSE"}
    written = pd.DataFrame([usual | row for row in rows], columns=[*usual, "referred_on"], dtype="string")
    return written.astype({"referred_on": "datetime64[us]"})


def test_the_first_review_is_the_next_of_the_same_child_harm_area_and_source():
    asked = referrals(
        {"referred_on": "2023-06-10"},
        {"referred_on": "2023-06-01", "child_id": "k2"},
        {"referred_on": "2023-06-01", "exploitation_type": "CCE"},
        {"referred_on": "2023-06-01", "area_code": SECOND},
        {"referred_on": "2023-06-01", "source_id": "another"},
    )
    rows = reviews(on("2023-05-01"), on("2023-06-10"), on("2023-08-01"), on("2023-06-29", child_id="k2"))
    found = days_to_first_review(asked.set_axis([7, 3, 5, 1, 0]), rows)
    assert found.index.tolist() == [7, 3, 5, 1, 0]
    assert found.fillna(-1).tolist() == [0, 28, -1, -1, -1]


def test_a_review_after_the_next_referral_belongs_to_that():
    asked = referrals({"referred_on": "2023-01-01"}, {"referred_on": "2023-06-01"})
    assert days_to_first_review(asked, reviews(on("2023-06-08"))).fillna(-1).tolist() == [-1, 7]


def test_no_referral_and_no_review_give_no_days():
    assert days_to_first_review(referrals(), reviews(on("2023-06-08"))).empty
    assert days_to_first_review(referrals({"referred_on": "2023-06-01"}), reviews()).isna().all()
