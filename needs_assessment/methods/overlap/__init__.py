"""How many people several lists hold together, when the same person can be on more than one."""

from __future__ import annotations

from needs_assessment.methods.overlap.bounds import Bounds, bounds
from needs_assessment.methods.overlap.lists import CaptureTable, PairEstimates, capture_table, estimates_by_pair
from needs_assessment.methods.overlap.models import (
    ModelEstimate,
    PopulationEstimate,
    chosen_pairs,
    model_estimate,
    population_estimate,
    why_no_estimate,
)

__all__ = [
    "Bounds",
    "CaptureTable",
    "ModelEstimate",
    "PairEstimates",
    "PopulationEstimate",
    "bounds",
    "capture_table",
    "chosen_pairs",
    "estimates_by_pair",
    "model_estimate",
    "population_estimate",
    "why_no_estimate",
]
