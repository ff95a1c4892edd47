"""The publish lint: each seeded defect is found, and the clean page has none."""

from __future__ import annotations

import base64
from pathlib import Path

import example_page
import pytest

from needs_assessment.publish.lint import PublishError, page_faults, write_page
from needs_assessment.publish.page import export_page

CLEAN = export_page(example_page.notebook(), example_page.META)


def embedded(media_type: str, text: str) -> str:
    return f"data:{media_type};base64,{base64.b64encode(text.encode()).decode()}"


def at_the_end(html: str) -> tuple[str, str]:
    return "</main>", f"{html}</main>"


ALT = "Line chart: the rate fell from 12.0 per 10,000 children in 2022 to 9.1 in 2023; 2024 is withheld."
PATH_IN_A_DRAWING = embedded("image/svg+xml", "<svg><metadata>/home/analyst/cases.csv</metadata></svg>")

# name of the defect: what is replaced in the clean page, by what, and what the lint has to say about it
SEEDED: dict[str, tuple[tuple[str, str], str]] = {
    "no doctype": (("<!DOCTYPE html>", ""), "no HTML doctype"),
    "no language": ((' lang="en-GB"', ""), "no language"),
    "title of a notebook": (("<title>Children", "<title>area.ipynb Children"), "title is not that of a report"),
    "empty title": (("<title>", "<title></title><!-- "), "title is not that of a report"),
    "no zooming": (("initial-scale=1", "maximum-scale=1"), "stops a reader from zooming"),
    "no character set": (('<meta charset="utf-8">', ""), "no character set"),
    "no security policy": (("Content-Security-Policy", "X-Nothing"), "no content security policy"),
    "unsafe policy": (
        ("style-src &#39;sha256", "style-src &#39;unsafe-inline&#39; &#39;sha256"),
        "no content security",
    ),
    "changed stylesheet": (("--muted: #484949", "--muted: #eeeeee"), "stylesheet that the security policy does not"),
    "stylesheet that loads": (("--muted: #484949", "--bg: url(//x)"), "stylesheet that loads something"),
    "no skip link": (('<a class="skip-link" href="#main">Skip to main content</a>', ""), "first link does not skip"),
    "skip link elsewhere": (('class="skip-link" href="#main"', 'href="#contents"'), "first link does not skip"),
    "no header": (("<header ", "<div "), "expected one <header>"),
    "two main headings": (at_the_end("<h1>Again</h1>"), "expected one main heading"),
    "empty heading": (at_the_end("<h2 id='x'> </h2>"), "empty heading"),
    "skipped heading level": (at_the_end("<h4>Deep</h4>"), "heading level skipped"),
    "no alternative text": ((f'alt="{ALT}"', ""), "no alternative text"),
    "empty alternative text": ((ALT, ""), "no alternative text"),
    "placeholder as alternative text": ((ALT, "No description has been provided for this image"), "does not say what"),
    "file name as alternative text": ((ALT, "figure_of_recorded_exploitation_in_the_area_final_2.png"), "does not say"),
    "object as alternative text": (
        (ALT, "&lt;Figure size 640x480 with 1 Axes and a very long name&gt;"),
        "does not say",
    ),
    "vague alternative text": ((ALT, "Chart 1"), "does not say what it shows"),
    "inline drawing without a name": (at_the_end("<svg><path d=''/></svg>"), "inline drawing without role"),
    "figure without a title": (('<h3 id="figure-cse-trend-title">', "<p>"), "figure-cse-trend has no title"),
    "figure without a source": (('<p class="source">', "<p>"), "figure-cse-trend has no source"),
    "figure without its data": (("<details>", "</figure><details>"), "figure-cse-trend has no data table"),
    "bare table": (at_the_end("<table><tr><td>1</td></tr></table>"), "has no caption"),
    "table without headers": (at_the_end("<table><tr><td>1</td></tr></table>"), "has no column headers"),
    "table out of its region": (at_the_end("<table><tr><td>1</td></tr></table>"), "not in a region that scrolls"),
    "row inside a row": (("<thead><tr>", "<thead><tr><tr>"), "<tr> inside <tr>"),
    "list item without a list": (at_the_end("<div><li>One</li></div>"), "<li> inside <div>"),
    "paragraph around a list": (at_the_end("<p>Both:<ul><li>One</li></ul></p>"), "<ul> inside <p>"),
    "column header without scope": (('<th scope="col">Indicator', "<th>Indicator"), "header without scope"),
    "empty header": (('<th scope="col">Indicator', '<th scope="col">'), "empty header"),
    "row without a header": (('<th scope="row">Gangs</th>', "<td>Gangs</td>"), "rows without a row header"),
    "missing value in a cell": (('<td class="number">9.1</td>', "<td>nan</td>"), "missing value is shown as a word"),
    "None in a cell": (("<td>episodes</td>", "<td>None</td>"), "missing value is shown as a word"),
    "missing time in a cell": (("<td>episodes</td>", "<td>NaT</td>"), "missing value is shown as a word"),
    "missing integer in a cell": (("<td>episodes</td>", "<td>&lt;NA&gt;</td>"), "missing value is shown as a word"),
    "missing value in a sentence": (at_the_end("<p>A rate of nan per 10,000.</p>"), "missing value as a word"),
    "empty link": (at_the_end("<a href='#main'></a>"), "link without text"),
    "vague link": (at_the_end("<a href='https://example.org'>Click here</a>"), "vague link text"),
    "link to nowhere": (("#table-headline", "#table-headlines"), "leads nowhere on this page"),
    "link to a program": (at_the_end("<a href='javascript:x()'>Open the map</a>"), "no address that a reader"),
    "unencrypted link": (at_the_end("<a href='http://example.org'>Example</a>"), "no address that a reader"),
    "link to a local file": (at_the_end("<a href='/reports/a.html'>Report</a>"), "no address that a reader"),
    "one name for two places": (at_the_end("<a href='x.html'>All areas</a>"), "lead to different places"),
    "repeated id": (at_the_end("<p id='contents'>Contents</p>"), "id 'contents' is used 2 times"),
    "name that is not there": (('aria-labelledby="key-messages"', 'aria-labelledby="keys"'), "named after an element"),
    "positive tabindex": (at_the_end("<p tabindex='1'>First</p>"), "tabindex on <p>"),
    "nameless region": (at_the_end("<section tabindex='0'>Wide</section>"), "tabindex on <section>"),
    "script": (at_the_end("<script>1</script>"), "element <script>"),
    "script in an attribute": (at_the_end("<p onclick='x()'>Press</p>"), "script on <p>"),
    "form field": (at_the_end("<input>"), "element <input>"),
    "embedded page": (at_the_end("<iframe src='x.html'></iframe>"), "element <iframe>"),
    "external stylesheet": (at_the_end("<link rel='stylesheet' href='x.css'>"), "element <link>"),
    "external picture": (
        at_the_end(f"<img src='https://example.org/a.png' alt='{ALT}'>"),
        "external resource on <img>",
    ),
    "inline style": (at_the_end("<p style='color:red'>Red</p>"), "inline style on <p>"),
    "left-over comment": (at_the_end("<!-- check this with the council -->"), "not for publication"),
    "path of a machine": (at_the_end("<p>Read from /home/analyst/cases.csv</p>"), "the text holds a path"),
    "path of another machine": (at_the_end("<p>C:\\Users\\analyst</p>"), "the text holds a path"),
    "path in an attribute": (at_the_end("<p title='file:///srv/x'>x</p>"), "an attribute holds a path"),
    "path in a drawing": (at_the_end(f"<img src='{PATH_IN_A_DRAWING}' alt='{ALT}'>"), "an embedded file holds a path"),
    "object in memory": (at_the_end("<p>&lt;Axes: &gt; at 0x7f3a1c0d2e50</p>"), "name of an object in memory"),
    "traceback": (at_the_end("<p>Traceback (most recent call last)</p>"), "holds a traceback"),
    "unfilled template": (at_the_end("<p>{{ area }}</p>"), "holds an unfilled template"),
    "HTML as text": (at_the_end("<p>&lt;a href=x&gt;Leeds&lt;/a&gt;</p>"), "holds HTML shown as text"),
}


def test_the_clean_page_has_no_fault() -> None:
    assert page_faults(CLEAN) == []


def test_the_clean_index_has_no_fault() -> None:
    assert page_faults(example_page.index()) == []


@pytest.mark.parametrize("defect", SEEDED)
def test_a_seeded_defect_is_found(defect: str) -> None:
    (old, new), fault = SEEDED[defect]
    assert old in CLEAN, "the seed has to change the page"
    found = page_faults(CLEAN.replace(old, new))
    assert any(fault in sentence for sentence in found), found


def test_a_fault_never_quotes_a_cell() -> None:
    faulty = CLEAN.replace("<td>episodes</td>", "<td>nan</td>").replace(">Gangs<", "></th><td>A. Child, 12 May 2010<")
    assert page_faults(faulty)
    assert "A. Child" not in " ".join(page_faults(faulty))


@pytest.mark.parametrize("text", ["What is not counted: nanny services.", "https://www.gov.uk/home/page", "and/or"])
def test_ordinary_words_are_no_fault(text: str) -> None:
    assert page_faults(CLEAN.replace("</main>", f"<p>{text}</p></main>")) == []


def test_a_page_is_written_as_it_is(tmp_path: Path) -> None:
    path = write_page(CLEAN, tmp_path / "area.html")
    assert path.read_bytes() == CLEAN.encode()
    assert list(tmp_path.iterdir()) == [path]


def test_a_page_with_faults_is_not_written_and_all_are_listed(tmp_path: Path) -> None:
    path = tmp_path / "area.html"
    path.write_text("the page before", encoding="utf-8")
    with pytest.raises(PublishError, match=r"area\.html is not published; faults: 2") as refusal:
        write_page(CLEAN.replace("</main>", "<script></script><p style='x'></p></main>"), path)
    assert len(refusal.value.faults) == 2
    assert path.read_text(encoding="utf-8") == "the page before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_failed_write_leaves_the_page_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full_disk(_: int) -> None:
        raise OSError("no space left on device")

    path = write_page(CLEAN, tmp_path / "area.html")
    monkeypatch.setattr("os.fsync", full_disk)
    with pytest.raises(OSError, match="no space"):
        write_page(CLEAN.replace("For the members", "To the members"), path)
    assert path.read_bytes() == CLEAN.encode()
    assert list(tmp_path.iterdir()) == [path]
