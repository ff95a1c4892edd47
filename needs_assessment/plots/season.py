"""Drawing of the seasons of a year."""

from __future__ import annotations

from calendar import month_name
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from needs_assessment.plots.drawing import AREA_COLOUR, COMPARATOR_COLOUR, axes_for, is_small

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_YEAR = (*month_name[4:], *month_name[1:4])
_QUARTERS = 4


def seasonal(rows: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """A dot with its interval for each quarter or month, from April on, about a line at the average; a season without a
    ratio says so.

    `rows` have `season`, whose words begin with its first month in full ("July to September"), `ratio` to the series'
    average with `lower` and `upper`, and `school_share`, the share of weekdays in school, which stands below each name.
    """
    ax, figures = axes_for(ax), ["ratio", "lower", "upper", "school_share"]
    numbers = rows.assign(**rows[figures].astype("Float64").astype(float))
    year = numbers.iloc[np.argsort([_YEAR.index(season.split()[0]) for season in rows["season"]])]
    for place, row in enumerate(year.itertuples()):
        ax.vlines(place, row.lower, row.upper, color=AREA_COLOUR, alpha=0.4, linewidth=3)
        ax.plot(place, row.ratio, "o", color=AREA_COLOUR, markersize=8)
        if pd.isna(row.ratio):
            ax.annotate("no ratio", (place, 0), xytext=(0, 4), textcoords="offset points", ha="center")
    average = "average quarter" if len(year) <= _QUARTERS else "average month"
    ax.axhline(1, color=COMPARATOR_COLOUR, linestyle="--", linewidth=1.5, label=average)
    ax.legend(loc="lower right", bbox_to_anchor=(1, 1), borderaxespad=0)
    _name(ax, year)
    ax.set_xlim(-0.5, len(year) - 0.5)
    # Without any limit the axis still shows the average in its middle.
    ax.set_ylim(0, max([2, *(1.05 * year["upper"].dropna())]))
    ax.set_ylabel("Ratio to the average")
    return ax


def _name(ax: Axes, year: pd.DataFrame) -> None:
    """Each season's name below its dot, and below that its share of weekdays in school."""
    by_month = len(year) > _QUARTERS
    names = [_brief(season) if by_month or is_small(ax) else season for season in year["season"]]
    shares = ["?" if pd.isna(share) else f"{100 * share:.0f}" for share in year["school_share"]]
    ax.set_xticks(range(len(year)), [f"{name}\n{share}" for name, share in zip(names, shares, strict=True)])
    if by_month and is_small(ax):
        ax.tick_params(axis="x", labelsize="small")
    ax.set_xlabel("Below each name: % of weekdays in school")


def _brief(season: str) -> str:
    """Months by their first three letters, such as `Jul to Sep`."""
    return " ".join(word[:3] if word in _YEAR else word for word in season.split())
