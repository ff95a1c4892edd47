"""How many children a service can support at one time, and from what that is known."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from needs_assessment.geography import area_type_of
from needs_assessment.services import CASELOAD, TIME_IN_SERVICE
from needs_assessment.vocabulary import AreaType, NeedBasis, PlacesBasis, ProvisionTier

STAFF, VACANCIES = "whole_time_equivalent_staff", "vacancies"
PLACES_COLUMNS = [
    "service_id",
    "service_name",
    "places",
    "places_basis",
    "as_at",
    "staff",
    "vacancies",
    "children_per_worker",
    "places_with_vacancies_filled",
    "years_in_service",
    "children_a_year",
    "holds_places",
    "source_id",
    "reason",
]
FOR_MANY = frozenset({"education", "training", "advice"})
NO_PLACES_HELD = "education, training or advice for many: it holds no places"
NOTHING_STATED = "neither places, nor staff with a caseload norm, nor a caseload are stated"


class Reported(NamedTuple):
    """The latest printed figure of a return: its value, its day and its source."""

    value: float
    as_at: pd.Timestamp
    source_id: str


NOT_REPORTED = Reported(np.nan, pd.NaT, pd.NA)


def service_places(register: pd.DataFrame, returns: pd.DataFrame) -> pd.DataFrame:
    """One row for each service of the register in PLACES_COLUMNS: the places it has at one time, and their basis.

    Places are those stated; else the staff in post times the caseload norm that a source states; else the latest
    reported caseload, which says how many it had and not how many it could have. `children_a_year` are the places over
    the mean years in service (Little's law). A service of the universal tier, or of education, training and advice
    alone, holds no places. `returns` are the printed `service_returns`.
    """
    rows = [
        _of_service(row, returns[returns["service_id"].eq(row["service_id"])]) for row in register.to_dict("records")
    ]
    table = pd.DataFrame(rows, columns=PLACES_COLUMNS)
    numbers = [name for name in PLACES_COLUMNS if name.startswith(("places_with", "years", "children", "staff", "vac"))]
    words = ["service_id", "service_name", "places_basis", "source_id", "reason"]
    return table.astype(
        dict.fromkeys([*numbers, "places"], float) | dict.fromkeys(words, "string") | {"as_at": "datetime64[us]"}
    )


def _of_service(service: dict[str, Any], returns: pd.DataFrame) -> dict[str, Any]:
    staff, vacancies = (_stated_or_reported(service, returns, name) for name in (STAFF, VACANCIES))
    norm, years = _number(service["children_per_worker"]), _latest(returns, TIME_IN_SERVICE).value
    places, basis, known = _places(service, staff.value * norm, _latest(returns, CASELOAD))
    holds = holds_places(service)
    return {
        "service_id": service["service_id"],
        "service_name": service["service_name"],
        "places": places,
        "places_basis": basis.value,
        "as_at": staff.as_at if basis is PlacesBasis.STAFF else known.as_at,
        "staff": staff.value,
        "vacancies": vacancies.value,
        "children_per_worker": norm,
        "places_with_vacancies_filled": _filled(places, staff.value, vacancies.value, norm),
        "years_in_service": years,
        "children_a_year": places / years if years > 0 else np.nan,
        "holds_places": holds,
        "source_id": known.source_id,
        "reason": pd.NA if not np.isnan(places) and holds else NOTHING_STATED if holds else NO_PLACES_HELD,
    }


def holds_places(service: dict[str, Any]) -> bool:
    """Whether a service supports single children for a time, so that it can be full."""
    forms = set() if pd.isna(service["intensity"]) else set(str(service["intensity"]).split("|"))
    universal = not pd.isna(service["tier"]) and service["tier"] == ProvisionTier.UNIVERSAL
    return not universal and not (forms and forms <= FOR_MANY)


def _places(service: dict[str, Any], of_staff: float, caseload: Reported) -> tuple[float, PlacesBasis, Reported]:
    stated = _number(service["places"])
    register = Reported(stated, service["stated_on"], service["sources_of_row"])
    if not np.isnan(stated):
        return stated, PlacesBasis.STATED, register
    if not np.isnan(of_staff):
        return of_staff, PlacesBasis.STAFF, register
    if not np.isnan(caseload.value):
        return caseload.value, PlacesBasis.CASELOAD, caseload
    return np.nan, PlacesBasis.NOT_KNOWN, caseload


def _filled(places: float, staff: float, vacancies: float, norm: float) -> float:
    """The places with the vacancies filled: each worker has the norm, or as many children as those in post have."""
    each = norm if not np.isnan(norm) else places / staff if staff > 0 else np.nan
    return places + vacancies * each


def _stated_or_reported(service: dict[str, Any], returns: pd.DataFrame, name: str) -> Reported:
    reported = _latest(returns, name)
    if not np.isnan(reported.value):
        return reported
    return Reported(_number(service[name]), service["stated_on"], service["sources_of_row"])


def _latest(returns: pd.DataFrame, measure: str) -> Reported:
    """The latest printed figure of a measure. Where areas report a caseload apart it is their sum; none where one is
    withheld.
    """
    stated = returns[returns["measure"].eq(measure)]
    days = stated.groupby("period_end")["value"].apply(lambda values: values.notna().any())
    if not days.any():
        return NOT_REPORTED
    last = stated[stated["period_end"].eq(days[days].index.max())].drop_duplicates("area_code", keep="last")
    whole = last["area_code"].map(area_type_of).eq(AreaType.POLICE_FORCE_AREA) & last["value"].notna()
    # A force's own figure holds those of its authorities.
    last = last[whole] if whole.any() else last
    if last["value"].isna().any() or (len(last) > 1 and measure == TIME_IN_SERVICE):
        return NOT_REPORTED
    return Reported(float(last["value"].sum()), last["period_end"].iloc[0], last["source_id"].iloc[0])


def _number(value: Any) -> float:
    return np.nan if pd.isna(value) else float(value)


def room(places: pd.DataFrame, basis: str) -> pd.Series:
    """By service, the need that its places can meet in the unit of a basis of need; without limit where not known."""
    column = "places" if basis == NeedBasis.UNDER_REVIEW else "children_a_year"
    return places.set_index("service_id")[column].fillna(np.inf)
