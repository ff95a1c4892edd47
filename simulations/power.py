"""How often a difference that is called detectable is noticed."""

from __future__ import annotations

from functools import partial
from itertools import product

import numpy as np

from needs_assessment.methods.change import count_change
from needs_assessment.methods.power import POWER, detectable_change, detectable_ratio
from needs_assessment.methods.rates import exact_poisson_limits, rate_with_limits
from simulations.study import Study

MEANS = (0.5, 1, 2, 5, 10, 20, 50)
TRIALS = 40_000


def noticed_rises(mean: float, rng: np.random.Generator, trials: int) -> int:
    """The trials in which the limits of a count lie above the reference, the true rate being the detectable one."""
    counts = rng.poisson(mean * float(detectable_ratio(mean).rise), trials)
    return int((exact_poisson_limits(counts)[0] > mean).sum())


def noticed_falls(mean: float, rng: np.random.Generator, trials: int) -> int:
    """The same below the reference."""
    counts = rng.poisson(mean * float(detectable_ratio(mean).fall), trials)
    return int((exact_poisson_limits(counts)[1] < mean).sum())


def noticed_rises_by_byar(mean: float, rng: np.random.Generator, trials: int) -> int:
    """Rises as `rate_with_limits` shows them, whose limits are Byar's from 10 upwards."""
    counts = rng.poisson(mean * float(detectable_ratio(mean).rise), trials)
    return int((rate_with_limits(counts, 1.0, per=1).lower > mean).sum())


def noticed_changes(mean: float, rise: bool, rng: np.random.Generator, trials: int) -> int:
    """The trials in which the limits of the ratio of two counts exclude 1 on the true side."""
    ratio = float(detectable_change(mean)[0 if rise else 1])
    change = count_change(rng.poisson(mean, trials), rng.poisson(ratio * mean, trials))
    return int(np.sum(change.lower > 1) if rise else np.sum(change.upper < 1))


_RATIO = "Smallest ratio to a reference that would be noticed"
_CHANGE = "Smallest change that would be noticed"
STUDIES: list[Study] = [
    *(
        Study(_RATIO, claim, f"{mean:g} expected", POWER, "about", TRIALS, partial(hits, mean))
        for claim, hits, means in (
            ("the detectable rise is noticed", noticed_rises, MEANS),
            ("the detectable rise is noticed, Byar's limits", noticed_rises_by_byar, MEANS),
            ("the detectable fall is noticed", noticed_falls, (5, 10, 20, 50)),
        )
        for mean in means
    ),
    *(
        Study(
            _CHANGE,
            f"the detectable {'rise' if rise else 'fall'} is noticed",
            f"mean {mean:g} before",
            POWER,
            "about",
            TRIALS,
            partial(noticed_changes, mean, rise),
        )
        for rise, mean in product((True, False), MEANS)
        if rise or mean >= 10
    ),
]
