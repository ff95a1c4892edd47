"""Display tables of the register of services in full: whom each takes, how it works, who pays, and its contracts."""

from __future__ import annotations

import pandas as pd

from needs_assessment.narrative.coverage_words import amount
from needs_assessment.tables.cells import NOT_STATED, words_cell
from needs_assessment.tables.coverage import amount_cell, money_cell
from needs_assessment.tables.provision import contract_terms as dated_terms
from needs_assessment.tables.provision import described_cell, funding_cell

ONLY_YEARS, IN_SHORT = "(only years are published)", "(year only)"


def register(services: pd.DataFrame) -> pd.DataFrame:
    """One row a service: its harm and ages, whom it takes, how it works, how it is paid for, when it was described."""
    every = [row for _, row in services.iterrows()]
    return pd.DataFrame(
        {
            "Service": services["service_name"],
            "Harm": [words_cell(harms) for harms in services["exploitation_types"]],
            "Ages": [_ages(row) for row in every],
            "Whom it takes": [_together(_whom(row)) for row in every],
            "How it works": [_together(_how(row)) for row in every],
            "Funding here": [funding_cell(row) for row in every],
            "Last described": [described_cell(row) for row in every],
        }
    )


def _together(facts: list[str]) -> str:
    return "; ".join(facts) if facts else NOT_STATED


def _ages(row: pd.Series) -> str:
    if pd.isna(row["age_from"]) and pd.isna(row["age_to"]):
        return NOT_STATED
    ages = " to ".join("any" if pd.isna(age) else str(age) for age in (row["age_from"], row["age_to"]))
    if pd.isna(row["extended_age_to"]):
        return ages
    condition = "with a condition" if pd.isna(row["extended_if"]) else f"for {row['extended_if']}"
    return f"{ages}; to {row['extended_age_to']} {condition}"


def _whom(row: pd.Series) -> list[str]:
    """Whom a service takes, as far as it is stated."""
    said = [] if pd.isna(row["works_with"]) else [words_cell(row["works_with"])]
    said += [] if pd.isna(row["risk_levels"]) else [f"risk levels {words_cell(row['risk_levels'])}"]
    if pd.isna(row["self_referral"]):
        return said
    own = str(row["self_referral"]).lower() in {"true", "yes"}
    return [*said, "children can ask for it themselves" if own else "children cannot ask for it themselves"]


def _how(row: pd.Series) -> list[str]:
    """How a service works, as far as it is stated."""
    said = [words_cell(row[name]) for name in ("tier", "intensity") if pd.notna(row[name])]
    return said if pd.isna(row["posts"]) else [*said, f"{amount(row['posts'])} posts paid for"]


FACTS = {
    "self-referral": "self_referral",
    "risk levels": "risk_levels",
    "form of support": "intensity",
    "tier": "tier",
    "posts paid for": "posts",
}
"""What the register's cells hold together, and the columns that they hold."""


def unstated_facts(services: pd.DataFrame) -> list[str]:
    """The facts of the register that no source states for any of the services."""
    return [fact for fact, column in FACTS.items() if services[column].isna().all()]


def terms_and_money(services: pd.DataFrame, terms: pd.DataFrame) -> pd.DataFrame:
    """One row a service of here: who pays, with whom and how much. `terms` are the contract terms, which hold the value
    of the firm one.
    """
    firm = terms[terms["term"].eq("firm")].set_index("service_id")["value_gbp"]
    return pd.DataFrame(
        {
            "Service": services["service_name"],
            "Commissioners": [words_cell(names) for names in services["commissioners"]],
            "Pooled budget": [yes_no_cell(pooled) for pooled in services["pooled_budget"]],
            "Provider": [words_cell(name) for name in services["provider"]],
            "Partners": [words_cell(names) for names in services["partners"]],
            "Value of a year": [money_cell(value) for value in services["annual_value_gbp"]],
            "Value of the firm term": [money_cell(firm.get(service)) for service in services["service_id"]],
        }
    )


def yes_no_cell(value: object) -> str:
    """`Yes`, `No` or `not stated`."""
    return NOT_STATED if pd.isna(value) else "Yes" if str(value).lower() in {"true", "yes"} else "No"


def contract_terms(rows: pd.DataFrame) -> pd.DataFrame:
    """One row a contract term or extension option: its dates, the day to decide it, and what it is worth."""
    dated = dated_terms(rows)
    for name in ("Decide by", "From", "To"):
        dated[name] = dated[name].str.replace(ONLY_YEARS, IN_SHORT, regex=False)
    return dated.assign(
        Months=[amount_cell(months) for months in rows["months"]],
        **{
            "Value of the term": [money_cell(value) for value in rows["value_gbp"]],
            "Value so far": [money_cell(value) for value in rows["value_so_far_gbp"]],
        },
    )
