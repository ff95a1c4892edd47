"""The drawing of seasons: what it shows, in which order, and that it leaves everything else as it was."""

from __future__ import annotations

from calendar import month_name
from itertools import pairwise

import pandas as pd
import pytest
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from needs_assessment.plots.drawing import report_style
from needs_assessment.plots.season import seasonal

QUARTERS = pd.DataFrame(
    {
        "season": ["January to March", "April to June", "July to September", "October to December"],
        "ratio": [1.2, 1.05, 0.7, 1.05],
        "lower": [0.9, 0.8, 0.5, 0.8],
        "upper": [1.6, 1.4, 0.95, 1.4],
        "school_share": [0.89, 0.74, 0.52, 0.77],
    }
)


def drawn(rows: pd.DataFrame, pixels: int = 740) -> Axes:
    """The drawing on axes of a figure that pyplot knows nothing of."""
    return seasonal(rows, Figure(figsize=(pixels / 96, 280 / 96), layout="constrained").subplots())


def names(ax: Axes) -> list[str]:
    return [label.get_text() for label in ax.get_xticklabels()]


def markers(ax: Axes) -> list[tuple[float, float]]:
    return [tuple(line.get_xydata()[0]) for line in ax.lines if line.get_marker() == "o"]


def test_seasons_stand_in_the_order_of_the_financial_year_with_their_school_days() -> None:
    assert names(drawn(QUARTERS)) == [
        "April to June\n74",
        "July to September\n52",
        "October to December\n77",
        "January to March\n89",
    ]
    assert names(drawn(QUARTERS, pixels=340))[0] == "Apr to Jun\n74"
    assert "weekdays in school" in drawn(QUARTERS).get_xlabel()


def test_marks_stand_at_the_ratios_and_nowhere_else() -> None:
    assert markers(drawn(QUARTERS)) == [(0, 1.05), (1, 0.7), (2, 1.05), (3, 1.2)]
    intervals = [tuple(segment[:, 1]) for lines in drawn(QUARTERS).collections for segment in lines.get_segments()]
    assert intervals == [(0.8, 1.4), (0.5, 0.95), (0.8, 1.4), (0.9, 1.6)]


def test_the_average_is_a_line_at_one_that_is_named() -> None:
    ax = drawn(QUARTERS)
    assert [line.get_ydata()[0] for line in ax.lines if line.get_linestyle() == "--"] == [1]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["average quarter"]


def test_months_are_drawn_with_brief_names() -> None:
    months = list(month_name)[1:]
    rows = pd.DataFrame({"season": months, "ratio": 1.0, "lower": 0.5, "upper": 2.5, "school_share": 0.8})
    ax = drawn(rows, pixels=340)
    assert names(ax)[0] == "Apr\n80" and names(ax)[-1] == "Mar\n80" and len(markers(ax)) == 12
    assert ax.get_legend().get_texts()[0].get_text() == "average month"
    assert ax.get_ylim()[1] > 2.5


@pytest.mark.parametrize("pixels", [740, 340])
def test_names_do_not_overlap(pixels: int) -> None:
    months = list(month_name)[1:]
    year = pd.DataFrame({"season": months, "ratio": 1.0, "lower": 0.5, "upper": 1.5, "school_share": 1.0})
    for rows in (QUARTERS, year):
        with report_style(11 if pixels == 740 else 8.5):
            ax = drawn(rows, pixels)
            ax.get_figure().draw_without_rendering()
            boxes = [label.get_window_extent() for label in ax.get_xticklabels()]
        assert all(left.x1 < right.x0 for left, right in pairwise(boxes))


def test_a_season_without_a_ratio_says_so_and_has_no_mark() -> None:
    rows = QUARTERS.assign(ratio=[1.2, 1.05, None, 1.0], lower=None, upper=None, school_share=[0.9, 0.7, None, 0.8])
    ax = drawn(rows)
    assert [text.get_text() for text in ax.texts] == ["no ratio"]
    assert names(ax)[1] == "July to September\n?"
    nothing = QUARTERS.assign(ratio=None, lower=None, upper=None).astype({"ratio": "Float64", "upper": "Float64"})
    assert len(drawn(nothing).texts) == 4


def test_the_rows_and_the_current_figure_are_left_alone() -> None:
    before = QUARTERS.copy()
    current = pyplot.figure()
    drawn(QUARTERS)
    assert pyplot.gcf() is current and not current.axes
    pd.testing.assert_frame_equal(QUARTERS, before)
    pyplot.close("all")


def test_an_analyst_gets_a_new_figure() -> None:
    assert seasonal(QUARTERS).get_figure() is pyplot.gcf()
    pyplot.close("all")
