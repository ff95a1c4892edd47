"""Display tables of need beside services: grades, what could be met, places and effects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd

from needs_assessment.area_view import AreaView
from needs_assessment.narrative.coverage import cut_words
from needs_assessment.narrative.coverage_words import amount, places_unknown
from needs_assessment.narrative.phrases import in_place_of_number
from needs_assessment.tables.cells import NOT_STATED, day_cell
from needs_assessment.tables.provision import FUNDING_WORDS
from needs_assessment.vocabulary import PERCENTAGE_FLOOR, CoverageChange, FundingStatus, PlacesBasis

NOT_WORKED_OUT = "not worked out"
BASIS_WORDS = {
    PlacesBasis.STATED: "Stated by a source",
    PlacesBasis.STAFF: "Staff in post and stated caseload norm",
    PlacesBasis.CASELOAD: "Caseload last reported",
    PlacesBasis.NOT_KNOWN: "not known",
}
CHANGE_WORDS = {
    CoverageChange.TEN_MORE_PLACES: "Ten more places",
    CoverageChange.CONTRACT_ENDS: "Contract ends without extension",
    CoverageChange.VACANCIES_FILLED: "Vacancies filled",
    CoverageChange.OPENED_TO_AGES: "Opened to further ages",
}

UNKNOWN = frozenset({NOT_STATED, NOT_WORKED_OUT, "not known"})
"""The cells that say nothing but that a fact is not known."""


class Stated(NamedTuple):
    """A display table without what nobody states: its rows and columns in which something is known, the columns left
    out, and the rows left out by the words of their first column.
    """

    display: pd.DataFrame
    columns: list[str]
    rows: list[str]


def stated(display: pd.DataFrame, *, apart: str = "") -> Stated:
    """The table without its columns, and then its rows, in which nothing beside the first column is known; the column
    `apart` says nothing of what is known.
    """
    facts = display.iloc[:, 1:].drop(columns=apart, errors="ignore")
    known = ~facts.isin(UNKNOWN)
    kept = known.any(axis=1)
    columns = [name for name in facts if not known[name].any()]
    return Stated(display.drop(columns=columns)[kept], columns, display.loc[~kept].iloc[:, 0].to_list())


def amount_cell(value: object, otherwise: str = NOT_STATED) -> str:
    """A number with at most one decimal, or what stands in its place."""
    return otherwise if pd.isna(value) else amount(float(str(value)))


def money_cell(value: object, otherwise: str = NOT_STATED) -> str:
    """Pounds, with pence where they are not whole, or what stands in their place."""
    if pd.isna(value):
        return otherwise
    pounds = float(str(value))
    return f"£{pounds:,.0f}" if pounds.is_integer() else f"£{pounds:,.2f}"


def limited_cell(row: pd.Series, value: str, lower: str, upper: str) -> str:
    """A number with its 95% limits: `34 (25 to 43)`."""
    return _without_number(row) if pd.isna(row[value]) else _limited(row, value, lower, upper)


def _limited(row: pd.Series, value: str, lower: str, upper: str) -> str:
    return f"{amount(row[value])} ({amount(row[lower])} to {amount(row[upper])})"


def _without_number(row: pd.Series) -> str:
    return NOT_WORKED_OUT if pd.isna(row["missing"]) else in_place_of_number(row["missing"])


def grades(rows: Mapping[str, pd.DataFrame], needs: Mapping[str, int]) -> pd.DataFrame:
    """One row a funding status, the firmest first, one column a harm of `rows`: how much of its need such services
    would take, with the share where the need is enough for one. A status that takes none is left out, but not `none`.
    """
    taken = pd.DataFrame({harm: own.set_index("funding")["need"] for harm, own in rows.items()})
    shares = pd.DataFrame({harm: own.set_index("funding")["share"] for harm, own in rows.items()})
    order = [status for status in FundingStatus if status in taken.index]
    kept = [status for status in order if status == FundingStatus.NONE or taken.loc[status].gt(0).any()]
    display = pd.DataFrame({"Firmest service that would take it": [FUNDING_WORDS[status] for status in kept]})
    for harm in rows:
        every = zip(taken.loc[kept, harm], shares.loc[kept, harm], strict=True)
        display[harm] = [_share_cell(need, share, needs[harm]) for need, share in every]
    return display


def _share_cell(need: float, share: float, of: int) -> str:
    return amount(need) if of < PERCENTAGE_FLOOR else f"{amount(need)} ({share:.0%})"


def steps(row: pd.Series) -> pd.DataFrame:
    """One row a step from recorded need to what could be met and what could not."""
    named = {
        "Recorded need": limited_cell(row, "need", "need_lower", "need_upper"),
        "Any service found would take it": amount(row["eligible"]),
        "A commissioned service would take it": amount(row["commissioned"]),
        "Met if places are shared in proportion to need": _within_places(row, "met_proportional", "at most "),
        "Not met if places are shared in proportion to need": _within_places(row, "gap_proportional", "at least "),
        "Could be met if every place went here": _within_places(row, "met", "at most "),
        "Could not be met even so": _gap_cell(row),
        "of this, no commissioned service takes it": amount(row["no_service"]),
        "of this, too few places": _within_places(row, "too_few_places", "at least "),
        "Places of its commissioned services that are known": amount_cell(row["places"], "none known"),
        "Commissioned services that take any of it": amount_cell(row["services_counted"]),
        "of these, with places not known": amount_cell(row["services_without_places"]),
    }
    return pd.DataFrame({"Step": list(named), "Number": list(named.values())})


def _within_places(row: pd.Series, column: str, bound: str) -> str:
    """A number that rests on places: a bound where some are not known, and no number where none is."""
    if pd.isna(row[column]):
        return _without_number(row)
    if places_unknown(row):
        return "places not known"
    return f"{bound if row['services_without_places'] else ''}{amount(row[column])}"


def beside(rows: pd.DataFrame) -> pd.DataFrame:
    """One row an authority of the force, and the force: need, what no service takes, places, and what is met."""
    every = [row for _, row in rows.iterrows()]
    return pd.DataFrame(
        {
            "Area": rows["area_name"].to_list(),
            "Need (95% limits)": [_need_cell(row) for row in every],
            "No commissioned service": [_taken_cell(row, "no_service") for row in every],
            "Known places": [amount_cell(row["places"], "none known") for row in every],
            "Could not be met, if every place went there (95% limits)": [_gap_cell(row) for row in every],
            "Met, places in proportion to need": [_within_places(row, "met_proportional", "at most ") for row in every],
        }
    )


def _need_cell(row: pd.Series) -> str:
    least = "at least " if pd.notna(row["need"]) and pd.notna(row["reason"]) else ""
    return least + limited_cell(row, "need", "need_lower", "need_upper")


def _gap_cell(row: pd.Series) -> str:
    """The gap with its limits: at least so much where some places are not known, without limits where none is."""
    if pd.notna(row["gap"]) and places_unknown(row):
        return f"at least {amount(row['gap'])}"
    least = "at least " if pd.notna(row["gap"]) and row["services_without_places"] else ""
    return least + limited_cell(row, "gap", "gap_lower", "gap_upper")


def _taken_cell(row: pd.Series, column: str) -> str:
    return _without_number(row) if pd.isna(row[column]) else amount(row[column])


def cuts(view: AreaView, rows: pd.DataFrame) -> pd.DataFrame:
    """One row for each thing that binds: the need that it concerns, the places there are for it, and the gap."""
    return pd.DataFrame(
        {
            "What binds": [cut_words(view, row) for _, row in rows.iterrows()],
            "Need": [amount(need) for need in rows["need"]],
            "Places for it": [amount(places) for places in rows["places"]],
            "Could not be met (95% limits)": [_limited(row, "gap", "lower", "upper") for _, row in rows.iterrows()],
        }
    )


def places(rows: pd.DataFrame) -> pd.DataFrame:
    """One row a service: its places, from what they are known, staff and time in service."""
    return pd.DataFrame(
        {
            "Service": rows["service_name"],
            "Places": [amount_cell(places, "not known") for places in rows["places"]],
            "Known from": [BASIS_WORDS[PlacesBasis(basis)] for basis in rows["places_basis"]],
            "As at": [day_cell(day) for day in rows["as_at"]],
            "Staff in post": [amount_cell(staff) for staff in rows["staff"]],
            "Vacancies": [amount_cell(vacancies) for vacancies in rows["vacancies"]],
            "Children a worker": [amount_cell(norm) for norm in rows["children_per_worker"]],
            "Places with vacancies filled": [
                amount_cell(filled, NOT_WORKED_OUT) for filled in rows["places_with_vacancies_filled"]
            ],
            "Years in service": [years_cell(years) for years in rows["years_in_service"]],
            "Children a year": [amount_cell(children, NOT_WORKED_OUT) for children in rows["children_a_year"]],
        }
    )


def years_cell(years: float) -> str:
    """Years to two decimals, or `not stated`."""
    return NOT_STATED if pd.isna(years) else f"{years:,.2f}"


def effects(rows: pd.DataFrame) -> pd.DataFrame:
    """One row a change to one service that was worked out: the gap of the force before and after it."""
    return pd.DataFrame(
        {
            "Service": rows["service_name"],
            "Change": [change_words(row) for _, row in rows.iterrows()],
            "Places": [
                f"{amount(row['places_before'])} to {amount(row['places_after'])}" for _, row in rows.iterrows()
            ],
            "Gap before": [amount(gap) for gap in rows["gap_before"]],
            "Gap after": [amount(gap) for gap in rows["gap_after"]],
            "Difference": [_difference_cell(difference) for difference in rows["difference"]],
        }
    )


def change_words(row: pd.Series) -> str:
    """What is changed, with its ages or its day."""
    words = CHANGE_WORDS[CoverageChange(row["change"])]
    if pd.notna(row["age_from"]):
        return f"Opened to ages {row['age_from']} to {row['age_to']}"
    if pd.isna(row["on"]):
        return words
    only_year = pd.notna(row["precision"]) and row["precision"] == "year"
    return f"{words} at the end of {row['on'].year}" if only_year else f"{words} on {day_cell(row['on'])}"


def _difference_cell(difference: float) -> str:
    """How much smaller or larger the gap becomes."""
    if not difference:
        return "none"
    return f"{amount(abs(difference))} {'smaller' if difference < 0 else 'larger'}"
