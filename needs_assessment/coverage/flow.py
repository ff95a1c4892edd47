"""Coverage as a flow: how much of the recorded need the commissioned services could meet.

Need stands on one side, services' places on the other, with an edge where a service takes the need. The largest flow is
the most that could be met, whoever got the places: what is left is a gap that no allocation closes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from needs_assessment.coverage.forces import COUNT, PLACE, ForceFlow, Mask, Place, rows_of, sources_of
from needs_assessment.coverage.need import WITHHELD
from needs_assessment.methods.allocation import Allocation, gap_limits, largest_allocations, proportional_allocation
from needs_assessment.methods.rates import exact_poisson_limits

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


def coverage_flow(flows: Sequence[ForceFlow], on: pd.Series) -> pd.DataFrame:
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
