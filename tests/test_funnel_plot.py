"""The funnel: what is drawn, where it is named, at both sizes."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from needs_assessment.methods.funnel import dispersion, funnel_limits
from needs_assessment.plots import drawing, report_style
from needs_assessment.plots.drawing import AREA_COLOUR, PIXELS_PER_INCH
from needs_assessment.plots.funnel import funnel

SIZES = {"wide": ((740, 400), 11), "narrow": ((340, 340), 8.5)}
LONG_NAME = "Bournemouth, Christchurch and Poole"


def areas(count: int = 60) -> pd.DataFrame:
    random = np.random.default_rng(1)
    residents = np.exp(random.uniform(np.log(8e3), np.log(3e5), count))
    counts = random.poisson(random.gamma(4, 2.5e-4, count) * residents)
    names = [LONG_NAME, "Without a rate", *(f"Area {number}" for number in range(count - 2))]
    table = pd.DataFrame({"area_name": names, "person_years": residents, "value": counts / residents * 1e4})
    table.loc[1, "value"] = np.nan
    return table


def limits_of(table: pd.DataFrame, tau: float | None = None) -> pd.DataFrame:
    exposures = np.geomspace(table["person_years"].min(), table["person_years"].max() * 1.1, 50)
    found = dispersion(table["value"] * table["person_years"] / 1e4, table["person_years"])
    between = found.tau if tau is None else tau
    columns = {"person_years": exposures, "target": float(found.target) * 1e4}
    for name, confidence, spread in (("chance", 0.95, 0.0), ("95", 0.95, between), ("998", 0.998, between)):
        lower, upper = funnel_limits(exposures, found.target, spread, confidence=confidence)
        columns |= {f"{name}_lower" if name == "chance" else f"lower{name}": lower}
        columns |= {f"{name}_upper" if name == "chance" else f"upper{name}": upper}
    return pd.DataFrame(columns)


def drawn(draw, size: str):
    (width, height), points = SIZES[size]
    with report_style(points):
        figure = Figure(figsize=(width / PIXELS_PER_INCH, height / PIXELS_PER_INCH), layout="constrained")
        FigureCanvasAgg(figure)
        ax = draw(figure.subplots())
        figure.canvas.draw()
    return ax


def marks(ax, marker: str) -> list[tuple[float, float]]:
    lines = [line for line in ax.lines if line.get_marker() == marker]
    return [point for line in lines for point in zip(line.get_xdata(), line.get_ydata(), strict=True)]


def boxes_of_words(ax) -> list:
    renderer = ax.figure.canvas.get_renderer()
    ticks = []
    for axis, (least, most) in ((ax.xaxis, ax.get_xlim()), (ax.yaxis, ax.get_ylim())):
        labels = zip(axis.get_ticklocs(), axis.get_ticklabels(), strict=True)
        ticks += [label for at, label in labels if least <= at <= most and label.get_text()]  # others are not drawn
    legend = ax.get_legend()
    words = [*ax.texts, *ticks, *(legend.get_texts() if legend else [])]
    return [(text.get_text(), text.get_window_extent(renderer)) for text in words]


def assert_readable(ax) -> None:
    boxes = boxes_of_words(ax)
    room = ax.figure.bbox.padded(0.5)
    for position, (words, box) in enumerate(boxes):
        assert room.x0 <= box.x0 <= box.x1 <= room.x1, f"{words} leaves the drawing"
        assert room.y0 <= box.y0 <= box.y1 <= room.y1, f"{words} leaves the drawing"
        for others, other in boxes[position + 1 :]:
            assert not box.overlaps(other), f"{words} lies on {others}"


def test_each_dot_is_a_rate_of_the_table_and_each_rate_is_a_dot():
    table = areas()
    ax = drawn(lambda ax: funnel(table, limits_of(table), (LONG_NAME, "England"), ax=ax), "wide")
    rated = table.dropna()
    expected = sorted(zip(rated["person_years"] / 1000, rated["value"], strict=True))
    np.testing.assert_allclose(sorted(marks(ax, "o")), expected)


def test_the_chosen_area_alone_is_highlighted_and_named():
    table = areas()
    ax = drawn(lambda ax: funnel(table, limits_of(table), (LONG_NAME, "England"), ax=ax), "wide")
    own = [line for line in ax.lines if line.get_marker() == "o" and line.get_color() == AREA_COLOUR]
    assert [line.get_ydata()[0] for line in own] == [table["value"][0]]
    assert [text.get_text() for text in ax.texts if text.get_color() == AREA_COLOUR] == [LONG_NAME]


def test_limits_of_95_and_99_8_by_chance_alone_and_the_target_are_lines_named_in_words():
    table = areas()
    limits = limits_of(table)
    ax = drawn(lambda ax: funnel(table, limits, (LONG_NAME, "England"), ax=ax), "wide")
    lines = [line.get_ydata() for line in ax.lines if len(line.get_xdata()) == len(limits)]
    for column in limits.columns.drop("person_years"):
        assert any(np.array_equal(line, limits[column]) for line in lines), column
    words = " ".join(text.get_text() for text in ax.texts)
    for expected in ("95% limits", "99.8% limits", "by chance alone", "England"):
        assert expected in words


def test_an_area_without_a_rate_is_said_to_have_none():
    table = areas()
    ax = drawn(lambda ax: funnel(table, limits_of(table), ("Without a rate", "England"), ax=ax), "wide")
    assert "Without a rate: not drawn" in [text.get_text() for text in ax.texts]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", [LONG_NAME, "Without a rate", "Area 0", "Area 7"])
@pytest.mark.parametrize("tau", [None, 0.0])
def test_no_words_of_the_funnel_overlap_or_leave_the_drawing(size, name, tau):
    table = areas()
    limits = limits_of(table, tau)
    assert_readable(drawn(lambda ax: funnel(table, limits, (name, "England"), ax=ax), size))


def test_it_is_drawn_on_the_axes_given_and_labels_its_unit():
    table, before, ax = areas(), pyplot.get_fignums(), Figure().subplots()
    assert funnel(table, limits_of(table), (LONG_NAME, "England"), ax=ax) is ax
    assert ax.get_ylabel() == "Per 10,000 children"
    assert pyplot.get_fignums() == before


def test_it_becomes_svg_that_is_the_same_in_each_run():
    table = areas(12)
    draw = partial(funnel, table, limits_of(table), (LONG_NAME, "England"))
    assert drawing(draw, "funnel") == drawing(draw, "funnel")
