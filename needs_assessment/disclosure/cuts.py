"""What attacks have taught about patterns, and the lightest pattern that heeds it."""

from __future__ import annotations

from collections.abc import Sequence

import highspy
import numpy as np

from needs_assessment.disclosure.attacks import TOLERANCE, Flags, Gains
from needs_assessment.disclosure.programmes import solver

_NODES = 2_000
_WORK = 10_000_000  # steps of the simplex method times free cells, which is roughly time
_STEPS_OF_A_ROUND = 100


class Cuts:
    """What every safe pattern satisfies: in each cut the gains of its hidden cells come to 1 or more."""

    def __init__(self, cells: int) -> None:
        self.gains = np.empty((0, cells))

    def extend(self, fresh: Sequence[Gains]) -> None:
        """Take in what further attacks taught."""
        self.gains = np.vstack([self.gains, *fresh])

    def broken(self, hidden: Flags) -> bool:
        """Whether a pattern fails a cut, and so is known to be unsafe without another attack."""
        return bool((self.gains @ hidden < 1 - TOLERANCE).any())

    def satisfied(self, hidden: Flags, weights: np.ndarray) -> Flags:
        """The pattern with more hidden until it satisfies all: at each step the most gain for the weight."""
        hidden = hidden.copy()
        lacking = 1 - self.gains @ hidden
        while (lacking > TOLERANCE).any():
            open_cuts = lacking > TOLERANCE
            worth = np.minimum(self.gains[open_cuts], lacking[open_cuts, None]).sum(axis=0) / weights
            worth[hidden] = 0
            hidden[np.argmax(worth >= worth.max() * (1 - TOLERANCE))] = True  # of equals the first by key
            lacking = 1 - self.gains @ hidden
        return hidden


class Choice:
    """The integer programme over which free cells to hide, with the cuts as its rows."""

    def __init__(self, weights: np.ndarray, free: Flags) -> None:
        self._free = np.flatnonzero(free).astype(np.int32)
        self._cells = len(free)
        self._rows = self._steps = 0
        # weights are whole numbers: what is within 1 of the best is the best
        self._highs = solver(mip_abs_gap=1 - TOLERANCE, mip_max_nodes=_NODES)
        for weight in weights[self._free]:
            self._highs.addCol(float(weight), 0.0, 1.0, 0, [], [])
        kinds = np.full(len(self._free), int(highspy.HighsVarType.kInteger), dtype=np.uint8)
        self._highs.changeColsIntegrality(len(self._free), np.arange(len(self._free), dtype=np.int32), kinds)

    def best(self, cuts: Cuts, known: Flags, slack: float) -> Flags | None:
        """A pattern that satisfies the cuts, within that share of the least weight; None where the work is used up."""
        for gains in cuts.gains[self._rows :, self._free]:
            places = np.flatnonzero(gains).astype(np.int32)
            self._highs.addRow(1.0, highspy.kHighsInf, len(places), places, gains[places])
        self._rows = len(cuts.gains)
        self._highs.setOptionValue("mip_rel_gap", slack)
        self._highs.setSolution(len(self._free), np.arange(len(self._free), dtype=np.int32), known[self._free] * 1.0)
        self._highs.run()
        self._steps += _STEPS_OF_A_ROUND + self._highs.getInfo().simplex_iteration_count
        if self._highs.getModelStatus() != highspy.HighsModelStatus.kOptimal or self._steps * len(self._free) > _WORK:
            return None
        hidden = np.zeros(self._cells, dtype=bool)
        hidden[self._free] = np.rint(self._highs.getSolution().col_value) == 1
        return hidden
