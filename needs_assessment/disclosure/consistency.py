"""Whether true counts agree with the sums they are linked by: what contradicts them is not linked.

A reader who assumed a sum that does not hold would be misled, not informed; and a system of statements that has no
solution protects nothing, since every interval in it is empty.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from needs_assessment.disclosure.cells import Cell, Known, Span, Status, terms

INFEASIBLE = 2
"""The status of scipy's solver for a system without a solution."""


def linked(
    cells: Sequence[Cell], known: Sequence[Known], of_others: frozenset[str] = frozenset()
) -> tuple[list[Cell], list[Known], frozenset[str]]:
    """The cells and the knowledge that agree, and the keys of the figures that contradict others and stand alone.

    What earlier releases printed stands first, then the figures of today from the narrowest to the widest, then those
    that others published, whose keys `of_others` gives, then the relations between measures: each is linked where it
    agrees with those before it.
    """
    if _agree(cells, known):
        return list(cells), list(known), frozenset()
    # What shares no count with a contradiction has nothing to do with it.
    parts = [_in_order(*block, of_others) for block in _blocks(cells, known)]
    places = {cell.key: place for place, cell in enumerate(cells)}
    standing = sorted((cell for part in parts for cell in part[0]), key=lambda cell: places[cell.key])
    return standing, [row for part in parts for row in part[1]], frozenset().union(*(part[2] for part in parts))


def _in_order(
    cells: Sequence[Cell], known: Sequence[Known], of_others: frozenset[str]
) -> tuple[list[Cell], list[Known], frozenset[str]]:
    if _agree(cells, known):
        return list(cells), list(known), frozenset()
    standing: list[Cell] = []
    alone: set[str] = set()
    for cell in sorted(cells, key=lambda cell: (_rank(cell, of_others), len(cell.terms), cell.key)):
        agrees = _rank(cell, of_others) == 0 or _agree([*standing, cell], [])
        standing.append(cell if agrees else replace(cell, terms=terms([cell.key])))
        alone |= set() if agrees else {cell.key}
    kept: list[Known] = []
    for row in known:
        kept += [row] if _agree(standing, [*kept, row]) else []
    return standing, kept, frozenset(alone)


def _blocks(cells: Sequence[Cell], known: Sequence[Known]) -> list[tuple[list[Cell], list[Known]]]:
    """The cells and the knowledge in groups that share no atom."""
    sums = [*(cell.terms for cell in cells), *(row.terms for row in known)]
    atoms = {
        atom: place for place, atom in enumerate(dict.fromkeys(atom for each in sums for atom, _ in each), len(sums))
    }
    lines, places = zip(*((line, atoms[atom]) for line, each in enumerate(sums) for atom, _ in each), strict=True)
    size = len(sums) + len(atoms)
    _, label = connected_components(
        csr_array((np.ones(len(lines)), (lines, places)), shape=(size, size)), directed=False
    )
    blocks: dict[int, tuple[list[Cell], list[Known]]] = defaultdict(lambda: ([], []))
    for cell, block in zip(cells, label[: len(cells)], strict=True):
        blocks[int(block)][0].append(cell)
    for row, block in zip(known, label[len(cells) : len(sums)], strict=True):
        blocks[int(block)][1].append(row)
    return list(blocks.values())


def _rank(cell: Cell, of_others: frozenset[str]) -> int:
    """0 for what an earlier release printed, which is never taken apart."""
    if cell.key in of_others:
        return 2
    return 0 if cell.status is Status.PRINTED else 1


def _agree(cells: Sequence[Cell], known: Sequence[Known]) -> bool:
    """Whether some whole numbers of the atoms give every count, and what earlier releases printed."""
    rows: list[Row] = [(cell.terms, _true(cell)) for cell in cells]
    rows += [(row.terms, (row.low, row.high)) for row in known]
    fixed = _atoms_that_are_cells(cells)
    left = []
    for sums, (low, high) in rows:
        if all(atom in fixed for atom, _ in sums):
            total = sum(coefficient * fixed[atom] for atom, coefficient in sums)
            if (low is not None and total < low) or (high is not None and total > high):
                return False
        else:
            left.append((sums, (low, high)))
    return _solvable(left, fixed)


def _true(cell: Cell) -> Span:
    if cell.status is Status.PRINTED:
        return cell.printed
    # What stays hidden contradicts nothing that a reader knows: its count may have changed since it was first hidden.
    return (0, None) if cell.count is None or cell.status is Status.HIDDEN else (cell.count, cell.count)


def _atoms_that_are_cells(cells: Sequence[Cell]) -> dict[str, int]:
    """The atoms whose count is a figure of its own, and known."""
    spans = {cell.terms[0][0]: _true(cell) for cell in cells if len(cell.terms) == 1}
    return {atom: low for atom, (low, high) in spans.items() if low == high}


Row = tuple[tuple[tuple[str, int], ...], tuple[int | None, int | None]]


def _solvable(rows: Sequence[Row], fixed: Mapping[str, int]) -> bool:
    if not rows:
        return True
    atoms = {atom: place for place, atom in enumerate(sorted({atom for sums, _ in rows for atom, _ in sums}))}
    entries = [(coefficient, line, atoms[atom]) for line, (sums, _) in enumerate(rows) for atom, coefficient in sums]
    values, lines, places = zip(*entries, strict=True)
    matrix = csr_array((np.array(values, float), (lines, places)), shape=(len(rows), len(atoms)))
    low = [-np.inf if low is None else low for _, (low, _) in rows]
    high = [np.inf if high is None else high for _, (_, high) in rows]
    least = np.array([fixed.get(atom, 0) for atom in atoms], float)
    most = np.array([fixed.get(atom, np.inf) for atom in atoms], float)
    answer = milp(
        np.zeros(len(atoms)),
        constraints=LinearConstraint(matrix, low, high),
        bounds=Bounds(least, most),
        integrality=np.ones(len(atoms)),
    )
    return answer.status != INFEASIBLE
