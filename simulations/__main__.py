"""Runs the simulations and prints, or writes to docs/, how often each claim of a method came true."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click
import pandas as pd

from simulations.running import module_names, simulated
from simulations.study import Outcome

SEED = 20251122
"""The seed of the committed tables."""

DOCS = Path(__file__).resolve().parents[1] / "docs"

INTRODUCTION = """# Simulations

How often each claim of a method came true on made-up counts whose truth is known, at sample sizes as small as those of
the reports. The tables are made by `make simulate` with the seed {seed}, and are also in `simulations.csv`.

{summary}

A claim counts as outside where its share is beyond what is claimed by more than three standard errors of the simulation
and by more than half a percentage point. Where that is so, the method's page says what follows. After each share stands
what the simulation leaves uncertain: 1.96 standard errors.
"""

EXAMPLES = """\b
Examples:
  python -m simulations                    every study, as a table
  python -m simulations rates charts       the studies of two methods
  python -m simulations --write            every study, into docs/simulations.csv and docs/simulations.md
"""


@click.command(help=__doc__, epilog=EXAMPLES)
@click.argument("names", nargs=-1)
@click.option("--write", is_flag=True, help="Write docs/simulations.csv and docs/simulations.md; runs every study.")
@click.option("--seed", default=SEED, show_default=True, help="The seed of every study's random numbers.")
def main(names: tuple[str, ...], write: bool, seed: int) -> None:
    """Simulates the studies of the modules that are named, or of all."""
    known = module_names()
    refuse_options(names, known, write and seed != SEED, write and bool(names))
    click.echo(f"Seed {seed}")
    table = as_table(simulated(names or known, seed))
    if write:
        write_documents(table, DOCS, seed)
    click.echo(table.to_string(index=False, float_format="{:.4f}".format))
    click.echo(summary(table))


def refuse_options(names: Sequence[str], known: Sequence[str], other_seed: bool, some_only: bool) -> None:
    """None where the options can be followed.

    Raises click.UsageError that lists every fault.
    """
    unknown = [name for name in names if name not in known]
    faults = [
        (bool(unknown), f"no studies named {', '.join(unknown)}; there are: {', '.join(known)}"),
        (other_seed, f"--write keeps the seed {SEED}, so that the committed tables can be made again"),
        (some_only, "--write runs every study: leave the names out"),
    ]
    if any(broken for broken, _ in faults):
        raise click.UsageError("; ".join(words for broken, words in faults if broken))


def as_table(outcomes: Sequence[Outcome]) -> pd.DataFrame:
    """The outcomes, one row each, shares rounded to five decimals."""
    return pd.DataFrame(outcomes, columns=list(Outcome._fields)).round({"share": 5, "standard_error": 5})


def summary(table: pd.DataFrame) -> str:
    """A sentence: how many claims were tried and how many are outside."""
    return f"Of {len(table)} claims tried, {int((~table['within']).sum())} are outside."


def write_documents(table: pd.DataFrame, folder: Path, seed: int) -> None:
    """None; writes simulations.csv and simulations.md into the folder."""
    table.to_csv(folder / "simulations.csv", index=False, lineterminator="\n")
    (folder / "simulations.md").write_text(as_page(table, seed), encoding="utf-8", newline="\n")


def as_page(table: pd.DataFrame, seed: int) -> str:
    """The outcomes as a page of Markdown: a heading and a table for each method."""
    by_method = table.groupby("method", sort=False)
    sections = [f"## {method}\n\n{_rows(rows)}" for method, rows in by_method]
    tried = by_method["within"].agg(claims="size", within="sum")
    lines = [f"| {row.Index} | {row.claims} | {row.claims - row.within} |" for row in tried.itertuples()]
    overview = "\n".join(["| method | claims tried | outside |", "|---|---|---|", *lines]) + "\n"
    return "\n".join([INTRODUCTION.format(seed=seed, summary=summary(table)), overview, *sections])


def _rows(rows: pd.DataFrame) -> str:
    lines = ["| claim | situation | claimed | came true | trials | |", "|---|---|---|---|---|---|"]
    for row in rows.itertuples():
        share = f"{row.share:.1%} ± {1.96 * row.standard_error:.1%}"
        verdict = "" if row.within else "**outside its claim**"
        lines.append(
            f"| {row.claim} | {row.situation} | {row.bound} {row.nominal:.1%} | {share} | {row.trials:,} | {verdict} |"
        )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
