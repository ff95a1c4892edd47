"""One area's view of a release: its rows, its police force area's rows, and nobody else's."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pandas as pd
import pytest
from small_evidence import BASE, COUNTRY, FIRST, FORCE, PRIVATE, PUBLIC, SECOND
from small_release import small_release, small_view

from needs_assessment.area_view import DEFAULT_RELEASE, NO_AREA, AreaView, with_forces
from needs_assessment.geography import UnknownAreaError
from needs_assessment.narrative.phrases import EPISODES
from needs_assessment.release import Release, ReleaseError
from needs_assessment.vocabulary import ExploitationType, Measure, PeerBasis

CSE, CCE = ExploitationType


# Opening


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ("E06000019", "E06000019"),
        ("herefordshire", "E06000019"),
        ("Herefordshire, County of", "E06000019"),
        ("Telford & Wrekin", "E06000020"),
        ("  TELFORD AND WREKIN council ", "E06000020"),
        ("Bristol, City of", "E06000023"),
        ("West Mercia", "E23000016"),
        ("west mercia police", "E23000016"),
        ("E23000016", "E23000016"),
        # an authority goes before the police force area of its name
        ("Derbyshire", "E10000007"),
        ("Derbyshire police force area", "E23000018"),
    ],
)
def test_an_area_is_found_as_people_write_it(release_folder: Path, asked: str, code: str) -> None:
    assert AreaView.open(asked, release_folder).area_code == code


def test_a_misspelt_area_is_refused_with_the_nearest_names_of_both_kinds(release_folder: Path) -> None:
    with pytest.raises(
        UnknownAreaError, match=r"Derbyshire \(E10000007\) or Derbyshire police force area \(E23000018\)"
    ):
        AreaView.open("Derbyshre", release_folder)


@pytest.mark.parametrize("asked", [NO_AREA, "", "England", "West Midlands", "E92000001", "E23000001"])
def test_what_is_no_local_authority_or_police_force_area_of_the_evidence_is_refused(
    release_folder: Path, asked: str
) -> None:
    with pytest.raises(UnknownAreaError):
        AreaView.open(asked, release_folder)


def test_a_relative_folder_is_found_in_the_folders_above(
    release_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Release.read(release_folder).write(tmp_path / DEFAULT_RELEASE)
    below = tmp_path / "notebooks" / "drafts"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    assert AreaView.open("Derby").name == "Derby"


def test_where_there_is_no_release_the_command_that_makes_one_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ReleaseError, match="needs-assessment assess"):
        AreaView.open("Derby", tmp_path / "nowhere")
    with pytest.raises(ReleaseError, match="needs-assessment assess"):
        AreaView.open("Derby", "nowhere")


def test_a_view_holds_a_release_and_a_code_and_no_way_to_the_evidence() -> None:
    assert [field.name for field in dataclasses.fields(AreaView)] == ["release", "area_code"]
    assert [field.name for field in dataclasses.fields(Release)] == ["tables", "manifest"]


def test_no_table_of_a_release_holds_a_child_or_an_offence_one_by_one(synthetic_folder: Path) -> None:
    columns = {column for table in Release.read(synthetic_folder).tables.values() for column in table.columns}
    assert "service_id" in columns
    identifiers = {"child_id", "victim_id", "suspect_id", "referral_id", "offence_id", "event_id", "home_area_code"}
    assert columns & identifiers == set()


def test_changing_what_a_view_gives_changes_nothing_for_the_next_reader(views: dict[str, AreaView]) -> None:
    view = views["Derby"]
    before = view.release["demand"]
    given, series = view.release["demand"], view.series(EPISODES, CSE)
    given["count"], series["count"] = 0, 0
    pd.testing.assert_frame_equal(view.release["demand"], before)


# Whose rows


def test_rows_are_of_the_area_or_of_its_police_force_area(views: dict[str, AreaView]) -> None:
    tables = ("demand", "risk_change", "risk_out_of_area", "service_returns", "statements", "caseload_checks", "breaks")
    seen = set()
    for view in views.values():
        for table in tables:
            codes = set(view.here(table)["area_code"])
            assert codes <= {view.area_code, view.force_code}, f"{table} of {view.name}"
            seen |= {table} if view.force_code in codes else set()
    assert {"risk_change", "service_returns", "statements"} <= seen


def test_derby_sees_the_risk_levels_of_its_force_and_bristol_does_not(views: dict[str, AreaView]) -> None:
    assert len(views["Derby"].here("risk_change")) == len(views["Derbyshire"].here("risk_change")) > 0
    assert views["Bristol"].here("risk_change").empty


def test_money_is_of_areas_of_the_same_police_force_area(views: dict[str, AreaView]) -> None:
    # the awards go to community safety partnerships, which are not local authorities
    assert len(views["Shropshire"].funding()) == len(views["Herefordshire"].funding()) == 7
    assert set(views["Derby"].funding()["recipient"]) == {"Catch 22"}


def test_a_series_runs_from_the_oldest_period_to_the_latest(views: dict[str, AreaView]) -> None:
    for view in views.values():
        for harm in ExploitationType:
            series = view.series(EPISODES, harm)
            assert series["period_end"].dt.year.tolist() == list(range(2018, 2026))
            latest = view.latest(EPISODES, harm)
            assert latest is not None and latest["period_end"] == pd.Timestamp(2025, 3, 31)


def test_a_series_is_of_one_measure_and_one_harm(views: dict[str, AreaView]) -> None:
    view = views["Bristol"]
    assert view.series(EPISODES, CSE)["exploitation_type"].unique().tolist() == ["CSE"]
    assert view.series(Measure.GANGS_EPISODES)["exploitation_type"].isna().all()
    assert view.series(EPISODES).empty


def test_somerset_keeps_its_years_under_the_code_that_it_had(views: dict[str, AreaView]) -> None:
    # E10000027 until 2023, E06000066 since: a join on the code loses the years before
    series = views["Somerset"].series(EPISODES, CSE)
    assert set(series["area_code"]) == {"E06000066"} and len(series) == 8
    assert series["value"].notna().all()


def test_an_area_without_a_series_has_no_latest_period() -> None:
    assert small_view().latest(EPISODES, CCE) is None


def test_all_areas_in_use_stand_side_by_side_even_without_a_figure() -> None:
    view = small_view()
    same = view.same_measure(EPISODES, CSE, pd.Timestamp(2024, 3, 31))
    assert same["area_name"].tolist() == ["First", "Second"]
    assert same["count"].isna().tolist() == [False, True]
    mapped = view.mapped(EPISODES, CSE, pd.Timestamp(2024, 3, 31)).set_index("area_code")
    assert {FIRST, SECOND} == set(mapped.index) and pd.isna(mapped.loc[SECOND, "verdict"])


def test_other_counts_are_none_of_the_measures_with_a_section_of_their_own(views: dict[str, AreaView]) -> None:
    counts = views["Herefordshire"].other_counts()
    assert len(counts) > 0
    assert set(counts["measure"]) & set(Measure) == set()


# The comparator


def test_the_comparator_is_named(views: dict[str, AreaView]) -> None:
    assert {view.comparator for view in views.values()} == {"England"}


def test_a_comparator_that_the_evidence_lacks_still_has_words() -> None:
    alone = BASE | {"areas": BASE["areas"][:1], "population": [{}], "observations": [{"count": "24"}]}
    view = AreaView(small_release(alone), FIRST)
    assert view.comparator == "the comparator"
    assert view.comparator_series(EPISODES, CSE).empty


def test_the_comparators_series_is_of_this_areas_periods() -> None:
    later = {"period_start": "2024-04-01", "period_end": "2025-03-31"}
    rows = [{"count": "24"}, {"area_code": COUNTRY, "count": "12000"}, {"area_code": COUNTRY, "count": "1"} | later]
    series = small_view(observations=rows).comparator_series(EPISODES, CSE)
    assert series["count"].tolist() == [12000]


# Place, services, statements


def test_a_police_force_area_is_named_or_said_not_to_be_stated(views: dict[str, AreaView]) -> None:
    assert (views["Bristol"].force, views["Bristol"].force_stated) == ("Avon and Somerset", True)
    assert (small_view().force, small_view().force_stated) == ("not stated", False)


def test_a_police_force_area_is_one_with_its_authorities_and_its_own_rows(release_folder: Path) -> None:
    view = AreaView.open("West Mercia", release_folder)
    assert (view.is_force, view.name, view.full_name) == (True, "West Mercia", "West Mercia police force area")
    assert (view.force, view.force_code, view.force_stated) == ("West Mercia", view.area_code, True)
    authorities = ["Herefordshire", "Shropshire", "Telford and Wrekin", "Worcestershire"]
    assert view.authorities()["area_name"].tolist() == authorities
    assert set(view.here("service_returns")["area_code"]) == {view.area_code}
    assert view.within("service_returns").equals(view.here("service_returns"))
    assert view.here("service_funding").empty
    assert set(view.within("service_funding")["area_code"]) == set(view.authorities()["area_code"])
    assert view.latest(EPISODES, CSE) is None and view.contradictions()["area_code"].isin([view.area_code]).all()


def test_the_authorities_of_an_authority_are_those_of_its_police_force_area(views: dict[str, AreaView]) -> None:
    derby = views["Derby"]
    assert derby.authorities()["area_name"].tolist() == ["Derby", "Derbyshire"] and not derby.is_force
    assert derby.full_name == "Derby" and set(derby.within("demand")["area_code"]) == {derby.area_code}
    assert small_view().authorities()["area_code"].tolist() == [FIRST]


def test_a_police_force_area_needs_no_row_of_its_own_and_is_viewed_once_after_its_authorities() -> None:
    inside = {"police_force_area_code": FORCE, "police_force_area_name": "Both"}
    areas = [area | inside for area in BASE["areas"] if "longitude" in area]
    release = small_release(BASE | {"areas": [*areas, BASE["areas"][-1]]})
    *_, force = views_made = with_forces(release, [FIRST, SECOND])
    assert [view.area_code for view in views_made] == [FIRST, SECOND, FORCE]
    assert (force.full_name, force.is_force, len(force.authorities())) == ("Both police force area", True, 2)
    assert [view.area_code for view in with_forces(small_release(), [SECOND])] == [SECOND]


def test_services_for_exploited_children_are_not_those_for_reference_or_for_adults() -> None:
    register = [
        {"service_id": "for_children"},
        {"service_id": "for_both", "client_group": "children and adults"},
        {"service_id": "for_adults", "client_group": "adults"},
        {"service_id": "for_staff", "client_group": "professionals"},
        {"service_id": "of_no_harm", "exploitation_types": ""},
        {"service_id": "for_reference", "reference_only": "true"},
        {"service_id": "elsewhere"},
    ]
    here = [{"service_id": row["service_id"]} for row in register[:-1]]
    elsewhere = [{"service_id": "elsewhere", "area_code": SECOND}]
    view = small_view(services=register, service_areas=here + elsewhere)
    assert sorted(view.exploitation_services()["service_id"]) == ["for_both", "for_children"]
    assert "elsewhere" not in set(view.services()["service_id"])


def test_where_no_service_was_supplied_coverage_has_no_day(views: dict[str, AreaView]) -> None:
    assert small_view().coverage_on() is None
    assert views["Derbyshire"].coverage_on() == pd.Timestamp(2020, 1, 13)


def test_recording_breaks_are_of_the_series_and_a_break_of_no_harm_is_of_both() -> None:
    breaks = [
        {"exploitation_type": "CCE", "changed_on": "2022-04-01"},
        {"changed_on": "2021-04-01"},
        {"area_code": SECOND, "changed_on": "2020-04-01"},
    ]
    both = [{"count": "24"}, {"count": "24", "exploitation_type": "CCE"}, {"area_code": COUNTRY, "count": "12000"}]
    view = small_view(breaks=breaks, observations=both)
    assert view.breaks(EPISODES, CSE)["changed_on"].dt.year.tolist() == [2021]
    assert view.breaks(EPISODES, CCE)["changed_on"].dt.year.tolist() == [2021, 2022]
    assert view.breaks(Measure.GANGS_EPISODES).empty


def test_statements_are_on_the_topics_asked_for_and_about_this_place(views: dict[str, AreaView]) -> None:
    rows = views["Derbyshire"].statements(("data quality",))
    assert set(rows["topic"]) == {"data quality"}
    assert set(rows["source_id"]) == {"derbyshire_2019"}


# Citations


def test_a_source_is_cited_once_in_the_order_of_first_use(views: dict[str, AreaView]) -> None:
    view = views["Herefordshire"]
    cited = view.citations(pd.Series(["herefordshire_2025", "dfe_cin_2025", "herefordshire_2025"]))
    first, second = cited.split("; ")
    assert first.startswith("West Mercia Police, ") and first.endswith("27 May 2025")
    assert second.startswith("Department for Education, Children in need")


def test_whatever_rests_on_a_made_up_source_is_labelled(synthetic_folder: Path) -> None:
    view = AreaView.open("Derby", synthetic_folder)
    assert view.synthetic
    assert view.label_of(pd.Series(["dfe_cin_2025"])) == ""
    assert view.label_of(pd.Series(["dfe_cin_2025", "synthetic"])) == "Synthetic: "
    assert view.citation("synthetic").startswith("Synthetic: ")


def test_the_published_figures_are_not_labelled_synthetic(views: dict[str, AreaView]) -> None:
    assert not any(view.synthetic for view in views.values())


def test_sources_that_speak_of_other_places_only_are_not_those_of_this_report(views: dict[str, AreaView]) -> None:
    named = {name: set(view.sources()["source_id"]) for name, view in views.items()}
    assert "derbyshire_2019" in named["Derby"] and "derbyshire_2019" not in named["Bristol"]
    assert "herefordshire_2025" in named["Herefordshire"] and "herefordshire_2025" not in named["Derby"]
    assert all({"dfe_cin_2025", "ons_mid_year_2024"} <= sources for sources in named.values())


def test_a_short_citation_names_the_year_that_is_known() -> None:
    sources = [{"source_id": PUBLIC, "published_on": "2021-05-01"}, {"source_id": PRIVATE, "published_on": ""}]
    view = small_view(sources=sources)
    assert view.short_citation(PUBLIC) == "A publisher, 2021"
    assert view.short_citation(PRIVATE) == "A publisher"


# Comparisons and movement


def test_the_group_of_the_nation_and_that_of_the_neighbours_are_told_apart(views: dict[str, AreaView]) -> None:
    view = views["Bristol"]
    nation, neighbours = (view.peer_group(EPISODES, CSE, basis) for basis in PeerBasis)
    assert nation is not None and neighbours is not None
    assert (nation["group_code"], neighbours["group_code"]) == (COUNTRY, view.area_code)
    assert nation["counted"] > 100 and neighbours["counted"] <= 10


def test_neighbours_rates_stand_beside_the_series_and_change_nothing_in_it(views: dict[str, AreaView]) -> None:
    view = views["Bristol"]
    beside = view.with_neighbours(EPISODES, CSE)
    pd.testing.assert_frame_equal(beside.drop(columns="neighbours_value"), view.series(EPISODES, CSE))
    latest = view.beside_neighbours(EPISODES, CSE)
    assert latest is not None
    assert beside["neighbours_value"].iloc[-1] == pytest.approx(latest["neighbours_value"])


def test_a_change_is_into_a_year_of_the_series(views: dict[str, AreaView]) -> None:
    for view in views.values():
        changes = view.changes(EPISODES, CSE)
        assert set(changes["period_end"]) <= set(view.series(EPISODES, CSE)["period_end"])
        assert (changes["period_start"] - changes["before_end"]).dt.days.eq(1).all()


def test_a_forecast_begins_after_the_last_figure_and_a_trend_without_one_has_none(views: dict[str, AreaView]) -> None:
    for view in views.values():
        ahead, trend = view.forecasts(EPISODES, CSE), view.trend(EPISODES, CSE)
        last = view.latest(EPISODES, CSE)
        assert last is not None
        assert ahead["period_start"].gt(last["period_end"]).all()
        assert ahead.empty or trend is not None


def test_the_bounds_of_either_harm_are_the_larger_count_and_the_sum(views: dict[str, AreaView]) -> None:
    # C3 2025: 276 episodes of CSE and 451 of CCE in Derbyshire
    row = views["Derbyshire"].either_harm()
    assert row is not None and (row["lower"], row["upper"]) == (451, 727)


def test_without_neighbours_or_figures_there_is_nothing_beside() -> None:
    view = small_view()
    assert view.beside_neighbours(EPISODES, CSE) is None
    assert view.with_neighbours(EPISODES, CSE)["neighbours_value"].isna().all()
    assert view.either_harm() is None
    assert view.trend(EPISODES, CCE) is None and view.forecasts(EPISODES, CCE).empty
    assert view.changes(Measure.REFERRALS, CSE, "quarter").empty and view.seasons(CSE).empty


def test_a_neighbour_that_two_sources_name_stands_once() -> None:
    both = [{"closeness": "Close"}, {"source_id": PRIVATE}]
    assert len(small_view(neighbours=both).neighbours()) == 1
