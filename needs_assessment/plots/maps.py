"""The map of areas by verdict from their boundaries."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd
from matplotlib import rcParams
from matplotlib.patches import Rectangle

from needs_assessment.plots.drawing import PIXELS_PER_INCH, axes_for, is_small
from needs_assessment.plots.shapes import fill_classes, legend, names_where_they_fit, outline, short_name

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from matplotlib.axes import Axes

DEGREES, NATIONAL_GRID = "EPSG:4326", "EPSG:27700"
LONDON = "E09"  # how the codes of the London boroughs begin
FEW = 20  # a map of no more areas than this names them; on one of more, names would hide the pattern
NAME_SIZE = 0.7  # of names on the map, of the size of the legend's letters
FINEST = 2.5  # corners that stand out by less than about so many pixels are left out
SURROUNDINGS, LEAST_SURROUNDINGS = 2.2, 30_000  # the width of an inset: so many times its area's, and in metres
ENLARGED = 0.26  # a window of more than this share of the map would hardly be larger in an inset


class Window(NamedTuple):
    """A rectangle of the British National Grid, in metres."""

    west: float
    south: float
    east: float
    north: float

    @property
    def width(self) -> float:
        """Metres from west to east."""
        return self.east - self.west

    @property
    def height(self) -> float:
        """Metres from south to north."""
        return self.north - self.south

    def square(self, side: float) -> Window:
        """The square of that side around the same middle."""
        east, north = (self.west + self.east) / 2, (self.south + self.north) / 2
        return Window(east - side / 2, north - side / 2, east + side / 2, north + side / 2)


def choropleth(boundaries: pd.DataFrame, chosen: str = "", ax: Axes | None = None) -> Axes:
    """Each area in its true shape, filled by its verdict: rows with area_code, area_name, geometry (well-known text in
    degrees) and verdict, which is missing where no figure was supplied.

    `chosen` is the code of an area to outline. Areas too small to be seen on the map, those around the chosen one and
    London's, are shown enlarged beside it, or beneath it on a phone. Shapes are simplified to what the drawing can
    show, and neighbours keep their common border.
    """
    ax = axes_for(ax)
    places = _on_the_national_grid(boundaries)
    whole = Window(*places.total_bounds)
    insets = _insets(places, chosen, whole)
    panels = _lay_out(ax, whole, len(insets))
    _draw(ax, places, chosen, _metres_per_pixel(ax))
    for (title, window), panel in zip(insets.items(), panels, strict=True):
        ax.add_patch(Rectangle((window.west, window.south), window.width, window.height, fill=False, linewidth=0.8))
        _draw_inset(ax, panel, title, (window, places, chosen))
    legend(ax, places, chosen)
    if len(places) <= FEW:
        _name(ax, places)
    return ax


def _on_the_national_grid(boundaries: pd.DataFrame) -> GeoDataFrame:
    import geopandas

    shapes = geopandas.GeoSeries.from_wkt(boundaries["geometry"], crs=DEGREES)
    return geopandas.GeoDataFrame(boundaries.drop(columns="geometry"), geometry=shapes).to_crs(NATIONAL_GRID)


def _insets(places: GeoDataFrame, chosen: str, whole: Window) -> dict[str, Window]:
    """What to enlarge, by title: the chosen area's surroundings and London, where each is small on the map."""
    windows = {}
    for own in places[places["area_code"].eq(chosen)].itertuples():
        window = Window(*own.geometry.bounds)
        side = max(SURROUNDINGS * max(window.width, window.height), LEAST_SURROUNDINGS)
        windows[f"Around {short_name(own.area_name)}"] = window.square(side)
    boroughs = places[places["area_code"].str.startswith(LONDON)]
    if len(boroughs):
        window = Window(*boroughs.total_bounds)
        windows["London"] = window.square(1.04 * max(window.width, window.height))
    largest = ENLARGED * max(whole.width, whole.height)
    return {title: window for title, window in windows.items() if window.width <= largest}


def _lay_out(ax: Axes, whole: Window, insets: int) -> list[Window]:
    """The places for so many insets on the map's own grid: to its east, on a phone to its south. Sets the limits."""
    ax.set_axis_off()
    ax.set_aspect("equal", anchor="S")  # close to the legend, for which the layout then keeps room
    west, south, east, north = whole
    margin = 0.01 * max(whole.width, whole.height)
    panels: list[Window] = []
    if insets and is_small(ax):
        side, gap = 0.48 * whole.width, 0.04 * whole.width
        panels = [Window(x, south - 2 * gap - side, x + side, south - 2 * gap) for x in (west, west + side + gap)]
    elif insets:
        side, gap = 0.44 * whole.height, 0.06 * whole.height
        panels = [Window(east + gap, y - side, east + gap + side, y) for y in (north - gap, north - 2 * gap - side)]
    east, south = max([east, *(panel.east for panel in panels)]), min([south, *(panel.south for panel in panels)])
    ax.set_xlim(west - margin, east + margin)
    ax.set_ylim(south - margin, north + margin)
    return panels[:insets]


def _metres_per_pixel(ax: Axes) -> float:
    figure = ax.get_figure(root=True)
    assert figure is not None
    width, height = (figure.get_size_inches() * PIXELS_PER_INCH).tolist()
    (west, east), (south, north) = ax.get_xlim(), ax.get_ylim()
    return max((east - west) / width, (north - south) / height)


def _draw_inset(ax: Axes, panel: Window, title: str, shown: tuple[Window, GeoDataFrame, str]) -> None:
    window, places, chosen = shown
    inset = ax.inset_axes((panel.west, panel.south, panel.width, panel.height), transform=ax.transData)
    inset.set(xlim=(window.west, window.east), ylim=(window.south, window.north), xticks=[], yticks=[])
    inset.spines[:].set(visible=True, color="black", linewidth=0.8)
    inset.grid(False)
    inset.set_title("\n".join(wrap(title, 24)), size="small", loc="left", pad=3)
    near = places.cx[window.west : window.east, window.south : window.north]
    within = _draw(inset, near, chosen, _metres_per_pixel(ax) * window.width / panel.width)
    _name(inset, within)


def _draw(ax: Axes, places: GeoDataFrame, chosen: str, metres_per_pixel: float) -> GeoDataFrame:
    """The places as they were drawn on the Axes: simplified, and cut at its edges."""
    from shapely import coverage_simplify

    simpler = places.set_geometry(coverage_simplify(places.geometry.array, FINEST * metres_per_pixel), crs=places.crs)
    (west, east), (south, north) = ax.get_xlim(), ax.get_ylim()
    # A shape that only touches the edge leaves a line there, which is no shape: a margin of 0 drops it.
    within = simpler.set_geometry(simpler.clip_by_rect(west, south, east, north).buffer(0))
    within = within[~within.is_empty]
    fill_classes(ax, within, 0.4)
    outline(ax, within[within["area_code"].eq(chosen)].geometry, 1.6)
    return within


def _name(ax: Axes, places: GeoDataFrame) -> None:
    list(names_where_they_fit(ax, places, NAME_SIZE * rcParams["font.size"]))
