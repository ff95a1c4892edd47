"""What the definitions of measures say between figures of one source, area and period."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from needs_assessment.vocabulary import ALL_CATEGORIES, ProfileMeasure, Unit

if TYPE_CHECKING:
    from needs_assessment.disclosure.audit.linking import Placed

Terms = dict[str, int]

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
OFFENCES = "recorded_offences"
WITHIN = {
    OFFENCES: ("GROUP_OFFENCES", "POSITION_OF_TRUST", "VICTIMS", "SUSPECTS"),
    ProfileMeasure.VICTIMS: ("REPEAT_VICTIMS", "VICTIMS_MISSING", "VICTIMS_LATER_SUSPECTS"),
    ProfileMeasure.SUSPECTS: ("REPEAT_SUSPECTS",),
    ProfileMeasure.GROUP_OFFENCES: ("GROUPS",),
}
"""What is counted of offences, and the names of the measures that are never more."""


def between_measures(figures: Sequence[Placed], terms: Mapping[str, Terms]) -> Iterator[tuple[str, Terms]]:
    """What the definitions of the measures say of figures of one source, area and period."""
    places: dict[tuple[str, ...], dict[tuple[str, str], Terms]] = defaultdict(dict)
    for figure in figures:
        columns = figure.columns
        offences = columns.get("category") == ALL_CATEGORIES and columns.get("measure") == OFFENCES
        if (figure.table == "demand" or offences) and "#" not in figure.key:
            places[figure.identity, columns["area_code"], *figure.days][
                columns["measure"], columns["exploitation_type"]
            ] = terms[figure.key]
    for place, here in sorted(places.items()):
        for name, parts in _definitions(here):
            if all(figure in here for figure, _ in parts):
                yield f"{name} at {place}", signed((here[figure], sign) for figure, sign in parts)


Part = tuple[tuple[str, str], int]


def _definitions(here: Mapping[tuple[str, str], Terms]) -> Iterator[tuple[str, list[Part]]]:
    """Sums of (measure, harm) that are 0 or more."""
    for child, harm in sorted(here):
        if child in CHILDREN_OF_EPISODES:
            yield "children are at most episodes", [((CHILDREN_OF_EPISODES[child], harm), 1), ((child, harm), -1)]
    for whole, names in WITHIN.items():
        for part, harm in ((ProfileMeasure[name], harm) for name in names for harm in (*HARMS, "")):
            yield f"{part} are at most {whole}", [((whole, harm), 1), ((part, harm), -1)]
    for each, both, any_, others in FACTORS:
        for harm in HARMS:
            yield "both is at most each", [((each, harm), 1), ((both, ""), -1)]
            yield "each is at most any", [((any_, ""), 1), ((each, harm), -1)]
        yield "either is at most any", [((any_, ""), 1), ((both, ""), 1), *(((each, harm), -1) for harm in HARMS)]
        for other in (*others, both):
            yield "each factor is at most any", [((any_, ""), 1), ((other, ""), -1)]


REFERRALS = ("referrals", "referral")
"""The measure and the unit of referrals, of which breakdowns are margins."""


def margins(figures: Sequence[Placed], terms: Mapping[str, Terms]) -> Iterator[tuple[str, Terms]]:
    """Each breakdown of the referrals of a harm, less the referrals themselves: nothing is left. Where the referrals
    have no figure of their own, the breakdowns are compared with the first of them.
    """
    for (_, area, first, _, harm), margins in sorted(_referrals(figures).items()):
        names = sorted(margins)
        for name in names[1:]:
            parts = [*((terms[key], 1) for key in margins[names[0]]), *((terms[key], -1) for key in margins[name])]
            yield f"referrals by {name} of {harm} in {area} from {first} are all", signed(parts)


def children_of_breakdowns(figures: Sequence[Placed], terms: Mapping[str, Terms]) -> Iterator[tuple[str, Terms]]:
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
        yield f"children are at most referrals of {place[-1]} in {place[1]} from {place[2]}", signed(parts)


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


def signed(parts: Iterable[tuple[Terms, int]]) -> Terms:
    """A sum of figures, each with its sign."""
    summed: dict[str, int] = defaultdict(int)
    for terms, sign in parts:
        for atom, coefficient in terms.items():
            summed[atom] += sign * coefficient
    return {atom: coefficient for atom, coefficient in summed.items() if coefficient}
