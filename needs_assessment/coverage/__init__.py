"""Coverage: which children a service would take, and where need has no service or too few places."""

from __future__ import annotations

from needs_assessment.coverage.binding import coverage_cuts, coverage_holes
from needs_assessment.coverage.effects import coverage_effects
from needs_assessment.coverage.eligibility import (
    AGE_BANDS,
    STATEMENT_LASTS_DAYS,
    AgeBand,
    AgeLimits,
    age_cover,
    coverage_dates,
    coverage_matrix,
    covering_services,
    funding_in_areas,
    residents_by_band,
)
from needs_assessment.coverage.flow import coverage_flow, need_met
from needs_assessment.coverage.forces import ForceFlow, force_flows
from needs_assessment.coverage.grades import coverage_grades
from needs_assessment.coverage.need import recorded_need
from needs_assessment.coverage.places import service_places
from needs_assessment.coverage.taking import supporting
from needs_assessment.coverage.travel import travel_access

__all__ = [
    "AGE_BANDS",
    "STATEMENT_LASTS_DAYS",
    "AgeBand",
    "AgeLimits",
    "ForceFlow",
    "age_cover",
    "coverage_cuts",
    "coverage_dates",
    "coverage_effects",
    "coverage_flow",
    "coverage_grades",
    "coverage_holes",
    "coverage_matrix",
    "covering_services",
    "force_flows",
    "funding_in_areas",
    "need_met",
    "recorded_need",
    "residents_by_band",
    "service_places",
    "supporting",
    "travel_access",
]
