"""Display tables of recorded exploitation."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from needs_assessment.area_view import AreaView
from needs_assessment.narrative.phrases import MEASURE_WORDS, NOT_SUPPLIED, measure_words, verdict_words
from needs_assessment.tables.cells import count_cell, note_cell, number_cell, period_cell, rate_cell
from needs_assessment.vocabulary import RELATED_FACTORS, ExploitationType, Measure

EPISODES = Measure.ASSESSMENT_EPISODES


def headline(view: AreaView, factors: Sequence[Measure] = ()) -> pd.DataFrame:
    """One row an indicator: the judgement in words first, so that it shows on a phone. With `factors`, these only."""
    harms = [] if factors else [(EPISODES, harm, f"{harm.label.capitalize()} ({harm})") for harm in ExploitationType]
    others = [(measure, None, measure.factor) for measure in factors or RELATED_FACTORS]
    rows = [_headline_row(view, words, view.latest(measure, harm)) for measure, harm, words in [*harms, *others]]
    return pd.DataFrame([row for row in rows if row])


def _headline_row(view: AreaView, indicator: str, row: pd.Series | None) -> dict[str, str]:
    if row is None:
        return {}
    return {
        "Indicator": indicator,
        "Judgement": verdict_words(row, view.comparator),
        "Rate per 10,000 children (95% limits)": rate_cell(row),
        f"{view.comparator} rate": number_cell(row["comparator_value"]),
        "Assessments": count_cell(row["count"], row["missing"]),
    }


def areas_compared(view: AreaView, harm: ExploitationType) -> pd.DataFrame:
    """One row an area of the release, in order of name, for the latest year of this area: rate and judgement."""
    latest = view.latest(EPISODES, harm)
    if latest is None:
        return pd.DataFrame(columns=["Area", "Rate per 10,000 children (95% limits)", "Judgement"])
    same = view.same_measure(EPISODES, harm, latest["period_end"])
    return pd.DataFrame(
        {
            "Area": same["area_name"],
            "Rate per 10,000 children (95% limits)": [rate_cell(row) for _, row in same.iterrows()],
            "Judgement": [
                NOT_SUPPLIED if pd.isna(row["verdict"]) else verdict_words(row, view.comparator)
                for _, row in same.iterrows()
            ],
        }
    )


EARLIER_SHOWN = 3
"""Periods before the latest in the table of other counts; the download holds them all."""


def other_counts(view: AreaView) -> pd.DataFrame:
    """Published counts from other sources, such as the police: one row a count, the latest first, with those before it.

    A source may state several figures of one period, told apart by a note: each of these has a row of its own.
    """
    rows = view.other_counts().sort_values("period_end", ascending=False, kind="stable")
    # A part stands below its whole, in the order of the words for them; counts without words of their own come first.
    place = {measure: place for place, measure in enumerate(MEASURE_WORDS, start=1)}
    rows = rows.sort_values("measure", key=lambda names: names.map(place).fillna(0), kind="stable")
    counts = rows.groupby(["source_id", "measure", "exploitation_type", "area_code", "note"], dropna=False, sort=False)
    return pd.DataFrame([_other_count(view, group) for _, group in counts])


def _other_count(view: AreaView, rows: pd.DataFrame) -> dict[str, str]:
    latest, earlier = rows.iloc[0], rows.iloc[1 : 1 + EARLIER_SHOWN]
    before = ", ".join(count_cell(row["count"], row["missing"]) for _, row in earlier.iterrows())
    return {
        "What was counted": measure_words(latest["measure"], latest["exploitation_type"]),
        "Count": count_cell(latest["count"], latest["missing"]),
        "Period": period_cell(latest),
        "Before that, latest first": before or "no other",
        "Where": view.area_name(latest["area_code"]).removesuffix(" police force area"),
        "What to know of it": note_cell(latest["note"]),
    }


def referrals(view: AreaView) -> pd.DataFrame:
    """One row a quarter, and one a year after its quarters: referrals for each harm here and, where there is a sum of
    it, in the police force area; all past the disclosure gate.
    """
    rows = view.referrals()
    if rows.empty:
        return pd.DataFrame()
    here = rows["area_code"].eq(view.area_code)
    place = pd.Series("", index=rows.index).where(here, f" in {view.force}")
    cells = rows.assign(
        cell=[count_cell(row["count"], row["missing"]) for _, row in rows.iterrows()],
        column=rows["exploitation_type"] + " referrals" + place,
    )
    # One source may count a harm that another, or another quarter, does not.
    wide = cells.pivot(index=["source_id", "period_end", "period_start"], columns="column", values="cell")
    columns = list(dict.fromkeys([*(f"{harm} referrals" for harm in ExploitationType), *sorted(cells["column"])]))
    # A year ends with its last quarter, and stands after it.
    wide = wide.reindex(columns=columns).sort_index(ascending=[True, True, False])
    wide = wide.astype("string").fillna(NOT_SUPPLIED).reset_index()
    periods = {"Period": [period_cell(row) for _, row in wide.iterrows()]}
    return pd.DataFrame(periods | {column: wide[column].to_list() for column in columns})
