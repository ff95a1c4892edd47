"""The rule of small counts that a release declares, as its readers see it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

WITHHELD_UP_TO = 5
MIDPOINT = "midpoint"

Span = tuple[int, int | None]


@dataclass(frozen=True)
class Rule:
    """What a reader knows of how counts of sources that are not public are printed.

    Counts from 1 to `withhold_up_to` are withheld; the others are rounded to `round_to`, those of wider areas to
    `round_wider_to`, to the nearest multiple (a half goes up) or to the middle of a run. `insiders` says that the
    figures of one authority must not help against the others, `revision` that printed figures were corrected.
    """

    name: str = "not stated"
    words: str = "not stated"
    withhold_up_to: int = WITHHELD_UP_TO
    round_to: int = 1
    round_wider_to: int = 1
    rounding: str = "nearest"
    zeros_always_printed: bool = False
    insiders: bool = False
    revision: bool = False

    @classmethod
    def of(cls, manifest: Mapping[str, Any]) -> Rule:
        """The rule of a manifest. What it does not say is as the Department for Education's rule has it."""
        said = manifest.get("disclosure", {})
        words = str(said.get("rule", cls.words))
        in_words = re.search(r"\bfrom 1 to (\d+)", words)
        name = str(said.get("policy", cls.name))
        return cls(
            name=name,
            words=words,
            withhold_up_to=int(said.get("withhold_up_to", in_words[1] if in_words else cls.withhold_up_to)),
            round_to=int(said.get("round_to", 1)),
            round_wider_to=int(said.get("round_wider_to", said.get("round_to", 1))),
            rounding=str(said.get("rounding", cls.rounding)),
            zeros_always_printed=bool(said.get("zeros_always_printed", False)),
            insiders=bool(said.get("insiders", name == "insider-safe")),
            revision=bool(said.get("revision")),
        )

    @property
    def hidden(self) -> Span:
        """What the symbol alone tells of a count."""
        return (1 if self.zeros_always_printed else 0, None)

    @property
    def cover(self) -> tuple[int, int]:
        """The counts of which none may be told from the others."""
        return (1, self.withhold_up_to)

    def printed(self, value: int, *, wider: bool) -> Span:
        """The counts that are printed as `value`. Raises ValueError for a value that the rule never prints."""
        base = self.round_wider_to if wider else self.round_to
        if value == 0 or base == 1:
            return self._printable(value, value, value)
        if self.rounding == MIDPOINT:
            highest = value + base // 2
            return self._printable(highest if highest % base == 0 else -1, highest - base + 1, highest)
        lowest = -(-(2 * value - base) // 2)
        first = max(lowest, self.withhold_up_to + 1)
        return self._printable(value if value % base == 0 else -1, first, lowest + base - 1)

    def _printable(self, value: int, low: int, high: int) -> Span:
        withheld = self.rounding != MIDPOINT and 1 <= low <= self.withhold_up_to
        if value < 0 or withheld or low > high:
            raise ValueError("the rule prints no such count")
        return low, high
