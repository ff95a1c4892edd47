"""How often the limits of a pooled rate hold the true rate, and whether pooling brings small rates nearer to it."""

from __future__ import annotations

from functools import partial
from itertools import product

import numpy as np

from needs_assessment.methods.pooling import Pooled, pooled_rate
from needs_assessment.methods.rates import FloatArray
from simulations.funnel import Neighbours, residents, true_rates
from simulations.study import Study

TRIALS = 10_000
MEANS = (0.5, 1, 2, 5, 10, 20, 50)
ODD = 3
"""How many times its group's mean the rate of an area is that is unlike its neighbours."""


def draw(setting: Neighbours, own: FloatArray, true: FloatArray, rng: np.random.Generator) -> tuple[Pooled, FloatArray]:
    """Pooled rates of areas with these residents and true rates, and their own rates; all per resident."""
    group = residents(rng, setting.group_size, (own.size, setting.members))
    counts = rng.poisson(true_rates(rng, setting.rate, setting.variation, group.shape) * group)
    count = rng.poisson(true * own)
    return pooled_rate(count, own, (counts, group), per=1), count / own


def holds(setting: Neighbours, odd: bool, rng: np.random.Generator, trials: int) -> int:
    """The trials in which the limits of an area's pooled rate hold its true rate, which may be unlike its group's."""
    own = residents(rng, setting.own_size, (trials,))
    true = true_rates(rng, setting.rate, setting.variation, own.shape)
    true = np.full(trials, ODD * setting.rate / 1e4) if odd else true
    pooled, _ = draw(setting, own, true, rng)
    return int(((pooled.lower <= true) & (true <= pooled.upper)).sum())


def holds_at_mean(mean: float, variation: float, rng: np.random.Generator, trials: int) -> int:
    """The same for areas of which so many events are expected at a rate of 8 per 10,000."""
    own = np.full(trials, mean / 8e-4)
    true = true_rates(rng, 8, variation, own.shape)
    pooled, _ = draw(Neighbours(10, 8, variation), own, true, rng)
    return int(((pooled.lower <= true) & (true <= pooled.upper)).sum())


def nearer(mean: float, variation: float, rng: np.random.Generator, trials: int) -> int:
    """The trials in which the pooled rate lies nearer to the true rate than the area's own does."""
    own = np.full(trials, mean / 8e-4)
    true = true_rates(rng, 8, variation, own.shape)
    pooled, observed = draw(Neighbours(10, 8, variation), own, true, rng)
    return int((np.abs(pooled.value - true) < np.abs(observed - true)).sum())


def squared_error(mean: float, variation: float, rng: np.random.Generator, trials: int) -> float:
    """The mean squared error of the pooled rate, as a share of that of the area's own rate."""
    own = np.full(trials, mean / 8e-4)
    true = true_rates(rng, 8, variation, own.shape)
    pooled, observed = draw(Neighbours(10, 8, variation), own, true, rng)
    known = ~np.isnan(pooled.value)
    return float(((pooled.value - true)[known] ** 2).mean() / ((observed - true)[known] ** 2).mean())


def _settings() -> list[Neighbours]:
    usual = [Neighbours(10, *each) for each in product((0.5, 2, 8, 20), (0.3, 0.5, 0.7))]
    unlike = [Neighbours(10, rate, 0.5, "large", "up to 30,000") for rate in (2, 8, 20)]
    return [*usual, *unlike, *(Neighbours(5, rate, 0.5) for rate in (2, 8, 20))]


def _words(setting: Neighbours) -> str:
    return (
        f"{setting.members} neighbours ({setting.group_size}), area {setting.own_size}, "
        f"rate {setting.rate:g}, variation {setting.variation:g}"
    )


def _study(claim: str, situation: str, bound: tuple[float, str], hits: partial[int]) -> Study:
    return Study("pooled rate", claim, situation, *bound, TRIALS, hits)


LIMITS, UNLIKE = "95% limits hold the true rate", "95% limits hold the true rate of an area unlike its neighbours"
NEARER = "pooled rate lies nearer to the true rate than the area's own"
STUDIES = [
    *(_study(LIMITS, _words(setting), (0.95, "at least"), partial(holds, setting, False)) for setting in _settings()),
    *(
        _study(UNLIKE, f"{ODD} times the mean; {_words(setting)}", (0.95, "at least"), partial(holds, setting, True))
        for setting in (Neighbours(10, rate, 0.5, size) for rate, size in product((2, 8), ("small", "any size")))
    ),
    *(
        _study(claim, f"{mean:g} expected, variation {variation:g}", bound, partial(hits, mean, variation))
        for claim, bound, hits in ((LIMITS, (0.95, "at least"), holds_at_mean), (NEARER, (0.5, "at least"), nearer))
        for mean, variation in product(MEANS, (0.3, 0.7))
    ),
]
