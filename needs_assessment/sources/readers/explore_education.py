"""What every table of the Department for Education's statistics service has in common: years, levels, areas, totals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import pandas as pd

from needs_assessment.evidence.faults import listed
from needs_assessment.methods.totals import totals
from needs_assessment.sources import coercion
from needs_assessment.sources.files import SourceFile
from needs_assessment.sources.notes import Notes
from needs_assessment.sources.tables import table_with, without_repeats
from needs_assessment.vocabulary import AreaType

HEADINGS = (
    "time_period",
    "geographic_level",
    "country_code",
    "country_name",
    "region_code",
    "region_name",
    "old_la_code",
    "new_la_code",
    "la_name",
)
DESCRIBING = {*HEADINGS, "time_identifier", "category", "year", "level", "area_code"}
"""Columns of a table that say what its figures are of; the last three are those that `rows_of` adds."""


class Level(NamedTuple):
    """Where a row of one geographic level has its code and its name, and how its code begins."""

    code: str
    name: str
    kind: AreaType
    pattern: str


NATIONAL, REGIONAL, LOCAL = "national", "regional", "local authority"
LEVELS = {
    NATIONAL: Level("country_code", "country_name", AreaType.COUNTRY, r"E92[0-9]{6}"),
    REGIONAL: Level("region_code", "region_name", AreaType.REGION, r"E1[23][0-9]{6}"),
    LOCAL: Level("new_la_code", "la_name", AreaType.LOCAL_AUTHORITY, r"E(06|08|09|10)[0-9]{6}"),
}
LONDON = {"region_code": "E12000007", "region_name": "London"}
INNER_OR_OUTER_LONDON = r"E13[0-9]{6}"
WHOLE_COUNTRY = 150
"""England has had this many upper-tier authorities or more in each year; a file that never has is an extract."""
_NO_CODE = (":", "z", "x", "-")


def rows_of(file: SourceFile, columns: Iterable[str], notes: Notes) -> pd.DataFrame:
    """The rows of the file's table as text, with what each is about: columns year (Int64), level and area_code.

    `columns` are needed besides HEADINGS. A row that repeats another exactly is left out and counted.
    """
    table = without_repeats(table_with(file, [*HEADINGS, *columns], notes), notes)
    level = coercion.one_of(table["geographic_level"], LEVELS, notes)
    codes = [_codes(table[level.eq(words).fillna(False)], at, notes) for words, at in LEVELS.items()]
    return table.assign(level=level, year=_years(table, notes), area_code=pd.concat(codes).reindex(table.index))


def _years(table: pd.DataFrame, notes: Notes) -> pd.Series:
    """2025 of `2025` and of `202425`, which is the financial year that ends in March 2025."""
    if "time_identifier" in table:
        coercion.one_of(table["time_identifier"], ["Reporting year", "Financial year"], notes)
    written = coercion.words(table["time_period"], notes)
    first = pd.to_numeric(written.str.extract(r"^((?:19|20)[0-9]{2})(?:[0-9]{2})?$")[0]).astype("Int64")
    last = pd.to_numeric(written.str.extract(r"^[0-9]{4}([0-9]{2})$")[0]).astype("Int64")
    year = first + last.notna().astype("Int64")
    year = year.mask((last.notna() & (year % 100 != last)).fillna(False))
    rule = "must be a year such as 2025, or 202425 for the year that ends in 2025"
    coercion.fault_where((written.notna() & year.isna()).rename(written.name), rule, notes)
    return year


def _codes(rows: pd.DataFrame, at: Level, notes: Notes) -> pd.Series:
    code = coercion.words(rows[at.code], notes)
    wrong = ~code.str.fullmatch(at.pattern).fillna(True)
    coercion.fault_where(wrong, f"must be the ONS nine-character code of a {at.kind}", notes)
    return code.mask(wrong)


def fault_contradictions(rows: pd.DataFrame, key: list[str], notes: Notes) -> None:
    """Notes a fault for rows that say the same area and year (and the rest of `key`) again, and differ."""
    again = rows.duplicated(key, keep=False) & rows[key].notna().all(axis=1)
    if again.any():
        named = " and ".join(key).replace("area_code", "area")
        notes.fault(f"has rows of one {named} that contradict one another", rows=rows.index[again])


def year_ending_march(year: pd.Series) -> pd.DataFrame:
    """The first and last day of the years ending 31 March: columns period_start, period_end."""
    end = pd.to_datetime(year.astype("string") + "-03-31").astype("datetime64[us]")
    return pd.DataFrame({"period_start": end - pd.DateOffset(years=1) + pd.Timedelta(days=1), "period_end": end})


def area_facts(rows: pd.DataFrame, notes: Notes) -> pd.DataFrame:
    """What the rows say of each area, the latest year first: area_code, area_name, area_type, region_code, region_name
    and dfe_la_code.

    Inner and Outer London, and their boroughs, lie in the region of London.
    """
    facts = pd.concat([_facts_at(rows[rows["level"].eq(words).fillna(False)], words, notes) for words in LEVELS])
    london = facts["region_code"].str.fullmatch(INNER_OR_OUTER_LONDON).fillna(False)
    london |= facts["area_code"].str.fullmatch(INNER_OR_OUTER_LONDON).fillna(False)
    facts = facts.assign(**{column: facts[column].mask(london, words) for column, words in LONDON.items()})
    # Names and regions as they are today outrank those of earlier years.
    return (
        facts.sort_values("year", ascending=False, kind="stable")
        .drop(columns="year")
        .drop_duplicates(ignore_index=True)
    )


def _facts_at(rows: pd.DataFrame, words: str, notes: Notes) -> pd.DataFrame:
    level = LEVELS[words]
    facts = rows[["year", "area_code"]].assign(
        area_name=coercion.words(rows[level.name], notes), area_type=level.kind.value
    )
    stated = {"region_code": "region_code", "region_name": "region_name", "dfe_la_code": "old_la_code"}
    for column, heading in stated.items():
        cells = coercion.words(rows[heading], notes, required=False)
        facts[column] = cells.mask(cells.isin(_NO_CODE)) if words == LOCAL else pd.Series(pd.NA, rows.index, "string")
    wrong = ~facts["dfe_la_code"].str.fullmatch("[0-9]{3}").fillna(True)
    coercion.fault_where(wrong.rename("old_la_code"), "must be the Department's code of three digits", notes)
    return facts


def check_totals(rows: pd.DataFrame, cells: Mapping[str, pd.DataFrame], notes: Notes, *, rounded_to: int) -> None:
    """Notes where a figure of a wider area is not what its authorities add up to: for England a fault, for a region a
    remark, since two regional figures that the Department published itself are not.

    `cells` are the counts of columns of `rows` (see `coercion.counts`). A sum over withheld counts is an interval (see
    `methods.totals`); figures of wider areas are rounded to the nearest `rounded_to`.
    """
    # A cell that has a fault of its own would make its total wrong too.
    sound = [name for name, counted in cells.items() if counted.notna().any(axis=1).all()]
    if not sound:
        return
    about = rows[["level", "year", "region_code"]].assign(unit="cell")
    figures = pd.concat([about.assign(column=name, **cells[name]) for name in sound])
    wrong = _not_the_sum(figures, NATIONAL, ["column", "year"], rounded_to // 2)
    for name, there in wrong.items():
        notes.fault("must be what the authorities of its year add up to", name, there)
    for name, there in _not_the_sum(figures, REGIONAL, ["column", "year", "region_code"], rounded_to // 2).items():
        notes.remark(
            f"column {name}: regional figures are not what their authorities add up to, in row {listed(there)}"
        )


def _not_the_sum(figures: pd.DataFrame, level: str, by: list[str], slack: int) -> dict[str, list[int]]:
    """The rows at one level, for each column, that the authorities within them do not add up to."""
    authorities = figures[figures["level"].eq(LOCAL).fillna(False)].dropna(subset=by)
    wider = figures[figures["level"].eq(level).fillna(False)].dropna(subset=by)
    wider = wider.join(totals(authorities, by).set_index(by)[["lower", "upper"]], on=by)
    outside = wider["count"] + slack < wider["lower"]
    if _holds_the_country(authorities.loc[~authorities.index.duplicated(), "year"]):
        outside |= wider["count"] - slack > wider["upper"]
    wrong = wider[outside.fillna(False).astype(bool)]
    return {str(name): list(group.index) for name, group in wrong.groupby("column", sort=False)}


def _holds_the_country(years_of_authorities: pd.Series) -> bool:
    return bool(years_of_authorities.value_counts().ge(WHOLE_COUNTRY).any())


def check_authorities(rows: pd.DataFrame, notes: Notes) -> None:
    """Notes how many authorities each year has: a remark, and a fault for a year of which a whole file lacks some."""
    years = rows.loc[rows["level"].eq(LOCAL).fillna(False), "year"]
    count = years.value_counts().reindex(sorted(rows["year"].dropna().unique()), fill_value=0)
    notes.remark("local authorities: " + ", ".join(f"{authorities} in {year}" for year, authorities in count.items()))
    lacking = rows["year"].isin(count.index[count < WHOLE_COUNTRY])
    if _holds_the_country(years):
        coercion.fault_where(lacking.rename("time_period"), "is a year of which authorities are missing", notes)
