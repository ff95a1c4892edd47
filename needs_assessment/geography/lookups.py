"""Which partnerships an authority has, and which authorities resemble it."""

from __future__ import annotations

import pandas as pd

from needs_assessment.geography.areas import area_type_of, local_authorities
from needs_assessment.geography.codes import with_current_codes
from needs_assessment.vocabulary import AreaType


class ContradictoryDistrictsError(Exception):
    """Two sources place one district in different authorities."""


def partnerships(districts: pd.DataFrame, areas: pd.DataFrame) -> pd.DataFrame:
    """The community safety partnerships of each local authority in use: area_code, partnership_code and `whole`, which
    is true where the partnership is exactly the authority.

    A partnership is not an authority: Worcestershire has two, and one partnership covers Dorset and Bournemouth,
    Christchurch and Poole. What two sources say of one district is put together by its code, and a district may lie in
    several partnerships. Raises ContradictoryDistrictsError, which lists every district that is in two authorities.
    """
    placed = _placed(districts, areas)
    links = placed.groupby(["area_code", "partnership_code"]).size().rename("shared").reset_index()
    in_area = links["area_code"].map(placed["area_code"].value_counts())
    in_partnership = links["partnership_code"].map(placed["partnership_code"].value_counts())
    links = links.assign(whole=links["shared"].eq(in_area) & links["shared"].eq(in_partnership))
    in_use = links["area_code"].isin(local_authorities(areas)["area_code"])
    return links.loc[in_use, ["area_code", "partnership_code", "whole"]].reset_index(drop=True)


def _placed(districts: pd.DataFrame, areas: pd.DataFrame) -> pd.DataFrame:
    """A row for each district and each partnership that it lies in, with the authority that any source places it in."""
    codes = {column: _current(districts[column], areas) for column in ("district_code", "area_code")}
    stated = districts[["partnership_code"]].assign(**codes)
    # An authority of one tier is its own district, and lookups of partnerships leave that unsaid.
    single = stated["district_code"].map(area_type_of).eq(AreaType.LOCAL_AUTHORITY)
    stated["area_code"] = stated["area_code"].fillna(stated["district_code"].where(single))
    authorities = stated.groupby("district_code")["area_code"].agg(["nunique", "first"])
    contradictory = authorities.index[authorities["nunique"] > 1]
    if len(contradictory):
        raise ContradictoryDistrictsError(
            f"districts: area_code: two sources place these in different authorities: {', '.join(contradictory)}; "
            "keep the rows of one source"
        )
    lies_in = stated[["district_code", "partnership_code"]].dropna().drop_duplicates()
    return authorities["first"].rename("area_code").reset_index().merge(lies_in, how="left", on="district_code")


def _current(codes: pd.Series, areas: pd.DataFrame) -> pd.Series:
    return with_current_codes(codes.rename("area_code").to_frame(), areas)["area_code"]


def neighbours_of(area_code: str, neighbours: pd.DataFrame, areas: pd.DataFrame) -> pd.DataFrame:
    """The statistical neighbours of an area, the closest first: rank, area_code, area_name, closeness, source_id.

    Codes are those in use; a neighbour that is none of `areas` has no name. Two sources stand one after the other.
    """
    current = with_current_codes(neighbours, areas)
    others = _current(neighbours["neighbour_code"], areas)
    named = current.assign(
        neighbour_code=others, area_name=others.map(areas.set_index("area_code")["area_name"]).astype("string")
    )
    chosen = named[named["area_code"] == area_code].sort_values(["source_id", "rank"], ignore_index=True)
    columns = {"rank": "rank", "neighbour_code": "area_code", "area_name": "area_name"}
    return chosen[[*columns, "closeness", "source_id"]].rename(columns=columns)
