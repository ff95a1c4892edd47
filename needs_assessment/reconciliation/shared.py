"""What the rules share: the tables they read, the row they write, and the words for places and lengths of time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from needs_assessment.services import dated
from needs_assessment.vocabulary import Period, Unit

Tables = Mapping[str, pd.DataFrame]
Found = Iterator[dict[str, str]]

AREA, SERVICE, HARM = "area_code", "service_id", "exploitation_type"
MONTHS = {Unit.MONTH: 1, Unit.YEAR: 12}


def contradiction(
    topic: str, what: str, first: tuple[str, str], second: tuple[str, str], consequence: str
) -> dict[str, str]:
    """One contradiction; `first` and `second` are a source and what it says."""
    sides = {"source_a": first[0], "says_a": first[1], "source_b": second[0], "says_b": second[1]}
    return {"topic": topic, "what": what, **sides, "consequence": consequence}


def about(row: Any, *columns: str) -> dict[str, str]:
    """What a contradiction is about: the columns of a row that speaks of it."""
    return {column: getattr(row, column) for column in columns}


def by_date(table: pd.DataFrame, evidence: Tables) -> pd.DataFrame:
    """The rows with `stated_on`, by date of their source and its name within a day, however the file orders them."""
    return dated(table, evidence["sources"]).sort_values(["stated_on", "source_id"], kind="stable", na_position="first")


def is_length(statements: pd.DataFrame) -> pd.Series:
    """Whether each statement gives a number of months or years, and speaks of no one service."""
    return statements[SERVICE].isna() & statements["unit"].isin(MONTHS) & statements["value"].notna()


def months(statement: Any) -> float:
    """The months of a statement that gives a length."""
    return float(statement.value * MONTHS[statement.unit])


def length_in_words(statement: Any) -> str:
    """The length that a statement gives, in its own unit: `12 months`."""
    return f"{statement.value:g} {statement.unit}{'' if statement.value == 1 else 's'}"


def inside(codes: pd.Series, place: str, areas: pd.DataFrame) -> pd.Series:
    """Whether each code is that of the place, or of an area in that police force area or region."""
    wider = areas.set_index(AREA)
    within = [codes, codes.map(wider["police_force_area_code"]), codes.map(wider["region_code"])]
    return pd.concat([code.eq(place).fillna(False) for code in within], axis="columns").any(axis="columns")


def area_names(evidence: Tables) -> dict[str, str]:
    """The name of each area by its code."""
    return evidence["areas"].set_index(AREA)["area_name"].to_dict()


def in_area(row: Any, evidence: Tables) -> str:
    """` in ` and the name of the row's area; nothing where it is of none."""
    return "" if pd.isna(row.area_code) else f" in {area_names(evidence)[row.area_code]}"


def period_of(row: Any, suffix: str = "") -> Period:
    """The period of a row, from the columns that end in the suffix."""
    start, end = getattr(row, f"period_start{suffix}"), getattr(row, f"period_end{suffix}")
    return Period(start.date(), end.date())
