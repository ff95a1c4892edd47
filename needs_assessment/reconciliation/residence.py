"""Where the children live whom a source counts at risk."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from needs_assessment.reconciliation.shared import (
    AREA,
    HARM,
    SERVICE,
    Found,
    Tables,
    about,
    area_names,
    contradiction,
    in_area,
    inside,
)
from needs_assessment.vocabulary import ALL_RESIDENCES, FundingStatus, in_words

SNAPSHOTS = ["source_id", AREA, HARM, "scheme", "unit"]


def residents_elsewhere(evidence: Tables) -> Found:
    """A source counts children at the risk levels that one of its services takes, in the area where that service runs,
    and records some of them as living outside that area.
    """
    for service in evidence["services"].dropna(subset=["risk_levels", "exploitation_types"]).itertuples(index=False):
        places = _places(service, evidence)
        for groups in _latest_groups(service, evidence["risk_snapshots"]):
            count, total = next(groups.itertuples(index=False)), groups["count"].sum()
            outside = groups[_elsewhere(groups, evidence["areas"]) & groups["count"].gt(0)]
            if len(outside) and inside(places, count.area_code, evidence["areas"]).any():
                served = ", ".join(sorted(area_names(evidence)[place] for place in places))
                groups_outside = ", ".join(sorted(outside["residence"].unique()))
                said = f"{outside['count'].sum()} of {total} (unit: {count.unit}) are recorded as {groups_outside}"
                yield (
                    contradiction(
                        "residence",
                        f"children at the risk levels that {service.service_name} takes",
                        (service.source_id, f"the service runs in: {served}"),
                        (service.source_id, f"{said}, {in_words(count.as_at)}"),
                        f"Do not set all {total} against the service: whether it takes the others is not said.",
                    )
                    | about(count, AREA, HARM)
                    | about(service, SERVICE)
                )


def _places(service: Any, evidence: Tables) -> pd.Series:
    """The areas where the source of a row of services says that it runs."""
    stated = evidence["service_areas"]
    here = stated[SERVICE].eq(service.service_id) & stated["source_id"].eq(service.source_id)
    return stated.loc[here & stated["funding"].ne(FundingStatus.NONE), AREA].drop_duplicates()


def _latest_groups(service: Any, snapshots: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """The residence groups on the last date of each series of a service's source, at the risk levels that it takes;
    nothing where a count is missing.
    """
    taken = snapshots[
        snapshots["source_id"].eq(service.source_id)
        & snapshots[HARM].isin(service.exploitation_types.split("|"))
        & snapshots["risk_level"].isin(service.risk_levels.split("|"))
    ]
    for _, rows in taken.groupby(SNAPSHOTS):
        groups = _groups(rows, rows["as_at"].max())
        if len(groups) and groups["count"].notna().all():
            yield groups


def _elsewhere(groups: pd.DataFrame, areas: pd.DataFrame) -> pd.Series:
    """Whether each residence group is outside the area of its count: by its code, or by its words where it has none."""
    outside = ~inside(groups["residence_area_code"], groups[AREA].iloc[0], areas)
    by_words = groups["residence"].str.contains(r"\b(?:out|outside|elsewhere)\b", case=False)
    return by_words.where(groups["residence_area_code"].isna(), outside).astype(bool)


def missing_baselines(evidence: Tables) -> Found:
    """A source splits the children at a risk level by residence on its last date, and did not on its first."""
    for _, rows in evidence["risk_snapshots"].groupby(SNAPSHOTS):
        count, first, last = next(rows.itertuples(index=False)), rows["as_at"].min(), rows["as_at"].max()
        split = [
            set(zip(at["risk_level"], at["residence"], strict=True))
            for at in (_groups(rows, first), _groups(rows, last))
        ]
        lacking = ", ".join(sorted({residence for _, residence in split[1] - split[0]}))
        if lacking:
            yield contradiction(
                "baseline",
                f"children counted at risk by residence{in_area(count, evidence)}",
                (count.source_id, f"{in_words(first)}: no figure for {lacking}"),
                (count.source_id, f"{in_words(last)}: figures for {lacking}"),
                "Do not conclude that the number of any of these rose or fell: their change cannot be computed.",
            ) | about(count, AREA, HARM)


def _groups(rows: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    return rows[rows["as_at"].eq(day) & rows["residence"].ne(ALL_RESIDENCES)]
