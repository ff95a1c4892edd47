"""The index of all areas: headline rates with their words, in alphabetical order, the reports of areas and of police
force areas, and which are not there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from needs_assessment.components import Caption, Html, Rows, link, paragraph, table
from needs_assessment.publish.documents import AREA_REPORT
from needs_assessment.publish.frame import PageMeta, framed, rendered

AREA, FURTHER, FORCE = "Area", "Further reports", "Police force"
FORCE_AREA, REPORTS, AUTHORITIES = "Police force area", "Reports", "Local authorities"
REPORT, REASON = "Report", "Why it is not there"


@dataclass(frozen=True, kw_only=True)
class Headline:
    """A rate as displayed, such as `4.3` or `[c]`, and its comparison in words."""

    rate: str
    verdict: str

    def __str__(self) -> str:
        return f"{self.verdict}: {self.rate}"


@dataclass(frozen=True, kw_only=True)
class IndexEntry:
    """An area with the relative address `href` of its needs assessment, or why there is none, and its headlines by
    column title. `further` and `further_absent` have the same of its other documents, by their titles.

    Raises ValueError unless exactly one of `href` and `absent_because` is given.
    """

    area: str
    police_force: str
    href: str = ""
    headlines: Mapping[str, Headline] = field(default_factory=dict)
    absent_because: str = ""
    further: Mapping[str, str] = field(default_factory=dict)
    further_absent: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if bool(self.href) == bool(self.absent_because):
            raise ValueError(f"{self.area}: expected either the address of its report or why there is none")

    @property
    def absent(self) -> dict[str, str]:
        """Reason to the titles of the documents that are not there for it."""
        own = {AREA_REPORT.title: self.absent_because} if self.absent_because else {}
        return _by_reason(own | dict(self.further_absent))


@dataclass(frozen=True, kw_only=True)
class ForceEntry:
    """A police force area with the names of its local authorities, the relative addresses of its own `documents` by
    their titles, and why others of them are `not_there`.
    """

    area: str
    police_force: str
    authorities: Sequence[str]
    documents: Mapping[str, str] = field(default_factory=dict)
    not_there: Mapping[str, str] = field(default_factory=dict)

    @property
    def absent(self) -> dict[str, str]:
        """Reason to the titles of the documents that are not there for it."""
        return _by_reason(self.not_there)


def _by_reason(reasons: Mapping[str, str]) -> dict[str, str]:
    titles: dict[str, list[str]] = {}
    for title, reason in reasons.items():
        titles.setdefault(reason, []).append(title)
    return {reason: ", ".join(named) for reason, named in titles.items()}


@dataclass(frozen=True)
class Listed:
    """What an index lists: local authorities, and police force areas that have documents of their own."""

    areas: Sequence[IndexEntry]
    forces: Sequence[ForceEntry] = ()


def index_page(
    listed: Listed,
    page: PageMeta,
    *,
    headlines: Caption,
    tile_map: Html | None = None,
    downloads: Mapping[str, str] | None = None,
) -> str:
    """The index page, ready for `lint.write_page`.

    `headlines` is the caption of the table of areas: what the rates count, their source, and the symbols in it.
    `downloads` gives words and relative addresses. Raises ValueError when two areas have different headlines.
    """
    areas = sorted(listed.areas, key=lambda entry: entry.area.casefold())
    forces = sorted(listed.forces, key=lambda entry: entry.area.casefold())
    content = rendered(
        "areas.html.j2",
        page=page,
        areas=_areas([entry for entry in areas if entry.href or entry.further], headlines),
        forces=_forces([entry for entry in forces if entry.documents]),
        absent=_absent([*areas, *forces]),
        tile_map=tile_map,
        downloads=[link(text, href) for text, href in (downloads or {}).items()],
    )
    return framed(content, page)


def _areas(entries: Sequence[IndexEntry], caption: Caption) -> Html:
    if len({tuple(entry.headlines) for entry in entries}) > 1:
        raise ValueError("areas have different headlines: every area of an index has the same, in the same order")
    if not entries:
        return paragraph("No area has a report in this release.")
    rows = [
        {AREA: link(entry.area, entry.href) if entry.href else entry.area}
        | {title: str(headline) for title, headline in entry.headlines.items()}
        | {FURTHER: _links(entry.area, entry.further), FORCE: entry.police_force}
        for entry in entries
    ]
    columns = [title for title in rows[0] if title != FURTHER or any(entry.further for entry in entries)]
    return table(Rows(display=pd.DataFrame(rows)[columns], row_header=AREA), caption)


def _links(area: str, documents: Mapping[str, str]) -> Html | str:
    """The links to an area's documents; each names the area for who hears it without its row."""
    if not documents:
        return "none"
    return Html(rendered("further.html.j2", area=area, documents=documents))


def _forces(entries: Sequence[ForceEntry]) -> Html | None:
    if not entries:
        return None
    rows = [
        {
            FORCE_AREA: one.police_force,
            REPORTS: _links(one.area, one.documents),
            AUTHORITIES: ", ".join(one.authorities),
        }
        for one in entries
    ]
    caption = Caption(
        title="Reports of whole police force areas",
        anchor="table-police-force-areas",
        source="the evidence of this release, as each report names it",
    )
    return table(Rows(display=pd.DataFrame(rows), row_header=FORCE_AREA), caption)


def _absent(entries: Sequence[IndexEntry | ForceEntry]) -> Html | None:
    rows = [
        {AREA: entry.area, REPORT: titles, FORCE: entry.police_force, REASON: reason}
        for entry in entries
        for reason, titles in entry.absent.items()
    ]
    if not rows:
        return None
    caption = Caption(
        title="Reports that are not there in this release",
        anchor="table-absent-reports",
        source="the log of this run",
    )
    return table(Rows(display=pd.DataFrame(rows), row_header=AREA), caption)
