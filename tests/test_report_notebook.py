"""The report notebook is a document: it holds no logic, no result, and no area until somebody chooses one."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
import report_page
from nbformat import NotebookNode

from needs_assessment.area_view import DEFAULT_RELEASE, NO_AREA
from needs_assessment.components import end_mark_text

SECTIONS = {
    *("about", "breakdowns", "changing", "limits", "provision", "recorded", "recording", "risk", "similar", "summary")
}
QUESTIONS = [
    "### How much is recorded?",
    "### Is it more or less than in similar areas?",
    "### Is it changing?",
    "### What can these numbers not tell us?",
]
ALLOWED_IMPORTS = {"needs_assessment.area_view", "needs_assessment.sections"}
FORBIDDEN = (
    ast.FunctionDef
    | ast.AsyncFunctionDef
    | ast.ClassDef
    | ast.Lambda
    | ast.For
    | ast.While
    | ast.If
    | ast.IfExp
    | ast.Try
    | ast.With
    | ast.comprehension
    | ast.Import
    | ast.JoinedStr
    | ast.BinOp
    | ast.Compare
    | ast.Subscript
)
NOTEBOOK = report_page.notebook()
CODE = [cell for cell in NOTEBOOK.cells if cell.cell_type == "code"]


def values_of(cell: NotebookNode) -> dict[str, Any]:
    """The names that a cell gives plain values."""
    statements = ast.parse(cell.source).body
    assert all(isinstance(statement, ast.Assign) for statement in statements)
    return {statement.targets[0].id: ast.literal_eval(statement.value) for statement in statements}  # type: ignore[attr-defined]


# As it is stored


def test_the_notebook_is_a_valid_document() -> None:
    nbformat.validate(NOTEBOOK)
    assert NOTEBOOK.metadata.kernelspec.name == "python3"
    assert NOTEBOOK.metadata.kernelspec.language == "python"


def test_the_first_cell_is_the_title_and_the_second_holds_the_parameters() -> None:
    assert NOTEBOOK.cells[0].source.startswith("# ")
    tagged = [cell for cell in NOTEBOOK.cells if "parameters" in cell.metadata.get("tags", [])]
    assert tagged == [NOTEBOOK.cells[1]]


def test_the_area_is_one_that_no_evidence_has_until_somebody_chooses() -> None:
    assert values_of(NOTEBOOK.cells[1]) == {"area": NO_AREA, "release": DEFAULT_RELEASE}


def test_each_parameter_says_what_it_is() -> None:
    assert all("  # " in line for line in NOTEBOOK.cells[1].source.splitlines())


def test_no_result_is_stored() -> None:
    assert [cell for cell in CODE if cell.outputs or cell.execution_count] == []
    assert all(set(cell.metadata) <= {"tags"} for cell in NOTEBOOK.cells)


def test_no_cell_decides_repeats_or_defines() -> None:
    found = [
        f"{type(node).__name__} in {cell.id}"
        for cell in CODE
        for node in ast.walk(ast.parse(cell.source))
        if isinstance(node, FORBIDDEN)
    ]
    assert found == []


def test_only_the_opening_cell_imports_and_only_what_a_board_may_see() -> None:
    imports = {
        cell.id: node.module
        for cell in CODE
        for node in ast.walk(ast.parse(cell.source))
        if isinstance(node, ast.ImportFrom)
    }
    modules = [node.module for node in ast.parse(CODE[1].source).body if isinstance(node, ast.ImportFrom)]
    assert set(modules) == ALLOWED_IMPORTS
    assert set(imports) == {CODE[1].id}


def test_every_cell_after_the_opening_is_one_short_call_of_a_section() -> None:
    for cell in CODE[2:]:
        (statement,) = ast.parse(cell.source).body
        assert isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call), cell.id
        call = statement.value
        assert isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name)
        assert call.func.value.id in SECTIONS
        assert isinstance(call.args[0], ast.Name) and call.args[0].id == "view"
        assert all(isinstance(argument, ast.Constant) for argument in call.args[1:])
        assert len(cell.source) <= 60 and "\n" not in cell.source


def test_no_number_is_typed_into_the_text() -> None:
    text = [cell.source for cell in NOTEBOOK.cells[1:] if cell.cell_type == "markdown"]
    assert len(text) > 10
    assert [words for words in text if any(character.isdigit() for character in words)] == []


def test_both_harms_are_shown_in_the_same_way() -> None:
    calls = [cell.source for cell in CODE]
    for call in ("similar.funnel", "changing.rate_over_time", "changing.control_chart", "provision.coverage"):
        assert [one for one in calls if one.startswith(call)] == [f'{call}(view, "{harm}")' for harm in ("CSE", "CCE")]


def test_recorded_exploitation_answers_four_questions_in_order() -> None:
    sources = [cell.source for cell in NOTEBOOK.cells]
    titles = [source.partition("\n")[0] for source in sources]
    within = titles[titles.index("## Recorded exploitation") : titles.index("## Risk levels")]
    assert [title for title in within if title.startswith("### ")] == QUESTIONS


def test_the_last_cell_is_the_end_mark() -> None:
    assert NOTEBOOK.cells[-1].source == "about.end(view)"


# As a person runs it


RUNS = {
    "as described": ["-p", "area", "E06000019"],
    "misspelt parameter": ["-p", "aera", "E06000019"],
    "no area": [],
}


@pytest.fixture(scope="module")
def runs(release_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, tuple[int, str, Path]]]:
    """Exit code, error text and written notebook of papermill, called by hand in the project folder in several ways."""
    folder = tmp_path_factory.mktemp("by_hand")
    environment = os.environ | {"PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    papermill = [sys.executable, "-m", "papermill", str(report_page.NOTEBOOK)]
    common = ["-p", "release", str(release_folder), "--no-progress-bar"]
    started = {
        name: subprocess.Popen(
            [*papermill, str(folder / f"{number}.ipynb"), *parameters, *common],
            cwd=report_page.PROJECT,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        for number, (name, parameters) in enumerate(RUNS.items())
    }
    errors = {name: process.communicate(timeout=180)[1] for name, process in started.items()}
    yield {
        name: (process.returncode, errors[name], folder / f"{number}.ipynb")
        for number, (name, process) in enumerate(started.items())
    }


def shown_in(path: Path) -> list[str]:
    """What the cells of a notebook on disk show, as HTML."""
    written = nbformat.read(path, as_version=4)
    outputs = [output for cell in written.cells for output in cell.get("outputs", [])]
    return [output.data["text/html"] for output in outputs if "text/html" in output.get("data", {})]


def test_papermill_by_hand_runs_it_to_its_end(runs: dict[str, tuple[int, str, Path]]) -> None:
    code, error, path = runs["as described"]
    assert code == 0, error[-2000:]
    shown = shown_in(path)
    assert len(shown) == len(CODE) - 2
    assert end_mark_text("E06000019") in shown[-1]
    written = nbformat.read(path, as_version=4)
    kinds = {output.output_type for cell in written.cells for output in cell.get("outputs", [])}
    assert kinds == {"execute_result"}, "something was printed or warned of"


@pytest.mark.parametrize("name", ["misspelt parameter", "no area"])
def test_without_an_area_papermill_by_hand_fails_and_shows_nothing(
    runs: dict[str, tuple[int, str, Path]], name: str
) -> None:
    code, error, path = runs[name]
    assert code != 0
    assert "UnknownAreaError" in error
    assert shown_in(path) == []


def test_each_way_by_hand_was_tried_with_the_release(runs: dict[str, tuple[int, str, Path]]) -> None:
    assert set(runs) == set(RUNS)
    assert all("release" in nbformat.read(path, as_version=4).cells[2].source for _, _, path in runs.values())
