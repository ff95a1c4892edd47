"""Damages of the cells of tables: numbers, codes, names, periods and dates as people and programs write them."""

from __future__ import annotations

from collections.abc import Callable

from damaged_tables import DEPARTMENT, LOOKUPS, PUBLISHED_COUNTS, RETURNS, SUMMED, column, some_row, without
from original_documents import CANARY
from originals import Original, as_csv
from variants import Chance, Damaged, Make, kept, lost

from needs_assessment.sources.notes import Coercion
from needs_assessment.sources.tables import heading

COUNTS = (*PUBLISHED_COUNTS, "return of referrals")
NUMBERS = (*COUNTS, "return of funding")
LARGE = ("referrals", "children", SUMMED, "return of funding")
CODED = (*DEPARTMENT, SUMMED, *LOOKUPS)
NAMED = ("crime", "responders", "return of referrals", "return of funding")

Change = Callable[[str], str]


def _in_one(part: str, change: Change | str, local: bool = False) -> Make:
    """One cell of a column changed; `local` in the row of a local authority."""

    def make(original: Original, chance: Chance) -> Damaged:
        rows, place = original.rows, column(original, part)
        row = _local_row(original, chance) if local else some_row(original, chance)
        rows[row][place] = change if isinstance(change, str) else change(rows[row][place].strip())
        return Damaged(as_csv(rows), heading(rows[0][place]), row + 1, rows[row][place])

    return make


def _in_each(part: str, change: Change) -> Make:
    """Every cell of a column changed."""

    def make(original: Original, _: Chance) -> Damaged:
        place, (first, *rows) = column(original, part), original.rows
        return Damaged(as_csv([first, *([*row[:place], change(row[place]), *row[place + 1 :]] for row in rows)]))

    return make


def _local_row(original: Original, chance: Chance) -> int:
    """The place of a row of a local authority that was neither split nor merged."""
    rows, place = original.rows, column(original, "code")
    kinds = {"E06", "E08", "E09", "E10"}
    # Rows of `x` are authorities that the Department has no code of.
    used = [row for row in range(1, len(rows)) if rows[row][place][:3] in kinds and rows[row][0] != "x"]
    return chance.choice(used)


def _code_of_another(original: Original, chance: Chance) -> Damaged:
    """The code of one authority beside the figures of another one of the same period."""
    rows, place = original.rows, column(original, "code")
    row = _local_row(original, chance)
    period = rows[0].index(original.layout.period) if original.layout.period else None
    alike = [
        other
        for other in range(1, len(rows))
        if rows[other][place][:3] == rows[row][place][:3]
        and rows[other][place] != rows[row][place]
        and (period is None or rows[other][period] == rows[row][period])
    ]
    rows[row][place] = rows[chance.choice(alike)][place]
    return Damaged(as_csv(rows), row=row + 1)


def _with_nought(number: str) -> str:
    return f"{number.strip()}.0" if number.strip().isdigit() else number


def _grouped(number: str) -> str:
    return f"{int(number):,}" if number.isdigit() else number


def _wide(words: str) -> str:
    """The digits as a Japanese keyboard writes them."""
    return words.translate({ord(digit): ord(digit) - ord("0") + 0xFF10 for digit in "0123456789"})


NUMBER, FORMULA = "number", "failed or uncalculated formula"
NUMBER_CELLS = (
    kept("numbers between blanks of all kinds", NUMBERS, _in_each("number", lambda n: f" \u00a0{n}\u2009 ")),
    kept("thousands set off by commas", LARGE, _in_each("number", _grouped), Coercion.THOUSANDS),
    kept("numbers with a decimal nought", NUMBERS, _in_each("number", _with_nought)),
    kept("digits of full width", without(NUMBERS, "crime"), _in_each("number", _wide), Coercion.CHARACTERS),
    kept("invisible characters", NUMBERS, _in_each("number", lambda n: f"\u200b{n}\ufeff"), Coercion.CHARACTERS),
    lost("#REF! for a number", NUMBERS, _in_one("number", "#REF!"), FORMULA),
    lost("#N/A for a number", NUMBERS, _in_one("number", "#N/A"), FORMULA),
    lost("##### for a number", NUMBERS, _in_one("number", "#####"), FORMULA),
    lost("no number", PUBLISHED_COUNTS, _in_one("number", ""), "must not be blank"),
    lost("NA for a number", NUMBERS, _in_one("number", "NA"), NUMBER),
    lost("an asterisk for a number", NUMBERS, _in_one("number", "*"), NUMBER),
    lost("<5 for a number", NUMBERS, _in_one("number", "<5"), NUMBER),
    lost("a dash for a number", NUMBERS, _in_one("number", "-"), NUMBER),
    lost("two dots for a number", without(NUMBERS, "crime"), _in_one("number", ".."), NUMBER),
    lost("NaN for a number", NUMBERS, _in_one("number", "NaN"), NUMBER),
    lost("inf for a number", NUMBERS, _in_one("number", "inf"), NUMBER),
    lost("1e5 for a number", NUMBERS, _in_one("number", "1e5"), NUMBER),
    lost("a number below nought", without(NUMBERS, "crime"), _in_one("number", "-3"), "0 or more"),
    lost("a number in brackets", NUMBERS, _in_one("number", "(3)"), NUMBER),
    lost("part of a count", COUNTS, _in_one("number", "24.5"), NUMBER),
    lost("a fraction", NUMBERS, _in_one("number", "2½"), NUMBER),
    lost("a raised note mark", NUMBERS, _in_one("number", "24²"), NUMBER),
    lost("a total that is no sum", [SUMMED], _in_one("number", lambda n: str(int(n) + 1)), "must be the sum"),
    lost("a letter for a nought", NUMBERS, _in_one("number", lambda n: n[:-1] + "O"), NUMBER),
    lost("a comma that may be a point", NUMBERS, _in_one("number", "1,23"), NUMBER),
    lost("a point that may set off thousands", COUNTS, _in_one("number", "1.234"), NUMBER),
    lost("a point before three noughts", COUNTS, _in_one("number", "12.000"), NUMBER),
    lost("a decimal comma after nought", NUMBERS, _in_one("number", "0,283"), NUMBER),
    lost("thousands set off by a blank", NUMBERS, _in_one("number", "12 345"), NUMBER),
    lost("digits of another script", NUMBERS, _in_one("number", "٢٤"), NUMBER),
    lost("a mark behind the number", NUMBERS, _in_one("number", lambda n: f"{n} r"), NUMBER),
    lost("a date in place of a number", NUMBERS, _in_one("number", "2024-02-01"), NUMBER),
    lost("a word in place of a number", NUMBERS, _in_one("number", "twelve"), NUMBER),
    lost("more digits than a number keeps", NUMBERS, _in_one("number", "9" * 19), NUMBER),
)

CODE, NINE = "code", "code"
RETURNED = ("return of referrals", "return of funding")
CODE_CELLS = (
    kept("codes between blanks of all kinds", CODED, _in_each("code", lambda code: f"\u00a0{code} \u200b")),
    kept("returned codes in small letters", RETURNED, _in_each("code", str.lower)),
    lost("a code in small letters", CODED, _in_one("code", str.lower, local=True), NINE),
    lost("a code with a letter for a nought", CODED, _in_one("code", lambda c: c.replace("0", "O"), local=True), NINE),
    lost("a code that is too short", CODED, _in_one("code", lambda code: code[:-1], local=True), NINE),
    lost("a code of another kind of place", CODED, _in_one("code", "E05000026", local=True), NINE),
    lost("a name in place of a code", CODED, _in_one("code", "Herefordshire", local=True), NINE),
    lost("a code that stands there already", CODED, _code_of_another, ""),
    lost("an unknown name", NAMED, _in_one("name", "Barchester"), "must be"),
    lost("an unknown code of three digits", ["neighbours"], _in_one("name", "199"), "three-digit code"),
    lost("a name that two areas have", ["return of funding"], _in_one("name", "Derbyshire"), "name of one area"),
    kept("names in capitals", ["crime"], _in_each("name", str.upper)),
)


PERIOD_CELLS = (
    lost("a year with a digit too many", DEPARTMENT, _in_one("period", lambda year: year + "4"), "must be a year"),
    lost("a year with a letter", DEPARTMENT, _in_one("period", lambda year: year.replace("0", "O")), "must be a year"),
    lost("a year in place of which stands a span", DEPARTMENT, _in_one("period", "2024/25"), "must be a year"),
    lost("a financial year that skips one", ["crime"], _in_one("period", "2017/19"), "financial year such as"),
    lost("a fifth quarter", ["responders"], _in_one("period", "2023-Q5"), "calendar quarter"),
    lost("a date with a name in it", RETURNS, _in_one("day", f"{CANARY} 03/04/2024"), "must be a date"),
    lost("a day that no month has", RETURNS, _in_one("day", "31/02/2024"), "must be a date"),
    lost("the month before the day", RETURNS, _in_one("day", "04/23/2024"), "must be a date"),
    lost("a year of two digits", RETURNS, _in_one("day", "03/04/24"), "must be a date"),
    lost("today", RETURNS, _in_one("day", "today"), "must be a date"),
    lost("a number that is no day", RETURNS, _in_one("day", "99999"), "must be a date"),
)
CELL_DAMAGES = (*NUMBER_CELLS, *CODE_CELLS, *PERIOD_CELLS)
