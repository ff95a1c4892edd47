"""Do limits of rates and chances hold the truth, on panels like those of the reports and on those that break them?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from needs_assessment.methods.transitions import (
    Panel,
    PanelModel,
    Prior,
    draw_rates,
    fit_panel,
    known_end,
    move_rates,
    pearson_fit,
    probabilities,
    rate_limits,
    time_in_state,
)
from simulations.study import Study

TRUE = np.array([[-2.10, 0.50, 0.00, 1.60], [1.00, -2.15, 0.45, 0.70], [0.00, 1.30, -1.60, 0.30], [0.0, 0.0, 0.0, 0.0]])
"""Moves a year between low, medium, high and left: those of the project's synthetic records."""

ALLOWED = TRUE > 0
LEFT = 3
SHARES = np.array([0.44, 0.34, 0.22])
QUARTERS, QUARTER = 8, 0.25
WITHHELD = 5
TRIALS, FEW, DRAWS = 200, 100, 200
RATES, STAYS = "rates", "mean stays"
QUANTITIES = (RATES, STAYS, "chances after 3 months", "chances after 6 months", "chances after 12 months")


class World(NamedTuple):
    """Children followed for a quarter each, `children` of them over eight quarters, and how they are seen.

    `seen` is `in full`, `withheld` (cells of 1 to 5 by quarter, and the next smallest where there is one alone),
    `pooled` (the quarters are added up before anything is withheld) or `irregular` (each child at a date of its own).
    """

    children: int
    seen: str = "in full"
    told: bool = True

    def panel(self, generator: np.random.Generator) -> Panel:
        """The panel of one trial."""
        if self.seen == "irregular":
            return _irregular(self.children, generator)
        counts = _quarterly(self.children, generator)
        if self.seen == "in full":
            return _as_panel(counts.sum(axis=0, keepdims=True), 0, self.told)
        return _as_panel(counts.sum(axis=0, keepdims=True) if self.seen == "pooled" else counts, WITHHELD, self.told)

    def __str__(self) -> str:
        words = {
            "in full": "quarterly, all cells known",
            "withheld": "quarterly, cells of 1 to 5 withheld each quarter",
            "pooled": "quarterly, cells of 1 to 5 withheld of all quarters together",
            "irregular": "dates of each child's own, about a quarter apart",
        }
        return f"{self.children} children-quarters, {words[self.seen]}{'' if self.told else ', the size not used'}"


def _quarterly(children: int, generator: np.random.Generator) -> np.ndarray:
    """Counts by quarter, level at its start and level at its end."""
    starts = generator.multinomial(children // QUARTERS, SHARES, size=QUARTERS)
    return generator.multinomial(starts, probabilities(TRUE, QUARTER)[:LEFT])


def _as_panel(tables: np.ndarray, withheld: int, told: bool) -> Panel:
    rows = [row for table in tables for level, counts in enumerate(table) for row in _cells(level, counts, withheld)]
    start, may_be, count = (np.array(column) for column in zip(*rows, strict=True))
    return Panel(start, may_be, QUARTER, count, withheld=np.where(may_be.sum(axis=1) > 1, withheld * told, 0))


def _cells(level: int, counts: np.ndarray, withheld: int) -> Iterator[tuple[int, np.ndarray, int]]:
    """One row of a table: its printed cells, and those withheld together with their sum."""
    hidden = (counts >= 1) & (counts <= withheld)
    if hidden.sum() == 1:
        # One withheld cell alone is the row's total less the others; the next smallest goes with it.
        hidden[np.where(hidden, np.inf, np.where(counts == 0, counts.sum() + 1, counts)).argmin()] = True
    for cell in np.flatnonzero(~hidden):
        yield level, np.arange(len(counts)) == cell, counts[cell]
    if hidden.any():
        yield level, hidden, counts[hidden].sum()


def _irregular(children: int, generator: np.random.Generator) -> Panel:
    years = generator.choice(np.linspace(0.1, 0.45, 12), children)
    start = generator.choice(LEFT, children, p=SHARES)
    chances = np.array([probabilities(TRUE, time) for time in years])[np.arange(children), start]
    return Panel(start, known_end(_drawn(chances, generator), LEFT + 1), years)


def _drawn(chances: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    return (generator.random((len(chances), 1)) > chances.cumsum(axis=1)[:, :-1]).sum(axis=1)


def _reviewed_when_worse(children: int, generator: np.random.Generator) -> Panel:
    """Reviews after a fortnight where a level was raised, otherwise at a quarter: their dates depend on the level."""
    start = generator.choice(LEFT, children, p=SHARES)
    stay, moved = _paths(start, generator)
    soon = (moved > start) & (moved < LEFT) & (stay < QUARTER)
    end = np.where(soon, moved, _drawn(probabilities(TRUE, QUARTER)[start], generator))
    return Panel(start, known_end(end, LEFT + 1), np.where(soon, stay + 1 / 26, QUARTER))


def _paths(start: np.ndarray, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """The years until each child first moves, and where to."""
    leaving = -np.diag(TRUE)[start]
    onward = np.where(ALLOWED, TRUE, 0.0)[start] / leaving[:, None]
    return generator.exponential(1 / leaving), _drawn(onward, generator)


def _covered(world: World, prior: Prior | None, quantity: str, generator: np.random.Generator, trials: int) -> int:
    """Limits, over trials and cells, that hold the truth; a panel that cannot be fitted makes no claim and holds it."""
    return sum(
        _holds(fit_panel(world.panel(generator), ALLOWED, prior=prior), quantity, generator) for _ in range(trials)
    )


def _holds(model: PanelModel, quantity: str, generator: np.random.Generator) -> int:
    """Whether one limit, picked at random among those of the quantity, holds the truth."""
    if model.reason is not None:
        return 1
    lower, upper, truth = _limits(model, quantity, generator)
    cell = generator.integers(truth.size)
    return int(lower[cell] <= truth[cell] <= upper[cell])


def _limits(model: PanelModel, quantity: str, generator: np.random.Generator) -> tuple[np.ndarray, ...]:
    if quantity == RATES:
        _, lower, upper, _ = rate_limits(model)
        return lower[ALLOWED], upper[ALLOWED], TRUE[ALLOWED]
    if quantity == STAYS:
        _, lower, upper, _ = time_in_state(model)
        return lower[:LEFT], upper[:LEFT], -1 / np.diag(TRUE)[:LEFT]
    months = int(quantity.split()[-2])
    drawn = probabilities(draw_rates(model, DRAWS, generator), months / 12)[:, :LEFT]
    lower, upper = np.quantile(drawn, [0.025, 0.975], axis=0)
    return lower.ravel(), upper.ravel(), probabilities(TRUE, months / 12)[:LEFT].ravel()


def _misfit(panel: Callable[[np.random.Generator], Panel], generator: np.random.Generator, trials: int) -> int:
    """Trials in which the fit is called poor at 5%."""
    panels = (panel(generator) for _ in range(trials))
    return sum(pearson_fit(fit_panel(one, ALLOWED), one).p_value < 0.05 for one in panels)


def _two_tables(children: int, memory: bool, generator: np.random.Generator) -> Panel:
    """Children seen after three months, and as many after twelve; with memory, half of them move at twice the rate and
    half hardly: their stays are not those of a Markov process."""
    pace = np.array([2.0, 0.2]) if memory else np.ones(2)
    parts = [(years, speed) for years in (QUARTER, 1.0) for speed in pace]
    tables = [
        generator.multinomial(generator.multinomial(children // 2, SHARES), probabilities(TRUE * speed, years)[:LEFT])
        for years, speed in parts
    ]
    start, end = np.tile(np.repeat(np.arange(LEFT), LEFT + 1), 4), np.tile(np.arange(LEFT + 1), 4 * LEFT)
    times = np.repeat([years for years, _ in parts], LEFT * (LEFT + 1))
    return Panel(start, known_end(end, LEFT + 1), times, np.ravel(tables))


def _informative(children: int, generator: np.random.Generator, trials: int) -> int:
    """Trials in which the limits of medium to high hold the truth where reviews follow what happened."""
    models = (fit_panel(_reviewed_when_worse(children, generator), ALLOWED) for _ in range(trials))
    limits = (rate_limits(model) for model in models)
    return sum(bool(one.lower[1, 2] <= TRUE[1, 2] <= one.upper[1, 2]) for one in limits)


def _remembered(children: int, generator: np.random.Generator, trials: int) -> int:
    """Trials in which the limits at twelve months, from quarterly moves, hold the share of lows that are low then."""
    share = np.mean([probabilities(TRUE * pace, 1.0)[0, 0] for pace in (2.0, 0.2)])
    held = 0
    for _ in range(trials):
        both = _two_tables(children, True, generator)
        quarterly = np.broadcast_to(both.years, np.shape(both.start)) == QUARTER
        model = fit_panel(Panel(*(np.asarray(part)[quarterly] for part in both[:4])), ALLOWED)
        low, high = np.quantile(probabilities(draw_rates(model, DRAWS, generator), 1.0)[:, 0, 0], [0.025, 0.975])
        held += int(low <= share <= high)
    return held


def _poisson(expected: float, generator: np.random.Generator, trials: int) -> int:
    limits = move_rates(generator.poisson(expected, trials), 10.0)
    return int(((limits.lower <= expected / 10) & (expected / 10 <= limits.upper)).sum())


def _panel_studies() -> Iterator[Study]:
    beforehand, brief = Prior(), (RATES, STAYS, QUANTITIES[-1])
    for children in (24, 64, 200, 400):
        world = World(children)
        yield from _claims(world, None, (RATES, QUANTITIES[-1]), TRIALS)
        yield from _claims(world, beforehand, QUANTITIES, TRIALS)
    for world in (World(64, "irregular"), World(400, "irregular"), World(200, "pooled"), World(400, "pooled")):
        yield from _claims(world, beforehand, brief, FEW)
    for world in (*(World(children, "withheld") for children in (64, 400, 1600)), World(400, "withheld", told=False)):
        yield from _claims(world, beforehand, (RATES, QUANTITIES[-1]), FEW)


def _claims(world: World, prior: Prior | None, quantities: Sequence[str], trials: int) -> Iterator[Study]:
    words = "half a move in half a year beforehand" if prior else "maximum likelihood"
    for quantity in quantities:
        trial = partial(_covered, world, prior, quantity)
        yield Study("transitions", f"95% limits of {quantity}, {words}", str(world), 0.95, "at least", trials, trial)


def _studies() -> Iterator[Study]:
    for expected in (0.5, 1, 2, 5, 20):
        trial = partial(_poisson, expected)
        yield Study(
            "transitions",
            "95% limits of a rate of moves seen",
            f"{expected} moves expected",
            0.95,
            "at least",
            20_000,
            trial,
        )
    yield from _panel_studies()
    for children in (200, 400, 1600):
        for memory, claim in ((False, "false alarm of the fit at 5%"), (True, "stays with memory are noticed at 5%")):
            panel = partial(_two_tables, children, memory)
            nominal, bound = (0.05, "at most") if not memory else (0.8, "at least")
            words = f"{children} children after three months and as many after twelve"
            yield Study("transitions", claim, words, nominal, bound, TRIALS, partial(_misfit, panel))
    for children in (200, 1600):
        broken = {
            "95% limits of the rate from medium to high where reviews follow a rise": _informative,
            "95% limits of the share low after 12 months where stays have memory": _remembered,
        }
        for claim, hits in broken.items():
            yield Study(
                "transitions", claim, f"{children} children-quarters", 0.95, "at least", FEW, partial(hits, children)
            )


STUDIES: list[Study] = list(_studies())
