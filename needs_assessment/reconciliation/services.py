"""What two sources say of the same service, or of whether there is one."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pandas as pd

from needs_assessment.reconciliation.shared import (
    AREA,
    HARM,
    SERVICE,
    Found,
    Tables,
    about,
    by_date,
    contradiction,
    in_area,
    inside,
    is_length,
    length_in_words,
    months,
)
from needs_assessment.services import COMPARED_FIELDS
from needs_assessment.vocabulary import ExploitationType, FundingStatus, in_words

TERM = ("contract_start", "contract_end")
_FACTS = {
    "age_from": ("age", "youngest age"),
    "age_to": ("age", "oldest age"),
    "extended_age_to": ("age", "oldest age for those who meet its condition"),
    "exploitation_types": ("harm covered", "harms covered"),
    "contract_start": ("period", "first day of the contract"),
    "contract_end": ("period", "last day of the contract"),
    "annual_value_gbp": ("money", "value of one year"),
}
_OF_A_SERVICE = {
    "age": "Do not conclude that children of the ages between the two are accepted, or that they are not.",
    "harm covered": "Do not conclude that the service is for the harm that only one of them names.",
    "period": "Do not conclude when the contract ran, or by when an extension had to be decided.",
    "money": "Do not work out a cost from either sum.",
}


def differing_services(evidence: Tables) -> Found:
    """Two sources state a fact of one service differently: its ages, its harms, its contract or its yearly value.

    A contract given in years agrees with any day of those years, and terms without a day in common are two contracts.
    """
    for _, rows in by_date(evidence["services"], evidence).groupby("service_id"):
        for a, b in combinations(rows.itertuples(index=False), 2):
            for field in COMPARED_FIELDS:
                in_years = "year" in f"{a.contract_precision} {b.contract_precision}"
                says_a, says_b = _stated(a, field, in_years), _stated(b, field, in_years)
                if says_a and says_b and says_a != says_b and not (field in TERM and _two_terms(a, b)):
                    topic, fact = _FACTS[field]
                    yield contradiction(
                        topic,
                        f"{b.service_name}: {fact}",
                        (a.source_id, says_a),
                        (b.source_id, says_b),
                        _OF_A_SERVICE[topic],
                    ) | about(a, SERVICE)


def _stated(row: Any, field: str, in_years: bool) -> str:
    """What a row says of the field, in words that are equal where the facts are; nothing where it says nothing."""
    value = getattr(row, field)
    if pd.isna(value):
        return ""
    if field in TERM:
        return str(value.year) if in_years else in_words(value)
    if field == "exploitation_types":
        return " and ".join(sorted(value.split("|"), reverse=True))
    return f"£{value:,.0f} a year" if field == "annual_value_gbp" else f"{value} years"


def _two_terms(a: Any, b: Any) -> bool:
    """Whether one contract is over before the other begins; not where a day is missing."""
    return bool(a.contract_end < b.contract_start or b.contract_end < a.contract_start)


def harms_left_out(evidence: Tables) -> Found:
    """A source that was asked about the services for a harm over some months lists services, but none for that harm,
    while another states that one was paid for there in those months, by a funder whose services the first lists.

    The question is a statement on the topic `service` that names a harm, no service, and the months or years that end
    on the day of its source.
    """
    paid_for = _paid_for(evidence)
    for asked in _asked_in_vain(evidence).itertuples(index=False):
        funders = paid_for.loc[paid_for["source_id"].eq(asked.source_id), "funder"].dropna()
        since = asked.stated_on - pd.DateOffset(months=round(months(asked)))
        others = paid_for[
            paid_for["exploitation_type"].eq(asked.exploitation_type).fillna(False)
            & paid_for["funder"].isin(funders)
            & inside(paid_for["area_code"], asked.area_code, evidence["areas"])
            & (paid_for["first_day"] <= asked.stated_on)
            & (paid_for["last_day"] > since)
        ]
        harm = ExploitationType(asked.exploitation_type).label
        question = f"asked about the {length_in_words(asked)} to {in_words(asked.stated_on)}, lists none"
        for other in others.drop_duplicates(["source_id", SERVICE]).itertuples(index=False):
            yield (
                contradiction(
                    "harm covered",
                    f"services for {harm}{in_area(asked, evidence)}",
                    (asked.source_id, question),
                    (other.source_id, f"{other.service_name}: {other.funding}, by {other.funder}"),
                    f"Do not conclude that no service for {harm} was paid for there.",
                )
                | about(asked, AREA, HARM)
                | about(other, SERVICE)
            )


def _asked_in_vain(evidence: Tables) -> pd.DataFrame:
    """The statements of what a source was asked, where it lists no service for the harm asked about."""
    stated = by_date(evidence["statements"], evidence)
    asked = stated[stated["topic"].eq("service") & is_length(stated)].dropna(subset=[HARM, "stated_on"])
    harms = evidence["services"].set_index("source_id")["exploitation_types"].str.split("|").explode()
    listed = pd.MultiIndex.from_arrays([harms.index, harms])
    return asked[~pd.MultiIndex.from_frame(asked[["source_id", HARM]]).isin(listed)]


def _paid_for(evidence: Tables) -> pd.DataFrame:
    """Each service in each area where a source states that it is paid for, by harm, with the first and last day that
    the statement vouches for.
    """
    places = by_date(evidence["service_areas"], evidence)
    places = places[~places["funding"].isin([FundingStatus.NONE, FundingStatus.NOT_STATED])]
    described = evidence["services"][[SERVICE, "source_id", "service_name", "exploitation_types"]]
    rows = places.merge(described, on=[SERVICE, "source_id"])
    rows["first_day"] = rows["start"].fillna(rows[["stated_on", "end"]].min(axis=1))
    rows["last_day"] = rows["end"].fillna(rows[["stated_on", "start"]].max(axis=1))
    return rows.assign(**{HARM: rows["exploitation_types"].str.split("|")}).explode(HARM, ignore_index=True)
