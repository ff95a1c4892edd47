"""The cells of display tables: numbers, symbols, words and days as a reader sees them."""

from __future__ import annotations

import pandas as pd

from needs_assessment.narrative.phrases import NOT_SUPPLIED, in_place_of_number, sentence_case, year_words
from needs_assessment.vocabulary import in_words

NOT_STATED = "not stated"


def count_cell(count: object, symbol: object) -> str:
    """A count with thousands separated, or its symbol in brackets: `1,234`, `[c]`."""
    return in_place_of_number(symbol) if pd.isna(count) else f"{count:,.0f}"


def rate_cell(row: pd.Series) -> str:
    """A rate to one decimal with its 95% limits, or the symbol of its count: `7.0 (4.5 to 10.4)`."""
    if pd.isna(row["value"]):
        return in_place_of_number(row["missing"])
    return f"{row['value']:.1f} ({row['lower']:.1f} to {row['upper']:.1f})"


def number_cell(value: object, pattern: str = "{:.1f}") -> str:
    """A number by a format, or `not supplied`."""
    return NOT_SUPPLIED if pd.isna(value) else pattern.format(value)


def p_value_cell(p_value: float) -> str:
    """A p-value to three decimals, or `under 0.001`."""
    return "under 0.001" if p_value < 0.001 else f"{p_value:.3f}"


def words_cell(value: object) -> str:
    """Words as they stand, with `|` read as a comma, or `not stated`."""
    return NOT_STATED if pd.isna(value) or value == "" else str(value).replace("|", ", ")


def note_cell(note: object) -> str:
    """A note as it stands, or `nothing further`."""
    return "nothing further" if pd.isna(note) else str(note)


def day_cell(day: object) -> str:
    """A day in words, or `not stated`."""
    return NOT_STATED if pd.isna(day) else in_words(pd.Timestamp(day).date())


def period_cell(row: pd.Series) -> str:
    """The period of a row, as a cell begins it: `Year ending 31 March 2025`."""
    return sentence_case(year_words(row).removeprefix("the "))
