"""Is it changing? Rates over time, the latest changes, control charts and seasons."""

from __future__ import annotations

from functools import partial

import pandas as pd

from needs_assessment import narrative, plots, tables, wording
from needs_assessment.area_view import AreaView
from needs_assessment.components import Caption, Html, Rows, bullets, figure, paragraph, table, together
from needs_assessment.vocabulary import ExploitationType, Measure

EPISODES = Measure.ASSESSMENT_EPISODES


def sentences(view: AreaView) -> Html:
    """For each harm the latest change and the trend, in words."""
    return bullets(
        f"{narrative.changing.change_sentence(view, harm)} {narrative.changing.trend_sentence(view, harm)}"
        for harm in ExploitationType
    )


def rate_over_time(view: AreaView, exploitation_type: str) -> Html:
    """The rate of one harm over time beside comparator and neighbours, with recording breaks and the years to come."""
    harm = ExploitationType(exploitation_type)
    series = view.with_neighbours(EPISODES, harm)
    if series.empty:
        return paragraph(f"No figure for {harm.label} was supplied for {view.name}.")
    anchor = f"figure-{harm.lower()}-rate"
    symbols = pd.concat([series["missing"], view.comparator_series(EPISODES, harm)["missing"]])
    caption = Caption(
        title=narrative.changing.change_title(view, harm),
        anchor=anchor,
        subtitle=f"Assessments that recorded {harm.label}, per 10,000 children aged 0 to 17, with 95% limits",
        notes=[
            *narrative.phrases.symbol_notes(symbols),
            *narrative.recorded.doubt_notes(view, harm),
            *narrative.recorded.break_notes(view, harm),
            *narrative.changing.forecast_notes(view, harm),
        ],
        source=view.rate_sources(),
    )
    rows, ahead = tables.changing.yearly(view, harm), view.forecasts(EPISODES, harm)
    shown = Rows(
        display=rows,
        row_header="Period",
        number_columns=tuple(rows.columns[2:]),
        download=series,
        also={"changes": view.changes(EPISODES, harm), "forecast": ahead},
    )
    names = (view.name, view.comparator, "Statistical neighbours")
    draw = partial(plots.rate_over_time, series, names, view.breaks(EPISODES, harm), ahead)
    return figure(plots.drawing(draw, anchor), shown, caption, alt=narrative.recorded.series_alt(view, harm))


def control_chart(view: AreaView, exploitation_type: str) -> Html:
    """The control chart of one harm: of referrals by quarter where there are any, else of assessments by year."""
    harm = ExploitationType(exploitation_type)
    quarters = view.control_chart(Measure.REFERRALS, harm, "quarter")
    points = view.control_chart(EPISODES, harm) if quarters.empty else quarters
    if points.empty or points["upper"].isna().all():
        return paragraph(narrative.changing.no_points_sentence(harm, points))
    anchor = f"figure-{harm.lower()}-control"
    caption = Caption(
        title=f"{view.label_of(points['source_id'])}{narrative.changing.points_title(harm, points)}",
        anchor=anchor,
        subtitle=narrative.changing.points_subtitle(view, points),
        notes=narrative.changing.points_notes(points),
        source=view.citations(points["source_id"]),
    )
    display = tables.changing.points(points)
    shown = Rows(
        display=display, row_header="Period", number_columns=("Plotted", "Centre line", "Limits"), download=points
    )
    draw = partial(plots.control_chart, points, narrative.changing.points_unit(view, points))
    alt = narrative.changing.points_alt(view, harm, points)
    return figure(plots.drawing(draw, anchor, (740, 320), (340, 300)), shown, caption, alt=alt)


def by_quarter(view: AreaView) -> Html:
    """Referrals by season and beside the same quarter a year before; a sentence where there are none."""
    found = {harm: view.seasons(harm) for harm in ExploitationType}
    changes = pd.concat([view.changes(Measure.REFERRALS, harm, "quarter") for harm in ExploitationType])
    if changes.empty:
        return paragraph(
            "No referrals by quarter were supplied for two years, so seasons and quarters are not compared."
        )
    known = {harm: rows for harm, rows in found.items() if rows["ratio"].notna().any()}
    reasons = [narrative.changing.seasons_sentence(found[harm], harm) for harm in found if harm not in known]
    return together(
        *(_seasons(view, harm, rows) for harm, rows in known.items()),
        *map(paragraph, reasons),
        _quarters(view, changes.reset_index(drop=True)),
    )


def _seasons(view: AreaView, harm: ExploitationType, rows: pd.DataFrame) -> Html:
    anchor = f"figure-{harm.lower()}-seasons"
    caption = Caption(
        title=f"{view.label_of(rows['source_id'])}Referrals for {harm} by season",
        anchor=anchor,
        subtitle="Referrals of each season as a ratio to the average, with 95% limits",
        notes=[narrative.changing.seasons_sentence(rows, harm), wording.SEASONS_NOTE],
        source=view.citations(rows["source_id"]),
    )
    display = tables.changing.seasons(rows)
    drawn = rows.assign(average=1.0)  # the line that the seasons stand around
    shown = Rows(display=display, row_header="Season", number_columns=tuple(display.columns[1:]), download=drawn)
    picture = plots.drawing(partial(plots.seasonal, rows), anchor, (740, 280), (340, 280))
    return figure(picture, shown, caption, alt=narrative.changing.seasons_alt(view, harm, rows))


def _quarters(view: AreaView, rows: pd.DataFrame) -> Html:
    display = tables.changing.quarters(view)
    caption = Caption(
        title=f"{view.label_of(rows['source_id'])}Referrals beside the same quarter a year before",
        anchor="table-quarters",
        notes=[wording.QUARTERS_NOTE],
        source=view.citations(rows["source_id"]),
    )
    shown = Rows(display=display, row_header="Quarter", number_columns=("A year before", "Now"), download=rows)
    return table(shown, caption)
