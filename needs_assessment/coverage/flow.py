"""Coverage as a flow: how much of the recorded need the commissioned services could meet, what binds, and how it would
change.

Need stands on one side, services' places on the other, with an edge where a service takes the need. The largest flow is
the most that could be met, whoever got the places: what is left is a gap that no allocation closes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from needs_assessment.coverage.need import WITHHELD
from needs_assessment.coverage.places import room
from needs_assessment.coverage.taking import Levels, commissioned, cut_at_limits, takes
from needs_assessment.methods.allocation import (
    Allocation,
    Problem,
    gap_limits,
    largest_allocations,
    proportional_allocation,
)
from needs_assessment.methods.rates import exact_poisson_limits
from needs_assessment.vocabulary import FundingStatus

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


FLOW_COLUMNS = [
    "area_code",
    "police_force_area_code",
    "exploitation_type",
    "basis",
    "unit",
    "on",
    "period_start",
    "period_end",
    "need",
    "need_lower",
    "need_upper",
    "eligible",
    "commissioned",
    "met",
    "gap",
    "gap_lower",
    "gap_upper",
    "met_proportional",
    "gap_proportional",
    "no_service",
    "too_few_places",
    "places",
    "services_counted",
    "services_without_places",
    "reason",
    "missing",
    "source_id",
]
_NUMBERS = FLOW_COLUMNS[FLOW_COLUMNS.index("need") : FLOW_COLUMNS.index("reason")]


def coverage_flow(flows: list[ForceFlow], on: pd.Series) -> pd.DataFrame:
    """One row for each authority and harm, each force and harm, and each force with both harms (exploitation_type
    blank), in FLOW_COLUMNS: need, how much of it services would take and could meet, and the gap with its limits.

    The limits are of 95% and carry the chance variation of the counts of need alone. Need is never split between areas
    by an allocation that is one of many: an authority's `met` is what its services could meet if all their places went
    to it, its `met_proportional` what they meet if places are shared in proportion to need. `on` is the day that the
    services of each area are described for.
    """
    asked = [(flow, place) for flow in flows for place in _places_of(flow)]
    found = iter(largest_allocations([flow.problem(flow.of(place)) for flow, place in asked if _known(flow, place)]))
    shared = {flow.code: proportional_allocation(flow.problem(flow.everywhere())) for flow in flows}
    rows = [
        _row(flow, place, on)
        | (_measured(flow, place, next(found), shared[flow.code].met) if _known(flow, place) else {})
        for flow, place in asked
    ]
    return _typed(pd.DataFrame(rows, columns=FLOW_COLUMNS))


def _typed(rows: pd.DataFrame) -> pd.DataFrame:
    whole = {"need": "Int64", "services_counted": "Int64", "services_without_places": "Int64"}
    days = dict.fromkeys(("on", "period_start", "period_end"), "datetime64[us]")
    words = dict.fromkeys([name for name in FLOW_COLUMNS if name not in {*_NUMBERS, *days}], "string")
    floats = dict.fromkeys([name for name in _NUMBERS if name not in whole], float)
    return rows.astype(whole | days | words | floats)


def _places_of(flow: ForceFlow) -> list[Place]:
    every = pd.concat([flow.cells, flow.unknown])[PLACE].drop_duplicates().sort_values(PLACE)
    harms = [{"exploitation_type": harm} for harm in every["exploitation_type"].unique()]
    return [*every.to_dict("records"), *harms, {}]


def _known(flow: ForceFlow, place: Place) -> bool:
    return bool(flow.of(place).any())


def _row(flow: ForceFlow, place: Place, on: pd.Series) -> dict[str, Any]:
    """What a row says whether or not it was worked out. A force's need is that of the counts that there are."""
    rows = pd.concat([flow.cells, flow.unknown])
    first = rows[rows["counted"].notna()].iloc[0] if rows["counted"].notna().any() else rows.iloc[0]
    lacking = flow.unknown[rows_of(flow.unknown, place)]
    area = place.get("area_code")
    days = on.reindex(rows["area_code"].unique()) if area is None else on.loc[[area]]
    return {
        "area_code": area or flow.code,
        "police_force_area_code": flow.code,
        "exploitation_type": place.get("exploitation_type", pd.NA),
        **{name: first[name] for name in ("basis", "unit", "period_start", "period_end")},
        "on": days.max(),
        **_why(lacking),
        "source_id": sources_of(rows[rows_of(rows, place)]),
    }


def sources_of(rows: pd.DataFrame) -> Any:
    """The sources of some need, separated by |; missing where there is none."""
    return "|".join(dict.fromkeys(rows["source_id"].dropna())) or pd.NA


def _why(lacking: pd.DataFrame) -> dict[str, Any]:
    """The reason and the symbol of the counts that there are not, the rule of small counts first."""
    first = lacking.sort_values("reason", key=lambda reasons: reasons.ne(WITHHELD), kind="stable").head(1)
    return {name: first[name].iloc[0] if len(first) else pd.NA for name in ("reason", "missing")}


def _measured(
    flow: ForceFlow, place: Place, largest: Allocation, met_in_proportion: NDArray[np.float64]
) -> dict[str, Any]:
    some = flow.of(place)
    needed = flow.cells["children"].to_numpy(dtype=float)[some]
    counted = int(_counts(flow, some).sum())
    lower, upper = exact_poisson_limits(counted)
    limits = limits_of_gap(flow, some)
    offered = flow.accepts[some].any(axis=1)
    taking = flow.accepts[some].any(axis=0)
    rooms = flow.rooms[taking]
    known = rooms[np.isfinite(rooms)]
    in_proportion = float(met_in_proportion[some].sum())
    # Every figure is worked out from whole counts: what is left of their splitting is rounding.
    no_service = float(needed[~offered].sum())
    return {
        "need": counted,
        "need_lower": float(lower),
        "need_upper": float(upper),
        "eligible": float(needed[flow.found[some]].sum()),
        "commissioned": float(needed[offered].sum()),
        "met": float(largest.met.sum()),
        "gap": float(largest.gap),
        "gap_lower": float(limits.lower),
        "gap_upper": float(limits.upper),
        "met_proportional": in_proportion,
        "gap_proportional": max(float(needed.sum()) - in_proportion, 0.0),
        "no_service": no_service,
        "too_few_places": max(float(largest.gap) - no_service, 0.0),
        "places": float(known.sum()) if len(known) else np.nan,
        "services_counted": int(taking.sum()),
        "services_without_places": int((~np.isfinite(rooms)).sum()),
    }


def _counts(flow: ForceFlow, some: Mask) -> pd.Series:
    """The printed counts behind some cells."""
    rows = flow.cells[some].drop_duplicates(COUNT)
    return rows.set_index(COUNT)["counted"].astype(int)


def limits_of_gap(flow: ForceFlow, some: Mask, among: Mask | None = None) -> Any:
    """The gap of some cells, and of some services only where `among` says which, with its 95% limits."""
    cells = flow.cells[some]
    services = np.ones(len(flow.service_ids), dtype=bool) if among is None else among
    groups, counts = cells.groupby(COUNT, dropna=False, sort=False).ngroup().to_numpy(), _counts(flow, some).to_numpy()
    share = cells["share"].to_numpy(dtype=float)
    return gap_limits(counts, groups, share, flow.rooms[services], flow.accepts[some][:, services])


def need_met(flows: Sequence[ForceFlow], table: pd.DataFrame) -> pd.DataFrame:
    """The need that a service meets, where it is known to be its own: service_id, met, unit, as_at and source_id, for
    each police force area with one commissioned service whose places are known. `table` is that of `coverage_flow`.

    Of several services only what they meet together is one number.
    """
    alone = {flow.code: flow.service_ids[0] for flow in flows if len(flow.service_ids) == 1}
    whole = table[table["exploitation_type"].isna() & table["services_without_places"].eq(0) & table["met"].gt(0)]
    known = whole[whole["area_code"].isin(list(alone))]
    named = known.assign(service_id=known["area_code"].map(alone).astype("string"), as_at=known["period_end"])
    return named[["service_id", "met", "unit", "as_at", "source_id"]]


GRADE_COLUMNS = [
    "area_code",
    "exploitation_type",
    "basis",
    "unit",
    "period_start",
    "period_end",
    "funding",
    "need",
    "share",
    "source_id",
]


def coverage_grades(flows: list[ForceFlow]) -> pd.DataFrame:
    """The need of each authority and harm by the firmest funding of a service that would take it, places left aside:
    one row for each status, with the share of the need where there is any.
    """
    rows = [row for flow in flows for row in _grades(flow)]
    words = dict.fromkeys(["area_code", "exploitation_type", "basis", "unit", "funding", "source_id"], "string")
    days = dict.fromkeys(["period_start", "period_end"], "datetime64[us]")
    return pd.DataFrame(rows, columns=GRADE_COLUMNS).astype(words | days | {"need": float, "share": float})


def _grades(flow: ForceFlow) -> Iterator[dict[str, Any]]:
    firmest = firmest_funding(flow.cells, flow.services, flow.levels)
    for place, cells in flow.cells.groupby(PLACE):
        total = float(cells["children"].sum())
        for status in FundingStatus:
            part = float(cells["children"][firmest[cells.index] == status].sum())
            yield {
                **dict(zip(PLACE, place, strict=True)),
                **{name: cells[name].iloc[0] for name in ("basis", "unit", "period_start", "period_end")},
                "funding": status.value,
                "need": part,
                "share": part / total if total else np.nan,
                "source_id": sources_of(cells),
            }


def firmest_funding(cells: pd.DataFrame, services: pd.DataFrame, levels: Levels) -> NDArray[np.object_]:
    """The firmest funding status of a service that takes each cell; `none` where no service does."""
    taken = takes(cells, services, levels)
    firmest = np.full(len(cells), FundingStatus.NONE.value, dtype=object)
    for status in reversed([status for status in FundingStatus if status is not FundingStatus.NONE]):
        firmest[taken[:, services["funding"].eq(status).to_numpy(dtype=bool)].any(axis=1)] = status.value
    return firmest
