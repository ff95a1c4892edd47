"""What is to be made for one area and harm, and the stream of random numbers that belongs to it alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import TypeVar

import numpy as np
import pandas as pd

from needs_assessment.evidence.contracts import AREA_CODE_PATTERN
from needs_assessment.evidence.faults import EvidenceError, Fault
from needs_assessment.evidence.parsing import rows_of
from needs_assessment.vocabulary import ExploitationType

Word = TypeVar("Word")

PREFIX = "SYNTHETIC-"
"""How every identifier begins."""

LABEL = "areas to synthesise"
COLUMNS = ["area_code", "exploitation_type", "episodes_per_year"]
NEIGHBOURS = "neighbour_area_codes"
_NEIGHBOURS_PATTERN = rf"{AREA_CODE_PATTERN}(?:\|{AREA_CODE_PATTERN})*"


@dataclass(frozen=True)
class Target:
    """One area and harm to make records for."""

    area_code: str
    exploitation_type: ExploitationType
    episodes_per_year: float
    neighbours: tuple[str, ...] = ()

    def stream(self, seed: int, subject: str) -> np.random.Generator:
        """The random numbers of this area, harm and subject, the same whichever others are asked for."""
        words = f"{self.area_code} {self.exploitation_type} {subject}"
        sequence = np.random.SeedSequence(seed, spawn_key=tuple(words.encode()))
        return np.random.Generator(np.random.PCG64(sequence))

    def identifier(self, letter: str, number: int) -> str:
        """An identifier that anybody sees is made up. It names area and harm because a number that runs
        through all areas would change with the areas asked for."""
        return f"{PREFIX}{letter}-{self.area_code}-{self.exploitation_type}-{number:04d}"


def read_targets(areas: pd.DataFrame) -> list[Target]:
    """The targets in order of area and harm.

    Raises EvidenceError that lists every fault of the table.
    """
    faults = [Fault(LABEL, f"the column {column} is missing") for column in COLUMNS if column not in areas]
    faults = faults or _cell_faults(areas)
    if faults:
        raise EvidenceError(faults)
    rows = areas.reindex(columns=[*COLUMNS, NEIGHBOURS]).astype({NEIGHBOURS: "string"}).fillna({NEIGHBOURS: ""})
    return sorted(
        (_target(*row) for row in rows.itertuples(index=False)), key=attrgetter("area_code", "exploitation_type")
    )


def _target(area_code: str, exploitation_type: str, episodes_per_year: float, neighbours: str) -> Target:
    codes = tuple(sorted(neighbours.split("|"))) if neighbours else ()
    return Target(area_code, ExploitationType(exploitation_type), float(episodes_per_year), codes)


def _cell_faults(areas: pd.DataFrame) -> list[Fault]:
    harms = [str(harm) for harm in ExploitationType]
    broken = {
        ("area_code", "must be an ONS nine-character code"): ~_matches(areas["area_code"], AREA_CODE_PATTERN),
        ("exploitation_type", "must be one of: " + ", ".join(harms)): ~areas["exploitation_type"].isin(harms),
        ("episodes_per_year", "must be a number of 0 or more"): ~_countable(areas["episodes_per_year"]),
        ("", "an area and harm must stand once"): areas.duplicated(COLUMNS[:2], keep=False),
    }
    if NEIGHBOURS in areas:
        stated = areas[NEIGHBOURS].notna() & (areas[NEIGHBOURS] != "")
        rule = (NEIGHBOURS, "must be area codes separated by |")
        broken[rule] = stated & ~_matches(areas[NEIGHBOURS], _NEIGHBOURS_PATTERN)
    return [Fault(LABEL, rule, column, rows_of(mask)) for (column, rule), mask in broken.items() if mask.any()]


def _matches(words: pd.Series, pattern: str) -> pd.Series:
    return words.astype("string").str.fullmatch(pattern).fillna(False).astype(bool)


def _countable(words: pd.Series) -> pd.Series:
    numbers = pd.to_numeric(words, errors="coerce").astype("Float64").fillna(-1)
    return ((numbers >= 0) & (numbers < np.inf)).astype(bool)


def quarter_starts(first: date, numbers: range) -> list[date]:
    """The first days of the quarters at `numbers` from the quarter that starts on `first`."""
    months = [first.year * 12 + first.month - 1 + 3 * number for number in numbers]
    return [date(month // 12, month % 12 + 1, 1) for month in months]


def draw(weights: Mapping[Word, float], random: np.random.Generator) -> Word:
    """One of the words, by weight."""
    words, shares = list(weights), np.array(list(weights.values()), dtype=float)
    return words[int(random.choice(len(words), p=shares / shares.sum()))]
