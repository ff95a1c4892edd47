"""Every statement of the five documents about a service can be found back in the evidence (see `seed_facts`), and the
register makes of it what it says.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pytest
from seed_facts import (
    AVON_SOMERSET,
    DERBY,
    DERBYSHIRE,
    FACTS,
    FOI,
    HEREFORDSHIRE,
    OVERVIEW,
    Cell,
    Fact,
    service,
    stated,
)

from needs_assessment.evidence import Evidence
from needs_assessment.services import contract_terms, register

DOCUMENTS = Path(__file__).resolve().parents[1].parent / "shared" / "seeds"
FILES = {FOI: "000", OVERVIEW: "001", AVON_SOMERSET: "002", DERBYSHIRE: "003", HEREFORDSHIRE: "004"}


def words(cell: object) -> Cell | None:
    """A cell as this list writes it: days as 2020-01-13, what is not stated as None."""
    if pd.isna(cell):
        return None
    return f"{cell:%Y-%m-%d}" if isinstance(cell, pd.Timestamp) else cell


@pytest.fixture(scope="module")
def evidence(published: Evidence) -> dict[str, pd.DataFrame]:
    """The tables that the facts name, in the words of this list."""
    return {name: published[name].astype(object).map(words) for name in {fact.table for fact in FACTS}}


def stands(fact: Fact, evidence: Mapping[str, pd.DataFrame]) -> bool:
    """Whether the row of the fact holds it."""
    rows = evidence[fact.table]
    for column, value in ({"source_id": fact.document} | dict(fact.row)).items():
        rows = rows[rows[column].eq(value)]
    cells = rows[fact.column].tolist()
    if fact.column == "wording":
        return any(str(fact.value).lower() in cell.lower() for cell in cells)
    return fact.value in cells


def test_every_statement_of_the_documents_about_a_service_stands_in_the_evidence(evidence):
    assert [fact for fact in FACTS if not stands(fact, evidence)] == []


def test_a_fact_that_is_not_in_the_evidence_is_missed(evidence):
    (wrong,) = service(FOI, "branch", age_to=("aged 5 to 18", 17))
    assert not stands(wrong, evidence)
    (unsaid,) = stated(FOI, foi_branch_staff="[no such words]")
    assert not stands(unsaid, evidence)
    (elsewhere,) = stated(FOI, no_such_statement="[Independent Sexual Violence Advocates]")
    assert not stands(elsewhere, evidence)


def plain(text: str) -> str:
    """Text without marks of emphasis, on one line, in lower case."""
    return re.sub(r"\s+", " ", text.replace("*", "").replace("’", "'")).lower()


@pytest.mark.skipif(not DOCUMENTS.is_dir(), reason="the five documents are not beside the project")
@pytest.mark.parametrize("document", FILES)
def test_the_words_of_every_statement_are_those_of_its_document(document):
    (path,) = DOCUMENTS.glob(f"{FILES[document]}_*.txt")
    text = plain(path.read_text(encoding="utf-8"))
    assert [fact.says for fact in FACTS if fact.document == document and plain(fact.says) not in text] == []


def test_each_service_of_the_evidence_has_a_fact_of_its_own_but_for_four_that_one_sentence_names_together(published):
    told = {fact.row["service_id"] for fact in FACTS if "service_id" in fact.row}
    named_together = {"early_help", "maris_collins_foundation", "street_pastors", "taxi_marshalls"}
    assert set(published["services"]["service_id"]) - told == named_together


# What the register makes of them


@pytest.fixture(scope="module")
def terms(published: Evidence) -> pd.DataFrame:
    return contract_terms(register(published["services"], published["sources"])).set_index(["service_id", "term"])


def test_derbyshires_three_years_and_two_options_are_worth_175000_a_year(terms):
    # 3 x 175,000, then one more year each.
    found = terms.loc[DERBY]
    assert found["months"].tolist() == [36, 12, 12]
    assert found["value_so_far_gbp"].tolist() == [525_000, 700_000, 875_000]
    assert [words(day) for day in found["ends"]] == ["2023-01-12", "2024-01-12", "2025-01-12"]
    assert [words(day) for day in found["decide_by"]] == [None, "2023-01-12", "2024-01-12"]


@pytest.mark.parametrize("name", ["branch", "purple_leaf"])
def test_west_mercias_three_years_plus_one_plus_one_are_years_to_decide_in(name, terms):
    found = terms.loc[name]
    assert found.index.tolist() == ["firm", "option 1", "option 2"]
    assert found["precision"].unique().tolist() == ["year"]
    assert found["decide_by"].dt.year.dropna().tolist() == [2024, 2025]
    assert found["ends"].dt.year.tolist() == [2024, 2025, 2026]


def test_avon_and_somerset_is_commissioned_in_two_authorities_and_buys_single_places_in_three(published):
    rows = published["service_areas"]
    base = rows[rows["service_id"].eq("base")].groupby("funding")["area_code"].agg(sorted).to_dict()
    assert base == {
        "commissioned": ["E06000023"],  # Bristol
        "service level agreement": ["E06000025"],  # South Gloucestershire
        "spot purchase": ["E06000022", "E06000024", "E06000066"],
    }
    assert len(base["commissioned"] + base["service level agreement"]) == 2
