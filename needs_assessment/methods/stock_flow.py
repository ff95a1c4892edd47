"""Caseload by level as a stock with flows: its exact mean and variance, entrants, forecasts and their back-test."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betainc, gammaincc

from needs_assessment.methods.rates import FloatArray, refuse, tail_probability

MINIMUM_STEPS = 3
"""Fewer known steps, such as quarters, do not show how many enter: there is no forecast."""

_EXPECTED = 4
"""So many degrees of freedom without more variation than chance are put beside those known."""

_JEFFREYS = 0.5
_ROUNDING = 1e-9
_NEARLY_POISSON = 1e-6


class Moments(NamedTuple):
    """Children expected at each level at the end of each step, and their covariances: (steps, k) and (steps, k, k)."""

    mean: FloatArray
    covariance: FloatArray


class Entrants(NamedTuple):
    """Children who enter in one step and stand at each level at its end.

    `mean` (k,) is how many to expect, `covariance` (k, k) how uncertain that mean is, `dispersion`, 1 or more, how many
    times the steps vary as much as chance alone would have them, `residuals` (T-1, k) how far each step was from what
    was to be expected of it. From draws of probabilities, each has their number in front. Missing where fewer than
    `MINIMUM_STEPS` steps are known.
    """

    mean: FloatArray
    covariance: FloatArray
    dispersion: FloatArray
    residuals: FloatArray


class Forecast(NamedTuple):
    """Children expected at the end of each step, and limits in whole children: (steps, k+1).

    The columns are the levels from the lowest, and last all of them together.
    """

    expected: FloatArray
    lower: FloatArray
    upper: FloatArray


class Backtest(NamedTuple):
    """How many past counts were forecast, and how many of them lay within the limits: (steps, k+1) as `Forecast`."""

    inside: NDArray[np.int64]
    tested: NDArray[np.int64]


def caseload_moments(now: ArrayLike, probabilities: ArrayLike, entrants: ArrayLike, steps: int) -> Moments:
    """The exact means and covariances of the caseload by level at the end of each of so many steps.

    `now` (k,) are the children at each level, `probabilities` (k, k) those of standing at each level one step later,
    by the level before; what a row lacks of 1 is the probability of having left. `entrants` (k,) are those who come in
    a step and stand at each level at its end, on average. Children move independently and entrants are Poisson:

        n' = P^T n + entrants
        V' = P^T V P + sum_i n_i (diag p_i - p_i p_i^T) + diag(entrants)

    Missing where any of it is missing. `probabilities` and `entrants` may have draws in front; so have the results.

    Raises ValueError, with the positions at fault, for counts and entrants below 0, probabilities that do not lie
    between 0 and 1 or sum to more than 1 in a row, tables of other shapes, and for fewer steps than 1.

    Source: the multinomial stock model of Bartholomew, Forbes and McClean (1991), Statistical Techniques for Manpower
    Planning, 2nd edition; the variances of Pollard (1966), Biometrika 53, 397-415.
    """
    stock, moves, coming = np.asarray(now, float), _probabilities(probabilities), np.asarray(entrants, float)
    refuse(
        ("now must have a number for each level", stock.shape != moves.shape[-1:]),
        ("entrants must have a number for each level", coming.shape[-1:] != moves.shape[-1:]),
        ("now must be 0 or more", (stock < 0).any()),
        ("entrants must be 0 or more", (coming < 0).any()),
        ("steps must be 1 or more", steps < 1),
    )
    onward = moves.swapaxes(-1, -2)
    spread: FloatArray = np.zeros_like(moves)
    means, covariances = [], []
    for _ in range(steps):
        # The variance so far is carried on: a caseload that is too high today also loses more tomorrow.
        spread = onward @ spread @ moves + _chance_of_moves(stock, moves) + _diagonal(coming)
        stock = _moved(stock, moves) + coming
        means.append(stock)
        covariances.append(spread)
    return Moments(np.stack(means, axis=-2), np.stack(covariances, axis=-3))


def entrants_from_stocks(stocks: ArrayLike, probabilities: ArrayLike) -> Entrants:
    """The entrants of a step as caseloads at successive ends of steps show them: those who are not explained by moves.

    `stocks` (T, k) are the children at each level at each end; a step with a missing count at either end is left out.
    `probabilities` (k, k) are as in `caseload_moments`; from draws of them (d, k, k) come as many draws of entrants,
    and a forecast from both knows that where more leave more must have come. The mean is that of n(t+1) - P^T n(t), at
    least half a child in all the steps together, since nobody seen is not nobody to come.

    The dispersion is the sum of squared residuals over the sum of their variances by chance, with Satterthwaite's
    degrees of freedom; four more, as chance would have them, are put beside them, and it is the mean of what is then
    believed of it. So few steps show neither that there is none nor much of it. It is never below 1.

    Raises ValueError, with the positions at fault, for counts below 0 and as `caseload_moments`.
    """
    counts, moves = np.atleast_2d(np.asarray(stocks, dtype=float)), _probabilities(probabilities)
    refuse(
        ("stocks must have a column for each level", counts.shape[1] != moves.shape[-1]),
        ("stocks must be 0 or more", (counts < 0).any(axis=1)),
    )
    before, after = counts[:-1], counts[1:]
    return _entrants(after - before @ moves, _chance_of_moves(before, moves[..., None, :, :]))


def entrants_observed(entrants: ArrayLike) -> Entrants:
    """The entrants of a step from those counted (T, k) in each of T steps, by the level at its end.

    A step with a missing count is left out. Dispersion as in `entrants_from_stocks`; the moves, whose own variation is
    not seen here, are taken to vary by as much more than chance.

    Raises ValueError, with the positions at fault, for counts below 0.
    """
    counts = np.atleast_2d(np.asarray(entrants, dtype=float))
    refuse(("entrants must be 0 or more", (counts < 0).any(axis=1)))
    return _entrants(counts, np.zeros((*counts.shape, counts.shape[1])))


def forecast_caseload(  # noqa: PLR0913 - where it stands, what moves it, and what is asked
    now: ArrayLike,
    probability_draws: ArrayLike,
    entrants: Entrants,
    *,
    steps: int,
    confidence: float = 0.95,
    entrant_factor: float = 1.0,
) -> Forecast:
    """The caseload to expect by level at the end of each step if moves and entrants go on as they were, with limits.

    `now` (k,) and each of `probability_draws` (d, k, k) are as in `caseload_moments`; the draws are equally likely and
    say how uncertain the probabilities are (one alone: not at all). `entrants` come from the same draws, from the mean
    of them, or from counts. `entrant_factor` 1.2 asks what if a fifth more come.

    The variance is the sum of three: chance, exactly, times the dispersion; what is not known of the mean of entrants;
    and what the draws differ by. The limits are quantiles of the binomial, Poisson or negative binomial distribution
    with that mean and variance, rounded outwards to whole children: at most (1 - confidence) / 2 lies beyond each.

    Nothing is random here. Missing where the caseload or the entrants are missing.

    Raises ValueError as `caseload_moments`, for a factor below 0 and a confidence that does not lie between 0 and 1.
    """
    tail, moves = tail_probability(confidence), _probabilities(probability_draws)
    moves = moves.reshape(-1, *moves.shape[-2:])
    draws = len(np.atleast_2d(entrants.mean))
    refuse(
        ("entrants must come from these draws, or from one table", draws not in (1, len(moves))),
        ("entrant_factor must be 0 or more", not entrant_factor >= 0),
    )
    mean, chance = caseload_moments(now, moves, entrant_factor * entrants.mean, steps)
    spread = chance * entrants.dispersion[..., None, None, None]
    spread = spread + _doubt_of_entrants(moves, entrant_factor**2 * entrants.covariance, steps)
    means, variances = _and_all(mean, mean.sum(axis=-1)), _and_all(_on_diagonal(spread), spread.sum(axis=(-2, -1)))
    expected, variance = means.mean(axis=0), variances.mean(axis=0) + means.var(axis=0)
    lower, upper = (_quantile(share, expected, variance) for share in (tail, 1 - tail))
    return Forecast(expected, lower, upper)


def backtest_caseload(stocks: ArrayLike, forecast_at: Callable[[int], Forecast | None], *, steps: int = 1) -> Backtest:
    """How many of the caseloads (T, k) that came lay within the limits of the forecasts made before them.

    `forecast_at` is given the position of a row of `stocks` and makes the forecast of `steps` steps or more as it would
    have been made then: from what was known by that time and nothing later. None, or missing figures, where it would
    not have been made. A missing count is not tested; the column of all levels only where none is missing.

    Raises ValueError for counts below 0 and for fewer steps than 1.
    """
    counts = np.atleast_2d(np.asarray(stocks, dtype=float))
    refuse(("stocks must be 0 or more", (counts < 0).any(axis=1)), ("steps must be 1 or more", steps < 1))
    came = _and_all(counts, counts.sum(axis=-1))
    inside, tested = np.zeros((2, steps, came.shape[1]), dtype=np.int64)
    for origin in range(len(came) - 1):
        made = forecast_at(origin)
        if made is not None:
            later = came[origin + 1 : origin + 1 + steps]
            expected, lower, upper = (figures[: len(later)] for figures in made)
            inside[: len(later)] += (lower <= later) & (later <= upper)
            tested[: len(later)] += np.isfinite(expected) & np.isfinite(later)
    return Backtest(inside, tested)


def _entrants(came: FloatArray, chance: FloatArray) -> Entrants:
    """The entrants of a step from those of each step (..., T, k) and the covariances of chance moves in them."""
    known = np.asarray(np.isfinite(came).all(axis=-1, keepdims=True))
    steps = known.sum(axis=-2)
    enough = np.where(steps >= MINIMUM_STEPS, steps, np.nan)
    mean = np.maximum(np.where(known, came, 0).sum(axis=-2), _JEFFREYS) / enough
    residuals = np.where(known, came - mean[..., None, :], np.nan)
    moved = np.where(known[..., None], chance, 0.0)
    variances = np.where(known, _on_diagonal(moved) + mean[..., None, :], 0.0)
    dispersion = _dispersion(np.nan_to_num(residuals) ** 2, variances, enough[..., 0])
    doubt = moved.sum(axis=-3) / enough[..., None] ** 2 + _diagonal((mean + _JEFFREYS / enough) / enough)
    return Entrants(mean, doubt * dispersion[..., None, None], dispersion, residuals)


def _dispersion(squares: FloatArray, variances: FloatArray, steps: FloatArray) -> FloatArray:
    """How many times the variance of chance the squared residuals (..., T, k) show, drawn towards 1 and never below."""
    degrees = (steps - 1) / steps  # the means are taken from the same steps
    together = variances.sum(axis=(-2, -1)) + 0 * steps  # missing with them
    shown = squares.sum(axis=(-2, -1)) / (together * degrees)
    freedom = together**2 / (variances**2).sum(axis=(-2, -1)) * degrees
    return np.maximum(1, (shown * freedom + _EXPECTED) / (freedom + _EXPECTED - 2))


def _probabilities(probabilities: ArrayLike) -> FloatArray:
    """The tables of probabilities, (k, k) or (d, k, k)."""
    moves = np.asarray(probabilities, dtype=float)
    square = moves.ndim in (2, 3) and moves.shape[-2] == moves.shape[-1]
    refuse(
        ("probabilities must be a square table, or draws of one", not square),
        ("probabilities must lie between 0 and 1", ((moves < 0) | (moves > 1)).any()),
        ("probabilities must sum to at most 1 in each row", (moves.sum(axis=-1) > 1 + _ROUNDING).any()),
    )
    return moves


def _moved(stock: FloatArray, moves: FloatArray) -> FloatArray:
    """Those of the stock (..., k) expected at each level a step later."""
    return (stock[..., None, :] @ moves)[..., 0, :]


def _chance_of_moves(stock: FloatArray, moves: FloatArray) -> FloatArray:
    """The covariances (..., k, k) of where a stock stands a step later: of one multinomial for each level."""
    onward = moves.swapaxes(-1, -2)
    return _diagonal(_moved(stock, moves)) - onward @ (stock[..., :, None] * moves)


def _doubt_of_entrants(moves: FloatArray, covariance: FloatArray, steps: int) -> FloatArray:
    """The covariances (..., steps, k, k) of the caseload that come from not knowing the mean of entrants."""
    one_step = np.eye(moves.shape[-1])
    onward, carried, doubts = moves.swapaxes(-1, -2), np.zeros_like(moves), []
    for _ in range(steps):
        # A wrong mean is wrong in every step, so its error adds up, less those who move on and leave.
        carried = onward @ carried + one_step
        doubts.append(carried @ covariance @ carried.swapaxes(-1, -2))
    return np.stack(doubts, axis=-3)


def _diagonal(values: FloatArray) -> FloatArray:
    """Tables (..., k, k) with the values (..., k) on the diagonal and 0 elsewhere."""
    return values[..., None] * np.eye(values.shape[-1])


def _on_diagonal(tables: FloatArray) -> FloatArray:
    return np.diagonal(tables, axis1=-2, axis2=-1)


def _and_all(levels: FloatArray, together: FloatArray) -> FloatArray:
    return np.concatenate([levels, together[..., None]], axis=-1)


def _quantile(share: float, mean: FloatArray, variance: FloatArray) -> FloatArray:
    """The smallest whole counts that are not exceeded with a probability of at least `share`."""
    missing = np.isnan(mean + variance)
    centre, spread = np.where(missing, 0, mean), np.where(missing, 0, variance)
    # Cantelli's inequality: no distribution with this mean and variance has its quantile higher.
    low, high = np.zeros_like(centre), np.ceil(centre + np.sqrt(spread * share / (1 - share))) + 1
    while np.any(low < high):
        middle = np.floor((low + high) / 2)
        enough = _cumulative(middle, centre, spread) >= share
        low, high = np.where(enough, low, middle + 1), np.where(enough, middle, high)
    return np.where(missing, np.nan, low)


def _cumulative(counts: FloatArray, mean: FloatArray, variance: FloatArray) -> FloatArray:
    """The probability of at most so many: binomial, Poisson or negative binomial as the variance is to the mean.

    By the incomplete beta function, since scipy's binomial asks for a whole number of trials.
    """
    average = np.maximum(mean, _ROUNDING)
    ratio = np.minimum(np.maximum(variance, 0) / average, 1 / _ROUNDING)
    poisson = np.abs(ratio - 1) < _NEARLY_POISSON
    size = average / np.where(poisson, 1, np.abs(ratio - 1))
    wider = betainc(size, counts + 1, 1 / np.maximum(ratio, 1))
    narrower = np.where(
        counts < size, betainc(np.maximum(size - counts, _ROUNDING), counts + 1, np.minimum(ratio, 1)), 1
    )
    return np.where(poisson, gammaincc(counts + 1, average), np.where(ratio > 1, wider, narrower))
