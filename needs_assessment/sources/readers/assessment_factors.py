"""An extract of assessment factors: the standard safeguarding dataset's table ssd_assessment_factors, with columns of
ssd_cin_assessments beside it (CSV or XLSX).

It holds records of single children, so a fault names a column and rows, and never a cell.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

import pandas as pd

from needs_assessment.sources import coercion
from needs_assessment.sources.describing import returned_source
from needs_assessment.sources.files import SourceFile
from needs_assessment.sources.notes import Notes, RefusedError
from needs_assessment.sources.readers import factor_counts
from needs_assessment.sources.readers.factor_counts import KNOWN_CODE, LEFT_OUT, RETURNED_BY, Assessment, Told
from needs_assessment.sources.readers.returns import area_codes
from needs_assessment.sources.registry import Reader, Tables
from needs_assessment.sources.tables import missing_headings, table_with, without_repeats
from needs_assessment.vocabulary import AreaType

FACTORS = "cinf_assessment_factors_json"
EXTRACT = (FACTORS, "cina_person_id", "cina_referral_id", "cina_assessment_auth_date")
AUTHORITIES = ("la_code", "area_code")
STARTED = "cina_assessment_start_date"
MONTHS = 12

OPEN = f"assessment without cina_assessment_auth_date{LEFT_OUT}"
IMPOSSIBLE = f"assessment whose {STARTED} is after its authorisation{LEFT_OUT}"
NOT_WHOLE = f"assessment of a year of which a month has none, so that the year may not be there whole{LEFT_OUT}"


def read_assessment_factors(file: SourceFile, notes: Notes, areas: pd.DataFrame) -> Tables:
    """The evidence of an extract of the standard safeguarding dataset: the counts of `factor_counts`.

    An episode of need is a referral. The extract does not say which years it holds whole: a year ending 31 March is
    counted where each of its months has a completed assessment of the authority, and the others are left out and told.
    """
    authority = _authority_column(file)
    table = without_repeats(table_with(file, [*EXTRACT, authority], notes), notes)
    told = Told("row")
    completed = _completed(table, authority, areas, notes, told)
    if notes.faults:
        return {}
    months = completed.groupby(["area_code", "year"])["month"].transform("nunique")
    whole = completed[months.eq(MONTHS)]
    for row in completed.index.difference(whole.index):
        told.tell(NOT_WHOLE, row)
    if whole.empty:
        raise RefusedError("holds no year ending 31 March with a completed assessment in each month of it")
    source_id = f"return_assessment_factors_{file.sha256[:8]}"
    counted = [
        factor_counts.observations(factor_counts.counts(_assessments(rows, told), year), source_id, code, year)
        for (code, year), rows in whole.groupby(["area_code", "year"])
    ]
    told.remark(notes)
    until = pd.Timestamp(int(whole["year"].max()), 3, 31).date()
    title = "Extract of assessment factors, standard safeguarding dataset"
    source = returned_source(file, source_id, title, RETURNED_BY, data_to=until)
    return {"sources": source, "observations": pd.concat(counted, ignore_index=True)}


def _authority_column(file: SourceFile) -> str:
    lacking = missing_headings(file, EXTRACT)
    stated = [name for name in AUTHORITIES if not missing_headings(file, [FACTORS, name])]
    if lacking or not stated:
        wanted = [*lacking, *([] if stated else ["la_code (the Department for Education's three digits) or area_code"])]
        raise RefusedError(
            "holds assessment factors, but not whose and of when: add to each row, from ssd_cin_assessments, the "
            f"column {', '.join(wanted)}"
        )
    return stated[0]


def _completed(table: pd.DataFrame, authority: str, areas: pd.DataFrame, notes: Notes, told: Told) -> pd.DataFrame:
    """The completed assessments: area_code, year (ending 31 March), month, child, episode, codes; rows of the file."""
    day = coercion.days(table["cina_assessment_auth_date"], notes, required=False)
    started = coercion.days(table[STARTED], notes, required=False) if STARTED in table else day
    person = coercion.words(table["cina_person_id"], notes)
    completed = pd.DataFrame(
        {
            "day": day,
            "impossible": (started > day).fillna(False),
            "year": (day.dt.year + (day.dt.month > 3)).astype("Int64"),
            "month": day.dt.month,
            "child": person,
            "episode": person + "\n" + coercion.words(table["cina_referral_id"], notes),
            "codes": _codes(table[FACTORS], notes),
        }
    )
    completed["area_code"] = _extract_areas(table[authority], completed["year"], areas, notes)
    for rule, mask in ((OPEN, day.isna()), (IMPOSSIBLE, completed["impossible"])):
        for row in completed.index[mask.to_numpy(bool)]:
            told.tell(rule, row)
    return completed[day.notna() & ~completed["impossible"]]


def _extract_areas(cells: pd.Series, year: pd.Series, areas: pd.DataFrame, notes: Notes) -> pd.Series:
    if cells.name == "area_code":
        return area_codes(cells, True, (areas, AreaType.LOCAL_AUTHORITY), notes)
    code = coercion.words(cells, notes)
    pairs = pd.DataFrame({"code": code, "year": year.fillna(year.max())})
    found = {
        (one.code, one.year): factor_counts.authority(one.code, areas, int(one.year))
        for one in pairs.dropna().drop_duplicates().itertuples(index=False)
    }
    area_code = pd.Series([found.get(pair) for pair in zip(*pairs.to_numpy(object).T, strict=True)], index=cells.index)
    unknown = cells.index[code.notna() & area_code.isna() & pairs["year"].notna()]
    if len(unknown):
        notes.fault(KNOWN_CODE, str(cells.name), unknown)
    return area_code


def _codes(cells: pd.Series, notes: Notes) -> pd.Series:
    codes = cells.astype("object").map(_listed_codes, na_action="ignore")
    broken = cells.index[cells.notna() & codes.isna()]
    if len(broken):
        notes.fault(
            'must be a JSON list of factor codes, or a JSON object of codes with "Yes" or "No"', FACTORS, broken
        )
    return codes


def _listed_codes(text: str) -> tuple[str, ...] | None:
    """The codes of a cell: `["11A", "20"]`, or `{"11A": "Yes", "20": "No"}`; None where it is neither."""
    try:
        found = json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        return None
    if isinstance(found, dict):
        answers = {str(answer).lower() for answer in found.values()}
        found = (
            [code for code, answer in found.items() if str(answer).lower() == "yes"]
            if answers <= {"yes", "no"}
            else None
        )
    listed = isinstance(found, list) and all(isinstance(code, str) for code in found)
    return tuple(code.strip() for code in found) if listed else None


def _assessments(rows: pd.DataFrame, told: Told) -> Iterator[Assessment]:
    for row in rows.itertuples():
        codes: Iterable[str] = row.codes if isinstance(row.codes, tuple) else ()
        factors = factor_counts.factors(codes, int(row.year), row.Index, told)
        yield Assessment(hash(row.child), hash(row.episode), factors)


READERS = (
    Reader(
        "Assessment factors of the standard safeguarding dataset",
        read_assessment_factors,
        headings=(FACTORS,),
        needs_areas=True,
    ),
)
