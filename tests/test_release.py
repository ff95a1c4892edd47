"""The release folder: written whole or not at all, and read back as it was written."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from needs_assessment.release import MANIFEST, Release, ReleaseError

FIGURES = pd.DataFrame(
    {
        "area_code": pd.array(["E06000019", "E06000051"], dtype="string"),
        "period_end": pd.array(["2024-02-29", None], dtype="datetime64[us]"),
        "count": pd.array([24, None], dtype="Int64"),
        "value": [6.968843462353768, np.nan],
        "share": pd.array([None, 0.1], dtype="Float64"),
        "missing": pd.array([None, "c"], dtype="string"),
        "whole_band": [True, False],
        "public": pd.array([None, True], dtype="boolean"),
        "rows": [1, 2],
    }
)


def small(count: int = 24) -> Release:
    figures = FIGURES.assign(count=pd.array([count, None], dtype="Int64"))
    return Release({"figures": figures, "areas": FIGURES[["area_code"]]}, {"synthetic": False})


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


# Worked


def test_a_release_comes_back_as_it_was_written(tmp_path):
    written = small()
    read = Release.read(written.write(tmp_path / "release"))
    assert list(read.tables) == ["figures", "areas"]
    for name, table in written.tables.items():
        assert_frame_equal(read[name], table, check_exact=True)


def test_the_manifest_comes_back_with_the_rows_columns_and_hash_of_each_table(tmp_path):
    manifest = Release.read(small().write(tmp_path / "release")).manifest
    assert manifest["synthetic"] is False
    assert manifest["tables"]["areas"]["rows"] == 2
    assert manifest["tables"]["areas"]["columns"] == {"area_code": "string"}
    assert len(manifest["tables"]["areas"]["sha256"]) == 64


def test_a_table_of_a_release_comes_as_a_copy():
    release = small()
    figures = release["figures"]
    figures["count"] = 0
    assert release["figures"]["count"][0] == 24


def test_a_table_that_is_not_there_is_named_with_those_that_are():
    with pytest.raises(KeyError, match="the release has no table 'children'; it has: figures, areas"):
        small()["children"]


def test_the_same_release_gives_the_same_bytes(tmp_path):
    first, second = small().write(tmp_path / "first"), small().write(tmp_path / "second")
    assert contents(first) == contents(second)


def test_the_folders_above_are_made(tmp_path):
    assert Release.read(small().write(tmp_path / "reports" / "2024" / "release"))["areas"].shape == (2, 1)


def test_a_new_release_replaces_the_old_one_whole(tmp_path):
    Release({"gone": FIGURES}).write(tmp_path / "release")
    small(25).write(tmp_path / "release")
    assert set(contents(tmp_path / "release")) == {"figures.csv", "areas.csv", MANIFEST}
    assert Release.read(tmp_path / "release")["figures"]["count"][0] == 25
    assert [path.name for path in tmp_path.iterdir()] == ["release"]


def test_the_published_release_comes_back_as_it_was_written(release, tmp_path):
    read = Release.read(release.write(tmp_path / "release"))
    for name, table in release.tables.items():
        assert_frame_equal(read[name], table, check_exact=True)
    # The manifest is the same but for what writing adds to it.
    assert {key: value for key, value in read.manifest.items() if key != "tables"} == json.loads(
        json.dumps(release.manifest)
    )


# Faults


def test_a_folder_without_a_manifest_holds_no_release(tmp_path):
    with pytest.raises(ReleaseError, match="holds no release; make one with: needs-assessment assess"):
        Release.read(tmp_path)


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda path: path.write_bytes(path.read_bytes().replace(b"24,", b"23,")), id="a changed figure"),
        pytest.param(lambda path: path.write_bytes(path.read_bytes() + b"\n"), id="a line more"),
        pytest.param(lambda path: path.write_bytes(path.read_bytes()[:-1]), id="cut short"),
        pytest.param(lambda path: path.unlink(), id="gone"),
    ],
)
def test_a_table_that_was_changed_since_is_refused(damage, tmp_path):
    folder = small().write(tmp_path / "release")
    damage(folder / "figures.csv")
    with pytest.raises(ReleaseError, match="the table figures is not as it was written; make the release again"):
        Release.read(folder)


# A failed write


def test_a_failing_write_leaves_the_old_release_and_nothing_beside_it(tmp_path):
    folder = small().write(tmp_path / "release")
    before = contents(folder)
    # The manifest is written after the tables; what it cannot hold stops the write there.
    with pytest.raises(TypeError):
        Release({"figures": FIGURES}, {"synthetic": object()}).write(folder)
    assert contents(folder) == before
    assert [path.name for path in tmp_path.iterdir()] == ["release"]


def test_a_failing_first_write_leaves_nothing(tmp_path):
    with pytest.raises(TypeError):
        Release({"figures": FIGURES}, {"synthetic": object()}).write(tmp_path / "release")
    assert not list(tmp_path.iterdir())


def test_an_old_release_is_put_back_when_the_new_one_cannot_take_its_place(tmp_path, monkeypatch):
    folder = small().write(tmp_path / "release")
    before = contents(folder)
    moves = []

    def second_fails(source: Path, target: Path) -> None:
        moves.append((source.name, target.name))
        if len(moves) == 2:
            raise PermissionError("a file of it is open")
        source.rename(target)

    monkeypatch.setattr(Path, "replace", second_fails)
    with pytest.raises(PermissionError):
        small(25).write(folder)
    assert len(moves) == 3
    assert contents(folder) == before
    assert [path.name for path in tmp_path.iterdir()] == ["release"]


# Property: values of every type that releases hold come back exactly

cells = {
    "string": st.none() | st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1),
    "Int64": st.none() | st.integers(-(2**53), 2**53),
    "int64": st.integers(-(2**53), 2**53),
    "float64": st.floats(allow_nan=True),
    "Float64": st.none() | st.floats(allow_nan=False, allow_infinity=False),
    "boolean": st.none() | st.booleans(),
    "bool": st.booleans(),
    "datetime64[us]": st.none() | st.dates().map(pd.Timestamp),
}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 6), st.data())
def test_values_of_every_type_come_back_exactly(tmp_path, length, data):
    columns = {
        dtype: pd.Series(data.draw(st.lists(values, min_size=length, max_size=length)), dtype=dtype)
        for dtype, values in cells.items()
    }
    written = Release({"figures": pd.DataFrame(columns)})
    assert_frame_equal(
        Release.read(written.write(tmp_path / "release"))["figures"], written["figures"], check_exact=True
    )


@pytest.mark.parametrize(
    "text", ["NA", "null", "01", "1.0", " padded ", "two\nlines", 'a "quotation", and a comma', "=1+1"]
)
def test_text_comes_back_as_text(text, tmp_path):
    written = Release({"figures": pd.DataFrame({"a": pd.array([text], dtype="string"), "b": [1]})})
    assert Release.read(written.write(tmp_path / "release"))["figures"]["a"][0] == text


def test_a_folder_of_other_files_is_never_replaced(tmp_path):
    note = tmp_path / "work" / "note.txt"
    note.parent.mkdir()
    note.write_text("somebody's", encoding="utf-8")
    with pytest.raises(ReleaseError, match="holds other files"):
        Release({"areas": pd.DataFrame({"area_code": ["E06000019"]})}).write(note.parent)
    assert [path.name for path in tmp_path.rglob("*")] == ["work", "note.txt"]
