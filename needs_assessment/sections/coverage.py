"""Services and coverage: which need has no service, where places are too few, and what would change it."""

from __future__ import annotations

from collections.abc import Sequence
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
    section_note,
    table,
    together,
    warning,
)
from needs_assessment.narrative import coverage as told
from needs_assessment.narrative import coverage_figures as drawn
from needs_assessment.narrative import coverage_holes, coverage_opening
from needs_assessment.narrative.coverage_words import (
    is_told_by_a_drawing,
    is_yearly,
    silent_sentence,
    unit_words,
    unstated_note,
)
from needs_assessment.narrative.phrases import listed
from needs_assessment.sections.provision import statements
from needs_assessment.tables import coverage as shown
from needs_assessment.vocabulary import ExploitationType, in_words

NOTHING = together()
"""What a section shows where another has said that there is nothing."""


def opening(view: AreaView) -> Html:
    """What the document is about, in one sentence."""
    return lede(coverage_opening.opening_sentence(view))


def read_this_first(view: AreaView) -> Html:
    """What is commissioned, how much need is recorded, how much of it could not be met, and how old all this is."""
    made_up = warning("Synthetic data", wording.SYNTHETIC_NOTE) if view.synthetic else NOTHING
    cautions = warning("Recorded need is not all need, and a small gap is no reassurance", wording.COVERAGE_FIRST)
    return together(made_up, bullets(coverage_opening.first_sentences(view)), cautions)


# Where need has no service


def holes(view: AreaView) -> Html:
    """Which children no commissioned service takes, and how much of the need that is."""
    return together(bullets(coverage_holes.sentences(view)), _grades(view))


def _grades(view: AreaView) -> Html:
    flows = {str(harm): view.need_flow_of(harm) for harm in ExploitationType}
    needs = {harm: int(row["need"]) for harm, row in flows.items() if row is not None and pd.notna(row["need"])}
    rows = {harm: view.coverage_grades(ExploitationType(harm)) for harm in needs}
    rows = {harm: own for harm, own in rows.items() if len(own)}
    if not rows:
        return NOTHING
    caption = Caption(
        title="Need by the firmest service that would take it",
        anchor="table-grades",
        subtitle=drawn.grades_subtitle(view, ExploitationType(next(iter(rows)))),
        notes=[wording.GRADES_NOTE, *_ages_note(view), wording.HOLES_NOTE],
        source=_sources(view),
    )
    display = shown.grades(rows, needs)
    every = pd.concat(rows.values(), ignore_index=True)
    numbers = tuple(display.columns[1:])
    return table(Rows(display=display, row_header=display.columns[0], number_columns=numbers, download=every), caption)


def _ages_note(view: AreaView) -> list[str]:
    """What it means that the ages of some need are not known."""
    need = pd.concat([view.recorded_need(harm) for harm in ExploitationType])
    known = need["ages_known"].astype("boolean").fillna(False)
    return [] if known.all() else [wording.AGES_OF_NEED_NOTE]


def matrices(view: AreaView) -> Html:
    """The services found by age and tier for the harms for which any is commissioned, harms with the same services in
    one drawing, with what must be known of all drawings said once.
    """
    if view.coverage_on() is None:
        return NOTHING
    alike: dict[str, list[ExploitationType]] = {}
    for harm in filter(partial(_any_commissioned, view), ExploitationType):
        alike.setdefault(view.coverage(harm).drop(columns="exploitation_type").to_csv(index=False), []).append(harm)
    drawings = [_matrix(view, harms) for harms in alike.values()]
    notes = [section_note(" ".join(wording.MATRIX_NOTES))] if drawings else []
    return together(*notes, *drawings, *_undrawn(view))


def _any_commissioned(view: AreaView, harm: ExploitationType) -> bool:
    return bool(view.coverage(harm)["funding"].isin(coverage_holes.FIRM).any())


def _undrawn(view: AreaView) -> list[Html]:
    """The harms of which nothing is drawn, and why."""
    harms = [str(harm) for harm in ExploitationType if not _any_commissioned(view, harm)]
    said = f"Nothing is drawn for {listed(harms)}, since no commissioned service was found." if harms else ""
    return [section_note(said)] if said else []


def _matrix(view: AreaView, harms: Sequence[ExploitationType]) -> Html:
    cells, on = view.coverage(harms[0]), view.coverage_on()
    assert on is not None
    caption = Caption(
        title=drawn.matrix_title(harms),
        anchor=f"figure-coverage-{harms[0].lower()}",
        subtitle=f"Firmest funding found, as described on {in_words(on.date())}",
        source=view.service_sources(),
    )
    display = tables.provision.coverage(view, harms[0])
    picture = plots.drawing(partial(plots.coverage_matrix, cells), caption.anchor, (740, 400), (340, 480))
    every, behind = (pd.concat([rows(harm) for harm in harms]) for rows in (view.coverage, view.covering))
    shown_rows = Rows(display=display, row_header="Ages", download=every, also={"services": behind})
    return figure(picture, shown_rows, caption, alt=drawn.matrix_alt(display))


# Need against places


def need_against_places(view: AreaView) -> Html:
    """What is known of the places here, and for each harm of which a drawing says more than a sentence the steps from
    need to what could be met; why not, where nothing is known.
    """
    rows = view.need_flow()
    said = told.places_sentences(view) if rows["gap"].notna().any() else told.gap_sentences(view)
    told_once = section_note(" ".join(_of_all_figures(rows))) if rows["gap"].notna().any() else NOTHING
    drawings = [_waterfall(view, row) for _, row in rows.iterrows() if is_told_by_a_drawing(row)]
    return together(bullets(said) if said else NOTHING, told_once, *drawings)


def _of_all_figures(rows: pd.DataFrame) -> list[str]:
    """What must be known of every figure of need and places."""
    yearly = [wording.PLACES_A_YEAR_NOTE] if is_yearly(rows[rows["gap"].notna()].iloc[0]) else []
    return [wording.NEED_LIMITS_NOTE, *yearly, wording.AUTHORITY_NOTE]


def _waterfall(view: AreaView, row: pd.Series) -> Html:
    """From the need recorded here for one harm to what could be met, step by step."""
    condition = told.condition_words(view, row)
    caption = Caption(
        title=drawn.waterfall_title(row, condition),
        anchor=f"figure-need-{row['exploitation_type'].lower()}",
        subtitle=drawn.need_subtitle(row, view.name, condition),
        source=_sources(view),
    )
    rows = view.need_flow()
    rows = rows[rows["exploitation_type"].eq(row["exploitation_type"])]
    picture = plots.drawing(partial(plots.need_waterfall, row), caption.anchor, (740, 290), (340, 300))
    step = Rows(display=shown.steps(row), row_header="Step", number_columns=("Number",), download=rows)
    return figure(picture, step, caption, alt=drawn.waterfall_alt(row))


def force_gap(view: AreaView) -> Html:
    """The gap of the police force area, with what it would be if places followed need."""
    return bullets(told.force_sentences(view))


def what_binds(view: AreaView) -> Html:
    """What keeps need in the police force area from being met: no service, or too few places, each with its need."""
    rows = view.coverage_cuts()
    if rows.empty:
        return NOTHING
    caption = Caption(
        title=f"What keeps need in the police force area of {view.force} from being met",
        anchor="table-what-binds",
        subtitle=f"{_units(rows)}; the gaps of the rows add up to the gap of the police force area",
        source=_sources(view, force=True),
    )
    display = shown.cuts(view, rows)
    numbers = tuple(display.columns[1:])
    flow = {"force": view.need_flow(force=True)}
    return table(
        Rows(display=display, row_header="What binds", number_columns=numbers, download=rows, also=flow), caption
    )


def beside(view: AreaView) -> Html:
    """Need and what could be met in each authority of the police force area, for each harm that any commissioned
    service takes.
    """
    harms = [(harm, view.need_flow_beside(harm)) for harm in ExploitationType]
    return together(*(_beside(view, harm, rows) for harm, rows in harms if rows["commissioned"].gt(0).any()))


def _beside(view: AreaView, harm: ExploitationType, rows: pd.DataFrame) -> Html:
    areas = rows[rows["area_code"].ne(view.force_code)]
    known = rows[rows["gap"].notna()].iloc[-1]
    condition = told.condition_words(view, known)
    caption = Caption(
        title=drawn.beside_title(view, harm),
        anchor=f"figure-need-in-force-{harm.lower()}",
        subtitle=drawn.need_subtitle(known, f"police force area of {view.force}", condition),
        notes=drawn.flow_notes(rows),
        source=_sources(view, force=True),
    )
    size = 120 + 64 * len(areas)
    picture = plots.drawing(partial(plots.need_and_places, areas), caption.anchor, (740, size), (340, size + 40))
    display = shown.beside(rows)
    shown_rows = Rows(display=display, row_header="Area", number_columns=tuple(display.columns[1:]), download=rows)
    return figure(picture, shown_rows, caption, alt=drawn.beside_alt(areas))


def places(view: AreaView) -> Html:
    """From what the places of each service of here are known, and of which services nothing is."""
    rows = view.of_services("service_places", working(view.exploitation_services()))
    if rows.empty:
        return paragraph(f"No service for exploited children in {view.name} is described, so no places are known.")
    many = rows["service_id"].isin(view.services_for_many())
    known = shown.stated(shown.places(rows[~many]))
    said = silent_sentence(known.rows, "places, staff, nor a caseload")
    said += [f"{name} works with many at once and holds no places." for name in rows.loc[many, "service_name"]]
    if known.display.empty:
        return bullets(said)
    caption = Caption(
        title="Places, and how they are known",
        anchor="table-places",
        notes=[wording.PLACES_NOTE, *unstated_note(known.columns)],
        source=_cited(view, rows["source_id"]) or view.service_sources(),
    )
    made = table(Rows(display=known.display, row_header="Service", download=rows), caption)
    return together(made, bullets(said) if said else NOTHING)


# What would change it


def effects(view: AreaView) -> Html:
    """What single changes to single services would do to the gap of the police force area, in order of name; and which
    are not worked out.
    """
    rows = view.coverage_effects()
    if rows.empty:
        return paragraph(
            "No change to a service is worked out, because no commissioned service of the police force area is "
            "described or no need of it is known."
        )
    named = rows.assign(words=[shown.change_words(row) for _, row in rows.iterrows()])
    lacking = told.not_worked_out_sentences(named)
    known = rows[rows["difference"].notna()]
    made = NOTHING if known.empty else _effects(view, rows, known)
    return together(made, bullets(lacking) if lacking else NOTHING)


def _effects(view: AreaView, rows: pd.DataFrame, known: pd.DataFrame) -> Html:
    harms, condition = told.of_both(view)
    caption = Caption(
        title="What single changes would do to the gap of the police force area",
        anchor="table-effects",
        subtitle=f"{_units(known)}, {harms}, in {view.force}{f', {condition}' if condition else ''}",
        notes=[wording.EFFECTS_NOTE],
        source=_sources(view, force=True),
    )
    return table(Rows(display=shown.effects(known), row_header="Service", download=rows), caption)


def stated(view: AreaView) -> Html:
    """What the sources themselves say of gaps, waiting and staff."""
    return statements(view, ("funding gap", "waiting", "workforce"))


# The close


def methods(view: AreaView) -> Html:
    """How the figures of the document were made, and the disclosure rule in force."""
    rule = narrative.phrases.sentence_case(view.release.manifest["disclosure"]["rule"])
    return definitions(wording.COVERAGE_METHODS | {"Disclosure rule in force": f"{rule}."})


def words(view: AreaView) -> Html:
    """The words of this document; symbols are explained at the tables that have any."""
    return definitions(wording.COVERAGE_GLOSSARY)


def _units(rows: pd.DataFrame) -> str:
    """What the numbers of rows of the police force area count."""
    return narrative.phrases.sentence_case(unit_words(rows.iloc[0]))


def _sources(view: AreaView, *, force: bool = False) -> str:
    """The sources of the need and of the services, as a citation."""
    return "; ".join(filter(None, [view.need_sources(force=force), view.service_sources()]))


def _cited(view: AreaView, source_ids: pd.Series) -> str:
    """The sources that cells name, which may be several each."""
    return view.citations(source_ids.dropna().str.split("|").explode())
