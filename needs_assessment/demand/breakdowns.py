"""Breakdowns of case-level records that a board asks for: one dimension at a time, never two crossed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from needs_assessment.disclosure import SafeCounts
from needs_assessment.geography import local_authorities, whole_forces, with_current_codes
from needs_assessment.vocabulary import (
    ALL_CATEGORIES,
    CATEGORIES,
    PERCENTAGE_FLOOR,
    RECORD_HAS_NONE,
    Dimension,
    ExploitationType,
    Measure,
    Unit,
)

BREAKDOWN_COLUMNS = [
    "source_id",
    "measure",
    "unit",
    "exploitation_type",
    "area_code",
    "period_start",
    "period_end",
    "dimension",
    "category",
    "count",
    "missing",
    "note",
]
CHILDREN_REFERRED, RECORDED_OFFENCES = "children_referred", "recorded_offences"
FIRST_AGES = (0, 10, 13, 16, 18, np.inf)
"""The first age of each band, and no end of the last: primary school, its last years, and those of secondary school."""
DAYS_TO_FIRST_REVIEW = "days_to_first_review"
"""The column of referrals, where they have it, with the days from each to the child's first review; blank for none."""
FIRST_REVIEW_DAYS = (0, 8, 29, 92, np.inf)
"""The first day of each band: a week, four weeks, and the three months after which a review is due again."""
QUARTERS_A_YEAR = 4
OUTSIDE = "outside"
"""What the records say of a home outside every area of the evidence."""

KINDS_OF_REFERRER = {
    "council": ("council", "local authority", "local authority panel", "social care", "early help", "youth justice"),
    "school": ("school", "college", "education"),
    "police": ("police",),
    "health": ("health", "nhs", "hospital", "gp"),
    "child or family": ("child", "family", "parent", "carer", "self", "self-referral"),
}
"""The words of records for each kind of referrer. Other words count as another: they may name somebody."""


def breakdowns(referrals: pd.DataFrame, offences: pd.DataFrame, areas: pd.DataFrame) -> pd.DataFrame:
    """Counts of each source's records by one dimension at a time: BREAKDOWN_COLUMNS, one row a category.

    Referrals of each harm by age, sex, ethnicity, referrer, acceptance, home area and, where
    `days_to_first_review` is given, the time to the first review; children by the harms that they
    were referred for, with exploitation_type blank; offences of each harm by whether any part was online. Years end on
    31 March and are those of which the source's records, from the first quarter to the last, hold all quarters. There
    are rows for each authority that a source names and for each police force area of which it names all. A category
    without a record is 0; a column that a source never fills gives no rows. Children are told apart within an
    authority, so that a child referred in two of a force's authorities counts twice in the force. Only children and
    offences have the category `all`: the other sums are the yearly referrals.
    """
    counted = [
        *(
            table
            for rows in _by_source(referrals, areas)
            for table in _of_referrals(Extract(rows, "referred_on", areas))
        ),
        *(table for rows in _by_source(offences, areas) for table in _of_offences(Extract(rows, "recorded_on", areas))),
    ]
    return _typed(pd.concat(counted, ignore_index=True) if counted else pd.DataFrame(columns=BREAKDOWN_COLUMNS))


def with_shares(counts: SafeCounts, totals: SafeCounts) -> pd.DataFrame:
    """The breakdowns past the gate with total and share: the figure that the categories add up to and the category's
    share of it (0 to 1), both blank beside a withheld count.

    `totals` are the measure table's counts, which hold the yearly referrals. A total that is withheld is blank, and
    there is no share of one below 20 (`PERCENTAGE_FLOOR`).
    """
    rows = counts.table
    sums = rows[rows["category"].eq(ALL_CATEGORIES)][[*_PLACE, "count"]]
    yearly = totals.table[totals.table["measure"].eq(Measure.REFERRALS)][[*_PLACE, "count"]]
    known = pd.concat([sums, yearly]).rename(columns={"count": "total"}).drop_duplicates(_PLACE, keep=False)
    table = rows.merge(known, on=_PLACE, how="left")
    table["total"] = table["total"].mask(table["count"].isna()).astype("Int64")
    share = table["count"].astype("Float64") / table["total"].where(table["total"].ge(PERCENTAGE_FLOOR))
    return table.assign(share=share)


_PLACE = ["source_id", "measure", "unit", "exploitation_type", "area_code", "period_start", "period_end"]


def _by_source(records: pd.DataFrame, areas: pd.DataFrame) -> Iterator[pd.DataFrame]:
    for _, rows in with_current_codes(records, areas).groupby("source_id"):
        yield rows


@dataclass(frozen=True, eq=False)
class Extract:
    """The records of one source, dated by the column `day`, and the areas of the evidence."""

    records: pd.DataFrame
    day: str
    areas: pd.DataFrame

    @cached_property
    def years(self) -> list[pd.Period]:
        """The whole years, ending 31 March, of the quarters from the first record to the last."""
        quarters = self.records[self.day].dt.to_period("Q")
        span = pd.period_range(quarters.min(), quarters.max())
        held = pd.Series(span.end_time.to_period("Y-MAR")).value_counts(sort=False)
        return sorted(held.index[held.eq(QUARTERS_A_YEAR)])

    @cached_property
    def rows(self) -> pd.DataFrame:
        """The records of the whole years, with their `year`."""
        dated = self.records.assign(year=self.records[self.day].dt.to_period("Y-MAR"))
        return dated[dated["year"].isin(self.years)]

    @cached_property
    def forces(self) -> pd.Series:
        """The police force area of each authority (the index)."""
        return local_authorities(self.areas).set_index("area_code")["police_force_area_code"].dropna()

    @cached_property
    def whole_forces(self) -> pd.Series:
        """The force of each authority, of those forces of which the source names every authority and not the force."""
        return whole_forces(self.areas, self.records["area_code"])

    def states(self, column: str) -> bool:
        """Whether the source ever fills a column."""
        return column in self.records and bool(self.records[column].notna().any())

    def counted(self, rows: pd.DataFrame, dimension: Dimension, measure: str, unit: Unit) -> pd.DataFrame:
        """The rows by harm, area, year and `category`, with 0 wherever there is none."""
        in_forces = rows.assign(area_code=rows["area_code"].map(self.whole_forces)).dropna(subset="area_code")
        areas = sorted({*self.records["area_code"], *self.whole_forces})
        harms = sorted(set(rows["exploitation_type"]))
        index = {"exploitation_type": harms, "area_code": areas, "year": self.years, "category": CATEGORIES[dimension]}
        spine = pd.MultiIndex.from_product(index.values(), names=index)
        counts = pd.concat([rows, in_forces]).groupby(list(index)).size().reindex(spine, fill_value=0)
        table = counts.rename("count").reset_index()
        return table.assign(
            source_id=self.records["source_id"].iloc[0],
            measure=measure,
            unit=unit.value,
            dimension=dimension.value,
            period_start=table["year"].dt.start_time,
            period_end=table["year"].dt.end_time.dt.normalize(),
        )


def _of_referrals(extract: Extract) -> Iterator[pd.DataFrame]:
    if not extract.years:
        return
    for dimension, (column, category_of) in _categories(extract).items():
        if extract.states(column):
            rows = extract.rows.assign(category=category_of(extract.rows[column]))
            yield extract.counted(rows, dimension, Measure.REFERRALS.value, Unit.REFERRAL)
    # A source of one harm cannot tell who is under both.
    if set(ExploitationType) <= set(extract.records["exploitation_type"]):
        yield _with_sums(extract.counted(_children(extract.rows), Dimension.HARM, CHILDREN_REFERRED, Unit.CHILD))


def _of_offences(extract: Extract) -> Iterator[pd.DataFrame]:
    if extract.years and extract.states("online"):
        rows = extract.rows.assign(category=_yes_no(extract.rows["online"], Dimension.ONLINE))
        yield _with_sums(extract.counted(rows, Dimension.ONLINE, RECORDED_OFFENCES, Unit.OFFENCE))


def _categories(extract: Extract) -> dict[Dimension, tuple[str, Callable[[pd.Series], pd.Series]]]:
    """The column of each dimension of referrals and how its cells are put into categories."""
    return {
        Dimension.AGE: ("age", _age_bands),
        Dimension.SEX: ("sex", lambda sex: sex.fillna(CATEGORIES[Dimension.SEX][-1])),
        Dimension.ETHNICITY: ("ethnicity", lambda group: group.fillna(RECORD_HAS_NONE)),
        Dimension.REFERRER: ("referrer", _kinds_of_referrer),
        Dimension.ACCEPTED: ("accepted", lambda accepted: _yes_no(accepted, Dimension.ACCEPTED)),
        Dimension.HOME: ("home_area_code", lambda home: _homes(extract, home)),
        Dimension.FIRST_REVIEW: (DAYS_TO_FIRST_REVIEW, _first_reviews),
    }


def _age_bands(age: pd.Series) -> pd.Series:
    bands = pd.cut(age.astype(float), FIRST_AGES, right=False, labels=CATEGORIES[Dimension.AGE][:-1])
    return bands.astype("string").fillna(RECORD_HAS_NONE)


def _kinds_of_referrer(referrer: pd.Series) -> pd.Series:
    kinds = {word: kind for kind, words in KINDS_OF_REFERRER.items() for word in words}
    kind = referrer.str.strip().str.casefold().map(kinds).astype("string")
    return kind.fillna("another").mask(referrer.isna(), RECORD_HAS_NONE)


def _yes_no(answers: pd.Series, dimension: Dimension) -> pd.Series:
    yes, no, neither = CATEGORIES[dimension]
    return answers.astype("boolean").map({True: yes, False: no}).astype("string").fillna(neither)


def _first_reviews(days: pd.Series) -> pd.Series:
    *bands, none = CATEGORIES[Dimension.FIRST_REVIEW]
    return pd.cut(days.astype(float), FIRST_REVIEW_DAYS, right=False, labels=bands).astype("string").fillna(none)


def _homes(extract: Extract, home: pd.Series) -> pd.Series:
    """Where each child lives. A home whose force nobody stated, or of a referral whose force nobody did, is told apart
    only where it is in the same area or outside all.
    """
    here, elsewhere, outside, not_recorded = CATEGORIES[Dimension.HOME]
    home = with_current_codes(home.to_frame("area_code"), extract.areas)["area_code"]
    received = extract.rows["area_code"]
    forces = [code.map(extract.forces).fillna(code.where(code.isin(extract.forces))) for code in (home, received)]
    known = forces[0].notna() & forces[1].notna()
    choices = [home.eq(received), known & forces[0].eq(forces[1]), home.eq(OUTSIDE) | known]
    chosen = np.select(
        [choice.fillna(False).to_numpy(bool) for choice in choices], [here, elsewhere, outside], not_recorded
    )
    return pd.Series(chosen, index=home.index, dtype="string")


def _children(rows: pd.DataFrame) -> pd.DataFrame:
    """One row a child, authority and year, by the harms that the child was referred for there."""
    both = CATEGORIES[Dimension.HARM][-1]
    harms = rows.groupby(["child_id", "area_code", "year"])["exploitation_type"].agg(["first", "nunique"]).reset_index()
    category = (harms["first"] + " only").mask(harms["nunique"].gt(1), both)
    return harms.assign(category=category, exploitation_type="")


def _with_sums(counts: pd.DataFrame) -> pd.DataFrame:
    """The counts with the sum of the categories, which no other table has."""
    by = [column for column in counts if column not in ("category", "count")]
    sums = counts.groupby(by, sort=False)["count"].sum().reset_index()
    return pd.concat([counts, sums.assign(category=ALL_CATEGORIES)], ignore_index=True)


def _typed(counts: pd.DataFrame) -> pd.DataFrame:
    words = [column for column in BREAKDOWN_COLUMNS if column not in ("count", "period_start", "period_end")]
    days = ["period_start", "period_end"]
    blank = counts["exploitation_type"].mask(counts["exploitation_type"].eq(""))
    typed = counts.assign(exploitation_type=blank, missing=pd.NA, note=pd.NA)[BREAKDOWN_COLUMNS]
    return typed.astype(dict.fromkeys(words, "string") | dict.fromkeys(days, "datetime64[us]") | {"count": "Int64"})
