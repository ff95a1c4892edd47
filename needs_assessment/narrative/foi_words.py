"""What sources say of one service in an answer to a request for information: each fact with who states it."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from needs_assessment.area_view import AreaView
from needs_assessment.area_view.answer import FIRM
from needs_assessment.narrative.phrases import listed
from needs_assessment.vocabulary import ExploitationType, FundingStatus, Grounds, Period, in_words

NOT_STATED = "not stated"
UNITS = (
    *("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
WORKS_WITH = {"victims": "victims", "at risk": "children at risk"}
FUNDED = {
    FundingStatus.COMMISSIONED: "commissioned",
    FundingStatus.SERVICE_LEVEL_AGREEMENT: "under a service level agreement",
    FundingStatus.SPOT_PURCHASE: "bought one place at a time",
}
LEFT_OUT = ("Form of support", "Delivered with")
"""What nobody asks for where no source states it."""
AGES, TERM = ("age_from", "age_to"), ("contract_start", "contract_end")


class Fact(NamedTuple):
    """A fact of a service: what it is about, what is said, and who says so (blank where nobody does)."""

    what: str
    words: str
    source: str


def number_words(number: int) -> str:
    """A count of services in words: `none`, `two`, `twenty-one`; above 99 `over ninety-nine`."""
    if number > 99:
        return "over ninety-nine"
    tens, units = divmod(number, 10)
    if number < len(UNITS):
        return UNITS[number]
    return TENS[tens] + (f"-{UNITS[units]}" if units else "")


def on_days(first: pd.Timestamp, last: pd.Timestamp, precision: str = "day") -> str:
    """A span of days as a sentence goes on: `on 30 September 2022`, `from 2021 to 2024`."""
    days = days_words(first, last, precision)
    return f"{'from' if ' to ' in days else 'in' if precision == 'year' else 'on'} {days}"


def days_words(first: pd.Timestamp, last: pd.Timestamp, precision: str = "day") -> str:
    """A span of days: `30 September 2022`, `13 January 2020 to 12 January 2023`, `2021 to 2024`."""
    ends = [str(day.year) if precision == "year" else in_words(day.date()) for day in (first, last)]
    return ends[0] if ends[0] == ends[1] else " to ".join(ends)


def service_facts(view: AreaView, service: pd.Series, period: Period) -> list[Fact]:
    """Everything that a letter says of a service, in its order."""
    name = service["service_id"]
    facts = [
        _stated(view, name, "Harm", "exploitation_types", period),
        _stated(view, name, "Works with", "works_with", period),
        _ages(view, name, period),
        _said(view, name, period),
        _stated(view, name, "Form of support", "intensity", period),
        _stated(view, name, "Provider", "provider", period),
        _stated(view, name, "Delivered with", "partners", period),
        _stated(view, name, "Paid for by", "commissioners", period),
        where(view, name, period),
        _term(view, name, period),
        _options(view, name, period),
        _stated(view, name, "Self-referral", "self_referral", period),
        grounds(view, name, period),
    ]
    return [fact for fact in facts if fact.words != NOT_STATED or fact.what not in LEFT_OUT]


def harm_words(types: object) -> str:
    """The harms of a service in full: `child sexual exploitation and child criminal exploitation`."""
    if pd.isna(types):
        return "no child exploitation named"
    return listed([ExploitationType(harm).label for harm in str(types).split("|")])


def _stated(view: AreaView, service_id: str, what: str, field: str, period: Period) -> Fact:
    row = view.fact(service_id, (field,), period)
    if row is None:
        return Fact(what, NOT_STATED, "")
    words = {
        "exploitation_types": harm_words,
        "works_with": works_with_words,
        "self_referral": lambda yes: "yes" if yes else "no",
    }.get(field, lambda value: listed(str(value).split("|")))
    return Fact(what, words(row[field]), view.short_citation(row["source_id"]))


def works_with_words(groups: object) -> str:
    """Whom a service works with: `victims and children at risk`, or that no source says."""
    if pd.isna(groups):
        return NOT_STATED
    return listed([WORKS_WITH[group] for group in str(groups).split("|")])


def _ages(view: AreaView, service_id: str, period: Period) -> Fact:
    row = view.fact(service_id, AGES, period)
    if row is None:
        return Fact("Ages", NOT_STATED, "")
    return Fact("Ages", ages_words(row), view.short_citation(row["source_id"]))


def ages_words(row: pd.Series) -> str:
    """The ages that a service takes: `5 to 18; up to 24 on a condition: an additional need`."""
    youngest, oldest, extended = row["age_from"], row["age_to"], row["extended_age_to"]
    if pd.isna(oldest):
        ages = f"{youngest} and over"
    else:
        ages = f"up to {oldest}" if pd.isna(youngest) else f"{youngest} to {oldest}"
    if pd.isna(extended):
        return ages
    condition = "not stated" if pd.isna(row["extended_if"]) else row["extended_if"]
    return f"{ages}; up to {extended} on a condition: {condition}"


def _said(view: AreaView, service_id: str, period: Period) -> Fact:
    rows = view.said_of(service_id, period)
    if rows.empty:
        return Fact("In the sources’ words", NOT_STATED, "")
    said = " ".join(f"“{wording.rstrip('.')}.”" for wording in rows["wording"])
    return Fact("In the sources’ words", said, cited(view, rows["source_id"]))


def where(view: AreaView, service_id: str, period: Period) -> Fact:
    """The authorities where a service was paid for, and those where a source says that it does not work."""
    rows = view.paid_for(period)
    rows = rows[rows["service_id"].eq(service_id)]
    paid = {status: rows[rows["funding"].eq(status)]["area_code"] for status in FUNDED}
    said = [f"{FUNDED[status]} in {_names(view, codes)}" for status, codes in paid.items() if len(codes)]
    absent = view.not_here()
    absent = absent[absent["service_id"].eq(service_id)]
    said += [
        f"not in {_names(view, there['area_code'])}, as a source of {in_words(day.date())} states"
        for day, there in absent.groupby("funding_stated_on")
    ]
    return Fact("Where", "; ".join(said), cited(view, pd.concat([rows["source_id"], absent["source_id"]])))


def _names(view: AreaView, codes: pd.Series) -> str:
    return listed(sorted({view.area_name(code) for code in codes}))


def _term(view: AreaView, service_id: str, period: Period) -> Fact:
    firm = view.terms_of(service_id)
    firm = firm[firm["term"].eq(FIRM)]
    if firm.empty:
        return Fact("Contract", NOT_STATED, "")
    only_years = " (only the years are published)" if firm["precision"].iloc[0] == "year" else ""
    return Fact("Contract", _term_days(firm.iloc[0]) + only_years, _term_source(view, service_id, period))


def _options(view: AreaView, service_id: str, period: Period) -> Fact:
    options = view.terms_of(service_id)
    options = options[options["term"].ne(FIRM)]
    if options.empty:
        return Fact("Options to extend it", NOT_STATED, "")
    days = "; ".join(f"{_term_days(row)} (to be decided {_decided(row)})" for _, row in options.iterrows())
    words = f"{number_words(len(options))}: {days}. The terms do not say whether one was taken up"
    return Fact("Options to extend it", words, _term_source(view, service_id, period))


def _decided(row: pd.Series) -> str:
    day = row["decide_by"]
    return f"in {day.year}" if row["precision"] == "year" else f"by {in_words(day.date())}"


def _term_days(row: pd.Series) -> str:
    return days_words(row["starts"], row["ends"], row["precision"])


def _term_source(view: AreaView, service_id: str, period: Period) -> str:
    stated = view.fact(service_id, TERM, period)
    return "" if stated is None else view.short_citation(stated["source_id"])


def grounds(view: AreaView, service_id: str, period: Period) -> Fact:
    """Why a service counts as paid for on a day of the period."""
    rows = view.paid_for(period)
    rows = rows[rows["service_id"].eq(service_id)]
    # Of what one source says of several authorities, the firmest.
    rows = rows.sort_values(["grounds", "first_day", "funding"], key=_firmest_first, kind="stable")
    rows = rows.drop_duplicates(["grounds", "first_day", "last_day", "source_id"])
    words = dict.fromkeys(_ground_words(view, row) for _, row in rows.iterrows())
    return Fact("Counted because", "; ".join(words), cited(view, rows["source_id"]))


def _firmest_first(column: pd.Series) -> pd.Series:
    return column.map(list(FUNDED).index) if column.name == "funding" else column


def _ground_words(view: AreaView, row: pd.Series) -> str:
    terms = view.terms_of(row["service_id"])
    precision = terms["precision"].iloc[0] if len(terms) else "day"
    days = days_words(row["first_day"], row["last_day"])
    if row["grounds"] == Grounds.CONTRACT:
        return f"its contract runs {on_days(row['first_day'], row['last_day'], precision)}"
    if row["grounds"] == Grounds.TERM_STATED:
        return f"a source states that it is paid for {on_days(row['first_day'], row['last_day'])}"
    return f"a source of {days} describes it as {FUNDED[FundingStatus(row['funding'])]}"


def cited(view: AreaView, source_ids: pd.Series) -> str:
    """Who says so, each source once, in short."""
    return "; ".join(dict.fromkeys(view.short_citation(source_id) for source_id in source_ids))
