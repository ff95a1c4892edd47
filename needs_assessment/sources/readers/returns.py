"""Returns as tables (CSV or XLSX): what an analyst fills in or a provider sends.

They hold records of single children, so a fault names a column and rows, and never a cell, nor a heading that no
contract has.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd

from needs_assessment.evidence import CONTRACTS, OUTSIDE
from needs_assessment.evidence.contracts import AREA_CODE_PATTERN
from needs_assessment.evidence.parsing import parse_column, tidy_words
from needs_assessment.geography import resolve_names
from needs_assessment.sources import coercion
from needs_assessment.sources.describing import returned_source
from needs_assessment.sources.files import SourceFile
from needs_assessment.sources.notes import Coercion, Notes, RefusedError
from needs_assessment.sources.registry import Reader, Tables
from needs_assessment.sources.tables import missing_headings, table_with, without_repeats
from needs_assessment.vocabulary import AreaType, ExploitationType

TABLES = (
    "referrals",
    "risk_reviews",
    "service_returns",
    "services",
    "service_areas",
    "risk_schemes",
    "risk_crosswalk",
    "risk_snapshots",
    "breaks",
    "funding",
)
"""The evidence tables that an analyst fills in. A workbook may hold several, each in a sheet of its own."""

SOURCE_ID = "source_id"
OF_AUTHORITIES = {"referrals", "risk_reviews", "service_areas"}
"""Tables whose areas are local authorities: there "Derbyshire" is the authority and not the police force area."""

SPELLINGS: dict[str, dict[str, str]] = {
    "exploitation_type": {
        "child sexual exploitation": ExploitationType.CSE,
        "sexual exploitation": ExploitationType.CSE,
        "child criminal exploitation": ExploitationType.CCE,
        "criminal exploitation": ExploitationType.CCE,
    },
    "sex": {"f": "female", "girl": "female", "m": "male", "boy": "male"}
    | dict.fromkeys(("other", "unknown", "not known", "not recorded", "u"), "another or not recorded"),
}
"""Words of people for words of the contracts, in lower case."""

_OUTSIDE = (OUTSIDE, "out of area")
_DATED = ("referred_on", "reviewed_on", "as_at", "period_end")
_TOTAL = r"(?:grand )?totals?"


def filled_columns(name: str) -> dict[str, Any]:
    """The columns of an evidence table that a return has, with their schemas: all but the source, which is the file."""
    return {column: schema for column, schema in CONTRACTS[name].columns.items() if column != SOURCE_ID}


def headings(name: str) -> tuple[str, ...]:
    """The headings by which a return of the table is recognised: its columns that may not be blank."""
    return tuple(column for column, schema in filled_columns(name).items() if not schema.nullable)


def allowed_words(schema: Any) -> list[str]:
    """The closed list of words of a column; none where any word may stand."""
    listed = [check.statistics["allowed_values"] for check in schema.checks if check.name == "isin"]
    return [str(word) for words in listed for word in words]


def read_returns(file: SourceFile, notes: Notes, areas: pd.DataFrame) -> Tables:
    """The evidence tables that the file holds, and their source, which is not public.

    Areas are codes or names; dates, numbers, yes and no as people write them. A sheet without rows gives no table.
    """
    file = _without_empty_sheets(file)
    names = [name for name in TABLES if not missing_headings(file, headings(name))]
    if not names:
        raise RefusedError("has headings of a return, but no row below them")
    filled = {name: _read_noting(file, name, notes, areas) for name in names}
    source_id = f"return_{names[0] if len(names) == 1 else 'tables'}_{file.sha256[:8]}"
    title = f"Return: {', '.join(names).replace('_', ' ')}"
    days = [table[column].max() for table in filled.values() for column in _DATED if column in table]
    latest = max((day.date() for day in days if not pd.isna(day)), default=None)
    source = returned_source(file, source_id, title, "not stated by the return", data_to=latest)
    return {"sources": source} | {name: table.assign(source_id=source_id) for name, table in filled.items()}


def _without_empty_sheets(file: SourceFile) -> SourceFile:
    """The file without the sheets that hold headings and nothing else, as most sheets of a template do."""
    filled = [sheet for sheet in file.sheets if sum(any(cell.strip() for cell in row) for row in sheet.rows) > 1]
    return replace(file, sheets=tuple(filled))


def _read_noting(file: SourceFile, name: str, notes: Notes, areas: pd.DataFrame) -> pd.DataFrame:
    """The table, with its name in faults where it is one of several sheets: rows alone would not tell which."""
    own = Notes(notes.name)
    table = _read(file, name, own, areas)
    notes.absorb(own, name if len(file.sheets) > 1 else "")
    return table


def _read(file: SourceFile, name: str, notes: Notes, areas: pd.DataFrame) -> pd.DataFrame:
    cells = table_with(file, headings(name), notes)
    columns = filled_columns(name)
    if SOURCE_ID in cells:
        notes.fault("is evidence already, and names its source: put it in a folder of evidence", SOURCE_ID)
    others = len(set(cells.columns) - {*columns, SOURCE_ID})
    if others:
        notes.remark(f"headings that the table {name} does not have, columns left out: {others}")
    cells = _without_totals(without_repeats(cells, notes), columns, notes)
    cells = cells.reindex(columns=list(columns)).astype("string")
    before = len(notes.faults)
    kind = AreaType.LOCAL_AUTHORITY if name in OF_AUTHORITIES else None
    typed = {
        column: area_codes(cells[column], not schema.nullable, (areas, kind), notes)
        if column.endswith("area_code")
        else _typed(cells[column], schema, notes)
        for column, schema in columns.items()
    }
    table = pd.DataFrame(typed, index=cells.index)
    _check_columns(table, columns, notes)
    if len(notes.faults) == before:
        _check_rows(table, name, notes)
    return table


def _typed(cells: pd.Series, schema: Any, notes: Notes) -> pd.Series:
    kind, required = schema.metadata["kind"], not schema.nullable
    words = allowed_words(schema)
    if words:
        return coercion.one_of(_in_the_words_of_the_contract(cells, notes), words, notes, required=required)
    if kind == "yes_no":
        return coercion.yes_no(cells.str.upper(), notes, required=required)
    read: dict[str, Callable[..., pd.Series]] = {
        "text": coercion.words,
        "day": coercion.days,
        "whole": coercion.whole,
        "number": coercion.number,
    }
    return read[kind](cells, notes, required=required)


def _in_the_words_of_the_contract(cells: pd.Series, notes: Notes) -> pd.Series:
    meant = cells.str.strip().str.lower().map(SPELLINGS.get(str(cells.name), {})).astype("string")
    notes.count(Coercion.NAME, str(cells.name), int(meant.notna().sum()))
    return meant.fillna(cells)


def area_codes(
    cells: pd.Series, required: bool, known: tuple[pd.DataFrame, AreaType | None], notes: Notes
) -> pd.Series:
    """The codes of areas written as codes or names. `known` are the areas, and the kind that the column speaks of.

    A fault where a name is of none of them, or of more than one.
    """
    areas, kind = known
    column = str(cells.name)
    written = coercion.words(cells, notes, required=required)
    codes = written.str.upper().where(written.str.fullmatch(AREA_CODE_PATTERN, case=False).fillna(False))
    if column == "home_area_code":
        codes = codes.mask(written.str.lower().isin(_OUTSIDE).fillna(False), OUTSIDE)
    names = written.mask(codes.notna())
    # Returns do not speak of community safety partnerships, which often have the name of an authority.
    areas = areas[areas["area_type"].ne(AreaType.COMMUNITY_SAFETY_PARTNERSHIP)]
    resolved = resolve_names(names, areas, kind)
    notes.count(Coercion.NAME, column, int(resolved.notna().sum()))
    unknown = names.index[names.notna() & resolved.isna()]
    if len(unknown):
        also = f", or `{OUTSIDE}`" if column == "home_area_code" else ""
        notes.fault(
            f"must be the code of an area, or the name of one area that the import knows{also}", column, unknown
        )
    return codes.fillna(resolved)


def _without_totals(cells: pd.DataFrame, columns: dict[str, Any], notes: Notes) -> pd.DataFrame:
    """The rows without those labelled as totals, which must be the sums of the others."""
    labelled = cells.apply(lambda column: column.str.strip().str.fullmatch(_TOTAL, case=False)).fillna(False)
    total = labelled.any(axis=1).astype(bool)
    if not total.any():
        return cells
    kinds = {column: schema.metadata["kind"] for column, schema in columns.items() if column in cells}
    numbers = pd.DataFrame(
        {
            column: parse_column(tidy_words(cells[column]), kind)[0].astype(float)
            for column, kind in kinds.items()
            if kind in {"whole", "number"}
        },
        index=cells.index,
    )
    sums = numbers[~total].sum()
    wrong = [row for row, stated in numbers[total].iterrows() if not _adds_up(stated.dropna(), sums)]
    if wrong:
        notes.fault("the row of a total must be the sum of the other rows, or be left out", rows=wrong)
    notes.count(Coercion.TOTAL_ROW, times=int(total.sum()))
    return cells[~total]


def _adds_up(stated: pd.Series, sums: pd.Series) -> bool:
    return len(stated) > 0 and all(math.isclose(stated[column], sums[column], abs_tol=1e-6) for column in stated.index)


def _check_columns(table: pd.DataFrame, columns: dict[str, Any], notes: Notes) -> None:
    for column, schema in columns.items():
        for check in schema.checks:
            _fault_where_broken(check(table[column].dropna()).check_output, str(check.error), column, notes)


def _check_rows(table: pd.DataFrame, name: str, notes: Notes) -> None:
    contract = CONTRACTS[name]
    for check in contract.checks:
        _fault_where_broken(check(table).check_output, str(check.error), "", notes)
    key = [column for column in (contract.metadata or {})["key"] if column != SOURCE_ID]
    _fault_where_broken(~table.duplicated(key, keep=False), f"rows must differ in {', '.join(key)}", "", notes)


def _fault_where_broken(kept: pd.Series, rule: str, column: str, notes: Notes) -> None:
    broken = kept.index[~kept.to_numpy(bool)]
    if len(broken):
        notes.fault(rule, column, broken)


READERS = tuple(
    Reader(f"Return in the layout of the template ({name})", read_returns, headings(name), needs_areas=True)
    for name in TABLES
)
