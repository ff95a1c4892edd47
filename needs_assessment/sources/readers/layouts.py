"""Layouts of areas as hexagons that somebody made by hand (hexjson)."""

from __future__ import annotations

from typing import Any

import pandas as pd

from needs_assessment.sources.describing import published_source
from needs_assessment.sources.files import Form, SourceFile
from needs_assessment.sources.notes import Notes, RefusedError
from needs_assessment.sources.readers.boundaries import distinct_codes, fault, is_used
from needs_assessment.sources.registry import Reader, Tables


def read_layout(file: SourceFile, notes: Notes, areas: pd.DataFrame) -> Tables:
    """The tile of each area in a hexjson layout of rows (odd-r or even-r): columns and rows from 0 in the south-west.

    Raises RefusedError for a layout of columns (odd-q, even-q), which this project does not draw.
    """
    layout, tiles = _tiles(file, notes)
    codes = distinct_codes(tiles["code"], notes)
    codes = codes[is_used(codes, notes)]
    tiles = tiles.loc[codes.index].dropna(subset=["q", "r"])
    if tiles.empty:
        raise RefusedError("is a layout without areas that the assessment uses")
    source_id = f"layout_{file.sha256[:8]}"
    sources = published_source(file, source_id, f"Layout of {len(tiles)} areas as hexagons ({layout})", "not stated")
    return {
        "sources": sources.assign(licence=pd.NA),
        "areas": tiles[["code", "name"]].set_axis(["area_code", "area_name"], axis=1).reset_index(drop=True),
        "layouts": _placed(tiles, layout).assign(source_id=source_id, area_code=tiles["code"]).reset_index(drop=True),
    }


def _tiles(file: SourceFile, notes: Notes) -> tuple[str, pd.DataFrame]:
    """The layout's name and its tiles, numbered from 1: code, name, q (column) and r (row from the south)."""
    layout, hexes = file.document["layout"], file.document["hexes"]
    if layout not in ("odd-r", "even-r"):
        raise RefusedError("is a layout of hexagons in columns or of an unknown kind; only odd-r and even-r are read")
    if not isinstance(hexes, dict) or not all(isinstance(one, dict) for one in hexes.values()):
        raise RefusedError("is a layout whose hexes are not an object of objects")
    rows = [
        {"code": code} | {part: _tile_part(one, part) for part in ("q", "r", "name")} for code, one in hexes.items()
    ]
    tiles = pd.DataFrame(rows, columns=["code", "q", "r", "name"], index=pd.RangeIndex(1, len(rows) + 1))
    tiles = tiles.astype({"code": "string", "q": "Int64", "r": "Int64", "name": "string"})
    for part in ("q", "r"):
        fault(tiles[part].isna(), "must be a whole number", notes)
    shared = tiles.duplicated(["q", "r"], keep=False) & tiles[["q", "r"]].notna().all(axis=1)
    fault(shared.rename("q, r"), "must not place two areas on one tile", notes)
    return layout, tiles


def _tile_part(tile: dict[str, Any], part: str) -> object:
    if part == "name":
        return next((tile[key] for key in ("name", "n") if isinstance(tile.get(key), str)), pd.NA)
    value = tile.get(part)
    whole = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1_000
    return value if whole else pd.NA


def _placed(tiles: pd.DataFrame, layout: str) -> pd.DataFrame:
    """Columns and rows from 0, in which odd rows stand half a tile further east; no tile moves beside another."""
    row = tiles["r"] - tiles["r"].min()
    further_east = (tiles["r"] % 2).eq(1 if layout == "odd-r" else 0)
    # Where the even rows stand further east, the odd ones stand half a tile further west: one column less, plus a half.
    column = tiles["q"] - (row % 2).where(further_east != (row % 2).eq(1), 0)
    return pd.DataFrame({"column": column - column.min(), "row": row})


def _is_layout(file: SourceFile) -> bool:
    return file.form is Form.JSON and isinstance(file.document, dict) and {"layout", "hexes"} <= set(file.document)


READERS = (Reader("layout of areas as hexagons (hexjson)", read_layout, recognises=_is_layout),)
