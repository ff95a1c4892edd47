"""A real site in a real browser: the index, two areas' reports, and a report with made-up records."""

from __future__ import annotations

from pathlib import Path

import axe
import pytest
from playwright.sync_api import Browser

HEREFORDSHIRE, DERBYSHIRE = "E06000019.html", "E10000007.html"


@pytest.mark.parametrize("page", ["index.html", HEREFORDSHIRE, DERBYSHIRE])
def test_a_page_of_the_site_reads_well_at_every_width(page: str, site_folder: Path, audit: axe.Audit) -> None:
    assert set(axe.WIDTHS) == {1280, 390, 320}
    assert audit(site_folder / page) == []


def test_a_report_with_made_up_records_reads_well_at_every_width(synthetic_site_folder: Path, audit: axe.Audit) -> None:
    assert audit(synthetic_site_folder / HEREFORDSHIRE) == []


def test_the_index_leads_to_a_report_and_the_report_back(site_folder: Path, browser: Browser) -> None:
    with axe.opened(browser, site_folder / "index.html", 390) as (page, misdeeds):
        page.get_by_role("link", name="Derbyshire", exact=True).first.click()
        assert page.url.endswith(DERBYSHIRE)
        page.get_by_role("link", name="All areas").click()
        assert page.url.endswith("index.html")
        assert misdeeds == []


def test_each_key_message_brings_what_shows_it_into_view(site_folder: Path, browser: Browser) -> None:
    with axe.opened(browser, site_folder / DERBYSHIRE, 1280) as (page, _):
        links = page.locator(".key a").all()
        assert len(links) == 5
        for link in links:
            target = str(link.get_attribute("href"))
            link.click()
            box = page.locator(target).bounding_box()
            assert box is not None and -1 <= box["y"] < axe.WIDTHS[1280], target


def test_a_phone_gets_drawings_of_its_own_width(site_folder: Path, browser: Browser) -> None:
    with axe.opened(browser, site_folder / DERBYSHIRE, 320) as (page, _):
        widths = page.evaluate("[...document.images].map(image => [image.naturalWidth, image.clientWidth])")
        assert len(widths) == 8
        assert all(natural <= 360 and shown <= 320 for natural, shown in widths), widths
