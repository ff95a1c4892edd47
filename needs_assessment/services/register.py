"""The register of what is commissioned: for every service what the latest source says of each fact."""

from __future__ import annotations

import pandas as pd

COMPARED_FIELDS = (
    "age_from",
    "age_to",
    "extended_age_to",
    "annual_value_gbp",
    "contract_start",
    "contract_end",
    "exploitation_types",
)


def dated(statements: pd.DataFrame, sources: pd.DataFrame) -> pd.DataFrame:
    """The rows with `stated_on`, oldest first: the day their source was published, or the last day it describes."""
    published = sources.set_index("source_id")
    days = published["published_on"].fillna(published["data_to"])
    stated_on = statements["source_id"].map(days).astype("datetime64[us]")
    # A source without a date never passes for the latest.
    return statements.assign(stated_on=stated_on).sort_values("stated_on", kind="stable", na_position="first")


def register(services: pd.DataFrame, sources: pd.DataFrame, on: pd.Timestamp | None = None) -> pd.DataFrame:
    """One row for each service: for every column what the latest source published by `on` says, where one says it.

    `sources_of_row` lists the sources that speak of the service, oldest first.
    """
    stated = dated(services, sources)
    if on is not None:
        stated = stated[stated["stated_on"] <= on]
    grouped = stated.groupby("service_id", sort=True)
    # `last` takes each column's last value that is not missing.
    latest = grouped.last().reset_index()
    return latest.assign(sources_of_row=grouped["source_id"].agg("|".join).to_numpy()).drop(columns=["source_id"])
