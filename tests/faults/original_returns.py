"""Small returns that are not published, as tables and in the project's template. Every child here is made up."""

from __future__ import annotations

import io
import json
import re
import tempfile
import zipfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from openpyxl import Workbook, load_workbook
from original_documents import CANARY

from needs_assessment.sources.template import write_template

REFERRALS: Sequence[Sequence[object]] = [
    ["referral_id", "child_id", "area_code", "home_area_code", "exploitation_type", "referred_on", "age", "sex"],
    [f"{CANARY}-R1", f"{CANARY}-1", "E10000007", "E10000007", "CSE", "03/04/2024", 14, "female"],
    [f"{CANARY}-R2", f"{CANARY}-2", "Derby", "outside", "CCE", "13/05/2024", 15, "male"],
    [f"{CANARY}-R3", f"{CANARY}-1", "Derbyshire", "E06000015", "CCE", "28/06/2024", 14, "F"],
    [f"{CANARY}-R4", f"{CANARY}-3", "Herefordshire, County of", "", "CSE", "01/07/2024", 12, "girl"],
]
FUNDING: Sequence[Sequence[object]] = [
    ["recipient", "area_code", "period_start", "period_end", "awarded_gbp", "spent_gbp"],
    ["Trust of the North – East", "E06000015", "01/04/2024", "31/03/2025", 98441, 90000],
    ["Trust of the South", "E10000007", "01/04/2024", "31/03/2025", 12250, 1225],
    ["Trust of the West", "West Mercia", "13/04/2024", "31/03/2025", 175000, 174999],
]


def _factors() -> Sequence[Sequence[object]]:
    """An extract of the standard safeguarding dataset: a year with an assessment in each of its months."""
    codes = (["11A", "10A"], ["24A"], ["20"], ["13A", "24A"])
    months = [f"2024-{month:02}" for month in range(4, 13)] + [f"2025-{month:02}" for month in range(1, 4)]
    headings = ["la_code", "cina_person_id", "cina_referral_id", "cina_assessment_start_date"]
    return [
        [*headings, "cina_assessment_auth_date", "cinf_assessment_factors_json"],
        *(
            ["831", f"{CANARY}-{place % 5}", f"E{place}", f"{month}-01", f"{month}-14", json.dumps(codes[place % 4])]
            for place, month in enumerate(months)
        ),
    ]


RETURNS = {"return of referrals": REFERRALS, "return of funding": FUNDING, "return of factors": _factors()}

FILLED: dict[str, list[dict[str, object]]] = {
    "referrals": [
        {"referral_id": f"{CANARY}-R7", "child_id": f"{CANARY}-7", "area_code": "Derby", "exploitation_type": "CSE"}
        | {"referred_on": date(2024, 4, 3), "age": 14, "sex": "female", "accepted": "yes"},
        {"referral_id": f"{CANARY}-R8", "child_id": f"{CANARY}-8", "area_code": "E10000007", "exploitation_type": "CCE"}
        | {"referred_on": date(2024, 5, 13), "age": 15, "sex": "male", "accepted": "no"},
    ],
    "risk_schemes": [
        {"scheme": "A local scheme", "risk_level": level, "ordinal": place, "levels_in_scheme": 2}
        for place, level in enumerate(("low", "high"), start=1)
    ],
    "risk_reviews": [
        {"child_id": f"{CANARY}-7", "area_code": "Derby", "exploitation_type": "CSE", "scheme": "A local scheme"}
        | {"risk_level": "high", "reviewed_on": date(2024, 4, 20)},
    ],
    "services": [
        {"service_id": "a_service", "service_name": "A service", "client_group": "children", "reference_only": "no"}
        | {"exploitation_types": "CSE", "annual_value_gbp": 98441.5},
    ],
    "service_returns": [
        {
            "service_id": "a_service",
            "area_code": "E06000015",
            "period_start": date(2024, 4, 1),
            "measure": "new_referrals",
        }
        | {"period_end": date(2024, 6, 30), "unit": "referral", "value": 28, "basis": "in period"},
    ],
}


def filled_template() -> bytes:
    """The template of the project, filled in as an analyst would."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "template.xlsx"
        write_template(path)
        workbook = load_workbook(path)
    for name, records in FILLED.items():
        sheet = workbook[name]
        places = {cell.value: cell.column for cell in sheet[1]}
        for row, record in enumerate(records, start=2):
            for column, value in record.items():
                sheet.cell(row, places[column], value)
    return saved(workbook)


def saved(workbook: Workbook) -> bytes:
    """The workbook as a file that says nothing of the moment when it was made."""
    content = io.BytesIO()
    workbook.save(content)
    with zipfile.ZipFile(content) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    core = "docProps/core.xml"
    members[core] = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", b"2025-01-01T00:00:00Z", members[core])
    return zipped(members)


def zipped(members: dict[str, bytes]) -> bytes:
    """The members as an archive, dated alike."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, member in members.items():
            archive.writestr(zipfile.ZipInfo(name), member, zipfile.ZIP_DEFLATED)
    return content.getvalue()
