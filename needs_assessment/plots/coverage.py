"""The drawing of coverage: which ages find a service at which tier, and how firmly it is funded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.patches import Rectangle

from needs_assessment.plots.drawing import AREA_COLOUR, axes_for, is_small
from needs_assessment.plots.flow import EDGE, Look
from needs_assessment.plots.rows import size_for
from needs_assessment.plots.sheet import LETTER, PAD, canvas, points_of, size_of, wrapped, write
from needs_assessment.vocabulary import TIER_NOT_STATED, FundingStatus

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Text

FUNDING: dict[str, tuple[str, Look]] = {
    FundingStatus.COMMISSIONED: ("Commissioned", Look(AREA_COLOUR, "", "white")),
    FundingStatus.SERVICE_LEVEL_AGREEMENT: ("Service level agreement", Look("#5A8DB9", "")),
    FundingStatus.SPOT_PURCHASE: ("Spot purchase", Look("#DCE8F2", "\\\\\\", edge="#7FA6C6")),
    FundingStatus.NOT_STATED: ("Funding not stated", Look("#FFFFFF", "--", edge="#A0A5AA")),
    FundingStatus.NONE: ("None found", Look("#FFFFFF", "", edge="#A0A5AA")),
}
"""The words of each status and how its cells look: the firmer, the darker, so in a print in grey too."""
NOT_ALL_AGES = "* No one service is known to take all of these ages without a condition."


def coverage_matrix(cells: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """A square for each band of ages, from the youngest down, and each provision tier, with the firmest funding found
    in words, and the service behind it where there is but one and it has room; the firmer, the darker.

    `cells` are rows of the release table `coverage` of one area and harm: age_from, age_to, tier (or `column`, any
    other label, in its place), funding, services (separated by |), and whole_band, where it is known; a tier that no
    source states is left out where nothing was found for it. Raises ValueError for two rows of one square.
    """
    ax = axes_for(ax)
    squares = _squares(cells)
    columns = list(dict.fromkeys(squares["column"]))
    bands = squares[["age_from", "age_to"]].drop_duplicates().sort_values("age_from")
    width, height = canvas(ax)
    names = _write_bands(ax, bands)
    left = max(size_of(name)[0] for name in names) + PAD
    wide = (width - left - 1) / len(columns)
    top = _write_columns(ax, columns, left, wide)
    foot = _write_foot(ax, squares, (width, height))
    tall = (height - top - foot) / len(names)
    starts = dict(zip(bands["age_from"], (top + place * tall for place in range(len(names))), strict=True))
    for name, start in zip(names, starts.values(), strict=True):
        name.set_position((0, start + tall / 2))
    for row in squares.itertuples():
        corner = (left + columns.index(row.column) * wide, starts[row.age_from])
        _draw_square(ax, row, Rectangle(corner, wide, tall))
    return ax


def _squares(cells: pd.DataFrame) -> pd.DataFrame:
    """The cells with `column`, what stands above them. Raises ValueError."""
    squares = cells if "column" in cells else cells.rename(columns={"tier": "column"})
    if squares.duplicated(["age_from", "column"]).any():
        raise ValueError("cells: two rows of the same ages and column")
    unstated = squares["column"].eq(TIER_NOT_STATED)
    nothing_there = squares.loc[unstated, "funding"].eq(FundingStatus.NONE).all()
    return squares[~unstated] if nothing_there and not unstated.all() else squares


def _write_bands(ax: Axes, bands: pd.DataFrame) -> list[Text]:
    """Writes the ages of each row, still to be moved down to it; on two lines on a phone, which saves room."""
    letters = 6 if is_small(ax) else 12
    ages = [wrapped(f"{band.age_from} to {band.age_to}", letters) for band in bands.itertuples()]
    return [write(ax, words, size=size_for(ax), weight="bold") for words in ages]


def _write_columns(ax: Axes, columns: Sequence[str], left: float, wide: float) -> float:
    """Writes what the columns are; how far down they end."""
    size = size_for(ax)
    letters = int(wide / (LETTER * points_of(size)))
    words = ["Tier not stated" if column == TIER_NOT_STATED else column for column in columns]
    names = [write(ax, wrapped(each, letters), size=size, weight="bold", ha="center", va="bottom") for each in words]
    ages = write(ax, "Ages", size=size, weight="bold", va="bottom")
    bottom = max(size_of(name)[1] for name in names) + PAD
    ages.set_position((0, bottom - PAD))
    for place, name in enumerate(names):
        name.set_position((left + (place + 0.5) * wide, bottom - PAD))
    return bottom


def _write_foot(ax: Axes, squares: pd.DataFrame, room: tuple[float, float]) -> float:
    """Writes what the star is, where there is one; how much room that takes."""
    if not any(_is_partial(row) for row in squares.itertuples()):
        return 0.0
    letters = int(room[0] / (0.55 * points_of("small")))
    foot = write(ax, wrapped(NOT_ALL_AGES, letters), size="small", va="bottom")
    foot.set_position((0, room[1]))
    return size_of(foot)[1] + PAD


def _is_partial(row: Any) -> bool:
    return row.funding != FundingStatus.NONE and not getattr(row, "whole_band", True)


def _draw_square(ax: Axes, row: Any, square: Rectangle) -> None:
    look = FUNDING[row.funding][1]
    square.set(facecolor=look.fill, hatch=look.hatch, edgecolor=look.edge, linewidth=0.6)
    ax.add_patch(square)
    (east, down), wide, tall = square.get_xy(), square.get_width(), square.get_height()
    ax.add_patch(Rectangle((east, down), wide, tall, fill=False, edgecolor=EDGE, linewidth=0.8))
    box = {"facecolor": look.fill, "edgecolor": "none", "pad": 0.8} if look.hatch else None
    style: dict[str, Any] = {"color": look.ink, "bbox": box, "zorder": 3}
    if _is_partial(row):
        write(ax, "*", **style, ha="right", va="top").set_position((east + wide - 2, down + 2))
    text = write(ax, "", ha="center", linespacing=1.15, **style)
    text.set_position((east + wide / 2, down + tall / 2))
    for words, size in _spellings(row, wide, size_for(ax)):
        text.set(text=words, size=size)
        if np.all(np.array(size_of(text)) <= (wide - 2, tall - 2)):
            break


def _spellings(row: Any, wide: float, largest: str) -> Iterator[tuple[str, str]]:
    """The words of a square with its service, and alone, each with the size of its letters; the last is written even
    if it does not fit. Of several services some may be less firmly funded than the square says, so none is named.
    """
    status = FUNDING[row.funding][0]
    is_one = row.funding != FundingStatus.NONE and pd.notna(row.services) and "|" not in row.services
    for words in ([status, row.services], [status]) if is_one else ([status],):
        for size in dict.fromkeys((largest, "small")):
            letters = int(wide / (0.56 * points_of(size)))
            yield "\n".join(wrapped(each, letters) for each in words), size
