"""The rates of a Markov process in continuous time, fitted to what was seen of it from time to time."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import minimize
from scipy.stats import norm

from needs_assessment.methods.rates import FloatArray, Limits, refuse, tail_probability
from needs_assessment.methods.transitions.panel import (
    BoolArray,
    Grouped,
    Panel,
    crude_rates,
    generator,
    grouped,
    log_likelihood,
)

LEAST_RATE, LARGEST_RATE = 1e-7, 1e3
"""Rates are looked for between these, per year: a move in ten million years, and three a day."""

Loss = Callable[[FloatArray], tuple[float, FloatArray]]

NOTHING = 1e-3
"""A rate below this share of its rough uncertainty, which would fall further, is 0: nothing was seen of the move."""

FLAT = 0.01
"""Rates of which some mixture is known to less than this are not told apart: a log standard error of 10."""

NOT_TOLD, NOT_SETTLED = "the counts do not tell the rates apart", "the fit did not settle"

_STEP = 1e-4
_STARTING = 0.5


class Prior(NamedTuple):
    """What is added to every allowed move as if it had been seen beforehand: so many moves in so many years.

    Half a move in half a year draws rates gently towards one a year and keeps those of small counts finite.
    """

    moves: float = 0.5
    years: float = 0.5


class PanelModel(NamedTuple):
    """The fitted rates per year (states, states), on the diagonal minus the sum of the row, and what is known of them.

    `log_rate_covariance` (moves, moves) is that of the logarithms of the rates of the `allowed` moves, row by row.
    A move of which nothing was seen has rate 0 and no covariance (NaN); `unseen_years` (states, states) has the years
    of exposure that speak against it there, and is NaN elsewhere. `reason` says why no rates could be fitted; they are
    then missing. Otherwise it is None.
    """

    rates: FloatArray
    allowed: BoolArray
    log_rate_covariance: FloatArray
    unseen_years: FloatArray
    minus_twice_log_likelihood: float
    reason: str | None


def fit_panel(panel: Panel, allowed: ArrayLike, *, prior: Prior | None = None) -> PanelModel:
    """The rates under which what was seen is most likely: a Markov process in continuous time, seen from time to time.

    `allowed` (states, states) is true where a move may happen at one instant; other moves pass through those. Without
    `prior` it is plain maximum likelihood on log rates; the covariance is the inverse of the observed information.

    Raises ValueError, with the positions at fault, for a start that is not one of the states, years not above 0, counts
    that are negative or not whole, an end that the allowed moves cannot lead to, and `exact` where may_be is not one
    absorbing state.

    Source: Kalbfleisch and Lawless (1985), Journal of the American Statistical Association 80, 863-871; Jackson (2011),
    Journal of Statistical Software 38(8), whose R package msm gives the same.
    """
    rows, moves = grouped(panel, allowed)
    refuse(("count must be above 0 in some row", not rows.count.size))
    loss = partial(_loss, rows=rows, moves=moves, prior=prior or Prior(0.0, 0.0))
    start, uncertain = _start(rows, moves)
    rates, settled = _minimum(loss, start, uncertain)
    return _described(rates, uncertain, loss, rows, moves) if settled else _unfitted(moves, NOT_SETTLED)


def rate_limits(model: PanelModel, *, confidence: float = 0.95) -> Limits:
    """The rates of the allowed moves with two-sided limits, all (states, states) and missing elsewhere.

    Limits are normal on the scale of the logarithm. A move of which nothing was seen has rate 0, lower limit 0 and
    as upper limit the rate at which its unseen years would hide it with the probability beyond one limit, as the exact
    Poisson limit of no event does.
    """
    tail, moves = tail_probability(confidence), model.allowed
    factor = np.full(moves.shape, np.nan)
    factor[moves] = np.exp(norm.isf(tail) * np.sqrt(np.diag(model.log_rate_covariance)))
    unseen = np.isfinite(model.unseen_years)
    value = np.where(moves, model.rates, np.nan)
    lower, upper = (
        np.where(unseen, 0.0, value / factor),
        np.where(unseen, -np.log(tail) / model.unseen_years, value * factor),
    )
    words = np.select([unseen, np.isfinite(value)], ["exact", "normal on the log scale"], default="")
    return Limits(value, lower, upper, np.where(words == "", np.array(None, dtype=object), words.astype(object)))


def _start(rows: Grouped, moves: BoolArray) -> tuple[FloatArray, FloatArray]:
    """Rates to start from, a little more than the crude ones, and roughly how uncertain they are."""
    rates, seen = (table[moves] for table in crude_rates(rows, moves))
    years = np.divide(seen, rates, out=np.full_like(seen, _STARTING), where=rates > 0) + _STARTING
    return (seen + _STARTING) / years, np.sqrt(seen + _STARTING) / years


def _loss(rates: FloatArray, rows: Grouped, moves: BoolArray, prior: Prior) -> tuple[float, FloatArray]:
    """Minus the log-likelihood with the prior, and its slope in the rates of the allowed moves."""
    value, slope = log_likelihood(generator(moves, rates), rows)
    known = prior.moves * np.log(rates).sum() - prior.years * rates.sum()
    return -value - known, np.diag(slope).repeat(moves.sum(axis=1)) - slope[moves] + prior.years - prior.moves / rates


def _minimum(loss: Loss, start: FloatArray, scale: FloatArray) -> tuple[FloatArray, bool]:
    """Where the loss is smallest, and whether it was found; each rate is searched in units of its uncertainty."""

    def scaled(place: FloatArray) -> tuple[float, FloatArray]:
        value, slope = loss(place * scale)
        return value, slope * scale

    ends = np.outer(1 / scale, [LEAST_RATE, LARGEST_RATE])
    found = minimize(
        scaled, start / scale, jac=True, method="L-BFGS-B", bounds=ends,
        options={"maxiter": 500, "ftol": 1e-13, "gtol": 1e-5},
    )  # fmt: skip
    return found.x * scale, bool(found.success)


def _described(rates: FloatArray, uncertain: FloatArray, loss: Loss, rows: Grouped, moves: BoolArray) -> PanelModel:
    """The model at the minimum, with moves of which nothing was seen told from the others."""
    slope = loss(rates)[1]
    unseen = (rates < NOTHING * uncertain) & (slope > 0)
    information = _information(loss, rates)[np.ix_(~unseen, ~unseen)]
    if (rates >= LARGEST_RATE).any() or (information.size and np.linalg.eigvalsh(information).min() < FLAT):
        return _unfitted(moves, NOT_TOLD)
    covariance, years = np.full((rates.size,) * 2, np.nan), np.full(moves.shape, np.nan)
    covariance[np.ix_(~unseen, ~unseen)] = np.linalg.inv(information)
    years[moves] = np.where(unseen, slope, np.nan)
    fitted = generator(moves, np.where(unseen, 0.0, rates))
    return PanelModel(fitted, moves, covariance, years, -2 * log_likelihood(fitted, rows)[0], None)


def _information(loss: Loss, rates: FloatArray) -> FloatArray:
    """The observed information about the log rates: the slope of their slope, by central differences."""
    steps = np.exp(_STEP * np.eye(rates.size))
    ahead, behind = ([loss(moved)[1] * moved for moved in table] for table in (rates * steps, rates / steps))
    square = (np.array(ahead) - np.array(behind)) / (2 * _STEP)
    return (square + square.T) / 2


def _unfitted(moves: BoolArray, reason: str) -> PanelModel:
    missing, pairs = np.full(moves.shape, np.nan), np.full((int(moves.sum()),) * 2, np.nan)
    return PanelModel(missing, moves, pairs, missing.copy(), np.nan, reason)
