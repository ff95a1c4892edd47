"""Mid-year population: ages 0 to 17 as the Department for Education lays them out, and single years of age."""

from __future__ import annotations

import re
from datetime import date
from pathlib import PurePath

import pandas as pd

from needs_assessment.sources import coercion
from needs_assessment.sources.describing import published_source
from needs_assessment.sources.files import SourceFile
from needs_assessment.sources.notes import Notes
from needs_assessment.sources.readers import explore_education
from needs_assessment.sources.registry import Reader, Tables
from needs_assessment.sources.tables import headings_of, plain, table_with, titles_of, without_repeats

PUBLISHER = "Office for National Statistics"
OLDEST = 130
"""The end of the open band of ages 90 and over."""

_AGES = {str(age): (age, age) for age in range(90)} | {"90+": (90, OLDEST)}
_BAND = re.compile(r"p([0-9]{1,2})_([1-8]?[0-9])")
_AREA_CODE = r"[EW](06|08|09|10|12|92)[0-9]{6}"
_CODE_HEADING = re.compile(r"utla[0-9]{2}_code")
_MID_YEAR = re.compile(r"(?<![a-z])mid[\s_-]?((?:19|20)[0-9]{2})(?![0-9])", re.IGNORECASE)


def read_children(file: SourceFile, notes: Notes, areas: pd.DataFrame) -> Tables:
    """The population of each area and mid-year in each age band of the file, which is children aged 0 to 17.

    An area has no row for a year in which the file holds a symbol for it; these are counted.
    """
    rows = explore_education.rows_of(file, ["age_group", "population_estimate"], notes)
    explore_education.fault_contradictions(rows, ["area_code", "year", "age_group"], notes)
    explore_education.check_authorities(rows, notes)
    financial = rows["time_period"].str.strip().str.len().ne(4) & rows["year"].notna()
    coercion.fault_where(
        financial.rename("time_period"), "must be the year of a mid-year estimate, such as 2024", notes
    )
    cells = coercion.counts(rows["population_estimate"], notes)
    _check_bands(rows, cells, notes)
    first, last = rows["year"].min(), rows["year"].max()
    source_id = f"ons_mid_year_0_17_{last}"
    people = pd.concat([rows[["area_code"]], _ages(rows["age_group"], notes)], axis=1).assign(
        source_id=source_id, mid_year=rows["year"], sex="persons", people=cells["count"]
    )
    _remark_symbols(cells, notes)
    title = f"Mid-year population estimates, children aged 0 to 17, mid-{first} to mid-{last}"
    return {
        "sources": published_source(
            file, source_id, title, PUBLISHER, edition_of="ons_mid_year_0_17", data_to=_mid_year_day(last)
        ),
        "areas": explore_education.area_facts(rows, notes),
        "population": people[cells["missing"].isna()].reset_index(drop=True),
    }


def _ages(age_group: pd.Series, notes: Notes) -> pd.DataFrame:
    """The band of `Children aged 0 to 17 years`: columns age_from, age_to (Int64)."""
    written = coercion.words(age_group, notes)
    ages = written.str.extract(r"(?i)^(?:.* )?aged ([0-9]{1,2}) to ([0-9]{1,2}) years$")
    rule = "must say the ages, such as: Children aged 0 to 17 years"
    coercion.fault_where((written.notna() & ages[0].isna()).rename(written.name), rule, notes)
    return ages.astype("Int64").set_axis(["age_from", "age_to"], axis=1)


def _check_bands(rows: pd.DataFrame, cells: pd.DataFrame, notes: Notes) -> None:
    for _, band in rows.groupby("age_group"):
        explore_education.check_totals(band, {"population_estimate": cells.loc[band.index]}, notes, rounded_to=1)


def _remark_symbols(cells: pd.DataFrame, notes: Notes) -> None:
    symbols = int(cells["missing"].notna().sum())
    if symbols:
        notes.remark(f"{symbols} rows hold a symbol and no number: these areas have no population for those years")


def read_single_years(file: SourceFile, notes: Notes, areas: pd.DataFrame) -> Tables:
    """The population of each area by single year of age; ages 90 and over are one band.

    Totals and bands of the file are checked against the single years and have no rows of their own: rates are made with
    the estimate of ages 0 to 17 that the Department uses, and a second one would stand for the same year.
    """
    code_heading = next(name for _, _, row in headings_of(file) for name in row if _CODE_HEADING.fullmatch(name))
    name_heading = code_heading.replace("code", "name")
    table = table_with(file, [code_heading, name_heading, "all_ages", *_AGES], notes)
    table = without_repeats(table, notes)
    code = _codes(table[code_heading], notes)
    people = table[[*_AGES]].apply(coercion.whole, notes=notes)
    _check_sums(table, people, notes)
    year = _stated_mid_year(file, notes)
    source_id = f"ons_single_year_of_age_{year}"
    return {
        "sources": published_source(
            file,
            source_id,
            f"Mid-{year} population estimates by single year of age",
            PUBLISHER,
            edition_of="ons_mid_year_single_year_of_age",
            data_to=_mid_year_day(year),
        ),
        "areas": pd.DataFrame({"area_code": code, "area_name": coercion.words(table[name_heading], notes)}),
        "population": _one_row_an_age(people.assign(area_code=code)).assign(
            source_id=source_id, mid_year=year, sex="persons"
        ),
    }


def _codes(cells: pd.Series, notes: Notes) -> pd.Series:
    code = coercion.words(cells, notes)
    wrong = ~code.str.fullmatch(_AREA_CODE).fillna(True)
    coercion.fault_where(wrong, "must be the ONS nine-character code of an authority, a region or a country", notes)
    coercion.fault_where(code.duplicated(keep=False) & code.notna(), "must be another area in each row", notes)
    return code.mask(wrong)


def _check_sums(table: pd.DataFrame, people: pd.DataFrame, notes: Notes) -> None:
    """Faults for rows whose totals are not the sum of their single years: `all_ages`, and bands such as `p0_17`."""
    bands = {name: found.groups() for name in table if (found := _BAND.fullmatch(name))}
    parts = {
        name: [age for age in _AGES if int(first) <= _AGES[age][0] <= int(last)]
        for name, (first, last) in bands.items()
    }
    for name, ages in (parts | {"all_ages": [*_AGES]}).items():
        total = coercion.whole(table[name], notes)
        differs = total.ne(people[ages].sum(axis=1, skipna=False))
        coercion.fault_where(differs.rename(name), "must be the sum of its single years of age", notes)


def _one_row_an_age(people: pd.DataFrame) -> pd.DataFrame:
    long = people.melt("area_code", var_name="age", value_name="people")
    first, last = (long["age"].map({age: band[end] for age, band in _AGES.items()}) for end in (0, 1))
    return long.drop(columns="age").assign(age_from=first, age_to=last)


def _stated_mid_year(file: SourceFile, notes: Notes) -> int | None:
    """The year of the estimate. The year in the heading of the codes is that of the codes alone.

    It is what a title or a note of the file says, such as `Mid-2023`; the file's own name is believed where nothing
    inside says it, and the report tells so. Anything else is a fault.
    """
    inside = {int(year) for words in titles_of(file) for year in _MID_YEAR.findall(words)}
    named = {int(year) for year in _MID_YEAR.findall(plain(PurePath(file.name).stem))}
    if len(inside or named) != 1:
        says = "states more than one" if inside or named else "states no"
        notes.fault(f"{says} year of its estimates: write the one year above the headings, such as Mid-2023")
        return None
    if not inside:
        notes.remark("no cell states the year of the estimates, so the year in the file's name was believed")
    return (inside or named).pop()


def _mid_year_day(year: object) -> date | None:
    return None if year is None or pd.isna(year) else date(int(str(year)), 6, 30)


def _is_single_years(file: SourceFile) -> bool:
    return any(
        {"all_ages", *_AGES} <= set(row) and any(_CODE_HEADING.fullmatch(name) for name in row)
        for _, _, row in headings_of(file)
    )


READERS = (
    Reader(
        "Office for National Statistics, mid-year population aged 0 to 17, as the Department for Education gives it",
        read_children,
        headings=(*explore_education.HEADINGS, "age_group", "population_estimate"),
    ),
    Reader(
        "Office for National Statistics, mid-year population by single year of age, upper-tier authorities",
        read_single_years,
        recognises=_is_single_years,
    ),
)
