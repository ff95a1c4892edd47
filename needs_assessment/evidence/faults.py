"""What is wrong with evidence: table, column, rule and rows, and never the content of a cell."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

ROWS_SHOWN = 12


@dataclass(frozen=True)
class Fault:
    """One broken rule. `rows` are rows of the file as a spreadsheet numbers them: the header is row 1."""

    table: str
    rule: str
    column: str = ""
    rows: tuple[int, ...] = ()

    def __str__(self) -> str:
        column = f", column {self.column}" if self.column else ""
        rows = f" (row {listed(self.rows)})" if self.rows else ""
        return f"table {self.table}{column}: {self.rule}{rows}"


class EvidenceError(Exception):
    """Evidence that breaks its contract. `faults` holds every fault that was found."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults: tuple[Fault, ...] = tuple(dict.fromkeys(faults))
        count = len(self.faults)
        heading = (
            f"{count} fault{'s' if count != 1 else ''} in the evidence (no cell is printed: it may be a child's data):"
        )
        super().__init__("\n  - ".join([heading, *map(str, self.faults)]))


def listed(rows: Sequence[int]) -> str:
    """The row numbers as text, the first dozen of them."""
    shown = ", ".join(str(row) for row in rows[:ROWS_SHOWN])
    hidden = len(rows) - ROWS_SHOWN
    return f"{shown} and {hidden} more" if hidden > 0 else shown
