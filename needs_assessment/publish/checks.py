"""What stands between a finished site and its readers: the independent audit, and the ledger of the series."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from needs_assessment.disclosure import Ledger, Policy, Rounding, Status
from needs_assessment.disclosure.audit.folder import audit_folder
from needs_assessment.disclosure.audit.report import write_private
from needs_assessment.publish.lint import PublishError
from needs_assessment.publish.provenance import made_on
from needs_assessment.release import Release

INTERVALS, SMALL = "intervals.csv", "small.csv"


@dataclass(frozen=True)
class Private:
    """What readers must not have: the counts of withheld figures, which of them are small themselves, and the folder
    for what the audit could find of each. The counts are written nowhere.
    """

    counts: Mapping[str, int] = field(repr=False)
    small: frozenset[str]
    folder: Path


def audited(site: Path, series: Path | None, known: Path | None, private: Private | None) -> Mapping[str, Any]:
    """The certificate of a finished site. Raises PublishError that lists what the audit found, and never a count.

    Without `private` every withheld figure is taken as one that may be small.
    """
    audit = audit_folder(site, series=series, known=known, insiders=private.counts if private else False)
    if private:
        audit = audit.given_small(private.small)
        private.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(audit.intervals, private.folder / INTERVALS)
        write_private(pd.DataFrame({"key": sorted(private.small)}), private.folder / SMALL)
    if not audit.passed:
        raise PublishError([str(finding) for finding in audit.findings], "the site")
    return _for_readers(audit.certificate)


def _for_readers(certificate: Mapping[str, Any]) -> dict[str, Any]:
    """The certificate without how far each attacker came: that is for whoever runs the reports."""
    names = [attack["attacker"] for attack in certificate["attackers"] if attack["gates"]]
    return {**certificate, "attackers": names, "result": "passed"}


def enter_in_ledger(release: Release, series: Path, certificate: Mapping[str, Any]) -> None:
    """Enters what the release tells its readers, unless the latest entry tells just the same.

    Raises LedgerError where the ledger refuses it: another run was faster, or the release was made without it.
    """
    ledger, stated = Ledger.open(series), release.manifest["disclosure"]
    statements = sorted(_statements(release["figures"]))
    if ledger.releases and sorted(map(tuple, ledger.releases[-1].statements)) == statements:
        return
    kind = "revision" if stated["revision"] else "release" if ledger.releases else "first"
    ledger.record(statements, kind=kind, policy=_policy(stated), made_on=made_on(), certificate=certificate)


def _statements(figures: pd.DataFrame) -> list[tuple[str, int, int | None, str]]:
    return [
        (told.key, int(told.low), None if pd.isna(told.high) else int(told.high), _status(told.value))
        for told in figures.itertuples(index=False)
    ]


def _status(value: object) -> str:
    return Status.HIDDEN if pd.isna(value) else Status.PRINTED


def _policy(stated: Mapping[str, Any]) -> Policy:
    """The rule that a manifest states."""
    numbers = ("withhold_up_to", "round_to", "round_wider_to", "zeros_always_printed", "insiders")
    return Policy(stated["policy"], rounding=Rounding(stated["rounding"]), **{name: stated[name] for name in numbers})
