"""What a release answers to a request for the services that were paid for in a police force area over some months."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from enum import StrEnum
from functools import cache, cached_property
from typing import NamedTuple

import pandas as pd

from needs_assessment.area_view.place import Place
from needs_assessment.vocabulary import COMMISSIONED_STATUSES, FundingStatus, Period

FIRST_MONTH = 4
"""A financial year begins on 1 April."""
FOR_CHILDREN = ("children", "children and adults")
FIRM = "firm"
"""The term of a contract that needs no option to be taken up."""


class Standing(StrEnum):
    """Where a service that was paid for stands in the answer."""

    COUNTED = "counted"
    SPOT_PURCHASE = "bought one place at a time"
    REFERENCE = "for reference only"
    OTHER = "not described as for child exploitation"


class Asked(NamedTuple):
    """The days that a request asks about, and whether it asks for each financial year apart."""

    period: Period
    by_financial_year: bool = False

    @property
    def years(self) -> list[Period]:
        """The part of the period in each financial year, oldest first; none where the request does not ask for it."""
        return financial_years(self.period) if self.by_financial_year else []


def months_to(on: date, months: int = 12) -> Period:
    """The period of whole months that ends on a day, that day included.

    Raises ValueError where `months` is below 1.
    """
    if months < 1:
        raise ValueError(f"months: expected 1 or more, got: {months}")
    day_after = pd.Timestamp(on) + pd.Timedelta(days=1)
    return Period((day_after - pd.DateOffset(months=months)).date(), on)


def financial_years(period: Period) -> list[Period]:
    """The part of the period in each financial year (1 April to 31 March), oldest first."""
    first, last = (day.year - (day.month < FIRST_MONTH) for day in (period.start, period.end))
    return [
        Period(max(period.start, date(year, FIRST_MONTH, 1)), min(period.end, date(year + 1, FIRST_MONTH - 1, 31)))
        for year in range(first, last + 1)
    ]


class Answer(Place):
    """The rows of a police force area on services that public sources say were paid for. Nothing is computed."""

    def asked(self, on: str = "", months: int = 12, *, by_financial_year: bool = False) -> Asked:
        """The question about the months that end on a day, such as `2023-04-26`; blank for the latest day that a
        source describes services of this police force area, or a later one on which it says that one starts.

        Raises ValueError for a day that is none, or that has not come.
        """
        day = day_that_has_come(on) if on.strip() else self._spoken_of_to()
        return Asked(months_to(day or date.today(), months), by_financial_year)

    def described_to(self) -> date | None:
        """The latest day that a public source describes services of this police force area; None where none does."""
        placed, days = self._placed, self._days
        latest = placed["source_id"].map(days).max() if len(placed) else pd.NaT
        return None if pd.isna(latest) else latest.date()

    def _spoken_of_to(self) -> date | None:
        described, starts = self.described_to(), self.within("commissioned")["first_day"].max()
        days = [day for day in (described, None if pd.isna(starts) else starts.date()) if day and day <= date.today()]
        return max(days, default=None)

    def paid_for(self, period: Period) -> pd.DataFrame:
        """The rows of `commissioned` on any day of the period in this police force area, with service_name,
        exploitation_types, client_group, reference_only as described by then, and standing (a Standing).

        Rows of an authority where a source says that the service does not work are left out: see `not_here`.
        """
        return self._paid_for(period).copy(deep=False)

    @cached_property
    def _paid_for(self) -> Callable[[Period], pd.DataFrame]:
        # Every sentence of an answer asks for these rows again.
        return cache(self._find_paid_for)

    def _find_paid_for(self, period: Period) -> pd.DataFrame:
        rows = self.commissioned(period).merge(self.described(period), on="service_id", how="left")
        return rows.assign(standing=_standing(rows)).sort_values(["service_name", "first_day", "area_code"])

    def commissioned(self, period: Period) -> pd.DataFrame:
        """The rows of the release behind `paid_for`, as they are."""
        return _on_any_day(self._ever_paid_for, period, "first_day", "last_day")

    def services_paid_for(self, period: Period, standing: Standing) -> pd.DataFrame:
        """One row for each service of that standing in the answer, in order of name."""
        rows = self.paid_for(period)
        return rows[rows["standing"].eq(standing)].drop_duplicates("service_id").reset_index(drop=True)

    def services_told_of(self, period: Period) -> pd.DataFrame:
        """One row for each service that the answer describes: those counted, then those bought one place at a time."""
        told = [self.services_paid_for(period, one) for one in (Standing.COUNTED, Standing.SPOT_PURCHASE)]
        return pd.concat(told, ignore_index=True)

    def services_named(self, period: Period) -> pd.Series:
        """The service_id of every service that the answer names for exploitation, counted or not."""
        reference = self.services_paid_for(period, Standing.REFERENCE)
        named = [self.services_told_of(period), reference, self.undetermined(period)]
        return pd.concat([rows["service_id"] for rows in named], ignore_index=True)

    def not_here(self) -> pd.DataFrame:
        """The authorities of this police force area where a source says that a service does not work, with the day and
        source that say so, and whether sources differ.
        """
        placed = self._placed
        return placed[placed["funding"].eq(FundingStatus.NONE)].reset_index(drop=True)

    def undetermined(self, period: Period) -> pd.DataFrame:
        """The services for exploited children that sources place here without saying that they were paid for on a day
        of the period: service_id, service_name, source_id, first_day and last_day of the nearest days for which one
        says so (missing where none ever does), and stated_on.
        """
        placed = self._placed
        placed = placed[placed["funding"].ne(FundingStatus.NONE)].drop_duplicates("service_id")
        here = placed[["service_id", "source_id", "stated_on"]].merge(self.described(period), on="service_id")
        here = here[_for_exploited_children(here) & ~here["reference_only"].astype(bool)]
        here = here[~here["service_id"].isin(self.paid_for(period)["service_id"])]
        other_days = self._nearest_days(period).reindex(here["service_id"])
        here = here.assign(first_day=other_days["first_day"].array, last_day=other_days["last_day"].array)
        return here.sort_values("service_name", ignore_index=True)

    def _nearest_days(self, period: Period) -> pd.DataFrame:
        rows, start = self._ever_paid_for, pd.Timestamp(period.start)
        away = (rows["first_day"] - start).abs().where(rows["first_day"] > start, (start - rows["last_day"]).abs())
        return (
            rows.assign(away=away)
            .sort_values("away", kind="stable")
            .drop_duplicates("service_id")
            .set_index("service_id")
        )

    def described(self, period: Period) -> pd.DataFrame:
        """One row for each service of public sources: service_id, service_name, exploitation_types, client_group and
        reference_only, each as the latest source up to the period's end states it, or else the first after it.
        """
        columns = ["service_name", "exploitation_types", "client_group", "reference_only"]
        before, after = self._statements(period)
        known = before.groupby("service_id")[columns].last()
        return known.combine_first(after.groupby("service_id")[columns].first())[columns].reset_index()

    def fact(self, service_id: str, fields: tuple[str, ...], period: Period) -> pd.Series | None:
        """What a source says of a service: the row of the latest source up to the period's end that states any of the
        fields, or else of the first after it; None where no public source states one.
        """
        for rows, place in zip(self._statements(period), (-1, 0), strict=True):
            stated = rows[rows["service_id"].eq(service_id) & rows[list(fields)].notna().any(axis=1)]
            if len(stated):
                return stated.iloc[place]
        return None

    def said_of(self, service_id: str, period: Period) -> pd.DataFrame:
        """What public sources say that a service does: statements of the sources up to the period's end, or of later
        ones where there is none.
        """
        rows = self.release["statements"]
        rows = rows[rows["service_id"].eq(service_id) & rows["topic"].eq("service")]
        later = rows["source_id"].map(self._days).gt(pd.Timestamp(period.end))
        return (rows if later.all() else rows[~later]).reset_index(drop=True)

    def works_with(self, service_id: str) -> set[str]:
        """Whom public sources say that a service works with, all of them together: `victims`, `at risk`."""
        rows = self.release["service_statements"]
        groups = rows.loc[rows["service_id"].eq(service_id), "works_with"].dropna()
        return set(groups.str.split("|").explode())

    def terms_of(self, service_id: str) -> pd.DataFrame:
        """The firm term of a service's contract and its options, where a public source states one."""
        terms, stated = self.release["contract_terms"], self.release["service_statements"]
        public = stated["service_id"].eq(service_id) & stated["contract_start"].notna()
        return terms[terms["service_id"].eq(service_id) & public.any()].reset_index(drop=True)

    def options_in(self, service_id: str, period: Period) -> pd.DataFrame:
        """The options to extend a contract that fall on a day of the period: nobody says whether they were taken up."""
        terms = self.terms_of(service_id)
        return _on_any_day(terms[terms["term"].ne(FIRM)], period, "starts", "ends")

    def contradictions_on(self, period: Period) -> pd.DataFrame:
        """Where public sources contradict one another on which harms have a service here, and on the services named."""
        rows, here = self.release["contradictions"], [self.force_code, *self.authority_codes()]
        named = rows["service_id"].isin(self.services_named(period))
        of_harms = rows["topic"].eq("harm covered") & rows["area_code"].isin(here)
        chosen = pd.concat([rows[of_harms], rows[named & ~of_harms]])
        return chosen.reset_index(drop=True)

    def authority_codes(self) -> list[str]:
        """The codes of the authorities of this police force area, in order of name."""
        return self.authorities()["area_code"].to_list()

    @cached_property
    def _ever_paid_for(self) -> pd.DataFrame:
        rows, excluded = self.release["commissioned"], self.not_here()
        here = rows[rows["area_code"].isin(self.authority_codes())]
        pairs = pd.MultiIndex.from_frame(here[["service_id", "area_code"]])
        return here[~pairs.isin(pd.MultiIndex.from_frame(excluded[["service_id", "area_code"]]))]

    @cached_property
    def _placed(self) -> pd.DataFrame:
        """What public sources say of the funding of each service in each authority of this police force area."""
        rows, sources = self.release["service_funding"], self.release["sources"]
        public = sources.loc[sources["public"].astype(bool), "source_id"]
        return rows[rows["area_code"].isin(self.authority_codes()) & rows["source_id"].isin(public)]

    def _statements(self, period: Period) -> tuple[pd.DataFrame, pd.DataFrame]:
        """What public sources say of each service, oldest first: those up to the period's end, and those after it."""
        rows = self._stated
        later = rows["stated_on"].gt(pd.Timestamp(period.end))
        return rows[~later], rows[later]

    @cached_property
    def _stated(self) -> pd.DataFrame:
        return self.release["service_statements"].sort_values("stated_on", kind="stable", na_position="first")

    @cached_property
    def _days(self) -> pd.Series:
        sources = self.release["sources"].set_index("source_id")
        return sources["published_on"].fillna(sources["data_to"])


def day_that_has_come(words: str) -> date:
    """The day that the words state, such as `2023-04-26`. Raises ValueError for what is no day, or is yet to come."""
    try:
        day = date.fromisoformat(words.strip())
    except ValueError:
        raise ValueError(f"expected a day such as 2023-04-26, got: {words}") from None
    if day > date.today():
        raise ValueError(f"expected a day that has come, got: {words}")
    return day


def _on_any_day(rows: pd.DataFrame, period: Period, first: str, last: str) -> pd.DataFrame:
    start, end = pd.Timestamp(period.start), pd.Timestamp(period.end)
    return rows[rows[first].le(end) & rows[last].ge(start)].reset_index(drop=True)


def _for_exploited_children(rows: pd.DataFrame) -> pd.Series:
    return rows["exploitation_types"].notna() & rows["client_group"].isin(FOR_CHILDREN)


def _standing(rows: pd.DataFrame) -> pd.Series:
    firm = rows["funding"].isin(COMMISSIONED_STATUSES).groupby(rows["service_id"]).transform("any").astype(bool)
    standing = pd.Series(str(Standing.OTHER), index=rows.index, dtype="string")
    standing[_for_exploited_children(rows)] = str(Standing.SPOT_PURCHASE)
    standing[_for_exploited_children(rows) & firm] = str(Standing.COUNTED)
    # Adults' services for exploitation, and what a source itself lists apart.
    apart = rows["exploitation_types"].notna() & ~rows["client_group"].isin(FOR_CHILDREN)
    standing[rows["reference_only"].fillna(False).astype(bool) | apart] = str(Standing.REFERENCE)
    return standing
