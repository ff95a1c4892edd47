"""A sheet measured in points, for drawings that find room for their words themselves."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.font_manager import FontProperties

from needs_assessment.plots.drawing import is_small
from needs_assessment.vocabulary import in_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Text

POINTS_PER_INCH = 72
LETTER = 0.62
"""The width of a letter, of its size."""
PAD = 4.0
"""The room beside words, in points."""


def room_of(ax: Axes) -> tuple[float, float]:
    """Width and height of the Axes in points. The figure is laid out first, since only then are they known."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    figure.draw_without_rendering()
    width, height = np.array(ax.get_window_extent().size) * POINTS_PER_INCH / figure.dpi
    return float(width), float(height)


def canvas(ax: Axes) -> tuple[float, float]:
    """Width and height of the Axes, which are now an empty sheet in points, across from the left and down from the
    top.
    """
    ax.set_axis_off()
    width, height = room_of(ax)
    ax.set(xlim=(0, width), ylim=(height, 0))
    return width, height


def write(ax: Axes, words: str, **style: Any) -> Text:
    """Words at the upper left corner, to be moved; in the middle of their height unless told otherwise."""
    return ax.text(0, 0, words, **{"va": "center", "in_layout": False, **style})


def size_of(text: Text) -> tuple[float, float]:
    """Width and height of words in points."""
    figure = text.get_figure(root=True)
    assert figure is not None
    box = text.get_window_extent()
    return box.width * POINTS_PER_INCH / figure.dpi, box.height * POINTS_PER_INCH / figure.dpi


def points_of(size: str) -> float:
    """The size of letters in points: of `small` or `medium` ones in the style in force."""
    return float(FontProperties(size=size).get_size_in_points())


def days_above(ax: Axes, cells: pd.DataFrame, width: float, words: tuple[str, str] = ("", "")) -> float:
    """How far down the two days end that are written above, at the left and at the right; 0 where cells have none."""
    if cells.empty or not {"period_start", "period_end"} <= set(cells):
        return 0.0
    days = [in_words(pd.Timestamp(cells[name].iloc[0]).date()) for name in ("period_start", "period_end")]
    written = [f"{before}{day}" for before, day in zip(words, days, strict=True)]
    style: dict[str, Any] = {"weight": "bold", "va": "top", "size": "small" if is_small(ax) else "medium"}
    write(ax, written[0], **style, ha="left")
    write(ax, written[1], **style, ha="right").set_position((width, 0))
    return 2 * points_of("medium")


def count_words(rows: pd.DataFrame) -> pd.Series:
    """The count of each row in words, or the symbol of `missing` in its place."""
    return rows["count"].astype("Int64").astype("string").where(rows["missing"].isna(), "[" + rows["missing"] + "]")


def wrapped(words: str, letters: int) -> str:
    """The words on lines of so many letters, with a capital first; longer words are broken with a hyphen."""
    lines = textwrap.wrap(words[:1].upper() + words[1:], letters, break_long_words=False)
    return "\n".join(part for line in lines for part in _broken(line, letters))


def _broken(line: str, letters: int) -> list[str]:
    if len(line) <= letters:
        return [line]
    return [f"{line[: letters - 1]}-", *_broken(line[letters - 1 :], letters)]
