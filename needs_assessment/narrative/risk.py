"""Sentences on risk levels: how many children stand at each, how they move, where they may go, and what cannot be told.

Numbers that are always the same, such as twelve months, are written as words: figures are those of the release.
"""

from __future__ import annotations

import pandas as pd

from needs_assessment.area_view import AreaView
from needs_assessment.area_view.risk import RiskSeries
from needs_assessment.narrative.phrases import listed, no_ratio_because, sentence_case
from needs_assessment.vocabulary import (
    ALL_RESIDENCES,
    PERCENTAGE_FLOOR,
    MissingCode,
    RiskMeasure,
    in_words,
)
from needs_assessment.wording import NO_BASELINE

THRESHOLD_NOTE = (
    "A risk level is a judgement whose threshold can move: more or fewer at a level does not by itself mean that "
    "children are less safe or safer."
)
SCHEMES_NOTE = "Levels of different schemes are never added or compared, also where two schemes use the same word."
CROSSWALK_NOTE = (
    "Counterparts stand here only where a source states them, and can be read both ways. A level without a counterpart "
    "is given none."
)


def at_level(level: str) -> str:
    """A level as a phrase: `high risk`; `not at risk` as it is."""
    return level if level.endswith("risk") else f"{level} risk"


# Published snapshots


def risk_sentences(view: AreaView) -> list[str]:
    """The change at each risk level between the published snapshots, over all residences."""
    return [_risk_sentence(view, row) for _, row in view.overall_changes().iterrows()]


def _risk_sentence(view: AreaView, row: pd.Series) -> str:
    months = f"{row['as_at_before']:%B %Y} to {row['as_at_after']:%B %Y}"
    said = (
        f"{_units(row).capitalize()} assessed at {at_level(row['risk_level'])} of {row['exploitation_type']} in "
        f"{view.area_name(row['area_code'])}, {months}"
    )
    if pd.isna(row["before"]) or pd.isna(row["after"]):
        return f"{said}: {row['reason']}."
    if no_ratio_because(row):
        return f"{said}: {row['before']} to {row['after']}; no ratio is given, because {no_ratio_because(row)}."
    percentage = "" if pd.isna(row["percentage"]) else f", {row['percentage']:+.0f}%"
    return (
        f"{said}: {row['before']} to {row['after']}{percentage}, {row['rate_ratio']:.2f} times as many (95% limits "
        f"{row['lower']:.2f} to {row['upper']:.2f})."
    )


def _units(row: pd.Series) -> str:
    return {"victim": "victims", "child": "children"}.get(row["unit"], "cases")


def recording_sentences(view: AreaView) -> list[str]:
    """How much recording would have had to change to explain each change, and what the source itself says of it."""
    rows = [row for _, row in view.overall_changes().iterrows()]
    explained = [row for row in rows if pd.notna(row["explained_by"]) and not no_ratio_because(row)]
    return [*map(_recording_sentence, explained), *view.risk_breaks()["description"]]


def _recording_sentence(row: pd.Series) -> str:
    named = f"{sentence_case(at_level(row['risk_level']))} of {row['exploitation_type']}"
    if row["within_chance_at"] == 1:
        return f"{named}: chance alone could explain the change, without any change of recording."
    more = row["explained_by"] > 1
    return (
        f"{named}: if nothing but recording had changed, it would have had to find {'' if more else 'only '}"
        f"{row['explained_by']:.2f} times as many as before; from {row['within_chance_at']:.2f} times "
        f"{'on' if more else 'down'}, chance could explain the rest."
    )


def within_force_sentences(view: AreaView) -> list[str]:
    """The least change at each level of those within the force, and why no more can be said."""
    rows = view.here("risk_within_force").dropna(subset=["ratio_least"])
    rows = rows[rows["before"].gt(0)]
    said = [_within_force_sentence(row) for _, row in rows.iterrows()]
    if not said:
        return []
    day = rows["as_at_before"].max()
    return [
        *said,
        f"How many were out of force in {day:%B %Y} was not published, so the change of those within the force cannot "
        "be computed: the least that it can be takes all of the earlier count as within.",
    ]


def _within_force_sentence(row: pd.Series) -> str:
    return (
        f"{sentence_case(at_level(row['risk_level']))} of {row['exploitation_type']} without the {row['outside']} "
        f"out of force: at most {row['before']} to {row['after_within']}, at least {row['ratio_least']:.2f} times as "
        f"many (95% limits {row['lower']:.2f} to {row['upper']:.2f})."
    )


def no_local_change_sentence(view: AreaView) -> str:
    """That a change by local authority cannot be computed, where no earlier split exists; empty where it can."""
    changes = view.here("risk_change")
    lacking = changes[
        changes["residence"].ne(ALL_RESIDENCES) & changes["reason"].eq(NO_BASELINE).fillna(False).astype(bool)
    ]
    if lacking.empty:
        return ""
    return (
        f"A change for {view.name} alone cannot be computed: the split by residence was published for "
        f"{lacking['as_at_after'].max():%B %Y} only, so there is no baseline to compare with."
    )


def out_of_area_sentence(view: AreaView) -> str:
    """How many of those at risk are out of force, with the interval; empty where no split was published."""
    shares = view.here("risk_out_of_area")
    if shares.empty:
        return ""
    row = shares.iloc[-1]
    share = f" ({row['share']:.0%}; 95% limits {row['lower']:.0%} to {row['upper']:.0%})"
    return (
        f"{row['outside']} of the {row['total']} {_units(row)} are recorded as out of force"
        f"{share if row['total'] >= PERCENTAGE_FLOOR else ''}; services for residents alone do not reach them."
    )


def risk_title(view: AreaView) -> str:
    """The message of the figure of risk levels: which way the numbers went."""
    overall = view.overall_changes().dropna(subset=["rate_ratio"])
    if (overall["lower"] > 1).all():
        return "More assessed at every published risk level"
    if (overall["upper"] < 1).all():
        return "Fewer assessed at every published risk level"
    return "Change in the number assessed at each risk level"


# Schemes and caseload


def no_reviews_sentence(view: AreaView) -> str:
    """That there is nothing on children under review."""
    return (
        f"No case-level risk reviews were supplied for {view.name} or its police force area: how many children are "
        "under review, how their levels move and who waits is not shown."
    )


def scheme_change_sentences(view: AreaView) -> list[str]:
    """Each change of scheme, as a break."""
    rows = view.here("risk_scheme_changes")
    return [
        f"By {in_words(row.changed_by.date())} {row.exploitation_type} in {view.area_name(row.area_code)} was assessed "
        f"by {row.to_scheme} instead of {row.from_scheme}. This is a break: levels before and after are not compared."
        for row in rows.itertuples()
    ]


def levels_sentence(rows: pd.DataFrame) -> str:
    """The levels of a scheme from its lowest, where its source says no more of them."""
    return f"{rows['scheme'].iloc[0]}, from the lowest level: {listed(rows['risk_level'].to_list())}."


def series_words(view: AreaView, series: RiskSeries) -> str:
    """The harm of a series, with scheme and source where the area has two series of the harm."""
    harm = series.exploitation_type
    alike = [one for one in view.risk_series() if one.exploitation_type == harm]
    return harm if len(alike) == 1 else f"{harm}, {series.scheme}, {series.source_id}"


def anchor_words(view: AreaView, series: RiskSeries) -> str:
    """The harm of a series as a part of an anchor; numbered where the area has two series of the harm."""
    alike = [one for one in view.risk_series() if one.exploitation_type == series.exploitation_type]
    number = alike.index(series)
    return f"{series.exploitation_type.lower()}{f'-{number + 1}' if number else ''}"


def place_words(view: AreaView, rows: pd.DataFrame) -> str:
    """Whom rows are about: the area, or the police force area that stands in for it."""
    own = rows["area_code"].iloc[0] == view.area_code
    return view.name if own else f"the police force area of {view.force}"


def count_words(row: pd.Series) -> str:
    """A count in a sentence, or that it is withheld or not there."""
    if pd.isna(row["count"]):
        return "a withheld number" if row["missing"] == MissingCode.SUPPRESSED else "an unknown number"
    return f"{row['count']:,}"


def caseload_title(view: AreaView, series: RiskSeries) -> str:
    """The message of the figure of a caseload: the highest level on the latest day and a year before."""
    top = view.risk_levels(series.scheme)[-1]
    now, before = (_at(view, series, top, years) for years in (0, 1))
    if now is None or before is None or pd.isna(now["count"]) or pd.isna(before["count"]):
        return f"Children under review for {series_words(view, series)}, by level"
    return f"{series_words(view, series)}: {now['count']:,} at {at_level(top)}, {before['count']:,} a year before"


def _at(view: AreaView, series: RiskSeries, level: str, years: int) -> pd.Series | None:
    rows = view.risk_rows("risk_caseload", series)
    day = rows["as_at"].max() - pd.DateOffset(years=years)
    rows = rows[rows["as_at"].eq(day) & rows["risk_level"].eq(level)]
    return None if rows.empty else rows.iloc[0]


def caseload_sentence(view: AreaView, series: RiskSeries) -> str:
    """The caseload at each level on the first and on the latest day, and in all where that is counted."""
    rows = view.risk_rows("risk_caseload", series)
    if rows.empty:
        return f"No child of {view.name} stands in the counts of {series_words(view, series)}."
    days = [rows["as_at"].min(), rows["as_at"].max()]
    first, last = (rows[rows["as_at"].eq(day)].set_index("risk_level") for day in days)
    levels = [level for level in view.risk_levels(series.scheme) if level in first.index and level in last.index]
    known = [level for level in levels if pd.notna(first["count"][level]) or pd.notna(last["count"][level])]
    steps = [f"{level} from {count_words(first.loc[level])} to {count_words(last.loc[level])}" for level in known]
    said = listed(steps) if steps else "the counts of both days are withheld"
    span = " to ".join(in_words(day.date()) for day in days)
    return f"{series_words(view, series)}, {span}: {said}.{_most(first, last, levels)}{_in_all(view, series)}"


def _most(first: pd.DataFrame, last: pd.DataFrame, levels: list[str]) -> str:
    """At which one level the number differs most, as a further sentence; empty where a count is withheld."""
    steps = (last.loc[levels, "count"] - first.loc[levels, "count"]).abs()
    most = steps.index[steps.eq(steps.max()).fillna(False).astype(bool)]
    told = steps.notna().all() and len(most) == 1 and steps.max() > 0
    return f" The largest difference is at {at_level(most[0])}." if told else ""


def _in_all(view: AreaView, series: RiskSeries) -> str:
    """The whole caseload on each 31 March on which its sum may be told, as a further sentence."""
    rows = view.risk_rows("risk_yearly", series)
    rows = rows[rows["measure"].eq(RiskMeasure.REVIEW_OVERDUE)].dropna(subset=["total"]).sort_values("period_end")
    days = [f"{row.total:,} on {in_words(row.period_end.date())}" for row in rows.itertuples()]
    return f" All levels together: {listed(days)}." if days else ""


def caseload_alt(view: AreaView, series: RiskSeries, ahead: pd.DataFrame) -> str:
    """The alternative text of the figure of a caseload: first and last counts, and the forecast."""
    counted = caseload_sentence(view, series).partition(" All levels together")[0]
    drawn = f"Children under review in {view.name} by level, at quarter ends. {counted}"
    if ahead.empty:
        return drawn
    last = ahead[ahead["as_at"].eq(ahead["as_at"].max())]
    said = [f"{row.risk_level} {range_words(row)}" for row in last.itertuples()]
    return f"{drawn} Forecast for {in_words(last['as_at'].iloc[0].date())}, if referrals stay as now: {listed(said)}."


def range_words(row: object) -> str:
    """An expected number with its limits: `46 (36 to 57)`."""
    return f"{row.expected:,.0f} ({row.lower:,.0f} to {row.upper:,.0f})"  # type: ignore[attr-defined]
