"""The site: what stands in its folder is of one release, has the same bytes each time, and leads nowhere else."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import report_page
from bs4 import BeautifulSoup
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook, new_output
from small_evidence import BASE, COUNTRY, FIRST, FORCE, ONE_OF_EACH, PRIVATE, SECOND
from small_notebooks import END, SHOW, as_area_report, write_notebook
from small_release import small_release

from needs_assessment.area_view import AreaView
from needs_assessment.components import end_mark_text, paragraph
from needs_assessment.evidence import Evidence
from needs_assessment.geography import local_authorities
from needs_assessment.publish import batch, website
from needs_assessment.publish.batch import Job, LockedError, Outcome, locked, publish_area
from needs_assessment.publish.documents import (
    AREA_REPORT,
    FOI_RESPONSE,
    PANEL_PACK,
    PROBLEM_PROFILE,
    QUARTERLY_OVERVIEW,
    SERVICE_COVERAGE,
    Document,
)
from needs_assessment.publish.frame import SYNTHETIC
from needs_assessment.publish.lint import page_faults
from needs_assessment.publish.notebooks import NotebookError
from needs_assessment.publish.website import Website, indicators, publish
from needs_assessment.release import Release
from needs_assessment.vocabulary import Verdict

HEREFORDSHIRE, DERBYSHIRE = "E06000019", "E10000007"
FILES = {f"{HEREFORDSHIRE}.html", f"{DERBYSHIRE}.html", "index.html", "indicators.csv", "run.json", "audit.json"}
EMBEDDED = re.compile(rb"base64,[A-Za-z0-9+/=]+")


def files_of(folder: Path) -> dict[str, bytes]:
    """The bytes of each file of a site, but of the one that only holds the lock."""
    paths = [path for path in folder.rglob("*") if path.is_file() and path.name != ".lock"]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def parsed(page: Path) -> BeautifulSoup:
    return BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")


def words(element: object) -> str:
    return " ".join(element.get_text(" ").split())  # type: ignore[attr-defined]


# A real site of two areas


def test_a_site_holds_its_pages_its_release_and_nothing_more(site_folder: Path) -> None:
    names = {name for name in files_of(site_folder) if not name.startswith("release")}
    assert names == FILES
    assert Release.read(site_folder / "release").manifest["areas"] == 11


@pytest.mark.parametrize("name", sorted(name for name in FILES if name.endswith(".html")))
def test_the_pages_of_a_site_have_no_fault(name: str, site_folder: Path) -> None:
    assert page_faults((site_folder / name).read_text(encoding="utf-8")) == []


def test_a_kernel_makes_the_same_page_as_the_cells_run_here(site_folder: Path, made_on_one_day: None) -> None:
    here = report_page.page("Herefordshire", site_folder / "release")
    assert (site_folder / f"{HEREFORDSHIRE}.html").read_text(encoding="utf-8") == here


def test_nothing_in_a_site_names_a_place_of_the_machine(site_folder: Path, synthetic_site_folder: Path) -> None:
    places = [str(report_page.PROJECT), str(site_folder), tempfile.gettempdir() + os.sep, str(Path.home()) + os.sep]
    for folder in (site_folder, synthetic_site_folder):
        for name, content in files_of(folder).items():
            # what is embedded is read by the lint, and by chance may hold any four letters
            assert [place for place in places if place.encode() in EMBEDDED.sub(b"", content)] == [], name
            assert str(report_page.PROJECT).encode() not in content


def test_the_index_lists_every_local_authority_in_order_of_name(site_folder: Path) -> None:
    index = parsed(site_folder / "index.html")
    present = [words(row.th) for row in index.select("#table-areas tbody tr")]
    absent = [words(row.th) for row in index.select("#table-absent-reports tbody tr")]
    assert present == ["Derbyshire", "Herefordshire"]
    assert absent == sorted(absent)
    assert sorted(present + absent) == list(report_page.AREAS)


def test_each_rate_of_the_index_comes_with_its_judgement_in_words(site_folder: Path) -> None:
    rows = parsed(site_folder / "index.html").select("#table-areas tbody tr")
    cells = [words(cell) for row in rows for cell in row("td")[:2]]
    assert len(cells) == 4
    assert all(re.fullmatch(rf"({'|'.join(Verdict)}): \d+\.\d \(\d+\.\d to \d+\.\d\)", cell) for cell in cells), cells


def test_each_link_of_the_index_leads_to_a_file_that_is_there(site_folder: Path) -> None:
    links = [link["href"] for link in parsed(site_folder / "index.html").select("main a[href]:not([download])")]
    relative = [link for link in links if not link.startswith("#")]
    assert set(relative) == {f"{HEREFORDSHIRE}.html", f"{DERBYSHIRE}.html", "indicators.csv"}
    assert all((site_folder / link).is_file() for link in relative)


def test_each_page_leads_back_to_the_index(site_folder: Path) -> None:
    for code in (HEREFORDSHIRE, DERBYSHIRE):
        assert [link["href"] for link in parsed(site_folder / f"{code}.html").select(".up a")] == ["index.html"]


def test_the_index_says_that_it_is_no_league_table(site_folder: Path) -> None:
    text = words(parsed(site_folder / "index.html").main)
    assert "not a league table" in text and "low rate is not reassurance" in text
    assert re.findall(r"\b(?:better|worse|best|worst|rank(?:s|ed|ing)?)\b", text, re.IGNORECASE) == []


def test_the_record_of_the_run_says_what_was_made_from_what(site_folder: Path) -> None:
    record = json.loads((site_folder / "run.json").read_text(encoding="utf-8"))
    for outcome in record["outcomes"]:
        assert hashlib.sha256((site_folder / outcome["page"]).read_bytes()).hexdigest() == outcome["sha256"]
    assert [outcome["area_code"] for outcome in record["outcomes"]] == [HEREFORDSHIRE, DERBYSHIRE]
    inputs = record["release"]["inputs"]
    assert len(inputs) >= 10 and all(re.fullmatch(r"[0-9a-f]{64}", digest) for digest in inputs.values())
    assert {name: len(digest) for name, digest in record["documents_made_from"].items()} == {"area_report": 64}


def test_a_page_says_from_what_and_when_it_was_made(site_folder: Path) -> None:
    footer = words(parsed(site_folder / f"{DERBYSHIRE}.html").footer)
    record = json.loads((site_folder / "run.json").read_text(encoding="utf-8"))
    assert "Made on 31 March 2025" in footer
    assert record["release"]["inputs"]["official/observations.csv"][:16] in footer
    assert "every figure is of a source that is already published" in footer
    assert json.loads((site_folder / "audit.json").read_text(encoding="utf-8"))["passed"] is True


def test_made_up_records_are_announced_on_every_page_and_on_paper(synthetic_site_folder: Path) -> None:
    for name in ("index.html", f"{HEREFORDSHIRE}.html"):
        page = parsed(synthetic_site_folder / name)
        assert words(page.header).startswith(SYNTHETIC)
        assert "SYNTHETIC" in page.style.get_text()  # printed in the margin of every sheet
        assert page_faults(str(page)) == []


def test_two_runs_give_the_same_bytes(site_folder: Path, made_on_one_day: None, tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from needs_assessment.cli import main; main()", "report"]
    command += ["herefordshire", "derbyshire", "--out", "site", "--workers", "2", "--document", "area_report"]
    # from another folder, so that the project's own evidence and notebook have to be found
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    assert "2 of 2 reports of 2 areas" in done.stdout
    first, second = files_of(site_folder), files_of(tmp_path / "site")
    assert set(first) == set(second)
    assert [name for name in first if first[name] != second[name]] == []
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


# Indicators


@pytest.fixture(scope="module")
def rows(site_folder: Path) -> list[dict[str, str]]:
    """The indicators as text, as they stand in the file."""
    text = (site_folder / "indicators.csv").read_bytes().decode("utf-8")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_indicators_have_their_columns_in_order(rows: list[dict[str, str]]) -> None:
    columns = (
        "area_code area_name measure exploitation_type period_start period_end unit count value lower upper missing"
    )
    assert list(rows[0])[:12] == columns.split()


def test_numbers_are_numbers_and_what_is_missing_is_blank_with_its_symbol(rows: list[dict[str, str]]) -> None:
    for row in rows:
        assert (row["count"] == "") is (row["missing"] != ""), row
        assert all(row[name] == "" for name in ("value", "lower", "upper") if row["missing"])
        for name in ("count", "value", "lower", "upper"):
            assert row[name] == "" or float(row[name]) >= 0
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", row["period_start"]) and row["period_start"] <= row["period_end"]
    assert {row["missing"] for row in rows} >= {"", "c", "x", "u"}


def test_no_area_is_lost_or_added_in_any_year(rows: list[dict[str, str]], published: Evidence) -> None:
    given, areas = published["observations"], published["areas"]
    only_compared = areas.loc[areas["comparison_only"].fillna(False).astype(bool), "area_code"]
    for harm in ("CSE", "CCE"):
        counted = given[given["measure"].eq("assessment_factor_episodes") & given["exploitation_type"].eq(harm)]
        went_in = counted.groupby(counted["period_end"].dt.strftime("%Y-%m-%d"))["area_code"].nunique().to_dict()
        of_harm = [row for row in rows if row["measure"] == "assessment_factor_episodes"]
        of_harm = [row for row in of_harm if row["exploitation_type"] == harm]
        came_out = {day: len({row["area_code"] for row in of_harm if row["period_end"] == day}) for day in went_in}
        assert came_out == went_in
        assert len(went_in) == 8
        # Some of the authorities that stand there only for comparison began later, and have fewer years.
        own = counted[~counted["area_code"].isin(only_compared)]
        in_a_year = own.groupby("period_end")["area_code"].nunique()
        assert set(in_a_year) == {len(set(own["area_code"].replace({"E10000027": "E06000066"})))}


def test_every_published_count_is_in_the_indicators_unchanged(rows: list[dict[str, str]], published: Evidence) -> None:
    key = ["measure", "exploitation_type", "area_code", "period_end", "count", "missing"]
    given = published["observations"].assign(period_end=lambda table: table["period_end"].dt.strftime("%Y-%m-%d"))
    given = given.assign(area_code=given["area_code"].replace({"E10000027": "E06000066"}))
    went_in = sorted(tuple("" if pd.isna(cell) else str(cell) for cell in row) for row in given[key].to_numpy())
    assert sorted(tuple(row[name] for name in key) for row in rows) == went_in


def test_an_area_is_named_beside_its_code(rows: list[dict[str, str]]) -> None:
    names = {row["area_code"]: row["area_name"] for row in rows}
    assert names[DERBYSHIRE] == "Derbyshire" and names["E92000001"] == "England"
    assert "" not in names.values()


def test_a_count_that_is_withheld_is_in_no_column_of_the_indicators() -> None:
    # 4 of 20,000 children is 2 per 10,000
    held = [{"count": "4", "source_id": PRIVATE}, {"area_code": COUNTRY, "count": "12000", "source_id": PRIVATE}]
    table = indicators(small_release(BASE | {"observations": held})).set_index("area_code")
    assert table.loc[FIRST, ["count", "value", "lower", "upper"]].isna().all()
    assert table.loc[FIRST, "missing"] == "c"


# Run after run: what is kept, made again, or removed. The notebooks are played, so that no kernel is needed.


class Played:
    """Stands in for kernels: notes which areas and notebooks were run, and fails those it is told to."""

    def __init__(self) -> None:
        self.ran: list[str] = []
        self.notebooks: list[str] = []
        self.failing: set[str] = set()
        self.broken: set[str] = set()

    def run_notebook(self, notebook: Path, parameters: dict[str, str], *, end_mark: str) -> NotebookNode:
        """A report of one paragraph."""
        self.ran.append(parameters["area"])
        self.notebooks.append(notebook.stem)
        if parameters["area"] in self.failing or notebook.stem in self.broken:
            raise NotebookError("cell 4 stopped with ValueError")
        assert end_mark == end_mark_text(parameters["area"])
        shown = new_output("execute_result", {"text/html": paragraph("A small report.").markup}, execution_count=1)
        return new_notebook(cells=[new_code_cell("report()", outputs=[shown], execution_count=1)])

    def take_over(self, patch: pytest.MonkeyPatch) -> None:
        """Is run instead of kernels, always on the same day."""
        patch.setattr(batch, "run_notebook", self.run_notebook)
        patch.setattr(website, "publish_areas", self.publish_areas)
        patch.setenv("SOURCE_DATE_EPOCH", "1743379200")

    def publish_areas(self, jobs: list[Job], *, workers: int, tell: object) -> list[Outcome]:
        """One area after another, in this process."""
        outcomes = [publish_area(job) for job in jobs]
        for outcome in outcomes:
            tell(outcome)  # type: ignore[operator]
        return outcomes


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> Iterator[Played]:
    stand_in = Played()
    stand_in.take_over(monkeypatch)
    yield stand_in


@pytest.fixture
def site(tmp_path: Path) -> Website:
    """A site that is not there yet, of a notebook that is."""
    return Website(tmp_path / "site", as_area_report(write_notebook(tmp_path / "report.ipynb", SHOW, END)))


def run(site: Website, release: Release, *area_codes: str) -> list[Outcome]:
    return publish(site, release, area_codes or (FIRST, SECOND), workers=1, tell=lambda _: None)


def index_words(site: Website) -> str:
    page = (site.folder / "index.html").read_text(encoding="utf-8")
    assert page_faults(page) == []
    return words(BeautifulSoup(page, "html.parser").main)


def test_a_second_run_of_the_same_runs_nothing_and_changes_no_byte(played: Played, site: Website) -> None:
    release = small_release()
    first = run(site, release)
    before = files_of(site.folder)
    told: list[Outcome] = []
    second = publish(site, release, [FIRST, SECOND], workers=1, tell=told.append)
    assert played.ran == [FIRST, SECOND]
    assert first == second == told
    assert files_of(site.folder) == before


@pytest.mark.parametrize("change", ["figures", "notebook", "organisation", "day"])
def test_whatever_a_page_is_made_from_makes_it_again(
    change: str, played: Played, site: Website, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(site, small_release())
    other = BASE | {"observations": [{"count": "25"}]} if change == "figures" else BASE
    if change == "notebook":
        write_notebook(site.documents[0].notebook, SHOW, "HTML(area)", END)
    if change == "organisation":
        site = replace(site, organisation="An office")
    if change == "day":
        monkeypatch.setenv("SOURCE_DATE_EPOCH", "1743465600")
    run(site, small_release(other))
    assert played.ran == [FIRST, SECOND] * 2


def test_a_page_that_was_changed_by_hand_is_made_again(played: Played, site: Website) -> None:
    run(site, small_release())
    page = site.folder / f"{FIRST}.html"
    made = page.read_bytes()
    page.write_text("changed by hand", encoding="utf-8")
    run(site, small_release())
    assert played.ran == [FIRST, SECOND, FIRST]
    assert page.read_bytes() == made


def test_outcomes_are_in_the_order_asked_whether_kept_or_made(played: Played, site: Website) -> None:
    run(site, small_release(), SECOND)
    outcomes = run(site, small_release(), FIRST, SECOND)
    assert [outcome.area_code for outcome in outcomes] == [FIRST, SECOND]
    assert played.ran == [SECOND, FIRST]


def test_pages_of_the_same_release_stay_when_another_area_is_asked_for(played: Played, site: Website) -> None:
    run(site, small_release(), FIRST)
    run(site, small_release(), SECOND)
    assert {path.name for path in site.folder.glob("E*.html")} == {f"{FIRST}.html", f"{SECOND}.html"}
    assert "not asked for" not in index_words(site)


def test_pages_of_an_older_release_are_removed_even_of_areas_not_asked_for(played: Played, site: Website) -> None:
    run(site, small_release())
    run(site, small_release(BASE | {"observations": [{"count": "25"}]}), SECOND)
    assert [path.name for path in site.folder.glob("E*.html")] == [f"{SECOND}.html"]
    assert "First" in index_words(site) and "not asked for in this run" in index_words(site)


def test_a_failed_area_loses_its_older_page_and_is_tried_again(played: Played, site: Website) -> None:
    run(site, small_release())
    played.failing = {SECOND}
    newer = small_release(BASE | {"observations": [{"count": "25"}]})
    first, second = run(site, newer)
    assert first.page and not second.page
    assert not (site.folder / f"{SECOND}.html").exists()
    assert "cell 4 stopped with ValueError" in index_words(site)
    played.failing, played.ran = set(), []
    run(site, newer)
    assert played.ran == [SECOND]
    assert "stopped" not in index_words(site)


def test_a_run_in_which_every_area_fails_says_so_on_the_index(played: Played, site: Website) -> None:
    run(site, small_release())
    played.failing = {FIRST, SECOND}
    outcomes = run(site, small_release(BASE | {"observations": [{"count": "25"}]}))
    assert [outcome.page for outcome in outcomes] == ["", ""]
    assert list(site.folder.glob("E*.html")) == []
    assert "No area has a report in this release" in index_words(site)


def test_a_page_of_an_area_that_left_the_evidence_is_removed(played: Played, site: Website) -> None:
    run(site, small_release())
    alone = BASE | {"areas": [BASE["areas"][0], *BASE["areas"][2:]], "population": [{}, BASE["population"][2]]}
    run(site, small_release(alone), FIRST)
    assert [path.name for path in site.folder.glob("E*.html")] == [f"{FIRST}.html"]
    assert "Second" not in index_words(site)


@pytest.mark.parametrize(
    "wrong", [{"parameters": {"aera": "x"}}, {"documents": as_area_report(Path("absent.ipynb"))}], ids=["name", "file"]
)
def test_a_wrong_notebook_or_parameter_is_refused_before_anything_is_written(
    wrong: dict, played: Played, site: Website
) -> None:
    with pytest.raises(NotebookError):
        run(replace(site, **wrong), small_release())
    assert not site.folder.exists()
    assert played.ran == []


def test_a_second_run_at_the_same_time_touches_nothing(played: Played, site: Website) -> None:
    run(site, small_release())
    before = {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in site.folder.rglob("*") if path.is_file()}
    with locked(site.folder), pytest.raises(LockedError):
        run(site, small_release(BASE | {"observations": [{"count": "25"}]}))
    after = {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in site.folder.rglob("*") if path.is_file()}
    assert after == before
    assert played.ran == [FIRST, SECOND]


def test_other_files_of_the_folder_stay(played: Played, site: Website) -> None:
    site.folder.mkdir()
    for name in ("README.md", "accessibility.html"):
        (site.folder / name).write_text("kept", encoding="utf-8")
    run(site, small_release())
    assert {"README.md", "accessibility.html"} <= {path.name for path in site.folder.iterdir()}


INDEXED = {
    "withheld": BASE | {"observations": [{"missing": "c"}, {"area_code": COUNTRY, "count": "12000"}]},
    "nothing counted": BASE | {"observations": [{"measure": "offences", "unit": "offence", "count": "3"}]},
    "one area alone": BASE | {"areas": BASE["areas"][:1], "population": [{}], "observations": [{"count": "24"}]},
    "a row in every table": ONE_OF_EACH,
}


@pytest.mark.parametrize("tables", INDEXED.values(), ids=list(INDEXED))
def test_little_evidence_has_an_index_all_the_same(tables: dict, played: Played, site: Website) -> None:
    release = small_release(tables)
    run(site, release, *local_authorities(release["areas"])["area_code"])
    assert "Cannot tell" in index_words(site)


def test_a_symbol_on_the_index_is_explained_there(played: Played, site: Website) -> None:
    run(site, small_release(INDEXED["withheld"]))
    index = parsed(site.folder / "index.html")
    for table in index.select("#table-areas table, #figure-cse-map table"):
        assert "[c]" in words(table.tbody)
        assert "[c] withheld" in words(table.caption)


# Several documents of an area


REVIEWS = [{"child_id": "k1", "reviewed_on": day} for day in ("2024-01-15", "2024-04-15")]
LEVELS = BASE | {"risk_reviews": REVIEWS, "risk_schemes": ONE_OF_EACH["risk_schemes"]}
"""Risk levels of the first area, and none of the second."""

PROFILE, PACK = f"{FIRST}-problem-profile.html", f"{FIRST}-panel-pack.html"
ALL_PAGES = {f"{FIRST}.html", PROFILE, PACK, f"{SECOND}.html", f"{SECOND}-problem-profile.html"}


THREE = (AREA_REPORT, PROBLEM_PROFILE, PANEL_PACK)


def site_of(documents: Sequence[Document], folder: Path) -> Website:
    """A site of documents, each of a small notebook that is called as its document is."""
    notebooks = [write_notebook(folder / f"{document.name}.ipynb", SHOW, END) for document in documents]
    both = zip(documents, notebooks, strict=True)
    return Website(folder / "site", [replace(document, notebook=notebook) for document, notebook in both])


@pytest.fixture
def several(tmp_path: Path) -> Website:
    """A site of three documents that is not there yet."""
    return site_of(THREE, tmp_path)


@pytest.fixture(scope="module")
def levels() -> Release:
    """The release with risk levels of the first area."""
    return small_release(LEVELS)


@pytest.fixture(scope="module")
def made(levels: Release, tmp_path_factory: pytest.TempPathFactory) -> tuple[Website, list[Outcome], list[str]]:
    """Such a site as it was made once, the outcomes, and the notebooks in the order in which they ran: to be read."""
    stand_in, several = Played(), site_of(THREE, tmp_path_factory.mktemp("several"))
    with pytest.MonkeyPatch.context() as patch:
        stand_in.take_over(patch)
        outcomes = run(several, levels)
    return several, outcomes, stand_in.notebooks


def pages_of(site: Website) -> set[str]:
    return {path.name for path in site.folder.glob("E*.html")}


def leads_to(site: Website, page: str) -> list[str]:
    """The addresses of the other documents in the header of one; the page itself is there by its name."""
    nav = parsed(site.folder / page).select("header nav.documents")
    assert sum(len(one.select("[aria-current=page]")) for one in nav) == min(len(nav), 1)
    return [str(link["href"]) for one in nav for link in one("a")]


Made = tuple[Website, list[Outcome], list[str]]


def test_an_area_has_its_documents_and_no_pack_without_risk_levels(made: Made) -> None:
    several, outcomes, ran = made
    assert pages_of(several) == ALL_PAGES == {outcome.page for outcome in outcomes}
    assert ran == ["area_report", "area_report", "problem_profile", "problem_profile", "panel_pack"]
    record = json.loads((several.folder / "run.json").read_text(encoding="utf-8"))
    assert list(record["documents_made_from"]) == ["area_report", "problem_profile", "panel_pack"]
    assert len(set(record["documents_made_from"].values())) == 3


@pytest.mark.parametrize(("area_code", "has"), [(FORCE, True), (SECOND, False)])
def test_risk_levels_of_the_police_force_area_are_enough_and_those_of_another_authority_are_not(
    area_code: str, has: bool
) -> None:
    areas = [area | {"police_force_area_code": FORCE} if "longitude" in area else area for area in BASE["areas"]]
    tables = LEVELS | {"areas": areas, "risk_reviews": [review | {"area_code": area_code} for review in REVIEWS]}
    view = AreaView(small_release(tables), FIRST)
    assert PANEL_PACK.is_for(view) is has
    assert AREA_REPORT.is_for(view) and PROBLEM_PROFILE.is_for(view)


def test_the_documents_of_an_area_lead_to_one_another_and_to_the_index(made: Made) -> None:
    several, own = made[0], [f"{FIRST}.html", PROFILE, PACK]
    for page in own:
        assert leads_to(several, page) == [other for other in own if other != page]
        assert [link["href"] for link in parsed(several.folder / page).select(".up a")] == ["index.html"]
    assert leads_to(several, f"{SECOND}.html") == [f"{SECOND}-problem-profile.html"]


@pytest.mark.parametrize("document", THREE, ids=lambda document: document.name)
def test_each_page_says_which_document_it_is(document: Document, made: Made) -> None:
    page = parsed(made[0].folder / document.page(FIRST))
    assert words(page.select_one("header [aria-current=page]")) == document.title
    title = f"Children at risk of exploitation in First: {document.title.lower()}"
    assert words(page.title) == words(page.h1) == title
    assert page.select("meta[name=description]")[0]["content"] == f"{document.about} in First."
    assert page_faults(str(page)) == []


def test_the_index_leads_to_each_document_by_a_name_of_its_own(made: Made) -> None:
    index = parsed(made[0].folder / "index.html")
    links = {words(link): link["href"] for link in index.select("#table-areas a[href$='.html']")}
    assert links == {
        "First": f"{FIRST}.html",
        "Problem profile of First": PROFILE,
        "Panel pack of First": PACK,
        "Second": f"{SECOND}.html",
        "Problem profile of Second": f"{SECOND}-problem-profile.html",
    }
    assert index.select("#table-absent-reports") == []
    assert page_faults(str(index)) == []


def test_a_document_that_failed_is_absent_with_its_reason_and_the_others_stay_and_do_not_lead_to_it(
    played: Played, several: Website, levels: Release
) -> None:
    played.broken = {"problem_profile"}
    outcomes = run(several, levels)
    assert {outcome.key for outcome in outcomes if not outcome.page} == {
        (FIRST, "problem_profile"),
        (SECOND, "problem_profile"),
    }
    assert leads_to(several, f"{FIRST}.html") == [PACK] and leads_to(several, PACK) == [f"{FIRST}.html"]
    assert leads_to(several, f"{SECOND}.html") == []
    rows = parsed(several.folder / "index.html").select("#table-absent-reports tbody tr")
    assert [[words(cell) for cell in row(["th", "td"])] for row in rows] == [
        [area, "Problem profile", "not stated", "cell 4 stopped with ValueError"] for area in ("First", "Second")
    ]
    for outcome in outcomes:  # the record knows the pages as they stand, so that a further run keeps them
        assert not outcome.page or hashlib.sha256((several.folder / outcome.page).read_bytes()).hexdigest() == (
            outcome.sha256
        )


def test_an_area_whose_own_report_failed_keeps_its_place_on_the_index(
    played: Played, several: Website, levels: Release
) -> None:
    played.broken = {"area_report"}
    run(several, levels, FIRST)
    index = parsed(several.folder / "index.html")
    (row,) = index.select("#table-areas tbody tr")
    assert words(row.th) == "First" and row.th.a is None
    assert [link["href"] for link in row("a")] == [PROFILE, PACK]
    absent = [[words(cell) for cell in row(["th", "td"])] for row in index.select("#table-absent-reports tbody tr")]
    assert [row[:2] for row in absent] == [
        ["First", "Needs assessment"],
        ["Second", "Needs assessment, Problem profile"],
    ]


def test_a_second_run_changes_no_byte_and_a_changed_notebook_makes_its_own_document_again(
    played: Played, several: Website, levels: Release
) -> None:
    run(several, levels)
    before = files_of(several.folder)
    played.notebooks = []
    run(several, levels)
    assert played.notebooks == []
    assert files_of(several.folder) == before
    write_notebook(several.documents[2].notebook, SHOW, "HTML(area)", END)
    run(several, levels)
    assert played.notebooks == ["panel_pack"]
    assert pages_of(several) == ALL_PAGES


def test_a_document_made_later_stands_beside_the_earlier_ones_and_they_lead_to_it(
    played: Played, several: Website, levels: Release
) -> None:
    run(replace(several, only=("area_report",)), levels)
    alone = files_of(several.folder)
    assert leads_to(several, f"{FIRST}.html") == []
    played.notebooks = []
    run(replace(several, only=("panel_pack",)), levels)
    assert played.notebooks == ["panel_pack"]
    assert pages_of(several) == {f"{FIRST}.html", f"{SECOND}.html", PACK}
    assert leads_to(several, f"{FIRST}.html") == [PACK] and leads_to(several, PACK) == [f"{FIRST}.html"]
    (several.folder / PACK).unlink()
    run(replace(several, only=("area_report",)), levels)
    assert files_of(several.folder) == alone


def test_documents_of_an_older_release_are_removed_even_where_the_site_knows_them_no_more(
    played: Played, several: Website, levels: Release
) -> None:
    run(several, levels)
    newer = small_release(LEVELS | {"observations": [{"count": "25"}]})
    run(replace(several, documents=several.documents[:1]), newer)
    assert pages_of(several) == {f"{FIRST}.html", f"{SECOND}.html"}


# Documents of a police force area


OVERVIEW, ANSWER, SERVICES = f"{FORCE}-quarterly-overview.html", f"{FORCE}-foi-response.html", f"{FIRST}-services.html"
IN_ONE_FORCE = BASE | {
    "areas": [
        area | ({"police_force_area_code": FORCE, "police_force_area_name": "Both"} if "longitude" in area else {})
        for area in BASE["areas"]
    ],
    "services": [{"service_id": "a_service"}],
    "service_areas": [{"service_id": "a_service"}],
}
"""Both areas in one police force area, and a service in the first."""


@pytest.fixture(scope="module")
def in_one_force() -> Release:
    """That release, with a return of the police force area and a service that was paid for in the second area."""
    told = {"return_comparisons": pd.DataFrame({"area_code": [FORCE]})}
    told |= {"commissioned": pd.DataFrame({"area_code": [SECOND]})}
    release = small_release(IN_ONE_FORCE)
    return replace(release, tables={**release.tables, **told})


def of_forces(folder: Path) -> Website:
    """A site of the areas' reports, their services, and the two documents of police force areas."""
    return site_of((AREA_REPORT, SERVICE_COVERAGE, QUARTERLY_OVERVIEW, FOI_RESPONSE), folder)


@pytest.fixture(scope="module")
def of_force(in_one_force: Release, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Such a site as it was made once, the outcomes, and the notebooks in the order in which they ran: to be read."""
    stand_in, site = Played(), of_forces(tmp_path_factory.mktemp("force"))
    with pytest.MonkeyPatch.context() as patch:
        stand_in.take_over(patch)
        outcomes = run(site, in_one_force)
    return site, outcomes, stand_in.notebooks


def test_the_documents_of_a_police_force_area_are_made_once_and_those_of_services_where_there_is_one(
    of_force: Made,
) -> None:
    site, outcomes, ran = of_force
    assert ran == ["area_report", "area_report", "service_coverage", "quarterly_overview", "foi_response"]
    assert pages_of(site) == {f"{FIRST}.html", f"{SECOND}.html", SERVICES, OVERVIEW, ANSWER}
    assert [outcome.area_code for outcome in outcomes] == [FIRST, SECOND, FIRST, FORCE, FORCE]


@pytest.mark.parametrize(
    ("document", "told", "has"),
    [
        (QUARTERLY_OVERVIEW, {"return_comparisons": FORCE}, True),
        (QUARTERLY_OVERVIEW, {"return_comparisons": FIRST}, False),
        (FOI_RESPONSE, {"commissioned": FIRST}, True),
        (FOI_RESPONSE, {"commissioned": COUNTRY}, False),
        (FOI_RESPONSE, {}, False),
        (AREA_REPORT, {}, False),
    ],
    ids=["its return", "another's return", "in an authority", "elsewhere", "nothing", "an area's report"],
)
def test_a_police_force_area_has_the_documents_that_the_release_has_rows_for(
    document: Document, told: dict[str, str], has: bool
) -> None:
    release = small_release(IN_ONE_FORCE)
    codes = {"return_comparisons": [], "commissioned": []} | {name: [code] for name, code in told.items()}
    rows = {name: pd.DataFrame({"area_code": some}, dtype="string") for name, some in codes.items()}
    assert document.is_for(AreaView(replace(release, tables={**release.tables, **rows}), FORCE)) is has


def test_an_area_and_its_police_force_area_lead_to_each_others_documents(of_force: Made) -> None:
    site = of_force[0]
    assert leads_to(site, f"{FIRST}.html") == [SERVICES, OVERVIEW, ANSWER]
    assert leads_to(site, f"{SECOND}.html") == [OVERVIEW, ANSWER]
    assert leads_to(site, OVERVIEW) == [ANSWER, f"{FIRST}.html", f"{SECOND}.html"]
    groups = parsed(site.folder / OVERVIEW).select("header nav.documents")
    assert [group["aria-label"] for group in groups] == [
        "Documents of Both police force area",
        "Needs assessment of each local authority",
    ]
    assert [words(link) for link in groups[1]("a")] == ["First", "Second"]


def test_a_page_of_a_police_force_area_says_so_and_cannot_be_taken_for_an_authority_of_that_name(
    of_force: Made,
) -> None:
    page = parsed(of_force[0].folder / ANSWER)
    title = "Children at risk of exploitation in Both police force area: freedom of information response"
    assert words(page.title) == words(page.h1) == title
    assert f"Both police force area ({FORCE})" in words(page.footer)
    assert page_faults(str(page)) == []


def test_the_index_has_each_police_force_area_once_with_its_documents_and_authorities(of_force: Made) -> None:
    index = parsed(of_force[0].folder / "index.html")
    rows = [[words(cell) for cell in row(["th", "td"])] for row in index.select("#table-police-force-areas tbody tr")]
    own = ("Quarterly commissioning overview", "Freedom of information response")
    assert rows == [["Both", " ".join(f"{title} of Both police force area" for title in own), "First, Second"]]
    assert [link["href"] for link in index.select("#table-police-force-areas a[href^=E]")] == [OVERVIEW, ANSWER]
    assert [words(row.th) for row in index.select("#table-areas tbody tr")] == ["First", "Second"]
    assert index.select("#table-absent-reports") == []
    assert page_faults(str(index)) == []


def test_a_document_of_a_police_force_area_that_failed_is_absent_with_its_reason_until_a_run_makes_it(
    played: Played, in_one_force: Release, tmp_path: Path
) -> None:
    site, played.broken = of_forces(tmp_path), {"foi_response"}
    run(site, in_one_force, FIRST)
    assert leads_to(site, OVERVIEW) == [f"{FIRST}.html"]
    rows = parsed(site.folder / "index.html").select("#table-absent-reports tbody tr")
    assert [[words(cell) for cell in row(["th", "td"])] for row in rows] == [
        ["Second", "Needs assessment", "Both", "not asked for in this run"],
        ["Both police force area", "Freedom of information response", "Both", "cell 4 stopped with ValueError"],
    ]
    played.broken, played.notebooks = set(), []
    run(site, in_one_force, SECOND)
    assert played.notebooks == ["area_report", "foi_response"]
    assert leads_to(site, OVERVIEW) == [ANSWER, f"{FIRST}.html", f"{SECOND}.html"]
    assert parsed(site.folder / "index.html").select("#table-absent-reports") == []
