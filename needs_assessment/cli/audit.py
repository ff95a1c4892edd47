"""The command that audits a folder before it is published."""

from __future__ import annotations

import sys
from pathlib import Path

import click

EXIT_FINDINGS = 1
FOLDER = click.Path(path_type=Path, file_okay=False, exists=True)


@click.command()
@click.argument("folder", type=FOLDER)
@click.option("--series", type=FOLDER, help="Folder of the series' ledger: release-0001.json and so on.")
@click.option(
    "--known",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="CSV file of what others published: table, identity, the columns of that table's key, low, high, said_by.",
)
@click.option(
    "--private",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the interval of each withheld figure here. Never publish this file.",
)
@click.option(
    "--small",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="Private text file with the key of each count that is withheld for being small, a line each. [default: any "
    "withheld figure may be small]",
)
@click.option("--insiders", is_flag=True, help="Attack also with the own figures of each authority.")
def audit(
    folder: Path, series: Path | None, known: Path | None, private: Path | None, small: Path | None, insiders: bool
) -> None:
    """Audit everything in FOLDER as a reader could: no withheld count may be worked out from it.

    Every file is read back: pages with their tables, texts, downloads and drawings, CSV, JSON, workbooks, pictures.
    What is found is listed by file, place, rule and figure, never by a count. The exit code is 0 where nothing is
    exposed and nothing is unexplained, else 1.

    \b
    Examples:
      needs-assessment audit reports
      needs-assessment audit reports --series data/private/series/derbyshire --known external_known.csv
      needs-assessment audit reports --insiders --private data/private/intervals.csv
    """
    from tqdm import tqdm

    from needs_assessment.disclosure.audit.folder import audit_folder
    from needs_assessment.disclosure.audit.report import listing, summary, write_private

    if private is not None and private.resolve().is_relative_to(folder.resolve()):
        raise click.BadParameter("the intervals would stand in the folder that is published", param_hint="--private")
    with tqdm(total=100, file=sys.stderr, disable=None, bar_format="{desc}: {percentage:3.0f}%|{bar}|") as progress:

        def tell(what: str, share: float) -> None:
            progress.set_description(what, refresh=False)
            progress.n = round(100 * share)
            progress.refresh()

        found = audit_folder(folder, series=series, known=known, insiders=insiders, tell=tell)
    if small is not None:
        found = found.given_small(small.read_text(encoding="utf-8").splitlines())
    click.echo(summary(found.certificate))
    if private is not None:
        click.echo(f"Intervals (private) are in {write_private(found.intervals, private)}")
    if not found.passed:
        click.echo(f"Not to be published. Findings:\n{listing(found.findings)}")
        raise SystemExit(EXIT_FINDINGS)
