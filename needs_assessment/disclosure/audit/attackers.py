"""Attacks on withheld figures: which values can each kind of attacker exclude?

A withheld figure has a *cover*, the values that must stay possible, such as 1 to 5. For each of them the attack looks
for a witness (see `systems`). Where there is none, an attacker can exclude that value, and the figure is exposed. This
is stricter than asking for an interval: it also finds holes in it.

One witness gives a value of every withheld figure at once, so each is counted for all of them, and each search asks
that the other figures take values that no witness has given yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from needs_assessment.disclosure.audit.programmes import Point, Wishes
from needs_assessment.disclosure.audit.rows import between
from needs_assessment.disclosure.audit.statements import Statement, total
from needs_assessment.disclosure.audit.systems import System

Span = tuple[int | None, int | None]


@dataclass(frozen=True)
class Target:
    """A withheld figure: a sum of atoms, of which every value from the first to the last of `cover` must stay possible;
    None where any may be excluded. `areas` are the codes of the authorities that its atoms belong to.
    """

    name: str
    terms: Mapping[str, int]
    cover: tuple[int, int] | None
    areas: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Finding:
    """What an attacker works out about one withheld figure: it lies from `low` to `high` (None: no end, or not asked),
    and it is none of the `impossible` values of its cover.
    """

    target: str
    attacker: str
    low: int | None
    high: int | None
    impossible: tuple[int, ...]

    @property
    def exact(self) -> bool:
        """Whether the attacker knows the figure itself."""
        return self.low is not None and self.low == self.high

    @property
    def exposed(self) -> bool:
        """Whether the attacker can exclude a value that must stay possible."""
        return bool(self.impossible)


@dataclass(frozen=True)
class Attacker:
    """Somebody who knows all that is published and `knows` more. Whoever belongs to an `area` is not asked about
    figures that contain that area's own.
    """

    name: str
    knows: tuple[Statement, ...] = ()
    area: str | None = None

    def aims(self, targets: Iterable[Target]) -> list[Target]:
        """The figures that would tell this attacker something about others."""
        return [target for target in targets if self.area is None or self.area not in target.areas]


PUBLIC = Attacker("public")


def zeros_printed(targets: Iterable[Target]) -> Attacker:
    """An attacker who knows that zeros are always printed, so that every withheld figure is at least 1."""
    return Attacker("zeros are printed", tuple(Statement(target.terms, 1, None) for target in targets))


def insider(area: str, own: Mapping[str, int]) -> Attacker:
    """An attacker from one authority, who knows the exact values of `own`, that authority's atoms."""
    return Attacker(
        f"insider of {area}", tuple(Statement({atom: 1}, own[atom], own[atom]) for atom in sorted(own)), area
    )


def attack(
    system: System, targets: Sequence[Target], *, attacker: str | Attacker = PUBLIC, intervals: bool = True
) -> list[Finding]:
    """What an attacker works out about each target, in the order given. A plain name as `attacker` knows no more than
    the system says. Without `intervals` only the covers are tried, in about half the time or less.

    Raises InconsistentError where the statements, with what the attacker knows, contradict one another: then the
    attacker errs, or the published figures are wrong, and neither "safe" nor "exposed" can be said. Raises
    UnprovenError where the solver gives no answer that stands the exact check.
    """
    known = Attacker(attacker) if isinstance(attacker, str) else attacker
    aimed = known.aims(targets)
    told = system.plus([*known.knows, *(Statement(target.terms, None, None) for target in aimed)])
    search = _Search(told, aimed)
    ends = [search.ends(target) if intervals else (None, None) for target in aimed]
    search.run(ends)
    return [
        Finding(target.name, known.name, *span, tuple(sorted(impossible)))
        for target, span, impossible in zip(aimed, ends, search.impossible, strict=True)
    ]


class _Search:
    """For each target, the values of its cover that no witness has given yet (`open`) and those that none can."""

    def __init__(self, system: System, targets: Sequence[Target]) -> None:
        self.system, self.targets = system, targets
        self.open = [set(range(target.cover[0], target.cover[1] + 1)) if target.cover else set() for target in targets]
        self.impossible: list[list[int]] = [[] for _ in targets]
        self.count([system.solution()])

    def count(self, points: Iterable[Point]) -> None:
        """Strikes the values that the witnesses give off every target's list."""
        for point in points:
            for target, values in zip(self.targets, self.open, strict=True):
                if values:
                    values.discard(int(total(target.terms, point)))

    def ends(self, target: Target) -> Span:
        """The least and the greatest value of a figure."""
        points = self.system.extremes(target.terms)
        self.count(point for point in points if point is not None)
        low, high = (None if point is None else int(total(target.terms, point)) for point in points)
        return low, high

    def run(self, spans: Sequence[Span]) -> None:
        """Tries every value that is open until none is, also those outside a figure's span: that nothing lies there is
        so far only the solver's word.
        """
        for target, span, values, impossible in zip(self.targets, spans, self.open, self.impossible, strict=True):
            while values:
                value = min(values)
                values.discard(value)
                wishes = self._wishes(target) if between(value, span) else ()
                point = self.system.witness(target.terms, value, wishes=wishes)
                if point is None:
                    impossible.append(value)
                else:
                    self.count([point])

    def _wishes(self, asked: Target) -> Wishes:
        """The least open value of every other target."""
        others = zip(self.targets, self.open, strict=True)
        return [(target.terms, min(values)) for target, values in others if values and target is not asked]
