"""Children under review at each risk level on a day."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from needs_assessment.risk.reviews import PLACE, forces_of, spine, standing, with_forces
from needs_assessment.risk.snapshots import SNAPSHOT_COLUMNS
from needs_assessment.vocabulary import ALL_RESIDENCES, Unit

CELL = [*PLACE, "risk_level"]


def caseload_by_level(
    reviews: pd.DataFrame, areas: pd.DataFrame, schemes: pd.DataFrame, on: Iterable[pd.Timestamp]
) -> pd.DataFrame:
    """Children under review on each date by the level of their latest review: every authority that a source names, harm
    and level of the scheme in use there, with 0 where there is none; and every police force area of which it names all.

    `reviews` are one assessment each. Where an authority changed its scheme, each has rows for the days on which
    anybody stood under it, and the force has none. Shape as `published_snapshots`.
    """
    days = [pd.Timestamp(day) for day in on]
    counts = [
        _on(rows, schemes, day).assign(source_id=source, as_at=day)
        for source, rows in reviews.groupby("source_id")
        for day in days
    ]
    if not counts:
        return _typed(pd.DataFrame(columns=SNAPSHOT_COLUMNS))
    table = pd.concat(
        [
            with_forces(rows, forces_of(reviews[reviews["source_id"].eq(source)], areas), [*CELL[1:], "as_at"]).assign(
                source_id=source
            )
            for source, rows in pd.concat(counts).groupby("source_id")
        ]
    )
    table = table.assign(
        unit=Unit.CHILD.value, residence=ALL_RESIDENCES, residence_area_code=pd.NA, missing=pd.NA
    ).astype({"count": "Int64"})
    order = ["source_id", "as_at", "area_code", "exploitation_type", "scheme", "place"]
    place = table.join(
        schemes.set_index(["scheme", "risk_level"])["ordinal"].rename("place"), on=["scheme", "risk_level"]
    )
    return _typed(place.sort_values(order, ignore_index=True)[SNAPSHOT_COLUMNS])


def _typed(counts: pd.DataFrame) -> pd.DataFrame:
    words = [name for name in SNAPSHOT_COLUMNS if name not in ("count", "as_at")]
    return counts.astype(dict.fromkeys(words, "string") | {"count": "Int64", "as_at": "datetime64[us]"})


def _on(reviews: pd.DataFrame, schemes: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """The counts of one source on one day: the columns of CELL and `count`."""
    there = standing(reviews, day)
    cells = _in_use(spine(reviews), there).merge(schemes[["scheme", "risk_level"]], on="scheme")
    counted = there.groupby(CELL).size().rename("count")
    return cells.join(counted, on=CELL).fillna({"count": 0}).astype({"count": int})


def _in_use(places: pd.DataFrame, there: pd.DataFrame) -> pd.DataFrame:
    """The places without schemes under which nobody stands where the authority has another."""
    several = places.groupby("area_code")["scheme"].transform("nunique").gt(1)
    stands = pd.MultiIndex.from_frame(places[["area_code", "scheme"]]).isin(
        pd.MultiIndex.from_frame(there[["area_code", "scheme"]])
    )
    return places[~several | stands]
