"""What the numbers cannot tell: need, small differences, children."""

from __future__ import annotations

from needs_assessment import narrative
from needs_assessment.area_view import AreaView
from needs_assessment.components import Html, bullets


def cannot_tell(view: AreaView) -> Html:
    """What the numbers cannot tell a board, with the difference that chance alone would hide here."""
    return bullets(narrative.limits.cannot_tell_sentences(view))
