"""The last reader before the public: a page with a fault is not written.

Automatic accessibility checks find about a third of what is wrong with a report page; these rules look for the rest:
output that went astray, pictures without words, tables that a screen reader cannot walk, links to nowhere, anything
that asks the network for something, and text that was never meant for a reader. Faults name elements, never what a
cell holds.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from urllib.parse import unquote_to_bytes

from bs4 import BeautifulSoup, Comment, Tag

from needs_assessment.components.captioned import SHORTEST_ALT
from needs_assessment.components.markup import SAFE_LINK
from needs_assessment.publish.files import write_whole

VAGUE_LINKS = frozenset({"click here", "here", "link", "more", "read more", "this", "this page", "download"})
PLACEHOLDER_ALT = re.compile(r"no description has been provided|\.(png|svg|jpe?g|gif)$|^<", re.I)
NOTEBOOK_TITLE = re.compile(r"\.ipynb|untitled|notebook|_run", re.I)
RESOURCES = ("src", "srcset", "poster", "data", "background", "xlink:href")
ACTIVE = (
    "script, iframe, object, embed, base, link, form, input, button, select, textarea, video, audio, "
    "meta[http-equiv=refresh]"
)
NOT_A_VALUE = frozenset({"nan", "None", "NaT", "<NA>", "inf", "-inf", "null"})
NOT_FOR_READERS = {
    "a path of a machine": re.compile(
        r"(?<![\w.:/-])/(home|Users|root|tmp|var|mnt|srv|opt|private)/|\b[A-Za-z]:\\|file://|\\\\\w+\\"
    ),
    "a missing value as a word": re.compile(r"(?<![\w-])(nan|NaT|<NA>)(?![\w-])"),
    "the name of an object in memory": re.compile(r"\bat 0x[0-9a-fA-F]{6,}|<(class|function|Axes|Figure)\b"),
    "a traceback": re.compile(r"Traceback \(most recent call last\)|ipykernel_\d+"),
}
NOT_AS_TEXT = NOT_FOR_READERS | {
    "HTML shown as text": re.compile(r"</?(a|b|br|div|em|img|li|p|span|strong|table|td|th|tr|ul)\b[^<>]*>"),
    "an unfilled template": re.compile(r"\{\{|\}\}|\{%|%\}|\bTODO\b|\bLorem ipsum\b"),
}
PARENTS = {
    "caption": {"table"},
    "thead": {"table"},
    "tbody": {"table"},
    "tr": {"thead", "tbody", "tfoot"},
    "th": {"tr"},
    "td": {"tr"},
    "li": {"ul", "ol"},
    "dt": {"dl", "div"},
    "dd": {"dl", "div"},
    "figcaption": {"figure"},
    "summary": {"details"},
}
BLOCKS = "p, ul, ol, dl, div, section, figure, table, details, h1, h2, h3, h4, h5, h6"

Rule = Callable[[BeautifulSoup], Iterator[str]]


class PublishError(Exception):
    """A page that must not be published; `faults` lists everything that is wrong with it."""

    def __init__(self, faults: list[str], what: str = "the page") -> None:
        self.faults = faults
        super().__init__("\n  - ".join([f"{what} is not published; faults: {len(faults)}", *faults]))


def page_faults(html: str) -> list[str]:
    """Everything that is wrong with a page, in words; an empty list for a page that may be published."""
    page = BeautifulSoup(html, "html.parser")
    doctype = [] if html.lstrip().lower().startswith("<!doctype html>") else ["no HTML doctype"]
    return doctype + [fault for rule in RULES for fault in rule(page)]


def write_page(html: str, path: Path) -> Path:
    """The path, with the whole page on disk. Raises PublishError for a page with faults; an older page then stays."""
    faults = page_faults(html)
    if faults:
        raise PublishError(faults, path.name)
    return write_whole(path, html)


def _head(page: BeautifulSoup) -> Iterator[str]:
    if not str(page.html.get("lang", "") if page.html else "").startswith(("en", "cy")):
        yield "no language on <html>"
    title = _words(page.title) if page.title else ""
    if not title or NOTEBOOK_TITLE.search(title):
        yield "the title is not that of a report"
    viewport = page.select_one("meta[name=viewport]")
    if not viewport or re.search(r"user-scalable|maximum-scale", str(viewport.get("content"))):
        yield "no viewport, or one that stops a reader from zooming"
    if not page.select_one("meta[charset=utf-8]"):
        yield "no character set"


def _security_policy(page: BeautifulSoup) -> Iterator[str]:
    meta = page.select_one("meta[http-equiv=Content-Security-Policy]")
    policy = str(meta.get("content")) if meta else ""
    if "default-src 'none'" not in policy or "unsafe" in policy:
        yield "no content security policy that starts from nothing"
    for style in page("style"):
        fingerprint = base64.b64encode(hashlib.sha256((style.string or "").encode()).digest()).decode()
        if f"'sha256-{fingerprint}'" not in policy:
            yield "a stylesheet that the security policy does not allow"
        if re.search(r"@import|url\(", style.string or ""):
            yield "a stylesheet that loads something"


def _structure(page: BeautifulSoup) -> Iterator[str]:
    for name in ("header", "main", "footer"):
        if len(page(name)) != 1:
            yield f"expected one <{name}>, got: {len(page(name))}"
    first = page.body.find("a") if page.body else None
    target = _target(page, first) if first else None
    if not target or target.name != "main":
        yield "the first link does not skip to the main content"


def _nesting(page: BeautifulSoup) -> Iterator[str]:
    """What a browser would silently move elsewhere or drop."""
    for name, parents in PARENTS.items():
        yield from (
            f"<{name}> inside <{e.parent.name}>" for e in page(name) if e.parent and e.parent.name not in parents
        )
    yield from (f"<{block.name}> inside <p>" for block in page.select(f"p :is({BLOCKS})"))


def _headings(page: BeautifulSoup) -> Iterator[str]:
    headings = page.select("h1, h2, h3, h4, h5, h6")
    if [heading.name for heading in headings].count("h1") != 1 or not page.select_one("main h1"):
        yield "expected one main heading, in <main>"
    previous = 0
    for heading in headings:
        level = int(heading.name[1])
        if not _words(heading):
            yield f"empty heading <{heading.name}>"
        if level > previous + 1:
            yield f"heading level skipped before {_words(heading)!r}"
        previous = level


def _pictures(page: BeautifulSoup) -> Iterator[str]:
    for number, image in enumerate(page("img"), 1):
        alt = str(image.get("alt") or "").strip()
        if not alt:
            yield f"picture {number} has no alternative text"
        elif PLACEHOLDER_ALT.search(alt) or len(alt) < SHORTEST_ALT:
            yield f"the alternative text of picture {number} does not say what it shows"
    for drawing in page("svg"):
        named = drawing.get("aria-label") or drawing.get("aria-labelledby") or drawing.find("title")
        if drawing.get("aria-hidden") != "true" and not (drawing.get("role") == "img" and named):
            yield "inline drawing without role and name"


def _figures(page: BeautifulSoup) -> Iterator[str]:
    for figure in page("figure"):
        name = f"figure {figure.get('id', 'without id')}"
        parts = {"title": "figcaption h3", "picture": "img", "source": ".source", "data table": "table"}
        yield from (f"{name} has no {part}" for part, selector in parts.items() if not figure.select_one(selector))


def _tables(page: BeautifulSoup) -> Iterator[str]:
    for number, table in enumerate(page("table"), 1):
        if not table.caption or not _words(table.caption):
            yield f"table {number} has no caption"
        if not table.select("thead th"):
            yield f"table {number} has no column headers"
        if any(not row.select("th[scope=row]") for row in table.select("tbody tr")):
            yield f"table {number} has rows without a row header"
        if not table.find_parent("section", tabindex="0"):
            yield f"table {number} is not in a region that scrolls"
        yield from (f"table {number}: {fault}" for fault in _header_faults(table))


def _header_faults(table: Tag) -> Iterator[str]:
    for header in table("th"):
        if not _words(header):
            yield "empty header"
        if header.get("scope") not in {"col", "row", "colgroup", "rowgroup"}:
            yield "header without scope"


def _cells(page: BeautifulSoup) -> Iterator[str]:
    for number, table in enumerate(page("table"), 1):
        for position, row in enumerate(table("tr"), 1):
            if any(_words(cell) in NOT_A_VALUE for cell in row(["td", "th"])):
                yield f"table {number}, row {position}: a missing value is shown as a word of the program"


def _links(page: BeautifulSoup) -> Iterator[str]:
    for link in page("a"):
        text, address = _words(link), str(link.get("href") or "")
        if not text and not link.get("aria-label"):
            yield "link without text"
        if text.lower().strip(".… ") in VAGUE_LINKS:
            yield f"vague link text {text!r}"
        if not SAFE_LINK.match(address) and not _is_download(link):
            yield f"link {text!r} has no address that a reader can follow"
        if address.startswith("#") and not _target(page, link):
            yield f"link {text!r} leads nowhere on this page"
    yield from _ambiguous_links(page)


def _ambiguous_links(page: BeautifulSoup) -> Iterator[str]:
    addresses: dict[str, set[str]] = {}
    for link in page("a"):
        addresses.setdefault(_words(link), set()).add(str(link.get("href")))
    for text, places in addresses.items():
        if len(places) > 1:
            yield f"{len(places)} links called {text!r} lead to different places"


def _is_download(link: Tag) -> bool:
    return link.has_attr("download") and str(link.get("href")).startswith("data:text/csv")


def _references(page: BeautifulSoup) -> Iterator[str]:
    counts = Counter(str(element["id"]) for element in page.select("[id]"))
    yield from (f"id {name!r} is used {count} times" for name, count in counts.items() if count > 1)
    for attribute in ("aria-labelledby", "aria-describedby"):
        for element in page.select(f"[{attribute}]"):
            if not set(str(element[attribute]).split()) <= counts.keys():
                yield f"<{element.name}> is named after an element that is not there"


def _keyboard(page: BeautifulSoup) -> Iterator[str]:
    for element in page.select("[tabindex]"):
        region = element.name == "section" and element["tabindex"] == "0" and element.get("aria-labelledby")
        if not region and not (element.name == "main" and element["tabindex"] == "-1"):
            yield f"tabindex on <{element.name}>, which is not a named region that scrolls"


def _active_content(page: BeautifulSoup) -> Iterator[str]:
    yield from (f"active or external element <{element.name}>" for element in page.select(ACTIVE))
    for element in page(True):
        if element.get("style") is not None:
            yield f"inline style on <{element.name}>, which the security policy forbids"
        if any(attribute.startswith("on") for attribute in element.attrs):
            yield f"script on <{element.name}>"
        if any(not str(element[name]).startswith("data:") for name in RESOURCES if element.has_attr(name)):
            yield f"external resource on <{element.name}>"


def _stray_output(page: BeautifulSoup) -> Iterator[str]:
    for comment in page.find_all(string=lambda text: isinstance(text, Comment)):
        yield f"not for publication: {str(comment).strip()[:80]}"


def _text(page: BeautifulSoup) -> Iterator[str]:
    yield from _unfit("the text", page.get_text(" "), NOT_AS_TEXT)
    yield from _unfit("an attribute", "\n".join(_attributes(page)), NOT_AS_TEXT)
    yield from _unfit("an embedded file", "\n".join(_embedded_texts(page)), NOT_FOR_READERS)


def _unfit(place: str, text: str, patterns: Mapping[str, re.Pattern[str]]) -> Iterator[str]:
    return (f"{place} holds {what}" for what, pattern in patterns.items() if pattern.search(text))


def _attributes(page: BeautifulSoup) -> Iterator[str]:
    values = (str(value) for element in page(True) for value in element.attrs.values())
    return (value for value in values if not value.startswith("data:"))


def _embedded_texts(page: BeautifulSoup) -> Iterator[str]:
    """The text of embedded drawings and CSV files: what base64 hides from the other rules."""
    for element in page.select("[src^='data:'], [srcset^='data:'], [href^='data:']"):
        media_type, _, content = str(element.get("src") or element.get("srcset") or element.get("href")).partition(",")
        if "svg" in media_type or "text/" in media_type:
            yield _decoded(media_type, content)


def _decoded(media_type: str, content: str) -> str:
    try:
        raw = base64.b64decode(content, validate=True) if media_type.endswith(";base64") else unquote_to_bytes(content)
    except binascii.Error:
        return ""
    return raw.decode("utf-8", errors="replace")


def _target(page: BeautifulSoup, link: Tag) -> Tag | None:
    address = str(link.get("href") or "")
    return page.find(id=address[1:]) if address.startswith("#") else None


def _words(element: Tag) -> str:
    return " ".join(element.get_text(" ").split())


RULES: tuple[Rule, ...] = (
    _head,
    _security_policy,
    _structure,
    _nesting,
    _headings,
    _pictures,
    _figures,
    _tables,
    _cells,
    _links,
    _references,
    _keyboard,
    _active_content,
    _stray_output,
    _text,
)
