"""Sentences on recorded exploitation: how much, in which place, and what stands beside the charts."""

from __future__ import annotations

import pandas as pd

from needs_assessment.area_view import AreaView, doubtful_zeros
from needs_assessment.narrative.phrases import (
    EPISODES,
    NOT_SUPPLIED,
    listed,
    missing_words,
    rate_alone,
    rate_words,
    year_words,
)
from needs_assessment.narrative.recording import flag_sentence
from needs_assessment.vocabulary import ExploitationType, RecordingFlag, Verdict, in_words


def level_sentence(view: AreaView, harm: ExploitationType) -> str:
    """How much of a harm is recorded in the latest year."""
    row = view.latest(EPISODES, harm)
    if row is None:
        return f"No figure for {harm.label} was supplied for {view.name}."
    if pd.isna(row["count"]):
        return (
            f"The number of assessments that recorded {harm.label} in {year_words(row)} is not shown: "
            f"{missing_words(row['missing'])}."
        )
    said = f"{row['count']:,} assessments recorded {harm.label} in {year_words(row)}"
    if pd.isna(row["value"]):
        return f"{said}; no rate is shown, because no population was supplied."
    return f"{said}: {rate_words(row)}."


def either_sentence(view: AreaView) -> str:
    """The bounds of the assessments that recorded either harm; empty where a count of one is missing."""
    row = view.either_harm()
    if row is None:
        return ""
    if row["lower"] == row["upper"]:
        return f"Assessments that recorded either: {row['lower']:,.0f}."
    return (
        f"Assessments that recorded either: between {row['lower']:,.0f} and {row['upper']:,.0f}, because one "
        "assessment can record both. The two are never added."
    )


def series_alt(view: AreaView, harm: ExploitationType) -> str:
    """The alternative text of the figure of rates over time: the first, the highest and the latest rate."""
    rated = view.with_neighbours(EPISODES, harm).dropna(subset=["value"])
    if rated.empty:
        return f"Line chart without a line: no rate of {harm.label} is available for {view.name}."
    first, last, top = rated.iloc[0], rated.iloc[-1], rated.loc[rated["value"].idxmax()]
    said = (
        f"Line chart of assessments that recorded {harm.label} per 10,000 children in {view.name}: "
        f"{first['value']:.1f} in {first['period_end'].year}, "
        f"highest {top['value']:.1f} in {top['period_end'].year}, {last['value']:.1f} in {last['period_end'].year}"
    )
    beside = {view.comparator: last["comparator_value"], "its statistical neighbours": last["neighbours_value"]}
    known = [f"{name} {rate_alone(value)}" for name, value in beside.items() if not pd.isna(value)]
    return f"{said}; {listed(known)} in {last['period_end'].year}." if known else f"{said}."


def break_notes(view: AreaView, harm: ExploitationType) -> list[str]:
    """A sentence for each place where the line of a series is broken."""
    return [_break_note(row) for _, row in view.breaks(EPISODES, harm).iterrows()]


def _break_note(row: pd.Series) -> str:
    if row["flag"] == RecordingFlag.KNOWN_BREAK:
        return f"Recording break at {in_words(row['changed_on'].date())}. {row['description']}"
    return f"No line is drawn into {year_words(row)}: {flag_sentence(row)}"


def data_warning(view: AreaView) -> str:
    """The gravest weakness of the figures, in one sentence; empty where none is known."""
    broken = {harm: set(view.breaks(EPISODES, harm)["flag"]) for harm in ExploitationType}
    changed = [
        harm for harm, flags in broken.items() if flags & {RecordingFlag.KNOWN_BREAK, RecordingFlag.OFFSETTING_MOVE}
    ]
    if changed:
        return (
            f"Recording of {' and '.join(changed)} in {view.name} changed in these years, so rises and falls may be "
            "changes of recording, not of need."
        )
    jumped = [harm for harm, flags in broken.items() if flags]
    if jumped:
        return (
            f"Recorded {' and '.join(jumped)} in {view.name} moved by more in a year than authorities usually do: ask "
            "whether recording changed."
        )
    missing = view.series(EPISODES, ExploitationType.CSE)["missing"].dropna()
    return "" if missing.empty else f"Some years are not shown: {missing_words(missing.iloc[-1])}."


def doubt_notes(view: AreaView, harm: ExploitationType) -> list[str]:
    """What a hollow mark on the chart means, where there is one."""
    doubtful = doubtful_zeros(view.series(EPISODES, harm))
    return [f"The hollow mark in {row.period_end.year}: {row.reason}." for row in doubtful.itertuples()]


def opening_sentence(view: AreaView) -> str:
    """What the report covers, and to when."""
    latest = view.latest(EPISODES, ExploitationType.CSE)
    until = "" if latest is None else f" Figures run to {in_words(latest['period_end'].date())}."
    return (
        f"How much child exploitation is recorded in {view.name}, how that compares, how risk levels move, and "
        f"which services there are.{until}"
    )


def population_sentence(view: AreaView) -> str:
    """How many children live in the area, in which police force area and region."""
    latest = view.latest(EPISODES, ExploitationType.CSE)
    around = {"police force area of": view.area["police_force_area_name"], "region": view.area["region_name"]}
    known = [f"in the {kind} {name}" for kind, name in around.items() if not pd.isna(name)]
    place = f"{view.name} lies {', '.join(known) or 'in a police force area that is not stated'}."
    if latest is None:
        return place
    if pd.isna(latest["denominator"]):
        return f"{place} No population was supplied."
    return f"{latest['denominator']:,.0f} children aged 0 to 17 live in {view.name}. {place}"


def map_alt(view: AreaView, harm: ExploitationType, *, named: bool = True) -> str:
    """The alternative text of the map: of what kind it is, how many of its areas are of each verdict and, where
    `named`, this area's own.
    """
    latest = view.latest(EPISODES, harm)
    assert latest is not None
    words = view.mapped(EPISODES, harm, latest["period_end"])["verdict"].fillna(NOT_SUPPLIED)
    classes = [*Verdict, NOT_SUPPLIED]
    counted = [f"{(words == name).sum()} {name.lower()}" for name in classes if (words == name).any()]
    kind = "Boundary map" if view.has_boundaries else "Tile map"
    own = f" {view.name}: {str(latest['verdict']).lower()}." if named else ""
    many = "1 area" if len(words) == 1 else f"{len(words)} areas"
    return f"{kind} of {many} by recorded {harm} against {view.comparator}: {listed(counted)}.{own}"


def factors_alt(view: AreaView, rows: pd.DataFrame) -> str:
    """The alternative text of the figure of related factors: each rate beside the comparator's."""
    each = [
        f"{row.indicator.lower()} {rate_alone(row.value, row.missing)} against {rate_alone(row.comparator_value)}"
        for row in rows.itertuples()
    ]
    return f"Rates per 10,000 children in {view.name} against {view.comparator}: {listed(each)}."
