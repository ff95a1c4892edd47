"""Children in need, by the Department for Education: factors at the end of assessment (C3), and referrals (C1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import partial

import pandas as pd

from needs_assessment.sources import coercion
from needs_assessment.sources.describing import published_source
from needs_assessment.sources.files import SourceFile
from needs_assessment.sources.notes import Notes
from needs_assessment.sources.readers import explore_education
from needs_assessment.sources.registry import Reader, Tables
from needs_assessment.sources.tables import headings_of
from needs_assessment.vocabulary import ExploitationType, Measure, Unit

PUBLISHER = "Department for Education"
ROUNDED_TO = 10
"""National and regional counts are rounded to the nearest ten; those of authorities are not."""


@dataclass(frozen=True)
class Counted:
    """What one column of a table counts."""

    measure: str
    unit: Unit
    exploitation_type: ExploitationType | None = None


@dataclass(frozen=True)
class Publication:
    """A table of the Department: its title, the short name that its editions share, and what its columns count.

    `whole` is the column of which every other one counts a part. `recognised_by` are the columns that every edition
    has; the other ones may be absent.
    """

    title: str
    edition_of: str
    short_name: str
    columns: dict[str, Counted]
    whole: str
    recognised_by: tuple[str, ...]


FACTORS = Publication(
    "Children in need: factors identified at the end of assessment (table C3)",
    "dfe_children_in_need_factors",
    "dfe_cin_factors",
    {
        "child_sexual_exploitation": Counted(Measure.ASSESSMENT_EPISODES.value, Unit.EPISODE, ExploitationType.CSE),
        "child_criminal_exploitation": Counted(Measure.ASSESSMENT_EPISODES.value, Unit.EPISODE, ExploitationType.CCE),
        "trafficking": Counted(Measure.TRAFFICKING_EPISODES.value, Unit.EPISODE),
        "gangs": Counted(Measure.GANGS_EPISODES.value, Unit.EPISODE),
        "going_missing": Counted(Measure.GOING_MISSING_EPISODES.value, Unit.EPISODE),
        "episodes_with_assessment_factor": Counted(Measure.ANY_FACTOR_EPISODES.value, Unit.EPISODE),
    },
    whole="episodes_with_assessment_factor",
    recognised_by=("child_sexual_exploitation", "episodes_with_assessment_factor"),
)
REFERRALS = Publication(
    "Children in need: referrals and repeat referrals (table C1)",
    "dfe_children_in_need_referrals",
    "dfe_cin_referrals",
    {
        "referral_count": Counted("social_care_referrals", Unit.REFERRAL),
        "rereferral_count": Counted("social_care_repeat_referrals", Unit.REFERRAL),
        "no_further_action_count": Counted("social_care_referrals_no_further_action", Unit.REFERRAL),
        "not_in_need_count": Counted("social_care_referrals_not_in_need", Unit.REFERRAL),
        "referral_child_count": Counted("children_referred_to_social_care", Unit.CHILD),
        "rereferral_child_count": Counted("children_referred_again_to_social_care", Unit.CHILD),
    },
    whole="referral_count",
    recognised_by=("referral_count", "rereferral_count"),
)


def read(publication: Publication, file: SourceFile, notes: Notes, areas: pd.DataFrame) -> Tables:
    """The evidence of a table of children in need: a count, or the reason why there is none, for each area and year.

    Columns that the assessment does not use are left out, and so is one that this edition does not have, such as child
    criminal exploitation before the year ending March 2022; the report says which and how many.
    """
    present = {name for _, _, row in headings_of(file) for name in row}
    columns = {name: counted for name, counted in publication.columns.items() if name in present}
    rows = explore_education.rows_of(file, columns, notes)
    explore_education.fault_contradictions(rows, ["area_code", "year"], notes)
    explore_education.check_authorities(rows, notes)
    _remark_columns(publication, rows, notes)
    latest = rows["year"].max()
    until = None if pd.isna(latest) else date(int(latest), 3, 31)
    source_id = f"{publication.short_name}_{latest}"
    cells = {name: coercion.counts(rows[name], notes) for name in columns}
    explore_education.check_totals(rows, cells, notes, rounded_to=ROUNDED_TO)
    _check_parts(publication.whole, cells, notes)
    observations = [_observations(rows, cells[name], counted) for name, counted in columns.items()]
    return {
        "sources": published_source(
            file, source_id, publication.title, PUBLISHER, edition_of=publication.edition_of, data_to=until
        ),
        "areas": explore_education.area_facts(rows, notes),
        "observations": pd.concat(observations, ignore_index=True).assign(source_id=source_id),
    }


def _check_parts(whole: str, cells: dict[str, pd.DataFrame], notes: Notes) -> None:
    """Faults where a part is larger than its whole, as where two headings were exchanged."""
    for name, counted in cells.items():
        more = counted["count"].gt(cells[whole]["count"]).rename(name)
        coercion.fault_where(more, f"must not be more than {whole}", notes)


def _observations(rows: pd.DataFrame, cells: pd.DataFrame, counted: Counted) -> pd.DataFrame:
    return cells.assign(
        measure=counted.measure,
        unit=counted.unit.value,
        exploitation_type=pd.NA if counted.exploitation_type is None else counted.exploitation_type.value,
        area_code=rows["area_code"],
        **explore_education.year_ending_march(rows["year"]),
    )


def _remark_columns(publication: Publication, rows: pd.DataFrame, notes: Notes) -> None:
    absent = [name for name in publication.columns if name not in rows]
    others = set(rows.columns) - set(publication.columns) - explore_education.DESCRIBING
    notes.remark(f"{len(others)} columns that the assessment does not use were left out")
    if absent:
        notes.remark(f"this edition has no column {', '.join(absent)}")


READERS = (
    Reader(
        "Department for Education, children in need, factors at the end of assessment (C3)",
        partial(read, FACTORS),
        headings=(*explore_education.HEADINGS, *FACTORS.recognised_by),
    ),
    Reader(
        "Department for Education, children in need, referrals (C1)",
        partial(read, REFERRALS),
        headings=(*explore_education.HEADINGS, *REFERRALS.recognised_by),
    ),
)
