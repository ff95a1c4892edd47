"""From executed notebook to page: what is shown arrives, what must not be shown stops the page."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
from typing import Any

import example_page
import pytest
from bs4 import BeautifulSoup
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output, new_raw_cell

from needs_assessment import components
from needs_assessment.components import Caption, Html
from needs_assessment.publish import page as page_module
from needs_assessment.publish.frame import SYNTHETIC, slug, with_documents
from needs_assessment.publish.lint import PublishError, page_faults
from needs_assessment.publish.page import export_page
from needs_assessment.publish.site import Headline, IndexEntry, Listed, index_page

PAGE = export_page(example_page.notebook(), example_page.META)


def exported(*further_cells: NotebookNode, **meta: Any) -> BeautifulSoup:
    page = export_page(example_page.notebook(*further_cells), dataclasses.replace(example_page.META, **meta))
    return BeautifulSoup(page, "html.parser")


def ran(output: NotebookNode) -> NotebookNode:
    return new_code_cell("code", outputs=[output], execution_count=9)


def test_every_displayed_output_reaches_the_page() -> None:
    page = BeautifulSoup(PAGE, "html.parser")
    shown = [".key", ".warning", ".warning + ul", "#table-headline", "#figure-cse-trend", "dl.definitions"]
    assert [len(page.select(f"main {selector}")) for selector in shown] == [1] * len(shown)


def test_a_displayed_output_arrives_like_a_last_expression() -> None:
    displayed = new_output("display_data", {"text/html": components.paragraph("Shown by display().").markup})
    assert "Shown by display()." in exported(ran(displayed)).get_text()


def test_an_output_that_vanishes_stops_the_page() -> None:
    swallowing = Html("<script>")  # an element that takes the marks after it for its text
    with pytest.raises(PublishError, match="7 of the notebook's 8 outputs reached the page"):
        export_page(
            example_page.notebook(example_page.shown(swallowing), example_page.shown(components.paragraph("x"))),
            example_page.META,
        )


def test_a_template_that_forgets_an_output_stops_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    class Forgetful:
        def from_notebook_node(self, notebook: NotebookNode) -> tuple[str, dict[str, str]]:
            return "<p>no outputs at all</p>", {}

    monkeypatch.setattr(page_module, "_exporter", Forgetful)
    with pytest.raises(PublishError, match="0 of the notebook's 6 outputs"):
        export_page(example_page.notebook(), example_page.META)


@pytest.mark.parametrize(
    ("cell", "fault"),
    [
        (ran(new_output("stream", name="stdout", text="A. Child")), "stray stdout (stream) in cell [9]"),
        (ran(new_output("stream", name="stderr", text="A. Child")), "stray stderr (stream) in cell [9]"),
        (ran(new_output("error", ename="KeyError", evalue="A. Child")), "stray KeyError (error) in cell [9]"),
        (example_page.shown("A. Child", 9), "stray text/plain (execute_result) in cell [9]"),
        (ran(new_output("display_data", {"image/png": "AAAA"})), "stray image/png (display_data) in cell [9]"),
        (
            ran(new_output("display_data", {"application/javascript": "1", "text/html": "<p>A. Child</p>"})),
            "stray application/javascript (display_data) in cell [9]",
        ),
        (
            ran(new_output("display_data", {"application/vnd.jupyter.widget-view+json": {}, "text/html": "x"})),
            "stray application/vnd.jupyter.widget-view+json (display_data) in cell [9]",
        ),
        (new_raw_cell("A. Child"), "raw cell"),
    ],
)
def test_what_cannot_be_published_is_refused_and_never_quoted(cell: NotebookNode, fault: str) -> None:
    page = export_page(example_page.notebook(cell), example_page.META)
    assert page_faults(page) == [f"not for publication: {fault}"]
    assert "A. Child" not in page


def test_a_bare_table_of_pandas_is_refused() -> None:
    frame = example_page.pd.DataFrame({"a": [1]})
    cell = ran(new_output("execute_result", {"text/html": frame.to_html(), "text/plain": "a"}, execution_count=9))
    faults = page_faults(export_page(example_page.notebook(cell), example_page.META))
    assert any("has no caption" in fault for fault in faults)


def test_code_is_never_shown() -> None:
    assert "report.part()" not in PAGE


@pytest.mark.parametrize("tag", ["parameters", "injected-parameters", "remove-cell"])
def test_a_hidden_cell_leaves_nothing(tag: str) -> None:
    sentinel = ran(new_output("stream", name="stdout", text="E06000000"))
    sentinel.metadata["tags"] = [tag]
    assert export_page(example_page.notebook(sentinel), example_page.META) == PAGE


def test_the_title_is_that_of_the_area() -> None:
    page = BeautifulSoup(PAGE, "html.parser")
    assert [heading.get_text() for heading in page("h1")] == [example_page.META.title]
    assert page.title is not None and page.title.get_text().startswith(example_page.META.title)


def test_contents_list_every_section_and_lead_to_it() -> None:
    page = exported(new_markdown_cell("## What changed, & why?"))
    links = {link.get_text(): str(link["href"]) for link in page.select("nav a")}
    assert links["What changed, & why?"] == "#what-changed-why"
    assert list(links)[-1] == "About this report"
    assert all(page.find(id=address[1:]) for address in links.values())


def test_an_anchor_given_by_a_component_is_kept() -> None:
    page = BeautifulSoup(PAGE, "html.parser")
    assert page.find(id="figure-cse-trend-title") and page.find(id="figure-cse-trend")


def test_markdown_is_rendered() -> None:
    assert "<em>similar areas</em>" in PAGE


def test_the_policy_allows_exactly_the_stylesheet_of_the_page() -> None:
    page = BeautifulSoup(PAGE, "html.parser")
    (style,), policy = page("style"), page.select("meta[http-equiv]")[0]["content"]
    fingerprint = base64.b64encode(hashlib.sha256(str(style.string).encode()).digest()).decode()
    assert policy == (
        f"default-src 'none'; img-src data:; style-src 'sha256-{fingerprint}'; base-uri 'none'; form-action 'none'"
    )


def test_synthetic_data_is_announced_before_anything_else() -> None:
    header = exported().header
    assert header is not None
    assert header.get_text(" ", strip=True).startswith(SYNTHETIC)


def test_real_data_carries_no_such_banner() -> None:
    assert SYNTHETIC not in str(exported(synthetic=False))
    assert page_faults(str(exported(synthetic=False))) == []


def test_markings_are_printed_on_every_sheet() -> None:
    style = str(exported(marking='OFFICIAL "</style>').style)
    assert r"--running-head: \"" not in style
    assert r'OFFICIAL \22 \3c \2f style\3e "' in style


def test_words_about_the_page_are_escaped() -> None:
    page = exported(title="A & <b>B", provenance={"<i>": "<u>"}, organisation="<s>")
    assert not page.select("b, i, u, s")
    assert page.h1 is not None and page.h1.get_text() == "A & <b>B"


OWN = {"Needs assessment": "a.html", "Problem & profile": "a-profile.html"}
DOCUMENTS = {"Documents of A & B": OWN}
AROUND = DOCUMENTS | {"Documents of C police force area": {"Overview": "c.html"}}


def test_a_page_leads_to_the_other_documents_of_its_area_and_names_its_own() -> None:
    page = exported(href="a-profile.html", documents=DOCUMENTS)
    (nav,) = page.select("header nav")
    assert [(link.get_text(), link["href"]) for link in nav("a")] == [("Needs assessment", "a.html")]
    assert [name.get_text() for name in nav.select("[aria-current=page]")] == ["Problem & profile"]
    assert nav["aria-label"] == "Documents of A & B" and nav.p is None
    assert page_faults(str(page)) == []


def test_documents_of_several_areas_stand_in_groups_that_a_reader_can_tell_apart() -> None:
    page = exported(href="a.html", documents=AROUND)
    groups = page.select("header nav")
    assert [group["aria-label"] for group in groups] == [group.p and group.p.get_text() for group in groups]
    assert [group["aria-label"] for group in groups] == list(AROUND)
    assert [[link["href"] for link in group("a")] for group in groups] == [["a-profile.html"], ["c.html"]]
    assert page_faults(str(page)) == []


@pytest.mark.parametrize("documents", [{}, DOCUMENTS, AROUND], ids=["none", "two", "groups"])
@pytest.mark.parametrize("before", [{}, DOCUMENTS, AROUND], ids=["none", "two", "groups"])
def test_documents_put_in_later_are_as_if_known_from_the_start(
    before: dict[str, dict[str, str]], documents: dict[str, dict[str, str]]
) -> None:
    made = [
        export_page(example_page.notebook(), dataclasses.replace(example_page.META, href="a.html", documents=known))
        for known in (before, documents)
    ]
    assert with_documents(made[0], "a.html", documents) == made[1]


def test_provenance_is_in_the_footer() -> None:
    terms = [term.get_text() for term in exported().select("footer dt")]
    assert terms == list(example_page.META.provenance)


def test_the_same_notebook_twice_is_the_same_page() -> None:
    assert export_page(example_page.notebook(), example_page.META) == PAGE


def test_the_notebook_is_left_as_it_was() -> None:
    notebook = example_page.notebook()
    before = str(notebook)
    export_page(notebook, example_page.META)
    assert str(notebook) == before


@pytest.mark.parametrize(
    ("text", "anchor"), [("What changed?", "what-changed"), ("  10 to 17 & older ", "10-to-17-older"), ("?", "section")]
)
def test_an_anchor_is_made_of_the_words_of_a_heading(text: str, anchor: str) -> None:
    assert slug(text) == anchor


def test_the_index_is_in_alphabetical_order_with_words_beside_rates() -> None:
    page = BeautifulSoup(example_page.index(), "html.parser")
    rows = [[cell.get_text() for cell in row(["th", "td"])] for row in page.select("#table-areas tr")]
    assert rows == [
        ["Area", "CSE per 10,000 children", "CCE per 10,000 children", "Police force"],
        ["Exampleshire", "Lower: 9.1", "Cannot tell: [c]", "Example"],
        ["Upper Example", "Lower: 9.1", "Cannot tell: [c]", "Example"],
    ]
    assert "This is not a league table" in page.get_text()


def test_an_area_without_a_report_is_named_with_its_reason_and_no_link() -> None:
    page = BeautifulSoup(example_page.index(), "html.parser")
    row = page.select("#table-absent-reports tbody tr")[0]
    assert [cell.get_text() for cell in row(["th", "td"])] == [
        "Lower Example",
        "Needs assessment",
        "Example",
        "its notebook did not finish",
    ]
    assert not row("a")


def test_the_index_links_reports_downloads_and_no_index() -> None:
    page = BeautifulSoup(example_page.index(), "html.parser")
    links = {link.get_text(): link["href"] for link in page.select("a")}
    assert links["Exampleshire"] == "exampleshire.html"
    assert links["All indicators of all areas (CSV, 12 kB)"] == "indicators.csv"
    assert "All areas" not in links


def test_an_entry_has_either_a_report_or_a_reason() -> None:
    for href, reason in (("", ""), ("a.html", "it failed")):
        with pytest.raises(ValueError, match="A: expected either the address of its report or why there is none"):
            IndexEntry(area="A", police_force="B", href=href, absent_because=reason)


def test_an_area_without_its_own_report_has_a_row_for_its_further_ones_and_one_that_says_why() -> None:
    rate = {"CSE": Headline(rate="1.0", verdict="Similar")}
    because = {"Panel pack": "it failed", "Atlas": "it was late"}
    entries = [
        IndexEntry(
            area="A & <b>",
            police_force="F",
            headlines=rate,
            absent_because="it failed",
            further={"Profile": "a-profile.html"},
            further_absent=because,
        ),
        IndexEntry(area="B", police_force="F", headlines=rate, href="b.html"),
    ]
    caption = Caption(title="Headline rates", anchor="table-areas", source="made-up records")
    html = index_page(Listed(entries), example_page.META, headlines=caption)
    page = BeautifulSoup(html, "html.parser")
    there, absent = (
        [
            [" ".join(cell.get_text(" ").split()) for cell in row(["th", "td"])]
            for row in page.select(f"{table} tbody tr")
        ]
        for table in ("#table-areas", "#table-absent-reports")
    )
    assert there == [["A & <b>", "Similar: 1.0", "Profile of A & <b>", "F"], ["B", "Similar: 1.0", "none", "F"]]
    assert absent == [
        ["A & <b>", "Needs assessment, Panel pack", "F", "it failed"],
        ["A & <b>", "Atlas", "F", "it was late"],
    ]


def test_areas_with_different_headlines_are_refused() -> None:
    rate = Headline(rate="1.0", verdict="Similar")
    entries = [
        IndexEntry(area="A", police_force="F", href="a.html", headlines={"CSE": rate}),
        IndexEntry(area="B", police_force="F", href="b.html", headlines={"CCE": rate}),
    ]
    caption = Caption(title="Headline rates", anchor="table-areas", source="made-up records")
    with pytest.raises(ValueError, match="different headlines"):
        index_page(Listed(entries), example_page.META, headlines=caption)
