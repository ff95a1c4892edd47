"""The answer to a freedom-of-information request: the services that were paid for in a police force area."""

from __future__ import annotations

import re

import pandas as pd

from needs_assessment.area_view import AreaView
from needs_assessment.area_view.answer import Asked
from needs_assessment.components import Caption, Html, Rows, bullets, lede, paragraph, table, together
from needs_assessment.narrative import foi as answering
from needs_assessment.narrative.foi_warnings import warning_sentences
from needs_assessment.tables import foi as answered

YES_NO = {"yes": True, "no": False}


def asked(view: AreaView, on: str, by_financial_year: str) -> Asked:
    """The question: the twelve months to a day (blank for the latest that the sources describe), and whether each
    financial year is asked for apart: `yes` or `no`. Raises ValueError for anything else.
    """
    if by_financial_year not in YES_NO:
        raise ValueError(f"by_financial_year: expected yes or no, got: {by_financial_year}")
    return view.asked(on, by_financial_year=YES_NO[by_financial_year])


def opening(view: AreaView, question: Asked) -> Html:
    """What is answered, of which days and places, and by whose words."""
    return lede(answering.opening_sentence(view, question))


def numbers(view: AreaView, question: Asked) -> Html:
    """How many services there were for each harm, and why each counts."""
    said = bullets(answering.number_sentences(view, question))
    told = view.services_told_of(question.period)
    return together(said, _counted(view, told, question)) if len(told) else said


def _counted(view: AreaView, told: pd.DataFrame, question: Asked) -> Html:
    rows = view.commissioned(question.period)
    rows = rows[rows["service_id"].isin(told["service_id"])]
    caption = Caption(
        title="Why each service is counted",
        anchor="table-counted",
        subtitle=f"Paid for on any day from {answering.span(question.period)}",
        source=view.citations(rows["source_id"]),
    )
    display = answered.counted(view, told, question)
    return table(Rows(display=display, row_header="Service", download=rows), caption)


def services(view: AreaView, question: Asked) -> Html:
    """What the sources say of each service of the answer."""
    told = view.services_told_of(question.period)
    if told.empty:
        return paragraph(answering.NOTHING[answering.SERVICES])
    return together(*(_service(view, row, question) for _, row in told.iterrows()))


def _service(view: AreaView, row: pd.Series, question: Asked) -> Html:
    rows = view.release["service_statements"]
    rows = rows[rows["service_id"].eq(row["service_id"])]
    words = "-".join(re.findall("[a-z0-9]+", row["service_id"]))
    caption = Caption(
        title=row["service_name"], anchor=f"table-service-{words}", source=view.citations(rows["source_id"])
    )
    return table(Rows(display=answered.service(view, row, question), row_header="What", download=rows), caption)


def reference(view: AreaView, question: Asked) -> Html:
    """Services that are not for exploited children, and are listed for reference."""
    return _listed(answering.REFERENCE, answering.reference_sentences(view, question))


def undetermined(view: AreaView, question: Asked) -> Html:
    """Services of which no source says whether they were paid for."""
    return _listed(answering.UNDETERMINED, answering.undetermined_sentences(view, question))


def warnings(view: AreaView, question: Asked) -> Html:
    """What could mislead whoever reads the answer."""
    return _listed(answering.WARNINGS, warning_sentences(view, question))


def sources(view: AreaView, question: Asked) -> Html:
    """The sources that the answer rests on."""
    return _listed(answering.SOURCES, answering.source_sentences(view, question))


def _listed(heading: str, sentences: list[str]) -> Html:
    return bullets(sentences) if sentences else paragraph(answering.NOTHING[heading])
