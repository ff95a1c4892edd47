"""What a control chart is, and the rules by which a point of it is a signal."""

from __future__ import annotations

from collections.abc import Callable, Collection
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from needs_assessment.methods.rates import FloatArray

FEWEST_POINTS = 6
"""A stretch with fewer points has an average but no limits and no signals."""

TRIAL_BELOW = 12
"""Limits that rest on fewer points are trial limits: they will move as points are added."""

RUN = 7
"""Points in a row that make a run or a trend."""

BoolArray = NDArray[np.bool_]


class Rule(StrEnum):
    """The rules, in the words that a reader sees; where a point breaks several, the first of these is named."""

    OUTSIDE = "outside the usual range"
    TWO_OF_THREE = "two of three points near the same limit"
    RUN = "seven in a row on one side of the average"
    TREND = "seven in a row rising or falling"


class ControlChart(NamedTuple):
    """The points of a chart with its centre line and limits, all of the input's shape; time runs along the last axis.

    `plotted`, `centre` and the limits are in the unit plotted and missing where they are not known; the near limits
    stand two thirds of the way from the centre to the limits. `signal` holds the words of a `Rule`, or is empty.
    `trial` is true where the limits rest on fewer than 12 points.
    """

    plotted: FloatArray
    centre: FloatArray
    lower: FloatArray
    upper: FloatArray
    near_lower: FloatArray
    near_upper: FloatArray
    signal: NDArray[np.object_]
    trial: BoolArray


def with_signals(chart: ControlChart, stretches: NDArray[np.int_], rules: Collection[Rule]) -> ControlChart:
    """The chart with the words of the rule that each point breaks; every point of a run is marked, as the NHS does.

    `stretches` numbers the stretches of the chart. Nothing is joined across a gap, from one stretch to the next, or
    where there are no limits.
    """
    charted = ~np.isnan(chart.plotted) & ~np.isnan(chart.upper)
    joined = charted[..., 1:] & charted[..., :-1] & (np.diff(stretches, axis=-1) == 0)
    signal = np.full(chart.plotted.shape, "", dtype=object)
    for rule in reversed(Rule):
        if rule in rules:
            signal[_BROKEN_AT[rule](chart, joined)] = str(rule)
    return chart._replace(signal=signal)


def _clear(high: FloatArray, low: FloatArray) -> BoolArray:
    """Whether one lies above the other by more than rounding: points that are all alike are no run."""
    return np.asarray((high > low) & ~np.isclose(high, low, rtol=1e-9, atol=1e-12))


def _outside(chart: ControlChart, joined: BoolArray) -> BoolArray:
    return _clear(chart.plotted, chart.upper) | _clear(chart.lower, chart.plotted)


def _two_of_three(chart: ControlChart, joined: BoolArray) -> BoolArray:
    above, below = _clear(chart.plotted, chart.near_upper), _clear(chart.near_lower, chart.plotted)
    return _close_pairs(above, joined) | _close_pairs(below, joined)


def _close_pairs(beyond: BoolArray, joined: BoolArray) -> BoolArray:
    """The points that lie beyond next to another that does, or with a single point between them."""
    found = np.zeros_like(beyond)
    for apart in (1, 2):
        pair = beyond[..., apart:] & beyond[..., :-apart] & _all_of(joined, apart)
        found[..., apart:] |= pair
        found[..., :-apart] |= pair
    return found


def _run(chart: ControlChart, joined: BoolArray) -> BoolArray:
    above, below = _clear(chart.plotted, chart.centre), _clear(chart.centre, chart.plotted)
    return _long_runs(above, joined) | _long_runs(below, joined)


def _long_runs(beyond: BoolArray, joined: BoolArray) -> BoolArray:
    return _points_of(_all_of(beyond, RUN) & _all_of(joined, RUN - 1), beyond.shape)


def _trend(chart: ControlChart, joined: BoolArray) -> BoolArray:
    earlier, later = chart.plotted[..., :-1], chart.plotted[..., 1:]
    rising, falling = _clear(later, earlier) & joined, _clear(earlier, later) & joined
    trends = _all_of(rising, RUN - 1) | _all_of(falling, RUN - 1)
    return _points_of(trends, chart.plotted.shape)


def _all_of(true: BoolArray, length: int) -> BoolArray:
    """Whether each `length` neighbours along the last axis are all true: shorter than the input by `length` - 1."""
    if true.shape[-1] < length:
        return np.zeros((*true.shape[:-1], 0), dtype=bool)
    return np.asarray(sliding_window_view(true, length, axis=-1).all(axis=-1))


def _points_of(runs: BoolArray, shape: tuple[int, ...]) -> BoolArray:
    """The points that belong to any run, from the runs' first points."""
    found = np.zeros(shape, dtype=bool)
    for place in range(RUN):
        found[..., place : place + runs.shape[-1]] |= runs
    return found


_BROKEN_AT: dict[Rule, Callable[[ControlChart, BoolArray], BoolArray]] = {
    Rule.OUTSIDE: _outside,
    Rule.TWO_OF_THREE: _two_of_three,
    Rule.RUN: _run,
    Rule.TREND: _trend,
}
