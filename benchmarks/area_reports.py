"""How long the area reports take, beside what a user would do instead: papermill and nbconvert in a shell loop.

Run from the project folder, with nothing else running: `.venv/bin/python benchmarks/area_reports.py [--areas 4]`.
Both ways start from the same evidence and end with one HTML file an area. Read the ratio, not the seconds.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
AREAS = ["E06000019", "E10000007", "E06000023", "E06000015", "E06000020", "E06000051", "E06000022", "E06000024"]


def run(*command: str | Path) -> None:
    """Runs a command of the environment quietly; a failure ends the benchmark."""
    environment = {**os.environ, "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    subprocess.run([str(part) for part in command], cwd=PROJECT, env=environment, check=True, capture_output=True)


def in_a_loop(areas: list[str], folder: Path) -> None:
    """One area after another, each by two commands, as a shell script would."""
    run(BIN / "needs-assessment", "assess", "--out", folder / "release")
    for area in areas:
        executed = folder / f"{area}.ipynb"
        parameters = ["-p", "area", area, "-p", "release", str(folder / "release")]
        run(BIN / "papermill", "notebooks/area_report.ipynb", executed, *parameters)
        run(BIN / "jupyter", "nbconvert", "--to", "html", "--no-input", executed)


def by_this_project(areas: list[str], folder: Path) -> None:
    """All areas by one command, as many at a time as there are cores."""
    run(BIN / "needs-assessment", "report", *areas, "--document", "area_report", "--out", folder)


def measured(way: Callable[[list[str], Path], None], areas: list[str]) -> tuple[float, float]:
    """Wall-clock and processor seconds of one way, child processes included."""
    with tempfile.TemporaryDirectory() as folder:
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        way(areas, Path(folder))
        after, end = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    return end - start, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Measures both ways in one run and prints their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--areas", type=int, default=4, help="how many areas, at most 8 (default: 4)")
    areas = AREAS[: parser.parse_args().areas]
    results = {way.__name__: measured(way, areas) for way in (in_a_loop, by_this_project)}
    for name, (wall, processor) in results.items():
        print(f"{name.replace('_', ' '):<18}{wall:8.1f} s wall{processor:8.1f} s processor for {len(areas)} areas")
    loop, project = results["in_a_loop"], results["by_this_project"]
    print(
        f"the loop takes {loop[0] / project[0]:.1f} times as long, and {loop[1] / project[1]:.1f} times the processor"
    )


if __name__ == "__main__":
    main()
