"""The phrases that every sentence is made of: rates, years, symbols, verdicts."""

from __future__ import annotations

import pandas as pd

from needs_assessment.vocabulary import Measure, MissingCode, Verdict, in_words

VERDICT_PHRASES = {
    Verdict.LOWER: "lower than",
    Verdict.SIMILAR: "similar to",
    Verdict.HIGHER: "higher than",
}
NOT_SUPPLIED = "not supplied"
EPISODES = Measure.ASSESSMENT_EPISODES


MEASURE_WORDS = {
    "social_care_referrals": "Referrals to children's social care",
    "social_care_repeat_referrals": "of these, within a year of another",
    "social_care_referrals_no_further_action": "of these, no further action",
    "social_care_referrals_not_in_need": "of these, assessed as not in need",
    "children_referred_to_social_care": "Children referred to social care",
    "children_referred_again_to_social_care": "of these, referred again within a year",
    "nrm_referrals_children": "Referred by the police alone as exploited in childhood (National Referral Mechanism)",
    "nrm_referrals_children_one_kind": "of these, one kind of exploitation",
    "nrm_referrals_children_sexual_and_criminal": "of these, sexual and criminal exploitation",
    "nrm_referrals_children_criminal_and_other": "of these, criminal and another kind",
    "nrm_referrals_children_sexual_and_other": "of these, sexual and another kind",
    "nrm_referrals_children_other_kinds": "of these, other kinds",
    "nrm_referrals_children_kind_unknown": "of these, kind not known",
    "census_any_factor_episodes": "The authority's own census return: assessment episodes with any factor",
    "census_assessment_factor_episodes": "of these, with exploitation",
    "census_assessment_factor_episodes_both": "of these, with both sexual and criminal exploitation",
    "census_trafficking_factor_episodes": "of these, with trafficking",
    "census_gangs_factor_episodes": "of these, with gangs",
    "census_going_missing_factor_episodes": "of these, with going missing",
    "children_with_any_factor": "The authority's own census return: children with any factor",
    "children_with_factor": "of these, with exploitation",
    "children_with_both_factors": "of these, with both sexual and criminal exploitation",
    "children_with_trafficking_factor": "of these, with trafficking",
    "children_with_gangs_factor": "of these, with gangs",
    "children_with_going_missing_factor": "of these, with going missing",
    "offences_abuse_through_sexual_exploitation": "Police: abuse of children through sexual exploitation (code 71)",
    "offences_sexual_grooming": "Police: sexual grooming (code 88A)",
    "offences_trafficking_for_sexual_exploitation": "Police: trafficking for sexual exploitation, all ages (code 72)",
    "offences_modern_slavery": "Police: modern slavery, all ages (code 106)",
}
"""How a table names a count of another publisher; `of these` continues the row above it."""


def measure_words(measure: str, harm: object) -> str:
    """What a row counts, as a cell says it: the harm in brackets, where the count is of one."""
    words = MEASURE_WORDS.get(measure) or sentence_case(measure.replace("_", " "))
    return words if pd.isna(harm) else f"{words} ({harm})"


def rate_words(row: pd.Series) -> str:
    """A rate with its limits: `7.0 per 10,000 children (95% limits 4.5 to 10.4)`."""
    return f"{row['value']:.1f} per 10,000 children (95% limits {row['lower']:.1f} to {row['upper']:.1f})"


def in_place_of_number(symbol: object) -> str:
    """What stands where there is no number: its symbol in brackets, or that nothing was supplied."""
    return NOT_SUPPLIED if pd.isna(symbol) else f"[{symbol}]"


def sentence_case(words: str) -> str:
    """The words with a capital first letter, the others as they are."""
    return words[:1].upper() + words[1:]


def rate_alone(value: object, symbol: object = pd.NA) -> str:
    """A rate without its limits, or what stands in its place: `7.0`, `[c]`, `not supplied`."""
    return in_place_of_number(symbol) if pd.isna(value) else f"{value:.1f}"


def year_words(row: pd.Series) -> str:
    """The period of a row as a phrase, such as `the year ending 31 March 2025`."""
    start, end = row["period_start"].date(), row["period_end"].date()
    if (end - start).days in (364, 365):
        return f"the year ending {in_words(end)}"
    if start.day == 1 and (row["period_end"] + pd.Timedelta(days=1)).day == 1:
        return f"{start:%B} to {end:%B %Y}" if start.year == end.year else f"{start:%B %Y} to {end:%B %Y}"
    return in_words(start) if start == end else f"{in_words(start)} to {in_words(end)}"


def missing_words(symbol: str) -> str:
    """What a symbol in place of a number means."""
    return MissingCode(symbol).meaning


def verdict_words(row: pd.Series, comparator: str) -> str:
    """The comparison of a row in words, with its reason where none can be made."""
    if row["verdict"] == Verdict.CANNOT_TELL:
        return f"Cannot tell: {row['reason']}"
    return f"{sentence_case(VERDICT_PHRASES[Verdict(row['verdict'])])} {comparator}"


def symbol_notes(symbols: pd.Series) -> list[str]:
    """What each symbol shown in a table means, to be read before the table."""
    shown = [symbol for symbol in MissingCode if symbol in set(symbols.dropna())]
    return [f"[{symbol}] {missing_words(symbol)}." for symbol in shown]


def no_ratio_because(change: pd.Series) -> str:
    """Why a row of the table of changes has no ratio that can be written; empty where it has one."""
    if not pd.isna(change["reason"]):
        return str(change["reason"])
    return "" if change["before"] else "the earlier count is 0"


def listed(words: list[str]) -> str:
    """The words as a list in a sentence: `one, two and three`."""
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))
