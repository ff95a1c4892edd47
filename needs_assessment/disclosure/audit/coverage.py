"""What tables of need and coverage may say of counts that are not public: they print counts again, and work nothing out
from one that is withheld.
"""

from __future__ import annotations

from collections.abc import Iterator

from needs_assessment.disclosure.audit.contents import Tidy, TidyRow
from needs_assessment.disclosure.audit.faults import Fault
from needs_assessment.disclosure.audit.figures import Collector, Figure, Print, key_of
from needs_assessment.disclosure.audit.movement import private_rows
from needs_assessment.disclosure.audit.numbers import as_number
from needs_assessment.vocabulary import ALL_RESIDENCES, CostPer, Measure, NeedBasis

NEED = frozenset({"ages_known", "counted", "basis"})
FLOW = frozenset({"no_service", "too_few_places", "basis"})
GRADES = frozenset({"funding", "need", "share", "basis"})
CUTS = frozenset({"kind", "area_codes", "exploitation_types", "gap"})
EFFECTS = frozenset({"change", "gap_before", "gap_after"})
PLACES = frozenset({"places_basis", "holds_places", "places"})
COSTS = frozenset({"per", "cost_gbp", "denominator"})
LOAD = frozenset({"load", "places_needed", "waiting"})
BETWEEN = "|"
"""What stands between several names in a cell."""
HIDDEN = "is worked out from a count that is withheld"


def need_faults(tidy: Tidy, collector: Collector) -> Iterator[Fault]:
    """Each row of need prints the count that it is a part of again."""
    for row in private_rows(tidy, collector):
        count = as_number(row["counted"])
        if count is not None:
            table, printed = _as_counted(row)
            key = key_of(table, collector.sources.identity_of(row), printed)
            span = collector.span(printed, count, public=False)
            collector.print(key, printed, Print(tidy.file, tidy.place, span))
    yield from ()


def _as_counted(row: TidyRow) -> tuple[str, TidyRow]:
    """The table of a count of need, and its row there."""
    if row["basis"] == NeedBasis.UNDER_REVIEW:
        return "risk_caseload", {**row, "residence": ALL_RESIDENCES, "as_at": row["period_end"]}
    return "demand", {**row, "measure": Measure.ASSESSMENT_EPISODES.value}


def flow_faults(tidy: Tidy, collector: Collector) -> Iterator[Fault]:
    """The need of an authority is the sum of counts that are all printed; that of a police force area the sum of those
    of its authorities whose counts are.
    """
    for row in private_rows(tidy, collector):
        need = as_number(row["need"])
        if need is None:
            continue
        within = collector.areas.of_force(row["area_code"])
        harms = {row["exploitation_type"]} - {""} or {"CSE", "CCE"}
        each = [_behind(row, area, harm, collector) for area in within or [row["area_code"]] for harm in sorted(harms)]
        whole = [figures for figures in each if figures and all(map(_is_printed, figures))]
        if not within and len(whole) < len(each):
            yield Fault(tidy.file, tidy.place, HIDDEN, _keys(each))
        elif sum(_count(figure) for figures in whole for figure in figures) != need:
            yield Fault(tidy.file, tidy.place, "states a need that is not the sum of its printed counts", _keys(each))


def part_faults(tidy: Tidy, collector: Collector) -> Iterator[Fault]:
    """What is said of a part of the need of some authorities rests on counts that are all printed."""
    for row in private_rows(tidy, collector):
        areas = row.get("area_codes", row["area_code"]).split(BETWEEN)
        harms = row.get("exploitation_types", row.get("exploitation_type", "")).split(BETWEEN)
        each = [_behind(row, area, harm, collector) for area in areas for harm in harms]
        if not all(figures and all(map(_is_printed, figures)) for figures in each):
            yield Fault(tidy.file, tidy.place, HIDDEN, _keys(each))


def returned_faults(tidy: Tidy, collector: Collector) -> Iterator[Fault]:
    """Places that are a reported caseload, and children who wait, are figures of returns that are printed, or sums."""
    for row in private_rows(tidy, collector):
        said = as_number(row.get("waiting", "") or (row["places"] if row.get("places_basis") == CASELOAD else ""))
        if said is None:
            continue
        figures = [figure for figure in _of_service(row, collector) if _is_printed(figure)]
        sums = {_count(figure) for figure in figures} | {_sum_of_areas(figures, day) for day in _days(figures)}
        if said not in sums:
            yield Fault(tidy.file, tidy.place, "prints a figure of a return that is not printed")


def cost_faults(tidy: Tidy, collector: Collector) -> Iterator[Fault]:
    """What a cost is divided by is a figure of a return that is printed, or one over the printed years in service."""
    for row in private_rows(tidy, collector):
        number = as_number(row["denominator"])
        if number is None or row["per"] == CostPer.NEED_MET:
            continue
        figures = [figure for figure in _of_service(row, collector) if _is_printed(figure)]
        counts = {_count(figure) for figure in figures} | {_sum_of_areas(figures, day) for day in _days(figures)}
        # A number a year is the printed one over the years in service, which count nobody.
        if not counts or (row["per"] != CostPer.CHILD_SUPPORTED and number not in counts):
            yield Fault(tidy.file, tidy.place, "divides by a figure of a return that is not printed")


CASELOAD = "reported caseload"


def _behind(row: TidyRow, area: str, harm: str, collector: Collector) -> list[Figure]:
    """The figures of need of an authority and harm at the time of the row."""
    reviewed = row["basis"] == NeedBasis.UNDER_REVIEW
    wanted = {"area_code": area, "exploitation_type": harm}
    day = row.get("period_end", "")[:10]
    wanted |= (
        {"residence": ALL_RESIDENCES, "as_at": day} if reviewed else {"measure": Measure.ASSESSMENT_EPISODES.value}
    )
    wanted |= {} if reviewed else {"period_end": day}
    table = "risk_caseload" if reviewed else "demand"
    return [
        figure
        for figure in collector.figures.values()
        if figure.table == table and wanted.items() <= dict(figure.columns).items()
    ]


def _of_service(row: TidyRow, collector: Collector) -> list[Figure]:
    return [
        figure
        for figure in collector.figures.values()
        if figure.table == "service_returns" and figure.columns["service_id"] == row.get("service_id")
    ]


def _is_printed(figure: Figure) -> bool:
    return not figure.withheld and len(figure.spans) == 1


def _count(figure: Figure) -> int:
    return int(figure.spans[0][0])


def _days(figures: list[Figure]) -> set[tuple[str, str]]:
    return {(figure.columns["measure"], figure.columns["period_end"]) for figure in figures}


def _sum_of_areas(figures: list[Figure], day: tuple[str, str]) -> int:
    return sum(_count(figure) for figure in figures if (figure.columns["measure"], figure.columns["period_end"]) == day)


def _keys(each: list[list[Figure]]) -> tuple[str, ...]:
    return tuple(sorted(figure.key for figures in each for figure in figures))


CHECKS = (
    (NEED, need_faults),
    (FLOW, flow_faults),
    (CUTS, part_faults),
    (GRADES, part_faults),
    (PLACES, returned_faults),
    (LOAD, returned_faults),
    (COSTS, cost_faults),
)
"""What is checked of a table of need and coverage, by its columns."""
