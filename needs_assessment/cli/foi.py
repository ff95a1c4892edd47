"""`needs-assessment foi`: the answer to a freedom-of-information request, as text for a letter."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from needs_assessment.cli.shared import EXIT_FAULTS, evidence_option, read, stop

if TYPE_CHECKING:
    from needs_assessment.area_view import AreaView
    from needs_assessment.release import Release

BETWEEN = "\n---\n\n"
"""What stands between the answers of two police force areas."""


def _day(context: click.Context, parameter: click.Parameter, words: str) -> str:
    """The words, once they are known to be a day that has come: before anything is read."""
    from needs_assessment.area_view.answer import day_that_has_come

    try:
        day_that_has_come(words)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None
    return words


@click.command()
@click.argument("forces", nargs=-1, metavar="[FORCE]...")
@click.option(
    "--on",
    required=True,
    callback=_day,
    metavar="DATE",
    help="The last day asked about, such as 2023-04-26: often the day of the answer.",
)
@click.option(
    "--months", type=click.IntRange(1, 600), default=12, show_default=True, help="Months asked about, up to that day."
)
@click.option("--by-financial-year", is_flag=True, help="Also answer for each financial year (1 April to 31 March).")
@click.option(
    "--release",
    type=click.Path(path_type=Path, file_okay=False),
    help="Answer from a release that is there, instead of assessing evidence.",
)
@evidence_option
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="A new file for the answer. [default: shown here]"
)
def foi(
    forces: tuple[str, ...],
    on: str,
    months: int,
    by_financial_year: bool,
    release: Path | None,
    folders: tuple[Path, ...],
    out: Path | None,
) -> None:
    """Answer which services for exploited children were paid for in a police force area up to a day.

    FORCE is the name or code of a police force area; without one, all are answered for that the evidence places any
    service in. The answer is text (Markdown) for a letter, from public sources only: numbers first, then each service,
    what could not be determined and what to be warned of. Check it against your own records before it is sent.

    \b
    Examples:
      needs-assessment foi --on 2023-04-26
      needs-assessment foi --on 2023-04-26 "West Mercia" --out response.md
      needs-assessment foi --on 2022-03-31 derbyshire --months 36 --by-financial-year
      needs-assessment foi --on 2023-04-26 --release reports/release
    """
    from needs_assessment.narrative.foi import letter

    if release and folders:
        raise click.UsageError("name a release or evidence, not both")
    views = _views(_opened(release) if release else _assessed(folders), forces)
    answers = (letter(view, view.asked(on, months, by_financial_year=by_financial_year)) for view in views)
    _give(BETWEEN.join(answers), out)


def _opened(folder: Path) -> Release:
    from needs_assessment.release import Release, ReleaseError

    try:
        return Release.read(folder)
    except ReleaseError as error:
        stop(str(error), EXIT_FAULTS)


def _assessed(folders: tuple[Path, ...]) -> Release:
    from needs_assessment.assessment import assess
    from needs_assessment.disclosure import DisclosureError

    try:
        return assess(read(folders))
    except DisclosureError as error:
        stop(str(error), EXIT_FAULTS)


def _views(release: Release, forces: tuple[str, ...]) -> list[AreaView]:
    """The police force areas that are named; else those that a source places a service in."""
    from needs_assessment.area_view import AreaView
    from needs_assessment.geography import UnknownAreaError, police_force_areas, resolve_areas

    areas = police_force_areas(release["areas"])
    try:
        codes = resolve_areas(forces, areas) if forces else areas["area_code"].to_list()
    except UnknownAreaError as error:
        stop(f"{error}\nFORCE is a police force area", EXIT_FAULTS)
    views = [AreaView(release, code) for code in codes]
    told = views if forces else [view for view in views if view.described_to()]
    return told or stop("the evidence places no service in any police force area", EXIT_FAULTS)


def _give(answer: str, out: Path | None) -> None:
    if out is None:
        click.echo(answer, nl=False)
        return
    try:
        with out.open("x", encoding="utf-8") as file:
            file.write(answer)
    except FileExistsError:
        stop(f"{out} is there already and is left as it is: name a new file", EXIT_FAULTS)
    except OSError as error:
        stop(f"{out} cannot be written ({type(error).__name__})", EXIT_FAULTS)
    click.echo(f"The answer is in {out}", err=True)
