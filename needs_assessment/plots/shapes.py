"""What both maps share: shapes filled by verdict in at most five classes, one outlined, and names where they fit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import pandas as pd
from matplotlib.patches import Patch, PathPatch
from matplotlib.path import Path

from needs_assessment.narrative.phrases import NOT_SUPPLIED, sentence_case
from needs_assessment.plots.drawing import is_small
from needs_assessment.vocabulary import Verdict

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from matplotlib.axes import Axes
    from matplotlib.text import Text
    from shapely import Geometry

NO_FIGURE = sentence_case(NOT_SUPPLIED)

# Darker is more recorded, so that the order survives a print in grey; what has no place in the order is hatched.
CLASSES: dict[str, tuple[str, str]] = {
    str(Verdict.LOWER): ("#E8F0F7", ""),
    str(Verdict.SIMILAR): ("#A9C7DF", ""),
    str(Verdict.HIGHER): ("#5A8DB9", ""),
    str(Verdict.CANNOT_TELL): ("#FFFFFF", "/////"),
    NO_FIGURE: ("#FFFFFF", "-----"),
}
"""The words of each class with its fill and its hatching."""

EDGE = "#5F6368"
LEAST_MARGIN = 2  # pixels between a name and the edge of its shape


def fill_classes(ax: Axes, rows: GeoDataFrame, linewidth: float) -> None:
    """Draws the shapes of the rows, filled by their class: one path a class, which keeps an SVG small."""
    words = _class_words(rows)
    for name, (colour, hatch) in CLASSES.items():
        shapes = rows.geometry[words.eq(name)]
        if len(shapes):
            path = _path(shapes)
            ax.add_patch(
                PathPatch(path, facecolor=colour, hatch=hatch, edgecolor=EDGE, linewidth=linewidth, label=name)
            )


def outline(ax: Axes, shapes: Iterable[Geometry], linewidth: float) -> None:
    """Draws a strong black outline around each shape."""
    for shape in shapes:
        ax.add_patch(PathPatch(_path([shape]), fill=False, edgecolor="black", linewidth=linewidth, joinstyle="round"))


def legend(ax: Axes, rows: pd.DataFrame, chosen: str) -> None:
    """Draws the words of the classes that occur, below the Axes, and the name of the area that is outlined."""
    present = set(_class_words(rows))
    handles = [
        Patch(facecolor=colour, edgecolor=EDGE, hatch=hatch, label=name)
        for name, (colour, hatch) in CLASSES.items()
        if name in present
    ]
    for name in rows.loc[rows["area_code"].eq(chosen), "area_name"]:
        handles.append(
            Patch(facecolor="none", edgecolor="black", linewidth=1.8, label="\n".join(wrap(short_name(name), 22)))
        )
    columns = 2 if is_small(ax) else 3
    ax.legend(handles=handles, loc="upper center", bbox_to_anchor=(0.5, 0), ncols=columns, borderaxespad=0)


def names_where_they_fit(ax: Axes, rows: GeoDataFrame, points: float) -> Iterator[Text | None]:
    """Each row's name, written inside its shape in letters of that size; None, and nothing written, where it does not
    fit.

    The figure is laid out first, since only then is it known how large a word is beside a shape.
    """
    figure = ax.get_figure(root=True)
    assert figure is not None
    figure.draw_without_rendering()
    for row, words in zip(rows.itertuples(), _class_words(rows), strict=True):
        yield _fitting_name(ax, _spellings(row.area_name), row.geometry, _letters(words, points))


def _letters(words: str, points: float) -> dict[str, Any]:
    """How a name is written on a class of that name: what is hatched is left blank behind it."""
    colour, hatch = CLASSES[words]
    blank = {"facecolor": colour, "edgecolor": "none", "pad": 1} if hatch else None
    return {"size": points, "bbox": blank, "ha": "center", "va": "center", "in_layout": False}


def _fitting_name(ax: Axes, spellings: list[str], shape: Geometry, letters: dict[str, Any]) -> Text | None:
    from shapely import box, get_point, maximum_inscribed_circle

    middle = get_point(maximum_inscribed_circle(shape), 0)
    for words in spellings:
        text = ax.text(middle.x, middle.y, words, **letters)
        around = text.get_window_extent().padded(LEAST_MARGIN)
        if shape.contains(box(*around.transformed(ax.transData.inverted()).extents)):
            return text
        text.remove()
    return None


def _spellings(name: str) -> list[str]:
    """The name on one line, a line for each word, and with long words broken."""
    one_line = short_name(name).replace(" and ", " & ")
    lines = one_line.replace(" ", "\n").replace("\n&\n", " &\n").replace("North\nEast", "North East")
    return [one_line, lines, lines.replace("shire", "-\nshire")]


def short_name(name: str) -> str:
    """The name without `, City of` and `, County of`, which lists of areas need and maps do not."""
    return re.sub(r", (City|County) of$", "", name)


def _class_words(rows: pd.DataFrame) -> pd.Series:
    return rows["verdict"].astype("object").fillna(NO_FIGURE)


def _path(shapes: Iterable[Geometry]) -> Path:
    """The shapes as one path, holes left open: a hole's ring runs the other way round than the ring about it."""
    from shapely import get_coordinates, get_parts, get_rings, orient_polygons

    rings = get_rings(orient_polygons(get_parts(list(shapes))))
    return Path.make_compound_path(*(Path(get_coordinates(ring), closed=True) for ring in rings))
