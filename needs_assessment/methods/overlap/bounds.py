"""Bounds of the number of people on at least one of several lists."""

from __future__ import annotations

from itertools import combinations, product
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import OptimizeResult, linprog
from scipy.sparse import eye_array, kron

from needs_assessment.methods.rates import FloatArray, columns, refuse

MOST_LISTS = 10
ROUNDING = 1e-6
INCONSISTENT = "no people can be on the lists with these sizes and overlaps"


class Bounds(NamedTuple):
    """The fewest and the most people that can be on at least one list, of the shape of the input less its last axis."""

    lower: FloatArray
    upper: FloatArray


def bounds(sizes: ArrayLike, overlaps: ArrayLike | None = None) -> Bounds:
    """The fewest and the most people on at least one list: no assumption is made and no sharper bounds can be proved.

    The last axis of `sizes` is the lists, each without repetition of a person. Without `overlaps` the largest list is
    the fewest and the sum the most. `overlaps` has two axes of lists at its end: how many people are on both, with NaN
    where that is not known (its diagonal is not read). The bounds are then the best that the known overlaps allow,
    found by linear programming, and never wider than Bonferroni's. A missing size gives missing bounds.

    Raises ValueError, with the positions at fault, for a figure that is negative or not whole, for an overlap that is
    stated in two ways, and for sizes and overlaps that no people could give.

    Source: Hailperin (1965), American Mathematical Monthly 72, 343-359; Galambos and Simonelli (1996),
    Bonferroni-type Inequalities with Applications, Springer.
    """
    (people,) = columns(sizes=sizes)
    refuse(
        ("sizes must have a last axis of 1 to 10 lists", people.ndim == 0 or not 1 <= people.shape[-1] <= MOST_LISTS),
        ("sizes must be whole numbers, 0 or more", ~_is_count(people)),
    )
    if overlaps is None:
        return Bounds(people.max(axis=-1), people.sum(axis=-1))
    return _with_overlaps(people, columns(overlaps=overlaps)[0])


def _with_overlaps(sizes: FloatArray, overlaps: FloatArray) -> Bounds:
    lists = sizes.shape[-1]
    refuse(("overlaps must be shaped as sizes, with one more axis of lists", overlaps.shape != (*sizes.shape, lists)))
    first, second = np.triu_indices(lists, 1)
    both, mirrored = overlaps[..., first, second], overlaps[..., second, first]
    refuse(
        ("overlaps must be whole numbers, 0 or more", ~(_is_count(both) & _is_count(mirrored))),
        ("overlaps must be the same both ways", (both != mirrored) & ~(np.isnan(both) | np.isnan(mirrored))),
        ("overlaps must not be above either list", both > np.minimum(sizes[..., first], sizes[..., second])),
    )
    known = np.where(np.isnan(both), mirrored, both)
    figures = np.concatenate([sizes, known], axis=-1).reshape(-1, lists + len(first))
    fewest, most = _solved(figures, lists)
    shape = sizes.shape[:-1]
    return Bounds(fewest.reshape(shape)[()], most.reshape(shape)[()])


def _solved(figures: FloatArray, lists: int) -> tuple[FloatArray, FloatArray]:
    """The fewest and most people for each row of sizes and overlaps; all rows are one sparse linear programme."""
    fewest, most = np.full(len(figures), np.nan), np.full(len(figures), np.nan)
    whole = np.asarray(~np.isnan(figures[:, :lists]).any(axis=1))
    if not whole.any():
        return fewest, most
    least, greatest = (_programme(figures[whole], lists, sense) for sense in (1, -1))
    if not (least.success and greatest.success):
        _refuse_inconsistent(figures, whole, lists)
    # People come whole, so a bound between two numbers of people moves inwards to the next.
    fewest[whole] = np.ceil(_people(least, lists) - ROUNDING)
    most[whole] = np.floor(_people(greatest, lists) + ROUNDING)
    return fewest, most


def _programme(figures: FloatArray, lists: int, sense: int) -> OptimizeResult:
    """People in each combination of lists, for all rows at once, that give the figures: the fewest (1) or most (-1)."""
    combined = combinations_of(lists)
    pairs = [combined[:, first] & combined[:, second] for first, second in combinations(range(lists), 2)]
    counted = kron(eye_array(len(figures)), np.vstack([combined.T, *pairs]).astype(float), format="csr")
    stated, known = figures.ravel(), ~np.isnan(figures.ravel())
    return linprog(np.full(counted.shape[1], sense), A_eq=counted[known], b_eq=stated[known], method="highs")


def _people(solution: OptimizeResult, lists: int) -> FloatArray:
    return np.asarray(solution.x).reshape(-1, 2**lists - 1).sum(axis=1)


def _refuse_inconsistent(figures: FloatArray, whole: NDArray[np.bool_], lists: int) -> None:
    # Only on the way to an error is each row solved by itself, to say which it is.
    broken = [bool(of) and not _programme(row[None], lists, 1).success for row, of in zip(figures, whole, strict=True)]
    refuse((INCONSISTENT, broken))
    raise ArithmeticError("the bounds could not be found: the linear programme gave no solution")


def combinations_of(lists: int) -> NDArray[np.bool_]:
    """Every way of being on at least one list: a row each, a column a list."""
    return np.array(list(product([False, True], repeat=lists))[1:], dtype=bool)


def _is_count(figures: FloatArray) -> NDArray[np.bool_]:
    return np.asarray(np.isnan(figures) | (np.isfinite(figures) & (figures >= 0) & (figures == np.floor(figures))))
