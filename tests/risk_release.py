"""A small release with the tables on risk levels, made by hand: every number can be counted in this file.

Every place, source and child count here is made up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import pandas as pd
from small_evidence import BASE, FIRST, FORCE, PRIVATE, PUBLIC
from small_release import small_release

from needs_assessment.area_view import AreaView
from needs_assessment.release import Release
from needs_assessment.vocabulary import ALL_LEVELS, LEFT, NEW, RETURNING, RiskMeasure

AREAS = [{"police_force_area_code": FORCE, "police_force_area_name": "Both", **row} for row in BASE["areas"]]
SCHEME, OTHER_SCHEME = "A scheme", "Another scheme"
LEVELS = ("low", "medium", "high")
SCHEMES = [
    {"risk_level": level, "ordinal": str(place), "description": f"Words on {level}"}
    for place, level in enumerate(LEVELS, 1)
] + [
    {"scheme": OTHER_SCHEME, "risk_level": level, "ordinal": str(place), "levels_in_scheme": "2"}
    for place, level in enumerate(("emerging", "significant"), 1)
]
EVIDENCE = BASE | {"areas": AREAS, "risk_schemes": SCHEMES}
SERIES = {"source_id": PRIVATE, "scheme": SCHEME, "exploitation_type": "CSE"}
YEAR_BEFORE, QUARTER_BEFORE, NOW = (pd.Timestamp(day) for day in ("2024-03-31", "2024-12-31", "2025-03-31"))
YEAR = {"period_start": pd.Timestamp("2024-04-01"), "period_end": NOW}
TWELVE_MONTHS = {"measure": RiskMeasure.TWELVE_MONTHS_LATER.value, "period_start": YEAR_BEFORE, "period_end": NOW}
CASE = ["source_id", "scheme", "exploitation_type", "area_code"]
PERIOD = ["period_start", "period_end"]
LIMITS = ["lower", "upper"]
COLUMNS: dict[str, list[str]] = {
    "risk_caseload": [*CASE, "risk_level", "unit", "residence", "residence_area_code", "as_at", "count", "missing"],
    "risk_movement": [
        *CASE,
        "measure",
        "unit",
        "from_level",
        "to_level",
        *PERIOD,
        "count",
        "missing",
        "note",
        "total",
        "share",
    ],
    "risk_change": [
        *(*CASE, "risk_level", "unit", "residence", "residence_area_code", "as_at_before", "as_at_after", "before"),
        *("after", "rate_ratio", *LIMITS, "p_value", "percentage", "explained_by", "within_chance_at", "reason"),
    ],
    "risk_within_force": [
        *(*CASE, "risk_level", "unit", "as_at_before", "as_at_after", "before", "after", "outside", "after_within"),
        *("ratio_least", *LIMITS),
    ],
    "risk_outcomes": [*CASE, *PERIOD, "from_level", "outcome", "count", "total", "share", *LIMITS, "missing"],
    "risk_yearly": [
        *(*CASE, *PERIOD, "measure", "count", "total", "share", *LIMITS, "force_share", "verdict", "reason", "missing"),
    ],
    "risk_rates": [*CASE, *PERIOD, "from_level", "to_level", "moves", "child_years", "value", *LIMITS, "reason"],
    "risk_model": [*CASE, *PERIOD, "quantity", "from_level", "to_level", "months", "value", *LIMITS],
    "risk_model_fit": [
        *(*CASE, *PERIOD, "quarters", "children_quarters", "withheld_cells", "statistic", "degrees_of_freedom"),
        *("p_value", "checked_at_months", "largest_difference", "reason"),
    ],
    "risk_tests": [
        *(*CASE, *PERIOD, "both", "raised", "lowered", "sign_p", "bowker", "bowker_df", "bowker_p", "stuart_maxwell"),
        *("stuart_maxwell_df", "stuart_maxwell_p", "reason"),
    ],
    "risk_forecast": [
        *(*CASE, "risk_level", "as_at", "quarters_ahead", "scenario", "expected", *LIMITS, "inside", "tested"),
        "reason",
    ],
    "risk_scheme_changes": ["source_id", "area_code", "exploitation_type", "from_scheme", "to_scheme", "changed_by"],
    "risk_crosswalk": ["source_id", "from_scheme", "from_level", "to_scheme", "to_level", "note"],
}
"""The columns of the release's tables on risk levels."""
DAYS = ("as_at", "as_at_before", "as_at_after", "period_start", "period_end", "changed_by")
WHOLE = ("count", "total", "before", "after", "outside", "after_within", "both", "raised", "lowered", "months", "moves")
DECIMAL = (
    "share",
    "lower",
    "upper",
    "value",
    "ratio_least",
    "force_share",
    "sign_p",
    "expected",
    "p_value",
    "child_years",
)

Rows = Sequence[Mapping[str, Any]]


def frame(table: str, rows: Rows = ()) -> pd.DataFrame:
    """The rows as the table of a release; what a row does not say is missing."""
    usual = {name: value for name, value in SERIES.items() if name in COLUMNS[table]}
    full = pd.DataFrame([usual | dict(row) for row in rows], columns=COLUMNS[table])
    kinds: dict[str, Any] = dict.fromkeys(COLUMNS[table], "string")
    kinds |= dict.fromkeys(DAYS, "datetime64[us]") | dict.fromkeys(WHOLE, "Int64") | dict.fromkeys(DECIMAL, "float64")
    kinds |= dict.fromkeys(("quarters_ahead", "children_quarters", "inside", "tested"), "Int64")
    decimal = ("largest_difference", "rate_ratio", "percentage", "explained_by", "within_chance_at")
    kinds |= dict.fromkeys(decimal, "float64")
    return full.astype({name: kind for name, kind in kinds.items() if name in COLUMNS[table]})


def counted(count: int | None) -> dict[str, Any]:
    """A count, or that it is withheld."""
    return {"count": count, "missing": "c" if count is None else None}


def caseload(area: str, day: pd.Timestamp, *counts: int | None, **other: str) -> list[dict[str, Any]]:
    """Children of an area at each level, from the lowest, on a day."""
    return [
        {"area_code": area, "risk_level": level, "as_at": day, "residence": "all", "unit": "child"}
        | counted(count)
        | other
        for level, count in zip(LEVELS, counts, strict=True)
    ]


def flow(area: str, span: Mapping[str, Any], counts: Mapping[tuple[str, str], int | None]) -> list[dict[str, Any]]:
    """The cells of a flow in an area."""
    ends = [{"from_level": before, "to_level": after, **counted(count)} for (before, after), count in counts.items()]
    return [{"area_code": area, "unit": "child", **span, **end} for end in ends]


def yearly(
    area: str, measure: RiskMeasure, count: int | None, total: int | None = None, **other: Any
) -> dict[str, Any]:
    """A yearly count of an area."""
    return {"area_code": area, "measure": measure.value, "total": total, **YEAR, **counted(count)} | other


MOVES = {
    **dict(zip([("low", level) for level in (*LEVELS, LEFT)], (20, 7, 0, 13), strict=True)),
    **dict(zip([("medium", level) for level in (*LEVELS, LEFT)], (9, 14, 8, 11), strict=True)),
    **dict(zip([("high", level) for level in (*LEVELS, LEFT)], (None, 10, 15, None), strict=True)),
    **dict(zip([(NEW, level) for level in (*LEVELS, LEFT)], (16, 12, 6, 21), strict=True)),
    **dict(zip([(RETURNING, level) for level in (*LEVELS, LEFT)], (6, None, 0, None), strict=True)),
    (NEW, ALL_LEVELS): 55,
    (RETURNING, ALL_LEVELS): None,
    (ALL_LEVELS, LEFT): 63,
}
"""The force's moves in twelve months."""
WITHHELD = dict.fromkeys(MOVES, None)
YEARLY = [
    yearly(FIRST, RiskMeasure.ASSESSED, 41),
    yearly(FIRST, RiskMeasure.RAISED, 12, 41, share=12 / 41, lower=0.176, upper=0.445)
    | {"force_share": 30 / 160, "verdict": "Higher", "reason": "compared with the rest"},
    yearly(FIRST, RiskMeasure.LOWERED, 9, 41, share=9 / 41, lower=0.120, upper=0.367),
    yearly(FIRST, RiskMeasure.RAISED_AGAIN_WITHIN_12_MONTHS, 6, 13, period_end=YEAR_BEFORE)
    | {"period_start": pd.Timestamp("2023-04-01")},
    yearly(FIRST, RiskMeasure.REVIEW_OVERDUE, 11, 34, period_start=NOW, share=11 / 34, lower=0.191, upper=0.492),
    yearly(FORCE, RiskMeasure.ASSESSED, 160),
    yearly(FORCE, RiskMeasure.RAISED, 30, 160, share=30 / 160, lower=0.135, upper=0.255),
    yearly(FORCE, RiskMeasure.REVIEW_OVERDUE, None, None, period_start=NOW),
]
OUTCOME = {"area_code": FORCE, "period_start": YEAR_BEFORE, "period_end": NOW, "from_level": ALL_LEVELS}
OUTCOMES = [
    OUTCOME | {"outcome": "higher level", "count": 14, "total": 40, "share": 0.35, "lower": 0.221, "upper": 0.505},
    OUTCOME | {"outcome": LEFT, "missing": "c"},
    OUTCOME | {"from_level": "high", "outcome": "same level", "count": 7, "total": 12},
]
TESTS = [{"area_code": FIRST, "period_start": YEAR_BEFORE, "period_end": NOW, "both": 80, "raised": 31, "lowered": 19}]
TESTS[0] |= {"sign_p": 0.1189}
# Limits by R's poisson.test(18, 59.75) and poisson.test(34, 36).
RATES = [
    {"area_code": FORCE, "from_level": "low", "to_level": "medium", "moves": 18, "child_years": 59.75, **YEAR}
    | {"value": 18 / 59.75, "lower": 0.178543, "upper": 0.476113},
    {"area_code": FORCE, "from_level": "high", "to_level": "medium", "moves": 34, "child_years": 36.0, **YEAR}
    | {"value": 34 / 36, "lower": 0.654055, "upper": 1.319766},
    {"area_code": FORCE, "from_level": "high", "to_level": "low", "child_years": 36.0, **YEAR}
    | {"reason": "a count is withheld"},
]
MODEL = [
    {"area_code": FORCE, "quantity": "probability", "from_level": before, "to_level": after, "months": months}
    | {"value": value, "lower": value - 0.05, "upper": value + 0.05, **YEAR}
    for before in LEVELS
    for months in (3, 6, 12)
    for after, value in zip((*LEVELS, LEFT), (0.31, 0.29, 0.23, 0.17), strict=True)
]
MODEL += [
    {"area_code": FORCE, "quantity": "years at level", "from_level": level, "value": 0.84, "lower": 0.71, "upper": 0.99}
    | YEAR
    for level in LEVELS
]
MODEL += [
    {"area_code": FORCE, "quantity": "raised within", "from_level": level, "months": months, "value": 0.12}
    | {"lower": 0.09, "upper": 0.15, **YEAR}
    for level in LEVELS[:2]
    for months in (6, 12)
]
FIT = [{"area_code": FORCE, "children_quarters": 812, "p_value": 0.31, "largest_difference": 3.44, **YEAR}]
AHEAD = {"as now": (46, 36, 57), "20% more referrals": (52, 41, 64), "20% fewer referrals": (40, 31, 50)}
FORECAST = [
    {"area_code": FIRST, "risk_level": level, "as_at": day, "quarters_ahead": quarters, "scenario": scenario}
    | dict(zip(("expected", "lower", "upper"), numbers, strict=True))
    | {"inside": 9, "tested": 10}
    for scenario, numbers in AHEAD.items()
    for level in (*LEVELS, ALL_LEVELS)
    for quarters, day in ((1, pd.Timestamp("2025-06-30")), (4, pd.Timestamp("2026-03-31")))
]
EVERYTHING: dict[str, Rows] = {
    "risk_caseload": [
        *caseload(FIRST, YEAR_BEFORE, 15, 9, 6),
        *caseload(FIRST, QUARTER_BEFORE, 13, 10, None),
        *caseload(FIRST, NOW, 14, 12, 8),
        *caseload(FORCE, YEAR_BEFORE, 40, 42, 31),
        *caseload(FORCE, NOW, 51, 44, 29),
    ],
    "risk_movement": [
        *flow(FIRST, TWELVE_MONTHS, WITHHELD),
        *flow(FORCE, TWELVE_MONTHS, MOVES),
    ],
    "risk_outcomes": OUTCOMES,
    "risk_yearly": YEARLY,
    "risk_tests": TESTS,
    "risk_rates": RATES,
    "risk_model": MODEL,
    "risk_model_fit": FIT,
    "risk_forecast": FORECAST,
    "risk_scheme_changes": [
        {"area_code": FIRST, "from_scheme": OTHER_SCHEME, "to_scheme": SCHEME, "changed_by": YEAR_BEFORE}
    ],
    "risk_crosswalk": [
        {"source_id": PUBLIC, "from_scheme": SCHEME, "from_level": "high", "to_scheme": OTHER_SCHEME}
        | {"to_level": "significant"}
    ],
}
"""Rows in every table on risk levels, of the first area and its police force area."""


def risk_view(others: Mapping[str, pd.DataFrame] | None = None, **tables: Rows) -> AreaView:
    """The view of the first area in a release with these rows in the tables on risk levels, and none in the others of
    them; `others` are further tables, whole.
    """
    base = small_base()
    made = {name: frame(name, tables.get(name, ())) for name in COLUMNS}
    return AreaView(Release({**base.tables, **made, **(others or {})}, base.manifest), FIRST)


@cache
def small_base() -> Release:
    """The release that all of these views stand on, made once."""
    return small_release(EVIDENCE)
