"""The files of a ledger: one for each release, written once, chained by their hashes and read back only when whole.

`release-0001.json`, `release-0002.json`, … each hold the hash of the file before. `series.json` holds the number and
hash of the last, so that a last file that was deleted or altered is noticed too. A release's file is written before
`series.json`: after a crash between the two there is one more file than `series.json` knows, and a further file is
good if it continues the chain. The chain guards against accidents, not against somebody who rewrites every file.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date
from operator import index
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from needs_assessment.disclosure.ledger_records import (
    Kind,
    LedgerError,
    Recorded,
    Series,
    kind_faults,
    naming,
    policy_faults,
    raise_for,
    stated,
    statement_faults,
)
from needs_assessment.disclosure.policies import Policy, Rounding

SERIES_FILE, FORMAT = "series.json", 1
_RELEASE_FILE = re.compile(r"release-(\d{4,})\.json")


def read_series(folder: Path) -> Series:
    """The series in a folder. Raises LedgerError for an absent ledger, or with every fault: missing numbers, files that
    were altered, of another series or no release at all, and rules that do not follow one another.
    """
    name, known, head = _read_series_file(folder)  # before the files: a release that is being added only comes on top
    contents, strange = _contents(folder)
    releases = {number: found for number, content in contents.items() if (found := _parsed(content))}
    hashes = {0: ""} | {number: hashlib.sha256(content).hexdigest() for number, content in contents.items()}
    expected = range(1, max([known, *contents]) + 1)
    faults = [
        *naming("not the name of a release's file", strange),
        *naming("missing", (file_name(number) for number in expected if number not in contents)),
        *naming("not a release in this format", (file_name(number) for number in contents if number not in releases)),
        *_chain_faults(releases, hashes, (known, head)),
        *(fault for number, release in releases.items() for fault in _faults(release, number, name)),
        *_policy_faults(releases),
    ]
    raise_for(f"the ledger in {folder} is not whole; restore it from a backup", faults)
    return Series(name, tuple(releases.values()), hashes[len(releases)])


def _contents(folder: Path) -> tuple[dict[int, bytes], list[str]]:
    """The files of releases by number, and the names that look like one and are none."""
    paths = {path: _number(path) for path in folder.glob("release-*.json")}
    try:
        contents = {number: path.read_bytes() for path, number in paths.items() if number}
    except OSError as error:
        raise LedgerError(f"the ledger in {folder} cannot be read ({type(error).__name__})") from None
    return dict(sorted(contents.items())), [path.name for path, number in paths.items() if not number]


def _read_series_file(folder: Path) -> tuple[str, int, str]:
    """Name of the series, number of its releases, hash of the last one's file."""
    try:
        written = json.loads((folder / SERIES_FILE).read_bytes())
        name, form, known, head = (written[field] for field in ("series", "format", "releases", "head"))
        if form != FORMAT:
            raise LedgerError(f"{folder / SERIES_FILE} is in a format that this version cannot read")
        if index(known) < 0:
            raise ValueError("a series has no fewer releases than none")
        return str(name), index(known), str(head)
    except (FileNotFoundError, NotADirectoryError):
        raise LedgerError(_absent(folder)) from None
    except (OSError, ValueError, KeyError, TypeError):
        raise LedgerError(f"{folder / SERIES_FILE} cannot be read: restore it from a backup") from None


def _absent(folder: Path) -> str:
    if folder.is_dir() and any(_number(path) for path in folder.glob("release-*.json")):
        return f"{folder} holds releases but no {SERIES_FILE}, so the last may be missing: restore it from a backup"
    return (
        f"{folder} holds no ledger. Without its ledger a series cannot be published, only made for internal use. Start "
        f"one with: needs-assessment ledger start {folder} --series NAME; import the archived releases, oldest first, "
        f"with: needs-assessment ledger import ARCHIVE --series {folder}"
    )


def file_name(number: int) -> str:
    """The name of the file of a release."""
    return f"release-{number:04d}.json"


def _number(path: Path) -> int:
    """The number of a release's file; 0 for any other name."""
    match = _RELEASE_FILE.fullmatch(path.name)
    return int(match[1]) if match and file_name(int(match[1])) == path.name else 0


def _parsed(content: bytes) -> Recorded | None:
    try:
        written = json.loads(content)
        rule = written["policy"]
        return Recorded(
            series=written["series"],
            number=written["number"],
            made_on=date.fromisoformat(written["made_on"]),
            previous=written["previous"],
            kind=Kind(written["kind"]),
            policy=Policy(**{**rule, "rounding": Rounding(rule["rounding"])}),
            statements=stated((row["key"], row["low"], row["high"], row["status"]) for row in written["statements"]),
            certificate=dict(written["certificate"]),
        )
    except (ValueError, KeyError, TypeError):
        return None


def _chain_faults(releases: Mapping[int, Recorded], hashes: Mapping[int, str], head: tuple[int, str]) -> list[str]:
    """Files that are not what the file after them, or `series.json`, says they are."""
    known, last = head
    broken = {after - 1 for after, release in releases.items() if release.previous != hashes.get(after - 1)}
    altered = {number for number in broken if 0 < number < known and number in hashes}
    if known in hashes and hashes[known] != last:
        altered.add(known)
    torn = {number + 1 for number in broken - altered if number == 0 or (number >= known and number in hashes)}
    return [
        *naming("altered after it was written", map(file_name, altered)),
        *naming("does not continue the file before it", map(file_name, torn)),
    ]


def _faults(release: Recorded, number: int, series: str) -> list[str]:
    faults = [*kind_faults(number, release.kind), *statement_faults(release.statements)]
    if release.number != number:
        faults.append("it says that it has another number")
    if release.series != series:
        faults.append("it belongs to another series")
    return [f"{file_name(number)}: {fault}" for fault in faults]


def _policy_faults(releases: Mapping[int, Recorded]) -> list[str]:
    return [
        f"{file_name(number)}: {fault}"
        for number, release in releases.items()
        if number - 1 in releases
        for fault in policy_faults(releases[number - 1].policy, release.policy)
    ]


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """The only right to write in the folder. Raises LedgerError where another run has it, or nothing can be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / ".lock", timeout=0):
            yield
    except Timeout:
        raise LedgerError(f"another run is writing to the ledger in {folder}: wait for it, then run again") from None
    except OSError as error:
        raise LedgerError(f"the ledger in {folder} cannot be written ({type(error).__name__})") from error


def write_release(folder: Path, release: Recorded) -> Path:
    """The file of a release, now the last of its series. The caller holds `writing` and has read the series whole."""
    rows = [statement._asdict() for statement in release.statements]
    content = _text(vars(release) | {"policy": asdict(release.policy), "statements": rows})
    path = _write_whole(folder / file_name(release.number), content)
    write_series_file(folder, release.series, release.number, hashlib.sha256(content).hexdigest())
    return path


def write_series_file(folder: Path, series: str, releases: int, head: str) -> Path:
    """The file that says how many releases the series has, and the hash of the last one's file."""
    written = {"series": series, "format": FORMAT, "releases": releases, "head": head}
    return _write_whole(folder / SERIES_FILE, _text(written))


def _text(written: Mapping[str, Any]) -> bytes:
    return (json.dumps(written, indent=1, allow_nan=False, default=_day) + "\n").encode()


def _day(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"a ledger holds no {type(value).__name__}")


def _write_whole(path: Path, content: bytes) -> Path:
    """The path, with all of the content on disk. Whatever goes wrong, an older file stays as it was."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with partial.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        return partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
