"""How many cells the disclosure engine hides and how long it takes, beside what a user would do instead: each report
protected by itself, or "hide the next smallest" by hand.

Run from the project folder: `.venv/bin/python benchmarks/disclosure.py [--full]`. Every way starts from the same
simulated counts, in one run. Times are seconds of the processor; read the ratios. What each way leaves to be recovered
is what the audit finds. The last columns, where there are any, were measured on a prototype on counts of its own (the
shared cases bench.csv, force_rounding.csv and design_loss.csv): compare the cells hidden for each small count, and the
orders of magnitude.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from statistics import mean
from typing import NamedTuple

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT / "tests"))  # the tables are those of the tests

from disclosure_tables import (  # noqa: E402
    DFE,
    Counts,
    Recovered,
    Shape,
    exposed,
    full_cross,
    linked_tables,
    next_smallest,
    read_together,
    recovered,
    reports,
    simulated_counts,
)

from needs_assessment.disclosure.cells import Cell  # noqa: E402
from needs_assessment.disclosure.policies import Policy  # noqa: E402
from needs_assessment.disclosure.proposals import coarser_tables  # noqa: E402
from needs_assessment.disclosure.protection import protect_cells  # noqa: E402

Way = Callable[[Sequence[Cell]], Collection[str]]


# The ways of hiding


def joint_optimal(cells: Sequence[Cell]) -> Collection[str]:
    return protect_cells(cells).hidden


def joint_greedy(cells: Sequence[Cell]) -> Collection[str]:
    return protect_cells(cells, optimal_up_to=0).hidden


def each_report_alone(cells: Sequence[Cell]) -> Collection[str]:
    return read_together((report, protect_cells(report).hidden) for report in reports(cells))[1]


def joint_next_smallest(cells: Sequence[Cell]) -> Collection[str]:
    return next_smallest(cells)


ALL_WAYS = (joint_optimal, joint_greedy, each_report_alone, joint_next_smallest)
JOINT_WAYS = (joint_optimal, joint_greedy, joint_next_smallest)
WITHOUT_OPTIMUM = (joint_greedy, joint_next_smallest)


# The tables, and what the prototype did with its own


class Before(NamedTuple):
    """Measured on a prototype."""

    small: int
    hidden: int
    exactly: int
    narrowed: int
    seconds: float


class Task(NamedTuple):
    """A publication to protect, in how many simulated worlds, by which ways."""

    name: str
    tables: Callable[[Counts], list[Cell]]
    shape: Shape
    worlds: int
    ways: tuple[Way, ...]
    before: dict[Way, Before]


def linked(shape: Shape, worlds: int, before: dict[Way, Before], ways: tuple[Way, ...] = ALL_WAYS) -> Task:
    return Task(f"linked, {shape.areas} areas", linked_tables, shape, worlds, ways, before)


QUICK = [
    linked(
        Shape(mean=0.5),
        2,
        {
            joint_optimal: Before(53, 71, 0, 0, 0.76),
            joint_greedy: Before(53, 77, 0, 0, 0.31),
            each_report_alone: Before(53, 67, 14, 24, 0.11),
            joint_next_smallest: Before(53, 75, 1, 7, 0.0),
        },
    ),
    linked(
        Shape(mean=1.5),
        2,
        {
            joint_optimal: Before(18, 31, 0, 0, 0.52),
            joint_greedy: Before(18, 34, 0, 0, 0.1),
            each_report_alone: Before(18, 24, 7, 7, 0.04),
            joint_next_smallest: Before(18, 44, 0, 0, 0.0),
        },
    ),
    linked(Shape(mean=5), 2, {}),
    linked(Shape(6, 5, 3, 12, mean=1), 1, {joint_optimal: Before(48, 71, 0, 0, 1.9)}),
    linked(Shape(10, 6, 3, 12, mean=1), 1, {joint_optimal: Before(78, 118, 0, 0, 3.7)}, JOINT_WAYS),
    Task(
        "full cross",
        full_cross,
        Shape(2, 3, 3, 4, mean=1.5),
        1,
        WITHOUT_OPTIMUM,
        {joint_greedy: Before(117, 150, 0, 0, 1.65), joint_next_smallest: Before(117, 143, 11, 58, 0.0)},
    ),
]
LARGE = [
    linked(Shape(15, 6, 3, 12, mean=1), 1, {joint_optimal: Before(136, 174, 0, 0, 3.4)}, JOINT_WAYS),
    linked(Shape(10, 6, 3, 20, mean=1), 1, {joint_optimal: Before(166, 246, 0, 0, 24.1)}, JOINT_WAYS),
    Task(
        "full cross",
        full_cross,
        Shape(mean=1.5),
        1,
        WITHOUT_OPTIMUM,
        {joint_greedy: Before(391, 478, 0, 0, 54.1), joint_next_smallest: Before(391, 467, 0, 80, 0.0)},
    ),
]


# Measuring


class Measured(NamedTuple):
    """One way on one set of tables; times are seconds."""

    hidden: int
    recovered: Recovered
    seconds: float
    audit: float


def measured(way: Way, cells: Sequence[Cell]) -> Measured:
    start = time.process_time()
    hidden = way(cells)
    end = time.process_time()
    found = recovered(cells, hidden)
    return Measured(len(hidden), found, end - start, time.process_time() - end)


def together(results: Iterable[Measured]) -> Measured:
    """The sums over all worlds."""
    hidden, found, seconds, audit = zip(*results, strict=True)
    return Measured(sum(hidden), Recovered.all(found), sum(seconds), sum(audit))


HEADER = (
    f"{'tables':<20}{'cells':>6}{'mean':>5}  {'way':<20}{'small':>6}{'hidden':>7}{'ratio':>6}{'exact':>6}{'narrow':>7}"
    f"{'seconds':>9}{'ratio':>8}{'audit':>8}  | {'prototype: small, hidden, exact, narrow, seconds'}"
)


def compare(task: Task) -> None:
    """Prints a line for each way, with the ratios to the first."""
    worlds = [task.tables(simulated_counts(seed, task.shape)) for seed in range(task.worlds)]
    results = {way: together(measured(way, cells) for cells in worlds) for way in task.ways}
    first = results[task.ways[0]]
    for way, result in results.items():
        count = f"{task.worlds} x {len(worlds[0])}" if task.worlds > 1 else f"{len(worlds[0])}"
        before = task.before.get(way)
        print(
            f"{task.name:<18}{count:>8}{task.shape.mean:>5}  {way.__name__.replace('_', ' '):<20}"
            f"{result.recovered.withheld:>6}{result.hidden:>7}{result.hidden / first.hidden:>6.2f}"
            f"{result.recovered.exactly:>6}{result.recovered.narrowed:>7}"
            f"{result.seconds:>9.2f}{result.seconds / first.seconds:>8.3f}{result.audit:>8.2f}  | "
            + (
                f"{before.small}, {before.hidden}, {before.exactly}, {before.narrowed}, {before.seconds}"
                if before
                else ""
            ),
            flush=True,
        )


# Force figures to the nearest 10

ROUNDED = Policy("force to 10", round_wider_to=10)
ROUNDED_BEFORE = {0.5: (76.2, 50.4), 1.5: (42.8, 27.4), 5: (15.4, 11.2)}
"""Cells hidden of 152 on average, force figures exact and to the nearest 10: measured on a prototype
(force_rounding.csv). It had fewer small counts where it rounded (40.6 for 57 at a mean of 0.5), so it seems to have
printed small force figures rounded; `Policy` withholds them.
"""


def compare_rounding(worlds: int) -> None:
    """Prints how many cells are hidden where force figures are rounded, and where they are exact."""
    print("\nforce figures exact and to the nearest 10: cells hidden of 152 on average, and of them secondary")
    for level, (exact_before, rounded_before) in ROUNDED_BEFORE.items():
        counts = [simulated_counts(seed, Shape(mean=level)) for seed in range(worlds)]
        hidden, secondary = zip(
            *(averages([linked_tables(each, policy) for each in counts]) for policy in (DFE, ROUNDED)), strict=True
        )
        print(
            f"mean {level:<4} hidden {hidden[0]:6.1f} and {hidden[1]:6.1f} (ratio {hidden[1] / hidden[0]:.2f}), "
            f"secondary {secondary[0]:5.1f} and {secondary[1]:5.1f} (ratio {secondary[1] / secondary[0]:.2f})  | "
            f"prototype: hidden {exact_before} and {rounded_before} (ratio {rounded_before / exact_before:.2f})"
        )


def averages(worlds: Sequence[Sequence[Cell]]) -> tuple[float, float]:
    """Cells hidden, and of them secondary, in an average world; the audit must find nothing."""
    patterns = [protect_cells(cells) for cells in worlds]
    for cells, pattern in zip(worlds, patterns, strict=True):
        assert not exposed(cells, pattern.hidden)
    return mean(len(pattern.hidden) for pattern in patterns), mean(len(pattern.secondary) for pattern in patterns)


# Coarser tables


def compare_designs() -> None:
    """Prints what the engine proposes in place of a full cross, and what the linked tables of the same counts hide."""
    counts = simulated_counts(0, Shape(2, 3, 3, 4, mean=1.5))
    cross, tables = full_cross(counts), linked_tables(counts)
    print("\ncoarser tables than a full cross of 240 cells: cells, hidden, share hidden")
    line("as it is", len(cross), len(joint_greedy(cross)))
    start = time.process_time()
    for proposal in coarser_tables(cross, optimal_up_to=0):
        line(f"without {proposal.dimension}", proposal.cells, proposal.hidden)
    print(f"  all proposals took {time.process_time() - start:.1f} s")
    line("the linked tables of the same counts", len(tables), len(joint_optimal(tables)))
    print("  prototype: full cross of 1,100 cells 50 %, linked tables of 152 cells 50 %, without quarters 43 %,")
    print("  area x type x year alone 40 %, area x year and force x type x year 11 %")


def line(name: str, cells: int, hidden: int) -> None:
    print(f"  {name:<40}{cells:>6}{hidden:>6}{hidden / cells:>8.0%}")


def main() -> None:
    """Measures every way in one run and prints what each hides, leaves to be recovered and takes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    pace = parser.add_mutually_exclusive_group()
    pace.add_argument("--quick", action="store_true", help="tables of up to 534 cells, some two minutes (the default)")
    pace.add_argument("--full", action="store_true", help="also 744 and 890 linked cells and a full cross of 900")
    chosen = parser.parse_args()
    print(HEADER)
    for task in [*QUICK, *LARGE] if chosen.full else QUICK:
        compare(task)
    compare_rounding(worlds=5 if chosen.full else 2)
    compare_designs()


if __name__ == "__main__":
    main()
