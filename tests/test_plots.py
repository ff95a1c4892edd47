"""Drawings: what they show, what they must not show, and that they leave everything else as it was."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from small_evidence import COUNTRY, FIRST, PRIVATE
from small_release import small_view

from needs_assessment import plots
from needs_assessment.area_view import AreaView
from needs_assessment.narrative.phrases import EPISODES
from needs_assessment.plots.drawing import AREA_COLOUR, COMPARATOR_COLOUR, OPTION_COLOUR
from needs_assessment.plots.shapes import CLASSES
from needs_assessment.vocabulary import RELATED_FACTORS, ExploitationType, Verdict

CSE, CCE = ExploitationType
NAMES = ("Area", "England")
NO_BREAKS = pd.DataFrame({"changed_on": pd.to_datetime([])})

Draw = Callable[..., Axes]


def series(values: dict[int, float | None], symbol: str = "c") -> pd.DataFrame:
    """A measure table of one area: the rate of each year, or none."""
    years = list(values)
    rates = pd.Series(list(values.values()), dtype="Float64")
    return pd.DataFrame(
        {
            "period_end": pd.to_datetime([f"{year}-03-31" for year in years]),
            "count": (rates * 2).astype("Int64"),
            "value": rates,
            "lower": rates * 0.8,
            "upper": rates * 1.2,
            "comparator_value": pd.Series([10.0] * len(years), dtype="Float64"),
            "missing": pd.Series([symbol if rate is pd.NA else pd.NA for rate in rates], dtype="string"),
            "verdict": ["Similar"] * len(years),
        }
    )


def breaks(*days: str) -> pd.DataFrame:
    return pd.DataFrame({"changed_on": pd.to_datetime(list(days))})


def changes() -> pd.DataFrame:
    """Two risk levels, on two days."""
    days = {"as_at_before": pd.Timestamp(2018, 2, 28), "as_at_after": pd.Timestamp(2018, 11, 30)}
    levels = {"risk_level": ["high", "medium"], "exploitation_type": "CSE"}
    return pd.DataFrame(levels | {"before": [8, 17], "after": [22, 34]} | days)


def terms() -> pd.DataFrame:
    """A firm term and an option."""
    return pd.DataFrame(
        {
            "service_name": ["A service", "A service"],
            "term": ["firm", "option 1"],
            "starts": pd.to_datetime(["2020-01-13", "2023-01-13"]),
            "ends": pd.to_datetime(["2023-01-12", "2024-01-12"]),
        }
    )


def tiles(*verdicts: Verdict) -> pd.DataFrame:
    """A row of squares."""
    codes = [f"E0600000{number}" for number in range(len(verdicts))]
    places = {"area_code": codes, "area_name": [f"Area {code[-1]}" for code in codes]}
    return pd.DataFrame(places | {"column": range(len(verdicts)), "row": 0, "verdict": list(map(str, verdicts))})


def boundaries(*verdicts: Verdict) -> pd.DataFrame:
    """A row of areas, each a tenth of a degree wide."""
    edges = [-2 + number / 10 for number in range(len(verdicts))]
    shapes = [f"POLYGON (({x} 52, {x + 0.1} 52, {x + 0.1} 52.1, {x} 52.1, {x} 52))" for x in edges]
    return tiles(*verdicts).drop(columns=["column", "row"]).assign(geometry=shapes)


def beside(*values: float | None) -> pd.DataFrame:
    """Indicators beside their comparator."""
    rows = series(dict(enumerate(values, start=2020)))
    return rows.assign(indicator=[f"Indicator {number}" for number in range(len(values))])


def points() -> pd.DataFrame:
    """A control chart of three years."""
    rows = series({2022: 9.0, 2023: 10.0, 2024: 21.0})[["period_end", "value"]].rename(columns={"value": "plotted"})
    signal = pd.Series([pd.NA, pd.NA, "outside the usual range"], dtype="string")
    return rows.assign(centre=10.0, lower=2.0, upper=18.0, signal=signal, trial=True)


def authorities() -> pd.DataFrame:
    """Three areas of three sizes, the first of them the chosen one."""
    return pd.DataFrame({"area_name": ["Area", "B", "C"], "person_years": [2e4, 5e4, 1e5], "value": [12.0, 9.0, 11.0]})


def quarters() -> pd.DataFrame:
    """The seasons of a year."""
    named = ["January to March", "April to June", "July to September", "October to December"]
    return pd.DataFrame(
        {
            "season": named,
            "ratio": [1.1, 1.0, 0.8, 1.1],
            "lower": 0.7,
            "upper": 1.3,
            "school_share": [0.9, 0.8, 0.5, 0.9],
        }
    )


def lines_of_a_funnel() -> pd.DataFrame:
    years = np.linspace(500.0, 1e5, 50)
    half = 15 * np.sqrt(1e4 / years)
    lines = {"person_years": years, "thousands": years / 1000, "target": 10.0}
    for name, share in (("chance_", 0.5), ("95", 1.0), ("998", 1.5)):
        ends = ("chance_lower", "chance_upper") if name == "chance_" else (f"lower{name}", f"upper{name}")
        lines |= {ends[0]: np.maximum(10 - share * half, 0), ends[1]: 10 + share * half}
    return pd.DataFrame(lines)


def caseload() -> pd.DataFrame:
    """Children under review at two levels on two quarter ends, one count withheld."""
    days = pd.to_datetime(["2024-12-31", "2025-03-31"])
    rows = [
        ("high", days[0], 12, None),
        ("high", days[1], 15, None),
        ("low", days[0], None, "c"),
        ("low", days[1], 8, None),
    ]
    table = pd.DataFrame(rows, columns=["risk_level", "as_at", "count", "missing"])
    return table.astype({"count": "Int64", "missing": "string"})


def caseload_ahead() -> pd.DataFrame:
    rows = [("high", "2025-06-30", 15.5, 9, 23), ("low", "2025-06-30", 8.5, 4, 15)]
    table = pd.DataFrame(rows, columns=["risk_level", "as_at", "expected", "lower", "upper"])
    return table.astype({"as_at": "datetime64[us]"})


def moves() -> pd.DataFrame:
    """Where children of two levels went, one count withheld."""
    rows = [("high", "high", 14), ("high", "low", 6), ("high", "left", 10), ("low", "high", None), ("low", "low", 20)]
    table = pd.DataFrame([*rows, ("low", "left", 12)], columns=["from_level", "to_level", "count"])
    withheld = pd.Series("c", index=table.index, dtype="string").where(table["count"].isna())
    return table.astype({"count": "Int64"}).assign(value=table["count"] / 30, missing=withheld)


def squares() -> pd.DataFrame:
    """Coverage of one band of ages at two tiers."""
    tiers = {"tier": ["targeted", "specialist"], "funding": ["commissioned", "none"], "services": ["A service", pd.NA]}
    return pd.DataFrame({"age_from": 10, "age_to": 15} | tiers)


def flows() -> pd.DataFrame:
    """Need and what of it is met, of one area."""
    codes = {"area_code": "E06000001", "police_force_area_code": "E23000001", "area_name": "Area"}
    need = {"need": 20, "need_lower": 12.2, "need_upper": 30.9, "eligible": 18.0, "commissioned": 15.0, "met": 9.0}
    places = {"met_proportional": 8.0, "no_service": 5.0, "places": 9.0, "services_counted": 1}
    kind = {"exploitation_type": "CSE", "basis": "children under review", "missing": pd.NA}
    return pd.DataFrame([codes | kind | need | places | {"services_without_places": 0}])


DRAWINGS: dict[str, Draw] = {
    "rate over time": partial(plots.rate_over_time, series({2022: 9.0, 2023: None, 2024: 12.0}), NAMES, NO_BREAKS),
    "control chart": partial(plots.control_chart, points(), "Per 10,000 children"),
    "funnel": partial(plots.funnel, authorities(), lines_of_a_funnel(), NAMES),
    "seasons": partial(plots.seasonal, quarters()),
    "rates beside": partial(plots.rates_beside, beside(9.0, None), NAMES),
    "risk change": partial(plots.risk_change, changes()),
    "caseload over time": partial(plots.caseload_over_time, caseload(), caseload_ahead(), ["high", "low"]),
    "level flow": partial(plots.level_flow, moves(), ["high", "low"], ["high", "low", "left"]),
    "transition matrix": partial(plots.transition_matrix, moves(), ["high", "low"], ["high", "low", "left"]),
    "contract timeline": partial(plots.contract_timeline, terms(), pd.Timestamp(2022, 5, 1)),
    "coverage matrix": partial(plots.coverage_matrix, squares()),
    "need and places": partial(plots.need_and_places, flows()),
    "need waterfall": partial(plots.need_waterfall, flows().iloc[0]),
    "tile map": partial(plots.tile_map, tiles(*Verdict), "E06000001"),
    "choropleth": partial(plots.choropleth, boundaries(*Verdict), "E06000001"),
}

every_drawing = pytest.mark.parametrize("draw", DRAWINGS.values(), ids=list(DRAWINGS))


@pytest.fixture
def ax() -> Axes:
    """Axes of a figure that pyplot knows nothing of."""
    return Figure(figsize=(7.7, 4.2)).subplots()


@pytest.fixture(autouse=True)
def figures_closed() -> Iterator[None]:
    yield
    pyplot.close("all")


def words_on(ax: Axes) -> list[str]:
    """Every word that is drawn."""
    ax.get_figure().canvas.draw()
    drawn = [*ax.texts, *ax.get_xticklabels(), *ax.get_yticklabels(), ax.xaxis.label, ax.yaxis.label]
    drawn += ax.get_legend().get_texts() if ax.get_legend() else []
    return [text.get_text() for text in drawn if text.get_text()]


def drawn_in(ax: Axes, colour: str) -> list[list[tuple[float, float]]]:
    """The points of each line of a colour that joins years: markers apart, upright and level marks left out."""
    lines = [line for line in ax.lines if to_hex(line.get_color()).upper() == colour.upper()]
    points = [[(float(x), float(y)) for x, y in line.get_xydata()] for line in lines if line.get_linestyle() != "None"]
    return [[(x, y) for x, y in line if y == y] for line in points]


def steps(ax: Axes, colour: str) -> set[tuple[float, float]]:
    """The pairs of years that a line of the colour joins."""
    joined = set()
    for line in drawn_in(ax, colour):
        joined |= {(first, second) for (first, _), (second, _) in pairwise(line)}
    return joined


def test_no_drawing_is_left_out_here() -> None:
    drawings = set(plots.__all__) - {"drawing", "report_style"}
    assert {draw.func.__name__ for draw in DRAWINGS.values()} == drawings
    assert matplotlib.get_backend().lower() == "agg"


# What a drawing leaves alone


@every_drawing
def test_a_drawing_returns_the_axes_it_was_given(draw: Draw, ax: Axes) -> None:
    assert draw(ax=ax) is ax
    assert ax.has_data()


@every_drawing
def test_a_drawing_leaves_pyplots_current_figure_alone(draw: Draw, ax: Axes) -> None:
    current = pyplot.figure().subplots()
    draw(ax=ax)
    assert pyplot.gca() is current
    assert pyplot.get_fignums() == [current.get_figure().number]
    assert not current.has_data()


@every_drawing
def test_without_axes_a_drawing_makes_a_figure_of_its_own(draw: Draw) -> None:
    before = pyplot.figure().subplots()
    drawn = draw()
    assert drawn.get_figure() is not before.get_figure()
    assert len(pyplot.get_fignums()) == 2
    assert not before.has_data()


@every_drawing
def test_no_setting_is_changed_for_whoever_draws_next(draw: Draw, ax: Axes) -> None:
    before, backend = copy.deepcopy(dict(matplotlib.rcParams)), matplotlib.get_backend()
    draw(ax=ax)
    plots.drawing(draw, "figure-test")
    assert {name for name in before if before[name] != matplotlib.rcParams[name]} == set()
    assert matplotlib.get_backend() == backend


def test_the_reports_style_ends_with_its_block() -> None:
    before = copy.deepcopy(dict(matplotlib.rcParams))
    with plots.report_style():
        assert matplotlib.rcParams["svg.fonttype"] == "path"
        assert matplotlib.rcParams["font.family"] == ["DejaVu Sans"]
    assert dict(matplotlib.rcParams) == before


@every_drawing
def test_a_drawing_computes_from_its_own_copy(draw: Draw, ax: Axes) -> None:
    table = draw.args[0]
    before = table.copy()
    draw(ax=ax)
    pd.testing.assert_frame_equal(pd.DataFrame(table), pd.DataFrame(before))  # one row is a series


@every_drawing
def test_the_axes_come_last_and_may_be_left_out(draw: Draw) -> None:
    parameters = inspect.signature(draw.func).parameters
    assert list(parameters)[-1] == "ax"
    assert parameters["ax"].default is None


# The same each time


@every_drawing
def test_the_same_figures_give_the_same_bytes(draw: Draw) -> None:
    first, second = plots.drawing(draw, "figure-test"), plots.drawing(draw, "figure-test")
    assert (first.wide, first.narrow) == (second.wide, second.narrow)


@every_drawing
def test_a_drawing_is_an_svg_for_wide_screens_and_another_for_phones(draw: Draw) -> None:
    drawing = plots.drawing(draw, "figure-test", (740, 400), (340, 340))
    assert str(drawing.wide).startswith("<svg") and str(drawing.narrow).startswith("<svg")
    assert 'viewBox="0 0 555 300"' in str(drawing.wide)  # 740 and 400 CSS pixels in points
    assert 'viewBox="0 0 255 255"' in str(drawing.narrow)
    assert "<text" not in str(drawing.wide), "letters are drawn as paths, so that every machine draws alike"
    assert "<dc:date>" not in str(drawing.wide) and "http-equiv" not in str(drawing.wide)


def test_two_figures_of_one_page_share_no_name_inside_their_svg() -> None:
    draw = DRAWINGS["rate over time"]
    names = [set(_names(plots.drawing(draw, anchor).wide)) for anchor in ("figure-one", "figure-two")]
    assert names[0] and names[0] & names[1] == set()


def _names(svg: str | bytes) -> list[str]:
    """The names of clip paths, which are the ones made up at random."""
    return [part.split('"')[0] for part in str(svg).split('<clipPath id="')[1:]]


# Units, missing years, breaks


def test_axes_say_their_units(ax: Axes) -> None:
    drawn = DRAWINGS["rate over time"](ax=ax)
    assert "10,000 children" in drawn.get_ylabel()
    assert "31 March" in drawn.get_xlabel()


@pytest.mark.parametrize(
    ("name", "unit"),
    [("rates beside", "10,000 children"), ("risk change", "Number assessed"), ("contract timeline", "Year")],
)
def test_level_axes_say_their_units(name: str, unit: str, ax: Axes) -> None:
    assert unit in DRAWINGS[name](ax=ax).get_xlabel()


@pytest.mark.parametrize("symbol", ["c", "x", "u"])
def test_a_missing_year_shows_its_symbol_at_the_axis(symbol: str, ax: Axes) -> None:
    plots.rate_over_time(series({2022: 9.0, 2023: None, 2024: 12.0}, symbol), NAMES, NO_BREAKS, ax=ax)
    (mark,) = [text for text in ax.texts if text.get_text() == f"[{symbol}]"]
    assert mark.xy == (2023, 0)


def test_a_missing_indicator_shows_its_symbol_and_no_dot(ax: Axes) -> None:
    plots.rates_beside(beside(9.0, None), NAMES, ax=ax)
    assert [text.get_text() for text in ax.texts] == ["[c]"]
    dots = [line for line in ax.lines if line.get_marker() == "o"]
    assert [dot.get_xdata().tolist() for dot in dots] == [[9.0]]


def test_a_rate_that_lacks_only_its_population_is_marked_in_words(ax: Axes) -> None:
    rows = series({2022: 9.0, 2023: None}).assign(missing=pd.Series([pd.NA, pd.NA], dtype="string"))
    plots.rate_over_time(rows, NAMES, NO_BREAKS, ax=ax)
    assert "no rate" in words_on(ax)
    assert not any("NA" in words for words in words_on(ax))


def test_a_break_is_marked_and_named(ax: Axes) -> None:
    plots.rate_over_time(series({2022: 9.0, 2023: 9.5, 2024: 12.0}), NAMES, breaks("2023-04-01"), ax=ax)
    assert "recording changed" in [text.get_text() for text in ax.texts]
    (mark,) = [line for line in ax.lines if line.get_linestyle() == ":"]
    assert list(mark.get_xdata()) == [2023.5, 2023.5]


@pytest.mark.parametrize("day", ["2023-04-01", "2023-10-01", "2024-01-01", "2024-02-29", "2024-03-31"])
def test_a_break_stands_before_the_first_year_that_it_touches(day: str, ax: Axes) -> None:
    # each of these days lies in the year ending 31 March 2024
    plots.rate_over_time(series({2022: 9.0, 2023: 9.5, 2024: 12.0, 2025: 13.0}), NAMES, breaks(day), ax=ax)
    (mark,) = [line for line in ax.lines if line.get_linestyle() == ":"]
    assert mark.get_xdata()[0] == 2023.5
    assert steps(ax, AREA_COLOUR) == {(2022, 2023), (2024, 2025)}


def test_no_line_joins_the_years_around_a_missing_rate(ax: Axes) -> None:
    plots.rate_over_time(series({2021: 8.0, 2022: 9.0, 2023: None, 2024: 12.0}), NAMES, NO_BREAKS, ax=ax)
    assert steps(ax, AREA_COLOUR) == {(2021, 2022)}


def test_no_line_joins_the_years_around_one_that_is_not_in_the_table(ax: Axes) -> None:
    plots.rate_over_time(series({2020: 8.0, 2021: 9.0, 2023: 12.0, 2024: 12.0}), NAMES, NO_BREAKS, ax=ax)
    assert steps(ax, AREA_COLOUR) == steps(ax, COMPARATOR_COLOUR) == {(2020, 2021), (2023, 2024)}


def test_the_comparators_line_has_a_gap_where_it_has_no_rate(ax: Axes) -> None:
    rows = series(dict.fromkeys(range(2020, 2025), 9.0))
    rows.loc[2, "comparator_value"] = pd.NA
    plots.rate_over_time(rows, NAMES, NO_BREAKS, ax=ax)
    (line,) = [line for line in ax.lines if to_hex(line.get_color()).upper() == COMPARATOR_COLOUR]
    assert [y != y for y in line.get_ydata()] == [False, False, True, False, False]


rates = st.one_of(st.none(), st.floats(0, 60))


@given(values=st.lists(rates, min_size=1, max_size=8), broken=st.sets(st.integers(2018, 2026), max_size=3))
def test_a_line_joins_two_years_exactly_where_both_have_rates_and_no_break_lies_between(
    values: list[float | None], broken: set[int]
) -> None:
    years = range(2018, 2018 + len(values))
    ax = Figure().subplots()
    days = breaks(*(f"{year}-04-01" for year in broken))
    plots.rate_over_time(series(dict(zip(years, values, strict=True))), NAMES, days, ax=ax)
    # a break on 1 April lies between the year that ends the day before and the next
    joined = {
        (year, year + 1)
        for year, value, after in zip(years, values, values[1:], strict=False)
        if value is not None and after is not None and year not in broken
    }
    assert steps(ax, AREA_COLOUR) == joined
    shaded = {tuple(sorted({float(x) for x in path.vertices[:, 0]})) for path in _bands(ax)}
    assert all(pair in joined for years in shaded for pair in pairwise(years))


def _bands(ax: Axes) -> list[matplotlib.path.Path]:
    return [path for band in ax.collections if hasattr(band, "set_data") for path in band.get_paths()]


def test_a_zero_that_cannot_be_relied_on_is_hollow(ax: Axes) -> None:
    rows = series({2023: 9.0, 2024: 0.0}).assign(verdict=["Similar", str(Verdict.CANNOT_TELL)])
    plots.rate_over_time(rows, NAMES, NO_BREAKS, ax=ax)
    hollow = [line for line in ax.lines if line.get_markerfacecolor() == "white"]
    assert [line.get_xdata().tolist() for line in hollow] == [[2024]]


def test_a_scale_of_rates_begins_at_nothing(ax: Axes) -> None:
    plots.rate_over_time(series({2023: 29.0, 2024: 30.0}), NAMES, NO_BREAKS, ax=ax)
    assert ax.get_ylim()[0] == 0
    assert plots.rates_beside(beside(29.0, 30.0), NAMES, ax=Figure().subplots()).get_xlim()[0] == 0
    assert plots.risk_change(changes(), ax=Figure().subplots()).get_xlim()[0] == 0


def test_lines_are_named_where_they_end_instead_of_in_a_legend(ax: Axes) -> None:
    plots.rate_over_time(series({2023: 9.0, 2024: 12.0}), NAMES, NO_BREAKS, ax=ax)
    assert set(NAMES) <= set(words_on(ax))
    assert ax.get_legend() is None


def test_a_series_without_any_rate_is_drawn_without_a_line(ax: Axes) -> None:
    plots.rate_over_time(series({2023: None, 2024: None}), NAMES, NO_BREAKS, ax=ax)
    assert steps(ax, AREA_COLOUR) == set()
    assert words_on(ax).count("[c]") == 2


# Risk, contracts, map


def test_counts_at_risk_levels_are_written_beside_their_dots(ax: Axes) -> None:
    plots.risk_change(changes(), ax=ax)
    written = [text.get_text() for text in ax.texts]
    assert written == ["Feb 2018: 8", "Nov 2018: 22", "Feb 2018: 17", "Nov 2018: 34"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["High risk of CSE", "Medium risk of CSE"]


def test_an_option_looks_unlike_a_firm_term_without_its_colour(ax: Axes) -> None:
    plots.contract_timeline(terms(), ax=ax)
    firm, option = ax.patches
    assert (firm.get_hatch() or "", option.get_hatch()) == ("", "///")
    assert firm.get_x() == pytest.approx(2020 + 12 / 365.25)
    assert option.get_x() == pytest.approx(2023 + 12 / 365.25)


def test_the_day_of_the_evidence_is_marked_with_its_date(ax: Axes) -> None:
    plots.contract_timeline(terms(), pd.Timestamp(2022, 5, 1), ax=ax)
    assert any("1 May 2022" in words for words in words_on(ax))


def test_verdicts_on_the_map_differ_without_colour_and_are_named(ax: Axes) -> None:
    plots.tile_map(tiles(*Verdict), ax=ax)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [str(verdict) for verdict in Verdict]
    # in shades of grey: by lightness, or by hatching
    looks = {(round(sum(to_rgb(fill)) * 85 / 20), hatch) for fill, hatch in CLASSES.values()}
    assert len(looks) == len(CLASSES) == 5


def test_only_verdicts_that_occur_stand_in_the_legend(ax: Axes) -> None:
    plots.tile_map(tiles(Verdict.LOWER, Verdict.LOWER), ax=ax)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["Lower"]


@pytest.mark.parametrize(("inches", "points"), [((7.7, 6.5), 11), ((3.5, 4.1), 8.5)], ids=["wide", "phone"])
def test_no_tile_carries_a_number(views: dict[str, AreaView], inches: tuple[float, float], points: float) -> None:
    view = views["Derby"]
    with plots.report_style(points):
        ax = Figure(figsize=inches, layout="constrained").subplots()
        plots.tile_map(view.mapped(EPISODES, CSE, pd.Timestamp(2025, 3, 31)), view.area_code, ax=ax)
    assert not any(character.isdigit() for text in ax.texts for character in text.get_text())
    assert len(ax.texts) == 11


# Neighbours, forecasts and the lines of a funnel


def ahead() -> pd.DataFrame:
    """The two years after 2024."""
    days = {"period_end": pd.to_datetime(["2025-03-31", "2026-03-31"])}
    return pd.DataFrame(days | {"value": [12.0, 12.0], "value_lower": [8.0, 6.0], "value_upper": [17.0, 20.0]})


def test_neighbours_are_a_third_line_with_its_name(ax: Axes) -> None:
    rows = series({2023: 9.0, 2024: 12.0}).assign(neighbours_value=[7.0, 8.0])
    plots.rate_over_time(rows, (*NAMES, "Neighbours"), NO_BREAKS, ax=ax)
    assert [text.get_text() for text in ax.texts] == ["Neighbours", "England", "Area"]
    assert steps(ax, OPTION_COLOUR) == {(2023, 2024)}


def test_names_at_the_end_of_the_lines_do_not_cover_one_another(ax: Axes) -> None:
    rows = series({2023: 10.0, 2024: 10.1}).assign(neighbours_value=[10.0, 10.05])
    plots.rate_over_time(rows, (*NAMES, "Neighbours"), NO_BREAKS, ax=ax)
    ax.get_figure().canvas.draw()
    boxes = sorted((text.get_window_extent() for text in ax.texts), key=lambda box: box.y0)
    assert all(lower.y1 <= upper.y0 for lower, upper in pairwise(boxes))


def test_a_forecast_is_a_band_from_the_last_rate_on(ax: Axes) -> None:
    plots.rate_over_time(series({2023: 9.0, 2024: 12.0}), NAMES, NO_BREAKS, ahead(), ax=ax)
    assert {(2024, 2025), (2025, 2026)} <= steps(ax, AREA_COLOUR)
    assert ax.get_xticklabels()[-1].get_text() == "2026"


def test_no_forecast_crosses_a_break(ax: Axes) -> None:
    plots.rate_over_time(series({2023: 9.0, 2024: 12.0}), NAMES, breaks("2024-06-01"), ahead(), ax=ax)
    assert (2024, 2025) not in steps(ax, AREA_COLOUR)


def test_years_that_end_on_another_day_say_so(ax: Axes) -> None:
    rows = series({2023: 9.0, 2024: 12.0})
    rows["period_end"] = rows["period_end"] + pd.offsets.YearEnd(0)
    assert plots.rate_over_time(rows, NAMES, NO_BREAKS, ax=ax).get_xlabel() == "Year ending 31 December"


def test_the_lines_of_a_funnel_are_those_that_decide_the_verdict(views: dict[str, AreaView]) -> None:
    view = views["Bristol"]
    row, lines = view.latest(EPISODES, CSE), view.funnel_lines(EPISODES, CSE)
    assert (lines["target"] == row["comparator_value"]).all()
    limits = [np.interp(row["person_years"], lines["person_years"], lines[name]) for name in ("lower95", "upper95")]
    assert limits == pytest.approx([row["limit_lower"], row["limit_upper"]], rel=1e-3)
    assert (lines["upper998"] > lines["upper95"]).all() and (lines["upper95"] > lines["chance_upper"]).iloc[-1]


# What is withheld cannot be read from a drawing


@pytest.mark.parametrize("withheld", [1, 2, 5])
def test_the_drawing_of_a_withheld_count_is_the_same_whatever_the_count(withheld: int) -> None:
    assert _svg_of(withheld) == _svg_of(3)


def test_the_drawing_of_a_count_that_is_shown_depends_on_it() -> None:
    assert _svg_of(6) != _svg_of(7)


def _svg_of(count: int) -> tuple[object, ...]:
    """The drawings of a year with `count` from a source that is not public, between two with more."""
    years = {2022: 40, 2023: count, 2024: 44}
    observations = [
        {"source_id": PRIVATE, "area_code": area, "count": str(number)}
        | {"period_start": f"{year - 1}-04-01", "period_end": f"{year}-03-31"}
        for year, own in years.items()
        for area, number in ((FIRST, own), (COUNTRY, 12000))
    ]
    people = [
        {"area_code": area, "mid_year": str(year - 1), "people": number}
        for year in years
        for area, number in ((FIRST, "20000"), (COUNTRY, "12000000"))
    ]
    view = small_view(observations=observations, population=people)
    rates = view.series(EPISODES, CSE)
    assert len(rates) == 3 and rates["count"].isna().sum() == (count <= 5)
    latest = view.mapped(EPISODES, CSE, pd.Timestamp(2023, 3, 31))
    drawings = [
        partial(plots.rate_over_time, rates, NAMES, NO_BREAKS),
        partial(plots.rates_beside, rates.assign(indicator=["a", "b", "c"]), NAMES),
        partial(plots.tile_map, latest, FIRST),
    ]
    return tuple(part for draw in drawings for part in vars(plots.drawing(draw, "figure-test")).values())


def test_every_figure_of_every_area_can_be_drawn_by_an_analyst(views: dict[str, AreaView]) -> None:
    for view in views.values():
        for harm in ExploitationType:
            rates = view.series(EPISODES, harm)
            ax = plots.rate_over_time(rates, (view.name, view.comparator), view.breaks(EPISODES, harm))
            marks = [text.get_text() for text in ax.texts if text.get_text().startswith("[")]
            assert sorted(marks) == sorted(f"[{symbol}]" for symbol in rates["missing"].dropna())
            pyplot.close(ax.get_figure())
        latest = pd.DataFrame([view.latest(measure) for measure in RELATED_FACTORS])
        plots.rates_beside(latest.assign(indicator=latest["measure"]), NAMES, ax=Figure().subplots())


def test_only_the_drawings_of_an_analyst_load_the_window_machinery() -> None:
    source = Path(plots.drawing.__code__.co_filename).read_text(encoding="utf-8")
    assert "import pyplot" not in source.split("def axes_for", maxsplit=1)[0]
