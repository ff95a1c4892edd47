"""The lasting name of every figure that can be withheld, from which its place in the tables can be read again.

A key outlives a release: the ledger of a series stores what readers were shown by key, and later releases find it
again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

_WHERE = ("area_code", "period_start", "period_end")
_RISK = ("scheme", "exploitation_type", "risk_level", "unit", "area_code", "residence", "as_at")
LAYOUTS: Mapping[str, tuple[str, ...]] = {
    "demand": ("measure", "exploitation_type", "unit", "area_code", "period_start", "period_end"),
    "breakdowns": ("measure", "exploitation_type", "unit", "dimension", "category", *_WHERE),
    "risk_snapshots": _RISK,
    "risk_caseload": _RISK,
    "risk_movement": ("measure", "scheme", "exploitation_type", "unit", "from_level", "to_level", *_WHERE),
    "service_returns": ("service_id", "measure", "basis", "unit", "area_code", "period_start", "period_end"),
}
"""The tables of a release that can hold counts of sources that are not public, and the columns of a figure's key."""
BETWEEN, AGAIN = "|", "#"


def keys_of(table: str, rows: pd.DataFrame, identities: Mapping[str, str]) -> pd.Series:
    """The key of every row: the table, the identity of its source and the columns of LAYOUTS, separated by `|`.

    Rows that agree in all of these, and differ in their notes, are numbered from the second on in order of the notes.
    """
    columns = [rows["source_id"].map(identities), *(rows[column] for column in LAYOUTS[table])]
    words = [_words(column) for column in columns]
    keys = pd.Series([BETWEEN.join((table, *cells)) for cells in zip(*words, strict=True)], index=rows.index, dtype=str)
    if not keys.duplicated().any():
        return keys
    notes = rows["note"] if "note" in rows else pd.Series("", index=rows.index)
    place = keys.to_frame("key").assign(note=_words(notes)).sort_values("note", kind="stable").groupby("key").cumcount()
    return keys.where(place.reindex(keys.index).eq(0), keys + AGAIN + (place + 1).astype(str))


def identities(sources: pd.DataFrame) -> dict[str, str]:
    """The lasting name of every source: the publication it is an edition of, else its own."""
    named = sources["edition_of"].fillna(sources["source_id"]).astype(str)
    return dict(zip(sources["source_id"], named, strict=True))


def columns_of(key: str) -> dict[str, str]:
    """What a key says: `table`, `identity`, the columns of its table and `again`, which is blank for a first row."""
    name, _, again = key.partition(AGAIN)
    table, identity, *values = [*name.split(BETWEEN), ""]
    if table not in LAYOUTS or len(values) != len(LAYOUTS[table]) + 1:
        raise ValueError("this is no key of a figure: it names no table of LAYOUTS, or too few columns")
    return {"table": table, "identity": identity, "again": again, **dict(zip(LAYOUTS[table], values, strict=False))}


def in_key_words(levels: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """The levels of each scheme as keys name them."""
    return {in_a_key(scheme): [in_a_key(level) for level in each] for scheme, each in levels.items()}


def _words(column: pd.Series) -> Sequence[str]:
    if pd.api.types.is_datetime64_any_dtype(column):
        return column.dt.strftime("%Y-%m-%d").fillna("").tolist()
    return ["" if pd.isna(value) else in_a_key(value) for value in column]


def in_a_key(value: object) -> str:
    """A value as keys name it."""
    return str(value).replace(BETWEEN, "/").replace(AGAIN, "/")
