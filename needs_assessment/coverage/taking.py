"""Which need each service would take: in its areas, of its harms, ages and risk levels, however many places it has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from needs_assessment.coverage.need import OLDEST_CHILD, YOUNGEST
from needs_assessment.coverage.places import holds_places
from needs_assessment.vocabulary import COMMISSIONED_STATUSES, FundingStatus

OLDEST = 120
CHILDREN = ("children", "children and adults")
"""Which client groups of the register have children."""


def supporting(register: pd.DataFrame, funding: pd.DataFrame) -> pd.DataFrame:
    """The services for exploited children that hold places, with a row for each area where one is described: those of
    the register with area_code, funding and on of `funding` (the table of `funding_in_areas`).

    Left out are services for reference only, without an exploitation type, for adults or professionals only, no longer
    described, or said not to be there.
    """
    chosen = register["client_group"].isin(CHILDREN) & ~register["reference_only"].astype(bool)
    chosen &= register["exploitation_types"].notna()
    chosen &= np.array([holds_places(service) for service in register.to_dict("records")], dtype=bool)
    there = funding[funding["current"] & funding["funding"].ne(FundingStatus.NONE)]
    return register[chosen].merge(there[["service_id", "area_code", "funding", "on"]], on="service_id")


def commissioned(supporting_services: pd.DataFrame) -> pd.DataFrame:
    """Of the services in their areas, those that are commissioned there or under a service level agreement."""
    return supporting_services[supporting_services["funding"].isin(list(map(str, COMMISSIONED_STATUSES)))]


Levels = Mapping[str, Iterable[str]]
"""The levels of each scheme, by its name."""
Cells = Mapping[str, NDArray[Any]]
"""The columns of cells of need that decide who takes them."""
UNKNOWN = ""
"""Stands for a level or a scheme that is not known."""


def takes(cells: pd.DataFrame, services: pd.DataFrame, levels: Levels) -> NDArray[np.bool_]:
    """Whether each service in its area (columns) takes each cell of need (rows).

    A service without stated ages takes all children under 18, one without stated levels all levels. Levels in words
    that are not of the cell's scheme cannot be compared, and a cell whose level or ages are not known may be of any:
    both count as taken, so that what is left is left by every reading. Young adults are taken up to the extended age.
    """
    named = _columns(cells)
    columns = [_taken_by(service, named, levels) for service in services.to_dict("records")]
    return np.column_stack(columns) if columns else np.zeros((len(cells), 0), dtype=bool)


def _columns(cells: pd.DataFrame) -> Cells:
    words = {name: cells[name].astype("string").fillna(UNKNOWN) for name in ("risk_level", "scheme")}
    words["risk_level"] = words["risk_level"].str.casefold()
    places = {name: cells[name].to_numpy(object) for name in ("area_code", "exploitation_type")}
    ages = {name: cells[name].to_numpy(int) for name in ("age_from", "age_to")}
    return places | ages | {name: column.to_numpy(object) for name, column in words.items()}


def _taken_by(service: Mapping[str, Any], cells: Cells, levels: Levels) -> NDArray[np.bool_]:
    youngest, oldest = ages_taken(service)
    here = (cells["area_code"] == service["area_code"]) & np.isin(
        cells["exploitation_type"], str(service["exploitation_types"]).split("|")
    )
    ages = (cells["age_from"] <= oldest) & (cells["age_to"] >= youngest)
    return here & ages & _takes_level(service, cells, levels)


def ages_taken(service: Mapping[str, Any]) -> tuple[int, int]:
    """The youngest and the oldest that a register row takes, with its extended age."""
    youngest, oldest = service["age_from"], service["age_to"]
    if pd.isna(youngest) and pd.isna(oldest):
        return YOUNGEST, OLDEST_CHILD
    extended = service["extended_age_to"]
    upper = OLDEST if pd.isna(oldest) else int(oldest)
    return (YOUNGEST if pd.isna(youngest) else int(youngest)), upper if pd.isna(extended) else max(upper, int(extended))


def _takes_level(service: Mapping[str, Any], cells: Cells, levels: Levels) -> NDArray[np.bool_]:
    if pd.isna(service["risk_levels"]):
        return np.ones(len(cells["risk_level"]), dtype=bool)
    stated = set(str(service["risk_levels"]).casefold().split("|"))
    comparable = [name for name, words in levels.items() if stated & {word.casefold() for word in words}]
    unknown = (cells["risk_level"] == UNKNOWN) | ~np.isin(cells["scheme"], comparable)
    return np.isin(cells["risk_level"], sorted(stated)) | unknown


def cut_at_limits(cells: pd.DataFrame, services: pd.DataFrame) -> pd.DataFrame:
    """The cells with those of known ages cut where a service's ages begin or end, need being spread evenly over years:
    each piece is then taken whole or not at all.
    """
    starts = {age for service in services.to_dict("records") for age in _first_ages(service)}
    pieces = [piece for cell in cells.to_dict("records") for piece in _pieces(cell, starts)]
    return pd.DataFrame(pieces, columns=cells.columns).astype(cells.dtypes.to_dict())


def _first_ages(service: Mapping[str, Any]) -> tuple[int, int]:
    youngest, oldest = ages_taken(service)
    return youngest, oldest + 1


def _pieces(cell: dict[str, Any], starts: set[int]) -> list[dict[str, Any]]:
    first, last = int(cell["age_from"]), int(cell["age_to"])
    inside = sorted(age for age in starts if first < age <= last) if cell["ages_known"] else []
    years = last - first + 1
    return [
        cell | {"age_from": begins, "age_to": ends, "children": cell["children"] * part, "share": cell["share"] * part}
        for begins, ends in zip([first, *inside], [*(age - 1 for age in inside), last], strict=True)
        for part in [(ends - begins + 1) / years]
    ]
