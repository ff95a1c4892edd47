"""Sentences of the quarterly commissioning overview: what was returned, what changed by more than chance, what is
missing. No provider is set against another.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from needs_assessment.area_view import AreaView
from needs_assessment.components import KeyMessage
from needs_assessment.narrative.phrases import listed, sentence_case
from needs_assessment.vocabulary import Unit, in_words
from needs_assessment.wording import OVERVIEW_MEASURES

EXPLOITATION, SAID, OTHERS, AWARDS, CHANGES = (
    "table-overview-exploitation",
    "table-overview-said",
    "table-overview-others",
    "table-overview-awards",
    "figure-overview-changes",
)
"""The anchors of the page's tables and of its figure."""
BEFORE = {"quarter": "the quarter before", "year": "a year before"}
ASKED = (
    *("new_referrals", "children_in_support", "years_in_service", "children_waiting", "weeks_waiting"),
    *("vacancies", "whole_time_equivalent_staff"),
)
"""What shows, returned together, whether a service has room for those who are referred to it."""
WITHIN = "within chance"
MOST_WITHIN = 3
"""How many counts that changed within chance a key message names."""
SAID_FIRST = 2
"""How many counts of a service a key message states."""


def quarter_words(quarter: pd.Period) -> str:
    """The quarter as a phrase: `July to September 2022`."""
    return f"{quarter.start_time:%B} to {quarter.end_time:%B %Y}"


def measure_words(measure: str) -> str:
    """A measure as a cell names it: `children in support`."""
    return OVERVIEW_MEASURES.get(measure, measure.replace("_", " "))


def whose(row: pd.Series) -> str:
    """The service of a row, with the authority where the figure is of one: `Branch in Shropshire`."""
    return str(row["service_name"]) + ("" if pd.isna(row["authority"]) else f" in {row['authority']}")


def figure_words(value: object, unit: str) -> str:
    """A figure in its unit: `3,834`, `95.83%`, `£21,000`."""
    written = f"{value:,.0f}" if float(value).is_integer() else f"{value:,.10g}"  # type: ignore[arg-type]
    if unit == Unit.PER_CENT:
        return f"{written}%"
    return f"£{written}" if unit == Unit.POUND else written


def subtitle_words(view: AreaView, quarter: pd.Period, rows: pd.DataFrame) -> str:
    """Where, when, and whether the quarter is one of school holidays."""
    holiday = " (with the school summer holidays)" if rows["holiday_quarter"].any() else ""
    return f"{view.name}, {quarter_words(quarter)}{holiday}, as providers reported it"


def opening_sentence(view: AreaView, quarter: pd.Period) -> str:
    """What the page is, of which quarter, and whether it is one of school holidays."""
    rows = view.quarter_returns(quarter)
    holiday = rows[rows["holiday_quarter"].astype(bool)]
    season = "" if holiday.empty else f" {holiday_sentence(holiday['school_share'].iloc[0])}"
    return (
        f"For commissioners in {view.name}: what providers returned for {quarter_words(quarter)}, what stands beside "
        f"it, and what is missing.{season}"
    )


def holiday_sentence(share: float) -> str:
    """That the quarter is one of school holidays, and what that does to referrals."""
    return (
        f"It has the school summer holidays: schools were open on {share:.0%} of weekdays (typical terms of England), "
        "when fewer adults see children and refer them. The same quarter a year before is the one to compare with."
    )


def nothing_sentence(view: AreaView, quarter: pd.Period | None) -> str:
    """That there is nothing to show."""
    when = "" if quarter is None else f" for {quarter_words(quarter)}"
    return f"No provider's return was supplied{when} for {view.name} or one of its authorities."


def key_messages(view: AreaView, quarter: pd.Period) -> list[KeyMessage]:
    """At most five messages: what was returned for exploited children, who waits and which posts are empty, what
    changed, the money, and what is missing.
    """
    rows = view.quarter_returns(quarter)
    ours = rows[rows["for_exploitation"]]
    said = [
        (returned_sentence(ours), EXPLOITATION, "Table: services for exploited children"),
        (pressure_sentence(view, quarter, ours), SAID, "Table: what is said of these services"),
        (changes_sentence(rows), CHANGES, "Figure: figures beside those before them"),
        (money_sentence(view.quarter_award_totals(quarter)), AWARDS, "Table: awards of money"),
        (lacking_sentence(ours), "what-is-missing", "Section: what is missing"),
    ]
    words = view.quarter_statements(quarter)["for_exploitation"]
    drawn = {CHANGES: bool(len(compared(rows))), EXPLOITATION: bool(len(ours)), SAID: bool(words.any())}
    return [
        KeyMessage(sentence, *((anchor, link) if drawn.get(anchor, True) else ()))
        for sentence, anchor, link in said
        if sentence
    ]


def returned_sentence(ours: pd.DataFrame) -> str:
    """The first counts of people of each service for exploited children."""
    if ours.empty:
        return "No figure of a service for exploited children was returned."
    people = ours[ours["unit"].isin([Unit.REFERRAL, Unit.CHILD]) & ours["value"].notna()]
    people = people.assign(whose=[whose(row) for _, row in people.iterrows()])
    told = [_first_counts(name, rows) for name, rows in people.groupby("whose", sort=False)]
    return f"Services for exploited children: {'; '.join(told)}." if told else ""


def _first_counts(name: object, rows: pd.DataFrame) -> str:
    counts = [f"{row.value:,.0f} {measure_words(row.measure)}" for row in rows.head(SAID_FIRST).itertuples()]
    return f"{name}, {listed(counts)}"


def pressure_sentence(view: AreaView, quarter: pd.Period, ours: pd.DataFrame) -> str:
    """The posts that services for exploited children report as empty, and whose waiting lists are told in words only;
    empty where there is neither.
    """
    empty = ours[ours["measure"].eq("vacancies") & ours["value"].gt(0)]
    vacancies = [f"{whose(row)} has {_posts(row['value'])}" for _, row in empty.iterrows()]
    said = view.quarter_statements(quarter, ("waiting",))
    said = said[said["for_exploitation"] & said["value"].isna()]
    counted = ours.loc[ours["measure"].eq("children_waiting"), "service_id"]
    untold = [str(name) for name in said.loc[~said["service_id"].isin(counted), "service_name"].unique()]
    waiting = [f"a waiting list at {listed(untold)} is described without its length"] if untold else []
    told = [*vacancies, *waiting]
    return f"{sentence_case(listed(told))}." if told else ""


def _posts(number: float) -> str:
    return f"{number:,.10g} vacant post{'' if number == 1 else 's'}"


def compared(rows: pd.DataFrame) -> pd.DataFrame:
    """The comparisons that have limits, one a row: `whose`, measure, unit, value, before, ratio, ratio_lower,
    ratio_upper, `against` (quarter or year), and what that says of a change in `words`.
    """
    found = []
    for against in BEFORE:
        columns = {f"{against}_before": "before", f"ratio_{against}": "ratio"}
        columns |= {f"ratio_{against}_{end}": f"ratio_{end}" for end in ("lower", "upper")}
        some = rows[rows[f"ratio_{against}_lower"].notna()]
        told = some[["service_name", "authority", "measure", "unit", "value", *columns]].rename(columns=columns)
        found.append(told.assign(against=against))
    both = pd.concat(found, ignore_index=True)
    return both.assign(
        whose=[whose(row) for _, row in both.iterrows()],
        words=[chance_words(row.ratio_lower, row.ratio_upper) for row in both.itertuples()],
    )


def chance_words(lower: float, upper: float) -> str:
    """Whether a ratio with these limits tells of a change: `within chance`, `higher by more than chance`."""
    if lower <= 1 <= upper:
        return WITHIN
    return f"{'higher' if lower > 1 else 'lower'} by more than chance"


def changes_sentence(rows: pd.DataFrame) -> str:
    """Which figures changed by more than chance, and which did not; empty where there is nothing to compare."""
    told = compared(rows)
    clear, others = (told[told["words"].ne(WITHIN) == more] for more in (True, False))
    parts = [f"Changed by more than chance: {_each_changed(clear)}"] if len(clear) else []
    if len(others) > MOST_WITHIN:
        which = "All other" if parts else "All"
        parts.append(f"{which} counts that have one before them are within chance of it")
    elif len(others):
        parts.append(f"Within chance: {_each_changed(others)}")
    return f"{'. '.join(parts)}." if parts else ""


def _each_changed(told: pd.DataFrame) -> str:
    return "; ".join(_changed(row) for row in told.itertuples())


def _changed(row) -> str:  # type: ignore[no-untyped-def]
    now, before = (figure_words(value, row.unit) for value in (row.value, row.before))
    return f"{row.whose}, {measure_words(row.measure)}, {now} after {before} {BEFORE[row.against]}"


def ratio_words(row: pd.Series) -> Iterator[str]:
    """How a figure stands to those before it: the ratio, with limits and what they say where it has limits."""
    for against, words in BEFORE.items():
        ratio, lower, upper = (row[f"ratio_{against}{end}"] for end in ("", "_lower", "_upper"))
        if pd.isna(ratio):
            continue
        limits = "" if pd.isna(lower) else f" (95% limits {lower:.2f} to {upper:.2f}): {chance_words(lower, upper)}"
        yield f"{ratio:.2f} times {words}{limits}"


def money_sentence(totals: pd.DataFrame) -> str:
    """The totals of awards, what is spent of them, and whether the source's own total agrees."""
    return " ".join(f"{sentence_case(row['purpose'])}: {_total_words(row)}." for _, row in totals.iterrows())


def _total_words(row: pd.Series) -> str:
    parts = ["awards not all stated" if pd.isna(row["awarded_gbp"]) else f"£{row['awarded_gbp']:,.0f} awarded in all"]
    if not pd.isna(row["spent_gbp"]):
        share = "" if pd.isna(row["share_spent"]) else f" ({row['share_spent']:.0%})"
        parts.append(f"£{row['spent_gbp']:,.0f}{share} spent so far")
    if row["agrees"] is not pd.NA and not row["agrees"]:
        parts.append(f"the source states a total of £{row['stated_gbp']:,.0f}, which its parts do not make")
    return ", ".join(parts)


def lacking_sentence(ours: pd.DataFrame) -> str:
    """What the figures on exploited children cannot be held against: targets, and figures before them."""
    if ours.empty:
        return ""
    before = [f"{column}{end}" for column in ("quarter_before", "year_before") for end in ("", "_missing")]
    alone = ours[before].isna().all(axis=1)
    said = [
        f"{'none' if blank.all() else 'not every one'} has {what}"
        for blank, what in ((ours["target"].isna(), "a stated target"), (alone, "one before it to be compared with"))
        if blank.any()
    ]
    return f"Of the figures on exploited children, {listed(said)}." if said else ""


def missing_sentences(view: AreaView, quarter: pd.Period) -> list[str]:
    """What is missing, a sentence each: services without a return, figures not returned, without one before, without a
    target; and what is known against the sources.
    """
    rows = view.quarter_returns(quarter)
    ours = rows[rows["for_exploitation"]]
    return [
        *_silent_sentences(view.commissioned_in(quarter)),
        *(_not_stated(name, group) for name, group in ours.groupby("service_name", sort=False)),
        *_lacking_sentences(ours),
        *_source_notes(view, quarter),
    ]


def _silent_sentences(commissioned: pd.DataFrame) -> Iterator[str]:
    """Which services that sources say are commissioned returned no figure; with nothing known of any, that."""
    ours = commissioned[commissioned["for_exploitation"]]
    if ours.empty:
        yield "No source supplied says which services for exploited children were commissioned here in the quarter."
    elif ours["returned"].all():
        yield "Every service for exploited children that a source says was commissioned here returned a figure."
    for kind, chosen in (("Services for exploited children", True), ("Other services", False)):
        silent = commissioned[(commissioned["for_exploitation"] == chosen) & ~commissioned["returned"]]
        if len(silent):
            names = listed([str(name) for name in silent["service_name"]])
            yield f"{kind} that a source says were commissioned here in the quarter, without any figure: {names}."


def _not_stated(name: object, rows: pd.DataFrame) -> str:
    lacking = [measure_words(measure) for measure in ASKED if measure not in set(rows["measure"])]
    return f"Not stated by {name}: {listed(lacking)}." if lacking else f"{name} states every figure asked after."


def _lacking_sentences(ours: pd.DataFrame) -> Iterator[str]:
    """Of which figures on exploited children there is none before, and of which no target."""
    lacks = {
        "No figure of the quarter before was supplied": ours[["quarter_before", "quarter_before_missing"]],
        "No figure of a year before was supplied": ours[["year_before", "year_before_missing"]],
        "No target is stated": ours[["target"]],
    }
    for words, columns in lacks.items():
        blank = columns.isna().all(axis=1)
        if blank.any():
            yield f"{words} for {'any figure on exploited children' if blank.all() else _measures(ours[blank])}."


def _measures(rows: pd.DataFrame) -> str:
    """The measures by service: `Branch (new referrals and children in support)`."""
    return "; ".join(
        f"{name} ({listed([measure_words(measure) for measure in group['measure'].unique()])})"
        for name, group in rows.groupby("service_name", sort=False)
    )


def _source_notes(view: AreaView, quarter: pd.Period) -> Iterator[str]:
    sources = view.release["sources"].set_index("source_id")
    for source_id in view.quarter_sources(quarter):
        note = sources.loc[source_id, "note"]
        if not pd.isna(note):
            yield f"{view.short_citation(source_id)}: {note}"


def basis_words(row: pd.Series) -> str:
    """Of a day or of more than a quarter, when a figure is of: `on 30 September 2022`; blank for a period's own."""
    if row["basis"] == "snapshot":
        return f"on {in_words(row['period_end'].date())}"
    return f"in all since {in_words(row['period_start'].date())}" if row["basis"] == "cumulative" else ""


def changes_alt(told: pd.DataFrame) -> str:
    """The alternative text of the figure: each ratio with its limits."""
    return "Ratios of figures to those before them, with 95% limits. " + " ".join(
        f"{row.whose}, {measure_words(row.measure)}, to {BEFORE[row.against]}: {row.ratio:.2f} "
        f"({row.ratio_lower:.2f} to {row.ratio_upper:.2f}), {row.words}."
        for row in told.itertuples()
    )
