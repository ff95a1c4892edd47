"""What is known of counts that were withheld together: one of them at least was small."""

from __future__ import annotations

import numpy as np
from scipy.stats import poisson

from needs_assessment.methods.rates import FloatArray

_LEAST_CHANCE = 1e-9
"""Below this the chance is lost in rounding."""


def one_is_small(chances: FloatArray, count: FloatArray, largest: FloatArray) -> tuple[float, FloatArray]:
    """The log chance that of each row's cells, which hold `count` together, one at least holds from 1 to `largest`.

    `chances` (rows, cells) are those of the cells, 0 for a cell that is not among them. With it comes its slope in the
    chances (rows, cells). Given their sum, independent Poisson counts are multinomial; the chance that none is small is
    a coefficient of the product of their series without the small terms, read off by a Fourier transform.
    """
    share = chances / chances.sum(axis=1, keepdims=True)
    mean, present = share * count[:, None], chances > 0
    none, left = _none_is_small(mean, count, largest)
    some = np.maximum(1 - none, _LEAST_CHANCE)
    expected = (mean - left) / some[:, None]
    slope = np.divide(expected - mean, chances, out=np.zeros_like(chances), where=present)
    return float(np.log(some).sum()), slope


def _none_is_small(mean: FloatArray, count: FloatArray, largest: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The chance that no cell is small, and what each cell then holds, times that chance."""
    holds = np.arange(int(count.max()) + 1)
    # Long enough that the products of all cells' series do not wrap round to the coefficient that is read.
    length = 1 << int(np.ceil(np.log2(mean.shape[1] * holds.size)))
    allowed = (holds == 0) | (holds > largest[:, None, None])
    series = poisson.pmf(holds, mean[..., None]) * allowed
    waves, weighted = np.fft.rfft(series, length), np.fft.rfft(series * holds, length)
    read = _coefficient(count, length) / poisson.pmf(count, count)[:, None]
    cells = range(mean.shape[1])
    others = np.stack([np.delete(waves, cell, axis=1).prod(axis=1) for cell in cells], axis=1)
    none = (waves.prod(axis=1) * read).sum(axis=1).real
    return none, ((weighted * others) * read[:, None]).sum(axis=2).real


def _coefficient(place: FloatArray, length: int) -> np.ndarray:
    """What a half spectrum (length / 2 + 1) is multiplied by so that its sum's real part is the term at `place`."""
    frequencies = np.arange(length // 2 + 1)
    twice = np.where((frequencies == 0) | (frequencies == length // 2), 1.0, 2.0)
    return np.exp(2j * np.pi * np.outer(place, frequencies) / length) * twice / length
