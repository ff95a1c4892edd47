"""What the audit finds wrong: where, against which rule, and of which figures; never a count."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Fault:
    """One thing that keeps a folder from being published: the file, the place in it, the rule that it breaks, and the
    keys of the figures concerned. None of these ever holds a count or an interval.
    """

    file: str
    place: str
    rule: str
    keys: tuple[str, ...] = ()

    def __str__(self) -> str:
        said = f"{self.file}: {self.place}: {self.rule}" if self.place else f"{self.file}: {self.rule}"
        return f"{said} [{'; '.join(self.keys)}]" if self.keys else said


UNREADABLE = "cannot be read: not published until it can"
UNKNOWN_FORMAT = "is of a format that the audit cannot read: not published until it can"
UNKNOWN_TABLE = "holds numbers in a table that the audit does not know"
UNKNOWN_NUMBER = "holds a number that no published figure explains"
"""A number in words, in a cell, in a drawing, or in a file that is none of the release's."""
