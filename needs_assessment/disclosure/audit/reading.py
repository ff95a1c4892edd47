"""Published files read back: every format that a set has, and a fault for any other."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any
from xml.etree import ElementTree

from needs_assessment.disclosure.audit.contents import Contents, Drawn, Tidy, Words
from needs_assessment.disclosure.audit.drawings import UnreadableError, png_texts, read_svg
from needs_assessment.disclosure.audit.faults import UNKNOWN_FORMAT, UNREADABLE, Fault
from needs_assessment.disclosure.audit.pages import read_page

PNG_MADE_WITH = "Software: Matplotlib version"
FORMULA_MARKS = ("'=", "'+", "'-", "'@")


def read_file(path: Path, file: str) -> Contents:
    """What the file tells; `file` is its name in the folder. A file that cannot be read is a fault of its own."""
    if not path.is_file():
        return Contents(file, faults=[Fault(file, "", UNREADABLE)])
    contents = read_content(path.read_bytes(), file, "")
    contents.words.append(Words(file, "name of the file", file, bare=True))
    return contents


def read_content(content: bytes, file: str, place: str, kind: str = "") -> Contents:
    """What some content tells, by its kind: the ending of a file's name, also for what is embedded in another."""
    contents = Contents(file)
    ending = kind or PurePosixPath(file).suffix.lower()
    reader = READERS.get(ending, _read_text if ending == "" else None)
    if reader is None:
        contents.faults.append(Fault(file, place, UNKNOWN_FORMAT))
        return contents
    try:
        reader(content, place, contents)
    except (
        UnreadableError,
        UnicodeDecodeError,
        ValueError,
        KeyError,
        OSError,
        zipfile.BadZipFile,
        ElementTree.ParseError,
    ):
        contents.faults.append(Fault(file, place, UNREADABLE))
    return contents


def _read_html(content: bytes, place: str, contents: Contents) -> None:
    embedded = read_page(content.decode("utf-8-sig"), contents)
    for kind, anchor, inner in embedded:
        contents.take(read_content(inner, contents.file, f"{anchor}, embedded {kind.lstrip('.')}", kind))


def _read_csv(content: bytes, place: str, contents: Contents) -> None:
    lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))
    if not lines:
        return
    name = place.split(",", maxsplit=1)[0] or PurePosixPath(contents.file).stem
    _take_table([line for line in lines if line], name, place, contents)


def _take_table(lines: list[list[str]], name: str, place: str, contents: Contents) -> None:
    """Keeps rows of as many cells as headings; anything else is no table."""
    head, *body = lines
    if len(set(head)) < len(head) or any(len(line) != len(head) for line in body):
        raise UnreadableError
    rows = tuple({column: _cell(cell) for column, cell in zip(head, line, strict=True)} for line in body)
    contents.tidy.append(Tidy(contents.file, place, name, tuple(head), rows))
    contents.words.append(Words(contents.file, f"{place} headings".strip(), " ; ".join(head), bare=True))


def _cell(text: str) -> str:
    """A cell as it was before a spreadsheet's formula mark was disarmed."""
    return text[1:].strip() if text.startswith(FORMULA_MARKS) else text.strip()


def _read_json(content: bytes, place: str, contents: Contents) -> None:
    for path, value in _leaves(json.loads(content.decode("utf-8-sig")), ""):
        if isinstance(value, list):
            head = list(value[0])
            _take_table([head, *([_written(row[name]) for name in head] for row in value)], path, path, contents)
            continue
        contents.words.append(Words(contents.file, f"{place} {path}".strip(), str(value), bare=True))


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Every single value with its place, and every key as a value: either could hold a number."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield f"{path}.{name}".lstrip("."), name
            yield from _leaves(inner, f"{path}.{name}".lstrip("."))
    elif isinstance(value, list) and _is_table(value):
        yield path, value
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner, f"{path}[]")
    elif value is not None and not isinstance(value, bool):
        yield path, value


def _is_table(value: list[Any]) -> bool:
    """Whether a list holds rows: things of the same names, with single values."""
    return bool(value) and all(
        isinstance(row, dict)
        and row.keys() == value[0].keys()
        and not any(isinstance(v, dict | list) for v in row.values())
        for row in value
    )


def _read_sheets(content: bytes, place: str, contents: Contents) -> None:
    """Each sheet as a table, and the words of a workbook beside its cells: properties, comments, names."""
    from python_calamine import CalamineError, load_workbook

    try:
        workbook = load_workbook(io.BytesIO(content))
        sheets = {name: workbook.get_sheet_by_name(name).to_python() for name in workbook.sheet_names}
    except CalamineError as error:
        raise UnreadableError from error
    for name, lines in sheets.items():
        written = [[_written(cell) for cell in line] for line in lines]
        if written:
            _take_table(written, name, f"sheet {name}", contents)
    shown = {cell for lines in sheets.values() for line in lines for cell in map(_written, line)}
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        for inner in sorted(package.namelist()):
            if not PLAIN_PARTS.fullmatch(inner):
                contents.faults.append(Fault(contents.file, inner, UNKNOWN_FORMAT))
            elif inner.endswith(".xml"):
                said = [text for text in _beside_cells(inner, package.read(inner)) if text.strip() not in shown]
                contents.words += [Words(contents.file, inner, text.strip(), bare=True) for text in said]


PLAIN_PARTS = re.compile(
    r"(?:xl|word)/(?:_rels/.*|workbook\.xml|worksheets/.*|styles\.xml|theme/.*|sharedStrings\.xml|comments.*\.xml)"
    r"|docProps/(?:app|core)\.xml|_rels/.*|\[Content_Types\]\.xml|META-INF/.*|mimetype|manifest\.rdf"
    r"|(?:content|styles|settings|meta)\.xml"
)
"""The parts of a workbook without charts, pictures and caches, which would hold numbers of their own."""
OF_PROGRAM = ("AppVersion", "DocSecurity", "TotalTime", "i4")
"""Properties that the program sets: its version, and how many sheets there are."""
SAID_BESIDE = ("oddHeader", "oddFooter", "evenHeader", "evenFooter", "firstHeader", "firstFooter", "annotation")


def _beside_cells(part: str, content: bytes) -> Iterator[str]:
    """The words of a part of a workbook that stand in no cell: properties, comments, heads and feet of sheets, and
    texts that are kept although no cell shows them.
    """
    root = ElementTree.fromstring(content)
    if part.startswith("docProps/") or "comments" in part or part.endswith("meta.xml"):
        yield from (element.text or "" for element in root.iter() if element.tag.partition("}")[2] not in OF_PROGRAM)
    for element in root.iter():
        if element.tag.endswith("}si") or element.tag.partition("}")[2] in SAID_BESIDE:
            yield "".join(element.itertext())


def _written(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell)


def _read_svg(content: bytes, place: str, contents: Contents) -> None:
    anchor = place.split(",", maxsplit=1)[0]
    drawing = read_svg(content.decode("utf-8-sig"))
    where = f"{place} words".strip()
    contents.words += [Words(contents.file, where, text, anchor) for text in drawing.words]
    contents.words += [Words(contents.file, f"{place} metadata".strip(), text, bare=True) for text in drawing.metadata]
    contents.drawn.append(Drawn(contents.file, anchor, drawing))


def _read_png(content: bytes, place: str, contents: Contents) -> None:
    contents.unread_pictures += 1
    texts = [text for text in png_texts(content) if not text.startswith(PNG_MADE_WITH)]
    contents.words += [Words(contents.file, f"{place} metadata".strip(), text, bare=True) for text in texts]


def _read_text(content: bytes, place: str, contents: Contents) -> None:
    for number, line in enumerate(content.decode("utf-8-sig").splitlines(), 1):
        contents.words.append(Words(contents.file, f"{place} line {number}".strip(), line))


READERS: dict[str, Callable[[bytes, str, Contents], None]] = {
    ".html": _read_html,
    ".htm": _read_html,
    ".csv": _read_csv,
    ".json": _read_json,
    ".xlsx": _read_sheets,
    ".ods": _read_sheets,
    ".svg": _read_svg,
    ".png": _read_png,
    ".txt": _read_text,
    ".md": _read_text,
}
"""A reader for each ending of a name; a name without one, such as that of a lock, is read as text."""
