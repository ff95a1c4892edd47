"""Made-up children under review, and the tables that a series counts of them, for the tests of the disclosure gate and
of its audit.

Everything comes from a seed, child by child, so that all counts fit together. Children come under review at a level,
are reviewed in most quarters, move to another level or leave, and some come back. The rates are made up: about as many
children and moves as in the quarterly returns that the seeds of the project quote.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import product

import numpy as np
import pandas as pd

from needs_assessment.disclosure.keys import LAYOUTS, columns_of, keys_of
from needs_assessment.risk import caseload_by_level, quarter_ends, risk_movement
from needs_assessment.vocabulary import ALL_LEVELS, LEFT, NEW, RETURNING, RiskMeasure

LEVELS = ("low", "medium", "high")
SCHEME, OWN = "scheme", "own"
FIRST_QUARTER = pd.Period("2023Q4", freq="Q")
DAYS = [(FIRST_QUARTER + place).end_time.date().isoformat() for place in range(7)]
"""The quarter ends: 31 December 2023 to 30 June 2025."""
YEAR_STARTS, YEAR_ENDS = 1, 5
"""31 March 2024 and 31 March 2025 among them."""
YEAR = ("2024-04-01", "2025-03-31")
Counts = dict[str, int]


@dataclass(frozen=True)
class Places:
    """Police force areas with so many authorities each, the harms, and the children under review at first."""

    forces: tuple[int, ...] = (2, 4, 5)
    harms: tuple[str, ...] = ("CSE", "CCE")
    least: int = 10
    most: int = 80
    quarterly: bool = True
    levels: tuple[str, ...] = LEVELS

    @property
    def members(self) -> dict[str, frozenset[str]]:
        """The authorities of each force."""
        codes = iter(range(1, 1 + sum(self.forces)))
        return {
            f"E230000{number:02d}": frozenset(f"E060000{next(codes):02d}" for _ in range(size))
            for number, size in enumerate(self.forces, 1)
        }


@dataclass
class Child:
    """The level of one child at each quarter end, None where not under review, and when a review moved it."""

    levels: list[int | None] = field(default_factory=list)
    raised: set[int] = field(default_factory=set)
    lowered: set[int] = field(default_factory=set)
    reviewed: set[int] = field(default_factory=set)

    def ever(self, before: int) -> bool:
        """Whether the child was under review before a quarter end, or on it."""
        return any(level is not None for level in self.levels[: before + 1])


def children(random: np.random.Generator, size: int, top: int) -> list[Child]:
    """The children of one authority and harm, of whom `size` are under review on the first day."""
    found = [Child([int(random.choice(top + 1, p=_shares(top)))], reviewed={0}) for _ in range(size)]
    for quarter in range(1, len(DAYS)):
        for child in found:
            _live(child, quarter, random, top)
        newcomers = int(random.poisson(size * 0.22))
        levels = random.choice(top + 1, newcomers, p=_shares(top))
        found += [Child([None] * quarter + [int(level)], reviewed={quarter}) for level in levels]
    return found


def _shares(top: int) -> list[float]:
    weights = [0.5**place for place in range(top + 1)]
    return [weight / sum(weights) for weight in weights]


def _live(child: Child, quarter: int, random: np.random.Generator, top: int) -> None:
    before, chance = child.levels[-1], random.random()
    if before is None:
        after = int(random.integers(top + 1)) if chance < 0.04 else None
    elif chance < 0.2:
        after = None
    elif chance < 0.28 and before < top:
        after = before + 1
        child.raised.add(quarter)
    elif chance < 0.4 and before > 0:
        after = before - 1
        child.lowered.add(quarter)
    else:
        after = before
    child.levels.append(after)
    if after is not None and (after != before or random.random() < 0.8):
        child.reviewed.add(quarter)


def counts(seed: int, places: Places | None = None) -> Counts:
    """The counts of `risk_caseload` and `risk_movement` by key, of authorities and of their forces."""
    places = places or Places()
    random = np.random.default_rng(seed)
    found: Counter[str] = Counter()
    for (force, members), harm in product(places.members.items(), places.harms):
        for area in sorted(members):
            here = children(random, int(random.integers(places.least, places.most + 1)), len(places.levels) - 1)
            for key, count in _of_area(here, harm, places).items():
                found[key.format(area=force)] += count
                if RiskMeasure.THREE_MONTHS_LATER not in key:
                    found[key.format(area=area)] = count
    return dict(found)


def _of_area(here: list[Child], harm: str, places: Places) -> Counts:
    stood = {
        f"risk_caseload|{OWN}|{SCHEME}|{harm}|{level}|child|{{area}}|all|{day}": sum(
            child.levels[quarter] == place for child in here
        )
        for (quarter, day), (place, level) in product(enumerate(DAYS), enumerate(places.levels))
    }
    start, end = DAYS[YEAR_STARTS], DAYS[YEAR_ENDS]
    year = moves(here, YEAR_STARTS, YEAR_ENDS, places.levels)
    moved = {_key(RiskMeasure.TWELVE_MONTHS_LATER, harm, pair, start, end): count for pair, count in year.items()}
    if places.quarterly:
        quarters = _between_quarters(here, places.levels)
        moved |= {_key(RiskMeasure.THREE_MONTHS_LATER, harm, pair, start, end): n for pair, n in quarters.items()}
    nothing = (ALL_LEVELS, ALL_LEVELS)
    years = {_key(measure, harm, nothing, *days): count for measure, days, count in _years(here)}
    return stood | moved | years


def _key(measure: str, harm: str, pair: tuple[str, str], start: str, end: str) -> str:
    unit = "event" if measure == RiskMeasure.THREE_MONTHS_LATER else "child"
    return f"risk_movement|{OWN}|{measure}|{SCHEME}|{harm}|{unit}|{'|'.join(pair)}|{{area}}|{start}|{end}"


def _between_quarters(here: list[Child], levels: tuple[str, ...]) -> dict[tuple[str, str], int]:
    """The moves of a year's quarters together, and all who could be followed from each level."""
    found: Counter[tuple[str, str]] = Counter()
    for quarter in range(YEAR_STARTS, YEAR_ENDS):
        found.update(moves(here, quarter, quarter + 1, levels))
    others = {pair: found[pair] for pair in product(levels, (*levels, LEFT)) if pair[0] != pair[1]}
    return others | {(level, ALL_LEVELS): sum(found[level, after] for after in (*levels, LEFT)) for level in levels}


def moves(here: Iterable[Child], start: int, end: int, levels: tuple[str, ...] = LEVELS) -> dict[tuple[str, str], int]:
    """How many children stand in each cell between two quarter ends, with the three sums."""
    found = Counter(pair for child in here for pair in _pair(child, start, end, levels))
    cells = {pair: found[pair] for pair in product((*levels, NEW, RETURNING), (*levels, LEFT))}
    sums = {(came, ALL_LEVELS): sum(cells[came, level] for level in (*levels, LEFT)) for came in (NEW, RETURNING)}
    return cells | sums | {(ALL_LEVELS, LEFT): sum(count for (_, level), count in cells.items() if level == LEFT)}


def _pair(child: Child, start: int, end: int, levels: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    under = [*child.levels, *[None] * (len(DAYS) - len(child.levels))][start : end + 1]
    if any(level is not None for level in under):
        first, last = under[0], under[-1]
        came = (RETURNING if child.ever(start) else NEW) if first is None else levels[first]
        yield came, LEFT if last is None else levels[last]


def _years(here: list[Child]) -> Iterator[tuple[RiskMeasure, tuple[str, str], int]]:
    year = {*range(YEAR_STARTS + 1, YEAR_ENDS + 1)}
    for measure, quarters in (
        (RiskMeasure.ASSESSED, "reviewed"),
        (RiskMeasure.RAISED, "raised"),
        (RiskMeasure.LOWERED, "lowered"),
    ):
        yield measure, YEAR, sum(bool(getattr(child, quarters) & year) for child in here)
    lowered = [(min(child.lowered & year), child) for child in here if child.lowered & year]
    for measure, quarters in (
        (RiskMeasure.RAISED_AGAIN_WITHIN_6_MONTHS, 2),
        (RiskMeasure.RAISED_AGAIN_WITHIN_12_MONTHS, 4),
    ):
        yield measure, YEAR, sum(any(first < up <= first + quarters for up in child.raised) for first, child in lowered)
    last = YEAR_ENDS
    overdue = sum(
        len(child.levels) > last and child.levels[last] is not None and last not in child.reviewed for child in here
    )
    yield RiskMeasure.REVIEW_OVERDUE, (YEAR[1], YEAR[1]), overdue


def counted(seed: int, schemes: Mapping[str, list[str]], changing: bool) -> Counts:
    """What the project counts of made-up reviews, by key, in two forces of two authorities."""
    random, places = np.random.default_rng(seed), Places(forces=(2, 2))
    members = [(force, area) for force, areas in places.members.items() for area in sorted(areas)]
    reviews = pd.DataFrame([row for child in range(30) for row in _reviews(child, random, schemes, changing)])
    reviews = reviews.drop_duplicates(["child_id", "area_code", "reviewed_on"], ignore_index=True)
    levels = pd.DataFrame(
        [(scheme, level, place) for scheme, names in schemes.items() for place, level in enumerate(names)],
        columns=["scheme", "risk_level", "ordinal"],
    )
    areas = pd.DataFrame(members, columns=["police_force_area_code", "area_code"])
    areas = areas.assign(area_name=areas["area_code"], area_type="local authority", valid_to=pd.NaT)
    found = {
        "risk_caseload": caseload_by_level(reviews, areas, levels, quarter_ends(reviews)),
        "risk_movement": risk_movement(reviews, areas, levels),
    }
    keyed = {name: keys_of(name, rows, {OWN: OWN}) for name, rows in found.items()}
    return {key: int(n) for name, rows in found.items() for key, n in zip(keyed[name], rows["count"], strict=True)}


def _reviews(
    child: int, random: np.random.Generator, schemes: Mapping[str, list[str]], changing: bool
) -> Iterator[dict[str, object]]:
    """The reviews of one child: spells in one or several authorities, some of which are never closed."""
    old, new = schemes
    day, area = pd.Timestamp(2023, 1, 1) + pd.Timedelta(days=int(random.integers(0, 700))), random.integers(1, 5)
    while day < pd.Timestamp(2025, 8, 1):
        days = [day, *(day + pd.to_timedelta(random.integers(1, 140, int(random.integers(0, 7))).cumsum(), "D"))]
        closed = days[-1] + pd.Timedelta(days=int(random.integers(0, 150))) if random.random() < 0.8 else pd.NaT
        for reviewed in days:
            scheme = new if changing and area == 4 and reviewed > pd.Timestamp(2024, 8, 1) else old
            told = {"source_id": OWN, "child_id": f"child {child}", "area_code": f"E060000{area:02d}", "scheme": scheme}
            told |= {"exploitation_type": "CSE", "risk_level": str(random.choice(schemes[scheme]))}
            yield told | {"reviewed_on": reviewed, "closed_on": closed}
        day = days[-1] + pd.Timedelta(days=int(random.integers(1, 300)))
        area = random.integers(1, 5) if random.random() < 0.4 else area


def tables(figures: Mapping[str, int | None]) -> dict[str, pd.DataFrame]:
    """The tables of a gate that hold these counts."""
    rows: dict[str, list[dict[str, object]]] = {}
    for key, count in figures.items():
        said = columns_of(key)
        row = {name: said[name] or None for name in LAYOUTS[said["table"]]}
        days = {name: pd.Timestamp(date.fromisoformat(said[name])) for name in said if _is_day(name)}
        rows.setdefault(said["table"], []).append({"source_id": said["identity"], **row, **days, "count": count})
    return {
        name: pd.DataFrame(found).astype({"count": "Int64"}).assign(missing=pd.Series(pd.NA, dtype="string"))
        for name, found in rows.items()
    }


def _is_day(name: str) -> bool:
    return name == "as_at" or name.startswith("period_")


SOURCES = pd.DataFrame({"source_id": [OWN], "public": [False], "edition_of": pd.array([None], dtype="string")})
