"""Display tables of risk levels: snapshots, schemes and caseload."""

from __future__ import annotations

import pandas as pd

from needs_assessment.area_view import AreaView
from needs_assessment.area_view.risk import RiskSeries
from needs_assessment.narrative.phrases import NOT_SUPPLIED, no_ratio_because, sentence_case
from needs_assessment.narrative.risk import at_level, range_words, series_words
from needs_assessment.tables.cells import count_cell, day_cell, p_value_cell, words_cell
from needs_assessment.vocabulary import MissingCode
from needs_assessment.wording import NO_BASELINE

NOT_APPLICABLE = f"[{MissingCode.NOT_APPLICABLE}]"
NO_COUNTERPART = "no counterpart"


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
        "Risk level": f"{sentence_case(at_level(row['risk_level']))} of {row['exploitation_type']}, {row['residence']}",
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


def within_force(rows: pd.DataFrame) -> pd.DataFrame:
    """One row a risk level: the least change of those within the force, and the counts that it rests on."""
    return pd.DataFrame([_within_force_row(row) for _, row in rows.iterrows()]).fillna(NOT_SUPPLIED)


def _within_force_row(row: pd.Series) -> dict[str, str]:
    before, after = f"{row['as_at_before']:%B %Y}", f"{row['as_at_after']:%B %Y}"
    known = pd.notna(row["ratio_least"]) and row["before"] > 0
    ratio = f"{row['ratio_least']:.2f} ({row['lower']:.2f} to {row['upper']:.2f})"
    return {
        "Risk level": f"{sentence_case(at_level(row['risk_level']))} of {row['exploitation_type']}",
        "At least times as many (95% limits)": ratio if known else "Cannot be computed",
        f"{before}, at most": _known(row["before"]),
        f"{after}, all": _known(row["after"]),
        f"{after}, out of force": _known(row["outside"]),
        f"{after}, within": _known(row["after_within"]),
    }


def _known(count: object) -> str:
    return "not shown" if pd.isna(count) else f"{count:,.0f}"


def levels_of_scheme(rows: pd.DataFrame) -> pd.DataFrame:
    """One row a level of a scheme, from the lowest: its place among them, and what the source says of it."""
    return pd.DataFrame(
        {
            "Level": [sentence_case(level) for level in rows["risk_level"]],
            "Place, from the lowest": [f"{row.ordinal} of {row.levels_in_scheme}" for row in rows.itertuples()],
            "In the source's words": [words_cell(words) for words in rows["description"]],
        }
    )


def crosswalk(view: AreaView) -> pd.DataFrame:
    """One row a level of each scheme that a source compares with another: its counterpart there, or that it has none,
    and who says so. Both ways are shown; a way that no source states is read off the other.
    """
    rows = view.risk_crosswalk()
    stated = rows[["from_scheme", "from_level", "to_scheme", "to_level", "source_id"]]
    back = {"from_scheme": "to_scheme", "from_level": "to_level", "to_scheme": "from_scheme", "to_level": "from_level"}
    ways = {(row.from_scheme, row.to_scheme): stated for row in stated.itertuples()}
    ways = {(there, here): stated.rename(columns=back) for here, there in ways} | ways
    return pd.DataFrame([row for way in sorted(ways) for row in _one_way(view, way, ways[way])])


def _one_way(view: AreaView, way: tuple[str, str], stated: pd.DataFrame) -> list[dict[str, str]]:
    here, there = way
    rows = stated[stated["from_scheme"].eq(here) & stated["to_scheme"].eq(there)]
    found = {str(level): matches for level, matches in rows.groupby("from_level", sort=False)}
    return [
        {
            "Level": f"{sentence_case(level)} ({here})",
            "Counterpart": " or ".join(found[level]["to_level"]) if level in found else NO_COUNTERPART,
            "In": there,
            "Stated by": view.short_citation(found[level]["source_id"].iloc[0]) if level in found else "nobody",
        }
        for level in view.risk_levels(here)
    ]


def caseload_over_time(view: AreaView, series: RiskSeries, ahead: pd.DataFrame) -> pd.DataFrame:
    """One row a quarter end of one series: children at each level, then what is expected with its limits."""
    history = _wide(view.risk_rows("risk_caseload", series), ["as_at"])
    expected = ahead.assign(cell=[range_words(row) for row in ahead.itertuples()])
    to_come = expected.pivot(index="as_at", columns="risk_level", values="cell").fillna(NOT_SUPPLIED)
    days = [day_cell(day) for day in history.index] + [f"{day_cell(day)}, forecast" for day in to_come.index]
    wide = pd.concat([history, to_come]).fillna(NOT_SUPPLIED)
    return _by_level({"Quarter end": days}, wide, view.risk_levels(series.scheme))


def beside_force(view: AreaView) -> pd.DataFrame:
    """One row a series and level on its latest day: children of this area and of the whole police force area."""
    return pd.DataFrame([row for series in view.risk_series() for row in _level_rows(view, series)])


def _level_rows(view: AreaView, series: RiskSeries) -> list[dict[str, str]]:
    own, force = (view.risk_rows("risk_caseload", series, force=there) for there in (False, True))
    day = own["as_at"].max() if len(own) else force["as_at"].max()
    cells = [
        {
            row["risk_level"]: count_cell(row["count"], row["missing"])
            for _, row in rows[rows["as_at"].eq(day)].iterrows()
        }
        for rows in (own, force)
    ]
    return [
        {
            "Level": f"{sentence_case(level)}, {series_words(view, series)}",
            view.name: cells[0].get(level, NOT_SUPPLIED),
            "Police force area": cells[1].get(level, NOT_SUPPLIED),
        }
        for level in reversed(view.risk_levels(series.scheme))
    ]


def _wide(rows: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """A column of cells for each level, with the symbol for `not applicable` where a scheme has no such level."""
    cells = rows.assign(cell=[count_cell(row["count"], row["missing"]) for _, row in rows.iterrows()])
    return cells.pivot(index=key, columns="risk_level", values="cell").fillna(NOT_APPLICABLE)


def _by_level(first: dict[str, list[str]], wide: pd.DataFrame, levels: list[str]) -> pd.DataFrame:
    return pd.DataFrame(
        first | {f"{sentence_case(at_level(level))}": wide[level].to_list() for level in levels if level in wide}
    )
