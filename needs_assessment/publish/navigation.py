"""Where a page leads: to the other documents of its area, and between a police force area and its authorities."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from needs_assessment.area_view import AreaView
from needs_assessment.publish.documents import Document

Groups = Mapping[str, Mapping[str, str]]
"""What each group of pages is called, and the titles and addresses in it."""


def leads_to(view: AreaView, documents: Sequence[Document], pages: Collection[tuple[str, str]]) -> Groups:
    """The pages that each of an area's leads to, itself among them: the documents of the area and of its police force
    area; from a police force area the reports of its authorities. Nothing where a page could lead to itself alone.

    `pages` are those that there are, by the area's code and the document's name. The first of `documents` is every
    authority's own report.
    """

    def documents_of(area_code: str) -> dict[str, str]:
        return {one.title: one.page(area_code) for one in documents if (area_code, one.name) in pages}

    groups = {f"Documents of {view.full_name}": documents_of(view.area_code)}
    if view.is_force:
        groups[f"{documents[0].title} of each local authority"] = _reports(view, documents[0], pages)
    elif view.force_stated:
        groups[f"Documents of {view.force} police force area"] = documents_of(view.force_code)
    groups = {called: links for called, links in groups.items() if links}
    return groups if sum(map(len, groups.values())) > 1 else {}


def _reports(force: AreaView, report: Document, pages: Collection[tuple[str, str]]) -> dict[str, str]:
    places = force.authorities()
    named = zip(places["area_name"], places["area_code"], strict=True)
    return {name: report.page(code) for name, code in named if (code, report.name) in pages}
