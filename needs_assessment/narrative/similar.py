"""Sentences on whether more or less is recorded than in other authorities: all of the nation, and those most alike."""

from __future__ import annotations

import pandas as pd

from needs_assessment.area_view import AreaView
from needs_assessment.narrative.phrases import EPISODES, VERDICT_PHRASES, rate_alone
from needs_assessment.vocabulary import ExploitationType, Verdict

USUAL_PHRASES = {
    Verdict.LOWER: "further below it than authorities usually are",
    Verdict.SIMILAR: "no further from it than authorities usually are",
    Verdict.HIGHER: "further above it than authorities usually are",
}
EXPECTED_PHRASES = {
    Verdict.LOWER: "Recorded lower than expected: ask whether identification is low.",
    Verdict.SIMILAR: "That is within the limits of what was expected.",
    Verdict.HIGHER: "Recorded higher than expected: ask what is noticed here that others may miss, and what differs.",
}
"""What a figure is beside what would be recorded at its neighbours' rate."""


def comparison_sentence(row: pd.Series, comparator: str) -> str:
    """The verdict of a row against the comparator as a sentence."""
    beside = "" if pd.isna(row["comparator_value"]) else f" ({row['comparator_value']:.1f})"
    if row["verdict"] == Verdict.CANNOT_TELL:
        return f"Whether that is more or less than {comparator}{beside} cannot be told: {row['reason']}."
    word = Verdict(row["verdict"])
    return f"That is {VERDICT_PHRASES[word]} the rate recorded in {comparator}{beside}: {USUAL_PHRASES[word]}."


def beside_comparator_sentence(view: AreaView, harm: ExploitationType) -> str:
    """The latest rate of a harm and the verdict against the comparator, with the range in which authorities lie."""
    row = view.latest(EPISODES, harm)
    if row is None or pd.isna(row["value"]):
        return f"{harm}: no rate for the latest year."
    said = f"{harm}: {row['value']:.1f} per 10,000 children. {comparison_sentence(row, view.comparator)}"
    return f"{said} {usual_range_sentence(view, harm)}".strip()


def usual_range_sentence(view: AreaView, harm: ExploitationType) -> str:
    """Between which rates authorities of this size usually lie; empty where that is not known."""
    row = view.latest(EPISODES, harm)
    if row is None or pd.isna(row["limit_lower"]):
        return ""
    return (
        f"Authorities with as many children usually lie between {row['limit_lower']:.1f} and {row['limit_upper']:.1f}."
    )


def neighbours_sentence(view: AreaView, harm: ExploitationType) -> str:
    """What the area would have recorded at its statistical neighbours' rate, beside what it did record."""
    row = view.beside_neighbours(EPISODES, harm)
    if row is None:
        return f"{harm} is not compared with statistical neighbours: none with enough figures were supplied."
    said = f"At the rate of its statistical neighbours ({row['neighbours_value']:.1f}), {view.name} would have recorded"
    if pd.isna(row["expected"]):
        return f"The rate of its statistical neighbours is {row['neighbours_value']:.1f}."
    said += f" about {row['expected']:,.0f} (95% limits {row['expected_lower']:,.0f} to {row['expected_upper']:,.0f})"
    if row["verdict"] == Verdict.CANNOT_TELL:
        return f"{said}; whether it recorded more or less cannot be told: {row['reason']}."
    return f"{said} and recorded {row['count']:,.0f}. {EXPECTED_PHRASES[Verdict(row['verdict'])]}"


def beside_neighbours_words(row: pd.Series | None) -> str:
    """The judgement beside the statistical neighbours, as a cell says it."""
    if row is None:
        return "no neighbours supplied"
    if row["verdict"] == Verdict.CANNOT_TELL:
        return f"Cannot tell: {row['reason']}"
    return {
        Verdict.LOWER: "Lower than expected",
        Verdict.SIMILAR: "Similar to expected",
        Verdict.HIGHER: "Higher than expected",
    }[Verdict(row["verdict"])]


def other_basis_sentence(view: AreaView, harm: ExploitationType) -> str:
    """The judgement beside the statistical neighbours, where it is another than against the comparator; else empty."""
    latest, row = view.latest(EPISODES, harm), view.beside_neighbours(EPISODES, harm)
    if latest is None or row is None or row["verdict"] in (latest["verdict"], Verdict.CANNOT_TELL):
        return ""
    return f"Beside authorities in similar circumstances it is {beside_neighbours_words(row).lower()}."


def dispersion_sentence(view: AreaView, harm: ExploitationType) -> str:
    """How many authorities chance alone would single out, how many remain, and why; empty where that is not known."""
    group = view.peer_group(EPISODES, harm)
    if group is None or pd.isna(group["outside_chance"]) or pd.isna(group["outside"]):
        return ""
    return (
        f"By chance alone {group['outside_chance']:.0f} of {group['counted']:.0f} authorities would lie outside the "
        "limits, because authorities differ in what they notice and record as well as in need; allowing for how much "
        f"authorities usually differ, {group['outside']:.0f} do."
    )


def comparison_title(view: AreaView, harm: ExploitationType) -> str:
    """The message of the funnel, in at most ten words."""
    row = view.latest(EPISODES, harm)
    if row is None or pd.isna(row["value"]):
        return f"Recorded {harm}: no rate for the latest year"
    if row["verdict"] == Verdict.CANNOT_TELL:
        return f"Recorded {harm}: cannot be compared with {view.comparator}"
    return f"Recorded {harm} is {VERDICT_PHRASES[Verdict(row['verdict'])]} {view.comparator}"


def funnel_alt(view: AreaView, harm: ExploitationType) -> str:
    """The alternative text of the funnel: the area's rate, the comparator's, and where authorities usually lie."""
    row = view.latest(EPISODES, harm)
    assert row is not None
    rates = {view.name: rate_alone(row["value"], row["missing"]), view.comparator: rate_alone(row["comparator_value"])}
    said = "; ".join(f"{name} {rate}" for name, rate in rates.items())
    return (
        f"Funnel chart of assessments that recorded {harm.label} per 10,000 children, by number of children: {said}. "
        f"{usual_range_sentence(view, harm)}"
    ).strip()
