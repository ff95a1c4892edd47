"""Made-up counts and the tables that a series prints of them, for the tests and the benchmark of the disclosure engine,
and the ways of withholding by hand that the engine stands beside.

Everything comes from a seed: an atom is the count of one area, type, risk and quarter, Poisson with a rate that is the
mean times a gamma factor (shape 1.5) for each area, type and risk. So the tables have about as many counts of
1 to 5 as those of the prototype's figures in `shared/cases/disclosure` (378 against 391 of the 900 cells of a full
cross at a mean of 1.5).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from needs_assessment.disclosure.audit.attackers import Finding, Target, attack
from needs_assessment.disclosure.audit.systems import Statement, System
from needs_assessment.disclosure.cells import Cell, Status, terms
from needs_assessment.disclosure.policies import Policy

Counts = NDArray[np.int64]
"""Counts by area, type, risk and quarter."""
DIMENSIONS = ("area", "type", "risk", "period")
FORCE = "force"
ALL = "all"
DFE = Policy("dfe")


class Value(NamedTuple):
    """One value of a dimension of a table, and which atoms' values it sums."""

    name: str
    members: tuple[int, ...]


@dataclass(frozen=True)
class Shape:
    """How many values each dimension has, and the mean count of an atom."""

    areas: int = 4
    types: int = 4
    risks: int = 3
    quarters: int = 8
    mean: float = 1.5

    @property
    def sizes(self) -> tuple[int, int, int, int]:
        return self.areas, self.types, self.risks, self.quarters


def simulated_counts(seed: int, shape: Shape) -> Counts:
    """Gamma-Poisson counts of every atom."""
    random = np.random.default_rng(seed)
    rate = np.full(shape.sizes, shape.mean)
    for axis, size in enumerate(shape.sizes[:3]):
        factor = random.gamma(1.5, 1 / 1.5, size)
        rate = rate * (factor / factor.mean()).reshape([-1 if axis == other else 1 for other in range(4)])
    return random.poisson(rate)


# The tables


@dataclass(frozen=True)
class Sides:
    """The values of every dimension: the single ones (none where there is only one) and the sum of them all."""

    areas: list[Value]
    types: list[Value]
    risks: list[Value]
    quarters: list[Value]
    force: Value
    all_types: Value
    all_risks: Value
    all_quarters: Value

    @staticmethod
    def of(counts: Counts) -> Sides:
        areas, types, risks, quarters = (
            [Value(f"{letter}{place + 1:02d}", (place,)) for place in range(size) if size > 1]
            for letter, size in zip("atrq", counts.shape, strict=True)
        )
        names = (FORCE, ALL, ALL, ALL)
        wholes = (Value(name, tuple(range(size))) for name, size in zip(names, counts.shape, strict=True))
        return Sides(areas, types, risks, quarters, *wholes)

    @property
    def years(self) -> list[Value]:
        """The whole years from the first quarter on."""
        return [self.year(first) for first in range(0, len(self.quarters) - 3, 4)]

    def year(self, first: int) -> Value:
        """Four quarters as one figure."""
        return Value(f"year to {self.quarters[first + 3].name}", tuple(range(first, first + 4)))


def linked_tables(counts: Counts, policy: Policy = DFE) -> list[Cell]:
    """The cells of the publication of the design: area x type x year, area x risk x year, area x quarter and force x
    type x quarter, with the force among the areas and all types among the types.
    """
    sides = Sides.of(counts)
    areas, types = [*sides.areas, sides.force], [*sides.types, sides.all_types]
    tables = [
        (areas, types, [sides.all_risks], sides.years),
        (areas, [sides.all_types], sides.risks, sides.years),
        (areas, [sides.all_types], [sides.all_risks], sides.quarters),
        ([sides.force], sides.types, [sides.all_risks], sides.quarters),
    ]
    return cells_of(counts, tables, policy)


def full_cross(counts: Counts, policy: Policy = DFE) -> list[Cell]:
    """The cells of every combination of every value with all its totals."""
    sides = Sides.of(counts)
    table = (
        [*sides.areas, sides.force],
        [*sides.types, sides.all_types],
        [*sides.risks, sides.all_risks],
        [*sides.quarters, sides.all_quarters],
    )
    return cells_of(counts, [table], policy)


def quarterly_releases(counts: Counts, releases: int) -> list[list[Cell]]:
    """The cells of each release of a quarterly series: the last four quarters as one figure, for each area and the
    force, by type and for all types; and each of those four quarters, for all types.
    """
    sides = Sides.of(counts)
    areas, types, risks = [*sides.areas, sides.force], [*sides.types, sides.all_types], [sides.all_risks]
    tables = (
        [
            (areas, types, risks, [sides.year(first)]),
            (areas, [sides.all_types], risks, sides.quarters[first : first + 4]),
        ]
        for first in range(releases)
    )
    return [cells_of(counts, both, DFE) for both in tables]


def parts_of_later_years(counts: Counts, first: int) -> list[Cell]:
    """The sums of the last one, two and three quarters that release `first` of a series knows of: those of 1 to 5.

    A later release prints them with quarters that are still to come. Nothing yet shows them, but what is told of them
    now is told of those later figures, so that 1 must stay possible.
    """
    sides = Sides.of(counts)
    areas, types = [*sides.areas, sides.force], [*sides.types, sides.all_types]
    last = first + 4
    tails = [
        Value(f"{many} up to {sides.quarters[last - 1].name}", tuple(range(last - many, last))) for many in (1, 2, 3)
    ]
    cells = cells_of(counts, [(areas, types, [sides.all_risks], tails)], DFE)
    return [replace(cell, status=Status.HIDDEN, cover=(1, 1)) for cell in cells if cell.cover]


def cells_of(counts: Counts, tables: Iterable[Sequence[Sequence[Value]]], policy: Policy) -> list[Cell]:
    """The cells of tables, each once, in order of key."""
    cells = {cell.key: cell for table in tables for place in product(*table) for cell in [_cell(counts, place, policy)]}
    return [cells[key] for key in sorted(cells)]


def _cell(counts: Counts, place: Sequence[Value], policy: Policy) -> Cell:
    count = int(counts[np.ix_(*(value.members for value in place))].sum())
    shown = policy.shown(count, wider=place[0].name == FORCE)
    return Cell(
        "|".join(value.name for value in place),
        terms(".".join(map(str, atom)) for atom in product(*(value.members for value in place))),
        count,
        (count, count) if shown.value is None else (shown.low, shown.high),
        hidden=policy.hidden,
        cover=(1, policy.withhold_up_to) if shown.value is None else None,
        status=Status.PRINTED if count < (policy.hidden[0] or 0) else Status.FREE,
        areas=frozenset(f"a{member + 1:02d}" for member in place[0].members),
        totals=frozenset(name for name, value in zip(DIMENSIONS, place, strict=True) if value.name in (FORCE, ALL)),
        coordinates=tuple((name, value.name) for name, value in zip(DIMENSIONS, place, strict=True)),
    )


# What is withheld by hand


def primaries(cells: Iterable[Cell]) -> frozenset[str]:
    """The keys of the cells whose own count must not be printed."""
    return frozenset(cell.key for cell in cells if cell.exposed_in_print)


def reports(cells: Iterable[Cell]) -> list[list[Cell]]:
    """The cells of each area's report and of the force's."""
    found = defaultdict(list)
    for cell in cells:
        found[cell.key.split("|")[0]].append(cell)
    return list(found.values())


def sums(cells: Sequence[Cell]) -> list[tuple[Cell, ...]]:
    """Each total with its parts in one dimension: what a reader sees to add up in a table."""
    places: dict[tuple[object, ...], list[Cell]] = defaultdict(list)
    for cell, dimension in product(cells, range(4)):
        places[(dimension, *cell.coordinates[:dimension], *cell.coordinates[dimension + 1 :])].append(cell)
    return [line for line_of in places.values() for total in line_of for line in _parts(total, line_of)]


def _parts(total: Cell, others: Iterable[Cell]) -> Iterator[tuple[Cell, ...]]:
    whole_ = set(total.terms)
    inside = [cell for cell in others if set(cell.terms) < whole_]
    widest = [cell for cell in inside if not any(set(cell.terms) < set(other.terms) for other in inside)]
    if sum(len(cell.terms) for cell in widest) == len(whole_):
        yield (total, *widest)


def next_smallest(cells: Sequence[Cell], lines: Sequence[tuple[Cell, ...]] | None = None) -> frozenset[str]:
    """What is hidden by whoever hides, wherever one figure of a sum is hidden alone, the next smallest of that sum,
    and starts again until none is alone. A zero is hidden only where nothing else is left.
    """
    hidden = {*primaries(cells)}
    lines = sums(cells) if lines is None else lines
    while alone := [line for line in lines if sum(cell.key in hidden for cell in line) == 1]:
        shown = [cell for cell in alone[0] if cell.key not in hidden]
        hidden.add(min(shown, key=lambda cell: (cell.count == 0, cell.count, cell.key)).key)
    return frozenset(hidden)


# What a reader of it all learns


class Recovered(NamedTuple):
    """Of the withheld counts of 1 to 5: how many there are, how many whoever reads everything works out exactly, and
    of how many some value from 1 to 5 is not possible.
    """

    withheld: int
    exactly: int
    narrowed: int

    @classmethod
    def all(cls, counted: Iterable[Recovered]) -> Recovered:
        """The sums."""
        return cls(*map(sum, zip(*counted, strict=True)))


Published = tuple[Sequence[Cell], Collection[str]]
"""Cells that were printed together, and the keys of those that were withheld."""


def read_together(published: Iterable[Published]) -> Published:
    """Everything printed, as one: a cell that was printed anywhere is known."""
    pieces = list(published)
    cells = {cell.key: cell for piece, _ in pieces for cell in piece}
    printed = {cell.key for piece, hidden in pieces for cell in piece if cell.key not in hidden}
    return [cells[key] for key in sorted(cells)], cells.keys() - printed


def seen(cells: Iterable[Cell], hidden: Collection[str]) -> System:
    """What the audit is given: what each printed figure and each symbol tells."""
    return System(
        [Statement(dict(cell.terms), *(cell.hidden if cell.key in hidden else cell.printed)) for cell in cells]
    )


def targets(cells: Iterable[Cell]) -> list[Target]:
    """The cells of which a run of values must stay possible."""
    return [Target(cell.key, dict(cell.terms), cell.cover, cell.areas) for cell in cells if cell.cover is not None]


def exposed(cells: Sequence[Cell], hidden: Collection[str]) -> set[str]:
    """The keys of the cells of which a reader can exclude a value that must stay possible."""
    return {finding.target for finding in _covers(cells, hidden) if finding.exposed}


def recovered(cells: Sequence[Cell], hidden: Collection[str]) -> Recovered:
    """What a reader gets. Nobody knows a count of which two values are possible, so the intervals are asked for only
    where one is.
    """
    found = _covers(cells, hidden)
    single = {finding.target for finding in found if len(finding.impossible) == DFE.withhold_up_to - 1}
    closer = attack(seen(cells, hidden), [target for target in targets(cells) if target.name in single])
    return Recovered(len(found), sum(each.exact for each in closer), sum(each.exposed for each in found))


def _covers(cells: Sequence[Cell], hidden: Collection[str]) -> list[Finding]:
    return attack(seen(cells, hidden), targets(cells), intervals=False)


# A series of releases


def locked(cells: Iterable[Cell], hidden: Collection[str]) -> list[Cell]:
    """Cells of earlier releases, as those releases left them."""
    return [replace(cell, status=Status.HIDDEN if cell.key in hidden else Status.PRINTED) for cell in cells]
