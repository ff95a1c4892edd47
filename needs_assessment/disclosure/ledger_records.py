"""What a ledger holds of each release, and which faults it knows. Faults name figures by key, never by value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from operator import index
from typing import Any, NamedTuple

from needs_assessment.disclosure.cells import Status
from needs_assessment.disclosure.policies import Policy

_LISTED = 20
_SEPARATORS = 2
"""At least so many `|` are in a key: it begins with the table and the identity of the source."""


class LedgerError(Exception):
    """A ledger that is absent or not whole, or what it refuses; every fault at once, by key and never by value."""


class Kind(StrEnum):
    """How a release came into the ledger."""

    FIRST = "first"
    RELEASE = "release"
    REVISION = "revision"
    IMPORTED = "imported"


class Statement(NamedTuple):
    """What readers were shown of one figure: the run of counts it may be, or with a symbol that it is `low` or more."""

    key: str
    low: int
    high: int | None
    status: Status


@dataclass(frozen=True)
class Recorded:
    """One release as its file holds it. `previous` is the hash of the file before, empty for the first."""

    series: str
    number: int
    made_on: date
    previous: str
    kind: Kind
    policy: Policy
    statements: tuple[Statement, ...]
    certificate: Mapping[str, Any]

    def number_of(self, status: Status) -> int:
        """How many of its figures were printed, or hidden."""
        return sum(statement.status is status for statement in self.statements)


@dataclass(frozen=True)
class Series:
    """A whole series: its releases in order, and the hash of the last one's file (empty before the first)."""

    name: str
    releases: tuple[Recorded, ...] = ()
    head: str = ""


def stated(rows: Iterable[tuple[str, int, int | None, str]]) -> tuple[Statement, ...]:
    """The statements of plain rows (key, low, high, status), in order of key. Raises TypeError for a key that is no
    text or a number that is not whole, and ValueError for a status that there is not.
    """
    return tuple(sorted((_stated(*row) for row in rows), key=lambda statement: statement.key))


def _stated(key: str, low: int, high: int | None, status: str) -> Statement:
    if not isinstance(key, str):
        raise TypeError("the key of a statement is text")
    return Statement(key, index(low), None if high is None else index(high), Status(status))


def raise_for(what: str, faults: list[str]) -> None:
    """Raises LedgerError that lists the faults, where there are any."""
    if faults:
        raise LedgerError("\n".join([f"{what}:", *(f"  - {fault}" for fault in faults)]))


def naming(rule: str, keys: Iterable[str]) -> list[str]:
    """The one fault of all the keys that break a rule, or none."""
    found = sorted(keys)
    more = f" and {len(found) - _LISTED:,} more" if len(found) > _LISTED else ""
    return [f"{rule}: {', '.join(found[:_LISTED])}{more}"] if found else []


def statement_faults(statements: Iterable[Statement]) -> list[str]:
    """What is wrong with statements in themselves. A hidden one may say only "0 or more" or "1 or more": whatever else
    it said would come from the count behind the symbol.
    """
    statements = list(statements)
    times = Counter(statement.key for statement in statements)
    wrong = {status: [row.key for row in statements if row.status is status and not _sound(row)] for status in Status}
    return [
        *naming("not the key of a figure", (key for key in times if key.count("|") < _SEPARATORS)),
        *naming("stated more than once", (key for key, count in times.items() if count > 1)),
        *naming("printed, but not as a run of counts", wrong[Status.PRINTED]),
        *naming("hidden, but more is stated than 0 or more, or 1 or more", wrong[Status.HIDDEN]),
        *naming("neither printed nor hidden", wrong[Status.FREE]),
    ]


def _sound(statement: Statement) -> bool:
    if statement.status is Status.PRINTED:
        return statement.high is not None and 0 <= statement.low <= statement.high
    return statement.status is Status.HIDDEN and statement.low in (0, 1) and statement.high is None


def kind_faults(number: int, kind: Kind) -> list[str]:
    """Why the release of this number cannot be of this kind."""
    if number == 1 and kind in (Kind.RELEASE, Kind.REVISION):
        return [f"the first release of a series cannot be of the kind {kind}: nothing was published before it"]
    return [f"release {number} cannot be of the kind first"] if number > 1 and kind is Kind.FIRST else []


def policy_faults(before: Policy, after: Policy) -> list[str]:
    """Why a series cannot go on with another rule: figures would be published anew in another way, and the two ways
    together tell more than each. A rule of the same numbers may have another name; one that protects against
    insiders too may follow, and where nothing is rounded one that withholds more.
    """
    changed = {name for name, value in asdict(before).items() if asdict(after)[name] != value} - {"name"}
    rounded = any(base > 1 for base in (before.round_to, before.round_wider_to))
    faults = []
    if after.withhold_up_to < before.withhold_up_to:
        faults.append("it withholds less than before, so it would print figures like those that were hidden")
    elif "withhold_up_to" in changed and rounded:
        faults.append("it withholds more than before, so rounded figures would stand for other counts than they did")
    if changed & {"round_to", "round_wider_to", "rounding"}:
        faults.append("it rounds in another way, and two roundings of one count narrow it down")
    if "zeros_always_printed" in changed:
        faults.append("it treats zeros in another way, so the symbol would tell something else than it did")
    if before.insiders and not after.insiders:
        faults.append("it no longer protects against insiders, as earlier releases promised")
    return [f"the rule {after.name!r} cannot follow {before.name!r}: {fault}" for fault in faults]
