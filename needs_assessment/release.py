"""The release: a folder of safe tables and a manifest. Board notebooks read this and nothing else."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

MANIFEST = "manifest.json"


class ReleaseError(Exception):
    """A release folder that is absent, unfinished, changed since it was written, or no release at all."""


@dataclass(frozen=True)
class Release:
    """Safe tables by name, and the manifest: inputs with their SHA-256, versions, parameters, disclosure rule."""

    tables: Mapping[str, pd.DataFrame]
    manifest: Mapping[str, Any] = field(default_factory=dict)

    def __getitem__(self, table: str) -> pd.DataFrame:
        if table not in self.tables:
            raise KeyError(f"the release has no table {table!r}; it has: {', '.join(self.tables)}")
        # Copied on write: whoever changes what he is given changes no release.
        return self.tables[table].copy(deep=False)

    def write(self, folder: Path | str) -> Path:
        """The folder, written whole or not at all: an earlier release there stays until the new one is complete.

        Raises ReleaseError for a folder that holds anything but a release, since the whole folder is replaced.
        """
        folder = Path(folder)
        if folder.is_dir() and any(folder.iterdir()) and not (folder / MANIFEST).is_file():
            raise ReleaseError(
                f"{folder} holds other files and is left as it is: name a new folder or one of a release"
            )
        folder.parent.mkdir(parents=True, exist_ok=True)
        building = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        building.chmod(0o755)  # a release is safe to read, unlike what temporary folders usually hold
        try:
            self._write_files(building)
            _swap(building, folder)
        finally:
            shutil.rmtree(building, ignore_errors=True)
        return folder

    def _write_files(self, folder: Path) -> None:
        written = {}
        for name, table in self.tables.items():
            path = folder / f"{name}.csv"
            table.to_csv(path, index=False, lineterminator="\n", encoding="utf-8", date_format="%Y-%m-%d")
            columns = {column: str(dtype) for column, dtype in table.dtypes.items()}
            written[name] = {"rows": len(table), "sha256": _sha256(path), "columns": columns}
        manifest = {**self.manifest, "tables": written}
        (folder / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, folder: Path | str) -> Release:
        """The release of a folder. Raises ReleaseError when it is absent or a table is not as it was written."""
        folder = Path(folder)
        if not (folder / MANIFEST).is_file():
            raise ReleaseError(f"{folder} holds no release; make one with: needs-assessment assess")
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        return cls(_Stored(folder, manifest["tables"]), manifest)


class _Stored(Mapping[str, pd.DataFrame]):
    """The tables of a folder: all read and compared with what was written at once, each parsed when it is asked for."""

    def __init__(self, folder: Path, entries: Mapping[str, Mapping[str, Any]]) -> None:
        self._entries = entries
        self._content = {name: _content_of(folder / f"{name}.csv", entry) for name, entry in entries.items()}
        self._parsed: dict[str, pd.DataFrame] = {}

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in self._parsed:
            self._parsed[name] = _parsed(self._content[name], self._entries[name]["columns"])
        return self._parsed[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


def _swap(building: Path, folder: Path) -> None:
    """Puts the finished folder in place; the older one is moved aside first, and back again should that fail."""
    aside = building.with_name(building.name + "-old")
    if folder.exists():
        Path(folder).replace(aside)
    try:
        Path(building).replace(folder)
    except OSError:
        if aside.exists():
            Path(aside).replace(folder)
        raise
    shutil.rmtree(aside, ignore_errors=True)


def _content_of(path: Path, entry: Mapping[str, Any]) -> bytes:
    content = path.read_bytes() if path.is_file() else None
    if content is None or hashlib.sha256(content).hexdigest() != entry["sha256"]:
        raise ReleaseError(f"the table {path.stem} is not as it was written; make the release again")
    return content


def _parsed(content: bytes, columns: Mapping[str, str]) -> pd.DataFrame:
    days = [column for column, dtype in columns.items() if dtype.startswith("datetime")]
    others = {column: dtype for column, dtype in columns.items() if column not in days}
    table = pd.read_csv(
        io.BytesIO(content),
        dtype=others,
        parse_dates=days,
        date_format="%Y-%m-%d",
        keep_default_na=False,
        na_values=[""],
    )
    return table.astype({column: columns[column] for column in days})[list(columns)]


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
