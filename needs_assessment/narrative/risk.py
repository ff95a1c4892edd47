"""Sentences on risk levels: the change between snapshots, and what cannot be computed."""

from __future__ import annotations

import pandas as pd

from needs_assessment.area_view import AreaView
from needs_assessment.narrative.phrases import no_ratio_because
from needs_assessment.vocabulary import ALL_RESIDENCES, PERCENTAGE_FLOOR
from needs_assessment.wording import NO_BASELINE


def risk_sentences(view: AreaView) -> list[str]:
    """The change at each risk level between the published snapshots, over all residences."""
    return [_risk_sentence(view, row) for _, row in view.overall_changes().iterrows()]


def _risk_sentence(view: AreaView, row: pd.Series) -> str:
    months = f"{row['as_at_before']:%B %Y} to {row['as_at_after']:%B %Y}"
    said = (
        f"{_units(row).capitalize()} assessed at {row['risk_level']} risk of {row['exploitation_type']} in "
        f"{view.area_name(row['area_code'])}, {months}"
    )
    if pd.isna(row["before"]) or pd.isna(row["after"]):
        return f"{said}: {row['reason']}."
    if no_ratio_because(row):
        return f"{said}: {row['before']} to {row['after']}; no ratio is given, because {no_ratio_because(row)}."
    percentage = "" if pd.isna(row["percentage"]) else f", {row['percentage']:+.0f}%"
    return (
        f"{said}: {row['before']} to {row['after']}{percentage}, {row['rate_ratio']:.2f} times as many (95% limits "
        f"{row['lower']:.2f} to {row['upper']:.2f})."
    )


def _units(row: pd.Series) -> str:
    return {"victim": "victims", "child": "children"}.get(row["unit"], "cases")


def no_local_change_sentence(view: AreaView) -> str:
    """That a change by local authority cannot be computed, where no earlier split exists; empty where it can."""
    changes = view.here("risk_change")
    lacking = changes[
        changes["residence"].ne(ALL_RESIDENCES) & changes["reason"].eq(NO_BASELINE).fillna(False).astype(bool)
    ]
    if lacking.empty:
        return ""
    return (
        f"A change for {view.name} alone cannot be computed: the split by residence was published for "
        f"{lacking['as_at_after'].max():%B %Y} only, so there is no baseline to compare with."
    )


def out_of_area_sentence(view: AreaView) -> str:
    """How many of those at risk are out of force, with the interval; empty where no split was published."""
    shares = view.here("risk_out_of_area")
    if shares.empty:
        return ""
    row = shares.iloc[-1]
    share = f" ({row['share']:.0%}; 95% limits {row['lower']:.0%} to {row['upper']:.0%})"
    return (
        f"{row['outside']} of the {row['total']} {_units(row)} are recorded as out of force"
        f"{share if row['total'] >= PERCENTAGE_FLOOR else ''}; services for residents alone do not reach them."
    )


def risk_title(view: AreaView) -> str:
    """The message of the figure of risk levels: which way the numbers went."""
    overall = view.overall_changes().dropna(subset=["rate_ratio"])
    if (overall["lower"] > 1).all():
        return "More assessed at every published risk level"
    if (overall["upper"] < 1).all():
        return "Fewer assessed at every published risk level"
    return "Change in the number assessed at each risk level"


def risk_notes(view: AreaView) -> list[str]:
    """What must be known of the risk figures: how recording changed, and that a level is a judgement."""
    breaks = view.here("breaks")
    recorded = breaks.loc[breaks["measure"].eq("risk_snapshots"), "description"].tolist()
    return [
        *recorded,
        "A risk level is a judgement whose threshold can move: more or fewer at a level does not by itself mean that "
        "children are less safe or safer.",
    ]
