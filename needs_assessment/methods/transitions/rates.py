"""Rates of moves from one state to another where every move is seen: events over person-time."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from needs_assessment.methods.rates import Limits, columns, exact_poisson_limits, is_positive, refuse


def move_rates(moves: ArrayLike, years: ArrayLike, *, confidence: float = 0.95) -> Limits:
    """Moves per person-year at the state they start from, with exact two-sided Poisson limits.

    `moves` and `years` are numbers, arrays or columns of one shape (or one number for all); `years` is the time spent
    at the state by everyone who was there. No move gives a rate of 0 with an upper limit. Where either is missing, and
    where nobody was at the state, the rate and its limits are missing.

    Raises ValueError, with the positions at fault, for moves that are negative or not whole, years that are negative
    or infinite, a move where nobody was (0 years), and columns whose indexes differ.

    Source: occurrence/exposure rates, Hoem (1987), Scandinavian Actuarial Journal 1987, 129-152; limits, Garwood
    (1936), Biometrika 28, 437-442.
    """
    counts, exposure = columns(moves=moves, years=years)
    refuse(
        ("moves must be a whole number, 0 or more", ~np.isnan(counts) & ~(np.isfinite(counts) & _whole(counts))),
        ("years must be 0 or more and finite", ~np.isnan(exposure) & ~is_positive(exposure, or_zero=True)),
        ("moves must be 0 where years are 0", (counts > 0) & (exposure == 0)),
    )
    known = np.isfinite(counts) & (exposure > 0)
    counts, exposure = np.where(known, counts, np.nan), np.where(known, exposure, np.nan)
    lower, upper = (limit / exposure for limit in exact_poisson_limits(counts, confidence))
    method = np.where(known, np.array("exact", dtype=object), np.array(None, dtype=object))
    return Limits(counts / exposure, lower, upper, method)


def _whole(counts: np.ndarray) -> np.ndarray:
    return (counts >= 0) & (np.floor(counts) == counts)
