"""Totals are protected first: no breakdown withholds one, and together nothing is given away."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from needs_assessment.disclosure.cells import Cell, Status
from needs_assessment.disclosure.linking import Figure, link
from needs_assessment.disclosure.order import is_detail, totals_first
from needs_assessment.disclosure.policies import PROFILES, Policy
from needs_assessment.disclosure.protection import protect_cells

A, B, FORCE = "E06000001", "E06000002", "E23000001"
MEMBERS = {FORCE: frozenset({A, B})}
QUARTERS = [("2024-04-01", "2024-06-30"), ("2024-07-01", "2024-09-30"), ("2024-10-01", "2024-12-31")]
QUARTERS += [("2025-01-01", "2025-03-31")]
YEAR = ("2024-04-01", "2025-03-31")
SEXES, AGES = ("female", "male", "another"), ("young", "older")
HARMS = ("CSE only", "CCE only", "both CSE and CCE")


def drawn(seed: int) -> list[Figure]:
    """Referrals for CSE of two authorities and their force by quarter and year, by sex and age, and their children."""
    random = np.random.default_rng(seed)
    counts: dict[str, int] = {}
    for area in (A, B):
        quarters = random.poisson(4, len(QUARTERS))
        periods = dict(zip([*QUARTERS, YEAR], [*quarters, quarters.sum()], strict=True))
        found = {_key("demand", area, period): count for period, count in periods.items()}
        for dimension, categories in (("sex", SEXES), ("age", AGES)):
            split = random.multinomial(quarters.sum(), [0.6, 0.4] if len(categories) == 2 else [0.7, 0.2, 0.1])
            parts = zip(categories, split, strict=True)
            found |= {_key("breakdowns", area, YEAR, dimension, name): count for name, count in parts}
        under = random.multinomial(quarters.sum() // 2, [0.8, 0.2])
        children = dict(zip(HARMS, (under[0], random.poisson(3), under[1]), strict=True))
        found |= {_key("breakdowns", area, YEAR, "harm", name, unit="child"): n for name, n in children.items()}
        counts |= found
        for key, count in found.items():
            wide = key.replace(area, FORCE)
            counts[wide] = counts.get(wide, 0) + int(count)
    return [Figure(key, int(count)) for key, count in counts.items()]


def _key(table: str, area: str, period: tuple[str, str], *of: str, unit: str = "referral") -> str:
    kind = ["referrals", "CSE", unit] if unit == "referral" else ["children_referred", "", unit]
    return "|".join([table, "own", *kind, *of, area, *period])


@pytest.mark.parametrize("rule", ["dfe", "nhs"])
@pytest.mark.parametrize("seed", range(6))
def test_no_total_is_withheld_for_a_breakdown_and_all_small_counts_stay_possible(seed: int, rule: str) -> None:
    policy = PROFILES[rule]
    cells, known = link(drawn(seed), MEMBERS, policy)
    told = frozenset(cell.key for cell in cells)
    pattern = totals_first(cells, known, policy, told)
    totals, among = link([figure for figure in drawn(seed) if not is_detail(figure.key)], MEMBERS, policy)
    alone = totals_first(totals, among, policy, told)
    assert {key for key in pattern.hidden if not is_detail(key)} == set(alone.hidden)
    assert pattern.unprotectable == ()
    # Everything together, with nothing left to choose: whatever still had to be hidden would be unprotectable.
    fixed = [_fixed(cell, hidden=cell.key in pattern.hidden) for cell in cells]
    assert protect_cells(fixed, known).unprotectable == ()


def _fixed(cell: Cell, *, hidden: bool) -> Cell:
    return replace(cell, status=Status.HIDDEN if hidden else Status.PRINTED)


def test_without_breakdowns_the_pattern_is_that_of_the_totals() -> None:
    policy = Policy()
    totals, known = link([figure for figure in drawn(0) if not is_detail(figure.key)], MEMBERS, policy)
    assert totals_first(totals, known, policy, frozenset()).hidden == protect_cells(totals, known).hidden
