"""Display tables of who is referred: a row for each category, in a fixed order."""

from __future__ import annotations

import pandas as pd

from needs_assessment.area_view import AreaView
from needs_assessment.narrative.breakdowns import DIMENSION_WORDS, category_words
from needs_assessment.narrative.phrases import NOT_SUPPLIED
from needs_assessment.tables.cells import count_cell
from needs_assessment.vocabulary import ALL_CATEGORIES, CATEGORIES, Dimension, ExploitationType

ORDER = {
    (dimension.value, category): place
    for place, (dimension, category) in enumerate(
        (dimension, category) for dimension in CATEGORIES for category in (*CATEGORIES[dimension], ALL_CATEGORIES)
    )
}


def by_harm(view: AreaView) -> pd.DataFrame:
    """One row a category of the breakdowns of referrals and offences, with a column for each harm: count and, where
    there is one, share.
    """
    rows = view.breakdowns()
    rows = _in_order(rows[rows["exploitation_type"].notna() & rows["category"].ne(ALL_CATEGORIES)])
    if rows.empty:
        return pd.DataFrame()
    cells = rows.assign(cell=[_cell(row) for _, row in rows.iterrows()])
    wide = cells.pivot(
        index=["place", "source_id", "dimension", "category"], columns="exploitation_type", values="cell"
    )
    wide = wide.sort_index().astype("string").fillna(NOT_SUPPLIED).reset_index()
    named = {
        "Who or what": [category_words(category) for category in wide["category"]],
        "Broken down by": [DIMENSION_WORDS[Dimension(dimension)] for dimension in wide["dimension"]],
    }
    return pd.DataFrame(named | {str(harm): wide[harm].to_list() for harm in ExploitationType if harm in wide})


def children(view: AreaView) -> pd.DataFrame:
    """One row a group of children: referred for one harm only, for the other only, for both, and all."""
    rows = view.breakdowns()
    rows = _in_order(rows[rows["dimension"].eq(Dimension.HARM)]).sort_values(["source_id", "place"])
    if rows.empty:
        return pd.DataFrame()
    return pd.DataFrame(
        {
            "Referred for": [category_words(category) for category in rows["category"]],
            "Children": [_cell(row) for _, row in rows.iterrows()],
        }
    )


def _in_order(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(place=[ORDER[key] for key in zip(rows["dimension"], rows["category"], strict=True)])


def _cell(row: pd.Series) -> str:
    """A count with its share, or its symbol: `12 (34%)`, `[c]`. Neither a total nor a 0 needs a share."""
    count = count_cell(row["count"], row["missing"])
    alone = pd.isna(row["share"]) or row["count"] == 0 or row["category"] == ALL_CATEGORIES
    return count if alone else f"{count} ({row['share']:.0%})"
