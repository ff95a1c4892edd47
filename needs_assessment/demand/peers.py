"""What groups of authorities record together and how much they differ: all of a nation, and an area's neighbours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from needs_assessment.demand.comparison import FIGURE, NATION, NO_RATE, PEERS_BY, are_authorities, doubts_of, has_flag
from needs_assessment.demand.rates import SERIES
from needs_assessment.methods.comparison import verdict
from needs_assessment.methods.funnel import chance_limits, dispersion, gamma_limits, prediction_from_group
from needs_assessment.methods.pooling import pooled_rate, prior_from_group
from needs_assessment.methods.power import detectable_ratio
from needs_assessment.methods.screening import log_rate, spread_between
from needs_assessment.vocabulary import PER, PeerBasis, RecordingFlag

FEWEST_AUTHORITIES = 20
"""Fewer authorities than this do not show how much authorities differ."""
FEWEST_NEIGHBOURS = 5
"""Fewer statistical neighbours with a figure than this do not show what is usual among them."""
NOT_COUNTED = (RecordingFlag.IMPLAUSIBLE_ZERO, RecordingFlag.NEVER_RECORDED)
"""Figures that may be no count at all: they would pull a group's rate down and stretch its differences."""
NO_NEIGHBOURS = "no statistical neighbours with enough figures were supplied"
BESIDE_NEIGHBOURS = "the 95% limits of what an authority would record at its neighbours' rate"
GROUP_COLUMNS = [
    "group_code",
    "basis",
    *SERIES,
    "authorities",
    "counted",
    "count",
    "person_years",
    "value",
    "dispersion",
    "between_sd",
    "outside_chance",
    "outside",
    "change_centre",
    "change_sd",
]


def peer_groups(
    rates: pd.DataFrame, flags: pd.DataFrame, neighbours: pd.DataFrame, supplied: pd.DataFrame
) -> pd.DataFrame:
    """What each group of authorities recorded together in each period and how much they differ: GROUP_COLUMNS.

    `rates` are those of public sources, `flags` the recording screen's, `neighbours` has area_code, neighbour_code and
    rank under today's codes, and `supplied` is the evidence table of what somebody worked out for whole countries. The
    groups are all authorities of a nation, where 20 or more have a figure, and the statistical neighbours of an area,
    where 5 or more have. Withheld figures are left out, and those that may be no count (`NOT_COUNTED`). Of a group
    that is both worked out and supplied, the one stands that counts more authorities. value (the pooled rate) and
    between_sd are per 10,000 children a year; change_centre and change_sd are of the logarithm of the ratio to the
    year before.
    """
    stated = _stated(rates, flags)
    given = _with_value(supplied).assign(basis=PeerBasis.AUTHORITIES.value)
    found = [_typed(table) for table in (_of_nations(stated), _of_neighbours(stated, neighbours), given)]
    groups = pd.concat(found, ignore_index=True).sort_values("counted", ascending=False, kind="stable")
    groups = groups.drop_duplicates(["group_code", "basis", *PEERS_BY])
    return groups.sort_values(["basis", "group_code", *PEERS_BY], ignore_index=True)


def _of_nations(stated: pd.DataFrame) -> pd.DataFrame:
    stated = _with_log_change(stated.assign(group_code=stated["area_code"].str[0] + NATION))
    groups = stated.groupby(["group_code", *SERIES], dropna=False, sort=False)
    rows = [dict(zip(["group_code", *SERIES], key, strict=True)) | _nation(group) for key, group in groups]
    found = pd.DataFrame(rows, columns=[*GROUP_COLUMNS]).assign(basis=PeerBasis.AUTHORITIES.value)
    return found[found["counted"].ge(FEWEST_AUTHORITIES)]


def _nation(group: pd.DataFrame) -> dict[str, object]:
    known = group[group["known"]]
    count, years = known["count"].to_numpy(), known["person_years"].to_numpy()
    summed = {"authorities": len(group), "counted": len(known), "count": count.sum(), "person_years": years.sum()}
    if len(known) < FEWEST_AUTHORITIES:
        return summed
    found = dispersion(count, years)
    limits = [chance_limits(years, found.target, per=PER), gamma_limits(years, found.target, found.tau, per=PER)]
    rates = count / years * PER
    outside = [int(np.sum((rates < one.lower) | (rates > one.upper))) for one in limits]
    return summed | {
        "value": found.target * PER,
        "dispersion": found.phi,
        "between_sd": found.tau * PER,
        "outside_chance": outside[0],
        "outside": outside[1],
        **_usual_change(known.dropna(subset="log_change")),
    }


def _usual_change(known: pd.DataFrame) -> dict[str, float]:
    if len(known) < FEWEST_AUTHORITIES:
        return {}
    spread = spread_between(known["log_change"], known["chance_variance"])
    return {"change_centre": float(known["log_change"].median()), "change_sd": spread}


def _with_log_change(stated: pd.DataFrame) -> pd.DataFrame:
    """The figures with log_change since the same period a year earlier and the variance that chance gives it."""
    year = pd.DateOffset(years=1)
    earlier = stated.loc[stated["known"], [*FIGURE, "count", "person_years"]]
    # By the day after the period, since a year on from 28 February may be 29 February.
    ends = earlier["period_end"] + pd.Timedelta(days=1) + year - pd.Timedelta(days=1)
    earlier = earlier.assign(period_start=earlier["period_start"] + year, period_end=ends)
    earlier = earlier.rename(columns={"count": "before", "person_years": "years_before"})
    stated = stated.merge(earlier, on=FIGURE, how="left")
    (now, chance_now), (then, chance_then) = (
        log_rate(stated[count], stated[years].where(stated[years] > 0))
        for count, years in (("count", "person_years"), ("before", "years_before"))
    )
    recorded = stated["known"] & stated["count"].gt(0) & stated["before"].gt(0)
    return stated.assign(log_change=np.where(recorded, now - then, np.nan), chance_variance=chance_now + chance_then)


def _of_neighbours(stated: pd.DataFrame, neighbours: pd.DataFrame) -> pd.DataFrame:
    members = _members(stated, neighbours)
    prior = prior_from_group(members.count, members.person_years)
    table = members.groups.assign(
        basis=PeerBasis.NEIGHBOURS.value,
        counted=prior.members,
        count=np.nansum(members.count, axis=1),
        person_years=np.nansum(members.person_years, axis=1),
        between_sd=np.sqrt(prior.variance) * PER,
    )
    return _with_value(table[table["counted"].ge(FEWEST_NEIGHBOURS)])


@dataclass(frozen=True)
class _Members:
    """The neighbours of each area in each period: a row of `groups` (group_code, SERIES, authorities) for each, and
    arrays with a column for each neighbour, NaN where its count is not known.
    """

    groups: pd.DataFrame
    count: NDArray[np.float64]
    person_years: NDArray[np.float64]


def _members(stated: pd.DataFrame, neighbours: pd.DataFrame) -> _Members:
    listed = neighbours.sort_values("rank").drop_duplicates(["area_code", "neighbour_code"])
    listed = listed.rename(columns={"area_code": "group_code", "neighbour_code": "area_code"})
    rows = listed[["group_code", "area_code"]].merge(stated, on="area_code").reset_index(drop=True)
    grouped = rows.groupby(["group_code", *SERIES], dropna=False, sort=False)
    groups = grouped.size().rename("authorities").reset_index()
    place = (grouped.ngroup().to_numpy(), grouped.cumcount().to_numpy())
    arrays = [np.full((len(groups), place[1].max(initial=0) + 1), np.nan) for _ in range(2)]
    for array, column in zip(arrays, ("count", "person_years"), strict=True):
        array[place] = rows[column].where(rows["known"]).astype(float)
    return _Members(groups, *arrays)


def expected(compared: pd.DataFrame, flags: pd.DataFrame, neighbours: pd.DataFrame) -> pd.DataFrame:
    """Each authority's yearly figure beside its statistical neighbours: `EXPECTED_COLUMNS`.

    `compared` are the compared rates of public sources. expected is the count at the neighbours' rate with its 95%
    limits; the verdict says on which side of them the count lies, and is Cannot tell with the reason where a figure is
    missing or in doubt (`DOUBTFUL`) and where fewer than 5 neighbours have a figure. pooled_value with its limits is
    the rate drawn towards the neighbours', and own_weight the share of the area's own in it (0 to 1). detectable_rise
    and detectable_fall are the smallest ratios to the comparator's rate that chance alone would let be noticed four
    times in five. Rates are per 10,000.
    """
    stated = _stated(compared, flags)
    own = stated[stated["person_years"].gt(0)].reset_index(drop=True)
    own = _beside_neighbours(own, _members(stated, neighbours))
    doubts = {NO_RATE: own["count"].isna(), **doubts_of(own, flags), NO_NEIGHBOURS: own["expected"].isna()}
    words, reasons = verdict(
        own["count"], own["expected_lower"], own["expected_upper"], doubts=doubts, compared=BESIDE_NEIGHBOURS
    )
    at_reference = own["comparator_value"] * own["person_years"] / PER
    noticed = detectable_ratio(at_reference.where(at_reference.gt(0)))
    own = own.assign(
        verdict=words.astype(str),
        reason=reasons.astype(str),
        detectable_rise=noticed.rise,
        detectable_fall=noticed.fall,
    )
    return own.astype({"count": "Int64"})[EXPECTED_COLUMNS]


EXPECTED_COLUMNS = [
    *FIGURE,
    "count",
    "missing",
    "person_years",
    "value",
    "neighbours_value",
    "neighbours_counted",
    "expected",
    "expected_lower",
    "expected_upper",
    "verdict",
    "reason",
    "pooled_value",
    "pooled_lower",
    "pooled_upper",
    "own_weight",
    "detectable_rise",
    "detectable_fall",
]


def _beside_neighbours(own: pd.DataFrame, members: _Members) -> pd.DataFrame:
    place = members.groups.reset_index(names="place").rename(columns={"group_code": "area_code"})
    at = own[FIGURE].merge(place[[*FIGURE, "place"]], on=FIGURE, how="left")["place"]
    # An area without neighbours is beside a group of nobody.
    count, years = (
        np.where(at.isna().to_numpy()[:, None], np.nan, array[at.fillna(0).astype(int)])
        if len(array)
        else np.full((len(own), 1), np.nan)
        for array in (members.count, members.person_years)
    )
    prediction = prediction_from_group(count, years, own["person_years"])
    # Nothing is drawn towards a zero that may be no count.
    pooled = pooled_rate(own["count"].where(own["known"]), own["person_years"], (count, years), per=PER)
    return own.assign(
        neighbours_value=prediction.rate * PER,
        neighbours_counted=np.isfinite(count).sum(axis=1),
        expected=prediction.expected,
        expected_lower=prediction.lower,
        expected_upper=prediction.upper,
        pooled_value=pooled.value,
        pooled_lower=pooled.lower,
        pooled_upper=pooled.upper,
        own_weight=pooled.own_weight,
    )


def _stated(rates: pd.DataFrame, flags: pd.DataFrame) -> pd.DataFrame:
    """The figures of authorities, with `known`: whether there is a population, and a count that is no doubtful zero."""
    stated = rates[are_authorities(rates["area_code"])].drop_duplicates(FIGURE, keep=False)
    known = (
        stated["count"].notna() & stated["person_years"].gt(0).fillna(False) & ~has_flag(stated, flags, *NOT_COUNTED)
    )
    return stated.assign(known=known.to_numpy(bool)).astype(dict.fromkeys(["count", "person_years", "value"], float))


def _with_value(groups: pd.DataFrame) -> pd.DataFrame:
    return groups.assign(value=groups["count"].astype(float) / groups["person_years"].astype(float) * PER)


def _typed(groups: pd.DataFrame) -> pd.DataFrame:
    words = ["group_code", "basis", "source_id", "measure", "unit", "exploitation_type"]
    whole = ["authorities", "counted", "count", "outside_chance", "outside"]
    days = ["period_start", "period_end"]
    rest = [column for column in GROUP_COLUMNS if column not in {*words, *days}]
    kinds = dict.fromkeys(words, "string") | dict.fromkeys(days, "datetime64[us]") | dict.fromkeys(rest, "Float64")
    table = groups.reindex(columns=GROUP_COLUMNS).astype(kinds)
    return table.astype(dict.fromkeys(whole, "Int64"))
