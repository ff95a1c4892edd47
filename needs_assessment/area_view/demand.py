"""What a release says of recorded exploitation in one local authority."""

from __future__ import annotations

from functools import cached_property

import pandas as pd

from needs_assessment.area_view.place import Place
from needs_assessment.geography import authorities_of_nations
from needs_assessment.vocabulary import (
    AreaType,
    Dimension,
    ExploitationType,
    Measure,
    PeerBasis,
    ProfileMeasure,
    RecordingFlag,
    Verdict,
)

DAYS = {"year": (360, 372), "quarter": (88, 94), "month": (27, 32)}
"""How long a period of each frequency is, in days."""

BREAK_ORDER = (RecordingFlag.KNOWN_BREAK, RecordingFlag.OFFSETTING_MOVE, RecordingFlag.JUMP)


class Demand(Place):
    """The rows of a local authority on recorded exploitation: rates, comparisons, changes, and doubts about them."""

    def series(
        self, measure: Measure, harm: ExploitationType | None = None, area_code: str | None = None
    ) -> pd.DataFrame:
        """The measure table of one series for this area (or another), oldest period first."""
        return _of(self._demand_of(area_code or self.area_code), measure, harm)

    def _demand_of(self, area_code: str) -> pd.DataFrame:
        """The measure table of one area: looked up once, since a page asks for its series many times."""
        if area_code not in self._looked_up:
            demand = self.release["demand"]
            self._looked_up[area_code] = demand[demand["area_code"].eq(area_code)]
        return self._looked_up[area_code]

    @cached_property
    def _looked_up(self) -> dict[str, pd.DataFrame]:
        return {}

    def comparator_series(self, measure: Measure, harm: ExploitationType | None = None) -> pd.DataFrame:
        """The measure table of the comparator for the periods of this area's series."""
        series = self.series(measure, harm, self._comparator_code)
        return series[series["period_end"].isin(self.series(measure, harm)["period_end"])]

    def latest(self, measure: Measure, harm: ExploitationType | None = None) -> pd.Series | None:
        """The latest period of a series; None where nothing was supplied."""
        series = self.series(measure, harm)
        return None if series.empty else series.iloc[-1]

    def same_measure(self, measure: Measure, harm: ExploitationType, period_end: pd.Timestamp) -> pd.DataFrame:
        """The measure table of one period for every local authority in use of the nations counted, in order of name."""
        demand = self.release["demand"]
        places = authorities_of_nations(self.release["areas"], demand["area_code"])[["area_code", "area_name"]]
        return places.merge(self._in_period(measure, harm, period_end), on="area_code", how="left")

    def counted_authorities(self, measure: Measure, harm: ExploitationType, period_end: pd.Timestamp) -> pd.DataFrame:
        """The measure table of one period for every local authority that has a row, also those that stand in the
        release only to be compared with.
        """
        areas = self.release["areas"]
        places = areas.loc[areas["area_type"].eq(AreaType.LOCAL_AUTHORITY), ["area_code", "area_name"]]
        return places.merge(self._in_period(measure, harm, period_end), on="area_code")

    def _in_period(self, measure: Measure, harm: ExploitationType, period_end: pd.Timestamp) -> pd.DataFrame:
        rows = _of(self.release["demand"], measure, harm)
        return rows[rows["period_end"].eq(period_end)]

    def other_counts(self) -> pd.DataFrame:
        """Published counts of this area and its police force area that are not assessment factors or referrals, and
        not the counts from records that the problem profile shows.
        """
        demand = self.release["demand"]
        other = ~demand["measure"].isin([*Measure, *ProfileMeasure])
        return demand[other & self._here(demand)].reset_index(drop=True)

    def referrals(self) -> pd.DataFrame:
        """Referrals by quarter and year, here and in the police force area; nothing where none were supplied here."""
        rows = self.release["demand"]
        rows = rows[rows["measure"].eq(Measure.REFERRALS) & self._here(rows)]
        return rows if rows["area_code"].eq(self.area_code).any() else rows.head(0)

    def breakdowns(self) -> pd.DataFrame:
        """The breakdowns of this area's records, of the latest whole year of each source and measure."""
        rows = self.release["breakdowns"]
        # How soon a first review came is told with the reviews.
        rows = rows[rows["area_code"].eq(self.area_code) & rows["dimension"].ne(Dimension.FIRST_REVIEW)]
        latest = rows.groupby(["source_id", "measure"])["period_end"].transform("max")
        return rows[rows["period_end"].eq(latest)].reset_index(drop=True)

    def breaks(self, measure: Measure, harm: ExploitationType | None = None) -> pd.DataFrame:
        """Where no trend is drawn through a series of this area, oldest first: a known break, or what the screen found
        between two years. Columns as `flags`; changed_on is the first day of the changed figures.
        """
        flags = self.flags()
        same_harm = flags["exploitation_type"].isna() if harm is None else flags["exploitation_type"].eq(harm)
        between = flags["flag"].isin([RecordingFlag.KNOWN_BREAK, RecordingFlag.OFFSETTING_MOVE, RecordingFlag.JUMP])
        chosen = flags[flags["measure"].eq(measure) & same_harm.fillna(False).astype(bool) & between]
        chosen = chosen.assign(changed_on=chosen["changed_on"].fillna(chosen["period_start"]))
        # One mark a place: what is known comes before what the screen suggests.
        order = chosen["flag"].map({flag.value: place for place, flag in enumerate(BREAK_ORDER)})
        chosen = chosen.assign(order=order).sort_values(["changed_on", "order"])
        return chosen.drop_duplicates("changed_on").drop(columns="order").reset_index(drop=True)

    def flags(self) -> pd.DataFrame:
        """The figures of this area that the recording screen flagged, latest first.

        A known break stands once, at its first figure, and so does a series that is 0 in every year.
        """
        flags = self.release["flags"]
        own = flags[flags["area_code"].eq(self.area_code)].sort_values("period_end")
        lasting = own["flag"].isin([RecordingFlag.KNOWN_BREAK, RecordingFlag.NEVER_RECORDED])
        own = own[~lasting | ~own.duplicated(["measure", "exploitation_type", "flag", "changed_on"])]
        return own.sort_values(["period_end", "measure", "exploitation_type"], ascending=False, ignore_index=True)

    def revisions(self) -> pd.DataFrame:
        """What a later edition changed in the figures of this area that the report shows, latest period first."""
        rows = self.release["revisions"]
        own = rows[rows["area_code"].eq(self.area_code) & rows["measure"].isin(list(Measure))]
        return own.sort_values(["period_end", "measure", "exploitation_type"], ascending=False, ignore_index=True)

    @property
    def editions_compared(self) -> bool:
        """Whether the release rests on two editions of any publication, so that revisions can be seen."""
        editions = self.release["sources"].dropna(subset=["edition_of"]).groupby("edition_of")["data_to"].nunique()
        return bool((editions > 1).any())

    def force_totals(self) -> pd.DataFrame:
        """The sums over all authorities of this area's police force area, by harm and period."""
        rows = self.release["force_totals"]
        return rows[rows["police_force_area_code"].eq(self.force_code)].sort_values("period_start", ignore_index=True)

    def all_series(self, series: list[tuple[Measure, ExploitationType | None]]) -> pd.DataFrame:
        """The measure tables of several series of this area, one under the other."""
        return pd.concat([self.series(measure, harm) for measure, harm in series], ignore_index=True)

    def peer_groups(
        self, measure: Measure, harm: ExploitationType | None, basis: PeerBasis = PeerBasis.AUTHORITIES
    ) -> pd.DataFrame:
        """The groups that one series is compared with, a row a period, oldest first: all authorities of the nation, or
        the statistical neighbours of this area.
        """
        rows = self.release["peer_groups"]
        nation = rows["group_code"].str[0].eq(self.area_code[0])
        own = nation if basis == PeerBasis.AUTHORITIES else rows["group_code"].eq(self.area_code)
        return _of(rows[rows["basis"].eq(basis) & own], measure, harm)

    def peer_group(
        self, measure: Measure, harm: ExploitationType | None, basis: PeerBasis = PeerBasis.AUTHORITIES
    ) -> pd.Series | None:
        """The group of the latest period of one series; None where too few of its authorities have a figure."""
        latest, groups = self.latest(measure, harm), self.peer_groups(measure, harm, basis)
        if latest is None:
            return None
        same = groups[groups["period_end"].eq(latest["period_end"])]
        return None if same.empty else same.iloc[0]

    def funnel_lines(self, measure: Measure, harm: ExploitationType) -> pd.DataFrame:
        """The lines of the funnel of the latest period of one series, by person_years; no row where there is none."""
        latest, rows = self.latest(measure, harm), self.release["funnels"]
        if latest is None:
            return rows.head(0)
        same = rows["group_code"].str[0].eq(self.area_code[0]) & rows["period_end"].eq(latest["period_end"])
        return _of(rows[same], measure, harm).sort_values("person_years", ignore_index=True)

    def expected(self, measure: Measure, harm: ExploitationType | None = None) -> pd.DataFrame:
        """One series beside the rate of the statistical neighbours, with its pooled rate and what difference could be
        noticed: a row a period, oldest first.
        """
        return self._own("expected", measure, harm)

    def beside_neighbours(self, measure: Measure, harm: ExploitationType | None = None) -> pd.Series | None:
        """The row of the latest period beside the statistical neighbours; None where these have no rate in it."""
        latest, rows = self.latest(measure, harm), self.expected(measure, harm)
        if latest is None:
            return None
        same = rows[rows["period_end"].eq(latest["period_end"]) & rows["neighbours_value"].notna()]
        return None if same.empty else same.iloc[-1]

    def with_neighbours(self, measure: Measure, harm: ExploitationType | None = None) -> pd.DataFrame:
        """The measure table of one series with neighbours_value, the pooled rate of the statistical neighbours."""
        groups = self.peer_groups(measure, harm, PeerBasis.NEIGHBOURS)
        rates = groups.set_index("period_end")["value"].astype(float)
        series = self.series(measure, harm)
        return series.assign(neighbours_value=series["period_end"].map(rates[~rates.index.duplicated()]))

    def changes(self, measure: Measure, harm: ExploitationType | None = None, frequency: str = "year") -> pd.DataFrame:
        """Each figure of one series beside the one a year before, oldest first."""
        return _one_source(_lasting(self._own("changes", measure, harm), frequency))

    def trend(
        self, measure: Measure, harm: ExploitationType | None = None, frequency: str = "year"
    ) -> pd.Series | None:
        """The trend of one series since recording last changed; None where there are no such figures."""
        rows = self._own("trends", measure, harm)
        rows = _one_source(rows[rows["frequency"].eq(frequency)])
        return None if rows.empty else rows.iloc[-1]

    def forecasts(
        self, measure: Measure, harm: ExploitationType | None = None, frequency: str = "year"
    ) -> pd.DataFrame:
        """The periods to come of one series, the next first; no row where there is no forecast."""
        rows = self._own("forecasts", measure, harm)
        return _one_source(rows[rows["frequency"].eq(frequency)])

    def control_chart(
        self, measure: Measure, harm: ExploitationType | None = None, frequency: str = "year"
    ) -> pd.DataFrame:
        """The points of the control chart of one series, oldest first."""
        return _one_source(_lasting(self._own("control_charts", measure, harm), frequency))

    def seasons(self, harm: ExploitationType, frequency: str = "quarter") -> pd.DataFrame:
        """The referrals of each season beside the average, January first."""
        rows = self.release["seasons"]
        own = _of(rows[rows["area_code"].eq(self.area_code)], Measure.REFERRALS, harm)
        return _one_source(own[own["frequency"].eq(frequency)])

    def either_harm(self) -> pd.Series | None:
        """The bounds of the assessments that recorded either harm in the latest year; None where a count is missing."""
        rows, latest = self.release["either_harm"], self.latest(Measure.ASSESSMENT_EPISODES, ExploitationType.CSE)
        if latest is None:
            return None
        same = rows[
            rows["area_code"].eq(self.area_code)
            & rows["measure"].eq(Measure.ASSESSMENT_EPISODES)
            & rows["period_end"].eq(latest["period_end"])
        ]
        return None if same.empty else same.iloc[-1]

    def _own(self, table: str, measure: Measure, harm: ExploitationType | None) -> pd.DataFrame:
        rows = self.release[table]
        return _of(rows[rows["area_code"].eq(self.area_code)], measure, harm)


def _of(rows: pd.DataFrame, measure: Measure, harm: ExploitationType | None) -> pd.DataFrame:
    """The rows of one measure and harm, oldest first where they are of periods."""
    same_harm = rows["exploitation_type"].isna() if harm is None else rows["exploitation_type"].eq(harm)
    chosen = rows[(rows["measure"].eq(measure) & same_harm).fillna(False).astype(bool)]
    dated = "period_start" in chosen
    return chosen.sort_values("period_start", ignore_index=True) if dated else chosen.reset_index(drop=True)


def _lasting(rows: pd.DataFrame, frequency: str) -> pd.DataFrame:
    """The rows whose period is a year, a quarter or a month."""
    shortest, longest = DAYS[frequency]
    days = (rows["period_end"] - rows["period_start"]).dt.days + 1
    return rows[days.between(shortest, longest)]


def _one_source(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of the source that has the most: figures of two sources are not one series."""
    most = rows["source_id"].value_counts()
    return rows[rows["source_id"].eq(most.index[0])].reset_index(drop=True) if len(most) else rows


def doubtful_zeros(series: pd.DataFrame) -> pd.DataFrame:
    """The rows of a series whose count of 0 cannot be relied on."""
    return series[series["verdict"].eq(Verdict.CANNOT_TELL) & series["count"].eq(0)]
