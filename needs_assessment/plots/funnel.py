"""Drawings that set one area's rate among others: the funnel, and the observed beside the pooled rate."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from needs_assessment.plots.drawing import AREA_COLOUR, COMPARATOR_COLOUR, OPTION_COLOUR, axes_for, is_small

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
    at, words, share = 0.0, f"{name}: no rate", 0.0
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


def observed_and_pooled(rows: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """A dot with its interval for each observed rate, below it a diamond with its interval for the pooled one, and the
    neighbours' rate as a bar: rows with `indicator`, value, lower, upper, pooled_value, pooled_lower, pooled_upper and
    neighbours_value, blank where there is none.
    """
    ax = axes_for(ax)
    places = range(len(rows) - 1, -1, -1)
    for place, row in zip(places, rows.itertuples(), strict=True):
        ax.plot([row.neighbours_value] * 2, [place - 0.36, place + 0.36], color=COMPARATOR_COLOUR, linewidth=3)
        if pd.isna(row.value):
            beside = 0 if pd.isna(row.neighbours_value) else row.neighbours_value
            ax.annotate("no rate", (beside, place), xytext=(6, 0), textcoords="offset points", va="center")
        _with_interval(ax, place + 0.16, (row.value, row.lower, row.upper), _OBSERVED)
        _with_interval(ax, place - 0.16, (row.pooled_value, row.pooled_lower, row.pooled_upper), _POOLED)
    ax.set_yticks(list(places), [textwrap.fill(label, 14 if is_small(ax) else 26) for label in rows["indicator"]])
    ax.set_ylim(-0.6, len(rows) - 0.4)
    ax.set_xlim(left=0)
    ax.grid(visible=False, axis="y")
    ax.grid(visible=True, axis="x")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=4 if is_small(ax) else "auto"))
    ax.set_xlabel("Per 10,000 children")
    _legend(ax)
    return ax


_OBSERVED: dict[str, Any] = {"color": AREA_COLOUR, "marker": "o", "markersize": 8}
_POOLED: dict[str, Any] = {"color": OPTION_COLOUR, "marker": "D", "markersize": 7}


def _with_interval(ax: Axes, height: float, figure: tuple[float, float, float], style: dict[str, Any]) -> None:
    value, lower, upper = figure
    if pd.notna(value):
        ax.plot([lower, upper], [height] * 2, color=style["color"], linewidth=3, alpha=0.4, solid_capstyle="butt")
        ax.plot(value, height, linestyle="", **style)


def _legend(ax: Axes) -> None:
    handles = [
        Line2D([], [], linestyle="", label="recorded", **_OBSERVED),
        Line2D([], [], linestyle="", label="pooled with similar areas", **_POOLED),
        Line2D([], [], color=COMPARATOR_COLOUR, linewidth=3, label="similar areas"),
    ]
    ax.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(0, 1),
        ncols=1 if is_small(ax) else 3,
        borderaxespad=0,
        columnspacing=1,
        handletextpad=0.4,
    )
