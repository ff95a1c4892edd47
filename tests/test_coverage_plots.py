"""The drawings of services and coverage: what they say in words, what is as long as a figure, and what is never drawn
as zero.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial
from itertools import combinations
from typing import Any

import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from needs_assessment import plots
from needs_assessment.components import Drawing
from needs_assessment.disclosure.audit.drawings import read_svg
from needs_assessment.disclosure.audit.explain import figures_of
from needs_assessment.disclosure.audit.numbers import Quotations, unexplained
from needs_assessment.plots.contracts import PAST_OPTION
from needs_assessment.plots.coverage import FUNDING
from needs_assessment.plots.drawing import PIXELS_PER_INCH
from needs_assessment.plots.need import MET, NO_SERVICE, NOT_KNOWN, TAKEN
from needs_assessment.vocabulary import FundingStatus

LEAST_LETTERS = 9  # CSS pixels
Draw = Callable[..., Axes]

# Made-up rows of the release


HEREFORDSHIRE: dict[str, Any] = {
    "area_code": "E06000019",
    "area_name": "Herefordshire",
    "police_force_area_code": "E23000016",
    "exploitation_type": "CSE",
    "basis": "children under review",
    "need": 58,
    "need_lower": 44.043,
    "need_upper": 74.978,
    "eligible": 52.25,
    "commissioned": 46.5,
    "met": 30.0,
    "met_proportional": 20.31,
    "no_service": 11.5,
    "places": 45.0,
    "services_counted": 2,
    "services_without_places": 0,
    "missing": None,
}
BLANK = dict.fromkeys([name for name in HEREFORDSHIRE if name.startswith(("need", "met", "eli", "com", "no_", "ser"))])
FORCE = {"area_code": "E23000016", "area_name": "West Mercia", "missing": "c"}
PLACES_NOT_KNOWN = {
    "area_name": "Telford and Wrekin",
    "need": 31,
    "need_lower": 21.06,
    "need_upper": 44.01,
    "eligible": 31.0,
    "commissioned": 24.0,
    "met": 24.0,
    "met_proportional": 24.0,
    "no_service": 7.0,
    "places": None,
    "services_counted": 1,
    "services_without_places": 1,
}
SOME_PLACES_NOT_KNOWN = {"area_name": "Shropshire", "services_without_places": 1}
WITHHELD = {**BLANK, "area_name": "Worcestershire", "places": None, "missing": "c"}
NO_SERVICE_AT_ALL = {
    "area_name": "Bournemouth, Christchurch and Poole",
    "eligible": 0.0,
    "commissioned": 0.0,
    "met": 0.0,
    "met_proportional": 0.0,
    "no_service": 58.0,
    "places": None,
    "services_counted": 0,
}
AREAS = ({}, PLACES_NOT_KNOWN, SOME_PLACES_NOT_KNOWN, WITHHELD, NO_SERVICE_AT_ALL)


def flow(*changes: Mapping[str, Any]) -> pd.DataFrame:
    """Rows of `coverage_flow`, each as Herefordshire's but for some columns."""
    rows = pd.DataFrame([{**HEREFORDSHIRE, **change} for change in changes])
    whole = dict.fromkeys(("need", "services_counted", "services_without_places"), "Int64")
    floats = [name for name in BLANK if name not in whole] + ["places"]
    return rows.astype(whole | dict.fromkeys(floats, float) | {"missing": "string"})


def one(change: Mapping[str, Any]) -> pd.Series:
    return flow(change).iloc[0]


NAMED = {
    (10, "universal"): ("commissioned", "Purple Leaf", True),
    (5, "universal"): ("service level agreement", "Purple Leaf", True),
    (16, "targeted"): ("spot purchase", "CLIMB", False),
    (10, "specialist"): ("commissioned", "Branch|Holly Project", True),
    (16, "specialist"): ("not stated", "Axis", True),
}


def cells(named: Mapping[tuple[int, str], tuple[str, str, bool]] = NAMED) -> pd.DataFrame:
    """Rows of `coverage` of one area and harm, the older ages first."""
    bands = [(18, 24), (16, 17), (10, 15), (5, 9), (0, 4)]
    return pd.DataFrame(
        [
            {"age_from": youngest, "age_to": oldest, "tier": tier}
            | dict(
                zip(
                    ("funding", "services", "whole_band"),
                    named.get((youngest, tier), ("none", None, False)),
                    strict=True,
                )
            )
            for youngest, oldest in bands
            for tier in ("universal", "targeted", "specialist", "not stated")
        ]
    )


LONG = "Derby and Derbyshire victim service for children at risk of exploitation"


def terms() -> pd.DataFrame:
    """A contract with two options of a service with a long name, and one of which only years are published."""
    rows = [
        ("long", LONG, "firm", "2020-01-13", "2023-01-12", None, "day"),
        ("long", LONG, "option 1", "2023-01-13", "2024-01-12", "2023-01-12", "day"),
        ("long", LONG, "option 2", "2024-01-13", "2025-01-12", "2024-01-12", "day"),
        ("branch", "Branch", "firm", "2021-01-01", "2024-12-31", None, "year"),
        ("branch", "Branch", "option 1", "2025-01-01", "2025-12-31", "2024-12-31", "year"),
        ("climb", "CLIMB", "firm", "2022-04-01", "2025-03-31", None, "day"),
        ("climb", "CLIMB", "option 1", "2025-04-01", "2027-03-31", "2025-03-31", "day"),
    ]
    columns = ["service_id", "service_name", "term", "starts", "ends", "decide_by", "precision"]
    table = pd.DataFrame(rows, columns=columns)
    return table.astype(dict.fromkeys(("starts", "ends", "decide_by"), "datetime64[us]"))


ON = pd.Timestamp(2024, 6, 1)
EVERY: dict[str, tuple[Draw, pd.DataFrame, tuple[int, int]]] = {
    "matrix": (partial(plots.coverage_matrix, cells()), cells(), (400, 440)),
    "by area": (partial(plots.need_and_places, flow(*AREAS)), flow(*AREAS), (460, 560)),
    "waterfall": (partial(plots.need_waterfall, one({})), flow({}), (340, 340)),
    "waterfall of a force": (partial(plots.need_waterfall, one(FORCE)), flow(FORCE), (340, 340)),
    "contracts": (partial(plots.contract_timeline, terms(), ON), terms(), (340, 360)),
}
every = pytest.mark.parametrize("name", EVERY)


@cache
def made(name: str) -> tuple[list[Axes], Drawing]:
    """A drawing of a board's page, made once: the wide Axes and the narrow ones, and their SVG."""
    draw_it, _, (tall, tall_on_a_phone) = EVERY[name]
    axes: list[Axes] = []

    def drawn_on(ax: Axes) -> Axes:
        axes.append(draw_it(ax=ax))
        return ax

    picture = plots.drawing(drawn_on, "figure-test", (740, tall), (340, tall_on_a_phone))
    for ax in axes:
        ax.get_figure(root=True).draw_without_rendering()  # the SVG was laid out in points, these in pixels again
    return axes, picture


def drawn(name: str, *, small: bool) -> Axes:
    return made(name)[0][small]


def draw(a_drawing: Draw, table: pd.DataFrame | pd.Series) -> Axes:
    return a_drawing(table, ax=Figure(figsize=(7.7, 4.6), layout="constrained").subplots())


def words(ax: Axes) -> list[str]:
    return [text.get_text().replace("\n", " ") for text in ax.texts if text.get_text()]


def in_legend(ax: Axes) -> list[str]:
    return [text.get_text().replace("\n", " ") for text in ax.get_legend().get_texts()] if ax.get_legend() else []


def bars(ax: Axes) -> dict[int, list[tuple[float, float, str]]]:
    """Of each row of bars, the parts from the left: where each begins and ends, and its fill and hatch."""
    rows: dict[int, list[tuple[float, float, str]]] = {}
    for bar in sorted(ax.patches, key=Rectangle.get_x):
        look = f"{to_hex(bar.get_facecolor())}{bar.get_hatch() or ''}"
        row = round(bar.get_y())
        rows.setdefault(row, []).append((bar.get_x(), bar.get_x() + bar.get_width(), look))
    return rows


def look_of(look: Any) -> str:
    return f"{to_hex(look.fill)}{look.hatch}"


# What every drawing must keep


def overlap(one: Text, other: Text) -> bool:
    first, second = one.get_window_extent(), other.get_window_extent()
    across = min(first.x1, second.x1) - max(first.x0, second.x0)
    down = min(first.y1, second.y1) - max(first.y0, second.y0)
    return across > 1 and down > 3  # lines of type may touch


@pytest.mark.parametrize("small", [False, True], ids=["wide", "phone"])
@every
def test_words_lie_within_the_drawing_and_do_not_cover_one_another(name: str, small: bool) -> None:
    ax = drawn(name, small=small)
    legend, (first, last) = ax.get_legend(), ax.get_xlim()
    ticks = [text for text in ax.get_xticklabels() if ax.axison and first <= text.get_position()[0] <= last]
    texts = [*ax.texts, *ticks, ax.xaxis.label, *(legend.get_texts() if legend else [])]
    texts = [text for text in texts if text.get_text()]
    box = ax.get_figure(root=True).bbox.padded(1)
    extents = {text.get_text(): text.get_window_extent() for text in texts}
    assert not [said for said, each in extents.items() if not (box.x0 <= each.x0 and each.x1 <= box.x1)]
    assert not [said for said, each in extents.items() if not (box.y0 <= each.y0 and each.y1 <= box.y1)]
    assert not [(a.get_text(), b.get_text()) for a, b in combinations(texts, 2) if overlap(a, b)]
    assert min(text.get_fontsize() for text in texts) * PIXELS_PER_INCH / 72 >= LEAST_LETTERS


@every
def test_the_audit_finds_each_mark_and_each_number_among_the_rows(name: str) -> None:
    figures = figures_of(EVERY[name][1].astype("string").fillna("").to_dict("records"))
    for svg in (made(name)[1].wide, made(name)[1].narrow):
        drawing = read_svg(str(svg))
        assert not drawing.unread
        assert bool(drawing.marks) == (name not in {"matrix", "contracts"}), "only these have a scale of numbers"
        assert all(figures.near(mark.value, mark.tolerance) for mark in drawing.marks)
        assert not [said for said in drawing.words if unexplained(said, figures, Quotations())]


# The matrix


def test_squares_say_how_firmly_services_are_funded_in_words() -> None:
    shown = words(drawn("matrix", small=False))
    assert {"Commissioned Purple Leaf", "Service level agreement Purple Leaf", "Spot purchase CLIMB"} <= set(shown)
    assert shown.count("None found") == 10
    on_a_phone = " ".join(words(drawn("matrix", small=True)))
    assert "Service level agreement" in on_a_phone and "Spot purchase" in on_a_phone


def test_ages_stand_from_the_youngest_down_and_tiers_from_the_earliest() -> None:
    ax = drawn("matrix", small=False)
    down = {text.get_text(): text.get_position()[1] for text in ax.texts if text.get_text()[0].isdigit()}
    assert sorted(down, key=down.__getitem__) == ["0 to 4", "5 to 9", "10 to 15", "16 to 17", "18 to 24"]
    columns = {text.get_text(): text.get_position()[0] for text in ax.texts}
    assert columns["Universal"] < columns["Targeted"] < columns["Specialist"]


def test_of_several_services_none_is_named_since_some_may_be_less_firmly_funded() -> None:
    assert "Commissioned" in words(drawn("matrix", small=False))
    assert not any("Holly" in each for each in words(drawn("matrix", small=False)))


def test_a_tier_that_no_source_states_stands_only_where_something_was_found_for_it() -> None:
    assert "Tier not stated" not in words(drawn("matrix", small=False))
    found = cells({**NAMED, (16, "not stated"): ("not stated", "CLIMB", False)})
    assert "Tier not stated" in words(draw(plots.coverage_matrix, found))


def test_a_band_that_no_service_is_known_to_take_whole_has_a_star_that_is_explained() -> None:
    shown = words(drawn("matrix", small=False))
    assert shown.count("*") == 1
    assert shown.count("* No one service is known to take all of these ages without a condition.") == 1
    whole = draw(plots.coverage_matrix, cells().drop(columns="whole_band"))
    assert not any("*" in each for each in words(whole))


def test_firmer_funding_is_darker_and_looks_differ_without_colour() -> None:
    looks = [look for _, look in FUNDING.values()]
    lightness = [sum(to_rgb(look.fill)) for look in looks]
    assert list(FUNDING) == list(FundingStatus)
    assert lightness == sorted(lightness)
    assert len({(round(sum(to_rgb(look.fill)) / 3, 1), look.hatch) for look in looks}) == len(looks)


def test_areas_can_stand_in_the_columns() -> None:
    by_area = cells().rename(columns={"tier": "column"}).replace({"column": {"universal": "Shropshire"}})
    assert "Shropshire" in words(draw(plots.coverage_matrix, by_area))


def test_two_rows_of_one_square_are_refused() -> None:
    with pytest.raises(ValueError, match="two rows of the same ages"):
        draw(plots.coverage_matrix, pd.concat([cells(), cells()]))


# Need by area


def test_areas_stand_in_order_of_name_whatever_their_need() -> None:
    ax = drawn("by area", small=False)
    names = sorted(area.get("area_name", "Herefordshire") for area in AREAS)
    titles = [text.get_text() for text in ax.texts if text.get_weight() == "bold"]
    assert [title.removesuffix(": [c]") for title in titles] == names


def test_a_bar_of_need_is_what_is_met_then_what_has_no_place_then_what_no_service_takes() -> None:
    parts = bars(drawn("by area", small=False))[1]
    assert [part[:2] for part in parts] == [pytest.approx(ends) for ends in ((0, 20.31), (20.31, 46.5), (46.5, 58))]
    assert [part[2] for part in parts] == [look_of(MET), look_of(TAKEN), look_of(NO_SERVICE)]
    assert "Need 58 (44.0 to 75.0), met 20.3, no commissioned service 11.5" in words(drawn("by area", small=False))


def test_limits_of_need_are_drawn_to_their_values() -> None:
    ends = [tuple(line.get_xdata()) for line in drawn("by area", small=False).lines]
    assert (44.043, 74.978) in ends and (21.06, 44.01) in ends


def test_where_no_place_is_known_nothing_is_shown_as_met() -> None:
    ax = drawn("by area", small=False)
    assert [part[2] for part in bars(ax)[3]] == [look_of(NOT_KNOWN), look_of(NO_SERVICE)]
    assert "Need 31 (21.1 to 44.0), places not known, no commissioned service 7" in words(ax)
    assert "commissioned service, places not known" in in_legend(ax)
    assert "Need 58 (44.0 to 75.0), met at most 20.3, no commissioned service 11.5" in words(ax)


def test_a_withheld_need_has_its_symbol_and_no_bar() -> None:
    ax = drawn("by area", small=False)
    assert "Worcestershire: [c]" in words(ax)
    assert 4 not in bars(ax)
    not_worked_out = draw(plots.need_and_places, flow({**WITHHELD, "missing": None}))
    assert words(not_worked_out) == ["Worcestershire: not worked out"]
    assert not [*not_worked_out.patches, *not_worked_out.get_xticks()]


def test_an_area_without_any_service_meets_nothing_which_is_known() -> None:
    ax = drawn("by area", small=False)
    assert "Need 58 (44.0 to 75.0), met 0, no commissioned service 58" in words(ax)
    assert bars(ax)[0] == [(0, 58, look_of(NO_SERVICE))]


@pytest.mark.parametrize(
    ("basis", "unit"),
    [("children under review", "Children at one time"), ("assessments in a year", "Assessments a year")],
)
def test_the_axis_says_the_unit(basis: str, unit: str) -> None:
    assert draw(plots.need_and_places, flow({"basis": basis})).get_xlabel() == unit


@pytest.mark.parametrize("change", [{"basis": "assessments in a year"}, {"exploitation_type": "CCE"}])
def test_needs_that_have_no_common_scale_are_refused(change: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="never drawn on one scale"):
        draw(plots.need_and_places, flow({}, change))


def test_what_does_not_occur_is_not_in_the_legend() -> None:
    all_met = {"met_proportional": 58.0, "commissioned": 58.0 - 1e-12, "no_service": 0.0}
    assert in_legend(draw(plots.need_and_places, flow(all_met))) == [
        "met if places are shared by need",
        "need: 95% limits",
    ]


# From need to what is met


def test_bars_fall_from_need_to_what_is_met_and_name_what_was_lost() -> None:
    ax = drawn("waterfall", small=False)
    assert [row[0][:2] for row in bars(ax).values()] == [(0, 58), (0, 52.25), (0, 46.5), (0, pytest.approx(20.31))]
    assert [row[-1][1] for row in bars(ax).values()] == [58, 58, 52.25, 46.5], (
        "each loss ends where the bar before does"
    )
    assert words(ax) == [
        "Need: 58 (95% limits 44.0 to 75.0)",
        "A service, however funded, would take: 52.2",
        "A commissioned service would take: 46.5",
        "Met if places are shared by need: 20.3",
        "no service found",
        "not commissioned",
        "too few places",
    ]


def test_a_force_meets_the_most_that_any_sharing_could() -> None:
    shown = words(drawn("waterfall of a force", small=False))
    assert "The most that their places can meet: 30" in shown
    assert "Need: at least 58 (95% limits 44.0 to 75.0)" in shown, "a count of one of its authorities is withheld"


def test_a_waterfall_without_known_places_ends_in_a_hatched_bar_that_says_so() -> None:
    ax = draw(plots.need_waterfall, one(PLACES_NOT_KNOWN))
    assert bars(ax)[3] == [(0, 24, look_of(NOT_KNOWN))]
    assert "Met if places are shared by need: places not known" in words(ax)
    assert "too few places" not in words(ax)


def test_a_waterfall_with_some_places_not_known_says_at_most() -> None:
    assert "Met if places are shared by need: at most 20.3" in words(
        draw(plots.need_waterfall, one(SOME_PLACES_NOT_KNOWN))
    )


def test_a_known_zero_is_written_and_a_step_without_a_loss_names_none() -> None:
    ax = draw(plots.need_waterfall, one(NO_SERVICE_AT_ALL))
    assert {"A service, however funded, would take: 0", "Met if places are shared by need: 0"} <= set(words(ax))
    assert sorted(bars(ax)) == [0, 1]
    assert "no service found" in words(ax) and "too few places" not in words(ax)


def test_a_withheld_need_is_no_waterfall_of_zeros() -> None:
    ax = draw(plots.need_waterfall, one(WITHHELD))
    assert not [*ax.patches, *ax.get_xticks()]
    assert [each.rpartition(": ")[2] for each in words(ax)] == ["[c]"] * 4


# Contracts


def test_days_of_decision_stand_in_words_and_only_years_where_no_day_is_published() -> None:
    shown = words(drawn("contracts", small=False))
    assert {"by 12 Jan 2023", "by 12 Jan 2024", "by 31 March 2025"} <= set(shown)
    assert any(each.startswith("in 2024") for each in shown)
    assert not any("December 2024" in each for each in shown)
    assert LONG in words(drawn("contracts", small=True))


def test_options_whose_day_is_past_are_lighter_and_said_to_be_not_known() -> None:
    ax = drawn("contracts", small=False)
    assert [look_of(PAST_OPTION) == part[2] for part in bars(ax)[0]] == [False, True, True]
    assert not any(look_of(PAST_OPTION) == part[2] for part in [*bars(ax)[1], *bars(ax)[2]])
    assert "option whose day is past: not known if taken up" in in_legend(ax)
    without_a_day = draw(plots.contract_timeline, terms())
    assert in_legend(without_a_day) == ["firm term", "extension option", "day to decide by"]


@pytest.mark.parametrize("small", [False, True], ids=["wide", "phone"])
def test_no_day_of_decision_lies_on_the_line_of_the_evidence(small: bool) -> None:
    ax = drawn("contracts", small=small)
    at = ax.transData.transform((2024 + 152 / 365.25, 0))[0]
    decisions = [text for text in ax.texts if text.get_text().startswith(("by ", "in 2"))]
    assert decisions
    assert not any(text.get_window_extent().x0 < at < text.get_window_extent().x1 for text in decisions)


def test_two_services_of_one_name_have_a_row_each() -> None:
    rows = terms().assign(service_name="A service")
    assert sorted(bars(draw(plots.contract_timeline, rows))) == [0, 1, 2]
