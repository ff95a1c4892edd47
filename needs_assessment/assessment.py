"""The whole assessment of every area at once: evidence in, release out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import pandas as pd

from needs_assessment import coverage, demand, editions, profile, reconciliation, recording, risk, services
from needs_assessment.demand.breakdowns import breakdowns, with_shares
from needs_assessment.disclosure import History, Policy, Protected, SafeCounts, protect, statements_hash
from needs_assessment.geography import (
    area_type_of,
    authorities_of_nations,
    local_authorities,
    partnerships,
    series_breaks,
    tiles,
    wider_areas,
    with_current_codes,
)
from needs_assessment.release import Release
from needs_assessment.vocabulary import PER, AreaType, Measure, ProfileMeasure

if TYPE_CHECKING:
    from needs_assessment.evidence import Evidence

ENGLAND = "E92000001"
OF_SERVICES = ("note", "extended_if", "annual_value_gbp", "places", "whole_time_equivalent_staff", "vacancies")
"""What is said of a service in free words, and its money, places and staff."""
VERSIONED = ("needs-assessment", "pandas", "numpy", "scipy", "geopandas", "matplotlib", "papermill", "nbconvert")


def assess(
    evidence: Evidence,
    *,
    comparator: str = ENGLAND,
    policy: Policy | None = None,
    history: History | None = None,
    tell: Callable[[Protected], None] = lambda _: None,
) -> Release:
    """The release of all areas of the evidence: every count past the disclosure gate, then rates, comparisons and
    coverage.

    `comparator` is the area code whose rates the others are compared with. `history` is what readers know beside this
    release: with a ledger it may be published as the next of its series, without one it is for internal use if any of
    its sources is not public. `tell` hears what the gate did, for whoever runs it and not for readers.
    Nothing here knows which area will be read.
    """
    gate = Gate(evidence, policy or Policy(), history or History())
    tell(gate.protected)
    stated = _in_public_words(evidence["services"], gate, OF_SERVICES)
    register = services.register(stated, evidence["sources"])
    tables = (
        {"figures": _figures(gate)}
        | _places(evidence, gate)
        | _demand(evidence, gate, comparator)
        | _risk(evidence, gate)
        | _services(evidence, gate, register)
        | _coverage(evidence, gate, register)
    )
    return Release(tables, _manifest(evidence, gate, comparator, tables["demand"]))


class Gate:
    """The one way for counts into a release: all tables of counts pass it together, then each is asked for by name."""

    def __init__(self, evidence: Evidence, policy: Policy, history: History) -> None:
        sources = evidence["sources"]
        self.public = sources.set_index("source_id")["public"].astype(bool)
        self.policy, self.history = policy, history
        members = wider_areas(evidence["areas"])
        counts, later = _counts(evidence)
        told = replace(history, later={"demand": later}, levels=_levels(evidence["risk_schemes"]))
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


def _levels(schemes: pd.DataFrame) -> dict[str, list[str]]:
    """The levels of each scheme from the lowest, which readers are told."""
    return {name: risk.levels_in_order(schemes, name) for name in sorted(schemes["scheme"].unique())}


def _counts(evidence: Evidence) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """Every table of counts of the release, before the gate; and the referrals so far of years that are not over."""
    areas, reviews = evidence["areas"], with_current_codes(evidence["risk_reviews"], evidence["areas"])
    observed = demand.observed_counts(_current(evidence, "observations", COUNT), areas)
    referred = _by_source(with_current_codes(evidence["referrals"], areas), demand.referral_counts)
    referred = demand.with_forces(referred, areas) if len(referred) else referred
    years, so_far = demand.years_of(referred) if len(referred) else (referred, referred)
    schemes = evidence["risk_schemes"]
    asked = evidence["referrals"].assign(days_to_first_review=_days_to_first_review(evidence, reviews))
    profiled = profile.profile_counts(evidence["offences"], areas, evidence["sources"])
    returns = evidence["service_returns"].rename(columns={"value": "count"}).assign(missing=pd.NA)
    counted = [table for table in (observed, referred, years, profiled) if len(table)]
    return {
        "demand": pd.concat(counted, ignore_index=True),
        "breakdowns": breakdowns(asked, evidence["offences"], areas),
        "risk_snapshots": risk.published_snapshots(evidence["risk_snapshots"]),
        "risk_caseload": risk.caseload_by_level(reviews, areas, schemes, risk.quarter_ends(reviews)),
        "risk_movement": risk.risk_movement(reviews, areas, schemes),
        "service_returns": returns.astype({"missing": "string"}),
    }, so_far


def _days_to_first_review(evidence: Evidence, reviews: pd.DataFrame) -> pd.Series:
    asked = with_current_codes(evidence["referrals"], evidence["areas"])
    return risk.days_to_first_review(asked, reviews)


COUNT = ["measure", "unit", "exploitation_type", "area_code", "period_start", "period_end"]
RESIDENTS = ["area_code", "mid_year", "age_from", "age_to", "sex"]
"""What two editions of one publication state twice: a count, and residents."""


def _places(evidence: Evidence, gate: Gate) -> dict[str, pd.DataFrame]:
    areas, mapped = evidence["areas"], _mapped(evidence)
    return {
        "areas": areas,
        "sources": _sources(evidence["sources"]),
        "tiles": _tiles(evidence, mapped),
        "boundaries": _boundaries(evidence, mapped),
        "partnerships": partnerships(evidence["districts"], areas),
        "neighbours": _in_public_words(_neighbours(evidence), gate, ("closeness",)),
        "deprivation": with_current_codes(evidence["deprivation"], areas),
        "predecessors": series_breaks(areas),
    }


def _sources(sources: pd.DataFrame) -> pd.DataFrame:
    """The sources; of those that are not public without free text, such as the name of a file."""
    public = sources["public"].astype(bool)
    return sources.assign(**{column: sources[column].where(public) for column in ("reference", "note")})


def _in_public_words(rows: pd.DataFrame, gate: Gate, columns: tuple[str, ...]) -> pd.DataFrame:
    """The rows without what sources that are not public wrote, paid or aimed at: no rule on counts makes these safe."""
    public = gate.is_public(rows)
    return rows.assign(**{column: rows[column].where(public) for column in columns})


def _mapped(evidence: Evidence) -> pd.DataFrame:
    """The authorities that a map shows."""
    stated = with_current_codes(evidence["observations"], evidence["areas"])
    return authorities_of_nations(evidence["areas"], stated["area_code"])


def _tiles(evidence: Evidence, mapped: pd.DataFrame) -> pd.DataFrame:
    """A tile for each authority: from a layout that holds them all, where one was supplied, else computed."""
    layouts = with_current_codes(evidence["layouts"], evidence["areas"])
    for _, layout in layouts.groupby("source_id", sort=False):
        if set(mapped["area_code"]) <= set(layout["area_code"]):
            placed = layout[layout["area_code"].isin(mapped["area_code"])][["area_code", "column", "row"]]
            return placed.astype({"column": int, "row": int}).assign(shifted=placed["row"] % 2 == 1)
    return tiles(mapped).assign(shifted=False)


def _boundaries(evidence: Evidence, mapped: pd.DataFrame) -> pd.DataFrame:
    """The boundary of each authority that has one: of several sources the first."""
    boundaries = with_current_codes(evidence["boundaries"], evidence["areas"]).drop_duplicates("area_code")
    here = boundaries["area_code"].isin(mapped["area_code"])
    return boundaries.loc[here, ["area_code", "geometry", "source_id"]].reset_index(drop=True)


def _demand(evidence: Evidence, gate: Gate, comparator: str) -> dict[str, pd.DataFrame]:
    areas, counts = evidence["areas"], gate("demand")
    residents = demand.resident_children(_current(evidence, "population", RESIDENTS), areas)
    rates = demand.recorded_rates(counts, residents)
    flags = _flags(evidence, gate, rates, comparator)
    published, neighbours = gate.published(_yearly(rates)), _neighbours(evidence)
    groups = demand.peer_groups(published, flags, neighbours, gate.published(evidence["peer_groups"]))
    compared = demand.compared_with(rates, comparator, flags, groups)
    return {
        "demand": compared,
        "flags": gate.published(flags),
        "breaks": gate.published(with_current_codes(evidence["breaks"], areas)),
        # Another source's symbol may stand for any count, so only published counts have a sum with limits.
        "force_totals": demand.force_totals(SafeCounts(gate.published(counts.table), 0), areas),
        "peer_groups": groups,
        "funnels": demand.funnels(compared, groups),
        "expected": demand.expected(_yearly(gate.published(compared)), flags, neighbours),
        **_movement(rates, flags, groups),
        "either_harm": demand.either_harm(rates),
        "breakdowns": with_shares(gate("breakdowns"), counts),
        "revisions": _revisions(evidence, gate),
        "contradictions": _contradictions(evidence, gate),
    }


def _flags(evidence: Evidence, gate: Gate, rates: pd.DataFrame, comparator: str) -> pd.DataFrame:
    """What the recording screen finds in the yearly figures, and the breaks declared for any figure."""
    breaks = gate.in_neutral_words(with_current_codes(evidence["breaks"], evidence["areas"]))
    yearly = _is_yearly(rates)
    screened = recording.screen(rates[yearly], evidence["areas"], comparator, breaks)
    declared = recording.known_breaks(rates[~yearly], evidence["areas"], breaks)
    return pd.concat([screened, declared], ignore_index=True)


def _is_yearly(rates: pd.DataFrame) -> pd.Series:
    """Whether each figure is one of assessments, which are published by year."""
    return rates["measure"].isin(set(Measure) - {Measure.REFERRALS})


def _yearly(rates: pd.DataFrame) -> pd.DataFrame:
    return rates[_is_yearly(rates)]


def _neighbours(evidence: Evidence) -> pd.DataFrame:
    """The statistical neighbours, both sides under today's codes."""
    stated = with_current_codes(evidence["neighbours"], evidence["areas"])
    others = stated[["neighbour_code"]].set_axis(["area_code"], axis=1)
    return stated.assign(neighbour_code=with_current_codes(others, evidence["areas"])["area_code"].to_numpy())


def _movement(rates: pd.DataFrame, flags: pd.DataFrame, groups: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """How the counts of exploitation and of the factors beside it move: all worked out from what is printed."""
    about = rates["measure"].isin(list(Measure)) | rates["exploitation_type"].notna()
    about &= ~rates["measure"].isin(list(ProfileMeasure))
    # Sums of many authorities, which are rounded, always seem to move.
    summed = rates["area_code"].map(area_type_of).isin([AreaType.REGION, AreaType.COUNTRY])
    sets = demand.series_of(rates[about & ~summed], flags)
    return {
        "changes": demand.changes(sets, groups),
        "trends": demand.trends(sets, groups),
        "forecasts": demand.forecasts(sets, groups),
        "control_charts": demand.control_charts(sets),
        "seasons": demand.seasons(sets),
    }


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


def _current(evidence: Evidence, table: str, key: list[str]) -> pd.DataFrame:
    """The table under today's codes, without what a later edition of the same publication states anew."""
    stated = with_current_codes(evidence[table], evidence["areas"])
    return editions.current_edition(stated, evidence["sources"], key)


def _revisions(evidence: Evidence, gate: Gate) -> pd.DataFrame:
    stated = with_current_codes(evidence["observations"], evidence["areas"])
    revised = editions.revisions(stated, evidence["sources"])
    public = gate.public[revised["old_source_id"]].to_numpy() & gate.public[revised["new_source_id"]].to_numpy()
    return revised[public].reset_index(drop=True)


def _contradictions(evidence: Evidence, gate: Gate) -> pd.DataFrame:
    """What public sources contradict: words of others could not be made safe."""
    found = reconciliation.contradictions(evidence.tables)
    public = gate.public[found["source_a"]].to_numpy() & gate.public[found["source_b"]].to_numpy()
    return found[public].reset_index(drop=True)


def _risk(evidence: Evidence, gate: Gate) -> dict[str, pd.DataFrame]:
    snapshots, schemes = gate("risk_snapshots"), evidence["risk_schemes"]
    return {
        "risk_snapshots": snapshots.table,
        "risk_change": risk.change_between_snapshots(snapshots),
        "risk_within_force": risk.change_within_force(snapshots),
        "risk_out_of_area": risk.out_of_area_share(snapshots),
        "risk_schemes": _in_public_words(schemes, gate, ("description",)),
        "risk_crosswalk": _in_public_words(evidence["risk_crosswalk"], gate, ("note",)),
        **_under_review(evidence, gate),
    }


def _under_review(evidence: Evidence, gate: Gate) -> dict[str, pd.DataFrame]:
    """What the counts of children under review say: all worked out from what is printed."""
    caseload, movement, schemes = gate("risk_caseload"), gate("risk_movement"), evidence["risk_schemes"]
    forces = local_authorities(evidence["areas"]).set_index("area_code")["police_force_area_code"]
    models = risk.force_models(movement, caseload, schemes, gate.policy.withhold_up_to)
    return {
        "risk_caseload": caseload.table,
        "risk_movement": risk.with_shares(movement, caseload),
        "risk_scheme_changes": risk.scheme_changes(caseload),
        "risk_outcomes": risk.outcomes(movement, schemes),
        "risk_yearly": risk.yearly(movement, caseload, forces),
        "risk_rates": risk.rates(movement),
        "risk_tests": risk.direction_tests(movement, schemes),
        "risk_model": risk.model_table(models),
        "risk_model_fit": risk.fit_table(models),
        "risk_forecast": risk.forecasts(models, caseload, forces),
    }


def _services(evidence: Evidence, gate: Gate, register: pd.DataFrame) -> dict[str, pd.DataFrame]:
    statements = gate.published(services.dated(evidence["services"], evidence["sources"]))
    returns = gate("service_returns").table.rename(columns={"count": "value"})
    returns = _in_public_words(returns, gate, ("target",))
    return {
        "services": register,
        "service_statements": statements,
        "contract_terms": services.contract_terms(register),
        "service_returns": returns,
        "caseload_checks": services.caseload_checks(returns),
        "funding": gate.published(evidence["funding"]),
        "statements": gate.published(evidence["statements"]),
    }


def _coverage(evidence: Evidence, gate: Gate, register: pd.DataFrame) -> dict[str, pd.DataFrame]:
    sources, service_areas = evidence["sources"], evidence["service_areas"]
    current = local_authorities(evidence["areas"])["area_code"]
    service_areas = with_current_codes(service_areas, evidence["areas"])
    service_areas = _in_public_words(service_areas, gate, ("note", "funder"))
    here = service_areas[service_areas["area_code"].isin(current)]
    on = coverage.coverage_dates(here, sources)
    funding = coverage.funding_in_areas(here, sources, on)
    covering = coverage.covering_services(register, funding)
    residents = coverage.residents_by_band(_current(evidence, "population", RESIDENTS))
    return {
        "service_funding": funding,
        "covering_services": covering,
        "coverage": coverage.coverage_matrix(covering, on, residents),
        "residents": residents,
    }


def _manifest(evidence: Evidence, gate: Gate, comparator: str, rates: pd.DataFrame) -> Mapping[str, Any]:
    sources = evidence["sources"]
    sensitive = bool((~sources["public"] & ~sources["synthetic"]).any())
    return {
        "inputs": _inputs(evidence),
        "versions": {name: version(name) for name in VERSIONED},
        "parameters": {"comparator": comparator, "per": PER, "confidence": 0.95},
        "disclosure": _certificate(gate, sensitive),
        "rate_sources": _rate_sources(rates),
        "synthetic": bool(sources["synthetic"].any()),
        "sensitive": sensitive,
        "areas": len(local_authorities(evidence["areas"])),
    }


def _inputs(evidence: Evidence) -> dict[str, str]:
    """The SHA-256 of each input file that readers could have: a small count is found by trying which gives the hash."""
    return {file: "not published" if file in evidence.closed else digest for file, digest in evidence.files.items()}


def _figures(gate: Gate) -> pd.DataFrame:
    """What the release tells of every figure of a source that is not public: key, low, high, and value where it is
    printed. The ledger of a series takes it from here.
    """
    told = [(one.key, one.low, one.high, one.value) for one in gate.protected.statements]
    table = pd.DataFrame(told, columns=["key", "low", "high", "value"])
    return table.astype({"key": "string", "low": "Int64", "high": "Int64", "value": "Int64"})


def _certificate(gate: Gate, sensitive: bool) -> dict[str, Any]:
    """What the release says of its own protection: the rule, how many figures are printed and withheld, and a hash by
    which a ledger and a page can be told to speak of the same figures.
    """
    protected, history = gate.protected, gate.history
    return {
        "policy": gate.policy.name,
        **{name: value for name, value in asdict(gate.policy).items() if name != "name"},
        "rule": str(gate.policy),
        "counts": len(protected.statements),
        "counts_withheld": protected.withheld,
        "counts_waiting": len(protected.waiting),
        "counts_contradicting": len(protected.alone),
        "statements_sha256": statements_hash(protected.statements),
        "series": history.ledger.series if history.ledger else None,
        "revision": history.revision,
        # Without its ledger a series cannot be published: nobody could tell what its earlier releases give away.
        "use": "internal" if sensitive and protected.statements and not history.ledger else "publication",
    }


def _rate_sources(rates: pd.DataFrame) -> list[str]:
    """The sources of the assessment counts, then of the denominators of all rates."""
    counted = rates.loc[rates["measure"].eq(Measure.ASSESSMENT_EPISODES), "source_id"]
    return list(dict.fromkeys([*counted, *rates["denominator_source_id"].dropna()]))
