"""Sentences on the place: who lives there, what it is part of, and what it came out of."""

from __future__ import annotations

from needs_assessment.area_view import AreaView
from needs_assessment.narrative.phrases import listed
from needs_assessment.narrative.recorded import population_sentence


def predecessor_sentences(view: AreaView) -> list[str]:
    """That the area came out of others in the years shown, where it did, and that earlier figures are not joined."""
    return [str(sentence) for sentence in view.predecessors()["sentence"]]


def partnership_sentence(view: AreaView) -> str:
    """The community safety partnerships of the area; empty where no lookup was supplied."""
    names = [view.area_name(code) for code in view.partnerships()["partnership_code"]]
    if not names:
        return ""
    kind = "community safety partnerships are" if len(names) > 1 else "community safety partnership is"
    return f"Its {kind} {listed(names)}."


def deprivation_sentence(view: AreaView) -> str:
    """The share of its neighbourhoods in the most deprived tenth for children; empty where none was supplied."""
    row = view.child_deprivation()
    if row is None:
        return ""
    return (
        f"{row['value']:.0%} of its neighbourhoods are among the tenth of England with the largest share of children "
        f"in low-income families ({view.short_citation(row['source_id'])})."
    )


def place_sentences(view: AreaView) -> list[str]:
    """Who lives here, what the place is part of, and what it came out of."""
    about = " ".join(filter(None, [population_sentence(view), partnership_sentence(view), deprivation_sentence(view)]))
    return [about, *predecessor_sentences(view)]
