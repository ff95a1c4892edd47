"""Rows of bars on one scale, with the words of each above and below it, so that bars have a phone's whole width."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from matplotlib.ticker import MaxNLocator

from needs_assessment.plots.drawing import is_small
from needs_assessment.plots.flow import Look
from needs_assessment.plots.sheet import points_of, room_of, wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Text

LETTER_BOLD = 0.68
"""The width of a bold letter, of its size."""
THICK, MIDDLE = 0.3, 0.06
"""The height of a bar, of its row, and how far below the middle of the row it lies: there is more to say above."""
LEAST_TOP, HEADROOM = 4.0, 1.04
"""The least number at the end of a scale, and its length, of the largest number."""
LEAST_LENGTH = 1e-6
GROUND = {"facecolor": "white", "edgecolor": "none", "pad": 0.5}
"""Behind words, so that the lines there leave the letters alone."""


class Segment(NamedTuple):
    """A part of a bar, from one value to another."""

    start: float
    end: float
    look: Look

    @property
    def has_length(self) -> bool:
        """Whether there is more between its ends than what rounding leaves."""
        return self.end - self.start > LEAST_LENGTH


def lay_out(ax: Axes, rows: int) -> None:
    """Room for so many rows, the first at the top, without an axis for them."""
    ax.set_ylim(rows - 0.5, -0.5)
    ax.set_yticks([])
    ax.grid(visible=False, axis="y")
    ax.grid(visible=True, axis="x")


def scale_of_numbers(ax: Axes, largest: float, unit: str) -> None:
    """A scale of whole numbers from 0 with its unit; without numbers where there is none to read."""
    ax.set_xlim(0, HEADROOM * max(largest, LEAST_TOP))
    ax.xaxis.set_major_locator(MaxNLocator(4 if is_small(ax) else "auto", integer=True))
    ax.xaxis.set_major_formatter("{x:,.0f}")
    ax.set_xlabel(unit)
    if largest == 0:
        ax.set_xticks([])


def draw_segment(ax: Axes, place: int, segment: Segment) -> None:
    """A part of the bar of a row; nothing where it has no length."""
    if segment.has_length:
        ax.barh(
            place + MIDDLE,
            segment.end - segment.start,
            left=segment.start,
            height=THICK,
            color=segment.look.fill,
            hatch=segment.look.hatch,
            edgecolor=segment.look.edge,
            linewidth=0.8,
        )


def draw_limits(ax: Axes, place: int, ends: tuple[float, float]) -> None:
    """A line between two limits on the bar of a row, with a short stroke at each."""
    at = [place + MIDDLE] * 2
    ax.plot(ends, at, color="white", linewidth=4.5, solid_capstyle="butt")
    ax.plot(ends, at, color="black", linewidth=1.6, marker="|", markersize=8, markeredgewidth=1.6)


def size_for(ax: Axes) -> str:
    """The size of letters beside the bars."""
    return "small" if is_small(ax) else "medium"


def write_above(ax: Axes, words: Iterable[str]) -> None:
    """Bold words above the bar of each row, on as many lines as the width of the drawing asks for."""
    letters = int(room_of(ax)[0] / (LETTER_BOLD * points_of(size_for(ax))))
    style: dict[str, Any] = {"size": size_for(ax), "weight": "bold", "va": "bottom", "bbox": GROUND, "zorder": 3}
    style |= {"xycoords": ("axes fraction", "data"), "textcoords": "offset points", "in_layout": False}
    for place, each in enumerate(words):
        ax.annotate(wrapped(each, letters), (0, place + MIDDLE - THICK / 2), (1, 3), **style)


def write_below(ax: Axes, at: tuple[float, int], words: str, **style: Any) -> Text:
    """Small words below the bar of a row, at a value; to the right of it unless told otherwise."""
    style = {"size": "small", "va": "top", "ha": "left", "in_layout": False, "bbox": GROUND, "zorder": 3, **style}
    foot = (at[0], at[1] + MIDDLE + THICK / 2)
    return ax.annotate(words, foot, (1, -2), textcoords="offset points", **style)
