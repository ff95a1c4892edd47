"""Other counts behind the same release: an attacker who could tell them from the true ones would know more than is
printed.

From the true counts and what releases print of them, the audit's own solver finds counts that agree with everything
printed and are small, or not, in the same places.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

import numpy as np
import pandas as pd
from small_evidence import BASE, COUNTRY, FIRST, FORCE, PRIVATE, SECOND, folder

from needs_assessment.disclosure.audit.systems import Statement, System
from needs_assessment.evidence import Evidence, read_evidence
from needs_assessment.release import Release

MOST = 5
"""Counts from 1 to this are small, by the Department for Education's rule."""
DAYS = ("2024-04-15", "2024-07-15", "2024-10-15", "2025-01-15", "2025-04-15")
LEVELS = ("low", "medium", "high")
THIRD = "E06009003"
AUTHORITIES = (FIRST, SECOND, THIRD)
PLACES = {**{area: (area,) for area in AUTHORITIES}, FORCE: AUTHORITIES}

Counts = Mapping[str, tuple[int, ...]]


@dataclass(frozen=True, eq=False)
class Records:
    """Case-level records of three authorities that make up a force: referrals by quarter, children by level."""

    referrals: Counts
    children: Counts

    @classmethod
    def drawn(cls, seed: int, quarters: int = 4) -> Records:
        """Counts of which some are small. No authority is without a referral in the first or the last quarter."""
        random = np.random.default_rng(seed)
        referrals = {area: random.poisson(random.choice([2, 3, 5, 9]), quarters) for area in AUTHORITIES}
        children = {area: random.poisson(4, len(LEVELS)) for area in AUTHORITIES}
        for counts in (*referrals.values(), *children.values()):
            counts[[0, -1]] = np.maximum(counts[[0, -1]], 1)
        return cls(*({area: tuple(map(int, drawn[area])) for area in drawn} for drawn in (referrals, children)))

    def until(self, quarters: int) -> Records:
        """The records as they were after so many quarters."""
        return replace(self, referrals={area: counts[:quarters] for area, counts in self.referrals.items()})

    def evidence(self, path: Path) -> Evidence:
        """The records as a return that is not public, read from files."""
        return read_evidence(folder(path, BASE | {**_places(), **self._rows()}))

    def _rows(self) -> dict[str, list[dict[str, str]]]:
        received = [
            {"area_code": area, "referred_on": day}
            for area, counts in self.referrals.items()
            for day, count in zip(DAYS, counts, strict=False)
            for _ in range(count)
        ]
        reviewed = [
            {"area_code": area, "risk_level": level}
            for area, counts in self.children.items()
            for level, count in zip(LEVELS, counts, strict=True)
            for _ in range(count)
        ]
        days = ("2024-05-01", "2024-08-01")
        return {
            "referrals": [{"referral_id": f"r{n}", "child_id": f"k{n}", **row} for n, row in enumerate(received)],
            "risk_reviews": [
                {"child_id": f"c{n}", "reviewed_on": day, **row} for n, row in enumerate(reviewed) for day in days
            ],
            "risk_schemes": [{"risk_level": level, "ordinal": str(n)} for n, level in enumerate(LEVELS, 1)],
        }


def _places() -> dict[str, list[dict[str, str]]]:
    force = {"police_force_area_code": FORCE, "police_force_area_name": "All"}
    areas = [
        {"area_code": area, "area_name": name, "longitude": str(-place), "latitude": "52.5", **force}
        for place, (area, name) in enumerate(zip(AUTHORITIES, ("First", "Second", "Third"), strict=True), 1)
    ]
    counted = [{"area_code": area, "count": "24"} for area in AUTHORITIES]
    residents = [{"area_code": area} for area in AUTHORITIES]
    return {
        "areas": [*areas, *BASE["areas"][2:]],
        "observations": [*counted, {"area_code": COUNTRY, "count": "12000"}],
        "population": [*residents, {"area_code": COUNTRY, "people": "12000000"}],
    }


def others(records: Records, releases: Sequence[Release], random: Random, *, protectors: bool) -> Records | None:
    """Other records that fit everything the releases print, with small counts where these have small ones; None where
    there are none. With `protectors` also withheld counts that are not small become others that are not.
    """
    referrals = _another([figure for release in releases for figure in _referred(records, release)], random, protectors)
    if referrals is None:
        return None
    children = _another([figure for release in releases for figure in _reviewed(records, release)], random, protectors)
    return Records(
        _counts(records.referrals, referrals), _counts(records.children, children) if children else records.children
    )


def _counts(true: Counts, found: Mapping[str, int]) -> Counts:
    return {area: tuple(found.get(f"{area} {n}", 0) for n in range(len(counts))) for area, counts in true.items()}


def _another(told: Sequence[Told], random: Random, protectors: bool) -> Mapping[str, int] | None:
    """Other counts that fit what is told, one of which at least differs from the truth; None where there are none."""
    system = System([_statement(*figure, protectors=protectors) for figure in told])
    hidden = [(terms, truth) for terms, printed, truth in told if printed is None]
    random.shuffle(hidden)
    wishes = [
        (terms, random.randint(1, MOST) if count <= MOST else count + random.randint(-3, 3)) for terms, count in hidden
    ]
    for terms, count in hidden:
        low, high = system.integer_interval(terms)
        different = [value for value in range(low or 0, (high or count + 4) + 1) if value != count]
        found = system.witness(terms, random.choice(different), wishes=wishes) if different else None
        if found is not None:
            return found
    return None


Terms = Mapping[str, int]
Told = tuple[Terms, int | None, int]
"""A sum of counts, what is printed of it, and the truth."""


def _referred(records: Records, release: Release) -> Iterator[Told]:
    """Each count of referrals, as the sum over authorities and quarters."""
    demand = release["demand"]
    for row in demand[demand["source_id"].eq(PRIVATE)].to_dict("records"):
        quarters = [n for n, day in enumerate(DAYS) if row["period_start"] <= pd.Timestamp(day) <= row["period_end"]]
        yield _told(row, records.referrals, quarters)


def _reviewed(records: Records, release: Release) -> Iterator[Told]:
    """Each count of children at a level, as the sum over authorities."""
    for row in release["risk_caseload"].to_dict("records"):
        yield _told(row, records.children, [LEVELS.index(row["risk_level"])])


def _told(row: Mapping[str, object], counts: Counts, numbers: Sequence[int]) -> Told:
    areas = PLACES[str(row["area_code"])]
    printed = None if pd.isna(row["count"]) else int(str(row["count"]))
    truth = sum(counts[area][n] for area in areas for n in numbers)
    assert printed in (None, truth)
    return {f"{area} {n}": 1 for area in areas for n in numbers}, printed, truth


def _statement(terms: Terms, printed: int | None, truth: int, *, protectors: bool) -> Statement:
    if printed is None and 1 <= truth <= MOST:
        return Statement(terms, 1, MOST)
    if printed is None and truth > MOST and protectors:
        return Statement(terms, MOST + 1, None)
    return Statement(terms, truth, truth)
