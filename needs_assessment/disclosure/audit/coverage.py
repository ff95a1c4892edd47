"""What tables of need and coverage may say of counts that are not public: they print counts again, and work nothing out
from one that is withheld.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from needs_assessment.disclosure.audit.contents import Tidy, TidyRow
from needs_assessment.disclosure.audit.faults import Fault
from needs_assessment.disclosure.audit.figures import Collector, Figure, Print, key_of
from needs_assessment.disclosure.audit.movement import private_rows
from needs_assessment.disclosure.audit.numbers import as_number
from needs_assessment.vocabulary import ALL_RESIDENCES, CATEGORIES, Dimension, Measure, NeedBasis

NEED = frozenset({"ages_known", "counted", "basis"})
FLOW = frozenset({"no_service", "too_few_places", "basis"})
GRADES = frozenset({"funding", "need", "share", "basis"})
CUTS = frozenset({"kind", "area_codes", "exploitation_types", "gap"})
EFFECTS = frozenset({"change", "gap_before", "gap_after"})
BETWEEN = "|"
"""What stands between several names in a cell."""
HIDDEN = "is worked out from a count that is withheld"
WRONG = "is not what follows from the printed counts"
ROUNDING = 1e-6
AGES = dict(
    zip((("0", "9"), ("10", "12"), ("13", "15"), ("16", "17"), ("18", "24")), CATEGORIES[Dimension.AGE], strict=False)
)
"""The category of referrals by age behind each age band of need."""
OF_NEED = (
    *("need_lower", "need_upper", "eligible", "commissioned", "met", "gap", "gap_lower", "gap_upper"),
    *("met_proportional", "gap_proportional", "no_service", "too_few_places"),
)
"""What is worked out from the need of an area, beside it."""
DIFFERENCES = (("gap", "need", "met"), ("no_service", "need", "commissioned"), ("too_few_places", "gap", "no_service"))
"""Columns of the flow: the first is the second less the third."""


def need_faults(tidy: Tidy, collector: Collector) -> Iterator[Fault]:
    """Each row of need prints the count that it is a part of again; the part is a share that is printed too."""
    for row in private_rows(tidy, collector):
        count, share, part = (as_number(row[name]) for name in ("counted", "share", "children"))
        if count is None:
            if part is not None:
                yield Fault(tidy.file, tidy.place, HIDDEN)
            continue
        table, printed = _as_counted(row)
        key = key_of(table, collector.sources.identity_of(row), printed)
        span = collector.span(printed, count, public=False)
        collector.print(key, printed, Print(tidy.file, tidy.place, span, number=count))
        if share is None or part is None or not _close(share * count, part):
            yield Fault(tidy.file, tidy.place, WRONG, (key,))
        elif row["ages_known"].casefold() == "true" and not any(_close(share, one) for one in _shares(row, collector)):
            yield Fault(tidy.file, tidy.place, f"a share of ages {HIDDEN}")


def _shares(row: TidyRow, collector: Collector) -> Iterator[float]:
    """The printed shares of an age band among the referrals of the row's force and harm, of any year."""
    here = {"area_code": row["police_force_area_code"], "exploitation_type": row["exploitation_type"]}
    here |= {"measure": Measure.REFERRALS.value}
    referred = [one for one in collector.figures.values() if here.items() <= dict(one.columns).items()]
    totals = {_days(one): one.number for one in referred if one.table == "demand"}
    category = AGES.get((row["age_from"], row["age_to"]), "")
    for band in referred:
        total = totals.get(_days(band)) if band.columns.get("category") == category else None
        if total and band.number is not None:
            yield band.number / total


def _days(figure: Figure) -> tuple[str, str]:
    return figure.columns["period_start"], figure.columns["period_end"]


def _as_counted(row: TidyRow) -> tuple[str, TidyRow]:
    """The table of a count of need, and its row there."""
    if row["basis"] == NeedBasis.UNDER_REVIEW:
        return "risk_caseload", {**row, "residence": ALL_RESIDENCES, "as_at": row["period_end"]}
    return "demand", {**row, "measure": Measure.ASSESSMENT_EPISODES.value}


def flow_faults(tidy: Tidy, collector: Collector) -> Iterator[Fault]:
    """The need of an authority is the sum of counts that are all printed, that of a police force area the sum of those
    of its authorities whose counts are; without them nothing is said, and what is said adds up.
    """
    for row in private_rows(tidy, collector):
        number = {name: as_number(row.get(name, "")) for name in ("need", *OF_NEED)}
        within = collector.areas.of_force(row["area_code"])
        harms = {row["exploitation_type"]} - {""} or {"CSE", "CCE"}
        each = [_behind(row, area, harm, collector) for area in within or [row["area_code"]] for harm in sorted(harms)]
        whole = [figures for figures in each if figures and all(map(_is_printed, figures))]
        if number["need"] is None:
            if any(each is not None for each in number.values()):
                yield Fault(tidy.file, tidy.place, HIDDEN, _keys(each))
        elif not within and len(whole) < len(each):
            yield Fault(tidy.file, tidy.place, HIDDEN, _keys(each))
        elif not _close(_sum(whole), number["need"]):
            yield Fault(tidy.file, tidy.place, "states a need that is not the sum of its printed counts", _keys(each))
        elif not all(_adds_up(*(number[name] for name in names)) for names in DIFFERENCES):
            yield Fault(tidy.file, tidy.place, WRONG, _keys(each))


def _adds_up(left: float | None, whole: float | None, part: float | None) -> bool:
    """Whether one number is another less a third, as far as all three are shown."""
    return left is None or whole is None or part is None or _close(left, max(whole - part, 0.0))


def part_faults(tidy: Tidy, collector: Collector) -> Iterator[Fault]:
    """What is said of a part of the need of some authorities rests on counts that are all printed, and is no more than
    they are.
    """
    for row in private_rows(tidy, collector):
        areas = row.get("area_codes", row["area_code"]).split(BETWEEN)
        harms = row.get("exploitation_types", row.get("exploitation_type", "")).split(BETWEEN)
        each = [_behind(row, area, harm, collector) for area in areas for harm in harms]
        need, share, all_ = as_number(row["need"]), as_number(row.get("share", "")), _sum(each)
        if not all(figures and all(map(_is_printed, figures)) for figures in each):
            yield Fault(tidy.file, tidy.place, HIDDEN, _keys(each))
        elif need is not None and (need > all_ * (1 + ROUNDING) or (share and not _close(share * all_, need))):
            yield Fault(tidy.file, tidy.place, WRONG, _keys(each))


def effects_faults(tables: Mapping[str, Tidy]) -> Iterator[Fault]:
    """What a change would do starts from the gap of its police force area, which the table of the flow states, and ends
    at one that is no more than the need there.
    """
    if "coverage_effects" not in tables or "coverage_flow" not in tables:
        return
    flows = {row["area_code"]: row for row in tables["coverage_flow"].rows if not row["exploitation_type"]}
    for row in tables["coverage_effects"].rows:
        flow = flows.get(row["area_code"], {})
        before, after, gap, need = (
            as_number(one.get(name, ""))
            for one, name in ((row, "gap_before"), (row, "gap_after"), (flow, "gap"), (flow, "need"))
        )
        starts_there = before is None or (gap is not None and _close(before, gap))
        if not starts_there or (after is not None and (need is None or after > need * (1 + ROUNDING))):
            yield Fault(tables["coverage_effects"].file, tables["coverage_effects"].place, WRONG)


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


def _is_printed(figure: Figure) -> bool:
    return figure.number is not None


def _sum(each: Iterable[Iterable[Figure]]) -> float:
    return sum(figure.number or 0.0 for figures in each for figure in figures)


def _close(one: float, another: float) -> bool:
    return abs(one - another) <= ROUNDING * max(1.0, abs(another))


def _keys(each: list[list[Figure]]) -> tuple[str, ...]:
    return tuple(sorted(figure.key for figures in each for figure in figures))


CHECKS = (
    (NEED, need_faults),
    (FLOW, flow_faults),
    (CUTS, part_faults),
    (GRADES, part_faults),
)
"""What is checked of a table of need and coverage, by its columns."""
