"""Damaged files: each is read right, or refused with one clear error, and never changes a number in silence."""

from __future__ import annotations

import csv
import functools
import hashlib
import random
import re
import shutil
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

import damage
import pandas as pd
import pytest
from damage import DAMAGES, SEED
from official import originals_in
from original_documents import CANARY, CANARY_NUMBER
from originals import Original, originals, write_originals
from variants import Damage, Must, Variant, variants

from needs_assessment.evidence import EvidenceError
from needs_assessment.sources import Import, Notes, RefusedError, import_files, read_files
from needs_assessment.sources.files import open_file
from needs_assessment.sources.importing import ImportedFile
from needs_assessment.sources.readers import READERS
from needs_assessment.sources.registry import recognised
from needs_assessment.sources.report import report_of

OFFICIAL = Path(__file__).resolve().parents[2].parent / "shared" / "official"
needs_official_files = pytest.mark.skipif(not OFFICIAL.is_dir(), reason="the official files are not beside the project")
OF_PUBLISHED_TABLES = [
    one for one in (*damage.TABLE_DAMAGES, *damage.CELL_DAMAGES) if {"factors", "crime"} & {*one.kinds}
]
PICKED = random.Random(SEED).sample(OF_PUBLISHED_TABLES, 12)
"""Damages of the real files: a few, so that the tests stay fast. `damage.py --originals` makes them all."""

CLASS = re.compile(r"[A-Z]\w+(Error|Exception|Warning)\b|Traceback|0x[0-9a-f]{6}")
SHORTEST_PLANTED = 4
"""A shorter text, such as a dash, stands in any sentence."""


# What a damaged file is held against


class Reference:
    """Originals, written to a folder, with the areas that they name together."""

    def __init__(self, made: Mapping[str, Original], folder: Path) -> None:
        self.originals = dict(made)
        self.folder = folder
        folder.mkdir()
        for original in self.originals.values():
            self.path(original.kind).write_bytes(original.content)
        self.everything = import_files([folder], folder.parent / "evidence")
        self.areas = self.everything.tables["areas"]
        self.read = functools.cache(self._read)

    def path(self, kind: str) -> Path:
        return self.folder / self.originals[kind].layout.file

    def _read(self, kind: str) -> dict[str, list[str]]:
        return lines(read_files([self.path(kind)], known_areas=self.areas))


def digest(folder: Path) -> dict[str, str]:
    """Every file below the parent of a folder and what it holds, so that a file left behind shows too."""
    found = sorted(folder.parent.rglob("*"))
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "" for path in found}


def lines(made: Import) -> dict[str, list[str]]:
    """Every row of every table as text, in no order: all but which file it came from."""
    return {name: sorted(_anonymous(table).to_csv(index=False).splitlines()) for name, table in made.tables.items()}


def _anonymous(table: pd.DataFrame) -> pd.DataFrame:
    """The table without the name and the hash of its file."""
    table = table.drop(columns="reference", errors="ignore")
    if "source_id" in table:
        table = table.assign(source_id=table["source_id"].str.replace("_[0-9a-f]{8}$", "", regex=True))
    return table


@pytest.fixture(scope="module")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> Reference:
    """The small originals. Only to be read."""
    return Reference(originals(), tmp_path_factory.mktemp("made_up") / "originals")


# Each variant


def test_the_undamaged_originals_are_one_import_in_which_nothing_is_left_out(made_up: Reference) -> None:
    files = made_up.everything.files
    assert {one.notes.name for one in files} == {one.layout.file for one in made_up.originals.values()}
    assert all(one.title and sum(one.rows.values()) > 1 for one in files)
    assert_nothing_of_a_child(report_of(files))


@pytest.mark.parametrize("one", DAMAGES, ids=lambda one: one.name)
def test_a_damaged_file_is_read_right_or_refused_clearly(one: Damage, made_up: Reference, tmp_path: Path) -> None:
    for variant in variants(made_up.originals, [one], SEED, each=1):
        hold(variant, tmp_path, made_up)


@needs_official_files
def test_damaged_official_files_are_read_right_or_refused_clearly(tmp_path: Path) -> None:
    official = Reference(originals_in(OFFICIAL), tmp_path / "originals")
    for variant in variants(official.originals, PICKED, SEED, each=1):
        hold(variant, tmp_path / str(variant.number), official)


def hold(variant: Variant, folder: Path, reference: Reference) -> None:
    """Imports a variant and holds what comes of it against what must come of it."""
    if variant.damage.must is Must.REFUSE:
        hold_error(variant, folder, reference)
    else:
        hold_reading(variant, folder, reference)


def hold_error(variant: Variant, folder: Path, reference: Reference) -> None:
    path = damage.write_variant(variant, folder / "variants")
    target = shutil.copytree(reference.folder.parent / "evidence", folder / "target" / "evidence")
    before = digest(target)
    with pytest.raises(EvidenceError) as caught:
        import_files([path], target, known_areas=reference.areas)
    message, damaged = str(caught.value), variant.damaged
    assert variant.damage.says in message
    assert any(fault.table == path.name for fault in caught.value.faults), "the file is not named"
    # The key of a table is named in the rule.
    named = [f"{fault.column} {fault.rule}".lower() for fault in caught.value.faults]
    assert any(damaged.column in words for words in named), "the column is not named"
    assert damaged.row in {0, *(row for fault in caught.value.faults for row in fault.rows)}, "the row is not named"
    assert not CLASS.search(message), "a class of the program is named"
    assert len(damaged.planted) < SHORTEST_PLANTED or damaged.planted not in message, "the cell is printed"
    assert_nothing_of_a_child(message)
    assert digest(target) == before, "something was written"


def hold_reading(variant: Variant, folder: Path, reference: Reference) -> None:
    path = damage.write_variant(variant, folder / "variants")
    told: list[str] = []
    made = read_files([path], known_areas=reference.areas, tell=told.append)
    report, expected = report_of(made.files), reference.read(variant.original.kind)
    if variant.damage.must is Must.READ:
        assert lines(made) == expected
    else:
        assert lines(made).keys() == expected.keys()
    assert variant.damage.says in report
    assert_nothing_of_a_child(report + "".join(told))


def assert_nothing_of_a_child(words: str) -> None:
    assert CANARY not in words
    assert CANARY_NUMBER not in words


def test_what_cannot_be_placed_in_a_census_is_left_out_and_nothing_else_changes(
    made_up: Reference, tmp_path: Path
) -> None:
    before = counts_of(import_of(made_up.path("census"), made_up))
    losses = [one for one in DAMAGES if one.must is Must.TELL and one.kinds == ("census",)]
    assert len(losses) > 5
    for variant in variants(made_up.originals, losses, SEED):
        after = counts_of(import_of(damage.write_variant(variant, tmp_path), made_up))
        # The damaged record is one episode of one child, so no figure loses more than one, and none grows.
        assert set((before - after).dropna()) <= {0, 1}, variant


def import_of(path: Path, reference: Reference) -> Import:
    return read_files([path], known_areas=reference.areas)


def counts_of(made: Import) -> pd.Series:
    return made.tables["observations"].set_index(["measure", "exploitation_type"])["count"]


# The folder of variants


def test_the_folder_holds_far_more_than_sixty_variants_of_every_kind_of_file(
    made_up: Reference, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    damage.main([str(tmp_path), "--each", "1"])
    with (tmp_path / damage.MANIFEST).open(encoding="utf-8", newline="") as file:
        listed = list(csv.DictReader(file))
    assert all((tmp_path / row["file"]).is_file() for row in listed)
    outcomes = Counter(row["must"] for row in listed)
    for must, times in outcomes.items():
        record_property(f"variants that must {must}", times)
    assert len(listed) == len(DAMAGES) > 180
    assert outcomes[Must.READ] > 50
    assert outcomes[Must.REFUSE] > 100
    assert len({one.name for one in DAMAGES}) == len(DAMAGES)
    assert {kind for one in DAMAGES for kind in one.kinds} == made_up.originals.keys()


def test_a_seed_makes_the_same_variants_each_time_and_another_one_others(made_up: Reference, tmp_path: Path) -> None:
    write_originals(tmp_path)
    few = DAMAGES[::8]
    first = [one.damaged for one in variants(made_up.originals, few, SEED)]
    assert [one.damaged for one in variants(originals_in(tmp_path), few, SEED)] == first
    assert [one.damaged for one in variants(made_up.originals, few, SEED + 1)] != first


def test_each_damage_changes_the_bytes_or_the_name_of_its_file(made_up: Reference) -> None:
    for variant in variants(made_up.originals, DAMAGES, SEED, each=1):
        changed = variant.damaged.content != variant.original.content
        assert changed or variant.damaged.file, variant


# Bytes changed at random

BITS = [b'"', b",", b"\n", b";", b"\t", b"\x00", b"\xff", b"-", b".", b"0", b"7", b" ", b"<", b">", b"{", b"[", b"c"]
BITS += [b"E06000015", b"null", b"1e9", *(letter.encode() for letter in "\u00a0\u00b2\u00e9\u0667\u200b\uff17")]


def mutated(content: bytes, chance: random.Random) -> bytes:
    """The bytes with a few flipped, inserted, deleted or repeated."""
    changed = bytearray(content)
    for _ in range(chance.choice([1, 1, 2, 4])):
        at = chance.randrange(len(changed))
        match chance.randrange(4):
            case 0:
                changed[at] ^= 1 << chance.randrange(7)
            case 1:
                changed[at : at + chance.randrange(2)] = chance.choice(BITS)
            case 2:
                del changed[at : at + chance.choice([1, 2, 30])]
            case _:
                changed[at:at] = changed[at : at + chance.randrange(1, 60)]
    return bytes(changed)


def outcome(path: Path, areas: pd.DataFrame) -> Mapping[str, pd.DataFrame] | None:
    """The tables of a file, or None where it has a fault or is refused; an import adds nothing but the areas."""
    notes = Notes(path.name)
    try:
        file = open_file(path, notes)
        reader = recognised(file, READERS)
        tables = reader.read(file, notes, areas)
    except RefusedError as refusal:
        notes.fault(str(refusal))
    words = str(EvidenceError(notes.faults)) + report_of([ImportedFile(notes, "any")])
    assert not CLASS.search(words)
    assert_nothing_of_a_child(words)
    return None if notes.faults else tables


def numbers_in(content: bytes) -> set[int]:
    """Every whole number that stands in the text, with and without separators of thousands."""
    text = "".join(unicodedata.normalize("NFKC", letter) for letter in _decoded(content))
    text = re.sub("[\u200b\ufeff]", "", text)
    grouped = {group.replace(",", "") for group in re.findall(r"[0-9]{1,3}(?:,[0-9]{3})+", text)}
    return set(map(int, grouped.union(re.findall("[0-9]+", text))))


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


RUNS = 23
"""For each of nine kinds of files: some two hundred in all."""

DIRECT = {
    "crime": ("observations", "count"),
    "children": ("population", "people"),
    "return of funding": ("funding", "awarded_gbp"),
}
"""Files whose figures are read as they stand; those of others are counted or added up."""


@pytest.mark.parametrize("kind", DIRECT)
def test_no_number_is_invented_where_bytes_are_changed_at_random(kind: str, made_up: Reference, tmp_path: Path) -> None:
    chance = random.Random(f"{SEED} {kind}")
    table, column = DIRECT[kind]
    path = tmp_path / made_up.originals[kind].layout.file
    read = 0
    for _ in range(RUNS):
        path.write_bytes(mutated(made_up.originals[kind].content, chance))
        tables = outcome(path, made_up.areas)
        if tables is not None:
            read += 1
            assert set(tables[table][column].dropna()) <= numbers_in(path.read_bytes())
    assert 0 < read < RUNS


@pytest.mark.parametrize("kind", ["census", "boundaries", "hexagons", "return of referrals", "template", "deprivation"])
def test_no_other_error_arises_where_bytes_are_changed_at_random(kind: str, made_up: Reference, tmp_path: Path) -> None:
    chance = random.Random(f"{SEED} {kind}")
    path = tmp_path / made_up.originals[kind].layout.file
    refused = 0
    for _ in range(RUNS):
        path.write_bytes(mutated(made_up.originals[kind].content, chance))
        refused += outcome(path, made_up.areas) is None
    assert refused
