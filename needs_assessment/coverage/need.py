"""Recorded need for services, from printed counts: by authority, harm, risk level and age, as far as each is known.

Need is always an estimate: here it is what is recorded, at one time or in a year, and nothing is added for the children
whom nobody has recorded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from needs_assessment.coverage.eligibility import STATEMENT_LASTS_DAYS
from needs_assessment.vocabulary import (
    ALL_RESIDENCES,
    CATEGORIES,
    RECORD_HAS_NONE,
    Dimension,
    ExploitationType,
    Measure,
    MissingCode,
    NeedBasis,
    Unit,
)

NEED_COLUMNS = [
    "area_code",
    "police_force_area_code",
    "exploitation_type",
    "basis",
    "unit",
    "scheme",
    "risk_level",
    "age_from",
    "age_to",
    "ages_known",
    "share",
    "children",
    "counted",
    "period_start",
    "period_end",
    "source_id",
    "missing",
    "reason",
]
YOUNGEST, OLDEST_CHILD = 0, 17
AGES = dict(zip(CATEGORIES[Dimension.AGE], ((0, 9), (10, 12), (13, 15), (16, 17), (18, 24)), strict=False))
"""The ages of each category of referrals: of those of 18 and over, services for children take none older than 24."""
Shares = Mapping[tuple[int, int] | None, float]
"""The share of each age band, by its first and last age; that of children of any age under None."""
ROUNDING = 1e-9
NOT_THEN = "no count of need within two years of the day that services are described for"
WITHHELD = "a count of need is withheld"
NOT_PUBLISHED = "a count of need is not published"


def recorded_need(tables: Mapping[str, pd.DataFrame], forces: pd.Series, on: pd.Series) -> pd.DataFrame:
    """The recorded need of every authority whose services are described, in NEED_COLUMNS: one row for each harm, risk
    level and age band, with one row and a reason where nothing is known.

    `tables` are the printed `risk_caseload`, `breakdowns` and `demand` of a release; `forces` the police force area of
    each authority, `on` the day that its services are described for. The authorities of a force have one basis:
    children under review on the latest day, or assessments in the latest year, whichever leaves fewer without a count;
    figures more than two years older than the services are left aside. Ages are those of the children referred in the
    force, taken to be alike in its authorities and at every level; those whose band is not printed may be of any age
    under 18, and have a row that says so.
    """
    described = pd.DataFrame({"police_force_area_code": forces, "on": on}).dropna()
    rows = [
        _in_columns(_of_force(tables, str(force), places["on"]), str(force))
        for force, places in described.groupby("police_force_area_code")
    ]
    return _typed(pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=NEED_COLUMNS))


def _in_columns(rows: pd.DataFrame, force: str) -> pd.DataFrame:
    return rows.assign(police_force_area_code=force).reindex(columns=NEED_COLUMNS).astype(object)


def _typed(rows: pd.DataFrame) -> pd.DataFrame:
    numbers = {"counted": "Int64", "age_from": "Int64", "age_to": "Int64", "ages_known": bool}
    numbers |= {"share": float, "children": float}
    days = dict.fromkeys(("period_start", "period_end"), "datetime64[us]")
    words = dict.fromkeys([name for name in NEED_COLUMNS if name not in {*numbers, *days}], "string")
    key = ["police_force_area_code", "area_code", "exploitation_type"]
    return rows.astype(numbers | days | words).sort_values(key, kind="stable", ignore_index=True)


def _of_force(tables: Mapping[str, pd.DataFrame], force: str, on: pd.Series) -> pd.DataFrame:
    """The need of a force's authorities on the basis that leaves the fewest without a count."""
    found = [_under_review(tables["risk_caseload"], on), _assessments(tables["demand"], on)]
    without = [rows.loc[rows["counted"].isna(), ["area_code", "exploitation_type"]].drop_duplicates() for rows in found]
    chosen = found[0] if len(without[0]) <= len(without[1]) else found[1]
    if chosen["counted"].isna().all():
        chosen = found[1]
    ages = _ages(tables, force, on.max()) if chosen is found[0] else {}
    return pd.DataFrame([piece for row in chosen.to_dict("records") for piece in _by_age(row, ages)])


def _under_review(caseload: pd.DataFrame, on: pd.Series) -> pd.DataFrame:
    """The children under review in each authority by level on the latest day that all can have in common."""
    here = caseload[caseload["area_code"].isin(on.index) & caseload["residence"].eq(ALL_RESIDENCES)]
    day = here.loc[_in_time(here["as_at"], here["as_at"], on.max()), "as_at"].max()
    rows = here[here["as_at"].eq(day)].assign(period_start=day, period_end=day)
    return _every_place(rows.rename(columns={"count": "counted"}), on, NeedBasis.UNDER_REVIEW, Unit.CHILD)


def _assessments(demand: pd.DataFrame, on: pd.Series) -> pd.DataFrame:
    """The assessments that recorded each harm in each authority in the latest year that they can have in common."""
    here = demand[demand["area_code"].isin(on.index) & demand["measure"].eq(Measure.ASSESSMENT_EPISODES)]
    year = here.loc[_in_time(here["period_start"], here["period_end"], on.max()), "period_end"].max()
    rows = here[here["period_end"].eq(year)].rename(columns={"count": "counted"})
    return _every_place(rows, on, NeedBasis.ASSESSMENTS, Unit.EPISODE)


def _in_time(first_day: pd.Series, last_day: pd.Series, on: pd.Timestamp) -> pd.Series:
    return first_day.le(on) & last_day.ge(on - pd.Timedelta(days=STATEMENT_LASTS_DAYS))


def _every_place(rows: pd.DataFrame, on: pd.Series, basis: NeedBasis, unit: Unit) -> pd.DataFrame:
    """The rows with one for each authority and harm of which there is no count, and why."""
    names = ["area_code", "exploitation_type", "scheme", "risk_level", "counted", "missing", "source_id"]
    places = pd.MultiIndex.from_product([on.index, list(map(str, ExploitationType))], names=names[:2]).to_frame(False)
    found = rows.reindex(columns=[*names, "period_start", "period_end"])
    every = places.merge(found, on=names[:2], how="left")
    withheld, marked = every["missing"].eq(MissingCode.SUPPRESSED).fillna(False), every["missing"].notna()
    reason = np.select([withheld.astype(bool), marked], [WITHHELD, NOT_PUBLISHED], NOT_THEN)
    return every.assign(
        basis=basis.value, unit=unit.value, reason=pd.Series(reason, index=every.index).where(every["counted"].isna())
    )


def _ages(tables: Mapping[str, pd.DataFrame], force: str, on: pd.Timestamp) -> dict[str, Shares]:
    """By harm, the share of each printed age band among the children referred in the force in the latest year; what is
    left of all referrals is of any age.
    """
    here = [rows[rows["area_code"].eq(force)] for rows in (tables["breakdowns"], tables["demand"])]
    bands, referred = (rows[rows["measure"].eq(Measure.REFERRALS)] for rows in here)
    bands = bands[bands["dimension"].eq(Dimension.AGE) & _in_time(bands["period_start"], bands["period_end"], on)]
    latest = bands[bands["period_end"].eq(bands["period_end"].max()) & bands["category"].ne(RECORD_HAS_NONE)]
    totals = referred.set_index(["exploitation_type", "period_start", "period_end"])["count"]
    year = ["exploitation_type", "period_start", "period_end"]
    return {
        str(place[0]): shares
        for place, rows in latest.groupby(year)
        if (shares := _shares(rows.set_index("category")["count"].dropna(), totals.get(place)))
    }


def _shares(bands: pd.Series, total: Any) -> Shares:
    if total is None or pd.isna(total) or not total:
        return {}
    known = {AGES[str(category)]: float(count / total) for category, count in bands.items() if count}
    rest = 1.0 - sum(known.values())
    return known | ({None: rest} if rest > ROUNDING else {})


def _by_age(row: dict[str, Any], ages: Mapping[str, Shares]) -> Iterator[dict[str, Any]]:
    counted = np.nan if pd.isna(row["counted"]) else float(row["counted"])
    shares = ages.get(row["exploitation_type"], {}) if counted >= 0 else {}
    for band, share in (shares or {None: 1.0}).items():
        youngest, oldest = band or (YOUNGEST, OLDEST_CHILD)
        known = {"age_from": youngest, "age_to": oldest, "ages_known": band is not None}
        yield row | known | {"share": share, "children": counted * share}
