"""The index of all areas: headline rates with their words, in alphabetical order, and which reports are not there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from needs_assessment.components import Caption, Html, Rows, link, paragraph, table
from needs_assessment.publish.documents import AREA_REPORT
from needs_assessment.publish.frame import PageMeta, framed, rendered

AREA, FURTHER, FORCE = "Area", "Further reports", "Police force"
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
        titles: dict[str, list[str]] = {}
        for title, reason in (own | dict(self.further_absent)).items():
            titles.setdefault(reason, []).append(title)
        return {reason: ", ".join(named) for reason, named in titles.items()}


def index_page(
    entries: Sequence[IndexEntry],
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
    ordered = sorted(entries, key=lambda entry: entry.area.casefold())
    present = [entry for entry in ordered if entry.href or entry.further]
    content = rendered(
        "areas.html.j2",
        page=page,
        areas=_areas(present, headlines),
        absent=_absent([entry for entry in ordered if entry.absent]),
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
        | {FURTHER: _further(entry), FORCE: entry.police_force}
        for entry in entries
    ]
    columns = [title for title in rows[0] if title != FURTHER or any(entry.further for entry in entries)]
    return table(Rows(display=pd.DataFrame(rows)[columns], row_header=AREA), caption)


def _further(entry: IndexEntry) -> Html | str:
    """The links to an area's other documents; each names the area for who hears it without its row."""
    if not entry.further:
        return "none"
    return Html(rendered("further.html.j2", area=entry.area, documents=entry.further))


def _absent(entries: Sequence[IndexEntry]) -> Html | None:
    if not entries:
        return None
    rows = [
        {AREA: entry.area, REPORT: titles, FORCE: entry.police_force, REASON: reason}
        for entry in entries
        for reason, titles in entry.absent.items()
    ]
    caption = Caption(
        title="Reports that are not there in this release",
        anchor="table-absent-reports",
        source="the log of this run",
    )
    return table(Rows(display=pd.DataFrame(rows), row_header=AREA), caption)
