"""How often limits of a gap in services hold the gap at the true means of the counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import product
from typing import NamedTuple

import numpy as np

from needs_assessment.methods.allocation import (
    GapLimits,
    Problem,
    gap_limits,
    largest_allocation,
    weighted_sum_limits,
)
from simulations.study import Study

TRIALS, FEWER = 1_000, 200

LIMITS, FOUND, ROUNDING = "95% limits of a gap", "lower limit above the true gap", 1e-9

SHARES = np.array([0.05, 0.10, 0.15, 0.20, 0.20, 0.30])
"""How a count falls on its need cells, such as ages."""

MIXED = np.array([3.0, 150.0, 20.0, 8.0, 60.0, 5.0, 100.0, 30.0])
RATIOS = (0.3, 0.9, 1.0, 2.0)
OWN, OVERLAP, HOLES, NONE = "own services", "services overlap", "some ages without a service", "no service"


class World(NamedTuple):
    """Counts of one mean each (0: from 3 to 150), services, places as a part of need, and who accepts whom."""

    counts: int
    services: int
    mean: int
    ratio: float
    layout: str

    def __str__(self) -> str:
        of = f"of {self.mean} on average" if self.mean else "of 3 to 150 on average"
        return f"{self.counts} counts {of}, {self.services} services, places {self.ratio:g} of need, {self.layout}"

    def means(self) -> np.ndarray:
        """The true means of the counts."""
        return np.full(self.counts, float(self.mean)) if self.mean else MIXED[: self.counts]

    def cells(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """The count and the share of each cell, and the services' places and whom they accept."""
        group, share = np.repeat(np.arange(self.counts), len(SHARES)), np.tile(SHARES, self.counts)
        accepts = self._accepts(group, np.tile(np.arange(len(SHARES)), self.counts))
        need = self.means()[group] * share
        among = need / np.maximum(accepts.sum(axis=1), 1)
        return group, share, self.ratio * (among @ accepts), accepts

    def _accepts(self, group: np.ndarray, age: np.ndarray) -> np.ndarray:
        cell, service = np.arange(len(group))[:, None], np.arange(self.services)
        own = group[:, None] % self.services == service
        accepts = {
            OWN: own,
            OVERLAP: (7 * cell + 5 * service + cell * service) % 13 < 4,
            HOLES: own & (age < len(SHARES) - 2)[:, None],
            NONE: own & False,
        }
        return accepts[self.layout]


Method = Callable[[World, np.ndarray], GapLimits]


def truth(world: World) -> float:
    """The gap at the true means."""
    group, share, places, accepts = world.cells()
    return largest_allocation(Problem(world.means()[group] * share, places, accepts)).gap


def limits(world: World, counts: np.ndarray) -> GapLimits:
    """The limits of the method."""
    return gap_limits(counts, *world.cells())


def limits_of_one_cut(world: World, counts: np.ndarray) -> GapLimits:
    """Limits of the cut found at the counts alone, as if it were known to be the one."""
    group, share, places, accepts = world.cells()
    found = largest_allocation(Problem(counts[group] * share, places, accepts))
    weights = np.bincount(group, share * found.cells_in_cut, world.counts)
    room = places[found.services_in_cut].sum()
    lower, upper = (max(float(limit - room), 0.0) for limit in weighted_sum_limits(counts, weights, 0.025))
    return GapLimits(found.gap, lower, upper)


def _holds(world: World, method: Method, generator: np.random.Generator, trials: int) -> int:
    """Trials whose limits hold the true gap."""
    made = _made(world, method, generator, trials)
    true = truth(world)
    return sum(each.lower <= true + ROUNDING and true <= each.upper + ROUNDING for each in made)


def _above(world: World, method: Method, generator: np.random.Generator, trials: int) -> int:
    """Trials whose lower limit lies above the true gap."""
    made = _made(world, method, generator, trials)
    true = truth(world)
    return sum(each.lower > true + ROUNDING for each in made)


def _made(world: World, method: Method, generator: np.random.Generator, trials: int) -> list[GapLimits]:
    counts = generator.poisson(world.means(), (trials, world.counts)).astype(float)
    return [method(world, each) for each in counts]


def _worlds() -> Iterator[World]:
    for (counts, services), mean, ratio in product(((1, 1), (4, 2), (8, 5)), (3, 20, 0), RATIOS):
        if counts > 1 or mean:
            yield World(counts, services, mean, ratio, OWN)
    for (counts, services), mean, ratio in product(((4, 2), (8, 5)), (3, 0), (0.9, 1.0)):
        yield World(counts, services, mean, ratio, OVERLAP)
        yield World(counts, services, mean, ratio, HOLES)
    for counts, mean in ((1, 3), (1, 150), (8, 0)):
        yield World(counts, 1, mean, 0.0, NONE)


MANY_SERVICES = [World(8, 12, mean, 0.9, OVERLAP) for mean in (3, 0)]
AT_THE_EDGE = [
    World(counts, services, mean, 1.0, OWN) for counts, services in ((1, 1), (4, 2), (8, 5)) for mean in (3, 20)
]


def _studies() -> Iterator[Study]:
    for world in _worlds():
        yield Study("allocation", LIMITS, str(world), 0.95, "at least", TRIALS, partial(_holds, world, limits))
    for world in MANY_SERVICES:
        yield Study("allocation", LIMITS, str(world), 0.95, "at least", FEWER, partial(_holds, world, limits))
    for world in AT_THE_EDGE:
        yield Study("allocation", FOUND, str(world), 0.025, "at most", TRIALS, partial(_above, world, limits))
        claim, trial = f"for comparison: {FOUND}, one cut", partial(_above, world, limits_of_one_cut)
        yield Study("allocation", claim, str(world), 0.025, "about", FEWER, trial)
    for world in (World(1, 1, 20, 0.9, OWN), World(4, 2, 3, 0.9, OWN)):
        claim, trial = f"for comparison: {LIMITS}, one cut", partial(_holds, world, limits_of_one_cut)
        yield Study("allocation", claim, str(world), 0.95, "about", FEWER, trial)


STUDIES: list[Study] = list(_studies())
