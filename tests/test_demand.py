"""Demand: counts for every area, rates on the right denominators, and comparisons that know when to be silent.

The places in the worked tests are made up; each table can be counted by hand.
"""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_evidence import COUNTRY, FIRST, FORCE, GROUPS, PUBLIC, SECOND, USUAL, YEAR, table

from needs_assessment.demand import (
    COMPARED,
    DOUBTFUL,
    NO_RATE,
    NO_SPREAD,
    TOO_FEW,
    compared_with,
    either_harm,
    observed_counts,
    recorded_rates,
    referral_counts,
    resident_children,
)
from needs_assessment.disclosure import SafeCounts
from needs_assessment.vocabulary import RecordingFlag, Verdict

AREAS = table("areas", {"area_code": FIRST, "area_name": "First"}, {"area_code": SECOND, "area_name": "Second"})
BOTH = pd.Series([FIRST, SECOND])
IMPLAUSIBLE, BROKEN = "the zero is implausible beside the comparator's rate", "the way it is recorded changed"
FLAGGED = ["source_id", "measure", "unit", "exploitation_type", "area_code", "period_start", "period_end", "flag"]


def referrals(*rows: tuple[str, str, str]) -> pd.DataFrame:
    """Referrals of (area, harm, day received), with the columns that are counted."""
    received = pd.DataFrame(rows, columns=["area_code", "exploitation_type", "referred_on"], dtype="string")
    return received.assign(source_id="a_return").astype({"source_id": "string", "referred_on": "datetime64[us]"})


def rated(*observations: dict[str, str], population: tuple[dict[str, str], ...] = ({},)) -> pd.DataFrame:
    counts = observed_counts(table("observations", *observations), AREAS)
    return recorded_rates(SafeCounts(counts, 0), resident_children(table("population", *population), AREAS))


# Referrals, worked


def test_referrals_are_counted_by_area_harm_and_quarter():
    received = [(FIRST, "CSE", "2024-01-01"), (FIRST, "CSE", "2024-03-31"), (SECOND, "CCE", "2024-04-01")]
    counts = referral_counts(referrals(*received), BOTH)
    by_quarter = counts.groupby(["area_code", "exploitation_type"])["count"].agg(list).to_dict()
    assert by_quarter == {
        (FIRST, "CSE"): [2, 0],
        (FIRST, "CCE"): [0, 0],
        (SECOND, "CSE"): [0, 0],
        (SECOND, "CCE"): [0, 1],
    }


def test_an_area_without_a_referral_appears_as_zero():
    counts = referral_counts(referrals((FIRST, "CSE", "2024-01-15")), BOTH)
    assert counts[["area_code", "exploitation_type", "count"]].to_numpy().tolist() == [
        [FIRST, "CSE", 1],
        [SECOND, "CSE", 0],
        [FIRST, "CCE", 0],
        [SECOND, "CCE", 0],
    ]


def test_a_quarter_without_a_referral_anywhere_appears_as_zero():
    counts = referral_counts(referrals((FIRST, "CSE", "2023-12-31"), (FIRST, "CSE", "2024-07-01")), pd.Series([FIRST]))
    cse = counts[counts["exploitation_type"].eq("CSE")]
    assert cse["count"].tolist() == [1, 0, 0, 1]
    assert cse["period_end"].dt.strftime("%Y-%m-%d").tolist() == [
        "2023-12-31",
        "2024-03-31",
        "2024-06-30",
        "2024-09-30",
    ]


def test_the_leap_day_belongs_to_the_first_quarter():
    counts = referral_counts(referrals((FIRST, "CSE", "2024-02-29")), pd.Series([FIRST]))
    assert counts["period_start"].unique().tolist() == [pd.Timestamp("2024-01-01")]
    assert counts["count"].sum() == 1


def test_a_referral_of_an_area_beyond_those_asked_for_is_not_lost():
    counts = referral_counts(referrals((FORCE, "CSE", "2024-01-15")), BOTH)
    assert counts["count"].sum() == 1
    assert set(counts["area_code"]) == {FIRST, SECOND, FORCE}


def test_a_source_says_nothing_of_quarters_that_another_source_reports():
    received = referrals((FIRST, "CSE", "2024-01-15"), (FIRST, "CSE", "2024-04-15"))
    received["source_id"] = pd.array(["first_return", "second_return"], dtype="string")
    counts = referral_counts(received, pd.Series([FIRST]))
    cse = counts[counts["exploitation_type"].eq("CSE")]
    assert cse[["source_id", "count"]].to_numpy().tolist() == [["first_return", 1], ["second_return", 1]]
    assert cse["period_start"].dt.month.tolist() == [1, 4]


def test_no_referrals_give_no_counts():
    assert referral_counts(table("referrals"), BOTH).empty
    assert referral_counts(referrals(), BOTH).empty


# Referrals, properties

days = st.dates(pd.Timestamp("2022-01-01").date(), pd.Timestamp("2024-12-31").date())
received_rows = st.lists(st.tuples(st.sampled_from([FIRST, SECOND]), st.sampled_from(["CSE", "CCE"]), days.map(str)))


@settings(max_examples=50)
@given(received_rows)
def test_counts_sum_to_the_number_of_referrals(received):
    counts = referral_counts(referrals(*received), BOTH)
    assert int(counts["count"].sum()) == len(received)
    assert not counts.duplicated(["exploitation_type", "area_code", "period_start"]).any()
    quarters = counts["period_start"].nunique()
    assert len(counts) == 2 * 2 * quarters


@settings(max_examples=30)
@given(received_rows, st.sampled_from(["2022-03-31", "2023-06-30", "2023-12-31"]))
def test_splitting_the_referrals_at_the_end_of_a_quarter_adds_up(received, last_day):
    earlier, later = ([row for row in received if (row[2] <= last_day) is before] for before in (True, False))
    key = ["exploitation_type", "area_code", "period_start"]
    parts = [referral_counts(referrals(*part), BOTH) for part in (earlier, later) if part]
    whole = referral_counts(referrals(*received), BOTH)
    added = pd.concat(parts)[[*key, "count"]] if parts else whole
    assert int(whole["count"].sum()) == int(added["count"].sum())
    # Quarters between the parts, in which there is no referral, are in the whole only.
    both = whole.merge(added, on=key, how="left")
    assert both["count_x"].equals(both["count_y"].fillna(0))


# Observations


def test_observations_come_under_todays_codes_in_the_order_they_stand():
    areas = table(
        "areas",
        {"area_code": "E06000066", "area_name": "Somerset"},
        {"area_code": "E10000027", "area_name": "Old", "valid_to": "2023-03-31", "successor_code": "E06000066"},
    )
    year_before = {"period_start": "2022-04-01", "period_end": "2023-03-31"}
    rows = [{"area_code": "E06000066", "count": "9"}, {"area_code": "E10000027", "count": "8", **year_before}]
    counts = observed_counts(table("observations", *rows), areas)
    assert counts["area_code"].tolist() == ["E06000066", "E06000066"]
    assert counts["count"].tolist() == [9, 8]


# Denominators


def test_only_residents_aged_0_to_17_of_all_sexes_are_the_denominator():
    population = table(
        "population",
        {"people": "100"},
        {"age_to": "0", "people": "5"},
        {"age_from": "10", "people": "40"},
        {"age_to": "18", "people": "105"},
        {"sex": "female", "people": "49"},
    )
    assert resident_children(population, AREAS)["denominator"].tolist() == [100]


def test_the_last_source_of_one_mid_year_is_the_denominator():
    editions = [{"people": "100"}, {"source_id": "a_later_edition", "people": "101"}]
    assert resident_children(table("population", *editions), AREAS)["denominator"].tolist() == [101]


def single_years(ages: Iterable[int] = range(18), people: int = 10, **other: str) -> list[dict[str, str]]:
    """A row for each age, with one more person at each year of age."""
    return [{"age_from": str(age), "age_to": str(age), "people": str(people + age), **other} for age in ages]


def children_of(*population: dict[str, str], areas: pd.DataFrame = AREAS) -> dict[tuple[str, int], tuple[int, str]]:
    """The denominator and its source, by area and mid-year."""
    children = resident_children(table("population", *population), areas)
    assert not children.duplicated(["area_code", "mid_year"]).any()
    rows = children.itertuples(index=False)
    return {(row.area_code, row.mid_year): (row.denominator, row.denominator_source_id) for row in rows}


SUM = 18 * 10 + 153  # ten and their age of each year: the ages 0 to 17 add up to 153


def test_the_single_years_of_an_area_without_the_published_band_add_up_to_its_children():
    older, welsh = single_years([18, 19, 90]), {"area_code": "W06009001"}
    found = children_of(*single_years(**welsh), *single_years([18, 19, 90], **welsh), *older)
    assert found == {("W06009001", 2023): (SUM, PUBLIC)}


def test_single_years_serve_the_mid_years_that_have_no_published_band_and_no_others():
    found = children_of(
        {"people": "400"}, *single_years(source_id="ages"), *single_years(source_id="ages", mid_year="2024")
    )
    assert found == {(FIRST, 2023): (400, PUBLIC), (FIRST, 2024): (SUM, "ages")}


@pytest.mark.parametrize("band_first", [True, False])
def test_the_published_band_wins_wherever_it_stands(band_first):
    band, ages = [{"people": "400"}], single_years(source_id="ages")
    assert children_of(*(band + ages if band_first else ages + band)) == {(FIRST, 2023): (400, PUBLIC)}


@pytest.mark.parametrize("lacking", range(18))
def test_seventeen_of_the_eighteen_single_years_give_nothing(lacking):
    assert children_of(*single_years(age for age in range(18) if age != lacking)) == {}


def test_single_years_of_two_sources_never_add_up():
    halves = [*single_years(range(9), source_id="one"), *single_years(range(9, 18), source_id="another")]
    assert children_of(*halves) == {}
    both = [*single_years(source_id="one"), *single_years(people=11, source_id="another")]
    assert children_of(*both) == {(FIRST, 2023): (SUM + 18, "another")}


def test_single_years_of_two_mid_years_or_two_areas_never_add_up():
    assert children_of(*single_years(range(9)), *single_years(range(9, 18), mid_year="2024")) == {}
    assert children_of(*single_years(range(9)), *single_years(range(9, 18), area_code=SECOND)) == {}


def test_single_years_of_one_sex_are_not_those_of_all_residents():
    girls = single_years(sex="female")
    assert children_of(*girls) == {}
    assert children_of(*girls, *single_years(people=20)) == {(FIRST, 2023): (SUM + 180, PUBLIC)}


def test_a_band_of_several_years_is_not_added_to_single_years():
    bands = [{"age_from": "0", "age_to": "9"}, {"age_from": "10", "age_to": "17"}]
    assert children_of(*bands) == {}
    assert children_of(*single_years(range(17)), bands[1]) == {}


def test_single_years_under_a_code_that_ended_count_for_the_area_that_replaced_it():
    areas = table(
        "areas",
        {"area_code": "E06000066", "area_name": "Somerset"},
        {"area_code": "E10000027", "area_name": "Old", "valid_to": "2023-03-31", "successor_code": "E06000066"},
    )
    old = single_years(area_code="E10000027", mid_year="2021")
    assert children_of(*old, areas=areas) == {("E06000066", 2021): (SUM, PUBLIC)}
    published = {"area_code": "E06000066", "mid_year": "2021", "people": "400"}
    assert children_of(*old, published, areas=areas) == {("E06000066", 2021): (400, PUBLIC)}


def test_a_rate_on_single_years_is_the_count_over_their_sum_and_names_their_source():
    rates = rated({"count": "24"}, population=tuple(single_years(people=100, source_id="ages")))
    assert rates["denominator"].tolist() == [18 * 100 + 153]
    assert rates["value"].tolist() == pytest.approx([24 / 1953 * 10_000])
    assert rates["denominator_source_id"].tolist() == ["ages"]


@pytest.mark.parametrize(
    ("start", "end", "mid_year"),
    [
        ("2023-04-01", "2024-03-31", 2023),  # a year ending in March 2024 takes mid-2023
        ("2024-03-31", "2024-03-31", 2023),
        ("2024-04-01", "2024-06-30", 2024),
        ("2024-01-01", "2024-03-31", 2023),
        ("2024-12-31", "2024-12-31", 2024),
    ],
)
def test_a_period_takes_the_mid_year_of_the_financial_year_in_which_it_begins(start, end, mid_year):
    population = tuple({"mid_year": str(year), "people": str(year)} for year in range(2021, 2026))
    rates = rated({"period_start": start, "period_end": end, "count": "1"}, population=population)
    assert rates["denominator"].tolist() == [mid_year]


# Rates


def test_a_rate_is_the_count_over_the_children_of_the_year_times_ten_thousand():
    rates = rated({"count": "24"})
    assert rates["value"].tolist() == [12.0]
    assert rates["method"].tolist() == ["Byar"]
    assert rates["person_years"].tolist() == [20000]


@pytest.mark.parametrize(
    ("start", "end", "years"),
    [
        ("2023-04-01", "2024-03-31", 1),  # with a leap day
        ("2022-04-01", "2023-03-31", 1),  # without
        ("2024-01-01", "2024-03-31", 0.25),
        ("2023-10-01", "2024-03-31", 0.5),
        ("2024-02-01", "2024-02-29", 1 / 12),
        ("2024-02-01", "2024-02-28", 28 / 365.25),  # the leap day is not in it, so it is no whole month
        ("2024-03-01", "2025-03-28", 393 / 365.25),  # the police profile's "12-month period"
        ("2024-02-29", "2024-02-29", 1 / 365.25),
    ],
)
def test_the_length_of_a_period_is_whole_months_in_twelfths_and_days_elsewhere(start, end, years):
    population = tuple({"mid_year": str(year)} for year in (2022, 2023, 2024))
    rates = rated({"period_start": start, "period_end": end, "count": "24"}, population=population)
    assert rates["person_years"].tolist() == pytest.approx([20000 * years])
    assert rates["value"].tolist() == pytest.approx([12 / years])


@settings(max_examples=20)
@given(st.integers(1, 11), st.integers(2018, 2024))
def test_splitting_a_year_at_the_end_of_a_month_adds_up(months, year):
    start = pd.Timestamp(year, 4, 1)
    end, middle = start + pd.DateOffset(years=1, days=-1), start + pd.DateOffset(months=months)
    spans = [(start, end), (start, middle - pd.Timedelta(days=1)), (middle, end)]
    observations = ({"period_start": f"{one:%F}", "period_end": f"{last:%F}", "count": "1"} for one, last in spans)
    population = tuple({"mid_year": str(known)} for known in (year, year + 1))
    whole, first, second = rated(*observations, population=population)["person_years"]
    assert first + second == pytest.approx(whole)


def test_a_withheld_count_has_no_rate_and_no_limits():
    rates = rated({"missing": "c"})
    assert rates[["value", "lower", "upper", "method"]].isna().all(axis=None)
    assert rates["denominator"].tolist() == [20000]


def test_a_zero_has_a_rate_of_zero_with_an_upper_limit():
    rates = rated({"count": "0"})
    assert rates[["value", "lower"]].to_numpy().tolist() == [[0, 0]]
    # 3.689 is the exact upper limit of no event (minus the logarithm of 0.025).
    assert rates["upper"].tolist() == pytest.approx([3.6888794541139363 / 2])


@pytest.mark.parametrize("population", [({"area_code": SECOND},), ({"people": "0"},), ({"mid_year": "2022"},)])
def test_an_area_without_children_of_the_year_has_no_rate(population):
    rates = rated({"count": "24"}, population=population)
    assert rates["value"].isna().all()
    assert rates["count"].tolist() == [24]


# Comparisons


def flags(*rows: dict[str, str]) -> pd.DataFrame:
    """Flags of the recording screen; a row says only what differs from the usual figure."""
    usual = {key: value for key, value in USUAL["observations"].items() if key in FLAGGED} | {"area_code": FIRST}
    table = pd.DataFrame([usual | row for row in rows], columns=FLAGGED, dtype="string")
    return table.astype({"period_start": "datetime64[us]", "period_end": "datetime64[us]"})


def groups(*rows: dict[str, str]) -> pd.DataFrame:
    """What England's authorities recorded together; without rows, those whose rates differ by chance alone."""
    return table("peer_groups", *(rows or GROUPS)).assign(basis="authorities")


def compared(
    *observations: dict[str, str], flagged: pd.DataFrame | None = None, peers: pd.DataFrame | None = None
) -> pd.DataFrame:
    population = ({}, {"area_code": SECOND}, {"area_code": COUNTRY, "people": "12000000"})
    rates = rated(*observations, population=population)
    peers = groups() if peers is None else peers
    return compared_with(rates, COUNTRY, flags() if flagged is None else flagged, peers).set_index("area_code")


ENGLAND = {"area_code": COUNTRY, "count": "12000"}  # 10 per 10,000


@pytest.mark.parametrize(
    ("count", "expected"),
    # A Poisson count with mean 20 is 11 or less with probability 0.0214 and 12 or less with 0.0390; 29 or less with
    # 0.9782 and 28 or less with 0.9657 (R 4.2.2, ppois). So 12 to 29 are within its 95% limits.
    [("11", Verdict.LOWER), ("12", Verdict.SIMILAR), ("29", Verdict.SIMILAR), ("30", Verdict.HIGHER)],
)
def test_a_rate_is_compared_with_the_comparators_of_the_same_period(count, expected):
    row = compared({"count": count}, ENGLAND).loc[FIRST]
    assert (row["verdict"], row["reason"]) == (expected, COMPARED)
    assert (row["comparator_code"], row["comparator_value"]) == (COUNTRY, 10)


def test_limits_allow_for_how_much_authorities_usually_differ():
    """With a standard deviation of 5 about 10 per 10,000, a count with mean 20 is negative binomial of shape 4: 3 or
    less with probability 0.0176 and 4 or less with 0.0307; 46 or less with 0.9762 and 45 or less with 0.9729. So 4 to
    46 are within its 95% limits, and most of what chance alone would call Lower or Higher is Similar.
    """
    usual = groups({**GROUPS[0], **YEAR, "between_sd": "5"})
    counts = ["3", "4", "11", "30", "46", "47"]
    rows = [compared({"count": count}, ENGLAND, peers=usual).loc[FIRST] for count in counts]
    low, similar, high = Verdict.LOWER, Verdict.SIMILAR, Verdict.HIGHER
    assert [row["verdict"] for row in rows] == [low, similar, similar, similar, similar, high]
    assert [row["chance_verdict"] for row in rows] == [low, low, low, high, high, high]
    lower, upper = rows[0][["limit_lower", "limit_upper"]] * 2
    assert 3 < lower < 4
    assert 46 < upper < 47


def test_the_spread_is_that_of_the_same_measure_harm_and_period():
    elsewhere = [
        {"measure": "gangs_factor_episodes"},
        {"exploitation_type": "CCE"},
        {"exploitation_type": ""},
        {"unit": "child"},
        {"period_start": "2022-04-01", "period_end": "2023-03-31"},
        {"group_code": "W92000004"},
    ]
    for other in elsewhere:
        peers = groups({**GROUPS[0], **YEAR, **other})
        row = compared({"count": "11"}, ENGLAND, peers=peers).loc[FIRST]
        assert (row["verdict"], row["reason"]) == (Verdict.CANNOT_TELL, NO_SPREAD)
        assert row["chance_verdict"] == Verdict.LOWER
    peers = groups({**GROUPS[0], **YEAR, "source_id": "worked_out_elsewhere"})
    assert compared({"count": "11"}, ENGLAND, peers=peers).loc[FIRST, "verdict"] == Verdict.LOWER


def test_the_spread_of_neighbours_decides_nothing():
    neighbours = groups().assign(basis="statistical neighbours")
    assert compared({"count": "11"}, ENGLAND, peers=neighbours).loc[FIRST, "reason"] == NO_SPREAD


def test_only_authorities_are_compared():
    rows = compared({"count": "24"}, ENGLAND)
    assert (rows.loc[COUNTRY, "verdict"], rows.loc[COUNTRY, "reason"]) == (Verdict.CANNOT_TELL, NO_SPREAD)


def test_a_zero_that_would_be_usual_says_nothing():
    wide = groups({**GROUPS[0], **YEAR, "between_sd": "12"})
    row = compared({"count": "0"}, ENGLAND, peers=wide).loc[FIRST]
    assert (row["verdict"], row["reason"]) == (Verdict.CANNOT_TELL, TOO_FEW)


@pytest.mark.parametrize(
    "comparator",
    [
        {**ENGLAND, "period_start": "2022-04-01", "period_end": "2023-03-31"},
        {**ENGLAND, "measure": "gangs_factor_episodes"},
        {**ENGLAND, "exploitation_type": "CCE"},
        {**ENGLAND, "unit": "child"},
        {**ENGLAND, "source_id": "another_source"},
        {"area_code": COUNTRY, "missing": "x"},
        {"area_code": SECOND, "count": "24"},
    ],
)
def test_without_a_comparator_for_the_same_series_and_period_nothing_can_be_told(comparator):
    row = compared({"count": "24"}, comparator).loc[FIRST]
    assert (row["verdict"], row["reason"]) == (Verdict.CANNOT_TELL, NO_RATE)


def test_a_measure_without_a_harm_is_compared_with_the_same_measure():
    gangs = {"measure": "gangs_factor_episodes", "exploitation_type": ""}
    row = compared({"count": "11", **gangs}, {**ENGLAND, **gangs}).loc[FIRST]
    assert row["verdict"] == Verdict.LOWER


def test_two_figures_of_the_comparator_for_one_period_double_no_row_and_decide_nothing():
    rows = compared({"count": "24"}, ENGLAND, {**ENGLAND, "count": "13000", "note": "another figure"})
    assert rows.index.tolist() == [FIRST, COUNTRY, COUNTRY]
    assert rows.loc[FIRST, "verdict"] == Verdict.CANNOT_TELL


def test_two_sources_of_one_measure_are_each_compared_with_their_own_comparator():
    later = {"source_id": "a_later_edition"}
    rows = compared({"count": "11"}, ENGLAND, {"count": "12", **later}, {**ENGLAND, "count": "24000", **later})
    assert rows.loc[FIRST, "comparator_value"].tolist() == [10, 20]


def test_a_missing_rate_cannot_be_told_whatever_the_comparator():
    row = compared({"missing": "u"}, ENGLAND).loc[FIRST]
    assert (row["verdict"], row["reason"]) == (Verdict.CANNOT_TELL, NO_RATE)


# Flagged figures


@pytest.mark.parametrize(
    ("flag", "reason"),
    [
        (RecordingFlag.IMPLAUSIBLE_ZERO, IMPLAUSIBLE),
        (RecordingFlag.KNOWN_BREAK, BROKEN),
        (RecordingFlag.EQUAL_SERIES, "it equals its sibling series, so that one record may be counted twice"),
        (
            RecordingFlag.OFFSETTING_MOVE,
            "it and its sibling series moved in opposite directions, as if renamed",
        ),
    ],
)
def test_a_doubtful_figure_cannot_be_compared_and_says_why(flag, reason):
    rows = compared({"count": "11"}, ENGLAND, flagged=flags({"flag": flag}))
    assert (rows.loc[FIRST, "verdict"], rows.loc[FIRST, "reason"]) == (Verdict.CANNOT_TELL, reason)
    assert rows.loc[COUNTRY, "reason"] == NO_SPREAD


def test_a_jump_alone_may_be_real_and_keeps_its_verdict():
    row = compared({"count": "11"}, ENGLAND, flagged=flags({"flag": RecordingFlag.JUMP})).loc[FIRST]
    assert (row["verdict"], row["reason"]) == (Verdict.LOWER, COMPARED)


def test_a_zero_without_a_flag_is_compared():
    assert compared({"count": "0"}, ENGLAND).loc[FIRST, "verdict"] == Verdict.LOWER


def test_of_several_reasons_the_first_in_the_stated_order_is_given():
    given = [{"flag": flag} for flag in (*RecordingFlag, RecordingFlag.KNOWN_BREAK)]
    reasons = []
    for first in (NO_RATE, *DOUBTFUL):
        count = {"missing": "u"} if first == NO_RATE else {"count": "11"}
        rows = compared(count, ENGLAND, flagged=flags(*given))
        assert rows.index.tolist() == [FIRST, COUNTRY]
        reasons.append(rows.loc[FIRST, "reason"])
        given = [row for row in given if row["flag"] != first]
    assert reasons == [NO_RATE, *DOUBTFUL.values()]


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"area_code": SECOND},
        {"source_id": "another_source"},
        {"measure": "gangs_factor_episodes"},
        {"unit": "child"},
        {"exploitation_type": "CCE"},
        {"exploitation_type": None},
        {"period_start": "2022-04-01", "period_end": "2023-03-31"},
    ],
)
def test_a_flag_is_one_of_its_own_figure(elsewhere):
    flagged = flags({"flag": RecordingFlag.KNOWN_BREAK, **elsewhere})
    assert compared({"count": "11"}, ENGLAND, flagged=flagged).loc[FIRST, "verdict"] == Verdict.LOWER


def test_a_flag_finds_a_measure_without_a_harm():
    gangs = {"measure": "gangs_factor_episodes", "exploitation_type": ""}
    flagged = flags({"measure": "gangs_factor_episodes", "exploitation_type": None, "flag": RecordingFlag.KNOWN_BREAK})
    rows = compared({"count": "11", **gangs}, {**ENGLAND, **gangs}, flagged=flagged)
    assert rows.loc[FIRST, "reason"] == BROKEN


# Either harm


def test_assessments_with_either_harm_lie_between_the_larger_count_and_the_sum():
    """Derbyshire, year ending March 2025: CSE 276 and CCE 451 (Department for Education, table C3)."""
    found = either_harm(rated({"count": "276"}, {"count": "451", "exploitation_type": "CCE"}))
    assert found[["area_code", "cse", "cce", "lower", "upper"]].to_numpy().tolist() == [[FIRST, 276, 451, 451, 727]]


@pytest.mark.parametrize(
    "other",
    [
        {"missing": "c"},
        {"count": "9", "area_code": SECOND},
        {"count": "9", "source_id": "another_source"},
        {"count": "9", "unit": "child"},
        {"count": "9", "measure": "gangs_factor_episodes"},
        {"count": "9", "period_start": "2022-04-01", "period_end": "2023-03-31"},
    ],
)
def test_two_counts_that_are_not_of_one_whole_have_no_bounds(other):
    assert either_harm(rated({"count": "24"}, {"exploitation_type": "CCE", **other})).empty
