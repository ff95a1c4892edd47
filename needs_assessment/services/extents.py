"""Where a service runs, as one code: a count stands beside its money or places only if it is of the same area."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from needs_assessment.geography import local_authorities
from needs_assessment.vocabulary import FundingStatus

EXTENT_COLUMNS = ["service_id", "police_force_area_code", "authorities", "area_code"]


def service_extents(funding: pd.DataFrame, areas: pd.DataFrame) -> pd.DataFrame:
    """One row for each service and each code that stands for the whole of its area and nothing beside it.

    Columns service_id, police_force_area_code (blank where it runs in several), authorities (where it runs, separated
    by |) and area_code: the force's where it runs in all its authorities, the authority's where it runs in one; blank
    where no code stands for its area. `funding` has service_id, area_code (of today, as in the release table
    `service_funding`) and funding; where that is `none` the service does not run.
    """
    forces = local_authorities(areas).set_index("area_code")["police_force_area_code"]
    runs = funding[funding["funding"].ne(FundingStatus.NONE) & funding["area_code"].isin(forces.index)]
    rows = [
        {"service_id": service, **extent}
        for service, rows in runs.groupby("service_id")
        for extent in _extents(sorted(set(rows["area_code"])), forces)
    ]
    return pd.DataFrame(rows, columns=EXTENT_COLUMNS).astype("string")


def _extents(authorities: list[str], forces: pd.Series) -> Iterator[dict[str, object]]:
    over = set(forces[authorities])
    force = over.pop() if len(over) == 1 else pd.NA
    whole = [] if pd.isna(force) or set(forces.index[forces.eq(force)]) != set(authorities) else [force]
    codes = [*whole, *(authorities if len(authorities) == 1 else [])]
    for code in codes or [pd.NA]:
        yield {"police_force_area_code": force, "authorities": "|".join(authorities), "area_code": code}
