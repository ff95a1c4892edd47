"""Display tables of a panel pack: children under review and who moved, on few rows."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from needs_assessment.area_view import AreaView
from needs_assessment.area_view.risk import RiskSeries
from needs_assessment.narrative.movement import MEASURE_WORDS
from needs_assessment.narrative.phrases import NOT_SUPPLIED, sentence_case, year_words
from needs_assessment.narrative.risk import series_words
from needs_assessment.tables.cells import count_cell, day_cell
from needs_assessment.tables.movement import part_of
from needs_assessment.vocabulary import ALL_LEVELS, LEFT, NEW, RETURNING

BEFORE = {"Now": 0, "A quarter before": 1, "A year before": 4}
"""The columns of the caseload, with the quarters before the latest day."""
CAME_AND_LEFT = {
    (NEW, ALL_LEVELS): "Came for the first time",
    (RETURNING, ALL_LEVELS): "Came back",
    (ALL_LEVELS, LEFT): "Left",
}


def under_review(view: AreaView, rows: pd.DataFrame) -> pd.DataFrame:
    """One row a series and level: children under review now, a quarter before and a year before."""
    series = [one for one in view.risk_series() if len(_of(rows, one))]
    return pd.DataFrame([row for one in series for row in _levels(view, one, _of(rows, one))])


def _of(rows: pd.DataFrame, series: RiskSeries) -> pd.DataFrame:
    same = [rows[column].eq(value) for column, value in series._asdict().items()]
    return rows[pd.concat(same, axis=1).all(axis=1)]


def _levels(view: AreaView, series: RiskSeries, rows: pd.DataFrame) -> Iterator[dict[str, str]]:
    latest = rows["as_at"].max()
    cells = {(row["as_at"], row["risk_level"]): count_cell(row["count"], row["missing"]) for _, row in rows.iterrows()}
    days = {words: (latest - pd.offsets.QuarterEnd(quarters)) for words, quarters in BEFORE.items()}
    for level in reversed(view.risk_levels(series.scheme)):
        named = {"Level": f"{sentence_case(level)}, {series_words(view, series)}, {day_cell(latest)}"}
        yield named | {words: cells.get((day, level), NOT_SUPPLIED) for words, day in days.items()}


def moves(view: AreaView, flows: pd.DataFrame, years: pd.DataFrame) -> pd.DataFrame:
    """One row a series and kind of move: children here and in the police force area who came, came back, left, were
    raised, lowered or raised again, or whose review is overdue.
    """
    found = [
        row
        for one in view.risk_series()
        for row in (*_came_and_left(view, _of(flows, one)), *_in_year(view, _of(years, one)))
    ]
    cells = {(name, code): cell for name, code, cell in found}
    return pd.DataFrame(
        [
            {
                "Children": name,
                view.name: cells.get((name, view.area_code), NOT_SUPPLIED),
                "Police force area": cells.get((name, view.force_code), NOT_SUPPLIED),
            }
            for name in dict.fromkeys(name for name, _, _ in found)
        ]
    )


def _came_and_left(view: AreaView, flows: pd.DataFrame) -> Iterator[tuple[str, str, str]]:
    for ends, words in CAME_AND_LEFT.items():
        for _, row in flows[flows["from_level"].eq(ends[0]) & flows["to_level"].eq(ends[1])].iterrows():
            days = f"{day_cell(row['period_start'])} to {day_cell(row['period_end'])}"
            yield (
                f"{_named(view, row)}: {words.lower()}, {days}",
                row["area_code"],
                part_of(row.reindex(["count", "missing", "total"])),
            )


def _in_year(view: AreaView, years: pd.DataFrame) -> Iterator[tuple[str, str, str]]:
    for measure, words in MEASURE_WORDS.items():
        for _, row in years[years["measure"].eq(measure)].iterrows():
            span = year_words(row).removeprefix("the ")
            yield f"{_named(view, row)}: {words[:1].lower()}{words[1:]}, {span}", row["area_code"], part_of(row)


def _named(view: AreaView, row: pd.Series) -> str:
    return series_words(view, RiskSeries(row["source_id"], row["scheme"], row["exploitation_type"]))
