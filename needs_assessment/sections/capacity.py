"""What services carry and cost: referrals beside places, waiting, costs with their denominators, and travel."""

from __future__ import annotations

import pandas as pd

from needs_assessment import wording
from needs_assessment.area_view import AreaView
from needs_assessment.area_view.coverage import working
from needs_assessment.components import Caption, Html, Rows, bullets, paragraph, table, together
from needs_assessment.narrative import capacity as told
from needs_assessment.narrative.coverage_words import unstated_note
from needs_assessment.tables import capacity as shown
from needs_assessment.tables.coverage import stated


def load(view: AreaView) -> Html:
    """New referrals beside places, the waiting list, and the places and workers that these ask for."""
    rows = view.of_services("service_load", working(view.exploitation_services()))
    if rows.empty:
        return paragraph("No provider's return states new referrals, so load and waiting are not worked out.")
    display = stated(shown.load(rows))
    caption = Caption(
        title="Referrals, places and waiting",
        anchor="table-load",
        subtitle="From providers' returns; a year's referrals are those of the period, made a year long",
        notes=[wording.LOAD_NOTE, *unstated_note(display.columns)],
        source=_cited(view, rows) or view.service_sources(),
    )
    worked_out = Rows(display=display.display, row_header="Service", download=rows)
    return together(table(worked_out, caption), bullets(told.lacking_load_sentences(rows)))


def costs(view: AreaView) -> Html:
    """What each service costs per place, per child and per need met, each with what it is divided by; and of which
    services that is not known, and why.
    """
    rows = view.of_services("service_costs", working(view.exploitation_services()))
    known = rows[rows["value"].notna()]
    if known.empty:
        return paragraph(
            "No source states both the money of a service here and what to divide it by, so no cost is worked out."
        )
    caption = Caption(
        title="What services cost",
        anchor="table-costs",
        subtitle="Pounds, each beside the number it is divided by; in order of name",
        notes=[wording.COSTS_NOTE],
        source=_cited(view, known) or view.service_sources(),
    )
    worked_out = Rows(display=shown.costs(known), row_header="Service", number_columns=("Comes to",), download=rows)
    return together(table(worked_out, caption), bullets(told.no_cost_sentences(rows)))


def travel(view: AreaView) -> Html:
    """How far services are from neighbourhoods; nothing where no travel times were supplied."""
    rows = view.travel_access()
    if rows.empty:
        return together()
    caption = Caption(
        title="How far services are",
        anchor="table-travel",
        subtitle=f"Neighbourhoods of {view.name}, in order of their codes",
        notes=[wording.TRAVEL_NOTE],
        source=_cited(view, rows),
    )
    display = shown.travel(view, rows)
    shown_rows = Rows(
        display=display, row_header="Neighbourhood", number_columns=tuple(display.columns[2:]), download=rows
    )
    return table(shown_rows, caption)


def _cited(view: AreaView, rows: pd.DataFrame) -> str:
    """The sources that rows name, which may be several each."""
    return view.citations(rows["source_id"].dropna().str.split("|").explode())
