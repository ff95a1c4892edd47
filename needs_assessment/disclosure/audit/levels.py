"""Tables about children under review that are worked out from printed counts: what became of them, tests, rates, models
and forecasts may say no more than those counts.

A count, a total or a share must be the one that the printed figures give. What a model gives cannot be worked out again
here: of it the audit asks, as of trends and forecasts, that it rests on printed figures, that it says nothing where it
gives a reason, and that it has no numbers in other columns than its own.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import product

from needs_assessment.disclosure.audit.contents import Tidy, TidyRow
from needs_assessment.disclosure.audit.faults import Fault
from needs_assessment.disclosure.audit.figures import CANNOT_TELL, Collector, Figure, Print, cell, key_of
from needs_assessment.disclosure.audit.movement import private_rows
from needs_assessment.disclosure.audit.numbers import as_number
from needs_assessment.disclosure.audit.review import FLOWS, OTHER_ENDS
from needs_assessment.vocabulary import ALL_LEVELS, ALL_RESIDENCES, ANOTHER_SCHEME, LEFT, RiskMeasure, Unit

ROUNDING = 1e-6
QUARTERS_A_YEAR, MONTHS_A_YEAR = 4, 12
NOT_GIVEN = "states a number that the printed figures do not give"
RESTS = "rests on more figures than are printed"
OTHER_COLUMN = "holds numbers in a column that the audit does not know"
OF = ("source_id", "scheme", "exploitation_type", "area_code")
OF_PERIOD = (*OF, "period_start", "period_end")
LIMITS = ("lower", "upper")
Span = tuple[int, int | None]
Check = Callable[[Tidy, Collector], Iterator[Fault]]

TESTED = ("both", "raised", "lowered")
TESTS = ("sign_p", "bowker", "bowker_df", "bowker_p", "stuart_maxwell", "stuart_maxwell_df", "stuart_maxwell_p")
FITTED = ("statistic", "degrees_of_freedom", "p_value", "largest_difference")
WITHIN_FORCE = ("before", "after", "outside", "after_within", "ratio_least")
OWN_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "outcomes": (*OF_PERIOD, "from_level", "outcome", "count", "total", "share", *LIMITS),
    "yearly": (*OF_PERIOD, "measure", "count", "total", "share", *LIMITS, "force_share"),
    "rates": (*OF_PERIOD, "from_level", "to_level", "moves", "child_years", "value", *LIMITS),
    "model": (*OF_PERIOD, "quantity", "from_level", "to_level", "months", "value", *LIMITS),
    "fit": (*OF_PERIOD, "quarters", "children_quarters", "withheld_cells", "checked_at_months", *FITTED),
    "tests": (*OF_PERIOD, *TESTED, *TESTS),
    "forecast": (*OF, "risk_level", "as_at", "quarters_ahead", "scenario", "expected", *LIMITS, "inside", "tested"),
    "within": (*OF, "risk_level", "unit", "as_at_before", "as_at_after", *WITHIN_FORCE, *LIMITS),
}
"""The columns of each table that may hold numbers."""


class Counts:
    """The figures of one row's source, scheme, harm and area, as they are printed."""

    def __init__(self, row: TidyRow, collector: Collector) -> None:
        self.row, self.collector = row, collector
        self.identity = collector.sources.identity_of(row)
        self.order = collector.levels.get(cell(row, "scheme"), ())

    def figure(self, table: str, **columns: str) -> Figure | None:
        """The figure of a table in these columns, beside those of the row."""
        usual = {"unit": Unit.CHILD.value, "residence": ALL_RESIDENCES}
        return self.collector.figures.get(key_of(table, self.identity, {**usual, **self.row, **columns}))

    def moved(self, pair: tuple[str, str], measure: str, **days: str) -> Figure | None:
        """A cell of where children stand later."""
        return self.figure("risk_movement", measure=measure, from_level=pair[0], to_level=pair[1], **days)

    def caseload(self, level: str, day: str) -> Figure | None:
        """The children at a level on a day."""
        return self.figure("risk_caseload", risk_level=level, as_at=day)

    def pairs(self, before: str, after: Sequence[str]) -> list[tuple[str, str]]:
        """The pairs of a level, or of all, and what children came to."""
        return [*product(self.order if before == ALL_LEVELS else [before], after)]

    def in_area(self, code: str) -> Counts:
        """The figures of the same in another area."""
        return Counts({**self.row, "area_code": code}, self.collector)


def total_of(figures: Iterable[Figure | None]) -> Span | None:
    """The least and the most that printed figures add up to; None where one of them is not printed."""
    low, high = 0, 0
    for figure in figures:
        if figure is None or figure.withheld or not figure.spans or figure.spans[0][1] is None:
            return None
        low, high = low + figure.spans[0][0], high + figure.spans[0][1]
    return low, high


def _is(words: str, *spans: Span | None) -> bool:
    """Whether a number is blank, or what one of the sums gives."""
    number = as_number(words)
    if number is None:
        return not words
    return any(span is not None and span[0] <= number <= (span[1] or 0) for span in spans)


def _is_share(row: TidyRow, share: str, count: str, total: str) -> bool:
    """Whether a share is blank, or that of a printed count of its printed total."""
    said, part, whole = (as_number(row.get(name, "")) for name in (share, count, total))
    if said is None:
        return not row.get(share)
    return part is not None and bool(whole) and abs(said - part / (whole or 1)) <= ROUNDING


def outcome_faults(tidy: Tidy, collector: Collector) -> Iterator[Fault]:
    """What became of children is a sum of printed cells, of the printed caseload of their level."""
    yield from _other_columns(tidy, "outcomes", collector)
    for row in private_rows(tidy, collector):
        counts = Counts(row, collector)
        count, total = _outcome(counts)
        right = _is(row["count"], count) and _is(row["total"], *total) and _is_share(row, "share", "count", "total")
        if not right:
            yield Fault(tidy.file, tidy.place, NOT_GIVEN, (_series(row, collector),))
        yield from _beside(tidy, row, ("count",), ("share", *LIMITS))


def _outcome(counts: Counts) -> tuple[Span | None, tuple[Span | None, Span | None]]:
    """What the printed cells of an outcome add up to, and those of all outcomes, or the caseload."""
    before, outcome, start = counts.row["from_level"], counts.row["outcome"], cell(counts.row, "period_start")
    ends = {"left": [LEFT], "another scheme": [ANOTHER_SCHEME]}.get(outcome, counts.order)
    sides = {"same level": 0, "higher level": 1, "lower level": -1}
    chosen = [
        pair
        for pair in counts.pairs(before, ends)
        if outcome not in sides or _step(counts.order, pair) == sides[outcome]
    ]
    year = RiskMeasure.TWELVE_MONTHS_LATER
    every = counts.pairs(before, (*counts.order, LEFT))
    every += [pair for pair in counts.pairs(before, [ANOTHER_SCHEME]) if counts.moved(pair, year)]
    levels = counts.order if before == ALL_LEVELS else [before]
    here = [pair for pair in chosen if ANOTHER_SCHEME not in pair or counts.moved(pair, year)]
    known = total_of(counts.moved(pair, year) for pair in here) if counts.order else None
    whole = total_of(counts.moved(pair, year) for pair in every) if counts.order else None
    return known, (whole, total_of(counts.caseload(level, start) for level in levels) if levels else None)


def _step(order: Sequence[str], pair: tuple[str, str]) -> int:
    """1 for a higher level, -1 for a lower, 0 for the same."""
    before, after = (order.index(level) if level in order else -1 for level in pair)
    return (after > before) - (after < before)


def _is_share_of(words: str, count: Span | None, totals: Iterable[Span | None]) -> bool:
    share = as_number(words)
    if share is None:
        return not words
    return any(
        count is not None
        and total is not None
        and count[0] / max(total[1] or 1, 1) - ROUNDING <= share
        and share <= (count[1] or 0) / max(total[0], 1) + ROUNDING
        for total in totals
    )


def yearly_faults(tidy: Tidy, collector: Collector) -> Iterator[Fault]:
    """A count of a year is printed again, beside the printed count that holds it."""
    yield from _other_columns(tidy, "yearly", collector)
    for row in private_rows(tidy, collector):
        again = {**row, "unit": Unit.CHILD.value, "from_level": ALL_LEVELS, "to_level": ALL_LEVELS}
        _note(tidy, collector, key_of("risk_movement", collector.sources.identity_of(row), again), again, row["count"])
        force = {**row, "area_code": collector.areas.rows.get(row["area_code"], {}).get("police_force_area_code", "")}
        of_force = total_of([Counts(force, collector).moved((ALL_LEVELS, ALL_LEVELS), row["measure"])])
        right = _is(row["total"], _base(row, collector)) and _is_share(row, "share", "count", "total")
        if not right or not _is_share_of(row.get("force_share", ""), of_force, [_base(force, collector)]):
            yield Fault(tidy.file, tidy.place, NOT_GIVEN, (_series(row, collector),))
        compared = row.get("verdict", "") not in {"", CANNOT_TELL} and of_force is not None
        yield from _beside(tidy, row, ("count", "total"), ("share", *LIMITS, *([] if compared else ["verdict"])))


def _base(row: TidyRow, collector: Collector) -> Span | None:
    counts, measure = Counts(row, collector), row["measure"]
    if measure == RiskMeasure.REVIEW_OVERDUE:
        day = cell(row, "period_end")
        return total_of(counts.caseload(level, day) for level in counts.order) if counts.order else None
    base = RiskMeasure.ASSESSED if measure in (RiskMeasure.RAISED, RiskMeasure.LOWERED) else RiskMeasure.LOWERED
    return total_of([counts.moved((ALL_LEVELS, ALL_LEVELS), base)])


def rate_faults(tidy: Tidy, collector: Collector) -> Iterator[Fault]:
    """Moves are the printed cell of the year's quarters, and their rate is of the years beside them."""
    yield from _other_columns(tidy, "rates", collector)
    for row in private_rows(tidy, collector):
        pair = (row["from_level"], row["to_level"])
        quarters = [figure for figure in _cells(row, collector) if _pair(figure) == pair]
        moves, years, value = (as_number(row[name]) for name in ("moves", "child_years", "value"))
        rate = value is None or (moves is not None and years and abs(value - moves / years) <= ROUNDING * max(value, 1))
        if not _is(row["moves"], total_of(quarters) if quarters else None) or not rate:
            yield Fault(tidy.file, tidy.place, NOT_GIVEN, (_series(row, collector),))
        yield from _beside(tidy, row, ("moves",), ("value", *LIMITS))


def tested_faults(tidy: Tidy, collector: Collector) -> Iterator[Fault]:
    """A test of moves up and down rests on cells that are all printed."""
    yield from _other_columns(tidy, "tests", collector)
    for row in private_rows(tidy, collector):
        counts = Counts(row, collector)
        pairs = counts.pairs(ALL_LEVELS, counts.order)
        steps = {"both": (-1, 0, 1), "raised": (1,), "lowered": (-1,)}
        sums = {
            name: [
                total_of(counts.moved(pair, flow) for pair in pairs if _step(counts.order, pair) in step)
                for flow in FLOWS
            ]
            for name, step in steps.items()
        }
        if not all(_is(row[name], *(sums[name] if pairs else ())) for name in TESTED):
            yield Fault(tidy.file, tidy.place, NOT_GIVEN, (_series(row, collector),))
        yield from _beside(tidy, row, ("raised", "lowered"), TESTS[:1])
        yield from _beside(tidy, row, TESTED, TESTS[1:])


def model_faults(tidy: Tidy, collector: Collector, name: str) -> Iterator[Fault]:
    """A model, and how well it fits, rest on printed cells, and where there is a reason why not, nothing is said."""
    yield from _other_columns(tidy, name, collector)
    stated = ("value", *LIMITS) if name == "model" else FITTED
    for row in private_rows(tidy, collector):
        said = [column for column in stated if row.get(column)]
        if said and row.get("reason"):
            yield Fault(tidy.file, tidy.place, f"says something where it says why not: {', '.join(said)}")
        if said and total_of(_printed(_cells(row, collector))) in (None, (0, 0)):
            yield Fault(tidy.file, tidy.place, RESTS, (_series(row, collector),))
        years = {figure.columns["period_end"] for figure in _cells(row, collector)}
        if (as_number(row.get("quarters", "")) or 0) > QUARTERS_A_YEAR * len(years):
            yield Fault(tidy.file, tidy.place, RESTS, (_series(row, collector),))


def forecast_faults(tidy: Tidy, collector: Collector) -> Iterator[Fault]:
    """A forecast of a caseload starts from a printed one."""
    yield from _other_columns(tidy, "forecast", collector)
    for row in private_rows(tidy, collector):
        said = [column for column in ("expected", *LIMITS) if row[column]]
        counts, day = Counts(row, collector), _starts_from(row)
        levels = counts.order if row["risk_level"] == ALL_LEVELS else [row["risk_level"]]
        if said and row.get("reason"):
            yield Fault(tidy.file, tidy.place, f"says something where it says why not: {', '.join(said)}")
        if said and (not levels or total_of(counts.caseload(level, day) for level in levels) is None):
            yield Fault(tidy.file, tidy.place, RESTS, (_series(row, collector),))


def _starts_from(row: TidyRow) -> str:
    """The quarter end that a forecast starts from: so many quarters before the day that it is of."""
    day, quarters = cell(row, "as_at"), int(as_number(row["quarters_ahead"]) or 0)
    if not day:
        return ""
    months = int(day[:4]) * MONTHS_A_YEAR + int(day[5:7]) - 1 - quarters * MONTHS_A_YEAR // QUARTERS_A_YEAR
    year, month = divmod(months, MONTHS_A_YEAR)
    return f"{year}-{month + 1:02}-{monthrange(year, month + 1)[1]:02}"


def within_force_faults(tidy: Tidy, collector: Collector) -> Iterator[Fault]:
    """A change of those within the force prints its three counts again, and what is left of them."""
    yield from _other_columns(tidy, "within", collector)
    for row in private_rows(tidy, collector):
        for column, side, residence in (
            ("before", "before", ALL_RESIDENCES),
            ("after", "after", ALL_RESIDENCES),
            ("outside", "after", "out of force"),
        ):
            again = {**row, "as_at": row[f"as_at_{side}"], "residence": residence}
            key = key_of("risk_snapshots", collector.sources.identity_of(row), again)
            _note(tidy, collector, key, again, row[column])
        after, outside, left = (as_number(row[name]) for name in ("after", "outside", "after_within"))
        lacking = left is not None and (after is None or outside is None or left != after - outside)
        if lacking or not _is_share(row, "ratio_least", "after_within", "before"):
            yield Fault(tidy.file, tidy.place, NOT_GIVEN, (_series(row, collector),))
        yield from _beside(tidy, row, ("before", "after", "outside"), ("after_within", "ratio_least", *LIMITS))


def _beside(tidy: Tidy, row: TidyRow, needed: Sequence[str], stated: Sequence[str]) -> Iterator[Fault]:
    """What is stated although a count that it needs is blank; a verdict that nothing can be told states nothing."""
    said = [name for name in stated if row.get(name) and row[name] != CANNOT_TELL]
    if said and not all(row[name] for name in needed):
        yield Fault(tidy.file, tidy.place, f"something is printed beside a withheld count: {', '.join(said)}")
    if not all(row[name] for name in needed) and any(letter.isdigit() for letter in row.get("reason", "")):
        yield Fault(tidy.file, tidy.place, "something is printed beside a withheld count: reason")


def _other_columns(tidy: Tidy, name: str, collector: Collector) -> Iterator[Fault]:
    others = [column for column in tidy.columns if column not in OWN_COLUMNS[name]]
    rows = [*private_rows(tidy, collector)]
    if any(as_number(row[column]) is not None for row in rows for column in others):
        yield Fault(tidy.file, tidy.place, OTHER_COLUMN)


def _note(tidy: Tidy, collector: Collector, key: str, row: TidyRow, words: str) -> None:
    """Notes a count that is printed once more."""
    number = as_number(words)
    if number is not None:
        collector.print(key, row, Print(tidy.file, tidy.place, collector.span(row, number, public=False)))


def _cells(row: TidyRow, collector: Collector) -> list[Figure]:
    """The quarterly cells of a row's source, scheme, harm and area within its days, without their sums."""
    wanted = {column: cell(row, column) for column in OF[1:]} | {"measure": RiskMeasure.THREE_MONTHS_LATER.value}
    identity, start, end = collector.sources.identity_of(row), cell(row, "period_start"), cell(row, "period_end")
    return [
        figure
        for figure in collector.figures.values()
        if (figure.table, figure.identity) == ("risk_movement", identity)
        and wanted.items() <= figure.columns.items()
        and start <= figure.columns["period_start"]
        and figure.columns["period_end"] <= end
        and ALL_LEVELS not in _pair(figure)
    ]


def _pair(figure: Figure) -> tuple[str, str]:
    return figure.columns["from_level"], figure.columns["to_level"]


def _printed(figures: Iterable[Figure]) -> list[Figure]:
    return [figure for figure in figures if figure.spans and not figure.withheld and _pair(figure)[0] not in OTHER_ENDS]


def _series(row: TidyRow, collector: Collector) -> str:
    return "|".join(["risk_movement", collector.sources.identity_of(row), *(cell(row, column) for column in OF[1:])])


CHECKS: tuple[tuple[frozenset[str], Check], ...] = (
    (frozenset({"after_within", "ratio_least", "before", "outside"}), within_force_faults),
    (frozenset({"outcome", "from_level", "count", "total", "share"}), outcome_faults),
    (frozenset({"measure", "scheme", "count", "total", "share"}), yearly_faults),
    (frozenset({"moves", "child_years", "value"}), rate_faults),
    (frozenset({"bowker", "both", "raised", "lowered"}), tested_faults),
    (frozenset({"quantity", "months", "value", "scheme"}), partial(model_faults, name="model")),
    (frozenset({"children_quarters", "quarters", "statistic"}), partial(model_faults, name="fit")),
    (frozenset({"quarters_ahead", "scenario", "expected", "as_at"}), forecast_faults),
)
"""What is checked of a table about children under review, by its columns."""
