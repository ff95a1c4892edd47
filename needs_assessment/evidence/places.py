"""The areas of several folders or files as one table: what each says of one code is put together."""

from __future__ import annotations

import pandas as pd

from needs_assessment.evidence.faults import Fault
from needs_assessment.evidence.parsing import rows_of

NAMES = ["area_name", "other_names"]
POINT = ["longitude", "latitude"]
"""Two points inside one area are both right, so only the rest must agree."""
ONLY = "comparison_only"
MAY_DIFFER = {"area_code", *NAMES, *POINT, ONLY, "police_force_area_name", "region_name"}


def one_row_each(areas: pd.DataFrame) -> pd.DataFrame:
    """The areas with one row for each code, in order of first mention: the first statement of each column stands, and
    every further name is kept among the other names.

    `areas` has the columns of the contract, in the order in which the sources are believed.
    """
    if not areas["area_code"].duplicated().any():
        return areas
    # `first` takes the first statement that is not blank, column by column; a point is taken whole.
    points = areas.dropna(subset=POINT).drop_duplicates("area_code").set_index("area_code")[POINT]
    merged = areas.drop(columns=[*POINT, "other_names"]).groupby("area_code", sort=False).first()
    # A folder that says nothing of it gives the area a report of its own.
    only = areas[ONLY].fillna(False).astype(bool).groupby(areas["area_code"]).all().astype("boolean")
    merged = merged.join(points).assign(**{ONLY: only.where(only)}, other_names=_other_names(areas))
    return merged.reset_index()[list(areas.columns)].astype(areas.dtypes.to_dict())


def _other_names(areas: pd.DataFrame) -> pd.Series:
    """Every name of each code but its first, separated by | and indexed by code."""
    others = areas.assign(name=areas["other_names"].str.split("|")).explode("name")
    named = pd.concat([areas.assign(name=areas["area_name"]), others])[["area_code", "name"]].dropna()
    # The sort keeps the order within a code: names that stand first come before other names.
    named = named.drop_duplicates().sort_values("area_code", kind="stable")
    further = named[named.groupby("area_code").cumcount() > 0]
    return further.groupby("area_code")["name"].agg("|".join)


def contradictions(areas: pd.DataFrame, earlier: pd.DataFrame, label: str) -> list[Fault]:
    """A fault for each column in which `areas`, the table that `label` names, contradicts a row of `earlier`."""
    first = earlier.drop_duplicates("area_code").set_index("area_code")
    faults = []
    for column in (name for name in areas.columns if name not in MAY_DIFFER):
        before = areas["area_code"].map(first[column])
        differs = before.notna() & areas[column].notna() & before.ne(areas[column]).fillna(False)
        rule = "must not contradict what another folder says of this area"
        faults += [Fault(label, rule, column, rows_of(differs))] if differs.any() else []
    return faults
