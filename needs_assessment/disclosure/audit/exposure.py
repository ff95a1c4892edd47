"""Which withheld figures are exposed, judged as a reader can: without the true counts.

From outside nobody can tell a figure that is withheld because it is small from one that is withheld to protect another.
So a withheld figure is

- **safe** while every count that the rule withholds, 1 to t, stays possible;
- **exposed** where some of 1 to t stay possible and others do not: then it may be a small count, and something about it
  is known. A figure that can be worked out exactly to be in 1 to t is the extreme of this;
- **narrowed** where none of 1 to t is possible: it is 0 or above t, so it protects others and is itself not sensitive.
  That is counted, and fails nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from needs_assessment.disclosure.audit.attackers import (
    PUBLIC,
    Attacker,
    Finding,
    Target,
    attack,
    insider,
    zeros_printed,
)
from needs_assessment.disclosure.audit.knowledge import Knowledge, Origin, Told
from needs_assessment.disclosure.audit.linking import REST, area_of
from needs_assessment.disclosure.audit.statements import InconsistentError, Statement, UnprovenError
from needs_assessment.disclosure.audit.systems import System

SAFE, EXPOSED, NARROWED, UNDECIDED = "safe", "exposed", "narrowed", "undecided"
INSIDERS, ZEROS = "insiders", "zeros are printed"


@dataclass(frozen=True)
class Judged:
    """What an attacker of some kind works out about a withheld figure."""

    kind: str
    finding: Finding
    verdict: str


@dataclass
class Exposure:
    """All judgements, how many withheld figures there were for each kind of attacker, and how many statements
    contradict others and were not believed.
    """

    judged: list[Judged] = field(default_factory=list)
    disbelieved: list[str] = field(default_factory=list)

    def keys(self, kind: str, verdict: str) -> list[str]:
        """The figures of a verdict, each once, in order."""
        return sorted({one.finding.target for one in self.judged if (one.kind, one.verdict) == (kind, verdict)})


def verdict(finding: Finding, cover: tuple[int, int]) -> str:
    """Safe, exposed or narrowed, as the module says."""
    if not finding.impossible:
        return SAFE
    return NARROWED if len(finding.impossible) == cover[1] - cover[0] + 1 else EXPOSED


def exposure(knowledge: Knowledge, *, kinds: Sequence[str], tell: Callable[[float], None]) -> Exposure:
    """The verdict on every withheld figure for the public and each further kind of attacker."""
    found = Exposure()
    blocks = list(_blocks(knowledge.told, knowledge.targets))
    for number, (told, targets) in enumerate(blocks, 1):
        _judge_block(told, targets, knowledge, kinds, found)
        tell(number / len(blocks))
    return found


def _judge_block(
    told: list[Told], targets: list[Target], knowledge: Knowledge, kinds: Sequence[str], found: Exposure
) -> None:
    """A figure that a public source prints as well is judged without that source's word: what is public already is no
    disclosure of this set.
    """
    printed_too = [target for target in targets if target.name in knowledge.already_public]
    others = [target for target in targets if target.name not in knowledge.already_public]
    without_public = [one for one in told if one.origin is not Origin.PUBLIC]
    for chosen, aims in ((told, others), (without_public, printed_too)):
        if aims and _says_nothing(chosen):
            kinds_of_all = [PUBLIC.name, *kinds]
            found.judged += [Judged(kind, _unbounded(target, kind), SAFE) for kind in kinds_of_all for target in aims]
        elif aims:
            system = _believed(chosen, found)
            _attack(system, aims, PUBLIC.name, PUBLIC, found)
            if ZEROS in kinds:
                _attack(system, aims, ZEROS, zeros_printed(aims), found)
            if INSIDERS in kinds:
                _attack_from_inside(system, aims, knowledge.counts, found)


def _says_nothing(told: Sequence[Told]) -> bool:
    """Whether statements leave every count free: sums that are 0 or more, and nothing else."""
    return all(not one.low and one.high is None and min(one.terms.values()) >= 0 for one in told)


def _unbounded(target: Target, kind: str) -> Finding:
    return Finding(target.name, kind, int(kind == ZEROS), None, ())


def _attack(system: System, targets: Sequence[Target], kind: str, attacker: Attacker, found: Exposure) -> None:
    try:
        findings = attack(system, targets, attacker=attacker, intervals=attacker is PUBLIC)
    except InconsistentError:
        return  # this attacker believes what cannot be: only the public's own knowledge is known to hold together
    except UnprovenError:
        findings = [Finding(target.name, attacker.name, None, None, ()) for target in targets]
        found.judged += [Judged(kind, finding, UNDECIDED) for finding in findings]
        return
    covers = {target.name: target.cover or (1, 0) for target in targets}
    found.judged += [Judged(kind, finding, verdict(finding, covers[finding.target])) for finding in findings]


def _attack_from_inside(system: System, targets: Sequence[Target], counts: Mapping[str, int], found: Exposure) -> None:
    """Each authority knows its own counts. Where the audit was not told them, one completion of what is printed stands
    for them.
    """
    areas = sorted({area for target in targets for area in target.areas if not area.startswith(REST)})
    true = [
        Statement(target.terms, counts[target.name], counts[target.name]) for target in targets if target.name in counts
    ]
    completion = _completion(system.plus(true), targets) if len(areas) > 1 else None
    for area in areas if completion else []:
        own = {atom: value for atom, value in (completion or {}).items() if area_of(atom) == area}
        _attack(system, targets, INSIDERS, insider(area, own), found)


def _completion(system: System, targets: Sequence[Target]) -> dict[str, int] | None:
    """Whole counts that agree with everything printed, with as many withheld figures small as can be: these are what
    an insider is after.
    """
    first = targets[0]
    low, high = first.cover or (0, -1)
    small = sorted(range(low, high + 1), key=lambda value: abs(2 * value - low - high))
    try:
        for value in small:
            wishes = [(target.terms, value) for target in targets[1:]]
            if (found := system.witness(first.terms, value, wishes=wishes)) is not None:
                return found
        return system.solution()
    except UnprovenError:
        return None


def _believed(told: Sequence[Told], found: Exposure) -> System:
    """The statements that hold together: of each group that contradicts itself, the one that is least to be believed,
    such as the widest figure or another publisher's, is left out.
    """
    standing = {id(statement): (one, statement) for one in told for statement in [_statement(one)]}
    while True:
        system = System([statement for _, statement in standing.values()])
        try:
            system.solution()
        except InconsistentError as error:
            at_odds = [number for number in map(id, error.statements) if number in standing]
            last = max(at_odds or standing, key=lambda number: standing[number][0].order)
            found.disbelieved.append(standing.pop(last)[0].name)
            continue
        except UnprovenError:
            return system
        return system


def _statement(told: Told) -> Statement:
    return Statement(told.terms, told.low, told.high)


def _blocks(told: Sequence[Told], targets: Sequence[Target]) -> Iterator[tuple[list[Told], list[Target]]]:
    """Statements and withheld figures in groups that share no count but printed ones, groups with a withheld figure
    only, in order of their first figure.
    """
    fixed = _printed_atoms(told)
    groups = _Groups()
    for terms in [*(one.terms for one in told), *(target.terms for target in targets)]:
        groups.join(atom for atom in terms if atom not in fixed)
    by_group: dict[str, tuple[dict[int, Told], list[Target]]] = defaultdict(lambda: ({}, []))
    alone: list[Target] = []
    for target in targets:
        free = next((atom for atom in target.terms if atom not in fixed), None)
        alone += [target] if free is None else []
        if free is not None:
            by_group[groups.of(free)][1].append(target)
    for number, one in enumerate(told):
        for group in {groups.of(atom) for atom in one.terms if atom not in fixed}:
            by_group[group][0][number] = one
    for statements, aims in sorted((group for group in by_group.values() if group[1]), key=lambda g: g[1][0].name):
        used = {atom for one in statements.values() for atom in one.terms} | {a for aim in aims for a in aim.terms}
        yield [*statements.values(), *(fixed[atom] for atom in sorted(used & fixed.keys()))], aims
    for target in alone:
        yield [fixed[atom] for atom in sorted(target.terms)], [target]


def _printed_atoms(told: Iterable[Told]) -> dict[str, Told]:
    """The counts that are printed as they are, with the statement that says so."""
    fixed: dict[str, Told] = {}
    for one in sorted(told, key=lambda one: one.order):
        (atom, coefficient), *more = one.terms.items()
        if not more and coefficient == 1 and one.low is not None and one.low == one.high:
            fixed.setdefault(atom, one)
    return fixed


class _Groups:
    """Which atoms belong together: every atom of one statement does."""

    def __init__(self) -> None:
        self.parent: dict[str, str] = {}

    def of(self, atom: str) -> str:
        """The atom that stands for the group of an atom."""
        root = atom
        while self.parent.get(root, root) != root:
            root = self.parent[root]
        while self.parent.get(atom, atom) != root:
            self.parent[atom], atom = root, self.parent[atom]
        return root

    def join(self, atoms: Iterable[str]) -> None:
        """Puts atoms into one group."""
        first, *others = [*atoms] or [""]
        if first:
            self.parent.setdefault(first, first)
        for other in others:
            self.parent.setdefault(other, other)
            self.parent[self.of(other)] = self.of(first)
