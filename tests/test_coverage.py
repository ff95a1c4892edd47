"""Coverage: which statement governs, which children a service takes, and that no cell of the matrix is lost."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_evidence import FIRST, SECOND, table

from needs_assessment.coverage import (
    AGE_BANDS,
    AgeBand,
    AgeLimits,
    age_cover,
    coverage_dates,
    coverage_matrix,
    covering_services,
    funding_in_areas,
    residents_by_band,
)
from needs_assessment.coverage.eligibility import FUNDING_ORDER, TIERS
from needs_assessment.vocabulary import AGES_NOT_STATED, PART, WHOLE, WITH_CONDITION, ExploitationType

SOURCES = table(
    "sources",
    {"source_id": "first", "published_on": "2022-09-30"},
    {"source_id": "second", "published_on": "2023-04-26"},
    {"source_id": "third", "published_on": "2025-05-27"},
    {"source_id": "undated", "published_on": ""},
)
LAST_DAY = "2025-05-27"
NOBODY = residents_by_band(table("population"))


def stated(*rows: dict[str, str]) -> pd.DataFrame:
    return table("service_areas", *({"service_id": "a", "source_id": "first"} | row for row in rows))


def governing(*rows: dict[str, str], on: str = LAST_DAY) -> dict[str, object]:
    """What governs for the one service and area of the statements."""
    (row,) = funding_in_areas(stated(*rows), SOURCES, pd.Series({FIRST: pd.Timestamp(on)})).to_dict("records")
    return row


# The day that coverage is described for


def test_coverage_is_described_for_the_latest_day_that_the_areas_sources_describe():
    rows = stated({"source_id": "second"}, {}, {"area_code": SECOND})
    assert coverage_dates(rows, SOURCES).to_dict() == {
        FIRST: pd.Timestamp("2023-04-26"),
        SECOND: pd.Timestamp("2022-09-30"),
    }


def test_a_contract_that_starts_after_it_is_announced_moves_the_day_to_its_start():
    rows = stated({"start": "2022-11-01"}, {"service_id": "b", "start": "2020-01-01"})
    assert coverage_dates(rows, SOURCES)[FIRST] == pd.Timestamp("2022-11-01")


# Which statement governs


def test_the_latest_of_two_statements_governs():
    row = governing({"funding": "spot purchase"}, {"source_id": "second", "funding": "commissioned"}, on="2023-04-26")
    assert (row["funding"], row["source_id"], row["sources_differ"]) == ("commissioned", "second", True)


def test_a_statement_that_names_the_area_outranks_a_later_one_for_the_whole_force():
    exception = {"funding": "none"}
    later = {"source_id": "third", "stated_for": "force", "funding": "commissioned"}
    row = governing(exception, later)
    assert (row["funding"], row["current"], row["sources_differ"]) == ("none", True, True)


def test_a_mention_without_funding_does_not_undo_what_an_earlier_one_states_of_it():
    row = governing({"source_id": "second"}, {"source_id": "third", "funding": "not stated"})
    assert (row["funding"], row["source_id"], row["current"]) == ("commissioned", "second", True)
    assert row["funding_stated_on"] == pd.Timestamp("2023-04-26")
    assert row["stated_on"] == pd.Timestamp("2025-05-27")
    assert not row["sources_differ"]


def test_a_statement_of_a_later_day_is_not_known_yet():
    rows = [{"funding": "spot purchase"}, {"source_id": "third"}]
    assert governing(*rows, on="2022-09-30")["funding"] == "spot purchase"
    assert funding_in_areas(stated(rows[1]), SOURCES, pd.Series({FIRST: pd.Timestamp("2022-09-30")})).empty


def test_no_statements_state_no_funding():
    nothing = stated()
    assert funding_in_areas(nothing, SOURCES, coverage_dates(nothing, SOURCES)).empty


# Whether a statement still speaks for the day

TERM = {"start": "2022-10-01", "end": "2023-09-30"}


@pytest.mark.parametrize(
    ("on", "current"),
    [("2022-09-30", False), ("2022-10-01", True), ("2023-09-30", True), ("2023-10-01", False)],
)
def test_a_contract_speaks_from_its_first_day_to_its_last(on, current):
    assert governing(TERM, on=on)["current"] is current


@pytest.mark.parametrize(("on", "current"), [("2024-09-28", True), ("2024-09-29", True), ("2024-09-30", False)])
def test_a_statement_without_a_last_day_lapses_after_730_days(on, current):
    assert governing({}, on=on)["current"] is current


def test_a_contract_of_four_years_does_not_lapse_before_its_last_day():
    assert governing({"end": "2026-09-30"})["current"] is True


def test_an_absence_does_not_lapse():
    assert governing({"funding": "none"})["current"] is True


def test_a_later_mention_keeps_a_service_current():
    assert governing({}, {"source_id": "third", "funding": "not stated"})["current"] is True


def test_a_mention_before_the_last_day_of_a_contract_does_not_outlive_it():
    rows = [TERM, {"source_id": "second", "funding": "not stated"}]
    assert governing(*rows, on="2023-09-30")["current"] is True
    assert governing(*rows, on="2023-10-01")["current"] is False


def test_a_mention_after_the_last_day_of_a_contract_says_that_the_service_went_on():
    assert governing(TERM, {"source_id": "third", "funding": "not stated"})["current"] is True


def test_a_statement_of_a_source_without_a_date_is_known_by_its_first_day_only():
    assert funding_in_areas(stated({"source_id": "undated"}), SOURCES, pd.Series({FIRST: pd.Timestamp(LAST_DAY)})).empty
    row = governing({"source_id": "undated", "start": "2025-01-01", "end": "2025-12-31"})
    assert row["current"] is True


# Ages

NEVER = float("nan")
BAND_0_4, BAND_5_9, BAND_10_15, BAND_16_17, BAND_18_24 = AGE_BANDS


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        # Branch: 5 to 18, up to 24 with an additional need.
        ((5, 18, 24), ["", WHOLE, WHOLE, WHOLE, WITH_CONDITION]),
        ((5, 18, 23), ["", WHOLE, WHOLE, WHOLE, WITH_CONDITION]),
        ((5, 17, 18), ["", WHOLE, WHOLE, WHOLE, WITH_CONDITION]),
        ((5, 17, None), ["", WHOLE, WHOLE, WHOLE, ""]),
        # Purple Leaf: 10 to 18 in one source.
        ((10, 18, None), ["", "", WHOLE, WHOLE, PART]),
        ((8, 18, 24), ["", PART, WHOLE, WHOLE, WITH_CONDITION]),
        ((11, None, None), ["", "", PART, WHOLE, WHOLE]),
        ((None, 17, None), [WHOLE, WHOLE, WHOLE, WHOLE, ""]),
        ((0, 24, None), [WHOLE] * 5),
        ((18, 24, None), ["", "", "", "", WHOLE]),
        ((12, 12, None), ["", "", PART, "", ""]),
        ((None, None, None), [AGES_NOT_STATED] * 4 + [""]),
        # The West Mercia overview of 2022 gives only the additional needs cohort, 18 to 25.
        ((None, None, 25), [AGES_NOT_STATED] * 4 + [WITH_CONDITION]),
    ],
)
def test_how_much_of_each_band_a_service_takes(limits, expected):
    assert [age_cover(AgeLimits(*limits), band) for band in AGE_BANDS] == expected


@pytest.mark.parametrize("missing", [None, pd.NA, NEVER])
def test_an_age_may_be_missing_in_any_way(missing):
    assert age_cover(AgeLimits(missing, missing, missing), BAND_10_15) == AGES_NOT_STATED
    assert age_cover(AgeLimits(5, 18, missing), BAND_18_24) == PART


ages = st.integers(0, 25)


@given(ages, ages, st.sampled_from(AGE_BANDS))
def test_a_service_takes_part_of_a_band_when_an_age_is_in_both_and_the_whole_when_every_age_is(one, other, band):
    youngest, oldest = sorted((one, other))
    taken = [youngest <= age <= oldest for age in range(band.youngest, band.oldest + 1)]
    expected = WHOLE if all(taken) else PART if any(taken) else ""
    assert age_cover(AgeLimits(youngest, oldest), band) == expected


@given(ages, ages, ages, st.sampled_from(AGE_BANDS))
def test_a_condition_never_takes_a_child_away(one, other, extended, band):
    youngest, oldest = sorted((one, other))
    plain, more = age_cover(AgeLimits(youngest, oldest), band), age_cover(AgeLimits(youngest, oldest, extended), band)
    assert more == plain or (more == WITH_CONDITION and plain != WHOLE)


def test_the_bands_meet_without_gap_or_overlap():
    assert [(band.youngest, band.oldest) for band in AGE_BANDS] == [(0, 4), (5, 9), (10, 15), (16, 17), (18, 24)]
    assert AgeBand(5, 9).oldest + 1 == BAND_10_15.youngest
    assert (BAND_0_4.youngest, BAND_5_9.youngest, BAND_16_17.oldest) == (0, 5, 17)


# Which services cover


def register_rows(*rows: dict[str, str]) -> pd.DataFrame:
    return table("services", *({"service_id": "a"} | row for row in rows))


def in_force(*rows: dict[str, object]) -> pd.DataFrame:
    usual = {"service_id": "a", "area_code": FIRST, "funding": "commissioned", "current": True, "sources_differ": False}
    return pd.DataFrame([usual | row for row in rows], columns=list(usual)).astype({"current": bool})


def test_a_service_for_both_harms_has_a_row_for_each_and_for_each_age_band():
    rows = covering_services(
        register_rows({"exploitation_types": "CSE|CCE", "age_from": "10", "age_to": "17", "tier": "specialist"}),
        in_force({}),
    )
    assert rows[["exploitation_type", "age_from", "age_to", "tier", "ages"]].to_numpy().tolist() == [
        [harm, youngest, oldest, "specialist", WHOLE]
        for harm in ("CCE", "CSE")
        for youngest, oldest in ((10, 15), (16, 17))
    ]


@pytest.mark.parametrize(
    "service",
    [
        {"client_group": "adults"},
        {"client_group": "professionals"},
        {"reference_only": "true"},
        {"exploitation_types": ""},
        {"service_id": "another"},
        {"age_from": "25", "age_to": "60"},
    ],
)
def test_a_service_that_is_not_for_exploited_children_covers_nobody(service):
    assert covering_services(register_rows(service), in_force({})).empty


@pytest.mark.parametrize("statement", [{"current": False}, {"funding": "none"}])
def test_a_service_that_is_absent_or_no_longer_described_covers_nobody(statement):
    assert covering_services(register_rows({}), in_force(statement)).empty


def test_a_service_without_a_tier_is_kept_apart_and_not_lost():
    assert set(covering_services(register_rows({}), in_force({}))["tier"]) == {"not stated"}


def test_a_service_for_children_and_adults_covers_children():
    assert not covering_services(register_rows({"client_group": "children and adults"}), in_force({})).empty


def test_a_service_in_two_areas_covers_both():
    rows = covering_services(register_rows({}), in_force({}, {"area_code": SECOND, "funding": "spot purchase"}))
    assert rows.groupby("area_code")["funding"].unique().map(list).to_dict() == {
        FIRST: ["commissioned"],
        SECOND: ["spot purchase"],
    }


# The matrix

CELLS = ["area_code", "exploitation_type", "age_from", "age_to", "tier"]
DAYS = pd.Series({SECOND: pd.Timestamp("2022-09-30"), FIRST: pd.Timestamp("2025-05-27")})


def matrix_of(*services: dict[str, str], funding: pd.DataFrame | None = None) -> pd.DataFrame:
    statements = in_force({}) if funding is None else funding
    return coverage_matrix(covering_services(register_rows(*services), statements), DAYS, NOBODY)


def cell(matrix: pd.DataFrame, tier: str = "specialist", youngest: int = 10) -> pd.Series:
    chosen = matrix[matrix["area_code"].eq(FIRST) & matrix["exploitation_type"].eq("CSE")]
    (found,) = (row for _, row in chosen[chosen["tier"].eq(tier) & chosen["age_from"].eq(youngest)].iterrows())
    return found


def test_without_any_service_every_cell_is_there_with_funding_none():
    matrix = matrix_of(funding=in_force())
    assert len(matrix) == 2 * 2 * 5 * 4
    assert matrix["funding"].unique().tolist() == ["none"]
    assert not matrix["whole_band"].any()
    assert matrix["services"].isna().all()


def test_a_cell_names_its_services_and_has_the_firmest_funding_among_them():
    services = [{"service_name": name, "service_id": name.lower(), "tier": "specialist"} for name in ("A", "B")]
    funding = in_force({"service_id": "a", "funding": "spot purchase"}, {"service_id": "b", "funding": "commissioned"})
    found = cell(matrix_of(*services, funding=funding))
    assert (found["funding"], found["services"]) == ("commissioned", "A|B")


def test_a_cell_says_whether_one_service_takes_its_whole_band():
    assert cell(matrix_of({"tier": "specialist", "age_from": "5", "age_to": "17"}))["whole_band"]
    assert not cell(matrix_of({"tier": "specialist", "age_from": "12", "age_to": "17"}))["whole_band"]
    assert not cell(matrix_of({"tier": "specialist"}))["whole_band"]  # ages not stated


def test_a_cell_has_the_day_of_its_area_and_its_residents_where_known():
    residents = pd.DataFrame({"area_code": [FIRST], "age_from": [10], "age_to": [15], "residents": [7000]})
    matrix = coverage_matrix(covering_services(register_rows({}), in_force({})), DAYS, residents)
    found = cell(matrix)
    assert (found["on"], found["residents"]) == (pd.Timestamp("2025-05-27"), 7000)
    assert pd.isna(cell(matrix, youngest=5)["residents"])


services_drawn = st.lists(
    st.fixed_dictionaries(
        {
            "exploitation_types": st.sampled_from(["CSE", "CCE", "CSE|CCE"]),
            "tier": st.sampled_from(["", *TIERS[:3]]),
            "age_from": st.sampled_from(["", "0", "5", "10"]),
            "age_to": st.sampled_from(["", "15", "18", "24"]),
            "funding": st.sampled_from(FUNDING_ORDER),
            "area_code": st.sampled_from([FIRST, SECOND]),
        }
    ),
    max_size=4,
)


def matrix_with(services: list[dict[str, str]]) -> pd.DataFrame:
    named = [service | {"service_id": f"s{place}"} for place, service in enumerate(services)]
    columns = ("service_id", "exploitation_types", "tier", "age_from", "age_to")
    facts = register_rows(*({column: service[column] for column in columns} for service in named))
    places = in_force(
        *({column: service[column] for column in ("service_id", "funding", "area_code")} for service in named)
    )
    return coverage_matrix(covering_services(facts, places), DAYS, NOBODY)


@settings(max_examples=25)
@given(services_drawn)
def test_every_area_harm_band_and_tier_is_one_cell_whatever_the_services(services):
    matrix = matrix_with(services)
    expected = {
        (area, str(harm), band.youngest, band.oldest, tier)
        for area in (FIRST, SECOND)
        for harm in ExploitationType
        for band in AGE_BANDS
        for tier in TIERS
    }
    assert set(matrix[CELLS].itertuples(index=False, name=None)) == expected
    assert len(matrix) == len(expected)


@settings(max_examples=25)
@given(services_drawn, services_drawn)
def test_another_service_never_lowers_the_funding_of_any_cell(services, more):
    def grades(of: list[dict[str, str]]) -> pd.Series:
        return matrix_with(of).set_index(CELLS)["funding"].map(FUNDING_ORDER.index)

    # The first of the order is the firmest.
    assert (grades(services + more) <= grades(services)).all()


# Residents


def single_years(first: int, last: int, **cells: str) -> list[dict[str, str]]:
    return [{"age_from": str(age), "age_to": str(age), "people": "10"} | cells for age in range(first, last + 1)]


def residents(*rows: dict[str, str]) -> dict[tuple[int, int], int]:
    found = residents_by_band(table("population", *rows))
    return {(youngest, oldest): people for _, youngest, oldest, people in found.itertuples(index=False)}


def test_residents_of_a_band_are_the_sum_of_its_single_years():
    assert residents(*single_years(0, 24)) == {(0, 4): 50, (5, 9): 50, (10, 15): 60, (16, 17): 20, (18, 24): 70}


def test_a_band_without_all_its_years_has_no_number():
    assert residents(*single_years(1, 17)) == {(5, 9): 50, (10, 15): 60, (16, 17): 20}


def test_only_the_latest_year_and_all_sexes_count():
    earlier, women = single_years(0, 4, mid_year="2022", people="1"), single_years(0, 4, sex="female", people="5")
    assert residents(*single_years(0, 4), *earlier, *women, {"age_to": "17", "people": "180"}) == {(0, 4): 50}


def test_two_editions_of_one_estimate_are_not_added():
    assert residents(*single_years(0, 4), *single_years(0, 4, source_id="later", people="11")) == {(0, 4): 55}
