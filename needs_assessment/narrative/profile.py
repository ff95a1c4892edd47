"""Sentences of the problem profile: what is recorded under each heading, of which days, and what was not supplied."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from needs_assessment.area_view import AreaView
from needs_assessment.area_view.profile import OFFENCES, Topic
from needs_assessment.components import KeyMessage
from needs_assessment.narrative.phrases import (
    listed,
    measure_words,
    sentence_case,
    year_words,
)
from needs_assessment.narrative.profile_words import LINKED, NONE_RECORDED, SOME, TIERS, WORDS
from needs_assessment.vocabulary import (
    ExploitationType,
    FundingStatus,
    MissingCode,
    Period,
    in_words,
)


def what_words(row: pd.Series) -> str:
    """What a figure counts, as a cell begins it."""
    return sentence_case(WORDS.get(row["measure"]) or measure_words(row["measure"], pd.NA))


def figures_of(rows: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """The rows of each figure of a source, here and in the force, in the order of the rows."""
    key = ["exploitation_type", "source_id", "measure"]
    return (same for _, same in rows.groupby(key, dropna=False, sort=False))


def counted_words(row: pd.Series) -> str:
    """A count in a sentence: `none recorded`, `14`, `withheld [c]`."""
    if pd.isna(row["count"]):
        return f"{'withheld' if row['missing'] == MissingCode.SUPPRESSED else 'no number'} [{row['missing']}]"
    return f"{row['count']:,}" if row["count"] else "none recorded"


def places(view: AreaView) -> dict[str, str]:
    """The names of this area and of its police force area, by code; a force may have the name of an authority."""
    return {view.area_code: view.name} | ({view.force_code: f"{view.force} force area"} if view.force_stated else {})


def figure_words(view: AreaView, rows: pd.DataFrame) -> str:
    """One figure here and in the force: `victims: withheld [c] in Herefordshire, 6 in West Mercia force area`."""
    # A source can state a figure of one place twice, told apart by a note: each is said.
    said = [
        f"{counted_words(row)} in {name}"
        for code, name in places(view).items()
        for _, row in rows[rows["area_code"].eq(code)].iterrows()
    ]
    words = what_words(rows.iloc[0])
    return f"{words[:1].lower()}{words[1:]}: {', '.join(said)}"


def source_sentences(view: AreaView, rows: pd.DataFrame) -> list[str]:
    """The figures of each source, harm and period in a sentence of their own, CSE before CCE."""
    rows = rows.sort_values("exploitation_type", key=lambda harms: harms.ne(ExploitationType.CSE), kind="stable")
    key = ["exploitation_type", "source_id", "period_start", "period_end"]
    return [_source_sentence(view, same) for _, same in rows.groupby(key, dropna=False, sort=False)]


def _source_sentence(view: AreaView, rows: pd.DataFrame) -> str:
    row = rows.iloc[0]
    harm = "Harm not told apart" if pd.isna(row["exploitation_type"]) else row["exploitation_type"]
    figures = sentence_case("; ".join(figure_words(view, same) for same in figures_of(rows)))
    return (
        f"{view.label_of(rows['source_id'])}{harm}, {year_words(row).removeprefix('the ')}. {figures} "
        f"({view.short_citation(row['source_id'])})."
    )


def topic_sentences(view: AreaView, topic: Topic) -> list[str]:
    """What the sources say under a heading, and which harm was not supplied; nothing where there is no figure."""
    rows = view.profile_rows([topic])
    lacking = [harm for harm in ExploitationType if not rows["exploitation_type"].eq(harm).any()]
    return [*source_sentences(view, rows), *(f"{harm}: not supplied." for harm in lacking)] if len(rows) else []


def rate_sentences(view: AreaView) -> list[str]:
    """The rates of recorded offences here, where a count and the number of children are known."""
    rows = view.profile_counts()
    offences = rows[rows["measure"].eq("police_recorded_offences") & rows["area_code"].eq(view.area_code)]
    return [_rate_sentence(view, row) for _, row in offences.dropna(subset=["value"]).iterrows()]


def _rate_sentence(view: AreaView, row: pd.Series) -> str:
    return (
        f"As a rate ({row['exploitation_type']}): {row['value']:.2f} per 10,000 children a year (95% limits "
        f"{row['lower']:.2f} to {row['upper']:.2f}). The limits allow for chance alone, not for what nobody recorded."
    )


def is_year(row: pd.Series) -> bool:
    """Whether the period of a row is a year, to the day."""
    return str(_period_of(row)).startswith("year ending")


def _period_of(row: pd.Series) -> Period:
    return Period(row["period_start"].date(), row["period_end"].date())


def period_words(row: pd.Series) -> str:
    """The days of a row, and their number where they are no year: `1 March 2024 to 28 March 2025, 393 days`."""
    period = _period_of(row)
    if is_year(row):
        return f"the {period}"
    return f"{in_words(period.start)} to {in_words(period.end)}, {period.days} days"


def period_sentences(view: AreaView) -> list[str]:
    """The days that each source's figures cover, that they are no year where they are none, and what the source itself
    calls them.
    """
    return [_period_sentence(view, row) for _, row in view.profile_periods().iterrows()]


def _period_sentence(view: AreaView, row: pd.Series) -> str:
    said = (
        f"{view.label_of(pd.Series([row['source_id']]))}{view.short_citation(row['source_id'])}: {period_words(row)}."
    )
    if is_year(row):
        return said
    rows = view.profile_contradictions()
    called = rows.loc[rows["topic"].eq("period") & rows["source_a"].eq(row["source_id"]), "says_a"]
    itself = "".join(f" The source itself calls it {words}." for words in called.head(1))
    return f"{said}{itself} It is no year: do not set these counts beside those of a year."


def in_short(view: AreaView, rows: pd.DataFrame) -> tuple[str, str]:
    """`Synthetic: ` or nothing, and what is recorded here under a heading in two or three words: of records that were
    made up only where there are no others.
    """
    real = real_rows(view, rows)
    chosen = real if len(real) else rows
    here = chosen[chosen["area_code"].eq(view.area_code)]
    return view.label_of(chosen["source_id"]), _status(here) if len(here) else "Stated for the force only"


def real_rows(view: AreaView, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows whose source was not made up."""
    return rows[[not view.label_of(pd.Series([source])) for source in rows["source_id"]]]


def _status(here: pd.DataFrame) -> str:
    linked = here["measure"].str.contains(LINKED)
    some = here["count"].gt(0).fillna(False).astype(bool)
    if (some & linked).any() and here.loc[~linked, "count"].eq(0).all():
        return "Contradicts itself"
    if (some & ~linked).any():
        return SOME
    if here["count"].notna().all():
        return NONE_RECORDED
    return "Withheld" if here["missing"].eq(MissingCode.SUPPRESSED).any() else "No number"


def topics_by_word(view: AreaView, harm: ExploitationType) -> dict[tuple[str, str], list[Topic]]:
    """The headings of a harm by what is recorded here, as `in_short` says it; those without a figure are left out."""
    found: dict[tuple[str, str], list[Topic]] = {}
    for topic in Topic:
        rows = view.profile_rows([topic], harm)
        if len(rows):
            found.setdefault(in_short(view, rows), []).append(topic)
    return found


def not_supplied_sentences(view: AreaView) -> list[str]:
    """The headings under which no source states anything, for each harm."""
    return [words for harm in ExploitationType if (words := _not_supplied(view, harm))]


def _not_supplied(view: AreaView, harm: ExploitationType) -> str:
    lacking = [topic for topic in Topic if view.profile_rows([topic], harm).empty]
    if len(lacking) == len(Topic):
        return f"{harm.label.capitalize()} ({harm}): not supplied, under any heading."
    said = listed([topic.lower() for topic in lacking]) if lacking else ""
    return f"{harm.label.capitalize()} ({harm}): not supplied for {said}." if said else ""


def tier_sentences(view: AreaView) -> list[str]:
    """The services for exploited children here by tier, with the harms that they are for."""
    services = view.exploitation_services()
    services = services[services["funding"].ne(FundingStatus.NONE)]
    tiers = {words: services[services["tier"].eq(tier).fillna(False)] for tier, words in TIERS.items()}
    tiers["Tier not stated"] = services[services["tier"].isna()]
    return [
        f"{words}: {listed([_service_words(row) for _, row in rows.iterrows()]) if len(rows) else 'none found'}."
        for words, rows in tiers.items()
        if len(rows) or words in TIERS.values()
    ]


def _service_words(service: pd.Series) -> str:
    harms = str(service["exploitation_types"]).replace("|", " and ")
    lapsed = "" if service["current"] else ", described too long ago to rely on"
    return f"{service['service_name']} ({harms}{lapsed})"


def contradiction_sentences(view: AreaView) -> list[str]:
    """What the sources of the profile contradict: what each says, and what must not be concluded."""
    return [
        f"{sentence_case(row.what)}: {row.says_a} ({view.short_citation(row.source_a)}), but {row.says_b} "
        f"({'the same source' if row.source_a == row.source_b else view.short_citation(row.source_b)}). "
        f"{row.consequence}"
        for row in view.profile_contradictions().itertuples()
    ]


def opening_sentence(view: AreaView) -> str:
    """What the page is about."""
    beside = f", beside {view.force} police force area" if view.force_stated else ""
    return (
        f"What the sources supplied say of recorded offences of child sexual and criminal exploitation in {view.name}"
        f"{beside}, under the headings of the national problem profile."
    )


def key_messages(view: AreaView) -> list[KeyMessage]:
    """At most five messages: scale, period, what is recorded and what is not, contradictions, what was not supplied."""
    if view.profile_rows().empty:
        sentence = f"No figure of a problem profile was supplied for {view.name} or its police force area."
        return [KeyMessage(sentence, "what-is-not-supplied", "Section: what is not supplied")]
    messages = [_scale_message(view), _period_message(view), _findings_message(view), _contradictions_message(view)]
    lacking = " ".join(not_supplied_sentences(view))
    last = KeyMessage(lacking, "what-is-not-supplied", "Section: what is not supplied") if lacking else None
    return [message for message in (*messages, last) if message is not None]


def _scale_message(view: AreaView) -> KeyMessage | None:
    """The offences recorded, of real sources where there are any."""
    rows = view.profile_rows([Topic.SCALE])
    rows = rows[rows["measure"].isin(["police_recorded_offences", OFFENCES])]
    real = real_rows(view, rows)
    said = source_sentences(view, real if len(real) else rows)
    return KeyMessage(" ".join([*said, "Recorded is not actual."]), "scale", "Section: scale") if said else None


def _period_message(view: AreaView) -> KeyMessage | None:
    odd = [row for _, row in view.profile_periods().iterrows() if not is_year(row)]
    if not odd:
        return None
    days = listed([f"{period_words(row)} ({view.short_citation(row['source_id'])})" for row in odd])
    return KeyMessage(f"Not all figures are of a year: {days}.", "the-period-covered", "Section: the period covered")


def _findings_message(view: AreaView) -> KeyMessage | None:
    """The headings beside the scale, by whether anything is recorded here."""
    said = []
    for harm in ExploitationType:
        topics = {
            key: [topic.lower() for topic in named if topic != Topic.SCALE]
            for key, named in topics_by_word(view, harm).items()
        }
        words = [f"{key[1].lower()} for {listed(named)}" for key, named in topics.items() if named]
        label = next((key[0] for key in topics), "")
        said += [f"{label}{harm} in {view.name}: {'; '.join(words)}."] if words else []
    sentence = " ".join([*said, "None recorded is not none, and low is not reassurance."])
    anchor = "the-profile-in-one-table"
    return KeyMessage(sentence, anchor, "Section: the profile in one table") if said else None


def _contradictions_message(view: AreaView) -> KeyMessage | None:
    rows = view.profile_contradictions()
    if rows.empty:
        return None
    about = "; ".join(dict.fromkeys(f"{what[:1].lower()}{what[1:]}" for what in rows["what"]))
    return KeyMessage(
        f"The sources contradict each other or themselves on: {about}.", "what-contradicts", "Section: what contradicts"
    )


def lines_of_enquiry(view: AreaView) -> list[str]:
    """Questions that the profile puts to the partnership; none of them presumes the answer."""
    words = {word for harm in ExploitationType for _, word in topics_by_word(view, harm)}
    harms = [harm for harm in ExploitationType if len(view.profile_rows(harm=harm))]
    lacking = not_supplied_sentences(view)
    asked = {
        "Where nothing was recorded, was it looked for, by whom and how?": any(
            "None recorded" in word for word in words
        ),
        "Who holds the records that would fill what was not supplied, and may they be counted?": bool(lacking),
        "Which of the figures that contradict each other stands?": not view.profile_contradictions().empty,
        "From which day to which will the next profile run, so that two profiles can be compared?": not all(
            is_year(row) for _, row in view.profile_periods().iterrows()
        ),
        "When will there be a profile of the other harm?": len(harms) == 1,
        "Do the services of each tier match what is recorded here, and what is not?": True,
        "What do children, families and practitioners know that no offence record shows?": True,
    }
    return [question for question, is_asked in asked.items() if is_asked]
