"""What the definitions of measures say between figures of one source and place: which is at most which, and what adds
up to what.

A reader knows all of it, so whoever attacks withheld figures does. Each relation is a signed sum of figures that is 0
or more, or exactly 0.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import TYPE_CHECKING, Protocol

from needs_assessment.disclosure.cells import Cell, Known, Terms, terms
from needs_assessment.vocabulary import ALL_CATEGORIES, Measure, ProfileMeasure, Unit

if TYPE_CHECKING:
    from needs_assessment.disclosure.linking import Figure


class Counted(Protocol):
    """What has a number: a figure, or what is known to be there though nobody prints it."""

    @property
    def terms(self) -> Terms:
        """The sum of atoms that it is."""
        ...


Place = tuple[str, ...]
Cells = Mapping[str, Cell]

BREAKDOWNS = "breakdowns"
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
UNIONS = (
    ("census_assessment_factor_episodes", "census_assessment_factor_episodes_both", "census_any_factor_episodes"),
    ("children_with_factor", "children_with_both_factors", "children_with_any_factor"),
)
"""A measure by harm, its overlap and what holds both: the harms less their overlap are never more than the last."""


def at_most(part: Cell, whole: Cell) -> Known:
    """That a part is no more than its whole."""
    return signed([([whole], 1), ([part], -1)])


def signed(sums: Iterable[tuple[Iterable[Counted], int]], high: int | None = None) -> Known:
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
