"""What the project's files state more than once, they state alike."""

from __future__ import annotations

import inspect
import re
import tomllib
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from needs_assessment import vocabulary

PROJECT = Path(__file__).resolve().parents[1]
NAMES_ON_CONDA_FORGE = {"pandera-pandas": "pandera", "playwright-python": "playwright"}
INSTALLERS = {"pip", "python"}


def text_of(name: str) -> str:
    return (PROJECT / name).read_text(encoding="utf-8")


def project_file() -> dict[str, Any]:
    return tomllib.loads(text_of("pyproject.toml"))


def bounds(requirements: list[str]) -> dict[str, SpecifierSet]:
    parsed = [Requirement(line) for line in requirements]
    return {canonicalize_name(one.name): one.specifier for one in parsed}


def required_by_the_project() -> dict[str, SpecifierSet]:
    project = project_file()
    groups = [line for group in project["dependency-groups"].values() for line in group if isinstance(line, str)]
    return bounds(project["project"]["dependencies"] + groups)


def required_by_conda() -> dict[str, SpecifierSet]:
    stated = yaml.safe_load(text_of("environment.yml"))["dependencies"]
    from_conda = bounds([line for line in stated if isinstance(line, str)])
    from_pip = bounds([line for line in stated[-1]["pip"] if not line.startswith("-")])
    return {NAMES_ON_CONDA_FORGE.get(name, name): bound for name, bound in (from_conda | from_pip).items()}


def locked_packages() -> list[str]:
    return re.split(r"\n(?=\S)", text_of("requirements.lock"))


def pins(name: str) -> list[str]:
    return re.findall(rf"^{re.escape(name)}(?:\[[\w,-]+\])?==(\S+)", text_of("requirements.lock"), flags=re.MULTILINE)


def test_conda_environment_asks_for_the_packages_and_bounds_of_the_project() -> None:
    conda = required_by_conda()
    assert {name: bound for name, bound in conda.items() if name not in INSTALLERS} == required_by_the_project()


def test_conda_environment_asks_for_the_python_of_the_project() -> None:
    assert required_by_conda()["python"] == SpecifierSet(project_file()["project"]["requires-python"])


def test_makefile_accepts_the_python_of_the_project() -> None:
    first, after_last = re.findall(r"3\.(\d+)", project_file()["project"]["requires-python"])
    assert f"(3, {first}) <= sys.version_info < (3, {after_last})" in text_of("Makefile")


def test_conda_environment_installs_the_project_itself() -> None:
    assert "--editable ." in yaml.safe_load(text_of("environment.yml"))["dependencies"][-1]["pip"]


@pytest.mark.parametrize("name", required_by_the_project())
def test_lock_pins_each_requirement_within_its_bound(name: str) -> None:
    bound, versions = required_by_the_project()[name], pins(name)
    assert versions, f"{name} is not in requirements.lock: run make lock"
    assert all(version in bound for version in versions), f"{name} {versions} is not {bound}: run make lock"


def test_lock_pins_every_package_by_version_and_hash() -> None:
    whole = re.compile(r"[\w.-]+(\[[\w,-]+\])?==\S+( ; [^\n]+)? \\\n    --hash=sha256:[0-9a-f]{64}")
    assert [package.splitlines()[0] for package in locked_packages() if not whole.match(package)] == []


def test_lock_names_no_host() -> None:
    assert "://" not in text_of("requirements.lock")


def test_glossary_explains_every_word_of_the_vocabulary() -> None:
    enumerations = [kind for _, kind in inspect.getmembers(vocabulary, inspect.isclass) if issubclass(kind, StrEnum)]
    words = [str(word) for kind in enumerations for word in kind]
    assert words, "the vocabulary has no words"
    assert [word for word in words if f"`{word}`" not in text_of("GLOSSARY.md")] == []
