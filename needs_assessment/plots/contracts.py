"""The timeline of contracts and extension options."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from needs_assessment.plots.drawing import AREA_COLOUR, COMPARATOR_COLOUR, OPTION_COLOUR, axes_for, is_small
from needs_assessment.vocabulary import in_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def contract_timeline(terms: pd.DataFrame, on: pd.Timestamp | None = None, ax: Axes | None = None) -> Axes:
    """A bar for each firm term and extension option, by service, and a line at the day of `on`: the table of contract
    terms.
    """
    ax = axes_for(ax)
    terms = terms.assign(
        service_name=[textwrap.fill(name, 14 if is_small(ax) else 26) for name in terms["service_name"]]
    )
    services = list(dict.fromkeys(terms["service_name"]))
    for row in terms.itertuples():
        firm = row.term == "firm"
        start, length = _year_of(row.starts), _year_of(row.ends) - _year_of(row.starts)
        ax.barh(
            services[::-1].index(row.service_name),
            length,
            left=start,
            height=0.45,
            color=AREA_COLOUR if firm else "white",
            edgecolor=AREA_COLOUR if firm else OPTION_COLOUR,
            hatch="" if firm else "///",
            linewidth=1.5,
        )
        if not firm:
            ax.plot(start, services[::-1].index(row.service_name) + 0.36, "v", color="black", markersize=7)
    if on is not None:
        ax.axvline(_year_of(on), color=COMPARATOR_COLOUR, linestyle="--")
        ax.annotate(
            f"evidence of\n{in_words(on.date())}",
            (_year_of(on), -0.7),
            color=COMPARATOR_COLOUR,
            ha="right",
            va="bottom",
            size="small",
            xytext=(-3, 0),
            textcoords="offset points",
        )
    ax.set_yticks(range(len(services)), services[::-1])
    ax.set_ylim(-0.8, len(services) - 0.3)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=3 if is_small(ax) else "auto"))
    ax.xaxis.set_major_formatter("{x:.0f}")
    ax.set_xlabel("Year")
    ax.grid(visible=False, axis="y")
    ax.grid(visible=True, axis="x")
    _contract_legend(ax)
    return ax


def _contract_legend(ax: Axes) -> None:
    handles = [
        Patch(facecolor=AREA_COLOUR, label="firm term"),
        Patch(facecolor="white", edgecolor=OPTION_COLOUR, hatch="///", label="extension option"),
        Line2D([], [], color="black", marker="v", linestyle="", label="decide by"),
    ]
    ax.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(0, 1),
        ncols=2 if is_small(ax) else 3,
        borderaxespad=0,
        columnspacing=1,
        handletextpad=0.4,
    )


def _year_of(day: pd.Timestamp) -> float:
    return day.year + (day.day_of_year - 1) / 365.25
