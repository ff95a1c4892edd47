"""How often the limits of rates, proportions and standardised rates hold the truth."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import product

import numpy as np

from needs_assessment.methods.rates import proportion_with_limits, rate_with_limits
from needs_assessment.methods.standardised import (
    FEWEST_EVENTS,
    StandardisedRates,
    directly_standardised_rate,
    expected_count,
    indirectly_standardised_ratio,
    standardised_rate_of_repeats,
)
from simulations.study import Study

MEANS = (0.5, 1, 2, 5, 10, 20, 50)
TRIALS = 40_000

EVENTS_A_CHILD = np.array([0.6, 0.25, 0.1, 0.05])
"""The shares of children recorded once, twice, three and four times: 1.6 events a child, as many as are seen."""

# Ages 0-4, 5-9, 10-15 and 16-17. The risks are those of a harm of adolescents; the second area is the standard's
# opposite; in the third nearly all events come from strata of which it has few residents.
STANDARD = np.array([0.26, 0.28, 0.34, 0.12])
RISK = np.array([0.02, 0.1, 1.0, 1.5])
AREAS = {
    "ages as in the standard": STANDARD,
    "few adolescents": np.array([0.4, 0.4, 0.15, 0.05]),
    "hardly any adolescents": np.array([0.49, 0.48, 0.025, 0.005]),
}


def rate_holds(mean: float, confidence: float, rng: np.random.Generator, trials: int) -> int:
    """The trials in which the limits of a Poisson count hold its mean."""
    limits = rate_with_limits(rng.poisson(mean, trials), 1.0, per=1, confidence=confidence)
    return int(((limits.lower <= mean) & (mean <= limits.upper)).sum())


def rate_of_repeats_holds(mean: float, rng: np.random.Generator, trials: int) -> int:
    """The same where children are recorded several times and each record is counted as if it were independent."""
    limits = rate_with_limits(_persons(rng, np.full((trials, 1), mean)) @ _EACH, 1.0, per=1)
    return int(((limits.lower <= mean) & (mean <= limits.upper)).sum())


def proportion_holds(total: int, share: float, rng: np.random.Generator, trials: int) -> int:
    """The trials in which the limits of a binomial proportion hold its probability."""
    limits = proportion_with_limits(rng.binomial(total, share, trials), np.full(trials, total))
    return int(((limits.lower <= share) & (share <= limits.upper)).sum())


def any_proportion_holds(total: int, rng: np.random.Generator, trials: int) -> int:
    """The same with a probability that is anywhere between 0 and 1 in each trial."""
    shares = rng.uniform(size=trials)
    limits = proportion_with_limits(rng.binomial(total, shares), np.full(trials, total))
    return int(((limits.lower <= shares) & (shares <= limits.upper)).sum())


def standardised_holds(mean: float, ages: np.ndarray, rng: np.random.Generator, trials: int) -> int:
    """The trials, of those with a rate, in which Dobson's limits hold the standardised rate of independent events."""
    means = mean * ages * RISK / (ages @ RISK)
    counts = _with_enough(lambda: rng.poisson(means, (trials, means.size)), trials)
    return _held(directly_standardised_rate(counts, ages, STANDARD, per=1), means / ages)


def standardised_repeats_hold(
    mean: float, ages: np.ndarray, independent: bool, rng: np.random.Generator, trials: int
) -> int:
    """The same where children are recorded several times, with the limits for repeats or for independent events."""
    means = mean * ages * RISK / (ages @ RISK)
    persons = _with_enough(lambda: _persons(rng, np.broadcast_to(means, (trials, means.size))), trials)
    if independent:
        return _held(directly_standardised_rate(persons @ _EACH, ages, STANDARD, per=1), means / ages)
    return _held(standardised_rate_of_repeats(persons, ages, STANDARD, per=1), means / ages)


def ratio_holds(mean: float, ratio: float, rng: np.random.Generator, trials: int) -> int:
    """The trials in which the limits of an indirectly standardised ratio hold the true one."""
    ages = AREAS["few adolescents"]
    expected = expected_count(mean * ages / (ages @ RISK), RISK * 1e6, np.full(RISK.size, 1e6))
    limits = indirectly_standardised_ratio(rng.poisson(ratio * mean, trials), np.full(trials, expected))
    return int(((limits.lower <= ratio) & (ratio <= limits.upper)).sum())


_EACH = np.arange(1, EVENTS_A_CHILD.size + 1)


def _persons(rng: np.random.Generator, events: np.ndarray) -> np.ndarray:
    """Poisson numbers of persons by events a person, along a new last axis, for mean numbers of events."""
    return rng.poisson(events[..., np.newaxis] * EVENTS_A_CHILD / (EVENTS_A_CHILD @ _EACH))


def _with_enough(draw: Callable[[], np.ndarray], trials: int) -> np.ndarray:
    """So many draws with enough events for a rate: the others are never shown."""
    kept: list[np.ndarray] = []
    while sum(map(len, kept)) < trials:
        drawn = draw()
        events = drawn.sum(axis=1) if drawn.ndim == 2 else (drawn @ _EACH).sum(axis=1)
        kept.append(drawn[events >= FEWEST_EVENTS])
    return np.concatenate(kept)[:trials]


def _held(rates: StandardisedRates, true_rates: np.ndarray) -> int:
    truth = true_rates @ STANDARD / STANDARD.sum()
    return int(((rates.lower <= truth) & (truth <= rates.upper)).sum())


def _limits_of(method: str, situation: str, hits: Callable[[np.random.Generator, int], int], level: float) -> Study:
    return Study(method, f"{100 * level:g}% limits hold the truth", situation, level, "at least", TRIALS, hits)


_RATE = "Rate with confidence limits"
_PROPORTION = "Proportion with confidence limits"
_DIRECT = "Directly standardised rate"
STUDIES: list[Study] = [
    *(
        _limits_of(_RATE, f"mean {mean:g}", partial(rate_holds, mean, level), level)
        for level, mean in product((0.95, 0.998), MEANS)
    ),
    *(
        _limits_of(_RATE, f"mean {mean:g}, 1.6 events a child", partial(rate_of_repeats_holds, mean), 0.95)
        for mean in (5, 20, 50)
    ),
    *(
        _limits_of(_PROPORTION, f"{share:.0%} of {total}", partial(proportion_holds, total, share), 0.95)
        for total, share in product((5, 10, 20, 50), (0.02, 0.1, 0.3, 0.5))
    ),
    *(
        _limits_of(_PROPORTION, f"any share of {total}", partial(any_proportion_holds, total), 0.95)
        for total in (5, 10, 20, 50)
    ),
    *(
        _limits_of(_DIRECT, f"mean {mean}, {name}", partial(standardised_holds, mean, ages), 0.95)
        for mean, (name, ages) in product((5, 10, 15, 20, 50), AREAS.items())
    ),
    *(
        _limits_of(
            f"{_DIRECT} {'as if independent' if independent else 'of repeats'}",
            f"mean {mean}, {name}, 1.6 events a child",
            partial(standardised_repeats_hold, mean, ages, independent),
            0.95,
        )
        for independent, mean, (name, ages) in product((False, True), (10, 20, 50), AREAS.items())
    ),
    *(
        _limits_of(
            "Indirectly standardised ratio",
            f"{mean:g} expected, true ratio {ratio:g}",
            partial(ratio_holds, mean, ratio),
            0.95,
        )
        for mean, ratio in product(MEANS, (0.5, 1, 2))
    ),
]
