"""The phrases that sentences on need and services are made of: amounts, units, limits, which children."""

from __future__ import annotations

import pandas as pd

from needs_assessment.narrative.phrases import listed, year_words
from needs_assessment.narrative.risk import at_level
from needs_assessment.vocabulary import NeedBasis, in_words

BOTH_HARMS = "CSE and CCE together"
YOUNGEST, OLDEST_CHILD = 0, 17


def amount(value: float) -> str:
    """A number of children, assessments or places: to one decimal where it is not whole."""
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"


def either(words: list[str]) -> str:
    """The words as a choice in a sentence: `one, two or three`."""
    return " or ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def is_yearly(row: pd.Series) -> bool:
    """Whether need is counted over a year, and not at one time."""
    return bool(row["basis"] == NeedBasis.ASSESSMENTS)


def unit_words(row: pd.Series) -> str:
    """What need is counted in."""
    return "assessments" if is_yearly(row) else "children"


def harm_words(row: pd.Series) -> str:
    """The harm of a row, or that it is about both."""
    return BOTH_HARMS if pd.isna(row["exploitation_type"]) else str(row["exploitation_type"])


def when_words(row: pd.Series) -> str:
    """The day or the year of the need of a row."""
    return ("in " if is_yearly(row) else "under review on ") + year_words(row)


def places_unknown(row: pd.Series) -> bool:
    """Whether services take some of the need of a row, and the places of none of them are known."""
    return bool(pd.isna(row["places"]) and row["services_counted"] > 0)


def limits_words(row: pd.Series, lower: str, upper: str) -> str:
    """The limits of a number in brackets: `(95% limits 3 to 5)`."""
    return f"(95% limits {amount(row[lower])} to {amount(row[upper])})"


def caseload_words(caseloads: pd.DataFrame) -> str:
    """That reported caseloads stand for places, as the condition of a sentence; empty where none does:
    `taking Branch's caseload of 30 September 2022 for its places`.
    """
    if caseloads.empty:
        return ""
    taken = [f"{row.service_name}'s caseload of {in_words(row.as_at.date())}" for row in caseloads.itertuples()]
    return f"taking {listed(taken)} for {'its' if len(taken) == 1 else 'their'} places"


def is_told_by_a_drawing(row: pd.Series) -> bool:
    """Whether a drawing of a row says more than its sentence: a commissioned service takes some of the need, and it is
    known how much its places could meet, or that some need has no service.
    """
    if pd.isna(row["gap"]) or not row["commissioned"]:
        return False
    return bool(row["no_service"]) or not places_unknown(row)


def children_words(
    youngest: int, oldest: int, levels: list[str], harms: list[str], everyone: str = "a child of any age"
) -> str:
    """Which children: `children aged 5 to 9 at medium or high risk of CSE`; `everyone` where they are of every age."""
    harm = either(harms)
    if (youngest, oldest) == (YOUNGEST, OLDEST_CHILD):
        who = everyone
    else:
        who = f"a child aged {youngest}" if youngest == oldest else f"children aged {youngest} to {oldest}"
    return f"{who} {_level_words(levels)} of {harm}" if levels else f"{who} for {harm}"


def _level_words(levels: list[str]) -> str:
    if any(level.endswith("risk") for level in levels):
        return f"at {either([at_level(level) for level in levels])}"
    return f"at {either(levels)} risk"


def unstated_note(facts: list[str]) -> list[str]:
    """The note on facts that no source states of any service here, nor lets work out; none where each is of some."""
    named = ", ".join(fact[:1].lower() + fact[1:] for fact in facts)
    return [f"Left out, because no source states them or lets work them out: {named}."] if facts else []


def silent_sentence(services: list[str], facts: str) -> list[str]:
    """Of which services no source states some facts; none where each has one."""
    return [f"Of {listed(services)}, no source states {facts}."] if services else []
