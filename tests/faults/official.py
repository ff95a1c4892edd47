"""The publishers' real tables as originals, cut to the rows of their first year or quarter."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

from originals import LAYOUTS, TABLES, Original, as_csv

MOST_ROWS = 1_000
PATTERNS = {
    "factors": "c3_*_2018_to_2025.csv",
    "earlier factors": "c3_*_2018_to_2024.csv",
    "referrals": "c1_*.csv",
    "children": "ons_mid-year_*.csv",
    "single years": "ons_mid2023_syoa_*.csv",
    "neighbours": "sn_model_*.csv",
    "crime": "prc-pfa-*.csv",
    "responders": "nrm_*.csv",
    "districts": "*lookup_ltla23_utla23.csv",
    "partnerships": "*lookup_ltla24_csp24_pfa24.csv",
    "regions": "*utla_all_codes.csv",
    "authority codes": "*acceptable_las.csv",
}


def originals_in(folder: Path) -> dict[str, Original]:
    """The originals in a folder, by kind: made-up ones under their own names, and the publishers' real ones."""
    found = {}
    for kind, layout in LAYOUTS.items():
        path = next(iter(sorted(folder.rglob(PATTERNS.get(kind, layout.file)))), folder / layout.file)
        if path.is_file():
            content = path.read_bytes()
            content = cut(content) if kind in TABLES and path.name != layout.file else content
            found[kind] = Original(kind, replace(layout, file=path.name), content)
    return found


def cut(content: bytes) -> bytes:
    """The rows of a table that begin as its first row does, which are a whole year or quarter, at most 1,000."""
    first, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    alike = [row for row in rows if row[0] == rows[0][0]]
    # A table whose rows all begin differently lists areas.
    return as_csv([first, *(alike if len(alike) > 1 else rows)[:MOST_ROWS]])
