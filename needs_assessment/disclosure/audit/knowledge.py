"""Everything that an attacker is told: what is printed now, what earlier releases and others printed, and what follows
from definitions.
"""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from hashlib import sha256
from pathlib import Path
from typing import Any

from needs_assessment.disclosure.audit.areas import Areas
from needs_assessment.disclosure.audit.attackers import Target
from needs_assessment.disclosure.audit.definitions import Terms
from needs_assessment.disclosure.audit.faults import UNREADABLE, Fault
from needs_assessment.disclosure.audit.figures import KEY_COLUMNS, NOT_COUNTED, Figure, Levels, columns_of
from needs_assessment.disclosure.audit.linking import RETURNS, Runs, link
from needs_assessment.disclosure.audit.numbers import as_number
from needs_assessment.disclosure.audit.rule import Rule, Span

Ends = tuple[int | None, int | None]


class Origin(IntEnum):
    """Whose word a statement is: of two that contradict each other, the later of this list is not believed."""

    PRINTED = 0
    DEFINITION = 1
    EARLIER = 2
    OTHERS = 3
    PUBLIC = 4


@dataclass(frozen=True)
class Frame:
    """What a reader knows of places, schemes and services: which areas lie in which, the levels of each scheme from the
    lowest, and where each service runs.
    """

    areas: Areas
    levels: Levels = field(default_factory=dict)
    runs: Runs = field(default_factory=dict)


@dataclass(frozen=True)
class Told:
    """What an attacker is told of the figure `name`, or by the definition of that name: low <= sum <= high."""

    name: str
    terms: Terms
    low: int | None
    high: int | None
    origin: Origin

    @property
    def order(self) -> tuple[Any, ...]:
        """Of statements that contradict one another, the last in this order is not believed."""
        return (self.origin, len(self.terms), self.name, str(self.low), str(self.high))


@dataclass(frozen=True)
class Earlier:
    """What an earlier release, or somebody else, says of a figure. `hidden` says that it was withheld."""

    key: str
    ends: Ends
    file: str
    hidden: bool = False


@dataclass
class Knowledge:
    """All statements, the withheld figures to attack, where each stands, and which of them a public source prints.

    `counts` are true counts of withheld figures, for attackers who know some: private, and empty for a reader.
    """

    told: list[Told]
    targets: list[Target]
    places: Mapping[str, tuple[str, str]]
    already_public: frozenset[str]
    faults: list[Fault] = field(default_factory=list)
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def sha256(self) -> str:
        """The digest of the statements in a fixed order and form."""
        lines = sorted(json.dumps([sorted(told.terms.items()), told.low, told.high]) for told in self.told)
        return sha256("\n".join(lines).encode()).hexdigest()


def gathered(
    figures: Mapping[str, Figure], rule: Rule, frame: Frame, earlier: Iterable[Earlier], others: Iterable[Earlier]
) -> Knowledge:
    """Everything that an attacker is told of figures of sources that are not public."""
    earlier, others = list(earlier), list(others)
    private = {key: figure for key, figure in figures.items() if not figure.public}
    keys = {*private, *(said.key for said in (*earlier, *others))}
    if not keys:
        return Knowledge([], [], {}, frozenset())
    returned = _public_returns(figures)
    links = link({*keys, *returned}, frame.areas, frame.levels, frame.runs)
    printed = _printed_exactly(private, links.terms)
    told = [row for name, terms in links.relations for row in _by_definition(name, terms, None, printed)]
    told += [row for name, terms in links.equal for row in _by_definition(name, terms, 0, printed)]
    for key, figure in sorted(private.items()):
        spans: list[Span] = [*figure.spans, *([rule.hidden] if figure.withheld or not figure.spans else [])]
        told += [Told(key, links.terms[key], low, high, Origin.PRINTED) for low, high in spans]
    for origin, statements in ((Origin.EARLIER, earlier), (Origin.OTHERS, others)):
        told += [Told(said.key, links.terms[said.key], *said.ends, origin) for said in statements]
    twins = list(_twins(figures, keys))
    beside = [(key, span) for key, figure in sorted(returned.items()) for span in figure.spans]
    told += [Told(key, links.terms[key], *span, Origin.PUBLIC) for key, span in (*twins, *beside)]
    places = _places(private, earlier)
    targets = [Target(key, links.terms[key], rule.cover, links.leaf_areas[key]) for key in sorted(places)]
    return Knowledge(
        told, targets, places, frozenset(key for key, _ in twins), [*_broken_promises(private, earlier, rule)]
    )


def _printed_exactly(private: Mapping[str, Figure], terms: Mapping[str, Terms]) -> dict[str, list[tuple[Terms, int]]]:
    """The counts that are printed as they are, by each of their atoms, the widest first."""
    only = {key: figure.spans[0] for key, figure in private.items() if len(figure.spans) == 1 and not figure.withheld}
    found: dict[str, list[tuple[Terms, int]]] = defaultdict(list)
    for key, (low, high) in sorted(only.items(), key=lambda item: (-len(terms[item[0]]), item[0])):
        for atom in terms[key] if low == high else ():
            found[atom].append((terms[key], low))
    return found


def _by_definition(
    name: str, terms: Terms, most: int | None, printed: Mapping[str, list[tuple[Terms, int]]]
) -> Iterator[Told]:
    """That a sum is 0 or more, and no more than `most`. With numbers in place of the figures in it that are printed,
    nothing is lost, and what adds up to them has no more to do with their other parts.
    """
    left, number = dict(terms), 0
    for atom, sign in terms.items():
        for parts, count in printed.get(atom, ()) if atom in left and abs(sign) == 1 else ():
            if all(left.get(part) == sign for part in parts):
                number += sign * count
                left = {other: factor for other, factor in left.items() if other not in parts}
                break
    if left:
        yield Told(name, left, -number, None if most is None else most - number, Origin.DEFINITION)


def _places(private: Mapping[str, Figure], earlier: Iterable[Earlier]) -> dict[str, tuple[str, str]]:
    """Where each withheld figure stands: in the set itself, or only in an earlier release."""
    places = {said.key: (said.file, "") for said in earlier if said.hidden and said.key not in private}
    for key, figure in private.items():
        if figure.withheld:
            first = next(said for said in figure.prints if said.span is None)
            places[key] = (first.file, first.place)
    return places


def _twins(figures: Mapping[str, Figure], keys: Iterable[str]) -> Iterator[tuple[str, Span]]:
    """What public sources print of the same measure, unit, harm, area and period."""
    public: dict[tuple[str, ...], set[Span]] = defaultdict(set)
    for figure in figures.values():
        if figure.public:
            public[figure.table, *figure.columns.values()].update(figure.spans)
    for key in sorted(keys):
        table, _, columns = columns_of(key)
        for span in sorted(public.get((table, *columns.values()), ()), key=str):
            if "#" not in key:
                yield key, span


def _public_returns(figures: Mapping[str, Figure]) -> dict[str, Figure]:
    """What public sources print of services of which others return counts too: of any area, quarter or year so far."""
    of_returns = {key: figure for key, figure in figures.items() if figure.table == RETURNS}
    services = {figure.columns["service_id"] for figure in of_returns.values() if not figure.public}
    return {
        key: figure
        for key, figure in of_returns.items()
        if figure.public and figure.columns["service_id"] in services and figure.columns["unit"] not in NOT_COUNTED
    }


def _broken_promises(private: Mapping[str, Figure], earlier: Iterable[Earlier], rule: Rule) -> Iterator[Fault]:
    """What was printed stays as it was printed, and what was withheld stays withheld, but in a declared revision."""
    if rule.revision:
        return
    for said in earlier:
        figure = private.get(said.key)
        if figure is None or not figure.spans:
            continue
        place = next(print_ for print_ in figure.prints if print_.span is not None)
        if said.hidden:
            yield Fault(place.file, place.place, f"prints what {said.file} withheld", (said.key,))
        elif said.ends not in figure.spans:
            yield Fault(place.file, place.place, f"prints a figure differently than {said.file}", (said.key,))


def read_series(folder: Path, faults: list[Fault]) -> list[Earlier]:
    """What the earlier releases of a series said, from its ledger; the newest first, so that it is believed first."""
    said: list[Earlier] = []
    for path in sorted(folder.glob("release-*.json"), reverse=True):
        try:
            release = json.loads(path.read_text(encoding="utf-8"))
            said += [_statement(statement, path.name) for statement in release["statements"]]
        except (OSError, ValueError, KeyError, TypeError):
            faults.append(Fault(path.name, "ledger of the series", UNREADABLE))
    return said


def _statement(said: Mapping[str, Any], file: str) -> Earlier:
    columns_of(said["key"])
    ends = tuple(None if said[end] is None else int(said[end]) for end in ("low", "high"))
    return Earlier(said["key"], (ends[0], ends[1]), file, said["status"] == "hidden")


def read_known(path: Path, faults: list[Fault]) -> list[Earlier]:
    """What others are known to have published: `external_known.csv`, with the columns table, identity, the columns of
    that table's key by name, low, high and said_by.
    """
    said = []
    try:
        lines = list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines(), strict=True))
    except (OSError, UnicodeDecodeError, csv.Error):
        faults.append(Fault(path.name, "", UNREADABLE))
        return []
    for number, line in enumerate(lines, 2):
        row = {name: (cell or "").strip() for name, cell in line.items() if name}
        ends = tuple(as_number(row.get(end, "")) for end in ("low", "high"))
        if row.get("table") not in KEY_COLUMNS or ends == (None, None):
            faults.append(Fault(path.name, f"line {number}", "names no known table, or neither low nor high"))
            continue
        key = "|".join([row["table"], row["identity"], *(row.get(name, "") for name in KEY_COLUMNS[row["table"]])])
        low, high = (None if end is None else int(end) for end in ends)
        said.append(Earlier(key, (low, high), path.name))
    return said
