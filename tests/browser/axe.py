"""Reads a page as its readers do: in a real browser, at three widths, with axe-core and without a network."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Playwright, Route

WIDTHS = {1280: 900, 390: 844, 320: 640}  # a desktop, a phone, and the reflow width of WCAG 1.4.10
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
LOCAL = ("file:", "data:", "blob:")

Audit = Callable[[Path], list[str]]


def browser_path() -> str | None:
    """The path of an installed Chromium: the environment's CHROMIUM first, then whatever is on the path."""
    names = (os.environ.get("CHROMIUM", ""), *BROWSERS)
    return next((found for name in names if name and (found := shutil.which(name))), None)


def launched(playwright: Playwright, path: str) -> Browser:
    """The installed browser, headless, doing nothing in the background."""
    return playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))


def audit(browser: Browser, path: Path) -> list[str]:
    """Every fault that the browser finds in a page: an empty list when it reads well at all three widths."""
    faults = [f"as served: {fault}" for fault in _faults_as_served(browser, path)]
    for width in WIDTHS:
        with opened(browser, path, width, bypass_csp=True) as (page, misdeeds):
            # what is folded away is part of the page: axe passes over hidden elements
            page.evaluate("document.querySelectorAll('details').forEach(details => details.open = true)")
            faults += [f"{width} px: {fault}" for fault in (*misdeeds, *_overflow(page), *_violations(page))]
    return faults


@contextmanager
def opened(browser: Browser, path: Path, width: int, bypass_csp: bool = False) -> Iterator[tuple[Page, list[str]]]:
    """The page at a width in CSS pixels, and a list that fills with what it should not do."""
    context = browser.new_context(viewport={"width": width, "height": WIDTHS[width]}, bypass_csp=bypass_csp)
    page, misdeeds = context.new_page(), list[str]()
    page.route("**/*", lambda route: _only_local(route, misdeeds))
    page.on("pageerror", lambda error: misdeeds.append(f"error on the page: {error}"))
    page.on("console", lambda message: misdeeds.append(f"console {message.type}: {message.text}"))
    page.on("requestfailed", lambda request: misdeeds.append(f"request failed: {request.url[:80]}"))
    try:
        page.goto(path.resolve().as_uri(), wait_until="load")
        yield page, misdeeds
    finally:
        context.close()


def _only_local(route: Route, misdeeds: list[str]) -> None:
    if route.request.url.startswith(LOCAL):
        return route.continue_()
    misdeeds.append(f"request to the network: {route.request.url[:80]}")
    return route.abort()


def _faults_as_served(browser: Browser, path: Path) -> list[str]:
    """What the page does under its own security policy, which the injection of axe has to switch off."""
    with opened(browser, path, next(iter(WIDTHS))) as (page, misdeeds):
        broken = page.evaluate("[...document.images].filter(image => image.naturalWidth === 0).length")
        unstyled = page.evaluate("[...document.styleSheets].length === 0")
        page.wait_for_timeout(100)
        return misdeeds + [f"{broken} broken pictures"] * bool(broken) + ["no stylesheet applied"] * unstyled


def _overflow(page: Page) -> list[str]:
    scroll, client = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    return [] if scroll == client else [f"the page is {scroll - client} px wider than the window"]


def _violations(page: Page) -> Iterator[str]:
    page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8"))
    options = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
    result: dict[str, Any] = page.evaluate(f"axe.run(document, {json.dumps(options)})")
    for violation in result["violations"]:
        for node in violation["nodes"]:
            yield f"{violation['id']}: {violation['help']} ({' '.join(map(str, node['target']))})"
