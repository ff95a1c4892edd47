"""Children referred to the National Referral Mechanism (NRM) as possible victims of modern slavery, by the Home Office.

The table counts referrals by calendar quarter, first responder, kinds of exploitation and age when exploited. Only
police forces stand for a place, which is where the referral was made and not where the child lives; local authorities
are counted all together. A child who was exploited in several ways is counted once, under all kinds together. So the
measures below share out the children whom a force referred in a quarter, and add up to `nrm_referrals_children`:

- `nrm_referrals_children_one_kind`: sexual alone (CSE), and criminal alone (CCE)
- `nrm_referrals_children_sexual_and_criminal`: both, with or without other kinds
- `nrm_referrals_children_sexual_and_other`, `nrm_referrals_children_criminal_and_other`: one of the two, with others
- `nrm_referrals_children_other_kinds`: labour, domestic servitude or organ harvesting alone or together
- `nrm_referrals_children_kind_unknown`: not specified or unknown
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import pandas as pd

from needs_assessment.sources import coercion
from needs_assessment.sources.coercion import fault_where
from needs_assessment.sources.describing import published_source
from needs_assessment.sources.files import SourceFile
from needs_assessment.sources.notes import Coercion, Notes, RefusedError
from needs_assessment.sources.readers.crime import days_of_quarters, force_codes, remark_on_absent_forces
from needs_assessment.sources.registry import Reader, Tables
from needs_assessment.sources.tables import heading, table_with
from needs_assessment.vocabulary import ExploitationType, Unit

PUBLISHER = "Home Office"
POLICE_ALONE = (
    "Referrals made by police forces alone. Those of local authorities, government agencies and charities, which are "
    "most of all referrals of children, cannot be placed in an area and are not in these figures. The age is that at "
    "exploitation."
)
TITLE = "National Referral Mechanism: referrals by first responder, kind of exploitation and age"
HEADINGS = (
    "quarter",
    "first_responder_type",
    "first_responder",
    "exploitation_type",
    "age_at_exploitation",
    "referrals",
)
KEY = list(HEADINGS[:-1])
POLICE, TOTAL, CHILD = "Police", "Total", "Child (17 or under)"
UNKNOWN = "Not specified or unknown"
TYPES = (POLICE, "Local Authority", "Government agency", "NGO and third sector")
AGES = (CHILD, "Adult (18 or over)", UNKNOWN, TOTAL)
KINDS = frozenset({"sexual", "criminal", "labour", "domestic", "organ harvesting"})

NO_FORCE_AREA = frozenset(
    {
        "british transport police",
        "eastern region special operations unit",
        "north west regional organised crime unit",
        "police scotland",
        "police service of northern ireland",
        "south west regional organised crime unit",
        "tarian rocu",
        "west midlands regional organised crime unit",
    }
)
"""Police bodies that refer children and have no force area of their own in England and Wales."""


@dataclass(frozen=True, order=True)
class Part:
    """A share of the children referred: its measure, and the harm where it is that harm alone."""

    measure: str
    harm: str = ""


ALL = Part("nrm_referrals_children")
SEXUAL = Part("nrm_referrals_children_one_kind", ExploitationType.CSE.value)
CRIMINAL = Part("nrm_referrals_children_one_kind", ExploitationType.CCE.value)
BOTH = Part("nrm_referrals_children_sexual_and_criminal")
SEXUAL_AND_OTHER = Part("nrm_referrals_children_sexual_and_other")
CRIMINAL_AND_OTHER = Part("nrm_referrals_children_criminal_and_other")
OTHER = Part("nrm_referrals_children_other_kinds")
KIND_UNKNOWN = Part("nrm_referrals_children_kind_unknown")
PARTS = (SEXUAL, CRIMINAL, BOTH, SEXUAL_AND_OTHER, CRIMINAL_AND_OTHER, OTHER, KIND_UNKNOWN)


def part_of(kinds: str) -> Part | None:
    """The share that a cell such as `Sexual, Labour & Criminal` belongs to; None for words that are no known kinds."""
    if kinds == UNKNOWN:
        return KIND_UNKNOWN
    named = {kind.strip() for kind in re.split("[,&]", kinds.lower())}
    if not named <= KINDS:
        return None
    if "sexual" not in named and "criminal" not in named:
        return OTHER
    if {"sexual", "criminal"} <= named:
        return BOTH
    alone, joined = (SEXUAL, SEXUAL_AND_OTHER) if "sexual" in named else (CRIMINAL, CRIMINAL_AND_OTHER)
    return alone if len(named) == 1 else joined


def read(file: SourceFile, notes: Notes, areas: pd.DataFrame) -> Tables:
    """The evidence of the table: children whom each police force referred, by quarter, as the measures named above.

    The table has no row for nought. A force without a row is counted as 0 in a quarter whose parts add up to the total
    of all police that the table states, and in no other quarter. Totals that differ from their parts are faults.
    """
    rows = _typed(table_with(file, HEADINGS, notes), notes)
    if not notes.faults:
        # A cell that has a fault of its own would make its total wrong too.
        _check_totals(rows, notes)
    forces = _of_force_areas(rows, notes, areas)
    if notes.faults:
        return {}
    if forces.empty:
        raise RefusedError("has the headings of referrals by first responder, and no row of a police force")
    observations = _observations(forces, _quarters_with_total(rows, notes), notes)
    remark_on_absent_forces(observations["area_code"], areas, notes)
    source_id = f"home_office_nrm_first_responders_{rows['quarter'].min()}_{rows['quarter'].max()}".lower()
    until = observations["period_end"].max().date()
    edition_of = "home_office_nrm_first_responders"
    return {
        "sources": published_source(
            file, source_id, TITLE, PUBLISHER, edition_of=edition_of, data_to=until, note=POLICE_ALONE
        ),
        "observations": observations.assign(source_id=source_id),
    }


def _typed(table: pd.DataFrame, notes: Notes) -> pd.DataFrame:
    """The rows, each once, with quarters as 2022Q2, closed words in their own spelling, and referrals as numbers."""
    quarter = coercion.words(table["quarter"], notes).str.upper().str.replace(r"[ -]", "", regex=True)
    kinds = coercion.words(table["exploitation_type"], notes)
    misread = (quarter.notna() & ~quarter.str.fullmatch(r"20\d\dQ[1-4]").fillna(False)).rename("quarter")
    fault_where(misread, "must be a calendar quarter such as 2022-Q2", notes)
    unknown = kinds.notna() & kinds.ne(TOTAL) & kinds.map(part_of, na_action="ignore").isna()
    fault_where(
        unknown.rename("exploitation_type"), f"must be {TOTAL}, {UNKNOWN} or known kinds of exploitation", notes
    )
    rows = pd.DataFrame(
        {
            "quarter": quarter,
            "first_responder_type": coercion.one_of(table["first_responder_type"], TYPES, notes),
            "first_responder": coercion.words(table["first_responder"], notes),
            "exploitation_type": kinds,
            "age_at_exploitation": coercion.one_of(table["age_at_exploitation"], AGES, notes),
            "referrals": coercion.whole(table["referrals"], notes),
        }
    )
    repeated = rows.duplicated()
    notes.count(Coercion.REPEATED_ROW, times=int(repeated.sum()))
    rows = rows[~repeated]
    fault_where(rows.duplicated(KEY, keep=False).rename("referrals"), "must be stated once for each combination", notes)
    return rows


def _check_totals(rows: pd.DataFrame, notes: Notes) -> None:
    """A fault for each total that differs from the sum of its parts: over ages, over kinds, and over responders."""
    any_kind, any_age = rows["exploitation_type"].eq(TOTAL), rows["age_at_exploitation"].eq(TOTAL)
    everyone = _is_everyone(rows)
    by_kind = rows[any_age & ~any_kind]
    _differ(by_kind, rows[~any_age & ~any_kind], KEY[:4], notes)
    _differ(rows[any_age & any_kind & ~everyone], by_kind, KEY[:3], notes)
    _differ(rows[everyone], by_kind, KEY[:2], notes)


def _differ(totals: pd.DataFrame, parts: pd.DataFrame, key: list[str], notes: Notes) -> None:
    sums = parts.groupby(key, as_index=False)["referrals"].sum().rename(columns={"referrals": "parts"})
    stated = totals.merge(sums, on=key, how="left").set_index(totals.index)
    broken = stated["referrals"].ne(stated["parts"].fillna(0)).fillna(False)
    fault_where(broken.rename("referrals"), "a total must be the sum of its parts", notes)


def _is_everyone(rows: pd.DataFrame) -> pd.Series:
    """Whether each row is the total of all first responders of a type, such as `Police total`."""
    return rows["first_responder"].str.lower().eq(rows["first_responder_type"].str.lower() + " total").fillna(False)


def _of_force_areas(rows: pd.DataFrame, notes: Notes, areas: pd.DataFrame) -> pd.DataFrame:
    """The rows of single ages and kinds that police forces with an area of their own referred, with its area_code."""
    totals = rows["exploitation_type"].eq(TOTAL) | rows["age_at_exploitation"].eq(TOTAL) | _is_everyone(rows)
    notes.count(Coercion.TOTAL_ROW, times=int(totals.sum()))
    single = rows[~totals]
    police = single["first_responder_type"].eq(POLICE)
    elsewhere = police & single["first_responder"].map(heading, na_action="ignore").isin(NO_FORCE_AREA)
    left_out = {
        "first_responder_type": ("first responders that are no police force", single[~police]),
        "first_responder": ("police bodies without a force area of their own", single[elsewhere]),
    }
    for column, (who, others) in left_out.items():
        notes.count(Coercion.NOT_USED, column, len(others))
        children = int(others.loc[others["age_at_exploitation"].eq(CHILD), "referrals"].sum())
        notes.remark(f"referrals of children by {who}, left out because they cannot be placed in an area: {children:,}")
    forces = single[police & ~elsewhere]
    return forces.assign(area_code=force_codes(forces["first_responder"], notes, areas))


def _quarters_with_total(rows: pd.DataFrame, notes: Notes) -> list[str]:
    """The quarters of which the table states the total of all police, so that a row that is not there means nought."""
    stated = rows.loc[_is_everyone(rows) & rows["first_responder_type"].eq(POLICE), "quarter"].unique()
    without = rows["quarter"].nunique() - len(stated)
    if without:
        notes.remark(
            f"quarters without the total of all police, where a force without a row is not taken for 0: {without:,}"
        )
    return sorted(stated)


def _observations(forces: pd.DataFrame, whole_quarters: list[str], notes: Notes) -> pd.DataFrame:
    child = forces["age_at_exploitation"].eq(CHILD)
    unknown = forces["age_at_exploitation"].eq(UNKNOWN)
    notes.count(Coercion.NOT_USED, "age_at_exploitation", int((~child).sum()))
    notes.remark(
        "referrals by police forces of people whose age is not known, some of whom may be children, left out: "
        f"{int(forces.loc[unknown, 'referrals'].sum()):,}"
    )
    children = forces[child].assign(part=forces.loc[child, "exploitation_type"].map(part_of))
    shared = pd.concat([children.assign(part=ALL), children])
    counts = shared.groupby(["quarter", "area_code", "part"])["referrals"].sum()
    grid = pd.MultiIndex.from_product(
        [whole_quarters, forces["area_code"].unique(), [ALL, *PARTS]], names=counts.index.names
    )
    counts = counts.reindex(counts.index.union(grid), fill_value=0).rename("count").reset_index()
    return counts[["area_code", "count"]].assign(
        measure=[part.measure for part in counts["part"]],
        unit=Unit.REFERRAL.value,
        exploitation_type=pd.array([part.harm or None for part in counts["part"]], dtype="string"),
        **days_of_quarters(counts["quarter"]),
    )


READERS = (
    Reader(
        "Home Office, referrals to the National Referral Mechanism by first responder",
        read,
        headings=HEADINGS,
        needs_areas=True,
    ),
)
