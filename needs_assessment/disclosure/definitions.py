"""What the definitions of measures say between figures of one source and place: which is at most which, and what adds
up to what.

A reader knows all of it, so whoever attacks withheld figures does. Each relation is a signed sum of figures that is 0
or more, or exactly 0.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import product
from typing import TYPE_CHECKING

from needs_assessment.disclosure.cells import Cell, Known, terms
from needs_assessment.vocabulary import (
    ALL_CATEGORIES,
    ALL_LEVELS,
    ALL_RESIDENCES,
    ANOTHER_SCHEME,
    LEFT,
    NEW,
    RETURNING,
    Measure,
    ProfileMeasure,
    RiskMeasure,
    Unit,
)

if TYPE_CHECKING:
    from needs_assessment.disclosure.linking import Figure

Levels = Mapping[str, Sequence[str]]
"""The levels of each scheme from the lowest, as far as readers know their order."""
Place = tuple[str, ...]
Cells = Mapping[str, Cell]

BREAKDOWNS, CASELOAD, RISK_MOVEMENT = "breakdowns", "risk_caseload", "risk_movement"
BY_QUARTER, BY_YEAR = RiskMeasure.THREE_MONTHS_LATER, RiskMeasure.TWELVE_MONTHS_LATER
MOVES = frozenset({BY_QUARTER, BY_YEAR})
"""Where the children under review on one day stand on another: a year later, or at the next quarter end, the quarters
of a year together.
"""
QUARTER_ENDS = 5
"""The days between which a year's quarters lie."""
NO_LEVELS = frozenset({NEW, RETURNING, LEFT, ANOTHER_SCHEME, ALL_LEVELS})
"""What may stand in place of a level in them."""
OFFENCES = "recorded_offences"
"""The measure by which breakdowns count offences."""

_FACTORS = ("trafficking", "gangs", "going_missing")
AT_MOST: tuple[tuple[str, str], ...] = (
    ("children_with_factor", "census_assessment_factor_episodes"),
    ("children_with_both_factors", "census_assessment_factor_episodes_both"),
    *((f"children_with_{factor}_factor", f"census_{factor}_factor_episodes") for factor in (*_FACTORS, "any")),
    ("census_assessment_factor_episodes_both", "census_assessment_factor_episodes"),
    ("children_with_both_factors", "children_with_factor"),
    *((f"census_{factor}_factor_episodes", "census_any_factor_episodes") for factor in _FACTORS),
    *((f"children_with_{factor}_factor", "children_with_any_factor") for factor in _FACTORS),
)
"""Measures of which the first can never be more than the second: of one harm where both state one."""
AT_MOST_OF_A_HARM: tuple[tuple[str, str], ...] = (
    *((part, OFFENCES) for part in (ProfileMeasure.GROUP_OFFENCES, ProfileMeasure.POSITION_OF_TRUST)),
    *((part, OFFENCES) for part in (ProfileMeasure.VICTIMS, ProfileMeasure.SUSPECTS)),
    (ProfileMeasure.REPEAT_VICTIMS, ProfileMeasure.VICTIMS),
    (ProfileMeasure.VICTIMS_MISSING, ProfileMeasure.VICTIMS),
    (ProfileMeasure.VICTIMS_LATER_SUSPECTS, ProfileMeasure.VICTIMS),
    (ProfileMeasure.REPEAT_SUSPECTS, ProfileMeasure.SUSPECTS),
    (ProfileMeasure.GROUPS, ProfileMeasure.GROUP_OFFENCES),
)
"""The same of recorded offences, whose measures have no figure without a harm that holds all harms."""
AT_MOST_OF_RISK: tuple[tuple[str, str], ...] = (
    (RiskMeasure.RAISED, RiskMeasure.ASSESSED),
    (RiskMeasure.LOWERED, RiskMeasure.ASSESSED),
    (RiskMeasure.RAISED_AGAIN_WITHIN_6_MONTHS, RiskMeasure.RAISED_AGAIN_WITHIN_12_MONTHS),
    (RiskMeasure.RAISED_AGAIN_WITHIN_12_MONTHS, RiskMeasure.LOWERED),
)
"""The same of children under review in one year."""
UNIONS = (
    ("census_assessment_factor_episodes", "census_assessment_factor_episodes_both", "census_any_factor_episodes"),
    ("children_with_factor", "children_with_both_factors", "children_with_any_factor"),
)
"""A measure by harm, its overlap and what holds both: the harms less their overlap are never more than the last."""


def at_most(part: Cell, whole: Cell) -> Known:
    """That a part is no more than its whole."""
    return signed([([whole], 1), ([part], -1)])


def signed(sums: Iterable[tuple[Iterable[Cell], int]], high: int | None = None) -> Known:
    """That a signed sum of cells is 0 or more, and with `high` no more than that."""
    coefficients: dict[str, int] = defaultdict(int)
    for cells, sign in sums:
        for atom, coefficient in (term for cell in cells for term in cell.terms):
            coefficients[atom] += sign * coefficient
    return Known(terms(coefficients), 0, high)


def between_measures(figures: Iterable[Figure], cells: Cells) -> list[Known]:
    """What is known between measures: children are at most episodes, an overlap is at most each part, and whom and what
    offences are counted by is at most the offences.
    """
    placed: dict[Place, dict[tuple[str, str], Cell]] = defaultdict(dict)
    for figure in figures:
        columns = figure.columns
        if (columns["table"] == "demand" or _is_all_offences(columns)) and not columns["again"]:
            place = (columns["identity"], columns["area_code"], *figure.period)
            placed[place][columns["measure"], columns["exploitation_type"]] = cells[figure.key]
    return [known for place in sorted(placed) for known in _relations(placed[place])]


def _is_all_offences(columns: Mapping[str, str]) -> bool:
    return columns["table"] == BREAKDOWNS and (columns["measure"], columns["category"]) == (OFFENCES, ALL_CATEGORIES)


def _relations(here: Mapping[tuple[str, str], Cell]) -> Iterator[Known]:
    for (least, most), ((measure, harm), part) in product(AT_MOST, here.items()):
        if measure == least:
            yield from (
                at_most(part, whole)
                for (other, of), whole in here.items()
                if other == most and (of == harm or not (of and harm))
            )
    for (least, most), ((measure, harm), part) in product(AT_MOST_OF_A_HARM, here.items()):
        if measure == least and (most, harm) in here:
            yield at_most(part, here[most, harm])
    for measure, overlap, union in UNIONS:
        harms = [cell for (name, _), cell in here.items() if name == measure]
        both, whole = here.get((overlap, "")), here.get((union, ""))
        yield from (at_most(cell, whole) for cell in harms if whole)
        if len(harms) > 1 and both and whole:
            yield signed([([whole, both], 1), (harms, -1)])


def of_breakdowns(figures: Iterable[Figure], cells: Cells) -> Iterator[Known]:
    """What is known of breakdowns: the categories of each dimension add up to all referrals of a harm, and the children
    who were referred for a harm are no more than its referrals.
    """
    referred: dict[Place, dict[str, list[Cell]]] = defaultdict(lambda: defaultdict(list))
    children: dict[Place, dict[str, Cell]] = defaultdict(dict)
    for figure in (figure for figure in figures if not figure.columns["again"]):
        columns = figure.columns
        place = (columns["identity"], columns["area_code"], *figure.period)
        if (columns["table"], columns["unit"]) == (BREAKDOWNS, Unit.CHILD):
            children[place][columns["category"]] = cells[figure.key]
        elif columns.get("measure") == Measure.REFERRALS and columns["unit"] == Unit.REFERRAL:
            # A total has no dimension, so it comes first in order; without one the dimensions are equal to the first.
            referred[*place, columns["exploitation_type"]][columns.get("dimension", "")].append(cells[figure.key])
    for *at, harm in sorted(referred):
        whole, *partitions = [here for _, here in sorted(referred[*at, harm].items())]
        yield from (signed([(whole, 1), (parts, -1)], high=0) for parts in partitions)
        of_harm = [cell for category, cell in sorted(children[*at,].items()) if harm in category]
        if of_harm:
            yield signed([(whole, 1), (of_harm, -1)])


class _UnderReview:
    """The children of one source, scheme, harm and area: at each level on each day, where they stood between two days,
    and what the years count of them.
    """

    def __init__(self) -> None:
        self.stood: dict[str, dict[str, Cell]] = defaultdict(dict)
        self.moved: dict[tuple[str, str, str], dict[tuple[str, str], Cell]] = defaultdict(dict)
        self.counted: dict[tuple[str, str], dict[str, Cell]] = defaultdict(dict)

    def take(self, columns: Mapping[str, str], cell: Cell) -> None:
        """Puts a figure in its place."""
        if columns["table"] == CASELOAD:
            self.stood[columns["as_at"]][columns["risk_level"]] = cell
            return
        measure, days = columns["measure"], (columns["period_start"], columns["period_end"])
        if measure in MOVES:
            self.moved[measure, *days][columns["from_level"], columns["to_level"]] = cell
        else:
            self.counted[days][measure] = cell

    def known(self, order: Sequence[str]) -> Iterator[Known]:
        """What any reader knows of them, with the order of the levels if readers know it."""
        years = {tuple(days): moved for (measure, *days), moved in sorted(self.moved.items()) if measure == BY_YEAR}
        for (start, end), moved in years.items():
            yield from _adds_up(moved, self.stood[start], side=0)
            yield from _adds_up(moved, self.stood[end], side=1)
        for (measure, start, end), moved in sorted(self.moved.items()):
            if measure == BY_QUARTER:
                stood = [levels for day, levels in sorted(self.stood.items()) if start <= day <= end]
                yield from _between_quarters(moved, stood)
                yield from _left(moved, years.get((start, end), {}))
        for (start, end), counted in sorted(self.counted.items()):
            yield from _of_years(counted)
            levels = [cell for level, cell in sorted(self.stood[end].items()) if level != ALL_LEVELS]
            if levels and start == end and RiskMeasure.REVIEW_OVERDUE in counted:
                yield signed([(levels, 1), ([counted[RiskMeasure.REVIEW_OVERDUE]], -1)])
            within = [moved for days, moved in years.items() if _between(days, start, end)]
            yield from (row for moved in within for row in _moved_in(moved, counted, order))


def of_risk(figures: Iterable[Figure], cells: Cells, levels: Levels) -> Iterator[Known]:
    """What is known of children under review: whoever was at a level stands somewhere later, and whoever is at one
    came from somewhere; who moved up in a year was raised in it, and who moved down was lowered.
    """
    places: dict[Place, _UnderReview] = defaultdict(_UnderReview)
    for figure in figures:
        columns = figure.columns
        if columns["table"] not in (CASELOAD, RISK_MOVEMENT) or columns["again"]:
            continue
        if columns.get("residence", ALL_RESIDENCES) == ALL_RESIDENCES:
            names = ("identity", "scheme", "exploitation_type", "area_code")
            places[tuple(columns[name] for name in names)].take(columns, cells[figure.key])
    for place, children in sorted(places.items()):
        yield from children.known(levels.get(place[1], ()))


def _adds_up(moved: Mapping[tuple[str, str], Cell], stood: Mapping[str, Cell], side: int) -> Iterator[Known]:
    """The cells of each level, as the first or the second of a pair, are all who stood at it."""
    for level in sorted(stood.keys() - NO_LEVELS):
        cells = [cell for pair, cell in sorted(moved.items()) if pair[side] == level and pair[1 - side] != ALL_LEVELS]
        if cells:
            yield signed([([stood[level]], 1), (cells, -1)], high=0)


def _between_quarters(moved: Mapping[tuple[str, str], Cell], stood: Sequence[Mapping[str, Cell]]) -> Iterator[Known]:
    """Who was followed from a level for a quarter stood at it on one of the year's quarter ends but the last. And who
    is there at the year's end, less who was at its start and who came from other levels, and with who moved on, are
    those who entered: nobody, or more.
    """
    if len(stood) != QUARTER_ENDS:
        return
    for level in sorted(set.intersection(*({*day} for day in stood)) - NO_LEVELS):
        pairs = [(pair, cell) for pair, cell in sorted(moved.items()) if level in pair and pair != (level, ALL_LEVELS)]
        if (level, ALL_LEVELS) in moved:
            yield signed([([day[level] for day in stood[:-1]], 1), ([moved[level, ALL_LEVELS]], -1)], high=0)
        yield signed(
            [
                ([stood[-1][level], *(cell for (before, _), cell in pairs if before == level)], 1),
                ([stood[0][level], *(cell for (_, after), cell in pairs if after == level)], -1),
            ]
        )


def _left(moved: Mapping[tuple[str, str], Cell], year: Mapping[tuple[str, str], Cell]) -> Iterator[Known]:
    """Who stood at a level at the year's start and had left by its end, has left in one of its quarters."""
    by_quarter, by_year = (
        [cell for (before, after), cell in sorted(cells.items()) if before not in NO_LEVELS and after == LEFT]
        for cells in (moved, year)
    )
    if by_quarter and by_year:
        yield signed([(by_quarter, 1), (by_year, -1)])


def _of_years(counted: Mapping[str, Cell]) -> Iterator[Known]:
    for least, most in AT_MOST_OF_RISK:
        if least in counted and most in counted:
            yield at_most(counted[least], counted[most])


def _between(days: Sequence[str], start: str, end: str) -> bool:
    """Whether two days are the ends of a time within a period: it begins where the day before it ends."""
    return (date.fromisoformat(start) - timedelta(days=1)).isoformat() <= days[0] and days[1] <= end


def _moved_in(
    moved: Mapping[tuple[str, str], Cell], counted: Mapping[str, Cell], order: Sequence[str]
) -> Iterator[Known]:
    """Who stands at another level of the scheme was assessed, and raised or lowered; which of the two, by the order."""
    pairs = {pair: cell for pair, cell in sorted(moved.items()) if pair[0] != pair[1] and not NO_LEVELS & {*pair}}
    if not pairs:
        return
    place = {level: number for number, level in enumerate(order)}
    ordered = place.keys() >= {level for pair in pairs for level in pair}
    up = [cell for (before, after), cell in pairs.items() if ordered and place[before] < place[after]]
    down = [cell for (before, after), cell in pairs.items() if ordered and place[before] > place[after]]
    either = [RiskMeasure.RAISED, RiskMeasure.LOWERED]
    rules = [([RiskMeasure.ASSESSED], [*pairs.values()]), (either, [*pairs.values()])]
    rules += [([measure], cells) for measure, cells in zip(either, (up, down), strict=True)]
    for measures, cells in rules:
        if cells and counted.keys() >= {*measures}:
            yield signed([([counted[measure] for measure in measures], 1), (cells, -1)])
