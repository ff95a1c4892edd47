"""Services and coverage: which need has no service, where places are too few, what would change it, and the register
in full.
"""

from __future__ import annotations

from functools import partial

import pandas as pd

from needs_assessment import narrative, plots, tables, wording
from needs_assessment.area_view import AreaView
from needs_assessment.area_view.coverage import working
from needs_assessment.components import (
    Caption,
    Html,
    Rows,
    bullets,
    definitions,
    figure,
    lede,
    paragraph,
    table,
    together,
    warning,
)
from needs_assessment.narrative import coverage as told
from needs_assessment.narrative import coverage_figures as drawn
from needs_assessment.narrative.coverage_words import unit_words
from needs_assessment.tables import coverage as shown
from needs_assessment.vocabulary import ExploitationType, in_words

NOTHING = together()
"""What a section shows where another has said that there is nothing."""


def opening(view: AreaView) -> Html:
    """What the document is about, in one sentence."""
    return lede(told.opening_sentence(view))


def read_this_first(view: AreaView) -> Html:
    """What is commissioned, how much need is recorded, how much of it could not be met, and how old all this is."""
    made_up = warning("Synthetic data", wording.SYNTHETIC_NOTE) if view.synthetic else NOTHING
    cautions = warning("Recorded need is not all need, and a small gap is no reassurance", wording.COVERAGE_FIRST)
    return together(made_up, bullets(told.first_sentences(view)), cautions)


# Where need has no service


def holes(view: AreaView, exploitation_type: str) -> Html:
    """Which children no commissioned service takes for one harm, how much of the need that is, and the matrix."""
    harm = ExploitationType(exploitation_type)
    return together(bullets(told.hole_sentences(view, harm)), _grades(view, harm), _matrix(view, harm))


def _grades(view: AreaView, harm: ExploitationType) -> Html:
    rows, flow = view.coverage_grades(harm), view.need_flow_of(harm)
    if rows.empty or flow is None or pd.isna(flow["need"]):
        return NOTHING
    caption = Caption(
        title=f"Need for {harm} by the firmest service that would take it",
        anchor=f"table-grades-{harm.lower()}",
        subtitle=drawn.grades_subtitle(view, harm),
        notes=[wording.GRADES_NOTE, *_ages_note(view, harm), wording.HOLES_NOTE],
        source=_sources(view),
    )
    display = shown.grades(rows, int(flow["need"]))
    return table(
        Rows(display=display, row_header=str(display.columns[0]), number_columns=("Need", "Share"), download=rows),
        caption,
    )


def _ages_note(view: AreaView, harm: ExploitationType) -> list[str]:
    """What it means that the ages of some need are not known."""
    known = view.recorded_need(harm)["ages_known"].astype("boolean").fillna(False)
    return [] if known.all() else [wording.AGES_OF_NEED_NOTE]


def _matrix(view: AreaView, harm: ExploitationType) -> Html:
    cells, on = view.coverage(harm), view.coverage_on()
    if on is None or cells.empty:
        return NOTHING
    caption = Caption(
        title=drawn.matrix_title(view, harm),
        anchor=f"figure-coverage-{harm.lower()}",
        subtitle=f"Firmest funding found, as described on {in_words(on.date())}",
        notes=[wording.MATRIX_NOTE, *narrative.provision.coverage_notes(view)],
        source=view.service_sources(),
    )
    display = tables.provision.coverage(view, harm)
    picture = plots.drawing(partial(plots.coverage_matrix, cells), caption.anchor, (740, 560), (340, 520))
    rows = Rows(display=display, row_header="Ages", download=cells, also={"services": view.covering(harm)})
    return figure(picture, rows, caption, alt=drawn.matrix_alt(display))


# Need against places


def waterfall(view: AreaView, exploitation_type: str) -> Html:
    """From the need recorded here for one harm to what could be met, step by step; nothing where it is not known."""
    harm = ExploitationType(exploitation_type)
    row = view.need_flow_of(harm)
    if row is None or pd.isna(row["gap"]):
        return NOTHING
    rows = view.need_flow()
    rows = rows[rows["exploitation_type"].eq(harm)]
    caption = Caption(
        title=drawn.waterfall_title(row),
        anchor=f"figure-need-{harm.lower()}",
        subtitle=drawn.need_subtitle(row, view.name),
        notes=[wording.NEED_LIMITS_NOTE],
        source=_sources(view),
    )
    picture = plots.drawing(partial(plots.need_waterfall, row), caption.anchor, (740, 330), (340, 330))
    step = Rows(display=shown.steps(row), row_header="Step", number_columns=("Number",), download=rows)
    return figure(picture, step, caption, alt=drawn.waterfall_alt(row))


def need_against_places(view: AreaView) -> Html:
    """For this authority the steps from need to what could be met, with a drawing for each harm, and what is known of
    places; why not, where nothing can be drawn.
    """
    drawings = [waterfall(view, harm) for harm in ExploitationType]
    said = told.places_sentences(view)
    if not any(one.markup for one in drawings):
        said = told.gap_sentences(view)
    return together(bullets(said) if said else NOTHING, *drawings)


def beside(view: AreaView) -> Html:
    """Need and what could be met in each authority of the police force area, for each harm."""
    return together(*(_beside(view, harm) for harm in ExploitationType))


def _beside(view: AreaView, harm: ExploitationType) -> Html:
    rows = view.need_flow_beside(harm)
    known = rows[rows["gap"].notna() & rows["area_code"].ne(view.force_code)]
    if known.empty:
        return NOTHING
    caption = Caption(
        title=drawn.beside_title(view, harm),
        anchor=f"figure-need-in-force-{harm.lower()}",
        subtitle=drawn.need_subtitle(known.iloc[0], f"police force area of {view.force}"),
        notes=[wording.AUTHORITY_NOTE, wording.NEED_LIMITS_NOTE, *drawn.flow_notes(rows)],
        source=_sources(view, force=True),
    )
    areas = rows[rows["area_code"].ne(view.force_code)]
    size = 120 + 64 * len(areas)
    picture = plots.drawing(partial(plots.need_and_places, areas), caption.anchor, (740, size), (340, size + 40))
    display = shown.beside(rows)
    shown_rows = Rows(display=display, row_header="Area", number_columns=tuple(display.columns[1:]), download=rows)
    return figure(picture, shown_rows, caption, alt=drawn.beside_alt(areas))


def force_gap(view: AreaView) -> Html:
    """The gap of the police force area, with what it would be if places followed need."""
    rows = view.need_flow(force=True)
    said = bullets(told.force_sentences(view))
    if rows["gap"].isna().all():
        return said
    display = shown.of_force(rows)
    caption = Caption(
        title=f"Need and what could be met in the police force area of {view.force}",
        anchor="table-need-of-force",
        subtitle=drawn.need_subtitle(rows[rows["gap"].notna()].iloc[0], view.force),
        notes=[wording.NEED_LIMITS_NOTE, *drawn.flow_notes(rows)],
        source=_sources(view, force=True),
    )
    numbers = tuple(display.columns[1:])
    return together(
        said, table(Rows(display=display, row_header="Harm", number_columns=numbers, download=rows), caption)
    )


def what_binds(view: AreaView) -> Html:
    """What keeps need in the police force area from being met: no service, or too few places, each with its need."""
    rows = view.coverage_cuts()
    if rows.empty:
        return NOTHING
    caption = Caption(
        title=f"What keeps need in the police force area of {view.force} from being met",
        anchor="table-what-binds",
        subtitle=f"{_units(rows)}; the gaps of the rows add up to the gap of both harms together",
        notes=[wording.AGES_OF_NEED_NOTE, wording.NEED_LIMITS_NOTE],
        source=_sources(view, force=True),
    )
    display = shown.cuts(view, rows)
    numbers = tuple(display.columns[1:])
    return table(Rows(display=display, row_header="What binds", number_columns=numbers, download=rows), caption)


def places(view: AreaView) -> Html:
    """From what the places of each service of here are known."""
    rows = view.of_services("service_places", working(view.exploitation_services()))
    if rows.empty:
        return paragraph(f"No service for exploited children in {view.name} is described, so no places are known.")
    caption = Caption(
        title="Places, and how they are known",
        anchor="table-places",
        notes=[wording.PLACES_NOTE],
        source=_cited(view, rows["source_id"]) or view.service_sources(),
    )
    return _table_of(shown.places(rows), rows, caption)


# What would change it


def effects(view: AreaView) -> Html:
    """What single changes to single services would do to the gap of the police force area, in order of name."""
    rows = view.coverage_effects()
    if rows.empty:
        return paragraph(
            "No change to a service is worked out, because no commissioned service of the police force area is "
            "described or no need of it is known."
        )
    caption = Caption(
        title="What single changes would do to the gap of the police force area",
        anchor="table-effects",
        subtitle=f"{_units(rows)}, both harms together, in {view.force}",
        notes=[wording.EFFECTS_NOTE],
        source=_sources(view, force=True),
    )
    return _table_of(shown.effects(rows), rows, caption)


# The register in full


def terms_and_money(view: AreaView) -> Html:
    """Who pays for each service of here, with whom, for how long and how much; nothing without services."""
    services = working(view.exploitation_services())
    if services.empty:
        return NOTHING
    caption = Caption(
        title="Contracts, money and partners",
        anchor="table-terms-and-money",
        subtitle="As the latest source that says so has it",
        source=view.service_sources(),
    )
    return _table_of(shown.terms_and_money(services), services, caption)


def whom_and_how(view: AreaView) -> Html:
    """Whom each service of here takes, how it works, and its posts and places; nothing without services."""
    services = working(view.exploitation_services())
    if services.empty:
        return NOTHING
    caption = Caption(
        title="Whom services take, how they work, and their posts and places",
        anchor="table-whom-and-how",
        subtitle="As the latest source that says so has it; posts and staff are whole-time equivalents",
        source=view.service_sources(),
    )
    return _table_of(shown.whom_and_how(services), services, caption)


def contract_terms(view: AreaView) -> Html:
    """Each contract term with its dates, the day to decide it and what it is worth; nothing where none is stated."""
    rows = view.contract_terms()
    if rows.empty:
        return NOTHING
    caption = Caption(
        title="Contract terms, the days to decide them, and what they are worth",
        anchor="table-contract-terms",
        subtitle="The value of an option is that of a year times its length, where no source states it",
        notes=narrative.provision.contract_notes(rows),
        source=view.service_sources(),
    )
    return _table_of(shown.contract_terms(rows), rows, caption)


def methods(view: AreaView) -> Html:
    """How the figures of the document were made, and the disclosure rule in force."""
    rule = narrative.phrases.sentence_case(view.release.manifest["disclosure"]["rule"])
    return definitions(wording.COVERAGE_METHODS | {"Disclosure rule in force": f"{rule}."})


def _table_of(display: pd.DataFrame, rows: pd.DataFrame, caption: Caption) -> Html:
    """A table of services with its rows to download."""
    return table(Rows(display=display, row_header="Service", download=rows), caption)


def _units(rows: pd.DataFrame) -> str:
    """What the numbers of rows of the police force area count."""
    return narrative.phrases.sentence_case(unit_words(rows.iloc[0]))


def _sources(view: AreaView, *, force: bool = False) -> str:
    """The sources of the need and of the services, as a citation."""
    return "; ".join(filter(None, [view.need_sources(force=force), view.service_sources()]))


def _cited(view: AreaView, source_ids: pd.Series) -> str:
    """The sources that cells name, which may be several each."""
    return view.citations(source_ids.dropna().str.split("|").explode())
