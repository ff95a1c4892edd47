"""What a damage is, and the variants that a list of damages makes of originals."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from originals import Original

Chance = random.Random


class Must(StrEnum):
    """What must come of a damaged file. There is no fourth way."""

    READ = "be read, every figure as in the original"
    TELL = "be read without what cannot be placed, and the report tells so"
    REFUSE = "be refused with one clear error"


@dataclass(frozen=True)
class Damaged:
    """What a damage made: the bytes; the heading and the row that the error must name; and what was put in the cell,
    which no error may print. `file` is a new name, where that is the damage.
    """

    content: bytes = field(repr=False)
    column: str = ""
    row: int = 0
    planted: str = ""
    file: str = ""


Make = Callable[[Original, Chance], Damaged]


@dataclass(frozen=True)
class Damage:
    """A way to damage files of some kinds. `says` must stand in the error, or in the report of the import."""

    name: str
    make: Make
    kinds: tuple[str, ...]
    must: Must
    says: str = ""


def kept(name: str, kinds: Sequence[str], make: Make, says: str = "") -> Damage:
    """A damage that leaves the meaning: the file must be read."""
    return Damage(name, make, tuple(kinds), Must.READ, says)


def told(name: str, kinds: Sequence[str], make: Make, says: str) -> Damage:
    """A damage of one record among others, which must be left out and told."""
    return Damage(name, make, tuple(kinds), Must.TELL, says)


def lost(name: str, kinds: Sequence[str], make: Make, says: str) -> Damage:
    """A damage that takes the meaning away: the file must be refused."""
    return Damage(name, make, tuple(kinds), Must.REFUSE, says)


@dataclass(frozen=True)
class Variant:
    """A damaged file: its number, the original, the damage, and what it made."""

    number: int
    original: Original
    damage: Damage
    damaged: Damaged

    @property
    def path(self) -> str:
        """Where it stands in the folder of variants: in a folder of its own, under the name of the original."""
        return f"{self.number:03}_{_slug(self.damage.name)}/{self.damaged.file or self.original.layout.file}"

    def __str__(self) -> str:
        return f"{self.damage.name}: {self.original.kind}"


def variants(
    originals: Mapping[str, Original], damages: Sequence[Damage], seed: int, each: int = 2
) -> Iterator[Variant]:
    """Each damage, done to as many as `each` of its kinds of files. The seed chooses the kinds, the rows and the cells;
    what it chooses for one damage does not depend on the others.
    """
    number = 0
    for damage in damages:
        chance = Chance(f"{seed} {damage.name}")
        kinds = [kind for kind in damage.kinds if kind in originals]
        for kind in sorted(chance.sample(kinds, min(each, len(kinds)))):
            number += 1
            yield Variant(number, originals[kind], damage, damage.make(originals[kind], chance))


def _slug(words: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")
