"""What printed counts of children under review say: outcomes, shares, rates, tests, a model of a force, forecasts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.linalg import expm
from scipy.stats import binomtest
from small_evidence import FIRST, FORCE, SECOND
from statsmodels.stats.proportion import confint_proportions_2indep

from needs_assessment.disclosure import SafeCounts
from needs_assessment.methods.rates import exact_poisson_limits, proportion_with_limits
from needs_assessment.risk import (
    MOVEMENT_COLUMNS,
    SNAPSHOT_COLUMNS,
    direction_tests,
    fit_table,
    force_models,
    forecasts,
    model_table,
    outcomes,
    rates,
    yearly,
)
from needs_assessment.vocabulary import RiskMeasure

LEVELS = ["low", "medium", "high"]
SCHEMES = pd.DataFrame({"scheme": "A", "risk_level": LEVELS, "ordinal": [1, 2, 3]})
FORCES = pd.Series({FIRST: FORCE, SECOND: FORCE})
YEAR = (pd.Timestamp("2024-03-31"), pd.Timestamp("2025-03-31"))
WITHHELD = None
TRUE = np.array([[-2.1, 0.5, 0.0, 1.6], [1.0, -2.15, 0.45, 0.7], [0.0, 1.3, -1.6, 0.3], [0.0, 0.0, 0.0, 0.0]])
"""Moves per year from low, medium and high, and to having left: the assumptions of the synthetic records."""


def movement(*cells: tuple[str, str, str, object], measure: str = "level_12_months_later", span=YEAR) -> pd.DataFrame:
    """Cells (area, from, to, count) of one measure and span; a count of None is withheld."""
    rows = [
        {"source_id": "a_return", "measure": measure, "scheme": "A", "exploitation_type": "CSE", "unit": "child"}
        | {"from_level": start, "to_level": end, "area_code": area, "period_start": span[0], "period_end": span[1]}
        | {"count": pd.NA if count is None else count, "missing": "c" if count is None else pd.NA}
        for area, start, end, count in cells
    ]
    return pd.DataFrame(rows, columns=MOVEMENT_COLUMNS).astype({"count": "Int64", "missing": "string"})


def caseload(*rows: tuple[str, str, pd.Timestamp, object]) -> SafeCounts:
    stated = [
        {"source_id": "a_return", "scheme": "A", "exploitation_type": "CSE", "unit": "child", "residence": "all"}
        | {"area_code": area, "risk_level": level, "as_at": day, "count": pd.NA if count is None else count}
        for area, level, day, count in rows
    ]
    table = pd.DataFrame(stated, columns=SNAPSHOT_COLUMNS).astype({"count": "Int64", "as_at": "datetime64[us]"})
    return SafeCounts(table, 0)


def year_of(area: str, table: dict[str, tuple[object, ...]]) -> list[tuple[str, str, str, object]]:
    """A table of counts from each level (rows) to low, medium, high and having left (columns) as cells."""
    ends = [*LEVELS, "left"]
    return [
        (area, start, end, count) for start, counts in table.items() for end, count in zip(ends, counts, strict=True)
    ]


HERE = {"low": (20, 8, 2, 30), "medium": (12, 25, 9, 14), "high": (3, 14, 17, 6)}
FORCE_WIDE = {"low": (60, 20, 6, 80), "medium": (30, 60, 20, 50), "high": (10, 30, 50, 20)}
BOTH = movement(*year_of(FIRST, HERE), *year_of(FORCE, FORCE_WIDE))


def cell(table: pd.DataFrame, area: str, start: str, outcome: str) -> pd.Series:
    (row,) = table[table["area_code"].eq(area) & table["from_level"].eq(start) & table["outcome"].eq(outcome)].to_dict(
        "records"
    )
    return pd.Series(row)


# Outcomes twelve months later


def test_an_outcome_is_the_sum_of_its_cells_with_wilsons_limits():
    row = cell(outcomes(SafeCounts(BOTH, 0), SCHEMES), FIRST, "low", "higher level")
    limits = proportion_with_limits(10, 60)
    assert (row["count"], row["total"], row["share"]) == (10, 60, pytest.approx(10 / 60))
    assert (row["lower"], row["upper"]) == (pytest.approx(float(limits.lower)), pytest.approx(float(limits.upper)))


def test_all_levels_together_count_each_child_once():
    table = outcomes(SafeCounts(BOTH, 0), SCHEMES)
    everybody = table[table["area_code"].eq(FIRST) & table["from_level"].eq("all")]
    assert everybody.set_index("outcome")["count"].to_dict() == {
        "higher level": 19,
        "same level": 62,
        "lower level": 29,
        "left": 50,
    }
    assert everybody["total"].unique().tolist() == [160]


def test_nobody_can_be_raised_from_the_highest_level_or_lowered_from_the_lowest():
    table = outcomes(SafeCounts(BOTH, 0), SCHEMES)
    named = set(zip(table["from_level"], table["outcome"], strict=True))
    assert ("high", "higher level") not in named
    assert ("low", "lower level") not in named


def test_a_sum_with_a_withheld_part_is_not_given_and_a_small_base_has_no_share():
    table = outcomes(SafeCounts(movement(*year_of(FIRST, {"low": (5, 6, WITHHELD, 30)})), 0), SCHEMES)
    raised, left = cell(table, FIRST, "low", "higher level"), cell(table, FIRST, "low", "left")
    assert (pd.isna(raised["count"]), raised["missing"]) == (True, "c")
    # The total is not printed either, so no share can be made of the rest.
    assert (left["count"], pd.isna(left["total"]), pd.isna(left["share"])) == (30, True, True)
    small = outcomes(SafeCounts(movement(*year_of(FIRST, {"low": (9, 0, 0, 10)})), 0), SCHEMES)
    assert pd.isna(cell(small, FIRST, "low", "left")["share"])


def test_no_movement_gives_empty_tables_of_the_same_columns():
    none = SafeCounts(movement(), 0)
    assert outcomes(none, SCHEMES).empty
    assert direction_tests(none, SCHEMES).empty
    assert rates(none).empty
    assert yearly(none, caseload(), FORCES).empty
    models = force_models(none, caseload(), SCHEMES, UP_TO)
    assert models == []
    for table in (model_table(models), fit_table(models), forecasts(models, caseload(), FORCES)):
        assert table.empty
        assert {"source_id", "scheme", "exploitation_type", "area_code"} <= set(table)


# Yearly counts


def counted(measure: RiskMeasure, count: object) -> pd.DataFrame:
    return movement((FIRST, "all", "all", count), measure=measure.value)


def test_yearly_counts_stand_beside_what_they_are_part_of():
    stated = [(RiskMeasure.ASSESSED, 60), (RiskMeasure.RAISED, 12), (RiskMeasure.LOWERED, 24)]
    stated += [(RiskMeasure.RAISED_AGAIN_WITHIN_12_MONTHS, 6), (RiskMeasure.REVIEW_OVERDUE, 9)]
    table = pd.concat([counted(*row) for row in stated])
    days = [(FIRST, level, YEAR[1], count) for level, count in zip(LEVELS, (20, 15, 10), strict=True)]
    found = yearly(SafeCounts(table, 0), caseload(*days), FORCES).set_index("measure")
    assert found["total"].fillna(-1).tolist() == [-1, 60, 60, 24, 45]
    assert found["share"].fillna(-1).tolist() == pytest.approx([-1, 0.2, 0.4, 0.25, 0.2])


def test_a_yearly_count_of_a_withheld_base_has_no_share():
    table = pd.concat([counted(RiskMeasure.LOWERED, WITHHELD), counted(RiskMeasure.RAISED_AGAIN_WITHIN_6_MONTHS, 6)])
    found = yearly(SafeCounts(table, 0), caseload(), FORCES).set_index("measure")
    assert found["share"].isna().all()
    assert found["missing"].fillna("").tolist() == ["c", ""]


def beside(here: tuple[object, object], force: tuple[object, object]) -> pd.Series:
    """The row of an authority's children raised, of all assessed, beside those of its force."""
    stated = [(FIRST, *here), (FORCE, *force)]
    table = pd.concat(
        [
            movement((area, "all", "all", count), measure=measure.value)
            for area, raised, assessed in stated
            for measure, count in ((RiskMeasure.RAISED, raised), (RiskMeasure.ASSESSED, assessed))
        ]
    )
    found = yearly(SafeCounts(table, 0), caseload(), FORCES)
    assert found.loc[found["area_code"].eq(FORCE), "verdict"].isna().all()
    assert found.loc[found["measure"].eq(RiskMeasure.ASSESSED), "verdict"].isna().all()
    (row,) = found[found["measure"].eq(RiskMeasure.RAISED) & found["area_code"].eq(FIRST)].to_dict("records")
    return pd.Series(row)


@pytest.mark.parametrize(
    ("raised", "verdict"), [(6, "Lower"), (13, "Similar"), (20, "Similar"), (32, "Higher"), (40, "Higher")]
)
def test_a_share_beside_the_rest_of_its_force_is_judged_by_newcombes_limits(raised, verdict):
    row = beside((raised, 100), (raised + 40, 300))
    lower, upper = confint_proportions_2indep(raised, 100, 40, 200, method="newcomb", compare="diff")
    assert verdict == ("Lower" if upper < 0 else "Higher" if lower > 0 else "Similar")
    assert (row["verdict"], row["force_share"]) == (verdict, pytest.approx((raised + 40) / 300))


@pytest.mark.parametrize(
    ("here", "force", "reason"),
    [
        ((WITHHELD, 60), (40, 300), "a count is withheld"),
        ((9, 60), (WITHHELD, 300), "a count is withheld"),
        ((9, 19), (40, 300), "fewer than twenty children"),
        ((9, 290), (40, 300), "fewer than twenty children"),
    ],
)
def test_without_enough_printed_children_nothing_is_compared(here, force, reason):
    row = beside(here, force)
    assert (row["verdict"], row["reason"]) == ("Cannot tell", reason)


# Tests of one direction


def test_levels_are_tested_as_published():
    """R 4.2.2, mcnemar.test, binom.test and the closed form of Stuart and Maxwell, for the same 3 x 3 table."""
    (row,) = direction_tests(SafeCounts(movement(*year_of(FIRST, HERE)), 0), SCHEMES).to_dict("records")
    assert (row["both"], row["raised"], row["lowered"]) == (110, 19, 29)
    assert row["bowker"] == pytest.approx(2.086956522)
    assert row["stuart_maxwell_p"] == pytest.approx(0.381760067613)
    assert row["sign_p"] == pytest.approx(binomtest(19, 48).pvalue)


def test_a_withheld_move_leaves_no_test_and_says_why():
    table = movement(*year_of(FIRST, HERE | {"low": (20, WITHHELD, 2, 30)}))
    (row,) = direction_tests(SafeCounts(table, 0), SCHEMES).to_dict("records")
    assert pd.isna(row["sign_p"])
    assert row["reason"] == "a count is missing"


# Rates and the model of a force

STOCK = (180, 140, 90)
UP_TO = 5


def expected_moves() -> dict[str, list[object]]:
    """The moves between quarter ends that the true rates bring in a year to each level and to having left, rounded, and
    all who could be followed.
    """
    chances = expm(TRUE / 4)
    table: dict[str, list[object]] = {}
    for place, (level, count) in enumerate(zip(LEVELS, STOCK, strict=True)):
        moves = np.round(chances[place] * 4 * count).astype(int).tolist()
        table[level] = [*moves, 4 * count]
    return table


def force(table: dict[str, list[object]] | None = None, years: int = 1) -> tuple[SafeCounts, SafeCounts]:
    """The moves of a force in each of some years to March 2025, all alike, and its caseload, which stays as it is."""
    cells = [
        (FORCE, level, end, count)
        for level, counts in (table or expected_moves()).items()
        for end, count in zip([*LEVELS, "left", "all"], counts, strict=True)
        if end != level
    ]
    spans = [(YEAR[0] - pd.DateOffset(years=back), YEAR[1] - pd.DateOffset(years=back)) for back in range(years)]
    name = RiskMeasure.THREE_MONTHS_LATER.value
    moved = pd.concat([movement(*cells, measure=name, span=span) for span in spans])
    days = pd.date_range(spans[-1][0], YEAR[1], freq="QE")
    stocks = [(FORCE, level, day, count) for day in days for level, count in zip(LEVELS, STOCK, strict=True)]
    return SafeCounts(moved, 0), caseload(*stocks)


def hidden(*cells: tuple[str, str]) -> dict[str, list[object]]:
    """The expected moves with some withheld."""
    table = expected_moves()
    for level, end in cells:
        table[level][[*LEVELS, "left", "all"].index(end)] = WITHHELD
    return table


def test_a_rate_is_moves_over_child_years_with_exact_limits():
    moves, _ = force()
    row = rates(moves).set_index(["from_level", "to_level"]).loc[("high", "medium")]
    expected = expected_moves()["high"][1]
    assert (row["moves"], row["child_years"]) == (expected, STOCK[2])
    lower, upper = exact_poisson_limits(expected)
    assert [row["value"], row["lower"], row["upper"]] == pytest.approx([expected / 90, lower / 90, upper / 90])


@pytest.mark.parametrize("cell", [("low", "medium"), ("low", "all")])
def test_a_rate_with_a_withheld_count_is_not_given(cell):
    moves, _ = force(hidden(cell))
    row = rates(moves).set_index(["from_level", "to_level"]).loc[("low", "medium")]
    assert pd.isna(row["value"])
    assert row["reason"] == "a count is withheld"


def test_the_model_of_a_force_finds_the_rates_that_moved_its_children():
    table = model_table(force_models(*force(years=3), SCHEMES, UP_TO))
    table = table.set_index(["quantity", "from_level", "to_level", "months"])
    chances = table.loc["probability"]["value"]
    for months in (3, 6, 12):
        found = [[chances[start, end, months] for end in (*LEVELS, "left")] for start in LEVELS]
        np.testing.assert_allclose(found, expm(TRUE * months / 12)[:3], atol=0.02)
    inside = table["lower"].le(table["value"]) & table["value"].le(table["upper"])
    assert inside.all()
    years = table.loc["years at level"]["value"].to_numpy()
    np.testing.assert_allclose(years, -1 / np.diag(TRUE)[:3], rtol=0.06)


def test_nobody_is_lost_to_a_withheld_cell():
    """What is withheld is known, with those who stayed, as the rest of the printed total."""
    few = [("low", "high"), ("high", "low")]
    (model,) = force_models(*force(hidden(*few)), SCHEMES, UP_TO)
    (known,) = force_models(*force(), SCHEMES, UP_TO)
    (fit,) = fit_table([model]).to_dict("records")
    assert (fit["withheld_cells"], fit["quarters"]) == (2, 4)
    assert fit["children_quarters"] == 4 * sum(STOCK) == int(np.sum(model.panel[3])) == int(np.sum(known.panel[3]))
    np.testing.assert_allclose(model.fitted.rates, known.fitted.rates, atol=0.1)


def test_a_withheld_total_leaves_no_model_and_the_table_says_so():
    models = force_models(*force(hidden(("low", "all"))), SCHEMES, UP_TO)
    assert model_table(models).empty
    assert fit_table(models)["reason"].tolist() == ["a count is withheld"]


def test_too_few_children_have_no_model_and_the_table_says_so():
    few = {"low": [0, 1, 0, 2, 9], "medium": [2, 0, 1, 1, 8], "high": [0, 1, 0, 0, 6]}
    moves, stocks = force(few)
    models = force_models(moves, stocks, SCHEMES, UP_TO)
    assert model_table(models).empty
    assert fit_table(models)["reason"].tolist() == ["too few children could be followed for a quarter"]
    assert forecasts(models, stocks, FORCES)["reason"].tolist() == ["too few children could be followed for a quarter"]


def test_the_model_is_held_against_what_became_of_children_in_twelve_months():
    moves, stocks = force()
    due = np.array(STOCK)[:, None] * expm(TRUE)[:3]
    later = movement(
        *year_of(FORCE, {level: tuple(np.round(row).astype(int)) for level, row in zip(LEVELS, due, strict=True)})
    )
    later.loc[later["from_level"].eq("low") & later["to_level"].eq("left"), "count"] += 30
    both = SafeCounts(pd.concat([moves.table, later], ignore_index=True), 0)
    (fit,) = fit_table(force_models(both, stocks, SCHEMES, UP_TO)).to_dict("records")
    assert fit["largest_difference"] == pytest.approx(30, abs=4)


# Forecasts


def test_a_steady_caseload_is_expected_to_stay_and_more_referrals_to_raise_it():
    moves, stocks = force()
    models = force_models(moves, stocks, SCHEMES, UP_TO)
    table = forecasts(models, stocks, FORCES)
    ahead = table[table["quarters_ahead"].eq(4)].set_index(["scenario", "risk_level"])["expected"]
    for level, count in zip(LEVELS, STOCK, strict=True):
        assert ahead["as now", level] == pytest.approx(count, rel=0.05)
        assert ahead["20% fewer referrals", level] < ahead["as now", level] < ahead["20% more referrals", level]
    assert ahead["as now", "all"] == pytest.approx(sum(ahead["as now", level] for level in LEVELS))
    # Nobody's level of the past was outside the limits: the caseload never moved.
    assert table["inside"].eq(table["tested"]).all()
    assert table["tested"].max() == 1
    assert (table["lower"] <= table["expected"]).all()
    assert (table["expected"] <= table["upper"]).all()


def test_an_authority_is_forecast_from_its_own_caseload_by_its_forces_moves():
    moves, stocks = force()
    own = stocks.table.assign(area_code=FIRST, count=stocks.table["count"] // 10)
    both = SafeCounts(pd.concat([stocks.table, own], ignore_index=True), 0)
    table = forecasts(force_models(moves, both, SCHEMES, UP_TO), both, FORCES)
    here = table[table["area_code"].eq(FIRST) & table["scenario"].eq("as now") & table["quarters_ahead"].eq(1)]
    assert here.set_index("risk_level")["expected"][LEVELS].tolist() == pytest.approx([18, 14, 9], rel=0.1)


def test_a_caseload_that_is_withheld_today_has_no_forecast():
    moves, stocks = force()
    last = stocks.table["as_at"].eq(stocks.table["as_at"].max()) & stocks.table["risk_level"].eq("high")
    stocks.table.loc[last, "count"] = pd.NA
    (row,) = forecasts(force_models(moves, stocks, SCHEMES, UP_TO), stocks, FORCES).to_dict("records")
    assert (row["quarters_ahead"], row["reason"]) == (0, "a count is withheld")
