"""The frame of every published page: head, security policy, header, contents and footer around its own content."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from bs4 import BeautifulSoup, Tag
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

TEMPLATES = Path(__file__).parent / "templates"
BOARD = TEMPLATES / "board"
SYNTHETIC = "SYNTHETIC DATA: made-up records, for demonstration only"
ABOUT = ("about-this-report", "About this report")


@dataclass(frozen=True, kw_only=True)
class PageMeta:
    """What a page says about itself.

    `marking` is the security marking; `index_href` the relative address of the index of all areas, empty on the index
    itself; `href` the page's own, and `documents` the pages that it leads to in groups by their names, each title to
    address, itself among them; `data_to` the last day covered, in words; `provenance` the terms of "About this report"
    (run time, version, parameters, SHA-256 of inputs, licence); `links` words to address, under them; `synthetic` puts
    up the banner.
    """

    title: str
    description: str
    organisation: str = ""
    marking: str = ""
    index_href: str = ""
    href: str = ""
    documents: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    data_to: str = ""
    provenance: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    synthetic: bool = False

    @property
    def markings(self) -> list[str]:
        """What must be seen first, on the screen and on every printed sheet."""
        return [*([SYNTHETIC] if self.synthetic else []), *([self.marking] if self.marking else [])]


def framed(content: str, page: PageMeta) -> str:
    """The complete page around `content`, with a contents list of its second-level headings."""
    fragment = BeautifulSoup(content, "html.parser")
    for heading in fragment.select("h2:not([id]), h3:not([id])"):
        heading["id"] = slug(heading.get_text())
    contents = [*((heading["id"], _words(heading)) for heading in fragment.select("h2")), ABOUT]
    return rendered("frame.html.j2", page=page, content=Markup(fragment), contents=contents, **_style(page))


def with_documents(html: str, href: str, documents: Mapping[str, Mapping[str, str]]) -> str:
    """A framed page as it would be with these `documents` in its header; `href` is its own address among them."""
    page = PageMeta(title="", description="", href=href, documents=documents)
    before, end, after = html.partition(_END_OF_HEADER)
    return before.partition(_DOCUMENTS)[0] + rendered("documents.html.j2", page=page) + end + after


_DOCUMENTS, _END_OF_HEADER = (
    '<nav class="documents"',
    "</div>\n</header>",
)  # as documents.html.j2 and frame.html.j2 have


def rendered(template: str, **values: object) -> str:
    """The template with its values escaped, except those that are HTML already."""
    return _environment().get_template(template).render(**values)


def slug(text: str) -> str:
    """An anchor made of the words of `text`: `What changed?` gives `what-changed`."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "section"


def _words(heading: Tag) -> str:
    return " ".join(heading.get_text().split())


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(BOARD),
        autoescape=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )


@cache
def _stylesheet() -> str:
    return (BOARD / "static" / "board.css").read_text(encoding="utf-8")


def _style(page: PageMeta) -> dict[str, str]:
    """The stylesheet, and the policy that allows this stylesheet, embedded pictures and nothing else.

    The markings are in the stylesheet too, because it prints them in the margin of every sheet.
    """
    running_head = _css_string(" | ".join(page.markings))
    stylesheet = f":root {{ --running-head: {running_head} }}\n{_stylesheet()}"
    fingerprint = base64.b64encode(hashlib.sha256(stylesheet.encode()).digest()).decode("ascii")
    policy = f"default-src 'none'; img-src data:; style-src 'sha256-{fingerprint}'; base-uri 'none'; form-action 'none'"
    return {"stylesheet": Markup(stylesheet), "security_policy": policy}


def _css_string(text: str) -> str:
    escaped = re.sub(r"[^A-Za-z0-9 ]", lambda character: f"\\{ord(character[0]):x} ", text)
    return f'"{escaped}"'
