"""Services and coverage: the register, the graded matrix, contracts, capacity, and what providers reported."""

from __future__ import annotations

from functools import partial

import pandas as pd

from needs_assessment import narrative, plots, tables, wording
from needs_assessment.area_view import AreaView
from needs_assessment.components import Caption, Html, Rows, bullets, figure, paragraph, table, together
from needs_assessment.narrative.coverage import gap_sentences
from needs_assessment.narrative.coverage_opening import need_sentence
from needs_assessment.vocabulary import ExploitationType, in_words


def register(view: AreaView) -> Html:
    """The register of services for exploited children here."""
    services = view.exploitation_services()
    if services.empty:
        return paragraph(
            f"No service for exploited children in {view.name} is described by any source supplied. That is not "
            "the same as none being there."
        )
    caption = Caption(
        title=f"Services for exploited children in {view.name}",
        anchor="table-services",
        subtitle="As the latest source that speaks of each service describes it",
        notes=[wording.REGISTER_NOTE],
        source=view.service_sources(),
    )
    return table(Rows(display=tables.provision.register(view), row_header="Service", download=services), caption)


def coverage(view: AreaView, exploitation_type: str) -> Html:
    """The graded matrix of coverage for one harm: age bands by provision tiers."""
    harm = ExploitationType(exploitation_type)
    sentence = paragraph(f"Firmest funding found. {narrative.provision.coverage_sentence(view, harm)}")
    on = view.coverage_on()
    if on is None:
        return sentence
    caption = Caption(
        title=f"Coverage for {harm.label}, by age and provision tier",
        anchor=f"table-coverage-{harm.lower()}",
        subtitle=f"As described on {in_words(on.date())}, the latest day that the sources describe",
        notes=narrative.provision.coverage_notes(view),
        source=view.service_sources(),
    )
    return together(
        sentence,
        table(
            Rows(display=tables.provision.coverage(view, harm), row_header="Ages", download=view.coverage(harm)),
            caption,
        ),
    )


def need_without_service(view: AreaView) -> Html:
    """How much of the recorded need no commissioned service could meet, in short; or why that is not known."""
    on = view.coverage_on()
    if on is None:
        return paragraph(f"No service was supplied for {view.name}, so need is not set beside services.")
    described = (
        f"Services are those described on {in_words(on.date())}. {narrative.provision.coverage_age_sentence(view)}"
    )
    said = filter(None, [need_sentence(view), *gap_sentences(view)])
    return together(bullets(said), paragraph(f"{described.strip()} {wording.GAP_FURTHER}"))


def contracts(view: AreaView) -> Html:
    """When contracts end and by when each extension option has to be decided."""
    terms = view.contract_terms()
    if terms.empty:
        return paragraph("No source states the term of a contract here.")
    return timeline(view, terms, tables.provision.contract_terms(terms))


def timeline(view: AreaView, terms: pd.DataFrame, display: pd.DataFrame, *notes: str) -> Html:
    """The drawing of contract terms, with `display` as its table and further `notes`."""
    caption = Caption(
        title="When contracts end, and when extensions are decided",
        anchor="figure-contracts",
        subtitle="Firm terms and extension options, as the sources state them",
        notes=[*narrative.provision.contract_notes(terms), *notes],
        source=view.service_sources(),
    )
    height = 160 + 60 * terms["service_id"].nunique()
    draw = partial(plots.contract_timeline, terms, view.coverage_on())
    picture = plots.drawing(draw, caption.anchor, (740, height), (340, height + 20))
    rows = Rows(display=display, row_header="Service", download=terms)
    return figure(picture, rows, caption, alt=narrative.provision.contracts_alt(display))


def capacity(view: AreaView) -> Html:
    """Whether a provider's caseload, referrals and time in service fit together."""
    checks = view.here("caseload_checks")
    if checks.empty:
        return paragraph(
            "No provider's return states caseload, new referrals and time in service together, so capacity is "
            "not checked."
        )
    return bullets(narrative.provision.caseload_check_sentence(view, row) for _, row in checks.iterrows())


def returns(view: AreaView) -> Html:
    """What providers of services for exploited children reported for this area or its force."""
    rows, others = view.service_returns()
    if rows.empty:
        return paragraph(
            "No return of a provider for exploited children was supplied for this area or its police force area."
        )
    further = (
        [f"{len(others)} figures of services for all victims are in the release and in the download."]
        if len(others)
        else []
    )
    caption = Caption(
        title="What providers reported" + (f" in {view.force}" if view.force_stated else ""),
        anchor="table-returns",
        notes=[*narrative.phrases.symbol_notes(rows["missing"]), *further],
        source=view.citations(rows["source_id"]),
    )
    display = tables.provision.service_returns(view, rows)
    return table(
        Rows(
            display=display,
            row_header="What was reported",
            number_columns=("Figure",),
            download=view.here("service_returns"),
        ),
        caption,
    )


def funding(view: AreaView) -> Html:
    """The awards of money in the police force area."""
    awards = view.funding()
    if awards.empty:
        return paragraph("No award of money that may be published was supplied for this police force area.")
    caption = Caption(
        title=f"Awards of money in {view.force}",
        anchor="table-funding",
        subtitle="Rows can be two wordings of one award, so they are not added",
        source=view.citations(awards["source_id"]),
    )
    shown = Rows(
        display=tables.provision.funding(awards),
        row_header="Recipient",
        number_columns=("Awarded", "Spent so far"),
        download=awards,
    )
    return table(shown, caption)


def stated_gaps(view: AreaView) -> Html:
    """What the sources themselves say of gaps, waiting and staffing."""
    return statements(view, ("funding gap", "waiting", "workforce", "timeliness"))


def statements(view: AreaView, topics: tuple[str, ...]) -> Html:
    """What the sources say on some topics about this area, its force, or their services for exploited children."""
    rows = view.statements(topics)
    if rows.empty:
        return paragraph("The sources supplied say nothing of this for this area or its police force area.")
    return bullets(narrative.provision.statement_sentence(view, row) for _, row in rows.iterrows())
