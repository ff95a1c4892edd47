"""Awards of money: the share spent of each, and the totals of awards of one purpose to several recipients."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from needs_assessment.vocabulary import Unit

ONE_PURPOSE = ["police_force_area_code", "source_id", "purpose", "period_start", "period_end"]
COLUMNS = [
    *("police_force_area_code", "area_code", "source_id", "purpose", "period_start", "period_end", "recipients"),
    *("awarded_gbp", "spent_gbp", "share_spent", "unspent_gbp", "stated_gbp", "agrees"),
]
NEEDED = 2
"""Recipients that make a total."""
SHORTEST_NAME = 3
EVERY_AWARD = frozenset(["award", "fund", "funding", "grant", "and", "for", "the"])
"""Words that say nothing of what an award is for."""


def with_share_spent(funding: pd.DataFrame) -> pd.DataFrame:
    """The awards with share_spent, from 0 up: spent divided by awarded, missing where either is not stated."""
    return funding.assign(share_spent=_share(funding["spent_gbp"], funding["awarded_gbp"]))


def award_totals(funding: pd.DataFrame, statements: pd.DataFrame, areas: pd.DataFrame) -> pd.DataFrame:
    """The sums of awards of one purpose, source and period to two or more recipients of a police force area: `COLUMNS`.

    awarded_gbp and spent_gbp are missing where one of their parts is not stated; unspent_gbp and share_spent need both.
    stated_gbp is the total in pounds that a statement of the same source about the force gives for the same recipients
    or purpose, and `agrees` whether it is the sum to the pound. Rows that name one recipient twice for one purpose and
    period can be two wordings of one award and have no total.
    """
    forces = areas.set_index("area_code")["police_force_area_code"]
    awards = funding.assign(police_force_area_code=funding["area_code"].map(forces).astype("string"))
    totals = [_total(key, rows) for key, rows in awards.groupby(ONE_PURPOSE, sort=False) if _can_be_added(rows)]
    table = pd.DataFrame(totals, columns=[*ONE_PURPOSE, "recipients", "awarded_gbp", "spent_gbp", "shared"])
    stated = [_stated(row, statements) for _, row in table.iterrows()]
    table = table.assign(
        area_code=table["police_force_area_code"],
        share_spent=_share(table["spent_gbp"], table["awarded_gbp"]),
        unspent_gbp=table["awarded_gbp"] - table["spent_gbp"],
        stated_gbp=pd.Series(stated, dtype="Float64"),
    )
    table["agrees"] = table["stated_gbp"].astype("Float64").round().eq(table["awarded_gbp"].astype("Float64").round())
    return table.astype(_KINDS)[COLUMNS]


_KINDS = (
    dict.fromkeys(["police_force_area_code", "area_code", "source_id", "purpose"], "string")
    | dict.fromkeys(["period_start", "period_end"], "datetime64[us]")
    | dict.fromkeys(["awarded_gbp", "spent_gbp", "unspent_gbp", "stated_gbp"], "Float64")
    | {"recipients": "Int64", "share_spent": "float64", "agrees": "boolean"}
)


def _can_be_added(rows: pd.DataFrame) -> bool:
    return len(rows) >= NEEDED and rows["recipient"].is_unique


def _total(key: tuple[object, ...], rows: pd.DataFrame) -> list[object]:
    sums = [rows[column].sum() if rows[column].notna().all() else pd.NA for column in ("awarded_gbp", "spent_gbp")]
    # What the names of all recipients have in common, such as CSP, is how a source speaks of them together.
    return [*key, len(rows), *sums, set.intersection(*(_words(recipient) for recipient in rows["recipient"]))]


def _words(text: str) -> set[str]:
    """The words of three letters and more that tell one award from another, without the s of a plural."""
    found = re.findall(rf"\w{{{SHORTEST_NAME},}}", text.casefold())
    return {word.removesuffix("s") for word in found} - EVERY_AWARD


def _stated(total: pd.Series, statements: pd.DataFrame) -> object:
    """The total that the source states; missing where it states none, or several that differ."""
    money = statements[
        statements["source_id"].eq(total["source_id"])
        & statements["area_code"].eq(total["police_force_area_code"])
        & statements["unit"].eq(Unit.POUND)
        & statements["wording"].str.contains("total", case=False)
    ]
    purpose, named = _words(total["purpose"]), [_words(wording) for wording in money["wording"]]
    meant = [bool(words & total["shared"]) or (bool(purpose) and purpose <= words) for words in named]
    about = money[np.array(meant, dtype=bool)]
    return about["value"].iloc[0] if about["value"].nunique() == 1 else pd.NA


def _share(spent: pd.Series, awarded: pd.Series) -> pd.Series:
    awards = awarded.astype("Float64").astype(float)
    return spent.astype("Float64").astype(float) / awards.where(awards > 0)
