"""Drawings of one step between two days: where children under review stood before, and where they stand after."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.colors import to_rgb
from matplotlib.patches import Patch, PathPatch, Rectangle
from matplotlib.path import Path

from needs_assessment.plots.drawing import AREA_COLOUR, axes_for, is_small
from needs_assessment.plots.sheet import (
    LETTER,
    PAD,
    canvas,
    count_words,
    days_above,
    points_of,
    size_of,
    wrapped,
    write,
)
from needs_assessment.vocabulary import ALL_LEVELS, ANOTHER_SCHEME, LEFT, NEW, RETURNING, MissingCode

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

NO_LEVELS = (NEW, RETURNING, LEFT, ANOTHER_SCHEME)
RAISED, SAME, LOWERED, CAME_OR_LEFT, WITHHELD = (
    "level raised",
    "same level",
    "level lowered",
    "came or left",
    "withheld",
)


class Look(NamedTuple):
    """How a band is filled, hatched and edged, and in which colour its number stands on it."""

    fill: str
    hatch: str
    ink: str = "black"
    edge: str = "#5F6368"


# Told apart by lightness and by hatching, so in a print in grey too; drawn in this order, the first behind the others.
LOOKS = {
    WITHHELD: Look("#FFFFFF", "||||||", edge="#B4B8BC"),
    SAME: Look("#C3C9CF", ""),
    CAME_OR_LEFT: Look("#FFFFFF", "/", edge="#A0A5AA"),
    LOWERED: Look("#A9C7DF", "\\\\\\\\"),
    RAISED: Look(AREA_COLOUR, "", "white"),
}
EDGE = "#5F6368"
FULL_SHADE = "#A9C7DF"
"""The shade of every child of a row, on which black reads well; that of none is white."""
BAR, GAP = 6.0, 4.0
"""Points: the width of the bar beside a name, and the least room between two bars."""
WITHHELD_WIDTH, WITHHELD_ROOM = 4.5, 0.4
"""The width of the band of a withheld count, in points, as long as all such bands take no more than this share of the
room."""


def level_flow(cells: pd.DataFrame, from_order: Sequence[str], to_order: Sequence[str], ax: Axes | None = None) -> Axes:
    """A band for each group of children from where they stood on the first day, left, to where on the last, right: as
    wide as their number, and told apart by whether the level was raised, lowered or the same.

    `cells` are rows of the release table `risk_movement` of one step, area, scheme and harm: from_level, to_level,
    count, missing. The band of a withheld count has one width whatever the count, and a bar is as high as its bands,
    those withheld below the rest. A row from or to `all` gives the number beside a name, which else is the sum of its
    counts, if none is withheld. Where there are period_start and period_end, the days stand above. The orders are from
    the highest level down. Raises ValueError for levels that have no place and for two rows of the same levels.
    """
    ax = axes_for(ax)
    bands = _bands(cells, from_order, to_order)
    _legend(ax, bands["kind"])
    width, height = canvas(ax)
    top = days_above(ax, cells, width)
    before = _Column(ax, "from_level", _with_totals(cells, "from_level", from_order))
    after = _Column(ax, "to_level", _with_totals(cells, "to_level", to_order))
    bands["points"] = _widths(bands, (before, after), height - top)
    left, right = before.width + PAD + BAR, width - after.width - PAD - BAR
    bands["start"] = before.stand(bands, (left - BAR, left - BAR - PAD), (top, height))
    bands["end"] = after.stand(bands, (right, right + BAR + PAD), (top, height))
    for kind in LOOKS:
        for band in bands[bands["kind"].eq(kind)].itertuples():
            _draw_band(ax, band, left, right)
    _mark_withheld(ax, bands, left)
    _say_if_nothing(ax, bands, ((left + right) / 2, (top + height) / 2))
    return ax


def transition_matrix(
    cells: pd.DataFrame, from_order: Sequence[str], to_order: Sequence[str], ax: Axes | None = None
) -> Axes:
    """A square for each pair of levels with its share and its count, darker where the share is larger: in rows where
    children stood on the first day, in columns where on the last.

    `cells` are as for `level_flow`, with `value`, the share (0-1) of those of the row, missing where none may be
    stated; a row of `cells` to `all` says of how many. The squares of those who stayed at their level have a strong
    outline. Raises ValueError as `level_flow` does.
    """
    ax = axes_for(ax)
    inner, totals = _inner(cells, from_order, to_order), _totals(cells, "from_level")
    width, height = canvas(ax)
    names = [write(ax, wrapped(level, 13 if is_small(ax) else 18)) for level in from_order]
    left = max(size_of(name)[0] for name in names) + PAD
    wide = (width - left) / len(to_order)
    top = _head(ax, to_order, (left, days_above(ax, cells, width, ("in rows: ", "in columns: "))), wide)
    tall = (height - top - _foot(ax, height)) / len(from_order)
    for place, name in enumerate(names):
        name.set(position=(0, top + (place + 0.5) * tall), ha="left")
    for row in inner.itertuples():
        corner = (left + list(to_order).index(row.to_level) * wide, top + list(from_order).index(row.from_level) * tall)
        _draw_square(ax, row, totals.get(row.from_level, ""), Rectangle(corner, wide, tall))
    return ax


# Cells


def _inner(cells: pd.DataFrame, from_order: Sequence[str], to_order: Sequence[str]) -> pd.DataFrame:
    """The cells without their margins, with what stands for each count in `words`. Raises ValueError."""
    inner = cells[cells["from_level"].ne(ALL_LEVELS) & cells["to_level"].ne(ALL_LEVELS)]
    without = sorted({*inner["from_level"]} - {*from_order}) + sorted({*inner["to_level"]} - {*to_order})
    if without or inner.duplicated(["from_level", "to_level"]).any():
        raise ValueError(f"cells: levels without a place in the orders: {without}, or two rows of the same levels")
    return inner.assign(words=count_words(inner))


def _totals(cells: pd.DataFrame, side: str) -> dict[str, str]:
    """What stands beside each name: the number of its margin, or the sum of its counts where each is known."""
    other = "to_level" if side == "from_level" else "from_level"
    margin, inner = cells[other].eq(ALL_LEVELS), cells[cells[side].ne(ALL_LEVELS) & cells[other].ne(ALL_LEVELS)]
    sums = inner["count"].where(inner["missing"].isna()).astype("Int64").groupby(inner[side]).sum(min_count=1)
    known = inner["missing"].isna().groupby(inner[side]).all()
    printed = dict(zip(cells.loc[margin, side], count_words(cells[margin]), strict=True))
    return {name: str(total) for name, total in sums[known].items()} | printed


def _with_totals(cells: pd.DataFrame, side: str, order: Sequence[str]) -> list[str]:
    """Each name with its number, such as `high 44`; of a name without cells, 0 would be a claim."""
    totals = _totals(cells, side)
    return [f"{name} {totals.get(name, '')}".strip() for name in order]


def _bands(cells: pd.DataFrame, from_order: Sequence[str], to_order: Sequence[str]) -> pd.DataFrame:
    """The bands that are drawn: of each its printed count, 0 where withheld, what stands for it, and its kind."""
    inner = _inner(cells, from_order, to_order)
    levels = [name for name in dict.fromkeys([*from_order, *to_order]) if name not in NO_LEVELS]
    kinds = [_kind(levels, *pair) for pair in zip(inner["from_level"], inner["to_level"], strict=True)]
    known = inner["missing"].isna()
    bands = pd.DataFrame(
        {
            "from_level": pd.Categorical(inner["from_level"], list(from_order)),
            "to_level": pd.Categorical(inner["to_level"], list(to_order)),
            "count": inner["count"].where(known, 0).astype(float),
            "words": inner["words"],
            "kind": pd.Series(kinds, inner.index, dtype="str").where(known, WITHHELD),
        }
    )
    return bands[~known | bands["count"].gt(0)].reset_index(drop=True)


def _kind(levels: list[str], before: str, after: str) -> str:
    """Whether a step raised, lowered or kept the level; levels fall from the first to the last."""
    if before not in levels or after not in levels:
        return CAME_OR_LEFT
    step = levels.index(after) - levels.index(before)
    return SAME if step == 0 else LOWERED if step > 0 else RAISED


# Bands


class _Column:
    """The names on one side, each with a bar from which bands leave or at which they arrive."""

    def __init__(self, ax: Axes, side: str, names: list[str]) -> None:
        self.ax, self.side = ax, side
        self.labels = [write(ax, wrapped(words, 13 if is_small(ax) else 20)) for words in names]
        sizes = np.array([size_of(label) for label in self.labels])
        self.width, self.lines = float(sizes[:, 0].max()) + 2, sizes[:, 1]

    def heights(self, bands: pd.DataFrame, points: pd.Series) -> NDArray[np.float64]:
        """The height of each bar: that of its bands, and nothing else."""
        return points.groupby(bands[self.side], observed=False).sum().to_numpy()

    def room(self, heights: NDArray[np.float64]) -> float:
        """The height that the column needs for such bars, each of which has that of its name at least."""
        return float(np.maximum(heights, self.lines).sum()) + GAP * (len(self.lines) - 1)

    def stand(self, bands: pd.DataFrame, at: tuple[float, float], within: tuple[float, float]) -> pd.Series:
        """Draws bars and names at two places across, spread from top to bottom; where each band begins, from above."""
        (top, bottom), heights = within, self.heights(bands, bands["points"])
        slots = np.maximum(heights, self.lines)
        spread = max(bottom - top - slots.sum(), 0) / max(len(slots) - 1, 1)
        middles = top + np.cumsum(slots + spread) - spread - slots / 2
        for label, middle, height in zip(self.labels, middles, heights, strict=True):
            self.ax.add_patch(Rectangle((at[0], middle - height / 2), BAR, height, color="black", linewidth=0.6))
            label.set(position=(at[1], middle), ha="right" if at[1] < at[0] else "left")
        # Bands lie in the order of the other side, so that they cross as little as they can.
        last = bands.assign(last=bands["kind"].eq(WITHHELD))
        ordered = last.sort_values(list(dict.fromkeys([self.side, "last", "from_level", "to_level"])))
        above = ordered.groupby(self.side, observed=True)["points"].cumsum() - ordered["points"]
        return above + (middles - heights / 2)[ordered[self.side].cat.codes]


def _widths(bands: pd.DataFrame, columns: tuple[_Column, _Column], room: float) -> pd.Series:
    """The width of each band on the largest scale for which both columns have room; that of the withheld is fixed."""
    withheld = bands["kind"].eq(WITHHELD)
    fixed = withheld * min(WITHHELD_WIDTH, WITHHELD_ROOM * room / max(withheld.sum(), 1))
    largest = room / max(bands["count"].sum(), 1)
    bars = [(column, column.heights(bands, bands["count"]), column.heights(bands, fixed)) for column in columns]
    fitting = (
        scale
        for scale in np.linspace(largest, 0, 200)
        if all(column.room(scale * counts + least) <= room for column, counts, least in bars)
    )
    return bands["count"] * next(fitting, 0.0) + fixed


def _draw_band(ax: Axes, band: Any, left: float, right: float) -> None:
    look, middle = LOOKS[band.kind], (left + right) / 2
    upper = [(left, band.start), (middle, band.start), (middle, band.end), (right, band.end)]
    lower = [(across, down + band.points) for across, down in reversed(upper)]
    codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
    path = Path([*upper, *lower, upper[0]], codes)
    ax.add_patch(PathPatch(path, facecolor=look.fill, hatch=look.hatch, edgecolor=look.edge, linewidth=0.6))
    size = "medium" if band.points >= 1.3 * points_of("medium") else "small"
    if band.kind != WITHHELD and band.points >= 1.1 * points_of(size):
        box = {"facecolor": look.fill, "edgecolor": "none", "pad": 0.5}
        at = (left + PAD, band.start + band.points / 2)
        write(ax, band.words, size=size, color=look.ink, bbox=box, zorder=3).set_position(at)


def _mark_withheld(ax: Axes, bands: pd.DataFrame, left: float) -> None:
    """The symbol once on the withheld bands of each bar, which lie together."""
    for (_, words), together in bands[bands["kind"].eq(WITHHELD)].groupby(["from_level", "words"], observed=True):
        middle = together["start"].min() + together["points"].sum() / 2
        box = {"facecolor": "white", "edgecolor": "none", "pad": 0.2}
        write(ax, str(words), size="small", bbox=box, zorder=3).set_position((left + PAD, middle))


def _say_if_nothing(ax: Axes, bands: pd.DataFrame, middle: tuple[float, float]) -> None:
    """Words in the middle where no band has a number."""
    if bands["count"].sum() == 0:
        words = "no count that\ncan be shown" if bands["kind"].eq(WITHHELD).any() else "no child counted"
        box = {"facecolor": "white", "edgecolor": EDGE}
        write(ax, words, ha="center", bbox=box, zorder=4).set_position(middle)


def _legend(ax: Axes, kinds: pd.Series) -> None:
    """The words of the kinds of band that occur."""
    joined = "\n" if is_small(ax) else " "
    words = {WITHHELD: f"withheld [{MissingCode.SUPPRESSED}]:{joined}width says nothing"}
    shown = [kind for kind in (RAISED, SAME, LOWERED, CAME_OR_LEFT, WITHHELD) if kinds.eq(kind).any()]
    looks = [(LOOKS[kind], words.get(kind, kind)) for kind in shown]
    handles = [Patch(facecolor=look.fill, hatch=look.hatch, edgecolor=look.edge, label=label) for look, label in looks]
    if handles:
        columns = 2 if is_small(ax) else 3
        ax.legend(handles=handles, loc="upper center", bbox_to_anchor=(0.5, 0), ncols=columns, borderaxespad=0)


# Squares


def _head(ax: Axes, to_order: Sequence[str], corner: tuple[float, float], wide: float) -> float:
    """Writes the names of the columns, upright where a word has no room across; how far down they end."""
    longest = max(len(word) for level in to_order for word in level.split())
    upright = longest * LETTER * points_of("small") > wide
    letters = 13 if upright else int(wide / (LETTER * points_of("small")))
    style: dict[str, Any] = {"size": "small", "ha": "center", "va": "bottom", "rotation": 90 if upright else 0}
    names = [write(ax, wrapped(level, letters), **style) for level in to_order]
    bottom = corner[1] + max(size_of(name)[1] for name in names) + PAD
    for place, name in enumerate(names):
        name.set_position((corner[0] + (place + 0.5) * wide, bottom - PAD))
    return bottom


def _foot(ax: Axes, height: float) -> float:
    """Writes how to read the squares; how much room it takes."""
    joined = "\n" if is_small(ax) else " "
    words = f"Strong outline: same level.{joined}Levels to the left of it are higher, to the right lower."
    foot = write(ax, words, size="small", va="bottom")
    foot.set_position((0, height))
    return size_of(foot)[1] + PAD


def _draw_square(ax: Axes, row: Any, total: str, square: Rectangle) -> None:
    withheld = pd.notna(row.missing)
    share = 0.0 if withheld or pd.isna(row.value) else float(row.value)
    shade = tuple(1 - share * (1 - np.array(to_rgb(FULL_SHADE))))
    square.set(facecolor=shade, hatch="///" if withheld else "", edgecolor=EDGE, linewidth=0.6)
    ax.add_patch(square)
    corner, wide, tall = square.get_xy(), square.get_width(), square.get_height()
    if row.from_level == row.to_level:
        ax.add_patch(Rectangle(corner, wide, tall, fill=False, edgecolor="black", linewidth=2.4, zorder=2))
    box = {"facecolor": "white", "edgecolor": "none", "pad": 1} if withheld else None
    words = _share_words(row, "" if withheld else total, wide)
    size = "small" if words.count("\n") > 1 else "medium"
    write(ax, words, size=size, ha="center", bbox=box, zorder=3).set_position(
        (corner[0] + wide / 2, corner[1] + tall / 2)
    )


def _share_words(row: Any, total: str, room: float) -> str:
    """Share, count and of how many: `55%`, `24 of 44`; on as many lines as the room across asks for."""
    joined = "\n" if room < (len(row.words) + len(total) + 4) * LETTER * points_of("medium") else " "
    counted = f"{row.words}{joined}of {total}" if total else row.words
    return f"{row.value:.0%}\n{counted}" if pd.isna(row.missing) and pd.notna(row.value) else counted
