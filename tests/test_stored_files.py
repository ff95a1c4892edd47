"""What is stored with the project holds no record of a child: run by `make check`, so before each commit."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

PROJECT = Path(__file__).resolve().parents[1]
DATA_FOLDERS = ("data/published/", "data/synthetic/", "needs_assessment/geography/", "tests/")
NEVER_STORED = ("data/private/", "reports/")
BUT_FOR = ("data/private/README.md", "reports/README.md")
RECORDS = {".arrow", ".csv", ".feather", ".geojson", ".gpkg", ".jsonl", ".parquet", ".pickle", ".pkl", ".tsv", ".xml"}
DATABASES = {".accdb", ".db", ".dta", ".duckdb", ".mdb", ".rds", ".sav", ".sqlite"}
OFFICE_FILES = {".doc", ".docx", ".eml", ".msg", ".ods", ".odt", ".pdf", ".pptx", ".xls", ".xlsb", ".xlsm", ".xlsx"}
ARCHIVES = {".7z", ".gz", ".tar", ".tgz", ".zip"}
PAGES = {".html"}
WITH_RESULTS = ("notebooks/explore.ipynb",)  # read published and synthetic data only; the tests compare their results


def stored_files() -> list[str]:
    """Files that are committed, or that `git add .` would add: one slip away from being committed."""
    if not (PROJECT / ".git").exists() or shutil.which("git") is None:
        pytest.skip("not a git checkout: nothing can be committed from here")
    command = ["git", "-C", str(PROJECT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, check=True, capture_output=True, text=True, encoding="utf-8")
    return [name for name in listed.stdout.split("\0") if name]


def misplaced(names: Iterable[str]) -> list[str]:
    """Names of files that may hold data outside the folders for it, and of all files where none may be stored."""
    return [name for name in names if never_stored(name) or (may_hold_data(name) and not name.startswith(DATA_FOLDERS))]


def never_stored(name: str) -> bool:
    return name.startswith(NEVER_STORED) and name not in BUT_FOR


def may_hold_data(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() in RECORDS | DATABASES | OFFICE_FILES | ARCHIVES | PAGES


def cells_with_results(notebook: dict[str, Any]) -> list[int]:
    """Positions of the cells that keep what they printed or drew, or that say they have been run."""
    cells = enumerate(notebook["cells"])
    return [position for position, cell in cells if cell.get("outputs") or cell.get("execution_count")]


def test_no_data_is_stored_outside_the_folders_for_it() -> None:
    assert misplaced(stored_files()) == [], "git would store these: move them to data/private or to reports"


def test_notebooks_are_stored_without_results() -> None:
    names = [name for name in stored_files() if name.endswith(".ipynb") and name not in WITH_RESULTS]
    notebooks = {name: json.loads((PROJECT / name).read_text(encoding="utf-8")) for name in names}
    assert {name: cells for name in names if (cells := cells_with_results(notebooks[name]))} == {}


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
