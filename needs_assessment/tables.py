"""Display tables: figures as a reader sees them, with a symbol where there is no number. Nothing here computes a statistic."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from needs_assessment.area_view import AreaView
from needs_assessment.narrative import verdict_words, year_words
from needs_assessment.vocabulary import RELATED_FACTORS, ExploitationType, FundingStatus, Measure, in_words

NOT_SUPPLIED = "not supplied"
NOT_STATED = "not stated"
TIER_NOT_STATED = "not stated"
WHOLE_BAND = "whole band"
EPISODES = Measure.ASSESSMENT_EPISODES

FUNDING_WORDS = {
    FundingStatus.COMMISSIONED: "Commissioned",
    FundingStatus.SERVICE_LEVEL_AGREEMENT: "Service level agreement",
    FundingStatus.SPOT_PURCHASE: "Spot purchase",
    FundingStatus.NOT_STATED: "In place, funding not stated",
    FundingStatus.NONE: "None found",
}


def count_cell(count: object, symbol: object) -> str:
    """A count with thousands separated, or its symbol in brackets: `1,234`, `[c]`."""
    if pd.isna(count):
        return NOT_SUPPLIED if pd.isna(symbol) else f"[{symbol}]"
    return f"{count:,.0f}"


def rate_cell(row: pd.Series) -> str:
    """A rate to one decimal with its 95% limits, or the symbol of its count: `7.0 (4.5 to 10.4)`."""
    if pd.isna(row["value"]):
        return NOT_SUPPLIED if pd.isna(row["missing"]) else f"[{row['missing']}]"
    return f"{row['value']:.1f} ({row['lower']:.1f} to {row['upper']:.1f})"


def number_cell(value: object, pattern: str = "{:.1f}") -> str:
    """A number by a format, or `not supplied`."""
    return NOT_SUPPLIED if pd.isna(value) else pattern.format(value)


def words_cell(value: object) -> str:
    """Words as they stand, with `|` read as a comma, or `not stated`."""
    return NOT_STATED if pd.isna(value) or value == "" else str(value).replace("|", ", ")


def note_cell(note: object) -> str:
    """A note as it stands, or `nothing further`."""
    return "nothing further" if pd.isna(note) else str(note)


def day_cell(day: object) -> str:
    """A day in words, or `not stated`."""
    return NOT_STATED if pd.isna(day) else in_words(pd.Timestamp(day).date())  # type: ignore[arg-type]


def headline(view: AreaView, factors: Sequence[Measure] = ()) -> pd.DataFrame:
    """One row an indicator: the judgement in words first, so that it shows on a phone. With `factors`, these only."""
    harms = [] if factors else [(EPISODES, harm, f"{harm.label.capitalize()} ({harm})") for harm in ExploitationType]
    others = [(measure, None, measure.factor) for measure in factors or RELATED_FACTORS]
    rows = [_headline_row(view, words, view.latest(measure, harm)) for measure, harm, words in [*harms, *others]]
    return pd.DataFrame([row for row in rows if row])


def _headline_row(view: AreaView, indicator: str, row: pd.Series | None) -> dict[str, str]:
    if row is None:
        return {}
    return {
        "Indicator": indicator,
        "Judgement": verdict_words(row, view.comparator),
        "Rate per 10,000 children (95% limits)": rate_cell(row),
        f"{view.comparator} rate": number_cell(row["comparator_value"]),
        "Assessments": count_cell(row["count"], row["missing"]),
    }


def yearly(view: AreaView, harm: ExploitationType) -> pd.DataFrame:
    """One row a year: assessments, rate with limits, the comparator's rate and the judgement."""
    series = view.series(EPISODES, harm)
    return pd.DataFrame(
        {
            "Period": [_short_year(row) for _, row in series.iterrows()],
            "Assessments": [count_cell(row["count"], row["missing"]) for _, row in series.iterrows()],
            "Rate per 10,000 children (95% limits)": [rate_cell(row) for _, row in series.iterrows()],
            f"{view.comparator} rate": [
                number_cell(value) if not pd.isna(value) else "[x]" for value in series["comparator_value"]
            ],
            "Judgement": [verdict_words(row, view.comparator) for _, row in series.iterrows()],
        }
    )


def _short_year(row: pd.Series) -> str:
    words = year_words(row).removeprefix("the ")
    return words[:1].upper() + words[1:]


def areas_compared(view: AreaView, harm: ExploitationType) -> pd.DataFrame:
    """One row an area of the release, in order of name, for the latest year of this area: rate and judgement."""
    latest = view.latest(EPISODES, harm)
    if latest is None:
        return pd.DataFrame(columns=["Area", "Rate per 10,000 children (95% limits)", "Judgement"])
    same = view.same_measure(EPISODES, harm, latest["period_end"])
    return pd.DataFrame(
        {
            "Area": same["area_name"],
            "Rate per 10,000 children (95% limits)": [rate_cell(row) for _, row in same.iterrows()],
            "Judgement": [
                NOT_SUPPLIED if pd.isna(row["verdict"]) else verdict_words(row, view.comparator)
                for _, row in same.iterrows()
            ],
        }
    )


def other_counts(view: AreaView) -> pd.DataFrame:
    """Published counts from other sources, such as the police, with what each counts, for whom, and what to know of it."""
    rows = view.other_counts()
    return pd.DataFrame(
        {
            "What was counted": [_measure_words(row) for _, row in rows.iterrows()],
            "Count": [count_cell(row["count"], row["missing"]) for _, row in rows.iterrows()],
            "Where": [view.area_name(code).removesuffix(" police force area") for code in rows["area_code"]],
            "What to know of it": [note_cell(note) for note in rows["note"]],
            "Period": [_short_year(row) for _, row in rows.iterrows()],
        }
    )


def _measure_words(row: pd.Series) -> str:
    words = row["measure"].replace("_", " ").capitalize()
    harm = row["exploitation_type"]
    return words if pd.isna(harm) else f"{words} ({harm})"


def risk_change(changes: pd.DataFrame) -> pd.DataFrame:
    """One row a risk level and residence group: counts before and after, ratio with limits, p-value or why there is none."""
    return pd.DataFrame([_change_row(row) for _, row in changes.iterrows()])


def _change_row(row: pd.Series) -> dict[str, str]:
    computed = not pd.isna(row["rate_ratio"])
    ratio = (
        f"{row['rate_ratio']:.2f} ({row['lower']:.2f} to {row['upper']:.2f})"
        if computed
        else f"Cannot be computed: {row['reason']}"
    )
    return {
        "Risk level": f"{row['risk_level'].capitalize()}, {'all' if row['residence'] == 'all' else row['residence']}",
        "Times as many (95% limits)": ratio,
        f"{row['as_at_before']:%B %Y}": count_cell(row["before"], pd.NA).replace(NOT_SUPPLIED, "not published"),
        f"{row['as_at_after']:%B %Y}": count_cell(row["after"], pd.NA),
        "p-value": f"{row['p_value']:.3f}" if computed else "none",
    }


def caseload(view: AreaView) -> pd.DataFrame:
    """One row a quarter end and harm: children open at each risk level, from case-level records past the disclosure gate."""
    rows = view.here("risk_caseload")
    if rows.empty:
        return pd.DataFrame()
    cells = rows.assign(cell=[count_cell(row["count"], row["missing"]) for _, row in rows.iterrows()])
    levels = view.release["risk_schemes"]["risk_level"].tolist()
    order = [level for level in [*levels, *dict.fromkeys(rows["risk_level"])] if level in set(rows["risk_level"])]
    wide = cells.pivot(index=["as_at", "exploitation_type"], columns="risk_level", values="cell")[
        list(dict.fromkeys(order))
    ]
    wide.columns = [f"{level.capitalize()} risk" for level in wide.columns]
    wide = wide.reset_index()
    wide.insert(
        0,
        "Open on",
        [
            f"{day_cell(day)}, {harm}"
            for day, harm in zip(wide.pop("as_at"), wide.pop("exploitation_type"), strict=True)
        ],
    )
    return wide


def referrals(view: AreaView) -> pd.DataFrame:
    """One row a quarter: referrals for each harm, past the disclosure gate."""
    series = {harm: view.series(Measure.REFERRALS, harm) for harm in ExploitationType}
    if all(rows.empty for rows in series.values()):
        return pd.DataFrame()
    first = series[ExploitationType.CSE]
    columns = {"Quarter": [_short_year(row) for _, row in first.iterrows()]}
    for harm, rows in series.items():
        columns[f"{harm} referrals"] = [count_cell(row["count"], row["missing"]) for _, row in rows.iterrows()]
    return pd.DataFrame(columns)


def register(view: AreaView) -> pd.DataFrame:
    """One row a service of this area for exploited children: harm, ages, tier, risk levels, who pays, and when it was last described."""
    services = view.exploitation_services()
    return pd.DataFrame(
        {
            "Service": services["service_name"],
            "Harm": [words_cell(harms) for harms in services["exploitation_types"]],
            "Ages": [ages_cell(row) for _, row in services.iterrows()],
            "Funding here": [_funding_cell(row) for _, row in services.iterrows()],
            "Tier": [words_cell(tier) for tier in services["tier"]],
            "Risk levels": [words_cell(levels) for levels in services["risk_levels"]],
            "Provider": [words_cell(provider) for provider in services["provider"]],
            "Last described": [_described(row) for _, row in services.iterrows()],
        }
    )


def ages_cell(service: pd.Series) -> str:
    """The ages a service accepts: `5 to 18; to 24 for those with an additional need`."""
    youngest, oldest, extended = service["age_from"], service["age_to"], service["extended_age_to"]
    if pd.isna(youngest) and pd.isna(oldest):
        return NOT_STATED
    ages = f"{'any' if pd.isna(youngest) else youngest} to {'any' if pd.isna(oldest) else oldest}"
    return ages if pd.isna(extended) else f"{ages}; to {extended} with a condition"


def _funding_cell(service: pd.Series) -> str:
    words = FUNDING_WORDS[FundingStatus(service["funding"])]
    if service["funding"] == FundingStatus.NONE:
        return f"Not here, as stated on {day_cell(service['funding_stated_on'])}"
    stated_before = service["funding_stated_on"] < service["stated_on"]
    return f"{words}, as stated on {day_cell(service['funding_stated_on'])}" if stated_before else words


def _described(service: pd.Series) -> str:
    day = day_cell(service["stated_on"])
    return day if service["current"] else f"{day}: too long ago to rely on"


def contract_terms(here: pd.DataFrame) -> pd.DataFrame:
    """One row a contract term or extension option, with the day by which an option must be decided."""
    return pd.DataFrame(
        {
            "Service": here["service_name"],
            "Term": [term.capitalize() + (" term" if term == "firm" else "") for term in here["term"]],
            "Decide by": [_decide_by(row) for _, row in here.iterrows()],
            "From": [_term_day(row["starts"], row["precision"]) for _, row in here.iterrows()],
            "To": [_term_day(row["ends"], row["precision"]) for _, row in here.iterrows()],
        }
    )


def _decide_by(row: pd.Series) -> str:
    return "already agreed" if pd.isna(row["decide_by"]) else _term_day(row["decide_by"], row["precision"])


def _term_day(day: pd.Timestamp, precision: str) -> str:
    return f"{day.year} (only years are published)" if precision == "year" else day_cell(day)


def coverage(view: AreaView, harm: ExploitationType) -> pd.DataFrame:
    """One row an age band, one column a provision tier: how firmly services are funded and which, or `None found`."""
    matrix, covering = view.coverage(harm), view.covering(harm)
    found = set(covering["tier"])
    tiers = [tier for tier in dict.fromkeys(matrix["tier"]) if tier != TIER_NOT_STATED or tier in found]
    cells = (
        covering.groupby(["age_from", "tier"]).apply(_coverage_cell, include_groups=False).to_dict()
        if len(covering)
        else {}
    )
    bands = matrix.drop_duplicates("age_from")
    rows = {"Ages": [_band_cell(row["age_from"], row["age_to"], row["residents"]) for _, row in bands.iterrows()]}
    for tier in tiers:
        name = "Tier not stated" if tier == TIER_NOT_STATED else tier.capitalize()
        rows[name] = [cells.get((youngest, tier), FUNDING_WORDS[FundingStatus.NONE]) for youngest in bands["age_from"]]
    return pd.DataFrame(rows)


def _coverage_cell(services: pd.DataFrame) -> str:
    """Each funding status once, firmest first, with its services and how much of the age band each takes."""
    groups = [(status, services[services["funding"] == status]) for status in FundingStatus]
    return ". ".join(
        f"{FUNDING_WORDS[status]}: {'; '.join(_named(row) for row in group.itertuples())}"
        for status, group in groups
        if len(group)
    )


def _named(service) -> str:  # type: ignore[no-untyped-def]
    return service.service_name if service.ages == WHOLE_BAND else f"{service.service_name} ({service.ages})"


def _band_cell(youngest: int, oldest: int, residents: object) -> str:
    people = "" if pd.isna(residents) else f" ({residents:,.0f} residents)"
    return f"{youngest} to {oldest}{people}"


def service_returns(view: AreaView, rows: pd.DataFrame) -> pd.DataFrame:
    """One row a figure of a provider's return: which service, what, how many, when, and what to know of it."""
    names = view.release["services"].set_index("service_id")["service_name"]
    return pd.DataFrame(
        {
            "What was reported": [
                f"{names[row['service_id']]}: {row['measure'].replace('_', ' ')}" for _, row in rows.iterrows()
            ],
            "Figure": [_figure_cell(row) for _, row in rows.iterrows()],
            "When": [_return_period(row) for _, row in rows.iterrows()],
            "What to know of it": [note_cell(note) for note in rows["note"]],
        }
    )


def _return_period(row: pd.Series) -> str:
    if row["basis"] == "snapshot":
        return f"on {day_cell(row['period_end'])}"
    return _short_year(row) + (", cumulative" if row["basis"] == "cumulative" else "")


def _figure_cell(row: pd.Series) -> str:
    if pd.isna(row["value"]):
        return count_cell(row["value"], row["missing"])
    whole = float(row["value"]).is_integer()
    return (f"{row['value']:,.0f}" if whole else f"{row['value']:,.2f}") + ("%" if row["unit"] == "per cent" else "")


def funding(here: pd.DataFrame) -> pd.DataFrame:
    """One row an award of money."""
    return pd.DataFrame(
        {
            "Recipient": here["recipient"],
            "Awarded": [
                number_cell(value, "£{:,.0f}").replace(NOT_SUPPLIED, NOT_STATED) for value in here["awarded_gbp"]
            ],
            "Spent so far": [
                number_cell(value, "£{:,.0f}").replace(NOT_SUPPLIED, NOT_STATED) for value in here["spent_gbp"]
            ],
            "Purpose": [words_cell(purpose) for purpose in here["purpose"]],
            "Period": [_short_year(row) for _, row in here.iterrows()],
        }
    )


def statements(view: AreaView, chosen: pd.DataFrame) -> pd.DataFrame:
    """One row a statement of a source, with what must be known of it."""
    return pd.DataFrame(
        {
            "What the source says": chosen["wording"],
            "What to know of it": [note_cell(note) for note in chosen["note"]],
            "Source": [view.short_citation(source_id) for source_id in chosen["source_id"]],
        }
    )


FIELD_WORDS = {
    "age_from": "youngest age",
    "age_to": "oldest age",
    "extended_age_to": "oldest age with an additional need",
    "annual_value_gbp": "value a year in pounds",
    "contract_start": "start of the contract",
    "contract_end": "end of the contract",
    "exploitation_types": "harms",
}


def service_differences(view: AreaView) -> pd.DataFrame:
    """One row a fact of a service that sources state differently, with each value and its source."""
    rows = view.service_differences()
    return pd.DataFrame(
        [
            {
                "Service and fact": f"{group['service_name'].iloc[-1]}: {FIELD_WORDS[str(field)]}",
                "What the sources say": "; ".join(
                    f"{row.value.replace('|', ', ')} ({view.short_citation(row.source_id)})"
                    for row in group.itertuples()
                ),
            }
            for (_, field), group in rows.groupby(["service_id", "field"])
        ]
    )


def sources(view: AreaView) -> pd.DataFrame:
    """One row a source of this release, with what a reader must know of it."""
    rows = view.release["sources"]
    return pd.DataFrame(
        {
            "Source": [view.citation(source_id) for source_id in rows["source_id"]],
            "Data to": [day_cell(day) for day in rows["data_to"]],
            "What to know of it": [note_cell(note) for note in rows["note"]],
            "Licence": [words_cell(licence) for licence in rows["licence"]],
        }
    )
