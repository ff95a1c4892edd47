"""A finished folder of evidence takes the place of an older one, whole or not at all."""

from __future__ import annotations

from pathlib import Path


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
