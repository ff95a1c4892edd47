"""Writes made-up records to a folder that says so, whole or not at all."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from needs_assessment.evidence.contracts import sensitive_tables
from needs_assessment.evidence.folders import put_in_place
from needs_assessment.synthetic.targets import PREFIX

LABEL_FILE = "README.md"
TITLE = "# SYNTHETIC RECORDS: MADE UP, FOR DEMONSTRATION ONLY"
LABEL = f"""{TITLE}

No row of these files describes a person. They were made up by this project's seeded generator,
`needs_assessment.synthetic`, and nothing about any area can be concluded from them.
The generator replaces this whole folder each time it is run: keep nothing else here.
"""


def write_synthetic(tables: Mapping[str, pd.DataFrame], folder: Path | str) -> None:
    """Returns nothing; makes `folder` hold `<table>.csv` for each table that has rows, and a label.

    CSV in UTF-8 with line feeds, ISO dates, true and false, and blanks for what is missing. The new folder is finished
    beside the old one before it takes its place, so that a failure leaves the old one as it was.

    Raises ValueError for records that are not made up, and FileExistsError for a folder that holds anything but records
    written here: it may hold real returns under the same names. Nothing has been written then.
    """
    folder = Path(folder)
    _refuse_real_records(tables)
    _refuse_to_replace_others(folder, {LABEL_FILE, *(f"{name}.csv" for name in tables)})
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as beside:
        new = Path(beside) / "new"
        new.mkdir()
        _write(tables, new)
        put_in_place(new, folder, Path(beside) / "old")


def _refuse_real_records(tables: Mapping[str, pd.DataFrame]) -> None:
    """The folder is committed with the project, so a real child's record must never reach it."""
    real = [
        f"table {name}, column {column}"
        for name in tables.keys() & set(sensitive_tables())
        for column in tables[name].columns
        if column.endswith("_id") and column != "source_id"
        if not tables[name][column].dropna().str.startswith(PREFIX).all()
    ]
    if real:
        raise ValueError(f"every identifier must begin with {PREFIX}, but not in: {'; '.join(sorted(real))}")


def _refuse_to_replace_others(folder: Path, expected: set[str]) -> None:
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    label = folder / LABEL_FILE
    labelled = label.is_file() and label.read_bytes().startswith(TITLE.encode())
    if not labelled or {path.name for path in folder.iterdir()} - expected:
        raise FileExistsError(
            f"{folder.name} holds something other than synthetic records and is left as it is: "
            "name an empty or a new folder, or one that was written by write_synthetic"
        )


def _write(tables: Mapping[str, pd.DataFrame], folder: Path) -> None:
    (folder / LABEL_FILE).write_bytes(LABEL.encode())
    for name, table in tables.items():
        # A table without rows is left out: evidence reads an empty file as a fault.
        if len(table):
            words = _as_words(table).to_csv(index=False, lineterminator="\n", date_format="%Y-%m-%d")
            (folder / f"{name}.csv").write_bytes(words.encode())


def _as_words(table: pd.DataFrame) -> pd.DataFrame:
    yes_no = table.select_dtypes("boolean").columns
    return table.assign(**{column: table[column].map({True: "true", False: "false"}) for column in yes_no})
