"""One area's report made in the tests' own process, cell by cell as its notebook has it, without starting a kernel."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
from bs4 import BeautifulSoup
from nbformat import NotebookNode
from nbformat.v4 import new_output

from needs_assessment.area_view import AreaView
from needs_assessment.publish.page import export_page
from needs_assessment.publish.provenance import area_page_meta

PROJECT = Path(__file__).resolve().parents[1]
NOTEBOOK = PROJECT / "notebooks" / "area_report.ipynb"
# The local authorities of the five documents that the published evidence was transcribed from.
AREAS = (
    "Bath and North East Somerset",
    "Bristol",
    "Derby",
    "Derbyshire",
    "Herefordshire",
    "North Somerset",
    "Shropshire",
    "Somerset",
    "South Gloucestershire",
    "Telford and Wrekin",
    "Worcestershire",
)


def notebook() -> NotebookNode:
    """The report notebook as it is stored."""
    return nbformat.read(NOTEBOOK, as_version=4)


def code_cells(of: NotebookNode) -> list[NotebookNode]:
    """Its code cells but the one with the parameters, in order."""
    code = [cell for cell in of.cells if cell.cell_type == "code"]
    return [cell for cell in code if "parameters" not in cell.metadata.get("tags", [])]


def executed(area: str, release: Path) -> NotebookNode:
    """The report notebook after every cell was run for `area`, with what each last expression shows."""
    report = notebook()
    names: dict[str, Any] = {"area": area, "release": str(release)}
    for number, cell in enumerate(code_cells(report), start=2):
        cell.execution_count = number
        cell.outputs = _shown(cell.source, names, number)
    return report


def _shown(source: str, names: dict[str, Any], number: int) -> list[NotebookNode]:
    if not isinstance(ast.parse(source).body[-1], ast.Expr):
        exec(source, names)
        return []
    shown = eval(source, names)
    return [new_output("execute_result", {"text/html": shown._repr_html_(), "text/plain": ""}, execution_count=number)]


@cache
def page(area: str, release: Path) -> str:
    """The page of `area`, as the batch run would write it."""
    return export_page(executed(area, release), area_page_meta(AreaView.open(area, release), ""))


@cache
def parsed(area: str, release: Path) -> BeautifulSoup:
    """The page of `area` to look things up in; not to be changed."""
    return BeautifulSoup(page(area, release), "html.parser")
