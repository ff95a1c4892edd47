"""Risk levels: the change between published snapshots, and the caseload by level."""

from __future__ import annotations

from functools import partial

import pandas as pd

from needs_assessment import narrative, plots, tables
from needs_assessment.area_view import AreaView
from needs_assessment.components import Caption, Html, Rows, bullets, figure, paragraph, table, together


def change(view: AreaView) -> Html:
    """The change at each risk level between published snapshots, and what cannot be computed."""
    changes = view.here("risk_change")
    if changes.empty:
        return paragraph(
            f"No count of children by risk level on two days was supplied for {view.name} or its police force area."
        )
    sentences = [
        *narrative.risk.risk_sentences(view),
        narrative.risk.no_local_change_sentence(view),
        narrative.risk.out_of_area_sentence(view),
    ]
    return together(_figure(view, changes), bullets(filter(None, sentences)), _table(view, changes))


def _figure(view: AreaView, changes: pd.DataFrame) -> Html:
    overall = view.overall_changes().dropna(subset=["rate_ratio"])
    if overall.empty:
        return paragraph("No level has a count on both dates, so no change is drawn.")
    caption = Caption(
        title=narrative.risk.risk_title(view),
        anchor="figure-risk-change",
        subtitle=(
            f"Number assessed at each level in {view.area_name(overall['area_code'].iloc[0])}, first and last "
            "published month"
        ),
        source=view.citations(changes["source_id"]),
    )
    picture = plots.drawing(partial(plots.risk_change, overall), caption.anchor, (740, 300), (340, 260))
    rows = Rows(display=tables.risk.risk_change(overall), row_header="Risk level", download=overall)
    return figure(picture, rows, caption, alt=" ".join(narrative.risk.risk_sentences(view)))


def _table(view: AreaView, changes: pd.DataFrame) -> Html:
    rows = tables.risk.risk_change(changes)
    caption = Caption(
        title="Change by risk level and residence",
        anchor="table-risk-change",
        subtitle="The later count divided by the earlier, with 95% limits by exact conditional test",
        notes=narrative.risk.risk_notes(view),
        source=view.citations(changes["source_id"]),
    )
    return table(
        Rows(display=rows, row_header="Risk level", number_columns=tuple(rows.columns[2:]), download=changes), caption
    )


def caseload(view: AreaView) -> Html:
    """Children open at each level at quarter ends, from case-level records past the disclosure gate."""
    rows = view.here("risk_caseload")
    if rows.empty:
        return paragraph("No case-level risk reviews were supplied, so movement between levels is not shown.")
    display = tables.risk.caseload(view)
    caption = Caption(
        title=f"{view.label_of(rows['source_id'])}Children open to services, by risk level",
        anchor="table-caseload",
        notes=narrative.phrases.symbol_notes(rows["missing"]),
        source=view.citations(rows["source_id"]),
    )
    return table(
        Rows(display=display, row_header="Open on", number_columns=tuple(display.columns[1:]), download=rows), caption
    )
