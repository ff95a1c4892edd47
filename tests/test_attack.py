"""The attack of the independent audit: intervals, witnesses and covers, against worked cases and by brute force."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from fractions import Fraction
from math import ceil, floor
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from needs_assessment.disclosure.audit import programmes
from needs_assessment.disclosure.audit.attack_files import attack as attack_command
from needs_assessment.disclosure.audit.attackers import Attacker, Target, attack, insider, zeros_printed
from needs_assessment.disclosure.audit.rows import exact
from needs_assessment.disclosure.audit.systems import InconsistentError, Statement, System, UnprovenError, infeasible

SHARED = Path(__file__).resolve().parents[1].parent / "shared"
CASES = SHARED / "cases" / "disclosure" / "attack_cases.json"
ATOMS = "abcdefgh"
BEYOND = 10**6  # more than any sum here
SYSTEMS = 250  # of the brute-force comparison; under `repeatable` they are the same on every machine


def exactly(atoms: str, value: int) -> Statement:
    """A printed sum of one-letter atoms."""
    return Statement(dict.fromkeys(atoms, 1), value, value)


# Worked cases, retyped with their source


@pytest.mark.parametrize(
    ("statements", "limits", "target", "expected"),
    [
        # Handbook on Statistical Disclosure Control, chapter 4, example 3 (Geurts 1992): rows 7 and 3, columns 6 and 4.
        ([exactly("ab", 7), exactly("cd", 3), exactly("ac", 6), exactly("bd", 4)], {}, "a", (3, 6)),
        ([exactly("ab", 7), exactly("cd", 3), exactly("ac", 6), exactly("bd", 4)], {}, "d", (0, 3)),
        # sdcTools/UserSupport, issue 194: 15 = 10 + 5 + x + x gives both away, and so does 15 = 10 + 3 + x + x once
        # readers know that a withheld figure is at least 1.
        ([exactly("abcd", 15), exactly("a", 10), exactly("b", 5)], {}, "c", (0, 0)),
        ([exactly("abcd", 15), exactly("a", 10), exactly("b", 3)], {"lower": {"c": 1, "d": 1}}, "c", (1, 1)),
        # Handbook, chapter 5, geographic differencing: 52 in the area, 50 in all of it but a slice.
        ([exactly("a", 50), exactly("ab", 52)], {}, "b", (2, 2)),
        # Vignette of GaussSuppression, linked tables: EU 7, Portugal 3, so Spain 4.
        ([exactly("ab", 7), exactly("b", 3)], {}, "a", (4, 4)),
        # NHS Digital's rule, 1 to 7 withheld and totals to the nearest 5: two stars and a printed 15.
        ([Statement({"a": 1, "b": 1}, 13, 17)], {"lower": {"a": 1, "b": 1}, "upper": {"a": 7, "b": 7}}, "a", (6, 7)),
        # Rounding to 5, each alone: nine zeros (0 to 2) under a printed 20 (18 to 22).
        ([Statement(dict.fromkeys("abcdefghi", 1), 18, 22)], {"upper": dict.fromkeys("abcdefghi", 2)}, "i", (2, 2)),
    ],
)
def test_worked_cases_have_their_stated_interval(statements, limits, target, expected):
    system = System(statements, **limits)
    assert system.integer_interval({target: 1}) == expected
    assert system.interval({target: 1}) == pytest.approx(expected)


def test_a_rate_gives_a_count_back_only_in_whole_numbers():
    # 0.3 per 10,000 to one decimal, population 36,000 (the Department for Education's form of rate): by hand.
    system = System([Statement({"a": 1}, 0.9, 1.26)])
    assert system.interval({"a": 1}) == pytest.approx((0.9, 1.26))
    assert system.integer_interval({"a": 1}) == (1, 1)


def test_a_percentage_gives_the_earlier_count_back():
    # "100% more, now 34": 34 / 2.005 to 34 / 1.995, by hand; one whole number lies between.
    system = System([Statement({"a": 1}, Fraction(34000, 2005), Fraction(34000, 1995))])
    assert system.integer_interval({"a": 1}) == (17, 17)


def test_fractional_coefficients_are_decimals_and_not_their_binary_neighbours():
    # In binary 0.1 x 3 is more than 0.3; a reader of the page knows better.
    assert System([Statement({"a": 0.1}, 0.3, 0.3)]).integer_interval({"a": 1}) == (3, 3)
    assert exact(0.1) == Fraction(1, 10) and exact(np.int64(3)) == 3 and exact(np.float64(2.5)) == Fraction(5, 2)


def test_three_quarters_of_a_rolling_year_open_the_fourth():
    system = System([exactly("abcd", 30), exactly("bcde", 27), exactly("b", 8), exactly("c", 9), exactly("d", 8)])
    assert [system.integer_interval({atom: 1}) for atom in "ae"] == [(5, 5), (2, 2)]


def test_a_value_in_a_hole_of_the_interval_is_found_impossible():
    # 3a + 5b = 31 has the solutions (2, 5) and (7, 2) only.
    system = System([Statement({"a": 3, "b": 5}, 31, 31)])
    assert system.integer_interval({"a": 1}) == (2, 7)
    assert system.interval({"a": 1}) == pytest.approx((0, 31 / 3))
    (found,) = attack(system, [Target("a", {"a": 1}, (1, 5))])
    assert found.impossible == (1, 3, 4, 5) and found.exposed and not found.exact


def test_a_sum_over_separate_blocks_is_attacked_as_one():
    # a is 2 or 7, c is 0 to 3 beside d, and the two have nothing to do with one another.
    system = System([Statement({"a": 3, "b": 5}, 31, 31), exactly("cd", 3), exactly("e", 4)])
    assert system.integer_interval({"a": 1, "c": 1, "e": 1}) == (6, 14)
    (found,) = attack(system, [Target("all", {"a": 1, "c": 1, "e": 1}, (5, 12))])
    assert found.impossible == (5, 10)


# No end


@pytest.mark.parametrize("statements", [[], [Statement({"b": 1}, 0, 3)], [Statement({"a": 1, "b": -1}, 2, None)]])
def test_a_count_without_end_has_none(statements):
    low = 2 if any("a" in statement.terms for statement in statements) else 0
    assert System(statements).integer_interval({"a": 1}) == (low, None)
    assert System(statements).interval({"a": 1}) == (low, None)
    assert System(statements).integer_interval({"a": -1}) == (None, -low)


def test_a_count_that_nobody_mentions_can_be_anything():
    system = System([exactly("b", 3)])
    assert system.witness({"a": 1, "b": 1}, 10) == {"a": 7, "b": 3}
    assert system.witness({"a": 1, "b": 1}, 2) is None
    assert attack(system, [Target("a", {"a": 1}, (1, 5))])[0].impossible == ()


def test_a_count_may_be_below_zero_where_its_limit_says_so():
    system = System([exactly("ab", 3)], lower={"a": -5})
    assert system.integer_interval({"a": 1}) == (-5, 3)


# Brute force


def brute_force(statements, lower, upper):
    """Every solution, by trying every combination of whole numbers within the limits; all in tenths, to be exact."""
    names = sorted(upper)
    spans = [range(lower.get(name, 0), upper[name] + 1) for name in names]
    points = np.array(list(itertools.product(*spans)))
    for statement in statements:
        sums = points @ np.array([int(exact(statement.terms.get(name, 0)) * 10) for name in names])
        low, high = (edge if end is None else exact(end) * 10 for end, edge in zip((statement.low, statement.high), (-BEYOND, BEYOND)))
        points = points[(sums >= int(low)) & (sums <= int(high))]
    return [dict(zip(names, point.tolist(), strict=True)) for point in points]


def holds(statement, point):
    value = sum(exact(factor) * point[atom] for atom, factor in statement.terms.items())
    low, high = (None if end is None else exact(end) for end in (statement.low, statement.high))
    return (low is None or low <= value) and (high is None or value <= high)


def value_of(terms, point):
    return sum(factor * point[atom] for atom, factor in terms.items())


@st.composite
def small_systems(draw, most_combinations=300):
    """Up to 8 atoms with small limits, and statements that mostly hold of one point, so that most have solutions."""
    names = ATOMS[: draw(st.integers(1, 8))]
    limits, room = {}, most_combinations
    for name in names:
        low = draw(st.sampled_from([0, 0, 0, 1]))
        width = draw(st.integers(0, min(5, room - 1)))
        room = max(room // (width + 1), 1)
        limits[name] = (low, low + width)
    truth = {name: draw(st.integers(*span)) for name, span in limits.items()}
    statements = [draw(statements_about(truth)) for _ in range(draw(st.integers(0, 5)))]
    lower = {name: low for name, (low, _) in limits.items() if low}
    target = draw(sums(names, st.sampled_from([1, 1, 1, 2, -1])))
    return statements, lower, {name: high for name, (_, high) in limits.items()}, target


def sums(names, coefficients):
    return st.dictionaries(st.sampled_from(names), coefficients, min_size=1)


@st.composite
def statements_about(draw, truth):
    """A statement that holds of the truth, but for a few that are out by one."""
    terms = draw(sums(sorted(truth), st.sampled_from([1, 1, 1, 1, 2, 3, -1, 0.5, 0.1])))
    value = sum(exact(factor) * truth[atom] for atom, factor in terms.items())
    value += draw(st.sampled_from([0] * 19 + [1]))
    below, above = draw(st.sampled_from([(0, 0), (0, 0), (1, 1), (2, 0.5), (0, None), (None, 1.2)]))
    return Statement(
        terms,
        None if below is None else value - exact(below),
        None if above is None else value + exact(above),
    )


COUNTED = Counter()
"""How many systems the comparison below has tried, and of what kinds."""


@settings(max_examples=SYSTEMS)
@given(small_systems())
def test_intervals_and_excluded_values_are_those_of_brute_force(drawn):
    statements, lower, upper, terms = drawn
    solutions = brute_force(statements, lower, upper)
    system = System(statements, lower=lower, upper=upper)
    COUNTED["tried"] += 1
    if not solutions:
        COUNTED["contradictory"] += 1
        assert infeasible(system)
        with pytest.raises(InconsistentError):
            system.integer_interval(terms)
        return
    values = {value_of(terms, point) for point in solutions}
    low, high = min(values), max(values)
    cover = range(low - 1, high + 2)
    (found,) = attack(system, [Target("sum", terms, (cover[0], cover[-1]))])
    assert (found.low, found.high) == (low, high)
    assert found.impossible == tuple(value for value in cover if value not in values)
    COUNTED["with holes"] += len(found.impossible) > 2
    assert (found.exact, found.exposed) == (low == high, True)
    linear = system.interval(terms)
    assert linear[0] - 1e-6 <= low and high <= linear[1] + 1e-6


def test_the_comparison_met_every_kind_of_system():
    if not COUNTED["tried"]:
        pytest.skip("the comparison with brute force has not run in this process")
    assert COUNTED["tried"] >= SYSTEMS
    assert COUNTED["contradictory"] > SYSTEMS / 50 and COUNTED["with holes"] > SYSTEMS / 50
