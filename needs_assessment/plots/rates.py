"""Drawings of rates: over time, and beside a comparator."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.lines import Line2D

from needs_assessment.area_view import doubtful_zeros
from needs_assessment.plots.drawing import AREA_COLOUR, COMPARATOR_COLOUR, axes_for, is_small
from needs_assessment.vocabulary import RecordingFlag

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def rate_over_time(series: pd.DataFrame, names: tuple[str, str], breaks: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Rates per 10,000 by year with their limits, beside the comparator's; a gap where a rate is missing, no line
    across a break, and a hollow mark for a zero that cannot be relied on.

    `series` is a measure table of one area in order of time, `names` the area's and the comparator's, `breaks` where
    no line is drawn (`AreaView.breaks`).
    """
    ax = axes_for(ax)
    years = series["period_end"].dt.year
    for _, part in series.groupby((years.diff() > 1).cumsum()):
        ax.plot(part["period_end"].dt.year, part["comparator_value"], color=COMPARATOR_COLOUR, linestyle="--")
    for _, part in series.groupby(_stretches(series, breaks)):
        at = part["period_end"].dt.year
        ax.fill_between(at, part["lower"], part["upper"], color=AREA_COLOUR, alpha=0.15, linewidth=0)
        ax.vlines(at, part["lower"], part["upper"], color=AREA_COLOUR, alpha=0.35, linewidth=1.5)
        ax.plot(at, part["value"], color=AREA_COLOUR, marker="o")
    doubtful = doubtful_zeros(series)
    ax.plot(
        doubtful["period_end"].dt.year,
        doubtful["value"],
        "o",
        markerfacecolor="white",
        color=AREA_COLOUR,
        clip_on=False,
    )
    _mark_missing(ax, series)
    _mark_breaks(ax, breaks)
    _label_ends(ax, series, names)
    ax.set_ylim(bottom=0)
    ax.set_xlim(years.min() - 0.4, years.max() + 0.4)
    ax.set_ylabel("Per 10,000 children")
    ax.set_xlabel("Year ending 31 March")
    shown = sorted(set(years))[:: 2 if is_small(ax) else 1]
    ax.set_xticks(shown, [str(year) for year in shown])
    return ax


def _stretches(series: pd.DataFrame, breaks: pd.DataFrame) -> pd.Series:
    """A number for each row that grows at a break, a missing rate and a missing year: no line joins across them."""
    stretch = (series["value"].isna() | (series["period_end"].dt.year.diff() > 1)).cumsum()
    for changed_on in breaks["changed_on"]:
        stretch = stretch + (series["period_end"] >= changed_on) * 1000
    return stretch


def _mark_missing(ax: Axes, series: pd.DataFrame) -> None:
    for row in series[series["value"].isna()].itertuples():
        ax.annotate(
            _symbol(row.missing),
            (row.period_end.year, 0),
            xytext=(0, 4),
            textcoords="offset points",
            ha="center",
            color=AREA_COLOUR,
        )


def _symbol(missing: object) -> str:
    """What stands where a rate would: the symbol of its count, which may be there without a population."""
    return "no rate" if pd.isna(missing) else f"[{missing}]"


def _mark_breaks(ax: Axes, breaks: pd.DataFrame) -> None:
    known = breaks["flag"].eq(RecordingFlag.KNOWN_BREAK) if "flag" in breaks else breaks["changed_on"].notna()
    for changed_on, is_known in zip(breaks["changed_on"], known, strict=True):
        # A year ending in March is drawn at its end, so the year in which the break falls lies to the right.
        at = (changed_on - pd.DateOffset(months=3)).year + 0.5
        ax.axvline(at, color="black", linestyle=":", linewidth=1.2)
        label = "recording changed" if is_known else "ask about this"
        ax.annotate(
            label,
            (at, 1),
            xycoords=("data", "axes fraction"),
            xytext=(0, 3),
            textcoords="offset points",
            ha="center",
            va="bottom",
            size="small",
        )


def _label_ends(ax: Axes, series: pd.DataFrame, names: tuple[str, str]) -> None:
    ends = [(series, "value", names[0], AREA_COLOUR), (series, "comparator_value", names[1], COMPARATOR_COLOUR)]
    heights = [rows[column].dropna().iloc[-1] for rows, column, _, _ in ends if rows[column].notna().any()]
    for rows, column, name, colour in ends:
        rated = rows.dropna(subset=[column])
        if rated.empty:
            continue
        last = rated.iloc[-1]
        above = last[column] >= max(heights)
        words = name.replace(" and ", " and\n") if is_small(ax) else name
        ax.annotate(
            words,
            (last["period_end"].year, last[column]),
            xytext=(6, 7 if above else -7),
            textcoords="offset points",
            color=colour,
            va="bottom" if above else "top",
            ha="right" if is_small(ax) else "left",
            weight="bold",
            annotation_clip=False,
        )


def rates_beside(rows: pd.DataFrame, names: tuple[str, str], ax: Axes | None = None) -> Axes:
    """A dot with its interval for each row, and the comparator as a bar: rows with `indicator`, value, lower, upper,
    comparator_value, missing.
    """
    ax = axes_for(ax)
    places = range(len(rows) - 1, -1, -1)
    for place, row in zip(places, rows.itertuples(), strict=True):
        if pd.isna(row.value):
            ax.annotate(_symbol(row.missing), (0, place), color=AREA_COLOUR, va="center")
        else:
            ax.plot(
                [row.lower, row.upper], [place, place], color=AREA_COLOUR, linewidth=3, alpha=0.4, solid_capstyle="butt"
            )
            ax.plot(row.value, place, "o", color=AREA_COLOUR, markersize=8)
        ax.plot([row.comparator_value] * 2, [place - 0.28, place + 0.28], color=COMPARATOR_COLOUR, linewidth=3)
    ax.set_yticks(list(places), list(rows["indicator"]))
    ax.set_xlim(left=0)
    ax.grid(visible=False, axis="y")
    ax.grid(visible=True, axis="x")
    ax.set_xlabel("Per 10,000 children")
    handles = [
        Line2D([], [], color=AREA_COLOUR, marker="o", label=names[0]),
        Line2D([], [], color=COMPARATOR_COLOUR, linewidth=3, label=names[1]),
    ]
    ax.legend(handles=handles, loc="lower left", bbox_to_anchor=(0, 1), ncols=2, borderaxespad=0)
    return ax
