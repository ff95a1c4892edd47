"""What a release says of need and services in one local authority and its force: rows of its tables, never added."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from needs_assessment.area_view.place import Place
from needs_assessment.vocabulary import (
    COMMISSIONED_STATUSES,
    CoverageChange,
    CutKind,
    ExploitationType,
    FundingStatus,
    NeedBasis,
    PlacesBasis,
)

HARMS = [str(harm) for harm in ExploitationType]


class Coverage(Place):
    """The rows of a local authority and its police force area on need, places and what does not meet. Nothing is
    computed, and no service stands before another but by its name.
    """

    def need_flow(self, *, force: bool = False) -> pd.DataFrame:
        """Need, and how much of it services could meet, here or in the police force area: a row for each harm; in the
        force the last is of both harms, without a harm.
        """
        return _by_harm(self._flow_of(self.force_code if force else self.area_code))

    def need_flow_of(self, harm: ExploitationType) -> pd.Series | None:
        """The row of need here for one harm; None where there is none."""
        rows = self.need_flow()
        own = rows[rows["exploitation_type"].eq(harm).fillna(False).astype(bool)]
        return None if own.empty else own.iloc[0]

    def need_flow_beside(self, harm: ExploitationType) -> pd.DataFrame:
        """The rows of one harm for each authority of the police force area, in order of name, then for the whole force;
        with `area_name`.
        """
        rows = self.release["coverage_flow"]
        ours = rows["police_force_area_code"].eq(self.force_code) & rows["exploitation_type"].eq(harm)
        rows = rows[ours.fillna(False).astype(bool)]
        named = rows.assign(area_name=[self.area_name(code) for code in rows["area_code"]])
        whole = named["area_code"].eq(self.force_code)
        return named.assign(whole=whole).sort_values(["whole", "area_name"], ignore_index=True).drop(columns="whole")

    def recorded_need(self, harm: ExploitationType) -> pd.DataFrame:
        """The recorded need here for one harm, by level and age."""
        return self._of_harm("need", harm)

    def need_sources(self, *, force: bool = False) -> str:
        """The sources of the need here, or in every authority of the police force area, as a citation."""
        rows = self.release["need"]
        column, code = ("police_force_area_code", self.force_code) if force else ("area_code", self.area_code)
        return self.citations(rows.loc[rows[column].eq(code).fillna(False).astype(bool), "source_id"].dropna())

    def coverage_holes(self, harm: ExploitationType) -> pd.DataFrame:
        """The ages and levels that no commissioned service takes here for one harm."""
        return self._of_harm("coverage_holes", harm)

    def coverage_grades(self, harm: ExploitationType) -> pd.DataFrame:
        """How much of the need here services of each funding would take, places left aside, the firmest first."""
        firmest = [str(status) for status in FundingStatus]
        rows = self._of_harm("coverage_grades", harm)
        return rows.sort_values("funding", key=lambda funding: funding.map(firmest.index), ignore_index=True)

    def coverage_cuts(self) -> pd.DataFrame:
        """What keeps need in the police force area from being met: the need without a service first."""
        kinds = [str(kind) for kind in CutKind]
        rows = self._of_force("coverage_cuts")
        return rows.sort_values("kind", key=lambda kind: kind.map(kinds.index), kind="stable", ignore_index=True)

    def coverage_effects(self) -> pd.DataFrame:
        """What changes to one service would do to the gap of the police force area, in order of name, then of kind;
        with the `precision` of the contract's last day where that is the change.
        """
        kinds = [str(kind) for kind in CoverageChange]
        ends = self.release["contract_terms"].rename(columns={"ends": "on"})[["service_id", "on", "precision"]]
        rows = self._named(self._of_force("coverage_effects")).merge(ends, on=["service_id", "on"], how="left")
        rows = rows.assign(kind=rows["change"].map(kinds.index))
        order = ["service_name", "service_id", "kind", "age_from"]
        return rows.sort_values(order, ignore_index=True).drop(columns="kind")

    def caseloads_behind(self, row: pd.Series) -> pd.DataFrame:
        """The rows of the places of commissioned services that are a reported caseload and stand behind a row of need
        (an authority's, or the police force area's; of one harm or of both), in order of name.
        """
        return self.caseloads_of(self._commissioned_for(row), yearly=row["basis"] == NeedBasis.ASSESSMENTS)

    def caseloads_of(self, service_ids: Iterable[str], *, yearly: bool) -> pd.DataFrame:
        """The rows of the places of these services that are a reported caseload, in order of name; `yearly` those
        alone of which it is known how many children they take in a year.
        """
        places = self._named(self.release["service_places"])
        chosen = places["service_id"].isin(set(service_ids) - self.services_for_many())
        chosen &= places["places_basis"].eq(PlacesBasis.CASELOAD).fillna(False).astype(bool)
        chosen &= places["children_a_year" if yearly else "places"].notna()
        return places[chosen].sort_values(["service_name", "service_id"], ignore_index=True)

    def _commissioned_for(self, row: pd.Series) -> set[str]:
        """The services commissioned where the need of a row is, and for its harm where it has one."""
        whole = row["area_code"] == self.force_code
        areas = self.authorities()["area_code"] if whole else [row["area_code"]]
        funding, register = self.release["service_funding"], self.release["services"]
        there = funding["area_code"].isin(list(areas)) & funding["current"].astype(bool)
        there &= funding["funding"].isin([str(status) for status in COMMISSIONED_STATUSES])
        harms = set(HARMS) if pd.isna(row["exploitation_type"]) else {row["exploitation_type"]}
        of_harm = [bool(harms & set(str(types).split("|"))) for types in register["exploitation_types"]]
        return set(funding.loc[there, "service_id"]) & set(register.loc[of_harm, "service_id"])

    def services_for_many(self) -> set[str]:
        """The services that work with many at once, and so hold no places."""
        rows = self.release["service_places"]
        return set(rows.loc[rows["holds_places"].eq(False).fillna(False).astype(bool), "service_id"])

    def of_services(self, table: str, services: pd.DataFrame) -> pd.DataFrame:
        """The rows of a table about these services, in order of name, with `service_name`: those of this area, of its
        police force area, or of no area.
        """
        rows = self._named(self.release[table])
        rows = rows[rows["service_id"].isin(services["service_id"])]
        if "area_code" in rows:
            rows = rows[self._here(rows) | rows["area_code"].isna()]
        return rows.sort_values(["service_name", "service_id"], kind="stable", ignore_index=True)

    def travel_access(self) -> pd.DataFrame:
        """How far services are from the neighbourhoods of this area, where travel times were supplied."""
        rows = self.release["travel_access"]
        own = rows[rows["area_code"].eq(self.area_code)]
        return own.sort_values(["origin_code", "service_id"], ignore_index=True)

    def service_name(self, service_id: object) -> str:
        """The name of a service of the register; `all services` for the word `all`."""
        names = self.release["services"].set_index("service_id")["service_name"]
        return str(names.get(service_id, "all services"))

    def _named(self, rows: pd.DataFrame) -> pd.DataFrame:
        return rows.assign(service_name=[self.service_name(service) for service in rows["service_id"]])

    def _of_harm(self, table: str, harm: ExploitationType) -> pd.DataFrame:
        rows = self.release[table]
        chosen = rows["area_code"].eq(self.area_code) & rows["exploitation_type"].eq(harm)
        return rows[chosen.fillna(False).astype(bool)].reset_index(drop=True)

    def _of_force(self, table: str) -> pd.DataFrame:
        rows = self.release[table]
        return rows[rows["area_code"].eq(self.force_code).fillna(False).astype(bool)].reset_index(drop=True)

    def _flow_of(self, code: str) -> pd.DataFrame:
        rows = self.release["coverage_flow"]
        return rows[rows["area_code"].eq(code).fillna(False).astype(bool)]


def _by_harm(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows in the order of the harms; those of both harms, which name none, last."""
    places = {harm: place for place, harm in enumerate(HARMS)}
    return rows.sort_values("exploitation_type", key=lambda harms: harms.map(places), na_position="last").reset_index(
        drop=True
    )


def working(services: pd.DataFrame) -> pd.DataFrame:
    """Those services of an area that no source says are not there."""
    return services[services["funding"].ne(FundingStatus.NONE)]
