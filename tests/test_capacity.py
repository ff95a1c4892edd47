"""Little's law, against a provider's own return and against its definition."""

from __future__ import annotations

from math import inf, nan

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from needs_assessment.methods.capacity import littles_law, reconcile_caseload

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
