"""Statements in exact whole numbers, and what follows from them by arithmetic alone, before any solver is asked.

Most figures of a release are printed, so most counts are settled here: a total less its printed parts, or a total of 0
whose parts must all be 0. What remains falls into small blocks that have nothing to do with one another.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor, gcd, lcm

Number = int | float | Fraction | Decimal
Exact = int | Fraction
Ends = tuple[Exact | None, Exact | None]
"""The least and the most; None where there is no end."""
Terms = tuple[tuple[str, Exact], ...]


class ContradictionError(Exception):
    """No whole numbers satisfy the statements; nobody has yet looked for the few of them that are at odds."""


def exact(number: Number) -> Exact:
    """The number itself, as a whole number or a fraction. A float is read as the decimal that it is printed as: 0.1 is
    one tenth. Raises ValueError for what is not a finite number.
    """
    try:
        fraction = Fraction(str(number) if isinstance(number, float) else number)
    except (ValueError, OverflowError, TypeError):
        raise ValueError("expected a finite number") from None
    return fraction.numerator if fraction.denominator == 1 else fraction


def whole(ends: Ends) -> tuple[int | None, int | None]:
    """The least and the most whole number between the ends. Raises ContradictionError where there is none."""
    low = None if ends[0] is None else ceil(ends[0])
    high = None if ends[1] is None else floor(ends[1])
    if low is not None and high is not None and low > high:
        raise ContradictionError
    return low, high


def between(value: Exact, ends: Ends) -> bool:
    """Whether a value lies between the ends, both included."""
    return (ends[0] is None or ends[0] <= value) and (ends[1] is None or value <= ends[1])


def still(ends: Ends) -> Ends:
    """By how much a sum between the ends may change again and again: not at all towards an end."""
    return (None if ends[0] is None else 0, None if ends[1] is None else 0)


@dataclass(frozen=True)
class Row:
    """A statement over whole coefficients without a common divisor, the first of them positive, in order of atom."""

    terms: Terms
    ends: Ends


def row(terms: Mapping[str, Exact], ends: Ends) -> Row:
    """The row that says what a statement says. Raises ContradictionError where no whole number is between its ends,
    as in 2x + 2y = 3.
    """
    used = sorted((atom, coefficient) for atom, coefficient in terms.items() if coefficient)
    multiple = lcm(*(coefficient.denominator for _, coefficient in used))
    divisor = gcd(*(int(coefficient * multiple) for _, coefficient in used)) or 1
    scale = Fraction(multiple, -divisor if used and used[0][1] < 0 else divisor)
    low, high = (None if end is None else exact(end * scale) for end in ends)
    ordered = (low, high) if scale > 0 else (high, low)
    whole(ordered if used else (_least(ordered[0], 0), _most(ordered[1], 0)))
    return Row(tuple((atom, int(coefficient * scale)) for atom, coefficient in used), ordered)


def merged(rows: Iterable[Row]) -> list[Row]:
    """One row for each sum, with the narrowest ends that any row gives it, in order of terms."""
    ends: dict[Terms, Ends] = {}
    for each in rows:
        low, high = ends.get(each.terms, (None, None))
        ends[each.terms] = (_least(low, each.ends[0]), _most(high, each.ends[1]))
        whole(ends[each.terms])
    return [Row(terms, ends[terms]) for terms in sorted(ends)]


@dataclass(frozen=True)
class Settled:
    """What is left to solve: `fixed` atoms have one value, the others lie in `limits` and in what the `rows` say."""

    fixed: Mapping[str, int]
    limits: Mapping[str, Ends]
    rows: tuple[Row, ...]


def settle(rows: Iterable[Row], limits: Mapping[str, Ends]) -> Settled:
    """What is left of the rows when every atom is fixed that arithmetic alone fixes. Raises ContradictionError."""
    return _Settling(merged(rows), limits).run()


class _Settling:
    """Rows are visited until none tells anything new. Nothing is rounded here (whether whole or not, the numbers that
    satisfy the rows before satisfy them after), so both the linear and the integer answers stay what they were.
    """

    def __init__(self, rows: list[Row], limits: Mapping[str, Ends]) -> None:
        self.fixed: dict[str, int] = {}
        self.limits = dict(limits)
        self.rows: dict[int, Row] = dict(enumerate(rows))
        self.rows_of = defaultdict(list)
        for number, each in self.rows.items():
            for atom, _ in each.terms:
                self.rows_of[atom].append(number)
        self.waiting = deque(self.rows)

    def run(self) -> Settled:
        for atom in sorted(self.limits):
            self._narrow(atom, (None, None))
        while self.waiting:
            self._visit(self.waiting.popleft())
        free = {atom: self.limits[atom] for atom in sorted(self.limits) if atom not in self.fixed}
        return Settled(self.fixed, free, tuple(merged(self.rows.values())))

    def _visit(self, number: int) -> None:
        if number not in self.rows:
            return
        left = self.rows[number] = self._left(self.rows[number])
        if len(left.terms) <= 1:
            del self.rows[number]
        if len(left.terms) == 1:
            self._narrow(left.terms[0][0], left.ends)
        elif left.terms:
            self._force(left)

    def _left(self, given: Row) -> Row:
        """The row without its fixed atoms."""
        known = sum(coefficient * self.fixed[atom] for atom, coefficient in given.terms if atom in self.fixed)
        low, high = (None if end is None else end - known for end in given.ends)
        return row({atom: coefficient for atom, coefficient in given.terms if atom not in self.fixed}, (low, high))

    def _force(self, given: Row) -> None:
        """Where the least that the sum can be is the most that it may be, every atom is at that end; and so above."""
        for side, limit in ((0, given.ends[1]), (1, given.ends[0])):
            corner = {atom: self.limits[atom][side if factor > 0 else 1 - side] for atom, factor in given.terms}
            reached = [
                factor * end for (_, factor), end in zip(given.terms, corner.values(), strict=True) if end is not None
            ]
            if limit is None or len(reached) < len(corner):
                continue
            beyond = sum(reached) - limit if side == 0 else limit - sum(reached)
            if beyond > 0:
                raise ContradictionError
            if beyond == 0:
                for atom, end in corner.items():
                    self._narrow(atom, (end, end))

    def _narrow(self, atom: str, ends: Ends) -> None:
        old = self.limits[atom]
        new = self.limits[atom] = (_least(old[0], ends[0]), _most(old[1], ends[1]))
        least, _ = whole(new)
        if least is not None and new[0] == new[1]:
            self.fixed[atom] = least
        if new != old:
            self.waiting.extend(self.rows_of[atom])


def _least(first: Exact | None, second: Exact | None) -> Exact | None:
    return max((end for end in (first, second) if end is not None), default=None)


def _most(first: Exact | None, second: Exact | None) -> Exact | None:
    return min((end for end in (first, second) if end is not None), default=None)
