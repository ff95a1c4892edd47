"""An executed report notebook as one self-contained page that shows what its cells returned and never its code."""

from __future__ import annotations

from functools import cache

from bs4 import BeautifulSoup, Comment
from nbconvert import HTMLExporter
from nbformat import NotebookNode

from needs_assessment.publish.frame import TEMPLATES, PageMeta, framed
from needs_assessment.publish.lint import PublishError

__all__ = ["PageMeta", "export_page"]

HIDDEN_TAGS = frozenset({"parameters", "injected-parameters", "remove-cell"})
SHOWN, STRAY = "output", "stray "  # the marks of templates/board/index.html.j2


def export_page(notebook: NotebookNode, page: PageMeta) -> str:
    """The page of an executed notebook, ready for `lint.write_page`.

    The page takes its title from `page`, since one notebook serves every area: the notebook's own title is left out,
    as are cells tagged `parameters`, `injected-parameters` or `remove-cell`. Whatever cannot be published (streams,
    errors, bare values, scripts, widgets, pictures without words) leaves a mark that the lint refuses.
    Raises PublishError when an output of the notebook left no trace on the page, or two.
    """
    cells = [cell for cell in notebook.cells if HIDDEN_TAGS.isdisjoint(cell.metadata.get("tags", []))]
    html, _ = _exporter().from_notebook_node(NotebookNode(notebook | {"cells": cells}))
    content = BeautifulSoup(html, "html.parser")
    _count_outputs(cells, content)
    notebook_title = content.find("h1")
    if notebook_title:
        notebook_title.extract()
    return framed(str(content), page)


def _count_outputs(cells: list[NotebookNode], content: BeautifulSoup) -> None:
    """Takes out the marks of what is shown, once shown and stray together are as many as the notebook's outputs."""
    marks = content.find_all(string=lambda text: isinstance(text, Comment) and text.startswith((SHOWN, STRAY)))
    outputs = sum(len(cell.get("outputs", [])) for cell in cells)
    if len(marks) != outputs:
        raise PublishError([f"{len(marks)} of the notebook's {outputs} outputs reached the page"])
    for mark in marks:
        if mark == SHOWN:
            mark.extract()


@cache
def _exporter() -> HTMLExporter:
    return HTMLExporter(
        template_name="board",
        extra_template_basedirs=[str(TEMPLATES)],
        exclude_input=True,
        exclude_anchor_links=True,
    )
