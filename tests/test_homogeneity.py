"""Tests of a table of moves: published tables, tables with gaps and empty parts, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, chi2

from needs_assessment.methods.homogeneity import marginal_homogeneity

CASE = Path(__file__).resolve().parents[1].parent / "shared" / "cases" / "ordinal" / "marginal_homogeneity.json"

# Unaided vision of the right and left eyes of 7,477 women: Stuart (1955), Biometrika 42, 412-416.
VISION = [[1520, 266, 124, 66], [234, 1512, 432, 78], [117, 362, 1772, 205], [36, 82, 179, 492]]


def test_stuarts_table_of_vision_is_reproduced() -> None:
    # Stuart's own statistic is 11.96; to more digits R 4.2.2, mcnemar.test and the closed form.
    made = marginal_homogeneity(VISION)
    assert (made.stuart_maxwell, made.stuart_maxwell_p) == pytest.approx((11.956569623, 0.0075334250548))
    assert (made.bowker, made.bowker_p) == pytest.approx((19.10655022, 0.00398741984))
    assert (made.bowker_df, made.stuart_maxwell_df, made.reason) == (6, 3, None)


def test_the_table_of_two_raters_is_reproduced() -> None:
    # Uebersax, "McNemar tests of marginal homogeneity", john-uebersax.com/stat/mcnemar.htm: 13.76 on 2, p 0.001. Its
    # empty cell must not draw a half into every other, for 12.29.
    made = marginal_homogeneity([[20, 10, 5], [3, 30, 15], [0, 5, 40]])
    assert made.stuart_maxwell == pytest.approx(13.76, abs=0.01) and made.stuart_maxwell_df == 2
    assert made.stuart_maxwell_p == pytest.approx(0.00103, abs=5e-6)
    assert made.bowker == pytest.approx(7**2 / 13 + 5 + 10**2 / 20)


def test_the_example_of_another_package_is_reproduced() -> None:
    # CRAN package nonpar 1.0.2, example of stuart.maxwell and its stored output.
    made = marginal_homogeneity([[12, 7, 3], [30, 70, 20], [13, 34, 32]])
    assert made.stuart_maxwell == pytest.approx(23.5709322524609)
    assert made.stuart_maxwell_p == pytest.approx(7.61442467334117e-06)


@pytest.mark.skipif(not CASE.exists(), reason="needs the worked cases beside the project")
@pytest.mark.parametrize("name", ["table3x3", "vision"])
def test_the_worked_cases_are_reproduced(name: str) -> None:
    case = json.loads(CASE.read_text(encoding="utf-8"))[name]
    made = marginal_homogeneity(case.get("rows") or case["rows_first_low_med_high"])
    assert (made.bowker, made.bowker_df, made.bowker_p) == pytest.approx(
        (case["bowker_chi2"], case["bowker_df"], case["bowker_p"])
    )
    assert (made.stuart_maxwell, made.stuart_maxwell_df, made.stuart_maxwell_p) == pytest.approx(
        (case["stuart_maxwell"], case["sm_df"], case["sm_p"])
    )
    if "escalated" in case:
        assert (made.raised, made.lowered) == (case["escalated"], case["deescalated"])
        assert made.sign_p == pytest.approx(case["sign_test_p"])


def test_raised_is_above_the_diagonal_and_the_sign_test_is_exact() -> None:
    made = marginal_homogeneity([[5, 1, 2], [0, 4, 0], [0, 0, 3]])
    assert (made.raised, made.lowered) == (3, 0)
    assert made.sign_p == pytest.approx(2 * binom.pmf(0, 3, 0.5))


def test_few_moves_leave_the_sign_test_alone() -> None:
    few, enough = (marginal_homogeneity([[50, n], [8, 50]]) for n in (11, 12))
    assert np.isnan(few[:6]).all() and few.reason == "fewer than 20 moved"
    assert (few.raised, few.lowered) == (11, 8) and few.sign_p == pytest.approx(2 * binom.cdf(8, 19, 0.5))
    assert np.isfinite(enough[:9]).all() and enough.reason is None
    assert np.isfinite(marginal_homogeneity([[50, 11], [8, 50]], fewest_moved=10)[:6]).all()


def test_two_levels_are_the_test_of_mcnemar() -> None:
    made = marginal_homogeneity([[50, 24], [8, 50]])
    assert made.bowker == pytest.approx(16**2 / 32) and made.stuart_maxwell == pytest.approx(16**2 / 32)
    assert made.bowker_df == made.stuart_maxwell_df == 1


def test_pairs_of_levels_without_a_move_have_no_degree_of_freedom() -> None:
    # By hand: 9 and 3, 12 and 4 moved between neighbours, nobody between the ends.
    made = marginal_homogeneity([[20, 9, 0], [3, 20, 12], [0, 4, 20]])
    assert made.bowker == pytest.approx(6**2 / 12 + 8**2 / 16) and made.bowker_df == 2
    assert made.bowker_p == pytest.approx(chi2.sf(7, 2))


def test_a_level_that_nobody_left_or_came_to_changes_nothing() -> None:
    without = marginal_homogeneity([[20, 9, 2], [3, 20, 12], [5, 4, 20]])
    among = marginal_homogeneity([[20, 9, 0, 2], [3, 20, 0, 12], [0, 0, 7, 0], [5, 4, 0, 20]])
    assert among[:9] == pytest.approx(without[:9]) and among.reason is None


def test_levels_in_groups_without_a_move_between_have_no_marginal_test_and_a_reason() -> None:
    made = marginal_homogeneity([[20, 9, 0, 0], [3, 20, 0, 0], [0, 0, 20, 9], [0, 0, 3, 20]])
    assert np.isnan([made.stuart_maxwell, made.stuart_maxwell_df, made.stuart_maxwell_p]).all()
    assert made.reason == "levels fall into groups between which nobody moved"
    assert made.bowker == pytest.approx(6.0) and made.bowker_df == 2


def test_a_missing_move_leaves_all_tests_missing_but_one_who_stayed_none() -> None:
    made = marginal_homogeneity([[20, 9, np.nan], [3, 20, 12], [0, 4, 20]])
    assert np.isnan(made[:7]).all() and np.isnan(made.sign_p)  # raised among them
    assert made.lowered == 7 and made.reason == "a count is missing"
    assert marginal_homogeneity([[np.nan, 12], [8, 30]]) == marginal_homogeneity([[5, 12], [8, 30]])


def test_nobody_moved_shows_nothing() -> None:
    made = marginal_homogeneity(np.diag([4, 0, 3]), fewest_moved=0)
    assert (made.raised, made.lowered, made.sign_p) == (0, 0, 1) and np.isnan(made[:6]).all()


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, 25), min_size=6, max_size=6), st.permutations([0, 1, 2]))
def test_tests_of_two_margins_do_not_depend_on_direction_or_names_of_levels(moves: list[int], order: list[int]) -> None:
    table = np.zeros((3, 3))
    table[~np.eye(3, dtype=bool)] = moves
    made, turned, named = (marginal_homogeneity(one) for one in (table, table.T, table[np.ix_(order, order)]))
    assert turned[:6] == pytest.approx(made[:6], nan_ok=True, abs=1e-9)
    assert named[:6] == pytest.approx(made[:6], nan_ok=True, abs=1e-9)
    assert (turned.raised, turned.lowered, turned.sign_p) == (made.lowered, made.raised, made.sign_p)


@pytest.mark.parametrize("table", [[[1, 2, 3], [4, 5, 6]], [[1], [2], [3]], [[1]], [1, 2]])
def test_a_table_that_is_not_square_is_refused(table: list[object]) -> None:
    with pytest.raises(ValueError, match="square with two levels or more"):
        marginal_homogeneity(table)


@pytest.mark.parametrize("fault", [-1, 0.5, np.inf])
def test_what_is_no_count_is_refused_without_being_shown(fault: float) -> None:
    with pytest.raises(ValueError, match=r"counts must be whole numbers, 0 or more \(position 1\)$"):
        marginal_homogeneity([[1, fault], [0, 1]])
