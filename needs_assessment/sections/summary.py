"""The opening of the report: key messages, cautions, headline indicators, and the place."""

from __future__ import annotations

from functools import partial

import pandas as pd

from needs_assessment import narrative, plots, tables, wording
from needs_assessment.area_view import AreaView
from needs_assessment.components import Caption, Html, Rows, figure, lede, paragraph, table, together, warning
from needs_assessment.components import key_messages as message_box
from needs_assessment.vocabulary import RELATED_FACTORS, ExploitationType, Measure

EPISODES = Measure.ASSESSMENT_EPISODES


def opening(view: AreaView) -> Html:
    """What the report is about, in one sentence."""
    return lede(narrative.recorded.opening_sentence(view))


def key_messages(view: AreaView) -> Html:
    """At most five messages, each with a link to what shows it."""
    return message_box(narrative.messages.key_messages(view))


def read_this_first(view: AreaView) -> Html:
    """What the figures are not; for synthetic records, loudly, that they are made up."""
    recorded = warning("Recorded is not actual, and low is not reassurance", wording.READ_THIS_FIRST)
    return together(warning("Synthetic data", wording.SYNTHETIC_NOTE), recorded) if view.synthetic else recorded


def headline(view: AreaView) -> Html:
    """The headline indicators, the judgement in words first."""
    rows = tables.recorded.headline(view)
    if rows.empty:
        return paragraph(f"No assessment figures were supplied for {view.name}.")
    series: list[tuple[Measure, ExploitationType | None]] = [(EPISODES, harm) for harm in ExploitationType] + [
        (measure, None) for measure in RELATED_FACTORS
    ]
    latest = [view.latest(*which) for which in series]
    symbols = pd.Series([row["missing"] for row in latest if row is not None])
    caption = Caption(
        title=f"Headline indicators for {view.name}",
        anchor="table-headline",
        subtitle="Latest year, per 10,000 resident children aged 0 to 17",
        notes=[*narrative.phrases.symbol_notes(symbols), wording.LIMITS_NOTE],
        source=view.rate_sources(),
    )
    shown = Rows(
        display=rows, row_header="Indicator", number_columns=tuple(rows.columns[2:]), download=view.all_series(series)
    )
    return table(shown, caption)


def place(view: AreaView) -> Html:
    """Who lives here, what the place is part of and came out of, and a map of the areas of this release."""
    return together(*map(paragraph, narrative.place.place_sentences(view)), area_map(view, ExploitationType.CSE))


def area_map(view: AreaView, harm: ExploitationType, *, outlined: bool = True) -> Html:
    """The map of all areas of the release by one harm's verdict: of boundaries where it has them, else of tiles.

    `outlined` marks this area and names it. Areas that have no place on the map are named in a note.
    """
    latest = view.latest(EPISODES, harm)
    if latest is None:
        return paragraph(f"No figure for {harm.label} was supplied, so no map is drawn.")
    anchor = f"figure-{harm.lower()}-map"
    same = view.same_measure(EPISODES, harm, latest["period_end"])
    mapped = view.mapped(EPISODES, harm, latest["period_end"])
    chosen = view.area_code if outlined and view.area_code in set(mapped["area_code"]) else ""
    caption = Caption(
        title=f"Recorded {harm} in the areas of this release",
        anchor=anchor,
        subtitle=(
            f"Assessments per 10,000 children against {view.comparator}, {narrative.phrases.year_words(latest)}. "
            f"{'' if view.has_boundaries else 'One tile an area. '}{f'{view.name} is outlined.' if chosen else ''}"
        ),
        notes=[*narrative.phrases.symbol_notes(same["missing"]), *_not_mapped(same, mapped), wording.MAP_NOTE],
        source=view.map_sources(),
    )
    draw, narrow = (plots.choropleth, (340, 620)) if view.has_boundaries else (plots.tile_map, (340, 390))
    picture = plots.drawing(partial(draw, mapped, chosen), anchor, (740, 620), narrow)
    rows = Rows(display=tables.recorded.areas_compared(view, harm), row_header="Area")
    return figure(picture, rows, caption, alt=narrative.recorded.map_alt(view, harm, named=outlined))


def _not_mapped(same: pd.DataFrame, mapped: pd.DataFrame) -> list[str]:
    """What the map lacks, as a note: by name where there is a figure. All of them stand in the table."""
    absent = same[~same["area_code"].isin(mapped["area_code"])]
    counted = absent["verdict"].notna()
    names = absent.loc[counted, "area_name"].to_list()
    blank = int((~counted).sum())
    lacking = [*names, *([f"{blank} area{'' if blank == 1 else 's'} without a figure"] if blank else [])]
    return [f"Not on the map: {narrative.phrases.listed(lacking)}."] if lacking else []
