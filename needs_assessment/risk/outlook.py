"""What the printed moves of a police force area say of the months to come: a model of moves, its fit, and forecasts.

The model is fitted to printed counts alone. Where cells of a row are withheld, what is left of the printed caseload is
known only as being in one of them, and the model takes it as that. Nothing is said of one child.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from needs_assessment.disclosure import SafeCounts
from needs_assessment.methods.rates import FloatArray, Limits
from needs_assessment.methods.stock_flow import (
    MINIMUM_STEPS,
    Backtest,
    Forecast,
    backtest_caseload,
    entrants_from_stocks,
    forecast_caseload,
)
from needs_assessment.methods.transitions import (
    Panel,
    PanelModel,
    Prior,
    draw_rates,
    fit_panel,
    pearson_fit,
    probabilities,
    probability_limits,
    reached_limits,
    time_in_state,
)
from needs_assessment.risk.outcomes import PERIOD, SERIES, WITHHELD
from needs_assessment.risk.schemes import allowed_moves, levels_in_order
from needs_assessment.vocabulary import ALL_LEVELS, LEFT, RiskMeasure

QUARTER = 0.25
MONTHS = (3, 6, 12)
RAISED_WITHIN = (6, 12)
STEPS = 4
"""Quarters ahead."""
DRAWS, SEED = 1000, 20251122
LEAST_FOLLOWED = 100
"""Children and quarters that a model is fitted to at least: docs/methods/transitions.md has what fewer can tell."""
TOO_FEW = "too few children could be followed for a quarter"
SCENARIOS = {"as now": 1.0, "20% more referrals": 1.2, "20% fewer referrals": 0.8}
PROBABILITY, YEARS_AT_LEVEL, RAISED = "probability", "years at level", "raised within"


@dataclass(frozen=True, eq=False)
class ForceModel:
    """How children move between the levels of a scheme in one police force area, as its printed quarters tell.

    `flows` are its moves from quarter end to quarter end in each year, `later` those over twelve months, `stocks` its
    caseload by day (rows) and level. Counts up to `withheld_up_to` are withheld.
    """

    series: Mapping[str, object]
    levels: Sequence[str]
    flows: pd.DataFrame
    later: pd.DataFrame
    stocks: pd.DataFrame
    withheld_up_to: int

    @property
    def states(self) -> list[str]:
        """The levels from the lowest, and having left."""
        return [*self.levels, LEFT]

    @cached_property
    def panel(self) -> Panel:
        """What was seen: a row for each printed cell, and one for each level's stays with its withheld cells."""
        seen = [row for _, cells in self.flows.groupby(PERIOD) for row in self._seen(cells)]
        start, may_be, count, withheld = zip(*seen, strict=True)
        return Panel(np.array(start), np.array(may_be), QUARTER, np.array(count), False, np.array(withheld))

    def _seen(self, cells: pd.DataFrame) -> Iterator[tuple[int, NDArray[np.bool_], int, int]]:
        table = cells.pivot(index="from_level", columns="to_level", values="count").reindex(
            columns=[*self.states, ALL_LEVELS]
        )
        for place, level in enumerate(self.levels):
            counts, total = table.loc[level, self.states], table.at[level, ALL_LEVELS]
            for end in np.flatnonzero(counts.notna()):
                yield place, np.arange(len(self.states)) == end, int(counts.iloc[end]), 0
            # Stays are what is left of all who stood there; nearly every withheld cell is small.
            hidden = counts.isna().to_numpy()
            yield place, hidden, int(total - counts.sum()), self.withheld_up_to if hidden.sum() > 1 else 0

    @property
    def withheld_cells(self) -> int:
        """How many moves are withheld."""
        return int(self.flows["count"].isna().sum())

    @cached_property
    def followed(self) -> int:
        """How many children could be followed for a quarter, each quarter counted."""
        stood = self.flows.loc[self.flows["to_level"].eq(ALL_LEVELS), "count"]
        return 0 if stood.isna().any() else int(stood.sum())

    @cached_property
    def reason(self) -> str | None:
        """Why there is no model; None where there is one."""
        if self.flows.loc[self.flows["to_level"].eq(ALL_LEVELS), "count"].isna().any():
            return WITHHELD
        if self.followed < LEAST_FOLLOWED:
            return TOO_FEW
        return self.fitted.reason

    @cached_property
    def fitted(self) -> PanelModel:
        """The model of every printed quarter."""
        return fit_panel(self.panel, allowed_moves(len(self.levels)), prior=Prior())

    @cached_property
    def draws(self) -> FloatArray:
        """Equally likely chances of each level a quarter later, by the level before: (draws, levels, levels)."""
        count = len(self.levels)
        drawn = draw_rates(self.fitted, DRAWS, np.random.default_rng(SEED))
        return probabilities(drawn, QUARTER)[:, :count, :count]


def force_models(
    movement: SafeCounts, caseload: SafeCounts, schemes: pd.DataFrame, withheld_up_to: int
) -> list[ForceModel]:
    """A model for each police force area, harm, scheme and source with moves between quarter ends; counts up to
    `withheld_up_to` are withheld by the rule of the release.
    """
    quarters = movement.table[movement.table["measure"].eq(RiskMeasure.THREE_MONTHS_LATER)]
    years = movement.table[movement.table["measure"].eq(RiskMeasure.TWELVE_MONTHS_LATER)]
    return [
        ForceModel(series, levels, flows, _of(years, series), stocks_of(caseload, series, levels), withheld_up_to)
        for key, flows in quarters.groupby(SERIES, sort=False)
        for series in [dict(zip(SERIES, key, strict=True))]
        for levels in [levels_in_order(schemes, str(series["scheme"]))]
    ]


def _of(rows: pd.DataFrame, series: Mapping[str, object]) -> pd.DataFrame:
    return rows[(rows[list(series)] == pd.Series(series)).all(axis=1)]


def stocks_of(caseload: SafeCounts, series: Mapping[str, object], levels: Sequence[str]) -> pd.DataFrame:
    """The printed caseload of one series: a row a day, a column a level from the lowest, missing where withheld."""
    wide = _of(caseload.table, series).pivot(index="as_at", columns="risk_level", values="count")
    return wide.reindex(columns=levels).sort_index().astype("Float64")


MODEL_COLUMNS = [*SERIES, *PERIOD, "quantity", "from_level", "to_level", "months", "value", "lower", "upper"]


def model_table(models: Sequence[ForceModel]) -> pd.DataFrame:
    """What each model says: SERIES, period, quantity, from_level, to_level, months, value, lower, upper (95%).

    `probability` of standing at to_level (or having left) so many months on; `years at level` a stay lasts on average;
    `raised within`: the probability of reaching a higher level within so many months. No row without a model.
    """
    rows = [row for model in models if model.reason is None for row in _told(model)]
    return pd.DataFrame(rows, columns=MODEL_COLUMNS).astype({"months": "Int64", "to_level": "string"})


def _told(model: ForceModel) -> Iterator[dict[str, object]]:
    shared = {**model.series, **_span(model)}
    for months in MONTHS:
        chances = probability_limits(model.fitted, months / 12)
        for start, level in enumerate(model.levels):
            for end, to_level in enumerate(model.states):
                yield shared | _row(PROBABILITY, level, to_level, months) | _at(chances, (start, end))
    stays = time_in_state(model.fitted)
    for place, level in enumerate(model.levels):
        yield shared | _row(YEARS_AT_LEVEL, level, pd.NA, pd.NA) | _at(stays, (place,))
    for months in RAISED_WITHIN:
        for place, level in enumerate(model.levels[:-1]):
            higher = range(place + 1, len(model.levels))
            reached = reached_limits(model.fitted, list(higher), months / 12)
            yield shared | _row(RAISED, level, pd.NA, months) | _at(reached, (place,))


def _span(model: ForceModel) -> dict[str, object]:
    return {"period_start": model.flows["period_start"].min(), "period_end": model.flows["period_end"].max()}


def _row(quantity: str, level: str, to_level: object, months: object) -> dict[str, object]:
    return {"quantity": quantity, "from_level": level, "to_level": to_level, "months": months}


def _at(limits: Limits, place: tuple[int, ...]) -> dict[str, float]:
    return {name: float(np.asarray(getattr(limits, name))[place]) for name in ("value", "lower", "upper")}


FIT_COLUMNS = [
    *SERIES,
    *PERIOD,
    "quarters",
    "children_quarters",
    "withheld_cells",
    "statistic",
    "degrees_of_freedom",
    "p_value",
    "checked_at_months",
    "largest_difference",
    "reason",
]


def fit_table(models: Sequence[ForceModel]) -> pd.DataFrame:
    """How well each model fits: SERIES, period, quarters, children_quarters (children followed for a quarter, each
    quarter counted), withheld_cells, statistic, degrees_of_freedom and p_value (Pearson, of the quarterly moves),
    largest_difference (children, between the printed moves over twelve months and those that the model expects) and
    reason (why there is no model; missing where there is one).
    """
    table = pd.DataFrame([_fit(model) for model in models], columns=FIT_COLUMNS)
    whole = ["quarters", "children_quarters", "withheld_cells", "degrees_of_freedom", "checked_at_months"]
    numbers = ["statistic", "p_value", "largest_difference"]
    return table.astype(dict.fromkeys(whole, "Int64") | dict.fromkeys(numbers, "Float64") | {"reason": "string"})


def _fit(model: ForceModel) -> dict[str, object]:
    said = {**model.series, **_span(model), "withheld_cells": model.withheld_cells}
    said |= {"quarters": 4 * model.flows["period_end"].nunique(), "checked_at_months": 12, "reason": model.reason}
    if model.reason is not None:
        return said
    fit = pearson_fit(model.fitted, model.panel)
    checked = {"children_quarters": model.followed, "largest_difference": _largest_difference(model)}
    return said | fit._asdict() | checked


def _largest_difference(model: ForceModel) -> object:
    """The largest difference among the printed cells of the latest twelve months."""
    if model.later.empty:
        return pd.NA
    latest = model.later[model.later["period_end"].eq(model.later["period_end"].max())]
    seen = latest.pivot(index="from_level", columns="to_level", values="count").reindex(
        model.levels, columns=model.states
    )
    before = model.stocks.loc[latest["period_start"].iloc[0]].to_numpy(dtype=float, na_value=np.nan)
    expected = before[:, None] * probabilities(model.fitted.rates, 1.0)[:-1]
    difference = np.abs(seen.to_numpy(dtype=float, na_value=np.nan) - expected)
    return float(np.nanmax(difference)) if np.isfinite(difference).any() else pd.NA


FORECAST_COLUMNS = [
    *SERIES,
    "risk_level",
    "as_at",
    "quarters_ahead",
    "scenario",
    "expected",
    "lower",
    "upper",
    "inside",
    "tested",
    "reason",
]


def forecasts(models: Sequence[ForceModel], caseload: SafeCounts, forces: pd.Series) -> pd.DataFrame:
    """The caseload to come by level in each force and authority, if moves and entrants go on as they were: SERIES,
    risk_level (a level, or all), as_at, quarters_ahead, scenario, expected, lower, upper (95%), inside and tested (of
    how many past counts, each forecast a quarter ahead, so many lay within the limits), reason.

    An authority's children are taken to move as its force's do; its entrants are its own. `forces` has the police force
    area of each authority. Where there is no forecast one row with quarters_ahead 0 says why.
    """
    rows = [
        row for model in models for series in _areas(model, caseload, forces) for row in _ahead(model, series, caseload)
    ]
    table = pd.DataFrame(rows, columns=FORECAST_COLUMNS)
    whole, numbers = ["quarters_ahead", "inside", "tested", "lower", "upper"], ["expected"]
    words = ["risk_level", "scenario", "reason"]
    kinds = dict.fromkeys(whole, "Int64") | dict.fromkeys(numbers, "Float64") | dict.fromkeys(words, "string")
    return table.astype(kinds | {"as_at": "datetime64[us]"})


def _areas(model: ForceModel, caseload: SafeCounts, forces: pd.Series) -> Iterator[dict[str, object]]:
    """The force's series, and those of its authorities."""
    codes = caseload.table["area_code"].drop_duplicates()
    here = codes[codes.eq(model.series["area_code"]) | codes.map(forces).eq(model.series["area_code"]).fillna(False)]
    yield from ({**model.series, "area_code": code} for code in sorted(here))


def _ahead(model: ForceModel, series: dict[str, object], caseload: SafeCounts) -> Iterator[dict[str, object]]:
    stocks = stocks_of(caseload, series, model.levels)
    reason = model.reason or _why_no_forecast(stocks)
    if reason is not None:
        yield {**series, "quarters_ahead": 0, "reason": reason}
        return
    counts, draws = _numbers(stocks), model.draws
    entrants = entrants_from_stocks(counts, draws)
    tried = _tried(model, stocks)
    for scenario, factor in SCENARIOS.items():
        ahead = forecast_caseload(counts[-1], draws, entrants, steps=STEPS, entrant_factor=factor)
        for step in range(STEPS):
            day = (stocks.index[-1] + pd.offsets.QuarterEnd(step + 1)).normalize()
            shared = {**series, "as_at": day, "quarters_ahead": step + 1, "scenario": scenario}
            for place, level in enumerate((*model.levels, ALL_LEVELS)):
                limits = {name: getattr(ahead, name)[step, place] for name in ("expected", "lower", "upper")}
                held = {"inside": tried.inside[0, place], "tested": tried.tested[0, place]}
                yield shared | limits | held | {"risk_level": level}


def _numbers(stocks: pd.DataFrame) -> FloatArray:
    return stocks.to_numpy(dtype=float, na_value=np.nan)


def _why_no_forecast(stocks: pd.DataFrame) -> str | None:
    printed = ~np.isnan(_numbers(stocks).sum(axis=1))
    if not printed[-1]:
        return WITHHELD
    if (printed[1:] & printed[:-1]).sum() < MINIMUM_STEPS:
        return "too few quarters with every level printed at both ends"
    return None


def _tried(model: ForceModel, stocks: pd.DataFrame) -> Backtest:
    """Each past quarter end forecast from the one before, with the entrants known by then and the moves of all years:
    no year's moves are known before it ends.
    """
    counts = _numbers(stocks)

    def forecast_at(origin: int) -> Forecast | None:
        if origin < MINIMUM_STEPS:
            return None
        entrants = entrants_from_stocks(counts[: origin + 1], model.draws)
        return forecast_caseload(counts[origin], model.draws, entrants, steps=1)

    return backtest_caseload(counts, forecast_at)
