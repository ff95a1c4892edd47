"""Damages of maps (GeoJSON, TopoJSON, hexjson), of census returns (XML), and of what a return says of a child."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from damaged_cells import RETURNED
from damaged_tables import RETURNS, UNKNOWN, column
from original_documents import CANARY, assessment, square
from originals import MAPS_AND_RETURNS, Original, as_csv
from variants import Chance, Damaged, Make, kept, lost, told

from needs_assessment.sources.notes import Coercion

MAPS = ("boundaries", "topology", "hexagons")
DOCUMENTS = tuple(MAPS_AND_RETURNS)


def _text(change: Callable[[str], str | bytes]) -> Make:
    def make(original: Original, _: Chance) -> Damaged:
        content = change(original.content.decode())
        return Damaged(content if isinstance(content, bytes) else content.encode())

    return make


def _cut(original: Original, chance: Chance) -> Damaged:
    end = len(original.content.rstrip())
    return Damaged(original.content[: chance.randrange(end // 3, end - 1)])


WHOLE_DOCUMENTS = (
    kept("a document with a byte-order mark", DOCUMENTS, _text(lambda text: text.encode("utf-8-sig"))),
    kept("a document in UTF-16", DOCUMENTS, _text(lambda text: text.replace("UTF-8", "UTF-16").encode("utf-16"))),
    kept("a document with lines ended by CRLF", DOCUMENTS, _text(lambda text: text.replace("\n", "\r\n"))),
    kept("a document of another name", DOCUMENTS, lambda original, _: Damaged(original.content, file="figures.csv")),
    lost("a document that was cut off", DOCUMENTS, _cut, "breaks off"),
    lost("a document with something behind it", DOCUMENTS, _text(lambda text: text + "]>"), "damaged"),
    lost("a NUL byte in a document", DOCUMENTS, _text(lambda text: text[:40] + "\x00" + text[40:]), ""),
)


# Maps


def _json(change: Callable[[Any], object], **dumped: Any) -> Make:
    """The document with something changed."""

    def make(original: Original, _: Chance) -> Damaged:
        document = json.loads(original.content)
        change(document)
        return Damaged(json.dumps(document, **dumped).encode())

    return make


def _feature(change: Callable[[dict[str, Any]], object], row: int = 2) -> Make:
    """The boundaries with one feature changed."""

    def make(original: Original, _: Chance) -> Damaged:
        document = json.loads(original.content)
        change(document["features"][row - 1])
        return Damaged(json.dumps(document).encode(), row=row)

    return make


def _shape(kind: str, coordinates: object) -> Make:
    return _feature(lambda feature: feature.update(geometry={"type": kind, "coordinates": coordinates}))


def _code(code: str) -> Make:
    return _feature(lambda feature: feature["properties"].update(utla23_code=code))


def _each_property(change: Callable[[dict[str, Any]], object]) -> Make:
    return _json(lambda document: [change(one["properties"]) for one in document["features"]])


def _hexagon(code: str, **parts: object) -> Make:
    return _json(lambda document: document["hexes"][code].update(parts))


def _turned(feature: dict[str, Any]) -> None:
    ring = feature["geometry"]["coordinates"][0]
    feature["geometry"]["coordinates"] = [[[north, east] for east, north in ring]]


def _nowhere(document: dict[str, Any]) -> None:
    document["features"][0]["geometry"]["coordinates"][0][1][0] = float("nan")


SQUARE = square(-1.2, 52.9)
BOW_TIE = [SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3], SQUARE[0]]
GRID_SQUARE = square(440_000, 330_000, 10_000)
NO_ARCS = {"arcs": []}
TWICE = '"E06000015": {"n": "Derby", "id": "E06000015", "name": "Derby", "q": 9, "r": 9},'
MAP_DAMAGES = (
    kept("a map in one line", MAPS, _json(lambda document: None, separators=(",", ":"))),
    kept("a map with names in alphabetical order", ["boundaries"], _json(lambda document: None, sort_keys=True)),
    kept("features in another order", ["boundaries"], _json(lambda document: document["features"].reverse())),
    kept("codes of a map between blanks", ["boundaries"], _code(" E06000018\u00a0")),
    lost("a ring of two corners", ["boundaries"], _shape("Polygon", [SQUARE[:2]]), ""),
    lost("a feature without a boundary", ["boundaries"], _feature(lambda one: one.update(geometry=None)), "a boundary"),
    lost("a boundary that is empty", ["boundaries"], _shape("Polygon", []), ""),
    lost("a point in place of a boundary", ["boundaries"], _shape("Point", [-1.2, 52.9]), "must be a polygon"),
    lost("a boundary that crosses itself", ["boundaries"], _shape("Polygon", [BOW_TIE]), "cross itself"),
    lost("a boundary in metres", ["boundaries"], _shape("Polygon", [GRID_SQUARE]), "British Isles"),
    lost("north before east", ["boundaries"], _feature(_turned), "British Isles"),
    lost("a coordinate that is no number", ["boundaries"], _shape("Polygon", [[*SQUARE[:4], ["x", 1]]]), ""),
    lost("NaN for a coordinate", ["boundaries"], _json(_nowhere), "no number"),
    lost("two features of one code", ["boundaries"], _code("E06000015"), "twice"),
    lost("a code of a map with a letter for a nought", ["boundaries"], _code("E06OOOO18"), "area code"),
    lost("a map without codes", ["boundaries"], _each_property(lambda one: one.pop("utla23_code")), "without a column"),
    lost(
        "a map with two columns of codes", ["boundaries"], _each_property(lambda one: one.update(lad="E07000032")), ""
    ),
    lost("a map without features", ["boundaries"], _json(lambda document: document["features"].clear()), ""),
    lost("features that are none", ["boundaries"], _json(lambda document: document["features"].append(7)), "no whole"),
    lost("an arc that is not there", ["topology"], _json(lambda document: document["arcs"].pop()), "no whole"),
    lost("no arcs at all", ["topology"], _json(lambda document: document.update(NO_ARCS)), "no whole"),
    lost("hexagons in columns", ["hexagons"], _json(lambda document: document.update(layout="odd-q")), "odd-r"),
    lost("two areas on one tile", ["hexagons"], _hexagon("E06000015", q=4, r=6), "one tile"),
    lost("half a tile", ["hexagons"], _hexagon("E06000015", q=3.5), "whole number"),
    lost("a number as a word", ["hexagons"], _hexagon("E06000015", q="3"), "whole number"),
    lost("a tile without its place", ["hexagons"], _json(lambda document: document["hexes"]["E06000015"].pop("q")), ""),
    lost("hexagons as a list", ["hexagons"], _json(lambda one: one.update(hexes=[*one["hexes"].values()])), "object"),
    lost(
        "a name that stands twice",
        ["hexagons"],
        _text(lambda text: text.replace('"hexes": {', f'"hexes": {{{TWICE}', 1)),
        "twice",
    ),
)


# Census returns


def _replaced(old: str, new: str) -> Make:
    """The return with the first place of a text replaced."""

    def change(text: str) -> str:
        assert old in text, f"the original has no {old}"
        return text.replace(old, new, 1)

    return _text(change)


def _dated(day: str) -> Make:
    return _replaced("<AssessmentAuthorisationDate>2024-07-15<", f"<AssessmentAuthorisationDate>{day}<")


def _with(declared: str, child: str = "") -> Make:
    """The return with a document type, and perhaps something in place of the first child's sex."""
    start = _replaced("<Message>", f"{declared}<Message>")
    return lambda original, chance: Damaged(
        start(original, chance).content.replace(b"<Sex>1<", f"<Sex>{child or 1}<".encode(), 1)
    )


def _in_latin(text: str) -> bytes:
    return text.replace("UTF-8", "ISO-8859-1").encode("latin-1")


ENTITIES = '<!DOCTYPE m [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'
FOREIGN = '<!DOCTYPE m [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
CENSUS = ["census"]
CENSUS_DAMAGES = (
    kept("a census in Latin-1", CENSUS, _text(_in_latin)),
    kept("a census with a namespace", CENSUS, _replaced("<Message>", '<Message xmlns="urn:example">')),
    kept("a census with comments and blanks", CENSUS, _replaced("<LEA>831<", "<!-- Derby --><LEA> 831 <")),
    kept("an element that the census does not have", CENSUS, _replaced("<Sex>", "<Nickname>x</Nickname><Sex>")),
    told(
        "a date with a name in it, in a census",
        CENSUS,
        _dated(f"{CANARY} 2024-07-15"),
        "readable AssessmentAuthorisationDate",
    ),
    told("a day that no month has, in a census", CENSUS, _dated("2024-06-31"), "readable AssessmentAuthorisationDate"),
    told("a day first date in a census", CENSUS, _dated("15/07/2024"), "readable AssessmentAuthorisationDate"),
    told("an assessment that was not completed", CENSUS, _dated(""), "without AssessmentAuthorisationDate"),
    told("an assessment of the year before", CENSUS, _dated("2023-07-15"), "AssessmentActualStartDate"),
    told("an assessment of the year after", CENSUS, _dated("2025-04-01"), "after the census year"),
    told("a factor that there is not", CENSUS, _replaced(">11A<", ">11Z<"), "factor code that the year does not have"),
    told("a child that stands twice", CENSUS, _replaced(f"{CANARY}-2", f"{CANARY}-1"), "counted as one child"),
    told(
        "an assessment outside an episode",
        CENSUS,
        _replaced("<CINdetails>", assessment("11A") + "<CINdetails>"),
        "outside CINdetails",
    ),
    lost("an authority that there is not", CENSUS, _replaced("<LEA>831<", "<LEA>999<"), "code of an authority"),
    lost("two authorities", CENSUS, _replaced("<LEA>831<", "<LEA>830</LEA><LEA>831<"), "once"),
    lost("no authority", CENSUS, _replaced("<LEA>831</LEA>", ""), "once"),
    lost("a year that its day contradicts", CENSUS, _replaced("<Year>2025<", "<Year>2024<"), "one census year"),
    lost("a year that is none", CENSUS, _replaced("<Year>2025<", f"<Year>{CANARY}<"), "one census year"),
    lost("another census", CENSUS, _replaced("<Collection>CIN<", "<Collection>SSDA903<"), "Collection must be CIN"),
    lost("a census without a header", CENSUS, _text(lambda text: re.sub("<Header>.*</Header>", "", text)), "no Header"),
    lost("a census without a child", CENSUS, _text(lambda text: re.sub("(?s)<Child>.*</Child>", "", text)), "no Child"),
    lost("a tag that is not closed", CENSUS, _replaced("</CINdetails>", ""), "no well-formed XML"),
    lost("entities that swell", CENSUS, _with(ENTITIES, "&c;"), "declares"),
    lost("an entity of another file", CENSUS, _with(FOREIGN, "&x;"), "declares"),
    lost("a document that is no census", CENSUS, _text(lambda text: text.replace("Message", "Letter")), UNKNOWN),
)


# Returns as tables


def _cell(heading: str, value: str, row: int = 2) -> Make:
    def make(original: Original, _: Chance) -> Damaged:
        rows = original.rows
        rows[row - 1][rows[0].index(heading)] = value
        return Damaged(as_csv(rows), heading, row, value)

    return make


def _days(change: Callable[[date], str], late: Callable[[date], str] | None = None) -> Make:
    """The returns with each date written anew; `late` writes those whose day is above 12."""

    def make(original: Original, _: Chance) -> Damaged:
        place, rows = column(original, "day"), original.rows
        for row in rows[1:]:
            day = datetime.strptime(row[place], "%Y-%m-%d" if "-" in row[place] else "%d/%m/%Y").date()
            row[place] = (late or change)(day) if day.day > 12 else change(day)
        return Damaged(as_csv(rows))

    return make


def _with_names(text: str) -> str:
    """The returns with a column of names, which nobody asked for."""
    return "".join(f"{line},{CANARY}\r\n" for line in text.splitlines())


def _as_number(day: date) -> str:
    return str((day - date(1899, 12, 30)).days)


SPELT = "  DERBYSHIRE County\u00a0Council "
REFERRALS = ["return of referrals"]
FACTORS_CELL = "cinf_assessment_factors_json"
RETURN_DAMAGES = (
    kept("days as Excel numbers them", RETURNS, _days(_as_number), Coercion.DAY_NUMBER),
    kept("days with the hour of midnight", RETURNS, _days(lambda day: f"{day:%Y-%m-%d} 00:00:00")),
    lost(
        "days that an American Excel swapped",
        RETURNED,
        _days(lambda day: f"{day:%Y-%d-%m}", late=lambda day: f"{day:%d/%m/%Y}"),
        "swapped",
    ),
    kept("a heading that no return has", REFERRALS, _text(_with_names), "columns left out: 1"),
    kept("a name in another spelling", REFERRALS, _cell("area_code", SPELT, row=4), Coercion.NAME),
    lost("an age that no child has", REFERRALS, _cell("age", "773"), "25"),
    lost("a harm that is none", REFERRALS, _cell("exploitation_type", "CSE and CCE"), "must be one of"),
    lost("a sex that is none", REFERRALS, _cell("sex", CANARY), "must be one of"),
    lost("a home that is unknown", REFERRALS, _cell("home_area_code", CANARY), "outside"),
    lost("two children of one referral", REFERRALS, _cell("referral_id", f"{CANARY}-R2"), "must differ"),
    lost("factors that are no list", ["return of factors"], _cell(FACTORS_CELL, f"11A {CANARY}"), "JSON list"),
    lost("an unknown authority", ["return of factors"], _cell("la_code", "999"), "code of an authority"),
    lost("a child without a name", ["return of factors"], _cell("cina_person_id", " "), "must not be blank"),
)
DOCUMENT_DAMAGES = (*WHOLE_DOCUMENTS, *MAP_DAMAGES, *CENSUS_DAMAGES, *RETURN_DAMAGES)
