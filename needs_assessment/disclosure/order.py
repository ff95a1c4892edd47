"""The order in which figures are protected: totals first, then the breakdowns of what is printed of them.

A total is withheld for no breakdown's sake: where all categories are hidden they tell nothing of it. So the totals are
protected as if there were no breakdowns, and these after them. A total that is printed exactly then cuts what is linked
into small parts, since what adds up to it has nothing more to do with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from needs_assessment.disclosure.cells import Cell, Known, Status, Terms
from needs_assessment.disclosure.keys import BETWEEN
from needs_assessment.disclosure.policies import Policy
from needs_assessment.disclosure.protection import Pattern, parts_of, protect_cells, together

BREAKDOWNS = "breakdowns"


def is_breakdown(key: str) -> bool:
    """Whether a figure is of the table of breakdowns."""
    return key.startswith(BREAKDOWNS + BETWEEN)


def totals_first(cells: Sequence[Cell], known: Sequence[Known], policy: Policy, told: frozenset[str]) -> Pattern:
    """The pattern in which a reader can tell for no hidden figure of `told` that it is one small count rather than
    another: all of 1 to the threshold are possible, or none.

    Of the small figures all are possible anyway. A larger one that is hidden for their sake may be narrowed to, say, 4
    to 12; a reader cannot know that it is none of the small ones, and would think that 1 to 3 had been excluded.
    Raises ValueError as `protect_cells` does.
    """
    totals = [cell for cell in cells if not is_breakdown(cell.key)]
    atoms = {atom for cell in totals for atom, _ in cell.terms}
    first = together(
        _even(*part, policy, told)
        for part in parts_of(totals, [row for row in known if atoms.issuperset(atom for atom, _ in row.terms)])
    )
    if len(totals) == len(cells):
        return first
    decided = [cell if is_breakdown(cell.key) else _decided(cell, first.hidden) for cell in cells]
    return together([first, *_of_breakdowns(decided, known, policy, told)])


def _decided(cell: Cell, hidden: frozenset[str]) -> Cell:
    return replace(cell, status=Status.HIDDEN if cell.key in hidden else Status.PRINTED)


def _of_breakdowns(
    cells: Sequence[Cell], known: Sequence[Known], policy: Policy, told: frozenset[str]
) -> Iterator[Pattern]:
    exact = {cell.terms: cell.printed[0] for cell in cells if _is_exact(cell)}
    for part_cells, part_known in parts_of(cells, [_told(row, exact) for row in known]):
        if any(is_breakdown(cell.key) for cell in part_cells):
            yield _even(part_cells, part_known, policy, told)


def _is_exact(cell: Cell) -> bool:
    return cell.status is Status.PRINTED and cell.printed[0] == cell.printed[1] and not is_breakdown(cell.key)


def _told(row: Known, exact: Mapping[Terms, int]) -> Known:
    """The row with the number of its total, where that is printed: then it says nothing of the total's own parts."""
    total = tuple(term for term in row.terms if term[1] > 0)
    parts = tuple((atom, -sign) for atom, sign in row.terms if sign < 0)
    if row.low != 0 or not parts or total not in exact:
        return row
    return Known(parts, None if row.high is None else exact[total] - row.high, exact[total])


def _even(cells: Sequence[Cell], known: Sequence[Known], policy: Policy, told: frozenset[str]) -> Pattern:
    given_up: frozenset[str] = frozenset()
    while True:
        pattern = protect_cells(cells, known, insiders=policy.insiders)
        given_up |= frozenset(pattern.unprotectable)
        uneven = _uneven(cells, known, pattern.hidden & told, policy.withhold_up_to) - given_up
        if not uneven:
            return pattern
        cells = [_covered(cell, policy.withhold_up_to) if cell.key in uneven else cell for cell in cells]


def _covered(cell: Cell, most: int) -> Cell:
    return replace(cell, cover=(min(cell.cover[0], 1) if cell.cover else 1, most))


def _uneven(cells: Sequence[Cell], known: Sequence[Known], hidden: frozenset[str], most: int) -> frozenset[str]:
    """The hidden figures of which some of the counts from 1 to `most` are possible and some are not."""
    chosen = [_as_chosen(cell, hidden) for cell in cells]
    # Of those that need it all counts are possible already.
    asked = hidden - {cell.key for cell in cells if cell.cover and cell.cover[1] >= most}
    excluded = [_excluded(chosen, known, asked, count) for count in range(1, most + 1)]
    return frozenset.union(*excluded) - frozenset.intersection(*excluded)


def _as_chosen(cell: Cell, hidden: frozenset[str]) -> Cell:
    """The cell as readers see it; what no reader is shown yet stays hidden."""
    unseen = cell.key in hidden or cell.status is Status.HIDDEN
    return replace(cell, status=Status.HIDDEN if unseen else Status.PRINTED, cover=None)


def _excluded(cells: Sequence[Cell], known: Sequence[Known], asked: frozenset[str], count: int) -> frozenset[str]:
    """The figures of `asked` that cannot be `count` by all that is printed."""
    aimed = [replace(cell, cover=(count, count)) if cell.key in asked else cell for cell in cells]
    return frozenset(protect_cells(aimed, known).unprotectable)
