"""The key messages and the lines of enquiry."""

from __future__ import annotations

import pandas as pd

from needs_assessment.area_view import AreaView
from needs_assessment.components import KeyMessage
from needs_assessment.components.text import MOST_KEY_MESSAGES
from needs_assessment.narrative.changing import changing_message
from needs_assessment.narrative.phrases import EPISODES, VERDICT_PHRASES
from needs_assessment.narrative.provision import coverage_age_sentence, coverage_sentence
from needs_assessment.narrative.recorded import data_warning, level_sentence
from needs_assessment.narrative.risk import risk_sentences
from needs_assessment.narrative.similar import comparison_sentence, other_basis_sentence
from needs_assessment.vocabulary import ExploitationType, Verdict, in_words

CANNOT_TELL = "what-can-these-numbers-not-tell-us"
"""The name of the section on the limits of the figures, as the page makes it of its heading."""


def key_messages(view: AreaView) -> list[KeyMessage]:
    """At most five messages, each with the figure or table that shows it: level and comparison of each harm, change,
    risk, coverage, and a warning of the data. Where that makes six, the change in risk levels stands in its section.
    """
    levels = [_level_message(view, harm) for harm in ExploitationType]
    change, warning = changing_message(view), data_warning(view)
    changes = [KeyMessage(change, "is-it-changing", "Section: is it changing?")] if change else []
    warnings = [KeyMessage(warning, CANNOT_TELL, "Section: what these numbers cannot tell")] if warning else []
    certain = [*levels, *changes, _coverage_message(view), *warnings]
    risks = [
        KeyMessage(sentence, "table-risk-change", "Table: change by risk level") for sentence in risk_sentences(view)
    ][: min(1, MOST_KEY_MESSAGES - len(certain))]
    place = len(levels) + len(changes)
    return [*certain[:place], *risks, *certain[place:]]


def _level_message(view: AreaView, harm: ExploitationType) -> KeyMessage:
    row, sentence = view.latest(EPISODES, harm), level_sentence(view, harm)
    if row is None:
        return KeyMessage(sentence)
    if not pd.isna(row["value"]):
        said = [sentence, comparison_sentence(row, view.comparator), other_basis_sentence(view, harm)]
        sentence = " ".join(filter(None, said))
    return KeyMessage(sentence, "table-similar", f"Table: {harm} beside similar areas")


def _coverage_message(view: AreaView) -> KeyMessage:
    on = view.coverage_on()
    if on is None:
        return KeyMessage(f"No service for exploited children in {view.name} is described by the sources supplied.")
    sentences = [
        f"Services described on {in_words(on.date())}.",
        *(coverage_sentence(view, harm) for harm in ExploitationType),
    ]
    return KeyMessage(
        " ".join(filter(None, [*sentences, coverage_age_sentence(view)])),
        "table-coverage-cse",
        "Table: coverage by age and tier",
    )


def lines_of_enquiry(view: AreaView) -> list[str]:
    """Questions that the figures put to the partnership; none of them presumes the answer."""
    questions = [_verdict_question(view, harm) for harm in ExploitationType]
    changes = view.here("risk_change")
    if (changes["lower"] > 1).any():
        questions.append(
            "Does the rise in children assessed at risk reflect more children at risk, or fuller recognition "
            "and reporting?"
        )
    if (changes["upper"] < 1).any():
        questions.append(
            "Does the fall in children assessed at risk reflect fewer children at risk, or thresholds and "
            "reporting that changed?"
        )
    if not view.here("risk_out_of_area").empty:
        questions.append("Who supports the children who are recorded as out of force, and who reviews their risk?")
    if view.coverage_on() is None:
        questions.append("Which services are commissioned for exploited children here, for which ages, and until when?")
    else:
        questions.append("Are the services described here still in place today, and on the same terms?")
    return [
        *filter(None, questions),
        "What do children, families and practitioners say is missing that no table shows?",
    ]


def _verdict_question(view: AreaView, harm: ExploitationType) -> str:
    row = view.latest(EPISODES, harm)
    if row is None:
        return ""
    compared = f"Recorded {harm} is {VERDICT_PHRASES.get(Verdict(row['verdict']))} {view.comparator}"
    return {
        Verdict.LOWER: f"{compared}: is less identified here, or is less recorded?",
        Verdict.HIGHER: f"{compared}: is that need, identification or the way it is recorded?",
        Verdict.SIMILAR: f"{compared}: is that what practitioners see?",
        Verdict.CANNOT_TELL: f"What would it take to record {harm} so that it can be compared with {view.comparator}?",
    }[Verdict(row["verdict"])]
