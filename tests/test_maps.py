"""Maps: every area once in its true shape, five looks at most, small areas enlarged, nothing lost in silence."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path as FilePath

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from shapely import MultiPolygon, Polygon, box
from small_evidence import COUNTRY, FIRST, PRIVATE, SECOND
from small_release import small_view

from needs_assessment import narrative, plots
from needs_assessment.area_view import AreaView
from needs_assessment.narrative.phrases import EPISODES
from needs_assessment.plots import maps
from needs_assessment.plots.drawing import _to_a_tenth
from needs_assessment.plots.shapes import CLASSES
from needs_assessment.sections.summary import area_map
from needs_assessment.vocabulary import ExploitationType, Verdict

Draw = Callable[..., Axes]
CSE = ExploitationType.CSE
YEAR = pd.Timestamp(2024, 3, 31)
WIDE, NARROW = (7.7, 6.5), (3.5, 6.5)  # inches
OFFICIAL = FilePath(__file__).resolve().parents[1].parent / "shared" / "official" / "boundaries"
ENGLAND = OFFICIAL / "utla23_ew_dissolved_from_geographr_ltla24.geojson"
HEXAGONS = OFFICIAL / "england-utla-2023-153-derived.hexjson"


def areas(
    shapes: Sequence[Polygon | MultiPolygon], verdicts: Sequence[str | None] = (), prefix: str = "E06"
) -> pd.DataFrame:
    """Made-up areas of those shapes, in degrees: Similar unless the test says otherwise."""
    codes = [f"{prefix}{number:06d}" for number in range(len(shapes))]
    return pd.DataFrame(
        {
            "area_code": codes,
            "area_name": [f"Area {code[-1]}" for code in codes],
            "geometry": [shape.wkt for shape in shapes],
            "verdict": list(verdicts) or [str(Verdict.SIMILAR)] * len(shapes),
        }
    )


def grid(columns: int, rows: int, side: float, corner: tuple[float, float] = (-2.0, 51.5)) -> list[Polygon]:
    """Squares side by side, in degrees."""
    west, south = corner
    places = [(west + side * column, south + side * row) for row in range(rows) for column in range(columns)]
    return [box(x, y, x + side, y + side) for x, y in places]


def figure(size: tuple[float, float] = WIDE) -> Axes:
    return Figure(figsize=size, layout="constrained").subplots()


def filled(ax: Axes) -> list[PathPatch]:
    """What is filled on the Axes, one path a class."""
    return [patch for patch in ax.patches if isinstance(patch, PathPatch) and patch.get_fill()]


def rings(patch: PathPatch) -> list[np.ndarray]:
    """The corners of each closed line of a path, the first one again at the end."""
    path = patch.get_path()
    starts = np.flatnonzero(path.codes == Path.MOVETO)
    return np.split(path.vertices, starts[1:])


def outlined(ax: Axes) -> list[PathPatch]:
    """What is drawn with a strong black outline."""
    paths = [patch for patch in ax.patches if isinstance(patch, PathPatch) and not patch.get_fill()]
    return [patch for patch in paths if to_hex(patch.get_edgecolor()) == "#000000" and patch.get_linewidth() > 1]


def legend_words(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.get_legend().get_texts()]


def insets(ax: Axes) -> dict[str, Axes]:
    return {inset.get_title(loc="left"): inset for inset in ax.child_axes}


# Boundaries


def test_every_area_is_drawn_once_in_the_fill_of_its_verdict() -> None:
    verdicts = [str(verdict) for verdict in Verdict] * 3
    ax = plots.choropleth(areas(grid(4, 3, 0.3), verdicts), ax=figure())
    assert {patch.get_label(): len(rings(patch)) for patch in filled(ax)} == dict.fromkeys(map(str, Verdict), 3)
    middles = {tuple(ring[:-1].mean(axis=0).round(-3)) for patch in filled(ax) for ring in rings(patch)}
    assert len(middles) == 12


def test_islands_belong_to_their_area_and_holes_stay_open() -> None:
    mainland = Polygon(box(-2, 52, -1, 53).exterior, [box(-1.6, 52.4, -1.4, 52.6).exterior])
    ax = plots.choropleth(areas([MultiPolygon([mainland, box(-0.8, 52, -0.7, 52.1)])]), ax=figure())
    (patch,) = filled(ax)
    outer, hole, _ = sorted(map(Polygon, patch.get_path().to_polygons()), key=lambda ring: -ring.area)
    assert outer.exterior.is_ccw != hole.exterior.is_ccw, "a hole runs the other way round, or it would be filled"


def test_shapes_are_true_on_the_national_grid() -> None:
    # At 52° north, its widest, a degree of longitude is cos(52°) = 0.616 of one of latitude (on a round earth).
    ax = plots.choropleth(areas([box(-2.5, 52, -1.5, 53)]), ax=figure())
    extent = filled(ax)[0].get_path().get_extents()
    assert extent.width / extent.height == pytest.approx(0.616, rel=0.005)
    assert ax.get_aspect() == 1
    assert not ax.axison


def test_neighbours_keep_their_common_border_when_they_are_simplified() -> None:
    wiggly = [(-1.5 + 0.004 * np.sin(40 * north), north) for north in np.linspace(52, 53, 400)]
    both = [Polygon([(-2, 52), *wiggly, (-2, 53)]), Polygon([(-1, 53), *reversed(wiggly), (-1, 52)])]
    places = maps._on_the_national_grid(areas(both))
    ax = figure()
    maps._lay_out(ax, maps.Window(*places.total_bounds), 0)
    west, east = maps._draw(ax, places, "", maps._metres_per_pixel(ax)).geometry
    assert len(west.exterior.coords) < 100, "what nobody could see is left out"
    assert west.intersection(east).area == 0
    assert west.union(east).geom_type == "Polygon" and not west.union(east).interiors


def test_a_map_has_five_looks_at_most_and_says_them_in_words() -> None:
    verdicts = [*map(str, Verdict), None]
    ax = plots.choropleth(areas(grid(5, 1, 0.3), verdicts), ax=figure())
    assert legend_words(ax) == [*map(str, Verdict), "Not supplied"] == list(CLASSES)
    assert len(filled(ax)) == 5


def test_darker_is_more_recorded_and_what_cannot_be_compared_is_hatched() -> None:
    greys = {name: float(np.dot(to_rgb(fill), (0.299, 0.587, 0.114))) for name, (fill, _) in CLASSES.items()}
    assert greys["Lower"] - greys["Similar"] > 0.15 and greys["Similar"] - greys["Higher"] > 0.15
    hatches = {name: hatch for name, (_, hatch) in CLASSES.items() if hatch}
    assert list(hatches) == ["Cannot tell", "Not supplied"]
    assert len(set(hatches.values())) == 2


@pytest.mark.parametrize("draw", [plots.choropleth, plots.tile_map])
def test_a_withheld_and_a_missing_figure_are_marked_and_unlike(draw: Draw) -> None:
    rows = areas(grid(3, 1, 0.3), ["Higher", "Cannot tell", None]).assign(column=range(3), row=0)
    ax = draw(rows, ax=figure())
    hatched = {patch.get_label(): patch.get_hatch() for patch in filled(ax)}
    assert hatched["Cannot tell"] and hatched["Not supplied"] and not hatched["Higher"]
    assert hatched["Cannot tell"] != hatched["Not supplied"]


@pytest.mark.parametrize("draw", [plots.choropleth, plots.tile_map])
@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_the_chosen_area_is_outlined_and_named(draw: Draw, size: tuple[float, float]) -> None:
    rows = areas(grid(4, 4, 0.3)).assign(column=list(range(4)) * 4, row=np.repeat(range(4), 4))
    rows.loc[5, "area_name"] = "Long and Winding, County of"
    ax = draw(rows, "E06000005", ax=figure(size))
    assert len(outlined(ax)) == 1
    assert legend_words(ax)[-1].replace("\n", " ") == "Long and Winding"
    assert outlined(draw(rows, ax=figure(size))) == []


def test_the_legend_lies_within_the_picture_below_the_map() -> None:
    ax = plots.choropleth(areas(grid(5, 5, 0.3), [*map(str, Verdict), None] * 5), "E06000005", ax=figure(NARROW))
    ax.get_figure().draw_without_rendering()
    legend, picture = ax.get_legend().get_window_extent(), ax.get_figure().bbox
    assert legend.x0 >= picture.x0 and legend.x1 <= picture.x1 and legend.y0 >= picture.y0
    assert legend.y1 <= ax.get_window_extent().y0


# Insets


def country() -> pd.DataFrame:
    """Large areas over 5 by 5 degrees, and sixteen small ones in the middle of one, as London's boroughs lie."""
    large = areas(grid(5, 5, 1, (-5, 50)))
    small = areas(grid(4, 4, 0.1, (-0.6, 51.3)), prefix="E09").assign(area_name="A borough")
    return pd.concat([large, small], ignore_index=True)


def test_what_is_small_on_the_map_is_enlarged_beside_it() -> None:
    ax = plots.choropleth(country(), "E09000005", ax=figure())
    assert list(insets(ax)) == ["Around A borough", "London"]
    for inset in ax.child_axes:
        assert len(outlined(inset)) == 1
    frames = [patch for patch in ax.patches if not isinstance(patch, PathPatch)]
    assert len(frames) == 2, "the map shows where the insets lie"


def test_a_large_chosen_area_needs_no_inset_and_no_chosen_area_leaves_london() -> None:
    assert list(insets(plots.choropleth(country(), "E06000000", ax=figure()))) == ["London"]
    assert list(insets(plots.choropleth(country(), ax=figure()))) == ["London"]
    assert insets(plots.choropleth(areas(grid(4, 4, 0.3)), ax=figure())) == {}


def test_insets_stand_beside_the_map_on_a_wide_screen_and_beneath_it_on_a_phone() -> None:
    for size, beside in ((WIDE, True), (NARROW, False)):
        ax = plots.choropleth(country(), "E09000005", ax=figure(size))
        ax.get_figure().draw_without_rendering()
        on_map = Path.make_compound_path(*(patch.get_path() for patch in filled(ax))).get_extents()
        extents = [inset.get_window_extent().transformed(ax.transData.inverted()) for inset in ax.child_axes]
        assert all(extent.x0 > on_map.x1 for extent in extents) == beside
        assert all(extent.y1 < on_map.y0 for extent in extents) != beside


def test_names_stand_inside_their_shapes() -> None:
    shapes = [box(-2, 51, -1, 52), box(-1, 51, -0.98, 52)]
    rows = areas(shapes).assign(area_name=["Broad", "Too narrow for any name"])
    ax = plots.choropleth(rows, ax=figure())
    (name,) = ax.texts
    assert name.get_text() == "Broad"
    extent = name.get_window_extent().transformed(ax.transData.inverted())
    assert Polygon(rings(filled(ax)[0])[0]).contains(box(*extent.extents))


# Tiles


def tiles(columns: int, rows: int) -> pd.DataFrame:
    places = [(column, row) for row in range(rows) for column in range(columns)]
    named = areas(grid(columns, rows, 0.1)).drop(columns="geometry")
    return named.assign(column=[place[0] for place in places], row=[place[1] for place in places])


def test_few_tiles_all_carry_their_names_and_many_only_the_chosen_ones() -> None:
    assert len(plots.tile_map(tiles(4, 3), "E06000001", ax=figure(NARROW)).texts) == 12
    (callout,) = plots.tile_map(tiles(13, 12).assign(area_name="Made-up Place"), "E06000001", ax=figure(NARROW)).texts
    assert callout.get_text() == "Made-up Place"
    assert not plots.tile_map(tiles(13, 12), ax=figure(NARROW)).texts


@pytest.mark.parametrize(("chosen", "side"), [("E06000014", "right"), ("E06000024", "left")])
def test_the_chosen_tile_is_named_on_the_nearer_side(chosen: str, side: str) -> None:
    (callout,) = plots.tile_map(tiles(13, 12).assign(area_name="Made-up Place"), chosen, ax=figure()).texts
    assert callout.get_ha() == side  # text that ends, or begins, at the map
    assert callout.get_position()[0] < -0.5 if side == "right" else callout.get_position()[0] > 12.5


@pytest.mark.parametrize("chosen", ["E06000014", "E06000024"])
@pytest.mark.parametrize("size", [WIDE, NARROW, (3.5, 4.1)])
def test_the_name_of_the_chosen_tile_is_not_cut_off(chosen: str, size: tuple[float, float]) -> None:
    rows = tiles(13, 12).assign(area_name="Bournemouth, Christchurch and Poole")
    ax = plots.tile_map(rows, chosen, ax=figure(size))
    ax.get_figure().draw_without_rendering()
    extents = [*(text.get_window_extent() for text in ax.texts), ax.get_legend().get_window_extent()]
    assert len(extents) == 2
    picture = ax.get_figure().bbox
    assert all(extent.x0 >= picture.x0 and extent.x1 <= picture.x1 for extent in extents)


def test_tiles_are_hexagons_half_a_tile_further_east_where_rows_are_shifted() -> None:
    squares = plots.tile_map(tiles(2, 2), ax=figure())
    assert {len(ring) - 1 for patch in filled(squares) for ring in rings(patch)} == {4}
    layout = tiles(2, 2).assign(shifted=lambda rows: rows["row"] % 2 == 1)
    hexagons = [ring[:-1] for patch in filled(plots.tile_map(layout, ax=figure())) for ring in rings(patch)]
    assert {len(corners) for corners in hexagons} == {6}
    assert [corners.mean(axis=0)[0] for corners in hexagons] == pytest.approx([0, 1, 0.5, 1.5])
    assert not any(
        Polygon(one).intersects(Polygon(other)) for one in hexagons for other in hexagons if one is not other
    )


# The section


BOTH_COUNTED = [{"count": "24"}, {"area_code": SECOND, "count": "30"}, {"area_code": COUNTRY, "count": "12000"}]


def with_boundaries(*codes: str, **rows: list[dict[str, str]]) -> AreaView:
    """The view of the first of two made-up areas, with the boundaries of those of `codes`; only the first has a figure,
    unless `rows` say otherwise.
    """
    view = small_view(**rows)
    shapes = pd.DataFrame(
        {"area_code": codes, "geometry": [shape.wkt for shape in grid(len(codes), 1, 0.5)[: len(codes)]]}
    )
    tables = {**view.release.tables, "boundaries": shapes.assign(source_id=PRIVATE).astype("string")}
    return AreaView(replace(view.release, tables=tables), FIRST)


def test_the_map_is_of_boundaries_where_there_are_any_and_else_of_tiles() -> None:
    boundaries = with_boundaries(FIRST, SECOND, observations=BOTH_COUNTED)
    tiled = with_boundaries(observations=BOTH_COUNTED)
    assert boundaries.has_boundaries and not tiled.has_boundaries
    assert narrative.recorded.map_alt(boundaries, CSE).startswith("Boundary map of 2 areas")
    assert narrative.recorded.map_alt(tiled, CSE).startswith("Tile map of 2 areas")
    assert "One tile an area" in area_map(tiled, CSE).markup
    assert "One tile" not in area_map(boundaries, CSE).markup


def test_the_alternative_text_counts_what_was_not_supplied_apart() -> None:
    assert "and 1 not supplied" in narrative.recorded.map_alt(with_boundaries(FIRST, SECOND), CSE)
    assert narrative.recorded.map_alt(with_boundaries(FIRST), CSE).startswith("Boundary map of 1 area by")


def test_an_area_without_a_boundary_is_named_in_a_note_and_stands_in_the_table() -> None:
    shown = area_map(with_boundaries(FIRST, observations=BOTH_COUNTED), CSE).markup
    assert "Not on the map: Second." in shown
    assert shown.count("Second") > shown.count("Not on the map: Second."), "the table still has it"
    assert "Not on the map" not in area_map(with_boundaries(FIRST, SECOND), CSE).markup


def test_areas_of_which_nothing_is_known_are_counted_and_not_named() -> None:
    assert "Not on the map: 1 area without a figure." in area_map(with_boundaries(FIRST), CSE).markup


def test_an_area_that_is_not_on_its_own_map_is_not_said_to_be_outlined() -> None:
    shown = area_map(with_boundaries(SECOND), CSE).markup
    assert "Not on the map: First." in shown
    assert "First is outlined" not in shown
    assert "First is outlined" in area_map(with_boundaries(FIRST), CSE).markup


def test_the_area_without_a_figure_is_on_the_map_as_not_supplied() -> None:
    mapped = with_boundaries(FIRST, SECOND).mapped(EPISODES, CSE, YEAR).set_index("area_code")
    assert pd.isna(mapped.loc[SECOND, "verdict"])
    assert not pd.isna(mapped.loc[FIRST, "verdict"])


def test_a_map_of_boundaries_cites_where_they_come_from() -> None:
    drawn = with_boundaries(FIRST)
    only_rates = drawn.rate_sources()
    assert drawn.map_sources() == f"{only_rates}; {drawn.citation(PRIVATE)}"
    assert with_boundaries().map_sources() == only_rates


# The drawing as a file


def test_lines_of_an_svg_are_steps_of_a_tenth_of_a_point() -> None:
    svg = '<path d="M 1.04 2.06 \nL 3.14 4.26 \nL 3.14 2.06 \nz\nM 9 9 \nL 8.96 9 \n"/>'
    assert _to_a_tenth(svg) == '<path d="M1 2.1l2.1 2.2 0 -2.2zM9 9l0 0"/>'


def test_letters_of_an_svg_are_left_as_they_are() -> None:
    svg = '<path d="M 603.25 4863.5 \nQ 1.25 2.5 3.75 4.5 \nz\n"/>'
    assert _to_a_tenth(svg) == svg


def test_rounding_does_not_add_up_along_a_line() -> None:
    points = np.cumsum(np.full((1000, 2), 0.04), axis=0)
    svg = f'<path d="M {" L ".join(f"{x} {y}" for x, y in points)}"/>'
    first, steps = _to_a_tenth(svg).split('"')[1].split("l")
    ends = np.array(first[1:].split(), dtype=float) + np.array(steps.split(), dtype=float).reshape(-1, 2).sum(axis=0)
    assert ends == pytest.approx(points[-1], abs=0.05)


@pytest.fixture(scope="module")
def england() -> pd.DataFrame:
    """The 153 authorities of England, with verdicts made up."""
    if not ENGLAND.exists():
        pytest.skip(f"no official boundaries: {ENGLAND.name} is not beside the project")
    features = json.loads(ENGLAND.read_text(encoding="utf-8"))["features"]
    from shapely.geometry import shape

    kept = [feature for feature in features if feature["properties"]["utla23_code"].startswith("E")]
    verdicts = np.random.default_rng(1).choice([*map(str, Verdict), None], len(kept), p=[0.25, 0.35, 0.25, 0.12, 0.03])
    return pd.DataFrame(
        {
            "area_code": [feature["properties"]["utla23_code"] for feature in kept],
            "area_name": [feature["properties"]["utla23_name"] for feature in kept],
            "geometry": [shape(feature["geometry"]).wkt for feature in kept],
            "verdict": verdicts,
        }
    )


@pytest.mark.parametrize("chosen", ["E06000019", "E09000028", ""], ids=["Herefordshire", "Southwark", "none"])
def test_a_map_of_england_is_small_and_soon_drawn(england: pd.DataFrame, chosen: str) -> None:
    assert len(england) == 153
    start = time.process_time()
    drawing = plots.drawing(partial(plots.choropleth, england, chosen), "figure-test", (740, 620), (340, 620))
    assert time.process_time() - start < 3, "two drawings, of at most 1.5 seconds each"
    assert max(len(drawing.wide), len(drawing.narrow or "")) < 64_000


def test_every_authority_of_england_is_on_the_map(england: pd.DataFrame) -> None:
    places = maps._on_the_national_grid(england)
    ax = figure(NARROW)
    maps._lay_out(ax, maps.Window(*places.total_bounds), 2)
    drawn = maps._draw(ax, places, "", maps._metres_per_pixel(ax))
    assert set(drawn["area_code"]) == set(england["area_code"])
    # to the nearest pixel, of 1.7 km on a phone: even the City of London, of 3 square kilometres, keeps a shape
    assert drawn.area.min() > 0


def test_the_tile_map_of_england_is_small(england: pd.DataFrame) -> None:
    if not HEXAGONS.exists():
        pytest.skip(f"no official layout: {HEXAGONS.name} is not beside the project")
    hexes = json.loads(HEXAGONS.read_text(encoding="utf-8"))["hexes"]
    layout = pd.DataFrame(
        [
            {"area_code": code, "column": one["q"], "row": one["r"], "shifted": one["r"] % 2 == 1}
            for code, one in hexes.items()
        ]
    )
    rows = england.drop(columns="geometry").merge(layout, on="area_code")
    assert len(rows) == 153
    drawing = plots.drawing(partial(plots.tile_map, rows, "E06000058"), "figure-test", (740, 620), (340, 390))
    assert max(len(drawing.wide), len(drawing.narrow or "")) < 45_000
