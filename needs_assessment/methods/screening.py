"""How surprising a published figure is, for whole columns at once: zeros, agreements, jumps and opposite moves.

Each function gives a probability under chance and the usual variation between areas. What is done with an improbable
figure is the caller's decision: an improbable figure is a question, not an error found.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq
from scipy.special import polygamma
from scipy.stats import norm, skellam

from needs_assessment.methods.rates import FloatArray, refuse

WINSORISED = 0.1
"""The share of the values at each end that is drawn in before a spread is measured."""

_CUT = norm.isf(WINSORISED)
# The mean square of a standard normal variable whose ends are drawn in: without it, a spread comes out a fifth short.
_CONSISTENT = (1 - 2 * WINSORISED) - 2 * _CUT * norm.pdf(_CUT) + 2 * WINSORISED * _CUT**2
_NEWTON_STEPS = 12
_HALF = 0.5
"""Added to each count before its logarithm is taken, so that a zero has one (Haldane, Anscombe)."""


def spread_between(values: ArrayLike, chance_variance: ArrayLike) -> float:
    """The standard deviation τ between areas that is left of `values` when chance is taken away; 0 where none is.

    `chance_variance` is the variance that chance alone gives each value. τ² is where the values, standardised by
    √(chance variance + τ²) around their median and drawn in by a tenth at each end, vary as much as a standard normal
    variable drawn in likewise. So up to a tenth of odd areas at each end do not decide what is usual.

    Raises ValueError for no values, and with the positions at fault for missing ones and variances not above 0.

    Source: the estimating equation of Paule and Mandel (1982), Journal of Research of the National Bureau of Standards
    87, 377-385, with the winsorising of Spiegelhalter (2005), Statistics in Medicine 24, 1185-1202.
    """
    points, variance = np.asarray(values, dtype=float), np.asarray(chance_variance, dtype=float)
    refuse(
        ("values must not be empty", points.size == 0),
        ("values must be finite", ~np.isfinite(points)),
        ("chance_variance must be above 0 and finite", ~(np.isfinite(variance) & (variance > 0))),
    )
    deviations = points - np.median(points)

    def excess(between: float) -> float:
        return _winsorised_square(deviations / np.sqrt(variance + between)) / _CONSISTENT - 1

    if excess(0.0) <= 0:
        return 0.0
    # Here the largest square is below _CONSISTENT, so the excess is not above 0.
    return float(np.sqrt(brentq(excess, 0.0, (deviations**2).max() / _CONSISTENT)))


def _winsorised_square(values: FloatArray) -> float:
    low, high = np.quantile(values, [WINSORISED, 1 - WINSORISED])
    return float(np.mean(np.clip(values, low, high) ** 2))


def log_rate(count: ArrayLike, expected: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """The logarithm of count ÷ expected, and the variance that chance gives it: log((O + ½) ÷ E) and 1 ÷ (O + ½).

    `expected` may be person-years: the logarithm is then that of the rate. Missing where either is missing.
    """
    counts, base = np.asarray(count, dtype=float) + _HALF, np.asarray(expected, dtype=float)
    return np.log(counts / base), np.broadcast_to(1 / counts, np.broadcast_shapes(counts.shape, base.shape)).copy()


def zero_probability(expected: ArrayLike, spread: ArrayLike = 0.0) -> FloatArray:
    """The probability of a zero where E is to be expected: e^-E by chance alone, (1 + E ÷ k)^-k where areas differ too.

    `spread` is the standard deviation of the logarithm of areas' rates (`spread_between` of `log_rate`). The rates are
    then taken as gamma-distributed with the shape k whose logarithm varies as much: trigamma(k) = spread². 0 is chance
    alone (Poisson). Missing where `expected` is missing.

    Source: Greenwood and Yule (1920), Journal of the Royal Statistical Society 83, 255-279.
    """
    mean, between = np.broadcast_arrays(np.asarray(expected, dtype=float), np.asarray(spread, dtype=float))
    refuse(
        ("expected must be 0 or more", mean < 0),
        ("spread must be 0 or more and not missing", ~(between >= 0)),
    )
    # Below this spread the gamma is so narrow that it changes nothing, and its shape overflows.
    shape = gamma_shape(np.maximum(between, 1e-4))
    return np.where(between < 1e-4, np.exp(-mean), np.exp(-shape * np.log1p(mean / shape)))


def gamma_shape(spread: ArrayLike) -> FloatArray:
    """The shape k of a gamma variable whose logarithm has the standard deviation `spread`: trigamma(k) = spread².

    Source: the Newton iteration of Smyth (2004), Statistical Applications in Genetics and Molecular Biology 3(1),
    article 3, appendix.
    """
    variance = np.asarray(spread, dtype=float) ** 2
    shape = 0.5 + 1 / variance
    for _ in range(_NEWTON_STEPS):
        trigamma = polygamma(1, shape)
        shape = shape + trigamma * (1 - trigamma / variance) / polygamma(2, shape)
    return shape


def agreement_probability(first: ArrayLike, second: ArrayLike) -> FloatArray:
    """The probability that two independent Poisson counts with these means are equal; 1 where both means are 0.

    With equal means m it is about 1 ÷ √(4πm): 6% at 24 and still 3% at 122. One agreement is therefore never a finding,
    and `at_least` joins several. Missing where a mean is missing.

    Source: Skellam (1946), Journal of the Royal Statistical Society 109, 296.
    """
    one, other = np.broadcast_arrays(np.asarray(first, dtype=float), np.asarray(second, dtype=float))
    refuse(("means must be 0 or more", (one < 0) | (other < 0)))
    nothing = (one == 0) | (other == 0)
    # scipy's formula needs both means above 0; with one of them 0 the other count must be 0 too.
    apart = skellam.pmf(0, np.where(nothing, 1, one), np.where(nothing, 1, other))
    return np.where(nothing, np.exp(-(one + other)), apart)


def at_least(successes: ArrayLike, probabilities: ArrayLike) -> FloatArray:
    """The probability of at least so many successes in each row of independent trials with these probabilities.

    `probabilities` has a row for each of `successes`, and a column for each trial; a missing one is no trial.

    Source: Poisson (1837); the recursion over trials is exact.
    """
    chance = np.nan_to_num(np.atleast_2d(np.asarray(probabilities, dtype=float)))
    wanted = np.asarray(successes, dtype=int).reshape(-1)
    refuse(("probabilities must lie between 0 and 1", ((chance < 0) | (chance > 1)).any(axis=1)))
    rows, trials = chance.shape
    reached = np.zeros((rows, trials + 2))
    reached[:, 0] = 1.0
    for trial in range(trials):
        success = chance[:, [trial]]
        reached[:, 1:] = reached[:, 1:] * (1 - success) + reached[:, :-1] * success
        reached[:, 0] *= 1 - success[:, 0]
    return np.where(np.arange(trials + 2) >= wanted[:, None], reached, 0).sum(axis=1)


def two_sided(z: ArrayLike) -> FloatArray:
    """The probability that a standard normal value lies at least as far from 0 as `z`; missing where it is missing."""
    return np.asarray(2 * norm.sf(np.abs(np.asarray(z, dtype=float))))


def offsetting_probability(first: ArrayLike, second: ArrayLike) -> FloatArray:
    """The probability that of two independent standard normal values one lies above and one below 0, both as far out as
    the nearer of these: 2 Φ(-|z|)². It is 1 where the two do not lie on opposite sides.
    """
    one, other = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    nearer = np.minimum(np.abs(one), np.abs(other))
    return np.where(one * other < 0, 2 * norm.sf(nearer) ** 2, np.where(np.isnan(one * other), np.nan, 1.0))


def comparable(first: ArrayLike, second: ArrayLike, share: float = 0.5) -> NDArray[np.bool_]:
    """Whether the smaller of two moves, in counts, is at least `share` of the larger, whatever their directions."""
    one, other = np.abs(np.asarray(first, dtype=float)), np.abs(np.asarray(second, dtype=float))
    return np.asarray(np.minimum(one, other) >= share * np.maximum(one, other))
