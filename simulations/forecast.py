"""Do prediction limits hold as many of the counts to come as they say?"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from needs_assessment.methods.forecast import USUAL, Variation, forecast
from simulations.study import Study
from simulations.trend import World

MEANS = (1, 2, 5, 10, 25, 100)
TRIALS = 2_000
YEARS, AHEAD = 8, 2
SEASONS = np.array([1.1, 0.7, 1.05, 1.15])
QUARTERS_AHEAD = 4


def _within(
    world: World, variation: Variation | None, limit: tuple[int, int], generator: np.random.Generator, trials: int
) -> int:
    """Trials whose count so many years after the eighth lies within the limits of 80% or 95%."""
    ahead, percent = limit
    counts = world._replace(years=YEARS + AHEAD).counts(generator, trials)
    made = forecast(counts[:, :YEARS], 1.0, AHEAD, variation=variation)._asdict()
    return _inside(counts[:, YEARS + ahead - 1], (made[f"lower{percent}"], made[f"upper{percent}"]), ahead)


def _quarter_within(mean: float, quarters: int, percent: int, generator: np.random.Generator, trials: int) -> int:
    """Trials whose count a year after the last quarter lies within the limits."""
    shape, usual = (trials, quarters + QUARTERS_AHEAD), USUAL[4]
    walk = generator.normal(0, usual.change_sd / 2, shape).cumsum(axis=1)
    passing = generator.gamma(usual.period_sd**-2, usual.period_sd**2, shape)
    seasons = SEASONS[np.arange(shape[1]) % 4]
    counts = generator.poisson(mean * seasons * np.exp(walk) * passing)
    made = forecast(counts[:, :quarters], 1.0, QUARTERS_AHEAD, frequency=4, variation=usual)._asdict()
    return _inside(counts[:, -1], (made[f"lower{percent}"], made[f"upper{percent}"]), QUARTERS_AHEAD)


def _inside(counts: np.ndarray, limits: tuple[np.ndarray, np.ndarray], ahead: int) -> int:
    return int(((limits[0][:, ahead - 1] <= counts) & (counts <= limits[1][:, ahead - 1])).sum())


def _worlds(mean: float) -> list[World]:
    steady = World(mean, YEARS)
    scattered, wandering = [steady._replace(scatter=scatter) for scatter in (0.2, 0.3)], steady._replace(wander=0.3)
    return [steady, *scattered, wandering, wandering._replace(ratio=0.9)]


def _studies() -> Iterator[Study]:
    for mean in MEANS:
        for world in _worlds(mean):
            for percent, ahead, variation in ((80, 2, None), (95, 1, None), (95, 2, None), (95, 2, USUAL[1])):
                words = "usual variation" if variation else "variation measured on the series"
                claim = f"{percent}% limits, {ahead} {'year' if ahead == 1 else 'years'} ahead, {words}"
                trial = partial(_within, world, variation, (ahead, percent))
                yield Study("forecast", claim, str(world), percent / 100, "at least", TRIALS, trial)
        for quarters in (8, 12):
            for percent in (80, 95):
                situation = f"mean {mean}, {quarters} quarters with seasons, wandering and scatter"
                trial = partial(_quarter_within, mean, quarters, percent)
                claim = f"{percent}% limits, 4 quarters ahead"
                yield Study("forecast", claim, situation, percent / 100, "at least", TRIALS, trial)


STUDIES: list[Study] = list(_studies())
