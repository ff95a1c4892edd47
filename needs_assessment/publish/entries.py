"""What the index says of each area and police force area of a release: its documents, its headline rates, and what it
has not and why.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from needs_assessment import narrative, tables, wording
from needs_assessment.area_view import AreaView, reportable, with_forces
from needs_assessment.components import Caption, Html
from needs_assessment.geography import local_authorities
from needs_assessment.publish.batch import Key, Outcome
from needs_assessment.publish.documents import Document
from needs_assessment.publish.frame import PageMeta
from needs_assessment.publish.site import ForceEntry, Headline, IndexEntry, Listed, index_page
from needs_assessment.release import Release
from needs_assessment.sections.summary import area_map
from needs_assessment.vocabulary import ExploitationType, Measure

EPISODES = Measure.ASSESSMENT_EPISODES


def index_of(
    release: Release,
    documents: Sequence[Document],
    outcomes: Mapping[Key, Outcome],
    page: PageMeta,
    downloads: Mapping[str, str],
) -> str:
    """The index page of a release: every area that a report can be made for, and the police force area of each, with
    what became of its documents.
    """
    # Authorities of which the evidence has no more than the name were not left out by anybody.
    listed = {*reportable(release), *(area_code for area_code, _ in outcomes)}
    places = local_authorities(release["areas"])
    places = places[places["area_code"].isin(listed)]
    views = with_forces(release, places["area_code"])
    view = views[0]
    return index_page(
        Listed(
            [_entry(one, documents, outcomes) for one in views if not one.is_force],
            [_force_entry(one, documents, outcomes) for one in views if one.is_force],
        ),
        page,
        headlines=_headline_caption(view, _latest_symbols(release, places["area_code"])),
        tile_map=_map(view),
        downloads=downloads,
    )


def _entry(view: AreaView, documents: Sequence[Document], outcomes: Mapping[Key, Outcome]) -> IndexEntry:
    """The first document is that of every area, spoken of whether the site has it of any or not."""
    report = documents[0].title
    pages, absent = _own(view, documents, outcomes)
    return IndexEntry(
        area=view.name,
        police_force=view.force,
        href=pages.pop(report, ""),
        headlines={f"{harm} per 10,000 children": _headline(view, harm) for harm in ExploitationType},
        absent_because=absent.pop(report, ""),
        further=pages,
        further_absent=absent,
    )


def _force_entry(view: AreaView, documents: Sequence[Document], outcomes: Mapping[Key, Outcome]) -> ForceEntry:
    pages, absent = _own(view, documents, outcomes)
    authorities = view.authorities()["area_name"].to_list()
    return ForceEntry(
        area=view.full_name, police_force=view.force, authorities=authorities, documents=pages, not_there=absent
    )


def _own(
    view: AreaView, documents: Sequence[Document], outcomes: Mapping[Key, Outcome]
) -> tuple[dict[str, str], dict[str, str]]:
    """The pages of an area's documents by their titles, and why there is none of others. Of those after the first only
    what the site has of any area is spoken of.
    """
    had = {documents[0].name, *(document for _, document in outcomes)}
    own = [document for document in documents if document.name in had and document.is_for(view)]
    became = {document.title: outcomes.get((view.area_code, document.name)) for document in own}
    pages = {title: outcome.page for title, outcome in became.items() if outcome and outcome.page}
    return pages, {title: _reason(outcome) for title, outcome in became.items() if title not in pages}


def _reason(outcome: Outcome | None) -> str:
    # How many faults a page has is for whoever mends it: on the index a number would be taken for a figure.
    reason = "not asked for in this run" if outcome is None else outcome.reason.partition("; faults:")[0]
    return reason.partition("\n")[0]


def _headline(view: AreaView, harm: ExploitationType) -> Headline:
    row = view.latest(EPISODES, harm)
    if row is None:
        return Headline(rate=narrative.phrases.NOT_SUPPLIED, verdict="Cannot tell")
    return Headline(rate=tables.cells.rate_cell(row), verdict=str(row["verdict"]))


def _latest_symbols(release: Release, area_codes: Iterable[str]) -> pd.Series:
    rows = [AreaView(release, code).latest(EPISODES, harm) for code in area_codes for harm in ExploitationType]
    return pd.Series([row["missing"] for row in rows if row is not None], dtype="string")


def _headline_caption(view: AreaView, symbols: pd.Series) -> Caption:
    return Caption(
        title="Reports and headline rates",
        anchor="table-areas",
        subtitle=f"Assessments that recorded exploitation, per 10,000 children (95% limits), against {view.comparator}",
        notes=[*narrative.phrases.symbol_notes(symbols), wording.LIMITS_NOTE],
        source=view.rate_sources() or "the evidence of this release, listed under About this report",
    )


def _map(view: AreaView) -> Html | None:
    harm = ExploitationType.CSE
    return None if view.latest(EPISODES, harm) is None else area_map(view, harm, outlined=False)
