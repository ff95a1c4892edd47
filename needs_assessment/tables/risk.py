"""Display tables of risk levels."""

from __future__ import annotations

import pandas as pd

from needs_assessment.area_view import AreaView
from needs_assessment.narrative.phrases import NOT_SUPPLIED, no_ratio_because
from needs_assessment.tables.cells import count_cell, day_cell, p_value_cell
from needs_assessment.vocabulary import MissingCode
from needs_assessment.wording import NO_BASELINE


def risk_change(changes: pd.DataFrame) -> pd.DataFrame:
    """One row a risk level and residence group: counts before and after, ratio with limits, p-value or why there is
    none.
    """
    # Series of different dates stand in one table: a month of one is none of another's.
    return pd.DataFrame([_change_row(row) for _, row in changes.iterrows()]).fillna(NOT_SUPPLIED)


def _change_row(row: pd.Series) -> dict[str, str]:
    why_not = no_ratio_because(row)
    ratio = f"{row['rate_ratio']:.2f} ({row['lower']:.2f} to {row['upper']:.2f})"
    return {
        "Risk level": f"{row['risk_level'].capitalize()} risk of {row['exploitation_type']}, {row['residence']}",
        "Times as many (95% limits)": f"Cannot be computed: {why_not}" if why_not else ratio,
        f"{row['as_at_before']:%B %Y}": _snapshot_cell(row["before"], row["reason"]),
        f"{row['as_at_after']:%B %Y}": _snapshot_cell(row["after"], row["reason"]),
        "p-value": "none" if why_not else p_value_cell(row["p_value"]),
    }


def _snapshot_cell(count: object, reason: object) -> str:
    """A count, or which of two things keeps it from being shown: it may have been withheld."""
    if pd.isna(count):
        return "not published" if reason == NO_BASELINE else "not shown"
    return count_cell(count, pd.NA)


def caseload(view: AreaView) -> pd.DataFrame:
    """One row a quarter end and harm: children open at each risk level, in the order of the scheme."""
    rows = view.here("risk_caseload")
    if rows.empty:
        return pd.DataFrame()
    schemes = view.release["risk_schemes"].sort_values("ordinal")
    levels = schemes.loc[schemes["scheme"].isin(rows["scheme"]), "risk_level"].drop_duplicates()
    cells = rows.assign(cell=[count_cell(row["count"], row["missing"]) for _, row in rows.iterrows()])
    # Levels of two schemes, or of two returns, never share a row.
    key = ["as_at", "exploitation_type", "scheme", "source_id"]
    wide = cells.pivot(index=key, columns="risk_level", values="cell").fillna(NOT_APPLICABLE)
    apart = rows[["scheme", "source_id"]].drop_duplicates().shape[0] > 1
    named = [
        f"{day_cell(day)}, {harm}" + (f", {scheme}, {source}" if apart else "")
        for day, harm, scheme, source in wide.index
    ]
    display = {"Open on": named}
    return pd.DataFrame(display | {f"{level.capitalize()} risk": wide[level].to_list() for level in levels})


NOT_APPLICABLE = f"[{MissingCode.NOT_APPLICABLE}]"
