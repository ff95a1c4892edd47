"""Editions: of several editions of one publication the latest stands, and the others show what was revised."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

FIGURE = ["measure", "unit", "exploitation_type", "area_code", "period_start", "period_end"]
SERIES = ["measure", "unit", "exploitation_type", "period_start", "period_end"]
COUNT_REVISED, SYMBOL_CHANGED = "count revised", "symbol changed"
NOW_PUBLISHED, NOW_WITHHELD = "withheld → published", "published → withheld"
APPEARED, DISAPPEARED = "appeared", "disappeared"
REVISION_TYPES = {
    "edition_of": "string",
    **dict.fromkeys(FIGURE, "string"),
    "period_start": "datetime64[us]",
    "period_end": "datetime64[us]",
    "old_source_id": "string",
    "new_source_id": "string",
    "old_count": "Int64",
    "old_missing": "string",
    "new_count": "Int64",
    "new_missing": "string",
    "kind": "string",
}


def current_edition(table: pd.DataFrame, sources: pd.DataFrame, key: Sequence[str]) -> pd.DataFrame:
    """The rows of `table` without those that a later edition of the same publication states anew, in their order.

    Rows are the same statement where they agree in `key`; blank agrees with blank. The later edition has the later
    data_to, then the later published_on, then the later place in `sources`. What only an older edition states stays,
    and so does every row of a source without edition_of. Areas must stand under today's codes first
    (`geography.with_current_codes`): else an area whose code changed between the editions would stand twice.
    """
    edition = table[["source_id"]].merge(_editions(sources), on="source_id", how="left").set_index(table.index)
    latest = (
        edition["order"].groupby([edition["edition_of"], *(table[name] for name in key)], dropna=False).transform("max")
    )
    return table[edition["edition_of"].isna() | edition["order"].eq(latest)].reset_index(drop=True)


def revisions(observations: pd.DataFrame, sources: pd.DataFrame) -> pd.DataFrame:
    """What each edition changed of the one before it: a row for each figure that differs, by publication and edition.

    Columns: edition_of, the figure (measure, unit, exploitation_type, area_code, period_start, period_end),
    old_source_id, new_source_id, old_count, old_missing, new_count, new_missing and kind: `count revised`, `withheld →
    published` (any symbol became a number), `published → withheld`, `symbol changed`, `appeared` or `disappeared`.

    A period that one of the two editions does not have at all, such as the latest year, is new or dropped and not
    revised: its figures are not listed. Areas must stand under today's codes first, as for `current_edition`.
    """
    pairs = _consecutive(observations, sources)
    if pairs.empty:
        return pd.DataFrame(columns=list(REVISION_TYPES)).astype(REVISION_TYPES)
    stated = observations.assign(nth=_nth(observations))
    old, new = (_of(stated, pairs, which) for which in ("old", "new"))
    key = ["edition_of", "old_source_id", "new_source_id", *FIGURE, "nth"]
    both = old.merge(new, on=key, how="outer")
    both["kind"] = _kinds(both)
    in_both_editions = _has_period(both, old) & _has_period(both, new)
    revised = both[both["kind"].ne("") & in_both_editions].merge(pairs, on=key[:3])
    order = ["edition_of", "pair", *FIGURE, "nth"]
    return revised.sort_values(order, ignore_index=True)[list(REVISION_TYPES)].astype(REVISION_TYPES)


def _editions(sources: pd.DataFrame) -> pd.DataFrame:
    """The sources that are editions, with edition_of and order: source_id, edition_of, order (later is higher)."""
    editions = sources.dropna(subset=["edition_of"]).reset_index(names="place")
    editions = editions.sort_values(["data_to", "published_on", "place"], na_position="first", ignore_index=True)
    return editions[["source_id", "edition_of"]].assign(order=np.arange(len(editions)))


def _consecutive(observations: pd.DataFrame, sources: pd.DataFrame) -> pd.DataFrame:
    """Each edition that states figures with the one before it: edition_of, old_source_id, new_source_id, pair."""
    stated = sources["source_id"].isin(observations["source_id"])
    # Two sources with data to the same day are one edition in two copies, of which the later place in `sources` counts.
    copies = sources[stated].drop_duplicates(["edition_of", "data_to", "published_on"], keep="last")
    editions = _editions(copies).rename(columns={"source_id": "new_source_id", "order": "pair"})
    editions["old_source_id"] = editions.groupby("edition_of")["new_source_id"].shift()
    return editions.dropna(subset=["old_source_id"])


def _nth(observations: pd.DataFrame) -> pd.Series:
    """A source that states several figures of one kind, told apart by a note, has its first compared with the first."""
    return observations.groupby(["source_id", *FIGURE], dropna=False).cumcount()


def _of(stated: pd.DataFrame, pairs: pd.DataFrame, which: str) -> pd.DataFrame:
    """The figures of the old or the new edition of each pair; `in_old` or `in_new` marks them."""
    names = {"source_id": f"{which}_source_id", "count": f"{which}_count", "missing": f"{which}_missing"}
    figures = stated[["source_id", *FIGURE, "nth", "count", "missing"]].rename(columns=names)
    columns = ["edition_of", "old_source_id", "new_source_id"]
    return figures.merge(pairs[columns], on=f"{which}_source_id").assign(**{f"in_{which}": True})


def _has_period(figures: pd.DataFrame, edition: pd.DataFrame) -> np.ndarray:
    """Whether the edition has any figure of the series and period of each of `figures`."""
    series = ["edition_of", "old_source_id", "new_source_id", *SERIES]
    return (
        figures[series]
        .merge(edition[series].drop_duplicates(), how="left", indicator=True)["_merge"]
        .eq("both")
        .to_numpy(bool)
    )


def _kinds(both: pd.DataFrame) -> np.ndarray:
    """The kind of each revision; the empty text where nothing was revised."""
    before, after = both["old_count"], both["new_count"]
    published, published_after = before.notna(), after.notna()
    kinds = {
        APPEARED: both["in_old"].isna(),
        DISAPPEARED: both["in_new"].isna(),
        NOW_PUBLISHED: ~published & published_after,
        NOW_WITHHELD: published & ~published_after,
        COUNT_REVISED: before.ne(after).fillna(False),
        SYMBOL_CHANGED: both["old_missing"].ne(both["new_missing"]).fillna(False),
    }
    return np.select([mask.to_numpy(bool) for mask in kinds.values()], list(kinds), default="")
