"""Sentences on how far the figures can be relied on: flags of the recording-break screen, revisions, sums of withheld
counts.
"""

from __future__ import annotations

import pandas as pd

from needs_assessment.area_view import AreaView
from needs_assessment.narrative.phrases import in_place_of_number, listed
from needs_assessment.vocabulary import ExploitationType, Measure, MissingCode, RecordingFlag, in_words

FLAG_LABELS = {
    RecordingFlag.IMPLAUSIBLE_ZERO: "a zero that is hard to believe",
    RecordingFlag.NEVER_RECORDED: "zero in every year",
    RecordingFlag.EQUAL_SERIES: "two figures that are the same",
    RecordingFlag.OFFSETTING_MOVE: "one figure falls as another rises",
    RecordingFlag.JUMP: "a jump",
    RecordingFlag.KNOWN_BREAK: "a known change of recording",
}


def subject(row: pd.Series) -> str:
    """What a row of the measure table counts, in a word or two: `CSE`, `going missing`."""
    if not pd.isna(row["exploitation_type"]):
        return str(row["exploitation_type"])
    measure = row["measure"]
    return Measure(measure).factor.lower() if measure in set(Measure) else str(measure).replace("_", " ")


def flag_sentence(row: pd.Series) -> str:
    """What a flag says, in one sentence; a flag is a question to whoever recorded the figures, not a finding."""
    return _FLAG_SENTENCES[RecordingFlag(row["flag"])](row)


def _zero(row: pd.Series) -> str:
    return (
        f"{subject(row)} is published as 0, where about {row['expected']:,.0f} would be expected at the comparator's "
        "rate: more likely not recorded than not there."
    )


def _never(row: pd.Series) -> str:
    return (
        f"{subject(row)} is published as 0 in every year shown: that can be chance in a small place, or mean that it "
        "is not recorded at all."
    )


def _equal(row: pd.Series) -> str:
    return (
        f"CSE and CCE are both published as {row['count']:,.0f}: one record may have been counted twice, so the two "
        "cannot be read apart."
    )


def _offsetting(row: pd.Series) -> str:
    other = next(str(harm) for harm in ExploitationType if harm != row["exploitation_type"])
    return (
        f"{subject(row)} went from {row['before']:,.0f} to {row['count']:,.0f} while {other} went from "
        f"{row['sibling_before']:,.0f} to {row['sibling']:,.0f}: what was recorded as one may now be recorded as the "
        "other."
    )


def _jump(row: pd.Series) -> str:
    return (
        f"{subject(row)} went from {row['before']:,.0f} to {row['count']:,.0f} in a year, more than authorities "
        "usually move: ask whether recording changed."
    )


def _known(row: pd.Series) -> str:
    return str(row["description"])


_FLAG_SENTENCES = {
    RecordingFlag.IMPLAUSIBLE_ZERO: _zero,
    RecordingFlag.NEVER_RECORDED: _never,
    RecordingFlag.EQUAL_SERIES: _equal,
    RecordingFlag.OFFSETTING_MOVE: _offsetting,
    RecordingFlag.JUMP: _jump,
    RecordingFlag.KNOWN_BREAK: _known,
}


def flags_sentence(view: AreaView) -> str:
    """How many figures of this area are flagged, and that a flag is a question."""
    flags = view.flags()
    if flags.empty:
        return (
            f"No figure of {view.name} was flagged by the screen for changes of recording. The screen cannot see a "
            "change that is small or slow."
        )
    cells = flags.drop_duplicates(["measure", "exploitation_type", "period_end"])
    figures = f"{len(cells)} figure{'s' if len(cells) > 1 else ''}"
    return (
        f"{figures} of {view.name} may not be what {'they seem' if len(cells) > 1 else 'it seems'}. Each is a question "
        "to whoever recorded it, not a finding."
    )


def force_total_words(row: pd.Series) -> str:
    """A sum with its interval where counts are withheld: `130`, `131 to 143`, `131 or more`; the symbol where all parts
    are missing for one reason.
    """
    reason = next((code for code in MissingCode if row[code.name.lower()] == row["cells"]), None)
    if reason and reason != MissingCode.SUPPRESSED:
        return in_place_of_number(reason)
    if pd.isna(row["upper"]):
        return f"{row['lower']:,.0f} or more"
    if row["lower"] == row["upper"]:
        return f"{row['lower']:,.0f}"
    return f"{row['lower']:,.0f} to {row['upper']:,.0f}"


def reasons_shown(totals: pd.DataFrame) -> pd.Series:
    """The reasons for which counts behind the sums are missing, as symbols."""
    return pd.Series([code.value for code in MissingCode if totals[code.name.lower()].gt(0).any()], dtype="string")


def revisions_sentence(view: AreaView) -> str:
    """What a later edition of a publication changed for this area; that one edition was supplied, where no two were."""
    if not view.editions_compared:
        return "One edition of each publication was supplied, so what was revised cannot be shown."
    own = view.revisions()
    if own.empty:
        return f"No figure of {view.name} in this report was revised between the editions supplied."
    ends = listed([in_words(day.date()) for day in sorted(own["period_end"].unique())])
    figures = f"{len(own)} figure{'s' if len(own) > 1 else ''}"
    return (
        f"{figures} of {view.name} {'were' if len(own) > 1 else 'was'} revised between editions, for periods to {ends}."
    )
