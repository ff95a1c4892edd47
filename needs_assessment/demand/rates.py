"""Rates of demand per child resident, and the sums over police force areas."""

from __future__ import annotations

import pandas as pd

from needs_assessment.disclosure import SafeCounts
from needs_assessment.geography import local_authorities, with_current_codes
from needs_assessment.methods.overlap import bounds
from needs_assessment.methods.rates import rate_with_limits
from needs_assessment.methods.totals import totals
from needs_assessment.vocabulary import PER, ExploitationType, Measure

CHILDREN = (0, 17)

SERIES = ["source_id", "measure", "unit", "exploitation_type", "period_start", "period_end"]


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


def either_harm(rates: pd.DataFrame) -> pd.DataFrame:
    """How many assessments recorded CSE or CCE or both: area_code, source_id, measure, unit, period_start, period_end,
    cse, cce, and lower and upper, between which their number lies.

    One assessment can record both, so the number is at least the larger of the two and at most their sum. Given where
    both counts are.
    """
    counted = rates[rates["measure"].eq(Measure.ASSESSMENT_EPISODES)].drop_duplicates(
        [*SERIES, "area_code"], keep=False
    )
    key = ["area_code", "source_id", "measure", "unit", "period_start", "period_end"]
    sides = [
        counted.loc[counted["exploitation_type"].eq(harm), [*key, "count"]].rename(columns={"count": harm.lower()})
        for harm in ExploitationType
    ]
    both = sides[0].merge(sides[1], on=key).dropna(subset=["cse", "cce"])
    found = bounds(both[["cse", "cce"]].to_numpy(float))
    both = both.assign(lower=found.lower, upper=found.upper).astype({"lower": "Int64", "upper": "Int64"})
    return both.reset_index(drop=True)


def _years(periods: pd.DataFrame) -> pd.Series:
    """Length of each period in years: twelfths where it is whole calendar months, days / 365.25 elsewhere."""
    start, after = periods["period_start"], periods["period_end"] + pd.Timedelta(days=1)
    whole_months = (start.dt.day == 1) & (after.dt.day == 1)
    months = (after.dt.year - start.dt.year) * 12 + after.dt.month - start.dt.month
    return (months / 12).where(whole_months, (after - start).dt.days / 365.25)
