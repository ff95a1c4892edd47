"""The wall between a return and its readers: whatever is planted in sensitive evidence is in nothing that a run leaves.

The promises are those of `docs/disclosure.md`. Everything is run as a user runs it, failing runs too, and every byte is
searched: what is published, what is said on the terminal, what temporary folders keep, and what git would store.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import shutil
import signal
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from canaries import DIGEST, NUMBER, PSEUDONYM, canary, leaks_under, needles_in, png
from planted import FIRST, SECOND, every_column_of_words
from small_notebooks import END, write_notebook
from wall_runs import CARELESS, PROJECT, REPORT, TELLING, Checkout

from needs_assessment.publish.batch import locked
from needs_assessment.publish.files import aside
from needs_assessment.publish.notebooks import NotebookError, check_parameters

NAME = canary("referrals", "child_id")
FOUND = {"referrals.child_id"}


# The search itself: what it cannot find it would not miss


def archive(text: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr("notes.txt", text)
    return content.getvalue()


WRITTEN: dict[str, Callable[[bytes], bytes]] = {
    "as it is": bytes,
    "in capitals": lambda text: text.decode().upper().encode(),
    "in lower case": lambda text: text.decode().lower().encode(),
    "as a file's name": lambda text: text.replace(b" ", b"_"),
    "base64": base64.b64encode,
    "base64 at an odd place": lambda text: b"/x" + base64.b64encode(b"a" + text + b"bc"),
    "base64 at another": lambda text: b"/y1" + base64.urlsafe_b64encode(b"ab" + text),
    "an address of data": lambda text: b"<a href='data:text/csv;base64," + base64.b64encode(b"id\n" + text) + b"'>",
    "percent-encoding": lambda text: b"data:text/csv," + b"".join(b"%%%02X" % byte for byte in text),
    "UTF-16": lambda text: b"x" + text.decode().encode("utf-16"),
    "UTF-16, other end first": lambda text: text.decode().encode("utf-16-be"),
    "UTF-32": lambda text: text.decode().encode("utf-32-le"),
    "JSON": lambda text: json.dumps({"a": text.decode()}).encode(),
    "character references": lambda text: "".join(f"&#{ord(letter)};" for letter in text.decode()).encode(),
    "between tags": lambda text: b"<b>" + text[:9] + b"</b><i>" + text[9:] + b"</i>",
    "gzip": gzip.compress,
    "a stream": lambda text: b"chunk" + zlib.compress(text),
    "base64 of gzip": lambda text: b"x," + base64.b64encode(gzip.compress(text)),
    "an archive": archive,
    "text of a picture": lambda text: png(b"tEXt", b"Comment\0" + text),
    "compressed text of a picture": lambda text: png(b"zTXt", b"Comment\0\0" + zlib.compress(text)),
    "a picture in a page": lambda text: (
        b"<img src='data:image/png;base64,"
        + base64.b64encode(png(b"iTXt", b"Comment\0\1\0\0\0" + zlib.compress(text)))
        + b"'>"
    ),
}


@pytest.mark.parametrize("how", WRITTEN)
def test_the_search_finds_a_name_however_it_is_written(how: str) -> None:
    assert needles_in(WRITTEN[how](b"..." + NAME.encode() + b"...")) == FOUND


@pytest.mark.parametrize(
    "text",
    [
        "4317",
        "4,317",
        "4\u2009317",
        "4317.0",
        "4317.5",
        "£4,317",
        "(4317)",
        ">4317<",
        "count=4317;",
        "n,4317,c",
        "a|4317|2",
    ],
)
def test_the_search_finds_the_number_however_it_is_written(text: str) -> None:
    assert needles_in(f"a {text} b".encode()) == {str(NUMBER)}
    assert needles_in(base64.b64encode(f"a {text} b".encode())) == {str(NUMBER)}


def test_the_search_finds_what_the_planted_was_turned_into() -> None:
    assert needles_in(b"2,158.5 per 10,000") == needles_in(b"a,2158.5,b") == {f"{NUMBER} as a rate"}
    assert needles_in(f"child p1-{'0a' * 3}-{'1b' * 16}".encode()) == {PSEUDONYM}
    assert needles_in(hashlib.sha256(NAME.encode()).hexdigest().encode()) == {DIGEST}


def test_the_search_finds_nothing_where_nothing_is() -> None:
    other = b"14317 43170 4,3170 0.4317 4.317 a4317b 12-4317-89ab referrals child_id p1-000000 6,400 31.75 2158.4"
    assert needles_in(other + hashlib.sha256(b"other").hexdigest().encode()) == set()
    assert needles_in(Path(__file__).with_name("small_evidence.py").read_bytes()) == set()


def test_the_search_goes_through_every_file_and_every_name(tmp_path: Path) -> None:
    (tmp_path / ".building-1" / "release").mkdir(parents=True)
    (tmp_path / ".building-1" / "release" / ".hidden").write_bytes(gzip.compress(NAME.encode()))
    (tmp_path / f"{NAME}.txt").touch()
    (tmp_path / "clean.txt").write_text("nothing", encoding="utf-8")
    found = leaks_under(tmp_path)
    assert {Path(name).name for name in found} == {".hidden", f"{NAME}.txt"}
    assert leaks_under(tmp_path, but=(tmp_path / ".building-1",)) == {str(tmp_path / f"{NAME}.txt"): FOUND}


# Runs


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A checkout in which everything was run, whatever came of it."""
    made = Checkout.made(tmp_path_factory.mktemp("w"))
    whole, faulty = ("-e", "data/private/return"), ("-e", "data/private/faulty")
    made.together(
        report=[*REPORT, "first", "second", "--document", "area_report"],
        assess=["assess", *whole, "--out", "reports/assessed"],
        validate=["validate", *whole],
        faulty_validate=["validate", *faulty],
    )
    shutil.copytree(made.site, made.base / "as_it_was")
    returned = ["-p", f"returned={made.private / 'return'}"]
    with made.held("reports/locked"):
        made.together(
            careless=[*REPORT, "--all", "--out", "reports/careless", *made.notebook("careless", CARELESS), *returned],
            telling=[*REPORT, "first", *made.notebook("telling", TELLING)],
            locked=[*REPORT, "first", "--out", "reports/locked"],
            faulty_report=["report", "--all", *faulty, "--out", "reports/faulty"],
        )
    made.interrupted(stopped=signal.SIGINT, killed=signal.SIGTERM)
    made.git("add", "--all")
    return made


def test_every_run_ended_as_it_was_meant_to(checkout: Checkout) -> None:
    """Else the search would go through runs that never came to what could leak."""
    ended = {name: said.code for name, said in checkout.said.items()}
    assert ended == {
        "validate": 0,
        "assess": 0,
        "report": 0,
        "careless": 2,  # no area has a report
        "telling": 2,  # the audit refuses the site
        "faulty_report": 1,
        "faulty_validate": 1,
        "locked": 75,
        "stopped": 1,
        "killed": -signal.SIGTERM,
    }, {name: said.words.decode()[-1500:] for name, said in checkout.said.items()}
    words = {name: said.words.decode() for name, said in checkout.said.items()}
    for reason in ("stopped with ValueError", "E06009002.html is not published", "could not be run: DeadKernelError"):
        assert reason in words["careless"]
    assert "0 of 4 reports" in words["careless"]
    assert "the site is not published" in words["telling"]
    for name in ("faulty_report", "faulty_validate"):
        assert "faults in the evidence" in words[name] and "referrals, column referred_on" in words[name]


def test_the_planted_is_in_the_evidence_and_only_there(checkout: Checkout) -> None:
    planted = leaks_under(checkout.private / "return")
    assert set().union(*planted.values()) >= {*every_column_of_words(), str(NUMBER)}
    assert len(every_column_of_words()) >= 25
    searched = leaks_under(checkout.base, but=(checkout.private, checkout.base / "notebooks"))
    assert searched == {}


def test_nothing_that_is_said_on_the_terminal_holds_the_planted(checkout: Checkout) -> None:
    assert {name: found for name, said in checkout.said.items() if (found := needles_in(said.words))} == {}
    assert all(said.words for said in checkout.said.values())


def test_what_is_kept_for_the_analyst_names_no_child_and_is_closed_to_others(checkout: Checkout) -> None:
    kept = checkout.private / "audit"
    assert {name for names in leaks_under(kept).values() for name in names} <= {str(NUMBER)}
    assert [path.stat().st_mode & 0o077 for path in (kept, *kept.iterdir())] == [0] * (1 + len([*kept.iterdir()]))


def test_the_key_of_the_pseudonyms_is_nowhere_else(checkout: Checkout) -> None:
    key = (checkout.base / "home" / "key").read_bytes()
    forms = (key, key.hex().encode(), base64.b64encode(key).rstrip(b"="))
    files = [path for path in checkout.base.rglob("*") if path.is_file() and path.name != "key"]
    assert [path.name for path in files if any(form in path.read_bytes() for form in forms)] == []


def test_a_site_that_the_audit_refuses_leaves_the_earlier_one_as_it_was(checkout: Checkout) -> None:
    before = {path.name: path.read_bytes() for path in (checkout.base / "as_it_was").iterdir() if path.is_file()}
    after = {name: (checkout.site / name).read_bytes() for name in before}
    assert {f"{code}.html" for code in (FIRST, SECOND)} <= set(before)
    assert after == before


def test_nothing_unaudited_is_left_where_readers_look(checkout: Checkout) -> None:
    """But for what a killed run could not clear away, which nobody else can enter and the next run removes."""
    left = [path for path in checkout.site.rglob(".*") if path.name != ".lock"]
    assert [path.parent.name for path in left] == ["killed"]
    assert left[0].stat().st_mode & 0o077 == 0
    for name in ("locked", "stopped"):
        assert [path.name for path in (checkout.site / name).iterdir()] == [".lock"]
    with locked(checkout.site / "killed"), aside(checkout.site / "killed") as building:
        assert [path for path in building.parent.iterdir() if path.is_dir()] == [building]


def test_nothing_is_left_in_temporary_folders_but_by_a_run_that_was_killed(checkout: Checkout) -> None:
    left = {path.relative_to(checkout.base / "t").parts[0] for path in (checkout.base / "t").rglob("*")}
    assert len(left) <= 1 and all(name.startswith("kernel-") for name in left)


def test_git_would_store_nothing_that_the_runs_made(checkout: Checkout) -> None:
    assert checkout.git("ls-files").split() == [".gitignore"]


def test_nothing_outside_its_folders_was_written(checkout: Checkout) -> None:
    folders = {path.relative_to(checkout.project).parts[0] for path in checkout.project.rglob("*")}
    assert folders == {".git", ".gitignore", "data", "reports"}
    assert {path.name for path in checkout.private.iterdir()} == {"return", "faulty", "audit"}
    for name, content in checkout.evidence.items():
        assert (checkout.private / name).read_bytes() == content


# A board's notebook reads the release alone

READER = """
import json, os, pathlib, sys

closed, opened = sys.argv[3:], set()

def seen(event, told):
    if event in ("open", "os.listdir", "os.scandir") and isinstance(told[0], (str, bytes, os.PathLike)):
        path = os.path.abspath(os.fsdecode(told[0]))
        opened.add(path)
        if any(path == one or path.startswith(one + os.sep) for one in closed):
            raise FileNotFoundError(path)

sys.addaudithook(seen)
sys.path.insert(0, sys.argv[1])
import report_page

page = report_page.page("E06009001", pathlib.Path(sys.argv[2]))
print(json.dumps({"page": page, "modules": sorted(sys.modules), "opened": sorted(opened)}))
"""
"""To a process whose every attempt to open one fails, a file is not there."""


@pytest.fixture(scope="module")
def read(checkout: Checkout) -> dict[str, Any]:
    """What the shipped notebook shows, imports and opens where there is a release and no evidence."""
    words = [PROJECT / "tests", checkout.site / "release", checkout.private, PROJECT / "data"]
    done = subprocess.run(
        [sys.executable, "-c", READER, *map(str, words)],
        cwd=checkout.base,
        env=checkout.environment,
        capture_output=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()[-3000:]
    return json.loads(done.stdout)


def test_the_shipped_notebook_gives_the_same_page_where_there_is_no_evidence(
    read: dict[str, Any], checkout: Checkout
) -> None:
    assert read["page"] == (checkout.site / f"{FIRST}.html").read_text(encoding="utf-8")


def test_the_shipped_notebook_opens_no_data_but_the_release(read: dict[str, Any], checkout: Checkout) -> None:
    opened = [Path(path) for path in read["opened"]]
    assert checkout.site / "release" / "demand.csv" in opened
    closed = (checkout.private, PROJECT / "data")
    assert [path for path in opened if any(path.is_relative_to(one) for one in closed)] == []
    data = [path for path in opened if path.suffix in {".csv", ".ods", ".parquet", ".sqlite", ".xlsx"}]
    assert {path.parent for path in data} <= {checkout.site / "release", PROJECT / "needs_assessment" / "geography"}


def test_the_shipped_notebook_imports_nothing_that_reads_records(read: dict[str, Any]) -> None:
    assert "needs_assessment.sections.summary" in read["modules"]
    before_the_gate = tuple(f"needs_assessment.{one}" for one in ("assessment", "evidence", "sources", "synthetic"))
    assert [name for name in read["modules"] if name.startswith(before_the_gate)] == []


@pytest.mark.parametrize(
    "line",
    [
        "from needs_assessment.evidence import read_evidence",
        "import needs_assessment.evidence as records",
        "from needs_assessment import plots, evidence",
        "from needs_assessment import (\n    sources,\n)",
        "from needs_assessment.assessment import assess",
        "import pandas; import needs_assessment.synthetic",
    ],
)
def test_a_notebook_that_imports_what_reads_records_is_refused(line: str, tmp_path: Path) -> None:
    notebook = write_notebook(tmp_path / "own.ipynb", line, END)
    with pytest.raises(NotebookError, match=r"own\.ipynb imports \w+: a report's notebook reads the release alone"):
        check_parameters(notebook, {"area": FIRST, "release": "here"})


def test_a_notebook_that_only_speaks_of_evidence_is_not(tmp_path: Path) -> None:
    lines = (
        "from needs_assessment import plots\nfrom needs_assessment.sections import about\nevidence = sources = about"
    )
    check_parameters(write_notebook(tmp_path / "own.ipynb", lines, END), {"area": FIRST, "release": "here"})
