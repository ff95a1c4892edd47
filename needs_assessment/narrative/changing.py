"""Sentences on whether what is recorded changes: in a year, over years, with the seasons, and where it may go."""

from __future__ import annotations

import math

import pandas as pd

from needs_assessment.area_view import AreaView
from needs_assessment.narrative.phrases import EPISODES, listed, rate_alone, sentence_case, year_words
from needs_assessment.vocabulary import ExploitationType, Measure, Verdict

USUALLY = {
    Verdict.LOWER: "fell by more than usual",
    Verdict.SIMILAR: "changed no more than usual",
    Verdict.HIGHER: "rose by more than usual",
}
BY_CHANCE = {
    Verdict.LOWER: "fell by more than chance",
    Verdict.SIMILAR: "changed no more than by chance",
    Verdict.HIGHER: "rose by more than chance",
}
TRENDS = {Verdict.LOWER: "a falling trend", Verdict.SIMILAR: "no clear trend", Verdict.HIGHER: "a rising trend"}


def change_words(row: pd.Series) -> str:
    """The judgement of a change as a phrase: `rose by more than usual`, `cannot be told: ...`."""
    if row["verdict"] == Verdict.CANNOT_TELL:
        return f"cannot be told: {row['reason']}"
    return (BY_CHANCE if pd.isna(row["usual_lower"]) else USUALLY)[Verdict(row["verdict"])]


def latest_change(view: AreaView, harm: ExploitationType) -> pd.Series | None:
    """The change into the latest year; None where no year was supplied before it."""
    latest, rows = view.latest(EPISODES, harm), view.changes(EPISODES, harm)
    same = rows if latest is None else rows[rows["period_end"].eq(latest["period_end"])]
    return None if latest is None or same.empty else same.iloc[-1]


def change_title(view: AreaView, harm: ExploitationType) -> str:
    """The message of the figure of rates over time, in at most ten words."""
    row = latest_change(view, harm)
    if row is None or row["verdict"] == Verdict.CANNOT_TELL:
        return f"Recorded {harm}: the latest change cannot be judged"
    return f"Recorded {harm} {change_words(row)} in a year"


def change_sentence(view: AreaView, harm: ExploitationType) -> str:
    """The change into the latest year: from what to what, as a ratio with limits, and whether that is usual."""
    row = latest_change(view, harm)
    if row is None:
        return f"Whether recorded {harm} changed in the latest year cannot be told: a figure is missing or in doubt."
    if row["verdict"] == Verdict.CANNOT_TELL:
        return f"Whether recorded {harm} changed in a year {change_words(row)}."
    usual = "" if pd.isna(row["usual_lower"]) else f"; authorities usually move to {usual_words(row)} times"
    return (
        f"Recorded {harm} {change_words(row)} in a year: from {row['before']:,.0f} to {row['after']:,.0f}, "
        f"{ratio_words(row)}{usual}."
    )


def ratio_words(row: pd.Series) -> str:
    """The ratio of two rates with its limits: `1.11 times the rate (95% limits 0.97 to 1.27)`."""
    if pd.isna(row["rate_ratio"]) or not math.isfinite(row["rate_ratio"]):
        return "from nothing, so without a ratio"
    return f"{row['rate_ratio']:.2f} times the rate (95% limits {row['lower']:.2f} to {row['upper']:.2f})"


def usual_words(row: pd.Series) -> str:
    """The range of ratios that authorities usually show: `0.55 to 1.80`."""
    return f"{row['usual_lower']:.2f} to {row['usual_upper']:.2f}"


def trend_sentence(view: AreaView, harm: ExploitationType) -> str:
    """The trend since recording last changed, with limits; or why there is none."""
    row = view.trend(EPISODES, harm)
    if row is None:
        return "No trend is given: there is no run of figures since recording last changed."
    if row["verdict"] == Verdict.CANNOT_TELL:
        return f"No trend is given: {row['reason']}."
    return (
        f"Since {row['period_start']:%B %Y} recorded {harm} shows {TRENDS[Verdict(row['verdict'])]}: "
        f"{row['ratio_per_year']:.2f} times the rate each year (95% limits {row['lower']:.2f} to {row['upper']:.2f})."
    )


def forecast_notes(view: AreaView, harm: ExploitationType) -> list[str]:
    """What the band beyond the last figure says and how such bands did before; or why there is none."""
    rows, trend = view.forecasts(EPISODES, harm), view.trend(EPISODES, harm)
    if rows.empty or rows["value"].isna().any():
        why = None if trend is None else trend["no_forecast"]
        return [] if why is None or pd.isna(why) else [f"No forecast is drawn: {why}."]
    last = rows.iloc[-1]
    said = (
        f"The band beyond the last figure is where recorded {harm} would lie if it went on as before: "
        f"{last['value_lower']:.1f} to {last['value_upper']:.1f} per 10,000 in {year_words(last)} (95% limits)."
    )
    if pd.isna(last["covered"]):
        return [said]
    return [
        f"{said} In {last['backtested']:,.0f} back-tests {last['covered']:.0%} of later figures lay within such limits."
    ]


def changing_message(view: AreaView) -> str:
    """What changed in the latest year and over the years, for both harms, in one message."""
    said = []
    for harm in ExploitationType:
        change, trend = latest_change(view, harm), view.trend(EPISODES, harm)
        known = [] if change is None else [f"{change_words(change)} in the latest year"]
        if change is not None and change["verdict"] == Verdict.CANNOT_TELL:
            known = [f"its latest change {change_words(change)}"]
        if trend is not None and trend["verdict"] != Verdict.CANNOT_TELL:
            known.append(f"{TRENDS[Verdict(trend['verdict'])]} since {trend['period_start']:%B %Y}")
        if known:
            said.append(f"Recorded {harm}: {', with '.join(known) if len(known) > 1 else known[0]}.")
    return " ".join(said)


def no_points_sentence(harm: ExploitationType, points: pd.DataFrame) -> str:
    """Why there is no control chart."""
    why = "no figures were supplied" if points.empty else str(points["why"].iloc[-1]).removeprefix("no chart: ")
    return f"No control chart for {harm}: {why}."


def points_title(harm: ExploitationType, points: pd.DataFrame) -> str:
    """The message of the control chart, in at most ten words."""
    signals = points["signal"].notna().any()
    return f"Control chart of {harm}: {'some points stand' if signals else 'no point stands'} out"


def points_subtitle(view: AreaView, points: pd.DataFrame) -> str:
    """What the points of a control chart are."""
    what = "Referrals" if points["measure"].iloc[0] == Measure.REFERRALS else "Assessments that recorded it"
    unit = points_unit(view, points)
    return f"{what}, {unit[:1].lower()}{unit[1:]}, beside their own average and usual range"


def points_unit(view: AreaView, points: pd.DataFrame) -> str:
    """The unit of a control chart's points: rates where the release has rates of the series, else counts."""
    series = view.series(Measure(points["measure"].iloc[0]), ExploitationType(points["exploitation_type"].iloc[0]))
    return "Per 10,000 children a year" if series["value"].notna().any() else "Number in the period"


def points_notes(points: pd.DataFrame) -> list[str]:
    """Why this chart, what stands out by which rule, and whether the limits are trial limits."""
    last = points.iloc[-1]
    notes = [f"Why this chart ({last['chart']}): {str(last['why']).partition(': ')[2]}."]
    signalled = points[points["signal"].notna()]
    notes += [
        f"{sentence_case(year_words(row).removeprefix('the '))}: {row['signal']}." for _, row in signalled.iterrows()
    ]
    trial = "These are trial limits: with fewer than 12 points they will still move." if bool(last["trial"]) else ""
    return [*notes, *filter(None, [trial])]


def points_alt(view: AreaView, harm: ExploitationType, points: pd.DataFrame) -> str:
    """The alternative text of the control chart: first and last point, centre line and limits, and what stands out."""
    first, last = points.iloc[0], points.iloc[-1]
    out = [year_words(row) for _, row in points[points["signal"].notna()].iterrows()]
    said = (
        f"Control chart of {harm} in {view.name}: {rate_alone(first['plotted'])} in {year_words(first)}, "
        f"{rate_alone(last['plotted'])} in {year_words(last)}; centre line {rate_alone(last['centre'])}, limits "
        f"{rate_alone(last['lower'])} to {rate_alone(last['upper'])}."
    )
    return f"{said} Standing out: {listed(out)}." if out else f"{said} No point stands out."


def seasons_sentence(rows: pd.DataFrame, harm: ExploitationType) -> str:
    """The seasons with the most and the fewest referrals, and how likely such differences are by chance."""
    known = rows.dropna(subset=["ratio"])
    if known.empty:
        why = rows["reason"].dropna()
        return f"Seasons of {harm} referrals: {why.iloc[0] if len(why) else 'too few figures'}."
    most, fewest = known.loc[known["ratio"].idxmax()], known.loc[known["ratio"].idxmin()]
    apart = known["verdict"].isin([Verdict.LOWER, Verdict.HIGHER]).any()
    judged = "More than chance would make them differ" if apart else "No more than chance could make them differ"
    return (
        f"{harm} referrals: most in {most['season']}, {_season(most)}; "
        f"fewest in {fewest['season']}, {_season(fewest)}. {judged} (probability {most['p_value']:.3f})."
    )


def _season(row: pd.Series) -> str:
    return f"{row['ratio']:.2f} times the average (95% limits {row['lower']:.2f} to {row['upper']:.2f})"


def seasons_alt(view: AreaView, harm: ExploitationType, rows: pd.DataFrame) -> str:
    """The alternative text of the figure of seasons: the ratio of each."""
    each = [f"{row.season} {row.ratio:.2f}" for row in rows.dropna(subset=["ratio"]).itertuples()]
    return f"Referrals for {harm} in {view.name} by season, as a ratio to the average: {listed(each)}."
