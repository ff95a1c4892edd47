"""Tables that are worked out from counts, and tables that hold none: what each may say of what is not public."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence

from needs_assessment.disclosure.audit import coverage, levels, movement, returns
from needs_assessment.disclosure.audit.contents import Tidy, TidyRow
from needs_assessment.disclosure.audit.faults import UNKNOWN_TABLE, UNREADABLE, Fault
from needs_assessment.disclosure.audit.figures import (
    EXPECTED,
    WITHHELD,
    Collector,
    Figure,
    Print,
    cell,
    columns_of,
    key_of,
    table_of,
)
from needs_assessment.disclosure.audit.numbers import as_number, numbers
from needs_assessment.vocabulary import ALL_RESIDENCES

OUT_OF_FORCE = "out of force"
KEYED = frozenset({"key", "low", "high", "value"})
"""A list of figures by key: what is printed of each, and the counts that it can stand for."""
ONLY_PUBLIC = (
    frozenset({"flag", "sibling", "source_id"}),
    frozenset({"old_source_id", "new_source_id"}),
    frozenset({"says_a", "says_b", "source_a", "source_b"}),
    frozenset({"wording", "topic", "source_id"}),
    frozenset({"awarded_gbp", "recipient", "source_id"}),
    frozenset({"changed_on", "description", "source_id"}),
    frozenset({"index", "measure", "value", "area_code", "source_id"}),
    frozenset({"group_code", "basis", "counted", "source_id"}),
    frozenset({"recipients", "awarded_gbp", "source_id"}),
    frozenset({"grounds", "first_day", "source_id"}),
    frozenset({"origin_code", "nearest_minutes", "source_id"}),
    EXPECTED,
)
"""Tables, by their columns, of which only rows of public sources may be printed: words, money, and what compares
figures in words.
"""
WITHOUT_COUNTS = (
    frozenset({"area_code", "area_type"}),
    frozenset({"source_id", "title", "public"}),
    frozenset({"area_code", "column", "row"}),
    frozenset({"area_code", "geometry"}),
    frozenset({"area_code", "partnership_code"}),
    frozenset({"area_code", "neighbour_code", "rank"}),
    frozenset({"area_code", "predecessor_codes"}),
    frozenset({"service_id", "term", "starts", "ends"}),
    frozenset({"service_id", "funding_stated_on"}),
    frozenset({"area_code", "tier", "funding"}),
    frozenset({"area_code", "age_from", "age_to", "funding", "services"}),
    coverage.EFFECTS,
    frozenset({"area_code", "age_from", "age_to", "residents"}),
    frozenset({"service_id", "provider", "tier"}),
    frozenset({"scheme", "risk_level", "ordinal"}),
    frozenset({"from_scheme", "to_scheme", "changed_by"}),
    frozenset({"from_scheme", "from_level", "to_scheme", "to_level"}),
    frozenset({"area_code", "page", "sha256", "reason"}),
    frozenset({"attacker", "gates", "exposed"}),
    frozenset({"person_years", "target", "lower95", "upper998"}),
)
"""Tables, by their columns, that count nobody but residents; the record of a run; what an earlier audit counted; and
the lines of a funnel, which are those of any area."""
OF_CHANGE = ("rate_ratio", "lower", "upper", "p_value", "percentage", "explained_by", "within_chance_at")
"""What two snapshots give together."""
SOURCE_COLUMNS = ("source_id", "old_source_id", "new_source_id", "source_a", "source_b")
FREE_WORDS = ("note", "reference", "wording", "says_a", "says_b")


def check_table(tidy: Tidy, collector: Collector) -> list[Fault]:
    """The faults of a table that is none of counts by key; what it says of figures is noted."""
    columns = frozenset(tidy.columns)
    for shape, check in CHECKS:
        if shape <= columns:
            return [*check(tidy, collector)]
    counted = any(as_number(words) is not None or any(numbers(words)) for row in tidy.rows for words in row.values())
    return [_fault(tidy, UNKNOWN_TABLE)] if counted else []


def _only_public(tidy: Tidy, collector: Collector) -> Iterator[Fault]:
    if any(_is_private(row, collector) for row in tidy.rows):
        yield _fault(tidy, "prints words or figures of a source that is not public")


def _without_words(tidy: Tidy, collector: Collector) -> Iterator[Fault]:
    if any(_is_private(row, collector) and _says_more(row) for row in tidy.rows):
        yield _fault(tidy, "prints free words of a source that is not public")


def _says_more(row: TidyRow) -> bool:
    """Whether a row holds words that nobody checked, or a number in the words that describe a scheme of levels."""
    return any(row.get(name) for name in FREE_WORDS) or any(numbers(row.get("description", "")))


def _fault(tidy: Tidy, rule: str, *keys: str) -> Fault:
    return Fault(tidy.file, tidy.place, rule, keys)


def _is_private(row: TidyRow, collector: Collector) -> bool:
    named = [row[name] for name in SOURCE_COLUMNS if row.get(name)]
    return not all(collector.sources.public.get(source, False) for source in named)


def _keyed_faults(tidy: Tidy, collector: Collector) -> Iterator[Fault]:
    """A list says of each figure what the tables say, and of a withheld one no more than the symbol does."""
    for row in tidy.rows:
        try:
            _, identity, columns = columns_of(row["key"])
        except ValueError:
            yield _fault(tidy, UNREADABLE)
            continue
        if identity in collector.sources.public_identities:
            continue
        low, high, value = (as_number(row[name]) for name in ("low", "high", "value"))
        said = (int(low or 0), None if high is None else int(high))
        if value is not None:
            span = collector.span(columns, value, public=False)
            collector.print(row["key"], columns, Print(tidy.file, tidy.place, span))
        elif said == collector.rule.hidden:
            collector.print(row["key"], columns, Print(tidy.file, tidy.place, None, WITHHELD))
        if said != collector.rule.hidden:
            collector.print(row["key"], columns, Print(tidy.file, tidy.place, said))


def _change_faults(tidy: Tidy, collector: Collector) -> Iterator[Fault]:
    """A change prints its two counts again, and nothing else unless both are printed."""
    for row in tidy.rows:
        if not _is_private(row, collector):
            continue
        keys = []
        for side in ("before", "after"):
            dated = {**row, "as_at": row[f"as_at_{side}"]}
            keys.append(key_of("risk_snapshots", collector.sources.identity_of(row), dated))
            count = as_number(row[side])
            if count is not None:
                span = collector.span(dated, count, public=False)
                collector.print(keys[-1], dated, Print(tidy.file, tidy.place, span))
        derived = [name for name in OF_CHANGE if row.get(name)]
        if derived and not (row["before"] and row["after"]):
            yield _fault(tidy, f"something is printed beside a withheld count: {', '.join(derived)}", *keys)


def _total_faults(tidy: Tidy, collector: Collector) -> Iterator[Fault]:
    """A total of a force says in which interval it lies: a figure of the force itself."""
    for row in tidy.rows:
        if _is_private(row, collector) and row["lower"]:
            here = {**row, "area_code": row["police_force_area_code"]}
            low, high = as_number(row["lower"]), as_number(row["upper"])
            span = (int(low or 0), None if high is None else int(high))
            key = key_of("demand", collector.sources.identity_of(row), here)
            collector.print(key, here, Print(tidy.file, tidy.place, span))
    yield from ()


def derived_faults(tidy: Tidy, collector: Collector) -> Iterator[Fault]:
    """What a share out of area, a check of a caseload or a comparator's rate prints although figures behind it are not
    printed.
    """
    columns = frozenset(tidy.columns)
    for name, shape, check in BESIDE_COUNTS:
        if table_of(tidy) == name and shape <= columns:
            yield from check(tidy, collector)
    for row in tidy.rows:
        if {"outside", "total", "share"} <= columns and _is_private(row, collector):
            figures = _behind_share(row, collector)
            if not _adds_up(figures, row):
                keys = tuple(sorted(figure.key for figure in figures))
                yield _fault(tidy, "prints a share although counts behind it are withheld", *keys)
        elif {"caseload", "referrals", "years_implied"} <= columns and _is_private(row, collector):
            printed = {span for figure in _of_service(row, collector) for span in figure.spans}
            if any((int(float(row[name])),) * 2 not in printed for name in ("caseload", "referrals") if row[name]):
                yield _fault(tidy, "prints a check of figures that are not printed")


def _comparator_faults(tidy: Tidy, collector: Collector) -> Iterator[Fault]:
    for row in tidy.rows:
        if row["comparator_value"] and _is_private(row, collector):
            key = key_of("demand", collector.sources.identity_of(row), {**row, "area_code": row["comparator_code"]})
            comparator = collector.figures.get(key)
            if comparator is None or comparator.withheld or not comparator.spans:
                yield _fault(tidy, "prints a comparator's rate although its count is not printed", key)


def _behind_share(row: TidyRow, collector: Collector) -> list[Figure]:
    wanted = {name: cell(row, name) for name in ("area_code", "exploitation_type", "scheme", "unit", "as_at")}
    return [
        figure
        for figure in collector.figures.values()
        if figure.table == "risk_snapshots"
        and figure.identity == collector.sources.identity_of(row)
        and wanted.items() <= dict(figure.columns).items()
        and figure.columns["residence"] != ALL_RESIDENCES
    ]


def _adds_up(figures: Sequence[Figure], row: TidyRow) -> bool:
    sums: Mapping[str, list[int]] = defaultdict(list)
    for figure in figures:
        if figure.withheld or not figure.spans or figure.spans[0][1] is None:
            return False
        for name in ("total", "outside")[: 1 + (figure.columns["residence"] == OUT_OF_FORCE)]:
            sums[name].append(int(figure.spans[0][0]))
    return all(sum(sums[name]) == as_number(row[name]) for name in ("total", "outside"))


def _of_service(row: TidyRow, collector: Collector) -> list[Figure]:
    return [
        figure
        for figure in collector.figures.values()
        if figure.table == "service_returns"
        and figure.identity == collector.sources.identity_of(row)
        and figure.columns["service_id"] == row.get("service_id")
        and figure.columns["area_code"] == row.get("area_code")
    ]


BESIDE_COUNTS: tuple[tuple[str, frozenset[str], Callable[[Tidy, Collector], Iterator[Fault]]], ...] = (
    ("demand", frozenset({"comparator_code", "comparator_value"}), _comparator_faults),
    ("breakdowns", frozenset({"share"}), movement.margin_faults),
    ("risk_movement", frozenset({"total", "share"}), movement.level_faults),
    ("service_returns", returns.COMPARISONS, returns.comparison_faults),
)
"""What is checked of figures that stand beside counts, by the table of the counts and the columns."""


def _later(tidy: Tidy, collector: Collector) -> Iterator[Fault]:
    """Nothing yet: such a table is compared with the figures once all are known, by `derived_faults`."""
    yield from ()


CHECKS: tuple[tuple[frozenset[str], Callable[[Tidy, Collector], Iterator[Fault]]], ...] = (
    (KEYED, _keyed_faults),
    *levels.CHECKS,
    *coverage.CHECKS,
    *returns.CHECKS,
    (frozenset({"as_at_before", "as_at_after", "before", "after"}), _change_faults),
    (frozenset({"police_force_area_code", "cells", "lower", "upper"}), _total_faults),
    (frozenset({"before_start", "before_end", "before", "after"}), movement.change_faults),
    (frozenset({"cse", "cce", "lower", "upper"}), movement.either_faults),
    (frozenset({"ratio_per_year", "periods", "frequency"}), movement.trend_faults),
    (frozenset({"count_expected", "horizon", "frequency"}), movement.forecast_faults),
    (frozenset({"plotted", "centre", "chart"}), movement.chart_faults),
    (frozenset({"season", "ratio", "periods"}), movement.season_faults),
    (frozenset({"outside", "total", "share"}), _later),
    (frozenset({"caseload", "referrals", "years_implied"}), _later),
    *((shape, _only_public) for shape in ONLY_PUBLIC),
    *((shape, _without_words) for shape in WITHOUT_COUNTS),
)
"""What is checked of a table, by its columns: the first shape that fits counts."""
