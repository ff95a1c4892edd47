"""Drawings of risk levels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from needs_assessment.plots.drawing import AREA_COLOUR, COMPARATOR_COLOUR, axes_for, is_small

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def risk_change(changes: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Counts on the first and last date at each risk level, as joined dots with their numbers: a table of changes over
    all residences.
    """
    ax = axes_for(ax)
    for place, row in enumerate(changes.itertuples()):
        ax.plot([row.before, row.after], [place, place], color=COMPARATOR_COLOUR, linewidth=2)
        for count, filled, words in (
            (row.before, "white", f"{row.as_at_before:%b %Y}: "),
            (row.after, AREA_COLOUR, f"{row.as_at_after:%b %Y}: "),
        ):
            ax.plot(count, place, "o", markersize=10, markeredgecolor=AREA_COLOUR, markerfacecolor=filled)
            ax.annotate(f"{words}{count}", (count, place), xytext=(0, 11), textcoords="offset points", ha="center")
    ax.set_yticks(range(len(changes)), _levels(changes, "\n" if is_small(ax) else " "))
    ax.set_ylim(-0.6, len(changes) - 0.2)
    ax.set_xlim(left=0)
    ax.margins(x=0.15)
    ax.grid(visible=False, axis="y")
    ax.set_xlabel("Number assessed at this level")
    return ax


def _levels(changes: pd.DataFrame, joined: str) -> list[str]:
    return [f"{row.risk_level.capitalize()} risk{joined}of {row.exploitation_type}" for row in changes.itertuples()]
