"""Display tables: figures as a reader sees them, with a symbol where there is no number. No statistic is computed."""

from __future__ import annotations

from needs_assessment.tables import cells, provision, recorded, recording, risk, sources

__all__ = ["cells", "provision", "recorded", "recording", "risk", "sources"]
