"""Is it more or less than in similar areas? The judgement on both bases, the funnel, and the neighbours."""

from __future__ import annotations

from functools import partial

import pandas as pd

from needs_assessment import narrative, plots, tables, wording
from needs_assessment.area_view import AreaView, doubtful_zeros
from needs_assessment.components import Caption, Html, Rows, bullets, figure, paragraph, table, together
from needs_assessment.vocabulary import ExploitationType, Measure

words = narrative.similar
EPISODES = Measure.ASSESSMENT_EPISODES


def compared(view: AreaView) -> Html:
    """Each harm beside the comparator and beside the statistical neighbours: in words, then observed and pooled."""
    rows = tables.similar.compared(view)
    if rows.empty:
        return paragraph(f"No assessment figures were supplied for {view.name}.")
    said = [
        " ".join([words.beside_comparator_sentence(view, harm), words.neighbours_sentence(view, harm)])
        for harm in ExploitationType
    ]
    download = pd.concat([view.expected(EPISODES, harm) for harm in ExploitationType], ignore_index=True)
    caption = Caption(
        title=f"{view.name} beside {view.comparator} and its statistical neighbours",
        anchor="table-similar",
        notes=[*narrative.phrases.symbol_notes(_latest_symbols(view)), wording.POOLED_NOTE],
        source=view.rate_sources(),
    )
    recorded = view.all_series([(EPISODES, harm) for harm in ExploitationType])
    shown = Rows(
        display=rows, row_header="Harm", number_columns=("Recorded",), download=download, also={"recorded": recorded}
    )
    return together(bullets(said), table(shown, caption))


def _latest_symbols(view: AreaView) -> pd.Series:
    """What stands in place of the latest counts, where they are missing."""
    latest = [view.latest(EPISODES, harm) for harm in ExploitationType]
    return pd.Series([row["missing"] for row in latest if row is not None], dtype="string")


def funnel(view: AreaView, exploitation_type: str) -> Html:
    """The rates of all areas of the release by number of children, within the limits that decide the judgement."""
    harm = ExploitationType(exploitation_type)
    row, lines = view.latest(EPISODES, harm), view.funnel_lines(EPISODES, harm)
    if row is None or lines.empty:
        return paragraph(f"No funnel of {harm} is drawn: how much authorities usually differ is not known.")
    areas = _drawn(view, harm, row)
    if areas.empty:
        return paragraph(f"No funnel of {harm} is drawn: no area of this release has a rate.")
    caption = Caption(
        title=words.comparison_title(view, harm),
        anchor=f"figure-{harm.lower()}-funnel",
        subtitle=(
            f"Assessments that recorded {harm.label}, per 10,000 children, by number of children, "
            f"{narrative.phrases.year_words(row)}"
        ),
        notes=[*filter(None, [words.dispersion_sentence(view, harm)]), wording.FUNNEL_NOTE],
        source=view.rate_sources(),
    )
    draw = partial(plots.funnel, areas, lines, (view.name, view.comparator))
    display = tables.similar.in_funnel(view, harm)
    also = {"limits": lines}
    if view.area_code not in set(areas["area_code"]):
        also["area"] = view.series(EPISODES, harm).tail(1)  # the table has it although no dot is drawn
    rows = Rows(display=display, row_header="Area", download=areas, also=also)
    return figure(plots.drawing(draw, caption.anchor), rows, caption, alt=words.funnel_alt(view, harm))


def _drawn(view: AreaView, harm: ExploitationType, row: pd.Series) -> pd.DataFrame:
    """The areas that have a rate, without zeros that cannot be relied on."""
    same = view.counted_authorities(EPISODES, harm, row["period_end"]).dropna(subset=["value", "person_years"])
    same = same.drop(index=doubtful_zeros(same).index)[FUNNEL_COLUMNS]
    same = same.astype({"person_years": float, "value": float})
    return same.assign(thousands=same["person_years"] / 1000)


FUNNEL_COLUMNS = [
    "area_name",
    "area_code",
    "source_id",
    "measure",
    "unit",
    "exploitation_type",
    "period_start",
    "period_end",
    "count",
    "missing",
    "person_years",
    "value",
    "lower",
    "upper",
    "comparator_value",
    "limit_lower",
    "limit_upper",
    "verdict",
]
