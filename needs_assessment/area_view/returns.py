"""What providers reported to the commissioners of a police force area in one quarter, and what they did not."""

from __future__ import annotations

import pandas as pd

from needs_assessment.area_view.place import Place
from needs_assessment.vocabulary import COMMISSIONED_STATUSES

QUARTERLY_TOPICS = ("milestone", "waiting", "timeliness", "workforce", "partnership")
"""What a quarter's report says in words that a commissioner asks after."""


class Returns(Place):
    """The rows of a police force area on one quarter of providers' returns, and on the awards and words of the same
    sources. Nothing is computed.
    """

    def reporting_quarter(self, day: str = "") -> pd.Period | None:
        """The calendar quarter of a day (such as 2022-08-15), or the latest with a return; None without any return.

        Raises ValueError for what is no day.
        """
        if day:
            return _quarter_of(day)
        ends = self.within("return_comparisons")["period_end"]
        return None if ends.empty else pd.Period(ends.max(), freq="Q")

    def quarter_returns(self, quarter: pd.Period) -> pd.DataFrame:
        """The figures of periods and days that end in the quarter, with service_name, client_group, authority and
        for_exploitation, those of services for exploited children first.
        """
        rows = self.within("return_comparisons")
        return self._with_services(rows[rows["period_end"].dt.to_period("Q").eq(quarter)])

    def returns_with_before(self, rows: pd.DataFrame) -> pd.DataFrame:
        """These figures, and those of a quarter and a year before that stand beside them, as the release has them."""
        every = self.within("return_comparisons")
        same = ["service_id", "area_code", "measure", "unit", "basis"]
        quarters = every["period_end"].dt.to_period("Q")
        compared = {quarter - lag for quarter in rows["period_end"].dt.to_period("Q").unique() for lag in (0, 1, 4)}
        of_rows = pd.MultiIndex.from_frame(every[same]).isin(pd.MultiIndex.from_frame(rows[same]))
        return every[of_rows & quarters.isin(compared)].reset_index(drop=True)

    def quarter_awards(self, quarter: pd.Period) -> pd.DataFrame:
        """The awards of money for areas of the force that run in the quarter, and those of later periods that its
        returns' sources state, which may be for an area that they leave open.
        """
        awards = self.release["funding"]
        forces = self.release["areas"].set_index("area_code")["police_force_area_code"]
        here = awards["area_code"].map(forces).eq(self.force_code).fillna(False).astype(bool)
        told = awards["source_id"].isin(self.quarter_sources(quarter)) & (here | awards["area_code"].isna())
        over = awards["period_end"].lt(quarter.start_time)
        return awards[(told & ~over) | (here & _overlapping(awards, quarter))].reset_index(drop=True)

    def quarter_award_totals(self, quarter: pd.Period) -> pd.DataFrame:
        """The totals of such awards."""
        totals, key = self.within("award_totals"), ["source_id", "purpose", "period_start", "period_end"]
        told = pd.MultiIndex.from_frame(self.quarter_awards(quarter)[key])
        return totals[pd.MultiIndex.from_frame(totals[key]).isin(told)].reset_index(drop=True)

    def quarter_statements(self, quarter: pd.Period, topics: tuple[str, ...] = QUARTERLY_TOPICS) -> pd.DataFrame:
        """What the quarter's sources say on the topics, in the order of the topics, with service_name, client_group,
        authority and for_exploitation, of services for exploited children first.
        """
        rows = self.release["statements"]
        here = rows["area_code"].isin(self._codes()) | rows["area_code"].isna()
        chosen = rows[rows["source_id"].isin(self.quarter_sources(quarter)) & here & rows["topic"].isin(topics)]
        return self._with_services(
            chosen.sort_values("topic", key=lambda topic: topic.map(topics.index), kind="stable")
        )

    def quarter_sources(self, quarter: pd.Period) -> list[str]:
        """The sources of the quarter's returns, in the order of their first figure."""
        return list(dict.fromkeys(self.quarter_returns(quarter)["source_id"]))

    def commissioned_in(self, quarter: pd.Period) -> pd.DataFrame:
        """The services that sources say were commissioned here in the quarter, or under a service level agreement, with
        service_name, client_group, authority, for_exploitation and whether they `returned` a figure: one row a service.
        """
        paid_for = self.within("commissioned")
        commissioned = paid_for[paid_for["funding"].isin(COMMISSIONED_STATUSES)]
        days = {"first_day": "period_start", "last_day": "period_end"}
        running = commissioned[_overlapping(commissioned.rename(columns=days), quarter)]
        services = self._with_services(running.drop_duplicates("service_id"))
        return services.assign(returned=services["service_id"].isin(self.quarter_returns(quarter)["service_id"]))

    def _codes(self) -> list[str]:
        """The codes of the force and of its authorities."""
        return [self.force_code, *self.authorities()["area_code"]]

    def _with_services(self, rows: pd.DataFrame) -> pd.DataFrame:
        """The rows with what the register says of their services, and the authority where they are of one; those of
        services for exploited children first.
        """
        register = self.release["services"].set_index("service_id")
        authorities = self.authorities().set_index("area_code")["area_name"]
        named = {name: rows["service_id"].map(register[name]) for name in ("service_name", "client_group")}
        named["authority"] = rows["area_code"].map(authorities)
        children = register["client_group"].isin(["children", "children and adults"])
        exploited = register["exploitation_types"].notna() & children & ~register["reference_only"].astype(bool)
        joined = rows.assign(**named, for_exploitation=rows["service_id"].isin(register.index[exploited]))
        return joined.sort_values("for_exploitation", ascending=False, kind="stable", ignore_index=True)


def _quarter_of(day: str) -> pd.Period:
    try:
        return pd.Period(pd.Timestamp(day), freq="Q")
    except ValueError:
        raise ValueError("quarter must be a day of the quarter, such as 2022-08-15, or blank for the latest") from None


def _overlapping(rows: pd.DataFrame, quarter: pd.Period) -> pd.Series:
    """Whether the days of each row, from period_start to period_end, touch the quarter; a blank end is open."""
    begun = ~rows["period_start"].gt(quarter.end_time)
    return begun & ~rows["period_end"].lt(quarter.start_time)
