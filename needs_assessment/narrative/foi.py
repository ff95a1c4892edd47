"""The answer to a request for the services that were paid for in a police force area: its sentences, and the letter
that they make. The page has the same sentences, so that the two cannot differ.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from needs_assessment.area_view import AreaView
from needs_assessment.area_view.answer import FIRM, Asked, Standing
from needs_assessment.narrative.foi_warnings import warning_sentences
from needs_assessment.narrative.foi_words import (
    cited,
    harm_words,
    number_words,
    on_days,
    service_facts,
)
from needs_assessment.narrative.phrases import listed, sentence_case
from needs_assessment.vocabulary import ExploitationType, Period, in_words

NUMBERS, SERVICES, REFERENCE = "Number of services", "Each service", "For reference only"
UNDETERMINED, WARNINGS, SOURCES = "What could not be determined", "Warnings", "Sources"


def title(view: AreaView) -> str:
    """The title of the answer."""
    return f"Services paid for in the police force area of {view.force} for children who are exploited"


def opening_sentence(view: AreaView, asked: Asked) -> str:
    """Which days, which place and whose words the answer rests on."""
    names = [view.area_name(code) for code in view.authority_codes()]
    return (
        "Services for children who are exploited or at risk of it, paid for on any day from "
        f"{span(asked.period)} in {view.force} ({listed(names)}), as the public sources supplied state it. A service "
        "that none of them names is missing: none found is not the same as none."
    )


def span(period: Period) -> str:
    """The first and last day of a period."""
    return f"{in_words(period.start)} to {in_words(period.end)}"


def number_sentences(view: AreaView, asked: Asked) -> list[str]:
    """How many services there were for each harm and for both, over the whole period and then by financial year."""
    whole = [f"{sentence_case(sentence)}." for sentence in _numbers(view, asked.period)]
    return whole + [f"{_year_words(year)}: {'; '.join(_numbers(view, year))}." for year in asked.years]


def _numbers(view: AreaView, period: Period) -> Iterator[str]:
    counted = view.services_paid_for(period, Standing.COUNTED)
    for harm in (ExploitationType.CCE, ExploitationType.CSE):
        rows = counted[counted["exploitation_types"].str.split("|").map(lambda harms, harm=harm: harm in harms)]
        yield f"for {harm.label} ({harm}), {_so_many(view, rows)}"
    both = counted[counted["exploitation_types"].str.contains("|", regex=False)]
    yield f"for both, and so counted under each, {_so_many(view, both)}"
    spot = view.services_paid_for(period, Standing.SPOT_PURCHASE)
    if len(spot):
        yield f"bought one place at a time, and counted nowhere above, {_so_many(view, spot)}"


def _so_many(view: AreaView, rows: pd.DataFrame) -> str:
    """How many services, and which; a service that no source describes as for victims is marked."""
    if rows.empty:
        return "no service found"
    names = [
        f"{row.service_name}{' (for children at risk)' * (view.works_with(row.service_id) == {'at risk'})}"
        for row in rows.itertuples()
    ]
    return f"{number_words(len(rows))} service{'s' * (len(rows) != 1)}: {listed(names)}"


def _year_words(year: Period) -> str:
    first = year.start.year - (year.start.month < 4)
    whole = (year.start.day, year.start.month, year.end.day, year.end.month) == (1, 4, 31, 3)
    return f"Financial year {first}/{(first + 1) % 100:02d}{'' if whole else f', in part ({span(year)})'}"


def reference_sentences(view: AreaView, asked: Asked) -> list[str]:
    """The services that a source lists for reference only, or that are for exploited adults or for professionals."""
    return [
        _reference_sentence(view, row, asked)
        for _, row in view.services_paid_for(asked.period, Standing.REFERENCE).iterrows()
    ]


def _reference_sentence(view: AreaView, service: pd.Series, asked: Asked) -> str:
    rows = view.said_of(service["service_id"], asked.period)
    said = "".join(f" “{words.rstrip('.')}.”" for words in rows["wording"])
    harm = "" if pd.isna(service["exploitation_types"]) else f", {harm_words(service['exploitation_types'])}"
    who = cited(view, pd.concat([pd.Series([service["source_id"]]), rows["source_id"]]))
    return f"{service['service_name']}: for {service['client_group']}{harm}.{said} ({who})"


def undetermined_sentences(view: AreaView, asked: Asked) -> list[str]:
    """The services here of which no source says whether they were paid for on a day asked about, and why not."""
    rows = view.undetermined(asked.period)
    return [_undetermined_sentence(view, row, asked) for _, row in rows.iterrows()]


def _undetermined_sentence(view: AreaView, row: pd.Series, asked: Asked) -> str:
    harm = harm_words(row["exploitation_types"])
    who = cited(view, pd.Series([row["source_id"]]))
    if pd.isna(row["first_day"]):
        why = f"a source that speaks of it on {in_words(row['stated_on'].date())} does not say whether it is paid for"
    else:
        why = f"sources state that it was paid for {_days_of(view, row)}, and say nothing of the days asked about"
    options = view.options_in(row["service_id"], asked.period)
    taken = (
        " An option to extend its contract falls in them; whether it was taken up is not stated."
        if len(options)
        else ""
    )
    return f"{row['service_name']}, for {harm}: {why} ({who}).{taken}"


def _days_of(view: AreaView, row: pd.Series) -> str:
    terms = view.terms_of(row["service_id"])
    firm = terms[terms["term"].eq(FIRM) & terms["starts"].eq(row["first_day"])]
    return on_days(row["first_day"], row["last_day"], firm["precision"].iloc[0] if len(firm) else "day")


def source_sentences(view: AreaView, asked: Asked) -> list[str]:
    """The sources that speak of a service of the answer, in full, in order of their citation."""
    named, told = view.services_named(asked.period), view.contradictions_on(asked.period)
    tables = [view.release["service_statements"], view.commissioned(asked.period), view.not_here()]
    spoken = [rows.loc[rows["service_id"].isin(named), "source_id"] for rows in tables]
    used = pd.concat([*spoken, told["source_a"], told["source_b"]])
    return sorted({view.citation(source_id) for source_id in used})


def letter(view: AreaView, asked: Asked) -> str:
    """The whole answer as text in markdown, ready for a letter."""
    blocks = [f"# {title(view)}", opening_sentence(view, asked), _part(NUMBERS, number_sentences(view, asked))]
    blocks += [f"## {SERVICES}", *_described(view, asked)]
    blocks += [
        _part(REFERENCE, reference_sentences(view, asked)),
        _part(UNDETERMINED, undetermined_sentences(view, asked)),
        _part(WARNINGS, warning_sentences(view, asked)),
        _part(SOURCES, source_sentences(view, asked)),
    ]
    return "\n\n".join(blocks) + "\n"


def _part(heading: str, sentences: list[str]) -> str:
    said = "\n".join(f"- {sentence}" for sentence in sentences) if sentences else NOTHING[heading]
    return f"## {heading}\n\n{said}"


NOTHING = {
    SERVICES: "No service was found.",
    REFERENCE: "No such service was found.",
    UNDETERMINED: "Every service for exploited children that the sources name here is in the answer.",
    WARNINGS: "Nothing in the sources speaks against the answer.",
    SOURCES: "No source speaks of services here.",
}
"""What is said under a heading that has nothing under it."""


def _described(view: AreaView, asked: Asked) -> list[str]:
    blocks = []
    for _, service in view.services_told_of(asked.period).iterrows():
        facts = service_facts(view, service, asked.period)
        lines = [f"- {fact.what}: {fact.words}{f' ({fact.source})' if fact.source else ''}" for fact in facts]
        blocks.append("\n".join([f"### {service['service_name']}", "", *lines]))
    return blocks or [NOTHING[SERVICES]]
