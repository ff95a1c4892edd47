"""Tidy CSV that is safe to open in a spreadsheet, and the link that carries it."""

from __future__ import annotations

import csv
import io
from typing import Any

import pandas as pd
from markupsafe import Markup

from needs_assessment.components.markup import embedded, fill

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_text(rows: pd.DataFrame) -> str:
    """Tidy CSV: missing cells blank, numbers as they are, and text that a spreadsheet would run as a formula disarmed.

    The leading apostrophe is the OWASP remedy for CSV injection, https://owasp.org/www-community/attacks/CSV_Injection.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(_safe_cell(column) for column in rows.columns)
    # itertuples, never iterrows: a row of numbers and text must not turn 2019 into 2019.0
    writer.writerows([_safe_cell(value) for value in row] for row in rows.itertuples(index=False, name=None))
    return text.getvalue()


def _safe_cell(value: Any) -> Any:
    if isinstance(value, str):
        return f"'{value}" if value.startswith(FORMULA_STARTS) else value
    return "" if pd.isna(value) else value


def download_link(rows: pd.DataFrame | None, anchor: str, name: str) -> Markup:
    """A link to the rows as a CSV file called after the anchor, naming table and size; nothing without rows."""
    if rows is None:
        return Markup("")
    content = csv_text(rows).encode("utf-8-sig")  # Excel reads a CSV file as UTF-8 only with this mark
    return fill(
        '<p class="download"><a download="{}.csv" href="{}">Download {} (CSV, {} kB)</a></p>',
        anchor,
        embedded("text/csv;charset=utf-8", content),
        name,
        max(1, round(len(content) / 1000)),
    )
