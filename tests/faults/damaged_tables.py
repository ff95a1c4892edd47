"""Damages of tables of text (CSV): their encoding, headings and shape. `damaged_cells` has those of single cells."""

from __future__ import annotations

import gzip
import pickle
from collections.abc import Callable, Iterable
from functools import partial

from originals import TABLES, Original, Rows, as_csv
from variants import Chance, Damaged, Make, kept, lost

from needs_assessment.sources.notes import Coercion
from needs_assessment.sources.tables import heading

SUMMED = "single years"
"""A table of 96 columns, each typed by itself: slow to read, so it has the damages alone that its sums may show."""

EVERY = tuple(kind for kind in TABLES if kind != SUMMED)
DEPARTMENT = ("factors", "earlier factors", "referrals", "children")
PUBLISHED_COUNTS = (*DEPARTMENT, "crime", "responders")
RETURNS = ("return of referrals", "return of funding", "return of factors")
LOOKUPS = ("districts", "partnerships", "regions", "authority codes")
UNASCII = ("districts", "partnerships", "regions", SUMMED, "return of funding")
"""Files with a letter or a sign that is not ASCII."""
UNKNOWN, WIDTH = "no file that this project reads", "cells of its headings"


def without(kinds: Iterable[str], *others: str) -> tuple[str, ...]:
    """The kinds without the others."""
    return tuple(kind for kind in kinds if kind not in others)


# Rows and cells of an original


def column(original: Original, part: str) -> int:
    """The place of the column that the layout names."""
    return original.rows[0].index(getattr(original.layout, part))


def some_row(original: Original, chance: Chance) -> int:
    """The place of a row that the assessment uses."""
    rows = original.rows
    used = list(range(1, len(rows)))
    if original.kind in {"crime", "responders"}:
        # Of offences those of exploitation, of first responders the police; neither a total nor a force of no place.
        stated = {"71", "88A", "Police"}
        elsewhere = {"Total", "Police total", "British Transport Police"}
        used = [place for place in used if stated & {*rows[place]} and not elsewhere & {*rows[place]}]
    return chance.choice(used)


def _rows(change: Callable[[Rows, Chance], Rows]) -> Make:
    return lambda original, chance: Damaged(as_csv(change(original.rows, chance)))


def _bytes(change: Callable[[bytes], bytes]) -> Make:
    return lambda original, _: Damaged(change(original.content))


def _text(change: Callable[[str], bytes]) -> Make:
    return lambda original, _: Damaged(change(original.content.decode("utf-8-sig")))


# Encoding, separators, ends of lines


def _separated(delimiter: str, first: bytes = b"") -> Make:
    return lambda original, _: Damaged(first + as_csv(original.rows, delimiter=delimiter))


def _ended(end: str) -> Make:
    return lambda original, _: Damaged(as_csv(original.rows, end=end))


def _quoted(rows: Rows) -> bytes:
    return b"".join(",".join('"' + cell.replace('"', '""') + '"' for cell in row).encode() + b"\n" for row in rows)


ENCODINGS = (
    kept("UTF-8 with its mark", EVERY, _text(lambda text: text.encode("utf-8-sig")), Coercion.BYTE_ORDER_MARK),
    kept("UTF-16 as Excel saves it", EVERY, _text(lambda text: text.encode("utf-16")), Coercion.UTF_16),
    kept(
        "UTF-16, large byte first", EVERY, _text(lambda text: b"\xfe\xff" + text.encode("utf-16-be")), Coercion.UTF_16
    ),
    lost("UTF-16 without its mark", EVERY, _text(lambda text: text.encode("utf-16-le")), "NUL byte"),
    kept("Windows-1252", UNASCII, _text(lambda text: text.encode("cp1252")), Coercion.WINDOWS_1252),
    lost("two encodings in one file", UNASCII, _bytes(lambda content: content + b"M\xf4n,\r\n"), "mixes UTF-8"),
    lost("a byte that no encoding has", EVERY, _bytes(lambda content: content.replace(b"0", b"\x81", 1)), "text"),
    kept("semicolons", EVERY, _separated(";"), Coercion.DELIMITER),
    kept("tabulators", EVERY, _separated("\t"), Coercion.DELIMITER),
    kept("the separator told to Excel", EVERY, _separated(";", b"sep=;\r\n"), Coercion.DELIMITER),
    kept("lines ended by LF", EVERY, _ended("\n")),
    kept("lines ended by CR", EVERY, _ended("\r")),
    kept("every cell quoted", EVERY, lambda original, _: Damaged(_quoted(original.rows))),
)


# Headings


def _headings(change: Callable[[str], str]) -> Make:
    return lambda original, _: Damaged(as_csv([[change(name) for name in original.rows[0]], *original.rows[1:]]))


def _reordered(rows: Rows, chance: Chance) -> Rows:
    order = chance.sample(range(len(rows[0])), len(rows[0]))
    return [[row[place] for place in order] for row in rows]


def _exchanged(first: str, second: str) -> Make:
    """The headings of two columns, named by the layout or as they stand, in one another's place."""

    def make(original: Original, _: Chance) -> Damaged:
        rows = original.rows
        one, other = (rows[0].index(getattr(original.layout, name, "") or name) for name in (first, second))
        rows[0][one], rows[0][other] = rows[0][other], rows[0][one]
        return Damaged(as_csv(rows))

    return make


def _without_column(original: Original, _: Chance) -> Damaged:
    place = column(original, "number" if original.layout.number else "code" if original.layout.code else "name")
    return Damaged(as_csv([[*row[:place], *row[place + 1 :]] for row in original.rows]))


def _column_twice(change: str) -> Make:
    def make(original: Original, chance: Chance) -> Damaged:
        place, at = column(original, "number"), some_row(original, chance)
        rows = [[*row, row[place]] for row in original.rows]
        rows[at][-1] += change
        return Damaged(as_csv(rows), column=heading(rows[0][place]) if change else "")

    return make


MORE = "must not be more than"
HEADINGS = (
    kept("columns in another order", EVERY, _rows(_reordered)),
    kept("headings in capitals", EVERY, _headings(str.upper)),
    kept("headings with blanks of all kinds", EVERY, _headings(lambda name: f"\u00a0{name} \u200b")),
    kept("headings over two lines", ["crime"], _headings(lambda name: name.replace(" ", "\r\n"))),
    lost("misspelt headings", without(EVERY, "regions"), _headings(lambda name: name.replace("e", "3")), UNKNOWN),
    lost("no headings", EVERY, _rows(lambda rows, _: rows[1:]), UNKNOWN),
    lost("a column is gone", [SUMMED, *without(EVERY, "partnerships", "regions", *RETURNS)], _without_column, UNKNOWN),
    kept("a column twice, alike", PUBLISHED_COUNTS, _column_twice("")),
    lost("a column twice, not alike", [*PUBLISHED_COUNTS, *RETURNS[:2]], _column_twice("1"), "more than once"),
    lost("code and name exchanged", DEPARTMENT, _exchanged("code", "la_name"), "nine-character code"),
    lost("number and year exchanged", DEPARTMENT, _exchanged("number", "period"), "must be a year"),
    lost("a factor and all exchanged", DEPARTMENT[:2], _exchanged("number", "Episodes_with_assessment_factor"), MORE),
    lost("referrals and repeats exchanged", ["referrals"], _exchanged("number", "rereferral_count"), MORE),
)


# Rows


def _below(*cells: str) -> Make:
    """The table with a row below that has words in its first cell alone."""
    return _rows(lambda rows, _: [*rows, [*cells, *[""] * (len(rows[0]) - len(cells))]])


def _ragged_notes(rows: Rows, _: Chance) -> Rows:
    return [["Table 7: figures of all areas"], [], *rows, [], ["Source: the publisher"], ["1. Figures may be revised"]]


def _numbered(first: list[str]) -> Make:
    """The table with the number of each row before it; `first` stands before the headings."""
    return _rows(lambda rows, _: [first + rows[0], *([str(number), *row] for number, row in enumerate(rows[1:], 1))])


def _twice(original: Original, chance: Chance) -> Damaged:
    rows = original.rows
    return Damaged(as_csv([*rows, rows[some_row(original, chance)]]))


def _contradictory(original: Original, chance: Chance) -> Damaged:
    rows, place, at = original.rows, column(original, "number"), some_row(original, chance)
    figure = rows[at][place].strip()
    other = str(int(figure) + 1) if figure.isdigit() else "7"
    return Damaged(as_csv([*rows, [*rows[at][:place], other, *rows[at][place + 1 :]]]), row=len(rows) + 1)


def _longer(original: Original, chance: Chance) -> Damaged:
    rows, at = original.rows, some_row(original, chance)
    rows[at].insert(chance.randrange(1, len(rows[at])), "7")
    # Were the last cell blank, the row would be no longer than the headings.
    rows[at][-1] = rows[at][-1] or "7"
    return Damaged(as_csv(rows), row=at + 1)


def _shorter(original: Original, chance: Chance) -> Damaged:
    rows, at = original.rows, some_row(original, chance)
    del rows[at][chance.randrange(1, len(rows[at]))]
    return Damaged(as_csv(rows), row=at + 1)


def _total(off: int) -> Make:
    def make(original: Original, _: Chance) -> Damaged:
        rows, place = original.rows, column(original, "number")
        figures = [row[place].strip().replace(",", "") for row in rows[1:]]
        total = ["Total"] + [""] * (len(rows[0]) - 1)
        total[place] = str(sum(int(figure) for figure in figures if figure.isdigit()) + off)
        return Damaged(as_csv([*rows, total]), row=len(rows) + 1)

    return make


SHAPES = (
    kept("a title above and notes below", EVERY, _rows(_ragged_notes), Coercion.TOTAL_ROW),
    kept("a title with commas above", EVERY, _rows(lambda rows, _: [["Figures, by area, and kind"] + [""] * 3, *rows])),
    kept("a footnote as wide as the table", EVERY, _below("Source: the publisher"), Coercion.TOTAL_ROW),
    lost("more notes above than are read", EVERY, _rows(lambda rows, _: [["A note on figures"]] * 60 + rows), UNKNOWN),
    kept(
        "blank rows amid the table",
        EVERY,
        _rows(lambda rows, _: [*rows[:3], [], [""] * len(rows[0]), *rows[3:]]),
        Coercion.BLANK_ROW,
    ),
    kept(
        "rows in another order",
        [SUMMED, *EVERY],
        _rows(lambda rows, chance: [rows[0], *chance.sample(rows[1:], len(rows) - 1)]),
    ),
    kept("blank columns on the right", EVERY, _rows(lambda rows, _: [[*row, "", "", ""] for row in rows])),
    kept("a comma too many in each row", EVERY, _rows(lambda rows, _: [rows[0], *([*row, ""] for row in rows[1:])])),
    kept("numbers of rows without a heading", without(EVERY, *LOOKUPS[:3]), _numbered([""]), "has no heading"),
    lost("numbers of rows that shift all cells", EVERY, _numbered([]), WIDTH),
    kept("a row twice", EVERY, _twice, Coercion.REPEATED_ROW),
    lost("a row that contradicts another", [SUMMED, *PUBLISHED_COUNTS, "return of referrals"], _contradictory, ""),
    lost("a row with a cell too many", EVERY, _longer, WIDTH),
    lost("a row with a cell too few", EVERY, _shorter, WIDTH),
    lost("headings again below", without(EVERY, "crime"), _rows(lambda rows, _: [*rows, *rows[:2]]), ""),
    lost(
        "units below the headings",
        without(EVERY, "crime"),
        _rows(lambda rows, _: [rows[0], ["number"] * len(rows[0]), *rows[1:]]),
        "",
    ),
    kept("a right total below", ["return of funding"], _total(0), Coercion.TOTAL_ROW),
    lost("a wrong total below", ["return of funding"], _total(1), "sum of the other rows"),
    lost("a total that the publisher does not state", [SUMMED, *without(PUBLISHED_COUNTS, "crime")], _total(0), ""),
    lost("headings and no row", EVERY, _rows(lambda rows, _: rows[:1]), "no row below them"),
)


# Files that were cut off, or are something else


def _cut_amid_a_row(original: Original, chance: Chance) -> Damaged:
    """The file cut off within a row, as an interrupted download is."""
    lines = original.content.splitlines(keepends=True)
    last = lines[-1].rstrip()
    return Damaged(b"".join(lines[:-1]) + last[: chance.randrange(1, last.rindex(b","))])


def _cut_amid_a_number(original: Original, _: Chance) -> Damaged:
    """The file cut off within the last cell: what is left of the number looks like one."""
    return Damaged(original.content.rstrip()[:-1])


def _unclosed(original: Original, chance: Chance) -> Damaged:
    rows = original.rows
    lines = [as_csv([row]) for row in rows]
    at = chance.randrange(1, len(rows))
    return Damaged(b"".join([*lines[:at], b'"' + lines[at].lstrip(b'"'), *lines[at + 1 :]]))


PAGE = b"<!DOCTYPE html>\n<html><body><h1>404</h1><p>This file has moved.</p></body></html>\n"
CONTENTS = (
    lost("cut off amid a row", EVERY, _cut_amid_a_row, ""),
    lost("cut off amid the last number", ["children", SUMMED, "responders", RETURNS[1]], _cut_amid_a_number, ""),
    lost("a quotation mark that is not closed", EVERY, _unclosed, "quotation mark"),
    lost("a NUL byte", EVERY, _bytes(lambda content: content[:-9] + b"\x00" + content[-9:]), "NUL byte in line"),
    lost("an empty file", EVERY, _bytes(lambda _: b""), "is empty"),
    lost("blanks and nothing else", EVERY, _bytes(lambda _: b" \r\n\t\r\n"), "is empty"),
    lost("a pickle of the table", EVERY, _bytes(lambda content: pickle.dumps(content, protocol=4)), "Python pickle"),
    lost("a PDF of the table", EVERY, _bytes(lambda content: b"%PDF-1.7\n" + content), "is a PDF"),
    lost("a compressed table", EVERY, _bytes(partial(gzip.compress, mtime=0)), "is a compressed file"),
    lost("a web page in place of the file", EVERY, _bytes(lambda _: PAGE), "is a web page"),
    kept(
        "a name that says something else",
        without(EVERY, "neighbours"),
        lambda original, _: Damaged(original.content, file="picture.json"),
    ),
)
TABLE_DAMAGES = (*ENCODINGS, *HEADINGS, *SHAPES, *CONTENTS)
