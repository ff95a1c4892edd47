"""Display tables of where sources differ, and what is known against each."""

from __future__ import annotations

import pandas as pd

from needs_assessment.area_view import AreaView
from needs_assessment.narrative.phrases import sentence_case
from needs_assessment.tables.cells import day_cell, note_cell, words_cell


def contradictions(view: AreaView) -> pd.DataFrame:
    """One row a contradiction: what both speak of, what each says, and what a reader must not conclude."""
    rows = view.contradictions()
    return pd.DataFrame(
        {
            "What both speak of": [sentence_case(what) for what in rows["what"]],
            "What they say": [
                f"{_said(view, row.says_a, row.source_a)}; {_said(view, row.says_b, row.source_b, row.source_a)}"
                for row in rows.itertuples()
            ],
            "So": list(rows["consequence"]),
        }
    )


def _said(view: AreaView, words: str, source_id: str, other: str = "") -> str:
    return f"{words} ({'the same source' if source_id == other else view.short_citation(source_id)})"


def sources(view: AreaView) -> pd.DataFrame:
    """One row a source of this release, with what a reader must know of it."""
    rows = view.sources()
    return pd.DataFrame(
        {
            "Source": [view.citation(source_id) for source_id in rows["source_id"]],
            "Data to": [day_cell(day) for day in rows["data_to"]],
            "What to know of it": [note_cell(note) for note in rows["note"]],
            "Licence": [words_cell(licence) for licence in rows["licence"]],
        }
    )
