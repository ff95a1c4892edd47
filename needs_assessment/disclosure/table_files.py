"""Tables with totals, from a file: which figures must be hidden with the small ones, for anyone who wants to try."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TextIO

import click

from needs_assessment.disclosure.cells import Cell, Status, terms
from needs_assessment.disclosure.protection import protect_cells

TOTAL = "Total"
_MOST = 1_000_000_000
_FIELDS = ("id", "rows", "cols", "inner", "threshold", "zeros_published")

Place = tuple[str, str]


@dataclass(frozen=True)
class Table:
    """A table of counts with its totals in both directions.

    `counts` has one by (row, column), totals included. Those of 1 to `threshold` are sensitive, or those at `primary`
    where it is given. With `zeros_published` a zero is never hidden, and a reader knows that what is hidden is not 0.
    """

    name: str
    counts: dict[Place, int]
    threshold: int
    zeros_published: bool
    primary: frozenset[Place] | None = None

    def cells(self) -> list[Cell]:
        """The table's figures as sums of the counts within."""
        return [self._cell(place, count) for place, count in self.counts.items()]

    def sensitive(self, place: Place) -> bool:
        """Whether the count there must stay anything from 1 to the threshold."""
        return 1 <= self.counts[place] <= self.threshold if self.primary is None else place in self.primary

    def contradictions(self) -> list[str]:
        """The figures that would have to be withheld and printed at once."""
        printed = [place for place, count in self.counts.items() if self._always_printed(count)]
        return [f"{list(place)} is always printed by zeros_published" for place in printed if self.sensitive(place)]

    def _always_printed(self, count: int) -> bool:
        return self.zeros_published and count == 0

    def _cell(self, place: Place, count: int) -> Cell:
        return Cell(
            key=_joined(place),
            terms=terms([_joined(other) for other in self.counts if _part(other, place)]),
            count=count,
            printed=(count, count),
            hidden=(1, None) if self.zeros_published else (0, None),
            cover=(1, self.threshold) if self.sensitive(place) else None,
            status=Status.PRINTED if self._always_printed(count) else Status.FREE,
        )


def _joined(place: Place) -> str:
    return json.dumps(place)  # quoted, so that no two places have one key


def _part(inner: Place, place: Place) -> bool:
    return TOTAL not in inner and all(outer in (TOTAL, own) for own, outer in zip(inner, place, strict=True))


@click.command(short_help="Print which figures of tables must be hidden.")
@click.argument("file", type=click.File("r", encoding="utf-8"))
def protect(file: TextIO) -> None:
    """Print which figures of each table in FILE (- for standard input) to hide so that no small count can be worked
    out, and whether fewer would do.

    FILE is JSON: {"cases": [{"id": …, "rows": […], "cols": […], "inner": [[…], …], "threshold": 5,
    "zeros_published": false}, …]}, with the counts of each row in `inner`; the totals are worked out. `primary`, a list
    of [row, column], says which figures are sensitive where they are not those from 1 to the threshold.

    \b
    Example:
      echo '{"cases": [{"id": "referrals", "rows": ["north", "south"], "cols": ["girls", "boys"],
        "inner": [[3, 12], [15, 9]], "threshold": 5, "zeros_published": false}]}' |
        python -m needs_assessment.disclosure protect -
    """
    tables = read_tables(file)
    click.echo(json.dumps({"cases": [_answer(table) for table in tables]}, indent=1, ensure_ascii=False))


def _answer(table: Table) -> dict[str, Any]:
    pattern = protect_cells(table.cells())
    secondary = [list(place) for place in table.counts if _joined(place) in pattern.secondary]
    proved = pattern.optimal and not pattern.unprotectable
    return {
        "id": table.name,
        "secondary": secondary,
        "min_secondary": len(secondary) if proved else None,
        "unprotectable": bool(pattern.unprotectable),
    }


def read_tables(file: TextIO) -> list[Table]:
    """The tables of a file of cases. Raises ClickException with every fault at once, by case and field and never with a
    count.
    """
    cases = _cases(file)
    faults = [*_repeated(cases)]
    for number, case in enumerate(cases, 1):
        name = case["id"] if isinstance(case, dict) and _is_text(case.get("id")) else f"number {number}"
        faults += [f"case {name}: {fault}" for fault in _faults(case)]
    tables = [] if faults else [_table(case) for case in cases]
    faults += [f"case {table.name}: primary: {fault}" for table in tables for fault in table.contradictions()]
    if faults:
        raise click.ClickException("\n  ".join([f"{file.name} cannot be read:", *faults]))
    return tables


def _cases(file: TextIO) -> list[Any]:
    try:
        content = json.load(file)
    except json.JSONDecodeError as error:
        raise click.ClickException(f"{file.name} is not JSON: line {error.lineno}, column {error.colno}") from None
    except (UnicodeDecodeError, RecursionError, ValueError):  # other bytes, too deep, or a number of too many digits
        raise click.ClickException(f"{file.name} is not JSON in UTF-8") from None
    if not isinstance(content, dict) or not isinstance(content.get("cases"), list):
        raise click.ClickException(f'{file.name}: expected an object with a list "cases"')
    return content["cases"]


def _repeated(cases: list[Any]) -> Iterator[str]:
    names = [case["id"] for case in cases if isinstance(case, dict) and _is_text(case.get("id"))]
    yield from (f"case {name}: id stands twice" for name in sorted({name for name in names if names.count(name) > 1}))


def _faults(case: Any) -> Iterator[str]:
    if not isinstance(case, dict):
        yield f"expected an object with {', '.join(_FIELDS)}"
        return
    yield from (f"{field}: missing" for field in _FIELDS if field not in case)
    if "id" in case and not _is_text(case["id"]):
        yield "id: expected a text"
    yield from (f"{side}: {fault}" for side in ("rows", "cols") if side in case and (fault := _misnamed(case[side])))
    if "threshold" in case and not (_is_count(case["threshold"]) and case["threshold"] >= 1):
        yield "threshold: expected a whole number from 1"
    if "zeros_published" in case and not isinstance(case["zeros_published"], bool):
        yield "zeros_published: expected true or false"
    yield from _misshapen(case)
    yield from _misplaced(case)


def _misnamed(names: Any) -> str:
    if not isinstance(names, list) or not names or not all(_is_text(name) for name in names):
        return "expected a list of names"
    if TOTAL in names:
        return f"{TOTAL} is worked out and cannot be a name"
    return "a name stands twice" if len({*names}) < len(names) else ""


def _misshapen(case: dict[str, Any]) -> Iterator[str]:
    inner, rows, columns = (case.get(field) for field in ("inner", "rows", "cols"))
    if "inner" not in case:
        return
    if not isinstance(inner, list) or not all(isinstance(row, list) for row in inner):
        yield "inner: expected a list of rows"
        return
    if isinstance(rows, list) and len(inner) != len(rows):
        yield f"inner: {len(inner)} rows where rows names {len(rows)}"
    for number, row in enumerate(inner, 1):
        if isinstance(columns, list) and len(row) != len(columns):
            yield f"inner, row {number}: {len(row)} counts where cols names {len(columns)}"
        wrong = [str(place) for place, count in enumerate(row, 1) if not _is_count(count)]
        if wrong:
            yield f"inner, row {number}: expected whole numbers from 0 to {_MOST:,} at {', '.join(wrong)}"


def _misplaced(case: dict[str, Any]) -> Iterator[str]:
    primary = case.get("primary")
    if primary is None:
        return
    if not isinstance(primary, list):
        yield "primary: expected a list of [row, column]"
        return
    sides = [[*names, TOTAL] if isinstance(names := case.get(side), list) else [TOTAL] for side in ("rows", "cols")]
    for number, place in enumerate(primary, 1):
        pair = isinstance(place, list) and len(place) == len(sides)
        if not pair or any(name not in names for name, names in zip(place, sides, strict=True)):
            yield f"primary, number {number}: no [row, column] of the table"


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST


def _table(case: dict[str, Any]) -> Table:
    inner = {
        (row, column): count
        for row, counts in zip(case["rows"], case["inner"], strict=True)
        for column, count in zip(case["cols"], counts, strict=True)
    }
    places = [(row, column) for row in (*case["rows"], TOTAL) for column in (*case["cols"], TOTAL)]
    counts = {place: sum(count for part, count in inner.items() if _part(part, place)) for place in places}
    primary = case.get("primary")
    chosen = None if primary is None else frozenset((row, column) for row, column in primary)
    return Table(case["id"], counts, case["threshold"], case["zeros_published"], chosen)
