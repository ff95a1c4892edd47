"""The register of services in full: whom each takes and how it works, contracts, money and partners."""

from __future__ import annotations

from needs_assessment import wording
from needs_assessment.area_view import AreaView
from needs_assessment.area_view.coverage import working
from needs_assessment.components import Caption, Html, Rows, bullets, paragraph, table, together
from needs_assessment.narrative.coverage_words import silent_sentence, unstated_note
from needs_assessment.sections import provision
from needs_assessment.tables import coverage_register as shown
from needs_assessment.tables.coverage import stated

NOTHING = together()


def register(view: AreaView) -> Html:
    """Whom each service takes, how it works and how it is paid for, in one table; those that are not here too."""
    services = view.exploitation_services()
    if services.empty:
        return paragraph(
            f"No service for exploited children in {view.name} is described by any source supplied. That is not "
            "the same as none being there."
        )
    known = stated(shown.register(services))
    caption = Caption(
        title=f"Services for exploited children in {view.name}",
        anchor="table-services",
        subtitle="As the latest source that speaks of each service describes it",
        notes=[wording.REGISTER_NOTE, *unstated_note([*known.columns, *shown.unstated_facts(services)])],
        source=view.service_sources(),
    )
    return table(Rows(display=known.display, row_header="Service", download=services), caption)


def contracts(view: AreaView) -> Html:
    """When contracts end, by when each extension option has to be decided, and in the table what terms are worth."""
    terms = view.contract_terms()
    if terms.empty:
        return paragraph("No source states the term of a contract here.")
    known = stated(shown.contract_terms(terms))
    notes = [wording.TERM_VALUE_NOTE] if "Value of the term" in known.display else []
    return provision.timeline(view, terms, known.display, *notes, *unstated_note(known.columns))


def terms_and_money(view: AreaView) -> Html:
    """Who pays for each service of here, with whom and how much; nothing without services."""
    services, terms = working(view.exploitation_services()), view.contract_terms()
    if services.empty:
        return NOTHING
    known = stated(shown.terms_and_money(services, terms))
    silent = silent_sentence(known.rows, "a commissioner, a provider, partners or money")
    if known.display.empty:
        return bullets(silent)
    caption = Caption(
        title="Money and partners",
        anchor="table-money",
        subtitle="As the latest source that says so has it",
        notes=unstated_note(known.columns),
        source=view.service_sources(),
    )
    worth = {"terms": terms} if "Value of the firm term" in known.display else {}
    rows = Rows(display=known.display, row_header="Service", download=services, also=worth)
    return together(table(rows, caption), bullets(silent) if silent else NOTHING)
