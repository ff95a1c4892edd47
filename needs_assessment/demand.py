"""Demand: how much exploitation is recorded, per child resident, and how that compares."""

from __future__ import annotations

import numpy as np
import pandas as pd

from needs_assessment.disclosure import SafeCounts
from needs_assessment.geography import local_authorities, with_current_codes
from needs_assessment.methods.comparison import verdict
from needs_assessment.methods.rates import rate_with_limits
from needs_assessment.methods.totals import totals
from needs_assessment.vocabulary import PER, ExploitationType, Measure, RecordingFlag, Unit, Verdict

CHILDREN = (0, 17)

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
NO_RATE = "no rate is available"
TOO_FEW = "with so few children a zero says nothing"
DOUBTFUL = {
    RecordingFlag.IMPLAUSIBLE_ZERO: "the zero is implausible beside the comparator's rate",
    RecordingFlag.NEVER_RECORDED: "it is 0 in every year, and may not be recorded",
    RecordingFlag.KNOWN_BREAK: "the way it is recorded changed",
    RecordingFlag.EQUAL_SERIES: "it equals its sibling series, so that one record may be counted twice",
    RecordingFlag.OFFSETTING_MOVE: "it and its sibling series moved in opposite directions, as if renamed",
}
"""Why a flagged figure is not compared, in the order in which one reason is given. A declared change comes before what
the figures only suggest."""

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


_SUMMED = ["source_id", "measure", "exploitation_type", "unit"]
QUARTERS_A_YEAR = 4


def resident_children(population: pd.DataFrame, areas: pd.DataFrame) -> pd.DataFrame:
    """Residents aged 0 to 17 by area and mid-year: columns area_code, mid_year, denominator (people) and
    denominator_source_id.

    The published estimate of ages 0 to 17 is taken wherever there is one. An area and year without it, as in Wales or
    where only single years of age were supplied, has the sum of the single years 0 to 17 of one source that states
    all of them; a source that lacks one gives none, and ages of two sources are never added. Of several sources the
    last in `population` counts.
    """
    youngest, oldest = CHILDREN
    of_children = population["age_from"].ge(youngest) & population["age_to"].le(oldest)
    stated = with_current_codes(population[of_children & population["sex"].eq("persons")], areas)
    published = stated[stated["age_from"].eq(youngest) & stated["age_to"].eq(oldest)]
    summed = _sums_of_single_years(stated[stated["age_from"].eq(stated["age_to"])])
    # The last row of an area and year stands, so what was published comes after what was added up.
    children = pd.concat([summed, published[list(summed)]]).drop_duplicates(["area_code", "mid_year"], keep="last")
    return children.rename(columns={"people": "denominator", "source_id": "denominator_source_id"})


def _sums_of_single_years(ages: pd.DataFrame) -> pd.DataFrame:
    """The residents that each source states for an area and mid-year, where it states every single year 0 to 17."""
    youngest, oldest = CHILDREN
    by_estimate = ages.groupby(["source_id", "area_code", "mid_year"], sort=False)["people"]
    sums = by_estimate.sum()[by_estimate.count().eq(oldest - youngest + 1)]
    return sums.reset_index()


def recorded_rates(counts: SafeCounts, children: pd.DataFrame) -> pd.DataFrame:
    """The safe counts with rates per 10,000 resident children a year: denominator, denominator_source_id,
    person_years, value, lower, upper, method.

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


def force_totals(counts: SafeCounts, areas: pd.DataFrame) -> pd.DataFrame:
    """Assessments in all authorities of each police force area together: police_force_area_code, the series, and the
    sum as an interval (`methods.totals`), for each period in which every authority of the force has a row.

    A withheld count is 1 to 5. An authority without a row, as before a split, would make the sum too small without a
    word, so its force has no sum for that period.
    """
    places = local_authorities(areas)
    counted = counts.table[counts.table["measure"].eq(Measure.ASSESSMENT_EPISODES)]
    within = counted.merge(places[["area_code", "police_force_area_code"]].dropna(), on="area_code")
    sums = totals(within, ["police_force_area_code", *SERIES])
    whole = sums["police_force_area_code"].map(places["police_force_area_code"].value_counts())
    several = sums["cells"].eq(whole) & sums["cells"].gt(1)
    return sums[several].reset_index(drop=True)


def _years(periods: pd.DataFrame) -> pd.Series:
    """Length of each period in years: twelfths where it is whole calendar months, days / 365.25 elsewhere."""
    start, after = periods["period_start"], periods["period_end"] + pd.Timedelta(days=1)
    whole_months = (start.dt.day == 1) & (after.dt.day == 1)
    months = (after.dt.year - start.dt.year) * 12 + after.dt.month - start.dt.month
    return (months / 12).where(whole_months, (after - start).dt.days / 365.25)


def compared_with(rates: pd.DataFrame, comparator: str, flags: pd.DataFrame) -> pd.DataFrame:
    """The rates with the comparator's rate for the same period by the same source, and a verdict with its reason.

    Adds comparator_code, comparator_value, verdict and reason. `flags` are those of the recording screen: one row a
    flagged figure and RecordingFlag. The verdict is Cannot tell, with the reason, where a rate is missing or a figure
    has a flag of `DOUBTFUL`; of several reasons the first in that order is given. A jump alone keeps its verdict: it
    may be real.
    """
    reference = rates[rates["area_code"] == comparator].rename(columns={"value": "comparator_value"})
    # A comparator with two figures for one period has no one rate.
    reference = reference.drop_duplicates(SERIES, keep=False)[[*SERIES, "comparator_value"]]
    table = rates.merge(reference, on=SERIES, how="left").assign(comparator_code=comparator)
    no_rate = (table["value"].isna() | table["comparator_value"].isna()).to_numpy(bool)
    doubtful = [_has_flag(table, flags, flag) for flag in DOUBTFUL]
    words = verdict(table["lower"], table["upper"], table["comparator_value"])
    # A zero that is not lower would be the same at any rate that the comparator may have.
    nothing_said = (table["count"].eq(0).fillna(False) & (words != Verdict.LOWER)).to_numpy(bool)
    reasons = np.select([no_rate, *doubtful, nothing_said], [NO_RATE, *DOUBTFUL.values(), TOO_FEW], default=COMPARED)
    return table.assign(
        verdict=np.where(reasons == COMPARED, words, Verdict.CANNOT_TELL).astype(str), reason=reasons.astype(str)
    )


def _has_flag(rates: pd.DataFrame, flags: pd.DataFrame, flag: RecordingFlag) -> np.ndarray:
    figure = [*SERIES, "area_code"]
    flagged = flags.loc[flags["flag"].eq(flag.value), figure].drop_duplicates()
    # A left merge on unique rows keeps the rates row for row, and matches a blank harm with a blank one.
    return rates[figure].merge(flagged, on=figure, how="left", indicator=True)["_merge"].eq("both").to_numpy(bool)


def _typed(counts: pd.DataFrame) -> pd.DataFrame:
    words = ["source_id", "measure", "exploitation_type", "area_code", "unit", "missing", "note"]
    days = ["period_start", "period_end"]
    return counts.astype(dict.fromkeys(words, "string") | dict.fromkeys(days, "datetime64[us]"))
