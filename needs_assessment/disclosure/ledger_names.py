"""The same figure under another key: another name of its source, or another place among rows that notes tell apart."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from needs_assessment.disclosure.ledger_records import Recorded, naming

_NOTE = re.compile(r"#(\d+)$")


def otherwise_named(
    today: Iterable[str], known: Iterable[str], releases: Iterable[Recorded], distinct: Collection[str]
) -> dict[str, str]:
    """The known key for each of today's keys that is not known and differs from it in the source's identity only.

    Two identities of which one release states the same figure are two sources, and so are the `distinct` ones.
    """
    known = set(known)
    identities: dict[tuple[str, str], list[str]] = defaultdict(list)
    for key in sorted(known):
        identities[_figure(key)].append(_identity(key))
    new = [key for key in sorted(set(today) - known) if _figure(key) in identities and _identity(key) not in distinct]
    apart = _side_by_side(releases) if new else set()
    others = {
        key: [other for other in identities[_figure(key)] if frozenset((_identity(key), other)) not in apart]
        for key in new
    }
    return {key: _key(key, found[0]) for key, found in others.items() if found}


def _side_by_side(releases: Iterable[Recorded]) -> set[frozenset[str]]:
    """Pairs of identities of which one release states the same figure."""
    pairs = set()
    for release in releases:
        identities: dict[tuple[str, str], set[str]] = defaultdict(set)
        for statement in release.statements:
            identities[_figure(statement.key)].add(_identity(statement.key))
        pairs |= {frozenset((a, b)) for group in identities.values() if len(group) > 1 for a in group for b in group}
    return pairs


def _identity(key: str) -> str:
    return key.split("|", 2)[1]


def _figure(key: str) -> tuple[str, str]:
    """Table, and all that comes after the source's identity."""
    table, _, rest = key.split("|", 2)
    return table, rest


def _key(key: str, identity: str) -> str:
    """The key of the same figure of another source."""
    table, rest = _figure(key)
    return f"{table}|{identity}|{rest}"


def identity_faults(found: Mapping[str, str]) -> list[str]:
    """One fault for each pair of identities, from `otherwise_named`."""
    pairs: dict[tuple[str, str], list[str]] = defaultdict(list)
    for key, old in found.items():
        pairs[_identity(key), _identity(old)].append(key)
    return [
        fault
        for (new, old), keys in sorted(pairs.items())
        for fault in naming(
            f"the source {new!r} states figures that the ledger has from {old!r}, and the same children must not be "
            f"published twice: give these returns the same edition_of, which is {old!r} (or declare {new!r} distinct, "
            "if it counts something else)",
            keys,
        )
    ]


def note_faults(today: Iterable[str], known: Iterable[str]) -> list[str]:
    """The one fault of rows whose keys may have changed places, or none.

    Rows that only their notes tell apart are numbered in order of note: with another number of rows, a known number may
    mean another row.
    """
    now, before = _rows(today), _rows(known)
    moved = (key for key, rows in now.items() if key in before and rows != before[key])
    return naming("rows that only their notes tell apart are more or fewer than before; give them other names", moved)


def _rows(keys: Iterable[str]) -> dict[str, set[str]]:
    rows: dict[str, set[str]] = defaultdict(set)
    for key in keys:
        rows[_NOTE.sub("", key)].add(key)
    return rows
