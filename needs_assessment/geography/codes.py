"""Codes that replaced one another: which series join, and which break.

The facts are in `code_changes.csv` beside this module, retyped from the Office for National Statistics' Code History
Database and from the statutory orders that each row names (legislation.gov.uk; Hansard for the size of the change of
2013). Where the number of an instrument could not be confirmed it is blank.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from needs_assessment.geography.areas import local_authorities
from needs_assessment.vocabulary import in_words

_FILE = Path(__file__).with_name("code_changes.csv")
_DAYS, _CODES = ("valid_from", "valid_to"), ("successor_code", "became")
# What an area has in common with its exact successor, besides its figures.
_INHERITED = (
    "police_force_area_code",
    "police_force_area_name",
    "region_code",
    "region_name",
    "dfe_la_code",
    "longitude",
    "latitude",
)
_PERIODS = ("period_end", "mid_year", "as_at")
# Columns that say how much, or how it was worded. All others say what a figure is of.
_FIGURES = ("count", "missing", "people", "value", "awarded_gbp", "spent_gbp", "note")


class ChangeKind(StrEnum):
    """How a code came to an end."""

    EXACT = "exact"
    MINOR_BOUNDARY_CHANGE = "minor boundary change"
    SPLIT = "split"
    MERGE = "merge"

    @property
    def continues(self) -> bool:
        """Whether figures of the old code and of its one successor are one series.

        A minor boundary change counts: the Office for National Statistics gives a new code when a single house moves
        (Gateshead, 2013) or a dozen do (Barnsley, 2025). That is far below the error of any figure of a whole
        authority, so that a broken series would mislead a reader more than a joined one.
        """
        return self in {ChangeKind.EXACT, ChangeKind.MINOR_BOUNDARY_CHANGE}


class DoubledAreaError(Exception):
    """Figures of one area and period stated under its old code and under its new one."""


def code_changes() -> pd.DataFrame:
    """The codes of upper-tier local authorities of England and Wales that have ended since 2009, in order of last day:
    area_code, area_name, last_day, kind (a ChangeKind), successor_codes (separated by |), order, instrument, note.
    """
    return _facts().copy()


@cache
def _facts() -> pd.DataFrame:
    facts = pd.read_csv(_FILE, dtype="string", parse_dates=["last_day"])
    return facts.astype({"last_day": "datetime64[us]"}).sort_values(["last_day", "area_code"], ignore_index=True)


def with_code_changes(areas: pd.DataFrame) -> pd.DataFrame:
    """The areas with the blanks of valid_from, valid_to, successor_code and became filled from `code_changes`.

    A code is ended only where an area that replaced it is among the areas too: evidence that has not yet met the new
    code must not lose the area (Barnsley's code of 2025 is not in figures to March 2025). An exact successor also
    takes over its predecessor's force, region, DfE code and point where it states none. What a row states stands.
    """
    ended = _ended_within(areas["area_code"])
    began = {
        successor: change.last_day + pd.Timedelta(days=1)
        for change in _facts().itertuples()
        for successor in change.successor_codes.split("|")
    }
    known = {"valid_from": began, **ended.to_dict()}
    filled = areas.assign(**{column: _filled(areas, column, found) for column, found in known.items()})
    return _with_inheritance(filled)


def _filled(areas: pd.DataFrame, column: str, found: Mapping[str, object]) -> pd.Series:
    """The column with its blanks filled by what was found for each code."""
    known = areas["area_code"].map(dict(found))
    if column in _DAYS:
        days = pd.to_datetime(areas[column]).astype("datetime64[us]")
        return days.fillna(pd.to_datetime(known).astype("datetime64[us]"))
    return areas[column].astype("string").fillna(known.astype("string"))


def _ended_within(codes: pd.Series) -> pd.DataFrame:
    """valid_to, successor_code and became of each code of `codes` that others of them replaced, by code."""
    present, facts = set(codes), _facts().set_index("area_code")
    rows = {}
    for code in present & set(facts.index):
        found, joined = _onward(code, facts, present)
        if found:
            became = "|".join(dict.fromkeys(found))
            rows[code] = (facts.loc[code, "last_day"], became if joined else None, None if joined else became)
    return pd.DataFrame.from_dict(rows, orient="index", columns=["valid_to", *_CODES], dtype="object")


def _onward(code: str, facts: pd.DataFrame, present: Container[str]) -> tuple[list[str], bool]:
    """The nearest areas present that came out of a code, and whether all its figures continue in one of them."""
    found: list[str] = []
    joined = ChangeKind(facts.loc[code, "kind"]).continues
    for successor in facts.loc[code, "successor_codes"].split("|"):
        if successor in present:
            found.append(successor)
        elif successor in facts.index:
            later, continues = _onward(successor, facts, present)
            found, joined = found + later, joined and continues
    return found, joined


def _with_inheritance(areas: pd.DataFrame) -> pd.DataFrame:
    links = areas.dropna(subset=["successor_code"]).drop_duplicates("successor_code", keep="last")
    given = links.set_index("successor_code")
    taken = {
        column: areas[column].fillna(areas["area_code"].map(given[column]).astype(areas[column].dtype))
        for column in _INHERITED
        if column in areas
    }
    return areas.assign(**taken)


def with_current_codes(table: pd.DataFrame, areas: pd.DataFrame) -> pd.DataFrame:
    """The table with each area code that has an exact successor replaced by it, and by that one's successor in turn.

    Splits and merges have no exact successor and keep their own codes: no one-to-one join exists for them. Raises
    DoubledAreaError where one source states a figure of one period under an area's old code and its new one, since
    both would count; ValueError where successors run in a circle.
    """
    current = table.assign(area_code=table["area_code"].replace(_latest_codes(areas)))
    _refuse_doubles(table["area_code"], current)
    return current


def _latest_codes(areas: pd.DataFrame) -> dict[str, str]:
    """The last code of the chain for each code that has an exact successor."""
    replaced = areas["successor_code"].notna().to_numpy(bool)
    following = dict(zip(areas["area_code"][replaced], areas["successor_code"][replaced], strict=True))
    latest = {}
    for code in following:
        passed = [code]
        while passed[-1] in following:
            passed.append(following[passed[-1]])
            if passed[-1] in passed[:-1]:
                raise ValueError(f"areas, successor_code: codes replace one another in a circle: {' → '.join(passed)}")
        latest[code] = passed[-1]
    return latest


def _refuse_doubles(stated: pd.Series, current: pd.DataFrame) -> None:
    """An error that names each area with one figure under two codes. Records of single children are not figures."""
    if not set(_PERIODS) & set(current) or stated.equals(current["area_code"]):
        return
    of = [column for column in current if column not in _FIGURES]
    once_a_code = current[of].assign(stated=stated).drop_duplicates()
    doubled = once_a_code[once_a_code.duplicated(of)]
    if len(doubled):
        codes = ", ".join(sorted(set(doubled["area_code"])))
        raise DoubledAreaError(
            f"{len(doubled)} figures are stated both under a code that ended and under the one that replaced it, for "
            f"the same period and by the same source; keep the rows of one code: {codes}"
        )


def series_breaks(areas: pd.DataFrame) -> pd.DataFrame:
    """The local authorities in use that came out of a split or a merge, in order of name: area_code, since (the first
    day), predecessor_codes and predecessor_names (separated by |), and a sentence that says so.

    A pure function of `areas`: a break is told by the column `became` of codes that have ended.
    """
    origins = _origins(areas)
    rows = [
        _break(area, origins[origins["area_code"] == area.area_code])
        for area in local_authorities(areas).itertuples()
        if area.area_code in set(origins["area_code"])
    ]
    columns = ["area_code", "since", "predecessor_codes", "predecessor_names", "sentence"]
    return pd.DataFrame(rows, columns=columns).astype({"since": "datetime64[us]"})


def _origins(areas: pd.DataFrame) -> pd.DataFrame:
    """A row for each ended area and each area in use that holds some of it."""
    ended = areas.dropna(subset=["became"])
    ended = ended.assign(parts=ended["became"].str.count(r"\|") + 1, area=ended["became"].str.split("|"))
    shared = ended[["area_code", "area_name", "valid_to", "parts", "area"]].explode("area")
    origins = shared.rename(columns={"area_code": "code", "area_name": "name", "area": "area_code"})
    return origins.assign(area_code=origins["area_code"].replace(_latest_codes(areas)))


def _break(area: Any, origins: pd.DataFrame) -> dict[str, object]:
    last_day = origins["valid_to"].max()
    since = area.valid_from if pd.isna(last_day) else last_day + pd.Timedelta(days=1)
    return {
        "area_code": area.area_code,
        "since": since,
        "predecessor_codes": "|".join(origins["code"]),
        "predecessor_names": "|".join(origins["name"]),
        "sentence": _sentence(str(area.area_name), since, origins),
    }


def _sentence(name: str, since: pd.Timestamp, origins: pd.DataFrame) -> str:
    began = "" if pd.isna(since) else f" since {in_words(date(since.year, since.month, since.day))}"
    # Two areas of one name, such as Dorset before and after 2019, are told apart by the older one's code.
    told = [f"the former {old} ({code})" if old == name else old for code, old in origins[["code", "name"]].to_numpy()]
    split = origins["parts"] > 1
    how = "split" if split.all() else "split or merged" if split.any() else "merged"
    were = "was" if len(origins) == 1 else "were"
    return (
        f"{name} has existed with its present boundary{began}; earlier figures are of {_listed(told)}, which {were} "
        f"{how}, and are not joined to it."
    )


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
