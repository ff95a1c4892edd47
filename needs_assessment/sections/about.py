"""The close of the report: where sources disagree, questions for the board, methods, sources and words."""

from __future__ import annotations

import pandas as pd

from needs_assessment import narrative, tables, wording
from needs_assessment.area_view import AreaView
from needs_assessment.components import Caption, Html, Rows, bullets, definitions, end_mark, paragraph, table, together
from needs_assessment.sections.provision import statements
from needs_assessment.vocabulary import MissingCode


def disagreements(view: AreaView) -> Html:
    """Where sources contradict one another or themselves, or say that they are unclear."""
    unclear = view.statements(("data quality",))
    return (
        _contradictions(view) if unclear.empty else together(_contradictions(view), statements(view, ("data quality",)))
    )


def _contradictions(view: AreaView) -> Html:
    rows = view.contradictions()
    if rows.empty:
        return paragraph("No contradiction was found between the sources, or within one of them.")
    caption = Caption(
        title="What the sources contradict",
        anchor="table-contradictions",
        notes=[wording.CONTRADICTIONS_NOTE],
        source=view.citations(pd.concat([rows["source_a"], rows["source_b"]])),
    )
    return table(
        Rows(display=tables.sources.contradictions(view), row_header="What both speak of", download=rows), caption
    )


def lines_of_enquiry(view: AreaView) -> Html:
    """Questions for the board."""
    return bullets(narrative.messages.lines_of_enquiry(view))


def methods(view: AreaView) -> Html:
    """How each kind of figure was made, and the disclosure rule in force."""
    rule = narrative.phrases.sentence_case(view.release.manifest["disclosure"]["rule"])
    return definitions(wording.METHODS | {"Disclosure rule in force": f"{rule}."})


def data_quality(view: AreaView) -> Html:
    """What each source covers and what is known against it."""
    caption = Caption(
        title="Sources of this report",
        anchor="table-sources",
        source="the evidence of this release, listed under About this report",
    )
    return table(Rows(display=tables.sources.sources(view), row_header="Source"), caption)


def glossary(view: AreaView) -> Html:
    """The words of this report, and the symbols in place of numbers."""
    symbols = {f"[{symbol}]": f"{narrative.phrases.sentence_case(symbol.meaning)}." for symbol in MissingCode}
    return definitions(wording.GLOSSARY | symbols)


def end(view: AreaView) -> Html:
    """The last line of the report. It names the area, so that whoever runs the notebook can tell that it ran to its
    end, and for whom.
    """
    return end_mark(f"End of the report for {view.name}.", view.area_code)
