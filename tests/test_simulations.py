from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from simulations import running
from simulations.__main__ import SEED, as_page, as_table, main, write_documents
from simulations.running import module_names, refuse_same_words, studies_of
from simulations.study import Outcome, Study, is_within, outcome

TABLE = Path(__file__).resolve().parents[1] / "docs" / "simulations.csv"


def heads(generator: np.random.Generator, trials: int, *, chance: float = 0.5) -> int:
    return int((generator.random(trials) < chance).sum())


def study(
    situation: str = "a fair coin", nominal: float = 0.5, bound: str = "about", chance: float = 0.5, trials: int = 1_000
) -> Study:
    return Study("Coin", "comes up heads", situation, nominal, bound, trials, partial(heads, chance=chance))


# Studies of known truth


def test_a_study_gives_the_same_outcome_every_time() -> None:
    assert outcome(study(), 7) == outcome(study(), 7)


def test_another_seed_or_other_words_give_other_random_numbers() -> None:
    shares = {outcome(study(), 7).share, outcome(study(), 8).share, outcome(study("another fair coin"), 7).share}
    assert len(shares) == 3


def test_the_random_numbers_of_a_study_are_those_of_its_words_on_every_machine() -> None:
    # zlib.crc32 is fixed by a standard, unlike hash(); 3737252136 is that of "Coin: comes up heads: a fair coin".
    expected = heads(np.random.default_rng([7, 3737252136]), 1_000) / 1_000
    assert outcome(study(), 7).share == expected


def test_the_standard_error_is_that_of_a_share() -> None:
    tried = outcome(study(), 7)
    assert tried.standard_error == pytest.approx(np.sqrt(tried.share * (1 - tried.share) / 1_000))


@pytest.mark.parametrize(
    ("bound", "chance", "within"),
    [
        ("at least", 0.6, True),
        ("at least", 0.5, True),
        ("at least", 0.4, False),
        ("at most", 0.4, True),
        ("at most", 0.5, True),
        ("at most", 0.6, False),
        ("about", 0.5, True),
        ("about", 0.4, False),
        ("about", 0.6, False),
    ],
)
def test_a_share_is_outside_only_beyond_what_is_claimed(bound: str, chance: float, within: bool) -> None:
    assert outcome(study(bound=bound, chance=chance), 7).within is within


@pytest.mark.parametrize(
    ("share", "standard_error", "within"),
    [
        (0.940, 0.001, False),  # beyond by a point and by ten standard errors
        (0.946, 0.001, True),  # by four standard errors, but not by half a point
        (0.930, 0.007, True),  # by two points, but not by three standard errors
    ],
)
def test_a_share_is_outside_only_by_three_standard_errors_and_by_half_a_point(
    share: float, standard_error: float, within: bool
) -> None:
    assert is_within(share, standard_error, study(nominal=0.95, bound="at least")) is within


def test_a_bound_that_is_none_of_the_three_is_refused() -> None:
    with pytest.raises(ValueError, match="bound must be one of at least, at most, about: Coin: comes up heads"):
        outcome(study(bound="roughly"), 7)


def test_more_hits_than_trials_are_refused() -> None:
    wrong = study()._replace(hits=lambda generator, trials: trials + 1)
    with pytest.raises(ValueError, match="hits must be between 0 and the trials"):
        outcome(wrong, 7)


# The runner


@pytest.fixture
def made_up(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[Study]]:
    """Two modules of made-up studies in the place of the project's, run in this process."""

    class Pool:
        def __init__(self, *_: object, **__: object) -> None: ...

        def __enter__(self) -> Pool:
            return self

        def __exit__(self, *_: object) -> None: ...

        map = staticmethod(map)

    modules = {
        "coins": [study(), study("a bent coin", 0.5, "at most", 0.6)],
        "dice": [study("a die", 1 / 6, "about", 1 / 6)],
    }
    monkeypatch.setattr(running, "ProcessPoolExecutor", Pool)
    monkeypatch.setattr(running, "studies_of", modules.__getitem__)
    monkeypatch.setattr("simulations.__main__.module_names", lambda: sorted(modules))
    return modules


def test_the_outcomes_come_in_the_order_of_the_studies(made_up: dict[str, list[Study]]) -> None:
    situations = [tried.situation for tried in running.simulated(["dice", "coins"], 7)]
    assert situations == ["a die", "a fair coin", "a bent coin"]


def test_adding_a_study_changes_no_other(made_up: dict[str, list[Study]]) -> None:
    before = running.simulated(["coins"], 7)
    made_up["coins"].insert(0, study("a new coin"))
    assert running.simulated(["coins", "dice"], 7)[1:3] == before


def test_two_studies_with_the_same_words_are_refused(made_up: dict[str, list[Study]]) -> None:
    made_up["dice"].append(study())
    with pytest.raises(ValueError, match="the same method, claim and situation: Coin: comes up heads: a fair coin"):
        running.simulated(["coins", "dice"], 7)


def test_the_command_prints_the_seed_the_table_and_how_many_are_outside(made_up: dict[str, list[Study]]) -> None:
    printed = CliRunner().invoke(main, ["coins"])
    assert printed.exit_code == 0
    assert f"Seed {SEED}" in printed.output
    assert "a bent coin" in printed.output and "a die" not in printed.output
    assert "Of 2 claims tried, 1 are outside." in printed.output


def test_unknown_names_are_refused_with_those_that_there_are(made_up: dict[str, list[Study]]) -> None:
    refused = CliRunner().invoke(main, ["coins", "cards", "tops"])
    assert refused.exit_code == 2
    assert "no studies named cards, tops; there are: coins, dice" in refused.output


def test_the_tables_are_written_for_every_study_and_the_committed_seed_only(made_up: dict[str, list[Study]]) -> None:
    refused = CliRunner().invoke(main, ["--write", "--seed", "1", "coins"])
    assert refused.exit_code == 2
    assert "--write keeps the seed" in refused.output
    assert "leave the names out" in refused.output


def test_the_help_has_examples() -> None:
    assert "python -m simulations rates charts" in CliRunner().invoke(main, ["--help"]).output


def test_a_process_finds_its_study_by_module_and_place() -> None:
    assert running._outcome_at(("overlap", 1), SEED) == outcome(studies_of("overlap")[1], SEED)


# What is written


def outcomes() -> list[Outcome]:
    return [outcome(study(), 7), outcome(study("a bent coin", 0.5, "at most", 0.6), 7)]


def test_the_written_table_reads_back_as_it_was(tmp_path: Path) -> None:
    table = as_table(outcomes())
    write_documents(table, tmp_path, 7)
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "simulations.csv"), table, check_dtype=False)
    assert list(table) == [
        "method",
        "claim",
        "situation",
        "nominal",
        "bound",
        "trials",
        "share",
        "standard_error",
        "within",
    ]


def test_the_page_marks_what_is_outside_its_claim_in_words() -> None:
    rows = [line for line in as_page(as_table(outcomes()), 7).splitlines() if line.startswith("| comes up heads")]
    assert ["outside its claim" in row for row in rows] == [False, True]


def test_the_page_states_the_seed_and_each_method_once() -> None:
    page = as_page(as_table(outcomes()), 7)
    assert "with the seed 7" in page
    assert page.count("## Coin") == 1
    assert "Of 2 claims tried, 1 are outside." in page


# The committed table


def test_the_committed_table_holds_every_study_and_no_other() -> None:
    committed = pd.read_csv(TABLE)
    words = committed["method"] + ": " + committed["claim"] + ": " + committed["situation"]
    assert list(words) == [each.words for name in module_names() for each in studies_of(name)]


def test_no_two_studies_have_the_same_words() -> None:
    refuse_same_words({name: studies_of(name) for name in module_names()})


@pytest.mark.parametrize("name", ["overlap", "power", "rates"])  # the first study of each takes well under a second
def test_the_committed_table_comes_out_again_with_its_seed(name: str) -> None:
    tried = as_table([outcome(studies_of(name)[0], SEED)]).iloc[0]
    committed = pd.read_csv(TABLE)
    of_study = (committed[["method", "claim", "situation"]] == tried[["method", "claim", "situation"]]).all(axis=1)
    assert committed.loc[of_study, "share"].tolist() == [pytest.approx(tried["share"])]
