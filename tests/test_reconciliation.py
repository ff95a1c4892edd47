"""Contradictions are found by general rules: the ten of the published evidence, planted ones, and none where there is
none.

The figures of the published evidence are those of the five documents (see `test_published_evidence`) and of the
Department for Education, Children in need, table C3, year ending 31 March 2025.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import pandas as pd
import pytest
from small_evidence import table

from needs_assessment.evidence import Evidence
from needs_assessment.reconciliation import COLUMNS, READ, TOPICS, contradictions

Tables = dict[str, pd.DataFrame]
Rows = list[dict[str, str]]

# The published evidence

FOI, OVERVIEW, DERBYSHIRE, HEREFORDSHIRE, CHILDREN_IN_NEED = (
    "west_mercia_foi_2023",
    "west_mercia_q2_2022_23",
    "derbyshire_2019",
    "herefordshire_2025",
    "dfe_cin_2025",
)
DERBYSHIRE_SERVICE = "derby_derbyshire_exploitation"
COMMISSIONER = "Office of the Police and Crime Commissioner for West Mercia"
SIX_OFFENCES = (
    "Events linked to repeat perpetrators: 2; Offences linked to repeat perpetrators: 6; "
    "Victims in each event linked to repeat perpetrators: 3"
)

About = tuple[str, str | None, str | None, str | None]
Side = tuple[str, str]

TEN: dict[str, list[tuple[About, Side, Side]]] = {
    "no service for criminal exploitation in the answer, though CLIMB was funded": [
        (
            ("harm covered", "E23000016", "climb", "CCE"),
            (FOI, "asked about the 12 months to 26 April 2023, lists none"),
            (OVERVIEW, f"CLIMB: commissioned, by {COMMISSIONER}"),
        )
    ],
    "12 months of 393 days": [
        (
            ("period", "E23000016", None, "CSE"),
            (HEREFORDSHIRE, "12 months"),
            (HEREFORDSHIRE, "1 March 2024 to 28 March 2025, 393 days"),
        )
    ],
    "one offence, and six": [
        (
            ("count", "E06000019", None, "CSE"),
            (HEREFORDSHIRE, "Police recorded offences: 1"),
            (HEREFORDSHIRE, SIX_OFFENCES),
        )
    ],
    "one offence beside 24 assessments": [
        (
            ("units", "E06000019", None, "CSE"),
            (CHILDREN_IN_NEED, "Assessments that recorded exploitation: 24, year ending 31 March 2025"),
            (HEREFORDSHIRE, "Police recorded offences: 1, 1 March 2024 to 28 March 2025"),
        )
    ],
    "Purple Leaf from 10 and from 5": [
        (("age", None, "purple_leaf", None), (FOI, "10 years"), (HEREFORDSHIRE, "5 years"))
    ],
    "Branch to 24, to 25 and under 24": [
        (("age", None, "branch", None), (FOI, "24 years"), (HEREFORDSHIRE, "23 years")),
        (("age", None, "branch", None), (OVERVIEW, "25 years"), (FOI, "24 years")),
        (("age", None, "branch", None), (OVERVIEW, "25 years"), (HEREFORDSHIRE, "23 years")),
    ],
    "one sum for a year and for three": [
        (
            ("money", "E23000018", DERBYSHIRE_SERVICE, None),
            (DERBYSHIRE, "£175,000, 13 January 2020 to 12 January 2021"),
            (DERBYSHIRE, "£175,000, 13 January 2020 to 12 January 2023"),
        )
    ],
    "12 of 56 out of force": [
        (
            ("residence", "E23000018", DERBYSHIRE_SERVICE, "CSE"),
            (DERBYSHIRE, "the service runs in: Derby, Derbyshire"),
            (DERBYSHIRE, "12 of 56 (unit: victim) are recorded as out of force, 30 November 2018"),
        )
    ],
    "no baseline split": [
        (
            ("baseline", "E23000018", None, "CSE"),
            (DERBYSHIRE, "28 February 2018: no figure for City, County, out of force"),
            (DERBYSHIRE, "30 November 2018: figures for City, County, out of force"),
        )
    ],
    "388 and 425 in one sentence": [
        (("count", "E23000016", "victim_support", None), (OVERVIEW, "388"), (OVERVIEW, "425"))
    ],
}


def sides(found: pd.DataFrame) -> set[tuple[About, Side, Side]]:
    """What each row is about and what its two sides say."""
    about = found[["topic", "area_code", "service_id", "exploitation_type"]].astype(object)
    about = about.where(about.notna(), None).itertuples(index=False, name=None)
    first, second = (zip(found[f"source_{side}"], found[f"says_{side}"], strict=True) for side in "ab")
    return set(zip(about, first, second, strict=True))


@pytest.fixture(scope="module")
def found(published: Evidence) -> pd.DataFrame:
    return contradictions(published.tables)


@pytest.mark.parametrize("contradiction", TEN)
def test_the_published_evidence_is_found_to_say(contradiction, found):
    assert set(TEN[contradiction]) <= sides(found)


def test_nothing_else_is_found_in_the_published_evidence(found):
    assert sides(found) == {row for rows in TEN.values() for row in rows}
    assert len(found) == 12


def test_each_row_names_what_both_speak_of_and_what_must_not_be_concluded(found, published):
    assert found["consequence"].str.match(r"Do not .*\.$").all()
    assert found[["what", "says_a", "says_b"]].notna().all(axis=None)
    assert set(found["source_a"]) | set(found["source_b"]) <= set(published["sources"]["source_id"])
    what = dict(zip(found["service_id"].fillna(found["topic"]), found["what"], strict=True))
    assert what["branch"] == "Branch: oldest age for those who meet its condition"
    assert what["climb"] == "services for child criminal exploitation in West Mercia police force area"
    assert what["units"] == "child sexual exploitation recorded in Herefordshire"


def test_rows_stand_in_the_order_of_the_topics_whatever_the_order_of_the_evidence(found, published):
    places = found["topic"].map(TOPICS.index)
    assert places.is_monotonic_increasing
    assert set(found["topic"]) == set(TOPICS)
    shuffled = {name: rows.sample(frac=1, random_state=7) for name, rows in published.tables.items()}
    pd.testing.assert_frame_equal(contradictions(shuffled), found)


def test_the_evidence_is_not_changed(published):
    before = {name: published[name] for name in published.tables}
    contradictions(published.tables)
    for name, rows in before.items():
        pd.testing.assert_frame_equal(published.tables[name], rows)


Where = dict[str, str]
REPAIRS: dict[str, list[tuple[str, Where, str, object]]] = {
    "no service for criminal exploitation in the answer, though CLIMB was funded": [
        ("services", {"service_id": "branch", "source_id": FOI}, "exploitation_types", "CSE|CCE"),
        # or else the other sources of Branch would seem to differ
        ("services", {"service_id": "branch"}, "exploitation_types", "CSE|CCE"),
    ],
    "12 months of 393 days": [("statements", {"statement_id": "hfd_profile_period"}, "value", 13.0)],
    "one offence, and six": [
        ("observations", {"measure": "offences_linked_to_repeat_perpetrators"}, "count", 1),
    ],
    "one offence beside 24 assessments": [
        ("observations", {"area_code": "E06000019", "measure": "assessment_factor_episodes"}, "count", 1),
    ],
    "Purple Leaf from 10 and from 5": [("services", {"service_id": "purple_leaf"}, "age_from", 5)],
    "Branch to 24, to 25 and under 24": [("services", {"service_id": "branch"}, "extended_age_to", 24)],
    "one sum for a year and for three": [
        ("funding", {"recipient": "Catch 22"}, "period_end", pd.Timestamp("2023-01-12")),
    ],
    "12 of 56 out of force": [("risk_snapshots", {"residence": "out of force"}, "residence", "not known")],
    "no baseline split": [("risk_snapshots", {"source_id": DERBYSHIRE}, "as_at", pd.Timestamp("2018-11-30"))],
    "388 and 425 in one sentence": [
        ("service_returns", {"service_id": "victim_support", "measure": "valid_referrals"}, "value", 400.0),
    ],
}


@pytest.mark.parametrize("contradiction", REPAIRS)
def test_where_the_sources_are_made_to_agree_the_contradiction_is_gone_and_the_others_stay(contradiction, published):
    tables = {name: published[name] for name in published.tables}
    for name, where, column, value in REPAIRS[contradiction]:
        rows = (tables[name][list(where)] == list(where.values())).all(axis="columns")
        assert rows.any()
        tables[name].loc[rows, column] = value
    others = {row for other, rows in TEN.items() if other != contradiction for row in rows}
    left = sides(contradictions(tables))
    if contradiction == "12 of 56 out of force":  # the group has another name in the baseline, too
        left, others = ({row for row in rows if row[0][0] != "baseline"} for rows in (left, others))
    assert left == others


def test_all_ten_can_be_repaired():
    assert set(REPAIRS) == set(TEN)


# Made-up evidence

NORTH, SOUTH, FORCE, OTHER_FORCE = "E06009001", "E06009002", "E23009001", "E23009002"
OLD, NEW = "old_source", "new_source"
SOURCES: Rows = [
    {"source_id": OLD, "published_on": "2030-06-30"},
    {"source_id": NEW, "published_on": "2031-06-30"},
]
AREAS: Rows = [
    {"area_code": NORTH, "area_name": "Northshire", "police_force_area_code": FORCE},
    {"area_code": SOUTH, "area_name": "Southshire", "police_force_area_code": FORCE},
    {"area_code": FORCE, "area_name": "Bothshire police force area", "area_type": "police force area"},
    {"area_code": OTHER_FORCE, "area_name": "Farshire police force area", "area_type": "police force area"},
]


def evidence(sources: Rows = SOURCES, areas: Rows = AREAS, **rows: Rows) -> Tables:
    """The tables that the rules read, with these rows and no others."""
    given = {"sources": sources, "areas": areas} | rows
    return {name: typed(name, tuple(tuple(row.items()) for row in given.get(name, []))) for name in (*READ, "areas")}


@cache
def typed(name: str, rows: tuple[tuple[tuple[str, str], ...], ...]) -> pd.DataFrame:
    """The rows as a table of the evidence, typed once for all tests: the rules change no table."""
    return table(name, *map(dict, rows))


def topics(**rows: Rows) -> list[str]:
    """The topics of what is found in the rows."""
    return list(contradictions(evidence(**rows))["topic"])


def says(**rows: Rows) -> list[tuple[str, str]]:
    """The two sides of what is found in the rows."""
    found = contradictions(evidence(**rows))
    return list(zip(found["says_a"], found["says_b"], strict=True))


def each(rows: Iterable[dict[str, str]], **common: str) -> Rows:
    """The rows, each with what is common to them."""
    return [common | row for row in rows]


def test_empty_tables_give_an_empty_frame_of_text():
    nothing = contradictions(evidence(sources=[], areas=[]))
    assert list(nothing.columns) == COLUMNS
    assert (nothing.dtypes == "string").all()
    assert nothing.empty


def test_a_frame_with_rows_has_the_same_columns_and_types(found):
    nothing = contradictions(evidence())
    assert nothing.empty
    pd.testing.assert_series_equal(found.dtypes, nothing.dtypes)


def service(name: str = "harbour", **fields: str) -> dict[str, str]:
    return {"service_id": name, "service_name": name.capitalize(), "source_id": OLD} | fields


# Consistent evidence: of each rule, what comes near to a contradiction and is none.

SERVICES_THAT_AGREE: Rows = [
    # two orders of one list, a contract in years and in days, a fact that one leaves out
    service(age_from="8", exploitation_types="CSE|CCE", contract_start="2030-04-01", contract_end="2032-03-31")
    | {"contract_precision": "day", "annual_value_gbp": "90000", "risk_levels": "amber|red"},
    service(source_id=NEW, age_from="8", age_to="17", exploitation_types="CCE|CSE", contract_start="2030-01-01")
    | {"contract_end": "2032-12-31", "contract_precision": "year"},
    # a contract, and the contract after it
    service("bridge", contract_start="2028-04-01", contract_end="2031-03-31", contract_precision="day"),
    service("bridge", source_id=NEW, contract_start="2031-04-01", contract_end="2034-03-31")
    | {"contract_precision": "day"},
    service("lantern", source_id=NEW, exploitation_types="CCE"),
]
PLACES_THAT_AGREE: Rows = [
    {"service_id": "harbour", "source_id": OLD, "area_code": NORTH, "funder": "The commissioner"},
    {"service_id": "harbour", "source_id": NEW, "area_code": NORTH, "funder": "The commissioner"},
    {"service_id": "bridge", "source_id": OLD, "area_code": SOUTH, "funder": "The council"},
    {"service_id": "bridge", "source_id": NEW, "area_code": SOUTH, "funding": "none"},
    {"service_id": "lantern", "source_id": NEW, "area_code": NORTH, "funder": "The commissioner"},
]
STATEMENTS_THAT_AGREE: Rows = [
    # asked about a harm for which a service is listed
    {"statement_id": "asked", "source_id": OLD, "exploitation_type": "CCE", "area_code": FORCE}
    | {"value": "12", "unit": "month"},
    # a leap year of quarters; the term of a contract; a plan
    {"statement_id": "year", "source_id": OLD, "topic": "data quality", "area_code": FORCE}
    | {"value": "1", "unit": "year"},
    {"statement_id": "term", "source_id": OLD, "service_id": "harbour", "area_code": FORCE}
    | {"value": "36", "unit": "month"},
    {"statement_id": "plan", "source_id": OLD, "topic": "milestone", "area_code": FORCE}
    | {"value": "36", "unit": "month"},
]
QUARTERS = [("2027-07-01", "2027-12-31"), ("2028-01-01", "2028-06-30")]
OFFENCES = {"measure": "police_recorded_offences", "unit": "offence", "source_id": OLD, "area_code": NORTH}
EPISODES = {"measure": "assessment_factor_episodes", "unit": "episode", "source_id": NEW, "area_code": NORTH}
COUNTS_THAT_AGREE: Rows = [
    *({**OFFENCES, "period_start": start, "period_end": end, "count": "20"} for start, end in QUARTERS),
    # a part, and a count of another harm that no whole holds
    {**OFFENCES, "measure": "offences_online", "count": "20", "period_start": "2027-07-01", "period_end": "2027-12-31"},
    {**OFFENCES, "exploitation_type": "CCE", "count": "25", "period_start": "2027-07-01", "period_end": "2027-12-31"}
    | {"measure": "offences_linked_to_drugs"},
    # other units over like periods, not far apart; far apart over periods that hardly meet
    {**EPISODES, "count": "26", "period_start": "2027-07-01", "period_end": "2027-12-31"},
    {**EPISODES, "count": "400", "period_start": "2028-06-01", "period_end": "2029-05-31"},
    {**EPISODES, "count": "9", "area_code": SOUTH, "period_start": "2028-06-01", "period_end": "2029-05-31"},
    {**EPISODES, "missing": "c", "area_code": SOUTH, "period_start": "2029-06-01", "period_end": "2030-05-31"},
]
RETURNS_THAT_AGREE: Rows = each(
    [
        # a year and the year before; a quarter and all since April; a repetition
        {"value": "40"},
        {"value": "25", "period_start": "2022-01-01", "period_end": "2022-03-31"},
        {"value": "90", "basis": "cumulative"},
        {"value": "40", "note": "said again"},
        {"value": "3", "measure": "posts_vacant", "unit": "post"},
    ],
    service_id="harbour",
    source_id=OLD,
    measure="new_referrals",
    unit="referral",
)
AWARDS_THAT_AGREE: Rows = [
    # the same sum to another, for the year after, and another sum for a longer term
    {"recipient": "Harbour", "awarded_gbp": "50000", "period_start": "2030-04-01", "period_end": "2031-03-31"},
    {"recipient": "Harbour", "awarded_gbp": "50000", "period_start": "2031-04-01", "period_end": "2032-03-31"},
    {"recipient": "Harbour", "awarded_gbp": "100000", "period_start": "2030-04-01", "period_end": "2032-03-31"},
    {"recipient": "Bridge", "awarded_gbp": "50000", "period_start": "2030-04-01", "period_end": "2033-03-31"},
]
GROUPS = [("all", ""), ("North", NORTH), ("South", SOUTH), ("not known", ""), ("outside the force", "")]


def snapshot(day: str, counts: Iterable[str], **fields: str) -> Rows:
    """A snapshot of children at amber risk: of all, and of each residence group that has a count."""
    groups = zip(GROUPS, counts, strict=False)
    common = {"source_id": OLD, "risk_level": "amber", "as_at": day} | fields
    return [common | {"residence": name, "residence_area_code": code, "count": n} for (name, code), n in groups]


SNAPSHOTS_THAT_AGREE: Rows = [
    *snapshot("2030-01-31", ["9", "4", "3", "2", "0"], area_code=FORCE),
    *snapshot("2030-04-30", ["12", "5", "4", "3", "0"], area_code=FORCE),
]
CONSISTENT: dict[str, Rows] = {
    "services": SERVICES_THAT_AGREE,
    "service_areas": PLACES_THAT_AGREE,
    "statements": STATEMENTS_THAT_AGREE,
    "observations": COUNTS_THAT_AGREE,
    "service_returns": RETURNS_THAT_AGREE,
    "funding": AWARDS_THAT_AGREE,
    "risk_snapshots": SNAPSHOTS_THAT_AGREE,
}
PLANTED: list[tuple[str, str, dict[str, str]]] = [
    ("age", "services", service(source_id="third_source", age_from="10", exploitation_types="")),
    ("harm covered", "services", service("bridge", source_id="third_source", exploitation_types="CCE")),
    ("money", "services", service(source_id="third_source", annual_value_gbp="95000", exploitation_types="")),
    ("period", "services", service("bridge", source_id="third_source", contract_start="2028-09-01")),
    ("harm covered", "statements", STATEMENTS_THAT_AGREE[0] | {"statement_id": "other", "source_id": "third_source"}),
    ("period", "statements", STATEMENTS_THAT_AGREE[1] | {"statement_id": "two", "value": "2"}),
    ("count", "service_returns", RETURNS_THAT_AGREE[0] | {"value": "45", "note": "said later"}),
    ("count", "service_returns", RETURNS_THAT_AGREE[0] | {"value": "45", "source_id": NEW}),
    ("count", "observations", COUNTS_THAT_AGREE[2] | {"measure": "offences_with_a_weapon", "count": "21"}),
    ("units", "observations", {**EPISODES, "count": "90", "period_start": "2028-01-10", "period_end": "2028-06-30"}),
    ("money", "funding", AWARDS_THAT_AGREE[0] | {"period_end": "2032-03-31"}),
    ("residence", "risk_snapshots", {**SNAPSHOTS_THAT_AGREE[-1], "risk_level": "red", "count": "2"}),
    ("baseline", "risk_snapshots", {**SNAPSHOTS_THAT_AGREE[-1], "residence": "lodgings", "count": "2"}),
]
THREE_SOURCES = [*SOURCES, {"source_id": "third_source", "published_on": "2031-07-31"}]
# A source that is asked about a harm answers by its services: here another place's, paid for by the same commissioner.
ANSWERED: dict[str, Rows] = {
    "services": [service("beacon", source_id="third_source")],
    "service_areas": [
        {"service_id": "beacon", "source_id": "third_source", "area_code": SOUTH, "funder": "The commissioner"}
    ],
}


def consistent_with(**more: Rows) -> dict[str, Rows]:
    return CONSISTENT | {name: [*CONSISTENT[name], *rows] for name, rows in more.items()}


def test_nothing_is_found_in_consistent_evidence():
    assert topics(**consistent_with(**ANSWERED), sources=THREE_SOURCES) == []


@pytest.mark.parametrize(
    ("topic", "name", "row"), PLANTED, ids=[f"{topic} in {name}, {n}" for n, (topic, name, _) in enumerate(PLANTED)]
)
def test_what_is_planted_in_consistent_evidence_is_found_alone(topic, name, row):
    answered = consistent_with(**ANSWERED)
    rows = answered | {name: [*answered[name], row]}
    found = topics(**rows, sources=THREE_SOURCES)
    # A level that is new on the last date has no baseline either.
    assert set(found) - ({"baseline"} if topic == "residence" else set()) == {topic}


# Services


def test_each_two_sources_that_differ_are_a_pair_oldest_first():
    rows = [service(age_to="18"), service(source_id=NEW, age_to="17"), service(source_id="third_source", age_to="18")]
    found = contradictions(evidence(sources=THREE_SOURCES, services=rows))
    assert list(zip(found["source_a"], found["source_b"], strict=True)) == [(NEW, "third_source"), (OLD, NEW)]
    assert set(found["what"]) == {"Harbour: oldest age"}


def test_facts_of_a_service_are_said_in_words():
    first = service(exploitation_types="CSE", annual_value_gbp="90000", contract_start="2030-04-01")
    later = service(source_id=NEW, exploitation_types="CCE|CSE", annual_value_gbp="95000", contract_start="2030-05-01")
    assert says(services=[first, later]) == [
        ("CSE", "CSE and CCE"),
        ("1 April 2030", "1 May 2030"),
        ("£90,000 a year", "£95,000 a year"),
    ]


def test_contracts_in_other_years_differ_even_where_only_years_are_stated():
    first = service(contract_start="2030-01-01", contract_precision="year")
    later = service(source_id=NEW, contract_start="2031-09-01", contract_precision="day")
    assert says(services=[first, later]) == [("2030", "2031")]


ASKED = {"statement_id": "asked", "source_id": NEW, "exploitation_type": "CCE", "area_code": FORCE} | {
    "value": "12",
    "unit": "month",
}
LISTED = service("beacon", source_id=NEW)
LISTED_THERE = {"service_id": "beacon", "source_id": NEW, "area_code": SOUTH, "funder": "The commissioner"}
LANTERN = service("lantern", exploitation_types="CCE")
LANTERN_THERE = {"service_id": "lantern", "source_id": OLD, "area_code": NORTH, "funder": "The commissioner"}


def left_out(asked: dict[str, str], **lantern: str) -> list[tuple[str, str]]:
    """What is found where a source of 30 June 2031 is asked about a year, and another states that Lantern was paid
    for.
    """
    return says(
        statements=[ASKED | asked],
        services=[LISTED, LANTERN],
        service_areas=[LISTED_THERE, LANTERN_THERE | lantern],
    )


FOUND = [("asked about the 12 months to 30 June 2031, lists none", "Lantern: commissioned, by The commissioner")]


@pytest.mark.parametrize(
    ("lantern", "expected"),
    [
        # The older source is of 30 June 2030: a day before the twelve months.
        ({}, []),
        ({"end": "2030-07-01"}, FOUND),
        ({"end": "2030-06-30"}, []),
        ({"start": "2031-06-30"}, FOUND),
        ({"start": "2031-07-01"}, []),
        ({"end": "2030-07-01", "funder": "The council"}, []),
        ({"end": "2030-07-01", "funder": ""}, []),
        ({"end": "2030-07-01", "funding": "none"}, []),
        ({"end": "2030-07-01", "funding": "not stated"}, []),
    ],
)
def test_a_service_left_out_of_an_answer_was_paid_for_by_the_same_funder_in_the_months_asked_about(lantern, expected):
    assert left_out({}, **lantern) == expected


@pytest.mark.parametrize(
    "asked",
    [
        {"area_code": OTHER_FORCE},
        {"area_code": ""},
        {"exploitation_type": ""},
        {"exploitation_type": "CSE"},
        {"value": "", "unit": ""},
        {"topic": "milestone"},
        {"service_id": "beacon"},
    ],
)
def test_no_service_is_left_out_where_the_source_was_not_asked_about_it(asked):
    assert left_out({}, start="2031-01-01") == FOUND
    assert left_out(asked, start="2031-01-01") == []


# Periods and counts


def lengths(value: str, unit: str, *periods: tuple[str, str], **fields: str) -> list[tuple[str, str]]:
    """What is found where a length is stated and the figures are of the periods."""
    stated = {"statement_id": "length", "source_id": OLD, "topic": "data quality", "area_code": FORCE}
    counts = [OFFENCES | {"period_start": start, "period_end": end, "count": "5"} for start, end in periods]
    return says(statements=[stated | {"value": value, "unit": unit} | fields], observations=counts)


YEAR, THIRTEEN_MONTHS = ("2030-04-01", "2031-03-31"), ("2030-04-01", "2031-04-28")


def test_a_stated_length_is_compared_with_the_days_of_the_figures():
    assert lengths("12", "month", THIRTEEN_MONTHS) == [("12 months", "1 April 2030 to 28 April 2031, 393 days")]
    assert lengths("1", "year", THIRTEEN_MONTHS) == [("1 year", "1 April 2030 to 28 April 2031, 393 days")]


@pytest.mark.parametrize(
    ("value", "unit", "periods"),
    [
        ("12", "month", [YEAR]),
        ("13", "month", [THIRTEEN_MONTHS]),
        ("12", "month", [("2030-04-01", "2031-04-14")]),  # 12.4 months
        ("12", "month", [YEAR, ("2031-04-01", "2032-03-31")]),
        ("12", "month", [("2030-04-01", "2030-09-30"), ("2030-10-01", "2031-03-31")]),
        ("12", "month", [("2031-04-10", "2031-04-10")]),
        ("12", "month", []),
    ],
)
def test_a_length_is_kept_to_the_nearest_month_by_one_period_or_by_all_together(value, unit, periods):
    assert lengths(value, unit, *periods) == []


@pytest.mark.parametrize("elsewhere", [{"area_code": OTHER_FORCE}, {"exploitation_type": "CCE"}, {"source_id": NEW}])
def test_a_length_is_compared_with_figures_of_its_own_source_area_and_harm(elsewhere):
    assert lengths("12", "month", THIRTEEN_MONTHS, exploitation_type="CSE") != []
    assert lengths("12", "month", THIRTEEN_MONTHS, **elsewhere) == []


def test_editions_of_one_publication_revise_one_another_and_do_not_contradict():
    counts = [EPISODES | {"source_id": OLD, "count": "24"}, EPISODES | {"source_id": NEW, "count": "26"}]
    assert says(observations=counts) == [("24", "26")]
    editions = each(SOURCES, edition_of="the_yearbook")
    assert topics(observations=counts, sources=editions) == []


def test_of_two_editions_the_one_with_the_latest_data_stands_even_where_it_withholds_a_figure():
    counts = [OFFENCES | {"count": "1"}, EPISODES | {"count": "2"}]
    editions = each(
        [*SOURCES[1:], {"source_id": "later", "published_on": "2031-01-31", "data_to": "2030-12-31"}],
        edition_of="the_yearbook",
    )
    later = EPISODES | {"source_id": "later"}
    for revised, expected in [({"count": "24"}, ["units"]), ({"count": "3"}, []), ({"missing": "c"}, [])]:
        rows = [*counts, later | revised]
        assert topics(observations=rows, sources=[*SOURCES[:1], *editions]) == expected
    rows = [OFFENCES | {"count": "1"}, EPISODES | {"count": "24"}, later | {"missing": "c"}]
    assert topics(observations=rows, sources=[*SOURCES[:1], *editions]) == []


def test_a_withheld_count_contradicts_nothing():
    counts = [EPISODES | {"source_id": OLD, "missing": "c"}, EPISODES | {"source_id": NEW, "count": "26"}]
    assert topics(observations=counts) == []


def test_a_code_and_its_successor_are_one_area():
    areas = [*AREAS, {"area_code": "E06008999", "area_name": "Northshire (old)", "successor_code": NORTH}]
    counts = [EPISODES | {"source_id": OLD, "count": "24", "area_code": "E06008999"}, EPISODES | {"count": "26"}]
    found = contradictions(evidence(areas=areas, observations=counts))
    assert found["area_code"].tolist() == [NORTH]


def test_a_part_above_its_whole_brings_what_is_linked_to_the_same():
    counts = each(
        [
            {"count": "2"},
            {"measure": "offences_online", "count": "2"},
            {"measure": "offences_linked_to_a_party", "count": "3"},
            {"measure": "victims_linked_to_a_party", "unit": "victim", "count": "1"},
            {"measure": "victims_seen", "unit": "victim", "count": "7"},
        ],
        source_id=OLD,
        measure="police_recorded_offences",
        unit="offence",
    )
    whole, parts = "Police recorded offences: 2", "Offences linked to a party: 3; Victims linked to a party: 1"
    assert says(observations=counts) == [(whole, parts)]


def test_a_whole_of_no_harm_holds_the_parts_of_every_harm():
    counts = [EPISODES | {"measure": "any_factor_episodes", "exploitation_type": "", "count": "30"}]
    assert topics(observations=[*counts, EPISODES | {"count": "30"}]) == []
    assert topics(observations=[*counts, EPISODES | {"count": "31"}]) == ["count"]


@pytest.mark.parametrize(
    ("offences", "episodes", "far"),
    [
        # exact limits of the ratio: 24 to 1 is at least 3.9; 8 to 1 at least 1.07 (R's poisson.test)
        ("1", "24", True),
        ("24", "1", True),
        ("0", "24", True),
        ("1", "8", False),
        ("300", "500", False),
        ("0", "0", False),
    ],
)
def test_counts_in_two_units_are_questioned_where_the_whole_range_of_their_ratio_is_above_two(offences, episodes, far):
    counts = [OFFENCES | {"count": offences}, EPISODES | {"count": episodes}]
    assert topics(observations=counts) == (["units"] if far else [])


def test_only_the_latest_period_of_two_sources_is_questioned():
    years = [("2021-04-01", "2022-03-31"), ("2022-04-01", "2023-03-31")]
    counts = [
        row | {"period_start": start, "period_end": end}
        for start, end in years
        for row in (OFFENCES | {"count": "1"}, EPISODES | {"count": "24"})
    ]
    ((_, second),) = says(observations=counts)
    assert second == "Police recorded offences: 1, year ending 31 March 2023"


def test_periods_that_share_half_of_their_days_are_not_side_by_side():
    # of 365 days 182 are shared, and then 183
    for start, expected in [("2023-10-01", ["units"]), ("2023-10-02", ["units"]), ("2023-10-03", [])]:
        end = (pd.Timestamp(start) + pd.Timedelta(days=364)).strftime("%Y-%m-%d")
        counts = [
            OFFENCES | {"count": "1", "period_start": "2023-04-03", "period_end": "2024-04-01"},
            EPISODES | {"count": "24", "period_start": start, "period_end": end},
        ]
        assert topics(observations=counts) == expected


# Risk levels


def at_risk(*snapshots: Rows, **fields: str) -> Tables:
    harbour = service(exploitation_types="CSE|CCE", risk_levels="amber|red") | fields
    places = [{"service_id": "harbour", "source_id": harbour["source_id"], "area_code": NORTH}]
    return evidence(
        services=[harbour], service_areas=places, risk_snapshots=[row for part in snapshots for row in part]
    )


def test_children_outside_the_area_are_counted_over_the_levels_that_the_service_takes_on_the_last_date():
    found = contradictions(
        at_risk(
            snapshot("2030-01-31", ["20", "4", "3", "2", "11"]),
            snapshot("2030-04-30", ["14", "5", "4", "3", "2"]),
            snapshot("2030-04-30", ["5", "4", "0", "0", "1"], risk_level="red"),
            snapshot("2030-04-30", ["8", "0", "0", "0", "8"], risk_level="green"),
        )
    )
    (row,) = found[found["topic"].eq("residence")].itertuples()
    assert (row.says_a, row.says_b) == (
        "the service runs in: Northshire",
        "3 of 19 (unit: child) are recorded as outside the force, 30 April 2030",
    )


def test_a_group_with_a_code_is_outside_by_its_code_and_not_by_its_words():
    groups = snapshot("2030-04-30", ["9", "4", "5"])
    groups[1] |= {"residence": "Outer north, out of town"}
    assert contradictions(at_risk(groups)).empty
    groups[2] |= {"residence_area_code": OTHER_FORCE}
    assert contradictions(at_risk(groups))["says_b"].tolist() == [
        "5 of 9 (unit: child) are recorded as South, 30 April 2030"
    ]


@pytest.mark.parametrize("fields", [{"source_id": NEW}, {"exploitation_types": "CCE"}, {"risk_levels": "green"}])
def test_the_service_is_one_of_the_same_source_for_the_harm_and_the_level(fields):
    outside = snapshot("2030-04-30", ["14", "5", "4", "3", "2"])
    assert list(contradictions(at_risk(outside))["topic"]) == ["residence"]
    assert contradictions(at_risk(outside, **fields)).empty


def test_nothing_is_said_of_residence_where_a_group_is_withheld():
    *groups, outside = snapshot("2030-04-30", ["14", "5", "4", "3", "2"])
    assert contradictions(at_risk([*groups, outside | {"count": "", "missing": "c"}])).empty


def test_a_group_that_is_withheld_at_first_is_a_baseline_all_the_same():
    first, last = snapshot("2030-01-31", ["9", "4", "5"]), snapshot("2030-04-30", ["9", "4", "5"])
    withheld = [row | {"count": "", "missing": "c"} for row in first]
    assert contradictions(evidence(risk_snapshots=[*withheld, *last])).empty
    (row,) = contradictions(evidence(risk_snapshots=[*first[:1], *last])).itertuples()
    assert (row.says_a, row.says_b) == (
        "31 January 2030: no figure for North, South",
        "30 April 2030: figures for North, South",
    )
