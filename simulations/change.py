"""How often the limits of a change hold the truth, and how often no change is taken for one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import product

import numpy as np

from needs_assessment.methods.change import count_change, usual_change_limits
from needs_assessment.methods.screening import log_rate, spread_between
from simulations.study import Study

MEANS = (0.5, 1, 2, 5, 10, 20, 50)
TRIALS = 40_000
AUTHORITIES = 150
LEVEL, CENTRE = 0.95, 0.05
"""The confidence, and the median logarithm by which authorities' rates change in the simulated country."""


def limits_hold(mean: float, ratio: float, rng: np.random.Generator, trials: int) -> int:
    """The trials in which the limits of the ratio of two counts hold the true ratio."""
    change = count_change(rng.poisson(mean, trials), rng.poisson(ratio * mean, trials))
    return int(np.sum((change.lower <= ratio) & (ratio <= change.upper)))


def small_p_values(mean: float, exposure: float, rng: np.random.Generator, trials: int) -> int:
    """The trials without a change in which the p-value is 0.05 or less; `exposure` after, 1 before."""
    change = count_change(
        rng.poisson(mean, trials), rng.poisson(exposure * mean, trials), exposure_after=np.full(trials, exposure)
    )
    return int(np.sum(change.p_value <= 1 - LEVEL))


def unusual_changes(mean: float, spread: float, rng: np.random.Generator, trials: int) -> int:
    """The trials with a usual change whose ratio lies outside the usual limits, centre and spread being known."""
    before = rng.poisson(mean, trials)
    after = rng.poisson(mean * np.exp(rng.normal(CENTRE, spread, trials)))
    return int(_outside(before, after, CENTRE, spread).sum())


def unusual_changes_in_a_country(typical: float, spread: float, rng: np.random.Generator, trials: int) -> int:
    """The same for authorities whose levels differ, with the centre and the spread measured from their own counts."""
    flagged = 0
    for _ in range(trials // AUTHORITIES):
        levels = typical * np.exp(rng.normal(0, 0.6, AUTHORITIES))
        before = rng.poisson(levels)
        after = rng.poisson(levels * np.exp(rng.normal(CENTRE, spread, AUTHORITIES)))
        (late, chance_after), (early, chance_before) = log_rate(after, 1.0), log_rate(before, 1.0)
        measured = spread_between(late - early, chance_after + chance_before)
        flagged += int(_outside(before, after, float(np.median(late - early)), measured).sum())
    return flagged


def _outside(before: np.ndarray, after: np.ndarray, centre: float, spread: float) -> np.ndarray:
    ratio = count_change(before, after).rate_ratio
    lower, upper = usual_change_limits(before, after, centre=centre, spread=spread)
    # Without any event there is no ratio, and nothing is flagged.
    return (ratio < lower) | (ratio > upper)


Hits = Callable[[np.random.Generator, int], int]


def _alarm(method: str, claim: str, situation: str, hits: Hits, trials: int = TRIALS) -> Study:
    return Study(method, claim, situation, 1 - LEVEL, "at most", trials, hits)


_CHANGE = "Change between two counts"
_USUAL = "Usual change between authorities"
STUDIES: list[Study] = [
    *(
        Study(
            _CHANGE,
            "95% limits hold the true ratio",
            f"mean {mean:g}, true ratio {ratio:g}",
            LEVEL,
            "at least",
            TRIALS,
            partial(limits_hold, mean, ratio),
        )
        for mean, ratio in product(MEANS, (0.5, 1, 2))
    ),
    *(
        _alarm(
            _CHANGE,
            "p at most 0.05 without a change",
            f"mean {mean:g}, {exposure:g} times the exposure after",
            partial(small_p_values, mean, exposure),
        )
        for mean, exposure in product(MEANS, (1, 3))
    ),
    *(
        _alarm(
            _USUAL,
            "a usual change is called unusual",
            f"mean {mean:g}, spread {spread:g}",
            partial(unusual_changes, mean, spread),
        )
        for mean, spread in product(MEANS, (0, 0.3, 0.6))
    ),
    *(
        _alarm(
            _USUAL,
            "a usual change is called unusual",
            f"{AUTHORITIES} authorities, median {typical:g}, spread {spread:g}, both measured",
            partial(unusual_changes_in_a_country, typical, spread),
            200 * AUTHORITIES,
        )
        for typical, spread in product((5, 20, 100), (0, 0.3, 0.6))
    ),
]
