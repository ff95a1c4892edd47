"""Publishers' files into a folder of evidence: recognised, read, checked whole, and written whole or not at all."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from needs_assessment.evidence import CONTRACTS, EvidenceError, Fault, read_evidence, sensitive_tables
from needs_assessment.evidence.folders import close, make_private_folder, put_in_place
from needs_assessment.evidence.pseudonyms import misplaced_identifiers, pseudonymised
from needs_assessment.sources.files import SourceFile, check_unchanged, open_file
from needs_assessment.sources.notes import Coercion, Notes, RefusedError
from needs_assessment.sources.places import gathered
from needs_assessment.sources.readers import READERS
from needs_assessment.sources.registry import Reader, Tables, recognised
from needs_assessment.sources.report import REPORT_FILE, REPORT_TITLE, files_in, report_of

SIDECARS = {".dbf", ".shx", ".prj", ".cpg", ".qmd", ".sbn", ".sbx", ".qix"}
"""Parts of a shapefile beside its `.shp`: they are read with it."""


@dataclass(frozen=True)
class ImportedFile:
    """A file of an import: what it was recognised as (blank where it was left out), and what was done to it."""

    notes: Notes
    title: str = ""
    left_out: str = ""
    rows: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Import:
    """A finished import: its evidence tables, and each file with its notes."""

    tables: dict[str, pd.DataFrame]
    files: tuple[ImportedFile, ...]


Tell = Callable[[str], None]
"""What is called with a line of progress for each file."""


def silent(words: str) -> None:
    """Tells nobody."""


def import_files(
    paths: Sequence[Path | str], to: Path | str, *, known_areas: pd.DataFrame | None = None, tell: Tell = silent
) -> Import:
    """The evidence of publishers' files, written to the folder `to` with a report of what was done to each.

    `paths` are files and folders; folders are searched whole. A file that is named and not recognised is a fault; one
    that only stands in a named folder is left out, and the report says why. `to` is made anew: it may be absent, empty
    or an earlier import. `known_areas` are areas (as the evidence table) that files may name without describing them.

    Raises EvidenceError that lists every fault of every file at once, and FileExistsError where `to` holds anything but
    an import; nothing has been written then.
    """
    folder = Path(to)
    _refuse_to_replace_others(folder)
    made = read_files(paths, known_areas=known_areas, tell=tell)
    _tell_of_replaced(folder, made, tell)
    tell("Checking the evidence as a whole")
    private = bool(sensitive_tables_of(made))
    make_private_folder(folder.parent) if private else folder.parent.mkdir(parents=True, exist_ok=True)
    # Nobody else reads a temporary folder, whatever is written into it.
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as beside:
        new = Path(beside) / folder.name
        new.mkdir(mode=0o755)
        _write(made, new)
        read_evidence(new, required=("sources", "areas"))
        if private:
            close(new)
        put_in_place(new, folder, Path(beside) / "old")
    return made


def read_files(paths: Sequence[Path | str], *, known_areas: pd.DataFrame | None = None, tell: Tell = silent) -> Import:
    """The evidence tables of publishers' files, without writing anything; see `import_files`."""
    known = pd.DataFrame() if known_areas is None else known_areas
    opened, files = _opened(_found(paths), tell)
    first = [(file, reader, notes) for file, reader, notes in opened if not reader.needs_areas]
    second = [(file, reader, notes) for file, reader, notes in opened if reader.needs_areas]
    nowhere = pd.DataFrame(columns=list(CONTRACTS["areas"].columns))
    read = [_read(file, reader, notes, nowhere, tell) for file, reader, notes in first]
    if not opened and not any(one.notes.faults for one in files):
        raise EvidenceError([Fault("import", "no file that this project reads was found")])
    own_faults = [one.notes for one, _ in read] + [one.notes for one in files]
    areas = _areas_or_faults([tables for _, tables in read], known, own_faults)
    read += [_read(file, reader, notes, areas, tell) for file, reader, notes in second]
    _raise_faults(own_faults + [notes for _, _, notes in second])
    parts = [tables for _, tables in read]
    stacked = {name: _stacked(name, parts, read) for name in CONTRACTS if name != "areas"}
    areas = _areas(parts, known) if second else areas
    tables = {"areas": areas} | {name: table for name, table in stacked.items() if len(table)}
    return Import(tables, tuple(one for one, _ in read) + tuple(files))


def sensitive_tables_of(made: Import) -> list[str]:
    """The tables of an import that hold records of single children, and those of sources that are not public."""
    private = not made.tables["sources"]["public"].all()
    return [name for name in made.tables if name in sensitive_tables()] or (["observations"] if private else [])


def _found(paths: Sequence[Path | str]) -> dict[Path, bool]:
    """Each file, and whether it was named itself. An earlier import in a searched folder is no publisher's file."""
    found: dict[Path, bool] = {}
    for path in map(Path, paths):
        if path.is_dir():
            inside = sorted(one for one in path.rglob("*") if one.is_file() and not one.name.startswith("."))
            inside = [one for one in inside if not _is_import(one.parent)]
            found |= {one: False for one in inside if one.suffix.lower() not in SIDECARS and one not in found}
        else:
            found[path] = True
    return found


Opened = tuple[SourceFile, Reader, Notes]


def _opened(found: dict[Path, bool], tell: Tell) -> tuple[list[Opened], list[ImportedFile]]:
    opened: list[Opened] = []
    left_out: list[ImportedFile] = []
    hashes: dict[str, str] = {}
    for path, named in found.items():
        notes = Notes(path.name)
        try:
            file = open_file(path, notes)
            if file.sha256 in hashes:
                raise RefusedError(f"is the same file as {hashes[file.sha256]}")
            opened.append((file, recognised(file, READERS), notes))
            hashes[file.sha256] = path.name
        except RefusedError as refusal:
            tell(f"{path.name}: left out, {refusal}")
            if named and not str(refusal).startswith("is the same file"):
                notes.fault(str(refusal))
            left_out.append(ImportedFile(notes, left_out=str(refusal)))
    return opened, left_out


def _read(
    file: SourceFile, reader: Reader, notes: Notes, areas: pd.DataFrame, tell: Tell
) -> tuple[ImportedFile, Tables]:
    tell(f"{file.name}: {reader.title}")
    try:
        tables = _without_identifiers(reader.read(file, notes, areas), notes)
        # Maps and XML are read a second time, from the disk.
        check_unchanged(file)
    except RefusedError as refusal:
        notes.fault(str(refusal))
        tables = {}
    rows = {name: len(table) for name, table in tables.items()}
    return ImportedFile(notes, reader.title, rows=rows), tables


def _without_identifiers(tables: Tables, notes: Notes) -> Tables:
    """The tables with pseudonyms; faults where they hold what identifies a person anywhere, such as a postcode."""
    sensitive = {name: table for name, table in tables.items() if name in sensitive_tables()}
    for name, table in sensitive.items():
        for rule, column, places in misplaced_identifiers(name, table):
            notes.fault(rule, column, table.index[places])
        notes.remark(f"identifiers in {name} were replaced by pseudonyms")
    return {**tables, **{name: pseudonymised(table) for name, table in sensitive.items()}}


def _areas(parts: Iterable[Tables], known: pd.DataFrame) -> pd.DataFrame:
    parts = list(parts)
    districts = [tables["districts"] for tables in parts if "districts" in tables]
    columns = list(CONTRACTS["districts"].columns)
    stacked = pd.concat([table.reindex(columns=columns) for table in districts]) if districts else pd.DataFrame()
    return gathered([*(tables["areas"] for tables in parts if "areas" in tables), known], stacked)


def _areas_or_faults(parts: list[Tables], known: pd.DataFrame, notes: Iterable[Notes]) -> pd.DataFrame:
    """The areas. Where files contradict one another on them, the error lists the files' own faults too."""
    try:
        return _areas(parts, known)
    except EvidenceError as error:
        raise EvidenceError([*(fault for one in notes for fault in one.faults), *error.faults]) from error


def _stacked(name: str, parts: list[Tables], read: list[tuple[ImportedFile, Tables]]) -> pd.DataFrame:
    """The rows of all files under the contract's columns. A row that repeats another exactly is kept once."""
    columns = list(CONTRACTS[name].columns)
    rows = [(one, tables[name].reindex(columns=columns)) for one, tables in read if name in tables]
    if not rows:
        return pd.DataFrame(columns=columns)
    for one, table in rows:
        one.notes.count(Coercion.REPEATED_ROW, name, int(table.duplicated().sum()))
    table = pd.concat([table for _, table in rows if len(table)], ignore_index=True)
    return table.drop_duplicates(ignore_index=True)


def _raise_faults(notes: Iterable[Notes]) -> None:
    faults: list[Fault] = [fault for one in notes for fault in one.faults]
    if faults:
        raise EvidenceError(faults)


def _write(made: Import, folder: Path) -> None:
    for name, table in made.tables.items():
        words = _as_words(table).to_csv(index=False, lineterminator="\n", date_format="%Y-%m-%d")
        (folder / f"{name}.csv").write_text(words, encoding="utf-8", newline="")
    (folder / REPORT_FILE).write_text(report_of(made.files), encoding="utf-8", newline="")


def _as_words(table: pd.DataFrame) -> pd.DataFrame:
    yes_no = {
        name: table[name].map({True: "true", False: "false"}) for name in ("public", "synthetic") if name in table
    }
    return table.assign(**yes_no)


def _refuse_to_replace_others(folder: Path) -> None:
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    if not _is_import(folder):
        raise FileExistsError(f"{folder} holds something other than an import and is left as it is: name a new folder")


def _tell_of_replaced(folder: Path, made: Import, tell: Tell) -> None:
    """Says which files of the import that is replaced are not among the new ones: their evidence is gone with it."""
    if _is_import(folder):
        earlier = files_in((folder / REPORT_FILE).read_text(encoding="utf-8"))
        gone = [name for name in earlier if name not in {one.notes.name for one in made.files if one.title}]
        if gone:
            tell(f"The earlier import in {folder.name} is replaced; no longer there: {', '.join(gone)}")


def _is_import(folder: Path) -> bool:
    report = folder / REPORT_FILE
    return report.is_file() and report.read_bytes().startswith(REPORT_TITLE.encode())
