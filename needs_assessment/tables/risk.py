"""Display tables of risk levels."""

from __future__ import annotations

import pandas as pd

from needs_assessment.area_view import AreaView
from needs_assessment.tables.cells import NOT_SUPPLIED, count_cell, day_cell


def risk_change(changes: pd.DataFrame) -> pd.DataFrame:
    """One row a risk level and residence group: counts before and after, ratio with limits, p-value or why there is
    none.
    """
    return pd.DataFrame([_change_row(row) for _, row in changes.iterrows()])


def _change_row(row: pd.Series) -> dict[str, str]:
    computed = not pd.isna(row["rate_ratio"])
    ratio = (
        f"{row['rate_ratio']:.2f} ({row['lower']:.2f} to {row['upper']:.2f})"
        if computed
        else f"Cannot be computed: {row['reason']}"
    )
    return {
        "Risk level": f"{row['risk_level'].capitalize()}, {'all' if row['residence'] == 'all' else row['residence']}",
        "Times as many (95% limits)": ratio,
        f"{row['as_at_before']:%B %Y}": count_cell(row["before"], pd.NA).replace(NOT_SUPPLIED, "not published"),
        f"{row['as_at_after']:%B %Y}": count_cell(row["after"], pd.NA),
        "p-value": f"{row['p_value']:.3f}" if computed else "none",
    }


def caseload(view: AreaView) -> pd.DataFrame:
    """One row a quarter end and harm: children open at each risk level, in the order of the scheme."""
    rows = view.here("risk_caseload")
    if rows.empty:
        return pd.DataFrame()
    schemes = view.release["risk_schemes"].sort_values("ordinal")
    levels = schemes.loc[schemes["scheme"].isin(rows["scheme"]), "risk_level"]
    cells = rows.assign(cell=[count_cell(row["count"], row["missing"]) for _, row in rows.iterrows()])
    wide = cells.pivot(index=["as_at", "exploitation_type"], columns="risk_level", values="cell")
    display = {"Open on": [f"{day_cell(day)}, {harm}" for day, harm in wide.index]}
    return pd.DataFrame(display | {f"{level.capitalize()} risk": wide[level].to_list() for level in levels})
