"""Display tables of need beside services: grades, what could be met, places, effects, and the register in full."""

from __future__ import annotations

import pandas as pd

from needs_assessment.area_view import AreaView
from needs_assessment.narrative.coverage import cut_words
from needs_assessment.narrative.coverage_words import amount, harm_words, places_unknown
from needs_assessment.narrative.phrases import in_place_of_number, sentence_case
from needs_assessment.tables.cells import NOT_STATED, day_cell, words_cell
from needs_assessment.tables.provision import FUNDING_WORDS
from needs_assessment.tables.provision import contract_terms as dated_terms
from needs_assessment.vocabulary import PERCENTAGE_FLOOR, CoverageChange, FundingStatus, PlacesBasis

NOT_WORKED_OUT = "not worked out"
TOO_FEW = "not stated of so few"
BASIS_WORDS = {
    PlacesBasis.STATED: "Stated by a source",
    PlacesBasis.STAFF: "Staff in post and stated caseload norm",
    PlacesBasis.CASELOAD: "Caseload last reported",
    PlacesBasis.NOT_KNOWN: "Not known",
}
CHANGE_WORDS = {
    CoverageChange.TEN_MORE_PLACES: "Ten more places",
    CoverageChange.CONTRACT_ENDS: "Contract ends without extension",
    CoverageChange.VACANCIES_FILLED: "Vacancies filled",
    CoverageChange.OPENED_TO_AGES: "Opened to further ages",
}


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


def grades(rows: pd.DataFrame, need: int) -> pd.DataFrame:
    """One row a funding status, the firmest first: how much of the `need` such services would take; without shares
    where it is too little for any.
    """
    return pd.DataFrame(
        {
            "Firmest service that would take it": [FUNDING_WORDS[FundingStatus(status)] for status in rows["funding"]],
            "Need": [amount(need) for need in rows["need"]],
            "Share": [TOO_FEW if need < PERCENTAGE_FLOOR else f"{share:.0%}" for share in rows["share"]],
        }
    )


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
    """One row an authority of the force, and the force: need, what could be met, what could not and why."""
    every = [row for _, row in rows.iterrows()]
    return pd.DataFrame(
        {
            "Area": rows["area_name"].to_list(),
            "Need (95% limits)": [_need_cell(row) for row in every],
            "A commissioned service would take": [_taken_cell(row, "commissioned") for row in every],
            "No commissioned service": [_taken_cell(row, "no_service") for row in every],
            "Known places": [amount_cell(row["places"], "none known") for row in every],
            "Could be met": [_within_places(row, "met", "at most ") for row in every],
            "Could not be met (95% limits)": [_gap_cell(row) for row in every],
            "Met, places in proportion to need": [_within_places(row, "met_proportional", "at most ") for row in every],
            "Not met, places in proportion to need": [
                _within_places(row, "gap_proportional", "at least ") for row in every
            ],
        }
    )


def of_force(rows: pd.DataFrame) -> pd.DataFrame:
    """One row a harm of the police force area, and both together: need, places, and what could not be met."""
    named = beside(rows.assign(area_name=[harm_words(row) for _, row in rows.iterrows()]))
    met = ["Could be met", "Met, places in proportion to need"]
    return named.drop(columns=met).rename(columns={"Area": "Harm"})


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
            "Places": [_places_cell(row) for _, row in rows.iterrows()],
            "Known from": [_known_from(row) for _, row in rows.iterrows()],
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


def _holds_none(row: pd.Series) -> bool:
    return pd.notna(row["holds_places"]) and not row["holds_places"]


def _places_cell(row: pd.Series) -> str:
    return "holds none" if _holds_none(row) else amount_cell(row["places"], "not known")


def _known_from(row: pd.Series) -> str:
    words = BASIS_WORDS[PlacesBasis(row["places_basis"])]
    if pd.isna(row["reason"]):
        return words
    return sentence_case(row["reason"]) if _holds_none(row) else f"{words}: {row['reason']}"


def years_cell(years: float) -> str:
    """Years to two decimals, or `not stated`."""
    return NOT_STATED if pd.isna(years) else f"{years:,.2f}"


def effects(rows: pd.DataFrame) -> pd.DataFrame:
    """One row a change to one service: the gap of the force before and after it."""
    return pd.DataFrame(
        {
            "Service": rows["service_name"],
            "Change": [_change_cell(row) for _, row in rows.iterrows()],
            "Places": [_from_to(row, "places_before", "places_after") for _, row in rows.iterrows()],
            "Gap before": [amount_cell(gap, NOT_WORKED_OUT) for gap in rows["gap_before"]],
            "Gap after": [amount_cell(gap, NOT_WORKED_OUT) for gap in rows["gap_after"]],
            "Difference": [_difference_cell(row) for _, row in rows.iterrows()],
        }
    )


def _change_cell(row: pd.Series) -> str:
    words = CHANGE_WORDS[CoverageChange(row["change"])]
    if pd.notna(row["age_from"]):
        return f"Opened to ages {row['age_from']} to {row['age_to']}"
    if pd.isna(row["on"]):
        return words
    only_year = pd.notna(row["precision"]) and row["precision"] == "year"
    return f"{words} at the end of {row['on'].year}" if only_year else f"{words} on {day_cell(row['on'])}"


def _from_to(row: pd.Series, before: str, after: str) -> str:
    if pd.isna(row[before]) or pd.isna(row[after]):
        return "not known"
    return f"{amount(row[before])} to {amount(row[after])}"


def _difference_cell(row: pd.Series) -> str:
    """How much smaller or larger the gap becomes, or why that cannot be worked out."""
    difference = row["difference"]
    if pd.isna(difference):
        return NOT_WORKED_OUT if pd.isna(row["reason"]) else f"{sentence_case(NOT_WORKED_OUT)}: {row['reason']}"
    if not difference:
        return "none"
    return f"{amount(abs(difference))} {'smaller' if difference < 0 else 'larger'}"


def terms_and_money(services: pd.DataFrame) -> pd.DataFrame:
    """One row a service of here: who pays, with whom, for how long and how much."""
    return pd.DataFrame(
        {
            "Service": services["service_name"],
            "Commissioners": [words_cell(names) for names in services["commissioners"]],
            "Pooled budget": [yes_no_cell(pooled) for pooled in services["pooled_budget"]],
            "Provider": [words_cell(name) for name in services["provider"]],
            "Partners": [words_cell(names) for names in services["partners"]],
            "Firm term": [_firm_term(row) for _, row in services.iterrows()],
            "Options": [_options(row) for _, row in services.iterrows()],
            "Value of a year": [money_cell(value) for value in services["annual_value_gbp"]],
            "Value of the firm term": [money_cell(value) for value in services["contract_value_gbp"]],
        }
    )


def _firm_term(row: pd.Series) -> str:
    if pd.isna(row["contract_start"]) or pd.isna(row["contract_end"]):
        return NOT_STATED
    if row["contract_precision"] == "year":
        return f"{row['contract_start'].year} to {row['contract_end'].year} (only years are published)"
    return f"{day_cell(row['contract_start'])} to {day_cell(row['contract_end'])}"


def _options(row: pd.Series) -> str:
    if pd.isna(row["extension_months"]):
        return NOT_STATED
    return ", then ".join(f"{months} months" for months in str(row["extension_months"]).split("|"))


def whom_and_how(services: pd.DataFrame) -> pd.DataFrame:
    """One row a service of here: whom it takes, how it works, and its posts and places."""
    return pd.DataFrame(
        {
            "Service": services["service_name"],
            "Form of support": [words_cell(forms) for forms in services["intensity"]],
            "Works with": [words_cell(whom) for whom in services["works_with"]],
            "Children can ask for it themselves": [yes_no_cell(own) for own in services["self_referral"]],
            "Extended age": [_extended(row) for _, row in services.iterrows()],
            "Posts paid for": [amount_cell(posts) for posts in services["posts"]],
            "Staff in post": [amount_cell(staff) for staff in services["whole_time_equivalent_staff"]],
            "Vacancies": [amount_cell(vacancies) for vacancies in services["vacancies"]],
            "Places": [amount_cell(places) for places in services["places"]],
        }
    )


def _extended(row: pd.Series) -> str:
    if pd.isna(row["extended_age_to"]):
        return "none stated"
    condition = "with a condition that is not public" if pd.isna(row["extended_if"]) else f"for {row['extended_if']}"
    return f"to age {row['extended_age_to']}, {condition}"


def yes_no_cell(value: object) -> str:
    """`Yes`, `No` or `not stated`."""
    return NOT_STATED if pd.isna(value) else "Yes" if str(value).lower() in {"true", "yes"} else "No"


def contract_terms(rows: pd.DataFrame) -> pd.DataFrame:
    """One row a contract term or extension option: its dates, the day to decide it, and what it is worth."""
    return dated_terms(rows).assign(
        Months=[amount_cell(months) for months in rows["months"]],
        **{
            "Value of the term": [money_cell(value) for value in rows["value_gbp"]],
            "Value so far": [money_cell(value) for value in rows["value_so_far_gbp"]],
        },
    )
