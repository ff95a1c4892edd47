"""Small originals, each laid out exactly as its publisher lays it out. The areas are real, every figure is made up."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from openpyxl import Workbook
from original_documents import DOCUMENTS, census
from original_returns import RETURNS, filled_template, saved
from original_tables import Line, crime_sheets, deprivation_sheets, published

Rows = list[list[str]]


@dataclass(frozen=True)
class Layout:
    """The headings, as the publisher writes them, under which a table holds what a damage is done to.

    `number` is a figure that is read, `code` an area's code, `name` a name by which a row is placed, `period` a year or
    a quarter, `day` a date. One that a table does not have is blank.
    """

    file: str
    number: str = ""
    code: str = ""
    name: str = ""
    period: str = ""
    day: str = ""


@dataclass(frozen=True)
class Original:
    """An original file: what kind it is, where its cells stand, and its bytes."""

    kind: str
    layout: Layout
    content: bytes = field(repr=False)

    @property
    def rows(self) -> Rows:
        """The rows of a table, its headings first; a fresh copy."""
        return list(csv.reader(io.StringIO(self.content.decode("utf-8-sig"), newline="")))


TABLES = {
    "factors": Layout("c3_factors_2021_to_2025.csv", "Child_sexual_exploitation", "new_la_code", period="time_period"),
    "earlier factors": Layout(
        "c3_factors_2021_to_2024.csv", "Child_sexual_exploitation", "new_la_code", period="time_period"
    ),
    "referrals": Layout("c1_referrals.csv", "referral_count", "new_la_code", period="time_period"),
    "children": Layout("ons_mid_year.csv", "population_estimate", "new_la_code", period="time_period"),
    "single years": Layout("ons_mid2023_single_years.csv", "all_ages", "utla23_code"),
    "neighbours": Layout("sn_model_2025_wide.csv", name="SN_3"),
    "crime": Layout("prc_pfa_201718.csv", "Number of Offences", name="Force Name", period="Financial Year"),
    "responders": Layout("nrm_first_responders.csv", "referrals", name="first_responder", period="quarter"),
    "districts": Layout("lookup_ltla23_utla23.csv", code="ltla23_code"),
    "partnerships": Layout("lookup_ltla24_csp24_pfa24.csv", code="ltla24_code"),
    "regions": Layout("utla_codes.csv", code="UTLACD"),
    "authority codes": Layout("acceptable_las.csv", code="new_la_code"),
    "return of referrals": Layout("referrals_return.csv", "age", "area_code", "area_code", day="referred_on"),
    "return of funding": Layout("funding_return.csv", "awarded_gbp", "area_code", "area_code", day="period_start"),
    "return of factors": Layout("assessment_factors.csv", day="cina_assessment_auth_date"),
}
WORKBOOKS = {
    "crime workbook": Layout("prc_pfa_2017_to_2018.xlsx", "Number of Offences", name="Force Name"),
    "deprivation": Layout(
        "File_11_upper-tier.xlsx", "IDACI - Rank of average score ", "Upper Tier Local Authority District code (2019)"
    ),
    "template": Layout("returns.xlsx", "age", "area_code", "area_code", day="referred_on"),
}
MAPS_AND_RETURNS = {
    "boundaries": Layout("utla23.geojson"),
    "topology": Layout("pfa23.topojson"),
    "hexagons": Layout("utla.hexjson"),
    "census": Layout("cin_census.xml"),
}
LAYOUTS = TABLES | WORKBOOKS | MAPS_AND_RETURNS


def originals() -> dict[str, Original]:
    """Every original by its kind; together they are one import."""
    tables = {kind: as_csv(rows) for kind, rows in (published() | RETURNS).items()}
    # The Department's files begin with a byte-order mark, or not.
    tables["factors"] = b"\xef\xbb\xbf" + tables["factors"]
    books = {
        "crime workbook": as_xlsx(crime_sheets()),
        "deprivation": as_xlsx(deprivation_sheets()),
        "template": filled_template(),
    }
    documents = {kind: text.encode() for kind, text in (DOCUMENTS | {"census": census()}).items()}
    content = tables | books | documents
    return {kind: Original(kind, layout, content[kind]) for kind, layout in LAYOUTS.items()}


def write_originals(folder: Path) -> None:
    """Writes every original into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for original in originals().values():
        (folder / original.layout.file).write_bytes(original.content)


def as_csv(rows: Sequence[Line], end: str = "\r\n", delimiter: str = ",") -> bytes:
    """The rows as CSV in UTF-8."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=end, delimiter=delimiter).writerows(rows)
    return text.getvalue().encode()


def as_xlsx(sheets: dict[str, Sequence[Line]]) -> bytes:
    """The sheets as a workbook."""
    workbook = Workbook(write_only=True)
    for name, rows in sheets.items():
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    return saved(workbook)
