"""Services: the register of what is commissioned, the terms of contracts, and checks of what providers report."""

from __future__ import annotations

from typing import Any

import pandas as pd

from needs_assessment.methods.capacity import reconcile_caseload

CASELOAD = "children_in_support"
NEW_REFERRALS = "new_referrals"
COMPARED_FIELDS = (
    "age_from",
    "age_to",
    "extended_age_to",
    "annual_value_gbp",
    "contract_start",
    "contract_end",
    "exploitation_types",
)
TIME_IN_SERVICE = "years_in_service"


def dated(statements: pd.DataFrame, sources: pd.DataFrame) -> pd.DataFrame:
    """The rows with `stated_on`, oldest first: the day their source was published, or the last day it describes."""
    published = sources.set_index("source_id")
    days = published["published_on"].fillna(published["data_to"])
    stated_on = statements["source_id"].map(days).astype("datetime64[us]")
    # A source without a date never passes for the latest.
    return statements.assign(stated_on=stated_on).sort_values("stated_on", kind="stable", na_position="first")


def register(services: pd.DataFrame, sources: pd.DataFrame, on: pd.Timestamp | None = None) -> pd.DataFrame:
    """One row for each service: for every column what the latest source published by `on` says, where one says it.

    `sources_of_row` lists the sources that speak of the service, oldest first.
    """
    stated = dated(services, sources)
    if on is not None:
        stated = stated[stated["stated_on"] <= on]
    grouped = stated.groupby("service_id", sort=True)
    # `last` takes each column's last value that is not missing.
    latest = grouped.last().reset_index()
    return latest.assign(sources_of_row=grouped["source_id"].agg("|".join).to_numpy()).drop(columns=["source_id"])


def contract_terms(register_rows: pd.DataFrame) -> pd.DataFrame:
    """The firm term and each extension option of every service with a contract: service_id, term, starts, ends,
    decide_by, precision.

    `term` is `firm` or `option 1`, `option 2`, …. An option must be decided by the last day of the term before it. With
    the precision `year` the source gives years only, and the days stand for the whole year.
    """
    contracted = register_rows.dropna(subset=["contract_start", "contract_end"])
    rows = [row for service in contracted.itertuples(index=False) for row in _terms(service)]
    columns = ["service_id", "service_name", "provider", "term", "starts", "ends", "decide_by", "precision"]
    terms = pd.DataFrame(rows, columns=columns)
    return terms.astype({"starts": "datetime64[us]", "ends": "datetime64[us]", "decide_by": "datetime64[us]"})


def _terms(service: Any) -> list[dict[str, object]]:
    who = {"service_id": service.service_id, "service_name": service.service_name, "provider": service.provider}
    common = who | {"precision": service.contract_precision}
    ends = service.contract_end
    rows = [common | {"term": "firm", "starts": service.contract_start, "ends": ends, "decide_by": pd.NaT}]
    for option, months in enumerate(extension_months(service), start=1):
        starts, decide_by = ends + pd.Timedelta(days=1), ends
        following = starts + pd.DateOffset(months=months)
        # Where the last month lacks the day, such as a 30 February, the term has the whole of that month.
        ends = following - pd.Timedelta(days=int(following.day == starts.day))
        rows.append(common | {"term": f"option {option}", "starts": starts, "ends": ends, "decide_by": decide_by})
    return rows


def extension_months(service: Any) -> list[int]:
    """The length of each extension option of a register row, in months."""
    stated = service.extension_months
    return [] if pd.isna(stated) else [int(months) for months in str(stated).split("|")]


def caseload_checks(returns: pd.DataFrame) -> pd.DataFrame:
    """Little's law for each provider's return that states a caseload, new referrals and the time in service: one row
    each.

    Columns source_id, service_id, area_code, period_start, period_end, caseload, referrals, years_stated,
    years_implied, lower, upper and agrees. The limits carry the chance variation of the referrals alone (see
    `methods.capacity`).
    """
    key = ["source_id", "service_id", "area_code", "period_end"]
    arrivals = returns[returns["measure"].eq(NEW_REFERRALS) & returns["basis"].eq("in period")]
    arrivals = arrivals.rename(columns={"value": NEW_REFERRALS})[[*key, "period_start", NEW_REFERRALS]]
    states = returns[returns["measure"].isin([CASELOAD, TIME_IN_SERVICE])].dropna(subset=["value"])
    states = states.pivot_table(index=key, columns="measure", values="value", aggfunc="last")
    states = states.reindex(columns=[CASELOAD, TIME_IN_SERVICE]).dropna().reset_index()
    figures = arrivals.dropna().merge(states, on=key)
    # Where nobody arrives or nobody stays there is no time in service to imply.
    figures = figures[(figures[NEW_REFERRALS] > 0) & (figures[TIME_IN_SERVICE] > 0)]
    rows = [_caseload_check(row) for row in figures.to_dict("records")]
    return pd.DataFrame(rows, columns=_CHECK_COLUMNS)


_CHECK_COLUMNS = [
    "source_id",
    "service_id",
    "area_code",
    "period_start",
    "period_end",
    "caseload",
    "referrals",
    "years_stated",
    "years_implied",
    "lower",
    "upper",
    "agrees",
]


def _caseload_check(figures: dict) -> dict[str, object]:
    days = (figures["period_end"] - figures["period_start"]).days + 1
    check = reconcile_caseload(
        figures[CASELOAD],
        int(figures[NEW_REFERRALS]),
        # A quarter is a quarter of a year, whether it has 90 days or 92; less than half a month is its days.
        years_observed=round(days / 365.25 * 12) / 12 or days / 365.25,
        years_in_service_stated=figures[TIME_IN_SERVICE],
    )
    return figures | {
        "caseload": int(figures[CASELOAD]),
        "referrals": int(figures[NEW_REFERRALS]),
        "years_stated": figures[TIME_IN_SERVICE],
        "years_implied": check.years_in_service,
        "lower": check.lower,
        "upper": check.upper,
        "agrees": check.agrees,
    }
