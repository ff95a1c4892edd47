"""Reads folders of tables into Evidence: validated and typed once, so that nothing later parses again."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pandera.errors
import pandera.pandas as pa

from needs_assessment.evidence.contracts import CONTRACTS, REQUIRED_TABLES, sensitive_tables
from needs_assessment.evidence.faults import EvidenceError, Fault, listed
from needs_assessment.evidence.parsing import FIRST_ROW, parse_table, rows_of
from needs_assessment.evidence.places import contradictions, one_row_each
from needs_assessment.evidence.pseudonyms import misplaced_identifiers, pseudonymised
from needs_assessment.vocabulary import AreaType

SUFFIXES = (".csv", ".parquet")


@dataclass(frozen=True)
class Evidence:
    """Validated tables by name. A table that was not supplied is there, with its columns and no rows.

    Identifiers of people, referrals, offences, events and groups are pseudonyms (see `evidence.pseudonyms`).
    `files` maps each file that was read to the SHA-256 of its bytes. `closed` are those of them that state anything of
    a source that is neither public nor made up.
    """

    tables: Mapping[str, pd.DataFrame]
    files: Mapping[str, str]
    closed: frozenset[str] = frozenset()

    def __getitem__(self, table: str) -> pd.DataFrame:
        return self.tables[table].copy()

    def supplied(self, table: str) -> bool:
        """Whether the evidence has any row of the table."""
        return len(self.tables[table]) > 0


def read_evidence(*folders: Path | str, required: Sequence[str] = REQUIRED_TABLES) -> Evidence:
    """The evidence of one or more folders, their tables stacked; an area that several describe has one row.

    Each folder holds `<table>.csv` or `<table>.parquet` files named after the contracts; folders inside it are read
    too. `required` are the tables that must be there. Raises EvidenceError that lists every fault of every table at
    once.
    """
    faults: list[Fault] = []
    files: dict[str, str] = {}
    parts: list[Part] = []
    for path in _table_files(folders, faults):
        part, found = _read_table(path)
        faults += found
        parts.append(part)
        file = f"{part.label}{path.suffix}"
        faults += [Fault(part.label, "stands in two folders of one name; rename one of them")] if file in files else []
        files[file] = hashlib.sha256(path.read_bytes()).hexdigest()
    faults += [Fault(name, "is required, and no file of it was found") for name in required if not _of(parts, name)]
    faults += _faults_between(parts)
    if faults:
        raise EvidenceError(faults)
    tables = {name: _stacked(name, _of(parts, name)) for name in CONTRACTS}
    closed = frozenset(file for file, part in zip(files, parts, strict=True) if _is_closed(part, tables["sources"]))
    return Evidence(tables | {"areas": one_row_each(tables["areas"])}, files, closed)


def _is_closed(part: Part, sources: pd.DataFrame) -> bool:
    closed = sources.loc[~sources["public"] & ~sources["synthetic"], "source_id"]
    return "source_id" in part.table and bool(part.table["source_id"].isin(closed).any())


@dataclass(frozen=True, eq=False)
class Part:
    """One file's share of a table. `label` names the file in faults: its folder and its table.

    A file that could not be read, or lacks columns, is not `sound` and has no rows.
    """

    name: str
    label: str
    table: pd.DataFrame
    sound: bool = True


class UnreadableError(Exception):
    """A file that cannot be read; the message holds no content of the file."""


def _of(parts: Sequence[Part], name: str) -> list[Part]:
    return [part for part in parts if part.name == name]


def _table_files(folders: Sequence[Path | str], faults: list[Fault]) -> list[Path]:
    found = []
    for folder in map(Path, folders):
        if not folder.is_dir():
            faults.append(Fault(str(folder), "is not a folder of evidence tables"))
            continue
        tables = [path for path in sorted(folder.rglob("*")) if path.suffix.lower() in SUFFIXES]
        found += [path for path in tables if path.stem in CONTRACTS]
        unknown = [path for path in tables if path.stem not in CONTRACTS]
        faults += [
            Fault(_label(path), f"is no evidence table; the tables are: {', '.join(CONTRACTS)}") for path in unknown
        ]
    return found


def _label(path: Path) -> str:
    return f"{path.resolve().parent.name}/{path.stem}"


def _read_table(path: Path) -> tuple[Part, list[Fault]]:
    contract, label = CONTRACTS[path.stem], _label(path)
    nothing = Part(path.stem, label, _empty(path.stem), sound=False)
    try:
        words = _words(path)
    except UnreadableError as error:
        return nothing, [Fault(label, str(error))]
    shape_faults = _shape_faults(words, label, list(contract.columns))
    if shape_faults:
        return nothing, shape_faults
    misplaced = [
        Fault(label, rule, column, tuple(int(place) + FIRST_ROW for place in places))
        for rule, column, places in misplaced_identifiers(path.stem, words)
    ]
    # From here on nothing holds an identifier as the local system writes it.
    words = pseudonymised(words) if path.stem in sensitive_tables() else words
    table, faults = parse_table(words, label, _kinds(contract))
    # A cell that did not parse has been named once; its row is not accused again of being blank.
    unparsed = {fault.column: set(fault.rows) for fault in faults}
    return Part(path.stem, label, table), misplaced + faults + _broken_rules(table, label, contract, unparsed)


def _kinds(contract: pa.DataFrameSchema) -> dict[str, str]:
    return {name: (column.metadata or {})["kind"] for name, column in contract.columns.items()}


def _words(path: Path) -> pd.DataFrame:
    try:
        return _csv_words(path) if path.suffix.lower() == ".csv" else _parquet_words(path)
    except UnicodeDecodeError as error:
        raise UnreadableError("is not UTF-8 text; save it as CSV UTF-8") from error
    except (csv.Error, ValueError, TypeError, OSError, NotImplementedError) as error:
        # The library's own message may quote a cell, so only its kind is passed on.
        raise UnreadableError(f"cannot be read as {path.suffix[1:]} ({type(error).__name__})") from error


def _parquet_words(path: Path) -> pd.DataFrame:
    # Rows are named by their place, so an index that was stored with the table is let go.
    return pd.read_parquet(path).reset_index(drop=True).astype("string")


def _csv_words(path: Path) -> pd.DataFrame:
    with path.open(encoding="utf-8-sig", newline="") as file:
        records = list(csv.reader(file, strict=True))
    if not records:
        raise UnreadableError("is an empty file")
    header = [name.strip() for name in records[0]]
    ragged = tuple(row for row, record in enumerate(records, start=1) if record and len(record) != len(header))
    if ragged:
        raise UnreadableError(f"must have the {len(header)} cells of its header in each row (row {listed(ragged)})")
    blank = tuple(row for row, record in enumerate(records, start=1) if not any(map(str.strip, record)))
    if blank:
        raise UnreadableError(f"must not have blank rows (row {listed(blank)})")
    return pd.DataFrame(records[1:], columns=header, dtype="string")


def _shape_faults(words: pd.DataFrame, label: str, expected: list[str]) -> list[Fault]:
    found = list(words.columns)
    missing = [f"the column {name} is missing" for name in expected if name not in found]
    # An unknown heading is named by its place only: in a file without a header it is a child's data.
    unknown = [
        f"its column number {place} is not in the contract"
        for place, name in enumerate(found, 1)
        if name not in expected
    ]
    repeated = [f"the column {name} stands more than once" for name in expected if found.count(name) > 1]
    empty = ["has no rows; leave the file out where nothing is supplied"] if len(words) == 0 else []
    return [Fault(label, rule) for rule in missing + unknown + repeated + empty]


def _broken_rules(
    table: pd.DataFrame, label: str, contract: pa.DataFrameSchema, unparsed: dict[str, set[int]]
) -> list[Fault]:
    repeated = table.duplicated(_key(contract), keep=False)
    faults = _key_faults(label, contract, repeated)
    try:
        contract.validate(table, lazy=True)
    except pandera.errors.SchemaErrors as errors:
        cases = errors.failure_cases
        columns = cases["column"].where(cases["schema_context"] == "Column", "").astype(str)
        for (column, rule), group in cases.groupby([columns, cases["check"].astype(str)], sort=False):
            rows = {int(index) + FIRST_ROW for index in group["index"].dropna()} - unparsed.get(column, set())
            if rows:
                faults.append(Fault(label, _IN_PLAIN_WORDS.get(rule, rule), column, tuple(sorted(rows))))
    return faults


_IN_PLAIN_WORDS = {"not_nullable": "must not be blank"}


def _key(contract: pa.DataFrameSchema) -> list[str]:
    return list((contract.metadata or {})["key"])


def _key_faults(label: str, contract: pa.DataFrameSchema, repeated: pd.Series) -> list[Fault]:
    rule = f"rows must differ in {', '.join(_key(contract))}"
    return [Fault(label, rule, "", rows_of(repeated))] if repeated.any() else []


def _faults_between(parts: Sequence[Part]) -> list[Fault]:
    """Faults that no single file shows: keys repeated between files, names that point nowhere, children in a public
    source.
    """
    faults = []
    sources = _stacked("sources", _of(parts, "sources"))
    public = set(sources.loc[sources["public"].fillna(False), "source_id"])
    for part in parts:
        faults += _repeated_between(part, _of(parts, part.name))
        faults += _lost_references(part, parts)
        if part.name == "service_areas":
            faults += _not_local_authorities(part, _stacked("areas", _of(parts, "areas")))
        if part.name in sensitive_tables():
            open_rows = part.table["source_id"].isin(public)
            rule = "records of single children cannot come from a source that is marked public"
            faults += [Fault(part.label, rule, "source_id", rows_of(open_rows))] if open_rows.any() else []
    return faults


def _not_local_authorities(part: Part, areas: pd.DataFrame) -> list[Fault]:
    """A row for a whole force would cover no authority, and its services would be missing without a word."""
    others = areas.loc[areas["area_type"].ne(AreaType.LOCAL_AUTHORITY), "area_code"]
    wider = part.table["area_code"].isin(others)
    rule = "must be a local authority: a service of a whole force has a row for each"
    return [Fault(part.label, rule, "area_code", rows_of(wider))] if wider.any() else []


def _repeated_between(part: Part, parts: Sequence[Part]) -> list[Fault]:
    if len(parts) == 1:
        return []
    if part.name == "areas":
        # Several folders may describe one area, each with what it knows, as long as they agree.
        earlier = parts[: parts.index(part)]
        return contradictions(part.table, _stacked("areas", earlier), part.label) if earlier else []
    contract = CONTRACTS[part.name]
    keys = pd.concat([other.table[_key(contract)] for other in parts], keys=range(len(parts)))
    repeated = keys.duplicated(keep=False).xs(parts.index(part), level=0)
    return _key_faults(part.label, contract, repeated)


def _lost_references(part: Part, parts: Sequence[Part]) -> list[Fault]:
    faults = []
    for columns, target, target_columns in _REFERENCES:
        named = _of(parts, target)
        # Names are not looked up in a table that has a fault of its own: it is absent, unreadable or lacks columns.
        known_in_full = all(one.sound for one in named) and (named or target not in REQUIRED_TABLES)
        if known_in_full and set(columns) <= set(part.table.columns):
            known = pd.MultiIndex.from_frame(_stacked(target, named)[target_columns])
            cells = part.table[columns]
            lost = cells.notna().all(axis=1) & ~pd.MultiIndex.from_frame(cells).isin(known)
            rule = f"must be in the table {target}"
            faults += [Fault(part.label, rule, ", ".join(columns), rows_of(lost))] if lost.any() else []
    return faults


_REFERENCES = [
    (["source_id"], "sources", ["source_id"]),
    (["area_code"], "areas", ["area_code"]),
    (["residence_area_code"], "areas", ["area_code"]),
    (["successor_code"], "areas", ["area_code"]),
    (["neighbour_code"], "areas", ["area_code"]),
    (["partnership_code"], "areas", ["area_code"]),
    (["service_id"], "services", ["service_id"]),
    (["service_id", "site_id"], "service_sites", ["service_id", "site_id"]),
    # A level that its scheme does not list would be counted nowhere.
    (["scheme", "risk_level"], "risk_schemes", ["scheme", "risk_level"]),
    (["from_scheme", "from_level"], "risk_schemes", ["scheme", "risk_level"]),
    (["to_scheme", "to_level"], "risk_schemes", ["scheme", "risk_level"]),
]


def _stacked(name: str, parts: Sequence[Part]) -> pd.DataFrame:
    return pd.concat([part.table for part in parts], ignore_index=True) if parts else _empty(name)


def _empty(name: str) -> pd.DataFrame:
    nothing = pd.DataFrame(columns=list(CONTRACTS[name].columns), dtype="string")
    return parse_table(nothing, name, _kinds(CONTRACTS[name]))[0]


def children_in(evidence: Evidence) -> bool:
    """Whether the evidence holds records of single children."""
    return any(evidence.supplied(table) for table in sensitive_tables())
