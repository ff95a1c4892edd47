"""Tables found in sheets: the row of headings wherever it stands, the rows below it, and nothing shifted or lost."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator

import pandas as pd

from needs_assessment.sources.files import Sheet, SourceFile
from needs_assessment.sources.notes import Coercion, Notes, RefusedError

MOST_ROWS_ABOVE = 40
"""Headings are looked for in so many rows: publishers put titles and notes above them."""

_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad"))
_NOT_THE_SAME = ("<super>", "<sub>", "<circle>", "<fraction>")
"""Kinds of characters that mean something else than the plain ones: 24 with a raised note mark 2 is not 242."""


def plain(words: str) -> str:
    """The words with unusual characters as plain ones (NFKC), invisible ones left out, and single inner spaces.

    Raised, lowered and circled characters and fractions stay as they are.
    """
    if not words.isascii():
        words = unicodedata.normalize("NFC", "".join(map(_plain_letter, words))).translate(_INVISIBLE)
    return " ".join(words.split())


def _plain_letter(letter: str) -> str:
    kept = unicodedata.decomposition(letter).startswith(_NOT_THE_SAME)
    return letter if kept else unicodedata.normalize("NFKC", letter)


def heading(words: str) -> str:
    """A heading as this project compares it: plain and in lower case."""
    return plain(words).lower()


def headings_of(file: SourceFile) -> Iterator[tuple[Sheet, int, list[str]]]:
    """Each row that could be a row of headings: its sheet, its place from 0, and its headings."""
    for sheet in file.sheets:
        for place, row in enumerate(sheet.rows[:MOST_ROWS_ABOVE]):
            if any(cell.strip() for cell in row):
                yield sheet, place, [heading(cell) for cell in row]


def has_table(file: SourceFile, required: Iterable[str]) -> bool:
    """Whether some sheet has all the required headings in one row."""
    return not missing_headings(file, required)


def missing_headings(file: SourceFile, required: Iterable[str]) -> list[str]:
    """The required headings that the best row of the file lacks, in their order; none where a row has them all."""
    required = list(required)
    lacking = [[name for name in required if name not in row] for _, _, row in headings_of(file)]
    return min(lacking, key=len, default=required)


def titles_of(file: SourceFile) -> list[str]:
    """The words around the tables of a file: names of sheets, and rows of one filled cell, such as titles and notes."""
    names = [sheet.name for sheet in file.sheets if sheet.name]
    rows = [[cell for cell in row if cell.strip()] for sheet in file.sheets for row in sheet.rows]
    return names + [plain(row[0]) for row in rows if len(row) == 1]


def tables_with(file: SourceFile, required: Iterable[str], notes: Notes) -> Iterator[tuple[str, pd.DataFrame]]:
    """Each sheet's name and its table of text, for the sheets that have the required headings in one row.

    The columns are the headings (see `heading`), the index is the row of the file, and a blank cell is missing. Blank
    rows, and rows of footnotes below the table, are left out and counted. A row with more or fewer cells than headings,
    or a heading that stands twice above different cells, is a fault. Raises RefusedError for headings without a row
    below them: nothing is recorded there, which is not zero.
    """
    required = set(required)
    seen = set()
    for sheet, place, row in headings_of(file):
        if sheet.name not in seen and required <= set(row):
            seen.add(sheet.name)
            yield sheet.name, _table(sheet, place, notes)


def table_with(file: SourceFile, required: Iterable[str], notes: Notes) -> pd.DataFrame:
    """The one table of a file that has the required headings; see `tables_with`. A second one is a fault.

    Raises RefusedError where no sheet has them all in one row.
    """
    required = list(required)
    found = [table for _, table in tables_with(file, required, notes)]
    if not found:
        lacking = missing_headings(file, required)
        raise RefusedError(f"has no table with the headings: {', '.join(lacking or required)}")
    if len(found) > 1:
        notes.fault("holds this table in more than one sheet; keep one")
    return found[0]


def _table(sheet: Sheet, place: int, notes: Notes) -> pd.DataFrame:
    names = [heading(cell) for cell in sheet.rows[place]]
    while names and not names[-1]:
        names.pop()
    rows = dict(enumerate(sheet.rows[place + 1 :], start=place + 2))
    body = _body(rows, len(names), notes)
    if not body:
        raise RefusedError("has headings and no row below them; leave the file out where nothing is supplied")
    cells = pd.DataFrame.from_dict(body, orient="index", columns=range(len(names)), dtype="string")
    cells = cells.mask(cells.apply(lambda column: column.str.strip().eq("")))
    return _named(cells, names, notes)


def _named(cells: pd.DataFrame, names: list[str], notes: Notes) -> pd.DataFrame:
    """The columns under their headings. One without a heading is left out, and told of where it holds anything."""
    places: dict[str, int] = {}
    for place, name in enumerate(names):
        if not name and cells[place].notna().any():
            notes.remark(f"column number {place + 1} has no heading and was left out")
        if name in places and not cells[place].equals(cells[places[name]]):
            notes.fault("the heading stands more than once", name)
        if name:
            places.setdefault(name, place)
    return cells[list(places.values())].set_axis(list(places), axis=1)


def _body(rows: dict[int, list[str]], width: int, notes: Notes) -> dict[int, list[str]]:
    filled = {number: row for number, row in rows.items() if any(cell.strip() for cell in row)}
    last = max(filled, default=0)
    notes.count(Coercion.BLANK_ROW, times=sum(number < last for number in rows.keys() - filled.keys()))
    footnotes = _footnotes(filled, width)
    notes.count(Coercion.TOTAL_ROW, times=len(footnotes))
    body = {number: row for number, row in filled.items() if number not in footnotes}
    too_long = [number for number, row in body.items() if any(cell.strip() for cell in row[width:])]
    # A short row of a CSV file has lost a separator somewhere, and its cells may stand under the wrong headings.
    too_short = [number for number, row in body.items() if len(row) < width]
    if too_long or too_short:
        notes.fault(f"must have the {width} cells of its headings in each row", rows=[*too_long, *too_short])
    return {number: (row + [""] * width)[:width] for number, row in body.items()}


def _footnotes(rows: dict[int, list[str]], width: int) -> set[int]:
    """The last rows that hold words in their first cell and nothing else: `Source: …`, `Note 1 …`.

    A single word is none: it is what is left of a row where a file was cut off.
    """
    found: set[int] = set()
    for number in sorted(rows, reverse=True):
        first, *others = rows[number]
        if width < 2 or any(cell.strip() for cell in others) or len(first.split()) < 2:
            break
        found.add(number)
    return found


def without_repeats(table: pd.DataFrame, notes: Notes) -> pd.DataFrame:
    """The rows without those that repeat another exactly, which are counted."""
    repeated = table.duplicated()
    notes.count(Coercion.REPEATED_ROW, times=int(repeated.sum()))
    return table[~repeated]
