"""One local authority or police force area of a release: its names, what it lies in and beside, and how its sources
are cited.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from needs_assessment.geography import local_authorities, police_force_areas
from needs_assessment.release import Release
from needs_assessment.vocabulary import AreaType, in_words


@dataclass(frozen=True)
class Place:
    """A local authority of a release, with its police force area, its comparator and its sources. Or a police force
    area, which is its own; there is no rate of one, and nothing that it is compared with.
    """

    release: Release
    area_code: str

    @cached_property
    def area(self) -> pd.Series:
        """The area's row of the table of areas; of a police force area that as `police_force_areas` gives it."""
        areas = self.release["areas"]
        rows = areas[areas["area_code"].eq(self.area_code) & areas["area_type"].ne(AreaType.POLICE_FORCE_AREA)]
        rows = police_force_areas(areas) if rows.empty else rows
        return rows.set_index("area_code").loc[self.area_code]

    @property
    def is_force(self) -> bool:
        """Whether this is a police force area."""
        return self.area["area_type"] == AreaType.POLICE_FORCE_AREA

    @property
    def name(self) -> str:
        """The area's name; of a police force area without the words for its kind."""
        return self.force if self.is_force else self.full_name

    @property
    def full_name(self) -> str:
        """The area's name, with the words for its kind where it is a police force area: Derbyshire is also one."""
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

    def here(self, table: str) -> pd.DataFrame:
        """The rows of a table that are about this area or its police force area."""
        rows = self.release[table]
        return rows[self._here(rows)].reset_index(drop=True)

    def within(self, table: str) -> pd.DataFrame:
        """The rows of a table that are about this area; of a police force area, also those about its authorities."""
        rows = self.release[table]
        within = self.authorities()["area_code"] if self.is_force else []
        return rows[rows["area_code"].isin([self.area_code, *within])].reset_index(drop=True)

    def authorities(self) -> pd.DataFrame:
        """The rows of the table of areas of the local authorities in use of the police force area, in order of name:
        of this one, or of that which this authority lies in. Where that is not stated, this authority alone.
        """
        places = local_authorities(self.release["areas"])
        in_force = places["police_force_area_code"].eq(self.force_code).fillna(False).astype(bool)
        return places[in_force if self.force_stated else places["area_code"].eq(self.area_code)].reset_index(drop=True)

    def _here(self, rows: pd.DataFrame) -> pd.Series:
        return rows["area_code"].isin([self.area_code, self.force_code])

    def neighbours(self) -> pd.DataFrame:
        """The statistical neighbours of this area, the closest first."""
        rows = self.release["neighbours"]
        own = rows[rows["area_code"].eq(self.area_code)].sort_values("rank", kind="stable")
        return own.drop_duplicates("neighbour_code", ignore_index=True)

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
