"""What adds up to what: from figures with their keys to sums of atoms, and what any reader knows between them.

A figure's *universe* is everything that it could be added to: one table, source, measure, unit and harm, and for a
stock one day. In a universe an atom is one authority, one elementary span of time, one residence group, one risk level
or pair of levels, and one category of a breakdown; a force is the sum of its authorities, a year the sum of the spans
in it, and `all` the sum of its groups. Breakdowns by two dimensions share no atom: that both add up to the same total
is known, as `definitions` has it. Counts of children are not added over time, since one child can be counted in two
periods: there a part is at most its whole, and a whole at most the sum of the parts that fill it. What a service
returns is one universe whichever of its returns states it: a later return holds this quarter and the year so far.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from itertools import pairwise, product

from needs_assessment.disclosure.cells import Cell, Known, Span, Status, Terms, terms
from needs_assessment.disclosure.definitions import at_most, between_measures, of_breakdowns, signed
from needs_assessment.disclosure.keys import columns_of
from needs_assessment.disclosure.policies import Policy
from needs_assessment.disclosure.under_review import CASELOAD, MOVES, Levels, of_risk
from needs_assessment.vocabulary import ALL_RESIDENCES, RECORD_HAS_NONE, RiskMeasure, Unit

Members = Mapping[str, frozenset[str]]
"""The local authorities of each wider area, by code."""

ADDS_OVER_TIME = frozenset({Unit.EPISODE, Unit.REFERRAL, Unit.OFFENCE, Unit.EVENT, Unit.INCIDENT, Unit.SESSION})
Runs = Mapping[str, frozenset[str]]
"""The local authorities where each service runs, by its name in keys, as far as readers are told."""
SNAPSHOT = "snapshot"
RETURNS, ELSEWHERE = "service_returns", "where the service does not run"
ALL = ALL_RESIDENCES
AREA, TIME, RESIDENCE, LEVEL, CATEGORY = "area", "period", "residence", "risk level", "category"
BEFORE, AFTER = "level before", "level after"
GROUPS = {
    RESIDENCE: "residence",
    LEVEL: "risk_level",
    CATEGORY: "category",
    BEFORE: "from_level",
    AFTER: "to_level",
}
"""The dimensions of groups of which one may be called `all`, and the columns of a key that hold them."""
OF_OWN_DAYS = MOVES | {
    RiskMeasure.RAISED_AGAIN_WITHIN_6_MONTHS,
    RiskMeasure.RAISED_AGAIN_WITHIN_12_MONTHS,
    RiskMeasure.REVIEW_OVERDUE,
}
"""Measures of which a part of the time is no part of the whole: who moved in a quarter may be back by the year's end,
and who was first lowered in it need not be so in the year."""

AUTHORITIES = ("E06", "E07", "E08", "E09", "E10", "W06", "N09", "S12")
"""How the codes of local authorities and districts begin: ONS, Register of Geographic Codes."""


@dataclass(frozen=True)
class Figure:
    """A figure of a source that is not public, or one that readers were shown before.

    `count` is its true value, None where its own source withheld it. `earlier` is what readers were told of it, for a
    figure whose `status` is printed. `today` is false for one that only earlier releases, or others, printed, and
    `published` is true where a public source states just the same, so that nothing is left to protect, and `later` for
    a sum that only later releases will print a part of.
    """

    key: str
    count: int | None
    status: Status = Status.FREE
    earlier: Span | None = None
    today: bool = True
    published: bool = False
    later: bool = False

    @cached_property
    def columns(self) -> dict[str, str]:
        """What the key says."""
        return columns_of(self.key)

    @property
    def is_stock(self) -> bool:
        """Whether it describes a day, or what became of children between two days, and not a period."""
        columns = self.columns
        return "as_at" in columns or columns.get("basis") == SNAPSHOT or columns.get("measure") in OF_OWN_DAYS

    @property
    def adds_over_time(self) -> bool:
        """Whether two periods of it can be added."""
        return not self.is_stock and self.columns["unit"] in ADDS_OVER_TIME

    @cached_property
    def universe(self) -> tuple[str, ...]:
        """Everything that must agree for two figures to be added."""
        columns = self.columns
        day = columns.get("as_at") or (self._days if self.is_stock else "")
        kind = SNAPSHOT if self.is_stock else "flow"
        # Each quarter's return of a service can be a source of its own.
        source = "" if columns["table"] == RETURNS else columns["identity"]
        names = ("again", "measure", "service_id", "scheme", "exploitation_type", "unit", "dimension")
        return (columns["table"], source, *(columns.get(name, "") for name in names), kind, day)

    @property
    def _days(self) -> str:
        columns = self.columns
        return columns["period_end"] if "basis" in columns else f"{columns['period_start']}/{columns['period_end']}"

    @property
    def period(self) -> tuple[str, str]:
        """First and last day; both blank for a stock, whose days are part of its universe."""
        return ("", "") if self.is_stock else (self.columns["period_start"], self.columns["period_end"])


@dataclass(frozen=True)
class Frame:
    """What readers know beside the figures: the order of the levels of each scheme, and where each service runs."""

    levels: Levels = field(default_factory=dict)
    runs: Runs = field(default_factory=dict)


def link(
    figures: Iterable[Figure], members: Members, policy: Policy, frame: Frame | None = None
) -> tuple[list[Cell], list[Known]]:
    """The figures as cells over atoms, and what any reader knows between them. The order of `figures` is irrelevant."""
    frame = frame or Frame()
    ordered = sorted(figures, key=lambda figure: figure.key)
    universes: dict[tuple[str, ...], list[Figure]] = defaultdict(list)
    for figure in ordered:
        universes[figure.universe].append(figure)
    cells: dict[str, Cell] = {}
    known: list[Known] = []
    for name in sorted(universes):
        linked = _linked(universes[name], members, policy, frame.runs)
        cells |= {cell.key: cell for cell in linked}
        known += [*_over_time(universes[name], cells), *_nobody_elsewhere(linked)]
    known += [*between_measures(ordered, cells), *of_breakdowns(ordered, cells), *of_risk(ordered, cells, frame.levels)]
    return list(cells.values()), known


def _linked(figures: Sequence[Figure], members: Members, policy: Policy, runs: Runs) -> list[Cell]:
    sums = _sums(figures, _where_it_runs(figures, members, runs))
    class_zeros = _class_zeros(figures) if not policy.zeros_always_printed else frozenset()
    return [_cell(figure, sums[figure.key], members, policy, figure.key in class_zeros) for figure in figures]


def _where_it_runs(figures: Sequence[Figure], members: Members, runs: Runs) -> Members:
    """The members of each wider area; those where a service does not run, and of which it returns nothing, as one."""
    service = figures[0].columns.get("service_id", "")
    if service not in runs:
        return members
    there = runs[service] | {figure.columns["area_code"] for figure in figures}
    return {
        wider: frozenset(area if area in there else ELSEWHERE for area in within) for wider, within in members.items()
    }


def _nobody_elsewhere(cells: Sequence[Cell]) -> list[Known]:
    """That a service counts nobody where it does not run, so that those of its areas are all of a force."""
    atoms = {atom for cell in cells for atom, _ in cell.terms if f"|{ELSEWHERE}|" in atom}
    return [Known(terms([atom]), 0, 0) for atom in sorted(atoms)]


Leaves = Mapping[str, frozenset[str]]
"""The leaves of one dimension behind each figure, by key."""


def _sums(figures: Sequence[Figure], members: Members) -> dict[str, Terms]:
    """The atoms of each figure. Atoms that no figure tells apart are one."""
    dimensions = [
        _authorities(figures, members),
        _spans(figures),
        *(_groups(figures, column) for column in GROUPS.values()),
    ]
    found_in: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for figure in figures:
        for atom in product(*(leaves[figure.key] for leaves in dimensions)):
            found_in[atom].append(figure.key)
    # The first atom, by name, stands for all that the same figures hold.
    standing: dict[tuple[str, ...], tuple[str, ...]] = {}
    for atom in sorted(found_in):
        standing.setdefault(tuple(found_in[atom]), atom)
    atoms: dict[str, list[str]] = defaultdict(list)
    for keys, atom in standing.items():
        for key in keys:
            atoms[key].append("|".join((*figures[0].universe, *atom)))
    return {key: terms(names) for key, names in atoms.items()}


def is_wider(area_code: str) -> bool:
    """Whether a code stands for more than one local authority."""
    return not area_code.startswith(AUTHORITIES)


def _authorities(figures: Sequence[Figure], members: Members) -> Leaves:
    """The local authorities of each figure. Of a wider area whose authorities nobody stated they may be all that have
    a figure: a reader knows the map.
    """
    codes = {figure.columns["area_code"] for figure in figures} - members.keys()
    wide = {code for code in codes if is_wider(code)}
    whole = frozenset(codes - wide)
    known = dict(members) | {code: whole or frozenset({code}) for code in wide}
    return {f.key: known.get(f.columns["area_code"], frozenset({f.columns["area_code"]})) for f in figures}


def _spans(figures: Sequence[Figure]) -> Leaves:
    """The elementary spans of each period: those between all first days and days after last days."""
    if not figures[0].adds_over_time:
        return {figure.key: frozenset({"/".join(figure.period)}) for figure in figures}
    ends = {figure.key: (figure.period[0], _after(figure.period[1])) for figure in figures}
    points = sorted({point for pair in ends.values() for point in pair})
    return {
        key: frozenset(start for start, stop in pairwise(points) if first <= start and stop <= last)
        for key, (first, last) in ends.items()
    }


def _after(day: str) -> str:
    return (date.fromisoformat(day) + timedelta(days=1)).isoformat()


def _groups(figures: Sequence[Figure], column: str) -> Leaves:
    """The groups of each figure: its own, or for `all` every group that the universe names."""
    named = frozenset(figure.columns.get(column, ALL) for figure in figures) - {ALL} or frozenset({ALL})
    own = {figure.key: figure.columns.get(column, ALL) for figure in figures}
    return {key: named if group == ALL else frozenset({group}) for key, group in own.items()}


def _cell(figure: Figure, sums: Terms, members: Members, policy: Policy, class_zero: bool) -> Cell:
    columns = figure.columns
    area = columns["area_code"]
    spans = {atom.rsplit("|", 1 + len(GROUPS))[1] for atom, _ in sums}
    totals = frozenset(
        dimension
        for dimension, is_total in (
            (AREA, is_wider(area)),
            (TIME, len(spans) > 1),
            *((group, columns.get(column) == ALL) for group, column in GROUPS.items()),
        )
        if is_total
    )
    return Cell(
        key=figure.key,
        terms=sums,
        count=figure.count,
        printed=_printed(figure, policy, wider=is_wider(area)),
        hidden=policy.hidden,
        cover=(0, 1) if class_zero else _cover(figure, policy),
        status=_status(figure, policy),
        weight=_weight(figure, totals, len(members.get(area, ()))),
        areas=members.get(area, frozenset({area})),
        totals=totals,
        coordinates=_coordinates(figure),
    )


def _weight(figure: Figure, totals: frozenset[str], authorities: int) -> int:
    """What hiding a figure costs: a total over time or groups twice its parts, and an authority's own figure twice that
    of a wider area, since each report is about one authority. But the model and the forecasts of all authorities of a
    force rest on its caseload: that is worth more, the more authorities there are beside the small one.
    """
    parts = 2 ** len(totals - {AREA})
    if AREA not in totals:
        return 2 * parts
    return parts * max(1, authorities - 1) if figure.columns["table"] == CASELOAD else parts


def _coordinates(figure: Figure) -> tuple[tuple[str, str], ...]:
    columns = figure.columns
    place = {AREA: columns["area_code"], TIME: "/".join(figure.period)}
    place |= {group: columns[column] for group, column in GROUPS.items() if column in columns}
    return (("universe", "|".join(figure.universe)), *place.items())


def _printed(figure: Figure, policy: Policy, *, wider: bool) -> Span:
    if figure.status is Status.PRINTED and figure.earlier is not None:
        return figure.earlier
    if figure.count is None:
        return policy.hidden
    shown = policy.shown(figure.count, wider=wider)
    # What the rule withholds outright would be told exactly if it were printed all the same.
    return (figure.count, figure.count) if shown.value is None else (shown.low, shown.high)


def _status(figure: Figure, policy: Policy) -> Status:
    shown = figure.count == 0 and policy.zeros_always_printed and figure.status is Status.FREE
    return Status.PRINTED if shown else figure.status


def _cover(figure: Figure, policy: Policy) -> tuple[int, int] | None:
    """All of 1 to the threshold must stay possible for a count among them, and for one that its own source withheld.

    Of a part of a later figure 1 must: what is added to it later can make it any more, and nothing can make it less.
    """
    small = not figure.published and (figure.count is None or 1 <= figure.count <= policy.withhold_up_to)
    if figure.later:
        return (1, 1) if small and figure.count else None
    # A rule that withholds only 1 must leave more than 1 possible, or it would withhold nothing.
    return (1, max(policy.withhold_up_to, 2)) if small else None


def _class_zeros(figures: Sequence[Figure]) -> frozenset[str]:
    """The zeros from which a reader would learn that all children of a place are in one group: those beside the only
    group that is not 0. So it is with children who came from one level, or went to one; but nothing more is learnt
    from the zeros of a level at which nobody stands.
    """
    empty = {rest for rest, groups in _rows(figures).items() if not any(figure.count != 0 for figure in groups)}
    return frozenset(
        zero.key
        for groups in _rows(figures).values()
        for zero in _zeros_beside_one(groups)
        if not any(row in empty for row in _rows_of(zero))
    )


def _rows(figures: Sequence[Figure]) -> Mapping[tuple[str, ...], list[Figure]]:
    """The figures of today that differ in one group only."""
    rows: dict[tuple[str, ...], list[Figure]] = defaultdict(list)
    for figure in figures:
        for row in _rows_of(figure) if figure.today else ():
            rows[row].append(figure)
    return rows


def _rows_of(figure: Figure) -> Iterator[tuple[str, ...]]:
    """What a figure has in common with those that differ in one group only, for each group that it names."""
    for column in GROUPS.values():
        if figure.columns.get(column, ALL) != ALL and not _is_one_of_some(figure, column):
            others = [figure.columns.get(other, ALL) for other in GROUPS.values() if other != column]
            yield (column, figure.columns["area_code"], *figure.period, *others)


def _is_one_of_some(figure: Figure, column: str) -> bool:
    """Whether a sum stands beside others that are not all there are: children who were new, but none who were high."""
    other = {GROUPS[BEFORE]: GROUPS[AFTER], GROUPS[AFTER]: GROUPS[BEFORE]}.get(column)
    return other is not None and figure.columns.get(other) == ALL


def _zeros_beside_one(groups: Sequence[Figure]) -> Iterator[Figure]:
    zeros = [figure for figure in groups if figure.count == 0]
    others = [figure for figure in groups if figure.count != 0]
    # That nothing was recorded of anybody tells nothing of anybody.
    if zeros and len(others) == 1 and others[0].columns.get("category") != RECORD_HAS_NONE:
        yield from zeros


def _over_time(figures: Sequence[Figure], cells: Mapping[str, Cell]) -> Iterator[Known]:
    """Of children in a period and in parts of it: a part is at most the whole, and the whole at most its parts."""
    if figures[0].is_stock or figures[0].adds_over_time:
        return
    places: dict[tuple[str, str], list[Figure]] = defaultdict(list)
    for figure in figures:
        places[figure.columns["area_code"], figure.columns.get("category", ALL)].append(figure)
    for here in places.values():
        for whole in here:
            parts = [part for part in here if part is not whole and _within(part.period, whole.period)]
            yield from (at_most(cells[part.key], cells[whole.key]) for part in parts)
            if parts and _fill(parts, whole):
                yield signed([([cells[part.key] for part in parts], 1), ([cells[whole.key]], -1)])


def _within(part: tuple[str, str], whole: tuple[str, str]) -> bool:
    return whole[0] <= part[0] and part[1] <= whole[1]


def _fill(parts: Sequence[Figure], whole: Figure) -> bool:
    """Whether the parts leave no day of the whole out."""
    reached = whole.period[0]
    for start, end in sorted(part.period for part in parts):
        if start > reached:
            return False
        reached = max(reached, _after(end))
    return reached > whole.period[1]
