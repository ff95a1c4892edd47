"""The children in need census that every English authority returns (XML): counted as it streams by, and never kept.

The file holds a record of each child, so only counts leave this module, as the figures of a source that is not public.
A fault or a remark names the child's position in the file and the element, and no identifier and no value.

What is counted stands in `factor_counts`; an episode of need is a `CINdetails` group. Source of the elements:
Department for Education, *Children in need census: guide for local authorities*.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from xml.etree.ElementTree import Element

import pandas as pd

from needs_assessment.sources.describing import returned_source
from needs_assessment.sources.files import Form, SourceFile
from needs_assessment.sources.notes import Notes, RefusedError
from needs_assessment.sources.readers.factor_counts import (
    KNOWN_CODE,
    LEFT_OUT,
    RETURNED_BY,
    Assessment,
    Told,
    authority,
    counts,
    factors,
    observations,
)
from needs_assessment.sources.registry import Reader, Tables

NOT_COMPLETED = f"assessment without AssessmentAuthorisationDate{LEFT_OUT}"
UNREADABLE = f"assessment without one readable AssessmentAuthorisationDate{LEFT_OUT}"
IMPOSSIBLE = f"assessment whose AssessmentActualStartDate is unreadable or after its authorisation{LEFT_OUT}"
BEFORE = f"assessment whose AssessmentAuthorisationDate is before the census year{LEFT_OUT}"
AFTER = f"assessment whose AssessmentAuthorisationDate is after the census year{LEFT_OUT}"
OUTSIDE_AN_EPISODE = f"assessment outside CINdetails{LEFT_OUT}"
UNKNOWN_ELEMENT = "element that the census does not have, ignored"
NO_IDENTIFIER = "child without one LAchildID, counted as a child of its own"
REPEATED_CHILD = "child whose LAchildID stands in the file more than once, counted as one child"


def read_census(file: SourceFile, notes: Notes, areas: pd.DataFrame) -> Tables:
    """The evidence of a census return: the counts of its authority and census year.

    The import stops where the file is not well-formed, is no return of this census, or does not say plainly which
    authority and census year it is of. An assessment that cannot be placed in the census year is left out and told.
    """
    year, code = _stated(next(_elements(file.path, "Header"), None), notes)
    if notes.faults:
        return {}
    area_code = authority(code, areas, year)
    if area_code is None:
        notes.fault(KNOWN_CODE, "LEA")
        return {}
    told = Told("child")
    counted = counts(_assessments(file.path, year, told), year)
    told.remark(notes)
    source_id = f"return_cin_census_{year}_{file.sha256[:8]}"
    title = f"Children in need census return, year ending 31 March {year}"
    return {
        "sources": returned_source(file, source_id, title, RETURNED_BY, data_to=date(year, 3, 31)),
        "observations": observations(counted, source_id, area_code, year),
    }


def _is_census(file: SourceFile) -> bool:
    if file.form is not Form.XML:
        return False
    try:
        return any(_name(element) == "Message" for _, element in itertools.islice(_events(file.path), 1))
    except RefusedError:
        # Reading it says what is wrong with it.
        return True


def _events(path: Path) -> Iterator[tuple[str, Element]]:
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import ParseError, iterparse

    try:
        with path.open("rb") as file:
            yield from iterparse(file, events=("start", "end"), forbid_dtd=True)
    except ParseError as error:
        line = error.position[0]
        raise RefusedError(f"is no well-formed XML: it is damaged or breaks off at line {line}") from error
    except (DefusedXmlException, LookupError, ValueError) as error:
        raise RefusedError("declares a document type, entities or an encoding that is not read") from error


def _elements(path: Path, name: str) -> Iterator[Element]:
    """Each whole element of a name, one at a time, its tags without namespace. It and all else is let go afterwards, so
    that memory does not grow with the file.
    """
    around: list[Element] = []
    inside = 0
    for event, element in _events(path):
        named = _name(element) == name
        if event == "start":
            around.append(element)
            inside += named
            continue
        around.pop()
        inside -= named
        element.tag = _name(element)
        if named and not inside:
            yield element
        if around and not inside:
            around[-1].remove(element)


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _texts(element: Element, name: str) -> set[str]:
    """What the elements of a name say, without blanks."""
    return {one.text.strip() for one in element.iter(name) if one.text and one.text.strip()}


def _stated(header: Element | None, notes: Notes) -> tuple[int, str]:
    """The census year and the authority's three-digit code; faults where the Header does not say them plainly."""
    if header is None:
        raise RefusedError("has no Header, so that neither authority nor census year is known")
    if {text.upper() for text in _texts(header, "Collection")} != {"CIN"}:
        notes.fault("is no return of the children in need census: its Collection must be CIN", "Collection")
    code, year, reference = (_only(header, name, notes) for name in ("LEA", "Year", "ReferenceDate"))
    if year and reference and not (re.fullmatch("20[0-9]{2}", year) and _day(reference) == date(int(year), 3, 31)):
        notes.fault("must name one census year: ReferenceDate is the 31 March of Year", "Year, ReferenceDate")
    return 0 if notes.faults else int(year), code


def _only(header: Element, name: str, notes: Notes) -> str:
    texts = _texts(header, name)
    if len(texts) != 1:
        notes.fault("must be stated in the Header, once", name)
        return ""
    return texts.pop()


def _day(text: str) -> date | None:
    """The day that the text writes as 2024-03-31, with or without a time; None where it writes none."""
    written = re.fullmatch("([0-9]{4}-[0-9]{2}-[0-9]{2})(?:Z|T[0-9:.]+Z?)?", text)
    try:
        return date.fromisoformat(written[1]) if written else None
    except ValueError:
        return None


def _assessments(path: Path, year: int, told: Told) -> Iterator[Assessment]:
    """The assessments that were completed in the census year; only hashes of identifiers outlive their element."""
    seen: dict[int, int] = {}
    position = 0
    for position, child in enumerate(_elements(path, "Child"), start=1):
        identifiers = _texts(child, "LAchildID")
        if len(identifiers) != 1:
            told.tell(NO_IDENTIFIER, position)
        identity = hash(identifiers.pop() if len(identifiers) == 1 else position)
        if seen.setdefault(identity, position) != position:
            told.tell(REPEATED_CHILD, position)
        _tell_misplaced(child, position, told)
        yield from _assessments_of(child, (identity, position), year, told)
    if not position:
        raise RefusedError("has no Child element")


def _tell_misplaced(child: Element, position: int, told: Told) -> None:
    for element in child.iter():
        if element.tag not in KNOWN_ELEMENTS:
            told.tell(UNKNOWN_ELEMENT, position)
    within = sum(len(list(details.iter("Assessments"))) for details in child.iter("CINdetails"))
    for _ in range(len(list(child.iter("Assessments"))) - within):
        told.tell(OUTSIDE_AN_EPISODE, position)


def _assessments_of(child: Element, who: tuple[int, int], year: int, told: Told) -> Iterator[Assessment]:
    identity, position = who
    for number, details in enumerate(child.iter("CINdetails")):
        referred = [_day(text) for text in _texts(details, "CINreferralDate")]
        # Details without one readable day of referral are an episode of their own.
        episode = referred[0] if len(referred) == 1 and referred[0] else (position, number)
        for group in details.iter("Assessments"):
            rule = _why_left_out(group, year)
            if rule:
                told.tell(rule, position)
            else:
                codes = [(one.text or "").strip() for one in group.iter("AssessmentFactors")]
                yield Assessment(identity, hash((identity, episode)), factors(codes, year, position, told))


def _why_left_out(group: Element, year: int) -> str:
    """The rule by which an assessment is left out; blank where it was completed in the census year."""
    ended = [_day(text) for text in _texts(group, "AssessmentAuthorisationDate")]
    started = [_day(text) for text in _texts(group, "AssessmentActualStartDate")]
    if not ended:
        return NOT_COMPLETED
    if len(ended) > 1 or ended[0] is None:
        return UNREADABLE
    if any(day is None or day > ended[0] for day in started):
        return IMPOSSIBLE
    return BEFORE if ended[0] < date(year - 1, 4, 1) else AFTER if ended[0] > date(year, 3, 31) else ""


_ELEMENTS = """
    Child ChildIdentifiers LAchildID UPN FormerUPN UPNunknown PersonBirthDate ExpectedPersonBirthDate GenderCurrent
    Sex PersonDeathDate ChildCharacteristics Ethnicity Disabilities Disability CINdetails CINreferralDate ReferralSource
    PrimaryNeedCode CINclosureDate ReasonForClosure DateOfInitialCPC ReferralNFA Assessments AssessmentActualStartDate
    AssessmentInternalReviewDate AssessmentAuthorisationDate FactorsIdentifiedAtAssessment AssessmentFactors
    CINPlanDates CINPlanStartDate CINPlanEndDate Section47 S47ActualStartDate InitialCPCtarget ICPCnotRequired
    ChildProtectionPlans CPPstartDate CPPendDate InitialCategoryOfAbuse LatestCategoryOfAbuse NumberOfPreviousCPP
    Reviews CPPreviewDate PreProceedingsandFGDM PPStartDate LBPSentDate FGDMMeetingOffer FGDMMeetingFac
    InitialPPMeetingDate ReviewMeetingsCount StepDecisionDate PPOutcome CourtAppDate LetterInitCPDate
"""
KNOWN_ELEMENTS = frozenset(_ELEMENTS.split())

READERS = (Reader("Children in need census return (XML)", read_census, recognises=_is_census, needs_areas=True),)
