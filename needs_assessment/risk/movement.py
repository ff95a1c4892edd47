"""Counts of how children moved between risk levels, for the disclosure gate."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pandas as pd

from needs_assessment.risk.reviews import (
    HERE,
    PLACE,
    changes_of_level,
    forces_of,
    moves,
    quarter_ends,
    spine,
    standing,
    with_forces,
    years,
)
from needs_assessment.risk.schemes import levels_in_order
from needs_assessment.vocabulary import ALL_LEVELS, ANOTHER_SCHEME, LEFT, NEW, RETURNING, RiskMeasure, Unit

MOVEMENT_COLUMNS = [
    "source_id",
    "measure",
    "scheme",
    "exploitation_type",
    "unit",
    "from_level",
    "to_level",
    "area_code",
    "period_start",
    "period_end",
    "count",
    "missing",
    "note",
]
MONTHS_BETWEEN_REVIEWS = 3
"""A review is overdue when the last is longer ago than this: the risk framework SERAF (Barnardo's Cymru) asks for a
reassessment at least every three months."""
MARCH = 3
Span = tuple[str, pd.Timestamp, pd.Timestamp]
SPAN = ["measure", "period_start", "period_end"]
SUMS = ((NEW, ALL_LEVELS), (RETURNING, ALL_LEVELS), (ALL_LEVELS, LEFT))
"""The sums of moves that no count of the caseload tells: all who came, all who came back, all who left."""


def risk_movement(reviews: pd.DataFrame, areas: pd.DataFrame, schemes: pd.DataFrame) -> pd.DataFrame:
    """Counts of children by where they stood on two days, and of those whose level was raised, lowered, raised again or
    whose review is overdue: MOVEMENT_COLUMNS, with 0 where there is none.

    `reviews` are one assessment each, under today's area codes. For every authority that a source names, and each
    police force area of which it names all and all use one scheme (the sum of its authorities):

    * level_12_months_later: from one 31 March to the next, of forces, and of authorities outside them; of authorities
      within them all who came, came back or left, since their moves would nearly all be withheld, and with them their
      force's;
    * level_3_months_later: from each quarter end to the next, the four quarters of a year ending 31 March together (so
      that one child counts in each quarter), from each level to each other level, to having left and to all, which are
      those who stood at the level; of forces alone;
    * children_assessed, _raised, _lowered and _raised_again: in each year ending 31 March that the records hold, a
      child once; raised again of those first lowered in a year after which the records go on for another;
    * children_whose_review_is_overdue: under review on 31 March, and the last review more than three months ago.
    """
    tables = [
        table.assign(source_id=source)
        for source, rows in reviews.groupby("source_id")
        for table in Followed(rows, areas, schemes).tables()
    ]
    counts = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=MOVEMENT_COLUMNS)
    words = [name for name in MOVEMENT_COLUMNS if name not in ("count", "period_start", "period_end")]
    counts = counts.assign(missing=pd.NA, note=pd.NA)[MOVEMENT_COLUMNS]
    days = ["period_start", "period_end"]
    return counts.astype(dict.fromkeys(words, "string") | dict.fromkeys(days, "datetime64[us]") | {"count": "Int64"})


class Followed:
    """The reviews of one source, and the tables of counts that are made of them."""

    def __init__(self, reviews: pd.DataFrame, areas: pd.DataFrame, schemes: pd.DataFrame) -> None:
        self.reviews, self.schemes = reviews, schemes
        self.places, self.forces = spine(reviews), forces_of(reviews, areas)
        self.days, self.years = quarter_ends(reviews), years(reviews)
        self.stepped = changes_of_level(reviews, schemes)

    def tables(self) -> Iterator[pd.DataFrame]:
        """Every table of counts, without the columns that all share."""
        years = [(last - pd.DateOffset(years=1), last) for last in self.days if last.month == MARCH]
        spans = [(RiskMeasure.TWELVE_MONTHS_LATER.value, *days) for days in years if days[0] in self.days]
        if spans:
            yield self._flows(spans)
            yield self._between_quarters(spans)
        counted = [*self._in_years(), *self._overdue()]
        if counted:
            yield self._counted(counted)

    def _flows(self, spans: list[Span]) -> pd.DataFrame:
        cell = [*SPAN, *PLACE, "from_level", "to_level"]
        moved = pd.concat([_dated(moves(self.reviews, *span[1:]), span) for span in spans])
        cells = pd.concat([self._cells(place) for place in self.places.itertuples(index=False)])
        cells = pd.DataFrame(spans, columns=SPAN).merge(cells, how="cross")
        cells = cells.join(moved.groupby(cell).size().rename("count"), on=cell)
        # Nobody came from another scheme where nobody changed it.
        spare = cells[["from_level", "to_level"]].eq(ANOTHER_SCHEME).any(axis=1)
        whole = self._with_forces(cells[~spare | cells["count"].notna()].fillna({"count": 0}), cell)
        # An authority's moves would nearly all be withheld, and most of its force's for their sake: within one it has
        # sums alone.
        apart = whole[~whole["area_code"].isin(self.forces.index)]
        return pd.concat([apart, *(_summed(whole, *ends) for ends in SUMS)]).assign(unit=Unit.CHILD.value)

    def _between_quarters(self, spans: list[Span]) -> pd.DataFrame:
        """The moves from quarter end to quarter end of each year. Who came between is not counted: with them the moves
        would give the caseload of the year's end, and small moves with it.
        """
        quarters = pd.concat([self._flows(list(_quarters(span))).assign(period_end=span[2]) for span in spans])
        within = quarters[quarters["area_code"].isin(self.forces)].assign(measure=RiskMeasure.THREE_MONTHS_LATER.value)
        cells = within[~within["from_level"].isin([NEW, RETURNING, ALL_LEVELS])]
        year = cells["period_end"] - pd.DateOffset(years=1)
        pooled = cells.assign(period_start=year).groupby([*SPAN, *PLACE, "from_level", "to_level"], sort=False)
        moved = pooled["count"].sum().reset_index()
        stood = moved.groupby([*SPAN, *PLACE, "from_level"], sort=False)["count"].sum().reset_index()
        others = moved[moved["from_level"].ne(moved["to_level"])]
        return pd.concat([others, stood.assign(to_level=ALL_LEVELS)]).assign(unit=Unit.EVENT.value)

    def _cells(self, place: tuple[str, ...]) -> pd.DataFrame:
        levels = levels_in_order(self.schemes, place[PLACE.index("scheme")])
        origins = pd.DataFrame({"from_level": [*levels, NEW, RETURNING, ANOTHER_SCHEME]})
        cells = origins.merge(pd.DataFrame({"to_level": [*levels, LEFT, ANOTHER_SCHEME]}), how="cross")
        return cells.assign(**dict(zip(PLACE, place, strict=True)))

    def _with_forces(self, counts: pd.DataFrame, by: list[str]) -> pd.DataFrame:
        return with_forces(counts, self.forces, [name for name in by if name != "area_code"])

    def _overdue(self) -> Iterator[tuple[Span, pd.DataFrame]]:
        for day in (day for day in self.days if day.month == MARCH):
            there = standing(self.reviews, day)
            late = there[there["reviewed_on"] < day - pd.DateOffset(months=MONTHS_BETWEEN_REVIEWS)]
            yield (RiskMeasure.REVIEW_OVERDUE.value, day, day), late

    def _in_years(self) -> Iterator[tuple[Span, pd.DataFrame]]:
        for year in self.years:
            for measure, children in self._in_year(year):
                yield (measure.value, year.start_time, year.end_time.normalize()), children

    def _in_year(self, year: pd.Period) -> Iterator[tuple[RiskMeasure, pd.DataFrame]]:
        reviewed = self.stepped[self.stepped["reviewed_on"].dt.to_period("Y-MAR").eq(year)]
        yield RiskMeasure.ASSESSED, reviewed
        yield RiskMeasure.RAISED, reviewed[reviewed["step"].eq(1)]
        lowered = reviewed[reviewed["step"].eq(-1)]
        yield RiskMeasure.LOWERED, lowered
        if year + 1 in self.years:
            yield RiskMeasure.RAISED_AGAIN_WITHIN_6_MONTHS, self._raised_again(lowered, 6)
            yield RiskMeasure.RAISED_AGAIN_WITHIN_12_MONTHS, self._raised_again(lowered, 12)

    def _raised_again(self, lowered: pd.DataFrame, months: int) -> pd.DataFrame:
        key = [*HERE, "scheme"]
        first = lowered.drop_duplicates(key)[[*key, "reviewed_on"]]
        raised = self.stepped.loc[self.stepped["step"].eq(1), [*key, "reviewed_on"]]
        again = first.merge(raised, on=key, suffixes=("", "_again"))
        until = again["reviewed_on"] + pd.DateOffset(months=months)
        return again[again["reviewed_on_again"].gt(again["reviewed_on"]) & again["reviewed_on_again"].le(until)]

    def _counted(self, counted: list[tuple[Span, pd.DataFrame]]) -> pd.DataFrame:
        """The children of each measure and period, each once, wherever the source makes counts."""
        place = [*SPAN, *PLACE]
        spans = pd.DataFrame([span for span, _ in counted], columns=SPAN)
        children = pd.concat([_dated(rows[[*HERE, "scheme"]], span) for span, rows in counted]).drop_duplicates()
        cells = spans.merge(self.places, how="cross").join(children.groupby(place).size().rename("count"), on=place)
        everywhere = self._with_forces(cells.fillna({"count": 0}), place)
        return everywhere.assign(from_level=ALL_LEVELS, to_level=ALL_LEVELS, unit=Unit.CHILD.value)


def _quarters(year: Span) -> Iterator[Span]:
    ends = [(year[1] + pd.offsets.QuarterEnd(number)).normalize() for number in range(5)]
    yield from ((year[0], first, last) for first, last in pairwise(ends))


def _dated(rows: pd.DataFrame, span: Span) -> pd.DataFrame:
    return rows.assign(**dict(zip(SPAN, span, strict=True)))


def _summed(cells: pd.DataFrame, origin: str, end: str) -> pd.DataFrame:
    """The sum of the cells from `origin`, or to `end`, of each place and span."""
    chosen = cells["from_level"].eq(origin) if end == ALL_LEVELS else cells["to_level"].eq(end)
    sums = cells[chosen].groupby([*SPAN, *PLACE], sort=False)["count"].sum().reset_index()
    return sums.assign(from_level=origin, to_level=end)
