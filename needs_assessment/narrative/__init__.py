"""The sentences of a report, from the same figures and verdicts as its tables. Nothing here computes a statistic."""

from __future__ import annotations

from needs_assessment.narrative import (
    breakdowns,
    changing,
    limits,
    messages,
    phrases,
    place,
    provision,
    recorded,
    recording,
    risk,
    similar,
)

__all__ = [
    "breakdowns",
    "changing",
    "limits",
    "messages",
    "phrases",
    "place",
    "provision",
    "recorded",
    "recording",
    "risk",
    "similar",
]
