"""The command `attack`: what an attacker works out from systems of statements in a JSON file."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import IO, Any, TypeGuard

import click

from needs_assessment.disclosure.audit.systems import InconsistentError, Statement, System, UnprovenError

PLACES = 6
LARGEST, SMALLEST = 10**12, Decimal("1e-12")  # beyond them the solver's own numbers are no longer exact
STATEMENT_FIELDS = {"expr", "lo", "hi"}
EXPECTED = {
    "expr": f"an object of one or more atoms with their coefficients (0, or from {SMALLEST} to {LARGEST:,} either way)",
    "whole expr": "an object of one or more atoms with their coefficients, which for a target are whole",
    "end": f"a number (0, or from {SMALLEST} to {LARGEST:,} either way), or null for no end",
    "limits": "an object of whole numbers by atom",
}


class CaseFileError(Exception):
    """A case file is not as it should be; the message lists every fault."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__("\n".join([f"{len(faults)} fault{'s' * (len(faults) > 1)} in the case file:", *faults]))


@dataclass(frozen=True)
class Case:
    """One system of a case file, with the sums to be attacked in it, by name."""

    identity: str
    system: System
    targets: tuple[tuple[str, dict[str, int]], ...]

    def attacked(self) -> dict[str, Any]:
        """The intervals of each target, as the command prints them; None where there is no end."""
        self.system.solution()  # a case may contradict itself and have no target
        return {"id": self.identity, "targets": [self._target(name, terms) for name, terms in self.targets]}

    def _target(self, name: str, terms: dict[str, int]) -> dict[str, Any]:
        linear = [None if end is None else round(end, PLACES) + 0.0 for end in self.system.interval(terms)]
        return {"name": name, "lp": linear, "int": list(self.system.integer_interval(terms))}


def read_cases(text: str) -> list[Case]:
    """The cases of a JSON text. Raises CaseFileError with every fault, each with its case and field."""
    try:
        content = json.loads(text, parse_float=Decimal, object_pairs_hook=_object)
    except (ValueError, RecursionError) as error:
        place = f" (line {error.lineno}, column {error.colno})" if isinstance(error, json.JSONDecodeError) else ""
        raise CaseFileError([f"not JSON{place}"]) from None
    cases = content.get("cases") if isinstance(content, dict) else None
    if not isinstance(cases, list) or not cases:
        raise CaseFileError(['expected an object with a list "cases" of one or more cases'])
    faults = [fault for number, case in enumerate(cases, 1) for fault in _faults(case, f"case {number}")]
    faults += _repeated([case.get("id") for case in cases if isinstance(case, dict)], "case")
    if faults:
        raise CaseFileError(faults)
    return [_case(case) for case in cases]


def attacked(cases: list[Case]) -> dict[str, Any]:
    """The intervals of every target of every case. Raises CaseFileError with each case that contradicts itself."""
    done, faults = [], []
    for case in cases:
        try:
            done.append(case.attacked())
        except (InconsistentError, UnprovenError) as error:
            faults.append(f"case {case.identity}: {error}")
    if faults:
        raise CaseFileError(faults)
    return {"cases": done}


@click.command()
@click.argument("file", type=click.File("rb"))
def attack(file: IO[bytes]) -> None:
    """Print what an attacker works out from published figures.

    FILE holds systems of statements, low <= sum of coefficient x atom <= high, in JSON; - reads standard input. Atoms
    are whole numbers from 0, or from and to what "var_lb" and "var_ub" say. For each target the least and the greatest
    value is printed, "lp" if counts could be fractions and "int" as whole numbers; null where there is no end.

    \b
    Example: 15 is printed for a and b together, and 12 for a.
      echo '{"cases": [{"id": "one", "statements": [
        {"expr": {"a": 1, "b": 1}, "lo": 15, "hi": 15}, {"expr": {"a": 1}, "lo": 12, "hi": 12}],
        "targets": [{"name": "b", "expr": {"b": 1}}]}]}' | python -m needs_assessment.disclosure attack -
    prints "lp": [3.0, 3.0] and "int": [3, 3]: the withheld b is known to be 3.
    """
    try:
        answer = attacked(read_cases(file.read().decode("utf-8-sig")))
    except UnicodeDecodeError:
        raise click.ClickException("the case file is not UTF-8 text") from None
    except CaseFileError as error:
        raise click.ClickException(str(error)) from None
    click.echo(json.dumps(answer, indent=1, ensure_ascii=False))


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    faults = _repeated([name for name, _ in pairs], "in one object, the field")
    if faults:
        raise CaseFileError(faults)
    return dict(pairs)


def _case(case: dict[str, Any]) -> Case:
    statements = [Statement(said["expr"], said.get("lo"), said.get("hi")) for said in case["statements"]]
    system = System(statements, lower=_limits(case, "var_lb"), upper=_limits(case, "var_ub"))
    targets = tuple(
        (target["name"], {atom: int(factor) for atom, factor in target["expr"].items()}) for target in case["targets"]
    )
    return Case(case["id"], system, targets)


def _limits(case: dict[str, Any], name: str) -> dict[str, int]:
    return {atom: int(limit) for atom, limit in (case.get(name) or {}).items()}


def _faults(case: object, place: str) -> Iterator[str]:
    if not isinstance(case, dict):
        yield f"{place}: expected an object"
        return
    if isinstance(case.get("id"), str) and case["id"]:
        place = f"case {case['id']}"
    else:
        yield f"{place}, id: expected a text"
    yield from _listed(case, "statements", place, _statement_faults)
    yield from _listed(case, "targets", place, _target_faults)
    for name in ("var_lb", "var_ub"):
        limits = case.get(name)
        if limits is not None and not (isinstance(limits, dict) and all(map(_is_whole, limits.values()))):
            yield f"{place}, {name}: expected {EXPECTED['limits']}"
    if isinstance(case.get("targets"), list):
        names = [target.get("name") for target in case["targets"] if isinstance(target, dict)]
        yield from (f"{place}, targets: {fault}" for fault in _repeated(names, "target"))


def _listed(
    case: dict[str, Any], name: str, place: str, faults: Callable[[dict[str, Any]], Iterator[str]]
) -> Iterator[str]:
    """The faults of each entry of a list of a case."""
    entries = case.get(name)
    if not isinstance(entries, list):
        yield f"{place}, {name}: expected a list"
        return
    for number, entry in enumerate(entries, 1):
        found = faults(entry) if isinstance(entry, dict) else iter([": expected an object"])
        yield from (f"{place}, {name} {number}{fault}" for fault in found)


def _statement_faults(said: dict[str, Any]) -> Iterator[str]:
    unknown = sorted(said.keys() - STATEMENT_FIELDS)
    if unknown:
        yield f": expected only expr, lo and hi, got also {', '.join(unknown)}"
    if not _is_sum(said.get("expr"), _is_number):
        yield f", expr: expected {EXPECTED['expr']}"
    for name in ("lo", "hi"):
        if said.get(name) is not None and not _is_number(said[name]):
            yield f", {name}: expected {EXPECTED['end']}"


def _target_faults(target: dict[str, Any]) -> Iterator[str]:
    if not isinstance(target.get("name"), str) or not target["name"]:
        yield ", name: expected a text"
    if not _is_sum(target.get("expr"), _is_whole):
        yield f", expr: expected {EXPECTED['whole expr']}"


def _repeated(names: list[object], what: str) -> list[str]:
    texts = [name for name in names if isinstance(name, str)]
    return [f"{what} {name!r} is there more than once" for name in sorted({n for n in texts if texts.count(n) > 1})]


def _is_sum(expression: object, is_coefficient: Callable[[object], bool]) -> bool:
    return isinstance(expression, dict) and bool(expression) and all(map(is_coefficient, expression.values()))


def _is_number(value: object) -> TypeGuard[int | Decimal]:
    if not isinstance(value, int | Decimal) or isinstance(value, bool):
        return False
    size = Decimal(value).copy_abs()
    return size == 0 or SMALLEST <= size <= LARGEST


def _is_whole(value: object) -> bool:
    return _is_number(value) and value == int(value)
