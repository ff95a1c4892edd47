"""The lines of a funnel: the limits of its method at every number of children that it shows."""

from __future__ import annotations

import numpy as np
import pandas as pd

from needs_assessment.methods.funnel import chance_limits, gamma_limits
from needs_assessment.vocabulary import PER

SMALLEST, STEPS = 500, 100
"""The funnel begins at this many children, where chance fills the drawing, and has so many steps."""


def funnel_lines(target: float, between_sd: float, most: float) -> pd.DataFrame:
    """The limits of rates per 10,000 at numbers of person-years up to `most`: person_years, the same in thousands,
    target, and lower and upper at 95% and 99.8% with the spread between authorities, and at 95% by chance alone.

    `target` and `between_sd` are per 10,000, as in the release tables `demand` and `peer_groups`.
    """
    years = np.linspace(np.sqrt(SMALLEST), np.sqrt(max(most, 4 * SMALLEST)), STEPS) ** 2
    levels = {"95": 0.95, "998": 0.998}
    limits = {
        level: gamma_limits(years, target / PER, between_sd / PER, confidence=share, per=PER)
        for level, share in levels.items()
    }
    by_chance = chance_limits(years, target / PER, per=PER)
    lines = pd.DataFrame({"person_years": years, "thousands": years / 1000, "target": target})
    lines = lines.assign(chance_lower=by_chance.lower, chance_upper=by_chance.upper)
    for level, found in limits.items():
        lines = lines.assign(**{f"lower{level}": found.lower, f"upper{level}": found.upper})
    return lines
