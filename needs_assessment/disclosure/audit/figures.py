"""The figures that a set of files prints, by key: what each file says of each, and where files or columns give away
what another withholds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from needs_assessment.disclosure.audit.areas import Areas
from needs_assessment.disclosure.audit.contents import Tidy, TidyRow
from needs_assessment.disclosure.audit.faults import Fault
from needs_assessment.disclosure.audit.numbers import as_number
from needs_assessment.disclosure.audit.rule import Rule
from needs_assessment.vocabulary import PER, MissingCode

Levels = Mapping[str, Sequence[str]]
"""The levels of each scheme from the lowest."""
WITHHELD = MissingCode.SUPPRESSED.value
_WHERE = ("area_code", "period_start", "period_end")
_RISK = ("scheme", "exploitation_type", "risk_level", "unit", "area_code", "residence", "as_at")
KEY_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "demand": ("measure", "exploitation_type", "unit", "area_code", "period_start", "period_end"),
    "breakdowns": ("measure", "exploitation_type", "unit", "dimension", "category", *_WHERE),
    "risk_movement": ("measure", "scheme", "exploitation_type", "unit", "from_level", "to_level", *_WHERE),
    "risk_snapshots": _RISK,
    "risk_caseload": _RISK,
    "service_returns": ("service_id", "measure", "basis", "unit", "area_code", "period_start", "period_end"),
}
"""The tables that can hold counts of sources that are not public, and the columns of a figure's key in order."""
COUNT_COLUMN = {table: "value" if table == "service_returns" else "count" for table in KEY_COLUMNS}
OF_RECORDS = frozenset({"risk_caseload", "risk_movement", "breakdowns"})
EXPECTED = frozenset({"neighbours_value", "expected", "source_id"})
"""The columns of a table of figures beside what their neighbours record, which only public sources may have."""
COUNTED = ("count", "missing", "source_id")
DATES = frozenset({"period_start", "period_end", "as_at", "as_at_before", "as_at_after"})
NOT_COUNTED = frozenset({"per cent", "pound", "year", "month", "day", "other"})
"""Units of figures that count nobody: of sources that are not public none is printed, since 66.67% is of 3."""
BESIDE_WITHHELD = frozenset(
    [
        "source_id",
        "area_name",
        "missing",
        "denominator_source_id",
        "denominator",
        "person_years",
        "comparator_code",
        "comparator_value",
        "limit_lower",
        "limit_upper",
        "chance_verdict",
        "verdict",
        "reason",
        "residence_area_code",
        "target",
        "quarter_before",
        "quarter_before_missing",
        "year_before",
        "year_before_missing",
        "school_share",
        "holiday_quarter",
    ]
)
"""Columns that may be filled beside a withheld count, besides the key: what is about the place, or another count."""
CANNOT_TELL = "Cannot tell"


@dataclass(frozen=True)
class Print:
    """What one place says of a figure: the `number` that is printed, with the least and the most that it can stand for,
    or only a symbol.
    """

    file: str
    place: str
    span: tuple[int, int | None] | None
    symbol: str = ""
    number: float | None = None

    @property
    def said(self) -> object:
        """What is compared between places."""
        return self.span if self.span is not None else self.symbol


@dataclass
class Figure:
    """One figure by its key, with everything that is printed of it."""

    key: str
    table: str
    identity: str
    columns: Mapping[str, str]
    public: bool
    prints: list[Print] = field(default_factory=list)

    @property
    def withheld(self) -> bool:
        """Whether any place withholds it."""
        return any(print_.span is None and print_.symbol in {WITHHELD, ""} for print_ in self.prints)

    @property
    def spans(self) -> list[tuple[int, int | None]]:
        """The different things that are printed of it."""
        return sorted({print_.span for print_ in self.prints if print_.span is not None}, key=str)

    @property
    def number(self) -> float | None:
        """What is printed of it, where no place withholds it and all print the same."""
        numbers = {print_.number for print_ in self.prints if print_.number is not None}
        return None if self.withheld or len(numbers) != 1 else numbers.pop()


@dataclass
class Sources:
    """Which sources are public and what each is an edition of, by source_id."""

    public: Mapping[str, bool]
    identity: Mapping[str, str]

    @classmethod
    def of(cls, tables: Mapping[str, Tidy]) -> Sources:
        """From the table `sources` of a release, as far as it is there."""
        sources = tables["sources"].rows if "sources" in tables else ()
        return cls(
            {row["source_id"]: row["public"].casefold() == "true" for row in sources},
            {row["source_id"]: row.get("edition_of") or row["source_id"] for row in sources},
        )

    def identity_of(self, row: TidyRow) -> str:
        """What the source of a row is an edition of."""
        return self.identity.get(row["source_id"], row["source_id"])

    @cached_property
    def public_identities(self) -> frozenset[str]:
        """What public sources are editions of, where none that is not public is."""
        named = {
            public: {self.identity[source] for source in self.public if self.public[source] is public}
            for public in (True, False)
        }
        return frozenset(named[True] - named[False])


def table_of(tidy: Tidy) -> str | None:
    """The table of KEY_COLUMNS that rows are of, by their columns and, between snapshots and caseload, by name."""
    columns = set(tidy.columns)
    if tidy.name in KEY_COLUMNS and columns.issuperset(KEY_COLUMNS[tidy.name]):
        return tidy.name
    if columns.issuperset({*_RISK, "count"}):
        return "risk_caseload" if "caseload" in tidy.name else "risk_snapshots"
    if columns.issuperset({*KEY_COLUMNS["service_returns"], "value"}):
        return "service_returns"
    if columns.issuperset(EXPECTED):
        return None
    # A breakdown has all the columns of a total, and its own; so has a move between levels.
    named = ("risk_movement", "breakdowns", "demand")
    return next((name for name in named if columns.issuperset({*KEY_COLUMNS[name], *COUNTED})), None)


def cell(row: TidyRow, column: str) -> str:
    """A cell as a key holds it: days without their hour, no bar, blank where the column is missing."""
    words = row.get(column, "")
    return (words[:10] if column in DATES else words).replace("|", "/")


def key_of(table: str, identity: str, row: TidyRow) -> str:
    """The key of a row, without the number that tells rows of different notes apart."""
    return "|".join([table, identity, *(cell(row, column) for column in KEY_COLUMNS[table])])


def columns_of(key: str) -> tuple[str, str, dict[str, str]]:
    """The table, the identity and the columns that a key names. Raises ValueError for what is no key."""
    table, identity, *values = key.partition("#")[0].split("|")
    if table not in KEY_COLUMNS or len(values) != len(KEY_COLUMNS[table]):
        raise ValueError("not the key of a figure")
    return table, identity, dict(zip(KEY_COLUMNS[table], values, strict=True))


def levels_of(schemes: Iterable[TidyRow]) -> Levels:
    """The levels of each scheme from the lowest, by the table `risk_schemes`."""
    order: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for row in schemes:
        order[cell(row, "scheme")].append((as_number(row["ordinal"]) or 0, cell(row, "risk_level")))
    return {scheme: [level for _, level in sorted(levels)] for scheme, levels in order.items()}


class Collector:
    """Gathers figures by key from tidy rows, and the faults of rows by themselves; knows the levels of each scheme."""

    def __init__(self, sources: Sources, areas: Areas, rule: Rule, levels: Levels | None = None) -> None:
        self.sources, self.areas, self.rule, self.levels = sources, areas, rule, levels or {}
        self.figures: dict[str, Figure] = {}
        self.faults: list[Fault] = []

    def take(self, tidy: Tidy) -> bool:
        """Whether the rows hold counts, which are then taken."""
        table = table_of(tidy)
        if table is None:
            return False
        self._refuse_unknown_sources(tidy)
        for key, row in _keyed(table, tidy, self.sources.identity):
            public = self.sources.public.get(row.get("source_id", ""), False)
            if not public:
                self._check(table, tidy, key, row)
            if public or row.get("unit") not in NOT_COUNTED:
                self._print(key, row, public, self._said(table, tidy, row, public))
        return True

    def print(self, key: str, row: TidyRow, said: Print) -> None:
        """Notes what a derived table says of the figure of a source that is not public."""
        self._print(key, row, False, said)

    def _print(self, key: str, row: TidyRow, public: bool, said: Print) -> None:
        table, identity, columns = columns_of(key)
        figure = self.figures.setdefault(key, Figure(key, table, identity, columns, public))
        figure.prints.append(said)

    def _refuse_unknown_sources(self, tidy: Tidy) -> None:
        if any(row.get("source_id", "") not in self.sources.public for row in tidy.rows):
            rule = "names a source that no list of sources does: it is taken as not public"
            self.faults.append(Fault(tidy.file, tidy.place, rule))

    def _said(self, table: str, tidy: Tidy, row: TidyRow, public: bool) -> Print:
        count = as_number(row[COUNT_COLUMN[table]])
        symbol = row.get("missing", "")
        if count is None:
            return Print(tidy.file, tidy.place, None, symbol)
        return Print(tidy.file, tidy.place, self.span(row, count, public=public), symbol, count)

    def span(self, row: TidyRow, count: float, *, public: bool) -> tuple[int, int | None]:
        """The counts that a printed number can stand for."""
        exact = (int(count // 1), -int(-count // 1))
        if public or row.get("unit") in NOT_COUNTED:
            return exact
        try:
            return self.rule.printed(int(count), wider=self.areas.is_wider(row["area_code"]))
        except ValueError:
            return exact

    def _check(self, table: str, tidy: Tidy, key: str, row: TidyRow) -> None:
        counts = row[COUNT_COLUMN[table]]
        broken = [*_symbol_faults(table, row, counts)]
        broken += self._print_faults(row, counts) if counts else _beside_faults(table, row)
        if row.get("note"):
            broken.append("a note stands beside a count of a source that is not public")
        self.faults += [Fault(tidy.file, tidy.place, rule, (key,)) for rule in broken]

    def _print_faults(self, row: TidyRow, counts: str) -> Iterator[str]:
        count = as_number(counts)
        if count is None:
            yield "something that is no number stands in place of a count"
        elif row.get("unit") in NOT_COUNTED:
            yield "a share, money or a length of time of a source that is not public is printed"
        else:
            try:
                self.rule.printed(int(count), wider=self.areas.is_wider(row["area_code"]))
            except ValueError:
                yield "a count is printed that the rule withholds or rounds"
            if not count.is_integer():
                yield "a count is printed that is not whole"
            if _rate_is_of_another(row, count):
                yield "a rate does not rest on the count that is printed beside it"


def _keyed(table: str, tidy: Tidy, identity: Mapping[str, str]) -> Iterator[tuple[str, TidyRow]]:
    """Each row with its key; rows that agree in it are numbered from the second, in order of their notes."""
    groups: dict[str, list[TidyRow]] = defaultdict(list)
    for row in tidy.rows:
        source = row.get("source_id", "")
        groups[key_of(table, identity.get(source, source), row)].append(row)
    for key, rows in groups.items():
        for number, row in enumerate(sorted(rows, key=lambda row: row.get("note", "")), 1):
            yield (key if number == 1 else f"{key}#{number}"), row


def _symbol_faults(table: str, row: TidyRow, counts: str) -> Iterator[str]:
    symbol = row.get("missing", "")
    if symbol and symbol not in set(MissingCode):
        yield "a symbol stands in place of a count that is none of the known ones"
    elif symbol not in {"", WITHHELD} and (table in OF_RECORDS or row.get("measure") == "referrals"):
        yield "two symbols tell withheld counts apart: counts of records have no other than c"
    if symbol and counts:
        yield "a count and a symbol stand together"


def _beside_faults(table: str, row: TidyRow) -> Iterator[str]:
    """What is printed beside a withheld count, or in its words."""
    allowed = BESIDE_WITHHELD | set(KEY_COLUMNS[table]) | {"note"}
    beside = sorted(column for column, words in row.items() if words and column not in allowed)
    judged = ("verdict", "chance_verdict")
    beside += [name for name in judged if row.get(name, "") not in {"", CANNOT_TELL}]
    if any(character.isdigit() for character in row.get("reason", "")):
        beside.append("reason")
    if beside:
        yield f"something is printed beside a withheld count: {', '.join(beside)}"


def _rate_is_of_another(row: TidyRow, count: float) -> bool:
    value, exposure = as_number(row.get("value", "")), as_number(row.get("person_years", ""))
    if "measure" not in row or "count" not in row or value is None or not exposure:
        return False
    return abs(value * exposure / PER - count) > 1e-6 * max(1.0, count)


def disagreements(figures: Iterable[Figure]) -> Iterator[Fault]:
    """A fault for each figure of a source that is not public of which two places say different things."""
    for figure in figures:
        said: dict[object, list[Print]] = defaultdict(list)
        for print_ in figure.prints:
            said[print_.said].append(print_)
        if figure.public or len(said) < 2:
            continue
        # The release's own table is right by convention; the place that differs from it is named.
        ordered = sorted(said.values(), key=lambda prints: (not _of_release(prints), -len(prints), prints[0].file))
        for print_ in (prints[0] for prints in ordered[1:]):
            rule = f"prints a figure differently than {ordered[0][0].file}"
            yield Fault(print_.file, print_.place, rule, (figure.key,))


def _of_release(prints: list[Print]) -> bool:
    return any(print_.file == f"release/{print_.file.split('/')[-1]}" for print_ in prints)
