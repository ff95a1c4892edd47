"""Sentences on what services cost, and of which it is not known."""

from __future__ import annotations

import pandas as pd

from needs_assessment.narrative.coverage_words import either
from needs_assessment.narrative.phrases import listed


def no_cost_sentences(rows: pd.DataFrame) -> list[str]:
    """Of which services a cost is not known, by the reason."""
    lacking = rows[rows["value"].isna()]
    return [
        f"Not worked out, because {reason}: {listed([_without(rows, name, part) for name, part in group])}."
        for reason, group in ((reason, part.groupby("service_name")) for reason, part in lacking.groupby("reason"))
    ]


def _without(rows: pd.DataFrame, name: str, lacking: pd.DataFrame) -> str:
    """The service, with the kinds of its cost that lack where not all do."""
    every = set(rows.loc[rows["service_name"].eq(name), "per"])
    kinds = list(dict.fromkeys(lacking["per"]))
    return name if set(kinds) == every else f"{name} (per {either(kinds)})"
