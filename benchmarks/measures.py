"""How long each measure takes for all authorities and years at once, beside what a user would do instead: a Python loop
over authorities with calls of scipy and statsmodels one by one.

Run from the project folder, with nothing else running: `.venv/bin/python benchmarks/measures.py [--areas 20]`.
Both ways start from the same made-up counts of 153 authorities and 8 years (153 and 32 quarters for seasons), in one
run. The loops are timed on some authorities and scaled up; they are what one would write by hand, often plainer than
the measures and without their refusals, reasons and missing counts. Read the ratios, not the seconds.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import brentq, linprog
from scipy.stats import binomtest, chi2, gamma, nbinom, poisson
from statsmodels.genmod.families import Poisson
from statsmodels.genmod.generalized_linear_model import GLM
from statsmodels.stats.meta_analysis import combine_effects
from statsmodels.stats.proportion import proportion_confint
from statsmodels.tsa.exponential_smoothing.ets import ETSModel

from needs_assessment.methods import overlap
from needs_assessment.methods.change import count_change, usual_change_limits
from needs_assessment.methods.charts import u_chart, xmr_chart
from needs_assessment.methods.forecast import backtest, forecast
from needs_assessment.methods.funnel import (
    chance_limits,
    dispersion,
    funnel_limits,
    gamma_limits,
    prediction_from_group,
)
from needs_assessment.methods.pooling import pooled_rate
from needs_assessment.methods.power import detectable_ratio
from needs_assessment.methods.rates import proportion_with_limits, rate_with_limits
from needs_assessment.methods.season import seasonal_ratios
from needs_assessment.methods.standardised import directly_standardised_rate
from needs_assessment.methods.trend import trend

SEED, AREAS, YEARS, QUARTERS, NEIGHBOURS, BANDS = 20251122, 153, 8, 32, 10, 4
LOWER, UPPER = 0.025, 0.975

Figures = NDArray[np.float64]


class Made(NamedTuple):
    """Made-up counts of authorities that differ by more than chance, and what they are counted over."""

    counts: Figures
    children: Figures
    totals: Figures
    banded: Figures
    quarterly: Figures
    neighbours: NDArray[np.int64]
    overlaps: Figures


class Measure(NamedTuple):
    """A measure of all authorities at once, and of one authority as a loop would have it."""

    name: str
    whole: Callable[[Made], object]
    one: Callable[[Made, int], object]


def made_up(generator: np.random.Generator) -> Made:
    children = np.round(generator.lognormal(11, 0.6, (AREAS, 1))) * np.ones((1, YEARS))
    rates = generator.gamma(2.5, 4e-4, (AREAS, 1))
    counts = generator.poisson(rates * children).astype(float)
    banded = generator.poisson(rates[..., None] * children[..., None] / BANDS, (AREAS, YEARS, BANDS)).astype(float)
    quarterly = generator.poisson(rates * children[:, :1] / 4, (AREAS, QUARTERS)).astype(float)
    neighbours = np.argsort(generator.random((AREAS, AREAS)), axis=1)[:, :NEIGHBOURS]
    people = generator.poisson(10, (AREAS, YEARS, 7)).astype(float)
    return Made(counts, children, counts * 3 + 1, banded, quarterly, neighbours, people)


ON = np.array([[number >> position & 1 for position in range(3)] for number in range(1, 8)])


def sizes_and_overlaps(people: Figures) -> tuple[Figures, Figures]:
    return people @ ON, np.einsum("...c,ca,cb->...ab", people, ON, ON)


# One authority, as a loop would have it


def one_rate(made: Made, area: int) -> object:
    cells = zip(made.counts[area], made.children[area], strict=True)
    return [(chi2.ppf(LOWER, 2 * x) / 2 / n, chi2.ppf(UPPER, 2 * x + 2) / 2 / n) for x, n in cells]


def one_proportion(made: Made, area: int) -> object:
    cells = zip(made.counts[area], made.totals[area], strict=True)
    return [proportion_confint(x, n, method="wilson") for x, n in cells]


def one_standardised(made: Made, area: int) -> object:
    weights, results = np.full(BANDS, 1 / BANDS), []
    for events, children in zip(made.banded[area], made.children[area], strict=True):
        crude, scale = events.sum(), np.sqrt((weights**2 * events).sum() / events.sum()) if events.sum() else 0
        limits = chi2.ppf(LOWER, 2 * crude) / 2, chi2.ppf(UPPER, 2 * crude + 2) / 2
        value = (weights * events / (children / BANDS)).sum()
        results.append([value + scale * (limit - crude) / (children / BANDS) for limit in limits])
    return results


def one_change(made: Made, area: int) -> object:
    pairs = zip(made.counts[area, :-1].astype(int), made.counts[area, 1:].astype(int), strict=True)
    tests = [binomtest(after, before + after, 0.5) for before, after in pairs if before + after]
    return [(test.pvalue, test.proportion_ci(method="exact")) for test in tests]


def one_usual_change(made: Made, area: int) -> object:
    results = []
    for before in made.counts[area, :-1] + 1:
        shape = 1 / (0.09 + 1 / before)
        results.append([nbinom.ppf(tail, shape, shape / (shape + before)) for tail in (LOWER, UPPER)])
    return results


def one_detectable(made: Made, area: int) -> object:
    return [detectable_rise(float(mean)) for mean in made.children[area] * 1e-3]


def detectable_rise(mean: float) -> float:
    noticed = poisson.isf(LOWER, mean) + 1  # the fewest events that exact limits place above the mean
    return float(brentq(lambda ratio: poisson.sf(noticed - 1, mean * ratio) - 0.8, 1, 100))


def one_spread(made: Made, area: int) -> object:
    rates = made.counts.sum(axis=0) / made.children.sum(axis=0)
    return [
        (made.counts[area, year] / made.children[area, year] - rate) / np.sqrt(rate / made.children[area, year])
        for year, rate in enumerate(rates)
    ]


def one_chance_limit(made: Made, area: int) -> object:
    return [(poisson.ppf(LOWER, mean), poisson.ppf(UPPER, mean)) for mean in made.children[area] * 1e-3]


def one_gamma_limit(made: Made, area: int) -> object:
    chances = [1 / (1 + mean / 2.5) for mean in made.children[area] * 1e-3]
    return [(nbinom.ppf(LOWER, 2.5, chance), nbinom.ppf(UPPER, 2.5, chance)) for chance in chances]


def one_group(made: Made, area: int) -> list[tuple[float, float]]:
    """The pooled rate and the variance between the neighbours, by Paule and Mandel, year by year."""
    members, results = made.neighbours[area], []
    for year in range(YEARS):
        events, children = made.counts[members, year], made.children[members, year]
        by_chance = np.maximum(events.sum() / children.sum(), 1e-9) / children
        combined = combine_effects(events / children, by_chance, method_re="pm")
        results.append((float(combined.mean_effect_re), float(combined.tau2)))
    return results


def one_prediction(made: Made, area: int) -> object:
    limits = []
    for (rate, between), children in zip(one_group(made, area), made.children[area], strict=True):
        shape = rate**2 / max(between, 1e-12)
        limits.append([nbinom.ppf(tail, shape, shape / (shape + rate * children)) for tail in (LOWER, UPPER)])
    return limits


def one_pooled(made: Made, area: int) -> object:
    limits = []
    for year, (rate, between) in enumerate(one_group(made, area)):
        shape, scale = rate**2 / max(between, 1e-12), max(between, 1e-12) / rate
        after = shape + made.counts[area, year], 1 / (1 / scale + made.children[area, year])
        limits.append([gamma.ppf(tail, after[0], scale=after[1]) for tail in (LOWER, UPPER)])
    return limits


def one_chart(made: Made, area: int) -> object:
    rates = pd.Series(made.counts[area] / made.children[area])
    centre, error = made.counts[area].sum() / made.children[area].sum(), 1 / np.sqrt(made.children[area])
    deviations = (rates - centre) / (error * np.sqrt(max(centre, 1e-12)))
    width = 3 * max(deviations.diff().abs().mean() / 1.128, 1) * error * np.sqrt(centre)
    above = rates > centre
    return rates.gt(centre + width), rates.lt(centre - width), above.rolling(7).sum().isin([0, 7])


def one_individuals_chart(made: Made, area: int) -> object:
    values = pd.Series(made.counts[area])
    centre, width = values.mean(), 2.66 * values.diff().abs().mean()
    return values.gt(centre + width), values.lt(centre - width), values.gt(centre).rolling(7).sum().isin([0, 7])


def one_trend(made: Made, area: int) -> object:
    design = np.column_stack([np.ones(YEARS), np.arange(YEARS)])
    model = GLM(made.counts[area], design, family=Poisson(), exposure=made.children[area])
    return model.fit(scale="X2").conf_int()


def one_forecast(made: Made, area: int) -> object:
    return smoothed(made.counts[area])


def smoothed(counts: Figures) -> object:
    fitted = ETSModel(pd.Series(counts), error="add").fit(disp=False)
    return fitted.get_prediction(start=len(counts), end=len(counts) + 1).pred_int(alpha=0.05)


def one_backtest(made: Made, area: int) -> object:
    return [smoothed(made.counts[area, :origin]) for origin in range(5, YEARS)]


def one_season(made: Made, area: int) -> object:
    quarters = np.arange(QUARTERS)
    design = np.column_stack([np.ones(QUARTERS), quarters / 4, *(quarters % 4 == season for season in (1, 2, 3))])
    return GLM(made.quarterly[area], design.astype(float), family=Poisson()).fit(scale="X2").conf_int()


def one_bounds(made: Made, area: int) -> object:
    matrix = np.vstack([ON.T, [ON[:, a] * ON[:, b] for a, b in ((0, 1), (0, 2), (1, 2))]])
    stated = made.overlaps[area] @ matrix.T
    return [linprog(sense * np.ones(7), A_eq=matrix, b_eq=row).fun for row in stated for sense in (1, -1)]


# All authorities at once


def of_neighbours(made: Made) -> tuple[Figures, Figures]:
    """Counts and children of each authority's neighbours: authorities, years, neighbours."""
    return made.counts[made.neighbours].swapaxes(1, 2), made.children[made.neighbours].swapaxes(1, 2)


def whole_funnel(made: Made) -> object:
    spread = dispersion(made.counts.T, made.children.T)
    return funnel_limits(made.children.T, spread.target[:, None], spread.tau[:, None])


def whole_seasons(made: Made) -> object:
    quarters = np.arange(QUARTERS)
    return [seasonal_ratios(row, np.ones(QUARTERS), quarters % 4, quarters / 4) for row in made.quarterly]


def whole_usual_change(made: Made) -> object:
    exposures = {"exposure_before": made.children[:, :-1], "exposure_after": made.children[:, 1:]}
    return usual_change_limits(made.counts[:, :-1], made.counts[:, 1:], **exposures, centre=0.0, spread=0.3)


YEAR_NUMBERS = np.arange(float(YEARS))

MEASURES = [
    Measure("rates with limits", lambda made: rate_with_limits(made.counts, made.children), one_rate),
    Measure("proportions", lambda made: proportion_with_limits(made.counts, made.totals), one_proportion),
    Measure(
        "directly standardised rates",
        lambda made: directly_standardised_rate(
            made.banded, made.children[..., None] / BANDS * np.ones(BANDS), np.ones(BANDS)
        ),
        one_standardised,
    ),
    Measure("changes, exact", lambda made: count_change(made.counts[:, :-1], made.counts[:, 1:]), one_change),
    Measure("usual range of changes", whole_usual_change, one_usual_change),
    Measure("smallest noticeable ratios", lambda made: detectable_ratio(made.children * 1e-3), one_detectable),
    Measure("funnel, with its spread", whole_funnel, one_spread),
    Measure("funnel limits by chance", lambda made: chance_limits(made.children, 1e-3), one_chance_limit),
    Measure("funnel limits, gamma", lambda made: gamma_limits(made.children, 1e-3, 6e-4), one_gamma_limit),
    Measure(
        "expected from neighbours",
        lambda made: prediction_from_group(
            *(side.reshape(-1, NEIGHBOURS) for side in of_neighbours(made)), made.children.ravel()
        ),
        one_prediction,
    ),
    Measure(
        "partial pooling",
        lambda made: pooled_rate(
            made.counts.ravel(),
            made.children.ravel(),
            tuple(side.reshape(-1, NEIGHBOURS) for side in of_neighbours(made)),
        ),
        one_pooled,
    ),
    Measure("control charts, u'", lambda made: u_chart(made.counts, made.children), one_chart),
    Measure("control charts, XmR", lambda made: xmr_chart(made.counts), one_individuals_chart),
    Measure("trends", lambda made: trend(made.counts, made.children, YEAR_NUMBERS), one_trend),
    Measure("usual variation and forecasts", lambda made: forecast(made.counts, made.children, 2), one_forecast),
    Measure("back-tests", lambda made: backtest(made.counts, made.children, 2), one_backtest),
    Measure("seasons (quarters, one by one)", whole_seasons, one_season),
    Measure("bounds of overlapping lists", lambda made: overlap.bounds(*sizes_and_overlaps(made.overlaps)), one_bounds),
]


def seconds(work: Callable[[], object], repeats: int = 1) -> float:
    """The shortest of some runs."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def measured(measure: Measure, made: Made, areas: int) -> tuple[float, float]:
    """Seconds of a measure for all authorities, at once and in a loop."""
    whole = seconds(lambda: measure.whole(made), repeats=3)
    loop = seconds(lambda: [measure.one(made, area) for area in range(areas)])
    return whole, loop * AREAS / areas


def main() -> None:
    """Measures each in both ways and names the slowest."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--areas", type=int, default=20, help="how many authorities the loops are timed on (default: 20)"
    )
    areas = min(max(parser.parse_args().areas, 1), AREAS)
    made = made_up(np.random.default_rng(SEED))
    print(f"{AREAS} authorities x {YEARS} years, seed {SEED}; loops timed on {areas} authorities and scaled up")
    print(f"{'':<32}{'at once':>12}{'in a loop':>12}{'ratio':>9}")
    times = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the loops' fits of a few small counts complain
        for measure in MEASURES:
            times[measure.name] = whole, loop = measured(measure, made, areas)
            print(f"{measure.name:<32}{whole * 1000:9.1f} ms{loop * 1000:9.0f} ms{loop / whole:8.0f}x", flush=True)
    slowest = max(times, key=lambda name: times[name][0])
    wholes, loops = (sum(pair[side] for pair in times.values()) for side in (0, 1))
    print(f"{'all measures':<32}{wholes * 1000:9.1f} ms{loops * 1000:9.0f} ms{loops / wholes:8.0f}x")
    print(f"the slowest at once is {slowest}: {times[slowest][0] * 1000:.0f} ms")


if __name__ == "__main__":
    main()
