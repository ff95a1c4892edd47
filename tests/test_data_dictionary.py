"""The stored data dictionary is what the contracts say today."""

from __future__ import annotations

from pathlib import Path

import pytest

from needs_assessment.evidence import CONTRACTS, REQUIRED_TABLES, sensitive_tables
from needs_assessment.evidence.dictionary import KINDS, data_dictionary

STORED = Path(__file__).resolve().parents[1] / "docs" / "data_dictionary.md"
SECTIONS = dict(section.split("\n", 1) for section in data_dictionary().split("\n## ")[1:])


def test_the_stored_dictionary_is_what_the_contracts_say():
    assert STORED.read_text(encoding="utf-8") == data_dictionary(), (
        "write it again with: .venv/bin/needs-assessment dictionary > docs/data_dictionary.md"
    )


def test_every_table_has_a_section_in_the_order_of_the_contracts():
    assert list(SECTIONS) == list(CONTRACTS)


@pytest.mark.parametrize("name", CONTRACTS)
def test_a_section_has_a_row_of_five_cells_for_every_column(name):
    rows = [line for line in SECTIONS[name].split("\n") if line.startswith("| `")]
    assert [row.split("`")[1] for row in rows] == list(CONTRACTS[name].columns)
    # A bar inside a cell is written \| so that it starts no new one.
    assert {row.replace("\\|", "").count("|") for row in rows} == {6}


@pytest.mark.parametrize("name", CONTRACTS)
def test_every_column_says_what_it_means_and_of_what_kind_it_is(name):
    for column, schema in CONTRACTS[name].columns.items():
        assert schema.description, column
        assert (schema.metadata or {})["kind"] in KINDS, column


@pytest.mark.parametrize("name", CONTRACTS)
def test_the_columns_by_which_rows_differ_are_columns_of_the_table(name):
    key = (CONTRACTS[name].metadata or {})["key"]
    assert key
    assert set(key) <= set(CONTRACTS[name].columns)
    assert f"Rows differ in {', '.join(key)}." in SECTIONS[name]


def test_required_and_sensitive_tables_are_marked_and_no_others():
    assert tuple(name for name in SECTIONS if " Required.\n" in SECTIONS[name]) == REQUIRED_TABLES
    assert tuple(name for name in SECTIONS if " Sensitive: one row is" in SECTIONS[name]) == sensitive_tables()


def test_a_rule_of_a_whole_row_is_written_out():
    assert "Rule: exactly one of count and missing must be given." in SECTIONS["observations"]
