"""Damages of workbooks: hidden and stray sheets, merged cells, formulas, damaged and malicious archives."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Sequence
from datetime import date

from damaged_cells import FORMULA, NUMBER
from damaged_tables import DEPARTMENT, EVERY, PUBLISHED_COUNTS, SUMMED, UNKNOWN, some_row
from openpyxl import Workbook, load_workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet.worksheet import Worksheet
from original_returns import saved, zipped
from originals import TABLES, WORKBOOKS, Original, as_csv
from variants import Chance, Damaged, Make, kept, lost, told

from needs_assessment.sources.notes import Coercion
from needs_assessment.sources.tables import heading

BOOKS = tuple(WORKBOOKS)
NUMBERED = (*PUBLISHED_COUNTS, "return of referrals", "return of funding", *BOOKS)
SHEETS = {"crime workbook": "2017-18", "deprivation": "IDACI", "template": "referrals"}
ZEROS = bytes(12_000_000)


def as_workbook(original: Original) -> Workbook:
    """The original as a workbook; the numbers of a table of text become numbers."""
    if original.kind in WORKBOOKS:
        return load_workbook(io.BytesIO(original.content))
    workbook = Workbook()
    for row in original.rows:
        workbook.active.append([int(cell) if cell.strip().isdigit() else cell for cell in row])
    return workbook


def _saved(workbook: Workbook, column: str = "", row: int = 0, planted: str = "") -> Damaged:
    return Damaged(saved(workbook), column, row, planted)


def _book(change: Callable[[Workbook, Worksheet], object]) -> Make:
    """The file as a workbook in which something was changed; `change` is given the sheet of the figures too."""

    def make(original: Original, _: Chance) -> Damaged:
        workbook = as_workbook(original)
        change(workbook, _figures(workbook, original))
        file = original.layout.file.rpartition(".")[0] + ".xlsx"
        return Damaged(_saved(workbook).content, file=file)

    return make


def _figures(workbook: Workbook, original: Original) -> Worksheet:
    name = SHEETS.get(original.kind)
    return workbook[name] if name else workbook.active


def _one_cell(part: str, value: object) -> Make:
    """One cell of a column of the workbook changed."""

    def make(original: Original, chance: Chance) -> Damaged:
        workbook = as_workbook(original)
        sheet = _figures(workbook, original)
        name = getattr(original.layout, part)
        place = next(cell.column for cell in sheet[1] if cell.value == name)
        row = some_row(original, chance) + 1 if original.kind in TABLES else 3
        sheet.cell(row, place).value = value
        return _saved(workbook, heading(name), row, str(value))

    return make


def _cover(workbook: Workbook, sheet: Worksheet) -> None:
    cover = workbook.create_sheet("Cover", 0)
    cover.append(["Figures of all areas"])
    cover.append(["Contact", "statistics@example.org"])
    workbook.active = 0


def _hidden_copy(workbook: Workbook, sheet: Worksheet) -> None:
    copy = workbook.copy_worksheet(sheet)
    copy.sheet_state = "hidden"
    copy["A2"] = "an old draft"


def _second_copy(workbook: Workbook, sheet: Worksheet) -> None:
    workbook.copy_worksheet(sheet).title = "Copy"


def _hide(workbook: Workbook, sheet: Worksheet) -> None:
    _cover(workbook, sheet)
    sheet.sheet_state = "hidden"


def _merged_title(workbook: Workbook, sheet: Worksheet) -> None:
    sheet.insert_rows(1, 2)
    sheet["A1"] = "Table 7: figures of all areas"
    sheet.merge_cells("A1:D1")


def _hidden_rows(workbook: Workbook, sheet: Worksheet) -> None:
    sheet.row_dimensions[3].hidden = True
    sheet.column_dimensions["B"].hidden = True


def _as_shown(workbook: Workbook, sheet: Worksheet) -> None:
    for row in sheet.iter_rows(min_row=2):
        for cell in row:
            cell.number_format = "#,##0.00"


def _as_text(workbook: Workbook, sheet: Worksheet) -> None:
    for row in sheet.iter_rows(min_row=2):
        for cell in row:
            cell.value = None if cell.value is None else str(cell.value)


def _merged_headings(original: Original, chance: Chance) -> Damaged:
    workbook = as_workbook(original)
    sheet = _figures(workbook, original)
    place = next(cell.column for cell in sheet[1] if cell.value == original.layout.number)
    sheet.merge_cells(start_row=1, end_row=1, start_column=place - 1, end_column=place)
    return _saved(workbook)


def _counted_from_1904(workbook: Workbook, sheet: Worksheet) -> None:
    workbook.epoch = CALENDAR_MAC_1904


def _stray_cell(workbook: Workbook, sheet: Worksheet) -> None:
    sheet["XFD1048576"] = 1


def _own_sheet(workbook: Workbook, sheet: Worksheet) -> None:
    workbook.create_sheet("our notes", 0).append(["what we still have to ask"])
    workbook.move_sheet("referrals", 3)


def _renamed_heading(workbook: Workbook, sheet: Worksheet) -> None:
    cell = next(cell for cell in sheet[1] if cell.value == "age")
    cell.value = "age in years"


# The archive that a workbook is


def _archive(change: Callable[[dict[str, bytes]], object]) -> Make:
    """The workbook with its members changed."""

    def make(original: Original, _: Chance) -> Damaged:
        with zipfile.ZipFile(io.BytesIO(_content(original))) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        change(members)
        return Damaged(zipped(members))

    return make


def _content(original: Original) -> bytes:
    return original.content if original.kind in WORKBOOKS else _saved(as_workbook(original)).content


SHEET = "xl/worksheets/sheet1.xml"
BOMB = b'<!DOCTYPE w [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'


def _declare_entities(members: dict[str, bytes]) -> None:
    start = members[SHEET].index(b"<worksheet")
    members[SHEET] = members[SHEET][:start] + BOMB + members[SHEET][start:]


def _break_off(members: dict[str, bytes]) -> None:
    members[SHEET] = members[SHEET][: len(members[SHEET]) // 2]


def _formulas_with_results(members: dict[str, bytes]) -> None:
    members[SHEET] = re.sub(rb"<v>(\d+)</v></c>", rb"<f>0+\1</f><v>\1</v></c>", members[SHEET])


def _cut(original: Original, chance: Chance) -> Damaged:
    content = _content(original)
    return Damaged(content[: chance.randrange(len(content) // 4, len(content) - 30)])


def _torn(original: Original, chance: Chance) -> Damaged:
    """The workbook with one byte of its first sheet changed, as a bad disk leaves it."""
    content = bytearray(_content(original))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        member = archive.getinfo("xl/workbook.xml")
    content[member.header_offset + 30 + len(member.filename) + member.compress_size // 2] ^= 0x55
    return Damaged(bytes(content))


def _packed_table(original: Original, _: Chance) -> Damaged:
    return Damaged(zipped({original.layout.file: original.content}))


def _with_decimal_commas(original: Original, _: Chance) -> Damaged:
    """A sheet as a German Excel saves it: 35.037 looks like thirty-five thousand."""
    rows = [[_decimal_comma(cell) for cell in row] for row in as_workbook(original)["IMD"].values]
    return Damaged(as_csv(rows, delimiter=";"), "imd - average score", row=2, planted="35,037")


def _decimal_comma(cell: object) -> str:
    return f"{cell:.3f}".replace(".", ",") if isinstance(cell, float) else str(cell)


OLD_WORKBOOK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
LEFT_OF_THE_NUMBER: Sequence[str] = (*DEPARTMENT, SUMMED, "responders")
WORKBOOK_DAMAGES = (
    kept("saved as XLSX", EVERY, _book(lambda workbook, sheet: None)),
    kept("saved as XLSX, numbers as text", EVERY, _book(_as_text)),
    kept("numbers shown with commas and decimals", NUMBERED, _book(_as_shown)),
    kept("a cover sheet first", NUMBERED, _book(_cover)),
    kept("a merged title above", NUMBERED, _book(_merged_title)),
    kept("hidden rows and columns", NUMBERED, _book(_hidden_rows)),
    kept("a hidden draft of the sheet", NUMBERED, _book(_hidden_copy), Coercion.HIDDEN_SHEET),
    lost("its sheet is hidden", PUBLISHED_COUNTS, _book(_hide), UNKNOWN),
    lost("the table in two sheets", [*PUBLISHED_COUNTS, *BOOKS], _book(_second_copy), "sheet"),
    lost("merged headings", LEFT_OF_THE_NUMBER, _merged_headings, UNKNOWN),
    kept("formulas with their results", PUBLISHED_COUNTS, _archive(_formulas_with_results)),
    lost("a formula without its result", NUMBERED, _one_cell("number", "=1+1"), FORMULA),
    lost("a formula that failed", NUMBERED, _one_cell("number", "#REF!"), FORMULA),
    lost("a number that Excel made a date", NUMBERED, _one_cell("number", date(2024, 2, 1)), NUMBER),
    lost("true in place of a number", NUMBERED, _one_cell("number", True), NUMBER),
    lost("a text in place of a date", ["template"], _one_cell("day", "soon"), "must be a date"),
    lost("decimal commas", ["deprivation"], _with_decimal_commas, "comma or point"),
    kept("sheets of the template in another order", ["template"], _book(_own_sheet)),
    told("a heading of the template renamed", ["template"], _book(_renamed_heading), "columns left out: 1"),
    lost("days counted from 1904", NUMBERED, _book(_counted_from_1904), "from 1904"),
    lost("a stray cell in the far corner", NUMBERED, _book(_stray_cell), "so far from its first one"),
    lost("an archive that swells", NUMBERED, _archive(lambda members: members.update({"xl/x.bin": ZEROS})), "unpacks"),
    lost("a workbook that declares entities", NUMBERED, _archive(_declare_entities), "declares entities"),
    lost("a sheet that breaks off", NUMBERED, _archive(_break_off), "damaged"),
    lost("an archive that was cut off", NUMBERED, _cut, "damaged"),
    lost("an archive with a torn byte", NUMBERED, _torn, "damaged"),
    lost("a packed table", EVERY, _packed_table, "is an archive"),
    lost("an old workbook or one with a password", BOOKS, lambda *_: Damaged(OLD_WORKBOOK), "old workbook"),
)
