"""The titles, subtitles, notes and alternative texts of the drawings of need and services."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from needs_assessment.area_view import AreaView
from needs_assessment.narrative.coverage_words import amount, places_unknown, unit_words, when_words
from needs_assessment.narrative.phrases import listed, sentence_case, symbol_notes
from needs_assessment.vocabulary import ExploitationType


def matrix_title(harms: Sequence[ExploitationType]) -> str:
    """What the matrix of coverage shows, in a few words."""
    return f"{listed([str(harm) for harm in harms])}: services by age and tier"


def matrix_alt(rows: pd.DataFrame) -> str:
    """The alternative text of the matrix of coverage, from the rows of its table."""
    bands = [
        f"Ages {row['Ages']}: {'; '.join(f'{tier.lower()}, {cell}' for tier, cell in row.items() if tier != 'Ages')}."
        for _, row in rows.iterrows()
    ]
    return "Matrix of ages by provision tiers, with the firmest funding found in words. " + " ".join(bands)


def grades_subtitle(view: AreaView, harm: ExploitationType) -> str:
    """What is counted in the table of need by funding."""
    row = view.need_flow_of(harm)
    assert row is not None
    return f"{sentence_case(unit_words(row))} {when_words(row)}, however many places there are"


def need_subtitle(row: pd.Series, place: str, condition: str) -> str:
    """What need is counted, where and when, and under which condition its places are known."""
    given = f"; {condition}" if condition else ""
    return f"{sentence_case(unit_words(row))} {when_words(row)}, {place}{given}"


def waterfall_title(row: pd.Series, condition: str) -> str:
    """The message of the drawing from need to what is met if places are shared by need; where a caseload stands for
    places, that it does.
    """
    harm, need = row["exploitation_type"], f"{row['need']:,}"
    if places_unknown(row):
        return f"{harm}: {amount(row['no_service'])} of {need} have no commissioned service"
    shared = "taking a caseload for places" if condition else "places shared by need"
    return f"{harm}: {amount(row['gap_proportional'])} of {need} unmet, {shared}"


def waterfall_alt(row: pd.Series) -> str:
    """The alternative text of that drawing."""
    last = (
        "how much of that its places could meet is not known"
        if places_unknown(row)
        else f"{amount(row['met_proportional'])} met and {amount(row['gap_proportional'])} not if places are shared in "
        "proportion to need"
    )
    return (
        f"Steps from recorded need to what is met: {row['need']:,} {unit_words(row)} {when_words(row)}; "
        f"{amount(row['eligible'])} that any service found would take; {amount(row['commissioned'])} that a "
        f"commissioned service would take; {last}."
    )


def beside_title(view: AreaView, harm: ExploitationType) -> str:
    """The title of the drawing of need beside what could be met."""
    return f"{harm}: need and places in {view.force}"


def beside_alt(rows: pd.DataFrame) -> str:
    """The alternative text of that drawing: each authority with its numbers."""
    said = [
        f"{row['area_name']}: {_beside(row)}." if pd.notna(row["gap"]) else f"{row['area_name']}: not worked out."
        for _, row in rows.iterrows()
    ]
    return "Recorded need beside what is met if places are shared in proportion to it. " + " ".join(said)


def _beside(row: pd.Series) -> str:
    met = "places not known" if places_unknown(row) else f"{amount(row['met_proportional'])} met"
    return f"{row['need']:,} recorded, {met}, {amount(row['no_service'])} without a commissioned service"


def flow_notes(rows: pd.DataFrame) -> list[str]:
    """What must be known of need and what could be met."""
    lacking = rows["reason"].notna() & rows["gap"].isna()
    said = (
        ["Not worked out: " + listed(list(dict.fromkeys(rows.loc[lacking, "reason"]))) + "."] if lacking.any() else []
    )
    return [*symbol_notes(rows["missing"]), *said]
