"""What git would store: planted files are found, by working tree, by index and by a commit that is refused.

Every number here is made up in the test; those with a right check digit are put together from two halves, so that this
file does not hold them.
"""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from needs_assessment.cli.guard import guard
from needs_assessment.evidence import CONTRACTS, sensitive_tables
from needs_assessment.guard import findings, findings_in_folder, findings_staged, stored_files
from needs_assessment.identifiers import (
    IDENTIFIER_COLUMNS,
    POSTCODE,
    is_date,
    is_learner_number,
    is_nhs_number,
    is_pupil_number,
)

PROJECT = Path(__file__).resolve().parents[1]

# The worked example of the NHS Data Dictionary, and numbers counted out by hand from the published rules.
NHS = "943476" + "5919"
NHS_SPACED = "943 476" + " 5919"
# The worked example of the Higher Education Statistics Agency's student record, field ULN.
LEARNER = "92763" + "08686"
# The example of python-stdnum's gb.upn: 2·8+3·0+4·1+5·2+10·5+13·1 = 93, remainder 1 of 23, the second letter.
PUPIL = "B8012" + "00005001"
# The same with A (value 0) in the last place: 80, remainder 11, the twelfth letter of the 23.
TEMPORARY_PUPIL = "M8012" + "0000500A"
INSURANCE = "AB12" + "3456C"

NOTEBOOK = {"cells": [{"cell_type": "code", "source": [], "outputs": [], "execution_count": None, "metadata": {}}]}
RECORDS = "source_id,child_id,area_code\nours,{},E06000015\n"


def notebook(**cell: object) -> str:
    return json.dumps(NOTEBOOK | {"metadata": {}, "cells": [NOTEBOOK["cells"][0] | cell]})


PLANTED: dict[str, tuple[str, str | bytes, str]] = {
    "a table": ("children.csv", "a,b\n1,2\n", "may hold data"),
    "a workbook": ("docs/Return Q1.XLSX", b"PK\x03\x04\0\0", "may hold data"),
    "a page": ("board/E06000015.html", "<p>", "may hold data"),
    "a private return": ("data/private/q1/sources.csv", "a\n1\n", "never stored"),
    "a private note": ("data/private/q1/notes.txt", "x", "never stored"),
    "a report": ("reports/E06000015.html", "<p>", "never stored"),
    "an NHS number": ("notes.md", f"one\nabout {NHS}\n", "line 2: holds an NHS number"),
    "an NHS number with spaces": ("data/synthetic/notes.csv", f"a\n{NHS_SPACED}\n", "line 2: holds an NHS number"),
    "an NHS number in a program": ("needs_assessment/example.py", f'CHILD = "{NHS}"\n', "line 1: holds an NHS number"),
    "a learner number": ("tests/learners.csv", f"id\n{LEARNER}\n", "line 2: holds a unique learner number"),
    "a pupil number": ("tests/pupils.py", f"x = '{PUPIL}'\n", "line 1: holds a unique pupil number"),
    "a temporary pupil number": ("notes.md", TEMPORARY_PUPIL, "line 1: holds a unique pupil number"),
    "an insurance number": ("CHANGELOG.md", INSURANCE, "line 1: holds a National Insurance number"),
    "a postcode in a table": ("data/published/places.csv", "a,b\n1,DE1 2" + "AB\n", "line 2: holds a postcode"),
    "a name with a number": (f"notes/{PUPIL}.md", "x", "has a name that holds an identifier"),
    "a child's record among published tables": (
        "data/published/official/referrals.csv",
        RECORDS.format("K1"),
        "line 2: is a record of a single child",
    ),
    "a child's record among synthetic tables": (
        "data/synthetic/referrals.csv",
        RECORDS.format("SYNTHETIC-C-E06000015-CCE-0001") + "ours,K1,E06000015\n",
        "line 3: is a record of a single child",
    ),
    "a child's record under another name": (
        "docs/extract.txt",
        RECORDS.format("K1").replace(",", "\t"),
        "line 2: is a record of a single child",
    ),
    "a child's record in UTF-16": (
        "docs/extract.txt",
        RECORDS.format("K1").encode("utf-16"),
        "line 2: is a record of a single child",
    ),
    "a child's record as JSON": ("docs/one.json", '[{"child_id": "K1"}]', "line 1: is a record of a single child"),
    "results": (
        "notebooks/area_report.ipynb",
        notebook(outputs=[{"output_type": "stream", "text": "12"}]),
        "keeps results of cells 0",
    ),
    "a number of its run": ("notebooks/own.ipynb", notebook(execution_count=3), "keeps results of cells 0"),
    "a pasted picture": ("notebooks/own.ipynb", notebook(attachments={"a.png": {}}), "pictures pasted into cells 0"),
    "what papermill leaves": (
        "notebooks/own.ipynb",
        json.dumps(NOTEBOOK | {"metadata": {"papermill": {}}}),
        "executed by papermill",
    ),
    "a broken notebook": ("notebooks/own.ipynb", "{", "cannot be read as a notebook"),
    "a large file": ("docs/long.md", "a\n" * 600_000, "larger than"),
    "a renamed workbook": ("docs/return.md", b"PK\x03\x04\0\0", "neither text nor an image"),
    "a workbook as a picture": ("docs/return.png", b"PK\x03\x04\0\0", "neither text nor an image"),
    "a database in the tests": ("tests/cases.db", b"SQLite format 3\0", "neither text nor an image"),
}
CLEAN: dict[str, str | bytes] = {
    "README.md": "Derby Road, DE1 2" + "AB: the address of a publisher\n",
    "data/private/README.md": "for returns\n",
    "data/published/official/observations.csv": "source_id,area_code,count\nx,E06000015,1234567890\n",
    "data/synthetic/referrals.csv": RECORDS.format("SYNTHETIC-C-E06000015-CCE-0001"),
    "docs/report.png": b"\x89PNG\r\n\x1a\n\0\0",
    "docs/map.png": b"\x89PNG\r\n\x1a\n" + b"\0" * 2_000_000,
    "notebooks/area_report.ipynb": notebook(),
    "notebooks/explore.ipynb": notebook(execution_count=1, outputs=[{"output_type": "stream", "text": "12"}]),
    "needs_assessment/numbers.py": "DIGITS, MANY = '0123456789', 1000000000  # 0.1234567899 12345678990\n",
}


def git(repository: Path, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    own = ["-c", "user.name=A test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false"]
    command = ["git", "-C", str(repository), *own, *words]
    return subprocess.run(command, check=check, capture_output=True, text=True, encoding="utf-8")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty git repository with the project's own .gitignore, as the current folder."""
    # Within a hook, these would lead every git command to the project itself.
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    (tmp_path / ".gitignore").write_bytes((PROJECT / ".gitignore").read_bytes())
    monkeypatch.chdir(tmp_path)
    return tmp_path


def plant(repository: Path, name: str, content: str | bytes) -> None:
    path = repository / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


# Planted files


@pytest.mark.parametrize("planted", PLANTED)
def test_a_planted_file_is_found_once_it_is_staged(planted: str, repository: Path) -> None:
    name, content, rule = PLANTED[planted]
    plant(repository, name, content)
    git(repository, "add", "--force", name)
    # What is staged counts, whatever the folder holds by now.
    (repository / name).unlink()
    told = [str(finding) for finding in findings_staged(repository)]
    assert any(rule in line for line in told), told
    for secret in (NHS, NHS_SPACED, LEARNER, PUPIL, TEMPORARY_PUPIL, INSURANCE, "K1"):
        assert secret not in "\n".join(told)


def test_a_file_that_nobody_has_staged_yet_is_found(repository: Path) -> None:
    plant(repository, "children.csv", "a\n1\n")
    assert [finding.file for finding in findings_in_folder(repository)] == ["children.csv"]
    assert findings_staged(repository) == []
    assert CliRunner().invoke(guard).exit_code == 1


def test_a_file_that_git_ignores_is_let_lie(repository: Path) -> None:
    plant(repository, "data/private/q1/referrals.csv", RECORDS.format("K1"))
    plant(repository, "reports/E06000015.html", NHS)
    assert findings_in_folder(repository) == []


def test_a_clean_repository_passes(repository: Path) -> None:
    for name, content in CLEAN.items():
        plant(repository, name, content)
    git(repository, "add", "--all")
    assert set(stored_files(repository)) == {".gitignore", *CLEAN}
    assert findings_in_folder(repository) == findings_staged(repository) == []
    result = CliRunner().invoke(guard)
    assert (result.exit_code, result.output) == (0, "Nothing was found that must not be stored.\n")


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_a_link_is_not_followed(repository: Path) -> None:
    plant(repository, "data/private/return.txt", RECORDS.format("K1"))
    (repository / "shortcut.txt").symlink_to("data/private/return.txt")
    git(repository, "add", "shortcut.txt")
    assert findings_in_folder(repository) == findings_staged(repository) == []


def test_the_record_that_is_deleted_is_let_go(repository: Path) -> None:
    plant(repository, "children.csv", "a\n1\n")
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", "before the guard")
    git(repository, "rm", "--quiet", "children.csv")
    assert findings_in_folder(repository) == findings_staged(repository) == []


# The command and the hook


def hook(repository: Path) -> None:
    """The guard as the repository's pre-commit hook."""
    path = repository / ".git" / "hooks" / "pre-commit"
    path.parent.mkdir(exist_ok=True)
    program = "from needs_assessment.cli.guard import guard; guard(['--staged'])"
    path.write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "{program}"\n', encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


@pytest.mark.skipif(os.name == "nt", reason="the hook is a shell script")
def test_a_commit_of_planted_files_is_refused_and_one_of_clean_files_is_made(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(PROJECT))
    hook(repository)
    for name, content in CLEAN.items():
        plant(repository, name, content)
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", "clean")
    before = git(repository, "rev-parse", "HEAD").stdout
    for name, content, _ in PLANTED.values():
        plant(repository, name, content)
        git(repository, "add", "--force", name)
    refused = git(repository, "commit", "--quiet", "--message", "planted", check=False)
    assert refused.returncode != 0
    assert git(repository, "rev-parse", "HEAD").stdout == before
    # A name that stands there twice is the last of its files; the name with a number is told with # for its digits.
    for name in {name for name, _, _ in PLANTED.values()} - {PLANTED["a name with a number"][0]}:
        assert name in refused.stderr


@pytest.mark.skipif(os.name == "nt", reason="the hook is a shell script")
def test_commit_all_is_looked_at_as_well(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(PROJECT))
    plant(repository, "notes.md", "clean\n")
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", "clean")
    hook(repository)
    plant(repository, "notes.md", NHS)
    assert git(repository, "commit", "--all", "--quiet", "--message", "not clean", check=False).returncode != 0


def test_files_may_be_named(repository: Path) -> None:
    plant(repository, "notes.md", NHS)
    plant(repository, "other.md", "clean")
    result = CliRunner().invoke(guard, ["other.md"])
    assert result.exit_code == 0
    result = CliRunner().invoke(guard, ["other.md", str(repository / "notes.md")])
    assert result.exit_code == 1
    assert "notes.md, line 1: holds an NHS number" in result.stderr


def test_without_a_checkout_the_guard_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    result = CliRunner().invoke(guard)
    assert result.exit_code == 2
    assert "no git checkout" in result.stderr


def test_the_hook_of_the_project_runs_the_checks_and_they_run_the_guard() -> None:
    (repository,) = yaml.safe_load((PROJECT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    assert [one["entry"] for one in repository["hooks"]] == ["make check"]
    checks = (PROJECT / "Makefile").read_text(encoding="utf-8").split("\ncheck:")[1].split("\n\n")[0]
    assert "tests/test_stored_files.py" in checks


# Identifiers


def test_the_columns_of_identifiers_are_those_of_the_contracts() -> None:
    own = {name for table in sensitive_tables() for name in CONTRACTS[table].columns if name.endswith("_id")}
    assert own - {"source_id"} == set(IDENTIFIER_COLUMNS)


@pytest.mark.parametrize(
    ("number", "valid"),
    [(NHS, is_nhs_number), (LEARNER, is_learner_number), (PUPIL, is_pupil_number), (TEMPORARY_PUPIL, is_pupil_number)],
)
def test_any_other_single_digit_breaks_the_check(number: str, valid: object) -> None:
    assert valid(number)
    for place, digit in enumerate(number):
        for other in set("0123456789") - {digit} if digit.isdigit() else set("ACDEFGHJKLMNPQRTUVWXYZ") - {digit}:
            # A leading zero is no learner number whatever its sum.
            assert not valid(number[:place] + other + number[place + 1 :])


def test_ten_equal_digits_and_numbers_of_programs_are_nobodys() -> None:
    assert not any(is_nhs_number(digit * 10) for digit in "0123456789")
    text = "0123456789 1000000000 2147483647 2147483648 1234567890.5 3.1415926535 a1234567899"
    assert findings(["x.py"], lambda _: text.encode()) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [("SW1A 1" + "AA", 1), ("de1 2" + "ab", 1), ("M1" + "1AE", 1), ("#B0C4DE", 0), ("dt64tz", 0), ("E06000015", 0)],
)
def test_a_postcode_is_told_from_colours_codes_and_words(text: str, found: int) -> None:
    assert len(list(POSTCODE.found(f"at {text}, here"))) == found


@pytest.mark.parametrize(
    ("digits", "day"), [("14032011", True), ("20110314", True), ("31022011", False), ("99999999", False)]
)
def test_eight_digits_are_a_date_only_where_there_is_such_a_day(digits: str, day: bool) -> None:
    assert is_date(digits) is day
