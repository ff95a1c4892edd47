"""Where children under review stand later: the gate protects it, and the audit attacks what the gate lets through."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import product

import numpy as np
import pytest
import risk_tables as made

from needs_assessment.disclosure import History, Policy, Protected, protect
from needs_assessment.disclosure.audit.areas import Areas
from needs_assessment.disclosure.audit.exposure import EXPOSED, UNDECIDED, exposure
from needs_assessment.disclosure.audit.figures import Figure, Print, columns_of
from needs_assessment.disclosure.audit.knowledge import Frame, gathered
from needs_assessment.disclosure.audit.linking import link as audited
from needs_assessment.disclosure.audit.review import _times
from needs_assessment.disclosure.audit.rule import Rule
from needs_assessment.disclosure.audit.systems import Statement, System, infeasible
from needs_assessment.disclosure.cells import Status
from needs_assessment.disclosure.consistency import linked
from needs_assessment.disclosure.linking import Figure as Counted
from needs_assessment.disclosure.linking import Frame as Told
from needs_assessment.disclosure.linking import link
from needs_assessment.disclosure.order import is_detail
from needs_assessment.disclosure.protection import protect_cells
from needs_assessment.disclosure.under_review import _most_moves
from needs_assessment.vocabulary import ALL_LEVELS, LEFT, NEW, RETURNING, RiskMeasure

SMALL = made.Places(forces=(2,), harms=("CSE",), least=6, most=25, quarterly=False, levels=("low", "high"))
LEVELS = {made.SCHEME: ["low", "high"]}
FORCE, (A, B) = "E23000001", ("E06000001", "E06000002")
START, END = "2024-03-31", "2025-03-31"


def caseload(level: str, area: str = A, day: str = START) -> str:
    return f"risk_caseload|own|scheme|CSE|{level}|child|{area}|all|{day}"


def moved(before: str, after: str, area: str = A, start: str = START, measure: str = "level_12_months_later") -> str:
    return f"risk_movement|own|{measure}|scheme|CSE|child|{before}|{after}|{area}|{start}|{END}"


def pooled(before: str, after: str) -> str:
    """The moves of the year's quarters, of the force."""
    return moved(before, after, FORCE, measure="level_3_months_later").replace("|child|", "|event|")


def year(measure: RiskMeasure, area: str = A) -> str:
    return moved(ALL_LEVELS, ALL_LEVELS, area, "2024-04-01", measure)


def protected(figures: Mapping[str, int | None], places: made.Places = SMALL) -> Protected:
    return protect(
        made.tables(figures), made.SOURCES, places.members, Policy(), History(levels={made.SCHEME: places.levels})
    )


def frame(places: made.Places = SMALL) -> Frame:
    kind = {"region_code": "", "valid_to": ""}
    rows = [
        kind | {"area_code": force, "area_type": "police force area", "police_force_area_code": ""}
        for force in places.members
    ]
    rows += [
        kind | {"area_code": area, "area_type": "local authority", "police_force_area_code": force}
        for force, members in places.members.items()
        for area in sorted(members)
    ]
    return Frame(Areas.of(rows), {made.SCHEME: list(places.levels)})


def exposed(printed: Mapping[str, int | None], places: made.Places = SMALL) -> list[str]:
    """What an attacker narrows of what is printed by key, None where it is withheld."""
    figures = {
        key: Figure(key, *columns_of(key), False, [Print("a.csv", "", None if count is None else (count, count))])
        for key, count in printed.items()
    }
    found = exposure(gathered(figures, Rule(), frame(places), [], []), kinds=[], tell=lambda share: None)
    assert not found.keys("public", UNDECIDED) and not found.disbelieved
    return found.keys("public", EXPOSED)


def narrowed(printed: Mapping[str, int | None], levels: Mapping[str, list[str]] = LEVELS) -> list[str]:
    """What the gate itself finds narrowed of what is printed by key, None where it is withheld."""
    figures = [
        Counted(key, None, Status.HIDDEN) if count is None else Counted(key, count, Status.PRINTED, (count, count))
        for key, count in printed.items()
    ]
    return [*protect_cells(*link(figures, SMALL.members, Policy(), Told(levels))).unprotectable]


def shown(result: Protected) -> dict[str, int | None]:
    return {statement.key: statement.value for statement in result.statements}


def without(figures: Mapping[str, int], hidden: Collection[str]) -> dict[str, int | None]:
    return {key: None if key in hidden else count for key, count in figures.items()}


# What is printed


@pytest.mark.parametrize("seed", (1, 6))
def test_nothing_that_passes_the_gate_is_exposed(seed: int) -> None:
    counts = made.counts(seed, SMALL)
    result = protected(counts)
    assert result.unprotected == () and result.alone == frozenset()
    printed = shown(result)
    assert printed.keys() == counts.keys()
    assert not any(1 <= (count or 0) <= 5 for count in printed.values())
    assert any(count is None and is_detail(key) for key, count in printed.items())
    assert exposed(printed) == []


def test_quarters_of_a_force_beside_its_years_are_not_exposed() -> None:
    places = made.Places(forces=(2,), harms=("CSE",), least=30, most=50)
    assert exposed(shown(protected(made.counts(3, places), places)), places) == []


def test_a_cell_that_was_withheld_for_others_is_missed_when_it_is_printed() -> None:
    counts = made.counts(1, SMALL)
    printed = shown(protected(counts))
    extra = [key for key, count in printed.items() if count is None and counts[key] > 5 and is_detail(key)]
    assert any(exposed(printed | {key: counts[key]}) for key in extra[:3])


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {pooled("low", ALL_LEVELS): 41},
        {pooled("low", LEFT): 38},
        {caseload("high", FORCE, END): 2},
        {pooled("low", "high"): 30},
    ],
)
def test_moves_of_quarters_that_do_not_fit_the_caseload_are_noticed(wrong: dict[str, int]) -> None:
    counts = stock(FLAT, FLAT) | {pooled("low", ALL_LEVELS): 40, UP: 7, pooled("low", LEFT): 6}
    counts |= {pooled("high", "low"): 0, pooled("high", LEFT): 7}
    cells, known = link([Counted(key, n) for key, n in (counts | wrong).items()], SMALL.members, Policy(), Told(LEVELS))
    _, kept, alone = linked(cells, known)
    assert (len(kept) < len(known) or bool(alone)) is bool(wrong)


def test_no_caseload_is_withheld_for_a_move_that_all_hidden_moves_protect() -> None:
    counts = made.counts(1, SMALL)
    alone = {key: count for key, count in counts.items() if not is_detail(key)}
    both, totals = shown(protected(counts)), shown(protected(alone))
    assert {key: both[key] for key in alone} == totals


def test_a_caseload_is_withheld_where_it_tells_how_many_have_left_at_least() -> None:
    counts = {moved("high", "high"): 6, moved("high", "low"): 0, moved("high", LEFT): 4, caseload("high"): 10}
    counts |= {moved("low", "low"): 9, moved("low", "high"): 0, moved("low", LEFT): 8, caseload("low"): 17}
    counts |= {caseload("high", day=END): 6, caseload("low", day=END): 9, year(RiskMeasure.LOWERED): 0}
    printed = shown(protected(counts))
    assert printed[caseload("high")] is None or printed[caseload("high", day=END)] is None
    assert exposed(printed) == []


def test_the_same_counts_give_the_same_symbols_in_any_order() -> None:
    counts = made.counts(2, SMALL)
    turned = dict(reversed(counts.items()))
    assert protected(counts).statements == protected(turned).statements


# What adds up

ROW = {moved("high", after): count for after, count in (("high", 12), ("low", 8), (LEFT, 7))}


def test_the_only_withheld_cell_of_a_level_is_told_by_the_caseload_of_the_first_day() -> None:
    hidden = moved("high", "low")
    counts: dict[str, int | None] = {**ROW, moved("high", LEFT): 3, hidden: None}
    assert exposed({**counts, moved("high", LEFT): 7}) == []
    assert exposed({**counts, moved("high", LEFT): 7, caseload("high"): 22}) == [hidden]
    assert protected({**counts, moved("high", LEFT): 3, hidden: 8, caseload("high"): 23}).withheld == 2


def test_the_column_is_told_by_the_caseload_of_the_last_day() -> None:
    hidden = moved(NEW, "low")
    counts = {moved("low", "low"): 9, moved("high", "low"): 8, moved(RETURNING, "low"): 0, hidden: None}
    assert exposed(counts | {caseload("low", day=END): 20}) == [hidden]
    assert exposed(counts | {caseload("low", day=START): 20}) == []


def test_without_the_caseload_the_gate_would_show_more() -> None:
    counts = {**ROW, moved("high", LEFT): 3}
    alone, beside = protected(counts), protected({**counts, caseload("high"): 23})
    assert (alone.withheld, beside.withheld) == (1, 2)
    assert exposed(shown(alone) | {caseload("high"): 23}) == [moved("high", LEFT)]


def test_a_sum_of_those_who_left_is_of_every_level() -> None:
    counts = {moved(before, LEFT): 7 for before in ("low", "high", NEW)}
    cells, _ = link(
        [Counted(key, count) for key, count in {**counts, moved(ALL_LEVELS, LEFT): 21}.items()], {}, Policy()
    )
    by_key = {cell.key: cell for cell in cells}
    parts = {atom for key in counts for atom, _ in by_key[key].terms}
    assert {atom for atom, _ in by_key[moved(ALL_LEVELS, LEFT)].terms} == parts
    assert exposed({**counts, moved(NEW, LEFT): None, moved(ALL_LEVELS, LEFT): 16}) == [moved(NEW, LEFT)]


def test_a_move_in_a_part_of_the_time_is_no_part_of_the_whole() -> None:
    whole, part = (moved("low", "high", start=start) for start in (START, "2024-12-31"))
    assert narrowed({whole: 6, part: None}) == exposed({whole: 6, part: None}) == []
    assert narrowed({whole: 0, part: None}) == exposed({whole: 0, part: None}) == []


def test_who_was_raised_again_in_a_part_of_the_time_need_not_be_so_in_the_whole() -> None:
    again = RiskMeasure.RAISED_AGAIN_WITHIN_6_MONTHS
    keys = [moved(ALL_LEVELS, ALL_LEVELS, start=start, measure=again) for start in ("2024-04-01", "2025-01-01")]
    assert link([Counted(key, 6) for key in keys], {}, Policy())[1] == []
    assert exposed({keys[0]: 0, keys[1]: None}) == []


# Years


@pytest.mark.parametrize(
    ("least", "most"),
    [
        (RiskMeasure.RAISED, RiskMeasure.ASSESSED),
        (RiskMeasure.LOWERED, RiskMeasure.ASSESSED),
        (RiskMeasure.RAISED_AGAIN_WITHIN_12_MONTHS, RiskMeasure.LOWERED),
        (RiskMeasure.RAISED_AGAIN_WITHIN_6_MONTHS, RiskMeasure.RAISED_AGAIN_WITHIN_12_MONTHS),
    ],
)
def test_both_sides_know_which_counts_of_a_year_hold_others(least: RiskMeasure, most: RiskMeasure) -> None:
    _, known = link([Counted(year(least), 7), Counted(year(most), 9)], {}, Policy())
    assert [(row.low, row.high, len(row.terms)) for row in known] == [(0, None, 2)]
    # A count of 3 would tell that the part is 0 to 3; the rule prints none, but the audit must see it.
    assert exposed({year(least): None, year(most): 3}) == [year(least)]


def test_who_moved_up_was_raised_and_who_moved_down_was_lowered() -> None:
    raised, lowered = year(RiskMeasure.RAISED), year(RiskMeasure.LOWERED)
    assert exposed({moved("low", "high"): None, raised: 3}) == [moved("low", "high")]
    assert exposed({moved("low", "high"): None, lowered: 3}) == []
    assert exposed({moved("high", "low"): None, lowered: 3}) == [moved("high", "low")]
    assert exposed({moved("high", "high"): None, lowered: 3, raised: 3}) == []


@pytest.mark.parametrize(("order", "rows"), [({}, 1), (LEVELS, 3)])
def test_without_the_order_of_the_levels_both_directions_together_are_at_most_both(
    order: dict[str, list[str]], rows: int
) -> None:
    figures = [Counted(moved(*pair), 6) for pair in (("low", "high"), ("high", "low"))]
    figures += [Counted(year(measure), 9) for measure in (RiskMeasure.RAISED, RiskMeasure.LOWERED)]
    assert len(link(figures, {}, Policy(), Told(order))[1]) == rows


def test_overdue_reviews_are_at_most_the_caseload_of_the_day() -> None:
    overdue = moved(ALL_LEVELS, ALL_LEVELS, start=END, measure=RiskMeasure.REVIEW_OVERDUE)
    stood = {caseload(level, day=END): count for level, count in (("low", 3), ("high", 0))}
    assert exposed({**stood, overdue: None}) == [overdue]
    assert len(link([Counted(key, 3) for key in [*stood, overdue]], {}, Policy())[1]) == 1


# What follows from the quarters of a year, and from reviews

DAYS = made.DAYS[made.YEAR_STARTS : made.YEAR_ENDS + 1]


def stock(low: list[int], high: list[int]) -> dict[str, int]:
    """The caseload of the force at the five quarter ends of the year."""
    return {
        caseload(level, FORCE, day): count
        for level, counts in (("low", low), ("high", high))
        for day, count in zip(DAYS, counts, strict=True)
    }


NOBODY_ELSE = {pooled("high", "low"): 0, pooled("high", LEFT): 0}
FLAT, FALLING = [10] * 5, [20, 8, 20, 8, 8]
UP, ASSESSED, OVERDUE = (
    pooled("low", "high"),
    year(RiskMeasure.ASSESSED),
    moved(ALL_LEVELS, ALL_LEVELS, start=END, measure=RiskMeasure.REVIEW_OVERDUE),
)
FOLLOWED: dict[str, tuple[str, dict[str, int], dict[str, int]]] = {
    "all who were followed are the caseload of four days": (
        pooled("low", ALL_LEVELS),
        stock([1, 1, 0, 1, 9], FLAT),
        {UP: 0, pooled("high", "low"): 0},
    ),
    "who is gone by a quarter's end has moved on, although others have come since": (
        UP,
        {**stock(FALLING, [0] * 5), pooled("low", LEFT): 22},
        {**stock(FALLING, [0] * 5), pooled("low", LEFT): 24},
    ),
    "nobody came to a level but from outside, or from another level": (
        UP,
        {**stock(FLAT, [3, 2, 1, 1, 1]), **NOBODY_ELSE, pooled("low", LEFT): 0, pooled("high", LEFT): 3},
        {**stock(FLAT, [3, 2, 1, 1, 9]), **NOBODY_ELSE, pooled("low", LEFT): 0, pooled("high", LEFT): 5},
    ),
    "who had gone from a level by the year's end went in one of its quarters": (
        UP,
        {pooled("low", LEFT): 7, moved("low", LEFT, FORCE): 7, moved("low", "high", FORCE): 2},
        {pooled("low", LEFT): 8, moved("low", LEFT, FORCE): 7, moved("low", "high", FORCE): 2},
    ),
    "no child is raised more than twice in four quarters between two levels": (
        year(RiskMeasure.RAISED, FORCE),
        {UP: 6},
        {UP: 2},
    ),
    "no child moves more than twice for being raised, and for being lowered": (
        year(RiskMeasure.LOWERED, FORCE),
        {UP: 6, pooled("high", "low"): 6, year(RiskMeasure.RAISED, FORCE): 4},
        {UP: 6, pooled("high", "low"): 2, year(RiskMeasure.RAISED, FORCE): 4},
    ),
    "who came in a quarter was assessed": (
        year(RiskMeasure.ASSESSED, FORCE),
        {**stock([10, 10, 13, 13, 13], FLAT), UP: 0, pooled("low", LEFT): 0, **NOBODY_ELSE},
        {**stock([10, 10, 11, 11, 11], FLAT), UP: 0, pooled("low", LEFT): 0, **NOBODY_ELSE},
    ),
    "who came in a year was assessed": (moved(NEW, "low"), {ASSESSED: 3}, {ASSESSED: 5}),
    "who was assessed stands in the table of the year": (
        moved(NEW, LEFT),
        {moved("low", "low"): 6, moved(RETURNING, LEFT): 0, ASSESSED: 9},
        {moved("low", "low"): 6, moved(RETURNING, LEFT): 0, ASSESSED: 7},
    ),
    "who is there without being overdue was assessed": (
        OVERDUE,
        {caseload("low", day=END): 10, ASSESSED: 8},
        {caseload("low", day=END): 10, ASSESSED: 9},
    ),
}


@pytest.mark.parametrize("why", FOLLOWED)
def test_both_sides_know_what_follows(why: str) -> None:
    hidden, telling, silent = FOLLOWED[why]
    assert narrowed({**telling, hidden: None}) == exposed({**telling, hidden: None}) == [hidden]
    assert narrowed({**silent, hidden: None}) == exposed({**silent, hidden: None}) == []


@pytest.mark.parametrize("levels", range(2, 7))
def test_both_sides_count_the_same_moves_of_one_child_at_most(levels: int) -> None:
    one_way, either = _most_moves(levels)
    assert (one_way, one_way, either) == tuple(_times(kind, levels) for kind in ("up", "down", "either"))


@pytest.mark.parametrize("seed", range(2))
def test_what_both_sides_know_is_true_of_what_the_project_counts(seed: int) -> None:
    """Of children who move between authorities, leave and come back, and in every other world change the scheme."""
    schemes = {"old": ["low", "medium", "high"], "new": ["green", "red"]}
    counts = made.counted(seed, schemes, changing=seed % 2 == 1)
    places = made.Places(forces=(2, 2))
    links = audited(counts, frame(places).areas, schemes)
    told = [Statement(links.terms[key], count, count) for key, count in counts.items()]
    told += [Statement(terms, 0, None) for _, terms in links.relations]
    assert not infeasible(System([*told, *(Statement(terms, 0, 0) for _, terms in links.equal)]))
    cells, known = link([Counted(key, count) for key, count in counts.items()], places.members, Policy(), Told(schemes))
    assert len(known) > len(cells) / 4
    assert linked(cells, known) == (cells, known, frozenset())


def test_who_changes_the_scheme_is_assessed_under_both_and_stands_under_the_old() -> None:
    def of(scheme: str, key: str) -> str:
        return key.replace("|scheme|", f"|{scheme}|")

    none = {of(scheme, moved(came, LEFT)): 0 for scheme in ("old", "new") for came in (NEW, RETURNING)}
    counts = {**none, of("old", moved("low", "another scheme")): 7, of("new", moved("another scheme", "low")): 7}
    told: dict[str, int | None] = {**counts, of("old", ASSESSED): 7, of("new", ASSESSED): 7}
    assert narrowed(told) == exposed(told) == []
    hidden = of("old", moved("low", "low"))
    assert narrowed({**told, of("new", ASSESSED): 9, hidden: None}) == [hidden]
    assert exposed({**told, of("new", ASSESSED): 9, hidden: None}) == [hidden]


# Groups


def test_that_all_of_a_level_have_left_is_not_told_by_zeros() -> None:
    zeros = {moved("high", "high"): 0, moved("high", "low"): 0}
    counts = {**zeros, moved("high", LEFT): 9, moved("low", "high"): 8, moved("low", "low"): 30, moved("low", LEFT): 9}
    printed = shown(protected({**counts, caseload("high"): 9, caseload("low"): 47}))
    assert {printed[key] for key in [*zeros, moved("high", LEFT)]} == {None}


def test_the_zeros_of_a_level_at_which_nobody_stands_are_printed() -> None:
    empty = {moved("low", "high"): 0, moved("high", "high"): 0, moved("high", "low"): 0}
    counts = {**empty, moved("high", LEFT): 9, moved("low", "low"): 30, moved("low", LEFT): 9}
    printed = shown(protected(counts))
    assert [printed[moved(before, "high")] for before in ("low", "high")] == [0, 0]
    assert printed[moved("high", "low")] is None


def test_that_nobody_returned_tells_nothing_of_those_who_were_new() -> None:
    printed = shown(protected({moved(NEW, ALL_LEVELS): 9, moved(RETURNING, ALL_LEVELS): 0}))
    assert [*printed.values()] == [9, 0]


# Offences


@pytest.mark.parametrize(
    ("least", "most"),
    [
        ("offence_victims|CSE|victim", "recorded_offences"),
        ("offence_suspects|CSE|person", "recorded_offences"),
        ("group_based_offences|CSE|offence", "recorded_offences"),
        ("position_of_trust_offences|CSE|offence", "recorded_offences"),
        ("repeat_offence_victims|CSE|victim", "offence_victims|CSE|victim"),
        ("offence_victims_with_missing_episodes|CSE|victim", "offence_victims|CSE|victim"),
        ("victims_later_suspects|CSE|person", "offence_victims|CSE|victim"),
        ("repeat_offence_suspects|CSE|person", "offence_suspects|CSE|person"),
        ("offending_groups|CSE|group", "group_based_offences|CSE|offence"),
    ],
)
def test_both_sides_know_which_counts_of_offences_hold_others(least: str, most: str) -> None:
    here = f"{A}|2024-04-01|2025-03-31"
    part = f"demand|own|{least}|{here}"
    whole = f"demand|own|{most}|{here}" if "|" in most else f"breakdowns|own|{most}|CSE|offence|online|all|{here}"
    _, known = link([Counted(part, 7), Counted(whole, 9)], {}, Policy())
    assert [(row.low, row.high, len(row.terms)) for row in known] == [(0, None, 2)]
    assert exposed({part: None, whole: 3}) == [part]
    other = whole.replace("|CSE|", "|CCE|")
    assert exposed({part: None, other: 3}) == []


# By trying everything


@pytest.mark.parametrize("seed", range(6))
def test_every_count_from_1_to_5_is_found_by_trying_all_tables(seed: int) -> None:
    """Of one level and harm: the caseload of two days and the cells between them, of one authority."""
    random = np.random.default_rng(seed)
    here = _summed(dict(zip(PAIRS, random.integers(0, 10, len(PAIRS)).tolist(), strict=True)))
    printed = shown(protected(here))
    possible: dict[str, set[int]] = {key: set() for key, count in printed.items() if count is None}
    # With no printed count above 18, nothing new is possible beyond it.
    choices = [[c] if (c := printed[moved(*pair)]) is not None else range(19) for pair in PAIRS]
    for chosen in product(*choices):
        found = _summed(dict(zip(PAIRS, chosen, strict=True)))
        if all(count in (None, found[key]) for key, count in printed.items()):
            for key in possible:
                possible[key].add(found[key])
    assert all({1, 2, 3, 4, 5} <= possible[key] for key in possible if 1 <= here[key] <= 5)


PAIRS = [("high", "high"), ("high", LEFT), (NEW, "high"), (NEW, LEFT)]


def _summed(cells: Mapping[tuple[str, str], int]) -> dict[str, int]:
    stayed, left, came, gone = (cells[pair] for pair in PAIRS)
    found = {moved(*pair): count for pair, count in cells.items()}
    found |= {moved(NEW, ALL_LEVELS): came + gone, moved(ALL_LEVELS, LEFT): left + gone}
    return found | {caseload("high", day=START): stayed + left, caseload("high", day=END): stayed + came}
