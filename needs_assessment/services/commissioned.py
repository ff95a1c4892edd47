"""Which services were paid for where, and for which days a source vouches: what a freedom of information request asks.

A source that describes a service on a day says nothing of the days before and after, so that a service without a row
may well have been paid for.
"""

from __future__ import annotations

import pandas as pd

from needs_assessment.vocabulary import COMMISSIONED_STATUSES, FundingStatus, Grounds

PAID_FOR = (*COMMISSIONED_STATUSES, FundingStatus.SPOT_PURCHASE)
PLACE = ["service_id", "area_code"]
COLUMNS = [*PLACE, "funding", "funder", "first_day", "last_day", "grounds", "source_id"]
_TYPES = {"first_day": "datetime64[us]", "last_day": "datetime64[us]", "grounds": "string"}


def commissioned(services: pd.DataFrame, service_areas: pd.DataFrame, sources: pd.DataFrame) -> pd.DataFrame:
    """One row for each service, area and public source that says or implies that the service was paid for there, in
    COLUMNS: the first and last day that it vouches for, and on what grounds (a `Grounds`).

    A contract runs for its firm term in the areas where its source places the service, or, where it names none, in
    those where another does: nobody says whether an option to extend it was taken up. A term that is stated for an area
    is taken as it stands; without an end it lasts to the day of its source. All else vouches for one day: the last that
    its source describes, or that of its publication where this is earlier. What is said of a whole police force area
    does not hold for an area that a source excepts by name. Bought one place at a time counts as paid for, but is under
    no contract. The tables are those of the evidence, areas under the codes of today.
    """
    public = sources[sources["public"].astype(bool)]
    placed = _paid_for(service_areas[service_areas["source_id"].isin(public["source_id"])])
    contracts = services[services["source_id"].isin(public["source_id"])]
    under_contract, stated = _under_contract(contracts, placed), _stated(placed, public)
    rows = pd.concat([under_contract, stated[~_inside(stated, under_contract)]], ignore_index=True)
    rows = rows.dropna(subset=["first_day", "last_day"])[COLUMNS].astype(_TYPES)
    return rows.sort_values([*PLACE, "first_day", "source_id"], ignore_index=True)


def _paid_for(placed: pd.DataFrame) -> pd.DataFrame:
    """The rows on areas where the service is paid for, without those of a whole force that an exception overrules."""
    by_name = placed["stated_for"].eq("area")
    excepted = _pairs(placed[by_name & placed["funding"].eq(FundingStatus.NONE)], PLACE)
    overruled = ~by_name & _pairs(placed, PLACE).isin(excepted)
    return placed[placed["funding"].isin(PAID_FOR) & ~overruled.to_numpy(bool)]


def _pairs(rows: pd.DataFrame, columns: list[str]) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(rows[columns])


def _under_contract(services: pd.DataFrame, placed: pd.DataFrame) -> pd.DataFrame:
    """The firm term of each contract with both of its days, in each of its areas."""
    terms = services.dropna(subset=["contract_start", "contract_end"])
    terms = terms[["service_id", "source_id", "contract_start", "contract_end"]]
    of_contracts = placed[placed["funding"].isin(COMMISSIONED_STATUSES)][[*PLACE, "source_id", "funding", "funder"]]
    own = terms.merge(of_contracts, on=["service_id", "source_id"])
    key = ["service_id", "source_id"]
    homeless = terms[~_pairs(terms, key).isin(_pairs(own, key))]
    others = homeless.merge(of_contracts.drop(columns="source_id").drop_duplicates(PLACE), on="service_id")
    rows = pd.concat([own, others]).rename(columns={"contract_start": "first_day", "contract_end": "last_day"})
    return rows.assign(grounds=str(Grounds.CONTRACT))[COLUMNS]


def _stated(placed: pd.DataFrame, public: pd.DataFrame) -> pd.DataFrame:
    """What each source says of an area: for the days it states, or else for its own day."""
    days = public.set_index("source_id")[["published_on", "data_to"]].min(axis=1)
    rows = placed.assign(day=placed["source_id"].map(days).astype("datetime64[us]"))
    with_term = rows[["start", "end"]].notna().any(axis=1)
    grounds = with_term.map({True: str(Grounds.TERM_STATED), False: str(Grounds.DESCRIBED)})
    first = rows["start"].fillna(rows[["day", "end"]].min(axis=1))
    last = rows["end"].fillna(rows[["day", "start"]].max(axis=1))
    return rows.assign(first_day=first, last_day=last, grounds=grounds.astype("string"))[COLUMNS]


def _inside(stated: pd.DataFrame, terms: pd.DataFrame) -> pd.Series:
    """Whether each row's days lie in the firm term that the same source states for the service there."""
    key = [*PLACE, "source_id"]
    firm = stated[[*key, "first_day", "last_day"]].merge(terms, on=key, how="left", suffixes=("", "_firm"))
    inside = (firm["first_day"] >= firm["first_day_firm"]) & (firm["last_day"] <= firm["last_day_firm"])
    return pd.Series(inside.to_numpy(bool), index=stated.index)
