"""`needs-assessment guard`: stops a commit that would store a record of a child."""

from __future__ import annotations

from pathlib import Path

import click

from needs_assessment.guard import (
    Finding,
    NoCheckoutError,
    file_content,
    findings,
    findings_in_folder,
    findings_staged,
)

EXIT_FOUND, EXIT_NO_CHECKOUT = 1, 2


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--staged", is_flag=True, help="Only what the next commit adds or changes, as it is staged.")
def guard(files: tuple[Path, ...], staged: bool) -> None:
    """Look for what must not be stored with the project: data outside its folders, records of children, numbers of
    people with a right check digit, results in notebooks, files that are too large.

    Without FILES, looks at everything that git has or would add. Names file, line and rule, and never what it found.
    Exit code 0 where nothing was found, 1 where something was, 2 where there is no git checkout to look at.

    \b
    Examples:
      needs-assessment guard
      needs-assessment guard --staged
      needs-assessment guard notebooks/trial.ipynb data/published/seeds/services.csv
    """
    if files and staged:
        raise click.UsageError("name files, or say --staged")
    try:
        found = _of_files(files) if files else findings_staged(Path()) if staged else findings_in_folder(Path())
    except NoCheckoutError as error:
        click.echo(f"{error}: nothing can be committed from here", err=True)
        raise SystemExit(EXIT_NO_CHECKOUT) from error
    _tell(found)


def _of_files(files: tuple[Path, ...]) -> list[Finding]:
    """Files are named from the folder where the command is run, which is the project's."""
    here = Path().absolute()
    whole = {path: path.absolute() for path in files}
    names = {
        (one.relative_to(here) if one.is_relative_to(here) else path).as_posix(): path for path, one in whole.items()
    }
    return findings(names, lambda name: file_content(names[name]))


def _tell(found: list[Finding]) -> None:
    for finding in found:
        click.echo(str(finding), err=True)
    if found:
        files = len({finding.file for finding in found})
        click.echo(
            f"{len(found)} finding{'s' * (len(found) != 1)} in {files} file{'s' * (files != 1)}: "
            "take it out before it is committed. What has been committed stays in the history: see "
            "docs/data_protection.md",
            err=True,
        )
        raise SystemExit(EXIT_FOUND)
    click.echo("Nothing was found that must not be stored.")
