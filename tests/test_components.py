"""Components: accessible HTML from text, nothing unescaped, nothing missing."""

from __future__ import annotations

import base64
import dataclasses
import re

import example_page
import pandas as pd
import pytest
from bs4 import BeautifulSoup, Tag

from needs_assessment import components
from needs_assessment.components import Caption, Drawing, Html, KeyMessage, Rows

CAPTION = Caption(title="Episodes by year", anchor="table-episodes", source="made-up records", subtitle="Exampleshire")
ROWS = Rows(display=pd.DataFrame({"Year": ["2023", "2024"], "Episodes": ["12", "[c]"]}), row_header="Year")
ALT = "Line chart: recorded episodes fell from 12 in 2023; the number for 2024 is withheld."
HOSTILE = '<script>alert("x")</script> & more'


def parsed(component: Html) -> BeautifulSoup:
    return BeautifulSoup(component._repr_html_(), "html.parser")


def only(component: Html, selector: str) -> Tag:
    (element,) = parsed(component).select(selector)
    return element


def downloaded(component: Html) -> str:
    address = str(only(component, "a[download]")["href"])
    return base64.b64decode(address.partition("base64,")[2]).decode("utf-8-sig")


def test_a_table_has_caption_scopes_and_a_named_region_to_scroll() -> None:
    page = parsed(components.table(ROWS, CAPTION))
    assert [header["scope"] for header in page("th")] == ["col", "col", "row", "row"]
    region = page.section
    assert region is not None and region["tabindex"] == "0"
    name = page.find(id=str(region["aria-labelledby"]))
    assert name is not None and name.get_text() == "Episodes by year"


def test_a_table_explains_its_symbols_before_its_cells() -> None:
    caption = dataclasses.replace(CAPTION, notes=["[c] withheld"])
    markup = components.table(ROWS, caption).markup
    assert markup.index("[c] withheld") < markup.index("<thead>")


def test_the_row_header_column_comes_first() -> None:
    rows = dataclasses.replace(ROWS, row_header="Episodes")
    assert [header.get_text() for header in parsed(components.table(rows, CAPTION)).select("thead th")] == [
        "Episodes",
        "Year",
    ]


def test_numbers_are_aligned_and_verdicts_marked() -> None:
    display = pd.DataFrame({"Place": ["A"], "Compared": ["Higher"], "Rate": ["4.3"], "Note": ["Higher than ever"]})
    page = parsed(components.table(Rows(display=display, row_header="Place", number_columns=["Rate"]), CAPTION))
    classes = {cell.get_text(): cell.get("class") for cell in page("td")}
    assert classes == {"Higher": ["verdict"], "4.3": ["number"], "Higher than ever": None}


def test_years_stay_years_beside_numbers() -> None:
    display = pd.DataFrame({"Year": [2023, 2024], "Episodes": [12, 9]})
    cells = parsed(components.table(Rows(display=display, row_header="Year"), CAPTION)).select("tbody th, td")
    assert [cell.get_text() for cell in cells] == ["2023", "12", "2024", "9"]


def test_everything_missing_from_a_table_is_named_at_once() -> None:
    rows = dataclasses.replace(ROWS, row_header="Area", number_columns=["Rate"])
    with pytest.raises(ValueError, match=r"title is required; source is required; anchor is required.*'Area'.*'Rate'"):
        components.table(rows, Caption(title=" ", anchor="Table 1", source=""))


@pytest.mark.parametrize(
    ("display", "fault"),
    [
        ({"Year": ["2023", "2024"], "Episodes": ["12", None]}, "nothing to display in column 'Episodes', rows 2"),
        ({"Year": ["", "2024"], "Episodes": ["12", "9"]}, "nothing to display in column 'Year', rows 1"),
        ({"Year": ["2023"], "Episodes": [4.300000001]}, "column 'Episodes' holds decimals"),
        ({"Year": [], "Episodes": []}, "no rows"),
    ],
)
def test_a_table_refuses_what_it_cannot_show(display: dict[str, list[object]], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        components.table(Rows(display=pd.DataFrame(display), row_header="Year"), CAPTION)


def test_a_refusal_never_quotes_a_cell() -> None:
    display = pd.DataFrame({"Year": ["A. Child", "2024"], "Episodes": [None, "A. Child"]})
    with pytest.raises(ValueError, match="nothing to display") as refusal:
        components.table(Rows(display=display, row_header="Year"), CAPTION)
    assert "A. Child" not in str(refusal.value)


def test_a_figure_carries_title_words_source_and_data() -> None:
    page = parsed(example_page.figure())
    figure, image = page.figure, page.img
    assert figure is not None and image is not None
    title = page.find(id=str(figure["aria-labelledby"]))
    assert title is not None and title.name == "h3"
    assert str(image["alt"]).startswith("Line chart: the rate fell from 12.0")
    assert (image["width"], image["height"]) == ("710", "400")
    assert [part.name for part in page.select("details table, a[download]")] == ["table", "a"]


def test_a_figure_on_a_phone_has_the_narrow_drawing_without_its_prologue() -> None:
    source = only(example_page.figure(), "picture source")
    drawing = base64.b64decode(str(source["srcset"]).partition("base64,")[2]).decode()
    assert source["media"] == "(max-width: 30rem)"
    assert drawing.startswith('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 346 346"')


def test_a_map_of_many_polygons_may_be_a_png() -> None:
    image = b"\x89PNG\r\n\x1a\n rest of the file"
    component = components.figure(Drawing(wide=image, wide_size=(700, 700)), ROWS, CAPTION, alt=ALT)
    address = str(only(component, "img")["src"])
    assert address == "data:image/png;base64," + base64.b64encode(image).decode()
    assert not parsed(component).select("picture")


def test_everything_missing_from_a_figure_is_named_at_once() -> None:
    caption = Caption(title="", anchor="figure-x", source="", subtitle="")
    with pytest.raises(ValueError, match="title is required; subtitle is required; source is required; alt is"):
        components.figure(example_page.drawing(), ROWS, caption, alt=" ")


@pytest.mark.parametrize(("alt", "refused"), [("x" * 39, True), ("x" * 40, False)])
def test_alternative_text_has_forty_characters_or_more(alt: str, refused: bool) -> None:
    try:
        components.figure(example_page.drawing(), ROWS, CAPTION, alt=alt)
    except ValueError as refusal:
        assert refused and "40 characters" in str(refusal)
    else:
        assert not refused


@pytest.mark.parametrize(
    ("drawing", "fault"),
    [
        (Drawing(wide=b"GIF89a", wide_size=(1, 1)), "wide is neither SVG text nor PNG bytes"),
        (Drawing(wide="a path", wide_size=(1, 1)), "wide is neither SVG text nor PNG bytes"),
        (Drawing(wide="<svg/>", wide_size=(0, 1)), "wide_size is its width and height"),
        (Drawing(wide="<svg/>", wide_size=(1, 1), narrow="<svg/>"), "narrow_size is its width"),
        (Drawing(wide="<svg/>", wide_size=(1, 1), narrow_size=(1, 1)), "narrow is neither"),
    ],
)
def test_a_drawing_that_is_none_is_refused(drawing: Drawing, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        components.figure(drawing, ROWS, CAPTION, alt=ALT)


def test_a_download_is_tidy_csv_named_after_its_table() -> None:
    tidy = pd.DataFrame({"year": [2023, 2024], "count": pd.array([12, None], dtype="Int64"), "missing": ["", "c"]})
    component = components.table(dataclasses.replace(ROWS, download=tidy), CAPTION)
    link = only(component, "a[download]")
    assert link.get_text() == "Download “Episodes by year” (CSV, 1 kB)"
    assert link["download"] == "table-episodes.csv"
    assert downloaded(component) == "year,count,missing\r\n2023,12,\r\n2024,,c\r\n"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_csv_text_that_starts_like_a_formula_is_disarmed(start: str) -> None:
    rows = pd.DataFrame({f"{start}head": [f"{start}1+1"], "change": [-2]})
    cells = components.csv_text(rows)
    assert f"'{start}head" in cells and f"'{start}1+1" in cells
    assert cells.endswith(",-2\r\n")


def test_csv_leaves_numbers_and_harmless_text_alone() -> None:
    rows = pd.DataFrame({"area": ["Bath, and more", "a=b"], "change": [-1.5, float("nan")]})
    assert components.csv_text(rows) == 'area,change\r\n"Bath, and more",-1.5\r\na=b,\r\n'


@pytest.mark.parametrize(
    "component",
    [
        components.paragraph(HOSTILE),
        components.lede(HOSTILE),
        components.section_note(HOSTILE),
        components.bullets([HOSTILE]),
        components.warning(HOSTILE, HOSTILE),
        components.definitions({HOSTILE: HOSTILE}),
        components.link(HOSTILE, "#anchor"),
        components.link("words", '#" onclick="x'),
        components.key_messages([HOSTILE, KeyMessage(HOSTILE, '"><script>', HOSTILE)], HOSTILE),
        components.table(
            Rows(
                display=pd.DataFrame({HOSTILE: [HOSTILE], "b": [HOSTILE]}),
                row_header=HOSTILE,
                download=pd.DataFrame({HOSTILE: [HOSTILE]}),
            ),
            Caption(title=HOSTILE, anchor="table-x", source=HOSTILE, subtitle=HOSTILE, notes=[HOSTILE]),
        ),
        components.figure(
            example_page.drawing(),
            ROWS,
            Caption(title=HOSTILE, anchor="figure-x", source=HOSTILE, subtitle=HOSTILE, notes=[HOSTILE]),
            alt=HOSTILE * 2,
        ),
    ],
)
def test_no_text_becomes_html(component: Html) -> None:
    page = parsed(component)
    assert not page("script")
    assert not page.select("[onclick]")


def test_a_component_inside_another_stays_html() -> None:
    display = pd.DataFrame({"Area": [components.link("Exampleshire", "exampleshire.html")], "Rate": ["4.3"]})
    cell = only(components.table(Rows(display=display, row_header="Area"), CAPTION), "tbody th a")
    assert cell.get_text() == "Exampleshire"


@pytest.mark.parametrize("href", ["javascript:alert(1)", "//example.org", "/etc/passwd", "http://example.org", "#", ""])
def test_a_link_goes_only_where_a_reader_can_follow(href: str) -> None:
    with pytest.raises(ValueError, match="expected #anchor"):
        components.link("words", href)


def test_a_key_message_links_to_its_evidence() -> None:
    component = components.key_messages([KeyMessage("It fell.", "figure-x", "Figure of the fall"), "Nothing else."])
    assert only(component, "a")["href"] == "#figure-x"
    assert [item.get_text() for item in parsed(component)("li")] == ["It fell. Figure of the fall", "Nothing else."]


@pytest.mark.parametrize(("number", "refused"), [(0, True), (1, False), (5, False), (6, True)])
def test_there_are_one_to_five_key_messages(number: int, refused: bool) -> None:
    messages = ["A sentence."] * number
    if refused:
        with pytest.raises(ValueError, match=f"expected 1 to 5 messages, got: {number}"):
            components.key_messages(messages)
    else:
        assert len(parsed(components.key_messages(messages))("li")) == number


def test_a_key_message_with_a_wordless_link_is_refused() -> None:
    with pytest.raises(ValueError, match="no words for the link of message 2"):
        components.key_messages(["One.", KeyMessage("Two.", "figure-x")])


def test_the_end_mark_names_one_area_only() -> None:
    mark = components.end_mark("End of the report for Exampleshire.", "E06000001").markup
    assert components.end_mark_text("E06000001") in mark
    assert components.end_mark_text("E0600000") not in mark


def test_components_can_be_shown_together() -> None:
    both = components.together(components.paragraph("One."), components.paragraph("Two."))
    assert [paragraph.get_text() for paragraph in parsed(both)("p")] == ["One.", "Two."]


def test_a_component_is_immutable_and_its_repr_is_short() -> None:
    component = example_page.figure()
    assert re.fullmatch(r"Html\([\d,]+ characters\)", repr(component))
    with pytest.raises(dataclasses.FrozenInstanceError):
        component.markup = ""  # type: ignore[misc]


def test_the_same_figure_twice_is_the_same_text() -> None:
    assert example_page.figure() == example_page.figure()
