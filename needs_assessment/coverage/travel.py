"""How far children live from the sites of services, and how many places there are for them within reach."""

from __future__ import annotations

import pandas as pd

from needs_assessment.methods.access import two_step_floating_catchment, within
from needs_assessment.services import dated

ALL_SERVICES = "all"
"""Stands for a service where the sites of all of them count alike."""
PER_CHILDREN = 1000
SITE = ["service_id", "site_id"]
ORIGIN = ["origin_code", "area_code", "children"]
TRAVEL_COLUMNS = [
    "service_id",
    *ORIGIN,
    "nearest_minutes",
    "places_per_thousand_children",
    "within_minutes",
    "source_id",
]
_NUMBERS = dict.fromkeys(["nearest_minutes", "places_per_thousand_children", "within_minutes"], float)


def travel_access(
    service_sites: pd.DataFrame, travel_times: pd.DataFrame, sources: pd.DataFrame, within_minutes: float
) -> pd.DataFrame:
    """One row for each public source of travel times, service and neighbourhood, in TRAVEL_COLUMNS: the minutes to the
    nearest site, and the places within reach for each 1,000 children who share them.

    A site is within reach up to `within_minutes`, which has no default. The service `all` stands for the sites of all
    services together, as if any of them would take any child. Minutes are missing where no way is stated, and places
    where those of a site within reach are not.

    Source: the two-step floating catchment of Luo and Wang (2003), see `methods.access`.
    """
    public = sources.loc[sources["public"].astype(bool), "source_id"]
    sites = dated(service_sites[service_sites["source_id"].isin(public)], sources)
    # Of several sources the latest that states the places.
    places = sites.groupby(SITE)["places"].last().astype("Float64").reset_index()
    times = travel_times[travel_times["source_id"].isin(public)].merge(places, on=SITE)
    parts = [
        _access(here[ORIGIN].drop_duplicates(), to_sites, within_minutes).assign(service_id=service, source_id=source)
        for source, here in times.groupby("source_id")
        for service, to_sites in [*here.groupby("service_id"), (ALL_SERVICES, here)]
    ]
    nothing = times.reindex(columns=TRAVEL_COLUMNS)
    return pd.concat(parts or [nothing], ignore_index=True)[TRAVEL_COLUMNS].astype(_NUMBERS)


def _access(origins: pd.DataFrame, times: pd.DataFrame, within_minutes: float) -> pd.DataFrame:
    """What each origin has of the sites that the times lead to."""
    minutes = times.pivot(index="origin_code", columns=SITE, values="minutes").reindex(origins["origin_code"])
    minutes = minutes.astype(float)
    places = times.drop_duplicates(SITE).set_index(SITE)["places"].reindex(minutes.columns).astype(float)
    for_each = two_step_floating_catchment(
        origins["children"].astype(float), places, minutes.to_numpy(), within(within_minutes)
    )
    return origins.assign(
        nearest_minutes=minutes.min(axis=1).to_numpy(),
        places_per_thousand_children=for_each * PER_CHILDREN,
        within_minutes=within_minutes,
    )
