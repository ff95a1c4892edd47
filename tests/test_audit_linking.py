"""What the audit takes to add up, in figures small enough to be added by hand."""

from __future__ import annotations

import itertools

import pytest
from audited_site import FIRST, FORCE, OWN, SECOND, THIRD, areas

from needs_assessment.disclosure.audit.areas import Areas
from needs_assessment.disclosure.audit.figures import Figure, Print
from needs_assessment.disclosure.audit.knowledge import Earlier, Frame, gathered
from needs_assessment.disclosure.audit.linking import link
from needs_assessment.disclosure.audit.rule import Rule
from needs_assessment.disclosure.audit.statements import Statement
from needs_assessment.disclosure.audit.systems import System

AREAS = Areas.of({name: str(cell) for name, cell in row.items()} for row in areas())
FRAME = Frame(AREAS, {"own": ["standard", "medium", "high"]})
Printed = dict[str, int | None]
"""What is printed by key; None is withheld."""


def interval(printed: Printed, key: str) -> tuple[int | None, int | None]:
    """What an attacker can work out of one figure."""
    figures = {
        name: Figure(name, *_parts(name), False, [Print("a.csv", "", None if count is None else (count, count))])
        for name, count in printed.items()
    }
    knowledge = gathered(figures, Rule(), FRAME, [], [])
    system = System([Statement(told.terms, told.low, told.high) for told in knowledge.told])
    return system.integer_interval(link(printed, AREAS).terms[key])


def _parts(key: str) -> tuple[str, str, dict[str, str]]:
    from needs_assessment.disclosure.audit.figures import columns_of

    return columns_of(key)


def demand(measure: str, unit: str, area: str, days: tuple[str, str], harm: str = "CSE") -> str:
    return f"demand|{OWN}|{measure}|{harm}|{unit}|{area}|{days[0]}|{days[1]}"


def returned(basis: str, unit: str, days: tuple[str, str], area: str = FIRST) -> str:
    return f"service_returns|{OWN}|branch|new_referrals|{basis}|{unit}|{area}|{days[0]}|{days[1]}"


def risk(residence: str, level: str = "high", area: str = FIRST, day: str = "2024-09-30") -> str:
    return f"risk_snapshots|{OWN}|own|CSE|{level}|child|{area}|{residence}|{day}"


Q1, Q2 = ("2024-04-01", "2024-06-30"), ("2024-07-01", "2024-09-30")
HALF, YEAR = ("2024-04-01", "2024-09-30"), ("2024-04-01", "2025-03-31")


def test_a_cumulative_count_less_the_quarter_before_is_the_quarter() -> None:
    printed: Printed = {
        returned("in period", "referral", Q1): 12,
        returned("in period", "referral", Q2): None,
        returned("cumulative", "referral", HALF): 15,
    }
    assert interval(printed, returned("in period", "referral", Q2)) == (3, 3)


def test_a_snapshot_is_no_part_of_a_period() -> None:
    printed: Printed = {
        returned("in period", "referral", Q1): 12,
        returned("snapshot", "referral", Q2): None,
        returned("cumulative", "referral", HALF): 15,
    }
    assert interval(printed, returned("snapshot", "referral", Q2)) == (0, None)


def test_a_force_less_its_authorities_is_the_one_that_is_withheld() -> None:
    printed: Printed = {
        demand("referrals", "referral", FORCE, Q1): 40,
        demand("referrals", "referral", FIRST, Q1): 22,
        demand("referrals", "referral", SECOND, Q1): 14,
        demand("referrals", "referral", THIRD, Q1): None,
    }
    assert interval(printed, demand("referrals", "referral", THIRD, Q1)) == (4, 4)


def test_an_authority_without_a_row_leaves_the_rest_open() -> None:
    printed: Printed = {
        demand("referrals", "referral", FORCE, Q1): 40,
        demand("referrals", "referral", FIRST, Q1): 38,
        demand("referrals", "referral", SECOND, Q1): None,
    }
    assert interval(printed, demand("referrals", "referral", SECOND, Q1)) == (0, 2)


def test_a_country_is_the_sum_of_its_authorities() -> None:
    country = "E92000001"
    printed: Printed = {
        demand("referrals", "referral", country, Q1): 40,
        demand("referrals", "referral", FIRST, Q1): 22,
        demand("referrals", "referral", SECOND, Q1): 16,
        demand("referrals", "referral", THIRD, Q1): None,
    }
    assert interval(printed, demand("referrals", "referral", THIRD, Q1)) == (2, 2)


def test_harms_are_never_added_and_two_sources_neither() -> None:
    keys = [demand("referrals", "referral", FIRST, Q1, harm) for harm in ("CSE", "CCE")]
    keys.append(keys[0].replace(OWN, "another_return"))
    terms = link(keys, AREAS).terms
    assert all(not terms[one].keys() & terms[other].keys() for one, other in itertools.combinations(keys, 2))


def test_children_of_a_part_are_at_most_those_of_the_whole_and_at_least_what_the_parts_leave() -> None:
    measure, unit = "children_referred", "child"
    printed: Printed = {
        demand(measure, unit, FIRST, HALF): 9,
        demand(measure, unit, FIRST, Q1): 7,
        demand(measure, unit, FIRST, Q2): None,
    }
    assert interval(printed, demand(measure, unit, FIRST, Q2)) == (2, 9)


def test_children_of_periods_that_do_not_fill_the_whole_are_only_at_most_it() -> None:
    measure, unit = "children_referred", "child"
    printed: Printed = {
        demand(measure, unit, FIRST, YEAR): 9,
        demand(measure, unit, FIRST, Q1): 7,
        demand(measure, unit, FIRST, Q2): None,
    }
    assert interval(printed, demand(measure, unit, FIRST, Q2)) == (0, 9)


def test_all_residences_are_the_sum_of_the_groups_of_that_day() -> None:
    printed: Printed = {
        risk("all"): 22,
        risk("City"): 11,
        risk("County"): 6,
        risk("out of force"): None,
        risk("all", day="2024-06-30"): 8,
    }
    assert interval(printed, risk("out of force")) == (5, 5)


def test_all_levels_are_the_sum_of_the_levels() -> None:
    printed: Printed = {risk("all", "all"): 30, risk("all", "high"): 28, risk("all", "medium"): None}
    assert interval(printed, risk("all", "medium")) == (2, 2)


def test_a_force_and_its_authorities_add_up_within_each_level() -> None:
    printed: Printed = {
        risk("all", "high", FORCE): 20,
        risk("all", "high", FIRST): 9,
        risk("all", "high", SECOND): 8,
        risk("all", "high", THIRD): None,
        risk("all", "medium", THIRD): None,
    }
    assert interval(printed, risk("all", "high", THIRD)) == (3, 3)
    assert interval(printed, risk("all", "medium", THIRD)) == (0, None)


@pytest.mark.parametrize(
    ("child", "episode"),
    [
        ("children_with_factor", "census_assessment_factor_episodes"),
        ("children_with_both_factors", "census_assessment_factor_episodes_both"),
        ("children_with_gangs_factor", "census_gangs_factor_episodes"),
        ("children_with_any_factor", "census_any_factor_episodes"),
    ],
)
def test_children_are_at_most_their_episodes(child: str, episode: str) -> None:
    harm = "CSE" if child == "children_with_factor" else ""
    printed: Printed = {
        demand(child, "child", FIRST, YEAR, harm): None,
        demand(episode, "episode", FIRST, YEAR, harm): 6,
    }
    assert interval(printed, demand(child, "child", FIRST, YEAR, harm)) == (0, 6)


def test_both_harms_are_at_most_each_and_at_least_what_any_leaves() -> None:
    each, any_ = "census_assessment_factor_episodes", "census_any_factor_episodes"
    printed: Printed = {
        demand(each, "episode", FIRST, YEAR, "CSE"): 12,
        demand(each, "episode", FIRST, YEAR, "CCE"): 9,
        demand(any_, "episode", FIRST, YEAR, ""): 19,
        demand(f"{each}_both", "episode", FIRST, YEAR, ""): None,
    }
    assert interval(printed, demand(f"{each}_both", "episode", FIRST, YEAR, "")) == (2, 9)


def test_the_order_of_figures_is_irrelevant() -> None:
    keys = [demand("referrals", "referral", area, days) for area in (FIRST, FORCE) for days in (Q1, Q2, HALF)]
    assert link(keys, AREAS) == link(keys[::-1], AREAS)


def test_a_public_figure_of_the_same_thing_is_known_to_the_attacker() -> None:
    own, public = (
        demand("offences", "offence", FIRST, Q1),
        demand("offences", "offence", FIRST, Q1).replace(OWN, "police"),
    )
    figures = {
        own: Figure(own, *_parts(own), False, [Print("a.csv", "", None)]),
        public: Figure(public, *_parts(public), True, [Print("a.csv", "", (41, 41))]),
    }
    knowledge = gathered(figures, Rule(), FRAME, [], [])
    assert knowledge.already_public == {own}
    assert (41, 41) in {(told.low, told.high) for told in knowledge.told}


def test_what_was_withheld_earlier_and_is_not_in_this_release_is_attacked_too() -> None:
    key = demand("referrals", "referral", FIRST, Q1)
    knowledge = gathered({}, Rule(), FRAME, [Earlier(key, (0, None), "release-0001.json", hidden=True)], [])
    assert [target.name for target in knowledge.targets] == [key]


@pytest.mark.parametrize(
    ("rule", "value", "span"),
    [
        (Rule(), 12, (12, 12)),
        (Rule(round_to=5, withhold_up_to=7), 10, (8, 12)),
        (Rule(round_to=5, withhold_up_to=7), 15, (13, 17)),
        (Rule(round_to=10, withhold_up_to=5), 10, (6, 14)),
        (Rule(round_to=6, withhold_up_to=6, rounding="midpoint"), 3, (1, 6)),
        (Rule(round_to=5, withhold_up_to=7), 0, (0, 0)),
    ],
)
def test_a_printed_count_stands_for_the_counts_that_the_rule_prints_so(
    rule: Rule, value: int, span: tuple[int, int]
) -> None:
    assert rule.printed(value, wider=False) == span


@pytest.mark.parametrize(("rule", "value"), [(Rule(), 3), (Rule(round_to=5, withhold_up_to=7), 12)])
def test_a_count_that_the_rule_never_prints_is_refused(rule: Rule, value: int) -> None:
    with pytest.raises(ValueError, match="no such count"):
        rule.printed(value, wider=False)


# Breakdowns


def part(category: str, dimension: str = "sex", area: str = FIRST, harm: str = "CSE") -> str:
    return f"breakdowns|{OWN}|referrals|{harm}|referral|{dimension}|{category}|{area}|{YEAR[0]}|{YEAR[1]}"


def child(category: str, area: str = FIRST) -> str:
    return f"breakdowns|{OWN}|children_referred||child|harm|{category}|{area}|{YEAR[0]}|{YEAR[1]}"


TOTAL = demand("referrals", "referral", FIRST, YEAR)


def test_a_total_less_the_other_categories_is_the_one_that_is_withheld() -> None:
    assert interval({TOTAL: 30, part("female"): 26, part("male"): None}, part("male")) == (4, 4)


def test_a_total_of_quarters_is_a_total_of_categories_as_well() -> None:
    quarters = {demand("referrals", "referral", FIRST, days): 15 for days in (Q1, Q2)}
    printed: Printed = {**quarters, TOTAL: None, part("female"): 33, part("male"): None}
    assert interval(printed, TOTAL) == (33, None)


def test_a_breakdown_without_withheld_categories_tells_a_withheld_total() -> None:
    assert interval({TOTAL: None, part("female"): 26, part("male"): 7}, TOTAL) == (33, 33)


def test_two_breakdowns_without_a_total_are_compared() -> None:
    printed: Printed = {part("female"): 26, part("male"): 7, part("young", "age"): 30, part("older", "age"): None}
    assert interval(printed, part("older", "age")) == (3, 3)


def test_a_force_less_its_authorities_is_the_one_that_is_withheld_in_a_category_too() -> None:
    printed: Printed = {part("male", area=area): 9 for area in (FIRST, SECOND)}
    printed |= {part("male", area=THIRD): None, part("male", area=FORCE): 20}
    assert interval(printed, part("male", area=THIRD)) == (2, 2)


def test_children_of_a_harm_are_no_more_than_its_referrals() -> None:
    printed: Printed = {TOTAL: 9, child("CSE only"): 7, child("CCE only"): None, child("both CSE and CCE"): None}
    assert interval(printed, child("both CSE and CCE")) == (0, 2)
    assert interval(printed, child("CCE only")) == (0, None)


def test_all_children_less_two_groups_are_the_third() -> None:
    printed: Printed = {child("all"): 12, child("CSE only"): 7, child("CCE only"): 5, child("both CSE and CCE"): None}
    assert interval(printed, child("both CSE and CCE")) == (0, 0)
