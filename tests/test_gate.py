"""The gate: what it withholds and lets pass, over all tables of a release, and over the releases of a series.

The rule is that of the Department for Education's *Children in need*: counts from 1 to 5 are withheld, zero is shown
unless it would give another figure away.
"""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from needs_assessment.disclosure import (
    PROFILES,
    History,
    KnownError,
    Ledger,
    LedgerError,
    Policy,
    Protected,
    protect,
    read_known,
    statements_hash,
)
from needs_assessment.vocabulary import MissingCode

A, B, FORCE = "E06000001", "E06000002", "E23000001"
MEMBERS = {FORCE: frozenset({A, B})}
SOURCES = pd.DataFrame(
    {"source_id": ["published", "own_return"], "public": [True, False], "edition_of": pd.array([None] * 2, "string")}
)
QUARTERS = [("2024-04-01", "2024-06-30"), ("2024-07-01", "2024-09-30"), ("2024-10-01", "2024-12-31")]
Q1, Q2, Q3 = QUARTERS
HALF = ("2024-04-01", "2024-09-30")


def counted(*counts: object, source: str = "own_return", missing: str | None = None, **other: object) -> pd.DataFrame:
    """Rows of the table of demand, each of another authority unless `area_code` says which."""
    rows = pd.DataFrame(
        {
            "source_id": source,
            "measure": "referrals",
            "exploitation_type": "CSE",
            "unit": "referral",
            "area_code": [f"E0700{place:04}" for place in range(len(counts))],
            "period_start": pd.Timestamp(Q1[0]),
            "period_end": pd.Timestamp(Q1[1]),
            "count": pd.array(counts, dtype="Float64" if any(isinstance(one, float) for one in counts) else "Int64"),
            "missing": pd.array([missing] * len(counts), dtype="string"),
        }
    )
    return rows.assign(**other)


def at(area: str, period: tuple[str, str], count: int | None, **other: object) -> pd.DataFrame:
    days = {"period_start": pd.Timestamp(period[0]), "period_end": pd.Timestamp(period[1])}
    return counted(count, area_code=area, **days, **other)


def gate(rows: pd.DataFrame, policy: Policy | None = None, history: History | None = None) -> Protected:
    return protect({"demand": rows}, SOURCES, MEMBERS, policy or Policy(), history)


def table_of(protected: Protected) -> pd.DataFrame:
    return protected.tables["demand"].table


def shown(protected: Protected) -> list[str]:
    table = table_of(protected)
    return [
        code if pd.isna(count) else f"{count:g}" for count, code in zip(table["count"], table["missing"], strict=True)
    ]


# A figure by itself


def test_counts_from_one_to_five_are_withheld_and_zero_and_six_are_shown():
    safe = gate(counted(0, 1, 2, 3, 4, 5, 6, 7))
    assert shown(safe) == ["0", "c", "c", "c", "c", "c", "6", "7"]
    assert safe.withheld == 5


@pytest.mark.parametrize(("most", "expected"), [(1, "0 c 2 3"), (2, "0 c c 3"), (3, "0 c c c")])
def test_the_policy_sets_the_most_that_is_withheld(most, expected):
    assert shown(gate(counted(0, 1, 2, 3), Policy("own", most))) == expected.split()


def test_public_figures_pass_unchanged():
    counts = counted(0, 1, 5, 6, source="published").assign(note="as published")
    safe = gate(counts)
    assert safe.withheld == 0
    assert safe.statements == ()
    assert_frame_equal(table_of(safe), counts)


def test_a_count_that_its_own_source_did_not_give_keeps_its_symbol():
    safe = gate(pd.concat([counted(None, missing="x"), counted(None, missing="u", area_code=A)], ignore_index=True))
    assert shown(safe) == ["x", "u"]
    assert safe.withheld == 0


@pytest.mark.parametrize("unit", ["per cent", "pound", "year", "day", "other"])
def test_shares_money_and_lengths_of_time_are_withheld_whatever_they_are(unit):
    assert shown(gate(counted(0.0, 0.5, 12.0, 250.0, unit=unit))) == ["c"] * 4


def test_a_count_with_decimals_is_withheld():
    assert shown(gate(counted(6.0, 6.5, 0.9))) == ["6", "c", "c"]


def test_a_note_on_a_count_of_a_source_that_is_not_public_is_left_out():
    counts = pd.concat([counted(9), counted(9, source="published")], ignore_index=True).assign(note="about a child")
    assert table_of(gate(counts))["note"].isna().tolist() == [True, False]


def test_the_counts_that_went_in_are_not_changed():
    counts = counted(3).assign(note="a note")
    before = counts.copy()
    gate(counts)
    assert_frame_equal(counts, before)


def test_a_source_that_is_not_known_to_be_public_is_refused_without_its_name():
    with pytest.raises(KeyError, match="2 counts have no known source") as refused:
        gate(pd.concat([counted(9), counted(9, 9, source="jemima")]))
    assert "jemima" not in str(refused.value)


def test_no_counts_stay_no_counts():
    safe = gate(counted())
    assert (safe.withheld, safe.statements) == (0, ())
    assert table_of(safe).empty


def test_rounding_prints_the_multiple_and_withholds_what_the_rule_withholds():
    assert shown(gate(counted(0, 3, 7, 8, 11, 13), PROFILES["nhs"])) == ["0", "c", "c", "10", "10", "15"]
    assert shown(gate(counted(0, 1, 6, 7), PROFILES["opensafely-midpoint"])) == ["0", "3", "3", "9"]


# Figures together


def test_a_total_is_withheld_or_another_part_where_it_would_give_a_part_back():
    # 180 = 3 + 177: the withheld 3 is 180 less 177.
    rows = pd.concat([at(A, Q1, 3), at(B, Q1, 177), at(FORCE, Q1, 180)], ignore_index=True)
    assert shown(gate(rows)) in (["c", "c", "180"], ["c", "177", "c"])


def test_the_seed_of_derbyshire_hides_its_five_and_one_more():
    # 22 children: 5 from outside the force area, 6 from the county, 11 from the city, as published in 2019.
    common = {"scheme": "s", "exploitation_type": "CSE", "risk_level": "high", "unit": "child", "as_at": "2018-11-30"}
    groups = pd.DataFrame({"residence": ["all", "out", "county", "city"], "count": pd.array([22, 5, 6, 11], "Int64")})
    rows = groups.assign(source_id="own_return", area_code=FORCE, missing=pd.array([None] * 4, "string"), **common)
    rows["as_at"] = pd.to_datetime(rows["as_at"])
    table = protect({"risk_snapshots": rows}, SOURCES, MEMBERS, Policy()).tables["risk_snapshots"].table
    withheld = table.set_index("residence")["count"].isna()
    assert withheld["out"]
    assert withheld.sum() == 2


def test_a_rate_that_rests_on_a_withheld_count_has_nothing_to_rest_on():
    # 0.3 per 10,000 of 36,000 children is exactly 1: nothing is derived but from the table that leaves the gate.
    assert table_of(gate(counted(1)))["count"].isna().all()


def test_one_symbol_stands_for_small_figures_and_for_those_that_protect_them():
    rows = pd.concat([at(A, Q1, 3), at(B, Q1, 177), at(FORCE, Q1, 180)], ignore_index=True)
    assert set(table_of(gate(rows))["missing"].dropna()) == {MissingCode.SUPPRESSED}


def test_a_sum_that_contradicts_its_parts_is_told_and_still_safe():
    rows = pd.concat([at(A, Q1, 3), at(B, Q1, 9), at(FORCE, Q1, 11)], ignore_index=True)
    safe = gate(rows)
    assert len(safe.alone) == 1
    assert shown(safe)[0] == "c"


def test_coarser_tables_are_proposed_where_many_figures_are_withheld():
    rows = pd.concat([at(area, quarter, 2) for area in (A, B) for quarter in QUARTERS], ignore_index=True)
    wider = pd.concat([at(FORCE, quarter, 4) for quarter in QUARTERS], ignore_index=True)
    safe = gate(pd.concat([rows, wider], ignore_index=True))
    assert any(choice.dimension == "area" and choice.cells == 3 for choice in safe.coarser)
    assert gate(counted(9, 9, 9)).coarser == ()


def test_insiders_are_kept_from_the_figures_of_others():
    rows = pd.concat([at(A, Q1, 4), at(B, Q1, 3), at(FORCE, Q1, 7)], ignore_index=True)
    assert shown(gate(rows)) == ["c", "c", "7"]  # whoever knows the 4 of the first knows the 3 of the second
    assert shown(gate(rows, PROFILES["insider-safe"])) == ["c", "c", "c"]


# Properties

COUNTS = st.lists(st.none() | st.integers(0, 12), min_size=4, max_size=4)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(COUNTS, st.integers(1, 9), st.integers(0, 1000))
def test_no_small_count_remains_and_the_order_of_rows_is_irrelevant(counts, most, seed):
    cells = [(A, Q1), (A, Q2), (B, Q1), (B, Q2)]
    leaves = dict(zip(cells, counts, strict=True))
    rows = [at(*cell, count, missing=None if count is not None else "x") for cell, count in leaves.items()]
    full = {area: [leaves[area, quarter] for quarter in (Q1, Q2)] for area in (A, B)}
    rows += [at(area, HALF, sum(parts)) for area, parts in full.items() if None not in parts]
    table = pd.concat(rows, ignore_index=True)
    safe = gate(table, Policy("any", most))
    out = table_of(safe)
    assert not out["count"].between(1, most).any()
    assert (out["count"].isna() == out["missing"].notna()).all()
    mixed = table.sample(frac=1, random_state=seed)
    assert_frame_equal(table_of(gate(mixed, Policy("any", most))).sort_index(), out)
    assert statements_hash(gate(mixed, Policy("any", most)).statements) == statements_hash(safe.statements)


# A series of releases


def released(ledger: Ledger, rows: pd.DataFrame, *, revision: bool = False, policy: Policy | None = None) -> Protected:
    """The release, recorded as the next of the series."""
    kind = "revision" if revision else "release" if ledger.releases else "first"
    return recorded(ledger, gate(rows, policy, History(ledger, revision)), kind, policy)


def recorded(ledger: Ledger, safe: Protected, kind: str = "first", policy: Policy | None = None) -> Protected:
    told = [(one.key, one.low, one.high, str(one.status)) for one in safe.statements]
    ledger.record(told, kind=kind, policy=policy or Policy(), made_on=date(2026, 1, 1), certificate={})
    return safe


@pytest.fixture
def ledger(tmp_path) -> Ledger:
    return Ledger.start(tmp_path / "series", "quarterly")


def test_what_was_printed_stays_printed_and_what_was_hidden_stays_hidden(ledger):
    first = pd.concat([at(A, Q1, 3), at(B, Q1, 9), at(FORCE, Q1, 12)], ignore_index=True)
    before = shown(released(ledger, first))
    again = pd.concat([first, at(A, Q2, 20), at(B, Q2, 30), at(FORCE, Q2, 50)], ignore_index=True)
    assert shown(released(ledger, again)) == [*before, "20", "30", "50"]


def test_a_later_release_does_not_give_back_what_an_earlier_one_hid(ledger):
    assert shown(released(ledger, pd.concat([at(A, Q1, 3), at(A, HALF, 12)], ignore_index=True))) == ["c", "12"]
    # The quarter after it alone would be harmless: 9. With the half year of the first release it gives the 3 back.
    assert shown(released(ledger, at(A, Q2, 9))) == ["c"]
    assert shown(gate(at(A, Q2, 9))) == ["9"]


def test_a_changed_figure_keeps_its_first_value_until_a_declared_revision(ledger):
    released(ledger, pd.concat([at(A, Q1, 20), at(B, Q1, 30)], ignore_index=True))
    changed = pd.concat([at(A, Q1, 31), at(B, Q1, 32)], ignore_index=True)
    kept = released(ledger, changed)
    assert shown(kept) == ["20", "30"]
    assert len(kept.waiting) == 2
    # In a revision run 31 may be printed; 30 to 32 would tell of two children.
    revised = released(ledger, changed, revision=True)
    assert shown(revised) == ["31", "30"]
    assert len(revised.waiting) == 1


def test_a_new_sum_beside_a_figure_that_waits_is_withheld(ledger):
    # The first quarter was 20 and is now 21: a half year of 51 less the printed 20 and 30 would tell the one.
    released(ledger, pd.concat([at(A, Q1, 20), at(A, Q2, 30)], ignore_index=True))
    later = pd.concat([at(A, Q1, 21), at(A, Q2, 30), at(A, HALF, 51)], ignore_index=True)
    assert shown(released(ledger, later)) == ["20", "30", "c"]


def test_a_return_under_another_name_is_refused(ledger):
    released(ledger, at(A, Q1, 9))
    sources = SOURCES.assign(source_id=["published", "another"])
    with pytest.raises(LedgerError, match="edition_of"):
        protect({"demand": at(A, Q1, 9, source="another")}, sources, MEMBERS, Policy(), History(ledger))


def test_editions_of_one_publication_are_one_series(ledger):
    released(ledger, at(A, Q1, 9))
    edition = pd.array([None, "own_return"], dtype="string")
    sources = SOURCES.assign(source_id=["published", "autumn"], edition_of=edition)
    safe = protect({"demand": at(A, Q1, 14, source="autumn")}, sources, MEMBERS, Policy(), History(ledger))
    assert shown(safe) == ["9"]


def test_figures_that_are_no_longer_there_still_bind(ledger):
    released(ledger, pd.concat([at(A, HALF, 12), at(A, Q1, 3)], ignore_index=True))
    assert shown(gate(at(A, Q2, 9), history=History(ledger))) == ["c"]


# What later releases will print


SPANS = [
    ("2024-01-01", "2024-03-31"),
    ("2024-04-01", "2024-06-30"),
    ("2024-07-01", "2024-09-30"),
    ("2024-10-01", "2024-12-31"),
]
YEAR, THREE_QUARTERS, NEXT_YEAR = (
    ("2024-01-01", "2024-12-31"),
    ("2024-04-01", "2024-12-31"),
    ("2024-04-01", "2025-03-31"),
)


def four_quarters_of_two_areas() -> pd.DataFrame:
    first, second = (3, 1, 1, 2), (3, 3, 0, 2)
    rows = [at(A, span, count) for span, count in zip(SPANS, first, strict=True)]
    rows += [at(B, span, count) for span, count in zip(SPANS, second, strict=True)]
    rows += [at(FORCE, span, sum(both)) for span, both in zip(SPANS, zip(first, second, strict=True), strict=True)]
    rows += [at(area, YEAR, count) for area, count in ((A, 7), (B, 8), (FORCE, 15))]
    return pd.concat(rows, ignore_index=True)


def test_a_sum_that_a_later_figure_will_hold_is_kept_open_today(tmp_path):
    """Of the second area's 8 in the year at most 6 fell in the first quarter, the force's figure, so that 2 or more
    came later: then nothing could protect a figure of 5 for the year that begins after it.
    """
    next_year = at(B, NEXT_YEAR, 5)
    unprotected = []
    for name, later in (("alone", {}), ("ahead", {"demand": at(B, THREE_QUARTERS, 5)})):
        ledger = Ledger.start(tmp_path / name, "rolling years")
        safe = gate(four_quarters_of_two_areas(), history=History(ledger, later=later))
        told = [(one.key, one.low, one.high, str(one.status)) for one in safe.statements]
        ledger.record(told, kind="first", policy=Policy(), made_on=date(2026, 1, 1), certificate={})
        unprotected.append(len(gate(next_year, history=History(ledger)).unprotected))
    assert unprotected == [1, 0]


def test_a_rule_that_always_prints_zeros_prints_them():
    rows = pd.concat([at(A, Q1, 0), at(B, Q1, 3), at(FORCE, Q1, 3)], ignore_index=True)
    safe = gate(rows, Policy(zeros_always_printed=True))
    assert shown(safe)[0] == "0"


# What others have published


def test_a_figure_that_a_public_source_states_too_is_printed_and_known():
    rows = pd.concat([at(A, Q1, 3), at(B, Q1, 4), at(FORCE, Q1, 7)], ignore_index=True)
    assert shown(gate(rows)) == ["c", "c", "7"]
    # With the public 3 of the first, the force's 7 would give the 4 of the second.
    safe = gate(pd.concat([rows, at(A, Q1, 3, source="published")], ignore_index=True))
    assert shown(safe) == ["3", "c", "c", "3"]


def test_what_a_public_source_counts_otherwise_is_not_linked():
    rows = pd.concat([at(A, Q1, 3), at(B, Q1, 9), at(FORCE, Q1, 40, source="published")], ignore_index=True)
    safe = gate(rows)
    assert shown(safe) == ["c", "9", "40"]
    linked = pd.concat([at(A, Q1, 3), at(B, Q1, 9), at(FORCE, Q1, 12, source="published")], ignore_index=True)
    assert shown(gate(linked)) == ["c", "c", "12"]


HEADINGS = "table,identity,measure,exploitation_type,unit,area_code,period_start,period_end,low,high,said_by"


def known(tmp_path, *lines: str):
    path = tmp_path / "external_known.csv"
    path.write_text("\n".join([HEADINGS, *lines]) + "\n", encoding="utf-8")
    return path


def test_what_others_published_is_counted_as_known(tmp_path):
    rows = pd.concat([at(A, Q1, 3), at(B, Q1, 9)], ignore_index=True)
    assert shown(gate(rows)) == ["c", "9"]
    line = f"demand,own_return,referrals,CSE,referral,{FORCE},2024-04-01,2024-06-30,12,12,the force's own bulletin"
    assert shown(gate(rows, history=History(known=read_known(known(tmp_path, line))))) == ["c", "c"]


def test_a_figure_that_others_published_itself_cannot_be_protected_and_is_named(tmp_path):
    line = f"demand,own_return,referrals,CSE,referral,{A},2024-04-01,2024-06-30,3,3,a newspaper"
    safe = gate(at(A, Q1, 3), history=History(known=read_known(known(tmp_path, line))))
    assert shown(safe) == ["c"]
    assert len(safe.unprotected) == 1


def test_every_fault_of_a_table_of_what_others_published_is_told_at_once(tmp_path):
    path = known(
        tmp_path,
        "nothing,own_return,,,,,,,1,2,x",
        f"demand,,referrals,CSE,referral,{A},2024-04-01,2024-06-30,9,8,x",
        f"demand,own_return,referrals,CSE,referral,{A},2024-04-01,2024-06-30,many,8,",
    )
    with pytest.raises(KnownError) as refused:
        read_known(path)
    message = str(refused.value)
    assert "faults: 5" in message
    assert "row 2: table must be one of" in message
    assert "row 3: identity is required" in message
    assert "row 3: high must not be less than low" in message
    assert "row 4: said_by is required" in message
    assert "row 4: low and high must be whole numbers" in message
    assert "many" not in message


def test_a_table_without_its_columns_or_without_a_file_is_refused(tmp_path):
    path = tmp_path / "external_known.csv"
    path.write_text("table,low\n", encoding="utf-8")
    with pytest.raises(KnownError, match="column identity is missing"):
        read_known(path)
    with pytest.raises(KnownError, match="cannot be read"):
        read_known(tmp_path / "absent.csv")


# Breakdowns


def by_sex(*counts: int, **other: object) -> pd.DataFrame:
    words = ["female", "male", "another or not recorded"][: len(counts)]
    return counted(*counts, dimension="sex", category=words, **other).assign(area_code=A)


def with_breakdown(total: int, *counts: int, history: History | None = None) -> Protected:
    tables = {"demand": at(A, Q1, total), "breakdowns": by_sex(*counts)}
    return protect(tables, SOURCES, MEMBERS, Policy(), history)


def categories(protected: Protected) -> list[int | None]:
    return [None if pd.isna(count) else int(count) for count in protected.tables["breakdowns"].table["count"]]


def test_a_small_category_takes_another_with_it_and_leaves_the_total() -> None:
    protected = with_breakdown(40, 12, 25, 3)
    assert shown(protected) == ["40"]
    assert categories(protected) == [None, 25, None]


def test_zeros_that_would_tell_of_all_children_what_they_are_are_withheld() -> None:
    protected = with_breakdown(30, 30, 0, 0)
    assert shown(protected) == ["30"]
    assert categories(protected) == [None, None, None]


def test_a_new_breakdown_of_a_total_that_keeps_its_first_value_is_withheld(ledger) -> None:
    recorded(ledger, gate(at(A, Q1, 40)))
    protected = with_breakdown(41, 20, 21, history=History(ledger))
    assert shown(protected) == ["40"]
    assert categories(protected) == [None, None]


def test_a_new_breakdown_of_a_total_that_stands_is_printed(ledger) -> None:
    recorded(ledger, gate(at(A, Q1, 40)))
    assert categories(with_breakdown(40, 19, 21, history=History(ledger))) == [19, 21]


def test_in_a_revision_a_withheld_category_is_not_told_by_the_change_of_the_others(ledger) -> None:
    recorded(ledger, with_breakdown(40, 12, 25, 3))
    revised = with_breakdown(50, 12, 35, 3, history=History(ledger, revision=True))
    assert shown(revised) == ["50"]
    assert categories(revised) == [None, 35, None]
    assert not revised.unprotected
