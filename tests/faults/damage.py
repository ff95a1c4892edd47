"""A folder of damaged variants of publishers' files, with a list of what must come of each:

    python tests/faults/damage.py FOLDER [--seed 7] [--each 2] [--originals FOLDER]

Some damage nobody can see in a file alone, and it is left out here: a digit changed to another one, unless a total
stands beside it; the headings of two factors exchanged; a code changed to that of an area that the file does not
name; a row or a year that is gone, unless a total or the number of authorities shows it; dates in American order
whose days are all 12 or less.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from damaged_cells import CELL_DAMAGES
from damaged_documents import DOCUMENT_DAMAGES
from damaged_tables import TABLE_DAMAGES
from damaged_workbooks import WORKBOOK_DAMAGES
from official import originals_in
from originals import originals
from variants import Variant, variants

DAMAGES = (*TABLE_DAMAGES, *CELL_DAMAGES, *WORKBOOK_DAMAGES, *DOCUMENT_DAMAGES)
SEED = 7
MANIFEST = "manifest.csv"


def write_variants(made: Iterable[Variant], folder: Path) -> None:
    """Writes each variant in a folder of its own, and the list of them."""
    lines = [("file", "original", "damage", "must", "says", "column", "row")]
    for variant in made:
        write_variant(variant, folder)
        damage, damaged = variant.damage, variant.damaged
        about = (damage.must, damage.says, damaged.column, str(damaged.row or ""))
        lines.append((variant.path, variant.original.layout.file, damage.name, *map(str, about)))
    with (folder / MANIFEST).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(lines)


def write_variant(variant: Variant, folder: Path) -> Path:
    """Writes one variant where it stands in the folder, and gives the path."""
    path = folder / variant.path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(variant.damaged.content)
    return path


def main(arguments: Sequence[str] | None = None) -> None:
    """Writes the folder of variants that the command line asks for."""
    asked = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    asked.add_argument("folder", type=Path)
    asked.add_argument("--seed", type=int, default=SEED)
    asked.add_argument("--each", type=int, default=2, help="to how many kinds of files each damage is done")
    asked.add_argument("--originals", type=Path, help="a folder of originals; without it they are made up")
    given = asked.parse_args(arguments)
    source = originals_in(given.originals) if given.originals else originals()
    write_variants(variants(source, DAMAGES, given.seed, given.each), given.folder)


if __name__ == "__main__":
    main()
