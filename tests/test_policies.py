"""The rules of small counts against the maps that their sources publish, and that ill-fitting rules are refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from needs_assessment.disclosure.policies import PROFILES, Policy, Rounding, nearest

SHARED = Path(__file__).resolve().parents[1].parent / "shared"
MAPS = SHARED / "cases" / "disclosure" / "rounding_maps.json"

COUNTS = range(100)

# What each body prints for the counts from 0: Department for Education, "Children in need", data guidance; NHS Digital,
# change to disclosure control for Hospital Episode Statistics, 2018; OpenSAFELY, "Statistical disclosure control".
# None is the body's own symbol.
PUBLISHED = {
    "dfe": [0, *[None] * 5, 6, 7, 8, 9, 10, 11, 12],
    "nhs": [0, *[None] * 7, *[10] * 5, *[15] * 5, *[20] * 5, *[25] * 5],
    "opensafely": [0, *[None] * 7, *[10] * 5, *[15] * 5, *[20] * 5, *[25] * 5],
    "opensafely-midpoint": [0, *[3] * 6, *[9] * 6, *[15] * 6, *[21] * 6, *[27] * 6],
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_each_profile_prints_what_its_body_prints(name):
    printed = PUBLISHED[name]
    assert [PROFILES[name].shown(count).value for count in range(len(printed))] == printed


@pytest.mark.skipif(not MAPS.exists(), reason="the shared cases are not beside the project")
@pytest.mark.parametrize(
    ("name", "published"),
    [
        ("dfe", "dfe"),
        ("nhs", "nhs"),
        ("opensafely", "opensafely_le7_round5"),
        ("opensafely-midpoint", "midpoint6"),
    ],
)
def test_each_profile_agrees_with_the_whole_shared_map(name, published):
    expected = json.loads(MAPS.read_text(encoding="utf-8"))[published]
    shown = {count: PROFILES[name].shown(int(count)).value for count in expected}
    assert shown == {count: value if isinstance(value, int) else None for count, value in expected.items()}


@pytest.mark.parametrize("wider", [False, True])
@pytest.mark.parametrize(
    "policy", [*PROFILES.values(), Policy("dfe-force", round_wider_to=10, withhold_up_to=5)], ids=str
)
def test_a_figure_stands_for_exactly_the_counts_that_are_printed_as_it(policy, wider):
    for count in COUNTS:
        shown = policy.shown(count, wider=wider)
        same = [other for other in COUNTS if policy.shown(other, wider=wider).value == shown.value]
        if shown.high < COUNTS[-1]:
            assert [*range(shown.low, shown.high + 1)] == same


@pytest.mark.parametrize("policy", PROFILES.values(), ids=PROFILES)
def test_no_profile_prints_a_sensitive_count(policy):
    for count in COUNTS:
        for wider in (False, True):
            shown = policy.shown(count, wider=wider)
            hidden_among_others = shown.low <= 1 and policy.withhold_up_to <= shown.high
            sensitive = 1 <= count <= policy.withhold_up_to
            assert shown.value is None or not sensitive or hidden_among_others


def test_withholding_below_six_does_not_fit_rounding_to_five_which_prints_six_as_five():
    with pytest.raises(ValueError, match="6 would be printed as 5, which is a withheld count") as refused:
        Policy("own", withhold_up_to=5, round_to=5)
    assert str(refused.value) == (
        "the disclosure rule 'own' does not fit together: 6 would be printed as 5, which is a withheld count: "
        "rounding to 5 needs counts up to 7 withheld"
    )


@pytest.mark.parametrize(
    ("most", "base", "needed"),
    # The counts that are printed as a withheld multiple must be withheld too: 6 and 7 as 5, 5 as 4, 7 as 6, 11 to 14
    # as 10; a half goes up.
    [(5, 5, 7), (6, 5, 7), (4, 4, 5), (6, 3, 7), (10, 10, 14)],
)
def test_the_refusal_names_the_least_that_must_be_withheld(most, base, needed):
    with pytest.raises(ValueError, match=f"needs counts up to {needed} withheld"):
        Policy("own", withhold_up_to=most, round_to=base)
    Policy("own", withhold_up_to=needed, round_to=base)


@pytest.mark.parametrize(("most", "base"), [(7, 5), (5, 10), (4, 10), (5, 1)])
def test_pairs_that_print_no_withheld_count_fit(most, base):
    policy = Policy("own", withhold_up_to=most, round_wider_to=base)
    assert all(policy.shown(count, wider=True).value > most for count in range(most + 1, 60))


def test_midpoints_of_runs_shorter_than_the_rule_are_refused():
    with pytest.raises(ValueError, match="midpoints of 3 tell counts up to 5 apart"):
        Policy("own", withhold_up_to=5, round_to=3, rounding=Rounding.MIDPOINT)


def test_every_fault_of_a_rule_is_named_at_once():
    with pytest.raises(ValueError, match="withhold_up_to must be 1 or more; round_wider_to must be 1 or more"):
        Policy("own", withhold_up_to=0, round_wider_to=-1)
    with pytest.raises(ValueError, match=r"7 would be printed as 5, which .* 7 would be printed as 6, which"):
        Policy("own", withhold_up_to=6, round_to=5, round_wider_to=3)


def test_a_half_is_rounded_up_and_not_to_the_even_multiple():
    assert [nearest(count, 10) for count in (4, 5, 14, 15, 24, 25)] == [0, 10, 10, 20, 20, 30]


def test_only_wider_areas_are_rounded_by_the_rule_for_wider_areas():
    policy = Policy("own", round_wider_to=10)
    assert policy.shown(23).value == 23
    assert policy.shown(23, wider=True).value == 20


def test_a_symbol_tells_nothing_unless_zeros_are_always_printed():
    assert Policy().hidden == (0, None)
    assert Policy(zeros_always_printed=True).hidden == (1, None)


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        (
            PROFILES["dfe"],
            "counts from 1 to 5 of sources that are not public are withheld, "
            "and other figures are withheld where one could be worked out from them",
        ),
        (
            PROFILES["nhs"],
            "counts from 1 to 7 of sources that are not public are withheld, "
            "their other counts are to the nearest 5, "
            "and other figures are withheld where one could be worked out from them",
        ),
    ],
    ids=["dfe", "nhs"],
)
def test_a_policy_states_its_rule_in_words(policy, words):
    assert str(policy) == words


def test_midpoints_are_stated_without_a_symbol():
    assert str(PROFILES["opensafely-midpoint"]).startswith(
        "counts of sources that are not public are printed as the middle of each run of 6"
    )


def test_profiles_are_known_by_their_own_names():
    assert {name: policy.name for name, policy in PROFILES.items()} == {name: name for name in PROFILES}
    assert PROFILES["insider-safe"].insiders
    assert not PROFILES["dfe"].insiders
