from __future__ import annotations

import base64
import io
import json
import pickle
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from needs_assessment.sources import workbook
from needs_assessment.sources.coercion import counts, days, words
from needs_assessment.sources.files import Form, SourceFile, check_unchanged, open_file
from needs_assessment.sources.notes import Coercion, Notes, RefusedError
from needs_assessment.sources.tables import (
    has_table,
    heading,
    missing_headings,
    plain,
    table_with,
    tables_with,
    titles_of,
)

CASES = Path(__file__).resolve().parents[1].parent / "shared" / "cases" / "faults" / "ingest_cases.json"
needs_cases = pytest.mark.skipif(not CASES.is_file(), reason="the worked cases are not beside the project")
SHEET = "xl/worksheets/sheet1.xml"


def opened(folder: Path, content: bytes | str, notes: Notes | None = None) -> SourceFile:
    path = folder / "some file"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return open_file(path, notes or Notes("some file"))


def faults(notes: Notes) -> list[tuple[str, str, tuple[int, ...]]]:
    return [(fault.column, fault.rule, fault.rows) for fault in notes.faults]


# Text: encodings, separators, quotation marks


@pytest.mark.parametrize(
    ("content", "coercion"),
    [
        ("name,n\nYnys Môn,1\n".encode(), None),
        ("name,n\nYnys Môn,1\n".encode("utf-8-sig"), Coercion.BYTE_ORDER_MARK),
        ("name,n\nYnys Môn,1\n".encode("cp1252"), Coercion.WINDOWS_1252),
        ("name,n\nYnys Môn,1\n".encode("utf-16"), Coercion.UTF_16),
        ("name;n\nYnys Môn;1\n".encode(), Coercion.DELIMITER),
        ("name\tn\r\nYnys Môn\t1\r\n".encode(), Coercion.DELIMITER),
        ('"name","n"\r"Ynys Môn","1"\r'.encode(), None),
    ],
)
def test_text_is_read_alike_in_each_encoding_and_with_each_separator(
    tmp_path: Path, content: bytes, coercion: Coercion | None
) -> None:
    notes = Notes("some file")
    file = opened(tmp_path, content, notes)
    assert file.sheets[0].rows == [["name", "n"], ["Ynys Môn", "1"]]
    assert list(notes.counts) == ([(coercion, "")] if coercion else [])


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is empty"),
        (b" \r\n\r\n", "is empty"),
        (b"a,n\nA\x00B,1\n", "NUL byte in line 2"),
        (b'a,n\n"A,1\nB,2\n', "cannot be read as CSV from row 2"),
        (b'a,n\nB,2\n"A"x,1\n', "cannot be read as CSV from row 3"),
        (b"a,n\nA," + b"9" * 3_000_000 + b"\n", "cannot be read as CSV from row 2"),
        (b'a,n\n"A,1\n' + b"B,2\n" * 30 + b'C",3\n', "cannot be read as CSV from row 2"),
        ("name,n\nYnys Môn,1\n".encode() + "Sir Gâr,2\n".encode("cp1252"), "mixes UTF-8 with other text"),
        (b"\xef\xbb\xbfname,n\n\xf4,1\n", "is not the utf-8-sig text"),
        (b"\xff\xfea\x00,\x00b", "is not the utf-16 text"),
        (b"a,n\n\x81,1\n", "is not the cp1252 text"),
        (b'{"a": [1, 2', "is no valid JSON"),
        (b"%PDF-1.7", "is a PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "old workbook"),
        (b"PAR1....PAR1", "Parquet"),
        (b"\x1f\x8b\x08\x00", "compressed"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_the_reason(tmp_path: Path, content: bytes, why: str) -> None:
    with pytest.raises(RefusedError, match=why):
        opened(tmp_path, content)


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickle_is_never_opened(tmp_path: Path, protocol: int) -> None:
    with pytest.raises(RefusedError, match="Python pickle"):
        opened(tmp_path, pickle.dumps({"a": 1}, protocol=protocol))


def test_an_array_of_objects_is_never_opened(tmp_path: Path) -> None:
    array = io.BytesIO()
    np.save(array, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(RefusedError, match="NumPy"):
        opened(tmp_path, array.getvalue())


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="cannot be opened"):
        open_file(tmp_path / "nowhere.csv", Notes("nowhere.csv"))


def test_a_note_on_symbols_in_the_first_row_does_not_make_a_table_json(tmp_path: Path) -> None:
    assert opened(tmp_path, "[c] = withheld,\narea,n\nA,1\n").form is Form.TABLE
    assert opened(tmp_path, '[{"a": 1}]').document == [{"a": 1}]
    assert opened(tmp_path, "\ufeff  <?xml version='1.0'?><a/>").form is Form.XML


def test_commas_in_names_and_lists_in_cells_do_not_decide_the_separator(tmp_path: Path) -> None:
    rows = (
        opened(tmp_path, "Area, by name and kind, of 2025\narea;n\nHerefordshire, County of;3\nDurham;4\n")
        .sheets[0]
        .rows
    )
    assert rows[2] == ["Herefordshire, County of", "3"]
    rows = opened(tmp_path, "ages,names\n10,a|b|c|d\n11,e|f\n12,g|h|i|j\n").sheets[0].rows
    assert rows[1] == ["10", "a|b|c|d"]
    rows = opened(tmp_path, 'area,n\n"a;b;c;d;e",1\n').sheets[0].rows
    assert rows[1] == ["a;b;c;d;e", "1"]


def test_a_last_line_without_a_line_break_is_told_since_the_file_may_be_cut_off(tmp_path: Path) -> None:
    cut, whole = Notes("cut"), Notes("whole")
    opened(tmp_path, "n,area\n12,A", cut)
    opened(tmp_path, "n,area\n12,A\n", whole)
    assert ["cut off" in remark for remark in cut.remarks] == [True]
    assert whole.remarks == []


def test_a_last_number_without_a_line_break_is_refused_since_digits_may_be_lost(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="ends in a number without a line break"):
        opened(tmp_path, "area,n\nA,12")


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path) -> None:
    file = opened(tmp_path, "<a/>")
    check_unchanged(file)
    file.path.write_text("<b/>", encoding="utf-8")
    with pytest.raises(RefusedError, match="was changed while it was read"):
        check_unchanged(file)
    file.path.unlink()
    with pytest.raises(RefusedError, match="cannot be opened a second time"):
        check_unchanged(file)


# Workbooks


def xlsx(*rows: list[object], edit: Callable[[bytes], bytes] = lambda part: part, part: str = SHEET) -> bytes:
    """A workbook of one sheet; `edit` changes the XML of one part, as other software may have written it."""
    book, saved, changed = openpyxl.Workbook(), io.BytesIO(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(saved)
    with zipfile.ZipFile(saved) as old, zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, edit(old.read(name)) if name == part else old.read(name))
    return changed.getvalue()


def sheet_rows(content: bytes) -> list[list[str]]:
    workbook.check_archive(content)
    return next(iter(workbook.sheets(content)))[2]


ODS_NAMESPACES = (
    " ".join(f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text"))
    + ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
)


ODS_MANIFEST = (
    '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><manifest:file-entry '
    'manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/></manifest:manifest>'
)


def ods(*rows: str, before: str = "") -> bytes:
    """An OpenDocument spreadsheet of one sheet, given the XML of its rows."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        archive.writestr("META-INF/manifest.xml", ODS_MANIFEST)
        archive.writestr(
            "content.xml",
            f'<?xml version="1.0" encoding="UTF-8"?>{before}<office:document-content {ODS_NAMESPACES}><office:body>'
            f'<office:spreadsheet><table:table table:name="one">{"".join(rows)}</table:table></office:spreadsheet>'
            "</office:body></office:document-content>",
        )
    return made.getvalue()


def ods_row(*cells: str, repeated: int = 1) -> str:
    return f'<table:table-row table:number-rows-repeated="{repeated}">{"".join(cells)}</table:table-row>'


def ods_cell(shown: str, attributes: str = 'office:value-type="string"') -> str:
    return f"<table:table-cell {attributes}><text:p>{shown}</text:p></table:table-cell>"


def test_cells_of_a_workbook_are_text_as_a_spreadsheet_shows_them() -> None:
    rows = sheet_rows(
        xlsx(["n", "share", "day", "yes", "id"], [24, 0.1, date(2024, 4, 1), True, "000123"], [None, 1e20])
    )
    assert rows == [
        ["n", "share", "day", "yes", "id"],
        ["24", "0.1", "2024-04-01", "true", "000123"],
        ["", "1e+20", "", "", ""],
    ]


def test_headings_stand_where_they_stand_in_the_sheet(tmp_path: Path) -> None:
    file = opened(tmp_path, xlsx(["Title"], [], [None, "area", "n"], [None, "A", 1]))
    table = table_with(file, ["area", "n"], Notes("some file"))
    assert list(table.index) == [4]
    assert table.loc[4].to_dict() == {"area": "A", "n": "1"}


def test_hidden_sheets_are_left_out_and_counted(tmp_path: Path) -> None:
    book, saved, notes = openpyxl.Workbook(), io.BytesIO(), Notes("some file")
    book.active.append(["area"])
    book.create_sheet("hidden").sheet_state = "hidden"
    book.save(saved)
    assert [sheet.name for sheet in opened(tmp_path, saved.getvalue(), notes).sheets] == ["Sheet"]
    assert notes.counts == {(Coercion.HIDDEN_SHEET, ""): 1}


def test_hidden_rows_are_read_like_others() -> None:
    rows = sheet_rows(xlsx(["a"], ["x"], edit=lambda part: part.replace(b'<row r="2"', b'<row r="2" hidden="1"')))
    assert rows == [["a"], ["x"]]


def test_merged_cells_leave_blanks_that_are_not_filled_by_guess() -> None:
    book, saved = openpyxl.Workbook(), io.BytesIO()
    for row in (["area", "n"], ["A", 1], ["", 2]):
        book.active.append(row)
    book.active.merge_cells("A2:A3")
    book.save(saved)
    assert sheet_rows(saved.getvalue()) == [["area", "n"], ["A", "1"], ["", "2"]]


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        (b'<c r="B2" t="e"><v>#REF!</v></c>', workbook.FORMULA_ERROR),
        (b"<c t='e' r='B2'><f>1/0</f><v>#DIV/0!</v></c>", workbook.FORMULA_ERROR),
        (b'<c t="e"><v>#N/A</v></c>', workbook.FORMULA_ERROR),
        (b'<c r="B2"><f>A2+1</f><v></v></c>', workbook.NOT_CALCULATED),
        (b'<c r="B2"><f t="shared" si="0"/></c>', workbook.NOT_CALCULATED),
        (b'<c r="B2"><f>A2+1</f><v>7</v></c>', "7"),
        (b'<c r="B2" t="str"><f>IF(1,"","")</f><v></v></c>', ""),
    ],
)
def test_failed_and_uncalculated_formulas_are_marked_and_never_blank(cell: bytes, shown: str) -> None:
    rows = sheet_rows(xlsx(["a", "b"], ["x", 2], edit=lambda part: part.replace(b'<c r="B2" t="n"><v>2</v></c>', cell)))
    assert rows[1] == ["x", shown]


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        # LibreOffice writes a failed formula as an empty text, and older suites as the number 0.
        (
            ods_cell(
                "#DIV/0!",
                'table:formula="of:=1/0" office:value-type="string" office:string-value="" calcext:value-type="error"',
            ),
            workbook.FORMULA_ERROR,
        ),
        (
            ods_cell("#DIV/0!", 'table:formula="of:=1/0" office:value-type="float" office:value="0"'),
            workbook.FORMULA_ERROR,
        ),
        (
            ods_cell("Err:502", 'table:formula="of:=A" office:value-type="string" office:string-value=""'),
            workbook.FORMULA_ERROR,
        ),
        ('<table:table-cell table:formula="of:=1+1"/>', workbook.NOT_CALCULATED),
        (ods_cell("2", 'table:formula="of:=1+1" office:value-type="float" office:value="2"'), "2"),
        (ods_cell("1/4/24", 'office:value-type="date" office:date-value="2024-04-01"'), "2024-04-01"),
    ],
)
def test_formulas_of_an_open_document_are_marked_alike(cell: str, shown: str) -> None:
    rows = sheet_rows(ods(ods_row(ods_cell("a"), ods_cell("b")), ods_row(), ods_row(ods_cell("x"), cell, repeated=2)))
    assert rows == [["a", "b"], ["", ""], ["x", shown], ["x", shown]]


def test_a_marked_cell_beyond_all_others_is_still_there() -> None:
    content = xlsx(
        ["a"], edit=lambda part: part.replace(b"</row>", b'</row><row r="3"><c r="C3" t="e"><v>#REF!</v></c></row>')
    )
    assert sheet_rows(content) == [["a", "", ""], ["", "", ""], ["", "", workbook.FORMULA_ERROR]]


def test_a_workbook_that_counts_days_from_1904_is_refused() -> None:
    book, saved = openpyxl.Workbook(), io.BytesIO()
    book.epoch = CALENDAR_MAC_1904
    book.active.append([45383])
    book.save(saved)
    with pytest.raises(RefusedError, match="1904"):
        list(workbook.sheets(saved.getvalue()))


def test_a_cell_in_the_far_corner_does_not_exhaust_the_machine() -> None:
    far = openpyxl.Workbook()
    far.active["A1"], far.active["XFD1048576"] = 1, 2
    saved = io.BytesIO()
    far.save(saved)
    repeated = ods(
        ods_row(
            ods_cell("5", 'office:value-type="float" office:value="5" table:number-columns-repeated="16000"'),
            repeated=9999,
        )
    )
    for content in (saved.getvalue(), repeated):
        with pytest.raises(RefusedError, match="so far from its first one"):
            list(workbook.sheets(content))


def test_blank_cells_repeated_to_the_end_of_a_sheet_do_no_harm() -> None:
    blank = '<table:table-cell table:number-columns-repeated="16384"/>'
    assert sheet_rows(ods(ods_row(ods_cell("a"), blank), ods_row(blank, repeated=1_048_575))) == [["a"]]


def bomb() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * 5_000_000)
    return made.getvalue()


def lying() -> bytes:
    """An archive whose directory says that a member holds fewer bytes than it does."""
    content = xlsx(["a" * 500])
    held = zipfile.ZipFile(io.BytesIO(content)).getinfo(SHEET).file_size.to_bytes(4, "little")
    return content.replace(held, (10).to_bytes(4, "little"))


ENTITIES = b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (bomb(), "unpacks to far more"),
        (lying(), "damaged archive"),
        (xlsx(["a"])[:-60], "damaged archive"),
        (xlsx(["a"], edit=lambda part: ENTITIES + part), "declares entities of its own"),
        (xlsx(["a"], edit=lambda part: part[:-20]), "its XML breaks off"),
        (xlsx(["a"], edit=lambda part: part.replace(b"UTF-8", b"UT-F-8"), part="xl/workbook.xml"), None),
        (xlsx(["a"], edit=lambda part: b"<a/>", part="xl/_rels/workbook.xml.rels"), "cannot be read as a workbook"),
        (xlsx(["a"], edit=lambda part: part.replace(b'r="1"', b'r="one"')), "cannot be read as a workbook"),
        (ods(ods_row(ods_cell("&b;")), before=ENTITIES.decode()), "declares entities of its own"),
        (ods("<table:table-row>"), "its XML breaks off"),
    ],
)
def test_a_damaged_or_hostile_workbook_is_refused(tmp_path: Path, content: bytes, why: str | None) -> None:
    if why is None:
        assert opened(tmp_path, content).sheets[0].rows == [["a"]]
        return
    with pytest.raises(RefusedError, match=why):
        opened(tmp_path, content)


@pytest.mark.parametrize("member", ["notes.txt", "xl/workbook.bin"])
def test_an_archive_of_another_kind_is_refused(tmp_path: Path, member: str) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr(member, "words")
    with pytest.raises(RefusedError, match="neither a workbook nor a shapefile"):
        opened(tmp_path, made.getvalue())


# Tables


def read(folder: Path, content: str, required: list[str], notes: Notes) -> pd.DataFrame:
    return table_with(opened(folder, content, notes), required, notes)


def test_headings_are_compared_without_case_blanks_and_invisible_characters(tmp_path: Path) -> None:
    notes = Notes("some file")
    table = read(tmp_path, "Title,,\n,,\n AREA\u00a0 Code ,N\u200b,\nA,1,\n", ["area code", "n"], notes)
    assert list(table.columns) == ["area code", "n"]
    assert table.index.tolist() == [4]
    assert notes.faults == []


def test_raised_figures_are_never_read_as_digits() -> None:
    assert plain("24²") == "24²"
    assert plain("½ ① ₃") == "½ ① ₃"
    assert plain("\uff11\uff12\u00a0x\u200b ﬁ e\u0301") == "12 x fi é"
    assert heading(" Total² ") == "total²"


def test_missing_headings_are_those_that_the_best_row_lacks(tmp_path: Path) -> None:
    file = opened(tmp_path, "area,of what\nArea,Year,N\n")
    assert missing_headings(file, ["area", "year", "n", "unit"]) == ["unit"]
    assert has_table(file, ["n", "area"])
    with pytest.raises(RefusedError, match="has no table with the headings: unit"):
        table_with(file, ["area", "unit"], Notes("some file"))


def test_headings_without_rows_are_refused_and_no_report_of_zeros(tmp_path: Path) -> None:
    for content in ("area,n\n", "area,n\n,\n\n", "area,n\nSource: the council,\n"):
        with pytest.raises(RefusedError, match="has headings and no row below them"):
            read(tmp_path, content, ["area", "n"], Notes("some file"))


@pytest.mark.parametrize("content", ["area,n\nA,1\nB,2,3\n", "area,n\nC,1\nB\n", "area,n\nC,1\nB,2,9\n"])
def test_a_row_longer_or_shorter_than_its_headings_is_a_fault(tmp_path: Path, content: str) -> None:
    notes = Notes("some file")
    read(tmp_path, content, ["area", "n"], notes)
    assert faults(notes) == [("", "must have the 2 cells of its headings in each row", (3,))]


def test_nothing_shifts_where_each_row_has_a_cell_more_than_the_headings(tmp_path: Path) -> None:
    notes = Notes("some file")
    read(tmp_path, "area,n\nA,1,9\nB,2,8\n", ["area", "n"], notes)
    assert faults(notes) == [("", "must have the 2 cells of its headings in each row", (2, 3))]


def test_blank_cells_beyond_the_headings_and_blank_rows_are_left_out(tmp_path: Path) -> None:
    notes = Notes("some file")
    table = read(tmp_path, "area,n\nA,1,,\n,,,\nB,2,,\n,,,\n", ["area", "n"], notes)
    assert table["n"].to_dict() == {2: "1", 4: "2"}
    assert notes.counts == {(Coercion.BLANK_ROW, ""): 1}
    assert notes.faults == []


def test_footnotes_below_a_table_are_left_out_and_counted(tmp_path: Path) -> None:
    notes = Notes("some file")
    table = read(tmp_path, "area,n\nA,3\nB,4\nTotal,7\n,,\nSource: x,\nNote 1 on y\n", ["area", "n"], notes)
    assert table["area"].tolist() == ["A", "B", "Total"], "a row of a total is the reader's to check"
    assert notes.counts == {(Coercion.BLANK_ROW, ""): 1, (Coercion.TOTAL_ROW, ""): 2}


def test_the_stump_of_a_row_where_a_file_was_cut_off_is_no_footnote(tmp_path: Path) -> None:
    notes = Notes("some file")
    read(tmp_path, "area,n\nE06000019,3\nE06000", ["area", "n"], notes)
    assert [fault[2] for fault in faults(notes)] == [(3,)]


def test_a_heading_that_stands_twice_is_a_fault_unless_its_cells_are_the_same(tmp_path: Path) -> None:
    notes, same = Notes("some file"), Notes("some file")
    read(tmp_path, "area,n,note,note\nA,1,x,y\n", ["area", "n"], notes)
    assert faults(notes) == [("note", "the heading stands more than once", ())]
    table = read(tmp_path, "area,n,note,note\nA,1,x,x\n", ["area", "n"], same)
    assert (list(table.columns), same.faults) == (["area", "n", "note"], [])


def test_a_column_without_a_heading_is_left_out_and_told_of(tmp_path: Path) -> None:
    notes = Notes("some file")
    assert list(read(tmp_path, ",area,n\n0,A,1\n", ["area", "n"], notes).columns) == ["area", "n"]
    assert notes.remarks == ["column number 1 has no heading and was left out"]


def test_words_such_as_na_and_none_stay_words(tmp_path: Path) -> None:
    table = read(tmp_path, "area,n\nNA,None\nnan,n/a\n", ["area", "n"], Notes("some file"))
    assert table.to_numpy().tolist() == [["NA", "None"], ["nan", "n/a"]]


def test_identifiers_keep_their_zeros_and_letters(tmp_path: Path) -> None:
    table = read(tmp_path, "id,n\n000123,1\n1E5,2\n12345678901234567890,3\n", ["id"], Notes("some file"))
    assert table["id"].tolist() == ["000123", "1E5", "12345678901234567890"]


def two_sheets() -> bytes:
    book, saved = openpyxl.Workbook(), io.BytesIO()
    for name in ("2023", "2024"):
        sheet = book.create_sheet(name)
        sheet.append(["Title of the year"])
        sheet.append(["area", "n"])
        sheet.append(["A", int(name)])
    book.save(saved)
    return saved.getvalue()


def test_a_table_on_each_sheet_comes_with_the_name_of_its_sheet(tmp_path: Path) -> None:
    notes = Notes("some file")
    file = opened(tmp_path, two_sheets())
    assert [(name, table["n"].tolist()) for name, table in tables_with(file, ["area"], notes)] == [
        ("2023", ["2023"]),
        ("2024", ["2024"]),
    ]
    assert notes.faults == []
    table_with(file, ["area"], notes)
    assert [fault.rule for fault in notes.faults] == ["holds this table in more than one sheet; keep one"]


def test_titles_are_the_names_of_sheets_and_the_rows_of_one_cell(tmp_path: Path) -> None:
    assert titles_of(opened(tmp_path, two_sheets())) == [
        "Sheet",
        "2023",
        "2024",
        "Title of the year",
        "Title of the year",
    ]
    assert titles_of(opened(tmp_path, "Mid-2023,\narea,n\nA,1\nSource: x,\n")) == ["Mid-2023", "Source: x"]


# The worked cases: what must become of eighteen files that a plain reading gets wrong


def n_of(folder: Path, content: bytes) -> tuple[pd.DataFrame, Notes]:
    notes = Notes("some file")
    return counts(table_with(opened(folder, content, notes), ["n"], notes)["n"], notes), notes


def case(name: str) -> bytes:
    found = {one["id"]: one for one in json.loads(CASES.read_text(encoding="utf-8"))["cases"]}
    return base64.b64decode(found[name]["bytes_base64"])


@needs_cases
def test_each_worked_case_is_tested_here() -> None:
    cases = {one["id"] for one in json.loads(CASES.read_text(encoding="utf-8"))["cases"]}
    assert cases == {*RIGHT, *REFUSED, *ROWS_AT_FAULT, "na_text", "la_mix", "cp1252", *DAYS}


RIGHT = {"utf16": [1], "thousands": [1234, 7], "trailing_total": [3, 4, 7]}
REFUSED = ["unclosed_quote", "nul", "empty", "header_only"]
ROWS_AT_FAULT = {
    "symbols": {5, 6, 8, 9, 10},
    "excel_errors": {2, 3, 4},
    "ragged_long": {3},
    "extra_col_index": {2, 3},
    "fullwidth": {3},
}
DAYS = {
    "serial_dates": ["2024-04-01", "2024-04-02"],
    "dayfirst_mixed": ["2024-04-03", "2024-04-13"],
    "dayfirst_trap": ["2024-04-03", "2024-04-12"],
}


@needs_cases
@pytest.mark.parametrize("name", RIGHT)
def test_worked_cases_that_are_read_right(tmp_path: Path, name: str) -> None:
    read_counts, notes = n_of(tmp_path, case(name))
    assert read_counts["count"].tolist() == RIGHT[name]
    assert notes.faults == []


@needs_cases
@pytest.mark.parametrize("name", REFUSED)
def test_worked_cases_that_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(RefusedError):
        n_of(tmp_path, case(name))


@needs_cases
@pytest.mark.parametrize("name", ROWS_AT_FAULT)
def test_worked_cases_whose_faults_name_their_rows(tmp_path: Path, name: str) -> None:
    _, notes = n_of(tmp_path, case(name))
    assert {row for fault in notes.faults for row in fault.rows} == ROWS_AT_FAULT[name]


@needs_cases
@pytest.mark.parametrize("name", DAYS)
def test_worked_cases_of_days(tmp_path: Path, name: str) -> None:
    notes = Notes("some file")
    found = days(table_with(opened(tmp_path, case(name)), ["d"], notes)["d"], notes)
    assert found.dt.strftime("%Y-%m-%d").tolist() == DAYS[name]
    assert notes.faults == []


@needs_cases
def test_worked_cases_of_words(tmp_path: Path) -> None:
    notes = Notes("some file")
    read_words = {
        name: words(table_with(opened(tmp_path, case(name), notes), [column], notes)[column], notes).tolist()
        for name, column in {"na_text": "eth", "la_mix": "la", "cp1252": "area"}.items()
    }
    assert read_words == {
        "na_text": ["NA", "None", "N/A", "n/a"],
        "la_mix": ["E06000019", "Herefordshire, County of", "Herefordshire", "HEREFORDSHIRE CC"],
        "cp1252": ["Telford – Wrekin"],
    }
    assert notes.faults == []
