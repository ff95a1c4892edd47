"""Evidence tables of made-up records: what an extract would show of the simulated cases and offences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from needs_assessment.evidence.contracts import CONTRACTS
from needs_assessment.synthetic import assumptions
from needs_assessment.synthetic.cases import Case, Child, simulate_cases
from needs_assessment.synthetic.offences import simulate_offences
from needs_assessment.synthetic.targets import Target, draw, quarter_starts, read_targets
from needs_assessment.vocabulary import Period, in_words

SOURCE_ID = "synthetic"

NOTE = (
    "Made up by a seeded generator. No row describes a person. Only the expected yearly referrals follow published "
    "totals; all else is assumption, and nothing about any area can be concluded. Each table holds what is dated in "
    "the period: children referred before it have reviews here but no referral, and in the first quarter the caseload "
    "seems to rise because some of them have not been reviewed yet. No child stands under both harms."
)
_DTYPES = {"text": "string", "day": "datetime64[us]", "whole": "Int64", "number": "Float64", "yes_no": "boolean"}


def synthesise(
    areas: pd.DataFrame,
    *,
    seed: int = assumptions.SEED,
    first_quarter: date = assumptions.FIRST_QUARTER,
    quarters: int = assumptions.QUARTERS,
) -> dict[str, pd.DataFrame]:
    """Evidence tables of made-up records by name: sources, risk_schemes, referrals, risk_reviews and offences.

    `areas` has one row for each area and harm: `area_code`, `exploitation_type` and `episodes_per_year`, the assessment
    episodes with that factor in a year (Department for Education, *Children in need*, table C3). Figures that are
    withheld or implausible are for the caller to replace. An optional column `neighbour_area_codes` names, separated
    by `|`, areas where children from elsewhere may live; without it they all live `outside`.

    The period is `quarters` quarters from `first_quarter`. Each table holds what is dated in it: children who were open
    on its first day have reviews but no referral there, so that the caseload does not build up from none. Cases that
    close after its last day are open.

    The records of an area and harm depend on its own row, the seed and the period alone. The same numbers come back
    for the same version of numpy, which does not promise its streams between versions.

    Raises EvidenceError that lists every fault of `areas`, and ValueError for a period that is not whole quarters.
    """
    extract = Extract(first_quarter, quarters, seed)
    targets = read_targets(areas)
    cases = [(target, case) for target in targets for case in extract.cases(target)]
    rows: dict[str, Iterable[Mapping[str, object]]] = {
        "sources": [extract.source_row()],
        "risk_schemes": _scheme_rows(),
        "referrals": (row for target, case in cases for row in extract.referral_rows(target, case)),
        "risk_reviews": (row for target, case in cases for row in extract.review_rows(target, case)),
        "offences": (row for target in targets for row in extract.offence_rows(target)),
    }
    return {name: _table(name, table_rows) for name, table_rows in rows.items()}


@dataclass(frozen=True)
class Extract:
    """What is seen of the simulated cases and offences: what is dated in the period, as known on its last day."""

    first_quarter: date
    quarters: int
    seed: int

    def __post_init__(self) -> None:
        starts_a_quarter = self.first_quarter.day == 1 and self.first_quarter.month in assumptions.QUARTER_WEIGHTS
        if self.quarters < 1 or not starts_a_quarter:
            raise ValueError(
                "the period must be one or more quarters from 1 January, April, July or October, "
                f"got: {self.quarters} from {in_words(self.first_quarter)}"
            )

    @property
    def period(self) -> Period:
        """The days of the extract."""
        (day_after,) = quarter_starts(self.first_quarter, range(self.quarters, self.quarters + 1))
        return Period(self.first_quarter, day_after - timedelta(days=1))

    def cases(self, target: Target) -> list[Case]:
        """The cases of one area and harm, from long before the period."""
        first_days = quarter_starts(self.first_quarter, range(-assumptions.LEAD_IN_QUARTERS, self.quarters + 1))
        return simulate_cases(target, first_days, target.stream(self.seed, "cases"))

    def referral_rows(self, target: Target, case: Case) -> Iterator[dict[str, object]]:
        """The row of referrals of a case; none where it was referred before the period."""
        if self.period.contains(case.referred_on):
            yield self._case_columns(target, case) | {
                "referral_id": target.identifier("R", case.number),
                "referred_on": case.referred_on,
                "age": case.child.age_on(case.referred_on),
                "sex": case.child.sex,
                "ethnicity": self._ethnicity(target, case.child),
                "referrer": case.referrer,
                "accepted": case.accepted,
            }

    def review_rows(self, target: Target, case: Case) -> Iterator[dict[str, object]]:
        """The rows of risk_reviews of a case."""
        for reviewed_on, level in case.reviews:
            if self.period.contains(reviewed_on):
                review = {"scheme": assumptions.SCHEME, "risk_level": level, "reviewed_on": reviewed_on}
                yield self._case_columns(target, case) | review

    def offence_rows(self, target: Target) -> Iterator[dict[str, object]]:
        """The rows of offences of an area and harm."""
        for offence in simulate_offences(target, self.period, target.stream(self.seed, "offences")):
            yield _target_columns(target) | offence

    def source_row(self) -> dict[str, object]:
        """The row of sources that says what the records are."""
        return {
            "source_id": SOURCE_ID,
            "title": "Synthetic records (made up, for demonstration only)",
            "publisher": "the generator of this project",
            "data_from": self.period.start,
            "data_to": self.period.end,
            "reference": f"seed {self.seed}, {in_words(self.period.start)} to {in_words(self.period.end)}",
            "public": False,
            "synthetic": True,
            "note": NOTE,
        }

    def _ethnicity(self, target: Target, child: Child) -> str:
        """The recorded ethnic group, from numbers of its own, so that all else is the same whatever its weights are."""
        return draw(assumptions.ETHNICITY_WEIGHTS, target.stream(self.seed, f"ethnicity {child.number}"))

    def _case_columns(self, target: Target, case: Case) -> dict[str, object]:
        return _target_columns(target) | {
            "child_id": target.identifier("C", case.child.number),
            "home_area_code": case.child.home_area_code,
            "closed_on": case.closed_on if case.closed_on <= self.period.end else None,
        }


def _target_columns(target: Target) -> dict[str, object]:
    return {
        "source_id": SOURCE_ID,
        "area_code": target.area_code,
        "exploitation_type": str(target.exploitation_type),
    }


def _scheme_rows() -> list[dict[str, object]]:
    levels = list(assumptions.LEVEL_WEIGHTS)
    shared = {
        "scheme": assumptions.SCHEME,
        "levels_in_scheme": len(levels),
        "description": "made-up level, for demonstration only",
        "source_id": SOURCE_ID,
    }
    return [shared | {"risk_level": level, "ordinal": ordinal} for ordinal, level in enumerate(levels, start=1)]


def _table(name: str, rows: Iterable[Mapping[str, object]]) -> pd.DataFrame:
    columns = CONTRACTS[name].columns
    dtypes = {column: _DTYPES[(contract.metadata or {})["kind"]] for column, contract in columns.items()}
    return pd.DataFrame(list(rows), columns=list(columns)).astype(dtypes)
