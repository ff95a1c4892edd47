"""Whether what a provider reports of its caseload, its referrals and the time in service fits together."""

from __future__ import annotations

import pandas as pd

from needs_assessment.methods.capacity import reconcile_caseload

CASELOAD = "children_in_support"
NEW_REFERRALS = "new_referrals"
TIME_IN_SERVICE = "years_in_service"


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


def years_observed(first_day: pd.Timestamp, last_day: pd.Timestamp) -> float:
    """The length of a period in years, both days counted, to the nearest month.

    A quarter is a quarter of a year, whether it has 90 days or 92. Less than half a month is its days.
    """
    days = (last_day - first_day).days + 1
    return round(days / 365.25 * 12) / 12 or days / 365.25


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
    check = reconcile_caseload(
        figures[CASELOAD],
        int(figures[NEW_REFERRALS]),
        years_observed=years_observed(figures["period_start"], figures["period_end"]),
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
