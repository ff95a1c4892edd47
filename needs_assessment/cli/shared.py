"""What several commands share: which evidence is read when none is named, and how a command stops."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

if TYPE_CHECKING:
    from needs_assessment.evidence import Evidence

PROJECT = Path(__file__).resolve().parents[2]
PUBLISHED, IMPORTED = "data/published", "data/private/imported"
EXIT_FAULTS = 1

evidence_option = click.option(
    "--evidence",
    "-e",
    "folders",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help=f"Folder of evidence tables; may be given more than once. [default: {PUBLISHED}, and {IMPORTED} once there]",
)


def read(folders: tuple[Path, ...]) -> Evidence:
    """The evidence of the folders, or of the default ones where none is named; faults stop the command."""
    from needs_assessment.evidence import EvidenceError, read_evidence

    chosen = folders or default_evidence()
    if not folders and len(chosen) > 1:
        click.echo(f"Evidence: {PUBLISHED} and {IMPORTED}", err=True)
    try:
        evidence = read_evidence(*chosen)
    except EvidenceError as error:
        stop(str(error), EXIT_FAULTS)
    _warn_of_access(chosen, evidence)
    return evidence


def _warn_of_access(folders: tuple[Path, ...], evidence: Evidence) -> None:
    from needs_assessment.evidence.folders import readable_by_others
    from needs_assessment.evidence.pseudonyms import keys_in

    for folder in readable_by_others(folders):
        click.echo(f"Others on this machine can read {folder}: close it with: chmod 700 {folder}", err=True)
    if len(keys_in(evidence.tables)) > 1:
        click.echo("The evidence was made pseudonymous with two keys: one child may be counted as two.", err=True)


def default_evidence() -> tuple[Path, ...]:
    """What ships with the project and, where there is one, the import."""
    imported = Path(IMPORTED)
    if not imported.is_dir():
        return (shipped(PUBLISHED),)
    return (shipped(PUBLISHED), imported)


def shipped(place: str | Path) -> Path:
    """A file of the project, from the folder where the command is run or else from where the project is installed."""
    here = Path(place)
    return here if here.exists() else PROJECT / place


def stop(message: str, code: int) -> NoReturn:
    """Ends the command with a message and an exit code."""
    click.echo(message, err=True)
    raise SystemExit(code)
