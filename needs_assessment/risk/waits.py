"""How long until a first review, the next one, or being raised again, from the records themselves: for analysts.

Who has not got there by the last day of the records is censored, and who left before can no longer get there. Results
are of groups, but none has passed the disclosure gate: with real records they are OFFICIAL-SENSITIVE.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from statsmodels.duration.survfunc import CumIncidenceRight, SurvfuncRight, survdiff

from needs_assessment.methods.rates import FloatArray, Limits, proportion_with_limits, refuse
from needs_assessment.risk.movement import MONTHS_BETWEEN_REVIEWS
from needs_assessment.risk.records import DAYS_A_YEAR, SERIES, STILL, followed, known_by
from needs_assessment.risk.reviews import HERE, days_to_first_review, standing
from needs_assessment.vocabulary import ANOTHER_SCHEME, LEFT, PERCENTAGE_FLOOR

WITHIN_MONTHS = (6, 12)
WITHIN_DAYS = (7, 28, 91)
RAISED, KEPT, LOWERED, FIRST = "raised", "kept", "lowered", "first"
AFTER, BEFORE = "after", "before"

Columns = dict[str, str]
_LIMITS: Columns = dict.fromkeys(["value", "lower", "upper"], "float64")


def raised_again(
    reviews: pd.DataFrame, schemes: pd.DataFrame, until: pd.Timestamp, by: Sequence[str] = ()
) -> pd.DataFrame:
    """The share raised again within 6 and 12 months of a first lowering: SERIES, the columns `by`, within_months,
    lowered (children), raised_again, left (before being raised again, or changed scheme) and still (under review, not
    raised, and not followed for so long), all by then, and value, lower, upper (95%).

    The share is a cumulative incidence: who left can no longer be raised again, and who is still under review on the
    last day counts as long as followed. Levels at two reviews running in one authority and scheme are compared, so that
    a level on return is neither raised nor lowered.

    Raises ValueError as `records.exposure_rates`. Source: as `share_by`.
    """
    waits = _since_lowered(_stepped(followed(reviews, schemes, until, by), schemes), until)
    days = [round(months * DAYS_A_YEAR / 12) for months in WITHIN_MONTHS]
    columns = {"within_months": "Int64", **dict.fromkeys(["lowered", "raised_again", "left", "still"], "Int64")}
    rows = [
        [*key, months, len(group), *_fates(group, day), *share_by(group["days"], group["ending"], day)[:3]]
        for key, group in waits.groupby([*SERIES, *by])
        for months, day in zip(WITHIN_MONTHS, days, strict=True)
    ]
    return _table(rows, [*SERIES, *by], columns | _LIMITS)


def _since_lowered(stays: pd.DataFrame, until: pd.Timestamp) -> pd.DataFrame:
    """The first review that lowered each child's level, with days until and kind of what followed."""
    key = ["source_id", *HERE, "scheme"]
    first = stays[stays["step"].eq(LOWERED)].drop_duplicates(key)
    raised = _first_after(first, stays[stays["step"].eq(RAISED)], "reviewed_on", key)
    left = _first_after(first, stays[stays["to_level"].isin([LEFT, ANOTHER_SCHEME])], "ended_on", key)
    again = raised.notna() & ~(left < raised)
    ended_on = raised.where(again, left).fillna(until)
    ending = np.select([again, left.notna()], [1, 2], 0)
    return first.assign(days=(ended_on - first["reviewed_on"]).dt.days, ending=ending)


def _first_after(first: pd.DataFrame, later: pd.DataFrame, day: str, key: list[str]) -> pd.Series:
    """The first `day` of the stays of `later` that began no earlier than each of `first`; missing if there is none."""
    then = later[[*key, "reviewed_on"]].assign(then=later[day])
    pairs = first[[*key, "reviewed_on"]].reset_index().merge(then, on=key, suffixes=("", "_later"))
    pairs = pairs[pairs["reviewed_on_later"] >= pairs["reviewed_on"]]
    return pairs.groupby("index")["then"].min().reindex(first.index)


def _fates(waits: pd.DataFrame, day: int) -> list[int]:
    """How many had the ending by so many days, left before, and were neither and not followed for as long."""
    by_then = waits["days"].le(day)
    return [int((by_then & waits["ending"].eq(kind)).sum()) for kind in (1, 2)] + [
        int((waits["days"].lt(day) & waits["ending"].eq(0)).sum())
    ]


def time_to_first_review(
    referrals: pd.DataFrame, reviews: pd.DataFrame, until: pd.Timestamp, by: Sequence[str] = ()
) -> pd.DataFrame:
    """The share of referrals whose child was first reviewed within 7, 28 and 91 days: source_id, exploitation_type, the
    columns `by`, referrals (those not refused), reviewed, ended (closed, or referred again, without a review) and
    waiting (on the last day), all so far, median_days, within_days, and value, lower, upper (95%).

    The first review is that of `days_to_first_review`, not after the closing of the referral. The share is a cumulative
    incidence: who left unreviewed stays in its base and is never reviewed. median_days is when it reaches a half;
    missing where it has not.

    Raises ValueError that names every fault with positions for a day that is missing, a closing before its
    referral and a blank in a column of `by`. Source: as `share_by`.
    """
    refuse(("every column of by must be given", referrals[[*by]].isna().any(axis=1)))
    waits = _since_referral(referrals, reviews, until)
    keys = ["source_id", "exploitation_type", *by]
    rows = [
        [*key, *_so_far(group), _median(group["days"], group["ending"]), within, *share[:3]]
        for key, group in waits.groupby(keys)
        for within in WITHIN_DAYS
        for share in [share_by(group["days"], group["ending"], within)]
    ]
    counts = dict.fromkeys(["referrals", "reviewed", "ended", "waiting"], "Int64")
    return _table(rows, keys, counts | {"median_days": "float64", "within_days": "Int64"} | _LIMITS)


def _since_referral(referrals: pd.DataFrame, reviews: pd.DataFrame, until: pd.Timestamp) -> pd.DataFrame:
    """Referrals that were not refused, with days until and kind of what followed: 1 a review, 2 no longer waiting."""
    refuse(
        ("until must be a day", pd.isna(until)),
        ("referred_on must be given", referrals["referred_on"].isna()),
        ("closed_on must not be before referred_on", referrals["closed_on"] < referrals["referred_on"]),
    )
    asked = referrals[referrals["referred_on"] <= until].sort_values("referred_on", kind="stable", ignore_index=True)
    days = days_to_first_review(asked, known_by(reviews, until)).astype("float64")
    ends = asked.groupby(["source_id", *HERE])["referred_on"].shift(-1)
    ends = pd.concat([ends, asked["closed_on"].where(asked["closed_on"] <= until)], axis=1).min(axis=1)
    until_end = (ends - asked["referred_on"]).dt.days
    reviewed = days.notna() & ~(until_end < days)
    waited = days.where(reviewed, until_end).fillna((until - asked["referred_on"]).dt.days)
    waits = asked.assign(days=waited, ending=np.select([reviewed, until_end.notna()], [1, 2], 0))
    return waits[waits["accepted"].fillna(True)]


def _so_far(waits: pd.DataFrame) -> list[int]:
    return [len(waits), *(int(waits["ending"].eq(kind).sum()) for kind in (1, 2, 0))]


def overdue_reviews(
    reviews: pd.DataFrame, schemes: pd.DataFrame, on: pd.Timestamp, by: Sequence[str] = ("area_code",)
) -> pd.DataFrame:
    """Children whose last review is more than three months ago on a day: SERIES, the columns `by`, under_review,
    overdue and share (0-1, missing for a base below 20).

    Raises ValueError as `records.exposure_rates`.
    """
    followed(reviews, schemes, on, by)  # refuses what is wrong with the records
    sources = [standing(rows, on) for _, rows in reviews.groupby("source_id")]
    there = pd.concat([reviews.head(0), *sources])
    late = there["reviewed_on"] < on - pd.DateOffset(months=MONTHS_BETWEEN_REVIEWS)
    there = there.assign(late=late)
    keys = [*SERIES, *by]
    rows = [[*key, len(group), int(group["late"].sum()), group["late"].mean()] for key, group in there.groupby(keys)]
    kinds = {"under_review": "Int64", "overdue": "Int64", "share": "float64"}
    table = _table(rows, keys, kinds)
    return table.assign(share=table["share"].where(table["under_review"].ge(PERCENTAGE_FLOOR)))


def review_gaps(reviews: pd.DataFrame, schemes: pd.DataFrame, until: pd.Timestamp) -> pd.DataFrame:
    """Days between reviews by what the review did to the level: SERIES, gap, review, gaps, ended (by a review),
    median_days, lower, upper (95%) and p_value (log-rank, of raised, kept and lowered; for gaps `after` alone).

    gap `after`: until the next review, after one that was the first, raised, kept or lowered the level; leaving and the
    last day censor it. Models of a panel allow for this: the next date may depend on what was seen. gap `before`: of
    those that ended in a review, by what that review did. They do **not** allow for a review that is brought forward
    because something happened. That would show in shorter gaps before a rise than before a level that was kept; with
    dates set beforehand they are a little longer, since more time leaves room for more moves.

    Raises ValueError as `records.exposure_rates`.

    Source: Gruger, Kay and Schumacher (1991), Biometrics 47, 595-605, for which dates may be taken as given.
    """
    stays = _stepped(followed(reviews, schemes, until), schemes)
    stays = stays.assign(days=stays["years"] * DAYS_A_YEAR, ended=~stays["to_level"].isin([LEFT, STILL]))
    rows = [
        [*key, *row]
        for key, group in stays.groupby(SERIES)
        for gap, column in ((AFTER, "step"), (BEFORE, "next_step"))
        for row in _gaps(group.dropna(subset=column), gap, column)
    ]
    kinds = {"gap": "string", "review": "string", "gaps": "Int64", "ended": "Int64"}
    return _table(rows, SERIES, kinds | dict.fromkeys(["median_days", "lower", "upper", "p_value"], "float64"))


def _gaps(stays: pd.DataFrame, gap: str, column: str) -> Iterator[list[object]]:
    compared = stays[stays[column].ne(FIRST)]
    p_value = np.nan
    if gap == AFTER and compared[column].nunique() > 1 and compared["ended"].any():
        p_value = survdiff(compared["days"], compared["ended"].astype(int), compared[column])[1]
    for step in (FIRST, RAISED, KEPT, LOWERED):
        rows = stays[stays[column].eq(step)]
        if len(rows):
            with np.errstate(divide="ignore", invalid="ignore"):
                curve = SurvfuncRight(rows["days"], rows["ended"].astype(int))
                limits = curve.quantile_ci(0.5) if len(curve.surv_times) else (np.nan, np.nan)
            yield [gap, step, len(rows), int(rows["ended"].sum()), curve.quantile(0.5), *limits, p_value]


def _stepped(stays: pd.DataFrame, schemes: pd.DataFrame) -> pd.DataFrame:
    """The stays with step (what the review did to the level) and next_step (what the next does; missing if none)."""
    ordinal = schemes.set_index(["scheme", "risk_level"])["ordinal"]
    places = {
        name: ordinal.reindex(pd.MultiIndex.from_frame(stays[["scheme", name]])).to_numpy(float, na_value=np.nan)
        for name in ("from_level", "risk_level", "to_level")
    }
    step = _words(places["risk_level"] - places["from_level"])
    next_step = _words(places["to_level"] - places["risk_level"])
    return stays.assign(
        step=pd.Series(step, index=stays.index, dtype="string").fillna(FIRST),
        next_step=pd.Series(next_step, index=stays.index, dtype="string"),
    )


def _words(difference: FloatArray) -> NDArray[np.object_]:
    missing = np.array(None, dtype=object)
    return np.select([difference > 0, difference == 0, difference < 0], [RAISED, KEPT, LOWERED], missing)


# Shares of whom something has happened to


def share_by(days: pd.Series, ending: pd.Series, day: int) -> Limits:
    """The share whose first ending was of kind 1 by so many days, with 95% limits; missing if nobody was followed for
    so long.

    `ending` is 0 for who was censored after so many `days`, 1 for the ending that is counted, 2 for any other. Limits
    are Wilson's for as many people as would, all followed, have the same standard error; where there is none (nobody or
    everybody had the ending) for those whose ending by then is known.

    Source: Aalen and Johansen (1978), Scandinavian Journal of Statistics 5, 141-150; limits, Rothman (1978), Journal of
    Chronic Diseases 31, 557-560.
    """
    known = int((days.ge(day) | ending.gt(0)).sum())
    last_ended = ending[days.eq(days.max())].gt(0).all()
    if not known or (days.max() < day and not last_ended):
        return proportion_with_limits(np.nan, 1)
    share, error = _incidence(days, ending, day)
    # Without censoring this is the number of people.
    alike = share * (1 - share) / error**2 if 0 < share < 1 and error > 0 else float(known)
    return proportion_with_limits(share * alike, alike)


def _incidence(days: pd.Series, ending: pd.Series, day: float) -> tuple[float, float]:
    if not (ending.eq(1) & days.le(day)).any():
        return 0.0, np.nan
    with np.errstate(divide="ignore", invalid="ignore"):  # no error can be given once nobody is left
        curve = CumIncidenceRight(days.to_numpy(float), ending.to_numpy(int))
    at = np.searchsorted(curve.times, day, side="right") - 1
    return min(float(curve.cinc[0][at]), 1.0), float(curve.cinc_se[0][at])


def _median(days: pd.Series, ending: pd.Series) -> float:
    """The first day by which half have had the ending of kind 1; missing where there is none."""
    return next((day for day in sorted(days[ending.eq(1)].unique()) if _incidence(days, ending, day)[0] >= 0.5), np.nan)


def _table(rows: list[list[object]], keys: Sequence[str], kinds: Columns) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=[*keys, *kinds]).astype(dict.fromkeys(keys, "string") | kinds)
