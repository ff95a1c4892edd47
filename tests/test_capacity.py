"""Little's law and the capacity of a queue, against a provider's own return, published queues and definitions."""

from __future__ import annotations

import inspect
import json
from math import inf, nan
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from needs_assessment.methods.capacity import (
    erlang_b,
    erlang_c,
    erlang_queue,
    littles_law,
    places_from_staff,
    pressure,
    queue_load,
    reconcile_caseload,
    relief_capacity,
    target_capacity,
    target_mean_wait,
    target_queue,
    waits_on,
    whole_time_equivalents,
)

CASES = Path(__file__).resolve().parents[1].parent / "shared" / "cases" / "capacity" / "capacity_cases.json"

positive = st.floats(0.01, 10_000)


# Golden: Branch, West Mercia, quarter 2 of 2022/23: 110 in support, 28 new referrals in the quarter,
# "just over a year" in service. 110 / (28 x 4) = 0.982 years by hand.


def test_the_caseload_and_referrals_of_branch_imply_just_under_a_year():
    assert littles_law(caseload=110, arrivals_per_year=28 * 4) == pytest.approx(0.9821428571428571)


def test_a_year_in_service_would_be_a_caseload_of_112_at_branch():
    assert littles_law(arrivals_per_year=28 * 4, years_in_service=1) == 112


def test_the_return_of_branch_does_not_contradict_just_over_a_year():
    check = reconcile_caseload(110, 28, years_observed=0.25, years_in_service_stated=1.05)
    assert (check.arrivals_per_year, check.years_in_service) == (112, pytest.approx(0.9821428571428571))
    # R 4.2.2, poisson.test(28): limits 18.6057966558575 and 40.4677959432682 referrals in the quarter.
    assert check.lower == pytest.approx(110 / (4 * 40.4677959432682))
    assert check.upper == pytest.approx(110 / (4 * 18.6057966558575))
    assert (round(check.lower, 2), round(check.upper, 2)) == (0.68, 1.48)
    assert check.agrees


# Worked


@pytest.mark.parametrize(("stated", "agrees"), [(0.67, False), (0.69, True), (1.47, True), (1.49, False)])
def test_a_stated_time_agrees_within_the_limits_only(stated, agrees):
    assert reconcile_caseload(110, 28, years_observed=0.25, years_in_service_stated=stated).agrees is agrees


def test_a_whole_year_of_referrals_narrows_the_implied_time():
    quarter = reconcile_caseload(110, 28, years_observed=0.25, years_in_service_stated=1)
    year = reconcile_caseload(110, 112, years_observed=1, years_in_service_stated=1)
    assert year.years_in_service == quarter.years_in_service
    assert quarter.lower < year.lower < year.upper < quarter.upper


def test_less_confidence_narrows_the_implied_time():
    check = reconcile_caseload(110, 28, years_observed=0.25, years_in_service_stated=1, confidence=0.8)
    assert 0.68 < check.lower < check.upper < 1.47


def test_an_empty_service_implies_no_time():
    assert littles_law(caseload=0, arrivals_per_year=12) == 0


def test_children_who_arrive_evenly_and_stay_equally_long_make_the_caseload_of_the_law():
    """100 arrivals a year, each staying 0.3 years, counted on 1,000 days after the first have left."""
    arrived = np.arange(0, 10, 1 / 100)
    days = np.linspace(1, 9, 1000)[:, np.newaxis]
    present = ((arrived <= days) & (days < arrived + 0.3)).sum(axis=1)
    assert present.mean() == pytest.approx(littles_law(arrivals_per_year=100, years_in_service=0.3), rel=0.01)


# Faults


@pytest.mark.parametrize(
    ("given_figures", "got"),
    [
        ({}, "none"),
        ({"caseload": 110}, "caseload"),
        (
            {"caseload": 110, "arrivals_per_year": 112, "years_in_service": 1},
            "caseload, arrivals_per_year, years_in_service",
        ),
    ],
)
def test_anything_but_two_figures_is_refused(given_figures, got):
    with pytest.raises(ValueError, match=rf"^exactly two of caseload, .* must be given, got: {got}$"):
        littles_law(**given_figures)


@pytest.mark.parametrize("wrong", [nan, inf, -1, pd.NA])
def test_every_figure_that_cannot_be_is_listed_at_once(wrong):
    with pytest.raises(ValueError) as fault:
        littles_law(caseload=wrong, arrivals_per_year=wrong)
    assert str(fault.value) == "caseload must be 0 or more and finite; arrivals_per_year must be above 0 and finite"


@pytest.mark.parametrize("other", ["arrivals_per_year", "years_in_service"])
def test_what_divides_the_caseload_is_not_zero(other):
    with pytest.raises(ValueError, match=rf"^{other} must be above 0 and finite$"):
        littles_law(caseload=110, **{other: 0})


def test_a_caseload_without_arrivals_has_no_steady_state():
    with pytest.raises(ValueError, match=r"^arrivals must be above 0 and finite$"):
        reconcile_caseload(110, 0, years_observed=0.25, years_in_service_stated=1)


def test_every_fault_of_a_return_is_listed_at_once():
    with pytest.raises(ValueError) as fault:
        reconcile_caseload(nan, 0, years_observed=0, years_in_service_stated=nan)
    assert [rule.split(" must")[0] for rule in str(fault.value).split("; ")] == [
        "caseload",
        "arrivals",
        "years_observed",
        "years_in_service_stated",
    ]


# Properties


@given(positive, positive)
def test_any_two_figures_give_back_the_third(arrivals, years):
    caseload = littles_law(arrivals_per_year=arrivals, years_in_service=years)
    assert littles_law(caseload=caseload, arrivals_per_year=arrivals) == pytest.approx(years)
    assert littles_law(caseload=caseload, years_in_service=years) == pytest.approx(arrivals)


@given(st.integers(1, 1000), st.integers(1, 1000), st.floats(0.05, 5))
def test_the_limits_contain_the_implied_time_which_therefore_agrees(caseload, arrivals, years_observed):
    implied = littles_law(caseload=caseload, arrivals_per_year=arrivals / years_observed)
    check = reconcile_caseload(caseload, arrivals, years_observed=years_observed, years_in_service_stated=implied)
    assert check.lower < check.years_in_service < check.upper
    assert check.agrees


# Golden: NHSRwaitinglist (NHS-R Community, MIT licence), expected values of its tests and of its walk-through, whose
# ENT clinic is that of Fong and others (2022), medRxiv 2022.08.23.22279117.


def test_the_load_of_the_published_queues():
    assert queue_load(30, 27) == pytest.approx(1.11111111)
    assert queue_load([35, 30, 52], [27, 25, 42]) == pytest.approx([1.2962963, 1.2, 1.23809524])


def test_the_target_mean_waits_of_the_published_queues():
    assert target_mean_wait(52, 4) == 13
    assert target_mean_wait([35, 30, 52], [4, 4, 6]) == pytest.approx([8.75, 7.5, 8.6666667])


def test_the_target_queues_of_the_published_queues():
    assert target_queue(30, 52, 4) == 390
    assert target_queue(30, 50, 6) == pytest.approx(250)


def test_the_relief_capacities_of_the_published_queues():
    relief = relief_capacity([30, 33, 35], [1200, 800, 250], [390, 200, 100], [26, 30, 15])
    assert relief == pytest.approx([61.153846, 53, 45])


def test_the_target_capacities_of_the_published_queues():
    assert target_capacity(30, 52, 3, 1.1, 1.2) == pytest.approx(30.076442, abs=5e-7)
    capacities = target_capacity([30, 42, 35], [52, 65, 50], [3, 2, 1], [1.1, 1.2, 1.3], [1.4, 1.5, 1.6])
    assert capacities == pytest.approx([30.0914423, 42.0567692, 35.0425])


def test_the_pressures_of_the_published_queues_have_a_factor_of_2():
    assert pressure([63, 42, 55], [52, 24, 50], 2) == pytest.approx([2.42307692, 3.5, 2.2])


REFERRED = ["2024-01-01", "2024-01-04", "2024-01-10"]


def test_the_published_list_has_these_lengths_day_by_day():
    days = np.arange("2024-01-01", "2024-01-11", dtype="datetime64[D]")
    assert [waits_on(REFERRED, [None] * 3, day).size for day in days] == [1, 1, 1, 2, 2, 2, 2, 2, 2, 3]


def test_those_still_on_the_published_list_have_waited_three_days_on_average():
    waits = waits_on(REFERRED, ["2024-01-08", "2024-01-11", None], "2024-01-10")
    assert waits.tolist() == [6, 0]
    assert waits.mean() == 3


@pytest.mark.skipif(not CASES.exists(), reason="needs ../shared/cases/capacity/capacity_cases.json beside the project")
def test_every_case_of_the_file_is_reproduced():
    cases = json.loads(CASES.read_text(encoding="utf-8"))
    functions = [queue_load, target_mean_wait, relief_capacity, target_capacity]
    for function in functions:
        for case in cases[function.__name__]:
            figures = {name: figure for name, figure in case.items() if name != "out"}
            assert function(**figures) == pytest.approx(case["out"], abs=5e-7), function.__name__
    for case in cases["target_queue_size"]:  # without a factor its authors take 4
        assert target_queue(case["demand"], case["target_wait"], case.get("factor", 4)) == pytest.approx(case["out"])
    for case in cases["pressure"]:
        assert pressure(case["mean_wait"], case["target_wait"], 2) == pytest.approx(case["out"])
    assert [len(cases["erlang"]), len(functions)] == [6, 4]
    for case in cases["erlang"]:
        places, load = case["servers"], case["offered_load"]
        assert erlang_b(places, load) == pytest.approx(case["erlang_b_block"])
        assert erlang_c(places, load) == pytest.approx(case["erlang_c_p_wait"])
        assert erlang_queue(places, load) == pytest.approx(case["Lq"])


# Worked


def test_a_list_at_its_target_has_a_pressure_of_1_by_the_factor_of_the_target():
    mean_wait = target_queue(30, 52, 4) / 30
    assert pressure(mean_wait, 52, 4) == 1
    assert pressure(mean_wait, 52, 2) == 0.5


def test_a_list_at_its_target_asks_for_no_relief():
    assert relief_capacity(30, 390, 390, 26) == 30
    assert relief_capacity(30, 340, 390, 25) == 28


def test_arrivals_and_completions_that_never_vary_ask_for_no_more_than_the_demand():
    assert target_capacity(30, 52, 4, 0, 0) == 30


def test_a_years_referrals_ask_for_whole_time_workers_by_the_stated_norm():
    # 112 a year who stay a year are 112 children at one time: 11.2 workers of ten children each.
    assert whole_time_equivalents(112, 1, 10) == pytest.approx(11.2)
    assert whole_time_equivalents([112, 112], [1, 0.5], [14, 14]).tolist() == [8, 4]


def test_staff_support_as_many_children_as_the_stated_norm_says():
    assert places_from_staff(2.5, 12) == 30
    assert places_from_staff(whole_time_equivalents(112, 1, 14), 14) == pytest.approx(112)


def test_a_single_place_half_used_makes_half_wait_and_turns_a_third_away():
    # By hand: B = 0.5 / 1.5; C = 0.5; one in (0.5 x 0.5 / 0.5) waits on average.
    assert erlang_b(1, 0.5) == pytest.approx(1 / 3)
    assert erlang_c(1, 0.5) == pytest.approx(0.5)
    assert erlang_queue(1, 0.5) == pytest.approx(0.5)


def test_of_two_places_one_used_a_third_wait():
    # By hand: B = (1/2) / (1 + 1 + 1/2) = 1/5; C = 0.2 / (0.2 + 0.8 x 0.5) = 1/3.
    assert erlang_b(2, 1) == pytest.approx(0.2)
    assert erlang_c(2, 1) == pytest.approx(1 / 3)


def test_a_full_load_makes_everybody_wait_without_end():
    assert erlang_c([10, 10], [10, 12]).tolist() == [1, 1]
    assert erlang_queue([10, 10], [10, 12]).tolist() == [inf, inf]
    assert erlang_queue(10, 0) == 0


def test_nobody_waits_on_the_day_they_leave_nor_before_they_come():
    assert waits_on(["2024-01-05"], ["2024-01-08"], "2024-01-07").tolist() == [2]
    assert waits_on(["2024-01-05"], ["2024-01-08"], "2024-01-08").size == 0
    assert waits_on(["2024-01-05"], [None], "2024-01-04").size == 0


def test_what_is_missing_gives_a_missing_result_and_never_0():
    gap, known = pd.array([pd.NA], dtype="Float64"), [2]
    for found in (
        queue_load(gap, known),
        target_queue(gap, known, known),
        relief_capacity(known, gap, known, known),
        target_capacity(known, known, known, gap, known),
        pressure(gap, known, known),
        whole_time_equivalents(known, gap, known),
        places_from_staff(gap, known),
        erlang_b(known, gap),
        erlang_c(gap, known),
        erlang_queue(known, gap),
    ):
        assert np.isnan(found).tolist() == [True]


@pytest.mark.parametrize(
    ("function", "figures", "names"),
    [
        (queue_load, (-1, 0), ["demand", "capacity"]),
        (target_mean_wait, (0, inf), ["target_wait", "factor"]),
        (target_queue, (-1, 0, 0), ["demand", "target_wait", "factor"]),
        (relief_capacity, (-1, -1, -1, 0), ["demand", "queue", "target_queue", "time"]),
        (target_capacity, (-1, 0, 0, -1, inf), ["demand", "cv_demand", "cv_capacity", "target_wait", "factor"]),
        (pressure, (-1, 0, 0), ["mean_wait", "target_wait", "factor"]),
        (whole_time_equivalents, (-1, inf, 0), ["referrals_a_year", "years_in_service", "children_per_worker"]),
        (places_from_staff, (-1, 0), ["whole_time_equivalents", "children_per_worker"]),
        (erlang_b, (1.5, -1), ["places", "offered_load"]),
        (erlang_c, (0, inf), ["places", "offered_load"]),
    ],
)
def test_every_figure_of_a_queue_that_cannot_be_is_listed_at_once(function, figures, names):
    with pytest.raises(ValueError) as fault:
        function(*figures)
    assert [rule.split(" must")[0] for rule in str(fault.value).split("; ")] == names


def test_faults_of_a_waiting_list_are_listed_with_their_positions():
    with pytest.raises(ValueError) as fault:
        waits_on([None, "2024-01-05"], [None, "2024-01-04"], "2024-01-10")
    assert str(fault.value) == ("joined must not be missing (position 0); left must not be before joined (position 1)")


@pytest.mark.parametrize(
    "function",
    [target_mean_wait, target_queue, target_capacity, pressure, whole_time_equivalents, places_from_staff],
)
def test_no_factor_norm_or_coefficient_has_a_default(function):
    assert all(parameter.default is parameter.empty for parameter in inspect.signature(function).parameters.values())


@given(st.integers(1, 60), st.floats(0.1, 55), st.floats(0.1, 5))
def test_another_place_never_makes_more_wait_and_more_load_never_fewer(places, load, more):
    assert erlang_c(places + 1, load) <= erlang_c(places, load) <= erlang_c(places, load + more)
    assert erlang_b(places, load) <= erlang_c(places, load)


@given(st.integers(2, 60), st.floats(0.1, 55))
def test_erlangs_formula_follows_from_one_place_fewer(places, load):
    before = erlang_b(places - 1, load)
    assert erlang_b(places, load) == pytest.approx(load * before / (places + load * before))
