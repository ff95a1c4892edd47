"""Multiple-systems estimation: how many people are on no list, by log-linear models of three lists or more."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.stats import norm, poisson
from statsmodels.genmod.families import Poisson
from statsmodels.genmod.generalized_linear_model import GLM, GLMResults
from statsmodels.tools.sm_exceptions import PerfectSeparationWarning

from needs_assessment.methods.overlap.lists import CaptureTable, Pair
from needs_assessment.methods.rates import FloatArray, refuse

THRESHOLD = 0.02
"""A pair enters the model below this p-value, as in the published estimate for the United Kingdom."""

AIC_MARGIN = 2.0
"""Models within this much of the chosen one's criterion are about as well supported (Burnham and Anderson 2002)."""

MOST_MODELS = 3_000
SMALLEST = 1e-6


class ModelEstimate(NamedTuple):
    """What one model says: people on any list or none, with limits of chance alone, and Akaike's criterion."""

    pairs: tuple[Pair, ...]
    total: float
    lower: float
    upper: float
    aic: float


class PopulationEstimate(NamedTuple):
    """The chosen model's estimate beside those of every model that is about as well supported.

    `seen` people are on at least one list; `lowest` and `highest` are the extreme totals of `models` acceptable
    models. `searched` is false where there were too many models to try them all, and the two may lie further out.
    """

    seen: int
    total: float
    lower: float
    upper: float
    pairs: tuple[Pair, ...]
    models: int
    lowest: float
    highest: float
    searched: bool


class _Design(NamedTuple):
    matrix: FloatArray
    counts: FloatArray
    kept: NDArray[np.bool_]
    empty: int


def population_estimate(
    table: CaptureTable, *, threshold: float = THRESHOLD, confidence: float = 0.95
) -> PopulationEstimate:
    """The number of people on any list or none, by the model that a stepwise search chooses, beside its alternatives.

    The limits allow for chance and for nothing else: not for the choice of the model, not for people who can be on no
    list, not for dependence of three lists together, not for matching errors. Never quote it without `lowest` and
    `highest`, and never for one area.

    Raises ValueError where the estimate does not exist or cannot be told from the figures.

    Source: Bales, Hesketh and Silverman (2015), Significance 12(3), 16-21; Chan, Silverman and Vincent (2021), Journal
    of the American Statistical Association 116, 1297-1306.
    """
    chosen = model_estimate(table, chosen_pairs(table, threshold=threshold), confidence=confidence)
    acceptable, searched = _acceptable(table, chosen)
    totals = [model.total for model in acceptable]
    return PopulationEstimate(table.seen, *chosen[1:4], chosen.pairs, len(totals), min(totals), max(totals), searched)


def chosen_pairs(table: CaptureTable, *, threshold: float = THRESHOLD) -> tuple[Pair, ...]:
    """The pairs of lists whose dependence the model needs, in the order in which a forward search adds them.

    From the lists alone, the pair is added whose overlap is least likely under the model so far (one-sided Poisson
    p-value), while that is below the threshold and the model with it can be estimated.

    Raises ValueError where not even the model of the lists alone can be estimated.

    Source: as `population_estimate`.
    """
    pairs: tuple[Pair, ...] = ()
    _refuse_inestimable(table, pairs)
    while True:
        probabilities = _overlap_probabilities(table, pairs)
        unlikely = sorted((p, place) for place, p in enumerate(probabilities) if p < threshold)
        candidates = ((*pairs, table.pairs[place]) for _, place in unlikely if table.pairs[place] not in pairs)
        larger = next((model for model in candidates if not why_no_estimate(table, model)), None)
        if larger is None:
            return pairs
        pairs = larger


def model_estimate(table: CaptureTable, pairs: Sequence[Pair] = (), *, confidence: float = 0.95) -> ModelEstimate:
    """The estimate of one model: the lists, and the dependence of the pairs that are named.

    A Poisson log-linear model (statsmodels) whose intercept is the logarithm of the people on no list; its limits are
    symmetric on that scale. A pair without common people has an effect of minus infinity: its combinations are left
    out, and the effect is counted in Akaike's criterion.

    Raises ValueError for a pair of unknown lists, and where the estimate does not exist or cannot be told from the
    figures.

    Source: as `population_estimate`.
    """
    _refuse_inestimable(table, pairs)
    return _estimate(table, tuple(pairs), confidence)


def why_no_estimate(table: CaptureTable, pairs: Sequence[Pair] = ()) -> str:
    """Why a model has no estimate, in words; empty where it has one.

    The estimate exists where some positive expected counts have the model's observed totals, which linear programming
    decides; it is identifiable where the columns of the model are independent.

    Source: Fienberg and Rinaldo (2012), Annals of Statistics 40, 996-1023; Chan, Silverman and Vincent (2021).
    """
    design = _design(table, pairs)
    reasons = []
    if _largest_smallest_count(design) < SMALLEST:
        reasons.append("the maximum likelihood estimate does not exist: some list or overlap has too few people")
    if np.linalg.matrix_rank(design.matrix) < design.matrix.shape[1]:
        reasons.append("the estimate is not identifiable: the model has more unknowns than the figures can tell apart")
    return "; ".join(reasons)


def _refuse_inestimable(table: CaptureTable, pairs: Sequence[Pair]) -> None:
    known = {pair for one, other in table.pairs for pair in ((one, other), (other, one))}
    refuse(("pairs must be of two of the lists", np.array([pair not in known for pair in pairs])))
    reason = why_no_estimate(table, pairs)
    if reason:
        raise ValueError(f"no estimate can be given: {reason}")


def _design(table: CaptureTable, pairs: Iterable[Pair]) -> _Design:
    kept = np.ones(len(table.counts), dtype=bool)
    columns, empty = [kept.astype(float), *table.histories.T.astype(float)], 0
    for both in map(table.on_both, pairs):
        if table.counts[both].any():
            columns.append(both.astype(float))
        else:
            kept, empty = kept & ~both, empty + 1
    return _Design(np.column_stack(columns)[kept], table.counts[kept], kept, empty)


def _largest_smallest_count(design: _Design) -> float:
    """How large the smallest expected count can be while every total of the model is as observed."""
    cells, totals = len(design.counts), design.matrix.T @ design.counts
    solution = linprog(
        np.append(np.zeros(cells), -1),
        A_eq=np.column_stack([design.matrix.T, np.zeros(len(totals))]),
        b_eq=totals,
        A_ub=np.column_stack([-np.eye(cells), np.ones(cells)]),
        b_ub=np.zeros(cells),
        method="highs",
    )
    return -float(solution.fun)


def _fitted(design: _Design) -> GLMResults:
    # A model that meets every count is no fault here, since existence is decided by linear programming; statsmodels
    # warns of it, and divides by the freedom that it leaves for a figure that is not used.
    with warnings.catch_warnings(), np.errstate(divide="ignore", invalid="ignore"):
        warnings.simplefilter("ignore", PerfectSeparationWarning)
        return GLM(design.counts, design.matrix, family=Poisson()).fit()


def _overlap_probabilities(table: CaptureTable, pairs: Sequence[Pair]) -> FloatArray:
    """The smaller one-sided Poisson probability of each pair's overlap under a model."""
    design = _design(table, pairs)
    expected = np.zeros(len(table.counts))
    expected[design.kept] = _fitted(design).fittedvalues
    held = np.array([table.on_both(pair) for pair in table.pairs])
    observed, mean = held @ table.counts, held @ expected
    return np.minimum(poisson.cdf(observed, mean), poisson.sf(observed - 1, mean))


def _estimate(table: CaptureTable, pairs: tuple[Pair, ...], confidence: float) -> ModelEstimate:
    design = _design(table, pairs)
    fit = _fitted(design)
    spread = norm.isf((1 - confidence) / 2) * fit.bse[0]
    total, lower, upper = (table.seen + float(np.exp(fit.params[0] + step)) for step in (0, -spread, spread))
    return ModelEstimate(pairs, total, lower, upper, float(fit.aic) + 2 * design.empty)


def _acceptable(table: CaptureTable, chosen: ModelEstimate) -> tuple[list[ModelEstimate], bool]:
    """The models about as well supported as the chosen one that single pairs, added or dropped, lead to from it."""
    tried, accepted = {frozenset(chosen.pairs)}, [chosen]
    for model in accepted:  # the list grows while it is walked: each acceptable model leads to further ones
        for pairs in (frozenset(model.pairs) ^ {pair} for pair in table.pairs):
            if pairs in tried:
                continue
            if len(tried) >= MOST_MODELS:
                return accepted, False
            tried.add(pairs)
            accepted += _if_acceptable(table, pairs, chosen.aic + AIC_MARGIN)
    return accepted, True


def _if_acceptable(table: CaptureTable, pairs: frozenset[Pair], most: float) -> list[ModelEstimate]:
    model = _estimate(table, tuple(pair for pair in table.pairs if pair in pairs), 0.95)
    # The linear programme takes longer than the fit, so it is asked only of a model that fits well enough.
    return [model] if model.aic <= most and not why_no_estimate(table, model.pairs) else []
