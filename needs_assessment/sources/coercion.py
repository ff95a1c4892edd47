"""Text of a publisher's file into typed columns: every change is counted, and what is not understood is a fault."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import pandas as pd

from needs_assessment.evidence.parsing import parse_column
from needs_assessment.sources.notes import Coercion, Notes
from needs_assessment.sources.tables import plain
from needs_assessment.vocabulary import MissingCode

SYMBOLS: dict[str, MissingCode] = {code.value: code for code in MissingCode} | {
    f"[{code.value}]": code for code in MissingCode
}
"""The symbols that stand for no number, in the Department for Education's form and in the government's newer one."""

# A hyphen or two dots have meant different things to different publishers, so a reader says what they mean to its own.

# `###` is what a spreadsheet shows, and some exports write, where a column is too narrow.
_FAILED_FORMULA = re.compile(r"#N/A|#[A-Z0-9/_ ]+[!?]|#GETTING_DATA|Err:[0-9]+|#+")
# No publisher begins a group of thousands with nought: `0,283` is a decimal comma. Of a count, `12.000` is either
# twelve or twelve thousand.
_UNCLEAR = {"whole": re.compile(r"-?0[0-9]*,.*|-?[0-9]{1,3}(\.[0-9]{3})+"), "number": re.compile(r"-?0[0-9]*,.*")}
_GROUPED = re.compile(r"-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")
_DAY_NUMBER = re.compile(r"[0-9]{5}")
_MIDNIGHT = re.compile(r"[ T]00:00(:00(\.0+)?)?Z?$")
FIRST_DAY_NUMBER, LAST_DAY_NUMBER = 14_611, 73_050
"""1 January 1940 and 31 December 2099 as Excel numbers days: others are no date of a child's record."""


def words(cells: pd.Series, notes: Notes, *, required: bool = True) -> pd.Series:
    """The cells as plain text; blanks are missing and, where `required`, a fault. A failed formula is always a fault.

    The index holds the rows of the file, and the name of the series is the column that faults name.
    """
    text = cells.astype("string")
    stripped = text.str.strip()
    tidied = stripped.map(plain, na_action="ignore").astype("string")
    notes.count(Coercion.WHITE_SPACE, str(cells.name), int((stripped != text).sum()))
    notes.count(Coercion.CHARACTERS, str(cells.name), int((tidied != stripped).sum()))
    failed = tidied.str.fullmatch(_FAILED_FORMULA).fillna(False)
    fault_where(failed, "must not hold a failed or uncalculated formula", notes)
    tidied = tidied.mask((tidied == "") | failed)
    if required:
        fault_where(tidied.isna() & ~failed, "must not be blank", notes)
    return tidied


def whole(cells: pd.Series, notes: Notes, *, required: bool = True) -> pd.Series:
    """The cells as whole numbers of zero or more (Int64)."""
    return _numbers(words(cells, notes, required=required), "whole", notes)


def number(cells: pd.Series, notes: Notes, *, required: bool = True) -> pd.Series:
    """The cells as numbers of zero or more (Float64)."""
    return _numbers(words(cells, notes, required=required), "number", notes)


def counts(cells: pd.Series, notes: Notes, also: Mapping[str, MissingCode] | None = None) -> pd.DataFrame:
    """The cells as counts: columns `count` (Int64) and `missing` (the reason, where a symbol stands for no number).

    `also` gives symbols of this publisher alone. A blank is a fault: it says neither a number nor a reason.
    """
    symbols = SYMBOLS | dict(also or {})
    tidied = words(cells, notes)
    # The symbols that are letters stand in lower case or, in some workbooks, in upper case.
    reasons = tidied.str.lower().map({symbol.lower(): code.value for symbol, code in symbols.items()}).astype("string")
    notes.count(Coercion.SYMBOL, str(cells.name), int(reasons.notna().sum()))
    count = _numbers(tidied.mask(reasons.notna()), "whole", notes, "must be a whole number or a known symbol")
    return pd.DataFrame({"count": count, "missing": reasons})


def days(cells: pd.Series, notes: Notes, *, required: bool = True) -> pd.Series:
    """The cells as days: 2024-04-01, 01/04/2024 (1 April), or the number that Excel gives a day, which is counted.

    Where each date with strokes has a day above 12 and each other date one of 12 or less, a spreadsheet set to American
    dates has been at work: it takes 03/04/2024 for 4 March and leaves 13/04/2024 as text. That is a fault.
    """
    tidied = words(cells, notes, required=required).str.replace(_MIDNIGHT, "", regex=True)
    numbered = tidied.str.fullmatch(_DAY_NUMBER).fillna(False)
    day_numbers = pd.to_numeric(tidied.where(numbered)).astype("Int64")
    plausible = day_numbers.between(FIRST_DAY_NUMBER, LAST_DAY_NUMBER).fillna(False)
    notes.count(Coercion.DAY_NUMBER, str(cells.name), int(plausible.sum()))
    typed, rule, broken = parse_column(tidied.mask(plausible), "day")
    fault_where(broken, rule, notes)
    counted = pd.to_datetime(day_numbers.where(plausible).astype("Float64"), unit="D", origin="1899-12-30")
    found = typed.fillna(counted.astype("datetime64[us]"))
    strokes = tidied.str.contains("/", regex=False).fillna(False) & found.notna()
    fault_where(
        _swapped(found, strokes), "must not mix 13/04/2024 with dates whose day and month may be swapped", notes
    )
    return found


def _swapped(found: pd.Series, strokes: pd.Series) -> pd.Series:
    """The dates whose day and month a spreadsheet may have swapped; see `days`."""
    others = found.notna() & ~strokes
    late = found.dt.day > 12
    mangled = strokes.any() and others.any() and late[strokes].all() and not late[others].any()
    return others & bool(mangled)


def yes_no(cells: pd.Series, notes: Notes, *, required: bool = False) -> pd.Series:
    """The cells as true or false: true, false, yes, no, y, n, 1, 0, whatever their case."""
    short = {"1": "true", "0": "false", "y": "yes", "n": "no"}
    tidied = words(cells, notes, required=required).str.lower().replace(short)
    typed, rule, broken = parse_column(tidied, "yes_no")
    fault_where(broken, rule, notes)
    return typed


def one_of(cells: pd.Series, allowed: Iterable[str], notes: Notes, *, required: bool = True) -> pd.Series:
    """The cells as words of a closed list, whatever their case."""
    spellings = {word.lower(): word for word in map(str, allowed)}
    tidied = words(cells, notes, required=required)
    chosen = tidied.str.lower().map(spellings).astype("string")
    fault_where(tidied.notna() & chosen.isna(), f"must be one of: {', '.join(spellings.values())}", notes)
    return chosen


def _numbers(tidied: pd.Series, kind: str, notes: Notes, rule: str = "") -> pd.Series:
    grouped = tidied.str.fullmatch(_GROUPED).fillna(False)
    unclear = tidied.str.fullmatch(_UNCLEAR[kind]).fillna(False)
    if kind == "number" and notes.counts[Coercion.DELIMITER, ""]:
        # Where semicolons part the cells, a comma is most often the decimal one.
        unclear |= grouped
    fault_where(unclear, "must be a number whose comma or point cannot be taken for the other one", notes)
    typed, own_rule, broken = parse_column(tidied.mask(unclear), kind)
    notes.count(Coercion.THOUSANDS, str(tidied.name), int(grouped.sum()))
    fault_where(broken, rule or own_rule, notes)
    negative = (typed < 0).fillna(False)
    fault_where(negative, "must be 0 or more", notes)
    return typed.mask(negative)


def fault_where(broken: pd.Series, rule: str, notes: Notes) -> None:
    """Notes a fault of the column that names the series `broken`, in the rows where it is true."""
    broken = broken.fillna(False).astype(bool)
    if broken.any():
        notes.fault(rule, "" if broken.name is None else str(broken.name), broken.index[broken])
