"""Counts of demand: published figures under today's codes, and referrals counted from records."""

from __future__ import annotations

import pandas as pd

from needs_assessment.geography import local_authorities, with_current_codes
from needs_assessment.vocabulary import ExploitationType, Measure, Unit

COUNT_COLUMNS = [
    "source_id",
    "measure",
    "exploitation_type",
    "area_code",
    "period_start",
    "period_end",
    "unit",
    "count",
    "missing",
    "note",
]

_SUMMED = ["source_id", "measure", "exploitation_type", "unit"]
QUARTERS_A_YEAR = 4


def observed_counts(observations: pd.DataFrame, areas: pd.DataFrame) -> pd.DataFrame:
    """The published counts under today's area codes, in the order of `observations`: one row a measure, harm, area and
    period.
    """
    return with_current_codes(observations, areas)[COUNT_COLUMNS].reset_index(drop=True)


def referral_counts(referrals: pd.DataFrame, areas: pd.Series) -> pd.DataFrame:
    """Referrals received in each quarter, for every area of `areas`, harm and quarter: no referral is shown as 0.

    `referrals` are one row each. The quarters of a source run from its first to its last that has a referral anywhere:
    outside them it says nothing. An area beyond `areas` has rows where a referral names it, so that none is lost.
    """
    if referrals.empty:
        return pd.DataFrame(columns=COUNT_COLUMNS)
    referrals = referrals.assign(quarter=referrals["referred_on"].dt.to_period("Q"))
    spine = pd.MultiIndex.from_tuples(
        [
            (source, harm, area, quarter)
            for source, quarters in referrals.groupby("source_id")["quarter"]
            for harm in ExploitationType
            for area in sorted({*areas, *referrals["area_code"]})
            for quarter in pd.period_range(quarters.min(), quarters.max())
        ],
        names=["source_id", "exploitation_type", "area_code", "quarter"],
    )
    counted = referrals.groupby(list(spine.names)).size()
    counts = counted.reindex(spine, fill_value=0).rename("count").astype("Int64").reset_index()
    counts["period_start"] = counts["quarter"].dt.start_time
    counts["period_end"] = counts["quarter"].dt.end_time.dt.normalize()
    counts = counts.assign(measure=Measure.REFERRALS.value, unit=Unit.REFERRAL.value, missing=pd.NA, note=pd.NA)
    return _typed(counts[COUNT_COLUMNS])


def with_forces(referrals: pd.DataFrame, areas: pd.DataFrame) -> pd.DataFrame:
    """The quarterly counts of referrals, and those of each police force area of which every authority has a row of the
    source and which no record names itself.
    """
    return _typed(pd.concat([referrals, _of_forces(referrals, areas)], ignore_index=True)[COUNT_COLUMNS])


def years_of(quarters: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The sums of quarterly counts over years ending 31 March: of the years that have all four quarters, and of the
    quarters so far of the others.
    """
    year = quarters["period_end"].dt.to_period("Y-MAR").rename("year")
    grouped = quarters.groupby([*_SUMMED, "area_code", year], sort=False, dropna=False)
    sums = grouped.agg(
        count=("count", "sum"),
        quarters=("count", "size"),
        period_start=("period_start", "min"),
        period_end=("period_end", "max"),
    ).reset_index()
    sums = sums.assign(missing=pd.NA, note=pd.NA)
    whole = sums["quarters"].eq(QUARTERS_A_YEAR)
    return _typed(sums.loc[whole, COUNT_COLUMNS]), _typed(sums.loc[~whole, COUNT_COLUMNS])


def _of_forces(referrals: pd.DataFrame, areas: pd.DataFrame) -> pd.DataFrame:
    places = local_authorities(areas).set_index("area_code")["police_force_area_code"].dropna()
    forces = referrals["area_code"].map(places).astype("string")
    period = ["period_start", "period_end"]
    grouped = referrals.assign(force=forces).dropna(subset="force").groupby([*_SUMMED, "force", *period], sort=False)
    sums = grouped.agg(count=("count", "sum"), authorities=("count", "size")).reset_index()
    whole = sums["authorities"].eq(sums["force"].map(places.value_counts())) & sums["authorities"].gt(1)
    named = sums["force"].isin(referrals["area_code"])
    sums = sums[whole & ~named].rename(columns={"force": "area_code"})
    return sums.drop(columns="authorities").assign(missing=pd.NA, note=pd.NA)


def _typed(counts: pd.DataFrame) -> pd.DataFrame:
    words = ["source_id", "measure", "exploitation_type", "area_code", "unit", "missing", "note"]
    days = ["period_start", "period_end"]
    return counts.astype(dict.fromkeys(words, "string") | dict.fromkeys(days, "datetime64[us]"))
