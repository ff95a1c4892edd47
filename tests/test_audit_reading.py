"""What the audit reads out of published files, and the numbers that it takes for figures."""

from __future__ import annotations

import io
import struct
import zlib

import audited_site as made
import matplotlib
import pytest
from matplotlib.figure import Figure as Drawn

from needs_assessment.disclosure.audit.drawings import UnreadableError, png_texts, read_svg
from needs_assessment.disclosure.audit.numbers import Figures, Quotations, numbers, unexplained
from needs_assessment.disclosure.audit.reading import read_content


def drawn(values: list[float]) -> str:
    """A line chart over years as matplotlib draws it."""
    matplotlib.rcParams["svg.fonttype"] = "path"
    figure, text = Drawn(), io.StringIO()
    axes = figure.subplots()
    axes.plot(range(2018, 2018 + len(values)), values, marker="o")
    axes.set_ylim(0, 40)
    axes.set_xticks(range(2018, 2018 + len(values)))
    axes.annotate("[c]", (2018, 1))
    figure.savefig(text, format="svg")
    return text.getvalue()[text.getvalue().index("<svg") :]


@pytest.mark.parametrize("values", [[12, 15.5, 31.25], [3, 7, 22]])
def test_the_marks_of_a_chart_are_read_back_into_its_values(values: list[float]) -> None:
    drawing = read_svg(drawn(values))
    assert drawing.unread == ""
    assert drawing.drawn == len(values)
    for value in values:
        assert any(abs(mark.value - value) < 0.01 for mark in drawing.marks)
    for mark in drawing.marks:
        assert min(abs(mark.value - value) for value in values) <= mark.tolerance


def test_labels_of_ticks_are_no_words_of_a_drawing_but_labels_of_marks_are() -> None:
    words = read_svg(made.chart([12, 15], comment="Jan: 12")).words
    assert "Jan: 12" in words
    assert "20" not in words


def test_bars_are_read_as_marks() -> None:
    svg = made.chart([12]).replace(
        '<g id="text_9">', '<g id="patch_3"><path d="M40 200l20 0 0 -70 -20 0z"/></g><g id="text_9">'
    )
    assert any(abs(mark.value - 7) < 0.05 for mark in read_svg(svg).marks)


def test_ticks_that_do_not_lie_on_a_line_make_a_drawing_unreadable_as_values() -> None:
    svg = made.chart([12]).replace("<!-- 15 -->", "<!-- 16 -->")
    assert read_svg(svg).unread


@pytest.mark.parametrize(
    "svg", ["<svg", "<html/>", '<!DOCTYPE svg [<!ENTITY a "3">]><svg xmlns="http://www.w3.org/2000/svg"/>']
)
def test_what_is_no_plain_svg_is_refused(svg: str) -> None:
    with pytest.raises(UnreadableError):
        read_svg(svg)


def test_texts_of_a_picture_are_read_in_every_form() -> None:
    chunks = [
        (b"tEXt", b"Comment\0plain"),
        (b"zTXt", b"Comment\0\0" + zlib.compress(b"packed")),
        (b"iTXt", b"Comment\0\1\0en\0Comment\0" + zlib.compress(b"worldwide")),
        (b"prVt", b"own"),
    ]
    body = b"".join(struct.pack(">I", len(body)) + name + body + b"\0\0\0\0" for name, body in chunks)
    texts = png_texts(b"\x89PNG\r\n\x1a\n" + body)
    assert [text.partition(": ")[2] for text in texts] == ["plain", "packed", "worldwide", "own"]


@pytest.mark.parametrize(
    "words",
    [
        "Year ending 31 March 2025",
        "January to March 2024",
        "children aged 0 to 17, per 10,000 children (95% limits)",
        "Tile map of 11 areas by recorded CSE against England: 4 lower, 3 similar, 2 higher and 2 cannot tell.",
        "counts from 1 to 5 of sources that are not public are withheld",
        "E06000015 a7c1b2d3e4f5a6b7, mid-2024, 2023-24, Matplotlib v3.11.2, pandas 3.1.1",
        "Download (CSV, 12 kB)",
    ],
)
def test_the_frame_of_a_report_holds_no_figure(words: str) -> None:
    assert list(numbers(words)) == []


@pytest.mark.parametrize(
    "words", ["3 children", "3 may be", "between 10.0 to 17.0", "1,234", "in 3 of them", "(3)", "n=3"]
)
def test_other_numbers_are_figures(words: str) -> None:
    assert list(numbers(words))


def test_a_rate_does_not_lend_its_whole_part_to_a_hidden_count() -> None:
    figures = Figures(others={3.2})
    assert unexplained("3 children", figures, Quotations())
    assert not unexplained("3.2 per 10,000 children", figures, Quotations())


def test_a_quotation_explains_its_own_number_and_no_other() -> None:
    quoted = Quotations()
    quoted.add(["table C3 of the return"])
    assert not unexplained("From table C3 of the return.", Figures(), quoted)
    assert unexplained("From table C3 of the return: 3.", Figures(), quoted)


def test_rows_in_a_json_list_are_read_as_a_table() -> None:
    contents = read_content(b'{"rows": [{"area": "A", "count": 3}, {"area": "B", "count": null}]}', "a.json", "")
    assert [dict(row) for row in contents.tidy[0].rows] == [{"area": "A", "count": "3"}, {"area": "B", "count": ""}]


def test_a_workbook_with_a_chart_or_words_beside_its_cells_is_read_whole() -> None:
    from openpyxl import Workbook
    from openpyxl.chart import BarChart, Reference
    from openpyxl.comments import Comment

    book, content = Workbook(), io.BytesIO()
    sheet = book.active
    sheet.append(["what", "how_many"])
    sheet.append(["a", 12])
    sheet["A2"].comment = Comment("was 3", "somebody")
    chart = BarChart()
    chart.add_data(Reference(sheet, min_col=2, min_row=1, max_row=2))
    sheet.add_chart(chart)
    book.save(content)
    contents = read_content(content.getvalue(), "a.xlsx", "")
    assert any("was 3" in words.text for words in contents.words)
    assert any("chart" in fault.place for fault in contents.faults)


def test_an_ending_that_nobody_can_read_and_a_broken_file_are_faults_of_their_own() -> None:
    assert read_content(b"", "a.parquet", "").faults
    assert read_content(b"\xff\xfe\xfa", "a.txt", "").faults
    assert read_content(b"a,a\n1,2\n", "a.csv", "").faults
