"""The need and the services of each police force area, side by side as a problem of allocation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from needs_assessment.coverage.places import room
from needs_assessment.coverage.taking import Levels, commissioned, cut_at_limits, takes
from needs_assessment.methods.allocation import Problem

Mask = NDArray[np.bool_]
PLACE = ["area_code", "exploitation_type"]
COUNT = [*PLACE, "scheme", "risk_level"]
"""What a printed count of need is of."""
Place = Mapping[str, str]
"""An area, a harm, both, or neither: the whole force."""


@dataclass(frozen=True)
class ForceFlow:
    """The need of a police force area's authorities, cut so that each service takes a cell whole or not at all, and the
    services that hold places there.

    `cells` are rows of the table of need with a count; `unknown` those without; `services` the supporting services, one
    row for each area of each; `places` by service what its places can meet, in the unit of the need.
    """

    code: str
    cells: pd.DataFrame
    unknown: pd.DataFrame
    services: pd.DataFrame
    places: pd.Series
    levels: Levels

    @cached_property
    def commissioned(self) -> pd.DataFrame:
        """The commissioned services, each in each of its areas."""
        return commissioned(self.services)

    @cached_property
    def service_ids(self) -> list[str]:
        """The commissioned services, in order."""
        return sorted(set(self.commissioned["service_id"]))

    @cached_property
    def accepts(self) -> Mask:
        """Whether each commissioned service (columns) takes each cell (rows)."""
        return self.accepted_by(self.commissioned)

    @cached_property
    def found(self) -> Mask:
        """Whether any service found takes each cell, however it is funded."""
        return np.asarray(takes(self.cells, self.services, self.levels).any(axis=1))

    def accepted_by(self, services: pd.DataFrame) -> Mask:
        """Whether each of `service_ids` takes each cell by these rows of services."""
        rows = takes(self.cells, services, self.levels)
        of = services["service_id"].to_numpy()
        columns = [rows[:, of == service].any(axis=1) for service in self.service_ids]
        return np.column_stack(columns) if columns else np.zeros((len(self.cells), 0), dtype=bool)

    @property
    def rooms(self) -> NDArray[np.float64]:
        """What the places of each of `service_ids` can meet; without limit where not known."""
        return self.places.reindex(self.service_ids).fillna(np.inf).to_numpy(dtype=float)

    def problem(self, some: Mask) -> Problem:
        """The problem of some cells, with all places for them."""
        return Problem(self.cells["children"].to_numpy(dtype=float)[some], self.rooms, self.accepts[some])

    def everywhere(self) -> Mask:
        """All cells."""
        return np.ones(len(self.cells), dtype=bool)

    def of(self, place: Place) -> Mask:
        """The cells of an area, of a harm, of both, or all."""
        return rows_of(self.cells, place)


def rows_of(rows: pd.DataFrame, place: Place) -> Mask:
    """Which rows are of a place: each that it names is the row's own."""
    chosen = np.ones(len(rows), dtype=bool)
    for name, value in place.items():
        chosen &= rows[name].eq(value).to_numpy(dtype=bool)
    return chosen


def force_flows(need: pd.DataFrame, services: pd.DataFrame, places: pd.DataFrame, levels: Levels) -> list[ForceFlow]:
    """The flow of every police force area of the table of need. `services` are those of `supporting`, `places` those of
    `service_places`, `levels` the levels of each scheme.
    """
    return [
        _flow(str(code), rows, services[services["area_code"].isin(rows["area_code"])], places, levels)
        for code, rows in need.groupby("police_force_area_code")
    ]


def _flow(code: str, rows: pd.DataFrame, services: pd.DataFrame, places: pd.DataFrame, levels: Levels) -> ForceFlow:
    lacking = pd.MultiIndex.from_frame(rows.loc[rows["counted"].isna(), PLACE])
    # Where one level is withheld the others are no need of the place.
    unknown = pd.MultiIndex.from_frame(rows[PLACE]).isin(lacking)
    cells = cut_at_limits(rows[~unknown].reset_index(drop=True), services)
    return ForceFlow(code, cells, rows[unknown], services, room(places, str(rows["basis"].iloc[0])), levels)


def sources_of(rows: pd.DataFrame) -> Any:
    """The sources of some need, separated by |; missing where there is none."""
    return "|".join(dict.fromkeys(rows["source_id"].dropna())) or pd.NA
