"""What an audit says: the certificate for a report, the list for whoever publishes, and the private intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from needs_assessment.disclosure.audit.attackers import PUBLIC
from needs_assessment.disclosure.audit.exposure import EXPOSED, INSIDERS, NARROWED, UNDECIDED, ZEROS, Exposure
from needs_assessment.disclosure.audit.faults import Fault
from needs_assessment.disclosure.audit.knowledge import Knowledge, Origin

if TYPE_CHECKING:
    from needs_assessment.disclosure.audit.folder import Site
    from needs_assessment.disclosure.audit.rule import Rule

INTERVAL_COLUMNS = ["key", "file", "place", "attacker", "low", "high", "impossible", "verdict"]
READABLE_BY_OWNER = 0o600


def certificate(site: Site, knowledge: Knowledge, found: Exposure, findings: Sequence[Fault]) -> dict[str, Any]:
    """What a report may say of its audit: sizes, attackers, result and the digest of all statements; no figure."""
    private = [figure for figure in site.collector.figures.values() if not figure.public]
    origins = [told.origin for told in knowledge.told]
    return {
        "passed": not findings,
        "findings": len(findings),
        "judged": "as a reader can",
        "rule": site.rule.words,
        "policy": site.rule.name,
        "must_stay_possible": list(site.rule.cover),
        "files": len(site.contents),
        "pages": sum(one.file.endswith(".html") for one in site.contents),
        "pictures_without_readable_marks": sum(one.unread_pictures for one in site.contents),
        "figures_printed": sum(bool(figure.spans) for figure in private),
        "figures_withheld": sum(figure.withheld for figure in private),
        "figures_attacked": len(knowledge.targets),
        "statements": len(knowledge.told),
        "statements_of_earlier_releases": origins.count(Origin.EARLIER),
        "statements_of_others": origins.count(Origin.OTHERS),
        "statements_not_believed": len(found.disbelieved),
        "statements_sha256": knowledge.sha256,
        "attackers": _attackers(found, site.rule),
    }


def _attackers(found: Exposure, rule: Rule) -> list[dict[str, Any]]:
    tried = {PUBLIC.name: True, ZEROS: False, INSIDERS: rule.insiders}
    asked = {one.kind for one in found.judged} | {PUBLIC.name}
    return [
        {
            "attacker": kind,
            "gates": gates,
            **{verdict: len(found.keys(kind, verdict)) for verdict in (EXPOSED, NARROWED, UNDECIDED)},
        }
        for kind, gates in tried.items()
        if kind in asked
    ]


def intervals(knowledge: Knowledge, found: Exposure) -> pd.DataFrame:
    """The interval of each withheld figure for each attacker: columns key, file, place, attacker, low, high (blank: no
    end), impossible (values of 1 to t, separated by spaces) and verdict. It is private: it says what could be known.
    """
    rows = [
        (
            one.finding.target,
            *knowledge.places[one.finding.target],
            one.finding.attacker,
            one.finding.low,
            one.finding.high,
            " ".join(map(str, one.finding.impossible)),
            one.verdict,
        )
        for one in sorted(found.judged, key=lambda one: (one.finding.target, one.kind, one.finding.attacker))
    ]
    return pd.DataFrame(rows, columns=INTERVAL_COLUMNS).astype({"low": "Int64", "high": "Int64"})


def write_private(table: pd.DataFrame, path: Path) -> Path:
    """The path of the intervals, which only its owner can read, whoever had the file before."""
    path.touch(mode=READABLE_BY_OWNER)
    path.chmod(READABLE_BY_OWNER)
    table.to_csv(path, index=False, lineterminator="\n", encoding="utf-8")
    return path


def listing(findings: Sequence[Fault]) -> str:
    """The findings as one list: file, place, rule and keys."""
    return "\n".join(f"  - {finding}" for finding in findings)


def summary(certificate: Mapping[str, Any]) -> str:
    """The certificate in words, a line for each thing."""
    result = "passed" if certificate["passed"] else f"not passed, findings: {certificate['findings']}"
    attacks = [
        f"  {attack['attacker']}{'' if attack['gates'] else ' (reported only)'}: exposed {attack[EXPOSED]}, "
        f"narrowed {attack[NARROWED]}, undecided {attack[UNDECIDED]}"
        for attack in certificate["attackers"]
    ]
    return "\n".join(
        [
            f"Audit: {result}",
            f"Rule: {certificate['rule']} ({certificate['policy']})",
            f"Files read: {certificate['files']:,}, of which pages: {certificate['pages']:,}",
            f"Figures of sources that are not public: printed {certificate['figures_printed']:,}, withheld "
            f"{certificate['figures_withheld']:,}",
            f"Statements: {certificate['statements']:,} (earlier releases: "
            f"{certificate['statements_of_earlier_releases']:,}, others' publications: "
            f"{certificate['statements_of_others']:,}, contradicted and not believed: "
            f"{certificate['statements_not_believed']:,})",
            f"SHA-256 of the statements: {certificate['statements_sha256']}",
            f"Withheld figures attacked: {certificate['figures_attacked']:,}",
            *attacks,
        ]
    )
