"""The whole website of a release: the pages of each area, the index, the indicators, and the record of the run."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from needs_assessment.area_view import AreaView, with_forces
from needs_assessment.components import csv_text
from needs_assessment.publish.batch import (
    Job,
    Key,
    Outcome,
    fingerprint,
    linked,
    locked,
    publish_areas,
    record_run,
    remove_stale_pages,
    unchanged,
)
from needs_assessment.publish.checks import Private, audited, enter_in_ledger
from needs_assessment.publish.documents import SHIPPED, Document
from needs_assessment.publish.entries import index_of
from needs_assessment.publish.files import aside, put_in_place, write_whole
from needs_assessment.publish.lint import write_page
from needs_assessment.publish.navigation import Groups, leads_to
from needs_assessment.publish.notebooks import shared_out
from needs_assessment.publish.provenance import INDEX, index_page_meta, made_on
from needs_assessment.release import Release

INDICATORS = "indicators.csv"
RELEASE_FOLDER = "release"
AUDIT = "audit.json"


@dataclass(frozen=True)
class Website:
    """Where the pages go, which documents areas can have, and what every page has in common.

    The first of `documents` is every area's own report. `only` names those to make now, instead of all; each is given
    the `parameters` that its notebook has. `series` is the folder of the ledger, without which figures of sources that
    are not public are for internal use; `known` a table of what others have published; `private` what only whoever
    runs the reports may know.
    """

    folder: Path
    documents: Sequence[Document]
    organisation: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    series: Path | None = None
    known: Path | None = None
    private: Private | None = None
    only: Collection[str] = ()

    @property
    def release_folder(self) -> Path:
        """The folder of the release that the pages are made from."""
        return (self.folder / RELEASE_FOLDER).resolve()

    @property
    def chosen(self) -> list[Document]:
        """The documents to make."""
        return [document for document in self.documents if not self.only or document.name in self.only]

    def given(self) -> dict[Path, dict[str, str]]:
        """What the notebook of each document to make is given of the parameters. Raises NotebookError, as `check`."""
        return shared_out(self.parameters, [document.notebook for document in self.chosen])

    def check(self) -> None:
        """Nothing, when each document to make has its notebook, and each parameter one that has it; else NotebookError
        with every fault.
        """
        self.given()


Wanted = tuple[str, Document]
"""A document of the area with this code."""


def wanted(site: Website, release: Release, area_codes: Sequence[str]) -> list[Wanted]:
    """Every page to make: of each document in turn, the areas of which the release has what the document needs; of
    these local authorities, and of the police force areas that they lie in.
    """
    views = with_forces(release, area_codes)
    return [(view.area_code, document) for document in site.chosen for view in views if document.is_for(view)]


def publish(
    site: Website, release: Release, area_codes: Sequence[str], *, workers: int, tell: Callable[[Outcome], None]
) -> list[Outcome]:
    """The outcome of every wanted page, with the site written: pages, index, indicators, run record, audit's result.

    The whole site is made aside. The independent audit then reads it back, beside the ledger of its series, and only a
    site that passes is entered in the ledger and put in place; the earlier site stays otherwise. Pages that an earlier
    run made from exactly the same inputs, code and options are kept. Raises LockedError where another run holds the
    folder, NotebookError for a wrong notebook or parameter, before anything is written, and PublishError for a site
    that fails the audit.
    """
    pages = wanted(site, release, area_codes)
    site.check()

    def run(jobs: Sequence[Job], kept: Iterable[Outcome]) -> list[Outcome]:
        for outcome in kept:
            tell(outcome)
        return publish_areas(jobs, workers=workers, tell=tell) if jobs else []

    with locked(site.folder), aside(site.folder) as building:
        made = _made(site, building, release, pages, run)
        certificate = audited(building, site.series, site.known, site.private)
        write_whole(building / AUDIT, json.dumps(certificate, indent=2) + "\n")
        if site.series:
            enter_in_ledger(release, site.series, certificate)
        remove_stale_pages(site.folder, {*SHIPPED, *site.documents}, list(made.values()))
        put_in_place(building, site.folder)
    return [made[code, document.name] for code, document in pages]


Run = Callable[[Sequence[Job], Iterable[Outcome]], list[Outcome]]


def _made(site: Website, building: Path, release: Release, pages: Sequence[Wanted], run: Run) -> dict[Key, Outcome]:
    """The outcome of every page, with the whole site in `building`; pages still good come from the earlier site."""
    new = replace(site, folder=building)
    release.write(new.release_folder)
    made_from = _fingerprints(new)
    kept = unchanged(site.folder, made_from)
    for outcome in kept.values():
        shutil.copyfile(site.folder / outcome.page, building / outcome.page)
    of_pages = [(code, document.name) for code, document in pages]
    leading = _leading(new, release, {*kept, *of_pages})
    made = run(_jobs(new, pages, kept.keys(), leading), [kept[key] for key in of_pages if key in kept])
    outcomes = _linked(new, release, kept | {outcome.key: outcome for outcome in made})
    _write_around(new, release, outcomes)
    record_run(building, made_from, list(outcomes.values()), release)
    return outcomes


def _fingerprints(site: Website) -> dict[str, str]:
    """What the pages of each document depend on, by its name; a notebook that is not there has no pages to keep."""
    common = {"organisation": site.organisation, "made_on": made_on().isoformat(), **site.parameters}
    return {
        document.name: fingerprint(site.release_folder, document.notebook, {**common, "document": document.title})
        for document in site.documents
        if document.notebook.is_file()
    }


def _jobs(site: Website, pages: Sequence[Wanted], kept: Collection[Key], leading: Mapping[str, Groups]) -> list[Job]:
    """The pages that are not kept, each leading to what is to be there besides."""
    given = site.given()
    return [
        Job(
            area_code=code,
            document=document,
            release=site.release_folder,
            folder=site.folder,
            organisation=site.organisation,
            parameters=given[document.notebook],
            documents=leading[code],
        )
        for code, document in pages
        if (code, document.name) not in kept
    ]


def _linked(site: Website, release: Release, outcomes: Mapping[Key, Outcome]) -> dict[Key, Outcome]:
    """The outcomes, with the pages leading to one another and to none that is not there."""
    there = {key for key, outcome in outcomes.items() if outcome.page}
    leading = _leading(site, release, there)
    return {
        key: linked(site.folder, outcome, leading[outcome.area_code]) if key in there else outcome
        for key, outcome in outcomes.items()
    }


def _leading(site: Website, release: Release, pages: Collection[Key]) -> dict[str, Groups]:
    """What the pages of each area lead to, where just these pages are there."""
    return {code: leads_to(AreaView(release, code), site.documents, pages) for code, _ in pages}


def _write_around(site: Website, release: Release, outcomes: Mapping[Key, Outcome]) -> None:
    write_whole(site.folder / INDICATORS, csv_text(indicators(release)))
    meta = index_page_meta(release, site.organisation)
    downloads = {"All indicators of every area (CSV)": INDICATORS}
    write_page(index_of(release, site.documents, outcomes, meta, downloads), site.folder / INDEX)


def indicators(release: Release) -> pd.DataFrame:
    """Every measure of every area as tidy rows: area, measure, harm, period, unit, count, rate with limits, missing
    symbol, verdict.
    """
    names = release["areas"].set_index("area_code")["area_name"]
    table = release["demand"].assign(area_name=release["demand"]["area_code"].map(names))
    columns = [
        "area_code",
        "area_name",
        "measure",
        "exploitation_type",
        "period_start",
        "period_end",
        "unit",
        "count",
        "value",
        "lower",
        "upper",
    ]
    columns += [
        "missing",
        "method",
        "denominator",
        "comparator_code",
        "comparator_value",
        "verdict",
        "reason",
        "source_id",
    ]
    days = {name: table[name].dt.strftime("%Y-%m-%d") for name in ("period_start", "period_end")}
    return table.assign(**days)[columns]
