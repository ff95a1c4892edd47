"""Small originals that are no tables: maps as JSON, and a census return as XML. Every child here is made up."""

from __future__ import annotations

import json

CANARY, CANARY_NUMBER = "KANARIENVOGEL-7731", "773177"
"""What stands for a child in every file of children's records, and must never leave it."""

# The south-west corner of a square of a tenth of a degree about the middle of each authority.
SQUARES = {
    "E06000015": ("Derby", -1.5, 52.9),
    "E06000018": ("Nottingham", -1.2, 52.9),
    "E06000016": ("Leicester", -1.2, 52.6),
    "E06000019": ("Herefordshire, County of", -2.8, 52.0),
}


def square(west: float, south: float, side: float = 0.1) -> list[list[float]]:
    """The corners of a square, its first one twice."""
    east, north = round(west + side, 5), round(south + side, 5)
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def _feature(code: str, name: str, west: float, south: float) -> dict[str, object]:
    properties = {"utla23_code": code, "utla23_name": name}
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": "Polygon", "coordinates": [square(west, south)]},
    }


BOUNDARIES = {
    "type": "FeatureCollection",
    "name": "utla23",
    "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}},
    "features": [_feature(code, *place) for code, place in SQUARES.items()],
}

# Two force areas side by side: arc 0 is their common border, arcs 1 and 2 are the rest of each.
TOPOLOGY = {
    "type": "Topology",
    "objects": {
        "data": {
            "type": "GeometryCollection",
            "geometries": [
                {
                    "type": "Polygon",
                    "arcs": [[0, 1]],
                    "properties": {"pfa23_code": "E23000018", "pfa23_name": "Derbyshire"},
                },
                {
                    "type": "Polygon",
                    "arcs": [[-1, 2]],
                    "properties": {"pfa23_code": "E23000019", "pfa23_name": "Nottinghamshire"},
                },
            ],
        }
    },
    "transform": {"scale": [0.0001, 0.0001], "translate": [-2.0, 52.5]},
    "arcs": [
        [[6000, 0], [0, 9000]],
        [[6000, 9000], [-6000, 0], [0, -9000], [6000, 0]],
        [[6000, 0], [7000, 0], [0, 9000], [-7000, 0]],
    ],
}

HEXAGONS = {
    "layout": "odd-r",
    "hexes": {
        code: {"n": name, "id": code, "name": name, "q": 3 + place, "r": 7 - place}
        for place, (code, (name, *_)) in enumerate(SQUARES.items())
    },
}

DOCUMENTS = {
    "boundaries": json.dumps(BOUNDARIES, indent=0, ensure_ascii=False),
    "topology": json.dumps(TOPOLOGY, ensure_ascii=False),
    "hexagons": json.dumps(HEXAGONS, indent=0, ensure_ascii=False),
}


def assessment(*codes: str, ended: str = "2024-07-15") -> str:
    """An assessment of a census return with its factors."""
    factors = "".join(f"<AssessmentFactors>{code}</AssessmentFactors>" for code in codes)
    return (
        "<Assessments><AssessmentActualStartDate>2024-06-10</AssessmentActualStartDate>"
        f"<AssessmentAuthorisationDate>{ended}</AssessmentAuthorisationDate>"
        f"<FactorsIdentifiedAtAssessment>{factors}</FactorsIdentifiedAtAssessment></Assessments>"
    )


def child(number: int, *assessments: str) -> str:
    """A child of a census return, with an episode of need that holds the assessments."""
    return (
        f"<Child><ChildIdentifiers><LAchildID>{CANARY}-{number}</LAchildID><UPN>{CANARY_NUMBER}{number}</UPN>"
        "<PersonBirthDate>2011-02-03</PersonBirthDate><Sex>1</Sex></ChildIdentifiers><CINdetails>"
        f"<CINreferralDate>2024-06-0{number}</CINreferralDate>{''.join(assessments)}</CINdetails></Child>\n"
    )


def census() -> str:
    """A children in need census return of Derby, year ending 31 March 2025, of three children."""
    children = [
        child(1, assessment("11A", "10A"), assessment("24A", ended="2024-11-20")),
        child(2, assessment("24A", "13A", "20")),
        child(3, assessment("4A")),
    ]
    return (
        "<?xml version='1.0' encoding='UTF-8'?>\n<Message>\n<Header><CollectionDetails><Collection>CIN</Collection>"
        "<Year>2025</Year><ReferenceDate>2025-03-31</ReferenceDate></CollectionDetails><Source>"
        "<SourceLevel>L</SourceLevel><LEA>831</LEA><SoftwareCode>Ynys Môn Software</SoftwareCode></Source></Header>\n"
        f"<Children>\n{''.join(children)}</Children>\n</Message>\n"
    )
