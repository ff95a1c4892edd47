"""The command line: what people type, what they are told, and that a mistake is found before anything is written."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import click
import pandas as pd
import pytest
from click.testing import CliRunner, Result
from small_evidence import BASE, FIRST, FORCE, SECOND, folder
from small_notebooks import END, SHOW, as_area_report, write_notebook

from needs_assessment import cli
from needs_assessment.disclosure import PROFILES, LedgerError
from needs_assessment.evidence import CONTRACTS
from needs_assessment.publish import website
from needs_assessment.publish.batch import Outcome, locked
from needs_assessment.publish.documents import SHIPPED, Document
from needs_assessment.publish.lint import PublishError
from needs_assessment.release import Release

COMMANDS = [
    "report",
    "audit",
    "ledger",
    "import",
    "template",
    "assess",
    "areas",
    "validate",
    "synthesise",
    "dictionary",
    "foi",
    "guard",
    "purge",
]
HEAVY = ("pandas", "numpy", "matplotlib", "papermill", "nbformat", "nbconvert", "pandera", "scipy", "geopandas")
CHILD = "Jemima Puddle-Duck"
ONE = ("--document", "area_report")


C3 = (
    "time_period,time_identifier,geographic_level,country_code,country_name,region_code,region_name,old_la_code,"
    "new_la_code,la_name,category,Episodes_with_assessment_factor,Going_missing,Child_sexual_exploitation,Trafficking,"
    "Gangs,Child_criminal_exploitation\n"
    "2024,Reporting year,Local authority,E92000001,England,E12000005,West Midlands,893,E06000051,Shropshire,"
    "Factors,900,c,21,0,7,x\n"
)
"""Table C3 as its publisher lays it out; the figures are made up."""


@pytest.fixture(autouse=True)
def without_an_import_of_one_s_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """An import that somebody made in this checkout is no part of the tests."""
    monkeypatch.setattr(cli.shared, "IMPORTED", "data/private/no such import")


def run(*words: object) -> Result:
    """What becomes of `needs-assessment` with these words."""
    return CliRunner().invoke(cli.main, [str(word) for word in words])


@pytest.fixture
def evidence(tmp_path: Path) -> Path:
    """The least evidence, of two areas, as a folder."""
    return folder(tmp_path / "evidence")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """A folder that is not there yet."""
    return tmp_path / "out"


class Asked:
    """Notes what a report was asked for, instead of making it."""

    def __init__(self) -> None:
        self.site: website.Website | None = None
        self.codes: list[str] = []
        self.failing: dict[str, str] = {}

    def publish(self, site: website.Website, release: Release, codes: list[str], **_: object) -> list[Outcome]:
        """An outcome for each wanted page, as it was told to be."""
        self.site, self.codes = site, list(codes)
        return [
            Outcome(code, document.name, reason=self.failing[code])
            if code in self.failing
            else Outcome(code, document.name, document.page(code))
            for code, document in website.wanted(site, release, codes)
        ]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    stand_in = Asked()
    monkeypatch.setattr(website, "publish", stand_in.publish)
    return stand_in


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Document]:
    """The project's documents, with small notebooks that a test may change."""
    documents = [replace(one, notebook=tmp_path / one.notebook.name) for one in SHIPPED]
    for document in documents:
        write_notebook(document.notebook, SHOW, END)
    monkeypatch.setattr(cli, "SHIPPED", documents)
    return documents


# Help


def test_every_command_is_tested_here() -> None:
    assert sorted(cli.main.commands) == sorted(COMMANDS)


def test_every_rule_can_be_asked_for() -> None:
    assert set(cli.PROFILE_NAMES) == set(PROFILES)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_says_what_a_command_does_and_shows_an_example(command: str) -> None:
    result = run(command, "--help")
    assert result.exit_code == 0
    assert f"needs-assessment {command}" in result.output.split("Example", 1)[1]


def test_help_without_a_command_lists_them_all() -> None:
    for asked_for in (["--help"], ["-h"]):
        result = run(*asked_for)
        assert result.exit_code == 0
        assert all(re.search(rf"^  {command} ", result.output, re.MULTILINE) for command in COMMANDS)
        assert "needs-assessment report --all" in result.output


def test_every_option_says_what_it_is_for() -> None:
    options = [
        (name, parameter.name)
        for name, command in cli.main.commands.items()
        for parameter in command.params
        if isinstance(parameter, click.Option) and not parameter.help
    ]
    assert options == []


def test_help_and_import_load_nothing_heavy() -> None:
    program = f"""
import sys
import needs_assessment.cli as cli
try: cli.main(["report", "--help"])
except SystemExit: pass
print([name for name in {HEAVY!r} if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


# Mistakes: told with what is nearest, before anything is written


def test_a_misspelt_command_is_told_with_the_nearest() -> None:
    result = run("raport", "--all")
    assert result.exit_code == 2
    assert "did you mean 'report'?" in result.output


def test_a_misspelt_option_is_told_with_the_nearest() -> None:
    result = run("report", "--al")
    assert result.exit_code == 2
    assert "--all" in result.output


def test_a_report_of_no_area_explains_itself(out: Path) -> None:
    for words in (["report"], ["report", "--all", "first"]):
        result = run(*words, "--out", out)
        assert result.exit_code == 2
        assert "needs-assessment areas" in result.output
    assert not out.exists()


MISTAKES = {
    "area": (["frist"], "did you mean First (E06009001)?"),
    "parameter": (["first", "-p", "commentry=x"], "did you mean 'commentary'?"),
    "notebook": (["first", "--notebook", "absent.ipynb"], "there is no notebook"),
    "option": (["first", "--oot", "x"], "--out"),
    "parameter without a value": (["first", "-p", "commentary"], "NAME=VALUE"),
    "parameter that the command sets": (["first", "-p", "release=elsewhere"], "itself sets release"),
    "another that it sets": (["first", "-p", "area=second"], "itself sets area"),
    "workers": (["first", "--workers", "0"], "--workers"),
    "document": (["first", "--document", "panel-pck"], "no document 'panel-pck'; did you mean 'panel_pack'?"),
    "no such document": (["first", "--document", "atlas"], f"there are: {', '.join(one.name for one in SHIPPED)}"),
    "document beside a notebook": (["first", "--document", "panel_pack"], "leave out --document"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_stops_before_a_kernel_starts_and_leaves_nothing(
    name: str, evidence: Path, out: Path, asked: Asked, tmp_path: Path
) -> None:
    words, told = MISTAKES[name]
    notebook = write_notebook(tmp_path / "a.ipynb", SHOW, END, parameters='area = ""\nrelease = ""\ncommentary = ""')
    before = sorted(tmp_path.rglob("*"))
    result = run("report", "--notebook", notebook, "-e", evidence, "--out", out, *words)
    assert result.exit_code in (1, 2)
    assert told in result.output
    assert "Traceback" not in result.output and asked.site is None
    assert sorted(tmp_path.rglob("*")) == before


def test_every_unknown_area_is_told_at_once(evidence: Path, out: Path) -> None:
    result = run("report", "frist", "secnd", "-e", evidence, "--out", out)
    assert result.exit_code == 1
    assert "First" in result.output and "Second" in result.output
    assert not out.exists()


def test_evidence_without_a_local_authority_has_no_report(tmp_path: Path, out: Path, asked: Asked) -> None:
    nowhere = BASE | {"areas": BASE["areas"][2:], "population": BASE["population"][2:]}
    nowhere |= {"observations": BASE["observations"][1:]}
    result = run("report", "--all", "-e", folder(tmp_path / "nowhere", nowhere), "--out", out)
    assert result.exit_code == 1
    assert "no local authority" in result.output and asked.site is None
    assert not out.exists()


# Reports


def test_areas_are_asked_for_as_people_write_them(asked: Asked, out: Path) -> None:
    areas = ["herefordshire", "Telford & Wrekin", "E06000015", "HEREFORDSHIRE, County of"]
    result = run("report", *areas, "--document", "area_report", "--out", out)
    assert result.exit_code == 0, result.output
    assert asked.codes == ["E06000019", "E06000020", "E06000015"]
    assert "3 of 3 reports of 3 areas" in result.output and str(out / "index.html") in result.output


def test_all_areas_are_asked_for_in_order_of_name(asked: Asked, evidence: Path, out: Path) -> None:
    assert run("report", "--all", "-e", evidence, "--out", out, *ONE).exit_code == 0
    assert asked.codes == [FIRST, SECOND]


def test_options_reach_the_site(asked: Asked, evidence: Path, out: Path, tmp_path: Path) -> None:
    notebook = write_notebook(tmp_path / "a.ipynb", SHOW, END, parameters='area = ""\nrelease = ""\nwords = ""')
    options = ["--notebook", notebook, "--organisation", "An office", "-p", "words=a=b"]
    assert run("report", "first", "-e", evidence, "--out", out, *options).exit_code == 0
    documents = [
        *as_area_report(notebook),
        *(replace(one, notebook=cli.shared.shipped(one.notebook)) for one in SHIPPED[1:]),
    ]
    only = ("area_report",)
    assert asked.site == website.Website(out, documents, "An office", {"words": "a=b"}, only=only)


def test_every_document_of_the_project_is_made_unless_some_are_asked_for(
    asked: Asked, evidence: Path, out: Path, shipped: list[Document]
) -> None:
    assert run("report", "first", "-e", evidence, "--out", out).exit_code == 0
    assert asked.site is not None and asked.site.chosen == shipped
    some = ["--document", "panel_pack", "--document", "area_report"]
    result = run("report", "first", "-e", evidence, "--out", out, *some)
    assert [document.name for document in asked.site.chosen] == ["area_report", "panel_pack"]
    # the evidence has no risk levels of the area
    assert "Making 1 report of 1 area:" in result.output and "1 of 1 reports of 1 area are in" in result.output


def test_reports_and_areas_are_both_counted(asked: Asked, evidence: Path, out: Path, shipped: list[Document]) -> None:
    result = run("report", "--all", "-e", evidence, "--out", out)
    assert "Making 4 reports of 2 areas:" in result.output
    assert f"4 of 4 reports of 2 areas are in {out}" in result.output


def test_a_document_without_its_notebook_is_an_error_unless_it_is_not_asked_for(
    asked: Asked, evidence: Path, out: Path, shipped: list[Document]
) -> None:
    shipped[2].notebook.unlink()
    result = run("report", "first", "-e", evidence, "--out", out)
    assert result.exit_code == 1 and asked.site is None
    assert "there is no notebook" in result.output and "panel_pack.ipynb" in result.output
    assert run("report", "first", "-e", evidence, "--out", out, *ONE).exit_code == 0


def test_a_parameter_need_not_be_one_of_every_document(
    asked: Asked, evidence: Path, out: Path, shipped: list[Document]
) -> None:
    write_notebook(shipped[1].notebook, SHOW, END, parameters='area = ""\nrelease = ""\nwords = ""')
    assert run("report", "first", "-e", evidence, "--out", out, "-p", "words=a").exit_code == 0
    result = run("report", "first", "-e", evidence, "--out", out, "-p", "wrods=a")
    assert result.exit_code == 1
    assert "no parameter 'wrods'" in result.output and "did you mean 'words'?" in result.output


def test_help_lists_the_documents() -> None:
    assert f"[{'|'.join(one.name for one in SHIPPED)}]" in "".join(run("report", "--help").output.split())


def test_documents_of_a_police_force_area_are_made_for_the_one_that_areas_lie_in_and_told_apart_from_its_namesake(
    asked: Asked, tmp_path: Path, out: Path, shipped: list[Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = {"police_force_area_code": FORCE, "police_force_area_name": "First"}
    areas = [area | (inside if "longitude" in area else {}) for area in BASE["areas"]]
    assess = cli._assessed

    def assessed(*given: object) -> tuple[Release, object]:
        release, protected = assess(*given)  # type: ignore[arg-type]
        commissioned = pd.DataFrame({"area_code": [FIRST, SECOND]})
        return replace(release, tables={**release.tables, "commissioned": commissioned}), protected

    monkeypatch.setattr(cli, "_assessed", assessed)
    asked.failing = {FORCE: "its notebook stopped"}
    evidence, chosen = folder(tmp_path / "evidence", BASE | {"areas": areas}), ("--document", "foi_response")
    result = run("report", "--all", "-e", evidence, "--out", out, *chosen)
    assert "Making 1 report of 1 police force area:" in result.output
    assert "No freedom of information response for First police force area: its notebook stopped" in result.output
    result = run("report", "--all", "-e", evidence, "--out", out, *chosen, *ONE)
    assert "2 of 3 reports of 2 areas and 1 police force area are in" in result.output


def test_a_failed_area_is_told_with_its_name_and_the_run_does_not_succeed(
    asked: Asked, evidence: Path, out: Path
) -> None:
    asked.failing = {SECOND: "its notebook stopped"}
    result = run("report", "--all", "-e", evidence, "--out", out, *ONE)
    assert result.exit_code == 2
    assert "No needs assessment for Second: its notebook stopped" in result.output
    assert "1 of 2 reports of 2 areas" in result.output


def test_a_run_beside_another_is_refused_and_touches_nothing(evidence: Path, out: Path) -> None:
    with locked(out):
        before = sorted(out.iterdir())
        result = run("report", "first", "-e", evidence, "--out", out, *ONE)
        assert sorted(out.iterdir()) == before
    assert result.exit_code == 75  # EX_TEMPFAIL of sysexits.h: try again later
    assert "another run is writing" in result.output


def test_an_index_that_may_not_be_published_is_no_traceback(
    evidence: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PublishError(["the text holds a path of a machine"], "index.html")

    monkeypatch.setattr(website, "publish", refuse)
    result = run("report", "first", "-e", evidence, "--out", out, *ONE)
    assert result.exit_code == 2 and isinstance(result.exception, SystemExit)
    assert "index.html is not published" in result.output


def test_a_ledger_that_refuses_a_release_is_no_traceback(
    evidence: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise LedgerError("another run has added a release")

    monkeypatch.setattr(website, "publish", refuse)
    result = run("report", "first", "-e", evidence, "--out", out, *ONE)
    assert result.exit_code == 1 and isinstance(result.exception, SystemExit)
    assert "another run has added a release" in result.output


def test_a_series_without_its_ledger_is_refused_before_anything_is_made(evidence: Path, out: Path) -> None:
    result = run("report", "first", "-e", evidence, "--out", out, "--series", out / "lost", *ONE)
    assert result.exit_code == 1 and isinstance(result.exception, SystemExit)
    assert "ledger" in result.output
    assert not out.exists()


def test_a_revision_of_no_series_is_a_mistake(evidence: Path, out: Path) -> None:
    result = run("report", "first", "-e", evidence, "--out", out, "--revision", *ONE)
    assert result.exit_code == 2
    assert "--series" in result.output


# Evidence


def test_areas_are_listed_with_code_name_and_police_force_area() -> None:
    result = run("areas")
    assert result.exit_code == 0
    lines = result.output.splitlines()
    assert len(lines) == 11
    assert [line.split()[0] for line in lines if "Telford" in line] == ["E06000020"]
    assert any(line.startswith("E06000023  Bristol ") and line.endswith("Avon and Somerset") for line in lines)


def test_an_area_without_a_police_force_area_is_listed_in_words(evidence: Path) -> None:
    result = run("areas", "-e", evidence)
    assert result.exit_code == 0
    assert "First" in result.output and "NA" not in result.output and "nan" not in result.output


def test_validate_counts_the_rows_of_every_table(evidence: Path) -> None:
    result = run("validate", "-e", evidence)
    assert result.exit_code == 0
    lines = {line.split()[0]: line.split(maxsplit=1)[1] for line in result.output.splitlines()}
    assert set(CONTRACTS) <= set(lines)
    assert lines["observations"] == "2 rows" and lines["referrals"] == "not supplied"
    assert "No fault was found." in result.output


@pytest.mark.parametrize("command", ["validate", "areas", "assess", "report"])
def test_faulty_evidence_is_told_whole_and_without_a_cell(command: str, tmp_path: Path, out: Path) -> None:
    tables = BASE | {
        "observations": [{"count": CHILD}, {"area_code": "E06000000", "count": "1"}, {"measure": "", "count": "1"}]
    }
    faulty = folder(tmp_path / "faulty", tables)
    words = {"report": ["--all", "--out", out], "assess": ["--out", out]}.get(command, [])
    result = run(command, "-e", faulty, *words)
    assert result.exit_code == 1 and isinstance(result.exception, SystemExit)
    for fault in ("column count: must be a whole number (row 2)", "column area_code", "column measure"):
        assert fault in result.output
    assert CHILD not in result.output and "Traceback" not in result.output
    assert not out.exists()


def test_a_folder_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    result = run("validate", "-e", tmp_path / "nowhere")
    assert result.exit_code == 1
    assert "is not a folder" in result.output


def test_several_folders_are_one_evidence(evidence: Path, tmp_path: Path) -> None:
    more = {"services": [{"service_id": "a_service"}], "service_areas": [{"service_id": "a_service"}]}
    result = run("validate", "-e", evidence, "-e", folder(tmp_path / "more", more))
    assert result.exit_code == 0, result.output
    assert re.search(r"services +1 rows", result.output)


# Import and template


@pytest.fixture
def c3(tmp_path: Path) -> Path:
    """A file under a name that says nothing."""
    path = tmp_path / "download (3).dat"
    path.write_text(C3, encoding="utf-8")
    return path


@pytest.fixture
def areas_of_c3(tmp_path: Path) -> Path:
    """Evidence whose areas that file may name: less to read than all that ships."""
    named = [("E06000051", "Shropshire", "local authority"), ("E12000005", "West Midlands", "region")]
    columns = ("area_code", "area_name", "area_type")
    areas = [*BASE["areas"], *(dict(zip(columns, area, strict=True)) for area in named)]
    return folder(tmp_path / "areas", BASE | {"areas": areas})


def test_import_says_what_it_recognised_and_where_the_report_is(c3: Path, out: Path, areas_of_c3: Path) -> None:
    result = run("import", c3, "--to", out, "--areas", areas_of_c3)
    assert result.exit_code == 0, result.output
    assert "download (3).dat: Department for Education, children in need, factors" in result.output
    assert re.search(r"observations +6 rows", result.output)
    assert "column going_missing: 1" in (out / "IMPORT.md").read_text(encoding="utf-8")


def test_what_was_imported_is_evidence_beside_what_ships(c3: Path, out: Path) -> None:
    assert run("import", c3, "--to", out).exit_code == 0
    result = run("validate", "-e", cli.shared.PROJECT / "data" / "published", "-e", out)
    assert result.exit_code == 0, result.output


def test_an_import_of_its_own_is_evidence_without_being_named(
    c3: Path, out: Path, areas_of_c3: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli.shared, "IMPORTED", str(out))
    monkeypatch.setattr(cli.shared, "PUBLISHED", str(areas_of_c3))
    before = run("validate").output
    assert run("import", c3, "--to", out).exit_code == 0
    after = run("validate")
    assert after.exit_code == 0 and f"Evidence: {areas_of_c3} and {out}" in after.output
    assert after.output != before


def test_a_file_that_is_not_recognised_is_a_fault_and_nothing_is_written(
    tmp_path: Path, out: Path, evidence: Path
) -> None:
    path = tmp_path / "names.csv"
    path.write_text(f"Child,Born\n{CHILD},2010-01-01\n", encoding="utf-8")
    result = run("import", path, "--to", out, "--areas", evidence)
    assert result.exit_code == 1 and isinstance(result.exception, SystemExit)
    assert "names.csv: is no file that this project reads" in result.output
    assert CHILD not in result.output and not out.exists()


def test_import_replaces_no_other_folder(c3: Path, evidence: Path, areas_of_c3: Path) -> None:
    before = {path: path.read_bytes() for path in evidence.iterdir()}
    result = run("import", c3, "--to", evidence, "--areas", areas_of_c3)
    assert result.exit_code == 1 and "is left as it is" in result.output
    assert {path: path.read_bytes() for path in evidence.iterdir()} == before


def test_an_import_that_replaces_another_says_which_files_are_no_longer_there(
    c3: Path, out: Path, areas_of_c3: Path
) -> None:
    known = ("--areas", areas_of_c3)
    assert "is replaced" not in run("import", c3, "--to", out, *known).output
    other = c3.with_name("other.csv")
    other.write_text(C3.replace(",21,", ",22,"), encoding="utf-8")
    result = run("import", other, "--to", out, *known)
    assert result.exit_code == 0, result.output
    assert "is replaced; no longer there: download (3).dat" in result.output


def test_template_writes_a_workbook_once(tmp_path: Path) -> None:
    path = tmp_path / "returns.xlsx"
    assert run("template", path).exit_code == 0
    written = path.read_bytes()
    again = run("template", path)
    assert again.exit_code == 1 and "is there already" in again.output
    assert path.read_bytes() == written


def test_all_leaves_out_authorities_of_a_nation_of_which_nothing_is_known(
    tmp_path: Path, asked: Asked, out: Path
) -> None:
    areas = [*BASE["areas"], {"area_code": "W06000015", "area_name": "Elsewhere"}]
    result = run("report", "--all", "-e", folder(tmp_path / "evidence", BASE | {"areas": areas}), "--out", out, *ONE)
    assert result.exit_code == 0, result.output
    assert asked.codes == [FIRST, SECOND]
    assert "1 authorities of which the evidence has no more than the name" in result.output


# Assess, dictionary, synthesise


def test_assess_writes_a_release(evidence: Path, out: Path) -> None:
    result = run("assess", "-e", evidence, "--out", out)
    assert result.exit_code == 0, result.output
    release = Release.read(out)
    assert f"{len(release.tables)} tables" in result.output
    assert release["demand"]["area_code"].tolist() == [FIRST, "E92000001"]


def test_assess_takes_the_place_of_an_older_release(evidence: Path, out: Path) -> None:
    assert [run("assess", "-e", evidence, "--out", out).exit_code for _ in range(2)] == [0, 0]
    assert [path.name for path in out.parent.iterdir() if path.name.startswith(".")] == []


def test_assess_removes_nobodys_files(evidence: Path) -> None:
    before = {path: path.read_bytes() for path in evidence.iterdir()}
    result = run("assess", "-e", evidence, "--out", evidence)
    assert result.exit_code == 1
    assert "is left as it is" in result.output
    assert {path: path.read_bytes() for path in evidence.iterdir()} == before


def test_the_dictionary_has_every_table_and_column() -> None:
    result = run("dictionary")
    assert result.exit_code == 0
    for name, contract in CONTRACTS.items():
        assert name in result.output
        assert [column for column in contract.columns if f"`{column}`" not in result.output] == []


def test_synthesise_writes_labelled_records_that_validate(out: Path) -> None:
    result = run("synthesise", "--out", out, "--seed", "7")
    assert result.exit_code == 0, result.output
    assert "all made up" in result.output
    assert (out / "README.md").read_text(encoding="utf-8").startswith("# SYNTHETIC")
    published = Path(cli.shared.PROJECT) / "data" / "published"
    assert run("validate", "-e", published, "-e", out).exit_code == 0


def test_synthesise_replaces_no_real_records(evidence: Path) -> None:
    before = {path: path.read_bytes() for path in evidence.iterdir()}
    result = run("synthesise", "--out", evidence)
    assert result.exit_code == 1 and isinstance(result.exception, SystemExit)
    assert "is left as it is" in result.output
    assert {path: path.read_bytes() for path in evidence.iterdir()} == before


# As it is installed


def test_the_command_is_installed_and_knows_its_version() -> None:
    command = Path(sys.executable).with_name("needs-assessment")
    done = subprocess.run([command, "--version"], capture_output=True, text=True, timeout=60, check=True)
    assert re.search(r"\d+\.\d+\.\d+", done.stdout)


def test_the_manifest_of_assess_names_no_place_of_the_machine(evidence: Path, out: Path, tmp_path: Path) -> None:
    assert run("assess", "-e", evidence, "--out", out).exit_code == 0
    manifest = (out / "manifest.json").read_text(encoding="utf-8")
    assert str(tmp_path) not in manifest
    assert set(json.loads(manifest)["inputs"]) == {f"evidence/{name}.csv" for name in BASE}
