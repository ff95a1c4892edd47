"""The most need that services can meet within their places, what binds, and how sure a gap is."""

from __future__ import annotations

from needs_assessment.methods.allocation.flow import (
    Allocation,
    Problem,
    ProportionalAllocation,
    largest_allocation,
    largest_allocations,
    proportional_allocation,
)
from needs_assessment.methods.allocation.limits import GapLimits, gap_limits, weighted_sum_limits

__all__ = [
    "Allocation",
    "GapLimits",
    "Problem",
    "ProportionalAllocation",
    "gap_limits",
    "largest_allocation",
    "largest_allocations",
    "proportional_allocation",
    "weighted_sum_limits",
]
