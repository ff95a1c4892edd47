"""Places for each child within reach, against the published hospital example."""

from __future__ import annotations

import json
from math import inf, nan
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from needs_assessment.methods.access import by_zone, two_step_floating_catchment, within

CASES = Path(__file__).resolve().parents[1].parent / "shared" / "cases" / "access" / "hospital_2sfca.json"
PEOPLE, DOCTORS = [100, 50, 10], [15, 20, 100]
GRIDLOCK = [[1, 80, 40], [80, 1, 40], [40, 40, 1]]
FAST_IN = [[1, 80, 20], [80, 1, 20], [40, 40, 1]]
FAST_OUT = [[1, 80, 40], [80, 1, 40], [20, 20, 1]]
SYMMETRIC = [[1, 40, 20], [40, 1, 20], [20, 20, 1]]


def inverse_to_61(minutes):
    return np.where(minutes <= 61, 1 / minutes, 0.0)


# Golden: pysal/access (BSD-3), tests/test_hospital_example.py: three tracts, weight 1 / cost up to 61.


@pytest.mark.parametrize(
    ("minutes", "access"),
    [
        (GRIDLOCK, [0.3314441169802766, 0.5798281320669381, 7.286418169862544]),
        (FAST_IN, [0.43534022087638047, 0.683724235963042, 5.727976611420986]),
        (FAST_OUT, [0.3310719131614654, 0.5778577857785778, 7.299991939492457]),
        (SYMMETRIC, [0.44256839539858406, 0.6667582799658271, 5.7405246461850234]),
    ],
)
def test_the_published_hospital_example_is_reproduced(minutes, access):
    found = two_step_floating_catchment(PEOPLE, DOCTORS, minutes, inverse_to_61)
    assert found == pytest.approx(access, rel=1e-12)
    assert found @ PEOPLE == pytest.approx(135)


@pytest.mark.skipif(not CASES.exists(), reason="needs ../shared/cases/access/hospital_2sfca.json beside the project")
def test_every_scenario_of_the_file_is_reproduced():
    case = json.loads(CASES.read_text(encoding="utf-8"))
    people, doctors = ([tract[name] for tract in case["tracts"].values()] for name in ("pop", "doc"))
    assert len(case["scenarios"]) == 4
    for scenario in case["scenarios"].values():
        minutes = [[scenario["cost"].get(f"{origin}->{site}", nan) for site in "123"] for origin in "123"]
        found = two_step_floating_catchment(people, doctors, minutes, inverse_to_61)
        assert found == pytest.approx(list(scenario["access_gravity_minus1_max61"].values()), rel=1e-12)


# Worked


def test_a_site_is_shared_by_all_children_within_its_catchment():
    # 10 places for 100 + 300 children within 30 minutes; the third origin is beyond.
    found = two_step_floating_catchment([100, 300, 50], [10], [[10], [30], [31]], within(30))
    assert found == pytest.approx([0.025, 0.025, 0])


def test_an_origin_adds_what_every_site_in_reach_has_for_a_child():
    # Site 1: 10 places for 100 children; site 2: 20 for the 400 of both origins.
    found = two_step_floating_catchment([100, 300], [10, 20], [[5, 10], [60, 10]], within(30))
    assert found == pytest.approx([10 / 100 + 20 / 400, 20 / 400])


def test_zones_weigh_the_journey_in_both_steps():
    # By hand, weights 1 and 0.5: the site has 10 / (100 x 1 + 100 x 0.5) = 1/15 for a child at the door.
    found = two_step_floating_catchment([100, 100], [10], [[10], [15]], by_zone([10, 20], [1, 0.5]))
    assert found == pytest.approx([1 / 15, 1 / 30])


def test_each_zone_ends_with_its_last_minute():
    weights = by_zone([10, 20, 30], [1, 0.68, 0.22])(np.array([0, 10, 10.1, 20, 30, 30.1]))
    assert weights.tolist() == [1, 1, 0.68, 0.68, 0.22, 0]


def test_a_site_without_a_way_to_it_is_out_of_reach():
    assert two_step_floating_catchment([100, 100], [10], [[5], [nan]], within(30)).tolist() == [0.1, 0]


def test_places_not_known_leave_the_access_of_those_in_reach_missing_and_of_nobody_else():
    found = two_step_floating_catchment([100, 100], [nan, 10], [[5, nan], [nan, 5]], within(30))
    assert np.isnan(found).tolist() == [True, False]
    assert found[1] == 0.1


def test_children_not_known_leave_the_access_of_all_who_share_a_site_missing():
    found = two_step_floating_catchment([nan, 100, 100], [10, 10], [[5, 90], [5, 90], [90, 5]], within(30))
    assert np.isnan(found).tolist() == [True, True, False]


def test_places_that_no_child_reaches_are_no_access_to_count():
    found = two_step_floating_catchment([0, 100], [10, 20], [[5, 60], [60, 5]], within(30))
    assert np.isnan(found).tolist() == [True, False]
    assert found[1] == 0.2


# Faults


def test_every_number_that_cannot_be_is_listed_at_once():
    with pytest.raises(ValueError) as fault:
        two_step_floating_catchment([-1, 2], [inf], [[1], [-3]], within(30))
    assert [rule.split(" must")[0] for rule in str(fault.value).split("; ")] == ["children", "places", "minutes"]
    assert "position 1" in str(fault.value).split("; ")[2]


@pytest.mark.parametrize(("children", "minutes"), [([1, 2], [[1, 2]]), ([[1]], [[1]]), ([1], [1])])
def test_shapes_that_do_not_fit_are_refused(children, minutes):
    with pytest.raises(ValueError, match=r"^minutes must have a row for each of children and a column for each"):
        two_step_floating_catchment(children, [1], minutes, within(30))


def test_a_weight_that_is_infinite_at_the_door_is_refused():
    with pytest.raises(ValueError, match=r"^weight must be 0 or more and finite \(position 0\)$"):
        two_step_floating_catchment([1], [1], [[0]], lambda minutes: 1 / minutes)


@pytest.mark.parametrize(
    ("ends", "weights", "name"),
    [([10, 10], [1, 1], "longest"), ([0], [1], "longest"), ([10], [-1], "weights"), ([inf], [1], "longest")],
)
def test_zones_that_cannot_be_are_refused(ends, weights, name):
    with pytest.raises(ValueError, match=f"^{name} must"):
        by_zone(ends, weights)


# Properties


@given(
    arrays(float, 4, elements=st.floats(1, 1000)),
    arrays(float, 3, elements=st.floats(0, 100)),
    arrays(float, (4, 3), elements=st.floats(0, 60)),
)
def test_children_times_access_is_the_places_that_any_child_reaches(children, places, minutes):
    weight = by_zone([10, 20, 30], [1, 0.68, 0.22])
    access = two_step_floating_catchment(children, places, minutes, weight)
    assert (children * access).sum() == pytest.approx(places[(minutes <= 30).any(axis=0)].sum())
