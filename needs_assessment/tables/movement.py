"""Display tables of how children move between risk levels, and where they may go."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from needs_assessment.area_view import AreaView
from needs_assessment.area_view.risk import RiskSeries, flow_cells
from needs_assessment.narrative.phrases import NOT_SUPPLIED, sentence_case
from needs_assessment.narrative.risk import range_words, series_words
from needs_assessment.tables.cells import count_cell
from needs_assessment.tables.risk import NOT_APPLICABLE
from needs_assessment.vocabulary import ALL_LEVELS, CATEGORIES, Dimension, ExploitationType, MissingCode, Verdict
from needs_assessment.wording import SCENARIO_WORDS

JUDGED = (Verdict.LOWER, Verdict.SIMILAR, Verdict.HIGHER)
HORIZONS = {3: "three months", 6: "six months", 12: "twelve months"}


def flow(rows: pd.DataFrame, from_order: list[str], to_order: list[str]) -> pd.DataFrame:
    """One row a level before, one column a level after: how many children went from the one to the other."""
    cells = flow_cells(rows)
    named = cells.assign(cell=[count_cell(row["count"], row["missing"]) for _, row in cells.iterrows()])
    wide = named.pivot(index="from_level", columns="to_level", values="cell").fillna(NOT_APPLICABLE)
    wide = wide.reindex(index=from_order, columns=to_order)
    before = {"Stood at": [sentence_case(level) for level in from_order]}
    return pd.DataFrame(before | {f"Then {level}": wide[level].to_list() for level in to_order})


def outcomes(rows: pd.DataFrame) -> pd.DataFrame:
    """One row a starting level and outcome: the count of all, and the share."""
    return pd.DataFrame([_outcome(row) for _, row in rows.iterrows()])


def _outcome(row: pd.Series) -> dict[str, str]:
    level = "every level" if row["from_level"] == ALL_LEVELS else row["from_level"]
    shared = (
        f"{row['share']:.0%} ({row['lower']:.0%} to {row['upper']:.0%})" if pd.notna(row["share"]) else "not stated"
    )
    return {"Outcome": f"From {level}: {row['outcome']}", "Children": part_of(row), "Share (95% limits)": shared}


def part_of(row: pd.Series) -> str:
    """A count of its total: `12 of 40`; the count alone without a total; its symbol where it is withheld."""
    count = count_cell(row["count"], row["missing"])
    return count if pd.isna(row["count"]) or pd.isna(row["total"]) else f"{count} of {row['total']:,}"


def with_share(row: pd.Series) -> str:
    """A count of its total with the share: `31 of 210 (15%; 10% to 20%)`; no share of a small total."""
    counted = part_of(row)
    if pd.isna(row["share"]):
        return counted
    said = f"{counted} ({row['share']:.0%}; {row['lower']:.0%} to {row['upper']:.0%})"
    verdict = row.get("verdict")
    return f"{said}, {verdict}" if pd.notna(verdict) and verdict in JUDGED else said


def first_reviews(rows: pd.DataFrame) -> pd.DataFrame:
    """One row a span of days from referral to first review, with a column for each harm: count and share."""
    cells = {(row["category"], row["exploitation_type"]): _first_review(row) for _, row in rows.iterrows()}
    harms = [harm for harm in ExploitationType if any(found == harm for _, found in cells)]
    spans = CATEGORIES[Dimension.FIRST_REVIEW]
    display = {"First review": [sentence_case(span) for span in spans]}
    return pd.DataFrame(
        display | {str(harm): [cells.get((span, harm), NOT_SUPPLIED) for span in spans] for harm in harms}
    )


def _first_review(row: pd.Series) -> str:
    count = count_cell(row["count"], row["missing"])
    return count if pd.isna(row["share"]) or row["count"] == 0 else f"{count} ({row['share']:.0%})"


def chances(view: AreaView, series: RiskSeries, rows: pd.DataFrame) -> pd.DataFrame:
    """One row a starting level and horizon: the chance of each level and of having left, with limits."""
    cells = {
        (row.from_level, int(row.months), row.to_level): f"{row.value:.0%} ({row.lower:.0%} to {row.upper:.0%})"
        for row in rows[rows["quantity"].eq("probability")].itertuples()
    }
    levels = view.risk_levels(series.scheme)
    ends = [
        end for end in dict.fromkeys([*levels, *(end for _, _, end in cells)]) if any(to == end for _, _, to in cells)
    ]
    return pd.DataFrame(
        [
            {"Group now at": f"{sentence_case(level)}, after {words}"}
            | {sentence_case(end): cells.get((level, months, end), NOT_SUPPLIED) for end in ends}
            for level in reversed(levels)
            for months, words in HORIZONS.items()
            if (level, months, ends[0]) in cells
        ]
    )


def rates(view: AreaView, known: dict[RiskSeries, pd.DataFrame]) -> pd.DataFrame:
    """One row a pair of levels, one column a series: moves per child-year at the first, with limits."""
    cells = {
        (row.from_level, row.to_level, series): _rate(row)
        for series, rows in known.items()
        for row in rows.itertuples()
    }
    order = {level: place for one in known for place, level in enumerate(reversed(view.risk_levels(one.scheme)))}
    pairs = sorted(dict.fromkeys((before, after) for before, after, _ in cells), key=lambda pair: order[pair[0]])
    return pd.DataFrame(
        [
            {"Move": f"{sentence_case(before)} to {after}"}
            | {series_words(view, one): cells.get((before, after, one), NOT_APPLICABLE) for one in known}
            for before, after in pairs
        ]
    )


def _rate(row: Any) -> str:
    """A rate with its limits, or that it is withheld with what it rests on."""
    if pd.isna(row.value):
        return f"[{MissingCode.SUPPRESSED}]"
    return f"{row.value:.2f} ({row.lower:.2f} to {row.upper:.2f})"


def forecast(view: AreaView, known: dict[RiskSeries, pd.DataFrame]) -> pd.DataFrame:
    """One row a series and level: the caseload expected on the last day forecast, as now and if referrals rise or
    fall.
    """
    return pd.DataFrame([row for series, rows in known.items() for row in _forecast(view, series, rows)])


def _forecast(view: AreaView, series: RiskSeries, rows: pd.DataFrame) -> Iterator[dict[str, str]]:
    rows = rows[rows["as_at"].eq(rows["as_at"].max())]
    cells = {(row.risk_level, row.scenario): range_words(row) for row in rows.itertuples()}
    for level in [*reversed(view.risk_levels(series.scheme)), ALL_LEVELS]:
        named = "All levels" if level == ALL_LEVELS else sentence_case(level)
        if any((level, scenario) in cells for scenario in SCENARIO_WORDS):
            yield {"Level": f"{named}, {series_words(view, series)}"} | {
                words: cells.get((level, scenario), NOT_SUPPLIED) for scenario, words in SCENARIO_WORDS.items()
            }
