"""What a commissioner reads of a quarter: every number is in a download, what is missing is named, nobody is ranked.

Every place, service and number here is made up, and can be counted in this file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
from bs4 import BeautifulSoup, Tag
from shown import parsed, rows_of, words
from small_evidence import BASE, FIRST, FORCE, PRIVATE, PUBLIC, table

from needs_assessment import plots, wording
from needs_assessment.area_view import AreaView
from needs_assessment.components import Drawing, Html
from needs_assessment.disclosure.audit.explain import figures_of
from needs_assessment.disclosure.audit.numbers import Quotations, unexplained
from needs_assessment.narrative import overview as saying
from needs_assessment.plots.overview import change_ratios
from needs_assessment.release import Release
from needs_assessment.sections import overview
from needs_assessment.services.awards import award_totals, with_share_spent
from needs_assessment.services.returns import return_comparisons

NOTEBOOK = Path(__file__).resolve().parents[1] / "notebooks" / "quarterly_overview.ipynb"
SUMMER = {"period_start": "2024-07-01", "period_end": "2024-09-30"}
SPRING = {"period_start": "2024-04-01", "period_end": "2024-06-30"}
YEAR_BEFORE = {"period_start": "2023-07-01", "period_end": "2023-09-30"}
DAY = {"period_start": "2024-09-30", "period_end": "2024-09-30", "basis": "snapshot"}
DAY_BEFORE = {"period_start": "2024-06-30", "period_end": "2024-06-30", "basis": "snapshot"}
ALPHA, BETA = (
    {"service_id": name, "area_code": FORCE, "measure": "new_referrals", "unit": "referral"}
    for name in ("alpha", "beta")
)
SUPPORTED = {"service_id": "alpha", "area_code": FORCE, "measure": "children_in_support"}
VICTIMS = {"service_id": "victims", "area_code": FIRST, "measure": "referrals", "unit": "referral"}
RETURNS = [
    VICTIMS | SUMMER | {"value": "4000"},
    VICTIMS | SPRING | {"value": "4500"},
    VICTIMS | SUMMER | {"measure": "victims_in_dip_sample", "unit": "victim", "value": "300"},
    VICTIMS | SUMMER | {"measure": "satisfaction_in_dip_sample", "unit": "per cent", "value": "98.7"},
    VICTIMS | YEAR_BEFORE | {"value": "388"},
    VICTIMS | YEAR_BEFORE | {"value": "425", "note": "another figure"},
    ALPHA | SUMMER | {"value": "40", "target": "32"},
    ALPHA | YEAR_BEFORE | {"value": "37"},
    SUPPORTED | DAY | {"value": "61", "note": "read as the end of the quarter"},
    SUPPORTED | DAY_BEFORE | {"value": "50"},
    ALPHA | DAY | {"measure": "vacancies", "unit": "post", "value": "3"},
    BETA | SUMMER | {"source_id": PRIVATE},
    BETA | SPRING | {"source_id": PRIVATE, "value": "12"},
]
WITHHELD = 11
"""The row whose figure is not shown."""
SERVICES = [
    {"service_id": "alpha", "service_name": "Alpha"},
    {"service_id": "beta", "service_name": "Beta", "exploitation_types": "CCE"},
    *({"service_id": name, "service_name": name.capitalize()} for name in ("gamma", "bought", "ended")),
    {
        "service_id": "victims",
        "service_name": "Victims",
        "exploitation_types": "",
        "client_group": "children and adults",
    },
    {"service_id": "training", "service_name": "Training", "exploitation_types": "", "client_group": "professionals"},
]
AWARD = {"purpose": "partnership award", "area_code": FIRST, "note": "the day is not stated"}
FUNDING = [
    AWARD | {"recipient": "East CSP", "awarded_gbp": "100000", "spent_gbp": "80000", "period_end": "2024-09-30"},
    AWARD | {"recipient": "West CSP", "awarded_gbp": "50000", "spent_gbp": "50000", "period_end": "2024-09-30"},
    {"recipient": "Training", "purpose": "a campaign", "spent_gbp": "21000", "period_end": "2025-03-31"},
    AWARD | {"recipient": "Long ago", "period_start": "2010-04-01", "period_end": "2011-03-31", "source_id": PRIVATE},
]
STATEMENTS = [
    {"statement_id": "waiting", "topic": "waiting", "service_id": "alpha", "area_code": FIRST}
    | {"wording": "A waiting list of schools.", "note": "its length is not stated"},
    {"statement_id": "total", "topic": "partnership", "area_code": FORCE, "unit": "pound", "value": "150000"}
    | {"wording": "The CSPs were awarded a total of £150,000."},
    {"statement_id": "milestone", "topic": "milestone", "service_id": "beta", "wording": "A new base was opened."},
    {"statement_id": "other topic", "topic": "risk", "area_code": FORCE, "wording": "Nobody asks for this here."},
]
QUARTER = ("2024-07-01", "2024-09-30")
COMMISSIONED: list[tuple[str | None, ...]] = [
    *((name, FIRST, *QUARTER, "commissioned") for name in ("alpha", "training")),
    ("gamma", FIRST, "2024-07-01", None, "service level agreement"),
    ("bought", FIRST, *QUARTER, "spot purchase"),
    ("ended", FIRST, "2020-01-01", "2024-06-30", "commissioned"),
]
MANIFEST = {"synthetic": False, "disclosure": {"rule": "counts from 1 to 5 are withheld"}}
JUDGING = re.compile(r"\b(better|worse|best|worst|rank(s|ed|ings?)?|improve\w*|deteriorat\w*)\b", re.IGNORECASE)
SECTIONS: dict[str, Callable[..., Html]] = {
    "opening": overview.opening,
    "key messages": overview.key_messages,
    "exploitation": overview.exploitation,
    "said": overview.said,
    "awards": overview.awards,
    "missing": overview.missing,
    "others": overview.others,
    "said of others": overview.said_of_others,
}


def force_view(returns: list[dict[str, str]], commissioned: list[tuple[str | None, ...]]) -> AreaView:
    """The view of the police force area in a release with these returns."""
    areas = [row | {"police_force_area_code": FORCE, "police_force_area_name": "Both"} for row in BASE["areas"][:3]]
    printed = table("service_returns", *returns)
    symbols = pd.Series({WITHHELD: "c"} if len(returns) > WITHHELD else {}, index=printed.index, dtype="string")
    frames = {name: table(name, *rows) for name, rows in {"areas": areas, "services": SERVICES}.items()}
    frames |= {"statements": table("statements", *STATEMENTS), "sources": table("sources", *BASE["sources"])}
    awards, days = table("funding", *FUNDING), ["first_day", "last_day"]
    running = pd.DataFrame(commissioned, columns=["service_id", "area_code", *days, "funding"])
    tables = frames | {
        "funding": with_share_spent(awards),
        "award_totals": award_totals(awards, frames["statements"], frames["areas"]),
        "return_comparisons": return_comparisons(printed.assign(missing=symbols)),
        "commissioned": running.astype(dict.fromkeys(days, "datetime64[us]")),
    }
    return AreaView(Release(tables, MANIFEST), FORCE)


@cache
def usual() -> AreaView:
    return force_view(RETURNS, COMMISSIONED)


def cells_of(page: Tag, anchor: str) -> dict[str, list[str]]:
    """The cells of each row of a table by its header."""
    rows = page.select(f"#{anchor} tbody tr")
    return {words(row.th): [words(cell) for cell in row("td")] for row in rows if row.th}


@pytest.fixture(scope="module")
def page() -> BeautifulSoup:
    """The whole page, without its picture."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(plots, "drawing", lambda *of: Drawing(wide="<svg></svg>", wide_size=(1, 1)))
        return parsed(*(section(usual()) for section in SECTIONS.values()))


# What holds for the whole page


def test_every_number_stands_in_a_file_of_its_table_or_of_the_page(page: BeautifulSoup) -> None:
    quoted = Quotations()
    quoted.add([statement["wording"] for statement in STATEMENTS])
    reasons = usual().release["return_comparisons"]["reason"].dropna()
    quoted.add(reasons)
    parts = [(holder, rows_of(holder)) for holder in page.select("div.table, figure")]
    parts += [(said, rows_of(page)) for said in page.select(":is(li, p):not(.table *, figure *)")]
    assert len(parts) > 10
    for part, rows in parts:
        said = [*(words(cell) for cell in part(["td", "th", "caption"]) or [part])]
        said += [image["alt"] for image in part("img")]
        assert [one for one in said if unexplained(one, figures_of(rows), quoted)] == []


def test_nobody_is_judged_and_every_symbol_is_explained(page: BeautifulSoup) -> None:
    assert JUDGING.findall(words(page)) == []
    assert not re.search(r"\b(nan|NaT|None|<NA>)\b", words(page))
    assert "[c] withheld so that no child can be identified" in words(page.find(id=saying.EXPLOITATION).caption)


def test_anchors_are_unique_and_messages_lead_to_what_is_there(page: BeautifulSoup) -> None:
    anchors = [element["id"] for element in page.select("[id]")]
    assert len(anchors) == len(set(anchors))
    leading = {link["href"].removeprefix("#") for link in page.select("#key-messages ~ ul a")}
    assert leading - set(anchors) == {"what-is-missing"}  # the heading of the notebook


def test_figures_of_other_services_stand_behind_a_fold_and_those_for_exploited_children_do_not(
    page: BeautifulSoup,
) -> None:
    folded = [element["id"] for element in page.select("details div.table")]
    assert folded == [saying.OTHERS, f"{saying.SAID}-others"]


# The quarter


def test_the_quarter_is_the_latest_with_returns_or_that_of_a_day() -> None:
    assert usual().reporting_quarter() == usual().reporting_quarter("2024-08-15") == pd.Period("2024Q3")
    assert "April to June 2024" in words(parsed(overview.opening(usual(), "2024-05-01")))


@pytest.mark.parametrize("day", ["summer", "2024-13-01"])
def test_what_is_no_day_is_refused(day: str) -> None:
    with pytest.raises(ValueError, match="a day of the quarter"):
        overview.opening(usual(), day)


def test_a_quarter_of_school_holidays_is_marked_in_words_and_another_is_not(page: BeautifulSoup) -> None:
    assert "It has the school summer holidays: schools were open on" in words(page)
    assert "July to September 2024 (with the school summer holidays)" in words(
        page.find(id=saying.EXPLOITATION).caption
    )
    spring = parsed(*(section(usual(), "2024-06-30") for section in (overview.opening, overview.exploitation)))
    assert "holiday" not in words(spring)


@pytest.mark.parametrize("day", ["", "2019-01-01"])
def test_without_returns_the_page_says_so_once(day: str) -> None:
    view = usual() if day else force_view([], [])
    shown = {name: parsed(section(view, day)) for name, section in SECTIONS.items()}
    assert "No provider's return was supplied" in words(shown.pop("opening"))
    assert {words(section) for section in shown.values()} == {""}


# Figures beside what came before


def test_a_figure_stands_beside_the_quarter_before_the_year_before_and_its_target(page: BeautifulSoup) -> None:
    rows = cells_of(page, saying.EXPLOITATION)
    assert list(rows) == [
        "Alpha: new referrals",
        "Alpha: children in support",
        "Alpha: vacant posts",
        "Beta: new referrals",
    ]
    # 40 of 77 by scipy.stats.binomtest (exact), as p / (1 - p).
    assert rows["Alpha: new referrals"] == [
        *("40", "not supplied", "37", "32"),
        "1.08 times a year before (95% limits 0.67 to 1.74): within chance. 125% of the target",
    ]
    assert rows["Beta: new referrals"] == ["[c]", "12", "not supplied", "not stated", "nothing further"]


def test_a_figure_of_a_day_says_so_and_has_a_ratio_without_limits(page: BeautifulSoup) -> None:
    to_know = cells_of(page, saying.EXPLOITATION)["Alpha: children in support"][-1]
    assert to_know.startswith("On 30 September 2024. 1.22 times the quarter before. Much of what was there on one day")
    assert to_know.endswith("Read as the end of the quarter")


def test_a_per_cent_has_its_base_and_limits_and_two_figures_are_named(page: BeautifulSoup) -> None:
    rows = cells_of(page, saying.OTHERS)
    assert rows["Victims in First: satisfaction in dip sample"][-1] == "Of 300, 95% limits 96.6 to 99.5"
    now, quarter_before, year_before, _, to_know = rows["Victims in First: referrals"]
    assert (now, quarter_before, year_before) == ("4,000", "4,500", "not supplied")
    assert "lower by more than chance" in to_know and "388 and 425 are given" in to_know


def test_what_changed_by_more_than_chance_is_told_apart_from_what_did_not(page: BeautifulSoup) -> None:
    assert saying.changes_sentence(usual().quarter_returns(pd.Period("2024Q3"))) in words(page)
    assert (
        "Changed by more than chance: Victims in First, referrals, 4,000 after 4,500 the quarter before. "
        "Within chance: Alpha, new referrals, 40 after 37 a year before." in words(page)
    )


def test_many_counts_within_chance_are_not_listed() -> None:
    rows = usual().quarter_returns(pd.Period("2024Q3"))
    within = rows[rows["ratio_year_lower"].notna()]
    every = "counts that have one before them are within chance of it."
    assert saying.changes_sentence(pd.concat([within] * 4)) == f"All {every}"
    assert saying.changes_sentence(pd.concat([rows, *[within] * 3])).endswith(f". All other {every}")
    assert saying.changes_sentence(rows.head(0)) == ""


@pytest.mark.parametrize(
    ("lower", "upper", "said"),
    [
        (0.5, 1.0, "within chance"),
        (1.0, 2.0, "within chance"),
        (0.5, 0.99, "lower by more than chance"),
        (1.01, 2.0, "higher by more than chance"),
    ],
)
def test_limits_that_hold_1_are_within_chance(lower: float, upper: float, said: str) -> None:
    assert saying.chance_words(lower, upper) == said


def test_the_drawing_has_a_dot_for_each_comparison_and_a_line_at_no_change() -> None:
    told = saying.compared(usual().quarter_returns(pd.Period("2024Q3")))
    ax = change_ratios(told)
    dots = [line.get_xdata()[0] for line in ax.get_lines() if line.get_marker() == "o"]
    assert dots == told["ratio"].tolist()
    assert [line.get_markerfacecolor() == "white" for line in ax.get_lines() if line.get_marker() == "o"] == [
        words == "within chance" for words in told["words"]
    ]
    (no_change,) = [tick for tick in ax.xaxis.get_major_ticks() if tick.gridline.get_linestyle() == "--"]
    ax.figure.canvas.draw()
    assert no_change.get_loc() == 1


# Money, words, and what is missing


def test_awards_of_one_purpose_have_a_total_and_others_have_none(page: BeautifulSoup) -> None:
    rows = cells_of(page, saying.AWARDS)
    assert rows["Total: partnership award"] == [
        *("£150,000", "£130,000", "87%"),
        "The source states the same total awarded. The day is not stated",
    ]
    assert rows["East CSP"] == ["£100,000", "£80,000", "80%", "see the total"]
    to_know = "A campaign, April 2023 to March 2025"
    assert rows["Training"] == ["not stated", "£21,000", "not stated", to_know]
    assert not any("Long ago" in recipient for recipient in rows)
    assert "Partnership award: £150,000 awarded in all, £130,000 (87%) spent so far." in words(page)


def test_words_on_exploited_children_come_first_and_other_topics_are_left_out(page: BeautifulSoup) -> None:
    assert list(cells_of(page, saying.SAID)) == ["Beta", "Alpha in First"]  # the milestone before the waiting list
    assert list(cells_of(page, f"{saying.SAID}-others")) == ["The whole area"]
    assert "Nobody asks for this here" not in words(page)
    assert "Alpha has 3 vacant posts and a waiting list at Alpha is described without its length." in words(page)


def test_what_is_missing_is_named(page: BeautifulSoup) -> None:
    said = [words(item) for item in parsed(overview.missing(usual()))("li")]
    silent = "that a source says were commissioned here in the quarter, without any figure"
    asked = "average years in service, children waiting, weeks waiting"
    assert said == [
        f"Services for exploited children {silent}: Gamma.",
        f"Other services {silent}: Training.",
        f"Not stated by Alpha: {asked} and whole-time equivalent staff.",
        f"Not stated by Beta: children in support, {asked}, vacant posts and whole-time equivalent staff.",
        "No figure of the quarter before was supplied for Alpha (new referrals and vacant posts).",
        "No figure of a year before was supplied for Alpha (children in support and vacant posts); "
        "Beta (new referrals).",
        "No target is stated for Alpha (children in support and vacant posts); Beta (new referrals).",
    ]


def test_with_nothing_known_of_commissioning_nobody_is_said_to_have_returned_all() -> None:
    said = saying.missing_sentences(force_view(RETURNS, []), pd.Period("2024Q3"))
    assert said[0].startswith("No source supplied says which services for exploited children were commissioned")
    all_returned = saying.missing_sentences(force_view(RETURNS, COMMISSIONED[:1]), pd.Period("2024Q3"))
    assert all_returned[0].startswith("Every service for exploited children that a source says was commissioned")


def test_the_notebook_calls_one_section_a_cell_and_has_no_outputs() -> None:
    cells = [cell for cell in json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"]
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in cells)
    calls = ["".join(cell["source"]) for cell in cells[2:-1]]
    assert [call.partition("(")[0] for call in calls] == [
        *(f"overview.{section.__name__}" for section in SECTIONS.values()),
        "overview.methods",
    ]
    assert 'quarter = ""' in "".join(cells[0]["source"])


def test_fixed_words_are_no_figures() -> None:
    shown = words(parsed(overview.methods(usual())))
    assert all(term in shown for term in wording.OVERVIEW_METHODS)
    assert "Counts from 1 to 5 are withheld." in shown
    assert usual().quarter_sources(pd.Period("2024Q3")) == [PUBLIC, PRIVATE]
