"""What adds up to what. Every sum that a reader can make, and no other, links figures."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from needs_assessment.disclosure.cells import Cell, Known, Status
from needs_assessment.disclosure.consistency import linked
from needs_assessment.disclosure.keys import columns_of, identities, keys_of
from needs_assessment.disclosure.linking import Figure, link
from needs_assessment.disclosure.policies import PROFILES, Policy

A, B, FORCE, OTHER = "E06000001", "E06000002", "E23000001", "E06000009"
MEMBERS = {FORCE: frozenset({A, B})}
Q1, Q2, Q3, Q4 = (
    ("2024-04-01", "2024-06-30"),
    ("2024-07-01", "2024-09-30"),
    ("2024-10-01", "2024-12-31"),
    ("2025-01-01", "2025-03-31"),
)
HALF, YEAR = ("2024-04-01", "2024-09-30"), ("2024-04-01", "2025-03-31")


def demand(
    area: str, period: tuple[str, str], *, measure: str = "referrals", harm: str = "CSE", unit: str = "referral"
):
    return f"demand|own|{measure}|{harm}|{unit}|{area}|{period[0]}|{period[1]}"


def caseload(area: str, level: str, residence: str = "all", day: str = "2025-03-31", harm: str = "CSE") -> str:
    return f"risk_caseload|own|scheme|{harm}|{level}|child|{area}|{residence}|{day}"


def returned(measure: str, basis: str, period: tuple[str, str], area: str = A) -> str:
    return f"service_returns|own|service|{measure}|{basis}|session|{area}|{period[0]}|{period[1]}"


def cells_of(counts: dict[str, int | None], policy: Policy | None = None) -> tuple[dict[str, Cell], list[Known]]:
    cells, known = link([Figure(key, count) for key, count in counts.items()], MEMBERS, policy or Policy())
    return {cell.key: cell for cell in cells}, known


def sum_of(cells: dict[str, Cell], *keys: str) -> dict[str, int]:
    total: dict[str, int] = {}
    for key in keys:
        for atom, times in cells[key].terms:
            total[atom] = total.get(atom, 0) + times
    return total


def are_equal(cells: dict[str, Cell], whole: str, *parts: str) -> bool:
    return dict(cells[whole].terms) == sum_of(cells, *parts)


# Area


def test_a_force_is_the_sum_of_its_authorities():
    one, two, force = (demand(area, Q1) for area in (A, B, FORCE))
    cells, _ = cells_of({one: 3, two: 9, force: 12})
    assert are_equal(cells, force, one, two)
    assert cells[force].totals == {"area"}
    assert cells[force].areas == {A, B}


def test_an_authority_without_a_figure_keeps_a_part_of_the_force_open():
    one, force = demand(A, Q1), demand(FORCE, Q1)
    cells, _ = cells_of({one: 3, force: 12})
    assert len(cells[force].terms) == 2
    assert dict(cells[one].terms).items() <= dict(cells[force].terms).items()


def test_an_area_outside_the_force_is_no_part_of_it():
    one, two, other, force = (demand(area, Q1) for area in (A, B, OTHER, FORCE))
    cells, _ = cells_of({one: 3, two: 9, other: 4, force: 12})
    assert are_equal(cells, force, one, two)


# Time


def test_a_year_is_the_sum_of_its_quarters():
    quarters = [demand(A, quarter) for quarter in (Q1, Q2, Q3, Q4)]
    cells, _ = cells_of(dict.fromkeys(quarters, 5) | {demand(A, YEAR): 20})
    assert are_equal(cells, demand(A, YEAR), *quarters)
    assert cells[demand(A, YEAR)].totals == {"period"}


def test_a_cumulative_return_less_the_quarter_before_is_the_quarter():
    first, both, second = (
        returned("visits", "in period", Q1),
        returned("visits", "cumulative", HALF),
        returned("visits", "in period", Q2),
    )
    cells, _ = cells_of({first: 3, both: 10, second: 7})
    assert are_equal(cells, both, first, second)


def test_two_rolling_years_share_the_quarters_between_them():
    later = ("2024-07-01", "2025-06-30")
    cells, _ = cells_of({demand(A, YEAR): 20, demand(A, later): 22})
    shared = dict(cells[demand(A, YEAR)].terms).keys() & dict(cells[demand(A, later)].terms).keys()
    assert len(shared) == 1
    assert [len(cell.terms) for cell in cells.values()] == [2, 2]


def test_a_snapshot_of_one_day_is_linked_to_no_other_day():
    cells, _ = cells_of({caseload(A, "high"): 4, caseload(A, "high", day="2024-12-31"): 4})
    one, other = cells.values()
    assert not dict(one.terms).keys() & dict(other.terms).keys()


def test_children_of_two_periods_are_not_added_but_a_part_is_at_most_the_whole():
    year, first, second = (demand(A, period, measure="seen", unit="child") for period in (YEAR, Q1, HALF))
    cells, known = cells_of({year: 9, first: 4, second: 6})
    assert all(len(cell.terms) == 1 for cell in cells.values())
    lines = {row.terms for row in known}
    atoms = {key: cell.terms[0][0] for key, cell in cells.items()}
    for part, whole in ((first, year), (second, year), (first, second)):
        assert tuple(sorted({atoms[whole]: 1, atoms[part]: -1}.items())) in lines
    assert all((row.low, row.high) == (0, None) for row in known)


def test_children_of_a_whole_are_at_most_those_of_the_parts_that_fill_it():
    half, first, second = (demand(A, period, measure="seen", unit="child") for period in (HALF, Q1, Q2))
    cells, known = cells_of({half: 9, first: 6, second: 5})
    atoms = {key: cell.terms[0][0] for key, cell in cells.items()}
    assert tuple(sorted({atoms[first]: 1, atoms[second]: 1, atoms[half]: -1}.items())) in {row.terms for row in known}
    _, apart = cells_of({half: 9, first: 6})
    assert not any(len(row.terms) == 3 for row in apart)


# Groups


def test_all_residences_are_the_sum_of_the_groups():
    keys = [caseload(A, "high", residence) for residence in ("city", "county", "out of force")]
    cells, _ = cells_of(dict.fromkeys(keys, 4) | {caseload(A, "high"): 12})
    assert are_equal(cells, caseload(A, "high"), *keys)


def test_the_seed_of_derbyshire_is_linked():
    # 22 children: 5 from outside the force area, 6 from the county and 11 from the city (published in 2019).
    groups = {caseload(A, "high", group): count for group, count in (("out", 5), ("county", 6), ("city", 11))}
    cells, _ = cells_of(groups | {caseload(A, "high"): 22})
    assert are_equal(cells, caseload(A, "high"), *groups)


def test_harms_and_levels_are_never_added():
    cells, known = cells_of({caseload(A, "high"): 7, caseload(A, "low"): 7, caseload(A, "high", harm="CCE"): 7})
    assert len({atom for cell in cells.values() for atom, _ in cell.terms}) == 3
    assert known == []


# Measures


def test_children_are_at_most_episodes_and_both_factors_at_most_each():
    episodes, children, both = (
        demand(A, YEAR, measure="census_assessment_factor_episodes", unit="episode"),
        demand(A, YEAR, measure="children_with_factor", unit="child"),
        demand(A, YEAR, measure="census_assessment_factor_episodes_both", harm="", unit="episode"),
    )
    cells, known = cells_of({episodes: 9, children: 7, both: 2})
    atoms = {key: cell.terms[0][0] for key, cell in cells.items()}
    assert {row.terms for row in known} == {
        tuple(sorted({atoms[episodes]: 1, atoms[part]: -1}.items())) for part in (children, both)
    }


def test_the_harms_less_their_overlap_are_at_most_any_factor():
    name = "census_assessment_factor_episodes"
    keys = {
        "CSE": demand(A, YEAR, measure=name, unit="episode"),
        "CCE": demand(A, YEAR, measure=name, harm="CCE", unit="episode"),
        "both": demand(A, YEAR, measure=f"{name}_both", harm="", unit="episode"),
        "any": demand(A, YEAR, measure="census_any_factor_episodes", harm="", unit="episode"),
    }
    cells, known = cells_of({keys["CSE"]: 8, keys["CCE"]: 9, keys["both"]: 3, keys["any"]: 20})
    atoms = {name: cells[key].terms[0][0] for name, key in keys.items()}
    union = {atoms["any"]: 1, atoms["both"]: 1, atoms["CSE"]: -1, atoms["CCE"]: -1}
    assert tuple(sorted(union.items())) in {row.terms for row in known}


# What must stay possible


@pytest.mark.parametrize(("count", "cover"), [(0, None), (1, (1, 5)), (5, (1, 5)), (6, None), (None, (1, 5))])
def test_counts_up_to_the_threshold_and_those_that_their_source_withheld_are_covered(count, cover):
    cells, _ = cells_of({demand(A, Q1): count})
    assert cells[demand(A, Q1)].cover == cover


def test_the_zeros_beside_the_only_group_are_covered_too():
    # All children of the place are at one level: the zeros would tell it of each of them.
    levels = {caseload(A, "high"): 7, caseload(A, "medium"): 0, caseload(A, "low"): 0}
    cells, _ = cells_of(levels)
    assert [cells[key].cover for key in levels] == [None, (0, 1), (0, 1)]
    cells, _ = cells_of(levels | {caseload(A, "medium"): 8})
    assert [cells[key].cover for key in levels] == [None, None, None]
    cells, _ = cells_of(levels, Policy(zeros_always_printed=True))
    assert [cells[key].cover for key in levels] == [None, None, None]


def test_a_rounded_count_tells_its_run():
    cells, _ = cells_of({demand(A, Q1): 11, demand(FORCE, Q1): 12}, PROFILES["nhs"])
    assert cells[demand(A, Q1)].printed == (8, 12)
    assert cells[demand(FORCE, Q1)].printed == (8, 12)


# Contradictions


def test_a_sum_that_does_not_hold_stands_alone():
    one, two, force = (demand(area, Q1) for area in (A, B, FORCE))
    cells, known = link([Figure(one, 3), Figure(two, 9), Figure(force, 11)], MEMBERS, Policy())
    cells, known, alone = linked(cells, known)
    assert alone == {force}
    by_key = {cell.key: cell for cell in cells}
    assert by_key[force].terms == ((force, 1),)
    assert len(by_key[one].terms) == len(by_key[two].terms) == 1


def test_sums_that_hold_stay_linked_beside_one_that_does_not():
    counts = {demand(A, Q1): 3, demand(B, Q1): 9, demand(FORCE, Q1): 12, demand(A, Q2): 1, demand(A, HALF): 5}
    cells, known = link([Figure(key, count) for key, count in counts.items()], MEMBERS, Policy())
    cells, _, alone = linked(cells, known)
    assert alone == {demand(A, HALF)}
    assert are_equal({cell.key: cell for cell in cells}, demand(FORCE, Q1), demand(A, Q1), demand(B, Q1))


def test_a_relation_that_does_not_hold_is_no_knowledge():
    episodes = demand(A, YEAR, measure="census_assessment_factor_episodes", unit="episode")
    children = demand(A, YEAR, measure="children_with_factor", unit="child")
    cells, known = link([Figure(episodes, 7), Figure(children, 9)], MEMBERS, Policy())
    assert len(known) == 1
    _, kept, alone = linked(cells, known)
    assert (kept, alone) == ([], frozenset())


def test_what_an_earlier_release_printed_is_never_taken_apart():
    earlier = Figure(demand(FORCE, Q1), None, Status.PRINTED, (11, 11), today=False)
    cells, known = link([Figure(demand(A, Q1), 3), Figure(demand(B, Q1), 9), earlier], MEMBERS, Policy())
    cells, _, alone = linked(cells, known)
    assert demand(FORCE, Q1) not in alone
    assert len(alone) == 1


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(st.integers(0, 9), min_size=8, max_size=8), st.randoms(use_true_random=False))
def test_true_sums_of_any_counts_are_linked_in_any_order(counts, shuffler):
    leaves = {demand(area, quarter): 0 for area in (A, B) for quarter in (Q1, Q2, Q3, Q4)}
    leaves = dict(zip(leaves, counts, strict=True))
    wider = {
        demand(FORCE, quarter): leaves[demand(A, quarter)] + leaves[demand(B, quarter)] for quarter in (Q1, Q2, Q3, Q4)
    }
    years = {demand(area, YEAR): sum(leaves[demand(area, quarter)] for quarter in (Q1, Q2, Q3, Q4)) for area in (A, B)}
    figures = [Figure(key, count) for key, count in (leaves | wider | years).items()]
    shuffled = shuffler.sample(figures, len(figures))
    assert link(shuffled, MEMBERS, Policy()) == link(figures, MEMBERS, Policy())
    cells, known = link(figures, MEMBERS, Policy())
    assert linked(cells, known)[2] == frozenset()
    # Every cell is the sum of the leaves that it should be.
    atoms = {cell.terms[0][0]: cell.count for cell in cells if len(cell.terms) == 1}
    assert all(sum(times * atoms[atom] for atom, times in cell.terms) == cell.count for cell in cells)


# Keys


def rows(*notes: str | None) -> pd.DataFrame:
    cells = {"source_id": "s1", "measure": "a|b", "exploitation_type": None, "unit": "child", "area_code": A}
    days = {"period_start": pd.Timestamp("2024-04-01"), "period_end": pd.Timestamp("2024-06-30")}
    return pd.DataFrame([cells | days | {"note": note} for note in notes])


def test_a_key_says_table_source_and_place_and_can_be_read_again():
    (key,) = keys_of("demand", rows("n"), {"s1": "series"})
    assert key == f"demand|series|a/b||child|{A}|2024-04-01|2024-06-30"
    assert columns_of(key)["area_code"] == A
    assert columns_of(key)["exploitation_type"] == ""


def test_rows_that_only_notes_tell_apart_are_numbered_whatever_their_order():
    first = keys_of("demand", rows("b", "a", None), {"s1": "s1"}).str.partition("#")[2].tolist()
    assert first == ["3", "2", ""]


def test_a_source_is_known_by_the_publication_it_is_an_edition_of():
    sources = pd.DataFrame({"source_id": ["one", "two"], "edition_of": pd.array(["series", None], dtype="string")})
    assert identities(sources) == {"one": "series", "two": "two"}


@pytest.mark.parametrize("key", ["demand|own|referrals", "nothing|own|a|b|c|d|e|f", ""])
def test_what_is_no_key_is_refused(key):
    with pytest.raises(ValueError, match="no key of a figure"):
        columns_of(key)


# Breakdowns


def part(category: str, dimension: str = "sex", area: str = A, harm: str = "CSE", unit: str = "referral") -> str:
    measure = "referrals" if unit == "referral" else "children_referred"
    return f"breakdowns|own|{measure}|{harm}|{unit}|{dimension}|{category}|{area}|{YEAR[0]}|{YEAR[1]}"


def equalities(counts: dict[str, int | None]) -> list[dict[str, int]]:
    """What is known to add up, by the keys of figures with one atom each."""
    cells, known = cells_of(counts)
    named = {cell.terms[0][0]: key for key, cell in cells.items() if len(cell.terms) == 1}
    return [{named[atom]: sign for atom, sign in row.terms} for row in known if row.high == 0]


def test_the_categories_of_a_dimension_add_up_to_the_referrals_of_the_year() -> None:
    total = demand(A, YEAR)
    counts = {total: 30, part("female"): 20, part("male"): 10}
    assert equalities(counts) == [{total: 1, part("female"): -1, part("male"): -1}]


def test_without_their_total_two_dimensions_add_up_to_the_same() -> None:
    counts = {part("female"): 20, part("male"): 10, part("14", "age"): 12, part("15", "age"): 18}
    assert equalities(counts) == [{part("14", "age"): 1, part("15", "age"): 1, part("female"): -1, part("male"): -1}]


def test_categories_of_another_harm_or_area_add_up_to_another_total() -> None:
    assert equalities({demand(A, YEAR): 30, part("female", area=B): 20, part("female", harm="CCE"): 10}) == []


def test_a_force_is_the_sum_of_its_authorities_in_each_category() -> None:
    counts = {part("female", area=place): 20 * (1 + (place == FORCE)) for place in (A, B, FORCE)}
    cells, _ = cells_of(counts)
    assert are_equal(cells, part("female", area=FORCE), part("female", area=A), part("female", area=B))


def test_children_of_a_harm_are_at_most_its_referrals() -> None:
    words = {"CSE only": 6, "CCE only": 2, "both CSE and CCE": 1}
    children = {word: part(word, "harm", harm="", unit="child") for word in words}
    cells, known = cells_of({demand(A, YEAR): 9} | {children[word]: count for word, count in words.items()})
    (row,) = known
    parts = sum_of(cells, children["CSE only"], children["both CSE and CCE"])
    assert dict(row.terms) == dict.fromkeys(parts, -1) | dict(cells[demand(A, YEAR)].terms)
    assert (row.low, row.high) == (0, None)


def test_all_children_are_the_sum_of_the_groups_and_no_category_is_part_of_another() -> None:
    words = ("CSE only", "CCE only", "all")
    keys = [part(word, "harm", harm="", unit="child") for word in words]
    cells, known = cells_of(dict(zip(keys, (6, 2, 8), strict=True)))
    assert are_equal(cells, keys[2], keys[0], keys[1])
    assert known == []


def test_zeros_beside_the_only_category_are_protected_but_not_beside_what_is_not_recorded() -> None:
    one, none = {part("female"): 9, part("male"): 0}, {part("not recorded"): 9, part("male"): 0}
    assert cells_of(one)[0][part("male")].cover == (0, 1)
    assert cells_of(none)[0][part("male")].cover is None
