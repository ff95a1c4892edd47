"""Do the limits of Little's law hold the time in service, and do capacities keep the waits that they are made for?"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

import numpy as np

from needs_assessment.methods.capacity import erlang_c, reconcile_caseload, relief_capacity, target_capacity
from needs_assessment.methods.change import count_change
from simulations.study import Study

YEARS = 1.0
"""The mean time in service of the studies of Little's law."""

LITTLE_TRIALS, QUEUE_TRIALS, PLACES_TRIALS = 4_000, 4_000, 1_000
WARM_UP = 3_000
"""Arrivals before the one whose wait counts: the queues have long settled by then."""

Counts = tuple[np.ndarray, np.ndarray]
Generator = np.random.Generator


class Open(NamedTuple):
    """A service that takes everybody at once, whose stays are exponential: arrivals a year, and years observed.

    `age` is how long it has been open, `growth` by what part its arrivals grow a year, `usual` what part of the usual
    arrivals come in the period observed.
    """

    arrivals: float
    observed: float
    age: float = math.inf
    growth: float = 0.0
    usual: float = 1.0

    def counts(self, generator: Generator, trials: int) -> Counts:
        """Caseloads at the end of the period and arrivals within it."""
        lately = self.arrivals * self.usual
        stayed = generator.poisson(lately * self._present(0, self.observed), trials)
        left = generator.poisson(lately * (self._came(self.observed) - self._present(0, self.observed)), trials)
        before = generator.poisson(self.arrivals * self._present(self.observed, self.age), trials)
        return stayed + before, stayed + left

    def _present(self, first: float, last: float) -> float:
        """Years of arrivals between so long ago that are still there: the integral of growth and stay together."""
        rate = 1 / YEARS + math.log1p(self.growth)
        return (math.exp(-rate * first) - math.exp(-rate * last)) / rate

    def _came(self, years: float) -> float:
        rate = math.log1p(self.growth)
        return -math.expm1(-rate * years) / rate if rate else years


class Full(NamedTuple):
    """A service whose every place is taken again as soon as a child leaves; stays are exponential."""

    places: int
    observed: float

    def counts(self, generator: Generator, trials: int) -> Counts:
        """Caseloads, all alike, and arrivals in the period."""
        return np.full(trials, self.places), generator.poisson(self.places / YEARS * self.observed, trials)


def _reconciled(service: Open | Full, generator: Generator, trials: int) -> int:
    """Trials in which the stated time, which is the true one, agrees with the caseload and the arrivals."""
    return _over_pairs(service, generator, trials, _agrees)


def _both_vary(service: Open | Full, generator: Generator, trials: int) -> int:
    """The same for limits of the ratio of two Poisson counts, which carry the variation of the caseload too."""
    return _over_pairs(service, generator, trials, _within_ratio)


def _over_pairs(
    service: Open | Full, generator: Generator, trials: int, holds: Callable[[int, int, float], bool]
) -> int:
    caseloads, arrivals = service.counts(generator, trials)
    pairs = Counter(zip(caseloads.tolist(), arrivals.tolist(), strict=True))
    return sum(times for (caseload, came), times in pairs.items() if holds(caseload, came, service.observed))


def _agrees(caseload: int, arrivals: int, observed: float) -> bool:
    # Nobody came: any time is possible, and the method refuses to imply one.
    return (
        not arrivals
        or reconcile_caseload(caseload, arrivals, years_observed=observed, years_in_service_stated=YEARS).agrees
    )


def _within_ratio(caseload: int, arrivals: int, observed: float) -> bool:
    ratio = count_change(arrivals, caseload, exposure_before=observed)
    return bool(ratio.lower <= YEARS <= ratio.upper)


class Queue(NamedTuple):
    """First come, first served, by one stream of completions: demand a year, target wait in years, and the factor.

    Times between arrivals and completions are gamma with these coefficients of variation. `more` is by what part demand
    is above what was stated, `group` how many come at once.
    """

    demand: float
    target: float
    factor: float
    cv_demand: float = 1.0
    cv_capacity: float = 1.0
    more: float = 0.0
    group: int = 1

    @property
    def capacity(self) -> float:
        """Completions a year that the method asks for, from the stated demand."""
        return float(target_capacity(self.demand, self.target, self.factor, self.cv_demand, self.cv_capacity))

    def waits(self, generator: Generator, trials: int) -> np.ndarray:
        """The wait of one child a trial, in years, after many others."""
        wait = np.zeros(trials)
        between = self.group / (self.demand * (1 + self.more))
        for step in range(WARM_UP + int(generator.integers(self.group))):
            served = _gamma(generator, 1 / self.capacity, self.cv_capacity, trials)
            apart = _gamma(generator, between, self.cv_demand, trials) if step % self.group == 0 else 0.0
            wait = np.maximum(wait + served - apart, 0)
        return wait


def _gamma(generator: Generator, mean: float, variation: float, trials: int) -> np.ndarray:
    return generator.gamma(variation**-2, mean * variation**2, trials)


def _within_target(queue: Queue, generator: Generator, trials: int) -> int:
    return int((queue.waits(generator, trials) <= queue.target).sum())


class Places(NamedTuple):
    """A service of places, taken in order of arrival: demand a year, mean years in service and their variation."""

    demand: float
    years: float
    variation: float
    places: int

    def waits(self, generator: Generator, trials: int) -> np.ndarray:
        """The wait of one child a trial, in years, after many others: Kiefer and Wolfowitz' recursion."""
        work = np.zeros((trials, self.places))
        steps = max(600, int(10 * self.demand * self.years))
        for _ in range(steps):
            work[:, 0] += _gamma(generator, self.years, self.variation, trials)
            work -= generator.exponential(1 / self.demand, (trials, 1))
            np.maximum(work, 0, out=work)
            work.sort(axis=1)
        return work[:, 0]


def _waits_at_all(service: Places, generator: Generator, trials: int) -> int:
    return int((service.waits(generator, trials) > 0).sum())


def _taken_in_time(service: Places, target: float, generator: Generator, trials: int) -> int:
    return int((service.waits(generator, trials) <= target).sum())


class Relief(NamedTuple):
    """A waiting list with its demand a unit of time, its target and the time in which it should come down."""

    demand: float
    queue: float
    target: float
    time: float

    def lengths(self, generator: Generator, trials: int, steps: int = 200) -> np.ndarray:
        """The lengths of the list at the end of the time; arrivals and completions come at random."""
        capacity = float(relief_capacity(self.demand, self.queue, self.target, self.time))
        length, part = np.full(trials, self.queue), self.time / steps
        for _ in range(steps):
            came, served = generator.poisson(self.demand * part, trials), generator.poisson(capacity * part, trials)
            length = np.maximum(length + came - served, 0)
        return length


def _relieved(relief: Relief, generator: Generator, trials: int) -> int:
    return int((relief.lengths(generator, trials) <= relief.target).sum())


def _studies() -> Iterator[Study]:
    yield from _of_littles_law()
    yield from _of_target_capacity()
    yield from _of_places()
    reliefs = {
        "ENT example of Fong and others: 30 a week, from 1,200 to 390 in 26 weeks": Relief(30, 1200, 390, 26),
        "112 a year, from 56 to 28 in a year": Relief(112, 56, 28, 1),
        "112 a year, from 56 to 6 in a year": Relief(112, 56, 6, 1),
    }
    for words, relief in reliefs.items():
        claim = "relief capacity: the list is at or below its target when the time is over"
        yield Study("capacity", claim, words, 0.5, "about", QUEUE_TRIALS, partial(_relieved, relief))


def _of_littles_law() -> Iterator[Study]:
    limits = "Little's law: 95% limits hold the mean time in service"
    for places in (20, 112):
        for words, observed in (("a quarter", 0.25), ("a year", 1.0)):
            seen = f"{places} children, {words} of arrivals"
            states: dict[str, Open | Full] = {"full": Full(places, observed), "all taken": Open(places, observed)}
            for state, service in states.items():
                hits = partial(_reconciled, service)
                yield Study("capacity", limits, f"{seen}, {state}", 0.95, "at least", LITTLE_TRIALS, hits)
    both = "for comparison: limits of the ratio of two Poisson counts"
    taken = Open(112, 0.25)
    words = "112 children, a quarter of arrivals, all taken"
    yield Study("capacity", both, words, 0.95, "at least", LITTLE_TRIALS, partial(_both_vary, taken))
    unsteady = {
        "opened a year ago": Open(112, 0.25, age=1),
        "opened three years ago": Open(112, 0.25, age=3),
        "arrivals grow by 30% a year": Open(112, 0.25, growth=0.3),
        "a quarter with 75% of the usual arrivals": Open(112, 0.25, usual=0.75),
    }
    for words, unsettled in unsteady.items():
        claim = f"for comparison: not in a steady state: {limits.partition(': ')[2]}"
        yield Study("capacity", claim, words, 0.95, "at least", LITTLE_TRIALS, partial(_reconciled, unsettled))


def _of_target_capacity() -> Iterator[Study]:
    for factor in (2, 4, 6):
        queue = Queue(112, 12 / 52, factor)
        yield _promised(queue, f"factor {factor}, arrivals and completions at random")
    for cv_demand, cv_capacity in ((1, 0.5), (1, 1.5), (1.5, 1.5), (0.5, 0.5)):
        queue = Queue(112, 12 / 52, 4, cv_demand, cv_capacity)
        yield _promised(queue, f"factor 4, variation of arrivals {cv_demand} and of completions {cv_capacity}")
    yield _promised(Queue(20, 12 / 52, 4), "factor 4, 20 a year")
    for words, queue in {
        "demand 10% above what was stated": Queue(112, 12 / 52, 4, more=0.1),
        "three come at once, taken for single ones": Queue(112, 12 / 52, 4, group=3),
    }.items():
        yield _promised(queue, f"factor 4, {words}", "for comparison: ")


def _promised(queue: Queue, words: str, before: str = "") -> Study:
    claim = f"{before}target capacity: waits within the target, 1 − exp(−factor)"
    return Study(
        "capacity",
        claim,
        words,
        -math.expm1(-queue.factor),
        "at least",
        QUEUE_TRIALS,
        partial(_within_target, queue),
    )


def _of_places() -> Iterator[Study]:
    demand, years, target = 40.0, 0.5, 12 / 52
    asked = math.ceil(float(target_capacity(demand, target, 4, 1, 1)) * years)
    for variation in (0.5, 1.0, 1.5):
        service = Places(demand, years, variation, asked)
        words = f"factor 4, {asked} places for 40 a year who stay half a year, variation of stays {variation}"
        claim = "target capacity: waits within the target, 1 − exp(−factor)"
        hits = partial(_taken_in_time, service, target)
        yield Study("capacity", claim, words, -math.expm1(-4), "at least", PLACES_TRIALS, hits)
    for variation in (0.5, 1.0, 1.5):
        service = Places(demand, years, variation, 24)
        claim, before = "Erlang C: who has to wait at all", "" if variation == 1 else "for comparison: "
        words = f"24 places for 40 a year who stay half a year, variation of stays {variation}"
        nominal = float(erlang_c(24, demand * years))
        hits = partial(_waits_at_all, service)
        yield Study("capacity", before + claim, words, nominal, "about", PLACES_TRIALS, hits)


STUDIES: list[Study] = list(_studies())
