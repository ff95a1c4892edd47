"""The funnel: one area's rate among those of others, by how many children they have."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.ticker import MaxNLocator

from needs_assessment.plots.drawing import AREA_COLOUR, COMPARATOR_COLOUR, axes_for, is_small

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OTHERS_COLOUR = "#A9A9A9"
THOUSANDS = (0, 10, 25, 50, 100, 150, 200, 250, 300, 400, 500)
FEW_THOUSANDS = (0, 10, 50, 100, 200, 300, 500)
FEWEST_TICKS = 3
"""With fewer nobody could see that the axis is no even scale."""
HEADROOM = 1.08  # above the highest rate; limits of the very smallest areas leave the drawing
LIMITS: dict[str, dict[str, Any]] = {
    "998": {"color": "black", "linewidth": 1.2, "linestyle": (0, (6, 3))},
    "95": {"color": "black", "linewidth": 1.2},
    "chance": {"color": COMPARATOR_COLOUR, "linewidth": 1, "linestyle": ":"},
}


def funnel(areas: pd.DataFrame, limits: pd.DataFrame, names: tuple[str, str], ax: Axes | None = None) -> Axes:
    """Rates per 10,000 of all areas by their number of children, with the chosen area named and limits as lines.

    `areas` has area_name, person_years and value (blank where there is no rate); `limits` has person_years in
    ascending order, target, and the lower and upper limits chance_lower, chance_upper, lower95, upper95, lower998 and
    upper998; `names` are the chosen area's, as in area_name, and the target's.
    """
    ax = axes_for(ax)
    rated = areas.dropna(subset=["value", "person_years"])
    chosen = rated["area_name"].eq(names[0])
    ax.plot(
        rated.loc[~chosen, "person_years"] / 1000, rated.loc[~chosen, "value"], "o", color=OTHERS_COLOUR, markersize=4
    )
    for level, style in LIMITS.items():
        for column in _columns(level):
            ax.plot(limits["person_years"] / 1000, limits[column], zorder=2.5, **style)
    ax.plot(limits["person_years"] / 1000, limits["target"], color=COMPARATOR_COLOUR, linewidth=2)
    _scale(ax, rated, limits)
    _label_lines(ax, limits, names[1])
    _name_chosen(ax, rated[chosen], names[0])
    return ax


def _columns(level: str) -> tuple[str, str]:
    return ("chance_lower", "chance_upper") if level == "chance" else (f"lower{level}", f"upper{level}")


def _scale(ax: Axes, rated: pd.DataFrame, limits: pd.DataFrame) -> None:
    # The root spreads areas more evenly than thousands would, and unlike the logarithm leaves no room to the tiniest.
    ax.set_xscale("function", functions=(np.sqrt, np.square))
    ax.set_xlim(0, limits["person_years"].max() / 1000)
    most = ax.get_xlim()[1]
    shown: list[float] = [at for at in (FEW_THOUSANDS if is_small(ax) else THOUSANDS) if at <= most]
    if len(shown) < FEWEST_TICKS:
        shown = [at for at in MaxNLocator(FEWEST_TICKS).tick_values(0, most) if at <= most]
    ax.set_xticks(shown, [f"{at:g}" for at in shown])
    ax.set_ylim(0, HEADROOM * max([*rated["value"], limits["upper998"].iloc[-1]]))
    ax.set_xlabel("Children aged 0 to 17 (thousands)")
    ax.set_ylabel("Per 10,000 children")


def _label_lines(ax: Axes, limits: pd.DataFrame, target_name: str) -> None:
    """Names the lines at their right end, where areas are large and the funnel is narrow."""
    small, last = is_small(ax), limits.iloc[-1]
    words = {
        "upper998": "99.8%" if small else "99.8% limits",
        "upper95": "95%" if small else "95% limits",
        "target": target_name,
        "chance_lower": "by chance\nalone" if small else "95% limits\nby chance alone",
    }
    wanted = [last["upper998"], last["upper95"], last["target"], last["chance_lower"]]
    for (column, label), height in zip(words.items(), _apart(wanted, ax), strict=True):
        ax.annotate(
            label,
            (1, height),
            xycoords=("axes fraction", "data"),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
            size="small",
            color="black" if column.startswith("upper") else COMPARATOR_COLOUR,
            annotation_clip=False,
        )


def _apart(heights: list[float], ax: Axes) -> list[float]:
    """The heights of labels in descending order, moved so that none covers the one below it or leaves the drawing.

    The last label has two lines.
    """
    line = (0.075 if is_small(ax) else 0.06) * ax.get_ylim()[1]
    rooms = [line] * (len(heights) - 2) + [1.5 * line]
    placed = [max(heights[-1] - line, line)]
    for height, room in zip(heights[-2::-1], rooms[::-1], strict=True):
        placed.append(max(height, placed[-1] + room))
    return placed[::-1]


def _name_chosen(ax: Axes, chosen: pd.DataFrame, name: str) -> None:
    """Names the area above the drawing, where no dot is covered, with a thin line down to its own."""
    at, words, share = 0.0, f"{name}: not drawn", 0.0
    if len(chosen):
        at, height, words = chosen["person_years"].iloc[0] / 1000, chosen["value"].iloc[0], name
        ax.plot([at, at], [height, ax.get_ylim()[1]], color=AREA_COLOUR, linewidth=1, zorder=3.5)
        ax.plot(at, height, "o", color=AREA_COLOUR, markersize=9, zorder=4, markeredgecolor="white", clip_on=False)
        share = np.sqrt(at / ax.get_xlim()[1])
    ax.annotate(
        textwrap.fill(words, 22) if is_small(ax) else words,
        (at, 1),
        xycoords=("data", "axes fraction"),
        xytext=(0, 2),
        textcoords="offset points",
        ha="left" if share < 1 / 3 else "center" if share < 2 / 3 else "right",
        va="bottom",
        color=AREA_COLOUR,
        weight="bold",
    )
