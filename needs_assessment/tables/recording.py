"""Display tables of how far the figures can be relied on: flags, revisions, sums over withheld counts, neighbours."""

from __future__ import annotations

import pandas as pd

from needs_assessment.area_view import AreaView
from needs_assessment.narrative.phrases import NOT_SUPPLIED, sentence_case, verdict_words
from needs_assessment.narrative.recording import FLAG_LABELS, flag_sentence, force_total_words, subject
from needs_assessment.tables.cells import count_cell, period_cell, rate_cell
from needs_assessment.vocabulary import ExploitationType, Measure, RecordingFlag

EPISODES = Measure.ASSESSMENT_EPISODES


def flags(view: AreaView) -> pd.DataFrame:
    """One row a flag: the figure, its period, and what may be wrong with it."""
    rows = view.flags()
    return pd.DataFrame(
        {
            "Figure": [sentence_case(subject(row)) for _, row in rows.iterrows()],
            "Period": [period_cell(row) for _, row in rows.iterrows()],
            "Why it is flagged": [sentence_case(FLAG_LABELS[RecordingFlag(flag)]) for flag in rows["flag"]],
            "What the figures show": [sentence_case(flag_sentence(row)) for _, row in rows.iterrows()],
        }
    )


def revisions(view: AreaView) -> pd.DataFrame:
    """One row a figure that a later edition changed: as first published, and now."""
    rows = view.revisions()
    return pd.DataFrame(
        {
            "Figure": [sentence_case(subject(row)) for _, row in rows.iterrows()],
            "Period": [period_cell(row) for _, row in rows.iterrows()],
            "Before": [count_cell(row["old_count"], row["old_missing"]) for _, row in rows.iterrows()],
            "Now": [count_cell(row["new_count"], row["new_missing"]) for _, row in rows.iterrows()],
        }
    )


def force_totals(view: AreaView) -> pd.DataFrame:
    """One row a year: assessments in all authorities of the force together, as an interval where some are withheld."""
    rows = view.force_totals()
    cells = rows.assign(cell=[force_total_words(row) for _, row in rows.iterrows()])
    wide = cells.pivot(index=["period_start", "period_end"], columns="exploitation_type", values="cell")
    wide = wide.reindex(columns=list(ExploitationType)).astype("string").fillna(NOT_SUPPLIED).reset_index()
    years = {"Period": [period_cell(row) for _, row in wide.iterrows()]}
    return pd.DataFrame(years | {f"{harm} assessments": wide[harm].to_list() for harm in ExploitationType})


def neighbours(view: AreaView) -> pd.DataFrame:
    """This area and its statistical neighbours, the closest first: rate of each harm in the latest year."""
    # How close stands last, so that the rates show first on a phone.
    rows = [{"Area": view.name} | _rates(view, view.area_code) | {"How close": "this area"}]
    rows += [
        {"Area": view.area_name(row.neighbour_code)} | _rates(view, row.neighbour_code) | {"How close": row.closeness}
        for row in view.neighbours().itertuples()
    ]
    return pd.DataFrame(rows).fillna({"How close": "not stated"})


def _rates(view: AreaView, area_code: str) -> dict[str, str]:
    return {f"{harm} rate (95% limits)": _rate(view, area_code, harm) for harm in ExploitationType}


def _rate(view: AreaView, area_code: str, harm: ExploitationType) -> str:
    """The rate in the latest year of this area, with its doubt where there is one."""
    latest = view.latest(EPISODES, harm)
    series = view.series(EPISODES, harm, area_code)
    same = series[series["period_end"].eq(latest["period_end"])] if latest is not None else series
    if same.empty:
        return NOT_SUPPLIED
    row = same.iloc[-1]
    doubt = " (doubtful)" if verdict_words(row, "").startswith("Cannot tell") and not pd.isna(row["value"]) else ""
    return f"{rate_cell(row)}{doubt}"
