"""The workbook that an analyst fills in: a sheet for each evidence table of returns, written from the contracts."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from needs_assessment.evidence import CONTRACTS, sensitive_tables
from needs_assessment.evidence.dictionary import KINDS
from needs_assessment.sources.readers.returns import TABLES, allowed_words, filled_columns

READ_ME, COLUMNS = "Read me", "Columns"
LAST_ROW = 1_048_576
"""The last row of a worksheet: lists of allowed words reach down to it."""

_FORMATS = {"day": "dd/mm/yyyy", "text": "@", "whole": "0"}
_LEAST_WIDTH, _MOST_WIDTH = 12, 28


def template_tables() -> tuple[str, ...]:
    """The evidence tables that the template has a sheet for, in the order of the sheets."""
    return TABLES


def write_template(path: Path) -> None:
    """Writes an empty workbook (XLSX) that `needs-assessment import` reads once it is filled in.

    Each table's sheet has the headings of its contract in row 1, those that may not be blank in bold, and its first
    record in row 2. Raises FileExistsError where the file exists: it may have been filled in.
    """
    workbook = Workbook()
    _write_read_me(workbook.worksheets[0])
    for name in TABLES:
        _write_table(workbook.create_sheet(name), name)
    _write_columns(workbook.create_sheet(COLUMNS))
    workbook.properties.creator = "needs-assessment"
    content = io.BytesIO()
    workbook.save(content)
    with path.open("xb") as file:
        file.write(content.getvalue())


_EXPLANATION = (
    "This workbook is for returns that are not published: referrals, reviews of risk, figures that providers report, "
    "and the services, schemes and awards that they name.",
    "KEEP IT SAFE. Filled in, it holds sensitive records of single children. Keep it in the folder data/private of "
    "the project, which git ignores, and nowhere that others can read.",
    "Write no name, no case number of a live system, no date of birth, no address and no postcode: a pseudonym for "
    "each child, the age in years, and the area.",
    "Fill in the sheets that you have figures for and leave the others as they are. One row is one record, from row 2 "
    "downwards. Do not rename a heading; a sheet of your own may be added and is not read.",
    "A heading in bold must be filled in every row. What each column means, and the words that it takes, is in the "
    f"sheet {COLUMNS}.",
    "An area is its ONS code or its name. A date is a date of Excel or written as 31/03/2025. A cell left blank means "
    "that it is not stated: it is never read as zero.",
    "A figure names its service by service_id, and a risk level its scheme, so fill in services and risk_schemes too "
    "unless the evidence that you assess with it already has them. The levels of published schemes stand ready "
    "to copy in docs/risk_schemes.md of the project.",
    "Then import it: needs-assessment import THIS_FILE.xlsx --to data/private/FOLDER",
    "All faults are listed at once, by column and row, and none of them prints a cell.",
)


def _write_read_me(sheet: Worksheet) -> None:
    sheet.title = READ_ME
    sheet.column_dimensions["A"].width = 110
    sheet.append(["Template for returns"])
    sheet["A1"].font = Font(bold=True, size=14)
    for row, words in enumerate((*_EXPLANATION, *map(_about, TABLES)), start=2):
        sheet.cell(row, 1, words).alignment = Alignment(wrap_text=True, vertical="top")


def _about(name: str) -> str:
    mark = " (sensitive: one row is one child's record)" if name in sensitive_tables() else ""
    return f"Sheet {name}: {CONTRACTS[name].description}{mark}"


def _write_table(sheet: Worksheet, name: str) -> None:
    for place, (column, schema) in enumerate(filled_columns(name).items(), start=1):
        sheet.cell(1, place, column).font = Font(bold=not schema.nullable)
        letter = get_column_letter(place)
        # The format of a whole column holds for cells that are still empty.
        about = sheet.column_dimensions[letter]
        about.number_format = _FORMATS.get(schema.metadata["kind"], "General")
        about.width = min(max(len(column) + 3, _LEAST_WIDTH), _MOST_WIDTH)
        words = _words(schema)
        if words:
            validation = _list_of(words)
            validation.add(f"{letter}2:{letter}{LAST_ROW}")
            sheet.add_data_validation(validation)
    sheet.freeze_panes = "A2"


def _words(schema: Any) -> list[str]:
    return ["yes", "no"] if schema.metadata["kind"] == "yes_no" else allowed_words(schema)


def _list_of(words: list[str]) -> DataValidation:
    validation = DataValidation(type="list", formula1=f'"{",".join(words)}"', allow_blank=True)
    validation.errorTitle, validation.error = "Not in the list", "Choose a word of the list, or leave the cell blank."
    validation.showErrorMessage = True
    return validation


def _write_columns(sheet: Worksheet) -> None:
    """What each column of each table means, as the data dictionary says it."""
    for place, width in enumerate((18, 28, 14, 16, 70, 70), start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    sheet.append(["table", "column", "must be filled", "kind", "meaning", "rule"])
    for name in TABLES:
        for column, schema in filled_columns(name).items():
            rules = "; ".join(str(check.error) for check in schema.checks)
            filled = "no" if schema.nullable else "yes"
            sheet.append([name, column, filled, KINDS[schema.metadata["kind"]], schema.description, rules])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for row in sheet.iter_rows(min_row=2, min_col=5):
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = "A2"
