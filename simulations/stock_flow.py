"""Do forecasts of a caseload by level hold as many of the caseloads to come as they say?"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

import numpy as np
from scipy.stats import norm

from needs_assessment.methods.stock_flow import Entrants, caseload_moments, entrants_from_stocks, forecast_caseload
from simulations.study import Study

CASELOAD = np.array([40.0, 10.0, 3.0])
"""Children at the lowest, the middle and the highest level, on average."""

MOVES = np.array([[0.70, 0.06, 0.01], [0.15, 0.55, 0.06], [0.05, 0.20, 0.50]])
"""Of those at each level, the shares at each level a quarter later; the rest have left."""

ENTRANTS = CASELOAD - CASELOAD @ MOVES
LEVELS = {"40 children": 0, "10 children": 1, "3 children": 2, "all 53 children": 3}
BEFORE, AHEAD, DRAWS, TRIALS = 12, 4, 100, 500
MOMENTS_OF = np.array([12.0, 5.0, 2.0])


class World(NamedTuple):
    """How a caseload comes about and what is known of it: quarter ends, and whether the moves must be estimated."""

    known: int
    estimated: bool
    overdispersed: bool

    def __str__(self) -> str:
        moves = "moves estimated" if self.estimated else "moves known"
        entrants = "entrants of twice the variance" if self.overdispersed else "Poisson entrants"
        return f"{self.known} quarter ends known, {moves}, {entrants}"

    def past(self, generator: np.random.Generator, trials: int) -> tuple[np.ndarray, np.ndarray]:
        """Caseloads (quarters, trials, level), known ones first, and the moves (quarters, trials, from, to or left)."""
        stock = generator.poisson(CASELOAD, (trials, 3))
        stocks, moves = [stock], []
        for _ in range(BEFORE + self.known + AHEAD - 1):
            moves.append(moved(generator, stock))
            stock = moves[-1][..., :3].sum(axis=1) + self._entering(generator, trials)
            stocks.append(stock)
        return np.array(stocks[BEFORE:]), np.array(moves[BEFORE:])

    def _entering(self, generator: np.random.Generator, trials: int) -> np.ndarray:
        shape = (trials, 3)
        return (
            generator.negative_binomial(ENTRANTS, 0.5, shape)
            if self.overdispersed
            else generator.poisson(ENTRANTS, shape)
        )


def moved(generator: np.random.Generator, stock: np.ndarray) -> np.ndarray:
    """Where the children at each level (trials, from) stand a quarter later (trials, from, to or left)."""
    return generator.multinomial(stock, np.column_stack([MOVES, 1 - MOVES.sum(axis=1)]))


def _hits(world: World, column: int, ahead: int, generator: np.random.Generator, trials: int) -> int:
    """Trials whose caseload so many quarters ahead lies within the limits."""
    stocks, moves = world.past(generator, trials)
    return sum(_inside(world, (column, ahead), stocks[:, one], moves[:, one], generator) for one in range(trials))


def _inside(
    world: World, place: tuple[int, int], stocks: np.ndarray, moves: np.ndarray, generator: np.random.Generator
) -> bool:
    draws = _draws(moves[: world.known - 1].sum(axis=0), generator) if world.estimated else MOVES
    known = stocks[: world.known]
    made = forecast_caseload(known[-1], draws, entrants_from_stocks(known, draws), steps=place[1])
    return _holds((made.lower, made.upper), stocks[world.known :], place)


def _draws(moves: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Draws of the shares that moved, given how many did, with half a child more in each cell."""
    return np.stack([generator.dirichlet(row + 0.5, DRAWS)[:, :3] for row in moves], axis=1)


def _holds(limits: tuple[np.ndarray, np.ndarray], later: np.ndarray, place: tuple[int, int]) -> bool:
    column, ahead = place
    came = np.append(later[ahead - 1], later[ahead - 1].sum())[column]
    return bool(limits[0][ahead - 1, column] <= came <= limits[1][ahead - 1, column])


def _without_doubt(world: World, column: int, ahead: int, generator: np.random.Generator, trials: int) -> int:
    """The same for limits that take what was estimated for known, and entrants for Poisson."""
    stocks, moves = world.past(generator, trials)
    hits = 0
    for one in range(trials):
        counted, known = moves[: world.known - 1, one].sum(axis=0) + 0.5, stocks[: world.known, one]
        shares = (counted / counted.sum(axis=1, keepdims=True))[:, :3]
        entrants = entrants_from_stocks(known, shares)
        certain = Entrants(entrants.mean, np.zeros((3, 3)), np.array(1.0), entrants.residuals)
        made = forecast_caseload(known[-1], shares, certain, steps=ahead)
        hits += _holds((made.lower, made.upper), stocks[world.known :, one], (column, ahead))
    return hits


def _field(column: int, ahead: int, generator: np.random.Generator, trials: int) -> int:
    """The same for normal limits whose variance is that of each step added up, all of it known."""
    stocks, _ = World(4, False, False).past(generator, trials)
    hits = 0
    for one in stocks.swapaxes(0, 1):
        mean, added = caseload_moments(one[3], MOVES, ENTRANTS, ahead)[0], np.zeros((3, 3))
        for before in [one[3], *mean[:-1]]:
            added = added + caseload_moments(before, MOVES, ENTRANTS, 1).covariance[0]
        reach = norm.ppf(0.975) * np.sqrt(np.append(np.diag(added), added.sum()))
        middle = np.append(mean[-1], mean[-1].sum())
        came = np.append(one[3 + ahead], one[3 + ahead].sum())
        hits += int(abs(came - middle)[column] <= reach[column])
    return hits


def _about_mean(column: int, generator: np.random.Generator, trials: int) -> int:
    """Trials within one exact standard deviation of the exact mean, of normal sums of many caseloads."""
    exact, many = caseload_moments(MOMENTS_OF, MOVES, ENTRANTS, AHEAD), 400
    stock = np.broadcast_to(MOMENTS_OF.astype(int), (trials * many, 3))
    for _ in range(AHEAD):
        stock = moved(generator, stock)[..., :3].sum(axis=1) + generator.poisson(ENTRANTS, (trials * many, 3))
    deviations = (stock - exact.mean[-1]).reshape(trials, many, 3)
    together = np.concatenate([deviations, deviations.sum(axis=2, keepdims=True)], axis=2)[..., column]
    variance = np.append(np.diag(exact.covariance[-1]), exact.covariance[-1].sum())[column]
    return int((abs(together.mean(axis=1)) <= norm.ppf(0.975) * np.sqrt(variance / many)).sum())


def _studies() -> Iterator[Study]:
    for words, column in LEVELS.items():
        claim = "means of 400 caseloads, 4 quarters ahead, within exact mean ± 1.96 exact standard errors"
        yield Study("stock_flow", claim, words, 0.95, "about", 1_000, partial(_about_mean, column))
        for ahead in (1, AHEAD):
            yield from _of_limits(words, column, ahead)
        yield from _for_comparison(words, column)


def _of_limits(words: str, column: int, ahead: int) -> Iterator[Study]:
    claim = f"95% limits, {ahead} quarter{'s' if ahead > 1 else ''} ahead"
    for world in _worlds():
        trial = partial(_hits, world, column, ahead)
        yield Study("stock_flow", claim, f"{words}, {world}", 0.95, "at least", TRIALS, trial)


def _for_comparison(words: str, column: int) -> Iterator[Study]:
    """What limits a year ahead hold that leave out what is not known, or whose variance is not carried on."""
    ahead = f"95% limits, {AHEAD} quarters ahead"
    for known in (4, 12):
        world = World(known, True, False)
        claim, trial = (
            f"for comparison: {ahead}, estimates taken for known",
            partial(_without_doubt, world, column, AHEAD),
        )
        yield Study("stock_flow", claim, f"{words}, {world}", 0.95, "about", TRIALS, trial)
    claim, trial = f"for comparison: {ahead}, variances of the steps added up", partial(_field, column, AHEAD)
    yield Study("stock_flow", claim, f"{words}, moves and entrants known", 0.95, "about", TRIALS, trial)


def _worlds() -> Iterator[World]:
    yield World(6, False, False)
    for known in (4, 6, 12):
        yield World(known, True, False)
        yield World(known, True, True)


STUDIES: list[Study] = list(_studies())
