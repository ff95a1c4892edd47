"""What only a panel pack needs: a page for the multi-agency child exploitation (MACE) meeting.

Counts only: no page, row or question is about a single child.
"""

from __future__ import annotations

from functools import partial

import pandas as pd

from needs_assessment import narrative, plots
from needs_assessment.area_view import AreaView
from needs_assessment.area_view.risk import RiskSeries
from needs_assessment.components import Html, bullets, figure, lede, paragraph, together
from needs_assessment.narrative import movement as moving
from needs_assessment.narrative import panel as asking
from needs_assessment.plots.flow import transition_matrix
from needs_assessment.sections.movement import NO_REVIEWS, captioned, flow_orders, flow_rows, show, symbols
from needs_assessment.tables import movement as moved
from needs_assessment.tables import panel as packed
from needs_assessment.vocabulary import RiskMeasure


def opening(view: AreaView) -> Html:
    """What the pack is, for whom, and to which day."""
    return lede(asking.opening_sentence(view))


def under_review(view: AreaView) -> Html:
    """Children under review by level now, a quarter before and a year before."""
    rows = view.caseload_now_and_before()
    if rows.empty:
        return paragraph(f"{NO_REVIEWS.format(view.name)}, so no child is counted here.")
    return show(
        view,
        packed.under_review(view, rows),
        rows,
        title="Children under review, by level",
        anchor="table-panel-under-review",
        notes=[narrative.risk.THRESHOLD_NOTE],
    )


def moves(view: AreaView) -> Html:
    """Who came, left, was raised, was lowered and waits for a review, here and in the police force area."""
    flows, years = view.latest_came_and_left(), view.latest_yearly()
    if flows.empty and years.empty:
        return paragraph(f"{NO_REVIEWS.format(view.name)}, so no move is counted here.")
    rows = pd.concat([part for part in (flows, years) if len(part)], ignore_index=True)
    return show(
        view,
        packed.moves(view, flows, years),
        rows,
        title="Who came, moved and left",
        anchor="table-panel-moves",
        notes=[moving.FLOW_NOTE, moving.ONCE_A_YEAR_NOTE],
    )


def matrix(view: AreaView) -> Html:
    """From each level to each a year later, as squares."""
    flows = {one: view.risk_flow(one, RiskMeasure.TWELVE_MONTHS_LATER) for one in view.risk_series()}
    known = {one: flow for one, flow in flows.items() if len(flow)}
    if not known:
        return paragraph(f"{NO_REVIEWS.format(view.name)}, so no table of moves is drawn.")
    return together(*(_matrix(view, one, flow) for one, flow in known.items()))


def _matrix(view: AreaView, series: RiskSeries, flow: pd.DataFrame) -> Html:
    froms, tos = flow_orders(view, series, flow)
    display = moved.flow(flow, froms, tos)
    caption = captioned(
        view,
        flow,
        title=moving.matrix_title(view, series, flow),
        anchor=f"figure-{narrative.risk.anchor_words(view, series)}-matrix",
        subtitle=moving.flow_subtitle(view, flow),
        notes=[*symbols(flow, display), *moving.flow_notes(view, flow)],
    )
    # A share is drawn where the release states one: none is worked out here.
    cells = flow.assign(value=flow["share"] if "share" in flow else float("nan"))
    picture = plots.drawing(partial(transition_matrix, cells, froms, tos), caption.anchor)
    return figure(picture, flow_rows(view, series, flow, display), caption, alt=moving.flow_alt(view, flow, froms))


def questions(view: AreaView) -> Html:
    """What the panel could ask, from the same rows and words as the tables."""
    return bullets(asking.panel_questions(view))
