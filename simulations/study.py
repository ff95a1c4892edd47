"""One question to a method: how often does what it claims come true?"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

STANDARD_ERRORS, HALF_A_POINT = 3, 0.005
"""A share is outside its claim where it is beyond it by more than both."""


class Study(NamedTuple):
    """A claim of a method in one situation, and how to try it.

    `hits` is given a generator of random numbers and a number of trials, and returns in how many of them the event
    happened that should happen with probability `nominal`: limits that hold the truth, or a false alarm.
    `bound` says what is claimed: "at least" (limits), "at most" (false alarms) or "about" (calibration).
    """

    method: str
    claim: str
    situation: str
    nominal: float
    bound: str
    trials: int
    hits: Callable[[np.random.Generator, int], int]

    @property
    def words(self) -> str:
        """What the study is known by: its method, claim and situation."""
        return f"{self.method}: {self.claim}: {self.situation}"


class Outcome(NamedTuple):
    """The share of trials in which the event of a study happened, and whether that is within what is claimed."""

    method: str
    claim: str
    situation: str
    nominal: float
    bound: str
    trials: int
    share: float
    standard_error: float
    within: bool


def outcome(study: Study, seed: int) -> Outcome:
    """The outcome of one study, from random numbers of its own.

    They are picked by the seed and by the study's words, so that adding a study changes no other's outcome.

    Raises ValueError for a bound that is none of the three and for hits that no number of trials could give.
    """
    hits = study.hits(np.random.default_rng([seed, zlib.crc32(study.words.encode())]), study.trials)
    if not 0 <= hits <= study.trials:
        raise ValueError(f"hits must be between 0 and the trials: {study.words}")
    share = hits / study.trials
    error = math.sqrt(share * (1 - share) / study.trials)
    return Outcome(*study[:6], share, error, is_within(share, error, study))


def is_within(share: float, standard_error: float, study: Study) -> bool:
    """Whether a share is within the claim of its study, give or take three standard errors or half a point.

    Raises ValueError for a bound that is none of the three.
    """
    beyond = {
        "at least": study.nominal - share,
        "at most": share - study.nominal,
        "about": abs(share - study.nominal),
    }
    if study.bound not in beyond:
        raise ValueError(f"bound must be one of {', '.join(beyond)}: {study.words}")
    return beyond[study.bound] <= max(STANDARD_ERRORS * standard_error, HALF_A_POINT)
