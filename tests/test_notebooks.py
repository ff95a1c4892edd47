"""A notebook runs to its end for the area asked for, or there is a reason that quotes no data."""

from __future__ import annotations

import contextlib
import logging
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from small_notebooks import END, SHOW, write_notebook

from needs_assessment.components import end_mark_text
from needs_assessment.publish import notebooks
from needs_assessment.publish.notebooks import NotebookError, check_parameters, run_notebook, shared_out

AREA = "E06000019"
CHILD = "Jemima Puddle-Duck, born 31/02/2011"


@pytest.fixture
def kernels_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the folders of kernels are made during the test."""
    folder = tmp_path_factory.mktemp("k")  # short, because the paths of sockets may not be long
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture(autouse=True)
def nothing_left_behind(kernels_folder: Path) -> Iterator[None]:
    """After each test no kernel runs and no folder of one is left."""
    yield
    deadline = time.monotonic() + 10
    while _kernels() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert _kernels() == []
    assert list(kernels_folder.iterdir()) == []


def _kernels() -> list[int]:
    """Kernels that this process started and that still run."""
    kernels = []
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):  # it ended meanwhile
            kernels += [child.pid] if any("ipykernel" in word for word in child.cmdline()) else []
    return kernels


def run(notebook: Path, area: str = AREA) -> str:
    """What the last cell shows."""
    executed = run_notebook(notebook, {"area": area, "release": "here"}, end_mark=end_mark_text(area))
    return str(executed.cells[-1].outputs[0].data["text/html"])


def reason(notebook: Path) -> str:
    """Why the notebook has no result."""
    with pytest.raises(NotebookError) as refused:
        run(notebook)
    return str(refused.value)


# Before a kernel starts


def test_parameters_that_the_notebook_has_are_accepted(tmp_path: Path) -> None:
    check_parameters(write_notebook(tmp_path / "a.ipynb"), {"area": AREA, "release": "here"})


def test_an_unknown_parameter_is_refused_with_the_nearest_name(tmp_path: Path) -> None:
    with pytest.raises(NotebookError, match=r"no parameter 'aera' in a.ipynb; did you mean 'area'\?"):
        check_parameters(write_notebook(tmp_path / "a.ipynb"), {"aera": AREA, "release": "here"})


def test_every_unknown_parameter_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(NotebookError) as refused:
        check_parameters(write_notebook(tmp_path / "a.ipynb"), {"aera": "", "release": "", "zzzz": ""})
    first, second = str(refused.value).splitlines()
    assert "'aera'" in first
    assert "'zzzz'" in second and "known: area, release" in second


def test_a_parameter_whose_name_is_code_is_unknown(tmp_path: Path) -> None:
    with pytest.raises(NotebookError, match="no parameter"):
        check_parameters(write_notebook(tmp_path / "a.ipynb"), {"area; print(1); z": ""})


def test_a_notebook_without_parameters_has_none(tmp_path: Path) -> None:
    with pytest.raises(NotebookError, match="known: none"):
        check_parameters(write_notebook(tmp_path / "a.ipynb", parameters="# nothing"), {"area": ""})


def test_a_notebook_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotebookError, match=r"no notebook .*absent\.ipynb"):
        check_parameters(tmp_path / "absent.ipynb", {})


COMMENTED, DATED = (f'area = ""\nrelease = ""\n{name} = ""' for name in ("comment", "day"))


def test_a_parameter_goes_to_the_notebooks_that_have_it(tmp_path: Path) -> None:
    first = write_notebook(tmp_path / "a.ipynb", parameters=COMMENTED)
    second = write_notebook(tmp_path / "b.ipynb", parameters=f'{COMMENTED}\nday = ""')
    given = shared_out({"comment": "x", "day": "y"}, [first, second])
    assert given == {first: {"comment": "x"}, second: {"comment": "x", "day": "y"}}


def test_a_parameter_that_none_has_is_refused_with_the_nearest_of_all(tmp_path: Path) -> None:
    notebooks = [
        write_notebook(tmp_path / "a.ipynb", parameters=COMMENTED),
        write_notebook(tmp_path / "b.ipynb", parameters=DATED),
    ]
    with pytest.raises(NotebookError, match=r"no parameter 'dya' in a.ipynb or b.ipynb; did you mean 'day'\?"):
        shared_out({"dya": "", "comment": ""}, notebooks)


def test_every_faulty_notebook_is_named_at_once(tmp_path: Path) -> None:
    notebooks = [tmp_path / "absent.ipynb", write_notebook(tmp_path / "b.ipynb", parameters='area = ""')]
    with pytest.raises(NotebookError, match=r"(?s)no notebook .*absent\.ipynb.*no parameter 'release' in b\.ipynb"):
        shared_out({}, notebooks)


# To its end


def test_a_notebook_that_reaches_its_end_gives_what_it_shows_over_a_private_channel(tmp_path: Path) -> None:
    transport = "import json\nfrom ipykernel.connect import get_connection_file\n"
    transport += 'transport = json.load(open(get_connection_file(), encoding="utf-8"))["transport"]'
    sources = [SHOW, transport, "HTML(transport + release)", END]
    notebook = write_notebook(tmp_path / "a.ipynb", *sources)
    stored = notebook.read_bytes()
    executed = run_notebook(notebook, {"area": AREA, "release": "'\"\\\n"}, end_mark=end_mark_text(AREA))
    assert executed.cells[-2].outputs[0].data["text/html"] == ("ipc" if os.name == "posix" else "tcp") + "'\"\\\n"
    assert f'data-end-of="{AREA}"' in executed.cells[-1].outputs[0].data["text/html"]
    assert notebook.read_bytes() == stored
    assert list(tmp_path.iterdir()) == [notebook]


# Not to its end

# Papermill numbers the cells together with the one that it puts in: after the import, the one that stops is the fourth.
FAILING = {
    "an error": (f"raise ValueError({CHILD!r})", "cell 4 of a.ipynb stopped with ValueError"),
    "an exit with a code": ("import sys; sys.exit(3)", "cell 4 of a.ipynb stopped with SystemExit"),
    "an exit that papermill takes for success": ("import sys; sys.exit(0)", "a.ipynb did not reach its end"),
    "a killed kernel": ("import os; os.kill(os.getpid(), 9)", "a.ipynb could not be run: DeadKernelError"),
    "a kernel that leaves": ("import os; os._exit(0)", "a.ipynb could not be run: DeadKernelError"),
}


@pytest.mark.parametrize("name", FAILING)
def test_a_notebook_that_stops_is_refused_without_quoting_it(
    name: str, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    source, expected = FAILING[name]
    said = reason(write_notebook(tmp_path / "a.ipynb", SHOW, source, END))
    assert said.startswith(expected)
    told = "".join((said, caplog.text, *capfd.readouterr()))
    assert "Puddle" not in told and "31/02" not in told and "Traceback" not in told


@pytest.mark.parametrize(
    "last",
    ['HTML("No mark of an end.")', f'area = "E10000007"\n{END}', "print('data-end-of=\"E06000019\"')"],
    ids=["no end mark", "the end of another area", "an end mark that is only printed"],
)
def test_a_notebook_that_ends_otherwise_is_refused(last: str, tmp_path: Path) -> None:
    assert "did not reach its end" in reason(write_notebook(tmp_path / "a.ipynb", SHOW, last))


def test_a_cell_that_never_ends_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notebooks, "CELL_TIMEOUT_SECONDS", 2)
    started = time.monotonic()
    said = reason(write_notebook(tmp_path / "a.ipynb", "import time; time.sleep(120)", SHOW, END))
    assert "CellTimeoutError" in said or "stopped with" in said
    assert time.monotonic() - started < 60


def test_what_is_not_a_notebook_is_refused_without_quoting_it(tmp_path: Path) -> None:
    broken = tmp_path / "a.ipynb"
    broken.write_text(CHILD, encoding="utf-8")
    with pytest.raises(NotebookError) as refused:
        run_notebook(broken, {"area": AREA}, end_mark=end_mark_text(AREA))
    assert "Puddle" not in str(refused.value)


def test_the_end_marks_of_two_areas_differ() -> None:
    assert end_mark_text("E06000019") != end_mark_text("E06000051")
    assert '"' not in str(end_mark_text('"><script>')).removeprefix('data-end-of="').removesuffix('"')
