"""Notebooks of a few lines for the tests that run some: they start fast, end as asked, and mark their end. And the
documents of such notebooks.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from needs_assessment.publish.documents import AREA_REPORT, Document

PARAMETERS = 'area = "CHOOSE AN AREA"\nrelease = "nowhere"'
SHOW = "from IPython.display import HTML"  # lighter than the project's own components, which load pandas
END = """HTML(f'<p data-end-of="{area}">The end.</p>')"""


def write_notebook(path: Path, *sources: str, parameters: str = PARAMETERS) -> Path:
    """The path of a notebook with a cell of parameters and a cell for each of `sources`."""
    cells = [new_code_cell(parameters, metadata={"tags": ["parameters"]}), *map(new_code_cell, sources)]
    kernel = {"name": "python3", "language": "python", "display_name": "Python 3"}
    nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
    return path


def as_area_report(notebook: Path) -> list[Document]:
    """The area report alone, from this notebook."""
    return [replace(AREA_REPORT, notebook=notebook)]
