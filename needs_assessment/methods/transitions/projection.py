"""What fitted rates say: where people are some time later, how long they stay, and which states they reach."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import norm

from needs_assessment.methods.rates import FloatArray, Limits, is_positive, refuse, tail_probability
from needs_assessment.methods.transitions.exponential import chances_after
from needs_assessment.methods.transitions.fitting import LARGEST_RATE, PanelModel

DRAWS = 4_000
SEED = 20251122
_ROUNDING = 1e-8


def probabilities(rates: ArrayLike, years: float) -> FloatArray:
    """The chance of each state (column) so many years after each state (row), shaped as the rates.

    `rates` (..., states, states) are per year, on the diagonal minus the sum of the row; draws of rates give draws.

    Raises ValueError for rates that are not square, that are below 0 off the diagonal, or of which a row does not add
    to 0, and for years below 0. Missing rates give missing chances.
    """
    table = _checked(rates)
    refuse(("years must be 0 or more and finite", not is_positive(years, or_zero=True)))
    known = np.isfinite(table).all(axis=(-2, -1), keepdims=True)
    return np.where(known, np.clip(chances_after(np.where(known, table, 0.0) * years), 0.0, 1.0), np.nan)


def reached_within(rates: ArrayLike, targets: ArrayLike, years: float) -> FloatArray:
    """The chance that someone at each state has been at any of `targets` within so many years; (..., states).

    It is 1 at the targets themselves. Who has been there counts, also if no longer there at the end.

    Raises ValueError as `probabilities`, and for a target that is not one of the states.
    """
    table, reached = _checked(rates), np.atleast_1d(np.asarray(targets))
    refuse(("targets must be states", ~np.isin(reached, np.arange(table.shape[-1]))))
    kept = ~np.isin(np.arange(table.shape[-1]), reached)
    # Once reached, a target is never left: its row of rates is nothing.
    chances = probabilities(np.where(kept[:, None] | np.isnan(table), table, 0.0), years)
    return np.asarray(chances[..., ~kept].sum(axis=-1))


def draw_rates(model: PanelModel, draws: int, random: np.random.Generator) -> FloatArray:
    """Rates as they may be, given what was seen: (draws, states, states), missing for a model that was not fitted.

    The logarithms are normal about the estimates with their covariance. A move of which nothing was seen has an
    exponential rate with mean 1 over its unseen years, whose upper limit is that of `rate_limits`.
    """
    moves, states = model.allowed, np.arange(len(model.allowed))
    estimates, years = model.rates[moves], model.unseen_years[moves]
    drawn, seen, unseen = np.full((draws, estimates.size), np.nan), estimates > 0, np.isfinite(years)
    spread = np.linalg.cholesky(model.log_rate_covariance[np.ix_(seen, seen)])
    normal = np.log(estimates[seen]) + random.standard_normal((draws, len(spread))) @ spread.T
    drawn[:, seen] = np.exp(np.minimum(normal, np.log(LARGEST_RATE)))
    drawn[:, unseen] = random.exponential(1 / years[unseen], (draws, int(unseen.sum())))
    rates = np.zeros((draws, *moves.shape))
    rates[:, moves] = drawn
    rates[:, states, states] = -rates.sum(axis=2)
    return rates


def probability_limits(model: PanelModel, years: float, *, confidence: float = 0.95, seed: int = SEED) -> Limits:
    """The chances of each state so many years after each state (states, states), with limits by draws of the rates."""
    return _by_draws(model, lambda rates: probabilities(rates, years), confidence, seed)


def reached_limits(
    model: PanelModel, targets: ArrayLike, years: float, *, confidence: float = 0.95, seed: int = SEED
) -> Limits:
    """The chances of having been at any of `targets` within so many years (states,), with limits by draws."""
    return _by_draws(model, lambda rates: reached_within(rates, targets, years), confidence, seed)


def time_in_state(model: PanelModel, *, confidence: float = 0.95) -> Limits:
    """The mean years of a stay at each state (states,), with limits normal on the log scale by the delta method.

    Missing for absorbing states. A move of which nothing was seen counts with the variance of its exponential rate.
    """
    out, moves = -np.diag(model.rates), model.allowed
    leaves = moves.any(axis=1)
    value = np.divide(1.0, out, out=np.full_like(out, np.nan), where=leaves & (out > 0))
    start, estimates = np.nonzero(moves)[0], model.rates[moves]
    unseen = np.nan_to_num(model.unseen_years[moves] ** -2.0)
    covariance = np.nan_to_num(model.log_rate_covariance) * np.outer(estimates, estimates) + np.diag(unseen)
    own = start[:, None] == np.arange(len(moves))
    error = np.sqrt(np.einsum("is,ij,js->s", own, covariance, own)) * value
    factor = np.exp(norm.isf(tail_probability(confidence)) * error)
    return Limits(value, value / factor, value * factor, _method(value, "normal on the log scale"))


def _by_draws(model: PanelModel, quantity: Callable[[FloatArray], FloatArray], confidence: float, seed: int) -> Limits:
    tail = tail_probability(confidence)
    value = quantity(model.rates)
    if model.reason is not None:
        return Limits(value, value, value, _method(value, ""))
    drawn = quantity(draw_rates(model, DRAWS, np.random.default_rng(seed)))
    lower, upper = np.quantile(drawn, [tail, 1 - tail], axis=0)
    # Where the estimate is at the end of what is possible, all draws lie to one side of it.
    return Limits(value, np.minimum(lower, value), np.maximum(upper, value), _method(value, "draws of the rates"))


def _checked(rates: ArrayLike) -> FloatArray:
    table = np.asarray(rates, dtype=float)
    refuse(("rates must be square, states by states", table.ndim < 2 or table.shape[-1] != table.shape[-2]))
    off = table * ~np.eye(table.shape[-1], dtype=bool)
    largest = 1 + np.nan_to_num(np.abs(table)).max()
    refuse(
        ("rates must be 0 or more off the diagonal", (off < 0).any()),
        ("rates must add to 0 along each row", (np.abs(table.sum(axis=-1)) > _ROUNDING * largest).any()),
    )
    return table


def _method(value: FloatArray, words: str) -> np.ndarray:
    return np.where(np.isnan(value), np.array(None, dtype=object), np.array(words, dtype=object))
