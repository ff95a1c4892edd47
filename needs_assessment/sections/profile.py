"""The problem profile of one area, in the headings of the national template."""

from __future__ import annotations

import pandas as pd

from needs_assessment.area_view import AreaView
from needs_assessment.area_view.profile import Topic
from needs_assessment.components import (
    Caption,
    Html,
    Rows,
    bullets,
    definitions,
    lede,
    paragraph,
    section_note,
    table,
    together,
)
from needs_assessment.components import key_messages as message_box
from needs_assessment.narrative import phrases, profile, profile_words
from needs_assessment.narrative import provision as services
from needs_assessment.tables import profile as tables
from needs_assessment.vocabulary import ExploitationType

NOT_SUPPLIED = "Not supplied."


def opening(view: AreaView) -> Html:
    """What the page is about, in one sentence."""
    return lede(profile.opening_sentence(view))


def key_messages(view: AreaView) -> Html:
    """At most five messages, each with a link to what shows it."""
    return message_box(profile.key_messages(view))


def period(view: AreaView) -> Html:
    """The first and last day that the figures of each source cover, and whether that is a year."""
    return _said(profile.period_sentences(view))


def definition(view: AreaView) -> Html:
    """How the sources define exploitation, and what they say of their own data."""
    rows = view.profile_statements()
    return _said([services.statement_sentence(view, row) for _, row in rows.iterrows()])


def overview(view: AreaView, exploitation_type: str) -> Html:
    """The whole profile of one harm in one table: a row for each heading."""
    harm = ExploitationType(exploitation_type)
    rows = view.profile_rows(harm=harm)
    if rows.empty:
        return paragraph(f"{harm.label.capitalize()} ({harm}): not supplied, under any heading.")
    label = "" if len(profile.real_rows(view, rows)) else view.label_of(rows["source_id"])
    caption = Caption(
        title=f"{label}{harm.label.capitalize()} ({harm}) in {view.name}",
        anchor=f"table-profile-{harm.lower()}",
        subtitle="The latest figures of each source, side by side and never added",
        notes=[*phrases.symbol_notes(rows["missing"]), profile_words.NONE_NOTE],
        source=view.citations(rows["source_id"]),
    )
    shown = Rows(
        display=tables.overview(view, harm),
        row_header="Heading",
        download=view.profile_counts(harm),
        also={"offences": view.profile_offences(harm)},
    )
    return table(shown, caption)


def topic(view: AreaView, heading: str) -> Html:
    """What the sources say under one heading, and how it is counted."""
    said = profile.topic_sentences(view, Topic(heading))
    rates = profile.rate_sentences(view) if heading == Topic.SCALE else []
    return together(_said([*said, *rates]), section_note(profile_words.RULES[Topic(heading)]))


def notes(view: AreaView) -> Html:
    """What the sources say of single figures beside the number."""
    rows = tables.noted(view)
    if rows.empty:
        return paragraph("No source says more of a figure than its number.")
    caption = Caption(
        title="What the sources say of their figures",
        anchor="table-profile-notes",
        notes=phrases.symbol_notes(rows["missing"]),
        source=view.citations(rows["source_id"]),
    )
    display = tables.with_notes(view)
    return table(
        Rows(display=display, row_header="What was counted", number_columns=("Count",), download=rows), caption
    )


def provision(view: AreaView) -> Html:
    """The services for exploited children here, by tier."""
    if view.exploitation_services().empty:
        return paragraph(NOT_SUPPLIED)
    said = bullets(profile.tier_sentences(view))
    return together(said, section_note(f"Sources: {view.service_sources()}."))


def training(view: AreaView) -> Html:
    """What the sources say of training and raising awareness."""
    rows = view.profile_training()
    return _said([services.statement_sentence(view, row) for _, row in rows.iterrows()])


def contradictions(view: AreaView) -> Html:
    """Where the sources of the profile contradict each other or themselves."""
    said = profile.contradiction_sentences(view)
    return bullets(said) if said else paragraph("No contradiction was found between these sources, or within one.")


def not_supplied(view: AreaView) -> Html:
    """The headings under which nothing was supplied, for each harm."""
    said = profile.not_supplied_sentences(view)
    return bullets(said) if said else paragraph("Something was supplied under every heading, for both harms.")


def lines_of_enquiry(view: AreaView) -> Html:
    """Questions for the board."""
    return bullets(profile.lines_of_enquiry(view))


def methods(view: AreaView) -> Html:
    """How the figures of the profile were made, and the disclosure rule in force."""
    rule = phrases.sentence_case(view.release.manifest["disclosure"]["rule"])
    return definitions(profile_words.METHODS | {"Disclosure rule in force": f"{rule}."})


def sources(view: AreaView) -> Html:
    """What each source of the profile covers and what is known against it."""
    rows: pd.DataFrame = tables.sources(view)
    if rows.empty:
        return paragraph(NOT_SUPPLIED)
    caption = Caption(
        title="Sources of this profile", anchor="table-profile-sources", source="the evidence of this release"
    )
    return table(Rows(display=rows, row_header="Source"), caption)


def _said(sentences: list[str]) -> Html:
    """The sentences, or that there are none."""
    return bullets(sentences) if sentences else paragraph(NOT_SUPPLIED)
