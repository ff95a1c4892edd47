"""The attack of the independent audit: intervals, witnesses and covers, against worked cases and by brute force."""

from __future__ import annotations

import itertools
import sys
from collections import Counter
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from needs_assessment.disclosure.audit import programmes
from needs_assessment.disclosure.audit.attackers import Attacker, Target, attack, insider, zeros_printed
from needs_assessment.disclosure.audit.rows import exact
from needs_assessment.disclosure.audit.systems import InconsistentError, Statement, System, UnprovenError, infeasible

ATOMS = "abcdefgh"
BEYOND = 10**6  # more than any sum here
SYSTEMS = 240  # of the brute-force comparison; under `repeatable` they are the same on every machine


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
        low, high = (
            edge if end is None else exact(end) * 10
            for end, edge in zip((statement.low, statement.high), (-BEYOND, BEYOND), strict=True)
        )
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
    value += draw(st.sampled_from([0] * 9 + [1]))
    below, above = draw(st.sampled_from([(0, 0), (0, 0), (1, 1), (2, 0.5), (0, None), (None, 1.2)]))
    return Statement(
        terms,
        None if below is None else value - exact(below),
        None if above is None else value + exact(above),
    )


def compare(drawn, counted):
    """Compares the attack on one system with brute force, and counts what kind of system it was."""
    statements, lower, upper, terms = drawn
    system = System(statements, lower=lower, upper=upper)
    values = {value_of(terms, point) for point in brute_force(statements, lower, upper)}
    counted["tried"] += 1
    if not values:
        counted["contradictory"] += 1
        assert infeasible(system)
        return
    low, high = min(values), max(values)
    cover = range(low - 1, high + 1)
    (found,) = attack(system, [Target("sum", terms, (cover[0], cover[-1]))])
    assert (found.low, found.high) == (low, high)
    assert found.impossible == tuple(value for value in cover if value not in values)
    assert (found.exact, found.exposed) == (low == high, True)
    counted["with holes"] += len(found.impossible) > 1


def test_intervals_and_excluded_values_are_those_of_brute_force():
    counted = Counter()
    settings(max_examples=SYSTEMS)(given(small_systems())(lambda drawn: compare(drawn, counted)))()
    assert counted["tried"] >= SYSTEMS
    assert counted["contradictory"] > SYSTEMS / 50 and counted["with holes"] > SYSTEMS / 50


@settings(max_examples=100)
@given(small_systems())
def test_the_linear_interval_holds_the_interval_of_whole_numbers(drawn):
    statements, lower, upper, terms = drawn
    system = System(statements, lower=lower, upper=upper)
    assume(not infeasible(system))
    (low, high), (least, most) = system.interval(terms), system.integer_interval(terms)
    assert low - 1e-6 <= least <= most <= high + 1e-6


# Witnesses


@settings(max_examples=100)
@given(small_systems(), st.integers(-3, 20))
def test_a_witness_satisfies_every_statement_and_has_the_value_asked_for(drawn, value):
    statements, lower, upper, terms = drawn
    system = System(statements, lower=lower, upper=upper)
    assume(not infeasible(system))
    witness = system.witness(terms, value, wishes=[({"a": 1}, 1), ({"a": 1, "b": -1}, 0)])
    if witness is None:
        assert value not in {value_of(terms, point) for point in brute_force(statements, lower, upper)}
    else:
        assert value_of(terms, witness) == value
        assert all(holds(statement, witness) for statement in statements)
        assert all(lower.get(atom, 0) <= witness[atom] <= upper[atom] for atom in upper)
        assert all(type(count) is int for count in witness.values())


def answering(change):
    """A solver that solves and then changes its answer."""
    honest = programmes.milp
    return lambda *arguments, **options: change(honest(*arguments, **options))


def nudged(solved):
    return SimpleNamespace(status=solved.status, x=None if solved.x is None else solved.x + 1)


def unbounded(solved):
    return SimpleNamespace(status=3, x=None)


def undecided(solved):
    return SimpleNamespace(status=1, x=None)


def nothing_possible(solved):
    return SimpleNamespace(status=2, x=None)


TABLE = (exactly("ab", 7), exactly("cd", 3), exactly("ac", 6), exactly("bd", 4))


@pytest.mark.parametrize("wrong", [nudged, undecided])
def test_a_solver_that_proposes_no_solution_is_refused(monkeypatch, wrong):
    monkeypatch.setattr(programmes, "milp", answering(wrong))
    with pytest.raises(UnprovenError):
        attack(System(TABLE), [Target("a", {"a": 1}, (3, 5))])


@pytest.mark.parametrize("wrong", [nudged, undecided, unbounded, nothing_possible])
def test_a_solver_that_goes_wrong_half_way_proves_nothing(monkeypatch, wrong):
    system = System(TABLE)
    system.solution()
    monkeypatch.setattr(programmes, "milp", answering(wrong))
    with pytest.raises(UnprovenError):
        system.integer_interval({"a": 1})
    with pytest.raises(UnprovenError):
        system.interval({"a": 1}) if wrong is not nudged else system.witness({"a": 1}, 4)


def test_a_least_value_that_is_not_the_least_is_refused(monkeypatch):
    system = System(TABLE)
    other = system.witness({"a": 1}, 6 if system.solution()["a"] < 6 else 3)
    monkeypatch.setattr(programmes.Programme, "least", lambda *_: other)
    with pytest.raises(UnprovenError):
        system.extremes({"a": 1})


def test_counts_that_give_another_value_than_asked_for_are_refused(monkeypatch):
    system = System(TABLE)
    other = system.witness({"a": 1}, 5)
    monkeypatch.setattr(programmes.Programme, "at", lambda *_: other)
    assert system.witness({"a": 1}, 5) == other
    with pytest.raises(UnprovenError):
        system.witness({"a": 1}, 4)


def honest(solved):
    return solved


@pytest.mark.parametrize("after", [honest, nudged, undecided])
def test_one_opinion_that_there_is_no_solution_is_not_enough(monkeypatch, after):
    solve, changes = programmes.milp, iter([nothing_possible])
    system = System(TABLE)
    system.solution()
    monkeypatch.setattr(programmes, "milp", lambda *a, **k: next(changes, after)(solve(*a, **k)))
    if after is honest:
        assert system.witness({"a": 1}, 4) == {"a": 4, "b": 3, "c": 2, "d": 1}
    else:
        with pytest.raises(UnprovenError):
            system.witness({"a": 1}, 4)


@pytest.mark.parametrize(
    ("statements", "limits", "target"),
    [
        ([Statement({"a": 3, "b": 3, "c": 2, "d": 3, "e": 0.5}, 5, 5)], dict.fromkeys("abcde", (0, 1)), "abcde"),
        (
            [Statement({"a": 1, "b": 0.1}, -0.9, 1.6), Statement({"a": 1, "b": 1}, 0, 2.5)],
            {"a": (1, 2), "b": (0, 2)},
            "a",
        ),
    ],
)
def test_the_solver_writes_nothing_among_the_answers(capfd, statements, limits, target):
    # HiGHS 1.12 writes a line to standard output on the second of these, and on the first with presolve
    # (ERGO-Code/HiGHS#2783).
    lower, upper = ({atom: span[side] for atom, span in limits.items()} for side in (0, 1))
    attack(System(statements, lower=lower, upper=upper), [Target("all", dict.fromkeys(target, 2), (1, 6))])
    programmes._flush()
    assert capfd.readouterr().out == ""
    sys.stdout.write("and afterwards all is printed")
    assert capfd.readouterr().out == "and afterwards all is printed"


# Contradictions


def test_contradictory_figures_are_an_error_and_neither_safe_nor_exposed():
    system = System([exactly("cd", 3), exactly("ab", 7), exactly("a", 9), exactly("e", 2)])
    for question in (system.solution, lambda: system.interval({"e": 1}), lambda: attack(system, [])):
        with pytest.raises(InconsistentError, match=r"statement 2 about a \+ b; statement 3 about a$"):
            question()
    assert infeasible(system) and not infeasible(System([exactly("ab", 7)]))


def test_the_statements_at_odds_are_a_smallest_group_without_their_values():
    # Rows say 10 in all, columns 11; any three of the four agree.
    broken = [exactly("ab", 7), exactly("cd", 3), exactly("ac", 6), exactly("bd", 5), exactly("e", 4)]
    with pytest.raises(InconsistentError) as raised:
        System([exactly("ef", 61), *broken]).solution()
    assert list(raised.value.statements) == broken[:4]
    assert not any(character.isdigit() and character in "67" for character in str(raised.value))


@pytest.mark.parametrize(
    "statements",
    [
        [Statement({"a": 2, "b": 2}, 3, 3)],  # an odd number of even parts
        [Statement({"a": 1}, 16.2, 16.9)],  # no whole number
        [Statement({"a": 1, "b": 1}, 5, 4)],  # the ends are the wrong way round
        [
            Statement({"a": 1, "b": 1, "c": 1}, 2, 2),
            *(Statement(dict.fromkeys(pair, 1), 1, 1) for pair in ("ab", "bc", "ac")),
        ],
        [Statement({"a": 0}, 1, None)],  # 0 is never 1
    ],
)
def test_figures_that_only_fractions_satisfy_contradict_one_another(statements):
    assert infeasible(System(statements))


def test_limits_of_single_counts_can_be_what_is_at_odds():
    with pytest.raises(InconsistentError, match="the limits of the single counts"):
        System([exactly("b", 1)], lower={"a": 3}, upper={"a": 2}).solution()


# What must not matter


@settings(max_examples=100)
@given(small_systems(), st.data())
def test_one_statement_more_never_widens_an_interval(drawn, data):
    statements, lower, upper, terms = drawn
    before = System(statements, lower=lower, upper=upper)
    assume(not infeasible(before))
    after = before.plus([data.draw(statements_about(before.solution()))])
    assume(not infeasible(after))
    wide, narrow = before.integer_interval(terms), after.integer_interval(terms)
    assert wide[0] <= narrow[0] <= narrow[1] <= wide[1]


@settings(max_examples=100)
@given(small_systems(), st.randoms(use_true_random=False))
def test_neither_order_nor_names_matter(drawn, random):
    statements, lower, upper, terms = drawn
    names = dict(zip(ATOMS, random.sample("stuvwxyz", 8), strict=True))

    def renamed(mapping):
        return {names[atom]: number for atom, number in random.sample(sorted(mapping.items()), len(mapping))}

    turned = [
        Statement(renamed(each.terms), each.low, each.high) for each in random.sample(statements, len(statements))
    ]
    one = System(statements, lower=lower, upper=upper)
    other = System(turned, lower=renamed(lower), upper=renamed(upper))
    assert infeasible(one) == infeasible(other)
    assume(not infeasible(one))
    assert one.integer_interval(terms) == other.integer_interval(renamed(terms))
    assert one.interval(terms) == pytest.approx(other.interval(renamed(terms)), abs=1e-6)


# Attackers


def linked_force(areas, quarters, seed):
    """Areas by quarter with rolling years for each area and a force row; counts of 1 to 5 and some others withheld."""
    random = np.random.default_rng(seed)
    counts = {f"{area}:{quarter}": int(random.poisson(3)) for area in range(areas) for quarter in range(quarters)}
    sums = {atom: [atom] for atom in counts}
    sums |= {
        f"year {a} {q}": [f"{a}:{q + step}" for step in range(4)] for a in range(areas) for q in range(quarters - 3)
    }
    sums |= {f"force {q}": [f"{a}:{q}" for a in range(areas)] for q in range(quarters)}
    statements, targets = [], []
    for name, atoms in sums.items():
        value = sum(counts[atom] for atom in atoms)
        if 1 <= value <= 5 or random.random() < 0.5:
            cover = (1, 5) if 1 <= value <= 5 else None
            targets.append(Target(name, dict.fromkeys(atoms, 1), cover, frozenset(atom[0] for atom in atoms)))
        else:
            statements.append(Statement(dict.fromkeys(atoms, 1), value, value))
    return System(statements), targets, counts


def test_a_shared_search_finds_what_separate_searches_find():
    system, targets, _ = linked_force(3, 6, seed=5)
    together = attack(system, targets)
    assert together == [finding for target in targets for finding in attack(system, [target])]
    assert together == attack(system, targets)
    assert {finding.exposed for finding in together} == {True, False}
    bare = attack(system, targets, intervals=False)
    assert [finding.impossible for finding in bare] == [finding.impossible for finding in together]
    assert {(finding.low, finding.high) for finding in bare} == {(None, None)}


def test_hundreds_of_withheld_figures_take_few_questions(monkeypatch):
    system, targets, _ = linked_force(8, 16, seed=2)
    asked, honest = [], programmes.milp
    monkeypatch.setattr(programmes, "milp", lambda *a, **k: asked.append(1) or honest(*a, **k))
    findings = attack(system, targets, intervals=False)
    covered = [target for target in targets if target.cover]
    assert len(targets) > 150 and len(covered) > 80
    assert len(asked) < 5 * len(covered) / 2 + 3 * sum(len(finding.impossible) for finding in findings)


def test_who_knows_that_zeros_are_printed_excludes_more():
    # Seed document 003, with 5 and 6 withheld beside 11 of 22: 0 to 11 for the public, 1 to 10 for who knows the rule.
    system = System([exactly("abc", 22), exactly("c", 11)])
    targets = [Target("a", {"a": 1}, (1, 5)), Target("b", {"b": 1}, None)]
    assert [(finding.low, finding.high) for finding in attack(system, targets)] == [(0, 11)] * 2
    findings = attack(system, targets, attacker=zeros_printed(targets))
    assert [(finding.low, finding.high) for finding in findings] == [(1, 10)] * 2
    assert {finding.attacker for finding in findings} == {"zeros are printed"}


def test_a_belief_that_cannot_be_true_is_an_error():
    targets = [Target("a", {"a": 1}, None), Target("b", {"b": 1}, None)]
    with pytest.raises(InconsistentError):
        attack(System([exactly("ab", 1)]), targets, attacker=zeros_printed(targets))


def test_an_insider_opens_the_one_other_withheld_area():
    # Two areas withheld in a force row of 20 beside 13; the first knows its own 4.
    system = System([exactly("abc", 20), exactly("c", 13)])
    targets = [
        Target("first", {"a": 1}, (1, 5), frozenset({"first"})),
        Target("second", {"b": 1}, (1, 5), frozenset({"second"})),
        Target("both", {"a": 1, "b": 1}, None, frozenset({"first", "second"})),
    ]
    assert not any(finding.exposed for finding in attack(system, targets))
    (found,) = attack(system, targets, attacker=insider("first", {"a": 4}))
    assert (found.target, found.attacker, found.exact) == ("second", "insider of first", True)
    assert (found.low, found.impossible) == (3, (1, 2, 4, 5))


def test_a_named_attacker_may_know_anything_else():
    system = System([exactly("ab", 6)])
    told = Attacker("reader of the other report", (exactly("b", 2),))
    (found,) = attack(system, [Target("a", {"a": 1}, (1, 5))], attacker=told)
    assert (found.attacker, found.low, found.high) == ("reader of the other report", 4, 4)
    assert attack(system, [Target("a", {"a": 1}, None)], attacker="press")[0].attacker == "press"


# Numbers that are none


@pytest.mark.parametrize("number", [float("nan"), float("inf"), "three"])
def test_a_statement_takes_only_finite_numbers(number):
    with pytest.raises(ValueError, match="finite number"):
        Statement({"a": number}, 0, 1)
    with pytest.raises(ValueError, match="finite number"):
        Statement({"a": 1}, number, None)


def test_a_sum_needs_atoms_and_a_count_whole_coefficients():
    with pytest.raises(ValueError, match="at least one atom"):
        Statement({}, 0, 1)
    with pytest.raises(ValueError, match="these are not: b"):
        System([]).integer_interval({"a": 1, "b": 0.5})
