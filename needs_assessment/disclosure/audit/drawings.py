"""Drawings read back into numbers: the words of an SVG, and the values at which its marks stand.

A value axis is read from its ticks: their labels against their places must lie on a line, or the axis cannot be read.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from xml.etree import ElementTree

import numpy as np

SVG, LINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}href"
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
TEXT_CHUNKS = {b"tEXt", b"zTXt", b"iTXt", b"eXIf"}
PICTURE_CHUNKS = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"pHYs", b"sBIT", b"gAMA", b"cHRM", b"sRGB", b"tRNS", b"bKGD"}
EXACT, TO_A_TENTH = 0.01, 0.075  # how far a mark and a corner of a line may stand from their value, in points
FARTHEST_MARKER = 25  # a shape drawn from a definition whose corners lie farther off is a surface, not a marker
LEAST_TICKS = 2
_STEP = re.compile(r"[A-Za-z]|[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")

Point = tuple[float, float]


class UnreadableError(Exception):
    """A drawing that is not what it says it is."""


@dataclass(frozen=True)
class Mark:
    """A value at which something is drawn, and how far off its reading may be."""

    value: float
    tolerance: float


@dataclass(frozen=True)
class Drawing:
    """What a drawing tells: its `words`, `metadata`, and its `marks` on the axes that hold values. `unread` says why
    marks could not be read; `drawn` is the number of markers.
    """

    words: tuple[str, ...]
    metadata: tuple[str, ...]
    marks: tuple[Mark, ...] = ()
    unread: str = ""
    drawn: int = 0


def png_texts(content: bytes) -> list[str]:
    """The texts that a PNG picture carries beside its pixels, and the names of parts that hold no pixels either.
    Raises UnreadableError.
    """
    if not content.startswith(PNG_SIGNATURE):
        raise UnreadableError
    texts, place = [], len(PNG_SIGNATURE)
    while place + 8 <= len(content):
        (length,), name = struct.unpack(">I", content[place : place + 4]), content[place + 4 : place + 8]
        body = content[place + 8 : place + 8 + length]
        if name in TEXT_CHUNKS:
            texts.append(_chunk_text(name, body))
        elif name not in PICTURE_CHUNKS:
            texts.append(f"{name.decode('latin-1')}: {body.decode('latin-1')}")
        place += 12 + length
    return [*texts, content[place:].decode("latin-1")] if content[place:] else texts


def _chunk_text(name: bytes, body: bytes) -> str:
    keyword, _, rest = body.partition(b"\0")
    try:
        if name == b"zTXt":
            rest = zlib.decompress(rest[1:])
        elif name == b"iTXt":
            packed, (*_, text) = rest[:1] == b"\1", rest[2:].split(b"\0", 2)  # language, keyword in it, text
            rest = zlib.decompress(text) if packed else text
    except zlib.error as error:
        raise UnreadableError from error
    return f"{keyword.decode('latin-1')}: {rest.decode('utf-8', 'replace')}"


def read_svg(text: str) -> Drawing:
    """What an SVG tells. Raises UnreadableError for one that is not well formed or defines entities."""
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise UnreadableError
    parser = ElementTree.XMLParser(target=ElementTree.TreeBuilder(insert_comments=True))
    try:
        root = ElementTree.fromstring(text, parser)
    except ElementTree.ParseError as error:
        raise UnreadableError from error
    if root.tag != f"{SVG}svg":
        raise UnreadableError
    return _Reader(root).drawing()


class _Reader:
    """Reads one drawing as matplotlib writes it: a group for each axis, tick, line and collection."""

    def __init__(self, root: ElementTree.Element) -> None:
        self.root = root
        self.shapes = {e.get("id", ""): e.get("d", "") for e in root.iter(f"{SVG}path") if e.get("id")}
        self.words: list[str] = []
        self.metadata: list[str] = []
        self.drawn: list[tuple[Point, float]] = []
        self.markers = 0

    def drawing(self) -> Drawing:
        axes = [axes for axes in self.root.iter(f"{SVG}g") if axes.get("id", "").startswith("axes_")]
        self._read_words(self.root)
        scales = [scale for one in axes for scale in self._scales(one)]
        unread = "its axes cannot be read" if any(scale is None for scale in scales) else ""
        if len(axes) > 1 and any(scales):
            unread = "it has several axes"
        if unread or not any(scales):
            for one in axes:
                self._read_marks(one)
            return Drawing(tuple(self.words), tuple(self.metadata), (), unread, self.markers)
        self._read_marks(axes[0])
        marks = [mark for scale in scales if scale for mark in scale.values(self.drawn)]
        return Drawing(tuple(self.words), tuple(self.metadata), tuple(marks), "", self.markers)

    def _read_words(self, element: ElementTree.Element, in_tick: bool = False) -> None:
        """Words stand as comments beside their outlines, or as text. Labels of ticks are no figures."""
        for child in element:
            name = _name(child)
            tick = in_tick or name.startswith(("xtick_", "ytick_"))
            if _is_comment(child):
                if not (tick and _label_number(child.text or "") is not None):
                    self.words.append((child.text or "").strip())
            elif child.tag == f"{SVG}metadata":
                self.metadata += ["".join(child.itertext()).strip(), *_attributes(child)]
            elif child.tag in {f"{SVG}style", f"{SVG}defs"} and not len(child):
                continue
            else:
                self._read_text_of(child, tick)
                self._read_words(child, tick)

    def _read_text_of(self, element: ElementTree.Element, tick: bool) -> None:
        texts = [element.text or "", *(child.tail or "" for child in element)]
        texts += [value for name, value in element.items() if name.startswith("data-") or name in {"alt", "aria-label"}]
        if element.tag != f"{SVG}style":
            self.words += [text.strip() for text in texts if text.strip() and not (tick and _label_number(text))]

    def _scales(self, axes: ElementTree.Element) -> Iterator[_Scale | None]:
        """The scale of each axis that holds values: none for names and years, None for one that cannot be read."""
        frame = self._frame(axes)
        for group in axes:
            name = _name(group)
            if not name.startswith("matplotlib.axis_"):
                continue
            side = 0 if name.endswith("1") else 1
            ticks = [tick for tick in group if "tick_" in _name(tick)]
            labels = [(_label_number(words), place) for tick in ticks for words, place in self._tick(tick, side)]
            labelled = [(value, place) for value, place in labels if value is not None]
            if len(labelled) < len(labels) or all(_is_year(value) for value, _ in labelled):
                continue  # names or years
            yield _Scale.through(labelled, side, frame)

    def _tick(self, tick: ElementTree.Element, side: int) -> Iterator[tuple[str, float]]:
        words = [comment.text or "" for comment in tick.iter() if _is_comment(comment)]
        places = [use.get("xy"[side]) for use in tick.iter(f"{SVG}use") if use.get("xy"[side])]
        if words and places:
            yield words[0], float(places[0] or 0)

    def _frame(self, axes: ElementTree.Element) -> list[Point]:
        patch = next((group for group in axes if group.get("id", "").startswith("patch_")), None)
        path = patch.find(f"{SVG}path") if patch is not None else None
        return [] if path is None else (_corners(path.get("d", "")) or [])

    def _read_marks(self, element: ElementTree.Element) -> None:
        for child in element:
            name = child.get("id", "") if not _is_comment(child) else "text_"
            if name.startswith(("matplotlib.axis_", "text_", "legend_")) or child.tag in {f"{SVG}defs"}:
                continue
            if child.tag == f"{SVG}path":
                self.drawn += [(corner, TO_A_TENTH) for corner in _corners(child.get("d", "")) or []]
            elif child.tag == f"{SVG}rect":
                x, y, width, height = (float(child.get(key, 0)) for key in ("x", "y", "width", "height"))
                self.drawn += [((x, y), EXACT), ((x + width, y + height), EXACT)]
            elif child.tag == f"{SVG}circle":
                self.drawn.append(((float(child.get("cx", 0)), float(child.get("cy", 0))), EXACT))
            elif child.tag == f"{SVG}use":
                self._read_use(child)
            self._read_marks(child)

    def _read_use(self, use: ElementTree.Element) -> None:
        """A marker stands where it is put; a surface has its own corners, moved to where it is put."""
        shape = _corners(self.shapes.get((use.get(LINK) or use.get("href") or "").lstrip("#"), ""))
        x, y = float(use.get("x", 0)), float(use.get("y", 0))
        if shape and max(max(map(abs, corner)) for corner in shape) > FARTHEST_MARKER:
            self.drawn += [((x + east, y + south), TO_A_TENTH) for east, south in shape]
        else:
            self.markers += 1
            self.drawn.append(((x, y), EXACT))


@dataclass(frozen=True)
class _Scale:
    """A value axis: value = start + step × place, along `side` (0 from left to right, 1 downwards)."""

    side: int
    start: float
    step: float
    edges: tuple[float, ...]

    @classmethod
    def through(cls, labelled: list[tuple[float, float]], side: int, frame: list[Point]) -> _Scale | None:
        """The scale on which every tick lies; None where there is none."""
        if len(labelled) < LEAST_TICKS:
            return None
        values, places = (np.array(column) for column in zip(*labelled, strict=True))
        if np.ptp(places) == 0 or np.ptp(values) == 0:
            return None
        step, start = np.polyfit(places, values, 1)
        if np.abs(start + step * places - values).max() > EXACT * abs(step):
            return None
        return cls(side, float(start), float(step), tuple({corner[side] for corner in frame}))

    def values(self, drawn: Iterable[tuple[Point, float]]) -> Iterator[Mark]:
        """The values of what is drawn, without what stands at an edge of the frame or at 0, where lines only end."""
        for point, tolerance in drawn:
            place = point[self.side]
            value = self.start + self.step * place
            ends = any(abs(place - edge) <= 2 * TO_A_TENTH for edge in self.edges)
            if not ends and abs(value) > tolerance * abs(self.step):
                yield Mark(value, tolerance * abs(self.step))


def _is_comment(element: ElementTree.Element) -> bool:
    tag: object = element.tag  # of a comment, the function that makes one
    return not isinstance(tag, str)


def _name(element: ElementTree.Element) -> str:
    return "" if _is_comment(element) else element.get("id", "")


def _attributes(element: ElementTree.Element) -> list[str]:
    return [value for each in element.iter() for value in each.attrib.values() if not value.startswith("http")]


def _label_number(words: str) -> float | None:
    try:
        return float(words.strip().replace(",", "").replace("−", "-").rstrip("%"))
    except ValueError:
        return None


def _is_year(value: float) -> bool:
    return value == int(value) and 1900 <= value <= 2100


def _corners(path: str) -> list[Point] | None:
    """The corners of a path of straight lines, or None for one with curves."""
    corners: list[Point] = []
    here, start, steps = (0.0, 0.0), (0.0, 0.0), _STEP.findall(path)
    command, place = "M", 0
    while place < len(steps):
        if steps[place].isalpha():
            command, place = steps[place], place + 1
            if command in "zZ":
                here = start
            continue
        if command.upper() not in "MLHV":
            return None
        here, place = _moved(command, here, steps, place)
        corners.append(here)
        if command in "Mm":
            start, command = here, "L" if command == "M" else "l"
    return corners


def _moved(command: str, here: Point, steps: list[str], place: int) -> tuple[Point, int]:
    origin = here if command.islower() else (0.0, 0.0)
    first = float(steps[place])
    if command in "Hh":
        return (origin[0] + first, here[1]), place + 1
    if command in "Vv":
        return (here[0], origin[1] + first), place + 1
    return (origin[0] + first, origin[1] + float(steps[place + 1])), place + 2
