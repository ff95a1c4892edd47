"""Statistical neighbours of local authorities, by the Department for Education's children's services model."""

from __future__ import annotations

import re
from pathlib import PurePath

import pandas as pd

from needs_assessment.sources import coercion
from needs_assessment.sources.describing import published_source
from needs_assessment.sources.files import SourceFile
from needs_assessment.sources.notes import Coercion, Notes, RefusedError
from needs_assessment.sources.registry import Reader, Tables
from needs_assessment.sources.tables import table_with, titles_of, without_repeats
from needs_assessment.vocabulary import AreaType

PUBLISHER = "Department for Education"
EDITION_OF = "dfe_statistical_neighbours"
RANKS = range(1, 11)

_CODES = ["old_la_code", *(f"sn_{rank}" for rank in RANKS)]
_YEAR = re.compile(r"(?<![0-9])20[0-9]{2}(?![0-9])")


def read(file: SourceFile, notes: Notes, areas: pd.DataFrame) -> Tables:
    """The ten statistical neighbours of each authority, rank 1 the closest, with how close in the Department's words.

    The file names authorities by the Department's three-digit codes, which other files of the import (children in need,
    lookups) tie to the codes of the Office for National Statistics. A code that is tied to none, or to several areas in
    use, is a fault.
    """
    table = without_repeats(table_with(file, [*_CODES, "la_name"], notes), notes)
    codes = _area_codes(table, areas, notes)
    _check(codes, notes)
    year = _edition(file, notes)
    source_id = f"{EDITION_OF}_{year}" if year else EDITION_OF
    ranked = [_of_rank(rank, table, codes, notes) for rank in RANKS]
    title = f"Children's services statistical neighbours{f', {year}' if year else ''}"
    return {
        "sources": published_source(file, source_id, title, PUBLISHER, edition_of=EDITION_OF),
        "areas": pd.DataFrame(
            {"area_code": codes["old_la_code"], "area_name": coercion.words(table["la_name"], notes)}
        ),
        "neighbours": pd.concat(ranked, ignore_index=True).assign(source_id=source_id),
    }


def _of_rank(rank: int, table: pd.DataFrame, codes: pd.DataFrame, notes: Notes) -> pd.DataFrame:
    neighbours = pd.DataFrame({"area_code": codes["old_la_code"], "neighbour_code": codes[f"sn_{rank}"], "rank": rank})
    if f"sn_{rank}p" in table:
        neighbours["closeness"] = coercion.words(table[f"sn_{rank}p"], notes, required=False)
    return neighbours


def _area_codes(table: pd.DataFrame, areas: pd.DataFrame, notes: Notes) -> pd.DataFrame:
    """The columns of three-digit codes as codes of areas."""
    in_use, ended = _ties(areas)
    if in_use.empty:
        raise RefusedError(
            "names authorities by the Department's three-digit codes, which no other file of this import explains; "
            "import it together with a file of children in need or a lookup of these codes"
        )
    rule = "must be the three-digit code of one authority that another file of this import names"
    codes = {}
    for column in _CODES:
        written = coercion.words(table[column], notes)
        codes[column] = written.map(in_use).astype("string").fillna(written.map(ended).astype("string"))
        coercion.fault_where(written.notna() & codes[column].isna(), rule, notes)
        notes.count(Coercion.NAME, column, int(codes[column].notna().sum()))
        notes.count(Coercion.OLD_CODE, column, int(codes[column].isin(ended).sum()))
    return pd.DataFrame(codes)


def _ties(areas: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """The area of each three-digit code: of those in use, and of those whose areas have all ended.

    A code that is tied to several areas in use is in neither, and one that only ended areas have stands if it is one.
    """
    authorities = areas[areas["area_type"].eq(AreaType.LOCAL_AUTHORITY) & areas["dfe_la_code"].notna()]
    current = authorities["valid_to"].isna()
    others = authorities[~authorities["dfe_la_code"].isin(authorities.loc[current, "dfe_la_code"])]
    in_use, ended = (
        part.drop_duplicates("dfe_la_code", keep=False).set_index("dfe_la_code")["area_code"].astype("string")
        for part in (authorities[current], others)
    )
    return in_use, ended


def _check(codes: pd.DataFrame, notes: Notes) -> None:
    area = codes["old_la_code"]
    coercion.fault_where(area.notna() & area.duplicated(keep=False), "must be another authority in each row", notes)
    neighbours = codes.drop(columns="old_la_code")
    itself = neighbours.eq(area, axis=0).fillna(False).any(axis=1)
    repeated = neighbours.apply(lambda row: row.dropna().duplicated().any(), axis=1)
    wrong = (itself | repeated).rename("sn_1 to sn_10")
    coercion.fault_where(wrong, "must be ten different authorities, none of them the authority itself", notes)


def _edition(file: SourceFile, notes: Notes) -> str:
    """The year of the model, where its titles state one, or else its name; no figure depends on it."""
    inside = {year for words in titles_of(file) for year in _YEAR.findall(words)}
    found = inside or set(_YEAR.findall(PurePath(file.name).stem))
    if not inside:
        notes.remark(
            "no cell states the year of the model; its edition is told from the file's name, where that has one"
        )
    return found.pop() if len(found) == 1 else ""


READERS = (
    Reader(
        "Department for Education, statistical neighbours of children's services",
        read,
        headings=(*_CODES, "la_name"),
        needs_areas=True,
    ),
)
