"""How many places a service has, and that nothing is taken for a place that is none."""

from __future__ import annotations

import pandas as pd
import pytest
from small_evidence import FIRST, FORCE, SECOND

from needs_assessment.coverage import service_places
from needs_assessment.coverage.places import NO_PLACES_HELD, NOTHING_STATED, room
from needs_assessment.vocabulary import NeedBasis

UNSAID = ["places", "whole_time_equivalent_staff", "vacancies", "children_per_worker", "intensity"]


def one(returns: pd.DataFrame | None = None, **stated: object) -> pd.Series:
    usual = {"service_id": "a_service", "service_name": "A service", "tier": "specialist"}
    usual |= {"stated_on": pd.Timestamp("2024-06-30"), "sources_of_row": "a_source"}
    register = pd.DataFrame([dict.fromkeys(UNSAID, pd.NA) | usual | stated])
    return service_places(register, reported() if returns is None else returns).iloc[0]


def reported(*rows: tuple[str, str, str, float]) -> pd.DataFrame:
    columns = ["area_code", "measure", "period_end", "value"]
    table = pd.DataFrame(rows, columns=columns).assign(service_id="a_service", source_id="a_return")
    return table.astype({"period_end": "datetime64[us]", "value": float})


def test_places_stated_outrank_staff_and_caseload() -> None:
    returned = reported((FORCE, "children_in_support", "2025-03-31", 44))
    known = one(returned, places=30, whole_time_equivalent_staff=2.5, children_per_worker=10)
    assert (known["places"], known["places_basis"]) == (30, "places stated")


def test_staff_times_the_stated_norm_and_never_a_norm_of_our_own() -> None:
    known = one(whole_time_equivalent_staff=2.5, children_per_worker=10, vacancies=1)
    assert (known["places"], known["places_basis"]) == (25, "staff and caseload norm")
    assert known["places_with_vacancies_filled"] == 35
    without = one(whole_time_equivalent_staff=2.5, vacancies=1)
    assert pd.isna(without["places"])
    assert without["reason"] == NOTHING_STATED


def test_a_reported_caseload_is_the_latest_and_of_the_force_where_it_has_one() -> None:
    returned = reported(
        (FORCE, "children_in_support", "2024-12-31", 90),
        (FIRST, "children_in_support", "2025-03-31", 40),
        (FORCE, "children_in_support", "2025-03-31", 110),
        (FORCE, "years_in_service", "2025-03-31", 0.5),
    )
    known = one(returned)
    assert (known["places"], known["places_basis"]) == (110, "reported caseload")
    assert known["as_at"] == pd.Timestamp("2025-03-31")
    assert known["children_a_year"] == 220


def test_caseloads_of_areas_add_up_and_their_times_in_service_do_not() -> None:
    returned = reported(
        (FIRST, "children_in_support", "2025-03-31", 40),
        (SECOND, "children_in_support", "2025-03-31", 20),
        (FIRST, "years_in_service", "2025-03-31", 1),
        (SECOND, "years_in_service", "2025-03-31", 2),
    )
    known = one(returned)
    assert known["places"] == 60
    assert pd.isna(known["years_in_service"])


def test_a_caseload_of_which_an_area_is_withheld_is_not_the_sum_of_the_rest() -> None:
    returned = reported(
        (FIRST, "children_in_support", "2025-03-31", 40),
        (SECOND, "children_in_support", "2025-03-31", float("nan")),
    )
    assert one(returned)["places_basis"] == "not known"


def test_vacancies_are_filled_at_what_those_in_post_have_where_no_norm_is_stated() -> None:
    known = one(places=40, whole_time_equivalent_staff=4, vacancies=1)
    assert known["places_with_vacancies_filled"] == 50
    assert pd.isna(one(places=40, vacancies=1)["places_with_vacancies_filled"])


@pytest.mark.parametrize(
    "stated", [{"tier": "universal"}, {"intensity": "education|training"}, {"intensity": "advice"}]
)
def test_education_and_training_for_many_hold_no_places(stated: dict[str, str]) -> None:
    known = one(**stated)
    assert not known["holds_places"]
    assert known["reason"] == NO_PLACES_HELD


def test_one_to_one_support_beside_training_holds_places() -> None:
    assert one(intensity="one-to-one|training")["holds_places"]


def test_room_is_in_the_unit_of_the_need_and_without_limit_where_not_known() -> None:
    table = pd.DataFrame(
        {"service_id": ["known", "unknown"], "places": [10, float("nan")], "children_a_year": [20, float("nan")]}
    )
    assert room(table, NeedBasis.UNDER_REVIEW).tolist() == [10, float("inf")]
    assert room(table, NeedBasis.ASSESSMENTS).tolist() == [20, float("inf")]
