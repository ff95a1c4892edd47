"""A series from evidence to audit: each release is protected beside those before it, audited, and entered in the
ledger, as `needs-assessment report --series` does.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from small_evidence import BASE, FIRST, FORCE, PRIVATE, SECOND, folder

from needs_assessment.assessment import assess
from needs_assessment.disclosure import History, Ledger
from needs_assessment.disclosure.audit.folder import Audit, audit_folder
from needs_assessment.evidence import read_evidence
from needs_assessment.publish.checks import enter_in_ledger
from needs_assessment.release import Release

QUARTERS = [("2024-04-01", "2024-06-30"), ("2024-07-01", "2024-09-30")]
MEMBERS = [
    row | {"police_force_area_code": FORCE} if row["area_code"] in {FIRST, SECOND} else row for row in BASE["areas"]
]


def counts(*by_quarter: tuple[int, int, int]) -> list[dict[str, str]]:
    """Offences in the two authorities and their force, quarter by quarter, as an unpublished return states them."""
    return [
        {"source_id": PRIVATE, "measure": "offences", "unit": "offence", "area_code": area, "count": str(count)}
        | {"period_start": start, "period_end": end}
        for (start, end), quarter in zip(QUARTERS, by_quarter, strict=False)
        for area, count in zip((FIRST, SECOND, FORCE), quarter, strict=True)
    ]


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    Ledger.start(tmp_path / "ledger", "offences")
    return tmp_path / "ledger"


def released(place: Path, ledger: Path, rows: list[dict[str, str]], *, revision: bool = False) -> tuple[Release, Audit]:
    """The next release of the series and its audit, entered in the ledger where it passed."""
    tables = BASE | {"areas": MEMBERS, "observations": [*BASE["observations"], *rows]}
    evidence = read_evidence(folder(place / "evidence", tables))
    release = assess(evidence, history=History(Ledger.open(ledger), revision))
    release.write(place / "site" / "release")
    audit = audit_folder(place / "site", series=ledger)
    if audit.passed:
        enter_in_ledger(release, ledger, audit.certificate)
    return release, audit


def shown(release: Release) -> list[int | str]:
    rows = release["demand"].query("measure == 'offences'").sort_values(["period_end", "area_code"])
    return [
        missing if count is None else count
        for count, missing in rows[["count", "missing"]]
        .astype(object)
        .where(rows[["count", "missing"]].notna(), None)
        .itertuples(index=False)
    ]


def test_a_series_passes_its_audit_release_after_release(tmp_path: Path, ledger: Path) -> None:
    first, audit = released(tmp_path / "one", ledger, counts((3, 9, 12)))
    assert audit.findings == ()
    second, audit = released(tmp_path / "two", ledger, counts((3, 9, 12), (20, 30, 50)))
    assert audit.findings == ()
    assert shown(second)[:3] == shown(first)
    assert [one.number for one in Ledger.open(ledger).releases] == [1, 2]
    assert second.manifest["disclosure"]["use"] == "publication"


def test_the_same_release_is_entered_once(tmp_path: Path, ledger: Path) -> None:
    for place in ("one", "again"):
        _, audit = released(tmp_path / place, ledger, counts((20, 30, 50)))
        assert audit.passed
    assert len(Ledger.open(ledger).releases) == 1


def test_a_changed_figure_keeps_its_value_and_a_declared_revision_prints_it_anew(tmp_path: Path, ledger: Path) -> None:
    first, _ = released(tmp_path / "one", ledger, counts((20, 30, 50)))
    changed = counts((31, 30, 61))
    kept, audit = released(tmp_path / "two", ledger, changed)
    assert audit.findings == ()
    assert shown(kept) == shown(first)
    revised, audit = released(tmp_path / "three", ledger, changed, revision=True)
    assert audit.findings == ()
    assert sorted(map(str, shown(revised))) == ["30", "31", "61"]
    assert [str(one.kind) for one in Ledger.open(ledger).releases] == ["first", "revision"]


def test_a_release_made_without_its_ledger_fails_the_audit_beside_it(tmp_path: Path, ledger: Path) -> None:
    released(tmp_path / "one", ledger, counts((20, 30, 50)))
    tables = BASE | {"areas": MEMBERS, "observations": [*BASE["observations"], *counts((21, 30, 51))]}
    assess(read_evidence(folder(tmp_path / "evidence", tables))).write(tmp_path / "site" / "release")
    assert not audit_folder(tmp_path / "site", series=ledger).passed
