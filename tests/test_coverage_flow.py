"""Coverage as a flow: what could be met, what no allocation could, what binds, and what a change would do."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from coverage_rows import LEVELS, ON, SCHEME, flow, need_rows, places, services
from hypothesis import given, settings
from hypothesis import strategies as st
from small_evidence import FIRST, FORCE, SECOND

from needs_assessment.coverage import (
    ForceFlow,
    coverage_cuts,
    coverage_effects,
    coverage_flow,
    coverage_grades,
    coverage_holes,
    supporting,
)
from needs_assessment.coverage.effects import AGES_NOT_KNOWN, NO_VACANCIES, PLACES_NOT_KNOWN
from needs_assessment.methods.rates import exact_poisson_limits

NO_TERMS = pd.DataFrame({"service_id": [], "ends": pd.to_datetime([])})
BOTH = [{"area_code": FIRST}, {"area_code": SECOND}]


def row_of(table: pd.DataFrame, area: str, harm: str | None = None) -> pd.Series:
    of_harm = table["exploitation_type"].isna() if harm is None else table["exploitation_type"].eq(harm)
    return table[table["area_code"].eq(area) & of_harm].iloc[0]


def shared() -> ForceFlow:
    """Two authorities with 30 and 20 children, and one service of 35 places for both."""
    need = need_rows({"counted": 30}, {"counted": 20, "area_code": SECOND})
    return flow(need, services(*BOTH), places(a_service=35))


def test_the_gap_of_a_force_is_what_its_places_cannot_take() -> None:
    table = coverage_flow([shared()], ON)
    whole = row_of(table, FORCE)
    assert whole[["need", "commissioned", "met", "gap", "no_service", "too_few_places"]].tolist() == [
        50,
        50,
        35,
        15,
        0,
        15,
    ]
    lower, upper = exact_poisson_limits(50)
    assert whole["gap_lower"] == pytest.approx(lower - 35, abs=1e-6)
    assert whole["gap_upper"] == pytest.approx(upper - 35, abs=1e-6)


def test_an_authority_has_no_gap_for_certain_while_the_places_could_all_go_to_it() -> None:
    table = coverage_flow([shared()], ON)
    first = row_of(table, FIRST, "CSE")
    assert first["gap"] == 0
    # In proportion to need it has 30 of 50 parts of 35 places.
    assert first["met_proportional"] == pytest.approx(21)
    assert first["gap_proportional"] == pytest.approx(9)


def test_need_without_any_commissioned_service_is_a_gap_whatever_the_places() -> None:
    need = need_rows({"counted": 8, "exploitation_type": "CCE"}, {"counted": 5})
    offered = services({}, {"service_id": "bought", "funding": "spot purchase", "exploitation_types": "CCE"})
    table = coverage_flow([flow(need, offered, places(a_service=50, bought=50))], ON)
    cce = row_of(table, FIRST, "CCE")
    assert cce[["need", "eligible", "commissioned", "gap", "no_service"]].tolist() == [8, 8, 0, 8, 8]
    lower, upper = map(float, exact_poisson_limits(8))
    assert cce[["gap_lower", "gap_upper"]].tolist() == pytest.approx([lower, upper])


def test_places_that_nobody_states_leave_room_for_all_and_are_counted_as_not_known() -> None:
    table = coverage_flow([flow(need_rows({"counted": 40}), services({}), places(a_service=float("nan")))], ON)
    whole = row_of(table, FORCE)
    assert whole["gap"] == 0
    assert (whole["services_counted"], whole["services_without_places"]) == (1, 1)
    assert pd.isna(whole["places"])


def test_places_are_of_a_year_where_the_need_is_of_a_year() -> None:
    need = need_rows({"counted": 40, "basis": "assessments in a year", "unit": "episode"})
    # Ten places of half a year each.
    whole = row_of(coverage_flow([flow(need, services({}), places(a_service=10))], ON), FORCE)
    assert (whole["places"], whole["met"], whole["gap"]) == (20, 20, 20)


def test_one_withheld_level_leaves_the_place_out_and_says_why() -> None:
    need = need_rows(
        {"counted": 9, "scheme": SCHEME, "risk_level": "low"},
        {
            "counted": pd.NA,
            "scheme": SCHEME,
            "risk_level": "high",
            "missing": "c",
            "reason": "a count of need is withheld",
        },
        {"counted": 7, "area_code": SECOND},
    )
    table = coverage_flow([flow(need, services(*BOTH), places(a_service=5))], ON)
    first, whole = row_of(table, FIRST, "CSE"), row_of(table, FORCE)
    assert pd.isna(first["need"])
    assert first["missing"] == "c"
    assert (whole["need"], whole["gap"], whole["missing"]) == (7, 2, "c")


def test_known_ages_are_cut_where_a_service_begins_and_need_is_spread_over_the_years() -> None:
    need = need_rows({"counted": 30, "age_from": 10, "age_to": 12})
    found = flow(need, services({"age_from": 12, "age_to": 17}), places(a_service=100))
    assert found.cells[["age_from", "age_to", "children"]].to_numpy().tolist() == [[10, 11, 20.0], [12, 12, 10.0]]
    whole = row_of(coverage_flow([found], ON), FORCE)
    assert whole["no_service"] == pytest.approx(20)


def test_need_of_unknown_age_counts_as_taken_by_a_service_for_some_ages() -> None:
    found = flow(need_rows({"counted": 30}), services({"age_from": 12, "age_to": 17}), places(a_service=100))
    assert row_of(coverage_flow([found], ON), FORCE)["gap"] == 0


def test_levels_of_the_scheme_that_a_service_does_not_name_are_not_taken() -> None:
    rows = [{"counted": 10, "scheme": SCHEME, "risk_level": level} for level in LEVELS[SCHEME]]
    named = flow(need_rows(*rows), services({"risk_levels": "medium|high"}), places(a_service=100))
    assert row_of(coverage_flow([named], ON), FORCE)["no_service"] == 10
    other_words = flow(need_rows(*rows), services({"risk_levels": "significant"}), places(a_service=100))
    assert row_of(coverage_flow([other_words], ON), FORCE)["no_service"] == 0


def test_grades_part_the_need_by_the_firmest_funding() -> None:
    offered = services(
        {"funding": "not stated"}, {"service_id": "bought", "funding": "spot purchase", "risk_levels": "high"}
    )
    rows = [{"counted": 10, "scheme": SCHEME, "risk_level": level} for level in LEVELS[SCHEME]]
    grades = coverage_grades([flow(need_rows(*rows), offered, places())]).set_index("funding")["need"]
    assert grades.to_dict() == {
        "commissioned": 0,
        "service level agreement": 0,
        "spot purchase": 10,
        "not stated": 20,
        "none": 0,
    }


def test_the_cut_names_what_binds_and_adds_up_to_the_gap() -> None:
    need = need_rows({"counted": 30}, {"counted": 20, "area_code": SECOND}, {"counted": 6, "exploitation_type": "CCE"})
    found = flow(need, services(*BOTH), places(a_service=35))
    cuts = coverage_cuts([found]).set_index("kind")
    assert cuts.loc["too few places", ["service_ids", "area_codes"]].tolist() == ["a_service", f"{FIRST}|{SECOND}"]
    assert cuts.loc["too few places", ["need", "places", "gap"]].tolist() == [50, 35, 15]
    assert cuts.loc["no commissioned service", ["exploitation_types", "gap"]].tolist() == ["CCE", 6]
    assert cuts["gap"].sum() == row_of(coverage_flow([found], ON), FORCE)["gap"]


def test_full_services_that_share_no_need_bind_apart() -> None:
    need = need_rows({"counted": 30}, {"counted": 20, "area_code": SECOND})
    offered = services({}, {"service_id": "another", "area_code": SECOND})
    cuts = coverage_cuts([flow(need, offered, places(a_service=10, another=15))])
    assert cuts[["service_ids", "gap"]].to_numpy().tolist() == [["a_service", 20.0], ["another", 5.0]]


def holes(*stated: dict[str, object], schemes: dict[str, str] | None = None) -> list[list[object]]:
    table = coverage_holes(services(*stated), schemes or {}, LEVELS, ON[[FIRST]])
    chosen = table[table["exploitation_type"].eq("CSE")]
    return (
        chosen[["risk_level", "age_from", "age_to", "funding"]]
        .astype(object)
        .where(chosen.notna(), None)
        .to_numpy()
        .tolist()
    )


def test_a_hole_is_a_run_of_ages_that_no_commissioned_service_takes() -> None:
    assert holes({"age_from": 10, "age_to": 15}) == [[None, 0, 9, "none"], [None, 16, 17, "none"]]
    assert holes({}) == []
    bought = {"service_id": "bought", "funding": "spot purchase", "age_from": 14, "age_to": 17}
    assert holes({"age_from": 5, "age_to": 15}, bought) == [[None, 0, 4, "none"], [None, 16, 17, "spot purchase"]]


def test_a_hole_names_its_level_unless_it_is_the_same_at_all() -> None:
    stated = {"age_from": 5, "age_to": 17, "risk_levels": "high"}
    assert holes(stated, schemes={FIRST: SCHEME}) == [
        ["low", 0, 17, "none"],
        ["medium", 0, 17, "none"],
        ["high", 0, 4, "none"],
    ]
    assert holes({"age_from": 5, "age_to": 17}, schemes={FIRST: SCHEME}) == [[None, 0, 4, "none"]]


def test_education_for_many_and_services_for_reference_only_fill_no_hole() -> None:
    register = services(
        {}, {"service_id": "lessons", "intensity": "education"}, {"service_id": "apart", "reference_only": True}
    )
    funding = register[["service_id", "area_code", "funding", "on"]].assign(current=True)
    found = supporting(register.drop(columns=["area_code", "funding", "on"]), funding)
    assert found["service_id"].tolist() == ["a_service"]


def effects(found: ForceFlow, known: pd.DataFrame, terms: pd.DataFrame = NO_TERMS) -> pd.DataFrame:
    return coverage_effects([found], known, terms).set_index("change")


def test_ten_more_places_narrow_the_gap_by_ten_where_places_bind() -> None:
    known = places(a_service=35)
    table = effects(shared(), known)
    more = table.loc["ten more places"]
    assert more[["gap_before", "gap_after", "difference"]].tolist() == [15, 5, -10]
    assert table.loc["vacancies filled", "reason"] == NO_VACANCIES


def test_a_contract_that_ends_leaves_all_its_need_unmet_from_the_next_last_day() -> None:
    days = pd.to_datetime(["2024-03-31", "2025-09-30", "2026-09-30"])
    ended = effects(shared(), places(a_service=35), pd.DataFrame({"service_id": "a_service", "ends": days}))
    row = ended.loc["contract ends without extension"]
    assert row["on"] == pd.Timestamp("2025-09-30")
    assert row[["gap_after", "difference"]].tolist() == [50, 35]


def test_what_unknown_places_would_do_is_not_said() -> None:
    known = places(a_service=float("nan"))
    table = effects(flow(need_rows({"counted": 40}), services({}), known), known)
    assert table.loc["ten more places", "reason"] == PLACES_NOT_KNOWN
    assert pd.isna(table.loc["contract ends without extension", "difference"])


def test_opening_a_service_to_further_ages_meets_those_where_it_has_room() -> None:
    known = places(a_service=25)
    need = need_rows(
        {"counted": 20, "age_from": 10, "age_to": 12},
        {
            "counted": 10,
            "age_from": 13,
            "age_to": 15,
            "exploitation_type": "CSE",
            "risk_level": "low",
            "scheme": SCHEME,
        },
    )
    found = flow(need, services({"age_from": 13, "age_to": 17}), known)
    opened = effects(found, known).loc["opened to further ages"]
    assert opened[["age_from", "age_to"]].tolist() == [0, 12]
    assert opened[["gap_before", "gap_after"]].tolist() == [20, 5]
    unknown = flow(need_rows({"counted": 20}), services({"age_from": 13, "age_to": 17}), known)
    assert effects(unknown, known).loc["opened to further ages", "reason"] == AGES_NOT_KNOWN


def test_filled_vacancies_count_where_staff_in_post_are_known() -> None:
    known = places(a_service=35).assign(vacancies=2.0, places_with_vacancies_filled=45.0)
    filled = effects(shared(), known).loc["vacancies filled"]
    assert filled[["places_after", "gap_after"]].tolist() == [45, 5]


@settings(max_examples=12, deadline=None)
@given(
    counts=st.lists(st.integers(0, 40), min_size=4, max_size=4),
    rooms=st.lists(st.one_of(st.integers(0, 60).map(float), st.just(float("nan"))), min_size=2, max_size=2),
)
def test_met_and_unmet_make_the_need_and_no_gap_is_below_the_proved_one(counts: list[int], rooms: list[float]) -> None:
    places_and_harms = [(area, harm) for area in (FIRST, SECOND) for harm in ("CSE", "CCE")]
    need = need_rows(
        *(
            {"counted": count, "area_code": area, "exploitation_type": harm}
            for count, (area, harm) in zip(counts, places_and_harms, strict=True)
        )
    )
    offered = services(
        {}, {"area_code": SECOND}, {"service_id": "another", "area_code": SECOND, "exploitation_types": "CSE|CCE"}
    )
    found = flow(need, offered, places(a_service=rooms[0], another=rooms[1]))
    table = coverage_flow([found], ON)
    assert np.allclose(table["met"] + table["gap"], table["need"].astype(float))
    assert (table["gap_proportional"] >= table["gap"] - 1e-9).all()
    assert (table["gap_lower"] <= table["gap"] + 1e-9).all()
    assert (table["gap"] <= table["gap_upper"] + 1e-9).all()
    assert (table["commissioned"] <= table["eligible"]).all()
    assert coverage_cuts([found])["gap"].sum() == pytest.approx(row_of(table, FORCE)["gap"])


def test_nothing_described_gives_typed_tables_without_rows() -> None:
    assert coverage_flow([], ON).empty
    assert coverage_cuts([]).empty
    assert coverage_effects([], places(), NO_TERMS).empty
    assert coverage_holes(services(), {}, LEVELS, ON[:0]).empty
