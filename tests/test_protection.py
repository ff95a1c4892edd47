"""The engine of the disclosure gate: that its patterns are safe, that they are the least, and that order is no matter.

Three judges that share no code with it: published and retyped tables with their optimum, every pattern and every whole
table tried one by one (`Exhaustive`), and scipy's own solvers on random linked tables (`possible`).
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import replace
from functools import reduce
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from needs_assessment.disclosure.cells import Cell, Known, Status, terms
from needs_assessment.disclosure.proposals import Proposal, coarser_tables
from needs_assessment.disclosure.protection import Pattern, protect_cells
from needs_assessment.disclosure.table_files import protect

SHARED = Path(__file__).resolve().parents[1].parent / "shared"
OPTIMA = SHARED / "cases" / "disclosure" / "suppression_optimum.json"


def cell(key: str, atoms: Sequence[str], count: int, most: int = 5, **more: object) -> Cell:
    """A figure printed as it is, and sensitive from 1 to `most`."""
    cover = (1, most) if 1 <= count <= most else None
    return Cell(**{"key": key, "terms": terms(atoms), "count": count, "printed": (count, count), "cover": cover, **more})


def table(inner: Sequence[Sequence[int]], most: int, *, zeros_published: bool = False) -> list[Cell]:
    """The cells of a table with its totals; where zeros are published nobody may hide one, and what is hidden is no 0."""
    counts = np.array(inner)
    places = [[*map(str, range(side)), "Total"] for side in counts.shape]
    cells = []
    for row, column in product(*places):
        rows, columns = ([name] if name != "Total" else names[:-1] for name, names in zip((row, column), places, strict=True))
        count = int(counts[np.ix_([int(name) for name in rows], [int(name) for name in columns])].sum())
        always = zeros_published and count == 0
        cells.append(
            cell(
                f"{row}|{column}",
                [f"{one}|{other}" for one in rows for other in columns],
                count,
                most,
                hidden=(int(zeros_published), None),
                status=Status.PRINTED if always else Status.FREE,
            )
        )
    return cells


def linked(seed: int, mean: float = 3.0, quarters: int = 4, force_rounding: int = 1) -> list[Cell]:
    """Two areas × two types × quarters, published as area × type × year, area × quarter and force × type × quarter."""
    draw = np.random.default_rng(seed)
    counts = draw.poisson(draw.gamma(1.0, mean, (2, 2, quarters)))
    everywhere, year = (slice(2), frozenset({"north", "south"})), (slice(quarters), "year")
    areas = [(slice(0, 1), frozenset({"north"})), (slice(1, 2), frozenset({"south"}))]
    types = [(slice(0, 1), "trafficking"), (slice(1, 2), "gangs")]
    both, periods = (slice(2), "both"), [(slice(quarter, quarter + 1), f"q{quarter}") for quarter in range(quarters)]
    places = [
        *product([*areas, everywhere], [*types, both], [year]),
        *product([*areas, everywhere], [both], periods),
        *product([everywhere], types, periods),
    ]
    return [_linked_cell(counts, place, force_rounding) for place in places]


def _linked_cell(counts: np.ndarray, place: tuple, force_rounding: int) -> Cell:
    (area, within), (kind, kind_name), (period, period_name) = place
    wider, count = len(within) > 1, int(counts[area, kind, period].sum())
    atoms = np.array([f"atom {place:03}" for place in range(counts.size)]).reshape(counts.shape)[area, kind, period]
    name = "force" if wider else min(within)
    sums = {"area": wider, "type": kind_name == "both", "period": period_name == "year"}
    base = force_rounding if wider else 1
    lowest = max(0, (2 * count + base) // (2 * base) * base - base // 2)
    return cell(
        f"{name}|{kind_name}|{period_name}",
        atoms.ravel().tolist(),
        count,
        printed=(lowest, (2 * count + base) // (2 * base) * base - base // 2 + base - 1),
        areas=within,
        totals=frozenset(dimension for dimension, total in sums.items() if total),
        coordinates=(("area", name), ("type", kind_name), ("period", period_name)),
    )


def as_published(cells: Sequence[Cell], hidden: frozenset[str]) -> list[Cell]:
    """The cells with a pattern fixed."""
    return [
        replace(one, status=Status.HIDDEN if one.key in hidden else Status.PRINTED) for one in cells
    ]


def unsafe(cells: Sequence[Cell], hidden: frozenset[str], known: Sequence[Known] = (), **more: bool) -> tuple[str, ...]:
    """The cells that a fixed pattern leaves open to attack, by the engine's own account."""
    return protect_cells(as_published(cells, hidden), known, **more).unprotectable


# A judge by scipy


def possible(
    cells: Sequence[Cell], hidden: frozenset[str], target: Cell, value: int, known: Sequence[Known] = ()
) -> bool:
    """Whether whole counts agree with everything printed and make the target the value."""
    atoms = sorted({atom for row in (*cells, *known) for atom, _ in row.terms})
    spans = [(one.terms, *(one.hidden if one.key in hidden else one.printed)) for one in cells]
    spans += [(row.terms, row.low, row.high) for row in known] + [(target.terms, value, value)]
    matrix = np.array([[dict(coefficients).get(atom, 0) for atom in atoms] for coefficients, _, _ in spans])
    ends = [[-np.inf if low is None else low for _, low, _ in spans], [np.inf if high is None else high for *_, high in spans]]
    rows = LinearConstraint(matrix, *np.array(ends, dtype=float))
    found = milp(np.zeros(len(atoms)), constraints=rows, bounds=Bounds(0, np.inf), integrality=np.ones(len(atoms)))
    if not found.success:
        return False
    sums = matrix @ np.rint(found.x).astype(int)
    return bool((sums >= ends[0]).all() and (sums <= ends[1]).all())


def open_to_attack(cells: Sequence[Cell], hidden: frozenset[str], known: Sequence[Known] = ()) -> set[str]:
    """The sensitive cells of which some value of the cover is impossible, by scipy."""
    return {
        one.key
        for one in cells
        if one.cover is not None
        and not all(possible(cells, hidden, one, value, known) for value in range(one.cover[0], one.cover[1] + 1))
    }


# A judge that tries everything


class Exhaustive:
    """Every pattern of a few cells, and for each every whole table that agrees with what it prints.

    No atom needs to move further than `reach`. In a table with totals in two directions the matrix is totally
    unimodular, so any other table is the true one and moves of single children, of which only those that move the
    target are needed: as many as its count must change, at most the cover's length less 1.
    """

    def __init__(self, cells: Sequence[Cell], reach: int) -> None:
        self.cells = cells
        atoms = sorted({atom for one in cells for atom, _ in one.terms})
        truth = [next(one.count for one in cells if one.terms == ((atom, 1),)) for atom in atoms]
        moves = [range(max(0, count - reach), count + reach + 1) for count in truth]
        counts = np.stack([grid.ravel() for grid in np.meshgrid(*moves, indexing="ij")])
        coefficients = np.array([[dict(one.terms).get(atom, 0) for atom in atoms] for one in cells])
        sums = coefficients @ counts
        self._sums = sums[:, self._believable(sums)]
        shown = [(one.printed[0] <= row) & (row <= one.printed[1]) for one, row in zip(cells, self._sums, strict=True)]
        self._must_hide = ((~np.array(shown)).T @ (1 << np.arange(len(cells)))).astype(int)

    def _believable(self, sums: np.ndarray) -> np.ndarray:
        floors = np.array([(one.printed if one.status is Status.PRINTED else one.hidden)[0] for one in self.cells])
        tops = np.array([one.printed[1] if one.status is Status.PRINTED else np.iinfo(int).max for one in self.cells])
        return ((sums >= floors[:, None]) & (sums <= tops[:, None])).all(axis=0)

    def safe(self) -> np.ndarray:
        """By pattern, a number whose bits are the hidden cells, whether each value of each cover is possible."""
        needs = [
            self._possible(row, value)
            for row, one in enumerate(self.cells)
            if one.cover is not None and one.status is not Status.PRINTED
            for value in range(one.cover[0], one.cover[1] + 1)
        ]
        return reduce(np.logical_and, needs, np.ones(1 << len(self.cells), dtype=bool))

    def _possible(self, row: int, value: int) -> np.ndarray:
        patterns = np.zeros((2,) * len(self.cells), dtype=bool)
        patterns.reshape(-1)[self._must_hide[self._sums[row] == value]] = True
        for axis in range(len(self.cells)):  # what one pattern leaves possible, each that hides more does too
            with_it = [slice(None)] * len(self.cells)
            with_it[axis] = 1
            patterns[tuple(with_it)] |= patterns.take(0, axis=axis)
        return patterns.reshape(-1)

    def least(self) -> int | None:
        """The least weight of secondary cells in a safe pattern; None without any."""
        bits = [1 << place for place in range(len(self.cells))]
        forced = sum(bit for bit, one in zip(bits, self.cells, strict=True) if one.exposed_in_print and one.status is not Status.PRINTED)
        never = sum(bit for bit, one in zip(bits, self.cells, strict=True) if one.status is Status.PRINTED)
        patterns = np.arange(1 << len(self.cells))
        allowed = ((patterns & forced) == forced) & ((patterns & never) == 0) & self.safe()
        weights = sum(one.weight * ((patterns & ~forced & bit) > 0) for bit, one in zip(bits, self.cells, strict=True))
        return int(weights[allowed].min()) if allowed.any() else None


def agrees_with_exhaustive_search(cells: Sequence[Cell], reach: int) -> None:
    pattern = protect_cells(cells)
    least = Exhaustive(sorted(cells, key=lambda one: one.key), reach).least()
    assert (least is None) == bool(pattern.unprotectable)
    assert pattern.optimal
    if least is not None:
        assert sum(one.weight for one in cells if one.key in pattern.secondary) == least


# Published and retyped tables

RETYPED = [
    # Risk by area of a seed document (5, 6, 11 at high and 7, 12, 15 at medium risk); optimum by exhaustive search.
    ("risk by area", [[5, 6, 11], [7, 12, 15]], 5, False, 3),
    ("risk by area, zeros published", [[5, 6, 11], [7, 12, 15]], 5, True, 3),
    # GaussSuppression vignette, table 4 (young and old in Spain, Iceland and Portugal), counts up to 4.
    ("vignette", [[5, 2, 0], [6, 3, 4]], 4, False, 3),
    ("vignette, zeros published", [[5, 2, 0], [6, 3, 4]], 4, True, 3),
    # Handbook on Statistical Disclosure Control, chapter 5: marital status by sex, and areas by sex.
    ("marital status, zeros published", [[38, 17], [7, 4], [3, 1]], 5, True, None),
    ("areas, zeros published", [[1, 0], [3, 3], [12, 20]], 5, True, 3),
    # One offence in one of three areas; optimum by exhaustive search.
    ("one offence, zeros published", [[1, 0], [9, 14], [12, 8]], 5, True, 2),
    # Random tables, optimum by exhaustive search: zeros that are known for zeros cost two more figures.
    ("nothing more", [[2, 0, 2], [2, 5, 3]], 3, False, 0),
    ("nothing more, zeros published", [[2, 0, 2], [2, 5, 3]], 3, True, 2),
    ("many small", [[1, 2, 3], [2, 1, 2], [5, 1, 2]], 5, False, 1),
    ("many small, zeros published", [[1, 2, 3], [2, 1, 2], [5, 1, 2]], 5, True, None),
]


@pytest.mark.parametrize(("inner", "most", "zeros_published", "least"), [case[1:] for case in RETYPED], ids=[case[0] for case in RETYPED])
def test_known_tables_have_their_optimum(inner, most, zeros_published, least):
    pattern = protect_cells(table(inner, most, zeros_published=zeros_published))
    assert bool(pattern.unprotectable) == (least is None)
    assert least is None or (len(pattern.secondary), pattern.optimal) == (least, True)


@pytest.mark.skipif(not OPTIMA.exists(), reason="the shared cases are not beside the project")
def test_every_shared_table_has_its_optimum_by_the_command():
    answer = CliRunner().invoke(protect, [str(OPTIMA)])
    assert answer.exit_code == 0, answer.output
    expected = json.loads(OPTIMA.read_text(encoding="utf-8"))["cases"]
    fields = ("id", "min_secondary", "unprotectable")
    stated = [{field: case[field] for field in fields} for case in json.loads(answer.output)["cases"]]
    assert stated == [{field: case[field] for field in fields} for case in expected]
    assert len(stated) == 26


# Every pattern of small tables: 1,100 of them

counts = st.integers(0, 8)
weights = st.lists(st.integers(1, 4), min_size=12, max_size=12)


@settings(max_examples=600, derandomize=True, deadline=None, database=None)
@given(st.lists(counts, min_size=4, max_size=4), st.integers(1, 5), st.booleans(), weights)
def test_two_by_two_tables_have_the_optimum_of_exhaustive_search(inner, most, zeros_published, costs):
    cells = table([inner[:2], inner[2:]], most, zeros_published=zeros_published)
    agrees_with_exhaustive_search([replace(one, weight=cost) for one, cost in zip(cells, costs, strict=False)], most - 1)


@settings(max_examples=500, derandomize=True, deadline=None, database=None)
@given(st.lists(counts, min_size=6, max_size=6), st.integers(1, 3), st.booleans(), weights)
def test_two_by_three_tables_have_the_optimum_of_exhaustive_search(inner, most, zeros_published, costs):
    cells = table([inner[:3], inner[3:]], most, zeros_published=zeros_published)
    agrees_with_exhaustive_search([replace(one, weight=cost) for one, cost in zip(cells, costs, strict=False)], most - 1)


@settings(max_examples=100, derandomize=True, deadline=None, database=None)
@given(st.lists(st.integers(0, 6), min_size=4, max_size=4), st.integers(2, 3))
def test_zeros_that_would_disclose_a_class_are_hidden_with_the_optimum(inner, most):
    cells = table([inner[:2], inner[2:]], most)
    covered = [replace(one, cover=(0, 1)) if one.count == 0 else one for one in cells]
    agrees_with_exhaustive_search(covered, most - 1)
