"""How far the recorded figures can be relied on, and the areas around this one."""

from __future__ import annotations

import pandas as pd

from needs_assessment import narrative, tables, wording
from needs_assessment.area_view import AreaView
from needs_assessment.components import Caption, Html, Rows, paragraph, table, together


def flags(view: AreaView) -> Html:
    """The figures of this area that may not be what they seem, each with the reason."""
    said = paragraph(narrative.recording.flags_sentence(view))
    rows = view.flags()
    if rows.empty:
        return said
    caption = Caption(
        title=f"Figures of {view.name} to ask about",
        anchor="table-flags",
        notes=[wording.FLAGS_NOTE],
        source=view.citations(rows["source_id"]),
    )
    return together(
        said, table(Rows(display=tables.recording.flags(view), row_header="Figure", download=rows), caption)
    )


def revisions(view: AreaView) -> Html:
    """What was revised between two editions of one publication, where two were supplied."""
    said = narrative.recording.revisions_sentence(view)
    rows = view.revisions()
    if rows.empty:
        return paragraph(said)
    display = tables.recording.revisions(view)
    caption = Caption(
        title="What was revised",
        anchor="table-revisions",
        notes=narrative.phrases.symbol_notes(pd.concat([rows["old_missing"], rows["new_missing"]])),
        source=view.citations(rows["new_source_id"]),
    )
    shown = Rows(display=display, row_header="Figure", number_columns=("Before", "Now"), download=rows)
    return together(paragraph(said), table(shown, caption))


def force_totals(view: AreaView) -> Html:
    """Assessments in the whole police force area: an interval where an authority's count is withheld."""
    rows = view.force_totals()
    if rows.empty:
        return paragraph("No total of the police force area can be given from the figures supplied.")
    display = tables.recording.force_totals(view)
    caption = Caption(
        title=f"Assessments in all authorities of the police force area of {view.force} together",
        anchor="table-force-totals",
        notes=[*narrative.phrases.symbol_notes(narrative.recording.reasons_shown(rows)), wording.INTERVAL_NOTE],
        source=view.citations(rows["source_id"]),
    )
    shown = Rows(display=display, row_header="Period", number_columns=tuple(display.columns[1:]), download=rows)
    return table(shown, caption)


def neighbours(view: AreaView) -> Html:
    """This area beside its statistical neighbours, where they were supplied."""
    rows = view.neighbours()
    if rows.empty:
        return paragraph("No statistical neighbours were supplied, so the comparison is with England alone.")
    display = tables.recording.neighbours(view)
    caption = Caption(
        title=f"{view.name} beside its statistical neighbours",
        anchor="table-neighbours",
        subtitle=(
            "Authorities whose children live in similar circumstances, the closest first: assessments in the latest "
            "year, per 10,000 children"
        ),
        notes=[wording.NEIGHBOURS_NOTE],
        source=view.citations(rows["source_id"]),
    )
    shown = Rows(display=display, row_header="Area", number_columns=tuple(display.columns[1:3]))
    return table(shown, caption)
