"""Demand: how much exploitation is recorded, per child resident, and how that compares."""

from __future__ import annotations

import numpy as np
import pandas as pd

from needs_assessment.disclosure import SafeCounts
from needs_assessment.geography import with_current_codes
from needs_assessment.methods.comparison import verdict
from needs_assessment.methods.rates import rate_with_limits
from needs_assessment.vocabulary import PER, ExploitationType, Measure, Unit, Verdict

CHILDREN = (0, 17)
IMPLAUSIBLE_ZERO = 0.001
"""A zero is implausible where the comparator's rate would give one less often than this (P(0 | E) = e^-E)."""

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
COMPARED = "the 95% limits against the comparator's rate"
SERIES = ["source_id", "measure", "unit", "exploitation_type", "period_start", "period_end"]


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


def resident_children(population: pd.DataFrame, areas: pd.DataFrame) -> pd.DataFrame:
    """Residents aged 0 to 17 by area and mid-year: columns area_code, mid_year, denominator (people)."""
    youngest, oldest = CHILDREN
    chosen = population["age_from"].eq(youngest) & population["age_to"].eq(oldest) & population["sex"].eq("persons")
    children = with_current_codes(population[chosen], areas)
    children = children.drop_duplicates(["area_code", "mid_year"], keep="last")
    return children.rename(columns={"people": "denominator"})[["area_code", "mid_year", "denominator"]]


def recorded_rates(counts: SafeCounts, children: pd.DataFrame) -> pd.DataFrame:
    """The safe counts with rates per 10,000 resident children a year: denominator, person_years, value, lower, upper,
    method.

    The denominator of a period is the mid-year estimate of the financial year in which it begins, as the Department for
    Education uses it (a year ending in March 2025 takes mid-2024). A withheld or missing count has no rate; nor has an
    area without a denominator.
    """
    start = counts.table["period_start"]
    table = counts.table.assign(mid_year=(start.dt.year - (start.dt.month < 4)).astype("Int64"))
    table = table.merge(children, on=["area_code", "mid_year"], how="left").drop(columns="mid_year")
    table["person_years"] = table["denominator"].astype("Float64") * _years(table)
    # An area that has no children has no rate either.
    rated = table["denominator"].gt(0).fillna(False)
    limits = rate_with_limits(table.loc[rated, "count"], table.loc[rated, "person_years"], per=PER)
    for name in ("value", "lower", "upper"):
        table.loc[rated, name] = getattr(limits, name)
    table.loc[rated, "method"] = limits.method
    return table


def _years(periods: pd.DataFrame) -> pd.Series:
    """Length of each period in years: twelfths where it is whole calendar months, days / 365.25 elsewhere."""
    start, after = periods["period_start"], periods["period_end"] + pd.Timedelta(days=1)
    whole_months = (start.dt.day == 1) & (after.dt.day == 1)
    months = (after.dt.year - start.dt.year) * 12 + after.dt.month - start.dt.month
    return (months / 12).where(whole_months, (after - start).dt.days / 365.25)


def compared_with(rates: pd.DataFrame, comparator: str, breaks: pd.DataFrame) -> pd.DataFrame:
    """The rates with the comparator's rate for the same period by the same source, and a verdict with its reason.

    Adds comparator_code, comparator_value, verdict and reason. The verdict is Cannot tell, with the reason, where a
    rate is missing, a zero is implausible beside the comparator's rate, or a recording break is declared for the area
    at or before the period.
    """
    reference = rates[rates["area_code"] == comparator].rename(columns={"value": "comparator_value"})
    # A comparator with two figures for one period has no one rate.
    reference = reference.drop_duplicates(SERIES, keep=False)[[*SERIES, "comparator_value"]]
    table = rates.merge(reference, on=SERIES, how="left").assign(comparator_code=comparator)
    expected = (table["comparator_value"] * table["person_years"] / PER).astype(float)
    zero = table["count"].eq(0).fillna(False).astype(bool)
    cannot_tell = {
        "no rate is available": table["value"].isna() | table["comparator_value"].isna(),
        "the zero is implausible beside the comparator's rate": zero & (np.exp(-expected) < IMPLAUSIBLE_ZERO),
        "the way it is recorded changed": after_a_break(table, breaks),
    }
    reasons = np.select([mask.to_numpy(bool) for mask in cannot_tell.values()], list(cannot_tell), default=COMPARED)
    words = verdict(table["lower"], table["upper"], table["comparator_value"])
    return table.assign(
        verdict=np.where(reasons == COMPARED, words, Verdict.CANNOT_TELL).astype(str), reason=reasons.astype(str)
    )


def after_a_break(rates: pd.DataFrame, breaks: pd.DataFrame) -> pd.Series:
    """Whether a recording break is declared for each row's series at or before the end of its period.

    A break without a harm is one of every harm of the measure.
    """
    rows = rates.reset_index(names="row")[["row", "measure", "area_code", "exploitation_type", "period_end"]]
    both = rows.merge(breaks, on=["measure", "area_code"], suffixes=("", "_of_break"))
    harm = both["exploitation_type_of_break"]
    same_harm = harm.isna() | harm.eq(both["exploitation_type"]).fillna(False)
    broken = both.loc[same_harm.astype(bool) & (both["changed_on"] <= both["period_end"]), "row"]
    return pd.Series(rates.index.isin(broken), index=rates.index)


def _typed(counts: pd.DataFrame) -> pd.DataFrame:
    words = ["source_id", "measure", "exploitation_type", "area_code", "unit", "missing", "note"]
    days = ["period_start", "period_end"]
    return counts.astype(dict.fromkeys(words, "string") | dict.fromkeys(days, "datetime64[us]"))
