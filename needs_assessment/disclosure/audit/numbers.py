"""Numbers in words: which of them are figures, and whether a published figure explains them.

Dates, ages, the base of a rate and the like are the frame of a report and no figures. What a source is quoted with is
explained by the quotation. Every other number must be one of the figures that stand behind the words.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec)"
)
STRUCTURAL = re.compile(
    "|".join(
        [
            rf"(?<![\d.,])\d{{1,2}}(?: to \d{{1,2}})? {_MONTH}\b(?: \d{{4}}\b)?",
            rf"\b{_MONTH} \d{{4}}\b",
            r"(?<![\d.,])(?:19|20)\d\d-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d)?)?",
            r"(?<![\d,.£])(?:19|20)\d\d(?:[-/–](?:\d{4}|\d\d))?(?!\d|,\d|%|\.\d)",
            r"\b(?:ages?|aged|Ages?|Aged) \d{1,2}(?: (?:to|and|or) \d{1,2})?\b",
            r"(?<![\d.,])(?:0 to 17|18 to 24|1 to 5)(?![\d,]|\.\d)|\bunder 18\b|\bfrom 1 to \d\b",
            r"\b(?:[Pp]er|times) 10,000\b|\bSHA-256\b|\bsha256\b|\(CSV, [\d,]+ kB\)",
            r"\b(?:80|95|99\.8) ?%|\b(?:lower|upper)(?:80|95|998)\b",
            r"\b\d+ areas by recorded\b|\b\d+ (?:lower|similar|higher|cannot tell|not supplied)\b",
            r"\b\d+ figures? (?:of|in)\b|\b\d+ years? older\b|\bnearest \d+\b",
            r"\bcounts withheld in this release: [\d,]+|\bfigures of such sources: [\d,]+, of which withheld: [\d,]+",
            r"\b\d+ (?:year|quarter|month)s? recorded alike\b|\ba chart needs \d+\b",
            r"\bfewer than \d+ (?:periods|events|years|points)\b",
            r"\b(?:3|6|12)[ -]months?\b|\b20% (?:more|fewer) referrals\b",
            r"\bcell \d+ of \w+\.ipynb\b",
            r"\b[\d,]+ (?:files read|figures printed|figures withheld|statements|earlier releases)\b",
            r"\b[EWSNK]\d{8}\b|\b[0-9a-f]{16,64}\b|\bunder 0\.001\b|\(code \d+[A-Z]?\)",
            r"\b(?:[A-Za-z][\w-]*[ /])v?\d+(?:\.\d+){2,}|\bv\d+(?:\.\d+)+",
        ]
    )
)
"""What is never a figure: days, years, ages, the base of a rate, confidence, the size of a file, how many areas of a
map are of each verdict, how many figures are asked about, codes, digests and versions."""
NUMBER = re.compile(r"(?<![\d.,])(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?![\d])")
_DIGIT = re.compile(r"\d")
SYMBOL = re.compile(r"\[([a-z:]+)\]")


@dataclass(frozen=True)
class Number:
    """A number as it is written: its value, how many decimals it shows and whether it is a percentage."""

    value: float
    decimals: int
    percentage: bool


def numbers(words: str) -> Iterator[Number]:
    """The numbers of a text that are no part of its frame."""
    bare = STRUCTURAL.sub(" ", words)
    for found in NUMBER.finditer(bare):
        written = found[0].replace(",", "")
        yield Number(
            float(written), len(written.partition(".")[2]), bare[found.end() : found.end() + 2].lstrip().startswith("%")
        )


def plain(words: str) -> str:
    """Words as they are compared: in one case, with single spaces, lists with commas."""
    return " ".join(words.replace("|", ", ").replace("_", " ").casefold().split())


@dataclass
class Quotations:
    """Words of the release and of the project itself that may stand in a page as they are."""

    words: set[str] = field(default_factory=set)

    def add(self, words: Iterable[str]) -> None:
        """Remembers those words that hold a number and are more than one."""
        self.words |= {plain(each).rstrip(".") for each in set(words) if _DIGIT.search(each) and _number(each) is None}

    @cached_property
    def _longest_first(self) -> list[str]:
        return sorted(self.words, key=lambda words: (-len(words), words))

    def without(self, words: str) -> str:
        """The words without what they quote; as they are where nothing but their frame holds a number."""
        if not any(True for _ in numbers(words)):
            return ""
        rest = " ".join(
            words.replace("|", ", ").replace("_", " ").split()
        )  # in its own case: March is a month, march none
        for quoted in self._longest_first:
            if quoted in rest.casefold():
                rest = re.sub(rf"(?<!\w){re.escape(quoted)}(?!\w)", " ", rest, flags=re.IGNORECASE)
        return rest


@dataclass
class Figures:
    """What may stand behind the numbers of a text: counts, which are written in full, and rates, shares and money,
    which may be rounded.
    """

    counts: Counter[float] = field(default_factory=Counter)
    others: set[float] = field(default_factory=set)
    roundable: set[float] = field(default_factory=set)
    """Such as an expected number, which is written without decimals."""

    def __add__(self, other: Figures) -> Figures:
        return Figures(self.counts + other.counts, self.others | other.others, self.roundable | other.roundable)

    @cached_property
    def _sorted(self) -> list[float]:
        return sorted(self.others | set(self.counts))

    @cached_property
    def _sorted_roundable(self) -> list[float]:
        return sorted(self.roundable)

    def explain(self, number: Number) -> bool:
        """Whether a figure is written as this number. A number without decimals is explained by a count only, so that
        a rate never lends its whole part to a hidden count.
        """
        if number.value in self.counts:
            return True
        half = 0.5 * 10.0**-number.decimals + 1e-9
        if number.percentage:
            return _near(self._sorted, number.value / 100, half / 100) or _near(
                self._sorted_roundable, number.value, half
            )
        if number.decimals:
            return _near(self._sorted, number.value, half)
        return _near(self._sorted_roundable, number.value, half)

    def near(self, value: float, tolerance: float) -> bool:
        """Whether a figure lies within the tolerance, as where a mark of a drawing was read back."""
        return _near(self._sorted, value, tolerance)


def unexplained(words: str, figures: Figures, quotations: Quotations) -> bool:
    """Whether a text holds a number that neither a figure nor a quotation explains."""
    return any(not figures.explain(number) for number in numbers(quotations.without(words)))


def _near(ordered: list[float], value: float, tolerance: float) -> bool:
    place = bisect_left(ordered, value - tolerance)
    return place < len(ordered) and ordered[place] <= value + tolerance


def as_number(words: str) -> float | None:
    """The number that a cell of a file holds; None for a blank and for words."""
    return _number(words)


def _number(words: str) -> float | None:
    try:
        value = float(words.replace(",", ""))
    except ValueError:
        return None
    return value if math.isfinite(value) else None
