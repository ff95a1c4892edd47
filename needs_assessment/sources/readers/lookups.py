"""Lookups: which authority, partnership, force and region each district lies in, and lists of codes and names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import pandas as pd

from needs_assessment.sources import coercion
from needs_assessment.sources.describing import published_source
from needs_assessment.sources.files import Form, SourceFile
from needs_assessment.sources.notes import Coercion, Notes, RefusedError
from needs_assessment.sources.registry import Reader, Tables
from needs_assessment.sources.tables import headings_of, table_with

PUBLISHER = "Office for National Statistics"


class Level(StrEnum):
    """A level of geography that a lookup has columns for, from the smallest to the largest."""

    DISTRICT = "district"
    AUTHORITY = "upper-tier local authority"
    PARTNERSHIP = "community safety partnership"
    FORCE = "police force area"
    REGION = "region"
    COUNTRY = "country"


_HEADING = re.compile(r"(?P<level>[a-z]+)(?P<vintage>\d{2})?_?(?P<part>cd|code|nm|name)")
_LEVELS = {
    "lad": Level.DISTRICT,
    "ltla": Level.DISTRICT,
    "utla": Level.AUTHORITY,
    "ctyua": Level.AUTHORITY,
    "csp": Level.PARTNERSHIP,
    "pfa": Level.FORCE,
    "rgn": Level.REGION,
    "ctry": Level.COUNTRY,
}
# ONS, Register of Geographic Codes. Wales has no regions, so lookups of both countries put a code of Wales there.
_CODES = {
    Level.DISTRICT: r"(E0[6-9]|W06)\d{6}",
    Level.AUTHORITY: r"(E0[689]|E10|W06)\d{6}",
    Level.PARTNERSHIP: r"(E22|W14)\d{6}",
    Level.FORCE: r"(E23|W15)\d{6}",
    Level.REGION: r"(E1[23]|W\d\d)\d{6}",
    Level.COUNTRY: r"[EW]92\d{6}",
}
_ABROAD = r"[SN]\d{8}"
"""Codes of Scotland and Northern Ireland."""
_MAY_BE_BLANK = {Level.REGION, Level.COUNTRY}
_BESIDES = {"objectid", "fid", "globalid", ""}
"""Headings that mapping programs add, and none."""
_WELSH_NAME = re.compile(r"[a-z]+\d{2}nmw")
_PARENTS = {
    Level.DISTRICT: (Level.AUTHORITY, Level.FORCE, Level.REGION, Level.COUNTRY),
    Level.AUTHORITY: (Level.REGION, Level.COUNTRY),
    Level.PARTNERSHIP: (Level.FORCE,),
}
"""Levels of which each area of a smaller level lies in exactly one. A district may lie in several partnerships."""


@dataclass(frozen=True)
class Lookup:
    """The typed columns of a lookup under their headings, and which heading holds the codes and names of a level."""

    table: pd.DataFrame
    codes: dict[Level, str]
    names: dict[Level, str]

    def code(self, level: Level) -> pd.Series:
        """The code at that level of each row; blank where the lookup does not have the level."""
        return self._cells(self.codes.get(level))

    def name(self, level: Level) -> pd.Series:
        """The name at that level of each row."""
        return self._cells(self.names.get(level))

    def _cells(self, heading: str | None) -> pd.Series:
        nothing = pd.Series(pd.NA, self.table.index, dtype="string")
        return nothing if heading is None else self.table[heading]


def read_lookup(file: SourceFile, notes: Notes, areas: pd.DataFrame) -> Tables:
    """The areas that a lookup names, and the districts with the wider areas that they lie in.

    Its headings may be of any vintage (`LAD24CD`, `ltla24_code`, `UTLACD`). Raises RefusedError for two vintages of one
    level in one file.
    """
    codes, names = _headings(file)
    lookup = _typed(table_with(file, [*codes.values(), *names.values()], notes), (codes, names), notes)
    _check(lookup, notes)
    vintage = _vintage(codes)
    source_id = f"lookup_{'undated' if vintage is None else vintage}_{file.sha256[:8]}"
    levels = ", ".join(codes)
    tables = {
        "sources": published_source(file, source_id, f"Lookup: {levels} ({vintage or 'undated'})", PUBLISHER),
        "areas": pd.concat([_facts(lookup, level) for level in codes], ignore_index=True),
    }
    if Level.DISTRICT in codes and len(codes) > 1:
        tables["districts"] = _districts(lookup, notes).assign(source_id=source_id)
    return tables


def _parsed(row: list[str]) -> Iterator[tuple[Level, str, str]]:
    """The level, the part (codes or names) and the heading of each column of a lookup that is read."""
    for heading in row:
        found = _HEADING.fullmatch(heading)
        if found and found["level"] in _LEVELS:
            yield _LEVELS[found["level"]], "codes" if found["part"] in {"cd", "code"} else "names", heading


def _is_row_of_headings(row: list[str]) -> bool:
    """Whether a row has codes of two levels and nothing but codes and names: a table of figures is no lookup."""
    levels = {level for level, part, _ in _parsed(row) if part == "codes"}
    return len(levels) > 1 and all(
        heading in _BESIDES or _HEADING.fullmatch(heading) or _WELSH_NAME.fullmatch(heading) for heading in row
    )


def _is_lookup(file: SourceFile) -> bool:
    tabular = file.form in {Form.TABLE, Form.WORKBOOK}
    return tabular and any(_is_row_of_headings(row) for _, _, row in headings_of(file))


def _headings(file: SourceFile) -> tuple[dict[Level, str], dict[Level, str]]:
    """The headings of the codes and of the names of each level, from the smallest level to the largest."""
    row = next(row for _, _, row in headings_of(file) if _is_row_of_headings(row))
    found: dict[str, dict[Level, str]] = {"codes": {}, "names": {}}
    for level, part, heading in _parsed(row):
        if found[part].setdefault(level, heading) != heading:
            raise RefusedError(f"holds two columns of {level} {part} ({found[part][level]}, {heading}): keep one")
    ordered = {part: {level: named[level] for level in Level if level in named} for part, named in found.items()}
    return ordered["codes"], ordered["names"]


def _vintage(codes: dict[Level, str]) -> int | None:
    """The year of the codes of the smallest level, as its heading states it."""
    found = _HEADING.fullmatch(next(iter(codes.values())))
    return 2000 + int(found["vintage"]) if found and found["vintage"] else None


def _typed(cells: pd.DataFrame, headings: tuple[dict[Level, str], dict[Level, str]], notes: Notes) -> Lookup:
    """The rows of England and Wales, with sound codes or none. What is left out is counted."""
    codes, names = headings
    repeated = cells.duplicated()
    notes.count(Coercion.REPEATED_ROW, times=int(repeated.sum()))
    smallest = cells[next(iter(codes.values()))].str.strip()
    abroad = smallest.str.fullmatch(_ABROAD).fillna(False) & ~repeated
    notes.count(Coercion.NOT_USED, times=int(abroad.sum()))
    if abroad.any():
        notes.remark(f"rows outside England and Wales, left out: {abroad.sum()}")
    _remark_unused(cells, {*codes.values(), *names.values()}, notes)
    kept = cells[~repeated & ~abroad]
    typed = {heading: _codes(kept[heading], level, notes) for level, heading in codes.items()}
    named = {heading: coercion.words(kept[heading], notes, required=False) for heading in names.values()}
    return Lookup(pd.DataFrame(typed | named, index=kept.index), codes, names)


def _codes(cells: pd.Series, level: Level, notes: Notes) -> pd.Series:
    written = coercion.words(cells, notes, required=level not in _MAY_BE_BLANK)
    broken = written.notna() & ~written.str.fullmatch(_CODES[level]).fillna(False)
    _fault(broken, f"must be the ONS nine-character code of the {level}", notes)
    no_region = written.str.startswith("W").fillna(False) & (level is Level.REGION)
    return written.mask(broken | no_region)


def _remark_unused(cells: pd.DataFrame, used: set[str], notes: Notes) -> None:
    others = [name for name in cells.columns if name not in used]
    if others:
        notes.remark(f"columns that the assessment does not use, left out: {', '.join(others)}")
    for name in others:
        combined = int(cells[name].str.strip().str.fullmatch(r"E47\d{6}").fillna(False).sum())
        if combined:
            notes.remark(f"rows that name a combined authority, which the assessment does not use: {combined}")


def _check(lookup: Lookup, notes: Notes) -> None:
    """Faults where one area lies in two others of a level, or has two names."""
    for level, heading in lookup.codes.items():
        for parent in _parents(level, lookup):
            _one_each(lookup.table[[heading, lookup.codes[parent]]], f"each {level} must lie in one {parent}", notes)
        if level in lookup.names:
            _one_each(lookup.table[[heading, lookup.names[level]]], f"each {level} must have one name", notes)


def _parents(level: Level, lookup: Lookup) -> list[Level]:
    # The force of an authority is told by its districts, where the lookup has them.
    forces = [Level.FORCE] if level is Level.AUTHORITY and Level.DISTRICT not in lookup.codes else []
    return [parent for parent in [*_PARENTS.get(level, ()), *forces] if parent in lookup.codes]


def _one_each(pairs: pd.DataFrame, rule: str, notes: Notes) -> None:
    of, other = pairs.columns
    _fault(pairs.groupby(of)[other].transform("nunique").gt(1), rule, notes)


def _facts(lookup: Lookup, level: Level) -> pd.DataFrame:
    """What the lookup says of each area of a level: code, name, and the force and region that it states for it."""
    facts = pd.DataFrame({"area_code": lookup.code(level), "area_name": lookup.name(level)})
    if level in {Level.DISTRICT, Level.AUTHORITY}:
        facts = facts.assign(region_code=lookup.code(Level.REGION), region_name=lookup.name(Level.REGION))
    if Level.FORCE in _parents(level, lookup):
        force = {"police_force_area_code": lookup.code(Level.FORCE), "police_force_area_name": lookup.name(Level.FORCE)}
        facts = facts.assign(**force)
    if level is Level.DISTRICT:
        facts = facts[facts["area_code"].str.fullmatch(_CODES[Level.AUTHORITY]).fillna(False)]
    return facts.dropna(subset=["area_code"]).drop_duplicates(ignore_index=True)


def _districts(lookup: Lookup, notes: Notes) -> pd.DataFrame:
    """A row a district and partnership: a district may lie in several."""
    rows = pd.DataFrame(
        {
            "district_code": lookup.code(Level.DISTRICT),
            "district_name": lookup.name(Level.DISTRICT),
            "area_code": lookup.code(Level.AUTHORITY),
            "partnership_code": lookup.code(Level.PARTNERSHIP),
            "police_force_area_code": lookup.code(Level.FORCE),
        }
    ).dropna(subset=["district_code"])
    return rows.drop_duplicates(["district_code", "partnership_code"], ignore_index=True)


def _fault(broken: pd.Series, rule: str, notes: Notes) -> None:
    if broken.any():
        notes.fault(rule, str(broken.name), broken.index[broken.to_numpy(bool)])


_DFE_HEADINGS = {"old_la_code", "new_la_code", "la_name"}


def read_dfe_codes(file: SourceFile, notes: Notes, areas: pd.DataFrame) -> Tables:
    """The Department for Education's three-digit code of each authority, by ONS code of every vintage.

    Two authorities that report together (`940 / 941`), an authority of no place (`z`), and an authority that ended
    before the Department gave codes in this list (`x`) have no code of their own; their rows are left out and counted.
    """
    cells = table_with(file, _DFE_HEADINGS, notes)
    repeated = cells.duplicated()
    notes.count(Coercion.REPEATED_ROW, times=int(repeated.sum()))
    cells = cells[~repeated]
    old, new = (coercion.words(cells[heading], notes) for heading in ("old_la_code", "new_la_code"))
    together = (old.str.contains("/") | new.str.contains("/")).fillna(False)
    without = (old.eq("x") | new.eq("z")).fillna(False)
    left_out = together | without
    notes.count(Coercion.NOT_USED, times=int(left_out.sum()))
    notes.remark(f"rows of two authorities that report together, left out: {together.sum()}")
    notes.remark(f"rows without a code of the Department or of the ONS (x, z), left out: {without.sum()}")
    kept = pd.DataFrame({"old_la_code": old, "new_la_code": new})[~left_out]
    _check_dfe_codes(kept, notes)
    names = coercion.words(cells.loc[kept.index, "la_name"], notes)
    source_id = f"dfe_authority_codes_{file.sha256[:8]}"
    return {
        "sources": published_source(file, source_id, "Codes of local authorities", "Department for Education"),
        "areas": pd.DataFrame(
            {"area_code": kept["new_la_code"], "area_name": names, "dfe_la_code": kept["old_la_code"]}
        ),
    }


def _check_dfe_codes(kept: pd.DataFrame, notes: Notes) -> None:
    old, new = kept["old_la_code"], kept["new_la_code"]
    _fault(~old.str.fullmatch(r"\d{3}").fillna(True), "must be three digits", notes)
    _fault(
        ~new.str.fullmatch(_CODES[Level.AUTHORITY]).fillna(True),
        f"must be the ONS nine-character code of the {Level.AUTHORITY}",
        notes,
    )
    _fault(new.duplicated(keep=False) & new.notna(), "must not hold a code twice", notes)


def _is_dfe_list(file: SourceFile) -> bool:
    """Whether the file has these headings and no others: other tables of the Department have them beside figures."""
    tabular = file.form in {Form.TABLE, Form.WORKBOOK}
    return tabular and any(set(row) - {""} == _DFE_HEADINGS for _, _, row in headings_of(file))


READERS = (
    Reader("lookup of districts, authorities, partnerships, forces or regions", read_lookup, recognises=_is_lookup),
    Reader("Department for Education, codes of local authorities", read_dfe_codes, recognises=_is_dfe_list),
)
