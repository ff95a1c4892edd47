"""What a service costs for each place or child, and where it cannot be said."""

from __future__ import annotations

import pandas as pd
import pytest
from small_evidence import FIRST, FORCE, PUBLIC, SECOND, USUAL, table

from needs_assessment.services.costs import (
    CHILDREN_REACHED,
    CHILDREN_SUPPORTED,
    COST_COLUMNS,
    NO_DAYS,
    NO_LEVELS,
    NO_PLACES,
    NO_RETURN,
    NO_TIME,
    NO_VALUE,
    NOBODY,
    NOT_AT_LEVELS,
    NOT_MET,
    OTHER_AREA,
    OUTSIDE_TERM,
    WITHHELD,
    Denominators,
    service_costs,
)
from needs_assessment.services.extents import service_extents
from needs_assessment.vocabulary import CostPer, PlacesBasis

AREAS = table(
    "areas",
    {"area_code": FIRST, "area_name": "First", "police_force_area_code": FORCE},
    {"area_code": SECOND, "area_name": "Second", "police_force_area_code": FORCE},
    {"area_code": FORCE, "area_name": "Both", "area_type": "police force area"},
)
CONTRACT = {"contract_start": "2020-01-13", "contract_end": "2023-01-12", "contract_precision": "day"}
SERVICE = table("services", {"service_id": "a_service", "risk_levels": "medium|high", **CONTRACT})
EMPTY = {name: table(name) for name in ("service_areas", "service_returns", "risk_snapshots")}
EVERYWHERE = ({"area_code": FIRST}, {"area_code": SECOND})


def typed(name: str, *rows: dict[str, str]) -> pd.DataFrame:
    """The rows, as `small_evidence.table` would type them, without the checks that take its time."""
    words = pd.DataFrame([USUAL[name] | row for row in rows], columns=EMPTY[name].columns, dtype="string")
    return words.replace("", pd.NA).astype(EMPTY[name].dtypes)


def extents(*places: dict[str, str]) -> pd.DataFrame:
    return service_extents(typed("service_areas", *({"service_id": "a_service"} | place for place in places)), AREAS)


def registered(**stated: object) -> pd.DataFrame:
    """The register's row of one service that costs 175,000 pounds a year."""
    return SERVICE.assign(**{"annual_value_gbp": 175_000.0, "contract_value_gbp": float("nan")} | stated)


def places(**stated: object) -> pd.DataFrame:
    row = {"service_id": "a_service", "places": 50.0, "places_basis": PlacesBasis.STATED.value, "reason": pd.NA}
    row |= {"as_at": pd.Timestamp("2021-06-30"), "children_a_year": 100.0, "source_id": PUBLIC}
    return pd.DataFrame([row | stated])


def returned(*rows: dict[str, str]) -> pd.DataFrame:
    usual = {"area_code": FORCE, "measure": CHILDREN_REACHED, "value": "25"}
    usual |= {"period_start": "2021-07-01", "period_end": "2021-09-30"}
    return typed("service_returns", *(usual | row for row in rows))


def snapshots(*rows: dict[str, str]) -> pd.DataFrame:
    return typed("risk_snapshots", *({"as_at": "2018-11-30"} | row for row in rows))


DERBYSHIRE = [  # medium and high, by residence: decision record 71/2019 of the Police and Crime Commissioner
    {"risk_level": level, "residence": residence, "residence_area_code": code, "count": str(count)}
    for level, counts in {"high": (22, 5, 6, 11), "medium": (34, 7, 12, 15)}.items()
    for residence, code, count in zip(
        ["all", "out of force", "County", "City"], ["", "", FIRST, SECOND], counts, strict=True
    )
]


def costs(per: CostPer, register: pd.DataFrame | None = None, **given: pd.DataFrame) -> list[dict[str, object]]:
    """The costs for each of one kind, with nothing known but what the test gives."""
    known = {"places": places(reason="not stated", places=None, children_a_year=None), "returns": returned()}
    known |= {"snapshots": snapshots(), "extents": extents(*EVERYWHERE)} | given
    found = service_costs(registered() if register is None else register, Denominators(**known))
    assert list(found.columns) == COST_COLUMNS
    assert found["per"].unique().tolist() == list(CostPer)
    assert found["value"].isna().tolist() == found["reason"].notna().tolist() == found["cost_gbp"].isna().tolist()
    return found[found["per"].eq(per)].to_dict("records")


# Golden: Derbyshire's contract of 13 January 2020, "£175,000 per annum", and 22 victims at high and 34 at medium risk
# in November 2018, 5 and 7 of them out of force. By hand: 175,000 / 56 = 3,125; / 44 = 3,977.27.


def test_derbyshires_service_costs_3125_pounds_for_each_child_at_its_levels_and_3977_for_each_who_lives_there():
    everywhere, here = costs(CostPer.CHILD_AT_ITS_LEVELS, snapshots=snapshots(*DERBYSHIRE))
    assert (everywhere["denominator"], everywhere["value"]) == (56, 3125)
    assert (here["denominator"], here["value"]) == (44, pytest.approx(3977.2727))
    assert "wherever they live" in everywhere["grounds"]
    assert "who live where it runs" in here["grounds"]
    for row in (everywhere, here):
        assert (row["cost_gbp"], row["unit"], row["area_code"]) == (175_000, "child", FORCE)
        assert [str(row[day].date()) for day in ("period_start", "period_end", "as_at")] == [
            "2020-01-13",
            "2021-01-12",
            "2018-11-30",
        ]


def test_the_published_evidence_gives_the_same_two_costs(published):
    """Through the register, whose two sums of £175,000 are of one year, in one place without 'per annum'."""
    from needs_assessment.services import register

    stated = register(published["services"], published["sources"])
    known = Denominators(
        places(reason="not stated"),
        published["service_returns"],
        published["risk_snapshots"],
        service_extents(published["service_areas"], published["areas"]),
    )
    found = service_costs(stated, known).dropna(subset=["value"])
    assert found["service_id"].unique().tolist() == ["derby_derbyshire_exploitation"]
    assert found["cost_gbp"].tolist() == [175_000, 175_000]
    assert found["denominator"].tolist() == [56, 44]
    assert found["unit"].unique().tolist() == ["victim"]


# Children at the risk levels that it takes


def test_the_latest_count_before_the_contract_stands_before_a_later_one():
    counts = [
        {"as_at": day, "risk_level": level, "count": count}
        for day, count in {"2018-02-28": "5", "2019-12-31": "10", "2020-06-30": "20"}.items()
        for level in ("medium", "high")
    ]
    (row,) = costs(CostPer.CHILD_AT_ITS_LEVELS, snapshots=snapshots(*counts))
    assert (row["denominator"], str(row["as_at"].date())) == (20, "2019-12-31")
    (row,) = costs(CostPer.CHILD_AT_ITS_LEVELS, snapshots=snapshots(*counts[4:]))
    assert (row["denominator"], str(row["period_start"].date())) == (40, "2020-01-13")


def test_a_count_after_the_firm_term_is_not_set_against_its_value():
    late = [{"as_at": "2023-01-13", "risk_level": level, "count": "10"} for level in ("medium", "high")]
    (row,) = costs(CostPer.CHILD_AT_ITS_LEVELS, snapshots=snapshots(*late))
    assert row["reason"] == OUTSIDE_TERM


def test_levels_of_which_one_is_not_published_give_no_cost():
    (row,) = costs(CostPer.CHILD_AT_ITS_LEVELS, snapshots=snapshots(*DERBYSHIRE[:4]))
    assert row["reason"] == NOT_AT_LEVELS


def test_a_count_that_is_withheld_gives_no_cost():
    rows = [*DERBYSHIRE[:4], {"risk_level": "medium", "missing": "c"}]
    (row,) = costs(CostPer.CHILD_AT_ITS_LEVELS, snapshots=snapshots(*rows))
    assert (row["reason"], pd.isna(row["denominator"])) == (WITHHELD, True)


def test_no_child_at_its_levels_gives_no_cost():
    nobody = [{"risk_level": level, "count": "0"} for level in ("medium", "high")]
    (row,) = costs(CostPer.CHILD_AT_ITS_LEVELS, snapshots=snapshots(*nobody))
    assert (row["reason"], row["denominator"]) == (NOBODY, 0)


def test_a_split_by_residence_that_does_not_add_up_is_not_used():
    rows = [row for row in DERBYSHIRE if row["residence"] != "out of force"]
    (row,) = costs(CostPer.CHILD_AT_ITS_LEVELS, snapshots=snapshots(*rows))
    assert row["denominator"] == 56


def test_harms_are_not_added_and_the_one_left_out_is_named():
    counts = [
        {"exploitation_type": harm, "risk_level": level, "count": count}
        for harm, count in {"CSE": "10", "CCE": "20"}.items()
        for level in ("medium", "high")
    ]
    register = registered(exploitation_types="CSE|CCE")
    found = costs(CostPer.CHILD_AT_ITS_LEVELS, register, snapshots=snapshots(*counts))
    assert [row["denominator"] for row in found] == [40, 20]
    assert "CSE, which it takes too, is not counted" in found[0]["grounds"]
    (row,) = costs(CostPer.CHILD_AT_ITS_LEVELS, snapshots=snapshots(*counts))
    assert (row["denominator"], "not counted" in row["grounds"]) == (20, False)


def test_a_service_in_a_part_of_a_force_is_not_set_against_the_children_of_the_whole():
    (row,) = costs(CostPer.CHILD_AT_ITS_LEVELS, snapshots=snapshots(*DERBYSHIRE), extents=extents({"area_code": FIRST}))
    assert row["reason"] == NOT_AT_LEVELS
    own = snapshots(*({"area_code": FIRST, "risk_level": level, "count": "8"} for level in ("medium", "high")))
    (row,) = costs(CostPer.CHILD_AT_ITS_LEVELS, snapshots=own, extents=extents({"area_code": FIRST}))
    assert (row["denominator"], row["area_code"]) == (16, FORCE)


def test_levels_that_are_not_stated_give_no_cost():
    (row,) = costs(CostPer.CHILD_AT_ITS_LEVELS, registered(risk_levels=pd.NA), snapshots=snapshots(*DERBYSHIRE))
    assert row["reason"] == NO_LEVELS


# Places and children supported


def test_a_place_costs_a_years_value_over_the_places_in_the_year_of_the_contract_that_they_are_of():
    (row,) = costs(CostPer.PLACE, places=places())
    assert (row["denominator"], row["unit"], row["value"]) == (50, "place", 3500)
    assert (str(row["period_start"].date()), str(row["period_end"].date())) == ("2021-01-13", "2022-01-12")
    assert row["grounds"] == "places stated; the value of one year"


def test_a_caseload_taken_for_places_says_so():
    (row,) = costs(CostPer.PLACE, places=places(places_basis=PlacesBasis.CASELOAD.value))
    assert (row["unit"], "children in support" in row["grounds"]) == ("child", True)


def test_places_of_a_day_after_the_firm_term_are_not_set_against_its_value():
    (row,) = costs(CostPer.PLACE, places=places(as_at=pd.Timestamp("2023-01-13")))
    assert row["reason"] == OUTSIDE_TERM


def test_without_places_or_time_in_service_there_is_no_cost():
    assert [row["reason"] for row in costs(CostPer.PLACE)] == [NO_PLACES]
    assert [row["reason"] for row in costs(CostPer.CHILD_SUPPORTED)] == [NO_TIME]


def test_children_supported_in_a_year_are_places_over_years_in_service():
    (row,) = costs(CostPer.CHILD_SUPPORTED, places=places())
    assert (row["denominator"], row["value"]) == (100, 1750)
    assert row["grounds"].startswith("places stated, divided by the mean years in service")


def test_a_stated_number_of_a_whole_year_stands_before_one_worked_out():
    year = {"measure": CHILDREN_SUPPORTED, "period_start": "2021-04-01", "period_end": "2022-03-31", "value": "70"}
    (row,) = costs(CostPer.CHILD_SUPPORTED, places=places(), returns=returned(year))
    assert (row["denominator"], row["value"]) == (70, 2500)
    quarter = year | {"period_start": "2022-01-01"}
    (row,) = costs(CostPer.CHILD_SUPPORTED, places=places(), returns=returned(quarter))
    assert row["denominator"] == 100


# Children reached


def test_a_quarter_of_children_reached_is_set_against_a_quarter_of_a_years_value():
    (row,) = costs(CostPer.CHILD_REACHED, returns=returned({}))
    assert (row["cost_gbp"], row["denominator"], row["value"]) == (43_750, 25, 1750)
    assert (str(row["period_start"].date()), str(row["period_end"].date())) == ("2021-07-01", "2021-09-30")


def test_only_the_latest_period_is_shown_and_periods_are_not_added():
    earlier = {"period_start": "2021-04-01", "period_end": "2021-06-30", "value": "50"}
    (row,) = costs(CostPer.CHILD_REACHED, returns=returned(earlier, {}))
    assert row["denominator"] == 25


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"area_code": FIRST}, OTHER_AREA),
        ({"value": ""}, WITHHELD),
        ({"value": "0"}, NOBODY),
        ({"period_start": "2019-10-15", "period_end": "2020-01-14"}, OUTSIDE_TERM),
        ({"period_start": "2022-10-14", "period_end": "2023-01-13"}, OUTSIDE_TERM),
        ({"basis": "snapshot", "period_start": "2021-09-30"}, NO_RETURN),
        ({"unit": "session"}, NO_RETURN),
    ],
)
def test_a_return_of_another_area_or_time_gives_no_cost(row, reason):
    (found,) = costs(CostPer.CHILD_REACHED, returns=returned(row))
    assert found["reason"] == reason


def test_a_contract_without_days_has_no_value_of_a_quarter_but_one_of_a_year():
    undated = registered(contract_start=pd.NaT, contract_end=pd.NaT)
    (row,) = costs(CostPer.CHILD_REACHED, undated, returns=returned({}))
    assert row["reason"] == NO_DAYS
    (row,) = costs(CostPer.PLACE, undated, places=places())
    assert (row["value"], row["period_start"] is pd.NaT) == (3500, True)


# Money


def test_a_service_without_a_stated_value_has_a_reason_in_every_row():
    unknown = registered(annual_value_gbp=float("nan"))
    for per in CostPer:
        assert [row["reason"] for row in costs(per, unknown, places=places())] == [NO_VALUE]


def test_the_value_of_the_term_alone_is_shared_among_its_years():
    (row,) = costs(
        CostPer.PLACE, registered(annual_value_gbp=float("nan"), contract_value_gbp=300_000.0), places=places()
    )
    assert (row["cost_gbp"], row["value"]) == (100_000, 2000)
    assert row["grounds"] == "places stated; a year's share of the value of the firm term"


@pytest.mark.parametrize(("term", "contradicts"), [(525_000.0, False), (175_000.0, True)])
def test_two_sums_for_one_contract_are_never_added_and_a_contradiction_is_named(term, contradicts):
    (row,) = costs(CostPer.PLACE, registered(contract_value_gbp=term), places=places())
    assert row["cost_gbp"] == 175_000
    assert ("contradicts" in row["grounds"]) is contradicts


# Need met, and which services


def test_the_need_met_comes_with_its_unit_and_day():
    met = {"service_id": "a_service", "met": 35.0, "unit": "child", "as_at": pd.Timestamp("2021-06-30")}
    (row,) = costs(CostPer.NEED_MET, met=pd.DataFrame([met | {"source_id": PUBLIC}]))
    assert (row["denominator"], row["unit"], row["value"], row["source_id"]) == (35, "child", 5000, PUBLIC)
    assert "not what it did meet" in row["grounds"]
    assert [row["reason"] for row in costs(CostPer.NEED_MET)] == [NOT_MET]


def test_services_that_are_not_for_exploited_children_or_for_reference_only_have_no_rows():
    known = Denominators(places(), returned(), snapshots(), extents(*EVERYWHERE))
    assert service_costs(registered(exploitation_types=pd.NA), known).empty
    assert service_costs(registered(reference_only=True), known).empty


def test_services_stand_in_order_of_their_names_and_not_of_their_costs():
    two = pd.concat([registered(service_id="b", annual_value_gbp=1.0), registered(service_id="a")])
    found = service_costs(two, Denominators(places(), returned(), snapshots(), extents()))
    assert found["service_id"].unique().tolist() == ["a", "b"]


# Where a service runs


def test_a_service_in_all_authorities_of_a_force_has_the_forces_code():
    assert extents(*EVERYWHERE)["area_code"].tolist() == [FORCE]


def test_a_service_in_one_authority_has_its_code_and_lies_in_the_force():
    (row,) = extents({"area_code": FIRST}, {"area_code": SECOND, "funding": "none"}).to_dict("records")
    assert (row["area_code"], row["police_force_area_code"], row["authorities"]) == (FIRST, FORCE, FIRST)


def test_a_service_in_the_only_authority_of_a_force_has_both_codes():
    alone = service_extents(typed("service_areas", {"service_id": "a_service"}), AREAS.drop(index=1))
    assert sorted(alone["area_code"]) == [FIRST, FORCE]


def test_a_service_in_several_forces_has_no_code():
    others = AREAS.assign(police_force_area_code=pd.array([FORCE, "E23009002", None], dtype="string"))
    both = typed("service_areas", *({"service_id": "a_service"} | place for place in EVERYWHERE))
    (row,) = service_extents(both, others).to_dict("records")
    assert pd.isna(row["area_code"])
    assert pd.isna(row["police_force_area_code"])
