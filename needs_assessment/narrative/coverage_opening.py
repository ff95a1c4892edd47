"""Sentences that open the document on services and coverage: what is commissioned, and how much need is recorded."""

from __future__ import annotations

import pandas as pd

from needs_assessment.area_view import AreaView
from needs_assessment.area_view.coverage import working
from needs_assessment.narrative.coverage import gap_sentences
from needs_assessment.narrative.coverage_holes import FIRM
from needs_assessment.narrative.coverage_words import either, is_yearly, unit_words, when_words
from needs_assessment.narrative.phrases import listed, sentence_case
from needs_assessment.narrative.provision import FUNDING_PHRASES, coverage_age_sentence
from needs_assessment.vocabulary import ExploitationType, FundingStatus, in_words


def opening_sentence(view: AreaView) -> str:
    """What the document is about, and of which day; that need stands beside services only where it does."""
    on = view.coverage_on()
    described = "" if on is None else f", as sources describe them on {in_words(on.date())}"
    services = f"Services for exploited children in {view.name}{described}"
    if view.need_flow()["gap"].isna().all():
        return f"{services}. How much need they could meet is not worked out."
    return (
        f"{services}, beside the need that is recorded: which need has no service, where places are too few, and what "
        "would change it."
    )


def first_sentences(view: AreaView) -> list[str]:
    """What is commissioned and how old that is, how much need is recorded, and how much of it could not be met."""
    said = [commissioned_sentence(view), need_sentence(view), *gap_sentences(view)]
    return [sentence for sentence in said if sentence]


def commissioned_sentence(view: AreaView) -> str:
    """The services of here by how firmly they are paid for, by name; those described too long ago; the day of all."""
    on = view.coverage_on()
    if on is None:
        return f"No service was supplied for {view.name}."
    services = working(view.exploitation_services()).sort_values("service_name")
    current = services["current"].astype(bool)
    firm = services[current & services["funding"].isin(FIRM)]
    said = (
        f"commissioned in {view.name}, or under a service level agreement: {_named(view, firm)}."
        if len(firm)
        else f"no commissioned service for exploited children was found in {view.name}."
    )
    others = [
        (sentence_case(FUNDING_PHRASES[status]), services[current & services["funding"].eq(status)])
        for status in (FundingStatus.SPOT_PURCHASE, FundingStatus.NOT_STATED)
    ]
    rest = [f"{words}: {_named(view, rows)}." for words, rows in others if len(rows)]
    described = f"As described on {in_words(on.date())}, {said}"
    return " ".join(filter(None, [described, *rest, _lapsed(services[~current]), coverage_age_sentence(view)]))


def _named(view: AreaView, services: pd.DataFrame) -> str:
    for_many = view.services_for_many()
    return listed(
        [
            f"{row.service_name} ({either(row.exploitation_types.split('|'))}"
            f"{', for many at once' if row.service_id in for_many else ''})"
            for row in services.itertuples()
        ]
    )


def _lapsed(services: pd.DataFrame) -> str:
    """The services described too long ago, each with how it was paid for then; empty where there is none."""
    named = [
        f"{row.service_name} ({either(row.exploitation_types.split('|'))}, "
        f"{FUNDING_PHRASES[FundingStatus(row.funding)]} as described on {in_words(row.stated_on.date())})"
        for row in services.itertuples()
    ]
    return f"Left out, because last described too long ago to rely on: {listed(named)}." if named else ""


def need_sentence(view: AreaView) -> str:
    """How much need is recorded for each harm, what is counted, and in whose words; empty where none is known."""
    rows = view.need_flow().dropna(subset=["need"])
    if rows.empty:
        return ""
    counts = [f"{row['need']:,} {unit_words(row)} for {row['exploitation_type']}" for _, row in rows.iterrows()]
    counted = f"{_counted_how(view, rows.iloc[0], several=len(rows) > 1)} {_unknown_of_need(view)}".strip()
    return f"Recorded need: {listed(counts)}, {when_words(rows.iloc[0])}. {counted}"


def _counted_how(view: AreaView, row: pd.Series, *, several: bool) -> str:
    need = view.recorded_need(ExploitationType(row["exploitation_type"]))
    publishers = listed([view.short_citation(source) for source in need["source_id"].dropna().unique()])
    said = f" ({publishers})" if publishers else ""
    if is_yearly(row):
        return f"These are assessments{said}, not children{'; one that recorded both counts for each' * several}."
    both = "; one under review for both harms counts for each" * several
    return f"These are children at one time{said}, at any level{both}."


def _unknown_of_need(view: AreaView) -> str:
    """Of what is not known who they are, and what that means; empty where ages and levels are known."""
    need = pd.concat([view.recorded_need(harm) for harm in ExploitationType])
    known = need[need["counted"].notna()]
    ages = known["ages_known"].astype("boolean").fillna(False)
    lacking = [name for name, told in (("ages", ages), ("risk levels", known["risk_level"].notna())) if not told.all()]
    return (
        f"Their {listed(lacking)} are not known: a service that takes some of them counts as taking all."
        if lacking
        else ""
    )
