"""How much more complete recording would have had to become to explain a change between two counts."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from needs_assessment.methods.rates import FloatArray, columns, refuse


class RecordingEffect(NamedTuple):
    """What a change of recording would have to be, for each change: arrays of one shape.

    `explained_by` is the factor by which recording must have become more complete (below 1: less complete) to explain
    all of the change, `within_chance_at` the one nearest to 1 from which on what is left is no clear change; 1 where it
    is none to start with. `share_found`, 0 to 1, says the first in other words: of what the more complete recording
    finds, the share that the less complete one would have found (the one before for a rise, the one after for a fall).
    """

    explained_by: FloatArray
    within_chance_at: FloatArray
    share_found: FloatArray


def recording_effect(rate_ratio: ArrayLike, lower: ArrayLike, upper: ArrayLike) -> RecordingEffect:
    """The factors by which recording alone would explain ratios of two rates, after to before, with these limits.

    If a share s of what there is was recorded before and a share t after, and nothing is recorded that is not there,
    the recorded ratio is the true one times t/s. So t/s = `rate_ratio` explains all of it, and for a given t/s the
    ratio and both limits are divided by it: the limits hold 1 as soon as t/s reaches the one nearer 1. Ratio and limits
    are those of `change.count_change`.

    A ratio of infinity (none before) is explained by no factor, and one of 0 (none after) by none above 0: the factors
    are then infinity and 0, and the share is 0. A missing ratio, or limit, gives missing figures; but where limits are
    known without a ratio (no event at all), the second factor is too.

    Raises ValueError, with the positions at fault, for a number below 0, and for a ratio outside its limits.

    Source: outcomes found with differing sensitivity and perfect specificity, in Lash, Fox and Fink (2009), Applying
    Quantitative Bias Analysis to Epidemiologic Data, chapter 6; that the ratio itself is the least factor which
    explains it away, and the limit nearer 1 the least for its interval, VanderWeele and Li (2019), American Journal of
    Epidemiology 188, 1823-1829.
    """
    ratio, low, high = columns(rate_ratio=rate_ratio, lower=lower, upper=upper)
    refuse(
        ("rate_ratio, lower and upper must be 0 or more", (ratio < 0) | (low < 0) | (high < 0)),
        ("rate_ratio must lie within its limits", (ratio < low) | (ratio > high) | (low > high)),
    )
    nearer = np.where(low > 1, low, np.where(high < 1, high, 1.0))
    with np.errstate(divide="ignore"):
        share = np.minimum(ratio, 1 / ratio)
    return RecordingEffect(ratio, np.where(np.isnan(low + high), np.nan, nearer), share)
