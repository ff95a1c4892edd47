"""The gate: everything that a series publishes of sources that are not public is protected at once.

Each table on its own can be safe and all together give a child away: a force's report less those of its authorities, a
year less its quarters, this quarter's release less the last. So there is one passage for all tables of a release.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pandas as pd

from needs_assessment.disclosure.cells import Cell, Known, Span, Status, Terms
from needs_assessment.disclosure.consistency import linked
from needs_assessment.disclosure.keys import BETWEEN, LAYOUTS, identities, in_a_key, in_key_words, keys_of
from needs_assessment.disclosure.ledger import Ledger, reconcile
from needs_assessment.disclosure.linking import AREA, Figure, Frame, Members, Runs, is_wider, link
from needs_assessment.disclosure.order import is_detail, totals_first
from needs_assessment.disclosure.policies import Policy
from needs_assessment.disclosure.proposals import Proposal, coarser_tables
from needs_assessment.disclosure.protection import Pattern
from needs_assessment.disclosure.under_review import Levels
from needs_assessment.vocabulary import MissingCode, Unit

NOT_COUNTS = frozenset({Unit.PER_CENT, Unit.POUND, Unit.YEAR, Unit.MONTH, Unit.DAY, Unit.OTHER})
"""Units of shares, money and lengths of time: what they were computed from is not there to be checked."""
PLACES = frozenset(
    {
        "area_code",
        "period_start",
        "period_end",
        "as_at",
        "residence",
        "risk_level",
        "category",
        "from_level",
        "to_level",
        "basis",
    }
)
"""The columns of a key that say where, when and of which group, and not what is counted: the year so far holds what was
counted in each of its periods.
"""
MANY_HIDDEN = 0.25
"""The share of hidden figures from which coarser tables are worth a proposal."""


class DisclosureError(Exception):
    """What readers have been told contradicts itself, so that nothing can be protected beside it; names figures."""


@dataclass(frozen=True)
class SafeCounts:
    """Counts that passed the gate. Only the gate makes them, and rates are computed from nothing else."""

    table: pd.DataFrame
    withheld: int


@dataclass(frozen=True)
class History:
    """What readers know beside today's release, the ledger of the series and what others have published, and what they
    will be told.

    In a declared `revision` run figures that changed are printed anew, where the change tells of no single child.
    `distinct` are sources that count something else than the ledger's, although measure, area and period agree. `later`
    has, in the form of the tables, sums that no reader is shown yet and that figures of later releases will hold: were
    a small one narrowed today, nothing could protect those. `levels` are those of each scheme, from the lowest, and
    `runs` the local authorities where each service runs, where readers are told them.
    """

    ledger: Ledger | None = None
    revision: bool = False
    known: Sequence[Figure] = ()
    distinct: Sequence[str] = ()
    later: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    levels: Levels = field(default_factory=dict)
    runs: Runs = field(default_factory=dict)


@dataclass(frozen=True)
class Statement:
    """What readers are told of one figure: the least and the most that it can be, and what is printed, if anything."""

    key: str
    low: int
    high: int | None
    value: int | None = None

    @property
    def status(self) -> Status:
        """Whether it is printed or hidden."""
        return Status.HIDDEN if self.value is None else Status.PRINTED


@dataclass(frozen=True)
class Protected:
    """The tables past the gate, by name, and what the release says of every figure of a source that is not public.

    `unprotected` are figures that could be worked out from what earlier releases or others published, whatever is
    hidden today. `waiting` are printed figures that have changed since and keep their first value. `alone` are sums
    that contradict their parts. `coarser` are proposals where many figures are hidden. `hidden_counts` are the true
    counts of withheld figures and `small` those of them that are small. All but the tables and the statements are for
    whoever runs the reports, and not for readers.
    """

    tables: Mapping[str, SafeCounts]
    statements: tuple[Statement, ...] = ()
    unprotected: tuple[str, ...] = ()
    waiting: frozenset[str] = frozenset()
    alone: frozenset[str] = frozenset()
    coarser: tuple[Proposal, ...] = ()
    hidden_counts: Mapping[str, int] = field(default_factory=dict)
    small: frozenset[str] = frozenset()

    @property
    def withheld(self) -> int:
        """The figures of this release that are hidden."""
        return sum(safe.withheld for safe in self.tables.values())


def protect(
    tables: Mapping[str, pd.DataFrame],
    sources: pd.DataFrame,
    members: Members,
    policy: Policy,
    history: History | None = None,
) -> Protected:
    """The tables with every figure of a source that is not public either printed by the rule or withheld, so that
    nobody who reads all of them, and all that the series printed before, can exclude a value from 1 to the threshold.

    `tables` are some of `keys.LAYOUTS`, with their key columns, source_id, unit, count (Int64 or Float64), missing and,
    where there is one, note. `sources` has source_id, public and edition_of; `members` the local authorities of each
    wider area. A withheld count is missing, with the code `c`; a note on a count of such a source is left out, as no
    rule on counts makes words safe. Figures of public sources pass unchanged. Shares, money, lengths of time and
    decimals of other sources are withheld. Raises KeyError for a source that `sources` does not know, LedgerError for
    figures that do not fit the ledger, and DisclosureError where what was printed before contradicts itself.
    """
    history = history or History()
    keyed = {name: _keyed(name, rows, sources) for name, rows in tables.items()}
    own = [figure for rows in keyed.values() for figure in _figures(rows)]
    here = {figure.key for figure in own}
    stated = _published(keyed)
    figures = [
        replace(figure, published=figure.count is not None and stated.get(figure.key) == figure.count) for figure in own
    ]
    ahead = [figure for name, rows in history.later.items() for figure in _later(_keyed(name, rows, sources))]
    beside = [Figure(key, None, Status.PRINTED, (count, count), today=False) for key, count in stated.items()]
    history = replace(history, known=[*history.known, *beside])
    passed = _protected([*figures, *(figure for figure in ahead if figure.key not in here)], members, history, policy)
    cells, pattern = passed.cells, passed.pattern
    told = {cell.key: _statement(cell, pattern, policy) for cell in cells}
    totals = [cell for cell in cells if not is_detail(cell.key)]
    shown = {cell.key for cell in totals} & here
    return Protected(
        tables={name: _safe(rows, told) for name, rows in keyed.items()},
        statements=tuple(told[key] for key in sorted(here)),
        unprotected=tuple(cell.key for cell in cells if cell.cover and cell.key in here & {*pattern.unprotectable}),
        waiting=passed.standing.waiting & here,
        alone=passed.alone,
        coarser=tuple(_coarser(totals, passed.known)) if len(pattern.hidden & shown) > MANY_HIDDEN * len(shown) else (),
        hidden_counts={
            cell.key: cell.count for cell in cells if cell.key in pattern.hidden & here and cell.count is not None
        },
        small=frozenset(cell.key for cell in cells if cell.key in here and _is_small(cell, policy)),
    )


def _is_small(cell: Cell, policy: Policy) -> bool:
    return cell.cover is not None and cell.count is not None and 1 <= cell.count <= policy.withhold_up_to


def statements_hash(statements: Iterable[Statement]) -> str:
    """The SHA-256 of what readers are told, whatever the order of the figures."""
    lines = sorted(f"{told.key} {told.low} {told.high} {told.status}" for told in statements)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _keyed(name: str, rows: pd.DataFrame, sources: pd.DataFrame) -> pd.DataFrame:
    """The rows with `key`, which is missing for rows of public sources, and `whole`: whether it is a number of
    children, episodes or the like.
    """
    unknown = ~rows["source_id"].isin(sources["source_id"])
    if unknown.any():
        raise KeyError(f"{int(unknown.sum())} counts have no known source: the gate cannot tell whether it is public")
    public = rows["source_id"].map(sources.set_index("source_id")["public"]).astype(bool)
    counts = rows["count"].astype("Float64")
    whole = ~rows["unit"].isin(NOT_COUNTS) & (counts.isna() | counts.mod(1).eq(0)).fillna(True).astype(bool)
    keys = keys_of(name, rows[~public], identities(sources))
    return rows.assign(key=keys.reindex(rows.index), whole=whole)


def _figures(rows: pd.DataFrame) -> list[Figure]:
    """The figures that are counts: those with a number, and those that their own source withheld."""
    counted = rows["count"].notna() | rows["missing"].eq(MissingCode.SUPPRESSED).fillna(False)
    chosen = rows[rows["key"].notna() & rows["whole"] & counted.astype(bool)]
    return [
        Figure(key, None, Status.HIDDEN) if pd.isna(count) else Figure(key, int(count))
        for key, count in zip(chosen["key"], chosen["count"], strict=True)
    ]


def _published(keyed: Mapping[str, pd.DataFrame]) -> dict[str, int]:
    """What public sources state of the same measure, unit and harm as other sources, by the key that it has there."""
    stated: dict[str, int] = {}
    for name, rows in keyed.items():
        own = rows[rows["key"].notna()]
        public = rows[rows["key"].isna() & rows["whole"] & rows["count"].notna()]
        kind = [column for column in LAYOUTS[name] if column not in PLACES]
        for identity, group in own.groupby(own["key"].str.split(BETWEEN).str[1]):
            alike = public.merge(group[kind].drop_duplicates(), on=kind)
            keys = keys_of(name, alike, dict.fromkeys(alike["source_id"], identity))
            stated |= dict(zip(keys, alike["count"].astype(int), strict=True))
    return stated


def _later(rows: pd.DataFrame) -> list[Figure]:
    """Sums that are not shown yet."""
    return [replace(figure, status=Status.HIDDEN, today=False, later=True) for figure in _figures(rows)]


@dataclass(frozen=True)
class Standing:
    """Today's figures and those of earlier releases as they stand, what a revision replaces, and what waits for one."""

    figures: Sequence[Figure]
    revised: frozenset[str] = frozenset()
    waiting: frozenset[str] = frozenset()
    replaced: Sequence[tuple[str, Span]] = ()


def _standing(figures: Sequence[Figure], history: History, policy: Policy, unrevised: frozenset[str]) -> Standing:
    today = {figure.key: figure for figure in figures}
    if history.ledger is None:
        others = [figure for figure in history.known if figure.key not in today]
        return Standing([*map(_as_published, figures), *others])
    shown = [figure for figure in figures if not figure.later]
    would = {figure.key: _would_print(figure, policy) for figure in shown}
    found = reconcile(would, history.ledger, revision=history.revision, policy=policy, distinct=history.distinct)
    revised = frozenset(found.revised) - unrevised
    now = [_as_it_stands(figure, found.statuses[figure.key], history.ledger, revised) for figure in shown]
    locks = history.ledger.locks.values()
    earlier = [
        Figure(lock.key, None, lock.status, (lock.low, lock.high), today=False)
        for lock in locks
        if lock.key not in today
    ]
    others = [figure for figure in history.known if figure.key not in today and figure.key not in history.ledger.locks]
    replaced = [(lock.key, (lock.low, lock.high)) for lock in history.ledger.superseded]
    replaced += [(key, _span(history.ledger, key)) for key in sorted(revised)]
    return Standing(
        [*map(_as_published, now), *earlier, *others, *(figure for figure in figures if figure.later)],
        revised,
        found.waiting | (found.revised.keys() - revised),
        replaced,
    )


def _coarser(totals: Sequence[Cell], known: Sequence[Known]) -> list[Proposal]:
    """Coarser tables of totals: what is protected after them is no detail of another table."""
    atoms = {atom for cell in totals for atom, _ in cell.terms}
    return coarser_tables(totals, [row for row in known if atoms.issuperset(atom for atom, _ in row.terms)])


def _as_published(figure: Figure) -> Figure:
    """The figure, printed where a public source prints just the same and nothing has hidden it before."""
    if figure.count is None or not figure.published or figure.status is not Status.FREE:
        return figure
    return replace(figure, status=Status.PRINTED, earlier=(figure.count, figure.count))


@dataclass(frozen=True)
class Passed:
    """Figures as they stand, as cells, and which of them are hidden."""

    standing: Standing
    cells: Sequence[Cell]
    known: Sequence[Known]
    alone: frozenset[str]
    pattern: Pattern


def _protected(figures: Sequence[Figure], members: Members, history: History, policy: Policy) -> Passed:
    """The figures with those hidden that must be. A figure whose revision would have to be hidden keeps its first
    value, since what was printed stays printed.
    """
    unrevised: frozenset[str] = frozenset()
    while True:
        standing = _standing(figures, history, policy, unrevised)
        cells, known, alone = _cells(standing, members, policy, history)
        told = frozenset(figure.key for figure in standing.figures if not figure.later)
        pattern = _pattern(cells, known, policy, told)
        withdrawn = standing.revised & pattern.hidden
        if not withdrawn:
            return Passed(standing, cells, known, alone, pattern)
        unrevised |= withdrawn


def _pattern(cells: Sequence[Cell], known: Sequence[Known], policy: Policy, told: frozenset[str]) -> Pattern:
    try:
        return totals_first(cells, known, policy, told)
    except ValueError as error:
        raise DisclosureError(str(error)) from error


def _would_print(figure: Figure, policy: Policy) -> tuple[int, int] | None:
    if figure.count is None:
        return None
    shown = policy.shown(figure.count, wider=is_wider(figure.columns["area_code"]))
    return None if shown.value is None else (shown.low, shown.high)


def _as_it_stands(figure: Figure, status: Status, ledger: Ledger, revised: frozenset[str]) -> Figure:
    if status is Status.HIDDEN or figure.key not in ledger.locks:
        return replace(figure, status=Status.HIDDEN if figure.count is None else status)
    if figure.key in revised:
        return replace(figure, status=Status.FREE)
    low, high = _span(ledger, figure.key)
    return replace(figure, status=status, earlier=(low, high), count=low if low == high else figure.count)


def _span(ledger: Ledger, key: str) -> Span:
    lock = ledger.locks[key]
    return (lock.low, lock.high)


def _cells(
    standing: Standing, members: Members, policy: Policy, history: History
) -> tuple[list[Cell], list[Known], frozenset[str]]:
    frame = Frame(in_key_words(history.levels), {in_a_key(name): areas for name, areas in history.runs.items()})
    cells, known = link(standing.figures, members, policy, frame)
    held_back = _beside(cells, known, standing.waiting)
    cells = [replace(cell, status=Status.HIDDEN) if cell.key in held_back else cell for cell in cells]
    cells, before = _before_revision(cells, known, standing)
    others = frozenset(figure.key for figure in history.known)
    cells, known, alone = linked(cells, known, others - {figure.key for figure in standing.figures if figure.today})
    return cells, [*known, *before, *_of_others(cells, history.known)], alone


def _before_revision(
    cells: Sequence[Cell], known: Sequence[Known], standing: Standing
) -> tuple[list[Cell], list[Known]]:
    """The cells, those that only earlier releases printed over the atoms as they were before a revision; and what
    readers still know of then: the replaced figures, the printed ones that did not change, and what was equal.
    """
    by_key = {cell.key: cell for cell in cells}
    replaced = [(by_key[key].terms, span) for key, span in standing.replaced if key in by_key]
    changed = _with_equals({atom for sums, _ in replaced for atom, _ in sums}, known)
    gone = {figure.key for figure in standing.figures if not figure.today}
    touched = {cell.key for cell in cells if any(atom in changed for atom, _ in cell.terms)}
    now = [_then(cell, changed) if cell.key in touched & gone else cell for cell in cells]
    same = [cell for cell in cells if cell.key in touched - gone and cell.status is Status.PRINTED]
    before = [(cell.terms, cell.printed) for cell in same] + replaced
    equal = [(row.terms, (0, 0)) for row in _equalities(known) if changed.intersection(atom for atom, _ in row.terms)]
    return now, [Known(_as_then(sums, changed), low, high) for sums, (low, high) in [*before, *equal]]


def _equalities(known: Iterable[Known]) -> list[Known]:
    """Such as that the categories of a breakdown add up to their total."""
    return [row for row in known if (row.low, row.high) == (0, 0)]


def _with_equals(atoms: set[str], known: Sequence[Known]) -> set[str]:
    """The atoms, with those that were equal to sums of them: when the ones change so do the others."""
    equal = [{atom for atom, _ in row.terms} for row in _equalities(known)]
    while reached := [more for more in equal if more & atoms and not more <= atoms]:
        atoms = atoms.union(*reached)
    return atoms


def _then(cell: Cell, changed: set[str]) -> Cell:
    return replace(cell, terms=_as_then(cell.terms, changed))


def _as_then(sums: Terms, changed: set[str]) -> Terms:
    return tuple(sorted((f"{atom} before" if atom in changed else atom, times) for atom, times in sums))


def _beside(cells: Sequence[Cell], known: Sequence[Known], waiting: frozenset[str]) -> frozenset[str]:
    """New figures that share an atom with one that keeps its first value, or are part of what adds up to it: their
    difference would tell the change.
    """
    changed = {atom for cell in cells if cell.key in waiting for atom, _ in cell.terms}
    wholes = [row.terms for row in _equalities(known) if changed.intersection(atom for atom, _ in row.terms)]
    # Of a total all atoms count: a new quarter tells nothing of an old one of its year.
    parts = {atom for sums in wholes for atom, sign in sums if sign < 0}
    totals = [frozenset(atom for atom, sign in sums if sign > 0) for sums in wholes]
    new = [(cell.key, frozenset(atom for atom, _ in cell.terms)) for cell in cells if cell.status is Status.FREE]
    return frozenset(key for key, atoms in new if atoms & (changed | parts) or any(atoms >= total for total in totals))


def _of_others(cells: Iterable[Cell], known: Sequence[Figure]) -> list[Known]:
    """What others have published of figures that stand in this release, where it agrees with the true count."""
    stated = {figure.key: figure.earlier for figure in known if figure.earlier is not None}
    return [
        Known(cell.terms, *stated[cell.key])
        for cell in cells
        if cell.key in stated and cell.count is not None and _holds(stated[cell.key], cell.count)
    ]


def _holds(span: Span, count: int) -> bool:
    return span[0] <= count and (span[1] is None or count <= span[1])


def _statement(cell: Cell, pattern: Pattern, policy: Policy) -> Statement:
    low, high = cell.printed
    if cell.key in pattern.hidden or high is None:
        return Statement(cell.key, *cell.hidden)
    # Every count of a run is printed as one value; what the rule withholds, as an earlier release printed it.
    shown = policy.shown(high, wider=AREA in cell.totals).value
    return Statement(cell.key, low, high, high if shown is None else shown)


def _safe(rows: pd.DataFrame, told: Mapping[str, Statement]) -> SafeCounts:
    """The rows as readers see them."""
    sensitive = rows["key"].notna()
    counts = rows["count"].copy()
    for place, key in rows.loc[sensitive & rows["count"].notna(), "key"].items():
        value = told[key].value if key in told else None
        counts[place] = pd.NA if value is None else value
    withheld = rows["count"].notna() & counts.isna()
    table = rows.drop(columns=["key", "whole"]).assign(
        count=counts, missing=rows["missing"].mask(withheld, MissingCode.SUPPRESSED.value)
    )
    if "note" in table:
        table["note"] = table["note"].mask(sensitive)
    return SafeCounts(table, int((sensitive & table["missing"].eq(MissingCode.SUPPRESSED).fillna(False)).sum()))
