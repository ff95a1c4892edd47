"""What git would store holds no record of a child: files in the wrong place, identifiers, results of notebooks.

A finding names file, line and rule, and never what was found. It is run on the working tree by `make check`, so before
each commit, and on what is staged by `needs-assessment guard --staged`.
"""

from __future__ import annotations

import csv
import json
import re
import subprocess
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from needs_assessment.identifiers import (
    IDENTIFIER_COLUMNS,
    INSURANCE_NUMBER,
    MADE_UP,
    POSTCODE,
    WITH_CHECK_DIGIT,
    Identifier,
)

DATA_FOLDERS = ("data/published/", "data/synthetic/", "needs_assessment/geography/", "tests/")
NEVER_STORED = ("data/private/", "reports/")
BUT_FOR = ("data/private/README.md", "reports/README.md")
RECORDS = {".arrow", ".csv", ".feather", ".geojson", ".gpkg", ".jsonl", ".parquet", ".pickle", ".pkl", ".tsv", ".xml"}
DATABASES = {".accdb", ".db", ".dta", ".duckdb", ".mdb", ".rds", ".sav", ".sqlite"}
OFFICE_FILES = {".doc", ".docx", ".eml", ".msg", ".ods", ".odt", ".pdf", ".pptx", ".xls", ".xlsb", ".xlsm", ".xlsx"}
ARCHIVES = {".7z", ".gz", ".tar", ".tgz", ".zip"}
PAGES = {".html"}
MAY_HOLD_DATA = RECORDS | DATABASES | OFFICE_FILES | ARCHIVES | PAGES
TABLES = {".csv", ".geojson", ".ipynb", ".json", ".jsonl", ".tsv", ".txt", ".xml"}
"""Files of text in which a postcode is a place in a record; in prose it may be a publisher's address."""

IMAGES = {".png": b"\x89PNG\r\n\x1a\n", ".jpg": b"\xff\xd8\xff", ".jpeg": b"\xff\xd8\xff"}
"""The files that may be stored although they are not text, with their first bytes: a renamed workbook has others."""

WITH_RESULTS = ("notebooks/double_counting.ipynb", "notebooks/explore.ipynb", "notebooks/risk_movement.ipynb")
"""Read published and synthetic data only; the tests compare their results."""
MADE_BY_SIMULATION = ("docs/simulations.csv",)
"""A table that may be stored outside the folders for data: it counts trials on random numbers."""
MOST_BYTES = 1_048_576
MAY_BE_LARGE = re.compile(r"requirements\.lock|docs/[^/]+\.(?:png|jpe?g)")


@dataclass(frozen=True, order=True)
class Finding:
    """A rule that a file breaks; `line` is 0 where it is about the file as a whole. What was found is not kept."""

    file: str
    line: int
    rule: str

    def __str__(self) -> str:
        return f"{self.file}{f', line {self.line}' if self.line else ''}: {self.rule}"


class NoCheckoutError(Exception):
    """A folder that is in no git checkout, so that nothing can be stored from it."""


# What git would store


def stored_files(project: Path) -> list[str]:
    """Files that are committed, or that `git add .` would add: one slip away from being committed."""
    return _listed(project, "ls-files", "-z", "--cached", "--others", "--exclude-standard")


def staged_files(project: Path) -> list[str]:
    """Files that the next commit adds or changes."""
    return _listed(project, "diff", "--cached", "--name-only", "--relative", "--diff-filter=d", "-z")


def findings_in_folder(project: Path) -> list[Finding]:
    """What is wrong with the files that git would store, as they stand in the folder. Raises NoCheckoutError."""
    return findings(stored_files(project), lambda name: file_content(project / name))


def findings_staged(project: Path) -> list[Finding]:
    """What is wrong with the next commit, as it is staged: the folder may hold something else. Raises NoCheckoutError.

    Called within a hook, it looks at what that commit takes, as with `git commit --all`.
    """
    return findings(staged_files(project), lambda name: _git(project, "cat-file", "-p", f":./{name}"))


def file_content(path: Path) -> bytes:
    """The bytes that git would store of a file: of a link, where it leads; none where the file is gone."""
    if path.is_symlink():
        return str(path.readlink()).encode()
    return path.read_bytes() if path.is_file() else b""


def _listed(project: Path, *command: str) -> list[str]:
    return sorted({name for name in _git(project, *command).decode("utf-8", "replace").split("\0") if name})


def _git(project: Path, *command: str) -> bytes:
    try:
        return subprocess.run(["git", "-C", str(project), *command], check=True, capture_output=True).stdout
    except (FileNotFoundError, subprocess.CalledProcessError) as error:
        raise NoCheckoutError(f"{project} is in no git checkout, or git cannot read it") from error


# What may not be stored


def findings(names: Iterable[str], content: Callable[[str], bytes]) -> list[Finding]:
    """Every broken rule of the files, sorted; `content` gives the bytes of a file by its name in the project."""
    return sorted({finding for name in names for finding in _findings_of(name, content(name))})


def _findings_of(name: str, stored: bytes) -> Iterator[Finding]:
    shown = _without_identifiers(name)
    for line, rule in _broken_rules(name, stored):
        yield Finding(shown, line, rule)


def _broken_rules(name: str, stored: bytes) -> Iterator[tuple[int, str]]:
    """The line, or 0, and the rule."""
    if never_stored(name):
        yield 0, "is never stored: git ignores this folder, and the file was added by force"
    elif misplaced([name]):
        yield 0, f"may hold data, which is stored only in {', '.join(DATA_FOLDERS)}: move it to data/private or reports"
    if len(stored) > MOST_BYTES and not MAY_BE_LARGE.fullmatch(name):
        yield 0, f"is larger than {MOST_BYTES:,} bytes"
    if _without_identifiers(name) != name:
        yield 0, "has a name that holds an identifier of a person"
    text = _text(stored)
    if text is not None:
        yield from _rules_of_text(PurePosixPath(name), text)
    elif not stored.startswith(IMAGES.get(PurePosixPath(name).suffix.lower(), b"\0none")):
        yield 0, "is neither text nor an image, so that nobody can see what is in it: store tables as CSV"


def misplaced(names: Iterable[str]) -> list[str]:
    """Names of files that may hold data outside the folders for it, and of all files where none may be stored."""
    return [name for name in names if never_stored(name) or (may_hold_data(name) and not _is_a_place_for_it(name))]


def _is_a_place_for_it(name: str) -> bool:
    return name.startswith(DATA_FOLDERS) or name in MADE_BY_SIMULATION


def never_stored(name: str) -> bool:
    """Whether the file lies where nothing but the folder's own description is stored."""
    return name.startswith(NEVER_STORED) and name not in BUT_FOR


def may_hold_data(name: str) -> bool:
    """Whether the name's ending is one of tables, databases, office files, archives or pages."""
    return PurePosixPath(name).suffix.lower() in MAY_HOLD_DATA


def _text(stored: bytes) -> str | None:
    """The text of a file in UTF-8, UTF-16 or an older 8-bit code; None where it is no text."""
    if stored.startswith((b"\xff\xfe", b"\xfe\xff")):
        return stored.decode("utf-16", "replace")
    if b"\0" in stored:
        return None
    try:
        return stored.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None if any(stored.startswith(first) for first in IMAGES.values()) else stored.decode("latin-1")


def _rules_of_text(path: PurePosixPath, text: str) -> Iterator[tuple[int, str]]:
    suffix = path.suffix.lower()
    for identifier in _sought(suffix):
        for place in identifier.found(text):
            yield text.count("\n", 0, place) + 1, f"holds {identifier.name}"
    if suffix == ".ipynb":
        yield from _rules_of_notebook(text, with_results=str(path) in WITH_RESULTS)
    else:
        yield from (
            (line, "is a record of a single child that was not made up by the generator") for line in _records(text)
        )


def _sought(suffix: str) -> tuple[Identifier, ...]:
    return (*WITH_CHECK_DIGIT, INSURANCE_NUMBER, *([POSTCODE] if suffix in TABLES else []))


def _without_identifiers(name: str) -> str:
    """The file's name, with its digits as # where it holds an identifier."""
    words = re.sub(r"[/._]", " ", name)
    held = any(next(identifier.found(words), None) is not None for identifier in _sought(""))
    return re.sub("[0-9]", "#", name) if held else name


# Records of single children, whatever their file is called

_JSON_RECORD = re.compile(rf'"(?:{"|".join(IDENTIFIER_COLUMNS)})"\s*:\s*"([^"]*)"')


def _records(text: str) -> Iterator[int]:
    """The lines of records whose identifiers are not made up: rows below a heading of the evidence, or JSON."""
    heading, _, rows = text.partition("\n")
    separator = max(",;\t|", key=heading.count)
    names = [cell.strip().strip('"').lower() for cell in heading.split(separator)]
    places = [place for place, name in enumerate(names) if name in IDENTIFIER_COLUMNS]
    if len(names) > 1 and places:
        for line, row in enumerate(csv.reader(rows.splitlines(), delimiter=separator), start=2):
            if any(
                row[place].strip() and not MADE_UP.fullmatch(row[place].strip()) for place in places if place < len(row)
            ):
                yield line
    if heading.lstrip().startswith(("{", "[")):
        for match in _JSON_RECORD.finditer(text):
            if not MADE_UP.fullmatch(match[1]):
                yield text.count("\n", 0, match.start()) + 1


# Notebooks


def _rules_of_notebook(text: str, *, with_results: bool) -> Iterator[tuple[int, str]]:
    try:
        notebook = json.loads(text)
        run, pasted = cells_with_results(notebook), cells_with_attachments(notebook)
        executed = "papermill" in notebook.get("metadata", {})
    except (ValueError, KeyError, TypeError, AttributeError):
        yield 0, "cannot be read as a notebook"
        return
    if run and not with_results:
        yield 0, f"keeps results of cells {', '.join(map(str, run))} (from 0): clear all outputs"
    if pasted:
        yield 0, f"has pictures pasted into cells {', '.join(map(str, pasted))} (from 0)"
    if executed:
        yield 0, "was executed by papermill, and keeps what it was given"


def cells_with_results(notebook: dict[str, Any]) -> list[int]:
    """Positions of the cells that keep what they printed or drew, or that say they have been run."""
    cells = enumerate(notebook["cells"])
    return [position for position, cell in cells if cell.get("outputs") or cell.get("execution_count")]


def cells_with_attachments(notebook: dict[str, Any]) -> list[int]:
    """Positions of the cells into which a picture was pasted, which may be one of a record."""
    return [position for position, cell in enumerate(notebook["cells"]) if cell.get("attachments")]
