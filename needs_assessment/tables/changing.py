"""Display tables of change: year on year, quarter on the same quarter, seasons, and the points of control charts."""

from __future__ import annotations

import pandas as pd

from needs_assessment.area_view import AreaView
from needs_assessment.narrative.changing import change_words, usual_words
from needs_assessment.narrative.phrases import rate_alone, sentence_case
from needs_assessment.tables.cells import count_cell, number_cell, period_cell, rate_cell
from needs_assessment.vocabulary import ExploitationType, Measure

EPISODES = Measure.ASSESSMENT_EPISODES
QUARTERS_SHOWN = 4
"""The latest quarters of each harm in the table; the download holds them all."""


def yearly(view: AreaView, harm: ExploitationType) -> pd.DataFrame:
    """One row a year: assessments, rate with limits, the others' rates, and how it changed beside what is usual."""
    series = view.with_neighbours(EPISODES, harm)
    changes = view.changes(EPISODES, harm).set_index("period_end")
    into = [changes.loc[end] if end in changes.index else None for end in series["period_end"]]
    unknown = [NO_FIGURE if place else FIRST_YEAR for place in range(len(into))]
    table = pd.DataFrame(
        {
            "Period": [period_cell(row) for _, row in series.iterrows()],
            "Change": [
                words if row is None else sentence_case(change_words(row))
                for row, words in zip(into, unknown, strict=True)
            ],
            "Assessments": [count_cell(row["count"], row["missing"]) for _, row in series.iterrows()],
            "Rate per 10,000 children (95% limits)": [rate_cell(row) for _, row in series.iterrows()],
            "Times the year before (95% limits)": ["no ratio" if row is None else _ratio(row) for row in into],
            "Usual range": [_usual(row) for row in into],
            f"{view.comparator} rate": _comparator_rates(view, harm, series),
            NEIGHBOURS: [number_cell(value) for value in series["neighbours_value"]],
        }
    )
    return table if series["neighbours_value"].notna().any() else table.drop(columns=NEIGHBOURS)


FIRST_YEAR, NO_FIGURE = "No year before", "Cannot be told: a figure is missing or in doubt"
NEIGHBOURS = "Statistical neighbours' rate"


def _comparator_rates(view: AreaView, harm: ExploitationType, series: pd.DataFrame) -> list[str]:
    symbols = view.comparator_series(EPISODES, harm).set_index("period_end")["missing"]
    return [rate_alone(row["comparator_value"], symbols.get(row["period_end"], pd.NA)) for _, row in series.iterrows()]


def _usual(row: pd.Series | None) -> str:
    return "not known" if row is None or pd.isna(row["usual_lower"]) else usual_words(row)


def quarters(view: AreaView) -> pd.DataFrame:
    """One row a harm and quarter, the latest first: the judgement, before and after, and the ratio."""
    return pd.DataFrame(
        [
            _quarter(harm, row)
            for harm in ExploitationType
            for _, row in view.changes(Measure.REFERRALS, harm, "quarter").iloc[::-1].head(QUARTERS_SHOWN).iterrows()
        ]
    )


def _quarter(harm: ExploitationType, row: pd.Series) -> dict[str, str]:
    return {
        "Quarter": f"{harm}, {period_cell(row)}",
        "Judgement": sentence_case(change_words(row)),
        "A year before": _count(row["before"]),
        "Now": _count(row["after"]),
        "Ratio of the rates (95% limits)": _ratio(row),
    }


def _count(count: object) -> str:
    """A count, or that it is not shown: it may be withheld, in doubt, or not there."""
    return "not shown" if pd.isna(count) else f"{count:,.0f}"


def _ratio(row: pd.Series) -> str:
    if row[["rate_ratio", "lower", "upper"]].isna().any():
        return "no ratio"
    if not row["before"]:
        return "from nothing"
    return f"{row['rate_ratio']:.2f} ({row['lower']:.2f} to {row['upper']:.2f})"


def points(rows: pd.DataFrame) -> pd.DataFrame:
    """One row a point of a control chart: what is plotted, its limits, and what stands out."""
    return pd.DataFrame(
        {
            "Period": [period_cell(row) for _, row in rows.iterrows()],
            "Plotted": [number_cell(value) for value in rows["plotted"]],
            "Centre line": [number_cell(value) for value in rows["centre"]],
            "Limits": [_limits(row) for _, row in rows.iterrows()],
            "Stands out": ["no" if pd.isna(signal) else sentence_case(str(signal)) for signal in rows["signal"]],
        }
    )


def _limits(row: pd.Series) -> str:
    return "none" if pd.isna(row["upper"]) else f"{number_cell(row['lower'])} to {number_cell(row['upper'])}"


def seasons(rows: pd.DataFrame) -> pd.DataFrame:
    """One row a season: its referrals as a ratio to the average, and how much of it is school days."""
    return pd.DataFrame(
        {
            "Season": rows["season"].to_list(),
            "Ratio to the average (95% limits)": [
                "no ratio" if pd.isna(row.ratio) else f"{row.ratio:.2f} ({row.lower:.2f} to {row.upper:.2f})"
                for row in rows.itertuples()
            ],
            "School days among weekdays": [number_cell(share, "{:.0%}") for share in rows["school_share"]],
        }
    )
