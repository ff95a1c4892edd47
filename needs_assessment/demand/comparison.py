"""Comparison of an area's rates with those of others, allowing for how much authorities usually differ."""

from __future__ import annotations

import numpy as np
import pandas as pd

from needs_assessment.demand.rates import SERIES
from needs_assessment.geography import area_type_of
from needs_assessment.methods.comparison import verdict
from needs_assessment.methods.funnel import chance_limits, gamma_limits
from needs_assessment.vocabulary import PER, AreaType, PeerBasis, RecordingFlag

COMPARED = "the 95% limits, which allow for chance and for how much authorities usually differ"
NO_RATE = "no rate is available"
NO_SPREAD = "how much authorities usually differ is not known"
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
SMALLEST, STEPS = 500, 100
"""A funnel begins at this many children, where chance fills the drawing, and has so many steps."""
NATION = "92000001"
"""What follows a nation's letter in its code."""
FIGURE = [*SERIES, "area_code"]
PEERS_BY = ["measure", "unit", "exploitation_type", "period_start", "period_end"]
"""What must agree for a figure to be compared with a group's: the group may be of another source."""


def compared_with(rates: pd.DataFrame, comparator: str, flags: pd.DataFrame, groups: pd.DataFrame) -> pd.DataFrame:
    """The rates with the comparator's rate for the same period by the same source, and a verdict with its reason.

    Adds comparator_code, comparator_value, limit_lower and limit_upper (per 10,000: where 95 of 100 authorities of that
    size would lie around the comparator's rate, by chance and their usual differences), chance_verdict (by chance
    alone), verdict and reason. `flags` are those of the recording screen: one row a flagged figure and RecordingFlag;
    `groups` are the `peer_groups`. The verdict is Cannot tell, with the reason, where a rate or the usual difference
    is missing and where a figure has a flag of `DOUBTFUL`; of several reasons the first in that order is given. A
    jump alone keeps its verdict: it may be real.
    """
    table = beside_nation(_with_reference(rates, comparator), groups, ["between_sd"])
    table = _with_limits(table)
    value, lower, upper = (table[column].astype(float) for column in ("value", "limit_lower", "limit_upper"))
    doubts = {
        NO_RATE: (value.isna() | table["comparator_value"].isna()).to_numpy(bool),
        **doubts_of(table, flags),
        NO_SPREAD: table["between_sd"].isna().to_numpy(bool),
        # A zero that is not lower would be the same at any rate that the comparator may have.
        TOO_FEW: (table["count"].eq(0).fillna(False) & ~(value < lower)).to_numpy(bool),
    }
    words, reasons = verdict(value, lower, upper, doubts=doubts, compared=COMPARED)
    return table.drop(columns="between_sd").assign(verdict=words.astype(str), reason=reasons.astype(str))


def funnels(compared: pd.DataFrame, groups: pd.DataFrame) -> pd.DataFrame:
    """The lines of the funnels behind the verdicts on exploitation: 100 rows for each nation, series and period.

    At numbers of person-years up to those of the largest authority (and the same in thousands) the comparator's rate
    (target) with lower and upper limits at 95% and 99.8% that allow for the usual differences between authorities, and
    at 95% by chance alone; all per 10,000.
    """
    rows = compared[compared["exploitation_type"].notna() & compared["limit_lower"].notna()]
    rows = beside_nation(rows, groups, ["between_sd"]).dropna(subset="between_sd")
    rows = rows.assign(group_code=rows["area_code"].str[0] + NATION)
    of_group = rows.groupby(["group_code", *PEERS_BY], sort=False)
    found = of_group.agg({"comparator_value": "first", "between_sd": "first", "person_years": "max"})
    target, between, most = (found[name].to_numpy(float)[:, None] for name in found)
    years = np.linspace(SMALLEST**0.5, np.maximum(most, 4 * SMALLEST) ** 0.5, STEPS, axis=1)[..., 0] ** 2
    sizes = (years, target / PER)
    limits = {
        "chance": chance_limits(*sizes, per=PER),
        "95": gamma_limits(*sizes, between / PER, per=PER),
        "998": gamma_limits(*sizes, between / PER, confidence=0.998, per=PER),
    }
    columns = {name: lines for level, found in limits.items() for name, lines in zip(_names(level), found, strict=True)}
    columns = {
        "person_years": years,
        "thousands": years / 1000,
        "target": np.broadcast_to(target, years.shape),
    } | columns
    table = found.reset_index()[["group_code", *PEERS_BY]]
    table = table.loc[table.index.repeat(STEPS)].reset_index(drop=True)
    return table.assign(**{name: lines.reshape(-1) for name, lines in columns.items()})


def _names(level: str) -> tuple[str, str]:
    return ("chance_lower", "chance_upper") if level == "chance" else (f"lower{level}", f"upper{level}")


def doubts_of(rates: pd.DataFrame, flags: pd.DataFrame) -> dict[str, np.ndarray]:
    """For each reason of `DOUBTFUL` whether each figure has that flag."""
    return {words: has_flag(rates, flags, flag) for flag, words in DOUBTFUL.items()}


def has_flag(rates: pd.DataFrame, flags: pd.DataFrame, *wanted: RecordingFlag) -> np.ndarray:
    """Whether each figure of `rates` has one of the flags."""
    having = flags["flag"].isin([flag.value for flag in wanted]).to_numpy(bool)
    if not having.any():
        return np.zeros(len(rates), dtype=bool)
    flagged = flags.loc[having, FIGURE].drop_duplicates()
    # A left merge on unique rows keeps the rates row for row, and matches a blank harm with a blank one.
    return rates[FIGURE].merge(flagged, on=FIGURE, how="left", indicator=True)["_merge"].eq("both").to_numpy(bool)


def are_authorities(area_codes: pd.Series) -> np.ndarray:
    """Whether each code is that of a local authority."""
    kinds = {code: area_type_of(code) for code in area_codes.unique()}
    return area_codes.map(kinds).eq(AreaType.LOCAL_AUTHORITY).to_numpy(bool)


def _with_reference(rates: pd.DataFrame, comparator: str) -> pd.DataFrame:
    reference = rates[rates["area_code"] == comparator].rename(columns={"value": "comparator_value"})
    # A comparator with two figures for one period has no one rate.
    reference = reference.drop_duplicates(SERIES, keep=False)[[*SERIES, "comparator_value"]]
    return rates.merge(reference, on=SERIES, how="left").assign(comparator_code=comparator)


def beside_nation(table: pd.DataFrame, groups: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """The table, row for row, with columns of the group of all authorities of each authority's nation in the same
    series and period; missing for other areas.
    """
    nations = groups[groups["basis"].eq(PeerBasis.AUTHORITIES)].dropna(subset=columns)
    nations = nations.assign(nation=nations["group_code"].str[0])[["nation", *PEERS_BY, *columns]]
    # Of two sources that describe the same authorities the first counts.
    nations = nations.drop_duplicates(["nation", *PEERS_BY])
    nation = table["area_code"].str[0].where(are_authorities(table["area_code"])).astype("string")
    merged = table.assign(nation=nation).merge(nations, on=["nation", *PEERS_BY], how="left").drop(columns="nation")
    return merged.set_index(table.index)


def _with_limits(table: pd.DataFrame) -> pd.DataFrame:
    rated = table[["comparator_value", "person_years", "value"]].notna().all(axis=1) & table["person_years"].gt(0)
    rated = rated.to_numpy(bool)
    rows = table.loc[rated, ["value", "comparator_value", "person_years", "between_sd"]].astype(float)
    usual = gamma_limits(rows["person_years"], rows["comparator_value"] / PER, rows["between_sd"] / PER, per=PER)
    by_chance = chance_limits(rows["person_years"], rows["comparator_value"] / PER, per=PER)
    table = table.assign(limit_lower=np.nan, limit_upper=np.nan, chance_verdict=pd.array([pd.NA], dtype="string")[0])
    table.loc[rated, "limit_lower"], table.loc[rated, "limit_upper"] = usual.lower, usual.upper
    words = verdict(rows["value"], by_chance.lower, by_chance.upper).verdict
    table["chance_verdict"] = table["chance_verdict"].astype("string")
    table.loc[rated, "chance_verdict"] = words.astype(str)
    return table
