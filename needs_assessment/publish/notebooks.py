"""Runs a parameterised notebook to its end, or says why it did not."""

from __future__ import annotations

import difflib
import logging
import os
import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import nbformat
import papermill
from nbformat import NotebookNode
from papermill.exceptions import PapermillExecutionError
from traitlets.config import Config

CELL_TIMEOUT_SECONDS = 300
KERNEL = "python3"


GIVEN = ("area", "release")
"""The parameters that every report's notebook has: each page is given its own."""


class NotebookError(Exception):
    """A notebook that cannot be run as asked, or that stopped before its end."""


def shared_out(parameters: Mapping[str, str], notebooks: Sequence[Path]) -> dict[Path, dict[str, str]]:
    """What each notebook is given of `parameters`: those that it has.

    Raises NotebookError with every fault: a notebook that `check_parameters` refuses, a parameter that none has.
    """
    faults = [fault for notebook in notebooks for fault in _faults(notebook)]
    if faults:
        raise NotebookError("\n".join(faults))
    known = {notebook: _known_parameters(notebook) for notebook in notebooks}
    together = list(dict.fromkeys(name for names in known.values() for name in names))
    _refuse_unknown(parameters, together, " or ".join(notebook.name for notebook in notebooks))
    return {
        notebook: {name: value for name, value in parameters.items() if name in names}
        for notebook, names in known.items()
    }


def _faults(notebook: Path) -> list[str]:
    try:
        check_parameters(notebook, dict.fromkeys(GIVEN, ""))
    except NotebookError as error:
        return [str(error)]
    return []


def check_parameters(notebook: Path, parameters: Mapping[str, str]) -> None:
    """Nothing, when the notebook's cell tagged `parameters` has every name. Otherwise NotebookError with the nearest
    names; and NotebookError where it imports what reads records, since a board's notebook reads the release alone.

    Papermill only logs a name that the notebook does not have, and would go on with the default.
    """
    if not notebook.is_file():
        raise NotebookError(f"there is no notebook {notebook}")
    _check_imports(notebook)
    _refuse_unknown(parameters, _known_parameters(notebook), notebook.name)


def _known_parameters(notebook: Path) -> list[str]:
    with _quiet():
        return list(papermill.inspect_notebook(str(notebook)))


def _refuse_unknown(parameters: Mapping[str, str], known: list[str], where: str) -> None:
    unknown = [name for name in parameters if name not in known]
    if unknown:
        raise NotebookError("\n".join(f"no parameter {name!r} in {where}; {_nearest(name, known)}" for name in unknown))


def _check_imports(notebook: Path) -> None:
    """Against a slip, not against intent: who wants to can read a file in other ways."""
    cells = nbformat.read(notebook, as_version=4).cells
    found = [name for cell in cells if cell.cell_type == "code" for name in _BEFORE_THE_GATE.findall(cell.source)]
    if found:
        raise NotebookError(f"{notebook.name} imports {found[0]}: a report's notebook reads the release alone")


_BEFORE_THE_GATE = re.compile(
    r"(?:from|import)\s+needs_assessment(?:\s*\.|\s+import\s+(?:\([\w\s,]*?|[\w ,]*?))"
    r"\b(assessment|evidence|sources|synthetic)\b"
)


def _nearest(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known) or 'none'}"


def run_notebook(notebook: Path, parameters: Mapping[str, str], *, end_mark: str) -> NotebookNode:
    """The executed notebook. The result is trusted only if its last cell shows `end_mark`.

    Raises NotebookError with the kind of the error that stopped it. The message of that error may quote data, so it
    is not passed on; it stands in the exception's `__cause__` for who debugs the notebook.
    """
    try:
        executed = _execute(notebook, parameters)
    except PapermillExecutionError as error:
        raise NotebookError(f"cell {error.exec_count} of {notebook.name} stopped with {error.ename}") from error
    except Exception as error:  # a dead kernel, a time-out, a full disk: each is a failure of this area alone
        raise NotebookError(f"{notebook.name} could not be run: {type(error).__name__}") from error
    if end_mark not in _last_output(executed):
        raise NotebookError(f"{notebook.name} did not reach its end for the area asked for")
    return nbformat.from_dict(executed)


def _execute(notebook: Path, parameters: Mapping[str, str]) -> NotebookNode:
    with _quiet(), tempfile.TemporaryDirectory(prefix="kernel-") as private:
        return papermill.execute_notebook(
            str(notebook),
            None,
            dict(parameters),
            kernel_name=KERNEL,
            progress_bar=False,
            log_output=False,
            execution_timeout=CELL_TIMEOUT_SECONDS,
            autosave_cell_every=0,
            config=_kernel_config(Path(private)),
            shutdown_kernel="immediate",
        )


def _kernel_config(private: Path) -> Config:
    """Kernels that talk through a folder of this user alone: over TCP, any user of the machine could read the cells."""
    if os.name != "posix":
        return Config()
    return Config(
        {
            "KernelManager": {
                "transport": "ipc",
                "ip": str(private / "ipc"),
                "connection_file": str(private / "kernel.json"),
            }
        }
    )


def _last_output(executed: NotebookNode) -> str:
    outputs = executed.cells[-1].get("outputs", [])
    return "".join(str(output.get("data", {}).get("text/html", "")) for output in outputs)


class _quiet:
    """Papermill's log is for a person who watches one notebook; a batch has its own progress."""

    def __enter__(self) -> None:
        self.logger = logging.getLogger("papermill")
        self.level = self.logger.level
        self.logger.setLevel(logging.ERROR)

    def __exit__(self, *_: object) -> None:
        self.logger.setLevel(self.level)
