"""Which figures of a series to hide so that nobody can work out a count that is withheld.

Cells that share atoms are protected together, whatever tables they stand in. In each such part: hide what gives most
for its weight against every attack that falls short, show again what turns out not to be needed, and, where the part is
not too large, find by an integer programme over all the cuts the least that can be hidden, which is then proved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from needs_assessment.disclosure.attacks import TOLERANCE, Attacker, Flags, Gains, Statements
from needs_assessment.disclosure.cells import Cell, Known, Span, Status, Terms
from needs_assessment.disclosure.cuts import Choice, Cuts

_SLACKS = (0.1, 0.0)  # rough choices first: they are quick, and any teaches cuts


@dataclass(frozen=True)
class Pattern:
    """Which cells are hidden, by key.

    `hidden` are all of them; `secondary` those that could be printed for themselves and are hidden for the sake of
    others. The cover of the `unprotectable` cannot be kept even when every free cell is hidden; they are in order, and
    all others are protected as if these needed nothing. `optimal` says that no pattern of less weight is proven safe.
    """

    hidden: frozenset[str]
    secondary: frozenset[str]
    unprotectable: tuple[str, ...]
    optimal: bool


def protect_cells(
    cells: Sequence[Cell], known: Sequence[Known] = (), *, insiders: bool = False, optimal_up_to: int = 1000
) -> Pattern:
    """The cells to hide so that every value of every cover stays possible for whoever sees all that is printed.

    With `insiders` it also stays possible for those who know the counts of one area's own cells, for cells without an
    atom of that area. Parts of more than `optimal_up_to` linked cells are not brought to the proven optimum. The order
    of `cells` and `known` does not matter. Raises ValueError, naming every fault by the cell's key, for cells that no
    pattern fits: a key twice, a weight below 1, a free cell whose symbol rules out what its figure tells, or printed
    figures that contradict one another.
    """
    parts = [_Part(*part, insiders=insiders) for part in parts_of(cells, known)]
    return together(part.pattern(optimal_up_to) for part in parts)


def together(parts: Iterable[Pattern]) -> Pattern:
    """The pattern of cells of which each part has its own."""
    patterns = list(parts)
    return Pattern(
        frozenset().union(*(pattern.hidden for pattern in patterns)),
        frozenset().union(*(pattern.secondary for pattern in patterns)),
        tuple(sorted(key for pattern in patterns for key in pattern.unprotectable)),
        all(pattern.optimal for pattern in patterns),
    )


def _faults(cells: Sequence[Cell]) -> Iterator[str]:
    for before, cell in zip([None, *cells], cells, strict=False):
        if before is not None and before.key == cell.key:
            yield f"{cell.key}: stands twice"
        if cell.weight < 1:
            yield f"{cell.key}: its weight must be 1 or more"
        if cell.cover is not None and cell.cover[0] > cell.cover[1]:
            yield f"{cell.key}: its cover ends before it begins"
        if _choosable(cell) and not _contains(cell.hidden, cell.printed):
            yield f"{cell.key}: its symbol would rule out what its figure tells, so it cannot be free"


def _choosable(cell: Cell) -> bool:
    return cell.status is Status.FREE and not cell.exposed_in_print


def _hidden_from_the_start(cell: Cell) -> bool:
    return cell.status is Status.HIDDEN or (cell.status is Status.FREE and cell.exposed_in_print)


def _contains(outer: Span, inner: Span) -> bool:
    return outer[0] <= inner[0] and (outer[1] is None or (inner[1] is not None and inner[1] <= outer[1]))


def parts_of(cells: Sequence[Cell], known: Iterable[Known]) -> list[tuple[list[Cell], list[Known]]]:
    """The cells in order of key, and what is known of their atoms, in parts that share no atom: each can be protected
    without the others. Raises ValueError as `protect_cells` does.
    """
    ordered = sorted(cells, key=lambda cell: cell.key)
    faults = [*_faults(ordered)]
    if faults:
        raise ValueError(f"these cells cannot be protected: {'; '.join(faults)}")
    return [*_linked(ordered, known)]


def _linked(cells: Sequence[Cell], known: Iterable[Known]) -> Iterator[tuple[list[Cell], list[Known]]]:
    beside = sorted(set(known), key=lambda row: (row.terms, row.low is None, row.low, row.high is None, row.high))
    matrix = _matrix([*(cell.terms for cell in cells), *(row.terms for row in beside)])
    corner = coo_array(abs(matrix))
    rows, atoms = matrix.shape
    graph = coo_array((corner.data, (corner.row, corner.col + rows)), shape=(rows + atoms, rows + atoms))
    labels = connected_components(graph, directed=False)[1]
    for label in dict.fromkeys(labels[: len(cells)]):
        within = labels[:rows] == label
        yield (
            [cell for cell, here in zip(cells, within[: len(cells)], strict=True) if here],
            [row for row, here in zip(beside, within[len(cells) :], strict=True) if here],
        )


def _matrix(sums: Sequence[Terms]) -> csr_array:
    """The coefficients, a row for each sum and a column for each atom in order of name."""
    columns = {atom: column for column, atom in enumerate(sorted({atom for terms in sums for atom, _ in terms}))}
    entries = [(row, columns[atom], times) for row, terms in enumerate(sums) for atom, times in terms]
    places = np.array(entries, dtype=np.int64).reshape(-1, 3).T
    return csr_array((places[2], (places[0], places[1])), shape=(len(sums), len(columns)))


class _Part:
    """Linked cells, whoever attacks them, and what the attacks so far have taught about patterns."""

    def __init__(self, cells: Sequence[Cell], known: Sequence[Known], *, insiders: bool) -> None:
        self._cells = cells
        self._weights = np.array([cell.weight for cell in cells])
        self._free = np.array([_choosable(cell) and cell.hidden != cell.printed for cell in cells])
        self._attackers = [*_attackers(cells, known, insiders=insiders)]
        self._cuts = Cuts(len(cells))

    def pattern(self, optimal_up_to: int) -> Pattern:
        """The pattern of these cells alone."""
        unprotectable = self._give_up()
        hidden = self._greedy()
        optimal = not hidden.any()
        if not optimal and len(self._cells) <= optimal_up_to:
            hidden, optimal = self._least(hidden)
        secondary = frozenset(cell.key for cell, chosen in zip(self._cells, hidden, strict=True) if chosen)
        always = frozenset(cell.key for cell in self._cells if _hidden_from_the_start(cell))
        return Pattern(always | secondary, secondary, tuple(unprotectable), optimal)

    def _give_up(self) -> list[str]:
        """The keys of the cells that some attacker narrows though all is hidden; they are no goal from here on."""
        lost: set[int] = set()
        for attacker in self._attackers:
            beyond = attacker.narrowed(self._free)
            beyond |= {*attacker.excluded(self._free)}
            attacker.covers = {row: cover for row, cover in attacker.covers.items() if row not in beyond}
            lost |= beyond
        return [self._cells[row].key for row in sorted(lost)]

    def _greedy(self) -> Flags:
        hidden = self._protected(np.zeros(len(self._cells), dtype=bool), self._narrowing)
        hidden = self._shown_again(hidden, self._narrowing)
        protected = self._protected(hidden, self._breaking)
        return hidden if (protected == hidden).all() else self._shown_again(protected, self._breaking)

    def _narrowing(self, hidden: Flags) -> Iterator[Gains]:
        """A cut for each interval that is too narrow under a pattern."""
        for attacker in self._attackers:
            for gains in attacker.cuts(hidden):
                if gains is not None and gains @ hidden < 1 - TOLERANCE <= gains @ self._free:
                    yield gains
                else:
                    yield self._more(hidden)

    def _breaking(self, hidden: Flags) -> Iterator[Gains]:
        """The same, and where every interval is wide enough, a cut if any whole number in one is impossible."""
        narrow = False
        for gains in self._narrowing(hidden):
            narrow = True
            yield gains
        if not narrow and any(True for attacker in self._attackers for _ in attacker.excluded(hidden)):
            yield self._more(hidden)

    def _more(self, hidden: Flags) -> Gains:
        """The cut that holds for every unsafe pattern, since showing more never makes it safe."""
        shown = self._free & ~hidden
        if not shown.any():
            raise RuntimeError("an attack succeeds that had failed with every free cell hidden")
        return shown.astype(float)

    def _protected(self, hidden: Flags, attacks: _Attacks) -> Flags:
        """The pattern with more hidden, for one attack after another, until none is left."""
        hidden = self._cuts.satisfied(hidden, self._weights)
        while (breach := next(attacks(hidden), None)) is not None:
            self._cuts.extend([breach])
            hidden = self._cuts.satisfied(hidden, self._weights)
        return hidden

    def _shown_again(self, hidden: Flags, attacks: _Attacks) -> Flags:
        """The pattern without the cells that need not be hidden, tried one by one, the dearest first."""
        for cell in sorted(np.flatnonzero(hidden), key=lambda cell: -self._weights[cell]):
            fewer = hidden.copy()
            fewer[cell] = False
            if self._cuts.broken(fewer):
                continue
            breach = next(attacks(fewer), None)
            if breach is None:
                hidden = fewer
            else:
                self._cuts.extend([breach])
        return hidden

    def _least(self, best: Flags) -> tuple[Flags, bool]:
        """The lightest pattern found and whether it is proven that no safe one is lighter."""
        choice, repaired = Choice(self._weights, self._free), best
        for slack in _SLACKS:
            while (lighter := choice.best(self._cuts, best, slack)) is not None and self._less(lighter, best):
                self._cuts.extend([*self._breaking(lighter)])
                repaired = self._protected(lighter, self._narrowing)
                if self._less(repaired, best) and next(self._breaking(repaired), None) is None:
                    best = repaired
            if lighter is None:  # not proven, but what the last choice lacked and nothing more may still be lighter
                spare = self._shown_again(self._protected(repaired, self._breaking), self._breaking)
                return spare if self._less(spare, best) else best, False
        return best, True

    def _less(self, one: Flags, other: Flags) -> bool:
        return bool(self._weights @ one < self._weights @ other)


_Attacks = Callable[[Flags], Iterator[Gains]]


def _attackers(cells: Sequence[Cell], known: Sequence[Known], *, insiders: bool) -> Iterator[Attacker]:
    """The public, and with `insiders` whoever knows the own cells of one area, each with the covers to keep."""
    covers = {
        row: cell.cover
        for row, cell in enumerate(cells)
        if cell.cover is not None and not (cell.status is Status.PRINTED and cell.exposed_in_print)
    }
    areas = sorted(frozenset().union(*(cell.areas for cell in cells))) if insiders else []
    for area in [None, *areas]:
        wanted = {row: cover for row, cover in covers.items() if area not in cells[row].areas}
        if wanted:
            yield _attacker(cells, known, area, wanted)


def _attacker(
    cells: Sequence[Cell], known: Sequence[Known], area: str | None, covers: dict[int, tuple[int, int]]
) -> Attacker:
    beside = [(row.low, row.high) for row in known]
    printed = [_told(cell, cell.hidden if _hidden_from_the_start(cell) else cell.printed, area) for cell in cells]
    hidden = [_told(cell, cell.printed if cell.status is Status.PRINTED else cell.hidden, area) for cell in cells]
    matrix = _matrix([*(cell.terms for cell in cells), *(row.terms for row in known)])
    attacker = Attacker(Statements(matrix, _ends([*printed, *beside]), _ends([*hidden, *beside])), covers)
    if not attacker.believes(attacker.statements.printed):
        raise ValueError(f"what would be printed of {cells[0].key} and the cells linked with it contradicts itself")
    counted = [
        span if cell.count is None else (cell.count, cell.count) for cell, span in zip(cells, printed, strict=True)
    ]
    attacker.learn(_ends([*counted, *beside]))
    return attacker


def _told(cell: Cell, span: Span, area: str | None) -> Span:
    """What is told of a cell, or its count for an insider of its only area."""
    if cell.count is None or area is None or cell.areas != {area}:
        return span
    return (cell.count, cell.count)


def _ends(spans: Sequence[tuple[int | None, int | None]]) -> np.ndarray:
    return np.array(
        [
            [-np.inf if low is None else low for low, _ in spans],
            [np.inf if high is None else high for _, high in spans],
        ]
    )
