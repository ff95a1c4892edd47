"""What is known of a sum of counts, and what is said when statements cannot all be true."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from needs_assessment.disclosure.audit.rows import Ends, Exact, Number, exact


@dataclass(frozen=True)
class Statement:
    """What is known of a sum of counts: low <= sum of coefficient x atom <= high; None where it has no end.

    Numbers may be whole, decimal or `Fraction`; a float is read as the decimal that it is printed as. Raises ValueError
    for a number that is not finite, and for a sum without atoms.
    """

    terms: Mapping[str, Number]
    low: Number | None
    high: Number | None

    def __post_init__(self) -> None:
        if not self.terms:
            raise ValueError("a statement needs at least one atom")
        _ = self.exact_terms, self.ends

    @cached_property
    def exact_terms(self) -> dict[str, Exact]:
        """The coefficients as whole numbers or fractions."""
        return {atom: exact(coefficient) for atom, coefficient in self.terms.items()}

    @cached_property
    def ends(self) -> Ends:
        """Low and high as whole numbers or fractions."""
        low, high = (None if end is None else exact(end) for end in (self.low, self.high))
        return low, high


class InconsistentError(Exception):
    """The published figures contradict one another: no whole counts satisfy them all. `statements` is a smallest group
    that cannot hold together: without any one of them the others can.
    """

    def __init__(self, numbered: Sequence[tuple[int, Statement]]) -> None:
        self.statements = tuple(statement for _, statement in numbered)
        named = "; ".join(f"statement {number} about {_named(statement.terms)}" for number, statement in numbered)
        super().__init__(
            "the published figures contradict one another, so nothing can be said of what is withheld: no whole "
            f"counts satisfy {named or 'the limits of the single counts'}"
        )


class UnprovenError(Exception):
    """The solver gave no answer, or one that fails the exact check: neither "possible" nor "impossible" may be said."""


def total(terms: Mapping[str, Exact], solution: Mapping[str, int]) -> Exact:
    """The value of a sum at a solution, in exact arithmetic."""
    return sum(factor * solution[atom] for atom, factor in terms.items())


def whole_terms(terms: Mapping[str, Number]) -> dict[str, int]:
    """The coefficients as whole numbers. Raises ValueError for one that is not."""
    coefficients = {atom: exact(coefficient) for atom, coefficient in terms.items()}
    broken = [atom for atom, coefficient in coefficients.items() if coefficient.denominator != 1]
    if broken:
        raise ValueError(f"coefficients of a count must be whole; these are not: {', '.join(sorted(broken))}")
    return {atom: int(coefficient) for atom, coefficient in coefficients.items()}


def smallest_group(candidates: Sequence[int], contradictory: Callable[[Sequence[int]], bool]) -> list[int]:
    """A smallest contradictory group of candidates: without any one of them it no longer is contradictory.

    U. Junker, *QuickXplain: preferred explanations and relaxations for over-constrained problems*, AAAI 2004.
    """

    def search(background: list[int], added: bool, left: Sequence[int]) -> list[int]:
        if added and contradictory(background):
            return []
        if len(left) <= 1:
            return list(left)
        first, second = left[: len(left) // 2], left[len(left) // 2 :]
        of_second = search([*background, *first], True, second)
        of_first = search([*background, *of_second], bool(of_second), first)
        return [*of_first, *of_second]

    return [] if contradictory([]) else search([], False, candidates)


def _named(terms: Mapping[str, Number], most: int = 4) -> str:
    atoms = sorted(terms)
    more = f" and {len(atoms) - most} more" if len(atoms) > most else ""
    return " + ".join(atoms[:most]) + more
