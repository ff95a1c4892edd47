"""One decision for every comparison, with the reason for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from needs_assessment.vocabulary import Verdict


class Judgement(NamedTuple):
    """The verdicts of a column of figures, and for each the reason, as the words that follow "because" or "by"."""

    verdict: NDArray[np.object_]
    reason: NDArray[np.object_]


def verdict(
    value: ArrayLike,
    lower: ArrayLike,
    upper: ArrayLike,
    *,
    doubts: Mapping[str, ArrayLike] | None = None,
    compared: str = "",
) -> Judgement:
    """Lower, Similar or Higher for each value: whether it lies below, within or above the limits of what is usual.

    Cannot tell where the value or a limit is missing, and where one of `doubts` holds: reasons in words, each with a
    boolean for every value; of several the first is given. A value equal to a limit is Similar. `compared` is the
    reason given for every other verdict: which limits decided.
    """
    columns = (np.asarray(column, dtype=float) for column in (value, lower, upper))
    at, low, high = np.broadcast_arrays(*columns)
    unknown = np.isnan(at) | np.isnan(low) | np.isnan(high)
    reasons = {words: np.broadcast_to(np.asarray(holds, dtype=bool), at.shape) for words, holds in _all(doubts)}
    doubtful = [*reasons.values(), unknown]
    because = np.select(doubtful, [_word(words) for words in [*reasons, MISSING]], default=_word(compared))
    sides = [np.any(doubtful, axis=0), at < low, at > high]
    words = np.select(sides, [_word(word) for word in _SIDES], default=_word(Verdict.SIMILAR))
    return Judgement(words, because)


def of_estimate(
    reference: ArrayLike,
    lower: ArrayLike,
    upper: ArrayLike,
    *,
    doubts: Mapping[str, ArrayLike] | None = None,
    compared: str = "",
) -> Judgement:
    """Lower, Similar or Higher for each estimate beside a fixed reference: Higher where its limits lie above it.

    Doubts, missing figures and the reason as in `verdict`.
    """
    said = verdict(reference, lower, upper, doubts=doubts, compared=compared)
    # A reference below the limits of an estimate means that the estimate is higher.
    sides = [said.verdict == Verdict.LOWER, said.verdict == Verdict.HIGHER]
    turned = [_word(Verdict.HIGHER), _word(Verdict.LOWER)]
    return said._replace(verdict=np.select(sides, turned, default=said.verdict))


MISSING = "a figure that it needs is missing"
_SIDES = (Verdict.CANNOT_TELL, Verdict.LOWER, Verdict.HIGHER)


def _all(doubts: Mapping[str, ArrayLike] | None) -> list[tuple[str, ArrayLike]]:
    return list((doubts or {}).items())


def _word(word: str) -> NDArray[np.object_]:
    return np.array(word, dtype=object)
