"""Control charts: whether the points of a series vary more than they usually do. See docs/methods/control_charts.md."""

from __future__ import annotations

from needs_assessment.methods.charts.choice import Choice, choose_chart
from needs_assessment.methods.charts.limits import g_chart, t_chart, u_chart, xmr_chart
from needs_assessment.methods.charts.rules import FEWEST_POINTS, TRIAL_BELOW, ControlChart, Rule

__all__ = [
    "FEWEST_POINTS",
    "TRIAL_BELOW",
    "Choice",
    "ControlChart",
    "Rule",
    "choose_chart",
    "g_chart",
    "t_chart",
    "u_chart",
    "xmr_chart",
]
