"""What a board reads about risk levels: every number is in a download, nothing withheld is told, nobody is judged.

The numbers are those of tests/risk_release.py, made up and to be counted there.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from risk_release import (
    EVERYTHING,
    LEVELS,
    MOVES,
    NOW,
    OTHER_SCHEME,
    QUARTER_BEFORE,
    SCHEME,
    TESTS,
    TWELVE_MONTHS,
    WITHHELD,
    YEAR_BEFORE,
    caseload,
    flow,
    risk_view,
    small_base,
)
from shown import parsed, rows_of, words
from small_evidence import FIRST, FORCE, PUBLIC, SECOND

from needs_assessment import narrative, plots, tables, wording
from needs_assessment.area_view import AreaView
from needs_assessment.area_view.risk import RiskSeries
from needs_assessment.components import Drawing, Html
from needs_assessment.disclosure.audit.explain import figures_of
from needs_assessment.disclosure.audit.numbers import Quotations, unexplained
from needs_assessment.narrative import movement as moving
from needs_assessment.narrative import panel as asking
from needs_assessment.publish.lint import page_faults
from needs_assessment.sections import panel, risk
from needs_assessment.vocabulary import MissingCode, RiskMeasure

SECTIONS = {
    "schemes": risk.schemes,
    "caseload": risk.caseload,
    "movement": risk.movement,
    "reviews": risk.reviews,
    "limits": risk.limits,
}
PACK = {
    "opening": panel.opening,
    "under review": panel.under_review,
    "moves": panel.moves,
    "matrix": panel.matrix,
    "rates": risk.rates,
    "outlook": risk.outlook,
    "questions": panel.questions,
}
PAGES = {"report": SECTIONS, "pack": PACK}
JUDGING = re.compile(r"\b(better|worse|best|worst|rank(s|ed|ings?)?|improve\w*|deteriorat\w*)\b", re.IGNORECASE)
SYMBOL = re.compile(rf"\[({'|'.join(re.escape(symbol) for symbol in MissingCode)})\]")


@pytest.fixture(autouse=True)
def quick_drawing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the pages of this module are drawn, before a test begins: others say what they would draw."""
    square = Drawing(wide="<svg></svg>", wide_size=(1, 1))
    monkeypatch.setattr(plots, "drawing", lambda *of: square)


@pytest.fixture(scope="module")
def silent() -> AreaView:
    """An area of whose risk levels nothing is known."""
    return risk_view({"risk_schemes": small_base()["risk_schemes"].head(0)})


@pytest.fixture(scope="module")
def view() -> AreaView:
    return risk_view(**EVERYTHING)


@pytest.fixture(scope="module")
def pages(view: AreaView) -> dict[str, BeautifulSoup]:
    """Every section of the report, and the whole panel pack."""
    return {name: parsed(*(section(view) for section in page.values())) for name, page in PAGES.items()}


@pytest.fixture(scope="module")
def report(pages: dict[str, BeautifulSoup]) -> BeautifulSoup:
    return pages["report"]


# What holds for every section


@pytest.mark.parametrize("page", PAGES)
def test_every_number_stands_in_a_file_of_its_table_or_of_the_page(page: str, pages: dict[str, BeautifulSoup]) -> None:
    quoted = Quotations()
    quoted.add([*wording.SCENARIO_WORDS.values(), wording.RATES_NOTE, wording.MODEL_NOTE])
    parts = [(holder, rows_of(holder)) for holder in pages[page].select("div.table, figure")]
    parts += [(said, rows_of(pages[page])) for said in pages[page].select(":is(li, p):not(.table *, figure *)")]
    assert len(parts) > 5
    for part, rows in parts:
        said = [words(part), *(image["alt"] for image in part("img"))]
        assert [one for one in said if unexplained(one, figures_of(rows), quoted)] == []


@pytest.mark.parametrize("page", PAGES)
def test_nobody_is_judged_and_every_symbol_is_explained(page: str, pages: dict[str, BeautifulSoup]) -> None:
    assert JUDGING.findall(words(pages[page])) == []
    for table in pages[page]("table"):
        shown = {symbol for cell in table("td") for symbol in SYMBOL.findall(words(cell))}
        assert [symbol for symbol in shown if f"[{symbol}] " not in words(table.caption)] == []


@pytest.mark.parametrize("page", PAGES)
def test_symbols_stand_in_tables_only_and_alternative_texts_have_words(
    page: str, pages: dict[str, BeautifulSoup]
) -> None:
    outside = [words(said) for said in pages[page].select("li")] + [image["alt"] for image in pages[page]("img")]
    assert [said for said in outside if SYMBOL.search(said)] == []
    assert any("withheld" in said for said in outside)


@pytest.mark.parametrize("page", PAGES)
def test_titles_have_at_most_ten_words_and_anchors_are_unique(page: str, pages: dict[str, BeautifulSoup]) -> None:
    titles = [words(title) for title in pages[page].select("figcaption h3")]
    assert titles
    assert [title for title in titles if len(title.split()) > 10] == []
    anchors = [element["id"] for element in pages[page].select("[id]")]
    assert len(anchors) == len(set(anchors))
    links = {words(link): link["href"] for link in pages[page]("a")}
    assert len(links) == len(pages[page]("a"))


@pytest.mark.parametrize(
    ("section", "said"),
    [
        (risk.change, "No count of children by risk level"),
        (risk.schemes, "The scheme of risk levels in use in First was not supplied"),
        (risk.caseload, "No case-level risk reviews were supplied"),
        (risk.rates, "How often levels changed was not supplied"),
        (risk.outlook, "no chances and no forecast are given"),
        (panel.under_review, "No case-level risk reviews were supplied"),
        (panel.questions, "are not under review, and why?"),
    ],
)
def test_a_section_without_anything_says_so_in_words(
    section: Callable[[AreaView], Html], said: str, silent: AreaView
) -> None:
    shown = parsed(section(silent))
    assert said in words(shown)
    assert shown("table") == shown("figure") == []


@pytest.mark.parametrize("section", [risk.movement, risk.reviews, risk.limits, panel.moves, panel.matrix])
def test_what_the_caseload_has_said_is_not_said_again(section: Callable[[AreaView], Html], silent: AreaView) -> None:
    assert section(silent).markup == ""


def test_a_series_alone_gives_sections_that_say_what_is_not_there() -> None:
    alone = risk_view(risk_caseload=caseload(FIRST, NOW, 14, 12, 8))
    shown = words(parsed(*(section(alone) for page in PAGES.values() for section in page.values())))
    for said in (
        "too many of the numbers are withheld to show where children stood a year later",
        "no chances are given, because no model was supplied",
        "CSE: no forecast is given.",
        "CSE: overdue reviews were not supplied.",
        "How often levels changed was not supplied",
    ):
        assert said in shown
    assert not re.search(r"\b(nan|NaT|None|<NA>)\b", shown)


# Schemes


def test_levels_stand_in_order_in_the_words_of_their_scheme(report: BeautifulSoup) -> None:
    rows = [[words(cell) for cell in row(["th", "td"])] for row in report.select("#table-risk-scheme-1 tbody tr")]
    assert rows == [[level.capitalize(), f"{place} of 3", f"Words on {level}"] for place, level in enumerate(LEVELS, 1)]


def test_a_scheme_that_nobody_here_uses_is_not_shown(report: BeautifulSoup) -> None:
    assert report.select("#table-risk-scheme-2") == []


def test_a_crosswalk_is_partial_and_reads_both_ways(view: AreaView) -> None:
    rows = tables.risk.crosswalk(view).set_index("Level")
    assert rows["Counterpart"].to_dict() == {
        f"Low ({SCHEME})": "no counterpart",
        f"Medium ({SCHEME})": "no counterpart",
        f"High ({SCHEME})": "significant",
        f"Emerging ({OTHER_SCHEME})": "no counterpart",
        f"Significant ({OTHER_SCHEME})": "high",
    }
    assert rows.loc[f"Low ({SCHEME})", "Stated by"] == "nobody"


def test_a_way_back_that_a_source_states_itself_is_not_read_off_the_other() -> None:
    one = {"source_id": PUBLIC, "from_scheme": SCHEME, "to_scheme": OTHER_SCHEME}
    back = {"source_id": PUBLIC, "from_scheme": OTHER_SCHEME, "to_scheme": SCHEME}
    walk = [
        one | {"from_level": "high", "to_level": "significant"},
        one | {"from_level": "medium", "to_level": "significant"},
        back | {"from_level": "significant", "to_level": "high"},
    ]
    told = tables.risk.crosswalk(risk_view(risk_caseload=EVERYTHING["risk_caseload"], risk_crosswalk=walk))
    assert told.set_index("Level").loc[f"Significant ({OTHER_SCHEME})", "Counterpart"] == "high"


def test_two_levels_with_one_counterpart_are_both_named_on_the_way_back() -> None:
    one = {"source_id": PUBLIC, "from_scheme": SCHEME, "to_scheme": OTHER_SCHEME, "to_level": "significant"}
    walk = [one | {"from_level": level} for level in ("medium", "high")]
    told = tables.risk.crosswalk(risk_view(risk_caseload=EVERYTHING["risk_caseload"], risk_crosswalk=walk))
    assert told.set_index("Level").loc[f"Significant ({OTHER_SCHEME})", "Counterpart"] == "medium or high"


def test_a_change_of_scheme_is_a_break(report: BeautifulSoup) -> None:
    assert (
        f"By 31 March 2024 CSE in First was assessed by {SCHEME} instead of {OTHER_SCHEME}. This is a break"
        in words(report)
    )


# Caseload


def test_the_area_stands_beside_its_force_the_highest_level_first(report: BeautifulSoup) -> None:
    assert {row["area_code"] for row in rows_of(report.find(id="figure-cse-caseload"))} == {FIRST}
    rows = [words(row) for row in report.select("#table-caseload-force tbody tr")]
    assert rows == ["High, CSE 8 29", "Medium, CSE 12 44", "Low, CSE 14 51"]


def test_the_caseload_is_read_from_first_to_last_day(view: AreaView) -> None:
    (series,) = view.risk_series()
    assert narrative.risk.caseload_sentence(view, series) == (
        "CSE, 31 March 2024 to 31 March 2025: low from 15 to 14, medium from 9 to 12 and high from 6 to 8. The largest "
        "difference is at medium risk. All levels together: 34 on 31 March 2025."
    )
    assert narrative.risk.caseload_title(view, series) == "CSE: 8 at high risk, 6 a year before"


def test_a_withheld_level_has_no_number_in_title_or_sentence() -> None:
    counts = [*caseload(FIRST, YEAR_BEFORE, 15, 9, None), *caseload(FIRST, NOW, 14, 12, 8)]
    withheld = risk_view(risk_caseload=counts)
    (series,) = withheld.risk_series()
    assert narrative.risk.caseload_title(withheld, series) == "Children under review for CSE, by level"
    said = narrative.risk.caseload_sentence(withheld, series)
    assert "high from a withheld number to 8" in said and "largest" not in said


def test_levels_of_two_schemes_share_no_row_and_no_figure() -> None:
    other = caseload(FIRST, NOW, 7, 9, 11, scheme=OTHER_SCHEME)
    named = [row | {"risk_level": level} for row, level in zip(other[:2], ("emerging", "significant"), strict=True)]
    levels = [row | {"as_at": day} for row in named for day in (QUARTER_BEFORE, NOW)]
    both = risk_view(risk_caseload=[*EVERYTHING["risk_caseload"], *levels])
    shown = parsed(risk.caseload(both))
    assert [figure["id"] for figure in shown("figure")] == ["figure-cse-caseload", "figure-cse-2-caseload"]
    titles = [words(title) for title in shown.select("figcaption h3")]
    assert len(set(titles)) == 2 and all("scheme" in title for title in titles)
    rows = tables.panel.under_review(both, both.caseload_now_and_before()).set_index("Level")["Now"]
    assert rows.filter(like=OTHER_SCHEME).tolist() == ["9", "7"]
    assert rows.filter(like=f", {SCHEME},").tolist() == ["8", "12", "14"]


def test_a_level_that_names_risk_is_not_named_twice() -> None:
    assert [narrative.risk.at_level(level) for level in ("high", "not at risk")] == ["high risk", "not at risk"]


def test_a_series_without_a_child_is_none() -> None:
    nobody = caseload(FIRST, NOW, 0, 0, 0, exploitation_type="CCE")
    counted = risk_view(risk_caseload=[*nobody, *caseload(FIRST, NOW, 14, 12, 8)])
    assert [series.exploitation_type for series in counted.risk_series()] == ["CSE"]


def test_another_authority_of_the_force_is_never_shown() -> None:
    two = risk_view(risk_caseload=[*caseload(FIRST, NOW, 14, 12, 8), *caseload(SECOND, NOW, 97, 98, 99)])
    shown = words(parsed(*(section(two) for page in PAGES.values() for section in page.values())))
    assert "14" in shown and not re.search(r"\b9[789]\b", shown)


# Movement


def test_the_flow_of_the_force_stands_in_where_the_area_prints_too_little(report: BeautifulSoup) -> None:
    figure = report.find(id="figure-cse-year")
    assert "across the force" in words(figure)
    assert "This is the police force area: of First alone too much would be withheld to show moves." in words(figure)
    assert {row["area_code"] for row in rows_of(figure) if row.get("measure")} == {FORCE}
    assert "From high: 10 to medium and 15 to high; to low and left withheld. From medium:" in figure.img["alt"]
    cells = [[words(cell) for cell in row(["th", "td"])] for row in figure.select("tbody tr")]
    assert cells[0] == ["High", "15", "10", "[c]", "[c]"]


def test_the_flow_of_the_area_is_shown_where_it_prints_enough() -> None:
    own = [*flow(FIRST, TWELVE_MONTHS, MOVES), *flow(FORCE, TWELVE_MONTHS, WITHHELD)]
    stood = [*caseload(FIRST, YEAR_BEFORE, 40, 42, 31), *caseload(FIRST, NOW, 14, 12, 8)]
    here = risk_view(**EVERYTHING | {"risk_movement": own, "risk_caseload": stood})
    figure = parsed(risk.movement(here)).figure
    assert words(figure.h3) == "CSE: levels moved neither way clearly"
    assert {row["area_code"] for row in rows_of(figure) if row.get("measure")} == {FIRST}


@pytest.mark.parametrize(
    ("stood", "shown"),
    # The cells tell of 107 children who stood at a level: half of 214, and less than that of 215.
    [((60, 64, 90), True), ((60, 64, 91), False), ((60, 64, None), False)],
)
def test_a_flow_is_shown_where_it_tells_of_half_of_the_children(stood: tuple[int | None, ...], shown: bool) -> None:
    counts = [*caseload(FORCE, YEAR_BEFORE, *stood), *caseload(FIRST, NOW, 14, 12, 8)]
    moved = risk_view(**EVERYTHING | {"risk_caseload": counts})
    (series,) = moved.risk_series()
    assert len(moved.risk_flow(series)) == (len(MOVES) if shown else 0)
    assert bool(parsed(risk.movement(moved))("figure")) == shown


def test_zeros_alone_are_no_flow_to_show() -> None:
    nobody = risk_view(**EVERYTHING | {"risk_movement": flow(FORCE, TWELVE_MONTHS, dict.fromkeys(MOVES, 0))})
    (series,) = nobody.risk_series()
    assert nobody.risk_flow(series).empty


def test_who_was_raised_and_lowered_is_told_in_words(report: BeautifulSoup) -> None:
    assert (
        "CSE in First, year ending 31 March 2025: 41 children were reviewed; 12 were raised to a higher level and 9 "
        "were lowered."
    ) in words(report)


def test_moves_stand_beside_the_force_with_their_base(report: BeautifulSoup) -> None:
    rows = {words(row.th): [words(cell) for cell in row("td")] for row in report.select("#table-moves tbody tr")}
    assert rows == {
        "CSE: came for the first time": ["[c]", "55"],
        "CSE: left": ["[c]", "63"],
        "CSE: reviewed": ["41", "160"],
        "CSE: of these, raised to a higher level": [
            "12 of 41 (29%; 18% to 44%), Higher",
            "30 of 160 (19%; 14% to 26%)",
        ],
        "CSE: of these, lowered": ["9 of 41 (22%; 12% to 37%)", "not supplied"],
        "CSE: of those lowered, raised again within twelve months, year ending 31 March 2024": [
            "6 of 13",
            "not supplied",
        ],
        "CSE: no review for more than three months": ["11 of 34 (32%; 19% to 49%)", "[c]"],
    }  # nobody's number who came back is printed, so there is no such row


@pytest.mark.parametrize(
    ("test", "said"),
    [
        (
            {},
            "more children were raised (31) than lowered (19); a difference this large would come by chance in 12% of",
        ),
        ({"sign_p": 0.0004}, "by chance in under 1% of years"),
        ({"raised": 12, "lowered": 30, "sign_p": 0.008}, "more children were lowered (30) than raised (12)"),
        ({"raised": 19, "sign_p": 1.0}, "as many children were raised (19) as lowered (19)"),
        (
            {"raised": None, "lowered": None, "sign_p": None, "reason": "a count is withheld"},
            "whether levels moved one way cannot be tested, because a count is withheld.",
        ),
    ],
)
def test_whether_levels_moved_one_way_is_one_plain_sentence(test: dict[str, object], said: str) -> None:
    tested = risk_view(**EVERYTHING | {"risk_tests": [TESTS[0] | test]})
    (series,) = tested.risk_series()
    assert said in moving.one_way_sentence(tested, series)


def test_a_share_beside_the_rest_of_the_force_is_judged_in_a_word(report: BeautifulSoup) -> None:
    told = words(report.select_one("#table-moves"))
    assert "12 of 41 (29%; 18% to 44%), Higher" in told
    assert "Each is a reason to ask" in told


def test_outcomes_are_those_of_the_force(report: BeautifulSoup) -> None:
    rows = [[words(cell) for cell in row(["th", "td"])] for row in report.select("#table-cse-outcomes tbody tr")]
    assert rows == [
        ["From every level: higher level", "14 of 40", "35% (22% to 50%)"],
        ["From every level: left", "[c]", "not stated"],
        ["From high: same level", "7 of 12", "not stated"],
    ]


def test_rates_are_those_of_the_force_the_highest_level_first(pages: dict[str, BeautifulSoup]) -> None:
    table = pages["pack"].find(id="table-rates")
    rows = [[words(cell) for cell in row(["th", "td"])] for row in table.select("tbody tr")]
    assert rows == [
        ["High to medium", "0.94 (0.65 to 1.32)"],
        ["High to low", "[c]"],
        ["Low to medium", "0.30 (0.18 to 0.48)"],
    ]
    assert {row["area_code"] for row in rows_of(table)} == {FORCE}
    assert "police force area of Both, year ending 31 March 2025" in words(table.caption)


# Reviews


OVERDUE = [row for row in EVERYTHING["risk_yearly"] if row["measure"] == RiskMeasure.REVIEW_OVERDUE]
FIRST_REVIEWS = [
    ("within 7 days", 12, None, 0.3),
    ("in 8 to 28 days", 20, None, 0.5),
    ("in 29 to 91 days", 8, None, 0.2),
    ("after 91 days", 0, None, None),
    ("no review on record", None, "c", None),
]


def test_the_time_to_the_first_review_is_shown_by_harm(view: AreaView) -> None:
    made = view.release["breakdowns"]
    rows = pd.DataFrame(
        [
            {"source_id": PUBLIC, "measure": "referrals", "unit": "referral", "exploitation_type": "CSE"}
            | {"area_code": FIRST, "period_start": pd.Timestamp("2024-04-01"), "period_end": NOW}
            | {"dimension": "first review", "category": category, "count": count, "missing": missing, "share": share}
            for category, count, missing, share in FIRST_REVIEWS
        ],
        columns=made.columns,
    ).astype(made.dtypes.to_dict())
    shown = parsed(risk.reviews(risk_view({"breakdowns": rows}, **EVERYTHING)))
    cells = [[words(cell) for cell in row(["th", "td"])] for row in shown.select("#table-first-reviews tbody tr")]
    assert cells[0] == ["Within 7 days", "12 (30%)"]
    assert cells[3:] == [["After 91 days", "0"], ["No review on record", "[c]"]]
    assert "nobody has judged the risk" in words(shown)


def test_overdue_reviews_are_told_and_the_timing_of_reviews_is_a_limit(report: BeautifulSoup) -> None:
    assert "11 of the 34 children under review had no review for more than three months" in words(report)


def test_overdue_reviews_of_the_force_stand_in_for_withheld_ones() -> None:
    yearly = [row | {"count": None, "missing": "c"} for row in OVERDUE[:1]] + [OVERDUE[0] | {"area_code": FORCE}]
    hidden = risk_view(**EVERYTHING | {"risk_yearly": yearly})
    (series,) = hidden.risk_series()
    assert "in the police force area of Both, 31 March 2025: 11 of the 34" in moving.overdue_sentence(hidden, series)


# Outlook


def test_chances_are_of_the_force_and_of_no_one_child(pages: dict[str, BeautifulSoup]) -> None:
    table = pages["pack"].find(id="table-cse-chances")
    assert len(table.select("tbody tr")) == 9
    assert words(table.select_one("tbody tr")) == (
        "High, after three months 31% (26% to 36%) 29% (24% to 34%) 23% (18% to 28%) 17% (12% to 22%)"
    )
    assert moving.GROUP_NOTE in words(table.caption) and {row["area_code"] for row in rows_of(table)} == {FORCE}


def test_stays_and_the_chance_of_being_raised_are_told_in_words(pages: dict[str, BeautifulSoup]) -> None:
    told = words(pages["pack"])
    assert "children stay on average 0.84 years at low (0.71 to 0.99), 0.84 years at medium" in told
    assert (
        "the chance of being raised within twelve months is 12% from low (9% to 15%) and 12% from medium (9% to 15%)."
    ) in told


@pytest.mark.parametrize(
    ("fit", "said"),
    [
        ({}, "no sign that the chances were not steady (p-value 0.310)"),
        ({"p_value": 0.0101}, "do not agree with steady chances (p-value 0.010): read the chances as rough"),
        ({"p_value": 0.0001}, "p-value under 0.001"),
        ({}, "no printed count differs from the expected by more than 3.4 children"),
        ({"reason": "too few moves"}, "no chances are given, because too few moves."),
    ],
)
def test_the_fit_of_the_model_is_told_in_words(fit: dict[str, object], said: str) -> None:
    fitted = risk_view(**EVERYTHING | {"risk_model_fit": [EVERYTHING["risk_model_fit"][0] | fit]})
    (series,) = fitted.risk_series()
    assert said in " ".join(moving.fit_sentences(fitted, series))


def test_the_what_if_is_told_beside_as_now_with_its_back_test(pages: dict[str, BeautifulSoup]) -> None:
    report = pages["pack"]
    assert (
        "If referrals rise by 20%, the CSE caseload at high risk in First on 31 March 2026 is 52 (41 to 64) instead of "
        "46 (36 to 57)."
    ) in words(report)
    assert "Of 10 such forecasts made a quarter ahead of quarters that are already known, 9 held" in words(report)
    rows = [words(row) for row in report.select("#table-forecast tbody tr")]
    assert rows[0] == "High, CSE 46 (36 to 57) 52 (41 to 64) 40 (31 to 50)"
    assert len(rows) == 4 and rows[-1].startswith("All levels, CSE")
    assert "expected on 31 March 2026" in words(report.select_one("#table-forecast caption"))


def test_why_there_is_no_forecast_is_told() -> None:
    why = [{"area_code": FIRST, "quarters_ahead": 0, "reason": "a count is withheld"}]
    shown = parsed(risk.outlook(risk_view(**EVERYTHING | {"risk_forecast": why})))
    assert "CSE: no forecast is given, because a count is withheld." in words(shown)
    assert shown.select("#table-forecast") == []


def test_of_snapshots_alone_no_limit_of_a_flow_is_named() -> None:
    told = words(parsed(risk.limits(risk_view(risk_change=[CHANGE | HIGH]))))
    assert "A threshold can move" in told and "followed within one authority" not in told


def test_the_limits_name_timing_thresholds_and_the_assumption_of_the_model(report: BeautifulSoup) -> None:
    for said in (moving.TIMING_NOTE, "A threshold can move", "within one authority", "depends on the level alone"):
        assert said in words(report)


# Published snapshots, as the Derbyshire decision record of December 2019 states them: victims at high risk of CSE in
# February and November 2018. Limits by R's poisson.test(c(22, 8)) and poisson.test(c(17, 8)).

CHANGE = {"area_code": FORCE, "scheme": SCHEME, "exploitation_type": "CSE", "unit": "victim", "residence": "all"}
CHANGE |= {"as_at_before": pd.Timestamp("2018-02-28"), "as_at_after": pd.Timestamp("2018-11-30")}
HIGH = {"risk_level": "high", "before": 8, "after": 22, "rate_ratio": 2.75, "lower": 1.179154, "upper": 7.143667}
HIGH |= {"p_value": 0.016125, "explained_by": 2.75, "within_chance_at": 1.179154}
WITHIN = {"risk_level": "high", "before": 8, "after": 22, "outside": 5, "after_within": 17, "ratio_least": 2.125}
WITHIN |= {"lower": 0.869156, "upper": 5.689168}
BREAK = {"measure": "risk_snapshots", "area_code": FORCE, "description": "A new form was used"}


def test_the_recording_explanation_stands_beside_the_change() -> None:
    shown = words(parsed(risk.change(risk_view({"breaks": pd.DataFrame([BREAK])}, risk_change=[CHANGE | HIGH]))))
    assert (
        "High risk of CSE: if nothing but recording had changed, it would have had to find 2.75 times as many as "
        "before; from 1.18 times on, chance could explain the rest."
    ) in shown
    assert "A new form was used" in shown


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        (
            {"explained_by": 0.4, "within_chance_at": 0.8},
            "find only 0.40 times as many as before; from 0.80 times down, chance could explain",
        ),
        ({"explained_by": 1.3, "within_chance_at": 1.0}, "chance alone could explain the change"),
    ],
)
def test_a_fall_and_a_change_within_chance_have_words_of_their_own(numbers: dict[str, float], said: str) -> None:
    changed = risk_view(risk_change=[CHANGE | HIGH | numbers])
    assert said in " ".join(narrative.risk.recording_sentences(changed))


def test_those_within_the_force_are_told_at_least_and_why_not_more() -> None:
    shown = parsed(risk.change(risk_view(risk_change=[CHANGE | HIGH], risk_within_force=[CHANGE | WITHIN])))
    assert (
        "High risk of CSE without the 5 out of force: at most 8 to 17, at least 2.12 times as many (95% limits 0.87 to "
        "5.69)."
    ) in words(shown)
    assert "How many were out of force in February 2018 was not published" in words(shown)
    row = shown.select_one("#table-risk-within-force tbody tr")
    assert words(row) == "High risk of CSE 2.12 (0.87 to 5.69) 8 22 5 17"


# The panel


def test_the_pack_is_of_counts_now_a_quarter_and_a_year_before(pages: dict[str, BeautifulSoup]) -> None:
    rows = [[words(cell) for cell in row(["th", "td"])] for row in pages["pack"].select("#table-panel-under-review tr")]
    assert rows[:2] == [
        ["Level", "Now", "A quarter before", "A year before"],
        ["High, CSE", "8", "[c]", "6"],
    ]
    caption = words(pages["pack"].select_one("#table-panel-under-review caption"))
    assert "In First: 31 March 2025, 31 December 2024 and 31 March 2024" in caption


def test_the_pack_counts_the_force_where_every_count_of_the_area_is_withheld() -> None:
    counts = [*caseload(FIRST, NOW, None, None, None), *caseload(FORCE, NOW, 51, 44, 29)]
    shown = words(parsed(panel.under_review(risk_view(risk_caseload=counts))))
    assert "In the police force area of Both, because every count of First is withheld: 31 March 2025" in shown
    assert "High, CSE 29" in shown


def test_the_questions_follow_the_figures_and_presume_no_answer(view: AreaView) -> None:
    asked = asking.panel_questions(view)
    assert all(question.endswith("?") for question in asked)
    told = " ".join(asked)
    assert "6 of the 13 children first lowered" in told and "is higher than in the rest of the force" in told
    assert "more children were raised" not in told  # by chance in 12% of years: no question is made of it
    clear = risk_view(**EVERYTHING | {"risk_tests": [TESTS[0] | {"sign_p": 0.01}]})
    assert "more children were raised (31) than lowered (19)" in " ".join(asking.panel_questions(clear))


def test_no_file_of_the_pack_is_about_one_child(pages: dict[str, BeautifulSoup]) -> None:
    columns = {name for row in rows_of(pages["pack"]) for name in row}
    assert columns and not columns & {"child_id", "referral_id", "reviewed_on"}
    counts = [int(row["count"]) for row in rows_of(pages["pack"]) if row.get("count")]
    assert counts and not {1, 2, 3, 4, 5} & set(counts)


# Choice of rows


def test_rows_of_the_force_stand_in_for_an_area_without_figures_and_reasons_for_both() -> None:
    test = TESTS[0] | {"sign_p": None, "reason": "a count is withheld"}
    series = RiskSeries("private_return", SCHEME, "CSE")
    chosen = {}
    for name, force in (("force", {"sign_p": 0.3}), ("reason", {"sign_p": None, "reason": "another"})):
        rows = [test, TESTS[0] | {"area_code": FORCE} | force]
        chosen[name] = risk_view(risk_tests=rows).latest_risk_rows("risk_tests", series, "sign_p")["area_code"].item()
    assert chosen == {"force": FORCE, "reason": FIRST}


def test_a_page_of_these_sections_has_no_fault_of_its_own(report: BeautifulSoup) -> None:
    markup = str(report)
    page = f'<!doctype html><html lang="en"><body><main><h1>Risk</h1><h2>Levels</h2>{markup}</main></body></html>'
    frame_of_page = ("title", "viewport", "character set", "security policy", "<header>", "<footer>", "first link")
    assert [fault for fault in page_faults(page) if not any(part in fault for part in frame_of_page)] == []
