"""Who is on record in made-up offences: mostly somebody new, now and then a victim, suspect or group seen before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from needs_assessment.synthetic import assumptions
from needs_assessment.synthetic.targets import Target

VICTIM, SUSPECT, TARGETED_GROUP, ORGANISED_GROUP = "V", "S", "T", "G"
"""The letters of their identifiers. A victim who is later a suspect keeps the identifier of the victim."""


@dataclass
class People:
    """The people and groups on record so far in one area and harm.

    `victims` are mapped to the day of their first offence, `suspects` to their mapped group, where they have one.
    """

    target: Target
    random: np.random.Generator
    victims: dict[str, date] = field(default_factory=dict)
    suspects: dict[str, str | None] = field(default_factory=dict)
    targeted: dict[str, None] = field(default_factory=dict)

    def in_event(self, day: date, offences: int, *, suspect_known: bool) -> list[dict[str, str | None]]:
        """Victim, suspect and groups of each offence of the next event: nobody is twice its victim, or both."""
        suspects = list(self._suspects(day, offences)) if suspect_known else [None] * offences
        victims = self._victims(day, offences, besides=suspects)
        targeted = self._targeted_group()
        return [
            {"victim_id": victim, "suspect_id": suspect, "targeted_group_id": targeted}
            | {"organised_group_id": self.suspects[suspect] if suspect else None}
            for victim, suspect in zip(victims, suspects, strict=True)
        ]

    def _suspects(self, day: date, offences: int) -> Iterator[str]:
        first = self._suspect(day)
        yield first
        for _ in range(offences - 1):
            another = self.random.random() < assumptions.ANOTHER_SUSPECT_SHARE
            yield self._suspect(day, besides=first) if another else first

    def _suspect(self, day: date, besides: str = "") -> str:
        harm = self.target.exploitation_type
        victims = (person for person, first in self.victims.items() if first < day and person not in self.suspects)
        person = (
            self._again((one for one in self.suspects if one != besides), assumptions.REPEAT_SUSPECT_SHARE)
            or self._again(victims, assumptions.VICTIM_LATER_SUSPECT_SHARE[harm])
            or self.target.identifier(SUSPECT, len(self.suspects) + 1)
        )
        if person not in self.suspects:
            self.suspects[person] = self._organised_group()
        return person

    def _victims(self, day: date, offences: int, besides: Iterable[str | None]) -> list[str]:
        before = [person for person in self.victims if person not in besides]
        chosen: list[str] = []
        for _ in range(offences):
            again = self._again((one for one in before if one not in chosen), assumptions.REPEAT_VICTIM_SHARE)
            chosen.append(again or self.target.identifier(VICTIM, len(self.victims) + 1))
            self.victims.setdefault(chosen[-1], day)
        return chosen

    def _organised_group(self) -> str | None:
        """The mapped group of a new suspect; None for most."""
        if self.random.random() >= assumptions.ORGANISED_GROUP_SHARE[self.target.exploitation_type]:
            return None
        known = list(dict.fromkeys(group for group in self.suspects.values() if group))
        again = self._again(known, assumptions.SAME_ORGANISED_GROUP_SHARE)
        return again or self.target.identifier(ORGANISED_GROUP, len(known) + 1)

    def _targeted_group(self) -> str | None:
        """The group in which the victims of an event were targeted; None where that is not known."""
        if self.random.random() >= assumptions.TARGETED_GROUP_SHARE:
            return None
        again = self._again(self.targeted, assumptions.SAME_TARGETED_GROUP_SHARE)
        group = again or self.target.identifier(TARGETED_GROUP, len(self.targeted) + 1)
        self.targeted[group] = None
        return group

    def _again(self, known: Iterable[str], share: float) -> str | None:
        """One of those on record, in the stated share of times; else None, for somebody new."""
        known = list(known)
        chosen = self.random.random() < share
        return known[self.random.integers(len(known))] if known and chosen else None
