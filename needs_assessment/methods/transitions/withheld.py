"""What is known of cells that were withheld for being small, and whose sum with another cell is known."""

from __future__ import annotations

from functools import cache

import numpy as np
from scipy.special import gammaln, xlogy

from needs_assessment.methods.rates import FloatArray

FURTHER = 0.05
"""The chance taken that a cell that is not small is withheld too, so that a small one cannot be worked out from it."""


def with_small_cells(chances: FloatArray, small: np.ndarray, count: float, largest: float) -> tuple[float, FloatArray]:
    """The log chance that cells hold `count` together and that each `small` one holds from 1 to `largest`.

    `chances` (cells,) are those of the cells, 0 for a cell that is not among them, and `small` (cells,) is true at
    those that were withheld. With it comes its slope in the chances (cells,). It is a sum of multinomial chances over
    everything that the small cells may hold. With the chance `FURTHER` nothing is known of such a cell by itself: it
    then counts with those that are not small.
    """
    chance = np.where(chances > 0, chances, np.finfo(float).tiny)
    held, ways = _ways(int(small.sum()), int(largest))
    anything = held == 0
    others = chances[~small].sum() + anything @ chance[small]
    rest = count - held.sum(axis=1)
    logs = ways + held @ np.log(chance[small]) + xlogy(rest, others) - gammaln(np.maximum(rest, 0) + 1)
    logs[(rest < 0) | ((rest > 0) & (others == 0))] = -np.inf
    weights = np.exp(logs - logs.max())
    likely = weights / weights.sum()
    each = np.divide(likely * rest, others, out=np.zeros_like(others), where=others > 0)
    slope = np.where(chances > 0, each.sum(), 0.0)
    slope[small] = likely @ held / chance[small] + each @ anything
    return float(gammaln(count + 1) + logs.max() + np.log(weights.sum())), slope


@cache
def _ways(cells: int, largest: int) -> tuple[FloatArray, FloatArray]:
    """What so many withheld cells may hold (ways, cells), 0 where nothing is known of one, and the part of each way's
    log chance that no rate changes (ways,).
    """
    held = np.indices((largest + 1,) * cells).reshape(cells, -1).T.astype(float)
    known = np.where(held == 0, np.log(FURTHER), np.log1p(-FURTHER) - gammaln(held + 1))
    return held, known.sum(axis=1)
