"""The register of services, the terms of their contracts, and the checks of what providers report."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_evidence import FIRST, table

from needs_assessment.services import (
    caseload_checks,
    contract_terms,
    dated,
    extension_months,
    register,
)

SOURCES = table(
    "sources",
    {"source_id": "old", "published_on": "2022-09-30"},
    {"source_id": "new", "published_on": "2025-05-27"},
    {"source_id": "month_only", "published_on": "", "data_to": "2019-12-31"},
    {"source_id": "undated", "published_on": ""},
)


def services(*rows: dict[str, str]) -> pd.DataFrame:
    return table("services", *({"service_id": "branch"} | row for row in rows))


# The day of a statement


def test_a_statement_is_of_the_day_its_source_was_published_or_else_of_the_last_day_it_describes():
    rows = dated(services({"source_id": "new"}, {"source_id": "old"}, {"source_id": "month_only"}), SOURCES)
    assert rows["source_id"].tolist() == ["month_only", "old", "new"]
    assert rows["stated_on"].dt.strftime("%Y-%m-%d").tolist() == ["2019-12-31", "2022-09-30", "2025-05-27"]


def test_a_source_without_a_date_stands_before_those_with_one():
    rows = dated(services({"source_id": "undated"}, {"source_id": "old"}), SOURCES)
    assert rows["source_id"].tolist() == ["undated", "old"]
    assert register(services({"source_id": "old", "age_to": "18"}, {"source_id": "undated", "age_to": "25"}), SOURCES)[
        "age_to"
    ].tolist() == [18]


# The register


def test_each_fact_is_what_the_latest_source_says_that_states_it():
    rows = services(
        {"source_id": "new", "age_from": "5", "age_to": "18", "service_name": "Branch"},
        {"source_id": "old", "age_to": "25", "provider": "A provider", "service_name": "BRANCH"},
    )
    (service,) = register(rows, SOURCES).to_dict("records")
    assert (service["service_name"], service["age_from"], service["age_to"]) == ("Branch", 5, 18)
    assert service["provider"] == "A provider"
    assert service["sources_of_row"] == "old|new"
    assert "source_id" not in service


def test_a_no_and_a_list_of_the_latest_source_stand_and_its_silence_leaves_those_before():
    said = {"self_referral": "yes", "works_with": "at risk", "partners": "One|Another", "pooled_budget": "yes"}
    rows = services(
        {"source_id": "new", "self_referral": "no", "works_with": "victims|at risk", "children_per_worker": "12"},
        {"source_id": "old", "posts": "4.5"} | said,
    )
    (service,) = register(rows, SOURCES).to_dict("records")
    assert (service["self_referral"], service["works_with"]) == (False, "victims|at risk")
    assert (service["pooled_budget"], service["partners"]) == (True, "One|Another")
    assert (service["posts"], service["children_per_worker"]) == (4.5, 12)
    assert pd.isna(service["contract_value_gbp"])


def test_the_register_of_a_day_knows_no_later_source():
    rows = services({"source_id": "new", "age_to": "18"}, {"source_id": "old", "age_to": "25"})
    assert register(rows, SOURCES, on=pd.Timestamp("2022-09-29")).empty
    assert register(rows, SOURCES, on=pd.Timestamp("2022-09-30"))["age_to"].tolist() == [25]
    assert register(rows, SOURCES, on=pd.Timestamp("2025-05-27"))["age_to"].tolist() == [18]


def test_each_service_has_one_row_in_order_of_its_name():
    rows = services({"source_id": "old"}, {"source_id": "old", "service_id": "axis"}, {"source_id": "new"})
    found = register(rows, SOURCES)
    assert found[["service_id", "sources_of_row"]].to_numpy().tolist() == [["axis", "old"], ["branch", "old|new"]]


def test_no_services_make_an_empty_register():
    assert register(table("services"), SOURCES).empty


# Terms of contracts


def terms(**contract: str) -> list[tuple[str, str, str, str | None]]:
    """Term, first day, last day and day of decision of one contract."""
    found = contract_terms(register(services({"source_id": "old"} | contract), SOURCES))
    days = found[["starts", "ends", "decide_by"]].apply(lambda column: column.dt.strftime("%Y-%m-%d"))
    rows = zip(found["term"], *(days[name] for name in days), strict=True)
    return [tuple(None if pd.isna(cell) else cell for cell in row) for row in rows]


def test_an_extension_starts_the_day_after_the_term_before_it_whose_last_day_is_the_day_of_decision():
    # Derbyshire's contract of 13 January 2020: "three years with the option to extend for a further 2 x 12 months".
    assert terms(contract_start="2020-01-13", contract_end="2023-01-12", extension_months="12|12") == [
        ("firm", "2020-01-13", "2023-01-12", None),
        ("option 1", "2023-01-13", "2024-01-12", "2023-01-12"),
        ("option 2", "2024-01-13", "2025-01-12", "2024-01-12"),
    ]


@pytest.mark.parametrize(
    ("ends", "months", "extended_to"),
    [
        ("2023-02-28", "12", "2024-02-29"),  # to the last day of February, in a leap year too
        ("2024-02-29", "12", "2025-02-28"),
        ("2024-02-28", "12", "2025-02-28"),
        ("2024-01-30", "1", "2024-02-29"),
        ("2024-03-31", "1", "2024-04-30"),
        ("2024-03-31", "6", "2024-09-30"),
        ("2023-12-31", "24", "2025-12-31"),
    ],
)
def test_an_extension_runs_to_the_end_of_its_last_month(ends, months, extended_to):
    (_, option) = terms(contract_start="2021-01-01", contract_end=ends, extension_months=months)
    assert option[2] == extended_to


def test_a_contract_without_extension_has_its_firm_term_only():
    assert terms(contract_start="2021-01-01", contract_end="2021-12-31") == [("firm", "2021-01-01", "2021-12-31", None)]


@pytest.mark.parametrize("contract", [{}, {"contract_start": "2021-01-01"}, {"contract_end": "2021-12-31"}])
def test_without_both_days_of_a_contract_no_term_is_stated(contract):
    assert terms(extension_months="12", **contract) == []


def test_the_precision_of_the_source_goes_with_every_term():
    contract = {"contract_start": "2021-01-01", "contract_end": "2024-12-31", "extension_months": "12|12"}
    rows = register(services({"source_id": "old", "contract_precision": "year"} | contract), SOURCES)
    assert contract_terms(rows)["precision"].tolist() == ["year"] * 3


def values(**contract: str) -> list[tuple[float | None, float | None, float | None]]:
    """Months, value and value so far of each term of one contract."""
    found = contract_terms(register(services({"source_id": "old"} | contract), SOURCES))
    columns = found[["months", "value_gbp", "value_so_far_gbp"]].astype(object)
    return [tuple(None if pd.isna(cell) else cell for cell in row) for row in columns.to_numpy()]


DERBYSHIRE = {"contract_start": "2020-01-13", "contract_end": "2023-01-12", "extension_months": "12|12"}


def test_three_years_at_175000_are_worth_525000_and_with_both_options_875000():
    # Derbyshire's decision record 71/2019: "for three years with the option to extend for a further 2 x 12 months to
    # the value of £175,000 per annum"; 3 x 175,000, then 175,000 for each option.
    assert values(**DERBYSHIRE, annual_value_gbp="175000") == [
        (36, 525_000, 525_000),
        (12, 175_000, 700_000),
        (12, 175_000, 875_000),
    ]


def test_a_stated_value_of_the_firm_term_stands_before_the_one_worked_out():
    stated = DERBYSHIRE | {"annual_value_gbp": "175000", "contract_value_gbp": "500000"}
    assert [value for _, value, _ in values(**stated)] == [500_000, 175_000, 175_000]
    assert [so_far for *_, so_far in values(**stated)] == [500_000, 675_000, 850_000]


def test_without_a_yearly_value_only_the_stated_value_of_the_firm_term_is_known():
    assert values(**DERBYSHIRE, contract_value_gbp="500000") == [
        (36, 500_000, 500_000),
        (12, None, None),
        (12, None, None),
    ]
    assert [value for _, value, _ in values(**DERBYSHIRE)] == [None] * 3


def test_a_contract_given_in_years_has_no_known_length_and_no_known_sum():
    # West Mercia's "3 year contract 2021-2024 (+1+1)": between two and four years by these years alone.
    contract = {"contract_start": "2021-01-01", "contract_end": "2024-12-31", "extension_months": "12|12"}
    found = values(**contract, contract_precision="year", annual_value_gbp="1000")
    assert found == [(None, None, None), (12, 1000, None), (12, 1000, None)]


@pytest.mark.parametrize(
    ("starts", "ends", "months"),
    [
        ("2023-04-01", "2024-03-31", 12),
        ("2020-03-01", "2024-02-29", 48),
        ("2023-04-01", "2023-09-15", 5.5),  # half of September
        ("2024-02-01", "2024-02-29", 1),
        ("2023-01-01", "2023-01-01", 1 / 31),
    ],
)
def test_the_firm_term_is_measured_in_months_and_the_share_of_the_month_after_them(starts, ends, months):
    assert values(contract_start=starts, contract_end=ends)[0][0] == pytest.approx(months)


def test_contracts_of_two_services_are_not_added_together():
    rows = services(
        *({"source_id": "old", "service_id": name, "annual_value_gbp": "100"} | DERBYSHIRE for name in ("one", "two"))
    )
    assert contract_terms(rows)["value_so_far_gbp"].tolist() == [300, 400, 500] * 2


@settings(max_examples=30)
@given(st.lists(st.integers(1, 36), min_size=1, max_size=4), st.dates(pd.Timestamp("2019-01-01").date()).map(str))
def test_terms_follow_one_another_without_gap_or_overlap(months, ends):
    ends = min(ends, "2100-01-01")
    contract = {"contract_start": "2019-01-01", "contract_end": ends, "extension_months": "|".join(map(str, months))}
    found = contract_terms(services({"source_id": "old"} | contract))
    assert (found["ends"].iloc[:-1] + pd.Timedelta(days=1)).tolist() == found["starts"].iloc[1:].tolist()
    assert found["decide_by"].iloc[1:].tolist() == found["ends"].iloc[:-1].tolist()
    assert (found["starts"] <= found["ends"]).all()


def test_extension_months_are_read_as_numbers():
    (service,) = services({"extension_months": "12|6"}).itertuples()
    assert extension_months(service) == [12, 6]


# Checks of providers' returns


QUARTER = {"period_start": "2022-07-01", "period_end": "2022-09-30"}
END = {"period_start": "2022-09-30", "period_end": "2022-09-30", "basis": "snapshot"}


def branch(caseload: str = "110", referrals: str = "28", years: str = "1", **arrivals: str) -> pd.DataFrame:
    rows = [
        QUARTER | {"measure": "new_referrals", "unit": "referral", "value": referrals} | arrivals,
        END | {"measure": "children_in_support", "value": caseload},
        END | {"measure": "years_in_service", "unit": "other", "value": years},
    ]
    return table("service_returns", *rows)


def test_a_caseload_of_110_and_28_referrals_a_quarter_imply_just_under_a_year():
    (check,) = caseload_checks(branch()).to_dict("records")
    # 110 / (28 x 4) = 0.98 years by hand; the limits are those of methods.capacity, tested there.
    assert check["years_implied"] == pytest.approx(0.9821428571428571)
    assert (check["caseload"], check["referrals"], check["years_stated"], check["agrees"]) == (110, 28, 1, True)
    assert (round(check["lower"], 2), round(check["upper"], 2)) == (0.68, 1.48)
    assert (check["service_id"], check["area_code"]) == ("a_service", FIRST)


@pytest.mark.parametrize(("years", "agrees"), [("0.5", False), ("1.2", True), ("2", False)])
def test_a_stated_time_that_the_figures_contradict_does_not_agree(years, agrees):
    assert caseload_checks(branch(years=years))["agrees"].tolist() == [agrees]


@pytest.mark.parametrize(
    ("start", "end", "years"),
    [
        ("2022-07-01", "2022-09-30", 0.25),  # 92 days
        ("2023-01-01", "2023-03-31", 0.25),  # 90 days
        ("2022-04-01", "2023-03-31", 1),
        ("2022-09-24", "2022-09-30", 7 / 365.25),
    ],
)
def test_the_period_of_the_referrals_is_counted_in_whole_months_or_else_in_days(start, end, years):
    states = {"period_end": end, "period_start": end}
    returns = pd.concat([branch(period_start=start, period_end=end).head(1), branch().tail(2)])
    returns.loc[1:, ["period_start", "period_end"]] = [pd.Timestamp(states["period_end"])] * 2
    assert caseload_checks(returns)["years_implied"].tolist() == pytest.approx([110 / 28 * years])


@pytest.mark.parametrize("measure", ["new_referrals", "children_in_support", "years_in_service"])
def test_without_one_of_the_three_figures_there_is_no_check(measure):
    returns = branch()
    assert caseload_checks(returns[returns["measure"] != measure]).empty
    assert caseload_checks(returns.assign(value=returns["value"].mask(returns["measure"] == measure))).empty


@pytest.mark.parametrize("figures", [{"referrals": "0"}, {"years": "0"}, {"basis": "cumulative"}])
def test_without_arrivals_in_the_period_there_is_nothing_to_imply(figures):
    assert caseload_checks(branch(**figures)).empty


def test_an_empty_service_implies_no_time_in_it():
    assert caseload_checks(branch(caseload="0"))["years_implied"].tolist() == [0]


def test_a_quarter_and_the_year_to_date_are_each_checked_with_their_own_referrals():
    returns = pd.concat([branch(), branch(period_start="2021-10-01", referrals="100").head(1)], ignore_index=True)
    checks = caseload_checks(returns).sort_values("period_start")
    assert checks["referrals"].tolist() == [100, 28]
    assert checks["years_implied"].tolist() == pytest.approx([1.1, 110 / 112])


def test_figures_of_another_service_or_another_day_are_not_mixed_in():
    assert caseload_checks(branch().assign(service_id=["a", "b", "b"])).empty
    later = branch()
    later.loc[1, "period_end"] = pd.Timestamp("2022-12-31")
    assert caseload_checks(later).empty


def test_no_returns_have_no_checks():
    assert caseload_checks(table("service_returns")).empty
