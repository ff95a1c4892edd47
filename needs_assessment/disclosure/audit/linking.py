"""What adds up to what: figures by key as sums of whole numbers that nothing splits, and what any reader knows between
them.

A *universe* holds the figures that can be added or compared at all. Within it a figure is the sum of its leaves in
every dimension (area, time, residence, risk level or pair of levels, category); an *atom* is one leaf of each. All
returns of one service are in one universe, whoever returned them, since each may hold a quarter or the year so far.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise, product

from needs_assessment.disclosure.audit.areas import Areas
from needs_assessment.disclosure.audit.definitions import (
    Terms,
    between_measures,
    children_of_breakdowns,
    margins,
)
from needs_assessment.disclosure.audit.figures import NOT_COUNTED, Levels, columns_of
from needs_assessment.disclosure.audit.review import pairs_of_levels, years_of_review
from needs_assessment.vocabulary import ALL_RESIDENCES, RiskMeasure, Unit

ADDS_OVER_TIME = frozenset({Unit.EPISODE, Unit.REFERRAL, Unit.OFFENCE, Unit.EVENT, Unit.INCIDENT, Unit.SESSION})
Runs = Mapping[str, frozenset[str]]
"""The local authorities where each service runs, as far as a reader is told."""
RETURNS = "service_returns"
SNAPSHOT = "snapshot"
REST = "rest of "
ALL = ALL_RESIDENCES
GROUPS = ("risk_level", "residence", "category", "from_level", "to_level")
NOT_WITHIN = frozenset(set(RiskMeasure) - {RiskMeasure.ASSESSED, RiskMeasure.RAISED, RiskMeasure.LOWERED})
"""Measures of children under review of which a part of the time is no part of the whole: who is lower after three
months may be back after twelve."""

Days = tuple[str, str]


@dataclass(frozen=True)
class Placed:
    """A figure by its key, with what its key says."""

    key: str
    table: str
    identity: str
    columns: Mapping[str, str]

    @classmethod
    def of(cls, key: str) -> Placed:
        """From a key. Raises ValueError for what is no key."""
        return cls(key, *columns_of(key))

    @property
    def universe(self) -> tuple[str, ...]:
        """The figures that this one can be added to or compared with have the same."""
        columns = self.columns
        names = ("scheme", "service_id", "measure", "unit", "exploitation_type", "dimension")
        what = [columns.get(name, "") for name in names]
        source = "" if self.table == RETURNS else self.identity
        return (self.table, source, *what, "stock" if self.is_stock else "flow", self.key.partition("#")[2])

    @property
    def is_stock(self) -> bool:
        """Whether it is counted on a day, and not over a period."""
        return "as_at" in self.columns or self.columns.get("basis") == SNAPSHOT

    @property
    def adds_over_time(self) -> bool:
        """Whether the figures of two periods add up to that of both."""
        return not self.is_stock and self.columns["unit"] in ADDS_OVER_TIME

    @property
    def days(self) -> Days:
        """First day and the day after the last."""
        columns = self.columns
        first = columns.get("period_start") or columns.get("as_at") or columns.get("period_end", "")
        last = columns.get("period_end") or columns.get("as_at", "")
        return (first, _day_after(last))

    @property
    def group(self) -> tuple[str, ...]:
        """Risk level, residence, category of a breakdown and pair of levels; each `all` where the table has none."""
        return tuple(self.columns.get(name, ALL) for name in GROUPS)


def _day_after(day: str) -> str:
    try:
        return (date.fromisoformat(day) + timedelta(days=1)).isoformat()
    except ValueError:
        return day


@dataclass(frozen=True)
class Links:
    """The terms of each figure by key, and what is known between figures: (name, terms) of sums that are 0 or more, and
    of sums that are `equal` to 0.
    """

    terms: Mapping[str, Terms]
    relations: Sequence[tuple[str, Terms]]
    equal: Sequence[tuple[str, Terms]]
    leaf_areas: Mapping[str, frozenset[str]]


def area_of(atom: str) -> str:
    """The area of an atom, which ends with its area, its time and its groups."""
    return atom.split("|")[-2 - len(GROUPS)]


def link(keys: Iterable[str], areas: Areas, levels: Levels | None = None, runs: Runs | None = None) -> Links:
    """How the figures of these keys hang together, with the order of the `levels` of each scheme, and where services
    run, as far as they are known. The order of the keys is irrelevant.
    """
    universes: dict[tuple[str, ...], list[Placed]] = defaultdict(list)
    placed = [Placed.of(key) for key in sorted(set(keys))]
    for figure in placed:
        universes[figure.universe].append(figure)
    terms: dict[str, Terms] = {}
    relations: list[tuple[str, Terms]] = []
    nobody: list[tuple[str, Terms]] = []
    leaf_areas: dict[str, frozenset[str]] = {}
    for name in sorted(universes):
        universe = _Universe(universes[name], areas)
        terms |= {figure.key: universe.terms(figure) for figure in universe.figures}
        leaf_areas |= {figure.key: universe.areas_of(figure) for figure in universe.figures}
        relations += universe.over_time(terms)
        nobody += universe.nobody(terms, runs or {})
    known = [*relations, *between_measures(placed, terms), *children_of_breakdowns(placed, terms)]
    known += years_of_review(placed, terms, levels or {})
    equal = [*margins(placed, terms), *pairs_of_levels(placed, terms), *nobody]
    return Links(terms, known, equal, leaf_areas)


class _Universe:
    def __init__(self, figures: Sequence[Placed], areas: Areas) -> None:
        self.figures, self.areas = figures, areas
        self.name = "|".join(figures[0].universe)
        self.with_row = {figure.columns["area_code"] for figure in figures}
        self.points = sorted({day for figure in figures for day in figure.days})
        self.groups: dict[tuple[str, int], set[str]] = defaultdict(set)
        for figure in figures:
            for side, name in enumerate(figure.group):
                self.groups[figure.days[1], side].add(name)

    def terms(self, figure: Placed) -> Terms:
        """One for each atom that the figure counts."""
        groups = [self._groups(figure, side) for side in range(len(GROUPS))]
        leaves = product(sorted(self.areas_of(figure)), self._times(figure), *groups)
        return {"|".join((self.name, *leaf)): 1 for leaf in leaves}

    def areas_of(self, figure: Placed) -> frozenset[str]:
        """The authorities of an area that have a row here, and `rest of …` for what the others have."""
        code = figure.columns["area_code"]
        within = self.areas.within(code)
        if within is None:
            return frozenset({code})
        here = within & self.with_row
        return here if here == within and here else here | {f"{REST}{code}"}

    def nobody(self, terms: Mapping[str, Terms], runs: Runs) -> Iterator[tuple[str, Terms]]:
        """That a service counts nobody in the rest of an area where it does not run."""
        there = runs.get(self.figures[0].columns.get("service_id", ""))
        atoms = {atom: area_of(atom) for figure in self.figures for atom in terms[figure.key]} if there else {}
        for atom, area in sorted(atoms.items()):
            within = self.areas.within(area.removeprefix(REST)) if area.startswith(REST) else None
            if there and within and not (within - self.with_row) & there:
                yield f"a service does not run in the {area}", {atom: 1}

    def _times(self, figure: Placed) -> list[str]:
        first, after = figure.days
        if not figure.adds_over_time:
            return [f"{first}/{after}"]
        return [f"{start}/{end}" for start, end in pairwise(self.points) if first <= start and end <= after]

    def _groups(self, figure: Placed, side: int) -> list[str]:
        name = figure.group[side]
        named = self.groups[figure.days[1], side] - {ALL}
        return sorted(named) if name == ALL and named else [name]

    def over_time(self, terms: Mapping[str, Terms]) -> Iterator[tuple[str, Terms]]:
        """Of counts of children over periods: a part is at most the whole, and the whole at most parts that fill it.
        Both hold for every leaf, and so for every sum of them.
        """
        one = self.figures[0]
        unlike = one.columns["unit"] in NOT_COUNTED or one.columns.get("measure") in NOT_WITHIN
        if one.is_stock or one.adds_over_time or unlike:
            return
        periods: dict[tuple[str, ...], dict[Days, str]] = defaultdict(dict)
        for figure in self.figures:
            for atom in terms[figure.key]:
                area, _, *groups = atom.removeprefix(f"{self.name}|").split("|")
                periods[area, *groups][figure.days] = atom
        for (area, *groups), atoms in sorted(periods.items()):
            yield from _nested(", ".join([area, *(name for name in groups if name != ALL)]), atoms)


def _nested(area: str, atoms: Mapping[Days, str]) -> Iterator[tuple[str, Terms]]:
    for whole in sorted(atoms):
        parts = [part for part in sorted(atoms) if part != whole and whole[0] <= part[0] and part[1] <= whole[1]]
        for part in parts:
            yield f"{area} in {part} is within {whole}", {atoms[whole]: 1, atoms[part]: -1}
        for tiling in _tilings(whole, parts, frozenset(atoms)):
            yield f"{area} in {tiling} fills {whole}", {**{atoms[part]: 1 for part in tiling}, atoms[whole]: -1}


def _tilings(whole: Days, parts: Sequence[Days], known: frozenset[Days]) -> Iterator[tuple[Days, ...]]:
    """The ways to fill a period with its parts, without those that fill a part that is itself known: these follow."""

    def filled(start: str, so_far: tuple[Days, ...]) -> Iterator[tuple[Days, ...]]:
        if start == whole[1]:
            yield so_far
        for part in parts:
            longer = (*so_far, part)
            joined = any((earlier[0], part[1]) in known for earlier in so_far if (earlier[0], part[1]) != whole)
            if part[0] == start and not joined:
                yield from filled(part[1], longer)

    yield from filled(whole[0], ())
