"""The disclosure gate: no figure that a series withholds can be worked out from everything that it printed.

`protect` is the gate, `Policy` the rule of small counts, `Ledger` the memory of what a series has told its readers.
`needs_assessment.disclosure.audit` attacks what was published, and shares no code with what protects it.
"""

from __future__ import annotations

from needs_assessment.disclosure.cells import Cell, Known, Status
from needs_assessment.disclosure.gate import (
    DisclosureError,
    History,
    Protected,
    SafeCounts,
    Statement,
    protect,
    statements_hash,
)
from needs_assessment.disclosure.known import KnownError, read_known
from needs_assessment.disclosure.ledger import Ledger, LedgerError
from needs_assessment.disclosure.policies import PROFILES, Policy, Rounding

__all__ = [
    "PROFILES",
    "Cell",
    "DisclosureError",
    "History",
    "Known",
    "KnownError",
    "Ledger",
    "LedgerError",
    "Policy",
    "Protected",
    "Rounding",
    "SafeCounts",
    "Statement",
    "Status",
    "protect",
    "read_known",
    "statements_hash",
]
