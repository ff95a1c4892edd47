"""Areas: their names in all spellings, the codes that replaced one another, and a tile for each on a map."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

import numpy as np
import pandas as pd

from needs_assessment.vocabulary import AreaType

SUGGESTIONS = 3


class UnknownAreaError(Exception):
    """A name or code that is no area of the evidence; the message suggests the nearest."""


def local_authorities(areas: pd.DataFrame) -> pd.DataFrame:
    """The local authorities in use today, in order of name: the rows of `areas` whose code has no last day."""
    current = areas["valid_to"].isna() & (areas["area_type"] == AreaType.LOCAL_AUTHORITY)
    return areas[current].sort_values("area_name", ignore_index=True)


def resolve_areas(asked: Iterable[str], areas: pd.DataFrame) -> list[str]:
    """The codes of the areas asked for by code or by name, as people write them, in the order asked.

    Raises UnknownAreaError that lists every unknown name at once, each with the nearest known ones.
    """
    spellings = _spellings(areas)
    asked = list(asked)
    unknown = [words for words in asked if _plain(words) not in spellings]
    if unknown:
        raise UnknownAreaError("\n".join(_suggestion(words, areas, spellings) for words in unknown))
    return list(dict.fromkeys(spellings[_plain(words)] for words in asked))


def _spellings(areas: pd.DataFrame) -> dict[str, str]:
    spellings: dict[str, str] = {}
    for area in areas[["area_code", "area_name", "other_names"]].itertuples(index=False):
        names = [area.area_code, area.area_name]
        names += [] if pd.isna(area.other_names) else str(area.other_names).split("|")
        spellings |= {_plain(name): area.area_code for name in names}
    return spellings


def _plain(words: str) -> str:
    """The words without case, punctuation, `&` for `and`, or the titles that publishers add."""
    plain = re.sub(r"[^a-z0-9]+", " ", words.lower().replace("&", " and ")).strip()
    return re.sub(r" (county|city|unitary|metropolitan)? ?council$", "", plain)


def _suggestion(words: str, areas: pd.DataFrame, spellings: dict[str, str]) -> str:
    near = difflib.get_close_matches(_plain(words), spellings, n=SUGGESTIONS, cutoff=0.5)
    names = areas.set_index("area_code")["area_name"]
    suggested = dict.fromkeys(f"{names[spellings[name]]} ({spellings[name]})" for name in near)
    hint = f"did you mean {' or '.join(suggested)}?" if suggested else "see them with: needs-assessment areas"
    return f"{words!r} is not an area of this evidence; {hint}"


def with_current_codes(table: pd.DataFrame, areas: pd.DataFrame) -> pd.DataFrame:
    """The table with each area code that has an exact successor replaced by it.

    Splits and merges have no exact successor and keep their own codes: no one-to-one join exists for them.
    """
    successors = areas.dropna(subset=["successor_code"]).set_index("area_code")["successor_code"].to_dict()
    return table.assign(area_code=table["area_code"].replace(successors))


def tiles(areas: pd.DataFrame) -> pd.DataFrame:
    """A tile for each area that has a point: area_code, column and row (both from 0, rows counted from the south).

    The points are stretched over a square grid with room to spare, and the assignment of areas to cells that
    moves them least in total is found exactly (scipy's `linear_sum_assignment`).
    """
    from scipy.optimize import linear_sum_assignment
    from scipy.spatial.distance import cdist

    placed = areas.dropna(subset=["longitude", "latitude"]).sort_values("area_code", ignore_index=True)
    if placed.empty:
        return pd.DataFrame({"area_code": placed["area_code"], "column": [], "row": []}).astype(
            {"column": int, "row": int}
        )
    points = placed[["longitude", "latitude"]].to_numpy(float)
    side = int(np.ceil(np.sqrt(len(points) * 1.6)))
    spread = np.ptp(points, axis=0)
    scaled = (points - points.min(axis=0)) / np.where(spread > 0, spread, 1) * (side - 1)
    cells = np.array([(column, row) for row in range(side) for column in range(side)], dtype=float)
    _, chosen = linear_sum_assignment(cdist(scaled, cells, "sqeuclidean"))
    grid = cells[chosen].astype(int)
    return pd.DataFrame({"area_code": placed["area_code"], "column": grid[:, 0], "row": grid[:, 1]})
