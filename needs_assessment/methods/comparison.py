"""One decision for every comparison of an estimate with a reference."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from needs_assessment.vocabulary import Verdict


def verdict(lower: ArrayLike, upper: ArrayLike, reference: ArrayLike) -> NDArray[np.object_]:
    """Lower, Similar or Higher for each estimate: whether its limits lie below, around or above a fixed reference.

    Cannot tell where a limit or the reference is missing. A limit equal to the reference is Similar. The reference is
    taken as known: it must rest on so much more than the estimate that its own uncertainty does not matter, as
    England's rate does beside one authority's.
    """
    low, high, fixed = (np.asarray(values, dtype=float) for values in (lower, upper, reference))
    unknown = np.isnan(low) | np.isnan(high) | np.isnan(fixed)
    return np.select(
        [unknown, high < fixed, low > fixed],
        [np.array(word, dtype=object) for word in (Verdict.CANNOT_TELL, Verdict.LOWER, Verdict.HIGHER)],
        default=np.array(Verdict.SIMILAR, dtype=object),
    )
