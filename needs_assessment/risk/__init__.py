"""Risk levels: children at each level, where they move, and what that says of the caseload to come.

A risk level is a judgement whose threshold can move: a falling share at high risk is not by itself success. Nothing
here says anything of one child.
"""

from __future__ import annotations

from needs_assessment.risk.caseload import caseload_by_level
from needs_assessment.risk.movement import MOVEMENT_COLUMNS, risk_movement
from needs_assessment.risk.outcomes import direction_tests, outcomes, rates, with_shares, yearly
from needs_assessment.risk.outlook import fit_table, force_models, forecasts, model_table
from needs_assessment.risk.reviews import days_to_first_review, quarter_ends
from needs_assessment.risk.schemes import (
    levels_in_order,
    scheme_changes,
    schemes_in_order,
    schemes_of_areas,
    with_counterparts,
)
from needs_assessment.risk.snapshots import (
    SNAPSHOT_COLUMNS,
    change_between_snapshots,
    change_within_force,
    out_of_area_share,
    published_snapshots,
)

__all__ = [
    "MOVEMENT_COLUMNS",
    "SNAPSHOT_COLUMNS",
    "caseload_by_level",
    "change_between_snapshots",
    "change_within_force",
    "days_to_first_review",
    "direction_tests",
    "fit_table",
    "force_models",
    "forecasts",
    "levels_in_order",
    "model_table",
    "out_of_area_share",
    "outcomes",
    "published_snapshots",
    "quarter_ends",
    "rates",
    "risk_movement",
    "scheme_changes",
    "schemes_in_order",
    "schemes_of_areas",
    "with_counterparts",
    "with_shares",
    "yearly",
]
