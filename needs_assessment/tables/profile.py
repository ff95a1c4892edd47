"""Display tables of the problem profile: one row a heading, and what the sources say of their figures."""

from __future__ import annotations

import pandas as pd

from needs_assessment.area_view import AreaView
from needs_assessment.area_view.profile import Topic
from needs_assessment.narrative.phrases import NOT_SUPPLIED, sentence_case
from needs_assessment.narrative.profile import figures_of, in_short, places, real_rows, what_words
from needs_assessment.tables.cells import count_cell, day_cell, note_cell, period_cell, words_cell
from needs_assessment.vocabulary import ExploitationType


def overview(view: AreaView, harm: ExploitationType) -> pd.DataFrame:
    """One row a heading: in two words what is recorded here, then each source's figures here and in the force."""
    table = pd.DataFrame([_overview_row(view, topic, view.profile_rows([topic], harm)) for topic in Topic])
    rows = view.profile_rows(harm=harm)
    # Where nothing else is there, the title says so for all.
    made_up = view.label_of(rows["source_id"]) if len(rows) and real_rows(view, rows).empty else ""
    return table.apply(lambda cells: cells.str.replace(made_up, "", regex=False)) if made_up else table


def _overview_row(view: AreaView, topic: Topic, rows: pd.DataFrame) -> dict[str, str]:
    short = "".join(in_short(view, rows)) if len(rows) else sentence_case(NOT_SUPPLIED)
    cells = {sentence_case(name): _figures_cell(view, rows, code) for code, name in places(view).items()}
    return {"Heading": topic.value, "In short": short} | cells


def _figures_cell(view: AreaView, rows: pd.DataFrame, area_code: str) -> str:
    """Every figure of a place: `Repeat victims: 0; Synthetic: Victims in two or more events: [c]`."""
    cells = [
        f"{view.label_of(pd.Series([row['source_id']]))}{what_words(row)}: {count_cell(row['count'], row['missing'])}"
        for figure in figures_of(rows)
        for _, row in figure[figure["area_code"].eq(area_code)].iterrows()
    ]
    return "; ".join(cells) or NOT_SUPPLIED


def with_notes(view: AreaView) -> pd.DataFrame:
    """One row a figure of which its source says more than a number."""
    rows = noted(view)
    return pd.DataFrame(
        {
            "What was counted": [
                f"{what_words(row)} ({words_cell(row['exploitation_type'])})" for _, row in rows.iterrows()
            ],
            "Count": [count_cell(row["count"], row["missing"]) for _, row in rows.iterrows()],
            "Where": [view.area_name(code).removesuffix(" police force area") for code in rows["area_code"]],
            "When": [period_cell(row) for _, row in rows.iterrows()],
            "What to know of it": [note_cell(note) for note in rows["note"]],
        }
    )


def noted(view: AreaView) -> pd.DataFrame:
    """The profile's figures that carry a note, as the release has them."""
    rows = view.profile_counts()
    return rows[rows["note"].notna()].reset_index(drop=True)


def sources(view: AreaView) -> pd.DataFrame:
    """One row a source of the profile, with what a reader must know of it."""
    every = view.release["sources"]
    rows = every[every["source_id"].isin([*view.profile_rows()["source_id"], *view.profile_statements()["source_id"]])]
    return pd.DataFrame(
        {
            "Source": [view.citation(source_id) for source_id in rows["source_id"]],
            "Data to": [day_cell(day) for day in rows["data_to"]],
            "What to know of it": [note_cell(note) for note in rows["note"]],
            "Licence": [words_cell(licence) for licence in rows["licence"]],
        }
    )
