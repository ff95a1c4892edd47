"""Text of a file into typed columns, by stated formats only. What does not parse is a fault, never a guess."""

from __future__ import annotations

import re
from collections.abc import Callable

import pandas as pd

from needs_assessment.evidence.faults import Fault

FIRST_ROW = 2
"""The file row of the first record: the header is row 1."""

# Digits are written out: \d would also take those of other scripts, at which pandas stops and quotes the cell.
_THOUSANDS = re.compile(r"^-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?$")
_DAY = r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}|[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}"
# Fifteen digits are the most that a number with a decimal point keeps exactly.
_DECIMAL = r"-?[0-9]{1,15}(\.[0-9]+)?"
_WORDS = {"true": True, "yes": True, "false": False, "no": False}


def parse_column(words: pd.Series, kind: str) -> tuple[pd.Series, str, pd.Series]:
    """The typed column, the rule its text must keep, and a mask of the cells that break it.

    `words` is a string column with missing values for blanks; `kind` is one of text, day, whole, number, yes_no.
    A cell that breaks the rule is missing in the typed column.
    """
    parse, rule = _PARSERS[kind]
    typed = parse(words)
    return typed, rule, words.notna() & typed.isna()


def tidy_words(words: pd.Series) -> pd.Series:
    """The column as text with outer white space removed and blanks missing."""
    stripped = words.astype("string").str.replace("\u00a0", " ", regex=False).str.strip()
    return stripped.mask(stripped == "")


def rows_of(mask: pd.Series) -> tuple[int, ...]:
    """The file rows where the mask holds."""
    return tuple(int(position) + FIRST_ROW for position in mask.to_numpy(bool).nonzero()[0])


def parse_table(words: pd.DataFrame, table: str, kinds: dict[str, str]) -> tuple[pd.DataFrame, list[Fault]]:
    """The typed table, and a fault for each column with text that does not parse."""
    faults = []
    columns = {}
    for column, kind in kinds.items():
        typed, rule, broken = parse_column(tidy_words(words[column]), kind)
        columns[column] = typed
        if broken.any():
            faults.append(Fault(table, rule, column, rows_of(broken)))
    return pd.DataFrame(columns, index=words.index), faults


def _day(words: pd.Series) -> pd.Series:
    # pandas alone would also take "today" and "now".
    written = words.where(words.str.fullmatch(_DAY).fillna(False))
    iso = pd.to_datetime(written, format="%Y-%m-%d", errors="coerce")
    british = pd.to_datetime(written, format="%d/%m/%Y", errors="coerce")
    return iso.fillna(british).astype("datetime64[us]")


def _number(words: pd.Series) -> pd.Series:
    grouped = words.str.match(_THOUSANDS).fillna(False)
    plain = words.mask(grouped, words.str.replace(",", "", regex=False))
    # Only written-out decimals: pandas alone would also take "inf", "1e5" and "0x10".
    written = plain.where(plain.str.fullmatch(_DECIMAL).fillna(False))
    return pd.to_numeric(written).astype("Float64")


def _whole(words: pd.Series) -> pd.Series:
    numbers = _number(words)
    return numbers.where(numbers % 1 == 0).astype("Int64")


def _yes_no(words: pd.Series) -> pd.Series:
    return words.str.lower().map(_WORDS).astype("boolean")


def _text(words: pd.Series) -> pd.Series:
    return words


_PARSERS: dict[str, tuple[Callable[[pd.Series], pd.Series], str]] = {
    "text": (_text, "must be text"),
    "day": (_day, "must be a date such as 2024-04-01 or 01/04/2024 (1 April)"),
    "whole": (_whole, "must be a whole number"),
    "number": (_number, "must be a number"),
    "yes_no": (_yes_no, "must be true or false"),
}
