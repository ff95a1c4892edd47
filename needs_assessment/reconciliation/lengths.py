"""For how long a source says that its figures count, or its money lasts."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pandas as pd

from needs_assessment.reconciliation.shared import (
    AREA,
    HARM,
    SERVICE,
    Found,
    Tables,
    about,
    by_date,
    contradiction,
    in_area,
    inside,
    is_length,
    length_in_words,
    months,
    period_of,
)
from needs_assessment.vocabulary import Period, in_words


def misstated_periods(evidence: Tables) -> Found:
    """A source states how many months its figures cover, and no period of those figures, nor all of them together, is
    that long to the nearest month.

    The length is a statement on the topic `data quality` that names no service.
    """
    stated = evidence["statements"]
    for length in stated[stated["topic"].eq("data quality") & is_length(stated)].itertuples(index=False):
        periods = _periods_of_figures(length, evidence)
        together = [Period(periods[0].start, max(period.end for period in periods))] if periods else []
        if periods and all(abs(period.years * 12 - months(length)) > 0.5 for period in periods + together):
            longest = max(periods, key=lambda period: period.days)
            yield contradiction(
                "period",
                f"length of the period of the figures{in_area(length, evidence)}",
                (length.source_id, length_in_words(length)),
                (length.source_id, f"{in_words(longest.start)} to {in_words(longest.end)}, {longest.days} days"),
                f"Do not read its counts as those of {length_in_words(length)}.",
            ) | about(length, AREA, HARM)


def _periods_of_figures(length: Any, evidence: Tables) -> list[Period]:
    """The periods that figures of a statement's source cover, in its area and of its harm, without single days."""
    figures = evidence["observations"]
    figures = figures[figures["source_id"].eq(length.source_id) & (figures["period_start"] < figures["period_end"])]
    figures = figures[inside(figures[AREA], length.area_code, evidence["areas"])]
    if not pd.isna(length.exploitation_type):
        figures = figures[figures[HARM].eq(length.exploitation_type).fillna(False)]
    days = figures[["period_start", "period_end"]].drop_duplicates()
    return sorted(period_of(row) for row in days.itertuples(index=False))


def sums_for_two_terms(evidence: Tables) -> Found:
    """One sum is given to one recipient for one purpose from one day for two terms: for a year and for all."""
    awards = by_date(evidence["funding"], evidence).dropna(subset=["awarded_gbp"])
    award = ["recipient", "purpose", SERVICE, AREA, "period_start", "awarded_gbp"]
    for _, rows in awards.groupby(award, dropna=False):
        for a, b in combinations(rows.sort_values("period_end").itertuples(index=False), 2):
            if a.period_end < b.period_end:
                yield contradiction(
                    "money",
                    f"award to {a.recipient}",
                    (a.source_id, f"£{a.awarded_gbp:,.0f}, {_days(a)}"),
                    (b.source_id, f"£{b.awarded_gbp:,.0f}, {_days(b)}"),
                    "Do not work out a cost for a year or a child, and do not add the two: whether the sum is for each "
                    "year or for the whole term is not clear.",
                ) | about(a, AREA, SERVICE)


def _days(row: Any) -> str:
    """A period by its first and last day, even where it is a year."""
    return f"{in_words(row.period_start)} to {in_words(row.period_end)}"
