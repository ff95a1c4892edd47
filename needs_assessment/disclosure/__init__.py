"""The disclosure gate: counts of sensitive sources pass here before anything is derived from them.

Today's rule withholds small counts of sources that are not public. It does not yet prove that a withheld
count cannot be worked out from other printed numbers, so no total is published beside counts of sensitive sources.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from needs_assessment.vocabulary import MissingCode


@dataclass(frozen=True)
class Policy:
    """Which counts are withheld: those from 1 to `withhold_up_to` (the Department for Education's rule is 1 to 5)."""

    name: str = "dfe"
    withhold_up_to: int = 5

    def __post_init__(self) -> None:
        if self.withhold_up_to < 1:
            raise ValueError(f"withhold_up_to must be 1 or more, got: {self.withhold_up_to}")

    def __str__(self) -> str:
        return f"counts from 1 to {self.withhold_up_to} of sources that are not public are withheld"


@dataclass(frozen=True)
class SafeCounts:
    """Counts that passed the gate. Only `protect` makes them, and rates are computed from nothing else."""

    table: pd.DataFrame
    withheld: int


def protect(counts: pd.DataFrame, public: pd.Series, policy: Policy) -> SafeCounts:
    """The counts with every small count of a source that is not public withheld.

    `counts` has the columns source_id, count and missing; `public` is a boolean by source_id. A withheld count is
    missing, with the code `c`, and a note on a count of such a source is left out: no rule on counts makes words safe.
    Public figures pass unchanged. Raises KeyError for a source that `public` does not know.
    """
    sensitive = _sensitive(counts, public)
    small = counts["count"].between(1, policy.withhold_up_to).fillna(False).astype(bool)
    withhold = sensitive & small
    table = counts.assign(
        count=counts["count"].mask(withhold),
        missing=counts["missing"].mask(withhold, MissingCode.SUPPRESSED.value),
    )
    if "note" in table:
        table["note"] = table["note"].mask(sensitive)
    return SafeCounts(table, int(withhold.sum()))


def without_totals(counts: pd.DataFrame, total: pd.Series, series: list[str], public: pd.Series) -> pd.DataFrame:
    """The counts without each total of a source that is not public where a part of it is there too: a total less the
    parts that are shown would give the withheld part back.

    `total` marks the rows that are totals; a total and its parts agree in the columns of `series`. Raises KeyError as
    `protect` does.
    """
    has_parts = (~total).groupby([counts[column] for column in series], dropna=False).transform("any")
    return counts[~(_sensitive(counts, public) & total & has_parts)].reset_index(drop=True)


def _sensitive(counts: pd.DataFrame, public: pd.Series) -> pd.Series:
    unknown = ~counts["source_id"].isin(public.index)
    if unknown.any():
        raise KeyError(f"{int(unknown.sum())} counts have no known source: the gate cannot tell whether it is public")
    return ~counts["source_id"].map(public).astype(bool)
