"""What sections show, read back: their words and the rows of their files."""

from __future__ import annotations

import base64
import csv
import io

from bs4 import BeautifulSoup, Tag

from needs_assessment.components import Html


def parsed(*shown: Html) -> BeautifulSoup:
    """Pieces of a page, to look things up in."""
    return BeautifulSoup("".join(one.markup for one in shown), "html.parser")


def words(element: Tag) -> str:
    """The words of an element with single spaces."""
    return " ".join(element.get_text(" ").split())


def rows_of(holder: Tag) -> list[dict[str, str]]:
    """The rows of every file that a table, figure or page offers."""
    contents = [link["href"].partition(",")[2] for link in holder.select("a[download]")]
    texts = [base64.b64decode(content).decode("utf-8-sig") for content in contents]
    return [row for text in texts for row in csv.DictReader(io.StringIO(text, newline=""))]
