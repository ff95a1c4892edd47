"""English Indices of Deprivation, summaries of upper-tier local authorities (File 11), by the ministry for housing.

A workbook with notes and a sheet for each index or domain, of which the Index of Multiple Deprivation (IMD) and the
Income Deprivation Affecting Children Index (IDACI) are read. One sheet that was saved as CSV is read too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

import pandas as pd

from needs_assessment.geography import code_changes
from needs_assessment.sources import coercion
from needs_assessment.sources.coercion import fault_where
from needs_assessment.sources.describing import published_source
from needs_assessment.sources.files import Form, Sheet, SourceFile
from needs_assessment.sources.notes import Coercion, Notes, RefusedError
from needs_assessment.sources.registry import Reader, Tables
from needs_assessment.sources.tables import headings_of, table_with
from needs_assessment.vocabulary import AreaType

PUBLISHER = "Ministry of Housing, Communities and Local Government"
EDITIONS = {"2019": ("2019", date(2019, 9, 26)), "2024": ("2025", date(2025, 10, 30))}
"""The edition that lists authorities by their codes of a year, and the day when it was published."""

MEASURES = {
    "average rank": "average rank",
    "rank of average rank": "rank of average rank",
    "average score": "average score",
    "rank of average score": "rank of average score",
    "proportion of lsoas in most deprived 10% nationally": "proportion in most deprived 10%",
    "rank of proportion of lsoas in most deprived 10% nationally": "rank of proportion in most deprived 10%",
    "extent": "extent",
    "rank of extent": "rank of extent",
    "local concentration": "local concentration",
    "rank of local concentration": "rank of local concentration",
}
"""What a column measures, by its heading without the name of the index and the year of the edition."""
SHARES = frozenset({"proportion in most deprived 10%", "extent"})

_CODE_HEADING = re.compile(r"upper[ -]tier local authority district code \(([0-9]{4})\)")
_OF_INDEX = re.compile(r"(imd|idaci)(?: [0-9]{4})? ?- ?(.+)")
_CODE = r"E\d{8}"


@dataclass(frozen=True)
class Summary:
    """One sheet: the headings of its codes and names, its columns of the IMD or IDACI, and its table of text."""

    sheet: str
    code: str
    columns: dict[str, tuple[str, str]]
    table: pd.DataFrame

    @property
    def authorities(self) -> pd.DataFrame:
        """Columns code and name, as they are written."""
        return self.table[[self.code, _name_heading(self.code)]].set_axis(["code", "name"], axis="columns")


def read(file: SourceFile, notes: Notes, areas: pd.DataFrame) -> Tables:
    """The evidence of the summaries: every measure of the IMD and of IDACI for each authority.

    Other indices and domains are left out and counted. Codes stay those of the edition; one that is misprinted is taken
    from the other sheets, by the name beside it. Raises RefusedError where neither index is there.
    """
    summaries = [_summary(file, sheet, row, notes) for sheet, row in _sheets(file)]
    used = [one for one in summaries if one.columns]
    if not used:
        raise RefusedError("summarises other domains of deprivation, and neither the IMD nor IDACI")
    codes = _codes_by_name(summaries)
    deprivation = pd.concat([_values_of(one, codes, notes) for one in used], ignore_index=True)
    _check_lists(deprivation, notes)
    source = _source(file, used[0].code)
    facts = deprivation[["area_code", "area_name"]].drop_duplicates("area_code", ignore_index=True)
    return {
        "sources": source,
        "areas": facts.assign(area_type=AreaType.LOCAL_AUTHORITY.value),
        "deprivation": deprivation.drop(columns="area_name").assign(source_id=source["source_id"].item()),
    }


def _source(file: SourceFile, code_heading: str) -> pd.DataFrame:
    vintage = code_heading[-5:-1]
    edition, published_on = EDITIONS.get(vintage, (f"with the authorities of {vintage}", pd.NaT))
    return published_source(
        file,
        f"indices_of_deprivation_{edition.replace(' ', '_')}",
        f"English Indices of Deprivation {edition}: summaries of upper-tier local authorities",
        PUBLISHER,
        edition_of="indices_of_deprivation",
    ).assign(published_on=published_on)


def _sheets(file: SourceFile) -> Iterator[tuple[Sheet, list[str]]]:
    """Each sheet that lists upper-tier authorities, and its headings."""
    for sheet, _, row in headings_of(file) if file.form in {Form.TABLE, Form.WORKBOOK} else ():
        if any(map(_CODE_HEADING.fullmatch, row)):
            yield sheet, row


def _summary(file: SourceFile, sheet: Sheet, row: list[str], notes: Notes) -> Summary:
    code = next(name for name in row if _CODE_HEADING.fullmatch(name))
    of_index = {name: found for name in row if (found := _OF_INDEX.fullmatch(name))}
    columns = {name: (found[1].upper(), MEASURES[found[2]]) for name, found in of_index.items() if found[2] in MEASURES}
    table = table_with(replace(file, sheets=(sheet,)), (code, _name_heading(code), *columns), notes)
    repeated = table.duplicated()
    notes.count(Coercion.REPEATED_ROW, times=int(repeated.sum()))
    if not columns:
        notes.count(Coercion.NOT_USED, times=int((~repeated).sum()))
        notes.remark(f"sheet {sheet.name} is about another domain and was left out")
    for name in of_index.keys() - columns.keys():
        notes.remark(f"the column “{name}” is not known and was left out")
    return Summary(sheet.name, code, columns, table[~repeated])


def _name_heading(code_heading: str) -> str:
    return code_heading.replace(" code ", " name ")


def _codes_by_name(summaries: Sequence[Summary]) -> dict[str, str]:
    """The code of each name to which all sheets together give one code."""
    listed = pd.concat([one.authorities for one in summaries]).apply(lambda column: column.str.strip())
    listed = listed[listed["code"].str.fullmatch(_CODE).fillna(False)].drop_duplicates()
    return listed.drop_duplicates("name", keep=False).set_index("name")["code"].to_dict()


def _values_of(summary: Summary, codes_by_name: dict[str, str], notes: Notes) -> pd.DataFrame:
    """The measures of the sheet, a row each: area_code, area_name, index, measure and value."""
    where = f" (sheet {summary.sheet})" if summary.sheet else ""
    code = coercion.words(summary.authorities["code"].rename(summary.code + where), notes)
    name = coercion.words(summary.authorities["name"].rename(_name_heading(summary.code) + where), notes)
    misprinted = code.notna() & ~code.str.fullmatch(_CODE).fillna(False)
    code = code.mask(misprinted, name.map(codes_by_name))
    resolved = int((misprinted & code.notna()).sum())
    notes.count(Coercion.NAME, str(code.name), resolved)
    if resolved:
        notes.remark(f"misprinted codes of authorities{where}, read as the other sheets give them by name: {resolved}")
    fault_where((misprinted & code.isna()).rename(code.name), "must be an ONS nine-character area code", notes)
    fault_where((code.notna() & code.duplicated(keep=False)).rename(code.name), "must list each authority once", notes)
    notes.count(Coercion.OLD_CODE, str(code.name), int(code.isin(code_changes()["area_code"]).sum()))
    authorities = pd.DataFrame({"area_code": code, "area_name": name})
    measures = [
        authorities.assign(index=index, measure=measure, value=_values(summary.table[heading], measure, notes))
        for heading, (index, measure) in summary.columns.items()
    ]
    return pd.concat(measures, ignore_index=True)


def _values(cells: pd.Series, measure: str, notes: Notes) -> pd.Series:
    """The values of one measure: ranks are whole numbers from 1, shares are at most 1."""
    is_rank = measure.startswith("rank of")
    values = (coercion.whole if is_rank else coercion.number)(cells, notes).astype("Float64")
    if is_rank:
        fault_where(values.eq(0), "must be 1 or more", notes)
    if measure in SHARES:
        fault_where(values.gt(1), "must be a share between 0 and 1", notes)
    return values


def _check_lists(deprivation: pd.DataFrame, notes: Notes) -> None:
    """Faults where an index stands in two sheets, or an authority under one index and not under the other."""
    if deprivation.duplicated(["area_code", "index", "measure"]).any() and not notes.faults:
        notes.fault("must hold each measure of an index in one sheet")
    listed = deprivation.groupby("area_code")["index"].nunique()
    alone = int((listed < deprivation["index"].nunique()).sum())
    if alone and not notes.faults:
        notes.fault(f"must list the same authorities for the IMD and for IDACI; under one of them only: {alone}")


def _is_summary(file: SourceFile) -> bool:
    return any(_OF_INDEX.fullmatch(name) for _, row in _sheets(file) for name in row)


READERS = (
    Reader(
        "English Indices of Deprivation, summaries of upper-tier local authorities (File 11)",
        read,
        recognises=_is_summary,
    ),
)
