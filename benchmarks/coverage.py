"""How long the largest allocations of need to services take for all forces at once, and by how much a greedy
allocation, as a spreadsheet would do it, overstates the gap.

Run from the project folder, with nothing else running: `.venv/bin/python benchmarks/coverage.py [--forces 43]`. Made-up
need of 4 areas in each force, in 48 cells an area (2 harms, 6 ages, 4 levels), and 30 services a force, each for one
harm or both, a range of ages and of levels and some of the areas. Their places are lognormal and add up to `--places`
times the need. Both ways start from the same need, in one run. The greedy way goes down the list of cells and gives
each the places that are left at the first service in the list that accepts it, then at the next, and so on. Read the
ratios, not the seconds.

Example: `.venv/bin/python benchmarks/coverage.py --forces 43 --places 1.2`
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from itertools import product
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from needs_assessment.methods.allocation import (
    Problem,
    largest_allocation,
    largest_allocations,
    proportional_allocation,
)

SEED, FORCES, AREAS, HARMS, AGES, LEVELS, SERVICES = 20251122, 43, 4, 2, 6, 4, 30
CELLS = np.array(list(product(range(AREAS), range(HARMS), range(AGES), range(LEVELS))))
AGE_SHARES = np.array([0.05, 0.10, 0.15, 0.25, 0.25, 0.20])
LEVEL_SHARES = np.array([0.40, 0.30, 0.20, 0.10])
CHILDREN, SPREAD = 60.0, 1.0
"""Children an area and harm on average, and the standard deviation of the logarithm of a service's places."""

Figures = NDArray[np.float64]
Result = TypeVar("Result")


class Way(NamedTuple):
    """Seconds that a way of allocating takes, and the gap that it leaves in each force."""

    name: str
    seconds: float
    gaps: Figures


def made_up(generator: np.random.Generator, places: float) -> Problem:
    area, harm, age, level = CELLS.T
    children = generator.gamma(2, CHILDREN / 2, (AREAS, HARMS))
    need = children[area, harm] * AGE_SHARES[age] * LEVEL_SHARES[level]
    accepts = np.stack([accepted(generator) for _ in range(SERVICES)], axis=1)
    size = generator.lognormal(0, SPREAD, SERVICES)
    return Problem(need, size / size.sum() * need.sum() * places, accepts)


def accepted(generator: np.random.Generator) -> NDArray[np.bool_]:
    """The cells that a made-up service accepts."""
    area, harm, age, level = CELLS.T
    ages, levels = (np.sort(generator.integers(0, size, 2)) for size in (AGES, LEVELS))
    both = generator.random() < 0.3
    areas = generator.permutation(AREAS)[: generator.integers(1, AREAS + 1)]
    return (
        np.isin(area, areas)
        & (both | (harm == generator.integers(HARMS)))
        & ((age >= ages[0]) & (age <= ages[1]))
        & ((level >= levels[0]) & (level <= levels[1]))
    )


def greedy_gap(problem: Problem) -> float:
    """The need unmet where each cell in turn takes what is left at the services that accept it, in their order."""
    need, left, accepts = problem.need.tolist(), problem.places.tolist(), problem.accepts.tolist()
    unmet = 0.0
    for children, takes in zip(need, accepts, strict=True):
        for service, yes in enumerate(takes):
            if yes and children > 0:
                given = min(children, left[service])
                left[service] -= given
                children -= given  # noqa: PLW2901 - what is still to be placed
        unmet += children
    return unmet


def timed(work: Callable[[], Result], repeats: int = 3) -> tuple[Result, float]:
    """What comes of the work, and the shortest of some runs in seconds."""
    times = []
    while True:
        start = time.perf_counter()
        result = work()
        times.append(time.perf_counter() - start)
        if len(times) >= repeats:
            return result, min(times)


def ways(problems: list[Problem]) -> tuple[list[Way], float]:
    """Each way, the largest allocation first, and how far its gaps and those of its cuts differ at most."""
    found, seconds = timed(lambda: largest_allocations(problems))
    made = [Way("largest, all forces at once", seconds, np.array([each.gap for each in found]))]
    others = {
        "largest, force by force": lambda problem: largest_allocation(problem).gap,
        "in proportion to places": lambda problem: proportional_allocation(problem).gap,
        "greedy, cell by cell": greedy_gap,
    }
    for name, gap in others.items():
        gaps, seconds = timed(
            lambda gap=gap: np.array([gap(problem) for problem in problems]), 1 if "largest" in name else 3
        )
        made.append(Way(name, seconds, gaps))
    return made, max(abs(each.unmet.sum() - each.gap) for each in found)


def main() -> None:
    """Allocates in each way and prints times, gaps and by how much each way overstates the gap."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--forces", type=int, default=FORCES, help=f"how many forces (default: {FORCES})")
    parser.add_argument("--places", type=float, default=1.0, help="all places as a part of all need (default: 1)")
    chosen = parser.parse_args()
    if chosen.forces < 1 or not chosen.places >= 0:
        parser.error("--forces must be 1 or more and --places 0 or more")
    generator = np.random.default_rng(SEED)
    problems = [made_up(generator, chosen.places) for _ in range(chosen.forces)]
    need = sum(problem.need.sum() for problem in problems)
    print(
        f"{chosen.forces} forces x {AREAS} areas x {len(CELLS) // AREAS} need cells x {SERVICES} services, seed {SEED}"
    )
    print(
        f"need {need:,.0f} children, {no_service(problems):,.0f} of them without a service; "
        f"places {chosen.places:g} times the need"
    )
    made, difference = ways(problems)
    print_table(made)
    print(f"the gap of an allocation and that of its cut differ by {difference:.1e} children at most")


def no_service(problems: list[Problem]) -> float:
    """The need that no service accepts."""
    return float(sum(problem.need[~problem.accepts.any(axis=1)].sum() for problem in problems))


def print_table(made: list[Way]) -> None:
    first = made[0]
    print(f"{'':<30}{'time':>11}{'ratio':>8}{'gap':>9}{'overstated by':>22}{'widest in a force':>20}")
    for way in made:
        more = way.gaps.sum() - first.gaps.sum()
        widest = max(way.gaps - first.gaps)
        print(
            f"{way.name:<30}{way.seconds * 1000:8.0f} ms{way.seconds / first.seconds:7.2f}x{way.gaps.sum():9,.0f}"
            f"{more:9,.0f} ({more / first.gaps.sum():6.1%}){widest:20,.0f}"
        )


if __name__ == "__main__":
    main()
