"""Settings of every test: drawing needs no screen, and property tests repeat themselves."""

from __future__ import annotations

import gc
import os
import pickle
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib
import pytest
from filelock import FileLock
from hypothesis import settings

if TYPE_CHECKING:
    from needs_assessment.area_view import AreaView
    from needs_assessment.evidence import Evidence
    from needs_assessment.release import Release

PROJECT = Path(__file__).resolve().parents[1]

# Not the variable MPLBACKEND: notebook kernels that a test starts would inherit it and lose their charts.
matplotlib.use("Agg")

# The same commit gives the same result on every machine, however busy.
# To look for new counterexamples: pytest --hypothesis-profile=search
settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None, max_examples=2000)
settings.load_profile("repeatable")


LONGEST = (
    "test_wall",
    "test_website",
    "test_national",
    "test_sections",
    "test_batch",
    "test_report_notebook",
    "explore",
)
"""The files that take longest, in this order: begun last, one of them would keep everybody waiting."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first; the others in the order in which they were found."""
    ranks = {name: rank for rank, name in enumerate(LONGEST)}
    items.sort(key=lambda item: ranks.get(item.path.stem, len(ranks)))


def pytest_collection_finish() -> None:
    """Rubbish is looked for less often, and not among the half million objects of the modules: a tenth of the time."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture(scope="session", autouse=True)
def key_of_pseudonyms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A key for these tests alone: none is made in the settings of whoever runs them."""
    path = tmp_path_factory.mktemp("key") / "key"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEEDS_ASSESSMENT_KEY_FILE", str(path))
        yield path


@pytest.fixture(scope="session")
def published() -> Evidence:
    """The published evidence that the project stores, read once; its tables come as copies."""
    from needs_assessment.evidence import read_evidence

    return read_evidence(PROJECT / "data" / "published")


@pytest.fixture(scope="session")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """The release of the published evidence as `assess` gives it: made once, for all test processes."""
    return pickle.loads((_published_release(tmp_path_factory) / "as_assessed.pickle").read_bytes())


@pytest.fixture(scope="session")
def release_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """That release as the folder that a notebook reads: made once, for all test processes. Only to be read."""
    return _published_release(tmp_path_factory) / "release"


def _published_release(factory: pytest.TempPathFactory) -> Path:
    from needs_assessment.assessment import assess
    from needs_assessment.evidence import read_evidence

    def made(folder: Path) -> None:
        release = assess(read_evidence(PROJECT / "data" / "published"))
        release.write(folder / "release")
        (folder / "as_assessed.pickle").write_bytes(pickle.dumps(release))

    return _made_once(factory, "published", made)


@pytest.fixture(scope="session")
def views(release_folder: Path) -> dict[str, AreaView]:
    """The view of each local authority of that folder, by name, in order of name."""
    from needs_assessment.area_view import AreaView
    from needs_assessment.geography import local_authorities
    from needs_assessment.release import Release

    opened = Release.read(release_folder)
    places = local_authorities(opened["areas"])
    return {area.area_name: AreaView(opened, area.area_code) for area in places.itertuples()}


@pytest.fixture(scope="session")
def synthetic_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The release of the published evidence and the stored synthetic records, as a folder: made once, for all test
    processes. Only to be read.
    """
    from needs_assessment.assessment import assess
    from needs_assessment.evidence import read_evidence

    def made(folder: Path) -> None:
        assess(read_evidence(PROJECT / "data" / "published", PROJECT / "data" / "synthetic")).write(folder)

    return _made_once(tmp_path_factory, "synthetic_release", made)


@pytest.fixture(scope="session")
def made_on_one_day() -> Iterator[None]:
    """Pages that say they were made on 31 March 2025, on whatever day the tests run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", "1743379200")
        yield


@pytest.fixture(scope="session")
def site_folder(release: Release, made_on_one_day: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real site of Herefordshire and Derbyshire, from kernels to index: made once, for all test processes. Only to
    be read.
    """
    return _made_once(tmp_path_factory, "site", lambda folder: _publish(release, folder, "E06000019", "E10000007"))


@pytest.fixture(autouse=True)
def no_figure_stays_open() -> Iterator[None]:
    """Closes what a test drew by hand: other tests say that nothing of theirs stays open."""
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")


@pytest.fixture(scope="session")
def synthetic_site_folder(
    synthetic_folder: Path, made_on_one_day: None, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A real site of Herefordshire with the synthetic records: made once, for all test processes. Only to be read."""
    from needs_assessment.release import Release

    release = Release.read(synthetic_folder)
    return _made_once(tmp_path_factory, "synthetic_site", lambda folder: _publish(release, folder, "E06000019"))


def _publish(release: Release, folder: Path, *area_codes: str) -> None:
    from needs_assessment.publish.documents import AREA_REPORT
    from needs_assessment.publish.website import Website, publish

    site = Website(folder, [replace(AREA_REPORT, notebook=PROJECT / AREA_REPORT.notebook)])
    publish(site, release, area_codes, workers=2, tell=lambda _: None)


def _made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """The folder that `make` fills, by the first of pytest-xdist's processes that needs it."""
    run = factory.getbasetemp().parent if "PYTEST_XDIST_WORKER" in os.environ else factory.getbasetemp()
    made = run / f"{name}.made"
    with FileLock(run / f"{name}.lock"):
        if not made.exists():
            make(run / name)
            made.touch()
    return run / name
