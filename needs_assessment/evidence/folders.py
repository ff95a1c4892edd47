"""Folders of evidence: put in place whole or not at all, closed to others where they hold what is not public."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable
from pathlib import Path

from needs_assessment.evidence.contracts import CONTRACTS, sensitive_tables

SUFFIXES = (".csv", ".parquet")
OTHERS = 0o077
"""What the group and everybody else may do with a file."""


def put_in_place(new: Path, folder: Path, old: Path) -> None:
    """Puts `new` where `folder` is; the old one is put back if that fails or is interrupted."""
    if not folder.exists():
        new.rename(folder)
        return
    folder.rename(old)
    try:
        new.rename(folder)
    except BaseException:
        old.rename(folder)
        raise


def make_private_folder(folder: Path) -> None:
    """Makes the folder, and those above it that are missing, so that only their owner can enter."""
    if not folder.exists():
        make_private_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


def close(folder: Path) -> None:
    """Leaves the folder and everything in it to its owner: folders 0700, files 0600. Links are not followed."""
    folder.chmod(0o700)
    for path in folder.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o700 if path.is_dir() else 0o600)


def tables_in(folder: Path) -> list[str]:
    """The names of the evidence tables that stand in the folder itself, in the order of the contracts."""
    found = {path.stem for path in folder.iterdir() if path.suffix.lower() in SUFFIXES and path.is_file()}
    return [name for name in CONTRACTS if name in found]


def is_private(folder: Path) -> bool:
    """Whether the folder's own tables are of a source that is neither public nor made up.

    Where the folder does not describe its sources, records of single children are taken to be of such a one.
    """
    sources = _sources_of(folder)
    if sources is None:
        return any(name in sensitive_tables() for name in tables_in(folder))
    return any(not _says_yes(source, "public") and not _says_yes(source, "synthetic") for source in sources)


def _says_yes(source: dict[str, str], column: str) -> bool:
    return str(source.get(column)).strip().lower() in {"true", "yes"}


def _sources_of(folder: Path) -> list[dict[str, str]] | None:
    """The rows of the folder's table of sources; None where it has none that can be read."""
    try:
        if (folder / "sources.parquet").is_file():
            from pandas import read_parquet

            return read_parquet(folder / "sources.parquet").astype(str).to_dict("records")
        with (folder / "sources.csv").open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))
    except (OSError, ValueError, csv.Error):
        return None


def readable_by_others(folders: Iterable[Path | str]) -> list[Path]:
    """The private folders among these, and inside them, that others on this machine may enter or list.

    `chmod 700` closes one. Empty on Windows, which keeps its own lists of who may read.
    """
    if os.name == "nt":
        return []
    inside = {
        path.parent for folder in map(Path, folders) for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES
    }
    return [folder for folder in sorted(inside) if folder.stat().st_mode & OTHERS and is_private(folder)]
