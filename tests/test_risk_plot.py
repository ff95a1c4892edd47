"""The drawing of the caseload over time: marks stand at figures, gaps stay gaps, and what is expected is in words."""

from __future__ import annotations

from functools import partial
from itertools import combinations

import pandas as pd
import pytest
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure

from needs_assessment import plots
from needs_assessment.disclosure.audit.drawings import read_svg
from needs_assessment.plots.drawing import PIXELS_PER_INCH
from needs_assessment.plots.risk import BETWEEN

WIDE, SMALL = (740, 340), (340, 340)
LEVELS = ["high", "medium", "low"]
LONG = ["exploited", "significant indicators", "Indicators of exploitation", "emerging concern", "no concern"]
LEAST_LETTERS = 9  # CSS pixels

Counts = dict[str, list[int | None]]
COUNTS: Counts = {"high": [6, None, None, 9, 12], "medium": [30, 28, 33, 35, 34], "low": [50, 48, 51, 55, 54]}


def history(counts: Counts) -> pd.DataFrame:
    """Counts on quarter ends from 31 March 2024 on; None where withheld."""
    rows = [
        {"as_at": day, "risk_level": level, "count": count, "missing": pd.NA if count is not None else "c"}
        for level, line in counts.items()
        for day, count in zip(pd.date_range("2024-03-31", periods=len(line), freq="QE"), line, strict=True)
    ]
    return pd.DataFrame(rows).astype({"count": "Int64", "missing": "string"})


def forecast(**expected: float | None) -> pd.DataFrame:
    """Four quarters from 30 June 2025 on, each with limits further off; blank where there is none."""
    days = pd.date_range("2025-06-30", periods=4, freq="QE")
    rows = [
        {"as_at": day, "risk_level": level, "expected": middle}
        | {"lower": middle and middle - quarter - 1, "upper": middle and middle + quarter + 2}
        for level, middle in expected.items()
        for quarter, day in enumerate(days, 1)
    ]
    table = pd.DataFrame(rows, columns=["as_at", "risk_level", "expected", "lower", "upper"])
    return table.astype({"expected": "Float64", "lower": "Float64", "upper": "Float64", "as_at": "datetime64[ns]"})


def axes(size: tuple[int, int] = WIDE) -> Axes:
    return Figure(figsize=(size[0] / PIXELS_PER_INCH, size[1] / PIXELS_PER_INCH), layout="constrained").subplots()


def drawn(past: pd.DataFrame, ahead: pd.DataFrame, levels: list[str], size: tuple[int, int] = WIDE) -> Axes:
    with plots.report_style(11 if size == WIDE else 8.5):
        return plots.caseload_over_time(past, ahead, levels, ax=axes(size))


def joined(ax: Axes) -> list[list[float]]:
    """The heights of the points of each line that joins counts."""
    return [list(line.get_ydata()) for line in ax.lines if line.get_marker() == "o"]


def bands(ax: Axes) -> list[tuple[float, float]]:
    """The lowest and the highest point of each band."""
    return [
        (float(path.vertices[:, 1].min()), float(path.vertices[:, 1].max()))
        for band in ax.collections
        if isinstance(band, PolyCollection)
        for path in band.get_paths()
    ]


def words(ax: Axes) -> list[str]:
    return [text.get_text().replace("\n", " ") for text in ax.texts]


# Counts and gaps


def test_counts_are_joined_only_where_they_follow_one_another() -> None:
    ax = drawn(history(COUNTS), forecast(), LEVELS)
    assert joined(ax) == [[6], [9, 12], COUNTS["medium"], COUNTS["low"]]


def test_no_line_joins_counts_across_a_quarter_that_has_no_row() -> None:
    past = history({"high": [6, 7, 8, 9, 12]}).drop(index=2)
    assert joined(drawn(past, forecast(), ["high"])) == [[6, 7], [9, 12]]


def test_rows_in_any_order_make_the_same_drawing() -> None:
    past, ahead = history(COUNTS), forecast(high=11.0, medium=36.0)
    either = [drawn(rows, later, LEVELS) for rows, later in ((past, ahead), (past[::-1], ahead[::-1]))]
    assert joined(either[0]) == joined(either[1]) and bands(either[0]) == bands(either[1])
    assert words(either[0]) == words(either[1])


def test_a_gap_is_hatched_with_its_symbol_once_at_the_axis() -> None:
    ax = drawn(history(COUNTS), forecast(), LEVELS)
    marks = [text for text in ax.texts if text.get_text() == "[c]"]
    assert [mark.xy[1] for mark in marks] == [0]
    (gap,) = [patch for patch in ax.patches if patch.get_hatch()]
    assert gap.get_x() < marks[0].xy[0] < gap.get_x() + gap.get_width()
    assert "Hatched [c]: withheld" in ax.get_xlabel().replace("\n", " ")


def test_levels_stand_beside_one_another_in_the_order_given() -> None:
    ax = drawn(history(COUNTS), forecast(), ["low", "high"])
    assert [text.get_text() for text in ax.texts if text.get_weight() == "bold"] == ["Low", "High"]
    starts = [min(line.get_xdata()) for line in ax.lines if line.get_marker() == "o"]
    assert starts[0] == 0 and starts[1] == pytest.approx(1 + BETWEEN)


def test_one_scale_of_whole_numbers_from_zero_serves_all() -> None:
    ax = drawn(history({"high": [1, 2, 1], "low": [0, 1, 3]}), forecast(), ["high", "low"])
    low, high = ax.get_ylim()
    ticks = [tick for tick in ax.get_yticks() if low <= tick <= high]
    assert low == 0 and all(tick == int(tick) for tick in ticks) and len(ticks) >= 3
    assert ax.get_ylabel() == "Children under review"


def test_the_last_count_stands_in_words_and_its_day_at_a_line() -> None:
    ax = drawn(history(COUNTS), forecast(), LEVELS)
    assert {"counted 12", "counted 34", "counted 54"} <= set(words(ax))
    assert ax.get_xlabel().startswith("Vertical line: last count, 31 March 2025.")
    upright = [line for line in ax.lines if line.get_marker() != "o" and line.get_linestyle() == "-"]
    assert [line.get_xdata()[0] for line in upright] == pytest.approx([1, 2 + BETWEEN, 3 + 2 * BETWEEN])


# What is expected


def test_the_band_goes_from_the_last_count_to_the_limits() -> None:
    ax = drawn(history(COUNTS), forecast(high=11.0), LEVELS)
    assert bands(ax) == [(6.0, 17.0)]
    (dotted,) = [line for line in ax.lines if line.get_linestyle() == ":"]
    assert list(dotted.get_ydata()) == [12, 11, 11, 11, 11]


def test_what_is_expected_stands_in_words_and_where_it_is_not_that() -> None:
    shown = words(drawn(history(COUNTS), forecast(high=11.0, medium=None), LEVELS))
    assert "counted 12 expected 11 (6 to 17)" in shown
    assert {"counted 34 no forecast", "counted 54 no forecast"} <= set(shown)


def test_without_any_forecast_nothing_is_said_of_one() -> None:
    for none in (forecast(), forecast(high=None), forecast(another=5.0)):
        ax = drawn(history(COUNTS), none, LEVELS)
        assert not bands(ax) and not any("forecast" in each or "expected" in each for each in words(ax))
        assert "expected" not in ax.get_xlabel()


def test_a_band_begins_by_itself_where_the_last_count_is_withheld() -> None:
    ax = drawn(history({"high": [6, 7, None]}), forecast(high=11.0), ["high"])
    (dotted,) = [line for line in ax.lines if line.get_linestyle() == ":"]
    assert list(dotted.get_ydata()) == [11, 11, 11, 11]
    assert "counted [c] expected 11 (6 to 17)" in words(ax)


# What is withheld, and what the audit reads


def test_the_drawing_of_a_withheld_count_is_the_same_whatever_the_count() -> None:
    hidden = history(COUNTS | {"low": [50, 48, 51, 55, None]})
    leaked = hidden.copy()
    leaked.loc[leaked["missing"].notna(), "count"] = 400
    drawings = [
        plots.drawing(partial(plots.caseload_over_time, rows, forecast(low=50.0), LEVELS), "figure-test", WIDE, SMALL)
        for rows in (hidden, leaked)
    ]
    assert drawings[0] == drawings[1]


def test_every_mark_that_the_audit_reads_is_a_figure() -> None:
    past, ahead = history(COUNTS), forecast(high=11.3, low=57.8)
    figures = [*past["count"].dropna(), *ahead[["lower", "expected", "upper"]].to_numpy(float).ravel()]
    picture = plots.drawing(partial(plots.caseload_over_time, past, ahead, LEVELS), "figure-test", WIDE, SMALL)
    for svg in (picture.wide, picture.narrow):
        read = read_svg(str(svg))
        assert not read.unread and len(read.marks) > 50
        assert all(any(abs(mark.value - figure) <= mark.tolerance for figure in figures) for mark in read.marks)


# Every width, every kind of table


TABLES = {
    "force": (COUNTS, {"high": 11.0, "medium": 36.0, "low": 57.0}),
    "five long words": ({level: [30, 35, None, 40, 38, 36] for level in LONG}, dict.fromkeys(LONG[:4], 112.0)),
    "all withheld": ({level: [None] * 5 for level in LEVELS}, {}),
    "all zero": ({level: [0] * 5 for level in LEVELS}, dict.fromkeys(LEVELS, 0.0)),
    "one level": ({"Indicators of exploitation": [10, 12, None, 9]}, {"Indicators of exploitation": 10.0}),
    "one day": ({level: [10] for level in LEVELS}, {}),
    "thousands": ({level: [2000, 1900, 2100] for level in LEVELS}, dict.fromkeys(LEVELS, 2050.0)),
}


@pytest.mark.parametrize("size", [WIDE, SMALL], ids=["wide", "phone"])
@pytest.mark.parametrize("name", TABLES)
def test_words_lie_within_the_drawing_and_do_not_cover_one_another(name: str, size: tuple[int, int]) -> None:
    counts, expected = TABLES[name]
    with plots.report_style(11 if size == WIDE else 8.5):
        ax = plots.caseload_over_time(history(counts), forecast(**expected), list(counts), ax=axes(size))
        figure = ax.get_figure(root=True)
        assert figure is not None
        figure.draw_without_rendering()
        labels = [*ax.texts, *ax.get_xticklabels(), ax.xaxis.label, ax.yaxis.label]
        texts = [text for text in labels if text.get_text()]
        boxes = [text.get_window_extent() for text in texts]
    assert all(box.x0 >= -1 and box.x1 <= figure.bbox.x1 + 1 for box in boxes)
    assert all(box.y0 >= -1 and box.y1 <= figure.bbox.y1 + 1 for box in boxes)
    apart = [
        min(one.x1, other.x1) - max(one.x0, other.x0) < 1 or min(one.y1, other.y1) - max(one.y0, other.y0) < 3
        for one, other in combinations(boxes, 2)
    ]
    assert all(apart)
    assert min(text.get_fontsize() for text in texts) * PIXELS_PER_INCH / 72 >= LEAST_LETTERS


def test_without_a_number_to_read_the_scale_has_none() -> None:
    ax = drawn(history({"high": [None] * 3}), forecast(), ["high"])
    assert list(ax.get_yticks()) == [] and "counted [c]" in words(ax)


def test_levels_without_any_row_are_an_error() -> None:
    with pytest.raises(ValueError, match="history: no row of the levels"):
        plots.caseload_over_time(history(COUNTS), forecast(), ["another"], ax=axes())


def test_it_is_drawn_on_the_axes_given_and_leaves_the_tables_as_they_were() -> None:
    past, ahead, ax = history(COUNTS), forecast(high=11.0), axes()
    assert plots.caseload_over_time(past, ahead, LEVELS, ax=ax) is ax
    pd.testing.assert_frame_equal(past, history(COUNTS))
    pd.testing.assert_frame_equal(ahead, forecast(high=11.0))
    assert not pyplot.get_fignums()
