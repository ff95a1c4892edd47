"""How children move between risk levels: who was raised or lowered, where they stood later, and what may come."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

import pandas as pd

from needs_assessment import narrative, plots
from needs_assessment.area_view import AreaView
from needs_assessment.area_view.risk import RiskSeries, flow_cells, told
from needs_assessment.components import Caption, Html, Rows, bullets, figure, paragraph, table, together
from needs_assessment.narrative import movement as moving
from needs_assessment.narrative.phrases import listed, symbol_notes
from needs_assessment.plots.flow import level_flow
from needs_assessment.tables import movement as moved
from needs_assessment.tables import panel as packed
from needs_assessment.vocabulary import ALL_LEVELS, ANOTHER_SCHEME, LEFT, NEW, RETURNING, MissingCode, in_words
from needs_assessment.wording import MODEL_NOTE, RATES_NOTE

NOTHING = together()
"""What a section shows where another has said that nothing was supplied."""
MOSTLY = 0.5
"""A table of which a larger share is withheld becomes a sentence."""


def movement(view: AreaView) -> Html:
    """Who was raised, lowered and raised again, and where children stood twelve months later; nothing without reviews,
    which `risk.caseload` says.
    """
    flows = {one: view.risk_flow(one) for one in view.risk_series()}
    known = {one: flow for one, flow in flows.items() if len(flow)}
    said = [sentence for one in flows for sentence in moving.year_sentences(view, one)]
    return together(
        bullets(said) if said else NOTHING,
        moves_table(view),
        *(flow_figure(view, one, flow) for one, flow in known.items()),
        *(outcomes for one in flows for outcomes in _outcomes(view, one)),
        untold(view, [one for one in flows if one not in known]),
    )


def untold(view: AreaView, series: list[RiskSeries]) -> Html:
    """That these series have no flow that can be shown."""
    return paragraph(moving.untold_sentence(view, series)) if series else NOTHING


def moves_table(view: AreaView) -> Html:
    """Who came, left, was raised, was lowered and waits for a review, here and in the police force area."""
    flows, years = told(view.latest_came_and_left()), told(view.latest_yearly())
    rows = pd.concat([part for part in (years, flows) if len(part)] or [years], ignore_index=True)
    if rows.empty:
        return NOTHING
    display = packed.moves(view, rows)
    day = in_words(rows["period_end"].max().date())
    # No column of numbers: on a phone a count with its share has to wrap.
    shown = Rows(
        display=display,
        row_header="Children",
        download=years,
        also={"came": flows},
    )
    caption = captioned(
        view,
        rows,
        title="Who came, was raised or lowered, and left",
        anchor="table-moves",
        subtitle=f"In the year to {day}, or on that day; shares with 95% limits",
        notes=[*symbols(display), moving.ONCE_A_YEAR_NOTE, *moving.beside_notes(years)],
    )
    return table(shown, caption)


def flow_figure(view: AreaView, series: RiskSeries, flow: pd.DataFrame) -> Html:
    """The figure of one flow: where children stood on two days."""
    froms, tos = flow_orders(view, series, flow)
    display = moved.flow(flow, froms, tos)
    caption = captioned(
        view,
        flow,
        title=moving.flow_title(view, series, flow),
        anchor=f"figure-{narrative.risk.anchor_words(view, series)}-year",
        subtitle=moving.flow_subtitle(view, flow),
        notes=[*symbols(display), *moving.flow_notes(view, flow)],
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
    """The shares of who was raised, lowered or left, where any can be stated, and the test of their direction."""
    rows = view.latest_risk_rows("risk_outcomes", series, "share")
    tested = view.latest_risk_rows("risk_tests", series, "sign_p")["sign_p"].notna().any()
    said = [bullets([moving.one_way_sentence(view, series)])] if tested else []
    if rows["share"].isna().all():
        return said
    rows = rows.sort_values("from_level", key=lambda level: level.ne(ALL_LEVELS), kind="stable", ignore_index=True)
    words: dict[str, Any] = {
        "title": f"{narrative.risk.series_words(view, series)}: what had become of children a year later",
        "anchor": f"table-{narrative.risk.anchor_words(view, series)}-outcomes",
        "subtitle": moving.flow_subtitle(view, rows),
        "notes": [moving.OUTCOMES_NOTE],
    }
    return [*said, show(view, moved.outcomes(rows), rows, numbers=1, **words)]


def rates(view: AreaView) -> Html:
    """How often levels changed between quarter ends in the force's latest year."""
    found = {one: view.force_rates(one) for one in view.risk_series()}
    known = {one: rows for one, rows in found.items() if rows["value"].notna().any()}
    if not known:
        return paragraph(f"How often levels changed was not supplied for the police force area of {view.force}.")
    rows = pd.concat(known.values(), ignore_index=True)
    return show(
        view,
        moved.rates(view, known),
        rows,
        title="How often levels changed",
        anchor="table-rates",
        subtitle=f"Moves per child-year at the level, with 95% limits, {moving.rates_place(view, rows)}",
        notes=[RATES_NOTE],
    )


def reviews(view: AreaView) -> Html:
    """How long children waited for their first review, whose review is overdue, and what that means."""
    series, rows = view.risk_series(), view.first_reviews()
    if not series and rows.empty:
        return NOTHING
    return together(
        bullets(moving.overdue_sentence(view, one) for one in series) if series else NOTHING,
        _first_reviews(view, rows),
    )


def _first_reviews(view: AreaView, rows: pd.DataFrame) -> Html:
    if rows.empty:
        return paragraph(f"The time from referral to first review was not supplied for {view.name}.")
    if rows["count"].isna().mean() > MOSTLY:
        return paragraph(f"Most counts of the time from referral to first review are withheld for {view.name}.")
    return show(
        view,
        moved.first_reviews(rows),
        rows,
        title="Time from referral to first review",
        anchor="table-first-reviews",
        subtitle=narrative.breakdowns.subtitle(rows),
        notes=[moving.FIRST_REVIEW_NOTE],
    )


def outlook(view: AreaView) -> Html:
    """The caseload if referrals change, the chance of each level later on, and the time at each."""
    series = view.risk_series()
    if not series:
        return paragraph(
            f"No case-level risk reviews were supplied for {view.name}: no chances and no forecast are given."
        )
    models = {one: rows for one in series if len(rows := view.risk_rows("risk_model", one, force=True))}
    return together(
        *_forecasts(view, series),
        bullets(sentence for one in series for sentence in moving.fit_sentences(view, one)),
        *(_chances(view, one, rows) for one, rows in models.items()),
        bullets(said) if (said := [words for one in models for words in moving.stay_sentences(view, one)]) else NOTHING,
    )


def _chances(view: AreaView, series: RiskSeries, rows: pd.DataFrame) -> Html:
    words, anchor = narrative.risk.series_words(view, series), narrative.risk.anchor_words(view, series)
    shown = Rows(
        display=moved.chances(view, series, rows),
        row_header="Group now at",
        download=rows,
        also={"fit": view.risk_rows("risk_model_fit", series, force=True)},
    )
    caption = captioned(
        view,
        rows,
        title=f"{words}: chance of each level later",
        anchor=f"table-{anchor}-chances",
        subtitle=f"All children under review in the police force area of {view.force}, with 95% limits",
        notes=[moving.GROUP_NOTE, MODEL_NOTE],
    )
    return table(shown, caption)


def _forecasts(view: AreaView, series: list[RiskSeries]) -> list[Html]:
    found = {one: view.latest_risk_rows("risk_forecast", one, "expected") for one in series}
    said = bullets(sentence for one, rows in found.items() for sentence in moving.what_if_sentences(view, one, rows))
    known = {one: there for one, rows in found.items() if len(there := rows.dropna(subset=["expected"]))}
    if not known:
        return [said]
    rows = pd.concat(known.values(), ignore_index=True)
    places = dict.fromkeys(narrative.risk.place_words(view, there) for there in known.values())
    words: dict[str, Any] = {
        "title": "The caseload if referrals change",
        "anchor": "table-forecast",
        "subtitle": (
            f"Children under review in {listed([*places])} expected on {in_words(rows['as_at'].max().date())}, with "
            "95% limits; nearer quarters are in the file"
        ),
    }
    return [said, show(view, moved.forecast(view, known), rows, **words)]


def limits(view: AreaView) -> Html:
    """What the figures on risk levels that are shown here cannot tell; nothing where there are none."""
    reviewed = bool(view.risk_series())
    if not reviewed and view.here("risk_change").empty:
        return NOTHING
    return together(
        paragraph("What figures on risk levels cannot tell:"),
        bullets([*moving.SNAPSHOT_LIMITS, *(moving.LIMITS if reviewed else ())]),
    )


def show(view: AreaView, display: pd.DataFrame, rows: pd.DataFrame, *, numbers: int = 1, **words: Any) -> Html:
    """A table whose columns from `numbers` on hold numbers, with its rows to download; `words` are those of its
    caption, in which its symbols are explained first.
    """
    notes = [*symbols(display), *words.pop("notes", [])]
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


def symbols(display: pd.DataFrame) -> list[str]:
    """What the symbols in the cells of a table mean."""
    cells = " ".join(display.astype(str).to_numpy().ravel())
    shown = [symbol for symbol in MissingCode if re.search(rf"\[{re.escape(symbol)}\]", cells)]
    return symbol_notes(pd.Series(shown, dtype="string"))
