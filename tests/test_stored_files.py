"""What is stored with the project holds no record of a child: run by `make check`, so before each commit."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from needs_assessment.guard import (
    WITH_RESULTS,
    Finding,
    NoCheckoutError,
    cells_with_results,
    findings_in_folder,
    findings_staged,
    misplaced,
)
from needs_assessment.publish.documents import SHIPPED

PROJECT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("look", [findings_in_folder, findings_staged], ids=["would be stored", "is staged"])
def test_nothing_is_stored_that_must_not_be(look: Callable[[Path], list[Finding]]) -> None:
    try:
        found = look(PROJECT)
    except NoCheckoutError:
        pytest.skip("not a git checkout: nothing can be committed from here")
    assert found == [], "\n".join(["git would store these; see docs/data_protection.md", *map(str, found)])


@pytest.mark.parametrize(
    "name",
    [
        "children.csv",
        "notebooks/Returns.XLSX",
        "data/referrals.parquet",
        "data/private/quarter 1/notes.txt",
        "reports/E06000019.html",
        "board 2026/E06000019.html",
    ],
)
def test_a_file_that_may_hold_records_is_found(name: str) -> None:
    assert misplaced([name]) == [name]


@pytest.mark.parametrize(
    "name",
    [
        "data/published/official/population.csv",
        "data/synthetic/referrals.csv",
        "tests/golden/rates.csv",
        "data/private/README.md",
        "docs/report.png",
    ],
)
def test_a_file_in_its_place_is_let_through(name: str) -> None:
    assert misplaced([name]) == []


def test_a_cell_that_has_been_run_is_found() -> None:
    clean: dict[str, Any] = {"cell_type": "code", "outputs": [], "execution_count": None}
    run = clean | {"execution_count": 3}
    printed = clean | {"outputs": [{"output_type": "stream", "text": "12"}]}
    assert cells_with_results({"cells": [{"cell_type": "markdown"}, clean, run, printed]}) == [2, 3]


def test_the_documents_of_the_project_are_there_and_the_tests_of_stored_results_leave_out_just_these() -> None:
    (names,) = re.findall(
        r"^DOCUMENTS = \$\(addprefix notebooks/,([^)]+)\)$", (PROJECT / "Makefile").read_text("utf-8"), re.M
    )
    assert names.replace("\\\n", " ").split() == [document.notebook.name for document in SHIPPED]
    assert [str(document.notebook) for document in SHIPPED if not (PROJECT / document.notebook).is_file()] == []
    assert not {document.notebook.as_posix() for document in SHIPPED} & set(WITH_RESULTS)
