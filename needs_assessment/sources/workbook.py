"""Workbooks (XLSX and ODS) as sheets of text, with what a spreadsheet hides brought to light."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import IO, Any

from needs_assessment.sources.notes import RefusedError

MOST_BYTES, MOST_RATIO, MOST_MEMBERS = 1_500_000_000, 200, 2_000
"""A workbook that unpacks to more than this, or more than this many times its packed size, is refused unopened."""

MOST_CELLS = 5_000_000
"""The most cells of a sheet, blank ones between the filled ones counted: the reader library makes room for each."""

FORMULA_ERROR, NOT_CALCULATED = "#ERROR!", "#NOT CALCULATED!"
"""What stands in a cell whose formula failed, or whose result the workbook does not hold."""

Mark = tuple[int, int, str]
"""A cell that says less than it seems: its row and column from 0, and one of the two words above."""

_CHUNK = 1 << 20
_PLACE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_SHOWN_ERROR = re.compile(r"#[A-Z0-9/_ ]+[!?]?|Err:[0-9]+")
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    RuntimeError,
    SyntaxError,  # the standard library's XML parser reports damage as one
    ValueError,
)


def check_archive(content: bytes) -> list[str]:
    """The names of the members of a zip archive. Raises RefusedError for one that is damaged or unpacks to too much."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        members = archive.infolist()
        whole = sum(member.file_size for member in members)
        swollen = any(member.file_size > MOST_RATIO * max(member.compress_size, 1_000) for member in members)
        if len(members) > MOST_MEMBERS or whole > MOST_BYTES or swollen:
            raise RefusedError("unpacks to far more than it should, so it is not opened")
        # Reading each member once proves that it holds what its directory says, and no more.
        if archive.testzip() is not None:
            raise RefusedError("is a damaged archive or workbook")
    except _UNREADABLE as error:
        raise RefusedError("is a damaged archive or workbook, or has a password") from error
    return [member.filename for member in members]


def sheets(content: bytes) -> Iterator[tuple[str, bool, list[list[str]]]]:
    """Each worksheet: its name, whether it is visible, and its rows of cells as text, from row 1 and column A.

    Whole numbers have no decimal point, dates are ISO dates, and a cell with a formula error or an uncalculated
    formula says so. Raises RefusedError for a workbook that cannot be read.
    """
    from python_calamine import CalamineError

    try:
        marks = _marks_of(zipfile.ZipFile(io.BytesIO(content)))
        yield from _read_sheets(content, marks)
    except (CalamineError, *_UNREADABLE) as error:
        raise RefusedError("cannot be read as a workbook: it is damaged") from error


def _read_sheets(content: bytes, marks: dict[str, list[Mark]]) -> Iterator[tuple[str, bool, list[list[str]]]]:
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
    for sheet in workbook.sheets_metadata:
        if sheet.typ == SheetTypeEnum.WorkSheet:
            cells = workbook.get_sheet_by_name(sheet.name).to_python(skip_empty_area=False)
            rows = [[_as_text(cell) for cell in row] for row in cells]
            yield sheet.name, sheet.visible == SheetVisibleEnum.Visible, _with_marks(rows, marks[sheet.name])


def _as_text(cell: object) -> str:
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float):
        # As a spreadsheet shows it: 24.0 is 24; repr keeps every digit of the rest.
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat()
    return cell.isoformat() if isinstance(cell, date | time) else _duration_or_text(cell)


def _duration_or_text(cell: object) -> str:
    return str(cell.total_seconds()) if isinstance(cell, timedelta) else str(cell)


def _with_marks(rows: list[list[str]], marks: list[Mark]) -> list[list[str]]:
    width = max([len(row) for row in rows] + [column + 1 for _, column, _ in marks], default=0)
    # Rows and columns at the end that hold nothing but marked cells are not in the library's answer.
    rows += [[] for _ in range(max((row for row, _, _ in marks), default=-1) + 1 - len(rows))]
    rows = [row + [""] * (width - len(row)) for row in rows]
    for row, column, mark in marks:
        rows[row][column] = mark
    return rows


# What follows reads the XML of a workbook once itself, before the library does. The library gives a failed or
# uncalculated formula as a blank (in ODS even as 0), which would pass for "nothing recorded"; it gives up the whole
# program at a cell in a far corner, and never ends at some damaged documents.


def _marks_of(archive: zipfile.ZipFile) -> dict[str, list[Mark]]:
    """The marked cells of each worksheet. Raises RefusedError for XML that is unsound or counts days from 1904."""
    for name in archive.namelist():
        if name.endswith((".xml", ".rels")):
            _refuse_unsound_xml(archive.open(name))
    if "xl/workbook.xml" not in archive.namelist():
        return _marks_in_ods(archive.open("content.xml"))
    return {name: _marks_in_sheet(archive.open(part)) for name, part in _sheet_parts(archive).items()}


def _refuse_unsound_xml(stream: IO[bytes]) -> None:
    from xml.parsers import expat

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse_own_entities
    try:
        for chunk in iter(lambda: stream.read(_CHUNK), b""):
            parser.Parse(chunk)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise RefusedError("is a damaged workbook: its XML breaks off or is not well formed") from error


def _refuse_own_entities(*declared: object) -> None:
    raise RefusedError("is a workbook that declares entities of its own, so it is not opened")


@dataclass
class _Grid:
    """The marked cells of a sheet that is being read, and how far its filled cells reach."""

    marks: list[Mark] = field(default_factory=list)
    rows: int = 0
    columns: int = 0

    def reach(self, rows: int, columns: int) -> None:
        """Notes that cells are filled down to here. Raises RefusedError where the sheet becomes too large."""
        self.rows, self.columns = max(self.rows, rows), max(self.columns, columns)
        if self.rows * self.columns > MOST_CELLS:
            raise RefusedError("has cells so far from its first one that it is not opened; delete the stray cells")


def _events(stream: IO[bytes]) -> Iterator[tuple[str, str, Any]]:
    """Each start and end of an element: the event, the element's name without its namespace, and the element."""
    from defusedxml.ElementTree import iterparse

    for event, element in iterparse(stream, events=("start", "end")):
        yield event, _local(element.tag), element


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _attribute(element: Any, name: str, otherwise: str = "") -> str:
    return next((value for key, value in element.items() if _local(key) == name), otherwise)


def _marks_in_sheet(stream: IO[bytes]) -> list[Mark]:
    grid, row, column = _Grid(), -1, -1
    for event, name, element in _events(stream):
        if (event, name) == ("start", "row"):
            row, column = int(element.get("r", row + 2)) - 1, -1
        elif (event, name) == ("end", "c"):
            row, column = _place(element.get("r", ""), row, column + 1)
            if len(element):
                grid.reach(row + 1, column + 1)
            grid.marks += [(row, column, mark) for mark in _mark_in_xlsx(element)]
        elif (event, name) == ("end", "row"):
            element.clear()
    return grid.marks


def _mark_in_xlsx(cell: Any) -> list[str]:
    if cell.get("t") == "e":
        return [FORMULA_ERROR]
    inside = {_local(part.tag): part.text for part in cell}
    # A formula that gives no text has t="str" and an empty result: that is a blank, and known to be one.
    unknown = "f" in inside and not inside.get("v") and cell.get("t") != "str"
    return [NOT_CALCULATED] if unknown else []


def _place(reference: str, row: int, column: int) -> tuple[int, int]:
    """The place of a cell from 0: as its reference says, or where it has none, as its order says."""
    found = _PLACE.fullmatch(reference)
    if found is None:
        return row, column
    letters = 0
    for letter in found.group(1):
        letters = letters * 26 + ord(letter) - ord("A") + 1
    return int(found.group(2)) - 1, letters - 1


def _sheet_parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """The part of an XLSX archive that holds each sheet, by the sheet's name."""
    from defusedxml.ElementTree import fromstring

    links = fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {link.get("Id"): posixpath.join("/xl", link.get("Target", "")).lstrip("/") for link in links}
    parts = {}
    for element in fromstring(archive.read("xl/workbook.xml")).iter():
        if _local(element.tag) == "workbookPr" and element.get("date1904") in {"1", "true"}:
            raise RefusedError("counts its days from 1904; save it with Excel's usual dates, which count from 1900")
        if _local(element.tag) == "sheet":
            parts[element.get("name", "")] = targets[_attribute(element, "id")]
    return parts


def _marks_in_ods(stream: IO[bytes]) -> dict[str, list[Mark]]:
    marks: dict[str, list[Mark]] = {}
    grid, row = _Grid(), 0
    for event, name, element in _events(stream):
        if (event, name) == ("start", "table"):
            grid, row = _Grid(), 0
            marks[_attribute(element, "name")] = grid.marks
        elif (event, name) == ("end", "table-row"):
            row = _row_in_ods(element, row, grid)
            element.clear()
    return marks


def _row_in_ods(row: Any, top: int, grid: _Grid) -> int:
    """The place of the row after this one, which may stand for many; its marks are added to the grid."""
    below = top + int(_attribute(row, "number-rows-repeated", "1"))
    left = 0
    for cell in row:
        right = left + int(_attribute(cell, "number-columns-repeated", "1"))
        if _attribute(cell, "value-type") or _attribute(cell, "formula"):
            grid.reach(below, right)
        places = (
            [(one, other) for one in range(top, below) for other in range(left, right)] if _mark_in_ods(cell) else []
        )
        grid.marks += [(*place, mark) for place in places for mark in _mark_in_ods(cell)]
        left = right
    return below


def _mark_in_ods(cell: Any) -> list[str]:
    # An office suite writes a failed formula as an empty text or as the number 0, and shows the error beside it.
    shown = "".join(words for part in cell if _local(part.tag) == "p" for words in part.itertext())
    typed = {value for key, value in cell.items() if _local(key) == "value-type"}
    formula = bool(_attribute(cell, "formula"))
    if "error" in typed or (formula and _SHOWN_ERROR.fullmatch(shown.strip())):
        return [FORMULA_ERROR]
    return [NOT_CALCULATED] if formula and not typed else []
