"""Reconciliation: what two sources, or one source twice, say of the same thing, with the contradiction named.

Each rule is one function from the tables of the evidence to what it finds; its docstring is the rule in words. A
contradiction is a question to those who wrote the sources: nothing here decides which of them is right.
"""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from needs_assessment.geography import with_current_codes
from needs_assessment.reconciliation.figures import all_figures, differing_figures, distant_units, parts_above_wholes
from needs_assessment.reconciliation.lengths import misstated_periods, sums_for_two_terms
from needs_assessment.reconciliation.residence import missing_baselines, residents_elsewhere
from needs_assessment.reconciliation.services import differing_services, harms_left_out
from needs_assessment.reconciliation.shared import Found, Tables

TOPICS = ("age", "harm covered", "period", "count", "units", "money", "residence", "baseline")
"""What a contradiction is about, in the order of the table."""
COLUMNS = ["topic", "area_code", "service_id", "exploitation_type", "what"]
COLUMNS += ["source_a", "says_a", "source_b", "says_b", "consequence"]
READ = ["sources", "observations", "services", "service_areas", "service_returns"]
READ += ["funding", "statements", "risk_snapshots"]

RULES: tuple[Callable[[Tables], Found], ...] = (
    differing_services,
    harms_left_out,
    misstated_periods,
    differing_figures,
    parts_above_wholes,
    distant_units,
    sums_for_two_terms,
    residents_elsewhere,
    missing_baselines,
)


def contradictions(evidence: Tables) -> pd.DataFrame:
    """One row for each contradiction that the rules find, by topic, then area, service and harm.

    `evidence` maps names to the tables areas, sources, observations, services, service_areas, service_returns,
    funding, statements and risk_snapshots, as their contracts describe them. Columns, all text: topic (one of TOPICS);
    area_code, service_id and exploitation_type (missing where there is none); what both speak of; source_a, says_a,
    source_b and says_b (one source twice where it contradicts itself); consequence, what must not be concluded.
    No row is withheld: print only those whose two sources may both be printed.
    """
    # Without a source nothing is stated.
    rows = _found(evidence) if len(evidence["sources"]) else []
    found = pd.DataFrame(rows, columns=COLUMNS).astype("string").drop_duplicates()
    return found.sort_values(COLUMNS, key=_rank, ignore_index=True)


def _found(evidence: Tables) -> list[dict[str, str]]:
    areas = evidence["areas"]
    tables = {name: _in_current_codes(evidence[name], areas) for name in READ} | {"areas": areas}
    tables["figures"] = all_figures(tables)
    return [row for rule in RULES for row in rule(tables)]


def _rank(column: pd.Series) -> pd.Series:
    return column.map(TOPICS.index) if column.name == "topic" else column


def _in_current_codes(table: pd.DataFrame, areas: pd.DataFrame) -> pd.DataFrame:
    for column in {"area_code", "residence_area_code"} & set(table):
        codes = with_current_codes(table[[column]].set_axis(["area_code"], axis="columns"), areas)
        table = table.assign(**{column: codes["area_code"]})
    return table
