"""Every section of every area's report is HTML that may be published, and says so where there is nothing to show.

The pages here are made cell by cell as the notebook has them, in this process; that kernels give the same page is
tested with the website.
"""

from __future__ import annotations

import base64
import csv
import io
import re
from pathlib import Path

import pytest
import report_page
from bs4 import BeautifulSoup, Tag
from small_evidence import BASE, COUNTRY, FIRST, ONE_OF_EACH, SECOND
from small_release import small_release, small_view

from needs_assessment.area_view import AreaView
from needs_assessment.components import Html
from needs_assessment.publish.lint import page_faults
from needs_assessment.sections import about, changing, provision, recorded, risk, similar, summary
from needs_assessment.vocabulary import ExploitationType, MissingCode
from needs_assessment.wording import READ_THIS_FIRST, SYNTHETIC_NOTE

SYMBOL = re.compile(rf"\[({'|'.join(re.escape(symbol) for symbol in MissingCode)})\]")
JUDGING = re.compile(r"\b(better|worse|best|worst|rank(s|ed|ings?)?)\b", re.IGNORECASE)
# Each with what others lack: broken series, equal series, many services, a code that changed, few services.
# `make reports` makes all eleven by the same checks.
every_area = pytest.mark.parametrize(
    "area", ["Derbyshire", "Herefordshire", "Bristol", "Somerset", "Telford and Wrekin"]
)


def words(element: Tag) -> str:
    return " ".join(element.get_text(" ").split())


def unexplained_symbols(page: BeautifulSoup) -> list[str]:
    """Symbols in cells that the caption of their table does not explain."""
    unexplained = []
    for table in page("table"):
        caption = words(table.caption) if table.caption else ""
        shown = {symbol for cell in table(["td", "th"]) for symbol in SYMBOL.findall(words(cell))}
        unexplained += [f"[{symbol}] in {caption[:60]}" for symbol in shown if f"[{symbol}] " not in caption]
    return unexplained


def downloads(page: BeautifulSoup) -> dict[str, list[dict[str, str]]]:
    """The rows of each CSV file of the page, by its name."""
    files = {link["download"]: link["href"].partition(",")[2] for link in page.select("a[download]")}
    texts = {name: base64.b64decode(content).decode("utf-8-sig") for name, content in files.items()}
    return {name: list(csv.DictReader(io.StringIO(text, newline=""))) for name, text in texts.items()}


# The eleven areas


def test_the_areas_of_the_release_are_the_eleven(views: dict[str, AreaView]) -> None:
    assert tuple(views) == report_page.AREAS


@every_area
def test_a_report_has_no_fault_that_stops_its_publication(area: str, release_folder: Path) -> None:
    assert page_faults(report_page.page(area, release_folder)) == []


@every_area
def test_key_messages_are_at_most_five_and_lead_to_what_shows_them(area: str, release_folder: Path) -> None:
    page = report_page.parsed(area, release_folder)
    messages = page.select(".key li")
    assert 3 <= len(messages) <= 5
    targets = [page.find(id=link["href"][1:]) for link in page.select(".key a")]
    assert targets and None not in targets
    assert all(target.name in ("figure", "div", "h2", "h3") for target in targets)


@every_area
def test_every_symbol_in_a_table_is_explained_before_the_table(area: str, release_folder: Path) -> None:
    assert unexplained_symbols(report_page.parsed(area, release_folder)) == []


def test_symbols_do_occur(release_folder: Path) -> None:
    cells = [
        cell for area in ("Derbyshire", "Herefordshire") for cell in report_page.parsed(area, release_folder)("td")
    ]
    assert {symbol for cell in cells for symbol in SYMBOL.findall(words(cell))} >= {"c", "x", "u"}


@every_area
def test_a_report_judges_and_ranks_nobody(area: str, release_folder: Path) -> None:
    assert JUDGING.findall(words(report_page.parsed(area, release_folder))) == []


@every_area
def test_nothing_is_called_synthetic_where_nothing_is_made_up(area: str, release_folder: Path) -> None:
    assert "synthetic" not in words(report_page.parsed(area, release_folder)).lower()


@every_area
def test_figures_have_their_title_alternative_text_source_and_table(area: str, release_folder: Path) -> None:
    figures = report_page.parsed(area, release_folder)("figure")
    assert len(figures) >= 4
    for figure in figures:
        assert len(words(figure.h3).split()) <= 12
        assert area in figure.img["alt"] or "contracts" in figure.img["alt"] or "risk" in figure.img["alt"]
        assert words(figure.select_one(".source")).startswith("Source: ")
        assert figure.select("table tbody tr")


@every_area
def test_the_caution_comes_before_the_first_figure(area: str, release_folder: Path) -> None:
    page = report_page.parsed(area, release_folder)
    assert words(page).index(READ_THIS_FIRST[:40]) < words(page).index("Headline indicators for")
    assert str(page).index('class="warning"') < str(page).index("<table")


@every_area
def test_a_download_has_numbers_as_numbers_and_withheld_cells_blank(area: str, release_folder: Path) -> None:
    rows = downloads(report_page.parsed(area, release_folder))["figure-cce-rate.csv"]
    assert [row["period_end"] for row in rows] == sorted(row["period_end"] for row in rows)
    for row in rows:
        assert (row["count"] == "") is (row["missing"] != "")
        assert row["count"] == "" or float(row["count"]) >= 0
    assert {row["missing"] for row in rows} >= {"x"}


def test_the_page_of_derbyshire_says_what_its_decision_record_says(release_folder: Path) -> None:
    page = report_page.parsed("Derbyshire", release_folder)
    text = words(page)
    facts = ["8 to 22", "2.75", "1.18 to 7.14", "12 of the 56", "cannot be computed", "13 January 2020"]
    assert [fact for fact in facts if fact not in text] == []
    assert "175%" not in text and "100%" not in text
    percentages = {cell for row in downloads(page)["table-risk-change.csv"] for cell in [row["percentage"]]}
    assert percentages == {""}


def test_the_page_of_telford_says_that_purple_leaf_is_not_here(release_folder: Path) -> None:
    page = report_page.parsed("Telford and Wrekin", release_folder)
    assert "Not here" in words(page.find(id="table-services"))
    assert "Purple Leaf" not in words(page.find(id="figure-contracts"))


def test_the_page_of_herefordshire_shows_where_its_sources_disagree(release_folder: Path) -> None:
    text = words(report_page.parsed("Herefordshire", release_folder).find(id="table-contradictions"))
    assert "Purple Leaf: youngest age" in text and "10 years (" in text and "5 years (" in text


# Synthetic records


@pytest.fixture
def synthetic_page(synthetic_folder: Path) -> BeautifulSoup:
    """Herefordshire, with the synthetic records."""
    return report_page.parsed("Herefordshire", synthetic_folder)


def test_a_page_with_made_up_records_may_be_published_and_says_so_first(synthetic_page: BeautifulSoup) -> None:
    assert page_faults(str(synthetic_page)) == []
    assert words(synthetic_page.header).startswith("SYNTHETIC DATA")
    assert SYNTHETIC_NOTE in words(synthetic_page.main)


def test_every_table_with_made_up_records_is_labelled_and_no_other(synthetic_page: BeautifulSoup) -> None:
    for holder in synthetic_page.select("div.table, figure"):
        files = downloads(holder)
        rests_on = {row.get("source_id") for rows in files.values() for row in rows}
        title = holder.select_one("caption .title, h3")
        labelled = "Synthetic" in words(title), "Synthetic: " in words(holder.select_one(".source"))
        assert labelled == (("synthetic" in rests_on),) * 2, holder["id"]
    labels = [words(title) for title in synthetic_page.select("caption .title") if "Synthetic" in words(title)]
    assert len(labels) == 6


def test_symbols_of_made_up_records_are_explained_too(synthetic_page: BeautifulSoup) -> None:
    assert unexplained_symbols(synthetic_page) == []
    assert "[c]" in words(synthetic_page.find(id="table-referrals"))


def test_no_small_count_of_made_up_records_is_shown(synthetic_page: BeautifulSoup) -> None:
    counts = []
    for anchor in ("table-referrals", "table-moves", "table-caseload-force"):
        counts += [words(cell) for cell in synthetic_page.select(f"#{anchor} td")]
        counts += [row["count"] for rows in downloads(synthetic_page.find(id=anchor)).values() for row in rows]
    numbers = {int(cell) for cell in counts if cell.isdigit()}
    assert numbers and numbers & {1, 2, 3, 4, 5} == set()


# Little evidence, odd evidence

ONE_AREA = BASE | {"areas": BASE["areas"][:1], "population": [{}], "observations": [{"count": "24"}]}
LEVELS = {"risk_schemes": [{"risk_level": "high"}, {"risk_level": "low", "ordinal": "2"}]}
AT_RISK = [
    {"area_code": FIRST, "as_at": day, "count": count, "risk_level": level, "exploitation_type": harm}
    for level in ("high", "low")
    for harm in ("CSE", "CCE")
    for day, count in (("2023-03-31", "0"), ("2024-03-31", "9"))
]
ODD = {
    "the four required tables": BASE,
    "one area without a comparator": ONE_AREA,
    "a row in every table": ONE_OF_EACH,
    "the comparator not counted": BASE | {"observations": [{"count": "24"}, {"area_code": COUNTRY, "missing": "x"}]},
    "everything withheld": BASE | {"observations": [{"missing": "c"}, {"area_code": COUNTRY, "missing": "c"}]},
    "no figure of this area": BASE | {"observations": [{"area_code": SECOND, "count": "24"}]},
    "no assessment": BASE | {"observations": [{"measure": "offences", "unit": "offence", "count": "3"}]},
    "no population here": BASE | {"population": [{"area_code": COUNTRY, "people": "12000000"}]},
    "referrals of one harm": BASE | {"observations": [{"measure": "referrals", "unit": "referral", "count": "24"}]},
    "nobody at risk before": BASE | LEVELS | {"risk_snapshots": AT_RISK},
}


@pytest.mark.parametrize("tables", ODD.values(), ids=list(ODD))
def test_little_or_odd_evidence_gives_a_report_all_the_same(tables: dict[str, list], tmp_path: Path) -> None:
    page = report_page.page("First", small_release(tables).write(tmp_path / "release"))
    assert page_faults(page) == []
    text = BeautifulSoup(page, "html.parser")
    assert unexplained_symbols(text) == []
    assert re.findall(r"(?<![\w-])(?:inf|NA|None)(?![\w-])(?! found)", words(text.main)) == []


SILENT = {
    "place": (summary.area_map, ExploitationType.CSE, "no map is drawn"),
    "rate": (changing.rate_over_time, "CCE", "No figure for child criminal exploitation"),
    "similar": (similar.compared, None, "No assessment figures"),
    "funnel": (similar.funnel, "CSE", "No funnel of CSE is drawn"),
    "control chart": (changing.control_chart, "CSE", "No control chart for CSE"),
    "quarters": (changing.by_quarter, None, "No referrals by quarter"),
    "factors": (recorded.related_factors, None, "No related factor"),
    "other counts": (recorded.other_counts, None, "No count from the police"),
    "referrals": (recorded.referrals, None, "No case-level referrals"),
    "change": (risk.change, None, "No count of children by risk level"),
    "caseload": (risk.caseload, None, "No case-level risk reviews"),
    "register": (provision.register, None, "not the same as none being there"),
    "coverage": (provision.coverage, "CSE", "cannot be described"),
    "gap": (provision.need_without_service, None, "need is not set beside services"),
    "contracts": (provision.contracts, None, "No source states the term"),
    "capacity": (provision.capacity, None, "capacity is not checked"),
    "gaps": (provision.stated_gaps, None, "say nothing of this"),
    "returns": (provision.returns, None, "No return of a provider"),
    "funding": (provision.funding, None, "No award of money"),
    "disagreements": (about.disagreements, None, "No contradiction was found"),
}


@pytest.fixture(scope="module")
def silent_view() -> AreaView:
    """An area of which nothing is known but its name."""
    return small_view(observations=[{"area_code": SECOND, "count": "24"}])


@pytest.mark.parametrize("name", SILENT)
def test_a_section_without_anything_to_show_says_so_in_a_sentence(name: str, silent_view: AreaView) -> None:
    section, harm, said = SILENT[name]
    shown = section(silent_view, harm) if harm else section(silent_view)
    assert isinstance(shown, Html)
    text = BeautifulSoup(shown.markup, "html.parser")
    assert said in words(text)
    assert text("table") == text("figure") == []
    assert words(text).endswith(".")


def test_headlines_of_an_area_without_figures_are_a_sentence(silent_view: AreaView) -> None:
    assert "No assessment figures" in summary.headline(silent_view).markup


@pytest.mark.parametrize("section", [changing.rate_over_time, similar.funnel, provision.coverage])
def test_an_unknown_harm_is_refused(section: object, silent_view: AreaView) -> None:
    with pytest.raises(ValueError, match="CSA"):
        section(silent_view, "CSA")  # type: ignore[operator]


def test_methods_state_the_disclosure_rule_of_the_release(views: dict[str, AreaView]) -> None:
    rule = views["Derby"].release.manifest["disclosure"]["rule"]
    assert rule[1:] in about.methods(views["Derby"]).markup


def test_the_end_of_a_report_names_its_area(views: dict[str, AreaView]) -> None:
    ends = {name: about.end(view).markup for name, view in views.items()}
    assert len(set(ends.values())) == len(ends)
    assert all(name in markup and views[name].area_code in markup for name, markup in ends.items())


def test_the_glossary_explains_every_symbol(views: dict[str, AreaView]) -> None:
    terms = BeautifulSoup(about.glossary(views["Derby"]).markup, "html.parser")("dt")
    assert {f"[{symbol}]" for symbol in MissingCode} <= {words(term) for term in terms}


def test_words_of_the_evidence_are_shown_as_words() -> None:
    attack = "<script>alert(1)</script> & <b>bold</b>"
    services = [{"service_id": "a_service", "service_name": attack, "provider": attack}]
    view = small_view(services=services, service_areas=[{"service_id": "a_service"}])
    markup = provision.register(view).markup + provision.coverage(view, "CSE").markup
    text = BeautifulSoup(markup, "html.parser")
    assert text("script") == text("b") == []
    assert attack in text.get_text()
