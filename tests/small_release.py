"""Small releases for tests: the least evidence, with only the tables and rows that matter to the test."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache

import pandas as pd
from small_evidence import BASE, FIRST, table

from needs_assessment.area_view import AreaView
from needs_assessment.assessment import assess
from needs_assessment.evidence import CONTRACTS, Evidence
from needs_assessment.release import Release

Tables = Mapping[str, list[dict[str, str]]]


def small_release(tables: Tables = BASE) -> Release:
    """The release of `tables`; the least evidence unless the test says otherwise. Only to be read: tests that ask for
    the same tables one after another have the same release.
    """
    return _assessed(json.dumps(tables))


@lru_cache(maxsize=64)
def _assessed(written: str) -> Release:
    tables = json.loads(written)
    return assess(Evidence({name: _typed(name, json.dumps(tables.get(name, []))) for name in CONTRACTS}, {}))


@lru_cache(maxsize=128)
def _typed(name: str, rows: str) -> pd.DataFrame:
    """One table; releases that differ in another share it, since evidence gives out copies."""
    return table(name, *json.loads(rows))


def small_view(tables: Tables | None = None, **rows: list[dict[str, str]]) -> AreaView:
    """The view of the first of two made-up areas: the least evidence with some `tables`, or `rows` of one, replaced."""
    return AreaView(small_release(BASE | dict(tables or {}) | rows), FIRST)
