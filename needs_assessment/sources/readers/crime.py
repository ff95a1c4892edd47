"""Police recorded crime by police force area, by the Home Office: the offences that are about exploitation.

The open data tables count every notifiable offence by force, quarter of the financial year and offence code: as one
CSV, or as a workbook (ODS or XLSX) with a cover sheet, notes, and a sheet for each financial year.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import partial

import pandas as pd

from needs_assessment.geography import resolve_names
from needs_assessment.sources import coercion
from needs_assessment.sources.coercion import fault_where
from needs_assessment.sources.describing import published_source
from needs_assessment.sources.files import Form, Sheet, SourceFile
from needs_assessment.sources.notes import Coercion, Notes, RefusedError
from needs_assessment.sources.registry import Reader, Tables
from needs_assessment.sources.tables import has_table, heading, headings_of, missing_headings, table_with
from needs_assessment.vocabulary import AreaType, ExploitationType, MissingCode, Unit

PUBLISHER = "Home Office"
HEADINGS = (
    "financial year",
    "financial quarter",
    "force name",
    "offence description",
    "offence group",
    "offence subgroup",
    "offence code",
)
FIGURES = ("number of offences", "offence count")
"""What editions call the column of the figures."""
PARTNERSHIP = "csp name"
"""The heading that only the tables by community safety partnership have."""


@dataclass(frozen=True)
class Offence:
    """A class of offences: how its name starts in every edition, its measure, and the harm where it has one alone."""

    name: str
    measure: str
    harm: ExploitationType | None = None
    core: bool = False


OFFENCES: dict[str, Offence] = {
    "71": Offence(
        "abuse of children through", "offences_abuse_through_sexual_exploitation", ExploitationType.CSE, core=True
    ),
    "88A": Offence("sexual grooming", "offences_sexual_grooming", core=True),
    "72": Offence("trafficking for sexual exploitation", "offences_trafficking_for_sexual_exploitation"),
    "106": Offence("modern slavery", "offences_modern_slavery"),
}
"""Home Office offence codes that are about exploitation (Home Office, Counting Rules for Recorded Crime).

71 and 88A are core: their victims are children. 71 was named after prostitution and pornography before the Serious
Crime Act 2015. 88A grew when sexual communication with a child became an offence on 3 April 2017 (Sexual Offences Act
2003, section 15A). 72 and 106 have victims of every age. No code stands for criminal exploitation of children. Codes
that may or may not be exploitation are not used: 22A causing sexual activity without consent, 73 abuse of position of
trust, 86 obscene publications, 88E exposure and voyeurism.
"""

NO_FORCE_AREA = frozenset(
    {"action fraud", "british transport police", "cifas", "financial fraud action uk", "uk finance"}
)
"""Bodies in the Home Office's column of forces that police no area of their own."""

KEY = ["measure", "area_code", "period_start"]

_YEAR = r"((?:19|20)[0-9]{2})[/_-]((?:19|20)?[0-9]{2})"
_NOUGHT, _NEGATIVE = "-0+", "-[0-9]*[1-9][0-9]*"
_CORRECTION = ": offences cancelled, or moved to another quarter or code, outnumber those recorded"
_SYMBOLS = {"..": MissingCode.NOT_AVAILABLE}


def read(file: SourceFile, notes: Notes, areas: pd.DataFrame) -> Tables:
    """The evidence of the open data tables: offences by police force area and quarter, for the codes of `OFFENCES`.

    A force and quarter without a row stays without a figure: it is never taken for nought. A figure below nought is
    the publisher's correction of earlier quarters; it is kept as no count, with a note of what was published. Raises
    RefusedError where there is no row of these offences, or no file of the import gives the codes of the forces.
    """
    observations = pd.concat([_of_sheet(file, sheet, notes, areas) for sheet in file.sheets], ignore_index=True)
    if observations.empty and not notes.faults:
        raise RefusedError("has the headings of police recorded crime, and no row of the offences that are used")
    if notes.faults:
        return {}
    if observations.duplicated(KEY).any():
        notes.fault("must not state a force, quarter and offence in two sheets")
    _remark_on_gaps(observations, notes)
    remark_on_absent_forces(observations["area_code"], areas, notes)
    first, last = observations["period_start"].min(), observations["period_end"].max()
    source_id = f"home_office_recorded_crime_{first:%Y_%m}_{last:%Y_%m}"
    title = "Police recorded crime: open data by police force area"
    edition_of = "home_office_recorded_crime"
    return {
        "sources": published_source(file, source_id, title, PUBLISHER, edition_of=edition_of, data_to=last.date()),
        "observations": observations.assign(source_id=source_id),
    }


def force_codes(names: pd.Series, notes: Notes, areas: pd.DataFrame) -> pd.Series:
    """The code of the police force area of each name; an unknown name is a fault.

    Raises RefusedError where `areas` holds no police force area at all.
    """
    if not areas["area_type"].eq(AreaType.POLICE_FORCE_AREA).any():
        raise RefusedError(
            "names police forces, and no other file of the import gives their codes; import a lookup or boundaries of "
            "police force areas with it"
        )
    codes = resolve_names(names, areas, AreaType.POLICE_FORCE_AREA)
    notes.count(Coercion.NAME, str(names.name), int(codes.notna().sum()))
    unknown = (names.notna() & codes.isna()).rename(names.name)
    fault_where(unknown, "must be a police force whose area another file of the import gives", notes)
    return codes


def remark_on_absent_forces(codes: pd.Series, areas: pd.DataFrame, notes: Notes) -> None:
    """Says how many police force areas in use the file has no figure of."""
    forces = areas[areas["area_type"].eq(AreaType.POLICE_FORCE_AREA) & areas["valid_to"].isna()]
    absent = int((~forces["area_code"].isin(codes)).sum())
    if absent:
        notes.remark(f"police force areas without any figure in this file: {absent}")


def days_of_quarters(quarters: pd.Series) -> dict[str, pd.Series]:
    """The first and last day (period_start, period_end) of calendar quarters written as 2017Q2."""
    periods = pd.PeriodIndex(quarters, freq="Q")
    ends = {"period_start": periods.start_time, "period_end": periods.end_time.normalize()}
    return {name: pd.Series(days, index=quarters.index) for name, days in ends.items()}


def _of_sheet(file: SourceFile, sheet: Sheet, notes: Notes, areas: pd.DataFrame) -> pd.DataFrame:
    """The observations of one sheet; none where it is a cover or holds notes. Its faults say which sheet it is."""
    alone, own = replace(file, sheets=(sheet,)), Notes(notes.name)
    figures = next((name for name in FIGURES if has_table(alone, (*HEADINGS, name))), None)
    observations = pd.DataFrame()
    if figures is not None:
        table = table_with(alone, (*HEADINGS, figures), own).rename(columns={figures: FIGURES[0]})
        observations = _observations(table, own, areas)
    elif re.fullmatch(_YEAR, heading(sheet.name)):
        lacking = ", ".join(missing_headings(alone, (*HEADINGS, FIGURES[0])))
        own.fault(f"is named after a financial year, and has no heading: {lacking}")
    else:
        own.remark("no table of offences, so it was left out")
    notes.absorb(own, f"sheet {sheet.name}" if sheet.name else "")
    return observations


def _observations(table: pd.DataFrame, notes: Notes, areas: pd.DataFrame) -> pd.DataFrame:
    rows = _used(table, notes)
    offence = rows["offence code"].map(OFFENCES)
    observations = _counts(rows[FIGURES[0]], notes).assign(
        measure=[one.measure for one in offence],
        unit=Unit.OFFENCE.value,
        exploitation_type=pd.array([one.harm and one.harm.value for one in offence], dtype="string"),
        area_code=force_codes(coercion.words(rows["force name"], notes), notes, areas),
        **_quarters(rows, notes),
    )
    repeated = observations.duplicated(KEY, keep=False) & observations[KEY].notna().all(axis="columns")
    fault_where(repeated.rename("offence code"), "must not state a force, quarter and offence more than once", notes)
    return observations


def _used(table: pd.DataFrame, notes: Notes) -> pd.DataFrame:
    """The rows of the offences that are used and of forces with an area of their own, each once."""
    code = coercion.words(table["offence code"], notes).str.upper()
    name = coercion.words(table["offence description"], notes).str.lower()
    for own, offence in OFFENCES.items():
        # Were the Home Office to number its offences anew, a figure would come to mean something else.
        differs = code.eq(own).fillna(False) != name.str.startswith(offence.name).fillna(False)
        rule = f"must be {own} for “{offence.name} …” and for no other offence"
        fault_where(differs.rename("offence code"), rule, notes)
    wanted = code.isin(list(OFFENCES))
    notes.count(Coercion.NOT_USED, "offence code", int((~wanted & code.notna()).sum()))
    elsewhere = table["force name"].map(heading, na_action="ignore").isin(NO_FORCE_AREA)
    notes.count(Coercion.NOT_USED, "force name", int((wanted & elsewhere).sum()))
    rows = table.assign(**{"offence code": code})[wanted & ~elsewhere]
    repeated = rows.duplicated()
    notes.count(Coercion.REPEATED_ROW, times=int(repeated.sum()))
    return rows[~repeated]


def _counts(cells: pd.Series, notes: Notes) -> pd.DataFrame:
    """The figures as columns count, missing and note."""
    written = coercion.words(cells, notes)
    nought, negative = (written.str.fullmatch(form).fillna(False) for form in (_NOUGHT, _NEGATIVE))
    if nought.any():
        # An accounting format writes nought as a dash, here with noughts for the blanks beside it.
        notes.remark(f"figures written as a dash and noughts (-00), read as 0: {int(nought.sum()):,}")
    if negative.any():
        notes.remark(f"figures below nought, kept as no count with a note: {int(negative.sum()):,}")
    counted = coercion.counts(written[written.notna() & ~negative], notes, _SYMBOLS)
    figures = counted.reindex(written.index)
    missing = figures["missing"].mask(negative, MissingCode.NOT_RECORDED.value)
    return figures.assign(missing=missing, note=("published as " + written + _CORRECTION).where(negative))


def _quarters(rows: pd.DataFrame, notes: Notes) -> dict[str, pd.Series]:
    """The first and last day of the quarter of each row."""
    written = coercion.words(rows["financial year"], notes)
    years = written.str.extract(f"^{_YEAR}$").apply(pd.to_numeric).astype("Int64")
    follows = (years[1] % 100 == (years[0] + 1) % 100).fillna(False)
    misread = (written.notna() & ~follows).rename(written.name)
    fault_where(misread, "must be a financial year such as 2017/18", notes)
    quarter = coercion.words(rows["financial quarter"], notes).str.upper().str.removeprefix("Q")
    known = quarter.isin(["1", "2", "3", "4"])
    misread = (quarter.notna() & ~known).rename(quarter.name)
    fault_where(misread, "must be a quarter from 1 (April to June) to 4 (January to March)", notes)
    # The fourth quarter of a financial year is the first of the next calendar year.
    number = pd.to_numeric(quarter.where(known & follows)).astype("Int64")
    return days_of_quarters((years[0] + number // 4).astype("string") + "Q" + (number % 4 + 1).astype("string"))


def _remark_on_gaps(observations: pd.DataFrame, notes: Notes) -> None:
    """Says how many figures the file does not have: a force without a row is not a force without offences."""
    by_offence = [rows for _, rows in observations.groupby("measure")]
    absent = sum(rows["area_code"].nunique() * rows["period_start"].nunique() - len(rows) for rows in by_offence)
    if absent > 0:
        notes.remark(
            f"figures of a force and quarter that have no row, left without a figure and not taken for 0: {absent:,}"
        )


def _of_force_areas(file: SourceFile, figures: str) -> bool:
    """Whether the file has these tables: those by community safety partnership state each force many times."""
    rows = [set(row) for _, _, row in headings_of(file)] if file.form in {Form.TABLE, Form.WORKBOOK} else []
    return any({*HEADINGS, figures} <= row and PARTNERSHIP not in row for row in rows)


READERS = tuple(
    Reader(
        "Home Office, police recorded crime by police force area",
        read,
        headings=(*HEADINGS, figures),
        recognises=partial(_of_force_areas, figures=figures),
        needs_areas=True,
    )
    for figures in FIGURES
)
