"""Made-up recorded offences: very few, some of them joined by an event, by people and by groups."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate, count

import numpy as np

from needs_assessment.synthetic import assumptions
from needs_assessment.synthetic.people import People
from needs_assessment.synthetic.targets import Target, draw
from needs_assessment.vocabulary import Period


@dataclass(frozen=True)
class Event:
    """What the offences of one event share."""

    number: int
    recorded_on: date
    suspect_known: bool
    online: bool
    position_of_trust: bool


def simulate_offences(target: Target, period: Period, random: np.random.Generator) -> Iterator[dict[str, object]]:
    """The offences of the period, one row each, in order of recording."""
    # Who is on record has a stream of its own, so that all else is the same whoever it is.
    people = People(target, random.spawn(1)[0])
    per_year = target.episodes_per_year * assumptions.OFFENCES_PER_EPISODE[target.exploitation_type]
    offences = random.poisson(per_year * period.years)
    starts_event = [number == 0 or random.random() >= assumptions.SAME_EVENT_SHARE for number in range(offences)]
    sizes = Counter(accumulate(map(int, starts_event)))
    numbers, gone_missing = count(1), set[object]()
    for event in _events(target, period, sum(starts_event), random):
        for roles in people.in_event(event.recorded_on, sizes[event.number], suspect_known=event.suspect_known):
            code = draw(assumptions.OFFENCE_CODE_WEIGHTS[target.exploitation_type], random)
            # Who has once been reported missing has that history ever after.
            gone_missing |= {roles["victim_id"]} if random.random() < assumptions.VICTIM_MISSING_SHARE else set()
            yield (
                _event_columns(target, event)
                | roles
                | {
                    "offence_id": target.identifier("O", next(numbers)),
                    "offence_code": code,
                    "victim_missing_history": roles["victim_id"] in gone_missing,
                }
            )


def _events(target: Target, period: Period, number: int, random: np.random.Generator) -> list[Event]:
    harm = target.exploitation_type
    return [
        Event(
            place,
            recorded_on=period.start + timedelta(days=int(day)),
            suspect_known=random.random() < assumptions.SUSPECT_KNOWN_SHARE,
            online=random.random() < assumptions.ONLINE_SHARE[harm],
            position_of_trust=random.random() < assumptions.POSITION_OF_TRUST_SHARE[harm],
        )
        for place, day in enumerate(sorted(random.integers(period.days, size=number)), start=1)
    ]


def _event_columns(target: Target, event: Event) -> dict[str, object]:
    return {
        "event_id": target.identifier("E", event.number),
        "recorded_on": event.recorded_on,
        "online": event.online,
        "position_of_trust": event.position_of_trust,
    }
