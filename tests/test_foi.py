"""The answer to a freedom-of-information request: what was paid for in the months asked about, and what to be warned
of. Every place, source and service of the small release is made up, and can be counted in this file.
"""

from __future__ import annotations

import base64
import csv
import html
import io
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from bs4 import BeautifulSoup, Tag
from click.testing import CliRunner, Result
from small_evidence import FIRST, FORCE, PRIVATE, PUBLIC, SECOND

from needs_assessment import cli
from needs_assessment.area_view import AreaView
from needs_assessment.area_view.answer import Asked, Standing, financial_years, months_to
from needs_assessment.disclosure.audit.explain import figures_of
from needs_assessment.disclosure.audit.numbers import Quotations, unexplained
from needs_assessment.narrative import foi as answering
from needs_assessment.narrative.foi_warnings import warning_sentences
from needs_assessment.narrative.foi_words import ages_words, number_words, service_facts
from needs_assessment.publish.documents import FOI_RESPONSE
from needs_assessment.release import Release
from needs_assessment.sections import foi
from needs_assessment.vocabulary import Period

LATER, ELSEWHERE, OTHER_FORCE = "later_source", "E06009003", "E23009002"
ON = "2023-04-26"
YEAR_TO = Asked(months_to(date(2023, 4, 26)))
PROJECT = Path(__file__).resolve().parents[1]
Row = dict[str, Any]

# What a row says unless the test says otherwise; what neither says is missing.
USUAL: dict[str, Row] = {
    "areas": {"area_type": "local authority", "police_force_area_code": FORCE, "police_force_area_name": "Both"},
    "sources": {"title": "A title", "publisher": "A publisher", "public": True, "synthetic": False},
    "service_statements": {"source_id": PUBLIC, "service_name": "Alpha", "exploitation_types": "CSE"}
    | {"client_group": "children", "reference_only": False, "stated_on": "2022-09-30", "works_with": "victims"},
    "service_funding": {"area_code": FIRST, "source_id": PUBLIC, "funding": "commissioned", "sources_differ": False}
    | {"stated_on": "2022-09-30", "funding_stated_on": "2022-09-30"},
    "commissioned": {"area_code": FIRST, "source_id": PUBLIC, "funding": "commissioned", "grounds": "described"}
    | {"first_day": "2022-09-30", "last_day": "2022-09-30"},
    "contract_terms": {"service_name": "Alpha", "term": "firm", "precision": "day"},
    "contradictions": {"topic": "age", "what": "Alpha: oldest age", "source_a": PUBLIC, "source_b": LATER}
    | {"says_a": "17 years", "says_b": "18 years", "consequence": "Do not conclude either."},
    "statements": {"source_id": PUBLIC, "topic": "service", "wording": "It helps."},
}
COLUMNS: dict[str, list[str]] = {
    "areas": ["area_code", "area_name", "other_names", "valid_from", "valid_to", "comparison_only"],
    "sources": ["source_id", "published_on", "data_to"],
    "service_statements": [
        *("service_id", "provider", "partners", "commissioners", "intensity", "age_from", "age_to"),
        *("extended_age_to", "extended_if", "self_referral", "contract_start", "contract_end"),
    ],
    "service_funding": ["service_id"],
    "commissioned": ["service_id", "funder"],
    "contract_terms": ["service_id", "starts", "ends", "decide_by"],
    "contradictions": ["area_code", "service_id", "exploitation_type"],
    "statements": ["service_id"],
}
DAYS = ("valid_from", "valid_to", "published_on", "data_to", "stated_on", "funding_stated_on", "first_day", "last_day")
DAYS += ("contract_start", "contract_end", "starts", "ends", "decide_by")
YES_NO = ("comparison_only", "public", "synthetic", "reference_only", "self_referral", "sources_differ")
PLACES: list[Row] = [
    {"area_code": FIRST, "area_name": "First"},
    {"area_code": SECOND, "area_name": "Second"},
    {"area_code": ELSEWHERE, "area_name": "Elsewhere", "police_force_area_code": OTHER_FORCE}
    | {"police_force_area_name": "Another"},
    {"area_code": FORCE, "area_name": "Both police force area", "area_type": "police force area"},
]
SOURCES: list[Row] = [
    {"source_id": PUBLIC, "data_to": "2022-09-30"},
    {"source_id": LATER, "published_on": "2025-05-27", "publisher": "Another publisher"},
    {"source_id": PRIVATE, "data_to": "2023-01-31", "public": False},
]


def frame(name: str, rows: list[Row]) -> pd.DataFrame:
    """The rows as a table of a release."""
    columns = [*COLUMNS[name], *(column for column in USUAL[name] if column not in COLUMNS[name])]
    whole = dict.fromkeys(("age_from", "age_to", "extended_age_to"), "Int64")
    kinds = dict.fromkeys(columns, "string") | dict.fromkeys(DAYS, "datetime64[us]") | dict.fromkeys(YES_NO, "boolean")
    made = pd.DataFrame([USUAL[name] | row for row in rows], columns=columns)
    return made.astype({column: (kinds | whole)[column] for column in columns})


def small(**tables: list[Row]) -> AreaView:
    """The view of a police force area of two authorities, in a release with these rows and no other."""
    made = {"areas": PLACES, "sources": SOURCES} | tables
    return AreaView(Release({name: frame(name, made.get(name, [])) for name in USUAL}, {}), FORCE)


def service(name: str, *, paid: list[Row] | None = None, **stated: Any) -> dict[str, list[Row]]:
    """The rows of one service that one source describes and says is paid for in the first authority."""
    who = {"service_id": name.lower(), "service_name": name}
    days = [{}] if paid is None else paid
    return {
        "service_statements": [who | stated],
        "commissioned": [{"service_id": name.lower()} | row for row in days],
        "service_funding": [{"service_id": name.lower(), "funding": "commissioned" if days else "not stated"}],
    }


def both_of(*services: dict[str, list[Row]], **further: list[Row]) -> AreaView:
    """The view of a release with these services and further rows."""
    tables = {name: [row for one in services for row in one[name]] for name in services[0]}
    return small(**{name: tables.get(name, []) + further.get(name, []) for name in tables | further})


def contract(start: str, end: str, precision: str = "day", *options: tuple[str, str]) -> dict[str, Any]:
    """Alpha under a contract, as `both_of` takes it: the service, and its terms."""
    terms = [{"service_id": "alpha", "starts": start, "ends": end, "precision": precision}]
    before = end
    for number, (starts, ends) in enumerate(options, 1):
        terms.append({**terms[0], "term": f"option {number}", "starts": starts, "ends": ends, "decide_by": before})
        before = ends
    paid = [{"first_day": start, "last_day": end, "grounds": "contract"}]
    return {"one": service("Alpha", paid=paid, contract_start=start, contract_end=end), "terms": terms}


def under_contract(*of: Any) -> AreaView:
    made = contract(*of)
    return both_of(made["one"], contract_terms=made["terms"])


def facts(view: AreaView, asked: Asked = YEAR_TO) -> dict[str, tuple[str, str]]:
    """What is said of the first service of the answer, and by whom."""
    told = service_facts(view, view.services_told_of(asked.period).iloc[0], asked.period)
    return {fact.what: (fact.words, fact.source) for fact in told}


def words(element: Tag) -> str:
    return " ".join(element.get_text(" ").split())


# The days asked about


@pytest.mark.parametrize(
    ("on", "months", "first"),
    [
        ("2023-04-26", 12, "2022-04-27"),
        ("2024-02-29", 12, "2023-03-01"),
        ("2025-02-28", 12, "2024-03-01"),
        ("2023-04-30", 6, "2022-11-01"),
        ("2022-03-31", 36, "2019-04-01"),
    ],
)
def test_the_months_end_on_the_day_asked_about_that_day_included(on: str, months: int, first: str) -> None:
    assert months_to(date.fromisoformat(on), months) == Period(date.fromisoformat(first), date.fromisoformat(on))


def test_no_months_are_refused() -> None:
    with pytest.raises(ValueError, match="months: expected 1 or more, got: 0"):
        months_to(date(2023, 4, 26), 0)


def test_a_financial_year_is_1_april_to_31_march_and_the_parts_make_up_the_whole() -> None:
    whole = Period(date(2021, 3, 31), date(2022, 4, 1))
    parts = financial_years(whole)
    assert parts == [
        Period(date(2021, 3, 31), date(2021, 3, 31)),
        Period(date(2021, 4, 1), date(2022, 3, 31)),
        Period(date(2022, 4, 1), date(2022, 4, 1)),
    ]
    assert sum(part.days for part in parts) == whole.days


def test_a_blank_day_is_the_latest_that_a_public_source_describes_services_there() -> None:
    hidden = {"service_id": "beta", "source_id": PRIVATE, "stated_on": "2023-01-31"}
    view = both_of(service("Alpha"), service_funding=[hidden])
    assert view.asked() == Asked(Period(date(2021, 10, 1), date(2022, 9, 30)))


@pytest.mark.parametrize("day", ["yesterday", "26/04/2023", "2023-02-30"])
def test_what_is_no_day_is_refused(day: str) -> None:
    with pytest.raises(ValueError, match="expected a day such as 2023-04-26"):
        small().asked(day)


def test_a_day_that_is_yet_to_come_is_refused_and_today_is_not() -> None:
    view = small()
    with pytest.raises(ValueError, match="expected a day that has come"):
        view.asked((date.today() + timedelta(days=1)).isoformat())
    assert view.asked(date.today().isoformat()).period.end == date.today()


@pytest.mark.parametrize(
    ("first", "last", "counted"),
    [
        ("2022-04-26", "2022-04-26", False),
        ("2022-04-27", "2022-04-27", True),
        ("2023-04-26", "2023-04-26", True),
        ("2023-04-27", "2023-04-27", False),
        ("2020-01-01", "2022-04-27", True),
    ],
)
def test_a_service_counts_where_it_was_paid_for_on_any_day_of_the_months(first: str, last: str, counted: bool) -> None:
    view = both_of(service("Alpha", paid=[{"first_day": first, "last_day": last}]))
    assert len(view.services_paid_for(YEAR_TO.period, Standing.COUNTED)) == counted


# Which services


def test_services_are_counted_by_harm_and_one_for_both_under_each() -> None:
    view = both_of(
        service("Alpha"), service("Beta", exploitation_types="CCE"), service("Gamma", exploitation_types="CSE|CCE")
    )
    assert answering.number_sentences(view, YEAR_TO) == [
        "For child criminal exploitation (CCE), two services: Beta and Gamma.",
        "For child sexual exploitation (CSE), two services: Alpha and Gamma.",
        "For both, and so counted under each, one service: Gamma.",
    ]


def test_each_financial_year_is_answered_apart_on_request() -> None:
    view = both_of(service("Alpha"))
    whole, years = YEAR_TO, view.asked(ON, by_financial_year=True)
    assert answering.number_sentences(view, years)[:3] == answering.number_sentences(view, whole)
    first, second = answering.number_sentences(view, years)[3:]
    assert first.startswith("Financial year 2022/23, in part (27 April 2022 to 31 March 2023): for child criminal")
    assert "(CSE), one service: Alpha;" in first
    assert "(CSE), no service found;" in second
    assert second.startswith("Financial year 2023/24, in part (1 April 2023 to 26 April 2023): ")


def test_a_service_in_several_authorities_and_of_several_sources_counts_once() -> None:
    paid: list[Row] = [{}, {"area_code": SECOND}, {"source_id": LATER, "first_day": "2023-01-01"}]
    paid[2]["last_day"] = "2023-01-01"
    view = both_of(service("Alpha", paid=paid))
    assert "(CSE), one service: Alpha." in answering.number_sentences(view, YEAR_TO)[1]
    assert facts(view)["Where"][0] == "commissioned in First and Second"


def test_what_is_paid_for_in_another_police_force_area_is_no_part_of_the_answer() -> None:
    view = both_of(service("Alpha", paid=[{"area_code": ELSEWHERE}]))
    assert view.paid_for(YEAR_TO.period).empty
    assert "no service found" in answering.number_sentences(view, YEAR_TO)[1]


def test_a_place_bought_for_one_child_is_told_apart_and_is_not_counted() -> None:
    view = both_of(service("Alpha", paid=[{"funding": "spot purchase"}]))
    said = answering.number_sentences(view, YEAR_TO)
    assert "(CSE), no service found" in said[1]
    assert said[3] == "Bought one place at a time, and counted nowhere above, one service: Alpha."
    assert facts(view)["Where"][0] == "bought one place at a time in First"


def test_a_service_that_is_commissioned_somewhere_is_counted_because_of_that() -> None:
    view = both_of(service("Alpha", paid=[{"funding": "spot purchase"}, {"area_code": SECOND}]))
    told = facts(view)
    assert told["Where"][0] == "commissioned in Second; bought one place at a time in First"
    assert told["Counted because"][0] == "a source of 30 September 2022 describes it as commissioned"


def test_services_for_adults_or_for_reference_only_stand_apart() -> None:
    view = both_of(
        service("Alpha", client_group="adults"),
        service("Beta", exploitation_types=None, reference_only=True),
        service("Gamma", client_group="children and adults"),
        statements=[{"service_id": "beta", "wording": "For reference only."}],
    )
    assert answering.number_sentences(view, YEAR_TO)[1].endswith("one service: Gamma.")
    assert answering.reference_sentences(view, YEAR_TO) == [
        "Alpha: for adults, child sexual exploitation. (A publisher, 2022)",
        "Beta: for children. “For reference only.” (A publisher, 2022)",
    ]


def test_services_that_no_source_describes_as_for_exploitation_are_left_out_and_named() -> None:
    view = both_of(service("Alpha"), service("Beta", exploitation_types=None))
    said = warning_sentences(view, YEAR_TO)
    assert "Paid for, and left out since no source describes them as for child exploitation: Beta." in said


def test_an_authority_that_a_source_excepts_is_left_out_and_said_to_be_in_doubt() -> None:
    excepted = {"service_id": "alpha", "area_code": SECOND, "funding": "none", "sources_differ": True}
    view = both_of(service("Alpha", paid=[{}, {"area_code": SECOND}]), service_funding=[excepted])
    assert facts(view)["Where"][0] == "commissioned in First; not in Second, as a source of 30 September 2022 states"
    assert any("Whether Alpha is paid for in Second is in doubt" in said for said in warning_sentences(view, YEAR_TO))


def test_a_source_that_is_not_public_says_nothing_in_the_answer() -> None:
    hidden = {"service_id": "beta", "source_id": PRIVATE, "funding": "not stated"}
    described = {"service_id": "beta", "service_name": "Beta"}
    view = both_of(service("Alpha"), service_funding=[hidden], service_statements=[described])
    assert view.undetermined(YEAR_TO.period).empty
    assert "Beta" not in answering.letter(view, YEAR_TO)


# What is said of each


def test_facts_are_those_of_the_latest_source_up_to_the_last_day_and_say_who_states_them() -> None:
    later = {"service_id": "alpha", "source_id": LATER, "stated_on": "2025-05-27", "provider": "A provider"}
    later |= {"age_from": 5, "age_to": 18, "works_with": "at risk"}
    view = both_of(service("Alpha", age_from=10, age_to=17), service_statements=[later])
    told = facts(view)
    assert told["Ages"] == ("10 to 17", "A publisher, 2022")
    assert told["Works with"] == ("victims", "A publisher, 2022")
    assert told["Provider"] == ("A provider", "Another publisher, 2025")
    assert told["Self-referral"] == ("not stated", "")


@pytest.mark.parametrize(
    ("ages", "said"),
    [
        ((5, 18, None, None), "5 to 18"),
        ((11, None, None, None), "11 and over"),
        ((None, 17, None, None), "up to 17"),
        ((5, 18, 24, "an additional need"), "5 to 18; up to 24 on a condition: an additional need"),
        ((5, 18, 24, None), "5 to 18; up to 24 on a condition: not stated"),
    ],
)
def test_ages_are_said_as_the_source_has_them(ages: tuple[Any, ...], said: str) -> None:
    names = ["age_from", "age_to", "extended_age_to", "extended_if"]
    assert ages_words(pd.Series(dict(zip(names, ages, strict=True)), dtype=object)) == said


def test_a_contract_is_told_with_its_options_and_when_they_are_decided() -> None:
    options = [("2023-01-13", "2024-01-12"), ("2024-01-13", "2025-01-12")]
    told = facts(under_contract("2020-01-13", "2023-01-12", "day", *options))
    assert told["Contract"] == ("13 January 2020 to 12 January 2023", "A publisher, 2022")
    assert told["Options to extend it"][0] == (
        "two: 13 January 2023 to 12 January 2024 (to be decided by 12 January 2023); 13 January 2024 to 12 January "
        "2025 (to be decided by 12 January 2024). The terms do not say whether one was taken up"
    )
    assert told["Counted because"][0] == "its contract runs from 13 January 2020 to 12 January 2023"


def test_a_contract_in_years_is_told_in_years() -> None:
    told = facts(under_contract("2021-01-01", "2024-12-31", "year", ("2025-01-01", "2025-12-31")))
    assert told["Contract"][0] == "2021 to 2024 (only the years are published)"
    assert told["Options to extend it"][0].startswith("one: 2025 (to be decided in 2024).")
    assert told["Counted because"][0] == "its contract runs from 2021 to 2024"


def test_a_service_is_described_in_the_words_of_sources_up_to_the_last_day_where_there_are_any() -> None:
    statements = [
        {"service_id": "alpha", "wording": "It helps."},
        {"service_id": "alpha", "wording": "It will help more.", "source_id": LATER},
        {"service_id": "alpha", "wording": "It waits.", "topic": "waiting"},
    ]
    assert facts(both_of(service("Alpha"), statements=statements))["In the sources’ words"][0] == "“It helps.”"
    only_later = facts(both_of(service("Alpha"), statements=statements[1:]))["In the sources’ words"]
    assert only_later == ("“It will help more.”", "Another publisher, 2025")


@pytest.mark.parametrize(
    ("number", "said"),
    [(0, "none"), (1, "one"), (13, "thirteen"), (20, "twenty"), (42, "forty-two"), (99, "ninety-nine")],
)
def test_numbers_of_services_are_words(number: int, said: str) -> None:
    assert number_words(number) == said
    assert number_words(100) == "over ninety-nine"


# What could not be determined


def test_a_service_that_is_named_without_saying_who_pays_could_not_be_determined() -> None:
    view = both_of(service("Alpha", paid=[]))
    assert answering.undetermined_sentences(view, YEAR_TO) == [
        "Alpha, for child sexual exploitation: a source that speaks of it on 30 September 2022 does not say whether it "
        "is paid for (A publisher, 2022)."
    ]


def test_a_service_that_was_paid_for_on_other_days_only_is_told_with_the_nearest() -> None:
    days = ["2019-01-01", "2021-09-30", "2026-01-01"]
    view = both_of(service("Alpha", paid=[{"first_day": day, "last_day": day} for day in days]))
    (said,) = answering.undetermined_sentences(view, YEAR_TO)
    assert "paid for on 30 September 2021, and say nothing of the days asked about" in said


def test_an_option_that_falls_in_the_months_is_told_and_is_no_ground_to_count() -> None:
    view = under_contract("2020-01-01", "2021-12-31", "year", ("2022-01-01", "2022-12-31"))
    assert view.services_told_of(YEAR_TO.period).empty
    (said,) = answering.undetermined_sentences(view, YEAR_TO)
    assert "paid for from 2020 to 2021" in said
    assert said.endswith("An option to extend its contract falls in them; whether it was taken up is not stated.")


# Warnings


def test_contradictions_on_services_of_the_answer_are_told_once_each_harms_first() -> None:
    rows: list[Row] = [
        {"service_id": "alpha"},
        {"service_id": "alpha", "source_a": LATER, "says_a": "18 years", "source_b": LATER, "says_b": "19 years"},
        {"service_id": "of_nobody_here", "what": "another"},
        {"topic": "harm covered", "area_code": FORCE, "what": "services for harm", "consequence": "Do not."},
        {"topic": "harm covered", "area_code": OTHER_FORCE, "what": "services elsewhere"},
    ]
    said = [
        one for one in warning_sentences(both_of(service("Alpha"), contradictions=rows), YEAR_TO) if "contra" in one
    ]
    assert said == [
        "Sources contradict one another on services for harm: 17 years (A publisher, 2022); 18 years (Another "
        "publisher, 2025). Do not.",
        "Sources contradict one another on Alpha: oldest age: 17 years (A publisher, 2022); 18 years (Another "
        "publisher, 2025); 19 years (Another publisher, 2025). Do not conclude either.",
    ]


def test_a_service_for_children_at_risk_is_not_passed_off_as_one_for_victims() -> None:
    view = both_of(service("Alpha", works_with="at risk"), service("Beta", works_with=None), service("Gamma"))
    assert (
        "three services: Alpha (for children at risk), Beta and Gamma." in answering.number_sentences(view, YEAR_TO)[1]
    )
    said = warning_sentences(view, YEAR_TO)
    assert "Described as for children at risk, and by no source as for victims: Alpha." in said
    assert "Whether for victims or for children at risk, no source says: Beta." in said


def test_a_service_that_is_only_described_on_a_day_is_known_for_that_day_alone() -> None:
    said = warning_sentences(both_of(service("Alpha")), YEAR_TO)
    assert (
        "Alpha is known to have been paid for on 30 September 2022 alone: no source states its first and last day."
        in said
    )
    under = warning_sentences(under_contract("2022-01-01", "2023-12-31"), YEAR_TO)
    assert not any("alone" in one for one in under)


@pytest.mark.parametrize(
    ("on", "may_lie_outside"),
    [("2021-12-30", True), ("2022-06-30", False), ("2024-12-31", False), ("2025-01-02", True)],
)
def test_the_first_or_last_year_of_a_contract_in_years_may_lie_outside_it(on: str, may_lie_outside: bool) -> None:
    view = under_contract("2021-01-01", "2024-12-31", "year")
    said = warning_sentences(view, view.asked(on))
    assert "Only the years of the contract are published, so its first and last day are not known: Alpha." in said
    doubt = "The contract may have ended before these months, or begun after them: Alpha."
    assert (doubt in said) == may_lie_outside


@pytest.mark.parametrize(
    ("options", "unless"),
    [
        ((), ""),
        ((("2023-01-13", "2024-01-12"),), " unless an option to extend it was taken up, which no source states"),
    ],
)
def test_a_contract_that_ended_in_the_months_is_told(options: tuple[tuple[str, str], ...], unless: str) -> None:
    said = warning_sentences(under_contract("2020-01-13", "2023-01-12", "day", *options), YEAR_TO)
    assert f"The contract of Alpha ended in these months (on 12 January 2023){unless}." in said


def test_that_nothing_was_found_is_not_passed_off_as_none() -> None:
    said = " ".join(warning_sentences(small(), YEAR_TO))
    assert "No source supplied says of any service here that it was paid for in these months." in said
    assert "no service for child sexual exploitation was found in the sources supplied does not mean that there" in said
    assert "No source describes services here: what was paid for is not known." in said


def test_days_after_the_latest_source_are_said_to_be_unknown() -> None:
    late = (
        "The latest source that describes services here is of 30 September 2022: what changed since then is not known."
    )
    view = both_of(service("Alpha"))
    assert late in warning_sentences(view, YEAR_TO)
    assert late not in warning_sentences(view, view.asked("2022-09-30"))


# The page and the letter


@pytest.fixture(scope="module")
def full() -> AreaView:
    """A release in which every part of the answer has something to say."""
    made = contract("2021-01-01", "2024-12-31", "year", ("2025-01-01", "2025-12-31"))
    made["one"]["service_statements"][0] |= {"age_from": 5, "age_to": 18, "extended_age_to": 24}
    return both_of(
        made["one"],
        service("Beta <b>", exploitation_types="CCE", works_with="at risk"),
        service("Gamma", paid=[]),
        service("Delta", client_group="adults"),
        contract_terms=made["terms"],
        contradictions=[{"service_id": "alpha"}],
        statements=[{"service_id": "alpha", "wording": "It helped 61 of 70 & more."}],
    )


@pytest.fixture(scope="module")
def page(full: AreaView) -> BeautifulSoup:
    question = foi.asked(full, ON, "yes")
    parts = (foi.opening, foi.numbers, foi.services, foi.reference, foi.undetermined, foi.warnings, foi.sources)
    return BeautifulSoup("".join(part(full, question).markup for part in parts), "html.parser")


def test_the_letter_says_nothing_that_the_page_does_not(full: AreaView, page: BeautifulSoup) -> None:
    letter = answering.letter(full, full.asked(ON, by_financial_year=True))
    shown = words(page).casefold()
    lines = [line.removeprefix("- ") for line in letter.splitlines() if line.strip() and not line.startswith("#")]
    assert len(lines) > 25
    for line in lines:
        what, told, said = line.partition(": ")
        source = said.rpartition(" (")[2].rstrip(")")
        apart = told and all(part.casefold() in shown for part in (what, said.rpartition(" (")[0] or said, source))
        assert line.casefold() in shown or apart, line


def test_the_letter_has_the_headings_of_the_page_in_their_order(full: AreaView) -> None:
    notebook = json.loads((PROJECT / FOI_RESPONSE.notebook).read_text(encoding="utf-8"))
    headings = [line for cell in notebook["cells"] for line in cell["source"] if line.startswith("## ")]
    letter = answering.letter(full, YEAR_TO).splitlines()
    assert [line for line in letter if line.startswith("## ")] == [line.strip() for line in headings]
    assert headings[0] == "## Number of services"


def test_every_number_on_the_page_stands_in_a_file_of_its_table_or_in_a_quotation(
    full: AreaView, page: BeautifulSoup
) -> None:
    quoted = Quotations()
    quoted.add(["It helped 61 of 70 & more.", "17 years", "18 years"])
    tables = page.select("div.table")
    assert len(tables) == 3
    for table in tables:
        link = table.select_one("a[download]")
        content = base64.b64decode(link["href"].partition(",")[2]).decode("utf-8-sig")
        rows = figures_of(csv.DictReader(io.StringIO(content, newline="")))
        assert [one for one in map(words, table("td")) if unexplained(one, rows, quoted)] == []
    for said in page.select(":is(li, p):not(.table *)"):
        assert not unexplained(words(said), figures_of([]), quoted), words(said)


def test_what_sources_say_is_escaped(full: AreaView, page: BeautifulSoup) -> None:
    assert not page("b")
    assert "Beta <b>" in words(page)
    assert html.unescape("&amp; more") in words(page)


def test_a_page_of_which_no_source_speaks_says_so() -> None:
    view = small()
    question = foi.asked(view, ON, "no")
    assert "No service was found." in foi.services(view, question).markup
    assert "No such service was found." in foi.reference(view, question).markup
    assert "No source speaks of services here." in foi.sources(view, question).markup
    assert not BeautifulSoup(foi.numbers(view, question).markup, "html.parser")("table")


def test_by_financial_year_is_yes_or_no() -> None:
    with pytest.raises(ValueError, match="by_financial_year: expected yes or no, got: true"):
        foi.asked(small(), ON, "true")


# The command


def run(*said: object) -> Result:
    return CliRunner().invoke(cli.main, ["foi", *map(str, said)])


@pytest.fixture(scope="module")
def folder(full: AreaView, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return full.release.write(tmp_path_factory.mktemp("foi") / "release")


def test_the_command_gives_the_letter_of_the_force_that_is_named(full: AreaView, folder: Path) -> None:
    result = run("--on", ON, "both", "--release", folder, "--by-financial-year")
    assert result.exit_code == 0, result.output
    assert result.stdout == answering.letter(full, full.asked(ON, by_financial_year=True))


def test_without_a_name_it_answers_for_the_forces_that_have_a_service(full: AreaView, folder: Path) -> None:
    assert run("--on", ON, "--release", folder).stdout == answering.letter(full, YEAR_TO)
    two = run("--on", ON, "--release", folder, "another", "both").stdout
    assert [line for line in two.splitlines() if line.startswith("# ")] == [
        "# Services paid for in the police force area of Another for children who are exploited",
        "# Services paid for in the police force area of Both for children who are exploited",
    ]


def test_a_letter_goes_to_a_new_file_and_never_over_another(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "answer.md"
    assert run("--on", ON, "--release", folder, "--out", out).exit_code == 0
    text = out.read_text(encoding="utf-8")
    assert text.startswith("# Services paid for in the police force area of Both")
    out.write_text("edited", encoding="utf-8")
    again = run("--on", ON, "--release", folder, "--out", out)
    assert again.exit_code == 1
    assert "is left as it is" in again.stderr
    assert out.read_text(encoding="utf-8") == "edited"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (("--on", "soon"), "expected a day such as 2023-04-26, got: soon"),
        (("--on", "2999-01-01"), "expected a day that has come, got: 2999-01-01"),
        ((), "Missing option '--on'"),
        (("--on", ON, "--release", "a", "--evidence", "b"), "name a release or evidence, not both"),
        (("--on", ON, "--release", "not/there"), "not/there"),
        (("--on", ON, "--months", "0"), "0 is not in the range"),
    ],
)
def test_a_mistake_is_told_before_anything_is_read(said: tuple[str, ...], told: str) -> None:
    result = run(*said)
    assert result.exit_code != 0
    assert told in result.output


def test_a_force_that_is_none_is_told_with_the_nearest(folder: Path) -> None:
    result = run("--on", ON, "--release", folder, "anuther")
    assert result.exit_code == 1
    assert "did you mean Another" in result.stderr
    assert "FORCE is a police force area" in result.stderr


# The published evidence: West Mercia Police and Crime Commissioner, response 2023 - 328 / WE7427 of 26 April 2023, and
# the Overview of Commissioning Activity Report of quarter 2 of 2022/23, item 13 (CLIMB)


YEARS = ("2019/20", "2020/21", "2021/22")


@pytest.fixture(scope="module")
def west_mercia(release: Release) -> AreaView:
    return AreaView(release, "E23000016")


def test_the_answer_of_west_mercia_has_the_services_of_the_real_one_and_climb(west_mercia: AreaView) -> None:
    asked = west_mercia.asked(ON)
    assert answering.number_sentences(west_mercia, asked) == [
        "For child criminal exploitation (CCE), one service: CLIMB (for children at risk).",
        "For child sexual exploitation (CSE), two services: Branch and Purple Leaf.",
        "For both, and so counted under each, no service found.",
    ]
    (reference,) = answering.reference_sentences(west_mercia, asked)
    assert reference.startswith("Branch Plus: for adults. “For reference only to support research request we also fund")
    letter = answering.letter(west_mercia, asked)
    said = [
        "- Ages: 10 to 18 (West Mercia Police and Crime Commissioner, 2023)",
        "- Ages: 5 to 18; up to 24 on a condition: an additional need",
        "not in Telford and Wrekin, as a source of 30 September 2022 states",
        "- Contract: 2021 to 2024 (only the years are published)",
        "- Options to extend it: two: 2025",
        "services for child criminal exploitation in West Mercia police force area: asked about the 12 months to 26 "
        "April 2023, lists none",
        "Do not conclude that no service for child criminal exploitation was paid for there.",
        "Purple Leaf: youngest age: 10 years (West Mercia Police and Crime Commissioner, 2023); 5 years",
    ]
    assert [one for one in said if one not in letter] == []
    assert warning_sentences(west_mercia, asked)[0].startswith(
        "Sources contradict one another on services for child cri"
    )


def test_the_service_of_derbyshire_is_for_both_harms_in_each_year_of_its_contract(release: Release) -> None:
    view = AreaView(release, "E23000018")
    said = answering.number_sentences(view, view.asked("2022-03-31", 36, by_financial_year=True))
    assert [one.partition(":")[0] for one in said[3:]] == [f"Financial year {year}" for year in YEARS]
    assert all("one service: Derby and Derbyshire victim service" in one for one in said)


def test_base_of_avon_and_somerset_is_one_service_in_two_authorities_and_bought_by_the_place_in_three(
    release: Release,
) -> None:
    view = AreaView(release, "E23000036")
    told = facts(view, view.asked("2014-10-30"))
    assert told["Where"][0] == (
        "commissioned in Bristol; under a service level agreement in South Gloucestershire; bought one place at a time "
        "in Bath and North East Somerset, North Somerset and Somerset"
    )


def test_a_contract_that_starts_after_its_decision_is_asked_about_on_its_first_day(release: Release) -> None:
    # Derbyshire's decision of December 2019 is on a contract that commences on 13 January 2020.
    view = AreaView(release, "E23000018")
    assert view.asked().period == Period(date(2019, 1, 14), date(2020, 1, 13))
    assert view.commissioned(view.asked().period)["service_id"].unique().tolist() == ["derby_derbyshire_exploitation"]
