"""Pages in a real browser: what axe-core, a phone and a printer make of them."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import axe
import example_page
import pytest
from playwright.sync_api import Browser

from needs_assessment.components import Caption
from needs_assessment.publish.lint import write_page
from needs_assessment.publish.page import export_page
from needs_assessment.publish.site import ForceEntry, Headline, IndexEntry, Listed, index_page


@pytest.fixture(scope="session")
def area_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example report, built from every component and with the links of an area of several documents, on disk."""
    own = {"Needs assessment": "", "Problem profile": "a-profile.html", "Panel pack": "a-pack.html"}
    of_force = {"Quarterly commissioning overview": "f-overview.html", "Freedom of information response": "f-foi.html"}
    documents = {"Documents of Exampleshire": own, "Documents of Example police force area": of_force}
    html = export_page(example_page.notebook(), dataclasses.replace(example_page.META, documents=documents))
    return write_page(html, tmp_path_factory.mktemp("site") / "exampleshire.html")


@pytest.fixture(scope="session")
def areas_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of areas with several documents, on disk; the real one of one document is among the pages of a site."""
    further = {"Problem profile": "a-profile.html", "Panel pack": "a-pack.html"}
    rates = {"CSE per 10,000 children": Headline(rate="9.1", verdict="Lower")}
    entries = [
        IndexEntry(area="Exampleshire", police_force="F", href="a.html", headlines=rates, further=further),
        IndexEntry(
            area="Example",
            police_force="F",
            absent_because="it failed",
            headlines=rates,
            further_absent={"Panel pack": "it failed"},
        ),
    ]
    force = ForceEntry(
        area="Example police force area",
        police_force="Example",
        authorities=["Example", "Exampleshire"],
        documents={"Quarterly commissioning overview": "f-overview.html"},
    )
    caption = Caption(title="Headline rates", anchor="table-areas", source="made-up records")
    html = index_page(
        Listed(entries, [force]), dataclasses.replace(example_page.META, index_href=""), headlines=caption
    )
    return write_page(html, tmp_path_factory.mktemp("site") / "index.html")


def test_a_report_reads_well_at_every_width(area_page: Path, audit: axe.Audit) -> None:
    assert audit(area_page) == []


def test_the_index_of_areas_reads_well_at_every_width(areas_page: Path, audit: axe.Audit) -> None:
    assert audit(areas_page) == []


DEFECTS = {
    "image-alt": "<p><img src='data:image/gif;base64,R0lGODlhAQABAAAAACw='></p>",
    "color-contrast": "<p class='pale'>Pale</p><style>.pale { color: #ccc; background: #fff }</style>",
    "heading-order": "<h6>Four levels down</h6>",
    "link-name": "<p><a href='#main'></a></p>",
    "320 px: the page is": "<pre>" + "0" * 500 + "</pre>",
    "request to the network": "<img alt='A tile map of all areas' src='https://example.org/map.png'>",
    "inline style": "<p style='color: red'>Red</p>",
    "inline script": "<script>document.title = 'run'</script>",
    "error on the page": "<script>undefinedFunction()</script>",
    "broken picture": "<img alt='A picture that is none' src='data:image/png;base64,AAAA'>",
}


@pytest.fixture(scope="session")
def faults_of_a_faulty_page(area_page: Path, browser: Browser) -> list[str]:
    """What the audit finds in the example report with every defect seeded at once."""
    seeded = "".join(DEFECTS.values()) + "</main>"
    faulty = area_page.with_name("faulty.html")
    faulty.write_text(area_page.read_text(encoding="utf-8").replace("</main>", seeded), encoding="utf-8")
    return axe.audit(browser, faulty)


@pytest.mark.parametrize("fault", DEFECTS)
def test_the_audit_finds_a_seeded_defect(fault: str, faults_of_a_faulty_page: list[str]) -> None:
    assert any(fault in found for found in faults_of_a_faulty_page), faults_of_a_faulty_page


def test_the_first_key_press_reaches_a_visible_skip_link(area_page: Path, browser: Browser) -> None:
    with axe.opened(browser, area_page, 390) as (page, _):
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        assert focused.inner_text() == "Skip to main content"
        box = focused.bounding_box()
        assert box is not None and box["x"] >= 0 and box["y"] >= 0


def test_a_phone_gets_the_narrow_drawing(area_page: Path, browser: Browser) -> None:
    shown = {}
    for width in (1280, 390):
        with axe.opened(browser, area_page, width) as (page, _):
            shown[width] = page.evaluate("atob(document.images[0].currentSrc.split(',')[1])")
    assert 'viewBox="0 0 710 400"' in shown[1280]
    assert 'viewBox="0 0 346 346"' in shown[390]


def test_a_wide_table_scrolls_inside_its_own_region(area_page: Path, browser: Browser) -> None:
    with axe.opened(browser, area_page, 390) as (page, _):
        region = "document.querySelector('#table-headline section')"
        assert page.evaluate(f"{region}.scrollWidth > {region}.clientWidth")


def test_paper_shows_the_tables_that_the_screen_folds_away(area_page: Path, browser: Browser) -> None:
    with axe.opened(browser, area_page, 1280) as (page, _):
        cell = page.locator("details td").first
        assert cell.evaluate("cell => cell.checkVisibility({contentVisibilityAuto: true})") is False
        page.emulate_media(media="print")
        assert cell.evaluate("cell => cell.checkVisibility({contentVisibilityAuto: true})") is True
