"""What only a panel pack needs: a page for the multi-agency child exploitation (MACE) meeting.

Counts only: no page, row or question is about a single child.
"""

from __future__ import annotations

from functools import partial

import pandas as pd

from needs_assessment import narrative, plots
from needs_assessment.area_view import AreaView
from needs_assessment.area_view.risk import RiskSeries
from needs_assessment.components import Html, bullets, definitions, figure, lede, paragraph, together
from needs_assessment.narrative import movement as moving
from needs_assessment.narrative import panel as asking
from needs_assessment.plots.flow import transition_matrix
from needs_assessment.sections.movement import (
    captioned,
    flow_orders,
    flow_rows,
    moves_table,
    show,
    symbols,
    untold,
)
from needs_assessment.tables import movement as moved
from needs_assessment.tables import panel as packed
from needs_assessment.wording import RISK_METHODS


def opening(view: AreaView) -> Html:
    """What the pack is, for whom, and to which day."""
    return lede(asking.opening_sentence(view))


def under_review(view: AreaView) -> Html:
    """Children under review by level now, a quarter before and a year before."""
    rows = view.caseload_now_and_before()
    if rows.empty:
        return paragraph(narrative.risk.no_reviews_sentence(view))
    return show(
        view,
        packed.under_review(view, rows),
        rows,
        title="Children under review, by level",
        anchor="table-panel-under-review",
        subtitle=asking.under_review_words(view, rows),
        notes=[narrative.risk.THRESHOLD_NOTE],
    )


def moves(view: AreaView) -> Html:
    """Who came, left, was raised, was lowered and waits for a review, here and in the police force area."""
    return moves_table(view)


def matrix(view: AreaView) -> Html:
    """From each level to each a year later, as squares; nothing without reviews."""
    flows = {one: view.risk_flow(one) for one in view.risk_series()}
    known = {one: flow for one, flow in flows.items() if len(flow)}
    drawn = [_matrix(view, one, flow) for one, flow in known.items()]
    return together(*drawn, untold(view, [one for one in flows if one not in known]))


def _matrix(view: AreaView, series: RiskSeries, flow: pd.DataFrame) -> Html:
    froms, tos = flow_orders(view, series, flow)
    display = moved.flow(flow, froms, tos)
    caption = captioned(
        view,
        flow,
        title=moving.matrix_title(view, series, flow),
        anchor=f"figure-{narrative.risk.anchor_words(view, series)}-matrix",
        subtitle=moving.flow_subtitle(view, flow),
        notes=[*symbols(display), *moving.flow_notes(view, flow)],
    )
    squares = partial(transition_matrix, flow.assign(value=flow["share"]), froms, tos)
    picture = plots.drawing(squares, caption.anchor, (740, 300))
    return figure(picture, flow_rows(view, series, flow, display), caption, alt=moving.flow_alt(view, flow, froms))


def methods(view: AreaView) -> Html:
    """How the figures of the pack were made, and the disclosure rule in force."""
    rule = narrative.phrases.sentence_case(view.release.manifest["disclosure"]["rule"])
    return definitions(RISK_METHODS | {"Disclosure rule in force": f"{rule}."})


def questions(view: AreaView) -> Html:
    """What the panel could ask, from the same rows and words as the tables."""
    return bullets(asking.panel_questions(view))
