"""Maps of areas: boundaries (GeoJSON, TopoJSON, GeoPackage, shapefile) and hexagons laid out by hand (hexjson)."""

from __future__ import annotations

import json
import re
import warnings
import zipfile
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pandas as pd

from needs_assessment.geography import area_type_of
from needs_assessment.sources import coercion
from needs_assessment.sources.describing import published_source
from needs_assessment.sources.files import Form, SourceFile
from needs_assessment.sources.notes import Coercion, Notes, RefusedError
from needs_assessment.sources.registry import Reader, Tables

if TYPE_CHECKING:
    import numpy as np
    from geopandas import GeoDataFrame, GeoSeries

PUBLISHER = "Office for National Statistics"
DEGREES, NATIONAL_GRID = "EPSG:4326", "EPSG:27700"
BRITISH_ISLES = (-11.0, 49.0, 3.0, 62.0)
"""Degrees west, south, east and north of every place that a boundary may reach."""
TOLERANCE = 100
"""Metres: a corner is left out where the triangle that it makes with its neighbours is smaller than this squared."""
DECIMALS = 5
"""Of a degree: about a metre."""
MOST_REPAIRED = 0.01
"""The share of its area by which the repair of a boundary that crosses itself may change it."""

AREA_CODE = r"[EWNSK]\d{8}"
_CODE_ENDING = re.compile(r"_?(code|cod|cd)$", re.IGNORECASE)
_NAME_ENDINGS = ("_name", "name", "_nam", "nm", "_nm")
"""The endings of headings; a shapefile cuts its headings off after ten letters."""
_COUNTED_FROM_ONE = "; rows are features, counted from 1"
_HARMLESS = re.compile(
    "Non closed ring|Feature gets NULL geometry|non conformant file extension|Several features with id|organizePolygons"
    "|Could not parse column"
)
"""What GDAL says of shapes that it reads in full, or that come without a boundary and are then a fault of their row."""


def read_boundaries(file: SourceFile, notes: Notes, areas: pd.DataFrame) -> Tables:
    """The boundary of each area in degrees, simplified alike on both sides of a border, and a point inside each.

    Areas are known by the one column of the file that holds ONS codes. Raises RefusedError for a map that has no such
    column, has several, has no coordinate reference system, or cannot be read.
    """
    features = _features(file)
    column = _code_column(features)
    codes = distinct_codes(coercion.words(features[column].astype("string"), notes), notes)
    used = codes[is_used(codes, notes)].index
    shapes = _repaired(_within_the_isles(_in_degrees(_polygons(features.loc[used], notes), file), notes), notes)
    if shapes.empty:
        raise RefusedError("holds no sound boundary of an area that the assessment uses")
    shapes = _simplified(shapes, notes)
    codes = codes[shapes.index].reset_index(drop=True)
    source_id, title = _identity(file, codes, column)
    return {
        "sources": published_source(file, source_id, title, PUBLISHER),
        "areas": _facts(features.loc[shapes.index], column, notes).assign(**_points(shapes)),
        "boundaries": pd.DataFrame({"source_id": source_id, "area_code": codes, "geometry": _well_known_text(shapes)}),
    }


def _features(file: SourceFile) -> GeoDataFrame:
    """The features of the file's one layer, numbered from 1. Raises RefusedError where the library has a complaint."""
    import geopandas
    from shapely.errors import ShapelyError

    where = _where(file)
    with warnings.catch_warnings(record=True) as complaints:
        warnings.simplefilter("always")
        try:
            layers = geopandas.list_layers(where).dropna(subset=["geometry_type"])
            if len(layers) != 1:
                raise RefusedError(f"holds {len(layers)} map layers: it must hold one")
            # By its place, since a layer of JSON is named anew at each opening.
            features = geopandas.read_file(where, layer=int(layers.index[0]), engine="pyogrio", on_invalid="ignore")
        except (RuntimeError, ValueError, ShapelyError) as error:
            raise RefusedError("cannot be read as a map: it is damaged or incomplete") from error
    if any(not _HARMLESS.search(str(one.message)) for one in complaints):
        raise RefusedError("is a map with irregular features; repair it in a mapping program and save it as GeoPackage")
    if features.empty:
        raise RefusedError("is a map without features")
    return features.set_index(pd.RangeIndex(1, len(features) + 1))


def _where(file: SourceFile) -> str | bytes:
    """What the library opens. JSON is handed over in UTF-8 with its type first, by which it is recognised, so that
    neither the file's name nor its encoding matters.
    """
    if file.form is Form.JSON:
        _refuse_what_would_be_lost(file.document)
        return json.dumps({"type": file.document["type"]} | file.document).encode()
    members = _shapefiles(file) if zipfile.is_zipfile(file.path) else []
    if len(members) > 1:
        raise RefusedError(f"is an archive of {len(members)} shapefiles: it must hold one")
    return f"/vsizip/{{{file.path.resolve()}}}/{members[0]}" if members else str(file.path.resolve())


def _refuse_what_would_be_lost(document: dict[str, Any]) -> None:
    """Raises RefusedError for damage of JSON that GDAL passes over, leaving out a feature or a part of a border."""
    try:
        sound = _is_whole_topology(document) if document["type"] == "Topology" else _are_features(document["features"])
    except (AttributeError, KeyError, RecursionError, TypeError):
        sound = False
    if not sound:
        raise RefusedError(f"is no whole {document['type']}: it holds damaged features or lacks parts of borders")


def _are_features(features: list[Any]) -> bool:
    return all(one["type"] == "Feature" for one in features)


def _is_whole_topology(document: dict[str, Any]) -> bool:
    """Whether each shape is one and the arcs that it names are there; arc -1 is arc 0 backwards."""
    arcs = document["arcs"]
    shapes = [shape for layer in document["objects"].values() for shape in layer["geometries"]]
    named = [number for shape in shapes for number in _numbers(shape["arcs"])]
    return all(len(arc) > 1 for arc in arcs) and all(-len(arcs) <= number < len(arcs) for number in named)


def _numbers(arcs: list[Any]) -> Iterator[int]:
    for one in arcs:
        if isinstance(one, list):
            yield from _numbers(one)
        else:
            yield one


def _shapefiles(file: SourceFile) -> list[str]:
    names = zipfile.ZipFile(file.path).namelist()
    return [name for name in names if name.lower().endswith(".shp") and not name.startswith("__MACOSX/")]


def _code_column(features: GeoDataFrame) -> str:
    """The name of the one column whose cells are ONS area codes, most of them at least."""
    cells = pd.DataFrame(features.drop(columns="geometry")).astype("string")
    share = {name: cells[name].str.strip().str.fullmatch(AREA_CODE).fillna(False).mean() for name in cells.columns}
    # The same codes under two headings, such as the number of a feature, are no contradiction.
    columns = cells[[name for name in cells.columns if share[name] >= 0.5]].T.drop_duplicates().index
    if len(columns) == 0:
        raise RefusedError("is a map without a column of ONS area codes")
    if len(columns) > 1:
        raise RefusedError(f"is a map with several columns of ONS area codes ({', '.join(columns)}): keep one")
    return str(columns[0])


def distinct_codes(codes: pd.Series, notes: Notes) -> pd.Series:
    """The codes that are codes and stand once; the others are faults."""
    broken = codes.notna() & ~codes.str.fullmatch(AREA_CODE).fillna(False)
    repeated = codes.duplicated(keep=False) & codes.notna()
    fault(broken, "must be an ONS nine-character area code", notes)
    fault(repeated, "must not hold a code twice", notes)
    return codes[codes.notna() & ~broken & ~repeated]


def is_used(codes: pd.Series, notes: Notes) -> pd.Series:
    """Whether each area is in England or Wales and of a kind that the assessment uses; the others are counted."""
    used = codes.str[0].isin(["E", "W"]) & codes.map(area_type_of).notna()
    notes.count(Coercion.NOT_USED, times=int((~used).sum()))
    if not used.all():
        notes.remark(f"districts, and areas outside England and Wales, left out: {(~used).sum()}")
    return used


def _polygons(features: GeoDataFrame, notes: Notes) -> GeoSeries:
    shapes = features.geometry.force_2d().rename("geometry")
    missing = shapes.isna() | shapes.is_empty
    others = ~missing & ~shapes.geom_type.isin(["Polygon", "MultiPolygon"])
    fault(missing.rename("geometry"), "must have a boundary", notes)
    fault(others.rename("geometry"), "must be a polygon: points and lines are no boundaries", notes)
    return shapes[~missing & ~others]


def _in_degrees(shapes: GeoSeries, file: SourceFile) -> GeoSeries:
    from pyproj.exceptions import ProjError

    if file.form is Form.JSON and shapes.crs is None:
        # RFC 7946 (GeoJSON), and the same usage for TopoJSON: degrees of the World Geodetic System 1984.
        shapes = shapes.set_crs(DEGREES)
    if shapes.crs is None or shapes.crs.name.startswith("Undefined"):
        raise RefusedError(
            "is a map that does not state its coordinate reference system (a shapefile does in its .prj)"
        )
    try:
        return shapes.to_crs(DEGREES)
    except (ProjError, RuntimeError) as error:
        raise RefusedError("is a map in a coordinate reference system that has no degrees") from error


def _within_the_isles(shapes: GeoSeries, notes: Notes) -> GeoSeries:
    west, south, east, north = BRITISH_ISLES
    edges = shapes.bounds
    within = edges["minx"].ge(west) & edges["miny"].ge(south) & edges["maxx"].le(east) & edges["maxy"].le(north)
    fault((~within).rename("geometry"), "must lie in the British Isles: is the coordinate system as stated?", notes)
    return shapes[within]


def _repaired(shapes: GeoSeries, notes: Notes) -> GeoSeries:
    """The shapes with small self-crossings mended, as the rounding of coordinates makes them; large ones are faults."""
    from shapely import area

    mended = shapes.make_valid(method="structure", keep_collapsed=False)
    before, after = area(shapes.to_numpy()), area(mended.to_numpy())
    torn = pd.Series(abs(after - before) > MOST_REPAIRED * after, shapes.index, name="geometry")
    fault(torn, "must not cross itself", notes)
    small = ~shapes.is_valid & ~torn
    if small.any():
        notes.remark(
            f"boundaries that crossed themselves by less than {MOST_REPAIRED:.0%} of their area, mended: {small.sum()}"
        )
    return mended[~torn]


def _simplified(shapes: GeoSeries, notes: Notes) -> GeoSeries:
    """The shapes without their smallest corners (Visvalingam and Whyatt 1993); neighbours keep their common border."""
    from geopandas import GeoSeries
    from shapely import coverage_simplify, transform

    simple = coverage_simplify(shapes.to_crs(NATIONAL_GRID).to_numpy(), TOLERANCE)
    degrees = GeoSeries(simple, index=shapes.index, crs=NATIONAL_GRID).to_crs(DEGREES)
    rounded = GeoSeries(transform(degrees.to_numpy(), _rounded), index=shapes.index, crs=DEGREES)
    notes.remark(f"boundaries were simplified with a tolerance of {TOLERANCE} metres")
    return rounded.make_valid(method="structure", keep_collapsed=False)


def _rounded(coordinates: np.ndarray) -> np.ndarray:
    return coordinates.round(DECIMALS)


def _well_known_text(shapes: GeoSeries) -> list[str]:
    return list(shapes.to_wkt(rounding_precision=DECIMALS, trim=True))


def _points(shapes: GeoSeries) -> dict[str, np.ndarray]:
    inside = shapes.representative_point()
    return {"longitude": inside.x.round(DECIMALS).to_numpy(), "latitude": inside.y.round(DECIMALS).to_numpy()}


def _facts(features: GeoDataFrame, column: str, notes: Notes) -> pd.DataFrame:
    """The code of each feature and its name, where a column of names stands beside that of codes."""
    stem = _CODE_ENDING.sub("", column).lower()
    columns = {str(name).lower(): name for name in features.columns}
    names = [columns[name] for name in (*(stem + ending for ending in _NAME_ENDINGS), "name") if name in columns]
    if not names:
        notes.remark("the map has no column of names")
    # Codes were tidied and counted before; a second count would count twice.
    facts = pd.DataFrame({"area_code": features[column].str.strip()})
    facts["area_name"] = coercion.words(features[names[0]], notes, required=False) if names else pd.NA
    return facts.reset_index(drop=True)


def _identity(file: SourceFile, codes: pd.Series, column: str) -> tuple[str, str]:
    """The short name and the title of the source: the kind of most areas, the vintage of the codes, the content."""
    kind = str(codes.map(area_type_of).mode().iloc[0])
    found = re.search(r"\d{2}", column)
    vintage = f"20{found.group()}" if found else "undated"
    source_id = f"boundaries_{kind.replace(' ', '_')}_{vintage}_{file.sha256[:8]}"
    return source_id, f"Boundaries: {kind} ({vintage})"


def fault(broken: pd.Series, rule: str, notes: Notes) -> None:
    """Notes a rule that some features or tiles break, by their places in the file from 1."""
    if broken.any():
        notes.fault(rule + _COUNTED_FROM_ONE, str(broken.name), broken.index[broken.to_numpy(bool)])


def _is_map(file: SourceFile) -> bool:
    if file.form is Form.JSON:
        return isinstance(file.document, dict) and file.document.get("type") in ("FeatureCollection", "Topology")
    return file.form is Form.MAP and not _is_other_database(file)


def _is_other_database(file: SourceFile) -> bool:
    """Whether it is an SQLite database of another kind than a GeoPackage, whose mark stands at byte 68."""
    with file.path.open("rb") as stream:
        start = stream.read(72)
    return start.startswith(b"SQLite") and start[68:] not in {b"GPKG", b"GP10", b"GP11"}


READERS = (
    Reader("boundaries of areas (GeoJSON, TopoJSON, GeoPackage or shapefile)", read_boundaries, recognises=_is_map),
)
