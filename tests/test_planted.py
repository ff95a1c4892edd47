"""The wall is as wide as the evidence: whatever column a return can write in has something planted in it."""

from __future__ import annotations

from pathlib import Path

from planted import NAMES, PLANTED, columns_of_free_words, every_column_of_words, tables
from small_evidence import PRIVATE, folder

from needs_assessment.evidence import CONTRACTS, read_evidence


def test_every_column_of_free_words_is_planted() -> None:
    assert columns_of_free_words() - every_column_of_words() == set()
    assert {name for name in NAMES if name.split(".")[1] not in CONTRACTS[name.split(".")[0]].columns} == set()


def test_every_number_of_a_service_and_of_money_is_planted() -> None:
    """But for ages, months of terms and the numbers of returns, of which each kind is."""
    numbers = {
        f"{table}.{name}"
        for table in ("services", "service_sites", "travel_times", "funding", "statements")
        for name, column in CONTRACTS[table].columns.items()
        if (column.metadata or {})["kind"] in {"number", "whole"}
        and not name.startswith(("age_", "extended_", "contract_m"))
    }
    rows = ((name, row) for name, stated in tables().items() for row in stated if row.get("source_id") == PRIVATE)
    planted = {f"{name}.{column}" for name, row in rows for column, cell in row.items() if cell == PLANTED}
    assert numbers - planted == set()


def test_what_is_planted_is_valid_evidence(tmp_path: Path) -> None:
    assert len(read_evidence(folder(tmp_path / "return", tables()))["service_sites"]) == 1
