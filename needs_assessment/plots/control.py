"""Drawing of a control chart: whether a series varies more than it usually does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from needs_assessment.plots.drawing import AREA_COLOUR, COMPARATOR_COLOUR, axes_for, is_small

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SIGNAL_COLOUR = "#801650"
MONTHS_A_YEAR = 12
YEARS_WIDE, QUARTERS_WIDE, LABELS_SMALL = 12, 7, 4
"""Periods that have room to be named below a drawing."""
ROOM = 0.2
"""The share of the height between the average and a limit that gives each a label of its own."""


def control_chart(points: pd.DataFrame, unit_label: str, ax: Axes | None = None) -> Axes:
    """The points of a series within their usual range, each stretch with its own average; signals are large diamonds.

    `points` are rows of the release table `control_charts` of one series, with `period_end`, `plotted`, `centre`,
    `lower`, `upper`, `signal` and `trial`; a stretch ends where the centre changes. No line joins points across a
    missing one or from one stretch to the next. `unit_label` says what the figures are, such as `Per 10,000 children`.
    """
    ax = axes_for(ax)
    chart = _placed(points)
    for _, stretch in chart.groupby("stretch"):
        _draw_lines(ax, stretch)
    for _, joined in chart.dropna(subset=["plotted"]).groupby("joined"):
        ax.plot(joined["at"], joined["plotted"], color=AREA_COLOUR, marker="o", clip_on=False)
    _mark_signals(ax, chart)
    ax.set_ylim(bottom=min(0.0, *chart[["plotted", "lower"]].min().fillna(0.0)))
    _label_lines(ax, chart)
    ax.set_xlim(chart["at"].min() - 0.6, chart["at"].max() + 0.6)
    ax.set_ylabel(unit_label)
    _label_periods(ax, chart)
    return ax


def _placed(points: pd.DataFrame) -> pd.DataFrame:
    """The points in order of time: `at` in periods, and numbers that grow with each stretch and at each gap."""
    chart = points.sort_values("period_end", ignore_index=True)
    figures = ["plotted", "centre", "lower", "upper"]
    chart[figures] = chart[figures].astype("Float64").astype(float)
    months = chart["period_end"].dt.year * MONTHS_A_YEAR + chart["period_end"].dt.month
    steps = months.diff()
    chart["months"] = steps.min() if len(chart) > 1 else MONTHS_A_YEAR
    chart["at"] = (months - months.iloc[0]) / chart["months"]
    changed = ~np.isclose(chart["centre"], chart["centre"].shift(), equal_nan=True)
    apart = chart["at"].diff() > 1
    chart["stretch"] = (changed | apart).cumsum()
    chart["joined"] = (changed | apart | chart["plotted"].isna()).cumsum()
    return chart


def _draw_lines(ax: Axes, stretch: pd.DataFrame) -> None:
    edges = np.append(stretch["at"] - 0.5, stretch["at"].iloc[-1] + 0.5)
    ax.stairs(stretch["upper"], edges, baseline=stretch["lower"], fill=True, color=COMPARATOR_COLOUR, alpha=0.12)
    for line, style in (("centre", "-"), ("lower", "--"), ("upper", "--")):
        ax.stairs(stretch[line], edges, baseline=None, color=COMPARATOR_COLOUR, linewidth=1, linestyle=style)


def _mark_signals(ax: Axes, chart: pd.DataFrame) -> None:
    signals = chart[chart["signal"].fillna("").ne("") & chart["plotted"].notna()]
    if signals.empty:
        return
    ax.plot(
        signals["at"],
        signals["plotted"],
        "D",
        color=SIGNAL_COLOUR,
        markersize=10,
        markeredgecolor="white",
        clip_on=False,
        zorder=3,
    )
    words = "\n".join(f"◆ {words}" for words in signals["signal"].unique())
    ax.annotate(
        words,
        (0, 1),
        xycoords="axes fraction",
        xytext=(0, 4),
        textcoords="offset points",
        color=SIGNAL_COLOUR,
        va="bottom",
    )


def _label_lines(ax: Axes, chart: pd.DataFrame) -> None:
    """Names beside the last lines there are; that of the limit keeps within the range where there is room for it."""
    end = chart["at"].max() + 0.5
    room = (chart["upper"] - chart["centre"]).dropna().iloc[-1:] > ROOM * np.ptp(ax.get_ylim())
    usual = "usual range" + (" (trial)" if chart["trial"].iloc[-1] else "")
    for column, name, beside in (("upper", usual, "top" if room.all() else "bottom"), ("centre", "average", "center")):
        known = chart.dropna(subset=[column])
        if known.empty:
            continue
        at, height = known["at"].iloc[-1] + 0.5, known[column].iloc[-1]
        ax.annotate(
            name.replace(" ", "\n") if is_small(ax) else name,
            (at, height),
            xytext=(4, 0) if at == end else (0, 2),
            textcoords="offset points",
            color=COMPARATOR_COLOUR,
            ha="left" if at == end else "right",
            va=beside if at == end else "bottom",
            annotation_clip=False,
        )


def _label_periods(ax: Axes, chart: pd.DataFrame) -> None:
    yearly = chart["months"].iloc[0] == MONTHS_A_YEAR
    room = LABELS_SMALL if is_small(ax) else YEARS_WIDE if yearly else QUARTERS_WIDE
    shown = chart.iloc[:: -(-len(chart) // room)]
    ax.set_xticks(shown["at"], [_period(row.period_end, int(row.months)) for row in shown.itertuples()])
    if yearly:
        last = chart["period_end"].iloc[-1]
        ax.set_xlabel(f"Year ending {last.day} {last:%B}")


def _period(end: pd.Timestamp, months: int) -> str:
    """A year by the year in which it ends, otherwise the months and the year below."""
    if months == MONTHS_A_YEAR:
        return str(end.year)
    first = end - pd.DateOffset(months=months - 1)
    return f"{first:%b}-{end:%b}\n{end.year}" if months > 1 else f"{end:%b}\n{end.year}"
