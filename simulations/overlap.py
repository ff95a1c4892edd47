"""Double counting: whether the bounds hold, and how the multiple-systems estimate fails when its assumptions do."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from needs_assessment.methods.overlap import bounds, capture_table, chosen_pairs, model_estimate
from simulations.study import Study

METHOD = "Double counting"
CLAIM = "95% limits of the multiple-systems estimate hold the number of people"

# A class of people: its share of all, and the chance of each of its people to be on each list.
Class = tuple[float, Sequence[float]]
EQUAL, SMALL_LISTS, FOUR = (0.3, 0.3, 0.3), (0.05, 0.1, 0.2), (0.1, 0.15, 0.2, 0.25)


def estimates_that_hold(
    generator: np.random.Generator, trials: int, *, people: int, classes: Sequence[Class], linked: float = 0.0
) -> int:
    """Of `trials` estimates that were given (one refused is drawn again), how many have limits that hold the truth.

    With `linked`, so large a share of the people on the first list is put on the second as well.
    """
    given = held = 0
    while given < trials:
        seen = on_lists(generator, people, classes)
        seen[:, 1] |= seen[:, 0] & (generator.random(people) < linked)
        limits = estimated(seen)
        given += limits is not None
        held += limits is not None and limits[0] <= people <= limits[1]
    return held


def on_lists(generator: np.random.Generator, people: int, classes: Sequence[Class]) -> NDArray[np.bool_]:
    """Made-up people, one row each, and the lists that they are on, one column each."""
    shares, chances = zip(*classes, strict=True)
    of_class = generator.choice(len(shares), size=people, p=shares)
    return generator.random((people, len(chances[0]))) < np.array(chances)[of_class]


def estimated(seen: NDArray[np.bool_]) -> tuple[float, float] | None:
    """The limits of the estimate from people on lists, or None where it is refused."""
    histories, counts = np.unique(seen[seen.any(axis=1)], axis=0, return_counts=True)
    table = capture_table([str(number) for number in range(seen.shape[1])], histories, counts)
    try:
        model = model_estimate(table, chosen_pairs(table))
    except ValueError:
        return None
    return model.lower, model.upper


def bounds_that_hold(generator: np.random.Generator, trials: int, *, mean: float, with_overlaps: bool) -> int:
    """In how many trials the bounds from three lists hold the number of people on any of them."""
    people = generator.poisson(mean / 4, size=(trials, 7))
    on = np.array([[number >> position & 1 for position in range(3)] for number in range(1, 8)])
    overlaps = np.einsum("tc,ca,cb->tab", people, on, on) if with_overlaps else None
    found = bounds(people @ on, overlaps)
    return int(((found.lower <= people.sum(axis=1)) & (people.sum(axis=1) <= found.upper)).sum())


def _estimate(situation: str, people: int, classes: Sequence[Class], linked: float = 0.0) -> Study:
    hits = partial(estimates_that_hold, people=people, classes=classes, linked=linked)
    return Study(METHOD, CLAIM, f"{situation}, {people:,} people", 0.95, "about", 1_000, hits)


def _bounds(mean: float, with_overlaps: bool) -> Study:
    words = "with the overlaps of all pairs" if with_overlaps else "from the sizes alone"
    hits = partial(bounds_that_hold, mean=mean, with_overlaps=with_overlaps)
    claim = "bounds hold the number of people on any of three lists"
    return Study(METHOD, claim, f"{words}, lists of {mean:g} on average", 1.0, "at least", 2_000, hits)


STUDIES = [
    *(_bounds(mean, with_overlaps) for mean in (0.5, 5, 50) for with_overlaps in (False, True)),
    _estimate("assumptions true: three independent lists of 30%", 200, [(1.0, EQUAL)]),
    _estimate("assumptions true: three independent lists of 30%", 1_000, [(1.0, EQUAL)]),
    _estimate("assumptions true: three independent lists of 5%, 10% and 20%", 1_000, [(1.0, SMALL_LISTS)]),
    _estimate("assumptions true: four independent lists of 10% to 25%", 1_000, [(1.0, FOUR)]),
    _estimate("two of three lists dependent: half of one are put on the other", 1_000, [(1.0, EQUAL)], 0.5),
    _estimate(
        "a third can never be on any list, the others 30% on each of three",
        1_000,
        [(2 / 3, EQUAL), (1 / 3, (0.0, 0.0, 0.0))],
    ),
    _estimate(
        "all lists dependent: half are 50% on each of three, half 10%",
        1_000,
        [(0.5, (0.5, 0.5, 0.5)), (0.5, (0.1, 0.1, 0.1))],
    ),
]
