"""Coarser tables: what leaving out the detail of a dimension would spare."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from needs_assessment.disclosure.cells import Cell, Known, Pairs, Status
from needs_assessment.disclosure.protection import protect_cells

_AT_ONCE = 2


@dataclass(frozen=True)
class Proposal:
    """A coarser publication: without the detail of a `dimension` (two are joined by " and "), how many `cells` it has
    and how many of them would be `hidden`.
    """

    dimension: str
    cells: int
    hidden: int


def coarser_tables(
    cells: Sequence[Cell], known: Sequence[Known] = (), *, insiders: bool = False, optimal_up_to: int = 1000
) -> list[Proposal]:
    """The publications without the detail of one or two dimensions, the one that hides the smallest share first.

    The detail of a dimension is every free cell that stands below a total in it: the total is otherwise in the same
    place. What earlier releases printed or hid stays. Equal shares are in order of name. Raises ValueError as
    `protect_cells` does.
    """
    detail = _detail(cells)
    proposals = []
    for dimensions in _choices(detail):
        without = _all(detail[dimension] for dimension in dimensions)
        left = [cell for cell in cells if cell.key not in without]
        pattern = protect_cells(left, known, insiders=insiders, optimal_up_to=optimal_up_to)
        proposals.append(Proposal(" and ".join(dimensions), len(left), len(pattern.hidden)))
    return sorted(proposals, key=lambda proposal: (proposal.hidden / proposal.cells, proposal.dimension))


def _choices(detail: dict[str, frozenset[str]]) -> Iterator[tuple[str, ...]]:
    """One or two dimensions, each with detail that the other does not already leave out."""
    names = sorted(name for name, keys in detail.items() if keys)
    for many in range(1, _AT_ONCE + 1):
        for chosen in combinations(names, many):
            if many == 1 or not (detail[chosen[0]] <= detail[chosen[1]] or detail[chosen[1]] <= detail[chosen[0]]):
                yield chosen


def _detail(cells: Sequence[Cell]) -> dict[str, frozenset[str]]:
    """By dimension, the keys of the free cells below a total in it."""
    return {dimension: _below(cells, dimension) for dimension in sorted(_all(cell.totals for cell in cells))}


def _below(cells: Sequence[Cell], dimension: str) -> frozenset[str]:
    totals = {_elsewhere(cell, dimension) for cell in cells if dimension in cell.totals}
    parts = (cell for cell in cells if cell.status is Status.FREE and dimension not in cell.totals)
    return frozenset(cell.key for cell in parts if _elsewhere(cell, dimension) in totals)


def _all(sets: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset[str]().union(*sets)


def _elsewhere(cell: Cell, dimension: str) -> Pairs:
    """Its place in every other dimension."""
    return tuple(sorted(pair for pair in cell.coordinates if pair[0] != dimension))
