"""The ledger of a series of releases: what readers were shown, which stays shown, and limits what may be shown next.

Readers keep old reports, so each earlier statement is a constraint on the next release: what was printed stays printed
with the same value, what was hidden stays hidden. The ledger holds only what readers saw, never a count
behind a symbol.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from needs_assessment.disclosure.cells import Status
from needs_assessment.disclosure.ledger_files import read_series, write_release, write_series_file, writing
from needs_assessment.disclosure.ledger_names import identity_faults, note_faults, otherwise_named
from needs_assessment.disclosure.ledger_records import (
    Kind,
    LedgerError,
    Recorded,
    Series,
    Statement,
    kind_faults,
    naming,
    policy_faults,
    raise_for,
    stated,
    statement_faults,
)
from needs_assessment.disclosure.policies import Policy

__all__ = [
    "Kind",
    "Ledger",
    "LedgerError",
    "Lock",
    "Reconciled",
    "Recorded",
    "Row",
    "Statement",
    "reconcile",
    "renamed",
]

Row = tuple[str, int, int | None, str]
"""Key, least, most, and `printed` or `hidden`: a statement as others write it."""

_ANOTHER_VALUE = "printed by an earlier release with another value, and this is no declared revision run"
_NOW_PRINTED = "hidden by an earlier release and now printed"
_NOW_HIDDEN = "printed by an earlier release, so readers have it, and now hidden"
_IMPOSSIBLE = "cannot be true together with what an earlier release says"


@dataclass(frozen=True)
class Lock:
    """The statement of a key that stands, and the number of the last release that made it."""

    key: str
    status: Status
    low: int
    high: int | None
    release: int


class Ledger:
    """The releases of one series, each with what its readers were shown. Made by `start` and `open`."""

    def __init__(self, folder: Path, series: Series) -> None:
        self.folder = folder
        self._take(series)

    @classmethod
    def start(cls, folder: Path | str, series: str) -> Ledger:
        """The empty ledger of a new series. Raises LedgerError where the folder holds one already, or other files."""
        folder = Path(folder)
        if not series.strip():
            raise LedgerError("a series needs a name")
        _check_empty(folder)
        with writing(folder):
            _check_empty(folder)  # another run may have started it meanwhile
            write_series_file(folder, series, 0, "")
        return cls.open(folder)

    @classmethod
    def open(cls, folder: Path | str) -> Ledger:
        """The ledger in a folder. Writes nothing. Raises LedgerError where there is none, and with every fault of one
        that is not whole: missing numbers, altered files, another series' file.
        """
        return cls(Path(folder), read_series(Path(folder)))

    def _take(self, series: Series) -> None:
        self.series, self.releases, self.head = series.name, series.releases, series.head
        self._locks, self._superseded = _standing(series.releases)

    @property
    def policy(self) -> Policy | None:
        """The rule of the last release; None before the first."""
        return self.releases[-1].policy if self.releases else None

    @property
    def locks(self) -> dict[str, Lock]:
        """The standing statement of each key over all releases: the last that printed it, else the last that hid it."""
        return self._locks

    @property
    def superseded(self) -> list[Lock]:
        """Printed statements that a declared revision replaced. Readers of the older reports still have them."""
        return self._superseded

    def record(
        self, statements: Iterable[Row], *, kind: str, policy: Policy, made_on: date, certificate: Mapping[str, Any]
    ) -> Path:
        """The file of a new release of the kind first, release or revision. Record before anybody sees the release.

        Raises LedgerError, with every fault, for a release that breaks what was printed or hidden before, and where
        another run wrote to the ledger after this one read it.
        """
        if kind == Kind.IMPORTED:
            raise LedgerError("an archived release is adopted, not recorded")
        new = self._next(statements, Kind(kind), policy, made_on, certificate)
        return self._append(new, forgiven={_ANOTHER_VALUE} if new.kind is Kind.REVISION else set())

    def adopt(
        self,
        statements: Iterable[Row],
        *,
        policy: Policy,
        made_on: date,
        certificate: Mapping[str, Any],
        revision: bool = False,
    ) -> Path:
        """The file of an archived release, which readers have whatever it did: what one release printed and another hid
        counts as printed. With `revision` it was a declared revision run, whose values replace the earlier ones.

        Raises LedgerError, with every fault, where a statement contradicts the ledger.
        """
        new = self._next(statements, Kind.REVISION if revision else Kind.IMPORTED, policy, made_on, certificate)
        same = [str(old.number) for old in self.releases if old.statements == new.statements]
        raise_for("nothing is imported", naming("the ledger has the same statements already, as release", same))
        revised = {_ANOTHER_VALUE, _IMPOSSIBLE} if revision else set()
        return self._append(new, forgiven={_NOW_PRINTED, _NOW_HIDDEN} | revised)

    def _next(
        self, statements: Iterable[Row], kind: Kind, policy: Policy, made_on: date, certificate: Mapping[str, Any]
    ) -> Recorded:
        number = len(self.releases) + 1
        return Recorded(self.series, number, made_on, self.head, kind, policy, stated(statements), dict(certificate))

    def _append(self, new: Recorded, *, forgiven: set[str]) -> Path:
        faults = [
            *kind_faults(new.number, new.kind),
            *(policy_faults(self.policy, new.policy) if self.policy else []),
            *statement_faults(new.statements),
            *_contradictions(new.statements, self.locks, forgiven),
        ]
        raise_for(f"the ledger of {self.series!r} refuses release {new.number}", faults)
        with writing(self.folder):
            if read_series(self.folder).head != self.head:
                raise LedgerError(
                    f"another run has added a release to {self.folder} meanwhile: run again from the start"
                )
            path = write_release(self.folder, new)
            self._take(read_series(self.folder))
        return path


def _check_empty(folder: Path) -> None:
    held = [path.name for path in folder.iterdir() if not path.name.startswith(".")] if folder.is_dir() else []
    raise_for(f"{folder} is left as it is", naming("it holds files already", held))


def _standing(releases: Iterable[Recorded]) -> tuple[dict[str, Lock], list[Lock]]:
    """The standing statement of each key, and the printed ones that were replaced."""
    standing: dict[str, tuple[Statement, int]] = {}
    replaced = []
    for release in releases:
        for new in release.statements:
            old, number = standing.get(new.key, (new, 0))
            if old.status is Status.PRINTED and new.status is Status.HIDDEN:
                continue
            if old.status is Status.PRINTED and old != new:
                replaced.append(_lock(old, number))
            standing[new.key] = new, release.number
    return {key: _lock(*stands) for key, stands in standing.items()}, replaced


def _lock(statement: Statement, release: int) -> Lock:
    return Lock(statement.key, statement.status, statement.low, statement.high, release)


def _contradictions(statements: Iterable[Statement], locks: Mapping[str, Lock], forgiven: set[str]) -> list[str]:
    broken: dict[str, list[str]] = defaultdict(list)
    for statement in statements:
        lock = locks.get(statement.key)
        rule = _contradiction(statement, lock) if lock else ""
        if rule and rule not in forgiven:
            broken[rule].append(statement.key)
    return [fault for rule, keys in sorted(broken.items()) for fault in naming(rule, keys)]


def _contradiction(new: Statement, lock: Lock) -> str:
    if new.status is lock.status:
        same = new.status is Status.HIDDEN or (new.low, new.high) == (lock.low, lock.high)
        return "" if same else _ANOTHER_VALUE
    now_printed = new.status is Status.PRINTED
    high, low = (new.high, lock.low) if now_printed else (lock.high, new.low)
    if high is not None and high < low:  # zero, where the symbol tells 1 or more
        return _IMPOSSIBLE
    return _NOW_PRINTED if now_printed else _NOW_HIDDEN


@dataclass(frozen=True)
class Reconciled:
    """What the ledger says of today's figures.

    `statuses` has each of today's keys: PRINTED and HIDDEN stay so, FREE is new. `kept` are figures that were printed
    with another value than today's: the earlier statement is printed again. `revised` are figures that a declared
    revision run may print anew, with the new statement; they stay printed either way.
    """

    statuses: dict[str, Status]
    kept: dict[str, tuple[int, int]]
    revised: dict[str, tuple[int, int]]

    @property
    def waiting(self) -> frozenset[str]:
        """Keys of changed figures that keep their earlier value until a revision run can print them. Tell how many."""
        return frozenset(self.kept)


def reconcile(
    today: Mapping[str, tuple[int, int] | None],
    ledger: Ledger,
    *,
    revision: bool,
    policy: Policy,
    distinct: Collection[str] = (),
) -> Reconciled:
    """What the ledger says of today's figures: for each key the run of counts that the rule would print, None where the
    figure would be withheld. `distinct` are identities of sources that count something else than the ledger's sources
    do, although measure, area and period agree.

    A changed figure is revised only in a declared revision run, and only where it moves by more than the rule
    withholds from every value printed before: a smaller change would tell of single children. Where figures are
    rounded, the least change that agrees with both statements must be so large.
    Raises LedgerError where the rule cannot follow the ledger's, and for keys that name the ledger's figures otherwise.
    """
    faults = [
        *(policy_faults(ledger.policy, policy) if ledger.policy else []),
        *identity_faults(renamed(today, ledger, distinct=distinct)),
        *note_faults(today, ledger.locks),
    ]
    raise_for(f"today's figures do not fit the ledger of {ledger.series!r}", faults)
    statuses = {key: ledger.locks[key].status if key in ledger.locks else Status.FREE for key in sorted(today)}
    printed = _printed(ledger)
    changed = [key for key, status in statuses.items() if status is Status.PRINTED and today[key] != printed[key][-1]]
    revised = {
        key: shown
        for key in changed
        if revision and (shown := today[key]) and all(_far(shown, old, policy.withhold_up_to) for old in printed[key])
    }
    return Reconciled(statuses, {key: printed[key][-1] for key in changed if key not in revised}, revised)


def _printed(ledger: Ledger) -> dict[str, list[tuple[int, int]]]:
    """Every statement that was printed for a key; the standing one is the last."""
    statements: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for lock in (*ledger.superseded, *ledger.locks.values()):
        if lock.status is Status.PRINTED and lock.high is not None:
            statements[lock.key].append((lock.low, lock.high))
    return statements


def _far(new: tuple[int, int], old: tuple[int, int], withhold_up_to: int) -> bool:
    """Whether a change from old to new is none at all, or more than the rule withholds."""
    return new == old or max(new[0] - old[1], old[0] - new[1]) > withhold_up_to


def renamed(today: Iterable[str], ledger: Ledger, *, distinct: Collection[str] = ()) -> dict[str, str]:
    """The ledger's key for each of today's keys that differs from it in the source's identity only, and is not in the
    ledger. Two identities that one release shows side by side are two sources, and so are `distinct` ones.
    """
    return otherwise_named(today, ledger.locks, ledger.releases, distinct)
