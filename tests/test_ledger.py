"""The ledger of a series: what was printed stays printed, no file is lost unnoticed, no hidden count is kept."""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from types import ModuleType

import pytest
from click.testing import CliRunner, Result
from filelock import FileLock
from hypothesis import given, settings
from hypothesis import strategies as st

from needs_assessment.cli.ledger import ledger as command
from needs_assessment.disclosure.cells import Status
from needs_assessment.disclosure.ledger import Ledger, LedgerError, Lock, Row, reconcile, renamed
from needs_assessment.disclosure.ledger_files import file_name
from needs_assessment.disclosure.policies import PROFILES, Policy, Rounding

DAY = date(2025, 4, 20)
DFE = Policy()
A, B, C = (f"demand|returns|referrals|CSE|referral|E0600000{n}|2025-01-01|2025-03-31" for n in (1, 2, 3))
CANARY = 4317


def printed(key: str, low: int, high: int | None = None) -> Row:
    return key, low, low if high is None else high, "printed"


def hidden(key: str, low: int = 0) -> Row:
    return key, low, None, "hidden"


def record(ledger: Ledger, *rows: Row, kind: str = "", policy: Policy = DFE) -> Path:
    kind = kind or ("release" if ledger.releases else "first")
    return ledger.record(rows, kind=kind, policy=policy, made_on=DAY, certificate={"result": "passed"})


def series(folder: Path, *releases: Iterable[Row]) -> Ledger:
    """A ledger with these releases."""
    ledger = Ledger.start(folder, "quarterly")
    for rows in releases:
        record(ledger, *rows)
    return ledger


@pytest.fixture
def three(tmp_path: Path) -> Path:
    """The folder of a series of three releases."""
    return series(tmp_path / "three", [printed(A, 12)], [printed(A, 12), hidden(B)], [printed(C, 0)]).folder


def rewritten(path: Path, **fields: object) -> None:
    """Changes fields of a file in place, as somebody with an editor would."""
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | fields), encoding="utf-8")


# What is kept


def test_what_was_recorded_is_what_opens(tmp_path: Path) -> None:
    ledger = series(tmp_path / "q", [printed(A, 12), hidden(B)], [printed(C, 6, 10)])
    again = Ledger.open(tmp_path / "q")
    assert again.locks == ledger.locks
    assert again.locks == {
        A: Lock(A, Status.PRINTED, 12, 12, 1),
        B: Lock(B, Status.HIDDEN, 0, None, 1),
        C: Lock(C, Status.PRINTED, 6, 10, 2),
    }
    assert again.superseded == [] and again.series == "quarterly" and again.policy == DFE


def test_the_file_has_the_agreed_format(tmp_path: Path) -> None:
    series(tmp_path / "q", [hidden(B), printed(A, 12)], [printed(C, 7)])
    first, second = (json.loads((tmp_path / "q" / f"release-000{n}.json").read_text()) for n in (1, 2))
    assert list(first) == ["series", "number", "made_on", "previous", "kind", "policy", "statements", "certificate"]
    assert first["statements"] == [
        {"key": A, "low": 12, "high": 12, "status": "printed"},
        {"key": B, "low": 0, "high": None, "status": "hidden"},
    ]
    assert first["policy"] == {
        "name": "dfe",
        "withhold_up_to": 5,
        "round_to": 1,
        "round_wider_to": 1,
        "rounding": "nearest",
        "zeros_always_printed": False,
        "insiders": False,
    }
    assert (first["previous"], first["kind"], first["made_on"]) == ("", "first", "2025-04-20")
    assert len(second["previous"]) == 64 and second["kind"] == "release" and second["number"] == 2


def test_the_order_of_rows_does_not_change_the_file(tmp_path: Path) -> None:
    one = series(tmp_path / "one", [printed(A, 12), hidden(B), printed(C, 7)])
    two = series(tmp_path / "two", [printed(C, 7), printed(A, 12), hidden(B)])
    assert one.head == two.head


keys = st.text(min_size=1, max_size=20).map("demand|returns|{}".format)
counts = st.integers(0, 10**12)
statements = st.dictionaries(
    keys,
    st.one_of(
        st.tuples(counts, counts, st.just("printed")).map(lambda row: (row[0], row[0] + row[1], row[2])),
        st.tuples(st.integers(0, 1), st.none(), st.just("hidden")),
    ),
    max_size=8,
)


@settings(max_examples=60, deadline=None)
@given(said=statements, policy=st.sampled_from(list(PROFILES.values())), name=st.text(min_size=1).filter(str.strip))
def test_any_statements_come_back_as_they_were(
    tmp_path_factory: pytest.TempPathFactory, said: dict[str, tuple[int, int | None, str]], policy: Policy, name: str
) -> None:
    folder = tmp_path_factory.mktemp("series") / "q"
    record(Ledger.start(folder, name), *((key, *rest) for key, rest in said.items()), policy=policy)
    again = Ledger.open(folder)
    assert {key: (lock.low, lock.high, str(lock.status)) for key, lock in again.locks.items()} == said
    assert (again.series, again.policy) == (name, policy)


def test_ten_thousand_keys_open_in_under_a_second(tmp_path: Path) -> None:
    rows = [printed(f"demand|returns|referrals|CSE|referral|E{n:08d}|2025-01-01|2025-03-31", n) for n in range(10_000)]
    folder = series(tmp_path / "q", rows, rows).folder
    began = time.process_time()  # of this process alone: the machine may be busy
    found = Ledger.open(folder)
    reconcile({key: (low, low) for key, low, _, _ in rows}, found, revision=True, policy=DFE)
    assert time.process_time() - began < 1
    assert len(found.locks) == 10_000


# No count behind a symbol


@pytest.mark.parametrize("row", [(B, CANARY, None, "hidden"), (B, 0, CANARY, "hidden"), (B, CANARY, CANARY, "hidden")])
def test_a_count_behind_a_symbol_is_refused_and_in_no_file_or_message(tmp_path: Path, row: Row) -> None:
    ledger = series(tmp_path / "q", [hidden(A)])
    with pytest.raises(LedgerError, match="hidden, but more is stated") as error:
        record(ledger, row)
    assert str(CANARY) not in str(error.value) and B in str(error.value)
    assert not any(str(CANARY).encode() in path.read_bytes() for path in (tmp_path / "q").rglob("*"))


def test_what_today_would_print_of_a_hidden_figure_reaches_no_file(tmp_path: Path) -> None:
    ledger = series(tmp_path / "q", [hidden(A), printed(B, 12)])
    found = reconcile({A: (CANARY, CANARY), B: (12, 12)}, ledger, revision=True, policy=DFE)
    record(
        ledger,
        *(hidden(key) if status is Status.HIDDEN else printed(key, 12) for key, status in found.statuses.items()),
    )
    assert str(CANARY) not in repr(found)
    assert not any(str(CANARY).encode() in path.read_bytes() for path in (tmp_path / "q").rglob("*"))


def test_no_message_tells_a_value(tmp_path: Path) -> None:
    ledger = series(tmp_path / "q", [printed(A, CANARY)])
    for row in (printed(A, 12), hidden(A)):
        with pytest.raises(LedgerError) as error:
            record(ledger, row)
        assert str(CANARY) not in str(error.value) and "12" not in str(error.value).replace(A, "")


# What is refused


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (printed(A, 13), "with another value"),
        (printed(A, 12, 14), "with another value"),
        (hidden(A), "readers have it, and now hidden"),
        (printed(B, 12), "hidden by an earlier release and now printed"),
        (printed(C, 5, 4), "not as a run of counts"),
        (printed(C, -1), "not as a run of counts"),
        ((C, 5, None, "printed"), "not as a run of counts"),
        ((C, 5, 5, "free"), "neither printed nor hidden"),
        (printed("referrals", 9), "not the key of a figure"),
    ],
)
def test_a_release_that_breaks_the_ledger_is_refused(tmp_path: Path, row: Row, reason: str) -> None:
    ledger = series(tmp_path / "q", [printed(A, 12), hidden(B)])
    with pytest.raises(LedgerError, match=reason) as error:
        record(ledger, row)
    assert row[0] in str(error.value)
    assert len(Ledger.open(tmp_path / "q").releases) == 1


def test_every_fault_of_a_release_is_told_at_once(tmp_path: Path) -> None:
    ledger = series(tmp_path / "q", [printed(A, 12), hidden(B)])
    with pytest.raises(LedgerError) as error:
        record(ledger, hidden(A), printed(B, 7), hidden(C), hidden(C), kind="first", policy=PROFILES["nhs"])
    assert str(error.value).count("\n  - ") == 5


@pytest.mark.parametrize("kind", ["release", "revision"])
def test_the_first_release_revises_and_follows_nothing(tmp_path: Path, kind: str) -> None:
    with pytest.raises(LedgerError, match="nothing was published before"):
        record(Ledger.start(tmp_path / "q", "quarterly"), printed(A, 12), kind=kind)


def test_only_a_declared_revision_replaces_a_printed_value_and_the_old_one_stays_known(tmp_path: Path) -> None:
    ledger = series(tmp_path / "q", [printed(A, 12)], [printed(A, 12)])
    record(ledger, printed(A, 30), kind="revision")
    for found in (ledger, Ledger.open(tmp_path / "q")):
        assert found.locks[A] == Lock(A, Status.PRINTED, 30, 30, 3)
        assert found.superseded == [Lock(A, Status.PRINTED, 12, 12, 2)]
    with pytest.raises(LedgerError, match="another value"):
        record(ledger, printed(A, 12))


@pytest.mark.parametrize("row", [hidden(A), printed(B, 30)])
def test_not_even_a_revision_hides_what_was_printed_or_prints_what_was_hidden(tmp_path: Path, row: Row) -> None:
    ledger = series(tmp_path / "q", [printed(A, 12), hidden(B)])
    with pytest.raises(LedgerError):
        record(ledger, row, kind="revision")


def test_a_figure_that_a_later_release_leaves_out_is_still_a_statement(tmp_path: Path) -> None:
    ledger = series(tmp_path / "q", [printed(A, 12)], [printed(B, 7)])
    assert ledger.locks[A] == Lock(A, Status.PRINTED, 12, 12, 1)


def test_a_value_that_is_no_whole_number_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    ledger = Ledger.start(tmp_path / "q", "quarterly")
    with pytest.raises(TypeError):
        record(ledger, (A, 12.5, 12.5, "printed"))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="JSON"):
        ledger.record([printed(A, 12)], kind="first", policy=DFE, made_on=DAY, certificate={"gap": float("nan")})
    assert Ledger.open(tmp_path / "q").releases == ()


# Rules


@pytest.mark.parametrize(
    ("after", "reason"),
    [
        (Policy("own", withhold_up_to=4), "withholds less"),
        (Policy("own", round_wider_to=10), "rounds in another way"),
        (Policy("own", zeros_always_printed=True), "treats zeros in another way"),
    ],
)
def test_another_rule_is_refused_with_its_reason(tmp_path: Path, after: Policy, reason: str) -> None:
    ledger = series(tmp_path / "q", [printed(A, 12)])
    with pytest.raises(LedgerError, match=reason):
        record(ledger, printed(A, 12), policy=after)
    with pytest.raises(LedgerError, match=reason):
        reconcile({A: (12, 12)}, ledger, revision=False, policy=after)


@pytest.mark.parametrize("after", [DFE, Policy("renamed"), Policy("own", withhold_up_to=7), PROFILES["insider-safe"]])
def test_the_same_rule_or_a_stricter_one_passes(tmp_path: Path, after: Policy) -> None:
    ledger = series(tmp_path / "q", [printed(A, 12)])
    reconcile({A: (12, 12)}, ledger, revision=False, policy=after)
    record(ledger, printed(A, 12), policy=after)
    assert Ledger.open(tmp_path / "q").policy == after


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        (PROFILES["insider-safe"], DFE, "insiders"),
        (PROFILES["nhs"], Policy("own", withhold_up_to=12, round_to=5, round_wider_to=5), "stand for other counts"),
        (PROFILES["opensafely-midpoint"], Policy("own", 6, rounding=Rounding.MIDPOINT), "rounds in another way"),
    ],
)
def test_a_promise_to_readers_is_not_taken_back(tmp_path: Path, before: Policy, after: Policy, reason: str) -> None:
    ledger = Ledger.start(tmp_path / "q", "quarterly")
    record(ledger, hidden(A), policy=before)
    with pytest.raises(LedgerError, match=reason):
        record(ledger, hidden(A), policy=after)


def test_a_rule_once_made_stricter_stays_so(tmp_path: Path) -> None:
    ledger = series(tmp_path / "q", [printed(A, 12)])
    record(ledger, hidden(B), policy=Policy("own", withhold_up_to=7))
    with pytest.raises(LedgerError, match="withholds less"):
        record(ledger, hidden(B))


# Files lost or altered


def test_without_a_ledger_the_way_out_is_told(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(LedgerError, match=r"internal use.*ledger start.*ledger import"):
            Ledger.open(folder)


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_deleted_file_is_noticed_also_the_last(three: Path, number: int) -> None:
    (three / f"release-000{number}.json").unlink()
    with pytest.raises(LedgerError, match=rf"missing: release-000{number}\.json$"):
        Ledger.open(three)


@pytest.mark.parametrize("number", [1, 2, 3])
def test_an_altered_file_is_named_also_the_last(three: Path, number: int) -> None:
    path = three / f"release-000{number}.json"
    rewritten(path, made_on="2025-04-21")
    with pytest.raises(LedgerError, match=rf"altered after it was written: {path.name}$"):
        Ledger.open(three)


def test_every_fault_of_a_ledger_is_told_at_once(three: Path) -> None:
    (three / "release-0001.json").unlink()
    rewritten(three / "release-0002.json", series="another")
    (three / "release-0003.json").write_text("{", encoding="utf-8")
    (three / "release-0004 copy.json").write_text("{}", encoding="utf-8")
    with pytest.raises(LedgerError) as error:
        Ledger.open(three)
    told = str(error.value)
    for fault in (
        "missing: release-0001.json",
        "release-0002.json: it belongs to another series",
        "not a release in this format: release-0003.json",
        "altered after it was written: release-0003.json",
        "not the name of a release's file: release-0004 copy.json",
    ):
        assert fault in told


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"number": 7}, "another number"),
        ({"kind": "first"}, "cannot be of the kind first"),
        ({"series": "another"}, "another series"),
        ({"previous": "0" * 64}, "does not continue the file before it: release-0003"),
        ({"statements": [{"key": A, "low": 9, "high": None, "status": "hidden"}]}, "hidden, but more is stated"),
        ({"statements": [{"key": 1, "low": 9, "high": 9, "status": "printed"}]}, "not a release in this format"),
        ({"statements": [{"key": A, "low": "9", "high": 9, "status": "printed"}]}, "not a release in this format"),
        ({"policy": {"name": "dfe", "rounding": "nearest", "withhold_up_to": 0}}, "not a release in this format"),
        ({"policy": {"name": "dfe", "rounding": "nearest", "withhold_up_to": 4}}, "withholds less"),
        ({"made_on": "yesterday"}, "not a release in this format"),
    ],
)
def test_a_last_file_that_the_series_does_not_know_yet_is_checked_in_full(
    three: Path, fields: dict[str, object], reason: str
) -> None:
    second = json.loads((three / "release-0003.json").read_text())["previous"]
    rewritten(three / "series.json", releases=2, head=second)
    assert len(Ledger.open(three).releases) == 3
    rewritten(three / "release-0003.json", **fields)
    with pytest.raises(LedgerError, match=reason):
        Ledger.open(three)


def test_a_file_of_another_series_does_not_pass_for_the_next_release(three: Path, tmp_path: Path) -> None:
    other = Ledger.start(tmp_path / "other", "annual")
    record(other, printed(A, 12))
    shutil.copy(other.folder / "release-0001.json", three / "release-0004.json")
    with pytest.raises(LedgerError, match=r"does not continue(?s:.*)another number(?s:.*)another series"):
        Ledger.open(three)


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b"\xff", b'{"series": "q", "format": 1, "releases": -1, "head": ""}']
)
def test_a_series_file_that_cannot_be_read_is_told(three: Path, content: bytes) -> None:
    (three / "series.json").write_bytes(content)
    with pytest.raises(LedgerError, match=r"series\.json cannot be read"):
        Ledger.open(three)


def test_a_later_format_is_not_guessed_at(three: Path) -> None:
    rewritten(three / "series.json", format=2)
    with pytest.raises(LedgerError, match="format that this version cannot read"):
        Ledger.open(three)


def test_a_lost_series_file_is_not_made_up_from_the_releases_that_are_left(three: Path) -> None:
    (three / "series.json").unlink()
    (three / "release-0003.json").unlink()
    with pytest.raises(LedgerError, match="the last may be missing"):
        Ledger.open(three)


def test_a_folder_in_a_file_s_place_is_told(three: Path) -> None:
    (three / "release-0003.json").unlink()
    (three / "release-0003.json").mkdir()
    with pytest.raises(LedgerError, match="cannot be read"):
        Ledger.open(three)


@pytest.mark.parametrize("name", ["release-1.json", "release-00001.json", "release-0000.json", "release-0001 (1).json"])
def test_a_copy_under_a_near_name_is_told_and_not_read(three: Path, name: str) -> None:
    shutil.copy(three / "release-0001.json", three / name)
    with pytest.raises(LedgerError, match="not the name of a release's file"):
        Ledger.open(three)


def test_the_ten_thousandth_release_has_a_name_of_its_own() -> None:
    assert [file_name(number) for number in (1, 9_999, 10_000)] == [
        "release-0001.json",
        "release-9999.json",
        "release-10000.json",
    ]


# Crashes and other runs


@pytest.fixture
def crash(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of files whose writing breaks off just before they are put in place."""
    breaking: list[str] = []
    put = Path.replace

    def replace(self: Path, target: Path) -> Path:
        if Path(target).name in breaking:
            raise KeyboardInterrupt
        return put(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    return breaking


def test_a_crash_before_the_release_is_in_place_leaves_the_series_as_it_was(three: Path, crash: list[str]) -> None:
    crash.append("release-0004.json")
    before = {path.name: path.read_bytes() for path in three.glob("*.json")}
    with pytest.raises(KeyboardInterrupt):
        record(Ledger.open(three), printed(A, 12))
    assert {path.name: path.read_bytes() for path in three.iterdir() if path.name != ".lock"} == before
    crash.clear()
    record(Ledger.open(three), printed(A, 12))
    assert len(Ledger.open(three).releases) == 4


def test_a_full_disk_is_told_and_leaves_the_series_as_it_was(three: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    ledger = Ledger.open(three)
    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(LedgerError, match=r"cannot be written \(OSError\)"):
        record(ledger, printed(A, 12))
    assert Ledger.open(three).head == ledger.head


def test_a_crash_between_the_two_files_is_mended_by_the_next_release(three: Path, crash: list[str]) -> None:
    crash.append("series.json")
    ledger = Ledger.open(three)
    with pytest.raises(KeyboardInterrupt):
        record(ledger, hidden(A.replace("CSE", "CCE")))
    assert json.loads((three / "series.json").read_text())["releases"] == 3
    crash.clear()
    found = Ledger.open(three)
    assert len(found.releases) == 4 and A.replace("CSE", "CCE") in found.locks
    with pytest.raises(LedgerError, match="meanwhile"):  # it was read before the release that broke off
        record(ledger, printed(A, 12))
    record(found, printed(A, 12))
    written = json.loads((three / "series.json").read_text())
    assert (written["releases"], written["head"]) == (5, Ledger.open(three).head)


def test_two_crashes_in_a_row_are_mended_too(three: Path, crash: list[str]) -> None:
    crash.append("series.json")
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            record(Ledger.open(three), printed(A, 12))
    crash.clear()
    record(Ledger.open(three), printed(A, 12))
    (three / "release-0006.json").unlink()
    with pytest.raises(LedgerError, match=r"missing: release-0006\.json"):
        Ledger.open(three)


def test_a_run_that_read_the_ledger_before_another_wrote_to_it_is_refused(three: Path) -> None:
    one, two = Ledger.open(three), Ledger.open(three)
    record(one, printed(A, 12))
    with pytest.raises(LedgerError, match="another run has added a release"):
        record(two, printed(A, 12))
    record(one, printed(A, 12))
    assert len(Ledger.open(three).releases) == 5


def test_two_runs_do_not_write_at_once(three: Path) -> None:
    with FileLock(three / ".lock"), ThreadPoolExecutor(1) as other:
        attempt = other.submit(record, Ledger.open(three), printed(A, 12))
        with pytest.raises(LedgerError, match="another run is writing"):
            attempt.result()
    assert len(Ledger.open(three).releases) == 3


def test_of_many_runs_each_either_writes_whole_or_is_refused(three: Path) -> None:
    def attempt(number: int) -> bool:
        try:
            record(Ledger.open(three), hidden(f"demand|returns|{number}"))
        except LedgerError:
            return False
        return True

    with ThreadPoolExecutor(4) as runs:
        written = sum(runs.map(attempt, range(40)))
    assert written >= 1
    assert len(Ledger.open(three).releases) == 3 + written


def test_readers_never_see_half_a_release(three: Path) -> None:
    faults: list[LedgerError] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            try:
                Ledger.open(three)
            except LedgerError as error:
                faults.append(error)

    with ThreadPoolExecutor(2) as readers:
        for _ in range(2):
            readers.submit(read)
        ledger = Ledger.open(three)
        for _ in range(15):
            record(ledger, printed(A, 12))
        done.set()
    assert faults == []


def test_reading_writes_nothing(three: Path) -> None:
    (three / ".lock").unlink(missing_ok=True)
    before = {path.name: path.stat().st_mtime_ns for path in three.iterdir()}
    Ledger.open(three)
    assert {path.name: path.stat().st_mtime_ns for path in three.iterdir()} == before


def test_a_folder_with_a_ledger_or_other_files_is_left_as_it_is(three: Path, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "report.html").touch()
    (tmp_path / "full" / ".gitkeep").touch()
    for folder in (three, tmp_path / "full"):
        with pytest.raises(LedgerError, match="left as it is"):
            Ledger.start(folder, "quarterly")
    assert {path.name for path in (tmp_path / "full").iterdir()} == {"report.html", ".gitkeep"}


@pytest.mark.parametrize("name", ["", "  "])
def test_a_series_needs_a_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(LedgerError, match="needs a name"):
        Ledger.start(tmp_path / "q", name)


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LedgerError, match="cannot be written"):
        Ledger.start(tmp_path / "file", "quarterly")


# Today's figures beside the ledger


def test_new_figures_are_free_and_old_ones_keep_their_status(tmp_path: Path) -> None:
    ledger = series(tmp_path / "q", [printed(A, 12), hidden(B)])
    found = reconcile({C: (9, 9), B: (40, 40), A: (12, 12)}, ledger, revision=False, policy=DFE)
    assert found.statuses == {A: Status.PRINTED, B: Status.HIDDEN, C: Status.FREE}
    assert list(found.statuses) == sorted(found.statuses)
    assert (found.kept, found.revised, found.waiting) == ({}, {}, frozenset())


def test_before_the_first_release_all_is_free(tmp_path: Path) -> None:
    found = reconcile({A: (12, 12), B: None}, series(tmp_path / "q"), revision=False, policy=DFE)
    assert set(found.statuses.values()) == {Status.FREE}


@pytest.mark.parametrize("today", [(13, 13), (6, 6), (500, 500), (0, 0), None])
def test_without_a_declared_revision_a_changed_figure_is_printed_as_it_was(
    tmp_path: Path, today: tuple[int, int] | None
) -> None:
    ledger = series(tmp_path / "q", [printed(A, 12)])
    found = reconcile({A: today}, ledger, revision=False, policy=DFE)
    assert found.statuses == {A: Status.PRINTED}
    assert (found.kept, found.revised, found.waiting) == ({A: (12, 12)}, {}, {A})


@pytest.mark.parametrize(
    ("today", "revised"),
    [((18, 18), True), ((17, 17), False), ((7, 7), False), ((6, 6), True), ((0, 0), True), ((13, 13), False)],
)
def test_a_revision_run_prints_changes_of_more_than_the_threshold_only(
    tmp_path: Path, today: tuple[int, int], revised: bool
) -> None:
    ledger = series(tmp_path / "q", [printed(A, 12)])
    found = reconcile({A: today}, ledger, revision=True, policy=DFE)
    assert found.statuses == {A: Status.PRINTED}
    assert found.revised == ({A: today} if revised else {})
    assert found.kept == ({} if revised else {A: (12, 12)})
    assert found.waiting == set(found.kept)


def test_a_figure_that_has_not_changed_is_neither_kept_nor_revised(tmp_path: Path) -> None:
    ledger = series(tmp_path / "q", [printed(A, 12)])
    found = reconcile({A: (12, 12)}, ledger, revision=True, policy=DFE)
    assert (found.kept, found.revised) == ({}, {})


@pytest.mark.parametrize("today", [None, (40, 40)])
def test_what_was_hidden_stays_hidden_in_a_revision_run_too(tmp_path: Path, today: tuple[int, int] | None) -> None:
    ledger = series(tmp_path / "q", [hidden(A)])
    found = reconcile({A: today}, ledger, revision=True, policy=DFE)
    assert (found.statuses, found.kept, found.revised) == ({A: Status.HIDDEN}, {}, {})


def test_what_would_now_be_withheld_stays_printed_in_a_revision_run_too(tmp_path: Path) -> None:
    ledger = series(tmp_path / "q", [printed(A, 12)])
    found = reconcile({A: None}, ledger, revision=True, policy=DFE)
    assert (found.statuses, found.kept, found.revised) == ({A: Status.PRINTED}, {A: (12, 12)}, {})


def test_a_revision_stays_away_from_every_value_that_was_ever_printed(tmp_path: Path) -> None:
    ledger = series(tmp_path / "q", [printed(A, 12)])
    record(ledger, printed(A, 30), kind="revision")
    found = {count: reconcile({A: (count, count)}, ledger, revision=True, policy=DFE) for count in (14, 12, 20)}
    assert found[14].kept == {A: (30, 30)}  # 16 from the last value, yet 2 from the first, which readers have
    assert found[12].revised == {A: (12, 12)}  # as it was first printed: tells of no change
    assert found[20].revised == {A: (20, 20)}


@pytest.mark.parametrize(("today", "revised"), [((18, 22), False), ((23, 27), True), ((13, 17), False)])
def test_a_rounded_figure_is_revised_only_where_every_change_it_may_stand_for_is_large(
    tmp_path: Path, today: tuple[int, int], revised: bool
) -> None:
    ledger = Ledger.start(tmp_path / "q", "quarterly")
    record(ledger, printed(A, 8, 12), policy=PROFILES["nhs"])
    found = reconcile({A: today}, ledger, revision=True, policy=PROFILES["nhs"])
    assert found.revised == ({A: today} if revised else {})


@settings(max_examples=60, deadline=None)
@given(before=st.integers(0, 40), now=st.one_of(st.none(), st.integers(0, 40)), revision=st.booleans())
def test_each_figure_is_kept_or_revised_or_unchanged(
    tmp_path_factory: pytest.TempPathFactory, before: int, now: int | None, revision: bool
) -> None:
    ledger = series(tmp_path_factory.mktemp("series") / "q", [printed(A, before)])
    found = reconcile({A: None if now is None else (now, now)}, ledger, revision=revision, policy=DFE)
    far = now is not None and abs(now - before) > 5
    assert (A in found.revised, A in found.kept) == (revision and far, now != before and not (revision and far))


# The same figure under another name


OTHER = A.replace("|returns|", "|returns_june|")


@pytest.mark.parametrize("today", [{OTHER: (12, 12)}, {OTHER: (14, 14), A: (12, 12)}])
def test_another_source_of_the_ledger_s_figures_is_refused(tmp_path: Path, today: dict[str, tuple[int, int]]) -> None:
    ledger = series(tmp_path / "q", [printed(A, 12)])
    assert renamed(today, ledger) == {OTHER: A}
    with pytest.raises(LedgerError, match=r"'returns_june'.*same edition_of, which is 'returns'") as error:
        reconcile(today, ledger, revision=False, policy=DFE)
    assert OTHER in str(error.value)


@pytest.mark.parametrize(
    "key",
    [
        OTHER.replace("2025-01-01|2025-03-31", "2025-04-01|2025-06-30"),
        OTHER.replace("CSE", "CCE"),
        OTHER.replace("demand", "service_returns"),
        OTHER.replace("E06000001", "E06000009"),
    ],
)
def test_another_source_of_other_figures_is_new(tmp_path: Path, key: str) -> None:
    ledger = series(tmp_path / "q", [printed(A, 12)])
    assert reconcile({key: (9, 9)}, ledger, revision=False, policy=DFE).statuses == {key: Status.FREE}


def test_a_source_that_counts_something_else_is_declared_once(tmp_path: Path) -> None:
    ledger = series(tmp_path / "q", [printed(A, 12)])
    today = {A: (12, 12), OTHER: (14, 14)}
    found = reconcile(today, ledger, revision=False, policy=DFE, distinct=["returns_june"])
    assert found.statuses == {A: Status.PRINTED, OTHER: Status.FREE}
    record(ledger, printed(A, 12), printed(OTHER, 14), printed(B, 9))
    later = B.replace("|returns|", "|returns_june|")
    assert reconcile(today | {later: (8, 8)}, ledger, revision=False, policy=DFE).statuses[later] is Status.FREE


@pytest.mark.parametrize(("before", "now"), [([A], [A, f"{A}#2"]), ([A, f"{A}#2"], [A])])
def test_rows_told_apart_by_notes_are_refused_when_their_number_changes(
    tmp_path: Path, before: list[str], now: list[str]
) -> None:
    ledger = series(tmp_path / "q", [printed(key, 12) for key in before])
    with pytest.raises(LedgerError, match="only their notes tell apart"):
        reconcile(dict.fromkeys(now, (12, 12)), ledger, revision=False, policy=DFE)
    assert reconcile(dict.fromkeys(before, (12, 12)), ledger, revision=False, policy=DFE).waiting == frozenset()
    assert reconcile({B: (12, 12)}, ledger, revision=False, policy=DFE).waiting == frozenset()


# Archived releases


def adopt(ledger: Ledger, *rows: Row, revision: bool = False) -> Path:
    return ledger.adopt(rows, policy=DFE, made_on=DAY, certificate={"result": "imported"}, revision=revision)


def test_archived_releases_rebuild_a_lost_ledger(tmp_path: Path) -> None:
    lost = series(tmp_path / "lost", [printed(A, 12), hidden(B)], [printed(A, 12), hidden(B), printed(C, 7)])
    ledger = Ledger.start(tmp_path / "q", "quarterly")
    for release in lost.releases:
        adopt(ledger, *release.statements)
    assert Ledger.open(tmp_path / "q").locks == lost.locks
    assert {release.kind for release in ledger.releases} == {"imported"}
    record(ledger, printed(A, 12))


@pytest.mark.parametrize("row", [printed(A, CANARY), printed(B, 0)])
def test_an_archive_that_contradicts_the_ledger_is_refused_by_key_not_value(tmp_path: Path, row: Row) -> None:
    ledger = series(tmp_path / "q", [printed(A, 12), hidden(B, 1)])
    with pytest.raises(LedgerError, match="refuses release 2") as error:
        adopt(ledger, row)
    assert row[0] in str(error.value) and str(CANARY) not in str(error.value)


def test_what_one_archive_printed_and_another_hid_counts_as_printed(tmp_path: Path) -> None:
    ledger = Ledger.start(tmp_path / "q", "quarterly")
    adopt(ledger, printed(A, 12), hidden(B))
    adopt(ledger, hidden(A), printed(B, 7))
    assert ledger.locks == {A: Lock(A, Status.PRINTED, 12, 12, 1), B: Lock(B, Status.PRINTED, 7, 7, 2)}
    assert ledger.superseded == []


def test_an_archived_revision_run_replaces_and_its_old_values_stay_known(tmp_path: Path) -> None:
    ledger = Ledger.start(tmp_path / "q", "quarterly")
    adopt(ledger, printed(A, 12), hidden(B, 1))
    adopt(ledger, printed(A, 13), printed(B, 0), revision=True)
    assert (ledger.locks[A].low, ledger.locks[B].status) == (13, Status.PRINTED)
    assert [lock.low for lock in ledger.superseded] == [12]
    assert ledger.releases[1].kind == "revision"


def test_the_same_archive_is_not_imported_twice(tmp_path: Path) -> None:
    ledger = Ledger.start(tmp_path / "q", "quarterly")
    adopt(ledger, printed(A, 12))
    with pytest.raises(LedgerError, match="already, as release: 1"):
        adopt(ledger, printed(A, 12))


def test_an_archive_is_not_recorded_as_a_release_of_today(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="adopted"):
        record(Ledger.start(tmp_path / "q", "quarterly"), printed(A, 12), kind="imported")


# Command line


def run(*words: object) -> Result:
    return CliRunner().invoke(command, [str(word) for word in words])


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Row]:
    """What the archived folder `archive` turns out to say."""
    rows: list[Row] = []
    (tmp_path / "archive").mkdir()
    module = ModuleType("folder")
    module.published_statements = lambda folder: list(rows)  # type: ignore[attr-defined]
    monkeypatch.setitem(__import__("sys").modules, "needs_assessment.disclosure.audit.folder", module)
    return rows


def test_a_series_is_started_imported_and_shown(tmp_path: Path, archive: list[Row]) -> None:
    folder = tmp_path / "q"
    assert run("start", folder, "--series", "Quarterly reports").exit_code == 0
    archive += [printed(A, 12), hidden(B)]
    imported = run("import", tmp_path / "archive", "--series", folder, "--made-on", "2025-01-20")
    assert imported.exit_code == 0 and "2 figures of archive" in imported.output
    ledger = Ledger.open(folder)
    record(ledger, printed(A, 12), printed(C, 30))
    shown = run("show", folder)
    assert shown.exit_code == 0
    lines = [" ".join(line.split()) for line in shown.output.splitlines()]
    assert lines[0] == "1 2025-01-20 imported 1 printed 1 hidden imported, not audited"
    assert lines[1] == "2 2025-04-20 release 2 printed 0 hidden passed"
    assert (
        lines[2].startswith("Quarterly reports: 2 releases") and "2 figures printed, 1 hidden, 0 replaced" in lines[2]
    )


def test_a_refused_import_is_told_with_exit_code_1_and_writes_nothing(tmp_path: Path, archive: list[Row]) -> None:
    ledger = series(tmp_path / "q", [printed(A, 12)])
    archive += [printed(A, CANARY)]
    refused = run("import", tmp_path / "archive", "--series", tmp_path / "q")
    assert refused.exit_code == 1 and A in refused.output and str(CANARY) not in refused.output
    assert Ledger.open(tmp_path / "q").head == ledger.head


def test_an_archive_without_figures_is_told(tmp_path: Path, archive: list[Row]) -> None:
    series(tmp_path / "q")
    nothing = run("import", tmp_path / "archive", "--series", tmp_path / "q")
    assert nothing.exit_code == 1 and "nothing is imported" in nothing.output


def test_an_import_takes_the_rule_that_is_named_or_the_ledger_s(tmp_path: Path, archive: list[Row]) -> None:
    Ledger.start(tmp_path / "q", "quarterly")
    archive += [printed(A, 8, 12)]
    assert run("import", tmp_path / "archive", "--series", tmp_path / "q", "--policy", "nhs").exit_code == 0
    archive += [hidden(B)]
    assert run("import", tmp_path / "archive", "--series", tmp_path / "q").exit_code == 0
    assert Ledger.open(tmp_path / "q").policy == PROFILES["nhs"]
    unknown = run("import", tmp_path / "archive", "--series", tmp_path / "q", "--policy", "none")
    assert unknown.exit_code == 2 and "insider-safe" in unknown.output


def test_a_lost_or_broken_ledger_is_told_with_exit_code_1(tmp_path: Path, three: Path) -> None:
    absent = run("show", tmp_path / "none")
    assert absent.exit_code == 1 and "internal use" in absent.output
    (three / "release-0003.json").unlink()
    broken = run("show", three)
    assert broken.exit_code == 1 and "missing: release-0003.json" in broken.output
    assert run("start", three, "--series", "quarterly").exit_code == 1


@pytest.mark.parametrize("words", [(), ("start",), ("show",), ("import",)])
def test_every_command_has_an_example(words: tuple[str, ...]) -> None:
    told = run(*words, "--help")
    assert told.exit_code == 0 and "Example" in told.output and "needs-assessment ledger" in told.output
