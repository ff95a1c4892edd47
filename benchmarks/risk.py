"""How long the fit of the panel Markov model and the counting of moves between risk levels take, beside what a user
would do instead: `scipy.optimize.minimize` with one matrix exponential an observation, and a Python loop over children.

Run from the project folder, with nothing else running: `.venv/bin/python benchmarks/risk.py [--people 25]`. Both ways
start from the same table, in one run, and must come to the same result. The model is fitted to heart-transplant
patients (the data `cav` of the R package msm) where the shared cases are beside the project, otherwise to a simulated
panel of about that size; the loop over children is timed on some and scaled up. Times are seconds of the processor;
read the ratios.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.linalg import expm
from scipy.optimize import minimize

from needs_assessment.methods.transitions import Panel, fit_panel, known_end
from needs_assessment.risk.reviews import moves
from needs_assessment.vocabulary import LEFT, NEW, RETURNING

CASES = Path(__file__).resolve().parents[1].parent / "shared" / "cases" / "transitions" / "cav_input.csv"
SEED, CHILDREN = 20251122, 50_000
FIRST, LAST = pd.Timestamp(2024, 3, 31), pd.Timestamp(2025, 3, 31)
RATES = np.array([[-0.17, 0.13, 0, 0.04], [0.23, -0.61, 0.34, 0.04], [0, 0.13, -0.44, 0.31], [0, 0, 0, 0]])
"""Of a simulated panel, a year: about those of `cav` (Jackson 2011, Journal of Statistical Software 38(8))."""
ALLOWED = RATES > 0
DEAD = len(RATES) - 1
PEOPLE, LONGEST = 622, 10  # as many as cav has; years of yearly visits

Figures = NDArray[np.float64]
Result = TypeVar("Result")


class Timed(NamedTuple):
    """Seconds of the two ways."""

    name: str
    project: float
    user: float


# The panel: what one person was at two visits, one after the other


def pairs(visits: pd.DataFrame) -> pd.DataFrame:
    """Start, end and years between, for each visit but a person's first; states from 0. Death is on its very day."""
    before = visits.groupby("person").shift()
    together = visits.assign(start=before["state"], between=visits["years"] - before["years"]).dropna()
    return together.rename(columns={"state": "end"}).astype({"start": int})[["person", "start", "end", "between"]]


def visits_of(people: int) -> pd.DataFrame:
    """The visits of so many people: person, years since the first visit, state from 0."""
    if not CASES.is_file():
        return simulated(people)
    table = pd.read_csv(CASES).set_axis(["person", "years", "state"], axis=1)
    return table[table["person"].isin(table["person"].unique()[:people])].assign(state=table["state"] - 1)


def simulated(people: int) -> pd.DataFrame:
    generator = np.random.default_rng(SEED)
    rows = []
    for person in range(people):
        state, now, seen = 0, 0.0, generator.integers(3, LONGEST)
        for visit in range(seen):
            while state != DEAD and (wait := generator.exponential(-1 / RATES[state, state])) < visit - now:
                now += wait
                state = int(generator.choice(len(RATES), p=np.maximum(RATES[state], 0) / -RATES[state, state]))
            rows.append((person, now if state == DEAD else float(visit), state))
            now = float(visit)
            if state == DEAD:
                break
    return pd.DataFrame(rows, columns=["person", "years", "state"])


def by_this_project(panel: pd.DataFrame) -> float:
    ends = panel["end"].to_numpy()
    known = Panel(panel["start"], known_end(ends, len(RATES)), panel["between"], 1.0, ends == DEAD)
    return fit_panel(known, ALLOWED).minus_twice_log_likelihood


def by_scipy(panel: pd.DataFrame) -> float:
    """Minus two log-likelihoods at the minimum, by BFGS with its own numerical gradient."""
    rows = list(panel[["start", "end", "between"]].itertuples(index=False))

    def minus_two_log_likelihood(logs: Figures) -> float:
        rates = np.zeros(RATES.shape)
        rates[ALLOWED] = np.exp(logs)
        rates -= np.diag(rates.sum(axis=1))
        chances = [expm(rates * row.between)[row.start] for row in rows]
        return -2 * sum(
            np.log(chance @ rates[:, DEAD] if row.end == DEAD else chance[row.end])
            for chance, row in zip(chances, rows, strict=True)
        )

    return float(minimize(minus_two_log_likelihood, np.full(ALLOWED.sum(), np.log(0.2)), method="BFGS", tol=0.01).fun)


# Children: where each stood a year later


def reviews_of(children: int) -> pd.DataFrame:
    """Reviews every three months or so of made-up children, some of whom leave and come back."""
    generator = np.random.default_rng(SEED)
    child = np.repeat(np.arange(children), generator.integers(1, 8, children))
    began = generator.integers(0, 700, children)[child]
    number = pd.Series(child).groupby(child).cumcount().to_numpy()
    reviewed = pd.Timestamp(2023, 1, 1) + pd.to_timedelta(
        began + 95 * number + generator.integers(0, 30, len(child)), "D"
    )
    closed = pd.Series(reviewed + pd.Timedelta(days=40)).where(generator.random(len(child)) < 0.25)
    return pd.DataFrame(
        {
            "child_id": child,
            "exploitation_type": "CSE",
            "area_code": np.where(child % 2, "E06000015", "E10000007"),
            "scheme": "three levels",
            "risk_level": generator.choice(["high", "medium", "low"], len(child)),
            "reviewed_on": reviewed,
            "closed_on": closed,
        }
    )


def at_once(reviews: pd.DataFrame) -> Counter[tuple[str, ...]]:
    moved = moves(reviews, FIRST, LAST)[["area_code", "from_level", "to_level"]]
    return Counter(moved.value_counts().to_dict())


def in_a_loop(reviews: pd.DataFrame) -> Counter[tuple[str, ...]]:
    counts: Counter[tuple[str, ...]] = Counter()
    for _, own in reviews.sort_values("reviewed_on").groupby("child_id"):
        before, after = level_on(own, FIRST), level_on(own, LAST)
        came = ((own["reviewed_on"] > FIRST) & (own["reviewed_on"] <= LAST)).any()
        if before or after or came:
            origin = before or (RETURNING if (own["reviewed_on"] <= FIRST).any() else NEW)
            counts[own["area_code"].iloc[0], origin, after or LEFT] += 1
    return counts


def level_on(own: pd.DataFrame, day: pd.Timestamp) -> str:
    """The level of a child's latest review, or nothing where not under review."""
    until_then = own[own["reviewed_on"] <= day]
    if until_then.empty:
        return ""
    latest = until_then.iloc[-1]
    return str(latest["risk_level"]) if pd.isna(latest["closed_on"]) or latest["closed_on"] >= day else ""


# Measuring


def timed(work: Callable[[], Result], repeats: int = 1) -> tuple[Result, float]:
    """What comes of the work, and the shortest of some runs in seconds of the processor."""
    times = []
    while True:
        start = time.process_time()
        result = work()
        times.append(time.process_time() - start)
        if len(times) >= repeats:
            return result, min(times)


def fits(people: int) -> Timed:
    panel = pairs(visits_of(people))
    (own, project), (other, user) = timed(lambda: by_this_project(panel), 3), timed(lambda: by_scipy(panel))
    assert abs(own - other) < 0.1, f"-2 log-likelihood {own} and {other}"
    return Timed(f"panel Markov model, {len(panel):,} pairs of visits", project, user)


def counts(children: int) -> Timed:
    reviews = reviews_of(CHILDREN)
    some = reviews[reviews["child_id"] < children]
    looped, user = timed(lambda: in_a_loop(some))
    assert looped == at_once(some), "the two ways count differently"
    return Timed(f"moves of {CHILDREN:,} children", timed(lambda: at_once(reviews), 3)[1], user * CHILDREN / children)


def main() -> None:
    """Measures each in both ways and prints the ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--people", type=int, default=25, help="the model is fitted to so many, at most 622 (default: 25)"
    )
    parser.add_argument("--children", type=int, default=3000, help="the loop is timed on so many (default: 3000)")
    chosen = parser.parse_args()
    kind = "patients of cav" if CASES.is_file() else "simulated people"
    print(f"{chosen.people} {kind}, seed {SEED}; the loop over children timed on {chosen.children:,} and scaled up")
    print(f"{'':<46}{'project':>12}{'by hand':>12}{'ratio':>9}")
    for name, project, user in (fits(min(chosen.people, PEOPLE)), counts(min(chosen.children, CHILDREN))):
        print(f"{name:<46}{project:10.3f} s{user:10.2f} s{user / project:8.0f}x", flush=True)


if __name__ == "__main__":
    main()
