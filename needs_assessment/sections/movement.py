"""How children move between risk levels: where they stood later, their reviews, chances and forecasts, and limits."""

from __future__ import annotations

from functools import partial
from typing import Any

import pandas as pd

from needs_assessment import narrative, plots
from needs_assessment.area_view import AreaView
from needs_assessment.area_view.risk import RiskSeries, flow_cells
from needs_assessment.components import Caption, Html, Rows, bullets, figure, paragraph, section_note, table, together
from needs_assessment.narrative import movement as moving
from needs_assessment.narrative.phrases import symbol_notes
from needs_assessment.plots.flow import level_flow
from needs_assessment.tables import movement as moved
from needs_assessment.tables.risk import NOT_APPLICABLE
from needs_assessment.vocabulary import ALL_LEVELS, ANOTHER_SCHEME, LEFT, NEW, RETURNING, MissingCode, RiskMeasure

NO_REVIEWS = "No case-level risk reviews were supplied for {}"


def movement(view: AreaView) -> Html:
    """Where children stood twelve months later, beside the force; who was raised, lowered, and raised again."""
    series = view.risk_series()
    if not series:
        return paragraph(f"{NO_REVIEWS.format(view.name)}, so movement between levels is not shown.")
    return together(*(_moved(view, one) for one in series))


def _moved(view: AreaView, series: RiskSeries) -> Html:
    flow = view.risk_flow(series, RiskMeasure.TWELVE_MONTHS_LATER)
    words = narrative.risk.series_words(view, series)
    if flow.empty:
        return paragraph(
            f"{words}: where children stood twelve months later cannot be shown for {view.name} or its force."
        )
    sentences = [moving.came_and_left_sentence(view, series, flow), moving.one_way_sentence(view, series)]
    return together(
        flow_figure(view, series, flow), bullets(sentences), *_outcomes(view, series), *_yearly(view, series)
    )


def flow_figure(view: AreaView, series: RiskSeries, flow: pd.DataFrame) -> Html:
    """The figure of one flow: where children stood on two days."""
    froms, tos = flow_orders(view, series, flow)
    display = moved.flow(flow, froms, tos)
    span = "year" if flow["measure"].iloc[0] == RiskMeasure.TWELVE_MONTHS_LATER else "quarter"
    caption = captioned(
        view,
        flow,
        title=moving.flow_title(view, series, flow),
        anchor=f"figure-{narrative.risk.anchor_words(view, series)}-{span}",
        subtitle=moving.flow_subtitle(view, flow),
        notes=[*symbols(flow, display), *moving.flow_notes(view, flow)],
    )
    picture = plots.drawing(partial(level_flow, flow, froms, tos), caption.anchor)
    return figure(picture, flow_rows(view, series, flow, display), caption, alt=moving.flow_alt(view, flow, froms))


def flow_rows(view: AreaView, series: RiskSeries, flow: pd.DataFrame, display: pd.DataFrame) -> Rows:
    """A flow as a table, with its cells, what they add up to and the test of its direction to download."""
    return Rows(
        display=display,
        row_header="Stood at",
        number_columns=tuple(display.columns[1:]),
        download=flow,
        also={
            "caseload": view.caseload_of_flow(series, flow),
            "tests": view.latest_risk_rows("risk_tests", series, "sign_p"),
        },
    )


def flow_orders(view: AreaView, series: RiskSeries, flow: pd.DataFrame) -> tuple[list[str], list[str]]:
    """The levels on the first and on the last day, the highest first, and what is beside them."""
    cells, levels = flow_cells(flow), view.risk_levels(series.scheme)[::-1]
    froms = [*levels, RETURNING, NEW, ANOTHER_SCHEME]
    tos = [*levels, LEFT, ANOTHER_SCHEME]
    return [one for one in froms if one in set(cells["from_level"])], [
        one for one in tos if one in set(cells["to_level"])
    ]


def _outcomes(view: AreaView, series: RiskSeries) -> list[Html]:
    rows = view.latest_risk_rows("risk_outcomes", series, "share")
    rows = rows.sort_values("from_level", key=lambda level: level.ne(ALL_LEVELS), kind="stable", ignore_index=True)
    words = narrative.risk.series_words(view, series)
    if rows["share"].isna().all():
        said = f"{words}: no share of children who were raised, lowered or left can be stated here or of the force."
        return [paragraph(said)]
    anchor = f"table-{narrative.risk.anchor_words(view, series)}-outcomes"
    caption: dict[str, Any] = {"subtitle": moving.flow_subtitle(view, rows), "notes": [moving.OUTCOMES_NOTE]}
    title = f"{words}: what had become of children a year later"
    compared = moved.BESIDE in (display := moved.outcomes(rows))
    return [show(view, display, rows, numbers=2 if compared else 1, title=title, anchor=anchor, **caption)]


def _yearly(view: AreaView, series: RiskSeries) -> list[Html]:
    rows = moved.yearly_rows(view, series)
    if rows.empty:
        return []
    words = narrative.risk.series_words(view, series)
    anchor = f"table-{narrative.risk.anchor_words(view, series)}-reviews"
    title = f"{words}: raised, lowered and raised again"
    notes = [moving.ONCE_A_YEAR_NOTE]
    return [show(view, moved.yearly(view, series), rows, title=title, anchor=anchor, notes=notes)]


def quarter(view: AreaView) -> Html:
    """The police force area's latest quarter as a flow."""
    flows = {one: view.risk_flow(one, RiskMeasure.THREE_MONTHS_LATER) for one in view.risk_series()}
    known = {one: flow for one, flow in flows.items() if len(flow)}
    if not known:
        return paragraph("No flow of a quarter was supplied for the police force area.")
    return together(*(flow_figure(view, one, flow) for one, flow in known.items()))


def reviews(view: AreaView) -> Html:
    """How long children waited for their first review, whose review is overdue, and what that means."""
    return together(_first_reviews(view), _overdue(view), section_note(moving.TIMING_NOTE))


def _first_reviews(view: AreaView) -> Html:
    rows = view.first_reviews()
    if rows.empty:
        return paragraph(f"The time from referral to first review was not supplied for {view.name}.")
    return show(
        view,
        moved.first_reviews(rows),
        rows,
        title="Time from referral to first review",
        anchor="table-first-reviews",
        subtitle=narrative.breakdowns.subtitle(rows),
        notes=[moving.FIRST_REVIEW_NOTE],
    )


def _overdue(view: AreaView) -> Html:
    known = [one for one in view.risk_series() if len(moved.overdue_rows(view, one))]
    if not known:
        return paragraph(f"Overdue reviews were not supplied for {view.name} or its police force area.")
    rows = pd.concat([moved.overdue_rows(view, one) for one in known], ignore_index=True)
    words: dict[str, Any] = {"title": "Children without a review for more than three months", "anchor": "table-overdue"}
    said = bullets(moving.overdue_sentence(view, one) for one in known)
    return together(said, show(view, moved.overdue(view, known), rows, **words))


def outlook(view: AreaView) -> Html:
    """The chance of each level later on, the time at each, and the caseload if referrals change."""
    series = view.risk_series()
    if not series:
        return paragraph(f"{NO_REVIEWS.format(view.name)}, so no chances and no forecast are given.")
    return together(
        *(section_note(note) for note in [moving.GROUP_NOTE] if any(len(_model(view, one)) for one in series)),
        *(part(view, one) for one in series for part in (_chances, _forecast)),
    )


def _model(view: AreaView, series: RiskSeries) -> pd.DataFrame:
    return view.risk_rows("risk_model", series, force=True)


def _chances(view: AreaView, series: RiskSeries) -> Html:
    rows = _model(view, series)
    fit = view.risk_rows("risk_model_fit", series, force=True)
    said = bullets(moving.fit_sentences(view, series))
    if rows.empty:
        return said
    words, anchor = narrative.risk.series_words(view, series), narrative.risk.anchor_words(view, series)
    subtitle = f"All children under review in the police force area of {view.force}, with 95% limits"
    chances = Rows(
        display=moved.chances(view, series, rows), row_header="Group now at", download=rows, also={"fit": fit}
    )
    caption = partial(captioned, view, rows, subtitle=subtitle, notes=[moving.GROUP_NOTE])
    later = table(chances, caption(title=f"{words}: chance of each level later", anchor=f"table-{anchor}-chances"))
    return together(said, later, _times(view, series, rows))


def _times(view: AreaView, series: RiskSeries, rows: pd.DataFrame) -> Html:
    words, anchor = narrative.risk.series_words(view, series), narrative.risk.anchor_words(view, series)
    display, title = moved.times(view, series, rows), f"{words}: time at each level, chance of being raised"
    return show(view, display, rows, title=title, anchor=f"table-{anchor}-times", notes=[moving.GROUP_NOTE])


def _forecast(view: AreaView, series: RiskSeries) -> Html:
    rows = view.latest_risk_rows("risk_forecast", series, "expected")
    said = bullets(moving.what_if_sentences(view, series, rows))
    if rows.empty or rows["expected"].isna().all():
        return said
    return together(
        said,
        show(
            view,
            moved.forecast(view, series, rows),
            rows,
            title=f"{narrative.risk.series_words(view, series)}: the caseload if referrals change",
            anchor=f"table-{narrative.risk.anchor_words(view, series)}-forecast",
            subtitle=f"Children under review in {narrative.risk.place_words(view, rows)}, expected with 95% limits",
        ),
    )


def limits(view: AreaView) -> Html:
    """What the figures on risk levels cannot tell."""
    return bullets(moving.LIMITS)


def show(view: AreaView, display: pd.DataFrame, rows: pd.DataFrame, *, numbers: int = 1, **words: Any) -> Html:
    """A table whose columns from `numbers` on hold numbers, with its rows to download; `words` are those of its
    caption, in which its symbols are explained first.
    """
    notes = [*symbols(rows, display), *words.pop("notes", [])]
    shown = Rows(
        display=display,
        row_header=str(display.columns[0]),
        number_columns=tuple(display.columns[numbers:]),
        download=rows,
    )
    return table(shown, captioned(view, rows, notes=notes, **words))


def captioned(view: AreaView, rows: pd.DataFrame, *, title: str, **words: Any) -> Caption:
    """A caption that names the sources of the rows, and says where they were made up."""
    sources = rows["source_id"]
    return Caption(title=f"{view.label_of(sources)}{title}", source=view.citations(sources), **words)


def symbols(rows: pd.DataFrame, display: pd.DataFrame) -> list[str]:
    """What the symbols of a table mean: those of its rows, and that of a place where no number can be."""
    missing = {*rows["missing"].dropna()} if "missing" in rows else set()
    nowhere = {MissingCode.NOT_APPLICABLE.value} if display.eq(NOT_APPLICABLE).any(axis=None) else set()
    return symbol_notes(pd.Series(sorted(missing | nowhere), dtype="string"))
