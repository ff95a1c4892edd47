"""How large a recording effect would explain a change: Derbyshire's counts, falls, noughts, gaps and properties."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from needs_assessment.methods.change import count_change
from needs_assessment.methods.recording_effect import RecordingEffect, recording_effect

CASE = Path(__file__).resolve().parents[1].parent / "shared" / "cases" / "rate_change" / "poisson_test_R.csv"

counts = st.integers(0, 60)


def of_counts(before: int, after: int, recording: float = 1.0) -> RecordingEffect:
    """The effect for two counts; `recording` times as complete after as before."""
    change = count_change([before], [after], exposure_after=recording)
    return recording_effect(change.rate_ratio, change.lower, change.upper)


def test_derbyshires_rises_are_explained_by_their_ratios_and_are_within_chance_at_the_lower_limits() -> None:
    # Derbyshire, children at high and medium risk, February to November 2018: 8 to 22 and 17 to 34. Ratios and limits
    # as R's poisson.test gives them.
    made = recording_effect([2.75, 2.0], [1.17915413944085, 1.08675668275321], [7.14366666668973, 3.81734240808185])
    assert made.explained_by == pytest.approx([2.75, 2.0])
    assert made.within_chance_at == pytest.approx([1.17915413944085, 1.08675668275321])
    assert made.share_found == pytest.approx([4 / 11, 1 / 2])


@pytest.mark.skipif(not CASE.exists(), reason="needs the worked cases beside the project")
def test_the_worked_changes_are_explained_by_their_ratios_and_clear_only_beyond_the_nearer_limit() -> None:
    with CASE.open(encoding="utf-8") as lines:
        rows = [{name: float(cell) for name, cell in row.items() if cell != "NA"} for row in csv.DictReader(lines)]
    made = recording_effect(*([row[name] for row in rows] for name in ("rr", "lo", "hi")))
    assert (made.explained_by == [row["rr"] for row in rows]).all()
    nearer = [row["lo"] if row["lo"] > 1 else min(row["hi"], 1) for row in rows]
    assert (made.within_chance_at == nearer).all() and sum(near != 1 for near in nearer) == 3


def test_a_fall_is_a_rise_read_backwards() -> None:
    rise, fall = of_counts(8, 22), of_counts(22, 8)
    assert fall.explained_by == pytest.approx(1 / rise.explained_by)
    assert fall.within_chance_at == pytest.approx(1 / rise.within_chance_at) and fall.within_chance_at < 1
    assert fall.share_found == pytest.approx(rise.share_found)


def test_no_factor_explains_something_out_of_nothing() -> None:
    few, many, gone = of_counts(0, 5), of_counts(0, 9), of_counts(9, 0)
    assert (few.explained_by, few.within_chance_at, few.share_found) == (np.inf, 1, 0)
    assert many.explained_by == np.inf and many.within_chance_at == count_change(0, 9).lower > 1
    assert (gone.explained_by, gone.share_found) == (0, 0) and gone.within_chance_at == count_change(9, 0).upper < 1


def test_where_nothing_happened_there_is_nothing_to_explain() -> None:
    made = of_counts(0, 0)
    assert np.isnan(made.explained_by) and np.isnan(made.share_found) and made.within_chance_at == 1


def test_a_missing_change_has_missing_factors_and_hides_no_other() -> None:
    made = recording_effect([np.nan, 2.0, 2.0], [np.nan, 1.5, np.nan], [np.nan, 3.0, 3.0])
    assert np.isnan([figures[0] for figures in made]).all()
    assert [figures[1] for figures in made] == [2.0, 1.5, 0.5]
    assert np.isnan(made.within_chance_at[2])


@settings(max_examples=40, deadline=None)
@given(counts, counts)
def test_the_change_is_clear_until_the_factor_and_not_from_it_on(before: int, after: int) -> None:
    factor = float(of_counts(before, after).within_chance_at[0])
    if factor == 1:
        change = count_change(before, after)
        assert change.lower <= 1 <= change.upper
        return
    # So much more complete a recording is so much more exposure.
    short, enough = (factor**share for share in (0.99, 1.01))
    assert of_counts(before, after, short).within_chance_at != 1
    assert of_counts(before, after, enough).within_chance_at == 1


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 60), st.integers(1, 60))
def test_what_is_left_of_a_change_that_is_explained_is_none(before: int, after: int) -> None:
    made = of_counts(before, after)
    assert of_counts(before, after, float(made.explained_by[0])).explained_by == pytest.approx([1])
    assert 0 < made.share_found[0] <= 1
    between = sorted([1, float(made.explained_by[0])])
    assert between[0] <= made.within_chance_at[0] <= between[1]


def test_what_no_change_could_be_is_refused() -> None:
    with pytest.raises(ValueError, match=r"must be 0 or more \(position 1\)"):
        recording_effect([2.0, 2.0], [1.0, -1.0], [3.0, 3.0])
    with pytest.raises(ValueError, match=r"within its limits \(position 0, 1\)"):
        recording_effect([2.0, 0.5, 1.0], [2.5, 0.6, 1.0], [3.0, 3.0, 1.0])
