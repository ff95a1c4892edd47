"""What any reader knows of children under review: whoever stood at a level stands somewhere later, and who moved up
within a year was raised in it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import cache
from itertools import chain, combinations, pairwise, product
from math import ceil
from typing import TYPE_CHECKING

from needs_assessment.disclosure.audit.definitions import Terms, signed
from needs_assessment.disclosure.audit.figures import Levels
from needs_assessment.vocabulary import ALL_LEVELS, ALL_RESIDENCES, ANOTHER_SCHEME, LEFT, NEW, RETURNING, RiskMeasure

if TYPE_CHECKING:
    from needs_assessment.disclosure.audit.linking import Placed

FLOWS = (RiskMeasure.THREE_MONTHS_LATER, RiskMeasure.TWELVE_MONTHS_LATER)
OTHER_ENDS = (ALL_LEVELS, NEW, RETURNING, LEFT, ANOTHER_SCHEME)
SMALLER = (
    (RiskMeasure.RAISED, RiskMeasure.ASSESSED),
    (RiskMeasure.LOWERED, RiskMeasure.ASSESSED),
    (RiskMeasure.RAISED_AGAIN_WITHIN_12_MONTHS, RiskMeasure.LOWERED),
    (RiskMeasure.RAISED_AGAIN_WITHIN_6_MONTHS, RiskMeasure.RAISED_AGAIN_WITHIN_12_MONTHS),
)
"""Counts of one year, the first never more than the second."""
QUARTERS = 4
Group = tuple[str, ...]


def group_of(figure: Placed) -> Group:
    """Whose children, or whose moves, a figure counts: source, scheme, harm and area."""
    names = ("scheme", "exploitation_type", "area_code")
    return (figure.identity, *(figure.columns[name] for name in names))


def pairs_of_levels(figures: Sequence[Placed], terms: dict[str, Terms]) -> Iterator[tuple[str, Terms]]:
    """The caseload at a level on the first day less all cells that begin there, and that on the last day less all that
    end there: nothing is left.
    """
    stood = _caseload(figures, terms)
    yield from _followed(figures, terms)
    cells: dict[tuple[Group, str, str, str], list[Terms]] = defaultdict(list)
    for figure, before, after in _flows(figures, RiskMeasure.TWELVE_MONTHS_LATER):
        measure, start, end = (figure.columns[name] for name in ("measure", "period_start", "period_end"))
        for day, level, other in ((start, before, after), (end, after, before)):
            if level not in OTHER_ENDS and other != ALL_LEVELS:
                cells[group_of(figure), day, level, f"{measure} {start} to {end}"].append(terms[figure.key])
    for (group, day, level, span), parts in sorted(cells.items()):
        if (group, day, level) in stood:
            whole = stood[group, day, level]
            name = f"{level} of {group} on {day} is all of {span}"
            yield name, signed([(whole, 1), *((part, -1) for part in parts)])


Year = tuple[Group, str, str]
Pair = tuple[str, str]


def _followed(figures: Sequence[Placed], terms: dict[str, Terms]) -> Iterator[tuple[str, Terms]]:
    """All who were followed from a level for a quarter, less the caseload at it at each quarter's start: nobody. And
    the moves of a year's quarters less those of each: none.
    """
    stood = _caseload(figures, terms)
    for year, moves in _years_of_quarters(figures, terms).items():
        group, start, end = year
        days = _quarter_ends(start, end)
        for (level, after), cell in sorted(moves.items()):
            if after != ALL_LEVELS:
                quarters = [({_of_quarter(group, day, (level, after)): 1}, -1) for day in days[:-1]]
                yield f"{level} to {after} of {group} from {start} to {end}", signed([(cell, 1), *quarters])
            elif all((group, day, level) in stood for day in days):
                parts = [(stood[group, day, level], 1) for day in days[:-1]]
                yield f"{level} of {group} followed from {start} to {end}", signed([*parts, (cell, -1)])


def _of_quarter(group: Group, start: str, pair: Pair) -> str:
    """The atom of the moves of one quarter, which nobody prints; it ends as all atoms do."""
    *of, area = group
    return "|".join(("moves of a quarter", *of, area, f"{start}/", ALL_LEVELS, ALL_RESIDENCES, ALL_RESIDENCES, *pair))


def quarters(figures: Sequence[Placed], terms: dict[str, Terms]) -> Iterator[tuple[str, Terms]]:
    """In each quarter no more move on from a level than stand at it, and nobody, or more, enters: those at its end and
    those who moved on, less those at its start and those who came from other levels. Who moved or entered has been
    assessed in the year.
    """
    stood, counted = _caseload(figures, terms), _years_counted(figures, terms)
    for (group, start, end), moves in _years_of_quarters(figures, terms).items():
        pairs = sorted(pair for pair in moves if ALL_LEVELS not in pair)
        assessed = counted.get((group, _day_after(start), end), {}).get(RiskMeasure.ASSESSED)
        for first, last in pairwise(_quarter_ends(start, end)):
            moved = {pair: {_of_quarter(group, first, pair): 1} for pair in pairs}
            new: list[tuple[Terms, int]] = [(cell, -1) for (_, to), cell in moved.items() if to not in OTHER_ENDS]
            levels = sorted({before for before, _ in pairs})
            for level in levels:
                here, then = stood.get((group, first, level)), stood.get((group, last, level))
                if here is None or then is None:
                    new = []
                    break
                out = [(cell, 1) for (before, _), cell in moved.items() if before == level]
                into = [(cell, -1) for (_, after), cell in moved.items() if after == level]
                yield f"stayed {level} of {group} from {first}", signed([(here, 1), *((cell, -1) for cell, _ in out)])
                entered = [(then, 1), (here, -1), *out, *into]
                yield f"entered {level} of {group} from {first}", signed(entered)
                new += [(cell, -sign) for cell, sign in entered]
            if assessed and new:
                yield f"assessed of {group} by {end} from {first}", signed([(assessed, 1), *new])


def crossings(figures: Sequence[Placed], terms: dict[str, Terms]) -> Iterator[tuple[str, Terms]]:
    """Whoever stood at some levels at a year's start and elsewhere at its end, has gone from these to others, or left,
    in one of the year's quarters.
    """
    years: dict[Year, dict[Pair, Terms]] = defaultdict(dict)
    for figure, *pair in _flows(figures, RiskMeasure.TWELVE_MONTHS_LATER):
        years[_year_of(figure)][pair[0], pair[1]] = terms[figure.key]
    for year, moves in _years_of_quarters(figures, terms).items():
        levels = sorted({before for before, _ in moves})
        for some in chain.from_iterable(combinations(levels, size) for size in range(1, len(levels) + 1)):
            sides = [
                [cell for (before, after), cell in cells.items() if before in some and after not in (*some, ALL_LEVELS)]
                for cells in (moves, years[year])
            ]
            if all(sides):
                parts = [*((cell, 1) for cell in sides[0]), *((cell, -1) for cell in sides[1])]
                yield f"out of {' '.join(some)} in {year}", signed(parts)


def _years_of_quarters(figures: Sequence[Placed], terms: dict[str, Terms]) -> dict[Year, dict[tuple[str, str], Terms]]:
    """The moves from quarter end to quarter end of each year, by the levels that they begin and end at."""
    years: dict[Year, dict[tuple[str, str], Terms]] = defaultdict(dict)
    for figure, before, after in _flows(figures, RiskMeasure.THREE_MONTHS_LATER):
        years[_year_of(figure)][before, after] = terms[figure.key]
    return years


def _year_of(figure: Placed) -> Year:
    return (group_of(figure), figure.columns["period_start"], figure.columns["period_end"])


def _quarter_ends(start: str, end: str) -> list[str]:
    """The last days of the quarters from one 31 March to the next."""
    year, next_year = start[:4], end[:4]
    return [start, f"{year}-06-30", f"{year}-09-30", f"{year}-12-31", f"{next_year}-03-31"]


def _years_counted(figures: Sequence[Placed], terms: dict[str, Terms]) -> dict[Year, dict[str, Terms]]:
    """What is counted of each year, or on a day, by measure."""
    years: dict[Year, dict[str, Terms]] = defaultdict(dict)
    for figure in figures:
        if figure.table == "risk_movement" and figure.columns["measure"] not in FLOWS and "#" not in figure.key:
            years[_year_of(figure)][figure.columns["measure"]] = terms[figure.key]
    return years


def years_of_review(figures: Sequence[Placed], terms: dict[str, Terms], levels: Levels) -> Iterator[tuple[str, Terms]]:
    """What counts of years are at least, by those of the same year, of a day, and of moves within it."""
    years = _years_counted(figures, terms)
    yield from quarters(figures, terms)
    yield from crossings(figures, terms)
    yield from _assessed(figures, terms)
    stood = _caseload(figures, terms)
    flows = [flow for measure in FLOWS for flow in _flows(figures, measure)]
    for (group, start, end), counted in sorted(years.items()):
        for small, large in SMALLER:
            if small in counted and large in counted:
                yield (
                    f"{small} of {group} in {end} is at most {large}",
                    signed([(counted[large], 1), (counted[small], -1)]),
                )
        here = [level for (who, day, _), level in sorted(stood.items()) if (who, day) == (group, end)]
        if start == end and here and (overdue := counted.get(RiskMeasure.REVIEW_OVERDUE)):
            yield f"overdue of {group} on {end}", signed([*((level, 1) for level in here), (overdue, -1)])
        own = [flow for flow in flows if group_of(flow[0]) == group]
        yield from _moves_of_year(own, counted, terms, (start, end, levels.get(group[1], ())))


def _assessed(figures: Sequence[Placed], terms: dict[str, Terms]) -> Iterator[tuple[str, Terms]]:
    """Nobody is assessed in a year who does not stand in its table, under whatever scheme; and who is there at its end
    without being overdue, or came and left, has been assessed.
    """
    counted, stood = _years_counted(figures, terms), _caseload(figures, terms)
    cells: dict[Year, dict[Pair, Terms]] = defaultdict(dict)
    for figure, before, after in _flows(figures, RiskMeasure.TWELVE_MONTHS_LATER):
        if ALL_LEVELS not in (before, after):
            cells[_year_of(figure)][before, after] = terms[figure.key]
    for (group, start, end), measures in sorted(counted.items()):
        if RiskMeasure.ASSESSED not in measures:
            continue
        assessed, before = measures[RiskMeasure.ASSESSED], _day_before(start)
        own = cells.get((group, before, end), {})
        if {(NEW, LEFT), (RETURNING, LEFT)} <= own.keys():
            # Whoever changed the scheme stands under the old one already.
            every = [
                (cell, 1)
                for (other, *days), table in sorted(cells.items())
                if (other[0], *other[2:], *days) == (group[0], *group[2:], before, end)
                for pair, cell in sorted(table.items())
                if pair[0] != ANOTHER_SCHEME
            ]
            yield f"assessed of {group} by {end} of all", signed([*every, (assessed, -1)])
        overdue = counted.get((group, end, end), {}).get(RiskMeasure.REVIEW_OVERDUE)
        there = [(level, -1) for (who, day, _), level in sorted(stood.items()) if (who, day) == (group, end)]
        if overdue and there:
            gone = [(own[pair], -1) for pair in ((NEW, LEFT), (RETURNING, LEFT)) if pair in own]
            yield f"assessed of {group} by {end} or overdue", signed([(assessed, 1), (overdue, 1), *there, *gone])


def _moves_of_year(
    flows: Sequence[tuple[Placed, str, str]],
    counted: dict[str, Terms],
    terms: dict[str, Terms],
    year: tuple[str, str, Sequence[str]],
) -> Iterator[tuple[str, Terms]]:
    """Moves from one level to another within a year, up and down by the order of the levels where it is known; who came
    within the year has been assessed too.
    """
    start, end, order = year
    moves: dict[tuple[str, tuple[str, ...]], list[Terms]] = defaultdict(list)
    named: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for figure, before, after in flows:
        span = tuple(figure.columns[name] for name in ("measure", "period_start", "period_end"))
        if span[1] < _day_before(start) or span[2] > end or before == after or after == ALL_LEVELS:
            continue
        named[span] |= {before, after} - {*OTHER_ENDS}
        for kind in _kinds(before, after, order):
            moves[kind, span].append(terms[figure.key])
    raised, lowered, assessed = (RiskMeasure.RAISED, RiskMeasure.LOWERED, RiskMeasure.ASSESSED)
    at_least = {"assessed": [assessed], "either": [raised, lowered], "up": [raised], "down": [lowered]}
    for (kind, span), cells in sorted(moves.items()):
        names = at_least[kind]
        times = _times(kind, len(named[span] | {*order})) if span[0] == RiskMeasure.THREE_MONTHS_LATER else 1
        if counted.keys() >= {*names} and (kind, span[0]) != ("assessed", RiskMeasure.THREE_MONTHS_LATER):
            name = f"{' and '.join(names)} to {end} of {kind} in {' '.join(span)}"
            yield name, signed([*((counted[each], times) for each in names), *((cell, -1) for cell in cells)])


def _kinds(before: str, after: str, order: Sequence[str]) -> list[str]:
    """What a move, or coming, counts as."""
    if after in OTHER_ENDS or before in OTHER_ENDS:
        return ["assessed"] if before in (NEW, RETURNING, ANOTHER_SCHEME) else []
    return ["assessed", "either", *_direction(before, after, order)]


@cache
def _times(kind: str, levels: int) -> int:
    """The most that one child's moves of a kind can be in the quarters of a year, by trying every way; of both kinds
    together, for each of being raised and being lowered.
    """
    most = 0
    for way in product(range(levels), repeat=QUARTERS + 1):
        up, down = (sum(sign * (after - before) > 0 for before, after in pairwise(way)) for sign in (1, -1))
        of_both = ceil((up + down) / ((up > 0) + (down > 0) or 1))
        most = max(most, of_both if kind == "either" else up)
    return most


def _direction(before: str, after: str, order: Sequence[str]) -> list[str]:
    if before not in order or after not in order:
        return []
    return ["up" if order.index(before) < order.index(after) else "down"]


def _day_before(day: str) -> str:
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()


def _day_after(day: str) -> str:
    return (date.fromisoformat(day) + timedelta(days=1)).isoformat()


def _caseload(figures: Sequence[Placed], terms: dict[str, Terms]) -> dict[tuple[Group, str, str], Terms]:
    """The terms of the caseload of all residences by group, day and level."""
    return {
        (group_of(figure), figure.columns["as_at"], figure.columns["risk_level"]): terms[figure.key]
        for figure in figures
        if figure.table == "risk_caseload"
        and "#" not in figure.key
        and figure.columns["residence"] == ALL_RESIDENCES
        and figure.columns["risk_level"] != ALL_LEVELS
    }


def _flows(figures: Sequence[Placed], measure: RiskMeasure) -> Iterator[tuple[Placed, str, str]]:
    for figure in figures:
        if figure.table == "risk_movement" and figure.columns["measure"] == measure and "#" not in figure.key:
            yield figure, figure.columns["from_level"], figure.columns["to_level"]
