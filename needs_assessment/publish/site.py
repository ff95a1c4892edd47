"""The index of all areas: headline rates with their words, in alphabetical order, and who has no report and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from needs_assessment.components import Caption, Html, Rows, link, paragraph, table
from needs_assessment.publish.frame import PageMeta, framed, rendered

AREA, FORCE, REASON = "Area", "Police force", "Why there is no report"


@dataclass(frozen=True, kw_only=True)
class Headline:
    """A rate as displayed, such as `4.3` or `[c]`, and its comparison in words."""

    rate: str
    verdict: str

    def __str__(self) -> str:
        return f"{self.verdict}: {self.rate}"


@dataclass(frozen=True, kw_only=True)
class IndexEntry:
    """An area with a report: its relative address `href` and its headlines by column title. Or one without, and why.

    Raises ValueError unless exactly one of `href` and `absent_because` is given.
    """

    area: str
    police_force: str
    href: str = ""
    headlines: Mapping[str, Headline] = field(default_factory=dict)
    absent_because: str = ""

    def __post_init__(self) -> None:
        if bool(self.href) == bool(self.absent_because):
            raise ValueError(f"{self.area}: expected either the address of its report or why there is none")


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
    present = [entry for entry in ordered if entry.href]
    content = rendered(
        "areas.html.j2",
        page=page,
        areas=_areas(present, headlines),
        absent=_absent([entry for entry in ordered if not entry.href]),
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
        {AREA: link(entry.area, entry.href)}
        | {title: str(headline) for title, headline in entry.headlines.items()}
        | {FORCE: entry.police_force}
        for entry in entries
    ]
    return table(Rows(display=pd.DataFrame(rows), row_header=AREA), caption)


def _absent(entries: Sequence[IndexEntry]) -> Html | None:
    if not entries:
        return None
    rows = [{AREA: entry.area, FORCE: entry.police_force, REASON: entry.absent_because} for entry in entries]
    caption = Caption(
        title="Areas without a report in this release",
        anchor="table-areas-without-a-report",
        source="the log of this run",
    )
    return table(Rows(display=pd.DataFrame(rows), row_header=AREA), caption)
