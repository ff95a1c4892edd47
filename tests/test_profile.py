"""Counts of a problem profile from offence-level records: groups, repeats and periods counted by hand."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from small_evidence import FIRST, FORCE, PRIVATE, SECOND, table

from needs_assessment.profile import offending_groups, periods_covered, profile_counts
from needs_assessment.vocabulary import Period, ProfileMeasure

IN_FORCE = {"police_force_area_code": FORCE, "police_force_area_name": "Both"}
AREAS = table(
    "areas",
    {"area_code": FIRST, "area_name": "First", **IN_FORCE},
    {"area_code": SECOND, "area_name": "Second", **IN_FORCE},
    {"area_code": FORCE, "area_name": "Both", "area_type": "police force area"},
)
YEAR = {"data_from": "2023-04-01", "data_to": "2024-03-31"}
ADDED = ("targeted_group_id", "organised_group_id")


def recorded(*rows: dict[str, str]) -> pd.DataFrame:
    """The offences, of which each states only what matters."""
    known = [{name: value for name, value in row.items() if name not in ADDED} for row in rows]
    offences = table("offences", *({"offence_id": f"o{number}", **row} for number, row in enumerate(known)))
    added = {name: pd.array([row.get(name) for row in rows], dtype="string") for name in ADDED}
    return offences.assign(**added)


def sources(stated: dict[str, str] | None = None) -> pd.DataFrame:
    days = {name: pd.to_datetime([(stated or {}).get(name)]) for name in ("data_from", "data_to")}
    return table("sources", {"source_id": PRIVATE, "public": "false"}).assign(**days)


def counted(*rows: dict[str, str], stated: dict[str, str] | None = YEAR) -> pd.DataFrame:
    return profile_counts(recorded(*rows), AREAS, sources(stated))


def count(found: pd.DataFrame, measure: ProfileMeasure, area: str = FIRST, harm: str = "CSE") -> int:
    """The one count of a measure, area and harm."""
    same = found["measure"].eq(measure) & found["area_code"].eq(area) & found["exploitation_type"].eq(harm)
    (number,) = found.loc[same, "count"]
    return int(number)


def groups(*rows: tuple[str, str, str]) -> list[int]:
    """The groups of offences given as suspect, victim and event; blank is missing."""
    named = pd.DataFrame(rows, columns=["suspect_id", "victim_id", "event_id"]).replace("", None).astype("string")
    return offending_groups(named).to_list()


def test_offences_that_share_a_suspect_a_victim_or_an_event_are_joined_and_so_are_those_joined_to_them() -> None:
    assert groups(("s1", "v1", "e1"), ("s1", "v2", "e2"), ("s2", "v2", "e3"), ("s3", "v3", "e3")) == [0, 0, 0, 0]


def test_offences_that_share_nothing_stay_apart() -> None:
    assert groups(("s1", "v1", "e1"), ("s2", "v2", "e2"), ("s1", "v3", "e3")) == [0, 1, 0]


def test_missing_identifiers_join_nothing() -> None:
    assert groups(("", "", ""), ("", "", ""), ("", "v1", "")) == [0, 1, 2]


def test_a_person_who_is_victim_here_and_suspect_there_joins_nothing() -> None:
    assert groups(("s1", "p1", "e1"), ("p1", "v1", "e2")) == [0, 1]


def test_an_identifier_of_one_kind_is_not_taken_for_the_same_word_of_another() -> None:
    assert groups(("1", "2", "3"), ("3", "1", "2")) == [0, 1]


def test_no_offence_has_no_group() -> None:
    assert groups() == []


IDENTIFIERS = st.sampled_from(["", "a", "b", "c", "d", "e"])


@settings(max_examples=30)
@given(st.lists(st.tuples(IDENTIFIERS, IDENTIFIERS, IDENTIFIERS), min_size=1, max_size=12))
def test_groups_are_those_of_joining_step_by_step(rows: list[tuple[str, str, str]]) -> None:
    # A second way to the same answer: take the smaller number over every shared identifier until nothing changes.
    number = list(range(len(rows)))
    for _ in rows:
        for kind in range(3):
            for one in range(len(rows)):
                same = [other for other in range(len(rows)) if rows[one][kind] and rows[other][kind] == rows[one][kind]]
                number[one] = min([number[one], *(number[other] for other in same)])
    assert groups(*rows) == pd.factorize(np.array(number))[0].tolist()


def test_a_group_has_two_different_suspects() -> None:
    found = counted(
        {"suspect_id": "s1", "event_id": "e1"},
        {"suspect_id": "s2", "event_id": "e1"},
        {"suspect_id": "s3", "event_id": "e2"},
        {"suspect_id": "s3", "event_id": "e2"},
        {"event_id": "e3"},
    )
    assert (count(found, ProfileMeasure.GROUP_OFFENCES), count(found, ProfileMeasure.GROUPS)) == (2, 1)


def test_a_repeat_victim_of_two_suspects_unknown_to_each_other_joins_them() -> None:
    # The stated limit of the rule: nobody says that the two acted together.
    found = counted(
        {"suspect_id": "s1", "victim_id": "v1", "event_id": "e1"},
        {"suspect_id": "s2", "victim_id": "v1", "event_id": "e2"},
    )
    assert count(found, ProfileMeasure.GROUP_OFFENCES) == 2


def test_six_offences_of_two_events_with_three_victims_each_have_no_repeat_victims_or_suspects() -> None:
    # West Mercia Police, 27 May 2025: "There were no repeat perpetrators … Their six offences are based on two events
    # involving three victims in each"; an event with several victims is no repeat by itself.
    rows = [
        {"suspect_id": f"s{event}", "victim_id": f"v{event}{victim}", "event_id": f"e{event}"}
        for event in range(2)
        for victim in range(3)
    ]
    found = counted(*rows)
    assert [count(found, measure) for measure in (ProfileMeasure.VICTIMS, ProfileMeasure.SUSPECTS)] == [6, 2]
    assert count(found, ProfileMeasure.REPEAT_VICTIMS) == 0
    assert count(found, ProfileMeasure.REPEAT_SUSPECTS) == 0
    assert count(found, ProfileMeasure.GROUP_OFFENCES) == 0


def test_a_suspect_of_two_events_is_a_repeat_suspect() -> None:
    found = counted({"suspect_id": "s", "event_id": "e1"}, {"suspect_id": "s", "event_id": "e2"})
    assert (count(found, ProfileMeasure.SUSPECTS), count(found, ProfileMeasure.REPEAT_SUSPECTS)) == (1, 1)


def test_offences_without_an_event_are_events_of_their_own() -> None:
    found = counted({"victim_id": "v1"}, {"victim_id": "v1"}, {"victim_id": "v2"})
    assert count(found, ProfileMeasure.REPEAT_VICTIMS) == 1


def test_a_repeat_victim_of_two_areas_counts_once_in_each_and_twice_in_the_force() -> None:
    found = counted({"victim_id": "v1", "event_id": "e1"}, {"victim_id": "v1", "event_id": "e2", "area_code": SECOND})
    repeat = [count(found, ProfileMeasure.REPEAT_VICTIMS, area) for area in (FIRST, SECOND, FORCE)]
    assert repeat == [1, 1, 2]


def test_a_force_has_no_sum_where_the_source_names_only_some_of_its_authorities() -> None:
    assert set(counted({"victim_id": "v1"})["area_code"]) == {FIRST}


def test_repeats_and_groups_are_those_of_one_harm() -> None:
    found = counted(
        {"victim_id": "v1", "suspect_id": "s1", "event_id": "e1"},
        {"victim_id": "v1", "suspect_id": "s2", "event_id": "e2", "exploitation_type": "CCE"},
    )
    for measure in (ProfileMeasure.REPEAT_VICTIMS, ProfileMeasure.GROUP_OFFENCES):
        assert (count(found, measure), count(found, measure, harm="CCE")) == (0, 0)


def test_a_victim_has_missing_episodes_if_any_of_the_offences_says_so() -> None:
    found = counted(
        {"victim_id": "v1", "victim_missing_history": "false", "event_id": "e1"},
        {"victim_id": "v1", "victim_missing_history": "true", "event_id": "e2"},
        {"victim_id": "v2", "victim_missing_history": ""},
        {"victim_id": "", "victim_missing_history": "true"},
    )
    assert count(found, ProfileMeasure.VICTIMS_MISSING) == 1


@pytest.mark.parametrize(
    ("suspected_on", "harm", "later"),
    [
        ("2024-01-16", "CSE", 1),
        ("2024-01-16", "CCE", 1),
        ("2024-06-30", "CSE", 1),
        ("2024-01-15", "CSE", 0),
        ("2023-06-30", "CSE", 0),
    ],
)
def test_a_victim_later_suspect_is_suspected_after_the_day_of_the_own_offence(
    suspected_on: str, harm: str, later: int
) -> None:
    found = counted(
        {"victim_id": "p", "suspect_id": "s"},
        {"victim_id": "v", "suspect_id": "p", "recorded_on": suspected_on, "exploitation_type": harm},
    )
    assert count(found, ProfileMeasure.VICTIMS_LATER_SUSPECTS) == later


def test_a_targeted_group_has_two_different_victims() -> None:
    found = counted(
        {"victim_id": "v1", "targeted_group_id": "t1"},
        {"victim_id": "v2", "targeted_group_id": "t1"},
        {"victim_id": "v3", "targeted_group_id": "t2"},
        {"victim_id": "v3", "targeted_group_id": "t2"},
        {"victim_id": "v4"},
    )
    assert count(found, ProfileMeasure.TARGETED_GROUPS) == 1


def test_organised_groups_and_positions_of_trust_are_counted_as_they_are_stated() -> None:
    found = counted(
        {"organised_group_id": "g1", "position_of_trust": "true"},
        {"organised_group_id": "g1", "position_of_trust": "true"},
        {"organised_group_id": "g2", "position_of_trust": "false"},
        {},
    )
    assert count(found, ProfileMeasure.ORGANISED_GROUPS) == 2
    assert count(found, ProfileMeasure.POSITION_OF_TRUST) == 2


def test_a_column_that_a_source_never_fills_gives_no_rows_and_not_0() -> None:
    found = counted({"victim_id": "v1"})
    assert set(found["measure"]) == {ProfileMeasure.VICTIMS, ProfileMeasure.REPEAT_VICTIMS}
    assert not counted({}).size


def test_records_from_before_the_columns_of_groups_are_counted_without_them() -> None:
    rows = recorded({"victim_id": "v1"}).drop(columns=list(ADDED))
    assert count(profile_counts(rows, AREAS, sources(YEAR)), ProfileMeasure.VICTIMS) == 1


def test_an_area_and_a_harm_without_an_offence_are_0() -> None:
    found = counted({"victim_id": "v1"}, {"area_code": SECOND, "exploitation_type": "CCE", "victim_id": "v2"})
    assert [count(found, ProfileMeasure.VICTIMS, area) for area in (FIRST, SECOND, FORCE)] == [1, 0, 1]
    assert [count(found, ProfileMeasure.VICTIMS, area, "CCE") for area in (FIRST, SECOND, FORCE)] == [0, 1, 1]


def test_a_year_without_an_offence_inside_the_stated_period_is_0() -> None:
    found = counted({"victim_id": "v1"}, stated={"data_from": "2022-04-01", "data_to": "2024-03-31"})
    of_victims = found[found["measure"].eq(ProfileMeasure.VICTIMS)].sort_values("period_end")
    assert of_victims["count"].to_list() == [0, 1]


def test_a_longer_extract_does_not_change_an_earlier_year() -> None:
    rows = [
        {"victim_id": "v1", "suspect_id": "s1", "event_id": "e1"},
        {"victim_id": "v1", "suspect_id": "s2", "event_id": "e2", "recorded_on": "2024-05-01"},
    ]
    short = counted(*rows)
    long = counted(*rows, stated={"data_from": "2023-04-01", "data_to": "2025-03-31"})
    year = long[long["period_end"].eq(short["period_end"].iloc[0])].reset_index(drop=True)
    pd.testing.assert_frame_equal(year, short)


def days(*words: str) -> pd.Series:
    return pd.Series(pd.to_datetime(list(words)))


def test_without_a_stated_period_a_year_is_whole_if_records_lie_in_its_first_and_last_quarter() -> None:
    (year,) = periods_covered(days("2023-06-30", "2024-01-01"))
    assert (str(year.start), str(year.end)) == ("2023-04-01", "2024-03-31")
    assert periods_covered(days("2023-06-30", "2023-12-31")) == []


def test_a_stated_period_that_holds_no_year_is_itself_the_period_of_393_days() -> None:
    # West Mercia Police, 27 May 2025: "the 12-month period between 01/03/2024 and 28/03/2025".
    (period,) = periods_covered(days("2024-04-01", "2025-03-28"), "2024-03-01", "2025-03-28")
    assert (str(period), period.days) == ("1 March 2024 to 28 March 2025", 393)


def test_of_a_stated_period_the_whole_years_count_and_not_what_lies_about_them() -> None:
    found = periods_covered(days("2022-01-01"), "2022-02-01", "2024-06-30")
    assert [str(year) for year in found] == ["year ending 31 March 2023", "year ending 31 March 2024"]


def test_an_exact_year_that_is_stated_is_that_year() -> None:
    (year,) = periods_covered(days("2023-12-31"), "2023-04-01", "2024-03-31")
    assert str(year) == "year ending 31 March 2024"


def test_offences_outside_the_period_are_left_out() -> None:
    odd = {"data_from": "2024-03-01", "data_to": "2025-03-28"}
    found = counted(
        {"victim_id": "v1", "recorded_on": "2024-02-29"},
        {"victim_id": "v2", "recorded_on": "2024-03-01"},
        {"victim_id": "v3", "recorded_on": "2025-03-28"},
        {"victim_id": "v4", "recorded_on": "2025-03-29"},
        stated=odd,
    )
    assert count(found, ProfileMeasure.VICTIMS) == 2
    period = Period(found["period_start"].iloc[0].date(), found["period_end"].iloc[0].date())
    assert period.days == 393


def test_a_source_without_a_whole_year_or_stated_days_gives_nothing() -> None:
    assert counted({"victim_id": "v1"}, stated=None).empty


def test_no_records_give_no_rows_under_the_same_columns() -> None:
    nothing = profile_counts(recorded(), AREAS, sources())
    assert nothing.empty
    assert list(nothing.dtypes) == list(counted({"victim_id": "v1"}).dtypes)
