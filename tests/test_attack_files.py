"""The command `attack`: cases in JSON in, intervals in JSON out, and every fault of a file at once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from needs_assessment.disclosure.audit.attack_files import attack as attack_command

SHARED = Path(__file__).resolve().parents[1].parent / "shared"
CASES = SHARED / "cases" / "disclosure" / "attack_cases.json"


def run(content, *options):
    text = content if isinstance(content, str | bytes) else json.dumps(content)
    return CliRunner().invoke(attack_command, ["-", *options], input=text)


def test_the_command_prints_the_intervals_of_every_target():
    case = {
        "id": "seed",
        "statements": [
            {"expr": {"a": 1, "b": 1}, "lo": 2, "hi": 9.5},
            {"expr": {"c": 1, "d": -0.5}, "lo": 0, "hi": None},
        ],
        "targets": [{"name": "a", "expr": {"a": 1}}, {"name": "c", "expr": {"c": 1}}],
        "var_lb": {"a": 1},
        "var_ub": {"a": 7, "b": 7},
    }
    result = run({"note": "ignored", "cases": [case]})
    assert result.exit_code == 0, result.output
    assert json.loads(result.output) == {
        "cases": [
            {
                "id": "seed",
                "targets": [
                    {"name": "a", "lp": [1.0, 7.0], "int": [1, 7]},
                    {"name": "c", "lp": [0.0, None], "int": [0, None]},
                ],
            }
        ]
    }


def test_the_command_reads_a_file_and_its_help_has_an_example_that_works(tmp_path):
    shown = CliRunner().invoke(attack_command, ["--help"]).output
    example = shown[shown.index("'{") + 1 : shown.index("}' |") + 1]
    file = tmp_path / "cases.json"
    file.write_text(example, encoding="utf-8")
    result = CliRunner().invoke(attack_command, [str(file)])
    assert json.loads(result.output)["cases"][0]["targets"] == [{"name": "b", "lp": [3.0, 3.0], "int": [3, 3]}]


def test_every_fault_of_a_case_file_is_listed_at_once_and_no_number_of_it():
    faulty = [
        {
            "id": "one",
            "statements": [{"expr": {}, "lo": True, "high": 23}, 3, {"expr": {"a": "4711"}, "lo": 1, "hi": 1e300}],
            "targets": [{"expr": {"b": 0.5}}, {"name": "x", "expr": {"b": 1}}, {"name": "x", "expr": {"b": 1}}],
            "var_lb": {"a": 1.5},
        },
        {"id": "one", "statements": {}, "targets": []},
        "two",
    ]
    result = run({"cases": faulty})
    assert result.exit_code == 1 and isinstance(result.exception, SystemExit)
    places = [line.split(":")[0] for line in result.output.splitlines()[1:]]
    assert places == [
        "case one, statements 1",
        "case one, statements 1, expr",
        "case one, statements 1, lo",
        "case one, statements 2",
        "case one, statements 3, expr",
        "case one, statements 3, hi",
        "case one, targets 1, name",
        "case one, targets 1, expr",
        "case one, var_lb",
        "case one, targets",
        "case one, statements",
        "case 3",
        "case 'one' is there more than once",
    ]
    assert not any(number in result.output for number in ("4711", "23"))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("{", "not JSON"),
        ("[]", 'a list "cases"'),
        ('{"cases": []}', 'a list "cases"'),
        ('{"cases": [{"id": "a", "id": "b"}]}', "in one object, the field 'id' is there more than once"),
        ('{"cases": [{"id": "a", "targets": [], "statements": [{"expr": {"a": NaN}}]}]}', "statements 1, expr"),
        (b"\xff", "not UTF-8"),
    ],
)
def test_a_file_that_is_no_case_file_is_one_clear_error(content, expected):
    result = run(content)
    assert result.exit_code == 1 and expected in result.output and isinstance(result.exception, SystemExit)


def test_contradictory_cases_are_named_and_nothing_is_printed_for_the_others():
    good = {"id": "good", "statements": [], "targets": [{"name": "a", "expr": {"a": 1}}]}
    bad = {"statements": [{"expr": {"a": 2}, "lo": 3, "hi": 3}], "targets": []}
    result = run({"cases": [good, {"id": "odd", **bad}, {"id": "odder", **bad}]})
    assert result.exit_code == 1 and result.stdout == ""
    assert "2 faults" in result.output and "case odd: " in result.output and "case odder: " in result.output


# The shared cases


@pytest.mark.skipif(not CASES.exists(), reason="the shared cases are not beside the project folder")
def test_every_shared_case_has_its_stated_intervals():
    cases = json.loads(CASES.read_text(encoding="utf-8"))["cases"]
    result = CliRunner().invoke(attack_command, [str(CASES)])
    printed = json.loads(result.output)["cases"]
    assert [case["id"] for case in printed] == [case["id"] for case in cases] and len(cases) >= 27
    for case, answer in zip(cases, printed, strict=True):
        for target, given_back in zip(case["targets"], answer["targets"], strict=True):
            assert given_back["name"] == target["name"]
            assert given_back["lp"] == pytest.approx(target["lp"], abs=1e-6), case["id"]
            assert given_back["int"] == target["int"], case["id"]
