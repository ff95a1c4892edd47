"""Do the moves that were seen look like those of the fitted model?"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.stats import chi2

from needs_assessment.methods.rates import FloatArray
from needs_assessment.methods.transitions.exponential import exponentials
from needs_assessment.methods.transitions.fitting import PanelModel
from needs_assessment.methods.transitions.panel import Grouped, Panel, grouped

LEAST_EXPECTED = 5.0
"""Cells with fewer expected are merged with the next smallest of their row."""

INTERVAL_GROUPS = 4
"""More times than these between first and second sight are put into so many groups of about equal size."""


class PanelFit(NamedTuple):
    """Pearson's statistic of the moves seen, its degrees of freedom, and the p-value; missing where none are left."""

    statistic: float
    degrees_of_freedom: int
    p_value: float


def pearson_fit(model: PanelModel, panel: Panel) -> PanelFit:
    """Pearson's chi-squared of the moves of a panel against a model that was fitted to it.

    For each start and group of times, people seen at each state are set beside those expected. A count known only as
    one of several states is shared among them as the model expects, which can only bring seen and expected closer.
    Cells with fewer than 5 expected are merged with the next smallest. Degrees of freedom are cells less rows less
    moves fitted; with none left, and for states entered at an exact time (whose time was not chosen beforehand), there
    is no p-value.

    Raises ValueError as `fit_panel`.

    Source: Kalbfleisch and Lawless (1985), Journal of the American Statistical Association 80, 863-871; groups of
    times as Aguirre-Hernandez and Farewell (2002), Statistics in Medicine 21, 1899-1911.
    """
    rows, moves = grouped(panel, model.allowed)
    if model.reason is not None or rows.exact.any():
        return PanelFit(np.nan, 0, np.nan)
    tables = [_merged(*pair) for pair in _seen_and_expected(model.rates, rows) if pair[1].sum() > 0]
    statistic = float(sum(((seen - due) ** 2 / due).sum() for seen, due in tables))
    freedom = sum(len(due) - 1 for _, due in tables) - int((model.rates[moves] > 0).sum())
    return (
        PanelFit(statistic, freedom, float(chi2.sf(statistic, freedom)))
        if freedom > 0
        else PanelFit(statistic, freedom, np.nan)
    )


def _seen_and_expected(rates: FloatArray, rows: Grouped) -> list[tuple[FloatArray, FloatArray]]:
    """For each state that can be left and each group of times: people seen at each state, and expected there."""
    chances = exponentials(rates, rows.years)[rows.at, rows.start]
    known = chances * rows.may_be
    seen = rows.count[:, None] * known / known.sum(axis=1, keepdims=True)
    due = rows.count[:, None] * chances
    interval = _interval_groups(rows)
    leaves = np.flatnonzero(np.diag(rates) < 0)
    members = [(rows.start == state) & (interval == group) for state in leaves for group in np.unique(interval)]
    return [(seen[rows_in].sum(axis=0), due[rows_in].sum(axis=0)) for rows_in in members]


def _interval_groups(rows: Grouped) -> np.ndarray:
    """The group of times that each row belongs to: its own time, or its quarter of the people by time."""
    if len(rows.years) <= INTERVAL_GROUPS:
        return rows.at
    people = np.bincount(rows.at, weights=rows.count, minlength=len(rows.years)).cumsum()
    # A time belongs where the middle of its people falls.
    middle = people - np.diff(people, prepend=0.0) / 2
    return np.floor(INTERVAL_GROUPS * middle / people[-1])[rows.at]


def _merged(seen: FloatArray, due: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Cells from the smallest expected up, merged until each has enough expected; the last takes what remains."""
    order = np.argsort(due)
    order = order[due[order] > 0]
    group, collected = np.zeros(len(order), dtype=np.int64), 0.0
    for place, cell in enumerate(order[:-1]):
        collected += due[cell]
        full = collected >= LEAST_EXPECTED and due[order[place + 1 :]].sum() >= LEAST_EXPECTED
        group[place + 1] = group[place] + full
        collected = 0.0 if full else collected
    return tuple(np.bincount(group, weights=cells[order]).astype(float) for cells in (seen, due))  # type: ignore[return-value]
