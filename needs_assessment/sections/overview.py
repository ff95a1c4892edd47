"""The quarterly commissioning overview of a police force area, to be read in a minute: what providers returned for
exploited children, the money, what is said in words, what is missing, and after that all other services.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import pandas as pd

from needs_assessment import plots
from needs_assessment.area_view import AreaView
from needs_assessment.components import Caption, Html, Rows, bullets, figure, lede, paragraph, table, together
from needs_assessment.components import definitions as definition_list
from needs_assessment.components import key_messages as message_box
from needs_assessment.components.markup import html
from needs_assessment.narrative import overview as saying
from needs_assessment.narrative.phrases import sentence_case, symbol_notes
from needs_assessment.plots.overview import change_ratios
from needs_assessment.tables import overview as showing
from needs_assessment.wording import AWARDS_NOTE, CHANCE_NOTE, OVERVIEW_METHODS, STATED_NOTE

SYMBOLS = ("missing", "quarter_before_missing", "year_before_missing")


def opening(view: AreaView, day: str = "") -> Html:
    """What the page is and of which quarter; `day` is a day of it, blank for the latest with returns."""
    quarter = view.reporting_quarter(day)
    if quarter is None or view.quarter_returns(quarter).empty:
        return lede(saying.nothing_sentence(view, quarter))
    return lede(saying.opening_sentence(view, quarter))


def key_messages(view: AreaView, day: str = "") -> Html:
    """At most five messages; nothing without returns."""
    quarter = _quarter(view, day)
    return together() if quarter is None else message_box(saying.key_messages(view, quarter), "In one minute")


def exploitation(view: AreaView, day: str = "") -> Html:
    """The figures of services for exploited children, each beside those before it and its target."""
    words = {"title": "Figures of services for exploited children", "anchor": saying.EXPLOITATION}
    return _returns(view, day, for_exploitation=True, words=words)


def others(view: AreaView, day: str = "") -> Html:
    """The figures of all other services, and a picture of what can be compared of all."""
    words = {"title": "Figures of services for victims, prevention and training", "anchor": saying.OTHERS}
    figures = _returns(view, day, for_exploitation=False, words=words)
    return together(changes(view, day), _folded("Show the figures of all other services", figures))


def _returns(view: AreaView, day: str, *, for_exploitation: bool, words: dict[str, str]) -> Html:
    quarter = _quarter(view, day)
    if quarter is None:
        return together()
    rows = view.quarter_returns(quarter)
    rows = rows[rows["for_exploitation"] == for_exploitation]
    if rows.empty:
        return paragraph(f"{words['title']}: none was returned for {saying.quarter_words(quarter)}.")
    display, download = showing.returns(rows), view.returns_with_before(rows)
    symbols = pd.concat([rows[column] for column in SYMBOLS])
    limits = [CHANCE_NOTE] if rows[["ratio_quarter_lower", "ratio_year_lower"]].notna().any(axis=None) else []
    caption = Caption(
        **words,
        subtitle=saying.subtitle_words(view, quarter, rows),
        notes=[*symbol_notes(symbols), *limits],
        source=view.citations(rows["source_id"]),
    )
    numbers = showing.NUMBERS
    shown = Rows(display=display, row_header="Service and measure", number_columns=numbers, download=download)
    return table(shown, caption)


def changes(view: AreaView, day: str = "") -> Html:
    """The picture of every count with one before it, whether or not it changed by more than chance."""
    quarter = _quarter(view, day)
    rows = None if quarter is None else view.quarter_returns(quarter)
    told = pd.DataFrame() if rows is None else saying.compared(rows)
    if rows is None or quarter is None or told.empty:
        return together()
    chosen = rows[rows[["ratio_quarter_lower", "ratio_year_lower"]].notna().any(axis=1)]
    caption = Caption(
        title="Counts beside those before them",
        anchor=saying.CHANGES,
        subtitle=f"{view.name}, {saying.quarter_words(quarter)}: every count that has one before it, in the order of "
        "the returns",
        notes=[CHANCE_NOTE],
        source=view.citations(chosen["source_id"]),
    )
    height = 120 + 62 * len(told)
    picture = plots.drawing(partial(change_ratios, told), caption.anchor, (740, height), (340, height + 30))
    shown = Rows(
        display=showing.changes(told),
        row_header="This quarter",
        number_columns=("Then", "Ratio (95% limits)"),
        download=chosen,
    )
    return figure(picture, shown, caption, alt=saying.changes_alt(told))


def awards(view: AreaView, day: str = "") -> Html:
    """The awards of money that the quarter's sources state, the share spent of each, and totals by purpose."""
    quarter = _quarter(view, day)
    if quarter is None:
        return together()
    rows, totals = view.quarter_awards(quarter), view.quarter_award_totals(quarter)
    if rows.empty:
        return paragraph("No award of money that may be published was supplied for this quarter.")
    caption = Caption(
        title="Awards of money and what is spent of them",
        anchor=saying.AWARDS,
        subtitle=f"{view.name}, awards that run in {saying.quarter_words(quarter)} or were reported in it",
        notes=[AWARDS_NOTE],
        source=view.citations(rows["source_id"]),
    )
    shown = Rows(
        display=showing.awards(rows, totals),
        row_header="Recipient",
        number_columns=showing.MONEY,
        download=rows,
        also={"totals": totals},
    )
    return table(shown, caption)


def said(view: AreaView, day: str = "") -> Html:
    """What returns say of milestones, waiting, delays, staffing and partnership, of services for exploited children."""
    return _said(view, day, for_exploitation=True, anchor=saying.SAID)


def said_of_others(view: AreaView, day: str = "") -> Html:
    """The same of all other services and of the whole area."""
    words = _said(view, day, for_exploitation=False, anchor=f"{saying.SAID}-others")
    return _folded("Show what is said of other services and of the whole area", words)


def _said(view: AreaView, day: str, *, for_exploitation: bool, anchor: str) -> Html:
    quarter = _quarter(view, day)
    if quarter is None:
        return together()
    rows = view.quarter_statements(quarter)
    rows = rows[rows["for_exploitation"] == for_exploitation]
    whose = "services for exploited children" if for_exploitation else "other services and of the whole area"
    if rows.empty:
        return paragraph(f"The returns say nothing of milestones, waiting, delays, staffing or partnership of {whose}.")
    caption: dict[str, Any] = {"title": f"Said of {whose}", "anchor": anchor, "notes": [STATED_NOTE]}
    subtitle = "Milestones, waiting, delays, staffing and partnership"
    words = Caption(**caption, subtitle=subtitle, source=view.citations(rows["source_id"]))
    return table(Rows(display=showing.statements(rows), row_header="About", download=rows), words)


def missing(view: AreaView, day: str = "") -> Html:
    """Services without a return, figures that were not returned, have none before them or no target, and what is known
    against the sources.
    """
    quarter = _quarter(view, day)
    return together() if quarter is None else bullets(saying.missing_sentences(view, quarter))


def methods(view: AreaView) -> Html:
    """How the figures of the page were made, and the disclosure rule in force."""
    rule = sentence_case(view.release.manifest["disclosure"]["rule"])
    return definition_list(OVERVIEW_METHODS | {"Disclosure rule in force": f"{rule}."})


def _folded(summary: str, content: Html) -> Html:
    """The content behind words to open it by: nothing where there is none."""
    return html("<details><summary>{}</summary>{}</details>", summary, content) if content.markup else content


def _quarter(view: AreaView, day: str) -> pd.Period | None:
    """The quarter, where it has returns: without, the opening has said so."""
    quarter = view.reporting_quarter(day)
    return None if quarter is None or view.quarter_returns(quarter).empty else quarter
