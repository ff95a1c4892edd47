"""How far the figures can be relied on, as a reader sees it: flags, revisions, sums, neighbours, the place."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from small_evidence import BASE, COUNTRY, FIRST, FORCE, SECOND
from small_release import small_view

from needs_assessment import narrative, tables
from needs_assessment.area_view import AreaView, reportable
from needs_assessment.components import Html
from needs_assessment.sections import recording, summary
from needs_assessment.vocabulary import ExploitationType, Measure

CSE, CCE = ExploitationType.CSE, ExploitationType.CCE
EPISODES = Measure.ASSESSMENT_EPISODES
AREAS = [{"police_force_area_code": FORCE, "police_force_area_name": "Both", **row} for row in BASE["areas"]]


def year(ending: int, **row: str) -> dict[str, str]:
    return {"period_start": f"{ending - 1}-04-01", "period_end": f"{ending}-03-31", **row}


def people(*mid_years: int) -> list[dict[str, str]]:
    return [row | {"mid_year": str(mid)} for row in BASE["population"] for mid in mid_years]


def words(html: Html) -> str:
    return " ".join(BeautifulSoup(html.markup, "html.parser").get_text(" ").split())


# Flags


@pytest.fixture(scope="module")
def doubtful() -> AreaView:
    """One harm falls to nothing as the other begins, where 20 of each would be expected."""
    counts = {2022: ("80", "10"), 2023: ("0", "90"), 2024: ("0", "95")}
    figures = [
        year(ending, count=count, exploitation_type=harm)
        for ending, both in counts.items()
        for count, harm in zip(both, ("CSE", "CCE"), strict=True)
    ]
    england = [
        year(ending, area_code=COUNTRY, count="12000", exploitation_type=harm)
        for ending in counts
        for harm in ("CSE", "CCE")
    ]
    return small_view(observations=figures + england, population=people(2021, 2022, 2023))


def test_each_flag_is_told_with_its_figures(doubtful: AreaView) -> None:
    text = words(recording.flags(doubtful))
    assert "CSE is published as 0, where about 20 would be expected" in text
    assert "CCE went from 10 to 90 while CSE went from 80 to 0" in text
    assert "a question to whoever recorded it, not a finding" in text


def test_no_trend_is_drawn_into_a_flagged_year_and_a_note_says_why(doubtful: AreaView) -> None:
    assert doubtful.breaks(EPISODES, CCE)["changed_on"].dt.year.tolist() == [2022]
    (note,) = narrative.recorded.break_notes(doubtful, CCE)
    assert note.startswith("No line is drawn into the year ending 31 March 2023: CCE went from 10 to 90")


def test_a_doubtful_figure_is_not_compared(doubtful: AreaView) -> None:
    latest = doubtful.latest(EPISODES, CSE)
    assert latest is not None and latest["verdict"] == "Cannot tell"
    assert "implausible" in latest["reason"]


def test_a_key_message_warns_of_what_changed(doubtful: AreaView) -> None:
    message = narrative.messages.key_messages(doubtful)[-1]
    assert "changes of recording, not of need" in str(message)


def test_an_area_without_a_flag_is_not_said_to_be_right() -> None:
    assert "cannot see a change that is small or slow" in words(recording.flags(small_view()))


def test_a_series_of_zeros_is_asked_about_once() -> None:
    zeros = [year(ending, count="0") for ending in (2022, 2023, 2024)]
    view = small_view(observations=zeros, population=people(2021, 2022, 2023))
    assert tables.recording.flags(view)["Why it is flagged"].tolist() == ["Zero in every year"]


# Revisions

EDITIONS = {
    "sources": [
        *BASE["sources"],
        {"source_id": "old_edition", "edition_of": "a_table", "data_to": "2023-03-31"},
        {"source_id": "new_edition", "edition_of": "a_table", "data_to": "2024-03-31"},
    ],
    "observations": [
        year(2023, source_id="old_edition", count="30"),
        year(2023, source_id="new_edition", count="33"),
        year(2024, source_id="new_edition", missing="c"),
        year(2023, source_id="old_edition", missing="c", measure="gangs_factor_episodes", exploitation_type=""),
        year(2023, source_id="new_edition", count="7", measure="gangs_factor_episodes", exploitation_type=""),
    ],
}


@pytest.fixture(scope="module")
def revised() -> AreaView:
    """Two editions of one table: one count revised, one no longer withheld."""
    return small_view(EDITIONS)


def test_the_later_edition_stands(revised: AreaView) -> None:
    assert revised.series(EPISODES, CSE)["count"].tolist()[0] == 33
    assert len(revised.series(EPISODES, CSE)) == 2


def test_what_was_revised_is_shown_old_and_new(revised: AreaView) -> None:
    rows = tables.recording.revisions(revised)
    assert set(map(tuple, rows[["Figure", "Before", "Now"]].to_numpy())) == {("CSE", "30", "33"), ("Gangs", "[c]", "7")}
    text = words(recording.revisions(revised))
    assert "2 figures of First were revised between editions, for periods to 31 March 2023." in text
    assert "[c] withheld" in text


def test_an_edition_that_was_replaced_is_no_source_of_the_rates(revised: AreaView) -> None:
    assert "old_edition" not in revised.release.manifest["rate_sources"]
    assert "new_edition" in set(revised.sources()["source_id"])
    assert "old_edition" not in set(revised.sources()["source_id"])


def test_one_edition_alone_says_that_nothing_can_be_compared() -> None:
    assert "One edition of each publication" in words(recording.revisions(small_view()))


def test_two_editions_that_agree_say_that_nothing_was_revised() -> None:
    same = [row for row in EDITIONS["observations"] if row["source_id"] == "new_edition"]
    older = [row | {"source_id": "old_edition"} for row in same]
    assert "No figure of First" in words(recording.revisions(small_view(EDITIONS | {"observations": same + older})))


# Sums over withheld counts


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        ({"count": "30"}, {"count": "12"}, "42"),
        ({"count": "30"}, {"missing": "c"}, "31 to 35"),
        ({"missing": "c"}, {"missing": "c"}, "2 to 10"),
        ({"count": "30"}, {"missing": "u"}, "30 or more"),
        ({"missing": "x"}, {"missing": "x"}, "[x]"),
        ({"count": "0"}, {"count": "0"}, "0"),
        ({"count": "0"}, {"missing": "x"}, "0 or more"),
    ],
)
def test_a_sum_of_the_force_keeps_what_is_withheld(first: dict, second: dict, said: str) -> None:
    view = small_view(areas=AREAS, observations=[first, second | {"area_code": SECOND}])
    assert tables.recording.force_totals(view)["CSE assessments"].tolist() == [said]
    assert tables.recording.force_totals(view)["CCE assessments"].tolist() == ["not supplied"]


def test_a_force_of_which_an_authority_has_no_row_has_no_sum() -> None:
    view = small_view(areas=AREAS, observations=[{"count": "30"}])
    assert "No total of the police force area" in words(recording.force_totals(view))


# Neighbours and the place


def test_neighbours_stand_by_closeness_with_their_rates() -> None:
    view = small_view(
        neighbours=[{"closeness": "Very close"}],
        observations=[{"count": "24"}, {"area_code": SECOND, "missing": "c"}, {"area_code": COUNTRY, "count": "12000"}],
    )
    rows = tables.recording.neighbours(view)
    assert rows["Area"].tolist() == ["First", "Second"]
    assert rows["How close"].tolist() == ["this area", "Very close"]
    assert rows.iloc[:, 1].tolist() == ["12.0 (7.7 to 17.9)", "[c]"]
    assert rows.iloc[:, 2].tolist() == ["not supplied", "not supplied"]


def test_without_neighbours_it_is_said() -> None:
    assert "No statistical neighbours were supplied" in words(recording.neighbours(small_view()))


def test_a_place_names_its_partnerships_its_deprivation_and_what_it_came_out_of() -> None:
    partnership = {"area_code": "E22009001", "area_name": "Safer First", "area_type": "community safety partnership"}
    former = {"area_code": "E10009001", "area_name": "Former", "valid_to": "2023-03-31", "became": f"{FIRST}|{SECOND}"}
    view = small_view(
        areas=[*BASE["areas"], partnership, former],
        districts=[{"district_code": FIRST, "area_code": FIRST, "partnership_code": "E22009001"}],
        deprivation=[{"index": "IDACI", "measure": "proportion in most deprived 10%", "value": "0.125"}],
        observations=[year(2022, area_code="E10009001", count="30"), year(2024, count="24")],
    )
    text = words(summary.place(view))
    assert "Its community safety partnership is Safer First." in text
    assert "12% of its neighbourhoods are among the tenth of England" in text
    assert "earlier figures are of Former, which was split, and are not joined to it." in text


def test_a_split_before_the_years_shown_is_not_told() -> None:
    former = {"area_code": "E10009001", "area_name": "Former", "valid_to": "2009-03-31", "became": f"{FIRST}|{SECOND}"}
    assert "split" not in words(summary.place(small_view(areas=[*BASE["areas"], former])))


def test_reports_are_for_the_nations_that_the_evidence_speaks_of() -> None:
    elsewhere = {"area_code": "W06000015", "area_name": "Elsewhere"}
    release = small_view(areas=[*BASE["areas"], elsewhere]).release
    assert reportable(release) == [FIRST, SECOND]
    services = {"services": [{"service_id": "s"}], "service_areas": [{"service_id": "s", "area_code": "W06000015"}]}
    release = small_view(services, areas=[*BASE["areas"], elsewhere]).release
    assert reportable(release) == ["W06000015", FIRST, SECOND]
