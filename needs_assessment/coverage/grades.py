"""How firmly the services are paid for that would take recorded need, places left aside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from needs_assessment.coverage.forces import PLACE, ForceFlow, sources_of
from needs_assessment.coverage.taking import Levels, takes
from needs_assessment.vocabulary import FundingStatus

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


def coverage_grades(flows: Sequence[ForceFlow]) -> pd.DataFrame:
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
