"""The import report: for each file what it was recognised as, every coercion counted, and what was left out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from needs_assessment.sources.importing import ImportedFile

REPORT_FILE = "IMPORT.md"
REPORT_TITLE = "# Import report"


def report_of(files: Iterable[ImportedFile]) -> str:
    """The report as Markdown. It holds names of files, headings and counts, and never a cell."""
    files = list(files)
    sections = [_section(one) for one in files if one.title]
    left_out = [f"- {one.notes.name}: {one.left_out}" for one in files if one.left_out]
    closing = ["## Files left out", "\n".join(left_out)] if left_out else []
    return "\n\n".join([REPORT_TITLE, _OPENING, *sections, *closing]) + "\n"


_OPENING = (
    "Made by `needs-assessment import`, which replaces this whole folder: keep nothing else here.\n"
    "No number was changed or guessed. What reading did to the text of each file is counted below."
)


def _section(one: ImportedFile) -> str:
    rows = ", ".join(f"{count:,} of {name}" for name, count in one.rows.items() if count)
    lines = [f"## {one.notes.name}", f"Recognised as: {one.title}.", f"Rows: {rows or 'none'}."]
    counted = [
        f"- {coercion}{f', column {column}' if column else ''}: {times:,}"
        for (coercion, column), times in one.notes.counts.items()
    ]
    remarks = [f"- {remark}" for remark in one.notes.remarks]
    return "\n\n".join([*lines, *(["\n".join(counted + remarks)] if counted or remarks else [])])


def files_in(report: str) -> list[str]:
    """The names of the files that a report says were read."""
    sections = re.findall(r"^## (.+)\n\nRecognised as", report, flags=re.MULTILINE)
    return [str(name) for name in sections]
