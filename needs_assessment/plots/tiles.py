"""The tile map."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.patches import Patch

from needs_assessment.plots.drawing import axes_for, is_small
from needs_assessment.vocabulary import Verdict

if TYPE_CHECKING:
    from matplotlib.axes import Axes


VERDICT_FILLS = {
    Verdict.LOWER: ("#D6E4EE", ""),
    Verdict.SIMILAR: ("#FFFFFF", ""),
    Verdict.HIGHER: ("#7FA3BF", ""),
    Verdict.CANNOT_TELL: ("#F3F3F3", "////"),
}


def tile_map(tiles: pd.DataFrame, chosen: str = "", ax: Axes | None = None) -> Axes:
    """A square for each area in about its place, filled by the verdict: rows with area_code, area_name, column, row and
    verdict.

    `chosen` is the code of an area to outline. The words for the fills stand in the legend.
    """
    import geopandas
    from shapely.geometry import box

    ax = axes_for(ax)
    squares = [
        box(column, row, column + 0.96, row + 0.96) for column, row in zip(tiles["column"], tiles["row"], strict=True)
    ]
    places = geopandas.GeoDataFrame(tiles.reset_index(drop=True), geometry=squares)
    for verdict, group in places.groupby("verdict"):
        fill, hatch = VERDICT_FILLS[Verdict(verdict)]
        group.plot(ax=ax, color=fill, edgecolor="#5F6368", hatch=hatch, linewidth=0.8)
    if chosen:
        places[places["area_code"] == chosen].plot(ax=ax, facecolor="none", edgecolor="black", linewidth=3)
    for place in places.itertuples():
        ax.annotate(
            _wrapped(place.area_name),
            (place.column + 0.48, place.row + 0.48),
            ha="center",
            va="center",
            size=5.4 if is_small(ax) else 8.5,
        )
    ax.set_axis_off()
    ax.set_aspect("equal")
    shown = [verdict for verdict in Verdict if verdict in set(tiles["verdict"])]
    handles = [
        Patch(
            facecolor=VERDICT_FILLS[verdict][0],
            edgecolor="#5F6368",
            hatch=VERDICT_FILLS[verdict][1],
            label=str(verdict),
        )
        for verdict in shown
    ]
    ax.legend(handles=handles, loc="upper left", bbox_to_anchor=(0, 0), ncols=2 if is_small(ax) else 4, borderaxespad=0)
    return ax


def _wrapped(name: str) -> str:
    return name.replace(" and ", " & ").replace(" ", "\n").replace("\n&\n", " &\n").replace("North\nEast", "North East")
