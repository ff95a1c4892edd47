"""False alarms of the control charts, of each rule and of all together, and what a chart notices.

A false alarm is a signal in a series whose rate never changes. A chart is asked to give one in at most 1 of 20 charts
of whatever length, and a single point to lie outside its limits as seldom as a normal variable lies beyond three
standard deviations.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import product

import numpy as np

from needs_assessment.methods.charts import ControlChart, Rule, choose_chart, g_chart, t_chart, u_chart, xmr_chart
from needs_assessment.methods.rates import FloatArray
from simulations.study import Study

TRIALS = 3_000
CHOSEN_TRIALS = 1_000
BEYOND_THREE = 0.0027
ONE_IN_TWENTY = 0.05
LENGTHS = (6, 8, 12, 24)
MEANS = (0.5, 1, 2, 5, 10, 25, 100)
GAPS = (3, 10, 30, 100)

Series = Callable[[np.random.Generator, int], FloatArray]
Chart = Callable[..., ControlChart]


def counts(mean: float, spread: float, points: int) -> Series:
    """Poisson counts around a mean that itself varies from point to point with this coefficient of variation."""

    def drawn(random: np.random.Generator, trials: int) -> FloatArray:
        shape = 1 / spread**2 if spread else 1.0
        means = mean * random.gamma(shape, 1 / shape, (trials, points)) if spread else np.full((trials, points), mean)
        return random.poisson(means).astype(float)

    return drawn


def gaps(mean: float, spread: float, points: int) -> Series:
    """Whole days between events at a steady rate, or at one that varies from event to event."""

    def drawn(random: np.random.Generator, trials: int) -> FloatArray:
        shape = 1 / spread**2 if spread else 1.0
        means = mean * random.gamma(shape, 1 / shape, (trials, points)) if spread else mean
        return np.floor(random.exponential(means, (trials, points)))

    return drawn


def doubled(series: Series) -> Series:
    """The series of counts with a second helping in its last period."""

    def drawn(random: np.random.Generator, trials: int) -> FloatArray:
        values = series(random, trials)
        values[:, -1] += series(random, trials)[:, -1]
        return values

    return drawn


CHARTS: dict[str, Chart] = {
    "u": partial(u_chart, exposures=1.0, laney=False),
    "u'": partial(u_chart, exposures=1.0),
    "XmR": xmr_chart,
    "g, exact limits": g_chart,
    "g, three standard deviations": partial(g_chart, exact=False),
    "t": t_chart,
}


def any_signal(chart: Chart, series: Series, random: np.random.Generator, trials: int) -> int:
    """In how many trials the chart has a signal."""
    return int((chart(series(random, trials)).signal != "").any(axis=-1).sum())


def last_signal(chart: Chart, series: Series, random: np.random.Generator, trials: int) -> int:
    """In how many trials the last point of the chart is a signal."""
    return int((chart(series(random, trials)).signal[:, -1] != "").sum())


def chosen_signal(series: Series, random: np.random.Generator, trials: int) -> int:
    """In how many trials a chart is chosen and has a signal."""
    values = series(random, trials)
    charted = [choose_chart(row).chart in ("u", "u'") for row in values]
    return int(((u_chart(values, 1.0).signal != "").any(axis=-1) & np.array(charted)).sum())


def _of(name: str, series: Series, situation: str) -> list[Study]:
    """A point outside the limits, and any signal in the chart."""
    outside = partial(CHARTS[name], rules=[Rule.OUTSIDE])
    method = f"{name} chart"
    return [
        Study(
            method,
            "false alarm at a point: outside",
            situation,
            BEYOND_THREE,
            "at most",
            TRIALS,
            partial(last_signal, outside, series),
        ),
        Study(
            method,
            "false alarm in a chart: all rules",
            situation,
            ONE_IN_TWENTY,
            "at most",
            TRIALS,
            partial(any_signal, CHARTS[name], series),
        ),
    ]


def _situation(points: int, mean: float, spread: float, what: str = "mean") -> str:
    return f"{points} points, {what} {mean:g}" + (f", varying by {spread:.0%}" if spread else "")


def _charts_of_counts() -> list[Study]:
    grid = [(mean, 0.0) for mean in MEANS] + [(mean, 0.2) for mean in MEANS if mean >= 5]
    return [
        study
        for name, points, (mean, spread) in [*product(["u'"], LENGTHS, grid), *product(["u", "XmR"], (8, 24), grid)]
        for study in _of(name, counts(mean, spread, points), _situation(points, mean, spread))
    ]


def _charts_of_gaps() -> list[Study]:
    grid = [(mean, 0.0) for mean in GAPS] + [(30, 0.5)]
    names = ("g, exact limits", "g, three standard deviations", "t")
    return [
        study
        for name, points, (mean, spread) in product(names, (8, 24), grid)
        for study in _of(name, gaps(mean, spread, points), _situation(points, mean, spread, "days between"))
    ]


def _rules() -> list[Study]:
    return [
        Study(
            "u' chart",
            f"false alarm in a chart: {rule}",
            _situation(points, mean, 0),
            ONE_IN_TWENTY,
            "at most",
            TRIALS,
            partial(any_signal, partial(CHARTS["u'"], rules=(rule,)), counts(mean, 0, points)),
        )
        for rule, points, mean in product(Rule, (8, 12, 24), (2, 5, 25))
    ]


def _chosen() -> list[Study]:
    grid = [(mean, 0.0) for mean in MEANS] + [(25, 0.2)]
    return [
        Study(
            "choose_chart",
            "false alarm in a chart, where one is drawn",
            _situation(points, mean, spread),
            ONE_IN_TWENTY,
            "at most",
            CHOSEN_TRIALS,
            partial(chosen_signal, counts(mean, spread, points)),
        )
        for points, (mean, spread) in product(LENGTHS, grid)
    ]


def _noticed() -> list[Study]:
    return [
        Study(
            "u' chart",
            "a doubling in the last period is a signal",
            _situation(points, mean, spread),
            0.8,
            "at least",
            TRIALS,
            partial(last_signal, CHARTS["u'"], doubled(counts(mean, spread, points))),
        )
        for points, mean, spread in product((8, 12), (5, 10, 25, 50, 100), (0.0, 0.2))
    ]


STUDIES: list[Study] = [*_charts_of_counts(), *_charts_of_gaps(), *_rules(), *_chosen(), *_noticed()]
