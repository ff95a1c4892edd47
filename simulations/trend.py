"""Do the limits of a trend hold the truth, and how often is a trend seen where there is none?"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from needs_assessment.methods.trend import trend
from simulations.study import Study

MEANS = (1, 2, 5, 10, 25, 100)
TRIALS = 4_000
CHANGE_SD = 0.3


class World(NamedTuple):
    """Counts of one series: its mean in the first year, years, true yearly ratio, and what is added to chance.

    `scatter` is the coefficient of variation of a year about the line, `wander` the standard deviation of the yearly
    change of a level that walks at random.
    """

    mean: float
    years: int
    ratio: float = 1.0
    scatter: float = 0.0
    wander: float = 0.0

    def counts(self, generator: np.random.Generator, trials: int) -> NDArray[np.int64]:
        """A table of counts: a row for each trial, a column for each year."""
        shape = (trials, self.years)
        levels = self.mean * self.ratio ** np.arange(self.years) * np.exp(_walk(generator, shape, self.wander))
        if self.scatter:
            levels = levels * generator.gamma(self.scatter**-2, self.scatter**2, shape)
        return generator.poisson(levels)

    def __str__(self) -> str:
        kinds = {"scatter": f"CV {self.scatter} between years", "wander": f"level walks, sd {self.wander}"}
        more = ", ".join(words for name, words in kinds.items() if getattr(self, name)) or "chance alone"
        return f"mean {self.mean}, {self.years} years, ratio {self.ratio}, {more}"


def _walk(generator: np.random.Generator, shape: tuple[int, int], wander: float) -> NDArray[np.float64]:
    steps = generator.normal(0, 1, shape) * wander
    steps[:, 0] = 0
    return np.asarray(steps.cumsum(axis=1))


def _held(world: World, change_sd: float, generator: np.random.Generator, trials: int) -> int:
    """Trials in which the limits hold the true ratio; one without a trend makes no claim and holds it."""
    found = trend(world.counts(generator, trials), 1.0, np.arange(world.years), change_sd=change_sd)
    return trials - int(((found.lower > world.ratio) | (found.upper < world.ratio)).sum())


def _called(world: World, change_sd: float, generator: np.random.Generator, trials: int) -> int:
    """Trials that are called rising or falling."""
    found = trend(world.counts(generator, trials), 1.0, np.arange(world.years), change_sd=change_sd)
    return int(((found.lower > 1) | (found.upper < 1)).sum())


def _dispersed(world: World, generator: np.random.Generator, trials: int) -> int:
    """Trials in which more scatter than chance gives is found at 5%."""
    found = trend(world.counts(generator, trials), 1.0, np.arange(world.years))
    return int((found.dispersion_p < 0.05).sum())


def _studies() -> Iterator[Study]:
    for years in (5, 8):
        for mean in MEANS:
            yield from _of_steady_lines(mean, years)
            yield from _of_wandering_levels(mean, years)


def _of_steady_lines(mean: float, years: int) -> Iterator[Study]:
    for scatter in (0.0, 0.2, 0.3):
        steady = World(mean, years, scatter=scatter)
        for world in (steady, steady._replace(ratio=0.85)):
            trial = partial(_held, world, 0.0)
            yield Study("trend", "95% limits hold the yearly ratio", str(world), 0.95, "at least", TRIALS, trial)
        claim, trial = "rising or falling where there is no trend", partial(_called, steady, 0.0)
        yield Study("trend", claim, str(steady), 0.05, "at most", TRIALS, trial)
    claim, world = "dispersion found at 5% where there is chance alone", World(mean, years)
    yield Study("trend", claim, str(world), 0.05, "at most", TRIALS, partial(_dispersed, world))


def _of_wandering_levels(mean: float, years: int) -> Iterator[Study]:
    """With 0 the claim is not kept, which the method's page says; 0.3 is right, and 0.3 for 0.45 is not."""
    for wander, change_sd in ((0.3, 0.0), (0.3, 0.3), (0.45, 0.3)):
        world = World(mean, years, wander=wander)
        claim = f"rising or falling where the level wanders, change_sd {change_sd}"
        yield Study("trend", claim, str(world), 0.05, "at most", TRIALS, partial(_called, world, change_sd))


STUDIES: list[Study] = list(_studies())
