"""One area's view of a release: the rows that its report shows. The area is chosen once, here; nothing is computed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from needs_assessment.geography import UnknownAreaError, local_authorities, resolve_areas
from needs_assessment.release import MANIFEST, Release, ReleaseError
from needs_assessment.vocabulary import ALL_RESIDENCES, ExploitationType, FundingStatus, Measure, Verdict, in_words

DEFAULT_RELEASE = "reports/release"
NO_AREA = "CHOOSE AN AREA"
"""What a notebook's `area` is until somebody chooses: it is no area, so that no default can be published."""


@dataclass(frozen=True)
class AreaView:
    """A local authority of a release, with its police force area and its comparator."""

    release: Release
    area_code: str

    @classmethod
    def open(cls, area: str, release: str | Path = DEFAULT_RELEASE) -> AreaView:
        """The view of an area, by name or code as people write them.

        A relative release folder is looked for here and in the folders above, so that a notebook finds it from where it
        is. Raises UnknownAreaError with the nearest names, and ReleaseError where there is no release.
        """
        if area == NO_AREA:
            raise UnknownAreaError("no area is chosen: give the parameter `area` a name or a code")
        opened = Release.read(_found(Path(release)))
        (code,) = resolve_areas([area], local_authorities(opened["areas"]))
        return cls(opened, code)

    @cached_property
    def area(self) -> pd.Series:
        """The area's row of the table of areas."""
        return self.release["areas"].set_index("area_code").loc[self.area_code]

    @property
    def name(self) -> str:
        """The area's name."""
        return str(self.area["area_name"])

    @property
    def force(self) -> str:
        """The name of the police force area, or `not stated`."""
        return str(self.area["police_force_area_name"]) if self.force_stated else "not stated"

    @property
    def force_stated(self) -> bool:
        """Whether the evidence names the area's police force area."""
        return not pd.isna(self.area["police_force_area_name"])

    @property
    def force_code(self) -> str:
        """The code of the police force area."""
        return str(self.area["police_force_area_code"])

    @property
    def comparator(self) -> str:
        """The name of the area whose rates this one is compared with; words for it where the evidence lacks it."""
        names = self.release["areas"].set_index("area_code")["area_name"]
        return str(names.get(self._comparator_code, "the comparator"))

    @property
    def _comparator_code(self) -> str:
        return str(self.release.manifest["parameters"]["comparator"])

    @property
    def synthetic(self) -> bool:
        """Whether any source of the release was made up."""
        return bool(self.release.manifest["synthetic"])

    def area_name(self, code: object) -> str:
        """The name of any area of the release, without the words for its kind; `not stated` where there is no code."""
        if pd.isna(code):
            return "not stated"
        name = str(self.release["areas"].set_index("area_code").loc[str(code), "area_name"])
        return name

    def series(
        self, measure: Measure, harm: ExploitationType | None = None, area_code: str | None = None
    ) -> pd.DataFrame:
        """The measure table of one series for this area (or another), oldest period first."""
        demand = self.release["demand"]
        same_harm = demand["exploitation_type"].isna() if harm is None else demand["exploitation_type"].eq(harm)
        chosen = demand["measure"].eq(measure) & demand["area_code"].eq(area_code or self.area_code) & same_harm
        return demand[chosen.astype(bool)].sort_values("period_start", ignore_index=True)

    def comparator_series(self, measure: Measure, harm: ExploitationType | None = None) -> pd.DataFrame:
        """The measure table of the comparator for the periods of this area's series."""
        series = self.series(measure, harm, self._comparator_code)
        return series[series["period_end"].isin(self.series(measure, harm)["period_end"])]

    def latest(self, measure: Measure, harm: ExploitationType | None = None) -> pd.Series | None:
        """The latest period of a series; None where nothing was supplied."""
        series = self.series(measure, harm)
        return None if series.empty else series.iloc[-1]

    def same_measure(self, measure: Measure, harm: ExploitationType, period_end: pd.Timestamp) -> pd.DataFrame:
        """The measure table of one period for every local authority in use, in order of name."""
        demand = self.release["demand"]
        chosen = (
            demand["measure"].eq(measure) & demand["exploitation_type"].eq(harm) & demand["period_end"].eq(period_end)
        )
        places = local_authorities(self.release["areas"])[["area_code", "area_name"]]
        return places.merge(demand[chosen.astype(bool)], on="area_code", how="left")

    def other_counts(self) -> pd.DataFrame:
        """Published counts of this area and its police force area that are not assessment factors or referrals."""
        demand = self.release["demand"]
        other = ~demand["measure"].isin(list(Measure))
        return demand[other & self._here(demand)].reset_index(drop=True)

    def here(self, table: str) -> pd.DataFrame:
        """The rows of a table that are about this area or its police force area."""
        rows = self.release[table]
        return rows[self._here(rows)].reset_index(drop=True)

    def _here(self, rows: pd.DataFrame) -> pd.Series:
        return rows["area_code"].isin([self.area_code, self.force_code])

    def overall_changes(self) -> pd.DataFrame:
        """The changes at each risk level over all residences, here or in the police force area."""
        changes = self.here("risk_change")
        return changes[changes["residence"].eq(ALL_RESIDENCES)]

    def breaks(self, measure: Measure, harm: ExploitationType | None = None) -> pd.DataFrame:
        """The declared recording breaks of a series of this area, oldest first."""
        breaks = self.release["breaks"]
        same_harm = breaks["exploitation_type"].isna() | breaks["exploitation_type"].eq(harm).fillna(False)
        chosen = breaks["area_code"].eq(self.area_code) & breaks["measure"].eq(measure) & same_harm.astype(bool)
        return breaks[chosen].sort_values("changed_on", ignore_index=True)

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

    def service_differences(self) -> pd.DataFrame:
        """What sources say differently of this area's services."""
        rows = self.release["service_differences"]
        return rows[rows["service_id"].isin(self.exploitation_services()["service_id"])]

    def coverage_on(self) -> pd.Timestamp | None:
        """The day that coverage is described for; None where no service was supplied."""
        days = self.coverage(ExploitationType.CSE)["on"]
        return None if days.empty else days.iloc[0]

    def tiles(self, measure: Measure, harm: ExploitationType, period_end: pd.Timestamp) -> pd.DataFrame:
        """The tile of each area with its row of the measure table for one period; Cannot tell where it has none."""
        tiles = self.release["tiles"].merge(self.same_measure(measure, harm, period_end), on="area_code")
        return tiles.assign(verdict=tiles["verdict"].fillna(str(Verdict.CANNOT_TELL)))

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

    def all_series(self, series: list[tuple[Measure, ExploitationType | None]]) -> pd.DataFrame:
        """The measure tables of several series of this area, one under the other."""
        return pd.concat([self.series(measure, harm) for measure, harm in series], ignore_index=True)

    def sources(self) -> pd.DataFrame:
        """The sources of this report: all but those that speak of other places only."""
        elsewhere, here = set(), set()
        for table in ("demand", "risk_snapshots", "service_funding", "service_returns", "statements"):
            elsewhere |= set(self.release[table]["source_id"])
            here |= set(self.here(table)["source_id"])
        sources = self.release["sources"]
        return sources[~sources["source_id"].isin(elsewhere - here)]

    def citation(self, source_id: str) -> str:
        """A source as a figure cites it: publisher, title and, where known, the day it was published."""
        row = self.release["sources"].set_index("source_id").loc[source_id]
        published = "" if pd.isna(row["published_on"]) else f", {in_words(row['published_on'].date())}"
        return f"{self.label_of(pd.Series([source_id]))}{row['publisher']}, {row['title']}{published}"

    def citations(self, source_ids: pd.Series) -> str:
        """Several sources as one citation, each once, in the order of their first use."""
        return "; ".join(self.citation(source_id) for source_id in dict.fromkeys(source_ids))

    def short_citation(self, source_id: str) -> str:
        """A source in a table's cell: who published it and when."""
        row = self.release["sources"].set_index("source_id").loc[source_id]
        day = row["published_on"] if not pd.isna(row["published_on"]) else row["data_to"]
        return f"{row['publisher']}{'' if pd.isna(day) else f', {day.year}'}"

    def label_of(self, source_ids: pd.Series) -> str:
        """`Synthetic: ` before whatever rests on a source that was made up, and nothing before the rest."""
        made_up = self.release["sources"].set_index("source_id")["synthetic"].astype(bool)
        return "Synthetic: " if made_up[list(dict.fromkeys(source_ids))].any() else ""

    def rate_sources(self) -> str:
        """The sources of the published rates: of the counts and of the population."""
        return self.citations(pd.Series(self.release.manifest["rate_sources"]))

    def service_sources(self) -> str:
        """The sources that speak of this area's services."""
        return self.citations(self.exploitation_services()["sources_of_row"].str.split("|").explode())


def doubtful_zeros(series: pd.DataFrame) -> pd.DataFrame:
    """The rows of a series whose count of 0 cannot be relied on."""
    return series[series["verdict"].eq(Verdict.CANNOT_TELL) & series["count"].eq(0)]


def _found(folder: Path) -> Path:
    places = [folder] if folder.is_absolute() else [above / folder for above in (Path.cwd(), *Path.cwd().parents)]
    for place in places:
        if (place / MANIFEST).is_file():
            return place
    raise ReleaseError(f"no release in {folder}, here or in a folder above; make one with: needs-assessment assess")
