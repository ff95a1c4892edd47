"""What keeps recorded need from being met: the ages and levels that no commissioned service takes, and the services
that are full.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from needs_assessment.coverage.flow import limits_of_gap
from needs_assessment.coverage.forces import PLACE, ForceFlow, Mask, sources_of
from needs_assessment.coverage.grades import firmest_funding
from needs_assessment.coverage.need import OLDEST_CHILD, YOUNGEST
from needs_assessment.coverage.taking import Levels, takes
from needs_assessment.methods.allocation import largest_allocations
from needs_assessment.vocabulary import COMMISSIONED_STATUSES, CutKind, ExploitationType

CUT_COLUMNS = [
    "police_force_area_code",
    "area_code",
    "kind",
    "exploitation_types",
    "area_codes",
    "risk_levels",
    "age_from",
    "age_to",
    "service_ids",
    "need",
    "places",
    "gap",
    "lower",
    "upper",
    "basis",
    "unit",
    "period_start",
    "period_end",
    "source_id",
]


def coverage_cuts(flows: Sequence[ForceFlow]) -> pd.DataFrame:
    """What binds in each police force area, in CUT_COLUMNS: for each authority and harm the need without a commissioned
    service, and each set of full services with all the need that has no other.

    It is the minimum cut of the flow: the gaps of a force's rows add up to its gap.
    """
    allocations = largest_allocations([flow.problem(flow.everywhere()) for flow in flows])
    rows = [
        row
        for flow, largest in zip(flows, allocations, strict=True)
        for row in [*_without_service(flow), *_full(flow, largest.cells_in_cut, largest.services_in_cut)]
    ]
    numbers = dict.fromkeys(["need", "places", "gap", "lower", "upper"], float)
    other = dict.fromkeys(["age_from", "age_to"], "Int64") | dict.fromkeys(
        ["period_start", "period_end"], "datetime64[us]"
    )
    words = dict.fromkeys([name for name in CUT_COLUMNS if name not in {*numbers, *other}], "string")
    return pd.DataFrame(rows, columns=CUT_COLUMNS).astype(numbers | other | words)


def _without_service(flow: ForceFlow) -> Iterator[dict[str, Any]]:
    nobody = ~flow.accepts.any(axis=1)
    for _, cells in flow.cells[nobody].groupby(PLACE):
        some = np.isin(np.arange(len(flow.cells)), cells.index)
        if cells["children"].sum() > 0:
            yield _cut(flow, CutKind.NO_SERVICE, some, np.zeros(len(flow.service_ids), dtype=bool))


def _full(flow: ForceFlow, cells_in_cut: Mask, services_in_cut: Mask) -> Iterator[dict[str, Any]]:
    """The full services with the need that has no other, those apart that share no need."""
    cells = cells_in_cut & flow.accepts.any(axis=1)
    for some, services in _connected(flow.accepts, cells, services_in_cut):
        if services.any():
            yield _cut(flow, CutKind.TOO_FEW_PLACES, some, services)


def _connected(accepts: Mask, cells: Mask, services: Mask) -> Iterator[tuple[Mask, Mask]]:
    many = len(cells)
    rows, columns = np.nonzero(accepts & cells[:, None] & services[None, :])
    size = many + len(services)
    joined = coo_array((np.ones(len(rows)), (rows, columns + many)), shape=(size, size))
    _, label = connected_components(joined, directed=False)
    for one in dict.fromkeys(label[:many][cells]):
        yield cells & (label[:many] == one), services & (label[many:] == one)


def _cut(flow: ForceFlow, kind: CutKind, some: Mask, services: Mask) -> dict[str, Any]:
    cells, limits = flow.cells[some], limits_of_gap(flow, some, services)
    ids = [service for service, bound in zip(flow.service_ids, services, strict=True) if bound]
    return {
        "police_force_area_code": flow.code,
        "area_code": flow.code,
        "kind": kind.value,
        "exploitation_types": "|".join(sorted(cells["exploitation_type"].unique())),
        "area_codes": "|".join(sorted(cells["area_code"].unique())),
        "risk_levels": "|".join(dict.fromkeys(cells["risk_level"].dropna())) or pd.NA,
        "age_from": cells["age_from"].min(),
        "age_to": cells["age_to"].max(),
        "service_ids": "|".join(ids) or pd.NA,
        "need": float(cells["children"].sum()),
        "places": float(flow.rooms[services].sum()),
        "gap": float(limits.gap),
        "lower": float(limits.lower),
        "upper": float(limits.upper),
        "basis": cells["basis"].iloc[0],
        **{name: cells[name].iloc[0] for name in ("unit", "period_start", "period_end")},
        "source_id": sources_of(cells),
    }


HOLE_COLUMNS = [*PLACE, "scheme", "risk_level", "age_from", "age_to", "funding", "services", "on"]


def coverage_holes(services: pd.DataFrame, schemes: Mapping[str, str], levels: Levels, on: pd.Series) -> pd.DataFrame:
    """The runs of ages under 18 that no commissioned service takes, in HOLE_COLUMNS: for each area of `on`, harm and
    risk level, with the firmest funding found for them and the services behind it. A run that is the same at all levels
    is named once, without a level.

    `schemes` names the scheme of levels that an area uses; without one, levels are left aside.
    """
    grid = pd.DataFrame(
        [
            (area, str(harm), schemes.get(area, pd.NA), level, age, age)
            for area in sorted(on.index)
            for harm in ExploitationType
            for level in [*levels.get(schemes.get(area, ""), ())] or [pd.NA]
            for age in range(YOUNGEST, OLDEST_CHILD + 1)
        ],
        columns=HOLE_COLUMNS[:6],
    ).astype({"scheme": "string", "risk_level": "string"})
    firmest = firmest_funding(grid, services, levels)
    names = _names(takes(grid, services, levels), services)
    open_ = ~np.isin(firmest, list(map(str, COMMISSIONED_STATUSES)))
    holes = grid.assign(funding=firmest, services=names)[open_]
    runs = _alike_at_all_levels(_runs(holes), levels)
    return runs.assign(on=on.reindex(runs["area_code"]).to_numpy("datetime64[us]"))[HOLE_COLUMNS]


def _names(taken: Mask, services: pd.DataFrame) -> NDArray[np.object_]:
    names = services["service_name"].to_numpy()
    return np.array(["|".join(dict.fromkeys(names[row])) or pd.NA for row in taken], dtype=object)


def _runs(holes: pd.DataFrame) -> pd.DataFrame:
    """One row for each run of ages that have the same services; one without a level where all levels are alike."""
    same = [*PLACE, "scheme", "risk_level", "funding", "services"]
    begins = holes["age_from"].diff().ne(1) | holes[same].fillna("").ne(holes[same].fillna("").shift()).any(axis=1)
    grouped = holes.groupby([*same, begins.astype(bool).cumsum()], dropna=False, sort=False)
    runs = grouped.agg(age_from=("age_from", "min"), age_to=("age_to", "max")).reset_index()
    return runs[[*same, "age_from", "age_to"]].astype({"services": "string"})


def _alike_at_all_levels(runs: pd.DataFrame, levels: Levels) -> pd.DataFrame:
    """The runs with one row, without a level, for those that are the same at every level of their scheme."""
    same = [name for name in runs.columns if name != "risk_level"]
    many = runs["scheme"].map({name: len([*each]) for name, each in levels.items()}).fillna(0).astype(int)
    alike = many.gt(0) & runs.groupby(same, dropna=False)["risk_level"].transform("nunique").eq(many)
    kept = runs[~(alike & runs.duplicated(same))]
    return kept.assign(risk_level=kept["risk_level"].mask(alike)).reset_index(drop=True)
