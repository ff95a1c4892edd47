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
    return Cell(
        **{"key": key, "terms": terms(atoms), "count": count, "printed": (count, count), "cover": cover, **more}
    )


def table(inner: Sequence[Sequence[int]], most: int, *, zeros_published: bool = False) -> list[Cell]:
    """The cells of a table with its totals; where zeros are published none is hidden, and what is hidden is no 0."""
    counts = np.array(inner)
    places = [[*map(str, range(side)), "Total"] for side in counts.shape]
    cells = []
    for row, column in product(*places):
        rows, columns = (
            [name] if name != "Total" else names[:-1] for name, names in zip((row, column), places, strict=True)
        )
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
    return [replace(one, status=Status.HIDDEN if one.key in hidden else Status.PRINTED) for one in cells]


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
    ends = [
        [-np.inf if low is None else low for _, low, _ in spans],
        [np.inf if high is None else high for *_, high in spans],
    ]
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
        forced = sum(
            bit
            for bit, one in zip(bits, self.cells, strict=True)
            if one.exposed_in_print and one.status is not Status.PRINTED
        )
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


@pytest.mark.parametrize(
    ("inner", "most", "zeros_published", "least"), [case[1:] for case in RETYPED], ids=[case[0] for case in RETYPED]
)
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


# Every pattern of small tables: 500 of them

counts = st.integers(0, 8)
weights = st.lists(st.integers(1, 4), min_size=12, max_size=12)


@settings(max_examples=250, derandomize=True, deadline=None, database=None)
@given(st.lists(counts, min_size=4, max_size=4), st.integers(1, 5), st.booleans(), weights)
def test_two_by_two_tables_have_the_optimum_of_exhaustive_search(inner, most, zeros_published, costs):
    cells = table([inner[:2], inner[2:]], most, zeros_published=zeros_published)
    agrees_with_exhaustive_search(
        [replace(one, weight=cost) for one, cost in zip(cells, costs, strict=False)], most - 1
    )


@settings(max_examples=150, derandomize=True, deadline=None, database=None)
@given(st.lists(counts, min_size=6, max_size=6), st.integers(1, 3), st.booleans(), weights)
def test_two_by_three_tables_have_the_optimum_of_exhaustive_search(inner, most, zeros_published, costs):
    cells = table([inner[:3], inner[3:]], most, zeros_published=zeros_published)
    agrees_with_exhaustive_search(
        [replace(one, weight=cost) for one, cost in zip(cells, costs, strict=False)], most - 1
    )


@settings(max_examples=100, derandomize=True, deadline=None, database=None)
@given(st.lists(st.integers(0, 6), min_size=4, max_size=4), st.integers(2, 3))
def test_zeros_that_would_disclose_a_class_are_hidden_with_the_optimum(inner, most):
    cells = table([inner[:2], inner[2:]], most)
    covered = [replace(one, cover=(0, 1)) if one.count == 0 else one for one in cells]
    agrees_with_exhaustive_search(covered, most - 1)


# Linked tables

SEEDS = range(6)


@pytest.mark.parametrize("seed", SEEDS)
def test_patterns_of_linked_tables_are_safe_by_another_solver(seed):
    cells = linked(seed)
    assert sum(one.exposed_in_print for one in cells) > 1
    for optimal_up_to in (0, 1000):
        pattern = protect_cells(cells, optimal_up_to=optimal_up_to)
        assert open_to_attack(cells, pattern.hidden) == {*pattern.unprotectable} == set()


@pytest.mark.parametrize("seed", SEEDS)
def test_no_cell_that_the_greedy_pattern_hides_could_be_shown_again(seed):
    cells = linked(seed)
    pattern = protect_cells(cells, optimal_up_to=0)
    assert pattern.secondary
    for key in pattern.secondary:
        assert open_to_attack(cells, pattern.hidden - {key})


@pytest.mark.parametrize("seed", SEEDS)
def test_the_optimum_hides_no_more_than_the_greedy_pattern(seed):
    greedy, least = protect_cells(linked(seed), optimal_up_to=0), protect_cells(linked(seed))
    assert len(least.hidden) <= len(greedy.hidden)
    assert (greedy.optimal, least.optimal) == (False, True)


def test_a_pattern_that_hides_nothing_is_the_least_however_large_the_part():
    assert protect_cells(table([[7, 8], [9, 10]], 5), optimal_up_to=0) == Pattern(frozenset(), frozenset(), (), True)


def test_reports_that_are_safe_one_by_one_are_not_safe_together():
    cells = linked(1)
    areas, force = ([one for one in cells if ("area" in one.totals) == wider] for wider in (False, True))
    apart = protect_cells(areas).hidden | protect_cells(force).hidden
    assert not unsafe(areas, apart)
    assert not unsafe(force, apart)
    assert set(unsafe(cells, apart)) == open_to_attack(cells, apart) != set()


# What must make no difference, and what may only make it worse


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("optimal_up_to", [0, 1000])
def test_the_order_of_cells_and_of_what_is_known_makes_no_difference(seed, optimal_up_to):
    cells = linked(seed)
    known = [Known(terms(["atom 000", "atom 001"]), 0, 90), Known(terms(["atom 003"]), None, 80)]
    shuffled, others = [*cells], [*known, *known][1:]
    random.Random(seed).shuffle(shuffled)
    expected = protect_cells(cells, known, optimal_up_to=optimal_up_to)
    assert protect_cells(shuffled, others, optimal_up_to=optimal_up_to) == expected


@pytest.mark.parametrize("seed", SEEDS)
def test_parts_that_share_no_atom_are_protected_as_if_alone(seed):
    one = linked(seed)
    rename = [
        replace(cell, key=f"b {cell.key}", terms=terms([f"b {atom}" for atom, _ in cell.terms]))
        for cell in linked(seed + 1)
    ]
    both = protect_cells([*rename, *one])
    assert both == protect_cells([*one, *rename])
    assert both.hidden == protect_cells(one).hidden | protect_cells(rename).hidden


@pytest.mark.parametrize("seed", SEEDS)
def test_other_names_hide_as_many(seed):
    cells = linked(seed)
    names = [str(number) for number in range(100, 100 + len(cells))]
    random.Random(seed).shuffle(names)
    renamed = [
        replace(one, key=name, terms=terms([atom[::-1] for atom, _ in one.terms]))
        for one, name in zip(cells, names, strict=True)
    ]
    assert len(protect_cells(renamed).hidden) == len(protect_cells(cells).hidden)


def test_an_empty_category_may_lend_its_zeros_but_never_costs_more():
    inner = [[3, 12, 20], [15, 9, 11]]
    without, beside = (protect_cells(table(rows, 5)) for rows in (inner, [*inner, [0, 0, 0]]))
    assert len(beside.hidden) <= len(without.hidden)
    never = protect_cells(table([*inner, [0, 0, 0]], 5, zeros_published=True))
    assert len(never.hidden) == len(protect_cells(table(inner, 5, zeros_published=True)).hidden)


@pytest.mark.parametrize("seed", SEEDS)
def test_one_more_table_never_makes_a_fixed_pattern_safer(seed):
    cells = linked(seed)
    hidden = frozenset(one.key for one in cells if one.exposed_in_print)
    fewer = [one for one in cells if "area" not in one.totals]
    assert {*unsafe(fewer, hidden)} <= {*unsafe(cells, hidden)}
    assert {*unsafe(cells, hidden)} == open_to_attack(cells, hidden)


@pytest.mark.parametrize("seed", SEEDS)
def test_rounding_the_figures_of_the_force_never_hides_more(seed):
    assert len(protect_cells(linked(seed, force_rounding=10)).hidden) <= len(protect_cells(linked(seed)).hidden)


# What others have chosen, and what they know


@pytest.mark.parametrize("seed", SEEDS)
def test_what_an_earlier_release_printed_or_hid_stays_so(seed):
    cells = linked(seed)
    first = protect_cells(cells)
    draw = random.Random(seed)
    locks = {
        one.key: draw.choice([Status.PRINTED, Status.HIDDEN])
        for one in cells
        if not one.exposed_in_print and draw.random() < 0.2
    }
    locked = [replace(one, status=locks.get(one.key, Status.FREE)) for one in cells]
    pattern = protect_cells(locked)
    assert {key for key, status in locks.items() if status is Status.HIDDEN} <= pattern.hidden
    assert not {key for key, status in locks.items() if status is Status.PRINTED} & pattern.hidden
    assert not pattern.secondary & locks.keys()
    assert open_to_attack(cells, pattern.hidden) == {*pattern.unprotectable}
    assert protect_cells(as_published(cells, first.hidden)).hidden == first.hidden


def test_a_sensitive_figure_once_printed_is_no_longer_protected():
    cells = [replace(one, status=Status.PRINTED) if one.key == "0|0" else one for one in table([[3, 12], [15, 9]], 5)]
    assert protect_cells(cells) == Pattern(frozenset(), frozenset(), (), True)


def test_what_cannot_be_protected_is_listed_and_the_others_are_protected():
    inner = [[3, 12, 20], [15, 2, 11]]
    outside = [Known(terms(["0|0"]), 3, 3)]
    pattern = protect_cells(table(inner, 5), outside)
    assert pattern.unprotectable == ("0|0",)
    assert "0|0" in pattern.hidden
    assert open_to_attack(table(inner, 5), pattern.hidden, outside) == {"0|0"}


def test_an_inequality_that_anyone_knows_is_held_against_the_pattern():
    # Episodes are never fewer than children: 5 printed episodes leave 0 to 5 children, 4 leave no 5.
    children = cell("children", ["child"], 2)
    ladder = [Known(terms({"episode": 1, "child": -1}), 0, None)]
    for episodes, hidden in ((5, {"children"}), (4, {"children", "episodes"})):
        both = [children, cell("episodes", ["episode"], episodes, most=1)]
        assert protect_cells(both, ladder).hidden == hidden


def test_a_count_that_its_own_source_withheld_takes_part_without_a_value():
    cells = [
        cell("0|0", ["0|0"], 3),
        Cell("0|1", terms(["0|1"]), None, (0, None), cover=(1, 5), status=Status.HIDDEN),
        cell("0|Total", ["0|0", "0|1"], 9),
    ]
    assert protect_cells(cells) == Pattern(frozenset({"0|0", "0|1"}), frozenset(), (), True)


@pytest.mark.parametrize("seed", SEEDS)
def test_an_insider_who_knows_one_area_narrows_nothing_elsewhere(seed):
    cells = linked(seed, mean=2.0)
    pattern = protect_cells(cells, insiders=True)
    for area in ("north", "south"):
        own = [Known(one.terms, one.count, one.count) for one in cells if one.areas == {area}]
        elsewhere = {one.key for one in cells if area not in one.areas}
        assert open_to_attack(cells, pattern.hidden, own) & elsewhere <= {*pattern.unprotectable}
    assert len(pattern.hidden) >= len(protect_cells(cells).hidden)


def test_an_insider_of_one_of_two_areas_reads_the_other_from_the_total():
    cells = [
        cell("north", ["n"], 4, areas=frozenset({"north"})),
        cell("south", ["s"], 3, areas=frozenset({"south"})),
        cell("force", ["n", "s"], 7, areas=frozenset({"north", "south"})),
    ]
    assert protect_cells(cells).hidden == {"north", "south"}
    everything = frozenset({"north", "south", "force"})
    assert protect_cells(cells, insiders=True) == Pattern(everything, frozenset({"force"}), (), True)


def test_a_figure_printed_as_a_run_keeps_its_cover_while_it_is_printed():
    # 3 printed as 0 to 9 tells nothing of 1 to 5; beside the exact rest and total it would.
    cells = [
        cell("part", ["p"], 3, printed=(0, 9)),
        cell("rest", ["r"], 12),
        cell("total", ["p", "r"], 15),
    ]
    pattern = protect_cells([replace(cells[0], weight=9), *cells[1:]])
    assert pattern.secondary in ({"rest"}, {"total"})
    assert pattern.hidden == pattern.secondary


# Whole numbers: what the intervals alone would not see


def test_a_value_between_that_no_whole_counts_give_calls_for_more():
    # Twice a count plus an even number cannot be odd: with both parts' sum known the interval 0 to 6 holds only evens.
    cells = [
        cell("pairs", {"a": 2}, 4, most=5),
        cell("one", ["a"], 2, most=1),
    ]
    wide = Known(terms({"a": 2, "b": 1}), 0, 12)
    assert protect_cells(cells, [wide]).unprotectable == ("pairs",)


def test_a_pattern_with_wide_intervals_and_an_impossible_count_is_not_taken():
    # x = 2w - v + 1: with w hidden beside v = 0, x may lie anywhere from 1, but is odd; with v hidden, it may be even.
    cells = [
        cell("x", ["x"], 3, most=3),
        cell("w", ["w"], 1, most=0),
        cell("v", ["v"], 0, weight=5),
    ]
    pattern = protect_cells(cells, [Known(terms({"x": 1, "w": -2, "v": 1}), 1, 1)])
    assert pattern == Pattern(frozenset({"x", "v"}), frozenset({"v"}), (), True)


# Faults


def test_every_fault_of_the_cells_is_named_at_once_and_no_count_is():
    faulty = [
        cell("one", ["a"], 4317, weight=0),
        cell("one", ["a"], 4317),
        cell("two", ["b"], 0, hidden=(1, None)),
        replace(cell("three", ["c"], 4317), cover=(5, 1)),
    ]
    with pytest.raises(ValueError, match="cannot be protected") as refused:
        protect_cells(faulty)
    for fault in (
        "one: stands twice",
        "one: its weight must be 1 or more",
        "two: its symbol would rule out what its figure tells",
        "three: its cover ends before it begins",
    ):
        assert fault in str(refused.value)
    assert "4317" not in str(refused.value)


def test_figures_that_contradict_one_another_are_refused_without_their_values():
    with pytest.raises(ValueError, match="a and the cells linked with it contradicts itself") as refused:
        protect_cells([cell("a", ["a"], 3), cell("b", ["b"], 4317), cell("total", ["a", "b"], 4300)])
    assert "43" not in str(refused.value)


def test_no_cells_need_no_protection():
    assert protect_cells([]) == Pattern(frozenset(), frozenset(), (), True)


# Coarser tables


def test_coarser_tables_tell_what_each_dimension_would_spare():
    # Without quarters: the year's 9 figures for areas and types. Without areas: the force's 3 for types in the year and
    # 3 × 4 in quarters. Without types: the year's and the quarters' figures for 3 areas.
    cells = linked(1)
    proposals = {proposal.dimension: proposal for proposal in coarser_tables(cells)}
    assert {name: proposal.cells for name, proposal in proposals.items()} == {
        "period": 9,
        "area": 15,
        "type": 15,
        "area and period": 3,
        "area and type": 5,
        "period and type": 3,
    }
    for dimension in ("area", "period", "type"):
        left = [one for one in cells if dimension in one.totals]
        assert proposals[dimension] == Proposal(dimension, len(left), len(protect_cells(left).hidden))


def test_coarser_tables_come_by_hidden_share_and_keep_what_is_published():
    proposals = coarser_tables(linked(1))
    shares = [(proposal.hidden / proposal.cells, proposal.dimension) for proposal in proposals]
    assert shares == sorted(shares)
    published = [replace(one, status=Status.PRINTED) if one.key == "force|gangs|q1" else one for one in linked(1)]
    assert {proposal.dimension: proposal.cells for proposal in coarser_tables(published)}["period"] == 10


def test_tables_without_totals_have_no_coarser_ones():
    assert coarser_tables([replace(one, totals=frozenset()) for one in linked(1)]) == []


# The command

TRIAL = {
    "id": "referrals",
    "rows": ["north", "south"],
    "cols": ["girls", "boys"],
    "inner": [[3, 12], [15, 9]],
    "threshold": 5,
    "zeros_published": False,
}


def answered(*cases: object) -> tuple[int, str]:
    answer = CliRunner().invoke(protect, ["-"], input=json.dumps({"cases": cases}))
    return answer.exit_code, answer.output


def test_the_command_reads_standard_input_and_prints_what_to_hide():
    code, output = answered(TRIAL)
    (case,) = json.loads(output)["cases"]
    assert code == 0
    assert (case["id"], case["min_secondary"], case["unprotectable"]) == ("referrals", 3, False)
    assert len(case["secondary"]) == 3


def test_the_command_takes_which_figures_are_sensitive_and_says_what_cannot_be_protected():
    _, output = answered(
        {**TRIAL, "primary": []},
        {**TRIAL, "id": "alone", "rows": ["a"], "cols": ["b"], "inner": [[0]], "primary": [["a", "b"]], "threshold": 1},
    )
    nothing, alone = json.loads(output)["cases"]
    assert nothing == {"id": "referrals", "secondary": [], "min_secondary": 0, "unprotectable": False}
    assert alone["secondary"] == [["a", "Total"], ["Total", "b"], ["Total", "Total"]]


def test_the_command_names_every_fault_of_every_case_at_once_and_no_count():
    code, output = answered(
        {**TRIAL, "inner": [[4317.5, -4317], [4317]], "threshold": 0, "zeros_published": "no"},
        {**TRIAL, "rows": ["Total"], "cols": ["a", "a"], "primary": [["north", "girls"], 4317]},
        {"id": "referrals"},
        4317,
        {**TRIAL, "id": "zeros", "inner": [[0, 1], [2]], "zeros_published": True, "primary": 4317},
    )
    assert code == 1
    assert "Traceback" not in output
    assert "4317" not in output
    for fault in (
        "case referrals: id stands twice",
        "inner, row 1: expected whole numbers from 0 to 1,000,000,000 at 1, 2",
        "inner, row 2: 1 counts where cols names 2",
        "threshold: expected a whole number from 1",
        "zeros_published: expected true or false",
        "rows: Total is worked out and cannot be a name",
        "cols: a name stands twice",
        "primary, number 2: no [row, column] of the table",
        "rows: missing",
        "case number 4: expected an object",
        "case zeros: primary: expected a list",
    ):
        assert fault in output


def test_the_command_refuses_a_zero_that_is_to_be_printed_and_withheld_at_once():
    code, output = answered(
        {**TRIAL, "inner": [[0, 12], [15, 9]], "zeros_published": True, "primary": [["north", "girls"]]}
    )
    assert code == 1
    assert "case referrals: primary: ['north', 'girls'] is always printed by zeros_published" in output


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"cases": 3}', "[" * 100_000, '{"cases": [' + "9" * 5000 + "]}", b"\xff{}"]
)
def test_the_command_refuses_what_is_no_file_of_cases(text):
    answer = CliRunner().invoke(protect, ["-"], input=text)
    assert answer.exit_code == 1
    assert isinstance(answer.exception, SystemExit)
    assert answer.output.startswith("Error: <stdin>")


def test_the_group_has_both_commands_with_an_example_each():
    from needs_assessment.disclosure.__main__ import main

    assert {"attack", "protect"} <= {*main.commands}
    for arguments in (["--help"], ["protect", "--help"]):
        assert "Example" in CliRunner().invoke(main, arguments).output
