"""Which areas there are, and what kind of place a code stands for."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pandas as pd

from needs_assessment.vocabulary import AreaType

# The first three characters of a code say what kind of place it is: ONS, Register of Geographic Codes.
_KINDS = {
    **dict.fromkeys(("E06", "E08", "E09", "E10", "W06"), AreaType.LOCAL_AUTHORITY),
    **dict.fromkeys(("E12", "E13"), AreaType.REGION),
    **dict.fromkeys(("E92", "W92", "K04"), AreaType.COUNTRY),
    **dict.fromkeys(("E23", "W15"), AreaType.POLICE_FORCE_AREA),
    **dict.fromkeys(("E22", "W14"), AreaType.COMMUNITY_SAFETY_PARTNERSHIP),
}

FORCE_WORDS = " police force area"


def local_authorities(areas: pd.DataFrame) -> pd.DataFrame:
    """The local authorities in use today, in order of name: the rows of `areas` whose code has no last day.

    Without those that stand there only for others to be compared with.
    """
    current = areas["valid_to"].isna() & (areas["area_type"] == AreaType.LOCAL_AUTHORITY)
    if "comparison_only" in areas:
        current &= ~areas["comparison_only"].fillna(False).astype(bool)
    return areas[current].sort_values("area_name", ignore_index=True)


def police_force_areas(areas: pd.DataFrame) -> pd.DataFrame:
    """The police force areas that `areas` lists or an authority in use lies in, in order of name: rows as those of
    `areas`, each lying in itself.

    `area_name` is with the words for its kind, `police_force_area_name` without: one may be called as an authority is.
    """
    stated = local_authorities(areas).set_index("police_force_area_code")["police_force_area_name"].dropna()
    listed = areas.loc[areas["valid_to"].isna() & areas["area_type"].eq(AreaType.POLICE_FORCE_AREA), "area_code"]
    codes = pd.Index(dict.fromkeys([*stated.index.dropna(), *listed]), name="area_code", dtype="string")
    forces = areas.set_index("area_code").reindex(codes)
    names = stated[~stated.index.duplicated()].reindex(codes)
    names = names.fillna(forces["area_name"].str.removesuffix(FORCE_WORDS))
    forces = forces.assign(
        area_name=names + FORCE_WORDS,
        area_type=AreaType.POLICE_FORCE_AREA.value,
        police_force_area_code=codes,
        police_force_area_name=names,
    )
    return forces.reset_index().sort_values("area_name", ignore_index=True)[list(areas.columns)]


def wider_areas(areas: pd.DataFrame) -> dict[str, frozenset[str]]:
    """The local authorities in use of each police force area, region and country that `areas` names, by code."""
    places = local_authorities(areas)
    within = {
        code: frozenset(group["area_code"])
        for column in ("police_force_area_code", "region_code")
        for code, group in places.dropna(subset=column).groupby(column)
    }
    countries = areas.loc[areas["area_type"] == AreaType.COUNTRY, "area_code"]
    return within | {code: frozenset(places.loc[_of_country(places, code), "area_code"]) for code in countries}


def whole_forces(areas: pd.DataFrame, named: Iterable[str]) -> pd.Series:
    """The police force area of each authority (the index), of those forces of which `named` holds every authority, more
    than one, and not the force itself: their sums are sums of what is named, and nothing beside it.
    """
    forces = local_authorities(areas).set_index("area_code")["police_force_area_code"].dropna()
    held = set(named)
    whole = forces.groupby(forces).transform(lambda force: len(force) > 1 and held.issuperset(force.index))
    return forces[whole.astype(bool) & ~forces.isin(held)]


def _of_country(places: pd.DataFrame, code: str) -> pd.Series:
    """The first letter of a code is its country's; K stands for several."""
    return places["area_code"].str[0].eq(code[0]) | (code[0] == "K")


def area_type_of(code: object) -> AreaType | None:
    """The kind of area that an ONS nine-character code stands for; None for any other place, such as a district.

    Inner and Outer London (E13) count as regions, since publishers list them among the regions.
    """
    if not isinstance(code, str) or not re.fullmatch(r"[A-Z]\d{8}", code):
        return None
    return _KINDS.get(code[:3])


def authorities_of_nations(areas: pd.DataFrame, named: Iterable[str]) -> pd.DataFrame:
    """The local authorities in use of each nation of which `named` holds an authority; of all nations where it holds
    none.

    Lookups of England and Wales name the authorities of both, also where the figures are of one: the other's would be
    blank everywhere. An authority without a figure stays beside those of its nation, so that none is lost in silence.
    """
    places = local_authorities(areas)
    nations = {code[0] for code in set(places["area_code"]) & set(named)}
    return places[places["area_code"].str[0].isin(nations)].reset_index(drop=True) if nations else places
