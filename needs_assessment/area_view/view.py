"""One area's view of a release: the rows that its report shows. The area is chosen once, here; nothing is computed."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from needs_assessment.area_view.answer import Answer
from needs_assessment.area_view.coverage import Coverage
from needs_assessment.area_view.demand import Demand
from needs_assessment.area_view.profile import Profile
from needs_assessment.area_view.returns import Returns
from needs_assessment.area_view.risk import Risk
from needs_assessment.geography import (
    UnknownAreaError,
    authorities_of_nations,
    local_authorities,
    police_force_areas,
    resolve_areas,
)
from needs_assessment.release import MANIFEST, Release, ReleaseError
from needs_assessment.vocabulary import ExploitationType, FundingStatus, Measure

DEFAULT_RELEASE = "reports/release"
NO_AREA = "CHOOSE AN AREA"
"""What a notebook's `area` is until somebody chooses: it is no area, so that no default can be published."""


class AreaView(Demand, Profile, Risk, Coverage, Returns, Answer):
    """A local authority or a police force area of a release, and everything that its reports show."""

    @classmethod
    def open(cls, area: str, release: str | Path = DEFAULT_RELEASE) -> AreaView:
        """The view of a local authority or a police force area, by name or code as people write them; of two of one
        name it is the authority that is meant.

        A relative release folder is looked for here and in the folders above, so that a notebook finds it from where it
        is. Raises UnknownAreaError with the nearest names, and ReleaseError where there is no release.
        """
        if area == NO_AREA:
            raise UnknownAreaError("no area is chosen: give the parameter `area` a name or a code")
        opened = Release.read(_found(Path(release)))
        areas = opened["areas"]
        (code,) = resolve_areas([area], local_authorities(areas), police_force_areas(areas))
        return cls(opened, code)

    def contradictions(self) -> pd.DataFrame:
        """Where sources contradict one another about this area, its police force area or a service of either."""
        rows = self.release["contradictions"]
        services = rows["service_id"].isin(self.services()["service_id"])
        return rows[self._here(rows) | services].reset_index(drop=True)

    def services(self) -> pd.DataFrame:
        """The register rows of services that some source places in this area, with funding, stated_on and current."""
        funding = self.release["service_funding"]
        here = funding[funding["area_code"] == self.area_code]
        return self.release["services"].drop(columns="stated_on").merge(here, on="service_id")

    def exploitation_services(self) -> pd.DataFrame:
        """The services of this area that are for exploited children: not for reference, not for adults or professionals
        only.
        """
        services = self.services()
        children = services["client_group"].isin(["children", "children and adults"])
        return services[children & services["exploitation_types"].notna() & ~services["reference_only"].astype(bool)]

    def coverage(self, harm: ExploitationType) -> pd.DataFrame:
        """The coverage matrix of this area for one harm."""
        coverage = self.release["coverage"]
        return coverage[coverage["area_code"].eq(self.area_code) & coverage["exploitation_type"].eq(harm)]

    def covering(self, harm: ExploitationType) -> pd.DataFrame:
        """The services behind each cell of the coverage matrix of one harm."""
        covering = self.release["covering_services"]
        return covering[covering["area_code"].eq(self.area_code) & covering["exploitation_type"].eq(harm)]

    def service_returns(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Providers' figures of this area or its force: those of services for exploited children, and the others."""
        rows = self.here("service_returns")
        services = self.release["services"]
        for_exploitation = services.loc[services["exploitation_types"].notna(), "service_id"]
        chosen = rows["service_id"].isin(for_exploitation)
        return rows[chosen], rows[~chosen]

    def coverage_on(self) -> pd.Timestamp | None:
        """The day that coverage is described for; None where no service was supplied."""
        days = self.coverage(ExploitationType.CSE)["on"]
        return None if days.empty else days.iloc[0]

    @property
    def has_boundaries(self) -> bool:
        """Whether the release knows the boundary of any local authority; without, a map is made of tiles."""
        return not self.release["boundaries"].empty

    def mapped(self, measure: Measure, harm: ExploitationType, period_end: pd.Timestamp) -> pd.DataFrame:
        """Each area that has a place on the map, in order of name, with its row of the measure table for one period.

        The place is a boundary where the release has boundaries, else a tile; the verdict is missing where nothing was
        supplied.
        """
        places = self.release["boundaries" if self.has_boundaries else "tiles"].drop(
            columns="source_id", errors="ignore"
        )
        return self.same_measure(measure, harm, period_end).merge(places, on="area_code")

    def map_sources(self) -> str:
        """The sources of the published rates and, where the map is of boundaries, of these."""
        drawn = self.release["boundaries"]["source_id"].to_list()
        return self.citations(pd.Series([*self.release.manifest["rate_sources"], *drawn], dtype="string"))

    def contract_terms(self) -> pd.DataFrame:
        """The contract terms and extension options of this area's services; not of those that a source says are not
        here.
        """
        terms, services = self.release["contract_terms"], self.exploitation_services()
        here = services.loc[services["funding"].ne(FundingStatus.NONE), "service_id"]
        return terms[terms["service_id"].isin(here)]

    def funding(self) -> pd.DataFrame:
        """The awards of money for areas of this police force area."""
        awards = self.release["funding"]
        force = self.release["areas"].set_index("area_code")["police_force_area_code"]
        return awards[awards["area_code"].map(force).eq(self.force_code).fillna(False).astype(bool)]

    def statements(self, topics: tuple[str, ...]) -> pd.DataFrame:
        """What the sources say on the topics about this area, its police force area, or their services for exploited
        children.
        """
        rows = self.here("statements")
        for_exploited = rows["service_id"].isin(self.exploitation_services()["service_id"])
        # A statement on nobody's service is about the whole place; of those, staffing and delays are of other work.
        for_all = rows["service_id"].isna() & rows["topic"].isin(["data quality", "funding gap", "waiting"])
        return rows[rows["topic"].isin(topics) & (for_exploited | for_all)]

    def sources(self) -> pd.DataFrame:
        """The sources of this report: all but those that speak of other places only."""
        elsewhere, here = set(), set()
        for table in ("demand", "risk_snapshots", "service_funding", "service_returns", "statements"):
            elsewhere |= set(self.release[table]["source_id"])
            here |= set(self.here(table)["source_id"])
        sources = self.release["sources"]
        # An edition that a later one replaced stands only under what was revised.
        used = here | set(self.release.manifest["rate_sources"])
        latest = sources.sort_values("data_to", kind="stable").drop_duplicates("edition_of", keep="last")["source_id"]
        replaced = sources["edition_of"].notna() & ~sources["source_id"].isin([*used, *latest])
        return sources[~sources["source_id"].isin(elsewhere - here) & ~replaced]

    def service_sources(self) -> str:
        """The sources that speak of this area's services."""
        return self.citations(self.exploitation_services()["sources_of_row"].str.split("|").explode())


def reportable(release: Release) -> list[str]:
    """The codes of the local authorities that a report can be made for: those of every nation that the release says
    anything of, in order of name.
    """
    tables = ("demand", "service_funding", "service_returns", "risk_snapshots", "risk_caseload", "statements")
    named = pd.concat([release[table]["area_code"].dropna() for table in tables])
    return authorities_of_nations(release["areas"], named)["area_code"].tolist()


def with_forces(release: Release, area_codes: Iterable[str]) -> list[AreaView]:
    """The views of local authorities, and then of the police force areas that they lie in, each once."""
    views = [AreaView(release, code) for code in area_codes]
    forces = dict.fromkeys(view.force_code for view in views if view.force_stated)
    return [*views, *(AreaView(release, code) for code in forces)]


def _found(folder: Path) -> Path:
    places = [folder] if folder.is_absolute() else [above / folder for above in (Path.cwd(), *Path.cwd().parents)]
    for place in places:
        if (place / MANIFEST).is_file():
            return place
    raise ReleaseError(f"no release in {folder}, here or in a folder above; make one with: needs-assessment assess")
