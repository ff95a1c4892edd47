"""Groups of authorities: what they record together, how much they differ, and an area beside its neighbours."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from small_evidence import COUNTRY, USUAL, table

from needs_assessment.demand import compared_with, expected, observed_counts, peer_groups, recorded_rates
from needs_assessment.demand.peers import BESIDE_NEIGHBOURS, NO_NEIGHBOURS
from needs_assessment.disclosure import SafeCounts
from needs_assessment.evidence import read_evidence
from needs_assessment.methods.funnel import dispersion, prediction_from_group
from needs_assessment.methods.pooling import pooled_rate
from needs_assessment.vocabulary import PER, RecordingFlag, Verdict

PUBLISHED = Path(__file__).resolve().parents[1] / "data" / "published"
CASES = Path(__file__).resolve().parents[1].parent / "shared" / "cases" / "dfe"
FIGURE = ["source_id", "measure", "unit", "exploitation_type", "area_code", "period_start", "period_end"]
CODES = [f"E0600{9001 + number}" for number in range(40)]
AREAS = table("areas", *({"area_code": code, "area_name": f"Area {code[-2:]}"} for code in CODES))
BEFORE = {"period_start": "2022-04-01", "period_end": "2023-03-31"}


def rates_of(counts: list[int | str], people: list[int] | int = 20_000, **row: str) -> pd.DataFrame:
    """The rates of as many authorities as there are counts; a count may be a symbol."""
    residents = people if isinstance(people, list) else [people] * len(counts)
    stated = [
        {"area_code": code, **({"missing": count} if isinstance(count, str) else {"count": str(count)}), **row}
        for code, count in zip(CODES, counts, strict=False)
    ]
    children = pd.DataFrame(
        {"area_code": code, "mid_year": year, "denominator": people, "denominator_source_id": "a_source"}
        for code, people in zip(CODES, residents, strict=False)
        for year in (2022, 2023)
    )
    return recorded_rates(SafeCounts(observed_counts(table("observations", *stated), AREAS), 0), children)


def flags(*flagged: tuple[str, RecordingFlag]) -> pd.DataFrame:
    usual = {key: value for key, value in USUAL["observations"].items() if key in FIGURE}
    rows = [{**usual, "area_code": code, "flag": flag.value} for code, flag in flagged]
    return pd.DataFrame(rows, columns=[*FIGURE, "flag"], dtype="string").astype(
        {"period_start": "datetime64[us]", "period_end": "datetime64[us]"}
    )


def neighbours(*pairs: tuple[str, str]) -> pd.DataFrame:
    rows = [
        {"area_code": area, "neighbour_code": other, "rank": str(place)} for place, (area, other) in enumerate(pairs, 1)
    ]
    return table("neighbours", *rows)


def groups_of(rates: pd.DataFrame, flagged: pd.DataFrame | None = None, **given: pd.DataFrame) -> pd.DataFrame:
    flagged = flags() if flagged is None else flagged
    return peer_groups(
        rates, flagged, given.get("neighbours", neighbours()), given.get("supplied", table("peer_groups"))
    )


VARIED = [10 + 2 * number for number in range(24)]
OF_FIRST = neighbours(*((CODES[0], code) for code in CODES[1:11]))


# All authorities of a nation


def test_a_nations_authorities_are_added_and_their_differences_measured():
    (row,) = groups_of(rates_of(VARIED)).itertuples()
    assert (row.group_code, row.basis, row.authorities, row.counted) == (COUNTRY, "authorities", 24, 24)
    assert (row.count, row.person_years) == (sum(VARIED), 24 * 20_000)
    assert row.value == pytest.approx(sum(VARIED) / (24 * 20_000) * PER)
    found = dispersion(VARIED, [20_000] * 24)
    assert row.dispersion == pytest.approx(found.phi)
    assert row.between_sd == pytest.approx(found.tau * PER)


def test_authorities_outside_the_limits_are_counted_by_chance_alone_and_with_their_differences():
    """33 is to be expected of each: by chance alone counts of 22 to 45 are usual (Poisson, 95%), so that half lie
    outside; with the spread between these authorities only the lowest, 10, does.
    """
    (row,) = groups_of(rates_of(VARIED)).itertuples()
    assert (row.outside_chance, row.outside) == (sum(not 22 <= count <= 45 for count in VARIED), 1)


def test_fewer_than_twenty_authorities_do_not_show_how_much_authorities_differ():
    assert groups_of(rates_of(VARIED[:19])).empty
    assert len(groups_of(rates_of(VARIED[:20]))) == 1


@pytest.mark.parametrize("flag", [RecordingFlag.IMPLAUSIBLE_ZERO, RecordingFlag.NEVER_RECORDED])
def test_withheld_figures_and_zeros_that_may_be_no_count_are_left_out(flag):
    rates = rates_of([*VARIED, "c", 0])
    (row,) = groups_of(rates, flags((CODES[25], flag))).itertuples()
    assert (row.authorities, row.counted, row.count) == (26, 24, sum(VARIED))
    (row,) = groups_of(rates, flags((CODES[24], flag))).itertuples()
    assert row.counted == 25


def test_the_usual_change_is_that_of_the_logarithms_beyond_chance():
    doubled = pd.concat([rates_of([200] * 24, **BEFORE), rates_of([400] * 24)], ignore_index=True)
    before, after = groups_of(doubled).itertuples()
    assert pd.isna(before.change_centre)
    assert after.change_centre == pytest.approx(np.log(400.5 / 200.5))
    assert after.change_sd == 0


def test_what_was_supplied_stands_where_the_evidence_has_fewer_authorities():
    supplied = table("peer_groups", {"between_sd": "4.5", "counted": "150"})
    (row,) = groups_of(rates_of(VARIED), supplied=supplied).itertuples()
    assert (row.between_sd, row.counted, row.value) == (4.5, 150, 10)
    (row,) = groups_of(rates_of(VARIED), supplied=supplied.assign(counted=23)).itertuples()
    assert row.counted == 24
    (row,) = groups_of(rates_of(VARIED[:3]), supplied=supplied).itertuples()
    assert row.counted == 150


# Statistical neighbours


def test_neighbours_are_added_without_the_area_itself():
    (row,) = groups_of(rates_of(VARIED[:12]), neighbours=OF_FIRST).itertuples()
    assert (row.group_code, row.basis, row.authorities, row.counted) == (CODES[0], "statistical neighbours", 10, 10)
    assert row.count == sum(VARIED[1:11])


def test_fewer_than_five_neighbours_with_a_figure_are_no_group():
    counts = [24, 24, 24, 24, 24, *["c"] * 6]
    rates = rates_of(counts)
    assert groups_of(rates, neighbours=OF_FIRST).empty
    assert len(groups_of(rates_of([24] * 6), neighbours=OF_FIRST)) == 1


def beside(counts: list[int | str], flagged: pd.DataFrame | None = None, **row: str) -> pd.Series:
    """The first authority beside its ten neighbours."""
    rates = rates_of(counts, **row)
    flagged = flags() if flagged is None else flagged
    compared = compared_with(rates, COUNTRY, flagged, groups_of(rates))
    return expected(compared, flagged, OF_FIRST).set_index("area_code").loc[CODES[0]]


LIKE = [20, 30, 25, 22, 28, 24, 26, 23, 27, 25]


def test_what_an_area_would_record_at_its_neighbours_rate():
    row = beside([25, *LIKE])
    found = prediction_from_group(LIKE, [20_000] * 10, 20_000)
    assert row[["expected", "expected_lower", "expected_upper"]].tolist() == [
        pytest.approx(25),
        found.lower,
        found.upper,
    ]
    assert (row["neighbours_value"], row["neighbours_counted"]) == (pytest.approx(12.5), 10)
    pooled = pooled_rate(25, 20_000, (LIKE, [20_000] * 10))
    assert row[["pooled_value", "pooled_lower", "pooled_upper", "own_weight"]].tolist() == pytest.approx(
        [float(pooled.value), float(pooled.lower), float(pooled.upper), float(pooled.own_weight)]
    )


@pytest.mark.parametrize(
    ("count", "word"), [(2, Verdict.LOWER), (25, Verdict.SIMILAR), (70, Verdict.HIGHER), (0, Verdict.LOWER)]
)
def test_a_count_is_judged_by_the_limits_of_what_its_neighbours_let_expect(count, word):
    row = beside([count, *LIKE])
    assert (row["verdict"], row["reason"]) == (word, BESIDE_NEIGHBOURS)


def test_a_withheld_count_is_not_judged_but_what_was_to_be_expected_stands():
    row = beside(["c", *LIKE])
    assert row["verdict"] == Verdict.CANNOT_TELL
    assert row["expected"] == pytest.approx(25)
    assert pd.isna(row["pooled_value"])


def test_a_doubtful_figure_is_not_judged_and_says_why():
    row = beside([25, *LIKE], flags((CODES[0], RecordingFlag.KNOWN_BREAK)))
    assert (row["verdict"], row["reason"]) == (Verdict.CANNOT_TELL, "the way it is recorded changed")


def test_a_zero_that_may_be_no_count_is_not_pooled():
    row = beside([0, *LIKE], flags((CODES[0], RecordingFlag.IMPLAUSIBLE_ZERO)))
    assert row["verdict"] == Verdict.CANNOT_TELL
    assert pd.isna(row["pooled_value"]) and row["expected"] == pytest.approx(25)


def test_an_area_without_neighbours_says_so():
    rates = rates_of([25, *LIKE])
    compared = compared_with(rates, COUNTRY, flags(), groups_of(rates))
    rows = expected(compared, flags(), OF_FIRST).set_index("area_code")
    assert rows.loc[CODES[1], ["verdict", "reason"]].tolist() == [Verdict.CANNOT_TELL, NO_NEIGHBOURS]
    assert rows.loc[CODES[1], ["expected", "pooled_value"]].isna().all()
    assert set(expected(compared, flags(), neighbours())["reason"]) == {NO_NEIGHBOURS}


def test_neighbours_of_another_period_or_harm_are_not_beside_a_figure():
    rates = pd.concat([rates_of([25]), rates_of([25, *LIKE], **BEFORE)], ignore_index=True)
    compared = compared_with(rates, COUNTRY, flags(), groups_of(rates))
    rows = expected(compared, flags(), OF_FIRST)
    assert rows.loc[rows["area_code"].eq(CODES[0]), "neighbours_counted"].tolist() == [0, 10]


# What ships with the project


def test_the_shipped_neighbours_and_spreads_serve_every_shipped_authority():
    evidence = read_evidence(PUBLISHED)
    areas = evidence["areas"]
    own = areas[areas["area_type"].eq("local authority") & areas["valid_to"].isna() & areas["comparison_only"].isna()]
    counted = evidence["neighbours"].groupby("area_code").size()
    assert counted.to_dict() == dict.fromkeys(own["area_code"], 10)
    groups = evidence["peer_groups"]
    assert not groups.duplicated(["measure", "exploitation_type", "period_end"]).any()
    assert len(groups) == 5 * 8 + 4  # CCE has been collected for four of the eight years


@pytest.mark.skipif(not CASES.is_dir(), reason="the worked cases in ../shared/cases are not here")
def test_the_shipped_spreads_are_near_those_of_the_worked_cases():
    """The cases count every published figure, and lack the year ending March 2023; the shipped ones leave out zeros
    that may be no count, which matters for CCE, of which 12% of authorities published 0.
    """
    cases = pd.read_csv(CASES / "derived_overdispersion_by_factor_year.csv")
    measures = {
        "Child_sexual_exploitation": ("assessment_factor_episodes", "CSE"),
        "Gangs": ("gangs_factor_episodes", ""),
        "Going_missing": ("going_missing_factor_episodes", ""),
        "Trafficking": ("trafficking_factor_episodes", ""),
    }
    shipped = read_evidence(PUBLISHED)["peer_groups"].fillna({"exploitation_type": ""})
    shipped = shipped.assign(year=shipped["period_end"].dt.year).set_index(["measure", "exploitation_type", "year"])
    cases = cases[cases["factor"].isin(measures)]
    rows = [shipped.loc[(*measures[case.factor], case.year)] for case in cases.itertuples()]
    ratio = np.array([row["between_sd"] for row in rows], dtype=float) / cases["tau_per_10k"].to_numpy()
    assert np.abs(ratio - 1).max() < 0.03
    latest = shipped.loc[("assessment_factor_episodes", "CSE", 2025)]
    assert (latest["outside_chance"], latest["outside"], latest["counted"]) == (103, 18, 152)
