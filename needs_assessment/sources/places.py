"""The table of areas of an import, put together from what each file says of each code."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from needs_assessment.evidence import CONTRACTS, EvidenceError, Fault
from needs_assessment.evidence.places import one_row_each
from needs_assessment.geography import area_type_of, local_authorities, with_code_changes

COLUMNS = list(CONTRACTS["areas"].columns)
_DTYPES = {name: str(column.dtype) for name, column in CONTRACTS["areas"].columns.items()}
_MUST_AGREE = ("area_type", "region_code", "police_force_area_code", "dfe_la_code")
"""Facts of one code that do not change, so that two files which differ are not both right."""
_DISTRICTS = ["district_code", "area_code", "police_force_area_code"]
_LONDON, _PART_OF_LONDON = ("E12000007", "London"), "E13"
"""The region, and how the codes of Inner and Outer London begin, which some publishers list instead of it."""


def gathered(facts: Iterable[pd.DataFrame], districts: pd.DataFrame) -> pd.DataFrame:
    """One row for each code that a file names: the first statement of each column stands, and other names are kept.

    `facts` are tables with area_code and some of the other columns of `areas`, in the order of the files. The force of
    an authority that no file states is that of its `districts`, where they all lie in one. A London borough's region is
    London. Codes that were replaced get their last day and their successors, where a file names these too. A code that
    has no name in any file is left out: nobody could ask for it; so is one of a kind of place that is not used.

    Raises EvidenceError where files contradict one another on the kind, region, force or DfE code of an area, or on
    where a district lies, and where two authorities in use share a name or a DfE code: one of the codes is mistaken.
    """
    every = _stated(facts)
    _refuse_contradictions(every, _MUST_AGREE, "area_code", "areas")
    areas = one_row_each(every).dropna(subset=["area_name"]).sort_values("area_code", ignore_index=True)
    areas = areas.assign(area_type=areas["area_type"].fillna(areas["area_code"].map(area_type_of).astype("string")))
    areas = _with_forces(areas.dropna(subset=["area_type"]), districts.reindex(columns=_DISTRICTS).astype("string"))
    areas = with_code_changes(_only_known(areas))[COLUMNS].reset_index(drop=True)
    _refuse_twins(local_authorities(areas))
    return areas


def _stated(facts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Every statement under the contract's columns and types, in the order of the files."""
    typed = [table.reindex(columns=COLUMNS).astype(_DTYPES) for table in facts]
    every = pd.concat([pd.DataFrame(columns=COLUMNS).astype(_DTYPES), *typed], ignore_index=True)
    in_london = every["region_code"].str.startswith(_PART_OF_LONDON).fillna(False)
    region = {"region_code": _LONDON[0], "region_name": _LONDON[1]}
    every = every.assign(**{column: every[column].mask(in_london, words) for column, words in region.items()})
    return every.dropna(subset=["area_code"])


def _refuse_contradictions(stated: pd.DataFrame, columns: Iterable[str], of: str, table: str) -> None:
    """Raises EvidenceError that names, for each column, the codes of which it is stated in two ways."""
    several = stated.groupby(of)[list(columns)].nunique().gt(1)
    faults = [
        Fault(
            table,
            f"must be stated in one way for each area, by all files: {', '.join(several.index[several[column]])}",
            column,
        )
        for column in columns
        if several[column].any()
    ]
    if faults:
        raise EvidenceError(faults)


def _refuse_twins(authorities: pd.DataFrame) -> None:
    """Raises EvidenceError that names the codes of authorities in use that share a name, in any file, or a DfE code."""
    others = authorities.assign(area_name=authorities["other_names"].str.split("|")).explode("area_name")
    named = pd.concat([authorities, others]).drop_duplicates(["area_code", "area_name"])
    # A former name of one may be the name of another; what counts is the name that one of them goes by.
    named = named[named["area_name"].isin(authorities["area_name"])]
    faults = []
    for column, rows in {"area_name": named, "dfe_la_code": authorities}.items():
        shared = rows[rows[column].notna() & rows.duplicated(column, keep=False)]
        codes = ", ".join(sorted(set(shared["area_code"])))
        faults += [Fault("areas", f"must not be shared by authorities in use: {codes}", column)] if codes else []
    if faults:
        raise EvidenceError(faults)


def _with_forces(areas: pd.DataFrame, districts: pd.DataFrame) -> pd.DataFrame:
    """The areas with the force of their districts, where a force is not stated and all districts lie in one."""
    _refuse_contradictions(districts, ("area_code", "police_force_area_code"), "district_code", "districts")
    links = districts.groupby("district_code", as_index=False).first()
    # An authority of one tier is its own district.
    links = links.assign(area_code=links["area_code"].fillna(links["district_code"]))
    forces = links.groupby("area_code")["police_force_area_code"].agg(["nunique", "first"])
    single = forces.loc[forces["nunique"] == 1, "first"]
    code = areas["police_force_area_code"].fillna(areas["area_code"].map(single).astype("string"))
    names = areas.set_index("area_code")["area_name"]
    name = areas["police_force_area_name"].fillna(code.map(names).astype("string"))
    return areas.assign(police_force_area_code=code, police_force_area_name=name)


def _only_known(areas: pd.DataFrame) -> pd.DataFrame:
    """The areas without a link to a code that no file names."""
    return areas.assign(successor_code=areas["successor_code"].where(areas["successor_code"].isin(areas["area_code"])))
