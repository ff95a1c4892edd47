"""Demand: how much exploitation is recorded, how that compares, and how it changes."""

from __future__ import annotations

from needs_assessment.demand.comparison import COMPARED, DOUBTFUL, NO_RATE, NO_SPREAD, TOO_FEW, compared_with, funnels
from needs_assessment.demand.counts import observed_counts, referral_counts, with_forces, years_of
from needs_assessment.demand.movement import changes, series_of
from needs_assessment.demand.outlook import control_charts, forecasts, seasons, trends
from needs_assessment.demand.peers import expected, peer_groups
from needs_assessment.demand.rates import SERIES, either_harm, force_totals, recorded_rates, resident_children

__all__ = [
    "COMPARED",
    "DOUBTFUL",
    "NO_RATE",
    "NO_SPREAD",
    "SERIES",
    "TOO_FEW",
    "changes",
    "compared_with",
    "control_charts",
    "either_harm",
    "expected",
    "force_totals",
    "forecasts",
    "funnels",
    "observed_counts",
    "peer_groups",
    "recorded_rates",
    "referral_counts",
    "resident_children",
    "seasons",
    "series_of",
    "trends",
    "with_forces",
    "years_of",
]
