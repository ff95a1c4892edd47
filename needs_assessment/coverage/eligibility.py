"""Coverage: which children a service would take, by area, harm, age band and provision tier, and how firmly it is
funded.

A cell without a service means that none was found in the evidence supplied, which is less than that none exists.
"""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from needs_assessment.services import dated
from needs_assessment.vocabulary import (
    AGES_NOT_STATED,
    PART,
    TIER_NOT_STATED,
    WHOLE,
    WITH_CONDITION,
    ExploitationType,
    FundingStatus,
    ProvisionTier,
)

TIERS = [*(str(tier) for tier in ProvisionTier), TIER_NOT_STATED]
FUNDING_ORDER = [str(status) for status in FundingStatus]
OLDEST = 120
STATEMENT_LASTS_DAYS = 730
"""A statement without a last day is relied on for two years; after that the service is listed apart, with the date."""


class AgeBand(NamedTuple):
    """Ages in completed years, both ends included."""

    youngest: int
    oldest: int


AGE_BANDS = (AgeBand(0, 4), AgeBand(5, 9), AgeBand(10, 15), AgeBand(16, 17), AgeBand(18, 24))


def coverage_dates(service_areas: pd.DataFrame, sources: pd.DataFrame) -> pd.Series:
    """By area code, the latest day that the evidence describes services there: a source's date, or a later start it
    states.
    """
    stated = dated(service_areas, sources)
    latest = stated[["stated_on", "start"]].max(axis=1)
    return latest.groupby(stated["area_code"]).max().rename("on")


def funding_in_areas(service_areas: pd.DataFrame, sources: pd.DataFrame, on: pd.Series) -> pd.DataFrame:
    """One row for each service and area: what the sources say of its funding there, up to the area's day of `on`.

    Columns service_id, area_code, on, funding, funding_stated_on, stated_on (the latest mention), source_id (of the
    funding), current (whether the latest mention still speaks for that day) and sources_differ. A statement that names
    the area outranks one made for the whole force, since an exception is only ever named there; one that states the
    funding outranks one that is silent about it; among equals the latest governs.
    """
    stated = dated(service_areas, sources)
    stated = stated.assign(on=on.reindex(stated["area_code"]).to_numpy("datetime64[us]"))
    known = stated[stated[["stated_on", "start"]].min(axis=1) <= stated["on"]]
    pair = ["service_id", "area_code"]
    rank = {"says": known["funding"].ne(FundingStatus.NOT_STATED), "names_area": known["stated_for"].eq("area")}
    governing = (
        known.assign(**rank).sort_values(["says", "names_area", "stated_on"], kind="stable").groupby(pair).tail(1)
    )
    governing = governing.rename(columns={"stated_on": "funding_stated_on"})[
        [*pair, "on", "funding", "funding_stated_on", "source_id"]
    ]
    # `last` takes the last start and end that any source states: a later mention without them does not undo them.
    latest = known.groupby(pair)[["stated_on", "start", "end"]].last().reset_index()
    informative = known[known["funding"].ne(FundingStatus.NOT_STATED)]
    differ = informative.groupby(pair)["funding"].nunique().gt(1).rename("sources_differ").reset_index()
    rows = governing.merge(latest, on=pair).merge(differ, on=pair, how="left")
    rows = rows.assign(current=_still_speaks(rows).astype(bool), sources_differ=rows["sources_differ"].eq(True))
    columns = [*pair, "on", "funding", "funding_stated_on", "stated_on", "source_id", "current", "sources_differ"]
    return rows[columns].sort_values(pair, ignore_index=True)


def _still_speaks(governing: pd.DataFrame) -> pd.Series:
    on, stated_on, end = governing["on"], governing["stated_on"], governing["end"]
    awaited = governing["start"] > on
    # A mention after the last day says that the service went on.
    ended = (end < on) & ~(stated_on > end)
    # That a service is absent does not lapse: somebody has to say that it came.
    can_lapse = ~(end >= on) & governing["funding"].ne(FundingStatus.NONE)
    lapsed = can_lapse & ((on - stated_on).dt.days > STATEMENT_LASTS_DAYS)
    return ~awaited & ~ended & ~lapsed


def covering_services(register_rows: pd.DataFrame, funding: pd.DataFrame) -> pd.DataFrame:
    """One row for each area, harm, age band and service that takes children of that band there, in whole or in part.

    Columns area_code, exploitation_type, age_from, age_to, tier, service_id, service_name, funding, ages (how much of
    the band), sources_differ. Services for reference only, for adults or professionals only, without an exploitation
    type, or no longer described are left out.
    """
    for_children = register_rows["client_group"].isin(["children", "children and adults"]) & ~register_rows[
        "reference_only"
    ].astype(bool)
    harms = register_rows[for_children].dropna(subset=["exploitation_types"])
    harms = harms.assign(exploitation_type=harms["exploitation_types"].str.split("|")).explode("exploitation_type")
    in_force = funding[funding["current"] & funding["funding"].ne(FundingStatus.NONE)]
    pairs = harms.assign(tier=harms["tier"].fillna(TIER_NOT_STATED)).merge(in_force, on="service_id")
    rows = [_covers(pair, band) for pair in pairs.to_dict("records") for band in AGE_BANDS]
    columns = [
        "area_code",
        "exploitation_type",
        "age_from",
        "age_to",
        "tier",
        "service_id",
        "service_name",
        "funding",
        "ages",
        "sources_differ",
    ]
    found = pd.DataFrame([row for row in rows if row["ages"]], columns=columns)
    return found.sort_values(columns[:6], ignore_index=True)


def _covers(service: dict, band: AgeBand) -> dict[str, object]:
    ages = age_cover(AgeLimits(service["age_from"], service["age_to"], service["extended_age_to"]), band)
    return {**service, "age_from": band.youngest, "age_to": band.oldest, "ages": ages}


class AgeLimits(NamedTuple):
    """The ages a service accepts, in completed years; missing where its sources do not say."""

    youngest: int | None
    oldest: int | None
    oldest_with_condition: int | None = None


def age_cover(limits: AgeLimits, band: AgeBand) -> str:
    """How much of an age band a service accepts: one of the vocabulary's four phrases, or an empty string for none."""
    not_stated = pd.isna(limits.youngest) and pd.isna(limits.oldest)
    if not_stated and band.oldest < 18:
        return AGES_NOT_STATED
    youngest = _or_else(limits.youngest, 0)
    # Without stated ages a children's service is taken to be for children, not for young adults.
    oldest = _or_else(limits.oldest, 17 if not_stated else OLDEST)
    extended = _or_else(limits.oldest_with_condition, oldest)
    if youngest <= band.youngest and band.oldest <= oldest:
        return WHOLE
    if oldest < min(band.oldest, extended) and band.youngest <= extended and youngest <= band.oldest:
        return WITH_CONDITION
    return PART if youngest <= band.oldest and band.youngest <= oldest else ""


def _or_else(age: int | None, instead: int) -> int:
    return instead if age is None or pd.isna(age) else int(age)


def coverage_matrix(covering: pd.DataFrame, on: pd.Series, residents: pd.DataFrame) -> pd.DataFrame:
    """Every area of `on` × harm × age band × tier, with the firmest funding found: one row a cell.

    Columns area_code, on, exploitation_type, age_from, age_to, tier, funding (`none` where no service was found),
    services (separated by |), whole_band (whether one service takes the whole band without a condition) and residents
    (people of those ages, where known).
    """
    cells = pd.DataFrame(
        [
            (area, day, str(harm), band.youngest, band.oldest, tier)
            for area, day in on.sort_index().items()
            for harm in ExploitationType
            for band in AGE_BANDS
            for tier in TIERS
        ],
        columns=["area_code", "on", "exploitation_type", "age_from", "age_to", "tier"],
    )
    key = ["area_code", "exploitation_type", "age_from", "age_to", "tier"]
    columns = ["funding", "services", "whole_band"]
    nothing = covering.reindex(columns=[*key, *columns]).astype(object)
    found = covering.groupby(key).apply(_cell, include_groups=False).reset_index() if len(covering) else nothing
    matrix = cells.merge(found, on=key, how="left").merge(residents, on=["area_code", "age_from", "age_to"], how="left")
    matrix = matrix[[*cells.columns, *columns, "residents"]]
    return matrix.assign(
        funding=matrix["funding"].fillna(FundingStatus.NONE.value), whole_band=matrix["whole_band"].eq(True)
    )


def _cell(services: pd.DataFrame) -> pd.Series:
    firmest = min(services["funding"], key=FUNDING_ORDER.index)
    names = "|".join(dict.fromkeys(services["service_name"]))
    return pd.Series({"funding": firmest, "services": names, "whole_band": services["ages"].eq(WHOLE).any()})


def residents_by_band(population: pd.DataFrame) -> pd.DataFrame:
    """Residents of each area in each age band, from the latest single-year estimates: area_code, age_from, age_to,
    residents.

    A band whose single years are not all there has no row.
    """
    single = population[population["age_from"].eq(population["age_to"]) & population["sex"].eq("persons")]
    latest = single[single["mid_year"] == single.groupby("area_code")["mid_year"].transform("max")]
    # Two editions of one estimate are not two populations.
    latest = latest.drop_duplicates(["area_code", "age_from"], keep="last")
    rows = [
        {"area_code": area, "age_from": band.youngest, "age_to": band.oldest, "residents": int(ages["people"].sum())}
        for band in AGE_BANDS
        for area, ages in latest[latest["age_from"].between(*band)].groupby("area_code")
        if ages["age_from"].nunique() == band.oldest - band.youngest + 1
    ]
    return pd.DataFrame(rows, columns=["area_code", "age_from", "age_to", "residents"])
