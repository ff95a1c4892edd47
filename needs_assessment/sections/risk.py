"""Risk levels, in the order in which a board asks: how many, by which scheme, who moved, who waits, what may come."""

from __future__ import annotations

from functools import partial
from typing import Any

import pandas as pd

from needs_assessment import narrative, plots, tables
from needs_assessment.area_view import AreaView
from needs_assessment.area_view.risk import RiskSeries
from needs_assessment.components import Caption, Html, Rows, bullets, figure, paragraph, section_note, table, together
from needs_assessment.plots.risk import caseload_over_time
from needs_assessment.sections.movement import captioned, limits, movement, outlook, rates, reviews, show, symbols
from needs_assessment.vocabulary import in_words

__all__ = ["caseload", "change", "limits", "movement", "outlook", "rates", "reviews", "schemes"]

LEAST_DRAWN = 2
"""A caseload is drawn where a level has a printed count on so many days."""


def change(view: AreaView) -> Html:
    """The change at each risk level between published snapshots, what recording could explain, and what cannot be
    computed.
    """
    changes = view.here("risk_change")
    if changes.empty:
        return paragraph(
            f"No count of children by risk level on two days was supplied for {view.name} or its police force area."
        )
    sentences = [
        *narrative.risk.risk_sentences(view),
        *narrative.risk.recording_sentences(view),
        *narrative.risk.within_force_sentences(view),
        narrative.risk.no_local_change_sentence(view),
        narrative.risk.out_of_area_sentence(view),
    ]
    return together(
        _change_figure(view, changes),
        bullets(filter(None, sentences)),
        _change_table(view, changes),
        *_within_force(view),
    )


def _change_figure(view: AreaView, changes: pd.DataFrame) -> Html:
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


def _change_table(view: AreaView, changes: pd.DataFrame) -> Html:
    rows = tables.risk.risk_change(changes)
    caption = Caption(
        title="Change by risk level and residence",
        anchor="table-risk-change",
        subtitle="The later count divided by the earlier, with 95% limits by exact conditional test",
        notes=[narrative.risk.THRESHOLD_NOTE],
        source=view.citations(changes["source_id"]),
    )
    return table(
        Rows(display=rows, row_header="Risk level", number_columns=tuple(rows.columns[2:]), download=changes), caption
    )


def _within_force(view: AreaView) -> list[Html]:
    rows = view.here("risk_within_force")
    if rows.empty:
        return []
    words: dict[str, Any] = {
        "anchor": "table-risk-within-force",
        "subtitle": "As if all of the earlier count had been within the force",
    }
    return [show(view, tables.risk.within_force(rows), rows, title="Change without those out of force", **words)]


def schemes(view: AreaView) -> Html:
    """The schemes in use here with their levels in order, what sources say of counterparts, and changes of scheme."""
    rows = view.risk_schemes()
    if rows.empty:
        return paragraph(f"The scheme of risk levels in use in {view.name} was not supplied.")
    named = dict.fromkeys(rows["scheme"])
    shown = [_scheme(view, rows[rows["scheme"].eq(scheme)], number) for number, scheme in enumerate(named, 1)]
    breaks = narrative.risk.scheme_change_sentences(view)
    compared = [_crosswalk(view)] if len(named) > 1 or len(view.risk_crosswalk()) else []
    return together(*shown, *([bullets(breaks)] if breaks else []), *compared)


def _scheme(view: AreaView, rows: pd.DataFrame, number: int) -> Html:
    rows = rows.reset_index(drop=True)
    if rows["description"].isna().all():
        return paragraph(narrative.risk.levels_sentence(rows))
    title = f"Risk levels: {rows['scheme'].iloc[0]}"
    return show(
        view, tables.risk.levels_of_scheme(rows), rows, title=title, anchor=f"table-risk-scheme-{number}", numbers=9
    )


def _crosswalk(view: AreaView) -> Html:
    rows = view.risk_crosswalk()
    if rows.empty:
        return section_note(f"No source states which levels of two schemes correspond. {narrative.risk.SCHEMES_NOTE}")
    notes = [narrative.risk.SCHEMES_NOTE, narrative.risk.CROSSWALK_NOTE]
    title = "Which levels correspond, as sources state it"
    return show(
        view, tables.risk.crosswalk(view), rows, title=title, anchor="table-risk-crosswalk", notes=notes, numbers=9
    )


def caseload(view: AreaView) -> Html:
    """Children under review at each level at quarter ends, with what may come, and beside the police force area."""
    series = view.risk_series()
    if not series:
        return paragraph(narrative.risk.no_reviews_sentence(view))
    return together(
        *(drawn for one in series for drawn in _caseload_figure(view, one)),
        bullets(narrative.risk.caseload_sentence(view, one) for one in series),
        *_beside_force(view, series),
    )


def _caseload_figure(view: AreaView, series: RiskSeries) -> list[Html]:
    rows, ahead = view.risk_rows("risk_caseload", series), view.caseload_ahead(series)
    if not rows["count"].notna().groupby(rows["risk_level"]).sum().ge(LEAST_DRAWN).any():
        return []
    band = "; the band is the forecast with 95% limits" if len(ahead) else ""
    display = tables.risk.caseload_over_time(view, series, ahead)
    caption = captioned(
        view,
        rows,
        title=narrative.risk.caseload_title(view, series),
        anchor=f"figure-{narrative.risk.anchor_words(view, series)}-caseload",
        subtitle=f"Children under review at quarter ends, by level{band}",
        notes=[*symbols(display), narrative.risk.THRESHOLD_NOTE],
    )
    draw = partial(caseload_over_time, rows, ahead, view.risk_levels(series.scheme))
    shown = Rows(
        display=display,
        row_header="Quarter end",
        number_columns=tuple(display.columns[1:]),
        download=rows,
        also={"forecast": ahead},
    )
    picture = plots.drawing(draw, caption.anchor)
    return [figure(picture, shown, caption, alt=narrative.risk.caseload_alt(view, series, ahead))]


def _beside_force(view: AreaView, series: list[RiskSeries]) -> list[Html]:
    both = [view.risk_rows("risk_caseload", one, force=there) for one in series for there in (False, True)]
    rows = pd.concat(both, ignore_index=True)
    if not rows["area_code"].eq(view.force_code).any():
        return []
    rows = rows[rows["as_at"].eq(rows.groupby(list(RiskSeries._fields))["as_at"].transform("max"))]
    words: dict[str, Any] = {
        "anchor": "table-caseload-force",
        "title": f"{view.name} within its police force area, by risk level",
        "subtitle": f"Children under review on {in_words(rows['as_at'].max().date())}",
    }
    return [show(view, tables.risk.beside_force(view), rows.reset_index(drop=True), **words)]
