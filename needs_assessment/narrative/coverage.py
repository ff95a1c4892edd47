"""Sentences on need and services: what is commissioned, which need has no service or too few places, and what binds."""

from __future__ import annotations

import pandas as pd

from needs_assessment.area_view import AreaView
from needs_assessment.area_view.coverage import working
from needs_assessment.narrative.coverage_words import (
    amount,
    children_words,
    either,
    harm_words,
    is_yearly,
    limits_words,
    places_unknown,
    unit_words,
    when_words,
)
from needs_assessment.narrative.phrases import listed, sentence_case
from needs_assessment.narrative.provision import FUNDING_PHRASES, coverage_age_sentence
from needs_assessment.vocabulary import (
    COMMISSIONED_STATUSES,
    CutKind,
    ExploitationType,
    FundingStatus,
    PlacesBasis,
    in_words,
)

FIRM = [str(status) for status in COMMISSIONED_STATUSES]

# The opening


def opening_sentence(view: AreaView) -> str:
    """What the document is about, and of which day."""
    on = view.coverage_on()
    described = "" if on is None else f", as sources describe them on {in_words(on.date())}"
    return (
        f"Services for exploited children in {view.name} beside the need that is recorded{described}: which need has "
        "no service, where places are too few, and what would change it."
    )


def first_sentences(view: AreaView) -> list[str]:
    """What is commissioned, how much need is recorded, how much of it could not be met, and how old all this is."""
    said = [commissioned_sentence(view), need_sentence(view), *gap_sentences(view), described_sentence(view)]
    return [sentence for sentence in said if sentence]


def commissioned_sentence(view: AreaView) -> str:
    """The services of here by how firmly they are paid for, by name; and those described too long ago."""
    services = working(view.exploitation_services()).sort_values("service_name")
    current = services["current"].astype(bool)
    firm = services["funding"].isin(FIRM)
    said = (
        f"Commissioned in {view.name}, or under a service level agreement: {_named(view, services[current & firm])}."
        if (current & firm).any()
        else f"No commissioned service for exploited children was found in {view.name}."
    )
    others = [
        (sentence_case(FUNDING_PHRASES[status]), services[current & services["funding"].eq(status)])
        for status in (FundingStatus.SPOT_PURCHASE, FundingStatus.NOT_STATED)
    ]
    others.append(("Left out, because they were last described too long ago to rely on", services[~current]))
    return " ".join([said, *(f"{words}: {_named(view, rows)}." for words, rows in others if len(rows))])


def _named(view: AreaView, services: pd.DataFrame) -> str:
    for_many = view.services_for_many()
    return listed(
        [
            f"{row.service_name} ({either(row.exploitation_types.split('|'))}"
            f"{', for many at once' if row.service_id in for_many else ''})"
            for row in services.itertuples()
        ]
    )


def need_sentence(view: AreaView) -> str:
    """How much need is recorded for each harm, what is counted, and in whose words; empty where none is known."""
    rows = view.need_flow().dropna(subset=["need"])
    if rows.empty:
        return ""
    counts = [f"{row['need']:,} {unit_words(row)} for {row['exploitation_type']}" for _, row in rows.iterrows()]
    return f"Recorded need: {listed(counts)}, {when_words(rows.iloc[0])}. {_counted_how(view, rows.iloc[0])}"


def _counted_how(view: AreaView, row: pd.Series) -> str:
    need = view.recorded_need(ExploitationType(row["exploitation_type"]))
    publishers = listed([view.short_citation(source) for source in need["source_id"].dropna().unique()])
    said = f" ({publishers})" if publishers else ""
    if is_yearly(row):
        return f"These are assessments{said}, not children; one that recorded both harms counts for each."
    return f"These are children at one time{said}, at any level; one under review for both harms counts for each."


def gap_sentences(view: AreaView) -> list[str]:
    """For each harm how much of the need here could not be met, and why; or why that is not known."""
    rows = view.need_flow()
    if rows.empty:
        return [f"How much need is recorded beside these services is not known for {view.name}."]
    if _all_unknown(rows):
        return [f"How much of the need could be met is not worked out, for either harm: {_why(rows.iloc[0])}."]
    return [gap_sentence(view, row) for _, row in rows.iterrows()]


def _all_unknown(rows: pd.DataFrame) -> bool:
    """Whether no row was worked out, all for one reason."""
    return bool(rows["gap"].isna().all() and len(rows) > 1 and rows["reason"].nunique(dropna=False) == 1)


def gap_sentence(view: AreaView, row: pd.Series) -> str:
    """How much of the need of a row no allocation of places could meet, and why; or why it is not worked out."""
    harm = harm_words(row)
    if pd.isna(row["gap"]):
        return f"{harm}: how much of the need could be met is not worked out: {_why(row)}."
    return f"{harm}: {_gap_words(view, row)}.{_lacking(row)}"


def _gap_words(view: AreaView, row: pd.Series) -> str:
    units = f"{row['need']:,} {unit_words(row)}"
    if not row["gap"]:
        return _without_gap(view, row, units)
    limits = limits_words(row, "gap_lower", "gap_upper")
    if row["no_service"] == row["need"]:
        return f"no commissioned service takes any of the {units} {limits}{_otherwise(row)}"
    least = f"of {units} at least {amount(row['gap'])} {limits} could not be met by commissioned services"
    if places_unknown(row):
        return f"{least}, because none takes them; the places for the others are not known"
    return f"{least}, even if all places {_where(view, row)}: {_because(row)}{_in_proportion(row)}"


def _otherwise(row: pd.Series) -> str:
    """What services that are not commissioned would take of need that no other takes."""
    if not row["eligible"]:
        return ", and no other service was found"
    return f"; spot purchase, or services whose funding is not stated, would take {amount(row['eligible'])}"


def _without_gap(view: AreaView, row: pd.Series, units: str) -> str:
    """What is said where some allocation would meet all need: it may be no likely one."""
    if row["services_without_places"]:
        known = "not known" if places_unknown(row) else "not fully known"
        return f"commissioned services would take all {units}, but how many places they have is {known}"
    shared = amount(row["gap_proportional"])
    if not row["gap_proportional"]:
        return f"the known places are enough for all {units}, also if they are shared in proportion to need"
    limits = f" {limits_words(row, 'gap_lower', 'gap_upper')}" if row["gap_upper"] else ""
    return (
        f"whether the {units} could be met depends on who gets the places: none would be left over{limits} if all "
        f"places {_where(view, row)}, and {shared} if they were shared in proportion to need"
    )


def _in_proportion(row: pd.Series) -> str:
    """What would be left over if places followed need, where that is more."""
    if row["gap_proportional"] == row["gap"]:
        return ""
    return f"; {amount(row['gap_proportional'])} if places were shared in proportion to need"


def _where(view: AreaView, row: pd.Series) -> str:
    if row["area_code"] == view.area_code != view.force_code:
        return f"of the services here went to {view.name}"
    return "went where they meet the most need"


def _because(row: pd.Series) -> str:
    parts = [
        f"{amount(row['no_service'])} because no commissioned service takes them" if row["no_service"] else "",
        f"{amount(row['too_few_places'])} because there are too few places" if row["too_few_places"] else "",
    ]
    return listed([part for part in parts if part])


def _why(row: pd.Series) -> str:
    return "the sources supplied do not say enough" if pd.isna(row["reason"]) else str(row["reason"]).rstrip(".")


def _lacking(row: pd.Series) -> str:
    """That a row lacks the need of some authorities, where it does."""
    return "" if pd.isna(row["reason"]) else f" The need of some authorities is not in this: {_why(row)}."


def described_sentence(view: AreaView) -> str:
    """How old the description of services is, beside the need and the latest figures."""
    on = view.coverage_on()
    if on is None:
        return f"No service was supplied for {view.name}."
    said = f"Services stand here as described on {in_words(on.date())}."
    return f"{said} {older}" if (older := coverage_age_sentence(view)) else said


# Where need has no service


def hole_sentences(view: AreaView, harm: ExploitationType) -> list[str]:
    """Which children no commissioned service takes for a harm, in words, and what there is for them instead."""
    rows = view.coverage_holes(harm)
    if view.coverage_on() is None:
        return [f"No service was supplied for {view.name}, so it cannot be said which children have none for {harm}."]
    same = ["age_from", "age_to", "funding", "services"]
    groups = rows.sort_values("age_from", kind="stable").groupby(same, sort=False, dropna=False)
    said = [_hole_sentence(view, harm, group) for _, group in groups] or [
        f"For every age under 18 some commissioned service in {view.name} takes children for {harm}; one whose "
        "ages nobody states is taken to accept them all."
    ]
    return [*said, *_level_sentences(view, harm), *_lapsed_sentences(view, harm)]


def _level_sentences(view: AreaView, harm: ExploitationType) -> list[str]:
    """Which risk levels commissioned services take, of those that state them."""
    services = view.exploitation_services()
    services = services[services["current"].astype(bool) & services["funding"].isin(FIRM)]
    return [
        f"{row.service_name} takes these risk levels only: {listed(row.risk_levels.split('|'))}."
        for row in services.dropna(subset=["risk_levels"]).itertuples()
        if harm in row.exploitation_types.split("|")
    ]


def _lapsed_sentences(view: AreaView, harm: ExploitationType) -> list[str]:
    services = working(view.exploitation_services())
    lapsed = ~services["current"].astype(bool)
    return [
        f"{row.service_name} is left out: it was last described on {in_words(row.stated_on.date())}, too long ago to "
        "rely on."
        for row in services[lapsed].itertuples()
        if harm in row.exploitation_types.split("|")
    ]


def _hole_sentence(view: AreaView, harm: ExploitationType, rows: pd.DataFrame) -> str:
    first = rows.iloc[0]
    levels = list(dict.fromkeys(rows["risk_level"].dropna()))
    who = children_words(first["age_from"], first["age_to"], levels, [str(harm)])
    status = FundingStatus(first["funding"])
    names = listed(str(first["services"]).split("|"))
    instead = "" if status == FundingStatus.NONE else f" There is, {FUNDING_PHRASES[status]}: {names}."
    return f"No commissioned service found in {view.name} takes {who}.{instead}"


# Need against places


def force_sentences(view: AreaView) -> list[str]:
    """The gap of the police force area by harm and of both, and what it would be if places followed need."""
    rows = view.need_flow(force=True)
    if rows.empty:
        return [f"How need and places meet in the police force area is not known for {view.name}."]
    if _all_unknown(rows):
        return [f"Police force area of {view.force}: not worked out for either harm: {_why(rows.iloc[0])}."]
    return [f"Police force area of {view.force}, {gap_sentence(view, row)}" for _, row in rows.iterrows()]


def cut_words(view: AreaView, row: pd.Series) -> str:
    """What keeps some need in the police force area from being met, in words."""
    levels = [] if pd.isna(row["risk_levels"]) else row["risk_levels"].split("|")
    who = children_words(row["age_from"], row["age_to"], levels, row["exploitation_types"].split("|"), "children")
    where = listed([view.area_name(code) for code in row["area_codes"].split("|")])
    if row["kind"] == CutKind.NO_SERVICE:
        return f"No commissioned service in {where} takes {who}"
    names = listed([view.service_name(service) for service in row["service_ids"].split("|")])
    return f"Too few places: only {names} would take {who} in {where}"


def unknown_places_sentence(row: pd.Series) -> str:
    """How many of the commissioned services that take any of the need have places that nobody states; empty for 0."""
    if pd.isna(row["services_without_places"]) or not row["services_without_places"]:
        return ""
    return (
        f"{harm_words(row)}: commissioned services that take any of it: {row['services_counted']}; of these with "
        f"places not known: {row['services_without_places']}. They are taken to have room for all, so that the gap is "
        "at least this."
    )


def places_sentences(view: AreaView) -> list[str]:
    """For each harm here how many services have places that nobody states, and where a caseload stands for them."""
    said = [unknown_places_sentence(row) for _, row in view.need_flow().iterrows()]
    places = view.of_services("service_places", working(view.exploitation_services()))
    caseloads = places[places["places_basis"].eq(PlacesBasis.CASELOAD) & places["places"].notna()]
    return [sentence for sentence in said if sentence] + [
        f"No source states the places of {row.service_name}: its caseload of {in_words(row.as_at.date())}, "
        f"{amount(row.places)}, stands for them, which says how many children it had and not how many it could have."
        for row in caseloads.itertuples()
    ]
