"""What tables about services may say of providers' returns and of registers that are not public: they print figures of
returns again, and money, places and staff only as a public source states them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

import pandas as pd

from needs_assessment.disclosure.audit.contents import Tidy, TidyRow
from needs_assessment.disclosure.audit.faults import Fault
from needs_assessment.disclosure.audit.figures import Collector, cell
from needs_assessment.disclosure.audit.movement import private_rows
from needs_assessment.disclosure.audit.numbers import as_number
from needs_assessment.vocabulary import CostPer, PlacesBasis

COMPARISONS = frozenset({"quarter_before", "ratio_quarter", "service_id"})
PLACES = frozenset({"places_basis", "holds_places", "places"})
COSTS = frozenset({"per", "cost_gbp", "denominator"})
LOAD = frozenset({"load", "places_needed", "waiting"})
BEFORE = {"quarter": 3, "year": 12}
AIMS = ("target", "of_target", "base", "lower", "upper", "weeks_waiting", "weeks_target")
"""What rests on targets, per cents and lengths of time, which are printed of public sources only."""
OF_REFERRALS = ("load", "places_needed", "workers_needed", "places_to_clear_waiting_in_a_year")
CASELOAD, WAITING = "children_in_support", "children_waiting"
REFERRED = ("new_referrals", "referrals")
SUMS = ("annual_value_gbp", "contract_value_gbp")
STAFF = ("whole_time_equivalent_staff", "vacancies", "children_per_worker")
STATED = (*SUMS, *STAFF, "places", "posts")
"""Columns of the register that hold money, places and staff."""
AGAIN = {
    "services": {column: column for column in STATED},
    "service_places": dict(zip(("staff", "vacancies", "children_per_worker"), STAFF, strict=True)),
}
"""Columns of tables that say again what a register, or a return, states."""
WORTH = {"contract_terms": ("value_gbp", "value_so_far_gbp"), "service_costs": ("cost_gbp", "value")}
"""Columns of tables that are worked out from its money."""
NOT_STATED = "prints what no public source states of a service"
ROUNDING = 1e-6

Cell = tuple[str, ...]
Printed = Mapping[Cell, set[float]]


def printed_returns(collector: Collector) -> Printed:
    """The numbers that are printed of each figure of a return, by service, area, measure, basis and days."""
    found: dict[Cell, set[float]] = defaultdict(set)
    for figure in collector.figures.values():
        if figure.table == "service_returns" and figure.number is not None:
            found[_cell(figure.columns)].add(figure.number)
    return found


def _cell(row: TidyRow, **instead: str) -> Cell:
    names = ("service_id", "area_code", "measure", "basis", "period_start", "period_end")
    return tuple(cell({**row, **instead}, name) for name in names)


def comparison_faults(tidy: Tidy, collector: Collector) -> Iterator[Fault]:
    """What stands beside a figure of a return is printed of the time before, and what is divided of both."""
    printed = printed_returns(collector)
    for row in tidy.rows:
        for name, months in BEFORE.items():
            there = printed.get(_cell(row, **_earlier(row, months)), set())
            before, ratio = (as_number(row.get(column, "")) for column in (f"{name}_before", f"ratio_{name}"))
            if before is not None and before not in there:
                yield Fault(tidy.file, tidy.place, "prints a figure of the time before that is not printed for it")
            value = as_number(row["value"])
            if ratio is not None and (value is None or not any(_close(ratio * number, value) for number in there)):
                yield Fault(tidy.file, tidy.place, "divides by a figure of a return that is not printed")
    yield from _aim_faults(tidy, collector)


def _aim_faults(tidy: Tidy, collector: Collector) -> Iterator[Fault]:
    for row in private_rows(tidy, collector):
        said = [name for name in AIMS if row.get(name)]
        if said:
            rule = f"prints what rests on a target, a share or a length of time that is not public: {', '.join(said)}"
            yield Fault(tidy.file, tidy.place, rule)


def _earlier(row: TidyRow, months: int) -> dict[str, str]:
    """The days of the period so many months before; what is no day has none."""
    first, last = (pd.to_datetime(cell(row, name), errors="coerce") for name in ("period_start", "period_end"))
    if pd.isna(first) or pd.isna(last):
        return {"period_start": "", "period_end": ""}
    before, day = pd.DateOffset(months=months), pd.Timedelta(days=1)
    return {"period_start": f"{first - before:%Y-%m-%d}", "period_end": f"{last + day - before - day:%Y-%m-%d}"}


def load_faults(tidy: Tidy, collector: Collector) -> Iterator[Fault]:
    """Referrals in a year are printed ones over the length of their period, and who waits is printed too."""
    printed = printed_returns(collector)
    for row in private_rows(tidy, collector):
        a_year, waiting = as_number(row["referrals_a_year"]), as_number(row["waiting"])
        stated = [printed.get(_cell(row, measure=measure, basis="in period"), set()) for measure in REFERRED]
        day = {"measure": WAITING, "basis": "snapshot", "period_start": cell(row, "period_end")}
        waited = printed.get(_cell(row, **day), set())
        of_year = {number / _years(row) for numbers in stated for number in numbers}
        beside = [name for name in OF_REFERRALS if row.get(name)] if a_year is None else []
        if (a_year is not None and not any(_close(a_year, number) for number in of_year)) or beside:
            yield Fault(tidy.file, tidy.place, "rests on referrals of a return that are not printed")
        if waiting is not None and waiting not in waited:
            yield Fault(tidy.file, tidy.place, "prints a figure of a return that is not printed")
    yield from _aim_faults(tidy, collector)


def _years(row: TidyRow) -> float:
    """The length of a period to the nearest month."""
    first, last = (pd.Timestamp(cell(row, name)) for name in ("period_start", "period_end"))
    days = (last - first).days + 1
    return round(days / 365.25 * 12) / 12 or days / 365.25


def places_faults(tidy: Tidy, collector: Collector) -> Iterator[Fault]:
    """Places that are a reported caseload are printed ones of one day, or the sum of those of areas."""
    printed = printed_returns(collector)
    for row in tidy.rows:
        places = as_number(row["places"])
        reported = places is not None and row["places_basis"] == PlacesBasis.CASELOAD
        if reported and places not in _numbers_of(row, CASELOAD, printed):
            yield Fault(tidy.file, tidy.place, "prints a figure of a return that is not printed")


def cost_faults(tidy: Tidy, collector: Collector) -> Iterator[Fault]:
    """What a cost is divided by is a figure of a return that is printed, or one over the printed years in service."""
    printed = printed_returns(collector)
    for row in private_rows(tidy, collector):
        number = as_number(row["denominator"])
        if number is None or row["per"] == CostPer.NEED_MET:
            continue
        counts = _numbers_of(row, "", printed)
        # A number a year is the printed one over the years in service, which count nobody.
        if not counts or (row["per"] != CostPer.CHILD_SUPPORTED and number not in counts):
            yield Fault(tidy.file, tidy.place, "divides by a figure of a return that is not printed")


def _numbers_of(row: TidyRow, measure: str, printed: Printed) -> set[float]:
    """What is printed of a measure, or of any, of the row's service, and the sums of its areas by day."""
    here = {key: numbers for key, numbers in printed.items() if key[0] == cell(row, "service_id")}
    here = {key: numbers for key, numbers in here.items() if measure in {"", key[2]}}
    sums: dict[Cell, float] = defaultdict(float)
    for key, numbers in here.items():
        sums[key[2:]] += max(numbers)
    return {number for numbers in here.values() for number in numbers} | {*sums.values()}


def register_faults(tables: Mapping[str, Tidy], collector: Collector) -> Iterator[Fault]:
    """Money, places and staff stand in the tables of a release only where a public source states them of the service,
    or a return that is printed.
    """
    stated = _stated(tables, collector)
    register = tables.get("service_statements")
    if register and any(private_rows(register, collector)):
        yield Fault(register.file, register.place, "prints words or figures of a source that is not public")
    for name, columns in AGAIN.items():
        for tidy, row in ((tables[name], row) for row in (tables[name].rows if name in tables else ())):
            of = {column: stated[cell(row, "service_id"), again] for column, again in columns.items()}
            said = [
                column for column, numbers in of.items() if row.get(column) and as_number(row[column]) not in numbers
            ]
            if said:
                yield Fault(tidy.file, tidy.place, f"{NOT_STATED}: {', '.join(said)}")
    for name, columns_of_money in WORTH.items():
        for tidy, row in ((tables[name], row) for row in (tables[name].rows if name in tables else ())):
            if any(map(row.get, columns_of_money)) and not any(stated[cell(row, "service_id"), sum_] for sum_ in SUMS):
                yield Fault(tidy.file, tidy.place, f"{NOT_STATED}: {', '.join(columns_of_money)}")


def _stated(tables: Mapping[str, Tidy], collector: Collector) -> dict[tuple[str, str], set[float]]:
    """The numbers that public sources state, and returns print, by service and column of the register."""
    found: dict[tuple[str, str], set[float]] = defaultdict(set)
    for (service, _, measure, *_), numbers in printed_returns(collector).items():
        found[service, measure] |= numbers
    for row in tables["service_statements"].rows if "service_statements" in tables else ():
        for column in STATED:
            number = as_number(row.get(column, ""))
            found[cell(row, "service_id"), column].update([] if number is None else [number])
    return found


CHECKS = (
    (PLACES, places_faults),
    (LOAD, load_faults),
    (COSTS, cost_faults),
)
"""What is checked of a table about services, by its columns."""


def _close(one: float, another: float) -> bool:
    return abs(one - another) <= ROUNDING * max(1.0, abs(another))
