"""What became of children under review, from counts that passed the disclosure gate: outcomes, shares, rates, tests.

A sum with a withheld part is not given, and no share is stated of a base below 20.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd
from statsmodels.stats.proportion import confint_proportions_2indep

from needs_assessment.disclosure import SafeCounts
from needs_assessment.methods.comparison import of_estimate
from needs_assessment.methods.homogeneity import marginal_homogeneity
from needs_assessment.methods.rates import proportion_with_limits
from needs_assessment.methods.transitions import move_rates
from needs_assessment.risk.schemes import levels_in_order
from needs_assessment.vocabulary import (
    ALL_LEVELS,
    ANOTHER_SCHEME,
    LEFT,
    PERCENTAGE_FLOOR,
    MissingCode,
    RiskMeasure,
)

SERIES = ["source_id", "scheme", "exploitation_type", "area_code"]
PERIOD = ["period_start", "period_end"]
SAME, HIGHER, LOWER = "same level", "higher level", "lower level"
OUTCOMES = (HIGHER, SAME, LOWER, LEFT, ANOTHER_SCHEME)
COMPARED = "compared with the rest of its police force area, allowing for chance"
FEW = "fewer than twenty children"
WITHHELD = "a count is withheld"


def outcomes(movement: SafeCounts, schemes: pd.DataFrame) -> pd.DataFrame:
    """What had become of children twelve months later: one row a force, harm, starting level (or all) and outcome.

    Columns: the series, period, from_level, outcome, count, total (children at the level at the start), share, lower,
    upper (Wilson, 95%), missing.
    """
    flows = _of(movement.table, RiskMeasure.TWELVE_MONTHS_LATER)
    rows = [row for key, cells in _grouped(flows) for row in _outcome_rows(key, cells, schemes)]
    table = pd.DataFrame(rows, columns=[*SERIES, *PERIOD, "from_level", "outcome", "count", "total"])
    return _with_limits(table.astype({"count": "Int64", "total": "Int64"}))


def with_shares(movement: SafeCounts, caseload: SafeCounts) -> pd.DataFrame:
    """The counts of movement with total and share: of who stood at a level, the children there at the start, and the
    share of them that each cell makes (0 to 1); blank beside a withheld count, and no share of a base below 20.
    """
    rows = movement.table
    stood = caseload.table.rename(columns={"risk_level": "from_level", "as_at": "period_start", "count": "total"})
    keys = [*SERIES, "from_level", "period_start"]
    table = rows.merge(stood[[*keys, "total"]], on=keys, how="left")
    cell = table["measure"].eq(RiskMeasure.TWELVE_MONTHS_LATER) & table["to_level"].ne(ALL_LEVELS)
    total = table["total"].where(cell & table["count"].notna()).astype("Int64")
    return table.assign(total=total, share=table["count"].astype("Float64") / total.where(total.ge(PERCENTAGE_FLOOR)))


def _of(movement: pd.DataFrame, measure: RiskMeasure) -> pd.DataFrame:
    return movement[movement["measure"].eq(measure)]


def _grouped(flows: pd.DataFrame) -> Iterator[tuple[Mapping[str, object], pd.DataFrame]]:
    for key, cells in flows.groupby([*SERIES, *PERIOD], sort=False):
        yield dict(zip([*SERIES, *PERIOD], key, strict=True)), cells


def _outcome_rows(key: Mapping[str, object], cells: pd.DataFrame, schemes: pd.DataFrame) -> Iterator[dict[str, object]]:
    order = {level: place for place, level in enumerate(levels_in_order(schemes, str(key["scheme"])))}
    stayed = cells[cells["from_level"].isin(order) & cells["to_level"].ne(ALL_LEVELS)]
    named = stayed.assign(outcome=[_outcome(row, order) for row in stayed.itertuples()])
    for level in (*order, ALL_LEVELS):
        of_level = named[named["from_level"].eq(level) | (level == ALL_LEVELS)]
        for outcome in (word for word in OUTCOMES if word in set(named["outcome"])):
            # From the highest level nobody can be raised: that is no 0.
            if outcome in set(of_level["outcome"]):
                count = _total(of_level.loc[of_level["outcome"].eq(outcome), "count"])
                yield {
                    **key,
                    "from_level": level,
                    "outcome": outcome,
                    "count": count,
                    "total": _total(of_level["count"]),
                }


def _outcome(row: object, order: Mapping[str, int]) -> str:
    ends = row.to_level  # type: ignore[attr-defined]
    if ends not in order:
        return str(ends)
    step = order[ends] - order[row.from_level]  # type: ignore[attr-defined]
    return SAME if step == 0 else HIGHER if step > 0 else LOWER


def _total(counts: pd.Series) -> object:
    """The sum; missing where a part is withheld."""
    return pd.NA if counts.isna().any() else int(counts.sum())


def _with_limits(table: pd.DataFrame) -> pd.DataFrame:
    """The counts with share, lower, upper where the total is large enough, and the symbol of a withheld count."""
    enough = table["count"].notna() & table["total"].ge(PERCENTAGE_FLOOR).fillna(False)
    limits = proportion_with_limits(
        table["count"].where(enough).astype(float).to_numpy(), table["total"].where(enough, 1).astype(float).to_numpy()
    )
    withheld = table["count"].isna()
    missing = pd.Series(pd.NA, index=table.index, dtype="string").mask(withheld, MissingCode.SUPPRESSED.value)
    return table.assign(share=limits.value, lower=limits.lower, upper=limits.upper, missing=missing)


def _beside_force(table: pd.DataFrame, forces: pd.Series) -> pd.DataFrame:
    keys = [name for name in (*SERIES, *PERIOD, "measure") if name != "area_code"]
    force = table[[*keys, "area_code", "count", "total", "share"]].add_suffix("_of_force")
    force = force.rename(columns={f"{name}_of_force": name for name in keys} | {"share_of_force": "force_share"})
    placed = table.assign(area_code_of_force=table["area_code"].map(forces).astype("string"))
    beside = placed.merge(force, on=[*keys, "area_code_of_force"], how="left")
    said = _judged(beside)
    beside = beside.assign(verdict=said.verdict, reason=said.reason)
    # All who were assessed are no part of anything.
    none = beside["area_code_of_force"].isna() | beside["measure"].eq(RiskMeasure.ASSESSED)
    beside[["verdict", "reason"]] = beside[["verdict", "reason"]].mask(none, pd.NA)
    columns = [*table.columns[:-1], "force_share", "verdict", "reason", "missing"]
    return beside[columns].astype({"verdict": "string", "reason": "string"})


def _judged(beside: pd.DataFrame):  # type: ignore[no-untyped-def]
    """Lower, Similar or Higher than the rest of the force: by the difference of two shares."""
    count, total = beside["count"], beside["total"]
    rest, rest_total = beside["count_of_force"] - count, beside["total_of_force"] - total
    few = (total.lt(PERCENTAGE_FLOOR) | rest_total.lt(PERCENTAGE_FLOOR)).fillna(False).astype(bool)
    known = (count.notna() & rest.notna() & total.notna() & rest_total.notna()).to_numpy() & ~few.to_numpy()
    lower, upper = np.full(len(beside), np.nan), np.full(len(beside), np.nan)
    for place in np.flatnonzero(known):
        numbers = [int(column.iloc[place]) for column in (count, total, rest, rest_total)]
        # Newcombe's limits are made of Wilson's, which are those that are printed.
        lower[place], upper[place] = confint_proportions_2indep(*numbers, method="newcomb", compare="diff")
    doubts = {FEW: few, WITHHELD: ~known}
    return of_estimate(0.0, lower, upper, doubts=doubts, compared=COMPARED)


def yearly(movement: SafeCounts, caseload: SafeCounts, forces: pd.Series) -> pd.DataFrame:
    """The yearly counts of children under review with the count that each is part of: the series, period, measure,
    count, total, share, lower, upper (Wilson, 95%), force_share, verdict (beside the rest of the force), reason and
    missing. `forces` has the police force area of each authority.

    The total of those raised or lowered is all who were assessed in the year, of those raised again all who were
    lowered, and of those whose review is overdue the caseload of the day.
    """
    counts = movement.table[movement.table["measure"].isin(_BASES)]
    bases = pd.concat([counts, _all_on_caseload(caseload.table)], ignore_index=True)
    keys = [*SERIES, "period_end", "base"]
    named = bases.rename(columns={"measure": "base", "count": "total"})[[*keys, "total"]].drop_duplicates(keys)
    table = counts.assign(base=counts["measure"].map(_BASES).astype("string")).merge(named, on=keys, how="left")
    blank = table["base"].eq("")
    table["total"] = table["total"].mask(blank | table["count"].isna())
    columns = [*SERIES, *PERIOD, "measure", "count", "total", "share", "lower", "upper", "missing"]
    return _beside_force(_with_limits(table.drop(columns="missing"))[columns].reset_index(drop=True), forces)


CASELOAD = "caseload"
_BASES = {
    RiskMeasure.ASSESSED.value: "",
    RiskMeasure.RAISED.value: RiskMeasure.ASSESSED.value,
    RiskMeasure.LOWERED.value: RiskMeasure.ASSESSED.value,
    RiskMeasure.RAISED_AGAIN_WITHIN_6_MONTHS.value: RiskMeasure.LOWERED.value,
    RiskMeasure.RAISED_AGAIN_WITHIN_12_MONTHS.value: RiskMeasure.LOWERED.value,
    RiskMeasure.REVIEW_OVERDUE.value: CASELOAD,
}


def _all_on_caseload(caseload: pd.DataFrame) -> pd.DataFrame:
    """The whole caseload of each day, where no level is withheld."""
    grouped = caseload.groupby([*SERIES, "as_at"], sort=False)["count"]
    sums = grouped.agg(_total).rename("count").reset_index().rename(columns={"as_at": "period_end"})
    return sums.assign(measure=CASELOAD).astype({"count": "Int64"})


def rates(movement: SafeCounts) -> pd.DataFrame:
    """Moves between quarter ends for each child-year at a level, of forces: the series, period, from_level, to_level,
    moves, child_years, value, lower, upper (exact, 95%), reason.

    Who stood at the level at a quarter end is followed for a quarter of a year. A move back within the quarter is not
    seen.
    """
    cells = _of(movement.table, RiskMeasure.THREE_MONTHS_LATER)
    stood = cells[cells["to_level"].eq(ALL_LEVELS)].rename(columns={"count": "quarters"})
    keys = [*SERIES, *PERIOD, "from_level"]
    moved = cells[cells["to_level"].ne(ALL_LEVELS)].merge(stood[[*keys, "quarters"]], on=keys)
    table = moved.assign(moves=moved["count"], child_years=moved["quarters"].astype(float) / 4)
    known = (table["moves"].notna() & table["child_years"].gt(0)).to_numpy()
    limits = move_rates(
        table["moves"].where(known).astype(float).to_numpy(), table["child_years"].where(known).to_numpy()
    )
    reason = pd.Series(WITHHELD, index=table.index, dtype="string").mask(known)
    columns = [*keys, "to_level", "moves", "child_years"]
    return table[columns].assign(value=limits.value, lower=limits.lower, upper=limits.upper, reason=reason)


def direction_tests(movement: SafeCounts, schemes: pd.DataFrame) -> pd.DataFrame:
    """Whether levels moved one way among children under review on both days, twelve months apart: the series, period,
    both, raised, lowered, sign_p, bowker, bowker_df, bowker_p, stuart_maxwell, stuart_maxwell_df, stuart_maxwell_p and
    reason, which says why there is no test.
    """
    flows = _of(movement.table, RiskMeasure.TWELVE_MONTHS_LATER)
    rows = [{**key, **_tested(cells, schemes, str(key["scheme"]))} for key, cells in _grouped(flows)]
    table = pd.DataFrame(rows, columns=[*SERIES, *PERIOD, *_TESTED])
    whole = ["both", "raised", "lowered", "bowker_df", "stuart_maxwell_df"]
    return table.astype(dict.fromkeys(whole, "Int64") | {"reason": "string"})


_TESTED = [
    "both",
    "raised",
    "lowered",
    "sign_p",
    "bowker",
    "bowker_df",
    "bowker_p",
    "stuart_maxwell",
    "stuart_maxwell_df",
    "stuart_maxwell_p",
    "reason",
]


def _tested(cells: pd.DataFrame, schemes: pd.DataFrame, scheme: str) -> dict[str, object]:
    levels = levels_in_order(schemes, scheme)
    square = cells.pivot(index="from_level", columns="to_level", values="count").reindex(index=levels, columns=levels)
    counts = square.to_numpy(dtype=float, na_value=np.nan)
    return {"both": counts.sum(), **marginal_homogeneity(counts)._asdict()}
