"""Sentences on who is referred: how much of a breakdown is not recorded, and what its words mean."""

from __future__ import annotations

import pandas as pd

from needs_assessment.area_view import AreaView
from needs_assessment.narrative.phrases import sentence_case, symbol_notes, year_words
from needs_assessment.vocabulary import RECORD_HAS_NONE, Dimension, ExploitationType, Unit

DIMENSION_WORDS = {
    Dimension.HARM: "Children by the harms they were referred for",
    Dimension.AGE: "Age at referral",
    Dimension.SEX: "Sex",
    Dimension.ETHNICITY: "Ethnic group",
    Dimension.REFERRER: "Who referred",
    Dimension.ACCEPTED: "Accepted by the service",
    Dimension.HOME: "Where the child lives",
    Dimension.ONLINE: "Recorded offences, by whether any part was online",
}
CATEGORY_WORDS = {
    "in this area": "in the area that received the referral",
    "elsewhere in the force": "elsewhere in the police force area",
    "outside the force": "outside the police force area",
    "child or family": "the child or the family",
    "all": "all children",
}


def category_words(category: str) -> str:
    """A category as a cell begins it: `Aged 13 to 15`."""
    return sentence_case(CATEGORY_WORDS.get(category, category))


def subtitle(rows: pd.DataFrame) -> str:
    """What is counted and in which year or years."""
    years = dict.fromkeys(year_words(row) for _, row in rows.sort_values("period_end").iterrows())
    return f"Counts of case-level records, {' and '.join(years)}, with their shares where the total is not small"


def notes(view: AreaView) -> list[str]:
    """What to know before reading who is referred: symbols, what is not recorded, and what is counted."""
    rows = view.breakdowns()
    found = [*symbol_notes(rows["missing"]), *(ethnicity_sentence(rows, harm) for harm in ExploitationType)]
    if rows["unit"].eq(Unit.REFERRAL).any():
        found.append("Referrals are counted, not children: a child who was referred twice counts twice.")
    return [note for note in found if note]


def ethnicity_sentence(rows: pd.DataFrame, harm: ExploitationType) -> str:
    """How many referrals of a harm have no ethnic group recorded; empty where none has a breakdown by it."""
    of_harm = rows["dimension"].eq(Dimension.ETHNICITY) & rows["exploitation_type"].eq(harm)
    blank = rows[of_harm.fillna(False).astype(bool) & rows["category"].eq(RECORD_HAS_NONE)]
    if len(blank) != 1:
        return ""
    row = blank.iloc[0]
    if pd.isna(row["count"]) or pd.isna(row["total"]):
        said = f"How many {harm} referrals have no ethnic group recorded is withheld"
    else:
        said = f"Of {row['total']:,} {harm} referrals, {row['count']:,} have no ethnic group recorded"
    return f"{said}, so the groups are not compared."
