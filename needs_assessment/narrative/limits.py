"""Sentences on what the figures cannot tell: differences too small to notice, and doubts about the figures."""

from __future__ import annotations

import pandas as pd

from needs_assessment import wording
from needs_assessment.area_view import AreaView
from needs_assessment.narrative.phrases import EPISODES
from needs_assessment.vocabulary import ExploitationType


def cannot_tell_sentences(view: AreaView) -> list[str]:
    """What the numbers cannot tell a board: need, small differences, children."""
    return [wording.NOT_NEED, *filter(None, [power_sentence(view)]), wording.NOT_CHILDREN]


def power_sentence(view: AreaView) -> str:
    """How large a difference from the comparator chance would let be noticed; empty where that is not known."""
    latest = view.latest(EPISODES, ExploitationType.CSE)
    needed = [words for harm in ExploitationType for words in _detectable(view, harm)]
    if latest is None or pd.isna(latest["denominator"]) or not needed:
        return ""
    return (
        f"With {latest['denominator']:,.0f} children, a true rate would have to be {'; '.join(needed)} that of "
        f"{view.comparator} before this report could be expected to tell it from chance (80% of the time), and further "
        "away to stand out from how much authorities usually differ. No signal is not no problem."
    )


def _detectable(view: AreaView, harm: ExploitationType) -> list[str]:
    """The ratios to the comparator's rate that could be noticed, as a phrase; none where there is none."""
    latest, rows = view.latest(EPISODES, harm), view.expected(EPISODES, harm)
    same = rows if latest is None else rows[rows["period_end"].eq(latest["period_end"])]
    if latest is None or same.empty:
        return []
    bounds = {"at least": same.iloc[-1]["detectable_rise"], "at most": same.iloc[-1]["detectable_fall"]}
    known = [f"{words} {ratio:.1f} times" for words, ratio in bounds.items() if not pd.isna(ratio)]
    return [f"for {harm} {' or '.join(known)}"] if known else []
