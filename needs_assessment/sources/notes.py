"""What an import did to each file: every coercion counted, every fault and everything left out, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from needs_assessment.evidence import Fault


class Coercion(StrEnum):
    """A change that reading makes to what a file says. None changes a number; each is counted and told."""

    BYTE_ORDER_MARK = "byte-order mark left out"
    WINDOWS_1252 = "read as Windows-1252, because it is not UTF-8"
    UTF_16 = "read as UTF-16"
    DELIMITER = "cells separated by something other than a comma"
    WHITE_SPACE = "white space around the text left out"
    CHARACTERS = "unusual or invisible characters read as plain ones"
    THOUSANDS = "thousands separators left out"
    DAY_NUMBER = "Excel's day number read as a date"
    SYMBOL = "symbol kept as the reason why there is no number"
    NAME = "name resolved to its code"
    OLD_CODE = "code that was replaced kept as published"
    BLANK_ROW = "blank row left out"
    REPEATED_ROW = "row that repeats another exactly left out"
    TOTAL_ROW = "row of a total or a footnote left out"
    NOT_USED = "row that the assessment does not use left out"
    HIDDEN_SHEET = "hidden sheet left out"


@dataclass
class Notes:
    """The notes of one file. `name` is the file's name without its folder; no cell is ever noted."""

    name: str
    counts: Counter[tuple[Coercion, str]] = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def count(self, coercion: Coercion, column: str = "", times: int = 1) -> None:
        """Notes that a coercion was made so many times in a column; nothing where it was made no time."""
        if times:
            self.counts[coercion, column] += times

    def fault(self, rule: str, column: str = "", rows: Iterable[int] = ()) -> None:
        """Notes a broken rule, which stops the import; `rows` are rows of the file as a spreadsheet numbers them."""
        self.faults.append(Fault(self.name, rule, column, tuple(sorted({int(row) for row in rows}))))

    def remark(self, words: str) -> None:
        """Notes what a reader must know that is neither a coercion nor a fault."""
        if words not in self.remarks:
            self.remarks.append(words)

    def absorb(self, part: Notes, where: str) -> None:
        """Takes over the notes of a part of the file; faults and remarks say `where`, such as `sheet 2017_18`."""
        self.counts.update(part.counts)
        self.faults += [replace(one, column=f"{one.column} {where and f'({where})'}".strip()) for one in part.faults]
        for remark in part.remarks:
            self.remark(f"{where}: {remark}" if where else remark)


class RefusedError(Exception):
    """A file that cannot be read, and why. The message holds no content of the file."""
