"""How figures move: changes, trends, forecasts, control charts, seasons and bounds of two harms may say no more than
the figures behind them that are printed.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from needs_assessment.disclosure.audit.contents import Tidy, TidyRow
from needs_assessment.disclosure.audit.faults import Fault
from needs_assessment.disclosure.audit.figures import CANNOT_TELL, Collector, Figure, Print, cell, key_of
from needs_assessment.disclosure.audit.numbers import as_number
from needs_assessment.vocabulary import ALL_RESIDENCES

DAYS_OF = {"year": (365, 366), "quarter": (90, 92), "month": (28, 31)}
"""The days of a period, at least and at most, by how often there is one."""
OF_SERIES = ("measure", "unit", "exploitation_type", "area_code")
OF_TWO_FIGURES = ("rate_ratio", "lower", "upper", "p_value", "percentage", "usual_lower", "usual_upper")
ROUNDING = 1e-6
HARMS = {"cse": "CSE", "cce": "CCE"}


def change_faults(tidy: Tidy, collector: Collector) -> Iterator[Fault]:
    """A change prints its two counts again, and nothing is worked out from a count that is not printed."""
    for row in private_rows(tidy, collector):
        earlier = {**row, "period_start": row["before_start"], "period_end": row["before_end"]}
        keys = [_again(tidy, collector, earlier, row["before"]), _again(tidy, collector, row, row["after"])]
        said = [name for name in OF_TWO_FIGURES if row.get(name)]
        said += ["verdict"] if row.get("verdict", "") not in {"", CANNOT_TELL} else []
        if said and not (row["before"] and row["after"]):
            yield Fault(
                tidy.file, tidy.place, f"something is printed beside a withheld count: {', '.join(said)}", (*keys,)
            )


def either_faults(tidy: Tidy, collector: Collector) -> Iterator[Fault]:
    """Bounds of both harms together print the counts of each, and stand only where both are printed."""
    for row in private_rows(tidy, collector):
        keys = [
            _again(tidy, collector, {**row, "exploitation_type": harm}, row[name])
            for name, harm in sorted(HARMS.items())
        ]
        hidden = [key for key in keys if not _is_printed(collector, key)]
        if hidden:
            yield Fault(tidy.file, tidy.place, "prints bounds although a count behind them is withheld", (*hidden,))


def trend_faults(tidy: Tidy, collector: Collector) -> Iterator[Fault]:
    """A trend rests on as many printed figures of its series, within its days, as it says that it does."""
    for row in private_rows(tidy, collector):
        printed = [figure for figure in _printed_of(row, collector) if _within(figure, row)]
        if len(printed) < (as_number(row["periods"]) or 0):
            yield Fault(tidy.file, tidy.place, "rests on more figures than are printed", (_series(row, collector),))


def season_faults(tidy: Tidy, collector: Collector) -> Iterator[Fault]:
    """A season rests on no more figures of its series than are printed."""
    for row in private_rows(tidy, collector):
        if sum(1 for _ in _printed_of(row, collector)) < (as_number(row["periods"]) or 0):
            yield Fault(tidy.file, tidy.place, "rests on more figures than are printed", (_series(row, collector),))


def forecast_faults(tidy: Tidy, collector: Collector) -> Iterator[Fault]:
    """A forecast is of a time that has no figure yet, and rests on figures that are printed."""
    for row in private_rows(tidy, collector):
        key = key_of("demand", collector.sources.identity_of(row), row)
        if key in collector.figures and not _is_printed(collector, key):
            yield Fault(tidy.file, tidy.place, "forecasts a figure that is withheld", (key,))
        if not any(figure.columns["period_end"] < cell(row, "period_start") for figure in _printed_of(row, collector)):
            yield Fault(tidy.file, tidy.place, "rests on more figures than are printed", (_series(row, collector),))


def chart_faults(tidy: Tidy, collector: Collector) -> Iterator[Fault]:
    """A point of a control chart stands at a figure that is printed."""
    for row in private_rows(tidy, collector):
        key = key_of("demand", collector.sources.identity_of(row), row)
        if not _is_printed(collector, key):
            yield Fault(tidy.file, tidy.place, "draws a point at a figure that is not printed", (key,))


def margin_faults(tidy: Tidy, collector: Collector) -> Iterator[Fault]:
    """A category's share rests on a total that is printed: the referrals, or the category `all` where there is one."""
    for row in private_rows(tidy, collector):
        if not (row["share"] or row["total"]):
            continue
        identity = collector.sources.identity_of(row)
        keys = [key_of("demand", identity, row), key_of("breakdowns", identity, {**row, "category": ALL_RESIDENCES})]
        totals = {span for key in keys if _is_printed(collector, key) for span in collector.figures[key].spans}
        total, share, count = (as_number(row[name]) for name in ("total", "share", "count"))
        if total is None or collector.span(row, total, public=False) not in totals:
            yield Fault(tidy.file, tidy.place, "prints a share although its total is withheld", (keys[0],))
        elif share is not None and (count is None or abs(share * total - count) > ROUNDING * max(total, 1)):
            yield Fault(tidy.file, tidy.place, "prints a share that is not the count's share of its total", (keys[0],))


def level_faults(tidy: Tidy, collector: Collector) -> Iterator[Fault]:
    """The share of a move is of the children who stood at its first level at the start, whose number is printed."""
    for row in private_rows(tidy, collector):
        if not (row["share"] or row["total"]):
            continue
        there = {**row, "risk_level": row["from_level"], "as_at": row["period_start"], "residence": ALL_RESIDENCES}
        key = key_of("risk_caseload", collector.sources.identity_of(row), there)
        total, share, count = (as_number(row[name]) for name in ("total", "share", "count"))
        spans = collector.figures[key].spans if _is_printed(collector, key) else []
        if total is None or collector.span(there, total, public=False) not in spans:
            yield Fault(tidy.file, tidy.place, "prints a share although its total is withheld", (key,))
        elif count is None or (share is not None and abs(share * total - count) > ROUNDING * max(total, 1)):
            yield Fault(tidy.file, tidy.place, "prints a share that is not the count's share of its total", (key,))


def private_rows(tidy: Tidy, collector: Collector) -> Iterator[TidyRow]:
    """The rows of sources that are not public."""
    return (row for row in tidy.rows if not collector.sources.public.get(row.get("source_id", ""), False))


def _again(tidy: Tidy, collector: Collector, row: TidyRow, count: str) -> str:
    """The key of a count that is printed once more, which is noted."""
    key, number = key_of("demand", collector.sources.identity_of(row), row), as_number(count)
    if number is not None:
        collector.print(key, row, Print(tidy.file, tidy.place, collector.span(row, number, public=False)))
    return key


def _is_printed(collector: Collector, key: str) -> bool:
    figure = collector.figures.get(key)
    return figure is not None and bool(figure.spans) and not figure.withheld


def _series(row: TidyRow, collector: Collector) -> str:
    """The name of a series: what its keys have in common."""
    return "|".join(["demand", collector.sources.identity_of(row), *(cell(row, column) for column in OF_SERIES)])


def _printed_of(row: TidyRow, collector: Collector) -> Iterator[Figure]:
    """The printed figures of a row's series that are as long as its periods."""
    wanted = {column: cell(row, column) for column in OF_SERIES}
    identity = collector.sources.identity_of(row)
    for key, figure in collector.figures.items():
        alike = (figure.table, figure.identity) == ("demand", identity) and wanted.items() <= figure.columns.items()
        if alike and _is_printed(collector, key) and _is_of(figure, row["frequency"]):
            yield figure


def _is_of(figure: Figure, frequency: str) -> bool:
    least, most = DAYS_OF.get(frequency, (0, 0))
    first, last = (date.fromisoformat(figure.columns[name]) for name in ("period_start", "period_end"))
    return least <= (last - first).days + 1 <= most


def _within(figure: Figure, row: TidyRow) -> bool:
    columns = figure.columns
    return cell(row, "period_start") <= columns["period_start"] and columns["period_end"] <= cell(row, "period_end")
