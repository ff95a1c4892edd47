"""The pages of each area, several at a time, and the record of the run: what was made, from what, and what was not."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from needs_assessment.area_view import AreaView
from needs_assessment.components import end_mark_text
from needs_assessment.publish.documents import Document
from needs_assessment.publish.files import write_whole
from needs_assessment.publish.frame import with_documents
from needs_assessment.publish.lint import PublishError, write_page
from needs_assessment.publish.navigation import Groups
from needs_assessment.publish.notebooks import GIVEN, NotebookError, check_parameters, run_notebook
from needs_assessment.publish.page import export_page
from needs_assessment.publish.provenance import area_page_meta
from needs_assessment.release import MANIFEST, Release

RUN_RECORD = "run.json"
MADE_FROM = "documents_made_from"


class LockedError(Exception):
    """Another run is writing to the same folder."""


@dataclass(frozen=True)
class Job:
    """One document of one area: what to run, on which release, and the folder for its page.

    `documents` are the pages that it is to lead to, as `navigation.leads_to` gives them.
    """

    area_code: str
    document: Document
    release: Path
    folder: Path
    organisation: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    documents: Groups = field(default_factory=dict)

    @property
    def page(self) -> Path:
        """Where the page goes."""
        return self.folder / self.document.page(self.area_code)

    def without_page(self, reason: str) -> Outcome:
        """The outcome of a job that failed, whose older page is removed."""
        self.page.unlink(missing_ok=True)
        return Outcome(self.area_code, self.document.name, reason=reason)


Key = tuple[str, str]
"""The code of an area and the name of a document."""


@dataclass(frozen=True)
class Outcome:
    """What became of one document of one area: a page, or the reason why there is none."""

    area_code: str
    document: str
    page: str = ""
    sha256: str = ""
    reason: str = ""

    @property
    def key(self) -> Key:
        """Which document of which area it is."""
        return self.area_code, self.document


def publish_areas(jobs: Sequence[Job], *, workers: int, tell: Callable[[Outcome], None]) -> list[Outcome]:
    """The outcome of every job, in the order given; `tell` hears of each as it ends.

    Notebook and parameter names are checked before any kernel starts (NotebookError). A job that fails leaves no page,
    not even an older one, and does not stop the others.
    """
    for notebook, names in {(job.document.notebook, (*GIVEN, *job.parameters)) for job in jobs}:
        check_parameters(notebook, dict.fromkeys(names, ""))
    outcomes: dict[Key, Outcome] = {}
    # Fresh processes: a kernel and an exporter each, and no state of one area that reaches another.
    with ProcessPoolExecutor(
        max_workers=workers, mp_context=get_context("spawn"), initializer=_one_thread_each
    ) as pool:
        running = {pool.submit(publish_area, job): job for job in jobs}
        for done in as_completed(running):
            outcome = _outcome_of(done, running[done])
            outcomes[outcome.key] = outcome
            tell(outcome)
    return [outcomes[job.area_code, job.document.name] for job in jobs]


def _one_thread_each() -> None:
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    # Debugger and deprecation chatter of kernels would tear the progress bar.
    os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")


def _outcome_of(done: Any, job: Job) -> Outcome:
    try:
        return done.result()
    except Exception as error:  # the worker process itself died
        return job.without_page(f"the run was cut off ({type(error).__name__})")


def publish_area(job: Job) -> Outcome:
    """The outcome of one job: its notebook run, checked, exported, checked again and written whole."""
    try:
        # Area and release come last: no further parameter may put another's figures on this page.
        parameters = {**job.parameters, "area": job.area_code, "release": str(job.release)}
        executed = run_notebook(job.document.notebook, parameters, end_mark=end_mark_text(job.area_code))
        view = AreaView(_opened(job.release, _sha256((job.release / MANIFEST).read_bytes())), job.area_code)
        html = export_page(executed, area_page_meta(view, job.organisation, job.document, job.documents))
        write_page(html, job.page)
    except (NotebookError, PublishError) as error:
        return job.without_page(str(error))
    return Outcome(job.area_code, job.document.name, job.page.name, _sha256(html.encode()))


@lru_cache(maxsize=1)
def _opened(folder: Path, manifest: str) -> Release:
    """The release of a folder that has just this manifest: read once for all pages of a process."""
    return Release.read(folder)


def linked(folder: Path, outcome: Outcome, documents: Groups) -> Outcome:
    """The outcome with its page of the folder leading to just these documents, which are there.

    A page is made before it is known what becomes of the others, and one of an earlier run may stay beside new
    ones.
    """
    page = folder / outcome.page
    html = page.read_text(encoding="utf-8")
    leading = with_documents(html, outcome.page, documents)
    if leading == html:
        return outcome
    write_page(leading, page)
    return replace(outcome, sha256=_sha256(leading.encode()))


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """The folder held for one run. Raises LockedError at once where another run holds it."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder / ".lock", timeout=0):
            yield
    except Timeout as error:
        raise LockedError(f"another run is writing to {folder}; wait for it to end") from error


def fingerprint(release: Path, notebook: Path, options: Mapping[str, str]) -> str:
    """A name for everything that a page depends on: release, notebook, this package's code, options of the run."""
    package = Path(__file__).parents[1]
    code = sorted(path for path in package.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    digest = hashlib.sha256(json.dumps(options, sort_keys=True).encode())
    for path in [release / MANIFEST, notebook, *code]:
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def unchanged(folder: Path, made_from: Mapping[str, str]) -> dict[Key, Outcome]:
    """The pages of an earlier run that were made from exactly the same and are still as they were written.

    `made_from` has the fingerprint of each document by its name.
    """
    record = folder / RUN_RECORD
    if not record.is_file():
        return {}
    run = json.loads(record.read_text(encoding="utf-8"))
    same = {document for document, _ in made_from.items() & run.get(MADE_FROM, {}).items()}
    outcomes = [Outcome(**entry) for entry in run["outcomes"] if entry.get("document") in same]
    return {outcome.key: outcome for outcome in outcomes if outcome.page and _as_written(folder, outcome)}


def _as_written(folder: Path, outcome: Outcome) -> bool:
    page = folder / outcome.page
    return page.is_file() and _sha256(page.read_bytes()) == outcome.sha256


def record_run(folder: Path, made_from: Mapping[str, str], outcomes: Sequence[Outcome], release: Release) -> None:
    """Writes what this run made, from what, and what it could not make.

    `made_from` has the fingerprint of each document by its name; those that the site has none of are left out.
    """
    had = {outcome.document for outcome in outcomes}
    run = {
        MADE_FROM: {document: fingerprint for document, fingerprint in made_from.items() if document in had},
        "outcomes": [asdict(outcome) for outcome in outcomes],
        "release": dict(release.manifest),
    }
    write_whole(folder / RUN_RECORD, json.dumps(run, indent=2) + "\n")


def remove_stale_pages(folder: Path, documents: Iterable[Document], outcomes: Sequence[Outcome]) -> None:
    """Removes pages of the documents that this run did not make or confirm: no stale page stands under a new index."""
    kept = {outcome.page for outcome in outcomes}
    for pattern in {document.page("[EWNSK]" + "[0-9]" * 8) for document in documents}:
        for page in folder.glob(pattern):
            if page.name not in kept:
                page.unlink()


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
