"""A published page read back: its tables, its words wherever they stand, and the addresses of what is embedded."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from urllib.parse import unquote_to_bytes

from bs4 import BeautifulSoup, Comment, Doctype, Stylesheet, Tag
from bs4.element import NavigableString

from needs_assessment.disclosure.audit.contents import Contents, Displayed, Words
from needs_assessment.disclosure.audit.drawings import UnreadableError

KINDS = {
    "text/csv": ".csv",
    "application/json": ".json",
    "image/svg+xml": ".svg",
    "image/png": ".png",
    "text/plain": ".txt",
    "text/html": ".html",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.oasis.opendocument.spreadsheet": ".ods",
}
ADDRESSES = ("href", "src", "srcset", "poster", "data", "xlink:href")
SPOKEN = ("alt", "title", "content", "aria-label", "aria-description", "summary", "placeholder", "value", "label")
BLOCKS = frozenset(
    [
        "p",
        "li",
        "dt",
        "dd",
        "td",
        "th",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "summary",
        "figcaption",
        "caption",
        "title",
        "div",
        "section",
        "header",
        "footer",
        "main",
        "nav",
        "body",
        "figure",
        "details",
        "blockquote",
        "pre",
        "address",
        "article",
        "aside",
    ]
)
SETTINGS = frozenset({"viewport", "color-scheme", "referrer", "charset"})
Embedded = tuple[str, str, bytes]


def read_page(html: str, contents: Contents) -> list[Embedded]:
    """What is embedded in the page, as (kind, anchor of the table or figure around it, content). The page's own tables
    and words are put into `contents`. Raises UnreadableError for an address that cannot be decoded.
    """
    page = BeautifulSoup(html, "html.parser")
    contents.displayed += [_displayed(table, contents.file) for table in page("table")]
    contents.words += [*_texts(page, contents.file), *_attributes(page, contents.file)]
    return list(_embedded(page))


def _displayed(table: Tag, file: str) -> Displayed:
    rows = [row for row in table("tr") if row.parent is None or row.parent.name != "thead"]
    cells = tuple(tuple(_words(cell) for cell in row(["th", "td"])) for row in rows)
    return Displayed(file, anchor_of(table), cells)


def anchor_of(element: Tag) -> str:
    """The anchor of the captioned table or figure around an element; blank outside any."""
    return str(around["id"]) if (around := _captioned(element)) else ""


def _captioned(element: Tag) -> Tag | None:
    for around in [element, *element.parents]:
        if around.name == "figure" or (around.name == "div" and "table" in (around.get("class") or [])):
            return around if around.get("id") else None
    return None


def _texts(page: BeautifulSoup, file: str) -> Iterator[Words]:
    """The text of each block, but for the cells of tables; comments and text in no block stand alone."""
    blocks: dict[int, tuple[Tag, list[str]]] = {}
    for text in page.find_all(string=True):
        parent = text.parent
        if isinstance(text, Doctype) or parent is None:
            continue
        if isinstance(text, Stylesheet):
            yield from (Words(file, "words of the style sheet", said, bare=True) for said in _said_by_style(str(text)))
        elif isinstance(text, Comment) or type(text) is not NavigableString:
            yield Words(file, f"comment or hidden text in {_place(parent)}", str(text), bare=True)
        elif text.strip():
            block = next((around for around in [parent, *parent.parents] if around.name in BLOCKS), parent)
            blocks.setdefault(id(block), (block, []))[1].append(str(text))
    for block, parts in blocks.values():
        if not (block.name in {"td", "th"} and block.find_parent("tbody")):
            yield Words(file, _place(block), " ".join(" ".join(parts).split()))


def _said_by_style(style: str) -> list[str]:
    """The comments of a style sheet, and the words that it puts on a page: those of `content` and of its variables."""
    said = re.findall(r"/\*(.*?)\*/", style, flags=re.DOTALL)
    for declared in re.findall(r"(?:content|--[\w-]+)\s*:\s*([^;}]*)", style):
        said += ["".join(words) for words in re.findall(r"\"([^\"]*)\"|'([^']*)'", declared)]
    return [re.sub(r"\\([0-9a-fA-F]{1,6}) ?", lambda code: chr(int(code[1], 16)), words) for words in said]


def _attributes(page: BeautifulSoup, file: str) -> Iterator[Words]:
    for element in page.find_all(True):
        for name, value in element.attrs.items():
            words = " ".join(value) if isinstance(value, list) else str(value)
            if name == "alt":
                yield Words(file, f"alternative text in {_place(element)}", words, anchor_of(element))
            elif name in {"style", "onclick"} or (name.startswith("data-") and name != "data-end-of"):
                yield Words(file, f"attribute {name} in {_place(element)}", words, bare=True)
            elif name in SPOKEN and not _is_setting(element):
                yield Words(file, f"attribute {name} in {_place(element)}", words)


def _is_setting(element: Tag) -> bool:
    return element.name == "meta" and (element.get("name") in SETTINGS or element.get("http-equiv") is not None)


def _place(element: Tag) -> str:
    """Where an element is: its name, and the anchor around it or else the nearest heading before it."""
    if anchor := anchor_of(element):
        return f"<{element.name}> of {anchor}"
    heading = element if element.get("id") else element.find_previous(["h1", "h2", "h3"], id=True)
    return f"<{element.name}> under #{heading['id']}" if heading else f"<{element.name}>"


def _embedded(page: BeautifulSoup) -> Iterator[Embedded]:
    for element in page.find_all(True):
        for name in ADDRESSES:
            value = element.get(name)
            address = str(value).lstrip() if value is not None else ""
            if address[:5].lower() == "data:":
                yield (*_decoded(address)[:1], anchor_of(element), _decoded(address)[1])
    for drawing in page("svg"):
        yield ".svg", anchor_of(drawing), str(drawing).encode()


def _decoded(address: str) -> tuple[str, bytes]:
    head, comma, body = address[5:].partition(",")
    media_type, *options = [part.strip().lower() for part in head.split(";")]
    if not comma or media_type not in KINDS:
        raise UnreadableError
    try:
        content = unquote_to_bytes(body)
        return KINDS[media_type], base64.b64decode(content, validate=True) if "base64" in options else content
    except binascii.Error as error:
        raise UnreadableError from error


def _words(element: Tag) -> str:
    return " ".join(element.get_text(" ").split())
