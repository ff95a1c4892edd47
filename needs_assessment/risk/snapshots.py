"""Published counts of children at each risk level, and how they moved between two dates.

A risk level is a judgement whose threshold can move: a falling share at high risk is not by itself success.
"""

from __future__ import annotations

import pandas as pd

from needs_assessment.disclosure import SafeCounts
from needs_assessment.methods.change import count_change, percentage_change
from needs_assessment.methods.rates import proportion_with_limits
from needs_assessment.methods.recording_effect import recording_effect
from needs_assessment.vocabulary import ALL_RESIDENCES
from needs_assessment.wording import NO_BASELINE

OUT_OF_AREA = "out of force"

_SERIES = ["source_id", "area_code", "exploitation_type", "scheme", "risk_level", "unit"]
_GROUP = ["residence", "residence_area_code"]
SNAPSHOT_COLUMNS = [*_SERIES, *_GROUP, "as_at", "count", "missing"]


def published_snapshots(snapshots: pd.DataFrame) -> pd.DataFrame:
    """The published counts by risk level and date, in the shape that the disclosure gate takes."""
    return snapshots[SNAPSHOT_COLUMNS].sort_values([*_SERIES, "residence", "as_at"], ignore_index=True)


def change_between_snapshots(snapshots: SafeCounts) -> pd.DataFrame:
    """The change from the first to the last date of each series and residence group, by exact conditional test.

    Columns: the series, residence, as_at_before, as_at_after, before, after (counts), rate_ratio, lower, upper (95%),
    p_value, percentage (None below the floor of 20), explained_by and within_chance_at (the factor by which recording
    would have had to change to explain all of it, and the smallest with which it is no longer clear), and reason, which
    says why a change could not be computed.
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


_CHANGE_COLUMNS = [
    "before",
    "after",
    "rate_ratio",
    "lower",
    "upper",
    "p_value",
    "percentage",
    "explained_by",
    "within_chance_at",
    "reason",
]


def _change(group: pd.DataFrame) -> dict[str, object]:
    counts = group.set_index("as_at")["count"]
    before, after = counts.get(group["as_at_before"].iloc[0]), counts.get(group["as_at_after"].iloc[0])
    if before is None:
        return {"before": pd.NA, "after": after, "reason": NO_BASELINE}
    if after is None or pd.isna(before) or pd.isna(after):
        return {"before": before, "after": after, "reason": "a count is withheld or was not published"}
    change = count_change(int(before), int(after))
    recording = recording_effect(change.rate_ratio, change.lower, change.upper)
    return change._asdict() | {
        "percentage": percentage_change(int(before), int(after)),
        "explained_by": float(recording.explained_by),
        "within_chance_at": float(recording.within_chance_at),
        "reason": pd.NA,
    }


def change_within_force(snapshots: SafeCounts) -> pd.DataFrame:
    """The change of those who live within the force, at least, where only the last date tells who lives outside: as if
    everybody before had lived within. One row a series.

    Columns: the series, as_at_before, as_at_after, before and after (all residences), outside and after_within (on the
    last date), ratio_least, lower, upper (exact, 95%, of after_within to all before). The true ratio is no lower than
    ratio_least, give or take chance, because some of those before may have lived outside.
    """
    changes = change_between_snapshots(snapshots)
    outside = changes.loc[changes["residence"].eq(OUT_OF_AREA), [*_SERIES, "as_at_after", "before", "after"]]
    outside = outside[outside["before"].isna() & outside["after"].notna()].drop(columns="before")
    overall = changes[changes["residence"].eq(ALL_RESIDENCES)].dropna(subset=["before", "after"])
    keys = [*_SERIES, "as_at_after"]
    rows = overall.merge(outside.rename(columns={"after": "outside"}), on=keys)
    rows = rows.assign(after_within=rows["after"] - rows["outside"])
    least = count_change(rows["before"].to_numpy(int), rows["after_within"].to_numpy(int))
    rows = rows.assign(ratio_least=least.rate_ratio, lower=least.lower, upper=least.upper)
    return rows[[*_SERIES, "as_at_before", *_WITHIN_FORCE]].reset_index(drop=True)


_WITHIN_FORCE = ["as_at_after", "before", "after", "outside", "after_within", "ratio_least", "lower", "upper"]


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
