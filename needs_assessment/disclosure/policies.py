"""Rules of small counts, as frozen values: what is withheld, how the rest is rounded, and which rules do not fit.

Sources: Department for Education, *Children in need*, data guidance (1 to 5 withheld, zero shown, national and regional
figures to the nearest 10); NHS Digital, change to disclosure control for Hospital Episode Statistics, 2018 (1 to 7
withheld, all else to the nearest 5); OpenSAFELY, *Statistical disclosure control* (7 or fewer redacted, then the
nearest 5; or rounding to the midpoint of 6).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Rounding(StrEnum):
    """How a count that is not withheld is printed."""

    NEAREST = "nearest"
    MIDPOINT = "midpoint"


@dataclass(frozen=True)
class Shown:
    """What a rule prints for a count: `value`, None where it is withheld, and the counts it could stand for."""

    value: int | None
    low: int
    high: int


@dataclass(frozen=True)
class Policy:
    """A rule of small counts. Counts from 1 to `withhold_up_to` are sensitive.

    `round_to` rounds the other counts of single authorities and `round_wider_to` those of wider areas: to the nearest
    multiple, or with `Rounding.MIDPOINT` to the middle of each run of so many counts, which then needs no symbol.
    `zeros_always_printed` keeps a zero from being hidden to protect another figure; a reader then knows that a hidden
    figure is not zero. `insiders` protects also against whoever knows the own figures of one authority.
    Raises ValueError, naming every fault, for rules that do not fit one another.
    """

    name: str = "dfe"
    withhold_up_to: int = 5
    round_to: int = 1
    round_wider_to: int = 1
    rounding: Rounding = Rounding.NEAREST
    zeros_always_printed: bool = False
    insiders: bool = False

    def __post_init__(self) -> None:
        faults = [*self._faults()]
        if faults:
            raise ValueError(f"the disclosure rule {self.name!r} does not fit together: {'; '.join(faults)}")

    def _faults(self) -> list[str]:
        low = [f"{name} must be 1 or more" for name in _NUMBERS if getattr(self, name) < 1]
        if low:
            return low
        return [fault for base in (self.round_to, self.round_wider_to) if (fault := self._misfit(base))]

    def _misfit(self, base: int) -> str:
        first = self.withhold_up_to + 1
        if self.rounding is Rounding.MIDPOINT:
            small = base > 1 and base < self.withhold_up_to
            return f"midpoints of {base} tell counts up to {self.withhold_up_to} apart" if small else ""
        if nearest(first, base) <= self.withhold_up_to:
            return (
                f"{first} would be printed as {nearest(first, base)}, which is a withheld count: rounding to {base} "
                f"needs counts up to {_fitting(self.withhold_up_to, base)} withheld"
            )
        return ""

    def shown(self, count: int, *, wider: bool = False) -> Shown:
        """What is printed for a count of a single authority, or of a wider area."""
        base = self.round_wider_to if wider else self.round_to
        if count == 0:
            return Shown(0, 0, 0)
        if self.rounding is Rounding.MIDPOINT and base > 1:
            top = -(-count // base) * base
            return Shown(top - base // 2, top - base + 1, top)
        if count <= self.withhold_up_to:
            return Shown(None, 1, self.withhold_up_to)
        value = nearest(count, base)
        lowest = value - base // 2  # a half is rounded up, so it belongs to the multiple above
        return Shown(value, max(lowest, self.withhold_up_to + 1), lowest + base - 1)

    @property
    def hidden(self) -> tuple[int, int | None]:
        """What the symbol alone tells a reader of a count."""
        return (1 if self.zeros_always_printed else 0, None)

    def _rounded(self) -> dict[str, int]:
        rounded = {"counts": self.round_to}
        rounded |= {"counts of wider areas": self.round_wider_to} if self.round_wider_to != self.round_to else {}
        return {what: base for what, base in rounded.items() if base > 1}

    def __str__(self) -> str:
        if self.rounding is Rounding.MIDPOINT:
            parts = [f"counts of sources that are not public are printed as the middle of each run of {self.round_to}"]
        else:
            parts = [f"counts from 1 to {self.withhold_up_to} of sources that are not public are withheld"]
            parts += [f"their other {what} are to the nearest {base}" for what, base in self._rounded().items()]
        parts.append("other figures are withheld where one could be worked out from them")
        return ", ".join(parts[:-1]) + f", and {parts[-1]}"


_NUMBERS = ("withhold_up_to", "round_to", "round_wider_to")


def nearest(count: int, base: int) -> int:
    """The multiple of `base` nearest to a count; a half goes up (Python's own `round` would go to the even one)."""
    return (2 * count + base) // (2 * base) * base


def _fitting(withhold_up_to: int, base: int) -> int:
    """The least number up to which counts must be withheld so that rounding prints none of them."""
    return next(most for most in range(withhold_up_to, withhold_up_to + base) if nearest(most + 1, base) > most)


PROFILES = {
    policy.name: policy
    for policy in (
        Policy("dfe"),
        Policy("nhs", withhold_up_to=7, round_to=5, round_wider_to=5),
        Policy("opensafely", withhold_up_to=7, round_to=5, round_wider_to=5),
        Policy("opensafely-midpoint", withhold_up_to=6, round_to=6, round_wider_to=6, rounding=Rounding.MIDPOINT),
        Policy("insider-safe", insiders=True),
    )
}
"""The rules in force at the bodies named above, and the Department's rule made safe against insiders."""
