"""Editions: the latest stands, nothing is lost, and what was revised can be read off."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_evidence import FIRST, SECOND, table

from needs_assessment.editions import FIGURE, current_edition, revisions

OFFICIAL = Path(__file__).resolve().parents[1].parent / "shared" / "official" / "children_in_need"
C3 = "c3_factors_identified_at_end_of_assessment_2018_to_{}.csv"


def editions(*rows: dict[str, str]) -> pd.DataFrame:
    return table("sources", *({"edition_of": "factors", **row} for row in rows))


TWO = editions({"source_id": "old", "data_to": "2024-03-31"}, {"source_id": "new", "data_to": "2025-03-31"})


def figures(*rows: dict[str, str]) -> pd.DataFrame:
    return table("observations", *rows)


def stated(sources: pd.DataFrame, *rows: dict[str, str]) -> list[int]:
    return current_edition(figures(*rows), sources, FIGURE)["count"].tolist()


# The current edition


def test_of_two_editions_the_one_with_the_latest_data_stands():
    assert stated(TWO, {"source_id": "new", "count": "8"}, {"source_id": "old", "count": "7"}) == [8]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"published_on": "2024-06-30"}, {"published_on": "2024-07-01"}),  # a correction of the same data
        ({"published_on": ""}, {"published_on": "2024-07-01"}),
        ({"data_to": "", "published_on": "2025-01-01"}, {"published_on": "2024-01-01"}),
        ({}, {}),  # then the order of the sources
    ],
)
def test_with_the_same_data_the_later_publication_stands(old, new):
    sources = editions(
        *({"data_to": "2024-03-31", **row} for row in ({"source_id": "old"} | old, {"source_id": "new"} | new))
    )
    assert stated(sources, {"source_id": "new", "count": "8"}, {"source_id": "old", "count": "7"}) == [8]


def test_what_only_the_older_edition_has_stays():
    dropped = {"period_start": "2017-04-01", "period_end": "2018-03-31"}
    rows = [{"source_id": "old", "count": "7", **dropped}, {"source_id": "old", "count": "6"}]
    assert stated(TWO, *rows, {"source_id": "new", "count": "8"}) == [7, 8]


def test_a_missing_figure_of_the_newer_edition_replaces_a_number():
    rows = [{"source_id": "old", "count": "7"}, {"source_id": "new", "missing": "u"}]
    assert current_edition(figures(*rows), TWO, FIGURE)["missing"].tolist() == ["u"]


def test_a_source_that_is_no_edition_is_left_alone():
    sources = pd.concat(
        [TWO, editions({"source_id": "other", "edition_of": ""}, {"source_id": "third", "edition_of": "x"})]
    )
    rows = [
        {"source_id": source, "count": count} for source, count in zip(("other", "third", "old"), "123", strict=True)
    ]
    assert stated(sources, *rows, {"source_id": "new", "count": "8"}) == [1, 2, 8]


def test_a_measure_without_a_harm_has_editions_too():
    gangs = {"measure": "gangs_factor_episodes", "exploitation_type": ""}
    assert stated(TWO, {"source_id": "old", "count": "7", **gangs}, {"source_id": "new", "count": "8", **gangs}) == [8]


def test_two_figures_of_one_edition_both_stay():
    rows = [{"source_id": "new", "count": "8"}, {"source_id": "new", "count": "9", "note": "another reading"}]
    assert stated(TWO, {"source_id": "old", "count": "7"}, *rows) == [8, 9]


def test_other_tables_have_editions_with_their_own_key():
    population = table("population", {"source_id": "old", "people": "1"}, {"source_id": "new", "people": "2"})
    assert current_edition(population, TWO, ["area_code", "mid_year"])["people"].tolist() == [2]


def test_no_rows_and_no_sources_with_editions_are_no_trouble():
    assert current_edition(figures(), TWO, FIGURE).empty
    assert len(current_edition(figures({"count": "1"}), table("sources", {"source_id": "public_source"}), FIGURE)) == 1


rows_of_editions = st.lists(
    st.tuples(st.sampled_from(["old", "new"]), st.sampled_from([FIRST, SECOND]), st.sampled_from(["CSE", "CCE"])),
    unique=True,
    max_size=8,
)


@settings(max_examples=30)
@given(rows_of_editions)
def test_every_figure_that_any_edition_states_is_stated_once(rows):
    table_of_both = figures(
        *(
            {"source_id": source, "area_code": area, "exploitation_type": harm, "count": "1"}
            for source, area, harm in rows
        )
    )
    current = current_edition(table_of_both, TWO, FIGURE)
    assert not current.duplicated(FIGURE).any()
    assert set(map(tuple, current[["area_code", "exploitation_type"]].to_numpy())) == {row[1:] for row in rows}


# Revisions


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ({"count": "7"}, {"count": "8"}, "count revised"),
        ({"count": "0"}, {"count": "8"}, "count revised"),
        ({"missing": "c"}, {"count": "8"}, "withheld → published"),
        ({"count": "7"}, {"missing": "u"}, "published → withheld"),
        ({"missing": "c"}, {"missing": "u"}, "symbol changed"),
    ],
)
def test_what_was_revised_is_named_with_both_figures(old, new, kind):
    changed = revisions(figures({"source_id": "old", **old}, {"source_id": "new", **new}), TWO)
    row = changed.iloc[0]
    assert (len(changed), row["kind"], row["old_source_id"], row["new_source_id"]) == (1, kind, "old", "new")
    shown = ["old_count", "old_missing", "new_count", "new_missing"]
    given_figures = [old.get("count"), old.get("missing"), new.get("count"), new.get("missing")]
    assert [None if pd.isna(cell) else str(cell) for cell in row[shown]] == given_figures


@pytest.mark.parametrize("same", [{"count": "7"}, {"missing": "c"}])
def test_what_was_not_revised_is_not_listed(same):
    assert revisions(figures({"source_id": "old", **same}, {"source_id": "new", **same}), TWO).empty


def test_a_figure_may_appear_and_disappear_within_a_period_that_both_editions_have():
    rows = [{"source_id": "old", "count": "7"}, {"source_id": "new", "count": "8", "area_code": SECOND}]
    assert revisions(figures(*rows), TWO).set_index("area_code")["kind"].to_dict() == {
        FIRST: "disappeared",
        SECOND: "appeared",
    }


def test_a_new_year_is_no_revision_and_nor_is_one_that_was_dropped():
    early = {"period_start": "2017-04-01", "period_end": "2018-03-31"}
    rows = [{"source_id": "old", "count": "7"}, {"source_id": "old", "count": "5", **early}]
    assert revisions(figures(*rows, {"source_id": "new", "count": "7"}), TWO).empty
    assert revisions(
        figures(rows[0], {"source_id": "new", "count": "7"}, {"source_id": "new", "count": "9", **early}), TWO
    ).empty


def test_each_edition_is_set_beside_the_one_before_it_only():
    three = pd.concat([TWO, editions({"source_id": "newest", "data_to": "2026-03-31"})], ignore_index=True)
    rows = [
        {"source_id": source, "count": count} for source, count in zip(("newest", "old", "new"), "978", strict=True)
    ]
    changed = revisions(figures(*rows), three)
    assert changed[["old_source_id", "old_count", "new_source_id", "new_count"]].to_numpy().tolist() == [
        ["old", 7, "new", 8],
        ["new", 8, "newest", 9],
    ]


def test_two_copies_of_one_edition_revise_nothing():
    copies = pd.concat([TWO, editions({"source_id": "copy", "data_to": "2025-03-31"})], ignore_index=True)
    rows = [{"source_id": source, "count": count} for source, count in zip(("old", "new", "copy"), "788", strict=True)]
    changed = revisions(figures(*rows), copies)
    assert changed[["old_source_id", "new_source_id"]].to_numpy().tolist() == [["old", "copy"]]


def test_an_edition_without_figures_is_passed_over():
    three = pd.concat([TWO, editions({"source_id": "between", "data_to": "2024-12-31"})], ignore_index=True)
    rows = [{"source_id": "old", "count": "7"}, {"source_id": "new", "count": "8"}]
    assert revisions(figures(*rows), three)["kind"].tolist() == ["count revised"]


def test_several_figures_of_one_kind_are_compared_in_their_order():
    rows = [
        {"source_id": source, "count": count, "note": note}
        for source, counts in (("old", "12"), ("new", "13"))
        for count, note in zip(counts, ("first reading", "second reading"), strict=True)
    ]
    assert revisions(figures(*rows), TWO)[["old_count", "new_count"]].to_numpy().tolist() == [[2, 3]]


def test_without_two_editions_nothing_was_revised():
    assert revisions(figures({"source_id": "new", "count": "7"}), TWO).empty
    changed = revisions(figures({"source_id": "old", "count": "6"}, {"source_id": "new", "count": "7"}), TWO)
    pd.testing.assert_frame_equal(revisions(figures(), TWO), changed.iloc[:0])


@pytest.mark.skipif(not OFFICIAL.exists(), reason="needs the official files in ../shared/official")
def test_the_2025_edition_of_c3_added_a_year_and_revised_no_figure_of_exploitation():
    # Counted by hand as well: the 1,147 rows that both files hold are the same in every column.
    both = pd.concat([_c3(2024, "old"), _c3(2025, "new")], ignore_index=True)
    assert both["source_id"].value_counts().to_dict() == {"new": 2 * 1312, "old": 2 * 1147}
    assert revisions(both, TWO).empty
    assert current_edition(both, TWO, FIGURE)["source_id"].unique().tolist() == ["new"]
    altered = both.copy()
    altered.loc[0, ["count", "missing"]] = [pd.NA, "c"]
    assert len(revisions(altered, TWO)) == 1


def _c3(edition: int, source: str) -> pd.DataFrame:
    """The CSE and CCE cells of an edition of C3, as observations; regions and the country under their own codes."""
    file = pd.read_csv(OFFICIAL / C3.format(edition), dtype="string", encoding="utf-8-sig")
    place = file["new_la_code"].fillna(file["region_code"]).fillna(file["country_code"])
    year = file["time_period"].astype(int)
    parts = []
    for column, harm in (("Child_sexual_exploitation", "CSE"), ("Child_criminal_exploitation", "CCE")):
        number = file[column].str.fullmatch(r"\d+").astype(bool)
        part = pd.DataFrame(
            {"source_id": source, "measure": "assessment_factor_episodes", "unit": "episode"}, index=file.index
        )
        part = part.assign(exploitation_type=harm, area_code=place)
        part["period_start"] = pd.to_datetime((year - 1).astype(str) + "-04-01")
        part["period_end"] = pd.to_datetime(year.astype(str) + "-03-31")
        part["count"] = pd.to_numeric(file[column].where(number)).astype("Int64")
        parts.append(part.assign(missing=file[column].mask(number)))
    return pd.concat(parts, ignore_index=True)
