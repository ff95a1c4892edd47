"""Which documents a report makes: an option that lists them and suggests the nearest name for a misspelt one."""

from __future__ import annotations

import difflib
from typing import Any

import click

from needs_assessment.publish.documents import SHIPPED

NAMES = [document.name for document in SHIPPED]


class DocumentName(click.Choice[str]):
    """The name of a document of this project."""

    def __init__(self) -> None:
        super().__init__(NAMES)

    def get_invalid_choice_message(self, value: Any, ctx: click.Context | None) -> str:
        """What is wrong with a name, and which is nearest."""
        near = difflib.get_close_matches(str(value).replace("-", "_").lower(), NAMES, n=1)
        if near:
            return f"no document {value!r}; did you mean {near[0]!r}?"
        return f"no document {value!r}; there are: {', '.join(NAMES)}"


document_option = click.option(
    "--document",
    "names",
    multiple=True,
    type=DocumentName(),
    help="A document to make for each area, or for its police force area; may be given more than once. [default: all]",
)
