"""What a release says of itself: its inputs, its parameters and how its counts were protected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import pandas as pd

from needs_assessment.assessment.gate import Gate
from needs_assessment.disclosure import statements_hash
from needs_assessment.geography import local_authorities
from needs_assessment.vocabulary import PER, Measure

if TYPE_CHECKING:
    from needs_assessment.evidence import Evidence

VERSIONED = ("needs-assessment", "pandas", "numpy", "scipy", "geopandas", "matplotlib", "papermill", "nbconvert")


def manifest(evidence: Evidence, gate: Gate, comparator: str, rates: pd.DataFrame) -> Mapping[str, Any]:
    """What the release says of its inputs, the versions it was made with, its parameters and its protection."""
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


def figures(gate: Gate) -> pd.DataFrame:
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
