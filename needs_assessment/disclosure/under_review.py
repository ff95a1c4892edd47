"""What any reader knows of children under review: whoever stood at a level stands somewhere later, who moved up in a
year was raised in it, and who came in it was assessed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import chain, combinations, pairwise
from typing import TYPE_CHECKING, NamedTuple

from needs_assessment.disclosure.cells import Cell, Known, Terms
from needs_assessment.disclosure.definitions import Cells, Counted, at_most, signed
from needs_assessment.vocabulary import (
    ALL_LEVELS,
    ALL_RESIDENCES,
    ANOTHER_SCHEME,
    LEFT,
    NEW,
    RETURNING,
    RiskMeasure,
)

if TYPE_CHECKING:
    from needs_assessment.disclosure.linking import Figure

Levels = Mapping[str, Sequence[str]]
"""The levels of each scheme from the lowest, as far as readers know their order."""
Pair = tuple[str, str]
Moves = Mapping[Pair, Cell]
"""Children, or their moves, by what they came from and to."""
Days = tuple[str, str]

CASELOAD, RISK_MOVEMENT = "risk_caseload", "risk_movement"
BY_QUARTER, BY_YEAR = RiskMeasure.THREE_MONTHS_LATER, RiskMeasure.TWELVE_MONTHS_LATER
MOVES = frozenset({BY_QUARTER, BY_YEAR})
"""Where the children under review on one day stand on another: a year later, or at the next quarter end, the quarters
of a year together.
"""
QUARTERS = 4
"""Of a year whose quarters are counted together."""
ENTRANTS = frozenset({NEW, RETURNING, ANOTHER_SCHEME})
"""Who was not under review by a scheme, and came to be."""
NO_LEVELS = ENTRANTS | {LEFT, ALL_LEVELS}
"""What may stand in place of a level."""
AT_MOST_OF_RISK: tuple[tuple[str, str], ...] = (
    (RiskMeasure.RAISED, RiskMeasure.ASSESSED),
    (RiskMeasure.LOWERED, RiskMeasure.ASSESSED),
    (RiskMeasure.RAISED_AGAIN_WITHIN_6_MONTHS, RiskMeasure.RAISED_AGAIN_WITHIN_12_MONTHS),
    (RiskMeasure.RAISED_AGAIN_WITHIN_12_MONTHS, RiskMeasure.LOWERED),
)
"""Measures of children under review in one year of which the first can never be more than the second."""


class _Unprinted(NamedTuple):
    """A count that nobody prints: of one quarter, whose moves are printed with those of the year."""

    terms: Terms


class _UnderReview:
    """The children of one source, scheme, harm and area: at each level on each day, where they stood between two days,
    and what the years count of them.
    """

    def __init__(self, place: tuple[str, ...]) -> None:
        self.place = place
        self.stood: dict[str, dict[str, Cell]] = defaultdict(dict)
        self.moved: dict[str, dict[Days, dict[Pair, Cell]]] = {measure: defaultdict(dict) for measure in MOVES}
        self.counted: dict[Days, dict[str, Cell]] = defaultdict(dict)

    def take(self, columns: Mapping[str, str], cell: Cell) -> None:
        """Puts a figure in its place."""
        if columns["table"] == CASELOAD:
            if columns["risk_level"] != ALL_LEVELS:
                self.stood[columns["as_at"]][columns["risk_level"]] = cell
            return
        measure, days = columns["measure"], (columns["period_start"], columns["period_end"])
        if measure in MOVES:
            self.moved[measure][days][columns["from_level"], columns["to_level"]] = cell
        else:
            self.counted[days][measure] = cell

    def known(self, order: Sequence[str]) -> Iterator[Known]:
        """What any reader knows of them, with the order of the levels if readers know it."""
        for (start, end), moved in sorted(self.moved[BY_YEAR].items()):
            yield from _adds_up(moved, self.stood[start], side=0)
            yield from _adds_up(moved, self.stood[end], side=1)
        for days, moved in sorted(self.moved[BY_QUARTER].items()):
            yield from self._of_quarters(days, moved)
            yield from _crossings(moved, self.moved[BY_YEAR].get(days, {}))
        for days, counted in sorted(self.counted.items()):
            yield from self._of_year(days, counted)
            for measure in sorted(MOVES):
                within = [moved for inner, moved in sorted(self.moved[measure].items()) if _within(inner, days)]
                yield from (row for moved in within for row in _moved_in(moved, counted, order, measure))

    def _of_quarters(self, days: Days, moved: Moves) -> Iterator[Known]:
        """The moves of a year's quarters are those of each, and all who were followed stood at the quarters' starts."""
        ends = [day for day in sorted(self.stood) if days[0] <= day <= days[1]]
        if len(ends) != QUARTERS + 1:
            return
        pairs = sorted(pair for pair in moved if ALL_LEVELS not in pair)
        quarters = [{pair: self._of_quarter(day, pair) for pair in pairs} for day in ends[:-1]]
        for pair in pairs:
            yield signed([([moved[pair]], 1), ([quarter[pair] for quarter in quarters], -1)], high=0)
        assessed = self.counted.get((_after(days[0]), days[1]), {}).get(RiskMeasure.ASSESSED)
        stood = [self.stood[day] for day in ends]
        for level in sorted(set.intersection(*({*day} for day in stood))):
            if (level, ALL_LEVELS) in moved:
                yield signed([([day[level] for day in stood[:-1]], 1), ([moved[level, ALL_LEVELS]], -1)], high=0)
        for before_and_after, quarter in zip(pairwise(stood), quarters, strict=True):
            yield from _of_quarter(before_and_after, quarter, assessed)

    def _of_quarter(self, day: str, pair: Pair) -> _Unprinted:
        return _Unprinted((("|".join(("moves of a quarter", *self.place, day, *pair)), 1),))

    def _of_year(self, days: Days, counted: Mapping[str, Cell]) -> Iterator[Known]:
        for least, most in AT_MOST_OF_RISK:
            if least in counted and most in counted:
                yield at_most(counted[least], counted[most])
        stood = [cell for _, cell in sorted(self.stood[days[1]].items())]
        late = self.counted.get((days[1], days[1]), {}).get(RiskMeasure.REVIEW_OVERDUE)
        if not stood or late is None:
            return
        if days[0] == days[1]:
            yield signed([(stood, 1), ([late], -1)])
        if RiskMeasure.ASSESSED in counted:
            # Who is there without being overdue has been assessed in the year; and so has who came in it and left.
            seen = [([counted[RiskMeasure.ASSESSED], late], 1), (stood, -1)]
            moved = self.moved[BY_YEAR].get((_before(days[0]), days[1]), {})
            gone = [moved[came, LEFT] for came in (NEW, RETURNING) if (came, LEFT) in moved]
            yield signed(seen)
            yield signed([*seen, (gone, -1)])


def of_risk(figures: Iterable[Figure], cells: Cells, levels: Levels) -> Iterator[Known]:
    """What is known of children under review: whoever was at a level stands somewhere later, and whoever is at one
    came from somewhere; who moved up in a year was raised in it, and who moved down was lowered; who was assessed
    stands in the table of the year, and who came in it was assessed.
    """
    places: dict[tuple[str, ...], _UnderReview] = {}
    for figure in figures:
        columns = figure.columns
        if columns["table"] not in (CASELOAD, RISK_MOVEMENT) or columns["again"]:
            continue
        if columns.get("residence", ALL_RESIDENCES) == ALL_RESIDENCES:
            place = tuple(columns[name] for name in ("identity", "exploitation_type", "area_code", "scheme"))
            places.setdefault(place, _UnderReview(place)).take(columns, cells[figure.key])
    schemes: dict[tuple[str, ...], list[_UnderReview]] = defaultdict(list)
    for place, children in sorted(places.items()):
        yield from children.known(levels.get(place[-1], ()))
        schemes[place[:-1]].append(children)
    for _, several in sorted(schemes.items()):
        yield from _all_assessed(several)


def _adds_up(moved: Moves, stood: Mapping[str, Cell], side: int) -> Iterator[Known]:
    """The cells of each level, as the first or the second of a pair, are all who stood at it."""
    for level in sorted(stood.keys() - NO_LEVELS):
        cells = [cell for pair, cell in sorted(moved.items()) if pair[side] == level and pair[1 - side] != ALL_LEVELS]
        if cells:
            yield signed([([stood[level]], 1), (cells, -1)], high=0)


def _of_quarter(
    stood: tuple[Mapping[str, Cell], Mapping[str, Cell]], moved: Mapping[Pair, _Unprinted], assessed: Cell | None
) -> Iterator[Known]:
    """No more move on from a level than stand at it. And who is there at the quarter's end, less who was at its start
    and who came from other levels, and with who moved on, are those who entered: nobody, or more. Who moved or entered
    has been assessed in the year.
    """
    first, last = stood
    levels = sorted({before for before, _ in moved})
    if not first.keys() & last.keys() >= {*levels}:
        return
    entered: list[tuple[list[Counted], int]] = []
    for level in levels:
        out: list[Counted] = [count for (before, _), count in moved.items() if before == level]
        into: list[Counted] = [count for (_, after), count in moved.items() if after == level]
        yield signed([([first[level]], 1), (out, -1)])
        of_level: list[tuple[list[Counted], int]] = [([last[level], *out], 1), ([first[level], *into], -1)]
        yield signed(of_level)
        entered += [(counts, -sign) for counts, sign in of_level]
    if assessed is not None and levels:
        between = [count for (_, after), count in moved.items() if after not in NO_LEVELS]
        yield signed([([assessed], 1), (between, -1), *entered])


def _crossings(by_quarter: Moves, by_year: Moves) -> Iterator[Known]:
    """Whoever stood at some levels at a year's start and elsewhere at its end, has gone from these to others, or left,
    in one of the year's quarters.
    """
    levels = sorted({before for before, _ in by_quarter})
    for some in chain.from_iterable(combinations(levels, size) for size in range(1, len(levels) + 1)):
        quarters, year = (
            [cell for pair, cell in sorted(moved.items()) if pair[0] in some and pair[1] not in (*some, ALL_LEVELS)]
            for moved in (by_quarter, by_year)
        )
        if quarters and year:
            yield signed([(quarters, 1), (year, -1)])


def _moved_in(moved: Moves, counted: Mapping[str, Cell], order: Sequence[str], measure: str) -> Iterator[Known]:
    """Who moved to another level of the scheme was assessed, and raised or lowered; which of the two, by the order. Who
    came within the year was assessed too. Moves of quarters can be several of one child.
    """
    between = {pair: cell for pair, cell in sorted(moved.items()) if pair[0] != pair[1] and not NO_LEVELS & {*pair}}
    came = [cell for (before, after), cell in sorted(moved.items()) if before in ENTRANTS and after != ALL_LEVELS]
    place = {level: number for number, level in enumerate(order)}
    levels = {level for pair in between for level in pair}
    ordered = place.keys() >= levels
    up = [cell for (before, after), cell in between.items() if ordered and place[before] < place[after]]
    down = [cell for (before, after), cell in between.items() if ordered and place[before] > place[after]]
    one_way, either = _most_moves(len(levels | {*order})) if measure == BY_QUARTER else (1, 1)
    rules: list[tuple[list[str], list[Cell], int]] = [
        ([RiskMeasure.RAISED, RiskMeasure.LOWERED], [*between.values()], either),
        ([RiskMeasure.RAISED], up, one_way),
        ([RiskMeasure.LOWERED], down, one_way),
    ]
    if measure == BY_YEAR:
        rules.append(([RiskMeasure.ASSESSED], [*between.values(), *came], 1))
    for measures, cells, times in rules:
        if cells and counted.keys() >= {*measures}:
            yield signed([([counted[name] for name in measures], times), (cells, -1)])


def _most_moves(levels: int) -> tuple[int, int]:
    """The most moves up that one child can make in the quarters of a year, some being spent on the way back; and of all
    moves for each of being raised and being lowered: up only, or half of them.
    """
    one_way = max(min(QUARTERS - back, (levels - 1) * (back + 1)) for back in range(QUARTERS))
    return one_way, max(min(QUARTERS, levels - 1), QUARTERS // 2)


def _all_assessed(schemes: Sequence[_UnderReview]) -> Iterator[Known]:
    """Who was assessed in a year stands in its table, under whatever scheme: at a level at its start, or as one who
    came since. Whoever changed the scheme stands under the old one already.
    """
    for children in schemes:
        for days, counted in sorted(children.counted.items()):
            span = (_before(days[0]), days[1])
            own = children.moved[BY_YEAR].get(span, {})
            if RiskMeasure.ASSESSED in counted and own.keys() >= {(NEW, LEFT), (RETURNING, LEFT)}:
                tables = [each.moved[BY_YEAR].get(span, {}) for each in schemes]
                everybody = [
                    cell
                    for table in tables
                    for (before, after), cell in sorted(table.items())
                    if before not in (ANOTHER_SCHEME, ALL_LEVELS) and after != ALL_LEVELS
                ]
                yield signed([(everybody, 1), ([counted[RiskMeasure.ASSESSED]], -1)])


def _within(days: Days, of: Days) -> bool:
    """Whether two days are the ends of a time within a period: it begins where the day before it ends."""
    return _before(of[0]) <= days[0] and days[1] <= of[1]


def _before(day: str) -> str:
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()


def _after(day: str) -> str:
    return (date.fromisoformat(day) + timedelta(days=1)).isoformat()
