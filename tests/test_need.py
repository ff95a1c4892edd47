"""Recorded need: which counts it is read from, and that nothing is added where none is printed."""

from __future__ import annotations

import pandas as pd
from coverage_rows import DAY, FORCES, ON, SCHEME
from small_evidence import FIRST, FORCE, SECOND

from needs_assessment.coverage import recorded_need
from needs_assessment.coverage.need import NOT_PUBLISHED, NOT_THEN, WITHHELD

YEAR = {"period_start": pd.Timestamp("2024-04-01"), "period_end": DAY}
WORDS = ["source_id", "area_code", "exploitation_type", "scheme", "risk_level", "residence", "missing"]


def caseload(*rows: tuple[str, str, str, int | None], on: pd.Timestamp = DAY) -> pd.DataFrame:
    usual = {"source_id": "reviews", "residence": "all", "scheme": SCHEME, "as_at": on}
    stated = [
        usual
        | {"area_code": area, "exploitation_type": harm, "risk_level": level, "count": count}
        | {"missing": "c" if count is None else None}
        for area, harm, level, count in rows
    ]
    table = pd.DataFrame(stated, columns=[*WORDS, "as_at", "count"])
    return table.astype(dict.fromkeys(WORDS, "string") | {"count": "Int64", "as_at": "datetime64[us]"})


def demand(*rows: dict[str, object]) -> pd.DataFrame:
    usual = {"source_id": "assessments", "measure": "assessment_factor_episodes", "exploitation_type": "CSE", **YEAR}
    table = pd.DataFrame([usual | row for row in rows], columns=[*usual, "area_code", "count", "missing"])
    days = dict.fromkeys(["period_start", "period_end"], "datetime64[us]")
    return table.astype({"count": "Int64", "missing": "string", "measure": "string"} | days)


def ages(**counts: int | None) -> pd.DataFrame:
    usual = {"measure": "referrals", "dimension": "age", "exploitation_type": "CSE", "area_code": FORCE, **YEAR}
    stated = [usual | {"category": category.replace("_", " "), "count": count} for category, count in counts.items()]
    table = pd.DataFrame(stated, columns=[*usual, "category", "count"])
    return table.astype(
        {"count": "Int64", "measure": "string", "category": "string"} | dict.fromkeys(YEAR, "datetime64[us]")
    )


def tables(**given: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return {"risk_caseload": caseload(), "demand": demand(), "breakdowns": ages()} | given


EVERYWHERE = caseload(
    *((area, harm, level, 10) for area in (FIRST, SECOND) for harm in ("CSE", "CCE") for level in ("low", "high"))
)


def test_children_under_review_are_need_by_level_and_of_any_age_where_ages_are_not_printed() -> None:
    need = recorded_need(tables(risk_caseload=EVERYWHERE), FORCES, ON)
    assert need["basis"].unique().tolist() == ["children under review"]
    assert need["children"].sum() == 80
    assert not need["ages_known"].any()
    assert need[["age_from", "age_to"]].drop_duplicates().to_numpy().tolist() == [[0, 17]]


def test_printed_ages_of_the_force_share_out_each_count_and_the_rest_is_of_any_age() -> None:
    referred = demand({"area_code": FORCE, "measure": "referrals", "count": 100})
    known = ages(aged_0_to_9=None, aged_10_to_12=20, aged_13_to_15=60, aged_16_to_17=None)
    need = recorded_need(tables(risk_caseload=EVERYWHERE, demand=referred, breakdowns=known), FORCES, ON)
    one = need[need["area_code"].eq(FIRST) & need["exploitation_type"].eq("CSE") & need["risk_level"].eq("high")]
    assert one.set_index("age_from")["children"].round(9).to_dict() == {10: 2.0, 13: 6.0, 0: 2.0}
    assert one.set_index("age_from")["ages_known"].to_dict() == {10: True, 13: True, 0: False}
    # Of the other harm no ages are printed.
    assert not need.loc[need["exploitation_type"].eq("CCE"), "ages_known"].any()


def test_the_basis_is_the_one_that_leaves_fewer_places_without_a_count() -> None:
    withheld = EVERYWHERE.assign(
        count=EVERYWHERE["count"].mask(EVERYWHERE["area_code"].eq(SECOND)),
        missing=EVERYWHERE["missing"].mask(EVERYWHERE["area_code"].eq(SECOND), "c"),
    )
    published = demand(
        *(
            {"area_code": area, "exploitation_type": harm, "count": 30}
            for area in (FIRST, SECOND)
            for harm in ("CSE", "CCE")
        )
    )
    need = recorded_need(tables(risk_caseload=withheld, demand=published), FORCES, ON)
    assert need["basis"].unique().tolist() == ["assessments in a year"]
    assert need["unit"].unique().tolist() == ["episode"]
    alone = recorded_need(tables(risk_caseload=withheld), FORCES, ON)
    assert alone["basis"].unique().tolist() == ["children under review"]
    lacking = alone[alone["area_code"].eq(SECOND)]
    assert lacking["children"].isna().all()
    assert lacking["reason"].unique().tolist() == [WITHHELD]


def test_a_count_that_is_not_there_is_never_nought() -> None:
    published = demand({"area_code": FIRST, "count": 30}, {"area_code": SECOND, "count": None, "missing": "u"})
    need = recorded_need(tables(demand=published), FORCES, ON).set_index(["area_code", "exploitation_type"])
    assert need["children"].notna().sum() == 1
    assert need.loc[(SECOND, "CSE"), "reason"] == NOT_PUBLISHED
    assert need.loc[(SECOND, "CSE"), "missing"] == "u"
    assert need.loc[(SECOND, "CCE"), "reason"] == NOT_THEN


def test_figures_much_older_than_the_description_of_services_are_left_aside() -> None:
    old = tables(demand=demand({"area_code": FIRST, "count": 30}))
    late = recorded_need(old, FORCES, ON + pd.Timedelta(days=731))
    assert late["reason"].unique().tolist() == [NOT_THEN]
    # Nor are figures of a year that began after it.
    early = recorded_need(old, FORCES, ON - pd.Timedelta(days=366))
    assert early["children"].isna().all()
    inside = recorded_need(old, FORCES, ON - pd.Timedelta(days=100))
    assert inside["children"].sum() == 30
