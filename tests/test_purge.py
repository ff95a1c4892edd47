"""Deleting returns that have been kept for long enough, and nothing else."""

from __future__ import annotations

import importlib
import os
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from small_evidence import ONE_OF_EACH, PRIVATE, PUBLIC, folder

command = importlib.import_module("needs_assessment.cli.purge")
RETURN = {name: ONE_OF_EACH[name] for name in ("sources", "referrals", "risk_reviews")}
SECRET = "Jemima Puddle-Duck"


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with an old and a new return, and what is stored with the project, as the current folder."""
    monkeypatch.chdir(tmp_path)
    private = tmp_path / "data" / "private"
    folder(private / "old", {**RETURN, "referrals": [ONE_OF_EACH["referrals"][0] | {"child_id": SECRET}]})
    folder(private / "new", RETURN)
    for name in ("README.md", ".gitignore"):
        (private / name).write_text("stays\n", encoding="utf-8")
    (private / "old" / f"{SECRET}.docx").write_text(SECRET, encoding="utf-8")
    aged(private / "old", 100)
    for name in ("README.md", ".gitignore"):
        aged(private / name, 100)
    return tmp_path


def aged(path: Path, days: float) -> Path:
    """The path, last changed so many days ago with everything in it."""
    changed = time.time() - days * 86_400
    for one in [path, *path.rglob("*")]:
        os.utime(one, (changed, changed), follow_symlinks=False)
    return path


def purge(*words: object, answer: str = "") -> Result:
    return CliRunner().invoke(command.purge, [str(word) for word in words], input=answer)


def names() -> set[str]:
    return {path.name for path in Path("data/private").iterdir()}


STAYS = {"README.md", ".gitignore"}


def test_an_old_return_is_deleted_whole_and_what_is_stored_with_the_project_stays() -> None:
    result = purge("--older-than", 90, "--yes")
    assert (result.exit_code, names()) == (0, {"new", *STAYS})
    assert "1 of 1 deleted" in result.output


def test_the_list_tells_age_size_and_tables_and_no_content() -> None:
    result = purge("--older-than", 90)
    line = next(line for line in result.output.splitlines() if "data/private/old" in line.replace("\\", "/"))
    assert line.split()[:2] == ["100", "days"]
    assert "(sources, referrals, risk_reviews and 1 other file)" in line
    assert SECRET not in result.output


@pytest.mark.parametrize(("days", "found"), [(99, True), (100, True), (101, False)])
def test_a_return_goes_once_it_is_older_than_the_days(days: int, found: bool) -> None:
    # Made 100 days ago, and some moments before now.
    assert ("data/private/old" in purge("--older-than", days).output.replace("\\", "/")) is found


def test_one_file_that_is_still_in_use_keeps_its_whole_return() -> None:
    (Path("data/private/old") / "referrals.csv").touch()
    result = purge("--older-than", 90, "--yes")
    assert (result.exit_code, names()) == (0, {"old", "new", *STAYS})
    assert "Nothing in" in result.output


def test_nothing_is_deleted_where_nobody_is_there_to_answer() -> None:
    result = purge("--older-than", 0)
    assert (result.exit_code, names()) == (0, {"old", "new", *STAYS})
    assert "Nothing was deleted" in result.output and "--yes" in result.output


@pytest.mark.parametrize(("answer", "code", "left"), [("y\n", 0, set()), ("n\n", 1, {"old"})])
def test_at_a_terminal_it_asks(answer: str, code: int, left: set[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "_at_a_terminal", lambda: True)
    result = purge("--older-than", 90, answer=answer)
    assert (result.exit_code, names()) == (code, {"new", *STAYS, *left})


def test_one_return_may_be_named() -> None:
    assert purge("data/private/old", "--older-than", 90, "--yes").exit_code == 0
    assert names() == {"new", *STAYS}
    assert "Nothing in" in purge("data/private/new", "--older-than", 90, "--yes").output
    assert "new" in names()


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_links_are_removed_and_never_followed(project: Path) -> None:
    elsewhere = folder(project / "elsewhere", RETURN)
    link = Path("data/private/link")
    link.symlink_to(elsewhere)
    aged(link, 100)
    (Path("data/private/old") / "inside").symlink_to(elsewhere)
    aged(Path("data/private/old"), 100)
    assert purge("--older-than", 90, "--yes").exit_code == 0
    assert names() == {"new", *STAYS}
    assert (elsewhere / "referrals.csv").exists()


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_the_folder_of_returns_may_be_a_link_to_an_encrypted_disk(project: Path) -> None:
    disk = project / "disk"
    Path("data/private").rename(disk)
    Path("data/private").symlink_to(disk)
    assert purge("--older-than", 90, "--yes").exit_code == 0
    assert names() == {"new", *STAYS}


@pytest.mark.parametrize("way", ["data/published", "data/private/../published", "data/private/..", "."])
@pytest.mark.parametrize("yes", [True, False])
def test_what_is_not_private_evidence_is_refused(way: str, yes: bool, project: Path) -> None:
    folder(project / "data" / "published", {"sources": [{"source_id": PUBLIC}]})
    before = sorted(project.rglob("*"))
    result = purge(way, "--older-than", 0, *(["--yes"] if yes else []))
    assert (result.exit_code, sorted(project.rglob("*"))) == (1, before)
    assert "is outside" in result.stderr


def test_private_evidence_elsewhere_is_deleted_only_with_yes(project: Path) -> None:
    own = folder(project / "elsewhere", RETURN)
    assert purge(own, "--older-than", 0).exit_code == 1
    assert own.exists()
    assert purge(own, "--older-than", 0, "--yes").exit_code == 0
    assert not own.exists()


def test_synthetic_evidence_and_folders_with_anything_else_are_not_private_evidence(project: Path) -> None:
    generated = {"source_id": PRIVATE, "public": "false", "synthetic": "true"}
    made_up = folder(project / "made up", {**RETURN, "sources": [generated]})
    # Neither public nor synthetic, but with the user's own file.
    mixed = folder(project / "mixed", RETURN)
    (mixed / "thesis.txt").write_text("own words", encoding="utf-8")
    for path in (made_up, mixed):
        assert purge(path, "--older-than", 0, "--yes").exit_code == 1
        assert path.exists()


def test_what_is_stored_with_the_project_cannot_be_named() -> None:
    assert purge("data/private/README.md", "--older-than", 0, "--yes").exit_code == 1
    assert names() >= STAYS


def test_a_folder_that_is_not_there_is_said_so() -> None:
    result = purge("data/private/none", "--older-than", 0)
    assert result.exit_code == 1
    assert "is not there" in result.stderr


def test_what_cannot_be_deleted_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(path: Path) -> None:
        raise PermissionError

    monkeypatch.setattr(command.shutil, "rmtree", refused)
    result = purge("--older-than", 90, "--yes")
    assert result.exit_code == 1
    assert "could not be deleted whole" in result.stderr and "0 of 1 deleted" in result.output


def test_help_shows_examples_and_the_days_must_be_said() -> None:
    assert "needs-assessment purge --older-than 365" in purge("--help").output
    assert purge().exit_code == 2
