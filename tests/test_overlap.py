from __future__ import annotations

import csv
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from needs_assessment.methods.overlap import (
    CaptureTable,
    bounds,
    capture_table,
    chosen_pairs,
    estimates_by_pair,
    model_estimate,
    population_estimate,
    why_no_estimate,
)
from simulations.overlap import bounds_that_hold

CASES = Path(__file__).resolve().parents[1].parent / "shared" / "cases" / "mse"
needs_cases = pytest.mark.skipif(not CASES.exists(), reason="the worked cases are not beside the project")

# Potential victims of modern slavery in the United Kingdom, 2013, by the lists that they were on: local authorities
# (LA), non-government organisations (NG), police forces (PF), government organisations (GO), the general public (GP)
# and the National Crime Agency (NCA). Silverman (2014), Modern Slavery: an application of Multiple Systems Estimation,
# Home Office; the same table is in Bales, Hesketh and Silverman (2015), Significance 12(3), 16-21.
UK_LISTS = ["LA", "NG", "PF", "GO", "GP", "NCA"]
UK_2013 = {
    "LA": 54, "NG": 463, "PF": 907, "GO": 695, "GP": 316, "NCA": 57,
    "LA NG": 15, "LA PF": 19, "LA GO": 3, "NG PF": 56, "NG GO": 19, "NG GP": 1, "NG NCA": 3, "PF GO": 69, "PF GP": 10,
    "PF NCA": 31, "GO GP": 8, "GO NCA": 6, "GP NCA": 1,
    "LA NG PF": 1, "LA NG GO": 1, "NG PF GO": 4, "NG PF NCA": 3, "PF GO NCA": 1, "LA NG PF GO": 1,
}  # fmt: skip


def table_of(counts: dict[str, int], lists: list[str]) -> CaptureTable:
    histories = [[int(name in on.split()) for name in lists] for on in counts]
    return capture_table(lists, histories, list(counts.values()))


@pytest.fixture(scope="module")
def uk() -> CaptureTable:
    return table_of(UK_2013, UK_LISTS)


@pytest.fixture(scope="module")
def uk_on_five_lists(uk: CaptureTable) -> CaptureTable:
    """Police forces and the National Crime Agency as one list, as the published sensitivity check has them."""
    police = uk.histories[:, 2] | uk.histories[:, 5]
    return capture_table(
        ["LA", "NG", "PFNCA", "GO", "GP"],
        np.column_stack([uk.histories[:, 0], uk.histories[:, 1], police, uk.histories[:, 3], uk.histories[:, 4]]),
        uk.counts,
    )


@pytest.fixture
def artificial() -> CaptureTable:
    """Table 2 of Chan, Silverman and Vincent (2021): no one is on A and C, nor on B and C."""
    return table_of({"A": 40, "B": 30, "C": 20, "A B": 6}, ["A", "B", "C"])


# Bounds


def test_without_overlaps_the_union_is_between_the_largest_list_and_the_sum() -> None:
    assert bounds([276, 451]) == (451, 727)


def test_two_lists_with_a_known_overlap_have_an_exact_union() -> None:
    assert bounds([276, 451], [[np.nan, 100], [100, np.nan]]) == (627, 627)


def test_an_overlap_may_be_stated_one_way_only() -> None:
    assert bounds([276, 451], [[np.nan, 100], [np.nan, np.nan]]) == (627, 627)


def test_an_overlap_that_is_not_known_is_not_taken_as_none() -> None:
    unknown = np.full((2, 2), np.nan)
    assert bounds([276, 451], unknown) == (451, 727)
    assert bounds([276, 451], np.zeros((2, 2))) == (727, 727)


def test_bounds_of_three_lists_are_those_that_the_triple_overlap_leaves_open() -> None:
    # Sizes 10, 10, 10 and overlaps 4, 4, 4: the union is 30 - 12 + triple, and the triple is anything from 0 to 4.
    overlaps = np.full((3, 3), 4)
    assert bounds([10, 10, 10], overlaps) == (18, 22)


def test_a_bound_between_two_numbers_of_people_moves_inwards() -> None:
    # Lists of 1 and an overlap of 1 between the first two: the third person is on neither or is the same.
    overlaps = [[np.nan, 1, np.nan], [1, np.nan, np.nan], [np.nan, np.nan, np.nan]]
    assert bounds([1, 1, 1], overlaps) == (1, 2)


def test_bounds_of_many_rows_are_those_of_each_row() -> None:
    sizes = np.array([[[10, 10, 10], [5, 6, 7]], [[1, 0, 2], [8, 8, 8]]])
    overlaps = np.minimum(sizes[..., :, None], sizes[..., None, :]) // 2
    together = bounds(sizes, overlaps)
    assert together.lower.shape == (2, 2)
    for row in np.ndindex(2, 2):
        assert (together.lower[row], together.upper[row]) == bounds(sizes[row], overlaps[row])


@pytest.mark.parametrize("overlaps", [None, [[[0, 1], [1, 0]], [[0, 1], [1, 0]]]])
def test_a_missing_list_gives_missing_bounds_and_no_zero(overlaps: list[list[list[int]]] | None) -> None:
    found = bounds([[2, np.nan], [2, 3]], overlaps)
    assert np.isnan([found.lower[0], found.upper[0]]).all()
    assert not np.isnan([found.lower[1], found.upper[1]]).any()


def test_the_published_lists_of_2013_bound_the_people_who_were_seen(uk: CaptureTable) -> None:
    overlaps = [[np.nan if one == other else uk.overlap((one, other)) for other in UK_LISTS] for one in UK_LISTS]
    assert bounds(uk.counts @ uk.histories) == (1_102, 3_008)
    assert bounds(uk.counts @ uk.histories, overlaps) == (2_731, 2_802)
    assert uk.seen == 2_744  # as published


@given(st.lists(st.integers(0, 30), min_size=15, max_size=15))
@settings(max_examples=40, deadline=None)
def test_bounds_hold_the_union_and_are_never_wider_than_the_textbook_inequalities(people: list[int]) -> None:
    on = np.array([[number >> position & 1 for position in range(4)] for number in range(1, 16)])
    sizes, overlaps = np.array(people) @ on, np.einsum("c,ca,cb->ab", people, on, on)
    lower, upper = bounds(sizes, overlaps)
    assert lower <= sum(people) <= upper
    assert sizes.max() <= lower and upper <= sizes.sum()
    assert_within_textbook(sizes, overlaps, float(lower), float(upper))


def assert_within_textbook(sizes: NDArray[np.int_], overlaps: NDArray[np.int_], lower: float, upper: float) -> None:
    """Bonferroni (1936), Dawson and Sankoff (1967), Kounias (1968), Kwerel (1975)."""
    first, second = sizes.sum(), np.triu(overlaps, 1).sum()
    assert lower >= first - second
    order = 1 + 2 * second // first if first else 1
    assert lower >= 2 / (order + 1) * first - 2 / (order * (order + 1)) * second - 1e-6
    assert upper <= first - 2 / len(sizes) * second + 1e-6
    assert upper <= first - max(overlaps[i].sum() - overlaps[i, i] for i in range(len(sizes)))


def test_bounds_hold_in_every_simulated_trial() -> None:
    assert bounds_that_hold(np.random.default_rng(20251122), 200, mean=5, with_overlaps=True) == 200


def test_every_fault_of_sizes_and_overlaps_is_named_with_its_position() -> None:
    with pytest.raises(ValueError, match=r"sizes must be whole numbers, 0 or more \(position 1, 2\)"):
        bounds([3, -1, 2.5])
    with pytest.raises(
        ValueError, match=r"overlaps must be the same both ways.*overlaps must not be above either list"
    ):
        bounds([3, 4, 5], [[0, 4, 1], [4, 0, 2], [2, 2, 0]])
    with pytest.raises(ValueError, match="overlaps must be shaped as sizes, with one more axis of lists"):
        bounds([3, 4], [1, 2])


def test_figures_that_no_people_could_give_are_refused_with_the_row() -> None:
    # Everybody of the first list is on the second and on the third, which have no one in common.
    impossible = [[0, 10, 10], [10, 0, 0], [10, 0, 0]]
    with pytest.raises(ValueError, match=r"no people can be on the lists with these sizes and overlaps \(position 1\)"):
        bounds([[5, 5, 5], [10, 10, 10]], [np.zeros((3, 3)), impossible])


def test_what_is_no_number_is_refused_without_printing_it() -> None:
    with pytest.raises(ValueError, match="sizes") as refused:
        bounds(["Jemima", 3])  # type: ignore[list-item]
    assert "Jemima" not in str(refused.value)


def test_no_list_at_all_is_refused() -> None:
    with pytest.raises(ValueError, match="sizes must have a last axis of 1 to 10 lists"):
        bounds([])


# The table of lists


def test_two_lists_are_refused_with_the_reason() -> None:
    with pytest.raises(ValueError, match="at least three lists are needed: two cannot show whether"):
        capture_table(["police", "council"], [[1, 0], [0, 1], [1, 1]], [10, 20, 5])


def test_people_on_no_list_withheld_counts_and_part_people_are_refused_together() -> None:
    with pytest.raises(ValueError, match=r"on no list.*\(position 1\).*none missing \(position 0\).*whole.*position 2"):
        capture_table(["a", "b", "c"], [[1, 0, 0], [0, 0, 0], [0, 1, 0]], [np.nan, 3, 2.5])


def test_shapes_and_names_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match=r"names of their own; .*a row for each count; .*a column for each list"):
        capture_table(["a", "b", "b"], [[1, 0], [0, 1]], [1, 2, 3])


def test_more_than_ten_lists_are_refused() -> None:
    with pytest.raises(ValueError, match="at most 10 lists"):
        capture_table([str(number) for number in range(11)], np.eye(11), np.ones(11))


def test_a_combination_stated_twice_is_added_and_one_not_stated_is_none() -> None:
    table = capture_table(["a", "b", "c"], [[1, 0, 0], [1, 0, 0], [0, 1, 1]], [4, 3, 2])
    assert table.seen == 9
    assert table.counts[(table.histories == [True, False, False]).all(axis=1)] == [7]
    assert table.overlap(("b", "c")) == 2
    assert len(table.counts) == 7 and (table.counts == 0).sum() == 5


# Pairs of lists, a diagnostic


def test_a_pair_gives_chapmans_estimate_and_error(uk: CaptureTable) -> None:
    # By hand, local authorities and non-government organisations: 95 x 568 / 19 - 1 = 2839.
    found = estimates_by_pair(uk)
    assert found.pairs[0] == ("LA", "NG")
    assert (found.first[0], found.second[0], found.overlap[0]) == (94, 567, 18)
    assert found.lincoln_petersen[0] == pytest.approx(2961)
    assert found.chapman[0] == pytest.approx(2839)
    assert found.standard_error[0] == pytest.approx(np.sqrt(95 * 568 * 76 * 549 / (19**2 * 20)))


def test_a_pair_without_common_people_has_no_lincoln_petersen_estimate(uk: CaptureTable) -> None:
    found = estimates_by_pair(uk)
    assert np.isnan(found.lincoln_petersen[found.pairs.index(("LA", "GP"))])


@needs_cases
def test_every_pair_of_the_case_file_is_reproduced(uk: CaptureTable) -> None:
    found, cases = estimates_by_pair(uk), pd.read_csv(CASES / "uk_pairwise_chapman.csv")
    assert found.pairs == list(zip(cases["list1"], cases["list2"], strict=True))
    for name, column in zip(found._fields[1:], cases.columns[2:], strict=True):
        np.testing.assert_allclose(getattr(found, name), cases[column], rtol=1e-9)


@needs_cases
@pytest.mark.parametrize(("name", "fixture"), [("UKdat", "uk"), ("UKdat_5", "uk_on_five_lists")])
def test_the_retyped_tables_are_those_of_the_case_files(
    name: str, fixture: str, request: pytest.FixtureRequest
) -> None:
    with (CASES / f"{name}.csv").open(encoding="utf-8") as file:
        lists, *rows = csv.reader(file)
    figures = np.array(rows, dtype=int)
    stated, retyped = capture_table(lists[:-1], figures[:, :-1], figures[:, -1]), request.getfixturevalue(fixture)
    assert stated.lists == retyped.lists
    np.testing.assert_array_equal(stated.counts, retyped.counts)


# The multiple-systems estimate


def test_the_estimate_for_the_united_kingdom_is_reproduced_on_six_lists(uk: CaptureTable) -> None:
    # Bales, Hesketh and Silverman (2015) give 10,000 to 13,000; to the unit from R's SparseMSE 2.0.1,
    # estimatepopulation.0(UKdat, method = "stepwise", pthresh = 0.02).
    found = model_estimate(uk, chosen_pairs(uk))
    assert [round(figure) for figure in found[1:4]] == [11_418, 9_977, 13_146]


def test_the_estimate_for_the_united_kingdom_is_reproduced_on_five_lists(uk_on_five_lists: CaptureTable) -> None:
    # SparseMSE 2.0.1, estimatepopulation.0(UKdat_5, method = "stepwise", pthresh = 0.02).
    found = population_estimate(uk_on_five_lists)
    assert [round(figure) for figure in found[1:4]] == [11_313, 9_884, 13_027]


def test_the_estimate_comes_with_how_far_equally_supported_models_move_it(uk_on_five_lists: CaptureTable) -> None:
    found = population_estimate(uk_on_five_lists)
    assert found.seen == 2_744
    assert found.models == 14 and found.searched
    # No published figure: the acceptable models reach beyond the limits of the chosen one, which is the point.
    assert found.lowest < found.total < found.upper < found.highest


def test_the_chosen_model_is_among_the_acceptable_ones(uk_on_five_lists: CaptureTable) -> None:
    found = population_estimate(uk_on_five_lists)
    assert found.pairs == chosen_pairs(uk_on_five_lists)
    assert model_estimate(uk_on_five_lists, found.pairs).total == found.total


def test_a_search_that_is_cut_short_says_so(uk_on_five_lists: CaptureTable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("needs_assessment.methods.overlap.models.MOST_MODELS", 5)
    assert not population_estimate(uk_on_five_lists).searched


def test_three_independent_lists_give_their_number_back() -> None:
    # 1,000 people, each on each list with a half: 125 in each of the seven combinations, and 125 on none.
    found = population_estimate(
        capture_table(["a", "b", "c"], np.array([[n >> k & 1 for k in range(3)] for n in range(1, 8)]), [125] * 7)
    )
    assert found.total == pytest.approx(1_000)
    assert found.pairs == ()


def test_a_dependent_pair_enters_the_model_and_gives_the_number_back() -> None:
    # Expected counts of 1,000 people on none of three lists whose logarithms are -1 for each list and +1 for a and b.
    on = np.array([[n >> k & 1 for k in range(3)] for n in range(1, 8)])
    table = capture_table(["a", "b", "c"], on, np.round(1_000 * np.exp(-on.sum(axis=1) + on[:, 0] * on[:, 1])))
    assert chosen_pairs(table) == (("a", "b"),)
    assert model_estimate(table, [("a", "b")]).total == pytest.approx(1_000 + table.seen, rel=0.005)


def test_lower_confidence_gives_narrower_limits(uk_on_five_lists: CaptureTable) -> None:
    wide, narrow = (model_estimate(uk_on_five_lists, confidence=confidence) for confidence in (0.95, 0.8))
    assert wide.lower < narrow.lower < narrow.total == wide.total < narrow.upper < wide.upper


# What cannot be estimated: the documentation of SparseMSE 2.0.1 says of each model of Artificial_3 whether it can.


@pytest.mark.parametrize("pairs", [[], ["A C"], ["B C"], ["A C", "B C"]])
def test_the_artificial_lists_have_an_estimate_without_their_only_overlap(
    artificial: CaptureTable, pairs: list[str]
) -> None:
    assert why_no_estimate(artificial, [tuple(pair.split()) for pair in pairs]) == ""


@pytest.mark.parametrize("pairs", [["A B"], ["A B", "A C"], ["A B", "B C"]])
def test_the_artificial_lists_have_no_estimate_with_their_only_overlap(
    artificial: CaptureTable, pairs: list[str]
) -> None:
    with pytest.raises(ValueError, match="no estimate can be given: the maximum likelihood estimate does not exist"):
        model_estimate(artificial, [tuple(pair.split()) for pair in pairs])


def test_the_artificial_lists_with_every_pair_are_not_identifiable(artificial: CaptureTable) -> None:
    with pytest.raises(ValueError, match="no estimate can be given: the estimate is not identifiable"):
        model_estimate(artificial, artificial.pairs)


@needs_cases
def test_the_artificial_lists_are_those_of_the_case_file(artificial: CaptureTable) -> None:
    cases = pd.read_csv(CASES / "Artificial_3.csv")
    stated = capture_table(list(cases)[:-1], cases.iloc[:, :-1], cases["n"])
    np.testing.assert_array_equal(stated.counts, artificial.counts)


def test_a_pair_without_common_people_is_left_out_of_the_fit_and_counted_in_the_criterion(
    artificial: CaptureTable,
) -> None:
    # With A-C and B-C at minus infinity, A and B alone are left: 40 x 30 / 6 = 200 on none of the lists.
    found = model_estimate(artificial, [("A", "C"), ("B", "C")])
    assert found.total == pytest.approx(96 + 200)
    # The variance of the logarithm of a product and a quotient of counts is the sum of their reciprocals.
    spread = np.exp(1.959964 * np.sqrt(1 / 40 + 1 / 30 + 1 / 6))
    assert (found.lower, found.upper) == (pytest.approx(96 + 200 / spread), pytest.approx(96 + 200 * spread))
    fitted_exactly = -2 * sum(np.log(poisson_probability(count)) for count in (40, 30, 20, 6))
    assert found.aic == pytest.approx(fitted_exactly + 2 * 4 + 2 * 2)


def poisson_probability(count: int) -> float:
    return float(np.exp(count * np.log(count) - count - np.log(np.arange(1, count + 1)).sum()))


def test_lists_that_share_no_one_are_refused() -> None:
    apart = table_of({"A": 40, "B": 30, "C": 20}, ["A", "B", "C"])
    with pytest.raises(ValueError, match="no estimate can be given"):
        population_estimate(apart)


def test_an_empty_list_is_refused() -> None:
    empty = table_of({"A": 40, "B": 30, "A B": 6}, ["A", "B", "C"])
    with pytest.raises(ValueError, match="no estimate can be given"):
        population_estimate(empty)


def test_a_pair_of_unknown_lists_is_refused(artificial: CaptureTable) -> None:
    with pytest.raises(ValueError, match=r"pairs must be of two of the lists \(position 1\)"):
        model_estimate(artificial, [("A", "C"), ("A", "Z")])


def test_the_order_of_the_lists_does_not_move_the_estimate(uk_on_five_lists: CaptureTable) -> None:
    table = uk_on_five_lists
    turned = capture_table(table.lists[::-1], table.histories[:, ::-1], table.counts)
    assert model_estimate(turned, chosen_pairs(turned)).total == pytest.approx(11_313, abs=0.5)
    assert len(list(combinations(turned.lists, 2))) == len(turned.pairs)
