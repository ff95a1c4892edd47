"""Sentences on services and coverage."""

from __future__ import annotations

import pandas as pd

from needs_assessment.area_view import AreaView
from needs_assessment.narrative.phrases import EPISODES
from needs_assessment.vocabulary import AGES_NOT_STATED, ExploitationType, FundingStatus, in_words
from needs_assessment.wording import AGES_UNKNOWN_NOTE, NONE_FOUND_NOTE, YOUNG_ADULTS_NOTE


def coverage_sentence(view: AreaView, harm: ExploitationType) -> str:
    """Which ages under 18 have a service for a harm, how firmly funded, and which have none in the evidence."""
    matrix = view.coverage(harm)
    if matrix.empty:
        return f"No service was supplied for {view.name}, so coverage of {harm} cannot be described."
    bands = matrix[matrix["age_to"] < 18].drop_duplicates("age_from")
    words = bands.assign(words=[_band_words(view.covering(harm), youngest) for youngest in bands["age_from"]])
    run = words["words"].ne(words["words"].shift()).cumsum()
    parts = [
        f"ages {cells['age_from'].min()} to {cells['age_to'].max()}: {cells['words'].iloc[0]}"
        for _, cells in words.groupby(run)
    ]
    return f"{harm}, {'; '.join(parts)}."


FUNDING_PHRASES = {
    FundingStatus.COMMISSIONED: "commissioned",
    FundingStatus.SERVICE_LEVEL_AGREEMENT: "under a service level agreement",
    FundingStatus.SPOT_PURCHASE: "spot purchase, one place at a time",
    FundingStatus.NOT_STATED: "in place, funding not stated",
    FundingStatus.NONE: "none found",
}


def _band_words(covering: pd.DataFrame, youngest: int) -> str:
    """The firmest funding for an age band; services whose ages nobody states count only where no other does."""
    band = covering[covering["age_from"] == youngest]
    stated = band[band["ages"] != AGES_NOT_STATED]
    chosen = stated if len(stated) else band
    firmest = next((status for status in FundingStatus if status in set(chosen["funding"])), FundingStatus.NONE)
    unstated = " (the source states no ages)" if len(band) and stated.empty else ""
    return FUNDING_PHRASES[firmest] + unstated


def coverage_age_sentence(view: AreaView) -> str:
    """How old the description of services is beside the latest figures; empty where it is recent."""
    on, latest = view.coverage_on(), view.latest(EPISODES, ExploitationType.CSE)
    if on is None or latest is None:
        return ""
    years = (latest["period_end"] - on).days // 365
    return (
        f"That description is {years} years older than the latest figures: check it before relying on it."
        if years >= 2
        else ""
    )


def caseload_check_sentence(view: AreaView, row: pd.Series) -> str:
    """What Little's law says of a provider's reported caseload, referrals and time in service."""
    service = view.release["services"].set_index("service_id").loc[row["service_id"], "service_name"]
    agrees = "does not contradict" if row["agrees"] else "does not fit"
    return (
        f"{service}: {row['caseload']} children in support and {row['referrals']} new referrals in the quarter imply "
        f"about {row['years_implied']:.2f} years in service (95% limits {row['lower']:.2f} to {row['upper']:.2f}), "
        "if as many leave as arrive. "
        f"That {agrees} the reported time of about {row['years_stated']:g} year{'s' * (row['years_stated'] != 1)}."
    )


def coverage_notes(view: AreaView) -> list[str]:
    """What must be known of the coverage matrix: what none found means, and services described too long ago."""
    services = view.exploitation_services()
    lapsed = services.loc[~services["current"].astype(bool) & services["funding"].ne(FundingStatus.NONE)]
    notes = [NONE_FOUND_NOTE, YOUNG_ADULTS_NOTE]
    if services[["age_from", "age_to"]].isna().all(axis=1).any():
        notes.append(AGES_UNKNOWN_NOTE)
    notes += [
        f"{row.service_name} is left out: it was last described on {in_words(row.stated_on.date())}."
        for row in lapsed.itertuples()
    ]
    excluded = services[services["funding"].eq(FundingStatus.NONE)]
    notes += [
        f"{row.service_name} is left out: a source of {in_words(row.funding_stated_on.date())} says that it does not "
        "work here."
        for row in excluded.itertuples()
    ]
    return notes


def contracts_alt(rows: pd.DataFrame) -> str:
    """The alternative text of the contract timeline: each term with its dates, from the rows of its table."""
    return "Timeline of contracts. " + " ".join(
        f"{row[0]}, {row[1].lower()}: {row[3]} to {row[4]}." for row in rows.itertuples(index=False)
    )


def contract_notes(terms: pd.DataFrame) -> list[str]:
    """What must be known of the contract dates."""
    notes = [
        "An option must be decided by the last day of the term before it. Whether an option was taken up is "
        "not stated unless a later source describes the service."
    ]
    return notes + (
        ["Where only years are published, bars run to the end of the year stated."]
        if terms["precision"].eq("year").any()
        else []
    )


def statement_sentence(view: AreaView, row: pd.Series) -> str:
    """What a source says, which source it is, and what must be known of it."""
    said = f"“{row['wording'].rstrip('.')}” ({view.short_citation(row['source_id'])})"
    return f"{said}." if pd.isna(row["note"]) else f"{said}. Note: {row['note'].rstrip('.')}."
