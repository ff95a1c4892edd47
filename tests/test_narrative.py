"""The sentences of a report say what the figures say, in the same words as title, table and alternative text."""

from __future__ import annotations

import re

import pandas as pd
import pytest
from small_evidence import COUNTRY, FIRST, FORCE, PRIVATE, SECOND, YEAR
from small_release import small_view

from needs_assessment import narrative, tables
from needs_assessment.area_view import AreaView
from needs_assessment.components import KeyMessage
from needs_assessment.narrative.messages import key_messages, lines_of_enquiry
from needs_assessment.narrative.phrases import EPISODES
from needs_assessment.release import Release
from needs_assessment.vocabulary import RELATED_FACTORS, ExploitationType, MissingCode, Verdict

CSE, CCE = ExploitationType
JUDGING = re.compile(r"\b(better|worse|best|worst|rank(s|ed|ings?)?|league|perform\w*)\b", re.IGNORECASE)
WORDS_OF = {
    Verdict.LOWER: "lower than",
    Verdict.SIMILAR: "similar to",
    Verdict.HIGHER: "higher than",
    Verdict.CANNOT_TELL: "cannot",
}


def said_of(view: AreaView) -> list[str]:
    """Every sentence that depends on a number."""
    latest = pd.DataFrame([row for row in map(view.latest, RELATED_FACTORS) if row is not None])
    sentences = [message.sentence for message in key_messages(view)] + lines_of_enquiry(view)
    sentences += [narrative.recorded.opening_sentence(view), narrative.recorded.population_sentence(view)]
    for harm in ExploitationType:
        sentences += [narrative.similar.comparison_title(view, harm), narrative.recorded.series_alt(view, harm)]
        sentences += [narrative.similar.beside_comparator_sentence(view, harm)]
        sentences += [
            narrative.similar.neighbours_sentence(view, harm),
            narrative.similar.dispersion_sentence(view, harm),
        ]
        sentences += [narrative.changing.change_title(view, harm), narrative.changing.change_sentence(view, harm)]
        sentences += [narrative.changing.trend_sentence(view, harm), *narrative.changing.forecast_notes(view, harm)]
        sentences += [narrative.recorded.map_alt(view, harm), narrative.provision.coverage_sentence(view, harm)]
    sentences += [*narrative.limits.cannot_tell_sentences(view), narrative.recorded.either_sentence(view)]
    sentences += narrative.risk.risk_sentences(view) + narrative.risk.recording_sentences(view)
    sentences += narrative.risk.within_force_sentences(view) + narrative.risk.scheme_change_sentences(view)
    sentences += [narrative.risk.no_local_change_sentence(view), narrative.risk.out_of_area_sentence(view)]
    sentences += narrative.provision.coverage_notes(view)
    sentences.append(narrative.recorded.factors_alt(view, latest.assign(indicator="Factor")))
    return sentences


def snapshots(before: str, after: str, **cells: str) -> list[dict[str, str]]:
    """The first area's children at high risk, a year apart."""
    counts = {"2023-03-31": before, "2024-03-31": after}
    return [{"area_code": FIRST, "as_at": day, "count": count, **cells} for day, count in counts.items()]


SCHEME = {"risk_schemes": [{"risk_level": "high"}, {"risk_level": "low", "ordinal": "2"}]}


# What the Derbyshire decision record states (victims at risk of CSE, February and November 2018), with the limits that
# R's poisson.test gives: poisson.test(c(22, 8)) and poisson.test(c(34, 17)).


@pytest.mark.parametrize(
    ("level", "facts"),
    [
        ("high", ["8 to 22", "2.75 times as many", "1.18 to 7.14"]),
        ("medium", ["17 to 34", "2.00 times as many", "1.09 to 3.82"]),
    ],
)
@pytest.mark.parametrize("area", ["Derby", "Derbyshire"])
def test_the_rise_in_derbyshire_is_told_as_counts_and_a_ratio_with_limits(
    views: dict[str, AreaView], area: str, level: str, facts: list[str]
) -> None:
    (sentence,) = [one for one in narrative.risk.risk_sentences(views[area]) if f"at {level} risk" in one]
    assert [fact for fact in facts if fact not in sentence] == []


@pytest.mark.parametrize("area", ["Derby", "Derbyshire"])
def test_a_change_by_local_authority_is_said_to_be_impossible_and_why(views: dict[str, AreaView], area: str) -> None:
    sentence = narrative.risk.no_local_change_sentence(views[area])
    for fact in (area, "cannot be computed", "November 2018 only", "no baseline"):
        assert fact in sentence


def test_an_area_without_risk_levels_is_told_nothing_of_a_baseline(views: dict[str, AreaView]) -> None:
    assert narrative.risk.no_local_change_sentence(views["Bristol"]) == ""
    assert narrative.risk.out_of_area_sentence(views["Bristol"]) == ""
    assert narrative.risk.risk_sentences(views["Bristol"]) == []


def test_twelve_of_the_fifty_six_victims_are_out_of_force(views: dict[str, AreaView]) -> None:
    sentence = narrative.risk.out_of_area_sentence(views["Derbyshire"])
    assert "12 of the 56 victims" in sentence and "out of force" in sentence
    assert "13% to 34%" in sentence  # Wilson's limits of 12 in 56: 0.127 to 0.338


def test_the_percentages_that_the_decision_record_prints_are_not_repeated(views: dict[str, AreaView]) -> None:
    told = " ".join(said_of(views["Derbyshire"]))
    assert "175" not in told and "100%" not in told


@pytest.mark.parametrize(("before", "percentage"), [("19", []), ("20", ["+100%"]), ("21", ["+90%"])])
def test_a_change_is_a_percentage_only_from_a_base_of_twenty(before: str, percentage: list[str]) -> None:
    (sentence,) = narrative.risk.risk_sentences(small_view(SCHEME, risk_snapshots=snapshots(before, "40")))
    assert f"{before} to 40" in sentence
    assert re.findall(r"[+−-]\d+%", sentence) == percentage


@pytest.mark.parametrize(("outside", "shown"), [("9", False), ("10", True), ("11", True)])
def test_a_share_is_a_percentage_only_of_twenty_or_more(outside: str, shown: bool) -> None:
    split = [{"area_code": FIRST, "as_at": "2024-03-31", "count": outside, "residence": "out of force"}]
    split.append(split[0] | {"count": "10", "residence": "County"})
    sentence = narrative.risk.out_of_area_sentence(small_view(SCHEME, risk_snapshots=split))
    assert f"{outside} of the {int(outside) + 10} children" in sentence
    assert ("%" in sentence) is shown


def test_a_rise_from_nothing_is_told_without_a_ratio() -> None:
    (sentence,) = narrative.risk.risk_sentences(small_view(SCHEME, risk_snapshots=snapshots("0", "12")))
    assert "0 to 12" in sentence and "the earlier count is 0" in sentence
    assert "times" not in sentence and "inf" not in sentence


def test_no_child_before_and_after_is_told_without_a_ratio() -> None:
    (sentence,) = narrative.risk.risk_sentences(small_view(SCHEME, risk_snapshots=snapshots("0", "0")))
    assert "0 to 0" in sentence and "nan" not in sentence


def test_a_part_that_was_withheld_is_not_said_to_have_no_baseline() -> None:
    parts = snapshots("4", "33", source_id=PRIVATE, residence="County")
    view = small_view(SCHEME, risk_snapshots=parts)
    assert len(view.here("risk_change")) == 1
    assert narrative.risk.no_local_change_sentence(view) == ""


def test_a_withheld_count_at_a_risk_level_is_not_told() -> None:
    sentences = narrative.risk.risk_sentences(
        small_view(SCHEME, risk_snapshots=snapshots("4", "33", source_id=PRIVATE))
    )
    assert len(sentences) == 1 and "withheld" in sentences[0]
    assert re.findall(r"\b4\b|33|times", sentences[0]) == []


# One verdict: title, table, alternative text and key message agree


def verdict_in(text: str) -> list[Verdict]:
    return [verdict for verdict, words in WORDS_OF.items() if words in text.lower()]


def verdicts_shown(view: AreaView, harm: ExploitationType) -> dict[str, list[Verdict]]:
    """The verdict on the latest year of one harm, as each place that shows one words it."""
    message = key_messages(view)[list(ExploitationType).index(harm)]
    headline = tables.recorded.headline(view)
    compared = tables.recorded.areas_compared(view, harm).set_index("Area")
    own_alt = narrative.recorded.map_alt(view, harm).rsplit(f" {view.name}: ", 1)[1]
    return {
        # The last sentence may be the judgement beside the statistical neighbours, where that is another.
        "key message": verdict_in(message.sentence.split(" Beside authorities")[0]),
        "figure title": verdict_in(narrative.similar.comparison_title(view, harm)),
        "headline table": verdict_in(headline.iloc[list(ExploitationType).index(harm)]["Judgement"]),
        "funnel's table": verdict_in(tables.similar.in_funnel(view, harm)["Judgement"].iloc[0]),
        "sentence": verdict_in(narrative.similar.beside_comparator_sentence(view, harm)),
        "table beside similar areas": verdict_in(
            tables.similar.compared(view).iloc[list(ExploitationType).index(harm)]["Beside England"]
        ),
        "table of areas": verdict_in(compared.loc[view.name, "Judgement"]),
        "alternative text of the map": [Verdict(own_alt.rstrip(".").capitalize())],
    }


def test_every_place_that_shows_a_verdict_shows_the_same(views: dict[str, AreaView]) -> None:
    seen = set()
    for view in views.values():
        for harm in ExploitationType:
            latest = view.latest(EPISODES, harm)
            assert latest is not None
            verdict = Verdict(latest["verdict"])
            assert verdicts_shown(view, harm) == {place: [verdict] for place in verdicts_shown(view, harm)}, view.name
            seen.add(verdict)
    # Beside what authorities usually differ by, none of the eleven is Lower or Higher: the next test shows these.
    assert seen == {Verdict.SIMILAR, Verdict.CANNOT_TELL}


@pytest.mark.parametrize(
    ("count", "verdict"),
    [
        (0, Verdict.CANNOT_TELL),  # where 20 are expected
        (11, Verdict.LOWER),  # scipy: poisson.ppf([0.025, 0.975], 20) gives 12 and 29
        (12, Verdict.SIMILAR),
        (29, Verdict.SIMILAR),
        (30, Verdict.HIGHER),
    ],
)
def test_every_place_agrees_at_the_border_between_two_verdicts(count: int, verdict: Verdict) -> None:
    # 20,000 children, England at 10 per 10,000, and authorities that differ by chance alone
    view = small_view(observations=[{"count": str(count)}, {"area_code": COUNTRY, "count": "12000"}])
    shown = verdicts_shown(view, CSE)
    assert shown == {place: [verdict] for place in shown}


def test_the_numbers_of_the_alternative_text_are_those_of_the_table(views: dict[str, AreaView]) -> None:
    for view in views.values():
        for harm in ExploitationType:
            rated = view.series(EPISODES, harm).dropna(subset=["value"])
            years = {str(row["period_end"].year): f"{row['value']:.1f}" for _, row in rated.iterrows()}
            told = narrative.recorded.series_alt(view, harm).split(";")[0]
            pairs = re.findall(r"(\d+\.\d) in (\d{4})", told)
            assert len(pairs) == 3, told
            assert [years[year] for _, year in pairs] == [rate for rate, _ in pairs]
            assert pairs[-1][1] == max(years)


# What is withheld or missing


@pytest.mark.parametrize("symbol", MissingCode)
def test_a_missing_count_is_told_by_its_reason_and_never_as_a_number(symbol: MissingCode) -> None:
    view = small_view(observations=[{"missing": symbol}, {"area_code": COUNTRY, "count": "12000"}])
    sentence = key_messages(view)[0].sentence
    assert symbol.meaning in sentence
    assert re.findall(r"\d+", sentence) == ["31", "2024"]
    assert "no rate" in narrative.similar.comparison_title(view, CSE)


def test_a_small_count_of_a_source_that_is_not_public_is_never_told() -> None:
    held = [{"count": "4", "source_id": PRIVATE}, {"area_code": COUNTRY, "count": "12000", "source_id": PRIVATE}]
    view = small_view(observations=held)
    assert MissingCode.SUPPRESSED.meaning in key_messages(view)[0].sentence
    told = " ".join([*said_of_recorded(view), tables.changing.yearly(view, CSE).to_string()])
    assert re.findall(r"\b4\b|\b2\.0\b", told) == []  # 4 of 20,000 is 2.0 per 10,000


def said_of_recorded(view: AreaView) -> list[str]:
    titles = [narrative.similar.comparison_title(view, CSE), narrative.recorded.series_alt(view, CSE)]
    return [message.sentence for message in key_messages(view)] + titles + lines_of_enquiry(view)


def test_criminal_exploitation_before_2022_is_not_collected_rather_than_none(views: dict[str, AreaView]) -> None:
    # C3 has collected the factor since the year ending March 2022: x in every authority before
    for view in views.values():
        rows = tables.changing.yearly(view, CCE)
        before = rows[rows["Period"].str.contains("2018|2019|2020|2021")]
        assert len(before) == 4
        assert before["Assessments"].tolist() == ["[x]"] * 4
        assert before["Rate per 10,000 children (95% limits)"].tolist() == ["[x]"] * 4
        assert "2018" not in narrative.recorded.series_alt(view, CCE)


def test_the_missing_year_of_herefordshire_is_explained(views: dict[str, AreaView]) -> None:
    missing = views["Herefordshire"].series(EPISODES, CSE)["missing"]
    assert narrative.phrases.symbol_notes(missing) == [f"[u] {MissingCode.LOW_RELIABILITY.meaning}."]


def test_symbols_are_explained_each_once_in_a_fixed_order() -> None:
    shown = pd.Series(["u", pd.NA, "c", "x", "c"], dtype="string")
    assert [note.split()[0] for note in narrative.phrases.symbol_notes(shown)] == ["[c]", "[x]", "[u]"]


def test_without_the_comparators_figure_nothing_is_said_of_its_size() -> None:
    view = small_view(observations=[{"count": "24"}])
    told = " ".join(said_of_recorded(view))
    assert "12.0 per 10,000" in told and "cannot be told" in told
    assert "nan" not in told and "<NA>" not in told


def test_an_area_without_figures_is_told_so_and_no_message_points_to_a_figure() -> None:
    view = small_view(observations=[{"area_code": SECOND, "count": "24"}, {"area_code": COUNTRY, "count": "12000"}])
    messages = key_messages(view)
    assert [message.sentence for message in messages[:2]] == [
        "No figure for child sexual exploitation was supplied for First.",
        "No figure for child criminal exploitation was supplied for First.",
    ]
    assert [message.anchor for message in messages] == [""] * 3
    assert "No service" in messages[2].sentence
    assert "population" not in narrative.recorded.population_sentence(view)


def test_a_count_without_a_population_has_no_rate() -> None:
    sentence = key_messages(small_view(population=[{"area_code": COUNTRY, "people": "12000000"}]))[0].sentence
    assert "24 assessments" in sentence and "no population was supplied" in sentence
    assert "per 10,000" not in sentence


def test_an_area_without_a_police_force_area_gets_whole_sentences() -> None:
    sentence = narrative.recorded.population_sentence(small_view())
    assert "20,000 children" in sentence and "<NA>" not in sentence and "nan" not in sentence


# The words


def test_no_sentence_judges_or_ranks(views: dict[str, AreaView]) -> None:
    found = [(name, sentence) for name, view in views.items() for sentence in said_of(view) if JUDGING.search(sentence)]
    assert found == []


def test_there_are_at_most_five_key_messages(views: dict[str, AreaView]) -> None:
    counts = {name: len(key_messages(view)) for name, view in views.items()}
    assert set(counts.values()) <= {3, 4, 5}
    assert (
        counts["Derbyshire"] == 5
    )  # two levels, change, coverage, and the recording break; the change in risk levels has no room


def test_every_key_message_with_an_anchor_names_what_it_leads_to(views: dict[str, AreaView]) -> None:
    messages: list[KeyMessage] = [message for view in views.values() for message in key_messages(view)]
    assert all(message.link_text for message in messages if message.anchor)
    assert any(message.anchor for message in messages)


def test_the_level_is_a_count_a_rate_with_limits_and_the_comparators_rate(views: dict[str, AreaView]) -> None:
    # C3 2025: 149 episodes of CSE in Bristol; mid-2024 population 0 to 17 by the Office for National Statistics.
    # Similar, since authorities of its size usually lie between 3 and 21, though chance alone would make it Higher.
    sentence = key_messages(views["Bristol"])[0].sentence
    for fact in ("149 assessments", "31 March 2025", "16.1 per 10,000", "13.6 to 18.9", "similar to", "(10.2)"):
        assert fact in sentence


def test_a_recording_break_is_told_with_its_day_and_warned_of(views: dict[str, AreaView]) -> None:
    view = views["Derbyshire"]
    first, second = narrative.recorded.break_notes(view, CSE)
    assert first.startswith("No line is drawn into the year ending 31 March 2022: CSE went from 135 to 406 in a year")
    assert second.startswith("Recording break at 1 April 2024. ")
    assert "CSE and CCE" in narrative.recorded.data_warning(view)
    assert narrative.recorded.data_warning(views["Somerset"]) == ""


def test_a_year_that_is_not_shown_is_warned_of() -> None:
    view = small_view(observations=[{"missing": "u"}, {"area_code": COUNTRY, "count": "12000"}])
    assert MissingCode.LOW_RELIABILITY.meaning in narrative.recorded.data_warning(view)


def test_an_old_description_of_services_is_said_to_be_old(views: dict[str, AreaView]) -> None:
    # January 2020 beside March 2025
    assert "5 years older" in narrative.provision.coverage_age_sentence(views["Derbyshire"])
    assert narrative.provision.coverage_age_sentence(views["Herefordshire"]) == ""


def test_coverage_is_told_by_age_from_the_firmest_funding(views: dict[str, AreaView]) -> None:
    sentence = narrative.provision.coverage_sentence(views["Herefordshire"], CSE)
    assert re.search(r"ages 5 to 17: commissioned\b", sentence), sentence
    assert re.search(r"ages 0 to 4: in place, funding not stated", sentence), sentence


def test_an_area_of_which_no_service_was_supplied_is_told_so() -> None:
    assert "No service was supplied for First" in narrative.provision.coverage_sentence(small_view(), CSE)


def test_branch_fits_littles_law(views: dict[str, AreaView]) -> None:
    # West Mercia, Q2 2022-23: 110 in support, 28 referrals in the quarter, "just over a year" in service; 110 / 112
    view = views["Herefordshire"]
    (check,) = view.here("caseload_checks").to_dict("records")
    sentence = narrative.provision.caseload_check_sentence(view, pd.Series(check))
    for fact in ("Branch", "110 children", "28 new referrals", "0.98 years", "does not contradict", "about 1 year."):
        assert fact in sentence
    longer = narrative.provision.caseload_check_sentence(view, pd.Series(check | {"years_stated": 1.5}))
    assert "about 1.5 years." in longer


def test_a_service_that_a_source_says_is_not_here_is_named_with_its_date(views: dict[str, AreaView]) -> None:
    notes = narrative.provision.coverage_notes(views["Telford and Wrekin"])
    assert [note for note in notes if "Purple Leaf" in note and "30 September 2022" in note and "not work here" in note]


def test_every_line_of_enquiry_asks(views: dict[str, AreaView]) -> None:
    for view in views.values():
        questions = lines_of_enquiry(view)
        assert len(questions) >= 4 and all(question.endswith("?") for question in questions)
    assert any("out of force" in question for question in lines_of_enquiry(views["Derbyshire"]))
    assert not any("out of force" in question for question in lines_of_enquiry(views["Bristol"]))


def test_a_rise_at_a_risk_level_is_asked_about_and_a_fall_too() -> None:
    rising = lines_of_enquiry(small_view(SCHEME, risk_snapshots=snapshots("10", "40")))
    falling = lines_of_enquiry(small_view(SCHEME, risk_snapshots=snapshots("40", "10")))
    steady = lines_of_enquiry(small_view(SCHEME, risk_snapshots=snapshots("20", "22")))
    told = [" ".join(questions).count("children assessed at risk") for questions in (rising, falling, steady)]
    assert told == [1, 1, 0]


@pytest.mark.parametrize(
    ("before", "after", "title"),
    [("10", "40", "More assessed"), ("40", "10", "Fewer assessed"), ("20", "22", "Change in the number assessed")],
)
def test_the_title_of_the_figure_of_risk_levels_follows_the_limits(before: str, after: str, title: str) -> None:
    view = small_view(SCHEME, risk_snapshots=snapshots(before, after))
    assert narrative.risk.risk_title(view).startswith(title)


# The phrases


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        ("2024-04-01", "2025-03-31", "the year ending 31 March 2025"),
        ("2023-04-01", "2024-03-31", "the year ending 31 March 2024"),  # with a leap day
        ("2022-07-01", "2022-09-30", "July to September 2022"),
        ("2023-04-01", "2025-03-31", "April 2023 to March 2025"),
        ("2024-03-01", "2025-03-28", "1 March 2024 to 28 March 2025"),
        ("2025-04-10", "2025-04-10", "10 April 2025"),
    ],
)
def test_a_period_is_told_as_a_reader_would(start: str, end: str, words: str) -> None:
    row = pd.Series({"period_start": pd.Timestamp(start), "period_end": pd.Timestamp(end)})
    assert narrative.phrases.year_words(row) == words


def test_words_are_listed_as_in_a_sentence() -> None:
    assert narrative.phrases.listed(["one"]) == "one"
    assert narrative.phrases.listed(["one", "two"]) == "one and two"
    assert narrative.phrases.listed(["one", "two", "three"]) == "one, two and three"


def test_a_change_of_two_forces_is_told_in_its_own_area_only() -> None:
    elsewhere = [row | {"area_code": FORCE} for row in snapshots("10", "40")]
    assert narrative.risk.risk_sentences(small_view(SCHEME, risk_snapshots=elsewhere)) == []


def test_the_year_of_the_small_evidence_is_the_year_told() -> None:
    assert f"31 March {YEAR['period_end'][:4]}" in key_messages(small_view())[0].sentence


# Similar areas, change and what cannot be told: rows made by hand


def with_row(table: str, **cells: object) -> AreaView:
    """The view of the least evidence with the latest row of one release table replaced in some cells."""
    view = small_view()
    rows = view.release[table].head(1)
    key = {"area_code": FIRST, "measure": str(EPISODES), "exploitation_type": "CSE", "unit": "episode"}
    days = {name: pd.Timestamp(day) for name, day in YEAR.items()}
    made = pd.DataFrame([key | days | cells]).reindex(columns=rows.columns.union([*cells], sort=False))
    return AreaView(
        Release(dict(view.release.tables) | {table: made.assign(source_id="public_source")}, view.release.manifest),
        FIRST,
    )


NEIGHBOURS = {"neighbours_value": 9.6, "expected": 19.2, "expected_lower": 8.0, "expected_upper": 33.0, "reason": "x"}


@pytest.mark.parametrize(
    ("verdict", "said"),
    [
        ("Lower", "Recorded lower than expected: ask whether identification is low."),
        ("Similar", "within the limits of what was expected"),
        ("Higher", "Recorded higher than expected"),
    ],
)
def test_expected_demand_is_told_with_limits_and_as_a_question(verdict: str, said: str) -> None:
    sentence = narrative.similar.neighbours_sentence(with_row("expected", verdict=verdict, count=24, **NEIGHBOURS), CSE)
    assert "(9.6), First would have recorded about 19 (95% limits 8 to 33) and recorded 24." in sentence
    assert said in sentence and "unmet" not in sentence


CHANGE = {"before": 30, "after": 24, "rate_ratio": 0.8, "lower": 0.45, "upper": 1.4, "percentage": -20.0, "reason": "x"}


@pytest.mark.parametrize(
    ("usual", "verdict", "said"),
    [
        (0.5, "Similar", "changed no more than usual"),
        (0.5, "Lower", "fell by more than usual"),
        (0.5, "Higher", "rose by more than usual"),
        (float("nan"), "Similar", "changed no more than by chance"),
    ],
)
def test_a_change_is_told_by_its_verdict_in_title_and_sentence(usual: float, verdict: str, said: str) -> None:
    view = with_row("changes", verdict=verdict, usual_lower=usual, usual_upper=usual * 4, **CHANGE)
    assert narrative.changing.change_title(view, CSE) == f"Recorded CSE {said} in a year"
    sentence = narrative.changing.change_sentence(view, CSE)
    assert f"{said} in a year: from 30 to 24, 0.80 times the rate (95% limits 0.45 to 1.40)" in sentence
    assert ("0.50 to 2.00" in sentence) == (usual == 0.5)
    assert said in narrative.changing.changing_message(view)


def test_a_change_across_a_break_is_not_judged() -> None:
    view = with_row("changes", **CHANGE | {"verdict": "Cannot tell", "reason": "the way it is recorded changed"})
    assert "cannot be judged" in narrative.changing.change_title(view, CSE)
    assert narrative.changing.change_sentence(view, CSE).endswith("cannot be told: the way it is recorded changed.")


def test_the_funnel_is_explained_by_what_chance_alone_would_single_out(views: dict[str, AreaView]) -> None:
    view = views["Bristol"]
    group = view.peer_group(EPISODES, CSE)
    assert group is not None
    sentence = narrative.similar.dispersion_sentence(view, CSE)
    assert f"{group['outside_chance']} of {group['counted']} authorities" in sentence
    assert sentence.endswith(f"usually differ, {group['outside']} do.")


def test_the_power_of_an_area_is_told_with_its_children_and_both_ratios() -> None:
    sentence = narrative.limits.power_sentence(with_row("expected", detectable_rise=1.42, detectable_fall=0.66))
    assert "With 20,000 children" in sentence and "at least 1.4 times or at most 0.7 times that of England" in sentence
    assert sentence.endswith("No signal is not no problem.")


def test_every_title_of_a_figure_has_at_most_ten_words(views: dict[str, AreaView]) -> None:
    for view in views.values():
        for harm in ExploitationType:
            points = view.control_chart(EPISODES, harm)
            titles = [narrative.similar.comparison_title(view, harm), narrative.changing.change_title(view, harm)]
            titles += [narrative.changing.points_title(harm, points)]
            assert [title for title in titles if len(title.split()) > 10] == []
