"""What could mislead whoever reads the answer to a request for the services that were paid for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pandas as pd

from needs_assessment.area_view import AreaView
from needs_assessment.area_view.answer import FIRM, Asked, Standing
from needs_assessment.narrative.foi_words import on_days
from needs_assessment.narrative.phrases import listed
from needs_assessment.vocabulary import ExploitationType, Grounds, in_words


def warning_sentences(view: AreaView, asked: Asked) -> list[str]:
    """What could mislead whoever reads the answer: contradictions first, then what rests on little."""
    return [
        *_contradicted(view, asked),
        *_places_in_doubt(view, asked),
        *_not_for_victims(view, asked),
        *_only_described(view, asked),
        *_only_years(view, asked),
        *_ended_within(view, asked),
        *_none_found(view, asked),
        *_days_without_source(view, asked),
        *_left_out(view, asked),
    ]


def _contradicted(view: AreaView, asked: Asked) -> Iterator[str]:
    """What sources contradict, each fact once with all that is said of it: first of which harms have a service."""
    for (what, consequence), rows in view.contradictions_on(asked.period).groupby(["what", "consequence"], sort=False):
        said = [(row[f"says_{one}"], row[f"source_{one}"]) for one in "ab" for _, row in rows.iterrows()]
        words = "; ".join(dict.fromkeys(f"{says} ({view.short_citation(source)})" for says, source in said))
        yield f"Sources contradict one another on {what}: {words}. {consequence}"


def _places_in_doubt(view: AreaView, asked: Asked) -> Iterator[str]:
    absent, told = view.not_here(), view.services_told_of(asked.period)
    absent = absent[absent["sources_differ"].astype(bool)].merge(told[["service_id", "service_name"]], on="service_id")
    for _, row in absent.iterrows():
        place, who = view.area_name(row["area_code"]), view.short_citation(row["source_id"])
        yield (
            f"Whether {row['service_name']} is paid for in {place} is in doubt: one source says that it does not work "
            f"there ({who}), another speaks of the whole police force area. {place} is left out."
        )


def _not_for_victims(view: AreaView, asked: Asked) -> Iterator[str]:
    told = view.services_told_of(asked.period)
    groups = {row.service_name: view.works_with(row.service_id) for row in told.itertuples()}
    at_risk = [name for name, group in groups.items() if group == {"at risk"}]
    unknown = [name for name, group in groups.items() if not group]
    if at_risk:
        yield f"Described as for children at risk, and by no source as for victims: {listed(at_risk)}."
    if unknown:
        yield f"Whether for victims or for children at risk, no source says: {listed(unknown)}."


def _only_described(view: AreaView, asked: Asked) -> Iterator[str]:
    rows = view.paid_for(asked.period)
    rows = rows[rows["service_id"].isin(view.services_told_of(asked.period)["service_id"])]
    termed = rows.loc[rows["grounds"].ne(Grounds.DESCRIBED), "service_id"]
    for name, days in rows[~rows["service_id"].isin(termed)].groupby("service_name")["first_day"]:
        spoken = listed([in_words(day.date()) for day in sorted(days.unique())])
        yield f"{name} is known to have been paid for on {spoken} alone: no source states its first and last day."


def _only_years(view: AreaView, asked: Asked) -> Iterator[str]:
    terms = [row for row in _firm_terms(view, asked) if row["precision"] == "year"]
    if terms:
        names = listed([row["service_name"] for row in terms])
        yield f"Only the years of the contract are published, so its first and last day are not known: {names}."
    doubtful = [row["service_name"] for row in terms if _may_lie_outside(view, row, asked)]
    if doubtful:
        yield f"The contract may have ended before these months, or begun after them: {listed(doubtful)}."


def _may_lie_outside(view: AreaView, term: pd.Series, asked: Asked) -> bool:
    """Whether only the first or last year of a contract, of which no day is known, puts a service in the answer."""
    rows = view.paid_for(asked.period)
    rows = rows[rows["service_id"].eq(term["service_id"])]
    last_of_first, first_of_last = date(term["starts"].year, 12, 31), date(term["ends"].year, 1, 1)
    certain = asked.period.start <= first_of_last and asked.period.end >= last_of_first
    return bool(not certain and rows["grounds"].eq(Grounds.CONTRACT).all())


def _firm_terms(view: AreaView, asked: Asked) -> list[pd.Series]:
    """The firm term of each service of the answer that has one."""
    terms = [view.terms_of(service_id) for service_id in view.services_told_of(asked.period)["service_id"]]
    return [row for rows in terms for _, row in rows[rows["term"].eq(FIRM)].iterrows()]


def _ended_within(view: AreaView, asked: Asked) -> Iterator[str]:
    for term in _firm_terms(view, asked):
        if asked.period.contains(term["ends"].date()) and term["ends"].date() < asked.period.end:
            day = on_days(term["ends"], term["ends"], term["precision"])
            options = len(view.terms_of(term["service_id"])) > 1
            unless = " unless an option to extend it was taken up, which no source states" if options else ""
            yield f"The contract of {term['service_name']} ended in these months ({day}){unless}."


def _none_found(view: AreaView, asked: Asked) -> Iterator[str]:
    rows = view.paid_for(asked.period)
    if rows.empty:
        yield "No source supplied says of any service here that it was paid for in these months."
    counted = view.services_told_of(asked.period)["exploitation_types"].str.split("|").explode()
    for harm in [harm for harm in ExploitationType if harm not in set(counted)]:
        yield f"That no service for {harm.label} was found in the sources supplied does not mean that there was none."


def _days_without_source(view: AreaView, asked: Asked) -> Iterator[str]:
    latest = view.described_to()
    if latest is None:
        yield "No source describes services here: what was paid for is not known."
    elif latest < asked.period.end:
        day = in_words(latest)
        yield f"The latest source that describes services here is of {day}: what changed since then is not known."


def _left_out(view: AreaView, asked: Asked) -> Iterator[str]:
    others = view.services_paid_for(asked.period, Standing.OTHER)["service_name"].to_list()
    if others:
        yield f"Paid for, and left out since no source describes them as for child exploitation: {listed(others)}."
