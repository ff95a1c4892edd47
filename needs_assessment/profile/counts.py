"""Counts of a problem profile from offence-level records, for every authority and police force area at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd

from needs_assessment.geography import whole_forces, with_current_codes
from needs_assessment.profile.groups import are_group_based, offending_groups
from needs_assessment.profile.periods import periods_covered
from needs_assessment.vocabulary import Period, ProfileMeasure, Unit

COUNT_COLUMNS = [
    "source_id",
    "measure",
    "exploitation_type",
    "area_code",
    "period_start",
    "period_end",
    "unit",
    "count",
    "missing",
    "note",
]
VICTIM, SUSPECT = "victim_id", "suspect_id"
TARGETED, ORGANISED = "targeted_group_id", "organised_group_id"
VICTIMS_OF_A_TARGETED_GROUP, EVENTS_OF_A_REPEAT = 2, 2


class Counting(NamedTuple):
    """How a measure is counted: `unit`, the column whose different values `one` counts, `where` an offence counts (a
    column of true or false; blank for all), and the columns that the source must `need` to fill for it.
    """

    unit: Unit
    one: str
    where: str
    needs: tuple[str, ...]


COUNTINGS: dict[ProfileMeasure, Counting] = {
    ProfileMeasure.VICTIMS: Counting(Unit.VICTIM, VICTIM, "", (VICTIM,)),
    ProfileMeasure.REPEAT_VICTIMS: Counting(Unit.VICTIM, VICTIM, "of_repeat_victim", (VICTIM,)),
    ProfileMeasure.VICTIMS_MISSING: Counting(
        Unit.VICTIM, VICTIM, "of_missing_victim", (VICTIM, "victim_missing_history")
    ),
    ProfileMeasure.SUSPECTS: Counting(Unit.PERSON, SUSPECT, "", (SUSPECT,)),
    ProfileMeasure.REPEAT_SUSPECTS: Counting(Unit.PERSON, SUSPECT, "of_repeat_suspect", (SUSPECT,)),
    ProfileMeasure.GROUP_OFFENCES: Counting(Unit.OFFENCE, "offence_id", "group_based", (SUSPECT,)),
    ProfileMeasure.GROUPS: Counting(Unit.GROUP, "group", "group_based", (SUSPECT,)),
    ProfileMeasure.POSITION_OF_TRUST: Counting(
        Unit.OFFENCE, "offence_id", "in_position_of_trust", ("position_of_trust",)
    ),
    ProfileMeasure.VICTIMS_LATER_SUSPECTS: Counting(Unit.PERSON, VICTIM, "of_later_suspect", (VICTIM, SUSPECT)),
    ProfileMeasure.TARGETED_GROUPS: Counting(Unit.GROUP, TARGETED, "in_targeted_group", (VICTIM, TARGETED)),
    ProfileMeasure.ORGANISED_GROUPS: Counting(Unit.GROUP, ORGANISED, "", (ORGANISED,)),
}


def profile_counts(offences: pd.DataFrame, areas: pd.DataFrame, sources: pd.DataFrame) -> pd.DataFrame:
    """The counts of `ProfileMeasure`: COUNT_COLUMNS, one row a source, measure, harm, area and period.

    `offences`, `areas` and `sources` are those tables of the evidence. Periods are those of `periods_covered`. There
    are rows for each harm and authority that a source's records name and for each police force area of which they name
    every authority; nothing recorded is 0, and a column that a source never fills gives no rows of the measures that
    need it: not supplied is not 0.

    Groups and repeats are recognised among a source's offences of one harm in one period, over all areas: a longer
    extract does not make an earlier year's count grow, and each harm's counts are those of its own offences. Only a
    victim who is a suspect later is looked for in the whole extract. Persons and groups count in each authority where
    one of these offences was recorded. A force is the sum of its authorities: whoever is known to two counts twice.
    """
    stated = sources.set_index("source_id").reindex(columns=["data_from", "data_to"])
    counted = [
        counts
        for source_id, rows in with_current_codes(offences, areas).groupby("source_id")
        for period in periods_covered(rows["recorded_on"], *stated.loc[source_id])
        for counts in _of_period(OffenceRecords(rows, areas), period)
    ]
    return _typed(pd.concat(counted, ignore_index=True) if counted else pd.DataFrame(columns=COUNT_COLUMNS))


@dataclass(frozen=True, eq=False)
class OffenceRecords:
    """The offences of one source, and the areas of the evidence."""

    records: pd.DataFrame
    areas: pd.DataFrame

    def states(self, *columns: str) -> bool:
        """Whether the source ever fills each of the columns."""
        return all(column in self.records and self.records[column].notna().any() for column in columns)

    def within(self, period: Period, harm: str) -> pd.DataFrame:
        """The offences of a harm recorded in a period, with what is known of each by all of them together."""
        days = self.records["recorded_on"].between(pd.Timestamp(period.start), pd.Timestamp(period.end))
        rows = self.records[days & self.records["exploitation_type"].eq(harm)]
        rows = rows.assign(**{column: pd.NA for column in (TARGETED, ORGANISED) if column not in rows})
        groups, events = offending_groups(rows), _events(rows)
        known = {
            "group_based": are_group_based(rows, groups),
            "of_repeat_victim": _several(events, rows[VICTIM], EVENTS_OF_A_REPEAT),
            "of_repeat_suspect": _several(events, rows[SUSPECT], EVENTS_OF_A_REPEAT),
            "of_missing_victim": rows["victim_missing_history"].groupby(rows[VICTIM]).transform("any"),
            "in_position_of_trust": rows["position_of_trust"],
            "in_targeted_group": _several(rows[VICTIM], rows[TARGETED], VICTIMS_OF_A_TARGETED_GROUP),
            "of_later_suspect": self._last_suspected.reindex(rows[VICTIM]).set_axis(rows.index).gt(rows["recorded_on"]),
        }
        return rows.assign(group=groups, **{name: flags.eq(True).fillna(False) for name, flags in known.items()})

    @cached_property
    def _last_suspected(self) -> pd.Series:
        return self.records.groupby(SUSPECT)["recorded_on"].max()

    @cached_property
    def forces(self) -> pd.Series:
        """The police force area of each authority, of those whose every authority the source names."""
        return whole_forces(self.areas, self.records["area_code"])

    def by_area(self, offences: pd.DataFrame, column: str) -> pd.DataFrame:
        """How many different values of a column there are in each area: area_code and count, 0 where there is none."""
        authorities = sorted(set(self.records["area_code"]))
        counts = offences.groupby("area_code")[column].nunique().reindex(authorities, fill_value=0)
        sums = counts.groupby(self.forces).sum()
        return pd.concat([counts, sums]).rename_axis("area_code").rename("count").reset_index()


def _events(rows: pd.DataFrame) -> pd.Series:
    """The number of each offence's event; an offence without one is an event of its own."""
    codes = pd.factorize(rows["event_id"])[0]
    return pd.Series(np.where(codes >= 0, codes, len(rows) + np.arange(len(rows))), index=rows.index)


def _several(values: pd.Series, by: pd.Series, least: int) -> pd.Series:
    """Whether each row's `by` stands beside so many different values."""
    return values.groupby(by).transform("nunique").ge(least)


def _of_period(source: OffenceRecords, period: Period) -> Iterator[pd.DataFrame]:
    for harm in sorted(set(source.records["exploitation_type"])):
        rows = source.within(period, harm)
        for measure, (unit, one, where, needs) in COUNTINGS.items():
            if source.states(*needs):
                yield source.by_area(rows[rows[where]] if where else rows, one).assign(
                    source_id=source.records["source_id"].iloc[0],
                    measure=measure.value,
                    exploitation_type=harm,
                    period_start=pd.Timestamp(period.start),
                    period_end=pd.Timestamp(period.end),
                    unit=unit.value,
                )


def _typed(counts: pd.DataFrame) -> pd.DataFrame:
    words = ["source_id", "measure", "exploitation_type", "area_code", "unit", "missing", "note"]
    days = ["period_start", "period_end"]
    typed = counts.assign(missing=pd.NA, note=pd.NA)[COUNT_COLUMNS]
    return typed.astype(dict.fromkeys(words, "string") | dict.fromkeys(days, "datetime64[us]") | {"count": "Int64"})
