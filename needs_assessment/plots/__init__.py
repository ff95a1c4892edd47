"""Drawings. Each takes protected figures and an Axes, computes nothing, and returns the Axes it drew on."""

from __future__ import annotations

from needs_assessment.plots.contracts import contract_timeline
from needs_assessment.plots.control import control_chart
from needs_assessment.plots.coverage import coverage_matrix
from needs_assessment.plots.drawing import drawing, report_style
from needs_assessment.plots.flow import level_flow, transition_matrix
from needs_assessment.plots.funnel import funnel
from needs_assessment.plots.maps import choropleth
from needs_assessment.plots.need import need_and_places, need_waterfall
from needs_assessment.plots.rates import rate_over_time, rates_beside
from needs_assessment.plots.risk import caseload_over_time, risk_change
from needs_assessment.plots.season import seasonal
from needs_assessment.plots.tiles import tile_map

__all__ = [
    "caseload_over_time",
    "choropleth",
    "contract_timeline",
    "control_chart",
    "coverage_matrix",
    "drawing",
    "funnel",
    "level_flow",
    "need_and_places",
    "need_waterfall",
    "rate_over_time",
    "rates_beside",
    "report_style",
    "risk_change",
    "seasonal",
    "tile_map",
    "transition_matrix",
]
