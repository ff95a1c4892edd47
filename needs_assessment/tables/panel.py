"""Display tables of a panel pack: children under review and who moved, on few rows."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from needs_assessment.area_view import AreaView
from needs_assessment.area_view.risk import RiskSeries, rows_of_series
from needs_assessment.narrative.movement import MEASURE_WORDS
from needs_assessment.narrative.phrases import NOT_SUPPLIED, sentence_case
from needs_assessment.narrative.risk import series_words
from needs_assessment.tables.cells import count_cell, day_cell
from needs_assessment.tables.movement import with_share
from needs_assessment.vocabulary import ALL_LEVELS, LEFT, NEW, RETURNING, RiskMeasure

BEFORE = {"Now": 0, "A quarter before": 1, "A year before": 4}
"""The columns of the caseload, with the quarters before the latest day."""
KINDS = {
    f"{NEW} to {ALL_LEVELS}": "came for the first time",
    f"{RETURNING} to {ALL_LEVELS}": "came back",
    f"{ALL_LEVELS} to {LEFT}": "left",
    **{str(measure): words for measure, words in MEASURE_WORDS.items()},
}
"""The kinds of move, in the order in which they are shown."""


def under_review(view: AreaView, rows: pd.DataFrame) -> pd.DataFrame:
    """One row a series and level: children under review now, a quarter before and a year before."""
    series = [one for one in view.risk_series() if len(rows_of_series(rows, one))]
    return pd.DataFrame([row for one in series for row in _levels(view, one, rows_of_series(rows, one))])


def _levels(view: AreaView, series: RiskSeries, rows: pd.DataFrame) -> Iterator[dict[str, str]]:
    latest = rows["as_at"].max()
    cells = {(row["as_at"], row["risk_level"]): count_cell(row["count"], row["missing"]) for _, row in rows.iterrows()}
    days = {words: (latest - pd.offsets.QuarterEnd(quarters)) for words, quarters in BEFORE.items()}
    for level in reversed(view.risk_levels(series.scheme)):
        named = {"Level": f"{sentence_case(level)}, {series_words(view, series)}"}
        yield named | {words: cells.get((day, level), NOT_SUPPLIED) for words, day in days.items()}


def moves(view: AreaView, rows: pd.DataFrame) -> pd.DataFrame:
    """One row a series and kind of move: children here and in the police force area who came, came back, left, were
    reviewed, raised, lowered or raised again, or whose review is overdue.

    `rows` are counts of the release tables `risk_movement` and `risk_yearly`. The year is told where it is not the
    latest.
    """
    named = {(name, row["area_code"]): with_share(row) for name, row in named_moves(view, rows)}
    return pd.DataFrame(
        [
            {
                "Children": name,
                view.name: named.get((name, view.area_code), NOT_SUPPLIED),
                "Police force area": named.get((name, view.force_code), NOT_SUPPLIED),
            }
            for name in dict.fromkeys(name for name, _ in named)
        ]
    )


def named_moves(view: AreaView, rows: pd.DataFrame) -> Iterator[tuple[str, pd.Series]]:
    """Each row with the name of its kind of move, in the order in which they are shown."""
    for series in view.risk_series():
        of_series = rows_of_series(rows, series)
        latest = of_series["period_end"].max()
        for kind, words in KINDS.items():
            for _, row in of_series[_kind(of_series).eq(kind)].iterrows():
                year = "" if row["period_end"] == latest else f", year ending {day_cell(row['period_end'])}"
                yield f"{series_words(view, series)}: {words}{year}", row


def _kind(rows: pd.DataFrame) -> pd.Series:
    """What a row counts: the ends of a move, or its measure."""
    followed = rows["measure"].eq(RiskMeasure.TWELVE_MONTHS_LATER)
    if not followed.any():
        return rows["measure"]
    return rows["measure"].mask(followed, rows["from_level"] + " to " + rows["to_level"])
