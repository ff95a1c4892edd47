"""Sentences on what services carry and cost, and of which it is not known."""

from __future__ import annotations

import pandas as pd

from needs_assessment.narrative.coverage_words import either
from needs_assessment.narrative.phrases import listed, year_words


def no_cost_sentences(rows: pd.DataFrame) -> list[str]:
    """Which costs of services are not known, with the reasons, services of which the same is to be said together."""
    names: dict[str, list[str]] = {}
    for name, of_service in rows.groupby("service_name"):
        lacking = of_service[of_service["value"].isna()]
        if len(lacking):
            names.setdefault(_lacking(lacking, every=set(of_service["per"])), []).append(str(name))
    return [f"Not worked out for {listed(services)}: {said}." for said, services in names.items()]


def _lacking(lacking: pd.DataFrame, *, every: set[str]) -> str:
    """Which kinds of cost of a service lack and why; without the kinds where all lack for one reason."""
    if lacking["reason"].nunique() == 1 and set(lacking["per"]) == every:
        return str(lacking["reason"].iloc[0])
    return "; ".join(
        f"per {either(list(dict.fromkeys(part['per'])))} ({reason})"
        for reason, part in lacking.groupby("reason", sort=False)
    )


def lacking_load_sentences(rows: pd.DataFrame) -> list[str]:
    """What is lacking to work out more of the load of services, each with its period."""
    lacking = rows.dropna(subset=["reason"])
    return [f"{row['service_name']}, {year_words(row)}: {row['reason']}." for _, row in lacking.iterrows()]
