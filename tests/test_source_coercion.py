from __future__ import annotations

import re
from collections.abc import Callable

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from needs_assessment.sources.coercion import (
    SYMBOLS,
    counts,
    days,
    fault_where,
    number,
    one_of,
    whole,
    words,
    yes_no,
)
from needs_assessment.sources.notes import Coercion, Notes
from needs_assessment.sources.tables import plain
from needs_assessment.vocabulary import MissingCode

FIRST_ROW = 5
"""Rows of the file need not begin at 0 or 2: titles stand above."""


def column(*cells: str | None) -> pd.Series:
    return pd.Series(cells, index=range(FIRST_ROW, FIRST_ROW + len(cells)), dtype="string", name="n")


def rows_at_fault(read: Callable[..., object], *cells: str | None, **options: object) -> list[int]:
    """The places, from 0, of the cells that are refused."""
    notes = Notes("some file")
    read(column(*cells), notes, **options)
    assert all(fault.column == "n" and fault.table == "some file" for fault in notes.faults)
    return sorted({row - FIRST_ROW for fault in notes.faults for row in fault.rows})


def test_words_lose_outer_blanks_and_odd_characters_and_each_is_counted() -> None:
    notes = Notes("some file")
    assert words(column(" A ", "B\u00a0C", "D", "\u200bE"), notes).tolist() == ["A", "B C", "D", "E"]
    assert notes.counts == {(Coercion.WHITE_SPACE, "n"): 1, (Coercion.CHARACTERS, "n"): 2}


def test_blanks_are_faults_only_where_a_cell_is_required() -> None:
    assert rows_at_fault(words, "A", None, " ", "\u200b") == [1, 2, 3]
    assert rows_at_fault(words, "A", None, " ", required=False) == []


@pytest.mark.parametrize(
    "failed",
    [
        "#REF!",
        "#N/A",
        "#DIV/0!",
        "#VALUE!",
        "#NAME?",
        "#NULL!",
        "#SPILL!",
        "#FIELD!",
        "Err:502",
        "####",
        "#ERROR!",
        "#NOT CALCULATED!",
    ],
)
def test_a_failed_formula_is_a_fault_even_where_a_cell_may_be_blank(failed: str) -> None:
    assert rows_at_fault(words, failed, "A", required=False) == [0]
    assert rows_at_fault(words, failed, "A") == [0]


def test_a_failed_formula_is_accused_once() -> None:
    notes = Notes("some file")
    counts(column("#REF!"), notes)
    assert [fault.rule for fault in notes.faults] == ["must not hold a failed or uncalculated formula"]


def test_a_hash_in_words_is_no_failed_formula() -> None:
    assert words(column("#1 priority", "team #2"), Notes("some file")).tolist() == ["#1 priority", "team #2"]


def test_whole_numbers_keep_their_digits() -> None:
    notes = Notes("some file")
    read = whole(column("7", " 66776 ", "1,234", "12,345,678", "24.0", "0", "007"), notes)
    assert read.tolist() == [7, 66776, 1234, 12345678, 24, 0, 7]
    assert notes.counts == {(Coercion.WHITE_SPACE, "n"): 1, (Coercion.THOUSANDS, "n"): 2}
    assert notes.faults == []


@pytest.mark.parametrize(
    "cell",
    [
        "1,23",
        "1.234",
        "1 234",
        "-3",
        "(3)",
        "1.5",
        "inf",
        "nan",
        "1e5",
        "0x10",
        "12²",
        "²",
        "½",
        "<5",
        "3p",
        "24 [r]",
        "१२",
        "9" * 16,
    ],
)
def test_what_is_no_plain_count_is_a_fault_and_never_another_number(cell: str) -> None:
    notes = Notes("some file")
    read = whole(column("7", cell), notes)
    assert read.tolist()[0] == 7
    assert pd.isna(read.iloc[1])
    assert [fault.rows for fault in notes.faults] == [(FIRST_ROW + 1,)]


def test_full_width_digits_are_digits_and_counted() -> None:
    notes = Notes("some file")
    assert whole(column("\uff11\uff12"), notes).tolist() == [12]
    assert notes.counts == {(Coercion.CHARACTERS, "n"): 1}


def test_numbers_may_have_decimals_and_not_be_negative() -> None:
    assert number(column("0.25", "1,234.5"), Notes("some file")).tolist() == [0.25, 1234.5]
    assert rows_at_fault(number, "0.25", "-0.25", "1.2.3") == [1, 2]


@given(st.integers(min_value=0, max_value=10**14))
def test_each_whole_number_comes_back_with_and_without_thousands_separators(figure: int) -> None:
    assert whole(column(str(figure), f"{figure:,}", f" {figure}"), Notes("some file")).tolist() == [figure] * 3


@given(st.text(alphabet="0123456789,.-+²\u00a0\u200b\uff11 cxzulowk:[]()eE%<", max_size=8))
def test_each_text_is_the_count_that_its_digits_say_or_a_reason_or_a_fault(cell: str) -> None:
    notes = Notes("some file")
    read = counts(column(cell), notes)
    assert read["count"].notna().item() + read["missing"].notna().item() + bool(notes.faults) == 1
    if read["count"].notna().item():
        written = re.fullmatch(r"-?([0-9]+)(?:\.0+)?", plain(cell).replace(",", ""))
        assert written is not None
        assert read["count"].item() == int(written.group(1))


def test_each_symbol_keeps_its_reason_and_is_never_zero() -> None:
    notes = Notes("some file")
    cells = ["c", "x", "z", "u", "low", "k", ":", "[c]", "[low]", "C", "X", "0", "3"]
    read = counts(column(*cells), notes)
    assert read["missing"].tolist()[:11] == ["c", "x", "z", "u", "low", "k", ":", "c", "low", "c", "x"]
    assert read["missing"].isna().tolist() == [False] * 11 + [True] * 2
    assert read["count"].tolist()[11:] == [0, 3]
    assert read["count"].isna().tolist() == [True] * 11 + [False] * 2
    assert notes.counts == {(Coercion.SYMBOL, "n"): 11}
    assert set(SYMBOLS.values()) == set(MissingCode)


def test_a_symbol_that_publishers_use_differently_is_a_fault_until_a_reader_says_what_it_means() -> None:
    assert rows_at_fault(counts, "*", "<5", "..", "-", "~", "", "N/a") == [0, 1, 2, 3, 4, 5, 6]
    read = counts(
        column("-", "N/A"), Notes("some file"), {"-": MissingCode.ROUNDS_TO_ZERO, "N/a": MissingCode.NOT_AVAILABLE}
    )
    assert read["missing"].tolist() == ["low", "x"]


def test_days_are_read_day_first_and_numbers_of_days_are_counted() -> None:
    notes = Notes("some file")
    read = days(column("2024-04-01", "2024-04-02T00:00:00", "2024-04-03 00:00", "45383"), notes)
    assert read.dt.strftime("%d %m").tolist() == ["01 04", "02 04", "03 04", "01 04"]
    assert notes.counts == {(Coercion.DAY_NUMBER, "n"): 1}
    assert days(column("03/04/2024", "12/04/2024"), notes).dt.month.tolist() == [4, 4]
    assert str(read.dtype) == "datetime64[us]"
    assert notes.faults == []


@pytest.mark.parametrize(
    "cell",
    [
        "04/13/2024",
        "2024-02-30",
        "1/4/24",
        "14610",
        "73051",
        "45383.5",
        "today",
        "2024-04-01 13:45",
        "April 2024",
        "20240401",
    ],
)
def test_what_is_no_day_is_a_fault(cell: str) -> None:
    assert rows_at_fault(days, "2024-04-01", cell) == [1]


def test_days_that_an_american_spreadsheet_has_swapped_are_a_fault() -> None:
    # 03/04 and 12/04/2024 became 4 March and 4 December; 13/04 and 30/04/2024 stayed text.
    assert rows_at_fault(days, "2024-03-04", "45630", "13/04/2024", "30/04/2024") == [0, 1]
    assert rows_at_fault(days, "2024-03-04", "2024-03-13", "13/04/2024") == [], "a true date above 12 was not swapped"
    assert rows_at_fault(days, "2024-03-04", "03/04/2024", "13/04/2024") == [], "a text of 3 April was left as it is"
    assert rows_at_fault(days, "13/04/2024", "30/04/2024", None, required=False) == []


def test_yes_and_no_are_read_in_their_usual_spellings_only() -> None:
    assert yes_no(column("Yes", "NO", "y", "N", "1", "0", "TRUE", "false"), Notes("some file")).tolist() == [
        *[True, False] * 4
    ]
    assert rows_at_fault(yes_no, "yes", "maybe", "2", None) == [1, 2]


def test_words_of_a_closed_list_are_recognised_whatever_their_case() -> None:
    assert one_of(column("cse", " CCE "), ["CSE", "CCE"], Notes("some file")).tolist() == ["CSE", "CCE"]
    notes = Notes("some file")
    one_of(column("CSE", "both"), ["CSE", "CCE"], notes)
    assert [str(fault) for fault in notes.faults] == ["table some file, column n: must be one of: CSE, CCE (row 6)"]


def test_no_fault_and_no_note_holds_a_cell() -> None:
    notes = Notes("some file")
    secret = "Secret Child"
    for read in (whole, number, counts, days, yes_no):
        read(column(secret), notes)
    one_of(column(secret), ["CSE"], notes)
    assert len(notes.faults) == 6
    assert secret not in str(notes)


def test_a_fault_names_the_rows_where_it_is_so_and_nothing_where_it_is_not() -> None:
    notes = Notes("some file")
    fault_where(pd.Series([False, pd.NA], dtype="boolean", name="n"), "must be so", notes)
    assert notes.faults == []
    fault_where(pd.Series([True, pd.NA, True], index=[7, 8, 3], dtype="boolean", name="n"), "must be so", notes)
    assert [(fault.column, fault.rule, fault.rows) for fault in notes.faults] == [("n", "must be so", (3, 7))]
