"""The sentences of a report, made from the same figures and verdicts as its tables. Nothing here computes a statistic."""

from __future__ import annotations

import pandas as pd

from needs_assessment.area_view import AreaView
from needs_assessment.components import KeyMessage
from needs_assessment.vocabulary import ExploitationType, FundingStatus, Measure, MissingCode, Verdict, in_words
from needs_assessment.wording import AGES_UNKNOWN_NOTE, NONE_FOUND_NOTE, YOUNG_ADULTS_NOTE

VERDICT_PHRASES = {
    Verdict.LOWER: "lower than",
    Verdict.SIMILAR: "similar to",
    Verdict.HIGHER: "higher than",
}
EPISODES = Measure.ASSESSMENT_EPISODES


def rate_words(row: pd.Series) -> str:
    """A rate with its limits: `7.0 per 10,000 children (95% limits 4.5 to 10.4)`."""
    return f"{row['value']:.1f} per 10,000 children (95% limits {row['lower']:.1f} to {row['upper']:.1f})"


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
    words = VERDICT_PHRASES[Verdict(row["verdict"])]
    return f"{words[:1].upper()}{words[1:]} {comparator}"


def level_sentence(view: AreaView, harm: ExploitationType) -> str:
    """How much of a harm is recorded in the latest year, and how that compares."""
    row = view.latest(EPISODES, harm)
    if row is None:
        return f"No figure for {harm.label} was supplied for {view.name}."
    if pd.isna(row["count"]):
        return f"The number of assessments that recorded {harm.label} in {year_words(row)} is not shown: {missing_words(row['missing'])}."
    said = f"{row['count']:,} assessments recorded {harm.label} in {year_words(row)}"
    if pd.isna(row["value"]):
        return f"{said}; no rate is shown, because no population was supplied."
    return f"{said}: {rate_words(row)}. {comparison_sentence(row, view.comparator)}"


def comparison_sentence(row: pd.Series, comparator: str) -> str:
    """The verdict of a row as a sentence."""
    if row["verdict"] == Verdict.CANNOT_TELL:
        return f"Whether that is more or less than {comparator} ({row['comparator_value']:.1f}) cannot be told: {row['reason']}."
    return f"That is {VERDICT_PHRASES[Verdict(row['verdict'])]} the rate recorded in {comparator} ({row['comparator_value']:.1f})."


def series_title(view: AreaView, harm: ExploitationType) -> str:
    """The message of the figure of rates over time, in about ten words."""
    row = view.latest(EPISODES, harm)
    if row is None or pd.isna(row["value"]):
        return f"Recorded {harm}: no rate for the latest year"
    if row["verdict"] == Verdict.CANNOT_TELL:
        return f"Recorded {harm}: cannot be compared with {view.comparator}"
    return f"Recorded {harm} is {VERDICT_PHRASES[Verdict(row['verdict'])]} {view.comparator}"


def series_alt(view: AreaView, harm: ExploitationType) -> str:
    """The alternative text of the figure of rates over time: the first, the highest and the latest rate."""
    rated = view.series(EPISODES, harm).dropna(subset=["value"])
    if rated.empty:
        return f"Line chart without a line: no rate of {harm.label} is available for {view.name}."
    first, last, top = rated.iloc[0], rated.iloc[-1], rated.loc[rated["value"].idxmax()]
    said = (
        f"Line chart of assessments that recorded {harm.label} per 10,000 children in {view.name}: {first['value']:.1f} in {first['period_end'].year}, "
        f"highest {top['value']:.1f} in {top['period_end'].year}, {last['value']:.1f} in {last['period_end'].year}"
    )
    return f"{said}; {view.comparator} {last['comparator_value']:.1f} in {last['period_end'].year}."


def break_notes(view: AreaView, harm: ExploitationType) -> list[str]:
    """A sentence for each declared recording break of a series."""
    return [
        f"Recording break at {in_words(row.changed_on.date())}. {row.description}"
        for row in view.breaks(EPISODES, harm).itertuples()
    ]


def symbol_notes(symbols: pd.Series) -> list[str]:
    """What each symbol shown in a table means, to be read before the table."""
    shown = [symbol for symbol in MissingCode if symbol in set(symbols.dropna())]
    return [f"[{symbol}] {missing_words(symbol)}." for symbol in shown]


def risk_sentences(view: AreaView) -> list[str]:
    """The change at each risk level between the published snapshots, over all residences."""
    changes = view.here("risk_change")
    return [_risk_sentence(view, row) for _, row in changes[changes["residence"].eq("all")].iterrows()]


def _risk_sentence(view: AreaView, row: pd.Series) -> str:
    months = f"{row['as_at_before']:%B %Y} to {row['as_at_after']:%B %Y}"
    unit = {"victim": "Victims", "child": "Children"}.get(row["unit"], "Cases")
    said = f"{unit} assessed at {row['risk_level']} risk of {row['exploitation_type']} in {view.area_name(row['area_code'])}, {months}"
    if pd.isna(row["rate_ratio"]):
        return f"{said}: {row['reason']}."
    percentage = "" if pd.isna(row["percentage"]) else f", {row['percentage']:+.0f}%"
    return f"{said}: {row['before']} to {row['after']}{percentage}, {row['rate_ratio']:.2f} times as many (95% limits {row['lower']:.2f} to {row['upper']:.2f})."


def no_local_change_sentence(view: AreaView) -> str:
    """That a change by local authority cannot be computed, where no earlier split exists; empty where it can."""
    changes = view.here("risk_change")
    lacking = changes[changes["residence"].ne("all") & changes["before"].isna()]
    if lacking.empty:
        return ""
    return (
        f"A change for {view.name} alone cannot be computed: the split by residence was published for "
        f"{lacking['as_at_after'].max():%B %Y} only, so there is no baseline to compare with."
    )


def out_of_area_sentence(view: AreaView) -> str:
    """How many of the children at risk live outside the force, with the interval; empty where no split was published."""
    shares = view.here("risk_out_of_area")
    if shares.empty:
        return ""
    row = shares.iloc[-1]
    return (
        f"{row['outside']} of the {row['total']} children are recorded as out of force ({row['share']:.0%}; 95% limits "
        f"{row['lower']:.0%} to {row['upper']:.0%}); services for residents alone do not reach them."
    )


def coverage_sentence(view: AreaView, harm: ExploitationType) -> str:
    """Which ages under 18 have a service for a harm, how firmly funded, and which have none in the evidence."""
    matrix = view.coverage(harm)
    if matrix.empty:
        return f"No service was supplied for {view.name}, so coverage of {harm} cannot be described."
    bands = matrix[matrix["age_to"] < 18].drop_duplicates("age_from")
    words = bands.assign(words=[_band_words(view.covering(harm), youngest) for youngest in bands["age_from"]])
    run = words["words"].ne(words["words"].shift()).cumsum()
    parts = [
        f"ages {cells['age_from'].min()} to {cells['age_to'].max()}: {cells['words'].iloc[0]}"
        for _, cells in words.groupby(run)
    ]
    return f"{harm}: {'; '.join(parts)}."


FUNDING_PHRASES = {
    FundingStatus.COMMISSIONED: "commissioned",
    FundingStatus.SERVICE_LEVEL_AGREEMENT: "under a service level agreement",
    FundingStatus.SPOT_PURCHASE: "spot purchase, one place at a time",
    FundingStatus.NOT_STATED: "in place, funding not stated",
    FundingStatus.NONE: "none found",
}


def _band_words(covering: pd.DataFrame, youngest: int) -> str:
    """The firmest funding for an age band; services whose ages nobody states count only where no other does."""
    band = covering[covering["age_from"] == youngest]
    stated = band[band["ages"] != "ages not stated"]
    chosen = stated if len(stated) else band
    firmest = next((status for status in FundingStatus if status in set(chosen["funding"])), FundingStatus.NONE)
    return FUNDING_PHRASES[firmest] + (", ages not stated" if len(band) and stated.empty else "")


def coverage_age_sentence(view: AreaView) -> str:
    """How old the description of services is beside the latest figures; empty where it is recent."""
    on, latest = view.coverage_on(), view.latest(EPISODES, ExploitationType.CSE)
    if on is None or latest is None:
        return ""
    years = (latest["period_end"] - on).days // 365
    return (
        f"That description is {years} years older than the latest figures: check it before relying on it."
        if years >= 2
        else ""
    )


def _and(words: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def caseload_check_sentence(view: AreaView, row: pd.Series) -> str:
    """What Little's law says of a provider's reported caseload, referrals and time in service."""
    service = view.release["services"].set_index("service_id").loc[row["service_id"], "service_name"]
    agrees = "does not contradict" if row["agrees"] else "does not fit"
    return (
        f"{service}: {row['caseload']} children in support and {row['referrals']} new referrals in the quarter imply about "
        f"{row['years_implied']:.2f} years in service (95% limits {row['lower']:.2f} to {row['upper']:.2f}), if as many leave as arrive. "
        f"That {agrees} the reported time of about {row['years_stated']:.0f} year."
    )


def data_warning(view: AreaView) -> str:
    """The gravest weakness of the latest figures, in one sentence; empty where none is known."""
    broken = [harm for harm in ExploitationType if len(view.breaks(EPISODES, harm))]
    if broken:
        return f"Recording of {' and '.join(broken)} in {view.name} changed in these years, so rises and falls may be changes of recording, not of need."
    missing = view.series(EPISODES, ExploitationType.CSE)["missing"].dropna()
    return "" if missing.empty else f"Some years are not shown: {missing_words(missing.iloc[-1])}."


def opening_sentence(view: AreaView) -> str:
    """What the report covers, and to when."""
    latest = view.latest(EPISODES, ExploitationType.CSE)
    until = "" if latest is None else f" Figures run to {in_words(latest['period_end'].date())}."
    return f"How much child exploitation is recorded in {view.name}, how that compares, how risk levels move, and which services there are.{until}"


def population_sentence(view: AreaView) -> str:
    """How many children live in the area, in which police force area and region."""
    latest = view.latest(EPISODES, ExploitationType.CSE)
    place = f"{view.name} lies in the police force area of {view.force}, in the region {view.area['region_name']}."
    if latest is None or pd.isna(latest["denominator"]):
        return f"{place} No population was supplied."
    return f"{latest['denominator']:,.0f} children aged 0 to 17 live in {view.name}. {place}"


def map_alt(view: AreaView, harm: ExploitationType, *, named: bool = True) -> str:
    """The alternative text of the tile map: how many areas are of each verdict and, where `named`, this area's own."""
    latest = view.latest(EPISODES, harm)
    assert latest is not None
    words = view.same_measure(EPISODES, harm, latest["period_end"])["verdict"].fillna(str(Verdict.CANNOT_TELL))
    counted = _and([f"{(words == verdict).sum()} {verdict.lower()}" for verdict in Verdict if (words == verdict).any()])
    own = f" {view.name}: {str(latest['verdict']).lower()}." if named else ""
    return f"Tile map of {len(words)} areas by recorded {harm} against {view.comparator}: {counted}.{own}"


def risk_title(view: AreaView) -> str:
    """The message of the figure of risk levels: which way the numbers went."""
    changes = view.here("risk_change")
    overall = changes[changes["residence"].eq("all") & changes["rate_ratio"].notna()]
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
        "A risk level is a judgement whose threshold can move: more or fewer at a level is not by itself worse or better.",
    ]


def factors_alt(view: AreaView, rows: pd.DataFrame) -> str:
    """The alternative text of the figure of related factors: each rate beside the comparator's."""
    each = [
        f"{row.indicator.lower()} {f'[{row.missing}]' if pd.isna(row.value) else f'{row.value:.1f}'} against {row.comparator_value:.1f}"
        for row in rows.itertuples()
    ]
    return f"Rates per 10,000 children in {view.name} against {view.comparator}: {_and(each)}."


def coverage_notes(view: AreaView) -> list[str]:
    """What must be known of the coverage matrix: what none found means, and services described too long ago."""
    services = view.exploitation_services()
    lapsed = services.loc[~services["current"].astype(bool) & services["funding"].ne(FundingStatus.NONE)]
    notes = [NONE_FOUND_NOTE, YOUNG_ADULTS_NOTE]
    if services[["age_from", "age_to"]].isna().all(axis=1).any():
        notes.append(AGES_UNKNOWN_NOTE)
    notes += [
        f"{row.service_name} is left out: it was last described on {in_words(row.stated_on.date())}."
        for row in lapsed.itertuples()
    ]
    excluded = services[services["funding"].eq(FundingStatus.NONE)]
    notes += [
        f"{row.service_name} is left out: a source of {in_words(row.stated_on.date())} says that it does not work here."
        for row in excluded.itertuples()
    ]
    return notes


def contracts_alt(rows: pd.DataFrame) -> str:
    """The alternative text of the contract timeline: each term with its dates, from the rows of its table."""
    return "Timeline of contracts. " + " ".join(
        f"{row[0]}, {row[1].lower()}: {row[3]} to {row[4]}." for row in rows.itertuples(index=False)
    )


def contract_notes(terms: pd.DataFrame) -> list[str]:
    """What must be known of the contract dates."""
    notes = [
        "An option must be decided by the last day of the term before it. Whether an option was taken up is not stated unless a later source describes the service."
    ]
    return notes + (
        ["Where only years are published, bars run to the end of the year stated."]
        if terms["precision"].eq("year").any()
        else []
    )


def key_messages(view: AreaView) -> list[KeyMessage]:
    """At most five messages, each with the figure or table that shows it: level, risk, coverage, and a warning of the data."""
    messages = [
        KeyMessage(level_sentence(view, harm), f"figure-{harm.lower()}-rate", f"Figure: {harm} over time")
        for harm in ExploitationType
    ]
    messages += [
        KeyMessage(sentence, "table-risk-change", "Table: change by risk level")
        for sentence in risk_sentences(view)[:1]
    ]
    messages.append(_coverage_message(view))
    warning = data_warning(view)
    return messages + (
        [KeyMessage(warning, "data-quality-of-each-source", "Data quality of each source")] if warning else []
    )


def _coverage_message(view: AreaView) -> KeyMessage:
    on = view.coverage_on()
    if on is None:
        return KeyMessage(f"No service for exploited children in {view.name} is described by the sources supplied.")
    sentences = [
        f"Services as described on {in_words(on.date())}.",
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
            "Does the rise in children assessed at risk reflect more children at risk, or better recognition and reporting?"
        )
    if (changes["upper"] < 1).any():
        questions.append(
            "Does the fall in children assessed at risk reflect fewer children at risk, or thresholds and reporting that changed?"
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
    return {
        Verdict.LOWER: f"Recorded {harm} is lower than {view.comparator}: is less identified here, or is less recorded?",
        Verdict.HIGHER: f"Recorded {harm} is higher than {view.comparator}: is that need, identification or the way it is recorded?",
        Verdict.SIMILAR: f"Recorded {harm} is similar to {view.comparator}: is that what practitioners see?",
        Verdict.CANNOT_TELL: f"What would it take to record {harm} so that {view.name} can be compared with {view.comparator}?",
    }[Verdict(row["verdict"])]
