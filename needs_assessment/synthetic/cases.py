"""Made-up cases: a child is referred, accepted or not, reviewed now and then, and leaves."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

import numpy as np

from needs_assessment.evidence.contracts import OUTSIDE
from needs_assessment.synthetic import assumptions
from needs_assessment.synthetic.targets import Target, draw

DAYS_PER_YEAR = 365.25


@dataclass(frozen=True)
class Child:
    """A made-up child. `age` is in years, with its fraction, on the day of the first referral."""

    number: int
    home_area_code: str
    sex: str
    age: float
    first_referred_on: date

    def age_on(self, day: date) -> int:
        """Age in completed years."""
        return int(self.age + (day - self.first_referred_on).days / DAYS_PER_YEAR)


@dataclass(frozen=True)
class Case:
    """One referral and what came of it: whether the service took the child on, and how the case went on.

    `reviews` are pairs of date and risk level, all before `closed_on`; a few children leave before the first.
    """

    number: int
    child: Child
    referred_on: date
    referrer: str
    accepted: bool
    closed_on: date
    reviews: tuple[tuple[date, str], ...] = ()


def simulate_cases(target: Target, quarters: list[date], random: np.random.Generator) -> list[Case]:
    """The cases in order of referral. `quarters` are first days of quarters; the last one only ends the one before."""
    # Delays have a stream of their own, so that referrals are the same whatever the delays are.
    delays = random.spawn(1)[0]
    latest: dict[int, Case] = {}
    cases = []
    for number, referred_on in enumerate(_referral_days(target, quarters, random), start=1):
        returning = _may_return(latest, referred_on) if random.random() < assumptions.REPEAT_SHARE else []
        if returning:
            child = returning[random.integers(len(returning))]
        else:
            child = _new_child(target, len(latest) + 1, referred_on, random)
        latest[child.number] = _case(number, child, referred_on, random, delays)
        cases.append(latest[child.number])
    return cases


def _referral_days(target: Target, quarters: list[date], random: np.random.Generator) -> Iterator[date]:
    mean_quarter = target.episodes_per_year * assumptions.REFERRALS_PER_EPISODE / 4
    for first_day, next_quarter in pairwise(quarters):
        arrivals = random.poisson(mean_quarter * assumptions.QUARTER_WEIGHTS[first_day.month])
        for day in sorted(random.integers((next_quarter - first_day).days, size=arrivals)):
            yield first_day + timedelta(days=int(day))


def _may_return(latest: dict[int, Case], day: date) -> list[Child]:
    """Children whose last case has closed and who are still of an age that is referred."""
    oldest = max(max(ages) for ages in assumptions.AGE_WEIGHTS.values())
    return [case.child for case in latest.values() if case.closed_on < day and case.child.age_on(day) <= oldest]


def _new_child(target: Target, number: int, referred_on: date, random: np.random.Generator) -> Child:
    age = draw(assumptions.AGE_WEIGHTS[target.exploitation_type], random) + random.random()
    sex = draw(assumptions.SEX_WEIGHTS[target.exploitation_type], random)
    return Child(number, _home_area_code(target, random), sex, age, referred_on)


def _home_area_code(target: Target, random: np.random.Generator) -> str:
    # One number decides, so that naming other neighbours changes homes and nothing else.
    resident, neighbour = assumptions.RESIDENT_SHARE, assumptions.NEIGHBOUR_SHARE
    number = random.random()
    elsewhere = (number - resident) / (1 - resident)
    if elsewhere < 0:
        return target.area_code
    if target.neighbours and elsewhere < neighbour:
        return target.neighbours[int(elsewhere / neighbour * len(target.neighbours))]
    return OUTSIDE


def _case(
    number: int, child: Child, referred_on: date, random: np.random.Generator, delays: np.random.Generator
) -> Case:
    referrer = draw(assumptions.REFERRER_WEIGHTS, random)
    if random.random() >= assumptions.ACCEPTED_SHARE:
        return Case(number, child, referred_on, referrer, accepted=False, closed_on=referred_on)
    days, levels = _journey(random)
    closed_after = int(days[-1]) + 1
    delay = int(delays.lognormal(math.log(assumptions.FIRST_REVIEW_DAYS), assumptions.FIRST_REVIEW_SPREAD))
    seen_on = [day + delay for day in _review_days(closed_after, random) if day + delay < closed_after]
    reviews = ((referred_on + timedelta(days=day), levels[bisect_right(days[:-1], day) - 1]) for day in seen_on)
    closed_on = referred_on + timedelta(days=closed_after)
    return Case(number, child, referred_on, referrer, accepted=True, closed_on=closed_on, reviews=tuple(reviews))


def _journey(random: np.random.Generator) -> tuple[list[float], list[str]]:
    """The days on which a child enters each level, and the levels; the last is leaving."""
    days, levels = [0.0], [draw(assumptions.LEVEL_WEIGHTS, random)]
    while levels[-1] != assumptions.LEFT:
        rates = assumptions.TRANSITIONS_PER_YEAR[levels[-1]]
        days.append(days[-1] + random.exponential(DAYS_PER_YEAR / sum(rates.values())))
        levels.append(draw(rates, random))
    return days, levels


def _review_days(closed_after: int, random: np.random.Generator) -> Iterator[int]:
    """Days since the first review, as far as the case may last."""
    shape = assumptions.REVIEW_INTERVAL_SHAPE
    day = 0
    while day < closed_after:
        yield day
        day += max(1, round(random.gamma(shape, assumptions.REVIEW_INTERVAL_DAYS / shape)))
