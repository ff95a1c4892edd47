"""Finds the studies and runs them in two processes."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pandas as pd
from tqdm import tqdm

import simulations
from simulations.study import Outcome, Study, outcome

PROCESSES = 2
NOT_STUDIES = {"__main__", "running", "study"}


def module_names() -> list[str]:
    """The modules of this folder that hold studies, in alphabetical order."""
    return sorted(
        module.name for module in pkgutil.iter_modules(simulations.__path__) if module.name not in NOT_STUDIES
    )


def studies_of(name: str) -> list[Study]:
    """The studies of one module."""
    studies: list[Study] = importlib.import_module(f"simulations.{name}").STUDIES
    return studies


def simulated(names: Iterable[str], seed: int) -> list[Outcome]:
    """The outcome of every study of the modules, in their order, run in two processes behind a progress bar.

    Raises ValueError where two studies have the same words, since the words pick the random numbers.
    """
    by_module = {name: studies_of(name) for name in names}
    refuse_same_words(by_module)
    places = [(name, position) for name, studies in by_module.items() for position in range(len(studies))]
    # Studies hold functions that cannot be sent to another process, so the process looks its study up by its place.
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
        outcomes = pool.map(_outcome_at, places, [seed] * len(places))
        return list(tqdm(outcomes, total=len(places), desc="Simulating", unit="study", disable=None))


def refuse_same_words(by_module: Mapping[str, Sequence[Study]]) -> None:
    """None where no two studies share method, claim and situation.

    Raises ValueError naming every study that is there twice.
    """
    words = pd.Series([study.words for studies in by_module.values() for study in studies], dtype=object)
    if words.duplicated().any():
        raise ValueError("studies with the same method, claim and situation: " + "; ".join(words[words.duplicated()]))


def _outcome_at(place: tuple[str, int], seed: int) -> Outcome:
    name, position = place
    return outcome(studies_of(name)[position], seed)
