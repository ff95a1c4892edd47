"""How much is recorded: assessments, related factors, referrals, and what other sources counted."""

from __future__ import annotations

from functools import partial

import pandas as pd

from needs_assessment import narrative, plots, tables, wording
from needs_assessment.area_view import AreaView
from needs_assessment.components import Caption, Html, Rows, bullets, figure, paragraph, table
from needs_assessment.vocabulary import RELATED_FACTORS, ExploitationType, Measure


def levels(view: AreaView) -> Html:
    """How much of each harm is recorded, and between what bounds either is."""
    said = [narrative.recorded.level_sentence(view, harm) for harm in ExploitationType]
    return bullets(filter(None, [*said, narrative.recorded.either_sentence(view)]))


def related_factors(view: AreaView) -> Html:
    """Factors that often go with exploitation, beside the comparator."""
    latest = [view.latest(measure) for measure in RELATED_FACTORS]
    rows = pd.DataFrame([row for row in latest if row is not None])
    if rows.empty:
        return paragraph(f"No related factor was supplied for {view.name}.")
    rows = rows.assign(indicator=[Measure(measure).factor for measure in rows["measure"]])
    caption = Caption(
        title=f"Related factors in {view.name}",
        anchor="figure-factors",
        subtitle=(
            "Assessments that recorded each factor, per 10,000 children, with 95% limits, "
            f"{narrative.phrases.year_words(rows.iloc[-1])}"
        ),
        notes=[*narrative.phrases.symbol_notes(rows["missing"]), wording.FACTORS_NOTE],
        source=view.rate_sources(),
    )
    display = tables.recorded.headline(view, RELATED_FACTORS)
    shown = Rows(
        display=display,
        row_header="Indicator",
        number_columns=tuple(display.columns[2:]),
        download=view.all_series([(measure, None) for measure in RELATED_FACTORS]),
    )
    draw = partial(plots.rates_beside, rows, (view.name, view.comparator))
    return figure(
        plots.drawing(draw, "figure-factors", (740, 280), (340, 280)),
        shown,
        caption,
        alt=narrative.recorded.factors_alt(view, rows),
    )


def other_counts(view: AreaView) -> Html:
    """Counts from other sources, such as the police, that are about this area or its force."""
    rows = view.other_counts()
    if rows.empty:
        return paragraph(
            "No count from the police or another source was supplied for this area or its police force area."
        )
    caption = Caption(
        title="What other sources counted",
        anchor="table-other-counts",
        subtitle="Sources count different things and are not added",
        notes=narrative.phrases.symbol_notes(rows["missing"]),
        source=view.citations(rows["source_id"]),
    )
    return table(
        Rows(
            display=tables.recorded.other_counts(view),
            row_header="What was counted",
            number_columns=("Count",),
            download=rows,
        ),
        caption,
    )


def referrals(view: AreaView) -> Html:
    """Referrals by quarter from case-level records, where the release has any; every count has passed the disclosure
    gate.
    """
    rows = tables.recorded.referrals(view)
    if rows.empty:
        return paragraph("No case-level referrals were supplied, so referrals by quarter are not shown.")
    counted = view.referrals()
    caption = Caption(
        title=f"{view.label_of(counted['source_id'])}Referrals by quarter and year",
        anchor="table-referrals",
        notes=narrative.phrases.symbol_notes(counted["missing"]),
        source=view.citations(counted["source_id"]),
    )
    return table(
        Rows(display=rows, row_header="Period", number_columns=tuple(rows.columns[1:]), download=counted), caption
    )
