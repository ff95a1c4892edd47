"""Tables and figures: whatever carries numbers carries a title, a source and a name to link to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd
from markupsafe import Markup
from pandas.api.types import is_float_dtype

from needs_assessment.components.downloads import download_link
from needs_assessment.components.markup import Html, each, embedded, fill, html, refuse
from needs_assessment.vocabulary import Verdict

SHORTEST_ALT = 40
LONGEST_WORDS = 60  # a cell with more characters holds a sentence
ANCHOR = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
VERDICTS = frozenset(verdict.value for verdict in Verdict)


@dataclass(frozen=True, kw_only=True)
class Caption:
    """The words around a table or a figure.

    `title` says the message of a figure (ten words are plenty) or names a table; `anchor` is its lasting name in links,
    such as `figure-cse-trend`; `subtitle` says what is measured, where, when and per what; `notes` explain symbols.
    """

    title: str
    anchor: str
    source: str
    subtitle: str = ""
    notes: Sequence[str] = ()

    def faults(self, *required: str) -> list[str]:
        """What is missing, in words; `required` names fields beyond the anchor."""
        faults = [f"{name} is required" for name in required if not (getattr(self, name) or "").strip()]
        if not ANCHOR.fullmatch(self.anchor or ""):
            faults.append("anchor is required: lower-case words joined by hyphens, such as figure-cse-trend")
        return faults


@dataclass(frozen=True, kw_only=True, eq=False)
class Rows:
    """What a table shows, and the same facts to download.

    `display` holds display-ready text or whole numbers, nothing missing; its column `row_header` is shown first, and
    `number_columns` are aligned right. `download` holds tidy rows for a CSV file: numbers as numbers, withheld cells
    blank, their symbol in a column of its own; without it there is no file. `also` holds further tidy rows that are
    shown, each a file of its own, by its name in one lower-case word.
    """

    display: pd.DataFrame
    row_header: str
    number_columns: Sequence[str] = ()
    download: pd.DataFrame | None = None
    also: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    def downloads(self, anchor: str, name: str) -> Markup:
        """The links to all files, `name` saying what they hold."""
        further = (
            download_link(rows, f"{anchor}-{file}", f"{name}: {file}") for file, rows in self.also.items() if len(rows)
        )
        return Markup("").join([download_link(self.download, anchor, name), *further])

    def faults(self) -> list[str]:
        """What cannot be shown, by column and row number, never by a cell's value."""
        columns = self.display.columns
        faults = [f"no column {name!r}" for name in (self.row_header, *self.number_columns) if name not in columns]
        faults += ["no rows: say so in a sentence instead of an empty table"] if self.display.empty else []
        faults += [] if columns.is_unique else ["two columns have the same name"]
        return faults or [*_undisplayable_cells(self.display, self.row_header)]


@dataclass(frozen=True)
class Drawing:
    """A picture for wide screens and, where it is not legible on a phone, another for narrow ones.

    Each is SVG text, or PNG bytes for maps of many polygons; each size is (width, height) in CSS pixels.
    """

    wide: str | bytes
    wide_size: tuple[int, int]
    narrow: str | bytes | None = None
    narrow_size: tuple[int, int] | None = None

    def faults(self) -> list[str]:
        """What is not a picture, in words."""
        faults = _image_faults("wide", self.wide, self.wide_size)
        if self.narrow is None and self.narrow_size is None:
            return faults
        return faults + _image_faults("narrow", self.narrow, self.narrow_size)


def table(rows: Rows, caption: Caption) -> Html:
    """A table with a caption, its symbols explained before it, a header for each row, and a CSV file to download.

    Raises ValueError naming every fault at once.
    """
    refuse(f"table {caption.anchor}", [*caption.faults("title", "source"), *rows.faults()])
    return html(
        '<div class="table" id="{anchor}">{table}<p class="source">Source: {source}</p>{download}</div>',
        anchor=caption.anchor,
        table=_scrolling_table(rows, caption, caption.title),
        source=caption.source,
        download=rows.downloads(caption.anchor, f"“{caption.title}”"),
    )


def figure(drawing: Drawing, rows: Rows, caption: Caption, *, alt: str) -> Html:
    """A drawing with its message, its alternative text, its source and the figures it shows.

    `alt` says in a sentence or two, with the numbers, what the picture shows; `rows` are those numbers. Title,
    subtitle, source and alt are required. Raises ValueError naming every fault at once.
    """
    faults = [*caption.faults("title", "subtitle", "source"), *_alt_faults(alt), *drawing.faults(), *rows.faults()]
    refuse(f"figure {caption.anchor}", faults)
    return html(
        '<figure id="{anchor}" aria-labelledby="{anchor}-title">'
        '<figcaption><h3 id="{anchor}-title">{title}</h3><p class="subtitle">{subtitle}</p></figcaption>'
        '{picture}{notes}<p class="source">Source: {source}</p>'
        "<details><summary>Show the data for “{title}” as a table</summary>{table}</details>{download}</figure>",
        anchor=caption.anchor,
        title=caption.title,
        subtitle=caption.subtitle,
        picture=_picture(drawing, alt),
        notes=each('<p class="notes">{}</p>', caption.notes),
        source=caption.source,
        table=_scrolling_table(rows, caption, f"Data for: {caption.title}"),
        download=rows.downloads(caption.anchor, f"the data for “{caption.title}”"),
    )


def _scrolling_table(rows: Rows, caption: Caption, title: str) -> Markup:
    """The table in a region that scrolls by itself, is reached with the keyboard, and is named after its title.

    The symbols are explained inside the caption, because that is read before the cells.
    """
    return fill(
        '<section class="table-wrap" tabindex="0" aria-labelledby="{name}"><table><caption><span class="caption">'
        '<span class="title" id="{name}">{title}</span>{subtitle}{notes}</span></caption>{cells}</table></section>',
        name=f"{caption.anchor}-table",
        title=title,
        subtitle=each('<span class="subtitle">{}</span>', filter(None, [caption.subtitle])),
        notes=each('<span class="notes">{}</span>', caption.notes),
        cells=_cells(rows),
    )


def _cells(rows: Rows) -> Markup:
    others = [column for column in rows.display.columns if column != rows.row_header]
    classes = [_column_class(rows, column) for column in others]
    body = rows.display[[rows.row_header, *others]].itertuples(index=False, name=None)
    return fill(
        "<thead>{head}</thead><tbody>{body}</tbody>",
        head=_row("col", [rows.row_header, *others], classes),
        body=Markup("").join(_row("row", values, classes) for values in body),
    )


def _column_class(rows: Rows, column: str) -> str:
    """`number`, or `prose` for sentences: they get room, and the table scrolls, instead of a tall narrow column."""
    if column in rows.number_columns:
        return "number"
    return "prose" if rows.display[column].astype(str).str.len().max() > LONGEST_WORDS else ""


def _row(scope: str, values: Sequence[object], classes: Sequence[str]) -> Markup:
    first, *others = values
    cell = _column_header if scope == "col" else _cell
    return fill('<tr><th scope="{}">{}</th>{}</tr>', scope, first, Markup("").join(map(cell, others, classes)))


def _column_header(value: object, css_class: str) -> Markup:
    return fill('<th scope="col"{}>{}</th>', _class(css_class), value)


def _cell(value: object, css_class: str) -> Markup:
    verdict = isinstance(value, str) and value in VERDICTS
    return fill("<td{}>{}</td>", _class("verdict" if verdict else css_class), value)


def _class(css_class: str) -> Markup:
    return fill(' class="{}"', css_class) if css_class else Markup("")


def _picture(drawing: Drawing, alt: str) -> Markup:
    image = fill('<img src="{}" alt="{}" width="{}" height="{}">', _address(drawing.wide), alt, *drawing.wide_size)
    if drawing.narrow is None or drawing.narrow_size is None:
        return image
    source = '<picture><source media="(max-width: 30rem)" srcset="{}" width="{}" height="{}">{}</picture>'
    return fill(source, _address(drawing.narrow), *drawing.narrow_size, image)


def _address(image: str | bytes) -> str:
    if isinstance(image, bytes):
        return embedded("image/png", image)
    # the XML prologue before the element names a DTD on the network and serves no purpose here
    return embedded("image/svg+xml", image[image.index("<svg") :].encode())


def _alt_faults(alt: str) -> list[str]:
    if not (alt or "").strip():
        return ["alt is required"]
    if len(alt.strip()) < SHORTEST_ALT:
        return [f"alt says what the picture shows, with its numbers, in {SHORTEST_ALT} characters or more"]
    return []


def _undisplayable_cells(display: pd.DataFrame, row_header: str) -> Iterator[str]:
    blank = display.isna()
    blank[row_header] |= display[row_header].astype(str).str.strip() == ""
    for column in display.columns:
        numbers = [str(number) for number, missing in enumerate(blank[column], 1) if missing]
        if numbers:
            yield f"nothing to display in column {column!r}, rows {', '.join(numbers)}"
        elif is_float_dtype(display[column]):
            yield f"column {column!r} holds decimals: write them out with their rounding first"


def _image_faults(name: str, image: str | bytes | None, size: tuple[int, int] | None) -> list[str]:
    faults = [] if _is_image(image) else [f"{name} is neither SVG text nor PNG bytes"]
    if size is None or min(size) <= 0:
        faults.append(f"{name}_size is its width and height in CSS pixels, both above zero")
    return faults


def _is_image(image: str | bytes | None) -> bool:
    return image.startswith(PNG_SIGNATURE) if isinstance(image, bytes) else "<svg" in (image or "")
