"""What to make records for, from published totals."""

from __future__ import annotations

import pandas as pd

from needs_assessment.geography import local_authorities, with_current_codes
from needs_assessment.vocabulary import Measure


def calibration_targets(observations: pd.DataFrame, areas: pd.DataFrame) -> pd.DataFrame:
    """Yearly assessment episodes by local authority and harm: area_code, exploitation_type, episodes_per_year,
    neighbour_area_codes.

    The latest published count that is neither missing nor zero is taken: a zero beside counts in other years is more
    likely not recorded than none. Neighbours, separated by |, are the other authorities of the police force area.
    """
    places = local_authorities(areas)
    counts = with_current_codes(observations, areas)
    chosen = counts["measure"].eq(Measure.ASSESSMENT_EPISODES) & counts["area_code"].isin(places["area_code"])
    counted = counts[chosen & counts["count"].gt(0).fillna(False).astype(bool)].sort_values("period_end")
    latest = counted.groupby(["area_code", "exploitation_type"], as_index=False).last()
    targets = latest.rename(columns={"count": "episodes_per_year"})[
        ["area_code", "exploitation_type", "episodes_per_year"]
    ]
    return targets.assign(neighbour_area_codes=targets["area_code"].map(_neighbours(places)))


def _neighbours(places: pd.DataFrame) -> dict[str, str]:
    forces = places.groupby("police_force_area_code")["area_code"].agg(list)
    return {
        place.area_code: "|".join(code for code in forces[place.police_force_area_code] if code != place.area_code)
        for place in places.itertuples()
    }
