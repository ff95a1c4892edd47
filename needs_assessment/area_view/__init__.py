"""One area's view of a release: the rows that its report shows. The area is chosen once, here; nothing is computed."""

from __future__ import annotations

from needs_assessment.area_view.demand import doubtful_zeros
from needs_assessment.area_view.view import DEFAULT_RELEASE, NO_AREA, AreaView, reportable, with_forces

__all__ = ["DEFAULT_RELEASE", "NO_AREA", "AreaView", "doubtful_zeros", "reportable", "with_forces"]
