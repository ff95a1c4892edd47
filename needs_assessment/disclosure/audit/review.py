"""What any reader knows of children under review: whoever stood at a level stands somewhere later, and who moved up
within a year was raised in it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
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


def _followed(figures: Sequence[Placed], terms: dict[str, Terms]) -> Iterator[tuple[str, Terms]]:
    """All who were followed from a level for a quarter, less the caseload at it at each quarter's start: nobody."""
    stood = _caseload(figures, terms)
    for year, moves in _years_of_quarters(figures, terms).items():
        group, start, end = year
        days = _quarter_ends(start, end)
        for (level, after), all_of in sorted(moves.items()):
            if after == ALL_LEVELS and all((group, day, level) in stood for day in days):
                parts = [(stood[group, day, level], 1) for day in days[:-1]]
                yield f"{level} of {group} followed from {start} to {end}", signed([*parts, (all_of, -1)])


def entered(figures: Sequence[Placed], terms: dict[str, Terms]) -> Iterator[tuple[str, Terms]]:
    """At each level those at the year's end and those who moved on, less those at its start and those who came from
    other levels, are who entered; and all who left in its quarters are no fewer than those who had left by its end.
    """
    stood = _caseload(figures, terms)
    ends: dict[Year, list[Terms]] = defaultdict(list)
    for figure, before, after in _flows(figures, RiskMeasure.TWELVE_MONTHS_LATER):
        if after == LEFT and before not in OTHER_ENDS:
            ends[_year_of(figure)].append(terms[figure.key])
    for year, moves in _years_of_quarters(figures, terms).items():
        group, start, end = year
        parts = {pair: cell for pair, cell in sorted(moves.items()) if ALL_LEVELS not in pair}
        for level in sorted({before for before, _ in parts}):
            first, last = stood.get((group, start, level)), stood.get((group, end, level))
            if first is None or last is None:
                continue
            out = [(cell, 1) for (before, _), cell in parts.items() if before == level]
            into = [(cell, -1) for (_, after), cell in parts.items() if after == level]
            yield f"entered {level} of {group} from {start} to {end}", signed([(last, 1), (first, -1), *out, *into])
        left = [(cell, 1) for (_, after), cell in parts.items() if after == LEFT]
        if left and ends[year]:
            yield f"left of {group} from {start} to {end}", signed([*left, *((cell, -1) for cell in ends[year])])


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


def years_of_review(figures: Sequence[Placed], terms: dict[str, Terms], levels: Levels) -> Iterator[tuple[str, Terms]]:
    """What counts of years are at least, by those of the same year, of a day, and of moves within it."""
    years: dict[tuple[Group, str, str], dict[str, Terms]] = defaultdict(dict)
    for figure in figures:
        if figure.table == "risk_movement" and figure.columns["measure"] not in FLOWS and "#" not in figure.key:
            days = (figure.columns["period_start"], figure.columns["period_end"])
            years[group_of(figure), *days][figure.columns["measure"]] = terms[figure.key]
    yield from entered(figures, terms)
    stood, flows = _caseload(figures, terms), [*_flows(figures, RiskMeasure.TWELVE_MONTHS_LATER)]
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


def _moves_of_year(
    flows: Sequence[tuple[Placed, str, str]],
    counted: dict[str, Terms],
    terms: dict[str, Terms],
    year: tuple[str, str, Sequence[str]],
) -> Iterator[tuple[str, Terms]]:
    """Moves from one level to another within a year, up and down by the order of the levels where it is known."""
    start, end, order = year
    moves: dict[tuple[str, tuple[str, ...]], list[Terms]] = defaultdict(list)
    for figure, before, after in flows:
        span = tuple(figure.columns[name] for name in ("measure", "period_start", "period_end"))
        outside = span[1] < _day_before(start) or span[2] > end
        if outside or before == after or before in OTHER_ENDS or after in OTHER_ENDS:
            continue
        for kind in ("either", *_direction(before, after, order)):
            moves[kind, span].append(terms[figure.key])
    raised, lowered, assessed = (RiskMeasure.RAISED, RiskMeasure.LOWERED, RiskMeasure.ASSESSED)
    at_least = {"either": ([assessed], [raised, lowered]), "up": ([raised],), "down": ([lowered],)}
    for (kind, span), cells in sorted(moves.items()):
        for names in at_least[kind]:
            if counted.keys() >= {*names}:
                name = f"{' and '.join(names)} to {end} of {kind} in {' '.join(span)}"
                yield name, signed([*((counted[each], 1) for each in names), *((cell, -1) for cell in cells)])


def _direction(before: str, after: str, order: Sequence[str]) -> list[str]:
    if before not in order or after not in order:
        return []
    return ["up" if order.index(before) < order.index(after) else "down"]


def _day_before(day: str) -> str:
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()


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
