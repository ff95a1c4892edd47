"""A tiny made-up site that passes the audit, as files by name, for tests that damage one of them.

Three authorities make up a police force area. A council's referrals are not public: in the first quarter 3 and 4 are
withheld beside 20, and their total of 27 is printed, so that either could be 0 to 7. Its caseload withholds two levels.
"""

from __future__ import annotations

import base64
import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

FORCE, FIRST, SECOND, THIRD = "E23000901", "E06000901", "E06000902", "E06000903"
OWN, POLICE = "council_return", "police_figures"
QUARTERS = (("2024-01-01", "2024-03-31"), ("2024-04-01", "2024-06-30"), ("2024-07-01", "2024-09-30"))
REFERRALS = {FIRST: ("c", 12, 15), SECOND: ("c", 8, 11), THIRD: (20, 9, 10), FORCE: (27, 29, 36)}
WORDS = {QUARTERS[0]: "January to March 2024", QUARTERS[1]: "April to June 2024", QUARTERS[2]: "July to September 2024"}
PAGE = f"{FIRST}.html"
PERSON_YEARS = 15_000

Rows = list[dict[str, object]]
Files = dict[str, bytes]


def site() -> Files:
    """The files of the site by name."""
    demand = [*referrals(), police()]
    return {
        ".lock": b"",
        "release/sources.csv": table(
            [
                {"source_id": OWN, "title": "Return of the council", "edition_of": "", "public": False, "note": ""},
                {"source_id": POLICE, "title": "Police figures", "edition_of": "", "public": True, "note": ""},
            ]
        ),
        "release/areas.csv": table(areas()),
        "release/demand.csv": table(demand),
        "release/risk_caseload.csv": table(caseload()),
        "release/manifest.json": manifest(),
        "indicators.csv": table([{name: row[name] for name in row if name != "note"} for row in demand]),
        PAGE: page(),
    }


def written(files: Mapping[str, bytes], folder: Path) -> Path:
    """The folder, with the files in it."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def table(rows: Sequence[Mapping[str, object]]) -> bytes:
    """Rows as a CSV file."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def areas() -> Rows:
    """Three authorities and their police force area."""
    names = {FIRST: "Northbridge", SECOND: "Southbridge", THIRD: "Eastbridge"}
    within = {"police_force_area_code": FORCE, "region_code": "", "valid_to": ""}
    authorities = [
        {"area_code": code, "area_name": name, "area_type": "local authority", **within} for code, name in names.items()
    ]
    force = {"area_code": FORCE, "area_name": "Bridgeshire", "area_type": "police force area"}
    return [*authorities, {**force, "police_force_area_code": "", "region_code": "", "valid_to": ""}]


def demand_row(area: str, quarter: tuple[str, str], count: object, **others: object) -> dict[str, object]:
    """A row of demand; a count that is a symbol is missing. Printed counts have a rate."""
    printed = isinstance(count, int)
    return {
        "source_id": OWN,
        "measure": "referrals",
        "exploitation_type": "CSE",
        "area_code": area,
        "period_start": quarter[0],
        "period_end": quarter[1],
        "unit": "referral",
        "count": count if printed else "",
        "missing": "" if printed else count,
        "note": "",
        "person_years": PERSON_YEARS,
        "value": int(count) * 10_000 / PERSON_YEARS if printed else "",  # type: ignore[call-overload]
        **others,
    }


def referrals() -> Rows:
    """The council's referrals by area and quarter."""
    return [
        demand_row(area, quarter, count)
        for area, counts in REFERRALS.items()
        for quarter, count in zip(QUARTERS, counts, strict=True)
    ]


def police() -> dict[str, object]:
    """A public count."""
    return demand_row(FIRST, QUARTERS[1], 41, source_id=POLICE, measure="offences", unit="offence", value="")


def caseload() -> Rows:
    """Children of the first area at three levels."""
    levels = {"low": (14, ""), "medium": ("", "c"), "high": ("", "c")}
    return [
        {
            "source_id": OWN,
            "area_code": FIRST,
            "exploitation_type": "CSE",
            "scheme": "own",
            "risk_level": level,
            "unit": "child",
            "residence": "all",
            "as_at": "2024-09-30",
            "count": count,
            "missing": missing,
        }
        for level, (count, missing) in levels.items()
    ]


def manifest(**disclosure: object) -> bytes:
    """The manifest, with the rule."""
    rule = "counts from 1 to 5 of sources that are not public are withheld"
    said = {"policy": "dfe", "rule": rule, "withhold_up_to": 5, "counts_withheld": 4, **disclosure}
    return json.dumps({"areas": 3, "disclosure": said, "tables": {"demand": {"rows": 13}}}).encode()


def page(
    *,
    cells: Sequence[str] = ("[c]", "12", "15"),
    alt: str = "",
    download: Rows | None = None,
    svg: str = "",
    extra: str = "",
) -> bytes:
    """The page of the first area: a figure with its alternative text, its data as a table and as a file."""
    alt = alt or "Referrals in Northbridge: 12 in April to June 2024 and 15 in July to September 2024; one is withheld."
    rows = download if download is not None else [row for row in referrals() if row["area_code"] == FIRST]
    body = "".join(
        f'<tr><th scope="row">{WORDS[quarter]}</th><td>{cell}</td></tr>'
        for quarter, cell in zip(QUARTERS, cells, strict=True)
    )
    return f"""<!DOCTYPE html><html lang="en-GB"><head><title>Northbridge</title>
<style>p {{ margin: 3px }}</style></head><body><main><h2 id="referrals">Referrals</h2>
<p>15 referrals were received from July to September 2024, and 41 offences recorded from April to June 2024.</p>
<figure id="figure-referrals"><img alt="{alt}" src="{address("image/svg+xml", (svg or chart([12, 15])).encode())}">
<table><thead><tr><th>Quarter</th><th>CSE referrals</th></tr></thead><tbody>{body}</tbody></table>
<a download="figure-referrals.csv" href="{address("text/csv", table(rows))}">Download (CSV, 1 kB)</a></figure>
{extra}</main></body></html>""".encode()


def address(kind: str, content: bytes) -> str:
    """Content as a data address."""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def chart(values: Sequence[float], comment: str = "", metadata: str = "Matplotlib") -> str:
    """A drawing as matplotlib writes it: the value axis runs from 0 at 200 points to 20 at 0 points."""
    ticks = "".join(
        f'<g id="ytick_{number}"><g id="line2d_{number}"><g><use xlink:href="#tick" x="30" y="{200 - 10 * value}"/></g>'
        f'</g><g id="text_{number}"><!-- {value} --></g></g>'
        for number, value in enumerate((0, 5, 10, 15, 20), 1)
    )
    marks = "".join(
        f'<use xlink:href="#mark" x="{60 + 40 * number}" y="{200 - 10 * value}"/>'
        for number, value in enumerate(values)
    )
    return f"""<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="300">
<metadata>{metadata}</metadata><g id="figure_1"><g id="axes_1">
<g id="patch_2"><path d="M30 200l200 0 0 -200 -200 0z"/></g><g id="matplotlib.axis_2">{ticks}</g>
<g id="line2d_9"><defs><path id="mark" d="M0 2l2 -2 -2 -2 -2 2z"/></defs><g>{marks}</g></g>
<g id="text_9"><!-- {comment or "Referrals"} --></g></g></g></svg>"""
