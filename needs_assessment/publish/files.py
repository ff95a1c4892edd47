"""Files and folders written whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def write_whole(path: Path, text: str) -> Path:
    """The path, with the whole text on disk as UTF-8. Whatever goes wrong, an older file stays as it was."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with partial.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        return partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def aside(folder: Path) -> Iterator[Path]:
    """A folder of this user alone inside `folder`, to build in. It is gone afterwards, or with the next run where this
    one is killed: nobody has audited what it holds. Only for whoever holds the folder's lock.
    """
    for left in folder.glob(f"{BUILDING}*"):
        shutil.rmtree(left)
    with tempfile.TemporaryDirectory(prefix=BUILDING, dir=folder) as building:
        yield Path(building)


BUILDING = ".building-"


def put_in_place(building: Path, folder: Path) -> None:
    """Moves everything that was built into the folder, over what stands there under the same name."""
    for made in sorted(building.iterdir()):
        standing = folder / made.name
        if standing.is_dir():
            standing.replace(building / f".replaced-{made.name}")
        shutil.move(made, standing)
