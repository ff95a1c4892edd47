from __future__ import annotations

import copy
import json
import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas
import pandas as pd
import pytest
import shapely
from shapely import Polygon, box

from needs_assessment.evidence import CONTRACTS
from needs_assessment.sources.files import open_file
from needs_assessment.sources.notes import Coercion, Notes, RefusedError
from needs_assessment.sources.readers import boundaries, layouts
from needs_assessment.sources.registry import Tables, recognised

READERS = (*boundaries.READERS, *layouts.READERS)
OFFICIAL = Path(__file__).resolve().parents[1].parent / "shared" / "official" / "boundaries"
needs_official_files = pytest.mark.skipif(not OFFICIAL.is_dir(), reason="the official files are not beside the project")

# Two authorities that share a border with a corner of some 30 metres, and one with an island.
JAGGED = [(-3.0, 52.4), (-2.7505, 52.4), (-2.75, 52.4003), (-2.7495, 52.4), (-2.5, 52.4)]
PLACES = geopandas.GeoDataFrame(
    {"CTYUA23CD": ["E06000019", "E06000051"], "CTYUA23NM": ["Herefordshire, County of", "Shropshire"]},
    geometry=[
        Polygon([(-3, 52), *JAGGED, (-2.5, 52)]),
        Polygon([*JAGGED, (-2.5, 53), (-3, 53)]) | box(-3.5, 53, -3.4, 53.1),
    ],
    crs="EPSG:4326",
)
TOPOLOGY = {
    "type": "Topology",
    "arcs": [
        [[-2.5, 52.4], [-3, 52.4]],
        [[-3, 52.4], [-3, 52], [-2.5, 52], [-2.5, 52.4]],
        [[-3, 52.4], [-3, 53], [-2.5, 52.4]],
    ],
    "objects": {
        "places": {
            "type": "GeometryCollection",
            "geometries": [
                {"type": "Polygon", "arcs": [[0, 1]], "properties": {"code": "E06000019", "name": "Herefordshire"}},
                {"type": "Polygon", "arcs": [[0, 2]], "properties": {"code": "E06000051", "name": "Shropshire"}},
            ],
        }
    },
}


def read(path: Path) -> tuple[Tables, Notes]:
    notes = Notes(path.name)
    file = open_file(path, notes)
    return recognised(file, READERS).read(file, notes, pd.DataFrame()), notes


def written(folder: Path, document: object, name: str = "map.json") -> Path:
    (folder / name).write_text(json.dumps(document), encoding="utf-8")
    return folder / name


def geojson(change: Callable[[list[dict[str, Any]]], object] = lambda features: None) -> dict[str, Any]:
    """The two places as GeoJSON, with a change to their features."""
    document = json.loads(PLACES.to_json())
    change(document["features"])
    return document


def shapes(tables: Tables) -> dict[str, shapely.Geometry]:
    table = tables["boundaries"]
    return dict(zip(table["area_code"], shapely.from_wkt(table["geometry"].tolist()), strict=True))


def faults(notes: Notes) -> list[tuple[str, str, tuple[int, ...]]]:
    return [(fault.rule.split(";")[0], fault.column, fault.rows) for fault in notes.faults]


def as_geojson(folder: Path) -> Path:
    return written(folder, geojson(), "places.txt")


def as_geopackage(folder: Path) -> Path:
    PLACES.to_crs("EPSG:27700").to_file(folder / "places.gpkg")
    return folder / "places.gpkg"


def as_shapefile(folder: Path) -> Path:
    PLACES.to_crs("EPSG:27700").to_file(folder / "places.shp")
    return folder / "places.shp"


def as_archive(folder: Path) -> Path:
    parts = as_shapefile(folder).parent.glob("places.*")
    with zipfile.ZipFile(folder / "download", "w") as archive:
        for part in list(parts):
            archive.write(part, f"inner folder/{part.name}")
        archive.writestr("__MACOSX/._places.shp", "what a Macintosh adds")
    return folder / "download"


@pytest.mark.parametrize("made", [as_geojson, as_geopackage, as_shapefile, as_archive])
def test_every_form_of_one_map_gives_the_same_boundaries_in_degrees(
    tmp_path: Path, made: Callable[[Path], Path]
) -> None:
    tables, notes = read(made(tmp_path))
    found = shapes(tables)
    assert not notes.faults
    assert tables["areas"]["area_name"].tolist() == ["Herefordshire, County of", "Shropshire"]
    for code, shape in zip(PLACES["CTYUA23CD"], PLACES.geometry, strict=True):
        # 0.001 degrees are about 100 metres; the rounding and the corners left out are less.
        assert shapely.hausdorff_distance(found[code], shape) < 0.001
    assert tables["sources"]["source_id"].str.fullmatch(r"boundaries_local_authority_2023_[0-9a-f]{8}").all()


def test_boundaries_fit_their_contract_and_points_lie_inside(tmp_path: Path) -> None:
    tables, _ = read(as_geojson(tmp_path))
    assert set(tables["boundaries"]) == set(CONTRACTS["boundaries"].columns)
    assert set(tables["areas"]) <= set(CONTRACTS["areas"].columns)
    for area in tables["areas"].itertuples():
        assert shapes(tables)[area.area_code].contains(shapely.Point(area.longitude, area.latitude))


def test_simplified_neighbours_keep_their_common_border_without_its_small_corners(tmp_path: Path) -> None:
    tables, notes = read(as_geojson(tmp_path))
    found = list(shapes(tables).values())
    assert shapely.coverage_is_valid(found)
    assert shapely.get_num_coordinates(found).sum() < shapely.get_num_coordinates(PLACES.geometry.to_numpy()).sum()
    assert "boundaries were simplified with a tolerance of 100 metres" in notes.remarks


def test_topojson_is_read_as_degrees_without_a_stated_system(tmp_path: Path) -> None:
    # The type stands last, as some programs write it.
    tables, notes = read(written(tmp_path, dict(reversed(TOPOLOGY.items()))))
    assert not notes.faults
    assert shapes(tables)["E06000019"].bounds == (-3, 52, -2.5, 52.4)
    assert tables["areas"]["area_name"].tolist() == ["Herefordshire", "Shropshire"]
    assert tables["sources"]["source_id"].str.startswith("boundaries_local_authority_undated_").all()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252"])
def test_the_encoding_of_json_does_not_matter(tmp_path: Path, encoding: str) -> None:
    anglesey = at(2, properties={"CTYUA23CD": "W06000001", "CTYUA23NM": "Ynys Môn"})
    (tmp_path / "map.json").write_text(json.dumps(geojson(anglesey), ensure_ascii=False), encoding=encoding)
    tables, _ = read(tmp_path / "map.json")
    assert tables["areas"]["area_name"].tolist() == ["Herefordshire, County of", "Ynys Môn"]


def test_geojson_that_states_the_national_grid_is_converted(tmp_path: Path) -> None:
    document = json.loads(PLACES.to_crs("EPSG:27700").to_json())
    document["crs"] = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}}
    west, south, east, north = shapes(read(written(tmp_path, document))[0])["E06000019"].bounds
    assert (west, south, east, north) == pytest.approx((-3, 52, -2.5, 52.4003), abs=0.001)


def test_a_geopackage_is_known_by_its_mark_and_not_by_its_name(tmp_path: Path) -> None:
    renamed = as_geopackage(tmp_path).rename(tmp_path / "download.dat")
    assert len(read(renamed)[0]["boundaries"]) == 2


def test_another_database_is_no_map(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "places.gpkg") as database:
        database.execute("create table children (name)")
    database.close()
    with pytest.raises(RefusedError, match="no file that this project reads"):
        read(tmp_path / "places.gpkg")


@pytest.mark.parametrize(
    ("headings", "name"),
    [
        (("utla23_code", "utla23_name"), "Shropshire"),
        (("pfa20_code", "pfa20_name"), "Shropshire"),
        (("LAD23CD", "LAD23NM"), "Shropshire"),
        (("utla23_cod", "utla23_nam"), "Shropshire"),
        (("id", "name"), "Shropshire"),
        (("LAD23CD", "remark"), None),
    ],
)
def test_codes_are_known_by_their_form_and_names_by_their_heading(
    tmp_path: Path, headings: tuple[str, str], name: str | None
) -> None:
    renamed = PLACES.rename(columns=dict(zip(["CTYUA23CD", "CTYUA23NM"], headings, strict=True)))
    tables, _ = read(written(tmp_path, json.loads(renamed.to_json())))
    found = tables["areas"].set_index("area_code")["area_name"]["E06000051"]
    assert (found == name) if name else pd.isna(found)


def at(row: int, **changes: object) -> Callable[[list[dict[str, Any]]], None]:
    return lambda features: features[row - 1].update(changes)


def shape_of(*ring: tuple[object, float]) -> dict[str, object]:
    return {"type": "Polygon", "coordinates": [[list(point) for point in ring]]}


NO_BOUNDARY = "must have a boundary"
NOT_A_POLYGON = "must be a polygon: points and lines are no boundaries"


@pytest.mark.parametrize(
    ("geometry", "rule"),
    [
        (None, NO_BOUNDARY),
        ({"type": "Polygon", "coordinates": []}, NO_BOUNDARY),
        ({"type": "Polygone", "coordinates": []}, NO_BOUNDARY),
        (shape_of((-2, 52), (-2, 53)), NO_BOUNDARY),
        (shape_of((-2, 52), (-2, 53), (-1, 53)), NO_BOUNDARY),
        (shape_of(("west", 52), (-2, 53), (-1, 53), (-2, 52)), NO_BOUNDARY),
        ({"type": "Point", "coordinates": [-2, 52]}, NOT_A_POLYGON),
        ({"type": "LineString", "coordinates": [[-2, 52], [-2, 53]]}, NOT_A_POLYGON),
        (shape_of((-2, 52), (-1, 53), (-1, 52), (-2, 53), (-2, 52)), "must not cross itself"),
        (
            shape_of((350_000, 252_000), (350_000, 253_000), (351_000, 253_000), (350_000, 252_000)),
            "must lie in the British Isles: is the coordinate system as stated?",
        ),
        (
            shape_of((52, -2), (53, -2), (53, -1), (52, -2)),
            "must lie in the British Isles: is the coordinate system as stated?",
        ),
    ],
)
def test_a_shape_that_is_no_boundary_is_a_fault_of_its_row(tmp_path: Path, geometry: object, rule: str) -> None:
    tables, notes = read(written(tmp_path, geojson(at(2, geometry=geometry))))
    assert faults(notes) == [(rule, "geometry", (2,))]
    assert tables["boundaries"]["area_code"].tolist() == ["E06000019"]


@pytest.mark.parametrize(
    ("code", "rule"),
    [
        ("E0600051", "must be an ONS nine-character area code"),
        (None, "must not be blank"),
        (7, "must be an ONS nine-character area code"),
    ],
)
def test_a_code_that_is_none_is_a_fault_of_its_row(tmp_path: Path, code: object, rule: str) -> None:
    _, notes = read(written(tmp_path, geojson(at(2, properties={"CTYUA23CD": code, "CTYUA23NM": "Shropshire"}))))
    assert faults(notes) == [(rule, "CTYUA23CD", (2,))]


def test_a_code_that_stands_twice_is_a_fault_of_both_rows(tmp_path: Path) -> None:
    _, notes = read(written(tmp_path, geojson(lambda features: features.append(copy.deepcopy(features[1])))))
    assert faults(notes) == [("must not hold a code twice", "CTYUA23CD", (2, 3))]


def test_no_fault_and_no_refusal_holds_a_cell_of_the_file(tmp_path: Path) -> None:
    secret = {"CTYUA23CD": "Anastasia", "CTYUA23NM": "Anastasia"}
    _, notes = read(written(tmp_path, geojson(at(2, properties=secret, geometry={"type": "Anastasia"}))))
    assert notes.faults
    assert "Anastasia" not in " ".join([*map(str, notes.faults), *notes.remarks])


def test_a_small_crossing_is_mended_and_told(tmp_path: Path) -> None:
    # A spike of some ten metres across the western edge.
    ring = [
        (-3, 52),
        (-3, 52.2),
        (-2.9999, 52.2001),
        (-3.0001, 52.2001),
        (-3, 52.2002),
        (-3, 52.4),
        (-2.5, 52.4),
        (-2.5, 52),
    ]
    crossing = [*ring[:2], (-2.9999, 52.2002), (-3.0001, 52.2001), (-2.9999, 52.20005), *ring[4:], ring[0]]
    assert not Polygon(crossing).is_valid
    tables, notes = read(written(tmp_path, geojson(at(1, geometry=shape_of(*crossing)))))
    assert not notes.faults
    assert "boundaries that crossed themselves by less than 1% of their area, mended: 1" in notes.remarks
    assert shapes(tables)["E06000019"].is_valid


def test_districts_and_places_abroad_are_left_out_and_counted(tmp_path: Path) -> None:
    def add(features: list[dict[str, Any]]) -> None:
        for code in ("E07000234", "S12000033", "N09000003"):
            features.append({"type": "Feature", "properties": {"CTYUA23CD": code}, "geometry": features[0]["geometry"]})

    tables, notes = read(written(tmp_path, geojson(add)))
    assert notes.counts[Coercion.NOT_USED, ""] == 3
    assert len(tables["boundaries"]) + 3 == 5


def test_white_space_around_codes_is_counted_once(tmp_path: Path) -> None:
    tables, notes = read(written(tmp_path, geojson(at(1, properties={"CTYUA23CD": " E06000019 "}))))
    assert notes.counts[Coercion.WHITE_SPACE, "CTYUA23CD"] == 1
    assert tables["areas"]["area_code"].tolist() == ["E06000019", "E06000051"]


def with_a_second_code(features: list[dict[str, Any]]) -> None:
    for feature in features:
        feature["properties"]["RGN23CD"] = "E12000005"


def without_codes(features: list[dict[str, Any]]) -> None:
    for feature in features:
        del feature["properties"]["CTYUA23CD"]


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (geojson(with_a_second_code), r"several columns of ONS area codes \(CTYUA23CD, RGN23CD\)"),
        (geojson(without_codes), "without a column of ONS area codes"),
        (geojson(list.clear), "without features"),
        (geojson(lambda features: features.append("lost")), "no whole FeatureCollection"),
        ({"type": "FeatureCollection", "features": None}, "no whole FeatureCollection"),
        ({"type": "FeatureCollection"}, "no whole FeatureCollection"),
        (TOPOLOGY | {"arcs": TOPOLOGY["arcs"][:2]}, "no whole Topology"),
        (TOPOLOGY | {"arcs": [[[0, 0]], *TOPOLOGY["arcs"][1:]]}, "no whole Topology"),
        (TOPOLOGY | {"objects": {"places": {"geometries": [None]}}}, "no whole Topology"),
        (TOPOLOGY | {"objects": TOPOLOGY["objects"] | {"more": TOPOLOGY["objects"]["places"]}}, "2 map layers"),
        ({"type": "Topology", "arcs": [], "objects": {}}, "cannot be read as a map"),
    ],
)
def test_a_map_that_cannot_be_told_apart_or_is_damaged_is_refused(
    tmp_path: Path, document: object, reason: str
) -> None:
    with pytest.raises(RefusedError, match=reason):
        read(written(tmp_path, document))


@pytest.mark.parametrize(
    ("part", "reason"),
    [(".prj", "coordinate reference system"), (".dbf", "without a column"), (".shx", "damaged or incomplete")],
)
def test_a_shapefile_without_one_of_its_parts_is_refused(tmp_path: Path, part: str, reason: str) -> None:
    shapefile = as_shapefile(tmp_path)
    shapefile.with_suffix(part).unlink()
    with pytest.raises(RefusedError, match=reason):
        read(shapefile)


def test_a_geopackage_without_a_coordinate_reference_system_is_refused(tmp_path: Path) -> None:
    path = as_geopackage(tmp_path)
    with sqlite3.connect(path) as database:
        database.execute("update gpkg_geometry_columns set srs_id = -1")
        database.execute("update gpkg_contents set srs_id = -1")
    database.close()
    with pytest.raises(RefusedError, match="coordinate reference system"):
        read(path)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_truncated_geopackage_is_refused_without_its_content(tmp_path: Path, share: float) -> None:
    content = as_geopackage(tmp_path).read_bytes()
    (tmp_path / "cut.gpkg").write_bytes(content[: int(len(content) * share)])
    with pytest.raises(RefusedError, match=r"^cannot be read as a map: it is damaged or incomplete$"):
        read(tmp_path / "cut.gpkg")


def test_an_archive_of_two_shapefiles_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as archive:
        archive.writestr("one.shp", "")
        archive.writestr("two.shp", "")
    with pytest.raises(RefusedError, match="archive of 2 shapefiles"):
        read(tmp_path / "two.zip")


def layout(kind: str, **tiles: dict[str, object]) -> dict[str, object]:
    return {"layout": kind, "hexes": tiles}


def places(tables: Tables) -> dict[str, tuple[int, int]]:
    return {row.area_code: (row.column, row.row) for row in tables["layouts"].itertuples()}


THREE = {
    "E06000019": {"n": "Herefordshire", "q": 4, "r": 6},
    "E06000051": {"n": "Shropshire", "q": 4, "r": 7},
    "E10000034": {"n": "Worcestershire", "q": 5, "r": 6},
}


def across(tables: Tables) -> dict[str, float]:
    """How far east of the first each tile stands, where odd rows stand half a tile further east: so the contract."""
    half_tiles = {code: column + (row % 2) / 2 for code, (column, row) in places(tables).items()}
    return {code: place - half_tiles["E06000019"] for code, place in half_tiles.items()}


# Worked by hand: Shropshire's row stands half a tile east of Herefordshire's in one kind and half a tile west in the
# other; which of them is odd does not change when the rows begin at another number.
@pytest.mark.parametrize(
    ("kind", "first", "shropshire"), [("odd-r", 6, 0.5), ("even-r", 6, -0.5), ("odd-r", 7, -0.5), ("even-r", 7, 0.5)]
)
def test_no_hexagon_moves_beside_another_whatever_the_kind_of_layout(
    tmp_path: Path, kind: str, first: int, shropshire: float
) -> None:
    moved = {code: tile | {"r": tile["r"] - 6 + first} for code, tile in THREE.items()}
    tables, notes = read(written(tmp_path, layout(kind, **moved)))
    assert not notes.faults
    assert across(tables) == {"E06000019": 0, "E06000051": shropshire, "E10000034": 1}
    assert min(column for column, _ in places(tables).values()) == 0
    assert {row for _, row in places(tables).values()} == {0, 1}


def test_a_layout_gives_names_and_fits_its_contract(tmp_path: Path) -> None:
    tables, _ = read(written(tmp_path, layout("odd-r", **THREE)))
    assert set(tables["layouts"]) == set(CONTRACTS["layouts"].columns)
    assert tables["areas"]["area_name"].tolist() == ["Herefordshire", "Shropshire", "Worcestershire"]


@pytest.mark.parametrize(
    ("tile", "rule", "column", "rows"),
    [
        ({"q": 1.5, "r": 7}, "must be a whole number", "q", (2,)),
        ({"q": 4, "r": True}, "must be a whole number", "r", (2,)),
        ({"q": 4}, "must be a whole number", "r", (2,)),
        ({"q": 4, "r": 6}, "must not place two areas on one tile", "q, r", (1, 2)),
    ],
)
def test_a_hexagon_without_a_place_of_its_own_is_a_fault(
    tmp_path: Path, tile: dict[str, object], rule: str, column: str, rows: tuple[int, ...]
) -> None:
    _, notes = read(written(tmp_path, layout("odd-r", **THREE | {"E06000051": tile})))
    assert faults(notes) == [(rule, column, rows)]


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (layout("odd-q", **THREE), "only odd-r and even-r"),
        (layout("even-q", **THREE), "only odd-r and even-r"),
        ({"layout": ["odd-r"], "hexes": THREE}, "only odd-r and even-r"),
        ({"layout": "odd-r", "hexes": [1]}, "not an object of objects"),
        (layout("odd-r"), "without areas"),
    ],
)
def test_a_layout_that_is_not_drawn_is_refused(tmp_path: Path, document: object, reason: str) -> None:
    with pytest.raises(RefusedError, match=reason):
        read(written(tmp_path, document))


@needs_official_files
@pytest.mark.parametrize(
    ("name", "areas", "kind"),
    [
        ("utla23_ew_dissolved_from_geographr_ltla24.geojson", 175, "local_authority_2023"),
        ("utla23_ew_simplified.topojson", 175, "local_authority_2023"),
        ("geographr_pfa20_ew.geojson", 43, "police_force_area_2020"),
    ],
)
def test_the_published_boundaries_are_read_whole(name: str, areas: int, kind: str) -> None:
    tables, notes = read(OFFICIAL / name)
    found = shapes(tables)
    assert not notes.faults
    assert len(found) == areas
    assert all(shape.is_valid and not shape.is_empty for shape in found.values())
    assert tables["sources"]["source_id"].str.startswith(f"boundaries_{kind}_").all()
    assert tables["boundaries"]["geometry"].str.len().sum() < 300_000


@needs_official_files
def test_simplification_keeps_the_size_of_every_published_authority() -> None:
    name = "utla23_ew_dissolved_from_geographr_ltla24.geojson"
    exact = geopandas.read_file(OFFICIAL / name).set_index("utla23_code").to_crs("EPSG:27700").area
    found = geopandas.GeoSeries(shapes(read(OFFICIAL / name)[0]), crs="EPSG:4326").to_crs("EPSG:27700").area
    assert ((found / exact - 1).abs() < 0.005).all()


@needs_official_files
def test_the_published_layout_places_the_153_authorities_each_on_a_tile_of_its_own() -> None:
    tables, notes = read(OFFICIAL / "england-utla-2023-153-derived.hexjson")
    assert not notes.faults
    assert len(set(places(tables).values())) == len(places(tables)) == 153
    # Northumberland stands north of Cornwall, and Cornwall west of Kent.
    assert places(tables)["E06000057"][1] > places(tables)["E06000052"][1] + 10
    assert places(tables)["E06000052"][0] < places(tables)["E10000016"][0]
