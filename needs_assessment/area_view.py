"""One area's view of a release: the rows that its report shows. The area is chosen once, here; nothing is computed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from needs_assessment.geography import UnknownAreaError, authorities_of_nations, local_authorities, resolve_areas
from needs_assessment.release import MANIFEST, Release, ReleaseError
from needs_assessment.vocabulary import (
    ALL_RESIDENCES,
    ExploitationType,
    FundingStatus,
    Measure,
    RecordingFlag,
    Verdict,
    in_words,
)

DEFAULT_RELEASE = "reports/release"
BREAK_ORDER = (RecordingFlag.KNOWN_BREAK, RecordingFlag.OFFSETTING_MOVE, RecordingFlag.JUMP)
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
        """The measure table of one period for every local authority in use of the nations counted, in order of name."""
        demand = self.release["demand"]
        chosen = (
            demand["measure"].eq(measure) & demand["exploitation_type"].eq(harm) & demand["period_end"].eq(period_end)
        )
        places = authorities_of_nations(self.release["areas"], demand["area_code"])[["area_code", "area_name"]]
        return places.merge(demand[chosen.astype(bool)], on="area_code", how="left")

    def other_counts(self) -> pd.DataFrame:
        """Published counts of this area and its police force area that are not assessment factors or referrals."""
        demand = self.release["demand"]
        other = ~demand["measure"].isin(list(Measure))
        return demand[other & self._here(demand)].reset_index(drop=True)

    def referrals(self) -> pd.DataFrame:
        """Referrals by quarter and year, here and in the police force area; nothing where none were supplied here."""
        rows = self.release["demand"]
        rows = rows[rows["measure"].eq(Measure.REFERRALS) & self._here(rows)]
        return rows if rows["area_code"].eq(self.area_code).any() else rows.head(0)

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

    def contradictions(self) -> pd.DataFrame:
        """Where sources contradict one another about this area, its police force area or a service of either."""
        rows = self.release["contradictions"]
        services = rows["service_id"].isin(self.services()["service_id"])
        return rows[self._here(rows) | services].reset_index(drop=True)

    def force_totals(self) -> pd.DataFrame:
        """The sums over all authorities of this area's police force area, by harm and period."""
        rows = self.release["force_totals"]
        return rows[rows["police_force_area_code"].eq(self.force_code)].sort_values("period_start", ignore_index=True)

    def neighbours(self) -> pd.DataFrame:
        """The statistical neighbours of this area, the closest first."""
        rows = self.release["neighbours"]
        return rows[rows["area_code"].eq(self.area_code)].sort_values("rank", ignore_index=True)

    def partnerships(self) -> pd.DataFrame:
        """The community safety partnerships of this area, where a lookup was supplied."""
        rows = self.release["partnerships"]
        return rows[rows["area_code"].eq(self.area_code)].reset_index(drop=True)

    def predecessors(self) -> pd.DataFrame:
        """The split or merger that this area came out of, where that falls in the years that the release shows."""
        rows = self.release["predecessors"]
        return rows[
            rows["area_code"].eq(self.area_code) & rows["since"].gt(self.release["demand"]["period_start"].min())
        ]

    def child_deprivation(self) -> pd.Series | None:
        """The row of the share of neighbourhoods in the most deprived tenth for children; None where not supplied."""
        rows = self.release["deprivation"]
        chosen = rows["index"].eq("IDACI") & rows["measure"].eq("proportion in most deprived 10%")
        own = rows[rows["area_code"].eq(self.area_code) & chosen]
        return None if own.empty else own.iloc[-1]

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
        # An edition that a later one replaced stands only under what was revised.
        used = here | set(self.release.manifest["rate_sources"])
        latest = sources.sort_values("data_to", kind="stable").drop_duplicates("edition_of", keep="last")["source_id"]
        replaced = sources["edition_of"].notna() & ~sources["source_id"].isin([*used, *latest])
        return sources[~sources["source_id"].isin(elsewhere - here) & ~replaced]

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


def reportable(release: Release) -> list[str]:
    """The codes of the local authorities that a report can be made for: those of every nation that the release says
    anything of, in order of name.
    """
    tables = ("demand", "service_funding", "service_returns", "risk_snapshots", "risk_caseload", "statements")
    named = pd.concat([release[table]["area_code"].dropna() for table in tables])
    return authorities_of_nations(release["areas"], named)["area_code"].tolist()


def doubtful_zeros(series: pd.DataFrame) -> pd.DataFrame:
    """The rows of a series whose count of 0 cannot be relied on."""
    return series[series["verdict"].eq(Verdict.CANNOT_TELL) & series["count"].eq(0)]


def _found(folder: Path) -> Path:
    places = [folder] if folder.is_absolute() else [above / folder for above in (Path.cwd(), *Path.cwd().parents)]
    for place in places:
        if (place / MANIFEST).is_file():
            return place
    raise ReleaseError(f"no release in {folder}, here or in a folder above; make one with: needs-assessment assess")
