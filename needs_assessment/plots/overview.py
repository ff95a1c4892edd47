"""The drawing of the quarterly commissioning overview: figures beside those before them."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import pandas as pd
from matplotlib.ticker import MaxNLocator

from needs_assessment.narrative.overview import BEFORE, WITHIN, measure_words
from needs_assessment.plots.drawing import AREA_COLOUR, COMPARATOR_COLOUR, axes_for, is_small

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDE_LETTERS, NARROW_LETTERS = 44, 22
ROOM, LEAST_RIGHT, NO_CHANGE = 1.08, 1.5, 1.0
PLATE = {"boxstyle": "round,pad=0.1", "facecolor": "white", "edgecolor": "none"}
"""Behind words, so that the line of no change does not strike them through."""
ABOVE: dict[str, Any] = {"xytext": (0, 7), "textcoords": "offset points", "ha": "center", "size": "small"}


def change_ratios(told: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """A dot with its limits for each comparison, from the top in the order of `told`, and a line at no change: rows
    of `narrative.overview.compared` with whose, measure, against, ratio, ratio_lower, ratio_upper and words.
    """
    ax = axes_for(ax)
    places = list(range(len(told) - 1, -1, -1))
    for place, row in zip(places, told.itertuples(), strict=True):
        within = row.words == WITHIN
        ax.plot([row.ratio_lower, row.ratio_upper], [place, place], color=AREA_COLOUR, linewidth=2)
        ax.plot(row.ratio, place, "o", color=AREA_COLOUR, markerfacecolor="white" if within else AREA_COLOUR)
        ax.annotate(row.words, (row.ratio, place), bbox=PLATE, **ABOVE)
    letters = NARROW_LETTERS if is_small(ax) else WIDE_LETTERS
    ax.set_yticks(places, [textwrap.fill(_named(row), letters) for row in told.itertuples()])
    ax.set_ylim(-0.6, len(told) - 0.3)
    _mark_no_change(ax, max(LEAST_RIGHT, ROOM * told["ratio_upper"].max()))
    ax.set_xlabel("Times the figure before")
    return ax


def _mark_no_change(ax: Axes, right: float) -> None:
    """The scale from 0 to `right` with the line of the grid at 1 standing out: no figure stands there."""
    ticks = sorted({0.0, NO_CHANGE, *MaxNLocator(3 if is_small(ax) else 6).tick_values(0, right)})
    ax.set_xticks([tick for tick in ticks if tick <= right])
    ax.set_xlim(0, right)
    ax.grid(visible=False, axis="y")
    ax.grid(visible=True, axis="x")
    for tick, line in zip(ax.get_xticks(), ax.get_xgridlines(), strict=True):
        if tick == NO_CHANGE:
            line.set(color=COMPARATOR_COLOUR, linestyle="--", linewidth=2)


def _named(row) -> str:  # type: ignore[no-untyped-def]
    return f"{row.whose}, {measure_words(row.measure)}, against {BEFORE[row.against]}"
