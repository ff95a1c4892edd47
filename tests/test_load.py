"""How full a service is, and what is not stated of it."""

from __future__ import annotations

import pandas as pd
import pytest
from small_evidence import FIRST, FORCE, PUBLIC, USUAL, table

from needs_assessment.services.capacity import years_observed
from needs_assessment.services.load import (
    LOAD_KEY,
    LOAD_NUMBERS,
    NO_PLACES,
    NO_REFERRALS,
    NO_TIME,
    ONLY_CASELOAD,
    OTHER_AREA,
    TWO_FIGURES,
    WITHHELD,
    service_load,
)
from needs_assessment.vocabulary import PlacesBasis

QUARTER = {"period_start": "2022-07-01", "period_end": "2022-09-30"}
DAY = {"period_start": "2022-09-30", "period_end": "2022-09-30", "basis": "snapshot"}
REFERRED = {"measure": "new_referrals", "unit": "referral", "value": "28", **QUARTER}

EMPTY = table("service_returns")


def loads(
    *rows: dict[str, str], extents: tuple[tuple[str, str], ...] = (("a_service", FORCE),), **of_service: object
) -> list[dict[str, object]]:
    """The load of a service with 100 places, a year in service and a norm of 14 children, unless the test differs."""
    stated = [USUAL["service_returns"] | {"area_code": FORCE} | row for row in rows]
    words = pd.DataFrame(stated, columns=EMPTY.columns, dtype="string").replace("", pd.NA)
    returns = words.astype(EMPTY.dtypes)
    service = {"service_id": "a_service", "places": 100.0, "places_basis": PlacesBasis.STATED.value, "reason": pd.NA}
    service |= {"years_in_service": 1.0, "children_per_worker": 14.0} | of_service
    runs = pd.DataFrame(extents, columns=["service_id", "area_code"])
    found = service_load(returns, pd.DataFrame([service]), runs)
    assert list(found.columns) == [*LOAD_KEY, *LOAD_NUMBERS, "reason"]
    assert found["load"].isna().tolist() == found["reason"].notna().tolist()
    return found.to_dict("records")


def known(row: dict[str, object]) -> dict[str, object]:
    return {name: row[name] for name in LOAD_NUMBERS if not pd.isna(row[name])}


# Worked


def test_a_quarters_referrals_are_four_times_as_many_a_year_and_are_set_against_the_places():
    (row,) = loads(REFERRED)
    # By hand: 28 x 4 = 112 a year, who stay a year: 112 places and 8 workers of 14 children each; 112 / 100.
    assert known(row) == {
        "referrals_a_year": 112,
        "years_in_service": 1,
        "places": 100,
        "load": pytest.approx(1.12),
        "places_needed": 112,
        "workers_needed": 8,
    }
    assert (row["source_id"], row["service_id"], row["area_code"]) == (PUBLIC, "a_service", FORCE)
    assert (row["period_start"], row["period_end"]) == (pd.Timestamp("2022-07-01"), pd.Timestamp("2022-09-30"))


def test_half_a_year_in_service_needs_half_the_places():
    (row,) = loads(REFERRED, years_in_service=0.5)
    assert (row["places_needed"], row["workers_needed"], row["load"]) == (56, 4, pytest.approx(0.56))


def test_those_waiting_are_taken_within_a_year_beside_all_who_are_referred():
    waiting = [{"measure": "children_waiting", "value": "30", **DAY}]
    waiting += [{"measure": "weeks_waiting", "unit": "other", "value": "9", "target": "4", **DAY}]
    (row,) = loads(REFERRED, *waiting, years_in_service=0.5)
    assert (row["waiting"], row["weeks_waiting"], row["weeks_target"]) == (30, 9, 4)
    assert row["places_to_clear_waiting_in_a_year"] == 71  # (112 + 30) x 0.5
    assert row["places_needed"] == 56


def test_a_day_with_children_waiting_and_no_referrals_stated_has_a_row_of_its_own():
    (row,) = loads({"measure": "children_waiting", "value": "30", **DAY})
    assert known(row) == {"years_in_service": 1, "places": 100, "waiting": 30}
    assert row["reason"] == NO_REFERRALS


def test_new_referrals_stand_before_all_referrals_of_the_same_period():
    (row,) = loads({**REFERRED, "measure": "referrals", "value": "40"}, REFERRED)
    assert row["referrals_a_year"] == 112
    (row,) = loads({**REFERRED, "measure": "referrals", "value": "40"})
    assert row["referrals_a_year"] == 160


def test_a_year_and_its_last_quarter_are_two_rows():
    year = {**REFERRED, "period_start": "2021-10-01", "value": "100"}
    assert [row["referrals_a_year"] for row in loads(year, REFERRED)] == [100, 112]


def test_nobody_referred_is_no_load_and_not_missing():
    (row,) = loads({**REFERRED, "value": "0"})
    assert (row["load"], row["places_needed"], row["workers_needed"]) == (0, 0, 0)


# What is not stated


@pytest.mark.parametrize(
    ("of_service", "reason"),
    [
        ({"years_in_service": None}, NO_TIME),
        ({"places": None, "reason": "not stated"}, NO_PLACES),
        ({"places": 0.0}, NO_PLACES),
        ({"reason": "it holds no places"}, NO_PLACES),
        ({"places_basis": PlacesBasis.CASELOAD.value}, ONLY_CASELOAD),
        ({"extents": (("a_service", FIRST),)}, OTHER_AREA),
        ({"service_id": "another"}, f"{NO_TIME}; {NO_PLACES}"),
        ({"years_in_service": None, "places": None}, f"{NO_TIME}; {NO_PLACES}"),
    ],
)
def test_what_is_not_stated_is_blank_with_a_reason_and_never_assumed(of_service, reason):
    (row,) = loads(REFERRED, **of_service)
    assert row["reason"] == reason
    assert pd.isna(row["load"])
    assert pd.isna(row["years_in_service"]) == (NO_TIME in reason)
    assert row["referrals_a_year"] == 112


def test_a_caseload_is_no_number_of_places():
    (row,) = loads(REFERRED, places_basis=PlacesBasis.CASELOAD.value)
    assert pd.isna(row["places"])
    assert row["places_needed"] == 112


def test_no_caseload_norm_gives_no_workers():
    (row,) = loads(REFERRED, children_per_worker=None)
    assert pd.isna(row["workers_needed"])
    assert row["load"] == pytest.approx(1.12)


def test_a_withheld_number_of_referrals_is_not_0():
    (row,) = loads({**REFERRED, "value": ""})
    assert (row["reason"], pd.isna(row["referrals_a_year"])) == (WITHHELD, True)


def test_two_figures_of_one_period_give_none():
    (row,) = loads({**REFERRED, "note": "a"}, {**REFERRED, "value": "30", "note": "b"})
    assert (row["reason"], pd.isna(row["referrals_a_year"])) == (TWO_FIGURES, True)


def test_withheld_numbers_of_those_waiting_are_missing():
    (row,) = loads(REFERRED, {"measure": "children_waiting", "value": "", **DAY})
    assert pd.isna(row["waiting"])
    assert pd.isna(row["places_to_clear_waiting_in_a_year"])


def test_cumulative_referrals_and_other_measures_have_no_row():
    assert loads({**REFERRED, "basis": "cumulative"}, {**REFERRED, "measure": "valid_referrals"}) == []
    assert loads() == []


# A period in years


@pytest.mark.parametrize(
    ("first", "last", "years"),
    [
        ("2022-07-01", "2022-09-30", 0.25),
        ("2023-01-01", "2023-03-31", 0.25),
        ("2022-04-01", "2023-03-31", 1),
        ("2020-01-13", "2023-01-12", 3),
        ("2022-02-01", "2022-02-28", 1 / 12),
        ("2022-02-01", "2022-02-07", 7 / 365.25),
    ],
)
def test_a_period_is_so_many_months_of_a_year(first, last, years):
    assert years_observed(pd.Timestamp(first), pd.Timestamp(last)) == pytest.approx(years)
