"""The drawings of one step between two days: widths are counts, and say nothing where a count is withheld."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from itertools import combinations, pairwise, product

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.text import Text

from needs_assessment import plots
from needs_assessment.plots.drawing import PIXELS_PER_INCH
from needs_assessment.plots.flow import CAME_OR_LEFT, FULL_SHADE, LOOKS, LOWERED, RAISED, SAME, WITHHELD

WIDE, SMALL = (740, 400), (340, 420)
LEVELS = ["high", "medium", "low"]
FROM, TO = [*LEVELS, "new", "returning"], [*LEVELS, "left"]
LONG = ["exploited", "significant indicators", "Indicators of exploitation", "emerging concern", "no concern"]
COUNTS = [[24, 10, 6, 7], [11, 40, 15, 6], [8, 14, 62, 12], [7, 12, 22, 9], [8, 9, 6, 0]]

LEAST_LETTERS = 9  # CSS pixels

Counts = list[list[int]]
bothways = pytest.mark.parametrize("draw", [plots.level_flow, plots.transition_matrix], ids=["flow", "matrix"])


def cells(counts: Counts = COUNTS, hidden: Iterable[tuple[str, str]] = (), orders: tuple = (FROM, TO)) -> pd.DataFrame:
    """Rows of `risk_movement` with shares of each row of at least 20 of which no count is hidden."""
    rows = [
        {"from_level": before, "to_level": after, "count": count, "missing": pd.NA, "value": count / max(sum(line), 1)}
        for before, line in zip(orders[0], counts, strict=True)
        for after, count in zip(orders[1], line, strict=True)
    ]
    table = pd.DataFrame(rows).astype({"count": "Int64", "missing": "string"})
    totals = table.groupby("from_level")["count"].transform("sum")
    is_hidden = pd.Series([pair in set(hidden) for pair in zip(table["from_level"], table["to_level"], strict=True)])
    table.loc[totals < 20, "value"] = np.nan
    table.loc[is_hidden, ["count", "value"]] = pd.NA, np.nan
    table.loc[is_hidden, "missing"] = "c"
    return table


def with_margins(table: pd.DataFrame, **totals: int | None) -> pd.DataFrame:
    """With the number of each level on the first day."""
    rows = [
        {"from_level": level, "to_level": "all", "count": total, "missing": pd.NA if total is not None else "c"}
        for level, total in totals.items()
    ]
    margins = pd.DataFrame(rows).astype({"count": "Int64", "missing": "string"})
    return pd.concat([table, margins], ignore_index=True)


def axes(size: tuple[int, int] = WIDE) -> Axes:
    return Figure(figsize=(size[0] / PIXELS_PER_INCH, size[1] / PIXELS_PER_INCH), layout="constrained").subplots()


def flow(table: pd.DataFrame, orders: tuple = (FROM, TO), size: tuple[int, int] = WIDE) -> Axes:
    with plots.report_style(11 if size == WIDE else 8.5):
        return plots.level_flow(table, *orders, ax=axes(size))


def matrix(table: pd.DataFrame, orders: tuple = (FROM, TO), size: tuple[int, int] = WIDE) -> Axes:
    with plots.report_style(11 if size == WIDE else 8.5):
        return plots.transition_matrix(table, *orders, ax=axes(size))


def bands(ax: Axes, kind: str | None = None) -> list[tuple[float, float, float]]:
    """Of each band of a kind, its upper edge at the left and at the right, and its width there."""
    look = LOOKS[kind] if kind else None
    found = [patch for patch in ax.patches if isinstance(patch, PathPatch)]
    return [
        (float(corners[0, 1]), float(corners[3, 1]), float(corners[7, 1] - corners[0, 1]))
        for patch in found
        for corners in [patch.get_path().vertices]
        if look is None or (to_rgb(patch.get_facecolor()), patch.get_hatch() or "") == (to_rgb(look.fill), look.hatch)
    ]


def bars(ax: Axes) -> list[float]:
    """The heights of the bars, of the first day and then of the last, from the top."""
    return [patch.get_height() for patch in ax.patches if isinstance(patch, Rectangle)]


def words(ax: Axes) -> list[str]:
    return [text.get_text().replace("\n", " ") for text in ax.texts]


def lightness(colour: str) -> float:
    """Relative luminance, by the Web Content Accessibility Guidelines 2.2."""
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in to_rgb(colour)]
    return float(np.dot(parts, [0.2126, 0.7152, 0.0722]))


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((lightness(one), lightness(other)))
    return (lighter + 0.05) / (darker + 0.05)


# Widths


def test_bands_are_as_wide_as_their_counts() -> None:
    widths = sorted(width for *_, width in bands(flow(cells())))
    counts = sorted(count for line in COUNTS for count in line if count)
    assert len(widths) == 19, "the count of 0 has no band"
    assert np.array(widths) / np.array(counts) == pytest.approx(widths[0] / counts[0])


def test_a_bar_is_as_high_as_its_bands() -> None:
    ax = flow(cells(hidden=[("high", "low"), ("new", "left"), ("new", "high")]))
    of_one = bands(ax, SAME)[0][2] / 24
    withheld = bands(ax, WITHHELD)[0][2]
    left = [41 * of_one + withheld, 72 * of_one, 96 * of_one, 34 * of_one + 2 * withheld, 23 * of_one]
    right = [51 * of_one + withheld, 85 * of_one, 105 * of_one + withheld, 25 * of_one + withheld]
    assert bars(ax) == pytest.approx(left + right)


def test_bands_of_a_bar_lie_beside_one_another_from_its_top_to_its_end() -> None:
    ax = flow(cells())
    for side in (0, 1):
        ends = sorted((band[side], band[side] + band[2]) for band in bands(ax))
        assert all(lower >= upper - 1e-6 for (_, upper), (lower, _) in pairwise(ends))


def test_steps_are_told_apart_by_their_direction() -> None:
    ax = flow(cells())
    scale = bands(ax, SAME)[0][2] / 24
    counted = {kind: sorted(round(width / scale) for *_, width in bands(ax, kind)) for kind in LOOKS}
    assert counted[SAME] == [24, 40, 62]
    assert counted[RAISED] == [8, 11, 14]
    assert counted[LOWERED] == [6, 10, 15]
    assert counted[CAME_OR_LEFT] == [6, 6, 7, 7, 8, 9, 9, 12, 12, 22]


def test_kinds_differ_without_colour_and_numbers_on_them_can_be_read() -> None:
    for one, other in combinations(LOOKS.values(), 2):
        assert one.hatch != other.hatch or contrast(one.fill, other.fill) > 3
    assert all(contrast(look.fill, look.ink) > 4.5 for look in LOOKS.values())


def test_the_legend_names_the_kinds_that_are_drawn() -> None:
    ax = flow(cells([[12, 5], [9, 0]], orders=(["high", "new"], ["high", "left"])), (["high", "new"], ["high", "left"]))
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [SAME, CAME_OR_LEFT]
    withheld = flow(cells(hidden=[("high", "low")])).get_legend().get_texts()[-1].get_text()
    assert withheld == "withheld [c]: width says nothing"


def test_counts_stand_in_the_bands_that_have_room() -> None:
    shown = words(flow(cells()))
    assert {"24", "40", "62"} <= set(shown)
    assert "0" not in shown


# What is withheld


@bothways
def test_the_drawing_of_a_withheld_count_is_the_same_whatever_the_count(draw: Callable[..., Axes]) -> None:
    hidden = cells(hidden=[("high", "low"), ("medium", "left")])
    leaked = hidden.copy()
    leaked.loc[leaked["missing"].notna(), ["count", "value"]] = 40, 0.8
    drawings = [plots.drawing(partial(draw, table, FROM, TO), "figure-test", WIDE, SMALL) for table in (hidden, leaked)]
    assert drawings[0] == drawings[1]
    assert len(str(drawings[0].wide)) < 120_000, "small enough for a page"


def test_the_number_beside_a_name_changes_no_height() -> None:
    hidden = cells(hidden=[("high", "low"), ("high", "left")])
    few, many = (flow(with_margins(hidden, high=total)) for total in (45, 49))
    assert bars(few) == bars(many) and bands(few) == bands(many)
    assert "High 45" in words(few) and "High 49" in words(many)


def test_withheld_bands_have_one_width_and_lie_below_the_rest_with_their_symbol_once() -> None:
    ax = flow(cells(hidden=[("high", "high"), ("high", "low"), ("low", "left")]))
    assert len({round(width, 6) for *_, width in bands(ax, WITHHELD)}) == 1
    assert words(ax).count("[c]") == 2
    from_high = sorted(bands(ax))[:4]
    assert sorted(bands(ax, WITHHELD))[:2] == from_high[2:]


def test_many_withheld_bands_leave_room_for_the_others() -> None:
    pairs = list(product(FROM, TO))
    ax = flow(cells(hidden=[pair for pair in pairs if pair != ("low", "low")]))
    height = ax.get_ylim()[0]
    assert sum(width for *_, width in bands(ax, WITHHELD)) <= 0.41 * height
    assert bands(ax, SAME)[0][2] > 20


def test_a_total_is_printed_only_where_nothing_of_it_is_withheld() -> None:
    table = cells(hidden=[("high", "low")])
    assert {"High", "Medium 72", "Left 34", "Low"} <= set(words(flow(table)))
    assert {"High 47", "Medium [c]"} <= set(words(flow(with_margins(table, high=47, medium=None))))


# Days, and what has no place


@bothways
def test_the_days_stand_above_where_the_cells_have_them(draw: Callable[..., Axes]) -> None:
    days = {"period_start": pd.Timestamp(2024, 12, 31), "period_end": pd.Timestamp(2025, 3, 31)}
    shown = " ".join(words(draw(cells().assign(**days), FROM, TO, ax=axes())))
    assert "31 December 2024" in shown and "31 March 2025" in shown


@bothways
def test_a_level_without_a_place_is_an_error_not_a_band_left_out(draw: Callable[..., Axes]) -> None:
    with pytest.raises(ValueError, match="returning"):
        draw(cells(), FROM[:-1], TO, ax=axes())
    with pytest.raises(ValueError, match="two rows"):
        draw(pd.concat([cells(), cells()]), FROM, TO, ax=axes())


# The matrix


def test_squares_hold_shares_and_counts_of_how_many() -> None:
    shown = words(matrix(cells()))
    assert {"51% 24 of 47", "65% 62 of 96", "15% 11 of 72"} <= set(shown)


def test_a_share_that_may_not_be_stated_is_a_count_alone() -> None:
    few = cells([[12, 5], [9, 1]], orders=(LEVELS[:2], LEVELS[:2]))
    assert {"12 of 17", "5 of 17"} <= set(words(matrix(few, (LEVELS[:2], LEVELS[:2]))))
    assert not any("%" in each for each in words(matrix(few, (LEVELS[:2], LEVELS[:2]))))


def test_a_withheld_square_has_its_symbol_on_hatching_and_others_no_total_that_gives_it_away() -> None:
    ax = matrix(cells(hidden=[("high", "low")]))
    assert words(ax).count("[c]") == 1
    assert sum(bool(patch.get_hatch()) for patch in ax.patches) == 1
    assert "51% 24" in words(ax) and "51% 24 of 47" not in words(ax)
    assert "51% 24 of 47" in words(matrix(with_margins(cells(hidden=[("high", "low")]), high=47)))


def test_squares_are_darker_with_their_share_and_black_reads_on_all() -> None:
    ax = matrix(cells())
    squares = [patch for patch in ax.patches if patch.get_fill()]
    shades = [lightness(square.get_facecolor()) for square in squares]
    shares = cells()["value"]
    assert np.argsort(shades).tolist()[0] == int(shares.idxmax())
    assert contrast(FULL_SHADE, "black") > 4.5


def test_who_stayed_at_a_level_is_outlined() -> None:
    assert sum(not patch.get_fill() for patch in matrix(cells()).patches) == len(LEVELS)


# Every width, every kind of table


def tables() -> dict[str, tuple[pd.DataFrame, tuple[list[str], list[str]]]]:
    long_orders = [*LONG, "new", "returning"], [*LONG, "left"]
    counts = np.random.default_rng(1).poisson(9, (7, 6)).tolist()
    some = [(before, after) for before, after in product(*long_orders) if (len(before) + len(after)) % 3 == 0]
    one_level = ["Indicators of exploitation", "new"], ["Indicators of exploitation", "left"]
    days = {"period_start": pd.Timestamp(2024, 12, 31), "period_end": pd.Timestamp(2025, 3, 31)}
    return {
        "force": (cells().assign(**days), (FROM, TO)),
        "five long words": (cells(counts, some, long_orders).assign(**days), long_orders),
        "all withheld": (cells(hidden=list(product(FROM, TO))), (FROM, TO)),
        "all zero": (cells([[0] * 4] * 5), (FROM, TO)),
        "one level": (cells([[12, 5], [9, 1]], orders=one_level), one_level),
        "thousands": (cells((np.array(COUNTS) * 100).tolist()), (FROM, TO)),
    }


# Least room is on a phone; on a wide sheet only many long words could be in one another's way.
drawn = pytest.mark.parametrize(("name", "size"), [("five long words", WIDE), *((name, SMALL) for name in tables())])


def drawn_texts(ax: Axes) -> list[Text]:
    figure = ax.get_figure(root=True)
    assert figure is not None
    figure.draw_without_rendering()
    legend = ax.get_legend()
    return [*ax.texts, *(legend.get_texts() if legend else [])]


def overlap(one: Text, other: Text) -> bool:
    first, second = one.get_window_extent(), other.get_window_extent()
    across = min(first.x1, second.x1) - max(first.x0, second.x0)
    down = min(first.y1, second.y1) - max(first.y0, second.y0)
    return across > 1 and down > 3  # lines of type may touch


@drawn
def test_words_lie_within_the_drawing_and_do_not_cover_one_another(name: str, size: tuple[int, int]) -> None:
    table, orders = tables()[name]
    for draw in (flow, matrix):
        with plots.report_style(11 if size == WIDE else 8.5):
            ax = draw(table, orders, size)
            texts = [text for text in drawn_texts(ax) if text.get_text()]
            box = ax.get_figure(root=True).bbox
            extents = [text.get_window_extent() for text in texts]
            assert all(each.x0 >= -1 and each.x1 <= box.x1 + 1 for each in extents)
            assert all(each.y0 >= -1 and each.y1 <= box.y1 + 1 for each in extents)
            symbols = {"[c]"} if draw is flow else set()  # the symbol has a white ground and may touch a number
            named = [text for text in texts if text.get_text() not in symbols]
            assert not [pair for pair in combinations(named, 2) if overlap(*pair)]
            assert min(text.get_fontsize() for text in texts) * PIXELS_PER_INCH / 72 >= LEAST_LETTERS


@bothways
def test_it_is_drawn_on_the_axes_given_and_leaves_the_table_as_it_was(draw: Callable[..., Axes]) -> None:
    table, ax = cells(), axes()
    assert draw(table, FROM, TO, ax=ax) is ax and ax.has_data()
    pd.testing.assert_frame_equal(table, cells())
    assert not pyplot.get_fignums()


def test_nothing_to_show_is_said_in_words() -> None:
    assert "no child counted" in words(flow(tables()["all zero"][0]))
    assert "no count that can be shown" in words(flow(tables()["all withheld"][0]))
