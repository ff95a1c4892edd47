"""Exponentials of rates at many times at once, and their slopes: by eigenvalues, or by series where those fail."""

from __future__ import annotations

import numpy as np
from scipy.linalg import expm

from needs_assessment.methods.rates import FloatArray

_WORST_CONDITION = 1e6
"""Above this, eigenvectors are too alike to be inverted: eight of sixteen digits would be in doubt."""

_PART, _TERMS = 0.5, 14
"""Exponentials of half a move are summed to this many terms, which leaves less than rounding."""


def exponentials(rates: FloatArray, years: FloatArray) -> FloatArray:
    """The chances of each state at each of the times: (times, states, states)."""
    parts = _eigen(rates)
    if parts is None:
        return chances_after(rates * years[:, None, None])
    values, vectors, inverse = parts
    # Products by einsum: a linear algebra library would start threads for each of these small ones.
    return np.einsum("rx,tx,xs->trs", vectors, np.exp(np.outer(years, values)), inverse).real


def chances_after(moves: FloatArray) -> FloatArray:
    """The exponentials of rates times years (..., states, states), for many different rates at once.

    By uniformisation: what is added is never negative, so that nothing cancels (Jensen 1953). `scipy.linalg.expm` gives
    the same, but on stacks of small matrices it spends its time starting threads.
    """
    states = moves.shape[-1]
    most = max(float(-np.diagonal(moves, axis1=-2, axis2=-1).min(initial=0.0)), _PART)
    halvings = int(np.ceil(np.log2(most / _PART)))
    fastest = most / 2**halvings
    part = moves / 2**halvings + fastest * np.eye(states)
    term = chances = np.broadcast_to(np.eye(states), moves.shape)
    for order in range(1, _TERMS):
        term = _product(term, part) / order
        chances = chances + term
    chances = chances * np.exp(-fastest)
    for _ in range(halvings):
        chances = _product(chances, chances)
    return chances


def _product(first: FloatArray, second: FloatArray) -> FloatArray:
    return np.asarray(np.einsum("...ij,...jk->...ik", first, second))


def pulled_slope(rates: FloatArray, years: FloatArray, pull: FloatArray) -> FloatArray:
    """The slope of the sum of pull * exponentials (times, states, states) in every entry of the rates.

    Source: Kalbfleisch and Lawless (1985), section 3, read backwards; where eigenvectors fail, Van Loan (1978).
    """
    parts = _eigen(rates)
    if parts is None:
        return _slope_by_blocks(rates, years, pull)
    values, vectors, inverse = parts
    gap = values[:, None] - values
    step = gap * years[:, None, None]
    even = np.abs(gap) < np.finfo(float).tiny
    ratio = np.where(even, years[:, None, None], np.expm1(step) / np.where(even, 1.0, gap))
    divided = np.exp(np.outer(years, values))[:, None, :] * ratio
    turned = np.einsum("rx,trs,ys->txy", vectors, pull, inverse)
    return np.einsum("xa,xy,by->ab", inverse, (divided * turned).sum(axis=0), vectors).real


def _slope_by_blocks(rates: FloatArray, years: FloatArray, pull: FloatArray) -> FloatArray:
    """The same from the upper right of the exponential of a matrix twice as large."""
    states = len(rates)
    scale = np.maximum(np.abs(pull).max(axis=(1, 2), keepdims=True), np.finfo(float).tiny)
    blocks = np.zeros((len(years), 2 * states, 2 * states))
    blocks[:, :states, :states] = blocks[:, states:, states:] = rates.T
    blocks[:, :states, states:] = pull / scale
    corner = expm(blocks * years[:, None, None])[:, :states, states:]
    return np.asarray((corner * scale).sum(axis=0))


def _eigen(rates: FloatArray) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
    """Eigenvalues, eigenvectors and their inverse; None where the eigenvectors are too alike."""
    values, vectors = np.linalg.eig(rates)
    if not np.linalg.cond(vectors) < _WORST_CONDITION:
        return None
    return values, vectors, np.linalg.inv(vectors)
