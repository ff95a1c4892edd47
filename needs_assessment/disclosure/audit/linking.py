"""What adds up to what: figures by key as sums of whole numbers that nothing splits, and what any reader knows between
them.

A *universe* holds the figures that can be added or compared at all. Within it a figure is the sum of its leaves in
every dimension (area, time, residence, risk level, category); an *atom* is one leaf of each.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise, product

from needs_assessment.disclosure.audit.areas import Areas
from needs_assessment.disclosure.audit.figures import NOT_COUNTED, columns_of
from needs_assessment.vocabulary import ALL_RESIDENCES, Unit

ADDS_OVER_TIME = frozenset({Unit.EPISODE, Unit.REFERRAL, Unit.OFFENCE, Unit.EVENT, Unit.INCIDENT, Unit.SESSION})
SNAPSHOT = "snapshot"
ALL = ALL_RESIDENCES
GROUPS = ("risk_level", "residence", "category")

Terms = dict[str, int]
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
        return (self.table, self.identity, *what, "stock" if self.is_stock else "flow", self.key.partition("#")[2])

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
        """Risk level, residence and category of a breakdown; each `all` where the table has none."""
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


def link(keys: Iterable[str], areas: Areas) -> Links:
    """How the figures of these keys hang together. The order of the keys is irrelevant."""
    universes: dict[tuple[str, ...], list[Placed]] = defaultdict(list)
    placed = [Placed.of(key) for key in sorted(set(keys))]
    for figure in placed:
        universes[figure.universe].append(figure)
    terms: dict[str, Terms] = {}
    relations: list[tuple[str, Terms]] = []
    leaf_areas: dict[str, frozenset[str]] = {}
    for name in sorted(universes):
        universe = _Universe(universes[name], areas)
        terms |= {figure.key: universe.terms(figure) for figure in universe.figures}
        leaf_areas |= {figure.key: universe.areas_of(figure) for figure in universe.figures}
        relations += universe.over_time(terms)
    known = [*relations, *_between_measures(placed, terms), *_children_of_breakdowns(placed, terms)]
    return Links(terms, known, [*_margins(placed, terms)], leaf_areas)


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
        return here if here == within and here else here | {f"rest of {code}"}

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
        if self.figures[0].is_stock or self.figures[0].adds_over_time or self.figures[0].columns["unit"] in NOT_COUNTED:
            return
        periods: dict[tuple[str, str], dict[Days, str]] = defaultdict(dict)
        for figure in self.figures:
            for atom in terms[figure.key]:
                area, *_, category = atom.removeprefix(f"{self.name}|").split("|")
                periods[area, category][figure.days] = atom
        for (area, category), atoms in sorted(periods.items()):
            yield from _nested(area if category == ALL else f"{area}, {category}", atoms)


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


CHILDREN_OF_EPISODES = {
    "children_with_factor": "census_assessment_factor_episodes",
    "children_with_both_factors": "census_assessment_factor_episodes_both",
    **{
        f"children_with_{factor}_factor": f"census_{factor}_factor_episodes"
        for factor in ("trafficking", "gangs", "going_missing", "any")
    },
}
"""Children by the episodes in which the same was recorded of them: a child has one episode or more."""
FACTORS = (
    (
        "census_assessment_factor_episodes",
        "census_assessment_factor_episodes_both",
        "census_any_factor_episodes",
        tuple(f"census_{factor}_factor_episodes" for factor in ("trafficking", "gangs", "going_missing")),
    ),
    (
        "children_with_factor",
        "children_with_both_factors",
        "children_with_any_factor",
        tuple(f"children_with_{factor}_factor" for factor in ("trafficking", "gangs", "going_missing")),
    ),
)
"""The measure of each harm, of both harms together, of any factor, and of the other factors."""
HARMS = ("CSE", "CCE")


def _between_measures(figures: Sequence[Placed], terms: Mapping[str, Terms]) -> Iterator[tuple[str, Terms]]:
    """What the definitions of the measures say of figures of one source, area and period."""
    places: dict[tuple[str, ...], dict[tuple[str, str], Terms]] = defaultdict(dict)
    for figure in figures:
        if figure.table == "demand" and "#" not in figure.key:
            columns = figure.columns
            places[figure.identity, columns["area_code"], *figure.days][
                columns["measure"], columns["exploitation_type"]
            ] = terms[figure.key]
    for place, here in sorted(places.items()):
        for name, parts in _definitions(here):
            if all(figure in here for figure, _ in parts):
                yield f"{name} at {place}", _signed((here[figure], sign) for figure, sign in parts)


Part = tuple[tuple[str, str], int]


def _definitions(here: Mapping[tuple[str, str], Terms]) -> Iterator[tuple[str, list[Part]]]:
    """Sums of (measure, harm) that are 0 or more."""
    for child, harm in sorted(here):
        if child in CHILDREN_OF_EPISODES:
            yield "children are at most episodes", [((CHILDREN_OF_EPISODES[child], harm), 1), ((child, harm), -1)]
    for each, both, any_, others in FACTORS:
        for harm in HARMS:
            yield "both is at most each", [((each, harm), 1), ((both, ""), -1)]
            yield "each is at most any", [((any_, ""), 1), ((each, harm), -1)]
        yield "either is at most any", [((any_, ""), 1), ((both, ""), 1), *(((each, harm), -1) for harm in HARMS)]
        for other in (*others, both):
            yield "each factor is at most any", [((any_, ""), 1), ((other, ""), -1)]


REFERRALS = ("referrals", "referral")
"""The measure and the unit of referrals, of which breakdowns are margins."""


def _margins(figures: Sequence[Placed], terms: Mapping[str, Terms]) -> Iterator[tuple[str, Terms]]:
    """Each breakdown of the referrals of a harm, less the referrals themselves: nothing is left. Where the referrals
    have no figure of their own, the breakdowns are compared with the first of them.
    """
    for (_, area, first, _, harm), margins in sorted(_referrals(figures).items()):
        names = sorted(margins)
        for name in names[1:]:
            parts = [*((terms[key], 1) for key in margins[names[0]]), *((terms[key], -1) for key in margins[name])]
            yield f"referrals by {name} of {harm} in {area} from {first} are all", _signed(parts)


def _children_of_breakdowns(figures: Sequence[Placed], terms: Mapping[str, Terms]) -> Iterator[tuple[str, Terms]]:
    """A child who was referred for a harm has a referral for it, alone or beside the other harm."""
    margins = _referrals(figures)
    children: dict[tuple[str, ...], list[Placed]] = defaultdict(list)
    for figure in figures:
        columns = figure.columns
        if figure.table == "breakdowns" and columns["unit"] == Unit.CHILD and "#" not in figure.key:
            for harm in HARMS:
                if columns["category"] in (f"{harm} only", "both CSE and CCE"):
                    children[figure.identity, columns["area_code"], *figure.days, harm].append(figure)
    for place in sorted(children.keys() & margins.keys()):
        of_all = margins[place][min(margins[place])]
        parts = [*((terms[key], 1) for key in of_all), *((terms[child.key], -1) for child in children[place])]
        yield f"children are at most referrals of {place[-1]} in {place[1]} from {place[2]}", _signed(parts)


def _referrals(figures: Sequence[Placed]) -> Mapping[tuple[str, ...], Mapping[str, list[str]]]:
    """The keys of the referrals of one source, area, period and harm by dimension; without one, all of them."""
    found: dict[tuple[str, ...], dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for figure in figures:
        columns = figure.columns
        counts = figure.table in ("demand", "breakdowns") and (columns["measure"], columns["unit"]) == REFERRALS
        if counts and "#" not in figure.key:
            place = (figure.identity, columns["area_code"], *figure.days, columns["exploitation_type"])
            found[place][columns.get("dimension", "")].append(figure.key)
    return found


def _signed(parts: Iterable[tuple[Terms, int]]) -> Terms:
    summed: dict[str, int] = defaultdict(int)
    for terms, sign in parts:
        for atom, coefficient in terms.items():
            summed[atom] += sign * coefficient
    return {atom: coefficient for atom, coefficient in summed.items() if coefficient}
