"""What a panel could ask of the figures on risk levels. No question is about a single child."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from needs_assessment.area_view import AreaView
from needs_assessment.area_view.risk import RiskSeries
from needs_assessment.narrative.movement import CLEAR, one_way_sentence, overdue_sentence
from needs_assessment.narrative.phrases import listed
from needs_assessment.narrative.risk import place_words, series_words
from needs_assessment.vocabulary import RiskMeasure, in_words


def opening_sentence(view: AreaView) -> str:
    """What the pack is, and to which day its counts go."""
    days = view.own_caseload()["as_at"]
    until = "" if days.empty else f", counted to {in_words(days.max().date())}"
    return (
        f"For the multi-agency child exploitation (MACE) panel of {view.name}: how many children are under review and "
        f"how their risk levels move{until}. Counts only; the panel takes single children from its own records."
    )


def under_review_words(view: AreaView, rows: pd.DataFrame) -> str:
    """Who is counted, and the days, the latest first."""
    days = listed([in_words(day.date()) for day in sorted(rows["as_at"].unique(), reverse=True)])
    own = rows["area_code"].iloc[0] == view.area_code
    why = "" if own else f", because every count of {view.name} is withheld"
    return f"In {place_words(view, rows)}{why}: {days}"


def panel_questions(view: AreaView) -> list[str]:
    """What a panel could ask of these figures; none of the questions presumes the answer."""
    asked = [question for series in view.risk_series() for question in _questions(view, series)]
    if len(view.here("risk_scheme_changes")):
        asked.append("Since the scheme changed, do practitioners give the new levels alike?")
    asked += [
        "Which children known to schools, health, police or the voluntary sector are not under review, and why?",
        "Who is at the highest level without a service that takes children of that age?",
    ]
    return asked


def _questions(view: AreaView, series: RiskSeries) -> Iterator[str]:
    yield from _overdue_question(view, series)
    yield from _moved_question(view, series)
    yield from _raised_again_question(view, series)
    yield from _outcome_questions(view, series)


def _overdue_question(view: AreaView, series: RiskSeries) -> Iterator[str]:
    rows = view.latest_risk_rows("risk_yearly", series, "count")
    if rows[rows["measure"].eq(RiskMeasure.REVIEW_OVERDUE)]["count"].gt(0).fillna(False).any():
        yield f"{overdue_sentence(view, series)} What keeps reviews from being held in time?"


def _moved_question(view: AreaView, series: RiskSeries) -> Iterator[str]:
    rows = view.latest_risk_rows("risk_tests", series, "sign_p")
    if rows["sign_p"].lt(CLEAR).any():
        yield f"{one_way_sentence(view, series)} Did risk move, or what reviewers knew or how they judged?"


def _raised_again_question(view: AreaView, series: RiskSeries) -> Iterator[str]:
    rows = view.risk_rows("risk_yearly", series)
    rows = rows[rows["measure"].eq(RiskMeasure.RAISED_AGAIN_WITHIN_12_MONTHS)].sort_values("period_end")
    known = rows.dropna(subset=["count", "total"]).tail(1)
    for row in known[known["count"].gt(0)].itertuples():
        yield (
            f"{series_words(view, series)}: {row.count:,} of the {row.total:,} children first lowered in the year "
            f"ending {in_words(row.period_end.date())} were raised again within twelve months. Does support go on "
            "after a level is lowered?"
        )


def _outcome_questions(view: AreaView, series: RiskSeries) -> Iterator[str]:
    rows = view.risk_rows("risk_yearly", series)
    rows = rows[rows["period_end"].eq(rows["period_end"].max()) & rows["verdict"].isin(["Lower", "Higher"])]
    for row in rows.itertuples():
        yield (
            f"{series_words(view, series)}: the share {YEARLY_SHARES[row.measure]} is {row.verdict.lower()} than in "
            "the rest of the force. Do children differ, or thresholds, or practice?"
        )


YEARLY_SHARES = {
    RiskMeasure.RAISED: "of those reviewed who were raised to a higher level",
    RiskMeasure.LOWERED: "of those reviewed who were lowered",
    RiskMeasure.RAISED_AGAIN_WITHIN_6_MONTHS: "of those lowered who were raised again within six months",
    RiskMeasure.RAISED_AGAIN_WITHIN_12_MONTHS: "of those lowered who were raised again within twelve months",
    RiskMeasure.REVIEW_OVERDUE: "of those under review whose review is overdue",
}
