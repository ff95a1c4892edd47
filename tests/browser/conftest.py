"""The browser that the page tests share; without one they are skipped, except on the build server, where they fail."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator

import axe
import pytest
from playwright.sync_api import Browser, sync_playwright


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """An installed Chromium for the whole run."""
    path = axe.browser_path()
    if path is None:
        refuse = pytest.fail if os.environ.get("CI") else pytest.skip
        refuse(f"no browser: install Chromium, or name one in CHROMIUM; looked for {', '.join(axe.BROWSERS)}")
    with sync_playwright() as playwright:
        chromium = axe.launched(playwright, path)
        yield chromium
        chromium.close()


@pytest.fixture
def audit(browser: Browser) -> axe.Audit:
    """`audit(path)` gives the faults of the page at `path` as a list of sentences."""
    return functools.partial(axe.audit, browser)
