"""Drawings of rates: over time, and beside a comparator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd
from matplotlib import rcParams
from matplotlib.lines import Line2D

from needs_assessment.area_view import doubtful_zeros
from needs_assessment.plots.drawing import AREA_COLOUR, COMPARATOR_COLOUR, OPTION_COLOUR, axes_for, is_small
from needs_assessment.vocabulary import RecordingFlag

if TYPE_CHECKING:
    from matplotlib.axes import Axes

POINTS_PER_INCH = 72


def rate_over_time(
    series: pd.DataFrame,
    names: Sequence[str],
    breaks: pd.DataFrame,
    forecast: pd.DataFrame | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Rates per 10,000 by year with their limits, beside others'; a gap where a rate is missing, no line across a
    break, a hollow mark for a zero that cannot be relied on, and a light band for the years to come.

    `series` is a measure table of one area in order of time, with neighbours_value where `names` has three: the area's,
    the comparator's and what the neighbours are called. `breaks` is where no line is drawn (`AreaView.breaks`), and
    `forecast` has value, value_lower and value_upper by period.
    """
    ax = axes_for(ax)
    years = series["period_end"].dt.year
    for column, (colour, line) in zip(OTHERS, OTHERS.values(), strict=True):
        for _, part in series.groupby((years.diff() > 1).cumsum()) if column in series else ():
            ax.plot(part["period_end"].dt.year, part[column].astype(float), color=colour, linestyle=line)
    for _, part in series.groupby(_stretches(series, breaks)):
        _draw_stretch(ax, part)
    _draw_forecast(ax, series, breaks, forecast)
    _mark_doubtful(ax, series)
    _mark_missing(ax, series)
    _mark_breaks(ax, series, breaks)
    last = years.max() if forecast is None or forecast.empty else forecast["period_end"].dt.year.max()
    ax.set_ylim(bottom=0)
    ax.set_xlim(years.min() - 0.4, last + 0.4)
    _label_ends(ax, series, names)
    ax.set_ylabel("Per 10,000 children")
    ax.set_xlabel(_ending(series))
    shown = list(range(years.min(), last + 1))[:: 2 if is_small(ax) else 1]
    ax.set_xticks(shown, [str(year) for year in shown])
    return ax


OTHERS = {"comparator_value": (COMPARATOR_COLOUR, "--"), "neighbours_value": (OPTION_COLOUR, "-.")}
"""The rates that an area's stand beside, each with its colour and its line."""


def _draw_stretch(ax: Axes, part: pd.DataFrame) -> None:
    at = part["period_end"].dt.year
    ax.fill_between(at, part["lower"], part["upper"], color=AREA_COLOUR, alpha=0.15, linewidth=0)
    ax.vlines(at, part["lower"], part["upper"], color=AREA_COLOUR, alpha=0.35, linewidth=1.5)
    ax.plot(at, part["value"], color=AREA_COLOUR, marker="o")


def _draw_forecast(ax: Axes, series: pd.DataFrame, breaks: pd.DataFrame, forecast: pd.DataFrame | None) -> None:
    """The band of the years to come, from the last rate on; none where a break lies between."""
    last = series.dropna(subset=["value"]).tail(1)
    if forecast is None or forecast.empty or last.empty or (breaks["changed_on"] > last["period_end"].iloc[0]).any():
        return
    at = [*last["period_end"].dt.year, *forecast["period_end"].dt.year]
    low, middle, high = (
        [*last["value"].astype(float), *forecast[column].astype(float)]
        for column in ("value_lower", "value", "value_upper")
    )
    ax.fill_between(at, low, high, color=AREA_COLOUR, alpha=0.08, linewidth=0.8, linestyle=":")
    ax.plot(at, middle, color=AREA_COLOUR, linestyle=":", linewidth=1.2)
    words = "if it goes on\nas before"
    ax.annotate(words, (at[-1], high[-1]), ha="right", va="bottom", size="small", color=AREA_COLOUR)


def _mark_doubtful(ax: Axes, series: pd.DataFrame) -> None:
    zeros = doubtful_zeros(series)
    at = zeros["period_end"].dt.year
    ax.plot(at, zeros["value"], "o", markerfacecolor="white", color=AREA_COLOUR, clip_on=False)


def _ending(series: pd.DataFrame) -> str:
    """What the years on the axis are: `Year ending 31 March`, where every period ends on one day of the year."""
    days = {f"{day.day} {day:%B}" for day in series["period_end"]}
    return f"Year ending {days.pop()}" if len(days) == 1 else "Year in which the period ends"


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


def _mark_breaks(ax: Axes, series: pd.DataFrame, breaks: pd.DataFrame) -> None:
    known = breaks["flag"].eq(RecordingFlag.KNOWN_BREAK) if "flag" in breaks else breaks["changed_on"].notna()
    for changed_on, is_known in zip(breaks["changed_on"], known, strict=True):
        # A period is drawn at its end, so the one in which the break falls lies to the right of it.
        later = series.loc[series["period_end"] >= changed_on, "period_end"]
        at = (later.min().year if len(later) else series["period_end"].max().year + 1) - 0.5
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


def _label_ends(ax: Axes, series: pd.DataFrame, names: Sequence[str]) -> None:
    """Each line's name in its colour: at the right edge, apart from one another, or above the lines on a phone."""
    lines = {"value": AREA_COLOUR} | {column: colour for column, (colour, _) in OTHERS.items()}
    ends = {
        column: (float(series[column].dropna().iloc[-1]), name, colour)
        for (column, colour), name in zip(lines.items(), names, strict=False)
        if column in series and series[column].notna().any()
    }
    labels = sorted(ends.values())
    heights = _apart([height for height, _, _ in labels], _line_height(ax))
    for height, (_, name, colour) in zip(heights, labels, strict=True):
        if not is_small(ax):
            _label(ax, name, colour, (1, height), ("axes fraction", "data"))
    if is_small(ax):
        for place, (_, name, colour) in enumerate(reversed(labels)):
            _label(ax, name, colour, (0.02, 0.98 - 0.075 * place), "axes fraction")


def _label(ax: Axes, name: str, colour: str, at: tuple[float, float], coordinates: Any) -> None:
    ax.annotate(
        name,
        at,
        xycoords=coordinates,
        xytext=(4, 0),
        textcoords="offset points",
        color=colour,
        va="center" if coordinates != "axes fraction" else "top",
        weight="bold",
        annotation_clip=False,
    )


def _line_height(ax: Axes) -> float:
    """About the height of a line of text on the scale of the y axis."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    drawn = 0.75 * figure.get_figheight() * POINTS_PER_INCH
    low, high = ax.get_ylim()
    return 1.4 * float(rcParams["font.size"]) * (high - low) / drawn


def _apart(heights: list[float], gap: float) -> list[float]:
    """The heights, in rising order, each at least `gap` above the one before."""
    apart: list[float] = []
    for height in heights:
        apart.append(max(height, apart[-1] + gap) if apart else height)
    return apart


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
