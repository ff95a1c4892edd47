"""How often are seasons seen where there are none, and do the limits of a season's ratio hold it?"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from needs_assessment.methods.season import Seasonality, seasonal_ratios
from simulations.study import Study

MEANS = (2, 5, 25, 100)
TRIALS = 250
SEASONS: NDArray[np.float64] = np.array([1.1, 0.7, 1.05, 1.15])
DIP = 1


class Quarters(NamedTuple):
    """Counts of quarters: their mean and number, whether the second dips, and what is added to chance.

    `scatter` is the coefficient of variation of a quarter about its level, `wander` the standard deviation of the
    yearly change of a level that walks at random.
    """

    mean: float
    number: int
    dips: bool = False
    scatter: float = 0.0
    wander: float = 0.0

    def counts(self, generator: np.random.Generator) -> NDArray[np.int64]:
        """The counts of one series."""
        levels = self.mean * np.exp(generator.normal(0, 1, self.number).cumsum() * self.wander / 2)
        levels = levels * np.tile(SEASONS if self.dips else np.ones(4), self.number // 4)
        if self.scatter:
            levels = levels * generator.gamma(self.scatter**-2, self.scatter**2, self.number)
        return generator.poisson(levels)

    def fitted(self, generator: np.random.Generator) -> Seasonality:
        """The seasons found in one series."""
        quarters = np.arange(self.number)
        return seasonal_ratios(self.counts(generator), 1.0, quarters % 4, quarters / 4)

    def __str__(self) -> str:
        kinds = {"scatter": f"CV {self.scatter} between quarters", "wander": f"level walks, sd {self.wander} a year"}
        more = ", ".join(words for name, words in kinds.items() if getattr(self, name)) or "chance alone"
        return f"mean {self.mean}, {self.number} quarters, {more}"


def _called(quarters: Quarters, generator: np.random.Generator, trials: int) -> int:
    """Trials in which seasons are found at 5%."""
    return sum(quarters.fitted(generator).p_value < 0.05 for _ in range(trials))


def _held(quarters: Quarters, generator: np.random.Generator, trials: int) -> int:
    """Trials whose limits hold the ratio of the quarter that dips; one without a result makes no claim and holds it."""
    found = [quarters.fitted(generator) for _ in range(trials)]
    return trials - sum(bool(one.lower[DIP] > SEASONS[DIP] or one.upper[DIP] < SEASONS[DIP]) for one in found)


def _studies() -> Iterator[Study]:
    for mean in MEANS:
        for number in (8, 12):
            for scatter, wander in ((0.0, 0.0), (0.2, 0.0), (0.0, 0.3)):
                plain, dipping = (
                    Quarters(mean, number, dips=dips, scatter=scatter, wander=wander) for dips in (False, True)
                )
                claim = "seasons at 5% where there are none"
                yield Study("season", claim, str(plain), 0.05, "at most", TRIALS, partial(_called, plain))
                claim = "95% limits hold the ratio of a quarter at 0.7"
                yield Study("season", claim, str(dipping), 0.95, "at least", TRIALS, partial(_held, dipping))


STUDIES: list[Study] = list(_studies())
