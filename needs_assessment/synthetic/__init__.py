"""Made-up case-level records, calibrated to published totals, for demonstration and tests only.

No row describes a person. What the records are made from stands in `assumptions`; nothing about any area can be
concluded from them.
"""

from __future__ import annotations

from needs_assessment.synthetic.calibration import calibration_targets
from needs_assessment.synthetic.folder import write_synthetic
from needs_assessment.synthetic.records import SOURCE_ID, synthesise

__all__ = ["SOURCE_ID", "calibration_targets", "synthesise", "write_synthetic"]
