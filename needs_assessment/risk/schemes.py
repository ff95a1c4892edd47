"""Local risk schemes: each keeps its own words and order, and levels of two schemes never add up in silence."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from needs_assessment.disclosure import SafeCounts

_SERIES = ["source_id", "area_code", "exploitation_type"]


def scheme_changes(caseload: SafeCounts) -> pd.DataFrame:
    """The changes of an authority's risk scheme: source_id, area_code, exploitation_type, from_scheme, to_scheme and
    changed_by, the first quarter end with anybody under the new scheme.

    A change of scheme breaks the series: the levels before and after are not compared.
    """
    table = caseload.table
    begun = table.groupby([*_SERIES, "scheme"], sort=False)["as_at"].min().rename("changed_by").reset_index()
    begun = begun.sort_values([*_SERIES, "changed_by"], ignore_index=True)
    before = begun.groupby(_SERIES)["scheme"].shift().rename("from_scheme")
    changed = begun.assign(from_scheme=before).dropna(subset="from_scheme")
    columns = [*_SERIES, "from_scheme", "to_scheme", "changed_by"]
    return changed.rename(columns={"scheme": "to_scheme"})[columns].reset_index(drop=True)


def with_counterparts(counts: pd.DataFrame, crosswalk: pd.DataFrame, scheme: str) -> pd.DataFrame:
    """The counts by level with `counterpart`, the level of `scheme` that a source states to correspond; missing where
    none does.

    Explicit: only what `crosswalk` (evidence table risk_crosswalk) states. Partial: a level without a row has no
    counterpart, and is not shared out. Reversible: the columns scheme and risk_level stay as they were. Nothing is
    summed; whoever sums two levels with one counterpart groups by it and sees both.
    """
    stated = crosswalk[crosswalk["to_scheme"].eq(scheme)].set_index(["from_scheme", "from_level"])["to_level"]
    keys = pd.MultiIndex.from_frame(counts[["scheme", "risk_level"]])
    counterpart = pd.Series(stated.reindex(keys).to_numpy(), index=counts.index, dtype="string")
    return counts.assign(counterpart=counterpart.mask(counts["scheme"].eq(scheme), counts["risk_level"]))


def levels_in_order(schemes: pd.DataFrame, scheme: str) -> list[str]:
    """The levels of a scheme in its own words, from the lowest."""
    return schemes[schemes["scheme"].eq(scheme)].sort_values("ordinal")["risk_level"].tolist()


def schemes_in_order(schemes: pd.DataFrame) -> dict[str, list[str]]:
    """The levels of each scheme in its own words, from the lowest, by its name."""
    return {name: levels_in_order(schemes, name) for name in sorted(schemes["scheme"].unique())}


def schemes_of_areas(caseload: pd.DataFrame, snapshots: pd.DataFrame, forces: pd.Series) -> dict[str, str]:
    """The scheme that each authority uses: that of its latest caseload, else that of the latest snapshot published of
    it, else of its police force area (`forces`). Authorities of which no count by level is known are left out.
    """
    used: dict[str, str] = {}
    for counts in (snapshots, caseload):
        latest = counts.sort_values("as_at", kind="stable").groupby("area_code")["scheme"].last()
        used |= {str(area): str(latest[force]) for area, force in forces.dropna().items() if force in latest}
        used |= {str(area): str(latest[area]) for area in forces.index if area in latest}
    return used


def allowed_moves(levels: int) -> NDArray[np.bool_]:
    """Which moves may happen at one instant (levels + 1, levels + 1): to the next level up or down, and out of each."""
    places = np.arange(levels + 1)
    moves = np.abs(places[:, None] - places) == 1
    moves[:, levels], moves[levels] = True, False
    return moves
