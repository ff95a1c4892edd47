"""What two sources, or one source twice, count of the same thing."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pandas as pd

from needs_assessment.methods.change import count_change
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
    period_of,
)
from needs_assessment.vocabulary import ExploitationType, Measure

THING = ["measure", "unit", HARM, SERVICE, AREA, "period_start", "period_end", "basis"]
"""What one figure is of."""
POLICE_OFFENCES = "police_recorded_offences"
COUNTS_OF_A_HARM = (POLICE_OFFENCES, Measure.ASSESSMENT_EPISODES, Measure.REFERRALS)
"""Measures that each count the whole of a harm in a unit of their own, so that one may be set beside another."""
WHOLES = (POLICE_OFFENCES, Measure.ANY_FACTOR_EPISODES)
"""Measures that hold every other of their unit in their source, if these are of the same harm."""
LINKED = "_linked_to_"
"""Joins a count to what it is counted of: measures that end alike from here on speak of the same thing."""
FAR_APART = 2.0
"""Counts in different units are hardly ever equal, so they are questioned only where the whole range of their ratio is
beyond this, one way or the other.
"""


def all_figures(evidence: Tables) -> pd.DataFrame:
    """The numbers of observations and of providers' returns under the same columns, with `value`, oldest source first.

    What a later edition of the same publication states anew, or withholds, was revised and is left out.
    """
    counts = evidence["observations"].rename(columns={"count": "value"}).astype({"value": "Float64"})
    counts = counts.assign(service_id=pd.NA, basis=pd.NA).astype({SERVICE: "string", "basis": "string"})
    returns = evidence["service_returns"].assign(exploitation_type=pd.NA).astype({HARM: "string"})
    figures = pd.concat([table[["source_id", *THING, "value"]] for table in (counts, returns)], ignore_index=True)
    editions = evidence["sources"].sort_values(["data_to", "published_on"], kind="stable", na_position="first")
    editions = editions.assign(edition=range(len(editions))).set_index("source_id")[["edition_of", "edition"]]
    figures = figures.join(editions, on="source_id")
    publication = figures["edition_of"].fillna(figures["source_id"])
    latest = figures.groupby([publication, *THING], dropna=False)["edition"].transform("max")
    standing = figures[figures["edition"].eq(latest)].dropna(subset=["value"])
    return by_date(standing.sort_values(["measure", "value"]), evidence)


def differing_figures(evidence: Tables) -> Found:
    """One measure of one area or service, harm, period and unit has two figures: in one source, or in two that are not
    editions of one publication.
    """
    figures = evidence["figures"].drop_duplicates([*THING, "source_id", "value"])
    for _, rows in figures[figures.duplicated(THING, keep=False)].groupby(THING, dropna=False):
        for a, b in combinations(rows.itertuples(index=False), 2):
            if a.value != b.value:
                yield contradiction(
                    "count",
                    f"{_counted(a, evidence)}, {period_of(a)}",
                    (a.source_id, _number(a.value)),
                    (b.source_id, _number(b.value)),
                    "Do not conclude a change from either: which of the two is right is not known.",
                ) | about(a, AREA, SERVICE, HARM)


def parts_above_wholes(evidence: Tables) -> Found:
    """A source counts more of a part than of the whole that holds it (see WHOLES), in one area and period."""
    figures = evidence["figures"]
    figures = figures[figures[SERVICE].isna()]
    here = ["source_id", AREA, "period_start", "period_end"]
    wholes = figures[figures["measure"].isin(WHOLES)]
    pairs = wholes.merge(figures, on=[*here, "unit"], suffixes=("", "_of_part"))
    same_harm = pairs[HARM].isna() | pairs[HARM].eq(pairs[f"{HARM}_of_part"]).fillna(False)
    pairs = pairs[same_harm & pairs["measure"].ne(pairs["measure_of_part"]) & pairs["value_of_part"].gt(pairs["value"])]
    for _, rows in pairs.groupby([*here, "measure", HARM, "value"], dropna=False):
        whole = next(rows.itertuples(index=False))
        there = figures[(figures[here] == [getattr(whole, column) for column in here]).all(axis="columns")]
        yield contradiction(
            "count",
            f"{_counted(whole, evidence)}, {period_of(whole)}",
            (whole.source_id, f"{_named(whole.measure)}: {_number(whole.value)}"),
            (whole.source_id, _linked(there, rows["measure_of_part"])),
            "Do not rely on either: in one area and period a part cannot be more than the whole.",
        ) | about(whole, AREA, HARM)


def _linked(figures: pd.DataFrame, measures: pd.Series) -> str:
    """The figures of the measures, and of those in other units that are linked to the same."""
    ends = tuple(measure[max(measure.find(LINKED), 0) :] for measure in measures)
    linked = figures[figures["measure"].str.endswith(ends)]
    return "; ".join(f"{_named(row.measure)}: {_number(row.value)}" for row in linked.itertuples(index=False))


def distant_units(evidence: Tables) -> Found:
    """Two sources count one harm in one area in different units, over periods that share most of their days, and even
    the nearer limit of their ratio (exact, 95%) is beyond FAR_APART.

    Only measures of a whole harm are compared (COUNTS_OF_A_HARM), at the latest period of the two sources. As the units
    differ, it is a question and not an error.
    """
    for pair in _side_by_side(evidence).itertuples(index=False):
        days = {"exposure_before": pair.days_a, "exposure_after": pair.days_b}
        change = count_change(int(pair.value_a), int(pair.value_b), **days)
        if change.lower > FAR_APART or change.upper < 1 / FAR_APART:
            yield contradiction(
                "units",
                f"{ExploitationType(pair.exploitation_type).label} recorded{in_area(pair, evidence)}",
                (pair.source_id_a, f"{_named(pair.measure_a)}: {_number(pair.value_a)}, {period_of(pair, '_a')}"),
                (pair.source_id_b, f"{_named(pair.measure_b)}: {_number(pair.value_b)}, {period_of(pair, '_b')}"),
                f"Do not take either for the number of children harmed: one counts each {pair.unit_a}, the other each "
                f"{pair.unit_b}, and chance does not explain how far apart they are.",
            ) | about(pair, AREA, HARM)


def _side_by_side(evidence: Tables) -> pd.DataFrame:
    """Counts of one harm in one area in two units (columns ending in _a and _b) by two sources, at the latest periods
    that share most of their days.
    """
    figures = evidence["figures"]
    figures = figures[figures["measure"].isin(COUNTS_OF_A_HARM) & figures[HARM].notna()]
    figures = figures.assign(days=(figures["period_end"] - figures["period_start"]).dt.days + 1)
    pairs = figures.merge(figures, on=[AREA, HARM], suffixes=("_a", "_b"))
    pairs = pairs[(pairs["unit_a"] < pairs["unit_b"]) & pairs["source_id_a"].ne(pairs["source_id_b"])]
    first_shared = pairs[["period_start_a", "period_start_b"]].max(axis=1)
    last_shared = pairs[["period_end_a", "period_end_b"]].min(axis=1)
    pairs = pairs[(last_shared - first_shared).dt.days + 1 > pairs[["days_a", "days_b"]].max(axis=1) / 2]
    series = ["source_id_a", "source_id_b", "measure_a", "measure_b", AREA, HARM]
    return pairs.sort_values(["period_end_a", "period_end_b"]).drop_duplicates(series, keep="last")


def _counted(figure: Any, evidence: Tables) -> str:
    """What a figure counts, of which service and where."""
    names = evidence["services"].set_index(SERVICE)["service_name"].to_dict()
    service = "" if pd.isna(figure.service_id) else f" of {names[figure.service_id]}"
    return f"{_named(figure.measure)}{service}{in_area(figure, evidence)}"


def _named(measure: str) -> str:
    labels = {known.value: known.label for known in Measure}
    return labels.get(measure, measure.replace("_", " ").capitalize())


def _number(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,}"
