"""Of how many a published percentage can be: only some whole numbers give 95.83%."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from needs_assessment.methods.rates import refuse

IntArray = NDArray[np.int64]

MOST_DECIMALS = 6
_LARGEST_BASE = 10**9
_WHOLE = 100
_ROUNDING = 1e-6


def is_possible_percentage(percentage: float, decimals: int, base: int) -> bool:
    """Whether a whole number of `base` gives the percentage, rounded to so many decimals.

    A half may have been rounded up, down or to the even digit: 1 of 8 is possible as 12.5 and, without decimals, as 12
    and as 13. From a base of 100 x 10^decimals upwards every percentage is possible, and the answer says nothing.

    Raises ValueError for a percentage that is not between 0 and 100 or has more decimals than stated, and for a base
    or decimals that are not whole numbers of a possible size.

    Source: Brown and Heathers (2017), Social Psychological and Personality Science 8, 363-369.
    """
    return bool(possible_counts(percentage, decimals, base).size)


def possible_counts(percentage: float, decimals: int, base: int) -> IntArray:
    """The whole numbers of `base` that give the percentage, rounded to so many decimals: none, one or, of a large base,
    several in a row.

    Rounding and errors as in `is_possible_percentage`.

    Source: Brown and Heathers (2017), Social Psychological and Personality Science 8, 363-369.
    """
    shown, whole = _in_last_digits(percentage, decimals)
    refuse(_base_rule("base", base))
    # Twice the numbers, so that half a digit is whole: |2 x whole x count - 2 x shown x base| <= base.
    first = -(-(2 * shown - 1) * base // (2 * whole))
    last = (2 * shown + 1) * base // (2 * whole)
    return np.arange(max(first, 0), min(last, base) + 1, dtype=np.int64)


def possible_bases(percentage: float, decimals: int, at_most: int) -> IntArray:
    """The bases from 1 to `at_most` of which a whole number gives the percentage, in rising order.

    Rounding and errors as in `is_possible_percentage`.

    Source: Brown and Heathers (2017), Social Psychological and Personality Science 8, 363-369.
    """
    shown, whole = _in_last_digits(percentage, decimals)
    refuse(_base_rule("at_most", at_most))
    bases = np.arange(1, at_most + 1, dtype=np.int64)
    beyond = shown * bases % whole
    return bases[2 * np.minimum(beyond, whole - beyond) <= bases]


def _in_last_digits(percentage: float, decimals: int) -> tuple[int, int]:
    """The percentage, and 100%, in units of its last digit: 9583 and 10000 for 95.83."""
    known = decimals in range(MOST_DECIMALS + 1)
    scale = 10 ** int(decimals) if known else 1
    inside = 0 <= percentage <= _WHOLE
    shown = round(percentage * scale) if inside else 0
    refuse(
        (f"decimals must be a whole number from 0 to {MOST_DECIMALS}", not known),
        ("percentage must be between 0 and 100", not inside),
        ("percentage must have no more decimals than stated", inside and abs(percentage * scale - shown) > _ROUNDING),
    )
    return shown, _WHOLE * scale


def _base_rule(name: str, base: int) -> tuple[str, bool]:
    return f"{name} must be a whole number from 1 to {_LARGEST_BASE}", not (
        1 <= base <= _LARGEST_BASE and base % 1 == 0
    )
