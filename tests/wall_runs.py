"""Runs of the command line on the planted evidence, as a user has them: in a checkout, with a home and a folder for
temporary files that hold nothing else.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from filelock import FileLock
from planted import FIRST, FOURTH, SECOND, THIRD, faulty_tables, tables
from small_evidence import folder
from small_notebooks import END, SHOW, write_notebook

PROJECT = Path(__file__).resolve().parents[1]
PROGRAM = "from needs_assessment.cli import main; main()"
REPORT = ("report", "-e", "data/private/return", "--workers", "2")
SECONDS = 240

# For one area an error that quotes the records, for one a table of the release, for one a kernel that dies, and for the
# last the records themselves.
CARELESS = f"""import os, pandas, pathlib
if area == "{FIRST}": raise ValueError(pathlib.Path(returned, "referrals.csv").read_text(encoding="utf-8"))
if area == "{SECOND}": print(pandas.read_csv(f"{{release}}/demand.csv").to_string())
if area == "{THIRD}": os.kill(os.getpid(), 9)
pandas.read_csv(f"{{returned}}/referrals.csv") if area == "{FOURTH}" else None"""
TELLING = 'HTML("<p>Of the offences, 4,317 were recorded in Second.</p>")'
SLOW = "import time; time.sleep(120)"
PARAMETERS = 'area = "CHOOSE AN AREA"\nrelease = "nowhere"\nreturned = "nowhere"'


@dataclass(frozen=True)
class Said:
    """What a command left: its exit code, and every byte that it wrote to the terminal."""

    code: int
    words: bytes


@dataclass
class Checkout:
    """A checkout of the project with the planted return in data/private, and everything that its commands may write."""

    base: Path
    said: dict[str, Said] = field(default_factory=dict)
    evidence: dict[str, bytes] = field(default_factory=dict)

    @classmethod
    def made(cls, base: Path) -> Checkout:
        """A checkout without the project's own data: git ignores what it ignores in the project."""
        for name in ("home", "t", "project", "notebooks"):  # short, because the paths of sockets may not be long
            (base / name).mkdir()
        checkout = cls(base)
        shutil.copy(PROJECT / ".gitignore", checkout.project)
        folder(checkout.private / "return", tables())
        folder(checkout.private / "faulty", faulty_tables())
        for path in (checkout.private / "return", checkout.private / "faulty"):
            path.chmod(0o700)
            checkout.evidence |= {f"{path.name}/{file.name}": file.read_bytes() for file in path.iterdir()}
        checkout.git("init", "--quiet")
        return checkout

    @property
    def project(self) -> Path:
        return self.base / "project"

    @property
    def private(self) -> Path:
        return self.project / "data" / "private"

    @property
    def site(self) -> Path:
        return self.project / "reports"

    @property
    def environment(self) -> dict[str, str]:
        home, temporary = str(self.base / "home"), str(self.base / "t")
        own = {"HOME": home, "XDG_CONFIG_HOME": f"{home}/.config", "NEEDS_ASSESSMENT_KEY_FILE": f"{home}/key"}
        return os.environ | own | {"TMPDIR": temporary, "SOURCE_DATE_EPOCH": "1743379200"}

    def git(self, *command: str) -> str:
        done = subprocess.run(["git", *command], cwd=self.project, capture_output=True, text=True, check=True)
        return done.stdout

    def notebook(self, name: str, cell: str) -> list[str]:
        """The options that run a small notebook with this cell. It lies where nobody searches: it may name a number."""
        path = write_notebook(self.base / "notebooks" / f"{name}.ipynb", SHOW, cell, END, parameters=PARAMETERS)
        return ["--notebook", str(path)]

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-c", PROGRAM, *command],
            cwd=self.project,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def together(self, **commands: list[str]) -> None:
        """Runs commands at the same time and keeps what they say."""
        started = {name: self.start(*command) for name, command in commands.items()}
        for name, process in started.items():
            words, _ = process.communicate(timeout=SECONDS)
            self.said[name] = Said(process.returncode, words)

    @contextmanager
    def held(self, out: str) -> Iterator[None]:
        """A folder that another run holds."""
        (self.project / out).mkdir(parents=True)
        with FileLock(self.project / out / ".lock"):
            yield

    def interrupted(self, **how: signal.Signals) -> None:
        """Reports that are cut off while their kernels run: Ctrl+C reaches every process, a kill the first alone."""
        slow = self.notebook("slow", SLOW)
        started = {name: self.start(*REPORT, "first", "--out", f"reports/{name}", *slow) for name in how}
        _until(lambda: len([*(self.base / "t").glob("kernel-*/kernel.json")]) == len(how))
        time.sleep(2)
        for name, process in started.items():
            children = psutil.Process(process.pid).children(recursive=True)
            if how[name] is signal.SIGINT:
                os.killpg(process.pid, signal.SIGINT)
            else:
                process.send_signal(how[name])
                process.wait(SECONDS)
                _end(children)
            words, _ = process.communicate(timeout=SECONDS)
            self.said[name] = Said(process.returncode, words)
            _end(children)


def _end(processes: list[psutil.Process]) -> None:
    """Ends what a killed command has left running."""
    for process in processes:
        if process.is_running():
            process.kill()
    psutil.wait_procs(processes, timeout=10)


def _until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not true():
        assert time.monotonic() < deadline, "the kernels did not start"
        time.sleep(0.1)
