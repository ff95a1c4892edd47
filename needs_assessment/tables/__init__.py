"""Display tables: figures as a reader sees them, with a symbol where there is no number. No statistic is computed."""

from __future__ import annotations

from needs_assessment.tables import breakdowns, cells, changing, provision, recorded, recording, risk, similar, sources

__all__ = ["breakdowns", "cells", "changing", "provision", "recorded", "recording", "risk", "similar", "sources"]
