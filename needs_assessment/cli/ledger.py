"""The commands of a series' ledger: `start`, `show` and `import`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from needs_assessment.disclosure.ledger import Ledger
    from needs_assessment.disclosure.policies import Policy

_folder = click.Path(path_type=Path, file_okay=False)


@click.group()
def ledger() -> None:
    """Keep the ledger of a series: what each release printed and hid, which the next must keep to.

    \b
    Examples:
      needs-assessment ledger start series/quarterly --series "Quarterly reports"
      needs-assessment ledger show series/quarterly
      needs-assessment ledger import archive/2025-06 --series series/quarterly --made-on 2025-06-30
    """


@ledger.command()
@click.argument("folder", type=_folder)
@click.option("--series", required=True, metavar="NAME", help="What the series is called, such as Quarterly reports.")
def start(folder: Path, series: str) -> None:
    """Start the ledger of a new series in FOLDER. Keep the folder, and back it up: without it nothing can be published.

    \b
    Example:
      needs-assessment ledger start series/quarterly --series "Quarterly reports"
    """
    from needs_assessment.disclosure.ledger import Ledger

    with _told():
        Ledger.start(folder, series)
    click.echo(f"The ledger of {series!r} is in {folder}. Import what was published of it before, oldest first.")


@ledger.command()
@click.argument("folder", type=_folder)
def show(folder: Path) -> None:
    """Check the ledger in FOLDER and list its releases: day, kind, figures printed and hidden, result of the audit.

    \b
    Example:
      needs-assessment ledger show series/quarterly
    """
    from needs_assessment.disclosure.cells import Status
    from needs_assessment.disclosure.ledger import Ledger

    with _told():
        found = Ledger.open(folder)
    for release in found.releases:
        printed, hidden = (release.number_of(status) for status in (Status.PRINTED, Status.HIDDEN))
        figures = f"{printed:>8,} printed{hidden:>8,} hidden"
        result = release.certificate.get("result", "no result stated")
        click.echo(f"{release.number:>4}  {release.made_on}  {release.kind:<10}{figures}  {result}")
    click.echo(_standing(found))


def _standing(found: Ledger) -> str:
    from needs_assessment.disclosure.cells import Status

    printed = sum(lock.status is Status.PRINTED for lock in found.locks.values())
    return (
        f"{found.series}: {len(found.releases)} releases, no file missing or altered. In force: {printed:,} figures "
        f"printed, {len(found.locks) - printed:,} hidden, {len(found.superseded):,} replaced by revisions."
    )


@ledger.command("import")
@click.argument("archive", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.option("--series", "folder", required=True, type=_folder, metavar="FOLDER", help="Folder of the ledger.")
@click.option(
    "--made-on",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Day on which the archived release was made. [default: today]",
)
@click.option("--policy", "rule", metavar="NAME", help="Its rule. [default: that of the last release, else dfe]")
@click.option("--revision", is_flag=True, help="It was a declared revision run: its values replace earlier ones.")
def import_(archive: Path, folder: Path, made_on: datetime | None, rule: str | None, revision: bool) -> None:
    """Add what ARCHIVE, a published folder that readers have, printed and hid. Import the oldest first.

    Refused where it contradicts the ledger; the figures are named, never their values.

    \b
    Examples:
      needs-assessment ledger import archive/2025-06 --series series/quarterly --made-on 2025-06-30
      needs-assessment ledger import archive/2025-09 --series series/quarterly --policy nhs --revision
    """
    from needs_assessment.disclosure.ledger import Ledger

    with _told():
        found = Ledger.open(folder)
        rows = _published(archive)
        path = found.adopt(
            rows,
            policy=_policy(rule, found),
            made_on=made_on.date() if made_on else date.today(),
            certificate={"result": "imported, not audited"},
            revision=revision,
        )
    click.echo(f"{len(rows):,} figures of {archive.name} are in {path}")


def _published(archive: Path) -> list[tuple[str, int, int | None, str]]:
    from needs_assessment.disclosure.audit.folder import published_statements

    rows = published_statements(archive)
    if not rows:
        raise click.ClickException(f"{archive} shows no figure of a source that is not public: nothing is imported")
    return rows


def _policy(name: str | None, found: Ledger) -> Policy:
    from needs_assessment.disclosure.policies import PROFILES

    if name is None:
        return found.policy or PROFILES["dfe"]
    if name not in PROFILES:
        raise click.BadParameter(f"no rule {name!r}; there are: {', '.join(PROFILES)}", param_hint="--policy")
    return PROFILES[name]


@contextmanager
def _told() -> Iterator[None]:
    """Turns what the ledger refuses into a message and exit code 1."""
    from needs_assessment.disclosure.ledger import LedgerError

    try:
        yield
    except LedgerError as error:
        raise click.ClickException(str(error)) from None
