"""Allocations of need to services, against textbook flows, every cut one by one and scipy's maximum flow."""

from __future__ import annotations

from itertools import chain, combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_flow

from needs_assessment.methods.allocation import (
    Problem,
    flow,
    gap_limits,
    largest_allocation,
    largest_allocations,
    proportional_allocation,
    weighted_sum_limits,
)
from needs_assessment.methods.rates import exact_poisson_limits
from simulations.allocation import STUDIES
from simulations.study import outcome

INF = np.inf


@st.composite
def drawn_problems(draw, cells=6, services=4):
    """Small problems of whole numbers, some services with room for all, some cells without need or any service."""
    shape = draw(st.integers(1, cells)), draw(st.integers(0, services))
    need = [draw(st.integers(0, 9)) for _ in range(shape[0])]
    places = [draw(st.sampled_from([0, 1, 2, 3, 5, 8, 13, INF])) for _ in range(shape[1])]
    accepts = [draw(st.booleans()) for _ in range(shape[0] * shape[1])]
    return Problem(np.array(need, float), np.array(places, float), np.array(accepts, bool).reshape(shape))


quick = settings(max_examples=25, deadline=None)


def gap_of(need, places, accepts):
    return largest_allocation(Problem(np.array(need), np.array(places), np.array(accepts, bool))).gap


def gaps_of_every_set(problem):
    """Need less places for each set of cells and all services that accept any of them (Gale 1957, Hoffman 1960)."""
    need, places, accepts = problem
    sets = chain.from_iterable(combinations(range(len(need)), size) for size in range(len(need) + 1))
    return {cells: need[list(cells)].sum() - places[accepts[list(cells)].any(axis=0)].sum() for cells in sets}


# Golden: retyped, each with its origin

BLOOD = Problem(
    [39, 38, 42, 50], [46, 34, 45, 45], np.array([[1, 0, 1, 0], [0, 1, 1, 0], [0, 0, 1, 0], [1, 1, 1, 1]], bool)
)
"""Princeton COS 226, exercises on maximum flow (fall 2002): patients and units of blood of groups A, B, O and AB."""


def test_one_of_169_patients_goes_without_since_groups_b_and_o_need_80_units_and_79_suit_them():
    found = largest_allocation(BLOOD)
    assert found.met.sum() == pytest.approx(168)
    assert found.gap == 1
    assert found.cells_in_cut.tolist() == [False, True, True, False]
    assert found.services_in_cut.tolist() == [False, True, True, False]


@pytest.mark.parametrize(("flow_asked", "gap"), [(22, 0), (23, 0), (24, 1), (26, 3)])
def test_a_flow_of_23_and_not_more_passes_the_network_of_cormen_and_others(flow_asked, gap):
    """Cormen, Leiserson, Rivest and Stein (2001), Introduction to Algorithms, 2nd edition, 26.1: the maximum is 23.

    As a transportation problem (Wagner 1959, Operations Research 7, 131-134): what an arc may carry is the need of a
    cell, taken by its head as far as it flows and by its tail as far as it does not.
    """
    arcs = {
        (0, 1): 16,
        (0, 2): 13,
        (1, 2): 10,
        (2, 1): 4,
        (1, 3): 12,
        (3, 2): 9,
        (2, 4): 14,
        (4, 3): 7,
        (3, 5): 20,
        (4, 5): 4,
    }
    leaving = np.bincount([tail for tail, _ in arcs], list(arcs.values()), 6)
    places = leaving + flow_asked * np.array([-1, 0, 0, 0, 0, 1])
    accepts = [[node in arc for node in range(6)] for arc in arcs]
    assert gap_of(list(arcs.values()), places, accepts) == pytest.approx(gap)


def test_limits_of_a_weighted_sum_equal_those_of_dsrtest():
    """R package dsrTest 1.0.0, vignette, gamma method, data of Fay and Feuer (1997): 67.70212 to 188.30017."""
    cases = [0, 8, 63, 112, 262, 295]
    births = np.array([327, 30_666, 123_419, 149_919, 104_088, 34_392])
    standard = np.array([319_933, 931_318, 786_511, 488_235, 237_863, 61_313])
    lower, upper = weighted_sum_limits(cases, 100_000 * standard / standard.sum() / births, 0.025)
    assert [lower, upper] == pytest.approx([67.70212, 188.30017], abs=5e-6)


# By hand


def test_a_cell_without_a_service_and_one_whose_services_are_full_are_the_cut():
    """Need 5 without service, 6 for a service of 4 places, 3 for one with places to spare: 5 + 6 - 4 go unmet."""
    found = largest_allocation(Problem([5, 6, 3], [4, 9], np.array([[0, 0], [1, 0], [0, 1]], bool)))
    assert found.unmet == pytest.approx([5, 2, 0])
    assert found.cells_in_cut.tolist() == [True, True, False]
    assert found.services_in_cut.tolist() == [True, False]
    assert found.gap == 7


def test_nothing_is_in_the_cut_where_places_suffice_exactly():
    found = largest_allocation(Problem([2, 3], [5], np.ones((2, 1), bool)))
    assert found.gap == 0
    assert not found.cells_in_cut.any() and not found.services_in_cut.any()


def test_a_service_with_room_for_all_leaves_the_others_places_to_those_whom_it_does_not_accept():
    found = largest_allocation(Problem([10, 4], [INF, 4], np.array([[1, 1], [0, 1]], bool)))
    assert found.gap == 0
    assert found.used == pytest.approx([10, 4])


def test_like_cells_share_the_places_in_proportion_to_their_need():
    found = largest_allocation(Problem([10, 30], [20], np.ones((2, 1), bool)))
    assert found.met == pytest.approx([5, 15])


def test_where_nobody_steers_places_stay_empty_beside_need():
    """10 that only the first service accepts, 10 that both do: half of these ask the first too, which turns 5 away."""
    problem = Problem([10, 10], [10, 10], np.array([[1, 0], [1, 1]], bool))
    shared = proportional_allocation(problem)
    assert largest_allocation(problem).gap == 0
    assert shared.gap == pytest.approx(5)
    assert shared.used == pytest.approx([10, 5])
    assert shared.unmet == pytest.approx([10 / 3, 5 / 3])


def test_where_nobody_steers_room_for_all_is_asked_first():
    shared = proportional_allocation(Problem([10], [INF, INF, 3], np.ones((1, 3), bool)))
    assert shared.placed.tolist() == [[5, 5, 0]]


def test_no_problems_no_cells_and_no_services_are_solved():
    assert largest_allocations([]) == []
    assert gap_of([], [3.0], np.zeros((0, 1))) == 0
    assert gap_of([2.0], [], np.zeros((1, 0))) == 2


# Properties


@quick
@given(drawn_problems())
def test_an_allocation_keeps_to_need_places_and_whom_services_accept(problem):
    for found in (largest_allocation(problem), proportional_allocation(problem)):
        assert found.met + found.unmet == pytest.approx(problem.need)
        assert (found.placed >= 0).all() and not found.placed[~problem.accepts].any()
        assert found.placed.sum(axis=1) == pytest.approx(found.met)
        assert found.placed.sum(axis=0) == pytest.approx(found.used)
        assert (found.used <= problem.places + 1e-9).all()


@quick
@given(drawn_problems())
def test_the_gap_is_the_largest_over_all_sets_of_cells_and_the_cut_the_smallest_of_these(problem):
    found, gaps = largest_allocation(problem), gaps_of_every_set(problem)
    largest = max(gaps.values())
    assert found.gap == pytest.approx(largest) == found.unmet.sum()
    reaching = [set(cells) for cells, gap in gaps.items() if gap == largest]
    assert set(np.flatnonzero(found.cells_in_cut)) == set.intersection(*reaching)
    assert found.services_in_cut.tolist() == problem.accepts[found.cells_in_cut].any(axis=0).tolist()
    assert found.used[found.services_in_cut] == pytest.approx(problem.places[found.services_in_cut])


@quick
@given(drawn_problems())
def test_what_is_met_equals_scipys_maximum_flow(problem):
    cells, services = problem.accepts.shape
    network = np.zeros((cells + services + 2,) * 2, dtype=np.int32)
    network[0, 1 : cells + 1] = problem.need
    network[1 : cells + 1, cells + 1 : -1] = problem.accepts * problem.need[:, None]
    network[cells + 1 : -1, -1] = np.minimum(problem.places, problem.need.sum())
    expected = maximum_flow(csr_array(network), 0, cells + services + 1).flow_value
    assert largest_allocation(problem).met.sum() == pytest.approx(expected)


@settings(max_examples=10, deadline=None)
@given(st.lists(drawn_problems(), max_size=6))
def test_problems_solved_together_have_the_gaps_and_cuts_of_each_alone(problems):
    for together, problem in zip(largest_allocations(problems), problems, strict=True):
        alone = largest_allocation(problem)
        assert together.gap == alone.gap
        assert together.cells_in_cut.tolist() == alone.cells_in_cut.tolist()
        assert together.services_in_cut.tolist() == alone.services_in_cut.tolist()


@quick
@given(drawn_problems(), st.data())
def test_a_place_more_never_widens_a_gap_and_need_more_or_a_service_less_never_narrows_it(problem, data):
    need, places, accepts = problem
    cell, service = data.draw(st.integers(0, len(need) - 1)), data.draw(st.integers(0, max(len(places) - 1, 0)))
    others = [Problem(need + (np.arange(len(need)) == cell), places, accepts)]
    if len(places):
        others.append(Problem(need, places + (np.arange(len(places)) == service), accepts))
        others.append(Problem(need, np.delete(places, service), np.delete(accepts, service, axis=1)))
    now, more_need, *rest = (found.gap for found in largest_allocations([problem, *others]))
    assert 0 <= more_need - now <= 1
    if rest:
        assert 0 <= now - rest[0] <= 1
        assert rest[1] >= now


@quick
@given(drawn_problems())
def test_two_like_services_are_as_one_and_two_halves_of_a_cell_as_the_whole(problem):
    need, places, accepts = problem
    split = Problem(
        np.append(need, need[0] * 0.75) * np.r_[0.25, np.ones(len(need))],
        np.tile(places / 2, 2),
        np.tile(np.vstack([accepts, accepts[:1]]), 2),
    )
    for method in (largest_allocation, proportional_allocation):
        assert method(split).gap == pytest.approx(method(problem).gap, abs=1e-9)


@quick
@given(drawn_problems())
def test_sharing_in_proportion_never_meets_more_than_the_largest_allocation(problem):
    assert proportional_allocation(problem).gap >= largest_allocation(problem).gap - 1e-9


def test_gaps_of_large_problems_of_broken_numbers_are_those_of_their_cuts():
    random = np.random.default_rng(7)
    problems = [
        Problem(random.gamma(0.5, 20, 60), random.gamma(1, 40, 12), random.random((60, 12)) < random.uniform(0.05, 0.4))
        for _ in range(20)
    ]
    for found in largest_allocations(problems):
        assert found.unmet.sum() == pytest.approx(found.gap, abs=1e-9)
        assert not found.met[found.cells_in_cut & ~(found.placed[:, found.services_in_cut].sum(axis=1) > 0)].any()


# Limits


@pytest.mark.parametrize("count", [0, 1, 7, 150])
def test_limits_of_one_count_without_a_service_are_the_exact_limits_of_the_count(count):
    made = gap_limits([count], [0, 0], [0.25, 0.75], [], np.zeros((2, 0), bool))
    assert made.gap == count
    assert made[1:] == pytest.approx(tuple(map(float, exact_poisson_limits(count))), rel=1e-9)


def test_places_move_the_limits_of_one_count_and_none_falls_below_nothing():
    lower, upper = exact_poisson_limits(30)
    made = gap_limits([30], [0], [1.0], [20.0], np.ones((1, 1), bool))
    assert made == pytest.approx((10, max(float(lower) - 20, 0), float(upper) - 20))
    assert gap_limits([30], [0], [1.0], [20.0], np.ones((1, 1), bool), confidence=0.5).lower > made.lower


def test_counts_without_services_have_the_exact_limits_of_their_sum_and_not_the_sum_of_their_limits():
    made = gap_limits([4, 9, 2], [0, 1, 2], [1.0, 1.0, 1.0], [], np.zeros((3, 0), bool))
    assert made == pytest.approx((15, *map(float, exact_poisson_limits(15))))


def test_a_lower_limit_allows_for_the_choice_among_cuts_where_several_may_bind():
    """Five authorities at the edge of their own services: the largest of five lower limits is no 95% limit."""
    one = gap_limits([35], [0], [1.0], [22.0], np.ones((1, 1), bool))
    five = gap_limits([35, 22, 22, 22, 22], range(5), np.ones(5), np.full(5, 22.0), np.eye(5, dtype=bool))
    assert 0 <= five.lower < one.lower


def test_need_with_room_for_all_has_no_gap_and_no_limits_above_nothing():
    assert gap_limits([50], [0], [1.0], [INF], np.ones((1, 1), bool)) == (0, 0, 0)


@settings(max_examples=25, deadline=None)
@given(drawn_problems(), st.lists(st.integers(0, 40), min_size=6, max_size=6))
def test_the_gap_between_the_limits_is_that_of_the_largest_allocation(problem, counts):
    group, share = np.arange(len(problem.need)) // 2, problem.need / 9
    made = gap_limits(counts, group, share, *problem[1:])
    need = np.array(counts)[group] * share
    assert made.gap == pytest.approx(largest_allocation(Problem(need, *problem[1:])).gap, abs=1e-9)
    assert 0 <= made.lower <= made.gap <= made.upper


def test_cuts_that_are_found_by_draws_give_the_gap_and_about_the_limits_of_all_cuts(monkeypatch):
    random = np.random.default_rng(3)
    accepts, places = random.random((12, 6)) < 0.3, np.full(6, 15.0)
    problem = random.poisson(40, 4), np.arange(12) % 4, np.full(12, 1 / 3), places, accepts
    every = gap_limits(*problem)
    monkeypatch.setattr("needs_assessment.methods.allocation.limits.EVERY_CUT_UP_TO", 0)
    assert gap_limits(*problem) == pytest.approx(every, rel=0.05)
    assert gap_limits(*problem).gap == pytest.approx(every.gap)


def test_a_missing_count_gives_missing_limits_and_not_nothing():
    made = gap_limits([3, None], [0, 1], [1.0, 1.0], [5.0], np.ones((2, 1), bool))
    assert np.isnan(made).all()


def test_limits_hold_the_true_gap_as_often_as_claimed():
    chosen = [study for study in STUDIES if "for comparison" not in study.claim and "8 counts of 20" in study.situation]
    tried = [outcome(study._replace(trials=100), 20251122) for study in chosen[:2]]
    assert len(tried) == 2 and all(each.within for each in tried)


# Refusals


def test_every_fault_of_every_problem_is_named_without_its_value():
    good = Problem([1.0], [1.0], np.ones((1, 1), bool))
    bad = Problem([-7.5, np.nan, INF], [np.nan, -7.5], np.ones((2, 2)))
    with pytest.raises(ValueError, match="need of problem 1 must") as refusal:
        largest_allocations([good, bad])
    for words in ("position 0, 1, 2", "places of problem 1", "accepts of problem 1 must have a row", "true or false"):
        assert words in str(refusal.value)
    assert "7.5" not in str(refusal.value) and "problem 0" not in str(refusal.value)


def test_limits_refuse_shares_and_positions_that_cannot_be():
    with pytest.raises(ValueError, match=r"counts must .*share must .*one length.*group_of_cell must be positions"):
        gap_limits([-1], [0, 1], [-0.5], [1.0], np.ones((2, 1), bool))
    with pytest.raises(ValueError, match="confidence"):
        gap_limits([1], [0], [1.0], [1.0], np.ones((1, 1), bool), confidence=1.5)


def test_an_allocation_that_is_not_proved_by_its_cut_is_refused(monkeypatch):
    monkeypatch.setattr(flow, "_solution", lambda groups, kinds, bounds: np.zeros(len(groups)))
    with pytest.raises(RuntimeError, match="not that of its cut"):
        largest_allocation(BLOOD)


def test_a_solver_without_a_solution_is_an_error(monkeypatch):
    class Failed:
        success, message = False, "time limit reached"

    monkeypatch.setattr(flow, "linprog", lambda *_, **__: Failed)
    with pytest.raises(RuntimeError, match="time limit reached"):
        largest_allocation(BLOOD)
