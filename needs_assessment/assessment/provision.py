"""The tables of a release on services, and on where need has none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from needs_assessment import coverage, risk, services
from needs_assessment.assessment.gate import RESIDENTS, Gate, current, in_public_words, services_in_areas
from needs_assessment.geography import local_authorities, with_current_codes

if TYPE_CHECKING:
    from needs_assessment.evidence import Evidence

OF_SERVICES = (
    "note",
    "extended_if",
    "annual_value_gbp",
    "contract_value_gbp",
    "places",
    "posts",
    "whole_time_equivalent_staff",
    "vacancies",
    "children_per_worker",
)
"""What is said of a service in free words, and its money, places and staff."""
Tables = Mapping[str, pd.DataFrame]
WITHIN_MINUTES = 30.0
"""How far a site may be to count as within reach, where travel times are supplied; the table says so."""


def service_tables(evidence: Evidence, gate: Gate) -> dict[str, pd.DataFrame]:
    """The register, the terms of contracts, what providers report, and money."""
    sources, areas = evidence["sources"], evidence["areas"]
    register = services.register(in_public_words(evidence["services"], gate, OF_SERVICES), sources)
    stated = gate.published(services.dated(evidence["services"], sources))
    returns = gate("service_returns").table.rename(columns={"count": "value"})
    returns = in_public_words(returns, gate, ("target",))
    funding, statements = gate.published(evidence["funding"]), gate.published(evidence["statements"])
    placed = with_current_codes(evidence["service_areas"], areas)
    return {
        "services": register,
        "service_statements": stated,
        "contract_terms": services.contract_terms(register),
        "commissioned": services.commissioned(evidence["services"], placed, sources),
        "service_returns": returns,
        "return_comparisons": services.return_comparisons(returns),
        "service_places": coverage.service_places(register, returns),
        "caseload_checks": services.caseload_checks(returns),
        "funding": services.with_share_spent(funding),
        "award_totals": services.award_totals(funding, statements, areas),
        "statements": statements,
    }


def coverage_tables(evidence: Evidence, gate: Gate, tables: Tables) -> dict[str, pd.DataFrame]:
    """Which children services would take, and how much of the recorded need they could meet. `tables` are those of the
    release so far.
    """
    here = services_in_areas(evidence)
    on = coverage.coverage_dates(here, evidence["sources"])
    funding = coverage.funding_in_areas(here, evidence["sources"], on)
    covering = coverage.covering_services(tables["services"], funding)
    residents = coverage.residents_by_band(current(evidence, "population", RESIDENTS))
    return {
        "service_funding": funding,
        "covering_services": covering,
        "coverage": coverage.coverage_matrix(covering, on, residents),
        "residents": residents,
        **_flow_tables(evidence, tables, funding, on),
    }


def _flow_tables(evidence: Evidence, tables: Tables, funding: pd.DataFrame, on: pd.Series) -> dict[str, pd.DataFrame]:
    """Recorded need against places: all from printed counts and public words."""
    forces = local_authorities(evidence["areas"]).set_index("area_code")["police_force_area_code"]
    levels = risk.schemes_in_order(evidence["risk_schemes"])
    need = coverage.recorded_need(tables, forces, on)
    supporting = coverage.supporting(tables["services"], funding)
    flows = coverage.force_flows(need, supporting, tables["service_places"], levels)
    met = coverage.coverage_flow(flows, on)
    schemes = risk.schemes_of_areas(tables["risk_caseload"], tables["risk_snapshots"], forces)
    return {
        "need": need,
        "coverage_flow": met,
        "coverage_grades": coverage.coverage_grades(flows),
        "coverage_cuts": coverage.coverage_cuts(flows),
        "coverage_effects": coverage.coverage_effects(flows, tables["service_places"], tables["contract_terms"]),
        "coverage_holes": coverage.coverage_holes(supporting, schemes, levels, on),
        **_load_tables(evidence, tables, funding, coverage.need_met(flows, met)),
    }


def _load_tables(
    evidence: Evidence, tables: Tables, funding: pd.DataFrame, met: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """How full services are, what they cost for each child, and how far they are."""
    places, returns = tables["service_places"], tables["service_returns"]
    extents = services.service_extents(funding, evidence["areas"])
    snapshots, sources = tables["risk_snapshots"], evidence["sources"]
    published = snapshots["source_id"].isin(sources.loc[sources["public"].astype(bool), "source_id"])
    divided_by = services.Denominators(places, returns, snapshots[published], extents, met)
    times = with_current_codes(evidence["travel_times"], evidence["areas"])
    return {
        "service_load": services.service_load(returns, places, extents),
        "service_costs": services.service_costs(tables["services"], divided_by),
        "travel_access": coverage.travel_access(evidence["service_sites"], times, sources, WITHIN_MINUTES),
    }
