"""Children under review, from case-level records: who stood at which level on a day, and where they went from there.

A child is under review from the first review to the day of closing, in the authority and at the level of the latest
review. Records of two sources, and of two harms, are of two children.
"""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from needs_assessment.geography import whole_forces
from needs_assessment.vocabulary import ANOTHER_SCHEME, LEFT, NEW, RETURNING, ExploitationType

CHILD = ["child_id", "exploitation_type"]
"""What tells children apart within one source."""
HERE = [*CHILD, "area_code"]
PLACE = ["area_code", "exploitation_type", "scheme"]
"""What the counts of one source are made for."""


def quarter_ends(reviews: pd.DataFrame) -> list[pd.Timestamp]:
    """The last days of the quarters from the second that has a review to the last.

    The first has only just begun to fill, so it would look like a rise.
    """
    if reviews.empty:
        return []
    quarters = pd.period_range(reviews["reviewed_on"].min(), reviews["reviewed_on"].max(), freq="Q")
    return [quarter.end_time.normalize() for quarter in quarters[1:]]


def years(reviews: pd.DataFrame) -> list[pd.Period]:
    """The years ending 31 March of which the quarters from the first review to the last hold all four."""
    if reviews.empty:
        return []
    quarters = pd.period_range(reviews["reviewed_on"].min(), reviews["reviewed_on"].max(), freq="Q")
    held = pd.Series(quarters.end_time.to_period("Y-MAR")).value_counts(sort=False)
    return sorted(held.index[held.eq(4)])


def standing(reviews: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """The latest review of each child under review on a day: the rows of `reviews`, one a child and harm."""
    until_then = reviews[reviews["reviewed_on"] <= day].sort_values("reviewed_on", kind="stable")
    latest = until_then.drop_duplicates(CHILD, keep="last")
    # The latest review alone decides: earlier ones of a child who left may still stand without a day of closing.
    return latest[latest["closed_on"].isna() | (latest["closed_on"] >= day)]


def moves(reviews: pd.DataFrame, first: pd.Timestamp, last: pd.Timestamp) -> pd.DataFrame:
    """Where each child came from and went to between two days: area_code, exploitation_type, scheme, from_level and
    to_level, one row a child, harm and authority.

    Everybody who was under review on either day has a row, and so has everybody who came after the first and left
    before the last. A child is followed within one authority: to move away is to leave. A child whose scheme changed
    has a row under each scheme.
    """
    states = _states(reviews, first, last)
    changed = states["scheme_before"].ne(states["scheme_after"]).fillna(False).astype(bool)
    changed &= states["scheme_before"].notna() & states["scheme_after"].notna()
    under_old = states.assign(
        scheme=states["scheme_before"].fillna(states["scheme_after"]).fillna(states["scheme_between"]),
        from_level=states["risk_level_before"].fillna(states["entrant"]),
        to_level=states["risk_level_after"].fillna(LEFT).mask(changed, ANOTHER_SCHEME),
    )
    other = states[changed]
    under_new = other.assign(
        scheme=other["scheme_after"], from_level=ANOTHER_SCHEME, to_level=other["risk_level_after"]
    )
    return pd.concat([under_old, under_new])[[*PLACE, "from_level", "to_level"]].reset_index(drop=True)


def _states(reviews: pd.DataFrame, first: pd.Timestamp, last: pd.Timestamp) -> pd.DataFrame:
    """Each child of an authority on both days, blank where not under review there; and what an entrant is called."""
    known = reviews[reviews["reviewed_on"] <= first][HERE].drop_duplicates().assign(entrant=RETURNING)
    within = reviews[(reviews["reviewed_on"] > first) & (reviews["reviewed_on"] <= last)].sort_values("reviewed_on")
    between = within.drop_duplicates(HERE, keep="last")[[*HERE, "scheme"]].rename(columns={"scheme": "scheme_between"})
    states = _state(reviews, first, "before").merge(_state(reviews, last, "after"), on=HERE, how="outer")
    states = states.merge(between, on=HERE, how="outer").merge(known, on=HERE, how="left")
    return states.assign(entrant=states["entrant"].fillna(NEW))


def _state(reviews: pd.DataFrame, day: pd.Timestamp, when: str) -> pd.DataFrame:
    there = standing(reviews, day)[[*HERE, "scheme", "risk_level"]]
    return there.rename(columns={"scheme": f"scheme_{when}", "risk_level": f"risk_level_{when}"})


def changes_of_level(reviews: pd.DataFrame, schemes: pd.DataFrame) -> pd.DataFrame:
    """The reviews with `step`: 1 where the level is higher than at the child's review before, -1 where it is lower, 0
    where it is the same. Reviews of one authority and scheme are compared; a first one has 0.
    """
    ordinal = schemes.set_index(["scheme", "risk_level"])["ordinal"].rename("ordinal")
    dated = reviews.sort_values("reviewed_on", kind="stable").join(ordinal, on=["scheme", "risk_level"])
    before = dated.groupby([*HERE, "scheme"])["ordinal"].shift()
    difference = (dated["ordinal"] - before).fillna(0).astype(int)
    return dated.assign(step=difference.clip(-1, 1))


def days_to_first_review(referrals: pd.DataFrame, reviews: pd.DataFrame) -> pd.Series:
    """The days from each referral to the first review of the child for that harm in the same source and authority, on
    that day or later and before the next referral; missing where there is none.
    """
    if referrals.empty or reviews.empty:
        return pd.Series(pd.NA, index=referrals.index, dtype="Float64")
    keys = ["source_id", *HERE]
    asked = referrals.reset_index().sort_values("referred_on", kind="stable")
    asked["next"] = asked.groupby(keys)["referred_on"].shift(-1)
    found = pd.merge_asof(
        asked,
        reviews[[*keys, "reviewed_on"]].sort_values("reviewed_on", kind="stable"),
        left_on="referred_on",
        right_on="reviewed_on",
        by=keys,
        direction="forward",
    )
    in_time = found["next"].isna() | (found["reviewed_on"] < found["next"])
    days = (found["reviewed_on"] - found["referred_on"]).dt.days.where(in_time)
    return pd.Series(days.to_numpy(), index=found["index"]).reindex(referrals.index).astype("Float64")


def spine(reviews: pd.DataFrame) -> pd.DataFrame:
    """Every place of one source that counts are made for: the schemes in use in each authority, by harm of the source;
    and each police force area of which the source names every authority and all use one scheme.
    """
    used = reviews[["area_code", "scheme"]].drop_duplicates().sort_values(["area_code", "scheme"])
    harms = [str(harm) for harm in ExploitationType if harm in set(reviews["exploitation_type"])]
    return used.merge(pd.DataFrame({"exploitation_type": harms}), how="cross")[PLACE]


def forces_of(reviews: pd.DataFrame, areas: pd.DataFrame) -> pd.Series:
    """The police force area of each authority (the index), of those forces of which the source names every authority
    and all of these use one and the same scheme: levels of different schemes are never added.
    """
    forces = whole_forces(areas, reviews["area_code"])
    schemes = reviews.assign(force=reviews["area_code"].map(forces)).groupby("force")["scheme"].nunique()
    return forces[forces.map(schemes).eq(1)]


def with_forces(counts: pd.DataFrame, forces: pd.Series, by: Iterable[str]) -> pd.DataFrame:
    """The counts with those of each force: the sums over its authorities, by the columns of `by`."""
    placed = counts.assign(area_code=counts["area_code"].map(forces).astype("string")).dropna(subset="area_code")
    sums = placed.groupby(["area_code", *by], sort=False, dropna=False)["count"].sum().reset_index()
    return pd.concat([counts, sums], ignore_index=True)
