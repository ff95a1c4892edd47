"""Published bytes depend on withheld counts only through which figures are withheld.

The strongest form of the promise: where other counts fit everything printed, and are small in the same places, the same
release and the same site come out, byte for byte. So no order, colour, name, size, sum or word comes from them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from random import Random

import pytest
import report_page
from nbformat import NotebookNode
from other_counts import Records, others
from small_evidence import BASE, FIRST, PRIVATE, folder, text
from small_notebooks import as_area_report

from needs_assessment.assessment import assess
from needs_assessment.disclosure import History, Ledger
from needs_assessment.evidence import read_evidence
from needs_assessment.publish import batch, website
from needs_assessment.publish.batch import publish_area
from needs_assessment.publish.checks import enter_in_ledger
from needs_assessment.publish.website import Website, publish
from needs_assessment.release import Release

Released = Callable[[Records], Path]


@pytest.fixture(scope="module", autouse=True)
def on_one_day() -> Iterator[None]:
    """Releases, ledgers and pages of 31 March 2025, on whatever day the tests run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", "1743379200")
        yield


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Released:
    """Makes the release of some records, from evidence in files, and each only once."""

    @cache
    def made(records: Records) -> Path:
        base = tmp_path_factory.mktemp("released")
        return assess(records.evidence(base / "return")).write(base / "release")

    return made


def other(records: Records, *releases: Path, protectors: bool = False) -> Records:
    """Other records that give the same figures in print."""
    found = others(records, [Release.read(release) for release in releases], Random(0), protectors=protectors)
    assert found is not None and found.referrals != records.referrals
    return found


def different(one: Path, another: Path) -> list[str]:
    """The files that are not in both folders with the same bytes, and so with the same name, size and rows."""
    first, second = (
        {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        for folder in (one, another)
    )
    return sorted(name for name in first | second if first.get(name) != second.get(name))


def withheld(release: Path) -> list[str]:
    figures = Release.read(release)["figures"]
    return sorted(figures.loc[figures["value"].isna(), "key"])


@pytest.mark.parametrize("seed", [1, 3])
def test_other_small_counts_that_fit_give_the_same_release(seed: int, released: Released) -> None:
    records = Records.drawn(seed)
    release = released(records)
    assert withheld(release)
    assert different(release, released(other(records, release))) == []


def test_a_count_that_protects_others_tells_no_more_than_that_it_is_withheld(released: Released) -> None:
    """Withheld counts that are not small can change which others are withheld (docs/disclosure.md says so), and nothing
    else.
    """
    alike = []
    for seed in (1, 5, 6):
        records = Records.drawn(seed)
        first = released(records)
        second = released(other(records, first, protectors=True))
        if withheld(first) == withheld(second):
            alike.append(seed)
            assert different(first, second) == []
    assert alike


def test_another_printed_count_gives_another_release(released: Released) -> None:
    """Else the comparison could not fail."""
    records = Records.drawn(1)
    more = Records({**records.referrals, FIRST: tuple(n + 40 for n in records.referrals[FIRST])}, records.children)
    assert {"demand.csv", "figures.csv", "manifest.json"} <= {*different(released(records), released(more))}


def test_the_second_release_of_a_series_is_the_same_too(tmp_path: Path) -> None:
    records = Records.drawn(3, quarters=5)
    first, second, series = in_series(records, tmp_path / "true")
    again = in_series(other(records, first, second), tmp_path / "other")
    assert [different(*pair) for pair in zip((first, second, series), again, strict=True)] == [[], [], []]
    assert len(Ledger.open(series).releases) == 2


def in_series(records: Records, base: Path) -> tuple[Path, Path, Path]:
    """Two releases, a quarter apart, and the ledger that both are entered in."""
    series = Ledger.start(base / "series", "quarterly").folder
    releases = []
    for quarters in (4, 5):
        history = History(Ledger.open(series))
        release = assess(records.until(quarters).evidence(base / f"{quarters}" / "return"), history=history)
        enter_in_ledger(release, series, {"result": "passed"})
        releases.append(release.write(base / f"{quarters}" / "release"))
    return releases[0], releases[1], series


def test_a_whole_site_is_the_same_from_its_pages_to_the_record_of_its_run(
    released: Released, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "run_notebook", in_this_process)
    monkeypatch.setattr(website, "publish_areas", lambda jobs, **_: [publish_area(job) for job in jobs])
    records = Records.drawn(1)
    release = released(records)
    for name, made_from in (("true", release), ("other", released(other(records, release)))):
        site = Website(tmp_path / name, as_area_report(report_page.NOTEBOOK))
        (outcome,) = publish(site, Release.read(made_from), [FIRST], workers=1, tell=lambda _: None)
        assert outcome.page, outcome.reason
    assert different(tmp_path / "true", tmp_path / "other") == []
    assert {path.name for path in (tmp_path / "true").iterdir()} >= {f"{FIRST}.html", "index.html", "run.json"}


def in_this_process(notebook: Path, parameters: Mapping[str, str], *, end_mark: str) -> NotebookNode:
    """The shipped notebook, run without a kernel."""
    return report_page.executed(parameters["area"], Path(parameters["release"]))


def test_no_hash_of_a_return_tells_which_of_five_counts_it_holds(tmp_path: Path) -> None:
    """Whoever knows the rest of a short file needs only five tries."""
    own = {"source_id": PRIVATE, "measure": "offences", "unit": "offence"}
    tables = BASE | {"observations": [*BASE["observations"], own | {"count": "3"}]}
    release = assess(read_evidence(folder(tmp_path / "return", tables)))
    tries = [text("observations", *BASE["observations"], own | {"count": str(n)}) for n in range(1, 6)]
    assert tries[2] == (tmp_path / "return" / "observations.csv").read_text(encoding="utf-8")
    said = json.dumps(dict(release.manifest))
    assert [n for n, tried in enumerate(tries, 1) if hashlib.sha256(tried.encode()).hexdigest()[:16] in said] == []
    inputs = release.manifest["inputs"]
    assert inputs["return/observations.csv"] == inputs["return/sources.csv"] == "not published"
    areas = hashlib.sha256((tmp_path / "return" / "areas.csv").read_bytes()).hexdigest()
    assert inputs["return/areas.csv"] == areas
