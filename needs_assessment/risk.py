"""Risk levels: children assessed at each level, and how the numbers move between two dates.

A risk level is a judgement whose threshold can move: a falling share at high risk is not by itself success.
"""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from needs_assessment.disclosure import SafeCounts
from needs_assessment.methods.change import count_change, percentage_change
from needs_assessment.methods.rates import proportion_with_limits
from needs_assessment.vocabulary import ALL_RESIDENCES, ExploitationType, Unit
from needs_assessment.wording import NO_BASELINE

OUT_OF_AREA = "out of force"

_SERIES = ["source_id", "area_code", "exploitation_type", "scheme", "risk_level", "unit"]
_GROUP = ["residence", "residence_area_code"]
SNAPSHOT_COLUMNS = [*_SERIES, *_GROUP, "as_at", "count", "missing"]


def published_snapshots(snapshots: pd.DataFrame) -> pd.DataFrame:
    """The published counts by risk level and date, in the shape that the disclosure gate takes."""
    return snapshots[SNAPSHOT_COLUMNS].sort_values([*_SERIES, "residence", "as_at"], ignore_index=True)


def caseload_by_level(
    reviews: pd.DataFrame, areas: Iterable[str], schemes: pd.DataFrame, on: Iterable[pd.Timestamp]
) -> pd.DataFrame:
    """Children open on each date by the level of their latest review: every area, harm and level, with 0 where there is
    none.

    `reviews` are one assessment each; a child counts from the first review to the day of closing, in the area of the
    latest review. An area beyond `areas` has rows where a review names it. Shape as `published_snapshots`.
    """
    days = [pd.Timestamp(day) for day in on]
    if reviews.empty or not days:
        return pd.DataFrame(columns=SNAPSHOT_COLUMNS)
    levels = schemes[schemes["scheme"].isin(reviews["scheme"])]
    everywhere = sorted({*areas, *reviews["area_code"]})
    counts = [_caseload_on(reviews, everywhere, levels, day) for day in days]
    return pd.concat(counts, ignore_index=True)[SNAPSHOT_COLUMNS]


def _caseload_on(reviews: pd.DataFrame, areas: list[str], levels: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    until_then = reviews[reviews["reviewed_on"] <= day].sort_values("reviewed_on")
    latest = until_then.drop_duplicates(["source_id", "child_id", "exploitation_type"], keep="last")
    # The latest review alone decides: earlier ones of a child who left may still stand without a day of closing.
    latest = latest[latest["closed_on"].isna() | (latest["closed_on"] >= day)]
    spine = pd.MultiIndex.from_tuples(
        [
            (source, area, harm, level.scheme, level.risk_level)
            for source in sorted(reviews["source_id"].unique())
            for area in areas
            for harm in ExploitationType
            for level in levels.itertuples(index=False)
        ],
        names=["source_id", "area_code", "exploitation_type", "scheme", "risk_level"],
    )
    counted = latest.groupby(list(spine.names)).size().reindex(spine, fill_value=0)
    counts = counted.rename("count").astype("Int64").reset_index()
    return counts.assign(
        unit=Unit.CHILD.value, residence=ALL_RESIDENCES, residence_area_code=pd.NA, as_at=day, missing=pd.NA
    )


def change_between_snapshots(snapshots: SafeCounts) -> pd.DataFrame:
    """The change from the first to the last date of each series and residence group, by exact conditional test.

    Columns: the series, residence, as_at_before, as_at_after, before, after (counts), rate_ratio, lower, upper (95%),
    p_value, percentage (None below the floor of 20) and reason, which says why a change could not be computed.
    """
    table = snapshots.table
    dates = table.groupby(_SERIES, dropna=False)["as_at"]
    spans = table.assign(as_at_before=dates.transform("min"), as_at_after=dates.transform("max"))
    spans = spans[spans["as_at_before"] < spans["as_at_after"]]
    keys = [*_SERIES, *_GROUP, "as_at_before", "as_at_after"]
    rows = [dict(zip(keys, key, strict=True)) | _change(group) for key, group in spans.groupby(keys, dropna=False)]
    changes = pd.DataFrame(rows, columns=[*keys, *_CHANGE_COLUMNS])
    changes = changes.astype({"before": "Int64", "after": "Int64", "percentage": "Float64"})
    whole_first = changes["residence"].ne(ALL_RESIDENCES).rename("part")
    order = [*_SERIES, "part", "residence"]
    return changes.assign(part=whole_first).sort_values(order, ignore_index=True).drop(columns="part")


_CHANGE_COLUMNS = ["before", "after", "rate_ratio", "lower", "upper", "p_value", "percentage", "reason"]


def _change(group: pd.DataFrame) -> dict[str, object]:
    counts = group.set_index("as_at")["count"]
    before, after = counts.get(group["as_at_before"].iloc[0]), counts.get(group["as_at_after"].iloc[0])
    if before is None:
        return {"before": pd.NA, "after": after, "reason": NO_BASELINE}
    if after is None or pd.isna(before) or pd.isna(after):
        return {"before": before, "after": after, "reason": "a count is withheld or was not published"}
    change = count_change(int(before), int(after))
    return change._asdict() | {"percentage": percentage_change(int(before), int(after)), "reason": pd.NA}


def out_of_area_share(snapshots: SafeCounts) -> pd.DataFrame:
    """The share of children who live outside the area, on the last date, over all published levels: one row for each
    series.

    Columns source_id, area_code, exploitation_type, scheme, unit, as_at, outside, total (counts), share, lower, upper
    (Wilson, 95%). A series with a withheld count, without a residence split or without a child has no row.
    """
    series = [name for name in _SERIES if name != "risk_level"]
    table = snapshots.table
    latest = table[table["as_at"] == table.groupby(series)["as_at"].transform("max")]
    split = latest[latest["residence"] != ALL_RESIDENCES]
    rows = []
    for key, group in split.groupby([*series, "as_at"]):
        outside = group.loc[group["residence"] == OUT_OF_AREA, "count"]
        if len(outside) and group["count"].notna().all() and group["count"].sum() > 0:
            rows.append(
                dict(zip([*series, "as_at"], key, strict=True)) | _share(int(outside.sum()), int(group["count"].sum()))
            )
    return pd.DataFrame(rows, columns=[*series, "as_at", "outside", "total", "share", "lower", "upper"])


def _share(outside: int, total: int) -> dict[str, float]:
    limits = proportion_with_limits(outside, total)
    return {
        "outside": outside,
        "total": total,
        "share": float(limits.value),
        "lower": float(limits.lower),
        "upper": float(limits.upper),
    }
