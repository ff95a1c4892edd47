"""The order in which figures are protected: totals first, then the details of what is printed of them.

Details are the breakdowns of a year's referrals and offences, and how children under review moved between levels: the
caseload is their total, and so is the number of those whom the year raised or lowered. A total is withheld for no
detail's sake: where all categories are hidden they tell nothing of it, and where all moves are, any caseload could have
become any other. So the totals are protected as if there were no details, and these after them. A total that is printed
exactly then cuts what is linked into small parts, since what adds up to it has nothing more to do with it.

What offences are counted by, such as victims, are totals although offences are at least as many: hidden offences tell
nothing of their victims.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from needs_assessment.disclosure.cells import Cell, Known, Status, terms
from needs_assessment.disclosure.definitions import BREAKDOWNS
from needs_assessment.disclosure.keys import BETWEEN
from needs_assessment.disclosure.policies import Policy
from needs_assessment.disclosure.protection import Pattern, parts_of, protect_cells, together
from needs_assessment.disclosure.under_review import MOVES, RISK_MOVEMENT

LINKED_DETAILS = 100
"""Of more linked figures than these, with details among them, no fewest are sought: in made-up forces that took four
times as long for 2 in 100 of the symbols."""


def is_detail(key: str) -> bool:
    """Whether a figure is protected after the totals."""
    table, _, measure, *_ = key.split(BETWEEN, 3)
    return table == BREAKDOWNS or (table == RISK_MOVEMENT and measure in MOVES)


def totals_first(cells: Sequence[Cell], known: Sequence[Known], policy: Policy, told: frozenset[str]) -> Pattern:
    """The pattern in which a reader can tell for no hidden figure of `told` that it is one small count rather than
    another: all of 1 to the threshold are possible, or none.

    Of the small figures all are possible anyway. A larger one that is hidden for their sake may be narrowed to, say, 4
    to 12; a reader cannot know that it is none of the small ones, and would think that 1 to 3 had been excluded.
    Raises ValueError as `protect_cells` does.
    """
    return together(_of_part(*part, policy, told) for part in parts_of(cells, known))


def _of_part(cells: Sequence[Cell], known: Sequence[Known], policy: Policy, told: frozenset[str]) -> Pattern:
    """Linked figures: the totals first, or all at once where printed totals give details away that are all hidden, such
    as that at least three have left where fewer are under review.
    """
    totals = [cell for cell in cells if not is_detail(cell.key)]
    if len(totals) in (0, len(cells)):
        return _even(cells, known, policy, told)
    atoms = {atom for cell in totals for atom, _ in cell.terms}
    among = [row for row in known if atoms.issuperset(atom for atom, _ in row.terms)]
    first = together(_even(*part, policy, told) for part in parts_of(totals, among))
    decided = [cell if is_detail(cell.key) else _decided(cell, first.hidden) for cell in cells]
    pattern = together([first, *_of_details(decided, known, policy, told)])
    lost = {*pattern.unprotectable} - {*first.unprotectable}
    return _even(cells, known, policy, told, LINKED_DETAILS) if lost else pattern


def _decided(cell: Cell, hidden: frozenset[str]) -> Cell:
    return replace(cell, status=Status.HIDDEN if cell.key in hidden else Status.PRINTED)


def _of_details(
    cells: Sequence[Cell], known: Sequence[Known], policy: Policy, told: frozenset[str]
) -> Iterator[Pattern]:
    printed = Printed(cell for cell in cells if _is_exact(cell))
    for part_cells, part_known in parts_of(cells, [*filter(None, map(printed.told, known))]):
        if any(is_detail(cell.key) for cell in part_cells):
            yield _even(part_cells, part_known, policy, told, LINKED_DETAILS)


def _is_exact(cell: Cell) -> bool:
    return cell.status is Status.PRINTED and cell.printed[0] == cell.printed[1] and not is_detail(cell.key)


class Printed:
    """The totals that are printed as their number, which may stand for them in what is known."""

    def __init__(self, totals: Iterable[Cell]) -> None:
        self._of_atom: dict[str, list[tuple[frozenset[str], int]]] = defaultdict(list)
        for cell in sorted(totals, key=lambda cell: (-len(cell.terms), cell.key)):
            atoms = frozenset(atom for atom, _ in cell.terms)
            for atom in atoms:
                self._of_atom[atom].append((atoms, cell.printed[0]))

    def told(self, row: Known) -> Known | None:
        """The row with numbers in place of whole totals, of whose parts it then says nothing; None where nothing is
        left.
        """
        left, number = dict(row.terms), 0
        for atom, sign in row.terms:
            alike = {other for other, factor in left.items() if factor == sign} if atom in left else set()
            whole = next((total for total in self._of_atom.get(atom, ()) if abs(sign) == 1 and total[0] <= alike), None)
            if whole is not None:
                left = {other: factor for other, factor in left.items() if other not in whole[0]}
                number += sign * whole[1]
        if not left:
            return None
        ends = (None if end is None else end - number for end in (row.low, row.high))
        return Known(terms(left), *ends)


def _even(
    cells: Sequence[Cell], known: Sequence[Known], policy: Policy, told: frozenset[str], optimal_up_to: int = 1000
) -> Pattern:
    """The pattern of linked figures that tells no hidden one apart; those of which it does are `unprotectable`."""
    given_up: frozenset[str] = frozenset()
    while True:
        pattern = protect_cells(cells, known, insiders=policy.insiders, optimal_up_to=optimal_up_to)
        given_up |= frozenset(pattern.unprotectable)
        uneven = _uneven(cells, known, pattern.hidden & told, policy.withhold_up_to) - given_up
        if not uneven:
            return replace(pattern, unprotectable=tuple(sorted(given_up)))
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
