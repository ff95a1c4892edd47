"""Accessible HTML for notebooks: tables, figures and boxes that read the same in JupyterLab and on the published page.

Text goes in, HTML comes out, and everything that goes in is escaped. What a reader who cannot see the picture needs
(alternative text, title, source, the figures as a table) is not optional: without it there is no component.
"""

from __future__ import annotations

from needs_assessment.components.captioned import Caption, Drawing, Rows, figure, table
from needs_assessment.components.downloads import csv_text
from needs_assessment.components.markup import Html, link, together
from needs_assessment.components.text import (
    KeyMessage,
    bullets,
    definitions,
    end_mark,
    end_mark_text,
    key_messages,
    lede,
    paragraph,
    section_note,
    warning,
)

__all__ = [
    "Caption",
    "Drawing",
    "Html",
    "KeyMessage",
    "Rows",
    "bullets",
    "csv_text",
    "definitions",
    "end_mark",
    "end_mark_text",
    "figure",
    "key_messages",
    "lede",
    "link",
    "paragraph",
    "section_note",
    "table",
    "together",
    "warning",
]
