"""The made-up records keep their contracts, their calibration and their promises.

The yearly episodes of the eleven areas are the Department for Education's, *Children in need*, table C3, year ending
31 March 2025 (episodes with child sexual exploitation, and with child criminal exploitation, as a factor).
"""

from __future__ import annotations

import csv
from datetime import date, timedelta
from itertools import accumulate
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from scipy.linalg import expm
from scipy.stats import binom, lognorm, poisson

from needs_assessment.evidence.contracts import CONTRACTS, OUTSIDE, sensitive_tables
from needs_assessment.evidence.faults import EvidenceError
from needs_assessment.evidence.reading import read_evidence
from needs_assessment.synthetic import SOURCE_ID, assumptions, synthesise, write_synthetic
from needs_assessment.synthetic.cases import Case, simulate_cases
from needs_assessment.synthetic.folder import LABEL_FILE
from needs_assessment.synthetic.offences import simulate_offences
from needs_assessment.synthetic.targets import Target, quarter_starts
from needs_assessment.vocabulary import ExploitationType, Period

EPISODES = {
    "E06000019": (24, 24),
    "E06000051": (88, 111),
    "E06000020": (33, 30),
    "E10000034": (92, 148),
    "E06000023": (149, 238),
    "E06000025": (46, 60),
    "E06000022": (24, 47),
    "E06000024": (49, 39),
    "E06000066": (76, 127),
    "E06000015": (52, 94),
    "E10000007": (276, 451),
}
FIRST_DAY, LAST_DAY = pd.Timestamp(2023, 4, 1), pd.Timestamp(2025, 3, 31)
YEARS = 2
# Bounds that a right generator passes in all but 1 of 10,000 seeds, for each figure tested.
ALMOST_ALL = (0.00005, 0.99995)
LEVELS = list(assumptions.TRANSITIONS_PER_YEAR)
# "The average time in service for a Branch client is just over a year" (West Mercia commissioning report, Q2 2022-23).
YEARS_IN_SERVICE = 1.06


def areas_of(episodes: dict[str, tuple[int, int]]) -> pd.DataFrame:
    rows = [
        (code, harm, count)
        for code, counts in episodes.items()
        for harm, count in zip(("CSE", "CCE"), counts, strict=True)
    ]
    return pd.DataFrame(rows, columns=["area_code", "exploitation_type", "episodes_per_year"])


def generator() -> np.ndarray:
    """The intensities per year between the levels, with what leaves each on the diagonal."""
    matrix = pd.DataFrame(assumptions.TRANSITIONS_PER_YEAR).T.reindex(index=LEVELS, columns=LEVELS).fillna(0).to_numpy()
    leaving = [sum(rates.values()) for rates in assumptions.TRANSITIONS_PER_YEAR.values()]
    return matrix - np.diag(leaving)


def at_referral() -> np.ndarray:
    weights = np.array([assumptions.LEVEL_WEIGHTS[level] for level in LEVELS], dtype=float)
    return weights / weights.sum()


def years_under_review() -> float:
    """Mean years from the first review to leaving: the chance of being there yet, and reviewed already, day by day."""
    delay = lognorm(assumptions.FIRST_REVIEW_SPREAD, scale=assumptions.FIRST_REVIEW_DAYS / 365.25)
    weeks = np.arange(0, 15, 7 / 365.25)
    a_week = expm(generator() * 7 / 365.25)
    staying = [
        levels.sum() for levels in accumulate(weeks[1:], lambda levels, _: levels @ a_week, initial=at_referral())
    ]
    return float(np.trapezoid(staying * delay.cdf(weeks), weeks))


def between(observed: float, bounds: tuple[float, float]) -> bool:
    return bounds[0] <= observed <= bounds[1]


@pytest.fixture(scope="module")
def areas() -> pd.DataFrame:
    return areas_of(EPISODES)


@pytest.fixture(scope="module")
def tables(areas: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return synthesise(areas)


@pytest.fixture(scope="module")
def many_cases() -> list[Case]:
    """About 5,000 cases of one made-up area, followed to their end."""
    target = Target("E99999999", ExploitationType.CCE, 2500.0)
    return simulate_cases(target, quarter_starts(date(2020, 1, 1), range(17)), target.stream(1, "cases"))


# Contracts


@pytest.mark.parametrize("name", ["sources", "risk_schemes", "referrals", "risk_reviews", "offences"])
def test_each_table_keeps_its_contract_and_its_key(tables: dict[str, pd.DataFrame], name: str) -> None:
    table, contract = tables[name], CONTRACTS[name]
    assert list(table.columns) == list(contract.columns)
    assert len(table) > 0
    assert not table.duplicated((contract.metadata or {})["key"]).any()
    contract.validate(table, lazy=True)


def test_evidence_reads_the_written_folder_back_as_the_same_tables(
    tables: dict[str, pd.DataFrame], tmp_path: Path
) -> None:
    write_synthetic(tables, tmp_path / "synthetic")
    published = tmp_path / "published"
    published.mkdir()
    period = {"period_start": "2024-04-01", "period_end": "2025-03-31"}
    rows: dict[str, list[dict[str, object]]] = {
        "areas": [{"area_code": code, "area_name": code, "area_type": "local authority"} for code in EPISODES],
        "population": [
            {"area_code": "E06000019", "mid_year": 2024, "age_from": 0, "age_to": 17, "sex": "persons", "people": 34439}
        ],
        "observations": [{"area_code": "E06000019", "measure": "episodes", "unit": "episode", "count": 24, **period}],
        "sources": [{"title": "Title", "publisher": "Publisher", "public": "true", "synthetic": "false"}],
    }
    for name, records in rows.items():
        table = pd.DataFrame(records).assign(source_id="published").reindex(columns=list(CONTRACTS[name].columns))
        table.to_csv(published / f"{name}.csv", index=False)
    evidence = read_evidence(published, tmp_path / "synthetic")
    for name, table in tables.items():
        read = evidence[name]
        assert_frame_equal(read[read["source_id"] == SOURCE_ID].reset_index(drop=True), table)


def test_the_source_is_marked_synthetic_and_not_public(tables: dict[str, pd.DataFrame]) -> None:
    (source,) = tables["sources"].to_dict("records")
    assert source["source_id"] == "synthetic"
    assert source["title"] == "Synthetic records (made up, for demonstration only)"
    assert source["synthetic"] and not source["public"]
    assert (source["data_from"], source["data_to"]) == (FIRST_DAY, LAST_DAY)


def test_every_identifier_says_that_it_is_made_up(tables: dict[str, pd.DataFrame]) -> None:
    for name in sensitive_tables():
        pseudonyms = tables[name].columns[tables[name].columns.str.endswith("_id")].drop("source_id")
        assert len(pseudonyms) > 0
        for column in pseudonyms:
            assert tables[name][column].dropna().str.match(r"SYNTHETIC-[A-Z]-[EW]\d{8}-(CSE|CCE)-\d{4,}$").all()


def test_the_scheme_has_low_medium_and_high_in_order(tables: dict[str, pd.DataFrame]) -> None:
    scheme = tables["risk_schemes"]
    assert list(zip(scheme["risk_level"], scheme["ordinal"], strict=True)) == [("low", 1), ("medium", 2), ("high", 3)]
    assert set(tables["risk_reviews"]["scheme"]) == set(scheme["scheme"]) == {"Synthetic scheme"}
    assert set(tables["risk_reviews"]["risk_level"]) == {"low", "medium", "high"}


# Calibration


@pytest.mark.parametrize("seed", [1, 2])
def test_referrals_of_each_area_and_harm_are_poisson_around_half_the_episodes(areas: pd.DataFrame, seed: int) -> None:
    referrals = synthesise(areas, seed=seed)["referrals"]
    counts = referrals.groupby(["area_code", "exploitation_type"]).size()
    for code, harm, episodes in areas.itertuples(index=False):
        assert between(counts[code, harm], poisson.ppf(ALMOST_ALL, 0.5 * episodes * YEARS)), (code, harm)
    assert between(len(referrals), poisson.ppf(ALMOST_ALL, 0.5 * areas["episodes_per_year"].sum() * YEARS))


def test_the_quarter_weights_leave_the_year_as_it_is() -> None:
    assert sum(assumptions.QUARTER_WEIGHTS.values()) == pytest.approx(4)


def test_the_summer_quarter_dips_in_both_years(tables: dict[str, pd.DataFrame]) -> None:
    counts = tables["referrals"]["referred_on"].dt.to_period("Q").astype(str).value_counts()
    assert len(counts) == 4 * YEARS
    summer = counts.index.str.endswith("Q3")
    assert counts[summer].max() < counts[~summer].min()
    expected = binom.ppf(ALMOST_ALL, counts.sum(), assumptions.QUARTER_WEIGHTS[7] / 4)
    assert between(counts[summer].sum(), expected)


def test_about_four_in_five_children_live_in_the_area(tables: dict[str, pd.DataFrame]) -> None:
    children = tables["referrals"].drop_duplicates("child_id")
    at_home = (children["home_area_code"] == children["area_code"]).sum()
    assert between(at_home, binom.ppf(ALMOST_ALL, len(children), 44 / 56))
    assert set(children.loc[children["home_area_code"] != children["area_code"], "home_area_code"]) == {OUTSIDE}


def test_half_of_the_children_from_elsewhere_live_in_the_named_neighbours(areas: pd.DataFrame) -> None:
    beside = {"E06000015": "E10000007", "E10000007": "E06000015|E06000018"}
    referrals = synthesise(areas.assign(neighbour_area_codes=areas["area_code"].map(beside)))["referrals"]
    children = referrals.drop_duplicates("child_id").query("home_area_code != area_code")
    homes = children[children["area_code"].isin(beside)]
    assert set(homes["home_area_code"]) == {"E06000015", "E06000018", "E10000007", OUTSIDE}
    assert between((homes["home_area_code"] == OUTSIDE).sum(), binom.ppf(ALMOST_ALL, len(homes), 0.5))
    assert set(children.loc[~children["area_code"].isin(beside), "home_area_code"]) == {OUTSIDE}


def test_naming_neighbours_changes_homes_from_outside_and_nothing_else(areas: pd.DataFrame) -> None:
    few = areas.head(4)
    without, named = synthesise(few), synthesise(few.assign(neighbour_area_codes="E10000007|E06000018"))
    for name in sensitive_tables():
        homes = "home_area_code"
        assert_frame_equal(
            without[name].drop(columns=homes, errors="ignore"), named[name].drop(columns=homes, errors="ignore")
        )
    changed = without["referrals"]["home_area_code"] != named["referrals"]["home_area_code"]
    assert changed.any()
    assert set(without["referrals"].loc[changed, "home_area_code"]) == {OUTSIDE}


def test_children_are_8_to_17_and_older_and_mostly_male_where_the_harm_is_criminal(
    tables: dict[str, pd.DataFrame],
) -> None:
    referrals = tables["referrals"]
    cse, cce = (referrals[referrals["exploitation_type"] == harm] for harm in ("CSE", "CCE"))
    assert referrals["age"].between(8, 17).all()
    assert cce["age"].mean() > cse["age"].mean() + 0.2
    assert (cse["sex"] == "female").mean() > 0.7
    assert cce.groupby(["sex", cce["age"] >= 14]).size().idxmax() == ("male", True)


def test_referrals_are_accepted_and_made_in_the_stated_shares(tables: dict[str, pd.DataFrame]) -> None:
    referrals = tables["referrals"]
    assert between(referrals["accepted"].sum(), binom.ppf(ALMOST_ALL, len(referrals), assumptions.ACCEPTED_SHARE))
    referrers = referrals["referrer"].value_counts()
    for referrer, weight in assumptions.REFERRER_WEIGHTS.items():
        assert between(referrers[referrer], binom.ppf(ALMOST_ALL, len(referrals), weight / 100)), referrer


def test_a_declined_referral_closes_on_its_day_and_is_never_reviewed(tables: dict[str, pd.DataFrame]) -> None:
    declined = tables["referrals"].query("accepted == False")
    assert (declined["closed_on"] == declined["referred_on"]).all()
    starts = pd.MultiIndex.from_frame(tables["risk_reviews"][["child_id", "reviewed_on"]])
    assert not pd.MultiIndex.from_frame(declined[["child_id", "referred_on"]]).isin(starts).any()


def test_repeat_referrals_are_of_the_same_child_after_the_case_closed(many_cases: list[Case]) -> None:
    latest: dict[int, Case] = {}
    repeats = 0
    for case in many_cases:
        earlier = latest.get(case.child.number)
        if earlier is not None:
            repeats += 1
            assert earlier.child == case.child
            assert earlier.closed_on < case.referred_on
            assert earlier.child.age_on(earlier.referred_on) <= case.child.age_on(case.referred_on) <= 17
        latest[case.child.number] = case
    assert between(repeats, binom.ppf(ALMOST_ALL, len(many_cases), assumptions.REPEAT_SHARE))


def test_the_stated_intensities_give_just_over_a_year_in_service(many_cases: list[Case]) -> None:
    mean_years = at_referral() @ np.linalg.solve(-generator(), np.ones(len(LEVELS)))
    assert mean_years == pytest.approx(YEARS_IN_SERVICE, abs=0.005)
    days = np.array([(case.closed_on - case.referred_on).days for case in many_cases if case.accepted])
    # A case closes on the day after the moment of leaving, half a day later on average.
    assert (days.mean() - 0.5) / 365.25 == pytest.approx(mean_years, abs=4 * days.std() / 365.25 / np.sqrt(len(days)))


def test_one_case_in_a_hundred_outlasts_the_lead_in() -> None:
    outlasting = at_referral() @ expm(generator() * assumptions.LEAD_IN_QUARTERS / 4) @ np.ones(len(LEVELS))
    assert outlasting == pytest.approx(0.01, abs=0.001)


def test_levels_move_between_reviews_as_the_stated_intensities_say(many_cases: list[Case]) -> None:
    observed, expected = np.zeros((3, 3)), np.zeros((3, 3))
    years_between = generator() / 365.25
    moves = {days: expm(years_between * days) for days in range(1, 400)}
    for case in many_cases:
        for (day, level), (next_day, next_level) in zip(case.reviews[:-1], case.reviews[1:], strict=True):
            # A child seen at the next review has not left, so the chances are those among the children who stay.
            chances = moves[(next_day - day).days][LEVELS.index(level)]
            expected[LEVELS.index(level)] += chances / chances.sum()
            observed[LEVELS.index(level), LEVELS.index(next_level)] += 1
    assert (np.abs(observed - expected) < 4 * np.sqrt(expected)).all()
    assert expected.min() > 20


def test_offences_are_few_and_poisson_around_their_ratio_to_episodes(
    areas: pd.DataFrame, tables: dict[str, pd.DataFrame]
) -> None:
    counts = tables["offences"].groupby("exploitation_type").size()
    episodes = areas.groupby("exploitation_type")["episodes_per_year"].sum() * YEARS
    assert between(counts["CSE"], poisson.ppf(ALMOST_ALL, episodes["CSE"] / 24))
    assert between(counts["CCE"], poisson.ppf(ALMOST_ALL, episodes["CCE"] / 48))


def test_an_event_joins_some_offences_which_share_day_place_and_circumstance(tables: dict[str, pd.DataFrame]) -> None:
    offences = tables["offences"]
    events = offences.groupby("event_id")
    assert events.size().max() > 1
    assert between(len(offences) - len(events), binom.ppf(ALMOST_ALL, len(offences), assumptions.SAME_EVENT_SHARE))
    shared = events[["area_code", "exploitation_type", "recorded_on", "online", "position_of_trust"]]
    assert (shared.nunique(dropna=False) == 1).all(axis=None)
    assert (events["targeted_group_id"].nunique(dropna=False) == 1).all()
    assert offences["recorded_on"].between(FIRST_DAY, LAST_DAY).all()


@pytest.fixture(scope="module")
def many_offences() -> pd.DataFrame:
    """About 1,000 offences of one made-up area, in order of recording."""
    target = Target("E99999999", ExploitationType.CSE, 24_000.0)
    year = Period(date(2024, 4, 1), date(2025, 3, 31))
    return pd.DataFrame(list(simulate_offences(target, year, target.stream(1, "offences"))))


def test_offences_by_circumstance_follow_their_shares(many_offences: pd.DataFrame) -> None:
    offences, events = many_offences, many_offences.drop_duplicates("event_id")
    victims = offences.drop_duplicates("victim_id")
    for observed, of, share in [
        (events["online"].sum(), len(events), assumptions.ONLINE_SHARE[ExploitationType.CSE]),
        (events["position_of_trust"].sum(), len(events), assumptions.POSITION_OF_TRUST_SHARE[ExploitationType.CSE]),
        (events["suspect_id"].notna().sum(), len(events), assumptions.SUSPECT_KNOWN_SHARE),
        (events["targeted_group_id"].notna().sum(), len(events), assumptions.TARGETED_GROUP_SHARE),
        (victims["victim_missing_history"].sum(), len(victims), assumptions.VICTIM_MISSING_SHARE),
        ((offences["offence_code"] == "71").sum(), len(offences), 0.7),
    ]:
        assert between(observed, binom.ppf(ALMOST_ALL, of, share))


def test_some_victims_and_suspects_stand_in_several_events_and_no_victim_twice_in_one(
    many_offences: pd.DataFrame,
) -> None:
    offences = many_offences
    assert not offences.duplicated(["event_id", "victim_id"]).any()
    assert not (offences["victim_id"] == offences["suspect_id"]).any()
    repeats = offences["victim_id"].duplicated().sum()
    assert between(repeats, binom.ppf(ALMOST_ALL, len(offences), assumptions.REPEAT_VICTIM_SHARE))
    firsts = offences.drop_duplicates("event_id")["suspect_id"].dropna()
    seen = offences["suspect_id"].drop_duplicates().index
    # The first suspect of an event is on record already, as a suspect of an earlier one.
    assert between(
        (~firsts.index.isin(seen)).sum(), binom.ppf(ALMOST_ALL, len(firsts), assumptions.REPEAT_SUSPECT_SHARE)
    )


def test_further_offences_of_an_event_are_sometimes_by_another_suspect(many_offences: pd.DataFrame) -> None:
    known = many_offences.dropna(subset="suspect_id")
    first = known.groupby("event_id")["suspect_id"].transform("first")
    further = known["event_id"].duplicated()
    others = (known["suspect_id"] != first)[further].sum()
    assert between(others, binom.ppf(ALMOST_ALL, further.sum(), assumptions.ANOTHER_SUSPECT_SHARE))


def test_a_suspect_who_was_a_victim_was_one_on_an_earlier_day(many_offences: pd.DataFrame) -> None:
    as_victim = many_offences.groupby("victim_id")["recorded_on"].min()
    as_suspect = many_offences.groupby("suspect_id")["recorded_on"].min()
    both = as_victim.index.intersection(as_suspect.index)
    assert (as_victim[both] < as_suspect[both]).all()
    new = len(as_suspect)  # each was drawn once, as a person not seen as a suspect before
    assert between(len(both), binom.ppf(ALMOST_ALL, new, assumptions.VICTIM_LATER_SUSPECT_SHARE[ExploitationType.CSE]))


def test_a_suspect_has_one_mapped_group_and_some_groups_have_several_suspects(many_offences: pd.DataFrame) -> None:
    known = many_offences.dropna(subset="suspect_id")
    assert (known.groupby("suspect_id")["organised_group_id"].nunique(dropna=False) == 1).all()
    suspects = known.drop_duplicates("suspect_id")["organised_group_id"]
    share = assumptions.ORGANISED_GROUP_SHARE[ExploitationType.CSE]
    assert between(suspects.notna().sum(), binom.ppf(ALMOST_ALL, len(suspects), share))
    assert suspects.value_counts().max() > 1
    assert many_offences.loc[many_offences["suspect_id"].isna(), "organised_group_id"].isna().all()


def test_some_groups_are_targeted_again(many_offences: pd.DataFrame) -> None:
    targeted = many_offences.drop_duplicates("event_id")["targeted_group_id"].dropna()
    share = assumptions.SAME_TARGETED_GROUP_SHARE
    assert between(targeted.duplicated().sum(), binom.ppf(ALMOST_ALL, len(targeted), share))


def test_a_victim_once_reported_missing_has_that_history_ever_after(many_offences: pd.DataFrame) -> None:
    histories = many_offences.groupby("victim_id")["victim_missing_history"]
    assert (histories.cummax() == many_offences["victim_missing_history"]).all()


# Reviews


def test_reviews_are_of_accepted_referrals_and_none_is_before_the_referral_or_after_closing(
    tables: dict[str, pd.DataFrame],
) -> None:
    accepted = tables["referrals"].query("accepted").sort_values("referred_on")
    reviews = tables["risk_reviews"].sort_values("reviewed_on")
    assert not (reviews["reviewed_on"] >= reviews["closed_on"]).any()
    keys = ["child_id", "area_code", "exploitation_type", "home_area_code"]
    # The latest referral on or before a review is the one that it belongs to; those of earlier years are not here.
    joined = pd.merge_asof(
        reviews, accepted, left_on="reviewed_on", right_on="referred_on", by=keys, suffixes=("", "_of_case")
    )
    joined = joined[joined["referral_id"].notna()]
    assert joined["closed_on"].equals(joined["closed_on_of_case"].rename("closed_on"))
    # A few have left before their first review, and some of the latest have not had it yet.
    reviewed = accepted["referral_id"].isin(joined["referral_id"])
    assert between(reviewed.mean(), (0.85, 0.97))


def test_first_reviews_come_after_the_stated_delay_and_a_few_children_leave_before(many_cases: list[Case]) -> None:
    accepted = [case for case in many_cases if case.accepted]
    stays = np.array([(case.closed_on - case.referred_on).days for case in accepted])
    delay = lognorm(assumptions.FIRST_REVIEW_SPREAD, scale=assumptions.FIRST_REVIEW_DAYS)
    # Whole days: a review is made on a day before the case closes.
    seen = np.array([len(case.reviews) > 0 for case in accepted])
    chances = delay.cdf(stays)
    assert abs(seen.sum() - chances.sum()) < 4 * np.sqrt((chances * (1 - chances)).sum())
    assert between(1 - seen.mean(), (0.02, 0.07))
    long = stays > 365
    waits = np.array([(case.reviews[0][0] - case.referred_on).days for case in accepted if case.reviews])[long[seen]]
    for days, share in [(7, delay.cdf(8)), (28, delay.cdf(29)), (91, delay.cdf(92))]:
        assert between((waits <= days).sum(), binom.ppf(ALMOST_ALL, len(waits), share)), days


def test_referrals_are_the_same_whatever_the_delays_of_first_reviews_are(
    areas: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = areas.head(4)
    before = synthesise(few)
    monkeypatch.setattr(assumptions, "FIRST_REVIEW_DAYS", 60)
    after = synthesise(few)
    assert_frame_equal(after["referrals"], before["referrals"])
    assert len(after["risk_reviews"]) < len(before["risk_reviews"])


def test_some_reviews_are_overdue_by_the_last_day(tables: dict[str, pd.DataFrame]) -> None:
    reviews = tables["risk_reviews"]
    latest = reviews[reviews["closed_on"].isna()].groupby(["child_id"])["reviewed_on"].max()
    overdue = (latest + pd.DateOffset(months=3) < LAST_DAY).mean()
    # With intervals X of mean m the share is E[(X - 91)+] / m, about 0.13: the excess of a gamma of shape 9.
    assert between(overdue, (0.08, 0.18))


def test_children_open_on_the_first_day_are_reviewed_without_a_referral(tables: dict[str, pd.DataFrame]) -> None:
    reviews = tables["risk_reviews"]
    earlier = reviews[~reviews["child_id"].isin(tables["referrals"]["child_id"])]
    # The next review of a child who was open on the first day is at most a delay and two long intervals away.
    assert earlier.groupby("child_id")["reviewed_on"].min().max() < FIRST_DAY + pd.Timedelta(days=2 * 91 + 60)
    assert len(earlier) > len(reviews) / 5


def test_reviews_are_about_three_months_apart_and_irregular(many_cases: list[Case]) -> None:
    days = [case.reviews for case in many_cases if len(case.reviews) > 1]
    intervals = np.array([(later[0] - earlier[0]).days for earlier, later in (reviews[:2] for reviews in days)])
    # Children who stay long enough to be seen a second time have slightly shorter intervals than the mean of 91 days.
    assert between(intervals.mean(), (80, 91))
    assert between(intervals.std(), (20, 35))


# The period


def test_each_table_holds_only_what_is_dated_in_the_period(tables: dict[str, pd.DataFrame]) -> None:
    for name, day in (("referrals", "referred_on"), ("risk_reviews", "reviewed_on"), ("offences", "recorded_on")):
        assert tables[name][day].between(FIRST_DAY, LAST_DAY).all()
    for name in ("referrals", "risk_reviews"):
        assert tables[name]["closed_on"].isna().any()
        assert not (tables[name]["closed_on"] > LAST_DAY).any()


@pytest.mark.parametrize("day", ["2023-09-30", "2024-03-31", "2024-09-30", "2025-03-31"])
def test_the_caseload_keeps_littles_law_from_the_second_quarter_on(
    areas: pd.DataFrame, tables: dict[str, pd.DataFrame], day: str
) -> None:
    reviews = tables["risk_reviews"]
    open_then = (reviews["reviewed_on"] <= day) & ~(reviews["closed_on"] <= day)
    a_year = areas["episodes_per_year"].sum() * assumptions.REFERRALS_PER_EPISODE * assumptions.ACCEPTED_SHARE
    low, high = poisson.ppf(ALMOST_ALL, a_year * years_under_review())
    # The seasons move the expected caseload by a few in a hundred, and so do children not yet reviewed in the period.
    assert between(reviews.loc[open_then, "child_id"].nunique(), (0.95 * low, 1.05 * high))


# Reproducibility and independence


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(areas: pd.DataFrame, tmp_path: Path) -> None:
    for folder, seed in (("first", 7), ("second", 7), ("other", 8)):
        write_synthetic(synthesise(areas.head(6), seed=seed), tmp_path / folder)
    first, second, other = (contents(tmp_path / folder) for folder in ("first", "second", "other"))
    assert first == second
    assert first.keys() == other.keys()
    assert first["referrals.csv"] != other["referrals.csv"]


def test_an_area_and_harm_asked_for_alone_has_the_records_it_has_among_others(
    areas: pd.DataFrame, tables: dict[str, pd.DataFrame]
) -> None:
    for position in (0, 7, 21):
        code, harm, _ = areas.iloc[position]
        alone = synthesise(areas.iloc[[position]])
        for name in sensitive_tables():
            everyone = tables[name]
            among = everyone[(everyone["area_code"] == code) & (everyone["exploitation_type"] == harm)]
            assert_frame_equal(alone[name], among.reset_index(drop=True))


def test_the_order_of_the_areas_does_not_matter(areas: pd.DataFrame) -> None:
    few = areas.head(6)
    forwards, backwards = synthesise(few), synthesise(few.iloc[::-1])
    for name, table in forwards.items():
        assert_frame_equal(backwards[name], table)


def test_two_areas_with_the_same_episodes_have_different_records() -> None:
    referrals = synthesise(areas_of({"E06000019": (100, 0), "E06000020": (100, 0)}))["referrals"]
    first, second = (list(days) for _, days in referrals.groupby("area_code")["referred_on"])
    assert first != second


def test_the_period_can_be_chosen_in_quarters(areas: pd.DataFrame) -> None:
    chosen = synthesise(areas, first_quarter=date(2024, 1, 1), quarters=1)
    assert chosen["referrals"]["referred_on"].between(pd.Timestamp(2024, 1, 1), pd.Timestamp(2024, 3, 31)).all()
    expected = poisson.ppf(ALMOST_ALL, areas["episodes_per_year"].sum() * 0.5 / 4 * 1.08)
    assert between(len(chosen["referrals"]), expected)
    assert "1 January 2024 to 31 March 2024" in chosen["sources"]["reference"].item()


# Refusals


def test_every_fault_of_the_areas_is_named_at_once_without_a_cell() -> None:
    areas = pd.DataFrame(
        {
            "area_code": ["E06000019", "not a code", "E06000019", "E06000020"],
            "exploitation_type": ["CSE", "gangs", "CSE", "CCE"],
            "episodes_per_year": [24, -1, 3, None],
            "neighbour_area_codes": [None, "", "nowhere", "E06000019|E06000051"],
        }
    )
    with pytest.raises(EvidenceError) as error:
        synthesise(areas)
    faults = {(fault.column, fault.rows) for fault in error.value.faults}
    assert faults == {
        ("area_code", (3,)),
        ("exploitation_type", (3,)),
        ("episodes_per_year", (3, 5)),
        ("", (2, 4)),
        ("neighbour_area_codes", (4,)),
    }
    assert not any(cell in str(error.value) for cell in ("not a code", "gangs", "nowhere"))


def test_every_missing_column_is_named() -> None:
    with pytest.raises(EvidenceError, match=r"(?s)exploitation_type is missing.*episodes_per_year is missing"):
        synthesise(pd.DataFrame({"area_code": ["E06000019"]}))


@pytest.mark.parametrize(
    ("first_quarter", "quarters"), [(date(2024, 4, 2), 4), (date(2024, 5, 1), 4), (date(2024, 4, 1), 0)]
)
def test_a_period_that_is_not_whole_quarters_is_refused(
    areas: pd.DataFrame, first_quarter: date, quarters: int
) -> None:
    with pytest.raises(ValueError, match="one or more quarters"):
        synthesise(areas, first_quarter=first_quarter, quarters=quarters)


# Writing


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_written_tables_read_back_with_pandas_are_equal(tables: dict[str, pd.DataFrame], tmp_path: Path) -> None:
    write_synthetic(tables, str(tmp_path / "data" / "synthetic"))
    for name, table in tables.items():
        days = list(table.select_dtypes("datetime").columns)
        others = table.dtypes.drop(days).to_dict()
        read = pd.read_csv(tmp_path / "data" / "synthetic" / f"{name}.csv", dtype=others, parse_dates=days)
        assert_frame_equal(read.astype(table.dtypes.to_dict()), table)


def test_the_files_have_line_feeds_iso_dates_and_true_or_false(tables: dict[str, pd.DataFrame], tmp_path: Path) -> None:
    write_synthetic(tables, tmp_path / "synthetic")
    written = contents(tmp_path / "synthetic")
    assert written.keys() == {"README.md", *(f"{name}.csv" for name in tables)}
    assert not any(b"\r" in words for words in written.values())
    row = next(csv.DictReader(written["referrals.csv"].decode().splitlines()))
    assert row["accepted"] in {"true", "false"}
    assert date.fromisoformat(row["referred_on"]) - date(2023, 4, 1) < timedelta(days=731)
    assert b"MADE UP" in written["README.md"]


def test_a_table_without_rows_is_not_written(tmp_path: Path) -> None:
    write_synthetic(synthesise(areas_of({"E06000019": (0, 0)})), tmp_path / "synthetic")
    assert contents(tmp_path / "synthetic").keys() == {"README.md", "sources.csv", "risk_schemes.csv"}


def test_a_second_run_replaces_the_first_whole(tables: dict[str, pd.DataFrame], tmp_path: Path) -> None:
    write_synthetic(tables, tmp_path / "synthetic")
    write_synthetic(
        synthesise(areas_of({"E06000019": (0, 0)})) | {"offences": tables["offences"]}, tmp_path / "synthetic"
    )
    assert contents(tmp_path / "synthetic").keys() == {"README.md", "sources.csv", "risk_schemes.csv", "offences.csv"}
    assert list(tmp_path.iterdir()) == [tmp_path / "synthetic"]


def test_a_failure_while_writing_leaves_the_old_folder_untouched(
    tables: dict[str, pd.DataFrame], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "synthetic"
    write_synthetic(tables, folder)
    before = contents(folder)
    write_bytes = Path.write_bytes

    def full_disk_at_reviews(path: Path, words: bytes) -> int:
        if path.stem == "risk_reviews":
            raise OSError("no space left")
        return write_bytes(path, words)

    monkeypatch.setattr(Path, "write_bytes", full_disk_at_reviews)
    with pytest.raises(OSError, match="no space left"):
        write_synthetic(tables | {"referrals": tables["referrals"].head(3)}, folder)
    assert contents(folder) == before
    assert list(tmp_path.iterdir()) == [folder]


@pytest.mark.parametrize("failure", [OSError, KeyboardInterrupt])
def test_a_failure_while_swapping_puts_the_old_folder_back(
    tables: dict[str, pd.DataFrame], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: type[BaseException]
) -> None:
    folder = tmp_path / "synthetic"
    write_synthetic(tables, folder)
    before = contents(folder)
    rename = Path.rename

    def fails_for_the_new_folder(path: Path, target: Path) -> Path:
        if path.name == "new":
            raise failure
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", fails_for_the_new_folder)
    with pytest.raises(failure):
        write_synthetic(tables | {"referrals": tables["referrals"].head(3)}, folder)
    assert contents(folder) == before
    assert list(tmp_path.iterdir()) == [folder]


@pytest.mark.parametrize("others", [["referrals.csv"], [LABEL_FILE], [LABEL_FILE, "referrals.csv"]])
def test_a_folder_that_may_hold_real_returns_is_never_replaced(
    tables: dict[str, pd.DataFrame], tmp_path: Path, others: list[str]
) -> None:
    for name in others:
        (tmp_path / name).write_text("real\n", encoding="utf-8")
    before = contents(tmp_path)
    with pytest.raises(FileExistsError, match="something other than synthetic records"):
        write_synthetic(tables, tmp_path)
    assert contents(tmp_path) == before


def test_a_file_added_to_a_written_folder_is_not_lost(tables: dict[str, pd.DataFrame], tmp_path: Path) -> None:
    write_synthetic(tables, tmp_path / "synthetic")
    (tmp_path / "synthetic" / "services.csv").write_text("real\n", encoding="utf-8")
    with pytest.raises(FileExistsError):
        write_synthetic(tables, tmp_path / "synthetic")
    assert (tmp_path / "synthetic" / "services.csv").exists()


def test_records_that_are_not_made_up_are_not_written(tables: dict[str, pd.DataFrame], tmp_path: Path) -> None:
    real = tables["referrals"].head(2).assign(child_id=pd.array(["SYNTHETIC-C-1", "Secret"], dtype="string"))
    with pytest.raises(ValueError, match="table referrals, column child_id") as error:
        write_synthetic(tables | {"referrals": real}, tmp_path / "synthetic")
    assert "Secret" not in str(error.value)
    assert not (tmp_path / "synthetic").exists()
