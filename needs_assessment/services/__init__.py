"""Services: the register of what is commissioned, the terms of contracts, and what providers report."""

from __future__ import annotations

from needs_assessment.services.awards import award_totals, with_share_spent
from needs_assessment.services.capacity import (
    CASELOAD,
    NEW_REFERRALS,
    TIME_IN_SERVICE,
    caseload_checks,
    years_observed,
)
from needs_assessment.services.commissioned import commissioned
from needs_assessment.services.contracts import contract_terms, extension_months
from needs_assessment.services.costs import Denominators, service_costs
from needs_assessment.services.extents import service_extents
from needs_assessment.services.load import service_load
from needs_assessment.services.register import COMPARED_FIELDS, dated, register
from needs_assessment.services.returns import return_comparisons

__all__ = [
    "CASELOAD",
    "COMPARED_FIELDS",
    "NEW_REFERRALS",
    "TIME_IN_SERVICE",
    "Denominators",
    "award_totals",
    "caseload_checks",
    "commissioned",
    "contract_terms",
    "dated",
    "extension_months",
    "register",
    "return_comparisons",
    "service_costs",
    "service_extents",
    "service_load",
    "with_share_spent",
    "years_observed",
]
