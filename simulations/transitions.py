"""Do limits of rates and chances hold the truth, on tables like those of the reports and on what breaks the model?"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import NamedTuple

import numpy as np

from needs_assessment.methods.transitions import (
    Panel,
    Prior,
    draw_rates,
    fit_panel,
    known_end,
    move_rates,
    pearson_fit,
    probabilities,
    rate_limits,
    reached_within,
    time_in_state,
)
from needs_assessment.synthetic.assumptions import (
    FIRST_REVIEW_DAYS,
    FIRST_REVIEW_SPREAD,
    LEVEL_WEIGHTS,
    REVIEW_INTERVAL_DAYS,
    REVIEW_INTERVAL_SHAPE,
    TRANSITIONS_PER_YEAR,
)
from simulations.study import Study

LEVELS, LEFT = list(TRANSITIONS_PER_YEAR), 3
MOVES = np.array([[TRANSITIONS_PER_YEAR[level].get(end, 0.0) for end in (*LEVELS, "left")] for level in LEVELS])
TRUE = np.vstack([MOVES, np.zeros(LEFT + 1)]) - np.diag([*MOVES.sum(axis=1), 0.0])
"""Moves a year between low, medium, high and left: those of the project's synthetic records."""

ALLOWED = TRUE > 0
SHARES = np.array([0.45, 0.34, 0.21])
"""Of all who stood at a level at the starts of the quarters, by level."""

QUARTER, DAYS = 0.25, 365.25
WITHHELD, ONE_MORE = 5, 0.2
"""Cells of 1 to 5 are withheld; in this share of tables that have one, the smallest of the other cells is too."""

SIZES, TRIALS, FEW, DRAWS = (150, 300, 600, 1200), 300, 100, 400
LEAST = 100
"""Fewer children-quarters are given no model in a release."""

RATES, STAYS, RAISED = "rates", "mean stays", "chances of a raised level within 12 months"
CHANCES = {months: f"chances after {months} months" for months in (3, 6, 12)}
LEAD_IN = 6.0
"""Years of referrals before the first quarter end, so that the caseload has settled."""

Held = dict[str, np.ndarray]


class World(NamedTuple):
    """Children followed for a quarter each, four quarters together, and how they are seen.

    `seen` is `in full`, `withheld` (cells of 1 to 5, and sometimes a further one), `untold` (the same, their size not
    used), `shown` (withheld, and the level on each day is that of the latest review) or `irregular` (each child at a
    date of its own, all cells known).
    """

    children: int
    seen: str

    def panel(self, generator: np.random.Generator) -> Panel:
        """The panel of one trial."""
        if self.seen == "irregular":
            return _irregular(self.children, generator)
        counts = (_shown_quarters if self.seen == "shown" else _quarters)(self.children, generator)
        hidden = np.zeros(counts.shape, dtype=bool) if self.seen == "in full" else _withheld(counts, generator)
        return _as_panel(counts, hidden, 0 if self.seen == "untold" else WITHHELD)

    def truth(self) -> Held:
        """What the limits of each kind should hold."""
        if self.seen == "shown":
            return {CHANCES[12]: _shown_a_year_later().ravel()}
        return {RATES: TRUE[ALLOWED], STAYS: -1 / np.diag(TRUE)[:LEFT]} | _chances(TRUE)

    def __str__(self) -> str:
        words = {
            "in full": "all cells printed",
            "withheld": "cells of 1 to 5 withheld",
            "untold": "cells of 1 to 5 withheld, their size not used",
            "shown": "cells of 1 to 5 withheld, levels as of the latest review",
            "irregular": "dates of each child's own, about a quarter apart",
        }
        return f"{self.children} children-quarters, {words[self.seen]}"


def _quarters(children: int, generator: np.random.Generator) -> np.ndarray:
    """Counts by level at the start of a quarter and state at its end, four quarters together."""
    return generator.multinomial(generator.multinomial(children, SHARES), probabilities(TRUE, QUARTER)[:LEFT])


def _withheld(counts: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Which moves are withheld; the stays are no cell of the printed table."""
    moved = np.not_equal(*np.indices(counts.shape))
    hidden = moved & (counts >= 1) & (counts <= WITHHELD)
    if hidden.any() and generator.random() < ONE_MORE:
        hidden.flat[np.where(moved & ~hidden, counts, np.inf).argmin()] = True
    return hidden


def _as_panel(counts: np.ndarray, hidden: np.ndarray, largest: int) -> Panel:
    """One row for each printed cell, and one for a level's stays with its withheld cells."""
    rows = [row for level, cells in enumerate(counts) for row in _rows(level, cells, hidden[level])]
    start, may_be, count = (np.array(column) for column in zip(*rows, strict=True))
    return Panel(start, may_be, QUARTER, count, withheld=np.where(may_be.sum(axis=1) > 1, largest, 0))


def _rows(level: int, counts: np.ndarray, hidden: np.ndarray) -> Iterator[tuple[int, np.ndarray, int]]:
    places = np.arange(len(counts))
    rest = hidden | (places == level)
    for cell in np.flatnonzero(~rest):
        yield level, places == cell, counts[cell]
    yield level, rest, counts[rest].sum()


def _irregular(children: int, generator: np.random.Generator) -> Panel:
    years = generator.choice(np.linspace(0.1, 0.45, 12), children)
    start = generator.choice(LEFT, children, p=SHARES)
    chances = np.array([probabilities(TRUE, time) for time in np.unique(years)])
    return Panel(
        start, known_end(_drawn(chances[np.unique(years, return_inverse=True)[1], start], generator), 4), years
    )


def _drawn(chances: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    return (generator.random((len(chances), 1)) > chances.cumsum(axis=1)[:, :-1]).sum(axis=1)


# Children one by one, and their levels as the records show them


def _shown_quarters(children: int, generator: np.random.Generator) -> np.ndarray:
    """As `_quarters`, of the levels shown at five quarter ends; `children` is how many there are about."""
    # About one child-year under review a referral, so this many stand at a level at four quarter ends together.
    shown = _shown(generator.poisson(children / 4 * (LEAD_IN + 1)), np.arange(5) * QUARTER, generator)
    return np.sum([_counted(shown[:, quarter], shown[:, quarter + 1]) for quarter in range(4)], axis=0)


@cache
def _shown_a_year_later() -> np.ndarray:
    """The share shown at each level, or having left, a year after being shown at each level: of very many children."""
    shown = _shown(400_000, np.array([0.0, 1.0]), np.random.default_rng(1))
    counts = _counted(*shown.T)
    return counts / counts.sum(axis=1, keepdims=True)


def _counted(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    under_review = (before >= 0) & (before < LEFT)
    counts = np.zeros((LEFT, LEFT + 1), dtype=np.int64)
    np.add.at(counts, (before[under_review], after[under_review]), 1)
    return counts


def _shown(children: int, days: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """The level of the latest review of each child on each day (children, days), or left; -1 before the first."""
    entered = generator.uniform(-LEAD_IN, days[-1], children)
    times, levels = _lives(entered, generator)
    first = entered + generator.lognormal(np.log(FIRST_REVIEW_DAYS), FIRST_REVIEW_SPREAD, children) / DAYS
    scale = REVIEW_INTERVAL_DAYS / DAYS / REVIEW_INTERVAL_SHAPE
    further = generator.gamma(REVIEW_INTERVAL_SHAPE, scale, (children, int(8 * LEAD_IN))).cumsum(axis=1)
    reviews = np.column_stack([first, first[:, None] + further])
    shown = np.empty((children, len(days)), dtype=np.int64)
    for place, day in enumerate(days):
        latest = np.where(reviews <= day, reviews, -np.inf).max(axis=1)
        left = (levels == LEFT) & (times <= day)
        at_review = np.maximum((times <= latest[:, None]).sum(axis=1) - 1, 0)
        level = np.where(left.any(axis=1), LEFT, np.take_along_axis(levels, at_review[:, None], axis=1)[:, 0])
        shown[:, place] = np.where(np.isinf(latest), -1, level)
    return shown


def _lives(entered: np.ndarray, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """When each child came to each state of its life, and to which; both (children, states it came to)."""
    time = entered
    level = generator.choice(LEFT, len(entered), p=np.array(list(LEVEL_WEIGHTS.values())) / 100)
    lives = [(time, level)]
    while (level < LEFT).any():
        years, onward = _next(np.minimum(level, LEFT - 1), generator)
        time, level = np.where(level < LEFT, time + years, np.inf), np.where(level < LEFT, onward, LEFT)
        lives.append((time, level))
    times, levels = (np.column_stack(parts) for parts in zip(*lives, strict=True))
    return times, levels


def _next(start: np.ndarray, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """The years until each child next moves, and where to."""
    leaving = -np.diag(TRUE)[start]
    return generator.exponential(1 / leaving), _drawn(np.where(ALLOWED, TRUE, 0.0)[start] / leaving[:, None], generator)


# Limits of fitted models


@cache
def _held(world: World, trials: int, seed: int) -> Held:
    """Whether each limit of each kind held the truth (trials, limits); with no model it did not.

    All studies of a world judge the same panels, whose random numbers are picked by the seed and the world's words.
    """
    generator = np.random.default_rng([seed, zlib.crc32(str(world).encode())])
    truth = world.truth()
    tried = [_holds(world.panel(generator), truth, generator) for _ in range(trials)]
    return {kind: np.array([one[kind] for one in tried]) for kind in truth}


def _holds(panel: Panel, truth: Held, generator: np.random.Generator) -> Held:
    model = fit_panel(panel, ALLOWED, prior=Prior())
    if model.reason is not None:
        return {kind: np.zeros(true.shape, dtype=bool) for kind, true in truth.items()}
    drawn = _chances(draw_rates(model, DRAWS, generator))
    limits = {kind: np.quantile(values, [0.025, 0.975], axis=0) for kind, values in drawn.items()}
    rates, stays = rate_limits(model), time_in_state(model)
    limits[RATES] = np.array([rates.lower[ALLOWED], rates.upper[ALLOWED]])
    limits[STAYS] = np.array([stays.lower[:LEFT], stays.upper[:LEFT]])
    return {kind: (limits[kind][0] <= true) & (true <= limits[kind][1]) for kind, true in truth.items()}


def _chances(rates: np.ndarray) -> Held:
    """The chances of each kind under the rates (..., states, states), in a row (..., limits)."""
    quarter = probabilities(rates, QUARTER)
    half = quarter @ quarter
    after = {3: quarter, 6: half, 12: half @ half}
    raised = [reached_within(rates, range(level + 1, LEFT), 1.0)[..., level] for level in range(LEFT - 1)]
    chances = {CHANCES[months]: later[..., :LEFT, :].reshape(*rates.shape[:-2], -1) for months, later in after.items()}
    return chances | {RAISED: np.stack(raised, axis=-1)}


def _of_the_study(world: World, generator: np.random.Generator, trials: int) -> Held:
    entropy = np.atleast_1d(generator.bit_generator.seed_seq.entropy)  # type: ignore[attr-defined]
    return _held(world, trials, int(entropy[0]))


def _any_limit(world: World, generator: np.random.Generator, trials: int) -> int:
    """Trials in which one limit, picked at random among those of all kinds, held the truth."""
    held = np.column_stack(list(_of_the_study(world, generator, trials).values()))
    return int(held[np.arange(trials), generator.integers(held.shape[1], size=trials)].sum())


def _poorest_limit(world: World, kind: str, generator: np.random.Generator, trials: int) -> int:
    """Trials in which the limit held the truth that did so least often among those of its kind."""
    return int(_of_the_study(world, generator, trials)[kind].sum(axis=0).min())


# The fit, and what breaks the model


def _called_poor(panel: Callable[[np.random.Generator], Panel], generator: np.random.Generator, trials: int) -> int:
    """Of so many panels whose fit has a p-value, those with one below 5%."""
    called, tried = 0, 0
    while tried < trials:
        one = panel(generator)
        p_value = pearson_fit(fit_panel(one, ALLOWED, prior=Prior()), one).p_value
        called, tried = called + int(p_value < 0.05), tried + int(np.isfinite(p_value))
    return called


def _two_tables(children: int, memory: bool, generator: np.random.Generator) -> Panel:
    """Children seen after three months, and as many after twelve; with memory, half of them move at twice the rate and
    half hardly: their stays are not those of a Markov process.
    """
    paces = (2.0, 0.2) if memory else (1.0, 1.0)
    times = (QUARTER, 1.0)
    tables = [
        generator.multinomial(generator.multinomial(children // 2, SHARES), probabilities(TRUE * pace, years)[:LEFT])
        for years in times
        for pace in paces
    ]
    start, end = np.indices((LEFT, LEFT + 1)).reshape(2, -1)
    years = np.repeat(times, len(paces) * start.size)
    return Panel(np.tile(start, 4), known_end(np.tile(end, 4), LEFT + 1), years, np.ravel(tables))


def _remembered(children: int, generator: np.random.Generator, trials: int) -> int:
    """Trials in which the limits at twelve months, from quarterly moves, hold the share of lows that are low then."""
    share, held = np.mean([probabilities(TRUE * pace, 1.0)[0, 0] for pace in (2.0, 0.2)]), 0
    for _ in range(trials):
        both = _two_tables(children, True, generator)
        quarterly = np.asarray(both.years) == QUARTER
        model = fit_panel(Panel(*(np.asarray(part)[quarterly] for part in both[:4])), ALLOWED, prior=Prior())
        low, high = np.quantile(probabilities(draw_rates(model, DRAWS, generator), 1.0)[:, 0, 0], [0.025, 0.975])
        held += int(low <= share <= high)
    return held


def _followed_by_a_review(children: int, generator: np.random.Generator, trials: int) -> int:
    """Trials in which the limits of medium to high hold the truth where reviews follow what happened."""
    models = (fit_panel(_reviewed_when_raised(children, generator), ALLOWED, prior=Prior()) for _ in range(trials))
    limits = (rate_limits(model) for model in models)
    return sum(bool(one.lower[1, 2] <= TRUE[1, 2] <= one.upper[1, 2]) for one in limits)


def _reviewed_when_raised(children: int, generator: np.random.Generator) -> Panel:
    """Reviews a fortnight after a level was raised, in whole weeks, otherwise at a quarter."""
    start = generator.choice(LEFT, children, p=SHARES)
    stay, moved = _next(start, generator)
    soon = (moved > start) & (moved < LEFT) & (stay < QUARTER)
    end = np.where(soon, moved, _drawn(probabilities(TRUE, QUARTER)[start], generator))
    return Panel(start, known_end(end, LEFT + 1), np.where(soon, np.ceil(52 * stay + 2) / 52, QUARTER))


def _poisson(expected: float, generator: np.random.Generator, trials: int) -> int:
    limits = move_rates(generator.poisson(expected, trials), 10.0)
    return int(((limits.lower <= expected / 10) & (expected / 10 <= limits.upper)).sum())


# The studies


def _at_least(claim: str, situation: object, trials: int, hits: Callable[[np.random.Generator, int], int]) -> Study:
    return Study("transitions", f"95% limits of {claim}", str(situation), 0.95, "at least", trials, hits)


def _of_models() -> Iterator[Study]:
    worlds = [World(size, seen) for seen in ("in full", "irregular") for size in (150, 600)]
    worlds += [World(size, "withheld") for size in (LEAST, *SIZES)] + [World(300, "untold")]
    worlds += [World(size, "shown") for size in SIZES[1:]]
    for world in worlds:
        yield _at_least("a model, one at random", world, TRIALS, partial(_any_limit, world))
        for kind in world.truth():
            yield _at_least(f"{kind}, the poorest", world, TRIALS, partial(_poorest_limit, world, kind))


def _of_fit() -> Iterator[Study]:
    alarm, noticed = "false alarm of the fit at 5%", "stays with memory are noticed at 5%"
    for world in (World(1200, "in full"), World(1200, "withheld")):
        yield Study("transitions", alarm, str(world), 0.05, "at most", TRIALS, partial(_called_poor, world.panel))
    for children in (300, 1200):
        words = f"{children} children after three months and as many after twelve"
        for memory, claim, nominal, bound in ((False, alarm, 0.05, "at most"), (True, noticed, 0.8, "at least")):
            hits = partial(_called_poor, partial(_two_tables, children, memory))
            yield Study("transitions", claim, words, nominal, bound, TRIALS, hits)


def _of_what_breaks_it() -> Iterator[Study]:
    broken = {
        "the rate from medium to high where reviews follow a rise": _followed_by_a_review,
        "the share low after 12 months where stays have memory": _remembered,
    }
    for claim, hits in broken.items():
        for children in (300, 1200):
            yield _at_least(claim, f"{children} children-quarters", FEW, partial(hits, children))


def _of_moves_seen() -> Iterator[Study]:
    for expected in (0.5, 1, 2, 5, 20):
        words = f"{expected} moves expected"
        yield _at_least("a rate of moves seen", words, 20_000, partial(_poisson, expected))


STUDIES: list[Study] = [*_of_moves_seen(), *_of_models(), *_of_fit(), *_of_what_breaks_it()]
