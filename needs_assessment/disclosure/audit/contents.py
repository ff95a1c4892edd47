"""What one published file tells: tidy rows, tables as displayed, words and drawings, each with its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from needs_assessment.disclosure.audit.drawings import Drawing
from needs_assessment.disclosure.audit.faults import Fault

TidyRow = Mapping[str, str]


@dataclass(frozen=True)
class Tidy:
    """Rows of a table that a program can read: `name` is the file's or the anchor's, `columns` its headings. A blank
    cell is an empty text.
    """

    file: str
    place: str
    name: str
    columns: tuple[str, ...]
    rows: tuple[TidyRow, ...]


@dataclass(frozen=True)
class Words:
    """A text and what may stand behind its numbers: the `anchor` of a table or figure whose own figures must explain
    it, or any figure of the page where that is blank. `bare` words may hold no figure at all.
    """

    file: str
    place: str
    text: str
    anchor: str = ""
    bare: bool = False


@dataclass(frozen=True)
class Displayed:
    """A table as a reader sees it: its cells, without the heading row."""

    file: str
    anchor: str
    cells: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Drawn:
    """A drawing of a page."""

    file: str
    anchor: str
    drawing: Drawing


@dataclass
class Contents:
    """Everything that was read from one file."""

    file: str
    tidy: list[Tidy] = field(default_factory=list)
    displayed: list[Displayed] = field(default_factory=list)
    words: list[Words] = field(default_factory=list)
    drawn: list[Drawn] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    unread_pictures: int = 0

    def take(self, other: Contents) -> None:
        """Adds what was read from something embedded in the file."""
        self.tidy += other.tidy
        self.displayed += other.displayed
        self.words += other.words
        self.drawn += other.drawn
        self.faults += other.faults
        self.unread_pictures += other.unread_pictures
