"""The whole assessment of every area at once: evidence in, release out."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from needs_assessment.assessment.gate import Gate
from needs_assessment.assessment.manifest import figures, manifest
from needs_assessment.assessment.measured import demand_tables, places_tables, risk_tables
from needs_assessment.assessment.provision import coverage_tables, service_tables
from needs_assessment.disclosure import History, Policy, Protected
from needs_assessment.release import Release

if TYPE_CHECKING:
    from needs_assessment.evidence import Evidence

__all__ = ["assess"]

ENGLAND = "E92000001"


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
    tables = (
        {"figures": figures(gate)}
        | places_tables(evidence, gate)
        | demand_tables(evidence, gate, comparator)
        | risk_tables(evidence, gate)
        | service_tables(evidence, gate)
    )
    tables |= coverage_tables(evidence, gate, tables)
    return Release(tables, manifest(evidence, gate, comparator, tables["demand"]))
