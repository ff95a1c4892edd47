"""Identifiers become pseudonyms at load, what should never have come is refused, and private folders are closed."""

from __future__ import annotations

import hmac
import os
import re
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from small_evidence import BASE, FIRST, ONE_OF_EACH, PRIVATE, PUBLIC, folder, table, text

from needs_assessment.evidence import Evidence, EvidenceError, folders, pseudonyms, read_evidence, sensitive_tables
from needs_assessment.evidence.pseudonyms import KEY_VARIABLE, PSEUDONYM, KeyFileError, key_file, keys_in, pseudonymised
from needs_assessment.identifiers import IDENTIFIER_COLUMNS
from needs_assessment.sources import REPORT_FILE, import_files, read_files
from needs_assessment.synthetic.targets import PREFIX

PROJECT = Path(__file__).resolve().parents[1]
CHILD = "Jemima-1866/07"
on_posix = pytest.mark.skipif(os.name == "nt", reason="Windows keeps its own lists of who may read")

# Nobody's: the worked example of the NHS Data Dictionary and numbers put together so that this file does not hold them.
NHS, PUPIL, INSURANCE = "943 476" + " 5919", "B8012" + "00005001", "AB12" + "3456C"


@pytest.fixture(autouse=True)
def key(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of a key of 32 zeros, which the environment names."""
    return use_key(tmp_path_factory.mktemp("settings") / "key", bytes(32), monkeypatch)


def use_key(path: Path, content: bytes, monkeypatch: pytest.MonkeyPatch) -> Path:
    path.write_bytes(content)
    path.chmod(0o600)
    monkeypatch.setenv(KEY_VARIABLE, str(path))
    return path


def children(*identifiers: str) -> dict[str, list[dict[str, str]]]:
    """Evidence with a referral of each child, a review of the first and an offence against the first."""
    first = {"source_id": PRIVATE, "area_code": FIRST}
    return BASE | {
        "risk_schemes": [{"risk_level": "high"}],
        "referrals": [{"referral_id": f"{place}-{CHILD}", "child_id": one} for place, one in enumerate(identifiers)],
        "risk_reviews": [first | {"child_id": identifiers[0], "reviewed_on": "2024-01-15"}],
        "offences": [first | {"offence_id": f"o-{CHILD}", "victim_id": identifiers[0], "suspect_id": identifiers[0]}],
    }


def cells(evidence: Evidence) -> Iterator[str]:
    for name in evidence.tables:
        yield from map(str, evidence[name].to_numpy().ravel())


# Pseudonyms


def test_no_identifier_stays_in_the_evidence_and_the_same_child_is_the_same_in_every_table(tmp_path: Path) -> None:
    evidence = read_evidence(folder(tmp_path / "return", children(CHILD, "other")))
    assert not any(CHILD in cell for cell in cells(evidence))
    child = evidence["referrals"].loc[0, "child_id"]
    assert evidence["risk_reviews"].loc[0, "child_id"] == evidence["offences"].loc[0, "victim_id"] == child
    assert evidence["referrals"]["child_id"].nunique() == 2
    # So that a victim who is later a suspect can be counted.
    assert evidence["offences"].loc[0, "suspect_id"] == child
    for name in sensitive_tables():
        for column in IDENTIFIER_COLUMNS.keys() & set(evidence[name]):
            assert evidence[name][column].dropna().str.fullmatch(PSEUDONYM.pattern).all()


def test_a_pseudonym_is_the_hmac_of_kind_and_identifier() -> None:
    made = pseudonymised(table("referrals", {"referral_id": "R1", "child_id": CHILD})).loc[0]
    expected = hmac.new(bytes(32), f"child={CHILD}".encode(), "sha256").hexdigest()[:32]
    mark = hmac.new(bytes(32), b"key", "sha256").hexdigest()[:6]
    assert made["child_id"] == f"p1-{mark}-{expected}"
    assert made["referral_id"] != pseudonymised(table("referrals", {"referral_id": "R2"})).loc[0, "referral_id"]


def test_groups_are_no_people_and_a_school_is_no_organised_group() -> None:
    columns = ["victim_id", "suspect_id", "event_id", "targeted_group_id", "organised_group_id"]
    made = pseudonymised(table("offences", {"offence_id": CHILD, **dict.fromkeys(columns, CHILD)})).loc[0]
    assert made["victim_id"] == made["suspect_id"]
    # The offence, the event and the two kinds of group, though all are written alike.
    assert len({made[column] for column in ["offence_id", *columns]}) == 5


def test_another_key_gives_other_pseudonyms_and_both_keys_are_told(key: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    referral = table("referrals", {"referral_id": "R1", "child_id": CHILD})
    one = pseudonymised(referral)
    use_key(key, b"1" * 32, monkeypatch)
    two = pseudonymised(referral)
    assert one.loc[0, "child_id"] != two.loc[0, "child_id"]
    assert len(keys_in({"referrals": one})) == 1
    assert len(keys_in({"referrals": pd.concat([one, two]), "risk_reviews": table("risk_reviews")})) == 2


def test_blanks_stay_blank_and_nothing_else_changes() -> None:
    offences = table("offences", {"offence_id": "O1"}, {"offence_id": "O2", "suspect_id": "S1", "offence_code": "17"})
    made = pseudonymised(offences)
    assert made["suspect_id"].isna().tolist() == [True, False]
    own = ["offence_id", "suspect_id"]
    pd.testing.assert_frame_equal(made.drop(columns=own), offences.drop(columns=own))
    assert (made.dtypes == offences.dtypes).all()


@pytest.mark.parametrize("written", ["K 1", " K 1 ", "K\u00a01", "K  1", "\uff2b 1"])
def test_spellings_that_look_alike_are_one_child(written: str) -> None:
    made = pseudonymised(table("referrals", {"child_id": "K 1"}, {"child_id": written}))
    assert made["child_id"].nunique() == 1


def test_spellings_that_look_different_are_different_children() -> None:
    rows = [{"child_id": one} for one in ("1", "01", "k1", "K1", "1.0")]
    assert pseudonymised(table("referrals", *rows))["child_id"].nunique() == len(rows)


def test_a_pseudonym_and_what_was_made_up_are_left_alone(key: Path) -> None:
    once = pseudonymised(table("referrals", {"referral_id": "R1", "child_id": CHILD}))
    made_up = table("referrals", {"referral_id": f"{PREFIX}R-E06000015-CCE-0234"})
    key.unlink()
    pd.testing.assert_frame_equal(pseudonymised(once), once)
    pd.testing.assert_frame_equal(pseudonymised(made_up), made_up)
    # Neither needed the key, so that the synthetic records are read alike everywhere.
    assert not key.exists()


def test_the_stored_synthetic_records_need_no_key(key: Path) -> None:
    key.unlink()
    evidence = read_evidence(PROJECT / "data" / "published", PROJECT / "data" / "synthetic")
    assert evidence["referrals"]["child_id"].str.startswith(PREFIX).all()
    assert keys_in(evidence.tables) == frozenset()
    assert not key.exists()


def test_rows_that_repeat_are_named_as_before_and_never_by_their_identifier(tmp_path: Path) -> None:
    twice = children(CHILD, "other") | {"referrals": [{"referral_id": "same", "child_id": CHILD}] * 2}
    with pytest.raises(EvidenceError) as refused:
        read_evidence(folder(tmp_path / "return", twice))
    assert [str(fault) for fault in refused.value.faults] == [
        "table return/referrals: rows must differ in source_id, referral_id (row 2, 3)"
    ]


def test_a_hundred_thousand_rows_take_about_a_second() -> None:
    rows = pd.DataFrame({"referral_id": [f"R{n:07}" for n in range(100_000)]}, dtype="string")
    rows = rows.assign(child_id=rows["referral_id"].str.replace("R", "LCS-"), referrer="school", offence_code="17/13")
    wanted = table("referrals", {}).columns
    rows = rows.reindex(columns=wanted).astype("string")
    start = time.process_time()
    assert list(pseudonyms.misplaced_identifiers("referrals", rows)) == []
    pseudonymised(rows)
    # Measured at 1.0 s; ten times that would be a fault of the program.
    assert time.process_time() - start < 10


# The import

REFERRALS = "referral_id,child_id,area_code,exploitation_type,referred_on,referrer\n"
LOOKUP = "ltla23_code,ltla23_name,utla23_code,utla23_name\nE06000015,Derby,E06000015,Derby\n"


def a_return(path: Path, *children: str, referrer: str = "school") -> list[Path]:
    """The files of a return with a referral of each child, and of the areas that it names."""
    path.mkdir(parents=True, exist_ok=True)
    rows = [f"R{place},{child},Derby,CSE,03/04/2024,{referrer}\n" for place, child in enumerate(children)]
    (path / "return.csv").write_text(REFERRALS + "".join(rows), encoding="utf-8")
    (path / "lookup.csv").write_text(LOOKUP, encoding="utf-8")
    return [path / "return.csv", path / "lookup.csv"]


def test_an_import_writes_pseudonyms_alone_and_twice_the_same(tmp_path: Path) -> None:
    files = a_return(tmp_path / "files", CHILD)
    for to in ("one", "two"):
        import_files(files, tmp_path / to)
    one, two = ({path.name: path.read_bytes() for path in (tmp_path / to).iterdir()} for to in ("one", "two"))
    assert one == two
    assert CHILD.encode() not in b"".join(one.values())
    assert b"identifiers in referrals were replaced by pseudonyms" in one[REPORT_FILE]


def test_an_imported_folder_links_to_one_that_was_made_by_hand(tmp_path: Path) -> None:
    imported = tmp_path / "imported"
    import_files(a_return(tmp_path / "files", f" {CHILD}", "other"), imported)
    hand_made = folder(tmp_path / "hand", children(CHILD))
    evidence = read_evidence(imported, hand_made)
    assert set(evidence["risk_reviews"]["child_id"]) < set(evidence["referrals"]["child_id"])
    assert evidence["referrals"]["child_id"].nunique() == 2


@on_posix
def test_an_import_of_a_return_is_for_its_owner_alone(tmp_path: Path) -> None:
    import_files(a_return(tmp_path / "files", CHILD), tmp_path / "made" / "for" / "it")
    modes = {
        path.name: stat.S_IMODE(path.stat().st_mode) for path in [tmp_path / "made", *(tmp_path / "made").rglob("*")]
    }
    assert {name: mode for name, mode in modes.items() if mode != (0o600 if "." in name else 0o700)} == {}
    assert "referrals.csv" in modes and "for" in modes


# What should never have come

WORDS = {
    "an NHS number": NHS,
    "a unique pupil number": PUPIL,
    "a unique learner number": "12345" + "67899",
    "a National Insurance number": INSURANCE,
    "a postcode": "DE1 2" + "AB",
    "an e-mail address": "jemima@example.org",
    "a full date": "14/03/2011",
}


@pytest.mark.parametrize("name", WORDS)
def test_words_about_a_child_hold_nothing_that_identifies_one(name: str, tmp_path: Path) -> None:
    rows = [{"referral_id": "R1", "child_id": "K1", "referrer": "school"}]
    rows += [{"referral_id": "R2", "child_id": "K2", "referrer": f"school ({WORDS[name]})"}]
    with pytest.raises(EvidenceError) as refused:
        read_evidence(folder(tmp_path / "return", BASE | {"referrals": rows}))
    told = [str(fault) for fault in refused.value.faults]
    assert told == [f"table return/referrals, column referrer: must not hold {name}: take it out (row 3)"]


@pytest.mark.parametrize(
    ("identifier", "name"),
    [
        (PUPIL, "a unique pupil number"),
        (INSURANCE, "a National Insurance number"),
        ("jemima@example.org", "an e-mail address"),
        ("Jemima, DE1 2" + "AB", "a postcode"),
        ("JP-2011-03-14", "a full date"),
        ("JP14032011", "a date of birth"),
    ],
)
def test_identifiers_are_none_that_are_known_elsewhere(identifier: str, name: str, tmp_path: Path) -> None:
    with pytest.raises(EvidenceError) as refused:
        read_evidence(folder(tmp_path / "return", children(identifier)))
    told = [str(fault) for fault in refused.value.faults]
    assert any("column child_id" in line and f"looks like {name}" in line and "(row 2)" in line for line in told)
    assert identifier not in str(refused.value)


@pytest.mark.parametrize(
    "identifiers",
    [
        [NHS.replace(" ", ""), "4010232138"],  # ten digits, of which one in eleven is right by chance
        ["20110314"],  # a day, by chance
        ["AB20119999", "AB20110314", "AB20110099"],  # one of three is a day, by chance
        [f"LCS{number:08}" for number in range(20110001, 20110201)],  # consecutive numbers through January 2011
        ["E06000015-0001", "CSE/2024/17", "042/12345/24"],
    ],
)
def test_local_numbers_are_not_taken_for_anything_else(identifiers: list[str], tmp_path: Path) -> None:
    assert len(read_evidence(folder(tmp_path / "return", children(*identifiers)))["referrals"]) == len(identifiers)


def test_the_date_in_a_number_of_a_referral_is_the_date_of_the_referral(tmp_path: Path) -> None:
    rows = [{"referral_id": "R-2024-03-21-7", "child_id": "K1"}]
    assert len(read_evidence(folder(tmp_path / "return", BASE | {"referrals": rows}))["referrals"]) == 1


def test_a_table_without_children_may_say_where_a_publisher_is(tmp_path: Path) -> None:
    sources = [*BASE["sources"][1:], {"source_id": PUBLIC, "note": "14/03/2011, DE1 2" + "AB, mail@example.org"}]
    read_evidence(folder(tmp_path / "return", BASE | {"sources": sources}))


def test_an_import_refuses_them_by_the_row_of_the_file(tmp_path: Path) -> None:
    files = a_return(tmp_path / "files", "K1", referrer=NHS)
    with pytest.raises(EvidenceError) as refused:
        read_files(files)
    assert [str(fault) for fault in refused.value.faults] == [
        "table return.csv, column referrer: must not hold an NHS number: take it out (row 2)"
    ]


# The key


@pytest.fixture
def first_need(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the key is made on first need, in a home without settings."""
    monkeypatch.delenv(KEY_VARIABLE)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))
    return tmp_path / "settings" / "needs-assessment" / "key"


@pytest.mark.skipif(sys.platform in {"darwin", "win32"}, reason="settings are elsewhere on macOS and Windows")
def test_the_key_is_made_on_first_need_for_its_owner_alone(first_need: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert key_file() == first_need
    key = pseudonyms.read_key()
    assert len(key) == 32 and len(set(key)) > 8
    assert (stat.S_IMODE(first_need.stat().st_mode), stat.S_IMODE(first_need.parent.stat().st_mode)) == (0o600, 0o700)
    assert "A new key for pseudonyms was made" in caplog.text
    caplog.clear()
    assert pseudonyms.read_key() == key
    assert caplog.text == ""


@pytest.mark.skipif(sys.platform in {"darwin", "win32"}, reason="settings are elsewhere on macOS and Windows")
def test_programs_that_need_the_first_key_at_once_share_it(first_need: Path) -> None:
    words = "from needs_assessment.evidence.pseudonyms import read_key; print(read_key().hex())"
    started = [
        subprocess.Popen([sys.executable, "-c", words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) for _ in "12"
    ]
    keys = {program.communicate()[0] for program in started}
    assert keys == {f"{first_need.read_bytes().hex()}\n".encode()}


@on_posix
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_key_that_others_may_read_is_refused(mode: int, key: Path) -> None:
    key.chmod(mode)
    with pytest.raises(KeyFileError, match=f"others on this machine; close it with: chmod 600 {re.escape(str(key))}"):
        pseudonyms.read_key()


def test_a_short_key_is_refused(key: Path) -> None:
    key.write_bytes(bytes(31))
    with pytest.raises(KeyFileError, match="is too short"):
        pseudonyms.read_key()


@pytest.mark.parametrize("place", ["key", "data/private/key", "tests/../key"])
def test_a_key_inside_the_project_is_refused_and_not_made(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_VARIABLE, str(PROJECT / place))
    with pytest.raises(KeyFileError, match="must not lie inside the project"):
        pseudonyms.read_key()
    assert not (PROJECT / place).exists()


def test_a_named_key_on_a_drive_that_is_not_there_is_not_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY_VARIABLE, str(tmp_path / "drive" / "key"))
    with pytest.raises(KeyFileError, match="is not there, and neither is its folder"):
        pseudonyms.read_key()
    assert not (tmp_path / "drive").exists()


def test_a_key_that_cannot_be_used_is_one_clear_error_of_the_evidence(key: Path, tmp_path: Path) -> None:
    key.write_bytes(b"short")
    with pytest.raises(EvidenceError) as refused:
        read_evidence(folder(tmp_path / "return", children(CHILD)))
    assert str(refused.value).startswith("the key of the pseudonyms is too short")
    assert CHILD not in str(refused.value)


# Folders


@on_posix
def test_a_private_folder_that_others_may_enter_is_told(tmp_path: Path) -> None:
    own = folder(tmp_path / "private" / "q1", ONE_OF_EACH)
    folder(tmp_path / "private" / "public", {"sources": [{"source_id": PUBLIC}]})
    made_up = {"source_id": PRIVATE, "public": "false", "synthetic": "true"}
    folder(tmp_path / "private" / "made up", {"sources": [made_up], "referrals": ONE_OF_EACH["referrals"]})
    assert folders.readable_by_others([tmp_path / "private"]) == [own]
    for mode in (0o701, 0o710, 0o740):
        own.chmod(mode)
        assert folders.readable_by_others([own]) == [own]
    own.chmod(0o700)
    assert folders.readable_by_others([tmp_path / "private"]) == []


@on_posix
def test_records_without_a_table_of_sources_are_taken_to_be_private(tmp_path: Path) -> None:
    own = folder(tmp_path / "q1", {}, referrals=text("referrals", ONE_OF_EACH["referrals"][0]))
    assert folders.readable_by_others([tmp_path]) == [own]
    assert folders.readable_by_others([folder(tmp_path / "none", {"areas": BASE["areas"]})]) == []


@on_posix
def test_a_table_of_sources_may_be_a_parquet_file(tmp_path: Path) -> None:
    own = folder(tmp_path / "q1", {})
    table("sources", {"source_id": PRIVATE, "public": "false"}).to_parquet(own / "sources.parquet")
    assert folders.readable_by_others([own]) == [own]
    table("sources", {"source_id": PUBLIC}).to_parquet(own / "sources.parquet")
    assert folders.readable_by_others([own]) == []


def test_windows_keeps_its_own_lists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = folder(tmp_path / "q1", ONE_OF_EACH)
    with monkeypatch.context() as patch:
        patch.setattr(os, "name", "nt")
        assert folders.readable_by_others([own]) == []


# The documents


@pytest.mark.parametrize("name", ["data_protection", "dpia_template", "release_checklist"])
def test_every_test_that_a_document_names_is_there(name: str) -> None:
    document = (PROJECT / "docs" / f"{name}.md").read_text(encoding="utf-8")
    named = re.findall(r"`(tests/test_\w+\.py)(?:::(test_\w+))?`", document)
    assert named or name == "release_checklist"
    for file, test in named:
        assert f"def {test}" in (PROJECT / file).read_text(encoding="utf-8"), test
