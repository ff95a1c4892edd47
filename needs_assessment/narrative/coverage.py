"""Sentences on need against places: how much need could not be met, what binds, and what rests on what."""

from __future__ import annotations

import pandas as pd

from needs_assessment.area_view import AreaView
from needs_assessment.area_view.coverage import working
from needs_assessment.narrative.coverage_words import (
    amount,
    caseload_words,
    children_words,
    harm_words,
    is_yearly,
    limits_words,
    places_unknown,
    unit_words,
)
from needs_assessment.narrative.phrases import listed
from needs_assessment.vocabulary import CutKind, PlacesBasis, in_words


def gap_sentences(view: AreaView) -> list[str]:
    """For each harm how much of the need here could not be met, and why; or why that is not known."""
    rows = view.need_flow()
    if rows.empty:
        return [f"How much need is recorded beside these services is not known for {view.name}."]
    if _all_unknown(rows):
        return [f"How much of the need could be met is not worked out, for either harm: {_why(rows.iloc[0])}."]
    return [gap_sentence(view, row) for _, row in rows.iterrows()]


def _all_unknown(rows: pd.DataFrame) -> bool:
    """Whether no row was worked out, all for one reason."""
    return bool(rows["gap"].isna().all() and len(rows) > 1 and rows["reason"].nunique(dropna=False) == 1)


def gap_sentence(view: AreaView, row: pd.Series) -> str:
    """How much of the need of a row no allocation of places could meet, and why; or why it is not worked out. Where a
    reported caseload stands for places, the sentence is under that condition.
    """
    harm = harm_words(row)
    if pd.isna(row["gap"]):
        return f"{harm}: how much of the need could be met is not worked out: {_why(row)}."
    return f"{harm}: {_gap_words(view, row)}.{_lacking(row)}"


def condition_words(view: AreaView, row: pd.Series) -> str:
    """The caseloads that stand for places behind the numbers of a row, as a condition; empty where none does."""
    return "" if pd.isna(row["places"]) else caseload_words(view.caseloads_behind(row))


def _gap_words(view: AreaView, row: pd.Series) -> str:
    units = f"{row['need']:,} {unit_words(row)}"
    if not row["gap"]:
        return _without_gap(view, row, units)
    limits = limits_words(row, "gap_lower", "gap_upper")
    if row["no_service"] == row["need"]:
        return f"no commissioned service found takes any of the {units} {limits}{_otherwise(row)}"
    least = f"at least {amount(row['gap'])} of {units} {limits} could not be met by commissioned services"
    if places_unknown(row):
        return f"{least}, because none takes them; the places for the others are not known"
    return f"{_given(view, row)}{least}, even if all places {_where(view, row)}{_because(row)}{_in_proportion(row)}"


def _given(view: AreaView, row: pd.Series) -> str:
    condition = condition_words(view, row)
    return f"{condition}, " if condition else ""


def _otherwise(row: pd.Series) -> str:
    """What services that are not commissioned would take of need that no other takes."""
    if not row["eligible"]:
        return ", and no other service was found"
    return (
        "; services bought one place at a time, or whose funding is not stated, would take up to "
        f"{amount(row['eligible'])}, if they had places"
    )


def _without_gap(view: AreaView, row: pd.Series, units: str) -> str:
    """What is said where some allocation would meet all need: it may be no likely one."""
    if row["services_without_places"]:
        known = "not known" if places_unknown(row) else "not fully known"
        return f"commissioned services would take up to {units}, but how many places they have is {known}"
    given = _given(view, row)
    if not row["gap_proportional"]:
        return f"{given}the known places are enough for all {units}, also if they are shared in proportion to need"
    limits = f" {limits_words(row, 'gap_lower', 'gap_upper')}" if row["gap_upper"] else ""
    return (
        f"{given}whether the {units} could be met depends on who gets the places: none would be left over{limits} if "
        f"all places {_where(view, row)}, and {amount(row['gap_proportional'])} if they were shared in proportion to "
        "need"
    )


def _in_proportion(row: pd.Series) -> str:
    """What would be left over if places followed need, where that is more."""
    if row["gap_proportional"] == row["gap"]:
        return ""
    return f"; {amount(row['gap_proportional'])} if places were shared in proportion to need"


def _where(view: AreaView, row: pd.Series) -> str:
    if row["area_code"] == view.area_code != view.force_code:
        return f"of the services here went to {view.name}"
    return "went where they meet the most need"


def _because(row: pd.Series) -> str:
    reasons = {
        "because no commissioned service takes them": "no_service",
        "because there are too few places": "too_few_places",
    }
    parts = {why: row[column] for why, column in reasons.items() if row[column]}
    if len(parts) == 1:
        return f", {next(iter(parts))}"
    return f": {listed([f'{amount(number)} {why}' for why, number in parts.items()])}"


def _why(row: pd.Series) -> str:
    return "the sources supplied do not say enough" if pd.isna(row["reason"]) else str(row["reason"]).rstrip(".")


def _lacking(row: pd.Series) -> str:
    """That a row lacks the need of some authorities, where it does."""
    return "" if pd.isna(row["reason"]) else f" The need of some authorities is not in this: {_why(row)}."


# Need against places


def force_sentences(view: AreaView) -> list[str]:
    """The gap of the police force area by harm, and in short of both where both are known."""
    rows = view.need_flow(force=True)
    if rows.empty:
        return [f"How need and places meet in the police force area is not known for {view.name}."]
    if _all_unknown(rows):
        return [f"Police force area of {view.force}: not worked out for either harm: {_why(rows.iloc[0])}."]
    harms = rows[rows["exploitation_type"].notna()]
    both = rows[rows["exploitation_type"].isna() & bool(harms["gap"].notna().all() and len(harms) > 1)]
    said = [gap_sentence(view, row) for _, row in harms.iterrows()] + [
        _in_short(view, row) for _, row in both.iterrows()
    ]
    return [f"Police force area of {view.force}, {sentence}" for sentence in said if sentence]


def _in_short(view: AreaView, row: pd.Series) -> str:
    """The gap of both harms together, without what their own sentences have said; empty where there is none."""
    if not row["gap"]:
        return ""
    return (
        f"{harm_words(row)}: {_given(view, row)}at least {amount(row['gap'])} of {row['need']:,} {unit_words(row)} "
        f"{limits_words(row, 'gap_lower', 'gap_upper')} could not be met."
    )


def of_both(view: AreaView) -> tuple[str, str]:
    """Of which harms the numbers of the whole police force area are, and the caseloads that stand for places behind
    them, as a condition.
    """
    rows = view.need_flow(force=True)
    known = rows.loc[rows["gap"].notna(), "exploitation_type"].dropna().to_list()
    whole = rows[rows["exploitation_type"].isna()]
    condition = "" if whole.empty else condition_words(view, whole.iloc[0])
    return ("both harms together" if len(known) > 1 else f"{listed(known)} alone"), condition


def cut_words(view: AreaView, row: pd.Series) -> str:
    """What keeps some need in the police force area from being met, in words."""
    levels = [] if pd.isna(row["risk_levels"]) else row["risk_levels"].split("|")
    who = children_words(row["age_from"], row["age_to"], levels, row["exploitation_types"].split("|"), "children")
    where = listed([view.area_name(code) for code in row["area_codes"].split("|")])
    if row["kind"] == CutKind.NO_SERVICE:
        return f"No commissioned service found in {where} takes {who}"
    ids = row["service_ids"].split("|")
    condition = caseload_words(view.caseloads_of(ids, yearly=is_yearly(row)))
    names = listed([view.service_name(service) for service in ids])
    return f"Too few places{f', {condition}' if condition else ''}: only {names} would take {who} in {where}"


def unknown_places_sentence(row: pd.Series) -> str:
    """How many of the commissioned services that take any of the need have places that nobody states; empty for 0."""
    if pd.isna(row["services_without_places"]) or not row["services_without_places"]:
        return ""
    counted, unknown = row["services_counted"], row["services_without_places"]
    whose = "the commissioned service that takes" if counted == 1 else f"{counted} commissioned services that take"
    some = "" if unknown == counted else f"{unknown} of the "
    return (
        f"{harm_words(row)}: the places of {some}{whose} any of it are not known. A service whose places are not known "
        "is taken to have room for all."
    )


def places_sentences(view: AreaView) -> list[str]:
    """For each harm here how many services have places that nobody states, and where a caseload stands for them."""
    said = [unknown_places_sentence(row) for _, row in view.need_flow().iterrows()]
    places = view.of_services("service_places", working(view.exploitation_services()))
    caseloads = places[places["places_basis"].eq(PlacesBasis.CASELOAD) & places["places"].notna()]
    return [sentence for sentence in said if sentence] + [
        f"No source states the places of {row.service_name}: its caseload of {in_words(row.as_at.date())}, "
        f"{amount(row.places)}, stands for them, which says how many children it had and not how many it could have. "
        "If it had room for more, less need would go unmet."
        for row in caseloads.itertuples()
    ]


def not_worked_out_sentences(rows: pd.DataFrame) -> list[str]:
    """Which changes to which services are not worked out, each with its reason. `rows` are effects with the `words` of
    their change.
    """
    lacking = rows[rows["difference"].isna()].fillna({"reason": "the sources supplied do not say enough"})
    return [
        f"Not worked out for {name}: {'; '.join(_changes(part, str(why)) for why, part in of_service)}."
        for name, of_service in (
            (name, part.groupby("reason", sort=False)) for name, part in lacking.groupby("service_name", sort=False)
        )
    ]


def _changes(rows: pd.DataFrame, reason: str) -> str:
    words = [words[:1].lower() + words[1:] for words in dict.fromkeys(rows["words"])]
    return f"{listed(words)} ({reason})"
