"""The published evidence holds what its sources print: five documents, and official statistics of eleven authorities.

The facts of the documents were read by hand and are retyped here, each under the document it comes from:

- West Mercia FOI 2023: West Mercia Police and Crime Commissioner, response 2023 - 328 / WE7427, 26 April 2023.
- West Mercia overview: Overview of Commissioning Activity Report, quarter 2 of 2022/23.
- Avon and Somerset 2014: Police and Crime Commissioner, Child Sexual Exploitation Briefing, 30 October 2014.
- Derbyshire 2019: Office of the Police and Crime Commissioner, decision record 71/2019.
- Herefordshire 2025: West Mercia Police to the council's scrutiny committee, 27 May 2025.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from needs_assessment.evidence import Evidence, children_in
from needs_assessment.sources import read_files

PROJECT = Path(__file__).resolve().parents[1]
SHARED = PROJECT.parent / "shared"
OFFICIAL, DOCUMENTS, SCHEMES = SHARED / "official", SHARED / "seeds", SHARED / "cases" / "risk_scales"
official_files = pytest.mark.skipif(not OFFICIAL.is_dir(), reason="the official files are not beside the project")
documents = pytest.mark.skipif(not DOCUMENTS.is_dir(), reason="the five documents are not beside the project")

FOI, OVERVIEW, AVON_SOMERSET, DERBYSHIRE, HEREFORDSHIRE = (
    "west_mercia_foi_2023",
    "west_mercia_q2_2022_23",
    "avon_somerset_2014",
    "derbyshire_2019",
    "herefordshire_2025",
)
AUTHORITIES = {
    "E06000019": "Herefordshire",
    "E06000051": "Shropshire",
    "E06000020": "Telford and Wrekin",
    "E10000034": "Worcestershire",
    "E06000022": "Bath and North East Somerset",
    "E06000023": "Bristol",
    "E06000024": "North Somerset",
    "E06000025": "South Gloucestershire",
    "E06000066": "Somerset",
    "E06000015": "Derby",
    "E10000007": "Derbyshire",
}
ENGLAND = "E92000001"


def figures(evidence: Evidence, table: str, source: str) -> pd.DataFrame:
    rows = evidence[table]
    return rows[rows["source_id"].eq(source)]


def service(evidence: Evidence, service_id: str, source: str) -> pd.Series:
    rows = figures(evidence, "services", source)
    (row,) = (row for _, row in rows[rows["service_id"].eq(service_id)].iterrows())
    return row


# What it holds


def test_the_eleven_authorities_are_there_under_the_codes_of_today(published):
    areas = published["areas"]
    current = areas[areas["area_type"].eq("local authority") & areas["valid_to"].isna()]
    own = current[current["comparison_only"].isna()]
    assert dict(zip(own["area_code"], own["area_name"], strict=True)) == AUTHORITIES


def test_the_other_authorities_are_the_neighbours_of_the_eleven_and_no_others(published):
    areas = published["areas"]
    others = areas.loc[areas["comparison_only"].fillna(False).astype(bool), "area_code"]
    assert len(others) == 56
    assert {*others} == {*published["neighbours"]["neighbour_code"]} - {*AUTHORITIES}


def test_every_source_is_public_and_real_and_no_record_is_of_a_single_child(published):
    assert published["sources"]["public"].all()
    assert not published["sources"]["synthetic"].any()
    assert not children_in(published)


def test_every_source_speaks_somewhere(published):
    tables = [table for name, table in published.tables.items() if name != "sources" and "source_id" in table]
    used = set(pd.concat([table["source_id"] for table in tables]))
    assert set(published["sources"]["source_id"]) - used == {"ons_codes"}  # the source of the table of areas itself


# West Mercia FOI 2023


def test_the_answer_describes_branch(published):
    branch = service(published, "branch", FOI)
    assert (branch["age_from"], branch["age_to"], branch["extended_age_to"]) == (5, 18, 24)
    assert (branch["intensity"], branch["tier"], branch["exploitation_types"]) == ("one-to-one", "specialist", "CSE")
    # "3 year contract 2021-2024 (+1+1)": years only
    assert (branch["contract_start"].year, branch["contract_end"].year) == (2021, 2024)
    assert (branch["contract_precision"], branch["extension_months"]) == ("year", "12|12")


def test_the_answer_describes_purple_leaf_for_ages_10_to_18(published):
    purple_leaf = service(published, "purple_leaf", FOI)
    assert (purple_leaf["age_from"], purple_leaf["age_to"]) == (10, 18)
    assert (purple_leaf["contract_precision"], purple_leaf["extension_months"]) == ("year", "12|12")


def test_the_answer_lists_branch_plus_for_reference_only_and_no_service_for_criminal_exploitation(published):
    listed = figures(published, "services", FOI).set_index("service_id")
    assert listed["reference_only"].to_dict() == {"branch": False, "branch_plus": True, "purple_leaf": False}
    assert listed.loc["branch_plus", "client_group"] == "adults"
    assert not listed["exploitation_types"].fillna("").str.contains("CCE").any()


# West Mercia overview, quarter 2 of 2022/23

OVERVIEW_FIGURES = {
    ("branch", "new_referrals"): [28],
    ("branch", "children_in_support"): [110],
    ("branch", "children_with_additional_mental_health_needs"): [89],
    ("branch", "referrals_additional_needs_18_25_cohort"): [0],
    ("branch", "years_in_service"): [1],  # "just over a year"
    ("purple_leaf", "sessions_delivered"): [169],
    ("purple_leaf", "children_reached"): [295],
    ("purple_leaf", "teacher_awareness_sessions_delivered"): [10],
    ("purple_leaf", "teachers_trained"): [165],
    ("climb", "new_children_engaging"): [58],
    ("climb", "vacancies"): [3],
    ("womens_aid_idva", "referrals"): [465, 492],
    ("womens_aid_idva", "victims_contacted_within_48_hours"): [95.83],
    ("womens_aid_idva", "victims_contacted_within_72_hours"): [97.23],
    ("womens_aid_ypidva", "referrals"): [26],
    ("womens_aid_ypidva", "young_people_engaged_in_full_support"): [17],
    ("womens_aid_ypidva", "young_people_declining_service"): [1],
    ("drive", "referrals"): [37, 55],
    ("drive", "victims_associated_with_cases"): [55],
    ("drive", "children_associated_with_cases"): [109],
    ("victim_advice_line", "referrals"): [4441, 3834],
    ("victim_advice_line", "victims_in_dip_sample"): [300],
    ("victim_advice_line", "satisfaction_in_dip_sample"): [98.7],
    ("victim_support", "valid_referrals"): [388, 425, 400],
    ("roadpeace", "new_referrals"): [30],
    ("roadpeace", "triage_surveys_distributed"): [12],
    ("roadpeace", "triage_surveys_returned"): [7],
    ("men_and_masculinities", "groups_running"): [3],
    ("men_and_masculinities", "men_completed_programme"): [7],
    ("longlands_care_farm", "new_students"): [7],
    ("longlands_care_farm", "students"): [28],
    ("exploitation_vulnerability_training", "people_reached"): [1883],
    ("exploitation_vulnerability_training", "sessions_delivered"): [82],
    ("exploitation_vulnerability_training", "organisations_reached"): [71],
    ("divert", "referrals"): [154],
}


def test_every_figure_of_the_providers_returns_is_there_and_no_other(published):
    returns = figures(published, "service_returns", OVERVIEW).sort_values(["period_start", "period_end"], kind="stable")
    found = returns.groupby(["service_id", "measure"])["value"].agg(lambda values: sorted(map(float, values))).to_dict()
    assert found == {key: sorted(map(float, values)) for key, values in OVERVIEW_FIGURES.items()}
    assert set(published["service_returns"]["source_id"]) == {OVERVIEW}


def test_the_figures_of_the_quarter_and_of_the_year_before_are_not_mixed(published):
    returns = figures(published, "service_returns", OVERVIEW)
    earlier = returns[returns["period_end"] < pd.Timestamp("2022-07-01")]
    assert sorted(earlier["value"]) == [37, 388, 425, 465, 4441]


# The text gives "£135, 640" for Telford.
PARTNERSHIPS = {
    "E22000360": (98_441, 50_200),
    "E22000326": (100_666, 88_700),
    "E22000333": (158_934, 135_640),
    "E22000332": (139_250, 139_250),
    "E22000368": (139_250, 101_789),
}


def test_the_five_partnerships_were_awarded_636541_and_have_spent_515579(published):
    awards = figures(published, "funding", OVERVIEW)
    awards = awards[awards["purpose"].eq("community safety partnership award")].set_index("area_code")
    assert {area: (row["awarded_gbp"], row["spent_gbp"]) for area, row in awards.iterrows()} == PARTNERSHIPS
    assert (awards["awarded_gbp"].sum(), awards["spent_gbp"].sum()) == (636_541, 515_579)
    stated = published["statements"].set_index("statement_id").loc["q2_csp_total"]
    assert (stated["value"], stated["unit"]) == (636_541, "pound")


def test_purple_leaf_is_excepted_in_telford_alone(published):
    rows = figures(published, "service_areas", OVERVIEW)
    purple_leaf = rows[rows["service_id"].eq("purple_leaf")].set_index("area_code")["funding"]
    assert purple_leaf.to_dict() == {
        "E06000019": "commissioned",
        "E06000051": "commissioned",
        "E10000034": "commissioned",
        "E06000020": "none",
    }


def test_climb_is_for_criminal_exploitation_and_has_three_vacancies(published):
    climb = service(published, "climb", OVERVIEW)
    assert (climb["exploitation_types"], climb["vacancies"]) == ("CCE", 3)
    rows = figures(published, "service_areas", OVERVIEW)
    assert len(rows[rows["service_id"].eq("climb")]) == 4


# Avon and Somerset 2014


def test_base_is_paid_for_in_two_areas_and_bought_by_the_place_in_three(published):
    rows = figures(published, "service_areas", AVON_SOMERSET)
    base = rows[rows["service_id"].eq("base")].set_index("area_code")["funding"]
    assert base.to_dict() == {
        "E06000023": "commissioned",
        "E06000025": "service level agreement",
        "E06000022": "spot purchase",
        "E06000024": "spot purchase",
        "E06000066": "spot purchase",
    }


def test_the_briefings_finding_of_a_significant_funding_gap_is_stated(published):
    statements = figures(published, "statements", AVON_SOMERSET)
    gap = statements[statements["topic"].eq("funding gap")]["wording"]
    assert gap.str.contains("significant funding gap").sum() == 1


# Derbyshire 2019

HIGH = {("2018-02-28", "all"): 8, ("2018-11-30", "all"): 22, ("2018-11-30", "out of force"): 5} | {
    ("2018-11-30", "County"): 6,
    ("2018-11-30", "City"): 11,
}
MEDIUM = {("2018-02-28", "all"): 17, ("2018-11-30", "all"): 34, ("2018-11-30", "out of force"): 7} | {
    ("2018-11-30", "County"): 12,
    ("2018-11-30", "City"): 15,
}


@pytest.mark.parametrize(("level", "expected"), [("high", HIGH), ("medium", MEDIUM)])
def test_the_victims_at_risk_are_those_of_february_and_november_2018(level, expected, published):
    rows = published["risk_snapshots"]
    rows = rows[rows["risk_level"].eq(level)]
    days = rows["as_at"].dt.strftime("%Y-%m-%d")
    assert dict(zip(zip(days, rows["residence"], strict=True), rows["count"], strict=True)) == expected
    assert rows["unit"].unique().tolist() == ["victim"]
    parts = rows[rows["residence"].ne("all")]["count"].sum()
    assert parts == expected["2018-11-30", "all"]


def test_no_split_by_residence_is_given_for_february(published):
    rows = published["risk_snapshots"]
    assert rows[rows["as_at"].lt("2018-06-01")]["residence"].unique().tolist() == ["all"]


def test_the_contract_of_catch_22_runs_three_years_with_two_options_and_stands_with_both_readings_of_its_value(
    published,
):
    contract = service(published, "derby_derbyshire_exploitation", DERBYSHIRE)
    assert contract["contract_start"] == pd.Timestamp("2020-01-13")
    assert contract["contract_end"] == pd.Timestamp("2023-01-12")
    assert (contract["contract_precision"], contract["extension_months"]) == ("day", "12|12")
    assert contract["annual_value_gbp"] == 175_000
    awards = figures(published, "funding", DERBYSHIRE)
    # "per annum" in the decision; without it in the overview
    assert awards["awarded_gbp"].tolist() == [175_000, 175_000]
    assert awards["period_end"].dt.strftime("%Y-%m-%d").tolist() == ["2021-01-12", "2023-01-12"]


def test_the_service_takes_medium_and_high_risk_in_the_city_and_the_county(published):
    assert service(published, "derby_derbyshire_exploitation", DERBYSHIRE)["risk_levels"] == "medium|high"
    rows = figures(published, "service_areas", DERBYSHIRE)
    assert sorted(rows["area_code"]) == ["E06000015", "E10000007"]


def test_the_growing_awareness_that_the_record_names_is_a_declared_break(published):
    breaks = figures(published, "breaks", DERBYSHIRE)
    assert breaks["measure"].tolist() == ["risk_snapshots"]
    assert breaks["description"].str.contains("awareness").all()


# Herefordshire 2025


def test_the_police_profile_covers_393_days_although_it_speaks_of_12_months(published):
    rows = figures(published, "observations", HEREFORDSHIRE)
    rows = rows[rows["period_start"] < rows["period_end"]]
    assert rows["period_start"].unique().tolist() == [pd.Timestamp("2024-03-01")]
    assert rows["period_end"].unique().tolist() == [pd.Timestamp("2025-03-28")]
    assert ((rows["period_end"] - rows["period_start"]).dt.days + 1).unique().tolist() == [393]
    stated = published["statements"].set_index("statement_id").loc["hfd_profile_period"]
    assert (stated["value"], stated["unit"]) == (12, "month")


@pytest.mark.parametrize(
    ("measure", "unit", "count"),
    [
        ("police_recorded_offences", "offence", 1),
        ("police_recorded_offences_committed_online", "offence", 1),
        ("repeat_victims", "victim", 0),
        ("victims_recorded_as_missing_persons", "victim", 0),
        ("repeat_perpetrators", "person", 0),
        # "Their six offences are based on two events involving three victims in each", beside "only one offence"
        ("offences_linked_to_repeat_perpetrators", "offence", 6),
        ("events_linked_to_repeat_perpetrators", "event", 2),
        ("victims_in_each_event_linked_to_repeat_perpetrators", "victim", 3),
        ("offences_in_position_of_trust_with_educational_links", "offence", 0),
    ],
)
def test_the_police_profile_gives_for_herefordshire(measure, unit, count, published):
    rows = figures(published, "observations", HEREFORDSHIRE)
    rows = rows[rows["measure"].eq(measure) & rows["area_code"].eq("E06000019")]
    assert rows[["unit", "count"]].to_numpy().tolist() == [[unit, count]]


def test_three_offences_in_a_position_of_trust_were_in_the_force_and_none_of_them_in_herefordshire(published):
    rows = figures(published, "observations", HEREFORDSHIRE)
    rows = rows[rows["measure"].eq("offences_in_position_of_trust_with_educational_links")]
    assert rows.set_index("area_code")["count"].to_dict() == {"E23000016": 3, "E06000019": 0}


def test_the_safe_team_deals_with_emerging_moderate_and_significant_risk(published):
    levels = figures(published, "risk_schemes", HEREFORDSHIRE).sort_values("ordinal")
    assert levels["risk_level"].tolist() == ["emerging", "moderate", "significant"]
    assert (
        service(published, "safe_team_herefordshire", HEREFORDSHIRE)["risk_levels"] == "emerging|moderate|significant"
    )


def test_primary_secondary_and_tertiary_provision_are_stated(published):
    statements = published["statements"].set_index("statement_id")["wording"]
    for tier in ("primary", "secondary", "tertiary"):
        assert statements[f"hfd_tier_{tier}"].lower().startswith(f"{tier} provision")


def test_sources_that_contradict_one_another_keep_a_row_each(published):
    services = published["services"]
    extended = services[services["service_id"].eq("branch")].set_index("source_id")["extended_age_to"]
    # up to 24; the 18 to 25 cohort; under 24
    assert extended.to_dict() == {FOI: 24, OVERVIEW: 25, HEREFORDSHIRE: 23}
    youngest = services[services["service_id"].eq("purple_leaf")].set_index("source_id")["age_from"].dropna()
    assert youngest.to_dict() == {FOI: 10, HEREFORDSHIRE: 5}


# Official statistics: Department for Education, Children in need, table C3


def episodes(evidence: Evidence, area: str, harm: str) -> list[int | str]:
    rows = figures(evidence, "observations", "dfe_cin_2025")
    rows = rows[rows["measure"].eq("assessment_factor_episodes") & rows["exploitation_type"].eq(harm).fillna(False)]
    codes = {area, *evidence["areas"].loc[evidence["areas"]["successor_code"].eq(area).fillna(False), "area_code"]}
    rows = rows[rows["area_code"].isin(codes)].sort_values("period_end")
    assert rows["period_end"].dt.strftime("%Y-%m-%d").tolist() == [f"{year}-03-31" for year in range(2018, 2026)]
    return [row["missing"] if pd.isna(row["count"]) else row["count"] for _, row in rows.iterrows()]


def test_england_recorded_sexual_exploitation_in(published):
    cse = [20_000, 18_720, 18_700, 16_830, 16_330, 15_020, 13_860, 12_400]
    assert episodes(published, ENGLAND, "CSE") == cse


def test_england_recorded_criminal_exploitation_from_2022_in(published):
    assert episodes(published, ENGLAND, "CCE") == ["x", "x", "x", "x", 10_140, 14_420, 15_750, 16_250]


def test_derbyshires_criminal_exploitation_is_withheld_twice_then_none_then_451(published):
    assert episodes(published, "E10000007", "CCE")[4:] == ["c", "c", 0, 451]
    assert episodes(published, "E10000007", "CSE")[4:] == [406, 509, 662, 276]


def test_herefordshires_two_harms_are_equal_twice_and_unreliable_between(published):
    for harm in ("CSE", "CCE"):
        assert episodes(published, "E06000019", harm)[5:] == [122, "u", 24]


def test_every_authority_has_eight_years_of_both_harms(published):
    for area in AUTHORITIES:
        assert episodes(published, area, "CCE")[:4] == ["x"] * 4
        assert len(episodes(published, area, "CSE")) == 8


def test_national_and_regional_figures_are_rounded_to_ten_and_say_so(published):
    rows = figures(published, "observations", "dfe_cin_2025")
    wide = rows[rows["area_code"].str.startswith(("E92", "E12")) & rows["count"].notna()]
    assert (wide["count"] % 10 == 0).all()
    assert wide["note"].str.startswith("rounded to the nearest 10").all()


# The same figures in the files of their publishers, where those are at hand

FACTORS = {
    ("any_factor_episodes", ""): "Episodes_with_assessment_factor",
    ("assessment_factor_episodes", "CSE"): "Child_sexual_exploitation",
    ("assessment_factor_episodes", "CCE"): "Child_criminal_exploitation",
    ("going_missing_factor_episodes", ""): "Going_missing",
    ("gangs_factor_episodes", ""): "Gangs",
    ("trafficking_factor_episodes", ""): "Trafficking",
}


def official(path: str) -> Iterator[dict[str, str]]:
    with (OFFICIAL / path).open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)


# The neighbours whose code changed in these years stand under the code of today.
SUCCESSORS = {
    "E10000023": "E06000065",
    "E10000002": "E06000060",
    "E08000016": "E08000038",
    "E08000019": "E08000039",
}


def area_of(row: dict[str, str]) -> str:
    code = row["new_la_code"] or row["region_code"] or row["country_code"]
    return SUCCESSORS.get(code, code)


@official_files
def test_every_row_of_the_official_observations_is_the_departments(published):
    file = "children_in_need/c3_factors_identified_at_end_of_assessment_2018_to_2025.csv"
    by_area_and_year = {(area_of(row), row["time_period"]): row for row in official(file)}
    rows = figures(published, "observations", "dfe_cin_2025")
    for row in rows.to_dict("records"):
        harm = "" if pd.isna(row["exploitation_type"]) else row["exploitation_type"]
        year = row["period_end"].year
        cell = by_area_and_year[row["area_code"], str(year)][FACTORS[row["measure"], harm]]
        assert (row["missing"] if pd.isna(row["count"]) else str(row["count"])) == cell
        assert (row["period_start"], row["period_end"]) == (pd.Timestamp(year - 1, 4, 1), pd.Timestamp(year, 3, 31))
    own = rows["area_code"].isin([*AUTHORITIES, "E10000027", "E12000004", "E12000005", "E12000009", ENGLAND])
    # 11 authorities, 3 regions and England; 6 counts; 8 years.
    assert own.sum() == 15 * 6 * 8
    # Their neighbours: CSE of 8 years and CCE of 4, less what three did not publish before they came out of a split or
    # merger (Bournemouth, Christchurch and Poole and Dorset in 2019, Westmorland and Furness in 2023).
    assert len(rows) - own.sum() == 660


@official_files
def test_every_row_of_the_neighbours_is_the_departments(published):
    names = {row["old_la_code"]: row for row in official("neighbours/sn_model_2025_wide.csv")}
    areas = published["areas"].set_index("area_code")["dfe_la_code"]
    rows = published["neighbours"]
    for row in rows.to_dict("records"):
        stated = names[areas[row["area_code"]]]
        assert stated[f"SN_{row['rank']}"] == areas[row["neighbour_code"]]
        assert stated[f"SN_{row['rank']}P"].strip() == row["closeness"]
    assert len(rows) == 110


@official_files
def test_every_row_of_the_official_population_is_the_offices(published):
    children = {
        (area_of(row), row["time_period"]): row["population_estimate"]
        for row in official("population/ons_mid-year_population_estimates_2012_to_2024.csv")
    }
    rows = figures(published, "population", "ons_mid_year_2024")
    assert len(rows) == 15 * 8 + 438
    for row in rows.to_dict("records"):
        assert (row["age_from"], row["age_to"], row["sex"]) == (0, 17, "persons")
        assert str(row["people"]) == children[row["area_code"], str(row["mid_year"])]


@official_files
def test_every_row_of_the_single_years_of_age_is_the_offices(published):
    single = {row["utla23_code"]: row for row in official("population/ons_mid2023_syoa_utla2023_ew_derived.csv")}
    rows = figures(published, "population", "ons_mid_2023_single_year")
    assert set(rows["area_code"]) == set(AUTHORITIES)
    for row in rows.to_dict("records"):
        band = f"p{row['age_from']}_{row['age_to']}" if row["age_from"] < row["age_to"] else str(row["age_from"])
        assert (str(row["people"]), row["mid_year"], row["sex"]) == (single[row["area_code"]][band], 2023, "persons")
    assert rows.groupby("area_code").size().unique().tolist() == [27]


def test_the_single_years_of_age_add_up_to_the_bands_of_the_same_estimate(published):
    rows = figures(published, "population", "ons_mid_2023_single_year")
    single = rows[rows["age_from"].eq(rows["age_to"])]
    for area in AUTHORITIES:
        years = single[single["area_code"].eq(area)].set_index("age_from")["people"]
        bands = rows[rows["area_code"].eq(area) & rows["age_from"].lt(rows["age_to"])]
        assert years.index.tolist() == list(range(26))
        for band in bands.itertuples():
            assert years.loc[band.age_from : band.age_to].sum() == band.people


# Published risk schemes, ready to copy


def rows_to_copy() -> str:
    page = (PROJECT / "docs" / "risk_schemes.md").read_text(encoding="utf-8")
    return page.split("```csv\n")[1].split("```")[0]


def levels_of(rows: list[dict[str, str]]) -> dict[str, list[tuple[str, ...]]]:
    schemes: dict[str, list[tuple[str, ...]]] = {}
    for row in rows:
        schemes.setdefault(row["scheme"], []).append((row["risk_level"], row["ordinal"], row["levels_in_scheme"]))
    return schemes


def test_the_schemes_to_copy_are_a_return_that_the_import_reads(tmp_path, published):
    copied = tmp_path / "schemes.csv"
    copied.write_text(rows_to_copy(), encoding="utf-8")
    table = read_files([copied], known_areas=published["areas"]).tables["risk_schemes"]
    assert len(table) == len(rows_to_copy().strip().splitlines()) - 1
    # Each scheme's levels end at its highest, and none of them is missing in between.
    for _, scheme in table.groupby("scheme"):
        places = list(scheme["ordinal"])
        assert places == list(range(places[0], scheme["levels_in_scheme"].iloc[0] + 1))
    assert not {*table["scheme"]} & {*published["risk_schemes"]["scheme"]}


@pytest.mark.skipif(not SCHEMES.is_dir(), reason="the list of risk schemes is not beside the project")
def test_the_schemes_have_the_levels_and_scores_of_the_list():
    """The list writes SERAF in full in its first row and shortly in the others; what is not counted is in brackets."""
    names = {"Gateshead LSCB MSET matrix": "Gateshead MSET matrix", "West Sussex (to 2019)": "West Sussex to 2019"}
    names |= {"West Sussex (from 2020)": "West Sussex from 2020"}
    with (SCHEMES / "risk_level_schemes.csv").open(encoding="utf-8", newline="") as file:
        listed = [
            row | {"scheme": "SERAF"} if row["scheme"].startswith("SERAF") else row for row in csv.DictReader(file)
        ]
    copied = list(csv.DictReader(io.StringIO(rows_to_copy())))
    wanted = [
        {"scheme": names.get(row["scheme"], row["scheme"]), "risk_level": row["level"].lower()}
        | {"ordinal": row["ordinal"], "levels_in_scheme": row["n_levels"]}
        for row in listed
        if not row["level"].startswith("(")
    ]
    elsewhere = [
        name for name in levels_of(wanted) if name.startswith(("Herefordshire", "Derbyshire", "West Midlands"))
    ]
    assert levels_of(copied) == {name: rows for name, rows in levels_of(wanted).items() if name not in elsewhere}
    bands = [row["score_band"].replace("-", " to ").replace("+", " or more") for row in listed if row["score_band"]]
    assert [f"score {band}" for band in bands] == [
        row["description"].split(";")[0] for row in copied if row["description"].startswith("score")
    ]


# Every other number in the words of its document, where the five documents are at hand


def printed(value: float) -> str:
    """A pattern of a number as documents print it: 1883, 1,883, "£135, 640", £794k."""
    digits = f"{value:.0f}" if value == int(value) else f"{value}"
    thousands = rf"|{value / 1000:.0f}k" if value % 1000 == 0 else ""
    grouped = re.sub(r"(?<=\d)(?=(?:\d{3})+$)", r",? ?", digits) if "." not in digits else re.escape(digits)
    return rf"(?<![\d.])(?:{grouped}{thousands})(?![\d])"


@documents
@pytest.mark.parametrize(
    ("source", "document"),
    [(FOI, "000"), (OVERVIEW, "001"), (AVON_SOMERSET, "002"), (DERBYSHIRE, "003"), (HEREFORDSHIRE, "004")],
)
def test_every_number_above_nine_is_printed_in_its_document(source, document, published):
    (path,) = DOCUMENTS.glob(f"{document}_*.txt")
    text = path.read_text(encoding="utf-8")
    columns = {"service_returns": ["value"], "funding": ["awarded_gbp", "spent_gbp"], "statements": ["value"]}
    columns |= {"risk_snapshots": ["count"], "observations": ["count"]}
    numbers = []
    for name, wanted in columns.items():
        rows = figures(published, name, source)
        # Years are stated in words ("three years") and months are those years.
        rows = rows[rows["unit"].ne("month").fillna(True)] if "unit" in rows else rows
        numbers += [float(number) for column in wanted for number in rows[column].dropna() if number > 9]
    assert [number for number in numbers if not re.search(printed(number), text)] == []


def test_a_number_is_found_as_documents_print_it_and_no_part_of_another():
    for text in ("£135, 640)", "135,640", "135640"):
        assert re.search(printed(135_640), text)
    assert re.search(printed(794_000), "£794k for")
    assert re.search(printed(95.83), "with 95.83% of")
    assert not re.search(printed(28), "280 or 128")
