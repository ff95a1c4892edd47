"""Drawings of need beside what services can meet: by area, and step by step from need to what is met."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from needs_assessment.narrative.phrases import in_place_of_number, sentence_case
from needs_assessment.plots.drawing import AREA_COLOUR, axes_for, is_small
from needs_assessment.plots.flow import Look
from needs_assessment.plots.rows import (
    Segment,
    draw_limits,
    draw_segment,
    lay_out,
    scale_of_numbers,
    size_for,
    write_above,
    write_below,
)
from needs_assessment.vocabulary import NeedBasis

if TYPE_CHECKING:
    from matplotlib.axes import Axes

UNITS = {NeedBasis.UNDER_REVIEW: "Children at one time", NeedBasis.ASSESSMENTS: "Assessments a year"}
NEED, MET = Look("#5F6368", "", "white"), Look(AREA_COLOUR, "", "white")
TAKEN = Look("#A9C7DF", "", edge="#7FA6C6")
NOT_COMMISSIONED = Look("#FFFFFF", "////", edge="#7A8085")
TOO_FEW = Look("#FFFFFF", "\\\\\\\\", edge="#7A8085")
FOUND = Look("#DCE8F2", "", edge="#7FA6C6")
NO_SERVICE = Look("#FFFFFF", "xxx", edge="#7A8085")
NOT_KNOWN = Look("#FFFFFF", "---", edge="#7A8085")
PLACES_NOT_KNOWN, NOT_WORKED_OUT = "places not known", "not worked out"
MET_SHARED = "met if places are shared by need"


# By area


def need_and_places(rows: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """A bar of need with its limits for each area, in order of name: the part that is met if places are shared in
    proportion to need, the part that commissioned services would take beyond, and, hatched, the part that none takes.

    `rows` are rows of the release table `coverage_flow` of one harm with area_name. Where no place is known nothing is
    shown as met. Raises ValueError for rows of several harms or of needs of several kinds, which have no common scale.
    """
    ax = axes_for(ax)
    unlike = [name for name in ("exploitation_type", "basis") if rows[name].dropna().nunique() > 1]
    if unlike:
        raise ValueError(f"rows: more than one {' and '.join(unlike)}, which are never drawn on one scale")
    rows = rows.sort_values("area_name")
    lay_out(ax, len(rows))
    scale_of_numbers(ax, _largest(rows), _unit(rows))
    _legend(ax, [kind for _, row in rows.iterrows() for kind, _ in _parts(row)], rows["need_lower"].notna().any())
    write_above(ax, [_title(row) for _, row in rows.iterrows()])
    for place, (_, row) in enumerate(rows.iterrows()):
        for _, part in _parts(row):
            draw_segment(ax, place, part)
        if _limits(row):
            draw_limits(ax, place, (row["need_lower"], row["need_upper"]))
        write_below(ax, (0, place), _in_figures(row, ",\n" if is_small(ax) else ", "))
    return ax


MET_WORDS, BEYOND_WORDS, NONE_WORDS = (
    MET_SHARED,
    "commissioned service, too few places",
    "no commissioned service",
)
UNKNOWN_WORDS = "commissioned service, places not known"
LOOKS = {MET_WORDS: MET, BEYOND_WORDS: TAKEN, UNKNOWN_WORDS: NOT_KNOWN, NONE_WORDS: NO_SERVICE}


def _parts(row: pd.Series) -> list[tuple[str, Segment]]:
    """The parts of a bar of need that have a length, each with its words."""
    if pd.isna(row["need"]):
        return []
    taken, need = float(row["commissioned"]), float(row["need"])
    met = 0.0 if _places_unknown(row) else float(row["met_proportional"])
    beyond = UNKNOWN_WORDS if _places_unknown(row) else BEYOND_WORDS
    ends = {MET_WORDS: (0.0, met), beyond: (met, taken), NONE_WORDS: (taken, need)}
    parts = [(words, Segment(*end, LOOKS[words])) for words, end in ends.items()]
    return [(words, part) for words, part in parts if part.has_length]


def _title(row: pd.Series) -> str:
    return f"{row['area_name']}: {_figure(row, 'need')}" if pd.isna(row["need"]) else str(row["area_name"])


def _in_figures(row: pd.Series, between: str) -> str:
    """The figures of an area in words: `Need 58 (44.0 to 75.0), met 20.3, no commissioned service 11.5`."""
    if pd.isna(row["need"]):
        return ""
    limits = f" ({_limits(row)})" if _limits(row) else ""
    met = PLACES_NOT_KNOWN if _places_unknown(row) else f"met {_figure(row, 'met_proportional')}"
    return f"Need {_figure(row, 'need')}{limits}, {met}{between}{NONE_WORDS} {_figure(row, 'no_service')}"


def _legend(ax: Axes, kinds: Sequence[str], limits: bool) -> None:
    handles: list[Any] = [
        Patch(facecolor=look.fill, hatch=look.hatch, edgecolor=look.edge, label=words)
        for words, look in LOOKS.items()
        if words in kinds
    ]
    if limits:
        handles.append(Line2D([], [], color="black", marker="|", linewidth=1.6, label="need: 95% limits"))
    if handles:
        columns = 1 if is_small(ax) else 2
        place: dict[str, Any] = {"loc": "lower left", "bbox_to_anchor": (0, 1), "borderaxespad": 0.2}
        ax.legend(handles=handles, ncols=columns, fontsize=size_for(ax), columnspacing=1, handletextpad=0.4, **place)


# From need to what is met


class _Step(NamedTuple):
    """A bar of the waterfall: what it is, its figure in words, its end, its look, and what was lost before it."""

    title: str
    figure: str
    value: float
    look: Look
    lost: str = ""
    lost_look: Look = NO_SERVICE


def need_waterfall(row: pd.Series, ax: Axes | None = None) -> Axes:
    """Four bars from need down to what is met, the part lost at each step hatched and named: no service found, not
    commissioned, too few places.

    `row` is one row of the release table `coverage_flow`. What an authority's services meet is what they do if places
    are shared in proportion to need; what a force's meet is the most that any sharing could. Where no place is known
    the last bar is hatched as long as the one before, and says so.
    """
    ax = axes_for(ax)
    steps, rows = _steps(row), row.to_frame().T
    lay_out(ax, len(steps))
    scale_of_numbers(ax, _largest(rows), _unit(rows))
    write_above(ax, [f"{step.title}: {step.figure}" for step in steps])
    for place, (before, step) in enumerate(pairwise([steps[0], *steps])):
        _draw_step(ax, place, step, before.value)
    if _limits(row):
        draw_limits(ax, 0, (row["need_lower"], row["need_upper"]))
    return ax


def _steps(row: pd.Series) -> list[_Step]:
    is_force = row["area_code"] == row["police_force_area_code"]
    met, how = ("met", "the most that their places can meet") if is_force else ("met_proportional", MET_SHARED)
    need, *taken = [(_figure(row, name), _end(row, name)) for name in ("need", "eligible", "commissioned", met)]
    limits = f" (95% limits {_limits(row)})" if _limits(row) else ""
    last, lost = taken[2], ("too few places", TOO_FEW)
    if _places_unknown(row):
        last, lost = (PLACES_NOT_KNOWN, float("nan")), (PLACES_NOT_KNOWN, NOT_KNOWN)
    return [
        _Step("Need", need[0] + limits, need[1], NEED),
        _Step("A service, however funded, would take", *taken[0], FOUND, "no service found", NO_SERVICE),
        _Step("A commissioned service would take", *taken[1], TAKEN, "not commissioned", NOT_COMMISSIONED),
        _Step(sentence_case(how), *last, MET, *lost),
    ]


def _end(row: pd.Series, name: str) -> float:
    return float("nan") if pd.isna(row[name]) else float(row[name])


def _draw_step(ax: Axes, place: int, step: _Step, before: float) -> None:
    """The bar, and beside it what was lost of the bar before, which is all of it where the figure is not known."""
    if pd.isna(before):
        return
    kept = 0.0 if pd.isna(step.value) else step.value
    lost = Segment(kept, before, step.lost_look)
    draw_segment(ax, place, Segment(0.0, kept, step.look))
    draw_segment(ax, place, lost)
    if lost.has_length:
        text = write_below(ax, (before, place), step.lost, ha="right")
        if text.get_window_extent().x0 < ax.bbox.x0:
            text.remove()
            write_below(ax, (0, place), step.lost)


# Figures in words


def _figure(row: pd.Series, name: str) -> str:
    """A figure of a row in words, or what stands in its place."""
    if pd.isna(row[name]):
        return in_place_of_number(row["missing"]) if pd.notna(row["missing"]) else NOT_WORKED_OUT
    least = "at least " if name == "need" and pd.notna(row["missing"]) else ""
    most = "at most " if name.startswith("met") and row["services_without_places"] > 0 else ""
    return f"{least}{most}{_number(row[name])}"


def _limits(row: pd.Series) -> str:
    if pd.isna(row["need"]) or pd.isna(row["need_lower"]):
        return ""
    return f"{_number(row['need_lower'])} to {_number(row['need_upper'])}"


def _number(value: float) -> str:
    """A whole number as it is, any other with one decimal, so that nothing is said of a child that was not counted."""
    return f"{value:,.0f}" if round(float(value), 6).is_integer() else f"{value:,.1f}"


def _places_unknown(row: pd.Series) -> bool:
    """Whether services take some of the need, and no place of any of them is known."""
    return bool(pd.notna(row["need"]) and pd.isna(row["places"]) and row["services_counted"] > 0)


def _largest(rows: pd.DataFrame) -> float:
    """The largest number that is drawn; 0 where there is none."""
    return max([0.0, *rows["need"].dropna(), *rows["need_upper"].dropna()])


def _unit(rows: pd.DataFrame) -> str:
    """What is counted, as the axis says it."""
    return " / ".join(UNITS[NeedBasis(basis)] for basis in rows["basis"].dropna().unique())
