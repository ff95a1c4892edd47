"""The sentences of a report, from the same figures and verdicts as its tables. Nothing here computes a statistic."""

from __future__ import annotations

from needs_assessment.narrative import messages, phrases, place, provision, recorded, recording, risk

__all__ = ["messages", "phrases", "place", "provision", "recorded", "recording", "risk"]
