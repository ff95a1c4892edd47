"""Display tables of where sources differ, and what is known against each."""

from __future__ import annotations

import pandas as pd

from needs_assessment.area_view import AreaView
from needs_assessment.tables.cells import day_cell, note_cell, words_cell

FIELD_WORDS = {
    "age_from": "youngest age",
    "age_to": "oldest age",
    "extended_age_to": "oldest age with an additional need",
    "annual_value_gbp": "value a year in pounds",
    "contract_start": "start of the contract",
    "contract_end": "end of the contract",
    "exploitation_types": "harms",
}


def service_differences(view: AreaView) -> pd.DataFrame:
    """One row a fact of a service that sources state differently, with each value and its source."""
    rows = view.service_differences()
    return pd.DataFrame(
        [
            {
                "Service and fact": f"{group['service_name'].iloc[-1]}: {FIELD_WORDS[str(field)]}",
                "What the sources say": "; ".join(
                    f"{row.value.replace('|', ', ')} ({view.short_citation(row.source_id)})"
                    for row in group.itertuples()
                ),
            }
            for (_, field), group in rows.groupby(["service_id", "field"])
        ]
    )


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
