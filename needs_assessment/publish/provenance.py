"""What a page says about itself: from which inputs, by which rules and versions, and when it was made."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from needs_assessment.area_view import AreaView
from needs_assessment.publish.documents import AREA_REPORT, Document
from needs_assessment.publish.frame import PageMeta
from needs_assessment.publish.navigation import Groups
from needs_assessment.release import Release
from needs_assessment.vocabulary import ExploitationType, Measure, in_words
from needs_assessment.wording import ACCESSIBILITY

INDEX = "index.html"
INTERNAL = "For use inside the partnership, not for publication"
LICENCE = "Contains public sector information licensed under the Open Government Licence v3.0."


def marking(manifest: Mapping[str, Any]) -> str:
    """The security marking of a page: OFFICIAL-SENSITIVE where any of its sources is real and unpublished, and whether
    it is for internal use only.
    """
    level = "OFFICIAL-SENSITIVE" if manifest["sensitive"] else "OFFICIAL"
    return f"{level} | {INTERNAL}" if manifest["disclosure"]["use"] == "internal" else level


def made_on() -> date:
    """Today, or the day of SOURCE_DATE_EPOCH where a repeatable run sets it."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    return datetime.fromtimestamp(int(epoch), UTC).date() if epoch else date.today()


def area_page_meta(
    view: AreaView, organisation: str, document: Document = AREA_REPORT, documents: Groups | None = None
) -> PageMeta:
    """The head and foot of one area's page; `documents` are the pages that it leads to."""
    latest = view.latest(Measure.ASSESSMENT_EPISODES, ExploitationType.CSE)
    return PageMeta(
        title=f"Children at risk of exploitation in {view.full_name}: {document.title.lower()}",
        description=f"{document.about} in {view.full_name}.",
        organisation=organisation,
        marking=marking(view.release.manifest),
        index_href=INDEX,
        href=document.page(view.area_code),
        documents=documents or {},
        data_to="" if latest is None else in_words(latest["period_end"].date()),
        provenance=provenance(view.release, {"Area": f"{view.full_name} ({view.area_code})"}),
        synthetic=view.synthetic,
    )


def index_page_meta(release: Release, organisation: str) -> PageMeta:
    """The head and foot of the index of all areas."""
    return PageMeta(
        title="Children at risk of exploitation: needs assessments by local authority",
        description="Headline rates and reports for each local authority. Not a league table.",
        organisation=organisation,
        marking=marking(release.manifest),
        provenance=provenance(release, {}),
        synthetic=bool(release.manifest["synthetic"]),
    )


def provenance(release: Release, first: Mapping[str, str]) -> dict[str, str]:
    """The terms of "About this report" and what stands under each."""
    manifest = release.manifest
    disclosure, parameters, versions = manifest["disclosure"], manifest["parameters"], manifest["versions"]
    return {
        **first,
        "Made on": in_words(made_on()),
        "Made with": ", ".join(f"{name} {version}" for name, version in versions.items()),
        "Parameters": (
            f"compared with {_name(release, parameters['comparator'])}, rates per {parameters['per']:,}, limits at "
            f"{parameters['confidence']:.0%}"
        ),
        "Disclosure control": _disclosure(disclosure),
        "Inputs (SHA-256)": "; ".join(f"{name} {digest[:16]}" for name, digest in manifest["inputs"].items()),
        "Licence": LICENCE,
        "Accessibility": ACCESSIBILITY,
    }


def _name(release: Release, area_code: str) -> str:
    """An area by its name and code; by its code where the release does not name it."""
    names = release["areas"].set_index("area_code")["area_name"]
    return f"{names[area_code]} ({area_code})" if area_code in names else area_code


def _disclosure(stated: Mapping[str, Any]) -> str:
    """The certificate of the gate, in words: the rule, what it did, and by which hash the ledger knows the figures."""
    if not stated["counts"]:
        return "every figure is of a source that is already published"
    parts = [
        stated["rule"],
        f"figures of such sources: {stated['counts']:,}, of which withheld: {stated['counts_withheld']:,}",
        f"published in the series {stated['series']}" if stated["series"] else "part of no series",
        "put in place only after an independent audit of all pages found that no withheld figure can be worked out",
        f"statements (SHA-256) {stated['statements_sha256'][:16]}",
    ]
    if stated["counts_waiting"]:
        parts.insert(2, f"figures that changed since and keep their first value: {stated['counts_waiting']:,}")
    return "; ".join(parts)
