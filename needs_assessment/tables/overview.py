"""Display tables of the quarterly commissioning overview."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from needs_assessment.narrative.overview import (
    BEFORE,
    basis_words,
    figure_words,
    measure_words,
    ratio_words,
    whose,
)
from needs_assessment.narrative.phrases import NOT_SUPPLIED, in_place_of_number, sentence_case, year_words
from needs_assessment.tables.cells import NOT_STATED, number_cell, words_cell

NUMBERS = ("This quarter", "Quarter before", "A year before", "Target")
MONEY = ("Awarded", "Spent so far", "Share spent")
NOTHING_FURTHER = "nothing further"
IN_THE_TOTAL = "see the total"


def returns(rows: pd.DataFrame) -> pd.DataFrame:
    """One row a figure: this quarter, the quarter before, a year before, the target, and what to know of it."""
    records = [row for _, row in rows.iterrows()]
    return pd.DataFrame(
        {
            "Service and measure": [f"{whose(row)}: {measure_words(row['measure'])}" for row in records],
            "This quarter": [_figure(row, "value", "missing", NOT_SUPPLIED) for row in records],
            "Quarter before": [_before(row, "quarter_before") for row in records],
            "A year before": [_before(row, "year_before") for row in records],
            "Target": [_figure(row, "target", None, NOT_STATED) for row in records],
            "What to know": [". ".join(map(sentence_case, _to_know(row))) or NOTHING_FURTHER for row in records],
        }
    )


def _before(row: pd.Series, column: str) -> str:
    return _figure(row, column, f"{column}_missing", NOT_SUPPLIED)


def _figure(row: pd.Series, column: str, symbol: str | None, otherwise: str) -> str:
    """A figure, its symbol, or what stands where there is neither."""
    if not pd.isna(row[column]):
        return figure_words(row[column], row["unit"])
    return in_place_of_number(row[symbol]) if symbol and not pd.isna(row[symbol]) else otherwise


def _to_know(row: pd.Series) -> Iterator[str]:
    yield from filter(None, [basis_words(row)])
    yield from ratio_words(row)
    if not pd.isna(row["of_target"]):
        yield f"{row['of_target']:.0%} of the target"
    if not pd.isna(row["base"]):
        yield f"of {row['base']:,.0f}, 95% limits {row['lower']:.1f} to {row['upper']:.1f}"
    for words in (row["reason"], row["note"]):
        if not pd.isna(words):
            yield str(words)


def awards(rows: pd.DataFrame, totals: pd.DataFrame) -> pd.DataFrame:
    """One row an award: awarded, spent so far, the share spent, what to know; below the awards of one purpose their
    total.
    """
    key = ["source_id", "purpose", "period_start", "period_end"]
    of_total = pd.MultiIndex.from_frame(rows[key])
    shown: list[dict[str, str]] = []
    for _, total in totals.iterrows():
        parts = rows[of_total == tuple(total[key])]
        shown += [_award(row["recipient"], row, IN_THE_TOTAL) for _, row in parts.iterrows()]
        shown.append(_award(f"Total: {total['purpose']}", total, _of_total(total, parts)))
    others = rows[~of_total.isin(pd.MultiIndex.from_frame(totals[key]))]
    shown += [_award(row["recipient"], row, _for_what(row)) for _, row in others.iterrows()]
    return pd.DataFrame(shown)


def _award(recipient: str, row: pd.Series, to_know: str) -> dict[str, str]:
    money = [number_cell(row[column], "£{:,.0f}") for column in ("awarded_gbp", "spent_gbp")]
    cells = [cell.replace(NOT_SUPPLIED, NOT_STATED) for cell in (*money, number_cell(row["share_spent"], "{:.0%}"))]
    return {"Recipient": recipient} | dict(zip(MONEY, cells, strict=True)) | {"What to know": to_know}


def _of_total(total: pd.Series, parts: pd.DataFrame) -> str:
    """Whether the source's own total agrees, and what is noted of its parts, each once."""
    if pd.isna(total["agrees"]):
        stated = "The source states no total"
    elif total["agrees"]:
        stated = "The source states the same total awarded"
    else:
        stated = f"The source states £{total['stated_gbp']:,.0f} awarded in all, which these do not make"
    return ". ".join([stated, *map(sentence_case, parts["note"].dropna().unique())])


def _for_what(award: pd.Series) -> str:
    """What an award that is in no total is for, when, and what is noted of it."""
    words = f"{sentence_case(words_cell(award['purpose']))}, {year_words(award)}"
    return words if pd.isna(award["note"]) else f"{words}. {_note(award['note'])}"


def _note(note: object) -> str:
    return NOTHING_FURTHER if pd.isna(note) else sentence_case(str(note))


def statements(rows: pd.DataFrame) -> pd.DataFrame:
    """One row a statement: whose it is, on what, what the source says, and what to know of it."""
    return pd.DataFrame(
        {
            "About": [_about(row) for _, row in rows.iterrows()],
            "Topic": [sentence_case(topic) for topic in rows["topic"]],
            "What the return says": [f"“{wording.rstrip('.')}”" for wording in rows["wording"]],
            "What to know": [_note(note) for note in rows["note"]],
        }
    )


def _about(row: pd.Series) -> str:
    if not pd.isna(row["service_name"]):
        return whose(row)
    return "The whole area" if pd.isna(row["authority"]) else str(row["authority"])


def changes(told: pd.DataFrame) -> pd.DataFrame:
    """One row a comparison of the figure of changes; a figure with two of them is named with both."""
    named = [
        f"{row.whose}: {measure_words(row.measure)}, {figure_words(row.value, row.unit)}" for row in told.itertuples()
    ]
    return pd.DataFrame(
        {
            "This quarter": named,
            "Compared with": [sentence_case(BEFORE[against]) for against in told["against"]],
            "Then": [figure_words(row.before, row.unit) for row in told.itertuples()],
            "Ratio (95% limits)": [
                f"{row.ratio:.2f} ({row.ratio_lower:.2f} to {row.ratio_upper:.2f})" for row in told.itertuples()
            ],
            "In words": [sentence_case(words) for words in told["words"]],
        }
    )
