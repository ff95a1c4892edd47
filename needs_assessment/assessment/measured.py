"""The tables of a release on places, on demand and on risk levels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from needs_assessment import demand, editions, reconciliation, recording, risk
from needs_assessment.assessment.gate import RESIDENTS, Gate, current, in_public_words
from needs_assessment.demand.breakdowns import with_shares
from needs_assessment.disclosure import SafeCounts
from needs_assessment.geography import (
    area_type_of,
    authorities_of_nations,
    local_authorities,
    partnerships,
    series_breaks,
    tiles,
    with_current_codes,
)
from needs_assessment.vocabulary import AreaType, Measure, ProfileMeasure

if TYPE_CHECKING:
    from needs_assessment.evidence import Evidence


def places_tables(evidence: Evidence, gate: Gate) -> dict[str, pd.DataFrame]:
    """The areas, their maps, neighbours and deprivation, and the sources."""
    areas, mapped = evidence["areas"], _mapped(evidence)
    return {
        "areas": areas,
        "sources": _sources(evidence["sources"]),
        "tiles": _tiles(evidence, mapped),
        "boundaries": _boundaries(evidence, mapped),
        "partnerships": partnerships(evidence["districts"], areas),
        "neighbours": in_public_words(_neighbours(evidence), gate, ("closeness",)),
        "deprivation": with_current_codes(evidence["deprivation"], areas),
        "predecessors": series_breaks(areas),
    }


def _sources(sources: pd.DataFrame) -> pd.DataFrame:
    """The sources; of those that are not public without free text, such as the name of a file."""
    public = sources["public"].astype(bool)
    return sources.assign(**{column: sources[column].where(public) for column in ("reference", "note")})


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


def demand_tables(evidence: Evidence, gate: Gate, comparator: str) -> dict[str, pd.DataFrame]:
    """How much is recorded, how that compares, how it moves, and what cannot be concluded from it."""
    areas, counts = evidence["areas"], gate("demand")
    residents = demand.resident_children(current(evidence, "population", RESIDENTS), areas)
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


def risk_tables(evidence: Evidence, gate: Gate) -> dict[str, pd.DataFrame]:
    """Risk levels as published, and what the printed counts of children under review say."""
    snapshots, schemes = gate("risk_snapshots"), evidence["risk_schemes"]
    return {
        "risk_snapshots": snapshots.table,
        "risk_change": risk.change_between_snapshots(snapshots),
        "risk_within_force": risk.change_within_force(snapshots),
        "risk_out_of_area": risk.out_of_area_share(snapshots),
        "risk_schemes": in_public_words(schemes, gate, ("description",)),
        "risk_crosswalk": in_public_words(evidence["risk_crosswalk"], gate, ("note",)),
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
