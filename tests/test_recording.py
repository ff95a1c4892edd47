"""The recording screen: worked flags, the real file's known oddities, and how often it cries wolf.

The places in the worked tests are made up. Fewer than twenty authorities are given there, so that the usual spreads of
`recording` stand in and each threshold can be worked out by hand.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from small_evidence import COUNTRY, FIRST, FORCE, SECOND, table

from needs_assessment.demand import observed_counts, recorded_rates, resident_children
from needs_assessment.disclosure import SafeCounts
from needs_assessment.methods.screening import zero_probability
from needs_assessment.recording import FEWEST_AREAS, IMPLAUSIBLE, USUAL_SPREAD, screen
from needs_assessment.vocabulary import RecordingFlag

REGION, WALES, WELSH, UNITED_KINGDOM = "E12009001", "W92000004", "W06009001", "K02000001"
AREAS = table(
    "areas",
    {"area_code": FIRST, "area_name": "First", "region_code": REGION, "police_force_area_code": FORCE},
    {"area_code": SECOND, "area_name": "Second", "valid_to": "2024-03-31"},
    {"area_code": WELSH, "area_name": "Third"},
    {"area_code": FORCE, "area_name": "Force", "area_type": "police force area"},
    {"area_code": REGION, "area_name": "Region", "area_type": "region"},
    {"area_code": COUNTRY, "area_name": "England", "area_type": "country"},
    {"area_code": WALES, "area_name": "Wales", "area_type": "country"},
    {"area_code": UNITED_KINGDOM, "area_name": "United Kingdom", "area_type": "country"},
)
NO_BREAKS = table("breaks")
ENGLAND = {"area_code": COUNTRY, "count": "12000"}  # of 12 million children: 10 per 10,000, 20 in an authority


def year(ending: int, **row: str) -> dict[str, str]:
    return {"period_start": f"{ending - 1}-04-01", "period_end": f"{ending}-03-31", **row}


def rated(*observations: dict[str, str], areas: pd.DataFrame = AREAS, people: str = "20000") -> pd.DataFrame:
    mid_years = [{"mid_year": str(mid)} for mid in range(2018, 2026)]
    population = table(
        "population",
        *({"area_code": code, "people": people, **mid} for code in areas["area_code"] for mid in mid_years),
    )
    population.loc[population["area_code"].eq(COUNTRY), "people"] = 12_000_000
    counts = observed_counts(table("observations", *observations), areas)
    return recorded_rates(SafeCounts(counts, 0), resident_children(population, areas))


def flagged(*observations: dict[str, str], breaks: pd.DataFrame = NO_BREAKS, **more) -> pd.DataFrame:
    areas = more.get("areas", AREAS)
    return screen(rated(*observations, **more), areas, COUNTRY, breaks)


def found(flags: pd.DataFrame, flag: RecordingFlag) -> list[tuple[str, str, int]]:
    """Area, harm and year of each figure with the flag."""
    rows = flags[flags["flag"].eq(flag)]
    return list(zip(rows["area_code"], rows["exploitation_type"], rows["period_end"].dt.year, strict=True))


def series(*counts: str, harm: str = "CSE", area: str = FIRST, first: int = 2020) -> list[dict[str, str]]:
    """A figure a year from the year ending March `first`; a letter is a symbol and a blank no row."""
    rows = [
        year(first + at, exploitation_type=harm, area_code=area, **{"count" if cell.isdigit() else "missing": cell})
        for at, cell in enumerate(counts)
        if cell
    ]
    return rows


# Zeros


def test_a_zero_where_many_were_to_be_expected_is_flagged_with_the_expectation():
    flags = flagged({"count": "0"}, ENGLAND)
    assert found(flags, RecordingFlag.IMPLAUSIBLE_ZERO) == [(FIRST, "CSE", 2024)]
    assert flags["expected"].tolist() == pytest.approx([20])
    assert flags["probability"].tolist() == pytest.approx([float(zero_probability(20, USUAL_SPREAD))])


@pytest.mark.parametrize(("people", "implausible"), [("12000", False), ("15000", True)])
def test_a_zero_is_flagged_from_once_in_a_hundred(people, implausible):
    # With the usual spread, a zero where 12 are expected comes 13 times in 1,000, and where 15 are, 9 times.
    assert (zero_probability(int(people) / 1000, USUAL_SPREAD) < IMPLAUSIBLE) == implausible
    assert bool(found(flagged({"count": "0"}, ENGLAND, people=people), RecordingFlag.IMPLAUSIBLE_ZERO)) == implausible


@pytest.mark.parametrize("figure", [{"count": "1"}, {"missing": "c"}, {"missing": "x"}, {"missing": "z"}])
def test_only_a_published_zero_is_an_implausible_zero(figure):
    assert flagged(figure, ENGLAND).empty


@pytest.mark.parametrize(
    ("counts", "never"),
    [
        (("0", "0"), 0),
        (("0", "0", "0"), 3),
        (("x", "0", "0", "0"), 3),
        (("0", "c", "0", "0"), 0),
        (("0", "0", "0", "1"), 0),
    ],
)
def test_a_series_of_three_zeros_and_nothing_else_is_asked_about(counts, never):
    assert len(found(flagged(*series(*counts)), RecordingFlag.NEVER_RECORDED)) == never


def test_without_anything_to_expect_a_zero_is_not_judged():
    assert flagged({"count": "0"}).empty
    assert flagged({"count": "0"}, ENGLAND, {**ENGLAND, "count": "13000", "note": "another figure"}).empty
    assert flagged({"count": "0"}, {**ENGLAND, "source_id": "another_source"}).empty


def test_a_figure_that_one_source_states_twice_is_not_judged():
    assert flagged({"count": "0"}, {"count": "5", "note": "another figure"}, ENGLAND).empty


def test_a_rounded_total_of_a_region_is_not_judged_and_a_force_and_a_closed_authority_are():
    rows = [{"count": "0", "area_code": code} for code in (REGION, FORCE, SECOND)]
    flags = flagged(*rows, ENGLAND)
    assert sorted(flags["area_code"]) == [SECOND, FORCE]


def many(count: int, rows: list[str]) -> tuple[pd.DataFrame, list[dict[str, str]]]:
    """Authorities with these counts, as areas and observations of one year."""
    codes = [f"E0600{at:04d}" for at in range(count)]
    areas = table("areas", *({"area_code": code, "area_name": code} for code in codes))
    return areas, [{"area_code": code, "count": number} for code, number in zip(codes, rows, strict=True)]


def test_where_authorities_hardly_vary_a_smaller_expectation_suffices():
    alike, apart = ["5"] * 40 + ["0"], ["1", "2", "4", "8", "16"] * 8 + ["0"]
    outcomes = []
    for counts in (alike, apart):
        areas, rows = many(41, counts)
        flags = screen(rated(*rows, areas=areas), areas, COUNTRY, NO_BREAKS)
        outcomes.append(found(flags, RecordingFlag.IMPLAUSIBLE_ZERO))
    # e^-4.9 is below 1 in 100; with authorities that vary like 1 to 16, a zero among them is no news.
    assert outcomes == [[("E06000040", "CSE", 2024)], []]


def test_without_the_comparators_rate_the_pooled_rate_of_enough_authorities_is_expected():
    areas, rows = many(FEWEST_AREAS, ["60"] * (FEWEST_AREAS - 1) + ["0"])
    flags = screen(rated(*rows, areas=areas), areas, COUNTRY, NO_BREAKS)
    assert flags["expected"].tolist() == pytest.approx([57])
    assert screen(rated(*rows[1:], areas=areas), areas, COUNTRY, NO_BREAKS).empty


# Equal series


def test_series_that_agree_twice_at_high_counts_are_flagged_in_both_years_and_harms():
    flags = flagged(*series("81", "122", "u", "24"), *series("11", "122", "u", "24", harm="CCE"))
    assert found(flags, RecordingFlag.EQUAL_SERIES) == [
        (FIRST, "CCE", 2021),
        (FIRST, "CCE", 2023),
        (FIRST, "CSE", 2021),
        (FIRST, "CSE", 2023),
    ]
    # Skellam: 1 in 39 at 122 and 1 in 17 at 24; together 1 in 680, the rest of the years adding nothing.
    equal = flags[flags["flag"].eq(RecordingFlag.EQUAL_SERIES)]
    assert equal["probability"].tolist() == pytest.approx([0.0255 * 0.0577] * 4, rel=0.01)
    assert equal["sibling"].tolist() == equal["count"].tolist() == [122, 24, 122, 24]


@pytest.mark.parametrize("second", [("53", "60", "71"), ("0", "0", "0"), ("3", "0", "c")])
def test_one_agreement_at_any_count_and_agreements_at_nothing_are_chance(second):
    first = ("53", "70", "90") if second[0] == "53" else second
    flags = flagged(*series(*first), *series(*second, harm="CCE"))
    assert not found(flags, RecordingFlag.EQUAL_SERIES)


def test_only_series_of_one_source_and_measure_are_siblings():
    cse, cce = series("122", "24"), series("122", "24", harm="CCE")
    for elsewhere in ({"source_id": "another_source"}, {"measure": "gangs_factor_episodes"}, {"unit": "child"}):
        flags = flagged(*cse, *({**row, **elsewhere} for row in cce))
        assert not found(flags, RecordingFlag.EQUAL_SERIES)


# Moves


def test_a_rise_of_one_sibling_and_a_like_fall_of_the_other_are_one_offsetting_move():
    flags = flagged(*series("662", "276"), *series("150", "451", harm="CCE"))
    assert found(flags, RecordingFlag.OFFSETTING_MOVE) == [(FIRST, "CCE", 2021), (FIRST, "CSE", 2021)]
    cse = flags[flags["flag"].eq(RecordingFlag.OFFSETTING_MOVE)].iloc[1]
    assert cse[["count", "before", "sibling", "sibling_before"]].tolist() == [276, 662, 451, 150]
    assert cse["z"] < 0


@pytest.mark.parametrize(
    "cce",
    [
        ("662", "276"),  # both fell
        ("400", "451"),  # rose within the usual
        ("20", "120"),  # rose by far fewer than the other fell
        ("c", "451"),  # from an unknown number
    ],
)
def test_other_pairs_of_moves_offset_nothing(cce):
    flags = flagged(*series("662", "276"), *series(*cce, harm="CCE"))
    assert not found(flags, RecordingFlag.OFFSETTING_MOVE)


def test_a_change_beyond_the_usual_spread_is_a_jump_either_way():
    flags = flagged(*series("100", "300", "90"), *series("100", "130", "90", area=SECOND))
    assert found(flags, RecordingFlag.JUMP) == [(FIRST, "CSE", 2021), (FIRST, "CSE", 2022)]
    assert [z > 0 for z in flags["z"]] == [True, False]


def test_the_start_of_collection_is_no_jump():
    assert flagged(*series("x", "x", "451", harm="CCE")).empty
    assert not found(flagged(*series("c", "451")), RecordingFlag.JUMP)


def test_a_year_is_compared_with_the_year_before_it_only():
    assert flagged(*series("100", "", "400")).empty
    assert flagged(*series("100", "u", "400")).empty


def test_small_counts_may_double_without_a_flag():
    assert flagged(*series("2", "6", "0", "5")).empty


def test_a_national_rise_is_nobodys_jump():
    areas, before = many(40, ["40"] * 40)
    after = [{**row, "count": "160"} for row in before]
    rows = [year(2023, **row) for row in before] + [year(2024, **row) for row in after]
    rows[-1]["count"] = "40"
    flags = screen(rated(*rows, areas=areas), areas, COUNTRY, NO_BREAKS)
    assert found(flags, RecordingFlag.JUMP) == [("E06000039", "CSE", 2024)]


def test_a_quarter_is_compared_with_the_same_quarter_of_the_year_before():
    quarters = [
        ("2022-10-01", "2022-12-31", "90"),
        ("2023-01-01", "2023-03-31", "10"),
        ("2023-10-01", "2023-12-31", "95"),
    ]
    rows = [{"period_start": start, "period_end": end, "count": count} for start, end, count in quarters]
    assert flagged(*rows).empty
    rows[2]["count"] = "400"
    assert found(flagged(*rows), RecordingFlag.JUMP) == [(FIRST, "CSE", 2023)]


def test_a_february_is_compared_across_a_leap_year():
    rows = [
        {"period_start": "2023-02-01", "period_end": "2023-02-28", "count": "20"},
        {"period_start": "2024-02-01", "period_end": "2024-02-29", "count": "200"},
    ]
    assert found(flagged(*rows), RecordingFlag.JUMP) == [(FIRST, "CSE", 2024)]


# Known breaks


def broken(*breaks: dict[str, str], **observation: str) -> list[str]:
    """The areas whose figure of the year ending March 2024 is flagged by these breaks."""
    rows = ({"area_code": code, "count": "20", **observation} for code in AREAS["area_code"])
    flags = flagged(*rows, breaks=table("breaks", *breaks))
    assert set(flags["flag"]) <= {RecordingFlag.KNOWN_BREAK}
    return flags["area_code"].tolist()


@pytest.mark.parametrize(
    ("changed_on", "holds"),
    [("2019-04-01", True), ("2023-04-01", True), ("2024-03-31", True), ("2024-04-01", False)],
)
def test_a_break_holds_from_the_period_in_which_it_falls_and_has_no_end(changed_on, holds):
    assert broken({"changed_on": changed_on}) == ([FIRST] if holds else [])


@pytest.mark.parametrize(
    ("elsewhere", "holds"),
    [
        ({"measure": "gangs_factor_episodes"}, False),
        ({"exploitation_type": "CCE"}, False),
        ({"exploitation_type": "CSE"}, True),
        ({"exploitation_type": ""}, True),  # of every harm
    ],
)
def test_a_break_is_one_of_its_measure_and_harm(elsewhere, holds):
    assert broken(elsewhere) == ([FIRST] if holds else [])


def test_a_break_of_one_harm_is_none_of_a_measure_without_a_harm():
    assert broken({"exploitation_type": "CSE"}, exploitation_type="") == []
    assert broken({"exploitation_type": ""}, exploitation_type="") == [FIRST]


@pytest.mark.parametrize(
    ("around", "inside"),
    [
        (SECOND, [SECOND]),
        (FORCE, [FIRST, FORCE]),
        (REGION, [FIRST, REGION]),
        (COUNTRY, [FIRST, SECOND, REGION, FORCE, COUNTRY]),
        (WALES, [WELSH, WALES]),
        (UNITED_KINGDOM, [FIRST, SECOND, REGION, FORCE, COUNTRY, UNITED_KINGDOM, WELSH, WALES]),
    ],
)
def test_a_break_of_a_wider_area_is_one_of_every_area_inside_it(around, inside):
    assert broken({"area_code": around}) == sorted(inside)


def test_a_break_flags_figures_that_are_missing_too_and_says_what_changed():
    flags = flagged({"missing": "c"}, breaks=table("breaks", {"description": "A new form"}))
    assert flags[["flag", "description"]].to_numpy().tolist() == [[RecordingFlag.KNOWN_BREAK, "A new form"]]
    assert flags["changed_on"].tolist() == [pd.Timestamp("2023-04-01")]


def test_two_breaks_of_one_figure_are_two_flags_and_one_stated_twice_is_one():
    again = {"area_code": REGION, "description": "Another change"}
    assert broken({}, again, {"source_id": "private_return", "exploitation_type": "CSE"}) == [FIRST, FIRST, REGION]


# The shape


def test_flags_have_the_same_columns_and_types_when_there_are_none():
    some = flagged({"count": "0"}, ENGLAND)
    none = screen(rated(ENGLAND).iloc[:0], AREAS, COUNTRY, NO_BREAKS)
    assert none.empty
    assert none.dtypes.to_dict() == some.dtypes.to_dict()


def test_the_order_and_the_index_of_the_rates_do_not_matter():
    rows = [
        *series("662", "276", "0"),
        *series("150", "451", "20", harm="CCE"),
        *(year(at, **ENGLAND) for at in (2020, 2022)),
    ]
    rates = rated(*rows)
    shuffled = rates.sample(frac=1, random_state=1)
    one, other = (screen(table_, AREAS, COUNTRY, table("breaks", {})) for table_ in (rates, shuffled))
    assert len(one) > 3
    pd.testing.assert_frame_equal(one, other)


# The real file

SHARED = Path(__file__).resolve().parents[1].parent / "shared"
C3 = SHARED / "official" / "children_in_need" / "c3_factors_identified_at_end_of_assessment_2018_to_2025.csv"
ONS = SHARED / "official" / "population" / "ons_mid-year_population_estimates_2012_to_2024.csv"
ZEROS = SHARED / "cases" / "dfe" / "derived_implausible_cce_zeros.csv"
FACTORS = {
    "Child_sexual_exploitation": ("assessment_factor_episodes", "CSE"),
    "Child_criminal_exploitation": ("assessment_factor_episodes", "CCE"),
    "Trafficking": ("trafficking_factor_episodes", pd.NA),
    "Gangs": ("gangs_factor_episodes", pd.NA),
    "Going_missing": ("going_missing_factor_episodes", pd.NA),
    "Episodes_with_assessment_factor": ("any_factor_episodes", pd.NA),
}
TYPES = {"National": "country", "Regional": "region", "Local authority": "local authority"}
SOMERSET = {"E10000027": "E06000066"}  # its one exact successor in these years
real = pytest.mark.skipif(
    not (C3.exists() and ONS.exists() and ZEROS.exists()), reason="needs the official files in ../shared"
)


def _official(path: Path) -> pd.DataFrame:
    file = pd.read_csv(path, dtype="string", encoding="utf-8-sig")
    code = file["new_la_code"].fillna(file["region_code"]).fillna(file["country_code"])
    return file.assign(area_code=code.replace(SOMERSET), year=file["time_period"].astype(int))


@pytest.fixture(scope="module")
def england() -> tuple[pd.DataFrame, pd.DataFrame]:
    """The measure table of six factors in England, 2018 to 2025, and its areas."""
    file, people = _official(C3), _official(ONS)
    parts = []
    for column, (measure, harm) in FACTORS.items():
        number = file[column].str.fullmatch(r"\d+").astype(bool)
        part = file[["area_code"]].assign(source_id="dfe", measure=measure, unit="episode", exploitation_type=harm)
        part["period_start"] = pd.to_datetime((file["year"] - 1).astype(str) + "-04-01")
        part["period_end"] = pd.to_datetime(file["year"].astype(str) + "-03-31")
        part["count"] = pd.to_numeric(file[column].where(number)).astype("Int64")
        parts.append(part.assign(missing=file[column].mask(number), note=pd.NA))
    words = ["area_code", "source_id", "measure", "unit", "exploitation_type", "missing", "note"]
    counts = pd.concat(parts, ignore_index=True).astype(dict.fromkeys(words, "string"))
    known = people[people["population_estimate"].str.fullmatch(r"\d+").astype(bool)]
    children = known[["area_code", "year"]].rename(columns={"year": "mid_year"})
    children = children.assign(denominator=known["population_estimate"].astype(int)).astype({"mid_year": "Int64"})
    places = file.drop_duplicates("area_code").assign(area_type=lambda place: place["geographic_level"].map(TYPES))
    places = places.assign(police_force_area_code=pd.NA)[
        ["area_code", "la_name", "area_type", "region_code", "police_force_area_code"]
    ]
    return recorded_rates(SafeCounts(counts, 0), children), places.astype("string")


@pytest.fixture(scope="module")
def real_flags(england) -> pd.DataFrame:
    rates, areas = england
    return screen(rates, areas, COUNTRY, NO_BREAKS).merge(areas[["area_code", "la_name"]], on="area_code")


def _of(flags: pd.DataFrame, name: str, flag: RecordingFlag) -> list[tuple[str, int]]:
    rows = flags[flags["la_name"].eq(name) & flags["flag"].eq(flag) & flags["exploitation_type"].notna()]
    return list(zip(rows["exploitation_type"], rows["period_end"].dt.year, strict=True))


@real
def test_the_known_oddities_of_three_authorities_are_flagged(real_flags):
    assert _of(real_flags, "Derbyshire", RecordingFlag.IMPLAUSIBLE_ZERO) == [("CCE", 2024)]
    assert _of(real_flags, "Derbyshire", RecordingFlag.OFFSETTING_MOVE) == [("CCE", 2025), ("CSE", 2025)]
    equal = _of(real_flags, "Herefordshire, County of", RecordingFlag.EQUAL_SERIES)
    assert equal == [("CCE", 2023), ("CCE", 2025), ("CSE", 2023), ("CSE", 2025)]
    assert _of(real_flags, "West Sussex", RecordingFlag.IMPLAUSIBLE_ZERO) == [("CSE", 2023)]
    assert ("CSE", 2024) in _of(real_flags, "West Sussex", RecordingFlag.JUMP)


@real
def test_every_listed_zero_is_flagged_where_a_zero_says_anything(real_flags):
    """The list holds every published CCE zero of 2022 to 2025. Eight of its 77 are of the City of London and the Isles
    of Scilly, where at most 1.2 episodes were to be expected and a zero comes 3 to 7 times in 10 by chance alone.
    Rutland's, where 10.7 were, comes 1.1 times in 100 among authorities that vary as they did that year.
    """
    listed = pd.read_csv(ZEROS, dtype={"time_period": int})
    key = list(zip(listed["new_la_code"].replace(SOMERSET), listed["time_period"], strict=True))
    zeros = real_flags[
        real_flags["flag"].eq(RecordingFlag.IMPLAUSIBLE_ZERO) & real_flags["exploitation_type"].eq("CCE").fillna(False)
    ]
    flagged_cells = dict(
        zip(zip(zeros["area_code"], zeros["period_end"].dt.year, strict=True), zeros["expected"], strict=True)
    )
    assert set(flagged_cells) <= set(key)
    missed = listed[[cell not in flagged_cells for cell in key]]
    assert missed["la_name"].value_counts().to_dict() == {"City of London": 4, "Isles of Scilly": 4, "Rutland": 1}
    assert missed.loc[missed["la_name"].ne("Rutland"), "expected"].max() < 1.2
    never = real_flags[real_flags["flag"].eq(RecordingFlag.NEVER_RECORDED)]
    never = set(zip(never["area_code"], never["period_end"].dt.year, never["exploitation_type"], strict=True))
    asked_about = {cell for cell in key if cell in flagged_cells or (*cell, "CCE") in never}
    assert len(asked_about) == 76
    stated = dict(zip(key, listed["expected"], strict=True))
    # The list's expectation is the pooled rate of the authorities that published; here it is England's rounded figure.
    assert all(expected == pytest.approx(stated[cell], rel=0.03) for cell, expected in flagged_cells.items())


@real
def test_the_number_of_flags_of_each_kind_in_england(real_flags):
    kinds = real_flags.groupby(["measure", "exploitation_type", "flag"], dropna=False).size()
    by_harm = kinds.loc["assessment_factor_episodes"]
    assert by_harm.loc["CCE"].to_dict() == {
        RecordingFlag.EQUAL_SERIES: 2,
        RecordingFlag.IMPLAUSIBLE_ZERO: 68,
        RecordingFlag.JUMP: 26,
        RecordingFlag.NEVER_RECORDED: 40,
        RecordingFlag.OFFSETTING_MOVE: 2,
    }
    assert by_harm.loc["CSE"].to_dict() == {
        RecordingFlag.EQUAL_SERIES: 2,
        RecordingFlag.IMPLAUSIBLE_ZERO: 1,
        RecordingFlag.JUMP: 12,
        RecordingFlag.NEVER_RECORDED: 7,
        RecordingFlag.OFFSETTING_MOVE: 2,
    }
    other = real_flags[real_flags["exploitation_type"].isna()]
    assert other["flag"].value_counts().to_dict() == {
        RecordingFlag.JUMP: 64,
        RecordingFlag.IMPLAUSIBLE_ZERO: 12,
        RecordingFlag.NEVER_RECORDED: 14,
    }


# False alarms

AUTHORITIES, YEARS = 153, 8


def simulated(
    generator: np.random.Generator, *, rate: float, differ: float, drift: float, alike: bool = False
) -> pd.DataFrame:
    """Rates of two harms in authorities without any break: a measure table with the country's rate.

    Children: 57,000 in the median authority, log-normal with a standard deviation of 0.6, as in England. An authority's
    level is gamma with the coefficient of variation `differ` (the same level for both harms where `alike`), times a
    log-normal disturbance of which half is carried into the next year; `drift` is the standard deviation of the yearly
    change of its logarithm. Counts are Poisson; 1 to 5 are withheld. `rate` is per 10,000 children.
    """
    people = np.exp(generator.normal(np.log(57_000), 0.6, AUTHORITIES))
    level = generator.gamma(differ**-2, differ**2, (1 if alike else 2, AUTHORITIES, 1))
    # A series x' = x/2 + e changes with variance (2/3)·2·Var(e): hence the standard deviation of e.
    shocks = generator.normal(0, drift * np.sqrt(3 / 4), (2, AUTHORITIES, YEARS))
    shocks[..., 0] *= np.sqrt(4 / 3)
    disturbance = shocks.copy()
    for at in range(1, YEARS):
        disturbance[..., at] += disturbance[..., at - 1] / 2
    count = generator.poisson(rate / 10_000 * people[:, None] * level * np.exp(disturbance)).astype(float)
    return _as_rates(people, count)


def _as_rates(people: np.ndarray, count: np.ndarray) -> pd.DataFrame:
    index = pd.MultiIndex.from_product(
        [["CSE", "CCE"], [f"E0600{at:04d}" for at in range(AUTHORITIES)], range(2018, 2018 + YEARS)],
        names=["exploitation_type", "area_code", "year"],
    )
    table_ = pd.DataFrame({"count": count.ravel()}, index=index).reset_index()
    table_["person_years"] = np.tile(np.repeat(people, YEARS), 2)
    country = table_.groupby(["exploitation_type", "year"], as_index=False)[["count", "person_years"]].sum()
    withheld = table_["count"].between(1, 5)
    table_ = table_.assign(count=table_["count"].mask(withheld), missing=np.where(withheld, "c", None))
    table_ = pd.concat([table_, country.assign(area_code=COUNTRY)], ignore_index=True)
    table_["period_start"] = pd.to_datetime((table_["year"] - 1).astype(str) + "-04-01")
    table_["period_end"] = pd.to_datetime(table_["year"].astype(str) + "-03-31")
    table_ = table_.assign(source_id="made_up", measure="a_measure", unit="episode")
    return table_.assign(value=table_["count"] / table_["person_years"] * 10_000)


def false_alarms(seed: int, repeats: int, **situation) -> pd.DataFrame:
    """Flags in a thousand figures by kind, with the Monte-Carlo standard error, from so many simulated countries."""
    codes = [f"E0600{at:04d}" for at in range(AUTHORITIES)]
    areas = table("areas", *({"area_code": code, "area_name": code} for code in codes))
    generator = np.random.default_rng(seed)
    kinds = [flag for flag in RecordingFlag if flag is not RecordingFlag.KNOWN_BREAK]
    rates = np.array(
        [
            screen(simulated(generator, **situation), areas, COUNTRY, NO_BREAKS)["flag"].value_counts().reindex(kinds)
            for _ in range(repeats)
        ],
        dtype=float,
    )
    rates = np.nan_to_num(rates) * 1000 / (2 * AUTHORITIES * YEARS)
    return pd.DataFrame(
        {"rate": rates.mean(axis=0), "error": rates.std(axis=0, ddof=1) / np.sqrt(repeats)}, index=kinds
    )


def test_authorities_without_a_break_are_seldom_flagged():
    """The usual situation of the table in docs/methods/screening.md, with fewer repeats."""
    alarms = false_alarms(20250331, 12, rate=12, differ=0.6, drift=0.3)
    assert alarms.loc[RecordingFlag.IMPLAUSIBLE_ZERO, "rate"] < 1
    assert 0.2 < alarms.loc[RecordingFlag.JUMP, "rate"] < 5
    assert alarms.loc[RecordingFlag.OFFSETTING_MOVE, "rate"] < 2
    assert alarms.loc[RecordingFlag.EQUAL_SERIES, "rate"] < 1
