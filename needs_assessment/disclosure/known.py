"""What others have published of the same figures: a table kept by whoever runs the reports, since nobody else can."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path

from needs_assessment.disclosure.cells import Status
from needs_assessment.disclosure.keys import BETWEEN, LAYOUTS
from needs_assessment.disclosure.linking import Figure

REQUIRED = ("table", "identity", "low", "high", "said_by")
FIRST_ROW = 2


class KnownError(Exception):
    """A table of what others published that cannot be used; every fault at once, by row and column, never a value."""


def read_known(path: Path | str) -> list[Figure]:
    """The figures of a CSV file with the columns table, identity, low, high, said_by and the key columns of the tables
    that it names (see `keys.LAYOUTS`); blank where a table has no such column.

    `low` and `high` are the least and the most that the publication says; equal for an exact figure, and a blank
    `high` is no end. Raises KnownError with every fault.
    """
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = [column for column in REQUIRED if column not in (reader.fieldnames or ())]
            rows = list(reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise KnownError(f"{Path(path).name} cannot be read ({type(error).__name__})") from error
    faults = [f"column {column} is missing" for column in missing]
    if not missing:
        faults = [f"row {place}: {fault}" for place, row in enumerate(rows, FIRST_ROW) for fault in _faults(row)]
    if faults:
        raise KnownError("\n  - ".join([f"{Path(path).name} is not used; faults: {len(faults)}", *faults]))
    return [_figure(row) for row in rows]


def _faults(row: Mapping[str, str | None]) -> Iterator[str]:
    layout = LAYOUTS.get((row["table"] or "").strip())
    if layout is None:
        yield f"table must be one of: {', '.join(LAYOUTS)}"
        return
    absent = [column for column in layout if column not in row]
    yield from (f"column {column} is needed for a figure of this table" for column in absent)
    yield from (f"{name} is required" for name in ("identity", "said_by") if not (row[name] or "").strip())
    low, high = (row["low"] or "").strip(), (row["high"] or "").strip()
    if not low.isdecimal() or (high and not high.isdecimal()):
        yield "low and high must be whole numbers of 0 or more; only high may be blank"
    elif high and int(high) < int(low):
        yield "high must not be less than low"


def _figure(row: Mapping[str, str | None]) -> Figure:
    words = [(row[column] or "").strip() for column in ("table", "identity", *LAYOUTS[str(row["table"]).strip()])]
    low, high = str(row["low"]).strip(), (row["high"] or "").strip()
    return Figure(BETWEEN.join(words), None, Status.PRINTED, (int(low), int(high) if high else None), today=False)
