"""How full a service is: what is referred to it in a year beside the places it has, and what waits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from needs_assessment.methods.capacity import queue_load, relief_capacity, whole_time_equivalents
from needs_assessment.services.capacity import NEW_REFERRALS, years_observed
from needs_assessment.vocabulary import PlacesBasis

REFERRALS = "referrals"
CHILDREN_WAITING = "children_waiting"
WEEKS_WAITING = "weeks_waiting"
LOAD_KEY = ["source_id", "service_id", "area_code", "period_start", "period_end"]
LOAD_NUMBERS = [
    *("referrals_a_year", "years_in_service", "places", "load", "places_needed", "workers_needed", "waiting"),
    *("weeks_waiting", "weeks_target", "places_to_clear_waiting_in_a_year"),
]
NO_REFERRALS = "referrals in a period are not stated"
WITHHELD = "a figure is withheld"
NO_TIME = "years in service are not stated"
NO_PLACES = "places are not known"
ONLY_CASELOAD = "only the children in support are known, who are no measure of the places"
OTHER_AREA = "the figures are of another area than the one where the service runs"
TWO_FIGURES = "the return gives two figures"


def service_load(returns: pd.DataFrame, places: pd.DataFrame, extents: pd.DataFrame) -> pd.DataFrame:
    """One row for each return that states referrals in a period, or who waits, in LOAD_KEY, LOAD_NUMBERS and `reason`.

    `returns` are the printed `service_returns`, `places` is `service_places` and `extents` as `service_extents` gives
    them. Nothing is assumed: what is not stated is blank, and so is what follows from it; `reason` says what is lacking
    for the load.

    - referrals_a_year: those of the period by its length, in whole months; a quarter carries its season.
    - places: those stated, or of staff and a stated caseload norm. A caseload is none: by Little's law it always fits.
    - load: referrals a year x years in service / places; from 1 upwards a waiting list grows without end.
    - places_needed: referrals a year x years in service; workers_needed: these over the stated caseload norm.
    - waiting, weeks_waiting and weeks_target: as the return has them on the last day of the period.
    - places_to_clear_waiting_in_a_year: all the places with which those waiting now would be taken within a year beside
      all who are referred in it.

    Source: methods.capacity.
    """
    known = places.drop_duplicates("service_id").set_index("service_id")
    whole = set(map(tuple, extents[["service_id", "area_code"]].dropna().to_numpy()))
    rows = []
    for key, stated in _periods(returns):
        service = known.loc[key["service_id"]] if key["service_id"] in known.index else pd.Series(dtype=object)
        rows.append(key | _load(stated, service, (key["service_id"], key["area_code"]) in whole))
    table = pd.DataFrame(rows, columns=[*LOAD_KEY, *LOAD_NUMBERS, "reason"])
    words = dict.fromkeys([*LOAD_KEY[:3], "reason"], "string")
    return table.astype(
        words | dict.fromkeys(LOAD_KEY[3:], "datetime64[us]") | dict.fromkeys(LOAD_NUMBERS, "Float64")
    ).sort_values(LOAD_KEY[1:], ignore_index=True)


def _periods(returns: pd.DataFrame) -> Iterator[tuple[dict[str, Any], pd.DataFrame]]:
    """Each source, service, area and period with referrals, or day with somebody waiting, and what is stated of it."""
    came = returns["measure"].isin([NEW_REFERRALS, REFERRALS]) & returns["basis"].eq("in period")
    waits = returns["measure"].isin([CHILDREN_WAITING, WEEKS_WAITING])
    place = ["source_id", "service_id", "area_code", "period_end"]
    for _, rows in returns[came | waits].groupby(place, sort=False):
        referred = rows[rows["measure"].isin([NEW_REFERRALS, REFERRALS])]
        waiting = rows[~rows["measure"].isin([NEW_REFERRALS, REFERRALS])]
        for _, period in (referred if len(referred) else waiting.head(1)).groupby("period_start"):
            key = {name: period[name].iloc[0] for name in LOAD_KEY}
            yield key, pd.concat([period[period.index.isin(referred.index)], waiting])


def _load(stated: pd.DataFrame, service: pd.Series, of_whole_area: bool) -> dict[str, Any]:
    referrals, faults = _referrals_a_year(stated)
    years, places, norm = (
        _positive(service.get(name)) for name in ("years_in_service", "places", "children_per_worker")
    )
    only_caseload = str(service.get("places_basis")) == PlacesBasis.CASELOAD
    if only_caseload or not pd.isna(service.get("reason", pd.NA)) or not of_whole_area:
        places = np.nan
    waiting, weeks = _figure(stated, CHILDREN_WAITING), _figure(stated, WEEKS_WAITING)
    target = stated.loc[stated["measure"].eq(WEEKS_WAITING), "target"]
    faults += [NO_TIME] if np.isnan(years) else []
    faults += _about_places(places, only_caseload, of_whole_area)
    return {
        "referrals_a_year": referrals,
        "years_in_service": years,
        "places": places,
        "load": float(queue_load(referrals, places / years)),
        "places_needed": referrals * years,
        "workers_needed": float(whole_time_equivalents(referrals, years, norm)),
        "waiting": waiting,
        "weeks_waiting": weeks,
        "weeks_target": _number(target.iloc[0]) if len(target) else np.nan,
        "places_to_clear_waiting_in_a_year": float(relief_capacity(referrals, waiting, 0, 1)) * years,
        "reason": "; ".join(faults) or pd.NA,
    }


def _referrals_a_year(stated: pd.DataFrame) -> tuple[float, list[str]]:
    """The referrals of a period as those of a year: new ones where they are told apart; and what is lacking."""
    rows = stated[stated["measure"].eq(NEW_REFERRALS)]
    rows = rows if len(rows) else stated[stated["measure"].eq(REFERRALS)]
    if rows.empty:
        return np.nan, [NO_REFERRALS]
    if rows["value"].isna().any():
        return np.nan, [WITHHELD]
    if rows["value"].nunique() > 1:
        return np.nan, [TWO_FIGURES]
    first = rows.iloc[0]
    return float(first["value"]) / years_observed(first["period_start"], first["period_end"]), []


def _about_places(places: float, only_caseload: bool, of_whole_area: bool) -> list[str]:
    if not np.isnan(places):
        return []
    return [OTHER_AREA if not of_whole_area else ONLY_CASELOAD if only_caseload else NO_PLACES]


def _figure(stated: pd.DataFrame, measure: str) -> float:
    """The one figure of a measure; missing where there is none, or more than one."""
    figures = stated.loc[stated["measure"].eq(measure), "value"].drop_duplicates()
    return _number(figures.iloc[0]) if len(figures) == 1 else np.nan


def _number(value: Any) -> float:
    return np.nan if value is None or pd.isna(value) else float(value)


def _positive(value: Any) -> float:
    number = _number(value)
    return number if number > 0 else np.nan
