"""How often do the tests of a table of moves raise an alarm when as many are raised as lowered?"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

import numpy as np

from needs_assessment.methods.homogeneity import FEWEST_MOVED, marginal_homogeneity
from simulations.study import Study

TOTALS, MOVED = (20, 50, 100, 200), (10, 20, 30)
TRIALS = 1_000
SHARE_MOVED = 0.4
TESTS = {"Bowker": "bowker_p", "Stuart-Maxwell": "stuart_maxwell_p", "sign": "sign_p"}


class Moves(NamedTuple):
    """How those who move spread over the levels: the share of each cell of a table without change as a whole."""

    words: str
    shares: np.ndarray

    def table(self, generator: np.random.Generator, moved: int, stayed: int) -> np.ndarray:
        """A table with so many who moved; those who stayed, who count in no test, at the lowest level."""
        table = generator.multinomial(moved, self.shares.ravel()).reshape(self.shares.shape)
        table[0, 0] = stayed
        return table


def _symmetric(words: str, above: list[float], levels: int) -> Moves:
    shares = np.zeros((levels, levels))
    shares[np.triu_indices(levels, 1)] = above
    return Moves(words, (shares + shares.T) / (2 * sum(above)))


THREE = _symmetric("3 levels", [0.48, 0.10, 0.42], 3)
UNEVEN = _symmetric("3 levels, few at the highest", [0.75, 0.05, 0.20], 3)
FOUR = _symmetric("4 levels, few at the highest", [0.60, 0.05, 0.01, 0.25, 0.03, 0.06], 4)
# Each level gives as many as it takes, though more go from the lowest straight to the highest and come down in turn.
ROUND = Moves("3 levels, up at once and down in turn", np.array([[0, 0.2, 0.2], [0.3, 0, 0.05], [0.1, 0.15, 0]]))


def _in_total(moves: Moves, test: str, total: int, generator: np.random.Generator, trials: int) -> int:
    """Trials with p at most 0.05 among so many children, of whom 40% moved on average."""
    alarms = 0
    for moved in generator.binomial(total, SHARE_MOVED, trials):
        alarms += getattr(marginal_homogeneity(moves.table(generator, moved, total - moved)), test) <= 0.05
    return int(alarms)


def _of_moved(moves: Moves, test: str, moved: int, generator: np.random.Generator, trials: int) -> int:
    """Trials with p at most 0.05 when exactly so many moved, without a rule of how many are enough."""
    tables = (moves.table(generator, moved, 0) for _ in range(trials))
    return int(sum(getattr(marginal_homogeneity(table, fewest_moved=1), test) <= 0.05 for table in tables))


def _studies() -> Iterator[Study]:
    for words, test in TESTS.items():
        claim = f"{words} test, p at most 0.05 without a change"
        for moves in (THREE, FOUR):
            for total in TOTALS:
                situation = f"{moves.words}, {total} children of whom 40% moved"
                yield Study(
                    "homogeneity", claim, situation, 0.05, "at most", TRIALS, partial(_in_total, moves, test, total)
                )
    for moves, tests in ((UNEVEN, ("Bowker", "Stuart-Maxwell")), (ROUND, ("Stuart-Maxwell",))):
        for words in tests:
            for moved in MOVED:
                claim = f"{words} test, p at most 0.05 without a change" + (
                    "" if moved >= FEWEST_MOVED else ", if it were given"
                )
                trial = partial(_of_moved, moves, TESTS[words], moved)
                yield Study("homogeneity", claim, f"{moves.words}, {moved} moved", 0.05, "at most", TRIALS, trial)


STUDIES: list[Study] = list(_studies())
