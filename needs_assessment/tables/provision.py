"""Display tables of services, coverage, contracts and money."""

from __future__ import annotations

import pandas as pd

from needs_assessment.area_view import AreaView
from needs_assessment.narrative.phrases import NOT_SUPPLIED
from needs_assessment.tables.cells import (
    NOT_STATED,
    count_cell,
    day_cell,
    note_cell,
    number_cell,
    period_cell,
    words_cell,
)
from needs_assessment.vocabulary import TIER_NOT_STATED, WHOLE, ExploitationType, FundingStatus

FUNDING_WORDS = {
    FundingStatus.COMMISSIONED: "Commissioned",
    FundingStatus.SERVICE_LEVEL_AGREEMENT: "Service level agreement",
    FundingStatus.SPOT_PURCHASE: "Spot purchase",
    FundingStatus.NOT_STATED: "In place, funding not stated",
    FundingStatus.NONE: "None found",
}


def register(view: AreaView) -> pd.DataFrame:
    """One row a service of this area for exploited children: harm, ages, tier, risk levels, who pays, and when it was
    last described.
    """
    services = view.exploitation_services()
    return pd.DataFrame(
        {
            "Service": services["service_name"],
            "Harm": [words_cell(harms) for harms in services["exploitation_types"]],
            "Ages": [ages_cell(row) for _, row in services.iterrows()],
            "Funding here": [funding_cell(row) for _, row in services.iterrows()],
            "Tier": [words_cell(tier) for tier in services["tier"]],
            "Risk levels": [words_cell(levels) for levels in services["risk_levels"]],
            "Provider": [words_cell(provider) for provider in services["provider"]],
            "Last described": [described_cell(row) for _, row in services.iterrows()],
        }
    )


def ages_cell(service: pd.Series) -> str:
    """The ages a service accepts: `5 to 18; to 24 for those with an additional need`."""
    youngest, oldest, extended = service["age_from"], service["age_to"], service["extended_age_to"]
    if pd.isna(youngest) and pd.isna(oldest):
        return NOT_STATED
    ages = f"{'any' if pd.isna(youngest) else youngest} to {'any' if pd.isna(oldest) else oldest}"
    return ages if pd.isna(extended) else f"{ages}; to {extended} with a condition"


def funding_cell(service: pd.Series) -> str:
    """How a service is paid for here, with the day where that was stated before the rest, or that it is not here."""
    words = FUNDING_WORDS[FundingStatus(service["funding"])]
    if service["funding"] == FundingStatus.NONE:
        return f"Not here, as stated on {day_cell(service['funding_stated_on'])}"
    stated_before = service["funding_stated_on"] < service["stated_on"]
    return f"{words}, as stated on {day_cell(service['funding_stated_on'])}" if stated_before else words


def described_cell(service: pd.Series) -> str:
    """When a service was last described, and whether that is too long ago to rely on."""
    day = day_cell(service["stated_on"])
    return day if service["current"] else f"{day}: too long ago to rely on"


def contract_terms(here: pd.DataFrame) -> pd.DataFrame:
    """One row a contract term or extension option, with the day by which an option must be decided."""
    return pd.DataFrame(
        {
            "Service": here["service_name"],
            "Term": [term.capitalize() + (" term" if term == "firm" else "") for term in here["term"]],
            "Decide by": [_decide_by(row) for _, row in here.iterrows()],
            "From": [_term_day(row["starts"], row["precision"]) for _, row in here.iterrows()],
            "To": [_term_day(row["ends"], row["precision"]) for _, row in here.iterrows()],
        }
    )


def _decide_by(row: pd.Series) -> str:
    return "already agreed" if pd.isna(row["decide_by"]) else _term_day(row["decide_by"], row["precision"])


def _term_day(day: pd.Timestamp, precision: str) -> str:
    return f"{day.year} (only years are published)" if precision == "year" else day_cell(day)


def coverage(view: AreaView, harm: ExploitationType) -> pd.DataFrame:
    """One row an age band, one column a provision tier: how firmly services are funded and which, or `None found`."""
    matrix, covering = view.coverage(harm), view.covering(harm)
    found = set(covering["tier"])
    tiers = [tier for tier in dict.fromkeys(matrix["tier"]) if tier != TIER_NOT_STATED or tier in found]
    cells = (
        covering.groupby(["age_from", "tier"]).apply(_coverage_cell, include_groups=False).to_dict()
        if len(covering)
        else {}
    )
    bands = matrix.drop_duplicates("age_from")
    rows = {"Ages": [_band_cell(row["age_from"], row["age_to"], row["residents"]) for _, row in bands.iterrows()]}
    for tier in tiers:
        name = "Tier not stated" if tier == TIER_NOT_STATED else tier.capitalize()
        rows[name] = [cells.get((youngest, tier), FUNDING_WORDS[FundingStatus.NONE]) for youngest in bands["age_from"]]
    return pd.DataFrame(rows)


def _coverage_cell(services: pd.DataFrame) -> str:
    """Each funding status once, firmest first, with its services and how much of the age band each takes."""
    groups = [(status, services[services["funding"] == status]) for status in FundingStatus]
    return ". ".join(
        f"{FUNDING_WORDS[status]}: {'; '.join(_named(row) for row in group.itertuples())}"
        for status, group in groups
        if len(group)
    )


def _named(service) -> str:  # type: ignore[no-untyped-def]
    return service.service_name if service.ages == WHOLE else f"{service.service_name} ({service.ages})"


def _band_cell(youngest: int, oldest: int, residents: object) -> str:
    people = "" if pd.isna(residents) else f" ({residents:,.0f} residents)"
    return f"{youngest} to {oldest}{people}"


def service_returns(view: AreaView, rows: pd.DataFrame) -> pd.DataFrame:
    """One row a figure of a provider's return: which service, what, how many, when, and what to know of it."""
    names = view.release["services"].set_index("service_id")["service_name"]
    return pd.DataFrame(
        {
            "What was reported": [
                f"{names[row['service_id']]}: {row['measure'].replace('_', ' ')}" for _, row in rows.iterrows()
            ],
            "Figure": [_figure_cell(row) for _, row in rows.iterrows()],
            "Where": [view.area_name(code) for code in rows["area_code"]],
            "When": [_return_period(row) for _, row in rows.iterrows()],
            "What to know of it": [note_cell(note) for note in rows["note"]],
        }
    )


def _return_period(row: pd.Series) -> str:
    if row["basis"] == "snapshot":
        return f"on {day_cell(row['period_end'])}"
    return period_cell(row) + (", cumulative" if row["basis"] == "cumulative" else "")


def _figure_cell(row: pd.Series) -> str:
    if pd.isna(row["value"]):
        return count_cell(row["value"], row["missing"])
    whole = float(row["value"]).is_integer()
    return (f"{row['value']:,.0f}" if whole else f"{row['value']:,.2f}") + ("%" if row["unit"] == "per cent" else "")


def funding(here: pd.DataFrame) -> pd.DataFrame:
    """One row an award of money."""
    return pd.DataFrame(
        {
            "Recipient": here["recipient"],
            "Awarded": [
                number_cell(value, "£{:,.0f}").replace(NOT_SUPPLIED, NOT_STATED) for value in here["awarded_gbp"]
            ],
            "Spent so far": [
                number_cell(value, "£{:,.0f}").replace(NOT_SUPPLIED, NOT_STATED) for value in here["spent_gbp"]
            ],
            "Purpose": [words_cell(purpose) for purpose in here["purpose"]],
            "Period": [period_cell(row) for _, row in here.iterrows()],
        }
    )
