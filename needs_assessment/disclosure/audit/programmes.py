"""Linear and integer programmes over one block of counts, solved by HiGHS through scipy.

Nothing here is trusted: what comes back is a proposal, which `System` checks in exact whole numbers.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from enum import Enum
from functools import cached_property
from math import inf
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from needs_assessment.disclosure.audit.rows import Ends, Exact, Row, Settled, between, still, whole

MOST_NODES = 20_000
NODES_FOR_WISHES = 20  # granting wishes only saves later questions, so it must stay cheap
WHOLE = 1e-6  # how near to whole numbers the solver comes
LARGE = 10**6  # larger coefficients are scaled down: the solver's tolerances are absolute
STANDARD_OUTPUT = 1
FARTHEST = 10**6  # the longest step looked for in a direction without end

Sum = Mapping[str, Exact]
Point = dict[str, int]
Wishes = Sequence[tuple[Sum, Exact]]
"""Sums with the values that one would like them to take."""


class Verdict(Enum):
    """What the solver says when it proposes no solution."""

    IMPOSSIBLE = "impossible"
    ENDLESS = "endless"
    UNDECIDED = "undecided"


VERDICTS = {2: Verdict.IMPOSSIBLE, 3: Verdict.ENDLESS}
"""By the status that scipy gives. Any other says nothing, such as that the limit of nodes was reached."""


@dataclass(frozen=True)
class Programme:
    """The counts of `limits`, with the least and the most of each, tied to one another by `rows`. A `hasty` programme
    takes the first good answer.

    `presolve` is about linear programming. Integer programming always goes without: with it, HiGHS 1.12 at times ends
    in a "solve error" on a small programme.
    """

    limits: Mapping[str, Ends]
    rows: tuple[Row, ...]
    presolve: bool = True
    hasty: bool = False

    def again(self) -> Programme:
        """The same programme turned round, which leads the solver another way: a second opinion."""
        return replace(self, limits=dict(list(self.limits.items())[::-1]), rows=self.rows[::-1], presolve=False)

    def relaxed(self, terms: Sum) -> float | Verdict:
        """The least value of a sum if counts need not be whole."""
        solved = self._solve(terms, integral=False, whole_ends=False)
        return solved if isinstance(solved, Verdict) else float(self._costs(terms) @ solved)

    def least(self, terms: Sum) -> Point | Verdict:
        """Whole counts that give a sum its least value. The corner that linear programming finds is nearly always
        whole in tables that add up, and then nothing more is needed.
        """
        solved = self._solve(terms, integral=False, whole_ends=True)
        if solved is Verdict.UNDECIDED or not (isinstance(solved, Verdict) or _is_whole(solved)):
            solved = self._solve(terms, integral=True, whole_ends=True)
        if isinstance(solved, Verdict):
            return solved
        return {atom: round(value) for atom, value in zip(self.limits, solved.tolist(), strict=True)}

    def at(self, terms: Sum, value: Exact, wishes: Wishes = ()) -> Point | Verdict:
        """Whole counts that give a sum one value, and other sums values near the wished ones where that is cheap."""
        tied = replace(self, rows=(*self.rows, Row(tuple(terms.items()), (value, value))))
        granted = tied._granting(wishes) if wishes and self.presolve else Verdict.UNDECIDED
        return tied.least({}) if granted is Verdict.UNDECIDED else granted

    def direction(self, terms: Sum) -> Point | Verdict:
        """Whole changes of the counts that make a sum smaller, where there are any that can be repeated without end."""
        limits = {atom: _steps(ends) for atom, ends in self.limits.items()}
        rows = (*(Row(each.terms, still(each.ends)) for each in self.rows), Row(tuple(terms.items()), (None, -1)))
        return Programme(limits, rows, self.presolve).least({})

    def _granting(self, wishes: Wishes) -> Point | Verdict:
        """Counts with a small total distance from the wishes; each distance is a count of its own."""
        distances = [f"\0distance {number}" for number in range(len(wishes))]
        rows = [
            Row((*terms.items(), (distance, sign)), (value, None) if sign > 0 else (None, value))
            for distance, (terms, value) in zip(distances, wishes, strict=True)
            for sign in (1, -1)
        ]
        limits = {**self.limits, **dict.fromkeys(distances, (0, None))}
        found = Programme(limits, (*self.rows, *rows), self.presolve, hasty=True).least(dict.fromkeys(distances, 1))
        return found if isinstance(found, Verdict) else {atom: found[atom] for atom in self.limits}

    def _solve(self, terms: Sum, *, integral: bool, whole_ends: bool) -> NDArray[np.float64] | Verdict:
        if not self.limits:
            return np.zeros(0) if all(between(0, each.ends) for each in self.rows) else Verdict.IMPOSSIBLE
        if not self.rows:
            return self._corner(terms, whole_ends)
        effort = {"node_limit": NODES_FOR_WISHES, "mip_rel_gap": 0.5} if self.hasty else {"node_limit": MOST_NODES}
        with _quiet() if integral else nullcontext():
            solved = milp(
                self._costs(terms),
                integrality=np.full(len(self.limits), int(integral)),
                bounds=Bounds(*_ends(self.limits.values(), whole_ends)),
                constraints=LinearConstraint(self._matrix, *self._row_ends(whole_ends)),
                options={"presolve": self.presolve and not integral, "mip_rel_gap": 0.0, **effort},
            )
        if solved.x is not None and (solved.status == 0 or self.hasty):
            return np.asarray(solved.x)
        return VERDICTS.get(solved.status, Verdict.UNDECIDED)

    def _corner(self, terms: Sum, whole_ends: bool) -> NDArray[np.float64] | Verdict:
        """The least of a sum of counts that nothing ties together: each at its own end."""
        low, high = _ends(self.limits.values(), whole_ends)
        costs = self._costs(terms)
        anywhere = np.where(np.isfinite(low), low, np.minimum(high, 0))
        corner = np.where(costs > 0, low, np.where(costs < 0, high, anywhere))
        return corner if np.isfinite(corner).all() else Verdict.ENDLESS

    @cached_property
    def _places(self) -> dict[str, int]:
        return {atom: place for place, atom in enumerate(self.limits)}

    @cached_property
    def _scales(self) -> NDArray[np.float64]:
        largest = [max((abs(float(factor)) for _, factor in each.terms), default=0.0) for each in self.rows]
        return np.array([1 / size if size > LARGE else 1.0 for size in largest], dtype=np.float64)

    @cached_property
    def _matrix(self) -> csr_array:
        entries = [(row, self._places[atom], f) for row, each in enumerate(self.rows) for atom, f in each.terms]
        rows = np.array([row for row, _, _ in entries], dtype=int)
        factors = np.array([float(factor) for _, _, factor in entries]) * self._scales[rows]
        shape = (len(self.rows), len(self.limits))
        return csr_array((factors, (rows, [column for _, column, _ in entries])), shape=shape)

    def _row_ends(self, integral: bool) -> list[NDArray[np.float64]]:
        return [side * self._scales for side in _ends((each.ends for each in self.rows), integral)]

    def _costs(self, terms: Sum) -> NDArray[np.float64]:
        costs = np.zeros(len(self.limits))
        for atom, factor in terms.items():
            costs[self._places[atom]] = factor
        return costs


@contextmanager
def _quiet() -> Iterator[None]:
    """Keeps a stray line of HiGHS 1.12's integer solver, which no option silences, out of what a command prints
    (github.com/ERGO-Code/HiGHS/issues/2783).
    """
    try:
        kept = os.dup(STANDARD_OUTPUT)
    except OSError:  # there is no standard output
        yield
        return
    _flush()
    with Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), STANDARD_OUTPUT)
        try:
            yield
        finally:
            _flush()
            os.dup2(kept, STANDARD_OUTPUT)
            os.close(kept)


def _flush() -> None:
    """Has what compiled code printed written out now, and not when standard output points elsewhere again."""
    ctypes.CDLL("ucrtbase" if os.name == "nt" else None).fflush(None)


def _is_whole(values: NDArray[np.float64]) -> bool:
    return bool(np.abs(values - np.rint(values)).max(initial=0) < WHOLE)


def _steps(ends: Ends) -> Ends:
    return (-FARTHEST if ends[0] is None else 0, FARTHEST if ends[1] is None else 0)


def _ends(spans: Iterable[Ends], integral: bool) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    used = [whole(ends) if integral else ends for ends in spans]
    lows = [-inf if low is None else float(low) for low, _ in used]
    return np.array(lows, dtype=float), np.array(
        [inf if high is None else float(high) for _, high in used], dtype=float
    )


class Blocks:
    """The counts that are not `fixed`, in programmes that no row ties to one another, in order of their first atom."""

    def __init__(self, settled: Settled) -> None:
        self.fixed = settled.fixed
        self._programmes = [
            Programme({atom: settled.limits[atom] for atom in atoms}, rows) for atoms, rows in _tied(settled)
        ]
        self._number = {atom: number for number, each in enumerate(self._programmes) for atom in each.limits}
        self._joined: dict[tuple[int, ...], Programme] = {}

    def __iter__(self) -> Iterator[Programme]:
        return iter(self._programmes)

    def around(self, atoms: Iterable[str]) -> Programme:
        """The programme of all blocks that hold the atoms. An atom that nobody has spoken of is any count from 0."""
        numbers = tuple(sorted({self._number[atom] for atom in atoms if atom in self._number}))
        if numbers not in self._joined:
            self._joined[numbers] = _join([self._programmes[number] for number in numbers])
        unheard = {atom: (0, None) for atom in sorted(atoms) if atom not in self._number}
        known = self._joined[numbers]
        return replace(known, limits={**known.limits, **unheard}) if unheard else known


def _tied(settled: Settled) -> list[tuple[list[str], tuple[Row, ...]]]:
    """The atoms and rows of each block: atoms are tied by every row that names them both."""
    places = {atom: place for place, atom in enumerate(settled.limits)}
    links = [(places[each.terms[0][0]], places[atom]) for each in settled.rows for atom, _ in each.terms[1:]]
    graph = csr_array((np.ones(len(links)), tuple(zip(*links, strict=True)) or ((), ())), shape=(len(places),) * 2)
    count, labels = connected_components(graph, directed=False)
    found: list[tuple[list[str], list[Row]]] = [([], []) for _ in range(count)]
    for atom, label in zip(places, labels.tolist(), strict=True):
        found[label][0].append(atom)
    for each in settled.rows:
        found[labels[places[each.terms[0][0]]]][1].append(each)
    return [(atoms, tuple(rows)) for atoms, rows in found]


def _join(programmes: Sequence[Programme]) -> Programme:
    if len(programmes) == 1:
        return programmes[0]
    limits = {atom: ends for each in programmes for atom, ends in each.limits.items()}
    return Programme(limits, tuple(row for each in programmes for row in each.rows))
