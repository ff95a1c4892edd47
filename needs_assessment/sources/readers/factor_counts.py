"""The counts that the returns of single children's assessments give: of episodes and of children, by factor.

Only counts leave the readers of such returns, as the figures of a source that is not public.

What is counted, for an authority and a year from 1 April to 31 March:

- an *episode with a factor*: an episode of need with an assessment completed in the year, which is one authorised on a
  day of it, that recorded the factor; several such assessments of an episode count once;
- a *child with a factor*: a child with such an episode.

With both factors are the episodes, or the children, with child sexual exploitation and child criminal exploitation.
The Department for Education's table C3 counts episodes too, after the Department's own checks and the authority's
corrections, so a count made here need not equal the published one. Source of the codes: Department for Education,
*Children in need census: guide for local authorities*.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntFlag

import pandas as pd

from needs_assessment.evidence.faults import listed
from needs_assessment.sources.notes import Coercion, Notes
from needs_assessment.vocabulary import ExploitationType, MissingCode, Unit

RETURNED_BY = "the local authority that made the return"
KNOWN_CODE = (
    "must be the Department for Education's code of an authority that the import knows: import it with a file that "
    "states the codes, such as table C3 of children in need"
)
FIRST_CCE_YEAR = 2022
"""Child criminal exploitation (24A) has been a code since the year ending March 2022."""


class Factor(IntFlag):
    """The factors that are counted; ANY is any factor at all."""

    NONE = 0
    ANY = 1
    GOING_MISSING = 2
    CSE = 4
    TRAFFICKING = 8
    GANGS = 16
    CCE = 32


CODES: dict[str, Factor] = {
    "10A": Factor.ANY | Factor.GOING_MISSING,
    "11A": Factor.ANY | Factor.CSE,
    "12A": Factor.ANY | Factor.TRAFFICKING,
    "13A": Factor.ANY | Factor.GANGS,
    "24A": Factor.ANY | Factor.CCE,
    # "No factors identified".
    "21": Factor.NONE,
}
# 15A, self-harm, is one of them. 18A and 19A were split into 18B, 18C, 19B and 19C.
_OTHER_CODES = re.compile(r"[1-6][ABC]|[79]A|8[A-F]|1[4-7]A|1[89][ABC]|20|2[23]A")

COUNTED: tuple[tuple[Factor, str, str, ExploitationType | None], ...] = (
    (Factor.CSE, "census_assessment_factor_episodes", "children_with_factor", ExploitationType.CSE),
    (Factor.CCE, "census_assessment_factor_episodes", "children_with_factor", ExploitationType.CCE),
    (Factor.CSE | Factor.CCE, "census_assessment_factor_episodes_both", "children_with_both_factors", None),
    (Factor.TRAFFICKING, "census_trafficking_factor_episodes", "children_with_trafficking_factor", None),
    (Factor.GANGS, "census_gangs_factor_episodes", "children_with_gangs_factor", None),
    (Factor.GOING_MISSING, "census_going_missing_factor_episodes", "children_with_going_missing_factor", None),
    (Factor.ANY, "census_any_factor_episodes", "children_with_any_factor", None),
)
"""The factors that must all be there, the measure of episodes and the measure of children, and the harm.

The measures are not those of the published table: an authority's own return must never stand in its place.
"""


@dataclass(frozen=True)
class Assessment:
    """A completed assessment as it is counted: its child and episode as hashes, and its factors."""

    child: int
    episode: int
    factors: Factor


LEFT_OUT = ", left out"
"""How a rule ends by which an assessment is left out."""
UNKNOWN_FACTOR = "factor code that the year does not have (AssessmentFactors), not counted"
NO_FACTOR = "completed assessment without a factor code (AssessmentFactors), counted as one without factors"


@dataclass
class Told:
    """What was left out or read with reserve: for each rule the places in the file, such as `child` 3 or `row` 3; and
    how many completed assessments were counted.
    """

    place: str
    places: dict[str, list[int]] = field(default_factory=dict)
    counted: int = 0

    def tell(self, rule: str, place: int) -> None:
        """Notes that the rule was met at a place, once more."""
        self.places.setdefault(rule, []).append(place)

    def remark(self, notes: Notes) -> None:
        """Gives the notes what was told, and the count of the assessments that were left out."""
        notes.remark(f"completed assessments that were counted: {self.counted:,}")
        for rule, places in self.places.items():
            notes.remark(f"{rule}: {len(places):,} ({self.place} {listed(list(dict.fromkeys(places)))})")
            notes.count(Coercion.NOT_USED, "assessments", len(places) if rule.endswith(LEFT_OUT) else 0)


def factors(codes: Iterable[str], year: int, place: int, told: Told) -> Factor:
    """The factors that the codes of one completed assessment name; a code that the year does not have is told."""
    told.counted += 1
    found = Factor.NONE
    stated = [code for code in codes if code]
    for code in stated:
        other = _OTHER_CODES.fullmatch(code)
        if (code not in CODES and not other) or (code == "24A" and year < FIRST_CCE_YEAR):
            told.tell(UNKNOWN_FACTOR, place)
        else:
            found |= Factor.ANY if other else CODES[code]
    if not stated:
        told.tell(NO_FACTOR, place)
    return found


def counts(assessments: Iterable[Assessment], year: int) -> pd.DataFrame:
    """The counts of one authority and year: measure, unit, exploitation_type, count, missing; two rows for each of
    COUNTED, of episodes and of children.

    A factor that no assessment recorded is 0, one that had no code in the year is `x`, and where there is no completed
    assessment at all nothing was recorded (`:`), which is not zero.
    """
    episodes: dict[int, Factor] = {}
    children: dict[int, Factor] = {}
    for one in assessments:
        episodes[one.episode] = episodes.get(one.episode, Factor.NONE) | one.factors
        children[one.child] = children.get(one.child, Factor.NONE) | one.factors
    rows = []
    for factor, of_episodes, of_children, harm in COUNTED:
        for measure, unit, found in ((of_episodes, Unit.EPISODE, episodes), (of_children, Unit.CHILD, children)):
            why = _why_missing(factor, year, len(found))
            count = None if why else sum(factor in recorded for recorded in found.values())
            rows.append((str(measure), unit.value, harm and harm.value, count, why and why.value))
    table = pd.DataFrame(rows, columns=["measure", "unit", "exploitation_type", "count", "missing"], dtype="object")
    return table.astype(dict.fromkeys(table.columns, "string") | {"count": "Int64"})


def _why_missing(factor: Factor, year: int, recorded: int) -> MissingCode | None:
    if Factor.CCE in factor and year < FIRST_CCE_YEAR:
        return MissingCode.NOT_AVAILABLE
    return None if recorded else MissingCode.NOT_RECORDED


def observations(counted: pd.DataFrame, source_id: str, area_code: str, year: int) -> pd.DataFrame:
    """The counts as rows of the evidence table, for the year ending 31 March of `year`."""
    start, end = pd.Timestamp(year - 1, 4, 1), pd.Timestamp(year, 3, 31)
    return counted.assign(source_id=source_id, area_code=area_code, period_start=start, period_end=end)


def authority(code: str, areas: pd.DataFrame, year: int) -> str | None:
    """The area with the Department's three-digit code, None where there is none; of those that replaced one another the
    one of 31 March of `year`.
    """
    on = pd.Timestamp(year, 3, 31)
    named = areas[areas["dfe_la_code"].astype("string").eq(code).fillna(False).astype(bool)]
    starts, ends = pd.to_datetime(named["valid_from"]), pd.to_datetime(named["valid_to"])
    elsewhen = (starts > on) | (ends < on)
    first = named.assign(elsewhen=elsewhen, ends=ends).sort_values(["elsewhen", "ends"], kind="stable")
    return None if first.empty else str(first["area_code"].iloc[0])
