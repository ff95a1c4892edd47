"""A notebook and its page, built from every component, that the tests of the page technique share. All made up."""

from __future__ import annotations

import dataclasses

import nbformat
import pandas as pd
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from needs_assessment import components
from needs_assessment.components import Caption, Drawing, Html, KeyMessage, Rows
from needs_assessment.publish.frame import PageMeta
from needs_assessment.publish.site import Headline, IndexEntry, Listed, index_page

SOURCE = "made-up records, for testing"
SYMBOLS = ("[c] withheld so that no child can be identified; it can be any number from 1 to 5",)
META = PageMeta(
    title="Children at risk of exploitation in Exampleshire, 2024",
    description="What is recorded about child exploitation in Exampleshire, and which services answer.",
    organisation="Exampleshire Violence Reduction Partnership",
    marking="OFFICIAL",
    index_href="../index.html",
    data_to="31 March 2024",
    provenance={"Made on": "1 May 2024", "Version": "0.1.0", "Disclosure audit": "passed: 3 counts withheld"},
    links={"Accessibility statement": "../accessibility.html", "Contact the analysts": "mailto:analysts@example.org"},
    synthetic=True,
)


def line(width: int, height: int) -> str:
    """A drawing of one falling line, as SVG text with an XML prologue."""
    return (
        '<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" '
        f'viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
        f'<path d="M20 20 L{width - 20} {height - 20}" stroke="#12436d" stroke-width="4" fill="none"/>'
        f'<path d="M20 0 V{height - 10} H{width}" stroke="#0b0c0c" fill="none"/></svg>'
    )


def drawing() -> Drawing:
    """The line, for both widths of screen."""
    return Drawing(wide=line(710, 400), wide_size=(710, 400), narrow=line(346, 346), narrow_size=(346, 346))


def figure() -> Html:
    """A figure with everything a figure can have."""
    rates = pd.DataFrame({"Year ending 31 March": ["2022", "2023", "2024"], "Rate per 10,000": ["12.0", "9.1", "[c]"]})
    tidy = pd.DataFrame({"year": [2022, 2023, 2024], "rate": [12.0, 9.1, None], "missing": ["", "", "c"]})
    rows = Rows(display=rates, row_header="Year ending 31 March", number_columns=["Rate per 10,000"], download=tidy)
    caption = Caption(
        title="Recorded sexual exploitation fell from 2022 to 2023",
        anchor="figure-cse-trend",
        subtitle="Episodes with CSE recorded at assessment, per 10,000 children, Exampleshire",
        source=SOURCE,
        notes=SYMBOLS,
    )
    alt = "Line chart: the rate fell from 12.0 per 10,000 children in 2022 to 9.1 in 2023; 2024 is withheld."
    return components.figure(drawing(), rows, caption, alt=alt)


def table() -> Html:
    """A table too wide for a phone, the judgement in its second column."""
    rows = pd.DataFrame(
        {
            "Indicator": ["Child sexual exploitation recorded at assessment", "Missing episodes", "Gangs"],
            "Compared with similar areas": ["Lower", "Similar", "Cannot tell"],
            "Rate per 10,000": ["9.1", "45.2", "[c]"],
            "95% interval": ["7.0 to 11.6", "40.1 to 50.8", "[c]"],
            "Year before": ["12.0", "44.0", "3.1"],
            "England": ["13.4", "47.5", "8.8"],
            "What is counted": ["episodes", "episodes in the year", "episodes"],
        }
    )
    caption = Caption(
        title="Headline indicators",
        anchor="table-headline",
        subtitle="Exampleshire, year ending 31 March 2024",
        source=SOURCE,
        notes=SYMBOLS,
    )
    numbers = ["Rate per 10,000", "95% interval", "Year before", "England"]
    tidy = pd.DataFrame({"indicator": ["CSE"], "rate": [9.1], "missing": [""]})
    return components.table(Rows(display=rows, row_header="Indicator", number_columns=numbers, download=tidy), caption)


def messages() -> Html:
    """Key messages, two of them with their evidence."""
    return components.key_messages(
        [
            KeyMessage(
                "Recorded child sexual exploitation is lower than in similar areas.",
                "table-headline",
                "Table of headline indicators",
            ),
            KeyMessage(
                "It fell from 12.0 to 9.1 per 10,000 children between 2022 and 2023.",
                "figure-cse-trend",
                "Figure of recorded sexual exploitation over time",
            ),
            "No service is commissioned for children under 11.",
        ]
    )


def shown(component: object, number: int = 1) -> NotebookNode:
    """A code cell that was run and whose last expression is `component`."""
    kinds = {"text/html": component._repr_html_()} if isinstance(component, Html) else {}
    result = new_output("execute_result", {**kinds, "text/plain": repr(component)}, execution_count=number)
    return new_code_cell("report.part()", outputs=[result], execution_count=number)


def notebook(*further_cells: NotebookNode) -> NotebookNode:
    """An executed report notebook; `further_cells` are added at its end."""
    parameters = new_code_cell('area = "E06000000"', metadata={"tags": ["parameters"]})
    glossary = components.definitions({"Episode": "One period of need.", "CSE": "Child sexual exploitation."})
    cells = [
        new_markdown_cell("# Needs assessment of one area\n\nFor the members of the partnership board."),
        parameters,
        shown(messages(), 2),
        new_markdown_cell("## Read this first"),
        shown(components.warning("Recorded is not actual", "A low rate is not reassurance."), 3),
        shown(components.bullets(["Sources cannot be added up.", "Not every police force sends figures."]), 4),
        new_markdown_cell("## Headline indicators\n\nEach is compared with *similar areas*."),
        shown(table(), 5),
        new_markdown_cell("## Recorded exploitation"),
        shown(figure(), 6),
        new_markdown_cell("## Glossary"),
        shown(glossary, 7),
        *further_cells,
    ]
    return nbformat.from_dict(new_notebook(cells=cells))


def index() -> str:
    """The index of three areas: two with a report, one without."""
    rate, compared = "CSE per 10,000 children", "CCE per 10,000 children"
    headlines = {
        rate: Headline(rate="9.1", verdict="Lower"),
        compared: Headline(rate="[c]", verdict="Cannot tell"),
    }
    entries = [
        IndexEntry(area="Upper Example", police_force="Example", href="upper-example.html", headlines=headlines),
        IndexEntry(area="Exampleshire", police_force="Example", href="exampleshire.html", headlines=headlines),
        IndexEntry(area="Lower Example", police_force="Example", absent_because="its notebook did not finish"),
    ]
    caption = Caption(title="Headline rates", anchor="table-areas", source=SOURCE, notes=SYMBOLS)
    page = dataclasses.replace(META, title="Children at risk of exploitation: all areas", index_href="")
    downloads = {"All indicators of all areas (CSV, 12 kB)": "indicators.csv"}
    return index_page(Listed(entries), page, headlines=caption, tile_map=figure(), downloads=downloads)
