"""The command line: `needs-assessment` with report, import, template, assess, areas, validate and more."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from needs_assessment.cli.audit import audit
from needs_assessment.cli.documents import document_option
from needs_assessment.cli.foi import foi
from needs_assessment.cli.guard import guard
from needs_assessment.cli.ledger import ledger
from needs_assessment.cli.purge import purge
from needs_assessment.cli.shared import (
    EXIT_FAULTS,
    IMPORTED,
    PUBLISHED,
    default_evidence,
    evidence_option,
    read,
    shipped,
    stop,
)
from needs_assessment.publish.documents import AREA_REPORT, SHIPPED, Document
from needs_assessment.vocabulary import AreaType

if TYPE_CHECKING:
    import pandas as pd

    from needs_assessment.disclosure import Protected
    from needs_assessment.evidence import Evidence
    from needs_assessment.publish.batch import Outcome
    from needs_assessment.publish.website import Website
    from needs_assessment.release import Release

AUDITED = "data/private/audit"
EXIT_AREAS_FAILED, EXIT_LOCKED = 2, 75


class Suggesting(click.Group):
    """A group that suggests the nearest command for a misspelt one."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command of that name, or a usage error that names the nearest."""
        import difflib

        name = args[0]
        near = difflib.get_close_matches(name, self.commands, n=1)
        if name not in self.commands and near:
            ctx.fail(f"no command {name!r}; did you mean {near[0]!r}?")
        return super().resolve_command(ctx, args)


# Written out, so that --help needs none of the libraries that the rules' package does.
PROFILE_NAMES = ("dfe", "nhs", "opensafely", "opensafely-midpoint", "insider-safe")
SERIES_OPTIONS = (
    click.option(
        "--policy",
        "rule",
        type=click.Choice(PROFILE_NAMES),
        default="dfe",
        show_default=True,
        help="The rule of small counts for sources that are not public.",
    ),
    click.option(
        "--series",
        type=click.Path(path_type=Path, file_okay=False),
        help="Folder of the ledger of this series. Without it, reports with figures of sources that are not public are "
        "for internal use; start one with: needs-assessment ledger start",
    ),
    click.option(
        "--revision",
        is_flag=True,
        help="A declared revision run: figures that have changed by more than the rule withholds are printed anew.",
    ),
    click.option(
        "--known",
        type=click.Path(path_type=Path, dir_okay=False),
        help="CSV of what others have published of the same figures, which a reader can put beside the reports.",
    ),
)


def series_options(command: Callable[..., None]) -> Callable[..., None]:
    """The command with the options that say by which rule, and beside what else, figures are published."""
    for option in reversed(SERIES_OPTIONS):
        command = option(command)
    return command


@click.group(cls=Suggesting, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="needs-assessment")
def main() -> None:
    """Needs assessments for children at risk of exploitation, for each local authority.

    \b
    Examples:
      needs-assessment report --all
      needs-assessment report herefordshire "Telford & Wrekin" E06000015
      needs-assessment validate --evidence data/private
    """


@main.command()
@click.argument("areas", nargs=-1)
@click.option("--all", "every", is_flag=True, help="Reports for every local authority of the evidence.")
@evidence_option
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("reports"),
    show_default=True,
    help="Folder of the site.",
)
@document_option
@click.option(
    "--notebook",
    type=click.Path(path_type=Path),
    help="A notebook of your own to run for each area as its area report; no other document is made.",
)
@click.option(
    "-p",
    "--parameter",
    "parameters",
    multiple=True,
    metavar="NAME=VALUE",
    help="A parameter of a notebook beside area and release, given to each that has it.",
)
@click.option("--organisation", default="", help="Who publishes the reports; stands in the header of each page.")
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=None,
    help="Reports made at the same time. [default: one for each core]",
)
@series_options
@click.option(
    "--private",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(AUDITED),
    show_default=True,
    help="Folder for what the audit could find of each withheld figure, where there is any. Never publish it.",
)
def report(
    areas: tuple[str, ...],
    every: bool,
    folders: tuple[Path, ...],
    out: Path,
    names: tuple[str, ...],
    notebook: Path | None,
    parameters: tuple[str, ...],
    organisation: str,
    workers: int | None,
    rule: str,
    series: Path | None,
    revision: bool,
    known: Path | None,
    private: Path,
) -> None:
    """Make the reports of AREAS (names or codes of local authorities, as people write them) and the index.

    An area has several documents: its needs assessment (area_report), its problem profile, and, where the evidence has
    them of it, a pack for the panel that hears of risk levels, and its services and what they cover. The police force
    areas that AREAS lie in have a quarterly overview and a freedom of information response, each made once.

    \b
    Examples:
      needs-assessment report --all
      needs-assessment report herefordshire
      needs-assessment report herefordshire --document area_report --document panel_pack
      needs-assessment report derby derbyshire --out reports/board --organisation "Derbyshire OPCC"
      needs-assessment report --all -e data/published -e data/synthetic --out reports/synthetic
      needs-assessment report --all -e data/published -e data/private --series series --out reports/published
    """
    from needs_assessment.area_view import reportable, with_forces
    from needs_assessment.geography import local_authorities
    from needs_assessment.publish.checks import Private
    from needs_assessment.publish.website import Website

    _refuse_contradictions(areas, every, names, notebook)
    evidence = read(folders)
    places = local_authorities(evidence["areas"])
    if places.empty:
        stop("the evidence names no local authority that is in use", EXIT_FAULTS)
    asked = [] if every else _resolve(areas, places)
    only = (AREA_REPORT.name,) if notebook else names
    site = Website(out, _documents(notebook), organisation, _parameters(parameters), series, known, only=only)
    _check_notebooks(site)
    click.echo("Assessing every area of the evidence …")
    release, protected = _assessed(evidence, rule, series, revision, known)
    if protected.statements:
        site = replace(site, private=Private(protected.hidden_counts, protected.small, private))
    codes = asked or reportable(release)
    if every and len(codes) < len(places):
        click.echo(
            f"{len(places) - len(codes)} authorities of which the evidence has no more than the name have no report."
        )
    outcomes = _publish_with_progress(site, release, codes, workers or os.cpu_count() or 1)
    _tell(outcomes, site, {view.area_code: view.full_name for view in with_forces(release, codes)})


def _refuse_contradictions(areas: tuple[str, ...], every: bool, names: tuple[str, ...], notebook: Path | None) -> None:
    if every == bool(areas):
        raise click.UsageError("say which areas, or --all; see them with: needs-assessment areas")
    if notebook and names:
        raise click.UsageError("with --notebook no other document than the area report is made: leave out --document")


def _number(count: int, what: str) -> str:
    return f"{count} {what}{'s' * (count != 1)}"


def _of_places(pages: Iterable[tuple[str, Document]]) -> str:
    """How many areas and police force areas these documents are of, by the codes beside them."""
    codes = {code: document.of for code, document in pages}
    forces = sum(of is AreaType.POLICE_FORCE_AREA for of in codes.values())
    of_areas = [_number(len(codes) - forces, "area")] if forces < len(codes) or not codes else []
    return " and ".join([*of_areas, *([_number(forces, "police force area")] if forces else [])])


def _publish_with_progress(site: Website, release: Release, codes: list[str], workers: int) -> list[Outcome]:
    from tqdm import tqdm

    from needs_assessment.disclosure import LedgerError
    from needs_assessment.publish.batch import LockedError
    from needs_assessment.publish.lint import PublishError
    from needs_assessment.publish.website import publish, wanted
    from needs_assessment.release import ReleaseError

    asked = wanted(site, release, codes)
    pages = len(asked)
    click.echo(
        f"Making {_number(pages, 'report')} of {_of_places(asked)}: the first takes longest, while the kernels start."
    )
    with tqdm(total=pages, desc="Reports", unit="report", file=sys.stderr) as progress:
        try:
            return publish(site, release, codes, workers=min(workers, pages), tell=lambda _: progress.update())
        except LockedError as error:
            progress.close()
            stop(str(error), EXIT_LOCKED)
        except PublishError as error:
            progress.close()
            stop(str(error), EXIT_AREAS_FAILED)
        except (LedgerError, ReleaseError) as error:
            progress.close()
            stop(str(error), EXIT_FAULTS)


def _tell(outcomes: Sequence[Outcome], site: Website, names: dict[str, str]) -> None:
    from needs_assessment.publish.website import AUDIT

    failed = [outcome for outcome in outcomes if not outcome.page]
    documents = {document.name: document for document in site.documents}
    for outcome in failed:
        title = documents[outcome.document].title.lower()
        click.echo(f"No {title} for {names[outcome.area_code]}: {outcome.reason}", err=True)
    places = _of_places((outcome.area_code, documents[outcome.document]) for outcome in outcomes)
    click.echo(
        f"{len(outcomes) - len(failed)} of {len(outcomes)} reports of {places} are in {site.folder}; open "
        f"{site.folder / 'index.html'}"
    )
    if (site.folder / AUDIT).is_file():
        certificate = json.loads((site.folder / AUDIT).read_text(encoding="utf-8"))
        click.echo(f"An independent audit read {certificate['files']:,} files back and found nothing exposed.")
    if failed:
        raise SystemExit(EXIT_AREAS_FAILED)


@main.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True), metavar="FILE...")
@click.option(
    "--to",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(IMPORTED),
    show_default=True,
    help="Folder of the evidence tables; it is made anew.",
)
@click.option(
    "--areas",
    "known",
    type=click.Path(path_type=Path, file_okay=False),
    help=f"Folder of evidence whose areas the files may name. [default: {PUBLISHED}, and {IMPORTED} once there]",
)
def import_(files: tuple[Path, ...], to: Path, known: Path | None) -> None:
    """Turn FILES, as their publishers lay them out, into evidence tables.

    A file is recognised by what it holds, never by its name; folders are searched. Every change that reading makes
    is counted in IMPORT.md beside the tables. Official statistics, boundaries, lookups, a children in need census
    and filled templates are read: see docs/importing.md.

    \b
    Examples:
      needs-assessment import downloads/c3_factors.csv downloads/mid_year_estimates.csv
      needs-assessment import downloads/ && needs-assessment report --all
      needs-assessment import returns.xlsx --to data/private/returns
    """
    from needs_assessment.evidence import EvidenceError, read_evidence
    from needs_assessment.sources import REPORT_FILE, import_files

    # An import that is made anew does not lean on its older self.
    folders = (known,) if known else tuple(folder for folder in default_evidence() if folder != to)
    try:
        known_areas = read_evidence(*folders, required=("areas",))["areas"]
        made = import_files(files, to, known_areas=known_areas, tell=click.echo)
    except (EvidenceError, FileExistsError) as error:
        stop(str(error), EXIT_FAULTS)
    except OSError as error:
        stop(f"{to} cannot be written ({type(error).__name__})", EXIT_FAULTS)
    for name, table in made.tables.items():
        click.echo(f"{name:<18}{len(table):>8,} rows")
    click.echo(f"Written to {to}; what was done to each file is in {to / REPORT_FILE}")


@main.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def template(file: Path) -> None:
    """Write an Excel workbook for returns: a sheet for each table, with headings, lists and what each column means.

    \b
    Example:
      needs-assessment template returns.xlsx
    """
    from needs_assessment.sources.template import write_template

    try:
        write_template(file)
    except FileExistsError:
        stop(f"{file} is there already and is left as it is: name a new file", EXIT_FAULTS)
    except OSError as error:
        stop(f"{file} cannot be written ({type(error).__name__})", EXIT_FAULTS)
    click.echo(f"Written to {file}; fill it, then: needs-assessment import {file} --to data/private/returns")


@main.command()
@evidence_option
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("reports/release"),
    show_default=True,
    help="Folder of the release.",
)
@series_options
def assess(
    folders: tuple[Path, ...], out: Path, rule: str, series: Path | None, revision: bool, known: Path | None
) -> None:
    """Make a release from evidence, without any report: the safe tables that notebooks read.

    It is neither audited nor entered in a ledger: for work inside the partnership.

    \b
    Example:
      needs-assessment assess && jupyter lab notebooks/
    """
    from needs_assessment.release import ReleaseError

    release, _ = _assessed(read(folders), rule, series, revision, known)
    try:
        release.write(out)
    except ReleaseError as error:
        stop(str(error), EXIT_FAULTS)
    click.echo(f"{len(release.tables)} tables are in {out}")


@main.command()
@evidence_option
def areas(folders: tuple[Path, ...]) -> None:
    """List the local authorities of the evidence: code, name, police force area.

    \b
    Example:
      needs-assessment areas --evidence data/private
    """
    from needs_assessment.geography import local_authorities

    places = local_authorities(read(folders)["areas"]).fillna({"police_force_area_name": "not stated"})
    for area in places.itertuples():
        click.echo(f"{area.area_code}  {area.area_name:<32}{area.police_force_area_name}")


@main.command()
@evidence_option
def validate(folders: tuple[Path, ...]) -> None:
    """Check evidence against its contracts; every fault is listed at once, and no cell is printed.

    \b
    Examples:
      needs-assessment validate
      needs-assessment validate -e data/published -e data/private
    """
    from needs_assessment.evidence import children_in

    evidence = read(folders)
    for name, table in evidence.tables.items():
        click.echo(f"{name:<18}{len(table):>8,} rows" if len(table) else f"{name:<18} not supplied")
    click.echo("No fault was found.")
    if children_in(evidence):
        click.echo("It holds records of single children: keep it in data/private, unless they are synthetic.")


@main.command()
@evidence_option
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("data/synthetic"),
    show_default=True,
    help="Folder to write.",
)
@click.option("--seed", type=int, default=20250331, show_default=True, help="The same seed gives the same records.")
def synthesise(folders: tuple[Path, ...], out: Path, seed: int) -> None:
    """Make up case-level records for trying the system: referrals, risk reviews, offences. No record is of a real
    child.

    \b Example: needs-assessment synthesise --seed 7 --out data/private/trial
    """
    from needs_assessment.synthetic import calibration_targets, write_synthetic
    from needs_assessment.synthetic import synthesise as make_up

    evidence = read(folders)
    tables = make_up(calibration_targets(evidence["observations"], evidence["areas"]), seed=seed)
    try:
        write_synthetic(tables, out)
    except FileExistsError as error:
        stop(str(error), EXIT_FAULTS)
    for name, table in tables.items():
        click.echo(f"{name:<18}{len(table):>8,} rows, all made up")
    click.echo(f"Written to {out}")


@main.command()
def dictionary() -> None:
    """Print the data dictionary: every evidence table and column, from the contracts themselves.

    \b
    Example:
      needs-assessment dictionary > docs/data_dictionary.md
    """
    from needs_assessment.evidence.dictionary import data_dictionary

    click.echo(data_dictionary(), nl=False)


def _assessed(
    evidence: Evidence,
    rule: str,
    series: Path | None,
    revision: bool,
    known: Path | None,
) -> tuple[Release, Protected]:
    """The release of the evidence, as the next of its series where one is named, and what the gate did; it is told."""
    from needs_assessment.assessment import assess
    from needs_assessment.disclosure import (
        PROFILES,
        DisclosureError,
        History,
        KnownError,
        Ledger,
        LedgerError,
        read_known,
    )

    if revision and not series:
        raise click.UsageError("a revision run revises what a series has printed: name its folder with --series")
    heard: list[Protected] = []
    try:
        history = History(Ledger.open(series) if series else None, revision, read_known(known) if known else ())
        release = assess(evidence, policy=PROFILES[rule], history=history, tell=heard.append)
    except (DisclosureError, LedgerError, KnownError) as error:
        stop(str(error), EXIT_FAULTS)
    _tell_protection(heard[0])
    return release, heard[0]


def _tell_protection(protected: Protected) -> None:
    figures = len(protected.statements)
    if figures:
        click.echo(f"{protected.withheld:,} of {figures:,} figures of sources that are not public are withheld.")
    for choice in protected.coarser:
        click.echo(f"  Without the detail of {choice.dimension} it would be {choice.hidden:,} of {choice.cells:,}.")
    if protected.waiting:
        click.echo(
            f"{len(protected.waiting):,} figures have changed since they were printed and keep their first value; "
            "--revision prints anew those that changed by more than the rule withholds."
        )
    if protected.alone:
        click.echo(f"{len(protected.alone):,} figures contradict those that they are the sum or a part of:")
    for key in sorted(protected.alone):
        click.echo(f"  {key}")
    if protected.unprotected:
        click.echo("Withheld figures that what others or earlier releases published gives away, whatever is withheld:")
    for key in protected.unprotected:
        click.echo(f"  {key}")


def _resolve(asked: tuple[str, ...], places: pd.DataFrame) -> list[str]:
    from needs_assessment.geography import UnknownAreaError, resolve_areas

    try:
        return resolve_areas(asked, places)
    except UnknownAreaError as error:
        stop(str(error), EXIT_FAULTS)


def _documents(notebook: Path | None) -> list[Document]:
    """The project's documents, with a notebook of one's own as the area report where there is one."""
    documents = [replace(document, notebook=shipped(document.notebook)) for document in SHIPPED]
    return [replace(documents[0], notebook=notebook), *documents[1:]] if notebook else documents


def _check_notebooks(site: Website) -> None:
    from needs_assessment.publish.notebooks import NotebookError

    try:
        site.check()
    except NotebookError as error:
        stop(str(error), EXIT_FAULTS)


def _parameters(pairs: tuple[str, ...]) -> dict[str, str]:
    broken = [pair for pair in pairs if "=" not in pair]
    if broken:
        raise click.BadParameter(f"expected NAME=VALUE, got: {', '.join(broken)}", param_hint="--parameter")
    parameters = dict(pair.split("=", 1) for pair in pairs)
    taken = sorted(parameters.keys() & {"area", "release"})
    if taken:
        raise click.BadParameter(f"this command itself sets {' and '.join(taken)}", param_hint="--parameter")
    return parameters


main.add_command(audit)
main.add_command(foi)
main.add_command(guard)
main.add_command(ledger)
main.add_command(purge)
