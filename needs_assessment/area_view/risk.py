"""What a release says of risk levels in one local authority: the rows of its risk tables, chosen and never added."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from needs_assessment.area_view.place import Place
from needs_assessment.vocabulary import (
    ALL_CATEGORIES,
    ALL_LEVELS,
    ALL_RESIDENCES,
    Dimension,
    ExploitationType,
    RiskMeasure,
)

AS_NOW = "as now"
"""The scenario of a forecast in which referrals stay as they are."""

LEAST_TOLD = 1 / 2
"""A flow is shown where printed cells tell of this share of the children: a drawing that is mostly withheld says less
than a sentence."""


class RiskSeries(NamedTuple):
    """What levels can be compared within: one source's, one scheme's, of one harm."""

    source_id: str
    scheme: str
    exploitation_type: str


class Risk(Place):
    """The rows of a local authority and its police force area on risk levels. Nothing is computed."""

    def overall_changes(self) -> pd.DataFrame:
        """The changes at each risk level over all residences, here or in the police force area."""
        changes = self.here("risk_change")
        return changes[changes["residence"].eq(ALL_RESIDENCES)]

    def risk_breaks(self) -> pd.DataFrame:
        """What sources say of how risk levels came to be recorded otherwise, here or in the police force area."""
        breaks = self.here("breaks")
        return breaks[breaks["measure"].eq("risk_snapshots")]

    def risk_series(self) -> list[RiskSeries]:
        """The series of children under review here, or in the police force area where there is none of here: by harm,
        scheme and source. A series without a child on any day is none.
        """
        rows = self.release["risk_caseload"]
        rows = rows[rows["count"].ne(0).fillna(True).astype(bool)]
        own, force = (rows[rows["area_code"].eq(code)] for code in (self.area_code, self.force_code))
        found = (force if own.empty else own)[list(RiskSeries._fields)].drop_duplicates()
        series = [RiskSeries(*row) for row in found.itertuples(index=False, name=None)]
        harms = list(ExploitationType)
        return sorted(series, key=lambda one: (harms.index(ExploitationType(one.exploitation_type)), one))

    def own_caseload(self) -> pd.DataFrame:
        """The children of this area under review at quarter ends, of every series. Its force's are never among them."""
        rows = self.release["risk_caseload"]
        return rows[rows["area_code"].eq(self.area_code)].reset_index(drop=True)

    def risk_rows(self, table: str, series: RiskSeries, *, force: bool = False) -> pd.DataFrame:
        """The rows of one series in one of the release's risk tables, of this area or of its police force area."""
        rows = self.release[table]
        chosen = rows["area_code"].eq(self.force_code if force else self.area_code)
        for column, value in series._asdict().items():
            chosen &= rows[column].eq(value)
        return rows[chosen.fillna(False).astype(bool)].reset_index(drop=True)

    def latest_risk_rows(self, table: str, series: RiskSeries, figure: str) -> pd.DataFrame:
        """The rows of the latest period: of this area where any has a `figure`, else of the police force area, else
        what is said of this area, such as why there is none.
        """
        both = [_latest(self.risk_rows(table, series, force=there)) for there in (False, True)]
        known = [rows for rows in both if rows[figure].notna().any()]
        told = [rows for rows in both if len(rows)]
        return next(iter([*known, *told]), both[0])

    def risk_flow(self, series: RiskSeries) -> pd.DataFrame:
        """Who stood where on two days twelve months apart, the latest: of this area where enough is printed to show,
        else of the police force area where there is, else nothing. Rows whose level is `all` are sums.
        """
        both = [self._flow(series, force=there) for there in (False, True)]
        return next((rows for rows in both if self._tells_enough(series, rows)), both[0].head(0))

    def _flow(self, series: RiskSeries, *, force: bool) -> pd.DataFrame:
        rows = self.risk_rows("risk_movement", series, force=force)
        return _latest(rows[rows["measure"].eq(RiskMeasure.TWELVE_MONTHS_LATER)])

    def _tells_enough(self, series: RiskSeries, flow: pd.DataFrame) -> bool:
        """Whether printed cells say where at least so many went of the children who stood at a level."""
        if flow.empty:
            return False
        before = self.caseload_of_flow(series, flow)
        stood = before.loc[before["as_at"].eq(flow["period_start"].iloc[0]), "count"]
        went = flow_cells(flow).loc[lambda rows: rows["from_level"].isin(before["risk_level"]), "count"].sum()
        return bool(stood.notna().all() and went > 0 and went >= LEAST_TOLD * stood.sum())

    def caseload_of_flow(self, series: RiskSeries, flow: pd.DataFrame) -> pd.DataFrame:
        """The children at each level on the two days of a flow, in its place: what its bands add up to."""
        force = flow["area_code"].iloc[0] != self.area_code
        rows = self.risk_rows("risk_caseload", series, force=force)
        days = [flow["period_start"].iloc[0], flow["period_end"].iloc[0]]
        return rows[rows["as_at"].isin(days)].reset_index(drop=True)

    def caseload_now_and_before(self) -> pd.DataFrame:
        """The children under review on the latest day, a quarter before and a year before, of the series that reach the
        latest day: of this area, or of its police force area where every count of this area is withheld.
        """
        rows = self.release["risk_caseload"]
        both = [_now_and_before(rows[rows["area_code"].eq(code)]) for code in (self.area_code, self.force_code)]
        return next((rows for rows in both if rows["count"].notna().any()), both[0])

    def latest_came_and_left(self) -> pd.DataFrame:
        """The sums of those who came, came back and left in the latest twelve months of each series, here and in the
        police force area.
        """
        flows = [self._flow(one, force=there) for one in self.risk_series() for there in (False, True)]
        rows = pd.concat(flows, ignore_index=True) if flows else self.release["risk_movement"].head(0)
        return rows[rows["from_level"].eq(ALL_LEVELS) ^ rows["to_level"].eq(ALL_LEVELS)].reset_index(drop=True)

    def latest_yearly(self) -> pd.DataFrame:
        """The latest yearly count of each measure and series, here and in the police force area."""
        rows = self.here("risk_yearly")
        latest = rows.groupby([*RiskSeries._fields, "measure"])["period_end"].transform("max")
        return rows[rows["period_end"].eq(latest)].reset_index(drop=True)

    def force_rates(self, series: RiskSeries) -> pd.DataFrame:
        """How often levels changed in the latest year of the police force area, by level and where to."""
        return _latest(self.risk_rows("risk_rates", series, force=True))

    def overdue(self, series: RiskSeries) -> pd.DataFrame:
        """The latest count of overdue reviews: of this area where it is printed, else of the police force area, else
        that it is withheld.
        """
        rows = rows_of_series(self.latest_yearly(), series)
        rows = rows[rows["measure"].eq(RiskMeasure.REVIEW_OVERDUE)]
        rows = rows.assign(own=rows["area_code"].eq(self.area_code), known=rows["count"].notna())
        return rows.sort_values(["known", "own"], ascending=False).head(1).drop(columns=["own", "known"])

    def caseload_ahead(self, series: RiskSeries) -> pd.DataFrame:
        """The forecast of this area's caseload at each level if referrals stay as now, by level and quarter end."""
        rows = self.risk_rows("risk_forecast", series).dropna(subset=["expected"])
        return rows[rows["scenario"].eq(AS_NOW) & rows["risk_level"].ne(ALL_LEVELS)].reset_index(drop=True)

    def risk_levels(self, scheme: str) -> list[str]:
        """The levels of a scheme, from its lowest up, in its own words."""
        rows = self.release["risk_schemes"]
        return rows[rows["scheme"].eq(scheme)].sort_values("ordinal")["risk_level"].drop_duplicates().to_list()

    def risk_schemes(self) -> pd.DataFrame:
        """The levels, in order, of each scheme that a count of here uses or that a source on this area describes."""
        rows, counted = self.release["risk_schemes"], ("risk_snapshots", "risk_caseload")
        elsewhere = {scheme for table in counted for scheme in self.release[table]["scheme"]}
        used = {*self.here("risk_snapshots")["scheme"], *(one.scheme for one in self.risk_series())}
        told = rows["source_id"].isin(self.here("statements")["source_id"]) & ~rows["scheme"].isin(elsewhere)
        return rows[rows["scheme"].isin(used) | told].sort_values(["scheme", "ordinal"], ignore_index=True)

    def risk_crosswalk(self) -> pd.DataFrame:
        """What sources say of levels that correspond, where either scheme is one of this area's."""
        rows, here = self.release["risk_crosswalk"], self.risk_schemes()["scheme"]
        return rows[rows["from_scheme"].isin(here) | rows["to_scheme"].isin(here)].reset_index(drop=True)

    def first_reviews(self) -> pd.DataFrame:
        """How long after their referral children of this area were first reviewed, by harm: the latest whole year of
        each source, without the totals.
        """
        rows = self.release["breakdowns"]
        rows = rows[rows["area_code"].eq(self.area_code) & rows["dimension"].eq(Dimension.FIRST_REVIEW)]
        latest = rows["period_end"].eq(rows.groupby("source_id")["period_end"].transform("max"))
        return rows[latest & rows["category"].ne(ALL_CATEGORIES)].reset_index(drop=True)


def rows_of_series(rows: pd.DataFrame, series: RiskSeries) -> pd.DataFrame:
    """The rows of one series."""
    same = [rows[column].eq(value) for column, value in series._asdict().items()]
    return rows[pd.concat(same, axis=1).all(axis=1)]


def told(rows: pd.DataFrame) -> pd.DataFrame:
    """The counts of movement of which one is printed and not 0, here or in the police force area."""
    of = [*RiskSeries._fields, "measure", "from_level", "to_level", "period_end"]
    printed = rows["count"].gt(0).fillna(False).astype(bool)
    known = printed.groupby([rows[name] for name in of if name in rows], dropna=False).transform("any")
    return rows[known.astype(bool)].reset_index(drop=True)


def _now_and_before(rows: pd.DataFrame) -> pd.DataFrame:
    now = rows["as_at"].max()
    days = [now, *(now - pd.offsets.QuarterEnd(quarters) for quarters in (1, 4))]
    reached = rows["as_at"].eq(now).groupby([rows[column] for column in RiskSeries._fields]).transform("any")
    return rows[reached.astype(bool) & rows["as_at"].isin(days)].reset_index(drop=True)


def flow_cells(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of a flow that are no sums."""
    return rows[rows["from_level"].ne(ALL_LEVELS) & rows["to_level"].ne(ALL_LEVELS)]


def _latest(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of the latest period; all of a table that has none, such as a forecast."""
    if "period_end" not in rows:
        return rows
    return rows[rows["period_end"].eq(rows["period_end"].max())].reset_index(drop=True)
