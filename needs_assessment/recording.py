"""Recording: published figures that may say more about how a harm is recorded than about how often it happens.

A flag is a question to the publisher. A figure without a flag is not thereby right.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from needs_assessment.methods.screening import (
    agreement_probability,
    at_least,
    comparable,
    log_rate,
    offsetting_probability,
    spread_between,
    two_sided,
    zero_probability,
)
from needs_assessment.vocabulary import PER, AreaType, ExploitationType, MissingCode, RecordingFlag

IMPLAUSIBLE = 0.01
"""A zero is implausible where an authority that varies as the others do would have one less often than this."""

OUTSIDE = 0.002
"""Jumps, opposite moves and repeated agreements are flagged where they would come less often: outside 99.8%."""

MANY = 20
"""Where at least so many were to be expected, a zero or a withheld count is itself in question."""

WITHHELD = 5**0.5
"""What a withheld count of 1 to 5 stands for among logarithms: their middle."""

FEWEST_AREAS = 20
"""Fewer areas than this do not show how much areas vary; the usual spreads below stand in."""

FEWEST_ZEROS = 3
"""A series of fewer zeros than this, and nothing else, may be chance anywhere."""

USUAL_SPREAD = 0.7
"""Standard deviation of the logarithm of rates between authorities, beyond chance: in England 0.4 to 0.6 for CSE and
0.6 to 0.9 for CCE, in the years ending March 2018 to 2025."""

USUAL_DRIFT = 0.3
"""Standard deviation of the logarithm of the change of an authority's rate in a year, beyond chance: in England 0.3 for
CSE and 0.2 to 0.4 for CCE, in the same years."""

JUDGED = [AreaType.LOCAL_AUTHORITY, AreaType.POLICE_FORCE_AREA, AreaType.COMMUNITY_SAFETY_PARTNERSHIP]
"""The areas whose figures are judged. Those of regions and countries are rounded sums of many authorities."""

SIBLING = {
    ExploitationType.CSE.value: ExploitationType.CCE.value,
    ExploitationType.CCE.value: ExploitationType.CSE.value,
}
SERIES = ["source_id", "measure", "unit", "exploitation_type"]
PERIOD = ["period_start", "period_end"]
CELL = [*SERIES, "area_code", *PERIOD]
NUMBERS = ["count", "before", "sibling", "sibling_before", "expected", "probability", "z"]
FLAG_COLUMNS = [*CELL, "flag", *NUMBERS, "changed_on", "description"]

# The first letters of the codes inside a country's code that is not that of one nation.
_NATIONS = {"K02": "EWSN", "K03": "EWS", "K04": "EW"}


def screen(rates: pd.DataFrame, areas: pd.DataFrame, comparator: str, breaks: pd.DataFrame) -> pd.DataFrame:
    """The flags of the figures of `rates`: a row for each flagged figure and RecordingFlag, by series, area and period.

    `rates` is the measure table of all areas, `areas` and `breaks` are tables of the evidence, and `comparator` is the
    code of the area whose rate says what was to be expected; where it has none, the pooled rate of the areas does.

    - implausible zero: a published 0 that an authority would have less than once in 100 times, given what was to be
      expected and how much authorities vary (`expected`, `probability`).
    - never recorded: every figure of the area's series is a published 0, and there are three or more. In a small place
      that may be chance, so it is given no probability: it asks whether the thing is recorded at all.
    - equal to its sibling series: CSE and CCE of one measure agree in more periods than two independent counts would
      (`sibling`, and as `probability` that of all agreements of the area together).
    - offsetting move: against the year before, one sibling rose and the other fell, both beyond the usual spread of
      such changes and by comparable numbers (`before`, `sibling`, `sibling_before`, `probability`, `z`).
    - jump: a change against the year before that is outside 99.8% of the usual spread (`before`, `probability`, `z`).
      Where the figure before is missing, such as one not yet collected, a number is a start and not a jump.
    - known break: declared in `breaks` for the area, or for a force, region or country around it, at or before the end
      of the period (`changed_on`, `description`). A break has no end.
    """
    figures = _figures(rates, areas, comparator)
    found = [
        _implausible_zeros(figures),
        _never_recorded(figures),
        _equal_series(figures),
        _offsetting_moves(figures),
        _jumps(figures),
        known_breaks(rates, areas, breaks),
    ]
    flags = _typed(pd.concat([_typed(table) for table in found], ignore_index=True))
    order = {flag.value: position for position, flag in enumerate(RecordingFlag)}
    ordered = flags.assign(order=flags["flag"].map(order)).sort_values([*CELL, "order"], ignore_index=True)
    return ordered[FLAG_COLUMNS]


def _implausible_zeros(figures: pd.DataFrame) -> pd.DataFrame:
    zeros = figures[figures["count"].eq(0) & figures["expected"].notna()]
    probability = zero_probability(zeros["expected"], zeros["spread"])
    return _flagged(zeros, probability, IMPLAUSIBLE, RecordingFlag.IMPLAUSIBLE_ZERO)


def _never_recorded(figures: pd.DataFrame) -> pd.DataFrame:
    # A withheld count is 1 to 5, and no figure at all says nothing.
    said = figures[figures["count"].notna() | figures["missing"].eq(MissingCode.SUPPRESSED).fillna(False)]
    series = said["count"].eq(0).groupby([said[column] for column in [*SERIES, "area_code"]], dropna=False)
    never = series.transform("all") & (series.transform("size") >= FEWEST_ZEROS)
    return said[never].assign(flag=RecordingFlag.NEVER_RECORDED.value)


def _equal_series(figures: pd.DataFrame) -> pd.DataFrame:
    both = figures.dropna(subset=["count", "sibling"])
    if both.empty:
        return both
    history = both.groupby([*SERIES, "area_code"])
    area, trial = history.ngroup(), history.cumcount()
    chances = np.zeros((history.ngroups, trial.max() + 1))
    chances[area, trial] = agreement_probability(both["count"], both["sibling"])
    agree = both["count"].eq(both["sibling"])
    probability = at_least(agree.groupby(area).sum(), chances)[area]
    return _flagged(both, np.where(agree, probability, np.nan), OUTSIDE, RecordingFlag.EQUAL_SERIES)


def _offsetting_moves(figures: pd.DataFrame) -> pd.DataFrame:
    moves = comparable(figures["count"] - figures["before"], figures["sibling"] - figures["sibling_before"])
    probability = offsetting_probability(figures["z"], figures["sibling_z"])
    return _flagged(figures, np.where(moves, probability, np.nan), OUTSIDE, RecordingFlag.OFFSETTING_MOVE)


def _jumps(figures: pd.DataFrame) -> pd.DataFrame:
    return _flagged(figures, two_sided(figures["z"]), OUTSIDE, RecordingFlag.JUMP)


def _flagged(figures: pd.DataFrame, probability: np.ndarray, limit: float, flag: RecordingFlag) -> pd.DataFrame:
    return figures.assign(probability=probability, flag=flag.value)[probability < limit]


def known_breaks(rates: pd.DataFrame, areas: pd.DataFrame, breaks: pd.DataFrame) -> pd.DataFrame:
    """The flags of the figures of `rates` that a declared break precedes, by `screen`'s rule."""
    declared = breaks.rename(columns={"area_code": "around", "exploitation_type": "harm"})
    declared = declared.drop(columns="source_id").merge(_inside(areas), on="around")
    broken = rates.merge(declared, on=["measure", "area_code"])
    same_harm = broken["harm"].isna() | broken["harm"].eq(broken["exploitation_type"]).fillna(False)
    broken = broken[same_harm.astype(bool) & (broken["changed_on"] <= broken["period_end"])]
    broken = broken.drop_duplicates([*CELL, "changed_on", "description"])
    return _typed(broken.assign(flag=RecordingFlag.KNOWN_BREAK.value))


def _inside(areas: pd.DataFrame) -> pd.DataFrame:
    """The areas in each area: around, area_code. Every area is in itself."""
    countries = areas.loc[areas["area_type"].eq(AreaType.COUNTRY), "area_code"]
    nations = {code: _NATIONS.get(code[:3], code[0]) for code in countries}
    parts = [areas.assign(around=areas[wider]) for wider in ("area_code", "region_code", "police_force_area_code")]
    parts += [
        areas[areas["area_code"].str[0].isin(list(within))].assign(around=code) for code, within in nations.items()
    ]
    return pd.concat(parts)[["around", "area_code"]].dropna().drop_duplicates()


def _figures(rates: pd.DataFrame, areas: pd.DataFrame, comparator: str) -> pd.DataFrame:
    """The figures to judge, with what was to be expected, the year before and the sibling.

    A figure that one source states twice is not judged.
    """
    judged = areas.loc[areas["area_type"].isin(JUDGED), ["area_code", "area_type"]]
    figures = rates.drop_duplicates(CELL, keep=False).merge(judged, on="area_code")
    # Plain numbers from here on, missing as nan: the statistics know no other.
    figures = figures.astype({"count": float, "person_years": float})
    figures = _with_expectation(figures, rates[rates["area_code"].eq(comparator)])
    return _with_sibling(_with_change(_with_spread(figures)))


def _with_expectation(figures: pd.DataFrame, reference: pd.DataFrame) -> pd.DataFrame:
    """The figures with expected: the comparator's rate, or else the pooled rate of the peers, times person-years."""
    reference = reference.drop_duplicates([*SERIES, *PERIOD], keep=False)
    figures = figures.merge(
        reference[[*SERIES, *PERIOD, "value"]].rename(columns={"value": "reference"}), on=[*SERIES, *PERIOD], how="left"
    )
    rated = figures.where(figures["count"].notna() & figures["person_years"].gt(0))[["count", "person_years"]]
    sums = rated.groupby(_peers(figures), dropna=False).transform("sum")
    enough = rated["count"].groupby(_peers(figures), dropna=False).transform("count") >= FEWEST_AREAS
    pooled = (sums["count"] / sums["person_years"]).where(enough)
    rate = (figures["reference"].astype(float) / PER).fillna(pooled)
    return figures.assign(expected=rate * figures["person_years"])


def _with_spread(figures: pd.DataFrame) -> pd.DataFrame:
    """The figures with spread, how much the logarithms of their peers' rates vary."""
    ordinary = figures["expected"] < MANY
    # Where few are expected, leaving out the zeros and withheld counts would make authorities look more alike than they
    # are; where many are, such a count is itself in question and must not decide what is usual.
    withheld = figures["missing"].eq(MissingCode.SUPPRESSED).fillna(False).astype(bool)
    count = figures["count"].mask(withheld & ordinary, WITHHELD)
    value, variance = log_rate(
        count.where(count.gt(0) | ordinary), figures["expected"].where(figures["expected"].gt(0))
    )
    return figures.assign(spread=_spreads(figures, value, variance, USUAL_SPREAD)["spread"])


def _with_change(figures: pd.DataFrame) -> pd.DataFrame:
    """The figures with before, the count of the same period a year earlier, and z, the standardised change since."""
    year, day = pd.DateOffset(years=1), pd.Timedelta(days=1)
    earlier = figures[[*CELL, "count", "person_years"]].rename(
        columns={"count": "before", "person_years": "years_before"}
    )
    # By the day after the period, since a year on from 28 February may be 29 February.
    earlier = earlier.assign(
        period_start=earlier["period_start"] + year, period_end=earlier["period_end"] + day + year - day
    )
    figures = figures.merge(earlier, on=CELL, how="left")
    now, chance_now = log_rate(figures["count"], figures["person_years"].where(figures["person_years"] > 0))
    then, chance_then = log_rate(figures["before"], figures["years_before"].where(figures["years_before"] > 0))
    change, variance = now - then, chance_now + chance_then
    recorded = figures["count"].gt(0) & figures["before"].gt(0)
    usual = _spreads(figures, np.where(recorded, change, np.nan), variance, USUAL_DRIFT)
    return figures.assign(z=(change - usual["centre"]) / np.sqrt(variance + usual["spread"] ** 2))


def _with_sibling(figures: pd.DataFrame) -> pd.DataFrame:
    """The figures with sibling, sibling_before and sibling_z: those of the other harm, where the source counts it."""
    siblings = figures[[*CELL, "count", "before", "z"]].rename(
        columns={"count": "sibling", "before": "sibling_before", "z": "sibling_z"}
    )
    siblings = siblings.assign(exploitation_type=siblings["exploitation_type"].map(SIBLING))
    return figures.merge(siblings.dropna(subset=["exploitation_type"]), on=CELL, how="left")


def _peers(figures: pd.DataFrame) -> list[pd.Series]:
    """What makes figures of one group: the series, the period and the type of area."""
    return [figures[column] for column in [*SERIES, *PERIOD, "area_type"]]


def _spreads(figures: pd.DataFrame, value: np.ndarray, variance: np.ndarray, usual: float) -> pd.DataFrame:
    """The median (centre) and the spread of the values of each figure's peers; 0 and `usual` where they are few."""
    known = pd.DataFrame({"value": value, "variance": variance}, index=figures.index)
    spreads = pd.DataFrame({"centre": 0.0, "spread": usual}, index=figures.index)
    for rows in known.groupby(_peers(figures), dropna=False).groups.values():
        peers = known.loc[rows].dropna()
        if len(peers) >= FEWEST_AREAS:
            spreads.loc[rows] = peers["value"].median(), spread_between(peers["value"], peers["variance"])
    return spreads


def _typed(flags: pd.DataFrame) -> pd.DataFrame:
    words = [*SERIES, "area_code", "flag", "description"]
    days = [*PERIOD, "changed_on"]
    return flags.reindex(columns=FLAG_COLUMNS).astype(
        dict.fromkeys(words, "string") | dict.fromkeys(days, "datetime64[us]") | dict.fromkeys(NUMBERS, "Float64")
    )
