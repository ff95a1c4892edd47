"""Sums over counts of which some are missing, each for its own reason: an interval, never a zero in a gap's place."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from needs_assessment.methods.rates import refuse
from needs_assessment.vocabulary import MissingCode

REASONS = {code.name.lower(): code.value for code in MissingCode}
"""The column of a total that counts the cells missing for each reason: `suppressed` counts the cells marked `c`."""

BOUNDED = [MissingCode.SUPPRESSED, MissingCode.ROUNDS_TO_ZERO, MissingCode.NOT_APPLICABLE]
"""The reasons that say how large the count can be. All others leave the upper end of a sum unknown."""


class UnitError(ValueError):
    """Counts of different units were to be added."""


def totals(counts: pd.DataFrame, by: Sequence[str], *, withheld_up_to: int = 5, low_up_to: int = 4) -> pd.DataFrame:
    """Sums of the counts of each group as intervals: columns `by`, unit, lower, upper, count, cells, then a column for
    each reason of a missing cell (suppressed, not_available, ...) with the number of cells that are missing for it.

    `counts` has the columns of `by`, unit, count (whole numbers) and missing (a MissingCode): exactly one of the last
    two in each row. A number adds itself, and for a missing cell

    - `c`, withheld: 1 to `withheld_up_to`;
    - `low`, which rounds to zero but is not zero: 1 to `low_up_to`, 4 where the source rounds to 10;
    - `z`, not applicable: nothing;
    - `x`, `u`, `k`, `:`: 0 or more, so that the upper end is missing and the lower end still holds.

    `count` is the exact sum, where lower and upper agree; it is missing for a group of which every cell is not
    applicable, since nothing was counted there.

    Raises UnitError where a group holds more than one unit, and ValueError, with the positions at fault, for a row
    without exactly one of count and missing, an unknown code and a negative count.
    """
    _refuse_faults(counts, withheld_up_to, low_up_to)
    _refuse_mixed_units(counts, by)
    missing, count = counts["missing"], counts["count"].astype("Int64")
    cells = counts[list(dict.fromkeys([*by, "unit"]))].assign(
        lower=count.mask(missing.notna(), missing.isin(BOUNDED[:2]).astype("Int64")),
        upper=count.mask(missing.notna(), _most(missing, withheld_up_to, low_up_to)),
        unbounded=missing.notna() & ~missing.isin(BOUNDED),
        cells=1,
        **{reason: missing.eq(code).fillna(False).astype(int) for reason, code in REASONS.items()},
    )
    sums = cells.groupby(list(dict.fromkeys([*by, "unit"])), dropna=False, sort=False).sum().reset_index()
    sums["upper"] = sums["upper"].mask(sums["unbounded"] > 0)
    counted = sums["cells"] > sums["not_applicable"]
    sums["count"] = sums["lower"].where(sums["lower"].eq(sums["upper"]).fillna(False).astype(bool) & counted)
    return sums[list(dict.fromkeys([*by, "unit", "lower", "upper", "count", "cells", *REASONS]))]


def _most(missing: pd.Series, withheld_up_to: int, low_up_to: int) -> pd.Series:
    """The largest count that a missing cell can stand for; 0 where that is unknown, which `unbounded` remembers."""
    most = {MissingCode.SUPPRESSED.value: withheld_up_to, MissingCode.ROUNDS_TO_ZERO.value: low_up_to}
    return missing.map(most).fillna(0).astype("Int64")


def _refuse_faults(counts: pd.DataFrame, withheld_up_to: int, low_up_to: int) -> None:
    count, missing = counts["count"], counts["missing"]
    refuse(
        ("withheld_up_to must be 1 or more", withheld_up_to < 1),
        ("low_up_to must be 1 or more", low_up_to < 1),
        ("exactly one of count and missing must be given", (count.isna() == missing.isna()).to_numpy(bool)),
        ("count must be 0 or more", count.lt(0).fillna(False).to_numpy(bool)),
        ("missing must be a MissingCode", (missing.notna() & ~missing.isin(list(MissingCode))).to_numpy(bool)),
    )


def _refuse_mixed_units(counts: pd.DataFrame, by: Sequence[str]) -> None:
    units = counts.groupby(list(by), dropna=False)["unit"].unique() if by else pd.Series([counts["unit"].unique()])
    mixed = units[units.map(len) > 1]
    if len(mixed):
        named = sorted({str(unit) for group in mixed for unit in group})
        raise UnitError(f"counts of different units are never added: {', '.join(named)} in {len(mixed)} of the groups")
