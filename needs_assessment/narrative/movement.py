"""Sentences on how children move between risk levels: flows, tests, reviews, chances and forecasts.

Numbers that are always the same, such as twelve months, are written as words: figures are those of the release.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from needs_assessment.area_view import AreaView
from needs_assessment.area_view.risk import AS_NOW, RiskSeries, flow_cells, rows_of_series
from needs_assessment.narrative.phrases import listed
from needs_assessment.narrative.risk import at_level, count_words, place_words, range_words, series_words
from needs_assessment.vocabulary import RiskMeasure, in_words
from needs_assessment.wording import SCENARIO_WORDS

MONTHS_AHEAD = 12
CLEAR = 0.05
"""The p-value below which a difference is called more than chance."""
MEASURE_WORDS = {
    RiskMeasure.ASSESSED: "reviewed",
    RiskMeasure.RAISED: "of these, raised to a higher level",
    RiskMeasure.LOWERED: "of these, lowered",
    RiskMeasure.RAISED_AGAIN_WITHIN_6_MONTHS: "of those lowered, raised again within six months",
    RiskMeasure.RAISED_AGAIN_WITHIN_12_MONTHS: "of those lowered, raised again within twelve months",
    RiskMeasure.REVIEW_OVERDUE: "no review for more than three months",
}
FLOW_NOTE = (
    "A child is followed within one authority: moving away counts as leaving. A child who came and left between the "
    "two days stands among the new or the returning."
)
OUTCOMES_NOTE = (
    "Lower, Similar and Higher say how the share here lies beside that of the rest of the force, allowing for chance. "
    "No share is stated of fewer than twenty children."
)
ONCE_A_YEAR_NOTE = (
    "A child counts once in each row, and can be raised and lowered in one year, so the rows are not added. Rows with "
    "nothing but zeros and withheld numbers are left out."
)
BESIDE_NOTE = (
    "Lower, Similar and Higher say how a share stands beside that of the rest of the force, allowing for chance. Each "
    "is a reason to ask: thresholds and practice differ as well as children."
)
GROUP_NOTE = (
    "These figures describe the group of all children at a level. They say nothing of any one child and must not be "
    "used to decide about one."
)
TIMING_NOTE = (
    "A level is known only when a child is reviewed, and children may be reviewed sooner because something happened."
)
FIRST_REVIEW_NOTE = (
    "Until the first review nobody has judged the risk of a child who was referred. Referrals are counted, not "
    "children."
)
SNAPSHOT_LIMITS = (
    "A threshold can move: practitioners who judge otherwise change the number at a level as much as a change in risk.",
    "Only children whom somebody referred are here. A caseload that falls is not by itself fewer children at risk.",
)
LIMITS = (
    TIMING_NOTE + " So moves seen at reviews need not be moves on the day they are dated.",
    "Children are followed within one authority: one who moves is seen to leave, and elsewhere to be new.",
    "Leaving means that a case was closed or not taken on. It does not mean that the risk has ended.",
    "Small counts are withheld, and whatever would give them away: a flow with withheld cells is known in part.",
    "Chances and forecasts take it that where a child goes next depends on the level alone, not on how long or how "
    "often it was held, and that the years ahead are like those counted.",
)


# Movement


def beside_notes(years: pd.DataFrame) -> list[str]:
    """What the judgement of a share means, where any share is judged."""
    return [BESIDE_NOTE] if years["verdict"].isin(["Lower", "Similar", "Higher"]).any() else []


def flow_title(view: AreaView, series: RiskSeries, flow: pd.DataFrame) -> str:
    """The message of a flow: which way levels moved, where that was tested for its days and place."""
    start = f"{series_words(view, series)}{_across(view, flow)}"
    tests = view.latest_risk_rows("risk_tests", series, "sign_p")
    ends = ["area_code", "period_start", "period_end"]
    same = tests[tests[ends].eq(flow[ends].iloc[0]).all(axis=1)].dropna(subset=["sign_p"])
    if same.empty:
        return f"{start}: where children stood a year later"
    row = same.iloc[0]
    return f"{start}: {'levels moved neither way clearly' if row['sign_p'] >= CLEAR else f'more {_way(row)} in a year'}"


def matrix_title(view: AreaView, series: RiskSeries, flow: pd.DataFrame) -> str:
    """What the figure of squares shows."""
    return f"{series_words(view, series)}{_across(view, flow)}: from each level to each"


def _across(view: AreaView, flow: pd.DataFrame) -> str:
    return "" if flow["area_code"].iloc[0] == view.area_code else " across the force"


def _way(row: pd.Series) -> str:
    return "raised than lowered" if row["raised"] > row["lowered"] else "lowered than raised"


def flow_subtitle(view: AreaView, flow: pd.DataFrame) -> str:
    """Who is followed, where, and from which day to which."""
    first, last = (in_words(flow[day].iloc[0].date()) for day in ("period_start", "period_end"))
    return f"Children in {place_words(view, flow)}: where they stood on {first}, and where on {last}"


def flow_notes(view: AreaView, flow: pd.DataFrame) -> list[str]:
    """Whose flow it is where it is not this area's, and how children are followed."""
    own = flow["area_code"].iloc[0] == view.area_code
    of_force = f"This is the police force area: of {view.name} alone too much would be withheld to show moves."
    return [*([] if own else [of_force]), FLOW_NOTE]


def flow_alt(view: AreaView, flow: pd.DataFrame, from_order: list[str]) -> str:
    """The alternative text of a flow: from each level, how many went where, and which of these numbers are withheld."""
    cells = flow_cells(flow)
    said = [_went(level, cells[cells["from_level"].eq(level)]) for level in from_order]
    return f"{flow_subtitle(view, flow)}. {' '.join(said)}"


def _went(level: str, cells: pd.DataFrame) -> str:
    known, unknown = cells[cells["count"].notna()], cells[cells["count"].isna()]
    went = [f"{row['count']:,} to {row['to_level']}" for _, row in known.iterrows()]
    hidden = [f"to {listed(unknown['to_level'].to_list())} withheld"] if len(unknown) else []
    return f"From {level}: {'; '.join([*([listed(went)] if went else []), *hidden])}."


def untold_sentence(view: AreaView, series: list[RiskSeries]) -> str:
    """That a flow of these series cannot be shown."""
    named = listed([series_words(view, one) for one in series])
    return (
        f"{named}: too many of the numbers are withheld to show where children stood a year later, in {view.name} or "
        "across its police force area."
    )


def rates_place(view: AreaView, rows: pd.DataFrame) -> str:
    """Where and when moves were counted."""
    return f"police force area of {view.force}, year ending {in_words(rows['period_end'].max().date())}"


def year_sentences(view: AreaView, series: RiskSeries) -> list[str]:
    """How many children were reviewed, raised and lowered in the latest year: here, or else in the force; none where
    that is not printed.
    """
    years = view.latest_yearly()
    for code, place in ((view.area_code, view.name), (view.force_code, f"the police force area of {view.force}")):
        rows = rows_of_series(years, series)
        counts = rows[rows["area_code"].eq(code)].set_index("measure")["count"].dropna()
        if {RiskMeasure.ASSESSED, RiskMeasure.RAISED, RiskMeasure.LOWERED} <= set(counts.index):
            reviewed, raised, lowered = (
                f"{counts[measure]:,}" for measure in (RiskMeasure.ASSESSED, RiskMeasure.RAISED, RiskMeasure.LOWERED)
            )
            end = in_words(rows["period_end"].max().date())
            return [
                f"{series_words(view, series)} in {place}, year ending {end}: {reviewed} children were reviewed; "
                f"{raised} were raised to a higher level and {lowered} were lowered."
            ]
    return []


def one_way_sentence(view: AreaView, series: RiskSeries) -> str:
    """Whether levels moved one way among children under review on both days, in one plain sentence."""
    rows = view.latest_risk_rows("risk_tests", series, "sign_p")
    if rows.empty:
        return f"{series_words(view, series)}: whether levels moved one way was not tested."
    row = rows.iloc[0]
    start = f"{series_words(view, series)} in {place_words(view, rows)}"
    if pd.isna(row["sign_p"]):
        return f"{start}: whether levels moved one way cannot be tested, because {row['reason']}."
    if row["raised"] == row["lowered"]:
        return f"{start}: as many children were raised ({row['raised']}) as lowered ({row['lowered']})."
    more, fewer = _way(row).split(" than ")
    chance = "in under 1% of years" if row["sign_p"] < 0.005 else f"in {row['sign_p']:.0%} of years"
    return (
        f"{start}: more children were {more} ({row[more]}) than {fewer} ({row[fewer]}); a difference this large would "
        f"come by chance {chance}, if a move up were as likely as a move down."
    )


# Reviews


def overdue_sentence(view: AreaView, series: RiskSeries) -> str:
    """How many children had no review for more than three months on the latest 31 March: here, or else in the force."""
    start, rows = series_words(view, series), view.overdue(series)
    if rows.empty:
        return f"{start}: overdue reviews were not supplied."
    row = rows.iloc[0]
    day = in_words(row["period_end"].date())
    if pd.isna(row["count"]):
        return f"{start}, {day}: how many children had no review for more than three months is withheld."
    of = " children" if pd.isna(row["total"]) else f" of the {row['total']:,} children under review"
    return (
        f"{start} in {place_words(view, rows)}, {day}: {count_words(row)}{of} had no review for more than three "
        "months, so their level may be out of date."
    )


# Outlook


def fit_sentences(view: AreaView, series: RiskSeries) -> list[str]:
    """On how many followed children the chances rest, and whether the model agrees with what happened; or why there is
    none.
    """
    rows = view.risk_rows("risk_model_fit", series, force=True)
    if rows.empty:
        return [f"{series_words(view, series)}: no chances are given, because no model was supplied."]
    row = rows.iloc[-1]
    if not pd.isna(row["reason"]):
        return [f"{series_words(view, series)}: no chances are given, because {row['reason']}."]
    days = f"{in_words(row['period_start'].date())} to {in_words(row['period_end'].date())}"
    return [
        f"The chances rest on {row['children_quarters']:,} quarters in which a child was followed, {days}.",
        *_fits(row),
    ]


def _fits(row: pd.Series) -> Iterator[str]:
    if not pd.isna(row["p_value"]):
        p_value = "p-value under 0.001" if row["p_value"] < 0.001 else f"p-value {row['p_value']:.3f}"
        yield (
            f"The quarters do not agree with steady chances ({p_value}): read the chances as rough."
            if row["p_value"] < CLEAR
            else f"The quarters give no sign that the chances were not steady ({p_value})."
        )
    if not pd.isna(row["largest_difference"]):
        yield (
            "Beside what happened over the latest twelve months, no printed count differs from the expected by more "
            f"than {row['largest_difference']:.1f} children."
        )


def stay_sentences(view: AreaView, series: RiskSeries) -> list[str]:
    """How long children stay at each level, and the chance of being raised within a year; none without a model."""
    rows = view.risk_rows("risk_model", series, force=True)
    stays = [
        f"{row.value:.2f} years at {row.from_level} ({row.lower:.2f} to {row.upper:.2f})"
        for row in rows[rows["quantity"].eq("years at level")].itertuples()
    ]
    raised = [
        f"{row.value:.0%} from {row.from_level} ({row.lower:.0%} to {row.upper:.0%})"
        for row in rows[rows["quantity"].eq("raised within") & rows["months"].eq(MONTHS_AHEAD)].itertuples()
    ]
    start = f"{series_words(view, series)} across the force, with 95% limits"
    return [
        *([f"{start}: children stay on average {listed(stays)}."] if stays else []),
        *([f"{start}: the chance of being raised within twelve months is {listed(raised)}."] if raised else []),
    ]


def what_if_sentences(view: AreaView, series: RiskSeries, rows: pd.DataFrame) -> list[str]:
    """The caseload at the highest level a year ahead if referrals rise, instead of as now; and how such forecasts held
    before; or why there is none.
    """
    top = view.risk_levels(series.scheme)[-1]
    known = rows.dropna(subset=["expected"])
    farthest = known[known["quarters_ahead"].eq(known["quarters_ahead"].max())]
    by_scenario = {row.scenario: row for row in farthest.itertuples() if row.risk_level == top}
    if AS_NOW not in by_scenario:
        why = rows["reason"].dropna()
        return [f"{series_words(view, series)}: no forecast is given{f', because {why.iloc[0]}' if len(why) else ''}."]
    now = by_scenario[AS_NOW]
    said = [
        f"{words}, the {series_words(view, series)} caseload at {at_level(top)} in {place_words(view, rows)} on "
        f"{in_words(now.as_at.date())} is {range_words(by_scenario[scenario])} instead of {range_words(now)}."
        for scenario, words in SCENARIO_WORDS.items()
        if scenario.endswith("more referrals") and scenario in by_scenario
    ]
    return [*said, *_backtest(now)]


def _backtest(row: object) -> Iterator[str]:
    inside, tested = row.inside, row.tested  # type: ignore[attr-defined]
    if pd.isna(tested) or not tested:
        yield "No such forecast could be checked against a quarter already known."
    else:
        yield (
            f"Of {tested:,.0f} such forecasts made a quarter ahead of quarters that are already known, {inside:,.0f} "
            "held: what came lay within their limits."
        )
