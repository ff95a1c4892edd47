"""Made-up recorded offences: very few, some of them joined by one event."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate

import numpy as np

from needs_assessment.synthetic import assumptions
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
    """The offences of the period, one row each, in order of recording. Each has a victim of its own."""
    per_year = target.episodes_per_year * assumptions.OFFENCES_PER_EPISODE[target.exploitation_type]
    offences = random.poisson(per_year * period.years)
    starts_event = [number == 0 or random.random() >= assumptions.SAME_EVENT_SHARE for number in range(offences)]
    events = _events(target, period, sum(starts_event), random)
    for number, event_number in enumerate(accumulate(starts_event), start=1):
        yield _row(target, number, events[event_number - 1], random)


def _events(target: Target, period: Period, count: int, random: np.random.Generator) -> list[Event]:
    harm = target.exploitation_type
    return [
        Event(
            number,
            recorded_on=period.start + timedelta(days=int(day)),
            suspect_known=random.random() < assumptions.SUSPECT_KNOWN_SHARE,
            online=random.random() < assumptions.ONLINE_SHARE[harm],
            position_of_trust=random.random() < assumptions.POSITION_OF_TRUST_SHARE[harm],
        )
        for number, day in enumerate(sorted(random.integers(period.days, size=count)), start=1)
    ]


def _row(target: Target, number: int, event: Event, random: np.random.Generator) -> dict[str, object]:
    return {
        "offence_id": target.identifier("O", number),
        "victim_id": target.identifier("V", number),
        "suspect_id": target.identifier("S", event.number) if event.suspect_known else None,
        "event_id": target.identifier("E", event.number),
        "recorded_on": event.recorded_on,
        "offence_code": draw(assumptions.OFFENCE_CODE_WEIGHTS[target.exploitation_type], random),
        "online": event.online,
        "position_of_trust": event.position_of_trust,
        "victim_missing_history": random.random() < assumptions.VICTIM_MISSING_SHARE,
    }
