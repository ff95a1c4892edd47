"""One report for each area, several at a time, and the site around them: index, indicators, record of the run."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from needs_assessment.area_view import AreaView
from needs_assessment.components import end_mark_text
from needs_assessment.publish.files import write_whole
from needs_assessment.publish.lint import PublishError, write_page
from needs_assessment.publish.notebooks import NotebookError, check_parameters, run_notebook
from needs_assessment.publish.page import export_page
from needs_assessment.publish.provenance import area_page_meta
from needs_assessment.release import MANIFEST, Release

RUN_RECORD = "run.json"


class LockedError(Exception):
    """Another run is writing to the same folder."""


@dataclass(frozen=True)
class Job:
    """One area's report: what to run, and where its page goes."""

    area_code: str
    notebook: Path
    release: Path
    page: Path
    organisation: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """What became of one area: a page, or the reason why there is none."""

    area_code: str
    page: str = ""
    sha256: str = ""
    reason: str = ""


def publish_areas(jobs: Sequence[Job], *, workers: int, tell: Callable[[Outcome], None]) -> list[Outcome]:
    """The outcome of every job, in the order given; `tell` hears of each as it ends.

    Notebook and parameter names are checked before any kernel starts (NotebookError). A job that fails leaves no page,
    not even an older one, and does not stop the others.
    """
    for notebook, names in {(job.notebook, ("area", "release", *job.parameters)) for job in jobs}:
        check_parameters(notebook, dict.fromkeys(names, ""))
    outcomes: dict[str, Outcome] = {}
    # Fresh processes: a kernel and an exporter each, and no state of one area that reaches another.
    with ProcessPoolExecutor(
        max_workers=workers, mp_context=get_context("spawn"), initializer=_one_thread_each
    ) as pool:
        running = {pool.submit(publish_area, job): job for job in jobs}
        for done in as_completed(running):
            outcome = _outcome_of(done, running[done])
            outcomes[outcome.area_code] = outcome
            tell(outcome)
    return [outcomes[job.area_code] for job in jobs]


def _one_thread_each() -> None:
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    # Debugger and deprecation chatter of kernels would tear the progress bar.
    os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")


def _outcome_of(done: Any, job: Job) -> Outcome:
    try:
        return done.result()
    except Exception as error:  # the worker process itself died
        job.page.unlink(missing_ok=True)
        return Outcome(job.area_code, reason=f"the run was cut off ({type(error).__name__})")


def publish_area(job: Job) -> Outcome:
    """The outcome of one area's job: its notebook run, checked, exported, checked again and written whole."""
    try:
        # Area and release come last: no further parameter may put another's figures on this page.
        parameters = {**job.parameters, "area": job.area_code, "release": str(job.release)}
        executed = run_notebook(job.notebook, parameters, end_mark=end_mark_text(job.area_code))
        view = AreaView.open(job.area_code, job.release)
        html = export_page(executed, area_page_meta(view, job.organisation))
        write_page(html, job.page)
    except (NotebookError, PublishError) as error:
        job.page.unlink(missing_ok=True)
        return Outcome(job.area_code, reason=str(error))
    return Outcome(job.area_code, page=job.page.name, sha256=hashlib.sha256(html.encode()).hexdigest())


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


def unchanged(folder: Path, made_from: str) -> dict[str, Outcome]:
    """The pages of an earlier run that were made from exactly the same and are still as they were written, by area
    code.
    """
    record = folder / RUN_RECORD
    if not record.is_file():
        return {}
    run = json.loads(record.read_text(encoding="utf-8"))
    if run.get("made_from") != made_from:
        return {}
    outcomes = [Outcome(**entry) for entry in run["outcomes"]]
    return {outcome.area_code: outcome for outcome in outcomes if outcome.page and _as_written(folder, outcome)}


def _as_written(folder: Path, outcome: Outcome) -> bool:
    page = folder / outcome.page
    return page.is_file() and hashlib.sha256(page.read_bytes()).hexdigest() == outcome.sha256


def record_run(folder: Path, made_from: str, outcomes: Sequence[Outcome], release: Release) -> None:
    """Writes what this run made, from what, and what it could not make."""
    run = {
        "made_from": made_from,
        "outcomes": [asdict(outcome) for outcome in outcomes],
        "release": dict(release.manifest),
    }
    write_whole(folder / RUN_RECORD, json.dumps(run, indent=2) + "\n")


def remove_stale_pages(folder: Path, outcomes: Sequence[Outcome]) -> None:
    """Removes area pages that this run did not make or confirm: no stale page stands under a new index."""
    kept = {outcome.page for outcome in outcomes}
    for page in folder.glob("[EWNSK]" + "[0-9]" * 8 + ".html"):
        if page.name not in kept:
            page.unlink()
