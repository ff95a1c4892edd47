"""What a reader could subtract from providers' returns: one from another, and parts from a force or the year so far."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from small_evidence import BASE, FIRST, FORCE, PRIVATE, PUBLIC, SECOND, folder

from needs_assessment.assessment.gate import Gate
from needs_assessment.disclosure import History, Policy, protect
from needs_assessment.evidence import read_evidence

THIRD = "E06009003"
MEMBERS = {FORCE: frozenset({FIRST, SECOND, THIRD})}
SOURCES = pd.DataFrame({"source_id": ["q1", "q2", PUBLIC], "public": [False, False, True], "edition_of": [None] * 3})
Q1, Q2, SO_FAR = ("2024-04-01", "2024-06-30"), ("2024-07-01", "2024-09-30"), ("2024-04-01", "2024-09-30")
Row = tuple[str, str, tuple[str, str], str, float]


def printed(*rows: Row, measure: str = "new_referrals", unit: str = "referral", runs: bool = True) -> list[bool]:
    """Which of the figures (source, area, days, basis, count) are printed; the service runs in two of three areas."""
    names = ["source_id", "area_code", "days", "basis", "count"]
    table = pd.DataFrame(rows, columns=names).assign(service_id="one", measure=measure, unit=unit)
    table = table.assign(
        **{f"period_{end}": [days[n] for days in table["days"]] for n, end in enumerate(("start", "end"))}
    )
    table = table.assign(missing=pd.Series(pd.NA, index=table.index, dtype="string"))
    history = History(runs={"one": frozenset({FIRST, SECOND})} if runs else {})
    passed = protect({"service_returns": table.drop(columns="days")}, SOURCES, MEMBERS, Policy(), history)
    return list(passed.tables["service_returns"].table["count"].notna())


@pytest.mark.parametrize("later", ["q1", "q2"])
def test_the_year_so_far_less_a_quarter_does_not_give_the_other_quarter_whichever_return_states_them(
    later: str,
) -> None:
    rows = [("q1", FIRST, Q1, "in period", 3), (later, FIRST, Q2, "in period", 9)]
    first, *others = printed(*rows, (later, FIRST, SO_FAR, "cumulative", 12))
    assert not first and not all(others)


def test_children_of_the_year_so_far_less_those_of_a_quarter_are_the_least_of_the_other() -> None:
    rows: list[Row] = [("q1", FIRST, Q1, "in period", 4), ("q2", FIRST, Q2, "in period", 9)]
    assert not all(
        printed(*rows, ("q2", FIRST, SO_FAR, "cumulative", 13), unit="child", measure="children_reached")[1:]
    )


def test_a_figure_that_a_later_return_repeats_is_withheld_in_both() -> None:
    rows: list[Row] = [("q1", FIRST, Q1, "in period", 5), ("q1", SECOND, Q1, "in period", 15)]
    rows += [("q1", FORCE, Q1, "in period", 20), ("q2", SECOND, Q1, "in period", 15)]
    _, second, force, again = printed(*rows)
    assert second is again and not (second and force)


def test_a_public_return_of_the_year_so_far_is_part_of_the_attack() -> None:
    rows: list[Row] = [("q1", FIRST, Q1, "in period", 4), ("q1", FIRST, Q2, "in period", 9)]
    assert printed(*rows, (PUBLIC, FIRST, SO_FAR, "cumulative", 13)) == [False, False, True]


@pytest.mark.parametrize(("runs", "shows_all"), [(True, False), (False, True)])
def test_where_a_service_does_not_run_it_counts_nobody(runs: bool, shows_all: bool) -> None:
    """5 of a force's 20 could lie in a third authority, unless readers are told that the service is not there."""
    rows: list[Row] = [("q1", FIRST, Q1, "in period", 5), ("q1", SECOND, Q1, "in period", 15)]
    first, *others = printed(*rows, ("q1", FORCE, Q1, "in period", 20), runs=runs)
    assert not first and all(others) is shows_all


def test_a_force_with_children_from_where_its_service_does_not_run_is_protected_all_the_same() -> None:
    rows: list[Row] = [("q1", FIRST, Q1, "in period", 3), ("q1", SECOND, Q1, "in period", 15)]
    assert printed(*rows, ("q1", FORCE, Q1, "in period", 19))[1:] != [True, True]


def test_a_share_money_and_a_length_of_time_are_withheld() -> None:
    assert not any(printed(("q1", FORCE, Q1, "in period", 66.67), unit="per cent", measure="seen"))
    assert not any(printed(("q1", FORCE, Q1, "snapshot", 40), unit="year", measure="years_in_service"))


def test_of_editions_the_latest_stands_and_a_blank_of_a_return_may_be_a_small_count(tmp_path: Path) -> None:
    own = {"service_id": "one", "measure": "new_referrals", "unit": "referral", "source_id": PRIVATE}
    editions = [
        {"source_id": name, "public": "false", "edition_of": "returns", "data_to": day}
        for name, day in ((PRIVATE, "2024-06-30"), ("later", "2024-09-30"))
    ]
    rows = [own | {"value": "15", "note": "said first"}, own | {"value": "16", "source_id": "later"}]
    rows += [own | {"area_code": SECOND, "value": ""}, own | {"area_code": FORCE, "value": "20"}]
    tables = BASE | {"sources": [BASE["sources"][0], *editions], "service_returns": rows}
    tables |= {"services": [{"service_id": "one", "source_id": PRIVATE}]}
    areas = [{**row, "police_force_area_code": FORCE, "police_force_area_name": "Both"} for row in BASE["areas"][:2]]
    evidence = read_evidence(folder(tmp_path / "return", tables | {"areas": [*areas, *BASE["areas"][2:]]}))
    table = Gate(evidence, Policy(), History())("service_returns").table.set_index("area_code")
    assert list(table.index) == [FIRST, SECOND, FORCE] and table.loc[SECOND, "missing"] == "c"
    assert table["count"].notna().sum() == 1


def test_a_return_that_contradicts_another_stands_alone_and_nothing_else_does() -> None:
    rows: list[Row] = [("q1", FIRST, Q1, "in period", 15), ("q2", FIRST, Q1, "in period", 16)]
    beside: list[Row] = [("q1", SECOND, Q1, "in period", 3), ("q1", FORCE, Q1, "in period", 18)]
    first, again, second, force = printed(*rows, *beside)
    assert first and again and not second and not force
