"""The map of areas by verdict as tiles: every area of one size, in about its place."""

from __future__ import annotations

from itertools import takewhile
from textwrap import wrap
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib import rcParams

from needs_assessment.plots.drawing import axes_for
from needs_assessment.plots.shapes import fill_classes, legend, names_where_they_fit, outline, short_name

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from matplotlib.axes import Axes
    from matplotlib.text import Text
    from shapely import Polygon

GAP = 0.04  # between tiles, of the width of one
ROW_OF_HEXAGONS = 0.75**0.5  # what a row of hexagons adds to the height, of the width of one
NAME_SIZES = (0.8, 0.72, 0.64)  # of names inside tiles, largest first, of the size of the legend's letters


def tile_map(tiles: pd.DataFrame, chosen: str = "", ax: Axes | None = None) -> Axes:
    """A tile for each area in about its place, filled by its verdict: rows with area_code, area_name, column, row
    (both from the south-west) and verdict, which is missing where no figure was supplied.

    Tiles are squares; where a column `shifted` says of any that its row stands half a tile further east, hexagons.
    `chosen` is the code of an area to outline. Every tile carries its name or, where one would not fit, only the
    chosen area is named, beside the map.
    """
    import geopandas

    ax = axes_for(ax)
    places = geopandas.GeoDataFrame(tiles.reset_index(drop=True), geometry=_shapes(tiles))
    fill_classes(ax, places, 0.8)
    outline(ax, places.geometry[places["area_code"].eq(chosen)], 2.4)
    legend(ax, places, chosen)
    ax.set_axis_off()
    ax.set_aspect("equal", anchor="S")  # close to the legend, for which the layout then keeps room
    ax.autoscale_view()
    if not _name_all(ax, places):
        _name_beside(ax, places, chosen)
    return ax


def _shapes(tiles: pd.DataFrame) -> list[Polygon]:
    """A square for each tile, or a hexagon with a corner to the north where rows are shifted."""
    from shapely import Polygon

    shifted = tiles["shifted"].astype(bool) if "shifted" in tiles else pd.Series(False, index=tiles.index)
    hexagons = shifted.any()
    corners = np.radians(np.arange(30, 360, 60) if hexagons else np.arange(45, 360, 90))
    reach = (1 - GAP) / 2 / np.cos(corners).max()  # from the middle to a corner
    around = reach * np.column_stack([np.cos(corners), np.sin(corners)])
    east = tiles["column"] + shifted / 2
    north = tiles["row"] * (ROW_OF_HEXAGONS if hexagons else 1)
    return [Polygon(around + middle) for middle in zip(east, north, strict=True)]


def _name_all(ax: Axes, places: GeoDataFrame) -> bool:
    """Whether every tile now carries its name, in the largest letters that fit them all."""
    for share in NAME_SIZES:
        written = names_where_they_fit(ax, places, share * rcParams["font.size"])
        names = [name for name in takewhile(bool, written) if name]
        if len(names) == len(places):
            return True
        for name in names:
            name.remove()
    return False


def _name_beside(ax: Axes, places: GeoDataFrame, chosen: str) -> None:
    """Names the chosen tile where its row and the next ones end, on the nearer side."""
    for place in places[places["area_code"].eq(chosen)].itertuples():
        middle, lines = place.geometry.centroid, wrap(short_name(place.area_name), 16)
        west, _, east, _ = places[places["row"].sub(place.row).abs() < max(2, len(lines))].total_bounds
        to_the_west = middle.x - west < east - middle.x
        side, line_end, end = ("right", west - 0.4, west - 0.6) if to_the_west else ("left", east + 0.4, east + 0.6)
        ax.plot([middle.x, line_end], [middle.y, middle.y], color="black", linewidth=1.4)
        words = "\n".join(lines)
        name = ax.text(end, middle.y, words, ha=side, va="center", weight="bold", in_layout=False)
        _make_room(ax, name)


def _make_room(ax: Axes, text: Text) -> None:
    """Widens the map's limits until they hold the text, which stays as large as it is while the map shrinks."""
    slot, width = ax.get_position(original=True), 1.06 * text.get_window_extent().width
    figure = ax.get_figure(root=True)
    assert figure is not None
    (west, east), (south, north), (end, _) = ax.get_xlim(), ax.get_ylim(), text.get_position()
    to_the_west = text.get_horizontalalignment() == "right"
    kept = east - end if to_the_west else end - west
    scale = min((slot.width * figure.bbox.width - width) / kept, slot.height * figure.bbox.height / (north - south))
    reach = end - width / scale if to_the_west else end + width / scale
    ax.set_xlim(min(west, reach), max(east, reach))
