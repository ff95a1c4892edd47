"""Problem profile: what offence-level records hold beside the number of offences, by the national template."""

from __future__ import annotations

from needs_assessment.profile.counts import COUNT_COLUMNS, profile_counts
from needs_assessment.profile.groups import offending_groups
from needs_assessment.profile.periods import periods_covered

__all__ = ["COUNT_COLUMNS", "offending_groups", "periods_covered", "profile_counts"]
