"""What a board reads about services and coverage: every number is in a download, and no service is ranked.

The numbers are those of tests/coverage_release.py, made up and to be counted there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from coverage_release import (
    BRANCH,
    CUT,
    EVERYTHING,
    FIRST_CCE,
    FIRST_CSE,
    FORCE_BOTH,
    FORCE_CSE,
    HARBOUR,
    NONE,
    SECOND_CSE,
    UNDER_REVIEW,
    YEAR,
    coverage_view,
    frame,
    small_base,
)
from shown import parsed, rows_of, words
from small_evidence import FIRST, FORCE

from needs_assessment import plots, tables, wording
from needs_assessment.area_view import AreaView
from needs_assessment.components import Drawing, Html
from needs_assessment.disclosure.audit.explain import figures_of
from needs_assessment.disclosure.audit.numbers import Quotations, unexplained
from needs_assessment.narrative import capacity as costing
from needs_assessment.narrative import coverage as told
from needs_assessment.narrative import coverage_holes as gone
from needs_assessment.narrative import coverage_opening as first
from needs_assessment.narrative.coverage_words import amount, children_words
from needs_assessment.publish.lint import page_faults
from needs_assessment.sections import capacity, coverage, coverage_register, provision
from needs_assessment.tables.coverage import stated
from needs_assessment.vocabulary import CostPer, CutKind, ExploitationType

CSE, CCE = ExploitationType
NOTEBOOK = Path(__file__).resolve().parents[1] / "notebooks" / "service_coverage.ipynb"
SECTIONS: dict[str, Callable[[AreaView], Html]] = {
    "opening": coverage.opening,
    "read this first": coverage.read_this_first,
    "holes": coverage.holes,
    "matrices": coverage.matrices,
    "need against places": coverage.need_against_places,
    "force": coverage.force_gap,
    "what binds": coverage.what_binds,
    "beside": coverage.beside,
    "places": coverage.places,
    "effects": coverage.effects,
    "register": coverage_register.register,
    "contracts": coverage_register.contracts,
    "money": coverage_register.terms_and_money,
    "load": capacity.load,
    "travel": capacity.travel,
    "costs": capacity.costs,
}
RANKING = re.compile(r"\b(better|worse|best|worst|cheap\w*|dear\w*|efficient\w*|top|league)\b", re.IGNORECASE)
FIXED = [
    *wording.COVERAGE_METHODS.values(),
    *(value for name, value in vars(wording).items() if name.endswith("_NOTE")),
    wording.COVERAGE_FIRST,
]


def unsigned(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """The rows as a reader is told them: a difference is so much smaller or larger."""
    return [row | {"difference": row.get("difference", "").removeprefix("-")} for row in rows]


def one(row: dict[str, object]) -> pd.Series:
    """A row of the flow, typed."""
    return frame("coverage_flow", [row]).iloc[0]


@pytest.fixture(autouse=True)
def quick_drawing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is drawn here but by the test that draws: what a drawing would show is said."""
    square = Drawing(wide="<svg></svg>", wide_size=(1, 1))
    monkeypatch.setattr(plots, "drawing", lambda *of: square)


@pytest.fixture(scope="module")
def view() -> AreaView:
    return coverage_view(**EVERYTHING)


@pytest.fixture(scope="module")
def silent() -> AreaView:
    """An area of whose need and services nothing is known."""
    base = small_base()
    tables_of_services = ("services", "service_funding", "coverage", "covering_services", "contract_terms")
    return coverage_view({name: base[name].head(0) for name in tables_of_services})


@pytest.fixture(scope="module")
def page(view: AreaView) -> BeautifulSoup:
    return parsed(*(section(view) for section in SECTIONS.values()))


# What holds for every section


def test_every_number_stands_in_a_file_of_its_table_or_of_the_page(page: BeautifulSoup) -> None:
    quoted = Quotations()
    quoted.add([*FIXED, *small_base()["contract_terms"]["term"]])
    parts = [(holder, rows_of(holder)) for holder in page.select("div.table, figure")]
    parts += [(said, rows_of(page)) for said in page.select(":is(li, p):not(.table *, figure *)")]
    assert len(parts) > 20
    for part, rows in parts:
        said = [*(words(cell) for cell in part(["th", "td"])), *(image["alt"] for image in part("img"))] or [
            words(part)
        ]
        titles = [words(title) for title in part.select("h3, .subtitle, .notes")]
        figures = figures_of(unsigned(rows))
        assert [one for one in [*said, *titles] if unexplained(one, figures, quoted)] == []


def test_no_service_is_judged_or_ranked_and_nothing_missing_is_shown_as_such(page: BeautifulSoup) -> None:
    assert RANKING.findall(words(page)) == []
    assert "no ranking" in words(page) and "no service is ranked" in words(page)
    assert not re.search(r"\b(nan|NaT|<NA>)\b|: None\b", words(page))


def test_titles_have_at_most_ten_words_and_anchors_and_links_are_unique(page: BeautifulSoup) -> None:
    titles = [words(title) for title in page.select("figcaption h3")]
    assert len(titles) == 6
    assert [title for title in titles if len(title.split()) > 10] == []
    anchors = [element["id"] for element in page.select("[id]")]
    assert len(anchors) == len(set(anchors))


def test_a_page_of_these_sections_has_no_fault_of_its_own(page: BeautifulSoup) -> None:
    whole = f'<!doctype html><html lang="en"><body><main><h1>Services</h1><h2>Coverage</h2>{page}</main></body></html>'
    frame_of_page = ("title", "viewport", "character set", "security policy", "<header>", "<footer>", "first link")
    assert [fault for fault in page_faults(whole) if not any(part in fault for part in frame_of_page)] == []


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("opening", "Services for exploited children in First"),
        ("read this first", "No service was supplied for First."),
        ("holes", "No service was supplied for First, so it cannot be said which children have none."),
        ("need against places", "How much need is recorded beside these services is not known for First."),
        ("force", "How need and places meet in the police force area is not known for First."),
        ("places", "no places are known"),
        ("effects", "No change to a service is worked out"),
        ("load", "load and waiting are not worked out"),
        ("costs", "no cost is worked out"),
        ("register", "not the same as none being there"),
        ("contracts", "No source states the term"),
    ],
)
def test_a_section_without_anything_says_so_in_words(name: str, said: str, silent: AreaView) -> None:
    shown = parsed(SECTIONS[name](silent))
    assert said in words(shown)
    assert shown("table") == shown("figure") == []


@pytest.mark.parametrize("name", ["matrices", "what binds", "beside", "money", "travel"])
def test_what_another_section_has_said_is_not_said_again(name: str, silent: AreaView) -> None:
    assert SECTIONS[name](silent).markup == ""


# Read this first


def test_the_opening_sentences_are_four_and_say_what_counts(view: AreaView) -> None:
    said = first.first_sentences(view)
    assert len(said) == 4
    assert said[0] == (
        "As described on 30 June 2024, commissioned in First, or under a service level agreement: Branch (CSE) and "
        "Harbour (CCE). Spot purchase, one place at a time: Lantern (CSE)."
    )
    assert said[1] == (
        "Recorded need: 40 assessments for CSE and 25 assessments for CCE, in the year ending 31 March 2024. These are "
        "assessments (A publisher, 2024), not children; one that recorded both counts for each. Their ages and risk "
        "levels are not known: a service that takes some of them counts as taking all."
    )
    assert said[2] == (
        "CSE: at least 10 of 40 assessments (95% limits 4.2 to 21.3) could not be met by commissioned services, "
        "even if all places of the services here went to First: 4 because no commissioned service takes them and 6 "
        "because there are too few places; 13 if places were shared in proportion to need."
    )


def test_the_document_does_not_promise_a_gap_that_is_not_worked_out(view: AreaView) -> None:
    assert first.opening_sentence(view).endswith("where places are too few, and what would change it.")
    unknown = coverage_view(coverage_flow=[SECOND_CSE | {"area_code": FIRST}])
    assert first.opening_sentence(unknown).endswith(
        "as sources describe them on 30 June 2024. How much need they could meet is not worked out."
    )


def test_need_of_known_ages_and_levels_of_one_harm_is_told_without_more() -> None:
    need = [EVERYTHING["need"][0] | {"ages_known": True, "risk_level": "high"}]
    known = coverage_view(need=need, coverage_flow=[FIRST_CSE])
    assert first.need_sentence(known).endswith("These are assessments (A publisher, 2024), not children.")


BY_CASELOAD = {"service_places": [EVERYTHING["service_places"][2] | {"places_basis": "reported caseload"}]}
"""Branch with a caseload in place of its places."""
TAKEN = "taking Branch's caseload of 30 June 2024 for its places"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (FIRST_CSE, f"CSE: {TAKEN}, at least 10 of 40 assessments"),
        (FORCE_CSE, f"CSE: {TAKEN}, at least 14 of 44 assessments"),
        (FIRST_CSE | {"gap": 0, "gap_upper": 0}, f"CSE: {TAKEN}, whether the 40 assessments could be met depends"),
        (FIRST_CSE | {"gap": 0, "gap_proportional": 0}, f"CSE: {TAKEN}, the known places are enough"),
        (FIRST_CCE, "CCE: commissioned services would take"),
    ],
)
def test_a_number_that_rests_on_a_caseload_is_under_that_condition(row: dict[str, object], said: str) -> None:
    assert told.gap_sentence(coverage_view(**BY_CASELOAD), one(row)).startswith(said)


def test_whatever_rests_on_a_caseload_says_so_where_it_stands() -> None:
    resting = coverage_view(**EVERYTHING | BY_CASELOAD)
    assert [sentence for sentence in first.first_sentences(resting) if TAKEN in sentence]
    together = [sentence for sentence in told.force_sentences(resting) if "together" in sentence]
    assert together == [
        f"Police force area of Both, CSE and CCE together: {TAKEN}, at least 14 of 69 assessments (95% limits 7.1 to "
        "26.4) could not be met."
    ]
    shown = parsed(*(section(resting) for section in SECTIONS.values()))
    for anchor in ("figure-need-cse", "figure-need-in-force-cse", "table-effects"):
        assert TAKEN in words(shown.find(id=anchor).select_one(".subtitle"))
    assert words(shown.find(id="figure-need-cse").h3) == "CSE: 13 of 40 unmet, taking a caseload for places"
    assert f"Too few places, {TAKEN}: only Branch would take" in words(shown.find(id="table-what-binds"))


def test_a_caseload_counts_only_where_its_service_is_commissioned_for_the_need() -> None:
    resting = coverage_view(**BY_CASELOAD)
    behind = [
        resting.caseloads_behind(one(row))["service_name"].to_list() for row in (FIRST_CSE, FIRST_CCE, FORCE_BOTH)
    ]
    assert behind == [["Branch"], [], ["Branch"]]
    unstayed = [BY_CASELOAD["service_places"][0] | {"children_a_year": NONE}]
    assert coverage_view(service_places=unstayed).caseloads_behind(one(FIRST_CSE)).empty
    assert resting.caseloads_behind(one(FIRST_CSE | {"area_code": "E06999999"})).empty


def test_services_whose_places_nobody_knows_are_never_said_to_be_enough(view: AreaView) -> None:
    assert told.gap_sentences(view)[1] == (
        "CCE: commissioned services would take up to 25 assessments, but how many places they have is not known."
    )
    row = one(FIRST_CSE | {"places": NONE, "services_without_places": 1, "too_few_places": 0, "gap": 4})
    assert told.gap_sentence(view, row).endswith(
        "could not be met by commissioned services, because none takes them; the places for the others are not known."
    )
    cells = tables.coverage.beside(frame("coverage_flow", [FIRST_CCE]).assign(area_name="First")).iloc[0]
    assert cells["Met, places in proportion to need"] == "places not known"
    assert cells["Could not be met, if every place went there (95% limits)"] == "at least 0"
    some = frame("coverage_flow", [FIRST_CSE | {"services_without_places": 1}]).assign(area_name="First")
    assert tables.coverage.beside(some).iloc[0]["Met, places in proportion to need"] == "at most 27"


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (
            9,
            "CSE: whether the 40 assessments could be met depends on who gets the places: none would be left over (95",
        ),
        (0, "CSE: the known places are enough for all 40 assessments, also if they are shared in proportion to need."),
    ],
)
def test_a_gap_that_some_allocation_would_close_is_not_said_to_be_none(left: int, said: str, view: AreaView) -> None:
    row = one(FIRST_CSE | {"no_service": 0, "gap": 0, "gap_lower": 0, "gap_upper": 2.5, "gap_proportional": left})
    assert told.gap_sentence(view, row).startswith(said)
    if left:
        assert told.gap_sentence(view, row).endswith(
            "limits 0 to 2.5) if all places of the services here went to First, and 9 if they were shared in "
            "proportion to need."
        )


@pytest.mark.parametrize(
    ("eligible", "said"),
    [
        (
            37,
            "; services bought one place at a time, or whose funding is not stated, would take up to 37, if they had "
            "places.",
        ),
        (0, ", and no other service was found."),
    ],
)
def test_need_that_no_commissioned_service_takes_is_told_with_what_else_there_is(
    eligible: int, said: str, view: AreaView
) -> None:
    row = one(FIRST_CSE | {"no_service": 40, "gap": 40, "gap_lower": 28.6, "gap_upper": 54.5, "eligible": eligible})
    assert told.gap_sentence(view, row) == (
        f"CSE: no commissioned service found takes any of the 40 assessments (95% limits 28.6 to 54.5){said}"
    )


def test_services_for_many_and_those_described_too_long_ago_are_told_apart() -> None:
    base = small_base()
    old = base["service_funding"].assign(current=lambda rows: rows["service_id"].ne(HARBOUR))
    places = [{"service_id": BRANCH, "places_basis": "not known", "holds_places": False}]
    later = coverage_view({"service_funding": old}, service_places=places)
    assert first.commissioned_sentence(later) == (
        "As described on 30 June 2024, commissioned in First, or under a service level agreement: Branch (CSE, for "
        "many at once). Spot purchase, one place at a time: Lantern (CSE). Left out, because last described too long "
        "ago to rely on: Harbour (CCE, commissioned as described on 30 June 2024)."
    )
    assert gone.sentences(later)[-1] == (
        "Harbour is left out: it was last described on 30 June 2024 (commissioned), too long ago to rely on. That is "
        "no evidence that it has ended."
    )


def test_need_that_is_not_known_is_told_with_its_reason(view: AreaView) -> None:
    assert told.gap_sentence(view, one(SECOND_CSE)) == (
        "CSE: how much of the need could be met is not worked out: a count of need is withheld."
    )
    withheld = coverage_view(coverage_flow=[SECOND_CSE | {"area_code": FIRST}])
    assert first.need_sentence(withheld) == ""
    assert withheld.need_flow_of(CCE) is None
    shown = parsed(coverage.holes(withheld), coverage.need_against_places(withheld))
    assert "table-grades" not in {element["id"] for element in shown.select("[id]")}


def test_children_under_review_are_named_as_such() -> None:
    rows = [row | UNDER_REVIEW for row in EVERYTHING["coverage_flow"]]
    reviewed = coverage_view(**EVERYTHING | {"coverage_flow": rows})
    assert first.need_sentence(reviewed).startswith(
        "Recorded need: 40 children for CSE and 25 children for CCE, under review on 31 March 2024. These are children "
        "at one time (A publisher, 2024), at any level; one under review for both harms counts for each."
    )


# Where need has no service


def test_holes_are_told_by_age_with_what_there_is_instead(view: AreaView) -> None:
    assert gone.hole_sentences(view, CSE) == [
        "No commissioned service found in First takes children aged 0 to 4 for CSE. No other was found either.",
        "No commissioned service found in First takes children aged 5 to 9 for CSE. There is, spot purchase, one place "
        "at a time: Lantern.",
    ]
    assert gone.hole_sentences(view, CCE) == []


def test_a_service_of_silent_ages_is_not_said_to_take_every_age(view: AreaView) -> None:
    assert gone.no_hole_sentences(view) == [
        "Whether every age under 18 has a commissioned service for CCE in First is not known: no source states the "
        "ages that Harbour takes. It is taken to accept them all."
    ]
    both = small_base()["services"].assign(exploitation_types=pd.Series(["CSE|CCE"] * 3, dtype="string"))
    assert gone.no_hole_sentences(coverage_view({"services": both}))[0].startswith(
        "Whether every age under 18 has a commissioned service for CSE or CCE in First is not known"
    )
    told_ages = small_base()["services"].assign(age_from=0)
    assert gone.no_hole_sentences(coverage_view({"services": told_ages})) == [
        "For every age under 18 some commissioned service in First takes children for CSE or CCE."
    ]


def test_the_risk_levels_that_a_service_takes_are_named_once() -> None:
    services = small_base()["services"].assign(risk_levels=pd.Series(["medium|high", None, None], dtype="string"))
    said = gone.sentences(coverage_view({"services": services}))
    assert [one for one in said if "levels" in one] == ["Branch takes these risk levels only: medium and high."]


def test_harms_with_the_same_services_share_a_drawing_and_others_are_said_to_have_none(view: AreaView) -> None:
    base = small_base()
    titles = [words(title) for title in parsed(coverage.matrices(view))("h3")]
    assert titles == ["CSE: services by age and tier", "CCE: services by age and tier"]
    of_cse = base["coverage"][base["coverage"]["exploitation_type"].eq("CSE")]
    alike = pd.concat([of_cse, of_cse.assign(exploitation_type="CCE")])
    shown = parsed(coverage.matrices(coverage_view({"coverage": alike})))
    assert [words(title) for title in shown("h3")] == ["CSE and CCE: services by age and tier"]
    none = alike.assign(funding=alike["funding"].where(alike["exploitation_type"].eq("CSE"), "not stated"))
    left = parsed(coverage.matrices(coverage_view({"coverage": none})))
    assert words(left).endswith("Nothing is drawn for CCE, since no commissioned service was found.")
    assert len(left("figure")) == 1


def test_one_reason_for_both_harms_is_said_once() -> None:
    unknown = [
        SECOND_CSE | {"area_code": area, "exploitation_type": harm} for area in (FIRST, FORCE) for harm in (CSE, CCE)
    ]
    neither = coverage_view(coverage_flow=unknown)
    reason = "a count of need is withheld."
    assert told.gap_sentences(neither) == [
        f"How much of the need could be met is not worked out, for either harm: {reason}"
    ]
    assert told.force_sentences(neither) == [f"Police force area of Both: not worked out for either harm: {reason}"]


def test_levels_with_the_same_hole_share_a_sentence() -> None:
    hole = {**EVERYTHING["coverage_holes"][1], "age_from": 12, "age_to": 12, "exploitation_type": "CCE"}
    levels = coverage_view(coverage_holes=[hole | {"risk_level": level} for level in ("medium", "high")])
    assert gone.hole_sentences(levels, CCE) == [
        "No commissioned service found in First takes a child aged 12 at medium or high risk of CCE. No other was "
        "found either."
    ]


@pytest.mark.parametrize(
    ("ages", "levels", "said"),
    [
        ((0, 17), [], "a child of any age for CSE"),
        ((16, 17), ["not at risk", "low"], "children aged 16 to 17 at not at risk or low risk of CSE"),
        ((9, 9), ["medium"], "a child aged 9 at medium risk of CSE"),
    ],
)
def test_children_are_named_by_age_and_level(ages: tuple[int, int], levels: list[str], said: str) -> None:
    assert children_words(*ages, levels, ["CSE"]) == said


def test_grades_stand_from_the_firmest_with_shares_of_twenty_and_more(page: BeautifulSoup, view: AreaView) -> None:
    rows = [[words(cell) for cell in row(["th", "td"])] for row in page.select("#table-grades tbody tr")]
    assert rows == [
        ["Commissioned", "36 (90%)", "25 (100%)"],
        ["Spot purchase", "1 (2%)", "0 (0%)"],
        ["None found", "3 (8%)", "0 (0%)"],
    ]
    few = tables.coverage.grades({"CSE": view.coverage_grades(CSE)}, {"CSE": 19})
    assert few["CSE"].to_list() == ["36", "1", "3"]


# Need against places


def test_what_is_unmet_in_the_force_is_told_with_what_a_fair_share_would_leave(page: BeautifulSoup) -> None:
    assert (
        "Police force area of Both, CSE: at least 14 of 44 assessments (95% limits 7.1 to 26.4) could not be met by "
        "commissioned services, even if all places went where they meet the most need: 4.5 because no commissioned "
        "service takes them and 9.5 because there are too few places; 15 if places were shared in proportion to need. "
        "The need of some authorities is not in this: a count of need is withheld."
    ) in words(page)


def test_the_force_stands_last_and_what_is_withheld_has_its_symbol(page: BeautifulSoup) -> None:
    figure = page.find(id="figure-need-in-force-cse")
    rows = [[words(cell) for cell in row(["th", "td"])][:3] for row in figure.select("tbody tr")]
    assert rows == [
        ["First", "40 (28.6 to 54.5)", "4"],
        ["Second", "[c]", "[c]"],
        ["Both", "at least 44 (32 to 59.1)", "4.5"],
    ]
    assert "[c] withheld" in words(figure.caption)
    assert "Second: not worked out." in figure.img["alt"] and "Both:" not in figure.img["alt"]


def test_what_binds_is_told_in_words_the_lack_of_a_service_first(page: BeautifulSoup) -> None:
    rows = [[words(cell) for cell in row(["th", "td"])] for row in page.select("#table-what-binds tbody tr")]
    assert rows == [
        [
            *("No commissioned service found in First takes a child aged 9 at medium or high risk of CSE", "4.5"),
            "0",
            "4.5 (1.2 to 11.3)",
        ],
        [
            *("Too few places: only Branch would take children aged 10 to 17 for CSE in First and Second", "39.5"),
            "30",
            "9.5 (3.1 to 19.7)",
        ],
    ]


def test_two_full_services_of_both_harms_are_one_sentence(view: AreaView) -> None:
    both = CUT | {"kind": CutKind.TOO_FEW_PLACES, "exploitation_types": "CCE|CSE", "area_codes": FIRST}
    row = pd.Series(both | {"risk_levels": None, "age_from": 0, "age_to": 17, "service_ids": f"{BRANCH}|{HARBOUR}"})
    said = "Too few places: only Branch and Harbour would take children for CCE or CSE in First"
    assert told.cut_words(view, row) == said


def test_the_drawing_of_need_says_what_it_draws(page: BeautifulSoup) -> None:
    figure = page.find(id="figure-need-cse")
    assert words(figure.h3) == "CSE: 13 of 40 unmet, places shared by need"
    assert figure.img["alt"].endswith(
        "40 assessments in the year ending 31 March 2024; 37 that any service found would take; 36 that a "
        "commissioned service would take; 27 met and 13 not if places are shared in proportion to need."
    )


def test_only_what_a_drawing_tells_is_drawn(page: BeautifulSoup) -> None:
    # All of CCE would be taken by a service whose places nobody states: a sentence says as much.
    assert page.find(id="figure-need-cce") is None and page.find(id="figure-need-in-force-cce") is not None
    some = coverage_view(coverage_flow=[FIRST_CCE | {"no_service": 5, "gap": 5}])
    figure = parsed(coverage.need_against_places(some)).find(id="figure-need-cce")
    assert words(figure.h3) == "CCE: 5 of 25 have no commissioned service"
    assert figure.img["alt"].endswith("how much of that its places could meet is not known.")
    nobody = coverage_view(coverage_flow=[FIRST_CSE | {"commissioned": 0, "no_service": 40, "gap": 40}])
    shown = parsed(coverage.need_against_places(nobody), coverage.beside(nobody))
    assert shown("figure") == []


def test_how_places_are_known_stands_beside_them_and_of_others_it_is_said(page: BeautifulSoup) -> None:
    rows = [[words(cell) for cell in row(["th", "td"])][:3] for row in page.select("#table-places tbody tr")]
    assert rows == [["Branch", "15", "Stated by a source"]]
    assert "Of Harbour and Lantern, no source states places, staff, nor a caseload." in words(page)
    assert "or lets work them out: children a worker." in words(page.find(id="table-places"))


@pytest.mark.parametrize(
    ("counted", "unknown", "whose"),
    [
        (1, 1, "the places of the commissioned service that takes any of it are"),
        (3, 3, "the places of 3 commissioned services that take any of it are"),
        (3, 1, "the places of 1 of the 3 commissioned services that take any of it are"),
    ],
)
def test_that_places_are_not_known_is_told_of_each_harm(counted: int, unknown: int, whose: str) -> None:
    row = FIRST_CCE | {"services_counted": counted, "services_without_places": unknown}
    (said,) = told.places_sentences(coverage_view(coverage_flow=[row]))
    assert said.startswith(f"CCE: {whose} not known.")


def test_a_service_for_many_holds_no_places_and_one_that_is_not_here_is_left_out() -> None:
    base = small_base()
    elsewhere = base["service_funding"].assign(
        funding=lambda rows: rows["funding"].mask(rows["service_id"].eq(HARBOUR), "none")
    )
    many = {"places_basis": "not known", "holds_places": False, "reason": "education for many"}
    places = [many | {"service_id": service} for service in (BRANCH, HARBOUR)]
    shown = parsed(coverage.places(coverage_view({"service_funding": elsewhere}, service_places=places)))
    assert words(shown) == "Branch works with many at once and holds no places."


def test_a_caseload_is_not_passed_off_as_places() -> None:
    (branch,) = [row for row in EVERYTHING["service_places"] if row["service_id"] == BRANCH]
    said = told.places_sentences(coverage_view(service_places=[branch | {"places_basis": "reported caseload"}]))
    assert said == [
        "No source states the places of Branch: its caseload of 30 June 2024, 15, stands for them, which says how many "
        "children it had and not how many it could have. If it had room for more, less need would go unmet."
    ]


# What would change it


def test_effects_are_in_order_of_name_then_kind_with_reasons(page: BeautifulSoup) -> None:
    rows = [[words(cell) for cell in row(["th", "td"])] for row in page.select("#table-effects tbody tr")]
    assert rows == [
        ["Branch", "Ten more places", "30 to 40", "14", "4.5", "9.5 smaller"],
        ["Branch", "Contract ends without extension on 31 December 2024", "30 to 0", "14", "44", "30 larger"],
        ["Branch", "Opened to ages 0 to 9", "30 to 30", "14", "14", "none"],
    ]
    assert "Not worked out for Harbour: ten more places (its places are not known)." in words(page)


def test_changes_that_are_not_worked_out_make_no_table() -> None:
    (unknown,) = [row for row in EVERYTHING["coverage_effects"] if row["service_id"] == HARBOUR]
    filled = unknown | {"change": "vacancies filled", "reason": "no vacancy is stated"}
    shown = parsed(coverage.effects(coverage_view(coverage_effects=[unknown, filled])))
    assert shown("table") == []
    assert words(shown) == (
        "Not worked out for Harbour: ten more places (its places are not known); vacancies filled (no vacancy is "
        "stated)."
    )


def test_effects_are_of_the_harms_that_are_known(view: AreaView) -> None:
    assert told.of_both(view) == ("both harms together", "")
    alone = coverage_view(coverage_flow=[FORCE_CSE, FORCE_BOTH])
    assert told.of_both(alone) == ("CSE alone", "")


# The register


def test_the_register_says_what_sources_say_and_names_what_none_says(page: BeautifulSoup) -> None:
    rows = [[words(cell) for cell in row(["th", "td"])] for row in page.select("#table-services tbody tr")]
    assert rows[0] == [
        *("Branch", "CSE", "10 to 17; to 24 for additional needs"),
        "victims, at risk; children can ask for it themselves",
        *("specialist; 3.5 posts paid for", "Commissioned", "30 June 2024"),
    ]
    assert rows[1][2:5] == ["not stated"] * 3
    assert "or lets work them out: risk levels, form of support." in words(page.find(id="table-services"))
    money = [[words(cell) for cell in row(["th", "td"])] for row in page.select("#table-money tr")]
    assert money == [
        ["Service", "Commissioners", "Pooled budget", "Partners", "Value of a year", "Value of the firm term"],
        ["Branch", "One, Two", "Yes", "A partner", "£90,000", "£270,500"],
    ]
    assert "Of Harbour and Lantern, no source states a commissioner, a provider, partners or money." in words(page)


def test_a_table_leaves_out_only_what_nobody_states() -> None:
    display = pd.DataFrame({"Service": ["A", "B"], "Posts": ["not stated", "not known"], "Places": ["0", "not known"]})
    known = stated(display)
    assert known.display.to_dict("list") == {"Service": ["A"], "Places": ["0"]}
    assert (known.columns, known.rows) == (["Posts"], ["B"])


def test_money_that_nobody_states_is_a_sentence() -> None:
    services = small_base()["services"].iloc[[1]]
    bare = coverage_view({"services": services, "contract_terms": small_base()["contract_terms"].head(0)})
    assert parsed(coverage_register.terms_and_money(bare))("table") == []


def test_contract_terms_have_their_value_and_the_day_to_decide(page: BeautifulSoup) -> None:
    rows = [[words(cell) for cell in row(["th", "td"])] for row in page.select("#figure-contracts tbody tr")]
    assert [row[1:3] for row in rows] == [
        ["Firm term", "already agreed"],
        ["Option 1", "31 December 2024"],
        ["Option 2", "31 December 2025"],
    ]
    assert [row[-3:] for row in rows] == [
        ["36", "£270,500", "£270,500"],
        ["12", "£90,000", "£360,500"],
        ["12", "£90,000", "£450,500"],
    ]
    years = small_base()["contract_terms"].assign(precision="year")
    assert tables.coverage_register.contract_terms(years)["To"].to_list()[0] == "2024 (year only)"


# Capacity and cost


def test_costs_stand_with_their_denominator_in_order_of_name(page: BeautifulSoup) -> None:
    rows = [[words(cell) for cell in row(["th", "td"])][:5] for row in page.select("#table-costs tbody tr")]
    assert rows == [
        ["Branch", "place", "£90,000", "15 places", "£6,000.00"],
        ["Branch", "child reached", "£90,000, year ending 31 March 2024", "1,700 children", "£52.94"],
    ]
    assert "Not worked out for Harbour: no places are stated." in words(page)


def test_a_cost_that_alone_lacks_is_named_by_its_kind(view: AreaView) -> None:
    rows = [*EVERYTHING["service_costs"][1:], {"service_id": BRANCH, "per": CostPer.NEED_MET, "reason": "nobody knows"}]
    some = coverage_view(service_costs=rows).of_services("service_costs", view.exploitation_services())
    assert costing.no_cost_sentences(some) == ["Not worked out for Branch: per need met (nobody knows)."]


def test_costs_of_another_place_or_service_are_not_shown(view: AreaView) -> None:
    cost = {"per": CostPer.PLACE, "cost_gbp": 1, "denominator": 1, "unit": "place", "value": 1}
    elsewhere = coverage_view(
        service_costs=[cost | {"service_id": BRANCH, "area_code": "E23009009"}, cost | {"service_id": "another"}]
    )
    assert elsewhere.of_services("service_costs", view.exploitation_services()).empty


def test_load_says_what_is_lacking(page: BeautifulSoup) -> None:
    rows = [[words(cell) for cell in row(["th", "td"])] for row in page.select("#table-load tbody tr")]
    assert rows[0][2:] == ["36", "0.50", "15", "1.20", "18", "2.4", "7", "9; target 4", "3.5"]
    assert rows[1][5] == "not worked out"
    assert "Harbour, the year ending 31 March 2024: no time is stated." in words(page)


def test_travel_stands_only_where_times_were_supplied(page: BeautifulSoup) -> None:
    rows = [[words(cell) for cell in row(["th", "td"])] for row in page.select("#table-travel tbody tr")]
    assert rows == [["E01009001", "Branch", "410", "32.5", "45", "0.38"]]


# The words, the drawings and the notebook


def test_an_amount_that_is_not_whole_has_one_decimal() -> None:
    assert [amount(value) for value in (0, 12.0, 12.04, 1234.5)] == ["0", "12", "12.0", "1,234.5"]


def test_what_binds_comes_with_the_rows_of_the_force(page: BeautifulSoup) -> None:
    rows = rows_of(page.find(id="table-what-binds"))
    assert {row["exploitation_type"] for row in rows if "services_counted" in row} == {"CSE", "CCE", ""}


def test_the_area_report_has_the_gap_in_short(view: AreaView, silent: AreaView) -> None:
    shown = parsed(provision.need_without_service(view))
    said = [words(item) for item in shown("li")]
    assert said == [first.need_sentence(view), *told.gap_sentences(view)]
    assert words(shown.p) == (
        "Services are those described on 30 June 2024. Details stand in the document “Services and coverage” of this "
        "area."
    )
    assert "need is not set beside services" in words(parsed(provision.need_without_service(silent)))


def test_each_drawing_is_drawn_from_the_rows_of_its_table(view: AreaView, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[object] = []
    for name in ("coverage_matrix", "need_waterfall", "need_and_places"):
        monkeypatch.setattr(plots, name, lambda rows, ax=None, name=name: drawn.append((name, len(rows))))
    square = Drawing(wide="<svg></svg>", wide_size=(1, 1))
    monkeypatch.setattr(plots, "drawing", lambda draw, *of: draw() or square)
    parsed(coverage.matrices(view), coverage.need_against_places(view), coverage.beside(view))
    assert [name for name, _ in drawn] == [*["coverage_matrix"] * 2, "need_waterfall", *["need_and_places"] * 2]
    assert ("need_and_places", 2) in drawn  # the authorities, without the force


def test_the_notebook_calls_sections_and_stores_no_result() -> None:
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    assert code[0].startswith('area = "CHOOSE AN AREA"') and cells[1]["metadata"]["tags"] == ["parameters"]
    assert [cell for cell in cells if cell.get("outputs")] == []
    assert all(re.fullmatch(r"\w+\.\w+\(view\)", line) for line in code[2:])
    called = {line.partition("(")[0] for line in code[2:]}
    here = {f"{module.__name__.rpartition('.')[2]}.{name}" for module, name in _sections()}
    assert here <= called
    assert code[-1] == "about.end(view)"


def _sections() -> list[tuple[object, str]]:
    """The public sections of the modules of this document."""
    return [
        (module, name)
        for module in (coverage, coverage_register, capacity)
        for name, value in vars(module).items()
        if callable(value) and getattr(value, "__module__", "") == module.__name__ and not name.startswith("_")
    ]


def test_the_release_that_these_views_stand_on_has_the_services_of_the_story() -> None:
    assert set(small_base()["services"]["service_id"]) == {"branch", "harbour", "lantern"}
    assert YEAR["period_end"] < pd.Timestamp("2024-06-30")
