"""`needs-assessment purge`: deletes returns that have been kept for long enough."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import click

PRIVATE = Path("data/private")
KEPT = ("README.md", ".gitignore")
SECONDS_IN_A_DAY = 86_400
EXIT_REFUSED = 1


@dataclass(frozen=True)
class Kept:
    """A return or a file that is kept. `changed` is when the newest file in it was last changed; `size` is in bytes."""

    path: Path
    changed: float
    size: int
    holds: str

    def line(self, now: float) -> str:
        """What is told of it: where it is, its age, its size and the names of its tables, and no content."""
        days = int((now - self.changed) // SECONDS_IN_A_DAY)
        return f"{days:>6,} days  {self.size / 1_000_000:>8.1f} MB  {self.path}  ({self.holds})"


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), default=PRIVATE)
@click.option(
    "--older-than", "days", type=click.IntRange(0), required=True, metavar="DAYS", help="Keep what is younger."
)
@click.option("--yes", is_flag=True, help="Delete without asking, as a timetable does.")
def purge(folder: Path, days: int, yes: bool) -> None:
    """Delete the returns in FOLDER (data/private unless named) that have not been changed for more than DAYS days.

    A return goes as a whole, once its newest file is old enough. It is listed first, by age, size and names of tables,
    and nothing is deleted before you have said so: by answering, or by --yes where nobody is there to answer. Links are
    removed and never followed; README.md and .gitignore stay. A FOLDER elsewhere is deleted only with --yes, and only
    where it is plainly evidence that is not public. Deleted files may still be in backups and on the disk itself.

    \b
    Examples:
      needs-assessment purge --older-than 365
      needs-assessment purge "data/private/2025 quarter 1" --older-than 90
      needs-assessment purge --older-than 365 --yes
    """
    _refuse_other_folders(folder, yes)
    now = time.time()
    old = [one for one in map(_look_at, _returns_in(folder)) if now - one.changed > days * SECONDS_IN_A_DAY]
    if not old:
        click.echo(f"Nothing in {folder} is older than {days:,} days.")
        return
    click.echo(f"Older than {days:,} days:")
    for one in old:
        click.echo(one.line(now))
    if not yes and not _at_a_terminal():
        click.echo("Nothing was deleted: nobody is there to ask. Add --yes to delete.")
    elif yes or click.confirm(f"Delete {'it' if len(old) == 1 else f'all {len(old)}'} for good?", err=True):
        _delete(old)
    else:
        _stop("Nothing was deleted.")


def _at_a_terminal() -> bool:
    return sys.stdin.isatty()


def _delete(old: list[Kept]) -> None:
    failed = [one.path for one in old if not _is_deleted(one.path)]
    for path in failed:
        click.echo(f"{path} could not be deleted whole", err=True)
    click.echo(f"{len(old) - len(failed)} of {len(old)} deleted. Backups keep their own time.")
    if failed:
        raise SystemExit(EXIT_REFUSED)


def _is_deleted(path: Path) -> bool:
    try:
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    except OSError:
        return False
    return True


def _returns_in(folder: Path) -> list[Path]:
    """Each return of the folder for all returns; of another folder, itself, for half a return is none."""
    if not _is_for_returns(folder):
        return [folder]
    return sorted(path for path in folder.iterdir() if path.name not in KEPT)


def _look_at(path: Path) -> Kept:
    """What there is of a return. The age of an empty folder is its own."""
    everything = [path, *_within(path)]
    details = [(one, one.lstat()) for one in everything]
    files = [(one, about) for one, about in details if one.is_symlink() or not one.is_dir()] or details
    return Kept(
        path,
        max(about.st_mtime for _, about in files),
        sum(about.st_size for _, about in files),
        _contents_of([one for one, _ in files]),
    )


def _within(path: Path) -> Iterator[Path]:
    if path.is_dir() and not path.is_symlink():
        for one in path.iterdir():
            yield one
            yield from _within(one)


def _contents_of(files: list[Path]) -> str:
    """The names of the tables among the files, and how many other files there are."""
    from needs_assessment.evidence import CONTRACTS

    tables = [name for name in CONTRACTS if any(file.stem == name for file in files)]
    others = sum(file.stem not in CONTRACTS for file in files)
    told = [", ".join(tables), f"{others} other file{'s' * (others != 1)}" if others else ""]
    return " and ".join(filter(None, told))


# Where it may delete


def _refuse_other_folders(folder: Path, yes: bool) -> None:
    if not folder.exists() and not folder.is_symlink():
        _stop(f"{folder} is not there")
    # Where it really is, without ".." and links on the way; a link itself is not followed.
    real = folder.parent.resolve() / folder.name if folder.is_symlink() else folder.resolve()
    if real.name in KEPT and _is_for_returns(real.parent):
        _stop(f"{folder} belongs to the project and stays")
    if any(map(_is_for_returns, (folder, *real.parents))):
        return
    if not _is_plainly_private(folder):
        _stop(
            f"{folder} is outside {PRIVATE} and not plainly a folder of private evidence (its table of sources names "
            "one that is neither public nor synthetic, and it holds evidence tables alone): delete it yourself"
        )
    if not yes:
        _stop(f"{folder} is outside {PRIVATE}: add --yes to delete it all the same")


def _is_for_returns(folder: Path) -> bool:
    """Whether it is the project's folder for returns, which may itself be a link to a disk that is encrypted."""
    return folder.exists() and PRIVATE.exists() and folder.resolve() == PRIVATE.resolve()


def _is_plainly_private(folder: Path) -> bool:
    from needs_assessment.evidence import CONTRACTS
    from needs_assessment.evidence.folders import is_private, tables_in
    from needs_assessment.sources import REPORT_FILE

    if folder.is_symlink() or not folder.is_dir() or "sources" not in tables_in(folder):
        return False
    files = list(_within(folder))
    return is_private(folder) and all(one.stem in CONTRACTS or one.name == REPORT_FILE for one in files)


def _stop(message: str) -> NoReturn:
    click.echo(message, err=True)
    raise SystemExit(EXIT_REFUSED)
