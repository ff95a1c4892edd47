"""Display tables: every cell is something to read, and what is not a number never looks like one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from small_evidence import COUNTRY, FIRST, PRIVATE, PUBLIC
from small_release import small_view

from needs_assessment import tables
from needs_assessment.area_view import AreaView
from needs_assessment.narrative.phrases import EPISODES
from needs_assessment.vocabulary import RELATED_FACTORS, ExploitationType, FundingStatus, MissingCode
from needs_assessment.wording import METHODS

CSE, CCE = ExploitationType
RATE = "Rate per 10,000 children (95% limits)"
NOT_READABLE = re.compile(r"(?<![\w-])(nan|NaT|None|<NA>|inf|True|False)(?![\w-])|\d{4}-\d\d-\d\d|\d+\.\d{4,}|_")


@pytest.fixture(scope="session")
def synthetic_view(synthetic_folder: Path) -> AreaView:
    """Herefordshire, with the synthetic records."""
    return AreaView.open("Herefordshire", synthetic_folder)


def tables_of(view: AreaView) -> Iterator[tuple[str, pd.DataFrame]]:
    """Every display table of one area by name."""
    yield "headline", tables.recorded.headline(view)
    yield "factors", tables.recorded.headline(view, RELATED_FACTORS)
    yield "compared", tables.similar.compared(view)
    yield "quarters", tables.changing.quarters(view)
    for harm in ExploitationType:
        yield from tables_of_harm(view, harm)
    yield from other_tables_of(view)


def tables_of_harm(view: AreaView, harm: ExploitationType) -> Iterator[tuple[str, pd.DataFrame]]:
    """Every display table of one area about one harm."""
    if view.latest(EPISODES, harm) is not None:
        yield f"in funnel {harm}", tables.similar.in_funnel(view, harm)
    yield f"points {harm}", tables.changing.points(view.control_chart(EPISODES, harm))
    yield f"seasons {harm}", tables.changing.seasons(view.seasons(harm))
    yield f"yearly {harm}", tables.changing.yearly(view, harm)
    yield f"areas compared {harm}", tables.recorded.areas_compared(view, harm)
    yield f"coverage {harm}", tables.provision.coverage(view, harm)


def other_tables_of(view: AreaView) -> Iterator[tuple[str, pd.DataFrame]]:
    """The display tables of everything else."""
    yield "other counts", tables.recorded.other_counts(view)
    yield "referrals", tables.recorded.referrals(view)
    yield "caseload", tables.risk.beside_force(view)
    yield "risk change", tables.risk.risk_change(view.here("risk_change"))
    yield "register", tables.provision.register(view)
    yield "contract terms", tables.provision.contract_terms(view.contract_terms())
    for rows in view.service_returns():
        yield "returns", tables.provision.service_returns(view, rows)
    yield "funding", tables.provision.funding(view.funding())
    yield "contradictions", tables.sources.contradictions(view)
    yield "flags", tables.recording.flags(view)
    yield "revisions", tables.recording.revisions(view)
    yield "force totals", tables.recording.force_totals(view)
    yield "neighbours", tables.recording.neighbours(view)
    yield "sources", tables.sources.sources(view)


def is_readable(cell: object) -> bool:
    return isinstance(cell, int) or (isinstance(cell, str) and cell.strip() != "")


def test_every_cell_of_every_table_is_text_or_a_whole_number(
    views: dict[str, AreaView], synthetic_view: AreaView
) -> None:
    seen = set()
    for view in [*views.values(), synthetic_view]:
        for name, table in tables_of(view):
            cells = table.to_numpy(dtype=object).ravel()
            assert [cell for cell in cells if not is_readable(cell)] == [], f"{name} of {view.name}"
            seen |= {name} if len(table) else set()
    assert len(seen) == 29, f"tables without a row in every area are not tested here; with rows: {sorted(seen)}"


def test_no_cell_holds_a_word_of_the_program(views: dict[str, AreaView], synthetic_view: AreaView) -> None:
    for view in [*views.values(), synthetic_view]:
        for name, table in tables_of(view):
            figures = table.drop(columns=["What to know of it"], errors="ignore")  # notes quote the sources
            odd = [cell for cell in figures.to_numpy(dtype=object).ravel() if NOT_READABLE.search(str(cell))]
            assert [cell for cell in odd if not cell.startswith("None found")] == [], f"{name} of {view.name}"


# Cells


@pytest.mark.parametrize(
    ("count", "symbol", "cell"),
    [(0, pd.NA, "0"), (1234, pd.NA, "1,234"), (pd.NA, "c", "[c]"), (pd.NA, pd.NA, "not supplied")],
)
def test_a_count_a_symbol_and_nothing_look_different(count: object, symbol: object, cell: str) -> None:
    assert tables.cells.count_cell(count, symbol) == cell


def test_the_five_ways_of_having_no_number_have_five_looks() -> None:
    looks = [tables.cells.count_cell(pd.NA, symbol) for symbol in MissingCode]
    looks += [tables.cells.count_cell(0, pd.NA), tables.cells.count_cell(pd.NA, pd.NA)]
    assert len(set(looks)) == len(MissingCode) + 2


@pytest.mark.parametrize("symbol", MissingCode)
def test_a_missing_count_shows_its_symbol_in_place_of_count_and_rate(symbol: MissingCode) -> None:
    view = small_view(observations=[{"missing": symbol}, {"area_code": COUNTRY, "count": "12000"}])
    (row,) = tables.changing.yearly(view, CSE).to_dict("records")
    assert row["Assessments"] == f"[{symbol}]"
    assert row[RATE] == f"[{symbol}]"
    assert row["England rate"] == "10.0"


@pytest.mark.parametrize(
    ("p_value", "cell"), [(0.0161, "0.016"), (0.001, "0.001"), (0.0004, "under 0.001"), (1, "1.000")]
)
def test_a_p_value_is_never_nothing(p_value: float, cell: str) -> None:
    assert tables.cells.p_value_cell(p_value) == cell


def test_a_day_and_a_note_that_are_not_there_are_said_not_to_be() -> None:
    assert tables.cells.day_cell(pd.NaT) == "not stated"
    assert tables.cells.day_cell(pd.Timestamp(2020, 2, 29)) == "29 February 2020"
    assert tables.cells.note_cell(pd.NA) == "nothing further"
    assert tables.cells.words_cell("CSE|CCE") == "CSE, CCE"
    assert tables.cells.words_cell("") == tables.cells.words_cell(pd.NA) == "not stated"


# Recorded exploitation


def test_the_judgement_is_the_second_column_so_that_it_shows_on_a_phone(views: dict[str, AreaView]) -> None:
    for view in views.values():
        table = tables.recorded.headline(view)
        assert table.columns[1] == "Judgement"
        assert len(table) == 5


def test_criminal_exploitation_in_derbyshire_is_withheld_none_and_many(views: dict[str, AreaView]) -> None:
    # C3: Derbyshire, CCE, years ending March 2022 to 2025: c, c, 0, 451
    rows = tables.changing.yearly(views["Derbyshire"], CCE).set_index("Period")
    years = [f"Year ending 31 March {year}" for year in range(2022, 2026)]
    assert rows.loc[years, "Assessments"].tolist() == ["[c]", "[c]", "0", "451"]
    assert rows.loc[years[:2], RATE].tolist() == ["[c]", "[c]"]
    assert rows.loc[years, "Change"].str.startswith("Cannot be told").all()


def test_a_year_that_nobody_counted_has_no_rate_of_the_comparator_either(views: dict[str, AreaView]) -> None:
    rows = tables.changing.yearly(views["Derbyshire"], CCE).set_index("Period")
    assert rows.loc["Year ending 31 March 2021", "England rate"] == "[x]"


def test_a_comparator_that_was_not_supplied_is_not_said_to_be_uncollected() -> None:
    (row,) = tables.changing.yearly(small_view(observations=[{"count": "24"}]), CSE).to_dict("records")
    assert row["England rate"] == "not supplied"


def test_a_withheld_figure_of_the_comparator_keeps_its_own_symbol() -> None:
    view = small_view(observations=[{"count": "24"}, {"area_code": COUNTRY, "missing": "u"}])
    assert tables.changing.yearly(view, CSE)["England rate"].tolist() == ["[u]"]


def test_areas_stand_in_order_of_name_and_not_of_rate(views: dict[str, AreaView]) -> None:
    table = tables.recorded.areas_compared(views["Bristol"], CSE)
    assert table["Area"].tolist() == sorted(views)
    rates = table[RATE].str.extract(r"^([\d.]+)")[0].astype(float)
    assert not rates.is_monotonic_increasing and not rates.is_monotonic_decreasing


def test_what_the_police_counted_keeps_its_unit_its_place_and_its_contradiction(views: dict[str, AreaView]) -> None:
    # Herefordshire scrutiny, May 2025: "only one offence" beside "six offences"
    rows = tables.recorded.other_counts(views["Herefordshire"]).set_index("What was counted")
    assert rows.loc["Police recorded offences (CSE)", "Count"] == "1"
    assert rows.loc["Police recorded offences (CSE)", "Where"] == "Herefordshire"
    assert rows.loc["Offences linked to repeat perpetrators (CSE)", "Count"] == "6"
    assert "contradicts" in rows.loc["Offences linked to repeat perpetrators (CSE)", "What to know of it"]
    assert rows.loc["Group based incidents (CSE)", "Where"] == "West Mercia"


def test_referrals_are_whole_numbers_of_six_or_more_or_none_or_a_symbol(synthetic_view: AreaView) -> None:
    rows = tables.recorded.referrals(synthetic_view)
    assert len(rows) == 10  # two years of quarters, and the two years
    cells = rows[["CSE referrals", "CCE referrals"]].to_numpy().ravel().tolist()
    counts = [int(cell) for cell in cells if cell.isdigit()]
    assert {cell for cell in cells if not cell.isdigit()} == {"[c]"}
    assert counts and all(count == 0 or count > 5 for count in counts)


def test_referrals_of_one_harm_alone_leave_the_other_not_supplied() -> None:
    published = [{"measure": "referrals", "unit": "referral", "count": "24"}]
    (row,) = tables.recorded.referrals(small_view(observations=published)).to_dict("records")
    assert row["CSE referrals"] == "24"
    assert row["CCE referrals"] == "not supplied"


# Risk levels


def test_the_change_in_derbyshire_stands_beside_why_the_parts_have_none(views: dict[str, AreaView]) -> None:
    # Derbyshire decision record: high 8 to 22, of which City 11, County 6, out of force 5 in November 2018
    rows = tables.risk.risk_change(views["Derbyshire"].here("risk_change")).set_index("Risk level")
    whole, part = rows.loc["High risk of CSE, all"], rows.loc["High risk of CSE, County"]
    assert whole.tolist() == ["2.75 (1.18 to 7.14)", "8", "22", "0.016"]
    assert part["Times as many (95% limits)"].startswith("Cannot be computed")
    assert part[["February 2018", "November 2018", "p-value"]].tolist() == ["not published", "6", "none"]


def snapshots(harm: str, before: str, after: str, **cells: str) -> list[dict[str, str]]:
    """Children of the first area at high risk of a harm, on two days."""
    days = {"2023-03-31": before, cells.pop("until", "2024-03-31"): after}
    rows = [{"as_at": day, "count": count, "exploitation_type": harm} for day, count in days.items()]
    return [{"area_code": FIRST, **row, **cells} for row in rows]


def changes(*rows: dict[str, str]) -> pd.DataFrame:
    view = small_view(risk_schemes=[{"risk_level": "high"}], risk_snapshots=list(rows))
    return tables.risk.risk_change(view.here("risk_change")).set_index("Risk level")


def test_the_same_level_of_two_harms_has_two_names() -> None:
    table = changes(*snapshots("CSE", "10", "20"), *snapshots("CCE", "30", "40"))
    assert table.index.tolist() == ["High risk of CCE, all", "High risk of CSE, all"]


def test_series_of_different_dates_stand_in_one_table_without_a_gap() -> None:
    table = changes(*snapshots("CSE", "10", "20"), *snapshots("CCE", "30", "40", until="2024-06-30"))
    assert table.loc["High risk of CSE, all", "June 2024"] == "not supplied"
    assert table.loc["High risk of CCE, all", "June 2024"] == "40"


def test_a_rise_from_nothing_has_no_ratio_and_no_p_value() -> None:
    (row,) = changes(*snapshots("CSE", "0", "12")).to_dict("records")
    assert row["Times as many (95% limits)"] == "Cannot be computed: the earlier count is 0"
    assert (row["March 2023"], row["March 2024"], row["p-value"]) == ("0", "12", "none")


def test_a_withheld_count_is_not_said_to_be_unpublished() -> None:
    (row,) = changes(*snapshots("CSE", "3", "33", source_id=PRIVATE)).to_dict("records")
    assert row["March 2023"] == "not shown"
    assert "withheld" in row["Times as many (95% limits)"]


def test_risk_levels_stand_in_the_order_of_their_scheme(synthetic_view: AreaView) -> None:
    table = tables.risk.beside_force(synthetic_view)
    assert table["Level"].tolist() == [
        f"{level}, {harm}" for harm in ("CSE", "CCE") for level in ("High", "Medium", "Low")
    ]


# Services


def test_purple_leaf_is_not_here_in_telford(views: dict[str, AreaView]) -> None:
    # West Mercia commissioning report, Q2 2022-23: "across West Mercia (Telford exception)"
    register = {name: tables.provision.register(views[name]).set_index("Service") for name in views}
    assert register["Telford and Wrekin"].loc["Purple Leaf", "Funding here"].startswith("Not here")
    assert "30 September 2022" in register["Telford and Wrekin"].loc["Purple Leaf", "Funding here"]
    for name in ("Herefordshire", "Shropshire", "Worcestershire"):
        assert register[name].loc["Purple Leaf", "Funding here"].startswith("Commissioned")


def test_a_service_that_is_not_here_covers_nobody_here_and_has_no_contract_here(views: dict[str, AreaView]) -> None:
    def mentions(name: str) -> list[bool]:
        shown = [tables.provision.coverage(views[name], CSE)]
        shown.append(tables.provision.contract_terms(views[name].contract_terms()))
        return ["Purple Leaf" in table.to_string() for table in shown]

    assert mentions("Telford and Wrekin") == [False, False]
    assert mentions("Herefordshire") == [True, True]


def test_contract_days_are_as_precise_as_their_source(views: dict[str, AreaView]) -> None:
    # "3 year contract 2021-2024 (+1+1)": years only. Derbyshire: 13 January 2020 for three years, plus one and one
    years = tables.provision.contract_terms(views["Herefordshire"].contract_terms())
    branch = years[years["Service"] == "Branch"].set_index("Term")
    only = "(only years are published)"
    assert branch.loc["Firm term"].tolist()[1:] == ["already agreed", f"2021 {only}", f"2024 {only}"]
    assert branch.loc["Option 1", "Decide by"] == f"2024 {only}"
    days = tables.provision.contract_terms(views["Derbyshire"].contract_terms()).set_index("Term")
    assert days.loc["Firm term", ["From", "To"]].tolist() == ["13 January 2020", "12 January 2023"]
    assert days.loc["Option 1", "Decide by"] == "12 January 2023"
    assert days.loc["Option 2", "To"] == "12 January 2025"


def test_coverage_shows_every_age_band_and_who_is_firmest(views: dict[str, AreaView]) -> None:
    rows = tables.provision.coverage(views["Herefordshire"], CSE)
    assert [cell.split(" (")[0] for cell in rows["Ages"]] == ["0 to 4", "5 to 9", "10 to 15", "16 to 17", "18 to 24"]
    bands = rows.set_index("Ages")
    assert bands["Universal"].iloc[0] == "None found"
    assert bands["Universal"].iloc[1] == "Commissioned: Purple Leaf"
    assert "Branch (with a condition)" in bands["Specialist"].iloc[4]
    assert (bands["Targeted"] == "None found").all()


def test_a_band_without_residents_known_has_no_number_of_them() -> None:
    services = {"services": [{"service_id": "a_service", "tier": "specialist", "age_from": "5", "age_to": "9"}]}
    rows = tables.provision.coverage(small_view(services, service_areas=[{"service_id": "a_service"}]), CSE)
    assert rows["Ages"].tolist() == ["0 to 4", "5 to 9", "10 to 15", "16 to 17", "18 to 24"]
    assert rows["Specialist"].tolist() == ["None found", "Commissioned: A service", *["None found"] * 3]


@pytest.mark.parametrize("funding", [status for status in FundingStatus if status != FundingStatus.NONE])
def test_the_register_words_every_kind_of_funding(funding: FundingStatus) -> None:
    services = {"services": [{"service_id": "a_service"}]}
    view = small_view(services, service_areas=[{"service_id": "a_service", "funding": funding}])
    (cell,) = tables.provision.register(view)["Funding here"]
    assert cell == tables.provision.FUNDING_WORDS[funding]


@pytest.mark.parametrize(
    ("ages", "cell"),
    [
        ({}, "not stated"),
        ({"age_from": "5", "age_to": "18"}, "5 to 18"),
        ({"age_from": "10"}, "10 to any"),
        ({"age_from": "5", "age_to": "18", "extended_age_to": "24"}, "5 to 18; to 24 with a condition"),
    ],
)
def test_ages_are_worded_as_far_as_they_are_stated(ages: dict[str, str], cell: str) -> None:
    view = small_view(services=[{"service_id": "a_service", **ages}], service_areas=[{"service_id": "a_service"}])
    assert tables.provision.register(view)["Ages"].tolist() == [cell]


def test_a_providers_small_figure_that_is_not_public_is_withheld() -> None:
    returns = [
        {"source_id": PRIVATE, "measure": "new_referrals", "value": "3"},
        {"source_id": PUBLIC, "measure": "children_in_support", "value": "3", "basis": "snapshot"},
        {"source_id": PUBLIC, "measure": "years_in_service", "unit": "year", "value": "0.75"},
        {"source_id": PUBLIC, "measure": "reached_in_time", "unit": "per cent", "value": "92"},
        {"source_id": PUBLIC, "measure": "children_reached", "value": "1234", "basis": "cumulative"},
    ]
    view = small_view(services=[{"service_id": "a_service"}], service_returns=returns)
    shown = tables.provision.service_returns(view, view.service_returns()[0])
    assert shown["Figure"].tolist() == ["[c]", "3", "0.75", "92%", "1,234"]
    assert shown["When"].tolist()[1] == "on 31 March 2023"
    assert shown["When"].tolist()[4] == "January to March 2023, cumulative"


def test_money_is_in_pounds_and_money_that_nobody_states_is_not_nothing(views: dict[str, AreaView]) -> None:
    # Derbyshire: £175,000 stated twice, for a year and for the whole term
    rows = tables.provision.funding(views["Derbyshire"].funding())
    assert rows["Awarded"].tolist() == ["£175,000", "£175,000"]
    assert rows["Spent so far"].tolist() == ["not stated", "not stated"]


# Sources


def test_what_sources_contradict_names_each_source(views: dict[str, AreaView]) -> None:
    # Purple Leaf takes ages from 10 in the answer of 2023 and from 5 in the paper of 2025
    rows = tables.sources.contradictions(views["Herefordshire"]).set_index("What both speak of")
    said = rows.loc["Purple Leaf: youngest age"]
    first, second = "10 years (West Mercia Police and Crime Commissioner, 2023)", "5 years (West Mercia Police, 2025)"
    assert said["What they say"] == f"{first}; {second}"


def test_a_source_that_contradicts_itself_is_named_once(views: dict[str, AreaView]) -> None:
    rows = tables.sources.contradictions(views["Herefordshire"]).set_index("What both speak of")
    said = rows.filter(like="Victim Support", axis="index")["What they say"]
    assert said.str.endswith("; 425 (the same source)").tolist() == [True]


def test_a_made_up_source_is_labelled_where_it_is_listed(synthetic_view: AreaView) -> None:
    rows = tables.sources.sources(synthetic_view)["Source"]
    assert [source for source in rows if "made up" in source] == [
        source for source in rows if source.startswith("Synthetic: ")
    ]
    assert rows.str.startswith("Synthetic: ").sum() == 1


def test_the_methods_state_the_floor_of_percentages() -> None:
    assert "20 or more" in METHODS["Change in risk levels"]


def test_an_area_without_figures_has_tables_without_rows(views: dict[str, AreaView]) -> None:
    view = small_view(observations=[{"area_code": COUNTRY, "count": "12000"}])
    assert view.latest(EPISODES, CSE) is None
    empty = (
        "headline",
        "factors",
        "yearly",
        "areas compared",
        "compared",
        "points",
        "quarters",
        "referrals",
        "caseload",
        "risk change",
        "register",
    )
    shown = {name: len(table) for name, table in tables_of(view) if name.startswith(empty)}
    assert shown == dict.fromkeys(shown, 0)


def test_children_of_two_returns_and_schemes_share_no_row() -> None:
    levels = [
        {"scheme": "One scheme", "risk_level": "high", "ordinal": "2"},
        {"scheme": "One scheme", "risk_level": "low", "ordinal": "1"},
        {"scheme": "Another scheme", "risk_level": "high", "ordinal": "1"},
    ]
    reviews = [
        {"child_id": f"made up {scheme} {child}", "reviewed_on": day, "scheme": scheme}
        for scheme in ("One scheme", "Another scheme")
        for child in range(7)
        for day in ("2024-01-10", "2024-04-10")
    ]
    view = small_view(risk_reviews=reviews, risk_schemes=levels)
    rows = tables.panel.under_review(view, view.caseload_now_and_before()).set_index("Level")["Now"]
    # All seven are at one level: that nobody is at the other would tell it of each of them.
    assert rows.to_dict() == {
        f"High, CSE, Another scheme, {PRIVATE}": "7",
        f"High, CSE, One scheme, {PRIVATE}": "7",
        f"Low, CSE, One scheme, {PRIVATE}": "[c]",
    }
