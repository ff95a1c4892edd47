"""Sentences on which children no commissioned service takes, and on the services that are left out."""

from __future__ import annotations

import pandas as pd

from needs_assessment.area_view import AreaView
from needs_assessment.area_view.coverage import working
from needs_assessment.narrative.coverage_words import children_words, either
from needs_assessment.narrative.phrases import listed
from needs_assessment.narrative.provision import FUNDING_PHRASES
from needs_assessment.vocabulary import COMMISSIONED_STATUSES, ExploitationType, FundingStatus, in_words

FIRM = [str(status) for status in COMMISSIONED_STATUSES]


def sentences(view: AreaView) -> list[str]:
    """Which children no commissioned service takes for each harm, which levels services take, and what is left out."""
    if view.coverage_on() is None:
        return [f"No service was supplied for {view.name}, so it cannot be said which children have none."]
    holes = [sentence for harm in ExploitationType for sentence in hole_sentences(view, harm)]
    return [*holes, *no_hole_sentences(view), *level_sentences(view), *left_out_sentences(view)]


def hole_sentences(view: AreaView, harm: ExploitationType) -> list[str]:
    """Which children no commissioned service takes for a harm, in words, and what there is for them instead."""
    rows = view.coverage_holes(harm)
    same = ["age_from", "age_to", "funding", "services"]
    groups = rows.sort_values("age_from", kind="stable").groupby(same, sort=False, dropna=False)
    return [_hole_sentence(view, harm, group) for _, group in groups]


def _hole_sentence(view: AreaView, harm: ExploitationType, rows: pd.DataFrame) -> str:
    first = rows.iloc[0]
    levels = list(dict.fromkeys(rows["risk_level"].dropna()))
    who = children_words(first["age_from"], first["age_to"], levels, [str(harm)])
    status = FundingStatus(first["funding"])
    names = listed(str(first["services"]).split("|"))
    instead = (
        "No other was found either."
        if status == FundingStatus.NONE
        else f"There is, {FUNDING_PHRASES[status]}: {names}."
    )
    return f"No commissioned service found in {view.name} takes {who}. {instead}"


def no_hole_sentences(view: AreaView) -> list[str]:
    """Of the harms for which no age is left out, that it is so; and whose ages are not stated, since it is then not
    known. Harms of which the same is to be said stand in one sentence.
    """
    harms: dict[tuple[str, ...], list[str]] = {}
    for harm in ExploitationType:
        if view.coverage_holes(harm).empty:
            harms.setdefault(_of_silent_ages(view, harm), []).append(str(harm))
    return [_no_hole_sentence(view, either(of), list(silent)) for silent, of in harms.items()]


def _of_silent_ages(view: AreaView, harm: ExploitationType) -> tuple[str, ...]:
    """The commissioned services for a harm whose ages nobody states."""
    services = _firm(view)
    silent = services[services[["age_from", "age_to"]].isna().all(axis=1)]
    return tuple(row.service_name for row in silent.itertuples() if harm in str(row.exploitation_types).split("|"))


def _no_hole_sentence(view: AreaView, harms: str, silent: list[str]) -> str:
    if not silent:
        return f"For every age under 18 some commissioned service in {view.name} takes children for {harms}."
    one = len(silent) == 1
    return (
        f"Whether every age under 18 has a commissioned service for {harms} in {view.name} is not known: no source "
        f"states the ages that {listed(silent)} {'takes' if one else 'take'}. {'It is' if one else 'They are'} taken "
        "to accept them all."
    )


def level_sentences(view: AreaView) -> list[str]:
    """Which risk levels commissioned services take, of those that state them."""
    return [
        f"{row.service_name} takes these risk levels only: {listed(row.risk_levels.split('|'))}."
        for row in _firm(view).dropna(subset=["risk_levels"]).itertuples()
    ]


def left_out_sentences(view: AreaView) -> list[str]:
    """The services described too long ago, with how they were then paid for, and those that a source says are not
    here.
    """
    services = view.exploitation_services()
    lapsed = working(services)[~working(services)["current"].astype(bool)]
    absent = services[services["funding"].eq(FundingStatus.NONE)]
    return [
        *(
            f"{row.service_name} is left out: it was last described on {in_words(row.stated_on.date())} "
            f"({FUNDING_PHRASES[FundingStatus(row.funding)]}), too long ago to rely on. That is no evidence that it "
            "has ended."
            for row in lapsed.itertuples()
        ),
        *(
            f"{row.service_name} is left out: a source of {in_words(row.funding_stated_on.date())} says that it does "
            "not work here."
            for row in absent.itertuples()
        ),
    ]


def _firm(view: AreaView) -> pd.DataFrame:
    """The commissioned services here that support single children, in order of name."""
    services = view.exploitation_services().sort_values("service_name")
    chosen = services["current"].astype(bool) & services["funding"].isin(FIRM)
    return services[chosen & ~services["service_id"].isin(view.services_for_many())]
