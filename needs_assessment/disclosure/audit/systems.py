"""What anyone could work out from a set of published figures: the interval of every sum, and counts that prove it.

A published figure says something of the counts behind it: a printed total says exactly what they add up to, a rounded
one that they add up to between 13 and 17, a rate per 10,000 of a known population that they lie in a narrow interval.
Each is a `Statement`: low <= a sum of counts <= high. Whoever holds all statements at once, a `System`, can ask for the
least and the greatest value that a withheld count could have. If the two are one value, that count is disclosed.

Whole numbers matter. Linear programming gives an interval for quantities that may be fractions; counts of children may
not. A rate that leaves from 0.9 to 1.26 cases leaves exactly 1. An interval of whole numbers may also have holes: where
3x + 5y is printed as 31, x can be 2 or 7 and nothing between. So a value counts as possible only with a *witness*:
whole counts that satisfy every statement, checked here in exact arithmetic (fractions where a statement has them). The
solver proposes and is never trusted: where its proposals fail the check the answer is an error, neither "safe" nor
"exposed".

Feasibility intervals: A. Hundepool and others, *Handbook on Statistical Disclosure Control*, chapter 4.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property

from needs_assessment.disclosure.audit.programmes import Blocks, Point, Programme, Sum, Verdict, Wishes
from needs_assessment.disclosure.audit.rows import ContradictionError, Exact, Number, between, exact, row, settle, still
from needs_assessment.disclosure.audit.statements import (
    InconsistentError,
    Statement,
    UnprovenError,
    smallest_group,
    total,
    whole_terms,
)

__all__ = ["InconsistentError", "Statement", "System", "UnprovenError", "infeasible"]


class System:
    """All statements that an attacker holds. Atoms are whole numbers, at least `lower` (0 where it does not say) and at
    most `upper`. Neither the order of statements nor the names of atoms change an answer.

    Every question raises InconsistentError where no whole counts satisfy the statements, and UnprovenError where the
    solver proposes nothing that stands the exact check.
    """

    def __init__(
        self,
        statements: Sequence[Statement],
        *,
        lower: Mapping[str, int] | None = None,
        upper: Mapping[str, int] | None = None,
    ) -> None:
        self.statements = tuple(statements)
        self.lower, self.upper = dict(lower or {}), dict(upper or {})

    def plus(self, statements: Iterable[Statement]) -> System:
        """The system of someone who knows other statements as well."""
        return System((*self.statements, *statements), lower=self.lower, upper=self.upper)

    def solution(self) -> Point:
        """Counts of all atoms that satisfy every statement: so the statements do not contradict one another."""
        try:
            return self._solution
        except ContradictionError:
            raise InconsistentError(self._at_odds()) from None

    def interval(self, terms: Mapping[str, Number]) -> tuple[float | None, float | None]:
        """The least and the greatest value of a sum if counts could be fractions; None where it has no end. This is
        the solver's word, to within 1e-6, and never decides whether a figure is safe.
        """
        free, programme, known = self._asked({atom: exact(factor) for atom, factor in terms.items()})
        low, above = self._relaxed(programme, free), self._relaxed(programme, _negative(free))
        return (None if low is None else float(known) + low, None if above is None else float(known) - above)

    def integer_interval(self, terms: Mapping[str, int]) -> tuple[int | None, int | None]:
        """The least and the greatest value of a sum of whole counts; None where it has no end. Each end is attained by
        a witness; that there is none is shown by a change of the counts that can be repeated for ever. Raises
        ValueError for a coefficient that is not whole.
        """
        coefficients = whole_terms(terms)
        low, high = (None if point is None else int(total(coefficients, point)) for point in self.extremes(terms))
        return low, high

    def extremes(self, terms: Mapping[str, int]) -> tuple[Point | None, Point | None]:
        """The witnesses of the least and of the greatest value of a sum; None where it has no end."""
        free, programme, _ = self._asked(whole_terms(terms))
        return self._least(programme, free), self._least(programme, _negative(free))

    def witness(self, terms: Mapping[str, int], value: int, *, wishes: Wishes = ()) -> Point | None:
        """Counts that satisfy every statement and give a sum this value, checked exactly; None where there are none.

        `wishes` are values that one would like other sums to take, so that one witness serves many questions. They are
        granted as far as that is cheap, and never change whether there is a witness.
        """
        free, programme, known = self._asked(whole_terms(terms))
        wanted = self._within_reach(programme, wishes)
        found = self._proved(
            programme,
            lambda attempt: attempt.at(free, value - known, wanted),
            lambda point: self._holds(point) and total(free, point) + known == value,
        )
        return self._complete(found) if isinstance(found, dict) else None

    def _least(self, programme: Programme, free: Sum) -> Point | None:
        for attempt in (programme, programme.again()):
            found = attempt.least(free)
            if isinstance(found, Verdict) and self._endless(programme, free):
                return None
            if isinstance(found, dict) and self._holds(found) and not self._beaten(found, free):
                return self._complete(found)
        raise UnprovenError("the solver denies counts that are known to be possible")

    def _relaxed(self, programme: Programme, free: Sum) -> float | None:
        for attempt in (programme, programme.again()):
            found = attempt.relaxed(free)
            if not isinstance(found, Verdict):
                return found
            if self._endless(programme, free):
                return None
        raise UnprovenError("the solver finds no interval for counts that are known to be possible")

    def _endless(self, programme: Programme, free: Sum) -> bool:
        """Whether the counts can be changed again and again, each time making the sum smaller. Where numbers are
        rational and there is any solution, that is the only way in which a sum can be without end.
        """
        change = programme.direction(free)
        return isinstance(change, dict) and self._repeats(change) and total(free, change) < 0

    def _beaten(self, point: Point, free: Sum) -> bool:
        """Whether counts that are known already make the sum smaller than those that are said to make it least."""
        return total(free, point) > total(free, {**dict.fromkeys(free, 0), **self._solution})

    def _proved(
        self, programme: Programme, ask: Callable[[Programme], Point | Verdict], proves: Callable[[Point], bool]
    ) -> Point | Verdict:
        """The solver's proposal if it stands the check; or that there is none, if the solver says so twice."""
        verdicts = []
        for attempt in (programme, programme.again()):
            found = ask(attempt)
            if isinstance(found, dict) and proves(found):
                return found
            verdicts.append(Verdict.UNDECIDED if isinstance(found, dict) else found)
        if set(verdicts) == {Verdict.IMPOSSIBLE}:
            return Verdict.IMPOSSIBLE
        raise UnprovenError("the solver proposes nothing that satisfies the statements exactly")

    def _holds(self, point: Point) -> bool:
        """Whether counts of some blocks, beside the known ones of all others, satisfy all statements that name them."""
        return self._satisfied(self._complete(point), point)

    def _satisfied(self, solution: Point, atoms: Iterable[str]) -> bool:
        return all(between(solution[atom], self._limits(atom)) for atom in atoms) and all(
            between(total(statement.exact_terms, solution), statement.ends) for statement in self._naming(atoms)
        )

    def _repeats(self, change: Point) -> bool:
        """Whether a change may be made again and again without leaving what is known."""
        moved = {**dict.fromkeys(self._solution, 0), **change}
        return all(between(moved[atom], still(self._limits(atom))) for atom in change) and all(
            between(total(statement.exact_terms, moved), still(statement.ends)) for statement in self._naming(change)
        )

    def _complete(self, point: Point) -> Point:
        return {**self._solution, **point}

    def _naming(self, atoms: Iterable[str]) -> list[Statement]:
        return [self.statements[number] for number in sorted({n for atom in atoms for n in self._numbers[atom]})]

    @cached_property
    def _numbers(self) -> defaultdict[str, list[int]]:
        """The statements that name an atom."""
        numbers = defaultdict(list)
        for number, statement in enumerate(self.statements):
            for atom in statement.terms:
                numbers[atom].extend([number] if statement.ends != (None, None) else [])
        return numbers

    def _limits(self, atom: str) -> tuple[int, int | None]:
        return self.lower.get(atom, 0), self.upper.get(atom)

    @cached_property
    def _blocks(self) -> Blocks:
        limits = {atom: self._limits(atom) for atom in {*self._numbers, *self.lower, *self.upper}}
        telling = [statement for statement in self.statements if statement.ends != (None, None)]
        return Blocks(settle([row(statement.exact_terms, statement.ends) for statement in telling], limits))

    @cached_property
    def _solution(self) -> Point:
        solution = dict(self._blocks.fixed)
        for block in self._blocks:
            found = self._proved(
                block,
                lambda attempt: attempt.least({}),
                lambda point: self._satisfied({**solution, **point}, point),  # noqa: B023 - used at once
            )
            if isinstance(found, Verdict):
                raise ContradictionError
            solution |= found
        if not self._satisfied(solution, solution):
            raise UnprovenError("the counts settled before the solver was asked do not satisfy every statement")
        return solution

    def _asked(self, terms: Sum) -> tuple[dict[str, Exact], Programme, Exact]:
        """The part of a sum that is not fixed, the programme that it lives in, and the value of the fixed part."""
        self.solution()
        free, known = self._split(terms)
        return free, self._blocks.around(free), known

    def _split(self, terms: Sum) -> tuple[dict[str, Exact], Exact]:
        fixed = self._blocks.fixed
        free = {atom: factor for atom, factor in terms.items() if factor and atom not in fixed}
        return free, total({atom: factor for atom, factor in terms.items() if atom in fixed}, fixed)

    def _within_reach(self, programme: Programme, wishes: Wishes) -> Wishes:
        """The wishes that lie wholly in a programme, less what is fixed in them."""
        split = [(*self._split(terms), value) for terms, value in wishes]
        return [
            (free, value - known) for free, known, value in split if free and free.keys() <= programme.limits.keys()
        ]

    def _at_odds(self) -> list[tuple[int, Statement]]:
        """A smallest group of statements that cannot hold together, each with its place in the order given."""

        def contradictory(numbers: Sequence[int]) -> bool:
            try:
                return infeasible(System([self.statements[n] for n in numbers], lower=self.lower, upper=self.upper))
            except UnprovenError:
                return False

        group = smallest_group(range(len(self.statements)), contradictory)
        return [(number + 1, self.statements[number]) for number in group]


def infeasible(system: System) -> bool:
    """Whether no whole counts satisfy a system at all. Raises UnprovenError where that is not known."""
    try:
        _ = system._solution
    except ContradictionError:
        return True
    return False


def _negative(terms: Sum) -> dict[str, Exact]:
    return {atom: -factor for atom, factor in terms.items()}
