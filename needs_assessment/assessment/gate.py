"""The one way for counts into a release: every table of counts of the evidence, past the disclosure gate together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from needs_assessment import coverage, demand, editions, profile, risk
from needs_assessment.demand.breakdowns import breakdowns
from needs_assessment.disclosure import History, Policy, SafeCounts, protect
from needs_assessment.geography import local_authorities, wider_areas, with_current_codes
from needs_assessment.vocabulary import FundingStatus, MissingCode

if TYPE_CHECKING:
    from needs_assessment.evidence import Evidence

COUNT = ["measure", "unit", "exploitation_type", "area_code", "period_start", "period_end"]
RESIDENTS = ["area_code", "mid_year", "age_from", "age_to", "sex"]
RETURNED = ["service_id", "measure", "unit", "basis", "area_code", "period_start", "period_end"]
"""What two editions of one publication state twice: a count, residents, and a figure of a service's return, whatever
they note of it.
"""


class Gate:
    """The one way for counts into a release: all tables of counts pass it together, then each is asked for by name."""

    def __init__(self, evidence: Evidence, policy: Policy, history: History) -> None:
        sources = evidence["sources"]
        self.public = sources.set_index("source_id")["public"].astype(bool)
        self.policy, self.history = policy, history
        members = wider_areas(evidence["areas"])
        counts, later = _counts(evidence)
        levels, runs = risk.schemes_in_order(evidence["risk_schemes"]), _runs(evidence)
        told = replace(history, later={"demand": later}, levels=levels, runs=runs)
        self.protected = protect(counts, sources, members, policy, told)

    def __call__(self, table: str) -> SafeCounts:
        """The counts of one table with the figures withheld that must be."""
        return self.protected.tables[table]

    def published(self, rows: pd.DataFrame) -> pd.DataFrame:
        """The rows of public sources: words and money, which no rule on counts can make safe."""
        return rows[self.is_public(rows)].reset_index(drop=True)

    def in_neutral_words(self, breaks: pd.DataFrame) -> pd.DataFrame:
        """The declared breaks: that recording changed may be known, the words of an unpublished return may not."""
        public = self.is_public(breaks)
        said = "A return that is not published declares a change of recording from this day."
        return breaks.assign(description=breaks["description"].where(public, said))

    def is_public(self, rows: pd.DataFrame) -> pd.Series:
        """Whether each row's source is public."""
        return rows["source_id"].map(self.public).astype(bool)


def in_public_words(rows: pd.DataFrame, gate: Gate, columns: tuple[str, ...]) -> pd.DataFrame:
    """The rows without what sources that are not public wrote, paid or aimed at: no rule on counts makes these safe."""
    public = gate.is_public(rows)
    return rows.assign(**{column: rows[column].where(public) for column in columns})


def _counts(evidence: Evidence) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """Every table of counts of the release, before the gate; and the referrals so far of years that are not over."""
    areas, reviews = evidence["areas"], with_current_codes(evidence["risk_reviews"], evidence["areas"])
    observed = demand.observed_counts(current(evidence, "observations", COUNT), areas)
    referred = _by_source(with_current_codes(evidence["referrals"], areas), demand.referral_counts)
    referred = demand.with_forces(referred, areas) if len(referred) else referred
    years, so_far = demand.years_of(referred) if len(referred) else (referred, referred)
    schemes = evidence["risk_schemes"]
    asked = evidence["referrals"].assign(days_to_first_review=_days_to_first_review(evidence, reviews))
    profiled = profile.profile_counts(evidence["offences"], areas, evidence["sources"])
    counted = [table for table in (observed, referred, years, profiled) if len(table)]
    return {
        "demand": pd.concat(counted, ignore_index=True),
        "breakdowns": breakdowns(asked, evidence["offences"], areas),
        "risk_snapshots": risk.published_snapshots(evidence["risk_snapshots"]),
        "risk_caseload": risk.caseload_by_level(reviews, areas, schemes, risk.quarter_ends(reviews)),
        "risk_movement": risk.risk_movement(reviews, areas, schemes),
        "service_returns": _returned(evidence),
    }, so_far


def _returned(evidence: Evidence) -> pd.DataFrame:
    """Providers' figures as counts. Of a source that is not public a blank says as much as a symbol: it may stand for a
    count that the provider itself withheld.
    """
    returns, sources = current(evidence, "service_returns", RETURNED), evidence["sources"]
    closed = returns["source_id"].isin(sources.loc[~sources["public"].astype(bool), "source_id"])
    blank = closed & returns["value"].isna()
    symbols = pd.Series(pd.NA, index=returns.index, dtype="string").mask(blank, MissingCode.SUPPRESSED.value)
    return returns.rename(columns={"value": "count"}).assign(missing=symbols)


def services_in_areas(evidence: Evidence) -> pd.DataFrame:
    """What the sources say of services in the local authorities in use."""
    stated = with_current_codes(evidence["service_areas"], evidence["areas"])
    return stated[stated["area_code"].isin(local_authorities(evidence["areas"])["area_code"])]


def _runs(evidence: Evidence) -> dict[str, frozenset[str]]:
    """The authorities where readers are told that each service runs: those where it is not said to be absent."""
    here, sources = services_in_areas(evidence), evidence["sources"]
    funding = coverage.funding_in_areas(here, sources, coverage.coverage_dates(here, sources))
    there = funding[funding["funding"].ne(FundingStatus.NONE)]
    return {str(service): frozenset(areas) for service, areas in there.groupby("service_id")["area_code"]}


def _days_to_first_review(evidence: Evidence, reviews: pd.DataFrame) -> pd.Series:
    asked = with_current_codes(evidence["referrals"], evidence["areas"])
    return risk.days_to_first_review(asked, reviews)


def _by_source(records: pd.DataFrame, count: Callable[[pd.DataFrame, pd.Series], pd.DataFrame]) -> pd.DataFrame:
    """The counts of each source's records for the areas and harms that it names: of others a return says nothing, and
    nothing is not 0.
    """
    counted = [
        counts[counts["exploitation_type"].isin(rows["exploitation_type"])]
        for _, rows in records.groupby("source_id")
        for counts in [count(rows, rows["area_code"].drop_duplicates())]
    ]
    return pd.concat(counted, ignore_index=True) if counted else count(records, records["area_code"])


def current(evidence: Evidence, table: str, key: list[str]) -> pd.DataFrame:
    """The table under today's codes, without what a later edition of the same publication states anew."""
    stated = with_current_codes(evidence[table], evidence["areas"])
    return editions.current_edition(stated, evidence["sources"], key)
