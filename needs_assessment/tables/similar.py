"""Display tables of an area beside others: all authorities, and its statistical neighbours."""

from __future__ import annotations

import pandas as pd

from needs_assessment.area_view import AreaView
from needs_assessment.narrative.phrases import NOT_SUPPLIED, verdict_words
from needs_assessment.narrative.similar import beside_neighbours_words
from needs_assessment.tables.cells import count_cell, number_cell, rate_cell
from needs_assessment.vocabulary import ExploitationType, Measure

EPISODES = Measure.ASSESSMENT_EPISODES


def compared(view: AreaView) -> pd.DataFrame:
    """One row a harm: the judgement on both bases first, then what was recorded and expected, observed and pooled."""
    rows = [(harm, view.latest(EPISODES, harm), view.beside_neighbours(EPISODES, harm)) for harm in ExploitationType]
    return pd.DataFrame([_compared(view, harm, row, beside) for harm, row, beside in rows if row is not None])


def _compared(view: AreaView, harm: ExploitationType, row: pd.Series, beside: pd.Series | None) -> dict[str, str]:
    return {
        "Harm": str(harm),
        f"Beside {view.comparator}": verdict_words(row, view.comparator),
        "Beside statistical neighbours": beside_neighbours_words(beside),
        "Recorded": count_cell(row["count"], row["missing"]),
        "Expected at the neighbours' rate (95% limits)": _with_limits(beside, "expected", "{:,.0f}"),
        "Rate per 10,000 children (95% limits)": rate_cell(row),
        "Pooled rate (95% limits)": _with_limits(beside, "pooled", "{:.1f}"),
    }


def _with_limits(row: pd.Series | None, name: str, pattern: str) -> str:
    """An estimate of a row with its limits, or that there is none."""
    if row is None:
        return NOT_SUPPLIED
    columns = [name if name in row else f"{name}_value", f"{name}_lower", f"{name}_upper"]
    if row[columns].isna().any():
        return NOT_SUPPLIED
    value, lower, upper = (pattern.format(row[column]) for column in columns)
    return f"{value} ({lower} to {upper})"


def in_funnel(view: AreaView, harm: ExploitationType) -> pd.DataFrame:
    """One row, this area's: the judgement, its rate, the comparator's, and where such authorities usually lie."""
    row = view.latest(EPISODES, harm)
    assert row is not None
    known = not pd.isna(row["limit_lower"])
    return pd.DataFrame(
        [
            {
                "Area": view.name,
                "Judgement": verdict_words(row, view.comparator),
                "Rate per 10,000 children (95% limits)": rate_cell(row),
                f"{view.comparator} rate": number_cell(row["comparator_value"]),
                "Where such authorities usually lie": f"{row['limit_lower']:.1f} to {row['limit_upper']:.1f}"
                if known
                else NOT_SUPPLIED,
                "By chance alone": str(row["chance_verdict"]) if known else NOT_SUPPLIED,
            }
        ]
    )
