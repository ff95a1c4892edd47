"""The allocation of need to services that meets the most, with the cut that proves it, for many problems at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import linprog
from scipy.sparse import csr_array

from needs_assessment.methods.rates import FloatArray, columns, is_positive, refuse

BoolArray = NDArray[np.bool_]
Positions = NDArray[np.intp]

SOLVER_TOLERANCE, NOTHING, TOLERANCE = 1e-9, 1e-8, 1e-6
"""As shares of a problem's whole need: what the solver may leave, what counts as no flow, and how far the gap of an
allocation and that of its cut may differ."""


class Problem(NamedTuple):
    """Need of each cell, places of each service (inf: room for all), and which cells (rows) services (columns) accept.

    Need and places are in one unit and need not be whole numbers.
    """

    need: ArrayLike
    places: ArrayLike
    accepts: ArrayLike


class Allocation(NamedTuple):
    """An allocation that meets the most need, with the minimum cut that proves it.

    `met` and `unmet` (cells,), `used` (services,) and `placed` (cells, services) are in the unit of the need. Which
    of the cells in the cut go unmet is one choice of several; the cut and the gap are not. `cells_in_cut` are those
    that go short in some largest allocation: the smallest of the minimum cuts, empty where all need is met.
    `services_in_cut` are all that take any of them; every one is full. `gap` is the need of these cells less the places
    of these services.
    """

    met: FloatArray
    unmet: FloatArray
    used: FloatArray
    placed: FloatArray
    cells_in_cut: BoolArray
    services_in_cut: BoolArray
    gap: float


class ProportionalAllocation(NamedTuple):
    """What comes of sharing need out in proportion to places, once: shapes and units as in `Allocation`."""

    met: FloatArray
    unmet: FloatArray
    used: FloatArray
    placed: FloatArray
    gap: float


class Checked(NamedTuple):
    """A problem as arrays that keep every rule."""

    need: FloatArray
    places: FloatArray
    accepts: BoolArray


class _Merged(NamedTuple):
    """What is left of a problem once services with ample places have taken theirs, with like cells and services as one.

    `need` and `places` are shares of the whole need. `cells` and `services` are the positions of those that are left,
    `group` and `kind` the row and column of `accepts` that each is part of.
    """

    need: FloatArray
    places: FloatArray
    accepts: BoolArray
    cells: Positions
    services: Positions
    group: Positions
    kind: Positions


def largest_allocation(problem: Problem) -> Allocation:
    """The allocation of need to services that meets the most within places, as `largest_allocations` for one."""
    return largest_allocations([problem])[0]


def largest_allocations(problems: Sequence[Problem]) -> list[Allocation]:
    """The allocations that meet the most need within places, each problem by itself, all solved at once.

    A maximum flow from cells to services, as one sparse linear programme on HiGHS. Cells that the same services accept,
    and services that accept the same cells, are one in it and are split in proportion to need and places afterwards.

    Raises ValueError, naming every problem and position at fault, for need or places that are negative or missing, for
    need that is infinite and for `accepts` that is not true or false for each cell and service; RuntimeError where the
    solver finds no solution, or one whose gap is not that of its cut.

    Source: Ford and Fulkerson (1956), Canadian Journal of Mathematics 8, 399-404; Gale (1957), Pacific Journal of
    Mathematics 7, 1073-1082; the solver: Huangfu and Hall (2018), Mathematical Programming Computation 10, 119-142.
    """
    arrays = checked(problems)
    merged = [_merged(problem) for problem in arrays]
    flows = _largest_flows(merged) if merged else []
    return [_allocation(*each) for each in zip(arrays, merged, flows, strict=True)]


def proportional_allocation(problem: Problem) -> ProportionalAllocation:
    """What is met where nobody steers: each cell's need goes to the services that accept it in proportion to places.

    It goes to services with room for all first, in equal parts. A service that is asked for more than its places takes
    the same part of what each cell asks. One round: who is turned away is not sent on. The gap is never below that of
    `largest_allocation`.

    Raises ValueError as `largest_allocations`.
    """
    (need, places, accepts), *_ = checked([problem])
    room = accepts & np.isinf(places)
    preferred = np.where(room.any(axis=1, keepdims=True), room, accepts * np.where(np.isinf(places), 0.0, places))
    asked = need[:, None] * _parts(preferred)
    placed = asked * _at_most_one(places, asked.sum(axis=0))
    met = np.minimum(placed.sum(axis=1), need)
    return ProportionalAllocation(met, need - met, placed.sum(axis=0), placed, float((need - met).sum()))


def checked(problems: Sequence[Problem]) -> list[Checked]:
    """The problems as arrays.

    Raises ValueError naming every fault of every problem.
    """
    read = [
        Checked(columns(need=problem.need)[0], columns(places=problem.places)[0], np.asarray(problem.accepts))
        for problem in problems
    ]
    names = [f" of problem {number}" if len(read) > 1 else "" for number in range(len(read))]
    refuse(*chain.from_iterable(_rules(*each) for each in zip(read, names, strict=True)))
    return [problem._replace(accepts=problem.accepts.astype(np.bool_)) for problem in read]


def _rules(problem: Checked, name: str) -> Iterator[tuple[str, Any]]:
    need, places, accepts = problem
    known = is_positive(places, or_zero=True) | np.isposinf(places)
    cells_by_services = need.ndim == places.ndim == 1 and accepts.shape == need.shape + places.shape
    yield f"need{name} must be 0 or more, finite and not missing", ~is_positive(need, or_zero=True)
    yield f"places{name} must be 0 or more (inf: room for all) and not missing", ~known
    yield f"accepts{name} must have a row for each cell and a column for each service", not cells_by_services
    yield f"accepts{name} must be true or false", accepts.size > 0 and accepts.dtype != np.bool_


def _merged(problem: Checked) -> _Merged:
    need, places, accepts = problem
    # A service with places for all that it accepts can have it: none of it need take places of another.
    ample = places >= need @ accepts
    cells, services = np.flatnonzero(~accepts[:, ample].any(axis=1)), np.flatnonzero(~ample)
    by_group, group = np.unique(accepts[np.ix_(cells, services)], axis=0, return_inverse=True)
    merged, kind = np.unique(by_group, axis=1, return_inverse=True)
    whole = _not_zero(need.sum())
    of_groups = np.bincount(group, need[cells], merged.shape[0]) / whole
    of_kinds = np.bincount(kind, places[services], merged.shape[1]) / whole
    return _Merged(of_groups, of_kinds, merged, cells, services, group, kind)


def _largest_flows(problems: Sequence[_Merged]) -> list[FloatArray]:
    """The flow from each group of cells to each kind of service, for every problem, by one linear programme."""
    edges = [np.nonzero(problem.accepts) for problem in problems]
    sizes = np.array([problem.accepts.shape for problem in problems])
    first_group = np.cumsum(sizes.sum(axis=1)) - sizes.sum(axis=1)
    groups = np.concatenate([first + group for first, (group, _) in zip(first_group, edges, strict=True)])
    first_kind = first_group + sizes[:, 0]
    kinds = np.concatenate([first + kind for first, (_, kind) in zip(first_kind, edges, strict=True)])
    bounds = np.concatenate([bound for problem in problems for bound in (problem.need, problem.places)])
    flow = _solution(groups, kinds, bounds)
    parts = np.split(flow, np.cumsum([len(group) for group, _ in edges])[:-1])
    return [_within(*each) for each in zip(problems, edges, parts, strict=True)]


def _solution(groups: Positions, kinds: Positions, bounds: FloatArray) -> FloatArray:
    """The flows of the largest sum along edges, with at most `bounds` at the group and the kind that each joins."""
    edges = len(groups)
    if not edges:
        return np.zeros(0)
    ends = np.concatenate([groups, kinds]), np.tile(np.arange(edges), 2)
    incidence = csr_array((np.ones(2 * edges), ends), shape=(len(bounds), edges))
    options = {f"{side}_feasibility_tolerance": SOLVER_TOLERANCE for side in ("primal", "dual")}
    found = linprog(-np.ones(edges), A_ub=incidence, b_ub=bounds, method="highs-ds", options=options)
    if not found.success:
        raise RuntimeError(f"the largest allocation was not found: {found.message}")
    return np.maximum(found.x, 0.0)


def _within(problem: _Merged, edges: tuple[Positions, ...], flow: FloatArray) -> FloatArray:
    """The flow as (groups, kinds), less what the solver's tolerance lets pass beyond need and places."""
    matrix = np.zeros(problem.accepts.shape)
    matrix[edges] = flow
    matrix *= _at_most_one(problem.need, matrix.sum(axis=1))[:, None]
    return matrix * _at_most_one(problem.places, matrix.sum(axis=0))


def _allocation(problem: Checked, merged: _Merged, flow: FloatArray) -> Allocation:
    need, places, accepts = problem
    placed = _placed(problem, merged, flow)
    met = np.minimum(placed.sum(axis=1), need)
    short = np.zeros(need.shape, dtype=np.bool_)
    short[merged.cells] = _short(merged, flow)[merged.group]
    cells = short & (need > 0)
    services = np.asarray(accepts[cells].any(axis=0))
    # From the cut, not from the solution: it is then the same whatever solver found it.
    gap = max(float(need[cells].sum() - places[services].sum()), 0.0)
    if abs(gap - (need - met).sum()) > TOLERANCE * need.sum():
        raise RuntimeError("the gap of the allocation found is not that of its cut, so it may not be the largest")
    return Allocation(met, need - met, placed.sum(axis=0), placed, cells, services, gap)


def _placed(problem: Checked, merged: _Merged, flow: FloatArray) -> FloatArray:
    """The flow split again by need and by places, with what services of ample places take."""
    need, places, accepts = problem
    ample = np.ones(places.shape, dtype=np.bool_)
    ample[merged.services] = False
    placed = need[:, None] * _parts(accepts & ample)
    part_of_group = need[merged.cells] / _not_zero(merged.need)[merged.group]
    part_of_kind = places[merged.services] / _not_zero(merged.places)[merged.kind]
    split = flow[merged.group][:, merged.kind] * part_of_group[:, None] * part_of_kind / _not_zero(need.sum())
    placed[np.ix_(merged.cells, merged.services)] = split
    return placed


def _short(problem: _Merged, flow: FloatArray) -> BoolArray:
    """The groups that go short, with those that have places which these could have instead, and so on."""
    short = np.asarray(problem.need - flow.sum(axis=1) > NOTHING)
    while True:
        wanted = problem.accepts[short].any(axis=0)
        reached = short | (flow[:, wanted] > NOTHING).any(axis=1)
        if (reached == short).all():
            return short
        short = reached


def _parts(weights: ArrayLike) -> FloatArray:
    """Each weight as a part of its row; 0 in rows of nothing."""
    values = np.asarray(weights, dtype=np.float64)
    return values / _not_zero(values.sum(axis=1, keepdims=True))


def _at_most_one(limit: FloatArray, asked: FloatArray) -> FloatArray:
    """The part of what is asked that keeps within the limit."""
    return np.minimum(1.0, np.divide(limit, asked, out=np.ones_like(asked), where=asked > 0))


def _not_zero(values: ArrayLike) -> FloatArray:
    """The values, with 1 for 0, to divide by."""
    return np.where(np.asarray(values) > 0, values, 1.0)
