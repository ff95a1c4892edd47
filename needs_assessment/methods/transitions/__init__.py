"""How people move between states: rates of moves, and Markov models of what is seen from time to time."""

from __future__ import annotations

from needs_assessment.methods.transitions.fitting import PanelModel, Prior, fit_panel, rate_limits
from needs_assessment.methods.transitions.goodness import PanelFit, pearson_fit
from needs_assessment.methods.transitions.panel import Panel, known_end
from needs_assessment.methods.transitions.projection import (
    draw_rates,
    probabilities,
    probability_limits,
    reached_limits,
    reached_within,
    time_in_state,
)
from needs_assessment.methods.transitions.rates import move_rates

__all__ = [
    "Panel",
    "PanelFit",
    "PanelModel",
    "Prior",
    "draw_rates",
    "fit_panel",
    "known_end",
    "move_rates",
    "pearson_fit",
    "probabilities",
    "probability_limits",
    "rate_limits",
    "reached_limits",
    "reached_within",
    "time_in_state",
]
