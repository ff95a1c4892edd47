"""Evidence: tables with a written contract, read and validated once."""

from __future__ import annotations

from needs_assessment.evidence.contracts import CONTRACTS, OUTSIDE, REQUIRED_TABLES, sensitive_tables
from needs_assessment.evidence.faults import EvidenceError, Fault
from needs_assessment.evidence.reading import Evidence, children_in, read_evidence

__all__ = [
    "CONTRACTS",
    "OUTSIDE",
    "REQUIRED_TABLES",
    "Evidence",
    "EvidenceError",
    "Fault",
    "children_in",
    "read_evidence",
    "sensitive_tables",
]
