"""How children's assessed levels move, worked out from the records themselves: for analysts, never for a page.

A level stands from one review to the next, to the day of closing or to the last day of the records. Results are of
groups, but none has passed the disclosure gate: with real records they are OFFICIAL-SENSITIVE.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from statsmodels.duration.survfunc import SurvfuncRight

from needs_assessment.methods.rates import FloatArray, refuse
from needs_assessment.methods.transitions import Panel, move_rates
from needs_assessment.methods.transitions.panel import BoolArray
from needs_assessment.risk.reviews import CHILD, HERE
from needs_assessment.risk.schemes import levels_in_order
from needs_assessment.vocabulary import ANOTHER_SCHEME, LEFT, NEW, RETURNING

SERIES = ["source_id", "scheme", "exploitation_type"]
STILL = "still under review"
"""Where a level still stood on the last day of the records: what becomes of it is not known (censored)."""
DAYS_A_YEAR = 365.25
SEED = 20251122
_LEAST_DAYS = 0.5
"""Who left on the very day of a review is taken to have stayed for half of it."""

RATE_COLUMNS = ["from_level", "to_level", "moves", "child_years", "value", "lower", "upper"]


def exposure_rates(
    reviews: pd.DataFrame, schemes: pd.DataFrame, until: pd.Timestamp, by: Sequence[str] = ()
) -> pd.DataFrame:
    """Moves for each child-year at an assessed level: SERIES, the columns `by` (such as area_code), and RATE_COLUMNS.

    `reviews` are one assessment each; `until` is the last day of the records, and what is dated later is left out.
    Every review is counted twice, where the child came from and where the child went, so that the moves into a level
    are as many as those out of it:

    * from a level to another, to `left` or to another scheme: value, lower and upper (exact, 95%) per child-year;
    * from a level to itself (kept by a review) and to `still under review` (censored): no moves, so no rate;
    * from `new`, `returning` (after a closing, or from another authority) and another scheme: nobody was at risk, so no
      child_years and no rate. In the first months of the records `new` has children who had been under review before.

    A child is followed within one authority: to move away is to leave. The assessed level follows the true one late,
    and moves there and back between two reviews are not seen: `review_panel` is for the rates of the true level.

    Raises ValueError that lists every fault with positions, never a value, for a day that is missing, a review on which
    there is no level of its scheme, two reviews of a child on one day, a closing before its review and a blank in a
    column of `by`.

    Source: as `methods.transitions.move_rates`.
    """
    stays = followed(reviews, schemes, until, by)
    place = [*SERIES, *by]
    keys = [*place, "from_level", "to_level"]
    at_level = stays.groupby([*place, "risk_level"])["years"].sum().rename_axis(keys[:-1]).rename("child_years")
    cells = _cells(stays, schemes, place).join(_counted(stays, place), on=keys).join(at_level, on=keys[:-1])
    cells = cells.fillna({"moves": 0}).fillna({"child_years": 0.0})
    from_a_level = ~cells["from_level"].isin([NEW, RETURNING, ANOTHER_SCHEME])
    moved = from_a_level & cells["to_level"].ne(cells["from_level"]) & cells["to_level"].ne(STILL)
    at_risk = moved & cells["child_years"].gt(0)
    rates = move_rates(cells["moves"].where(at_risk).to_numpy(float), cells["child_years"].to_numpy(float))
    table = cells.assign(child_years=cells["child_years"].where(from_a_level), **rates._asdict())
    numbers = dict.fromkeys(["child_years", "value", "lower", "upper"], "float64")
    words = dict.fromkeys([*place, "from_level", "to_level"], "string")
    return table[[*place, *RATE_COLUMNS]].astype(words | {"moves": "Int64"} | numbers)


def _counted(stays: pd.DataFrame, place: list[str]) -> pd.Series:
    """How many came to each level, and what became of the stays at each."""
    keys = [*place, "from_level", "to_level"]
    went = stays.groupby([*place, "risk_level", "to_level"]).size().rename_axis(keys)
    entered = stays[stays["from_level"].isin([NEW, RETURNING, ANOTHER_SCHEME])]
    came = entered.groupby([*place, "from_level", "risk_level"]).size().rename_axis(keys)
    return pd.concat([went, came]).rename("moves")


def daily_counts(
    reviews: pd.DataFrame, schemes: pd.DataFrame, until: pd.Timestamp, by: Sequence[str] = ()
) -> pd.DataFrame:
    """Children at each level at the start of each day, and the moves of that day: SERIES, the columns `by`, from_level,
    to_level, day, children, moves.

    All moves over all children are the rate of `exposure_rates`, a day. The mean over days of moves / children is what
    the field takes for it; it is here so that the two can be compared.

    Raises ValueError as `exposure_rates`.
    """
    stays = followed(reviews, schemes, until, by)
    keys = [*SERIES, *by, "from_level"]
    there = stays.drop(columns="from_level").rename(columns={"risk_level": "from_level"})
    moved = there[there["to_level"].ne(STILL) & there["to_level"].ne(there["from_level"])]
    tables = [
        days.assign(**dict(zip([*keys, "to_level"], [*key, end], strict=True)))
        for key, rows in there.groupby(keys)
        for end in sorted(set(moved.loc[(moved[keys] == list(key)).all(axis=1), "to_level"]))
        for days in [_day_by_day(rows, end, stays["reviewed_on"].min(), until)]
    ]
    kinds = dict.fromkeys([*keys, "to_level"], "string") | {"day": "datetime64[us]"}
    kinds |= dict.fromkeys(["children", "moves"], "Int64")
    return pd.concat([pd.DataFrame(columns=[*kinds]), *tables], ignore_index=True)[[*kinds]].astype(kinds)


def _day_by_day(rows: pd.DataFrame, end: str, first: pd.Timestamp, until: pd.Timestamp) -> pd.DataFrame:
    days = pd.date_range(first, until)
    began, ended = (rows[name].value_counts().reindex(days, fill_value=0) for name in ("reviewed_on", "ended_on"))
    moved = rows.loc[rows["to_level"].eq(end), "ended_on"].value_counts().reindex(days, fill_value=0)
    at_start = (began - ended).cumsum().shift(fill_value=0)
    return pd.DataFrame({"day": days, "children": at_start.to_numpy(), "moves": moved.to_numpy()})


def review_panel(
    reviews: pd.DataFrame, schemes: pd.DataFrame, until: pd.Timestamp, *, closings_exact: bool = True
) -> Panel:
    """The panel that `fit_panel` takes, of the reviews of one source, harm and scheme: states are the levels from the
    lowest, then having left; `allowed_moves` says which moves may happen at one instant.

    Each review is a start. The child was then next seen at the next review, entered `left` on the very day of closing,
    or was still under review (at some level) on the last day of the records or when the scheme was changed. To leave
    those out would make leaving look quicker than it is: close to the last day only those who left are seen again.

    With `closings_exact` false, whoever left is seen to have left when the next review would have been: a day drawn
    from the gaps between reviews, given that it is after the closing. This is for `pearson_fit`, which takes no exact
    times; estimates are better without it.

    Raises ValueError as `exposure_rates`, and for reviews of several sources, harms or schemes.

    Source: the drawn days, Titman and Sharples (2008), Statistics in Medicine 27, 2177-2195.
    """
    stays = followed(reviews, schemes, until)
    refuse(("reviews must be of one source, harm and scheme", len(stays[SERIES].drop_duplicates()) > 1))
    states = [*(level for name in stays["scheme"].unique() for level in levels_in_order(schemes, name)), LEFT]
    stays = stays[stays["years"].gt(0) | stays["to_level"].eq(LEFT)]
    start, end = (pd.Index(states).get_indexer(stays[name]) for name in ("risk_level", "to_level"))
    left, unknown = end == len(states) - 1, end < 0
    at_a_level = np.arange(len(states)) < len(states) - 1
    may_be = np.where(unknown[:, None], at_a_level, end[:, None] == np.arange(len(states)))
    years = np.maximum(stays["years"].to_numpy(float), _LEAST_DAYS / DAYS_A_YEAR)
    if not closings_exact and left.any():
        rest = (until - stays["reviewed_on"]).dt.days.to_numpy(float) / DAYS_A_YEAR
        planned = np.maximum(np.minimum(_next_review_after(years, left | unknown), rest), years)
        return Panel(start, may_be, np.where(left, planned, years))
    return Panel(start, may_be, years, 1.0, left)


def _next_review_after(years: FloatArray, unseen: BoolArray) -> FloatArray:
    """For each stay a time until the next review, drawn from the gaps between reviews that are longer than it."""
    gaps = SurvfuncRight(years, ~unseen)
    longer, times = np.append(1.0, gaps.surv_prob), np.append(0.0, gaps.surv_times)
    longer_than_stay = longer[np.searchsorted(times, years, side="right") - 1]
    drawn = np.random.default_rng(SEED).random(len(years)) * longer_than_stay
    return np.asarray(np.append(times, np.inf)[np.searchsorted(-longer, -drawn)])


def followed(reviews: pd.DataFrame, schemes: pd.DataFrame, until: pd.Timestamp, by: Sequence[str] = ()) -> pd.DataFrame:
    """A row for each review: from_level, to_level, ended_on and years that the level stood. Rows are of children, so
    they go no further than this package.
    """
    rows = known_by(_checked(reviews, schemes, until, by), until)
    child = ["source_id", *CHILD]
    rows = rows.sort_values([*child, "reviewed_on"], kind="stable", ignore_index=True)
    after = rows.groupby(child, sort=False)[["reviewed_on", "area_code", "scheme", "risk_level"]].shift(-1)
    # Earlier reviews of a case carry its day of closing too; it ends the latest of them alone.
    closed_on = rows["closed_on"].mask(after["reviewed_on"].le(rows["closed_on"]))
    none = after["reviewed_on"].isna()
    left = closed_on.notna() | (~none & after["area_code"].ne(rows["area_code"]).fillna(True))
    other = ~none & after["scheme"].ne(rows["scheme"]).fillna(True)
    to_level = after["risk_level"].mask(other, ANOTHER_SCHEME).mask(none, STILL).mask(left, LEFT)
    ended_on = closed_on.fillna(after["reviewed_on"]).fillna(until)
    years = (ended_on - rows["reviewed_on"]).dt.days / DAYS_A_YEAR
    stays = rows.assign(to_level=to_level, ended_on=ended_on, years=years)
    return stays.assign(from_level=_origins(stays))


def _origins(stays: pd.DataFrame) -> pd.Series:
    """Where each child came from to the level of the review."""
    before = stays.groupby(["source_id", *CHILD], sort=False)[["risk_level", "to_level"]].shift()
    came = before["to_level"].isna() | before["to_level"].eq(LEFT).fillna(False)
    known = stays.duplicated(["source_id", *HERE])
    other = before["to_level"].eq(ANOTHER_SCHEME).fillna(False)
    return before["risk_level"].mask(other, ANOTHER_SCHEME).mask(came, NEW).mask(came & known, RETURNING)


def known_by(reviews: pd.DataFrame, until: pd.Timestamp) -> pd.DataFrame:
    """The reviews as known on a day: later reviews and closings left out."""
    known = reviews[reviews["reviewed_on"] <= until]
    return known.assign(closed_on=known["closed_on"].where(known["closed_on"] <= until))


def _checked(reviews: pd.DataFrame, schemes: pd.DataFrame, until: pd.Timestamp, by: Sequence[str]) -> pd.DataFrame:
    levels = pd.MultiIndex.from_frame(schemes[["scheme", "risk_level"]])
    refuse(
        ("until must be a day", pd.isna(until)),
        ("reviewed_on must be given", reviews["reviewed_on"].isna()),
        ("closed_on must not be before reviewed_on", reviews["closed_on"] < reviews["reviewed_on"]),
        (
            "risk_level must be a level of scheme",
            ~pd.MultiIndex.from_frame(reviews[["scheme", "risk_level"]]).isin(levels),
        ),
        ("every column of by must be given", reviews[[*by]].isna().any(axis=1)),
        ("a child must have one review a day", reviews.duplicated(["source_id", *CHILD, "reviewed_on"])),
    )
    return reviews


def _cells(stays: pd.DataFrame, schemes: pd.DataFrame, place: list[str]) -> pd.DataFrame:
    """Every from_level and to_level of each place; another scheme only where anybody came from it or went to it."""
    changed = stays[["from_level", "to_level"]].eq(ANOTHER_SCHEME).any().tolist()
    places = stays[place].drop_duplicates().sort_values(place)
    tables = []
    for scheme in sorted(places["scheme"].unique()):
        levels = levels_in_order(schemes, scheme)
        entrances = [NEW, RETURNING, *[ANOTHER_SCHEME] * changed[0]]
        exits = [LEFT, *[ANOTHER_SCHEME] * changed[1], STILL]
        pairs = [(start, end) for start in levels for end in [*levels, *exits]]
        pairs += [(start, end) for start in entrances for end in levels]
        cells = pd.DataFrame(pairs, columns=["from_level", "to_level"], dtype="string")
        tables.append(places[places["scheme"].eq(scheme)].merge(cells, how="cross"))
    blank = pd.DataFrame(columns=[*place, "from_level", "to_level"], dtype="string")
    return pd.concat(tables, ignore_index=True) if tables else blank
