"""The style of every drawing, and a drawing as SVG for wide screens and for phones."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import matplotlib
import numpy as np
from matplotlib import style
from matplotlib.figure import Figure

from needs_assessment.components import Drawing

if TYPE_CHECKING:
    from matplotlib.axes import Axes


AREA_COLOUR = "#12436D"


COMPARATOR_COLOUR = "#6B6B6B"


OPTION_COLOUR = "#28A197"


PIXELS_PER_INCH = 96


SMALL_PIXELS = 500


@contextmanager
def report_style(points: float = 11) -> Iterator[None]:
    """The Government Analysis Function's chart style, with a font that matplotlib carries, so that every machine draws
    alike.
    """
    with matplotlib.rc_context():
        style.use("afcharts.afcharts")
        # Tick labels and axis titles follow the base size, which the style sets for slides.
        matplotlib.rcParams.update(
            {"font.family": "DejaVu Sans", "font.size": points, "svg.fonttype": "path", "hatch.linewidth": 0.5}
        )
        yield


def drawing(
    draw: Callable[..., Axes], anchor: str, wide: tuple[int, int] = (740, 400), narrow: tuple[int, int] = (340, 340)
) -> Drawing:
    """A plot as SVG for wide screens and again for phones; `anchor` makes the bytes the same in each run. Sizes in CSS
    pixels.
    """
    return Drawing(
        wide=_svg(draw, wide, f"{anchor}-wide", 11),
        wide_size=wide,
        narrow=_svg(draw, narrow, f"{anchor}-narrow", 8.5),
        narrow_size=narrow,
    )


def _svg(draw: Callable[..., Axes], size: tuple[int, int], salt: str, points: float) -> str:
    with report_style(points):
        matplotlib.rcParams["svg.hashsalt"] = salt
        figure = Figure(figsize=(size[0] / PIXELS_PER_INCH, size[1] / PIXELS_PER_INCH), layout="constrained")
        draw(ax=figure.subplots())
        text = io.StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None})
    return _to_a_tenth(text.getvalue()[text.getvalue().index("<svg") :])


def _to_a_tenth(svg: str) -> str:
    """The drawing with its lines to a tenth of a point, which nobody can see, and written as steps: a map of all areas
    takes a third of the room.
    """
    lines = re.compile(r'(?<= d=")[-\d.MLz\s]+(?=")')  # whatever has curves, such as letters, is left as it is
    brief = lines.sub(lambda path: re.sub(r"\s*M([^Mz]+)", lambda line: _steps(line[1]), path[0]), svg)
    return re.sub(r">\s+<", "><", brief)


def _steps(line: str) -> str:
    tenths = np.rint(np.array(line.replace("L", " ").split(), dtype=float) * 10).astype(int).reshape(-1, 2)
    first, *steps = [f"{east / 10:g} {north / 10:g}" for east, north in np.diff(tenths, axis=0, prepend=[[0, 0]])]
    return f"M{first}l{' '.join(steps)}" if steps else f"M{first}"


def axes_for(ax: Axes | None) -> Axes:
    """The Axes given, or a new one of an analyst's own figure."""
    if ax is not None:
        return ax
    from matplotlib import pyplot  # only an analyst's own drawing needs the window machinery

    return pyplot.figure(layout="constrained").subplots()


def is_small(ax: Axes) -> bool:
    """Whether the drawing is for a phone."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    return figure.get_figwidth() * PIXELS_PER_INCH < SMALL_PIXELS
