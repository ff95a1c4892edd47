"""Display tables of what services carry and cost: load, waiting, costs with their denominators, and travel."""

from __future__ import annotations

import pandas as pd

from needs_assessment.area_view import AreaView
from needs_assessment.narrative.coverage_words import amount
from needs_assessment.narrative.phrases import sentence_case
from needs_assessment.tables.cells import NOT_STATED, day_cell, period_cell, words_cell
from needs_assessment.tables.coverage import NOT_WORKED_OUT, amount_cell, money_cell, years_cell

UNITS = {"child": "children", "person": "people", "person trained": "people trained", "episode": "assessments"} | {
    unit: f"{unit}s"
    for unit in ("place", "victim", "referral", "offence", "incident", "event", "group", "session", "organisation")
}
"""What money is divided by, in the plural."""


def load(rows: pd.DataFrame) -> pd.DataFrame:
    """One row a service and period: new referrals, time in service, places, and what these ask for."""
    return pd.DataFrame(
        {
            "Service": rows["service_name"],
            "Period": [period_cell(row) for _, row in rows.iterrows()],
            "Referrals a year": [amount_cell(referrals) for referrals in rows["referrals_a_year"]],
            "Years in service": [years_cell(years) for years in rows["years_in_service"]],
            "Places": [amount_cell(places, "not known") for places in rows["places"]],
            "Load": [NOT_WORKED_OUT if pd.isna(value) else f"{value:,.2f}" for value in rows["load"]],
            "Places needed": [amount_cell(places, NOT_WORKED_OUT) for places in rows["places_needed"]],
            "Workers needed": [amount_cell(workers, NOT_WORKED_OUT) for workers in rows["workers_needed"]],
            "Children waiting": [amount_cell(waiting) for waiting in rows["waiting"]],
            "Weeks waited, and the target": [_weeks_cell(row) for _, row in rows.iterrows()],
            "Places that would also take all who wait within a year": [
                amount_cell(places, NOT_WORKED_OUT) for places in rows["places_to_clear_waiting_in_a_year"]
            ],
        }
    )


def _weeks_cell(row: pd.Series) -> str:
    weeks = amount_cell(row["weeks_waiting"])
    return weeks if pd.isna(row["weeks_target"]) else f"{weeks}; target {amount(row['weeks_target'])}"


def costs(rows: pd.DataFrame) -> pd.DataFrame:
    """One row a cost of a service: the money, what it is divided by, and what it comes to."""
    return pd.DataFrame(
        {
            "Service": rows["service_name"],
            "Cost per": [str(per) for per in rows["per"]],
            "Money": [_money_of(row) for _, row in rows.iterrows()],
            "Divided by": [_divided_by(row) for _, row in rows.iterrows()],
            # With pence also where there are none: a whole number could be read as a count.
            "Comes to": [f"£{value:,.2f}" for value in rows["value"]],
            "What to know of it": [_cost_note(row) for _, row in rows.iterrows()],
        }
    )


def _money_of(row: pd.Series) -> str:
    money = money_cell(row["cost_gbp"])
    return money if pd.isna(row["period_start"]) else f"{money}, {period_cell(row)[:1].lower()}{period_cell(row)[1:]}"


def _divided_by(row: pd.Series) -> str:
    if pd.isna(row["denominator"]):
        return NOT_STATED
    return f"{amount(row['denominator'])} {UNITS.get(str(row['unit']), words_cell(row['unit']))}"


def _cost_note(row: pd.Series) -> str:
    said = [str(words).rstrip(".") for words in (row["grounds"], row["reason"]) if pd.notna(words)]
    day = "" if pd.isna(row["as_at"]) else f", as at {day_cell(row['as_at'])}"
    return f"{sentence_case('; '.join(said))}{day}" if said else "nothing further"


def travel(view: AreaView, rows: pd.DataFrame) -> pd.DataFrame:
    """One row a neighbourhood and service: its children, how near the service is, and the places within reach."""
    return pd.DataFrame(
        {
            "Neighbourhood": rows["origin_code"],
            "Service": [view.service_name(service) for service in rows["service_id"]],
            "Resident children": [amount_cell(children) for children in rows["children"]],
            "Minutes to the nearest": [amount_cell(minutes) for minutes in rows["nearest_minutes"]],
            "Within reach (minutes)": [amount_cell(minutes) for minutes in rows["within_minutes"]],
            "Places for each thousand children in reach": [
                NOT_WORKED_OUT if pd.isna(value) else f"{value:,.2f}" for value in rows["places_per_thousand_children"]
            ],
        }
    )
