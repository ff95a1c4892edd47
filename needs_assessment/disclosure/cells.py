"""Cells over integer atoms: what a series would print, as sums of the smallest counts it distinguishes.

An *atom* is a count that no printed figure splits, such as the referrals for one harm in one authority in one quarter.
Every printed figure is a *cell*: a sum of atoms of which a reader is told something, its value or only the symbol.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

Terms = tuple[tuple[str, int], ...]
"""Coefficients by atom, in order of atom."""
Span = tuple[int, int | None]
"""The least and the most that a whole number can be; None where there is no most."""
Pairs = tuple[tuple[str, str], ...]


class Status(StrEnum):
    """Whether the engine may choose for a cell, or an earlier release, the law or the publisher has chosen."""

    FREE = "free"
    PRINTED = "printed"
    HIDDEN = "hidden"


def terms(coefficients: Mapping[str, int] | Iterable[str]) -> Terms:
    """The terms of a sum, from coefficients by atom or from atoms that each count once. Raises ValueError without
    any.
    """
    counted = coefficients if isinstance(coefficients, Mapping) else dict.fromkeys(coefficients, 1)
    summed = tuple(sorted((atom, coefficient) for atom, coefficient in counted.items() if coefficient))
    if not summed:
        raise ValueError("a sum needs at least one atom")
    return summed


@dataclass(frozen=True)
class Cell:
    """One figure that a series would print.

    `key` names it for good, across releases. `count` is its true value; None where its own source withheld it. A
    reader who is shown the figure learns that it lies in `printed`, one who is shown the symbol that it lies in
    `hidden`. `cover` is the run of values that must stay possible for every attacker; None where any may be excluded.
    `weight` is what hiding it costs. `areas` are the authorities that its atoms belong to, for attackers who know one
    of them. `totals` names the dimensions in which it is a sum and `coordinates` its place in every dimension.
    """

    key: str
    terms: Terms
    count: int | None
    printed: Span
    hidden: Span = (0, None)
    cover: tuple[int, int] | None = None
    status: Status = Status.FREE
    weight: int = 1
    areas: frozenset[str] = frozenset()
    totals: frozenset[str] = frozenset()
    coordinates: Pairs = field(default=(), compare=False)

    @property
    def exposed_in_print(self) -> bool:
        """Whether printing it would by itself exclude a value that must stay possible."""
        return self.cover is not None and not _within(self.cover, self.printed)


@dataclass(frozen=True)
class Known:
    """What an attacker knows of a sum of atoms beside the cells: a past release, another's publication, or that a part
    is never more than its whole. `high` and `low` are None where it has no end on that side.
    """

    terms: Terms
    low: int | None
    high: int | None


def _within(inner: tuple[int, int], outer: Span) -> bool:
    return outer[0] <= inner[0] and (outer[1] is None or inner[1] <= outer[1])
