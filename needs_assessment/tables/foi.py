"""Display tables of an answer to a request for the services that were paid for."""

from __future__ import annotations

import pandas as pd

from needs_assessment.area_view import AreaView
from needs_assessment.area_view.answer import Asked
from needs_assessment.narrative.foi_words import grounds, harm_words, service_facts, where
from needs_assessment.narrative.phrases import sentence_case


def counted(view: AreaView, services: pd.DataFrame, asked: Asked) -> pd.DataFrame:
    """One row a service of the answer: its harm, why it counts as paid for, and where."""
    reasons = [grounds(view, service_id, asked.period) for service_id in services["service_id"]]
    places = [where(view, service_id, asked.period) for service_id in services["service_id"]]
    return pd.DataFrame(
        {
            "Service": services["service_name"],
            "Harm": [sentence_case(harm_words(harms)) for harms in services["exploitation_types"]],
            "Counted because": [sentence_case(reason.words) for reason in reasons],
            "Where": [sentence_case(place.words) for place in places],
        }
    )


def service(view: AreaView, row: pd.Series, asked: Asked) -> pd.DataFrame:
    """One row a fact of a service, with the source that states it."""
    facts = service_facts(view, row, asked.period)
    return pd.DataFrame(
        {
            "What": [fact.what for fact in facts],
            "What the sources say": [sentence_case(fact.words) for fact in facts],
            "Source": [fact.source or "none" for fact in facts],
        }
    )
