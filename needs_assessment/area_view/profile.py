"""What a release says for the problem profile of one local authority, under the headings of the national template."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from functools import cached_property

import pandas as pd

from needs_assessment.area_view.place import Place
from needs_assessment.vocabulary import ALL_CATEGORIES, Dimension, ExploitationType, ProfileMeasure

OFFENCES, OFFENCES_ONLINE = "recorded_offences", "recorded_offences_online"
"""The offences of records, and those of which any part was online: a breakdown of the first."""


class Topic(StrEnum):
    """A heading of the profile under which something is counted."""

    SCALE = "Scale"
    ONLINE = "Online"
    GROUPS = "Group-based"
    REPEAT_VICTIMS = "Repeat victims"
    REPEAT_SUSPECTS = "Repeat suspects"
    POSITION_OF_TRUST = "Position of trust"
    VICTIMS_MISSING = "Victims with missing episodes"
    LATER_SUSPECTS = "Victims later suspects"
    TARGETED_GROUPS = "Targeted groups"
    ORGANISED_GROUPS = "Organised groups"


MEASURES: dict[Topic, tuple[str, ...]] = {
    Topic.SCALE: (
        "police_recorded_offences",
        "offences_abuse_through_sexual_exploitation",
        "offences_sexual_grooming",
        "offences_trafficking_for_sexual_exploitation",
        "offences_modern_slavery",
        OFFENCES,
        ProfileMeasure.VICTIMS,
        ProfileMeasure.SUSPECTS,
    ),
    Topic.ONLINE: ("police_recorded_offences_committed_online", OFFENCES_ONLINE),
    Topic.GROUPS: (
        "group_based_incidents",
        "incidents_by_group_of_two_or_more_offenders",
        ProfileMeasure.GROUP_OFFENCES,
        ProfileMeasure.GROUPS,
    ),
    Topic.REPEAT_VICTIMS: ("repeat_victims", ProfileMeasure.REPEAT_VICTIMS),
    Topic.REPEAT_SUSPECTS: (
        "repeat_perpetrators",
        "offences_linked_to_repeat_perpetrators",
        "events_linked_to_repeat_perpetrators",
        "victims_in_each_event_linked_to_repeat_perpetrators",
        ProfileMeasure.REPEAT_SUSPECTS,
    ),
    Topic.POSITION_OF_TRUST: (
        "offences_in_position_of_trust_with_educational_links",
        ProfileMeasure.POSITION_OF_TRUST,
    ),
    Topic.VICTIMS_MISSING: ("victims_recorded_as_missing_persons", ProfileMeasure.VICTIMS_MISSING),
    Topic.LATER_SUSPECTS: (
        "individuals_progressed_from_victim_to_perpetrator",
        ProfileMeasure.VICTIMS_LATER_SUSPECTS,
    ),
    Topic.TARGETED_GROUPS: ("groups_identified_as_targeted", ProfileMeasure.TARGETED_GROUPS),
    Topic.ORGANISED_GROUPS: ("organised_crime_groups_mapped", "ongoing_operations", ProfileMeasure.ORGANISED_GROUPS),
}
"""The measures that stand under each heading, in the order in which they are shown: those of the published profiles
and of police recorded crime, then those counted from records."""
EVERY_MEASURE = [measure for measures in MEASURES.values() for measure in measures]
CATEGORIES_OF = {ALL_CATEGORIES: OFFENCES, Dimension.ONLINE.value: OFFENCES_ONLINE}
"""Which categories of the breakdown of offences the profile shows."""


class Profile(Place):
    """The rows of a local authority and its police force area that a problem profile shows: the latest of each
    source.
    """

    def profile_counts(self, harm: ExploitationType | None = None) -> pd.DataFrame:
        """The figures of the measure table under the headings of the profile; without `harm`, all of them."""
        return _of_harm(self._profile_counts, harm)

    def profile_offences(self, harm: ExploitationType | None = None) -> pd.DataFrame:
        """The offences of records, all and those online, as the breakdowns have them."""
        return _of_harm(self._profile_offences, harm)

    def profile_rows(
        self, topics: Iterable[Topic] = tuple(Topic), harm: ExploitationType | None = None
    ) -> pd.DataFrame:
        """Both together under one `measure`, in the order of the headings: one row a figure."""
        measures = [measure for topic in topics for measure in MEASURES[topic]]
        rows = self._profile_rows
        return _of_harm(rows[rows["measure"].isin(measures)], harm)

    # A page asks for each heading many times, and the tables of a release hold every area.
    @cached_property
    def _profile_counts(self) -> pd.DataFrame:
        rows = self.here("demand")
        return _latest(rows[rows["measure"].isin(EVERY_MEASURE)])

    @cached_property
    def _profile_offences(self) -> pd.DataFrame:
        rows = self.here("breakdowns")
        chosen = rows["measure"].eq(OFFENCES) & rows["dimension"].eq(Dimension.ONLINE)
        return _latest(rows[chosen & rows["category"].isin(list(CATEGORIES_OF))])

    @cached_property
    def _profile_rows(self) -> pd.DataFrame:
        counts, offences = self._profile_counts, self._profile_offences
        offences = offences.assign(measure=offences["category"].map(CATEGORIES_OF).astype("string"))
        rows = pd.concat([counts, offences]) if len(offences) else counts
        return rows.sort_values("measure", key=lambda names: names.map(EVERY_MEASURE.index), kind="stable")

    def profile_periods(self) -> pd.DataFrame:
        """The source_id, period_start and period_end of the profile's figures that are of more than a day, each once;
        those of records last.
        """
        rows = self.profile_rows()
        periods = rows.loc[rows["period_start"].lt(rows["period_end"]), ["source_id", "period_start", "period_end"]]
        return periods.drop_duplicates(ignore_index=True)

    def profile_statements(self) -> pd.DataFrame:
        """What the sources say of the definition of exploitation and of the whole demand, and what those that the
        profile rests on say of their data: of no single service.
        """
        rows = self.here("statements")
        of_figures = rows["topic"].eq("data quality") & rows["source_id"].isin(self.profile_rows()["source_id"])
        return rows[(rows["topic"].eq("demand") | of_figures) & rows["service_id"].isna()]

    def profile_training(self) -> pd.DataFrame:
        """What the sources say of training: in general, by services for exploitation, or by services that train."""
        rows, services = self.here("statements"), self.release["services"]
        trains = services["intensity"].str.contains("training").fillna(False).astype(bool)
        named = services.loc[services["exploitation_types"].notna() | trains, "service_id"]
        return rows[rows["topic"].eq("training") & (rows["service_id"].isna() | rows["service_id"].isin(named))]

    def profile_contradictions(self) -> pd.DataFrame:
        """Where a source of the profile contradicts another or itself, about this place and not about a service."""
        rows, sources = self.here("contradictions"), self.profile_rows()["source_id"]
        of_profile = rows["source_a"].isin(sources) | rows["source_b"].isin(sources)
        return rows[of_profile & rows["service_id"].isna()].reset_index(drop=True)


def _of_harm(rows: pd.DataFrame, harm: ExploitationType | None) -> pd.DataFrame:
    same = rows if harm is None else rows[rows["exploitation_type"].eq(harm).fillna(False).astype(bool)]
    return same.reset_index(drop=True)


def _latest(rows: pd.DataFrame) -> pd.DataFrame:
    """The latest period of each measure and harm of each source."""
    latest = rows.groupby(["source_id", "measure", "exploitation_type"], dropna=False)["period_end"].transform("max")
    return rows[rows["period_end"].eq(latest)].reset_index(drop=True)
