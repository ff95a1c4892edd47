"""The problem profile as a board reads it: what stands under each heading, and what is said where nothing does."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from small_evidence import BASE, FIRST, FORCE, PRIVATE, PUBLIC
from small_release import small_release

from needs_assessment.area_view import AreaView
from needs_assessment.area_view.profile import Profile, Topic
from needs_assessment.components import Html
from needs_assessment.narrative.profile import key_messages, period_words
from needs_assessment.release import Release
from needs_assessment.sections import profile
from needs_assessment.vocabulary import ExploitationType, ProfileMeasure, Unit

NOTEBOOK = Path(__file__).resolve().parents[1] / "notebooks" / "problem_profile.ipynb"
HEREFORDSHIRE, DERBYSHIRE = "E06000019", "E10000007"
PERIOD = {"period_start": "2024-04-01", "period_end": "2025-03-31"}


class View(AreaView, Profile):
    """An area's view with what it says for the profile."""


def text(html: Html) -> str:
    return " ".join(BeautifulSoup(html.markup, "html.parser").get_text(" ").split())


def rows_of(html: Html) -> dict[str, list[str]]:
    """The cells of the one table by row header."""
    (table,) = BeautifulSoup(html.markup, "html.parser")("table")
    return {
        row.th.get_text(): [cell.get_text() for cell in row("td")] for row in table.tbody("tr") if row.th is not None
    }


@pytest.fixture(scope="module")
def herefordshire(release: Release) -> View:
    return View(release, HEREFORDSHIRE)


@pytest.fixture(scope="module")
def small() -> Release:
    """Two made-up authorities of one force; PRIVATE is a source that was made up."""
    sources = [{"source_id": PUBLIC}, {"source_id": PRIVATE, "public": "false", "synthetic": "true"}]
    areas = [
        row
        | ({"police_force_area_code": FORCE, "police_force_area_name": "Both"} if row["area_name"] != "England" else {})
        for row in BASE["areas"]
    ]
    return small_release(BASE | {"sources": sources, "areas": areas})


@pytest.fixture
def with_counts(small: Release) -> Callable[..., View]:
    """The view of the first of them after figures were put into its release."""

    def view(*counts: dict[str, object], offences: tuple[dict[str, object], ...] = ()) -> View:
        added = {"demand": pd.DataFrame(counts), "breakdowns": pd.DataFrame(offences)}
        tables = {name: _with(small[name], rows) for name, rows in added.items()}
        return View(Release({**small.tables, **tables}, small.manifest), FIRST)

    return view


def _with(table: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    added = rows.reindex(columns=table.columns)
    days = {column: pd.to_datetime(added[column]) for column in ("period_start", "period_end")}
    typed = added.assign(**days).astype(table.dtypes.to_dict())
    return pd.concat([table, typed], ignore_index=True) if len(typed) else table


def counted(measure: str, count: int | None, **other: object) -> dict[str, object]:
    usual = {"source_id": PRIVATE, "exploitation_type": "CSE", "area_code": FIRST, "unit": Unit.VICTIM.value, **PERIOD}
    return usual | {"measure": measure, "count": count, "missing": None if count is not None else "c"} | other


def test_the_period_is_said_in_days_where_it_is_no_year(herefordshire: View) -> None:
    said = text(profile.period(herefordshire))
    assert "1 March 2024 to 28 March 2025, 393 days." in said
    assert "The source itself calls it 12 months. It is no year" in said


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        ("2024-04-01", "2025-03-31", "the year ending 31 March 2025"),
        ("2023-04-01", "2024-03-31", "the year ending 31 March 2024"),
        ("2024-03-01", "2025-03-01", "1 March 2024 to 1 March 2025, 366 days"),
        ("2024-04-01", "2024-06-30", "1 April 2024 to 30 June 2024, 91 days"),
        ("2024-04-01", "2025-04-30", "1 April 2024 to 30 April 2025, 395 days"),
    ],
)
def test_only_a_year_goes_without_its_number_of_days(start: str, end: str, words: str) -> None:
    assert period_words(pd.Series({"period_start": pd.Timestamp(start), "period_end": pd.Timestamp(end)})) == words


def test_the_table_of_herefordshire_says_what_its_police_said(herefordshire: View) -> None:
    rows = rows_of(profile.overview(herefordshire, "CSE"))
    assert list(rows) == [topic.value for topic in Topic]
    assert rows["Scale"] == ["Some recorded", "Offences recorded by the police: 1", "not supplied"]
    assert rows["Group-based"][0] == "Stated for the force only"
    assert rows["Repeat victims"] == ["None recorded", "Repeat victims: 0", "not supplied"]
    assert rows["Position of trust"][2] == "Offences in a position of trust with educational links: 3"


def test_six_offences_linked_to_no_repeat_perpetrators_are_a_contradiction_and_not_some(herefordshire: View) -> None:
    short, here, _ = rows_of(profile.overview(herefordshire, "CSE"))["Repeat suspects"]
    assert short == "Contradicts itself"
    assert here.startswith("Repeat perpetrators: 0; Offences linked to repeat perpetrators: 6")


def test_the_contradictions_of_the_profile_are_those_of_its_sources_and_of_no_service(herefordshire: View) -> None:
    said = text(profile.contradictions(herefordshire))
    assert "12 months (West Mercia Police, 2025), but 1 March 2024 to 28 March 2025, 393 days (the same source)" in said
    assert "Police recorded offences: 1 (West Mercia Police, 2025), but Events linked to repeat perpetrators: 2" in said
    assert "Branch" not in said


def test_a_harm_without_a_figure_is_said_to_be_not_supplied_everywhere(herefordshire: View) -> None:
    words = "Child criminal exploitation (CCE): not supplied, under any heading."
    assert text(profile.overview(herefordshire, "CCE")) == text(profile.not_supplied(herefordshire)) == words
    assert all("CCE: not supplied." in text(profile.topic(herefordshire, topic)) for topic in Topic)


def test_a_heading_without_a_figure_says_not_supplied_once(release: Release) -> None:
    view = View(release, DERBYSHIRE)
    assert all(text(profile.topic(view, topic)).count("ot supplied") == 1 for topic in Topic)
    assert "No figure of a problem profile was supplied for Derbyshire" in text(profile.key_messages(view))


def test_the_rate_is_per_year_of_the_days_covered_with_its_limits(herefordshire: View) -> None:
    # 1 offence among 34,260 children (mid-2024) in 393 days: 10,000 / (34,260 x 393 / 365.25) = 0.27; exact limits of a
    # count of 1 are 0.0253 and 5.5716 (Public Health England technical guide, 2018, table of Poisson limits).
    assert "0.27 per 10,000 children a year (95% limits 0.01 to 1.51)" in text(profile.topic(herefordshire, "Scale"))


def test_definition_holds_no_statement_on_a_single_service_or_on_another_return(herefordshire: View) -> None:
    said = text(profile.definition(herefordshire))
    assert "There is not yet a specifically recordable offence of CSE or CCE" in said
    assert "new victim referrals" not in said
    assert "Children and young people CSE Services" not in said


def test_services_stand_by_tier_and_an_empty_tier_is_said_to_be_empty(herefordshire: View, release: Release) -> None:
    said = text(profile.provision(herefordshire))
    assert "Primary (universal), which prevents: Purple Leaf (CSE)." in said
    assert "Tier not stated: The Holly Project (CSE) and Safe Team – Herefordshire (CSE)." in said
    assert "which prevents: none found." in text(profile.provision(View(release, DERBYSHIRE)))


def test_training_is_that_of_all_who_train_and_of_services_for_exploited_children(herefordshire: View) -> None:
    said = text(profile.training(herefordshire))
    assert "Training delivered to officers and staff on initial recruitment" in said
    assert "Exploitation and Vulnerability Training workshops" in said
    assert "hospital staff" not in said


def test_records_stand_beside_a_published_count_with_their_label_and_are_not_added(
    with_counts: Callable[..., View],
) -> None:
    view = with_counts(
        counted("repeat_victims", 3, source_id=PUBLIC),
        counted(ProfileMeasure.REPEAT_VICTIMS, None),
        counted(ProfileMeasure.REPEAT_VICTIMS, 8, area_code=FORCE),
    )
    short, here, force = rows_of(profile.overview(view, "CSE"))["Repeat victims"]
    assert short == "Some recorded"
    assert here == "Repeat victims: 3; Synthetic: Victims in two or more events: [c]"
    assert force == "Synthetic: Victims in two or more events: 8"
    said = text(profile.topic(view, "Repeat victims"))
    assert (
        "Synthetic: CSE, year ending 31 March 2025. Victims in two or more events: withheld [c] in First, 8 in" in said
    )


@pytest.mark.parametrize(
    ("counts", "short"),
    [
        ([0], "None recorded"),
        ([None], "Withheld"),
        ([0, None], "Withheld"),
        ([0, 6], "Some recorded"),
        ([None, 6], "Some recorded"),
    ],
)
def test_a_heading_in_short_is_some_withheld_or_none(
    with_counts: Callable[..., View], counts: list[int | None], short: str
) -> None:
    measures = (ProfileMeasure.GROUP_OFFENCES, ProfileMeasure.GROUPS)
    view = with_counts(*(counted(measure, number) for measure, number in zip(measures, counts, strict=False)))
    assert rows_of(profile.overview(view, "CSE"))["Group-based"][0] == short


def test_a_withheld_count_is_blank_in_the_download_and_explained_before_the_table(
    with_counts: Callable[..., View],
) -> None:
    view = with_counts(counted(ProfileMeasure.VICTIMS, None))
    assert view.profile_counts(ExploitationType.CSE)["count"].isna().all()
    said = text(profile.overview(view, "CSE"))
    assert "[c] withheld so that no child can be identified." in said
    assert said.startswith("Synthetic: Child sexual exploitation (CSE) in First")


def test_every_figure_of_the_table_is_in_its_downloads(with_counts: Callable[..., View]) -> None:
    online = {"dimension": "online", "unit": Unit.OFFENCE.value}
    view = with_counts(
        counted(ProfileMeasure.VICTIMS, 7),
        offences=(
            counted("recorded_offences", 9, category="all", **online),
            counted("recorded_offences", 6, category="online", **online),
            counted("recorded_offences", 3, category="not online", **online),
        ),
    )
    rows = rows_of(profile.overview(view, "CSE"))
    assert rows["Scale"][1] == "Offences recorded: 9; Victims: 7"
    assert rows["Online"][1] == "Offences of which any part was online: 6"
    assert view.profile_counts()["count"].to_list() == [7]
    assert view.profile_offences()["count"].to_list() == [9, 6]


def test_only_the_latest_period_of_a_source_is_shown(with_counts: Callable[..., View]) -> None:
    before = {"period_start": "2023-04-01", "period_end": "2024-03-31"}
    view = with_counts(counted(ProfileMeasure.VICTIMS, 12, **before), counted(ProfileMeasure.VICTIMS, 8))
    assert rows_of(profile.overview(view, "CSE"))["Scale"][1] == "Victims: 8"


def test_a_count_of_no_one_harm_stands_under_scale_and_in_neither_table(with_counts: Callable[..., View]) -> None:
    grooming = counted("offences_sexual_grooming", 40, source_id=PUBLIC, exploitation_type=None, area_code=FORCE)
    view = with_counts(grooming)
    assert "Harm not told apart, year ending 31 March 2025." in text(profile.topic(view, "Scale"))
    assert "not supplied" in text(profile.overview(view, "CSE"))


def test_a_figure_that_a_source_states_twice_is_shown_twice(with_counts: Callable[..., View]) -> None:
    view = with_counts(
        counted("repeat_victims", 3, source_id=PUBLIC, note="by one count"),
        counted("repeat_victims", 4, source_id=PUBLIC, note="by another"),
    )
    assert rows_of(profile.overview(view, "CSE"))["Repeat victims"][1] == "Repeat victims: 3; Repeat victims: 4"
    assert "Repeat victims: 3 in First, 4 in First" in text(profile.topic(view, "Repeat victims"))


def test_key_messages_are_at_most_five_and_say_that_none_recorded_is_not_none(herefordshire: View) -> None:
    messages = key_messages(herefordshire)
    assert 1 <= len(messages) <= 5
    said = " ".join(message.sentence for message in messages)
    assert "1 in Herefordshire" in said
    assert "393 days" in said
    assert "None recorded is not none" in said


def test_every_message_links_to_a_section_of_the_notebook_or_a_table(herefordshire: View) -> None:
    headings = {
        line.lstrip("# ").strip().lower().replace(" ", "-")
        for cell in nbformat.read(NOTEBOOK, as_version=4).cells
        for line in cell.source.splitlines()
        if cell.cell_type == "markdown" and line.startswith("##")
    }
    assert {message.anchor for message in key_messages(herefordshire)} <= headings


def test_questions_are_asked_only_where_the_profile_raises_them(
    herefordshire: View, with_counts: Callable[..., View]
) -> None:
    asked = text(profile.lines_of_enquiry(herefordshire))
    assert "Where nothing was recorded, was it looked for" in asked
    assert "Which of the figures that contradict each other stands?" in asked
    assert "When will there be a profile of the other harm?" in asked
    other = text(profile.lines_of_enquiry(with_counts(counted(ProfileMeasure.VICTIMS, 8))))
    assert "contradict" not in other
    assert "was it looked for" not in other


def test_profile_counts_are_not_among_the_other_counts_of_the_area_report(with_counts: Callable[..., View]) -> None:
    view = with_counts(counted(ProfileMeasure.VICTIMS, 8), counted("repeat_victims", 3, source_id=PUBLIC))
    assert view.other_counts()["measure"].to_list() == ["repeat_victims"]


def test_the_notebook_calls_the_profile_for_every_heading_and_computes_nothing() -> None:
    cells = [cell.source for cell in nbformat.read(NOTEBOOK, as_version=4).cells if cell.cell_type == "code"]
    for topic in Topic:
        assert f'profile.topic(view, "{topic}")' in cells
    for source in cells[2:]:
        assert len(source.splitlines()) == 1
        assert isinstance(ast.parse(source).body[0], ast.Expr)
    assert cells[-1] == "about.end(view)"
