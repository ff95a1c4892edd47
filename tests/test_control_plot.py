"""The drawing of a control chart: its marks stand at figures, its lines end where the recording changed."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import StepPatch

from needs_assessment.plots.control import SIGNAL_COLOUR, control_chart
from needs_assessment.plots.drawing import AREA_COLOUR, PIXELS_PER_INCH, drawing, report_style

WIDE, SMALL = (740, 340), (340, 300)
NAN = float("nan")
OUTSIDE = "outside the usual range"


def points(plotted: list[float], centre: list[float] | None = None, frequency: str = "YE-MAR") -> pd.DataFrame:
    """Rows of `control_charts` with limits 5 to either side of the centre; the last of 20 or more is a signal."""
    middle = pd.Series(centre or [10.0] * len(plotted))
    return pd.DataFrame(
        {
            "period_end": pd.date_range("2018-03-31", periods=len(plotted), freq=frequency),
            "plotted": pd.array([pd.NA if np.isnan(value) else value for value in plotted], dtype="Float64"),
            "centre": middle,
            "lower": middle - 5,
            "upper": middle + 5,
            "signal": pd.array([OUTSIDE if value >= 20 else "" for value in plotted], dtype="string"),
            "trial": len(plotted) < 12,
        }
    )


def axes(size: tuple[int, int] = WIDE) -> Axes:
    return Figure(figsize=(size[0] / PIXELS_PER_INCH, size[1] / PIXELS_PER_INCH), layout="constrained").subplots()


def drawn(rows: pd.DataFrame, size: tuple[int, int] = WIDE) -> Axes:
    return control_chart(rows, "Per 10,000 children", ax=axes(size))


def joined(ax: Axes) -> list[list[float]]:
    """The heights of the points of each line that joins points."""
    return [list(line.get_ydata()) for line in ax.lines if line.get_marker() == "o"]


def words(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.texts]


def test_the_given_axes_are_drawn_on_and_returned_with_their_unit() -> None:
    ax = axes()
    assert control_chart(points([9.0] * 8), "Referrals", ax=ax) is ax
    assert ax.get_ylabel() == "Referrals"
    assert not pyplot.get_fignums()


def test_without_axes_a_new_figure_is_made_and_the_current_one_is_left_alone() -> None:
    current = pyplot.figure()
    ax = control_chart(points([9.0] * 8), "Referrals")
    assert ax.figure is not current
    assert not current.axes
    pyplot.close("all")


def test_marks_stand_only_at_figures() -> None:
    rows = points([9, NAN, 12, 8, 20, 11, 10, 9])
    marks = [height for line in drawn(rows).lines for height in line.get_ydata()]
    assert set(marks) == set(rows["plotted"].dropna())


def test_a_signal_differs_in_shape_size_and_colour_and_is_put_in_words() -> None:
    ax = drawn(points([9, 10, 12, 8, 9, 11, 10, 20]))
    signal = next(line for line in ax.lines if line.get_marker() == "D")
    assert list(signal.get_ydata()) == [20]
    assert signal.get_color() == SIGNAL_COLOUR != AREA_COLOUR
    assert signal.get_markersize() > ax.lines[0].get_markersize()
    assert "◆ outside the usual range" in words(ax)


def test_each_rule_is_named_once() -> None:
    assert words(drawn(points([20, 20, 12, 8, 9, 11, 10, 20])))[0].count("◆") == 1
    assert words(drawn(points([9.0] * 8))) == ["usual range (trial)", "average"]


def test_no_line_joins_points_across_a_missing_one() -> None:
    assert joined(drawn(points([9, 8, NAN, 7, 6, 5, 4, 3]))) == [[9, 8], [7, 6, 5, 4, 3]]


def test_no_line_joins_points_across_a_period_that_has_no_row() -> None:
    rows = points([9, 8, 1, 7, 6, 5, 4, 3]).drop(index=2)
    assert joined(drawn(rows)) == [[9, 8], [7, 6, 5, 4, 3]]


def test_no_line_joins_points_or_limits_across_a_change_of_recording() -> None:
    ax = drawn(points([9, 8, 31, 32, 33], [10, 10, 30, 30, 30]))
    assert joined(ax) == [[9, 8], [31, 32, 33]]
    edges = [list(patch.get_data().edges) for patch in ax.patches if isinstance(patch, StepPatch)]
    assert edges == [[-0.5, 0.5, 1.5]] * 4 + [[1.5, 2.5, 3.5, 4.5]] * 4


def test_a_stretch_too_short_for_limits_has_its_average_alone() -> None:
    rows = points([9, 8, 16], [10, 10, 15])
    rows.loc[2, ["lower", "upper"]] = NAN
    ax = drawn(rows)
    assert words(ax) == ["usual range (trial)", "average"]
    assert [text.xy[0] for text in ax.texts] == [1.5, 2.5]


def test_without_any_limits_no_usual_range_is_named() -> None:
    rows = points([9.0, 8.0, 10.0]).assign(lower=NAN, upper=NAN)
    assert words(drawn(rows)) == ["average"]


def test_trial_limits_are_called_so() -> None:
    assert "usual range (trial)" in words(drawn(points([9.0] * 8)))
    assert "usual range" in words(drawn(points([9.0] * 12, frequency="QE")))


def ticks(ax: Axes) -> list[str]:
    return [label.get_text() for label in ax.get_xticklabels()]


def test_years_are_named_by_their_end() -> None:
    ax = drawn(points([9.0] * 8))
    assert ticks(ax) == [str(year) for year in range(2018, 2026)]
    assert ax.get_xlabel() == "Year ending 31 March"
    assert ticks(drawn(points([9.0] * 8), SMALL)) == ["2018", "2020", "2022", "2024"]


def test_quarters_are_named_by_their_months_and_thinned_on_a_phone() -> None:
    quarters = points([9.0] * 12, frequency="QE")
    assert ticks(drawn(quarters))[:2] == ["Jan-Mar\n2018", "Jul-Sep\n2018"]
    assert ticks(drawn(quarters, SMALL)) == ["Jan-Mar\n2018", "Oct-Dec\n2018", "Jul-Sep\n2019", "Apr-Jun\n2020"]
    assert ticks(drawn(points([9.0] * 24, frequency="ME")))[0] == "Mar\n2018"


def test_rows_in_any_order_make_the_same_drawing() -> None:
    rows = points([9, 8, 7, 6, 5, 4, 3, 2])
    assert joined(drawn(rows.iloc[::-1])) == joined(drawn(rows))
    assert rows.columns.tolist() == points([1.0]).columns.tolist()


def test_the_scale_starts_at_zero_or_below_where_a_limit_is_below() -> None:
    assert drawn(points([9.0] * 8)).get_ylim()[0] == 0
    assert drawn(points([2.0] * 8, [2.0] * 8)).get_ylim()[0] == -3


@pytest.mark.parametrize("size", [WIDE, SMALL])
def test_every_label_lies_within_the_drawing(size: tuple[int, int]) -> None:
    with report_style(11 if size == WIDE else 8.5):
        for rows in (points([9, 8, 11, 12, 9, 10, 11, 20]), points([9.0] * 11 + [20], frequency="QE")):
            ax = drawn(rows, size)
            figure = ax.get_figure(root=True)
            assert figure is not None
            figure.draw_without_rendering()
            for text in (*ax.texts, *ax.get_xticklabels(), ax.yaxis.label):
                box = text.get_window_extent()
                assert box.x0 >= -1
                assert box.x1 <= figure.bbox.x1 + 1
                assert box.y1 <= figure.bbox.y1 + 1


def test_period_labels_do_not_touch_one_another() -> None:
    for size, size_of_type in ((WIDE, 11.0), (SMALL, 8.5)):
        with report_style(size_of_type):
            for rows in (points([9.0] * 8), points([9.0] * 12, frequency="QE"), points([9.0] * 16, frequency="QE")):
                ax = drawn(rows, size)
                figure = ax.get_figure(root=True)
                assert figure is not None
                figure.draw_without_rendering()
                boxes = [label.get_window_extent() for label in ax.get_xticklabels()]
                assert all(one.x1 < other.x0 for one, other in pairwise(boxes))


def test_it_is_the_same_picture_in_each_run() -> None:
    def draw(ax: Axes) -> Axes:
        return control_chart(points([9, 8, NAN, 12, 9, 10, 11, 20]), "Per 10,000 children", ax=ax)

    assert drawing(draw, "control", WIDE, SMALL) == drawing(draw, "control", WIDE, SMALL)
