"""The terms of contracts: the firm term, the extension options, and by when each has to be decided."""

from __future__ import annotations

from typing import Any

import pandas as pd

COLUMNS = [
    "service_id",
    "service_name",
    "provider",
    "term",
    "starts",
    "ends",
    "decide_by",
    "precision",
    "months",
    "value_gbp",
    "value_so_far_gbp",
]
_DAYS = dict.fromkeys(["starts", "ends", "decide_by"], "datetime64[us]")
_NUMBERS = dict.fromkeys(["months", "value_gbp", "value_so_far_gbp"], "Float64")


def contract_terms(register_rows: pd.DataFrame) -> pd.DataFrame:
    """The firm term and each extension option of every service with a contract: one row a term, in COLUMNS.

    `term` is `firm` or `option 1`, `option 2`, …. An option must be decided by the last day of the term before it. With
    the precision `year` the source gives years only, and the days stand for the whole year. The months of the firm term
    are those stated, else those of its days; not known where only years are given. `value_gbp` is the value of one year
    times the length of the term; for the firm term the value that a source states, where one does. `value_so_far_gbp`
    adds up the terms to this one; both are blank where not known.
    """
    contracted = register_rows.dropna(subset=["contract_start", "contract_end"])
    rows = [row for service in contracted.itertuples(index=False) for row in _terms(service)]
    terms = pd.DataFrame(rows, columns=COLUMNS[:-1]).astype(_DAYS)
    return terms.assign(value_so_far_gbp=_so_far(terms)).astype(_NUMBERS)


def _so_far(terms: pd.DataFrame) -> pd.Series:
    """The sum of the values up to each term of its contract; missing from the first on that is not known."""
    values = terms["value_gbp"].astype("Float64")
    return values.groupby(terms["service_id"]).cumsum(skipna=False)


def _terms(service: Any) -> list[dict[str, object]]:
    who = {"service_id": service.service_id, "service_name": service.service_name, "provider": service.provider}
    common = who | {"precision": service.contract_precision}
    ends, length = service.contract_end, _firm_months(service)
    stated = service.contract_value_gbp
    value = _value(service, length) if pd.isna(stated) else stated
    firm = {"term": "firm", "starts": service.contract_start, "ends": ends, "decide_by": pd.NaT}
    rows = [common | firm | {"months": length, "value_gbp": value}]
    for option, months in enumerate(extension_months(service), start=1):
        starts, decide_by = ends + pd.Timedelta(days=1), ends
        following = starts + pd.DateOffset(months=months)
        # Where the last month lacks the day, such as a 30 February, the term has the whole of that month.
        ends = following - pd.Timedelta(days=int(following.day == starts.day))
        term = {"term": f"option {option}", "starts": starts, "ends": ends, "decide_by": decide_by}
        rows.append(common | term | {"months": float(months), "value_gbp": _value(service, float(months))})
    return rows


def _firm_months(service: Any) -> float | None:
    """The months of the firm term as stated; else its whole months and the share of the month that the days after them
    make up; none where its source gives years only.
    """
    if not pd.isna(service.contract_months):
        return float(service.contract_months)
    if not pd.isna(service.contract_precision) and service.contract_precision == "year":
        return None
    starts, following = service.contract_start, service.contract_end + pd.Timedelta(days=1)
    whole = (following.year - starts.year) * 12 + following.month - starts.month
    whole -= int(starts + pd.DateOffset(months=whole) > following)
    begun, full = (starts + pd.DateOffset(months=count) for count in (whole, whole + 1))
    return float(whole + (following - begun) / (full - begun))


def _value(service: Any, months: float | None) -> float | None:
    if months is None or pd.isna(service.annual_value_gbp):
        return None
    return float(service.annual_value_gbp) * months / 12


def extension_months(service: Any) -> list[int]:
    """The length of each extension option of a register row, in months."""
    stated = service.extension_months
    return [] if pd.isna(stated) else [int(months) for months in str(stated).split("|")]
