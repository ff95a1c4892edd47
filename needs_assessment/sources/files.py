"""Files as their publishers lay them out, opened by what they hold and never by their names."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from needs_assessment.sources import workbook
from needs_assessment.sources.notes import Coercion, Notes, RefusedError

DELIMITERS = ",;\t|"
MOST_CELL = 100_000
"""The most characters of one cell: more is a quotation mark that is never closed."""

MOST_LINES = 20
"""The most lines of one cell, for the same reason."""

SNIFFED_LINES = 40
_STARTING_BYTES = 4_096


class Form(StrEnum):
    """What kind of file it is."""

    TABLE = "table of text"
    WORKBOOK = "workbook"
    JSON = "JSON"
    XML = "XML"
    MAP = "map file"


@dataclass(frozen=True)
class Sheet:
    """One table of cells as text; `rows[0]` is row 1 of the file. The name is blank where there are no sheets."""

    name: str
    rows: list[list[str]] = field(repr=False)
    visible: bool = True


@dataclass(frozen=True)
class SourceFile:
    """An opened file: its sheets where it is a table or a workbook, its document where it is JSON.

    XML and maps are read from `path` by whoever recognises them.
    """

    path: Path
    form: Form
    sha256: str
    sheets: tuple[Sheet, ...] = field(default=(), repr=False)
    document: Any = field(default=None, repr=False)

    @property
    def name(self) -> str:
        """The name of the file without its folder."""
        return self.path.name


def open_file(path: Path, notes: Notes) -> SourceFile:
    """The file, opened by its first bytes. Raises RefusedError with the reason where it cannot be read."""
    try:
        if _starts_as_xml(path):
            # A census return can be larger than memory: it is read child by child by whoever recognises it.
            return SourceFile(path, Form.XML, _sha256(path))
        content = path.read_bytes()
    except OSError as error:
        raise RefusedError(f"cannot be opened: {error.strerror}") from error
    if not content.strip():
        raise RefusedError("is empty")
    sha256 = hashlib.sha256(content).hexdigest()
    form = _form(content)
    if form is Form.WORKBOOK:
        return SourceFile(path, form, sha256, _workbook_sheets(content, notes))
    if form is Form.MAP:
        return SourceFile(path, form, sha256)
    words = _decoded(content, notes)
    if form is Form.JSON:
        return SourceFile(path, form, sha256, document=_json(words))
    return SourceFile(path, form, sha256, (Sheet("", _csv_rows(words, notes)),))


def check_unchanged(file: SourceFile) -> None:
    """Nothing. Raises RefusedError where the file is no longer what was opened: it would be read in two states."""
    try:
        sha256 = _sha256(file.path)
    except OSError as error:
        raise RefusedError(f"cannot be opened a second time: {error.strerror}") from error
    if sha256 != file.sha256:
        raise RefusedError("was changed while it was read; import it again when nobody writes to it")


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _starts_as_xml(path: Path) -> bool:
    with path.open("rb") as stream:
        start = _start(stream.read(_STARTING_BYTES))
    if start.lower().startswith((b"<!doctype html", b"<html")):
        raise RefusedError("is a web page and not the file that it should hold; download it again")
    return start.startswith(b"<")


def _form(content: bytes) -> Form:
    if content.startswith(b"PK\x03\x04"):
        return _form_of_archive(workbook.check_archive(content))
    if content.startswith(b"SQLite format 3\x00") or content.startswith(b"\x00\x00\x27\x0a"):
        return Form.MAP
    for start, kind in _NEVER_READ.items():
        if content.startswith(start):
            raise RefusedError(f"is {kind}, which is not read; save it as CSV or XLSX")
    return Form.JSON if _JSON_START.match(_start(content[:_STARTING_BYTES])) else Form.TABLE


def _start(content: bytes) -> bytes:
    """The first bytes of a text as UTF-8 has them, without its mark and the white space before it."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        content = content.decode("utf-16", errors="ignore").encode()
    return content.removeprefix(b"\xef\xbb\xbf").lstrip()


# A table may begin with a note on its symbols, such as `[c] = withheld`.
_JSON_START = re.compile(rb"\{|\[\s*[\[{\]\"0-9-]")
_NEVER_READ = {
    b"\xd0\xcf\x11\xe0": "an old workbook (.xls), or one with a password",
    b"PAR1": "a Parquet file",
    **{bytes([0x80, version]): "a Python pickle" for version in range(2, 6)},
    b"%PDF": "a PDF",
    b"\x1f\x8b": "a compressed file",
    b"\x93NUMPY": "a NumPy file",
}


def _form_of_archive(members: list[str]) -> Form:
    if "xl/workbook.xml" in members or ("content.xml" in members and "mimetype" in members):
        return Form.WORKBOOK
    if any(name.lower().endswith(".shp") for name in members):
        return Form.MAP
    raise RefusedError("is an archive, but neither a workbook nor a shapefile; unpack it first")


def _workbook_sheets(content: bytes, notes: Notes) -> tuple[Sheet, ...]:
    found = [Sheet(name, rows, visible) for name, visible, rows in workbook.sheets(content)]
    notes.count(Coercion.HIDDEN_SHEET, times=sum(not sheet.visible for sheet in found))
    return tuple(sheet for sheet in found if sheet.visible)


def _decoded(content: bytes, notes: Notes) -> str:
    """The text: UTF-8, or UTF-16 with its mark, or else Windows-1252, as spreadsheets save it; no error is hidden."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        notes.count(Coercion.UTF_16)
        return _strictly(content, "utf-16")
    if content.startswith(b"\xef\xbb\xbf"):
        notes.count(Coercion.BYTE_ORDER_MARK)
        return _strictly(content, "utf-8-sig")
    try:
        return _without_nul(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        # Letters that are sound UTF-8 beside bytes that are not: either reading would garble some names.
        if not content.decode("utf-8", errors="ignore").isascii():
            raise RefusedError("mixes UTF-8 with other text, or breaks off; save it as CSV UTF-8") from error
        notes.count(Coercion.WINDOWS_1252)
        return _strictly(content, "cp1252")


def _strictly(content: bytes, encoding: str) -> str:
    try:
        return _without_nul(content.decode(encoding))
    except UnicodeDecodeError as error:
        raise RefusedError(f"is not the {encoding} text that it seems to be; save it as CSV UTF-8") from error


def _without_nul(words: str) -> str:
    if "\x00" in words:
        line = words[: words.index("\x00")].count("\n") + 1
        raise RefusedError(f"holds a NUL byte in line {line}: it is damaged, or no text")
    return words


def _json(words: str) -> Any:
    try:
        return json.loads(words, object_pairs_hook=_each_name_once, parse_constant=_no_number)
    except (json.JSONDecodeError, RecursionError) as error:
        where = f" at line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise RefusedError(f"is no valid JSON: it breaks off or is damaged{where}") from error


def _each_name_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The pairs as a dictionary: of two values under one name the library would silently keep the last."""
    named = dict(pairs)
    if len(named) < len(pairs):
        raise RefusedError("is JSON that says a name twice in one object, so that one of its values would be lost")
    return named


def _no_number(constant: str) -> Any:
    raise RefusedError(f"is no valid JSON: it holds {constant}, which is no number")


def _csv_rows(words: str, notes: Notes) -> list[list[str]]:
    delimiter = _delimiter(words)
    if delimiter != ",":
        notes.count(Coercion.DELIMITER)
    reader = csv.reader(io.StringIO(words, newline=""), delimiter=delimiter, strict=True)
    rows: list[list[str]] = []
    try:
        for row in reader:
            # A row that holds line breaks is one row of a spreadsheet, so rows are counted and lines are not.
            if any(len(cell) > MOST_CELL or cell.count("\n") >= MOST_LINES for cell in row):
                raise csv.Error
            rows.append(row)
    except csv.Error as error:
        raise RefusedError(
            f"cannot be read as CSV from row {len(rows) + 1}: a quotation mark is not closed or stands amid text"
        ) from error
    if not words.endswith(("\n", "\r")):
        _refuse_a_cut_number(rows)
        notes.remark("the last line does not end with a line break: see that the file was not cut off")
    return rows


def _refuse_a_cut_number(rows: list[list[str]]) -> None:
    """Raises RefusedError where a row of full width ends the file in a digit: what is left of a number is one too."""
    if len(rows) > 1 and rows[-1][-1][-1:].isdigit() and len(rows[-1]) == max(map(len, rows)):
        raise RefusedError(
            "ends in a number without a line break, as a file that was cut off; see that it is whole, and end the line"
        )


def _delimiter(words: str) -> str:
    """The separator that splits the most of the first rows alike: headings may stand below a title.

    Commas within text are common, semicolons and tabs are not, so a comma wins where nothing else decides.
    """
    lines = words[: SNIFFED_LINES * 10_000].splitlines()[:SNIFFED_LINES]
    return max(DELIMITERS, key=lambda mark: (*_agreement(lines, mark), mark == ","))


def _agreement(lines: list[str], delimiter: str) -> tuple[int, int]:
    """How many rows share the commonest number of cells above one, and that number."""
    widths: Counter[int] = Counter()
    # A cell that is longer than the library takes ends the count here, and the file when its rows are read.
    with suppress(csv.Error):
        widths.update(len(row) for row in csv.reader(lines, delimiter=delimiter) if len(row) > 1)
    return max(((rows, width) for width, rows in widths.items()), default=(0, 0))
