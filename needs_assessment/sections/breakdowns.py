"""Who is referred: case-level records by one dimension at a time, past the disclosure gate."""

from __future__ import annotations

import pandas as pd

from needs_assessment import narrative, tables
from needs_assessment.area_view import AreaView
from needs_assessment.components import Caption, Html, Rows, paragraph, table, together
from needs_assessment.narrative.phrases import symbol_notes
from needs_assessment.vocabulary import Dimension


def who_is_referred(view: AreaView) -> Html:
    """Referrals by age, sex, ethnic group, referrer, acceptance and home, offences by whether online, and children by
    the harms that they were referred for: the latest whole year, no two dimensions crossed.
    """
    rows = view.breakdowns()
    if rows.empty:
        return paragraph("No case-level referrals were supplied, so who is referred is not shown.")
    of_children = rows["dimension"].eq(Dimension.HARM).astype(bool)
    parts = [_by_harm(view, rows[~of_children])] if (~of_children).any() else []
    parts += [_children(view, rows[of_children])] if of_children.any() else []
    return together(*parts)


def _by_harm(view: AreaView, rows: pd.DataFrame) -> Html:
    display = tables.breakdowns.by_harm(view)
    caption = Caption(
        title=f"{view.label_of(rows['source_id'])}Who is referred, and by whom",
        anchor="table-who-is-referred",
        subtitle=narrative.breakdowns.subtitle(rows),
        notes=narrative.breakdowns.notes(view),
        source=view.citations(rows["source_id"]),
    )
    shown = Rows(
        display=display,
        row_header="Who or what",
        number_columns=tuple(display.columns[2:]),
        download=rows.reset_index(drop=True),
    )
    return table(shown, caption)


def _children(view: AreaView, rows: pd.DataFrame) -> Html:
    caption = Caption(
        title=f"{view.label_of(rows['source_id'])}Children referred for one harm or both",
        anchor="table-children-by-harm",
        subtitle=narrative.breakdowns.subtitle(rows),
        notes=symbol_notes(rows["missing"]),
        source=view.citations(rows["source_id"]),
    )
    display = tables.breakdowns.children(view)
    return table(
        Rows(
            display=display,
            row_header="Referred for",
            number_columns=("Children",),
            download=rows.reset_index(drop=True),
        ),
        caption,
    )
